/* What a hidden common cause takes from the correlations.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_FLIP_CONFOUNDER_INTERNAL_H
#define SYI_FLIP_CONFOUNDER_INTERNAL_H
#include "steelyard/flips.h"
#include "study/confounding/flip_matrix_internal.h"

/* The block columns and the outcome given the adjusting columns. */
typedef struct {
    const double *correlation; /* [order * order] of the whole question */
    int k1;                    /* block columns and the outcome */
    int at_f, n_f, at_g, n_g;  /* columns of the second block (f) and the first (g) among them */
    double *residual;          /* [k1 * k1] their correlations given the adjusting columns */
    double *left;              /* [k1] their standard deviations given them, of 1 */
    double unexplained;        /* variance of the outcome given everything, of its residual's 1 */
} syi_geometry;

/* Doubles of room for one. */
size_t syi_geometry_room(const syi_flip_matrix *f);
void syi_geometry_fill(const syi_flip_matrix *f, int first, int second, const double *correlation, double *room,
                       syi_geometry *g);

/* Correlations of everything with f and with what g adds to it. */
typedef struct {
    double *with_f, *with_g; /* [k1] */
    double rest;             /* standard deviation of the outcome given f and g, of its residual's 1 */
    double limit_c;
} syi_direction;

/* weights [n_f + n_g] on the standardised columns of the second and the first
 * block; room [2 * k1]. Returns 0 where f or g does not vary, or g is f. */
int syi_direction_set(const syi_geometry *g, const double *weights, double *room, syi_direction *d);

/* U's correlations w [k1] with the columns given the adjusting ones; 0 where
 * there is no such U. */
int syi_confounder_reach(const syi_geometry *g, const syi_direction *d, const sy_confounder *u, double *w);

/* Partial correlation of f and the outcome given a U that there is. */
double syi_second_outcome(const syi_geometry *g, const syi_direction *d, const sy_confounder *u);

/* share(first) - share(second) with U forced in, in points of all outcome
 * variance; NaN where there is no such U. values [n_values]: the shares so.
 * Takes syi_confounded_room bytes of the worker's scratch, given back. */
double syi_confounded(syi_flip_matrix *f, int worker, const syi_geometry *g, const syi_direction *d, int first,
                      int second, const sy_confounder *u, double *values);
size_t syi_confounded_room(int order);

/* U and -U are the same: of the two the one with c > 0, or b > 0, or a > 0. */
sy_confounder syi_confounder_turned(sy_confounder u);
#endif
