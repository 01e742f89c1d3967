/* What reliability refuses, what it says, and no room.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "reliability_scale.h"
#include <math.h>

static void refused(sy_unit unit, sy_reliability_interval interval, const char *words)
{
    answer a;
    char text[600];
    assert_true(ask(unit, interval, &a, text) < 0);
    if (!strstr(text, words)) fail_msg("\"%s\" lacks \"%s\"", text, words);
}

static void bad_questions_are_refused(void **state)
{
    (void)state;
    fill(4, 200, loads, 0, 4);
    design_of(1, NULL, SY_WEIGHT_NONE, NULL);
    refused(SY_UNIT_ROW, SY_RELIABILITY_AUTO, "items: 1 given; a scale has two or more");
    design_of(4, NULL, SY_WEIGHT_NONE, NULL);
    refused(SY_UNIT_NONE, SY_RELIABILITY_JACKKNIFE, "interval: the jackknife leaves out clusters or rows");
    refused(SY_UNIT_ROW, (sy_reliability_interval)9, "interval: 9 is not a kind");
    for (ptrdiff_t r = 0; r < f.n; r++) f.value[2][r] = 3;
    refused(SY_UNIT_ROW, SY_RELIABILITY_AUTO, "items: x3 has one value in all 200 rows");
    for (ptrdiff_t r = 0; r < f.n; r++) f.value[2][r] = f.value[0][r] + f.value[1][r];
    refused(SY_UNIT_ROW, SY_RELIABILITY_AUTO, "one of them follows from the others");
    for (ptrdiff_t r = 0; r < f.n; r++) f.value[2][r] = -f.value[0][r];
    design_of(3, NULL, SY_WEIGHT_NONE, NULL);
    f.terms[1] = f.terms[2]; /* x1 and -x1 */
    f.design.n_terms = 2;
    refused(SY_UNIT_ROW, SY_RELIABILITY_AUTO, "items: their sum has one value in all 200 rows");
    fill(4, 200, loads, 0, 4);
    design_of(4, NULL, SY_WEIGHT_NONE, "council");
    refused(SY_UNIT_CLUSTER, SY_RELIABILITY_FELDT,
            "interval: feldt limits take rows for independent and alike; with clusters");
    for (ptrdiff_t r = 0; r < f.n; r++) f.value[3][r] = 1 + (double)(r % 3);
    design_of(3, "x4", SY_WEIGHT_ANALYTIC, NULL);
    refused(SY_UNIT_ROW, SY_RELIABILITY_AUTO, "weights: reliability takes frequency or sampling weights");
    design_of(3, "x4", SY_WEIGHT_SAMPLING, NULL);
    refused(SY_UNIT_ROW, SY_RELIABILITY_NORMAL, "with sampling weights take jackknife");
    answer a;
    assert_true(ask(SY_UNIT_ROW, SY_RELIABILITY_AUTO, &a, NULL) >= 0);
    assert_true(isnan(a.s.chi2));
    sy_moments m;
    sy_reliability_options o;
    static const int twice[3] = {0, 1, 0}, beyond[2] = {0, 7};
    char text[600];
    sy_reliability_defaults(&o);
    moments_of(SY_UNIT_NONE, &m);
    assert_int_equal(ask_of(&m, NULL, 3, twice, &o, &a, text), SY_EINVAL);
    assert_non_null(strstr(text, "items: x1 is named twice"));
    assert_int_equal(ask_of(&m, NULL, 2, beyond, &o, &a, text), SY_EINVAL);
    o.interval = SY_RELIABILITY_INFLUENCE;
    assert_int_equal(ask_of(&m, NULL, 3, beyond - 0, &o, &a, text), SY_EINVAL);
    o.level = 1;
    assert_int_equal(ask_of(&m, NULL, 2, twice, &o, &a, text), SY_EINVAL);
    assert_non_null(strstr(text, "level: 1 is not between 0 and 1"));
    sy_moments_free(&m);
}

static void few_clusters_and_bare_moments_are_said(void **state)
{
    (void)state;
    answer a;
    char text[600];
    static const int item[4] = {0, 1, 2, 3};
    fill(4, 200, loads, 0, 4);
    design_of(4, NULL, SY_WEIGHT_NONE, "council");
    assert_int_equal(ask(SY_UNIT_CLUSTER, SY_RELIABILITY_AUTO, &a, text), SY_NOTE_INTERVAL_SKIPPED);
    assert_non_null(strstr(text, "no limits: 4 clusters are too few; 6 are needed"));
    design_of(4, NULL, SY_WEIGHT_NONE, NULL);
    f.design.n = 5;
    assert_true(ask(SY_UNIT_NONE, SY_RELIABILITY_AUTO, &a, text) >= SY_NOTE_INTERVAL_SKIPPED);
    assert_non_null(strstr(text, "no limits: 5 rows are too few; 6 are needed"));
    f.design.n = 2;
    f.design.n_terms = 2;
    refused(SY_UNIT_NONE, SY_RELIABILITY_INFLUENCE, "interval: 2 rows are too few for limits; at least 3");
    fill(4, 200, loads, 0, 4);
    sy_moments m;
    sy_reliability_options o;
    sy_reliability_defaults(&o);
    design_of(4, NULL, SY_WEIGHT_NONE, NULL);
    moments_of(SY_UNIT_NONE, &m);
    assert_int_equal(ask_of(&m, NULL, 4, item, &o, &a, text), SY_NOTE_ASSUMES_NORMAL);
    assert_true(a.s.interval == SY_RELIABILITY_NORMAL && a.low[SY_OMEGA] < a.estimate[SY_OMEGA]);
    sy_moments_free(&m);
}

static sy_status job(void *arg, void *out)
{
    static const int item[6] = {0, 1, 2, 3, 4, 5};
    const sy_reliability_interval interval = *(const sy_reliability_interval *)arg;
    sy_context ctx;
    sy_context_init(&ctx);
    sy_moments m = {0};
    sy_moments_options mo;
    sy_reliability_options o;
    answer a;
    memset(&a, 0, sizeof a);
    sy_moments_defaults(&mo);
    mo.unit = interval == SY_RELIABILITY_JACKKNIFE ? SY_UNIT_CLUSTER : SY_UNIT_NONE;
    sy_reliability_defaults(&o);
    o.interval = interval;
    sy_status status = sy_moments_init(&ctx, &f.design, &mo, &m);
    const sy_reliability_table t = {a.estimate, a.std_error, a.low,           a.high,    a.mean,
                                    a.std_dev,  a.item_rest, a.alpha_without, a.loading, a.uniqueness};
    if (status >= 0) status = sy_reliability(&ctx, &m, &f.design, 6, item, &o, &a.s, &t);
    if (status >= 0) memcpy(out, a.low, sizeof a.low);
    sy_moments_free(&m);
    sy_context_free(&ctx);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    sy_reliability_interval interval = SY_RELIABILITY_INFLUENCE;
    fill(6, 60, loads, 0, 8);
    design_of(6, NULL, SY_WEIGHT_NONE, NULL);
    assert_true(syi_survives_failing(job, &interval, 3 * sizeof(double)) > 8);
    interval = SY_RELIABILITY_JACKKNIFE;
    design_of(6, NULL, SY_WEIGHT_NONE, "council");
    assert_true(syi_survives_failing(job, &interval, 3 * sizeof(double)) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_questions_are_refused),
        cmocka_unit_test(few_clusters_and_bare_moments_are_said),
        cmocka_unit_test(every_allocation_may_fail),
    };
    const char *only = getenv("STEELYARD_TEST");
    if (only) cmocka_set_test_filter(only);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
