/* A tile of rows of ordered answers with nominal and scale columns.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_ORDINAL_ROWS_INTERNAL_H
#define SYI_ORDINAL_ROWS_INTERNAL_H
#include "models/response/ordinal_internal.h"

typedef struct {
    _Alignas(64) double eta[SYI_TILE];
    double inverse[SYI_TILE]; /* one over the latent spread */
    double a[SYI_TILE], b[SYI_TILE], between[SYI_TILE], weight[SYI_TILE];
    double pair[SYI_PAIR_PLANES * SYI_TILE], work[SYI_PAIR_WORK * SYI_TILE];
} syi_ordinal_tile;

/* Rows of the likelihood from row `first` on; theta [k] with zeros for parameters not in use. */
void syi_ordinal_rows_of(const syi_likelihood *l, const double *theta, ptrdiff_t first, syi_ordinal_rows *out);

/* Arguments and pairs of len rows (a multiple of 8); weight NULL: all count. */
void syi_ordinal_tile_rows(int simd, const syi_ordinal_rows *rows, int len, const double *level, const double *weight,
                           syi_ordinal_tile *tile);

/* da/dparameter and db/dparameter, 0 at the ends. */
void syi_ordinal_tile_column(const syi_ordinal_rows *rows, int len, const double *level, const syi_ordinal_tile *tile,
                             int parameter, double *above, double *below);
#endif
