/* Regressions of an outcome in each group, and the estimates made of them and the
 * weights.
 *
 * mu_a (weighted) = sum_a w u y / sum_a w u, u the balancing factor, w the
 * weights of the sample. Augmented [Robins, Rotnitzky & Zhao 1994,
 * doi:10.1080/01621459.1994.10476818; with normalised weights and, for overlap,
 * Mao, Li & Greene 2019, doi:10.1177/0962280218781171]:
 *   mu_a = sum w g m_a / sum w g + sum_a w u (y - m_a) / sum_a w u,
 * m_a the regression in group a read for everybody, g the tilt: 1, treated or
 * not, e (1 - e). For the treated g is the group itself and not the score, so that the answer
 * is right when either the score or the regression of the others is. Linear
 * regressions are least squares with the weights of the sample; outcomes of 0 and 1 have
 * a logit. Columns that add nothing in one group have no coefficient there.
 * Cost: n k^2 / 2 a group (linear), five times that (logit).
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/vector_math_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "study/selection/balance_internal.h"
#include <math.h>
#include <string.h>

/* Which columns add something in group a; its products are in xx. */
static void find_columns(syi_balance_fit *f, int group)
{
    const int k = f->b->k;
    syi_balance_factor(&f->system, f->xx, 128 * (k + 1) * 0x1p-53);
    for (int j = 0; j < k; j++) f->left_out[group * k + j] = f->system.aliased[j];
}

static void by_least_squares(syi_balance_fit *f, int group, const double *y)
{
    const ptrdiff_t k = f->b->k;
    for (ptrdiff_t i = 0; i < f->b->rows.stride; i++) f->own[i] = f->masked[i] * y[i];
    syi_balance_products(f, f->masked, f->own, f->xx, f->lx);
    find_columns(f, group);
    syi_balance_solve(&f->system, f->lx, f->beta + group * k);
    memcpy(f->regression + group * k * k, f->xx, (size_t)(k * k) * sizeof *f->xx);
}

static sy_status by_logit(sy_context *ctx, syi_balance_fit *f, int group, double *y)
{
    const syi_balance *b = f->b;
    const ptrdiff_t k = b->k;
    syi_packed own = b->rows;
    syi_likelihood l = b->likelihood;
    sy_response_model logit = b->model;
    syi_newton_report report;
    sy_response_options options;
    sy_response_defaults(&options);
    own.y = y;
    own.weight = f->masked;
    logit.link = SY_LINK_LOGIT;
    sy_status status = syi_likelihood_of(ctx, &own, &logit, &l);
    if (status < 0) return status;
    syi_balance_products(f, f->masked, NULL, f->xx, NULL);
    find_columns(f, group);
    for (ptrdiff_t j = 0; j < k; j++) f->use[j] = !f->left_out[group * k + j];
    l.use = f->use;
    double *const beta = f->beta + group * k;
    l.start(&l, beta);
    status = syi_newton(ctx, &l, &options, beta, f->regression + group * k * k, NULL, &report);
    f->separated[group] = report.separated;
    f->unsettled[group] = !report.converged && !report.separated;
    for (ptrdiff_t j = 0; j < k; j++)
        if (!f->use[j]) beta[j] = 0;
    return status;
}

sy_status syi_balance_regress(sy_context *ctx, syi_balance_fit *f, int o)
{
    const syi_packed *rows = &f->b->rows;
    double *const y = f->b->y + (ptrdiff_t)o * rows->stride;
    sy_status status = SY_OK;
    for (int a = 0; a < 2 && status >= 0; a++) {
        double *const fitted = f->fitted + a * rows->stride;
        f->separated[a] = f->unsettled[a] = 0;
        for (ptrdiff_t i = 0; i < rows->stride; i++) f->masked[i] = (rows->y[i] > 0) == a ? f->weight[i] : 0;
        if (f->b->logit[o]) status = by_logit(ctx, f, a, y);
        else by_least_squares(f, a, y);
        syi_balance_linear(f, f->beta + (ptrdiff_t)a * f->b->k, fitted);
        for (ptrdiff_t at = 0; f->b->logit[o] && at < rows->stride; at += SYI_TILE)
            syi_vec_logistic(f->simd, SYI_TILE, fitted + at, fitted + at, NULL, NULL);
        if (status >= 0 && syi_serial_stopped(ctx) != SY_OK) status = SY_EINTR;
    }
    return status;
}

void syi_balance_means(const syi_balance_fit *f, int o, syi_balance_sums *s)
{
    const syi_packed *rows = &f->b->rows;
    const double *y = f->b->y + (ptrdiff_t)o * rows->stride;
    *s = (syi_balance_sums){0};
    for (ptrdiff_t i = 0; i < rows->n; i++) {
        const double w = f->weight[i], balanced = w * f->factor[i], tilted = w * f->tilt[i];
        const int a = rows->y[i] > 0;
        if (!(w > 0)) continue;
        s->sum[a] += w;
        s->balanced[a] += balanced;
        s->tilted += tilted;
        s->mean[SY_UNADJUSTED][a] += w * y[i];
        s->mean[SY_WEIGHTED][a] += balanced * y[i];
        s->gap[a] += balanced * (y[i] - f->fitted[a * rows->stride + i]);
        for (int c = 0; c < 2; c++) s->part[c] += tilted * f->fitted[c * rows->stride + i];
    }
    for (int a = 0; a < 2; a++) {
        s->mean[SY_UNADJUSTED][a] /= s->sum[a];
        s->mean[SY_WEIGHTED][a] /= s->balanced[a];
        s->gap[a] /= s->balanced[a];
        s->part[a] /= s->tilted;
        s->mean[SY_AIPW][a] = s->part[a] + s->gap[a];
    }
}
