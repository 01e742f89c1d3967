/* SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "balance_problem.h"
#include "base/random_internal.h"
#include "failing_internal.h"
#include "steelyard/mixed.h"

static void overlap_weights_of_a_logit_balance_means_exactly(void **state)
{
    (void)state;
    problem *p = problem_darfur();
    p->question.estimand = SY_ESTIMAND_OVERLAP;
    assert_int_equal(problem_run(p), SY_OK);
    for (int i = 1; i < p->rows; i++) assert_true(fabs(p->row[i].after.difference) < 1e-12);
    assert_true(p->summary.worst_after < 1e-12 && p->summary.worst_before > 0.1);
    p->question.link = SY_LINK_PROBIT; /* another link's score equations are other sums */
    if (problem_run(p) < 0) fail_msg("%s", p->message);
    assert_true(p->summary.worst_after > 1e-6);
    free(p);
}

static void entropy_weights_meet_their_means_to_ten_digits(void **state)
{
    (void)state;
    problem *p = problem_darfur();
    p->question.method = SY_BALANCE_ENTROPY;
    p->covariates[6] = p->p; /* a factor, and a column far from 0 */
    p->question.n_covariates = 7;
    for (ptrdiff_t i = 0; i < p->n; i++) p->x[1][i] = 1e6 + p->x[1][i];
    for (int e = SY_ESTIMAND_ATE; e <= SY_ESTIMAND_ATT; e++) {
        p->question.estimand = (sy_estimand)e;
        if (problem_run(p) < 0) fail_msg("%s", p->message);
        assert_int_equal(p->rows, 10); /* four levels of area, and no score */
        for (int i = 0; i < p->rows; i++) {
            const sy_balance_side *was = &p->row[i].before, *is = &p->row[i].after;
            const double share = p->summary.people[1] / (p->summary.people[0] + p->summary.people[1]);
            const double goal = e == SY_ESTIMAND_ATT ? was->mean[1] : share * was->mean[1] + (1 - share) * was->mean[0];
            for (int a = 0; a < 2; a++) assert_true(fabs(is->mean[a] - goal) < 1e-10 * fmax(was->sd[1], fabs(goal)));
        }
        for (ptrdiff_t i = 0; i < p->n; i++) assert_true(p->weights[i] > 0 && isnan(p->score[i]));
    }
    free(p);
}

/* Cells of two variables of 0 and 1 with all their products: the difference in each, averaged. */
static double by_cells(const problem *p, const double *y, sy_estimand estimand)
{
    double n[4][2] = {{0}}, sum[4][2] = {{0}}, top = 0, bottom = 0;
    for (ptrdiff_t i = 0; i < p->n; i++) {
        const int cell = 2 * (p->x[6][i] > 0) + (p->x[4][i] > 0), a = p->x[0][i] > 0;
        n[cell][a]++;
        sum[cell][a] += y[i];
    }
    for (int c = 0; c < 4; c++) {
        const double all = n[c][0] + n[c][1], e = n[c][1] / all;
        const double w = estimand == SY_ESTIMAND_ATE ? all : estimand == SY_ESTIMAND_ATT ? n[c][1] : all * e * (1 - e);
        top += w * (sum[c][1] / n[c][1] - sum[c][0] / n[c][0]);
        bottom += w;
    }
    return top / bottom;
}

static void saturated_models_are_stratification(void **state)
{
    (void)state;
    problem *p = problem_darfur();
    const sy_factor product[] = {{6, 1}, {4, 1}};
    p->term[2] = (sy_term){"female:pastvoted", 2, product};
    p->covariates[0] = 6;
    p->covariates[1] = 4;
    p->covariates[2] = 2;
    p->question.n_covariates = 3;
    for (int e = 0; e < 3; e++)
        for (int method = 0; method < (e == SY_ESTIMAND_OVERLAP ? 1 : 2); method++) {
            p->question.estimand = (sy_estimand)e;
            p->question.method = (sy_balance_method)method;
            if (problem_run(p) < 0) fail_msg("%s", p->message);
            for (int o = 0; o < 2; o++) {
                const double expected = by_cells(p, p->x[7 + o], (sy_estimand)e);
                for (int m = SY_WEIGHTED; m <= SY_AIPW; m++) {
                    const sy_balance_estimate *s = &p->estimate[o * SY_BALANCE_ESTIMATES + m];
                    close_to(s->estimate, expected, 1e-10);
                    close_to(s->mean[1] - s->mean[0], s->estimate, 1e-14);
                }
                /* the same answer has the same error, whichever way it is written */
                close_to(p->estimate[o * SY_BALANCE_ESTIMATES + SY_AIPW].std_error,
                         p->estimate[o * SY_BALANCE_ESTIMATES + SY_WEIGHTED].std_error, 1e-10);
            }
        }
    free(p);
}

/* A row written out as often as its frequency says. */
static problem *written_out(const problem *p)
{
    problem *q = problem_darfur();
    q->n = 0;
    for (ptrdiff_t i = 0; i < p->n; i++)
        for (int t = 0; t < (int)p->weight[i]; t++, q->n++) {
            for (int c = 0; c < p->p; c++) q->x[c][q->n] = p->x[c][i];
            q->cluster[q->n] = p->cluster[i];
        }
    problem_design(q);
    q->question = p->question;
    q->question.covariates = q->covariates;
    q->question.outcomes = q->outcomes;
    q->design.cluster = p->design.cluster ? &q->cluster_column : NULL;
    return q;
}

static void frequencies_are_rows_written_out(void **state)
{
    (void)state;
    for (int k = 0; k < 8; k++) {
        problem *p = problem_darfur();
        if (k / 2 % 2) p->n = 120; /* rows are left out one person at a time */
        problem_design(p);
        p->question.n_covariates = 6;
        p->question.n_outcomes = 2;
        for (ptrdiff_t i = 0; i < p->n; i++) p->weight[i] = (double)(i % 3);
        p->design.weights = &p->weight_column;
        p->design.weight_kind = SY_WEIGHT_FREQUENCY;
        p->question.estimand = k % 2 ? SY_ESTIMAND_ATT : SY_ESTIMAND_ATE;
        p->question.method = k / 4 ? SY_BALANCE_ENTROPY : SY_BALANCE_PROPENSITY;
        p->question.errors = k / 2 % 2 ? SY_ERRORS_JACKKNIFE : SY_ERRORS_INFLUENCE;
        p->question.regression = SY_OUTCOME_LINEAR;
        if (k == 5) p->design.cluster = &p->cluster_column;
        problem *q = written_out(p);
        assert_true(problem_run(p) >= 0 && problem_run(q) >= 0);
        assert_int_equal(p->rows, q->rows);
        close_to(p->summary.units, q->summary.units, 0);
        for (int a = 0; a < 2; a++) close_to(p->summary.effective_after[a], q->summary.effective_after[a], 1e-10);
        for (int i = 0; i < p->rows; i++) {
            close_to(p->row[i].after.difference, q->row[i].after.difference, 1e-10);
            close_to(p->row[i].after.ks, q->row[i].after.ks, 1e-10);
            close_to(p->row[i].before.sd[0], q->row[i].before.sd[0], 1e-12);
            if (!p->row[i].binary) close_to(p->row[i].after.ratio, q->row[i].after.ratio, 1e-9);
        }
        for (int i = 0; i < 6; i++) {
            close_to(p->estimate[i].estimate, q->estimate[i].estimate, 1e-11);
            close_to(p->estimate[i].std_error, q->estimate[i].std_error, 1e-9);
            close_to(p->estimate[i].df, q->estimate[i].df, 0);
        }
        free(p);
        free(q);
    }
}

/* All of it again with a cluster's rows gone. */
static void the_jackknife_is_everything_again_without_a_cluster(void **state)
{
    (void)state;
    problem *p = problem_darfur();
    for (ptrdiff_t i = 0; i < p->n; i++) p->cluster[i] %= 30;
    p->n_clusters = 30;
    problem_design(p);
    p->question.n_covariates = 6;
    p->question.n_outcomes = 2;
    for (int k = 0; k < 4; k++) {
        double sum[6] = {0};
        p->question.errors = SY_ERRORS_AUTO;
        p->question.estimand = (sy_estimand)(k % 3);
        p->question.method = k == 3 ? SY_BALANCE_ENTROPY : SY_BALANCE_PROPENSITY;
        p->design.cluster = &p->cluster_column;
        if (problem_run(p) < 0) fail_msg("%s", p->message);
        assert_int_equal(p->summary.errors, SY_ERRORS_JACKKNIFE);
        assert_true(p->summary.units == 30 && p->summary.df == 29);
        sy_balance_estimate whole[6];
        memcpy(whole, p->estimate, sizeof whole);
        p->question.errors = SY_ERRORS_NONE;
        for (int g = 0; g < 30; g++) {
            for (ptrdiff_t i = 0; i < p->n; i++)
                if (p->cluster[i] % 100 == g) p->cluster[i] -= 100; /* no level: the row is incomplete */
            if (problem_run(p) < 0) fail_msg("%s", p->message);
            for (ptrdiff_t i = 0; i < p->n; i++)
                if (p->cluster[i] < 0) p->cluster[i] += 100;
            for (int i = 0; i < 6; i++) sum[i] += pow(p->estimate[i].estimate - whole[i].estimate, 2);
        }
        for (int i = 0; i < 6; i++) close_to(whole[i].std_error, sqrt(sum[i] * 29 / 30), 1e-9);
    }
    free(p);
}

static void influence_and_jackknife_agree_where_there_are_many(void **state)
{
    (void)state;
    problem *p = problem_darfur();
    for (ptrdiff_t i = 0; i < p->n; i++) {
        p->cluster[i] %= 120;
        p->stratum[i] = p->cluster[i] % 4;
    }
    p->design.cluster = &p->cluster_column;
    p->design.strata = &p->stratum_column;
    for (int e = 0; e < 5; e++) {
        double se[6];
        p->question.estimand = (sy_estimand)(e % 3);
        p->question.method = e > 2 ? SY_BALANCE_ENTROPY : SY_BALANCE_PROPENSITY;
        p->question.errors = SY_ERRORS_JACKKNIFE;
        if (problem_run(p) < 0) fail_msg("%s", p->message);
        assert_true(p->summary.df == 120 - 4);
        for (int i = 0; i < 6; i++) se[i] = p->estimate[i].std_error;
        p->question.errors = SY_ERRORS_AUTO;
        if (problem_run(p) < 0) fail_msg("%s", p->message);
        assert_int_equal(p->summary.errors, SY_ERRORS_INFLUENCE);
        for (int i = 0; i < 6;
             i++) /* villages of unequal size: leaving out reaches further, by up to a twentieth here */
            assert_true(se[i] > 0.99 * p->estimate[i].std_error && se[i] < 1.08 * p->estimate[i].std_error);
    }
    free(p);
}

/* x normal, treatment by a logit of x (or of x^2), y = 2 t + x (or x^2) + noise, `misled` 1: the score's form is wrong,
 * 2: the outcome's. Both models are told z, the part that is right in the other. */
static problem *planted(int misled)
{
    problem *p = problem_darfur();
    syi_stream s;
    syi_stream_init(&s, 20261, (uint32_t)misled, 0);
    p->n = P_ROWS;
    for (ptrdiff_t i = 0; i < p->n; i++) {
        double u[4];
        for (int k = 0; k < 4; k++) u[k] = ((double)syi_stream_below(&s, 1u << 30) + 0.5) / (1u << 30);
        const double x = sqrt(-2 * log(u[0])) * cos(6.283185307179586 * u[1]), bent = x * x - 1;
        const double e = 1 / (1 + exp(-(misled == 1 ? 0.9 * bent - 0.4 * x : 0.8 * x)));
        p->x[0][i] = u[2] < e;
        p->x[1][i] = x;
        p->x[7][i] = 2 * p->x[0][i] + (misled == 2 ? x + bent : x) + 2 * (u[3] - 0.5);
    }
    problem_design(p);
    p->covariates[0] = 1;
    p->question.n_covariates = 1;
    p->question.n_outcomes = 1;
    return p;
}

static void one_right_model_of_two_is_enough(void **state)
{
    (void)state;
    for (int misled = 1; misled <= 2; misled++)
        for (int e = 0; e < 2; e++) {
            problem *p = planted(misled);
            p->question.estimand = (sy_estimand)e;
            if (problem_run(p) < 0) fail_msg("%s", p->message);
            const sy_balance_estimate *w = &p->estimate[SY_WEIGHTED], *a = &p->estimate[SY_AIPW], *u = &p->estimate[0];
            assert_true(fabs(a->estimate - 2) < 3.5 * a->std_error && a->std_error < 0.15);
            assert_true(fabs(u->estimate - 2) > 4 * u->std_error); /* selection is there to be taken away */
            /* a wrong score shows in what is left of the square; a right one leaves the weighted estimate right too */
            if (misled == 2) assert_true(fabs(w->estimate - 2) < 3.5 * w->std_error);
            free(p);
        }
}

static void weights_keep_the_groups_sizes_and_know_their_rows(void **state)
{
    (void)state;
    problem *p = problem_darfur();
    for (ptrdiff_t i = 0; i < p->n; i++) p->weight[i] = 1 + (double)(i % 4);
    p->design.weights = &p->weight_column;
    p->design.weight_kind = SY_WEIGHT_SAMPLING;
    p->x[3][5] = NAN;
    p->x[8][9] = NAN;
    p->weight[11] = 0; /* not used, and not missing either */
    if (problem_run(p) < 0) fail_msg("%s", p->message);
    assert_true(p->summary.rows_used == 1273 && p->summary.rows_dropped == 2 && p->summary.rows_read == 1276);
    double sum[2] = {0, 0}, given[2] = {0, 0}, bins[4] = {0};
    for (ptrdiff_t i = 0; i < p->n; i++) {
        const int a = p->x[0][i] > 0;
        if (i == 5 || i == 9 || i == 11) {
            assert_true(isnan(p->weights[i]) && isnan(p->score[i]));
            continue;
        }
        sum[a] += p->weights[i];
        given[a] += p->weight[i];
    }
    for (int a = 0; a < 2; a++) close_to(sum[a], given[a], 1e-12);
    for (int i = 0; i < 4 * SY_BALANCE_BINS; i++) bins[i / SY_BALANCE_BINS] += p->bins[i];
    for (int k = 0; k < 4; k++) close_to(bins[k], 1, 1e-12);
    assert_true(strlen(problem_remark(p, SY_NOTE_ROWS_DROPPED, "")) > 0);
    free(p);
}

static void trimmed_rows_leave_and_the_score_is_fitted_again(void **state)
{
    (void)state;
    problem *p = problem_darfur();
    p->question.trim = 0.37;
    if (problem_run(p) < 0) fail_msg("%s", p->message);
    assert_true(p->summary.rows_trimmed > 50 && p->summary.rows_used + p->summary.rows_trimmed == 1276);
    assert_true(strstr(problem_remark(p, SY_NOTE_ROWS_DROPPED, "trim"), "rows have scores beyond 0.37") != NULL);
    problem *q = problem_darfur(); /* the same rows taken out by hand */
    for (ptrdiff_t i = 0; i < q->n; i++)
        if (isnan(p->weights[i])) q->x[0][i] = NAN;
    assert_true(problem_run(q) >= 0);
    for (int i = 0; i < 6; i++) {
        assert_true(p->estimate[i].estimate == q->estimate[i].estimate);
        assert_true(p->estimate[i].std_error == q->estimate[i].std_error);
    }
    free(p);
    free(q);
}

static void a_level_that_is_trimmed_away_keeps_its_row(void **state)
{
    (void)state;
    problem *p = problem_darfur();
    p->covariates[0] = p->p; /* area first: its east is all but treated, and leaves */
    p->covariates[1] = 6;
    p->question.n_covariates = 2;
    p->question.n_outcomes = 1;
    p->question.trim = 0.2;
    for (ptrdiff_t i = 0; i < p->n; i++)
        if (p->area[i] == 0) p->x[0][i] = i % 50 != 0;
    assert_true(problem_run(p) >= 0);
    assert_int_equal(p->rows, 6);
    assert_true(p->summary.rows_trimmed == 333);
    assert_true(problem_row(p, "area[east]")->before.mean[0] == 0 && problem_row(p, "area[east]")->after.mean[1] == 0);
    double share = 0;
    for (ptrdiff_t i = 0; i < p->n; i++) share += p->area[i] == 3 && p->x[0][i] == 0;
    close_to(problem_row(p, "area[south]")->before.mean[0] * p->summary.people[0], share, 1e-12);
    free(p);
}

static void fixed_effects_are_the_clusters_as_a_covariate(void **state)
{
    (void)state;
    problem *p = problem_darfur();
    p->design.cluster = &p->column[p->p]; /* area */
    p->question.clusters = SY_CLUSTERS_FIXED;
    p->question.errors = SY_ERRORS_JACKKNIFE; /* of four areas, fewer than are given limits unasked */
    if (problem_run(p) < 0) fail_msg("%s", p->message);
    assert_int_equal(p->summary.errors, SY_ERRORS_JACKKNIFE);
    assert_int_equal(p->rows, 7); /* the table is of the covariates */
    problem *q = problem_darfur();
    q->design.cluster = &q->column[q->p];
    q->question.errors = SY_ERRORS_JACKKNIFE;
    q->covariates[6] = q->p;
    q->question.n_covariates = 7;
    assert_true(problem_run(q) >= 0);
    for (int i = 0; i < 6; i++) {
        close_to(p->estimate[i].estimate, q->estimate[i].estimate, 1e-12);
        close_to(p->estimate[i].std_error, q->estimate[i].std_error, 1e-9);
    }
    free(p);
    free(q);
}

static void random_effects_are_those_of_the_mixed_model(void **state)
{
    (void)state;
    problem *p = problem_darfur();
    for (ptrdiff_t i = 0; i < p->n; i++) p->cluster[i] %= 20;
    p->n_clusters = 20;
    for (ptrdiff_t i = 0; i < p->n; i++)
        if (p->cluster[i] < 5 && i % 3 == 0) p->x[0][i] = 1;
    problem_design(p);
    p->question.n_covariates = 6;
    p->question.n_outcomes = 2;
    p->design.cluster = &p->cluster_column;
    p->question.clusters = SY_CLUSTERS_RANDOM;
    if (problem_run(p) < 0) fail_msg("%s", p->message);
    assert_int_equal(p->summary.errors, SY_ERRORS_JACKKNIFE);
    const sy_random random = {.intercept = 1, .group = &p->cluster_column};
    sy_mixed_model model = {
        .response = {.columns = {.outcome = 0, .n_terms = 6, .terms = p->covariates, .intercept = 1},
                     .kind = SY_RESPONSE_BINARY},
        .n_random = 1,
        .random = &random};
    double estimate[7], covariance[49], theta[1], variance[1], modes[20], *fitted = calloc(P_ROWS, sizeof *fitted);
    int aliased[7];
    sy_mixed_summary summary;
    const sy_mixed_fit fit = {.estimate = estimate,
                              .aliased = aliased,
                              .covariance = covariance,
                              .theta = theta,
                              .variance = variance,
                              .modes = modes,
                              .fitted = fitted};
    sy_context ctx;
    sy_context_init(&ctx);
    assert_true(sy_mixed(&ctx, &p->design, &model, NULL, &summary, &fit) >= 0);
    assert_true(variance[0] > 0.01);
    for (ptrdiff_t i = 0; i < p->n; i++) assert_true(p->score[i] == fitted[i]);
    for (int i = 0; i < 6; i++) assert_true(p->estimate[i].std_error > 0);
    sy_context_free(&ctx);
    free(fitted);
    free(p);
}

static void threads_and_instructions_do_not_change_a_bit(void **state)
{
    (void)state;
    problem *p = problem_darfur();
    sy_balance_estimate first[6];
    for (ptrdiff_t i = 0; i < p->n; i++) p->cluster[i] %= 40;
    p->design.cluster = &p->cluster_column;
    for (int k = 0; k < 4; k++) {
        setenv("STEELYARD_NUM_THREADS", k % 2 ? "3" : "1", 1);
        setenv("STEELYARD_SIMD", k / 2 ? "avx2" : "avx512", 1);
        if (problem_run(p) < 0) fail_msg("%s", p->message);
        if (k == 0) memcpy(first, p->estimate, sizeof first);
        assert_memory_equal(first, p->estimate, sizeof first);
    }
    unsetenv("STEELYARD_NUM_THREADS");
    unsetenv("STEELYARD_SIMD");
    free(p);
}

static sy_status whole_job(void *arg, void *out)
{
    problem *p = arg;
    const sy_balance_result result = {p->weights, p->score, p->row, p->estimate, p->bins};
    sy_context ctx;
    sy_context_init(&ctx);
    int rows;
    sy_status status = sy_balance_rows(&ctx, &p->design, &p->question, &rows, p->label, 64);
    if (status >= 0) status = sy_balance(&ctx, &p->design, &p->question, &p->summary, &result);
    if (status >= 0) {
        double *answers = out;
        for (int i = 0; i < 6; i++) answers[i] = p->estimate[i].std_error;
    }
    sy_context_free(&ctx);
    return status;
}

static void it_survives_every_failing_allocation(void **state)
{
    (void)state;
    for (int k = 0; k < 4; k++) {
        problem *p = problem_darfur();
        p->n = 90;
        for (ptrdiff_t i = 0; i < p->n; i++) p->cluster[i] %= 4;
        p->n_clusters = 4;
        problem_design(p);
        p->question.n_covariates = 2;
        p->question.n_outcomes = 2;
        p->design.cluster = &p->cluster_column;
        p->question.errors = k == 1 ? SY_ERRORS_INFLUENCE : SY_ERRORS_JACKKNIFE;
        p->question.method = k == 2 ? SY_BALANCE_ENTROPY : SY_BALANCE_PROPENSITY;
        p->question.clusters = k == 3 ? SY_CLUSTERS_RANDOM : SY_CLUSTERS_NONE;
        if (k == 0) p->question.trim = 0.3;
        assert_true(syi_survives_failing(whole_job, p, 6 * sizeof(double)) > 20);
        free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overlap_weights_of_a_logit_balance_means_exactly),
        cmocka_unit_test(entropy_weights_meet_their_means_to_ten_digits),
        cmocka_unit_test(saturated_models_are_stratification),
        cmocka_unit_test(frequencies_are_rows_written_out),
        cmocka_unit_test(the_jackknife_is_everything_again_without_a_cluster),
        cmocka_unit_test(influence_and_jackknife_agree_where_there_are_many),
        cmocka_unit_test(one_right_model_of_two_is_enough),
        cmocka_unit_test(weights_keep_the_groups_sizes_and_know_their_rows),
        cmocka_unit_test(trimmed_rows_leave_and_the_score_is_fitted_again),
        cmocka_unit_test(a_level_that_is_trimmed_away_keeps_its_row),
        cmocka_unit_test(fixed_effects_are_the_clusters_as_a_covariate),
        cmocka_unit_test(random_effects_are_those_of_the_mixed_model),
        cmocka_unit_test(threads_and_instructions_do_not_change_a_bit),
        cmocka_unit_test(it_survives_every_failing_allocation),
    };
    return cmocka_run_group_tests_name("balance", tests, NULL, NULL);
}
