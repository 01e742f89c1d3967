/* Columns described: NIST's univariate sets, worked examples, identities.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "sample_rows.h"
#include "steelyard/describe.h"
#include <math.h>

static const char *const sets[] = {"PiDigits", "Lottery", "Lew",     "Mavro",  "Michelso",
                                   "NumAcc1",  "NumAcc2", "NumAcc3", "NumAcc4"};

/* Values after the line "Data: Y" and its rule. */
static int read_set(const char *name, double *y)
{
    char path[200], line[200];
    int n = 0, begun = 0;
    snprintf(path, sizeof path, "tests/reference/nist/univ/%s.dat", name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        char *end;
        const double v = strtod(line, &end);
        if (strncmp(line, "Data: ", 6) == 0 && strchr(line, 'Y')) begun = 1;
        else if (begun && end != line) y[n++] = v;
    }
    fclose(file);
    return n;
}

/* Correct digits against the value recomputed to 40 digits. */
static double digits(const char *set, const char *quantity, double found)
{
    char line[400], wanted[100];
    FILE *file = fopen("tests/reference/nist/certified.csv", "r");
    double answer = -1;
    assert_non_null(file);
    snprintf(wanted, sizeof wanted, "univ,%s,%s,", set, quantity);
    while (fgets(line, sizeof line, file)) {
        if (strncmp(line, wanted, strlen(wanted)) != 0) continue;
        const long double exact = strtold(strchr(line + strlen(wanted), ',') + 1, NULL);
        const long double off = fabsl(((long double)found - exact) / exact);
        answer = off > 0 ? (double)-log10l(off) : 20;
    }
    fclose(file);
    return answer;
}

/* A correctly rounded double is within u = 1.1e-16, that is 15.95 digits; the
 * decimals kept in double-double leave no room for more than that. */
static void nist_univariate_sets_come_out_to_the_last_bit(void **state)
{
    (void)state;
    double *y = calloc(6000, sizeof *y);
    assert_non_null(y);
    for (size_t k = 0; k < sizeof sets / sizeof *sets; k++) {
        const int n = read_set(sets[k], y);
        const sy_column column = {.name = "y", .data = y, .stride = sizeof *y, .type = SY_F64};
        const sy_term term = {"y", 1, &rows_factor[0]};
        const sy_design design = {.n = n, .n_columns = 1, .columns = &column, .n_terms = 1, .terms = &term};
        double v[SY_N_DESCRIBE], r;
        sy_context ctx;
        sy_context_init(&ctx);
        assert_int_equal(sy_describe(&ctx, &design, 1, v, &r), SY_OK);
        const double mean = digits(sets[k], "mean", v[SY_DESCRIBE_MEAN]);
        const double sd = digits(sets[k], "sd", v[SY_DESCRIBE_SD]), r1 = digits(sets[k], "r1", r);
        print_message("%-9s n %4d: digits of mean %.1f, sd %.1f, lag 1 %.1f\n", sets[k], n, mean, sd, r1);
        assert_true(mean > 15.65 && sd > 15.65 && r1 > 15.65);
        sy_context_free(&ctx);
    }
    free(y);
}

/* x = 3, 1, 4, 1, 5, -: mean 2.8, sum of squares 12.8, sd sqrt(3.2); median 3;
 * deviations .2 -1.8 1.2 -1.8 2.2: lag 1 (-.36 - 2.16 - 2.16 - 3.96) / 12.8 */
static void five_values_by_hand(void **state)
{
    (void)state;
    const double x[] = {3, 1, NAN, 4, 1, 5};
    const sy_column column = {.name = "x", .data = x, .stride = sizeof *x, .type = SY_F64};
    const sy_term term = {"x", 1, &rows_factor[0]};
    const sy_design design = {.n = 6, .n_columns = 1, .columns = &column, .n_terms = 1, .terms = &term};
    double v[SY_N_DESCRIBE], r[6];
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(sy_describe(&ctx, &design, 6, v, r), SY_OK);
    assert_true(v[SY_DESCRIBE_N] == 5 && v[SY_DESCRIBE_MISSING] == 1);
    assert_true(v[SY_DESCRIBE_MEAN] == 2.8 && v[SY_DESCRIBE_SD] == sqrt(3.2));
    assert_true(v[SY_DESCRIBE_LOWEST] == 1 && v[SY_DESCRIBE_MEDIAN] == 3 && v[SY_DESCRIBE_HIGHEST] == 5);
    assert_true(r[0] == -0.675);
    assert_true(fabs(r[3] - 0.2 * 2.2 / 12.8) < 1e-17);
    assert_true(isnan(r[4]) && isnan(r[5]));
    sy_context_free(&ctx);
}

/* Without decimals kept, (0.1 + 0.2) / 2 is 0.15000000000000002. */
static void an_even_median_is_the_decimal_between(void **state)
{
    (void)state;
    const double x[] = {0.2, 9.5, 0.1, -3};
    const sy_column column = {.name = "x", .data = x, .stride = sizeof *x, .type = SY_F64};
    const sy_term term = {"x", 1, &rows_factor[0]};
    const sy_design design = {.n = 4, .n_columns = 1, .columns = &column, .n_terms = 1, .terms = &term};
    double v[SY_N_DESCRIBE];
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(sy_describe(&ctx, &design, 0, v, NULL), SY_OK);
    assert_true(v[SY_DESCRIBE_MEDIAN] == 0.15);
    sy_context_free(&ctx);
}

static void terms_are_described_apart(void **state)
{
    (void)state;
    rows *r = rows_new(800, 31);
    r->x[0][5] = NAN;
    r->x[1][6] = NAN;
    int columns[ROWS_TERMS], total = 0;
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(sy_describe_columns(&ctx, &r->design, columns, &total), SY_OK);
    assert_int_equal(total, 15);
    assert_int_equal(columns[5], ROWS_REGIONS);
    double v[15 * SY_N_DESCRIBE], lag[15 * 2], levels = 0;
    assert_int_equal(sy_describe(&ctx, &r->design, 2, v, lag), SY_OK);
    assert_true(v[0 * SY_N_DESCRIBE + SY_DESCRIBE_N] == 799);
    assert_true(v[1 * SY_N_DESCRIBE + SY_DESCRIBE_N] == 799);
    assert_true(v[4 * SY_N_DESCRIBE + SY_DESCRIBE_N] == 800);
    assert_true(v[9 * SY_N_DESCRIBE + SY_DESCRIBE_MISSING] == 1);  /* x0^2 */
    assert_true(v[12 * SY_N_DESCRIBE + SY_DESCRIBE_MISSING] == 1); /* a cell of region:x1 */
    for (int l = 5; l < 9; l++) levels += v[l * SY_N_DESCRIBE + SY_DESCRIBE_MEAN];
    assert_true(fabs(levels - 1) < 1e-15); /* four roundings of 1.1e-16 and less */
    assert_true(isnan(lag[5 * 2]) && !isnan(lag[0]) && !isnan(lag[14 * 2]));
    sy_context_free(&ctx);
    free(r);
}

static void means_and_spreads_are_those_of_the_moments(void **state)
{
    (void)state;
    rows *r = rows_new(700, 32);
    sy_context ctx;
    sy_context_init(&ctx);
    double v[15 * SY_N_DESCRIBE];
    for (int kind = SY_WEIGHT_FREQUENCY; kind <= SY_WEIGHT_SAMPLING; kind++) {
        rows_weigh(r, (sy_weight_kind)kind);
        sy_moments m = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_TWOFOLD, 1, 2);
        syi_dd *s = rows_centred(&m);
        assert_int_equal(sy_describe(&ctx, &r->design, 0, v, NULL), SY_OK);
        for (int c = 0; c < 15; c++) {
            const double *d = v + c * SY_N_DESCRIBE;
            const double sd = sqrt(m.n / (m.n - 1) * s[c * 16].hi / m.sum_w);
            const double mean = m.shift[c] + m.hi[syi_packed_at(15, 0, c + 1)] / m.sum_w;
            assert_true(d[SY_DESCRIBE_N] == m.n);
            /* a handful of roundings of 1.1e-16 in this line */
            assert_true(fabs(d[SY_DESCRIBE_SD] - sd) <= 1e-15 * sd);
            assert_true(fabs(d[SY_DESCRIBE_MEAN] - mean) <= 1e-15 * (fabs(m.shift[c]) + sd));
        }
        free(s);
        sy_moments_free(&m);
    }
    sy_context_free(&ctx);
    free(r);
}

static void a_weighted_median_has_half_the_weight_below(void **state)
{
    (void)state;
    const double x[] = {10, 20, 30, 40}, even[] = {1, 1, 1, 1}, heavy[] = {1, 0, 1, 5}, half[] = {2, 1, 1, 0};
    const double *const weights[] = {even, heavy, half};
    const double wanted[] = {20, 40, 10};
    const sy_column column = {.name = "x", .data = x, .stride = sizeof *x, .type = SY_F64};
    const sy_term term = {"x", 1, &rows_factor[0]};
    for (int k = 0; k < 3; k++) {
        const sy_column w = {.name = "w", .data = weights[k], .stride = sizeof(double), .type = SY_F64};
        const sy_design design = {.n = 4,
                                  .n_columns = 1,
                                  .columns = &column,
                                  .n_terms = 1,
                                  .terms = &term,
                                  .weights = &w,
                                  .weight_kind = SY_WEIGHT_SAMPLING};
        double v[SY_N_DESCRIBE], r;
        sy_context ctx;
        sy_context_init(&ctx);
        assert_int_equal(sy_describe(&ctx, &design, 1, v, &r), SY_OK);
        assert_true(v[SY_DESCRIBE_MEDIAN] == wanted[k]);
        assert_true(isnan(r)); /* no order of rows with weights */
        sy_context_free(&ctx);
    }
}

static void an_empty_or_single_column_has_no_spread(void **state)
{
    (void)state;
    const double x[] = {NAN, 7, NAN}, y[] = {NAN, NAN, NAN};
    const sy_column column[] = {{.name = "x", .data = x, .stride = sizeof *x, .type = SY_F64},
                                {.name = "y", .data = y, .stride = sizeof *y, .type = SY_F64}};
    const sy_term term[] = {{"x", 1, &rows_factor[0]}, {"y", 1, &rows_factor[1]}};
    const sy_design design = {.n = 3, .n_columns = 2, .columns = column, .n_terms = 2, .terms = term};
    double v[2 * SY_N_DESCRIBE], r[2];
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(sy_describe(&ctx, &design, 1, v, r), SY_OK);
    assert_true(v[SY_DESCRIBE_N] == 1 && v[SY_DESCRIBE_MEAN] == 7 && isnan(v[SY_DESCRIBE_SD]) && isnan(r[0]));
    assert_true(v[SY_DESCRIBE_MEDIAN] == 7);
    assert_true(v[SY_N_DESCRIBE + SY_DESCRIBE_N] == 0 && v[SY_N_DESCRIBE + SY_DESCRIBE_MISSING] == 3);
    assert_true(isnan(v[SY_N_DESCRIBE + SY_DESCRIBE_MEAN]) && isnan(r[1]));
    sy_context_free(&ctx);
}

static void threads_do_not_change_the_answer(void **state)
{
    (void)state;
    rows *r = rows_new(5000, 33);
    double one[15 * SY_N_DESCRIBE], many[15 * SY_N_DESCRIBE], lag_one[15], lag_many[15];
    sy_context ctx;
    sy_context_init(&ctx);
    ctx.threads = 1;
    assert_int_equal(sy_describe(&ctx, &r->design, 1, one, lag_one), SY_OK);
    ctx.threads = 3;
    assert_int_equal(sy_describe(&ctx, &r->design, 1, many, lag_many), SY_OK);
    assert_memory_equal(one, many, sizeof one);
    assert_memory_equal(lag_one, lag_many, sizeof lag_one);
    sy_context_free(&ctx);
    free(r);
}

static void unusable_values_are_refused(void **state)
{
    (void)state;
    rows *r = rows_new(50, 34);
    double v[15 * SY_N_DESCRIBE];
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(sy_describe(&ctx, &r->design, 1, v, NULL), SY_EINVAL);
    assert_int_equal(sy_describe(&ctx, &r->design, -1, v, v), SY_EINVAL);
    assert_string_equal(ctx.message, "lags: -1; it must be 0 or more");
    r->x[1][19] = -INFINITY;
    assert_int_equal(sy_describe(&ctx, &r->design, 0, v, NULL), SY_EDATA);
    assert_string_equal(ctx.message, "x1: row 20 is infinite; values must be finite or missing");
    r->x[1][19] = 0;
    rows_weigh(r, SY_WEIGHT_FREQUENCY);
    r->weight[2] = 1.5;
    assert_int_equal(sy_describe(&ctx, &r->design, 0, v, NULL), SY_EDATA);
    assert_string_equal(ctx.message, "weights: row 3 is 1.5; frequency weights must be whole numbers");
    r->weight[2] = -1;
    assert_int_equal(sy_describe(&ctx, &r->design, 0, v, NULL), SY_EDATA);
    assert_string_equal(ctx.message, "weights: row 3 is -1; weights must be zero or more, and finite");
    sy_context_free(&ctx);
    free(r);
}

static sy_status describe_job(void *arg, void *answer)
{
    const rows *r = arg;
    double v[15 * SY_N_DESCRIBE], lag[15];
    int columns[ROWS_TERMS], total = 0;
    sy_context ctx;
    sy_context_init(&ctx);
    sy_status s = sy_describe_columns(&ctx, &r->design, columns, &total);
    if (s >= 0) s = sy_describe(&ctx, &r->design, 1, v, lag);
    if (s >= 0) memcpy(answer, v, sizeof v);
    sy_context_free(&ctx);
    return s;
}

static void memory_running_out_anywhere_is_survived(void **state)
{
    (void)state;
    rows *r = rows_new(60, 35);
    assert_true(syi_survives_failing(describe_job, r, 15 * SY_N_DESCRIBE * sizeof(double)) > 8);
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nist_univariate_sets_come_out_to_the_last_bit),
        cmocka_unit_test(five_values_by_hand),
        cmocka_unit_test(an_even_median_is_the_decimal_between),
        cmocka_unit_test(terms_are_described_apart),
        cmocka_unit_test(means_and_spreads_are_those_of_the_moments),
        cmocka_unit_test(a_weighted_median_has_half_the_weight_below),
        cmocka_unit_test(an_empty_or_single_column_has_no_spread),
        cmocka_unit_test(threads_do_not_change_the_answer),
        cmocka_unit_test(unusable_values_are_refused),
        cmocka_unit_test(memory_running_out_anywhere_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
