/* Mixed models of binary, count and ordered outcomes: the marginal log-
 * likelihood by Laplace's approximation or adaptive quadrature, with its exact
 * derivatives, as a function of all parameters.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_GLMM_INTERNAL_H
#define SYI_GLMM_INTERNAL_H
#include "base/memory_internal.h"
#include "models/mixed/bars_internal.h"
#include "models/response/response_internal.h"

/* What sy_mixed does for a model that is not linear. */
sy_status syi_glmm(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                   const sy_mixed_options *options, sy_mixed_summary *summary, const sy_mixed_fit *fit);

/* One grouping factor with the effects of all its bar terms. */
typedef struct {
    int q, n_levels;
    int n_entries;
    int *entry_row, *entry_column, *entry_theta; /* [n_entries] of its T that are parameters */
    double *t;                                   /* [q * q] row-major, of the point last evaluated */
    double *z;                                   /* [q * padded] effect by effect, divided by a power of two */
    double *unit;                                /* [q] that power: z = column / unit */
    int32_t *level;                              /* [padded] */
    double *mode;     /* [n_levels * q] u, the covariance of which is I; kept between evaluations */
    double *variance; /* [n_levels * q * q] (I + T'Z'WZT)^-1 at the mode, its block of the level */
} syi_glmm_factor;

/* Parameters: the fixed ones in use as in syi_likelihood (thresholds, columns, log(theta)), then those of T in units
 * of z. Rows are sorted by the level of factor 0, each level padded to eight with rows of weight 0. Never copied. */
typedef struct syi_glmm_problem syi_glmm_problem;
struct syi_glmm_problem {
    const sy_mixed_model *model;
    sy_response_kind kind;
    sy_link link;
    int simd, nodes, n_factors;
    int k, n_thresholds, p, n_theta, dim; /* dim = k + n_theta */
    int known;                            /* k less log(theta) */
    int spread;                           /* the parameter log(theta) of counts, or -1 */
    int n_levels;
    syi_bars bars;
    syi_packed rows;
    syi_likelihood fixed;
    syi_glmm_factor *factor; /* [n_factors] that with most effects first */
    int *place;              /* [n_factors] of a factor of bars among these */
    ptrdiff_t padded;
    double *x;        /* [p * padded] */
    double *success;  /* [padded] weight times outcome; not read for ordered answers */
    double *weight;   /* [padded] weight times trials */
    double *offset;   /* [padded] */
    int32_t *answer;  /* [padded] level of the outcome, 0 for padding */
    double *slope;    /* [padded] derivative in the predictor */
    ptrdiff_t *row;   /* [padded] of the design, -1 for padding */
    ptrdiff_t *start; /* [levels of factor 0 + 1] */
    double *contrast; /* [(n_levels - 1) * n_thresholds] thresholds from their parameters */
    double constant;  /* of the log-likelihood, free of parameters */
    int n_counts;     /* different counts, with their weights: negative binomial */
    double *count, *count_weight;
    double *level_weight;    /* [n_levels] */
    int n_nodes;             /* nodes^q, 1 for Laplace */
    double *node, *log_node; /* [n_nodes * q], [n_nodes] */
    int longest;             /* most rows of a level of factor 0, padded */
    syi_arena arena, lists;  /* of the evaluation */
    void *state;             /* in the arena */
};

/* Sorted rows of the bars, packed rows and likelihood that are in `g` already. */
sy_status syi_glmm_rows(sy_context *ctx, syi_glmm_problem *g);
/* Everything up to the first evaluation. Free after failure too. */
sy_status syi_glmm_open(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                        const sy_mixed_options *options, syi_glmm_problem *g);
void syi_glmm_free(syi_glmm_problem *g); /* legal after failure and twice */

/* What a parameter point means for the rows. */
typedef struct {
    double *threshold; /* [n_levels + 1] -+ infinity as large numbers at the ends */
    double log_theta, theta;
    double level_value;     /* terms of the log-likelihood that rows of the same answer have in common */
    double *level_gradient; /* [n_levels + 1] wrt the thresholds; [0] wrt log(theta) */
} syi_glmm_point;

/* Log densities of rows first .. first + len - 1 at predictors eta [len], with derivatives: g = dl / d eta, w = - dg /
 * d eta, w1 = dw / d eta; and wrt up to two further parameters of a row (upper and lower threshold; log(theta)) of l, g
 * and w. Weights included. Arrays [len], eta too, aligned. */
/* g, w; l, g, *_l; all but l; all */
typedef enum { SYI_GLMM_SEARCH, SYI_GLMM_NODE, SYI_GLMM_SLOPES, SYI_GLMM_FULL } syi_glmm_order;
static inline int syi_glmm_with_value(syi_glmm_order order)
{
    return order == SYI_GLMM_NODE || order == SYI_GLMM_FULL;
}
typedef struct {
    double *l, *g, *w, *w1;
    double *upper_l, *upper_g, *upper_w; /* or of log(theta) */
    double *lower_l, *lower_g, *lower_w;
    double *scratch[6];
} syi_glmm_slots;
enum { SYI_GLMM_ARRAYS = 16 };
void syi_glmm_slots_of(syi_glmm_slots *s, double *work, ptrdiff_t length); /* work [SYI_GLMM_ARRAYS * length] */
void syi_glmm_density(const syi_glmm_problem *g, const syi_glmm_point *at, ptrdiff_t first, int len, const double *eta,
                      syi_glmm_order order, syi_glmm_slots *s);
void syi_glmm_ordinal(const syi_glmm_problem *g, const syi_glmm_point *at, ptrdiff_t first, int len, const double *eta,
                      syi_glmm_order order, syi_glmm_slots *s);
/* 0 when the parameters mean nothing (thresholds not in order). */
int syi_glmm_point_of(const syi_glmm_problem *g, const double *parameters, syi_glmm_point *at);

/* The log-likelihood at `parameters` [dim], -INFINITY where it cannot be had, and its gradient [dim]; one of them may
 * be NULL. Modes and their variance are left in the factors. */
sy_status syi_glmm_value(sy_context *ctx, syi_glmm_problem *g, const double *parameters, double *loglik,
                         double *gradient);
sy_status syi_glmm_one_open(sy_context *ctx, syi_glmm_problem *g);
sy_status syi_glmm_one(sy_context *ctx, syi_glmm_problem *g, const double *parameters, double *loglik,
                       double *gradient);
sy_status syi_glmm_crossed_open(sy_context *ctx, syi_glmm_problem *g);
sy_status syi_glmm_crossed(sy_context *ctx, syi_glmm_problem *g, const double *parameters, double *loglik,
                           double *gradient);
/* Sums over blocks of rows: value, columns of x, theta, then thresholds or log(theta). */
int syi_glmm_part_size(const syi_glmm_problem *g);
/* From such sums, those of all blocks together, to loglik and gradient of the parameters. */
void syi_glmm_gather(const syi_glmm_problem *g, const syi_glmm_point *at, const double *sum, double *loglik,
                     double *gradient);
/* Adds upper [len] and lower [len] (ordered answers), or upper alone (log(theta)), to the sums. */
void syi_glmm_scatter(const syi_glmm_problem *g, ptrdiff_t first, int len, const double *upper, const double *lower,
                      double *sum);
/* T of each factor from the parameters. */
void syi_glmm_set_t(syi_glmm_problem *g, const double *parameters);
/* out [len] = the fixed part of the predictor with the offset, thresholds left out. */
void syi_glmm_fixed(const syi_glmm_problem *g, const double *parameters, ptrdiff_t first, int len, double *out);
/* zeta = T'z of rows first .. first + len - 1, effects `step` apart. */
void syi_glmm_turn(const syi_glmm_problem *g, const syi_glmm_factor *f, ptrdiff_t first, ptrdiff_t len, double *zeta,
                   ptrdiff_t step);
/* Takes from the information of the fit without effects [known * known] what the largest factor's effects will;
 * parameters with T as it starts. */
sy_status syi_glmm_start(sy_context *ctx, syi_glmm_problem *g, const double *parameters, double *information);
/* node, log_node: products of n-point Gauss-Hermite rules, sqrt(2) x and log(w exp(x^2) / sqrt(pi)). */
sy_status syi_glmm_nodes(sy_context *ctx, syi_glmm_problem *g);

/* Maximises over the parameters that are `free`: start and end. hessian [dim * dim]: minus second derivatives at the
 * end, 0 for those not free. */
typedef struct {
    double loglik, last_step, gradient;
    int iterations, evaluations, converged, boundary;
} syi_glmm_report;
sy_status syi_glmm_maximise(sy_context *ctx, syi_glmm_problem *g, const sy_mixed_options *options,
                            const double *information, double *parameters, unsigned char *free_, double *hessian,
                            syi_glmm_report *report);

/* What the caller asked for, in the caller's units. */
sy_status syi_glmm_results(sy_context *ctx, syi_glmm_problem *g, const double *parameters, const unsigned char *free_,
                           double *hessian, const syi_glmm_report *report, sy_mixed_summary *summary,
                           const sy_mixed_fit *fit);

/* Sum of x y over len entries (a multiple of 8), entry i in lane i mod 8. */
static inline double syi_glmm_dot(ptrdiff_t len, const double *x, const double *y)
{
    double s[8] = {0};
    for (ptrdiff_t i = 0; i < len; i += 8)
        for (int l = 0; l < 8; l++) s[l] += x[i + l] * y[i + l];
    return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}
static inline double syi_glmm_dot3(ptrdiff_t len, const double *x, const double *y, const double *z)
{
    double s[8] = {0};
    for (ptrdiff_t i = 0; i < len; i += 8)
        for (int l = 0; l < 8; l++) s[l] += x[i + l] * y[i + l] * z[i + l];
    return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}
static inline double syi_glmm_sum(ptrdiff_t len, const double *x)
{
    double s[8] = {0};
    for (ptrdiff_t i = 0; i < len; i += 8)
        for (int l = 0; l < 8; l++) s[l] += x[i + l];
    return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}
#endif
