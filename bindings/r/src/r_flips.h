/* Flips of two blocks' order: entries for R's table of routines.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef R_FLIPS_H
#define R_FLIPS_H
#include "r_glue.h"

SEXP C_flip_directions(SEXP blob, SEXP question, SEXP options);
SEXP C_share_flip(SEXP blob, SEXP question, SEXP options, SEXP outcome, SEXP weights, SEXP threads, SEXP progress);
SEXP C_share_flip_rays(SEXP blob, SEXP question, SEXP options, SEXP along, SEXP threads, SEXP progress);
SEXP C_share_flip_contours(SEXP blob, SEXP question, SEXP options, SEXP direction, SEXP grid, SEXP threads,
                           SEXP progress);
SEXP C_share_flip_at(SEXP blob, SEXP question, SEXP options, SEXP direction, SEXP points);
SEXP C_share_flip_benchmarks(SEXP blob, SEXP question, SEXP options, SEXP direction, SEXP terms);
SEXP C_flip_turn(SEXP blob, SEXP question, SEXP options, SEXP outcome, SEXP source, SEXP loading, SEXP stated);
#endif
