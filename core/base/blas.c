/* The Fortran calls, behind checks that the sizes fit their 32-bit integers.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/blas_internal.h"
#include <limits.h>

/* the last arguments: Fortran passes the lengths of character arguments by value */
extern void dsyrk_(const char *uplo, const char *trans, const int *n, const int *k, const double *alpha,
                   const double *a, const int *lda, const double *beta, double *c, const int *ldc, size_t uplo_length,
                   size_t trans_length);
extern void dpotri_(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t uplo_length);
extern void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t uplo_length);

static int fits(ptrdiff_t size)
{
    return size >= 0 && size <= INT_MAX;
}

int syi_dsyrk(ptrdiff_t n, ptrdiff_t p, const double *x, double *upper)
{
    if (!fits(n) || !fits(p)) return -1;
    const int rows = (int)n, columns = (int)p, lda = rows > 1 ? rows : 1, ldc = columns > 1 ? columns : 1;
    const double one = 1, zero = 0;
    dsyrk_("U", "T", &columns, &rows, &one, x, &lda, &zero, upper, &ldc, 1, 1);
    return 0;
}

int syi_dpotrf(ptrdiff_t p, double *a)
{
    if (!fits(p)) return -1;
    const int columns = (int)p, lda = columns > 1 ? columns : 1;
    int info = 0;
    dpotrf_("U", &columns, a, &lda, &info, 1);
    return info;
}

int syi_dpotri(ptrdiff_t p, ptrdiff_t stride, double *a)
{
    if (!fits(p) || !fits(stride) || stride < p) return -1;
    const int columns = (int)p, lda = stride > 1 ? (int)stride : 1;
    int info = 0;
    dpotri_("U", &columns, a, &lda, &info, 1);
    return info;
}
