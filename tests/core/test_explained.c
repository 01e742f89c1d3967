/* SPDX-License-Identifier: GPL-3.0-only
 * Measures of what response models explain: R's numbers, the printed one of
 * housing, formulas by hand, the same answers told in other ways. */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "after_fit.h"
#include "steelyard/explained.h"

static frame f;
static ordinal_problem q;
static sy_explained e;

static sy_status ask(sy_context *ctx)
{
    return sy_response_explained(ctx, &f.design, &q.model, q.shape.k, q.estimate, &q.summary, &e);
}

static void asked(void)
{
    sy_context ctx;
    sy_context_init(&ctx);
    if (ask(&ctx) < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

/* 1e-9: they come from log-likelihoods of R at its own precision. */
static void r_says_the_same(void **state)
{
    (void)state;
    moore_high(&f);
    pose(&q, &f, "high ~ partner + fcat + fscore", SY_RESPONSE_BINARY);
    fitted(&q);
    asked();
    near(e.n, 45, 0);
    near(e.mcfadden, r_said("moore_additive", "mcfadden", -1), 1e-9);
    near(e.mcfadden_adjusted, r_said("moore_additive", "mcfadden_adjusted", -1), 1e-9);
    near(e.cox_snell, r_said("moore_additive", "cox_snell", -1), 1e-9);
    near(e.nagelkerke, r_said("moore_additive", "nagelkerke", -1), 1e-9);
    near(e.estrella, r_said("moore_additive", "estrella", -1), 1e-9);
    near(e.tjur, r_said("moore_additive", "tjur", -1), 1e-9);
    near(e.efron, r_said("moore_additive", "efron", -1), 1e-9);
    near(e.mckelvey_zavoina, r_said("moore_additive", "mckelvey_zavoina", -1), 1e-9);
    near(e.mcfadden, r_said("moore_additive", "pscl_mcfadden", -1), 1e-9);
    near(e.cox_snell, r_said("moore_additive", "pscl_cox_snell", -1), 1e-9);
    near(e.nagelkerke, r_said("moore_additive", "pscl_nagelkerke", -1), 1e-9);
    near(e.deviance, e.mcfadden, 1e-12); /* one answer a row: the saturated log-likelihood is 0 */
}

static void r_says_the_same_of_ordered_answers(void **state)
{
    (void)state;
    frame_wine(&f);
    pose(&q, &f, "rating ~ temp + contact", SY_RESPONSE_ORDINAL);
    fitted(&q);
    asked();
    near(e.mcfadden, r_said("wine_clm", "mcfadden", -1), 1e-9);
    near(e.mcfadden_adjusted, r_said("wine_clm", "mcfadden_adjusted", -1), 1e-9);
    near(e.nagelkerke, r_said("wine_clm", "nagelkerke", -1), 1e-9);
    near(e.estrella, r_said("wine_clm", "estrella", -1), 1e-9);
    near(e.mckelvey_zavoina, r_said("wine_clm", "mckelvey_zavoina", -1), 1e-9);
    assert_true(isnan(e.tjur) && isnan(e.efron) && isnan(e.deviance));
}

/* Venables & Ripley's housing data: McFadden .04652. */
static void housing_is_as_printed(void **state)
{
    (void)state;
    frame_housing(&f);
    pose(&q, &f, "Sat ~ Infl + Type + Cont", SY_RESPONSE_ORDINAL);
    weigh(&f, "Freq", SY_WEIGHT_FREQUENCY);
    fitted(&q);
    asked();
    assert_true(fabs(e.mcfadden - 0.04652) < 0.5e-5);
    near(e.n, 1681, 0);
}

/* One binary predictor: fitted probabilities are the shares p0 = 20/27 and p1 of
 * its groups. */
static void a_two_by_two_table_by_hand(void **state)
{
    (void)state;
    const double cell[2][2] = {{13, 7}, {5, 20}};
    f.p = 0;
    const int y = frame_add(&f, "y", 0, 0), x = frame_add(&f, "x", 0, 0), m = frame_add(&f, "m", 0, 0);
    f.n = 2;
    for (int i = 0; i < 2; i++) {
        f.value[y][i] = cell[i][1];
        f.value[x][i] = i;
        f.value[m][i] = cell[i][0] + cell[i][1];
    }
    pose(&q, &f, "y ~ x", SY_RESPONSE_BINARY);
    q.model.trials = &f.columns[m];
    fitted(&q);
    asked();
    const double p0 = 7.0 / 20, p1 = 20.0 / 25, p = 27.0 / 45;
    const double l = 13 * log(1 - p0) + 7 * log(p0) + 5 * log(1 - p1) + 20 * log(p1);
    const double l0 = 18 * log(1 - p) + 27 * log(p);
    near(e.n, 45, 0);
    near(e.loglik, l, 1e-12);
    near(e.loglik_null, l0, 1e-12);
    near(e.mcfadden, 1 - l / l0, 1e-11);
    near(e.tjur, (7 * p0 + 20 * p1) / 27 - (13 * p0 + 5 * p1) / 18, 1e-11);
    /* with a saturated model Tjur's and Efron's are one: the share of variance between */
    near(e.efron, e.tjur, 1e-10);
    const double eta = log(p1 / (1 - p1)) - log(p0 / (1 - p0)), v = eta * eta * (20.0 / 45) * (25.0 / 45);
    near(e.latent_variance, v, 1e-11);
    near(e.mckelvey_zavoina, v / (v + acos(-1.0) * acos(-1.0) / 3), 1e-11);
    near(e.deviance, 1, 1e-10); /* saturated */
}

/* Trials, frequencies and single rows are the same answers; analytic weights
 * times a constant change no measure but what counts parameters. */
static void the_same_answers_explain_the_same(void **state)
{
    (void)state;
    sy_explained before;
    frame_read(&f, "tests/reference/data/cbpp.csv", "period");
    pose(&q, &f, "incidence ~ period", SY_RESPONSE_BINARY);
    q.model.trials = &f.columns[frame_column(&f, "size")];
    fitted(&q);
    asked();
    before = e;
    const ptrdiff_t n = f.n;
    const int y = frame_column(&f, "incidence"), size = frame_column(&f, "size"), w = frame_add(&f, "w", 0, 0);
    for (ptrdiff_t i = 0; i < n; i++) {
        for (int c = 0; c < f.p; c++) {
            f.value[c][i + n] = f.value[c][i];
            f.code[c][i + n] = f.code[c][i];
        }
        f.value[w][i] = f.value[y][i];
        f.value[w][i + n] = f.value[size][i] - f.value[y][i];
        f.value[y][i] = 1;
        f.value[y][i + n] = 0;
    }
    f.n = 2 * n;
    pose(&q, &f, "incidence ~ period", SY_RESPONSE_BINARY);
    weigh(&f, "w", SY_WEIGHT_FREQUENCY);
    fitted(&q);
    asked();
    near(e.n, before.n, 0);
    near(e.mcfadden, before.mcfadden, 1e-10);
    near(e.mcfadden_adjusted, before.mcfadden_adjusted, 1e-10);
    near(e.nagelkerke, before.nagelkerke, 1e-10);
    near(e.tjur, before.tjur, 1e-10);
    near(e.efron, before.efron, 1e-10);
    near(e.mckelvey_zavoina, before.mckelvey_zavoina, 1e-10);
    before = e;
    for (ptrdiff_t i = 0; i < f.n; i++) f.value[w][i] *= 3.5;
    f.design.weight_kind = SY_WEIGHT_ANALYTIC;
    fitted(&q);
    asked();
    near(e.mcfadden, before.mcfadden, 1e-10);
    near(e.cox_snell, before.cox_snell, 1e-10);
    near(e.nagelkerke, before.nagelkerke, 1e-10);
    near(e.estrella, before.estrella, 1e-10);
    near(e.tjur, before.tjur, 1e-10);
}

static void counts_have_their_own(void **state)
{
    (void)state;
    frame_moore(&f, NULL);
    pose(&q, &f, "conformity ~ partner + fscore", SY_RESPONSE_POISSON);
    fitted(&q);
    asked();
    assert_true(isnan(e.tjur) && isnan(e.mckelvey_zavoina) && isnan(e.estrella) && isnan(e.latent_variance) == 0);
    near(e.deviance, 1 - q.summary.deviance / q.summary.deviance_null, 0);
    near(e.nagelkerke,
         -expm1((q.summary.deviance - q.summary.deviance_null) / 45) / -expm1(-q.summary.deviance_null / 45), 1e-10);
    double mean[2] = {0}, miss = 0, total = 0, all = 0;
    pose(&q, &f, "conformity ~ partner", SY_RESPONSE_POISSON);
    fitted(&q);
    asked();
    const int y = frame_column(&f, "conformity"), g = frame_column(&f, "partner");
    double count[2] = {0};
    for (ptrdiff_t i = 0; i < f.n; i++) count[f.code[g][i]]++;
    for (ptrdiff_t i = 0; i < f.n; i++) mean[f.code[g][i]] += f.value[y][i] / count[f.code[g][i]];
    for (ptrdiff_t i = 0; i < f.n; i++) all += f.value[y][i] / 45;
    for (ptrdiff_t i = 0; i < f.n; i++) {
        miss += pow(f.value[y][i] - mean[f.code[g][i]], 2);
        total += pow(f.value[y][i] - all, 2);
    }
    near(e.efron, 1 - miss / total, 1e-10);
}

static void a_theta_without_limit_is_a_poisson_model(void **state)
{
    (void)state;
    sy_explained poisson;
    frame_read(&f, "tests/reference/data/wine.csv", "temp contact");
    pose(&q, &f, "rating ~ temp + contact", SY_RESPONSE_POISSON);
    fitted(&q);
    asked();
    poisson = e;
    pose(&q, &f, "rating ~ temp + contact", SY_RESPONSE_NEGATIVE_BINOMIAL);
    fitted(&q);
    asked();
    near(e.mcfadden, poisson.mcfadden, 1e-10);
    near(e.efron, poisson.efron, 1e-10);
}

/* Nominal effects leave no latent variable; scale terms leave one with the rows'
 * own error. */
static void the_latent_variable_is_there_or_not(void **state)
{
    (void)state;
    frame_wine(&f);
    pose(&q, &f, "rating ~ temp; nominal contact", SY_RESPONSE_ORDINAL);
    fitted(&q);
    asked();
    assert_true(isnan(e.mckelvey_zavoina) && e.mcfadden > 0);
    pose(&q, &f, "rating ~ temp; scale contact; probit", SY_RESPONSE_ORDINAL);
    fitted(&q);
    asked();
    near(e.error_variance, (1 + exp(2 * q.estimate[5])) / 2, 1e-10); /* half of the rows each */
}

static void answers_do_not_depend_on_threads_or_lanes(void **state)
{
    (void)state;
    sy_explained first = {0};
    frame_wine(&f);
    pose(&q, &f, "rating ~ temp + contact; scale temp", SY_RESPONSE_ORDINAL);
    fitted(&q);
    for (int simd = 2; simd >= 0; simd--) {
        sy_context ctx;
        sy_context_init(&ctx);
        ctx.threads = 3 - simd;
        ctx.simd = simd;
        assert_true(ask(&ctx) >= 0);
        if (simd == 2) first = e;
        else assert_memory_equal(&first, &e, sizeof e);
        sy_context_free(&ctx);
    }
}

static sy_status job(void *arg, void *answer)
{
    (void)arg;
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status s = ask(&ctx);
    if (s >= 0) memcpy(answer, &e, sizeof e);
    sy_context_free(&ctx);
    return s;
}

static void survives_failing_memory(void **state)
{
    (void)state;
    moore_high(&f);
    pose(&q, &f, "high ~ partner + fscore", SY_RESPONSE_BINARY);
    fitted(&q);
    assert_true(syi_survives_failing(job, NULL, sizeof e) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(r_says_the_same),
        cmocka_unit_test(r_says_the_same_of_ordered_answers),
        cmocka_unit_test(housing_is_as_printed),
        cmocka_unit_test(a_two_by_two_table_by_hand),
        cmocka_unit_test(the_same_answers_explain_the_same),
        cmocka_unit_test(counts_have_their_own),
        cmocka_unit_test(a_theta_without_limit_is_a_poisson_model),
        cmocka_unit_test(the_latent_variable_is_there_or_not),
        cmocka_unit_test(answers_do_not_depend_on_threads_or_lanes),
        cmocka_unit_test(survives_failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
