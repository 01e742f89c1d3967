/* Glue of printed evidence and of confounding.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef R_PRINTED_H
#define R_PRINTED_H
#include "r_glue.h"

/* Numbers and a sentence: r_leave() with r_told_result and this gives list(values, text);
 * without a text the numbers alone. */
enum { R_TOLD = 10 };
typedef struct {
    r_host host;
    int n;
    double values[R_TOLD];
    const char *text;
} r_told;
SEXP r_told_result(void *told);

SEXP C_unit_values(SEXP groups, SEXP costs, SEXP denominators, SEXP users, SEXP claimed);
SEXP C_gap_allowed(SEXP numbers);
SEXP C_slope_allowed(SEXP numbers);
SEXP C_risk_odds(SEXP from_odds, SEXP numbers);
SEXP C_r2_interval(SEXP numbers);
SEXP C_detectable(SEXP numbers);
SEXP C_counts(SEXP count, SEXP of, SEXP numbers);
SEXP C_robustness(SEXP tested, SEXP numbers);
SEXP C_adjusted(SEXP tested, SEXP numbers);
SEXP C_contours(SEXP tested, SEXP reduce, SEXP r2_treatment, SEXP r2_outcome);
SEXP C_needed(SEXP tested, SEXP numbers, SEXP r2_outcome);
SEXP C_printed_test(SEXP numbers);
SEXP C_own_effects(SEXP shrunken, SEXP std_errors, SEXP variance);
SEXP C_shown_decimals(SEXP std_errors);
SEXP C_tested(SEXP fit, SEXP place);
SEXP C_benchmarks(SEXP fit, SEXP place, SEXP names, SEXP groups);
SEXP C_bound(SEXP name, SEXP numbers);
SEXP C_e_value(SEXP measure, SEXP numbers);
SEXP C_oster(SEXP numbers);
SEXP C_oster_from_fit(SEXP fit, SEXP place, SEXP kept);
#endif
