/* The answer as text: pieces against lines, decimals against errors.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "weigh_councils.h"
#include <string.h>

static councils c;
static sy_weighing w;

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

/* Words of single lines stand in the text as they are; a table's header and rows are lines of it. */
static void pieces_are_the_text_in_parts(void **state)
{
    (void)state;
    int tables = 0, rows = 0, lines = 0;
    councils_read(&c);
    weigh_with(&c);
    for (const char *at = w.pieces; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL) {
        char line[SY_SENTENCE + 16];
        snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\n"), at);
        assert_non_null(strchr("HTPLICGR", line[0]));
        tables += line[0] == 'G';
        rows += line[0] == 'R';
        lines += line[0] != 'G';
        if (line[0] != 'G' && line[0] != 'R') assert_non_null(strstr(w.text, line + 1));
    }
    for (const char *at = w.text; (at = strchr(at, '\n')); at++) lines--;
    assert_int_equal(lines, 1);
    assert_true(tables > 5 && rows > 20);
    sy_weighing_free(&w);
}

/* Decimals counted by hand from the errors: two digits of each. */
static void shares_are_printed_with_the_decimals_of_their_error(void **state)
{
    (void)state;
    char line[256];
    councils_read(&c);
    c.question.n_outcomes = 1;
    weigh_with(&c);
    const char *const names[] = {"total", "funding", "process", "difference"};
    for (int k = 0; k < 4; k++) {
        snprintf(line, sizeof line, "%s_std_error", names[k]);
        const double error = number(SY_WEIGH_OUTCOMES, 0, line);
        assert_true(error > 0.0095 && error < 0.095);
        snprintf(line, sizeof line, " %.3f ", number(SY_WEIGH_OUTCOMES, 0, names[k]));
        assert_non_null(strstr(w.text, line));
    }
    sy_weighing_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_the_text_in_parts),
        cmocka_unit_test(shares_are_printed_with_the_decimals_of_their_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
