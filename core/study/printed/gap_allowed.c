/* How large a gap and a slope a published R2 allows.
 *
 * Let x be the predictor (money), D the group (1 for a part pi of the people), y
 * the outcome, all as they are in one population; r = corr(x, y), R2 = r^2.
 *
 * Unadjusted. The straight line of y on x has the standardised slope r. The
 * part of the gap that goes along it is r times the gap in x in its standard
 * deviations times sd(y). That gap is cov(x, D) / (sd(x) pi (1 - pi)) =
 * corr(x, D) / sqrt(pi (1 - pi)), so with g = corr(x, D)^2 <= 1
 *     |gap| = sd(y) sqrt(R2 g / (pi (1 - pi))) <= sd(y) sqrt(R2 / (pi (1 - pi))),
 * whatever the spread of x. It is attained by a predictor that is the same for
 * all within each group.
 *
 * Adjusted for others, z. The slope b of x obeys b^2 / VIF = R2(x, z) - R2(z):
 * what x adds is b^2 times the variance of x that z leaves, 1 / VIF. Hence
 *     |b| <= sqrt(R2_full VIF),
 * attained where z alone tells nothing. When R2 of x alone is known as well: let
 * x = p + e, p the part that z tells, e the rest, var(e) = t^2 = 1 / VIF; u =
 * corr(y, e), v = corr(y, p). Then r = u t + v sqrt(1 - t^2), u^2 + v^2 <=
 * R2_full and b = u / t; the largest |u| on that line within that circle is |r| t
 * + sqrt((1 - t^2) (R2_full - R2)), so that
 *     |b| <= |r| + sqrt((VIF - 1) (R2_full - R2)),
 * attained by one z. The gap along an adjusted slope is b times the same gap in x.
 * A small R2 alone bounds neither: suppression is what need-led funding makes.
 *
 * Conditions: one population, no error in measuring x (an error lowers R2 below
 * that of true x: divide R2 by the reliability). Cost: none.
 * Cohen, Cohen, West & Aiken 2003, Applied Multiple Regression, section 3.4 (slope,
 * VIF and increments); Friedman & Wall 2005, doi:10.1198/000313005X41337 (suppression).
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "steelyard/printed.h"
#include <math.h>

static sy_status check_part(sy_context *ctx, const char *argument, double value)
{
    if (value >= 0 && value <= 1) return SY_OK;
    return syi_fail(ctx, SY_EINVAL, "%s: %g; a part of the variance lies between 0 and 1", argument, value);
}

static sy_status check_sd(sy_context *ctx, double sd)
{
    if (sd > 0 && isfinite(sd)) return SY_OK;
    return syi_fail(ctx, SY_EINVAL, "sd: %g; a number above 0 is needed", sd);
}

/* full_r2 and vif, and that they can go with the R2 of the predictor alone. */
static sy_status check_full(sy_context *ctx, double full_r2, double vif, double r2)
{
    const sy_status status = check_part(ctx, "full_r2", full_r2);
    if (status) return status;
    if (!(vif >= 1) || !isfinite(vif))
        return syi_fail(ctx, SY_EINVAL, "vif: %g; a variance inflation factor is 1 or more", vif);
    if (full_r2 < r2)
        return syi_fail(ctx, SY_EINVAL, "full_r2: %g is less than r2 = %g of the predictor alone", full_r2, r2);
    return SY_OK;
}

static double sharp_slope(double full_r2, double vif, double r2)
{
    return sqrt(r2) + sqrt((vif - 1) * (full_r2 - r2));
}

static void tell_gap(const sy_gap_allowed_question *q, sy_gap_allowed_summary *out)
{
    char adjusted[180] = "";
    if (!isnan(out->adjusted_gap))
        syi_say(adjusted, sizeof adjusted,
                " Adjusted (all R2 %.3g, VIF %.3g) its slope may be %.3g and the gap along it %.4g.", q->full_r2,
                q->vif, out->adjusted_slope, out->adjusted_gap);
    syi_say(out->text, sizeof out->text,
            "An R2 of %.3g and a group of %.3g %% allow the straight line to carry a gap of at most %.4g (sd of the "
            "outcome %.4g; the groups differ by at most %.3g sd of the predictor).%s",
            q->r2, 100 * q->share, out->gap, q->sd, out->predictor_gap, adjusted);
}

sy_status sy_gap_allowed(sy_context *ctx, const sy_gap_allowed_question *q, sy_gap_allowed_summary *out)
{
    syi_enter(ctx);
    sy_status status = check_part(ctx, "r2", q->r2);
    if (!status) status = check_part(ctx, "group_r2", q->group_r2);
    if (!status) status = check_sd(ctx, q->sd);
    if (!status && !(q->share > 0 && q->share < 1))
        status = syi_fail(ctx, SY_EINVAL, "share: %g; a number between 0 and 1, both excluded, is needed", q->share);
    if (!status && isnan(q->full_r2) != isnan(q->vif))
        status = syi_fail(ctx, SY_EINVAL, "full_r2 and vif: both are needed for the adjusted bound, or neither");
    if (!status && !isnan(q->full_r2)) status = check_full(ctx, q->full_r2, q->vif, q->r2);
    if (status) return status;
    *out = (sy_gap_allowed_summary){.slope = sqrt(q->r2), .adjusted_slope = NAN, .adjusted_gap = NAN};
    out->predictor_gap = sqrt(q->group_r2 / (q->share * (1 - q->share)));
    out->gap = q->sd * out->slope * out->predictor_gap;
    if (!isnan(q->full_r2)) {
        out->adjusted_slope = fmin(sharp_slope(q->full_r2, q->vif, q->r2), sqrt(q->full_r2 * q->vif));
        out->adjusted_gap = q->sd * out->adjusted_slope * out->predictor_gap;
    }
    tell_gap(q, out);
    return SY_OK;
}

sy_status sy_slope_allowed(sy_context *ctx, double full_r2, double vif, double r2, double sd,
                           sy_slope_allowed_summary *out)
{
    syi_enter(ctx);
    char alone[120] = "";
    sy_status status = isnan(r2) ? SY_OK : check_part(ctx, "r2", r2);
    if (!status) status = check_sd(ctx, sd);
    if (!status) status = check_full(ctx, full_r2, vif, isnan(r2) ? 0 : r2);
    if (status) return status;
    out->bound = sd * sqrt(full_r2 * vif);
    out->sharp = isnan(r2) ? NAN : fmin(sd * sharp_slope(full_r2, vif, r2), out->bound);
    if (!isnan(r2)) syi_say(alone, sizeof alone, "; with an R2 of %.3g alone, %.4g", r2, out->sharp);
    syi_say(
        out->text, sizeof out->text,
        "All together R2 %.3g and a VIF of %.3g allow an adjusted slope of at most %.4g a standard deviation of the "
        "predictor (sd of the outcome %.4g)%s.",
        full_r2, vif, out->bound, sd, alone);
    return SY_OK;
}
