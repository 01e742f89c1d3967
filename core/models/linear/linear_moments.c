/* A triangle from one pass of cross-products.
 *
 * The sums of sy_moments_init, shifted by a first guess of the means, are
 * centred in double-double and factored; the first row is that of the means.
 * Taken only where it leaves 12 digits: coefficients from cross-products in
 * double are off by about u times the trace of the inverse correlation matrix
 * of columns and outcome, the sum of the variance inflation factors with
 * 1 / (1 - R2) among them, which bounds the condition of that matrix. Why: one
 * read of the data and half the operations of QR. Cost: n p^2 / 2
 * multiply-adds.
 * Higham 2002, doi:10.1137/1.9780898718027, section 20.4.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_internal.h"
#include "algebra/moments_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/linear/linear_internal.h"

int syi_linear_moments_apply(const syi_model *m)
{
    if (m->absorb >= 0) return 0;
    for (int t = 0; t < m->model.n_terms; t++)
        if (m->count[t + 1] != 1 || m->number_terms[t].n_factors != m->design->terms[m->model.terms[t]].n_factors)
            return 0;
    return 1;
}

typedef struct {
    const sy_moments *moments;
    syi_sums sums;
    int *column; /* [p] design columns of the model's, the outcome last; no intercept among them */
    int k;       /* how many */
    syi_dd *s;   /* [k * k] */
    double *floor_;
    int *aliased;
} sums_job;

static syi_dd sum_at(const sums_job *j, int a, int b)
{
    const size_t at = a <= b ? syi_packed_at(j->moments->n_columns, a, b) : syi_packed_at(j->moments->n_columns, b, a);
    return (syi_dd){j->sums.hi[at], j->sums.lo[at]};
}

/* About zero: sum w (z_a + s_a)(z_b + s_b). */
static void uncentred(const sums_job *j)
{
    const double *shift = j->moments->shift;
    for (int a = 0; a < j->k; a++)
        for (int b = a; b < j->k; b++) {
            const int ca = j->column[a], cb = j->column[b];
            syi_dd v = syi_dd_add(sum_at(j, ca + 1, cb + 1), syi_dd_mul_d(sum_at(j, 0, cb + 1), shift[ca]));
            v = syi_dd_add(v, syi_dd_mul_d(sum_at(j, 0, ca + 1), shift[cb]));
            v = syi_dd_add(v, syi_dd_mul(sum_at(j, 0, 0), syi_two_product(shift[ca], shift[cb])));
            j->s[a * j->k + b] = j->s[b * j->k + a] = v;
        }
}

static syi_dd shifted(syi_dd a, int e)
{
    return (syi_dd){ldexp(a.hi, e), ldexp(a.lo, e)};
}

/* Scaled by powers of two; 0 when a column has no length at all. */
static int scale(const sums_job *j, int base, syi_triangle *t)
{
    for (int a = 0; a < j->k; a++) {
        const double d = j->s[a * j->k + a].hi;
        if (!(d > 0) || !isfinite(d)) return 0;
        t->exponent[base + a] = ilogb(d) / 2;
    }
    for (int a = 0; a < j->k; a++)
        for (int b = 0; b < j->k; b++)
            j->s[a * j->k + b] = shifted(j->s[a * j->k + b], -t->exponent[base + a] - t->exponent[base + b]);
    return 1;
}

/* R: the means above the factor of the centred sums. */
static int fill_triangle(const sums_job *j, int base, syi_triangle *t)
{
    const int order = t->order;
    if (!scale(j, base, t)) return 0;
    if (syi_cholesky(j->k, j->s, j->floor_, j->aliased) < j->k) return 0;
    for (int i = 0; i < order * order; i++) t->r[i] = syi_dd_of(0);
    for (int a = 0; a < j->k; a++)
        for (int b = 0; b <= a; b++) t->r[(ptrdiff_t)(base + b) * order + base + a] = j->s[a * j->k + b];
    if (!base) return 1;
    const syi_dd weight = sum_at(j, 0, 0), root = syi_dd_sqrt(weight);
    t->exponent[0] = 0;
    t->r[0] = root;
    for (int a = 0; a < j->k; a++) {
        const syi_dd low = syi_dd_div(sum_at(j, 0, j->column[a] + 1), root);
        const syi_dd mean = syi_dd_add(low, syi_dd_mul_d(root, j->moments->shift[j->column[a]]));
        t->about[1 + a] = shifted(low, -t->exponent[1 + a]).hi;
        t->r[1 + a] = shifted(mean, -t->exponent[1 + a]);
    }
    return 1;
}

static sy_status build(sy_context *ctx, const syi_model *m, const sy_moments *moments, syi_triangle *t, int *good)
{
    const int base = m->count[0], k = t->order - base;
    const size_t length = syi_packed_length(moments->n_columns), n = (size_t)t->order;
    sums_job j = {.moments = moments, .k = k};
    sy_status s = SY_OK;
    syi_dd *root = syi_alloc(n * n, sizeof *root);
    j.sums.hi = syi_alloc(length, sizeof(double));
    j.sums.lo = syi_alloc(length, sizeof(double));
    j.column = syi_alloc(n, sizeof *j.column);
    j.s = syi_alloc(n * n, sizeof *j.s);
    j.floor_ = syi_alloc(n, sizeof *j.floor_);
    j.aliased = syi_alloc(n, sizeof *j.aliased);
    if (!root || !j.sums.hi || !j.sums.lo || !j.column || !j.s || !j.floor_ || !j.aliased) {
        s = syi_fail(ctx, SY_ENOMEM, "linear: out of memory for %d columns", m->p);
        goto out;
    }
    syi_moments_total(moments, NULL, &j.sums);
    for (int a = 0; a < k; a++) {
        const int term = a + 1 < k ? m->model.terms[a] : m->model.outcome;
        j.column[a] = moments->term_first[term];
        j.floor_[a] = moments->floor_[j.column[a]];
    }
    if (base) syi_moments_centred(moments, &j.sums, k, j.column, j.s);
    else uncentred(&j);
    if (fill_triangle(&j, base, t)) {
        t->trace = syi_triangle_trace(t->order, t->r, base, t->order, NULL, root);
        *good = t->trace <= syi_most_trace;
    }
    t->unit = 64 * 0x1p-53;
out:
    SYI_FREE(root);
    SYI_FREE(j.sums.hi);
    SYI_FREE(j.sums.lo);
    SYI_FREE(j.column);
    SYI_FREE(j.s);
    SYI_FREE(j.floor_);
    SYI_FREE(j.aliased);
    return s;
}

sy_status syi_linear_moments(sy_context *ctx, const sy_design *design, syi_model *m, syi_triangle *t, int *good)
{
    const sy_moments_options options = {SY_UNIT_NONE, SY_PRECISION_DOUBLE};
    sy_moments moments;
    *good = 0;
    sy_status s = sy_moments_init(ctx, design, &options, &moments);
    if (s < 0) return s;
    m->n = moments.n;
    m->rows_used = moments.rows_used;
    m->rows_dropped = moments.rows_dropped;
    m->rows_zero = moments.rows_zero;
    m->sum_w = moments.sum_w;
    m->sum_w2 = moments.sum_w2;
    m->rows_known = 1;
    s = build(ctx, m, &moments, t, good);
    sy_moments_free(&moments);
    return s;
}
