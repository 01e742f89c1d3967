/* SPDX-License-Identifier: GPL-3.0-only
 * Covariances of fitted response models: those of sandwich and clubSandwich, the
 * same rows told in other ways, least squares' own formula where it applies, refusals. */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "after_fit.h"
#include "models/response/after_fit_internal.h"
#include "models/response/response_scores_internal.h"
#include "steelyard/response_vcov.h"

static frame f;
static ordinal_problem q;
static double covariance[ORDINAL_K * ORDINAL_K], df[ORDINAL_K];

static sy_status ask(sy_context *ctx, sy_vcov_kind kind)
{
    return sy_response_vcov(ctx, &f.design, &q.model, q.shape.k, q.estimate, kind, covariance, df);
}

static sy_status asked(sy_vcov_kind kind)
{
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status s = ask(&ctx, kind);
    if (s < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
    return s;
}

static double error_of(int j)
{
    return sqrt(covariance[j * q.shape.k + j]);
}

/* 1e-9: R's own iterations leave coefficients ten digits, and errors are square
 * roots of differences of such numbers. */
static void holds_to(const char *name, const char *quantity, sy_vcov_kind kind)
{
    asked(kind);
    for (int j = 0; j < q.shape.k; j++) near(error_of(j), r_said(name, quantity, j), 1e-9);
}

static void df_hold_to(const char *name, const char *quantity)
{
    for (int j = 0; j < q.shape.k; j++) near(df[j], r_said(name, quantity, j), 1e-8);
}

static void pose_herds(void)
{
    frame_read(&f, "tests/reference/data/cbpp.csv", "period");
    frame_levels(&f, "herd", 15);
    pose(&q, &f, "incidence ~ period", SY_RESPONSE_BINARY);
    q.model.trials = &f.columns[frame_column(&f, "size")];
    clusters(&f, "herd");
    fitted(&q);
}

static void pose_wine(const char *text, sy_response_kind kind, const char *cluster)
{
    frame_read(&f, "tests/reference/data/wine.csv", "temp contact");
    frame_levels(&f, "judge", 9);
    frame_levels(&f, "bottle", 8);
    const int high = frame_add(&f, "high", 0, 0), rating = frame_column(&f, "rating");
    for (ptrdiff_t i = 0; i < f.n; i++) f.value[high][i] = f.value[rating][i] >= 4;
    if (kind == SY_RESPONSE_ORDINAL) frame_levels(&f, "rating", 5);
    pose(&q, &f, text, kind);
    clusters(&f, cluster);
    fitted(&q);
}

static void sandwich_says_the_same_of_rows(void **state)
{
    (void)state;
    moore_high(&f);
    pose(&q, &f, "high ~ partner + fcat + fscore + partner:fscore", SY_RESPONSE_BINARY);
    fitted(&q);
    holds_to("moore_logit", "HC0", SY_VCOV_HC0);
    assert_true(isinf(df[0]));
    holds_to("moore_logit", "HC1", SY_VCOV_HC1);
    pose_herds();
    holds_to("cbpp_logit", "HC0", SY_VCOV_HC0);
    pose_wine("rating ~ temp + contact", SY_RESPONSE_POISSON, "judge");
    holds_to("wine_poisson_judge", "HC1", SY_VCOV_HC1);
}

static void clubsandwich_says_the_same_of_clusters(void **state)
{
    (void)state;
    pose_herds();
    holds_to("cbpp_logit", "CL", SY_VCOV_CR0);
    holds_to("cbpp_logit", "CR0", SY_VCOV_CR0);
    near(df[0], 14, 1e-15);
    holds_to("cbpp_logit", "CR1", SY_VCOV_CR1);
    holds_to("cbpp_logit", "CR3", SY_VCOV_CR3);
    df_hold_to("cbpp_logit", "CR3df");
    pose_wine("rating ~ temp + contact", SY_RESPONSE_POISSON, "judge");
    holds_to("wine_poisson_judge", "CR1S", SY_VCOV_CR1S);
    holds_to("wine_poisson_judge", "CR3", SY_VCOV_CR3);
    df_hold_to("wine_poisson_judge", "CR3df");
}

/* Where working weights are equal within a cluster its square root of the
 * correction is ours. */
static void clubsandwich_says_the_same_of_cr2_within_equal_weights(void **state)
{
    (void)state;
    pose_wine("rating ~ temp + contact", SY_RESPONSE_POISSON, "bottle");
    holds_to("wine_poisson_bottle", "CR2", SY_VCOV_CR2);
    df_hold_to("wine_poisson_bottle", "CR2df");
    pose_wine("high ~ temp + contact", SY_RESPONSE_BINARY, "bottle");
    holds_to("wine_logit_bottle", "CR2", SY_VCOV_CR2);
    df_hold_to("wine_logit_bottle", "CR2df");
    holds_to("wine_logit_bottle", "CR3", SY_VCOV_CR3);
}

/* Scores by differences in R, hence 1e-6. */
static void ordered_answers_agree_with_scores_by_differences(void **state)
{
    (void)state;
    pose_wine("rating ~ temp + contact", SY_RESPONSE_ORDINAL, "judge");
    asked(SY_VCOV_HC0);
    for (int j = 0; j < q.shape.k; j++) near(error_of(j), r_said("wine_clm", "HC0", j), 1e-6);
    asked(SY_VCOV_CR0);
    for (int j = 0; j < q.shape.k; j++) near(error_of(j), r_said("wine_clm", "CR0", j), 1e-6);
}

static void classical_is_the_inverse_information_of_the_fit(void **state)
{
    (void)state;
    pose_wine("rating ~ temp + contact", SY_RESPONSE_ORDINAL, "judge");
    asked(SY_VCOV_CLASSICAL);
    for (int i = 0; i < q.shape.k * q.shape.k; i++) near(covariance[i], q.covariance[i], 1e-9);
    for (int j = 0; j < q.shape.k; j++) assert_true(isinf(df[j]));
}

/* The cells of housing with frequencies say what the 1681 rows say. */
static void frequencies_repeat_rows(void **state)
{
    (void)state;
    static frame long_;
    static double rows[ORDINAL_K * ORDINAL_K];
    frame_housing(&long_);
    const int freq = frame_column(&long_, "Freq");
    const ptrdiff_t cells = long_.n;
    for (ptrdiff_t i = 0; i < cells; i++)
        for (int more = 1; more < (int)long_.value[freq][i]; more++, long_.n++)
            for (int c = 0; c < long_.p; c++) {
                long_.value[c][long_.n] = long_.value[c][i];
                long_.code[c][long_.n] = long_.code[c][i];
            }
    memcpy(&f, &long_, sizeof f);
    for (int kind = SY_VCOV_HC0; kind <= SY_VCOV_CR3; kind++) {
        if (kind > SY_VCOV_HC1 && kind < SY_VCOV_CR0) continue;
        memcpy(&f, &long_, sizeof f);
        pose(&q, &f, "Sat ~ Infl + Cont", SY_RESPONSE_ORDINAL);
        clusters(&f, "Type");
        fitted(&q);
        asked(kind);
        memcpy(rows, covariance, sizeof rows);
        frame_housing(&f);
        pose(&q, &f, "Sat ~ Infl + Cont", SY_RESPONSE_ORDINAL);
        weigh(&f, "Freq", SY_WEIGHT_FREQUENCY);
        clusters(&f, "Type");
        fitted(&q);
        asked(kind);
        for (int i = 0; i < q.shape.k; i++) near(covariance[i * (q.shape.k + 1)], rows[i * (q.shape.k + 1)], 1e-8);
    }
}

/* With every row a cluster of its own CR0 is HC0. */
static void clusters_of_one_row_are_rows(void **state)
{
    (void)state;
    double rows[ORDINAL_K];
    frame_moore(&f, NULL);
    const int c = frame_add(&f, "own", 0, 0);
    for (ptrdiff_t i = 0; i < f.n; i++) f.value[c][i] = (double)(i + 1);
    frame_levels(&f, "own", 45);
    pose(&q, &f, "conformity ~ partner + fscore", SY_RESPONSE_NEGATIVE_BINOMIAL);
    clusters(&f, "own");
    fitted(&q);
    asked(SY_VCOV_HC0);
    for (int j = 0; j < q.shape.k; j++) rows[j] = error_of(j);
    asked(SY_VCOV_CR0);
    for (int j = 0; j < q.shape.k; j++) near(error_of(j), rows[j], 1e-12);
}

/* A Poisson model of a mean alone, by hand: scores of a cluster S = sum (y - m),
 * information n_g m. CR2: S / sqrt(1 - n_g / n), CR3: S / (1 - n_g / n), over (n m)^2. */
static void a_mean_by_hand(void **state)
{
    (void)state;
    double sum[2] = {0}, count[2] = {0}, mean = 0;
    frame_moore(&f, "conformity ~ 1");
    const int y = frame_column(&f, "conformity"), g = frame_column(&f, "partner");
    for (ptrdiff_t i = 0; i < f.n; i++) mean += f.value[y][i] / (double)f.n;
    for (ptrdiff_t i = 0; i < f.n; i++) {
        sum[f.code[g][i]] += f.value[y][i] - mean;
        count[f.code[g][i]]++;
    }
    pose(&q, &f, "conformity ~ 1", SY_RESPONSE_POISSON);
    clusters(&f, "partner");
    fitted(&q);
    near(q.estimate[0], log(mean), 1e-12);
    double cr2 = 0, cr3 = 0;
    for (int k = 0; k < 2; k++) {
        const double rest = 1 - count[k] / (double)f.n;
        cr2 += sum[k] * sum[k] / rest;
        cr3 += sum[k] * sum[k] / (rest * rest);
    }
    asked(SY_VCOV_CR2);
    near(covariance[0], cr2 / pow((double)f.n * mean, 2), 1e-10);
    asked(SY_VCOV_CR3);
    near(covariance[0], cr3 / pow((double)f.n * mean, 2), 1e-10);
}

/* In one cell all answers are one: its parameters run to infinity and have no
 * robust variance, the others keep theirs (R's vcovHC of the same rows, which has
 * 1.9252363510914987 and 0.068070355562504667 there and NaN or garbage elsewhere). */
static void separation_spares_the_other_parameters(void **state)
{
    (void)state;
    sy_context ctx;
    moore_high(&f);
    pose(&q, &f, "high ~ partner + fcat + fscore + partner:fcat", SY_RESPONSE_BINARY);
    fitted(&q);
    sy_context_init(&ctx);
    assert_int_equal(ask(&ctx, SY_VCOV_HC1), SY_NOTE_INTERVAL_SKIPPED);
    assert_string_equal(ctx.remarks[ctx.n_remarks - 1].term, "fcat[medium]");
    sy_context_free(&ctx);
    near(error_of(0), 1.9252363510914987, 1e-6);
    near(error_of(4), 0.068070355562504667, 1e-6);
    assert_true(error_of(3) == 0 && isnan(df[3]) && error_of(6) == 0 && isnan(df[6]));
}

/* The information matrices of the clusters add up to that of all rows, whatever
 * the parts of the model. */
static void information_of_clusters_adds_up(void **state)
{
    (void)state;
    sy_context ctx;
    syi_after a;
    static double each[9][ORDINAL_K * ORDINAL_K], all[ORDINAL_K * ORDINAL_K], packed[9 * ORDINAL_K * ORDINAL_K];
    double loglik, gradient[ORDINAL_K], most = 0;
    pose_wine("rating ~ temp; nominal contact; scale temp; probit", SY_RESPONSE_ORDINAL, "judge");
    sy_context_init(&ctx);
    assert_true(syi_after_init(&ctx, &f.design, &q.model, q.shape.k, q.estimate, &a) >= 0);
    assert_true(a.likelihood.value(&ctx, &a.likelihood, a.theta, &loglik, gradient, all) >= 0);
    assert_true(syi_information_clusters(&ctx, &a.likelihood, a.theta, packed) >= 0);
    const int square = a.k * a.k;
    for (int g = 0; g < 9; g++) memcpy(each[g], packed + g * square, (size_t)square * sizeof(double));
    for (int i = 0; i < square; i++) most = fmax(most, fabs(all[i]));
    for (int i = 0; i < square; i++) {
        double sum = 0;
        for (int g = 0; g < 9; g++) sum += each[g][i];
        assert_true(fabs(sum - all[i]) < 1e-13 * most);
    }
    syi_after_free(&a);
    sy_context_free(&ctx);
}

static void aliased_parameters_have_no_covariance(void **state)
{
    (void)state;
    moore_high(&f);
    const int c = frame_add(&f, "again", 0, 0), from = frame_column(&f, "fscore");
    for (ptrdiff_t i = 0; i < f.n; i++) f.value[c][i] = 2 * f.value[from][i] + 1;
    pose(&q, &f, "high ~ fscore + again + partner", SY_RESPONSE_BINARY);
    fitted(&q);
    asked(SY_VCOV_HC1);
    assert_true(isnan(df[2]) && isnan(covariance[2 * 4 + 2]) && isnan(covariance[2]) && error_of(3) > 0);
}

/* Ratings spread less than Poisson counts: theta has no limit, and what follows is
 * a Poisson model's. */
static void a_theta_without_limit_is_a_poisson_model(void **state)
{
    (void)state;
    double error[3];
    pose_wine("rating ~ temp + contact", SY_RESPONSE_POISSON, "bottle");
    asked(SY_VCOV_CR2);
    for (int j = 0; j < 3; j++) error[j] = error_of(j);
    pose_wine("rating ~ temp + contact", SY_RESPONSE_NEGATIVE_BINOMIAL, "bottle");
    assert_true(q.shape.k == 4 && isinf(q.estimate[3]));
    asked(SY_VCOV_CR2);
    for (int j = 0; j < 3; j++) near(error_of(j), error[j], 1e-10);
    assert_true(isnan(error_of(3)) && isnan(df[3]));
}

static void few_clusters_are_said(void **state)
{
    (void)state;
    sy_context ctx;
    pose_herds();
    sy_context_init(&ctx);
    assert_int_equal(ask(&ctx, SY_VCOV_CR1), SY_NOTE_FEW_CLUSTERS);
    sy_context_free(&ctx);
    pose_wine("rating ~ temp + contact", SY_RESPONSE_POISSON, "bottle");
    sy_context_init(&ctx);
    assert_int_equal(ask(&ctx, SY_VCOV_CR2), SY_NOTE_FEW_CLUSTERS);
    assert_string_equal(ctx.remarks[ctx.n_remarks - 1].term, "(Intercept)");
    sy_context_free(&ctx);
}

static void answers_do_not_depend_on_threads_or_lanes(void **state)
{
    (void)state;
    static double first[ORDINAL_K * ORDINAL_K];
    for (int kind = SY_VCOV_CLASSICAL; kind <= SY_VCOV_CR3; kind++) {
        if (kind > SY_VCOV_HC1 && kind < SY_VCOV_CR0) continue;
        pose_wine("rating ~ temp + contact", SY_RESPONSE_ORDINAL, "judge");
        for (int simd = 2; simd >= 0; simd--) {
            sy_context ctx;
            sy_context_init(&ctx);
            ctx.threads = 3 - simd;
            ctx.simd = simd;
            assert_true(ask(&ctx, (sy_vcov_kind)kind) >= 0);
            if (simd == 2) memcpy(first, covariance, sizeof first);
            else assert_memory_equal(first, covariance, (size_t)(q.shape.k * q.shape.k) * sizeof *first);
            sy_context_free(&ctx);
        }
    }
}

static void refuses(sy_vcov_kind kind, sy_status code, const char *text)
{
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(ask(&ctx, kind), code);
    if (!strstr(ctx.message, text)) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    pose_herds();
    refuses(SY_VCOV_HC3, SY_EINVAL, "HC2 to HC5");
    refuses((sy_vcov_kind)99, SY_EINVAL, "99");
    f.design.cluster = NULL;
    refuses(SY_VCOV_CR2, SY_EINVAL, "cluster: none given");
    weigh(&f, "size", SY_WEIGHT_SAMPLING);
    refuses(SY_VCOV_CLASSICAL, SY_EINVAL, "sampling weights");
    pose_herds();
    q.estimate[1] = NAN;
    refuses(SY_VCOV_HC0, SY_EDATA, "estimate");
    pose_herds();
    q.shape.k = 3;
    refuses(SY_VCOV_HC0, SY_EINVAL, "estimate: 3 given; the model has 4");
    pose_herds();
    for (ptrdiff_t i = 0; i < f.n; i++) f.code[frame_column(&f, "herd")][i] = 2;
    refuses(SY_VCOV_CR0, SY_EDATA, "only one");
}

static sy_status job(void *arg, void *answer)
{
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status s = ask(&ctx, *(sy_vcov_kind *)arg);
    if (s >= 0) memcpy(answer, covariance, (size_t)(q.shape.k * q.shape.k) * sizeof *covariance);
    sy_context_free(&ctx);
    return s;
}

static void survives_failing_memory(void **state)
{
    (void)state;
    pose_herds();
    for (int kind = SY_VCOV_HC0; kind <= SY_VCOV_CR2; kind += SY_VCOV_CR2 - SY_VCOV_HC0) {
        sy_vcov_kind asked_for = (sy_vcov_kind)kind;
        assert_true(syi_survives_failing(job, &asked_for, (size_t)(q.shape.k * q.shape.k) * sizeof *covariance) > 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sandwich_says_the_same_of_rows),
        cmocka_unit_test(clubsandwich_says_the_same_of_clusters),
        cmocka_unit_test(clubsandwich_says_the_same_of_cr2_within_equal_weights),
        cmocka_unit_test(ordered_answers_agree_with_scores_by_differences),
        cmocka_unit_test(classical_is_the_inverse_information_of_the_fit),
        cmocka_unit_test(frequencies_repeat_rows),
        cmocka_unit_test(clusters_of_one_row_are_rows),
        cmocka_unit_test(a_mean_by_hand),
        cmocka_unit_test(separation_spares_the_other_parameters),
        cmocka_unit_test(information_of_clusters_adds_up),
        cmocka_unit_test(aliased_parameters_have_no_covariance),
        cmocka_unit_test(a_theta_without_limit_is_a_poisson_model),
        cmocka_unit_test(few_clusters_are_said),
        cmocka_unit_test(answers_do_not_depend_on_threads_or_lanes),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(survives_failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
