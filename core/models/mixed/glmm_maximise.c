/* The maximum of the marginal log-likelihood of a mixed model.
 *
 * Quasi-Newton (BFGS) on exact gradients from the information of the fixed part
 * and differenced curvature of T, until the step left is below 1e-9 standard
 * errors; then Newton steps on the Hessian, which central differences of the
 * exact gradient give to 1e-9, the standard errors too. T is unbounded in the search (the
 * likelihood knows T T' only): a variance of zero is an inner point where the
 * derivative vanishes. Where the search ends with a column of T near zero, and
 * zero is no worse, the column is set to zero, taken from the parameters, and the rest is
 * maximised again: the estimate is exactly 0.
 * Cost: 10 to 30 gradients, and 2 or 4 a parameter for the Hessian.
 * References: Nocedal & Wright 2006, chapters 6 and 8; Bates, Maechler, Bolker & Walker 2015, 10.18637/jss.v067.i01
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_plain_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/mixed/glmm_internal.h"
#include <math.h>
#include <string.h>

enum { PATIENCE = 15 }; /* steps until the curvature is differenced anew */

/* log(theta) from which on negative binomial counts are Poisson counts. */
static const double unlimited = 14;

typedef struct {
    sy_context *ctx;
    syi_glmm_problem *g;
    unsigned char *is_free;
    int n, *at;                           /* the free parameters */
    double *x, *gradient;                 /* [dim] where the search is */
    double *trial, *trial_gradient, *low; /* [dim] */
    double *h, *factor;                   /* [n * n] minus the Hessian, as far as known */
    double *step, *change, *product;      /* [n] */
    double *modes;                        /* [n_modes] at x, while it is differenced */
    double f, decrement;
    syi_glmm_report *report;
} search;

static sy_status evaluate(search *s, const double *x, double *f, double *gradient)
{
    s->report->evaluations++;
    return syi_glmm_value(s->ctx, s->g, x, f, gradient);
}

static void list_free(search *s)
{
    s->n = 0;
    for (int j = 0; j < s->g->dim; j++)
        if (s->is_free[j]) s->at[s->n++] = j;
}

/* Makes h positive definite where it is not: larger diagonals. */
static void factor_hessian(search *s)
{
    const int n = s->n;
    for (double more = 0;; more = more > 0 ? 10 * more : 1e-3) {
        memcpy(s->factor, s->h, (size_t)n * (size_t)n * sizeof *s->h);
        for (int i = 0; i < n; i++) {
            double *d = &s->factor[i * n + i];
            *d = (1 + more) * (*d != 0 ? fabs(*d) : 1e-8);
        }
        if (syi_cholesky_plain(n, s->factor, 1e-13) || more > 1e6) return;
    }
}

/* step = h^-1 gradient, and what it promises. */
static void solve_step(search *s)
{
    s->decrement = 0;
    for (int i = 0; i < s->n; i++) s->step[i] = s->gradient[s->at[i]];
    syi_cholesky_plain_forward(s->n, s->factor, s->step);
    syi_cholesky_plain_back(s->n, s->factor, s->step);
    for (int i = 0; i < s->n; i++) s->decrement += s->step[i] * s->gradient[s->at[i]];
}

/* Relative length of the step: to the parameter, or to its standard error where
 * that is larger. */
static double relative(const search *s)
{
    double most = 0;
    for (int i = 0; i < s->n; i++)
        most = fmax(most, fabs(s->step[i]) / fmax(fabs(s->x[s->at[i]]), 1 / sqrt(fabs(s->h[i * s->n + i]) + 1e-300)));
    return most;
}

/* Trial point at t of the step; up to 60 halvings until it is no worse. */
static sy_status walk(search *s, int *moved)
{
    const double noise = 1e-13 * (1 + fabs(s->f));
    double t = s->decrement > 100 ? 10 / sqrt(s->decrement) : 1, f = 0;
    *moved = 0;
    for (int half = 0; half < 60; half++, t /= 2) {
        memcpy(s->trial, s->x, (size_t)s->g->dim * sizeof *s->x);
        for (int i = 0; i < s->n; i++) s->trial[s->at[i]] += t * s->step[i];
        const sy_status status = evaluate(s, s->trial, &f, s->trial_gradient);
        if (status < 0) return status;
        if (!(f >= s->f + 1e-4 * t * s->decrement - noise)) continue;
        *moved = 1;
        s->f = f;
        return SY_OK;
    }
    return SY_OK;
}

/* BFGS: h gains the change of the gradient over the step just walked. */
static void update(search *s)
{
    const int n = s->n;
    double along = 0, curved = 0;
    for (int i = 0; i < n; i++) {
        s->step[i] = s->trial[s->at[i]] - s->x[s->at[i]];
        s->change[i] = s->gradient[s->at[i]] - s->trial_gradient[s->at[i]];
        along += s->step[i] * s->change[i];
    }
    for (int i = 0; i < n; i++) {
        s->product[i] = 0;
        for (int j = 0; j < n; j++) s->product[i] += s->h[i * n + j] * s->step[j];
        curved += s->product[i] * s->step[i];
    }
    if (along > 1e-3 * curved && curved > 0)
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
                s->h[i * n + j] += s->change[i] * s->change[j] / along - s->product[i] * s->product[j] / curved;
    memcpy(s->x, s->trial, (size_t)s->g->dim * sizeof *s->x);
    memcpy(s->gradient, s->trial_gradient, (size_t)s->g->dim * sizeof *s->x);
}

/* 0: keeps the modes; 1: sets them back; -1: mirrors those now there, from a
 * point above to the one as far below. */
static void start_modes(search *s, int what)
{
    double *kept = s->modes;
    for (int f = 0; f < s->g->n_factors; f++) {
        const ptrdiff_t n = (ptrdiff_t)s->g->factor[f].n_levels * s->g->factor[f].q;
        double *now = s->g->factor[f].mode;
        for (ptrdiff_t i = 0; i < n; i++) {
            if (what == 0) kept[i] = now[i];
            else now[i] = what > 0 ? kept[i] : 2 * kept[i] - now[i];
        }
        kept += n;
    }
}

/* Column i of h (free parameters from..) by central differences of the gradient, of the second or fourth order. */
static sy_status difference(search *s, int i, int points)
{
    const int j = s->at[i], n = s->n, dim = s->g->dim;
    const double scale = 1 / sqrt(fmax(fabs(s->h[i * n + i]), 1e-12)), width = (points == 2 ? 1e-3 : 1e-4) * scale;
    static const double share[2][2] = {{1, 0}, {4. / 3, -1. / 3}};
    for (int r = 0; r < n; r++) s->change[r] = 0;
    for (int d = 1; d <= points; d++) {
        start_modes(s, 1);
        memcpy(s->trial, s->x, (size_t)dim * sizeof *s->x);
        s->trial[j] = s->x[j] + d * width;
        const double above = s->trial[j];
        sy_status status = evaluate(s, s->trial, NULL, s->trial_gradient);
        s->trial[j] = s->x[j] - d * width;
        start_modes(s, -1);
        if (status >= 0) status = evaluate(s, s->trial, NULL, s->low);
        if (status < 0) return status;
        for (int r = 0; r < n; r++)
            s->change[r] +=
                share[points - 1][d - 1] * (s->low[s->at[r]] - s->trial_gradient[s->at[r]]) / (above - s->trial[j]);
    }
    return SY_OK;
}

/* The whole Hessian, or (from > 0) its columns from there on alone. */
static sy_status differentiate(search *s, int from)
{
    const int n = s->n, points = from == 0 && (double)s->g->padded * s->g->dim * s->g->n_nodes < 3e4 ? 2 : 1;
    memset(s->product, 0, (size_t)n * sizeof *s->product);
    start_modes(s, 0);
    for (int i = from; i < n; i++) {
        const sy_status status = difference(s, i, points);
        if (status < 0) return status;
        for (int r = from; r < n; r++) s->factor[r * n + i] = s->change[r];
        if (s->ctx->progress && from == 0) s->ctx->progress(s->ctx->progress_arg, .5 + .5 * i / n);
    }
    for (int i = from; i < n; i++)
        for (int r = from; r < n; r++) s->h[r * n + i] = (s->factor[r * n + i] + s->factor[i * n + r]) / 2;
    start_modes(s, 1);
    return SY_OK;
}

static sy_status quasi_newton(search *s, int iterations)
{
    int idle = 0, since = 0;
    double least = INFINITY;
    while (s->report->iterations < iterations && idle < 4) {
        int moved = 0;
        factor_hessian(s);
        solve_step(s);
        if (s->decrement < 1e-18) return SY_OK;
        if (s->g->spread >= 0 && s->x[s->g->spread] > unlimited) return SY_OK;
        if (++since == PATIENCE && s->decrement > 1e-8) {
            since = 0;
            const sy_status status = differentiate(s, 0);
            if (status < 0) return status;
            continue;
        }
        idle = s->decrement < least ? 0 : s->decrement < 1e-10 ? idle + 1 : 0;
        least = fmin(least, s->decrement);
        const sy_status status = walk(s, &moved);
        if (status < 0) return status;
        s->report->iterations++;
        if (!moved) return SY_OK;
        update(s);
    }
    return SY_OK;
}

/* Newton steps; the Hessian is made anew while a step moves it by more than 1e-7
 * standard errors. */
static sy_status newton(search *s)
{
    s->report->converged = 0;
    for (int i = 0; i < 8; i++) {
        int moved = 0;
        sy_status status = differentiate(s, 0);
        if (status < 0) return status;
        factor_hessian(s);
        double first = 0;
        for (int steps = 0; steps < 4; steps++) {
            solve_step(s);
            first = fmax(first, s->decrement);
            s->report->last_step = relative(s);
            status = walk(s, &moved);
            if (status < 0) return status;
            if (!moved) break;
            memcpy(s->x, s->trial, (size_t)s->g->dim * sizeof *s->x);
            memcpy(s->gradient, s->trial_gradient, (size_t)s->g->dim * sizeof *s->x);
            if (s->report->last_step < 1e-12) break;
        }
        if (first < 1e-14) return SY_OK;
    }
    return SY_OK;
}

/* Starting curvature: `information` of the fixed part, differences for T. */
static sy_status first_hessian(search *s, const double *information)
{
    const int n = s->n, known = s->g->known;
    int fixed = 0;
    memset(s->h, 0, (size_t)n * (size_t)n * sizeof *s->h);
    for (int i = 0; i < n; i++) {
        if (s->at[i] >= known) {
            s->h[i * n + i] = 100;
            continue;
        }
        fixed++;
        for (int j = 0; j < n; j++)
            if (s->at[j] < known) s->h[i * n + j] = information[s->at[i] * known + s->at[j]];
    }
    if (fixed == n) return SY_OK;
    const sy_status status = differentiate(s, fixed);
    for (int i = fixed; i < n; i++)
        if (!(s->h[i * n + i] > 1)) {
            for (int j = fixed; j < n; j++) s->h[i * n + j] = s->h[j * n + i] = 0;
            s->h[i * n + i] = 2 * s->g->factor[0].n_levels;
        }
    return status;
}

/* Diagonal entries of T positive: columns of T have no sign. */
static void turn_signs(syi_glmm_problem *g, double *x)
{
    for (int f = 0; f < g->n_factors; f++) {
        syi_glmm_factor *o = &g->factor[f];
        for (int b = 0; b < o->q; b++) {
            int negative = 0;
            for (int e = 0; e < o->n_entries; e++)
                if (o->entry_row[e] == b && o->entry_column[e] == b) negative = x[g->k + o->entry_theta[e]] < 0;
            for (int e = 0; negative && e < o->n_entries; e++)
                if (o->entry_column[e] == b) x[g->k + o->entry_theta[e]] *= -1;
            for (ptrdiff_t l = 0; negative && l < o->n_levels; l++) o->mode[l * o->q + b] *= -1;
        }
    }
}

/* The triangle of a bar term's T T' again, with columns whose pivot is below
 * least^2 zero. Returns how many. */
static int square_root_again(const syi_bar *bar, double least, double *theta, double *room)
{
    const int q = bar->q;
    double *t = room, *v = room + q * q;
    int zero = 0;
    syi_bar_factor(bar, theta, t);
    for (int i = 0; i < q; i++)
        for (int j = 0; j <= i; j++) {
            v[i * q + j] = 0;
            for (int c = 0; c <= j; c++) v[i * q + j] += t[i * q + c] * t[j * q + c];
        }
    for (int j = 0; j < q; j++) {
        const int keep = v[j * q + j] > least * least;
        const double pivot = keep ? sqrt(v[j * q + j]) : 0;
        zero += !keep;
        for (int i = j; i < q; i++) {
            const int at = syi_bar_theta(bar, i, j);
            t[i * q + j] = keep ? v[i * q + j] / pivot : 0;
            if (at >= 0) theta[at] = t[i * q + j];
        }
        for (int i = j + 1; i < q; i++)
            for (int c = j + 1; c <= i; c++) v[i * q + c] -= t[i * q + j] * t[c * q + j];
    }
    return zero;
}

/* Columns of T near zero become zero, if the log-likelihood is no less for it. */
static sy_status to_boundary(search *s, double *room, int *found)
{
    syi_glmm_problem *g = s->g;
    double f = 0;
    *found = 0;
    memcpy(s->trial, s->x, (size_t)g->dim * sizeof *s->x);
    for (int k = 0; k < g->bars.n_bars; k++) *found += square_root_again(&g->bars.bar[k], .02, s->trial + g->k, room);
    if (*found <= s->report->boundary) {
        *found = 0;
        return SY_OK;
    }
    const sy_status status = evaluate(s, s->trial, &f, s->trial_gradient);
    if (status < 0) return status;
    if (!(f >= s->f - 1e-9 * (1 + fabs(s->f)))) {
        *found = 0;
        return SY_OK;
    }
    s->report->boundary = *found;
    s->f = f;
    memcpy(s->x, s->trial, (size_t)g->dim * sizeof *s->x);
    memcpy(s->gradient, s->trial_gradient, (size_t)g->dim * sizeof *s->x);
    for (int k = 0; k < g->bars.n_bars; k++)
        for (int j = 0; j < g->bars.bar[k].q; j++)
            if (s->x[g->k + syi_bar_theta(&g->bars.bar[k], j, j)] == 0)
                for (int i = j; i < g->bars.bar[k].q; i++) {
                    const int at = syi_bar_theta(&g->bars.bar[k], i, j);
                    if (at >= 0) s->is_free[g->k + at] = 0;
                }
    list_free(s);
    return SY_OK;
}

/* Negative binomial counts whose theta runs to infinity are Poisson counts: *found. */
static sy_status to_poisson(search *s, int *found)
{
    syi_glmm_problem *g = s->g;
    *found = g->spread >= 0 && s->x[g->spread] > unlimited;
    if (!*found) return SY_OK;
    s->is_free[g->spread] = 0;
    s->gradient[g->spread] = s->trial_gradient[g->spread] = 0;
    g->spread = -1;
    g->kind = SY_RESPONSE_POISSON;
    return evaluate(s, s->x, &s->f, s->gradient);
}

static sy_status run(search *s, const sy_mixed_options *o, const double *information, double *room)
{
    sy_status status = evaluate(s, s->x, &s->f, s->gradient);
    if (status < 0) return status;
    if (s->f == -INFINITY) return syi_fail(s->ctx, SY_EDATA, "mixed: the log-likelihood has no value at the start");
    for (int found = 1; found;) {
        list_free(s);
        status = first_hessian(s, information);
        if (status >= 0) status = quasi_newton(s, o->iterations);
        if (status >= 0) status = to_poisson(s, &found);
        if (status >= 0 && !found) status = to_boundary(s, room, &found);
        if (status < 0) return status;
    }
    turn_signs(s->g, s->x);
    status = evaluate(s, s->x, &s->f, s->gradient);
    return status < 0 ? status : newton(s);
}

static void report_end(search *s, const sy_mixed_options *o, double *parameters, double *hessian)
{
    const int dim = s->g->dim;
    syi_glmm_report *r = s->report;
    r->loglik = s->f;
    r->gradient = 0;
    memset(hessian, 0, (size_t)dim * (size_t)dim * sizeof *hessian);
    for (int i = 0; i < s->n; i++) {
        const double curvature = fabs(s->h[i * s->n + i]);
        r->gradient = fmax(r->gradient, fabs(s->gradient[s->at[i]]) / sqrt(curvature > 0 ? curvature : 1));
        for (int j = 0; j < s->n; j++) hessian[s->at[i] * dim + s->at[j]] = s->h[i * s->n + j];
    }
    r->converged = r->last_step <= o->tolerance;
    memcpy(parameters, s->x, (size_t)dim * sizeof *parameters);
}

sy_status syi_glmm_maximise(sy_context *ctx, syi_glmm_problem *g, const sy_mixed_options *options,
                            const double *information, double *parameters, unsigned char *is_free, double *hessian,
                            syi_glmm_report *report)
{
    const size_t dim = (size_t)g->dim, d = sizeof(double), q = (size_t)g->bars.n_effects;
    syi_arena a = {0};
    *report = (syi_glmm_report){.loglik = NAN};
    if (syi_arena_init(&a, 8 * syi_arena_room(dim, d) + 2 * syi_arena_room(dim * dim, d) +
                               syi_arena_room(2 * q * q, d) + syi_arena_room((size_t)g->bars.n_modes, d) +
                               syi_arena_room(dim, sizeof(int))) != 0)
        return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d parameters", g->dim);
    search s = {.ctx = ctx, .g = g, .is_free = is_free, .report = report};
    double **const vectors[] = {&s.x, &s.gradient, &s.trial, &s.trial_gradient, &s.low, &s.step, &s.change, &s.product};
    for (int i = 0; i < 8; i++) *vectors[i] = syi_arena_take(&a, dim, d);
    s.h = syi_arena_take(&a, dim * dim, d);
    s.factor = syi_arena_take(&a, dim * dim, d);
    double *room = syi_arena_take(&a, 2 * q * q, d);
    s.modes = syi_arena_take(&a, (size_t)g->bars.n_modes, d);
    s.at = syi_arena_take(&a, dim, sizeof(int));
    memcpy(s.x, parameters, dim * d);
    sy_status status = run(&s, options, information, room);
    if (status >= 0) {
        report_end(&s, options, parameters, hessian);
        status = evaluate(&s, parameters, &s.f, s.gradient); /* modes and their variance at the end */
    }
    syi_arena_free(&a);
    return status;
}
