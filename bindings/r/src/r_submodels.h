/* All submodels by name: entries for R's table of routines.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef R_SUBMODELS_H
#define R_SUBMODELS_H
#include "r_glue.h"

SEXP C_submodels(SEXP blob, SEXP question, SEXP players);
SEXP C_commonality(SEXP blob, SEXP question, SEXP players, SEXP order);
SEXP C_dominance(SEXP blob, SEXP question, SEXP players, SEXP tolerance);
SEXP C_dominance_reproduced(SEXP blob, SEXP question, SEXP players, SEXP how, SEXP threads, SEXP progress);
#endif
