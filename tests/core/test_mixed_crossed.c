/* Crossed and nested grouping factors: lme4's fits, identities, limits.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "mixed_fitted.h"
#include "models/mixed/lmm_crossed_internal.h"

static fitted x;
static sy_context ctx;

static int setup(void **state)
{
    (void)state;
    sy_context_init(&ctx);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sy_context_free(&ctx);
    return 0;
}

static double found(const char *quantity)
{
    char name[FIT_LABEL];
    if (!strcmp(quantity, "criterion")) return x.s.criterion;
    if (!strcmp(quantity, "sd.Residual")) return x.s.sigma;
    for (int k = 0; k < x.m.model.n_random; k++) {
        snprintf(name, sizeof name, "sd.%s", x.m.random[k].group->name);
        if (!strcmp(name, quantity)) return sqrt(x.variance[k]);
    }
    for (int c = 0; c < x.shape.k; c++) {
        snprintf(name, sizeof name, "fixef.%.80s", x.label[c]);
        if (!strcmp(name, quantity)) return x.estimate[c];
        snprintf(name, sizeof name, "se.%.80s", x.label[c]);
        if (!strcmp(name, quantity)) return fitted_error(&x, c);
    }
    fail_msg("no quantity %s", quantity);
    return NAN;
}

/* theta is polished on differences of lme4's criterion, which leave it 1e-8 or so: so the criterion and coefficients to
 * 1e-10 and 1e-9, standard errors and deviations to 1e-7 */
static void hold(const char *model)
{
    record r;
    int held = 0;
    fitted_fit(&x, &ctx);
    assert_true(x.s.converged);
    FILE *file = open_table("tests/reference/crossed.csv", &r);
    while (read_record(file, &r)) {
        const char *q = r.field[1];
        if (strcmp(r.field[0], model) != 0) continue;
        near(found(q), strtod(r.field[2], NULL), !strcmp(q, "criterion") ? 1e-10 : *q == 'f' ? 1e-9 : 1e-7);
        held++;
    }
    fclose(file);
    assert_true(held > 5);
}

static void scottish_schools_agree_with_lme4(void **state)
{
    (void)state;
    fitted_read(&x, "scotssec", "primary second");
    mixed_fixed(&x.m, "attain ~ 1", "");
    mixed_bar(&x.m, "1", "primary", 0);
    mixed_bar(&x.m, "1", "second", 0);
    hold("scotssec_reml");
    mixed_fixed(&x.m, "attain ~ verb", "");
    mixed_bar(&x.m, "1", "primary", 0);
    mixed_bar(&x.m, "1", "second", 0);
    x.options.reml = 0;
    hold("scotssec_ml");
}

static void pastes_agree_with_lme4(void **state)
{
    (void)state;
    fitted_read(&x, "pastes", "batch sample");
    mixed_fixed(&x.m, "strength ~ 1", "");
    mixed_bar(&x.m, "1", "sample", 0);
    mixed_bar(&x.m, "1", "batch", 0);
    hold("pastes_reml");
    x.options.reml = 0;
    hold("pastes_ml");
}

/* The criterion of the sample at theta, in a's first n levels. */
static double criterion(const double *theta, double *gradient)
{
    syi_lmm l;
    syi_lmm_value v = {.gradient = gradient};
    assert_true(syi_lmm_init(&ctx, &x.m.f.design, &x.m.model, 1, &l) >= 0);
    assert_int_equal(l.evaluate(&ctx, &l, theta, NULL, &v), SY_OK);
    syi_lmm_free(&l);
    return v.criterion;
}

static void sample(void)
{
    mixed_sample(&x.m, 300, 30, 12, 5);
    mixed_fixed(&x.m, "y ~ x", "");
}

static void bar_terms_in_any_order_give_the_same(void **state)
{
    (void)state;
    double g[4], h[4];
    sample();
    mixed_bar(&x.m, "1", "a", 0);
    mixed_bar(&x.m, "1 + x", "b", 0);
    const double one = criterion((double[]){0.9, 0.4, 0.1, 0.7}, g);
    mixed_fixed(&x.m, "y ~ x", "");
    mixed_bar(&x.m, "1 + x", "b", 0);
    mixed_bar(&x.m, "1", "a", 0);
    near(criterion((double[]){0.4, 0.1, 0.7, 0.9}, h), one, 1e-13);
    for (int k = 0; k < 4; k++) near(h[k], g[(k + 1) % 4], 1e-10);
}

static void a_factor_without_variance_is_not_there(void **state)
{
    (void)state;
    sample();
    mixed_bar(&x.m, "1", "a", 0);
    mixed_bar(&x.m, "1", "b", 0);
    mixed_bar(&x.m, "1", "c", 0);
    const double with = criterion((double[]){0.9, 0, 0.3}, NULL);
    mixed_fixed(&x.m, "y ~ x", "");
    mixed_bar(&x.m, "1", "a", 0);
    mixed_bar(&x.m, "1", "c", 0);
    near(criterion((double[]){0.9, 0.3}, NULL), with, 1e-13);
}

/* Adding a constant to the outcome, or stretching it: twice the degrees of freedom times the logarithm. */
static void units_of_the_outcome_enter_as_they_must(void **state)
{
    (void)state;
    sample();
    mixed_bar(&x.m, "1", "a", 0);
    mixed_bar(&x.m, "1", "b", 0);
    const double before = criterion((double[]){0.9, 0.3}, NULL);
    for (int i = 0; i < 300; i++) x.m.f.value[0][i] = 1e6 + 3 * x.m.f.value[0][i];
    near(criterion((double[]){0.9, 0.3}, NULL), before + 2 * 298 * log(3), 1e-11);
}

static void a_grouping_factor_may_be_a_fixed_term_too(void **state)
{
    (void)state;
    double theta[2] = {0.9, 0.3};
    sample();
    mixed_fixed(&x.m, "y ~ x + c", "");
    mixed_bar(&x.m, "1", "a", 0);
    mixed_bar(&x.m, "1", "c", 0);
    assert_true(isfinite(criterion(theta, NULL)));
}

/* Two factors of over 16,000 levels. */
static void too_many_crossed_effects_are_refused_with_their_size(void **state)
{
    (void)state;
    static char name[20000][8];
    static const char *names[20000];
    static int32_t a[FRAME_ROWS], b[FRAME_ROWS];
    syi_lmm l;
    mixed_sample(&x.m, FRAME_ROWS - 1, 2, 2, 2);
    mixed_fixed(&x.m, "y ~ x", "");
    for (int i = 0; i < 20000; i++) {
        snprintf(name[i], sizeof name[i], "%d", i);
        names[i] = name[i];
        a[i % FRAME_ROWS] = (int32_t)(i * 7919L % 17000);
        b[i % FRAME_ROWS] = (int32_t)(i * 104729L % 16500);
    }
    const sy_column columns[2] = {
        {.name = "a", .data = a, .stride = 4, .type = SY_CODES, .n_levels = 20000, .levels = names},
        {.name = "b", .data = b, .stride = 4, .type = SY_CODES, .n_levels = 20000, .levels = names}};
    x.m.model.n_random = 2;
    x.m.random[0] = (sy_random){.intercept = 1, .group = &columns[0]};
    x.m.random[1] = (sy_random){.intercept = 1, .group = &columns[1]};
    assert_int_equal(syi_lmm_init(&ctx, &x.m.f.design, &x.m.model, 1, &l), SY_ELIMIT);
    assert_non_null(strstr(ctx.message, "GB"));
}

static sy_status job(void *arg, void *answer)
{
    sy_context own;
    syi_lmm l = {.p = 0};
    double gradient[3], variance[60], *out = answer;
    (void)arg;
    sy_context_init(&own);
    syi_lmm_value v = {.gradient = gradient, .mode_variance = variance};
    sy_status s = syi_lmm_init(&own, &x.m.f.design, &x.m.model, 1, &l);
    if (s >= 0) s = l.evaluate(&own, &l, (double[]){0.5, 0.3, 0.4}, NULL, &v);
    if (s >= 0) {
        out[0] = v.criterion;
        out[1] = gradient[1];
        out[2] = variance[5];
    }
    syi_lmm_free(&l);
    sy_context_free(&own);
    return s;
}

static void nothing_leaks_when_memory_runs_out(void **state)
{
    (void)state;
    mixed_sample(&x.m, 100, 30, 12, 5);
    mixed_fixed(&x.m, "y ~ x", "");
    mixed_bar(&x.m, "1", "a", 0);
    mixed_bar(&x.m, "1", "b", 0);
    mixed_bar(&x.m, "1", "c", 0);
    assert_true(syi_survives_failing(job, NULL, 3 * sizeof(double)) > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scottish_schools_agree_with_lme4),
        cmocka_unit_test(pastes_agree_with_lme4),
        cmocka_unit_test(bar_terms_in_any_order_give_the_same),
        cmocka_unit_test(a_factor_without_variance_is_not_there),
        cmocka_unit_test(units_of_the_outcome_enter_as_they_must),
        cmocka_unit_test(a_grouping_factor_may_be_a_fixed_term_too),
        cmocka_unit_test(too_many_crossed_effects_are_refused_with_their_size),
        cmocka_unit_test(nothing_leaks_when_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
