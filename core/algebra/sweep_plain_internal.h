/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_SWEEP_PLAIN_INTERNAL_H
#define SYI_SWEEP_PLAIN_INTERNAL_H

/* Sweeps all columns but the last into the model, in place and in plain double:
 * a [order * order], symmetric. Afterwards the diagonal holds that of the
 * predictors' inverse, the last column their slopes, and the last entry what is
 * left of the last column's sum of squares. Returns 0, with `a` spoilt, when a
 * pivot is below `least` or not a number. */
int syi_sweep_plain(int order, double *a, double least);

/* What column p leaves of the others, a [order * order], symmetric; its own row
 * and column become 0. Returns 0, with nothing done, when its variance is not
 * above `least`. */
int syi_leave_plain(int order, double *a, int p, double least);
#endif
