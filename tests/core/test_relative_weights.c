/* SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "sample_councils.h"

enum { TERMS = 5, CELLS = TERMS * SY_N_OTHER };

static void sums_of(const sy_design *design, sy_moments *m)
{
    sy_context ctx;
    sy_moments_options how;
    sy_context_init(&ctx);
    sy_moments_defaults(&how);
    if (sy_moments_init(&ctx, design, &how, m) < 0) fail_msg("moments: %s", ctx.message);
    sy_context_free(&ctx);
}

static void ask(const sy_moments *m, const sy_question *question, double *table)
{
    sy_context ctx;
    sy_context_init(&ctx);
    if (sy_relative_weights(&ctx, m, question, table) != SY_OK) fail_msg("relative weights: %s", ctx.message);
    assert_int_equal(ctx.n_remarks, 0);
    sy_context_free(&ctx);
}

static void refused(const sy_moments *m, const sy_question *question, sy_status status, const char *word)
{
    sy_context ctx;
    double table[CELLS];
    sy_context_init(&ctx);
    assert_int_equal(sy_relative_weights(&ctx, m, question, table), status);
    if (!strstr(ctx.message, word)) fail_msg("\"%s\" does not name %s", ctx.message, word);
    sy_context_free(&ctx);
}

static double sum_of(const double *table, int terms, int metric)
{
    double sum = 0;
    for (int t = 0; t < terms; t++) sum += table[t * SY_N_OTHER + metric];
    return sum;
}

/* Terms x1, x2, y with these correlations; y on x1 and x2, a block each. */
static void ask_pair(double r12, double r1, double r2, double *table)
{
    static const char *const labels[] = {"x1", "x2", "y"};
    static const int terms[] = {0, 1};
    static const sy_block blocks[] = {{"one", 1, terms}, {"two", 1, terms + 1}};
    const double r[9] = {1, r12, r1, r12, 1, r2, r1, r2, 1};
    const sy_question question = {.outcome = 2, .n_blocks = 2, .blocks = blocks};
    sy_context ctx;
    sy_moments m = {0};
    sy_context_init(&ctx);
    if (sy_moments_from_correlation(&ctx, 3, r, 100, labels, &m) < 0) fail_msg("moments: %s", ctx.message);
    ask(&m, &question, table);
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

/* r12 = .96 = 24/25: 1 + r12 = (7/5)^2 and 1 - r12 = (1/5)^2, so the root of R is
 * [[.8,.6],[.6,.8]]. With w = (.5, -.25): r = G w = (.25, .1), beta = G^-1 w =
 * (.55, -.5) / .28, and all metrics are short decimals or a division by .28. */
static void two_predictors_by_hand(void **state)
{
    (void)state;
    static const double expected[2][SY_OTHER_CAR + 1] = {
        {.0625, .3025, .55 * .55 / .0784, .25 * .55 / .28, .1825, .1825, .25},
        {.01, .25, .5 * .5 / .0784, -.1 * .5 / .28, .13, .13, .0625}};
    double table[2 * SY_N_OTHER];
    ask_pair(.96, .25, .1, table);
    for (int t = 0; t < 2; t++) {
        const double *row = table + t * SY_N_OTHER, first = expected[t][SY_OTHER_FIRST],
                     last = expected[t][SY_OTHER_LAST];
        for (int c = 0; c <= SY_OTHER_CAR; c++) /* the expected numbers are rounded a few times, by 1.1e-16 */
            assert_true(fabs(row[c] - expected[t][c]) <= 5e-16 * fabs(expected[t][c]));
        /* of two terms each enters first in one order and last in the other */
        assert_true(fabs(row[SY_OTHER_INDEPENDENT] - (first + last) / 2) <= 5e-16);
        assert_true(fabs(row[SY_OTHER_JOINT] - (first - last) / 2) <= 5e-16);
    }
}

/* Without correlation among predictors all are the squared correlation, and nothing is joint. */
static void uncorrelated_predictors_have_one_metric_only(void **state)
{
    (void)state;
    double table[2 * SY_N_OTHER];
    ask_pair(0, .5, -.25, table);
    for (int c = 0; c <= SY_OTHER_INDEPENDENT; c++) {
        assert_true(fabs(table[c] - .25) < 1e-16);
        assert_true(fabs(table[SY_N_OTHER + c] - .0625) < 1e-16);
    }
    assert_true(fabs(table[SY_OTHER_JOINT]) < 1e-16 && fabs(table[SY_N_OTHER + SY_OTHER_JOINT]) < 1e-16);
}

/* r12 = 1 - 1e-12, a variance inflation factor of 5e11. The root's eigenvalues
 * are sqrt(2 - 1e-12) and 1e-6; w and G^2 in long double, 64 bits. All digits of
 * a double are right because nothing was computed in less than double-double. */
static void nearly_equal_predictors_keep_all_digits(void **state)
{
    (void)state;
    double table[2 * SY_N_OTHER];
    const long double large = sqrtl(2 - 1e-12L), small = 1e-6L, sum = 1 - 1e-7L, difference = 1e-7L;
    const long double a = (large + small) / 2, b = (large - small) / 2;
    const long double w1 = (sum / large + difference / small) / 2, w2 = (sum / large - difference / small) / 2;
    const double expected[2] = {(double)(a * a * w1 * w1 + b * b * w2 * w2),
                                (double)(b * b * w1 * w1 + a * a * w2 * w2)};
    ask_pair(.999999999999, .5, .4999999, table);
    for (int t = 0; t < 2; t++)
        assert_true(fabs(table[t * SY_N_OTHER + SY_OTHER_RELATIVE_WEIGHT] - expected[t]) < 3e-16);
    assert_true(fabs(table[SY_OTHER_CAR] - (double)(w1 * w1)) < 3e-16);
    assert_true(fabs(table[SY_N_OTHER + SY_OTHER_CAR] - (double)(w2 * w2)) < 3e-16);
}

static void compare_with_shares(const sy_moments *m, const sy_question *question)
{
    sy_context ctx;
    sy_shares_options options;
    sy_shares_summary whole;
    double table[CELLS], shares[SAMPLE_CELLS];
    const int terms = sy_shares_terms(question);
    sy_context_init(&ctx);
    sy_shares_defaults(&options);
    const sy_status status = sy_shares(&ctx, m, question, &options, &whole, shares);
    assert_true(status == SY_OK || status == SY_NOTE_SUPPRESSION);
    ask(m, question, table);
    /* roundings of the plain tree that shares come from: 1e-17 times a variance inflation below 3 */
    assert_true(fabs(sum_of(table, terms, SY_OTHER_PRATT) - whole.total) < 1e-15);
    assert_true(fabs(sum_of(table, terms, SY_OTHER_RELATIVE_WEIGHT) - whole.total) < 1e-15);
    assert_true(fabs(sum_of(table, terms, SY_OTHER_CAR) - whole.total) < 1e-15);
    for (int t = 0; t < terms; t++) {
        const double *row = table + t * SY_N_OTHER, *share = shares + (question->n_blocks + t) * SY_N_METRICS;
        assert_true(fabs(row[SY_OTHER_FIRST] - share[SY_ALONE]) < 1e-15);
        assert_true(fabs(row[SY_OTHER_LAST] - share[SY_UNIQUE]) < 1e-15);
        assert_true(row[SY_OTHER_GENIZI] == row[SY_OTHER_RELATIVE_WEIGHT] && row[SY_OTHER_GENIZI] >= 0);
    }
    sy_context_free(&ctx);
}

/* Six other samples; the second question takes funding out first. */
static void sums_are_v_and_first_and_last_are_alone_and_unique(void **state)
{
    (void)state;
    static sample s;
    static const int funding = 0;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        sy_moments m = {0};
        sample_fill(&s, 300, 20, 0, seed);
        sums_of(&s.design, &m);
        compare_with_shares(&m, &s.question);
        const sy_question beyond = {
            .outcome = 5, .n_blocks = 3, .blocks = s.block + 1, .n_adjust = 1, .adjust = &funding};
        compare_with_shares(&m, &beyond);
        sy_moments_free(&m);
    }
}

/* What funding predicts of column c, taken off. */
static void take_out_funding(sample *s)
{
    for (int c = SAMPLE_COLUMNS - 1; c >= 1; c--) {
        double mean_x = 0, mean = 0, xx = 0, xy = 0;
        for (int i = 0; i < s->n; i++) mean_x += s->x[0][i] / s->n;
        for (int i = 0; i < s->n; i++) mean += s->x[c][i] / s->n;
        for (int i = 0; i < s->n; i++) {
            xx += (s->x[0][i] - mean_x) * (s->x[0][i] - mean_x);
            xy += (s->x[0][i] - mean_x) * (s->x[c][i] - mean);
        }
        for (int i = 0; i < s->n; i++) s->x[c][i] -= xy / xx * (s->x[0][i] - mean_x);
    }
}

static double variance(const double *x, int n)
{
    double mean = 0, sum = 0;
    for (int i = 0; i < n; i++) mean += x[i] / n;
    for (int i = 0; i < n; i++) sum += (x[i] - mean) * (x[i] - mean);
    return sum;
}

/* Frisch, Waugh and Lovell: adjusting is the same question to the residuals, in
 * points of the whole variance. */
static void adjusting_is_the_same_question_to_the_residuals(void **state)
{
    (void)state;
    static sample s;
    static const int funding = 0;
    double adjusted[CELLS], residual[CELLS];
    sy_moments m = {0};
    sample_fill(&s, 300, 20, 0, 9);
    const double whole = variance(s.x[5], s.n);
    sums_of(&s.design, &m);
    const sy_question beyond = {.outcome = 5, .n_blocks = 3, .blocks = s.block + 1, .n_adjust = 1, .adjust = &funding};
    ask(&m, &beyond, adjusted);
    sy_moments_free(&m);
    take_out_funding(&s);
    const double part = variance(s.x[5], s.n) / whole;
    assert_true(part < 0.99);
    sums_of(&s.design, &m);
    const sy_question plain = {.outcome = 5, .n_blocks = 3, .blocks = s.block + 1};
    ask(&m, &plain, residual);
    sy_moments_free(&m);
    for (int i = 0; i < 4 * SY_N_OTHER; i++) /* residuals of 300 rows in double */
        assert_true(fabs(adjusted[i] - part * residual[i]) < 1e-14);
}

static void blocks_and_order_do_not_matter(void **state)
{
    (void)state;
    static sample s;
    static const int backwards[] = {4, 3, 2, 1, 0};
    const sy_block block = {"all", TERMS, backwards};
    const sy_question turned = {.outcome = 5, .n_blocks = 1, .blocks = &block};
    double table[CELLS], other[CELLS];
    sy_moments m = {0};
    sample_fill(&s, 300, 20, 0, 4);
    sums_of(&s.design, &m);
    ask(&m, &s.question, table);
    ask(&m, &turned, other);
    for (int t = 0; t < TERMS; t++)
        for (int c = 0; c < SY_N_OTHER; c++)
            assert_true(fabs(table[t * SY_N_OTHER + c] - other[(TERMS - 1 - t) * SY_N_OTHER + c]) < 1e-16);
    sy_moments_free(&m);
}

/* The council as a factor in place of need. */
static void make_factor(sample *s, int levels)
{
    static sy_column columns[SAMPLE_COLUMNS];
    memcpy(columns, s->column, sizeof columns);
    for (int i = 0; i < s->n; i++) s->council[i] %= levels;
    columns[4] = s->council_column;
    columns[4].n_levels = levels;
    s->term[4].label = "factor(council)";
    s->design.columns = columns;
}

static void a_term_of_several_columns_is_refused_by_name(void **state)
{
    (void)state;
    static sample s;
    static const int council = 4;
    sy_moments m = {0};
    double table[CELLS];
    sample_fill(&s, 300, 20, 0, 5);
    make_factor(&s, 3);
    sums_of(&s.design, &m);
    refused(&m, &s.question, SY_EINVAL, "factor(council) has 2 columns");
    const sy_question beyond = {.outcome = 5, .n_blocks = 3, .blocks = s.block, .n_adjust = 1, .adjust = &council};
    compare_with_shares(&m, &beyond);
    sy_moments_free(&m);
    make_factor(&s, 2); /* two levels are one column */
    sums_of(&s.design, &m);
    ask(&m, &s.question, table);
    sy_moments_free(&m);
}

static void coefficients_that_are_not_unique_are_refused(void **state)
{
    (void)state;
    static sample s;
    static const int process = 1;
    sy_moments m = {0};
    sample_fill(&s, 300, 20, 0, 6);
    for (int i = 0; i < s.n; i++) s.x[3][i] = s.x[1][i] + s.x[2][i];
    sums_of(&s.design, &m);
    refused(&m, &s.question, SY_EDATA, "delivery");
    /* and what follows from the adjusting terms */
    const sy_block delivery = {"delivery", 1, sample_terms + 3};
    static const int both[] = {1, 2};
    const sy_question beyond = {.outcome = 5, .n_blocks = 1, .blocks = &delivery, .n_adjust = 2, .adjust = both};
    refused(&m, &beyond, SY_EDATA, "delivery");
    const sy_question fine = {.outcome = 5, .n_blocks = 1, .blocks = &delivery, .n_adjust = 1, .adjust = &process};
    compare_with_shares(&m, &fine);
    sy_moments_free(&m);
    for (int i = 0; i < s.n; i++) s.x[3][i] = 0.1;
    sums_of(&s.design, &m);
    refused(&m, &s.question, SY_EDATA, "delivery");
    sy_moments_free(&m);
}

static void bad_questions_are_refused_as_shares_refuses_them(void **state)
{
    (void)state;
    static sample s;
    sy_moments m = {0};
    sample_fill(&s, 300, 20, 0, 7);
    sums_of(&s.design, &m);
    sy_question bad = s.question;
    bad.outcome = 3;
    refused(&m, &bad, SY_EINVAL, "delivery");
    bad = s.question;
    bad.n_blocks = 0;
    refused(&m, &bad, SY_EINVAL, "blocks");
    sy_moments_free(&m);
    for (int i = 0; i < s.n; i++) s.x[5][i] = 7;
    sums_of(&s.design, &m);
    refused(&m, &s.question, SY_EDATA, "outcome");
    sy_moments_free(&m);
    sample_fill(&s, 6, 2, 0, 7);
    sums_of(&s.design, &m);
    refused(&m, &s.question, SY_ERANK, "6 rows");
    sy_moments_free(&m);
}

static sy_status job(void *arg, void *answer)
{
    sample *s = arg;
    sy_context ctx;
    sy_moments_options how;
    sy_moments m = {0};
    double table[CELLS];
    sy_context_init(&ctx);
    sy_moments_defaults(&how);
    sy_status status = sy_moments_init(&ctx, &s->design, &how, &m);
    if (status >= 0) status = sy_relative_weights(&ctx, &m, &s->question, table);
    if (status >= 0) memcpy(answer, table, sizeof table);
    sy_moments_free(&m);
    sy_context_free(&ctx);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    static sample s;
    sample_fill(&s, 60, 6, 0, 8);
    assert_true(syi_survives_failing(job, &s, CELLS * sizeof(double)) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_predictors_by_hand),
        cmocka_unit_test(uncorrelated_predictors_have_one_metric_only),
        cmocka_unit_test(nearly_equal_predictors_keep_all_digits),
        cmocka_unit_test(sums_are_v_and_first_and_last_are_alone_and_unique),
        cmocka_unit_test(adjusting_is_the_same_question_to_the_residuals),
        cmocka_unit_test(blocks_and_order_do_not_matter),
        cmocka_unit_test(a_term_of_several_columns_is_refused_by_name),
        cmocka_unit_test(coefficients_that_are_not_unique_are_refused),
        cmocka_unit_test(bad_questions_are_refused_as_shares_refuses_them),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
