/* Every number of every case as hexadecimal; parity.py and parity.R print the
 * same.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "steelyard.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 2500, XS = 20, HALF = XS, Y, Z, NUMERIC, AREA = NUMERIC, COLUMNS, COUNCILS = 23 };

typedef struct {
    int n;
    double x[NUMERIC][MOST], w[MOST];
    int32_t area[MOST], council[MOST];
} sample;

static sample small, large;
static char x_name[XS][4], council_name[COUNCILS][4];
static const char *council_names[COUNCILS];
static const char *const areas[] = {"north", "south", "west"};
static const char *const metrics[] = {
    "share", "percent_of_explained", "adjusted", "by_chance", "alone", "unique", "common", "lowest", "highest"};

static void die(const sy_context *ctx)
{
    fprintf(stderr, "%s\n", ctx->message);
    exit(1);
}

static void show(const char *case_, const char *what, int n, const double *v)
{
    printf("%s%s%s", case_, *what ? " " : "", what);
    for (int i = 0; i < n; i++)
        if (isnan(v[i])) printf(" NA");
        else printf(" %a", v[i]);
    printf("\n");
}

static void make(sample *s, int n)
{
    s->n = n;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < XS; j++) s->x[j][i] = sqrt((i * (7 + 4 * j) + j) % 101 + 1.0) - 5.0;
        s->x[HALF][i] = i % 17 * 0.5 + i * 3 % 5 * 0.1;
        s->x[Y][i] = (s->x[0][i] + 0.5 * s->x[1][i]) + (0.25 * s->x[2][i] + sqrt(i * 37 % 211 + 2.0));
        s->x[Z][i] = s->x[Y][i] * 0.5 + s->x[3][i];
        s->w[i] = 1.0 + i % 4;
        s->area[i] = i % 3;
        s->council[i] = i * i % COUNCILS;
    }
    s->x[1][5] = s->x[1][50] = NAN;
}

static void columns_of(const sample *s, sy_column *column)
{
    for (int c = 0; c < NUMERIC; c++) {
        const char *name = c < XS ? x_name[c] : c == HALF ? "half" : c == Y ? "y" : "z";
        column[c] = (sy_column){.name = name, .data = s->x[c], .stride = sizeof(double), .type = SY_F64};
    }
    column[AREA] = (sy_column){
        .name = "area", .data = s->area, .stride = sizeof(int32_t), .type = SY_CODES, .n_levels = 3, .levels = areas};
}

static sy_column council_of(const sample *s)
{
    return (sy_column){.name = "council",
                       .data = s->council,
                       .stride = sizeof(int32_t),
                       .type = SY_CODES,
                       .n_levels = COUNCILS,
                       .levels = council_names};
}

typedef struct {
    const char *name;
    const sample *from;
    sy_unit unit;
    sy_precision precision;
    sy_weight_kind weights;
    sy_interval_kind interval;
    int adjust;
    uint64_t seed;
} asked;

/* The terms, in the order in which both languages meet them: outcomes, blocks,
 * adjusting terms. */
static const sy_factor factor[] = {{Y, 1}, {0, 1}, {1, 1}, {HALF, 1}, {AREA, 1}, {2, 2},
                                   {0, 1}, {3, 1}, {4, 1}, {5, 1},    {Z, 1}};
static const sy_term all_terms[] = {{"y", 1, factor},         {"x0", 1, factor + 1},   {"x1", 1, factor + 2},
                                    {"half", 1, factor + 3},  {"area", 1, factor + 4}, {"x2^2", 1, factor + 5},
                                    {"x0:x3", 2, factor + 6}, {"x4", 1, factor + 8},   {"x5", 1, factor + 9}};
enum { ROWS = 4 + 6, CELLS = ROWS * SY_N_METRICS, REPLICATES = 200 };
static double cells[5][CELLS], covariance[SY_N_METRICS * ROWS * ROWS], draws[REPLICATES * CELLS];

static void show_table(const char *name, const sy_evidence_summary *s, const sy_evidence_table *t, int rows)
{
    const double total[] = {s->whole.total, s->total_std_error, s->total_low, s->total_high};
    show(name, "total", 4, total);
    for (int i = 0; i < rows * SY_N_METRICS; i++) {
        const double v[] = {t->estimate[i], t->std_error[i], t->low[i], t->high[i]};
        show(name, metrics[i % SY_N_METRICS], 4, v);
    }
}

static void show_difference(sy_context *ctx, const asked *a, const sy_evidence_summary *s, const sy_evidence_table *t)
{
    const double *v = t->covariance + SY_SHARE * ROWS * ROWS;
    const double pair[2] = {t->estimate[SY_SHARE], t->estimate[SY_N_METRICS + SY_SHARE]};
    const double block[4] = {v[0], v[1], v[ROWS], v[ROWS + 1]};
    sy_comparison c;
    if (sy_interval_difference(ctx, pair, block, s->df, 0.95, &c) < 0) die(ctx);
    if (a->interval == SY_INTERVAL_PERCENTILE || a->interval == SY_INTERVAL_EXPANDED) {
        double line[REPLICATES];
        for (int r = 0; r < REPLICATES; r++) line[r] = draws[r * CELLS] - draws[r * CELLS + SY_N_METRICS];
        if (sy_interval_percentile(ctx, REPLICATES, line, 0.95, a->interval == SY_INTERVAL_EXPANDED, (double)s->units,
                                   &c.low, &c.high) < 0)
            die(ctx);
    }
    const double values[] = {c.estimate, c.std_error, c.low, c.high};
    show(a->name, "difference", 4, values);
}

static void blocks_of(int first, sy_block *block)
{
    static int term[2][16];
    int *t = term[first > 1];
    for (int i = 0; i < 16; i++) t[i] = first + i;
    block[0] = (sy_block){"money", 1, t};
    block[1] = (sy_block){"process", 2, t + 1};
    block[2] = (sy_block){"place", 1, t + 3};
    block[3] = (sy_block){"bend", 2, t + 4};
}

#include "checks.h"

static void run(const asked *a)
{
    static const int adjust[] = {7, 8};
    sy_context ctx;
    sy_column column[COLUMNS];
    sy_block block[4];
    sy_moments m = {0};
    sy_evidence_options o;
    sy_evidence_summary s;
    const sample *from = a->from;
    const sy_evidence_table t = {cells[0], cells[1], cells[2], cells[3], cells[4], covariance, draws, NULL};
    const sy_column council = council_of(from);
    sy_column w = {.name = "w", .data = from->w, .stride = sizeof(double), .type = SY_F64};
    columns_of(from, column);
    blocks_of(1, block);
    const sy_design design = {.n = from->n,
                              .n_columns = COLUMNS,
                              .columns = column,
                              .n_terms = a->adjust ? 9 : 7,
                              .terms = all_terms,
                              .weights = a->weights ? &w : NULL,
                              .weight_kind = a->weights,
                              .cluster = a->unit == SY_UNIT_CLUSTER ? &council : NULL};
    const sy_question question = {
        .outcome = 0, .n_blocks = 4, .blocks = block, .n_adjust = a->adjust ? 2 : 0, .adjust = adjust};
    const sy_moments_options how = {.unit = a->unit, .precision = a->precision};
    sy_context_init(&ctx);
    sy_evidence_defaults(&o);
    o.interval = a->interval;
    o.seed = a->seed;
    o.replicates = REPLICATES;
    if (sy_moments_init(&ctx, &design, &how, &m) < 0) die(&ctx);
    if (sy_evidence_shares(&ctx, &m, a->unit == SY_UNIT_NONE ? &design : NULL, &question, &o, &s, &t) < 0) die(&ctx);
    show_table(a->name, &s, &t, ROWS);
    printf("%s %016llx\n", a->name, (unsigned long long)sy_moments_hash(&m));
    show_difference(&ctx, a, &s, &t);
    show_crossvalidated(&ctx, a->name, &m, a->unit == SY_UNIT_NONE ? &design : NULL, &question);
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

#include "parity_orders.h"
#include "parity_resampling.h"

/* Two outcomes, complete rows over both. */
static void at_most(void)
{
    sy_term term[8];
    sy_context ctx;
    sy_column column[COLUMNS];
    sy_block block[4];
    sy_moments m = {0};
    sy_evidence_options o;
    sy_evidence_summary s;
    double estimate[2], scaled[2], df[2], limit[2];
    sy_answer answer;
    const sy_evidence_table t = {cells[0], cells[1], cells[2], cells[3], cells[4], covariance, draws, NULL};
    const sy_column council = council_of(&small);
    const sy_moments_options how = {.unit = SY_UNIT_CLUSTER};
    term[0] = all_terms[0];
    term[1] = (sy_term){"z", 1, factor + 10};
    for (int i = 1; i < 7; i++) term[i + 1] = all_terms[i];
    columns_of(&small, column);
    blocks_of(2, block);
    const sy_design design = {
        .n = small.n, .n_columns = COLUMNS, .columns = column, .n_terms = 8, .terms = term, .cluster = &council};
    sy_context_init(&ctx);
    sy_evidence_defaults(&o);
    if (sy_moments_init(&ctx, &design, &how, &m) < 0) die(&ctx);
    for (int y = 0; y < 2; y++) {
        const sy_question question = {.outcome = y, .n_blocks = 4, .blocks = block};
        if (sy_evidence_shares(&ctx, &m, NULL, &question, &o, &s, &t) < 0) die(&ctx);
        estimate[y] = t.estimate[SY_SHARE];
        scaled[y] = t.std_error_scaled[SY_SHARE];
        df[y] = s.df;
    }
    if (sy_interval_at_most(&ctx, 2, estimate, scaled, df, SY_SCALE_CUBE_ROOT, 0.07, 0.95, &answer, &limit[0],
                            &limit[1]) < 0)
        die(&ctx);
    show("at_most", answer > 0 ? "supported" : answer < 0 ? "contradicted" : "undecided", 2, limit);
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

#include "parity_joint.h"
#include "parity_measurement.h"
#include "parity_balance.h"
#include "parity_synthetic.h"
#include "parity_submodels.h"
#include "parity_response.h"
#include "parity_mixed.h"
#include "parity_fitted.h"
#include "parity_gap.h"
#include "parity_weigh.h"

/* One-term blocks over given moments. */
static void plain(const char *name, const sy_moments *m, int blocks, sy_interval_kind interval, sy_method method)
{
    enum { MORE = 2 * XS };
    static double table[5][MORE * SY_N_METRICS], spread[SY_N_METRICS * MORE * MORE], other[XS * SY_N_OTHER];
    static int term[XS];
    const sy_evidence_table t = {table[0], table[1], table[2], table[3], table[4], spread, NULL, NULL};
    sy_block block[XS];
    sy_context ctx;
    sy_evidence_options o;
    sy_evidence_summary s;
    for (int b = 0; b < blocks; b++) {
        term[b] = b + 1;
        block[b] = (sy_block){sy_moments_label(m, b + 1), 1, &term[b]};
    }
    const sy_question question = {.outcome = 0, .n_blocks = blocks, .blocks = block};
    sy_context_init(&ctx);
    sy_evidence_defaults(&o);
    o.interval = interval;
    o.shares.method = method;
    if (sy_evidence_shares(&ctx, m, NULL, &question, &o, &s, &t) < 0) die(&ctx);
    show_table(name, &s, &t, 2 * blocks);
    if (sy_relative_weights(&ctx, m, &question, other) < 0) die(&ctx);
    for (int b = 0; b < blocks; b++) show(name, block[b].name, SY_N_OTHER, other + b * SY_N_OTHER);
    if (blocks < XS) submodels_of(name, m, &question);
    sy_context_free(&ctx);
}

static void wide(void)
{
    sy_context ctx;
    sy_column column[COLUMNS];
    sy_factor f[XS + 1] = {{Y, 1}};
    sy_term term[XS + 1] = {{"y", 1, f}};
    sy_moments m = {0};
    sy_moments_options how;
    columns_of(&large, column);
    for (int j = 0; j < XS; j++) {
        f[j + 1] = (sy_factor){j, 1};
        term[j + 1] = (sy_term){x_name[j], 1, &f[j + 1]};
    }
    const sy_design design = {.n = large.n, .n_columns = COLUMNS, .columns = column, .n_terms = XS + 1, .terms = term};
    sy_context_init(&ctx);
    sy_moments_defaults(&how);
    if (sy_moments_init(&ctx, &design, &how, &m) < 0) die(&ctx);
    plain("wide", &m, XS, SY_INTERVAL_NONE, SY_METHOD_AUTO);
    plain("sampled", &m, XS, SY_INTERVAL_NONE, SY_METHOD_SAMPLED);
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

static void merged(void)
{
    sy_context ctx;
    sy_column column[COLUMNS];
    sy_moments m[3] = {{0}};
    const sample *from[] = {&small, &large};
    const sy_moments_options how = {.unit = SY_UNIT_CLUSTER};
    sy_context_init(&ctx);
    for (int i = 0; i < 2; i++) {
        const sy_column council = council_of(from[i]);
        columns_of(from[i], column);
        const sy_design design = {.n = from[i]->n,
                                  .n_columns = COLUMNS,
                                  .columns = column,
                                  .n_terms = 4,
                                  .terms = all_terms,
                                  .cluster = &council};
        if (sy_moments_init(&ctx, &design, &how, &m[i]) < 0) die(&ctx);
    }
    if (sy_moments_merge(&ctx, &m[0], &m[1], &m[2]) < 0) die(&ctx);
    printf("merged %016llx\n", (unsigned long long)sy_moments_hash(&m[2]));
    plain("moments", &m[2], 3, SY_INTERVAL_AUTO, SY_METHOD_AUTO);
    for (int i = 0; i < 3; i++) sy_moments_free(&m[i]);
    sy_context_free(&ctx);
}

static void normal(void)
{
    static const double r[] = {1,  .6, .3, .4, .5, .6, 1,  .8, .1, .3, .3, .8, 1,
                               .1, .1, .4, .1, .1, 1,  .5, .5, .3, .1, .5, 1};
    static const char *const names[] = {"y", "a", "b", "c", "d"};
    sy_context ctx;
    sy_moments m = {0};
    sy_context_init(&ctx);
    if (sy_moments_from_correlation(&ctx, 5, r, 100, names, &m) < 0) die(&ctx);
    plain("normal", &m, 4, SY_INTERVAL_AUTO, SY_METHOD_AUTO);
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

#include "parity_linear.h"

static void describe(void)
{
    enum { LAGS = 2, WIDTH = 6 };
    static const char *const label[WIDTH] = {"y", "x1", "half", "area", "area", "area"};
    sy_context ctx;
    sy_column column[COLUMNS];
    double values[WIDTH * SY_N_DESCRIBE], lagged[WIDTH * LAGS];
    const sy_term term[] = {all_terms[0], all_terms[2], all_terms[3], all_terms[4]};
    columns_of(&small, column);
    const sy_design design = {.n = small.n, .n_columns = COLUMNS, .columns = column, .n_terms = 4, .terms = term};
    sy_context_init(&ctx);
    if (sy_describe(&ctx, &design, LAGS, values, lagged) < 0) die(&ctx);
    for (int c = 0; c < WIDTH; c++) {
        double v[SY_N_DESCRIBE + LAGS];
        memcpy(v, values + c * SY_N_DESCRIBE, SY_N_DESCRIBE * sizeof *v);
        memcpy(v + SY_N_DESCRIBE, lagged + c * LAGS, LAGS * sizeof *v);
        show("describe", label[c], SY_N_DESCRIBE + LAGS, v);
    }
    sy_context_free(&ctx);
}

enum { ASKED = 4, SETS = 4, STATED = 1 };

static void show_shares_of_people(const char *name, const double *shares, int count)
{
    for (int i = 0; i < count; i++)
        for (int answer = SY_BETTER; answer >= SY_WORSE; answer--) {
            const double *v = shares + (i * SY_N_ANSWERS + answer) * SY_N_SHARE;
            const double told[] = {v[SY_SHARE_ESTIMATE], v[SY_SHARE_STD_ERROR], v[SY_SHARE_LOW], v[SY_SHARE_HIGH]};
            show(name, "", 4, told);
        }
}

static void show_statements(sy_context *ctx, const char *name, double shares[SETS][ASKED][SY_N_ANSWERS][SY_N_SHARE])
{
    double whole[ASKED][SY_N_SHARE], group[SETS - 1][SY_N_SHARE], claims[ASKED][SY_N_CLAIM], ranks[SETS - 1][3];
    double counts[2 * SY_N_CLAIM_COUNT], funnel[SETS - 1][SY_N_FUNNEL], dispersion = 0;
    for (int i = 0; i < ASKED; i++) memcpy(whole[i], shares[0][i][SY_BETTER], sizeof whole[i]);
    for (int g = 1; g < SETS; g++) memcpy(group[g - 1], shares[g][STATED][SY_BETTER], sizeof group[0]);
    if (sy_overview_claim(ctx, ASKED, whole[0], 0.4, 0.95, claims[0], counts) < 0) die(ctx);
    if (sy_overview_ranks(ctx, SETS - 1, group[0], 0.95, ranks[0]) < 0) die(ctx);
    if (sy_overview_funnel(ctx, SETS - 1, group[0], whole[STATED][SY_SHARE_ESTIMATE], funnel[0], &dispersion) < 0)
        die(ctx);
    for (int i = 0; i < ASKED; i++) show(name, "claim", 4, claims[i]);
    for (int g = 0; g < SETS - 1; g++) {
        show(name, "rank", 3, ranks[g]);
        show(name, "funnel", 5, funnel[g]);
    }
    show(name, "dispersion", 1, &dispersion);
}

static void overview(const char *name, int clustered, sy_weight_kind kind)
{
    static const char *const answers[] = {"worse", "same", "better"};
    static const char *const labels[] = {"x0", "x1", "x2", "x3", "by area"};
    static const sy_factor factors[] = {{0, 1}, {1, 1}, {2, 1}, {3, 1}, {4, 1}};
    static int32_t code[ASKED][MOST];
    static double shares[SETS][ASKED][SY_N_ANSWERS][SY_N_SHARE], steps[ASKED + 1][SY_N_ANSWERS][SY_N_SHARE];
    double whom[SETS * ASKED * SY_N_WHOM];
    sy_column column[ASKED + 1];
    sy_term term[ASKED + 1];
    sy_context ctx;
    for (int t = 0; t <= ASKED; t++) term[t] = (sy_term){labels[t], 1, &factors[t]};
    for (int t = 0; t < ASKED; t++) {
        for (int i = 0; i < small.n; i++)
            code[t][i] = isnan(small.x[t][i]) ? -1 : small.x[t][i] >= 1 ? 2 : small.x[t][i] <= -1 ? 0 : 1;
        column[t] = (sy_column){labels[t], code[t], sizeof(int32_t), SY_CODES, 0, 0, 0, 3, answers};
    }
    column[ASKED] = (sy_column){"by area", small.area, sizeof(int32_t), SY_CODES, 0, 0, 0, 3, areas};
    const sy_column council = {"council", small.council, sizeof(int32_t), SY_CODES, 0, 0, 0, COUNCILS, council_names};
    const sy_column weights = {.name = "w", .data = small.w, .stride = sizeof(double), .type = SY_F64};
    sy_design design = {.n = small.n, .n_columns = ASKED + 1, .columns = column, .n_terms = ASKED + 1, .terms = term};
    sy_overview_options options = {.n_indicators = ASKED, .by = 1, .level = 0.95, .hide_below = 10};
    if (clustered) design.cluster = &council;
    if (kind != SY_WEIGHT_NONE) design.weights = &weights;
    design.weight_kind = kind;
    sy_context_init(&ctx);
    if (sy_overview(&ctx, &design, &options, shares[0][0][0], whom) < 0) die(&ctx);
    show_shares_of_people(name, shares[0][0][0], SETS * ASKED);
    show_statements(&ctx, name, shares);
    options.by = 0;
    design.n_terms = ASKED;
    if (sy_overview_steps(&ctx, &design, &options, steps[0][0], whom) < 0) die(&ctx);
    for (int k = 0; k <= ASKED; k++) {
        const double *exactly = steps[k][SY_SAME], *more = steps[k][SY_BETTER];
        const double told[] = {exactly[SY_SHARE_ESTIMATE], exactly[SY_SHARE_LOW], exactly[SY_SHARE_HIGH],
                               more[SY_SHARE_ESTIMATE],    more[SY_SHARE_LOW],    more[SY_SHARE_HIGH]};
        show(name, "steps", 6, told);
    }
    sy_context_free(&ctx);
}

#include "parity_printed.h"

int main(void)
{
    const asked cases[] = {
        {.name = "rows", .from = &small, .unit = SY_UNIT_ROW},
        {.name = "clusters", .from = &small, .unit = SY_UNIT_CLUSTER},
        {.name = "double", .from = &small, .unit = SY_UNIT_ROW, .precision = SY_PRECISION_DOUBLE},
        {.name = "adjust", .from = &small, .unit = SY_UNIT_CLUSTER, .adjust = 1},
        {.name = "influence", .from = &large, .unit = SY_UNIT_NONE},
        {.name = "frequency", .from = &small, .unit = SY_UNIT_CLUSTER, .weights = SY_WEIGHT_FREQUENCY},
        {.name = "analytic", .from = &large, .unit = SY_UNIT_NONE, .weights = SY_WEIGHT_ANALYTIC},
        {.name = "sampling", .from = &small, .unit = SY_UNIT_CLUSTER, .weights = SY_WEIGHT_SAMPLING},
        {.name = "percentile", .from = &small, .unit = SY_UNIT_CLUSTER, .interval = SY_INTERVAL_PERCENTILE, .seed = 11},
        {.name = "expanded", .from = &small, .unit = SY_UNIT_CLUSTER, .interval = SY_INTERVAL_EXPANDED, .seed = 12}};
    for (int j = 0; j < XS; j++) snprintf(x_name[j], sizeof x_name[j], "x%d", j);
    for (int g = 0; g < COUNCILS; g++) {
        snprintf(council_name[g], sizeof council_name[g], "c%02d", g);
        council_names[g] = council_name[g];
    }
    make(&small, 600);
    make(&large, 2500);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) run(&cases[i]);
    orders();
    resampled();
    at_most();
    joint();
    measurement();
    balanced();
    synthetic();
    permutations();
    population();
    rounded();
    wide();
    merged();
    normal();
    fits();
    responses();
    mixed_models();
    fitted_models();
    printed();
    confounded();
    gaps();
    describe();
    overview("overview", 0, SY_WEIGHT_NONE);
    overview("overview clusters", 1, SY_WEIGHT_NONE);
    overview("overview sampling", 0, SY_WEIGHT_SAMPLING);
    overview("overview both", 1, SY_WEIGHT_SAMPLING);
    weighed();
    return 0;
}
