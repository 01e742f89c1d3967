/* Tests of proportional odds against clm's and against Brant's formula in R.
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "failing_internal.h"

#include "cases.h"
#include "ordinal_problem.h"

#include "steelyard/proportional.h"
#include <math.h>

static frame sheet;
static const char *const housing_model = "Sat ~ Infl + Type + Cont";

static void pose_housing(ordinal_problem *q, const char *text)
{
    frame_housing(&sheet);
    ordinal_pose(q, &sheet, text);
    weigh(&sheet, "Freq", SY_WEIGHT_FREQUENCY);
}

/* Levels 1 and 2, and 4 and 5, made one. */
static void pose_wine(ordinal_problem *q, const char *text)
{
    frame_wine(&sheet);
    const int c = frame_column(&sheet, "rating");
    for (ptrdiff_t i = 0; i < sheet.n; i++) sheet.code[c][i] = sheet.code[c][i] < 2 ? 0 : sheet.code[c][i] > 2 ? 2 : 1;
    sheet.n_levels[c] = 3;
    ordinal_pose(q, &sheet, text);
}

static sy_status ask(ordinal_problem *q, sy_proportional_test test, sy_proportional_row *row, char *message)
{
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status status = sy_proportional(&ctx, &q->f->design, &q->model, test, &q->options, row);
    if (message) memcpy(message, ctx.message, sizeof ctx.message);
    sy_context_free(&ctx);
    return status;
}

static void each_test_gives_the_answers_of_r(void **state)
{
    (void)state;
    record r;
    static ordinal_problem q;
    sy_proportional_row row[4];
    char case_name[MAX_FIELD] = "";
    int held = 0, terms = 0;
    FILE *file = open_table("tests/reference/clm.csv", &r);
    while (next_case(file, "ordinal_clm", &r)) {
        const char *const name = r.field[CASE_NAME], *const quantity = r.field[CASE_QUANTITY];
        if (!strstr(name, "_test") && !strstr(name, "_brant")) continue;
        if (strcmp(case_name, name)) {
            snprintf(case_name, sizeof case_name, "%s", name);
            if (strstr(name, "housing")) pose_housing(&q, housing_model);
            else pose_wine(&q, "rating ~ temp + contact");
            terms = q.model.columns.n_terms;
            assert_int_equal(ask(&q,
                                 strstr(name, "brant")     ? SY_PROPORTIONAL_BRANT
                                 : strstr(name, "nominal") ? SY_PROPORTIONAL_NOMINAL
                                                           : SY_PROPORTIONAL_SPREAD,
                                 row, NULL),
                             SY_OK);
        }
        const char *const of = strchr(quantity, '[') + 1;
        const int t = *of == 'a' ? terms : atoi(of) - 1;
        held += within(&r, *quantity == 'd' ? row[t].df : row[t].statistic);
    }
    fclose(file);
    assert_int_equal(held, 23);
}

/* Upper tail of chi-squared with 6 df: exp(-x/2)(1 + x/2 + x^2/8). */
static void tails_are_those_of_chi_squared(void **state)
{
    (void)state;
    static ordinal_problem q;
    sy_proportional_row row[4];
    pose_housing(&q, housing_model);
    assert_int_equal(ask(&q, SY_PROPORTIONAL_BRANT, row, NULL), SY_OK);
    const double x = row[3].statistic;
    assert_true(row[3].df == 6);
    near(row[3].p, exp(-x / 2) * (1 + x / 2 + x * x / 8), 1e-12);
}

/* A Wald test does not see how columns are scaled, nor how terms are ordered. */
static void brant_ignores_the_order_of_terms(void **state)
{
    (void)state;
    static ordinal_problem q;
    sy_proportional_row row[2][4];
    pose_housing(&q, housing_model);
    assert_int_equal(ask(&q, SY_PROPORTIONAL_BRANT, row[0], NULL), SY_OK);
    pose_housing(&q, "Sat ~ Cont + Type + Infl");
    assert_int_equal(ask(&q, SY_PROPORTIONAL_BRANT, row[1], NULL), SY_OK);
    for (int t = 0; t < 3; t++) near(row[0][t].statistic, row[1][2 - t].statistic, 1e-9);
    near(row[0][3].statistic, row[1][3].statistic, 1e-9);
}

/* In wine no answer "1" comes with a warm temperature, so the larger model's
 * maximum lies at infinity. */
static void a_test_without_a_maximum_is_not_a_number(void **state)
{
    (void)state;
    static ordinal_problem q;
    sy_proportional_row row[3];
    frame_wine(&sheet);
    ordinal_pose(&q, &sheet, "rating ~ temp + contact");
    assert_int_equal(ask(&q, SY_PROPORTIONAL_NOMINAL, row, NULL), SY_NOTE_NOT_CONVERGED);
    assert_true(isnan(row[0].statistic) && isnan(row[0].p));
    /* nominal_test of R's ordinal prints 0.5667 on 3 df */
    assert_true(fabs(row[1].statistic - 0.5667) < 5e-5 && row[1].df == 3);
    assert_int_equal(ask(&q, SY_PROPORTIONAL_BRANT, row, NULL), SY_NOTE_NOT_CONVERGED);
    assert_true(isnan(row[0].statistic) && isnan(row[2].statistic));
}

static void two_levels_leave_nothing_to_test(void **state)
{
    (void)state;
    static ordinal_problem q;
    sy_proportional_row row[3];
    pose_wine(&q, "rating ~ temp + contact");
    const int c = frame_column(&sheet, "rating");
    for (ptrdiff_t i = 0; i < sheet.n; i++) sheet.code[c][i] = sheet.code[c][i] > 0;
    sheet.columns[c].n_levels = 2;
    assert_int_equal(ask(&q, SY_PROPORTIONAL_BRANT, row, NULL), SY_OK);
    for (int t = 0; t < 3; t++) assert_true(isnan(row[t].statistic) && row[t].df == 0);
}

static void refuse(ordinal_problem *q, sy_proportional_test test, const char *word)
{
    sy_proportional_row row[5];
    char message[SY_MESSAGE_LENGTH];
    assert_int_equal(ask(q, test, row, message), SY_EINVAL);
    if (!strstr(message, word)) fail_msg("%s", message);
}

static void models_without_such_a_test_are_refused(void **state)
{
    (void)state;
    static ordinal_problem q;
    pose_housing(&q, "Sat ~ Infl + Type; probit");
    refuse(&q, SY_PROPORTIONAL_BRANT, "link");
    pose_housing(&q, "Sat ~ Infl + Type; equidistant");
    refuse(&q, SY_PROPORTIONAL_BRANT, "thresholds");
    pose_housing(&q, "Sat ~ Infl + Type; nominal Cont");
    refuse(&q, SY_PROPORTIONAL_BRANT, "nominal");
    pose_housing(&q, "Sat ~ Infl + Type; scale Cont");
    refuse(&q, SY_PROPORTIONAL_BRANT, "scale");
    pose_housing(&q, housing_model);
    sheet.design.weight_kind = SY_WEIGHT_SAMPLING;
    refuse(&q, SY_PROPORTIONAL_SPREAD, "sampling");
    q.model.kind = SY_RESPONSE_BINARY;
    refuse(&q, SY_PROPORTIONAL_NOMINAL, "ordinal");
}

static sy_status brant_job(void *arg, void *answer)
{
    return ask(arg, SY_PROPORTIONAL_BRANT, answer, NULL);
}

static sy_status ratio_job(void *arg, void *answer)
{
    return ask(arg, SY_PROPORTIONAL_NOMINAL, answer, NULL);
}

static void every_failing_allocation_is_survived(void **state)
{
    (void)state;
    static ordinal_problem q;
    pose_wine(&q, "rating ~ temp + contact");
    assert_true(syi_survives_failing(brant_job, &q, 3 * sizeof(sy_proportional_row)) > 10);
    assert_true(syi_survives_failing(ratio_job, &q, 3 * sizeof(sy_proportional_row)) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_test_gives_the_answers_of_r),
        cmocka_unit_test(tails_are_those_of_chi_squared),
        cmocka_unit_test(brant_ignores_the_order_of_terms),
        cmocka_unit_test(a_test_without_a_maximum_is_not_a_number),
        cmocka_unit_test(two_levels_leave_nothing_to_test),
        cmocka_unit_test(models_without_such_a_test_are_refused),
        cmocka_unit_test(every_failing_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
