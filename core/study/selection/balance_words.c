/* What is said of a balance: why there is none, where it is thin, and what has
 * to be so for the difference to be the treatment's doing.
 *
 * Thin: one row holds a tenth of its group's weight, or weighting leaves less than half of the
 * effective number, or a twentieth of a group has scores that nobody in the other reaches. Assumptions: Rubin 1974,
 * doi:10.1037/h0037350; Rosenbaum & Rubin 1983, doi:10.1093/biomet/70.1.41; VanderWeele 2009,
 * doi:10.1097/EDE.0b013e3181a9f1cc (one version).
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "study/selection/balance_internal.h"
#include <math.h>

enum { FEW = 20 };
static const double HEAVY = 0.1, HALF = 0.5, UNEVEN = 0.1, MANY = 0.05;

static sy_status of_group(sy_context *ctx, const syi_balance *b, const sy_balance_summary *s, int a)
{
    const char *group = syi_balance_group(b, a);
    const int heavy = s->largest[a] > HEAVY && s->people[a] >= FEW;
    if (!heavy && s->effective_after[a] >= HALF * s->effective_before[a]) return SY_OK;
    return syi_remark(
        ctx, SY_NOTE_OVERLAP, group, s->effective_after[a],
        "overlap: of %.0f people in %s weighting leaves an effective number of %.1f; one row has %.1f %% of "
        "their weight",
        s->people[a], group, s->effective_after[a], 100 * s->largest[a]);
}

sy_status syi_balance_remarks(sy_context *ctx, const syi_balance *b, const sy_balance_summary *s)
{
    sy_status status = SY_OK;
    for (int a = 0; a < 2 && status >= 0; a++) status = of_group(ctx, b, s, a);
    if (status >= 0 && (s->outside[0] > MANY * s->people[0] || s->outside[1] > MANY * s->people[1]))
        status =
            syi_remark(ctx, SY_NOTE_OVERLAP, "", s->outside[0] + s->outside[1],
                       "overlap: %.0f people in %s and %.0f in %s have scores that nobody in the other group reaches",
                       s->outside[0], syi_balance_group(b, 0), s->outside[1], syi_balance_group(b, 1));
    if (status >= 0 && s->worst_after > UNEVEN)
        status =
            syi_remark(ctx, SY_NOTE_OVERLAP, "balance", s->worst_after,
                       "balance: a standardised difference of %.2f is left after weighting; beyond %.1f the groups "
                       "are not alike",
                       s->worst_after, UNEVEN);
    if (status >= 0 && s->rows_trimmed > 0)
        status =
            syi_remark(ctx, SY_NOTE_ROWS_DROPPED, "trim", s->rows_trimmed,
                       "trim: %.0f rows have scores beyond %g and are left out; the answer is about the others, and "
                       "its errors take them as given",
                       s->rows_trimmed, b->question->trim);
    if (status >= 0 && b->question->clusters == SY_CLUSTERS_RANDOM)
        status = syi_remark(
            ctx, SY_NOTE_FEW_CLUSTERS, "random", 0,
            "clusters: random effects are shrunk; in simulation with 17 people a cluster they left 33 to 38 %% of "
            "the clusters' confounding in the answer; fixed effects leave none, where every cluster has both "
            "groups");
    return status;
}

int sy_balance_assumption(const sy_balance_question *q, const char *treatment, int number, char *text, size_t size)
{
    static const char *const whom[] = {"of everybody", "of the treated", "of those who could be in either group"};
    if (number == 0)
        syi_say(text, size,
                "No unmeasured confounding: given the %d covariate%s listed, nothing else bears on both %s and the "
                "outcome; no data "
                "can show that.",
                q->n_covariates, q->n_covariates == 1 ? "" : "s", treatment);
    else if (number == 1)
        syi_say(text, size,
                "Overlap: whatever the covariates, people of both groups are found%s; see the effective numbers.",
                q->estimand == SY_ESTIMAND_ATT ? " wherever the treated are" : "");
    else if (number == 2)
        syi_say(text, size,
                "One version, no interference: %s means the same for all who have it, and one person's does not change "
                "another's outcome.",
                treatment);
    else if (number == 3 && q->n_outcomes > 0)
        syi_say(text, size,
                "Weighting is right when the %s; AIPW when that or the regressions of the outcome are. The difference "
                "is that "
                "%s.",
                q->method == SY_BALANCE_ENTROPY
                    ? "log odds of the score, or the outcome, are straight lines in the covariates"
                    : "score is",
                whom[q->estimand]);
    else return 1;
    return 0;
}
