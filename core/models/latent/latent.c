/* All pairs of columns, and moments made of their correlations.
 *
 * R = (r_ij) from the pairs one by one. With the influence f_i of row i on a
 * correlation (mean zero), M_g = sum over the rows of unit g of w (R + f_i): the
 * sets add up to sum(w) R, and leaving one out gives R - sum w f / (W - w_g), the
 * infinitesimal jackknife [Jaeckel 1972; Efron 1982, doi:10.1137/1.9781611970319].
 * So shares, intervals and tests over units are those of any other moments.
 * Standard errors: the square root of sum over units of (sum w f)^2 / W^2, times G / (G - 1) for G units.
 *
 * Cost: n q^2 for the sets, and the pairs.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/eigen_internal.h"
#include "algebra/moments_build_internal.h"
#include "algebra/root_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/latent/latent_internal.h"
#include "steelyard/distribution.h"
#include <math.h>
#include <string.h>

void sy_latent_defaults(sy_latent_options *options)
{
    *options = (sy_latent_options){.unit = SY_UNIT_NONE, .level = 0.95};
}

double syi_latent_solve(double (*slope)(double rho, const void *arg), const void *arg)
{
    double near = 0, at_near = slope(0, arg), gap = 0.5;
    const double sign = at_near >= 0 ? 1 : -1;
    if (at_near == 0) return 0;
    for (; gap > 1e-10; gap *= gap > 1e-2 ? 0.2 : 0.01) {
        const double far = sign * (1 - gap), at_far = slope(far, arg);
        if (at_far * sign <= 0) return syi_root(slope, arg, near, at_near, far, at_far, 1e-15);
        near = far;
        at_near = at_far;
    }
    return sign;
}

/* Where a row's unit lies among the sets. */
static ptrdiff_t set_of(const syi_latent_rows *rows, sy_unit unit, ptrdiff_t row)
{
    return unit == SY_UNIT_ROW ? row : unit == SY_UNIT_CLUSTER ? rows->unit[row] : 0;
}

typedef struct {
    const sy_design *design;
    const syi_latent_rows *rows;
    const sy_latent_table *table;
    double *r;                   /* the table's */
    double *influence, *cluster; /* [n], [n_clusters] */
    double quantile;
    syi_blob *blob; /* NULL: no moments */
} work;

static double error_of(const work *k)
{
    const syi_latent_rows *rows = k->rows;
    double sum = 0, units = (double)rows->n;
    if (rows->unit) {
        memset(k->cluster, 0, (size_t)rows->n_clusters * sizeof *k->cluster);
        for (ptrdiff_t i = 0; i < rows->n; i++) k->cluster[rows->unit[i]] += rows->weight[i] * k->influence[i];
        for (int g = 0; g < rows->n_clusters; g++) sum += k->cluster[g] * k->cluster[g];
        units = rows->n_clusters;
    } else if (k->design->weight_kind == SY_WEIGHT_FREQUENCY && k->design->weights) {
        for (ptrdiff_t i = 0; i < rows->n; i++) sum += rows->weight[i] * k->influence[i] * k->influence[i];
        units = rows->sum_w;
    } else {
        for (ptrdiff_t i = 0; i < rows->n; i++) {
            const double move = rows->weight[i] * k->influence[i];
            sum += move * move;
        }
    }
    return sqrt(sum * units / (units - 1)) / rows->sum_w;
}

/* Limits on Fisher's z, whose slope is 1 / (1 - r^2). */
static void set_limits(const work *k)
{
    const sy_latent_table *t = k->table;
    const int q = k->rows->q;
    for (int at = 0; at < q * q; at++) {
        const double r = t->r[at], reach = k->quantile * t->std_error[at] / (1 - r * r);
        const int own = at / q == at % q;
        t->low[at] = own ? 1 : tanh(atanh(r) - reach);
        t->high[at] = own ? 1 : tanh(atanh(r) + reach);
    }
}

static void add_pair(const work *k, int i, int j, double r)
{
    const syi_latent_rows *rows = k->rows;
    const size_t length = syi_packed_length(rows->q),
                 at = syi_packed_at(rows->q, (i < j ? i : j) + 1, (i < j ? j : i) + 1);
    for (ptrdiff_t row = 0; row < rows->n; row++)
        k->blob->hi[(size_t)set_of(rows, k->blob->shape.unit, row) * length + at] +=
            rows->weight[row] * (r + k->influence[row]);
}

static const char *label(const sy_design *d, int term)
{
    return d->terms[term].label;
}

static sy_status pair(sy_context *ctx, const work *k, int i, int j)
{
    const syi_latent_rows *rows = k->rows;
    const int q = rows->q, ordered_i = rows->levels[i] > 0, ordered_j = rows->levels[j] > 0;
    double r = 0;
    sy_status status;
    if (ordered_i && ordered_j) status = syi_latent_polychoric(ctx, rows, i, j, &r, k->influence);
    else if (ordered_i || ordered_j)
        status = syi_latent_polyserial(ctx, rows, ordered_i ? j : i, ordered_i ? i : j, &r, k->influence);
    else status = syi_latent_pearson(ctx, rows, i, j, &r, k->influence);
    if (status < 0) return status;
    k->r[i * q + j] = k->r[j * q + i] = r;
    k->table->std_error[i * q + j] = k->table->std_error[j * q + i] = fabs(r) < 1 ? error_of(k) : NAN;
    if (k->blob) add_pair(k, i, j, r);
    if (fabs(r) < 1) return SY_OK;
    return syi_remark(ctx, SY_NOTE_BOUNDARY, label(k->design, i), r,
                      "the correlation of %s with %s is at its limit, %.0f: the table rules nothing else out",
                      label(k->design, i), label(k->design, j), r);
}

/* Moves r to the nearest kind of matrix without negative eigenvalues: they are
 * raised to 1e-6 of the largest and the diagonal is made 1 again. */
static sy_status smooth(sy_context *ctx, int q, double *r)
{
    const size_t size = (size_t)q * (size_t)q;
    syi_dd *a = syi_alloc(2 * size, sizeof *a), *vectors = a ? a + size : NULL;
    if (!a) return syi_fail(ctx, SY_ENOMEM, "out of memory for %d columns", q);
    for (size_t i = 0; i < size; i++) a[i] = syi_dd_of(r[i]);
    const sy_status status = syi_symmetric_eigen(ctx, q, a, vectors);
    double most = 0;
    for (int k = 0; k < q && !status; k++) most = fmax(most, a[k * q + k].hi);
    for (size_t at = 0; at < size && !status; at++) {
        double sum = 0;
        for (int k = 0; k < q; k++)
            sum += fmax(a[k * q + k].hi, 1e-6 * most) * vectors[(size_t)(k * q) + at / (size_t)q].hi *
                   vectors[(size_t)(k * q) + at % (size_t)q].hi;
        r[at] = sum;
    }
    double *const diagonal = (double *)a;
    for (int i = 0; i < q && !status; i++) diagonal[i] = sqrt(r[i * q + i]);
    for (int i = 0; i < q && !status; i++)
        for (int j = 0; j < q; j++) r[i * q + j] = i == j ? 1 : r[i * q + j] / (diagonal[i] * diagonal[j]);
    SYI_FREE(a);
    return status;
}

static sy_status check_definite(sy_context *ctx, const work *k, const sy_latent_options *o)
{
    const int q = k->rows->q;
    const size_t size = (size_t)q * (size_t)q, length = syi_packed_length(q);
    double least = 0, greatest = 0, *before = syi_alloc(size, sizeof *before);
    if (!before) return syi_fail(ctx, SY_ENOMEM, "out of memory for %d columns", q);
    memcpy(before, k->r, size * sizeof *before);
    sy_status status = syi_symmetric_extremes(ctx, q, before, &least, &greatest);
    if (status >= 0 && least < -1e-12 && !o->smooth)
        status =
            syi_fail(ctx, SY_EDATA,
                     "the correlations, found pair by pair, make no correlation matrix (least eigenvalue %.3g); ask "
                     "for smooth",
                     least);
    if (status >= 0 && least < -1e-12) {
        memcpy(before, k->r, size * sizeof *before);
        status = smooth(ctx, q, k->r);
        if (status >= 0)
            status = syi_remark(ctx, SY_NOTE_BOUNDARY, "", least,
                                "the correlations, found pair by pair, made no correlation matrix (least eigenvalue "
                                "%.3g); one near them is used",
                                least);
        for (ptrdiff_t row = 0; row < k->rows->n && k->blob && status >= 0; row++)
            for (int i = 0; i < q; i++)
                for (int j = i + 1; j < q; j++)
                    k->blob->hi[(size_t)set_of(k->rows, k->blob->shape.unit, row) * length +
                                syi_packed_at(q, i + 1, j + 1)] +=
                        k->rows->weight[row] * (k->r[i * q + j] - before[i * q + j]);
    }
    SYI_FREE(before);
    return status;
}

static sy_status open_blob(sy_context *ctx, const work *k, sy_unit unit, syi_blob *b)
{
    const syi_latent_rows *rows = k->rows;
    const sy_design *d = k->design;
    syi_shape shape = {.n_terms = rows->q,
                       .n_columns = rows->q,
                       .n_units = unit == SY_UNIT_NONE  ? 1
                                  : unit == SY_UNIT_ROW ? rows->n
                                                        : rows->n_clusters,
                       .unit = unit,
                       .weight_kind = d->weights ? d->weight_kind : SY_WEIGHT_NONE,
                       .from_correlation = 1};
    for (int i = 0; i < rows->q; i++) shape.text_bytes += syi_text_room(label(d, i));
    for (int g = 0; g < rows->n_clusters && unit == SY_UNIT_CLUSTER; g++)
        shape.text_bytes += syi_text_room(d->cluster->levels[rows->cluster_code[g]]);
    const sy_status status = syi_blob_new(ctx, &shape, b);
    if (status < 0) return status;
    for (int i = 0; i < rows->q; i++) {
        syi_blob_text(b, i, label(d, i));
        b->term_first[i] = i;
        b->term_columns[i] = 1;
        b->term_missing[i] = rows->missing[i];
        b->floor_[i] = syi_rounding_floor(0, rows->q, syi_dd_of(1), 0);
    }
    for (int g = 0; g < rows->n_clusters && unit == SY_UNIT_CLUSTER; g++)
        syi_blob_text(b, 2 * rows->q + g, d->cluster->levels[rows->cluster_code[g]]);
    return SY_OK;
}

/* Counts, and the sums that need no pair. */
static void fill_margins(const work *k, syi_blob *b)
{
    const syi_latent_rows *rows = k->rows;
    const size_t length = syi_packed_length(rows->q);
    const int repeated = b->shape.weight_kind == SY_WEIGHT_FREQUENCY;
    for (ptrdiff_t row = 0; row < rows->n; row++) {
        const size_t g = (size_t)set_of(rows, b->shape.unit, row);
        const double w = rows->weight[row];
        b->unit_rows[g] += 1;
        b->unit_n[g] += repeated ? w : 1;
        b->unit_sum_w2[g] += w * w;
        for (int i = 0; i <= rows->q; i++) b->hi[g * length + syi_packed_at(rows->q, i, i)] += w;
    }
    *b->n = repeated ? rows->sum_w : (double)rows->n;
    *b->rows_read = (double)rows->rows_read;
    *b->rows_used = (double)rows->n;
    *b->rows_dropped = (double)rows->rows_dropped;
    *b->rows_zero = (double)rows->rows_zero;
    *b->sum_w = rows->sum_w;
    *b->sum_w2 = rows->sum_w2;
}

static sy_status all_pairs(sy_context *ctx, work *k, const sy_latent_options *o, sy_moments *moments)
{
    const int q = k->rows->q;
    syi_blob blob = {0};
    sy_status status = SY_OK;
    if (moments) {
        status = open_blob(ctx, k, o->unit, &blob);
        if (status < 0) return status;
        k->blob = &blob;
        fill_margins(k, &blob);
    }
    for (int i = 0; i < q && status >= 0; i++) {
        k->r[i * q + i] = 1;
        k->table->std_error[i * q + i] = 0;
        for (int j = 0; j < i && status >= 0; j++) status = pair(ctx, k, i, j);
    }
    if (status >= 0) status = check_definite(ctx, k, o);
    if (status >= 0) set_limits(k);
    if (status >= 0 && moments) status = syi_blob_seal(ctx, &blob, moments);
    if (moments) syi_blob_free(&blob);
    return status;
}

sy_status sy_latent(sy_context *ctx, const sy_design *design, const sy_latent_options *options,
                    const sy_latent_table *table, sy_moments *moments)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    syi_latent_rows rows = {0};
    work k = {.design = design, .rows = &rows, .table = table, .r = table->r};
    if (moments) *moments = (sy_moments){0};
    if (options->unit == SY_UNIT_CLUSTER && !design->cluster)
        return syi_fail(ctx, SY_EINVAL, "cluster: none given; moments by cluster need one");
    if (!(options->level > 0 && options->level < 1))
        return syi_fail(ctx, SY_EINVAL, "level: %g is not between 0 and 1", options->level);
    sy_status status = syi_latent_read(ctx, design, &rows);
    if (status >= 0)
        status = sy_distribution_t_quantile(ctx, 0.5 + options->level / 2, rows.unit ? rows.n_clusters - 1.0 : HUGE_VAL,
                                            &k.quantile);
    if (status < 0) goto out;
    k.influence = syi_alloc((size_t)rows.n, sizeof *k.influence);
    k.cluster = syi_alloc((size_t)rows.n_clusters + 1, sizeof *k.cluster);
    if (k.influence && k.cluster) status = all_pairs(ctx, &k, options, moments);
    else status = syi_fail(ctx, SY_ENOMEM, "out of memory for %td rows", rows.n);
out:
    SYI_FREE(k.influence);
    SYI_FREE(k.cluster);
    syi_latent_free(&rows);
    return status < 0 ? status : syi_status_of_remarks(ctx, first);
}
