/* Reliability of averages. References: six targets of four judges, ICC(1,1) .17 and ICC(1,4) .44 as printed in Shrout &
 * Fleiss 1979, doi:10.1037/0033-2909.86.2.420, table 4; limits by psych 2.2.9 (ICC): -.884 to .912.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "reliability_scale.h"
#include "steelyard/anova.h"
#include <math.h>

static void judged(void)
{
    static const int score[6][4] = {{9, 2, 5, 8}, {6, 1, 3, 2},  {8, 4, 6, 8},
                                    {7, 1, 2, 6}, {10, 5, 6, 9}, {6, 2, 4, 7}};
    f.p = 0;
    f.n = 24;
    frame_add(&f, "score", 0, 0);
    frame_add(&f, "target", 1, 6);
    for (int i = 0; i < 24; i++) {
        f.value[0][i] = score[i / 4][i % 4];
        f.code[1][i] = i / 4;
    }
    design_of(1, NULL, SY_WEIGHT_NONE, "target");
}

static sy_status of_means(const sy_moments *m, int n, const int *term, double level, sy_mean_reliability *out,
                          char *text)
{
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status status = sy_reliability_of_means(&ctx, m, n, term, level, out);
    if (text) snprintf(text, 400, "%.399s", status < 0 ? ctx.message : ctx.n_remarks ? ctx.remarks[0].text : "");
    sy_context_free(&ctx);
    return status;
}

static const int first[3] = {0, 1, 2};

static void judges_agree_as_printed(void **state)
{
    (void)state;
    sy_mean_reliability r;
    sy_moments m;
    char text[400];
    judged();
    moments_of(SY_UNIT_CLUSTER, &m);
    assert_int_equal(of_means(&m, 1, first, 0.95, &r, text), SY_NOTE_BOUNDARY); /* the lower limit is below 0 */
    assert_non_null(strstr(text, "score: averages of clusters differ no more than"));
    assert_true(fabs(r.icc - 0.17) < 0.005 && fabs(r.reliability - 0.44) < 0.005);
    assert_true(fabs(r.low + 0.884) < 0.0006 && fabs(r.high - 0.912) < 0.0006);
    near(r.size, 4, 1e-15);
    near(r.least, r.reliability, 1e-12); /* one size: Spearman and Brown's is the same */
    near(r.most, r.reliability, 1e-12);
    sy_moments_free(&m);
}

/* Unlike sizes: the intraclass correlation and n0 are sy_oneway's, and frequencies are people. */
static void numbers_are_those_of_the_one_way_analysis(void **state)
{
    (void)state;
    sy_mean_reliability r[2], again;
    sy_moments m;
    sy_oneway_summary s;
    sy_context ctx;
    fill(2, 400, loads, 0, 20);
    for (int i = 0; i < 60; i++) f.code[2][i] = 0; /* sizes differ */
    frame_columns(&f);
    frame_term(&f, 0, "x1");
    frame_term(&f, 1, "x2");
    frame_term(&f, 2, "council");
    f.design = (sy_design){.n = f.n, .n_columns = f.p, .columns = f.columns, .n_terms = 3, .terms = f.terms};
    sy_context_init(&ctx);
    for (int t = 0; t < 2; t++) {
        f.design.cluster = NULL;
        f.design.n_terms = 3;
        assert_true(sy_oneway(&ctx, &f.design, t, 2, 0.9, &s, NULL, NULL, NULL) >= 0);
        f.design.cluster = &f.columns[2];
        f.design.n_terms = 2;
        moments_of(SY_UNIT_CLUSTER, &m);
        assert_true(of_means(&m, 2, first, 0.9, r, NULL) >= 0);
        near(r[t].icc, s.icc1, 1e-9);
        near(r[t].size, s.n0, 1e-13);
        near(r[t].reliability, 1 - 1 / s.classical.f, 1e-9);
        const double low = r[t].low, at_low = s.n0 * s.icc1_low / (1 + (s.n0 - 1) * s.icc1_low);
        near(low, at_low, 1e-9);
        assert_true(r[t].least < r[t].reliability && r[t].reliability < r[t].most && r[t].most < 1);
        sy_moments_free(&m);
    }
    sy_context_free(&ctx);
    const int w = frame_add(&f, "w", 0, 0);
    for (int i = 0; i < 400; i++) f.value[w][i] = 2;
    design_of(2, "w", SY_WEIGHT_FREQUENCY, "council");
    moments_of(SY_UNIT_CLUSTER, &m);
    assert_true(of_means(&m, 1, first, 0.9, &again, NULL) >= 0);
    near(again.size, 2 * r[0].size, 1e-12);
    sy_moments_free(&m);
}

static void refused(const sy_moments *m, double level, const char *words)
{
    sy_mean_reliability r[3];
    char text[400];
    assert_true(of_means(m, 1, first, level, r, text) < 0);
    if (!strstr(text, words)) fail_msg("\"%s\" lacks \"%s\"", text, words);
}

static void what_has_no_answer_is_refused(void **state)
{
    (void)state;
    sy_moments m;
    judged();
    moments_of(SY_UNIT_NONE, &m);
    refused(&m, 0.95, "cluster: none given");
    sy_moments_free(&m);
    moments_of(SY_UNIT_CLUSTER, &m);
    refused(&m, 1, "level: 1 is not between 0 and 1");
    sy_moments_free(&m);
    for (int i = 0; i < 24; i++) f.value[0][i] = f.code[1][i];
    moments_of(SY_UNIT_CLUSTER, &m);
    refused(&m, 0.95, "score has one value in each cluster");
    sy_moments_free(&m);
    for (int i = 0; i < 24; i++) f.value[0][i] = 5;
    moments_of(SY_UNIT_CLUSTER, &m);
    refused(&m, 0.95, "score has one value in all 24 rows");
    sy_moments_free(&m);
    judged();
    f.design.n = 6;
    for (int i = 0; i < 6; i++) f.code[1][i] = i;
    moments_of(SY_UNIT_CLUSTER, &m);
    refused(&m, 0.95, "every cluster has one row");
    sy_moments_free(&m);
    judged();
    const int w = frame_add(&f, "w", 0, 0);
    for (int i = 0; i < 24; i++) f.value[w][i] = 1.5;
    design_of(1, "w", SY_WEIGHT_SAMPLING, "target");
    moments_of(SY_UNIT_CLUSTER, &m);
    refused(&m, 0.95, "takes frequency weights or none");
    sy_moments_free(&m);
}

static sy_status job(void *arg, void *out)
{
    sy_mean_reliability r;
    const sy_status status = of_means(arg, 1, first, 0.95, &r, NULL);
    if (status >= 0) memcpy(out, &r, sizeof r);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    sy_moments m;
    judged();
    moments_of(SY_UNIT_CLUSTER, &m);
    assert_true(syi_survives_failing(job, &m, sizeof(sy_mean_reliability)) > 0);
    sy_moments_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_agree_as_printed),
        cmocka_unit_test(numbers_are_those_of_the_one_way_analysis),
        cmocka_unit_test(what_has_no_answer_is_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    const char *only = getenv("STEELYARD_TEST");
    if (only) cmocka_set_test_filter(only);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
