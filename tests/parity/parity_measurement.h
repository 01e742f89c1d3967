/* Reliability, corrected shares and simulation extrapolation for parity.c.
 * SPDX-License-Identifier: GPL-3.0-only */

static void show_reliability(const char *name, const sample *from, int clusters, sy_weight_kind weights)
{
    enum { ITEMS = 4 };
    static const sy_term terms[ITEMS] = {
        {"y", 1, factor}, {"z", 1, factor + 10}, {"x0", 1, factor + 1}, {"x1", 1, factor + 2}};
    static const int item[ITEMS] = {0, 1, 2, 3};
    sy_context ctx;
    sy_column column[COLUMNS];
    sy_moments m = {0};
    sy_reliability_options o;
    sy_reliability_summary s;
    double kind[4][SY_N_RELIABILITIES], own[6][ITEMS];
    const sy_reliability_table t = {kind[0], kind[1], kind[2], kind[3], own[0], own[1], own[2], own[3], own[4], own[5]};
    const sy_column council = council_of(from);
    sy_column w = {.name = "w", .data = from->w, .stride = sizeof(double), .type = SY_F64};
    const sy_moments_options how = {.unit = clusters ? SY_UNIT_CLUSTER : SY_UNIT_NONE};
    columns_of(from, column);
    const sy_design design = {.n = from->n,
                              .n_columns = COLUMNS,
                              .columns = column,
                              .n_terms = ITEMS,
                              .terms = terms,
                              .weights = weights ? &w : NULL,
                              .weight_kind = weights,
                              .cluster = clusters ? &council : NULL};
    sy_context_init(&ctx);
    sy_reliability_defaults(&o);
    if (sy_moments_init(&ctx, &design, &how, &m) < 0) die(&ctx);
    if (sy_reliability(&ctx, &m, clusters ? NULL : &design, ITEMS, item, &o, &s, &t) < 0) die(&ctx);
    for (int k = 0; k < SY_N_RELIABILITIES; k++) {
        const double v[] = {kind[0][k], kind[1][k], kind[2][k], kind[3][k]};
        show(name, "kind", 4, v);
    }
    for (int i = 0; i < ITEMS; i++) {
        const double v[] = {own[0][i], own[1][i], own[2][i], own[3][i], own[4][i], own[5][i]};
        show(name, "item", 6, v);
    }
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

static void show_simex(sy_context *ctx, const sy_moments *m, const sy_question *q, const sy_errors *errors)
{
    enum { OWN = 6, POINTS = 4 };
    double row[4][OWN], added[POINTS * OWN], mc_error[POINTS * OWN];
    sy_simex_options o;
    const sy_simex_table t = {row[0], added, mc_error, row[1], row[2], row[3]};
    sy_simex_defaults(&o);
    o.replicates = 20;
    o.seed = 4;
    if (sy_simex(ctx, m, q, errors, &o, &t) < 0) die(ctx);
    for (int i = 0; i < OWN; i++) {
        const double v[] = {row[0][i], row[1][i], row[2][i], row[3][i]};
        show("simex", "row", 4, v);
    }
    for (int i = 0; i < POINTS * OWN; i++) {
        const double v[] = {added[i], mc_error[i]};
        show("simex", "added", 2, v);
    }
}

/* y by money (x0) and process (x1 + half), x1 and half measured with error. */
static void measurement(void)
{
    static const sy_term terms[] = {
        {"y", 1, factor}, {"x0", 1, factor + 1}, {"x1", 1, factor + 2}, {"half", 1, factor + 3}};
    static const int term[] = {1, 2, 3};
    static const double reliability[] = {0.8, 0.9};
    const sy_block block[] = {{"money", 1, term}, {"process", 2, term + 1}};
    const sy_question question = {.outcome = 0, .n_blocks = 2, .blocks = block};
    const sy_errors errors = {.n = 2, .term = term + 1, .reliability = reliability};
    sy_context ctx;
    sy_column column[COLUMNS];
    sy_moments m = {0}, c = {0};
    double limit[2][2];
    sy_error_limits limits = {0, limit[0], limit[1]};
    sy_evidence_options o;
    sy_evidence_summary s;
    const sy_evidence_table t = {cells[0], cells[1], cells[2], cells[3], cells[4], covariance, draws, NULL};
    const sy_column council = council_of(&small);
    const sy_moments_options how = {.unit = SY_UNIT_CLUSTER};
    show_reliability("reliability", &small, 1, SY_WEIGHT_NONE);
    show_reliability("reliability rows", &large, 0, SY_WEIGHT_FREQUENCY);
    columns_of(&small, column);
    const sy_design design = {
        .n = small.n, .n_columns = COLUMNS, .columns = column, .n_terms = 4, .terms = terms, .cluster = &council};
    sy_context_init(&ctx);
    sy_evidence_defaults(&o);
    if (sy_moments_init(&ctx, &design, &how, &m) < 0) die(&ctx);
    if (sy_moments_corrected(&ctx, &m, &question, &errors, &limits, &c) < 0) die(&ctx);
    if (sy_evidence_shares(&ctx, &c, NULL, &question, &o, &s, &t) < 0) die(&ctx);
    show_table("corrected", &s, &t, 5);
    show("corrected", "lowest", 2, limit[1]);
    show_simex(&ctx, &m, &question, &errors);
    sy_moments_free(&c);
    sy_moments_free(&m);
    sy_context_free(&ctx);
}
