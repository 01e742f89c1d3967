#ifndef SYI_BLAS_INTERNAL_H
#define SYI_BLAS_INTERNAL_H
#include <stddef.h>

/* Fortran names: the one interface that OpenBLAS, reference BLAS and R's own
 * libRblas all export. Non-zero when a size does not fit BLAS's int. */
int syi_dsyrk(ptrdiff_t n, int p, const double *x, double *upper);
#endif
