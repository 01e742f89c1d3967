/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_HERMITE_INTERNAL_H
#define SYI_HERMITE_INTERNAL_H

enum { SYI_HERMITE_MOST = 100 };

/* Gauss-Hermite rule of n points, n <= SYI_HERMITE_MOST: the integral of exp(-x^2) f(x) is the sum of w f(x), exact for
 * polynomials of degree below 2 n. x [n] increasing, symmetric to the bit; share [n] = w exp(x^2). */
void syi_hermite(int n, double *x, double *share);
#endif
