/* The page of an answer: what stands in it, names that HTML and the languages
 * reserve, lines of names, code that says what was asked.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "study/verdict/page_code_internal.h"
#include "weigh_councils.h"

static councils c;
static sy_weighing w;

static void weigh(void)
{
    sy_context ctx;
    sy_context_init(&ctx);
    if (sy_weigh(&ctx, &c.design, &c.question, &c.options, &w) < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

static int count(const char *text, const char *what)
{
    int n = 0;
    for (; (text = strstr(text, what)) != NULL; text += strlen(what)) n++;
    return n;
}

static void holds(const char *text, const char *what)
{
    if (!strstr(text, what)) fail_msg("not there: %s", what);
}

static void the_page_holds_question_answer_numbers_limits_and_code(void **state)
{
    (void)state;
    static const char *const heads[] = {"The question",
                                        "The answer",
                                        "The numbers",
                                        "What would overturn it",
                                        "What the data cannot say",
                                        "How to run it again",
                                        "How it was computed"};
    char head[64];
    councils_read(&c);
    c.question.host = "C";
    weigh();
    const char *at = w.page;
    for (size_t k = 0; k < sizeof heads / sizeof *heads; k++) {
        snprintf(head, sizeof head, "<h2>%s</h2>", heads[k]);
        holds(at, head);
        at = strstr(at, head);
    }
    for (int k = 0; k < SY_VERDICT_SENTENCES; k++) {
        holds(w.page, w.verdict[k]);
        holds(w.body, w.verdict[k]);
    }
    for (int k = 0; k < w.n_limits; k++) holds(w.page, w.limits[k]);
    holds(w.page, "Made by steelyard");
    holds(w.page, "from C.");
    assert_int_equal(count(w.page, "<h1>"), 1);
    assert_int_equal(count(w.page, "<svg"), 2);
    assert_int_equal(count(w.picture, "<svg"), 1);
    assert_int_equal(count(w.page, "<table"), count(w.page, "<caption>"));
    assert_int_equal(count(w.page, "<script"), 0);
    assert_null(strstr(w.body, "<html"));
    assert_true(strlen(w.page) < 2000000);
    sy_weighing_free(&w);
}

/* One dot an outcome in the difference, two in the shares; a line for each where there are limits. */
static void every_outcome_is_drawn(void **state)
{
    (void)state;
    councils_read(&c);
    weigh();
    assert_int_equal(count(w.picture, "h7v7h-7z"), 7);
    assert_int_equal(count(w.picture, "<circle"), 7 + 1); /* and the legend's */
    assert_int_equal(count(w.picture, "l4.8 4.8l-4.8 4.8"), 7 + 1);
    assert_int_equal(count(w.picture, "stroke-width=\"1.6\""), 21);
    sy_weighing_free(&w);
    c.options.interval = SY_INTERVAL_NONE;
    weigh();
    assert_int_equal(count(w.picture, "stroke-width=\"1.6\""), 0);
    assert_int_equal(count(w.picture, "h7v7h-7z"), 7);
    sy_weighing_free(&w);
}

static void names_that_html_reserves_are_written_out(void **state)
{
    (void)state;
    councils_read(&c);
    c.block[0].name = "money <b>&\"";
    c.term[0].label = "life </td><script>";
    c.options.left_out = 0;
    weigh();
    assert_int_equal(count(w.page, "<b>"), 0);
    assert_int_equal(count(w.page, "<script"), 0);
    assert_int_equal(count(w.body, "</td><script"), 0);
    assert_int_equal(count(w.picture, "<b>"), 0);
    holds(w.page, "money &lt;b&gt;&amp;&quot;");
    sy_weighing_free(&w);
}

static void lines_break_at_blanks_and_underscores(void **state)
{
    (void)state;
    syi_wrapped lines;
    syi_wrap("self_directed_support per cent", 13, &lines);
    assert_int_equal(lines.n, 3);
    assert_string_equal(lines.line[0], "self directed");
    assert_string_equal(lines.line[1], "support per");
    assert_string_equal(lines.line[2], "cent");
    syi_wrap("Donaudampfschifffahrt", 8, &lines);
    assert_int_equal(lines.n, 3);
    assert_string_equal(lines.line[0], "Donaudam");
    syi_wrap("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f", 2, &lines); /* two bytes a character */
    assert_int_equal(lines.n, 2);
    assert_string_equal(lines.line[0], "\xc3\xa4\xc3\xb6");
    syi_wrap("", 8, &lines);
    assert_int_equal(lines.n, 0);
}

static void a_name_too_long_for_its_lines_says_so(void **state)
{
    (void)state;
    char name[SY_TIDY_TEXT];
    syi_wrapped lines;
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = 0;
    syi_wrap(name, 10, &lines);
    assert_int_equal(lines.n, SYI_WRAP_LINES);
    assert_string_equal(lines.line[SYI_WRAP_LINES - 1], "xxxxxxx...");
}

static void code_reads_back_as_it_was_meant(void **state)
{
    (void)state;
    char piece[SYI_CODE_PIECE];
    syi_code_quote("a \"b\" \\c\n", piece);
    assert_string_equal(piece, "\"a \\\"b\\\" \\\\c\\n\"");
    syi_code_number(0.07, piece);
    assert_string_equal(piece, "0.07");
    syi_code_number(1.0 / 3, piece);
    assert_true(strtod(piece, NULL) == 1.0 / 3);
    syi_code_number(1000, piece);
    assert_string_equal(piece, "1000");
}

static void term_is(int python, int factors, const char *label, const char *expected)
{
    static const int32_t codes[2] = {0, 1};
    static const char *const levels[] = {"no", "yes"};
    const sy_column columns[] = {{.name = "age in years"},
                                 {.name = "kind", .type = SY_CODES, .data = codes, .n_levels = 2, .levels = levels},
                                 {.name = "np.log(pay^2)"}};
    const sy_factor by_label[3][2] = {{{0, 2}, {1, 1}}, {{1, 1}, {0, 1}}, {{2, 1}, {0, 1}}};
    const int which = strncmp(label, "age", 3) == 0 ? 0 : label[0] == 'n' ? 2 : 1;
    const sy_term term = {label, factors, by_label[which]};
    const sy_design design = {.n_columns = 3, .columns = columns, .n_terms = 1, .terms = &term};
    const syi_code code = {.python = python};
    char piece[SYI_CODE_PIECE];
    syi_code_term(&code, &design, 0, piece);
    assert_string_equal(piece, expected);
}

static void terms_are_typed_as_each_language_types_them(void **state)
{
    (void)state;
    term_is(1, 1, "age in years^2", "I(Q('age in years')**2)");
    term_is(0, 1, "age in years^2", "I(`age in years`^2)");
    term_is(1, 1, "factor(kind)", "C(kind)");
    term_is(0, 1, "factor(kind)", "factor(kind)");
    term_is(1, 1, "kind", "kind");
    term_is(0, 2, "factor(kind):x", "factor(kind):`age in years`");
    term_is(1, 2, "age in years^2:factor(kind)", "I(Q('age in years')**2):C(kind)");
    term_is(0, 1, "np.log(pay^2)", "log(pay^2)");
    term_is(1, 1, "np.log(pay^2)", "np.log(pay**2)");
}

static void the_call_says_what_was_asked(void **state)
{
    (void)state;
    councils_read(&c);
    c.question.by = &c.by;
    c.options.seed = 41;
    c.options.level = 0.9;
    c.options.left_out = 0;
    weigh();
    holds(w.page, "data = pd.read_csv(&quot;your-data.csv&quot;)");
    holds(w.page, "data &lt;- read.csv(&quot;your-data.csv&quot;, check.names = FALSE, na.strings = &quot;&quot;)");
    holds(w.page, "seed=41");
    holds(w.page, "seed = 41");
    holds(w.page, "level=0.9");
    holds(w.page, "by = &quot;half&quot;");
    holds(w.page, "label=&quot;council&quot;");
    holds(w.page, "`carers information` = &quot;carer_easy_information&quot;");
    holds(w.page, "levels = c(&quot;first half&quot;, &quot;second half&quot;)");
    sy_weighing_free(&w);
    c.question.dataset = "councils_2018_19";
    c.question.named_rows = 1;
    weigh();
    holds(w.page, "sy.datasets.load(&quot;councils_2018_19&quot;)");
    assert_null(strstr(w.page, "your-data.csv"));
    assert_null(strstr(w.page, "label=&quot;council&quot;"));
    sy_weighing_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_holds_question_answer_numbers_limits_and_code),
        cmocka_unit_test(every_outcome_is_drawn),
        cmocka_unit_test(names_that_html_reserves_are_written_out),
        cmocka_unit_test(lines_break_at_blanks_and_underscores),
        cmocka_unit_test(a_name_too_long_for_its_lines_says_so),
        cmocka_unit_test(code_reads_back_as_it_was_meant),
        cmocka_unit_test(terms_are_typed_as_each_language_types_them),
        cmocka_unit_test(the_call_says_what_was_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
