/* Costs a user of two groups, and how their ratio hangs on whom one counts.
 *
 * value = cost / users. A cost is spread over all who had the service in the
 * year or over those who have it on one day; a group with more coming and going
 * looks dearer by the second. The ratio by one denominator for both groups is
 * the honest range; over all pairs of denominators it is what a careless
 * comparison can reach. claimed / gap is the number of users that would have to
 * cost the one value rather than the other for a claimed saving.
 * Conditions: totals above 0, of the same year and area. Cost: n^2 divisions.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "steelyard/printed.h"
#include <math.h>

static sy_status check_total(sy_context *ctx, const char *argument, const char *group, double total)
{
    if (total > 0 && isfinite(total)) return SY_OK;
    return syi_fail(ctx, SY_EINVAL, "%s: %s has a total of %g; a number above 0 is needed", argument, group, total);
}

static sy_status check(sy_context *ctx, const sy_unit_question *q)
{
    sy_status status = SY_OK;
    if (q->n < 1) return syi_fail(ctx, SY_EINVAL, "users: no numbers of users are given");
    for (int g = 0; g < 2 && !status; g++) {
        status = check_total(ctx, "costs", q->group[g], q->cost[g]);
        for (int i = 0; i < q->n && !status; i++) status = check_total(ctx, "users", q->group[g], q->users[2 * i + g]);
    }
    if (!status && (q->claimed <= 0 || isinf(q->claimed)))
        status = syi_fail(ctx, SY_EINVAL, "claimed: %g; a total above 0 is needed", q->claimed);
    return status;
}

static void tell(const sy_unit_question *q, const double *value, sy_unit_summary *s)
{
    char range[160] = "", claim[160] = "";
    if (q->n > 1)
        syi_say(
            range, sizeof range,
            " Counted alike by %d denominators the ratio runs from %.3f to %.3f, counted crosswise from %.3f to %.3f.",
            q->n, s->low, s->high, s->low_any, s->high_any);
    if (s->claimed_users > 0)
        syi_say(claim, sizeof claim, " %.10g from this gap would need %.0f users.", q->claimed, s->claimed_users);
    else if (!isnan(q->claimed))
        syi_say(claim, sizeof claim, " No number of users saves %.10g at this gap.", q->claimed);
    syi_say(s->text, sizeof s->text,
            "A user of %.60s costs %.3f times one of %.60s: %.2f against %.2f, a gap of %.2f.%s%s", q->group[0],
            s->ratio, q->group[1], value[0], value[1], s->gap, range, claim);
}

sy_status sy_unit_values(sy_context *ctx, const sy_unit_question *q, double *value, double *ratio, double *gap,
                         sy_unit_summary *summary)
{
    syi_enter(ctx);
    const int n = q->n;
    const sy_status status = check(ctx, q);
    if (status) return status;
    for (int i = 0; i < 2 * n; i++) value[i] = q->cost[i % 2] / q->users[i];
    *summary = (sy_unit_summary){.low = HUGE_VAL, .high = 0, .low_any = HUGE_VAL, .high_any = 0};
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            const double r = value[2 * i] / value[2 * j + 1];
            ratio[i * n + j] = r;
            gap[i * n + j] = value[2 * i] - value[2 * j + 1];
            summary->low_any = fmin(summary->low_any, r);
            summary->high_any = fmax(summary->high_any, r);
            if (i != j) continue;
            summary->low = fmin(summary->low, r);
            summary->high = fmax(summary->high, r);
        }
    summary->ratio = ratio[0];
    summary->gap = gap[0];
    summary->claimed_users = gap[0] > 0 ? q->claimed / gap[0] : NAN;
    tell(q, value, summary);
    return SY_OK;
}
