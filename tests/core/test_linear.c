/* Least squares from rows: a worked example and identities.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "linear_sample.h"

/* x = 1 2 3 4 5, y = 2 1 4 3 6: slope 10/10 = 1, intercept 16/5 - 3 = .2; sums of
 * squares 14.8 in all, 10 explained, 4.8 left; R2 25/37, sigma^2 1.6, F 6.25;
 * inverse (1.1 -.3; -.3 .1); leverage .2 + (x - 3)^2 / 10 */
static void five_points_by_hand(void **state)
{
    (void)state;
    static const double x[] = {1, 2, 3, 4, 5}, y[] = {2, 1, 4, 3, 6};
    problem *q = problem_new(5);
    problem_number(q, "y", y);
    problem_number(q, "x", x);
    fit_problem(q);
    const sy_linear_summary *s = &q->summary;
    assert_int_equal(q->p, 2);
    assert_digits(q->coefficient[0], .2, 15.5);
    assert_digits(q->coefficient[1], 1, 17);
    assert_digits(s->tss, 14.8, 15.5);
    assert_digits(s->rss, 4.8, 15.5);
    assert_digits(s->r2, 25. / 37, 15.5);
    assert_digits(s->r2_adjusted, 1 - (4.8 / 3) / (14.8 / 4), 15);
    assert_digits(s->sigma, sqrt(1.6), 15.5);
    assert_digits(s->f, 6.25, 15.5);
    assert_true(s->f_df1 == 1 && s->df_resid == 3 && s->rank == 2 && s->n == 5);
    /* P(F(1, 3) > 6.25) = P(|t| > 2.5): 1 - (2 / pi)(atan(a) + a / (1 + a^2)), a = 2.5 / sqrt 3 */
    const double a = 2.5 / sqrt(3);
    assert_digits(s->f_p, 1 - 2 / 3.14159265358979323846 * (atan(a) + a / (1 + a * a)), 13);
    assert_digits(q->inverse[0], 1.1, 15.5);
    assert_digits(q->inverse[1], -.3, 15.5);
    assert_digits(q->inverse[3], .1, 15.5);
    assert_digits(q->effects[0], 51.2, 15.5);
    assert_digits(q->effects[1], 10, 15.5);
    for (int i = 0; i < 5; i++) {
        assert_digits(q->fitted[i], .2 + x[i], 15.5);
        assert_true(fabs(q->residual[i] - (y[i] - .2 - x[i])) < 1e-15);
        assert_digits(q->leverage[i], .2 + (x[i] - 3) * (x[i] - 3) / 10, 15); /* formed in double */
    }
    const double loglik = -2.5 * (log(2 * 3.14159265358979323846) + 1 + log(4.8 / 5));
    assert_digits(s->loglik, loglik, 14.5);
    assert_digits(s->aic, -2 * loglik + 6, 14.5);
    assert_digits(s->bic, -2 * loglik + 3 * log(5), 14.5);
    assert_true(s->method == SY_BY_QR_TWOFOLD && s->digits > 15.9);
    problem_free(q);
}

static void residuals_are_orthogonal_to_every_column(void **state)
{
    (void)state;
    static sample s;
    for (uint32_t seed = 0; seed < 200; seed++) {
        draw(&s, seed);
        problem *q = problem_of(&s);
        if (seed % 2) weigh_problem(q, s.weight, SY_WEIGHT_ANALYTIC);
        fit_problem(q);
        double sum = 0, rss = 0, leverages = 0, effects = 0;
        for (int i = 0; i < s.n; i++) {
            const double w = seed % 2 ? s.weight[i] : 1;
            sum += w * q->residual[i];
            rss += w * q->residual[i] * q->residual[i];
            leverages += q->leverage[i];
        }
        for (int k = 1; k <= s.numbers; k++) {
            double along = 0;
            for (int i = 0; i < s.n; i++) along += (seed % 2 ? s.weight[i] : 1) * q->residual[i] * s.x[k][i];
            assert_true(fabs(along) < 1e-11); /* roundings of 45 products of up to 1000 */
        }
        for (int c = 0; c < q->p; c++) effects += c >= q->count[0] ? q->effects[c] : 0;
        assert_true(fabs(sum) < 1e-12);
        assert_digits(rss, q->summary.rss, 13.5);
        assert_digits(leverages, q->summary.rank, 14);
        assert_digits(effects + q->summary.rss, q->summary.tss, 14.5);
        problem_free(q);
    }
}

static void reorder(const sample *s, sample *t)
{
    *t = *s;
    for (int i = 0; i < s->n; i++) {
        const int from = (7 * i + 3) % s->n;
        for (int k = 0; k < 4; k++) t->x[k][i] = s->x[k][s->n % 7 ? from : s->n - 1 - i];
        t->code[i] = s->code[s->n % 7 ? from : s->n - 1 - i];
        t->weight[i] = s->weight[s->n % 7 ? from : s->n - 1 - i];
    }
}

/* x1 in other units and from another origin on a grid of 2^-20, so that the
 * shifted number is still a double. */
static void check_affine(const sample *s, const problem *q, double shift, double scale)
{
    static sample t;
    t = *s;
    for (int i = 0; i < s->n; i++) t.x[1][i] = (floor(s->x[1][i] * 0x1p20) * 0x1p-20 + shift) * scale;
    problem *r = problem_of(&t);
    fit_problem(r);
    assert_digits(r->coefficient[1] * scale, q->coefficient[1], 12);
    assert_digits(r->coefficient[2], q->coefficient[2], 12);
    assert_digits(problem_error(r, 1) * scale, problem_error(q, 1), 12);
    assert_digits(r->summary.r2, q->summary.r2, 12);
    assert_digits(r->summary.loglik, q->summary.loglik, 12);
    problem_free(r);
}

static void check_repeated_rows(const sample *s)
{
    static sample t;
    problem *q = problem_of(s);
    double *all[4] = {0};
    int32_t *code = calloc(3 * MOST, sizeof *code);
    int n = 0;
    for (int k = 0; k < 4; k++) all[k] = calloc(3 * MOST, sizeof(double));
    for (int i = 0; i < s->n; i++)
        for (int copy = 0; copy < (int)s->weight[i]; copy++, n++) {
            for (int k = 0; k < 4; k++) all[k][n] = s->x[k][i];
            code[n] = s->code[i];
        }
    weigh_problem(q, s->weight, SY_WEIGHT_FREQUENCY);
    fit_problem(q);
    t = *s;
    problem *r = problem_of(&t), *grown = problem_new(n);
    free(r->fitted), free(r->residual), free(r->leverage);
    r->fitted = grown->fitted, r->residual = grown->residual, r->leverage = grown->leverage;
    free(grown);
    r->n = r->design.n = n;
    for (int k = 0; k <= s->numbers; k++) r->column[k].data = all[k];
    if (s->with_factor) r->column[s->numbers + 1].data = code;
    fit_problem(r);
    assert_same_fit(q, r, 12);
    assert_true(q->summary.n == n && q->summary.df_resid == r->summary.df_resid);
    assert_digits(q->summary.loglik, r->summary.loglik, 12);
    assert_digits(q->summary.bic, r->summary.bic, 12);
    assert_digits(q->leverage[0], r->leverage[0], 12);
    for (int k = 0; k < 4; k++) free(all[k]);
    free(code);
    problem_free(q);
    problem_free(r);
}

static void check_relabelled(const sample *s, const problem *q)
{
    static sample t;
    if (!s->with_factor) return;
    t = *s;
    for (int i = 0; i < s->n; i++) t.code[i] = LEVELS - 1 - s->code[i];
    problem *r = problem_of(&t);
    fit_problem(r);
    const int first = 1 + s->numbers;
    assert_digits(r->summary.rss, q->summary.rss, 12);
    assert_digits(r->coefficient[1], q->coefficient[1], 12);
    /* the base was north (0) and is now south (2): b(south) changes its sign */
    assert_digits(-r->coefficient[first + 1], q->coefficient[first + 1], 12);
    problem_free(r);
}

static void two_thousand_problems_do_not_care_how_they_are_written(void **state)
{
    (void)state;
    static sample s, t;
    for (uint32_t seed = 0; seed < 2000; seed++) {
        draw(&s, seed);
        for (int i = 0; i < s.n; i++) s.x[1][i] = floor(s.x[1][i] * 0x1p20) * 0x1p-20;
        problem *q = problem_of(&s);
        fit_problem(q);
        reorder(&s, &t);
        problem *r = problem_of(&t);
        fit_problem(r);
        assert_same_fit(q, r, 12);
        problem_free(r);
        check_affine(&s, q, 1e9, 1);
        check_affine(&s, q, 0, pow(10, (double)(seed % 201) - 100));
        check_repeated_rows(&s);
        check_relabelled(&s, q);
        problem_free(q);
    }
}

static void sum_and_treatment_coding_are_one_model(void **state)
{
    (void)state;
    static sample s;
    for (uint32_t seed = 0; seed < 100; seed++) {
        draw(&s, seed);
        s.with_factor = 1;
        problem *q = problem_of(&s), *r = problem_of(&s);
        r->model.coding = SY_CODING_SUM;
        fit_problem(q);
        fit_problem(r);
        assert_digits(q->summary.rss, r->summary.rss, 15);
        for (int i = 0; i < s.n; i++) {
            assert_true(fabs(q->fitted[i] - r->fitted[i]) < 1e-13);
            assert_digits(q->leverage[i], r->leverage[i], 13);
        }
        /* the effects of the levels add up to nothing: south is minus the others */
        const int at = 1 + s.numbers;
        const double *b = q->coefficient + at, mean = (b[0] + b[1]) / 3;
        assert_true(fabs(r->coefficient[at] + mean) < 1e-12 && fabs(r->coefficient[at + 1] - b[0] + mean) < 1e-12);
        problem_free(q);
        problem_free(r);
    }
}

static void absorbing_is_a_factor_without_its_coefficients(void **state)
{
    (void)state;
    static sample s;
    for (uint32_t seed = 0; seed < 100; seed++) {
        draw(&s, seed);
        s.with_factor = 1;
        problem *q = problem_of(&s);
        s.with_factor = 0;
        problem *r = problem_of(&s);
        r->absorb = factor_column("region", s.code, LEVELS, level_names);
        r->model.absorb = &r->absorb;
        if (seed % 2) weigh_problem(q, s.weight, SY_WEIGHT_ANALYTIC), weigh_problem(r, s.weight, SY_WEIGHT_ANALYTIC);
        fit_problem(q);
        fit_problem(r);
        assert_int_equal(r->p, s.numbers);
        assert_int_equal(r->summary.rank, q->summary.rank);
        assert_digits(r->summary.rss, q->summary.rss, 14);
        assert_digits(r->summary.sigma, q->summary.sigma, 14);
        assert_digits(r->summary.loglik, q->summary.loglik, 13);
        for (int c = 0; c < r->p; c++) {
            assert_digits(r->coefficient[c], q->coefficient[c + 1], 13);
            assert_digits(problem_error(r, c), problem_error(q, c + 1), 13);
        }
        for (int i = 0; i < s.n; i++) {
            assert_true(fabs(r->fitted[i] - q->fitted[i]) < 1e-12 && fabs(r->leverage[i] - q->leverage[i]) < 1e-13);
        }
        problem_free(q);
        problem_free(r);
    }
}

/* y = b x: b = sum xy / sum x^2 = 29 / 14, R2 = 29^2 / (14 * 61) */
static void without_an_intercept_r2_is_about_zero(void **state)
{
    (void)state;
    static const double x[] = {1, 2, 3}, y[] = {3, 4, 6};
    problem *q = problem_new(3);
    problem_number(q, "y", y);
    problem_number(q, "x", x);
    q->model.intercept = 0;
    fit_problem(q);
    assert_digits(q->coefficient[0], 29. / 14, 15.5);
    assert_digits(q->summary.tss, 61, 15.5);
    assert_digits(q->summary.r2, 29. * 29 / (14 * 61), 15.5);
    assert_digits(q->summary.r2_adjusted, 1 - (1 - 29. * 29 / (14 * 61)) * 3 / 2, 14);
    assert_true(q->summary.f_df1 == 1 && q->summary.df_resid == 2);
    problem_free(q);
}

static void analytic_weights_count_only_against_each_other(void **state)
{
    (void)state;
    static sample s;
    double triple[MOST];
    draw(&s, 21);
    for (int i = 0; i < s.n; i++) triple[i] = 3 * s.weight[i];
    problem *q = problem_of(&s), *r = problem_of(&s);
    weigh_problem(q, s.weight, SY_WEIGHT_ANALYTIC);
    weigh_problem(r, triple, SY_WEIGHT_SAMPLING);
    fit_problem(q);
    fit_problem(r);
    for (int c = 0; c < q->p; c++) {
        assert_digits(q->coefficient[c], r->coefficient[c], 14);
        assert_digits(problem_error(q, c), problem_error(r, c), 14);
    }
    assert_digits(q->summary.loglik, r->summary.loglik, 13);
    assert_digits(3 * q->summary.rss, r->summary.rss, 14);
    assert_true(q->summary.n == s.n);
    problem_free(q);
    problem_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_points_by_hand),
        cmocka_unit_test(residuals_are_orthogonal_to_every_column),
        cmocka_unit_test(two_thousand_problems_do_not_care_how_they_are_written),
        cmocka_unit_test(sum_and_treatment_coding_are_one_model),
        cmocka_unit_test(absorbing_is_a_factor_without_its_coefficients),
        cmocka_unit_test(without_an_intercept_r2_is_about_zero),
        cmocka_unit_test(analytic_weights_count_only_against_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
