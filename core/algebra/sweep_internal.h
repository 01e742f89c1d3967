/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_SWEEP_INTERNAL_H
#define SYI_SWEEP_INTERNAL_H
#include "algebra/twofold_internal.h"

/* Takes column `pivot` into the model: a Schur step on the rows and columns of
 * the symmetric k * k matrix that are not yet in (in[i] = 0), double-double.
 * Returns 1 and sets in[pivot] = 1, or 0 when the pivot is below `floor_` (an
 * aliased column: the matrix is left as it was). [Goodnight 1979,
 * doi:10.2307/2683825] */
int syi_sweep_in(int k, syi_dd *a, int *in, int pivot, double floor_);
#endif
