/* SPDX-License-Identifier: GPL-3.0-only
 * References: lavaan 0.6-14 (lavCor, two-step: the same estimator, its search stops at about 1e-7 of its
 * objective, hence 3e-5 for correlations); Sheppard's closed form for a table cut at both medians
 * [Sheppard 1899, doi:10.1098/rsta.1899.0003], to 1e-13 (root to 1e-15, quantile of one half exactly 0). */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "frame.h"
#include "models/latent/binormal_internal.h"
#include "steelyard/evidence.h"
#include "steelyard/latent.h"
#include <math.h>

static frame f;

static void unchecked(frame *g, int columns, ptrdiff_t n)
{
    frame_columns(g);
    for (int t = 0; t < columns; t++) frame_term(g, t, g->name[t]);
    g->design = (sy_design){.n = n, .n_columns = g->p, .columns = g->columns, .n_terms = columns, .terms = g->terms};
}

/* Latent normals cut into 5 and 4 levels, a number, and 40 clusters, by a small
 * generator of its own. */
static void fill_answers(ptrdiff_t n)
{
    uint64_t s = 88172645463325252u;
    f.p = 0;
    f.n = n;
    frame_add(&f, "a", 1, 5);
    frame_add(&f, "b", 1, 4);
    frame_add(&f, "z", 0, 0);
    frame_add(&f, "council", 1, 40);
    for (ptrdiff_t i = 0; i < n; i++) {
        double u[12], x[3] = {0};
        for (int k = 0; k < 12; k++) {
            s ^= s << 13;
            s ^= s >> 7;
            s ^= s << 17;
            u[k] = (double)(s >> 11) * 0x1p-53 - 0.5;
        }
        for (int k = 0; k < 12; k++) x[k / 4] += u[k] * 1.7320508;
        const double first = x[0], second = 0.6 * x[0] + 0.8 * x[1], third = 2 + 3 * (x[2] - 0.4 * x[0] + 0.3 * x[1]);
        f.code[0][i] = (first > -1) + (first > -0.3) + (first > 0.4) + (first > 1.2);
        f.code[1][i] = (second > -0.7) + (second > 0.2) + (second > 1);
        f.value[2][i] = third;
        f.code[3][i] = (int32_t)(i * 40 / n);
    }
    unchecked(&f, 3, n);
}

static sy_status run(sy_unit unit, int smooth, double *r, double *se, sy_moments *m, char *message)
{
    sy_context ctx;
    sy_context_init(&ctx);
    sy_latent_options o;
    sy_latent_defaults(&o);
    o.unit = unit;
    o.smooth = smooth;
    double low[16], high[16];
    const sy_latent_table t = {r, se, low, high};
    const sy_status status = sy_latent(&ctx, &f.design, &o, &t, m);
    if (status >= 0 && fabs(r[1]) < 1) /* half the way between the limits on Fisher's z */
        assert_true(fabs(atanh(low[1]) + atanh(high[1]) - 2 * atanh(r[1])) < 1e-9 && low[1] < r[1]);
    if (message) snprintf(message, 300, "%.299s", status < 0 ? ctx.message : ctx.n_remarks ? ctx.remarks[0].text : "");
    sy_context_free(&ctx);
    return status;
}

static void the_distribution_has_its_known_values(void **state)
{
    (void)state;
    static const double rho[] = {-0.999999, -0.95, -0.5, -1e-9, 0, 0.3, 0.69, 0.72, 0.9, 0.99999, 1 - 1e-13};
    for (size_t i = 0; i < sizeof rho / sizeof *rho; i++) {
        const double at_medians = 0.25 + asin(rho[i]) / 6.283185307179586;
        assert_true(fabs(syi_binormal_below(0, 0, rho[i]) - at_medians) < 3e-16);
        /* P(X <= a, Y <= b) + P(X <= a, Y > b) = P(X <= a) */
        for (double a = -3; a <= 3; a += 0.75)
            for (double b = -3; b <= 3; b += 0.6)
                assert_true(fabs(syi_binormal_below(a, b, rho[i]) + syi_binormal_below(a, -b, -rho[i]) -
                                 syi_normal_below(a)) < 5e-16);
    }
    /* P(|X| and |Y| small) at rho .5, a = 1, b = -0.5: 0.29015 to 0.2902 in tables; here by Simpson over the
     * conditional */
    double sum = 0;
    const int steps = 4000;
    for (int k = 0; k <= steps; k++) {
        const double x = -9 + 10.0 * k / steps;
        sum += (k == 0 || k == steps ? 1
                : k % 2              ? 4
                                     : 2) *
               syi_normal_density(x) * syi_normal_below((-0.5 - 0.5 * x) / sqrt(0.75));
    }
    near(syi_binormal_below(1, -0.5, 0.5), sum * 10.0 / steps / 3, 1e-12);
}

static void derivatives_of_the_density_are_its_slopes(void **state)
{
    (void)state;
    for (double rho = -0.9; rho < 0.95; rho += 0.3) {
        const double a = 0.7, b = -1.1, h = 1e-5;
        near(syi_binormal_density_rho(a, b, rho),
             (syi_binormal_density(a, b, rho + h) - syi_binormal_density(a, b, rho - h)) / (2 * h), 1e-7);
        near(syi_binormal_density_a(a, b, rho),
             (syi_binormal_density(a + h, b, rho) - syi_binormal_density(a - h, b, rho)) / (2 * h), 1e-7);
        near(syi_binormal_density(a, b, rho),
             (syi_binormal_below(a, b, rho + h) - syi_binormal_below(a, b, rho - h)) / (2 * h), 1e-7);
    }
}

static void a_table_cut_at_the_medians_is_sheppards(void **state)
{
    (void)state;
    static const int counts[4] = {36, 14, 14, 36};
    double r[4], se[4];
    f.p = 0;
    frame_add(&f, "a", 1, 2);
    frame_add(&f, "b", 1, 2);
    f.n = 0;
    for (int c = 0; c < 4; c++)
        for (int k = 0; k < counts[c]; k++, f.n++) {
            f.code[0][f.n] = c / 2;
            f.code[1][f.n] = c % 2;
        }
    unchecked(&f, 2, f.n);
    assert_int_equal(run(SY_UNIT_NONE, 0, r, se, NULL, NULL), SY_OK);
    near(r[1], sin(6.283185307179586 * (0.36 - 0.25)), 1e-13);
    assert_true(r[1] == r[2] && r[0] == 1 && se[0] == 0);
}

static void correlations_are_those_of_lavaan(void **state)
{
    (void)state;
    double r[16], se[16];
    frame_read(&f, "tests/reference/data/wine.csv", "rating temp contact");
    const char *const names[4] = {"rating", "temp", "contact", "response"};
    frame_columns(&f);
    /* levels come in the order of appearance: 2 3 4 1 5 in wine; put in order here */
    const int c = frame_column(&f, "rating");
    for (ptrdiff_t i = 0; i < f.n; i++) f.code[c][i] = atoi(f.level[c][f.code[c][i]]) - 1;
    for (int t = 0; t < 4; t++) frame_term(&f, t, names[t]);
    f.design = (sy_design){.n = f.n, .n_columns = f.p, .columns = f.columns, .n_terms = 4, .terms = f.terms};
    assert_int_equal(run(SY_UNIT_NONE, 0, r, se, NULL, NULL), SY_OK);
    near(r[1], 0.716890261588, 3e-5);
    near(r[2], 0.408070778055, 3e-5);
    near(r[3], 0.993690896624, 3e-5);
    assert_true(fabs(r[4 * 1 + 2]) < 1e-14);
    near(r[4 * 1 + 3], 0.712612924202, 3e-5);
    near(r[4 * 2 + 3], 0.420232768856, 3e-5);
}

static void frequencies_are_repeated_rows(void **state)
{
    (void)state;
    double r[9], se[9], again[9], se_again[9];
    frame_read(&f, "tests/reference/data/housing.csv", "Sat Infl Type Cont");
    frame_columns(&f);
    const char *const names[3] = {"Sat", "Infl", "Cont"};
    for (int t = 0; t < 3; t++) frame_term(&f, t, names[t]);
    const sy_column *weights = &f.columns[frame_column(&f, "Freq")];
    f.design = (sy_design){.n = f.n,
                           .n_columns = f.p,
                           .columns = f.columns,
                           .n_terms = 3,
                           .terms = f.terms,
                           .weights = weights,
                           .weight_kind = SY_WEIGHT_FREQUENCY};
    assert_int_equal(run(SY_UNIT_NONE, 0, r, se, NULL, NULL), SY_OK);
    near(r[1], 0.3115459803239, 3e-5);
    near(r[2], 0.0638334766185, 3e-5);
    near(r[5], -0.1415085532589, 3e-5);
    static frame g;
    g = f;
    f.n = 0;
    for (ptrdiff_t i = 0; i < g.n; i++)
        for (int k = 0; k < (int)g.value[frame_column(&g, "Freq")][i]; k++, f.n++)
            for (int c = 0; c < f.p; c++) f.code[c][f.n] = g.code[c][i];
    f.design.n = f.n;
    f.design.weights = NULL;
    f.design.weight_kind = SY_WEIGHT_NONE;
    assert_int_equal(run(SY_UNIT_NONE, 0, again, se_again, NULL, NULL), SY_OK);
    for (int i = 0; i < 9; i++) {
        assert_true(fabs(r[i] - again[i]) < 1e-13);
        assert_true(fabs(se[i] - se_again[i]) < 1e-13);
    }
}

/* The influence function is the derivative that leaving a row out follows: over
 * 400 rows the delete-one jackknife is larger by a few times 1/n. */
static void standard_errors_are_near_the_jackknife(void **state)
{
    (void)state;
    enum { N = 400 };
    static double left[N][9];
    double r[9], se[9], none[9];
    fill_answers(N);
    assert_int_equal(run(SY_UNIT_NONE, 0, r, se, NULL, NULL), SY_OK);
    static frame g;
    g = f;
    for (int out = 0; out < N; out++) {
        for (int c = 0; c < 3; c++)
            for (int i = 0, at = 0; i < N; i++) {
                if (i == out) continue;
                f.code[c][at] = g.code[c][i];
                f.value[c][at++] = g.value[c][i];
            }
        f.design.n = N - 1;
        assert_int_equal(run(SY_UNIT_NONE, 0, left[out], none, NULL, NULL), SY_OK);
    }
    for (int e = 0; e < 9; e++) {
        if (e % 4 == 0) continue; /* the diagonal */
        double mean = 0, sum = 0;
        for (int i = 0; i < N; i++) mean += left[i][e] / N;
        for (int i = 0; i < N; i++) sum += (left[i][e] - mean) * (left[i][e] - mean);
        if (!(fabs(sqrt(sum * (N - 1) / N) - se[e]) <= 0.02 * se[e]))
            fail_msg("entry %d: jackknife %.6g, influence %.6g", e, sqrt(sum * (N - 1) / N), se[e]);
    }
}

static void moments_hold_the_matrix_and_leave_clusters_out(void **state)
{
    (void)state;
    sy_moments m;
    double r[9], se[9];
    fill_answers(2000);
    f.design.cluster = &f.columns[3];
    assert_int_equal(run(SY_UNIT_CLUSTER, 0, r, se, &m, NULL), SY_OK);
    assert_int_equal(m.n_units, 40);
    assert_string_equal(sy_moments_cluster(&m, 3), "council4");
    const size_t length = 10; /* triangle of order 4 */
    double sum[10] = {0};
    for (ptrdiff_t g = 0; g < 40; g++)
        for (size_t i = 0; i < length; i++) sum[i] += m.hi[(size_t)g * length + i];
    near(sum[0], 2000, 1e-15);
    near(sum[4], 2000, 1e-15);
    near(sum[5], 2000 * r[1], 1e-12);
    near(sum[6], 2000 * r[2], 1e-12);
    near(sum[8], 2000 * r[5], 1e-12);
    /* the delete-one jackknife of these sums is the standard error */
    double spread = 0;
    for (ptrdiff_t g = 0; g < 40; g++) {
        const double *u = m.hi + (size_t)g * length, move = (sum[5] - u[5]) / (sum[0] - u[0]) - r[1];
        spread += move * move;
    }
    assert_true(fabs(sqrt(spread * 39 / 40) / se[1] - 1) < 1e-10); /* clusters of one size */
    sy_moments_free(&m);
}

static void shares_follow_from_the_matrix(void **state)
{
    (void)state;
    sy_context ctx;
    sy_moments m;
    double r[9], se[9], estimate[4 * SY_N_METRICS], unused[6][4 * SY_N_METRICS], covariance[SY_N_METRICS * 16];
    const int x[2] = {1, 2};
    const sy_block blocks[2] = {{"b", 1, x}, {"z", 1, x + 1}};
    const sy_question q = {.outcome = 0, .n_blocks = 2, .blocks = blocks};
    sy_evidence_summary s;
    sy_evidence_options o;
    sy_evidence_defaults(&o);
    fill_answers(2000);
    f.design.cluster = &f.columns[3];
    assert_int_equal(run(SY_UNIT_CLUSTER, 0, r, se, &m, NULL), SY_OK);
    sy_context_init(&ctx);
    const sy_evidence_table t = {estimate, unused[0], unused[1], unused[2], unused[3], covariance, NULL, NULL};
    assert_true(sy_evidence_shares(&ctx, &m, NULL, &q, &o, &s, &t) >= 0);
    assert_int_equal(s.interval, SY_INTERVAL_JACKKNIFE);
    const double r2 = (r[1] * r[1] + r[2] * r[2] - 2 * r[1] * r[2] * r[5]) / (1 - r[5] * r[5]);
    near(s.whole.total, r2, 1e-12);
    near(estimate[SY_SHARE], (r[1] * r[1] + r2 - r[2] * r[2]) / 2, 1e-12);
    assert_true(unused[0][SY_SHARE] > 0);
    sy_context_free(&ctx);
    sy_moments_free(&m);
}

static void turning_the_order_round_turns_the_sign(void **state)
{
    (void)state;
    double r[9], se[9], turned[9], se_turned[9];
    fill_answers(1500);
    assert_int_equal(run(SY_UNIT_NONE, 0, r, se, NULL, NULL), SY_OK);
    for (ptrdiff_t i = 0; i < f.n; i++) {
        f.code[0][i] = 4 - f.code[0][i];
        f.value[2][i] = 7 - 3e3 * f.value[2][i];
    }
    assert_int_equal(run(SY_UNIT_NONE, 0, turned, se_turned, NULL, NULL), SY_OK);
    near(turned[1], -r[1], 1e-12);
    near(turned[2], r[2], 1e-12);
    near(turned[5], -r[5], 1e-12);
    near(se_turned[1], se[1], 1e-10);
    near(se_turned[5], se[5], 1e-10);
}

static void a_table_that_allows_only_one_is_said(void **state)
{
    (void)state;
    double r[4], se[4];
    char text[300];
    f.p = 0;
    frame_add(&f, "a", 1, 3);
    frame_add(&f, "b", 1, 3);
    f.n = 30;
    for (int i = 0; i < 30; i++) f.code[0][i] = f.code[1][i] = i % 3;
    unchecked(&f, 2, 30);
    assert_int_equal(run(SY_UNIT_NONE, 0, r, se, NULL, text), SY_NOTE_BOUNDARY);
    assert_true(r[1] == 1 && isnan(se[1]));
    assert_non_null(strstr(text, "the correlation of b with a is at its limit, 1"));
    for (int i = 0; i < 30; i++) f.code[1][i] = 2 - i % 3;
    assert_int_equal(run(SY_UNIT_NONE, 0, r, se, NULL, text), SY_NOTE_BOUNDARY);
    assert_true(r[1] == -1);
}

/* Three tables whose correlations cannot stand together: a = b and b = c almost,
 * a against c. */
static void a_matrix_that_is_none_is_refused_or_smoothed(void **state)
{
    (void)state;
    double r[9], se[9];
    char text[300];
    sy_moments m;
    f.p = 0;
    f.n = 12;
    frame_add(&f, "a", 1, 2);
    frame_add(&f, "b", 1, 2);
    frame_add(&f, "c", 1, 2);
    static const int a[12] = {0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1}, b[12] = {0, 0, 0, 0, 0, 1, 0, 1, 1, 1, 1, 1},
                     c[12] = {1, 0, 0, 0, 1, 1, 0, 0, 1, 1, 1, 0};
    for (int i = 0; i < 12; i++) {
        f.code[0][i] = a[i];
        f.code[1][i] = b[i];
        f.code[2][i] = c[i];
    }
    unchecked(&f, 3, 12);
    sy_status status = run(SY_UNIT_NONE, 0, r, se, NULL, text);
    if (status >= 0) { /* make it one: the third against the first two */
        for (int i = 0; i < 12; i++) f.code[2][i] = i == 5 || i == 6 ? 1 - f.code[1][i] : f.code[1][i] ^ (i == 2);
        for (int i = 0; i < 12; i++) f.code[0][i] ^= i > 8;
        status = run(SY_UNIT_NONE, 0, r, se, NULL, text);
    }
    assert_int_equal(status, SY_EDATA);
    assert_non_null(strstr(text, "make no correlation matrix (least eigenvalue -"));
    assert_int_equal(run(SY_UNIT_ROW, 1, r, se, &m, text), SY_NOTE_BOUNDARY);
    assert_non_null(strstr(text, "one near them is used"));
    double sum = 0;
    for (int g = 0; g < 12; g++) sum += m.hi[g * 10 + 5];
    near(sum, 12 * r[1], 1e-12);
    sy_moments_free(&m);
}

static void refused(const char *part, sy_status expected)
{
    double r[16], se[16];
    char text[300];
    assert_int_equal(run(SY_UNIT_NONE, 0, r, se, NULL, text), expected);
    if (!strstr(text, part)) fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static void bad_input_is_refused_in_words(void **state)
{
    (void)state;
    fill_answers(200);
    f.design.n_terms = 1;
    refused("columns: 1 given; at least two are needed", SY_EINVAL);
    fill_answers(200);
    frame_term(&f, 1, "a:b");
    refused("columns: a:b is not one column", SY_EINVAL);
    fill_answers(200);
    for (int i = 0; i < 200; i++) f.code[0][i] = 2;
    refused("a: all 200 answers are at one level", SY_EDATA);
    fill_answers(200);
    for (int i = 0; i < 200; i++) f.value[2][i] = 1e9;
    refused("z: all 200 values are equal", SY_EDATA);
    f.value[2][7] = HUGE_VAL;
    refused("z: row 8 is infinite", SY_EDATA);
    fill_answers(200);
    for (int i = 0; i < 200; i++) f.code[3][i] = 5;
    f.design.cluster = &f.columns[3];
    refused("cluster: all rows lie in one cluster of council", SY_EDATA);
    fill_answers(200);
    f.design.weights = &f.columns[2];
    f.design.weight_kind = SY_WEIGHT_ANALYTIC;
    refused("weights: z are analytic", SY_EINVAL);
    f.design.weight_kind = SY_WEIGHT_FREQUENCY;
    f.design.n_terms = 2;
    refused("frequencies are whole numbers from 0", SY_EDATA);
    fill_answers(200);
    f.value[2][3] = NAN;
    f.design.missing = SY_MISSING_ERROR;
    refused("1 rows have a missing value", SY_EDATA);
}

static void missing_rows_and_empty_levels_are_left_out(void **state)
{
    (void)state;
    double r[9], se[9], again[9], se_again[9];
    char text[300];
    fill_answers(600);
    assert_int_equal(run(SY_UNIT_NONE, 0, r, se, NULL, NULL), SY_OK);
    for (int i = 600; i < 650; i++) {
        f.code[0][i] = -1;
        f.code[1][i] = i % 4;
        f.value[2][i] = 1e6;
    }
    for (int i = 0; i < 600; i++) f.code[1][i] += f.code[1][i] > 1; /* level 3 is empty now */
    snprintf(f.level[1][4], FRAME_TEXT, "b5");
    f.n_levels[1] = 5;
    unchecked(&f, 3, 650);
    assert_int_equal(run(SY_UNIT_NONE, 0, again, se_again, NULL, text), SY_NOTE_ROWS_DROPPED);
    assert_string_equal(text, "50 of 650 rows were left out: a value is missing");
    assert_memory_equal(r, again, sizeof r);
    assert_memory_equal(se, se_again, sizeof se);
}

static sy_status job(void *arg, void *answer)
{
    (void)arg;
    sy_moments m;
    double *out = answer;
    const sy_status status = run(SY_UNIT_CLUSTER, 1, out, out + 9, &m, NULL);
    if (status >= 0) memcpy(out + 18, m.hi, 400 * sizeof *out);
    sy_moments_free(&m);
    return status;
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    fill_answers(300);
    f.design.cluster = &f.columns[3];
    assert_true(syi_survives_failing(job, NULL, 418 * sizeof(double)) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_distribution_has_its_known_values),
        cmocka_unit_test(derivatives_of_the_density_are_its_slopes),
        cmocka_unit_test(a_table_cut_at_the_medians_is_sheppards),
        cmocka_unit_test(correlations_are_those_of_lavaan),
        cmocka_unit_test(frequencies_are_repeated_rows),
        cmocka_unit_test(standard_errors_are_near_the_jackknife),
        cmocka_unit_test(moments_hold_the_matrix_and_leave_clusters_out),
        cmocka_unit_test(shares_follow_from_the_matrix),
        cmocka_unit_test(turning_the_order_round_turns_the_sign),
        cmocka_unit_test(a_table_that_allows_only_one_is_said),
        cmocka_unit_test(a_matrix_that_is_none_is_refused_or_smoothed),
        cmocka_unit_test(bad_input_is_refused_in_words),
        cmocka_unit_test(missing_rows_and_empty_levels_are_left_out),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
