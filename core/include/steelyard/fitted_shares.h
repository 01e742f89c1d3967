/* Shares over fitted models that are not least squares: how much of what a
 * binary, count, ordinal or mixed model explains each block of terms brings.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_FITTED_SHARES_H
#define STEELYARD_FITTED_SHARES_H
#include "steelyard/evidence.h"
#include "steelyard/mixed.h"
#ifdef __cplusplus
extern "C" {
#endif

/* What "explained" means. The first two are made of log-likelihoods, the others
 * of the variance of the linear predictor over the rows. */
typedef enum {
    SY_MEASURE_MCFADDEN = 0,   /* 1 - loglik / loglik of the null model [McFadden 1974] */
    SY_MEASURE_NAGELKERKE = 1, /* (1 - (L0 / L)^(2/n)) / (1 - (L0 / M)^(2/n)), M = 1, of counts the saturated
                                  likelihood [Nagelkerke 1991, doi:10.1093/biomet/78.3.691]; not for mixed models */
    SY_MEASURE_LATENT = 2, /* var(x'b) / (var(x'b) + variance of the link) [McKelvey & Zavoina 1975]: binary, ordinal
                              without nominal and scale terms; not for mixed models */
    SY_MEASURE_MARGINAL =
        3 /* mixed: var(x'b) over that of fixed part, effects and residual of the FULL model,
             which no submodel changes [Nakagawa & Schielzeth 2013, doi:10.1111/j.2041-210x.2012.00261.x] */
} sy_measure;

typedef enum {
    SY_ROUTE_AUTO = 0,    /* exact where the refits are expected to take under 10 seconds on one core */
    SY_ROUTE_EXACT = 1,   /* every submodel fitted by itself, from where one step leads */
    SY_ROUTE_ONE_STEP = 2 /* one step from the full fit, by its information matrix [Lawless & Singhal 1978,
                             doi:10.2307/2530022] */
} sy_route;

typedef struct {
    int mixed;            /* 1: model as it stands; 0: model.response alone is read */
    sy_mixed_model model; /* its fixed terms are those of the blocks and the adjusting ones */
    int n_blocks;
    const sy_block *blocks; /* terms: places in the design */
    const int *order;       /* as in sy_question */
    int free_orders;
    sy_measure measure;
    sy_route route;
    sy_mixed_options fit;      /* mixed: reml, nodes */
    sy_interval_kind interval; /* SY_INTERVAL_AUTO, SY_INTERVAL_JACKKNIFE or SY_INTERVAL_NONE */
    double level;              /* default 0.95 */
    uint64_t seed;             /* of the groups of rows that are left out where there are no clusters */
    double time_limit;         /* seconds; default 60: auto intervals past it are left out */
} sy_fitted_question;
SY_API void sy_fitted_defaults(sy_fitted_question *question);

typedef struct {
    double total; /* v(all): the measure beyond the adjusting terms */
    double total_std_error, total_low, total_high;
    double measure_full, measure_adjust; /* of the full model, of the adjusting terms alone */
    double n, loglik, loglik_null;
    sy_route route;   /* by which the table was made */
    double submodels; /* values of v */
    double failed;    /* refits that did not converge or ran to infinity */
    double gap;       /* largest difference of a share between the two routes; NaN when only one was gone */
    int gap_row;      /* whose it is: a row of the table */
    /* marginal: the other parts of the same whole; NaN else */
    double groups; /* of the effects of all bar terms (councils) */
    double residual;
    sy_interval_kind interval;
    double df;
    ptrdiff_t units;          /* left out one by one: clusters, or groups of rows */
    int grouped;              /* 1: groups of rows */
    double seconds_estimated; /* of the interval */
} sy_fitted_summary;

/* Buffers of the caller; R = blocks + terms rows of SY_N_METRICS as in sy_shares.
 * adjusted: McFadden's, less columns / |loglik_null|; NaN for the others. by_chance: what columns of noise get on
 * average by a likelihood ratio, for McFadden and Nagelkerke; else NaN. */
typedef struct {
    double *estimate, *std_error, *std_error_scaled, *low, *high; /* [R * SY_N_METRICS] */
    double *covariance;                                           /* [SY_N_METRICS * R * R] */
    double *one_step;                                             /* [R] shares by one step, or NULL */
    double *within,
        *between; /* [R] the part of each share that lies within and between clusters, NaN without clusters or
                     where the measure is made of log-likelihoods; or NULL [Rights & Sterba 2019,
                     doi:10.1037/met0000184]. The means of clusters carry sampling noise [Luedtke et al. 2008]. */
} sy_fitted_table;

/* Blocks may be up to 18, and the other blocks together with the terms of one.
 * Interval: delete-one-cluster jackknife of the one-step shares, centred at the
 * estimate; without clusters groups of rows, drawn once, are left out (as many as rows
 * up to 100; a row of frequency w is w rows). design->cluster, else (mixed) the first
 * bar term's group, says what a cluster is.
 *
 * Errors: those of the fit, SY_EINVAL (a measure that the model has not), SY_ELIMIT.
 *
 * Remarks: those of the fit, refits that failed, the interval left out, the gap when above 0.01.
 *
 * Cost: 2^B steps of (columns)^2 for the fast route, 2^B warm refits for the exact one. */
SY_API SY_MUST_CHECK sy_status sy_fitted_shares(sy_context *ctx, const sy_design *design,
                                                const sy_fitted_question *question, sy_fitted_summary *summary,
                                                const sy_fitted_table *table);

#ifdef __cplusplus
}
#endif
#endif
