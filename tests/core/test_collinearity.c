/* Variance inflation, condition indices, variance proportions.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "sample_duncan.h"
#include "base/random_internal.h"
#include "steelyard/diagnostics.h"
#include <math.h>

enum { MOST = 40 };

typedef struct {
    double gvif[MOST], df[MOST], gvif_root[MOST], tolerance[MOST], vif[MOST], index[MOST], proportion[MOST * MOST];
} answer;

static sy_status ask(const sy_design *design, const sy_linear_model *model, sy_precision precision, answer *a)
{
    sy_context ctx;
    const sy_linear_options options = {precision};
    const sy_collinearity out = {a->gvif, a->df, a->gvif_root, a->tolerance, a->vif, a->index, a->proportion};
    sy_context_init(&ctx);
    const sy_status status = sy_diagnostics_collinearity(&ctx, design, model, &options, &out);
    if (status < 0) print_error("%s\n", ctx.message);
    sy_context_free(&ctx);
    return status;
}

static int near(double found, double wanted, double tolerance)
{
    if (fabs(found - wanted) <= tolerance * fabs(wanted)) return 1;
    print_error("%.17g instead of %.17g\n", found, wanted);
    return 0;
}

/* car 3.1.1 on R 4.2.2; its own agreement with 40 digits is better than 1e-13. */
static void generalised_inflation_of_duncan_is_cars(void **state)
{
    (void)state;
    duncan *d = duncan_new();
    answer a;
    for (int precision = SY_PRECISION_AUTO; precision <= SY_PRECISION_TWOFOLD; precision++) {
        assert_int_equal(ask(&d->design, &d->model, (sy_precision)precision, &a), SY_OK);
        assert_true(near(a.gvif[0], duncan_reference("gvif[income]"), 1e-13));
        assert_true(near(a.gvif[1], duncan_reference("gvif[education]"), 1e-13));
        assert_true(near(a.gvif[2], duncan_reference("gvif[type]"), 1e-13));
        assert_true(a.df[0] == 1 && a.df[1] == 1 && a.df[2] == 2);
        assert_true(near(a.gvif_root[2], 1.5026663529927924, 1e-13));
        assert_true(near(a.vif[3], 5.5623950078940068, 1e-13) && near(a.vif[4], 2.0437211074918293, 1e-13));
        assert_true(isnan(a.vif[0]) && near(a.tolerance[0], 1 / 2.2091779795013604, 1e-13));
    }
    free(d);
}

/* vif of car 3.1.1 with weights = education, without an intercept, and of
 * terms with an interaction. */
static void weights_and_models_without_intercept_are_as_cars(void **state)
{
    (void)state;
    static const sy_factor factors[] = {{0, 1}, {1, 1}, {3, 1}, {1, 1}, {3, 1}};
    static const sy_term terms[] = {{"prestige", 1, factors},
                                    {"income", 1, factors + 1},
                                    {"type", 1, factors + 2},
                                    {"income:type", 2, factors + 3}};
    static const int in_model[] = {1, 2, 3};
    duncan *d = duncan_new();
    answer a;
    d->design.weights = &d->column[2];
    d->design.weight_kind = SY_WEIGHT_ANALYTIC;
    assert_int_equal(ask(&d->design, &d->model, SY_PRECISION_AUTO, &a), SY_OK);
    assert_true(near(a.gvif[0], 1.9492160369989340, 1e-13) && near(a.gvif[2], 4.1313969447762746, 1e-13));
    d->design.weights = NULL;
    d->design.weight_kind = SY_WEIGHT_NONE;
    d->model.intercept = 0;
    assert_int_equal(ask(&d->design, &d->model, SY_PRECISION_AUTO, &a), SY_OK);
    assert_true(near(a.gvif[0], 8.8420264848430659, 1e-13) && near(a.gvif[2], 23.4268338616752665, 1e-13));
    assert_true(a.df[2] == 3);
    d->design.terms = terms;
    d->model = (sy_linear_model){.outcome = 0, .n_terms = 3, .terms = in_model, .intercept = 1};
    assert_int_equal(ask(&d->design, &d->model, SY_PRECISION_AUTO, &a), SY_OK);
    assert_true(near(a.gvif[0], 4.0036517220859666, 1e-13) && near(a.gvif[1], 82.0284656431162631, 1e-13));
    assert_true(near(a.gvif[2], 141.6436435970889249, 1e-13));
    free(d);
}

static int read_longley(double x[7][16])
{
    char line[200];
    int n = 0;
    FILE *file = fopen("tests/reference/nist/lls/Longley.dat", "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) && !(strncmp(line, "Data:", 5) == 0 && strchr(line, 'y'))) continue;
    while (n < 16 && fgets(line, sizeof line, file))
        n += sscanf(line, "%lf %lf %lf %lf %lf %lf %lf", &x[0][n], &x[1][n], &x[2][n], &x[3][n], &x[4][n], &x[5][n],
                    &x[6][n]) == 7;
    fclose(file);
    return n;
}

/* Longley's 16 years: indices 1, 9, 12, 25, 230, 1048 and 43275, as in Belsley,
 * Kuh & Welsch 1980, section 3.4. Variance inflation of car 3.1.1 on R's
 * longley, the same numbers in other units; R solves in double with a condition
 * of 1e8 for the cross-products, hence 1e-9. */
static void longley_has_the_published_condition(void **state)
{
    (void)state;
    static const double index[] = {1,
                                   9.141720519870459,
                                   12.255735049271548,
                                   25.336607098623027,
                                   230.42394600187509,
                                   1048.0802980036067,
                                   43275.04358717992};
    static const double vif[] = {135.5324382799103,  1788.5134827169435, 33.6188905960408,
                                 3.5889301934451652, 399.1510223123649,  758.9805974063637};
    static const char *const names[] = {"y", "deflator", "gnp", "unemployed", "forces", "population", "year"};
    static const int in_model[] = {1, 2, 3, 4, 5, 6};
    double x[7][16];
    sy_column columns[7];
    sy_factor factors[7];
    sy_term terms[7];
    answer a;
    assert_int_equal(read_longley(x), 16);
    for (int c = 0; c < 7; c++) {
        columns[c] = (sy_column){.name = names[c], .data = x[c], .stride = sizeof(double), .type = SY_F64};
        factors[c] = (sy_factor){c, 1};
        terms[c] = (sy_term){names[c], 1, &factors[c]};
    }
    const sy_design design = {.n = 16, .n_columns = 7, .columns = columns, .n_terms = 7, .terms = terms};
    const sy_linear_model model = {.outcome = 0, .n_terms = 6, .terms = in_model, .intercept = 1};
    for (int precision = SY_PRECISION_DOUBLE; precision <= SY_PRECISION_TWOFOLD; precision++) {
        assert_true(ask(&design, &model, (sy_precision)precision, &a) >= 0);
        for (int k = 0; k < 7; k++) assert_true(near(a.index[k], index[k], 1e-10));
        for (int c = 0; c < 6; c++) assert_true(near(a.vif[c + 1], vif[c], 1e-9) && a.vif[c + 1] == a.gvif[c]);
    }
}

/* x = 1..4, z = 1 3 2 4: r = 4/5, so 1 / (1 - 16/25) = 25/9. Without centring
 * the cosine is 29/30: eigenvalues 59/30 and 1/30, index sqrt(59), and shares
 * (30/59) : 30 = 1 : 59 for either column. */
static void two_columns_come_out_as_by_hand(void **state)
{
    (void)state;
    static const double x[] = {1, 2, 3, 4}, z[] = {1, 3, 2, 4}, y[] = {1, 0, 0, 2};
    static const sy_factor factors[] = {{0, 1}, {1, 1}, {2, 1}};
    static const sy_term terms[] = {{"y", 1, factors}, {"x", 1, factors + 1}, {"z", 1, factors + 2}};
    static const int in_model[] = {1, 2};
    const sy_column columns[] = {{.name = "y", .data = y, .stride = sizeof(double), .type = SY_F64},
                                 {.name = "x", .data = x, .stride = sizeof(double), .type = SY_F64},
                                 {.name = "z", .data = z, .stride = sizeof(double), .type = SY_F64}};
    const sy_design design = {.n = 4, .n_columns = 3, .columns = columns, .n_terms = 3, .terms = terms};
    sy_linear_model model = {.outcome = 0, .n_terms = 2, .terms = in_model, .intercept = 1};
    answer a;
    assert_int_equal(ask(&design, &model, SY_PRECISION_AUTO, &a), SY_OK);
    assert_true(near(a.gvif[0], 25.0 / 9, 1e-15) && near(a.vif[2], 25.0 / 9, 1e-15));
    assert_true(near(a.gvif_root[0], 5.0 / 3, 1e-15) && near(a.tolerance[0], 0.36, 1e-15));
    model.intercept = 0;
    assert_int_equal(ask(&design, &model, SY_PRECISION_AUTO, &a), SY_OK);
    assert_true(a.index[0] == 1 && near(a.index[1], sqrt(59), 1e-15));
    for (int c = 0; c < 2; c++)
        assert_true(near(a.proportion[c], 1.0 / 60, 1e-14) && near(a.proportion[2 + c], 59.0 / 60, 1e-15));
    assert_true(near(a.vif[0], 900.0 / 59, 1e-15)); /* 1 / (1 - (29/30)^2) */
}

static void shares_of_a_variance_sum_to_one_and_indices_ascend(void **state)
{
    (void)state;
    duncan *d = duncan_new();
    answer a;
    assert_int_equal(ask(&d->design, &d->model, SY_PRECISION_AUTO, &a), SY_OK);
    static const double index[] = {1, 1.894250503497301, 3.6297203367006858, 6.5116559046631286, 10.827632866883766};
    for (int k = 0; k < DUNCAN_P; k++) assert_true(near(a.index[k], index[k], 1e-13));
    for (int c = 0; c < DUNCAN_P; c++) {
        double sum = 0;
        for (int k = 0; k < DUNCAN_P; k++) sum += a.proportion[k * DUNCAN_P + c];
        assert_true(fabs(sum - 1) < 1e-15 * DUNCAN_P);
    }
    /* R's svd of the scaled model matrix */
    assert_true(near(a.proportion[4 * DUNCAN_P], 0.4705296684349911, 1e-12));
    assert_true(near(a.proportion[3 * DUNCAN_P + 1], 0.9773826223965264, 1e-12));
    assert_true(near(a.proportion[1 * DUNCAN_P + 4], 0.3349342027545905, 1e-12));
    free(d);
}

static void generalised_inflation_does_not_depend_on_the_coding(void **state)
{
    (void)state;
    duncan *d = duncan_new();
    answer a, b;
    assert_int_equal(ask(&d->design, &d->model, SY_PRECISION_AUTO, &a), SY_OK);
    d->model.coding = SY_CODING_SUM;
    assert_int_equal(ask(&d->design, &d->model, SY_PRECISION_AUTO, &b), SY_OK);
    for (int t = 0; t < 3; t++) assert_true(near(b.gvif[t], a.gvif[t], 1e-15));
    assert_true(fabs(b.vif[3] - a.vif[3]) > 1); /* columns do depend on it */
    free(d);
}

/* A copy of a column stands aside: the others are as without it. */
static void aliased_columns_stand_aside(void **state)
{
    (void)state;
    static const sy_factor factors[] = {{0, 1}, {1, 1}, {2, 1}, {3, 1}, {4, 1}};
    static const sy_term terms[] = {{"prestige", 1, factors},
                                    {"income", 1, factors + 1},
                                    {"education", 1, factors + 2},
                                    {"type", 1, factors + 3},
                                    {"again", 1, factors + 4}};
    static const int in_model[] = {1, 4, 2, 3};
    duncan *d = duncan_new();
    double again[DUNCAN_ROWS];
    answer a, b;
    for (int i = 0; i < DUNCAN_ROWS; i++) again[i] = 3 - 2 * d->x[1][i];
    const sy_column columns[] = {d->column[0],
                                 d->column[1],
                                 d->column[2],
                                 d->column[3],
                                 {.name = "again", .data = again, .stride = sizeof(double), .type = SY_F64}};
    const sy_design design = {.n = DUNCAN_ROWS, .n_columns = 5, .columns = columns, .n_terms = 5, .terms = terms};
    const sy_linear_model model = {.outcome = 0, .n_terms = 4, .terms = in_model, .intercept = 1};
    assert_true(ask(&d->design, &d->model, SY_PRECISION_AUTO, &a) >= 0);
    for (int precision = SY_PRECISION_AUTO; precision <= SY_PRECISION_TWOFOLD; precision++) {
        assert_true(ask(&design, &model, (sy_precision)precision, &b) >= 0);
        assert_true(isnan(b.vif[2]) && isnan(b.gvif[1]) && b.df[1] == 0 && isnan(b.index[5]));
        assert_true(near(b.gvif[0], a.gvif[0], 1e-13) && near(b.gvif[3], a.gvif[2], 1e-13));
        assert_true(near(b.index[4], a.index[4], 1e-13) && isnan(b.proportion[2]));
    }
    free(d);
}

/* z = 2000 + x + 1e-5 e in 3000 rows: variance inflation near 1e10 and a mean
 * 1e8 times the part of z that is not x. Both precisions must agree to the
 * condition (3e8) times a few roundings, not to its square. */
static void double_keeps_the_digits_that_the_condition_leaves(void **state)
{
    (void)state;
    enum { N = 3000 };
    static const sy_factor factors[] = {{0, 1}, {1, 1}, {2, 1}};
    static const sy_term terms[] = {{"y", 1, factors}, {"x", 1, factors + 1}, {"z", 1, factors + 2}};
    static const int in_model[] = {1, 2};
    double *v = calloc(3 * N, sizeof *v);
    assert_non_null(v);
    syi_stream s;
    syi_stream_init(&s, 7, 0, 0);
    for (int i = 0; i < N; i++) {
        v[i] = (double)syi_stream_below(&s, 100);
        v[N + i] = ((double)syi_stream_below(&s, 1000) - 500) / 256;
        v[2 * N + i] = 2000 + v[N + i] + ((double)syi_stream_below(&s, 3) - 1) * 0x1p-17;
    }
    sy_column columns[3];
    for (int c = 0; c < 3; c++)
        columns[c] = (sy_column){.name = terms[c].label, .data = v + c * N, .stride = sizeof(double), .type = SY_F64};
    const sy_design design = {.n = N, .n_columns = 3, .columns = columns, .n_terms = 3, .terms = terms};
    const sy_linear_model model = {.outcome = 0, .n_terms = 2, .terms = in_model, .intercept = 1};
    answer a, b;
    assert_true(ask(&design, &model, SY_PRECISION_DOUBLE, &a) >= 0);
    assert_true(ask(&design, &model, SY_PRECISION_TWOFOLD, &b) >= 0);
    assert_true(b.gvif[0] > 1e10 && b.index[2] > 1e8);
    assert_true(near(a.gvif[0], b.gvif[0], 1e-7) && near(a.index[2], b.index[2], 1e-7));
    free(v);
}

static sy_status failing_job(void *arg, void *out)
{
    const duncan *d = arg;
    sy_context ctx;
    answer *a = out;
    const sy_collinearity buffers = {a->gvif, a->df, a->gvif_root, a->tolerance, a->vif, a->index, a->proportion};
    sy_context_init(&ctx);
    const sy_status status = sy_diagnostics_collinearity(&ctx, &d->design, &d->model, NULL, &buffers);
    sy_context_free(&ctx);
    return status;
}

static void nothing_leaks_when_memory_runs_out(void **state)
{
    (void)state;
    duncan *d = duncan_new();
    assert_true(syi_survives_failing(failing_job, d, sizeof(answer)) > 5);
    free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(generalised_inflation_of_duncan_is_cars),
        cmocka_unit_test(weights_and_models_without_intercept_are_as_cars),
        cmocka_unit_test(longley_has_the_published_condition),
        cmocka_unit_test(two_columns_come_out_as_by_hand),
        cmocka_unit_test(shares_of_a_variance_sum_to_one_and_indices_ascend),
        cmocka_unit_test(generalised_inflation_does_not_depend_on_the_coding),
        cmocka_unit_test(aliased_columns_stand_aside),
        cmocka_unit_test(double_keeps_the_digits_that_the_condition_leaves),
        cmocka_unit_test(nothing_leaks_when_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
