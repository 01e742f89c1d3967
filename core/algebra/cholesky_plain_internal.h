/* Cholesky in plain double, for matrices made anew at each step of a search.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_CHOLESKY_PLAIN_INTERNAL_H
#define SYI_CHOLESKY_PLAIN_INTERNAL_H

/* The lower triangle of a [k * k, row-major] becomes L; what is above it is not touched. Returns 0, with a spoilt, when a
 * pivot is not above `least` times its diagonal. Cost: k^3 / 6 multiply-adds. */
int syi_cholesky_plain(int k, double *a, double least);

/* x becomes L^-1 x; L'^-1 x. */
void syi_cholesky_plain_forward(int k, const double *l, double *x);
void syi_cholesky_plain_back(int k, const double *l, double *x);

/* root [k * k] becomes L^-1 (lower, zeros above). Cost: k^3 / 6. */
void syi_cholesky_plain_root(int k, const double *l, double *root);
/* inverse [k * k, full] = root' root. Cost: k^3 / 6. */
void syi_cholesky_plain_inverse(int k, const double *root, double *inverse);
#endif
