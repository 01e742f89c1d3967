/* The checks of an answer, printed as parity.py and parity.R print them;
 * included by parity.c, whose samples and columns it uses.
 * SPDX-License-Identifier: GPL-3.0-only */

static void show_crossvalidated(sy_context *ctx, const char *name, const sy_moments *m, const sy_design *rows,
                                const sy_question *question)
{
    double values[5];
    sy_crossvalidate_options o;
    sy_crossvalidate_summary s;
    sy_crossvalidate_defaults(&o);
    if (sy_crossvalidate(ctx, m, rows, question, &o, &s, values + 1) < 0) die(ctx);
    values[0] = s.total;
    show(name, "crossvalidated", 5, values);
}

/* Councils of the small sample: one block, each of three metrics. */
static void permutations(void)
{
    static const int metric[] = {SY_UNIQUE, SY_ALONE, SY_SHARE};
    sy_context ctx;
    sy_column column[COLUMNS];
    sy_block block[4];
    sy_moments m = {0};
    sy_permutation p;
    const sy_column council = council_of(&small);
    const sy_moments_options how = {.unit = SY_UNIT_CLUSTER};
    columns_of(&small, column);
    blocks_of(1, block);
    const sy_design design = {
        .n = small.n, .n_columns = COLUMNS, .columns = column, .n_terms = 7, .terms = all_terms, .cluster = &council};
    const sy_question question = {.outcome = 0, .n_blocks = 4, .blocks = block};
    sy_context_init(&ctx);
    if (sy_moments_init(&ctx, &design, &how, &m) < 0) die(&ctx);
    for (int i = 0; i < 3; i++) {
        const sy_permutation_options o = {.block = 3, .metric = metric[i], .permutations = 99, .seed = 3};
        if (sy_permutation_test(&ctx, &m, &design, &question, &o, &p) < 0) die(&ctx);
        const double values[] = {p.estimate, p.p_value, p.units};
        show("permutation", metrics[metric[i]], 3, values);
    }
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

static void population(void)
{
    static double weights[MOST], base[MOST], target[3], sample_share[3];
    static const double stated[] = {0.5, NAN, NAN};
    sy_context ctx;
    sy_column column[COLUMNS];
    sy_block block[4];
    sy_moments m = {0};
    sy_population_summary p;
    sy_shares_summary s;
    sy_shares_options o;
    columns_of(&small, column);
    blocks_of(1, block);
    sy_design design = {.n = small.n, .n_columns = COLUMNS, .columns = column, .n_terms = 7, .terms = all_terms};
    const sy_margin margin = {&column[AREA], stated};
    const sy_question question = {.outcome = 0, .n_blocks = 4, .blocks = block};
    const sy_moments_options how = {.unit = SY_UNIT_ROW};
    const sy_column w = {.name = "population", .data = weights, .stride = sizeof(double), .type = SY_F64};
    sy_context_init(&ctx);
    sy_shares_defaults(&o);
    if (sy_population_weights(&ctx, &design, 1, &margin, weights, base, target, sample_share, &p) < 0) die(&ctx);
    design.weights = &w;
    design.weight_kind = SY_WEIGHT_SAMPLING;
    if (sy_moments_init(&ctx, &design, &how, &m) < 0) die(&ctx);
    if (sy_shares(&ctx, &m, &question, &o, &s, cells[0]) < 0) die(&ctx);
    show("population", "total", 1, &s.total);
    for (int b = 0; b < 4; b++) show("population", block[b].name, 1, &cells[0][b * SY_N_METRICS + SY_SHARE]);
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

static void rounded(void)
{
    static const double r[] = {1, .5, .4, .3, .5, 1, .3, .2, .4, .3, 1, .6, .3, .2, .6, 1};
    static const char *const names[] = {"y", "a", "b", "c"};
    static const int term[] = {1, 2, 3};
    static const sy_block block[] = {{"a", 1, term}, {"b", 1, term + 1}, {"c", 1, term + 2}};
    sy_context ctx;
    sy_moments m = {0};
    sy_rounding_options o;
    sy_rounding_summary s;
    double low[6], high[6];
    const sy_question question = {.outcome = 0, .n_blocks = 3, .blocks = block};
    sy_context_init(&ctx);
    sy_rounding_defaults(&o);
    if (sy_moments_from_printed(&ctx, 4, r, 100, names, 1, &m) < 0) die(&ctx);
    if (sy_rounding(&ctx, &m, &question, &o, &s, low, high) < 0) die(&ctx);
    const double total[] = {s.total_low, s.total_high};
    show("rounding", "(total)", 2, total);
    for (int i = 0; i < 6; i++) {
        const double values[] = {low[i], high[i]};
        show("rounding", block[i % 3].name, 2, values);
    }
    sy_moments_free(&m);
    sy_context_free(&ctx);
}
