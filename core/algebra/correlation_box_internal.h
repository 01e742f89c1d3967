/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_CORRELATION_BOX_INTERNAL_H
#define SYI_CORRELATION_BOX_INTERNAL_H
#include "steelyard/context.h"

typedef enum { SYI_BOX_EMPTY = -1, SYI_BOX_UNDECIDED = 0, SYI_BOX_FOUND = 1 } syi_box;

/* Is there a correlation matrix with least eigenvalue `least` or more whose
 * entries off the diagonal are within `half` of those of r [p * p]? When found,
 * nearest [p * p] is one close to r; when there is none, *bound is what the
 * least eigenvalue cannot exceed anywhere in the box. SY_OK, SY_ENOMEM, SY_EINTR. */
sy_status syi_correlation_box(sy_context *ctx, int p, const double *r, double half, double least, double *nearest,
                              double *bound, syi_box *answer);
#endif
