/* The whole question: the councils' published counts, rules by hand, planted
 * truths, the verdict's words against its tables, refusals.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "base/random_internal.h"
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

static const char *text(int table, int row, int column)
{
    return sy_tidy_text(&w.tables[table], row, column);
}

/* Counts over seven outcomes by source, and the largest R2 of funding alone: rows
 * positive_* and above_*, and the council left out, of published_findings. */
static void councils_meet_the_published_counts(void **state)
{
    (void)state;
    static const double positive[] = {7, 6, 7, 2}, above[] = {6, 0, 4, 0};
    councils_read(&c);
    weigh_with(&c);
    for (int s = 0; s < 4; s++) {
        assert_near(number(SY_WEIGH_SOURCES, s, "positive"), positive[s], 0);
        assert_near(number(SY_WEIGH_SOURCES, s, "above_zero"), above[s], 0);
    }
    assert_near(number(SY_WEIGH_CLAIMS, 2, "largest"), 0.0835, 5e-5);
    assert_near(number(SY_WEIGH_LEFT_OUT, 0, "value"), 0.0835, 5e-5);
    assert_near(number(SY_WEIGH_LEFT_OUT, 0, "without"), 0.0418, 5e-5);
    assert_string_equal(text(SY_WEIGH_LEFT_OUT, 0, 2), "City of London");
    assert_int_equal(w.n_limits, 6);
    sy_weighing_free(&w);
}

static int is_number(char letter)
{
    return (letter >= '0' && letter <= '9') || letter == '.';
}

/* Whether the table of numbers has one that is written like this. */
static int is_cited(const char *token)
{
    const sy_tidy *t = &w.tables[SY_WEIGH_NUMBERS];
    char written[64];
    for (int r = 0; r < t->n_rows; r++)
        for (int decimals = -1; decimals <= 4; decimals++) {
            const double v = fabs(sy_tidy_number(t, r, 0));
            if (decimals < 0) snprintf(written, sizeof written, "%.4g", v);
            else snprintf(written, sizeof written, "%.*f", decimals, v);
            if (!strcmp(written, token)) return 1;
        }
    return 0;
}

static void every_number_of_the_verdict_is_in_a_table(void **state)
{
    (void)state;
    int found = 0;
    councils_read(&c);
    weigh_with(&c);
    for (int k = 0; k < SY_VERDICT_SENTENCES; k++)
        for (const char *at = w.verdict[k]; *at;) {
            char token[64];
            int length = 0;
            if (!is_number(*at) || *at == '.') {
                at++;
                continue;
            }
            while (is_number(at[length]) && length < 63) length++;
            at += length;
            while (at[-1] == '.') at--, length--; /* of the end of a sentence */
            snprintf(token, sizeof token, "%.*s", length, at - length);
            if (!is_cited(token)) fail_msg("%s of the verdict is in no table", token);
            found++;
            while (is_number(*at)) at++;
        }
    assert_true(found > 20);
    assert_non_null(strstr(w.text, w.verdict[0]));
    for (int k = 0; k < w.n_limits; k++) assert_non_null(strstr(w.text, w.limits[k]));
    assert_null(strstr(w.verdict[0], "effect"));
    sy_weighing_free(&w);
}

/* 1e-12: the same moves, summed in the order of the units. */
static void difference_is_that_of_the_shares(void **state)
{
    (void)state;
    sy_context ctx;
    sy_moments m;
    sy_evidence_options how;
    sy_evidence_summary s;
    static double table[5][10 * SY_N_METRICS], covariance[SY_N_METRICS * 100], e[2], v[4];
    councils_read(&c);
    c.question.n_outcomes = 1;
    c.question.n_sources = 0;
    weigh_with(&c);
    sy_context_init(&ctx);
    const sy_moments_options by_row = {.unit = SY_UNIT_ROW};
    const sy_question q = {.outcome = 0, .n_blocks = 4, .blocks = c.block};
    const sy_evidence_table t = {table[0], table[1], table[2], table[3], table[4], covariance, NULL, NULL};
    const int terms[] = {0, SPEND, EASY, SELF_DIRECTED, DIRECT_PAYMENT, DEPRIVATION};
    sy_design d = c.design;
    sy_term kept[6];
    for (int k = 0; k < 6; k++) kept[k] = c.term[terms[k]];
    d.n_terms = 6;
    d.terms = kept;
    static const int f[] = {1}, p[] = {2}, l[] = {3, 4}, n[] = {5};
    c.block[0].terms = f, c.block[1].terms = p, c.block[2].terms = l, c.block[3].terms = n;
    assert_true(sy_moments_init(&ctx, &d, &by_row, &m) >= 0);
    sy_evidence_defaults(&how);
    assert_true(sy_evidence_shares(&ctx, &m, NULL, &q, &how, &s, &t) >= 0);
    for (int k = 0; k < 2; k++) e[k] = table[0][(1 - k) * SY_N_METRICS];
    v[0] = covariance[1 * 9 + 1], v[1] = v[2] = covariance[1], v[3] = covariance[0];
    sy_comparison expected;
    assert_int_equal(sy_interval_difference(&ctx, e, v, s.df, 0.95, &expected), SY_OK);
    assert_near(number(SY_WEIGH_OUTCOMES, 0, "difference"), expected.estimate, 1e-14);
    assert_near(number(SY_WEIGH_OUTCOMES, 0, "difference_low"), expected.low, 1e-12);
    assert_near(number(SY_WEIGH_OUTCOMES, 0, "p_value"), expected.p_value, 1e-12);
    sy_moments_free(&m);
    sy_context_free(&ctx);
    sy_weighing_free(&w);
}

/* The rules of weigh.h applied here to the table's own numbers. */
static void answers_follow_the_rules(void **state)
{
    (void)state;
    councils_read(&c);
    weigh_with(&c);
    int all = 1, exception = 0;
    for (int s = 0; s < 4; s++) {
        int every = 1, contradicted = 0;
        for (int r = 7 * s; r < 7 * s + 7; r++) {
            const double d = number(SY_WEIGH_DIFFERENCES, r, "difference"),
                         p = number(SY_WEIGH_DIFFERENCES, r, "p_stepped");
            const char *expected = p > 0.05 ? "undecided" : d > 0 ? "supported" : "contradicted";
            assert_string_equal(text(SY_WEIGH_DIFFERENCES, r, 2), expected);
            every = every && number(SY_WEIGH_DIFFERENCES, r, "conf_low") > 0;
            contradicted = contradicted || (p <= 0.05 && d < 0);
            exception = exception || (d < 0 && number(SY_WEIGH_DIFFERENCES, r, "p_family") <= 0.05);
            assert_true(number(SY_WEIGH_DIFFERENCES, r, "p_family") >= p - 1e-12);
        }
        assert_string_equal(text(SY_WEIGH_SOURCES, s, 1), every          ? "supported"
                                                          : contradicted ? "contradicted"
                                                                         : "undecided");
        all = all && every;
    }
    assert_string_equal(text(SY_WEIGH_CLAIMS, 0, 1), all ? "supported" : exception ? "contradicted" : "undecided");
    sy_weighing_free(&w);
}

static void without_row(councils *from, int row)
{
    const int n = (int)from->design.n;
    for (int i = row; i + 1 < n; i++)
        for (int t = 0; t < COUNCIL_TERMS; t++) from->value[t][i] = from->value[t][i + 1];
    from->design.n = n - 1;
}

/* The council that is named is taken out of the data, and everything asked again. 1e-11: other sums. */
static void leaving_out_is_asking_the_others(void **state)
{
    (void)state;
    int row = -1;
    councils_read(&c);
    c.question.n_sources = 1;
    weigh_with(&c);
    for (int i = 0; i < c.design.n; i++)
        if (!strcmp(c.name[i], text(SY_WEIGH_LEFT_OUT, 3, 2))) row = i;
    assert_true(row >= 0);
    const double found[] = {number(SY_WEIGH_LEFT_OUT, 3, "without"), number(SY_WEIGH_LEFT_OUT, 3, "without_low")};
    sy_weighing_free(&w);
    without_row(&c, row);
    weigh_with(&c);
    assert_near(number(SY_WEIGH_OUTCOMES, 1, "difference"), found[0], 1e-11);
    assert_near(number(SY_WEIGH_OUTCOMES, 1, "difference_low"), found[1], 1e-11);
    sy_weighing_free(&w);
}

/* The slope alone is cov / var; per doubling the same of the logarithm, times log 2. */
static void points_are_slopes_by_hand(void **state)
{
    (void)state;
    councils_read(&c);
    c.question.n_outcomes = 1;
    c.question.n_sources = 0;
    weigh_with(&c);
    for (int form = 0; form < 2; form++) {
        const int n = (int)c.design.n;
        long double x = 0, y = 0, xx = 0, xy = 0;
        for (int pass = 0; pass < 2; pass++)
            for (int i = 0; i < n; i++) {
                const long double a = form ? logl((long double)c.value[SPEND][i]) : (long double)c.value[SPEND][i],
                                  b = (long double)c.value[0][i];
                if (pass == 0) x += a / n, y += b / n;
                else xx += (a - x) * (a - x), xy += (a - x) * (b - y);
            }
        const double expected = (double)(xy / xx * (form ? logl(2) : 1000));
        assert_near(number(SY_WEIGH_MONEY, form ? 3 : 1, "estimate"), expected, 1e-11 * fabs(expected));
        assert_string_equal(text(SY_WEIGH_MONEY, form ? 3 : 1, 2), form ? "doubling" : "level");
        assert_string_equal(text(SY_WEIGH_MONEY, form ? 3 : 1, 3), "alone");
    }
    sy_weighing_free(&w);
}

/* 60 rows: outcomes made of funding and process, in parts that are stated. */
static void plant(double funding, double process)
{
    syi_stream stream;
    councils_read(&c);
    syi_stream_init(&stream, 11, 0, 0);
    c.design.n = 60;
    for (int i = 0; i < 60; i++) {
        double noise[4];
        for (int k = 0; k < 4; k++) noise[k] = syi_stream_normal(&stream);
        c.value[SPEND][i] = 500 + 50 * noise[0];
        c.value[EASY][i] = 70 + 5 * noise[1];
        for (int o = 0; o < 3; o++)
            c.value[o][i] = funding * noise[0] + process * noise[1] + 0.5 * (noise[2] + 0.3 * o * noise[3]);
    }
    c.question.n_outcomes = 3;
    c.question.n_sources = 0;
}

static void planted_truths_are_found(void **state)
{
    (void)state;
    static const struct {
        double funding, process;
        const char *ahead, *behind;
    } truth[] = {
        {0, 1, "supported", "contradicted"}, {1, 0, "contradicted", "supported"}, {0.7, 0.7, "undecided", "undecided"}};
    for (int k = 0; k < 3; k++) {
        plant(truth[k].funding, truth[k].process);
        weigh_with(&c);
        assert_string_equal(text(SY_WEIGH_CLAIMS, 0, 1), truth[k].ahead);
        assert_string_equal(text(SY_WEIGH_CLAIMS, 1, 1), truth[k].behind);
        /* the slope that was planted: funding of 50 pounds a unit; five standard errors of .5 / sqrt(60) */
        assert_near(number(SY_WEIGH_OUTCOMES, 0, "points"), 1000.0 / 50 * truth[k].funding, 5 * 20 * 0.5 / sqrt(60));
        sy_weighing_free(&w);
    }
}

static void levels_are_the_question_in_each(void **state)
{
    (void)state;
    councils_read(&c);
    c.question.n_outcomes = 1;
    c.question.n_sources = 0;
    c.question.by = &c.by;
    weigh_with(&c);
    assert_int_equal(w.tables[SY_WEIGH_LEVELS].n_rows, 2);
    const double second = number(SY_WEIGH_LEVELS, 1, "difference"), first = number(SY_WEIGH_LEVELS, 0, "difference"),
                 low = number(SY_WEIGH_LEVELS, 1, "conf_low");
    assert_near(number(SY_WEIGH_LEVELS, 1, "change"), second - first, 1e-14);
    sy_weighing_free(&w);
    councils_read(&c);
    for (int i = 0; 2 * i + 1 < (int)c.design.n; i++)
        for (int t = 0; t < COUNCIL_TERMS; t++) c.value[t][i] = c.value[t][2 * i + 1];
    c.design.n /= 2;
    c.question.n_outcomes = 1;
    c.question.n_sources = 0;
    weigh_with(&c);
    assert_near(number(SY_WEIGH_OUTCOMES, 0, "difference"), second, 1e-11);
    assert_near(number(SY_WEIGH_OUTCOMES, 0, "difference_low"), low, 1e-11);
    sy_weighing_free(&w);
}

/* A population whose groups are as large as the sample's says what the sample says. */
static void population_of_the_sample_is_the_sample(void **state)
{
    (void)state;
    double share[2] = {NAN, NAN};
    councils_read(&c);
    for (int i = 0; i < c.design.n; i++) share[1] = (isnan(share[1]) ? 0 : share[1]) + c.half[i];
    share[1] /= (double)c.design.n;
    const sy_margin margin = {&c.by, share};
    c.question.n_outcomes = 2;
    c.question.n_sources = 0;
    c.question.n_margins = 1;
    c.question.margins = &margin;
    weigh_with(&c);
    for (int o = 0; o < 2; o++)
        assert_near(number(SY_WEIGH_POPULATION, o, "difference"), number(SY_WEIGH_POPULATION, o, "difference_sample"),
                    1e-10);
    sy_weighing_free(&w);
    share[1] = 0.9;
    weigh_with(&c);
    assert_true(fabs(number(SY_WEIGH_POPULATION, 0, "difference") -
                     number(SY_WEIGH_POPULATION, 0, "difference_sample")) > 1e-3);
    assert_true(number(SY_WEIGH_POPULATION, 0, "n_effective") < number(SY_WEIGH_POPULATION, 0, "n_effective_sample"));
    sy_weighing_free(&w);
}

static void answers_go_by_fitted_shares(void **state)
{
    (void)state;
    static const sy_outcome_type types[] = {SY_OUTCOME_BINARY, SY_OUTCOME_NUMBER};
    councils_read(&c);
    for (int i = 0; i < c.design.n; i++) c.value[0][i] = c.value[0][i] > 19;
    c.question.n_outcomes = 2;
    c.question.types = types;
    c.question.n_sources = 0;
    weigh_with(&c);
    assert_string_equal(text(SY_WEIGH_OUTCOMES, 0, 1), "McFadden's R2");
    assert_string_equal(text(SY_WEIGH_OUTCOMES, 1, 1), "R2");
    assert_true(number(SY_WEIGH_OUTCOMES, 0, "difference_low") < number(SY_WEIGH_OUTCOMES, 0, "difference"));
    assert_true(isnan(number(SY_WEIGH_OUTCOMES, 0, "flip_distance")));
    assert_true(!isnan(number(SY_WEIGH_OUTCOMES, 1, "total_adjusted")));
    assert_non_null(strstr(w.text, "\nIn how many of the outcomes that are numbers each block matters:\n"));
    assert_near(number(SY_WEIGH_LEAGUE, 0, "outcomes"), 1, 0);
    sy_weighing_free(&w);
}

/* The same bits whatever the threads. */
static void threads_change_nothing(void **state)
{
    (void)state;
    static double first[400];
    councils_read(&c);
    c.question.n_outcomes = 2;
    weigh_with(&c);
    const sy_tidy *t = &w.tables[SY_WEIGH_OUTCOMES];
    const size_t bytes = (size_t)t->n_rows * (size_t)t->n_numbers * sizeof(double);
    assert_true(bytes <= sizeof first);
    memcpy(first, t->numbers, bytes);
    sy_weighing_free(&w);
    sy_context ctx;
    sy_context_init(&ctx);
    ctx.threads = 4;
    assert_true(sy_weigh(&ctx, &c.design, &c.question, &c.options, &w) >= 0);
    assert_memory_equal(first, w.tables[SY_WEIGH_OUTCOMES].numbers, bytes);
    sy_weighing_free(&w);
    sy_context_free(&ctx);
}

/* The parts add to the gap, which is the difference of the means. 1e-12 of the points. */
static void parts_add_to_the_gap(void **state)
{
    (void)state;
    double sum[2] = {0, 0}, count[2] = {0, 0};
    councils_read(&c);
    c.question.n_outcomes = 1;
    c.question.n_sources = 0;
    c.question.group = &c.by;
    weigh_with(&c);
    for (int i = 0; i < c.design.n; i++) {
        sum[c.half[i]] += c.value[0][i];
        count[c.half[i]]++;
    }
    assert_near(number(SY_WEIGH_GAPS, 0, "gap"), sum[0] / count[0] - sum[1] / count[1], 1e-12);
    assert_near(number(SY_WEIGH_GAPS, 0, "funding") + number(SY_WEIGH_GAPS, 0, "process") +
                    number(SY_WEIGH_GAPS, 0, "other_blocks") + number(SY_WEIGH_GAPS, 0, "unexplained"),
                number(SY_WEIGH_GAPS, 0, "gap"), 1e-12);
    assert_string_equal(text(SY_WEIGH_GAPS, 0, 1), "first half");
    sy_weighing_free(&w);
}

static void refused(const char *why)
{
    sy_context ctx;
    sy_context_init(&ctx);
    const int64_t before = sy_memory_live();
    const sy_status status = sy_weigh(&ctx, &c.design, &c.question, &c.options, &w);
    if (status >= 0 || !strstr(ctx.message, why)) fail_msg("%d \"%s\", expected \"%s\"", status, ctx.message, why);
    sy_context_free(&ctx);
    assert_true(sy_memory_live() <= before);
    councils_read(&c);
    c.question.n_outcomes = 1;
}

static void bad_questions_are_refused(void **state)
{
    (void)state;
    councils_read(&c);
    c.question.n_outcomes = 1;
    c.question.process = 0;
    refused("process: block funding stands for funding already");
    c.question.n_outcomes = 0;
    refused("outcomes: name at least one");
    static const int own_need[] = {0};
    c.question.need = own_need;
    refused("need: block funding stands for funding");
    c.options.level = 1;
    refused("level: 1 is not between 0 and 1");
    c.options.interval = SY_INTERVAL_BCA;
    refused("interval: weigh() takes");
    c.options.replicates = 99;
    refused("replicates: 99, at least 100");
    c.options.at_most = 7;
    refused("at_most: 7; a part of the variance");
    c.options.unit = 0;
    refused("unit_pounds: 0; a sum above 0");
    c.source[1].terms = council_need;
    refused("deprivation_rank of carers information stands in block need");
    c.source[3].block = 0;
    refused("records is block funding, which stands for funding");
    for (int i = 0; i < c.design.n; i++) c.value[SPEND][i] = 400;
    refused("funding (spend_per_adult_gbp) has the same value in every row");
    for (int i = 0; i < c.design.n; i++) c.value[0][i] = 3;
    refused("all");
}

/* The whole answer with every allocation failing in turn, of a small question. */
static sy_status small_job(void *arg, void *answer)
{
    sy_context ctx;
    (void)arg;
    sy_context_init(&ctx);
    sy_status status = sy_weigh(&ctx, &c.design, &c.question, &c.options, &w);
    if (status >= 0) {
        const double v = number(SY_WEIGH_OUTCOMES, 0, "difference_low");
        memcpy(answer, &v, sizeof v);
        sy_weighing_free(&w);
    }
    sy_context_free(&ctx);
    return status;
}

static void failing_allocations_are_survived(void **state)
{
    (void)state;
    plant(0, 1);
    c.design.n = 9;
    c.question.n_outcomes = 1;
    c.question.n_blocks = 2;
    c.question.n_need = 0;
    c.options.left_out = 1;
    c.options.flips = 0;
    c.options.replicates = 100;
    assert_true(syi_survives_failing(small_job, NULL, sizeof(double)) > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(councils_meet_the_published_counts),
        cmocka_unit_test(every_number_of_the_verdict_is_in_a_table),
        cmocka_unit_test(difference_is_that_of_the_shares),
        cmocka_unit_test(answers_follow_the_rules),
        cmocka_unit_test(leaving_out_is_asking_the_others),
        cmocka_unit_test(points_are_slopes_by_hand),
        cmocka_unit_test(planted_truths_are_found),
        cmocka_unit_test(levels_are_the_question_in_each),
        cmocka_unit_test(population_of_the_sample_is_the_sample),
        cmocka_unit_test(answers_go_by_fitted_shares),
        cmocka_unit_test(parts_add_to_the_gap),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(bad_questions_are_refused),
        cmocka_unit_test(failing_allocations_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
