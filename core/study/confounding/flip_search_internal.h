/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_FLIP_SEARCH_INTERNAL_H
#define SYI_FLIP_SEARCH_INTERNAL_H
#include "study/confounding/flip_confounder_internal.h"

/* What all searches of one question share. */
typedef struct {
    syi_flip_matrix *f;
    const syi_geometry *g;
    sy_flip_options options;
    int rank_f, rank_g;
    double *basis; /* [n_f * rank_f] then [n_g * rank_g]: uncorrelated unit combinations */
    int n_starts;
    double *start;         /* [n_starts * (rank_f + rank_g)] unit vectors on the bases */
    const double *weights; /* f and g are given: [n_f + n_g]; NULL: searched for */
} syi_flip_field;

/* Over sets, the strengths that may differ from zero, or along one ray. */
typedef struct {
    int set; /* 0: along the ray */
    sy_confounder along;
} syi_flip_quest;

typedef struct {
    sy_confounder at; /* the flip; where there is none the least difference met */
    int found;
    double reach; /* largest strength, or multiple of the ray */
    double evaluations;
} syi_flip_find;

/* Room is taken from the heap: SY_ENOMEM. Free after failure too. */
sy_status syi_flip_field_init(sy_context *ctx, syi_flip_matrix *f, const syi_geometry *g,
                              const sy_flip_options *options, const double *weights, syi_flip_field *field);
void syi_flip_field_free(syi_flip_field *field);

/* Weights [n_f + n_g] of f and g at coordinates eta [rank_f + rank_g]. */
void syi_flip_weights(const syi_flip_field *field, const double *eta, double *weights);

/* The sum of weights, which gives a combination its sign. */
double syi_flip_sign(int n, const double *weights);

/* Bytes of a worker's scratch for one search. */
size_t syi_flip_search_room(int order, int n_values);

/* The nearest flip of a quest on this worker; weights [n_f + n_g] are those of
 * its f and g, those of each adding to more than 0. */
void syi_flip_nearest(const syi_flip_field *field, int worker, const syi_flip_quest *quest, syi_flip_find *find,
                      double *weights);

/* The multiple of `along` up to which each strength is at most `most`, c at most
 * that part of its limit. */
double syi_flip_farthest(const sy_confounder *along, double most, double limit_c);

/* The least t > 0 where curve, positive (or, back = 1, not) at 0, stops being
 * so: a scan of `steps` steps to limit, then the bracketed root. NaN: nowhere. */
double syi_flip_first(double (*curve)(double t, const void *arg), const void *arg, double from, double limit, int steps,
                      int back);
#endif
