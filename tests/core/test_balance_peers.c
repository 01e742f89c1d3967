/* SPDX-License-Identifier: GPL-3.0-only
 * References: tests/reference/balance.csv (WeightIt, PSweight, ebal, cobalt, and stacked equations by numeric
 * derivatives; make_balance.R says how far each is to be trusted). */
#include "base/numeric_internal.h"

#include "balance_problem.h"
#include "cases.h"

static int starts(const char *text, const char *with)
{
    return !strncmp(text, with, strlen(with));
}

/* The question of a case; 1 when its errors are by clusters too. */
static void ask(problem *p, const char *name)
{
    sy_balance_question *q = &p->question;
    const int sampled = strstr(name, "sampled") != NULL;
    q->method = strstr(name, "entropy") ? SY_BALANCE_ENTROPY : SY_BALANCE_PROPENSITY;
    q->estimand = strstr(name, "ATT") ? SY_ESTIMAND_ATT : strstr(name, "ATO") ? SY_ESTIMAND_OVERLAP : SY_ESTIMAND_ATE;
    q->link = strstr(name, "probit") ? SY_LINK_PROBIT : strstr(name, "cloglog") ? SY_LINK_CLOGLOG : SY_LINK_LOGIT;
    q->errors = SY_ERRORS_INFLUENCE;
    for (ptrdiff_t i = 0; i < p->n; i++) p->weight[i] = sampled ? 1 + (double)((i + 1) * 7 % 5) / 2 : 1;
    p->design.weights = sampled ? &p->weight_column : NULL;
    p->design.weight_kind = sampled ? SY_WEIGHT_SAMPLING : SY_WEIGHT_NONE;
}

/* "aipw_se[wouldvote]" -> the answer. */
static double answer(problem *p, const char *quantity)
{
    char what[64], of[64];
    assert_int_equal(sscanf(quantity, "%63[^[][%63[^]]]", what, of) >= 1, 1);
    const int o = !strcmp(of, "wouldvote"), m = starts(what, "aipw") ? SY_AIPW : SY_WEIGHTED;
    if (!strcmp(what, "effective")) return p->summary.effective_after[atoi(of)];
    if (!strcmp(what, "before")) return problem_row(p, of)->before.difference;
    if (!strcmp(what, "after")) return problem_row(p, of)->after.difference;
    if (!strcmp(what, "ratio")) return problem_row(p, of)->after.ratio;
    if (!strcmp(what, "ks")) return problem_row(p, of)->after.ks;
    if (!strcmp(what, "largest")) return p->summary.largest[0];
    if (!strcmp(what, "weight")) {
        ptrdiff_t i = 0;
        while (p->x[0][i] == 1) i++;
        return p->weights[i];
    }
    const sy_balance_estimate *e = &p->estimate[o * SY_BALANCE_ESTIMATES + m];
    return strstr(what, "_se") ? e->std_error : e->estimate;
}

static void answers_are_those_of_other_programs(void **state)
{
    (void)state;
    problem *p = problem_darfur();
    record r;
    char last[80] = "";
    int held = 0;
    FILE *file = open_table("tests/reference/balance.csv", &r);
    while (read_record(file, &r)) {
        const int clustered = strstr(r.field[CASE_QUANTITY], "_cluster_se") != NULL;
        char name[80];
        snprintf(name, sizeof name, "%.70s %d", r.field[CASE_NAME], clustered);
        if (strcmp(name, last) != 0) {
            ask(p, r.field[CASE_NAME]);
            p->design.cluster = clustered ? &p->cluster_column : NULL;
            if (problem_run(p) < 0) fail_msg("%s", p->message);
            snprintf(last, sizeof last, "%s", name);
        }
        const double expected = atof(r.field[CASE_EXPECTED]), found = answer(p, r.field[CASE_QUANTITY]);
        if (!(fabs(found - expected) <= atof(r.field[CASE_TOLERANCE]) * fmax(0.01, fabs(expected))))
            fail_msg("%s %s: found %.12g, expected %.12g", r.field[CASE_NAME], r.field[CASE_QUANTITY], found, expected);
        held++;
    }
    fclose(file);
    assert_int_equal(held, 174);
    free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(answers_are_those_of_other_programs)};
    return cmocka_run_group_tests_name("balance_peers", tests, NULL, NULL);
}
