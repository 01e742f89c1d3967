/* Rows and margins for correlations of latent normal variables.
 *
 * Numbers are standardised by the mean and the standard deviation of the sample
 * (divisor sum of weights); of an ordered column the threshold above level k is the normal quantile
 * of the weight up to it. Levels without rows have no threshold. Cost: n a column.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/design_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/latent/binormal_internal.h"
#include "models/latent/latent_internal.h"
#include "steelyard/distribution.h"
#include <math.h>
#include <string.h>

static const sy_column *column_of(const sy_design *d, int term)
{
    return &d->columns[d->terms[term].factors[0].column];
}

static sy_status check(sy_context *ctx, const sy_design *d)
{
    if (d->n_terms < 2) return syi_fail(ctx, SY_EINVAL, "columns: %d given; at least two are needed", d->n_terms);
    for (int t = 0; t < d->n_terms; t++)
        if (d->terms[t].n_factors != 1 || d->terms[t].factors[0].power != 1)
            return syi_fail(ctx, SY_EINVAL, "columns: %s is not one column", d->terms[t].label);
    if (d->weights && d->weight_kind == SY_WEIGHT_ANALYTIC)
        return syi_fail(ctx, SY_EINVAL,
                        "weights: %s are analytic; correlations of ordered answers take frequency or sampling weights",
                        d->weights->name);
    return SY_OK;
}

static sy_status check_weight(sy_context *ctx, const sy_design *d, double w, ptrdiff_t row)
{
    const int whole = d->weight_kind == SY_WEIGHT_FREQUENCY;
    if (w >= 0 && !isinf(w) && (!whole || w == floor(w))) return SY_OK;
    return syi_fail(ctx, SY_EDATA, "weights: %s is %g in row %td; %s", d->weights->name, w, row + 1,
                    whole ? "frequencies are whole numbers from 0" : "weights are numbers from 0");
}

/* Values of the complete rows, packed to the front of each column. */
static sy_status collect(sy_context *ctx, const sy_design *d, syi_latent_rows *rows)
{
    const ptrdiff_t n = d->n;
    ptrdiff_t used = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        if (i % 4096 == 0 && syi_serial_stopped(ctx)) return SY_EINTR;
        const double w = d->weights ? syi_column_value(d->weights, i) : 1;
        const double g = d->cluster ? syi_column_value(d->cluster, i) : 0;
        int complete = !isnan(w) && !isnan(g);
        for (int t = 0; t < rows->q; t++) {
            const double x = syi_column_value(column_of(d, t), i);
            if (isinf(x)) return syi_fail(ctx, SY_EDATA, "%s: row %td is infinite", d->terms[t].label, i + 1);
            rows->missing[t] += isnan(x);
            complete &= !isnan(x);
            rows->value[t * n + used] = x;
        }
        rows->rows_dropped += !complete;
        if (!complete) continue;
        const sy_status status = check_weight(ctx, d, w, i);
        if (status < 0) return status;
        rows->rows_zero += w == 0;
        if (w == 0) continue;
        rows->weight[used] = w;
        if (rows->unit) rows->unit[used] = (int32_t)g;
        rows->sum_w += w;
        rows->sum_w2 += w * w;
        used++;
    }
    for (int t = 1; t < rows->q; t++)
        memmove(rows->value + t * used, rows->value + t * n, (size_t)used * sizeof(double));
    rows->rows_read = n;
    rows->n = used;
    return SY_OK;
}

static sy_status standardise(sy_context *ctx, const sy_design *d, syi_latent_rows *rows, int t)
{
    double *x = rows->value + (ptrdiff_t)t * rows->n, mean = 0, again = 0, square = 0;
    for (ptrdiff_t i = 0; i < rows->n; i++) mean += rows->weight[i] * x[i];
    mean /= rows->sum_w;
    for (ptrdiff_t i = 0; i < rows->n; i++) again += rows->weight[i] * (x[i] - mean);
    mean += again / rows->sum_w;
    for (ptrdiff_t i = 0; i < rows->n; i++) square += rows->weight[i] * (x[i] - mean) * (x[i] - mean);
    const double sd = sqrt(square / rows->sum_w);
    if (!(sd > 64 * 0x1p-53 * fabs(mean)))
        return syi_fail(ctx, SY_EDATA, "%s: all %td values are equal", d->terms[t].label, rows->n);
    for (ptrdiff_t i = 0; i < rows->n; i++) x[i] = (x[i] - mean) / sd;
    return SY_OK;
}

/* place[level]: its place among those in use; -1 without rows. */
static int levels_in_use(const double *x, ptrdiff_t n, int n_levels, int *place)
{
    int used = 0;
    for (int l = 0; l < n_levels; l++) place[l] = -1;
    for (ptrdiff_t i = 0; i < n; i++) place[(int)x[i]] = 0;
    for (int l = 0; l < n_levels; l++)
        if (place[l] == 0) place[l] = used++;
    return used;
}

static sy_status cut(sy_context *ctx, const sy_design *d, syi_latent_rows *rows, int t)
{
    const int n_levels = column_of(d, t)->n_levels;
    double *x = rows->value + (ptrdiff_t)t * rows->n;
    int *place = syi_alloc((size_t)n_levels, sizeof *place);
    if (!place) return syi_fail(ctx, SY_ENOMEM, "out of memory for %d levels", n_levels);
    const int used = rows->levels[t] = levels_in_use(x, rows->n, n_levels, place);
    for (ptrdiff_t i = 0; i < rows->n; i++) x[i] = place[(int)x[i]];
    SYI_FREE(place);
    if (used < 2) return syi_fail(ctx, SY_EDATA, "%s: all %td answers are at one level", d->terms[t].label, rows->n);
    if (used > SYI_LATENT_LEVELS)
        return syi_fail(ctx, SY_ELIMIT, "%s: %d levels; ordered answers with more than %d are better read as numbers",
                        d->terms[t].label, used, SYI_LATENT_LEVELS);
    rows->cut[t] = syi_alloc(2 * ((size_t)used + 1), sizeof(double));
    if (!rows->cut[t]) return syi_fail(ctx, SY_ENOMEM, "out of memory for %d levels", used);
    double *below = rows->below[t] = rows->cut[t] + used + 1;
    for (ptrdiff_t i = 0; i < rows->n; i++) below[(int)x[i] + 1] += rows->weight[i];
    for (int k = 1; k <= used; k++) below[k] += below[k - 1];
    for (int k = 1; k < used; k++) {
        below[k] /= rows->sum_w;
        const sy_status status = sy_distribution_normal_quantile(ctx, below[k], &rows->cut[t][k]);
        if (status < 0) return status;
    }
    below[used] = 1;
    rows->cut[t][0] = -HUGE_VAL;
    rows->cut[t][used] = HUGE_VAL;
    return SY_OK;
}

double syi_latent_cut_influence(const syi_latent_rows *rows, int column, int k, int level)
{
    return ((level < k) - rows->below[column][k]) / syi_normal_density(rows->cut[column][k]);
}

/* Clusters in use, counted from 0 in the order of their levels. */
static sy_status find_clusters(sy_context *ctx, const sy_design *d, syi_latent_rows *rows)
{
    const int n_levels = d->cluster->n_levels;
    int *place = syi_alloc((size_t)n_levels, sizeof *place);
    if (!place) return syi_fail(ctx, SY_ENOMEM, "out of memory for %d clusters", n_levels);
    rows->cluster_code = place;
    for (int l = 0; l < n_levels; l++) place[l] = -1;
    for (ptrdiff_t i = 0; i < rows->n; i++) place[rows->unit[i]] = 0;
    for (int l = 0; l < n_levels; l++)
        if (place[l] == 0) place[l] = rows->n_clusters++;
    for (ptrdiff_t i = 0; i < rows->n; i++) rows->unit[i] = place[rows->unit[i]];
    for (int l = 0; l < n_levels; l++)
        if (place[l] >= 0) place[place[l]] = l; /* place[l] <= l: written after it was read */
    if (rows->n_clusters >= 2) return SY_OK;
    return syi_fail(ctx, SY_EDATA, "cluster: all rows lie in one cluster of %s", d->cluster->name);
}

static sy_status take_room(sy_context *ctx, const sy_design *d, syi_latent_rows *rows)
{
    const size_t n = d->n > 0 ? (size_t)d->n : 1, q = (size_t)d->n_terms;
    *rows = (syi_latent_rows){.q = d->n_terms};
    rows->value = syi_alloc(n * q, sizeof(double));
    rows->weight = syi_alloc(n, sizeof(double));
    rows->levels = syi_alloc(q, sizeof(int));
    rows->cut = syi_alloc(q, sizeof(double *));
    rows->below = syi_alloc(q, sizeof(double *));
    rows->missing = syi_alloc(q, sizeof(double));
    if (d->cluster) rows->unit = syi_alloc(n, sizeof(int32_t));
    if (rows->value && rows->weight && rows->levels && rows->cut && rows->below && rows->missing &&
        (rows->unit || !d->cluster))
        return SY_OK;
    return syi_fail(ctx, SY_ENOMEM, "out of memory for %td rows", d->n);
}

static sy_status settle(sy_context *ctx, const sy_design *d, const syi_latent_rows *rows)
{
    if (rows->n < 2)
        return syi_fail(ctx, SY_EDATA, "columns: %td of %td rows are complete; at least two are needed", rows->n, d->n);
    if (rows->rows_dropped > 0 && d->missing == SY_MISSING_ERROR)
        return syi_fail(ctx, SY_EDATA, "%td rows have a missing value", rows->rows_dropped);
    if (rows->rows_dropped == 0) return SY_OK;
    return syi_remark(ctx, SY_NOTE_ROWS_DROPPED, "", (double)rows->rows_dropped,
                      "%td of %td rows %s left out: a value is missing", rows->rows_dropped, d->n,
                      rows->rows_dropped == 1 ? "was" : "were");
}

sy_status syi_latent_read(sy_context *ctx, const sy_design *design, syi_latent_rows *rows)
{
    sy_status status = check(ctx, design);
    if (status >= 0) status = take_room(ctx, design, rows);
    if (status >= 0) status = collect(ctx, design, rows);
    if (status >= 0) status = settle(ctx, design, rows);
    if (status >= 0 && design->cluster) status = find_clusters(ctx, design, rows);
    for (int t = 0; t < design->n_terms && status >= 0; t++)
        status = column_of(design, t)->type == SY_CODES ? cut(ctx, design, rows, t) : standardise(ctx, design, rows, t);
    return status;
}

void syi_latent_free(syi_latent_rows *rows)
{
    for (int t = 0; t < rows->q && rows->cut; t++) SYI_FREE(rows->cut[t]);
    SYI_FREE(rows->value);
    SYI_FREE(rows->weight);
    SYI_FREE(rows->levels);
    SYI_FREE(rows->cut);
    SYI_FREE(rows->below);
    SYI_FREE(rows->missing);
    SYI_FREE(rows->unit);
    SYI_FREE(rows->cluster_code);
}
