/* Permutation tests: exact enumeration, readable twins of both schemes,
 * refusals.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "sample_councils.h"
#include "steelyard/permutation.h"

static sample s;

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("%.17g, expected %.17g within %g", found, expected, tolerance);
}

static sy_status ask(const sample *from, sy_unit unit, int with_rows, const sy_permutation_options *options,
                     sy_permutation *out, sy_context *ctx)
{
    sy_moments m = {0};
    const sy_moments_options how = {.unit = unit, .precision = SY_PRECISION_TWOFOLD};
    sy_status status = sy_moments_init(ctx, &from->design, &how, &m);
    if (status >= 0)
        status = sy_permutation_test(ctx, &m, with_rows ? &from->design : NULL, &from->question, options, out);
    sy_moments_free(&m);
    return status;
}

static sy_permutation answer(const sample *from, sy_unit unit, int with_rows, int block, int metric, int permutations)
{
    sy_context ctx;
    sy_permutation out;
    const sy_permutation_options o = {.block = block, .metric = metric, .permutations = permutations, .seed = 5};
    sy_context_init(&ctx);
    if (ask(from, unit, with_rows, &o, &out, &ctx) < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
    return out;
}

/* Efron & Tibshirani 1993, An Introduction to the Bootstrap, table 2.1: survival
 * of 7 treated and 9 control mice. All 11,440 ways to pick 7 of 16 are
 * enumerated; 40,000 permutations err by at most 4 standard errors, .009. */
static void two_groups_agree_with_all_their_divisions(void **state)
{
    (void)state;
    static const double days[] = {94, 197, 16, 38, 99, 141, 23, 52, 104, 146, 10, 51, 30, 40, 27, 46};
    double ways = 0, as_large = 0, all = 0, treated = 0;
    memset(&s, 0, sizeof s);
    s.n = 16;
    for (int i = 0; i < 16; i++) {
        all += days[i];
        treated += i < 7 ? days[i] : 0;
        s.x[0][i] = i < 7;
        s.x[5][i] = days[i];
    }
    sample_describe(&s);
    s.question.n_blocks = 1;
    const double observed = fabs(treated / 7 - (all - treated) / 9);
    for (unsigned set = 0; set < 1u << 16; set++) {
        double sum = 0;
        if (__builtin_popcount(set) != 7) continue;
        for (int i = 0; i < 16; i++) sum += set >> i & 1 ? days[i] : 0;
        ways += 1;
        as_large += fabs(sum / 7 - (all - sum) / 9) >= observed - 1e-9;
    }
    const sy_permutation alone = answer(&s, SY_UNIT_ROW, 0, 0, SY_ALONE, 40000);
    const sy_permutation unique = answer(&s, SY_UNIT_NONE, 1, 0, SY_UNIQUE, 40000);
    assert_near(ways, 11440, 0);
    assert_near(alone.p_value, as_large / ways, 0.01);
    assert_near(unique.p_value, as_large / ways, 0.01);
    assert_int_equal(alone.scheme, SY_PERMUTE_ROWS);
    assert_int_equal(unique.scheme, SY_PERMUTE_RESIDUALS);
    assert_near(alone.estimate, unique.estimate, 1e-15);
}

enum { TWIN = SAMPLE_COLUMNS + 1 };

/* Residual sum of squares of y on the columns x[0 .. k-1] and an intercept;
 * fitted values if asked. Gauss-Jordan in long double. */
static long double fit(int n, int k, const double *const *x, const double *y, const double *w, double *fitted)
{
    long double a[TWIN][TWIN + 1] = {{0}}, rss = 0;
    for (int i = 0; i < n; i++) {
        long double row[TWIN + 1] = {1};
        for (int c = 0; c < k; c++) row[c + 1] = x[c][i];
        row[k + 1] = y[i];
        for (int r = 0; r <= k; r++)
            for (int c = 0; c <= k + 1; c++) a[r][c] += (w ? w[i] : 1) * row[r] * row[c];
    }
    for (int r = 0; r <= k; r++)
        for (int t = 0; t <= k; t++) {
            if (t == r) continue;
            const long double f = a[t][r] / a[r][r];
            for (int c = 0; c <= k + 1; c++) a[t][c] -= f * a[r][c];
        }
    for (int i = 0; i < n; i++) {
        long double value = a[0][k + 1] / a[0][0];
        for (int c = 0; c < k; c++) value += a[c + 1][k + 1] / a[c + 1][c + 1] * x[c][i];
        if (fitted) fitted[i] = (double)value;
        rss += (w ? w[i] : 1) * (y[i] - value) * (y[i] - value);
    }
    return rss;
}

/* The core's own shuffle: Fisher-Yates downwards within each group, keyed by
 * (seed, number). */
static void shuffle(int n, const int *group, int groups, uint32_t number, int *to)
{
    syi_stream r;
    int line[SAMPLE_ROWS], at = 0;
    syi_stream_init(&r, 5, number, 0);
    for (int g = 0; g < groups; g++) {
        const int first = at;
        for (int i = 0; i < n; i++)
            if (group[i] == g) line[at++] = i;
        int order[SAMPLE_ROWS];
        for (int i = first; i < at; i++) order[i] = line[i];
        for (int i = at - 1; i > first; i--) {
            const int other = first + (int)syi_stream_below(&r, (uint32_t)(i - first + 1)), kept = order[i];
            order[i] = order[other];
            order[other] = kept;
        }
        for (int i = first; i < at; i++) to[line[i]] = order[i];
    }
}

/* Freedman & Lane on rows, within councils: the count agrees to the last one. */
static void residuals_are_permuted_within_councils(void **state)
{
    (void)state;
    static double fitted[SAMPLE_ROWS], y[SAMPLE_ROWS];
    static int to[SAMPLE_ROWS];
    sample_fill(&s, 150, 10, 0, 21);
    for (int i = 0; i < s.n; i++) s.x[5][i] -= 0.4 * s.x[3][i];
    s.design.cluster = &s.council_column;
    const double *const without[] = {s.x[0], s.x[1], s.x[2], s.x[4]};
    const double *const with[] = {s.x[0], s.x[1], s.x[2], s.x[4], s.x[3]};
    const long double rest = fit(s.n, 4, without, s.x[5], NULL, fitted), full = fit(s.n, 5, with, s.x[5], NULL, NULL);
    const double observed = (double)((rest - full) / full);
    int exceeding = 0;
    for (uint32_t r = 0; r < 150; r++) {
        shuffle(s.n, s.council, 10, r, to);
        for (int i = 0; i < s.n; i++) y[i] = fitted[i] + (s.x[5][to[i]] - fitted[to[i]]);
        const long double a = fit(s.n, 4, without, y, NULL, NULL), b = fit(s.n, 5, with, y, NULL, NULL);
        exceeding += (double)((a - b) / b) >= observed;
    }
    const sy_permutation out = answer(&s, SY_UNIT_CLUSTER, 1, 2, SY_UNIQUE, 150);
    assert_int_equal(out.scheme, SY_PERMUTE_RESIDUALS);
    assert_int_equal(out.within, 1);
    assert_int_equal(out.exceeding, exceeding);
    assert_true(exceeding > 1 && exceeding < 149);
    assert_near(out.p_value, (exceeding + 1) / 151.0, 1e-15);
    const double mean_y = (double)fit(s.n, 0, NULL, s.x[5], NULL, NULL);
    assert_near(out.estimate, (double)(rest - full) / mean_y, 1e-13);
}

/* How much of its own value the fit takes up. */
static double leverage(int n, int k, const double *const *x, const double *w, int at)
{
    double one[SAMPLE_COUNCILS] = {0}, fitted[SAMPLE_COUNCILS];
    one[at] = 1;
    fit(n, k, x, one, w, fitted);
    return fitted[at];
}

/* Squared t value, robust to unequal variances (HC2), of `moved` beside the
 * means in a regression of councils' mean outcomes by weight. */
static double robust_t2(const double *const *means, const double *moved, const double *outcome, const double *weight)
{
    double t[12], rest[12], product = 0, robust = 0;
    const double *const all[] = {means[0], means[1], means[2], means[3], moved};
    fit(12, 4, means, moved, weight, t);
    fit(12, 5, all, outcome, weight, rest);
    for (int g = 0; g < 12; g++) {
        t[g] = moved[g] - t[g];
        rest[g] = outcome[g] - rest[g];
        product += weight[g] * t[g] * outcome[g];
        robust += pow(weight[g] * t[g] * rest[g], 2) / (1 - leverage(12, 5, all, weight, g));
    }
    return product * product / robust;
}

/* Precision of a council's mean outcome by an analysis of variance of the
 * people's residuals. */
static void precision(int n, const double *residual, const double *people, double *weight)
{
    double mean[12] = {0}, between = 0, within = 0, squares = 0;
    for (int i = 0; i < n; i++) mean[s.council[i]] += residual[i] / people[s.council[i]];
    for (int i = 0; i < n; i++) within += pow(residual[i] - mean[s.council[i]], 2) / (n - 12);
    for (int g = 0; g < 12; g++) {
        between += people[g] * mean[g] * mean[g] / 11;
        squares += people[g] * people[g];
    }
    const double spread = fmax((between - within) / ((n - squares / n) / 11), 0);
    for (int g = 0; g < 12; g++) weight[g] = 1 / (spread + within / people[g]);
}

/* Funding is one value a council: its residuals on the councils' means go from
 * council to council, whole. */
static void council_blocks_move_as_whole_councils(void **state)
{
    (void)state;
    static double mean[5][SAMPLE_COUNCILS], people[SAMPLE_COUNCILS], level[SAMPLE_COUNCILS], fitted[SAMPLE_ROWS];
    static double residual[SAMPLE_ROWS], moved[SAMPLE_COUNCILS], weight[SAMPLE_COUNCILS];
    static int to[SAMPLE_ROWS], one[SAMPLE_ROWS];
    sample_fill(&s, 240, 12, 1, 22);
    for (int i = 0; i < s.n; i++) s.x[5][i] -= 0.3 * s.x[0][i];
    s.design.cluster = &s.council_column;
    memset(mean, 0, sizeof mean);
    memset(people, 0, sizeof people);
    for (int i = 0; i < s.n; i++) {
        people[s.council[i]] += 1;
        level[s.council[i]] = s.x[0][i];
        for (int c = 0; c < 5; c++) mean[c][s.council[i]] += s.x[c + 1][i];
    }
    for (int g = 0; g < 12; g++)
        for (int c = 0; c < 5; c++) mean[c][g] /= people[g];
    const double *const means[] = {mean[0], mean[1], mean[2], mean[3]};
    const double *const without[] = {s.x[1], s.x[2], s.x[3], s.x[4]};
    fit(s.n, 4, without, s.x[5], NULL, fitted);
    for (int i = 0; i < s.n; i++) residual[i] = s.x[5][i] - fitted[i];
    precision(s.n, residual, people, weight);
    fit(12, 4, means, level, NULL, fitted);
    const double observed = robust_t2(means, level, mean[4], weight);
    int exceeding = 0;
    for (uint32_t r = 0; r < 150; r++) {
        shuffle(12, one, 1, r, to);
        for (int g = 0; g < 12; g++) moved[g] = level[to[g]] - fitted[to[g]];
        exceeding += robust_t2(means, moved, mean[4], weight) >= observed;
    }
    const sy_permutation out = answer(&s, SY_UNIT_CLUSTER, 0, 0, SY_UNIQUE, 150);
    assert_int_equal(out.scheme, SY_PERMUTE_CLUSTERS);
    assert_near(out.units, 12, 0);
    assert_int_equal(out.exceeding, exceeding);
    assert_true(exceeding > 1 && exceeding < 149);
}

/* Rows of moments and rows of the frame are the same rows. */
static void rows_kept_and_rows_read_again_give_the_same(void **state)
{
    (void)state;
    static const int metrics[] = {SY_UNIQUE, SY_ALONE, SY_SHARE};
    sample_fill(&s, 120, 10, 0, 23);
    s.x[1][7] = NAN;
    s.design.weights = &s.weight_column;
    s.design.weight_kind = SY_WEIGHT_ANALYTIC;
    for (int i = 0; i < 3; i++) {
        const sy_permutation a = answer(&s, SY_UNIT_ROW, 0, 1, metrics[i], 300);
        const sy_permutation b = answer(&s, SY_UNIT_NONE, 1, 1, metrics[i], 300);
        assert_int_equal(a.exceeding, b.exceeding);
        assert_near(a.estimate, b.estimate, 1e-14);
        assert_near(a.units, 119, 0);
    }
}

static void scale_and_place_of_columns_do_not_matter(void **state)
{
    (void)state;
    sample_fill(&s, 200, 20, 1, 24);
    s.design.cluster = &s.council_column;
    for (int i = 0; i < s.n; i++) s.x[5][i] -= 0.3 * s.x[0][i];
    const sy_permutation a = answer(&s, SY_UNIT_CLUSTER, 1, 0, SY_UNIQUE, 500);
    for (int i = 0; i < s.n; i++) {
        s.x[0][i] = 1e4 + 25 * s.x[0][i];
        s.x[2][i] = 1e-6 * s.x[2][i] - 3;
        s.x[5][i] = 5e5 + s.x[5][i];
    }
    const sy_permutation b = answer(&s, SY_UNIT_CLUSTER, 1, 0, SY_UNIQUE, 500);
    assert_int_equal(a.exceeding, b.exceeding);
    assert_near(a.estimate, b.estimate, 1e-12);
}

static void strong_blocks_are_found_and_the_least_p_is_one_in_m_plus_one(void **state)
{
    (void)state;
    sample_fill(&s, 400, 40, 1, 25);
    s.design.cluster = &s.council_column;
    for (int i = 0; i < s.n; i++) s.x[5][i] += s.x[0][i] + s.x[4][i];
    for (int metric = 0; metric < SY_N_METRICS; metric++) {
        if (metric != SY_UNIQUE && metric != SY_ALONE && metric != SY_SHARE) continue;
        assert_near(answer(&s, SY_UNIT_CLUSTER, 1, 0, metric, 999).p_value, 0.001, 1e-15);
        assert_near(answer(&s, SY_UNIT_CLUSTER, 1, 3, metric, 999).p_value, 0.001, 1e-15);
    }
}

static void bits_do_not_depend_on_threads(void **state)
{
    (void)state;
    static const int metrics[] = {SY_UNIQUE, SY_SHARE};
    sample_fill(&s, 1500, 30, 0, 26);
    for (int i = 0; i < 2; i++) {
        sy_permutation out[2];
        for (int t = 0; t < 2; t++) {
            sy_context ctx;
            const sy_permutation_options o = {.block = 2, .metric = metrics[i], .permutations = 400, .seed = 5};
            sy_context_init(&ctx);
            ctx.threads = 1 + 2 * t;
            assert_true(ask(&s, SY_UNIT_NONE, 1, &o, &out[t], &ctx) >= 0);
            sy_context_free(&ctx);
        }
        assert_int_equal(out[0].exceeding, out[1].exceeding);
        assert_near(out[0].estimate, out[1].estimate, 0);
    }
}

static void refuses(sy_unit unit, sy_permutation_options o, sy_status code, const char *words)
{
    sy_context ctx;
    sy_permutation out;
    sy_context_init(&ctx);
    assert_int_equal(ask(&s, unit, 0, &o, &out, &ctx), code);
    if (!strstr(ctx.message, words)) fail_msg("%s", ctx.message);
    assert_true(isnan(out.p_value));
    sy_context_free(&ctx);
}

static void refusals_name_what_is_wrong(void **state)
{
    (void)state;
    const sy_permutation_options good = {.block = 1, .metric = SY_UNIQUE, .permutations = 99, .seed = 1};
    sy_permutation_options o = good;
    sample_fill(&s, 60, 6, 1, 27);
    s.design.cluster = &s.council_column;
    refuses(SY_UNIT_CLUSTER, o, SY_EINVAL, "permute one that varies within clusters");
    refuses(SY_UNIT_NONE, o, SY_EINVAL, "permute one that varies from row to row");
    o.block = 4;
    refuses(SY_UNIT_CLUSTER, o, SY_EINVAL, "block: number 4, there are 4");
    o = good;
    o.metric = SY_COMMON;
    refuses(SY_UNIT_CLUSTER, o, SY_EINVAL, "metric: a permutation test is of unique, alone or share");
    o = good;
    o.permutations = 0;
    refuses(SY_UNIT_CLUSTER, o, SY_EINVAL, "permutations: 0; at least 1");
    o = good;
    o.block = 0;
    refuses(SY_UNIT_CLUSTER, o, SY_ERANK, "6 clusters for 5 columns are too few to permute");
    s.question.absorb = 1;
    refuses(SY_UNIT_CLUSTER, o, SY_EINVAL, "adjust: fixed effects of clusters");
    s.question.absorb = 0;
    s.design.weights = &s.weight_column;
    s.design.weight_kind = SY_WEIGHT_FREQUENCY;
    refuses(SY_UNIT_ROW, good, SY_EINVAL, "weights: rows of different frequency");
}

static sy_status job(void *metric, void *result)
{
    sy_context ctx;
    sy_permutation out = {0};
    const sy_permutation_options o = {.block = 1, .metric = *(int *)metric, .permutations = 20, .seed = 1};
    sy_context_init(&ctx);
    const sy_status status = ask(&s, SY_UNIT_CLUSTER, 1, &o, &out, &ctx);
    const double values[] = {out.estimate, out.p_value};
    if (status >= 0) memcpy(result, values, sizeof values);
    sy_context_free(&ctx);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    int metric = SY_UNIQUE;
    sample_fill(&s, 60, 10, 1, 28);
    s.design.cluster = &s.council_column;
    s.design.weights = &s.weight_column;
    s.design.weight_kind = SY_WEIGHT_ANALYTIC;
    assert_true(syi_survives_failing(job, &metric, 2 * sizeof(double)) > 10);
    metric = SY_SHARE;
    assert_true(syi_survives_failing(job, &metric, 2 * sizeof(double)) > 10);
}

static int stop(void *arg)
{
    ++*(int *)arg;
    return 1;
}

static void the_host_can_stop_it(void **state)
{
    (void)state;
    int polls = 0;
    sy_context ctx;
    sy_permutation out;
    const sy_permutation_options o = {.block = 1, .metric = SY_SHARE, .permutations = 1000000, .seed = 1};
    sample_fill(&s, 500, 10, 0, 29);
    sy_context_init(&ctx);
    ctx.poll = stop;
    ctx.poll_arg = &polls;
    assert_int_equal(ask(&s, SY_UNIT_NONE, 1, &o, &out, &ctx), SY_EINTR);
    assert_true(polls >= 1);
    sy_context_free(&ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_groups_agree_with_all_their_divisions),
        cmocka_unit_test(residuals_are_permuted_within_councils),
        cmocka_unit_test(council_blocks_move_as_whole_councils),
        cmocka_unit_test(rows_kept_and_rows_read_again_give_the_same),
        cmocka_unit_test(scale_and_place_of_columns_do_not_matter),
        cmocka_unit_test(strong_blocks_are_found_and_the_least_p_is_one_in_m_plus_one),
        cmocka_unit_test(bits_do_not_depend_on_threads),
        cmocka_unit_test(refusals_name_what_is_wrong),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(the_host_can_stop_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
