/* What should be known of the variances of bar terms.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "models/mixed/bars_internal.h"
#include <math.h>
#include <stdio.h>

static const char *effect_label(const syi_bar *bar, int e, char *text, size_t size)
{
    snprintf(text, size, "(Intercept)");
    if (!bar->plain) syi_model_label(&bar->z, e, text, size);
    return text;
}

sy_status syi_bars_remark(sy_context *ctx, const syi_bars *b, const double *theta, const unsigned char *flat)
{
    sy_status s = SY_OK;
    for (int k = 0; k < b->n_bars && s >= 0; k++)
        for (int e = 0; e < b->bar[k].q && s >= 0; e++) {
            char label[SY_NAME_LENGTH], term[2 * SY_NAME_LENGTH];
            const char *group = b->model->random[k].group->name;
            double above = 0;
            if (theta[syi_bar_theta(&b->bar[k], e, e)] != 0) continue;
            for (int j = 0; j < e; j++) {
                const int at = syi_bar_theta(&b->bar[k], e, j);
                if (at >= 0) above += fabs(theta[at]);
            }
            effect_label(&b->bar[k], e, label, sizeof label);
            snprintf(term, sizeof term, "%s:%s", group, label);
            s = flat && flat[k]
                    ? syi_remark(ctx, SY_NOTE_BOUNDARY, term, 0,
                                 "the variance of %s between the levels of %s cannot be told from these rows: the "
                                 "likelihood is the same whatever it is; 0 is shown",
                                 label, group)
                : above > 0
                    ? syi_remark(ctx, SY_NOTE_BOUNDARY, term, 0,
                                 "the effects of %s follow from those before it in every level of %s: their "
                                 "covariance matrix is singular",
                                 label, group)
                    : syi_remark(ctx, SY_NOTE_BOUNDARY, term, 0,
                                 "the variance of %s between the levels of %s is estimated as exactly 0", label, group);
        }
    return s;
}

sy_status syi_bars_few(sy_context *ctx, const syi_bars *b, int profile)
{
    sy_status s = SY_OK;
    for (int f = 0; f < b->n_factors && s >= 0; f++) {
        const char *group = b->own.columns[b->factor[f].column].name;
        const int levels = b->factor[f].n_levels;
        if (levels >= SYI_FEW_LEVELS) continue;
        s = profile ? syi_remark(ctx, SY_NOTE_FEW_CLUSTERS, group, levels,
                                 "%d levels of %s: nominal 95 %% profile limits of a standard deviation between levels "
                                 "covered 81 %% in simulation with 10 levels, 90 %% with 25",
                                 levels, group)
                    : syi_remark(ctx, SY_NOTE_FEW_CLUSTERS, group, levels,
                                 "%d levels of %s: nominal 95 %% Wald limits of a coefficient with one value a level "
                                 "covered 86 to 89 %% in simulation with 10 levels, 91 to 93 %% with 25",
                                 levels, group);
    }
    return s;
}
