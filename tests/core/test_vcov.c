/* Covariances of coefficients under unequal variances, from the definitions.
 * Tolerance 1e-10, see test_vcov_cluster.c.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "vcov_twin.h"

/* sum of omega x x' between (X'WX)^-1, omega as R's sandwich defines it. */
static void naive(const twin *t, sy_vcov_kind kind, double *v)
{
    const int p = t->p;
    const double n = t->n;
    double meat[TWIN_P * TWIN_P] = {0}, half[TWIN_P * TWIN_P] = {0}, most = 0;
    for (int i = 0; i < t->n; i++) most = fmax(most, t->h[i] * twin_weight(t, i));
    for (int i = 0; i < t->n; i++) {
        const double w = twin_weight(t, i), r = w * t->e[i], h = t->h[i] * w, ratio = n * h / p;
        double omega = r * r;
        if (kind == SY_VCOV_HC1) omega *= n / (n - p);
        if (kind == SY_VCOV_HC2) omega /= 1 - h;
        if (kind == SY_VCOV_HC3) omega /= (1 - h) * (1 - h);
        if (kind == SY_VCOV_HC4) omega /= pow(1 - h, fmin(4, ratio));
        if (kind == SY_VCOV_HC4M) omega /= pow(1 - h, fmin(1, ratio) + fmin(1.5, ratio));
        if (kind == SY_VCOV_HC5) omega /= sqrt(pow(1 - h, fmin(ratio, fmax(4, n * 0.7 * most / p))));
        for (int a = 0; a < p; a++)
            for (int b = 0; b < p; b++) meat[a * p + b] += omega * t->xx[i * p + a] * t->xx[i * p + b];
    }
    for (int a = 0; a < p; a++)
        for (int b = 0; b < p; b++)
            for (int c = 0; c < p; c++) half[a * p + b] += t->m[a * p + c] * meat[c * p + b];
    for (int a = 0; a < p; a++)
        for (int b = 0; b < p; b++) {
            v[a * p + b] = 0;
            for (int c = 0; c < p; c++) v[a * p + b] += half[a * p + c] * t->m[c * p + b];
        }
}

static void every_hc_is_its_definition(void **state)
{
    static twin t;
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++)
        for (int kind = SY_VCOV_HC0; kind <= SY_VCOV_HC5; kind++) {
            double v[TWIN_P * TWIN_P], right[TWIN_P * TWIN_P], df[TWIN_P];
            twin_fill(&t, 25 + 4 * (int)seed, 1 + (int)(seed % 5), 6, seed % 2 ? SY_WEIGHT_SAMPLING : SY_WEIGHT_NONE,
                      seed);
            if (seed % 3 == 0) t.x[1][5] += 12; /* a row of high leverage */
            twin_fit(&t);
            naive(&t, (sy_vcov_kind)kind, right);
            twin_vcov(&t, (sy_vcov_kind)kind, NULL, v, df);
            assert_near_matrix(t.p, v, right, 1e-10);
            for (int i = 0; i < t.p; i++) assert_true(df[i] == t.n - t.p);
        }
}

static void without_an_intercept_too(void **state)
{
    static twin t;
    double v[TWIN_P * TWIN_P], right[TWIN_P * TWIN_P], df[TWIN_P], unit[TWIN_Q * TWIN_P] = {0};
    twin_answer whole;
    (void)state;
    twin_fill(&t, 60, 3, 8, SY_WEIGHT_NONE, 40);
    t.model.intercept = 0;
    t.p = 3;
    twin_fit(&t);
    naive(&t, SY_VCOV_HC3, right);
    twin_vcov(&t, SY_VCOV_HC3, NULL, v, df);
    assert_near_matrix(t.p, v, right, 1e-10);
    for (int i = 0; i < t.p; i++) unit[i * (t.p + 1)] = 1;
    twin_cluster(&t, t.code, SY_VCOV_CR2, t.p, unit, &whole);
    twin_vcov(&t, SY_VCOV_CR2, NULL, v, df);
    assert_near_matrix(t.p, v, whole.v, 1e-10);
    for (int i = 0; i < t.p; i++) assert_near(df[i], whole.df[i], 1e-9);
}

static void classical_is_sigma_squared_times_the_inverse(void **state)
{
    static twin t;
    double v[TWIN_P * TWIN_P], right[TWIN_P * TWIN_P], df[TWIN_P], rss = 0;
    (void)state;
    twin_fill(&t, 50, 3, 8, SY_WEIGHT_ANALYTIC, 41);
    for (int i = 0; i < t.n; i++) rss += t.weight[i] * t.e[i] * t.e[i];
    for (int i = 0; i < t.p * t.p; i++) right[i] = rss / (t.n - t.p) * t.m[i];
    twin_vcov(&t, SY_VCOV_CLASSICAL, NULL, v, df);
    assert_near_matrix(t.p, v, right, 1e-11);
}

/* Missing values and rows of weight zero are not there. */
static void rows_that_do_not_count_do_not_count(void **state)
{
    static const sy_vcov_kind kinds[] = {SY_VCOV_HC3, SY_VCOV_CR1, SY_VCOV_CR2};
    static twin t, r;
    (void)state;
    twin_fill(&t, 90, 3, 9, SY_WEIGHT_SAMPLING, 42);
    t.x[0][3] = t.x[2][17] = NAN;
    t.weight[40] = 0;
    t.code[41] = -1;
    r = t;
    r.n = 0;
    for (int i = 0; i < t.n; i++) {
        if (i == 3 || i == 17 || i == 40 || i == 41) continue;
        for (int c = 0; c <= t.k; c++) r.x[c][r.n] = t.x[c][i];
        r.weight[r.n] = t.weight[i];
        r.code[r.n++] = t.code[i];
    }
    twin_describe(&r, SY_WEIGHT_SAMPLING);
    for (int k = 0; k < 3; k++) twin_agree(&t, &r, kinds[k], 1e-13);
}

static void an_aliased_column_is_missing_and_changes_nothing(void **state)
{
    static const sy_vcov_kind kinds[] = {SY_VCOV_HC3, SY_VCOV_CR2};
    static twin t, r;
    double v[TWIN_P * TWIN_P], u[TWIN_P * TWIN_P], df[TWIN_P], du[TWIN_P];
    (void)state;
    twin_fill(&t, 90, 3, 9, SY_WEIGHT_NONE, 43);
    for (int i = 0; i < t.n; i++) t.x[2][i] = 2 * t.x[1][i];
    r = t;
    r.k = 2;
    memcpy(r.x[2], t.x[3], sizeof r.x[2]);
    twin_describe(&r, SY_WEIGHT_NONE);
    for (int k = 0; k < 2; k++) {
        twin_vcov(&t, kinds[k], NULL, v, df);
        twin_vcov(&r, kinds[k], NULL, u, du);
        assert_true(isnan(df[2]) && isnan(v[2 * 4 + 2]) && isnan(v[2 * 4]) && isnan(v[2]));
        static const int place[3] = {0, 1, 3};
        for (int a = 0; a < 3; a++) {
            assert_near(df[place[a]], du[a], 1e-12);
            for (int b = 0; b < 3; b++)
                assert_true(fabs(v[place[a] * 4 + place[b]] - u[a * 3 + b]) <= 1e-12 * sqrt(u[a * 4] * u[b * 4]));
        }
    }
}

/* A row that alone has a column: its residual is zero whatever its outcome. */
static void a_row_of_leverage_one_adds_nothing(void **state)
{
    static twin t;
    double v[TWIN_P * TWIN_P], df[TWIN_P];
    sy_context ctx;
    sy_linear_options o;
    (void)state;
    twin_fill(&t, 40, 3, 5, SY_WEIGHT_NONE, 44);
    for (int i = 0; i < t.n; i++) t.x[3][i] = i == 11;
    sy_context_init(&ctx);
    sy_linear_defaults(&o);
    assert_int_equal(sy_vcov(&ctx, &t.design, &t.model, &o, SY_VCOV_HC3, NULL, v, df), SY_NOTE_ONE_UNIT);
    assert_true(twin_remarked(&ctx, SY_NOTE_ONE_UNIT));
    for (int i = 0; i < t.p; i++) assert_true(isfinite(v[i * (t.p + 1)]) && v[i * (t.p + 1)] > 0);
    sy_context_free(&ctx);
}

static sy_status hc5(void *arg, void *answer)
{
    const twin *t = arg;
    double *v = answer;
    sy_context ctx;
    sy_linear_options o;
    sy_context_init(&ctx);
    ctx.threads = 1;
    sy_linear_defaults(&o);
    const sy_status s = sy_vcov(&ctx, &t->design, &t->model, &o, SY_VCOV_HC5, NULL, v, v + t->p * t->p);
    sy_context_free(&ctx);
    return s;
}

static void every_failed_allocation_is_reported(void **state)
{
    static twin t;
    (void)state;
    twin_fill(&t, 30, 1, 5, SY_WEIGHT_ANALYTIC, 2);
    assert_true(syi_survives_failing(hc5, &t, (4 + 2) * sizeof(double)) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_hc_is_its_definition),
        cmocka_unit_test(without_an_intercept_too),
        cmocka_unit_test(classical_is_sigma_squared_times_the_inverse),
        cmocka_unit_test(rows_that_do_not_count_do_not_count),
        cmocka_unit_test(an_aliased_column_is_missing_and_changes_nothing),
        cmocka_unit_test(a_row_of_leverage_one_adds_nothing),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
