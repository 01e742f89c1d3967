/* Where the amount of money is known and where it is not: means of the outcome
 * and of the process measure's first number among rows that have both, by
 * whether every funding term has a value. And where the process measure is known and
 * where it is not: means of the outcome among rows that have one, by whether every
 * term of process (the first source's) has a value. Where they differ, the complete rows
 * are not like the others. Weights count as they do in the shares. Cost: a pass an outcome.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/design_internal.h"
#include "study/verdict/weighed_internal.h"
#include <math.h>

static const char *const missing_texts[] = {"outcome", "process_term"};
static const char *const missing_numbers[] = {"rows_known",
                                              "rows_unknown",
                                              "outcome_known",
                                              "outcome_unknown",
                                              "process_known",
                                              "process_unknown",
                                              "rows_process_known",
                                              "rows_process_unknown",
                                              "outcome_process_known",
                                              "outcome_process_unknown"};
static const syi_tidy_form form = {"missing", 2, 10, missing_texts, missing_numbers};

static int known(const sy_design *d, const sy_block *block, ptrdiff_t row)
{
    for (int t = 0; t < block->n_terms; t++) {
        const sy_term *term = &d->terms[block->terms[t]];
        for (int f = 0; f < term->n_factors; f++)
            if (isnan(syi_column_value(&d->columns[term->factors[f].column], row))) return 0;
    }
    return 1;
}

static const sy_column *first_number(const sy_design *d, const sy_block *block, const char **label)
{
    for (int t = 0; t < block->n_terms; t++) {
        const sy_term *term = &d->terms[block->terms[t]];
        *label = term->label;
        if (syi_portion_is_number(d, block->terms[t])) return &d->columns[term->factors[0].column];
    }
    *label = "";
    return NULL;
}

static double mean(double sum, double weight)
{
    return weight > 0 ? sum / weight : (double)NAN;
}

/* By whether the process measure has a value in each of its terms. */
static void by_process(const syi_weighed *w, int o, sy_tidy *t)
{
    const sy_design *d = w->design;
    const sy_column *y = &d->columns[d->terms[w->question->outcomes[o]].factors[0].column];
    double rows[2] = {0, 0}, weight[2] = {0, 0}, sum[2] = {0, 0};
    for (ptrdiff_t i = 0; i < d->n; i++) {
        const double value = syi_column_value(y, i), often = d->weights ? syi_column_value(d->weights, i) : 1;
        const int group = !known(d, &w->blocks[w->process[0]], i);
        if (isnan(value) || !(often > 0)) continue;
        rows[group]++;
        weight[group] += often;
        sum[group] += often * value;
    }
    for (int g = 0; g < 2; g++) {
        syi_tidy_set(t, o, 6 + g, rows[g]);
        syi_tidy_set(t, o, 8 + g, mean(sum[g], weight[g]));
    }
}

static void by_funding(const syi_weighed *w, int o, sy_tidy *t)
{
    const sy_design *d = w->design;
    const sy_block *funding = &w->question->blocks[w->question->funding];
    const sy_column *y = &d->columns[d->terms[w->question->outcomes[o]].factors[0].column];
    const char *label = "";
    const sy_column *x = first_number(d, &w->blocks[w->process[0]], &label);
    double rows[2] = {0, 0}, weight[2] = {0, 0}, sum[2] = {0, 0}, process[2] = {0, 0};
    for (ptrdiff_t i = 0; i < d->n; i++) {
        const double value = syi_column_value(y, i), also = x ? syi_column_value(x, i) : 0;
        const double often = d->weights ? syi_column_value(d->weights, i) : 1;
        const int group = !known(d, funding, i);
        if (isnan(value) || isnan(also) || !(often > 0)) continue;
        rows[group]++;
        weight[group] += often;
        sum[group] += often * value;
        process[group] += often * also;
    }
    syi_tidy_put(t, o, 0, syi_weighed_outcome(w, o));
    syi_tidy_put(t, o, 1, label);
    for (int g = 0; g < 2; g++) {
        syi_tidy_set(t, o, g, rows[g]);
        syi_tidy_set(t, o, 2 + g, mean(sum[g], weight[g]));
        syi_tidy_set(t, o, 4 + g, x ? mean(process[g], weight[g]) : (double)NAN);
    }
}

sy_status syi_weigh_missing(sy_context *ctx, syi_weighed *w)
{
    sy_tidy *t = &w->out->tables[SY_WEIGH_MISSING];
    const sy_status status = syi_tidy_new(ctx, &form, w->question->n_outcomes, t);
    for (int o = 0; o < w->question->n_outcomes && !status; o++) {
        by_funding(w, o, t);
        by_process(w, o, t);
    }
    return status;
}
