/* What a group's own rows say of its effect, before shrinkage.
 *
 * Effects vary by t^2 about zero; with what the group's own rows say, o with
 * variance v, the shrunken effect is m = o t^2 / (t^2 + v) with variance
 * s^2 = 1 / (1 / t^2 + 1 / v). So o = m t^2 / (t^2 - s^2) and v = s^2 t^2 /
 * (t^2 - s^2); none where s^2 is not below t^2, since then no row speaks. Of one
 * effect a group, given the coefficients. Efron & Morris 1975,
 * doi:10.1080/01621459.1975.10479864, the normal case. Cost: constant.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "steelyard/mixed_inference.h"
#include <math.h>

int sy_mixed_own(double shrunken, double std_error, double variance, double *own, double *own_std_error)
{
    const double left = variance - std_error * std_error;
    const int some = std_error > 0 && left > 1e-9 * variance && isfinite(variance);
    *own = some ? shrunken * (variance / left) : NAN;
    *own_std_error = some ? std_error * sqrt(variance / left) : NAN;
    return some;
}
