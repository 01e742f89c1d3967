/* Reliability and what is corrected for it: entries for R's table of routines.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef R_MEASUREMENT_H
#define R_MEASUREMENT_H
#include "r_glue.h"

SEXP C_reliability(SEXP blob, SEXP design, SEXP items, SEXP options, SEXP threads, SEXP progress);
SEXP C_corrected(SEXP blob, SEXP question, SEXP terms, SEXP reliability, SEXP covariance);
SEXP C_reliability_of_means(SEXP blob, SEXP terms, SEXP level);
SEXP C_simex(SEXP blob, SEXP question, SEXP errors, SEXP options, SEXP threads, SEXP progress);
#endif
