/* How much a response model explains, by measures under their own names.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_EXPLAINED_H
#define STEELYARD_EXPLAINED_H
#include "steelyard/response.h"
#ifdef __cplusplus
extern "C" {
#endif

/* L the log-likelihood, L0 that of intercept or thresholds alone (offset and
 * weights kept), each of the single answers (rows with trials: without binomial
 * coefficients); n the answers: sum of weights times trials; s parameters. NaN
 * where a measure is not defined. */
typedef struct {
    double n;
    double loglik, loglik_null; /* of the single answers */
    double mcfadden;            /* 1 - L / L0 [McFadden 1974] */
    double mcfadden_adjusted;   /* 1 - (L - s) / L0 [Ben-Akiva & Lerman 1985] */
    double cox_snell;           /* 1 - exp(2 (L0 - L) / n) [Cox & Snell 1989; Maddala 1983] */
    double nagelkerke;          /* cox_snell over its largest value 1 - exp(2 (L0 - Lmax) / n); Lmax = 0, counts: that
                                   of the saturated model [Nagelkerke 1991] */
    double estrella;            /* 1 - (L / L0)^(-2 L0 / n); binary, ordinal [Estrella 1998] */
    double tjur;                /* mean probability of the event in rows with it less that in the others; binary
                                   [Tjur 2009] */
    double efron;               /* 1 - sum (y - mean)^2 / sum (y - average)^2; binary, counts [Efron 1978] */
    double mckelvey_zavoina;    /* Var(x'b) / (Var(x'b) + error); binary, ordinal without nominal effects
                                   [McKelvey & Zavoina 1975] */
    double latent_variance;     /* Var(x'b), weighted, the offset left out */
    double error_variance;      /* pi^2 / 3, 1, pi^2 / 6, times the mean of exp(2 s'c) with scale terms */
    double deviance;            /* 1 - D / D0; binary, counts [Cameron & Windmeijer 1997] */
} sy_explained;

/* estimate [k] and summary as sy_response leaves them on this design and model. Cost:
 * n (k + 30). */
SY_API SY_MUST_CHECK sy_status sy_response_explained(sy_context *ctx, const sy_design *design,
                                                     const sy_response_model *model, int k, const double *estimate,
                                                     const sy_response_summary *summary, sy_explained *out);

#ifdef __cplusplus
}
#endif
#endif
