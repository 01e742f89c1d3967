/* Several questions resampled together: entries for R's table of routines.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef R_JOINT_H
#define R_JOINT_H
#include "r_glue.h"

SEXP C_joint(SEXP blobs, SEXP questions, SEXP threads, SEXP progress);
SEXP C_joint_contrasts(SEXP estimate, SEXP moved, SEXP df, SEXP plus, SEXP minus, SEXP level, SEXP whole);
SEXP C_joint_all_zero(SEXP estimate, SEXP covariance, SEXP df);
SEXP C_joint_step_down(SEXP moves, SEXP observed, SEXP how, SEXP threads, SEXP progress);
SEXP C_joint_ranks(SEXP estimate, SEXP moved, SEXP how, SEXP threads, SEXP progress);
SEXP C_envelope(SEXP blob, SEXP question, SEXP block, SEXP threads, SEXP progress);
SEXP C_block_tests(SEXP blob, SEXP question, SEXP alone, SEXP threads, SEXP progress);
SEXP C_power(SEXP numbers);
SEXP C_units_needed(SEXP numbers);
SEXP C_adjust_p(SEXP method, SEXP p);
#endif
