/* Estimates of a binary or ordered outcome's parts.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_MEDIATION_RESPONSE_INTERNAL_H
#define SYI_MEDIATION_RESPONSE_INTERNAL_H
#include "study/selection/mediation_internal.h"

sy_status syi_mediation_draws_init(sy_context *ctx, const syi_mediation_sheet *s, syi_mediation_draws *draws);
void syi_mediation_draws_free(syi_mediation_draws *draws);

size_t syi_mediation_response_room(const syi_mediation_sheet *s); /* bytes */

/* fit: its mediators' models are there. mean [measures][2]. */
int syi_mediation_response(const syi_mediation_estimator *e, const double *weight, syi_mediation_fit *fit, void *memory,
                           double *effect, double *mean);
#endif
