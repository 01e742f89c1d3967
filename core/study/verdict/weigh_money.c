/* What a sum of money, and twice the money, goes with.
 *
 * Level: the coefficient of a funding term times the sum; doubling: that of its
 * logarithm times log 2, where all values are above 0. Each beside everything in
 * the question (full) and beside the adjusting terms only (alone). A funding term
 * that is a factor, a power or a product has no such number. Robustness values are
 * of the classical t [Cinelli & Hazlett 2020, doi:10.1111/rssb.12348].
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "steelyard/confounding.h"
#include "study/verdict/slopes_internal.h"
#include "study/verdict/weighed_internal.h"
#include <math.h>

static const double LOG_TWO = 0.693147180559945309417;

static const char *const money_texts[] = {"outcome", "term", "form", "model"};
static const char *const money_numbers[] = {"step",      "estimate",         "std_error",
                                            "df",        "p_value",          "conf_low",
                                            "conf_high", "robustness_value", "robustness_value_alpha"};
static const syi_tidy_form money = {"money", 4, 9, money_texts, money_numbers};

static int numbers_in(const syi_weighed *w)
{
    const sy_block *funding = &w->question->blocks[w->question->funding];
    int count = 0;
    for (int t = 0; t < funding->n_terms; t++) count += syi_portion_is_number(w->design, funding->terms[t]);
    return count;
}

typedef struct {
    const syi_weighed *w;
    const syi_cell *cell;
    sy_tidy *table;
    int row, *others, n_others, n_adjust; /* the adjusting terms come first */
} job;

/* All terms of the cell but one, the adjusting ones first. */
static void find_others(job *j, int but)
{
    const sy_question *q = &j->cell->question;
    j->n_others = 0;
    for (int t = 0; t < q->n_adjust; t++) j->others[j->n_others++] = q->adjust[t];
    j->n_adjust = j->n_others;
    for (int b = 0; b < q->n_blocks; b++)
        for (int t = 0; t < q->blocks[b].n_terms; t++)
            if (q->blocks[b].terms[t] != but) j->others[j->n_others++] = q->blocks[b].terms[t];
}

static sy_status put(sy_context *ctx, job *j, const sy_design *design, int term, int alone, int doubling)
{
    const syi_weighed *w = j->w;
    const double step = doubling ? 2 : w->options->unit, factor = doubling ? LOG_TWO : w->options->unit;
    syi_slope s;
    const sy_status status = syi_slope_of(ctx, j->cell, design, term, alone ? j->n_adjust : j->n_others, j->others,
                                          factor, w->options->level, &s);
    if (status) return status;
    double robustness[2] = {NAN, NAN};
    if (s.classical_df > 1 && !isnan(s.classical_t)) {
        const sy_tested tested = {.term = "",
                                  .estimate = NAN,
                                  .std_error = NAN,
                                  .t = s.classical_t,
                                  .df = s.classical_df,
                                  .robust_error = NAN,
                                  .robust_df = NAN};
        sy_robustness_values found;
        const sy_status of_t = sy_robustness(ctx, &tested, 1, 1 - w->options->level, &found);
        if (of_t < 0) return of_t;
        robustness[0] = found.value;
        robustness[1] = found.value_alpha;
    }
    const double values[] = {step,  s.estimate, s.std_error,   s.df,         s.p_value,
                             s.low, s.high,     robustness[0], robustness[1]};
    const sy_design *own = &j->cell->portion.design;
    syi_tidy_put(j->table, j->row, 0, own->terms[j->cell->question.outcome].label);
    syi_tidy_put(j->table, j->row, 1, own->terms[term].label);
    syi_tidy_put(j->table, j->row, 2, doubling ? "doubling" : "level");
    syi_tidy_put(j->table, j->row, 3, alone ? "alone" : "full");
    for (int k = 0; k < money.n_numbers; k++) syi_tidy_set(j->table, j->row, k, values[k]);
    j->row++;
    return SY_OK;
}

/* Values at or below 0 have no logarithm: the row stays without numbers, and a remark says so. */
static sy_status doubled(sy_context *ctx, job *j, int term)
{
    const sy_design *own = &j->cell->portion.design;
    syi_portion logs = {0};
    int *all = syi_alloc((size_t)own->n_terms + 1, sizeof *all);
    sy_status status = all ? SY_OK : syi_fail(ctx, SY_ENOMEM, "data: no room for %d terms", own->n_terms);
    for (int t = 0; t < own->n_terms && !status; t++) all[t] = t;
    if (!status) status = syi_portion_init(ctx, own, own->n_terms, all, NULL, 1, &logs);
    if (!status) status = syi_portion_transform(ctx, &logs, term, SYI_FORM_LOG);
    if (status == SY_EDATA) {
        status = syi_remark(ctx, SY_NOTE_INTERVAL_SKIPPED, own->terms[term].label, 0, "no slope per doubling: %s",
                            ctx->message);
        goto out;
    }
    if (!status) status = put(ctx, j, &logs.design, term, 0, 1);
    if (!status) status = put(ctx, j, &logs.design, term, 1, 1);
out:
    syi_portion_free(&logs);
    SYI_FREE(all);
    return status;
}

static sy_status outcome(sy_context *ctx, job *j)
{
    const sy_block *funding = &j->cell->question.blocks[j->w->question->funding];
    sy_status status = SY_OK;
    for (int t = 0; t < funding->n_terms && !status; t++) {
        const int term = funding->terms[t];
        if (!syi_portion_is_number(&j->cell->portion.design, term)) continue;
        find_others(j, term);
        status = put(ctx, j, &j->cell->portion.design, term, 0, 0);
        if (!status) status = put(ctx, j, &j->cell->portion.design, term, 1, 0);
        if (!status) status = doubled(ctx, j, term);
    }
    return status;
}

sy_status syi_weigh_money(sy_context *ctx, syi_weighed *w)
{
    const int outcomes = w->question->n_outcomes;
    sy_tidy *t = &w->out->tables[SY_WEIGH_MONEY];
    job j = {.w = w, .table = t};
    j.others = syi_alloc((size_t)w->design->n_terms + 1, sizeof *j.others);
    sy_status status = j.others ? SY_OK : syi_fail(ctx, SY_ENOMEM, "data: no room for %d terms", w->design->n_terms);
    if (!status) status = syi_tidy_new(ctx, &money, 4 * numbers_in(w) * outcomes, t);
    for (int o = 0; o < outcomes && !status; o++) {
        j.cell = &w->judged.cells[o];
        if (syi_weighed_type(w, o) == SY_OUTCOME_NUMBER) status = outcome(ctx, &j);
    }
    t->n_rows = j.row;
    SYI_FREE(j.others);
    return status;
}
