/* What a mediation takes for granted, in words.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_MEDIATION_TEXT_INTERNAL_H
#define SYI_MEDIATION_TEXT_INTERNAL_H
#include "study/selection/mediation_internal.h"

void syi_mediation_assume(const sy_design *design, const syi_mediation_sheet *sheet, sy_mediation_result *result);
#endif
