/* All submodels of a fitted model by one step from its estimates.
 *
 * With information H and estimates b of the full fit, a submodel that keeps the
 * parameters U is approximated by the minimum of the quadratic at b,
 *   b_U = H_UU^-1 (H b)_U,   Q(U) = (H b)_U' H_UU^-1 (H b)_U
 * [Lawless & Singhal 1978, doi:10.2307/2530022]; its log-likelihood is taken as
 *   l(A) + (l - l(A)) (Q(U) - Q(A)) / (Q(all) - Q(A)),
 * A being what is always there, so that both ends are exact; a measure of the
 * linear predictor takes b_U' C b_U, C the covariance of the columns.
 *
 * The Cholesky factor of H_UU is kept as a stack: a player's rows are appended
 * when it comes in and dropped when it goes, so a submodel costs one row of
 * forward substitution and, where estimates are needed, one back substitution.
 * A parameter whose pivot is gone adds nothing. Cost: 2^players k^2.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "shares/fitted/steps_internal.h"
#include <math.h>
#include <string.h>

/* A pivot below this part of its diagonal is rounding. */
static const double least_pivot = 1e-12;

sy_status syi_steps_init(sy_context *ctx, const syi_fitted *f, int players, const int *player, syi_steps *s)
{
    const size_t k = (size_t)f->k;
    *s = (syi_steps){.f = f, .players = players};
    s->pull = syi_alloc(4 * k + k * k, sizeof *s->pull);
    s->in = syi_alloc(2 * k + (size_t)players + 1, sizeof *s->in);
    if (!s->pull || !s->in) return syi_fail(ctx, SY_ENOMEM, "blocks: no room for a model of %d parameters", f->k);
    s->forward = s->pull + k;
    s->estimate = s->forward + k;
    s->work = s->estimate + k;
    s->root = s->work + k;
    s->order = s->in + k;
    s->first = s->order + k;
    for (int i = 0; i < f->k; i++)
        for (int j = 0; j < f->k; j++) s->pull[i] += f->information[i * f->k + j] * f->theta[j];
    int at = 0;
    for (int i = 0; i < f->k; i++)
        if (player[i] < 0) s->order[at++] = i;
    s->always = at;
    for (int p = 0; p < players; p++) {
        s->first[p] = at;
        for (int i = 0; i < f->k; i++)
            if (player[i] == p) s->order[at++] = i;
    }
    s->first[players] = at;
    for (int i = 0; i < s->always; i++) syi_steps_push(s, s->order[i]);
    s->n_always = s->n;
    s->q_always = s->q;
    return SY_OK;
}

void syi_steps_free(syi_steps *s)
{
    SYI_FREE(s->pull);
    SYI_FREE(s->in);
}

void syi_steps_push(syi_steps *s, int parameter)
{
    const int n = s->n, k = s->f->k;
    const double *h = s->f->information + (ptrdiff_t)parameter * k;
    double *row = s->root + (ptrdiff_t)n * k, pivot = h[parameter], pull = s->pull[parameter];
    for (int c = 0; c < n; c++) {
        const double *above = s->root + (ptrdiff_t)c * k;
        double x = h[s->in[c]];
        for (int m = 0; m < c; m++) x -= row[m] * above[m];
        row[c] = x / above[c];
        pivot -= row[c] * row[c];
        pull -= row[c] * s->forward[c];
    }
    if (!(pivot > least_pivot * h[parameter])) return;
    row[n] = sqrt(pivot);
    s->forward[n] = pull / row[n];
    s->q += s->forward[n] * s->forward[n];
    s->in[s->n++] = parameter;
}

/* Back to `n` parameters. */
static void drop(syi_steps *s, int n, double q)
{
    s->n = n;
    s->q = q;
}

void syi_steps_estimate(const syi_steps *s, double *theta)
{
    const int k = s->f->k;
    memset(theta, 0, (size_t)k * sizeof *theta);
    for (int i = s->n - 1; i >= 0; i--) {
        double x = s->forward[i];
        for (int c = i + 1; c < s->n; c++) x -= s->root[(ptrdiff_t)c * k + i] * theta[s->in[c]];
        theta[s->in[i]] = x / s->root[(ptrdiff_t)i * k + i];
    }
}

double syi_fitted_form(int k, const double *matrix, const double *theta)
{
    double sum = 0;
    for (int i = 0; i < k; i++) {
        double row = 0;
        if (theta[i] == 0) continue;
        for (int j = 0; j < k; j++) row += matrix[i * k + j] * theta[j];
        sum += theta[i] * row;
    }
    return sum;
}

sy_status syi_steps_visit(sy_context *ctx, syi_steps *s, int player, uint32_t set, syi_visitor visit, void *arg)
{
    if (player < 0) {
        if ((set & 255) == 0 && syi_serial_stopped(ctx)) return SY_EINTR;
        return visit(ctx, s, set, arg);
    }
    sy_status status = syi_steps_visit(ctx, s, player - 1, set, visit, arg);
    const int n = s->n;
    const double q = s->q;
    for (int i = s->first[player]; i < s->first[player + 1]; i++) syi_steps_push(s, s->order[i]);
    if (status >= 0) status = syi_steps_visit(ctx, s, player - 1, set | (uint32_t)1 << player, visit, arg);
    drop(s, n, q);
    return status;
}

typedef struct {
    double q_full;
    double *value, *between;
} steps_job;

static sy_status note_value(sy_context *ctx, syi_steps *s, uint32_t set, void *arg)
{
    const steps_job *j = arg;
    const syi_fitted *f = s->f;
    (void)ctx;
    if (syi_fitted_by_loglik(f)) {
        const double part = j->q_full > s->q_always ? (s->q - s->q_always) / (j->q_full - s->q_always) : 0;
        j->value[set] = syi_fitted_of_loglik(f, f->loglik_adjust + part * (f->loglik - f->loglik_adjust));
        return SY_OK;
    }
    syi_steps_estimate(s, s->estimate);
    const double variance = syi_fitted_form(f->k, f->spread, s->estimate);
    j->value[set] = syi_fitted_of_variance(f, variance);
    if (j->between)
        j->between[set] = variance > 0 ? j->value[set] * syi_fitted_form(f->k, f->between, s->estimate) / variance : 0;
    return SY_OK;
}

sy_status syi_fitted_steps(sy_context *ctx, const syi_fitted *f, int players, const int *player, double *value,
                           double *between)
{
    syi_steps s;
    steps_job job = {.value = value, .between = f->between && !syi_fitted_by_loglik(f) ? between : NULL};
    sy_status status = syi_steps_init(ctx, f, players, player, &s);
    if (status >= 0) {
        const double q = s.q;
        for (int i = s.always; i < s.first[players]; i++) syi_steps_push(&s, s.order[i]);
        job.q_full = s.q;
        drop(&s, s.n_always, q);
        status = syi_steps_visit(ctx, &s, players - 1, 0, note_value, &job);
    }
    syi_steps_free(&s);
    return status;
}
