/* Gaps between two groups.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef R_GAP_H
#define R_GAP_H
#include "r_models.h"

SEXP C_gap(SEXP design, SEXP group, SEXP question, SEXP options, SEXP threads, SEXP progress);
SEXP C_gap_response(SEXP design, SEXP group, SEXP question, SEXP options, SEXP threads, SEXP progress);
#endif
