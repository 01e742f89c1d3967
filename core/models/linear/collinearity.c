/* Collinearity: what the columns of a model share.
 *
 * With R the correlations of the columns in use (about their weighted means;
 * about zero without an intercept; within levels where a factor is absorbed)
 * and t the columns of one term,
 *   GVIF_t = det R_tt det R_oo / det R = det R_tt det (R^-1)_tt,
 * the square of how much larger the confidence region of the term's
 * coefficients is than with the other terms orthogonal to it; it does not
 * depend on the coding. For one column it is the variance inflation factor, the
 * diagonal of R^-1. The second form needs small determinants only.
 *
 * Condition: with X scaled to columns of unit length, not centred, X'WX = V
 * diag(lambda) V'; index_k = sqrt(lambda_max / lambda_k), and the share of
 * coefficient j's variance that goes with k is (v_jk^2 / lambda_k) over its sum
 * in k. Two or more large shares with a large index are a dependency. In
 * double-double, because lambda_min of a condition of 1e8 is below the rounding
 * of a double; from the triangle of a QR of the rows, which keeps the digits
 * that cross-products would lose. Cost: QR, then 40 p^3 double-double for the indices.
 * Fox & Monette 1992, doi:10.1080/01621459.1992.10475190; Belsley, Kuh & Welsch
 * 1980, doi:10.1002/0471725153, chapter 3.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_internal.h"
#include "algebra/eigen_internal.h"
#include "base/status_internal.h"
#include "models/model_cross_internal.h"
#include "steelyard/diagnostics.h"
#include <math.h>
#include <string.h>

typedef struct {
    int p, r;       /* columns, and those in use */
    int *use;       /* [p] the columns in use, in order */
    int *nothing;   /* [p] zeros */
    double *floor_; /* [p] zeros */
    const syi_factored *whole;
    syi_dd *factor, *inverse, *work; /* [p * p] */
} columns;

static sy_status make_room(sy_context *ctx, int p, const syi_factored *whole, columns *c)
{
    const size_t n = (size_t)p, square = n * n;
    *c = (columns){.p = p, .whole = whole};
    c->use = syi_alloc(n, sizeof *c->use);
    c->nothing = syi_alloc(n, sizeof *c->nothing);
    c->floor_ = syi_alloc(n, sizeof *c->floor_);
    c->factor = syi_alloc(3 * square, sizeof *c->factor);
    if (!c->use || !c->nothing || !c->floor_ || !c->factor)
        return syi_fail(ctx, SY_ENOMEM, "diagnostics: no room for %d columns", p);
    c->inverse = c->factor + square;
    c->work = c->inverse + square;
    return SY_OK;
}

static void columns_free(columns *c)
{
    SYI_FREE(c->use);
    SYI_FREE(c->nothing);
    SYI_FREE(c->floor_);
    SYI_FREE(c->factor);
}

/* a [r * r] to unit diagonal; root [r]. */
static void scale(int r, syi_dd *a, syi_dd *root)
{
    for (int i = 0; i < r; i++) root[i] = syi_dd_sqrt(a[i * r + i]);
    for (int i = 0; i < r; i++)
        for (int j = 0; j < r; j++)
            a[i * r + j] = i == j ? syi_dd_of(1) : syi_dd_div(a[i * r + j], syi_dd_mul(root[i], root[j]));
}

/* out [r * r] = cosines of the columns in use from column `first` on, of their
 * rows of R from `first` on: R's first row holds what goes along an intercept,
 * so that first = 1 gives correlations without a subtraction. */
static void cosines(columns *c, int first, syi_dd *out)
{
    const syi_triangle *t = &c->whole->t;
    c->r = 0;
    for (int i = first; i < c->p; i++)
        if (!c->whole->s.aliased[i]) c->use[c->r++] = i;
    for (int i = 0; i < c->r; i++)
        for (int j = 0; j <= i; j++) {
            syi_dd sum = syi_dd_of(0);
            for (int k = first; k <= c->use[j]; k++) {
                const syi_dd *row = t->r + (ptrdiff_t)k * t->order;
                sum = syi_dd_add(sum, syi_dd_mul(row[c->use[i]], row[c->use[j]]));
            }
            out[i * c->r + j] = out[j * c->r + i] = sum;
        }
    scale(c->r, out, c->work);
}

static void invert(columns *c, int r, const syi_dd *a)
{
    memcpy(c->factor, a, (size_t)r * (size_t)r * sizeof *a);
    syi_cholesky(r, c->factor, c->floor_, c->nothing);
    for (int i = 0; i < r; i++) {
        syi_dd *column = c->inverse + (ptrdiff_t)i * r;
        for (int j = 0; j < r; j++) column[j] = syi_dd_of(i == j);
        syi_cholesky_solve(r, c->factor, c->nothing, column);
    }
}

/* Diagonal of the Cholesky factor of the block a[first.., first..]. */
static void block_pivots(columns *c, int r, const syi_dd *a, int first, int count, syi_dd *pivot)
{
    syi_dd *block = c->factor;
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++) block[i * count + j] = a[(first + i) * r + first + j];
    syi_cholesky(count, block, c->floor_, c->nothing);
    for (int i = 0; i < count; i++) pivot[i] = block[i * count + i];
}

/* det R_tt det (R^-1)_tt, factor by factor so that nothing overflows. */
static double generalised(columns *c, int r, const syi_dd *correlation, int first, int count)
{
    syi_dd *own = c->work, *other = c->work + count, product = syi_dd_of(1);
    if (count == 1) return syi_dd_round(c->inverse[(ptrdiff_t)first * (r + 1)]);
    block_pivots(c, r, correlation, first, count, own);
    block_pivots(c, r, c->inverse, first, count, other);
    for (int i = 0; i < count; i++) product = syi_dd_mul(product, syi_dd_mul(own[i], other[i]));
    return syi_dd_round(syi_dd_mul(product, product));
}

static void put(double *to, int i, double value)
{
    if (to) to[i] = value;
}

static void inflation(const syi_model *m, columns *c, syi_dd *correlation, const sy_collinearity *out)
{
    cosines(c, m->count[0], correlation);
    invert(c, c->r, correlation);
    for (int i = 0; out->vif && i < c->p; i++) out->vif[i] = NAN;
    for (int i = 0; out->vif && i < c->r; i++)
        out->vif[c->use[i]] = syi_dd_round(c->inverse[(ptrdiff_t)i * (c->r + 1)]);
    for (int t = 0, at = 0; t < m->model.n_terms; t++) {
        int count = 0;
        while (at + count < c->r && c->use[at + count] < m->first[t + 1] + m->count[t + 1]) count++;
        const double gvif = count ? generalised(c, c->r, correlation, at, count) : (double)NAN;
        put(out->gvif, t, gvif);
        put(out->df, t, count);
        put(out->gvif_root, t, pow(gvif, 0.5 / count));
        put(out->tolerance, t, 1 / gvif);
        at += count;
    }
}

/* Eigenvalues by size: order[k] is the place of the k-th largest. */
static void sort_down(int r, const syi_dd *a, int *order)
{
    for (int i = 0; i < r; i++) {
        int at = i;
        while (at > 0 && syi_dd_less(a[(ptrdiff_t)order[at - 1] * (r + 1)], a[(ptrdiff_t)i * (r + 1)])) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = i;
    }
}

static void proportions(const columns *c, const int *order, const syi_dd *a, const syi_dd *vectors, double *out)
{
    const int r = c->r;
    for (ptrdiff_t i = 0; i < (ptrdiff_t)c->p * c->p; i++) out[i] = NAN;
    for (int j = 0; j < r; j++) {
        syi_dd sum = syi_dd_of(0);
        for (int pass = 0; pass < 2; pass++)
            for (int k = 0; k < r; k++) {
                const syi_dd v = vectors[(ptrdiff_t)order[k] * r + j];
                const syi_dd phi = syi_dd_div(syi_dd_mul(v, v), a[(ptrdiff_t)order[k] * (r + 1)]);
                if (pass == 0) sum = syi_dd_add(sum, phi);
                else out[(ptrdiff_t)k * c->p + c->use[j]] = syi_dd_round(syi_dd_div(phi, sum));
            }
    }
}

static sy_status condition(sy_context *ctx, columns *c, syi_dd *a, const sy_collinearity *out)
{
    syi_dd *vectors = c->inverse;
    int *order = c->nothing;
    cosines(c, 0, a);
    const int r = c->r;
    const sy_status status = syi_symmetric_eigen(ctx, r, a, vectors);
    if (status) return status;
    sort_down(r, a, order);
    for (int k = 0; out->index && k < c->p; k++) {
        const ptrdiff_t at = k < r ? (ptrdiff_t)order[k] * (r + 1) : 0;
        out->index[k] =
            k < r ? syi_dd_round(syi_dd_sqrt(syi_dd_div(a[(ptrdiff_t)order[0] * (r + 1)], a[at]))) : (double)NAN;
    }
    if (out->proportion) proportions(c, order, a, vectors, out->proportion);
    return SY_OK;
}

sy_status sy_diagnostics_collinearity(sy_context *ctx, const sy_design *design, const sy_linear_model *model,
                                      const sy_linear_options *options, const sy_collinearity *out)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    syi_model m = {0};
    syi_factored whole = {0};
    columns c = {0};
    syi_dd *matrix = NULL;
    sy_status status = syi_model_open(ctx, design, model, options ? options->precision : SY_PRECISION_AUTO, &m);
    if (status >= 0) status = syi_model_rows(ctx, &m);
    if (status >= 0) status = syi_model_factor(ctx, &m, &whole);
    if (status >= 0) status = make_room(ctx, m.p, &whole, &c);
    if (status < 0) goto out;
    matrix = syi_alloc((size_t)m.p * (size_t)m.p, sizeof *matrix);
    if (!matrix) {
        status = syi_fail(ctx, SY_ENOMEM, "diagnostics: no room for %d columns", m.p);
        goto out;
    }
    if (out->gvif || out->df || out->gvif_root || out->tolerance || out->vif) inflation(&m, &c, matrix, out);
    if (out->index || out->proportion) status = condition(ctx, &c, matrix, out);
out:
    SYI_FREE(matrix);
    columns_free(&c);
    syi_factored_free(&whole);
    syi_model_free(&m);
    return status < 0 ? status : syi_status_of_remarks(ctx, first);
}
