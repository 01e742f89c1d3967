/* Mediation of binary and ordered outcomes: against the full average over all
 * residuals (own Newton steps in long double), identities, refusals.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "mediation_problem.h"
#include <stdio.h>

enum { K = 7, M = 3 }; /* columns of the outcome's model and of a mediator's */

static mediation_problem p;
static double weight[MEDIATION_ROWS];
static int32_t answer[MEDIATION_ROWS];
static const char *const two[] = {"no", "yes"}, *const three[] = {"low", "middle", "high"};

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("%.17g, expected %.17g within %g", found, expected, tolerance);
}

static sy_mediation_result asked(void)
{
    sy_mediation_result r;
    sy_context ctx;
    sy_context_init(&ctx);
    if (sy_mediation(&ctx, &p.design, &p.q, &r) < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
    return r;
}

/* Outcome y in `levels` answers; blocks funding and easy; need the confounder. */
static void fill(int n, uint64_t seed, int levels)
{
    double mean = 0;
    mediation_fill(&p, n, seed);
    for (int i = 0; i < n; i++) mean += p.y[i] / n;
    for (int i = 0; i < n; i++) {
        answer[i] = levels == 2 ? p.y[i] > mean : (p.y[i] > mean - 1) + (p.y[i] > mean + 1);
        weight[i] = 1;
    }
    mediation_codes(&p.columns[RAW_Y], "y", answer, levels, levels == 2 ? two : three);
    p.blocks[1].n_terms = 1;
    p.q.n_confounders = 1;
    p.q.response = levels == 2 ? SY_MEDIATION_BINARY : SY_MEDIATION_ORDINAL;
    p.q.interval = SY_INTERVAL_NONE;
}

/* ---- the twin */

typedef long double real;

static void solve(int k, real a[K][K + 1], real *b)
{
    for (int r = 0; r < k; r++)
        for (int q = 0; q < k; q++) {
            if (q == r) continue;
            const real f = a[q][r] / a[r][r];
            for (int c = r; c <= k; c++) a[q][c] -= f * a[r][c];
        }
    for (int r = 0; r < k; r++) b[r] = a[r][k] / a[r][r];
}

static void of_outcome(int i, real t, real f, real e, real *x)
{
    const real v[K] = {1, t, p.need[i], f, e, f * e, t * f};
    memcpy(x, v, sizeof v);
}

/* Products: treatment by funding and treatment by easy would be two; the twin's
 * model has all of them. */
enum { ALL = K + 1 };
static real predictor(const real *b, int i, real t, real f, real e)
{
    real x[K], sum = 0;
    of_outcome(i, t, f, e, x);
    for (int c = 0; c < K; c++) sum += b[c] * x[c];
    return sum + b[K] * t * e;
}

static void logistic(real b[ALL])
{
    for (int c = 0; c < ALL; c++) b[c] = 0;
    for (int step = 0; step < 60; step++) {
        static real a[ALL][ALL + 1];
        memset(a, 0, sizeof a);
        for (int i = 0; i < p.n; i++) {
            real x[ALL];
            of_outcome(i, p.kind[i], p.m[0][i], p.m[1][i], x);
            x[K] = (real)p.kind[i] * p.m[1][i];
            const real mu = 1 / (1 + expl(-predictor(b, i, p.kind[i], p.m[0][i], p.m[1][i])));
            for (int r = 0; r < ALL; r++) {
                for (int c = 0; c < ALL; c++) a[r][c] += weight[i] * mu * (1 - mu) * x[r] * x[c];
                a[r][ALL] += weight[i] * (answer[i] - mu) * x[r];
            }
        }
        for (int r = 0; r < ALL; r++)
            for (int q = 0; q < ALL; q++) {
                if (q == r) continue;
                const real f = a[q][r] / a[r][r];
                for (int c = r; c <= ALL; c++) a[q][c] -= f * a[r][c];
            }
        for (int r = 0; r < ALL; r++) b[r] += a[r][ALL] / a[r][r];
    }
}

static void mediator(const double *m, real *b, real *residual)
{
    real a[K][K + 1] = {{0}};
    for (int i = 0; i < p.n; i++) {
        const real x[M] = {1, p.kind[i], p.need[i]};
        for (int r = 0; r < M; r++) {
            for (int c = 0; c < M; c++) a[r][c] += weight[i] * x[r] * x[c];
            a[r][M] += weight[i] * x[r] * m[i];
        }
    }
    real own[K][K + 1] = {{0}};
    for (int r = 0; r < M; r++)
        for (int c = 0; c <= M; c++) own[r][c] = a[r][c];
    solve(M, own, b);
    for (int i = 0; i < p.n; i++) residual[i] = m[i] - b[0] - b[1] * p.kind[i] - b[2] * p.need[i];
}

typedef struct {
    real y[ALL], m[2][M], residual[2][MEDIATION_ROWS];
} fitted;

static real mean_outcome(const fitted *f, int t, int a, int b, int together)
{
    real sum = 0, all = 0;
    for (int i = 0; i < p.n; i++)
        for (int s = 0; s < p.n; s++) {
            if (p.kind[s] != a) continue;
            for (int r = together ? s : 0; r < (together ? s + 1 : p.n); r++) {
                if (p.kind[r] != b) continue;
                const real funding = f->m[0][0] + f->m[0][1] * a + f->m[0][2] * p.need[i] + f->residual[0][s];
                const real easy = f->m[1][0] + f->m[1][1] * b + f->m[1][2] * p.need[i] + f->residual[1][r];
                const real w = weight[i] * weight[s] * (together ? 1 : weight[r]);
                sum += w / (1 + expl(-predictor(f->y, i, t, funding, easy)));
                all += w;
            }
        }
    return sum / all;
}

static void by_definition(double effect[5])
{
    fitted f;
    logistic(f.y);
    for (int k = 0; k < 2; k++) mediator(p.m[k], f.m[k], f.residual[k]);
    const real joint0 = mean_outcome(&f, 1, 0, 0, 1), apart0 = mean_outcome(&f, 1, 0, 0, 0);
    const real joint1 = mean_outcome(&f, 1, 1, 1, 1), apart1 = mean_outcome(&f, 1, 1, 1, 0);
    const real between = mean_outcome(&f, 1, 1, 0, 0), nothing = mean_outcome(&f, 0, 0, 0, 1);
    effect[0] = (double)(joint0 - nothing);
    effect[1] = (double)(between - apart0);
    effect[2] = (double)(apart1 - between);
    effect[3] = (double)((joint1 - apart1) - (joint0 - apart0));
    effect[4] = (double)(joint1 - nothing);
}

/* 40 rows: all 40^3 pairs of residuals in the twin, 4,000 draws a row in the core:
 * 160,000 draws of differences of spread .3 or so leave an error of .0008; four of
 * them. */
static void draws_meet_the_full_average(void **state)
{
    (void)state;
    fill(40, 31, 2);
    p.q.draws = 4000;
    double expected[5];
    by_definition(expected);
    sy_mediation_result r = asked();
    assert_int_equal(r.n_rows, 5);
    for (int k = 0; k < 5; k++) assert_near(r.estimate[k], expected[k], 0.0032);
    assert_true(fabs(expected[0]) + fabs(expected[1]) + fabs(expected[2]) > 0.1); /* there is something to meet */
    sy_mediation_free(&r);
}

/* The same draws count in all of the jackknife, so its spread is that of the full
 * average without each cluster but for a few percent. */
static void jackknife_meets_the_full_average(void **state)
{
    (void)state;
    fill(60, 32, 2);
    p.design.cluster = &p.clusters;
    p.q.interval = SY_INTERVAL_JACKKNIFE;
    p.q.draws = 300;
    double whole[5], without[5], variance[5] = {0};
    by_definition(whole);
    for (int g = 0; g < MEDIATION_CLUSTERS; g++) {
        for (int i = 0; i < p.n; i++) weight[i] = p.cluster[i] != g;
        by_definition(without);
        for (int k = 0; k < 5; k++)
            variance[k] +=
                (MEDIATION_CLUSTERS - 1.0) / MEDIATION_CLUSTERS * (without[k] - whole[k]) * (without[k] - whole[k]);
    }
    sy_mediation_result r = asked();
    for (int k = 0; k < 5; k++) {
        if (k == 3) continue; /* near nothing here */
        assert_true(r.std_error[k] > 0.9 * sqrt(variance[k]) && r.std_error[k] < 1.1 * sqrt(variance[k]));
    }
    sy_mediation_free(&r);
}

static void parts_add_and_answers_cancel(void **state)
{
    (void)state;
    fill(300, 33, 3);
    sy_mediation_result r = asked();
    assert_int_equal(r.n_measures, 3);
    for (int e = 0; e < 5; e++) assert_near(r.estimate[e] + r.estimate[5 + e] + r.estimate[10 + e], 0, 1e-13);
    for (int m = 0; m < 3; m++) {
        double sum = 0;
        for (int e = 0; e < 4; e++) sum += r.estimate[5 * m + e];
        assert_near(sum, r.estimate[5 * m + 4], 1e-14);
        assert_near(r.mean[2 * m + 1] - r.mean[2 * m], r.estimate[5 * m + 4], 1e-14);
        assert_int_equal(r.outcome_level[m], m);
    }
    assert_near(r.mean[0] + r.mean[2] + r.mean[4], 1, 1e-13);
    sy_mediation_free(&r);
}

/* Two ordered answers are a binary outcome; Newton's steps end at 1e-10. */
static void two_ordered_answers_are_binary(void **state)
{
    (void)state;
    static const sy_link links[] = {SY_LINK_LOGIT, SY_LINK_PROBIT};
    for (int l = 0; l < 2; l++) {
        fill(200, 34, 2);
        p.q.link = links[l];
        sy_mediation_result binary = asked();
        p.q.response = SY_MEDIATION_ORDINAL;
        sy_mediation_result ordinal = asked();
        for (int e = 0; e < 5; e++) {
            assert_near(ordinal.estimate[5 + e], binary.estimate[e], 1e-9);
            assert_near(ordinal.estimate[e], -binary.estimate[e], 1e-9);
        }
        sy_mediation_free(&binary);
        sy_mediation_free(&ordinal);
    }
}

static void one_block_has_no_dependence(void **state)
{
    (void)state;
    fill(200, 35, 2);
    p.q.n_blocks = 1;
    p.q.draws = 20;
    sy_mediation_result r = asked();
    assert_int_equal(r.n_rows, 3);
    assert_near(r.estimate[0] + r.estimate[1], r.estimate[2], 1e-14);
    sy_mediation_free(&r);
}

static void threads_and_groups_of_rows(void **state)
{
    (void)state;
    fill(240, 36, 2);
    p.q.interval = SY_INTERVAL_AUTO;
    p.q.draws = 5;
    sy_mediation_result r[2];
    for (int k = 0; k < 2; k++) {
        sy_context ctx;
        sy_context_init(&ctx);
        ctx.threads = 1 + 2 * k;
        assert_true(sy_mediation(&ctx, &p.design, &p.q, &r[k]) >= 0);
        sy_context_free(&ctx);
    }
    assert_int_equal(r[0].units, 100);
    assert_near(r[0].df, 99, 0);
    assert_int_equal(r[0].clustered, 0);
    assert_int_equal(r[0].interval, SY_INTERVAL_JACKKNIFE);
    assert_memory_equal(r[0].estimate, r[1].estimate, 5 * sizeof(double));
    assert_memory_equal(r[0].covariance, r[1].covariance, 25 * sizeof(double));
    sy_mediation_free(&r[0]);
    sy_mediation_free(&r[1]);
}

static void refused(sy_status code, const char *text)
{
    sy_mediation_result r;
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(sy_mediation(&ctx, &p.design, &p.q, &r), code);
    assert_string_equal(ctx.message, text);
    sy_mediation_free(&r);
    sy_context_free(&ctx);
}

static void bad_questions_are_refused(void **state)
{
    (void)state;
    fill(100, 37, 3);
    p.q.response = SY_MEDIATION_BINARY;
    refused(SY_EINVAL, "outcome: y has 3 answers; a binary outcome has two");
    fill(100, 37, 2);
    p.q.draws = 0;
    refused(SY_EINVAL, "draws: 0 is not between 1 and 100000");
    p.q.draws = 10;
    p.q.interval = SY_INTERVAL_INFLUENCE;
    refused(SY_EINVAL, "interval: \"influence\" is for linear outcomes; ask for \"jackknife\" or \"percentile\"");
    p.q.interval = SY_INTERVAL_NONE;
    for (int i = 0; i < p.n; i++) answer[i] = p.need[i] > 3;
    refused(SY_EDATA, "outcome: its model has no answer; a column may tell an answer without error");
    mediation_numbers(&p, RAW_Y, "y", p.y);
    refused(SY_EINVAL, "outcome: y is not a column of two values, 0 and 1");
    p.q.response = SY_MEDIATION_ORDINAL;
    refused(SY_EINVAL, "outcome: y is not an ordered column");
}

static sy_status job(void *arg, void *answer_)
{
    const mediation_problem *of = arg;
    sy_mediation_result r;
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status status = sy_mediation(&ctx, &of->design, &of->q, &r);
    if (status >= 0) {
        memcpy(answer_, r.estimate, 5 * sizeof(double));
        memcpy((double *)answer_ + 5, r.low, 5 * sizeof(double));
    }
    sy_mediation_free(&r);
    sy_context_free(&ctx);
    return status;
}

static void failing_memory(void **state)
{
    (void)state;
    fill(60, 38, 2);
    for (int i = 0; i < p.n; i++) p.cluster[i] = i % 3;
    p.design.cluster = &p.clusters;
    p.q.interval = SY_INTERVAL_JACKKNIFE;
    p.q.draws = 2;
    assert_true(syi_survives_failing(job, &p, 10 * sizeof(double)) > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_meet_the_full_average),  cmocka_unit_test(jackknife_meets_the_full_average),
        cmocka_unit_test(parts_add_and_answers_cancel), cmocka_unit_test(two_ordered_answers_are_binary),
        cmocka_unit_test(one_block_has_no_dependence),  cmocka_unit_test(threads_and_groups_of_rows),
        cmocka_unit_test(bad_questions_are_refused),    cmocka_unit_test(failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
