/* Likelihoods of ordered answers against a slow twin in quadruple precision:
 * the value written as it is defined, derivatives by differences of it.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "algebra/lanes_internal.h"
#include "base/memory_internal.h"
#include "base/random_internal.h"
#include "models/response/likelihood_internal.h"
#include "models/response/ordinal_internal.h"
#include <math.h>
#include <quadmath.h>
#include <stdio.h>

typedef __float128 quad;
enum { ROWS = 600, MOST = 16 };

static quad cdf(sy_link link, quad x)
{
    if (link == SY_LINK_PROBIT) return erfcq(-x / sqrtq(2)) / 2;
    if (link == SY_LINK_CLOGLOG) return -expm1q(-expq(x));
    return 1 / (1 + expq(-x));
}

/* 1 - F(x), accurate where it is small. */
static quad upper(sy_link link, quad x)
{
    if (link == SY_LINK_PROBIT) return erfcq(x / sqrtq(2)) / 2;
    if (link == SY_LINK_CLOGLOG) return expq(-expq(x));
    return 1 / (1 + expq(x));
}

static quad log_difference(sy_link link, quad a, quad b)
{
    return logq(b > 0 ? upper(link, b) - upper(link, a) : cdf(link, a) - cdf(link, b));
}

typedef struct {
    syi_packed rows;
    double theta[MOST];
    syi_likelihood l;
    sy_context ctx;
} sample;

static double draw(uint64_t i)
{
    syi_stream r;
    syi_stream_init(&r, 5, (uint32_t)i, 0);
    return syi_stream_uniform(&r);
}

static double *column(uint64_t seed, double lowest, double width)
{
    double *v = syi_alloc(ROWS + SYI_TILE, sizeof *v);
    assert_non_null(v);
    for (int i = 0; i < ROWS; i++) v[i] = lowest + width * draw(seed * 10000 + (uint64_t)i);
    return v;
}

static void open_sample(sample *s, int levels, int p, int nominal, int spread, sy_link link, sy_thresholds kind)
{
    memset(s, 0, sizeof *s);
    sy_context_init(&s->ctx);
    syi_packed *r = &s->rows;
    *r = (syi_packed){.n = ROWS,
                      .stride = (ROWS + SYI_TILE - 1) / SYI_TILE * SYI_TILE,
                      .p = p,
                      .n_nominal = nominal,
                      .n_spread = spread,
                      .n_levels = levels};
    double **const to[] = {&r->x, &r->nominal, &r->spread};
    const int count[] = {p, nominal, spread};
    for (int part = 0; part < 3; part++) {
        if (count[part] == 0) continue;
        *to[part] = syi_alloc((size_t)count[part] * (size_t)r->stride, sizeof(double));
        assert_non_null(*to[part]);
        for (int c = 0; c < count[part]; c++) {
            double *v = column((uint64_t)(10 * part + c + 1), -1, 2);
            memcpy(*to[part] + c * r->stride, v, ROWS * sizeof *v);
            SYI_FREE(v);
        }
    }
    r->y = syi_alloc((size_t)r->stride, sizeof *r->y);
    r->weight = syi_alloc((size_t)r->stride, sizeof *r->weight);
    r->offset = syi_alloc((size_t)r->stride, sizeof *r->offset);
    assert_true(r->y && r->weight && r->offset);
    for (int i = 0; i < ROWS; i++) {
        r->y[i] = floor(levels * draw(500000 + (uint64_t)i));
        r->weight[i] = 0.5 + draw(600000 + (uint64_t)i);
        r->offset[i] = draw(700000 + (uint64_t)i) - 0.5;
    }
    s->l = (syi_likelihood){.rows = r, .kind = SY_RESPONSE_ORDINAL, .link = link, .thresholds = kind};
    const int kinds = syi_thresholds_free(kind, levels);
    s->l.k = kinds * (1 + nominal) + p + spread;
    assert_true(s->l.k <= MOST);
    assert_int_equal(syi_likelihood_ordinal(&s->ctx, &s->l), SY_OK);
    s->l.start(&s->l, s->theta);
    for (int j = kinds; j < s->l.k; j++) s->theta[j] = 0.1 * (draw(800000 + (uint64_t)j) - 0.5);
}

static void close_sample(sample *s)
{
    SYI_FREE(s->rows.x);
    SYI_FREE(s->rows.nominal);
    SYI_FREE(s->rows.spread);
    SYI_FREE(s->rows.y);
    SYI_FREE(s->rows.weight);
    SYI_FREE(s->rows.offset);
    sy_context_free(&s->ctx);
}

static quad threshold(const sample *s, const quad *theta, int j, int i)
{
    const syi_packed *r = &s->rows;
    const int kinds = syi_thresholds_free(s->l.thresholds, r->n_levels);
    quad t = 0;
    for (int q = 0; q < kinds; q++) {
        quad number = theta[q];
        for (int m = 0; m < r->n_nominal; m++) number += theta[(1 + m) * kinds + q] * r->nominal[m * r->stride + i];
        t += number * syi_thresholds_map(s->l.thresholds, r->n_levels, j, q);
    }
    return t;
}

static quad value(const sample *s, const quad *theta)
{
    const syi_packed *r = &s->rows;
    const int location = syi_thresholds_free(s->l.thresholds, r->n_levels) * (1 + r->n_nominal);
    quad sum = 0;
    for (int i = 0; i < ROWS; i++) {
        const int y = (int)r->y[i];
        quad eta = r->offset[i], spread = 0;
        for (int j = 0; j < r->p; j++) eta += theta[location + j] * r->x[j * r->stride + i];
        for (int j = 0; j < r->n_spread; j++) spread += theta[location + r->p + j] * r->spread[j * r->stride + i];
        spread = expq(spread);
        if (y == 0) sum += r->weight[i] * logq(cdf(s->l.link, (threshold(s, theta, 0, i) - eta) / spread));
        else if (y == r->n_levels - 1)
            sum += r->weight[i] * logq(upper(s->l.link, (threshold(s, theta, y - 1, i) - eta) / spread));
        else
            sum += r->weight[i] * log_difference(s->l.link, (threshold(s, theta, y, i) - eta) / spread,
                                                 (threshold(s, theta, y - 1, i) - eta) / spread);
    }
    return sum;
}

/* f(+, +) - f(+, -) - f(-, +) + f(-, -) over 4 h^2 with h = 1e-7: truncation 1e-14
 * of the fourth derivative, rounding 1e-34 / 1e-14. */
static quad second(const sample *s, const quad *theta, int a, int b)
{
    const quad h = 1e-7Q;
    quad sum = 0;
    for (int k = 0; k < 4; k++) {
        quad at[MOST];
        memcpy(at, theta, sizeof at);
        at[a] += k & 1 ? h : -h;
        at[b] += k & 2 ? h : -h;
        sum += (k == 0 || k == 3 ? 1 : -1) * value(s, at);
    }
    return sum / (4 * h * h);
}

static quad first(const sample *s, const quad *theta, int a)
{
    const quad h = 1e-10Q;
    quad at[MOST];
    memcpy(at, theta, sizeof at);
    at[a] += h;
    const quad high = value(s, at);
    at[a] -= 2 * h;
    return (high - value(s, at)) / (2 * h);
}

/* 600 terms of size 1 summed in eight lanes: 1e-14 of the sum of sizes; the
 * second differences are good to 1e-12. */
static void against_the_twin(sample *s)
{
    double loglik, gradient[MOST], information[MOST * MOST];
    quad theta[MOST] = {0};
    const int k = s->l.k;
    for (int j = 0; j < k; j++) theta[j] = s->theta[j];
    assert_int_equal(s->l.value(&s->ctx, &s->l, s->theta, &loglik, gradient, information), SY_OK);
    const double exact = (double)value(s, theta);
    assert_true(fabs(loglik - exact) < 1e-13 * fabs(exact));
    for (int a = 0; a < k; a++) {
        const double slope = (double)first(s, theta, a);
        if (!(fabs(gradient[a] - slope) < 1e-11)) fail_msg("slope %d: %.17g, twin %.17g", a, gradient[a], slope);
        for (int b = a; b < k; b++) {
            const double curve = -(double)second(s, theta, a, b), found = information[a * k + b];
            if (!(fabs(found - curve) < 1e-10 + 1e-12 * fabs(curve)) || information[b * k + a] != found)
                fail_msg("information %d, %d: %.17g, twin %.17g", a, b, found, curve);
        }
    }
}

static void derivatives_are_those_of_the_definition(void **state)
{
    (void)state;
    static const sy_link links[] = {SY_LINK_LOGIT, SY_LINK_PROBIT, SY_LINK_CLOGLOG};
    static const int shape[][5] = {{5, 3, 0, 0, SY_THRESHOLDS_FREE},      {5, 2, 1, 0, SY_THRESHOLDS_FREE},
                                   {4, 2, 0, 2, SY_THRESHOLDS_FREE},      {4, 2, 1, 1, SY_THRESHOLDS_SYMMETRIC},
                                   {6, 2, 1, 1, SY_THRESHOLDS_SYMMETRIC}, {5, 2, 1, 1, SY_THRESHOLDS_EQUIDISTANT},
                                   {2, 3, 0, 1, SY_THRESHOLDS_FREE},      {5, 2, 0, 0, SY_THRESHOLDS_SYMMETRIC}};
    for (int c = 0; c < 8; c++) {
        sample s;
        open_sample(&s, shape[c][0], shape[c][1], shape[c][2], shape[c][3], links[c % 3], (sy_thresholds)shape[c][4]);
        against_the_twin(&s);
        close_sample(&s);
    }
}

static void plain_and_general_agree(void **state)
{
    (void)state;
    sample s;
    double loglik[2], gradient[2][MOST], information[2][MOST * MOST];
    open_sample(&s, 5, 4, 0, 0, SY_LINK_PROBIT, SY_THRESHOLDS_FREE);
    assert_int_equal(syi_ordinal_plain(&s.ctx, &s.l, s.theta, &loglik[0], gradient[0], information[0]), SY_OK);
    assert_int_equal(syi_ordinal_general(&s.ctx, &s.l, s.theta, &loglik[1], gradient[1], information[1]), SY_OK);
    assert_true(fabs(loglik[0] - loglik[1]) < 1e-13 * fabs(loglik[0]));
    for (int j = 0; j < s.l.k; j++) assert_true(fabs(gradient[0][j] - gradient[1][j]) < 1e-11);
    for (int j = 0; j < s.l.k * s.l.k; j++) assert_true(fabs(information[0][j] - information[1][j]) < 1e-11);
    close_sample(&s);
}

static void scores_add_up_to_the_gradient(void **state)
{
    (void)state;
    sample s;
    double loglik, gradient[MOST], sum[MOST] = {0}, *score = syi_alloc(MOST * SYI_TILE, sizeof *score);
    assert_non_null(score);
    open_sample(&s, 5, 3, 1, 1, SY_LINK_CLOGLOG, SY_THRESHOLDS_FREE);
    assert_int_equal(s.l.value(&s.ctx, &s.l, s.theta, &loglik, gradient, NULL), SY_OK);
    for (ptrdiff_t at = 0; at < ROWS; at += SYI_TILE) {
        const int len = ROWS - at < SYI_TILE ? (int)(ROWS - at) : SYI_TILE;
        s.l.scores(&s.l, s.theta, at, len, score);
        for (int j = 0; j < s.l.k; j++)
            for (int i = 0; i < len; i++) sum[j] += score[j * SYI_TILE + i];
    }
    for (int j = 0; j < s.l.k; j++) assert_true(fabs(sum[j] - gradient[j]) < 1e-11);
    SYI_FREE(score);
    close_sample(&s);
}

static void parameters_left_out_cost_and_change_nothing(void **state)
{
    (void)state;
    sample s, small;
    double loglik[2], gradient[2][MOST], information[2][MOST * MOST];
    unsigned char use[MOST];
    open_sample(&s, 5, 4, 0, 0, SY_LINK_LOGIT, SY_THRESHOLDS_FREE);
    open_sample(&small, 5, 2, 0, 0, SY_LINK_LOGIT, SY_THRESHOLDS_FREE);
    memset(use, 1, sizeof use);
    use[6] = use[7] = 0;
    memcpy(small.theta, s.theta, 6 * sizeof(double));
    s.theta[6] = s.theta[7] = NAN;
    s.l.use = use;
    assert_int_equal(s.l.value(&s.ctx, &s.l, s.theta, &loglik[0], gradient[0], information[0]), SY_OK);
    assert_int_equal(small.l.value(&small.ctx, &small.l, small.theta, &loglik[1], gradient[1], information[1]), SY_OK);
    assert_true(loglik[0] == loglik[1]);
    for (int a = 0; a < 8; a++) {
        assert_true(gradient[0][a] == (a < 6 ? gradient[1][a] : 0));
        for (int b = 0; b < 8; b++)
            assert_true(information[0][a * 8 + b] == (a < 6 && b < 6 ? information[1][a * 6 + b] : 0));
    }
    close_sample(&s);
    close_sample(&small);
}

static void thresholds_that_cross_have_no_likelihood(void **state)
{
    (void)state;
    sample s;
    double loglik = 0;
    for (int nominal = 0; nominal < 2; nominal++) {
        open_sample(&s, 5, 1, nominal, 0, SY_LINK_LOGIT, SY_THRESHOLDS_FREE);
        const double keep = s.theta[1];
        s.theta[1] = s.theta[2];
        s.theta[2] = keep;
        assert_int_equal(s.l.value(&s.ctx, &s.l, s.theta, &loglik, NULL, NULL), SY_OK);
        assert_true(isinf(loglik) && loglik < 0);
        close_sample(&s);
    }
}

/* Far out in the tails and with thresholds 1e-9 apart, where a difference of
 * two values of F would have no digit left. The logit and cloglog are a dozen
 * roundings of 2 ulp each, and what rounding of a and b themselves moves: 1e-16 |b| / d for
 * a gap d. The probit's quotient of two tails that are alike costs 1e-16 |b| / d
 * once more. Slopes are held to that relative to the larger of themselves and
 * 1, the size of what they are added to. */
static void nothing_cancels_in_the_tails(void **state)
{
    (void)state;
    static const double from[] = {-36, -20, -8, -3, -0.5, 0, 0.5, 3, 6.5}, gap[] = {1e-9, 1e-4, 0.3, 2, 9};
    double *const memory = syi_alloc(32 * (SYI_PAIR_PLANES + SYI_PAIR_WORK + 3), sizeof *memory);
    assert_non_null(memory);
    for (int link = SY_LINK_LOGIT; link <= SY_LINK_CLOGLOG; link++)
        for (int g = 0; g < 5; g++) {
            double *const a = memory, *const b = a + 32, *const between = b + 32;
            const syi_pair pair = syi_pair_at(between + 32, 32);
            for (int i = 0; i < 16; i++) {
                b[i] = from[i % 9] * (link == SY_LINK_CLOGLOG && from[i % 9] > 0 ? 0.5 : 1);
                a[i] = b[i] + gap[g];
                between[i] = expm1(b[i] - a[i]);
            }
            syi_pair_rows(syi_lanes_width(2), (sy_link)link, 16, a, b, between, between + 32 * (1 + SYI_PAIR_PLANES),
                          &pair);
            for (int i = 0; i < 9; i++) {
                const quad h = 1e-16Q, exact = log_difference((sy_link)link, a[i], b[i]);
                const quad da =
                    (log_difference((sy_link)link, a[i] + h, b[i]) - log_difference((sy_link)link, a[i] - h, b[i])) /
                    (2 * h);
                const double lost = link == SY_LINK_PROBIT ? 1e-15 * (1 + fabs(b[i])) / fmin(1, a[i] - b[i]) : 0;
                const double tolerance = 1e-14 + lost + 2e-16 * fabs(b[i]) / (a[i] - b[i]);
                if (!(fabs(pair.value[i] - (double)exact) <= tolerance * (1 + fabs((double)exact))))
                    fail_msg("link %d, %g %g: %.17g, twin %.17g", link, a[i], b[i], pair.value[i], (double)exact);
                if (!(fabs(pair.upper[i] - (double)da) <= tolerance * (1 + fabs((double)da))))
                    fail_msg("link %d, %g %g: slope %.17g, twin %.17g", link, a[i], b[i], pair.upper[i], (double)da);
            }
        }
    double *whole = memory;
    SYI_FREE(whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(derivatives_are_those_of_the_definition),
        cmocka_unit_test(plain_and_general_agree),
        cmocka_unit_test(scores_add_up_to_the_gradient),
        cmocka_unit_test(parameters_left_out_cost_and_change_nothing),
        cmocka_unit_test(thresholds_that_cross_have_no_likelihood),
        cmocka_unit_test(nothing_cancels_in_the_tails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
