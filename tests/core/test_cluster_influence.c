/* Clusters left out: against refits, the row measures, by hand.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "sample_rows.h"
#include "steelyard/diagnostics.h"
#include <math.h>

enum { MOST_P = 12, N = 600 };

typedef struct {
    double coefficient[MOST_P], inverse[MOST_P * MOST_P], effects[MOST_P], leverage[N], residual[N];
    int aliased[MOST_P], p;
    sy_linear_summary summary;
    double change[N * MOST_P], scaled[N * MOST_P], cook[N], held[N];
    int most[MOST_P];
} answer;

static const int in_model[] = {1, 2, 5, 8}; /* x1, x2 (mean 5000), region, x3:x4 */
static const sy_linear_model model = {.outcome = 0, .n_terms = 4, .terms = in_model, .intercept = 1};

static sy_linear_fit fit_of(answer *a)
{
    return (sy_linear_fit){.coefficient = a->coefficient,
                           .aliased = a->aliased,
                           .inverse = a->inverse,
                           .effects = a->effects,
                           .residual = a->residual,
                           .leverage = a->leverage};
}

/* Runs the fit and the influence; the context keeps the message and remarks. */
static sy_status ask(sy_context *ctx, const sy_design *design, const sy_linear_model *how, sy_precision precision,
                     answer *a)
{
    const sy_linear_options options = {precision};
    const sy_linear_fit fit = fit_of(a);
    const sy_cluster_influence out = {a->change, a->scaled, a->cook, a->held, a->most};
    sy_status status = sy_linear(ctx, design, how, &options, &a->summary, &fit);
    a->p = a->summary.p;
    if (status >= 0) status = sy_diagnostics_clusters(ctx, design, how, &a->summary, &fit, &out);
    return status;
}

static sy_status ask_alone(const sy_design *design, const sy_linear_model *how, sy_precision precision, answer *a)
{
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status status = ask(&ctx, design, how, precision, a);
    if (status < 0 && status != SY_ENOMEM) print_error("%s\n", ctx.message);
    sy_context_free(&ctx);
    return status;
}

static rows *clustered(uint64_t seed)
{
    rows *r = rows_new(N, seed);
    r->design.cluster = &r->council_column;
    for (int i = 0; i < N; i++) r->weight[i] = 1 + i % 4;
    return r;
}

/* Coefficients without the rows of a council: they are made missing. */
static void refit_without(const rows *r, const sy_linear_model *how, int council, answer *a)
{
    rows *s = malloc(sizeof *s);
    const sy_linear_fit fit = fit_of(a);
    sy_context ctx;
    assert_non_null(s);
    memcpy(s, r, sizeof *s);
    for (int i = 0; i < N; i++)
        if (s->council[i] == council + 1) s->x[0][i] = NAN;
    s->column[0].data = s->x[0];
    sy_design design = s->design;
    design.columns = s->column;
    sy_context_init(&ctx);
    assert_true(sy_linear(&ctx, &design, how, NULL, &a->summary, &fit) >= 0);
    sy_context_free(&ctx);
    free(s);
}

static int close_to(double found, double wanted, double unit, double tolerance)
{
    if (fabs(found - wanted) <= tolerance * unit) return 1;
    print_error("%.17g instead of %.17g (unit %.3g)\n", found, wanted, unit);
    return 0;
}

/* Coefficients of refits carry their condition (1e4 here, for x2) in units of
 * their errors: 1e-11. */
static void compare_with_refits(const rows *r, const sy_linear_model *how, sy_precision precision)
{
    answer *a = calloc(2, sizeof *a), *b = a + 1;
    assert_non_null(a);
    assert_true(ask_alone(&r->design, how, precision, a) >= 0);
    for (int c = 0; c < a->p; c++) {
        double most = 0;
        const double error = a->summary.sigma * sqrt(a->inverse[c * (a->p + 1)]);
        for (int g = 0; g < ROWS_COUNCILS; g++) most = fmax(most, fabs(a->change[g * a->p + c]));
        assert_true(fabs(a->change[a->most[c] * a->p + c]) == most && most > 0.01 * error);
    }
    for (int g = 0; g < ROWS_COUNCILS; g++) {
        refit_without(r, how, g, b);
        for (int c = 0; c < a->p; c++) {
            const double error = a->summary.sigma * sqrt(a->inverse[c * (a->p + 1)]);
            assert_true(close_to(a->change[g * a->p + c], a->coefficient[c] - b->coefficient[c], error, 1e-11));
            assert_true(close_to(a->scaled[g * a->p + c] * error, a->change[g * a->p + c], error, 1e-14));
        }
    }
    free(a);
}

static void every_change_is_that_of_a_refit(void **state)
{
    (void)state;
    static const sy_weight_kind kinds[] = {SY_WEIGHT_NONE, SY_WEIGHT_FREQUENCY, SY_WEIGHT_ANALYTIC, SY_WEIGHT_SAMPLING};
    rows *r = clustered(3);
    for (int precision = SY_PRECISION_DOUBLE; precision <= SY_PRECISION_TWOFOLD; precision++)
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
            rows_weigh(r, kinds[k]);
            if (k == 0) r->design.weights = NULL;
            compare_with_refits(r, &model, (sy_precision)precision);
        }
    free(r);
}

static void models_with_sum_coding_or_without_intercept_too(void **state)
{
    (void)state;
    rows *r = clustered(4);
    sy_linear_model how = model;
    how.coding = SY_CODING_SUM;
    compare_with_refits(r, &how, SY_PRECISION_AUTO);
    how.intercept = 0;
    compare_with_refits(r, &how, SY_PRECISION_AUTO);
    free(r);
}

/* A cluster a row is the row's own DFBETAS and Cook's distance; frequencies
 * take all copies at once, so weights of 1 only here. */
static void a_cluster_of_one_row_is_that_row(void **state)
{
    (void)state;
    enum { ROWS = 40 };
    rows *r = clustered(5);
    answer *a = calloc(1, sizeof *a);
    double cook[ROWS], sigma[ROWS], dfbetas[ROWS * MOST_P];
    const char *levels[ROWS];
    const sy_diagnostics_rows out = {.cook = cook, .sigma = sigma, .dfbetas = dfbetas};
    sy_context ctx;
    assert_non_null(a);
    for (int i = 0; i < ROWS; i++) {
        levels[i] = "row";
        r->council[i] = i + 1;
    }
    r->design.n = ROWS;
    r->council_column.n_levels = ROWS;
    r->council_column.levels = levels;
    sy_context_init(&ctx);
    assert_true(ask(&ctx, &r->design, &model, SY_PRECISION_AUTO, a) >= 0);
    const sy_linear_fit fit = fit_of(a);
    assert_true(sy_diagnostics(&ctx, &r->design, &model, &a->summary, &fit, &out) >= 0);
    for (int i = 0; i < ROWS; i++) {
        assert_true(close_to(a->cook[i], cook[i], cook[i], 1e-11) && a->held[i] == 1);
        for (int c = 0; c < a->p; c++)
            assert_true(
                close_to(a->scaled[i * a->p + c] * a->summary.sigma / sigma[i], dfbetas[i * a->p + c], 1, 1e-11));
    }
    sy_context_free(&ctx);
    free(a);
    free(r);
}

/* Means: y = 1 2 3 in A, 7 in B, 5 6 in C; 24/6 = 4. Without A 6, B 17/5, C
 * 13/4: changes -2, 3/5, 3/4. s^2 = 28/5; Cook: 6 * 4 / 5.6 for A. */
static void a_mean_without_a_cluster_comes_out_as_by_hand(void **state)
{
    (void)state;
    static const double y[] = {1, 5, 2, 7, 6, 3};
    static const int32_t code[] = {0, 2, 0, 1, 2, 0};
    static const char *const levels[] = {"A", "B", "C", "D"};
    static const sy_factor factor = {0, 1};
    static const sy_term term = {"y", 1, &factor};
    const sy_column column = {.name = "y", .data = y, .stride = sizeof(double), .type = SY_F64};
    const sy_column cluster = {
        .name = "council", .data = code, .stride = sizeof(int32_t), .type = SY_CODES, .n_levels = 4, .levels = levels};
    const sy_design design = {
        .n = 6, .n_columns = 1, .columns = &column, .n_terms = 1, .terms = &term, .cluster = &cluster};
    const sy_linear_model mean = {.outcome = 0, .intercept = 1};
    answer *a = calloc(1, sizeof *a);
    assert_non_null(a);
    assert_true(ask_alone(&design, &mean, SY_PRECISION_AUTO, a) >= 0);
    assert_true(close_to(a->change[0], -2, 1, 1e-14) && close_to(a->change[1], 0.6, 1, 1e-14));
    assert_true(close_to(a->change[2], 0.75, 1, 1e-14) && a->most[0] == 0);
    assert_true(close_to(a->cook[0], 24 / 5.6, 1, 1e-13));
    assert_true(a->held[0] == 3 && a->held[3] == 0 && isnan(a->change[3]) && isnan(a->cook[3]));
    free(a);
}

/* All rows of region west lie in one council: without it region[west] cannot
 * be estimated, and everything else is as in the refit. */
static void a_cluster_that_holds_a_level_alone_is_named(void **state)
{
    (void)state;
    rows *r = clustered(6);
    answer *a = calloc(2, sizeof *a), *b = a + 1;
    sy_context ctx;
    assert_non_null(a);
    for (int i = 0; i < N; i++)
        if (r->region[i] == 3) r->council[i] = 7;
    sy_context_init(&ctx);
    assert_int_equal(ask(&ctx, &r->design, &model, SY_PRECISION_AUTO, a), SY_NOTE_ALIASED);
    assert_int_equal(ctx.n_remarks, 1);
    assert_string_equal(ctx.remarks[0].term, "council");
    assert_string_equal(ctx.remarks[0].text,
                        "council: 1 of 12 clusters hold all there is to know of a coefficient, which cannot be "
                        "estimated without them (council_7: region[west])");
    assert_true(ctx.remarks[0].value == 1);
    refit_without(r, &model, 6, b);
    const int west = 5;
    assert_true(isnan(a->cook[6]) && isnan(a->change[6 * a->p + west]) && isnan(a->scaled[6 * a->p + west]));
    for (int c = 0; c < a->p; c++) {
        const double error = a->summary.sigma * sqrt(a->inverse[c * (a->p + 1)]);
        const int there = c < west ? c : c - 1;
        if (c != west)
            assert_true(close_to(a->change[6 * a->p + c], a->coefficient[c] - b->coefficient[there], error, 1e-10));
        assert_true(isfinite(a->change[5 * a->p + c]) && a->most[west] != 6);
    }
    sy_context_free(&ctx);
    free(a);
    free(r);
}

/* Councils absorbed: each lies in a cluster, so leaving it out changes what the
 * model with the councils as columns changes. */
static void absorbed_councils_leave_as_columns_do(void **state)
{
    (void)state;
    static const int within[] = {1, 2};
    rows *r = clustered(7);
    answer *a = calloc(2, sizeof *a), *b = a + 1;
    assert_non_null(a);
    const sy_linear_model absorbed = {
        .outcome = 0, .n_terms = 2, .terms = within, .intercept = 1, .absorb = &r->council_column};
    assert_true(ask_alone(&r->design, &absorbed, SY_PRECISION_AUTO, a) >= 0);
    for (int g = 0; g < ROWS_COUNCILS; g++) {
        refit_without(r, &absorbed, g, b);
        for (int c = 0; c < 2; c++) {
            const double error = a->summary.sigma * sqrt(a->inverse[c * 3]);
            assert_true(close_to(a->change[g * 2 + c], a->coefficient[c] - b->coefficient[c], error, 1e-12));
        }
    }
    free(a);
    free(r);
}

static void what_cannot_be_had_is_refused(void **state)
{
    (void)state;
    static const int within[] = {1, 2};
    rows *r = clustered(8);
    answer *a = calloc(1, sizeof *a);
    sy_context ctx;
    sy_context_init(&ctx);
    assert_non_null(a);
    const sy_linear_model absorbed = {
        .outcome = 0, .n_terms = 2, .terms = within, .intercept = 1, .absorb = &r->column[ROWS_NUMBERS]};
    assert_int_equal(ask(&ctx, &r->design, &absorbed, SY_PRECISION_AUTO, a), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "of region lies in more than one cluster of council"));
    r->design.cluster = NULL;
    assert_int_equal(ask(&ctx, &r->design, &model, SY_PRECISION_AUTO, a), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "cluster: none given"));
    sy_context_free(&ctx);
    free(a);
    free(r);
}

static void threads_and_processors_give_the_same_bits(void **state)
{
    (void)state;
    rows *r = clustered(9);
    answer *first = calloc(2, sizeof *first), *again = first + 1;
    assert_non_null(first);
    for (int precision = SY_PRECISION_DOUBLE; precision <= SY_PRECISION_TWOFOLD; precision++)
        for (int k = 0; k < 4; k++) {
            sy_context ctx;
            sy_context_init(&ctx);
            ctx.threads = k == 1 ? 4 : 1;
            if (k == 2 && ctx.simd > 1) ctx.simd = 1;
            assert_true(ask(&ctx, &r->design, &model, (sy_precision)precision, k ? again : first) >= 0);
            if (k) assert_memory_equal(again->change, first->change, sizeof first->change);
            sy_context_free(&ctx);
        }
    free(first);
    free(r);
}

static sy_status failing_job(void *arg, void *out)
{
    const rows *r = arg;
    answer *a = calloc(1, sizeof *a);
    const sy_status status = ask_alone(&r->design, &model, SY_PRECISION_AUTO, a);
    if (status >= 0) memcpy(out, a->change, sizeof a->change);
    free(a);
    return status;
}

static void nothing_leaks_when_memory_runs_out(void **state)
{
    (void)state;
    rows *r = clustered(10);
    for (int i = 0; i < N; i++)
        if (r->region[i] == 3) r->council[i] = 7;
    assert_true(syi_survives_failing(failing_job, r, sizeof(double) * N * MOST_P) > 8);
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_change_is_that_of_a_refit),
        cmocka_unit_test(models_with_sum_coding_or_without_intercept_too),
        cmocka_unit_test(a_cluster_of_one_row_is_that_row),
        cmocka_unit_test(a_mean_without_a_cluster_comes_out_as_by_hand),
        cmocka_unit_test(a_cluster_that_holds_a_level_alone_is_named),
        cmocka_unit_test(absorbed_councils_leave_as_columns_do),
        cmocka_unit_test(what_cannot_be_had_is_refused),
        cmocka_unit_test(threads_and_processors_give_the_same_bits),
        cmocka_unit_test(nothing_leaks_when_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
