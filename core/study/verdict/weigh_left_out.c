/* Leave one out of the verdict.
 *
 * Every unit's absence is known from the jackknife. For each outcome the unit
 * without which process less funding changes most is left out for good and the
 * limits are made anew of the others; so is the unit without which the largest R2 of
 * funding alone changes most. The units that come up (at most `left_out` of them)
 * are left out of the whole question, which is judged again by the same rules.
 * Cost: a jackknife an outcome, and one whole judgement a unit.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/design_internal.h"
#include "base/status_internal.h"
#include "study/verdict/weighed_internal.h"
#include <math.h>
#include <string.h>

static const char *const left_texts[] = {"what", "outcome", "left_out", "answer", "answer_without"};
static const char *const left_numbers[] = {"value",       "conf_low",     "conf_high", "without",
                                           "without_low", "without_high", "turns",     "std_error"};
static const syi_tidy_form left_form = {"left_out", 5, 8, left_texts, left_numbers};

typedef struct {
    syi_weighed *w;
    const syi_family *f;
    sy_tidy *t;
    int row;
    unsigned char *keep; /* [rows] */
    int64_t *candidate;  /* [left_out] */
    int n_candidates;
} job;

static void keep_others(const job *j, int64_t number)
{
    const sy_design *d = j->w->design;
    for (ptrdiff_t i = 0; i < d->n; i++) {
        const double cluster = d->cluster ? syi_column_value(d->cluster, i) : 0;
        j->keep[i] = d->cluster ? !(cluster == (double)number) : i != number;
    }
}

static void nominate(job *j, int64_t number)
{
    for (int c = 0; c < j->n_candidates; c++)
        if (j->candidate[c] == number) return;
    if (j->n_candidates < j->w->options->left_out) j->candidate[j->n_candidates++] = number;
}

static void put_texts(const job *j, const char *what, const char *outcome, int64_t number)
{
    char label[SYI_UNIT_NAME];
    syi_unit_name(j->w, number, label);
    syi_tidy_put(j->t, j->row, 0, what);
    syi_tidy_put(j->t, j->row, 1, outcome);
    syi_tidy_put(j->t, j->row, 2, label);
}

/* The largest over the outcomes of a metric of funding, whole (unit -1) or without a unit. */
static double largest(const job *j, int metric, ptrdiff_t unit, int *which)
{
    double most = -HUGE_VAL;
    for (int o = 0; o < j->w->question->n_outcomes; o++) {
        const int funding = j->w->question->funding;
        const double v =
            unit < 0 ? syi_family_value(j->f, o, funding, metric) : syi_family_without(j->f, o, funding, metric, unit);
        if (!(v > most)) continue;
        most = v;
        *which = o;
    }
    return most;
}

static void put_largest(job *j, const char *what, int metric)
{
    int which = 0, none = 0;
    const double value = largest(j, metric, -1, &which);
    ptrdiff_t unit = 0;
    double without = largest(j, metric, 0, &none);
    for (ptrdiff_t u = 1; u < j->f->units; u++) {
        const double v = largest(j, metric, u, &none);
        if (!(fabs(v - value) > fabs(without - value))) continue;
        without = v;
        unit = u;
    }
    put_texts(j, what, syi_weighed_outcome(j->w, which), j->f->number[unit]);
    syi_tidy_set(j->t, j->row, 0, value);
    syi_tidy_set(j->t, j->row, 3, without);
    syi_tidy_set(j->t, j->row, 7, syi_answer_error(&j->w->judged.cells[which].answer, j->w->question->funding, metric));
    nominate(j, j->f->number[unit]);
    j->row++;
}

static double difference_without(const job *j, int outcome, ptrdiff_t unit)
{
    return syi_family_without(j->f, outcome, j->w->process[0], SY_SHARE, unit) -
           syi_family_without(j->f, outcome, j->w->question->funding, SY_SHARE, unit);
}

static int side(double low, double high)
{
    return (low > 0) - (high < 0);
}

/* The outcome's difference and limits once more, of the rows without the unit. */
static sy_status put_difference(sy_context *ctx, job *j, int outcome)
{
    const sy_comparison *d = &j->w->judged.difference[outcome];
    syi_cell_options how = syi_weighed_options(j->w);
    syi_cell_asked asked;
    syi_cell cell;
    ptrdiff_t unit = 0;
    for (ptrdiff_t u = 1; u < j->f->units; u++)
        if (fabs(difference_without(j, outcome, u) - d->estimate) >
            fabs(difference_without(j, outcome, unit) - d->estimate))
            unit = u;
    keep_others(j, j->f->number[unit]);
    syi_weighed_asked(j->w, j->w->design, 0, outcome, j->keep, &asked);
    sy_status status = syi_cell_open(ctx, &asked, 0, &cell);
    if (!status) status = syi_cell_ask(ctx, &cell, &how);
    if (!status) {
        const sy_comparison *e = &cell.answer.difference;
        const double v[] = {
            d->estimate, d->low, d->high, e->estimate, e->low, e->high, side(d->low, d->high) != side(e->low, e->high),
            d->std_error};
        put_texts(j, "difference", syi_weighed_outcome(j->w, outcome), j->f->number[unit]);
        for (int k = 0; k < left_form.n_numbers; k++) syi_tidy_set(j->t, j->row, k, v[k]);
        nominate(j, j->f->number[unit]);
        j->row++;
    }
    syi_cell_free(&cell);
    return status;
}

/* Everything judged without the unit: rules 1, 3 and 5. */
static sy_status put_verdict(sy_context *ctx, job *j, int64_t number)
{
    const syi_judged *whole = &j->w->judged;
    syi_judged part = {0};
    syi_at_most before, after;
    keep_others(j, number);
    sy_status status = syi_judge(ctx, j->w, j->keep, 0, &part);
    if (!status) status = syi_judge_at_most(ctx, j->w, whole, SY_ALONE, &before);
    if (!status) status = syi_judge_at_most(ctx, j->w, &part, SY_ALONE, &after);
    if (status) goto out;
    double supported = 0, then = 0, turns = 0;
    for (int c = 0; c < whole->n; c++) {
        supported += whole->answer[c] == SY_SUPPORTED;
        then += part.answer[c] == SY_SUPPORTED;
        turns += whole->answer[c] != part.answer[c];
    }
    put_texts(j, "verdict", "", number);
    syi_tidy_put(j->t, j->row, 3, syi_answer_word(whole->overall));
    syi_tidy_put(j->t, j->row, 4, syi_answer_word(part.overall));
    syi_tidy_set(j->t, j->row, 0, supported);
    syi_tidy_set(j->t, j->row, 3, then);
    syi_tidy_set(j->t, j->row, 6, turns);
    j->row++;
    put_texts(j, "at most", syi_weighed_outcome(j->w, after.outcome), number);
    syi_tidy_put(j->t, j->row, 3, syi_answer_word(before.answer));
    syi_tidy_put(j->t, j->row, 4, syi_answer_word(after.answer));
    const double v[] = {before.largest,
                        before.lower,
                        before.upper,
                        after.largest,
                        after.lower,
                        after.upper,
                        before.answer != after.answer,
                        syi_answer_error(&whole->cells[before.outcome].answer, j->w->question->funding, SY_ALONE)};
    for (int k = 0; k < left_form.n_numbers; k++) syi_tidy_set(j->t, j->row, k, v[k]);
    j->row++;
out:
    syi_judged_free(&part);
    return status;
}

sy_status syi_weigh_left_out(sy_context *ctx, syi_weighed *w)
{
    const int outcomes = w->question->n_outcomes, most = w->options->left_out;
    job j = {.w = w, .f = &w->judged.family, .t = &w->out->tables[SY_WEIGH_LEFT_OUT]};
    sy_status status = syi_tidy_new(ctx, &left_form, w->judged.joined ? outcomes + 2 + 2 * most : 0, j.t);
    if (status || !w->judged.joined || j.f->units < 4) goto out;
    j.keep = syi_alloc((size_t)w->design->n + 1, sizeof *j.keep);
    j.candidate = syi_alloc((size_t)most + 1, sizeof *j.candidate);
    if (!j.keep || !j.candidate) {
        status = syi_fail(ctx, SY_ENOMEM, "data: no room to leave out units of %td rows", w->design->n);
        goto out;
    }
    put_largest(&j, "largest alone", SY_ALONE);
    put_largest(&j, "largest share", SY_SHARE);
    for (int o = 0; o < outcomes && !status; o++) status = put_difference(ctx, &j, o);
    for (int c = 0; c < j.n_candidates && !status; c++) status = put_verdict(ctx, &j, j.candidate[c]);
out:
    j.t->n_rows = j.row;
    SYI_FREE(j.keep);
    SYI_FREE(j.candidate);
    return status;
}
