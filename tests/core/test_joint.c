/* Answers resampled together: what they must be identical to, worked examples,
 * refusals.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "sample_councils.h"

enum { VALUES = SAMPLE_TABLE_ROWS * SY_N_METRICS + 1, COUNCILS = 12 };

static sample s;
static sample_table table;

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("%.17g, expected %.17g within %g", found, expected, tolerance);
}

static void open_moments(const sample *from, sy_unit unit, sy_moments *m)
{
    sy_context ctx;
    const sy_moments_options how = {.unit = unit, .precision = SY_PRECISION_TWOFOLD};
    sy_context_init(&ctx);
    if (sy_moments_init(&ctx, &from->design, &how, m) < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

static void make_councils(void)
{
    sample_fill(&s, 240, COUNCILS, 0, 7);
    s.design.cluster = &s.council_column;
}

typedef struct {
    double estimate[2 * VALUES], moved[300 * 2 * VALUES], df[2];
    ptrdiff_t units;
    int values;
} joint;

static void join(int n, const sy_ask *asks, joint *out)
{
    sy_context ctx;
    sy_shares_options options;
    sy_context_init(&ctx);
    sy_shares_defaults(&options);
    if (sy_joint_size(&ctx, n, asks, &out->units, &out->values) < 0 ||
        sy_joint(&ctx, n, asks, &options, out->estimate, out->moved, out->df) < 0)
        fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

static double covariance(const joint *j, int a, int b)
{
    double sum = 0;
    for (ptrdiff_t u = 0; u < j->units; u++) sum += j->moved[u * j->values + a] * j->moved[u * j->values + b];
    return sum;
}

static joint one, two;

/* 1e-13: the same sums in another order. */
static void covariance_is_that_of_the_jackknife(void **state)
{
    (void)state;
    sy_context ctx;
    sy_evidence_options o;
    sy_evidence_summary summary;
    sy_moments m;
    make_councils();
    open_moments(&s, SY_UNIT_CLUSTER, &m);
    sy_context_init(&ctx);
    sy_evidence_defaults(&o);
    o.interval = SY_INTERVAL_JACKKNIFE;
    const sy_evidence_table view = sample_view(&table);
    assert_true(sy_evidence_shares(&ctx, &m, NULL, &s.question, &o, &summary, &view) >= 0);
    const sy_ask ask = {&m, &s.question, NULL};
    join(1, &ask, &one);
    assert_int_equal(one.units, COUNCILS);
    assert_int_equal(one.values, VALUES);
    assert_near(one.df[0], summary.df, 0);
    const double *v = table.covariance + SY_SHARE * SAMPLE_TABLE_ROWS * SAMPLE_TABLE_ROWS;
    for (int i = 0; i < SAMPLE_TABLE_ROWS; i++)
        for (int k = 0; k < SAMPLE_TABLE_ROWS; k++)
            assert_near(covariance(&one, i * SY_N_METRICS, k * SY_N_METRICS), v[i * SAMPLE_TABLE_ROWS + k], 1e-13);
    assert_near(covariance(&one, VALUES - 1, VALUES - 1), pow(summary.total_std_error, 2), 1e-13);
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

/* The same council under the same name, whatever its place. */
static void councils_are_matched_by_name(void **state)
{
    (void)state;
    static sample turned;
    sy_moments m, other;
    make_councils();
    open_moments(&s, SY_UNIT_CLUSTER, &m);
    memcpy(&turned, &s, sizeof turned);
    sample_describe(&turned);
    turned.design.cluster = &turned.council_column;
    for (int i = 0; i < turned.n; i++) turned.council[i] = COUNCILS - 1 - s.council[i];
    for (int g = 0; g < COUNCILS; g++) turned.council_names[g] = s.council_name[COUNCILS - 1 - g];
    open_moments(&turned, SY_UNIT_CLUSTER, &other);
    const sy_ask asks[2] = {{&m, &s.question, NULL}, {&other, &turned.question, NULL}};
    join(2, asks, &two);
    assert_int_equal(two.units, COUNCILS);
    /* the same rows twice: the difference never moves, but for rounding of the reordered sums */
    for (ptrdiff_t u = 0; u < two.units; u++)
        assert_near(two.moved[u * two.values], two.moved[u * two.values + VALUES], 1e-14);
    sy_moments_free(&m);
    sy_moments_free(&other);
}

/* Disjoint rows: independent answers, whose covariance is nought. */
static void rows_told_apart_are_independent(void **state)
{
    (void)state;
    static sample half[2];
    static int64_t place[2][120];
    sy_moments m[2];
    make_councils();
    for (int h = 0; h < 2; h++) {
        memcpy(&half[h], &s, sizeof s);
        half[h].n = 120;
        for (int i = 0; i < 120; i++) {
            for (int c = 0; c < SAMPLE_COLUMNS; c++) half[h].x[c][i] = s.x[c][120 * h + i];
            place[h][i] = 120 * h + i;
        }
        sample_describe(&half[h]);
        open_moments(&half[h], SY_UNIT_ROW, &m[h]);
    }
    const sy_ask asks[2] = {{&m[0], &half[0].question, place[0]}, {&m[1], &half[1].question, place[1]}};
    join(2, asks, &two);
    assert_int_equal(two.units, 240);
    assert_true(covariance(&two, 0, VALUES) == 0);
    assert_true(covariance(&two, 0, 0) > 0);
    sy_moments_free(&m[0]);
    sy_moments_free(&m[1]);
}

/* By hand: moves (1, -1, 2), (0, 3, 1); contrast first less second. */
static void contrasts_add_up_the_moves(void **state)
{
    (void)state;
    const double estimate[2] = {5, 2}, moved[6] = {1, 0, -1, 3, 2, 1}, df[2] = {9, 7};
    const int plus[2] = {0, 1}, minus[2] = {1, -1};
    double moves[6], v[4];
    sy_comparison out[2];
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(sy_joint_contrasts(&ctx, 3, 2, estimate, moved, df, 2, plus, minus, 0.95, out, moves, v), SY_OK);
    assert_near(out[0].estimate, 3, 0);
    assert_near(out[0].std_error, sqrt(1 + 16 + 1), 1e-15);
    assert_near(out[0].df, 7, 0);
    assert_near(out[1].estimate, 2, 0);
    assert_near(out[1].std_error, sqrt(10), 1e-15);
    assert_near(v[1], 0 * 1 + -4 * 3 + 1 * 1, 0);
    assert_near(moves[2], -4, 0);
    sy_context_free(&ctx);
}

/* Two contrasts by hand: V = (4 1; 1 9), c = (2, 3): Q = c'V^-1 c = (9*4 - 2*6 + 4*9) / 35 = 60 / 35; df 10:
 * F = Q (10 - 1) / (10 * 2). 1e-14: a handful of roundings. */
static void all_zero_is_hotellings_test(void **state)
{
    (void)state;
    const double c[2] = {2, 3}, v[4] = {4, 1, 1, 9}, same[4] = {4, 4, 4, 4}, twice[2] = {2, 2};
    sy_joint_f f;
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(sy_joint_all_zero(&ctx, 2, c, v, 10, &f), SY_OK);
    assert_near(f.f, 60.0 / 35 * 9 / 20, 1e-14);
    assert_near(f.df1, 2, 0);
    assert_near(f.df2, 9, 0);
    assert_true(f.p_value > 0 && f.p_value < 1);
    /* a contrast said twice counts once: t squared */
    assert_int_equal(sy_joint_all_zero(&ctx, 2, twice, same, 10, &f), SY_OK);
    assert_near(f.df1, 1, 0);
    assert_near(f.f, 1, 1e-14);
    /* as many contrasts as degrees of freedom and more: no test */
    assert_int_equal(sy_joint_all_zero(&ctx, 2, c, v, 1, &f), SY_OK);
    assert_true(isnan(f.p_value));
    sy_context_free(&ctx);
}

/* a = 4, b = 2, variances .16 and .04, covariance .02: log 2, variance .01 + .01 - 2 * .0025. */
static void ratio_is_taken_on_logarithms(void **state)
{
    (void)state;
    const double estimate[2] = {4, 2}, v[4] = {0.16, 0.02, 0.02, 0.04}, below[2] = {-1, 2};
    sy_comparison out;
    sy_context ctx;
    double t;
    sy_context_init(&ctx);
    assert_int_equal(sy_interval_ratio(&ctx, estimate, v, 12, 0.95, &out), SY_OK);
    const double se = sqrt(0.015);
    assert_int_equal(sy_distribution_t_quantile(&ctx, 0.975, 12, &t), SY_OK);
    assert_near(out.estimate, 2, 1e-15);
    assert_near(out.std_error, 2 * se, 1e-15);
    assert_near(out.statistic, log(2) / se, 1e-13);
    assert_near(out.low, 2 * exp(-t * se), 1e-14);
    assert_near(out.high, 2 * exp(t * se), 1e-14);
    assert_int_equal(sy_interval_ratio(&ctx, below, v, 12, 0.95, &out), SY_OK);
    assert_true(isnan(out.estimate) && isnan(out.p_value));
    sy_context_free(&ctx);
}

static void refused(sy_context *ctx, sy_status status, sy_status expected, const char *words)
{
    assert_int_equal(status, expected);
    if (!strstr(ctx->message, words)) fail_msg("\"%s\" lacks \"%s\"", ctx->message, words);
}

static void bad_input_is_refused_in_words(void **state)
{
    (void)state;
    sy_context ctx;
    sy_moments rows, fewer, clusters, whole;
    ptrdiff_t units;
    int values;
    static sample small;
    make_councils();
    memcpy(&small, &s, sizeof s);
    small.n = 200;
    sample_describe(&small);
    open_moments(&s, SY_UNIT_ROW, &rows);
    open_moments(&small, SY_UNIT_ROW, &fewer);
    open_moments(&s, SY_UNIT_CLUSTER, &clusters);
    open_moments(&s, SY_UNIT_NONE, &whole);
    sy_context_init(&ctx);
    sy_ask asks[2] = {{&rows, &s.question, NULL}, {&fewer, &s.question, NULL}};
    refused(&ctx, sy_joint_size(&ctx, 2, asks, &units, &values), SY_EINVAL, "nothing says which of them are the same");
    asks[1].m = &clusters;
    refused(&ctx, sy_joint_size(&ctx, 2, asks, &units, &values), SY_EINVAL, "some answers rest on clusters");
    asks[0].m = &whole;
    refused(&ctx, sy_joint_size(&ctx, 1, asks, &units, &values), SY_EINVAL, "neither clusters nor rows");
    refused(&ctx, sy_joint_size(&ctx, 0, asks, &units, &values), SY_EINVAL, "asks: there is none");
    sy_context_free(&ctx);
    sy_moments_free(&rows);
    sy_moments_free(&fewer);
    sy_moments_free(&clusters);
    sy_moments_free(&whole);
}

typedef struct {
    double moved[COUNCILS * VALUES], ranks[12], p[3];
} whole_answer;

static sy_status job(void *arg, void *answer)
{
    static whole_answer a;
    static double estimate[VALUES];
    sy_context ctx;
    sy_shares_options options;
    double df, four[COUNCILS * 4], e[4];
    ptrdiff_t units;
    int values;
    const sy_ask ask = {arg, &s.question, NULL};
    memset(&a, 0, sizeof a);
    sy_context_init(&ctx);
    sy_shares_defaults(&options);
    sy_status status = sy_joint_size(&ctx, 1, &ask, &units, &values);
    if (status >= 0) status = sy_joint(&ctx, 1, &ask, &options, estimate, a.moved, &df);
    for (int i = 0; i < 4 && status >= 0; i++) {
        e[i] = estimate[i * SY_N_METRICS];
        for (int u = 0; u < COUNCILS; u++) four[u * 4 + i] = a.moved[u * VALUES + i * SY_N_METRICS];
    }
    if (status >= 0) status = sy_joint_ranks(&ctx, COUNCILS, 4, e, four, 0.95, 200, 1, a.ranks);
    if (status >= 0) memcpy(answer, &a, sizeof a);
    sy_context_free(&ctx);
    return status;
}

static void no_failed_allocation_leaks_or_lies(void **state)
{
    (void)state;
    sy_moments m;
    make_councils();
    open_moments(&s, SY_UNIT_CLUSTER, &m);
    assert_true(syi_survives_failing(job, &m, sizeof(whole_answer)) > 10);
    sy_moments_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(covariance_is_that_of_the_jackknife), cmocka_unit_test(councils_are_matched_by_name),
        cmocka_unit_test(rows_told_apart_are_independent),     cmocka_unit_test(contrasts_add_up_the_moves),
        cmocka_unit_test(all_zero_is_hotellings_test),         cmocka_unit_test(ratio_is_taken_on_logarithms),
        cmocka_unit_test(bad_input_is_refused_in_words),       cmocka_unit_test(no_failed_allocation_leaks_or_lies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
