/* Cases of questions that bind the order of entry or force clusters' means in;
 * part of parity.c.
 * SPDX-License-Identifier: GPL-3.0-only */
typedef struct {
    const char *name;
    sy_unit unit;
    int third;        /* the only term of the third block */
    const int *order; /* of the three blocks */
    int absorb;       /* beside x4 */
} bound_case;

static void bound(const bound_case *a)
{
    static const int money[] = {1, 2}, process[] = {3, 4}, adjust[] = {7};
    sy_context ctx;
    sy_column column[COLUMNS];
    sy_moments m = {0};
    sy_evidence_options o;
    sy_evidence_summary s;
    const sy_evidence_table t = {cells[0], cells[1], cells[2], cells[3], cells[4], covariance, draws, NULL};
    const sy_column council = council_of(&small);
    columns_of(&small, column);
    const sy_block block[] = {{"money", 2, money}, {"process", 2, process}, {"last", 1, &a->third}};
    const sy_design design = {.n = small.n,
                              .n_columns = COLUMNS,
                              .columns = column,
                              .n_terms = 8,
                              .terms = all_terms,
                              .cluster = a->unit == SY_UNIT_CLUSTER ? &council : NULL};
    const sy_question question = {.outcome = 0,
                                  .n_blocks = 3,
                                  .blocks = block,
                                  .n_adjust = a->absorb,
                                  .adjust = adjust,
                                  .absorb = a->absorb,
                                  .order = a->order};
    const sy_moments_options how = {.unit = a->unit};
    sy_context_init(&ctx);
    sy_evidence_defaults(&o);
    if (sy_moments_init(&ctx, &design, &how, &m) < 0) die(&ctx);
    if (sy_evidence_shares(&ctx, &m, NULL, &question, &o, &s, &t) < 0) die(&ctx);
    show_table(a->name, &s, &t, 3 + 5);
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

static void orders(void)
{
    static const int bend_first[] = {1, 1, 0};
    enum { BEND = 5, PRODUCT = 6 };
    const bound_case cases[] = {{"ordered", SY_UNIT_CLUSTER, BEND, bend_first, 0},
                                {"marginal", SY_UNIT_ROW, PRODUCT, NULL, 0},
                                {"absorbed", SY_UNIT_CLUSTER, BEND, bend_first, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) bound(&cases[i]);
}
