/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_FLIP_JOB_INTERNAL_H
#define SYI_FLIP_JOB_INTERNAL_H
#include "study/confounding/flip_search_internal.h"

/* A question of share-flip made ready. It must stay where it is. */
typedef struct {
    syi_flip_matrix f;
    syi_geometry g;
    syi_flip_field field;
    double *room;   /* behind g */
    double *values; /* [n_values] as the data stand */
} syi_flip_job;

/* Checks the options and the question; weights [n_f + n_g] or NULL; evaluations:
 * expected. Each worker's scratch has room for one search. */
sy_status syi_flip_job_init(sy_context *ctx, const sy_moments *m, const sy_question *question,
                            const sy_flip_options *options, const double *weights, size_t evaluations,
                            syi_flip_job *job);
void syi_flip_job_free(syi_flip_job *job);

/* The same for the two turns: options only. */
sy_status syi_flip_check(sy_context *ctx, const sy_question *question, const sy_flip_options *options);

/* SY_EDATA where the directions cannot be set; room [2 * k1]. */
sy_status syi_flip_given(sy_context *ctx, const syi_flip_job *job, const double *weights, double *room,
                         syi_direction *d);

/* Fills a ray whose `along` is given. values [n_values]. */
void syi_flip_follow(const syi_flip_job *job, int worker, const syi_direction *d, double *values, sy_flip_ray *ray);

/* The same with its own f and g, into weights [n_f + n_g], unless they are given. */
void syi_flip_ray_alone(const syi_flip_job *job, int worker, const double *given, double *weights, sy_flip_ray *ray);

/* distance_low and df of a flip at `at` with the f and g of weights. */
sy_status syi_flip_low(sy_context *ctx, syi_flip_job *job, const sy_confounder *at, const double *weights,
                       sy_share_flip_result *result);
#endif
