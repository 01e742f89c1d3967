/* Moments from a printed correlation matrix.
 *
 * Columns are taken with mean 0 and variance 1 (denominator n - 1), so M_00 =
 * n, M_0c = 0 and M_cd = (n - 1) r_cd. Entries are read as the decimals they
 * print as. A printed matrix must still be one: symmetric, ones on the
 * diagonal, entries within [-1, 1] and no eigenvalue below -1e-8, the slack
 * that eight printed decimals need. Cost: p^3 for the eigenvalues.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/correlation_box_internal.h"
#include "algebra/eigen_internal.h"
#include "algebra/moments_build_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include <limits.h>
#include <math.h>
#include <string.h>

#define SLACK 1e-8

static sy_status check_names(sy_context *ctx, int p, double n, const char *const *labels)
{
    if (p < 1 || p > INT_MAX / 2) return syi_fail(ctx, SY_EINVAL, "r: %d columns; at least one is needed", p);
    if (!(n >= 2) || !isfinite(n)) return syi_fail(ctx, SY_EINVAL, "n: %g; at least 2 rows are needed", n);
    for (int i = 0; i < p; i++) {
        if (!labels[i] || !*labels[i]) return syi_fail(ctx, SY_EINVAL, "names: name %d is empty", i + 1);
        for (int j = 0; j < i; j++)
            if (strcmp(labels[i], labels[j]) == 0)
                return syi_fail(ctx, SY_EINVAL, "names: %s is there twice", labels[i]);
    }
    return SY_OK;
}

static sy_status check_entries(sy_context *ctx, int p, const double *r, const char *const *labels)
{
    for (int i = 0; i < p; i++) {
        const double *row = r + (ptrdiff_t)i * p;
        if (!(fabs(row[i] - 1) <= SLACK))
            return syi_fail(ctx, SY_EDATA, "r: the diagonal entry of %s is %g; it must be 1", labels[i], row[i]);
        for (int j = 0; j < i; j++) {
            const double above = r[(ptrdiff_t)j * p + i];
            if (!(fabs(row[j]) <= 1) || !(fabs(above) <= 1))
                return syi_fail(ctx, SY_EDATA, "r: %s with %s is %g; it must lie between -1 and 1", labels[i],
                                labels[j], fabs(row[j]) <= 1 ? above : row[j]);
            if (fabs(row[j] - above) > SLACK)
                return syi_fail(ctx, SY_EDATA, "r: not symmetric: %s with %s is %.10g, the other way %.10g", labels[i],
                                labels[j], row[j], above);
        }
    }
    return SY_OK;
}

static sy_status check_definite(sy_context *ctx, int p, const double *r)
{
    const size_t size = (size_t)p * (size_t)p;
    double least = 0, greatest = 0, *work = syi_alloc(size, sizeof *work);
    if (!work) return syi_fail(ctx, SY_ENOMEM, "r: out of memory for %d columns", p);
    for (int i = 0; i < p; i++)
        for (int j = 0; j < p; j++)
            work[(ptrdiff_t)i * p + j] = (r[(ptrdiff_t)i * p + j] + r[(ptrdiff_t)j * p + i]) / 2;
    const sy_status status = syi_symmetric_extremes(ctx, p, work, &least, &greatest);
    SYI_FREE(work);
    if (status < 0) return status;
    if (least >= -SLACK) return SY_OK;
    return syi_fail(ctx, SY_EDATA,
                    "r: not a correlation matrix: its least eigenvalue is %.6g, below zero (entries from different "
                    "rows, or too few decimals?)",
                    least);
}

static void fill(syi_blob *b, int p, const double *r, double n)
{
    const int places = syi_decimal_places(r, (ptrdiff_t)p * p);
    b->hi[0] = n;
    for (int i = 0; i < p; i++)
        for (int j = i; j < p; j++) {
            const syi_dd above = syi_decimal_read(r[(ptrdiff_t)i * p + j], places);
            const syi_dd below = syi_decimal_read(r[(ptrdiff_t)j * p + i], places);
            const syi_dd mean = syi_dd_mul_d(syi_dd_add(above, below), 0.5);
            const syi_dd v = syi_dd_mul_d(i == j ? syi_dd_of(1) : mean, n - 1);
            const size_t at = syi_packed_at(p, i + 1, j + 1);
            b->hi[at] = v.hi;
            b->lo[at] = v.lo;
        }
}

static sy_status build(sy_context *ctx, int p, const double *r, double n, const char *const *labels, int kind,
                       sy_moments *out)
{
    syi_shape shape = {.n_terms = p, .n_columns = p, .n_units = 1, .twofold = 1, .from_correlation = kind};
    for (int i = 0; i < p; i++) shape.text_bytes += syi_text_room(labels[i]);
    syi_blob b;
    const sy_status s = syi_blob_new(ctx, &shape, &b);
    if (s < 0) return s;
    for (int i = 0; i < p; i++) {
        syi_blob_text(&b, i, labels[i]);
        b.term_first[i] = i;
        b.term_columns[i] = 1;
        b.floor_[i] = syi_rounding_floor(0, p, syi_dd_of(1), 0);
    }
    *b.n = *b.rows_read = *b.rows_used = *b.sum_w = *b.sum_w2 = n;
    b.unit_rows[0] = b.unit_n[0] = b.unit_sum_w2[0] = n;
    fill(&b, p, r, n);
    return syi_blob_seal(ctx, &b, out);
}

sy_status sy_moments_from_correlation(sy_context *ctx, int p, const double *r, double n, const char *const *labels,
                                      sy_moments *out)
{
    syi_enter(ctx);
    *out = (sy_moments){0};
    sy_status s = check_names(ctx, p, n, labels);
    if (s >= 0) s = check_entries(ctx, p, r, labels);
    if (s >= 0) s = check_definite(ctx, p, r);
    return s < 0 ? s : build(ctx, p, r, n, labels, 1, out);
}

static sy_status check_decimals(sy_context *ctx, int p, const double *r, const char *const *labels, int decimals)
{
    if (decimals < 0 || decimals > 15) return syi_fail(ctx, SY_EINVAL, "decimals: %d; a table has 0 to 15", decimals);
    const double ten = syi_decimal_ten(decimals);
    for (int i = 0; i < p; i++)
        for (int j = 0; j < p; j++) {
            const double scaled = r[(ptrdiff_t)i * p + j] * ten;
            if (!(fabs(scaled - nearbyint(scaled)) <= 1e-6 + 1e-15 * fabs(scaled)))
                return syi_fail(ctx, SY_EINVAL, "decimals: %s with %s is %.15g, more than %d decimals", labels[i],
                                labels[j], r[(ptrdiff_t)i * p + j], decimals);
        }
    return SY_OK;
}

/* A table that is no correlation matrix, moved to one that rounds to it. */
static sy_status mend(sy_context *ctx, int p, const double *r, int decimals, double least, double *nearest)
{
    double bound = 0;
    syi_box answer = SYI_BOX_UNDECIDED;
    const sy_status s = syi_correlation_box(ctx, p, r, 0.5 / syi_decimal_ten(decimals), 0, nearest, &bound, &answer);
    if (s < 0) return s;
    if (answer == SYI_BOX_EMPTY)
        return syi_fail(ctx, SY_EDATA,
                        "r: an impossible table: of all that round to it to %d decimals none is a correlation matrix "
                        "(no least eigenvalue above %.3g)",
                        decimals, bound);
    if (answer == SYI_BOX_UNDECIDED)
        return syi_fail(ctx, SY_EDATA,
                        "r: not a correlation matrix (least eigenvalue %.3g), and none was found that rounds to it",
                        least);
    return syi_remark(ctx, SY_NOTE_BOUNDARY, "", least,
                      "the table as printed is not a correlation matrix (least eigenvalue %.3g); one near it that "
                      "rounds to it to %d decimals is used",
                      least, decimals);
}

sy_status sy_moments_from_printed(sy_context *ctx, int p, const double *r, double n, const char *const *labels,
                                  int decimals, sy_moments *out)
{
    syi_enter(ctx);
    *out = (sy_moments){0};
    double least = 0, greatest = 0, *nearest = NULL;
    const int first = ctx->n_remarks;
    sy_status s = check_names(ctx, p, n, labels);
    if (s >= 0) s = check_entries(ctx, p, r, labels);
    if (s >= 0) s = check_decimals(ctx, p, r, labels, decimals);
    if (s < 0) return s;
    const size_t size = (size_t)p * (size_t)p;
    nearest = syi_alloc(2 * size, sizeof *nearest);
    if (!nearest) return syi_fail(ctx, SY_ENOMEM, "r: out of memory for %d columns", p);
    memcpy(nearest, r, size * sizeof *nearest);
    memcpy(nearest + size, r, size * sizeof *nearest);
    s = syi_symmetric_extremes(ctx, p, nearest + size, &least, &greatest);
    if (s >= 0 && least < 0) s = mend(ctx, p, r, decimals, least, nearest);
    if (s >= 0) s = build(ctx, p, nearest, n, labels, 2 + decimals, out);
    SYI_FREE(nearest);
    return s < 0 ? s : syi_status_of_remarks(ctx, first);
}
