/* Rows of the whole question: those without an amount, those without a process
 * measure, and what a row is called.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "weigh_councils.h"

static councils c;
static sy_weighing w;

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("%.17g, expected %.17g within %g", found, expected, tolerance);
}

static void weigh_with(const councils *from)
{
    sy_context ctx;
    sy_context_init(&ctx);
    if (sy_weigh(&ctx, &from->design, &from->question, &from->options, &w) < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

static double number(int table, int row, const char *column)
{
    const int at = sy_tidy_column(&w.tables[table], column);
    if (at < 0) fail_msg("no column %s", column);
    return sy_tidy_number(&w.tables[table], row, at);
}

static void missing_amounts_are_told(void **state)
{
    (void)state;
    councils_read(&c);
    c.question.n_outcomes = 1;
    c.question.n_sources = 0;
    double sum = 0;
    for (int i = 0; i < 10; i++) {
        c.value[SPEND][i] = NAN;
        sum += c.value[0][i] / 10;
    }
    weigh_with(&c);
    assert_near(number(SY_WEIGH_MISSING, 0, "rows_unknown"), 10, 0);
    assert_near(number(SY_WEIGH_MISSING, 0, "outcome_unknown"), sum, 1e-12);
    assert_near(number(SY_WEIGH_OUTCOMES, 0, "n"), (double)c.design.n - 10, 0);
    int told = 0;
    for (int k = 0; k < w.n_limits; k++) told = told || strstr(w.limits[k], "missing in 10 of 147 rows");
    assert_true(told);
    sy_weighing_free(&w);
}

static void missing_process_is_told_when_many_lack_it(void **state)
{
    (void)state;
    councils_read(&c);
    c.question.n_outcomes = 1;
    c.question.n_sources = 0;
    double sum = 0;
    for (int i = 0; i < 20; i++) {
        c.value[EASY][i] = NAN;
        sum += c.value[0][i] / 20;
    }
    weigh_with(&c);
    assert_near(number(SY_WEIGH_MISSING, 0, "rows_process_unknown"), 20, 0);
    assert_near(number(SY_WEIGH_MISSING, 0, "rows_process_known"), (double)c.design.n - 20, 0);
    assert_near(number(SY_WEIGH_MISSING, 0, "outcome_process_unknown"), sum, 1e-12);
    int told = 0;
    for (int k = 0; k < w.n_limits; k++)
        told = told || strstr(w.limits[k], "The process measure is missing in 20 of 147 rows that have an outcome");
    assert_true(told);
    assert_non_null(strstr(w.text, "\nWhere the process measure is known and where it is not:\n"));
    sy_weighing_free(&w);
    for (int i = 0; i < 10; i++) c.value[EASY][i] = 50; /* in 10 of 147: a tenth is not passed */
    weigh_with(&c);
    for (int k = 0; k < w.n_limits; k++) assert_null(strstr(w.limits[k], "The process measure is missing"));
    sy_weighing_free(&w);
}

/* What a remark of the one unit says, and whether it names the row by its place in the data. */
static void remarks_call_a_row_by_its_label(void **state)
{
    (void)state;
    static const char *const called[] = {"City of London", "row "};
    councils_read(&c);
    c.question.outcomes = &council_outcomes[1];
    c.question.n_outcomes = 1;
    c.question.n_sources = 0;
    c.options.left_out = 0;
    for (int named = 0; named < 2; named++) {
        sy_context ctx;
        sy_context_init(&ctx);
        c.question.label = named ? NULL : &c.label;
        if (sy_weigh(&ctx, &c.design, &c.question, &c.options, &w) < 0) fail_msg("%s", ctx.message);
        int found = 0;
        for (int r = 0; r < ctx.n_remarks; r++) {
            if (ctx.remarks[r].code != SY_NOTE_ONE_UNIT) continue;
            found++;
            assert_null(strstr(ctx.remarks[r].text, "of the rows used"));
            const char *at = strstr(ctx.remarks[r].text, "without ");
            assert_non_null(at);
            assert_int_equal(strncmp(at + 8, called[named], strlen(called[named])), 0);
            if (named) assert_string_equal(c.name[atoi(at + 12) - 1], "City of London");
        }
        assert_int_equal(found, 1);
        sy_context_free(&ctx);
        sy_weighing_free(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_amounts_are_told),
        cmocka_unit_test(missing_process_is_told_when_many_lack_it),
        cmocka_unit_test(remarks_call_a_row_by_its_label),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
