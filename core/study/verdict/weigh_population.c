/* The question again with rows re-weighted to a population, beside the sample's
 * answer: R2 itself changes with who is counted. Each outcome has weights of its
 * own complete rows; rows of an unknown group do not count. Cost: a jackknife an
 * outcome.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "study/verdict/weighed_internal.h"
#include <math.h>

static const char *const population_texts[] = {"outcome"};
static const char *const population_numbers[] = {
    "n_effective_sample", "n_effective", "total_sample",      "total",
    "funding_sample",     "funding",     "process_sample",    "process",
    "difference_sample",  "sample_low",  "sample_high",       "difference",
    "conf_low",           "conf_high",   "funding_std_error", "process_std_error",
    "std_error"};
static const syi_tidy_form form = {"population", 1, 17, population_texts, population_numbers};

static sy_status weights_of(sy_context *ctx, const syi_weighed *w, const sy_design *d, double *weights,
                            sy_population_summary *summary)
{
    const sy_weigh_question *q = w->question;
    size_t levels = 0;
    for (int m = 0; m < q->n_margins; m++) levels += (size_t)q->margins[m].column->n_levels;
    double *memory = syi_alloc((size_t)d->n + 2 * levels + 1, sizeof *memory);
    if (!memory) return syi_fail(ctx, SY_ENOMEM, "population: no room for %td weights", d->n);
    const sy_status status = sy_population_weights(ctx, d, q->n_margins, q->margins, weights, memory, memory + d->n,
                                                   memory + (size_t)d->n + levels, summary);
    for (ptrdiff_t i = 0; i < d->n && status >= 0; i++)
        if (isnan(weights[i])) weights[i] = 0;
    SYI_FREE(memory);
    return status < 0 ? status : SY_OK;
}

static sy_status outcome(sy_context *ctx, const syi_weighed *w, int o, sy_tidy *t)
{
    const syi_answer *before = &w->judged.cells[o].answer;
    const int funding = w->question->funding, process = w->process[0];
    const syi_cell_options how = syi_weighed_options(w);
    syi_cell_asked asked;
    syi_cell cell = {0};
    sy_population_summary s = {0};
    sy_design weighted = *w->design;
    sy_column column = {.name = "population", .stride = sizeof(double), .type = SY_F64};
    double *weights = syi_alloc((size_t)w->design->n + 1, sizeof *weights);
    sy_status status = weights ? SY_OK : syi_fail(ctx, SY_ENOMEM, "population: no room for weights");
    if (!status) status = weights_of(ctx, w, &w->judged.cells[o].portion.design, weights, &s);
    if (status) goto out;
    column.data = weights;
    weighted.weights = &column;
    weighted.weight_kind = SY_WEIGHT_SAMPLING;
    syi_weighed_asked(w, &weighted, 0, o, NULL, &asked);
    status = syi_cell_open(ctx, &asked, 0, &cell);
    if (!status) status = syi_cell_ask(ctx, &cell, &how);
    if (status) goto out;
    const syi_answer *after = &cell.answer;
    const double v[] = {s.effective_before,
                        s.effective_after,
                        before->total,
                        after->total,
                        syi_answer_value(before, funding, SY_SHARE),
                        syi_answer_value(after, funding, SY_SHARE),
                        syi_answer_value(before, process, SY_SHARE),
                        syi_answer_value(after, process, SY_SHARE),
                        before->difference.estimate,
                        before->difference.low,
                        before->difference.high,
                        after->difference.estimate,
                        after->difference.low,
                        after->difference.high,
                        syi_answer_error(after, funding, SY_SHARE),
                        syi_answer_error(after, process, SY_SHARE),
                        after->difference.std_error};
    syi_tidy_put(t, o, 0, syi_weighed_outcome(w, o));
    for (int k = 0; k < form.n_numbers; k++) syi_tidy_set(t, o, k, v[k]);
out:
    syi_cell_free(&cell);
    SYI_FREE(weights);
    return status;
}

sy_status syi_weigh_population(sy_context *ctx, syi_weighed *w)
{
    const int n = w->question->n_margins > 0 ? w->question->n_outcomes : 0;
    sy_tidy *t = &w->out->tables[SY_WEIGH_POPULATION];
    sy_status status = syi_tidy_new(ctx, &form, n, t);
    for (int o = 0; o < n && !status; o++) status = outcome(ctx, w, o, t);
    return status;
}
