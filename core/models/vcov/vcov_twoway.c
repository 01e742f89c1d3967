/* Two-way clustering: V = V1 + V2 - V12, where V12 clusters by the combinations
 * of both. The sum can have negative eigenvalues; they are set to zero, in columns
 * orthonormal over the rows: on the scale of the coefficients, as the paper has it,
 * errors would change with the units of the predictors. Where one clustering lies within the other, V is
 * that of the coarser one. Degrees of freedom: the lesser of the two ways'.
 * Combinations are found by two stable counting sorts, the second key first.
 * Cost: three times one-way.
 * Cameron, Gelbach & Miller 2011, doi:10.1198/jbes.2010.07136, section 2.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "models/vcov/vcov_internal.h"
#include <math.h>
#include <string.h>

static int code_of(const sy_column *c, ptrdiff_t row)
{
    const double v = syi_column_value(c, row);
    return v >= 0 ? (int)v : -1;
}

/* by_second: rows sorted by `second`. Rows without the first are behind the
 * last set. */
static sy_status combine(sy_context *ctx, const sy_column *first, const sy_column *second, ptrdiff_t n,
                         const syi_sorted *by_second, syi_sorted *both)
{
    const int levels = first->n_levels;
    const size_t rows = n > 0 ? (size_t)n : 1;
    ptrdiff_t *next = syi_alloc((size_t)levels + 2, sizeof *next);
    *both = (syi_sorted){0};
    both->order = syi_alloc(rows, sizeof *both->order);
    both->start = syi_alloc(rows + 2, sizeof *both->start);
    both->code = syi_alloc(rows, sizeof *both->code);
    if (!next || !both->order || !both->start || !both->code) {
        SYI_FREE(next);
        syi_sorted_free(both);
        return syi_fail(ctx, SY_ENOMEM, "cluster: out of memory for the order of %td rows", n);
    }
    for (ptrdiff_t i = 0; i < n; i++) {
        const int code = code_of(first, i);
        next[(code < 0 ? levels : code) + 1]++;
    }
    for (int l = 0; l <= levels; l++) next[l + 1] += next[l];
    const ptrdiff_t coded = next[levels];
    for (ptrdiff_t i = 0; i < n; i++) {
        const ptrdiff_t row = by_second->order[i];
        const int code = code_of(first, row);
        both->order[next[code < 0 ? levels : code]++] = row;
    }
    int last[2] = {-1, -1};
    for (ptrdiff_t i = 0; i < coded; i++) {
        const int code[2] = {code_of(first, both->order[i]), code_of(second, both->order[i])};
        if (memcmp(code, last, sizeof code) != 0) both->start[both->sets++] = i;
        memcpy(last, code, sizeof last);
    }
    both->start[both->sets] = coded;
    both->start[both->sets + 1] = n;
    SYI_FREE(next);
    return SY_OK;
}

/* Rows that are used must have a second cluster. */
static sy_status check_second(sy_context *ctx, const syi_basis *b, const sy_column *second)
{
    const sy_design *d = b->design;
    double *x = syi_alloc(((size_t)b->p + 2) * SYI_TILE, sizeof *x), code[SYI_TILE];
    unsigned char used[SYI_TILE];
    ptrdiff_t row[SYI_TILE], missing = -1;
    if (!x) return syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for %d columns", b->p);
    for (ptrdiff_t start = 0; start < d->n && missing < 0; start += SYI_TILE) {
        const int len = d->n - start < SYI_TILE ? (int)(d->n - start) : SYI_TILE;
        syi_column_values(second, NULL, start, len, code);
        int some = 0;
        for (int i = 0; i < len; i++) {
            row[i] = start + i;
            some |= isnan(code[i]);
        }
        if (!some) continue;
        syi_model_tile(&b->m, row, len, x, x + (ptrdiff_t)b->p * SYI_TILE, x + ((ptrdiff_t)b->p + 1) * SYI_TILE, used);
        for (int i = 0; i < len && missing < 0; i++)
            if (used[i] && isnan(code[i])) missing = row[i];
    }
    SYI_FREE(x);
    if (missing < 0) return SY_OK;
    return syi_fail(ctx, SY_EDATA, "cluster: row %td has no %s; leave the rows out that lack it", missing + 1,
                    second->name);
}

/* out = L^-1 in', L lower; all k by k. */
static void solve_transposed(int k, const double *l, const double *in, double *out)
{
    for (int c = 0; c < k; c++)
        for (int i = 0; i < k; i++) {
            double sum = in[c * k + i];
            for (int m = 0; m < i; m++) sum -= l[i * k + m] * out[m * k + c];
            out[i * k + c] = sum / l[i * k + i];
        }
}

/* Lower root of (X'WX)^-1 of the columns in use. */
static void root_of(const syi_basis *b, double *l)
{
    const int k = b->rank;
    for (int i = 0; i < k; i++)
        for (int j = 0; j <= i; j++) {
            const double own = b->inverse[(ptrdiff_t)b->column[i] * b->p + b->column[j]];
            double sum = own;
            for (int m = 0; m < j; m++) sum -= l[i * k + m] * l[j * k + m];
            l[i * k + j] = i == j ? sqrt(fmax(sum, 1e-16 * own)) : sum / l[j * k + j];
        }
}

/* Negative eigenvalues set to zero; their number. They are those of v in columns
 * that are orthonormal over the rows, v = L A L' with L L' = (X'WX)^-1: neither
 * units nor the coding of factors change what is cut. */
static sy_status make_positive(sy_context *ctx, const syi_basis *b, double *v)
{
    const int k = b->rank;
    const size_t square = (size_t)k * (size_t)k;
    double *l = syi_alloc(4 * square + 2 * (size_t)k, sizeof *l), most = 0;
    int negative = 0;
    if (!l) return syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for %d columns", k);
    double *a = l + square, *half = a + square, *vectors = half + square, *d = vectors + square, *e = d + k;
    root_of(b, l);
    solve_transposed(k, l, v, half);
    solve_transposed(k, l, half, a);
    syi_eigen_double(k, a, d, e, vectors);
    for (int m = 0; m < k; m++) most = fmax(most, fabs(d[m]));
    for (int m = 0; m < k; m++) negative += d[m] < -1e-12 * most;
    for (int m = 0; m < k; m++) /* vectors times L' */
        for (int i = k - 1; i >= 0; i--) {
            double sum = 0;
            for (int j = 0; j <= i; j++) sum += l[i * k + j] * vectors[m * k + j];
            vectors[m * k + i] = sum;
        }
    for (int i = 0; negative && i < k; i++)
        for (int j = 0; j < k; j++) {
            double sum = 0;
            for (int m = 0; m < k; m++) sum += fmax(d[m], 0) * (vectors[m * k + i] * vectors[m * k + j]);
            v[i * k + j] = sum;
        }
    SYI_FREE(l);
    if (!negative) return SY_OK;
    return syi_remark(ctx, SY_NOTE_FEW_CLUSTERS, "two-way", negative,
                      "two-way clusters: %d negative eigenvalue%s of the covariance set to zero", negative,
                      negative == 1 ? "" : "s");
}

static sy_status nested(sy_context *ctx, const sy_column *inner, const sy_column *outer)
{
    return syi_remark(ctx, SY_NOTE_FEW_CLUSTERS, "nested", 0,
                      "two-way clusters are nested: %s lies within %s, and the covariance is that of %s alone",
                      inner->name, outer->name, outer->name);
}

static sy_status join(sy_context *ctx, const syi_basis *b, const sy_column *second, const ptrdiff_t count[3],
                      const double *v2, const double *v12, const double *df2, double *covariance, double *df)
{
    const ptrdiff_t p = b->p;
    const int r = b->rank;
    const sy_column *first = b->design->cluster;
    double *inner = syi_alloc((size_t)r * (size_t)r, sizeof *inner);
    if (!inner) return syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for %d columns", r);
    for (int i = 0; i < r; i++)
        for (int j = 0; j < r; j++) {
            const ptrdiff_t at = b->column[i] * p + b->column[j];
            inner[i * r + j] = covariance[at] + v2[at] - v12[at];
        }
    sy_status s = make_positive(ctx, b, inner);
    if (s >= 0 && count[2] == count[1] && count[1] >= count[0]) s = nested(ctx, second, first);
    else if (s >= 0 && count[2] == count[0]) s = nested(ctx, first, second);
    syi_basis_spread(b, inner, covariance);
    for (ptrdiff_t i = 0; df && i < p; i++) df[i] = fmin(df[i], df2[i]);
    SYI_FREE(inner);
    return s;
}

sy_status syi_vcov_twoway(sy_context *ctx, const syi_basis *b, const sy_column *second, sy_vcov_kind kind,
                          double *covariance, double *df)
{
    const size_t p = (size_t)b->p;
    const sy_column *first = b->design->cluster;
    const ptrdiff_t n = b->design->n;
    syi_sorted one = {0}, two = {0}, both = {0};
    ptrdiff_t count[3] = {0, 0, 0};
    double *v = syi_alloc(2 * p * p + p, sizeof *v);
    sy_status s = v ? check_second(ctx, b, second) : syi_fail(ctx, SY_ENOMEM, "covariance: out of memory");
    if (s >= 0) s = syi_sort_clusters(ctx, first, n, &one);
    if (s >= 0) s = syi_sort_clusters(ctx, second, n, &two);
    if (s >= 0) s = combine(ctx, first, second, n, &two, &both);
    if (s < 0) goto out;
    double *v12 = v + p * p, *df2 = v12 + p * p;
    s = syi_vcov_from_sorted(ctx, b, &one, first, "cluster", kind, covariance, df, &count[0]);
    if (s >= 0) s = syi_vcov_from_sorted(ctx, b, &two, second, "cluster", kind, v, df ? df2 : NULL, &count[1]);
    if (s >= 0) s = syi_vcov_from_sorted(ctx, b, &both, NULL, "cluster", kind, v12, NULL, &count[2]);
    if (s >= 0) s = join(ctx, b, second, count, v, v12, df2, covariance, df);
out:
    syi_sorted_free(&one);
    syi_sorted_free(&two);
    syi_sorted_free(&both);
    SYI_FREE(v);
    return s;
}
