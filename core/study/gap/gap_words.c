/* A gap in sentences: how much of it goes with what, and what "explained" means by
 * the method and reference that were asked for.
 *
 * A part of the gap is given in percent only where it lies between nothing and all
 * of it; a part against the gap, or larger than it, is said to be so. Cost: blocks.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "steelyard/gap_words.h"
#include "study/shown_internal.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* What both kinds of result have to say. */
typedef struct {
    const char *what;    /* "the mean of", "the chance of" ... */
    const char *outcome; /* label */
    const sy_column *group;
    int level[2];
    double mean[2], gap, explained, unexplained;
    double gap_error, explained_error, unexplained_error; /* standard errors; the means are told with that of the gap */
    const char *most; /* block with the largest part, NULL where there is one alone */
    double part, part_error;
} telling;

enum { NUMBER = 40 };

static const char *told(char text[NUMBER], double value, double error)
{
    syi_shown_number(text, NUMBER, value, error, -1);
    return text;
}

static void compare_part(const telling *t, char *text, size_t size)
{
    const double share = t->explained / t->gap;
    if (!(fabs(t->gap) > 0) || isnan(share)) text[0] = '\0';
    else if (share < 0) snprintf(text, size, ", against the gap,");
    else if (share > 1) snprintf(text, size, ", more than the gap,");
    else snprintf(text, size, " (%.0f %%)", 100 * share);
}

static void tell_parts(const telling *t, char *text)
{
    char share[40], most[200] = "", number[5][NUMBER];
    compare_part(t, share, sizeof share);
    if (t->most)
        snprintf(most, sizeof most, "; the largest part is that of %.80s (%s)", t->most,
                 told(number[0], t->part, t->part_error));
    syi_say(text, SY_SENTENCE_LENGTH,
            "Of the gap of %s in %s %.80s (%.60s = %.60s: %s, %.60s: %s), %s%s goes with the blocks and %s does not%s.",
            told(number[0], t->gap, t->gap_error), t->what, t->outcome, t->group->name, t->group->levels[t->level[0]],
            told(number[1], t->mean[0], t->gap_error), t->group->levels[t->level[1]],
            told(number[2], t->mean[1], t->gap_error), told(number[3], t->explained, t->explained_error), share,
            told(number[4], t->unexplained, t->unexplained_error), most);
}

/* "the coefficients of ...". */
static void tell_reference(const sy_column *group, const int *level, int reference, double weight, char *text,
                           size_t size)
{
    const char *first = group->levels[level[0]], *second = group->levels[level[1]];
    switch (reference) {
    case SY_REFERENCE_FIRST: snprintf(text, size, "%.60s = %.60s", group->name, first); return;
    case SY_REFERENCE_SECOND: snprintf(text, size, "%.60s = %.60s", group->name, second); return;
    case SY_REFERENCE_EQUAL: snprintf(text, size, "both groups, half and half"); return;
    case SY_REFERENCE_SIZE: snprintf(text, size, "both groups, by their size"); return;
    case SY_REFERENCE_POOLED: snprintf(text, size, "both groups pooled, with %.60s in the model", group->name); return;
    case SY_REFERENCE_POOLED_WITHOUT:
        snprintf(text, size, "both groups pooled, without %.60s in the model", group->name);
        return;
    default:
        snprintf(text, size, "%.60s = %.60s with weight %.4g and %.60s with the rest", group->name, first, weight,
                 second);
    }
}

static void tell_method(const sy_gap_question *q, const sy_gap_result *r, char *text)
{
    char whose[320];
    switch (r->method) {
    case SY_GAP_KITAGAWA:
        snprintf(text, SY_SENTENCE_LENGTH,
                 "Explained is composition: the difference in the cells' shares, at the average of both groups' cell "
                 "means; what is left is rate, the difference in cell means at the average shares.");
        return;
    case SY_GAP_GELBACH:
        snprintf(text, SY_SENTENCE_LENGTH,
                 "Explained is what the coefficient of %.60s loses when the blocks come into one model of all rows.",
                 q->group->name);
        return;
    case SY_GAP_OAXACA: break;
    }
    tell_reference(q->group, r->level, (int)r->reference, q->weight, whose, sizeof whose);
    snprintf(text, SY_SENTENCE_LENGTH,
             "Explained is the difference in the means of the blocks' columns, valued at the coefficients of %s.",
             whose);
}

/* Where a number has its zero: 1 when a block or an adjusting term holds one. */
static int holds_number(const sy_design *design, int n, const int *terms)
{
    for (int t = 0; t < n; t++)
        for (int k = 0; k < design->terms[terms[t]].n_factors; k++)
            if (design->columns[design->terms[terms[t]].factors[k].column].type != SY_CODES) return 1;
    return 0;
}

/* Jones & Kelley 1984, doi:10.1177/0049124184012003004: with the constant they move between blocks. */
static void tell_zeros(const sy_design *design, const sy_gap_question *q, char *text)
{
    const size_t length = strlen(text);
    int found = holds_number(design, q->n_adjust, q->adjust);
    for (int b = 0; b < q->n_blocks; b++) found |= holds_number(design, q->blocks[b].n_terms, q->blocks[b].terms);
    if (!found || q->method != SY_GAP_OAXACA) return;
    snprintf(text + length, SY_SENTENCE_LENGTH - length,
             " Unexplained parts of single blocks depend on where their numbers have their zero; their sum does not.");
}

static void tell_caution(sy_gap_words *words)
{
    snprintf(words->sentence[2], SY_SENTENCE_LENGTH,
             "What goes with a block need not be caused by it; what is not explained need not be unequal treatment.");
}

void sy_gap_say(const sy_design *design, const sy_gap_question *q, const sy_gap_result *r, sy_gap_words *words)
{
    const double *end = r->estimate + r->n_values - SY_GAP_ENDS, *error = r->std_error + r->n_values - SY_GAP_ENDS;
    telling t = {.what = "the mean of", .outcome = design->terms[q->outcome].label, .group = q->group};
    int blocks = 0;
    for (int m = 0; m < 2; m++) {
        t.level[m] = r->level[m];
        t.mean[m] = end[m];
    }
    t.gap = end[SY_GAP_GAP];
    t.gap_error = error[SY_GAP_GAP];
    t.unexplained_error = NAN;
    for (int i = 0; i < r->n_rows; i++) {
        const double part = r->estimate[i * r->n_columns], own = r->std_error[i * r->n_columns];
        if (r->rows[i].kind == SY_GAP_TOTAL) {
            t.explained = part;
            t.explained_error = own;
            if (r->n_columns > 1) t.unexplained_error = r->std_error[i * r->n_columns + SY_GAP_UNEXPLAINED];
        }
        if (r->rows[i].kind == SY_GAP_REST) t.unexplained_error = own;
        if (r->rows[i].kind != SY_GAP_BLOCK && r->rows[i].kind != SY_GAP_ADJUST) continue;
        if (blocks++ > 0 && fabs(part) <= fabs(t.part)) continue;
        t.part = part;
        t.part_error = own;
        t.most = r->rows[i].label;
    }
    if (r->method == SY_GAP_GELBACH) {
        t.gap = end[SY_GAP_BASE];
        t.gap_error = error[SY_GAP_BASE];
    }
    t.unexplained = t.gap - t.explained;
    if (blocks < 2) t.most = NULL;
    tell_parts(&t, words->sentence[0]);
    tell_method(q, r, words->sentence[1]);
    tell_zeros(design, q, words->sentence[1]);
    tell_caution(words);
}

void sy_gap_response_say(const sy_design *design, const sy_gap_response_question *q, const sy_gap_response_summary *s,
                         const sy_gap_response_table *table, sy_gap_response_by by, sy_gap_words *words)
{
    static const int reference[SY_N_GAP_RESPONSE_BY] = {SY_REFERENCE_FIRST, SY_REFERENCE_SECOND, SY_REFERENCE_POOLED,
                                                        SY_REFERENCE_POOLED_WITHOUT};
    const int K = q->n_blocks, free = by == SY_N_GAP_RESPONSE_BY, ordinal = q->model.kind == SY_RESPONSE_ORDINAL;
    const ptrdiff_t first = (ptrdiff_t)(s->n_measures - 1) * sy_gap_response_values(K);
    const double *line = table->estimate + first, *error = table->std_error + first;
    const int at = free ? SY_GAP_RESPONSE_PARTS : sy_gap_response_at(K, by) + 2;
    char whose[320];
    telling t = {.what = ordinal ? "the mean answer of" : "the chance of",
                 .outcome = design->terms[q->model.columns.outcome].label,
                 .group = q->group,
                 .level = {s->group_level[0], s->group_level[1]},
                 .mean = {line[SY_GAP_RESPONSE_FIRST], line[SY_GAP_RESPONSE_SECOND]},
                 .gap = line[SY_GAP_RESPONSE_GAP],
                 .explained = free ? line[SY_GAP_RESPONSE_EXPLAINED] : line[at - 2],
                 .unexplained = free ? line[SY_GAP_RESPONSE_UNEXPLAINED] : line[at - 1],
                 .gap_error = error[SY_GAP_RESPONSE_GAP],
                 .explained_error = error[free ? SY_GAP_RESPONSE_EXPLAINED : at - 2],
                 .unexplained_error = error[free ? SY_GAP_RESPONSE_UNEXPLAINED : at - 1]};
    for (int k = 0; k < K && K > 1; k++) {
        if (k > 0 && fabs(line[at + k]) <= fabs(t.part)) continue;
        t.part = line[at + k];
        t.part_error = error[at + k];
        t.most = q->blocks[k].name;
    }
    tell_parts(&t, words->sentence[0]);
    tell_caution(words);
    if (free) {
        snprintf(
            words->sentence[1], SY_SENTENCE_LENGTH,
            "Explained is what other columns of a block change at the same coefficients, averaged over all orders in "
            "which columns and coefficients of the groups can be exchanged.");
        return;
    }
    tell_reference(q->group, s->group_level, reference[by], 0, whose, sizeof whose);
    snprintf(
        words->sentence[1], SY_SENTENCE_LENGTH,
        "Explained is what other columns of a block change at the coefficients of %s, averaged over all orders of the "
        "blocks.",
        whose);
}
