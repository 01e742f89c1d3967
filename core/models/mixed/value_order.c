/* Order of a list of numbers, by heapsort: no memory of its own, n log n steps
 * whatever the list.
 * Williams 1964, doi:10.1145/512274.512284.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "models/mixed/mixed_parameters_internal.h"

static int before(const double *value, ptrdiff_t a, ptrdiff_t b)
{
    return value[a] < value[b] || (value[a] == value[b] && a < b);
}

static void sift(const double *value, ptrdiff_t *index, ptrdiff_t from, ptrdiff_t n)
{
    const ptrdiff_t moving = index[from];
    for (ptrdiff_t child; (child = 2 * from + 1) < n; from = child) {
        if (child + 1 < n && before(value, index[child], index[child + 1])) child++;
        if (!before(value, moving, index[child])) break;
        index[from] = index[child];
    }
    index[from] = moving;
}

void syi_order_values(ptrdiff_t n, const double *value, ptrdiff_t *index)
{
    for (ptrdiff_t i = 0; i < n; i++) index[i] = i;
    for (ptrdiff_t i = n / 2 - 1; i >= 0; i--) sift(value, index, i, n);
    for (ptrdiff_t end = n - 1; end > 0; end--) {
        const ptrdiff_t largest = index[0];
        index[0] = index[end];
        index[end] = largest;
        sift(value, index, 0, end);
    }
}

double syi_ordered_quantile(ptrdiff_t n, const double *value, const ptrdiff_t *index, double p)
{
    const double at = (double)(n - 1) * p;
    const ptrdiff_t low = (ptrdiff_t)at, high = low + 1 < n ? low + 1 : low;
    const double a = value[index[low]], b = value[index[high]];
    return a + (at - (double)low) * (b - a);
}
