/* Log densities of binary answers and counts with their derivatives in the
 * predictor e, for mixed models.
 *
 * s successes of m trials, both times the row's weight:
 *   logit    l = s e - m log(1 + exp(e)); g = s - m P, w = m P (1 - P), w1 = w (1 - 2P)
 *   probit   with h(e) = phi(e) / Phi(e), h' = -h (e + h), h'' = -h' (e + h) - h (1 + h'):
 *            l = s log Phi(e) + (m - s) log Phi(-e), g = s h(e) - (m - s) h(-e), ...
 *   cloglog  with a = exp(e), k = a / (exp(a) - 1), k' = k (1 - a - k) = k r,
 *            k'' = k (r^2 - a - k r): l = s log(1 - exp(-a)) - (m - s) a, g = s k - (m - s) a, ...
 * A count y of weight m, s = m y:
 *   Poisson  l = s e - m exp(e), g = s - m exp(e), w = w1 = m exp(e)
 *   negative binomial, theta = exp(t), x = e - t, P = 1 / (1 + exp(-x)), b = s + m theta:
 *            l = s e - b log(1 + exp(x)) + m sum over j < y of log(1 + j / theta),
 *            g = s - b P, w = b P (1 - P), w1 = w (1 - 2P); in t: dl = b P - m theta log(1 + exp(x)) - ...,
 *            dg = w - m theta P, dw = m theta P (1 - P) - w1
 * Terms free of e are added once for each different count. Derivatives of the
 * third order are what the gradient of Laplace's approximation takes. All of the
 * densities are log-concave in e, so that modes are unique.
 * Cost: one to four elementary functions a row.
 * References: McCullagh & Nelder 1989; Skaug & Fournier 2006, 10.1016/j.csda.2006.03.005
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/vector_math_internal.h"
#include "models/mixed/glmm_internal.h"
#include <math.h>

void syi_glmm_slots_of(syi_glmm_slots *s, double *work, ptrdiff_t length)
{
    double **const one[10] = {&s->l,       &s->g,       &s->w,       &s->w1,      &s->upper_l,
                              &s->upper_g, &s->upper_w, &s->lower_l, &s->lower_g, &s->lower_w};
    for (int i = 0; i < 10; i++) *one[i] = work + i * length;
    for (int i = 0; i < 6; i++) s->scratch[i] = work + (10 + i) * length;
}

static void logit(const syi_glmm_problem *p, ptrdiff_t first, int len, const double *eta, syi_glmm_order order,
                  syi_glmm_slots *s)
{
    const double *a = p->success + first, *m = p->weight + first;
    double *cdf = s->scratch[0], *upper = s->scratch[1], *log_upper = s->scratch[2];
    syi_vec_logistic(p->simd, len, eta, cdf, upper, syi_glmm_with_value(order) ? log_upper : NULL);
    for (int i = 0; i < len; i++) {
        s->g[i] = a[i] * upper[i] - (m[i] - a[i]) * cdf[i];
        s->w[i] = m[i] * cdf[i] * upper[i];
    }
    if (syi_glmm_with_value(order))
        for (int i = 0; i < len; i++) s->l[i] = a[i] * eta[i] + m[i] * log_upper[i];
    if (order >= SYI_GLMM_SLOPES)
        for (int i = 0; i < len; i++) s->w1[i] = s->w[i] * (upper[i] - cdf[i]);
}

static void probit(const syi_glmm_problem *p, ptrdiff_t first, int len, const double *eta, syi_glmm_order order,
                   syi_glmm_slots *s)
{
    const double *a = p->success + first, *m = p->weight + first;
    double *low = s->scratch[0], *h = s->scratch[1], *high = s->scratch[2], *j = s->scratch[3], *minus = s->scratch[4];
    const int with_l = syi_glmm_with_value(order);
    for (int i = 0; i < len; i++) minus[i] = -eta[i];
    syi_vec_normal(p->simd, len, eta, NULL, with_l ? low : NULL, h);
    syi_vec_normal(p->simd, len, minus, NULL, with_l ? high : NULL, j);
    for (int i = 0; i < len; i++) {
        const double e = eta[i], b = m[i] - a[i];
        const double h1 = -h[i] * (e + h[i]), j1 = -j[i] * (j[i] - e);
        const double h2 = -h1 * (e + h[i]) - h[i] * (1 + h1), j2 = -j1 * (j[i] - e) - j[i] * (1 + j1);
        s->g[i] = a[i] * h[i] - b * j[i];
        s->w[i] = -(a[i] * h1 + b * j1);
        s->w1[i] = -(a[i] * h2 - b * j2);
    }
    for (int i = 0; with_l && i < len; i++) s->l[i] = a[i] * low[i] + (m[i] - a[i]) * high[i];
}

static void cloglog(const syi_glmm_problem *p, ptrdiff_t first, int len, const double *eta, syi_glmm_order order,
                    syi_glmm_slots *s)
{
    const double *a = p->success + first, *m = p->weight + first;
    double *e = s->scratch[0], *grown = s->scratch[1], *low = s->scratch[2];
    for (int i = 0; i < len; i++) e[i] = fmin(fmax(eta[i], -700), 350);
    if (syi_glmm_with_value(order)) syi_vec_cloglog(p->simd, len, e, NULL, NULL, low);
    syi_vec_exp(p->simd, len, e, e);
    syi_vec_expm1(p->simd, len, e, grown);
    for (int i = 0; i < len; i++) {
        const double b = m[i] - a[i], k = e[i] / grown[i], r = 1 - e[i] - k;
        s->g[i] = a[i] * k - b * e[i];
        s->w[i] = b * e[i] - a[i] * k * r;
        s->w1[i] = b * e[i] - a[i] * (r * (k * r) - e[i] * k - k * k * r);
        if (syi_glmm_with_value(order)) s->l[i] = a[i] * low[i] - b * e[i];
    }
}

static void poisson(const syi_glmm_problem *p, ptrdiff_t first, int len, const double *eta, syi_glmm_order order,
                    syi_glmm_slots *s)
{
    const double *a = p->success + first, *m = p->weight + first;
    double *e = s->scratch[0];
    for (int i = 0; i < len; i++) e[i] = fmin(eta[i], 700);
    syi_vec_exp(p->simd, len, e, e);
    for (int i = 0; i < len; i++) {
        s->w[i] = m[i] * e[i];
        s->g[i] = a[i] - s->w[i];
    }
    for (int i = 0; syi_glmm_with_value(order) && i < len; i++) s->l[i] = a[i] * eta[i] - s->w[i];
    for (int i = 0; order >= SYI_GLMM_SLOPES && i < len; i++) s->w1[i] = s->w[i];
}

static void negative_binomial(const syi_glmm_problem *p, const syi_glmm_point *at, ptrdiff_t first, int len,
                              const double *eta, syi_glmm_order order, syi_glmm_slots *s)
{
    const double *a = p->success + first, *m = p->weight + first, theta = at->theta;
    double *cdf = s->scratch[0], *upper = s->scratch[1], *log_upper = s->scratch[2], *x = s->scratch[3];
    for (int i = 0; i < len; i++) x[i] = eta[i] - at->log_theta;
    syi_vec_logistic(p->simd, len, x, cdf, upper, order == SYI_GLMM_SEARCH ? NULL : log_upper);
    for (int i = 0; i < len; i++) {
        s->g[i] = a[i] * upper[i] - m[i] * theta * cdf[i];
        s->w[i] = (a[i] + m[i] * theta) * cdf[i] * upper[i];
    }
    if (order == SYI_GLMM_SEARCH) return;
    for (int i = 0; i < len; i++) {
        s->l[i] = a[i] * eta[i] + (a[i] + m[i] * theta) * log_upper[i];
        s->upper_l[i] = (a[i] + m[i] * theta) * cdf[i] + m[i] * theta * log_upper[i];
    }
    if (order < SYI_GLMM_SLOPES) return;
    for (int i = 0; i < len; i++) {
        s->w1[i] = s->w[i] * (upper[i] - cdf[i]);
        s->upper_g[i] = s->w[i] - m[i] * theta * cdf[i];
        s->upper_w[i] = m[i] * theta * cdf[i] * upper[i] - s->w1[i];
    }
}

void syi_glmm_density(const syi_glmm_problem *g, const syi_glmm_point *at, ptrdiff_t first, int len, const double *eta,
                      syi_glmm_order order, syi_glmm_slots *s)
{
    if (g->kind == SY_RESPONSE_ORDINAL) syi_glmm_ordinal(g, at, first, len, eta, order, s);
    else if (g->kind == SY_RESPONSE_POISSON) poisson(g, first, len, eta, order, s);
    else if (g->kind == SY_RESPONSE_NEGATIVE_BINOMIAL) negative_binomial(g, at, first, len, eta, order, s);
    else if (g->link == SY_LINK_PROBIT) probit(g, first, len, eta, order, s);
    else if (g->link == SY_LINK_CLOGLOG) cloglog(g, first, len, eta, order, s);
    else logit(g, first, len, eta, order, s);
}
