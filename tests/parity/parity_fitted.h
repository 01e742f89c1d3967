/* Shares over fitted models and correlations of latent variables, printed as
 * parity.py and parity.R print them; included by parity.c after parity_mixed.h,
 * whose outcomes it uses. SPDX-License-Identifier: GPL-3.0-only */
#include "steelyard/fitted_shares.h"
#include "steelyard/latent.h"

enum { FITTED_ROWS = 8, FITTED_CELLS = FITTED_ROWS * SY_N_METRICS };

typedef struct {
    mixed_case model;
    int mixed, clustered;
    sy_measure measure;
    sy_route route;
} fitted_case;

static void show_fitted(sy_context *ctx, const fitted_case *a, const sy_design *design, const sy_fitted_question *q,
                        int rows)
{
    static double cell[5][FITTED_CELLS], spread[FITTED_ROWS * FITTED_CELLS], part[3][FITTED_ROWS];
    const sy_fitted_table t = {cell[0], cell[1], cell[2], cell[3], cell[4], spread, part[0], part[1], part[2]};
    sy_fitted_summary s;
    const char *name = a->model.name;
    if (sy_fitted_shares(ctx, design, q, &s, &t) < 0) die(ctx);
    const double total[] = {s.total, s.total_std_error, s.total_low, s.total_high};
    show(name, "total", 4, total);
    for (int i = 0; i < rows * SY_N_METRICS; i++) {
        const double values[] = {cell[0][i], cell[1][i], cell[3][i], cell[4][i]};
        show(name, metrics[i % SY_N_METRICS], 4, values);
    }
    for (int r = 0; r < rows; r++) {
        const double values[] = {isnan(s.gap) ? NAN : part[0][r], part[1][r], part[2][r]};
        show(name, "parts", 3, values);
    }
    const double rest[] = {s.gap, s.submodels, s.df, s.groups, s.residual};
    show(name, "made", 5, rest);
}

/* Councils that are there, as the hosts' factors of groups have them. */
static sy_column councils_in_use(void)
{
    static int32_t code[MOST];
    static const char *name[COUNCILS];
    int place[COUNCILS] = {0}, used = 0;
    for (int i = 0; i < small.n; i++) place[small.council[i]] = 1;
    for (int c = 0; c < COUNCILS; c++)
        if (place[c]) {
            name[used] = council_names[c];
            place[c] = used++;
        }
    for (int i = 0; i < small.n; i++) code[i] = place[small.council[i]];
    return (sy_column){
        .name = "council", .data = code, .stride = sizeof(int32_t), .type = SY_CODES, .n_levels = used, .levels = name};
}

/* The blocks: x0 and half together, then area; of mixed models each term. */
static void divide(const fitted_case *a)
{
    static const int terms[] = {1, 2, 3};
    static const sy_factor of_spot[] = {{SPOT, 1}};
    const sy_block two[] = {{"first", 2, terms}, {"area", 1, terms + 2}},
                   each[] = {{"x0", 1, terms}, {"half", 1, terms + 1}};
    const sy_term term[] = {{"spot", 1, of_spot}, all_terms[1], all_terms[3], all_terms[4]};
    sy_column column[N_SPOTS];
    sy_context ctx;
    sy_fitted_question q;
    const sy_column council = a->mixed ? councils_in_use() : council_of(&small);
    const sy_random random = {.intercept = 1, .group = &council};
    columns_of(&small, column);
    if (a->mixed) mixed_column(&a->model, &column[SPOT]);
    else response_column(&a->model.outcome, &column[SPOT]);
    sy_design design = {
        .n = small.n, .n_columns = N_SPOTS, .columns = column, .n_terms = a->mixed ? 3 : 4, .terms = term};
    if (a->clustered) design.cluster = &council;
    sy_context_init(&ctx);
    sy_fitted_defaults(&q);
    q.mixed = a->mixed;
    q.model = (sy_mixed_model){
        .linear = a->model.linear,
        .response = {.columns = {.outcome = 0, .n_terms = a->mixed ? 2 : 3, .terms = terms, .intercept = 1},
                     .kind = a->model.outcome.kind,
                     .link = a->model.outcome.link},
        .n_random = a->mixed,
        .random = &random};
    q.n_blocks = 2;
    q.blocks = a->mixed ? each : two;
    q.measure = a->measure;
    q.route = a->route;
    show_fitted(&ctx, a, &design, &q, a->mixed ? 4 : 5);
    sy_context_free(&ctx);
}

static void latent(void)
{
    static const sy_factor of_spot[] = {{SPOT, 1}};
    const response_case steps = {.kind = SY_RESPONSE_ORDINAL, .from = 4, .by = 4, .modulus = 5};
    const sy_term term[] = {{"spot", 1, of_spot}, all_terms[1], all_terms[3]};
    double table[4][9];
    const sy_latent_table t = {table[0], table[1], table[2], table[3]};
    sy_column column[N_SPOTS];
    sy_context ctx;
    sy_latent_options o;
    sy_moments m;
    const sy_column council = council_of(&small);
    columns_of(&small, column);
    response_column(&steps, &column[SPOT]);
    const sy_design design = {
        .n = small.n, .n_columns = N_SPOTS, .columns = column, .n_terms = 3, .terms = term, .cluster = &council};
    sy_context_init(&ctx);
    sy_latent_defaults(&o);
    o.unit = SY_UNIT_CLUSTER;
    if (sy_latent(&ctx, &design, &o, &t, &m) < 0) die(&ctx);
    for (int i = 1; i < 3; i++)
        for (int j = 0; j < i; j++) {
            const double values[] = {table[0][i * 3 + j], table[1][i * 3 + j], table[2][i * 3 + j],
                                     table[3][i * 3 + j]};
            show("polychoric", "", 4, values);
        }
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

static void fitted_models(void)
{
    const response_case two = {.kind = SY_RESPONSE_BINARY, .link = SY_LINK_LOGIT, .from = 9, .by = 50, .modulus = 2};
    const response_case five = {.kind = SY_RESPONSE_ORDINAL, .link = SY_LINK_LOGIT, .from = 4, .by = 4, .modulus = 5};
    const fitted_case cases[] = {
        {.model = {.name = "fitted binary", .outcome = two}, .measure = SY_MEASURE_NAGELKERKE},
        {.model = {.name = "fitted ordinal", .outcome = five}, .clustered = 1, .measure = SY_MEASURE_LATENT},
        {.model = {.name = "fitted step", .outcome = five}, .clustered = 1, .route = SY_ROUTE_ONE_STEP},
        {.model = {.name = "fitted mixed", .linear = 1}, .mixed = 1, .measure = SY_MEASURE_MARGINAL}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) divide(&cases[i]);
    latent();
}
