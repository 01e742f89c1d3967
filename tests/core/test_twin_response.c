/* A slow, plain twin of the likelihoods in 113-bit arithmetic, from their
 * densities, and their derivatives by differences of it.
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "response_problem.h"

#include "base/random_internal.h"
#include "models/response/predictor_internal.h"
#include <quadmath.h>

enum { ROWS = 300, COLUMNS = 3, MOST = 5 };

typedef __float128 quad;

static frame sheet;
static response_problem q;
static syi_packed rows;
static syi_likelihood l;

static quad log_cdf(sy_link link, quad e)
{
    if (link == SY_LINK_PROBIT) return e > 0 ? log1pq(-erfcq(e / M_SQRT2q) / 2) : logq(erfcq(-e / M_SQRT2q) / 2);
    if (link == SY_LINK_CLOGLOG) return e > 0 ? log1pq(-expq(-expq(e))) : logq(-expm1q(-expq(e)));
    return -log1pq(expq(-e));
}

static quad log_upper(sy_link link, quad e)
{
    if (link == SY_LINK_CLOGLOG) return -expq(e);
    return log_cdf(link, -e);
}

/* The density with all its constants. */
static quad density(const sy_response_model *m, quad y, quad trials, quad e, quad lambda)
{
    const quad mu = expq(e), theta = expq(lambda);
    if (m->kind == SY_RESPONSE_BINARY)
        return y * log_cdf(m->link, e) + (trials - y) * log_upper(m->link, e) + lgammaq(trials + 1) - lgammaq(y + 1) -
               lgammaq(trials - y + 1);
    if (m->kind == SY_RESPONSE_POISSON) return y * e - mu - lgammaq(y + 1);
    return lgammaq(y + theta) - lgammaq(theta) - lgammaq(y + 1) + theta * logq(theta / (mu + theta)) +
           y * logq(mu / (mu + theta));
}

/* The log-likelihood at theta [k] in packed units. */
static quad twin(const double *theta, const quad *moved)
{
    quad sum = 0;
    for (ptrdiff_t i = 0; i < rows.n; i++) {
        quad e = rows.offset ? rows.offset[i] : 0;
        for (int j = 0; j < rows.p; j++) e += ((quad)theta[j] + moved[j]) * (quad)rows.x[j * rows.stride + i];
        const quad lambda = (quad)theta[l.k - 1] + moved[l.k - 1];
        sum += (quad)rows.weight[i] * density(&q.model, rows.y[i], rows.trials ? rows.trials[i] : 1, e, lambda);
    }
    return sum;
}

/* 1e-9 steps leave 1e-16 of truncation and 1e-15 of rounding in second differences. */
static quad first_difference(const double *theta, int j)
{
    const quad h = 1e-9Q;
    quad moved[MOST] = {0};
    moved[j] = h;
    const quad up = twin(theta, moved);
    moved[j] = -h;
    return (up - twin(theta, moved)) / (2 * h);
}

static quad second_difference(const double *theta, int a, int b)
{
    const quad h = 1e-8Q;
    quad sum = 0;
    for (int s = -1; s <= 1; s += 2)
        for (int t = -1; t <= 1; t += 2) {
            quad moved[MOST] = {0};
            moved[a] += s * h;
            moved[b] += t * h;
            sum += s * t * twin(theta, moved);
        }
    return sum / (4 * h * h);
}

static void make_sheet(int counts)
{
    syi_stream s;
    syi_stream_init(&s, 21, 1, 1);
    sheet.p = 0;
    const int y = frame_add(&sheet, "y", 0, 0), a = frame_add(&sheet, "a", 0, 0), b = frame_add(&sheet, "b", 0, 0);
    const int m = frame_add(&sheet, "m", 0, 0), o = frame_add(&sheet, "o", 0, 0), w = frame_add(&sheet, "w", 0, 0);
    sheet.n = ROWS;
    for (int i = 0; i < ROWS; i++) {
        sheet.value[a][i] = syi_stream_normal(&s);
        sheet.value[b][i] = 3 + 0.2 * syi_stream_normal(&s);
        sheet.value[m][i] = floor(1 + 6 * syi_stream_uniform(&s));
        sheet.value[o][i] = 0.3 * syi_stream_normal(&s);
        sheet.value[w][i] = 0.5 + syi_stream_uniform(&s);
        const double u = syi_stream_uniform(&s);
        /* past 64 as well, where the gamma functions change their method */
        sheet.value[y][i] = counts ? floor(1 / u / u) - 1 : floor((sheet.value[m][i] + 1) * u);
        if (counts && sheet.value[y][i] > 5000) sheet.value[y][i] = 5000;
    }
}

static void compare(double found, quad exact, double scale)
{
    const double e = (double)exact;
    if (!(fabs(found - e) <= scale)) fail_msg("found %.17g, twin %.17g, allowed %.3g", found, e, scale);
}

/* Value, gradient and information at two points against the twin; the scale of
 * an entry is the sum of the sizes of its terms, which 1e-14 of are roundings. */
static void hold(sy_response_kind kind, const char *text, const double (*points)[MOST], int n_points)
{
    sy_context ctx;
    sy_context_init(&ctx);
    problem_pose(&q, &sheet, kind, text);
    assert_true(syi_packed_init(&ctx, &sheet.design, &q.model, &rows) >= 0);
    assert_true(syi_likelihood_of(&ctx, &rows, &q.model, &l) >= 0);
    for (int point = 0; point < n_points; point++) {
        const double *theta = points[point];
        const quad none[MOST] = {0};
        double value, gradient[MOST], information[MOST * MOST];
        _Alignas(64) double score[MOST * SYI_TILE];
        assert_true(l.value(&ctx, &l, theta, &value, gradient, information) == SY_OK);
        const quad exact = twin(theta, none);
        compare(value + syi_likelihood_constant(&l), exact, 1e-13 * (1 + fabs((double)exact)));
        double sums[MOST] = {0};
        for (ptrdiff_t at = 0; at < rows.n; at += SYI_TILE) {
            const int len = rows.n - at < SYI_TILE ? (int)(rows.n - at) : SYI_TILE;
            l.scores(&l, theta, at, len, score);
            for (int j = 0; j < l.k; j++)
                for (int i = 0; i < len; i++) sums[j] += score[j * SYI_TILE + i];
        }
        const double size = fabs(information[0]) * 1e-12 + fabs((double)exact) * 1e-13;
        for (int a = 0; a < l.k; a++) {
            compare(gradient[a], first_difference(theta, a), size);
            compare(sums[a], gradient[a], size);
            for (int b = 0; b <= a; b++) {
                compare(information[a * l.k + b], -second_difference(theta, a, b), size);
                assert_true(information[a * l.k + b] == information[b * l.k + a]);
            }
        }
    }
    syi_packed_free(&rows);
    sy_context_free(&ctx);
}

static void binary_likelihoods_are_the_twins(void **state)
{
    (void)state;
    const double points[][MOST] = {{0.2, -0.5, 0.3}, {-3, 2, 1}, {1, 0, 0}};
    make_sheet(0);
    hold(SY_RESPONSE_BINARY, "y ~ a + b; trials m; offset o; analytic w; logit", points, 3);
    hold(SY_RESPONSE_BINARY, "y ~ a + b; trials m; offset o; analytic w; probit", points, 3);
    hold(SY_RESPONSE_BINARY, "y ~ a + b; trials m; offset o; analytic w; cloglog", points, 3);
    for (int i = 0; i < ROWS; i++) sheet.value[0][i] = sheet.value[0][i] > 2;
    hold(SY_RESPONSE_BINARY, "y ~ a + b; logit", points, 3);
    hold(SY_RESPONSE_BINARY, "y ~ a + b; probit", points, 3);
    hold(SY_RESPONSE_BINARY, "y ~ a + b; cloglog", points, 3);
}

static void count_likelihoods_are_the_twins(void **state)
{
    (void)state;
    const double points[][MOST] = {{1, -0.5, 0.3, -0.7}, {3, 0.1, 0.1, 3}, {2, 0, 0, -4}, {2, 0, 0, 9}};
    make_sheet(1);
    hold(SY_RESPONSE_POISSON, "y ~ a + b; offset o; analytic w", points, 2);
    hold(SY_RESPONSE_NEGATIVE_BINOMIAL, "y ~ a + b; offset o; analytic w", points, 4);
}

/* Whole tails: at |eta| = 40 a probability is 1e-18 or 1e-350, and its logarithm, score and curvature still have all
 * digits. */
static void no_tail_loses_digits(void **state)
{
    (void)state;
    for (int link = SY_LINK_LOGIT; link <= SY_LINK_CLOGLOG; link++)
        for (double eta = -40; eta <= 5; eta += 0.37)
            for (int y = 0; y <= 1; y++) {
                _Alignas(64) double plane[8][SYI_TILE] = {{0}}, work[SYI_PREDICTOR_WORK * SYI_TILE];
                _Alignas(64) double answer[SYI_TILE] = {0};
                const quad h = 2e-8Q, e = eta;
                const sy_link k = (sy_link)link;
                const syi_predictor_tile t = {plane[0], plane[1], plane[2], plane[3], plane[4], plane[5],
                                              plane[6], plane[7], work,     answer,   NULL};
                for (int i = 0; i < 8; i++) plane[0][i] = eta, plane[1][i] = 1, answer[i] = y;
                if (k == SY_LINK_LOGIT) syi_rows_logit(SYI_BASELINE, 8, &t);
                else if (k == SY_LINK_PROBIT) syi_rows_probit(SYI_BASELINE, 8, &t);
                else syi_rows_cloglog(SYI_BASELINE, 8, &t);
                const quad at = y ? log_cdf(k, e) : log_upper(k, e);
                const quad up = y ? log_cdf(k, e + h) : log_upper(k, e + h);
                const quad down = y ? log_cdf(k, e - h) : log_upper(k, e - h);
                const quad near_up = y ? log_cdf(k, e + h * 1e-3Q) : log_upper(k, e + h * 1e-3Q);
                const quad near_down = y ? log_cdf(k, e - h * 1e-3Q) : log_upper(k, e - h * 1e-3Q);
                compare(plane[2][0], at, 1e-15 * fabs((double)at) + 1e-300);
                compare(plane[3][0], (near_up - near_down) / (2e-3Q * h), 1e-12 * fabs(plane[3][0]) + 1e-300);
                /* second differences of the twin hold 1e-34 / h^2 = 1e-20 of the value; h (h + u) u^2 2e-16 */
                compare(plane[4][0], (2 * at - up - down) / (h * h),
                        1e-11 * fabs(plane[4][0]) + 4e-18 * fabs((double)at) + 1e-15 * fabs(plane[3][0]) + 1e-300);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(binary_likelihoods_are_the_twins),
        cmocka_unit_test(count_likelihoods_are_the_twins),
        cmocka_unit_test(no_tail_loses_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
