/* What each row moves the effects of a linear mediation by.
 *
 * An effect is a smooth function f of the coefficients b of the outcome's model,
 * a_k of the mediators' models, the slopes g_kl of the products of residuals and the
 * confounders' means. With A the weighted crossproducts of a model's columns x,
 * e its residual, W the sum of weights, a row of weight w moves
 *   b     by w A^-1 x e
 *   a_k   by w A_m^-1 x e_k
 *   g_kl  by w z (e_k e_l - g0 - g t) less what a_k and a_l take with them, z the
 *         slope's row of (Z'WZ)^-1 (1, t)
 *   means by w (c - mean) / W
 * and f by the sum of these times its derivatives: the stacked estimating
 * equations of all models at once, so that each estimated step counts [Stefanski
 * & Boos 2002, doi:10.1198/000313002753631330]. Cost: effects n (p + q k).
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "study/selection/mediation_internal.h"
#include <string.h>

/* Derivatives of one effect. */
typedef struct {
    double *theta;             /* [p] */
    double *at0, *at1, *delta; /* [q] by a mediator's mean at 0, at 1, by their difference */
    double *gamma;             /* [n_pairs] by the slope */
    double *alpha;             /* [q * k] */
    double *mean;              /* [k] by the confounders' means */
    double *base;
} slopes;

static double change(const syi_mediation_fit *f, int m)
{
    return f->alpha[(ptrdiff_t)m * f->k + 1];
}

static double mean_at(const syi_mediation_fit *f, int m, int treated)
{
    double sum = treated ? change(f, m) : 0;
    for (int c = 0; c < f->k; c++) sum += f->alpha[(ptrdiff_t)m * f->k + c] * f->mean_c[c];
    return sum;
}

/* The direct effect (0), those through the blocks, dependence; by the formulas
 * of mediation_fit.c. */
static void add_part(const syi_mediation_sheet *s, const syi_mediation_fit *f, int e, slopes *d)
{
    const int blocks = s->asked->n_blocks, tm = s->asked->by_treatment;
    if (e == 0) d->theta[1] += 1;
    for (int m = 0; m < s->q; m++) {
        if (e == 0 && tm) {
            d->theta[s->at_tm + m] += mean_at(f, m, 0);
            d->at0[m] += f->theta[s->at_tm + m];
        }
        if (e != 1 + s->block[m]) continue;
        d->theta[s->at_m + m] += change(f, m);
        if (tm) d->theta[s->at_tm + m] += change(f, m);
        d->delta[m] += f->theta[s->at_m + m] + (tm ? f->theta[s->at_tm + m] : 0);
    }
    for (int k = 0; k < s->n_pairs; k++) {
        const int a = s->first[k], b = s->second[k];
        const double mm = f->theta[s->at_mm + k];
        if (e == 1 + s->block[a]) {
            d->theta[s->at_mm + k] += change(f, a) * mean_at(f, b, 0);
            d->delta[a] += mm * mean_at(f, b, 0);
            d->at0[b] += mm * change(f, a);
        }
        if (e == 1 + s->block[b]) {
            d->theta[s->at_mm + k] += change(f, b) * mean_at(f, a, 1);
            d->delta[b] += mm * mean_at(f, a, 1);
            d->at1[a] += mm * change(f, b);
        }
        if (e == 1 + blocks) {
            d->theta[s->at_mm + k] += f->gamma[2 * k + 1];
            d->gamma[k] += mm;
        }
    }
}

/* From means to coefficients, and what residuals' products carry over. */
static void chain(const syi_mediation_sheet *s, const syi_mediation_fit *f, slopes *d)
{
    const double *t = syi_mediation_column(s, 1);
    for (int m = 0; m < s->q; m++) {
        double *a = d->alpha + (ptrdiff_t)m * f->k;
        const double both = d->at0[m] + d->at1[m];
        for (int c = 0; c < f->k; c++) {
            a[c] += both * f->mean_c[c];
            if (c >= 2) d->mean[c] += both * f->alpha[(ptrdiff_t)m * f->k + c];
        }
        a[1] += d->at1[m] + d->delta[m];
    }
    for (int k = 0; k < s->n_pairs; k++) {
        if (d->gamma[k] == 0) continue;
        for (int c = 0; c < f->k; c++) {
            const double *x = syi_mediation_column(s, c);
            const double *e[2] = {f->residual + s->first[k] * s->stride, f->residual + s->second[k] * s->stride};
            double moved[2] = {0, 0};
            for (ptrdiff_t i = 0; i < s->n; i++) {
                const double z = s->weight[i] * (f->z[1] + f->z[2] * t[i]) * x[i];
                moved[0] += z * e[1][i];
                moved[1] += z * e[0][i];
            }
            d->alpha[(ptrdiff_t)s->first[k] * f->k + c] -= d->gamma[k] * moved[0];
            d->alpha[(ptrdiff_t)s->second[k] * f->k + c] -= d->gamma[k] * moved[1];
        }
    }
}

static void add_column(const syi_mediation_sheet *s, double factor, int c, double *out)
{
    const double *x = syi_mediation_column(s, c);
    for (ptrdiff_t i = 0; i < s->n && factor != 0; i++) out[i] += factor * x[i];
}

/* influence += w e (x' A^-1 d); it is zero when handed over. */
static void add_model(const syi_mediation_sheet *s, const syi_mediation_fit *f, int count, int columns, double *d,
                      const double *residual, double *line, double *influence)
{
    syi_mediation_solve(f, count, d);
    memset(line, 0, (size_t)s->n * sizeof *line);
    for (int c = 0; c < columns; c++) add_column(s, d[c], c, line);
    for (ptrdiff_t i = 0; i < s->n; i++) influence[i] += s->weight[i] * residual[i] * line[i];
}

static void add_rest(const syi_mediation_sheet *s, const syi_mediation_fit *f, const slopes *d, double *influence)
{
    const double *t = syi_mediation_column(s, 1);
    for (int k = 0; k < s->n_pairs; k++) {
        const double *a = f->residual + s->first[k] * s->stride, *b = f->residual + s->second[k] * s->stride;
        for (ptrdiff_t i = 0; i < s->n && d->gamma[k] != 0; i++) {
            const double left = a[i] * b[i] - f->gamma[2 * k] - f->gamma[2 * k + 1] * t[i];
            influence[i] += d->gamma[k] * s->weight[i] * (f->z[1] + f->z[2] * t[i]) * left;
        }
    }
    for (int c = 2; c < f->k; c++) {
        const double *x = syi_mediation_column(s, c);
        for (ptrdiff_t i = 0; i < s->n && d->mean[c] != 0; i++)
            influence[i] += d->mean[c] * s->weight[i] * (x[i] - f->mean_c[c]) / f->sum_w;
    }
}

static size_t slopes_room(const syi_mediation_sheet *s, const syi_mediation_fit *f)
{
    return (size_t)s->p + 3 * (size_t)s->q + (size_t)s->n_pairs + (size_t)s->q * (size_t)f->k + (size_t)f->k;
}

static void lay_slopes(const syi_mediation_sheet *s, const syi_mediation_fit *f, double *base, slopes *d)
{
    const size_t q = (size_t)s->q;
    d->base = d->theta = base;
    d->at0 = d->theta + s->p;
    d->at1 = d->at0 + q;
    d->delta = d->at1 + q;
    d->gamma = d->delta + q;
    d->alpha = d->gamma + s->n_pairs;
    d->mean = d->alpha + q * (size_t)f->k;
    memset(base, 0, slopes_room(s, f) * sizeof *base);
}

/* The outcome's residuals; those of the model without mediators. */
static void set_residuals(const syi_mediation_sheet *s, const syi_mediation_fit *f, const double *without, double *full,
                          double *bare)
{
    const double *y = syi_mediation_column(s, s->p);
    memcpy(full, y, (size_t)s->n * sizeof *full);
    memcpy(bare, y, (size_t)s->n * sizeof *bare);
    for (int c = 0; c < s->p; c++) add_column(s, -f->theta[c], c, full);
    for (int c = 0; c < f->k; c++) add_column(s, -without[c], c, bare);
}

/* scratch: residuals of two models, a line. */
static sy_status fill(sy_context *ctx, const syi_mediation_sheet *s, const syi_mediation_fit *f, slopes *d,
                      double *scratch, double *influence)
{
    const int total = syi_mediation_effects(s) - 2;
    double *full = scratch, *bare = scratch + s->n, *line = bare + s->n, *d_bare = line + s->n;
    for (int c = 0; c < f->k; c++) d_bare[c] = f->gram[s->p * (ptrdiff_t)(s->p + 1) + c];
    syi_mediation_solve(f, f->k_kept, d_bare);
    set_residuals(s, f, d_bare, full, bare);
    double *sum = influence + total * s->n, *without = sum + s->n;
    sy_status status = SY_OK;
    for (int e = 0; e < total && !status; e++) {
        double *own = influence + e * s->n;
        lay_slopes(s, f, d->base, d);
        add_part(s, f, e, d);
        chain(s, f, d);
        status = syi_serial_stopped(ctx);
        if (!status) add_model(s, f, f->n_kept, s->p, d->theta, full, line, own);
        for (int m = 0; m < s->q && !status; m++) {
            add_model(s, f, f->k_kept, f->k, d->alpha + (ptrdiff_t)m * f->k, f->residual + m * s->stride, line, own);
            status = syi_serial_stopped(ctx);
        }
        add_rest(s, f, d, own);
        for (ptrdiff_t i = 0; i < s->n; i++) sum[i] += own[i];
        if (!status) status = syi_serial_stopped(ctx);
    }
    for (int c = 0; c < f->k; c++) d_bare[c] = c == 1;
    add_model(s, f, f->k_kept, f->k, d_bare, bare, line, without);
    return status;
}

sy_status syi_mediation_influence(sy_context *ctx, const syi_mediation_sheet *s, const syi_mediation_fit *f,
                                  double *influence)
{
    const size_t n = (size_t)s->n;
    slopes d;
    double *base = syi_alloc(slopes_room(s, f), sizeof *base);
    double *scratch = syi_alloc(3 * n + (size_t)f->k, sizeof *scratch);
    sy_status status = base && scratch ? SY_OK : syi_fail(ctx, SY_ENOMEM, "mediation: no room for %td rows", s->n);
    if (!status) {
        lay_slopes(s, f, base, &d);
        status = fill(ctx, s, f, &d, scratch, influence);
    }
    SYI_FREE(base);
    SYI_FREE(scratch);
    return status;
}
