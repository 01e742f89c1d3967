/* Rows packed once for models that read them many times, and the likelihoods
 * over them: what fits, covariances, tests, effects, mixed models and shares
 * have in common.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_RESPONSE_INTERNAL_H
#define SYI_RESPONSE_INTERNAL_H
#include "models/model_internal.h"
#include "steelyard/response.h"

/* The rows used, in the order of the design, column by column; every column is
 * padded to `stride` (a multiple of SYI_TILE) with rows of weight 0. Columns are
 * centred at `centre` (0 where there is no intercept or thresholds) and divided
 * by `scale`, a power of two. Aliased columns are left out. */
typedef struct {
    ptrdiff_t n, stride;
    int ones; /* 1: an intercept (column 0 of x, all ones) or thresholds */
    int p;    /* location columns in use, the intercept left out for ordinal models */
    int n_nominal, n_spread;
    double *x;              /* [p * stride] */
    double *nominal;        /* [n_nominal * stride] */
    double *spread;         /* [n_spread * stride], not centred */
    double *centre, *scale; /* [p + n_nominal + n_spread] */
    double *y;              /* [stride] 0 or 1, successes, counts, or levels 0 .. n_levels - 1 */
    double *weight;         /* [stride] */
    double *offset;         /* [stride] or NULL */
    double *trials;         /* [stride] or NULL */
    int32_t *cluster;       /* [n] 0 .. n_clusters - 1, or NULL without design->cluster */
    int n_clusters;
    ptrdiff_t *row; /* [n] row of the design */
    int *column;    /* [p + n_nominal + n_spread] the parameter (or its first, nominal) that a packed column has in
                       the caller's order */
    int n_levels;
    int *level;                /* [n_levels] of the outcome's own levels, those in use */
    double sum_w, n_effective; /* n by the weight rule */
    double rows_read, rows_dropped;
    sy_response_shape shape; /* what sy_response_shape_of gives */
} syi_packed;

/* A likelihood over packed rows, parameters `theta` [k] in the caller's order
 * with aliased ones left out, in the units of the packed (centred) columns. */
typedef struct syi_likelihood syi_likelihood;
struct syi_likelihood {
    const syi_packed *rows;
    sy_response_kind kind;
    sy_link link;
    sy_thresholds thresholds;
    int k;                    /* parameters in use */
    int n_thresholds;         /* of them, first */
    const double *times;      /* [n_clusters], or NULL: weights multiply by the cluster's number of draws (jackknife,
                                 bootstrap) */
    const unsigned char *use; /* [k], or NULL: parameters left out (at zero) are not read and have no derivatives */
    int every;                /* s > 1: value() reads each s-th tile of rows alone (a start for the whole) */

    /* Sum of weight x log density; gradient [k] and information [k * k] (minus
     * second derivatives, full) where not NULL. Same bits for any threads. */
    sy_status (*value)(sy_context *ctx, const syi_likelihood *l, const double *theta, double *loglik, double *gradient,
                       double *information);
    /* Scores (weight included) of packed rows first .. first + len - 1, len <= SYI_TILE: score[j * SYI_TILE + i],
     * aligned to 64 bytes; first is a multiple of 8. */
    void (*scores)(const syi_likelihood *l, const double *theta, ptrdiff_t first, int len, double *score);
    /* A start from the margins: thresholds or intercept, zeros, ... */
    void (*start)(const syi_likelihood *l, double *theta);
};

/* Opens the design and packs it. The model's columns are checked for rank once (weighted, without the
 * outcome). Memory n (p + 5) doubles. */
sy_status syi_packed_init(sy_context *ctx, const sy_design *design, const sy_response_model *model, syi_packed *rows);
void syi_packed_free(syi_packed *rows);

/* Fills `l` for the model's kind: binary and counts (likelihood_binary.c, likelihood_count.c), ordered answers
 * (likelihood_ordinal.c). */
sy_status syi_likelihood_of(sy_context *ctx, const syi_packed *rows, const sy_response_model *model, syi_likelihood *l);

/* What value leaves out, as it does not depend on theta: sum of weight x log choose(trials, y); of the largest Poisson
 * density of y; of -log(y!) (negative binomial); 0 for ordinal. */
double syi_likelihood_constant(const syi_likelihood *l);

/* Newton's method with halving to a relative step of `tolerance`: theta [k] start and end; information [k * k] at the
 * end (may be NULL). `separated` [k] or NULL: 1 for parameters that run to infinity. No remarks here. */
typedef struct {
    double loglik, last_step, condition;
    int iterations, converged, separated;
} syi_newton_report;
sy_status syi_newton(sy_context *ctx, const syi_likelihood *l, const sy_response_options *options, double *theta,
                     double *information, int *separated, syi_newton_report *report);

/* Threshold parameters of the intercept, and of each nominal column (likelihood_ordinal.c's), and how they move, v
 * [that many], when all thresholds move by one: free: ones. */
int syi_thresholds_free(sy_thresholds kind, int n_levels);
void syi_thresholds_shift(sy_thresholds kind, int n_levels, double *v);

/* Parameters in use, and the place [that many] of each in the caller's order. */
int syi_packed_parameters(const syi_packed *rows, const sy_response_model *model);
void syi_packed_places(const syi_packed *rows, const sy_response_model *model, const sy_response_shape *shape,
                       int *place);

/* Estimates and matrices from packed units to the caller's: theta [k in use] -> estimate [k of the model], NaN where
 * aliased; covariance likewise. Either pair may be NULL. */
sy_status syi_packed_unpack(sy_context *ctx, const syi_packed *rows, const sy_response_model *model,
                            const sy_response_shape *shape, const double *theta, const double *covariance,
                            double *estimate, double *full);
/* And back: estimate [k of the model] -> theta [k in use]; entries of aliased parameters are not read. */
sy_status syi_packed_pack(sy_context *ctx, const syi_packed *rows, const sy_response_model *model,
                          const sy_response_shape *shape, const double *estimate, double *theta);

/* The label of parameter j, as sy_response_labels has it. */
sy_status syi_response_label(sy_context *ctx, const sy_design *design, const sy_response_model *model, int j, char *text,
                             size_t size);
#endif
