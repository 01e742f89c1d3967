/* BLAS and LAPACK for wide problems only (designs and factors of more than 64
 * columns); narrower algebra is the core's own, with fixed bits. Fortran
 * names: the one interface that OpenBLAS, reference BLAS and R's own libRblas
 * all export. Results hold to 1e-12, not to the bit. Never called by a worker.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_BLAS_INTERNAL_H
#define SYI_BLAS_INTERNAL_H
#include <stddef.h>

/* upper [p*p], columns first: the upper triangle of x'x for x [n*p], columns
 * first; below the diagonal nothing is written. 0, or -1 when a size does not
 * fit BLAS's int. */
int syi_dsyrk(ptrdiff_t n, ptrdiff_t p, const double *x, double *upper);

/* a [p*p], columns first, upper triangle: replaced by its factor U, U'U = a.
 * 0; -1 when a size does not fit; k > 0 when the leading k by k part is not
 * positive definite. */
int syi_dpotrf(ptrdiff_t p, double *a);

/* a, columns `stride` apart: the factor U of the leading p by p part is replaced by the upper triangle of (U'U)^-1. 0; -1
 * when a size does not fit; k > 0 when U_kk is 0. */
int syi_dpotri(ptrdiff_t p, ptrdiff_t stride, double *a);
#endif
