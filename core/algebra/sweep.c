/* One column into the model: the residual cross-products of all others.
 *
 * a_ij <- a_ij - a_ip a_pj / a_pp for the rows and columns not in the model,
 * the Schur complement of the pivot. Conditions: a symmetric positive
 * semi-definite, scaled by the caller so that `floor_` is absolute.
 * Double-double: what is left of a nearly collinear column is a difference.
 * Cost: (columns not in)^2 / 2 multiply-adds.
 * Goodnight 1979, doi:10.2307/2683825.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/sweep_internal.h"

int syi_sweep_in(int k, syi_dd *a, int *in, int pivot, double floor_)
{
    const syi_dd *pivot_row = a + (ptrdiff_t)pivot * k;
    const syi_dd d = pivot_row[pivot];
    if (in[pivot] || !(d.hi > 0 && d.hi >= floor_)) return 0;
    in[pivot] = 1;
    for (int i = 0; i < k; i++) {
        if (in[i]) continue;
        syi_dd *row = a + (ptrdiff_t)i * k;
        const syi_dd factor = syi_dd_div(pivot_row[i], d);
        for (int j = i; j < k; j++) {
            if (in[j]) continue;
            row[j] = syi_dd_sub(row[j], syi_dd_mul(factor, pivot_row[j]));
            a[(ptrdiff_t)j * k + i] = row[j];
        }
    }
    return 1;
}
