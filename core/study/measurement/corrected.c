/* Moments less the errors of measurement in their columns.
 *
 * x observed = x + u, u independent of x and of the outcome's other causes: the
 * moments of what is meant are M - E, E the errors' own [Fuller 1987, section 2.2,
 * doi:10.1002/9780470316665]. Each unit g loses its part, so that sums over any
 * units stay corrected:
 *   from a reliability r: (1 - r) sum over the unit of w (x - mean)^2: the error is a fixed part of the
 *     variance, whatever units are left out (to first order: the mean is the whole sample's);
 *   from a covariance: w_g (n - 1) / n E_ab: the error is a fixed number.
 * In double-double where the moments are. Rounding floors grow as the columns'
 * squares shrink. Cost: units q^2.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/moments_blob_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "study/measurement/corrected_internal.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const sy_moments *m;
    const sy_errors *errors;
    int *place;    /* [n] in the matrix */
    double *error; /* [order * order] */
    double *work;  /* [4 * order * order] */
    syi_dd *mean;  /* [n] about the shift */
    syi_blob blob;
} job;

static syi_dd value_at(const double *hi, const double *lo, size_t at)
{
    return (syi_dd){hi[at], lo ? lo[at] : 0};
}

static void take(const job *j, size_t at, syi_dd part)
{
    const syi_dd rest = syi_dd_sub(value_at(j->blob.hi, j->blob.lo, at), part);
    if (j->blob.lo) j->blob.lo[at] = rest.lo;
    j->blob.hi[at] = j->blob.lo ? rest.hi : syi_dd_round(rest);
}

/* sum w (x - mean)^2 of a unit. */
static syi_dd squares(const job *j, size_t first, int column, syi_dd mean)
{
    const sy_moments *m = j->m;
    const int q = m->n_columns;
    const syi_dd square = value_at(m->hi, m->lo, first + syi_packed_at(q, column + 1, column + 1));
    const syi_dd sum = value_at(m->hi, m->lo, first + syi_packed_at(q, 0, column + 1));
    const syi_dd weight = value_at(m->hi, m->lo, first);
    const syi_dd cross = syi_dd_mul_d(syi_dd_mul(mean, sum), 2);
    return syi_dd_add(syi_dd_sub(square, cross), syi_dd_mul(syi_dd_mul(mean, mean), weight));
}

/* Variances of correlations are n - 1 of n from a table, and n of n behind ordered answers. */
static double per_weight(const sy_moments *m, const syi_flip_matrix *f)
{
    const double own = f->total.hi[syi_packed_at(m->n_columns, 1, 1)];
    return m->from_correlation && own == m->sum_w ? 1 : (m->n - 1) / m->n;
}

static void correct_unit(const job *j, ptrdiff_t g, double each)
{
    const sy_moments *m = j->m;
    const sy_errors *e = j->errors;
    const int q = m->n_columns, n = e->n;
    const size_t first = (size_t)g * syi_packed_length(q);
    for (int a = 0; a < n; a++) {
        const int i = m->term_first[e->term[a]];
        if (e->reliability) {
            take(j, first + syi_packed_at(q, i + 1, i + 1),
                 syi_dd_mul_d(squares(j, first, i, j->mean[a]), 1 - e->reliability[a]));
            continue;
        }
        for (int b = a; b < n; b++) {
            const int k = m->term_first[e->term[b]], low = i < k ? i : k, high = i < k ? k : i;
            const double v = (e->covariance[a * n + b] + e->covariance[b * n + a]) / 2;
            take(j, first + syi_packed_at(q, low + 1, high + 1), syi_dd_mul_d(syi_two_product(v, each), m->hi[first]));
        }
    }
}

static sy_status copy_blob(sy_context *ctx, job *j)
{
    const sy_moments *m = j->m;
    const size_t texts = (size_t)m->n_terms + (size_t)m->n_columns;
    syi_shape shape = {.n_terms = m->n_terms,
                       .n_columns = m->n_columns,
                       .n_units = m->n_units,
                       .unit = m->unit,
                       .weight_kind = m->weight_kind,
                       .twofold = m->twofold,
                       .from_correlation = m->from_correlation,
                       .n_strata = m->n_strata};
    for (int t = 0; t < m->n_terms; t++) shape.text_bytes += syi_text_room(sy_moments_label(m, t));
    for (int c = 0; c < m->n_columns; c++) shape.text_bytes += syi_text_room(syi_moments_cell(m, c));
    for (ptrdiff_t g = 0; g < m->n_units; g++) shape.text_bytes += syi_text_room(sy_moments_cluster(m, g));
    for (int s = 0; s < m->n_strata; s++) shape.text_bytes += syi_text_room(sy_moments_stratum(m, s));
    const sy_status status = syi_blob_new(ctx, &shape, &j->blob);
    if (status < 0) return status;
    syi_blob *b = &j->blob;
    const size_t clusters = m->unit == SY_UNIT_CLUSTER ? (size_t)m->n_units : 0;
    for (int t = 0; t < m->n_terms; t++) syi_blob_text(b, t, sy_moments_label(m, t));
    for (int c = 0; c < m->n_columns; c++) syi_blob_text(b, m->n_terms + c, syi_moments_cell(m, c));
    for (size_t g = 0; g < clusters; g++) syi_blob_text(b, (ptrdiff_t)(texts + g), sy_moments_cluster(m, (ptrdiff_t)g));
    for (int s = 0; s < m->n_strata; s++) syi_blob_text(b, (ptrdiff_t)(texts + clusters) + s, sy_moments_stratum(m, s));
    return SY_OK;
}

static void copy_numbers(const sy_moments *m, syi_blob *b)
{
    const size_t terms = (size_t)m->n_terms, columns = (size_t)m->n_columns, units = (size_t)m->n_units;
    const size_t all = units * syi_packed_length(m->n_columns);
    *b->n = m->n;
    *b->rows_read = m->rows_read;
    *b->rows_used = m->rows_used;
    *b->rows_dropped = m->rows_dropped;
    *b->rows_zero = m->rows_zero;
    *b->sum_w = m->sum_w;
    *b->sum_w2 = m->sum_w2;
    memcpy(b->term_first, m->term_first, terms * sizeof *b->term_first);
    memcpy(b->term_columns, m->term_columns, terms * sizeof *b->term_columns);
    memcpy(b->term_is_factor, m->term_is_factor, terms * sizeof *b->term_is_factor);
    memcpy(b->term_is_decimal, m->term_is_decimal, terms * sizeof *b->term_is_decimal);
    memcpy(b->term_missing, m->term_missing, terms * sizeof *b->term_missing);
    memcpy(b->shift, m->shift, columns * sizeof *b->shift);
    memcpy(b->floor_, m->floor_, columns * sizeof *b->floor_);
    memcpy(b->unit_rows, m->unit_rows, units * sizeof *b->unit_rows);
    memcpy(b->unit_n, m->unit_n, units * sizeof *b->unit_n);
    memcpy(b->unit_sum_w2, m->unit_sum_w2, units * sizeof *b->unit_sum_w2);
    if (m->n_strata) memcpy(b->unit_stratum, m->unit_stratum, units * sizeof *b->unit_stratum);
    memcpy(b->hi, m->hi, all * sizeof *b->hi);
    if (m->lo) memcpy(b->lo, m->lo, all * sizeof *b->lo);
}

static sy_status room(sy_context *ctx, int order, job *j)
{
    const size_t square = (size_t)order * (size_t)order, n = (size_t)j->errors->n;
    j->place = syi_alloc(n, sizeof *j->place);
    j->mean = syi_alloc(n, sizeof *j->mean);
    j->error = syi_alloc(5 * square, sizeof *j->error);
    j->work = j->error ? j->error + square : NULL;
    if (j->place && j->mean && j->error) return SY_OK;
    return syi_fail(ctx, SY_ENOMEM, "reliability: no room for %d columns", order);
}

static sy_status subtract(sy_context *ctx, job *j, const syi_flip_matrix *f, const sy_error_limits *limits)
{
    const sy_moments *m = j->m;
    sy_status status = copy_blob(ctx, j);
    if (status < 0) return status;
    copy_numbers(m, &j->blob);
    for (int a = 0; a < j->errors->n; a++) {
        const int column = m->term_first[j->errors->term[a]];
        const size_t at = syi_packed_at(m->n_columns, 0, column + 1);
        j->mean[a] = syi_dd_div(value_at(f->total.hi, f->total.lo, at), value_at(f->total.hi, f->total.lo, 0));
        j->blob.floor_[column] = fmin(m->floor_[column] / limits->reliability[a], 1);
    }
    const double each = per_weight(m, f);
    for (ptrdiff_t g = 0; g < m->n_units; g++) correct_unit(j, g, each);
    return SY_OK;
}

/* What was taken off, and what was not. */
static sy_status remark(sy_context *ctx, const sy_moments *m, const sy_errors *e, const sy_error_limits *limits)
{
    char text[250] = "";
    size_t used = 0;
    int shared = 0;
    for (int i = 0; i < e->n && used < 160; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%.60s %.3f (at least %.3f)", i ? ", " : "",
                                 sy_moments_label(m, e->term[i]), limits->reliability[i], limits->lowest[i]);
        if (used >= 160 && i + 1 < e->n) snprintf(text + used, sizeof text - used, ", ...");
    }
    for (int i = 0; i < e->n && e->covariance; i++)
        for (int k = 0; k < i; k++) shared |= e->covariance[i * e->n + k] != 0;
    sy_status status = syi_remark(ctx, SY_NOTE_CORRECTED, "", limits->multiple,
                                  "corrected for errors of measurement, taken as known: reliability of %s", text);
    if (!status && m->unit == SY_UNIT_NONE)
        status = syi_remark(ctx, SY_NOTE_INTERVAL_SKIPPED, "", m->n,
                            "no limits of corrected shares: they rest on units that are left out in turn; ask shares() "
                            "for interval = \"jackknife\", or give clusters");
    if (status || shared) return status;
    return syi_remark(ctx, SY_NOTE_CORRECTED, "errors", 0,
                      "the errors are taken to have nothing in common: that raises the measured columns, process above "
                      "all; an error that outcome and process share works the other way (shared_source_to_flip)");
}

sy_status sy_moments_corrected(sy_context *ctx, const sy_moments *m, const sy_question *question,
                               const sy_errors *errors, sy_error_limits *limits, sy_moments *out)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    syi_flip_matrix f = {0};
    job j = {.m = m, .errors = errors};
    *out = (sy_moments){0};
    sy_status status = syi_errors_check(ctx, m, question, errors);
    if (!status) status = syi_flip_matrix_init(ctx, m, question, 1, 0, &f);
    if (!status) status = room(ctx, f.order, &j);
    if (status) goto out;
    syi_errors_matrix(&f, errors, j.place, j.error);
    syi_errors_limits(&f, errors->n, j.place, j.error, j.work, limits);
    status = syi_errors_definite(ctx, m, errors, limits);
    if (!status) status = subtract(ctx, &j, &f, limits);
    if (!status) status = syi_blob_seal(ctx, &j.blob, out);
    if (!status) status = remark(ctx, m, errors, limits);
    if (status) sy_moments_free(out);
out:
    syi_blob_free(&j.blob);
    SYI_FREE(j.place);
    SYI_FREE(j.mean);
    SYI_FREE(j.error);
    syi_flip_matrix_free(&f);
    return status < 0 ? status : syi_status_of_remarks(ctx, first);
}
