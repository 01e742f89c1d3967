/* How much a sample of another size would show.
 *
 * A difference delta with standard error s on n0 units has s sqrt(n0 / n) on n;
 * tested two-sided by t on n - 1 degrees of freedom its power is
 *   P(|T| > t(1 - alpha / 2)),  T non-central t with delta / s sqrt(n / n0),
 * which is the tail of a non-central F with 1 and n - 1. Units are councils
 * where the error rests on them: more people in the same councils do not count.
 * Conditions: units alike, so that errors fall as the root of their number; the
 * pilot's delta is itself uncertain. Cost: a non-central F an evaluation, about
 * 40 evaluations a search.
 * Cohen 1988, Statistical Power Analysis, chapter 2; Gelman & Carlin 2014,
 * doi:10.1177/1745691614551642.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "steelyard/distribution.h"
#include "steelyard/joint.h"
#include "steelyard/noncentral.h"
#include <math.h>

static const double FEWEST = 3, MOST = 1e9;

static sy_status check(sy_context *ctx, double delta, double std_error, double units_now, double level)
{
    if (!(delta != 0) || !isfinite(delta))
        return syi_fail(ctx, SY_EINVAL, "difference: %g; a number other than 0 is needed", delta);
    if (!(std_error > 0) || !isfinite(std_error))
        return syi_fail(ctx, SY_EINVAL, "standard error: %g; a number above 0 is needed", std_error);
    if (!(units_now >= 2)) return syi_fail(ctx, SY_EINVAL, "units: %g; at least 2 are needed", units_now);
    if (!(level > 0 && level < 1)) return syi_fail(ctx, SY_EINVAL, "level: %g is not between 0 and 1", level);
    return SY_OK;
}

sy_status sy_power(sy_context *ctx, double delta, double std_error, double units_now, double units, double level,
                   double *power)
{
    syi_enter(ctx);
    double t = 0;
    *power = NAN;
    sy_status status = check(ctx, delta, std_error, units_now, level);
    if (!status && !(units >= 2)) status = syi_fail(ctx, SY_EINVAL, "units: %g; at least 2 are needed", units);
    if (!status) status = sy_distribution_t_quantile(ctx, (1 + level) / 2, units - 1, &t);
    if (status) return status;
    const double z = delta / std_error, ncp = z * z * (units / units_now);
    return sy_distribution_f_noncentral(ctx, t * t, 1, units - 1, ncp, NULL, power);
}

/* Enough at `units`? */
static sy_status enough(sy_context *ctx, double delta, double std_error, double now, double units, double level,
                        double power, int *is)
{
    double has = 0;
    const sy_status status = sy_power(ctx, delta, std_error, now, units, level, &has);
    *is = has >= power;
    return status;
}

sy_status sy_units_needed(sy_context *ctx, double delta, double std_error, double units_now, double power, double level,
                          double *units)
{
    syi_enter(ctx);
    int is = 0;
    double below = FEWEST - 1, above = FEWEST;
    *units = NAN;
    sy_status status = check(ctx, delta, std_error, units_now, level);
    if (!status && !(power > 1 - level && power < 1))
        status = syi_fail(ctx, SY_EINVAL, "power: %g is not between %g and 1", power, 1 - level);
    while (!status && above <= MOST) {
        status = enough(ctx, delta, std_error, units_now, above, level, power, &is);
        if (status || is) break;
        below = above;
        above *= 2;
    }
    if (!status && !is)
        return syi_fail(ctx, SY_ELIMIT, "difference: %g is so small beside its error that no 1e9 units would show it",
                        delta);
    while (!status && above - below > 1) {
        const double middle = floor((below + above) / 2);
        status = enough(ctx, delta, std_error, units_now, middle, level, power, &is);
        if (is) above = middle;
        else below = middle;
    }
    if (!status) *units = above;
    return status;
}
