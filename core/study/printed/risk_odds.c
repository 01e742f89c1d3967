/* Odds ratio and risk ratio, from the risk of all and the part exposed.
 *
 * With w the odds ratio, e the part exposed and o the risk of all together, the
 * risk p0 of those not exposed solves
 *     (1 - e) p0 + e w p0 / (1 - p0 + w p0) = o,
 * that is (1 - e)(w - 1) p0^2 + (1 + (w - 1)(e - o)) p0 - o = 0, whose one root
 * between 0 and 1 is taken as 2 o / (B + sqrt(B^2 + 4 A o)), without cancellation
 * (the left side rises from -o to (1 - o) w, so that there is one); then RR = w / (1 - p0 + w p0).
 * From a risk ratio: p0 = o / (1 - e + e RR).
 * Conditions: an odds ratio of the 2 by 2 table itself. An adjusted one is that of
 * no table: risks are to be standardised over the sample instead [Greenland
 * 2004, doi:10.1093/aje/kwh221]; Zhang & Yu 1998, doi:10.1001/jama.280.19.1690,
 * whose formula takes p0 as known. Cost: one root of a square.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "steelyard/printed.h"
#include <math.h>

static sy_status check(sy_context *ctx, const char *argument, double ratio, double overall, double exposed)
{
    if (!(ratio > 0) || !isfinite(ratio))
        return syi_fail(ctx, SY_EINVAL, "%s: %g; a number above 0 is needed", argument, ratio);
    if (!(overall > 0 && overall < 1))
        return syi_fail(ctx, SY_EINVAL, "overall: %g; a risk between 0 and 1, both excluded, is needed", overall);
    if (!(exposed > 0 && exposed < 1))
        return syi_fail(ctx, SY_EINVAL, "exposed: %g; a part of the people between 0 and 1, both excluded, is needed",
                        exposed);
    return SY_OK;
}

static void tell(sy_risks *r, double overall, double exposed)
{
    r->risk_difference = r->risk_exposed - r->risk_unexposed;
    syi_say(r->text, sizeof r->text,
            "With %.3g %% overall and %.3g %% exposed an odds ratio of %.4g is a risk ratio of %.4g: %.1f %% of the "
            "exposed against %.1f %% of the others.",
            100 * overall, 100 * exposed, r->odds_ratio, r->risk_ratio, 100 * r->risk_exposed, 100 * r->risk_unexposed);
}

sy_status sy_risk_from_odds(sy_context *ctx, double odds_ratio, double overall, double exposed, sy_risks *out)
{
    syi_enter(ctx);
    const sy_status status = check(ctx, "odds_ratio", odds_ratio, overall, exposed);
    if (status) return status;
    const double w = odds_ratio, a = (1 - exposed) * (w - 1), b = 1 + (w - 1) * (exposed - overall);
    const double root = sqrt(fmax(b * b + 4 * a * overall, 0));
    const double p0 = b > 0 ? 2 * overall / (b + root) : (root - b) / (2 * a);
    out->odds_ratio = w;
    out->risk_unexposed = p0;
    out->risk_ratio = w / (1 - p0 + w * p0);
    out->risk_exposed = out->risk_ratio * p0;
    tell(out, overall, exposed);
    return SY_OK;
}

sy_status sy_odds_from_risk(sy_context *ctx, double risk_ratio, double overall, double exposed, sy_risks *out)
{
    syi_enter(ctx);
    const sy_status status = check(ctx, "risk_ratio", risk_ratio, overall, exposed);
    if (status) return status;
    const double p0 = overall / (1 - exposed + exposed * risk_ratio), p1 = risk_ratio * p0;
    if (!(p1 < 1 && p0 < 1))
        return syi_fail(
            ctx, SY_EINVAL,
            "risk_ratio: %g with %g overall and %g exposed would make a risk of %g; risks lie between 0 and 1",
            risk_ratio, overall, exposed, fmax(p0, p1));
    out->risk_ratio = risk_ratio;
    out->risk_unexposed = p0;
    out->risk_exposed = p1;
    out->odds_ratio = p1 * (1 - p0) / (p0 * (1 - p1));
    tell(out, overall, exposed);
    return SY_OK;
}
