/* Least squares at its edges: aliased columns, empty cells, saturated fits, rows
 * not used, predictions, what is refused, memory running out.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "linear_sample.h"

static void columns_constant_within_absorbed_levels_are_aliased(void **state)
{
    (void)state;
    static sample s;
    draw(&s, 5);
    s.with_factor = 0;
    s.numbers = 2;
    for (int i = 0; i < s.n; i++) s.x[2][i] = 3.7 + s.code[i] / 10.; /* a column of the council, not of the person */
    problem *q = problem_of(&s);
    q->absorb = factor_column("region", s.code, LEVELS, level_names);
    q->model.absorb = &q->absorb;
    for (int precision = SY_PRECISION_AUTO; precision <= SY_PRECISION_TWOFOLD; precision++) {
        q->options.precision = (sy_precision)precision;
        fit_problem(q);
        assert_true(!q->aliased[0] && q->aliased[1] && isnan(q->coefficient[1]));
        assert_int_equal(q->summary.rank, LEVELS + 1);
    }
    problem_free(q);
}

static void aliased_columns_are_named_and_change_nothing(void **state)
{
    (void)state;
    static sample s;
    sy_context ctx;
    for (int precision = SY_PRECISION_AUTO; precision <= SY_PRECISION_DOUBLE; precision++) {
        draw(&s, 9);
        s.with_factor = 1;
        s.numbers = 2;
        problem *without = problem_of(&s);
        s.numbers = 3;
        for (int i = 0; i < s.n; i++) s.x[3][i] = 1e9 + 2 * s.x[1][i] - s.x[2][i];
        problem *q = problem_of(&s);
        q->options.precision = without->options.precision = (sy_precision)precision;
        fit_problem(without);
        sy_context_init(&ctx);
        assert_int_equal(try_problem(q, &ctx), SY_NOTE_ALIASED);
        assert_int_equal(ctx.n_remarks, 1);
        assert_string_equal(ctx.remarks[0].term, "x3");
        assert_string_equal(ctx.remarks[0].text, "x3 adds nothing beyond the columns before it and has no coefficient");
        assert_true(q->aliased[3] && isnan(q->coefficient[3]) && isnan(q->inverse[3]) && q->effects[3] == 0);
        assert_int_equal(q->summary.rank, q->p - 1);
        assert_digits(q->summary.rss, without->summary.rss, 13);
        assert_digits(q->coefficient[4], without->coefficient[3], 13);
        assert_digits(problem_error(q, 5), problem_error(without, 4), 13);
        for (int i = 0; i < s.n; i++) assert_true(fabs(q->fitted[i] - without->fitted[i]) < 1e-11);
        sy_context_free(&ctx);
        problem_free(q);
        problem_free(without);
    }
}

static void adding_1e9_to_a_column_does_not_alias_it(void **state)
{
    (void)state;
    static sample s;
    draw(&s, 10);
    s.with_factor = 0;
    for (int i = 0; i < s.n; i++) s.x[1][i] += 1e9;
    problem *q = problem_of(&s);
    for (int precision = SY_PRECISION_AUTO; precision <= SY_PRECISION_TWOFOLD; precision++) {
        q->options.precision = (sy_precision)precision;
        fit_problem(q);
        assert_true(!q->aliased[1] && q->summary.r2 > .5);
    }
    problem_free(q);
}

static void an_interaction_with_an_empty_cell_goes_on_without_it(void **state)
{
    (void)state;
    static const char *const two[] = {"no", "yes"};
    static sample s;
    int32_t half[MOST];
    sy_context ctx;
    draw(&s, 12);
    s.numbers = 1;
    s.with_factor = 1;
    for (int i = 0; i < s.n; i++) half[i] = s.code[i] == 2 ? 0 : i % 2; /* no yes in the south */
    problem *q = problem_of(&s);
    const int h = problem_column(q, factor_column("half", half, 2, two));
    problem_term(q, "half", h, -1, -1);
    problem_term(q, "region:half", 2, h, -1);
    sy_context_init(&ctx);
    assert_int_equal(try_problem(q, &ctx), SY_NOTE_ALIASED);
    assert_string_equal(ctx.remarks[0].term, "region[south]:half[yes]");
    assert_int_equal(q->summary.rank, q->p - 1);
    sy_context_free(&ctx);
    problem_free(q);
}

static void a_saturated_fit_has_coefficients_and_no_errors(void **state)
{
    (void)state;
    static const double x[] = {1, 2, 4}, z[] = {0, 1, 5}, y[] = {3, 1, 4};
    problem *q = problem_new(3);
    sy_context ctx;
    problem_number(q, "y", y);
    problem_number(q, "x", x);
    problem_number(q, "z", z);
    sy_context_init(&ctx);
    assert_int_equal(try_problem(q, &ctx), SY_NOTE_INTERVAL_SKIPPED);
    assert_string_equal(ctx.remarks[0].text,
                        "the fit is exact: 3 coefficients for 3 rows leave none over for the errors");
    /* y = a + b x + c z: b + c = -2, 2b + 4c = 3, so c = 3.5, b = -5.5, a = 8.5 */
    assert_digits(q->coefficient[0], 8.5, 16);
    assert_digits(q->coefficient[1], -5.5, 16);
    assert_digits(q->coefficient[2], 3.5, 16);
    assert_true(isnan(q->summary.sigma) && isnan(q->summary.f) && q->summary.df_resid == 0 && q->summary.rss == 0);
    sy_context_free(&ctx);
    problem_free(q);
}

static void more_columns_than_rows_leave_the_last_aliased(void **state)
{
    (void)state;
    static const double x[] = {1, 2, 4}, z[] = {0, 1, 5}, v[] = {7, 1, 1}, u[] = {1, 1, 0}, y[] = {3, 1, 4};
    problem *q = problem_new(3);
    problem_number(q, "y", y);
    problem_number(q, "x", x);
    problem_number(q, "z", z);
    problem_number(q, "v", v);
    problem_number(q, "u", u);
    fit_problem(q);
    assert_true(q->summary.rank == 3 && q->aliased[3] && q->aliased[4]);
    assert_digits(q->coefficient[0], 8.5, 15);
    problem_free(q);
}

static void rows_not_used_have_no_fitted_value(void **state)
{
    (void)state;
    static sample s;
    sy_context ctx;
    draw(&s, 22);
    s.with_factor = 0;
    s.x[1][3] = NAN;
    s.x[0][5] = NAN;
    problem *q = problem_of(&s);
    sy_context_init(&ctx);
    assert_int_equal(try_problem(q, &ctx), SY_NOTE_ROWS_DROPPED);
    assert_true(q->summary.rows_dropped == 2 && q->summary.n == s.n - 2 && q->summary.rows_read == s.n);
    for (int i = 0; i < s.n; i++)
        assert_true((i == 3 || i == 5) == (isnan(q->fitted[i]) && isnan(q->residual[i]) && isnan(q->leverage[i])));
    sy_context_free(&ctx);
    problem_free(q);
}

static void predictions_of_the_rows_are_their_fitted_values(void **state)
{
    (void)state;
    static sample s;
    sy_context ctx;
    double fitted[MOST], variance[MOST];
    draw(&s, 31);
    s.with_factor = 1;
    problem *q = problem_of(&s);
    fit_problem(q);
    sy_context_init(&ctx);
    for (int i = 0; i < q->p * q->p; i++) q->inverse[i] *= q->summary.rss / q->summary.df_resid;
    s.x[0][2] = NAN; /* the outcome of a new row is not asked for */
    s.x[1][4] = NAN;
    const double kept = q->fitted[2];
    assert_int_equal(sy_linear_predict(&ctx, &q->design, &q->model, q->p, q->coefficient, q->inverse, fitted, variance),
                     SY_OK);
    assert_digits(fitted[2], kept, 14);
    for (int i = 0; i < s.n; i++) {
        if (i == 4) continue;
        assert_digits(fitted[i], q->fitted[i], 13);
        assert_digits(variance[i], q->leverage[i] * q->summary.rss / q->summary.df_resid, 12);
    }
    assert_true(isnan(fitted[4]) && isnan(variance[4]));
    sy_context_free(&ctx);
    problem_free(q);
}

/* The rows to be predicted hold the base level alone; the columns are those of
 * the fit all the same. */
static void new_rows_may_hold_one_level_only(void **state)
{
    (void)state;
    static sample s;
    static int32_t north[MOST];
    sy_context ctx;
    double fitted[MOST];
    int count[PROBLEM_COLUMNS], p = 0;
    draw(&s, 32);
    s.with_factor = 1;
    problem *q = problem_of(&s);
    fit_problem(q);
    sy_context_init(&ctx);
    q->column[s.numbers + 1].data = north;
    sy_linear_model unseen = q->model;
    unseen.outcome = -1;
    assert_int_equal(sy_linear_columns(&ctx, &q->design, &unseen, count, &p), SY_OK);
    assert_int_equal(p, q->p);
    assert_int_equal(sy_linear_predict(&ctx, &q->design, &q->model, q->p, q->coefficient, NULL, fitted, NULL), SY_OK);
    for (int i = 0; i < s.n; i++) {
        double right = q->coefficient[0];
        for (int k = 1; k <= s.numbers; k++) right += q->coefficient[k] * s.x[k][i];
        assert_true(fabs(fitted[i] - right) < 1e-12);
    }
    q->absorb = factor_column("council", s.code, LEVELS, level_names);
    q->model.absorb = &q->absorb;
    assert_int_equal(sy_linear_predict(&ctx, &q->design, &q->model, q->p, q->coefficient, NULL, fitted, NULL),
                     SY_EINVAL);
    assert_string_equal(ctx.message, "predict: absorbed levels (council) have no coefficients; put the factor into the "
                                     "model to predict from it");
    sy_context_free(&ctx);
    problem_free(q);
}

static void expect_refusal(problem *q, sy_status code, const char *message)
{
    sy_context ctx;
    sy_context_init(&ctx);
    const int64_t before = sy_memory_live();
    assert_int_equal(try_problem(q, &ctx), code);
    assert_string_equal(ctx.message, message);
    sy_context_free(&ctx);
    assert_true(sy_memory_live() == before);
}

static void what_cannot_be_fitted_is_refused(void **state)
{
    (void)state;
    static const double x[] = {1, 2, 3, 4}, constant[] = {.1, .1, .1, .1}, zero[4] = {0}, minus[] = {1, -1, 1, 1};
    double y[] = {3, 1, 4, 1};
    problem *q = problem_new(4);
    problem_number(q, "y", constant);
    problem_number(q, "x", x);
    for (int precision = SY_PRECISION_AUTO; precision <= SY_PRECISION_DOUBLE; precision++) {
        q->options.precision = (sy_precision)precision;
        expect_refusal(q, SY_EDATA, "y: is constant in the 4 rows used; there is nothing to explain");
    }
    q->options.precision = (sy_precision)9;
    expect_refusal(q, SY_EINVAL, "precision: 9; it must be auto, double or double-double");
    q->options.precision = SY_PRECISION_AUTO;
    q->column[0].data = y;
    q->column[1].data = zero;
    q->model.intercept = 0;
    expect_refusal(q, SY_ERANK, "terms: every column is zero or constant; no coefficient can be had");
    q->model.intercept = 1;
    q->column[1].data = x;
    weigh_problem(q, minus, SY_WEIGHT_ANALYTIC);
    expect_refusal(q, SY_EDATA, "weights: row 2 is -1; weights must be zero or more, and finite");
    q->design.weights = NULL;
    q->design.weight_kind = SY_WEIGHT_NONE;
    y[2] = INFINITY;
    expect_refusal(q, SY_EDATA, "y: row 3 is infinite; values must be finite or missing");
    y[2] = NAN;
    q->design.missing = SY_MISSING_ERROR;
    expect_refusal(q, SY_EDATA, "y: missing in 1 of 4 rows, and missing = \"error\" does not allow it");
    q->model.outcome = -1;
    q->design.missing = SY_MISSING_COMPLETE;
    expect_refusal(q, SY_EINVAL, "outcome: none given; a fit needs one");
    problem_free(q);
}

/* A fit without a level and rows with it: one coefficient too few. */
static void predictions_need_a_coefficient_for_every_column(void **state)
{
    (void)state;
    static sample s;
    sy_context ctx;
    double fitted[MOST];
    draw(&s, 33);
    s.with_factor = 1;
    problem *q = problem_of(&s);
    fit_problem(q);
    sy_context_init(&ctx);
    assert_int_equal(sy_linear_predict(&ctx, &q->design, &q->model, q->p - 1, q->coefficient, NULL, fitted, NULL),
                     SY_EINVAL);
    char wanted[100];
    snprintf(wanted, sizeof wanted, "coefficients: %d given; the model has %d columns in these rows", q->p - 1, q->p);
    assert_string_equal(ctx.message, wanted);
    sy_context_free(&ctx);
    problem_free(q);
}

static sy_status whole_job(void *arg, void *answer)
{
    sample *s = arg;
    problem *q = problem_of(s);
    sy_context ctx;
    double fitted[MOST];
    sy_context_init(&ctx);
    q->absorb = factor_column("region", s->code, LEVELS, level_names);
    if (!s->with_factor) q->model.absorb = &q->absorb;
    sy_status status = try_problem(q, &ctx);
    if (status >= 0) memcpy(answer, q->coefficient, 2 * sizeof(double));
    if (status >= 0 && s->with_factor)
        status = sy_linear_predict(&ctx, &q->design, &q->model, q->p, q->coefficient, q->inverse, fitted, fitted);
    sy_context_free(&ctx);
    problem_free(q);
    return status;
}

static void memory_running_out_anywhere_is_survived(void **state)
{
    (void)state;
    static sample s;
    for (s.with_factor = 0; s.with_factor < 2; s.with_factor++) {
        const int with_factor = s.with_factor;
        draw(&s, 41);
        s.with_factor = with_factor;
        for (int i = 0; i < s.n; i++) s.x[2][i] = 2 * s.x[1][i]; /* aliased, so that R is turned again */
        assert_true(syi_survives_failing(whole_job, &s, 2 * sizeof(double)) > 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_constant_within_absorbed_levels_are_aliased),
        cmocka_unit_test(aliased_columns_are_named_and_change_nothing),
        cmocka_unit_test(adding_1e9_to_a_column_does_not_alias_it),
        cmocka_unit_test(an_interaction_with_an_empty_cell_goes_on_without_it),
        cmocka_unit_test(a_saturated_fit_has_coefficients_and_no_errors),
        cmocka_unit_test(more_columns_than_rows_leave_the_last_aliased),
        cmocka_unit_test(rows_not_used_have_no_fitted_value),
        cmocka_unit_test(predictions_of_the_rows_are_their_fitted_values),
        cmocka_unit_test(new_rows_may_hold_one_level_only),
        cmocka_unit_test(predictions_need_a_coefficient_for_every_column),
        cmocka_unit_test(what_cannot_be_fitted_is_refused),
        cmocka_unit_test(memory_running_out_anywhere_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
