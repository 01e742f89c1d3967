/* Profile likelihood limits of a linear mixed model's parameters.
 *
 * d(theta, sigma) = log|V| + rss(theta) / sigma^2 + n log(2 pi sigma^2) is minus
 * twice the log-likelihood, maximised over the coefficients. A standard deviation
 * or correlation is held fast by putting its effects first in their bar term,
 * which changes nothing but the form of T: then sd = sigma T_11, and the
 * correlation is T_21 / sqrt(T_21^2 + T_22^2), so one entry of T follows from the
 * others. A coefficient at c adds (c - b)^2 / inverse_jj to rss, b and inverse as
 * at that theta. All else is free: no bounds, because d depends on T T' alone.
 * The limit solves d(c) - d_min = z^2 by bracketing and Brent's method on the
 * signed root, warm from point to point. Gradients: exact in theta, through the
 * map by differences; for coefficients by differences of d.
 * Cost: some 8 searches of 5 steps a limit.
 * Bates, Maechler, Bolker & Walker 2015, doi:10.18637/jss.v067.i01, section 5.1;
 * Venzon & Moolgavkar 1988, doi:10.2307/2347496.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/root_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/mixed/mixed_parameters_internal.h"
#include "steelyard/distribution.h"
#include <string.h>

static const double log_2_pi = 1.8378770664093454836;

enum { EXPANSIONS = 60 };

typedef enum { SPREAD, CORRELATION, RESIDUAL, COEFFICIENT } kind;

/* Working variables: theta of the permuted bar terms, then log sigma; that of `held` is not free (all of them are by
 * COEFFICIENT, which has no sigma). */
typedef struct {
    sy_context *ctx;
    const syi_lmm *l;
    kind what;
    int bar, first, second; /* its effects that come first */
    int held;               /* place among the working variables; -1 for none */
    int j;                  /* coefficient, among those in use */
    int n;                  /* free variables */
    double at;              /* the value held */
    double least, scale;    /* d at its minimum */
    double *full, *theta, *moved, *gradient, *rss_gradient, *slope, *beta, *inverse; /* scratch */
    double *x, *start, *hessian, *work;
    double *lower, *cholesky; /* [q * q] */
    int converged;
    sy_status status;
} profile;

static int effect_at(const profile *p, int place)
{
    if (place == 0) return p->first;
    if (place == 1 && p->second >= 0) return p->second;
    int e = 0;
    for (int left = place - (p->second >= 0 ? 2 : 1);; e++) {
        if (e == p->first || e == p->second) continue;
        if (left-- == 0) return e;
    }
}

/* theta of the bar term whose effects are permuted (t, q * q lower) in its own order. */
static void unpermute(const profile *p, const syi_bar *bar, const double *t, double *theta)
{
    const int q = bar->q;
    double *l = p->cholesky;
    for (int a = 0; a < q; a++)
        for (int b = 0; b < q; b++) {
            double v = 0;
            for (int k = 0; k < q; k++) v += t[a * q + k] * t[b * q + k];
            l[effect_at(p, a) * q + effect_at(p, b)] = v;
        }
    for (int j = 0; j < q; j++) {
        double pivot = l[j * q + j];
        const double whole = pivot;
        for (int k = 0; k < j; k++) pivot -= l[j * q + k] * l[j * q + k];
        pivot = pivot > 1e-15 * whole ? sqrt(pivot) : 0;
        theta[syi_bar_theta(bar, j, j)] = l[j * q + j] = pivot;
        for (int i = j + 1; i < q; i++) {
            double v = l[i * q + j];
            for (int k = 0; k < j; k++) v -= l[i * q + k] * l[j * q + k];
            theta[syi_bar_theta(bar, i, j)] = l[i * q + j] = pivot > 0 ? v / pivot : 0;
        }
    }
}

/* The working variables of the bar term from theta: the inverse of unpermute. */
static void permute(const profile *p, const syi_bar *bar, const double *theta, double *full)
{
    const int q = bar->q;
    double *t = p->lower, *l = p->cholesky;
    syi_bar_factor(bar, theta, t);
    for (int a = 0; a < q; a++)
        for (int b = 0; b < q; b++) {
            double v = 0;
            for (int k = 0; k < q; k++) v += t[effect_at(p, a) * q + k] * t[effect_at(p, b) * q + k];
            l[a * q + b] = v;
        }
    for (int j = 0; j < q; j++) {
        double pivot = l[j * q + j];
        for (int k = 0; k < j; k++) pivot -= l[j * q + k] * l[j * q + k];
        pivot = pivot > 0 ? sqrt(pivot) : 0;
        full[syi_bar_theta(bar, j, j)] = l[j * q + j] = pivot;
        for (int i = j + 1; i < q; i++) {
            double v = l[i * q + j];
            for (int k = 0; k < j; k++) v -= l[i * q + k] * l[j * q + k];
            full[syi_bar_theta(bar, i, j)] = l[i * q + j] = pivot > 0 ? v / pivot : 0;
        }
    }
}

/* Free variables to theta and log sigma. */
static void settle(const profile *p, const double *x, double *theta, double *log_sigma)
{
    const int n_theta = p->l->n_theta, all = n_theta + (p->what != COEFFICIENT);
    double *full = p->full;
    for (int k = 0, i = 0; k < all; k++) full[k] = k == p->held ? 0 : x[i++];
    *log_sigma = 0;
    if (p->what == COEFFICIENT) {
        memcpy(theta, full, (size_t)n_theta * sizeof *theta);
        return;
    }
    if (p->what == RESIDUAL) full[n_theta] = log(p->at);
    *log_sigma = full[n_theta];
    if (p->what == SPREAD) full[p->held] = p->at / exp(*log_sigma);
    memcpy(theta, full, (size_t)n_theta * sizeof *theta);
    if (p->what == RESIDUAL) return;
    const syi_bar *bar = &p->l->rows->bars.bar[p->bar];
    if (p->what == CORRELATION) {
        const int own = syi_bar_theta(bar, 1, 1);
        const double s = full[own];
        full[p->held] = theta[p->held] = p->at * s;
        full[own] = theta[own] = sqrt(fmax(1 - p->at * p->at, 0)) * s;
    }
    if (bar->diagonal) return;
    memset(p->lower, 0, (size_t)(bar->q * bar->q) * sizeof *p->lower);
    syi_bar_factor(bar, full, p->lower);
    unpermute(p, bar, p->lower, theta);
}

static double deviance(const profile *p, const syi_lmm_value *v, double log_sigma)
{
    if (!isfinite(v->criterion)) return INFINITY;
    if (p->what != COEFFICIENT)
        return v->log_det_v + v->rss / exp(2 * log_sigma) + p->l->n * (log_2_pi + 2 * log_sigma) - p->l->sum_log_w;
    const double away = p->at - p->beta[p->j], rss = v->rss + away * away / p->inverse[p->j * (p->l->p + 1)];
    return v->log_det_v + p->l->n * (1 + log_2_pi + log(rss / p->l->n)) - p->l->sum_log_w;
}

static sy_status value_at(profile *p, const double *x, int with_gradient, double *d, syi_lmm_value *v,
                          double *log_sigma)
{
    settle(p, x, p->theta, log_sigma);
    *v = (syi_lmm_value){.gradient = with_gradient ? p->gradient : NULL,
                         .rss_gradient = with_gradient ? p->rss_gradient : NULL};
    if (p->what == COEFFICIENT) {
        v->beta = p->beta;
        v->inverse = p->inverse;
    }
    const sy_status s = p->l->evaluate(p->ctx, p->l, p->theta, NULL, v);
    *d = s < 0 ? (double)INFINITY : deviance(p, v, *log_sigma);
    return s;
}

/* Gradient by differences of d. */
static sy_status by_differences(profile *p, const double *x, double *gradient)
{
    const double h = 1e-5;
    sy_status s = SY_OK;
    memcpy(p->moved, x, (size_t)p->n * sizeof *x);
    for (int k = 0; k < p->n && s >= 0; k++) {
        double up, down = 0, sigma;
        syi_lmm_value v;
        p->moved[k] = x[k] + h;
        s = value_at(p, p->moved, 0, &up, &v, &sigma);
        p->moved[k] = x[k] - h;
        if (s >= 0) s = value_at(p, p->moved, 0, &down, &v, &sigma);
        p->moved[k] = x[k];
        gradient[k] = (up - down) / (2 * h);
    }
    return s;
}

/* Gradient in theta and sigma, taken through the map. */
static void through_map(profile *p, const double *x, const syi_lmm_value *v, double log_sigma, double *gradient)
{
    const int n_theta = p->l->n_theta;
    const double h = 1e-6, sigma2 = exp(2 * log_sigma), by_sigma = 2 * p->l->n - 2 * v->rss / sigma2;
    double *down = p->slope;
    for (int t = 0; t < n_theta; t++) p->gradient[t] += (1 / sigma2 - p->l->n / v->rss) * p->rss_gradient[t];
    memcpy(p->moved, x, (size_t)p->n * sizeof *x);
    for (int k = 0; k < p->n; k++) {
        double up_sigma, down_sigma, sum = 0;
        p->moved[k] = x[k] - h;
        settle(p, p->moved, down, &down_sigma);
        p->moved[k] = x[k] + h;
        settle(p, p->moved, p->theta, &up_sigma);
        p->moved[k] = x[k];
        for (int t = 0; t < n_theta; t++) sum += p->gradient[t] * (p->theta[t] - down[t]);
        gradient[k] = (sum + by_sigma * (up_sigma - down_sigma)) / (2 * h);
    }
}

static sy_status landscape(sy_context *ctx, void *arg, const double *x, double *value, double *gradient)
{
    profile *p = arg;
    syi_lmm_value v;
    double log_sigma;
    (void)ctx;
    const sy_status s = value_at(p, x, p->what != COEFFICIENT, value, &v, &log_sigma);
    if (s < 0 || !isfinite(*value)) return s;
    if (p->what == COEFFICIENT) return by_differences(p, x, gradient);
    through_map(p, x, &v, log_sigma, gradient);
    return s;
}

/* sqrt(d(c) - d_min) less z. */
static double above(double c, const void *arg)
{
    /* the scratch of the search is behind a pointer that syi_root takes as constant */
    profile *p = *(profile *const *)arg;
    double d = p->least;
    int converged = 1;
    p->at = c;
    if (p->status >= 0)
        p->status = syi_descend(p->ctx, landscape, p, p->n, p->x, p->hessian, 1e-11, p->work, &d, &converged);
    if (!converged) p->converged = 0;
    return sqrt(fmax(d - p->least, 0)) - p->scale;
}

/* One limit: from the estimate in steps that double, as far as `end`. */
static double limit(profile *p, double estimate, double step, double end)
{
    double inside = estimate, at_inside = -p->scale, here = estimate;
    const profile *arg = p;
    memcpy(p->x, p->start, (size_t)p->n * sizeof *p->x);
    memset(p->hessian, 0, (size_t)(p->n * p->n) * sizeof *p->hessian);
    for (int k = 0; k < p->n; k++) p->hessian[k * (p->n + 1)] = 1e-3;
    for (int k = 0; k < EXPANSIONS && p->status >= 0; k++, step *= 2) {
        here = inside + step;
        if ((step > 0 && here >= end) || (step < 0 && here <= end)) here = end;
        const double at = above(here, &arg);
        if (at >= 0) return syi_root(above, &arg, inside, at_inside, here, at, 1e-10 * fabs(here - inside));
        if (here == end) return end;
        inside = here;
        at_inside = at;
    }
    return NAN;
}

static int hold_spread(profile *p, const double *theta, int which)
{
    const syi_bars *b = &p->l->rows->bars;
    for (int k = 0; k < b->n_bars; k++)
        for (int j = 0; j < b->bar[k].q; j++)
            for (int i = j; i < b->bar[k].q; i++) {
                if (syi_bar_theta(&b->bar[k], i, j) != which) continue;
                p->bar = k;
                p->first = j;
                p->second = i == j ? -1 : i;
                p->what = i == j ? SPREAD : CORRELATION;
                p->held = syi_bar_theta(&b->bar[k], i != j, 0);
                if (b->bar[k].diagonal) p->held = which;
                else permute(p, &b->bar[k], theta, p->full);
                return 1;
            }
    return 0;
}

/* A start with no exact zero in it: there d is flat by symmetry, whatever is held. */
static void begin(profile *p, const double *theta, double sigma, int which)
{
    const int n_theta = p->l->n_theta;
    p->held = -1;
    p->status = SY_OK;
    p->converged = 1;
    memcpy(p->full, theta, (size_t)n_theta * sizeof *theta);
    p->full[n_theta] = log(sigma);
    p->what = which > n_theta ? COEFFICIENT : RESIDUAL;
    if (which < n_theta) hold_spread(p, theta, which);
    else if (which == n_theta) p->held = n_theta;
    if (p->what == CORRELATION) {
        const syi_bar *bar = &p->l->rows->bars.bar[p->bar];
        const int own = syi_bar_theta(bar, 1, 1);
        p->full[own] = sqrt(p->full[own] * p->full[own] + p->full[p->held] * p->full[p->held]);
    }
    p->n = 0;
    for (int k = 0; k < n_theta + (p->what != COEFFICIENT); k++) {
        if (k == p->held) continue;
        const int diagonal = k < n_theta && p->l->lower[k] == 0;
        p->start[p->n++] = diagonal && fabs(p->full[k]) < 0.02 ? 0.02 : p->full[k];
    }
}

/* What goes for all parameters, and the two limits of one. */
typedef struct {
    double *theta, *spread, *beta, *inverse;
    double sigma, z;
} optimum;

static sy_status one_parameter(sy_context *ctx, profile *p, const optimum *o, int which, const sy_mixed_limits *out)
{
    const int n_theta = p->l->n_theta, fixed = which - n_theta - 1;
    begin(p, o->theta, o->sigma, which);
    double estimate = which < n_theta ? o->spread[which] : o->sigma, step = 0.1 * o->sigma, low = 0, high = INFINITY;
    int place = which;
    if (p->what == COEFFICIENT) {
        p->j = fixed;
        place = n_theta + 1 + p->l->column[fixed];
        estimate = o->beta[fixed];
        step = o->z * o->sigma * sqrt(o->inverse[fixed * (p->l->p + 1)]);
        low = -(double)INFINITY;
    } else if (p->what == CORRELATION) {
        if (isnan(estimate)) return SY_OK;
        step = 0.1;
        low = -1;
        high = 1;
    } else if (estimate > 0) {
        step = 0.2 * estimate;
    }
    out->lower[place] = estimate <= low ? low : limit(p, estimate, -step, low);
    if (p->status >= 0) out->upper[place] = estimate >= high ? high : limit(p, estimate, step, high);
    if (p->status < 0 || p->converged) return p->status;
    return syi_remark(ctx, SY_NOTE_NOT_CONVERGED, "profile", place,
                      "the profile of parameter %d had searches that did not end at a minimum; its limits may be off",
                      place + 1);
}

static sy_status profile_room(sy_context *ctx, const syi_lmm *l, profile *p, optimum *o, double **room)
{
    const size_t t = (size_t)l->n_theta + 1, x = (size_t)l->p + 1;
    size_t q = 1;
    for (int k = 0; k < l->rows->bars.n_bars; k++) {
        const size_t own = (size_t)l->rows->bars.bar[k].q;
        if (own > q) q = own;
    }
    double *at = *room = syi_alloc(17 * t + 2 * t * t + 2 * x + 2 * x * x + 2 * q * q, sizeof *at);
    if (!at) return syi_fail(ctx, SY_ENOMEM, "profile: out of memory for %d parameters", l->n_theta + l->p);
    double **const pieces[] = {&p->full,  &p->theta, &p->moved, &p->gradient, &p->rss_gradient,
                               &p->slope, &p->x,     &p->start, &o->theta,    &o->spread};
    for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++, at += t) *pieces[k] = at;
    p->work = at;
    p->hessian = at + 6 * t;
    at = p->hessian + t * t;
    p->beta = at;
    o->beta = at + x;
    p->inverse = at + 2 * x;
    o->inverse = p->inverse + x * x;
    p->lower = o->inverse + x * x;
    p->cholesky = p->lower + q * q;
    return SY_OK;
}

static sy_status find_optimum(sy_context *ctx, const syi_lmm *l, const sy_mixed_options *options, profile *p,
                              optimum *o, const sy_mixed_limits *out)
{
    syi_lmm_report report;
    syi_lmm_value v = {.beta = o->beta, .inverse = o->inverse};
    syi_lmm_start(l, o->theta);
    sy_status s = syi_lmm_minimise(ctx, l, NULL, options, o->theta, &report);
    if (s >= 0) s = l->evaluate(ctx, l, o->theta, NULL, &v);
    if (s < 0) return s;
    p->least = v.criterion;
    o->sigma = sqrt(v.sigma2);
    syi_mixed_spreads(&l->rows->bars, o->theta, o->sigma, o->spread);
    for (int k = 0; k < l->n_theta; k++) out->estimate[k] = o->spread[k];
    out->estimate[l->n_theta] = o->sigma;
    for (int c = 0; c < l->p; c++) out->estimate[l->n_theta + 1 + l->column[c]] = o->beta[c];
    return s;
}

static int wanted(int place, int n_which, const int *which)
{
    for (int k = 0; which && k < n_which; k++)
        if (which[k] == place) return 1;
    return !which;
}

static sy_status check(sy_context *ctx, const sy_mixed_model *model, double level, int n, int n_which, const int *which)
{
    if (!model->linear)
        return syi_fail(ctx, SY_EINVAL, "profile: there are profile limits for linear mixed models only");
    if (!(level > 0 && level < 1)) return syi_fail(ctx, SY_EINVAL, "level: %g; it must lie between 0 and 1", level);
    for (int k = 0; which && k < n_which; k++)
        if (which[k] < 0 || which[k] >= n)
            return syi_fail(ctx, SY_EINVAL, "which: %d is not among the %d parameters", which[k], n);
    return SY_OK;
}

/* The parameters one by one, on the calling thread: they share one problem. */
typedef struct {
    sy_context *ctx;
    profile *p;
    optimum *o;
    const sy_mixed_limits *limits;
    int n_which;
    const int *which;
    sy_status status;
} profile_job;

static void profile_place(void *arg, int worker, size_t at)
{
    profile_job *j = arg;
    const syi_lmm *l = j->p->l;
    const int k = (int)at, place = k <= l->n_theta ? k : l->n_theta + 1 + l->column[k - l->n_theta - 1];
    (void)worker;
    if (j->status >= 0 && wanted(place, j->n_which, j->which))
        j->status = one_parameter(j->ctx, j->p, j->o, k, j->limits);
}

/* 1 when a standard deviation or correlation of the bar terms is wanted. */
static int asks_spread(int n_theta, int n_which, const int *which)
{
    for (int k = 0; k < n_theta; k++)
        if (wanted(k, n_which, which)) return 1;
    return 0;
}

sy_status sy_mixed_profile(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                           const sy_mixed_options *options, double level, int n_which, const int *which,
                           const sy_mixed_limits *limits)
{
    syi_lmm l = {.p = 0};
    profile p = {.ctx = ctx, .l = &l};
    optimum o = {.sigma = 0};
    double *room = NULL;
    sy_mixed_options own;
    int n;
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    sy_mixed_defaults(&own);
    if (options) own = *options;
    own.start = NULL;
    sy_status s = sy_mixed_parameters(ctx, design, model, &n, NULL, 0);
    if (s >= 0) s = check(ctx, model, level, n, n_which, which);
    if (s < 0) return s;
    for (int k = 0; k < n; k++) limits->estimate[k] = limits->lower[k] = limits->upper[k] = NAN;
    s = sy_distribution_normal_quantile(ctx, 0.5 + level / 2, &o.z);
    p.scale = o.z;
    if (s >= 0) s = syi_lmm_init(ctx, design, model, 0, &l);
    if (s >= 0) s = profile_room(ctx, &l, &p, &o, &room);
    if (s >= 0 && asks_spread(l.n_theta, n_which, which)) s = syi_bars_few(ctx, &l.rows->bars, 1);
    if (s >= 0) s = find_optimum(ctx, &l, &own, &p, &o, limits);
    profile_job job = {ctx, &p, &o, limits, n_which, which, SY_OK};
    if (s >= 0) s = syi_parallel(ctx, (size_t)(l.n_theta + 1 + l.p), 0, profile_place, &job);
    if (s >= 0) s = job.status;
    SYI_FREE(room);
    syi_lmm_free(&l);
    return s < 0 ? s : syi_status_of_remarks(ctx, first);
}
