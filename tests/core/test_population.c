/* Re-weighting to a population's shares: by hand, raking, what moments make of
 * it, refusals.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "sample_councils.h"
#include "steelyard/population.h"

static sample s;
static int32_t kind[SAMPLE_ROWS], place[SAMPLE_ROWS];
static const char *const kinds[] = {"direct", "managed", "mixed"}, *const places[] = {"town", "country"};
static const sy_column kind_column = {
    .name = "kind", .data = kind, .stride = 4, .type = SY_CODES, .n_levels = 3, .levels = kinds};
static const sy_column place_column = {
    .name = "place", .data = place, .stride = 4, .type = SY_CODES, .n_levels = 2, .levels = places};
static double weights[SAMPLE_ROWS], base[SAMPLE_ROWS], target[8], share[8];

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("%.17g, expected %.17g within %g", found, expected, tolerance);
}

static void fill(int n)
{
    sample_fill(&s, n, 10, 0, 31);
    for (int i = 0; i < n; i++) {
        kind[i] = i % 10 < 6 ? 0 : i % 10 < 9 ? 1 : 2; /* .6 .3 .1 */
        place[i] = i * 7 % 11 < 4;
    }
}

static sy_status weigh(int n_margins, const sy_margin *margins, sy_population_summary *out, sy_context *ctx)
{
    return sy_population_weights(ctx, &s.design, n_margins, margins, weights, base, target, share, out);
}

/* 100 rows, .6 .3 .1 in the sample, .24 stated for the first: the rest is .76 in
 * the ratio 3 to 1, so .57 and .19. Factors .4, 1.9, 1.9; effective n
 * 100^2 / (60 .16 + 40 3.61) = 64.935... */
static void one_grouping_by_hand(void **state)
{
    (void)state;
    static const double stated[] = {0.24, NAN, NAN};
    const sy_margin margin = {&kind_column, stated};
    sy_population_summary out;
    sy_context ctx;
    fill(100);
    sy_context_init(&ctx);
    assert_int_equal(weigh(1, &margin, &out, &ctx), SY_OK);
    static const double reached[] = {0.24, 0.57, 0.19}, was[] = {0.6, 0.3, 0.1};
    for (int l = 0; l < 3; l++) {
        assert_near(target[l], reached[l], 1e-15);
        assert_near(share[l], was[l], 1e-15);
    }
    for (int i = 0; i < 100; i++) assert_near(weights[i], kind[i] ? 1.9 : 0.4, 1e-14);
    assert_near(out.rows, 100, 0);
    assert_near(out.effective_before, 100, 1e-12);
    assert_near(out.effective_after, 1e4 / (60 * 0.16 + 40 * 3.61), 1e-10);
    assert_near(out.least, 0.4, 1e-14);
    assert_near(out.most, 1.9, 1e-14);
    assert_int_equal(out.rounds, 1);
    sy_context_free(&ctx);
}

static double weighted(const int32_t *code, int level)
{
    double some = 0, all = 0;
    for (int i = 0; i < s.n; i++) {
        if (isnan(weights[i]) || isnan(s.x[1][i])) continue;
        some += code[i] == level ? weights[i] : 0;
        all += weights[i];
    }
    return some / all;
}

/* Incomplete rows and rows of unknown group do not count; sampling weights do. */
static void several_groupings_fit_at_once(void **state)
{
    (void)state;
    static const double stated[] = {0.24, NAN, 0.5}, town[] = {0.8, NAN};
    const sy_margin margins[] = {{&kind_column, stated}, {&place_column, town}};
    sy_population_summary out;
    sy_context ctx;
    fill(300);
    s.x[1][11] = s.x[1][40] = NAN;
    kind[5] = kind[77] = kind[40] = -1;
    s.design.weights = &s.weight_column;
    s.design.weight_kind = SY_WEIGHT_SAMPLING;
    sy_context_init(&ctx);
    assert_int_equal(weigh(2, margins, &out, &ctx), SY_NOTE_ROWS_DROPPED);
    assert_near(weighted(kind, 0), 0.24, 1e-11);
    assert_near(weighted(kind, 1), 0.26, 1e-11);
    assert_near(weighted(kind, 2), 0.5, 1e-11);
    assert_near(weighted(place, 0), 0.8, 1e-11);
    assert_true(isnan(weights[5]) && isnan(base[77]) && base[12] == s.weight[12]);
    assert_near(out.rows, 296, 0);
    assert_near(out.rows_lost, 2, 0);
    double sum = 0, was = 0;
    for (int i = 0; i < 300; i++)
        if (!isnan(weights[i]) && !isnan(s.x[1][i])) {
            sum += weights[i];
            was += base[i];
        }
    assert_near(sum, was, 1e-9);
    assert_true(out.effective_after < out.effective_before && out.rounds > 1);
    /* raked weights are a factor of the one group times a factor of the other */
    double factor[3][2];
    for (int i = 299; i >= 0; i--)
        if (kind[i] >= 0) factor[kind[i]][place[i]] = weights[i] / base[i];
    assert_near(factor[0][0] * factor[1][1], factor[0][1] * factor[1][0], 1e-12);
    sy_context_free(&ctx);
}

/* Re-weighting a group of .6 to .24 is what repeating rows would do. */
static void shares_are_those_of_rows_repeated(void **state)
{
    (void)state;
    static sample many;
    static const double stated[] = {6.0 / 14, 3.0 / 14, 5.0 / 14}; /* rows of the last group five times */
    const sy_margin margin = {&kind_column, stated};
    sy_population_summary out;
    sy_shares_summary a, b;
    sy_shares_options o;
    double one[SAMPLE_CELLS], two[SAMPLE_CELLS];
    sy_context ctx;
    sy_moments m = {0};
    const sy_moments_options how = {.unit = SY_UNIT_NONE};
    fill(200);
    sample_fill(&many, 200, 10, 0, 31);
    many.n = 0;
    for (int i = 0; i < 200; i++)
        for (int k = 0; k < (kind[i] == 2 ? 5 : 1); k++, many.n++)
            for (int c = 0; c < SAMPLE_COLUMNS; c++) many.x[c][many.n] = s.x[c][i];
    sample_describe(&many);
    sy_context_init(&ctx);
    sy_shares_defaults(&o);
    assert_int_equal(weigh(1, &margin, &out, &ctx), SY_OK);
    memcpy(s.weight, weights, sizeof weights);
    s.design.weights = &s.weight_column;
    s.design.weight_kind = SY_WEIGHT_SAMPLING;
    assert_true(sy_moments_init(&ctx, &s.design, &how, &m) >= 0);
    assert_true(sy_shares(&ctx, &m, &s.question, &o, &a, one) >= 0);
    sy_moments_free(&m);
    assert_true(sy_moments_init(&ctx, &many.design, &how, &m) >= 0);
    assert_true(sy_shares(&ctx, &m, &s.question, &o, &b, two) >= 0);
    sy_moments_free(&m);
    assert_near(a.total, b.total, 1e-13);
    for (int r = 0; r < SAMPLE_TABLE_ROWS; r++)
        assert_near(one[r * SY_N_METRICS + SY_SHARE], two[r * SY_N_METRICS + SY_SHARE], 1e-13);
    assert_near(a.n_effective, out.effective_after, 1e-9);
    sy_context_free(&ctx);
}

static void refuses(const double *stated, sy_status code, const char *words)
{
    const sy_margin margin = {&kind_column, stated};
    sy_population_summary out;
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(weigh(1, &margin, &out, &ctx), code);
    if (!strstr(ctx.message, words)) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

static void refusals_name_what_is_wrong(void **state)
{
    (void)state;
    fill(100);
    refuses((const double[]){-0.1, NAN, NAN}, SY_EINVAL, "kind, direct is -0.1; a share lies between 0 and 1");
    refuses((const double[]){0.5, 0.6, NAN}, SY_EINVAL, "kind: the shares add to 1.1, more than 1");
    refuses((const double[]){0.5, 0.2, 0.2}, SY_EINVAL, "kind: the shares of all levels add to 0.9, not to 1");
    refuses((const double[]){NAN, NAN, NAN}, SY_EINVAL, "kind: no share is stated");
    for (int i = 0; i < 100; i++) kind[i] = kind[i] == 2 ? 1 : kind[i];
    refuses((const double[]){0.5, NAN, 0.2}, SY_EDATA, "kind: 0.2 are mixed in the population and no row");
    refuses((const double[]){0.5, 0.4, NAN}, SY_EDATA, "add to 0.9 and no row is left for the rest");
    s.design.weights = &s.weight_column;
    s.design.weight_kind = SY_WEIGHT_ANALYTIC;
    refuses((const double[]){0.5, NAN, NAN}, SY_EINVAL, "analytic weights cannot be re-weighted");
    s.design.weights = NULL;
    s.design.weight_kind = SY_WEIGHT_NONE;
    for (int i = 0; i < 100; i++) kind[i] = -1;
    refuses((const double[]){0.5, NAN, NAN}, SY_EDATA, "no row is complete and of a known group");
}

/* All rows of the town are direct: the two statements cannot both be had. */
static void groupings_that_contradict_are_refused(void **state)
{
    (void)state;
    static const double stated[] = {0.2, 0.8, NAN}, town[] = {0.7, 0.3};
    const sy_margin margins[] = {{&kind_column, stated}, {&place_column, town}};
    sy_population_summary out;
    sy_context ctx;
    fill(100);
    for (int i = 0; i < 100; i++) kind[i] = place[i] ? i % 2 : 0;
    sy_context_init(&ctx);
    assert_int_equal(weigh(2, margins, &out, &ctx), SY_EDATA);
    assert_non_null(strstr(ctx.message, "contradict each other"));
    sy_context_free(&ctx);
}

static sy_status job(void *arg, void *result)
{
    (void)arg;
    static const double stated[] = {0.24, NAN, 0.5}, town[] = {0.8, NAN};
    const sy_margin margins[] = {{&kind_column, stated}, {&place_column, town}};
    sy_population_summary out;
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status status = weigh(2, margins, &out, &ctx);
    if (status >= 0) memcpy(result, weights, 50 * sizeof *weights);
    sy_context_free(&ctx);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    fill(50);
    assert_true(syi_survives_failing(job, NULL, 50 * sizeof(double)) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_grouping_by_hand),
        cmocka_unit_test(several_groupings_fit_at_once),
        cmocka_unit_test(shares_are_those_of_rows_repeated),
        cmocka_unit_test(refusals_name_what_is_wrong),
        cmocka_unit_test(groupings_that_contradict_are_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
