/* Units dealt to folds.
 *
 * The units are taken `count` at a time and each such hand is dealt to the
 * folds in random order [Fisher & Yates; Durstenfeld 1964,
 * doi:10.1145/364520.364540], keyed by (seed, hand): folds differ by one unit
 * at the most, and a deal depends on the seed and the unit's place only. Rows
 * that are one sum in the moments are summed once more, by fold, in the same
 * precision.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/random_internal.h"
#include "base/status_internal.h"
#include "study/folds_internal.h"
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { FOLDS_OF_ROWS = 10, MOST_FOLDS_OF_ROWS = 1000 };

sy_status syi_folds_plan(sy_context *ctx, const sy_moments *m, const sy_crossvalidate_options *options,
                         syi_folds *folds)
{
    const int by_row = m->unit == SY_UNIT_NONE;
    const double units = by_row ? m->rows_used : (double)m->n_units;
    const char *what = m->unit == SY_UNIT_CLUSTER ? "clusters" : "rows";
    const double most = by_row && units > MOST_FOLDS_OF_ROWS ? MOST_FOLDS_OF_ROWS : units;
    double count = options->folds;
    if (options->folds == 0) count = m->unit == SY_UNIT_CLUSTER || units < FOLDS_OF_ROWS ? units : FOLDS_OF_ROWS;
    if (!(count >= 2) || count > most || count > INT_MAX)
        return syi_fail(ctx, SY_EINVAL, "folds: %.0f; 2 to %.0f are possible with %.0f %s", count, most, units, what);
    folds->count = (int)count;
    return SY_OK;
}

static void deal(uint64_t seed, int count, ptrdiff_t n, int *order, int *of)
{
    for (ptrdiff_t first = 0; first < n; first += count) {
        syi_stream stream;
        syi_stream_init(&stream, seed, (uint32_t)(first / count), 0xf01d);
        for (int i = 0; i < count; i++) order[i] = i;
        for (int i = count - 1; i > 0 && count < n; i--) {
            const int other = (int)syi_stream_below(&stream, (uint32_t)i + 1), kept = order[i];
            order[i] = order[other];
            order[other] = kept;
        }
        for (int i = 0; i < count && first + i < n; i++) of[first + i] = order[i];
    }
}

double syi_folds_seconds(const sy_moments *m)
{
    const double q = m->n_columns;
    return m->rows_read * q * q * (m->twofold ? 5e-9 : 5e-10);
}

/* Sums by fold of the rows themselves. A context of its own, so that what the
 * moments have to say of the rows is not said twice. */
static sy_status sum_by_fold(sy_context *ctx, const sy_moments *m, const sy_design *rows, const int *row_fold,
                             syi_folds *folds)
{
    char(*label)[16] = syi_alloc((size_t)folds->count, sizeof *label);
    const char **level = syi_alloc((size_t)folds->count, sizeof *level);
    sy_context own = *ctx;
    sy_status status = SY_OK;
    own.remarks = NULL;
    own.n_remarks = own.remarks_room = 0;
    if (!label || !level) {
        status = syi_fail(ctx, SY_ENOMEM, "folds: no room for %d of them", folds->count);
        goto out;
    }
    for (int f = 0; f < folds->count; f++) {
        snprintf(label[f], sizeof label[f], "%d", f + 1);
        level[f] = label[f];
    }
    const sy_column column = {.name = "folds",
                              .data = row_fold,
                              .stride = sizeof *row_fold,
                              .type = SY_CODES,
                              .n_levels = folds->count,
                              .levels = level};
    sy_design by_fold = *rows;
    by_fold.cluster = &column;
    const sy_moments_options how = {.unit = SY_UNIT_CLUSTER,
                                    .precision = m->twofold ? SY_PRECISION_TWOFOLD : SY_PRECISION_DOUBLE};
    status = sy_moments_init(&own, &by_fold, &how, &folds->made);
    if (status < 0) memcpy(ctx->message, own.message, sizeof ctx->message);
    else status = SY_OK;
    folds->m = &folds->made;
out:
    sy_context_free(&own);
    SYI_FREE(label);
    SYI_FREE(level);
    return status;
}

sy_status syi_folds_fill(sy_context *ctx, const sy_moments *m, const sy_design *rows, uint64_t seed, syi_folds *folds)
{
    const int by_row = m->unit == SY_UNIT_NONE;
    const ptrdiff_t n = by_row ? rows->n : m->n_units;
    int *order = syi_alloc((size_t)folds->count, sizeof *order), *of = syi_alloc((size_t)n, sizeof *of);
    sy_status status = SY_OK;
    folds->of = of;
    folds->m = m;
    if (!order || !of) {
        status = syi_fail(ctx, SY_ENOMEM, "folds: no room for %td units", n);
        goto out;
    }
    deal(seed, folds->count, n, order, of);
    if (by_row) status = sum_by_fold(ctx, m, rows, of, folds);
    if (by_row && !status) {
        if (folds->made.n_columns != m->n_columns)
            status =
                syi_fail(ctx, SY_EDIM, "rows: %d columns, the moments have %d", folds->made.n_columns, m->n_columns);
        folds->count = (int)folds->made.n_units;
        for (int f = 0; f < folds->count; f++) of[f] = f;
    }
out:
    SYI_FREE(order);
    return status;
}

void syi_folds_free(syi_folds *folds)
{
    SYI_FREE(folds->of);
    sy_moments_free(&folds->made);
}
