/* What a mediation takes for granted, in words with the names as typed.
 *
 * Vansteelandt & Daniel 2017: no unmeasured confounding of treatment and
 * outcome, of treatment and mediators, of mediators and outcome given the
 * treatment, each given the confounders; for the joint natural effect also that
 * outcomes under one treatment are independent of mediators under the other
 * [VanderWeele & Vansteelandt 2014, doi:10.1515/em-2012-0010].
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "study/selection/mediation_text_internal.h"
#include <stdio.h>
#include <string.h>

enum { LIST = 120 };

/* "a, b and c"; what does not fit is counted. */
static void list_names(char *text, int count, const char *(*name)(const void *, int), const void *of)
{
    text[0] = 0;
    for (int k = 0; k < count; k++) {
        const size_t at = strlen(text), more = strlen(name(of, k));
        if (at + more + 30 > LIST && k > 0) {
            syi_say(text + at, LIST - at, " and %d more", count - k);
            return;
        }
        syi_say(text + at, LIST - at, "%s%s", k == 0 ? "" : k == count - 1 ? " and " : ", ", name(of, k));
    }
}

typedef struct {
    const sy_design *design;
    const sy_mediation_question *q;
} names;

static const char *block_name(const void *of, int k)
{
    return ((const names *)of)->q->blocks[k].name;
}

static const char *confounder_name(const void *of, int k)
{
    const names *n = of;
    return n->design->terms[n->q->confounders[k]].label;
}

/* The treatment, then the confounders. */
static const char *given_name(const void *of, int k)
{
    const names *n = of;
    return k == 0 ? n->design->terms[n->q->treatment].label : confounder_name(of, k - 1);
}

void syi_mediation_assume(const sy_design *design, const syi_mediation_sheet *s, sy_mediation_result *r)
{
    const sy_mediation_question *q = s->asked;
    const names of = {design, q};
    const char *treatment = design->terms[q->treatment].label, *outcome = design->terms[q->outcome].label;
    char mediators[LIST], confounders[LIST], given[LIST], but[LIST + 8] = "";
    const char *none = q->n_confounders ? "" : " (no confounders are given)";
    list_names(mediators, q->n_blocks, block_name, &of);
    list_names(confounders, q->n_confounders, confounder_name, &of);
    list_names(given, q->n_confounders + 1, given_name, &of);
    if (q->n_confounders) syi_say(but, sizeof but, "but %s ", confounders);
    int k = 0;
    syi_say(r->assumption[k++], SY_REMARK_LENGTH, "Nothing %smoves both %s and %s%s.", but, treatment, outcome, none);
    syi_say(r->assumption[k++], SY_REMARK_LENGTH, "Nothing %smoves both %s and the mediators (%s)%s.", but, treatment,
            mediators, none);
    syi_say(r->assumption[k++], SY_REMARK_LENGTH, "Nothing but %s moves both the mediators and %s.", given, outcome);
    if (q->n_confounders) syi_say(r->assumption[k++], SY_REMARK_LENGTH, "%s does not move the confounders.", treatment);
    if (q->effects == SY_MEDIATION_NATURAL_JOINT)
        syi_say(r->assumption[k++], SY_REMARK_LENGTH,
                "What a person's outcome would be at one value of %s tells nothing more of what their mediators would "
                "be at the other (cross-world independence): no data, not even an experiment's, can check it.",
                treatment);
    else
        syi_say(r->assumption[k++], SY_REMARK_LENGTH,
                "Mediators are set to draws from what they are at each value of %s, not to each person's own; how they "
                "move each other need not be known, and hidden causes that they share do no harm.",
                treatment);
    syi_say(r->assumption[k++], SY_REMARK_LENGTH,
            "The models are right: %s, and mediators linear in %s and the confounders with residuals that "
            "depend on %s alone.",
            q->response == SY_MEDIATION_LINEAR   ? "a linear one of the outcome"
            : q->response == SY_MEDIATION_BINARY ? "that of the outcome's chance"
                                                 : "that of the outcome's ordered answers",
            treatment, treatment);
    r->n_assumptions = k;
}
