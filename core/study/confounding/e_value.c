/* E-values: how strong, as risk ratios, a confounder must be with both treatment
 * and outcome to explain an association away.
 *
 * With R = RR / true or its inverse, whichever is above 1: E = R + sqrt(R (R - 1)).
 * Of an interval: that of the limit nearest to `true`, 1 when the interval holds
 * it. Other measures are brought to risk ratios first: odds and hazard ratios of
 * rare outcomes as they are; of common ones sqrt(OR) and (1 - .5^sqrt(HR)) / (1 -
 * .5^sqrt(1 / HR)); standardised differences of means exp(.91 d), limits exp(.91 d
 * -+ 1.78 se). `true` goes the same way.
 * Conditions: the conversions are approximations, made for risks between .2 and .8
 * (sqrt) and for normal outcomes (.91). An E-value is a minimum for both
 * associations together, one may be weaker if the other is stronger.
 * VanderWeele & Ding 2017, doi:10.7326/M16-2607; VanderWeele 2017,
 * doi:10.1111/biom.12197 (common outcomes); Chinn 2000 (differences).
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "steelyard/confounding.h"
#include <math.h>

static double as_risk_ratio(sy_e_measure measure, double x)
{
    switch (measure) {
    case SY_E_ODDS_COMMON: return sqrt(x);
    case SY_E_HAZARD_COMMON: return (1 - pow(0.5, sqrt(x))) / (1 - pow(0.5, sqrt(1 / x)));
    case SY_E_DIFFERENCE: return exp(0.91 * x);
    case SY_E_RISK_RATIO:
    case SY_E_ODDS_RARE:
    case SY_E_HAZARD_RARE: break;
    }
    return x;
}

static double e_of(double ratio, double true_ratio)
{
    const double r = ratio > true_ratio ? ratio / true_ratio : true_ratio / ratio;
    return r + sqrt(r * (r - 1));
}

static sy_status check(sy_context *ctx, sy_e_measure measure, const double e[3], double std_error, double true_value)
{
    static const char *const names[] = {"estimate", "low", "high"};
    if ((int)measure < SY_E_RISK_RATIO || measure > SY_E_DIFFERENCE)
        return syi_fail(ctx, SY_EINVAL, "measure: %d is none that is known", (int)measure);
    if (isnan(e[0]) || isnan(true_value))
        return syi_fail(ctx, SY_EINVAL, "%s: a number is needed", isnan(e[0]) ? "estimate" : "true");
    for (int i = 0; i < 3; i++) {
        if (isinf(e[i])) return syi_fail(ctx, SY_EINVAL, "%s: %g; a finite number is needed", names[i], e[i]);
        if (measure != SY_E_DIFFERENCE && e[i] <= 0)
            return syi_fail(ctx, SY_EINVAL, "%s: %g; a ratio above 0 is needed", names[i], e[i]);
    }
    if (measure != SY_E_DIFFERENCE && !(true_value > 0))
        return syi_fail(ctx, SY_EINVAL, "true: %g; a ratio above 0 is needed", true_value);
    if (isinf(true_value)) return syi_fail(ctx, SY_EINVAL, "true: %g; a finite number is needed", true_value);
    if (e[1] > e[0]) return syi_fail(ctx, SY_EINVAL, "low: %g is above the estimate, %g", e[1], e[0]);
    if (e[2] < e[0]) return syi_fail(ctx, SY_EINVAL, "high: %g is below the estimate, %g", e[2], e[0]);
    if (isnan(std_error)) return SY_OK;
    if (measure != SY_E_DIFFERENCE)
        return syi_fail(ctx, SY_EINVAL,
                        "std_error: it is read for a difference; give a ratio its limits, low and high");
    if (!isnan(e[1]) || !isnan(e[2])) return syi_fail(ctx, SY_EINVAL, "std_error: give it or limits, not both");
    if (!(std_error >= 0) || isinf(std_error))
        return syi_fail(ctx, SY_EINVAL, "std_error: %g; a number of 0 or more is needed", std_error);
    return SY_OK;
}

static void tell(sy_e_values *out)
{
    char limit[200] = "";
    if (out->value_limit == 1) syi_say(limit, sizeof limit, " The limits hold that value already: E-value 1.");
    else if (!isnan(out->value_limit))
        syi_say(limit, sizeof limit, " For the nearer limit %.4g would do.", out->value_limit);
    syi_say(
        out->text, sizeof out->text,
        "To move a risk ratio of %.4g to %.4g a confounder would have to be associated with both treatment and outcome "
        "by risk ratios of %.4g each, beyond what is adjusted for.%s",
        out->ratio, out->true_ratio, out->value, limit);
}

sy_status sy_e_value(sy_context *ctx, sy_e_measure measure, const double estimate_low_high[3], double std_error,
                     double true_value, sy_e_values *out)
{
    syi_enter(ctx);
    const double *e = estimate_low_high;
    const sy_status status = check(ctx, measure, e, std_error, true_value);
    if (status) return status;
    out->ratio = as_risk_ratio(measure, e[0]);
    out->low = isnan(std_error) ? as_risk_ratio(measure, e[1]) : exp(0.91 * e[0] - 1.78 * std_error);
    out->high = isnan(std_error) ? as_risk_ratio(measure, e[2]) : exp(0.91 * e[0] + 1.78 * std_error);
    out->true_ratio = as_risk_ratio(measure, true_value);
    out->value = e_of(out->ratio, out->true_ratio);
    const int above = out->ratio > out->true_ratio;
    const double nearest = above ? out->low : out->high;
    out->value_limit = NAN;
    if (out->ratio == out->true_ratio && !(isnan(out->low) && isnan(out->high))) out->value_limit = 1;
    else if (!isnan(nearest))
        out->value_limit = above == (nearest > out->true_ratio) ? e_of(nearest, out->true_ratio) : 1;
    tell(out);
    return SY_OK;
}
