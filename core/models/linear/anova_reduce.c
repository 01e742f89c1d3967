/* All columns of a model and its outcome as one triangle.
 *
 * The rows are turned into R by the QR factorisation of least squares
 * (linear_rows.c), in double-double up to MOST_TWOFOLD rows: R'R = X'WX without
 * ever forming it, so that the condition of the columns counts once, not
 * squared. Every sum of squares of a table is then a small least squares problem
 * on some of R's columns. A second pass marks which crossings of levels have
 * rows. Cost: that of a fit, and n for the crossings.
 * Golub & Van Loan 2013, Matrix Computations, section 5.2.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/linear/anova_internal.h"
#include "models/linear/linear_internal.h"
#include <string.h>

#define MOST_CELLS 1e6
static const ptrdiff_t MOST_TWOFOLD = 2000000;

/* Which crossing of its factors' levels a row is, for each term that has any. */
static void mark_cells(syi_reduced *r, ptrdiff_t row, unsigned char *cells)
{
    const syi_model *m = &r->m;
    for (int t = 0; t < m->model.n_terms; t++) {
        const sy_term *term = &m->design->terms[m->model.terms[t]];
        int cell = 0, step = 1;
        if (r->n_cells[t] == 0) continue;
        for (int k = 0; k < term->n_factors; k++) {
            const int c = term->factors[k].column;
            if (m->design->columns[c].type != SY_CODES) continue;
            cell += step * m->position[m->level_at[c] + (int)syi_column_value(&m->design->columns[c], row)];
            step *= m->n_used[c];
        }
        r->n_seen[t] += !cells[cell];
        cells[cell] = 1;
        cells += r->n_cells[t];
    }
}

static size_t count_cells(syi_reduced *r)
{
    const syi_model *m = &r->m;
    size_t all = 0;
    for (int t = 0; t < m->model.n_terms; t++) {
        const sy_term *term = &m->design->terms[m->model.terms[t]];
        double cells = 1;
        int factors = 0;
        for (int k = 0; k < term->n_factors; k++) {
            const int c = term->factors[k].column;
            if (m->design->columns[c].type != SY_CODES) continue;
            cells *= m->n_used[c];
            factors++;
        }
        r->n_cells[t] = factors > 1 && cells <= MOST_CELLS ? (int)cells : 0;
        all += (size_t)r->n_cells[t];
    }
    return all;
}

static sy_status find_cells(sy_context *ctx, syi_reduced *r)
{
    const size_t all = count_cells(r);
    const ptrdiff_t n = r->m.design->n;
    double y[SYI_TILE], y_lo[SYI_TILE], w[SYI_TILE];
    unsigned char used[SYI_TILE];
    ptrdiff_t row[SYI_TILE] = {0};
    if (all == 0) return SY_OK;
    unsigned char *cells = syi_alloc(all, 1);
    if (!cells) return syi_fail(ctx, SY_ENOMEM, "anova: out of memory for %zu crossings of levels", all);
    sy_status status = SY_OK;
    for (ptrdiff_t start = 0; start < n && !status; start += SYI_TILE) {
        const int len = n - start < SYI_TILE ? (int)(n - start) : SYI_TILE;
        for (int i = 0; i < len; i++) row[i] = start + i;
        syi_model_raw_twofold(&r->m, row, len, NULL, NULL, y, y_lo, w, used);
        for (int i = 0; i < len; i++)
            if (used[i]) mark_cells(r, row[i], cells);
        status = syi_serial_stopped(ctx);
    }
    SYI_FREE(cells);
    return status;
}

static sy_status make_room(sy_context *ctx, syi_reduced *r)
{
    const size_t side = (size_t)r->side, terms = (size_t)r->m.model.n_terms + 1;
    r->r = syi_alloc(side * side, sizeof *r->r);
    r->floor_ = syi_alloc(side, sizeof *r->floor_);
    r->n_cells = syi_alloc(terms, sizeof *r->n_cells);
    r->n_seen = syi_alloc(terms, sizeof *r->n_seen);
    if (r->r && r->floor_ && r->n_cells && r->n_seen) return SY_OK;
    return syi_fail(ctx, SY_ENOMEM, "anova: out of memory for %d columns", r->p);
}

/* What roundings can make of a residual sum of squares, in the data's units. */
static double rounding_of(const syi_reduced *r, const syi_triangle *t)
{
    const int p = r->p, e = t->exponent[p];
    double power = r->m.power ? ldexp(r->m.power[p], -2 * e) : 0;
    for (int i = r->m.count[0]; i <= p; i++)
        power += r->r[(size_t)p * (size_t)r->side + (size_t)i].hi * r->r[(size_t)p * (size_t)r->side + (size_t)i].hi;
    if (r->m.count[0]) power += t->about[p] * t->about[p];
    return ldexp(t->unit * t->unit * power, 2 * e);
}

sy_status syi_reduce(sy_context *ctx, const sy_design *design, const sy_linear_model *model, syi_reduced *out)
{
    *out = (syi_reduced){0};
    syi_triangle t = {0};
    const sy_precision precision = design->n <= MOST_TWOFOLD ? SY_PRECISION_TWOFOLD : SY_PRECISION_AUTO;
    sy_status status = syi_model_open(ctx, design, model, precision, &out->m);
    if (status >= 0) status = syi_model_rows(ctx, &out->m);
    if (status < 0) goto out;
    out->p = out->m.p;
    out->side = out->p + 1;
    if ((status = make_room(ctx, out)) < 0) goto out;
    if ((status = syi_triangle_open(ctx, out->p, &t)) < 0) goto out;
    if ((status = syi_linear_rows(ctx, &out->m, &t)) < 0) goto out;
    for (int c = 0; c < out->side; c++)
        for (int i = 0; i <= c; i++)
            out->r[(size_t)c * (size_t)out->side + (size_t)i] = t.r[(size_t)i * (size_t)out->side + (size_t)c];
    syi_linear_floors(&out->m, &t, out->floor_);
    out->rounding = t.twofold ? rounding_of(out, &t) : 0;
    out->exponent = t.exponent;
    t.exponent = NULL;
    status = find_cells(ctx, out);
out:
    syi_triangle_free(&t);
    if (status < 0) syi_reduced_free(out);
    return status;
}

void syi_reduced_free(syi_reduced *r)
{
    syi_model_free(&r->m);
    SYI_FREE(r->r);
    SYI_FREE(r->exponent);
    SYI_FREE(r->floor_);
    SYI_FREE(r->n_cells);
    SYI_FREE(r->n_seen);
}
