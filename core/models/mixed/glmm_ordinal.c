/* Log probabilities of ordered answers with their derivatives in the predictor
 * and in the two thresholds around the answer, for mixed models.
 *
 * P = F(a) - F(b), a = upper threshold - e, b = lower threshold - e.
 *   logit: F(a) - F(b) = F(a) (1 - F(b)) (1 - exp(b - a)), so that with f = F (1 - F)
 *     l_a = 1 - F(a), l_b = -F(b), their derivatives f(a) and f(b), f' = f (1 - 2F); the last factor is the same for
 *     all rows of an answer and is added once;
 *   probit, cloglog: with pa = f(a) / P, pb = f(b) / P, f' = r f, f'' = r2 f
 *     g = pb - pa, s2 = ra pa - rb pb, s3 = rb2 pb - ra2 pa, w = g^2 - s2, w1 = -(s3 - 3 g s2 + 2 g^3),
 *     l_a = pa, g_a = -(ra + g) pa, w_a = -((ra2 - s2) pa - 2 g g_a); l_b = -pb, g_b = (rb + g) pb,
 *     w_b = (rb2 - s2) pb + 2 g g_b.
 *   P is taken in the tail where both ends are small, from logs.
 * All three links are log-concave. Cost: two logistic functions, or two normal
 * tails and three more functions, a row.
 * References: Christensen 2019, package ordinal; McCullagh 1980, 10.1111/j.2517-6161.1980.tb01109.x
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/vector_math_internal.h"
#include "models/mixed/glmm_internal.h"
#include <math.h>

/* Predictors at the two thresholds, no further out than where every function of
 * them is what it is at infinity and none overflows. */
static void ends(const syi_glmm_problem *g, const syi_glmm_point *at, ptrdiff_t first, int len, const double *eta,
                 double *a, double *b)
{
    const double far = g->link == SY_LINK_CLOGLOG ? 350 : 1000;
    for (int i = 0; i < len; i++) {
        const int y = g->answer[first + i];
        a[i] = fmin(fmax(at->threshold[y + 1] - eta[i], -1000), far);
        b[i] = fmin(fmax(at->threshold[y] - eta[i], -1000), far);
    }
}

static void logit(const syi_glmm_problem *g, ptrdiff_t first, int len, syi_glmm_order order, syi_glmm_slots *s)
{
    const double *m = g->weight + first;
    double *a = s->scratch[0], *b = s->scratch[1], *over = s->scratch[2], *under = s->scratch[3],
           *below = s->scratch[4], *above = s->scratch[5];
    const int with_l = syi_glmm_with_value(order);
    for (int i = 0; i < len; i++) a[i] = -a[i];
    syi_vec_logistic(g->simd, len, a, over, under, with_l ? s->upper_w : NULL);
    syi_vec_logistic(g->simd, len, b, below, above, with_l ? s->lower_w : NULL);
    for (int i = 0; with_l && i < len; i++) s->l[i] = m[i] * (s->upper_w[i] + s->lower_w[i]);
    for (int i = 0; i < len; i++) {
        const double fa = m[i] * over[i] * under[i], fb = m[i] * below[i] * above[i];
        const double fa1 = fa * (over[i] - under[i]), fb1 = fb * (above[i] - below[i]);
        s->g[i] = m[i] * (below[i] - over[i]);
        s->w[i] = fa + fb;
        if (order == SYI_GLMM_SEARCH) continue;
        s->upper_l[i] = m[i] * over[i];
        s->lower_l[i] = -m[i] * below[i];
        s->upper_g[i] = fa;
        s->lower_g[i] = fb;
        s->upper_w[i] = fa1;
        s->lower_w[i] = fb1;
        s->w1[i] = -(fa1 + fb1);
    }
}

/* f(a) / P to pa, f(b) / P to pb, log P to s->l; a and b stay. */
static void probit_ratios(const syi_glmm_problem *g, int len, const double *a, const double *b, double *pa, double *pb,
                          syi_glmm_slots *s)
{
    double *near = s->scratch[4], *far = s->scratch[5], *log_near = s->w, *log_far = s->w1, *gap = s->g;
    for (int i = 0; i < len; i++) {
        const int flip = a[i] + b[i] > 0;
        near[i] = flip ? -b[i] : a[i];
        far[i] = flip ? -a[i] : b[i];
    }
    syi_vec_normal(g->simd, len, near, NULL, log_near, pa);
    syi_vec_normal(g->simd, len, far, NULL, log_far, pb);
    for (int i = 0; i < len; i++) gap[i] = log_far[i] - log_near[i];
    syi_vec_expm1(g->simd, len, gap, gap);
    for (int i = 0; i < len; i++) {
        const double left = -gap[i], hazard = pa[i] / left, other = pb[i] * ((1 + gap[i]) / left);
        const int flip = a[i] + b[i] > 0;
        pa[i] = flip ? other : hazard;
        pb[i] = flip ? hazard : other;
        gap[i] = left;
    }
    syi_vec_log(g->simd, len, gap, gap);
    for (int i = 0; i < len; i++) s->l[i] = log_near[i] + gap[i];
}

static void cloglog_ratios(const syi_glmm_problem *g, int len, double *a, double *b, double *pa, double *pb,
                           syi_glmm_slots *s)
{
    double *gap = s->scratch[4], *left = s->scratch[5];
    syi_vec_exp(g->simd, len, a, a);
    syi_vec_exp(g->simd, len, b, b);
    for (int i = 0; i < len; i++) {
        gap[i] = a[i] - b[i];
        left[i] = -gap[i];
    }
    syi_vec_expm1(g->simd, len, gap, pa);
    syi_vec_expm1(g->simd, len, left, left);
    for (int i = 0; i < len; i++) {
        left[i] = -left[i];
        pa[i] = a[i] / pa[i];
        pb[i] = b[i] / left[i];
    }
    syi_vec_log(g->simd, len, left, left);
    for (int i = 0; i < len; i++) s->l[i] = left[i] - b[i];
}

void syi_glmm_ordinal(const syi_glmm_problem *g, const syi_glmm_point *at, ptrdiff_t first, int len, const double *eta,
                      syi_glmm_order order, syi_glmm_slots *s)
{
    double *a = s->scratch[0], *b = s->scratch[1], *pa = s->scratch[2], *pb = s->scratch[3];
    const double *m = g->weight + first;
    const int normal = g->link == SY_LINK_PROBIT;
    ends(g, at, first, len, eta, a, b);
    if (g->link == SY_LINK_LOGIT) {
        logit(g, first, len, order, s);
        return;
    }
    if (normal) probit_ratios(g, len, a, b, pa, pb, s);
    else cloglog_ratios(g, len, a, b, pa, pb, s);
    for (int i = 0; i < len; i++) {
        const double ra = normal ? -a[i] : 1 - a[i], rb = normal ? -b[i] : 1 - b[i];
        const double fa1 = ra * pa[i], fb1 = rb * pb[i];
        const double fa2 = ra * fa1 - (normal ? 1 : a[i]) * pa[i], fb2 = rb * fb1 - (normal ? 1 : b[i]) * pb[i];
        const double d = pb[i] - pa[i], s2 = fa1 - fb1, s3 = fb2 - fa2;
        const double ga = -(fa1 + d * pa[i]), gb = fb1 + d * pb[i];
        s->l[i] *= m[i];
        s->g[i] = m[i] * d;
        s->w[i] = m[i] * (d * d - s2);
        s->w1[i] = -m[i] * (s3 - 3 * d * s2 + 2 * d * d * d);
        s->upper_l[i] = m[i] * pa[i];
        s->lower_l[i] = -m[i] * pb[i];
        s->upper_g[i] = m[i] * ga;
        s->lower_g[i] = m[i] * gb;
        s->upper_w[i] = -m[i] * (fa2 - s2 * pa[i] - 2 * d * ga);
        s->lower_w[i] = m[i] * (fb2 - s2 * pb[i] + 2 * d * gb);
    }
}
