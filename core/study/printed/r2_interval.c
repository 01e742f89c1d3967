/* What a published R2 says of the population it was found in.
 *
 * Limits are the rho2 at which a sample R2 of r2 would lie at (1 +- level) / 2 of
 * its law: jointly normal rows, predictors drawn with them [Fisher 1928; Lee
 * 1971; Algina & Olejnik 2000], or set by design: non-central F with lambda = n
 * rho2 / (1 - rho2) [Steiger 2004]. R2 of pure noise is p / (n - 1) on average, so
 * that a lower limit is 0 where r2 is no more than that. A figure printed as "7 %"
 * stands for .065 to .075; `rounding` widens the limits by it.
 * Conditions: independent people; outcomes and predictors far from normal spread
 * R2 more than this. Cost: three searches of ten to fifteen tails (noncentral.c).
 * Lee 1971, doi:10.1111/j.2517-6161.1971.tb00863.x; Algina & Olejnik 2000,
 * doi:10.1207/S15327906MBR3501_5; Steiger 2004, doi:10.1037/1082-989X.9.2.164.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "steelyard/noncentral.h"
#include "steelyard/printed.h"
#include <math.h>

static sy_status check(sy_context *ctx, const sy_r2_question *q)
{
    if (!(q->r2 >= 0 && q->r2 < 1))
        return syi_fail(ctx, SY_EINVAL, "r2: %g; a part of the variance from 0 to below 1 is needed", q->r2);
    if (q->predictors < 1) return syi_fail(ctx, SY_EINVAL, "predictors: %d; 1 or more are needed", q->predictors);
    if (!(q->n >= q->predictors + 2) || !(q->n <= 1e12))
        return syi_fail(ctx, SY_EINVAL, "n: %g with %d predictors; at least two rows more than predictors are needed",
                        q->n, q->predictors);
    if (!(q->level > 0 && q->level < 1)) return syi_fail(ctx, SY_EINVAL, "level: %g is not between 0 and 1", q->level);
    if (!(q->rounding >= 0) || !(q->r2 + q->rounding < 1))
        return syi_fail(ctx, SY_EINVAL, "rounding: %g with r2 = %g; half a unit of the last digit is needed",
                        q->rounding, q->r2);
    return SY_OK;
}

static sy_status limit(sy_context *ctx, const sy_r2_question *q, double r2, double p, double *rho2)
{
    const double df2 = q->n - q->predictors - 1;
    double ncp = 0;
    if (!q->fixed) return sy_distribution_r2_population(ctx, r2, q->n, q->predictors, p, rho2);
    const sy_status status =
        sy_distribution_f_noncentrality(ctx, r2 / (1 - r2) * df2 / q->predictors, q->predictors, df2, p, &ncp);
    *rho2 = ncp / (ncp + q->n);
    return status;
}

static void tell(const sy_r2_question *q, sy_r2_limits *out)
{
    if (q->r2 + q->rounding == 0)
        syi_say(out->text, sizeof out->text,
                "R2 0 at n = %.0f, taken as exactly 0: both limits are 0. A 0 in print is a rounded number: say by how "
                "much "
                "(rounding, .005 for two decimals); noise alone would show %.2g.",
                q->n, out->by_chance);
    else if (q->at_most)
        syi_say(out->text, sizeof out->text,
                "Published as at most %.4g at n = %.0f: the population's R2 is below %.4g with %.4g %% confidence.",
                q->r2, q->n, out->upper, 100 * q->level);
    else
        syi_say(
            out->text, sizeof out->text,
            "R2 %.4g at n = %.0f: the population's R2 lies between %.4g and %.4g with %.4g %% confidence, below %.4g "
            "one-sided; noise alone would show %.2g.",
            q->r2, q->n, out->low, out->high, 100 * q->level, out->upper, out->by_chance);
}

sy_status sy_r2_interval(sy_context *ctx, const sy_r2_question *q, sy_r2_limits *out)
{
    syi_enter(ctx);
    const double least = fmax(q->r2 - q->rounding, 0), most = q->r2 + q->rounding, tail = (1 - q->level) / 2;
    sy_status status = check(ctx, q);
    if (status) return status;
    *out = (sy_r2_limits){.by_chance = q->predictors / (q->n - 1)};
    out->adjusted = 1 - (1 - q->r2) * (q->n - 1) / (q->n - q->predictors - 1);
    if (!q->at_most) status = limit(ctx, q, least, 1 - tail, &out->low);
    if (!status) status = limit(ctx, q, most, tail, &out->high);
    if (!status) status = limit(ctx, q, most, 1 - q->level, &out->upper);
    if (!status) tell(q, out);
    return status;
}
