/* The smallest difference that a comparison of two groups would show.
 *
 * The two-sided t test at 1 - level shows a true difference d with the power
 *   P(F > t^2),  F non-central with 1 and n1 + n2 - 2, ncp = d^2 / (sd^2 (1 / n1 + 1 / n2) deff),
 * t the quantile at (1 + level) / 2; d is the one with the power asked for. A
 * null result of such a comparison does not speak against differences below d.
 * Conditions: equal spreads, independent people but for the design effect deff.
 * Cost: one non-centrality. Cohen 1988, Statistical Power Analysis, chapter 2;
 * Hoenig & Heisey 2001, doi:10.1198/000313001300339897 (power is of true values
 * named beforehand, never of the difference found).
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "steelyard/distribution.h"
#include "steelyard/noncentral.h"
#include "steelyard/printed.h"
#include <math.h>

static sy_status check_above(sy_context *ctx, const char *argument, double value, double least)
{
    if (value > least && isfinite(value)) return SY_OK;
    return syi_fail(ctx, SY_EINVAL, "%s: %g; a number above %g is needed", argument, value, least);
}

static sy_status check(sy_context *ctx, const sy_detectable_question *q)
{
    if (!(q->n1 >= 2)) return syi_fail(ctx, SY_EINVAL, "n1: %g; a group of 2 or more is needed", q->n1);
    if (!(q->n2 >= 2)) return syi_fail(ctx, SY_EINVAL, "n2: %g; a group of 2 or more is needed", q->n2);
    sy_status status = check_above(ctx, "sd", q->sd, 0);
    if (!status) status = check_above(ctx, "design_effect", q->design_effect, 0);
    if (!status && !(q->level > 0 && q->level < 1))
        status = syi_fail(ctx, SY_EINVAL, "level: %g is not between 0 and 1", q->level);
    if (!status && !(q->power > 1 - q->level && q->power < 1))
        status = syi_fail(ctx, SY_EINVAL, "power: %g is not between %g and 1", q->power, 1 - q->level);
    return status;
}

sy_status sy_detectable_difference(sy_context *ctx, const sy_detectable_question *q, sy_detectable *out)
{
    syi_enter(ctx);
    double t = 0, ncp = 0;
    sy_status status = check(ctx, q);
    if (status) return status;
    out->df = q->n1 + q->n2 - 2;
    status = sy_distribution_t_quantile(ctx, (1 + q->level) / 2, out->df, &t);
    if (!status) status = sy_distribution_f_noncentrality(ctx, t * t, 1, out->df, 1 - q->power, &ncp);
    if (status) return status;
    out->standardised = sqrt(ncp * (1 / q->n1 + 1 / q->n2) * q->design_effect);
    out->difference = q->sd * out->standardised;
    syi_say(
        out->text, sizeof out->text,
        "Groups of %.0f and %.0f show a true difference of %.4g (%.3g sd) with %.3g %% power in a two-sided test at "
        "%.3g %%; a null result says nothing of smaller ones.",
        q->n1, q->n2, out->difference, out->standardised, 100 * q->power, 100 * (1 - q->level));
    return SY_OK;
}
