/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_PLAIN_MODEL_INTERNAL_H
#define SYI_PLAIN_MODEL_INTERNAL_H
#include "algebra/twofold_internal.h"

/* The whole model from centred cross-products [order * order], the outcome last,
 * that are plain double themselves. With every variance inflation factor up to
 * vif_most: `centred` is brought to unit diagonal, inverse [order - 1] holds the
 * factors, beta [order - 1] the slopes on that scale and *left what is left of
 * the outcome's 1; returns 1. Else returns 0 with `centred` as it was. work
 * [order * (order + 1)]. */
int syi_plain_model(int order, double vif_most, syi_dd *centred, double *work, double *inverse, syi_dd *beta,
                    double *left);
#endif
