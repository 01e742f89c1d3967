/* What the glue of mixed models shares.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef R_MIXED_H
#define R_MIXED_H
#include "r_response.h"
#include "steelyard/mixed.h"

typedef struct {
    r_made made;
    sy_design rows;
    sy_mixed_model model;
    sy_mixed_options options;
} r_mixed;

/* design: see r_design(); model: list(linear, response model, list of bar terms), a bar term being list(intercept,
 * terms counted from 1, group's column, diagonal); rules: c(restricted, nodes) or NULL. */
void r_mixed_read(SEXP design, SEXP model, SEXP rules, r_mixed *x);

SEXP C_mixed_shape(SEXP design, SEXP model);
SEXP C_mixed_labels(SEXP design, SEXP model, SEXP k, SEXP effects);
SEXP C_mixed_groups(SEXP design, SEXP model, SEXP modes);
SEXP C_mixed(SEXP design, SEXP model, SEXP rules, SEXP sizes, SEXP start, SEXP threads, SEXP progress);
SEXP C_mixed_df(SEXP design, SEXP model, SEXP rules, SEXP how, SEXP theta, SEXP threads, SEXP progress);
SEXP C_mixed_contrasts(SEXP design, SEXP model, SEXP rules, SEXP how, SEXP theta, SEXP combinations, SEXP threads,
                       SEXP progress);
SEXP C_mixed_anova(SEXP design, SEXP model, SEXP rules, SEXP how, SEXP theta, SEXP threads, SEXP progress);
SEXP C_mixed_predict(SEXP design, SEXP model, SEXP shape, SEXP how, SEXP estimate, SEXP modes, SEXP threads,
                     SEXP progress);
SEXP C_mixed_parameter_count(SEXP design, SEXP model);
SEXP C_mixed_parameters(SEXP design, SEXP model, SEXP n);
SEXP C_mixed_profile(SEXP design, SEXP model, SEXP rules, SEXP n, SEXP how, SEXP threads, SEXP progress);
SEXP C_mixed_bootstrap(SEXP design, SEXP model, SEXP rules, SEXP n, SEXP how, SEXP threads, SEXP progress);
SEXP C_mixed_explained(SEXP design, SEXP model, SEXP fitted);
SEXP C_mixed_icc(SEXP design, SEXP model, SEXP rules, SEXP fitted, SEXP how, SEXP threads, SEXP progress);
SEXP C_mixed_ranks(SEXP design, SEXP model, SEXP rules, SEXP fitted, SEXP how, SEXP threads, SEXP progress);
/* Of response and mixed models. */
SEXP C_fitted_shares(SEXP design, SEXP model, SEXP rules, SEXP blocks, SEXP options, SEXP threads, SEXP progress);
#endif
