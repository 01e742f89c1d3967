/* The least value of a mixed model's criterion over the factors T.
 *
 * Newton's method in a trust region, in theta without bounds: the criterion
 * depends on T T' alone, so that it is even in each column of T, a variance of
 * zero is an ordinary least value at zero, and Newton's steps end there as fast
 * as anywhere; signs are put right at the end. With D a diagonal scale that only
 * grows (the largest curvature met), and D^-1 H D^-1 = V diag(v) V', the step is
 *   s = - D^-1 V (diag(v) + mu)^-1 V' D^-1 g,  |D s| <= radius,
 * mu >= 0 no less than -min v: it leaves saddles (a T of zero always is a
 * stationary point) by the direction of negative curvature. Where the model has no second derivatives H
 * is differenced from exact gradients at the start and before the last steps, and corrected in between by the
 * symmetric update of rank one. A pivot of T T' that is rounding is set to exactly zero with its column, and
 * kept if the criterion does not grow by that: then the derivative in that variance is not negative, by the
 * curvature in theta. Cost: 5 to 12 evaluations with derivatives.
 * Conn, Gould & Toint 2000, doi:10.1137/1.9780898719857, chapter 7; More 1978,
 * doi:10.1007/BFb0067700 (scale); Nocedal & Wright 2006,
 * doi:10.1007/978-0-387-40065-5, section 6.2 (update of rank one).
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/eigen_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/mixed/lmm_internal.h"
#include <string.h>

/* Relative: rounding of a criterion; scaled length below which a pivot is tried as zero; steps from which H is made
 * anew where it is differenced. */
static const double rounding = 1e-13, small_pivot = 1e-5, near_end = 1e-4;

typedef struct {
    sy_context *ctx;
    const syi_lmm *l;
    const unsigned char *fixed;
    int m, evaluations;
    syi_arena arena;
    double *theta, *trial, *g, *g_trial, *h, *h_trial; /* [m], [m * m] */
    double *scale, *step, *turned;                     /* [m] */
    double *value, *aside;                             /* [m] eigenvalues; [m] */
    syi_dd *a, *vectors;                               /* [m * m] */
    double criterion, radius, predicted;
} search;

static int search_init(sy_context *ctx, const syi_lmm *l, const unsigned char *fixed, search *s)
{
    const size_t m = (size_t)l->n_theta, d = sizeof(double);
    *s = (search){.ctx = ctx, .l = l, .fixed = fixed, .m = l->n_theta};
    const size_t room =
        9 * syi_arena_room(m, d) + 2 * syi_arena_room(m * m, d) + 2 * syi_arena_room(m * m, sizeof(syi_dd));
    if (syi_arena_init(&s->arena, room) != 0) return -1;
    double **vector[] = {&s->theta, &s->trial,  &s->g,     &s->g_trial, &s->scale,
                         &s->step,  &s->turned, &s->value, &s->aside};
    for (size_t k = 0; k < sizeof vector / sizeof *vector; k++) *vector[k] = syi_arena_take(&s->arena, m, d);
    s->h = syi_arena_take(&s->arena, m * m, d);
    s->h_trial = syi_arena_take(&s->arena, m * m, d);
    s->a = syi_arena_take(&s->arena, m * m, sizeof(syi_dd));
    s->vectors = syi_arena_take(&s->arena, m * m, sizeof(syi_dd));
    return 0;
}

static sy_status evaluate(search *s, const double *theta, double *criterion, double *gradient, double *hessian)
{
    syi_lmm_value v = {.gradient = gradient, .hessian = hessian};
    const sy_status status = s->l->evaluate(s->ctx, s->l, theta, s->fixed, &v);
    *criterion = isfinite(v.criterion) ? v.criterion : INFINITY;
    s->evaluations++;
    return status < 0 ? status : syi_serial_stopped(s->ctx);
}

/* H at theta from gradients, on one side: near the end an error of 1e-6 in H leaves
 * a millionth of the step, below what is asked for. */
static sy_status difference(search *s)
{
    const int m = s->m;
    double unused;
    sy_status status = SY_OK;
    for (int i = 0; i < m && status >= 0; i++) {
        memcpy(s->trial, s->theta, (size_t)m * sizeof *s->trial);
        s->trial[i] += 1e-6 * fmax(fabs(s->theta[i]), s->scale[i] > 0 ? fmin(1 / s->scale[i], 1) : 1);
        const double h = s->trial[i] - s->theta[i];
        status = evaluate(s, s->trial, &unused, s->g_trial, NULL);
        for (int j = 0; j < m; j++) s->h_trial[i * m + j] = (s->g_trial[j] - s->g[j]) / h;
    }
    for (int i = 0; i < m && status >= 0; i++)
        for (int j = 0; j <= i; j++)
            s->h[i * m + j] = s->h[j * m + i] = 0.5 * (s->h_trial[i * m + j] + s->h_trial[j * m + i]);
    return status;
}

/* H from the last step by the symmetric update of rank one. */
static void update(search *s)
{
    const int m = s->m;
    double down = 0, length = 0, rest = 0;
    for (int i = 0; i < m; i++) {
        s->aside[i] = s->g_trial[i] - s->g[i];
        for (int j = 0; j < m; j++) s->aside[i] -= s->h[i * m + j] * s->step[j];
        down += s->aside[i] * s->step[i];
        rest += s->aside[i] * s->aside[i];
        length += s->step[i] * s->step[i];
    }
    if (fabs(down) <= 1e-8 * sqrt(rest * length)) return;
    for (int i = 0; i < m; i++)
        for (int j = 0; j < m; j++) s->h[i * m + j] += s->aside[i] * s->aside[j] / down;
}

static void grow_scale(search *s)
{
    for (int i = 0; i < s->m; i++) s->scale[i] = fmax(s->scale[i], sqrt(fabs(s->h[i * s->m + i])));
    for (int i = 0; i < s->m; i++)
        if (!(s->scale[i] > 0)) s->scale[i] = 1;
}

static sy_status decompose(search *s)
{
    const int m = s->m;
    for (int i = 0; i < m; i++)
        for (int j = 0; j < m; j++) s->a[i * m + j] = syi_dd_of(s->h[i * m + j] / (s->scale[i] * s->scale[j]));
    const sy_status status = syi_symmetric_eigen(s->ctx, m, s->a, s->vectors);
    for (int k = 0; k < m && status >= 0; k++) {
        s->value[k] = syi_dd_round(s->a[k * m + k]);
        s->turned[k] = 0;
        for (int i = 0; i < m; i++) s->turned[k] += s->vectors[k * m + i].hi * s->g[i] / s->scale[i];
    }
    return status;
}

/* Scaled length of the step for mu; directions in which nothing is to be gained count for nothing. */
static double length_at(const search *s, double mu)
{
    double sum = 0;
    for (int k = 0; k < s->m; k++) {
        if (s->turned[k] == 0) continue;
        const double p = s->turned[k] / (s->value[k] + mu);
        sum += p * p;
    }
    return sqrt(sum);
}

static double find_mu(const search *s, double least)
{
    double low = least, high = fmax(2 * fabs(least), 1e-8);
    while (length_at(s, high) > s->radius) high *= 4;
    for (int k = 0; k < 100 && high - low > 1e-10 * high; k++) {
        const double middle = 0.5 * (low + high);
        if (length_at(s, middle) > s->radius) low = middle;
        else high = middle;
    }
    return high;
}

/* The step and by how much the criterion should fall. */
static void choose_step(search *s)
{
    int lowest = 0;
    for (int k = 1; k < s->m; k++)
        if (s->value[k] < s->value[lowest]) lowest = k;
    double mu = 0, along = 0;
    const double bottom = s->value[lowest];
    for (int k = 0; k < s->m; k++)
        if (fabs(s->turned[k]) < 1e-11 && fabs(s->value[k]) < 1e-9) s->turned[k] = 0;
    if (!(bottom > 1e-9) || length_at(s, 0) > s->radius) {
        const double least = bottom < 1e-9 ? 1e-9 - bottom : 0;
        if (length_at(s, least) > s->radius) {
            mu = find_mu(s, least);
        } else {
            mu = least;
            if (bottom < -1e-7) along = sqrt(fmax(s->radius * s->radius - pow(length_at(s, mu), 2), 0));
        }
    }
    s->predicted = 0;
    for (int i = 0; i < s->m; i++) s->step[i] = 0;
    for (int k = 0; k < s->m; k++) {
        double p = s->turned[k] == 0 ? 0 : -s->turned[k] / (s->value[k] + mu);
        if (k == lowest && along > 0) p += p < 0 ? -along : along;
        s->predicted -= p * (s->turned[k] + 0.5 * s->value[k] * p);
        for (int i = 0; i < s->m; i++) s->step[i] += s->vectors[k * s->m + i].hi * p / s->scale[i];
    }
}

static double scaled_length(const search *s, const double *x)
{
    double sum = 0;
    for (int i = 0; i < s->m; i++) sum += x[i] * x[i] * s->scale[i] * s->scale[i];
    return sqrt(sum);
}

/* Takes the step where the criterion falls as it should, or where all that is left is its rounding. */
static sy_status try_step(search *s, int *taken)
{
    double found;
    const double size = fabs(s->criterion) + 1, length = scaled_length(s, s->step);
    for (int i = 0; i < s->m; i++) s->trial[i] = s->theta[i] + s->step[i];
    const sy_status status = evaluate(s, s->trial, &found, s->g_trial, s->l->derivatives ? s->h_trial : NULL);
    if (status < 0) return status;
    const double fall = s->criterion - found;
    const int flat = s->predicted < rounding * 100 * size;
    *taken = flat ? fabs(fall) < rounding * 1000 * size : fall > 1e-4 * s->predicted;
    if (!flat && fall < 0.25 * s->predicted) s->radius = 0.25 * length;
    else if (flat && !*taken) s->radius = 0.25 * length;
    else if (fall > 0.75 * s->predicted && length > 0.99 * s->radius) s->radius *= 3;
    if (!s->l->derivatives && isfinite(found)) update(s);
    if (!*taken) return SY_OK;
    s->criterion = found;
    memcpy(s->theta, s->trial, (size_t)s->m * sizeof *s->theta);
    memcpy(s->g, s->g_trial, (size_t)s->m * sizeof *s->g);
    if (s->l->derivatives) memcpy(s->h, s->h_trial, (size_t)s->m * (size_t)s->m * sizeof *s->h);
    return SY_OK;
}

static sy_status descend(search *s, const sy_mixed_options *o, syi_lmm_report *r)
{
    int renewed = s->l->derivatives;
    sy_status status = evaluate(s, s->theta, &s->criterion, s->g, s->l->derivatives ? s->h : NULL);
    if (status >= 0 && !isfinite(s->criterion)) return SY_OK;
    if (status >= 0 && !s->l->derivatives) status = difference(s);
    if (status < 0) return status;
    grow_scale(s);
    s->radius = fmax(scaled_length(s, s->theta), 1);
    for (; r->iterations < o->iterations && status >= 0 && !r->converged; r->iterations++) {
        int taken = 0;
        if ((status = decompose(s)) < 0) break;
        choose_step(s);
        const double length = scaled_length(s, s->step), whole = fmax(scaled_length(s, s->theta), 1);
        r->last_step = length / whole;
        if (!renewed && r->last_step < near_end) {
            renewed = 1;
            status = difference(s);
            continue;
        }
        if ((status = try_step(s, &taken)) < 0) break;
        r->converged = r->last_step <= o->tolerance;
        if (s->radius < 1e-14 * whole) break;
        grow_scale(s);
    }
    r->gradient = 0;
    for (int i = 0; i < s->m; i++) r->gradient = fmax(r->gradient, fabs(s->g[i]) / s->scale[i]);
    return status;
}

/* T of a bar term from T T': diagonal positive, pivots that are rounding zero with their columns. */
static int settle_bar(const syi_bar *bar, const double *scale, const double *theta, double least, double *out)
{
    int zeros = 0;
    for (int j = 0; j < bar->q; j++) {
        const int pivot = syi_bar_theta(bar, j, j);
        for (int i = j; i < bar->q; i++) {
            const int at = syi_bar_theta(bar, i, j);
            double v = 0;
            if (at < 0) continue;
            for (int h = 0; h <= j; h++) {
                const int a = syi_bar_theta(bar, i, h), b = syi_bar_theta(bar, j, h);
                if (a >= 0 && b >= 0) v += theta[a] * theta[b] - (h < j ? out[a] * out[b] : 0);
            }
            if (i == j) out[at] = v > 0 && sqrt(v) * scale[at] > least ? sqrt(v) : 0;
            else out[at] = out[pivot] > 0 ? v / out[pivot] : 0;
        }
        zeros += out[pivot] == 0;
    }
    return zeros;
}

static int settle(const search *s, double least, double *out)
{
    const syi_bars *b = &s->l->rows->bars;
    int zeros = 0;
    for (int k = 0; k < b->n_bars; k++) zeros += settle_bar(&b->bar[k], s->scale, s->theta, least, out);
    return zeros;
}

/* Zeros that do not cost anything stay. */
static sy_status put_zeros(search *s, syi_lmm_report *r)
{
    double found;
    const int zeros = settle(s, small_pivot, s->trial), none = settle(s, 0, s->step);
    memcpy(s->theta, s->step, (size_t)s->m * sizeof *s->theta);
    r->boundary = none;
    if (zeros == none) return SY_OK;
    const sy_status status = evaluate(s, s->trial, &found, NULL, NULL);
    if (status < 0 || found > s->criterion + 1000 * rounding * (1 + fabs(s->criterion))) return status;
    memcpy(s->theta, s->trial, (size_t)s->m * sizeof *s->theta);
    s->criterion = found;
    r->boundary = zeros;
    return SY_OK;
}

sy_status syi_lmm_minimise(sy_context *ctx, const syi_lmm *l, const unsigned char *fixed,
                           const sy_mixed_options *options, double *theta, syi_lmm_report *report)
{
    search s;
    if (search_init(ctx, l, fixed, &s) != 0)
        return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d parameters", l->n_theta);
    *report = (syi_lmm_report){.last_step = INFINITY};
    memcpy(s.theta, theta, (size_t)s.m * sizeof *theta);
    sy_status status = descend(&s, options, report);
    if (status >= 0 && isfinite(s.criterion)) status = put_zeros(&s, report);
    if (status >= 0) memcpy(theta, s.theta, (size_t)s.m * sizeof *theta);
    report->criterion = s.criterion;
    report->evaluations = s.evaluations;
    syi_arena_free(&s.arena);
    return status;
}
