/* What the glue of models by maximum likelihood shares.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef R_RESPONSE_H
#define R_RESPONSE_H
#include "r_models.h"
#include "steelyard/response.h"

/* list(linear model, kind, link, thresholds, column of trials or NULL, column
 * of the offset or NULL, nominal terms, scale terms) of a design of n rows;
 * terms are counted from 1. */
void r_response(SEXP list, ptrdiff_t n, sy_response_model *model);

/* A summary from the list that C_response makes of it. */
void r_response_summary(SEXP list, sy_response_summary *s);

SEXP C_response_shape(SEXP design, SEXP model);
SEXP C_response_labels(SEXP design, SEXP model, SEXP k);
SEXP C_response(SEXP design, SEXP model, SEXP k, SEXP start, SEXP threads, SEXP progress);
SEXP C_response_vcov(SEXP design, SEXP model, SEXP estimate, SEXP kind, SEXP threads, SEXP progress);
SEXP C_response_tests(SEXP design, SEXP model, SEXP how, SEXP estimate, SEXP covariance, SEXP df, SEXP threads,
                      SEXP progress);
SEXP C_response_predict(SEXP design, SEXP model, SEXP shape, SEXP how, SEXP estimate, SEXP covariance, SEXP threads);
SEXP C_effects_count(SEXP design, SEXP model, SEXP how, SEXP changes);
SEXP C_effects(SEXP design, SEXP model, SEXP how, SEXP changes, SEXP count, SEXP estimate, SEXP covariance,
               SEXP threads, SEXP progress);
SEXP C_response_explained(SEXP design, SEXP model, SEXP summary, SEXP estimate, SEXP threads);
SEXP C_response_residuals(SEXP design, SEXP model, SEXP estimate, SEXP kind, SEXP threads);
SEXP C_response_ratios(SEXP design, SEXP model, SEXP shape, SEXP estimate, SEXP covariance, SEXP df, SEXP level);
SEXP C_proportional(SEXP design, SEXP model, SEXP test, SEXP threads, SEXP progress);
#endif
