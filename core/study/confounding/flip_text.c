/* What flips say, in sentences.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "steelyard/flips.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    char text[16];
} number;

/* .31 for 0.31, -.31, .031: two places, three below .1. */
static number strength(double x)
{
    number n;
    char digits[16];
    snprintf(digits, sizeof digits, fabs(x) < 0.0995 ? "%.3f" : "%.2f", fabs(x));
    snprintf(n.text, sizeof n.text, "%s%s", x < 0 ? "-" : "", digits + (digits[0] == '0'));
    return n;
}

static number share(double x)
{
    number n;
    char digits[16];
    snprintf(digits, sizeof digits, "%.4f", fabs(x));
    snprintf(n.text, sizeof n.text, "%s%s", x < 0 ? "-" : "", digits + (digits[0] == '0'));
    return n;
}

/* ".31 with each (funding +, process -, y +)", or each by itself where they
 * differ. */
static void tied(const sy_question *q, const sy_flip_options *o, const char *outcome, const sy_flip_point *p,
                 char *text, size_t length)
{
    const char *names[3] = {q->blocks[o->second].name, q->blocks[o->first].name, outcome};
    const double value[3] = {p->at.a, p->at.b, p->at.c};
    int equal = 1, several = 0;
    size_t used = 0;
    for (int i = 0; i < 3; i++) {
        if (value[i] == 0) continue;
        several++;
        equal = equal && fabs(fabs(value[i]) - p->distance) < 5e-4;
    }
    text[0] = 0;
    if (equal)
        used = (size_t)snprintf(text, length, "%s%s (", strength(p->distance).text, several > 1 ? " with each" : "");
    for (int i = 0, n = 0; i < 3 && used < length; i++) {
        if (value[i] == 0) continue;
        const char *between = n++ ? ", " : "";
        if (equal)
            used +=
                (size_t)snprintf(text + used, length - used, "%s%s %s", between, names[i], value[i] < 0 ? "-" : "+");
        else
            used += (size_t)snprintf(text + used, length - used, "%s%s with %s", between, strength(value[i]).text,
                                     names[i]);
    }
    if (equal && used < length) snprintf(text + used, length - used, ")");
}

/* A flip where the second block's combination goes with less of the outcome is
 * not one in its favour. */
static const char *lowered(const sy_question *q, const sy_flip_options *o, double second_outcome,
                           char text[SY_FLIP_TEXT / 4])
{
    text[0] = 0;
    if (second_outcome < 0)
        syi_say(text, SY_FLIP_TEXT / 4, ", where more of %s goes with a lower outcome", q->blocks[o->second].name);
    return text;
}

/* The nearest flip by a confounder of the second block and the outcome alone,
 * and by one that has to do with the first block too. */
static void nearest_text(const sy_question *q, const sy_flip_options *o, const char *outcome,
                         const sy_share_flip_result *r, char *text, size_t length)
{
    const sy_flip_point *alone = &r->nearest[SY_FLIP_A + SY_FLIP_C], *all = &r->nearest[SY_FLIP_ALL];
    const char *first = q->blocks[o->first].name, *second = q->blocks[o->second].name;
    char near[SY_FLIP_TEXT / 4], nearer[SY_FLIP_TEXT / 4], low[SY_FLIP_TEXT / 4], lower[SY_FLIP_TEXT / 4];
    tied(q, o, outcome, alone, near, sizeof near);
    tied(q, o, outcome, all, nearer, sizeof nearer);
    if (isnan(all->distance))
        syi_say(text, length, "No confounder of strengths up to %s turns the order of %s and %s.",
                strength(o->most).text, first, second);
    else if (isnan(alone->distance))
        syi_say(text, length,
                "A confounder tied to %s and the outcome alone cannot turn the order; one that is also tied to %s can: "
                "from %s%s.",
                second, first, nearer, lowered(q, o, all->second_outcome, lower));
    else if (all->at.b == 0)
        syi_say(text, length, "A confounder tied to %s and the outcome alone can turn the order: from %s%s.", second,
                near, lowered(q, o, alone->second_outcome, low));
    else
        syi_say(text, length,
                "A confounder tied to %s and the outcome alone can turn the order: from %s%s; one that is also tied to "
                "%s: from %s%s.",
                second, near, lowered(q, o, alone->second_outcome, low), first, nearer,
                lowered(q, o, all->second_outcome, lower));
}

/* One that raises all: the articulate who get more of everything. */
static void rising_text(const sy_question *q, const sy_flip_options *o, const sy_share_flip_result *r, char *text,
                        size_t length)
{
    const sy_flip_ray *without = &r->rising[0], *with = &r->rising[1];
    const char *first = q->blocks[o->first].name;
    const double signs = fmax(isnan(without->crossing) ? -1 : without->second_outcome,
                              isnan(with->crossing) ? -1 : with->second_outcome);
    char low[SY_FLIP_TEXT / 4];
    lowered(q, o, signs, low);
    if (isnan(without->crossing) && isnan(with->crossing))
        syi_say(text, length, " One that raises both blocks and the outcome does not.");
    else if (isnan(with->crossing))
        syi_say(text, length, " One that raises both blocks and the outcome does not, without %s from %s%s.", first,
                strength(without->crossing).text, low);
    else if (isnan(without->crossing))
        syi_say(text, length,
                " One that raises both blocks and the outcome: from %s with each, without %s not at all%s.",
                strength(with->crossing).text, first, low);
    else
        syi_say(text, length, " One that raises both blocks and the outcome: from %s with each, without %s from %s%s.",
                strength(with->crossing).text, first, strength(without->crossing).text, low);
}

void sy_share_flip_sentence(const sy_question *question, const sy_flip_options *options, const char *outcome,
                            const sy_share_flip_result *result, char text[SY_FLIP_TEXT])
{
    const char *first = question->blocks[options->first].name, *second = question->blocks[options->second].name;
    if (result->reversed) {
        syi_say(text, SY_FLIP_TEXT,
                "%s does not explain more than %s as the data stand (%s against %s): there is no order "
                "to turn.",
                first, second, share(result->first).text, share(result->second).text);
        return;
    }
    nearest_text(question, options, outcome, result, text, SY_FLIP_TEXT);
    size_t used = strlen(text);
    if (!isnan(result->nearest[SY_FLIP_ALL].distance))
        rising_text(question, options, result, text + used, SY_FLIP_TEXT - used);
    used = strlen(text);
    if (isnan(result->distance_low)) return;
    if (result->distance_low == 0)
        syi_say(text + used, SY_FLIP_TEXT - used, " The order is not certain at level %s even without one.",
                strength(options->level).text);
    else
        syi_say(text + used, SY_FLIP_TEXT - used, " It is certain at level %s up to strengths of %s.",
                strength(options->level).text, strength(result->distance_low).text);
}

static void say_no_order(const char *first, const char *second, const sy_flip_turn *turn, char text[SY_FLIP_TEXT])
{
    syi_say(text, SY_FLIP_TEXT,
            "%s does not explain more than %s as measured (%s against %s): there is no order to turn.", first, second,
            share(turn->first).text, share(turn->second).text);
}

void sy_reliability_to_flip_sentence(const sy_question *question, const sy_flip_options *options, const char *outcome,
                                     const sy_flip_turn *turn, char text[SY_FLIP_TEXT])
{
    const char *first = question->blocks[options->first].name, *second = question->blocks[options->second].name;
    (void)outcome;
    if (turn->reversed) say_no_order(first, second, turn, text);
    else if (isnan(turn->flip))
        syi_say(text, SY_FLIP_TEXT,
                "No reliability of %s turns the order, down to %s, below which these correlations cannot be.", second,
                strength(turn->limit).text);
    else
        syi_say(text, SY_FLIP_TEXT,
                "The order turns if the reliability of %s is %s or less (the correlations allow %s at "
                "least).",
                second, strength(turn->flip).text, strength(turn->limit).text);
}

void sy_shared_source_to_flip_sentence(const sy_question *question, const sy_flip_options *options, const char *outcome,
                                       const sy_flip_turn *turn, char text[SY_FLIP_TEXT])
{
    const char *first = question->blocks[options->first].name, *second = question->blocks[options->second].name;
    (void)outcome;
    if (turn->reversed) say_no_order(first, second, turn, text);
    else if (isnan(turn->flip))
        syi_say(text, SY_FLIP_TEXT,
                "No part common to the source turns the order of %s and %s, up to %s of the variance of each of its "
                "columns, the most these correlations allow.",
                first, second, strength(turn->limit).text);
    else
        syi_say(
            text, SY_FLIP_TEXT,
            "The order of %s and %s turns if %s or more of the variance of each of the source's columns is common to "
            "them (the correlations allow %s at most).",
            first, second, strength(turn->flip).text, strength(turn->limit).text);
}
