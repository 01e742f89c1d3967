/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_EIGEN_INTERNAL_H
#define SYI_EIGEN_INTERNAL_H
#include "algebra/twofold_internal.h"
#include "steelyard/context.h"

/* All of these ask the host, row by row (inside a block of parallel work ctx may
 * be NULL): SY_OK, or SY_EINTR with nothing to be read from the results. */

/* Least and greatest eigenvalue of a symmetric k * k matrix of doubles; the
 * matrix is overwritten. About 20 k^3 multiply-adds. */
sy_status syi_symmetric_extremes(sy_context *ctx, int k, double *a, double *least, double *greatest);

/* All eigenvalues and vectors of a symmetric k * k matrix, double-double: the
 * eigenvalues are left on the diagonal of a, in no particular order, the vector
 * of the i-th is row i of vectors [k * k]. About 40 k^3 multiply-adds. */
sy_status syi_symmetric_eigen(sy_context *ctx, int k, syi_dd *a, syi_dd *vectors);

/* The symmetric square root of a positive semi-definite matrix: root * root =
 * a. root and work are [k * k]; a is overwritten. An eigenvalue that rounding
 * made negative counts as zero. */
sy_status syi_symmetric_root(sy_context *ctx, int k, syi_dd *a, syi_dd *work, syi_dd *root);
#endif
