/* Simulation extrapolation: against the exact correction, against matrices with error added by hand, refusals.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "sample_councils.h"
#include "steelyard/corrected.h"

enum { LAMBDAS = 4, MOST_ROWS = 10 };

typedef struct {
    double measured[MOST_ROWS], added[LAMBDAS * MOST_ROWS], mc_error[LAMBDAS * MOST_ROWS], quadratic[MOST_ROWS],
        rational[MOST_ROWS], corrected[MOST_ROWS];
} answer;

static sample s;
static const int one[] = {0}, two[] = {1}, three[] = {2};
static const sy_block xzv[] = {{"x", 1, one}, {"z", 1, two}, {"v", 1, three}};

static void near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("%.17g, expected %.17g within %g", found, expected, tolerance);
}

static void table_of(int p, const double *r, double n, sy_moments *m)
{
    static const char *const labels[] = {"x", "z", "v", "y"};
    sy_context ctx;
    sy_context_init(&ctx);
    if (sy_moments_from_correlation(&ctx, p, r, n, labels, m) < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

static sy_status ask(const sy_moments *m, const sy_question *q, const sy_errors *e, const sy_simex_options *o,
                     int threads, answer *a, char *text)
{
    sy_context ctx;
    const sy_simex_table t = {a->measured, a->added, a->mc_error, a->quadratic, a->rational, a->corrected};
    sy_context_init(&ctx);
    ctx.threads = threads;
    const sy_status status = sy_simex(&ctx, m, q, e, o, &t);
    if (text) snprintf(text, 400, "%.399s", status < 0 ? ctx.message : ctx.n_remarks ? ctx.remarks[0].text : "");
    sy_context_free(&ctx);
    return status;
}

/* R2 of one column with lambda times the error .2 of its variance: .36 / (1 + .2 lambda), a hyperbola; at -1: .45. */
static void one_column_is_extrapolated_without_error(void **state)
{
    (void)state;
    static const double r[] = {1, 0.6, 0.6, 1}, known[] = {0.8};
    const sy_question q = {.outcome = 1, .n_blocks = 1, .blocks = xzv};
    const sy_errors e = {.n = 1, .term = one, .reliability = known};
    sy_simex_options o;
    sy_moments m;
    answer a;
    sy_simex_defaults(&o);
    table_of(2, r, 100, &m);
    assert_int_equal(ask(&m, &q, &e, &o, 1, &a, NULL), SY_OK);
    for (int row = 0; row < 3; row++) { /* block, term, total */
        near(a.measured[row], 0.36, 1e-14);
        near(a.corrected[row], 0.45, 1e-13);
        near(a.rational[row], 0.45, 1e-12);
        for (int i = 0; i < LAMBDAS; i++) near(a.added[i * 3 + row], 0.36 / (1 + 0.2 * o.lambda[i]), 1e-14);
        assert_true(a.quadratic[row] > 0.43 && a.quadratic[row] < 0.45 && a.mc_error[row] == 0);
    }
    sy_moments_free(&m);
}

static const double r4[16] = {1, 0.3, 0.2, 0.5, 0.3, 1, -0.1, 0.4, 0.2, -0.1, 1, 0.3, 0.5, 0.4, 0.3, 1};
static const double errors4[9] = {0.3, 0, 0.1, 0, 0.2, 0, 0.1, 0, 0.25};
static const int measured4[3] = {0, 2, 3}; /* x, v and the outcome */

/* The matrix with the error added, scaled back to correlations, given to sy_shares; the parabola by its normal
 * equations. */
static void added_errors_are_those_of_the_matrix(void **state)
{
    (void)state;
    const sy_question q = {.outcome = 3, .n_blocks = 3, .blocks = xzv};
    const sy_errors e = {.n = 3, .term = measured4, .covariance = errors4};
    sy_simex_options o;
    sy_moments m;
    answer a;
    double point[5] = {0}, value[5];
    sy_simex_defaults(&o);
    table_of(4, r4, 300, &m);
    assert_int_equal(ask(&m, &q, &e, &o, 1, &a, NULL), SY_OK);
    sy_moments_free(&m);
    value[0] = a.measured[0];
    for (int i = 0; i < LAMBDAS; i++) {
        double changed[16], seen[16], table[6 * SY_N_METRICS];
        memcpy(changed, r4, sizeof changed);
        for (int b = 0; b < 3; b++)
            for (int c = 0; c < 3; c++) changed[measured4[b] * 4 + measured4[c]] += o.lambda[i] * errors4[b * 3 + c];
        for (int at = 0; at < 16; at++)
            seen[at] = at % 5 ? changed[at] / sqrt(changed[at / 4 * 5] * changed[at % 4 * 5]) : 1;
        sy_context ctx;
        sy_shares_options so;
        sy_shares_summary summary;
        sy_context_init(&ctx);
        sy_shares_defaults(&so);
        table_of(4, seen, 300, &m);
        assert_true(sy_shares(&ctx, &m, &q, &so, &summary, table) >= 0);
        for (int row = 0; row < 6; row++) near(a.added[i * 7 + row], table[row * SY_N_METRICS + SY_SHARE], 1e-13);
        near(a.added[i * 7 + 6], summary.total, 1e-13);
        sy_moments_free(&m);
        sy_context_free(&ctx);
        point[i + 1] = o.lambda[i];
        value[i + 1] = a.added[i * 7];
    }
    double normal[3][4] = {{0}}; /* Gauss's elimination of the three equations */
    for (int i = 0; i < 5; i++) {
        const double power[3] = {1, point[i], point[i] * point[i]};
        for (int b = 0; b < 3; b++) {
            for (int c = 0; c < 3; c++) normal[b][c] += power[b] * power[c];
            normal[b][3] += power[b] * value[i];
        }
    }
    for (int b = 0; b < 3; b++)
        for (int c = b + 1; c < 3; c++) {
            const double factor = normal[c][b] / normal[b][b];
            for (int k = b; k < 4; k++) normal[c][k] -= factor * normal[b][k];
        }
    const double third = normal[2][3] / normal[2][2], second = (normal[1][3] - normal[1][2] * third) / normal[1][1];
    const double first = (normal[0][3] - normal[0][1] * second - normal[0][2] * third) / normal[0][0];
    near(a.quadratic[0], first - second + third, 1e-12);
    assert_true(fabs(a.quadratic[0] - a.corrected[0]) < 0.3 * fabs(a.measured[0] - a.corrected[0]) + 0.01);
}

/* 400 draws: their mean is the expected moments' share within 4 of its standard errors and the 1 / n of noise squared;
 * the same bits on three threads. */
static void draws_go_to_the_expected_moments(void **state)
{
    (void)state;
    const sy_question q = {.outcome = 3, .n_blocks = 3, .blocks = xzv};
    const sy_errors e = {.n = 3, .term = measured4, .covariance = errors4};
    sy_simex_options o;
    sy_moments m;
    answer expected, drawn, again;
    sy_simex_defaults(&o);
    table_of(4, r4, 1000, &m);
    assert_int_equal(ask(&m, &q, &e, &o, 1, &expected, NULL), SY_OK);
    o.replicates = 400;
    assert_int_equal(ask(&m, &q, &e, &o, 1, &drawn, NULL), SY_OK);
    assert_int_equal(ask(&m, &q, &e, &o, 3, &again, NULL), SY_OK);
    assert_memory_equal(drawn.added, again.added, LAMBDAS * 7 * sizeof(double));
    for (int i = 0; i < LAMBDAS * 7; i++) {
        assert_true(drawn.mc_error[i] > 1e-5 && drawn.mc_error[i] < 0.005);
        near(drawn.added[i], expected.added[i], 4 * drawn.mc_error[i] + 3.0 / 1000);
    }
    o.seed = 2;
    assert_int_equal(ask(&m, &q, &e, &o, 1, &again, NULL), SY_OK);
    assert_true(again.added[0] != drawn.added[0]);
    sy_moments_free(&m);
}

/* The spread of one draw is that of errors added to rows: standard deviation of R2 over replicates, by rows and by
 * moments. 1,500 replicates each: both are known to 2 %, so their ratio to 4 standard errors within 10 %. */
static void draws_spread_as_errors_in_rows_do(void **state)
{
    (void)state;
    enum { N = 60, B = 1500 };
    static double x[N], y[N];
    syi_stream stream;
    double xx = 0, xy = 0, yy = 0, mean = 0, square = 0;
    syi_stream_init(&stream, 11, 0, 0);
    for (int i = 0; i < N; i++) {
        x[i] = syi_stream_normal(&stream);
        y[i] = 0.8 * x[i] + syi_stream_normal(&stream);
    }
    double mx = 0, my = 0;
    for (int i = 0; i < N; i++) {
        mx += x[i] / N;
        my += y[i] / N;
    }
    for (int i = 0; i < N; i++) {
        x[i] -= mx;
        y[i] -= my;
        xx += x[i] * x[i];
        xy += x[i] * y[i];
        yy += y[i] * y[i];
    }
    const double spread = sqrt(0.4 * xx / (N - 1));
    for (int b = 0; b < B; b++) {
        double sum = 0, ss = 0, sy = 0;
        for (int i = 0; i < N; i++) {
            const double v = x[i] + spread * syi_stream_normal(&stream);
            sum += v;
            ss += v * v;
            sy += v * y[i];
        }
        const double share = sy * sy / ((ss - sum * sum / N) * yy);
        mean += share / B;
        square += share * share / B;
    }
    const double r = xy / sqrt(xx * yy), table[4] = {1, r, r, 1}, known[] = {0.6}, lambda[] = {1, 2, 3};
    const sy_question q = {.outcome = 1, .n_blocks = 1, .blocks = xzv};
    const sy_errors e = {.n = 1, .term = one, .reliability = known};
    const sy_simex_options o = {3, lambda, B, 5};
    sy_moments m;
    answer a;
    table_of(2, table, N, &m);
    assert_int_equal(ask(&m, &q, &e, &o, 1, &a, NULL), SY_OK);
    sy_moments_free(&m);
    const double own = sqrt(square - mean * mean);
    near(a.added[0], mean, 6 * own / sqrt(B));
    near(a.mc_error[0] * sqrt(B), own, 0.1 * own);
}

static void what_cannot_be_is_refused_or_said(void **state)
{
    (void)state;
    static const double r[] = {1, 0.6, 0.6, 1}, known[] = {0.8}, low[] = {0.3}, zero[] = {0};
    static const double falling[] = {1, 0.5, 2}, negative[] = {-1, 1, 2};
    const sy_question q = {.outcome = 1, .n_blocks = 1, .blocks = xzv};
    sy_errors e = {.n = 1, .term = one, .reliability = known};
    sy_simex_options o;
    sy_moments m, small;
    answer a;
    char text[400];
    table_of(2, r, 100, &m);
    table_of(2, r, 5, &small);
    sy_simex_defaults(&o);
    o.n_lambda = 2;
    assert_int_equal(ask(&m, &q, &e, &o, 1, &a, text), SY_EINVAL);
    assert_non_null(strstr(text, "lambdas: 2 values given; three or more"));
    o = (sy_simex_options){3, falling, 0, 1};
    assert_int_equal(ask(&m, &q, &e, &o, 1, &a, text), SY_EINVAL);
    assert_non_null(strstr(text, "lambdas: 0.5; values rise from above 0"));
    o.lambda = negative;
    assert_int_equal(ask(&m, &q, &e, &o, 1, &a, NULL), SY_EINVAL);
    sy_simex_defaults(&o);
    o.replicates = 1;
    assert_int_equal(ask(&m, &q, &e, &o, 1, &a, NULL), SY_EINVAL);
    o.replicates = 10;
    assert_int_equal(ask(&small, &q, &e, &o, 1, &a, text), SY_ERANK);
    o.replicates = 0;
    e.reliability = zero;
    assert_int_equal(ask(&m, &q, &e, &o, 1, &a, text), SY_EINVAL);
    assert_non_null(strstr(text, "reliability: x is 0"));
    e.reliability = low;
    assert_int_equal(ask(&m, &q, &e, &o, 1, &a, text), SY_NOTE_BOUNDARY);
    assert_true(isnan(a.corrected[0]) && !isnan(a.quadratic[0]));
    assert_non_null(strstr(text, "not definite"));
    sy_moments_free(&m);
    sy_moments_free(&small);
}

static sy_status job(void *arg, void *out)
{
    static const double known[] = {0.7, 0.6};
    const sy_errors e = {.n = 2, .term = sample_terms + 1, .reliability = known};
    sy_simex_options o;
    answer a;
    sy_simex_defaults(&o);
    o.replicates = 5;
    const sy_status status = ask(arg, &s.question, &e, &o, 1, &a, NULL);
    if (status >= 0) memcpy(out, a.quadratic, 10 * sizeof(double));
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    sy_context ctx;
    sy_moments m;
    sy_moments_options o;
    sy_context_init(&ctx);
    sample_fill(&s, 300, 10, 0, 3);
    sy_moments_defaults(&o);
    assert_true(sy_moments_init(&ctx, &s.design, &o, &m) >= 0);
    assert_true(syi_survives_failing(job, &m, 10 * sizeof(double)) > 10);
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_column_is_extrapolated_without_error),
        cmocka_unit_test(added_errors_are_those_of_the_matrix),
        cmocka_unit_test(draws_go_to_the_expected_moments),
        cmocka_unit_test(draws_spread_as_errors_in_rows_do),
        cmocka_unit_test(what_cannot_be_is_refused_or_said),
        cmocka_unit_test(every_allocation_may_fail),
    };
    const char *only = getenv("STEELYARD_TEST");
    if (only) cmocka_set_test_filter(only);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
