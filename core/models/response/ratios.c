/* Odds ratios and their like: exp of coefficients, with limits made on the scale
 * of the coefficients, where they are symmetric. Cost: k.
 * Hosmer, Lemeshow & Sturdivant 2013, doi:10.1002/9781118548387, section 3.2.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/distribution_internal.h"
#include "base/status_internal.h"
#include "steelyard/response_ratios.h"
#include <math.h>

sy_status sy_response_ratios(sy_context *ctx, const sy_response_model *model, const sy_response_shape *shape,
                             const double *estimate, const double *covariance, const double *df, double level,
                             double *ratio, double *low, double *high)
{
    const int ordinal = model->kind == SY_RESPONSE_ORDINAL;
    const int first = ordinal ? shape->n_thresholds : model->columns.intercept;
    const int last = ordinal ? first + shape->p - 1 : shape->p;
    syi_enter(ctx);
    if (model->link == SY_LINK_PROBIT)
        return syi_fail(ctx, SY_EINVAL, "link: exp of a coefficient is no ratio under the probit");
    if (!(level > 0 && level < 1))
        return syi_fail(ctx, SY_EINVAL, "level = %g: a number between 0 and 1, both excluded, is needed", level);
    for (int j = 0; j < shape->k; j++) {
        double step = NAN;
        ratio[j] = low[j] = high[j] = NAN;
        if (j < first || j >= last || isnan(estimate[j])) continue;
        if (df[j] > 0) {
            const sy_status s = syi_t_width(ctx, level, df[j], &step);
            if (s < 0) return s;
        }
        step *= sqrt(covariance[j * shape->k + j]);
        ratio[j] = exp(estimate[j]);
        low[j] = exp(estimate[j] - step);
        high[j] = exp(estimate[j] + step);
    }
    return SY_OK;
}
