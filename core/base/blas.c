#include "base/numeric_internal.h"

#include "base/blas_internal.h"
#include <limits.h>

/* the last two: Fortran passes the lengths of character arguments by value */
extern void dsyrk_(const char *uplo, const char *trans, const int *n, const int *k,
                   const double *alpha, const double *a, const int *lda, const double *beta,
                   double *c, const int *ldc, size_t uplo_length, size_t trans_length);

int syi_dsyrk(ptrdiff_t n, int p, const double *x, double *upper)
{
    if (n > INT_MAX) return 1;
    const int k = (int)n;
    const double one = 1, zero = 0;
    dsyrk_("U", "T", &p, &k, &one, x, &k, &zero, upper, &p, 1, 1);
    return 0;
}
