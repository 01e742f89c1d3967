/* Tests of the terms of a response model: likelihood ratio, Wald, score.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_RESPONSE_TESTS_H
#define STEELYARD_RESPONSE_TESTS_H
#include "steelyard/anova.h"
#include "steelyard/response.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    SY_TEST_LIKELIHOOD_RATIO = 0, /* twice the gain in log-likelihood; a refit without the term */
    SY_TEST_WALD = 1,             /* b' V^-1 b with the covariance given */
    SY_TEST_SCORE = 2             /* derivatives at the fit without the term [Rao 1948] */
} sy_test_kind;

typedef struct {
    double statistic; /* on the scale of chi squared; NaN when the term is aliased */
    double df;        /* parameters it tests, aliased ones left out */
    double df_resid;  /* Wald: the least df of those parameters; then p is that of F = statistic / df; else HUGE_VAL */
    double p_value;
} sy_term_test;

/* row [n_terms + n_nominal + n_scale]: terms of the location part, then nominal
 * and scale terms, in the model's order. type: SY_ANOVA_II (each term given all
 * that do not contain it) or SY_ANOVA_III (given all others; wants
 * SY_CODING_SUM). estimate [k] as sy_response leaves it. Wald: covariance [k *
 * k] and df [k] from sy_response_vcov; the others ignore both (NULL) and refuse
 * sampling weights. A negative binomial whose theta has no limit is tested as the
 * Poisson model it is. Remarks: a refit that has not converged. Cost: Wald terms *
 * k^3; likelihood ratio a refit a term (3 to 5 steps from the full fit). */
SY_API SY_MUST_CHECK sy_status sy_response_tests(sy_context *ctx, const sy_design *design,
                                                 const sy_response_model *model, const sy_response_options *options,
                                                 sy_test_kind kind, sy_anova_type type, int k, const double *estimate,
                                                 const double *covariance, const double *df, sy_term_test *row);

#ifdef __cplusplus
}
#endif
#endif
