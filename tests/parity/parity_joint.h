/* Cases of several answers together: families, ranks, leagues, claims, power,
 * levels of a group; part of parity.c.
 * SPDX-License-Identifier: GPL-3.0-only */
enum { TWO = 2, FOUR = 4, TWO_BY_TWO = 6, VALUES_EACH = CELLS + 1, REDRAWN = 500, LEVELS = 3, SETS_OF_OTHERS = 8 };

static double together[TWO * VALUES_EACH], moved_by[COUNCILS * LEVELS * VALUES_EACH];

static int at_share(int ask, int block)
{
    return ask * VALUES_EACH + block * SY_N_METRICS + SY_SHARE;
}

static void show_family(sy_context *ctx, ptrdiff_t units, const double *df)
{
    static double moves[COUNCILS * TWO * TWO_BY_TWO];
    sy_comparison c[TWO * TWO_BY_TWO];
    int plus[TWO * TWO_BY_TWO], minus[TWO * TWO_BY_TWO], k = 0;
    double observed[TWO][TWO * TWO_BY_TWO], p[TWO * TWO_BY_TWO], value_df[TWO * VALUES_EACH];
    for (int i = 0; i < TWO * VALUES_EACH; i++) value_df[i] = df[i / VALUES_EACH];
    for (int ask = 0; ask < TWO; ask++)
        for (int i = 0; i < FOUR; i++)
            for (int j = i + 1; j < FOUR; j++) {
                plus[k] = at_share(ask, i);
                minus[k++] = at_share(ask, j);
            }
    if (sy_joint_contrasts(ctx, units, TWO * VALUES_EACH, together, moved_by, value_df, k, plus, minus, 0.95, c, moves,
                           NULL) < 0)
        die(ctx);
    for (int i = 0; i < k; i++) {
        observed[SY_STEP_ROMANO_WOLF][i] = c[i].statistic;
        observed[SY_STEP_WESTFALL_YOUNG][i] = c[i].p_value;
    }
    for (int method = 0; method < TWO; method++) {
        if (sy_joint_step_down(ctx, units, k, moves, observed[method], 2, (sy_step_method)method, REDRAWN, 3, p) < 0)
            die(ctx);
        show("joint", method ? "westfall-young" : "romano-wolf", k, p);
    }
}

static void show_ranks(sy_context *ctx, ptrdiff_t units, int ask)
{
    double estimate[FOUR], ranks[3 * FOUR], moved[COUNCILS * FOUR];
    for (int b = 0; b < FOUR; b++) estimate[b] = together[at_share(ask, b)];
    for (ptrdiff_t u = 0; u < units; u++)
        for (int b = 0; b < FOUR; b++) moved[u * FOUR + b] = moved_by[u * TWO * VALUES_EACH + at_share(ask, b)];
    if (sy_joint_ranks(ctx, units, FOUR, estimate, moved, 0.95, REDRAWN, 3, ranks) < 0) die(ctx);
    show("joint", "ranks", 3 * FOUR, ranks);
}

static void show_comparison(const char *what, const sy_comparison *c)
{
    const double v[] = {c->estimate, c->std_error, c->statistic, c->df, c->p_value, c->low, c->high};
    show("joint", what, 7, v);
}

/* One outcome: ratio, one-sided tests, tests of blocks, power. */
static void show_answer(sy_context *ctx, const sy_moments *m, const sy_question *question)
{
    sy_evidence_options o;
    sy_evidence_summary s;
    sy_comparison c;
    sy_joint_f f[FOUR];
    double power[2], test[2];
    const sy_evidence_table t = {cells[0], cells[1], cells[2], cells[3], cells[4], covariance, draws, NULL};
    sy_evidence_defaults(&o);
    if (sy_evidence_shares(ctx, m, NULL, question, &o, &s, &t) < 0) die(ctx);
    const double *v = t.covariance + SY_SHARE * ROWS * ROWS;
    const double pair[2] = {t.estimate[SY_SHARE], t.estimate[SY_N_METRICS + SY_SHARE]};
    const double block[4] = {v[0], v[1], v[ROWS], v[ROWS + 1]};
    if (sy_interval_ratio(ctx, pair, block, s.df, 0.95, &c) < 0) die(ctx);
    show_comparison("ratio", &c);
    if (sy_interval_difference(ctx, pair, block, s.df, 0.95, &c) < 0) die(ctx);
    if (sy_interval_above(ctx, SY_SCALE_IDENTITY, c.estimate, c.std_error, c.df, 0, &test[0], &test[1]) < 0) die(ctx);
    show("joint", "above", 2, test);
    if (sy_units_needed(ctx, 0.05, c.std_error, (double)s.units, 0.8, 0.95, &power[0]) < 0) die(ctx);
    if (sy_power(ctx, 0.05, c.std_error, (double)s.units, 100, 0.95, &power[1]) < 0) die(ctx);
    show("joint", "planning", 2, power);
    for (int alone = 0; alone < 2; alone++) {
        if (sy_block_tests(ctx, m, question, alone, f) < 0) die(ctx);
        for (int b = 0; b < FOUR; b++) {
            const double line[] = {f[b].f, f[b].df1, f[b].df2, f[b].p_value};
            show("joint", alone ? "alone" : "coefficient", 4, line);
        }
    }
    for (int b = 0; b < FOUR; b++) {
        const int at = b * SY_N_METRICS + SY_SHARE;
        if (sy_interval_above(ctx, SY_SCALE_CUBE_ROOT, t.estimate[at], t.std_error_scaled[at], s.df, 0.02, &test[0],
                              &test[1]) < 0)
            die(ctx);
        show("joint", "share>=0.02", 2, test);
    }
}

static void show_highest(sy_context *ctx, const sy_moments *m, const sy_question *question)
{
    double estimate[TWO * SETS_OF_OTHERS], scaled[TWO * SETS_OF_OTHERS], df[TWO * SETS_OF_OTHERS], limit[2];
    sy_answer answer;
    for (int y = 0; y < TWO; y++) {
        const int at = y * SETS_OF_OTHERS;
        if (sy_envelope(ctx, m, &question[y], 0, estimate + at, scaled + at, df + at) < 0) die(ctx);
    }
    if (sy_interval_at_most(ctx, TWO * SETS_OF_OTHERS, estimate, scaled, df, SY_SCALE_CUBE_ROOT, 0.07, 0.95, &answer,
                            &limit[0], &limit[1]) < 0)
        die(ctx);
    show("joint", "highest", 2, limit);
}

static void show_two_outcomes(void)
{
    sy_term term[8];
    sy_context ctx;
    sy_column column[COLUMNS];
    sy_block block[FOUR];
    sy_moments m = {0};
    sy_shares_options options;
    double df[TWO];
    ptrdiff_t units;
    int values;
    const sy_column council = council_of(&small);
    const sy_moments_options how = {.unit = SY_UNIT_CLUSTER};
    term[0] = all_terms[0];
    term[1] = (sy_term){"z", 1, factor + 10};
    for (int i = 1; i < 7; i++) term[i + 1] = all_terms[i];
    columns_of(&small, column);
    blocks_of(2, block);
    const sy_design design = {
        .n = small.n, .n_columns = COLUMNS, .columns = column, .n_terms = 8, .terms = term, .cluster = &council};
    const sy_question question[TWO] = {{.outcome = 0, .n_blocks = FOUR, .blocks = block},
                                       {.outcome = 1, .n_blocks = FOUR, .blocks = block}};
    const sy_ask asks[TWO] = {{&m, &question[0], NULL}, {&m, &question[1], NULL}};
    sy_context_init(&ctx);
    sy_shares_defaults(&options);
    if (sy_moments_init(&ctx, &design, &how, &m) < 0) die(&ctx);
    if (sy_joint_size(&ctx, TWO, asks, &units, &values) < 0 || values != TWO * VALUES_EACH) die(&ctx);
    if (sy_joint(&ctx, TWO, asks, &options, together, moved_by, df) < 0) die(&ctx);
    show_family(&ctx, units, df);
    for (int y = 0; y < TWO; y++) {
        show_ranks(&ctx, units, y);
        show_answer(&ctx, &m, &question[y]);
    }
    show_highest(&ctx, &m, question);
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

/* Contrasts of the levels with the first, block by block, and their tests. */
static void show_levels(sy_context *ctx, const sy_ask *asks)
{
    enum { BLOCKS = 2, VALUES_OF_ONE = (BLOCKS + 3) * SY_N_METRICS + 1, K = BLOCKS * (LEVELS - 1) };
    double estimate[LEVELS * VALUES_OF_ONE], df[LEVELS], value_df[LEVELS * VALUES_OF_ONE], moves[COUNCILS * K],
        v[K * K];
    sy_shares_options options;
    sy_comparison c[K];
    ptrdiff_t units;
    int values, plus[K], minus[K];
    sy_shares_defaults(&options);
    if (sy_joint_size(ctx, LEVELS, asks, &units, &values) < 0 || values != LEVELS * VALUES_OF_ONE) die(ctx);
    if (sy_joint(ctx, LEVELS, asks, &options, estimate, moved_by, df) < 0) die(ctx);
    for (int i = 0; i < values; i++) value_df[i] = df[i / VALUES_OF_ONE];
    for (int k = 0; k < K; k++) {
        const int b = k / (LEVELS - 1), level = k % (LEVELS - 1) + 1;
        plus[k] = level * VALUES_OF_ONE + b * SY_N_METRICS + SY_SHARE;
        minus[k] = b * SY_N_METRICS + SY_SHARE;
    }
    if (sy_joint_contrasts(ctx, units, values, estimate, moved_by, value_df, K, plus, minus, 0.95, c, moves, v) < 0)
        die(ctx);
    for (int k = 0; k < K; k++) show_comparison("levels", &c[k]);
    for (int b = 0; b < BLOCKS; b++) {
        const int at = b * (LEVELS - 1);
        const double d[] = {c[at].estimate, c[at + 1].estimate};
        const double own[] = {v[at * K + at], v[at * K + at + 1], v[(at + 1) * K + at], v[(at + 1) * K + at + 1]};
        sy_joint_f f;
        if (sy_joint_all_zero(ctx, LEVELS - 1, d, own, fmin(df[0], fmin(df[1], df[2])), &f) < 0) die(ctx);
        const double line[] = {f.f, f.df1, f.df2, f.p_value};
        show("joint", "all equal", 4, line);
    }
}

static void show_by(void)
{
    static sample part[LEVELS];
    static const int money[] = {1}, process[] = {2, 3};
    sy_context ctx;
    sy_column column[LEVELS][COLUMNS], council[LEVELS];
    sy_moments m[LEVELS];
    sy_ask asks[LEVELS];
    const sy_block block[] = {{"money", 1, money}, {"process", 2, process}};
    const sy_question question = {.outcome = 0, .n_blocks = 2, .blocks = block};
    const sy_moments_options how = {.unit = SY_UNIT_CLUSTER};
    sy_context_init(&ctx);
    for (int level = 0; level < LEVELS; level++) {
        sample *p = &part[level];
        for (int i = 0; i < small.n; i++) {
            if (small.area[i] != level) continue;
            for (int c = 0; c < NUMERIC; c++) p->x[c][p->n] = small.x[c][i];
            p->council[p->n++] = small.council[i];
        }
        columns_of(p, column[level]);
        council[level] = council_of(p);
        const sy_design design = {.n = p->n,
                                  .n_columns = COLUMNS,
                                  .columns = column[level],
                                  .n_terms = 4,
                                  .terms = all_terms,
                                  .cluster = &council[level]};
        if (sy_moments_init(&ctx, &design, &how, &m[level]) < 0) die(&ctx);
        asks[level] = (sy_ask){&m[level], &question, NULL};
    }
    show_levels(&ctx, asks);
    for (int level = 0; level < LEVELS; level++) sy_moments_free(&m[level]);
    sy_context_free(&ctx);
}

static void joint(void)
{
    show_two_outcomes();
    show_by();
}
