/* Row diagnostics: leverage, studentised residuals, and what leaving a row out
 * does to the fit.
 *
 * With h the leverage, e = sqrt(w) times the residual, s^2 = rss / df:
 *   standardised  e / (s sqrt(1 - h))
 *   sigma         s_i, s_i^2 = (rss - e^2 / (1 - h)) / (df - 1)
 *   studentised   e / (s_i sqrt(1 - h))
 *   cook          (e / (1 - h))^2 h / (s^2 rank)
 *   dffits        e sqrt(h) / (s_i (1 - h))
 *   dfbetas       [(X'WX)^-1 x w r]_j / (1 - h) / (s_i sqrt([(X'WX)^-1]_jj))
 * which are the refits without the row in closed form (Sherman & Morrison): no
 * row is left out in fact. A row of frequency weight f stands for f rows; one
 * of them is left out, so h is a copy's own and e carries no weight. Condition:
 * h < 1; at h = 1 the row alone decides a coefficient, and what needs the fit
 * without it is NaN (R has 0 for dfbetas there). The threshold 1 - 10 epsilon
 * is R's. Cost: n; n p^2 for dfbetas.
 * Belsley, Kuh & Welsch 1980, doi:10.1002/0471725153, chapter 2; Cook 1977,
 * doi:10.1080/00401706.1977.10489493.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/model_internal.h"
#include "steelyard/diagnostics.h"
#include <math.h>

/* One row as the formulas want it. */
typedef struct {
    double h, e, raw; /* leverage; weighted and plain residual */
    double w;         /* its weight in X'W r: 1 for a copy */
} one_row;

typedef struct {
    const sy_design *design;
    const sy_linear_summary *summary;
    const sy_linear_fit *fit;
    const sy_diagnostics_rows *out;
    const syi_model *model;
    int p, workers;
    double *inverse; /* [p * p] aliased rows and columns zero */
    double *root;    /* [p] sqrt of its diagonal; NaN where aliased */
    double *tiles;   /* [workers][(p + 2) * SYI_TILE] */
} dfbetas_job;

static one_row row_of(const sy_design *design, const sy_linear_fit *fit, ptrdiff_t i)
{
    one_row r = {.h = fit->leverage[i], .raw = fit->residual[i], .w = 1};
    const double weight = design->weights ? syi_column_value(design->weights, i) : 1;
    r.e = r.raw;
    if (design->weight_kind != SY_WEIGHT_FREQUENCY) {
        r.w = weight;
        r.e = sqrt(weight) * r.raw;
    }
    if (r.h >= 1 - 10 * 0x1p-52) r.h = 1;
    return r;
}

/* A ratio with nothing below it says nothing. */
static double ratio(double above, double below)
{
    return below > 0 ? above / below : (double)NAN;
}

static double sigma_without(const sy_linear_summary *s, const one_row *r)
{
    const double gone = r->h == 1 ? 0 : r->e * r->e / (1 - r->h);
    return s->df_resid > 1 ? sqrt((gone > s->rss ? 0 : s->rss - gone) / (s->df_resid - 1)) : (double)NAN;
}

static void put(double *to, ptrdiff_t i, double value)
{
    if (to) to[i] = value;
}

static void fill_row(const sy_linear_summary *s, const one_row *r, const sy_diagnostics_rows *out, ptrdiff_t i)
{
    const double left = r->h < 1 ? 1 - r->h : (double)NAN, own = sigma_without(s, r);
    const double sigma = sqrt(s->rss / s->df_resid), grown = r->e / left;
    put(out->leverage, i, r->h);
    put(out->sigma, i, own);
    put(out->standardised, i, ratio(r->e, sigma * sqrt(left)));
    put(out->studentised, i, ratio(r->e, own * sqrt(left)));
    put(out->cook, i, ratio(grown * grown * r->h, sigma * sigma * s->rank));
    put(out->dffits, i, ratio(grown * sqrt(r->h), own));
}

static void fill_dfbetas(void *arg, int worker, size_t block)
{
    const dfbetas_job *j = arg;
    const int p = j->p;
    const ptrdiff_t start = (ptrdiff_t)block * SYI_TILE, left = j->design->n - start;
    const int len = left < SYI_TILE ? (int)left : SYI_TILE;
    double *x = j->tiles + (ptrdiff_t)worker * (p + 2) * SYI_TILE, *y = x + (ptrdiff_t)p * SYI_TILE;
    ptrdiff_t row[SYI_TILE] = {0};
    double own[SYI_TILE], gone[SYI_TILE];
    unsigned char used[SYI_TILE];
    for (int i = 0; i < len; i++) row[i] = start + i;
    syi_model_tile(j->model, row, len, x, y, y + SYI_TILE, used);
    for (int i = 0; i < len; i++) {
        const one_row r = row_of(j->design, j->fit, start + i);
        own[i] = sigma_without(j->summary, &r);
        gone[i] = r.h < 1 ? r.w * r.raw / (1 - r.h) : (double)NAN;
    }
    for (int a = 0; a < p; a++) {
        double step[SYI_TILE] = {0};
        for (int b = 0; b < p; b++)
            for (int i = 0; i < SYI_TILE; i++) step[i] += j->inverse[a * p + b] * x[b * SYI_TILE + i];
        for (int i = 0; i < len; i++)
            j->out->dfbetas[(start + i) * p + a] = ratio(step[i] * gone[i], own[i] * j->root[a]);
    }
}

static void take_inverse(const sy_linear_fit *fit, int p, double *inverse, double *root)
{
    for (int a = 0; a < p; a++) {
        root[a] = sqrt(fit->inverse[a * p + a]);
        for (int b = 0; b < p; b++) {
            const double v = fit->inverse[a * p + b];
            inverse[a * p + b] = isnan(v) ? 0 : v;
        }
    }
}

static sy_status dfbetas(sy_context *ctx, dfbetas_job *j, const sy_linear_model *model)
{
    syi_model m = {0};
    double *room = NULL;
    sy_status status = syi_model_open(ctx, j->design, model, SY_PRECISION_DOUBLE, &m);
    if (status < 0) goto out;
    const int p = m.p;
    const size_t square = (size_t)p * (size_t)p, blocks = (size_t)((j->design->n + SYI_TILE - 1) / SYI_TILE);
    const double seconds = 1e-9 * (double)j->design->n * p * (p + 5);
    j->workers = syi_parallel_workers(ctx, blocks, seconds);
    room = syi_alloc(square + (size_t)p + (size_t)j->workers * (size_t)(p + 2) * SYI_TILE, sizeof *room);
    if (!room) {
        status = syi_fail(ctx, SY_ENOMEM, "diagnostics: no room for %d columns", p);
        goto out;
    }
    j->model = &m;
    j->p = p;
    j->inverse = room;
    j->root = room + square;
    j->tiles = j->root + p;
    take_inverse(j->fit, p, j->inverse, j->root);
    status = syi_parallel(ctx, blocks, seconds, fill_dfbetas, j);
out:
    SYI_FREE(room);
    syi_model_free(&m);
    return status;
}

sy_status sy_diagnostics(sy_context *ctx, const sy_design *design, const sy_linear_model *model,
                         const sy_linear_summary *summary, const sy_linear_fit *fit, const sy_diagnostics_rows *out)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    if (!fit->residual || !fit->leverage || (out->dfbetas && !fit->inverse))
        return syi_fail(ctx, SY_EINVAL, "fit: residual, leverage and inverse are needed; ask sy_linear for them");
    if (!(summary->df_resid > 0))
        return syi_fail(ctx, SY_ERANK, "diagnostics: %.0f rows for %d coefficients leave nothing to judge residuals by",
                        summary->n, summary->rank);
    for (ptrdiff_t i = 0; i < design->n; i++) {
        const one_row r = row_of(design, fit, i);
        fill_row(summary, &r, out, i);
    }
    if (out->dfbetas) {
        dfbetas_job j = {.design = design, .summary = summary, .fit = fit, .out = out};
        const sy_status status = dfbetas(ctx, &j, model);
        if (status < 0) return status;
    }
    return syi_status_of_remarks(ctx, first);
}
