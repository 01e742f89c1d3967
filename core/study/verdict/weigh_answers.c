/* The answers as tables: every difference, every source, every claim.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "study/verdict/weighed_internal.h"
#include <math.h>

static const char *const difference_texts[] = {"source", "outcome", "answer"};
static const char *const difference_numbers[] = {"n",  "total",   "funding",   "process",  "difference", "std_error",
                                                 "df", "p_value", "p_stepped", "p_family", "conf_low",   "conf_high"};
static const syi_tidy_form differences = {"differences", 3, 12, difference_texts, difference_numbers};

sy_status syi_weigh_differences(sy_context *ctx, syi_weighed *w)
{
    const syi_judged *j = &w->judged;
    sy_tidy *t = &w->out->tables[SY_WEIGH_DIFFERENCES];
    const sy_status status = syi_tidy_new(ctx, &differences, j->n, t);
    for (int c = 0; c < j->n && !status; c++) {
        const syi_answer *a = &j->cells[c].answer;
        const sy_comparison *d = &j->difference[c];
        const double values[] = {a->n,
                                 a->total,
                                 syi_answer_value(a, w->question->funding, SY_SHARE),
                                 syi_answer_value(a, j->cells[c].asked.process, SY_SHARE),
                                 d->estimate,
                                 d->std_error,
                                 d->df,
                                 d->p_value,
                                 j->p_stepped[c],
                                 j->p_family[c],
                                 d->low,
                                 d->high};
        syi_tidy_put(t, c, 0, w->sources[c / w->question->n_outcomes].name);
        syi_tidy_put(t, c, 1, syi_weighed_outcome(w, c % w->question->n_outcomes));
        syi_tidy_put(t, c, 2, syi_answer_word(j->answer[c]));
        for (int k = 0; k < 12; k++) syi_tidy_set(t, c, k, values[k]);
    }
    return status;
}

static const char *const source_texts[] = {"source", "answer"};
static const char *const source_numbers[] = {"outcomes",  "positive",     "above_zero", "below_zero",
                                             "supported", "contradicted", "smallest",   "largest"};
static const syi_tidy_form sources = {"sources", 2, 8, source_texts, source_numbers};

sy_status syi_weigh_sources(sy_context *ctx, syi_weighed *w)
{
    const syi_judged *j = &w->judged;
    const int outcomes = w->question->n_outcomes;
    sy_tidy *t = &w->out->tables[SY_WEIGH_SOURCES];
    const sy_status status = syi_tidy_new(ctx, &sources, w->n_sources, t);
    for (int s = 0; s < w->n_sources && !status; s++) {
        double v[8] = {outcomes, 0, 0, 0, 0, 0, HUGE_VAL, -HUGE_VAL};
        for (int c = s * outcomes; c < (s + 1) * outcomes; c++) {
            const sy_comparison *d = &j->difference[c];
            v[1] += d->estimate > 0;
            v[2] += d->low > 0;
            v[3] += d->high < 0;
            v[4] += j->answer[c] == SY_SUPPORTED;
            v[5] += j->answer[c] == SY_CONTRADICTED;
            v[6] = fmin(v[6], d->estimate);
            v[7] = fmax(v[7], d->estimate);
        }
        syi_tidy_put(t, s, 0, w->sources[s].name);
        syi_tidy_put(t, s, 1, syi_answer_word(j->by_source[s]));
        for (int k = 0; k < 8; k++) syi_tidy_set(t, s, k, v[k]);
    }
    return status;
}

static const char *const claim_texts[] = {"claim", "answer", "outcome"};
static const char *const claim_numbers[] = {"bound", "largest", "upper", "lower"};
static const syi_tidy_form claims = {"claims", 3, 4, claim_texts, claim_numbers};

/* "Funding explains more" in every outcome by every source: the rules with the sign turned. */
static sy_answer turned(const syi_weighed *w)
{
    const syi_judged *j = &w->judged;
    int all = 1, exception = 0;
    for (int c = 0; c < j->n; c++) {
        all = all && j->difference[c].high < 0;
        exception = exception || (j->p_family[c] <= syi_weighed_alpha(w) && j->difference[c].estimate > 0);
    }
    return all ? SY_SUPPORTED : exception ? SY_CONTRADICTED : SY_UNDECIDED;
}

sy_status syi_judge_at_most(sy_context *ctx, const syi_weighed *w, const syi_judged *judged, int metric,
                            syi_at_most *out)
{
    const int outcomes = w->question->n_outcomes, funding = w->question->funding;
    double *memory = syi_alloc(3 * (size_t)outcomes, sizeof *memory);
    *out = (syi_at_most){.upper = NAN, .lower = NAN};
    if (!memory) return syi_fail(ctx, SY_ENOMEM, "at_most: no room for %d outcomes", outcomes);
    double *estimate = memory, *error = memory + outcomes, *df = memory + 2 * outcomes;
    int kept = 0, normal = 0, largest = 0;
    for (int o = 0; o < outcomes; o++) {
        const syi_answer *a = &judged->cells[o].answer;
        if (!syi_weighed_bounded(w, o)) continue;
        estimate[kept] = syi_answer_value(a, funding, metric);
        error[kept] = a->table.std_error_scaled[funding * SY_N_METRICS + metric];
        df[kept] = a->df;
        if (kept == 0) normal = a->interval == SY_INTERVAL_NORMAL;
        if (kept == 0 || estimate[kept] > estimate[largest]) {
            largest = kept;
            out->outcome = o;
        }
        kept++;
    }
    const sy_scale scale = normal ? sy_interval_scale_normal(metric) : sy_interval_scale(metric);
    const sy_status status = sy_interval_at_most(ctx, kept, estimate, error, df, scale, w->options->at_most,
                                                 w->options->level, &out->answer, &out->upper, &out->lower);
    out->largest = estimate[largest];
    SYI_FREE(memory);
    return status < 0 ? status : SY_OK;
}

static sy_status put_at_most(sy_context *ctx, const syi_weighed *w, sy_tidy *t, int row, int metric)
{
    syi_at_most found;
    const sy_status status = syi_judge_at_most(ctx, w, &w->judged, metric, &found);
    syi_tidy_put(t, row, 1, syi_answer_word(found.answer));
    syi_tidy_put(t, row, 2, syi_weighed_outcome(w, found.outcome));
    syi_tidy_set(t, row, 0, w->options->at_most);
    syi_tidy_set(t, row, 1, found.largest);
    syi_tidy_set(t, row, 2, found.upper);
    syi_tidy_set(t, row, 3, found.lower);
    return status;
}

sy_status syi_weigh_claims(sy_context *ctx, syi_weighed *w)
{
    const sy_weigh_question *q = w->question;
    const char *funding = q->blocks[q->funding].name, *process = q->blocks[q->process].name;
    const char *all = w->n_sources > 1 ? "in every outcome, by every source" : "in every outcome";
    char text[SY_TIDY_TEXT];
    sy_tidy *t = &w->out->tables[SY_WEIGH_CLAIMS];
    sy_status status = syi_tidy_new(ctx, &claims, 4, t);
    if (status) return status;
    syi_say(text, sizeof text, "%s explains more than %s %s", process, funding, all);
    syi_tidy_put(t, 0, 0, text);
    syi_tidy_put(t, 0, 1, syi_answer_word(w->judged.overall));
    syi_say(text, sizeof text, "%s explains more than %s %s", funding, process, all);
    syi_tidy_put(t, 1, 0, text);
    syi_tidy_put(t, 1, 1, syi_answer_word(turned(w)));
    syi_say(text, sizeof text, "%s alone explains at most %.6g %s", funding, w->options->at_most,
            syi_weighed_of_what(w));
    syi_tidy_put(t, 2, 0, text);
    status = put_at_most(ctx, w, t, 2, SY_ALONE);
    syi_say(text, sizeof text, "the share of %s is at most %.6g %s", funding, w->options->at_most,
            syi_weighed_of_what(w));
    syi_tidy_put(t, 3, 0, text);
    return status ? status : put_at_most(ctx, w, t, 3, SY_SHARE);
}
