/* All predictors into the model, one after another, in plain double.
 *
 * The full sweep of pivot p with d = a_pp:
 *   a_pj <- a_pj / d,  a_ij <- a_ij - a_ip a_pj,  a_ip <- -a_ip / d,  a_pp <- 1 / d
 * leaves the inverse's diagonal, the slopes and the residual sum of squares where
 * they are read. Conditions: a symmetric positive semi-definite with unit
 * diagonal; every pivot at least `least`, so that errors stay below about
 * order / least roundings. Whole rows, which go several entries at a time with
 * the same bits. Cost: order^3 multiply-adds.
 * One column alone, as a Schur step: a_ij <- a_ij - a_ip a_pj / d, its own row and
 * column zero. Cost: order^2.
 * Goodnight 1979, doi:10.2307/2683825; Peters & Wilkinson 1975,
 * doi:10.1145/360569.360653, on the stability without interchanges.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/sweep_plain_internal.h"
#include <stddef.h>

static void less_row(int order, double load, const double *restrict pivot_row, double *restrict row)
{
    for (int j = 0; j < order; j++) row[j] -= load * pivot_row[j];
}

int syi_sweep_plain(int order, double *a, double least)
{
    for (int p = 0; p < order - 1; p++) {
        double *pivot_row = a + (ptrdiff_t)p * order;
        const double d = pivot_row[p];
        if (!(d >= least)) return 0;
        for (int j = 0; j < order; j++) pivot_row[j] /= d;
        for (int i = 0; i < order; i++) {
            double *row = a + (ptrdiff_t)i * order;
            const double load = row[p];
            if (i == p) continue;
            less_row(order, load, pivot_row, row);
            row[p] = -load / d;
        }
        pivot_row[p] = 1 / d;
    }
    return 1;
}

int syi_leave_plain(int order, double *a, int p, double least)
{
    const double d = a[(ptrdiff_t)p * order + p];
    if (!(d > least)) return 0;
    for (int i = 0; i < order; i++) {
        double *row = a + (ptrdiff_t)i * order;
        const double load = row[p] / d;
        if (i != p && load != 0) less_row(order, load, a + (ptrdiff_t)p * order, row);
    }
    for (int i = 0; i < order; i++) a[(ptrdiff_t)i * order + p] = a[(ptrdiff_t)p * order + i] = 0;
    return 1;
}
