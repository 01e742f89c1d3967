/* Row diagnostics against R, by refits, by hand.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "sample_duncan.h"
#include "base/random_internal.h"
#include "steelyard/diagnostics.h"
#include <math.h>

enum { MOST_ROWS = 700, MOST_P = 12 };

typedef struct {
    double coefficient[MOST_P], inverse[MOST_P * MOST_P], effects[MOST_P], residual[MOST_ROWS], leverage[MOST_ROWS];
    int aliased[MOST_P];
    sy_linear_summary summary;
    double hat[MOST_ROWS], standardised[MOST_ROWS], studentised[MOST_ROWS], sigma[MOST_ROWS], cook[MOST_ROWS],
        dffits[MOST_ROWS], dfbetas[MOST_ROWS * MOST_P];
} answer;

static sy_status ask(const sy_design *design, const sy_linear_model *model, answer *a)
{
    sy_context ctx;
    const sy_linear_fit fit = {.coefficient = a->coefficient,
                               .aliased = a->aliased,
                               .inverse = a->inverse,
                               .effects = a->effects,
                               .residual = a->residual,
                               .leverage = a->leverage};
    const sy_diagnostics_rows out = {a->hat, a->standardised, a->studentised, a->sigma, a->cook, a->dffits, a->dfbetas};
    sy_context_init(&ctx);
    sy_status status = sy_linear(&ctx, design, model, NULL, &a->summary, &fit);
    if (status >= 0) status = sy_diagnostics(&ctx, design, model, &a->summary, &fit, &out);
    if (status < 0 && status != SY_ENOMEM) print_error("%s\n", ctx.message);
    sy_context_free(&ctx);
    return status;
}

static int near(double found, double wanted, double tolerance)
{
    if (fabs(found - wanted) <= tolerance * fabs(wanted)) return 1;
    print_error("%.17g instead of %.17g\n", found, wanted);
    return 0;
}

/* R's own numbers keep 12 digits and more. */
static void duncan_has_the_reference_numbers(void **state)
{
    (void)state;
    static const char *const rows[] = {"minister", "conductor"};
    duncan *d = duncan_new();
    answer *a = calloc(1, sizeof *a);
    assert_non_null(a);
    assert_int_equal(ask(&d->design, &d->model, a), SY_OK);
    for (int k = 0; k < 2; k++) {
        char name[40];
        const int i = duncan_row(d, rows[k]);
        snprintf(name, sizeof name, "hat[%s]", rows[k]);
        assert_true(near(a->hat[i], duncan_reference(name), 1e-12));
        snprintf(name, sizeof name, "cook[%s]", rows[k]);
        assert_true(near(a->cook[i], duncan_reference(name), 1e-12));
        snprintf(name, sizeof name, "rstudent[%s]", rows[k]);
        assert_true(near(a->studentised[i], duncan_reference(name), 1e-12));
    }
    free(a);
    free(d);
}

/* R 4.2.2: influence.measures of lm, unweighted, and with weights = education /
 * 10, that of the fifth row 0. Rows of weight zero are not used. */
static void all_measures_are_those_of_r(void **state)
{
    (void)state;
    static const double wanted[2][6] = {{0.19120532074712307, 3.30611266871736387, 3.82939603476885981,
                                         8.4126392049809802, 0.516805328829756827, 1.86192047246862802},
                                        {0.29071343501709201, 4.020433810014775, 5.18625220978952672,
                                         16.931687538848969, 1.3250101275625996, 3.32028464814613677}};
    static const double betas[2][DUNCAN_P] = {
        {0.45061741092246066, -1.56313688576738219, 0.57171333264631408, 0.53440097888392468, 0.23062289443899819},
        {0.907908103848500625, -2.951354766871422619, 0.920110305155352637, 0.880762204663945947,
         0.380552161877509454}};
    duncan *d = duncan_new();
    answer *a = calloc(1, sizeof *a);
    double weight[DUNCAN_ROWS];
    assert_non_null(a);
    for (int i = 0; i < DUNCAN_ROWS; i++) weight[i] = i == 4 ? 0 : d->x[2][i] / 10;
    const sy_column weights = {.name = "w", .data = weight, .stride = sizeof(double), .type = SY_F64};
    for (int k = 0; k < 2; k++) {
        const int i = duncan_row(d, "minister");
        d->design.weights = k ? &weights : NULL;
        d->design.weight_kind = k ? SY_WEIGHT_ANALYTIC : SY_WEIGHT_NONE;
        assert_true(ask(&d->design, &d->model, a) >= 0);
        const double found[] = {a->hat[i],   a->standardised[i], a->studentised[i],
                                a->sigma[i], a->cook[i],         a->dffits[i]};
        for (int m = 0; m < 6; m++) assert_true(near(found[m], wanted[k][m], 1e-12));
        for (int c = 0; c < DUNCAN_P; c++) assert_true(near(a->dfbetas[i * DUNCAN_P + c], betas[k][c], 1e-12));
    }
    assert_true(isnan(a->hat[4]) && isnan(a->cook[4]) && isnan(a->sigma[4]) && isnan(a->dfbetas[4 * DUNCAN_P]));
    free(a);
    free(d);
}

/* y = 0 1 5 on x = 0 1 2: b = (-1/2, 5/2), residuals 1/2 -1 1/2, leverages 5/6
 * 1/3 5/6, s^2 = 3/2. First row: standardised (1/2) / sqrt(3/2 / 6) = 1, Cook
 * (1/2 * 6)^2 (5/6) / (3/2 * 2) = 5/2. No degree of freedom is left without a
 * row: sigma and what rests on it do not exist. */
static void three_points_come_out_as_by_hand(void **state)
{
    (void)state;
    static const double x[] = {0, 1, 2}, y[] = {0, 1, 5};
    static const sy_factor factors[] = {{0, 1}, {1, 1}};
    static const sy_term terms[] = {{"y", 1, factors}, {"x", 1, factors + 1}};
    static const int in_model[] = {1};
    const sy_column columns[] = {{.name = "y", .data = y, .stride = sizeof(double), .type = SY_F64},
                                 {.name = "x", .data = x, .stride = sizeof(double), .type = SY_F64}};
    const sy_design design = {.n = 3, .n_columns = 2, .columns = columns, .n_terms = 2, .terms = terms};
    const sy_linear_model model = {.outcome = 0, .n_terms = 1, .terms = in_model, .intercept = 1};
    answer *a = calloc(1, sizeof *a);
    assert_non_null(a);
    assert_true(ask(&design, &model, a) >= 0);
    assert_true(near(a->hat[0], 5.0 / 6, 1e-15) && near(a->hat[1], 1.0 / 3, 1e-15));
    assert_true(near(a->standardised[0], 1, 1e-14) && near(a->cook[0], 2.5, 1e-14));
    assert_true(near(a->standardised[1], -1, 1e-14) && near(a->cook[1], 0.25, 1e-14));
    assert_true(isnan(a->sigma[0]) && isnan(a->studentised[0]) && isnan(a->dffits[0]) && isnan(a->dfbetas[0]));
    free(a);
}

/* Leaves row i out of duncan in fact. */
static void refit_without(const duncan *d, int i, answer *a)
{
    duncan *e = malloc(sizeof *e);
    assert_non_null(e);
    memcpy(e, d, sizeof *e);
    for (int c = 0; c < 3; c++) {
        memmove(e->x[c] + i, e->x[c] + i + 1, (size_t)(DUNCAN_ROWS - 1 - i) * sizeof(double));
        e->column[c].data = e->x[c];
    }
    memmove(e->type + i, e->type + i + 1, (size_t)(DUNCAN_ROWS - 1 - i) * sizeof *e->type);
    e->column[3].data = e->type;
    e->design.columns = e->column;
    e->design.n = DUNCAN_ROWS - 1;
    assert_true(ask(&e->design, &e->model, a) >= 0);
    free(e);
}

/* Every row left out in fact; refits carry 1e-14, differences of coefficients
 * a little more. */
static void measures_are_what_refits_give(void **state)
{
    (void)state;
    duncan *d = duncan_new();
    answer *a = calloc(2, sizeof *a), *b = a + 1;
    assert_non_null(a);
    assert_int_equal(ask(&d->design, &d->model, a), SY_OK);
    for (int i = 0; i < DUNCAN_ROWS; i++) {
        double distance = 0;
        refit_without(d, i, b);
        assert_true(near(a->sigma[i], b->summary.sigma, 1e-13));
        for (int c = 0; c < DUNCAN_P; c++) {
            const double change = a->coefficient[c] - b->coefficient[c];
            const double error = b->summary.sigma * sqrt(a->inverse[c * (DUNCAN_P + 1)]);
            assert_true(fabs(a->dfbetas[i * DUNCAN_P + c] - change / error) < 1e-12);
        }
        /* d'X'X d over all rows is the sum of squared changes of the fitted values */
        for (int r = 0; r < DUNCAN_ROWS; r++) {
            double moved = a->coefficient[0] - b->coefficient[0];
            for (int c = 1; c < 3; c++) moved += (a->coefficient[c] - b->coefficient[c]) * d->x[c][r];
            for (int c = 1; c < 3; c++)
                if (d->type[r] == c) moved += a->coefficient[2 + c] - b->coefficient[2 + c];
            distance += moved * moved;
        }
        distance /= DUNCAN_P * a->summary.sigma * a->summary.sigma;
        assert_true(fabs(a->cook[i] - distance) < 1e-11 * (0.01 + distance));
    }
    free(a);
    free(d);
}

/* Rows 0..44 with frequencies 1..3 against the same rows written out. */
static void a_frequency_is_so_many_rows(void **state)
{
    (void)state;
    enum { N = 90 };
    duncan *d = duncan_new();
    answer *a = calloc(2, sizeof *a), *b = a + 1;
    double weight[DUNCAN_ROWS], x[3][N];
    int32_t type[N];
    int origin[N], n = 0;
    assert_non_null(a);
    for (int i = 0; i < DUNCAN_ROWS; i++) {
        weight[i] = 1 + i % 3;
        for (int k = 0; k <= i % 3; k++, n++) {
            for (int c = 0; c < 3; c++) x[c][n] = d->x[c][i];
            type[n] = d->type[i];
            origin[n] = i;
        }
    }
    assert_int_equal(n, N);
    sy_column columns[] = {d->column[0], d->column[1], d->column[2], d->column[3]};
    for (int c = 0; c < 3; c++) columns[c].data = x[c];
    columns[3].data = type;
    sy_design design = d->design;
    design.n = N;
    design.columns = columns;
    assert_int_equal(ask(&design, &d->model, b), SY_OK);
    const sy_column weights = {.name = "w", .data = weight, .stride = sizeof(double), .type = SY_F64};
    d->design.weights = &weights;
    d->design.weight_kind = SY_WEIGHT_FREQUENCY;
    assert_int_equal(ask(&d->design, &d->model, a), SY_OK);
    for (int k = 0; k < N; k++) {
        const int i = origin[k];
        assert_true(near(a->hat[i], b->hat[k], 1e-13) && near(a->studentised[i], b->studentised[k], 1e-12));
        assert_true(near(a->cook[i], b->cook[k], 1e-12) && near(a->dffits[i], b->dffits[k], 1e-12));
        for (int c = 0; c < DUNCAN_P; c++)
            assert_true(near(a->dfbetas[i * DUNCAN_P + c], b->dfbetas[k * DUNCAN_P + c], 1e-11));
    }
    free(a);
    free(d);
}

/* Absorbed types give the measures of the model that has them as columns. */
static void absorbed_levels_change_no_measure(void **state)
{
    (void)state;
    static const int in_model[] = {1, 2};
    duncan *d = duncan_new();
    answer *a = calloc(2, sizeof *a), *b = a + 1;
    assert_non_null(a);
    assert_int_equal(ask(&d->design, &d->model, a), SY_OK);
    const sy_linear_model within = {
        .outcome = 0, .n_terms = 2, .terms = in_model, .intercept = 1, .absorb = &d->column[3]};
    assert_int_equal(ask(&d->design, &within, b), SY_OK);
    for (int i = 0; i < DUNCAN_ROWS; i++) {
        assert_true(near(b->hat[i], a->hat[i], 1e-13) && near(b->cook[i], a->cook[i], 1e-12));
        for (int c = 0; c < 2; c++) assert_true(fabs(b->dfbetas[i * 2 + c] - a->dfbetas[i * DUNCAN_P + c + 1]) < 1e-13);
    }
    free(a);
    free(d);
}

/* One row alone in its level has leverage 1: without it there is no such fit. */
static void a_row_that_decides_a_coefficient_alone_has_no_measures(void **state)
{
    (void)state;
    static const char *const levels[] = {"bc", "prof", "wc", "own"};
    duncan *d = duncan_new();
    answer *a = calloc(1, sizeof *a);
    assert_non_null(a);
    d->column[3].n_levels = 4;
    d->column[3].levels = levels;
    d->type[10] = 3;
    assert_int_equal(ask(&d->design, &d->model, a), SY_OK);
    assert_true(a->hat[10] == 1 && isnan(a->standardised[10]) && isnan(a->cook[10]) && isnan(a->dffits[10]));
    assert_true(isnan(a->dfbetas[10 * 6]) && near(a->sigma[10], sqrt(a->summary.rss / (45 - 6 - 1)), 1e-14));
    assert_true(a->hat[11] < 1 && isfinite(a->studentised[11]));
    free(a);
    free(d);
}

static void a_fit_without_what_is_needed_is_refused(void **state)
{
    (void)state;
    duncan *d = duncan_new();
    answer *a = calloc(1, sizeof *a);
    sy_context ctx;
    const sy_diagnostics_rows out = {.cook = a->cook};
    sy_linear_fit fit = {.residual = a->residual};
    sy_context_init(&ctx);
    assert_int_equal(sy_diagnostics(&ctx, &d->design, &d->model, &a->summary, &fit, &out), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "leverage"));
    fit.leverage = a->leverage;
    a->summary.n = 5;
    a->summary.rank = 5;
    assert_int_equal(sy_diagnostics(&ctx, &d->design, &d->model, &a->summary, &fit, &out), SY_ERANK);
    assert_string_equal(ctx.message, "diagnostics: 5 rows for 5 coefficients leave nothing to judge residuals by");
    sy_context_free(&ctx);
    free(a);
    free(d);
}

static sy_status failing_job(void *arg, void *out)
{
    const duncan *d = arg;
    answer *a = calloc(1, sizeof *a);
    const sy_status status = ask(&d->design, &d->model, a);
    if (status >= 0) memcpy(out, a->dfbetas, sizeof a->dfbetas);
    free(a);
    return status;
}

static void nothing_leaks_when_memory_runs_out(void **state)
{
    (void)state;
    duncan *d = duncan_new();
    assert_true(syi_survives_failing(failing_job, d, sizeof(double) * MOST_ROWS * MOST_P) > 5);
    free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(duncan_has_the_reference_numbers),
        cmocka_unit_test(all_measures_are_those_of_r),
        cmocka_unit_test(three_points_come_out_as_by_hand),
        cmocka_unit_test(measures_are_what_refits_give),
        cmocka_unit_test(a_frequency_is_so_many_rows),
        cmocka_unit_test(absorbed_levels_change_no_measure),
        cmocka_unit_test(a_row_that_decides_a_coefficient_alone_has_no_measures),
        cmocka_unit_test(a_fit_without_what_is_needed_is_refused),
        cmocka_unit_test(nothing_leaks_when_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
