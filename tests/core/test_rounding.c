/* The range of shares over all tables that round to a printed one: against a
 * grid over the whole box, by hand, impossible tables, refusals.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "steelyard.h"
#include <math.h>
#include <stdio.h>

static const char *const names[] = {"y", "a", "b", "c"};
static const int terms[] = {1, 2, 3};
static const sy_block blocks[] = {{"a", 1, terms}, {"b", 1, terms + 1}, {"c", 1, terms + 2}};

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("%.17g, expected %.17g within %g", found, expected, tolerance);
}

/* Lower triangle by rows to a full matrix. */
static void full(int p, const double *lower, double *r)
{
    for (int i = 0, at = 0; i < p; i++) {
        r[i * p + i] = 1;
        for (int k = 0; k < i; k++, at++) r[i * p + k] = r[k * p + i] = lower[at];
    }
}

typedef struct {
    double low[8], high[8];
    sy_rounding_summary s;
} range;

static sy_status ask(sy_context *ctx, int p, const double *lower, int decimals, range *out)
{
    double r[16];
    sy_moments m = {0};
    sy_rounding_options o;
    const sy_question question = {.outcome = 0, .n_blocks = p - 1, .blocks = blocks};
    full(p, lower, r);
    sy_rounding_defaults(&o);
    sy_status status = sy_moments_from_printed(ctx, p, r, 100, names, decimals, &m);
    if (status >= 0) status = sy_rounding(ctx, &m, &question, &o, &out->s, out->low, out->high);
    sy_moments_free(&m);
    return status;
}

static range answer(int p, const double *lower, int decimals)
{
    range out;
    sy_context ctx;
    sy_context_init(&ctx);
    if (ask(&ctx, p, lower, decimals, &out) < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
    return out;
}

/* Shares of two or three single predictors from determinants: R2 = 1 - |R| /
 * |R_xx|. NaN unless positive definite. */
static double determinant(int k, double a[4][4])
{
    double d = 1;
    for (int j = 0; j < k; j++) {
        if (!(a[j][j] > 1e-9)) return NAN;
        d *= a[j][j];
        for (int i = j + 1; i < k; i++)
            for (int m = k - 1; m >= j; m--) a[i][m] -= a[i][j] * a[j][m] / a[j][j];
    }
    return d;
}

static double r2_of(int p, const double *r, int set)
{
    int in[4], k = 0;
    double x[4][4], all[4][4];
    for (int j = 1; j < p; j++)
        if (set >> (j - 1) & 1) in[k++] = j;
    in[k] = 0;
    for (int i = 0; i <= k; i++)
        for (int j = 0; j <= k; j++) all[i][j] = x[i][j] = r[in[i] * p + in[j]];
    const double below = determinant(k, x);
    return 1 - determinant(k + 1, all) / below;
}

/* total, then shares; 0 unless a correlation matrix. */
static int shares_of(int p, const double *lower, double *values)
{
    static const double weight[2][3][3] = {{{0.5, 0.5, 0}, {0}, {0}}, {{1 / 3.0, 1 / 6.0, 1 / 3.0}, {0}, {0}}};
    double r[16], v[8];
    full(p, lower, r);
    for (int set = 0; set < 1 << (p - 1); set++) v[set] = r2_of(p, r, set);
    values[0] = v[(1 << (p - 1)) - 1];
    if (isnan(values[0])) return 0;
    for (int j = 0; j < p - 1; j++) {
        values[j + 1] = 0;
        for (int set = 0; set < 1 << (p - 1); set++)
            if (!(set >> j & 1))
                values[j + 1] += weight[p - 3][0][__builtin_popcount((unsigned)set)] * (v[set | 1 << j] - v[set]);
    }
    return 1;
}

/* Extremes over a grid of `points` values an entry. */
static void grid(int p, const double *lower, double half, int points, double *low, double *high)
{
    const int pairs = p * (p - 1) / 2;
    long n = 1;
    for (int i = 0; i < pairs; i++) n *= points;
    for (int v = 0; v < p; v++) {
        low[v] = INFINITY;
        high[v] = -INFINITY;
    }
    for (long i = 0; i < n; i++) {
        double x[6], values[4];
        long rest = i;
        for (int at = 0; at < pairs; at++, rest /= points)
            x[at] = fmin(fmax(lower[at] + half * (2.0 * (double)(rest % points) / (points - 1) - 1), -1), 1);
        if (!shares_of(p, x, values)) continue;
        for (int v = 0; v < p; v++) {
            low[v] = fmin(low[v], values[v]);
            high[v] = fmax(high[v], values[v]);
        }
    }
}

/* The search reaches at least what the grid sees (1e-7), and no more than
 * `slack` beyond it: what a grid of that width can miss. */
static void agree(int p, const double *lower, int decimals, int points, double slack)
{
    double low[4], high[4];
    const range found = answer(p, lower, decimals);
    grid(p, lower, 0.5 * pow(10, -decimals), points, low, high);
    for (int v = 0; v < p; v++) {
        const double l = v ? found.low[v - 1] : found.s.total_low, h = v ? found.high[v - 1] : found.s.total_high;
        if (!(l <= low[v] + 1e-7 && l >= low[v] - slack))
            fail_msg("value %d: low %.9f, the grid says %.9f", v, l, low[v]);
        if (!(h >= high[v] - 1e-7 && h <= high[v] + slack))
            fail_msg("value %d: high %.9f, the grid says %.9f", v, h, high[v]);
    }
}

static void two_predictors_agree_with_a_grid(void **state)
{
    (void)state;
    agree(3, (const double[]){0.5, 0.3, 0.4}, 1, 31, 1e-9);
    agree(3, (const double[]){0.41, -0.27, 0.12}, 2, 31, 1e-9);
    agree(3, (const double[]){0.02, 0.01, 0.65}, 2, 31, 1e-7); /* shares near zero: the least lies inside */
    agree(3, (const double[]){0, 0.3, 0.8}, 1, 31, 2e-5);
}

static void three_predictors_agree_with_a_grid(void **state)
{
    (void)state;
    agree(4, (const double[]){0.45, 0.3, 0.52, 0.21, -0.1, 0.33}, 2, 5, 1e-9);
    agree(4, (const double[]){0.4, 0.3, 0.5, 0.2, -0.1, 0.3}, 1, 6, 1e-3);
}

/* Predictors so close that some corners of the box are no correlation
 * matrices: the edge is curved, and a grid stops short of it. */
static void the_edge_of_what_is_possible_is_kept_to(void **state)
{
    (void)state;
    static const double lower[] = {0.6, 0.5, 0.9};
    const range found = answer(3, lower, 1);
    double low[3], high[3];
    grid(3, lower, 0.05, 11, low, high);
    assert_int_equal(found.s.cut, 0);
    static const double close[] = {0.7, 0.3, 0.9};
    const range edge = answer(3, close, 1);
    grid(3, close, 0.05, 61, low, high);
    assert_int_equal(edge.s.cut, 1);
    assert_true(edge.s.total_high >= high[0] - 1e-3 && edge.s.total_high <= 1);
    for (int v = 1; v < 3; v++) {
        assert_true(edge.low[v - 1] <= low[v] + 5e-3 && edge.low[v - 1] >= 0);
        assert_true(edge.high[v - 1] >= high[v] - 5e-3 && edge.high[v - 1] <= 1);
    }
    assert_true(edge.s.total_low <= low[0] + 1e-7);
}

/* One predictor: R2 is the square of a number between .25 and .35. */
static void one_predictor_by_hand(void **state)
{
    (void)state;
    const range found = answer(2, (const double[]){0.3}, 1);
    assert_near(found.low[0], 0.0625, 1e-15);
    assert_near(found.high[0], 0.1225, 1e-15);
    assert_near(found.s.total_low, 0.0625, 1e-15);
    const range none = answer(2, (const double[]){0}, 1);
    assert_near(none.low[0], 0, 1e-9);
    assert_near(none.high[0], 0.0025, 1e-15);
    assert_int_equal(found.s.decimals, 1);
    assert_int_equal(found.s.cut, 0);
}

static void more_decimals_narrow_the_range(void **state)
{
    (void)state;
    double before = 1;
    for (int decimals = 1; decimals <= 4; decimals++) {
        const range found = answer(4, (const double[]){0.4, 0.3, 0.5, 0.2, -0.1, 0.3}, decimals);
        const double width = found.high[0] - found.low[0];
        assert_true(width > 0 && width < before / 5);
        before = width;
    }
}

static sy_status printed(sy_context *ctx, const double *lower, int decimals, sy_moments *m)
{
    double r[9];
    full(3, lower, r);
    return sy_moments_from_printed(ctx, 3, r, 50, names, decimals, m);
}

/* y and b go with a at .95 both, so with each other at 2 .95^2 - 1 = .805 at
 * least; .945 allows .786, .9 allows .62. */
static void impossible_tables_are_refused_with_a_bound(void **state)
{
    (void)state;
    sy_context ctx;
    sy_moments m = {0};
    sy_context_init(&ctx);
    assert_int_equal(printed(&ctx, (const double[]){0.95, 0.7, 0.95}, 2, &m), SY_EDATA);
    assert_non_null(strstr(ctx.message, "r: an impossible table: of all that round to it to 2 decimals none"));
    assert_int_equal(printed(&ctx, (const double[]){0.95, 0.78, 0.95}, 2, &m), SY_EDATA);
    assert_int_equal(printed(&ctx, (const double[]){0.95, 0.79, 0.95}, 2, &m), SY_NOTE_BOUNDARY);
    assert_true(m.from_correlation == 4);
    const double factor = 49, r10 = m.hi[5] / factor; /* packed: 1, y, a, b; y with a */
    assert_true(fabs(r10 - 0.95) <= 0.005 + 1e-12);
    sy_moments_free(&m);
    assert_int_equal(printed(&ctx, (const double[]){0.95, 0.85, 0.95}, 2, &m), SY_OK);
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

static void decimals_are_kept_by_saved_moments(void **state)
{
    (void)state;
    sy_context ctx;
    sy_moments m = {0}, again = {0};
    sy_context_init(&ctx);
    assert_int_equal(printed(&ctx, (const double[]){0.5, 0.3, 0.4}, 1, &m), SY_OK);
    assert_int_equal(sy_moments_view(&ctx, m.blob, m.size, 1, &again), SY_OK);
    assert_int_equal(again.from_correlation, 3);
    sy_moments_free(&again);
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

static void refusals_name_what_is_wrong(void **state)
{
    (void)state;
    sy_context ctx;
    sy_moments m = {0};
    sy_rounding_options o = {.starts = 1};
    sy_rounding_summary s;
    double low[8], high[8], r[9];
    const sy_question question = {.outcome = 0, .n_blocks = 2, .blocks = blocks};
    sy_context_init(&ctx);
    assert_int_equal(printed(&ctx, (const double[]){0.51, 0.3, 0.4}, 1, &m), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "decimals: y with a is 0.51, more than 1 decimals"));
    assert_int_equal(printed(&ctx, (const double[]){0.5, 0.3, 0.4}, 16, &m), SY_EINVAL);
    assert_int_equal(printed(&ctx, (const double[]){0.5, 0.3, 0.4}, -1, &m), SY_EINVAL);
    full(3, (const double[]){0.5, 0.3, 0.4}, r);
    assert_int_equal(sy_moments_from_correlation(&ctx, 3, r, 50, names, &m), SY_OK);
    assert_int_equal(sy_rounding(&ctx, &m, &question, &o, &s, low, high), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "decimals: these moments do not come from a table with stated decimals"));
    sy_moments_free(&m);
    assert_int_equal(printed(&ctx, (const double[]){0.5, 0.3, 0.4}, 1, &m), SY_OK);
    o.starts = 0;
    assert_int_equal(sy_rounding(&ctx, &m, &question, &o, &s, low, high), SY_EINVAL);
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

static void bits_do_not_depend_on_threads(void **state)
{
    (void)state;
    range one, many;
    for (int threads = 1; threads <= 3; threads += 2) {
        sy_context ctx;
        sy_context_init(&ctx);
        ctx.threads = threads;
        assert_true(ask(&ctx, 4, (const double[]){0.4, 0.3, 0.5, 0.2, -0.1, 0.3}, 1, threads == 1 ? &one : &many) >= 0);
        sy_context_free(&ctx);
    }
    assert_memory_equal(one.low, many.low, 6 * sizeof(double));
    assert_memory_equal(one.high, many.high, 6 * sizeof(double));
}

static sy_status job(void *arg, void *result)
{
    range out = {0};
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status status = ask(&ctx, 3, arg, 2, &out);
    if (status >= 0) memcpy(result, out.low, 4 * sizeof(double));
    sy_context_free(&ctx);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    double fine[] = {0.5, 0.3, 0.4}, mended[] = {0.95, 0.79, 0.95};
    assert_true(syi_survives_failing(job, fine, 4 * sizeof(double)) > 8);
    assert_true(syi_survives_failing(job, mended, 4 * sizeof(double)) > 8);
}

static int stop(void *arg)
{
    ++*(int *)arg;
    return 1;
}

static void the_host_can_stop_it(void **state)
{
    (void)state;
    enum { P = 12 };
    static char label[P][4];
    const char *labels[P];
    static int term[P];
    sy_block one[P];
    double r[P * P], low[2 * P], high[2 * P];
    int polls = 0;
    for (int i = 0; i < P; i++) {
        snprintf(label[i], sizeof label[i], "v%d", i);
        labels[i] = label[i];
        term[i] = i;
        if (i) one[i - 1] = (sy_block){label[i], 1, &term[i]};
        for (int k = 0; k < P; k++) r[i * P + k] = i == k ? 1 : 0.3;
    }
    const sy_question question = {.outcome = 0, .n_blocks = P - 1, .blocks = one};
    sy_rounding_options o;
    sy_rounding_summary s;
    sy_context ctx;
    sy_moments m = {0};
    sy_context_init(&ctx);
    sy_rounding_defaults(&o);
    assert_int_equal(sy_moments_from_printed(&ctx, P, r, 100, labels, 1, &m), SY_OK);
    ctx.poll = stop;
    ctx.poll_arg = &polls;
    assert_int_equal(sy_rounding(&ctx, &m, &question, &o, &s, low, high), SY_EINTR);
    assert_true(polls >= 1);
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_predictors_agree_with_a_grid),
        cmocka_unit_test(three_predictors_agree_with_a_grid),
        cmocka_unit_test(the_edge_of_what_is_possible_is_kept_to),
        cmocka_unit_test(one_predictor_by_hand),
        cmocka_unit_test(more_decimals_narrow_the_range),
        cmocka_unit_test(impossible_tables_are_refused_with_a_bound),
        cmocka_unit_test(decimals_are_kept_by_saved_moments),
        cmocka_unit_test(refusals_name_what_is_wrong),
        cmocka_unit_test(bits_do_not_depend_on_threads),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(the_host_can_stop_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
