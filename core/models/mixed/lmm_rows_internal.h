/* The rows of a linear mixed model: fixed columns centred and scaled, columns
 * and levels of the bar terms.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_LMM_ROWS_INTERNAL_H
#define SYI_LMM_ROWS_INTERNAL_H
#include "models/mixed/bars_internal.h"

/* Never copied. The fixed part's columns in use (aliased ones left out) are read as (x - shift) * scale, scale a power
 * of two; shift is 0 for all without an intercept, which is column 0. Entry p is the outcome less the offset. */
typedef struct {
    syi_bars bars;
    syi_model m; /* of the fixed part, over bars.own */
    int p;
    int *column;           /* [p] model column */
    int *aliased;          /* [m.p] */
    double *shift, *scale; /* [p + 1] */
} syi_lmm_rows;

/* Errors: those of syi_bars_open and syi_model_init; SY_EDATA for a constant outcome, SY_ERANK without a column.
 * Remarks: aliased columns, rows dropped, empty levels. Cost: QR of the rows while that is cheap, else cross-products.
 */
sy_status syi_lmm_rows_init(sy_context *ctx, const sy_design *design, const sy_mixed_model *model, syi_lmm_rows *r);
void syi_lmm_rows_free(syi_lmm_rows *r); /* legal after failure and twice */

/* Scratch of a tile, in doubles. */
size_t syi_lmm_rows_room(const syi_lmm_rows *r);

/* Rows row[0..len-1]: x [(p + 1) * SYI_TILE], the outcome last, w, used; z and level as syi_bars_tile. Rows not used
 * are 0 in x and w. scratch [syi_lmm_rows_room]. */
void syi_lmm_rows_tile(const syi_lmm_rows *r, const ptrdiff_t *row, int len, double *x, double *w, unsigned char *used,
                       double *z, int32_t *level, double *scratch);

/* b [p] and inverse [p * p] (either may be NULL) of the columns as read, changed in place to those of the user's
 * columns. */
void syi_lmm_rows_unpack(const syi_lmm_rows *r, double *b, double *inverse);

/* What log |X' V^-1 X| in the user's units is more than as read, over the columns of `fixed` (NULL: all). */
double syi_lmm_rows_log_units(const syi_lmm_rows *r, const unsigned char *fixed);
#endif
