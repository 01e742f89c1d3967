/* What the data cannot say, from what they are and what was told of them.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/design_internal.h"
#include "study/verdict/weighed_internal.h"
#include <math.h>

enum { FEW_CLUSTERS = 40 };

static char *next(sy_weighing *out)
{
    return out->n_limits < SY_MOST_LIMITS ? out->limits[out->n_limits++] : NULL;
}

#define LIMIT(...)                                                                                                     \
    do {                                                                                                               \
        char *to = next(w->out);                                                                                       \
        if (to) syi_say(to, SY_LIMIT, __VA_ARGS__);                                                                    \
    } while (0)

static double number(const syi_weighed *w, int table, int row, const char *column)
{
    const sy_tidy *t = &w->out->tables[table];
    return sy_tidy_number(t, row, sy_tidy_column(t, column));
}

static void of_the_design(const syi_weighed *w)
{
    const sy_weigh_question *q = w->question;
    int own = 0;
    for (int s = 0; s < w->n_sources; s++) own += w->sources[s].one_source;
    LIMIT("Shares and points are associations among the rows as they are: nobody was given more money or a better "
          "process, so neither says what would happen if they were.");
    if (q->areas)
        LIMIT("Rows are averages over areas: what holds between areas need not hold between people, and spending per "
              "resident is not what a person was given.");
    if (own && w->n_sources == 1)
        LIMIT(
            "Outcomes and process come from one questionnaire: moods and habits of answering that they share count for "
            "process.");
    else if (own)
        LIMIT("Outcomes and process come from one questionnaire for %d of %d sources of the process measure: moods and "
              "habits of answering that they share count for process.",
              own, w->n_sources);
    if (w->n_sources == 1)
        LIMIT("Process has one measure here: whether another source would say the same cannot be seen.");
}

static void of_need(const syi_weighed *w)
{
    const sy_weigh_question *q = w->question;
    if (q->n_need == 0)
        LIMIT("Need is not held: money is given for need, so what goes with money is mixed with what goes with need.");
    else
        LIMIT("Need is held as far as %s measures it: money that is given for other needs still looks like its "
              "opposite.",
              q->blocks[q->need[0]].name);
}

/* The outcome whose process measure is missing in most rows, where that is in over a tenth of them. */
static void of_unknown_process(const syi_weighed *w)
{
    double most = 0.1, unknown = 0, rows = 0;
    const char *outcome = NULL;
    for (int o = 0; o < w->question->n_outcomes; o++) {
        const double lost = number(w, SY_WEIGH_MISSING, o, "rows_process_unknown");
        const double all = lost + number(w, SY_WEIGH_MISSING, o, "rows_process_known");
        if (!(lost > most * all)) continue;
        most = lost / all;
        unknown = lost;
        rows = all;
        outcome = syi_weighed_outcome(w, o);
    }
    if (outcome)
        LIMIT("The process measure is missing in %.0f of %.0f rows that have an outcome (%s): the answer is about the "
              "others, "
              "and those who were not asked, or did not answer, may have been served otherwise.",
              unknown, rows, outcome);
}

static void of_the_rows(const syi_weighed *w)
{
    double unknown = 0, rows = 0, least = HUGE_VAL;
    for (int o = 0; o < w->question->n_outcomes; o++) {
        const double lost = number(w, SY_WEIGH_MISSING, o, "rows_unknown");
        if (lost > unknown) {
            unknown = lost;
            rows = lost + number(w, SY_WEIGH_MISSING, o, "rows_known");
        }
        least = fmin(least, number(w, SY_WEIGH_OUTCOMES, o, "total"));
    }
    if (unknown > 0)
        LIMIT(
            "The amount of money is missing in %.0f of %.0f rows that have an outcome and a process measure; where not "
            "knowing it is itself a matter of process, complete rows leave out those served worst.",
            unknown, rows);
    of_unknown_process(w);
    if (w->out->clustered && w->out->units < FEW_CLUSTERS)
        LIMIT("There are %.0f clusters: limits and p values are less sure than they say.", w->out->units);
    if (w->out->units == 0)
        LIMIT(
            "No clusters or rows were left out one at a time: how much the answer rests on single ones was not looked "
            "at, and p values are adjusted by Holm.");
    LIMIT("Blocks together explain as little as %.4f of the variance of an outcome; the rest is not in the question.",
          least);
}

/* A sum that is larger than what the amounts differ by. */
static void of_the_sum(const syi_weighed *w)
{
    const sy_block *funding = &w->question->blocks[w->question->funding];
    for (int t = 0; t < funding->n_terms; t++) {
        const sy_term *term = &w->design->terms[funding->terms[t]];
        const sy_column *column = &w->design->columns[term->factors[0].column];
        double least = HUGE_VAL, most = -HUGE_VAL;
        if (!syi_portion_is_number(w->design, funding->terms[t])) continue;
        for (ptrdiff_t i = 0; i < w->design->n; i++) {
            const double x = syi_column_value(column, i);
            least = x < least ? x : least;
            most = x > most ? x : most;
        }
        if (most - least < w->options->unit)
            LIMIT("%.6g pounds are more than %s differs by in the data (%.6g to %.6g): points for such a sum stretch a "
                  "straight line past them.",
                  w->options->unit, term->label, least, most);
        return;
    }
}

static void of_measures(const syi_weighed *w)
{
    int fitted = 0;
    for (int o = 0; o < w->question->n_outcomes; o++) fitted += syi_weighed_type(w, o) != SY_OUTCOME_NUMBER;
    if (fitted)
        LIMIT("%d of %d outcomes are answers: their shares are of McFadden's R2 and are not to be set beside shares of "
              "variance; flips and orders are given for numbers only.",
              fitted, w->question->n_outcomes);
    if (w->question->n_margins > 0)
        LIMIT("Re-weighting makes groups as large as in the population; it cannot make those who answered like those "
              "who did not.");
}

static void describe(const syi_weighed *w)
{
    const syi_answer *a = &w->judged.cells[0].answer;
    const double level = 100 * w->options->level;
    char *to = w->out->how;
    if (a->interval == SY_INTERVAL_NONE) {
        syi_say(to, SY_SENTENCE, "Limits: none.");
        return;
    }
    const char *over = w->out->clustered ? "clusters" : "rows";
    if (w->out->units > 0)
        syi_say(to, SY_SENTENCE,
                "Limits (%g %%): jackknife over up to %.0f %s, t. p stepped down over the outcomes of a source (Romano "
                "and Wolf, %d draws of signs, seed %llu).",
                level, w->out->units, over, w->options->replicates, (unsigned long long)w->options->seed);
    else
        syi_say(to, SY_SENTENCE, "Limits (%g %%): t, %s. p adjusted over the outcomes of a source by Holm.", level,
                a->interval == SY_INTERVAL_INFLUENCE ? "influence function over rows" : "leaving out groups of rows");
}

void syi_weigh_limits(syi_weighed *w)
{
    of_the_design(w);
    of_need(w);
    of_the_rows(w);
    of_the_sum(w);
    of_measures(w);
    describe(w);
}
