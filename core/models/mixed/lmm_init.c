/* A linear mixed model's problem: the rows read, the maker chosen.
 *
 * One grouping factor goes by its groups' moments, whatever the number of bar
 * terms on it, from a single pass where the columns are plain; several go by
 * block elimination. Cost: that of reading the rows.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/mixed/lmm_crossed_internal.h"
#include "models/mixed/lmm_one_internal.h"

/* What cannot be told apart from the errors. */
static sy_status check(sy_context *ctx, const syi_lmm *l)
{
    const syi_bars *b = &l->rows->bars;
    const sy_design *d = &b->own;
    for (int f = 0; f < b->n_factors; f++)
        if (b->factor[f].n_levels >= l->n)
            return syi_fail(
                ctx, SY_EDATA,
                "formula: %s has %d levels for %.0f rows; with a level a row its effects cannot be told from "
                "the errors",
                d->columns[b->factor[f].column].name, b->factor[f].n_levels, l->n);
    for (int k = 0; k < b->n_bars; k++) {
        const syi_grouping *f = &b->factor[b->bar[k].factor];
        const double effects = (double)f->n_levels * b->bar[k].q;
        if (effects >= l->n)
            return syi_fail(ctx, SY_EDATA,
                            "formula: %d effects for each of the %d levels of %s are %.0f for %.0f rows; there must be "
                            "fewer than rows",
                            b->bar[k].q, f->n_levels, d->columns[f->column].name, effects, l->n);
    }
    if (l->n <= l->p + 1)
        return syi_fail(ctx, SY_EDATA, "data: %.0f rows for %d coefficients; no row is left over for the variances",
                        l->n, l->p);
    return SY_OK;
}

static sy_status make(sy_context *ctx, syi_lmm_one_found *found, syi_lmm *l)
{
    const syi_bars *b = &l->rows->bars;
    l->p = l->rows->p;
    l->column = l->rows->column;
    l->n_theta = b->n_theta;
    l->n_modes = b->n_modes;
    l->n = l->rows->m.n;
    l->sum_log_w = l->rows->m.sum_log_w;
    l->lower = syi_alloc((size_t)l->n_theta, sizeof *l->lower);
    if (!l->lower) return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d parameters", l->n_theta);
    for (int t = 0; t < l->n_theta; t++) l->lower[t] = -(double)INFINITY;
    for (int k = 0; k < b->n_bars; k++)
        for (int e = 0; e < b->bar[k].q; e++) l->lower[syi_bar_theta(&b->bar[k], e, e)] = 0;
    const sy_status s = check(ctx, l);
    if (s < 0) return s;
    return b->n_factors == 1 ? syi_lmm_one(ctx, found, l) : syi_lmm_crossed(ctx, l->rows, l->reml, l);
}

sy_status syi_lmm_init(sy_context *ctx, const sy_design *design, const sy_mixed_model *model, int reml, syi_lmm *l)
{
    *l = (syi_lmm){.reml = reml};
    l->rows = syi_alloc(1, sizeof *l->rows);
    if (!l->rows) return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory");
    syi_lmm_one_found found = {.group = NULL};
    int done = 0;
    sy_status s = syi_lmm_direct(ctx, design, model, l->rows, &found, &done);
    if (s >= 0 && !done) s = syi_lmm_rows_init(ctx, design, model, l->rows);
    if (s >= 0) s = make(ctx, &found, l);
    syi_lmm_found_free(&found);
    if (s < 0) syi_lmm_free(l);
    return s;
}

void syi_lmm_free(syi_lmm *l)
{
    if (l->free_state) l->free_state(l);
    if (l->rows) syi_lmm_rows_free(l->rows);
    SYI_FREE(l->rows);
    SYI_FREE(l->lower);
    *l = (syi_lmm){.p = 0};
}

void syi_lmm_start(const syi_lmm *l, double *theta)
{
    for (int t = 0; t < l->n_theta; t++) theta[t] = l->lower[t] == 0;
    if (l->start) l->start(l, theta);
}
