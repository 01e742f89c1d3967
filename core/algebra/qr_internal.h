/* Least squares from rows by Householder QR, for what moments cannot carry.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_QR_INTERNAL_H
#define SYI_QR_INTERNAL_H
#include "algebra/twofold_internal.h"

/* In place QR of a [n * p, column-major], n >= p, with the right side b [n]
 * turned along, double-double. floor_ [p]: a column whose remaining length is
 * below sqrt(floor_[j]) times its original length is aliased[j] = 1 and passed
 * over. x [p] (0 where aliased), the residual sum of squares, and r [p * p]
 * upper triangular, row-major. work [2 n]. Returns the rank.
 * [Golub & Van Loan 2013, section 5.3; Higham 2002, chapter 19] Cost 2 n p^2. */
int syi_qr_twofold(ptrdiff_t n, int p, syi_dd *a, syi_dd *b, const double *floor_, int *aliased, syi_dd *x, syi_dd *rss,
                   syi_dd *r, syi_dd *work);
#endif
