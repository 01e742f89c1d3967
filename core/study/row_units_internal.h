/* What is resampled and summed within: the units of the rows used (clusters,
 * rows, or the people that a row of frequency weights stands for), in strata
 * where there are strata.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_ROW_UNITS_INTERNAL_H
#define SYI_ROW_UNITS_INTERNAL_H
#include "steelyard/design.h"

typedef struct {
    ptrdiff_t n, count; /* rows, units */
    int n_strata;       /* levels of the strata, used or not; 1 without */
    int clustered;      /* 1: units are the clusters of the design */
    int32_t *unit;      /* [n] 0 .. count - 1; clusters in the order of their levels */
    int32_t *stratum;   /* [count] */
    int32_t *level;     /* [count] level of the cluster column; of a row its place among the n */
    double *people;     /* [count] how often the unit stands there: the frequency of a row, else 1 */
    double *in_stratum; /* [n_strata] people */
    double all;         /* people in all */
    double df;          /* people less strata */
} syi_row_units;

/* The n rows `row` (of the design, complete) in order; weight [n] is read where units are rows of frequency weights.
 * SY_EDATA: a stratum, or the whole, of one unit; a cluster that lies in two strata. Free after failure too. Cost: n.
 */
sy_status syi_row_units_init(sy_context *ctx, const sy_design *design, ptrdiff_t n, const ptrdiff_t *row,
                             const double *weight, syi_row_units *units);
void syi_row_units_free(syi_row_units *units);

/* influence [k][n]: what each row (all its people together) moves k estimates by. covariance [k * k] of the estimates:
 * sum over strata of N_h / (N_h - 1) sum over units of people (U_g - mean)(U_g - mean)', U_g the sum of the unit's rows
 * for one of its people. sums [count * k + n_strata] is scratch. Cost: k n + k^2 count. */
void syi_row_units_covariance(const syi_row_units *units, int k, const double *influence, double *sums,
                              double *covariance);

/* times [count]: how often each unit stands there when one (one of its people) is left out; the others of its stratum
 * stand N_h / (N_h - 1) times where there are strata. */
void syi_row_units_without(const syi_row_units *units, ptrdiff_t left, double *times);

/* covariance [k * k] from lines [count][k] without each unit: sum of people (N_h - 1) / N_h (v - centre)(v - centre)'.
 * Lines with a NaN are left out, their people counted in the answer. */
double syi_row_units_jackknife(const syi_row_units *units, int k, const double *lines, const double *centre,
                               double *covariance);
#endif
