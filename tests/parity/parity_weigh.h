/* Cases of the whole question and of a specification curve; part of parity.c.
 * SPDX-License-Identifier: GPL-3.0-only */
enum { WEIGHED_TERMS = 6, WEIGHED_BLOCKS = 3 };

static const sy_factor weighed_factor[WEIGHED_TERMS] = {{Y, 1}, {Z, 1}, {0, 1}, {1, 1}, {2, 1}, {4, 1}};
static const sy_term weighed_terms[WEIGHED_TERMS] = {{"y", 1, weighed_factor},      {"z", 1, weighed_factor + 1},
                                                     {"x0", 1, weighed_factor + 2}, {"x1", 1, weighed_factor + 3},
                                                     {"x2", 1, weighed_factor + 4}, {"x4", 1, weighed_factor + 5}};
static const int weighed_outcomes[] = {0, 1}, funding_term[] = {2}, process_term[] = {3}, need_term[] = {4},
                 other_term[] = {5}, need_place[] = {2};
static const sy_block weighed_blocks[WEIGHED_BLOCKS] = {
    {"funding", 1, funding_term}, {"process", 1, process_term}, {"need", 1, need_term}};
static const sy_process_source weighed_sources[] = {{"users", 1, 0, NULL, 0}, {"others", -1, 1, other_term, 0}};

static const char *const halves_called[] = {"even", "odd"};
static int32_t halves[MOST];

static void show_tidy(const char *what, const sy_tidy *t)
{
    for (int r = 0; r < t->n_rows; r++) show(what, t->name, t->n_numbers, t->numbers + r * t->n_numbers);
}

static void weigh_all(sy_context *ctx, const sy_design *design)
{
    static sy_weighing w;
    sy_weigh_options o;
    const sy_column part = {.name = "part",
                            .data = halves,
                            .stride = sizeof(int32_t),
                            .type = SY_CODES,
                            .n_levels = 2,
                            .levels = halves_called};
    for (int i = 0; i < small.n; i++) halves[i] = small.council[i] % 2;
    const sy_weigh_question q = {.n_outcomes = 2,
                                 .outcomes = weighed_outcomes,
                                 .n_blocks = WEIGHED_BLOCKS,
                                 .blocks = weighed_blocks,
                                 .funding = 0,
                                 .process = 1,
                                 .n_need = 1,
                                 .need = need_place,
                                 .n_sources = 2,
                                 .sources = weighed_sources,
                                 .by = &design->columns[AREA],
                                 .group = &part,
                                 .per_outcome = 1};
    sy_weigh_defaults(&o);
    o.replicates = 200;
    o.left_out = 1;
    if (sy_weigh(ctx, design, &q, &o, &w) < 0) die(ctx);
    for (int t = 0; t < SY_WEIGH_TABLES; t++) show_tidy("weigh", &w.tables[t]);
    sy_weighing_free(&w);
}

static void specify_all(sy_context *ctx, const sy_design *design)
{
    static const sy_funding_form forms[] = {SY_FUNDING_LEVEL, SY_FUNDING_RANK};
    static const int per_outcome[] = {0, 1};
    const sy_membership m = {"as asked", WEIGHED_BLOCKS, weighed_blocks, 0, 1};
    const sy_weighting none = {"none", NULL, SY_WEIGHT_NONE};
    const sy_specification_question q = {.n_outcomes = 2,
                                         .outcomes = weighed_outcomes,
                                         .n_memberships = 1,
                                         .memberships = &m,
                                         .n_sources = 2,
                                         .sources = weighed_sources,
                                         .n_forms = 2,
                                         .forms = forms,
                                         .n_weightings = 1,
                                         .weightings = &none,
                                         .n_missing = 2,
                                         .per_outcome = per_outcome};
    static sy_specification_curve curve;
    sy_weigh_options o;
    sy_weigh_defaults(&o);
    if (sy_specifications(ctx, design, &q, &o, &curve) < 0) die(ctx);
    for (int t = 0; t < SY_CURVE_TABLES; t++) show_tidy("curve", &curve.tables[t]);
    sy_specification_curve_free(&curve);
}

static void weighed(void)
{
    sy_context ctx;
    sy_column column[COLUMNS];
    sy_context_init(&ctx);
    columns_of(&small, column);
    const sy_column council = council_of(&small);
    const sy_design design = {.n = small.n,
                              .n_columns = COLUMNS,
                              .columns = column,
                              .n_terms = WEIGHED_TERMS,
                              .terms = weighed_terms,
                              .cluster = &council};
    weigh_all(&ctx, &design);
    specify_all(&ctx, &design);
    sy_context_free(&ctx);
}
