/* Specification curves: against the single question, against the analysis of
 * variance of all combinations by hand, refusals.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "steelyard/specification.h"
#include "weigh_councils.h"

enum { OUTCOMES = 3 };

static councils c;
static sy_specification_curve curve;
static sy_specification_question q;
static sy_membership member;
static sy_weighting weighting[2];
static sy_row_choice rows;
static unsigned char without_city[COUNCIL_ROWS];
static const unsigned char *keep[2];

static const sy_funding_form forms[] = {SY_FUNDING_LEVEL, SY_FUNDING_LOG, SY_FUNDING_RANK};
static const int missing[] = {1, 0};
static const char *const row_options[] = {"all", "without the City of London"};

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("%.17g, expected %.17g within %g", found, expected, tolerance);
}

static void make(void)
{
    councils_read(&c);
    member = (sy_membership){"as asked", 4, c.block, 0, 1};
    weighting[0] = (sy_weighting){"none", NULL, SY_WEIGHT_NONE};
    weighting[1] = (sy_weighting){"people", &c.column[PEOPLE], SY_WEIGHT_ANALYTIC};
    for (int i = 0; i < c.design.n; i++) without_city[i] = strcmp(c.name[i], "City of London") != 0;
    keep[0] = NULL;
    keep[1] = without_city;
    rows = (sy_row_choice){"rows", 2, row_options, keep};
    q = (sy_specification_question){.n_outcomes = OUTCOMES,
                                    .outcomes = council_outcomes,
                                    .n_memberships = 1,
                                    .memberships = &member,
                                    .n_sources = 4,
                                    .sources = c.source,
                                    .n_forms = 3,
                                    .forms = forms,
                                    .n_weightings = 2,
                                    .weightings = weighting,
                                    .n_missing = 1,
                                    .per_outcome = missing,
                                    .n_row_choices = 1,
                                    .row_choices = &rows};
}

static void ask(void)
{
    sy_context ctx;
    sy_context_init(&ctx);
    if (sy_specifications(&ctx, &c.design, &q, &c.options, &curve) < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

static double number(int table, int row, const char *column)
{
    return sy_tidy_number(&curve.tables[table], row, sy_tidy_column(&curve.tables[table], column));
}

static void every_combination_is_asked_once_in_rising_order(void **state)
{
    (void)state;
    make();
    ask();
    const sy_tidy *t = &curve.tables[SY_CURVE_SPECIFICATIONS];
    assert_int_equal(t->n_rows, OUTCOMES * 4 * 3 * 2 * 2);
    for (int r = 1; r < t->n_rows; r++)
        assert_true(number(SY_CURVE_SPECIFICATIONS, r, "difference") >=
                    number(SY_CURVE_SPECIFICATIONS, r - 1, "difference"));
    for (int a = 0; a < t->n_rows; a++)
        for (int b = 0; b < a; b++) {
            int same = 1;
            for (int k = 0; k + 1 < t->n_texts; k++)
                same = same && !strcmp(sy_tidy_text(t, a, k), sy_tidy_text(t, b, k));
            assert_false(same);
        }
    assert_near(number(SY_CURVE_SUMMARY, 0, "value"), t->n_rows, 0);
    sy_specification_curve_free(&curve);
}

/* The specification of plain choices is the question of sy_weigh. 1e-12: limits by the same jackknife. */
static void plain_specification_is_the_question(void **state)
{
    (void)state;
    static sy_weighing w;
    sy_context ctx;
    int found = 0;
    make();
    ask();
    c.question.n_outcomes = OUTCOMES;
    sy_context_init(&ctx);
    assert_true(sy_weigh(&ctx, &c.design, &c.question, &c.options, &w) >= 0);
    const sy_tidy *t = &curve.tables[SY_CURVE_SPECIFICATIONS], *d = &w.tables[SY_WEIGH_DIFFERENCES];
    for (int r = 0; r < t->n_rows; r++) {
        if (strcmp(sy_tidy_text(t, r, 3), "level") != 0 || strcmp(sy_tidy_text(t, r, 4), "none") != 0 ||
            strcmp(sy_tidy_text(t, r, 6), "all") != 0)
            continue;
        for (int k = 0; k < d->n_rows; k++) {
            if (strcmp(sy_tidy_text(d, k, 0), sy_tidy_text(t, r, 2)) != 0 ||
                strcmp(sy_tidy_text(d, k, 1), sy_tidy_text(t, r, 0)) != 0)
                continue;
            assert_near(number(SY_CURVE_SPECIFICATIONS, r, "difference"),
                        sy_tidy_number(d, k, sy_tidy_column(d, "difference")), 1e-14);
            assert_near(number(SY_CURVE_SPECIFICATIONS, r, "conf_low"),
                        sy_tidy_number(d, k, sy_tidy_column(d, "conf_low")), 1e-12);
            found++;
        }
    }
    assert_int_equal(found, OUTCOMES * 4);
    sy_weighing_free(&w);
    sy_context_free(&ctx);
    sy_specification_curve_free(&curve);
}

/* All combinations are there, so a choice's share is its between sum of squares
 * over the total. 1e-10: sums of some hundred squares of differences. */
static void shares_of_choices_are_sums_of_squares(void **state)
{
    (void)state;
    make();
    ask();
    const sy_tidy *t = &curve.tables[SY_CURVE_SPECIFICATIONS], *choices = &curve.tables[SY_CURVE_CHOICES];
    double mean = 0, total = 0, together = 1;
    for (int r = 0; r < t->n_rows; r++) mean += number(SY_CURVE_SPECIFICATIONS, r, "difference") / t->n_rows;
    for (int r = 0; r < t->n_rows; r++) {
        const double off = number(SY_CURVE_SPECIFICATIONS, r, "difference") - mean;
        total += off * off;
    }
    for (int k = 0; k + 1 < choices->n_rows; k++) {
        int column = -1;
        double between = 0;
        for (int a = 0; a < t->n_texts; a++)
            if (!strcmp(t->text_names[a], sy_tidy_text(choices, k, 0))) column = a;
        assert_true(column >= 0);
        for (int r = 0; r < t->n_rows; r++) {
            double sum = 0, count = 0;
            for (int s = 0; s < t->n_rows; s++)
                if (!strcmp(sy_tidy_text(t, s, column), sy_tidy_text(t, r, column)))
                    sum += number(SY_CURVE_SPECIFICATIONS, s, "difference"), count++;
            between += (sum / count - mean) * (sum / count - mean);
        }
        assert_near(number(SY_CURVE_CHOICES, k, "share"), between / total, 1e-10);
        together -= between / total;
    }
    assert_near(number(SY_CURVE_CHOICES, choices->n_rows - 1, "share"), together, 1e-10);
    sy_specification_curve_free(&curve);
}

static void one_specification_has_no_parts(void **state)
{
    (void)state;
    make();
    q.n_outcomes = q.n_forms = q.n_weightings = 1;
    q.n_sources = q.n_row_choices = 0;
    ask();
    assert_int_equal(curve.tables[SY_CURVE_SPECIFICATIONS].n_rows, 1);
    assert_int_equal(curve.tables[SY_CURVE_CHOICES].n_rows, 1);
    assert_true(isnan(number(SY_CURVE_CHOICES, 0, "share")));
    assert_non_null(strstr(curve.verdict, "100.0 % of 1 specifications"));
    sy_specification_curve_free(&curve);
}

/* Ranks do not care for the units of money. */
static void ranks_ignore_a_bend_of_the_money(void **state)
{
    (void)state;
    make();
    q.n_outcomes = q.n_weightings = 1;
    q.forms = &forms[2];
    q.n_forms = 1;
    q.n_sources = q.n_row_choices = 0;
    ask();
    const double before = number(SY_CURVE_SPECIFICATIONS, 0, "difference");
    sy_specification_curve_free(&curve);
    for (int i = 0; i < c.design.n; i++) c.value[SPEND][i] = exp(c.value[SPEND][i] / 100);
    ask();
    assert_near(number(SY_CURVE_SPECIFICATIONS, 0, "difference"), before, 1e-13);
    sy_specification_curve_free(&curve);
}

static void refused(const char *why)
{
    sy_context ctx;
    sy_context_init(&ctx);
    const int64_t before = sy_memory_live();
    const sy_status status = sy_specifications(&ctx, &c.design, &q, &c.options, &curve);
    if (status >= 0 || !strstr(ctx.message, why)) fail_msg("%d \"%s\", expected \"%s\"", status, ctx.message, why);
    sy_context_free(&ctx);
    assert_true(sy_memory_live() <= before);
    make();
}

static void bad_choices_are_refused(void **state)
{
    (void)state;
    make();
    q.n_forms = 0;
    refused("choices: funding has no option");
    q.n_row_choices = 5;
    refused("choices: 5 choices of rows; at most 4");
    rows.n_options = 0;
    refused("choices: rows has no option");
    c.value[SPEND][3] = -1;
    refused("with outcome quality_of_life, source users, funding log");
    memset(without_city, 0, sizeof without_city);
    refused("without the City of London");
    c.options.level = 0;
    refused("level: 0 is not between 0 and 1");
}

static sy_status small_job(void *arg, void *answer)
{
    sy_context ctx;
    (void)arg;
    sy_context_init(&ctx);
    sy_status status = sy_specifications(&ctx, &c.design, &q, &c.options, &curve);
    if (status >= 0) {
        const double v = number(SY_CURVE_SPECIFICATIONS, 0, "difference");
        memcpy(answer, &v, sizeof v);
        sy_specification_curve_free(&curve);
    }
    sy_context_free(&ctx);
    return status;
}

static void failing_allocations_are_survived(void **state)
{
    (void)state;
    make();
    c.design.n = 9;
    member.n_blocks = 2;
    q.n_outcomes = q.n_weightings = 1;
    q.n_forms = 2;
    q.n_sources = q.n_row_choices = 0;
    assert_true(syi_survives_failing(small_job, NULL, sizeof(double)) > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_combination_is_asked_once_in_rising_order),
        cmocka_unit_test(plain_specification_is_the_question),
        cmocka_unit_test(shares_of_choices_are_sums_of_squares),
        cmocka_unit_test(one_specification_has_no_parts),
        cmocka_unit_test(ranks_ignore_a_bend_of_the_money),
        cmocka_unit_test(bad_choices_are_refused),
        cmocka_unit_test(failing_allocations_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
