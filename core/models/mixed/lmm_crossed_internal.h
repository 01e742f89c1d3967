/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_LMM_CROSSED_INTERNAL_H
#define SYI_LMM_CROSSED_INTERNAL_H
#include "models/mixed/crossed_internal.h"

/* A problem of any number of grouping factors; l's rows, n_theta and so on are made already. rows must outlive l.
 * Errors: SY_ELIMIT when the dense part would not fit, with its size. */
sy_status syi_lmm_crossed(sy_context *ctx, const syi_lmm_rows *rows, int reml, syi_lmm *l);
#endif
