/* Newton's method for a log-likelihood with exact second derivatives.
 *
 *   theta <- theta + t I^-1 g, I the observed information scaled to unit diagonal,
 * t = 1 halved until the log-likelihood does not fall. Where I is not positive
 * definite (negative binomial and general ordinal models far from the optimum), or
 * so near singular that no halving helps, a multiple of its diagonal is added,
 * which turns the step towards the gradient [Levenberg 1944, doi:10.1090/qam/10666]. The end: a whole step of I
 * itself that moves no parameter by more than `tolerance` of itself or of its
 * error given the others; it is taken without reading the rows again, as
 * convergence is quadratic. Estimates that run to infinity are looked for
 * (separation.c) from the seventh step on: data without them seldom need as many.
 * A step that takes rows so near the limits of their fitted values that the
 * information is singular in double precision is halved too: beyond, nothing shows the way.
 * Cost: a pass over the rows and 2 k^3 / 3 a step.
 * Dennis & Schnabel 1996, doi:10.1137/1.9781611971200, chapters 5 and 6.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_plain_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/response/separation_internal.h"
#include <math.h>
#include <string.h>

enum { MOST_HALVINGS = 12, FOR_RANK = 8, LOOK_FROM = 6 };

/* Parameters in use only: m of the k. */
typedef struct {
    const syi_likelihood *l;
    int k, m;
    int *place;                                         /* [m] */
    double *memory;                                     /* what follows, in one piece */
    double *gradient;                                   /* [k] */
    double *information;                                /* [k * k] */
    double *trial, *trial_gradient, *trial_information; /* the same at the next point */
    double *step;                                       /* [k] 0 for parameters not in use */
    double *scale;                                      /* [m] roots of the diagonal */
    double *factor, *root;                              /* [m * m] */
    double *work;                                       /* [m] */
    double loglik, ridge;
    double damping; /* the least ridge, where whole steps led nowhere */
} search;

static sy_status make_room(sy_context *ctx, const syi_likelihood *l, search *s)
{
    const size_t k = (size_t)l->k, square = k * k;
    *s = (search){.l = l, .k = l->k};
    s->place = syi_alloc(k + 1, sizeof *s->place);
    s->memory = syi_alloc(6 * k + 4 * square + 1, sizeof *s->memory);
    if (!s->place || !s->memory) return syi_fail(ctx, SY_ENOMEM, "response: out of memory for %d parameters", l->k);
    double *at = s->memory;
    double **const line[] = {&s->gradient, &s->trial, &s->trial_gradient, &s->step, &s->scale, &s->work};
    double **const matrix[] = {&s->information, &s->trial_information, &s->factor, &s->root};
    for (int i = 0; i < 6; i++, at += k) *line[i] = at;
    for (int i = 0; i < 4; i++, at += square) *matrix[i] = at;
    for (int j = 0; j < l->k; j++)
        if (!l->use || l->use[j]) s->place[s->m++] = j;
    return SY_OK;
}

static void search_free(search *s)
{
    SYI_FREE(s->place);
    SYI_FREE(s->memory);
}

/* Information over its scale: the lower triangle, with a ridge. */
static void put_scaled(const search *s, const double *information, double *out)
{
    for (int i = 0; i < s->m; i++)
        for (int j = 0; j <= i; j++) {
            const double v = information[(ptrdiff_t)s->place[i] * s->k + s->place[j]];
            out[(ptrdiff_t)i * s->m + j] = v / (s->scale[i] * s->scale[j]) + (i == j ? s->ridge : 0);
        }
}

static void find_scale(search *s, const double *information)
{
    for (int i = 0; i < s->m; i++) {
        const double d = fabs(information[(ptrdiff_t)s->place[i] * (s->k + 1)]);
        s->scale[i] = d > 0 && isfinite(d) ? sqrt(d) : 1;
    }
}

/* The factor of the scaled information, with a ridge where it needs one; 0
 * when even that does not help. */
static int factor(search *s)
{
    find_scale(s, s->information);
    s->ridge = s->damping;
    for (int attempt = 0; attempt < 24; attempt++) {
        put_scaled(s, s->information, s->factor);
        if (syi_cholesky_plain(s->m, s->factor, 0x1p-50)) return 1;
        s->ridge = s->ridge > 0 ? 4 * s->ridge : 1e-6;
    }
    return 0;
}

/* Is the information at the next point definite, where it was so here? */
static int still_definite(search *s)
{
    if (s->ridge > 0) return 1;
    find_scale(s, s->trial_information);
    put_scaled(s, s->trial_information, s->root);
    return syi_cholesky_plain(s->m, s->root, 0x1p-50);
}

/* The whole step; returns g'step, twice what a quadratic would gain. */
static double find_step(search *s)
{
    double gain = 0;
    for (int i = 0; i < s->m; i++) s->work[i] = s->gradient[s->place[i]] / s->scale[i];
    syi_cholesky_plain_forward(s->m, s->factor, s->work);
    syi_cholesky_plain_back(s->m, s->factor, s->work);
    for (int i = 0; i < s->m; i++) {
        s->step[s->place[i]] = s->work[i] / s->scale[i];
        gain += s->step[s->place[i]] * s->gradient[s->place[i]];
    }
    return gain;
}

/* The largest move, relative to the parameter or to its error given the others. */
static double relative_step(const search *s, const double *theta)
{
    double most = 0;
    for (int i = 0; i < s->m; i++) {
        const int j = s->place[i];
        const double size = fmax(fabs(theta[j]), 1 / s->scale[i]), move = fabs(s->step[j]) / size;
        if (!(move <= most)) most = move;
    }
    return most;
}

static void swap(double **a, double **b)
{
    double *const c = *a;
    *a = *b;
    *b = c;
}

/* Goes along the step as far as the log-likelihood does not fall; *moved = 0
 * when it falls everywhere. */
static sy_status advance(sy_context *ctx, search *s, double *theta, int *moved)
{
    const double least = s->loglik - 1e-13 * fabs(s->loglik);
    double t = 1;
    *moved = 0;
    for (int half = 0; half < MOST_HALVINGS; half++, t *= 0.5) {
        double loglik;
        for (int j = 0; j < s->k; j++) s->trial[j] = theta[j] + t * s->step[j];
        const sy_status status = s->l->value(ctx, s->l, s->trial, &loglik, s->trial_gradient, s->trial_information);
        if (status < 0) return status;
        if (!(loglik >= least) || (half < FOR_RANK && !still_definite(s))) continue;
        memcpy(theta, s->trial, (size_t)s->k * sizeof *theta);
        swap(&s->gradient, &s->trial_gradient);
        swap(&s->information, &s->trial_information);
        s->loglik = loglik;
        *moved = 1;
        return SY_OK;
    }
    return SY_OK;
}

/* 1-norm condition of the information scaled to unit diagonal. */
static double condition(search *s)
{
    const int m = s->m;
    double whole = 0, inverse = 0;
    if (s->ridge > 0) return INFINITY;
    syi_cholesky_plain_root(m, s->factor, s->root);
    syi_cholesky_plain_inverse(m, s->root, s->factor);
    for (int i = 0; i < m; i++) {
        double a = 0, b = 0;
        for (int j = 0; j < m; j++) {
            a += fabs(s->information[(ptrdiff_t)s->place[i] * s->k + s->place[j]] / (s->scale[i] * s->scale[j]));
            b += fabs(s->factor[(ptrdiff_t)i * m + j]);
        }
        whole = fmax(whole, a);
        inverse = fmax(inverse, b);
    }
    return whole * inverse;
}

/* Steps until one is as small as wanted, or nothing moves any more. */
static sy_status climb(sy_context *ctx, search *s, const sy_response_options *options, double *theta, int *separated,
                       syi_newton_report *r)
{
    for (r->iterations = 0; r->iterations < options->iterations; r->iterations++) {
        int moved = 0;
        if (!factor(s)) return SY_OK;
        const double gain = find_step(s);
        r->last_step = relative_step(s, theta);
        if (s->ridge == 0 && r->last_step <= options->tolerance) {
            for (int j = 0; j < s->k; j++) theta[j] += s->step[j];
            s->loglik += 0.5 * gain;
            r->converged = 1;
            return SY_OK;
        }
        if (r->separated && gain < 1e-10 * (fabs(s->loglik) + 1)) return SY_OK;
        if (!r->separated && r->iterations >= LOOK_FROM) {
            const sy_status status = syi_separation(ctx, s->l, s->step, separated, &r->separated);
            if (status < 0) return status;
        }
        const sy_status status = advance(ctx, s, theta, &moved);
        if (status < 0) return status;
        /* nowhere to go: only rounding is left, or the quadratic is far from the truth */
        if (!moved && ((r->converged = s->ridge == 0 && r->last_step < 1e-6) || s->damping > 1e8)) return SY_OK;
        if (!moved) s->damping = fmax(64 * s->damping, 1e-4);
        else s->damping = s->damping > 1e-4 ? s->damping / 8 : 0;
        if (syi_serial_stopped(ctx) != SY_OK) return SY_EINTR;
    }
    return SY_OK;
}

sy_status syi_newton(sy_context *ctx, const syi_likelihood *l, const sy_response_options *options, double *theta,
                     double *information, int *separated, syi_newton_report *report)
{
    search s;
    *report = (syi_newton_report){.last_step = INFINITY};
    for (int j = 0; separated && j < l->k; j++) separated[j] = 0;
    sy_status status = make_room(ctx, l, &s);
    if (status < 0) goto out;
    status = l->value(ctx, l, theta, &s.loglik, s.gradient, s.information);
    if (status < 0) goto out;
    if (!isfinite(s.loglik)) {
        l->start(l, theta);
        status = l->value(ctx, l, theta, &s.loglik, s.gradient, s.information);
        if (status < 0) goto out;
    }
    if (!isfinite(s.loglik)) {
        status = syi_fail(ctx, SY_EDATA,
                          "response: the likelihood cannot be had at the start; rescale the offset or the "
                          "columns");
        goto out;
    }
    if ((status = climb(ctx, &s, options, theta, separated, report)) < 0) goto out;
    report->loglik = s.loglik;
    if (information) memcpy(information, s.information, (size_t)l->k * (size_t)l->k * sizeof *information);
    report->condition = s.m > 0 && factor(&s) ? condition(&s) : s.m > 0 ? INFINITY : 1;
    if (s.m == 0) report->converged = 1;
out:
    search_free(&s);
    return status;
}
