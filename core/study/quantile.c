/* Quantiles by selection [Hoare 1961, doi:10.1145/366622.366647]: a percentile
 * needs two order statistics, not the order of all. Values equal to the pivot
 * are split between both sides, so ties cost nothing extra.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "study/quantile_internal.h"
#include <math.h>

int syi_without_nan(int n, const double *x, double *out)
{
    int kept = 0;
    for (int i = 0; i < n; i++)
        if (!isnan(x[i])) out[kept++] = x[i];
    return kept;
}

static double middle_of_three(double a, double b, double c)
{
    return fmax(fmin(a, b), fmin(fmax(a, b), c));
}

/* x[place] becomes what it is in sorted order, nothing greater before it and
 * nothing less behind. */
static void select_place(int n, double *x, int place)
{
    int low = 0, high = n - 1;
    while (low < high) {
        const double pivot = middle_of_three(x[low], x[low + (high - low) / 2], x[high]);
        int i = low, j = high;
        while (i <= j) {
            while (x[i] < pivot) i++;
            while (x[j] > pivot) j--;
            if (i > j) break;
            const double kept = x[i];
            x[i++] = x[j];
            x[j--] = kept;
        }
        if (place <= j) high = j;
        else if (place >= i) low = i;
        else return;
    }
}

double syi_quantile(int n, double *x, double p)
{
    const double place = (n - 1) * p;
    int below = (int)floor(place);
    const double fraction = place - below;
    if (below > n - 1) below = n - 1;
    select_place(n, x, below);
    if (below >= n - 1 || !(fraction > 0)) return x[below];
    double next = x[below + 1];
    for (int i = below + 2; i < n; i++) next = x[i] < next ? x[i] : next;
    return x[below] + fraction * (next - x[below]);
}
