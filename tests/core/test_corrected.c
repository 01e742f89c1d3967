/* Shares corrected for errors of measurement: by hand, planted noise that is taken off again, limits, refusals.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "sample_councils.h"
#include "steelyard/corrected.h"
#include "steelyard/evidence.h"

enum { ROWS = 9 }; /* of the sample's table: 4 blocks, 5 terms */

static sample s;

static void near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance * fmax(1, fabs(expected))))
        fail_msg("%.17g, expected %.17g within %g", found, expected, tolerance);
}

static sy_status correct(const sy_moments *m, const sy_question *q, const sy_errors *e, double *multiple,
                         double *lowest, sy_moments *out, char *text)
{
    sy_context ctx;
    double reliability[8], least[8];
    sy_error_limits limits = {.reliability = reliability, .lowest = lowest ? lowest : least};
    sy_context_init(&ctx);
    const sy_status status = sy_moments_corrected(&ctx, m, q, e, &limits, out);
    if (multiple) *multiple = limits.multiple;
    if (text) snprintf(text, 400, "%.399s", status < 0 ? ctx.message : ctx.n_remarks ? ctx.remarks[0].text : "");
    sy_context_free(&ctx);
    return status;
}

static void shares_of(const sy_moments *m, const sy_question *q, double *table, double *total)
{
    sy_context ctx;
    sy_shares_options o;
    sy_shares_summary summary;
    sy_shares_defaults(&o);
    sy_context_init(&ctx);
    if (sy_shares(&ctx, m, q, &o, &summary, table) < 0) fail_msg("%s", ctx.message);
    if (total) *total = summary.total;
    sy_context_free(&ctx);
}

static void sums_of(const sy_design *d, sy_unit unit, sy_moments *m)
{
    sy_context ctx;
    sy_moments_options o;
    sy_moments_defaults(&o);
    o.unit = unit;
    sy_context_init(&ctx);
    if (sy_moments_init(&ctx, d, &o, m) < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

static void table_of(int p, const double *r, double n, sy_moments *m)
{
    static const char *const labels[] = {"x", "z", "v", "y"};
    sy_context ctx;
    sy_context_init(&ctx);
    if (sy_moments_from_correlation(&ctx, p, r, n, labels, m) < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

static const int one[] = {0}, two[] = {1}, three[] = {2};
static const sy_block xzv[] = {{"x", 1, one}, {"z", 1, two}, {"v", 1, three}};

/* One predictor, r = .6, reliability .8: R2 .36 / .8 = .45; of the outcome too, .9: .36 / .72 = .5. Possible down to a
 * reliability of .36 (all of the outcome explained), that is 3.2 times the error of .2. */
static void one_predictor_by_hand(void **state)
{
    (void)state;
    static const double r[] = {1, 0.6, 0.6, 1};
    static const double known[] = {0.8, 0.9};
    static const int term[] = {0, 1};
    double table[2 * SY_N_METRICS], total, multiple, lowest[2];
    char text[400];
    sy_moments m, c;
    const sy_question q = {.outcome = 1, .n_blocks = 1, .blocks = xzv};
    const sy_errors x = {.n = 1, .term = term, .reliability = known},
                    both = {.n = 2, .term = term, .reliability = known};
    table_of(2, r, 100, &m);
    assert_int_equal(correct(&m, &q, &x, &multiple, lowest, &c, text), SY_NOTE_CORRECTED);
    shares_of(&c, &q, table, &total);
    near(total, 0.45, 1e-14);
    near(table[SY_SHARE], 0.45, 1e-14);
    near(multiple, 3.2, 1e-9);
    near(lowest[0], 0.36, 1e-9);
    assert_string_equal(text, "corrected for errors of measurement, taken as known: reliability of x 0.800 (at least "
                              "0.360)");
    sy_moments_free(&c);
    assert_true(correct(&m, &q, &both, NULL, lowest, &c, NULL) >= 0);
    shares_of(&c, &q, table, &total);
    near(total, 0.5, 1e-14);
    near(lowest[0], 0.4, 1e-9); /* .36 / .9 */
    near(lowest[1], 0.45, 1e-9);
    sy_moments_free(&c);
    sy_moments_free(&m);
}

/* Correlations of three predictors and an outcome; errors that x and y share: what is observed is V = R + E scaled to a
 * diagonal of 1, so taking E off again must give the shares of R, to rounding. */
static void planted_errors_come_off_again(void **state)
{
    (void)state;
    enum { P = 4 };
    static const double r[P * P] = {1, 0.3, 0.2, 0.5, 0.3, 1, -0.1, 0.4, 0.2, -0.1, 1, 0.3, 0.5, 0.4, 0.3, 1};
    static const double error[P * P] = {0.5, 0, 0, 0.2, 0, 0, 0, 0, 0, 0, 0.25, 0, 0.2, 0, 0, 0.4};
    static const int term[] = {0, 2, 3};
    double seen[P * P], own[9], meant[6 * SY_N_METRICS], found[6 * SY_N_METRICS], before[6 * SY_N_METRICS];
    const sy_question q = {.outcome = 3, .n_blocks = 3, .blocks = xzv};
    sy_moments truth, m, c;
    for (int i = 0; i < P; i++)
        for (int j = 0; j < P; j++)
            seen[i * P + j] = (r[i * P + j] + error[i * P + j]) / sqrt((1 + error[i * P + i]) * (1 + error[j * P + j]));
    for (int i = 0; i < P; i++) seen[i * P + i] = 1;
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) {
            const int i = term[a], j = term[b];
            own[a * 3 + b] = error[i * P + j] / sqrt((1 + error[i * P + i]) * (1 + error[j * P + j]));
        }
    table_of(P, r, 500, &truth);
    table_of(P, seen, 500, &m);
    shares_of(&truth, &q, meant, NULL);
    shares_of(&m, &q, before, NULL);
    const sy_errors e = {.n = 3, .term = term, .covariance = own};
    char text[400];
    assert_int_equal(correct(&m, &q, &e, NULL, NULL, &c, text), SY_NOTE_CORRECTED);
    shares_of(&c, &q, found, NULL);
    for (int row = 0; row < 6; row++) {
        near(found[row * SY_N_METRICS + SY_SHARE], meant[row * SY_N_METRICS + SY_SHARE], 1e-13);
        near(found[row * SY_N_METRICS + SY_ALONE], meant[row * SY_N_METRICS + SY_ALONE], 1e-13);
        near(found[row * SY_N_METRICS + SY_UNIQUE], meant[row * SY_N_METRICS + SY_UNIQUE], 1e-13);
    }
    /* the shared error makes up for what x loses; v only loses */
    assert_true(meant[2 * SY_N_METRICS + SY_SHARE] - before[2 * SY_N_METRICS + SY_SHARE] > 0.02);
    sy_moments_free(&c);
    sy_moments_free(&m);
    sy_moments_free(&truth);
}

static sy_errors process_errors(const double *reliability)
{
    static const int term[] = {1, 2};
    return (sy_errors){.n = 2, .term = term, .reliability = reliability};
}

/* 2,700 people, noise that makes up .3 and .4 of two process columns: corrected shares lie near those of the columns
 * without noise, uncorrected ones do not. */
static void noise_in_rows_comes_off_within_chance(void **state)
{
    (void)state;
    static const double reliability[] = {0.7, 0.6};
    double clean[ROWS * SY_N_METRICS], noisy[ROWS * SY_N_METRICS], found[ROWS * SY_N_METRICS];
    sy_moments m, c;
    syi_stream stream;
    sample_fill(&s, SAMPLE_ROWS, 40, 0, 5);
    for (int i = 0; i < s.n; i++) s.x[5][i] += 0.8 * s.x[1][i] + 0.5 * s.x[2][i];
    sums_of(&s.design, SY_UNIT_NONE, &m);
    shares_of(&m, &s.question, clean, NULL);
    sy_moments_free(&m);
    syi_stream_init(&stream, 77, 0, 0);
    for (int a = 0; a < 2; a++) {
        double mean = 0, square = 0;
        for (int i = 0; i < s.n; i++) mean += s.x[1 + a][i] / s.n;
        for (int i = 0; i < s.n; i++) square += (s.x[1 + a][i] - mean) * (s.x[1 + a][i] - mean) / s.n;
        const double spread = sqrt(square * (1 / reliability[a] - 1));
        for (int i = 0; i < s.n; i++) s.x[1 + a][i] += spread * syi_stream_normal(&stream);
    }
    sums_of(&s.design, SY_UNIT_NONE, &m);
    shares_of(&m, &s.question, noisy, NULL);
    const sy_errors e = process_errors(reliability);
    assert_true(correct(&m, &s.question, &e, NULL, NULL, &c, NULL) >= 0);
    shares_of(&c, &s.question, found, NULL);
    const int process = SY_N_METRICS + SY_SHARE;
    assert_true(fabs(noisy[process] - clean[process]) > 0.08);
    near(found[process], clean[process], 0.03); /* its standard error is about .015 */
    sy_moments_free(&c);
    sy_moments_free(&m);
}

/* Leaving a council out of the corrected moments is correcting the moments without it, but for the mean that is the
 * whole sample's: second order in 1 / councils. */
static void jackknife_is_that_of_corrected_samples(void **state)
{
    (void)state;
    enum { G = 40, N = 1200 };
    static const double reliability[] = {0.7, 0.6};
    static double left[G], none[ROWS * SY_N_METRICS];
    double covariance[SY_N_METRICS * ROWS * ROWS], unused[5][ROWS * SY_N_METRICS];
    sy_moments m, c;
    sy_context ctx;
    sy_evidence_options o;
    sy_evidence_summary summary;
    const sy_errors e = process_errors(reliability);
    const int process = SY_N_METRICS + SY_SHARE;
    sample_fill(&s, N, G, 0, 9);
    s.design.cluster = &s.council_column;
    sums_of(&s.design, SY_UNIT_CLUSTER, &m);
    assert_true(correct(&m, &s.question, &e, NULL, NULL, &c, NULL) >= 0);
    assert_int_equal(c.n_units, G);
    assert_string_equal(sy_moments_cluster(&c, 3), sy_moments_cluster(&m, 3));
    assert_true(sy_moments_hash(&c) != sy_moments_hash(&m));
    sy_context_init(&ctx);
    sy_evidence_defaults(&o);
    const sy_evidence_table t = {unused[0], unused[1], unused[2], unused[3], unused[4], covariance, NULL, NULL};
    assert_true(sy_evidence_shares(&ctx, &c, NULL, &s.question, &o, &summary, &t) >= 0);
    sy_context_free(&ctx);
    assert_int_equal(summary.interval, SY_INTERVAL_JACKKNIFE);
    const double whole = unused[0][process], error = unused[1][process];
    sy_moments_free(&c);
    sy_moments_free(&m);
    static double kept[N];
    double sum = 0;
    memcpy(kept, s.weight, sizeof kept);
    for (int g = 0; g < G; g++) {
        for (int i = 0; i < N; i++) s.weight[i] = s.council[i] == g ? 0 : 1;
        s.design.weights = &s.weight_column;
        s.design.weight_kind = SY_WEIGHT_FREQUENCY;
        sums_of(&s.design, SY_UNIT_CLUSTER, &m);
        assert_true(correct(&m, &s.question, &e, NULL, NULL, &c, NULL) >= 0);
        shares_of(&c, &s.question, none, NULL);
        left[g] = none[process];
        sum += (left[g] - whole) * (left[g] - whole);
        sy_moments_free(&c);
        sy_moments_free(&m);
    }
    near(error, sqrt(sum * (G - 1) / G), 0.02 * error);
}

static void reliabilities_of_one_change_nothing(void **state)
{
    (void)state;
    static const double sure[] = {1, 1};
    const sy_errors e = process_errors(sure);
    sy_moments m, c;
    double multiple, lowest[2];
    sample_fill(&s, 300, 10, 0, 3);
    s.design.cluster = &s.council_column;
    s.design.strata = NULL;
    sums_of(&s.design, SY_UNIT_CLUSTER, &m);
    assert_true(correct(&m, &s.question, &e, &multiple, lowest, &c, NULL) >= 0);
    assert_int_equal(m.size, c.size);
    assert_true(sy_moments_hash(&m) == sy_moments_hash(&c));
    assert_true(isinf(multiple) && lowest[0] > 0 && lowest[0] < 1);
    sy_moments_free(&c);
    sy_moments_free(&m);
}

static void refused(const sy_moments *m, const sy_question *q, const sy_errors *e, sy_status expected,
                    const char *words)
{
    char text[400];
    sy_moments c;
    assert_int_equal(correct(m, q, e, NULL, NULL, &c, text), expected);
    if (!strstr(text, words)) fail_msg("\"%s\" lacks \"%s\"", text, words);
    assert_null(c.blob);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    static const double r[] = {1, 0.6, 0.3, 0.6, 1, 0.2, 0.3, 0.2, 1};
    static const double low[] = {0.3, 0.9}, zero[] = {0, 1}, above[] = {1.1, 1}, none[] = {NAN, 1};
    static const double negative[] = {-0.1, 0, 0, 0.1}, uneven[] = {0.1, 0.05, 0.01, 0.1},
                        wild[] = {0.1, 0.3, 0.3, 0.1};
    static const int term[] = {0, 2}, twice[] = {0, 0}, far[] = {0, 9}, other[] = {1};
    const sy_question q = {.outcome = 2, .n_blocks = 1, .blocks = xzv},
                      both = {.outcome = 2, .n_blocks = 2, .blocks = xzv};
    sy_moments m;
    table_of(3, r, 100, &m);
#define REFUSED(question, wanted, words, ...)                                                                          \
    do {                                                                                                               \
        const sy_errors e = {__VA_ARGS__};                                                                             \
        refused(&m, question, &e, wanted, words);                                                                      \
    } while (0)
    REFUSED(&q, SY_EINVAL, "reliability: x is 0; a reliability lies above 0 and is at most 1", 1, term, zero, NULL);
    REFUSED(&q, SY_EINVAL, "reliability: x is 1.1", 1, term, above, NULL);
    REFUSED(&q, SY_EINVAL, "reliability: x is nan", 1, term, none, NULL);
    REFUSED(&q, SY_EINVAL, "either reliabilities or error_covariance", 1, term, low, low);
    REFUSED(&q, SY_EINVAL, "either reliabilities or error_covariance", 1, term, NULL, NULL);
    REFUSED(&q, SY_EINVAL, "no column is named", 0, term, low, NULL);
    REFUSED(&q, SY_EINVAL, "x is named twice", 2, twice, low, NULL);
    REFUSED(&q, SY_EINVAL, "there is no term 9", 2, far, low, NULL);
    REFUSED(&q, SY_EINVAL, "z is not in the question", 1, other, low, NULL);
    REFUSED(&q, SY_EINVAL, "error_covariance: x is -0.1; a variance from 0", 2, term, NULL, negative);
    REFUSED(&q, SY_EINVAL, "x with v is 0.05 one way and 0.01 the other", 2, term, NULL, uneven);
    REFUSED(&q, SY_EINVAL, "no errors have these covariances", 2, term, NULL, wild);
    /* beside z (r = .6) x is definite down to (.36 + .09 - 2 .6 .3 .2 ...): the message names the end */
    REFUSED(&both, SY_EDATA, "reliability: so much error leaves no definite matrix", 1, term, low, NULL);
    REFUSED(&both, SY_EDATA, "errors up to 0.", 1, term, low, NULL);
#undef REFUSED
    const double end = 1 - (1 - 0.36 - 0.09 - 0.04 + 2 * 0.6 * 0.3 * 0.2) / (1 - 0.04); /* 1 - det / minor */
    const double just[] = {end + 1e-6}, under[] = {end - 1e-6};
    const sy_errors fine = {.n = 1, .term = term, .reliability = just},
                    bad = {.n = 1, .term = term, .reliability = under};
    sy_moments c;
    assert_true(correct(&m, &both, &fine, NULL, NULL, &c, NULL) >= 0);
    sy_moments_free(&c);
    refused(&m, &both, &bad, SY_EDATA, "errors up to 1.000 of those stated");
    sy_moments_free(&m);
}

static void products_and_absorbed_clusters_are_refused(void **state)
{
    (void)state;
    static const double r[] = {1, 0.3, 0.3, 0.3, 1, 0.3, 0.3, 0.3, 1};
    static const char *const labels[] = {"x", "x:z", "y"};
    static const int term[] = {0};
    static const double known[] = {0.8};
    const sy_errors e = {.n = 1, .term = term, .reliability = known};
    sy_question q = {.outcome = 2, .n_blocks = 2, .blocks = xzv};
    sy_context ctx;
    sy_moments m;
    sy_context_init(&ctx);
    assert_int_equal(sy_moments_from_correlation(&ctx, 3, r, 50, labels, &m), SY_OK);
    sy_context_free(&ctx);
    refused(&m, &q, &e, SY_EINVAL, "reliability: x has x:z beside it");
    q.n_blocks = 1;
    q.absorb = 1;
    refused(&m, &q, &e, SY_EINVAL, "adjust: shares with the clusters' means forced in cannot be corrected");
    sy_moments_free(&m);
}

static sy_status job(void *arg, void *out)
{
    static const double reliability[] = {0.7, 0.6};
    const sy_errors e = process_errors(reliability);
    sy_moments c;
    const sy_status status = correct(arg, &s.question, &e, NULL, NULL, &c, NULL);
    if (status >= 0) memcpy(out, c.hi, 20 * sizeof(double));
    sy_moments_free(&c);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    sy_moments m;
    sample_fill(&s, 300, 10, 0, 3);
    s.design.cluster = &s.council_column;
    sums_of(&s.design, SY_UNIT_CLUSTER, &m);
    assert_true(syi_survives_failing(job, &m, 20 * sizeof(double)) > 10);
    sy_moments_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_predictor_by_hand),
        cmocka_unit_test(planted_errors_come_off_again),
        cmocka_unit_test(noise_in_rows_comes_off_within_chance),
        cmocka_unit_test(jackknife_is_that_of_corrected_samples),
        cmocka_unit_test(reliabilities_of_one_change_nothing),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(products_and_absorbed_clusters_are_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    const char *only = getenv("STEELYARD_TEST");
    if (only) cmocka_set_test_filter(only);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
