/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_CORRECTED_INTERNAL_H
#define SYI_CORRECTED_INTERNAL_H
#include "steelyard/corrected.h"
#include "study/confounding/flip_matrix_internal.h"

/* Checks `errors` against the question. */
sy_status syi_errors_check(sy_context *ctx, const sy_moments *m, const sy_question *question, const sy_errors *errors);

/* The errors among the matrix's columns as parts of their standard deviations: error [order * order]; place [n] of
 * each term in the matrix. */
void syi_errors_matrix(const syi_flip_matrix *f, const sy_errors *errors, int *place, double *error);

/* limits->multiple, reliability, lowest. work [3 * order * order]. */
void syi_errors_limits(syi_flip_matrix *f, int n, const int *place, const double *error, double *work,
                       sy_error_limits *limits);

/* SY_EDATA in words when R - E is not definite. */
sy_status syi_errors_definite(sy_context *ctx, const sy_moments *m, const sy_errors *errors,
                              const sy_error_limits *limits);
#endif
