/* A second reading of least squares in 113-bit arithmetic, by another method:
 * values by strtoflt128 from their printed decimals, normal equations about
 * zero, Gauss-Jordan elimination with pivoting; 1,000 random problems with and
 * without an intercept, the three kinds of weights, powers and products, and
 * columns tied so closely that doubles would keep few digits. The normal
 * equations square the condition, at most 1e7 here, and leave 34 - 14 digits.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "linear_problem.h"
#include <quadmath.h>

enum { PROBLEMS = 1000, MOST = 50, NUMBERS = 4, TERMS = 6, Q = TERMS + 1 };

typedef struct {
    int n, intercept, p;
    double x[NUMBERS + 1][MOST], weight[MOST]; /* x[0]: the outcome */
    sy_weight_kind kind;
    __float128 row[MOST][Q + 1]; /* columns and the outcome */
    __float128 inverse[Q][Q], b[Q], rss, tss;
} twin;

static double decimals(double v, int places)
{
    char text[40];
    snprintf(text, sizeof text, "%.*f", places, v);
    return strtod(text, NULL);
}

static __float128 printed(double v)
{
    char text[40];
    snprintf(text, sizeof text, "%.15g", v);
    return strtoflt128(text, NULL);
}

/* Terms: x1, x2, x3, x4, x1^2, x2:x3 */
static void fill_row(twin *t, int i)
{
    __float128 v[NUMBERS + 1];
    int c = 0;
    for (int k = 0; k <= NUMBERS; k++) v[k] = printed(t->x[k][i]);
    if (t->intercept) t->row[i][c++] = 1;
    for (int k = 1; k <= NUMBERS; k++) t->row[i][c++] = v[k];
    t->row[i][c++] = v[1] * v[1];
    t->row[i][c++] = v[2] * v[3];
    t->p = c;
    t->row[i][c] = v[0];
}

static void draw(twin *t, uint32_t seed)
{
    syi_stream r;
    syi_stream_init(&r, 2024, seed, 0);
    t->n = 12 + (int)syi_stream_below(&r, MOST - 12);
    t->intercept = (int)syi_stream_below(&r, 4) > 0;
    t->kind = (sy_weight_kind)syi_stream_below(&r, 4);
    const double tie = pow(10, -(double)syi_stream_below(&r, 5)), from = (double)syi_stream_below(&r, 3) * 1e4;
    for (int i = 0; i < t->n; i++) {
        t->weight[i] = 1 + (double)syi_stream_below(&r, 5);
        for (int k = 0; k <= NUMBERS; k++) t->x[k][i] = decimals(syi_stream_uniform(&r) * 10, 3);
        t->x[2][i] = decimals(t->x[1][i] + tie * t->x[2][i], 7);
        t->x[4][i] = decimals(t->x[4][i] + from, 3);
        t->x[0][i] = decimals(t->x[0][i] + t->x[1][i] - 2 * t->x[3][i], 4);
        fill_row(t, i);
    }
}

static __float128 weight_of(const twin *t, int i)
{
    return t->kind == SY_WEIGHT_NONE ? 1 : (__float128)t->weight[i];
}

/* a [p][2 p] = (A I) becomes (I A^-1) */
static void invert(int p, __float128 a[Q][2 * Q])
{
    for (int k = 0; k < p; k++) {
        int best = k;
        for (int i = k + 1; i < p; i++)
            if (fabsq(a[i][k]) > fabsq(a[best][k])) best = i;
        for (int j = 0; j < 2 * p; j++) {
            const __float128 swap = a[k][j];
            a[k][j] = a[best][j];
            a[best][j] = swap;
        }
        const __float128 pivot = a[k][k];
        for (int j = 0; j < 2 * p; j++) a[k][j] /= pivot;
        for (int i = 0; i < p; i++) {
            const __float128 f = a[i][k];
            if (i == k || f == 0) continue;
            for (int j = 0; j < 2 * p; j++) a[i][j] -= f * a[k][j];
        }
    }
}

static void solve(twin *t)
{
    const int p = t->p;
    __float128 a[Q][2 * Q] = {{0}}, c[Q] = {0}, sum = 0, sum_w = 0;
    for (int i = 0; i < t->n; i++) {
        const __float128 w = weight_of(t, i);
        for (int j = 0; j < p; j++) {
            for (int k = 0; k < p; k++) a[j][k] += w * t->row[i][j] * t->row[i][k];
            c[j] += w * t->row[i][j] * t->row[i][p];
        }
        sum += w * t->row[i][p];
        sum_w += w;
    }
    for (int j = 0; j < p; j++) a[j][p + j] = 1;
    invert(p, a);
    for (int j = 0; j < p; j++) {
        t->b[j] = 0;
        for (int k = 0; k < p; k++) {
            t->inverse[j][k] = a[j][p + k];
            t->b[j] += a[j][p + k] * c[k];
        }
    }
    const __float128 mean = t->intercept ? sum / sum_w : 0;
    t->rss = t->tss = 0;
    for (int i = 0; i < t->n; i++) {
        __float128 e = t->row[i][p];
        const __float128 d = e - mean;
        for (int j = 0; j < p; j++) e -= t->row[i][j] * t->b[j];
        t->rss += weight_of(t, i) * e * e;
        t->tss += weight_of(t, i) * d * d;
    }
}

static problem *problem_of(const twin *t)
{
    static const char *const names[] = {"y", "x1", "x2", "x3", "x4"};
    problem *q = problem_new(t->n);
    for (int k = 0; k <= NUMBERS; k++) problem_number(q, names[k], t->x[k]);
    problem_power(q, "x1^2", 1, 2);
    problem_term(q, "x2:x3", 2, 3, -1);
    q->model.intercept = t->intercept;
    q->weight = number_column("weight", t->weight);
    if (t->kind != SY_WEIGHT_NONE) q->design.weights = &q->weight;
    q->design.weight_kind = t->kind;
    return q;
}

static __float128 leverage_of(const twin *t, int i)
{
    __float128 hat = 0;
    for (int j = 0; j < t->p; j++)
        for (int k = 0; k < t->p; k++) hat += t->row[i][j] * t->inverse[j][k] * t->row[i][k];
    return t->kind == SY_WEIGHT_FREQUENCY ? hat : hat * weight_of(t, i);
}

static __float128 loglik_of(const twin *t, __float128 n)
{
    __float128 logs = 0;
    for (int i = 0; i < t->n; i++)
        if (t->kind != SY_WEIGHT_FREQUENCY) logs += logq(weight_of(t, i));
    return (logs - n * (logq(2 * M_PIq) + 1 + logq(t->rss / n))) / 2;
}

/* 15 digits: the answers are rounded once; a product of two rounded numbers (the
 * error) and a likelihood from logarithms of rounded sums may lose one more bit
 * or two, leverages are formed in double where the condition allows it. */
static void a_thousand_problems_agree_with_quadruple_precision(void **state)
{
    (void)state;
    static twin t;
    for (uint32_t seed = 0; seed < PROBLEMS; seed++) {
        draw(&t, seed);
        solve(&t);
        problem *q = problem_of(&t);
        fit_problem(q);
        assert_int_equal(q->p, t.p);
        assert_int_equal(q->summary.rank, t.p);
        __float128 n = 0;
        for (int i = 0; i < t.n; i++) n += t.kind == SY_WEIGHT_FREQUENCY ? weight_of(&t, i) : 1;
        const __float128 df = n - t.p, base = t.intercept, s2 = t.rss / df;
        for (int j = 0; j < t.p; j++) {
            assert_digits(q->coefficient[j], (double)t.b[j], 15.5);
            assert_digits(problem_error(q, j), (double)sqrtq(s2 * t.inverse[j][j]), 15);
            for (int k = 0; k < t.p; k++) assert_digits(q->inverse[j * t.p + k], (double)t.inverse[j][k], 15.5);
        }
        assert_digits(q->summary.rss, (double)t.rss, 15.5);
        assert_digits(q->summary.tss, (double)t.tss, 15.5);
        assert_digits(q->summary.r2, (double)(1 - t.rss / t.tss), 15.5);
        assert_digits(q->summary.f, (double)((t.tss - t.rss) / (t.p - base) / s2), 15.5);
        assert_digits(q->summary.loglik, (double)loglik_of(&t, n), 13);
        for (int i = 0; i < t.n; i += 7) assert_digits(q->leverage[i], (double)leverage_of(&t, i), 12);
        problem_free(q);
    }
}

/* The same problems with the doubles taken as they are: what is left is the
 * reading, up to half an ulp a value times the condition of the problem. */
static void digits_of_plain_double_follow_the_condition(void **state)
{
    (void)state;
    static twin t;
    for (uint32_t seed = 0; seed < PROBLEMS; seed += 5) {
        draw(&t, seed);
        solve(&t);
        problem *q = problem_of(&t);
        q->options.precision = SY_PRECISION_DOUBLE;
        fit_problem(q);
        double largest = 0;
        for (int j = t.intercept; j < t.p; j++) largest = fmax(largest, fabs((double)t.b[j]));
        __float128 power = 0;
        for (int i = 0; i < t.n; i++) power += weight_of(&t, i) * t.row[i][t.p] * t.row[i][t.p];
        /* the condition, and its square as far as there are residuals [Higham 2002, theorem 20.1], each doubled */
        const double condition = q->summary.condition, rest = sqrt((double)(t.rss / power));
        const double allowed = 2 * 0x1p-53 * condition * (1 + rest * condition);
        for (int j = t.intercept; j < t.p; j++)
            assert_true(fabs(q->coefficient[j] - (double)t.b[j]) <= allowed * largest);
        problem_free(q);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thousand_problems_agree_with_quadruple_precision),
        cmocka_unit_test(digits_of_plain_double_follow_the_condition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
