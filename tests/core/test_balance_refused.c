/* What a balance refuses, and what it tells of.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "balance_problem.h"

static void expect(problem *p, sy_status status, const char *message)
{
    const sy_status found = problem_run(p);
    if (found != status || strcmp(p->message, message) != 0)
        fail_msg("status %d, \"%s\"; expected %d, \"%s\"", (int)found, p->message, (int)status, message);
    free(p);
}

static problem *by_area(int merge)
{
    problem *p = problem_darfur();
    p->question.treatment = p->p;
    for (ptrdiff_t i = 0; i < p->n; i++) p->area[i] = merge ? p->area[i] % merge : p->area[i];
    return p;
}

static void questions_that_cannot_be_asked_are_refused(void **state)
{
    (void)state;
    problem *p = by_area(0);
    expect(p, SY_EDATA,
           "treatment: area has 4 levels in use: east 333, north 415, west 317, south 211; two are compared");
    expect(by_area(1), SY_EDATA, "treatment: area has 1 level in use: east 1276; two are compared");
    p = by_area(2);
    p->question.treated = 3;
    expect(p, SY_EINVAL, "treated: area has no rows of south (east 650, north 626)");
    p = problem_darfur();
    p->question.treatment = 5;
    p->covariates[4] = 1;
    expect(p, SY_EDATA, "treatment: hhsize_darfur is 23 in row 1; numbers are 0 and 1, anything else a factor");
    p = problem_darfur();
    p->covariates[2] = 0;
    expect(p, SY_EINVAL, "covariates: directlyharmed is the treatment");
    p = problem_darfur();
    p->covariates[2] = 8;
    expect(p, SY_EINVAL, "covariates: wouldvote is an outcome");
    p = problem_darfur();
    p->question.n_covariates = 0;
    expect(p, SY_EINVAL, "covariates: none is given");
    p = problem_darfur();
    p->design.weights = &p->weight_column;
    p->design.weight_kind = SY_WEIGHT_ANALYTIC;
    expect(p, SY_EINVAL, "weights: w are analytic; groups of people are balanced with frequency or sampling weights");
    p = problem_darfur();
    p->question.method = SY_BALANCE_ENTROPY;
    p->question.estimand = SY_ESTIMAND_OVERLAP;
    expect(p, SY_EINVAL,
           "estimand: overlap weights are made of a propensity score; entropy balancing is for ATE and ATT");
    p = problem_darfur();
    p->question.clusters = SY_CLUSTERS_FIXED;
    expect(p, SY_EINVAL, "clusters: the score can know the clusters when they are named in cluster");
    p = problem_darfur();
    p->question.trim = 0.6;
    expect(p, SY_EINVAL, "trim: 0.6; it must lie between 0 and 0.5");
    p = problem_darfur();
    p->question.regression = SY_OUTCOME_LOGIT;
    expect(p, SY_EDATA, "outcome: peacefactor is 0.706830720721758 in row 2; a logit regression needs 0 and 1");
}

static void groups_without_overlap_are_refused_by_the_name_of_what_parts_them(void **state)
{
    (void)state;
    problem *p = problem_darfur();
    for (ptrdiff_t i = 0; i < p->n; i++) p->x[1][i] = p->x[0][i] > 0 ? 50 + (double)(i % 20) : 30 - (double)(i % 9);
    expect(
        p, SY_EDATA,
        "covariates: age tells 0 and 1 apart without error; people on one side of it have nobody to be compared with: "
        "leave them, or it, out");
    p = problem_darfur(); /* a level that is in one group alone */
    p->covariates[6] = p->p;
    p->question.n_covariates = 7;
    for (ptrdiff_t i = 0; i < p->n; i++)
        if (p->x[0][i] > 0 && p->area[i] == 2) p->area[i] = 1;
    expect(
        p, SY_EDATA,
        "covariates: area[west] tells 0 and 1 apart without error; people on one side of it have nobody to be compared "
        "with: leave them, or it, out");
    p = problem_darfur();
    p->question.method = SY_BALANCE_ENTROPY;
    p->question.estimand = SY_ESTIMAND_ATT;
    for (ptrdiff_t i = 0; i < p->n; i++)
        if (p->x[0][i] > 0) p->x[5][i] += 200;
    expect(
        p, SY_EDATA,
        "covariates: no weights of the people in 0 give them the means aimed at; hhsize_darfur stands out most: groups "
        "without overlap");
    p = problem_darfur(); /* inside the range of each column, outside the hull */
    p->question.method = SY_BALANCE_ENTROPY;
    p->question.estimand = SY_ESTIMAND_ATT;
    for (ptrdiff_t i = 0; i < p->n; i++) p->x[5][i] = p->x[1][i] + (p->x[0][i] > 0 ? 8 : 0) + (double)(i % 5);
    expect(
        p, SY_EDATA,
        "covariates: no weights of the people in 0 give them the means aimed at; hhsize_darfur stands out most: groups "
        "without overlap");
}

static void a_thin_overlap_is_told_of(void **state)
{
    (void)state;
    problem *p = problem_darfur();
    for (ptrdiff_t i = 0; i < p->n; i++)
        if (p->x[0][i] > 0 && i % 40 != 0) p->x[1][i] += 60;
    assert_int_equal(problem_run(p), SY_NOTE_OVERLAP);
    assert_true(strstr(problem_remark(p, SY_NOTE_OVERLAP, "1"), "of 529 people in 1 weighting leaves an effective") !=
                NULL);
    assert_true(strstr(problem_remark(p, SY_NOTE_OVERLAP, ""), "have scores that nobody in the other group reaches"));
    assert_true(p->summary.largest[1] > 0.02 && p->summary.effective_after[1] < 100);
    assert_true(p->summary.outside[0] + p->summary.outside[1] > 300);
    free(p);
}

static void a_unit_without_which_there_is_no_answer_is_told_of(void **state)
{
    (void)state;
    problem *p = problem_darfur();
    for (ptrdiff_t i = 0; i < p->n; i++) {
        p->cluster[i] %= 25;
        if (p->area[i] == 3 && p->x[0][i] > 0) p->cluster[i] = 7; /* the treated of the south are one cluster */
    }
    p->n_clusters = 25;
    problem_design(p);
    p->covariates[6] = p->p;
    p->question.n_covariates = 7;
    p->question.n_outcomes = 1;
    p->design.cluster = &p->cluster_column;
    if (problem_run(p) < 0) fail_msg("%s", p->message);
    assert_string_equal(
        problem_remark(p, SY_NOTE_INTERVAL_SKIPPED, ""),
        "interval: without each of 1 clusters there is no answer (groups without overlap); the standard "
        "errors rest on the others and are too small");
    assert_true(p->estimate[SY_AIPW].std_error > 0);
    free(p);
}

static void columns_without_a_coefficient_in_one_group_are_named(void **state)
{
    (void)state;
    problem *p = problem_darfur();
    for (ptrdiff_t i = 0; i < p->n; i++)
        if (p->x[0][i] > 0) p->x[3][i] = p->x[2][i]; /* farmer and herder are one among the treated */
    if (problem_run(p) < 0) fail_msg("%s", p->message);
    assert_string_equal(problem_remark(p, SY_NOTE_ALIASED, "herder_dar"),
                        "herder_dar adds nothing beyond the columns before it in 1 and has no coefficient in the "
                        "regression there");
    assert_true(p->estimate[SY_AIPW].std_error > 0);
    free(p);
}

static void assumptions_are_said_in_words(void **state)
{
    (void)state;
    sy_balance_question q;
    char text[400];
    int n = 0;
    sy_balance_defaults(&q);
    q.n_covariates = 3;
    q.n_outcomes = 1;
    assert_int_equal(sy_balance_assumption(&q, "payment", 0, text, sizeof text), 0);
    assert_string_equal(text,
                        "No unmeasured confounding: given the 3 covariates listed, nothing else bears on both payment "
                        "and the outcome; no data can show that.");
    while (!sy_balance_assumption(&q, "payment", n, text, sizeof text)) n++;
    assert_int_equal(n, 4);
    q.n_outcomes = 0;
    for (n = 0; !sy_balance_assumption(&q, "payment", n, text, sizeof text);) n++;
    assert_int_equal(n, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions_that_cannot_be_asked_are_refused),
        cmocka_unit_test(groups_without_overlap_are_refused_by_the_name_of_what_parts_them),
        cmocka_unit_test(a_thin_overlap_is_told_of),
        cmocka_unit_test(a_unit_without_which_there_is_no_answer_is_told_of),
        cmocka_unit_test(columns_without_a_coefficient_in_one_group_are_named),
        cmocka_unit_test(assumptions_are_said_in_words),
    };
    return cmocka_run_group_tests_name("balance_refused", tests, NULL, NULL);
}
