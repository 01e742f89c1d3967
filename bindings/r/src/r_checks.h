/* Entries for the checks of an answer.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef R_CHECKS_H
#define R_CHECKS_H
#include "r_glue.h"

SEXP C_crossvalidate(SEXP blob, SEXP design, SEXP question, SEXP options, SEXP threads, SEXP progress);
SEXP C_population(SEXP design, SEXP groups, SEXP shares);
SEXP C_rounding(SEXP blob, SEXP question, SEXP options, SEXP threads, SEXP progress);
SEXP C_permutation(SEXP blob, SEXP design, SEXP question, SEXP options, SEXP threads, SEXP progress);
#endif
