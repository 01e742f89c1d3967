/* Mediation: by hand, identities, invariance, refusals.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "mediation_problem.h"
#include <stdio.h>

static mediation_problem p;

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("%.17g, expected %.17g within %g", found, expected, tolerance);
}

static sy_mediation_result asked(const sy_design *design, const sy_mediation_question *q)
{
    sy_mediation_result r;
    sy_context ctx;
    sy_context_init(&ctx);
    if (sy_mediation(&ctx, design, q, &r) < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
    return r;
}

/* y = 1 + 2 t + 3 m + 4 v + t m / 2 + m v / 4 exactly. Without treatment m and v
 * have mean 1/2 and covariance 0; with it 2, 7/2 and 1/2. direct 2 + 1/4; through m
 * 3/2 (3 + 1/2) + 3/2 1/2 / 4; through v 3 4 + 3 2 / 4; dependence 1/2 / 4. */
static void eight_rows_by_hand(void **state)
{
    (void)state;
    static const double m[] = {0, 1, 0, 1, 1, 3, 1, 3}, v[] = {0, 0, 1, 1, 2, 2, 4, 6};
    mediation_fill(&p, 8, 1);
    for (int i = 0; i < 8; i++) {
        const double t = i >= 4;
        p.kind[i] = i >= 4;
        p.m[0][i] = m[i];
        p.m[1][i] = v[i];
        p.y[i] = 1 + 2 * t + 3 * m[i] + 4 * v[i] + t * m[i] / 2 + m[i] * v[i] / 4;
    }
    p.blocks[1].n_terms = 1;
    p.q.n_confounders = 0;
    p.q.interval = SY_INTERVAL_NONE;
    sy_mediation_result r = asked(&p.design, &p.q);
    static const double expected[] = {2.25, 5.4375, 13.5, 0.125, 21.3125, 21.3125};
    static const sy_mediation_part parts[] = {SY_MEDIATION_DIRECT,     SY_MEDIATION_THROUGH, SY_MEDIATION_THROUGH,
                                              SY_MEDIATION_DEPENDENCE, SY_MEDIATION_TOTAL,   SY_MEDIATION_WITHOUT};
    assert_int_equal(r.n_rows, 6);
    for (int k = 0; k < 6; k++) {
        assert_near(r.estimate[k], expected[k], 2e-12); /* condition 1e3 of eight rows */
        assert_int_equal(r.rows[k].part, parts[k]);
    }
    /* means of y in the two groups: 1 + 3/2 + 2 + 1/16 and the total above it */
    assert_near(r.mean[0], 1 + 1.5 + 2 + 0.0625, 2e-12);
    assert_near(r.mean[1], r.mean[0] + 21.3125, 2e-12);
    assert_near(r.r2, 1, 1e-12);
    assert_int_equal(r.n_products, 3);
    assert_near(r.rows_from + r.rows_to, 8, 0);
    sy_mediation_free(&r);
}

/* Without products: the product of coefficients, and the total is the treatment's
 * coefficient in the regression without mediators, exactly. */
static void without_products_the_total_is_that_of_one_regression(void **state)
{
    (void)state;
    mediation_fill(&p, 400, 2);
    p.q.by_treatment = p.q.by_mediators = 0;
    sy_mediation_result r = asked(&p.design, &p.q);
    assert_near(r.estimate[3], 0, 0);
    assert_near(r.estimate[4], r.estimate[5], 1e-12);
    assert_near(r.std_error[4], r.std_error[5], 1e-12);
    sy_mediation_free(&r);
}

static void parts_add_to_the_total(void **state)
{
    (void)state;
    mediation_fill(&p, 400, 3);
    p.design.cluster = &p.clusters;
    for (int k = 0; k < 4; k++) {
        p.q.by_treatment = k & 1;
        p.q.by_mediators = k >> 1;
        sy_mediation_result r = asked(&p.design, &p.q);
        double sum = 0;
        for (int e = 0; e < 4; e++) sum += r.estimate[e];
        assert_near(sum, r.estimate[4], 1e-12);
        assert_near(r.mean[1] - r.mean[0], r.estimate[4], 1e-12);
        sy_mediation_free(&r);
    }
}

static void the_joint_natural_effect_is_the_rest_of_the_total(void **state)
{
    (void)state;
    mediation_fill(&p, 400, 4);
    sy_mediation_result r = asked(&p.design, &p.q);
    p.q.effects = SY_MEDIATION_NATURAL_JOINT;
    sy_mediation_result joint = asked(&p.design, &p.q);
    assert_int_equal(joint.n_rows, 4);
    assert_int_equal(joint.rows[1].part, SY_MEDIATION_ALL);
    assert_near(joint.estimate[0], r.estimate[0], 0);
    assert_near(joint.estimate[1], r.estimate[1] + r.estimate[2] + r.estimate[3], 1e-14);
    assert_near(joint.estimate[2], r.estimate[4], 0);
    assert_near(joint.std_error[2], r.std_error[4], 1e-14);
    assert_non_null(strstr(joint.assumption[4], "cross-world independence"));
    assert_null(strstr(r.assumption[4], "cross-world"));
    sy_mediation_free(&r);
    sy_mediation_free(&joint);
}

/* Units of mediators, confounders and the base level of a factor do not matter;
 * the outcome's unit scales all. 1e-11: shifts by 100 deviates lose two digits of
 * the mean. */
static void units_do_not_matter(void **state)
{
    (void)state;
    mediation_fill(&p, 400, 5);
    sy_mediation_result before = asked(&p.design, &p.q);
    for (int i = 0; i < p.n; i++) {
        p.y[i] = 3 * p.y[i] - 7;
        p.m[0][i] = 100 - 5 * p.m[0][i];
        p.m[1][i] = 0.01 * p.m[1][i] + 1;
        p.need[i] = 40 * p.need[i] + 1000;
        p.region[i] = (p.region[i] + 1) % 3;
    }
    sy_mediation_result after = asked(&p.design, &p.q);
    for (int k = 0; k < 6; k++) {
        assert_near(after.estimate[k], 3 * before.estimate[k], 1e-11);
        assert_near(after.std_error[k], 3 * before.std_error[k], 1e-11);
    }
    sy_mediation_free(&before);
    sy_mediation_free(&after);
}

/* A number with the values 2 and 4 is the same question as a factor, and the same
 * straight line from 0 to 1 has half the direct effect without products. */
static void a_number_is_a_treatment_too(void **state)
{
    (void)state;
    mediation_fill(&p, 400, 6);
    sy_mediation_result factor = asked(&p.design, &p.q);
    for (int i = 0; i < p.n; i++) p.t[i] = 2 + 2 * p.kind[i];
    p.factors[1].column = RAW_T;
    p.terms[1].label = "t";
    sy_mediation_result number = asked(&p.design, &p.q);
    for (int k = 0; k < 6; k++) {
        assert_near(number.estimate[k], factor.estimate[k], 1e-12);
        assert_near(number.std_error[k], factor.std_error[k], 1e-12);
    }
    p.q.by_treatment = p.q.by_mediators = 0;
    sy_mediation_result whole = asked(&p.design, &p.q);
    p.q.from = 3;
    p.q.to = 4;
    sy_mediation_result half = asked(&p.design, &p.q);
    for (int k = 0; k < 5; k++) assert_near(2 * half.estimate[k], whole.estimate[k], 1e-12);
    sy_mediation_free(&factor);
    sy_mediation_free(&number);
    sy_mediation_free(&whole);
    sy_mediation_free(&half);
}

static void the_other_way_round_the_total_changes_its_sign(void **state)
{
    (void)state;
    mediation_fill(&p, 400, 7);
    sy_mediation_result up = asked(&p.design, &p.q);
    p.q.from = 1;
    p.q.to = 0;
    sy_mediation_result down = asked(&p.design, &p.q);
    assert_near(down.estimate[4], -up.estimate[4], 1e-12);
    assert_int_equal(down.level[0], 1);
    assert_int_equal(up.level[0], 0);
    assert_true(fabs(down.estimate[0] + up.estimate[0]) > 1e-3); /* products: a part of its own from the other side */
    sy_mediation_free(&up);
    sy_mediation_free(&down);
}

/* Rows with frequency 1, 2, 3 written out. */
static void frequencies_are_rows_written_out(void **state)
{
    (void)state;
    static mediation_problem out;
    mediation_fill(&p, 120, 8);
    mediation_fill(&out, 240, 8);
    int n = 0;
    for (int i = 0; i < p.n; i++)
        for (int k = 0; k < (int)p.w[i]; k++, n++) {
            out.y[n] = p.y[i];
            for (int m = 0; m < 3; m++) out.m[m][n] = p.m[m][i];
            out.need[n] = p.need[i];
            out.region[n] = p.region[i];
            out.kind[n] = p.kind[i];
        }
    assert_int_equal(n, 240);
    p.design.weights = &p.weights;
    p.design.weight_kind = SY_WEIGHT_FREQUENCY;
    static const sy_interval_kind kinds[] = {SY_INTERVAL_INFLUENCE, SY_INTERVAL_JACKKNIFE};
    for (int way = 0; way < 2; way++) {
        p.q.interval = out.q.interval = kinds[way];
        sy_mediation_result weighted = asked(&p.design, &p.q), written = asked(&out.design, &out.q);
        for (int k = 0; k < 6; k++) {
            assert_near(weighted.estimate[k], written.estimate[k], 1e-12);
            assert_near(weighted.std_error[k], written.std_error[k], 1e-12);
        }
        assert_near(weighted.df, 239, 0);
        sy_mediation_free(&weighted);
        sy_mediation_free(&written);
    }
}

/* Leaving one of 20 clusters out and the influence function tell nearly the same. */
static void jackknife_and_influence_agree(void **state)
{
    (void)state;
    mediation_fill(&p, 400, 9);
    p.design.cluster = &p.clusters;
    p.design.strata = &p.strata;
    static const sy_interval_kind kinds[] = {SY_INTERVAL_AUTO, SY_INTERVAL_INFLUENCE, SY_INTERVAL_PERCENTILE};
    sy_mediation_result r[3];
    for (int k = 0; k < 3; k++) {
        p.q.interval = kinds[k];
        p.q.replicates = 400;
        r[k] = asked(&p.design, &p.q);
        assert_near(r[k].df, 18, 0);
        assert_int_equal(r[k].units, 20);
    }
    assert_int_equal(r[0].interval, SY_INTERVAL_JACKKNIFE);
    for (int k = 0; k < 6; k++)
        for (int other = 1; other < 3; other++) {
            if (r[0].estimate[k] == 0) continue;
            assert_true(r[0].std_error[k] > 0.9 * r[other].std_error[k] &&
                        r[0].std_error[k] < 1.6 * r[other].std_error[k]);
            assert_true(r[other].low[k] < r[other].estimate[k] && r[other].high[k] > r[other].estimate[k]);
        }
    for (int k = 0; k < 3; k++) sy_mediation_free(&r[k]);
}

static void threads_do_not_matter(void **state)
{
    (void)state;
    mediation_fill(&p, 400, 10);
    p.design.cluster = &p.clusters;
    p.q.interval = SY_INTERVAL_PERCENTILE;
    p.q.replicates = 300;
    sy_mediation_result r[2];
    for (int k = 0; k < 2; k++) {
        sy_context ctx;
        sy_context_init(&ctx);
        ctx.threads = 1 + 2 * k;
        assert_true(sy_mediation(&ctx, &p.design, &p.q, &r[k]) >= 0);
        sy_context_free(&ctx);
    }
    assert_memory_equal(r[0].estimate, r[1].estimate, 6 * sizeof(double));
    assert_memory_equal(r[0].low, r[1].low, 6 * sizeof(double));
    assert_memory_equal(r[0].covariance, r[1].covariance, 36 * sizeof(double));
    sy_mediation_free(&r[0]);
    sy_mediation_free(&r[1]);
}

static void refused(sy_status code, const char *text)
{
    sy_mediation_result r;
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(sy_mediation(&ctx, &p.design, &p.q, &r), code);
    assert_string_equal(ctx.message, text);
    sy_mediation_free(&r);
    sy_context_free(&ctx);
}

static void bad_questions_are_refused(void **state)
{
    (void)state;
    mediation_fill(&p, 60, 11);
    p.q.n_blocks = 0;
    refused(SY_EINVAL, "mediators: none is given; name one or more blocks of them");
    mediation_describe(&p);
    p.process[0] = 5;
    refused(SY_EINVAL, "confounders: need is there twice; a term is outcome, treatment, mediator or confounder");
    mediation_describe(&p);
    p.q.treatment = 0;
    refused(SY_EINVAL, "treatment: y is there twice; a term is outcome, treatment, mediator or confounder");
    mediation_describe(&p);
    p.q.treatment = 6;
    p.q.n_confounders = 1;
    char text[200];
    int count[3] = {0};
    for (int i = 0; i < 60; i++) count[p.region[i]]++;
    snprintf(text, sizeof text,
             "treatment: region has 3 levels with rows (east: %d, north: %d, west: %d); two are compared", count[0],
             count[1], count[2]);
    refused(SY_EINVAL, text);
    mediation_describe(&p);
    p.factors[1].column = RAW_NEED;
    p.terms[1].label = "want";
    p.q.n_confounders = 0;
    refused(SY_EINVAL, "treatment: want is a number with more than two values; name the two to compare in contrast");
    p.q.from = p.q.to = 2;
    refused(SY_EINVAL, "contrast: want is compared with itself at 2; two values are needed");
    mediation_describe(&p);
    for (int i = 0; i < 60; i++) p.m[0][i] = 2 * p.kind[i] - p.need[i];
    refused(SY_EDATA, "mediators: funding follows from the treatment, the confounders and the mediators before it");
    mediation_fill(&p, 60, 11);
    for (int i = 0; i < 60; i++) p.need[i] = 2 * p.kind[i] + 1;
    refused(SY_EDATA, "treatment: kind[direct] follows from the confounders; nobody could be compared");
    mediation_fill(&p, 60, 11);
    p.q.interval = SY_INTERVAL_BCA;
    refused(SY_EINVAL, "interval: mediation has \"auto\", \"none\", \"jackknife\", \"influence\" and \"percentile\"");
    mediation_describe(&p);
    p.q.level = 1;
    refused(SY_EINVAL, "level: 1 is not between 0 and 1");
    mediation_describe(&p);
    for (int i = 0; i < 60; i++) p.y[i] = 4;
    refused(SY_EDATA, "outcome: y is the same in all rows");
}

/* A row whose stratum is missing is as good as not there. */
static void rows_without_a_stratum_are_left_out(void **state)
{
    (void)state;
    mediation_fill(&p, 300, 14);
    p.design.cluster = &p.clusters;
    p.design.strata = &p.strata;
    p.stratum[7] = p.stratum[120] = -1;
    sy_mediation_result without = asked(&p.design, &p.q);
    assert_near(without.rows_used, 298, 0);
    assert_near(without.rows_dropped, 2, 0);
    assert_near(without.n, 298, 0);
    p.stratum[7] = p.cluster[7] % 2;
    p.stratum[120] = p.cluster[120] % 2;
    p.need[7] = p.need[120] = NAN;
    sy_mediation_result gone = asked(&p.design, &p.q);
    for (int k = 0; k < 6; k++) {
        assert_near(without.estimate[k], gone.estimate[k], 1e-13);
        assert_near(without.std_error[k], gone.std_error[k], 1e-13);
    }
    sy_mediation_free(&without);
    sy_mediation_free(&gone);
}

static int said(const char *part)
{
    sy_mediation_result r;
    sy_context ctx;
    int found = 0;
    sy_context_init(&ctx);
    assert_true(sy_mediation(&ctx, &p.design, &p.q, &r) >= 0);
    for (int k = 0; k < ctx.n_remarks; k++) found |= strstr(ctx.remarks[k].text, part) != NULL;
    sy_mediation_free(&r);
    sy_context_free(&ctx);
    return found;
}

static void what_matters_is_said(void **state)
{
    (void)state;
    mediation_fill(&p, 400, 12);
    assert_false(said("no proportions"));
    for (int i = 0; i < p.n; i++) p.y[i] -= 4 * p.kind[i];
    assert_true(said("parts of unlike sign cancel"));
    for (int i = 0; i < p.n; i++) p.y[i] = mediation_normal();
    assert_true(said("the total cannot be told from zero"));
    mediation_fill(&p, 400, 12);
    p.need[3] = NAN;
    assert_true(said("1 of 400 rows"));
    p.design.cluster = &p.clusters;
    assert_false(said("in simulations"));
    p.q.interval = SY_INTERVAL_INFLUENCE;
    assert_true(said("20 clusters: 95 % limits made this way covered 89.2 to 94.3 % in simulations with 10 clusters"));
    p.q.interval = SY_INTERVAL_AUTO;
    for (int i = 0; i < p.n; i++) p.cluster[i] = i % 8;
    assert_true(said("8 clusters: 95 % limits made this way covered 92.5 to 95.4 %"));
    for (int i = 0; i < p.n; i++) p.cluster[i] = i % 5;
    p.design.cluster = &p.clusters;
    assert_true(said("5 clusters are too few"));
    for (int i = 0; i < p.n; i++) p.need[i] = p.region[i] == 1;
    assert_true(said("adds nothing beside the columns before it"));
}

static sy_status job(void *arg, void *answer)
{
    const mediation_problem *of = arg;
    sy_mediation_result r;
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status status = sy_mediation(&ctx, &of->design, &of->q, &r);
    if (status >= 0) {
        memcpy(answer, r.estimate, 6 * sizeof(double));
        memcpy((double *)answer + 6, r.low, 6 * sizeof(double));
    }
    sy_mediation_free(&r);
    sy_context_free(&ctx);
    return status;
}

static void failing_memory(void **state)
{
    (void)state;
    mediation_fill(&p, 60, 13);
    p.q.replicates = 25;
    static const sy_interval_kind kinds[] = {SY_INTERVAL_JACKKNIFE, SY_INTERVAL_INFLUENCE, SY_INTERVAL_PERCENTILE};
    for (int k = 0; k < 3; k++) {
        p.q.interval = kinds[k];
        assert_true(syi_survives_failing(job, &p, 12 * sizeof(double)) > 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eight_rows_by_hand),
        cmocka_unit_test(without_products_the_total_is_that_of_one_regression),
        cmocka_unit_test(parts_add_to_the_total),
        cmocka_unit_test(the_joint_natural_effect_is_the_rest_of_the_total),
        cmocka_unit_test(units_do_not_matter),
        cmocka_unit_test(a_number_is_a_treatment_too),
        cmocka_unit_test(the_other_way_round_the_total_changes_its_sign),
        cmocka_unit_test(frequencies_are_rows_written_out),
        cmocka_unit_test(jackknife_and_influence_agree),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(bad_questions_are_refused),
        cmocka_unit_test(rows_without_a_stratum_are_left_out),
        cmocka_unit_test(what_matters_is_said),
        cmocka_unit_test(failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
