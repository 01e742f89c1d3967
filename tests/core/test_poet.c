/* The generator of POET-like data: marginals held to what was published, the
 * planted structure found again, the same bits for any thread, refusals.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "steelyard/synthetic.h"
#include <math.h>

enum { MANY = 200000, MANY_COUNCILS = 5000 };
static sy_poet_marginal marginals[SY_POET_MARGINALS];
static sy_poet_truth truth[SY_POET_TRUTHS];

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("%.17g, expected %.17g within %g", found, expected, tolerance);
}

static int column_of(const char *name)
{
    for (int c = 0; c < SY_POET_COLUMNS; c++)
        if (strcmp(sy_poet_columns()[c].name, name) == 0) return c;
    fail_msg("no column %s", name);
    return -1;
}

static int strength_of(const char *name)
{
    for (int k = 0; k < SY_POET_STRENGTHS; k++)
        if (strcmp(sy_poet_strengths()[k].name, name) == 0) return k;
    fail_msg("no strength %s", name);
    return -1;
}

static double truth_of(const char *name)
{
    for (int k = 0; k < SY_POET_TRUTHS; k++)
        if (strcmp(truth[k].name, name) == 0) return truth[k].value;
    fail_msg("no truth %s", name);
    return NAN;
}

static double *simulated(const sy_poet_options *o, int threads)
{
    sy_context ctx;
    sy_context_init(&ctx);
    ctx.threads = threads;
    double *values = malloc((size_t)o->people * SY_POET_COLUMNS * sizeof *values);
    assert_non_null(values);
    const sy_status status = sy_poet_simulate(&ctx, o, values, marginals, truth);
    if (status < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
    return values;
}

static sy_poet_options many(uint64_t seed)
{
    sy_poet_options o;
    sy_poet_defaults(&o);
    o.people = MANY;
    o.councils = MANY_COUNCILS;
    o.seed = seed;
    return o;
}

/* Least squares of y on k columns and an intercept, by normal equations of
 * centred columns; [k]. */
static void regress(int n, int k, const double *const *x, const double *y, double *b)
{
    double mean[8] = {0}, a[7][8] = {{0}};
    for (int c = 0; c <= k; c++) {
        for (int i = 0; i < n; i++) mean[c] += (c < k ? x[c] : y)[i];
        mean[c] /= n;
    }
    for (int r = 0; r < k; r++)
        for (int c = 0; c <= k; c++)
            for (int i = 0; i < n; i++) a[r][c] += (x[r][i] - mean[r]) * ((c < k ? x[c] : y)[i] - mean[c]);
    for (int r = 0; r < k; r++)
        for (int q = 0; q < k; q++)
            if (q != r) {
                const double f = a[q][r] / a[r][r];
                for (int c = 0; c <= k; c++) a[q][c] -= f * a[r][c];
            }
    for (int r = 0; r < k; r++) b[r] = a[r][k] / a[r][r];
}

/* Sampling error of a share of clustered people: four standard errors of simple
 * sampling, times 2 (people of one of 5,000 councils are alike in process, .16 of
 * its variance; sizes of 40 and spread .6 give a design effect under 4). */
static void shares_meet_what_is_planted(void **state)
{
    (void)state;
    const sy_poet_options o = many(3);
    free(simulated(&o, 2));
    int exact = 0, bounded = 0;
    for (int m = 0; m < SY_POET_MARGINALS; m++) {
        const sy_poet_marginal *row = &marginals[m];
        exact += strcmp(row->kind, "exact") == 0;
        bounded += strcmp(row->kind, "bounded") == 0;
        assert_true(row->kept);
        if (strcmp(row->unit, "percent") == 0) {
            const double p = row->planted / 100;
            assert_near(row->found / 100, p, 8 * sqrt(p * (1 - p) / (MANY / 2)));
        } else if (strcmp(row->unit, "count") == 0) {
            assert_near(row->found, row->planted, 0);
        } else {
            assert_near(row->found / row->planted, 1, 0.04); /* means of log-normal amounts, 10,000 and more people */
        }
    }
    assert_int_equal(exact, 6 + 4 + 1 + 2 + 3 + 2); /* groups, amounts, ratio, yes and no, process, counts */
    assert_true(bounded >= 30);
}

static void bounds_hold_at_the_survey_s_size(void **state)
{
    (void)state;
    sy_poet_options o;
    sy_poet_defaults(&o);
    for (o.seed = 1; o.seed <= 5; o.seed++) {
        free(simulated(&o, 1));
        for (int m = 0; m < SY_POET_MARGINALS; m++) {
            const sy_poet_marginal *row = &marginals[m];
            if (strcmp(row->unit, "percent") != 0) continue;
            /* 22 councils: process quality of a council moves shares by sqrt(.16 / 22) of a deviate, .034 at a share of
             * one half; three of these and of the people's */
            assert_near(row->found, row->planted, 100 * (3 * 0.034 + 3 * sqrt(0.25 / (o.people / 2))));
        }
    }
}

/* Log amounts within client group and payment are sd_log_amount times hidden
 * funding; coefficients of the hidden variables are the strengths. */
static void strengths_are_found_again(void **state)
{
    (void)state;
    sy_poet_options o = many(11);
    static const char *const names[] = {"powerfulness_payment", "powerfulness_funding", "powerfulness_process",
                                        "powerfulness_outcome", "funding_process",      "direct_outcome"};
    static const double planted[] = {0.4, 0.3, 0.2, 0.25, 0.2, -0.15};
    for (int k = 0; k < 6; k++) o.strength[strength_of(names[k])] = planted[k];
    double *v = simulated(&o, 1), b[7];
    double *direct = malloc(MANY * sizeof *direct);
    for (int i = 0; i < MANY; i++) direct[i] = v[(ptrdiff_t)column_of("payment_type") * MANY + i] == 0;
#define COLUMN(name) (v + (ptrdiff_t)column_of(name) * MANY)
    const double *const causes[] = {
        COLUMN("hidden_funding"), COLUMN("hidden_process"), COLUMN("need"), COLUMN("hidden_powerfulness"), direct,
        COLUMN("hidden_style")};
    const double within = 5 / sqrt(MANY); /* five standard errors, correlations up to .6 */
    regress(MANY, 6, causes, COLUMN("hidden_outcome"), b);
    assert_near(b[0], 0.15, within);
    assert_near(b[1], 0.4, within);
    assert_near(b[2], -0.2, within);
    assert_near(b[3], 0.25, within);
    assert_near(b[4], -0.15, 3 * within);
    assert_near(b[5], 0.3, within);
    const double *const of_process[] = {causes[0], causes[2], causes[3], direct};
    regress(MANY, 4, of_process, COLUMN("hidden_process"), b);
    assert_near(b[0], 0.2, within);
    assert_near(b[1], -0.1, within);
    assert_near(b[2], 0.2, within);
    assert_near(b[3], 0.3, 3 * within);
    const double *const of_funding[] = {causes[2], causes[3], direct};
    regress(MANY, 3, of_funding, COLUMN("hidden_funding"), b);
    assert_near(b[0], 0.5, within);
    assert_near(b[1], 0.3, within);
    assert_near(b[2], truth_of("amount_shift"), 3 * within);
    /* the ratio of means stays although the powerful choose direct payments */
    for (int m = 0; m < SY_POET_MARGINALS; m++)
        if (strcmp(marginals[m].unit, "ratio") == 0) assert_near(marginals[m].found, 1.888, 0.04);
#undef COLUMN
    free(direct);
    free(v);
}

/* 0.4 0.3 = 0.12 and so on, by hand; the shift of the log amount without
 * selection is log(1.888) / 0.8. */
static void truth_by_hand(void **state)
{
    (void)state;
    sy_poet_options o;
    sy_context ctx;
    sy_context_init(&ctx);
    sy_poet_defaults(&o);
    assert_int_equal(sy_poet_simulate(&ctx, &o, NULL, marginals, truth), SY_OK);
    const double shift = log(1.888) / 0.8;
    assert_near(truth_of("amount_shift"), shift, 1e-14);
    assert_near(truth_of("direct_by_funding"), 0.15 * shift, 1e-14);
    assert_near(truth_of("direct_by_process"), 0.12, 1e-15);
    assert_near(truth_of("direct_by_both"), 0, 0);
    assert_near(truth_of("direct_in_all"), 0.15 * shift + 0.12, 1e-14);
    assert_near(truth_of("funding_in_all"), 0.15, 0);
    assert_near(truth_of("r_funding_process"), -0.05, 1e-15);
    assert_near(truth_of("r_funding_outcome"), 0.15 - 0.02 - 0.1, 1e-15);
    assert_near(truth_of("r_process_outcome"), 0.4 - 0.05 * 0.15 + 0.02, 1e-15);
    assert_near(truth_of("reliability_item"), 0.49, 1e-15);
    assert_near(truth_of("reliability_scale"), 81 * 0.49 / (81 * 0.58 + 9 * 0.42), 1e-15);
    assert_near(truth_of("shared_style"), 0.09, 1e-15);
    for (int m = 0; m < SY_POET_MARGINALS; m++) assert_true(isnan(marginals[m].found));
    sy_context_free(&ctx);
}

static void amounts_are_missing_where_not_known(void **state)
{
    (void)state;
    sy_poet_options o;
    sy_poet_defaults(&o);
    double *v = simulated(&o, 1);
    const int n = o.people;
    const double *amount = v + (ptrdiff_t)column_of("weekly_amount") * n,
                 *knows = v + (ptrdiff_t)column_of("knows_amount") * n;
    const double *process = v + (ptrdiff_t)column_of("hidden_process") * n,
                 *all = v + (ptrdiff_t)column_of("hidden_amount") * n;
    double gone = 0, sum[2] = {0}, count[2] = {0};
    for (int i = 0; i < n; i++) {
        assert_int_equal(isnan(amount[i]), knows[i] == 0);
        if (knows[i] != 0) assert_true(amount[i] == all[i] && amount[i] > 0);
        gone += isnan(amount[i]) != 0;
        sum[(int)knows[i]] += process[i];
        count[(int)knows[i]]++;
    }
    assert_near(gone / n, 0.5, 0.15);
    /* those who do not know are served worse: 2 .5 .798 of a deviate, 0.8 */
    assert_near(sum[1] / count[1] - sum[0] / count[0], 0.8, 0.15);
    free(v);
    o.amount_missing = 0;
    v = simulated(&o, 1);
    const double *whole = v + (ptrdiff_t)column_of("weekly_amount") * n;
    for (int i = 0; i < n; i++) assert_true(whole[i] > 0);
    free(v);
}

/* Every council has people, in order, of unequal number. */
static void councils_are_whole(void **state)
{
    (void)state;
    sy_poet_options o;
    sy_poet_defaults(&o);
    o.people = 60;
    o.councils = 50;
    double *v = simulated(&o, 1);
    const double *council = v + (ptrdiff_t)column_of("council") * o.people;
    int most = 0, run = 0;
    assert_near(council[0], 1, 0);
    assert_near(council[59], 50, 0);
    for (int i = 0; i < 60; i++) {
        run = i && council[i] == council[i - 1] ? run + 1 : 1;
        if (i) assert_true(council[i] == council[i - 1] || council[i] == council[i - 1] + 1);
        if (run > most) most = run;
    }
    assert_true(most > 1);
    free(v);
}

static void threads_and_strengths_move_no_draw(void **state)
{
    (void)state;
    sy_poet_options o;
    sy_poet_defaults(&o);
    o.people = 20000;
    const size_t bytes = (size_t)o.people * SY_POET_COLUMNS * sizeof(double);
    double *one = simulated(&o, 1), *four = simulated(&o, 4);
    assert_memory_equal(one, four, bytes);
    free(four);
    o.strength[strength_of("style_outcome")] = 0;
    double *other = simulated(&o, 1);
    const size_t process = (size_t)column_of("easy_planning") * (size_t)o.people;
    assert_memory_equal(one + process, other + process, (size_t)o.people * sizeof(double));
    free(other);
    o.seed = 2;
    other = simulated(&o, 1);
    assert_memory_not_equal(one + process, other + process, (size_t)o.people * sizeof(double));
    free(other);
    free(one);
}

static void refused(const sy_poet_options *o, const char *text)
{
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(sy_poet_simulate(&ctx, o, NULL, NULL, NULL), SY_EINVAL);
    assert_string_equal(ctx.message, text);
    sy_context_free(&ctx);
}

static void bad_arguments_are_named(void **state)
{
    (void)state;
    sy_poet_options o;
#define BAD(set, text)                                                                                                 \
    sy_poet_defaults(&o);                                                                                              \
    set;                                                                                                               \
    refused(&o, text)
    BAD(o.councils = 1, "councils: 1 is not a whole number of 2 or more");
    BAD(o.people = 5, "people: 5 are fewer than the 22 councils; each has one or more");
    BAD(o.people = 10000001, "people: 10000001 is more than 10000000");
    BAD(o.year = "2011", "year: \"2011\" is not one of \"2008-09\", \"2010-11\", \"2012-13\", \"2013-14\"");
    BAD(o.direct_payment = 1, "direct_payment: 1 is not a share above 0 and below 1");
    BAD(o.knows_amount = NAN, "knows_amount: nan is not a share above 0 and below 1");
    BAD(o.funding_ratio = 0, "funding_ratio: 0 is not between 0.1 and 10");
    BAD(o.sd_log_amount = -1, "sd_log_amount: -1 is not between 0.01 and 3");
    BAD(o.size_spread = 4, "size_spread: 4 is not between 0 and 3");
    BAD(o.strength[strength_of("need_funding")] = HUGE_VAL,
        "strengths: need_funding is inf; a number between -10 and 10 is needed");
    BAD(o.strength[strength_of("need_funding")] = 1,
        "strengths: what makes funding gives it a variance of 1.09; at most 1 is possible");
    BAD(o.strength[strength_of("process_loading")] = 0.99,
        "strengths: what makes answers about process gives it a variance of 1.07; at most 1 is possible");
#undef BAD
}

static void a_published_share_that_is_left_is_said(void **state)
{
    (void)state;
    sy_poet_options o;
    sy_context ctx;
    sy_context_init(&ctx);
    sy_poet_defaults(&o);
    o.direct_payment = 0.24;
    assert_int_equal(sy_poet_simulate(&ctx, &o, NULL, marginals, NULL), SY_NOTE_BOUNDARY);
    assert_int_equal(ctx.n_remarks, 1);
    assert_string_equal(ctx.remarks[0].text, "payment type, direct_payment: 24 planted, published gt 80");
    sy_context_free(&ctx);
}

static sy_status job(void *arg, void *answer)
{
    const sy_poet_options *o = arg;
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status status = sy_poet_simulate(&ctx, o, answer, marginals, truth);
    sy_context_free(&ctx);
    return status;
}

static void failing_memory(void **state)
{
    (void)state;
    sy_poet_options o;
    sy_poet_defaults(&o);
    o.people = 30;
    assert_true(syi_survives_failing(job, &o, 30 * SY_POET_COLUMNS * sizeof(double)) >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_meet_what_is_planted),
        cmocka_unit_test(bounds_hold_at_the_survey_s_size),
        cmocka_unit_test(strengths_are_found_again),
        cmocka_unit_test(truth_by_hand),
        cmocka_unit_test(amounts_are_missing_where_not_known),
        cmocka_unit_test(councils_are_whole),
        cmocka_unit_test(threads_and_strengths_move_no_draw),
        cmocka_unit_test(bad_arguments_are_named),
        cmocka_unit_test(a_published_share_that_is_left_is_said),
        cmocka_unit_test(failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
