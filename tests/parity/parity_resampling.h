/* Clusters in two strata, every kind of interval; part of parity.c.
 * SPDX-License-Identifier: GPL-3.0-only */

static void one_kind(const char *name, sy_interval_kind kind, sy_unit unit, const sy_design *design,
                     const sy_question *question)
{
    const sy_evidence_table t = {.estimate = cells[0],
                                 .std_error = cells[1],
                                 .std_error_scaled = cells[2],
                                 .low = cells[3],
                                 .high = cells[4],
                                 .covariance = covariance,
                                 .replicates = draws};
    const sy_moments_options how = {.unit = unit};
    sy_context ctx;
    sy_moments m = {0};
    sy_evidence_options o;
    sy_evidence_summary s;
    sy_context_init(&ctx);
    sy_evidence_defaults(&o);
    o.interval = kind;
    o.seed = 21;
    o.replicates = REPLICATES;
    if (sy_moments_init(&ctx, design, &how, &m) < 0) die(&ctx);
    if (sy_evidence_shares(&ctx, &m, NULL, question, &o, &s, &t) < 0) die(&ctx);
    show_table(name, &s, &t, ROWS);
    if (kind == SY_INTERVAL_BAYES) {
        double first[REPLICATES], second[REPLICATES], probability;
        for (int r = 0; r < REPLICATES; r++) {
            first[r] = draws[r * CELLS + SY_N_METRICS];
            second[r] = draws[r * CELLS];
        }
        if (sy_replicates_above(&ctx, REPLICATES, first, second, &probability) < 0) die(&ctx);
        show(name, "above", 1, &probability);
    }
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

static void resampled(void)
{
    static const sy_interval_kind kinds[] = {SY_INTERVAL_JACKKNIFE,   SY_INTERVAL_INFLUENCE, SY_INTERVAL_PERCENTILE,
                                             SY_INTERVAL_EXPANDED,    SY_INTERVAL_BASIC,     SY_INTERVAL_BCA,
                                             SY_INTERVAL_STUDENTISED, SY_INTERVAL_BAYES};
    static const char *const names[] = {"strata jackknife", "strata influence", "strata percentile",  "strata expanded",
                                        "strata basic",     "strata bca",       "strata studentised", "strata bayes"};
    static const char *const parts[] = {"even", "odd"};
    static int32_t part[MOST];
    const sy_column council = council_of(&small);
    const sy_column strata = {
        .name = "part", .data = part, .stride = sizeof(int32_t), .type = SY_CODES, .n_levels = 2, .levels = parts};
    sy_column column[COLUMNS];
    sy_block block[4];
    for (int i = 0; i < small.n; i++) part[i] = small.council[i] % 2;
    columns_of(&small, column);
    blocks_of(1, block);
    sy_design design = {.n = small.n,
                        .n_columns = COLUMNS,
                        .columns = column,
                        .n_terms = 7,
                        .terms = all_terms,
                        .cluster = &council,
                        .strata = &strata};
    const sy_question question = {.outcome = 0, .n_blocks = 4, .blocks = block};
    for (int k = 0; k < 8; k++) one_kind(names[k], kinds[k], SY_UNIT_CLUSTER, &design, &question);
    design.cluster = NULL;
    one_kind("strata rows", SY_INTERVAL_INFLUENCE, SY_UNIT_ROW, &design, &question);
}
