/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_CHOLESKY_INTERNAL_H
#define SYI_CHOLESKY_INTERNAL_H
#include "algebra/twofold_internal.h"

/* Cholesky in place of the symmetric matrix a [k * k, row-major, full], double-
 * double: a becomes L (lower), row j of an aliased column zero. Column j is
 * aliased when its pivot is below floor_[j] times its original diagonal;
 * aliased[j] is set to 1. Returns the rank. Cost k^3 / 3. */
int syi_cholesky(int k, syi_dd *a, const double *floor_, int *aliased);

/* Diagonal of the inverse of the matrix whose factor is L (aliased columns
 * left out, their entry NaN): the variance inflation factors when the matrix
 * had unit diagonal. work [k * k]. */
void syi_cholesky_inverse_diagonal(int k, const syi_dd *l, const int *aliased, syi_dd *work, double *diagonal);

/* Solves L L' x = b in place (aliased entries become 0). */
void syi_cholesky_solve(int k, const syi_dd *l, const int *aliased, syi_dd *b);
#endif
