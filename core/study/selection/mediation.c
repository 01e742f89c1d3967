/* Mediation: what goes through which mediators, from the question to the
 * result in words.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/lanes_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "study/selection/mediation_limits_internal.h"
#include "study/selection/mediation_response_internal.h"
#include "study/selection/mediation_text_internal.h"
#include <math.h>
#include <string.h>

void sy_mediation_defaults(sy_mediation_question *q)
{
    memset(q, 0, sizeof *q);
    q->from = q->to = NAN;
    q->by_treatment = q->by_mediators = 1;
    q->draws = 50;
    q->level = 0.95;
    q->replicates = 2000;
    q->seed = 1;
}

static sy_status check(sy_context *ctx, const sy_mediation_question *q)
{
    if (!(q->level > 0 && q->level < 1)) return syi_fail(ctx, SY_EINVAL, "level: %g is not between 0 and 1", q->level);
    const sy_interval_kind k = q->interval;
    if (k != SY_INTERVAL_AUTO && k != SY_INTERVAL_NONE && k != SY_INTERVAL_JACKKNIFE && k != SY_INTERVAL_INFLUENCE &&
        k != SY_INTERVAL_PERCENTILE)
        return syi_fail(ctx, SY_EINVAL,
                        "interval: mediation has \"auto\", \"none\", \"jackknife\", \"influence\" and \"percentile\"");
    if (k == SY_INTERVAL_INFLUENCE && q->response != SY_MEDIATION_LINEAR)
        return syi_fail(ctx, SY_EINVAL,
                        "interval: \"influence\" is for linear outcomes; ask for \"jackknife\" or \"percentile\"");
    if (k == SY_INTERVAL_PERCENTILE && (q->replicates < 20 || q->replicates > 1000000))
        return syi_fail(ctx, SY_EINVAL, "replicates: %d is not between 20 and 1000000", q->replicates);
    if (q->response != SY_MEDIATION_LINEAR && (q->draws < 1 || q->draws > 100000))
        return syi_fail(ctx, SY_EINVAL, "draws: %d is not between 1 and 100000", q->draws);
    return SY_OK;
}

/* ---- the parts of the result */

static void set_rows(const syi_mediation_sheet *s, sy_mediation_result *r)
{
    const int blocks = s->asked->n_blocks;
    int at = 0;
    r->rows[at++] = (sy_mediation_row){SY_MEDIATION_DIRECT, -1};
    if (s->asked->effects == SY_MEDIATION_NATURAL_JOINT) {
        r->rows[at++] = (sy_mediation_row){SY_MEDIATION_ALL, -1};
    } else {
        for (int b = 0; b < blocks; b++) r->rows[at++] = (sy_mediation_row){SY_MEDIATION_THROUGH, b};
        if (blocks > 1) r->rows[at++] = (sy_mediation_row){SY_MEDIATION_DEPENDENCE, -1};
    }
    r->rows[at++] = (sy_mediation_row){SY_MEDIATION_TOTAL, -1};
    if (s->asked->response == SY_MEDIATION_LINEAR) r->rows[at++] = (sy_mediation_row){SY_MEDIATION_WITHOUT, -1};
    r->n_rows = at;
}

static sy_status make_result(sy_context *ctx, const syi_mediation_sheet *s, sy_mediation_result *r)
{
    r->n_measures = s->asked->response == SY_MEDIATION_ORDINAL ? s->n_levels : 1;
    r->rows = syi_alloc((size_t)s->asked->n_blocks + 4, sizeof *r->rows);
    if (!r->rows) return syi_fail(ctx, SY_ENOMEM, "mediation: out of memory");
    set_rows(s, r);
    const size_t values = (size_t)(r->n_rows * r->n_measures), room = (values + 7) / 8 * 8;
    r->estimate = syi_alloc(7 * room, sizeof *r->estimate);
    r->mean = syi_alloc(2 * (size_t)r->n_measures, sizeof *r->mean);
    r->outcome_level = syi_alloc((size_t)r->n_measures, sizeof *r->outcome_level);
    if (!r->estimate || !r->mean || !r->outcome_level) return syi_fail(ctx, SY_ENOMEM, "mediation: out of memory");
    double **const each[] = {&r->std_error, &r->statistic, &r->p_value, &r->low, &r->high, &r->proportion};
    for (size_t k = 0; k < 6; k++) {
        *each[k] = r->estimate + (k + 1) * room;
        for (size_t v = 0; v < values; v++) (*each[k])[v] = NAN;
    }
    for (int m = 0; m < r->n_measures; m++)
        r->outcome_level[m] = s->n_levels ? s->levels[s->asked->response == SY_MEDIATION_BINARY ? 1 : m] : -1;
    r->from = s->from;
    r->to = s->to;
    memcpy(r->level, s->treated_level, sizeof r->level);
    r->rows_from = s->rows_from;
    r->rows_to = s->rows_to;
    r->n = s->count;
    r->rows_read = s->rows_read;
    r->rows_used = (double)s->n;
    r->rows_dropped = s->rows_dropped;
    r->r2 = NAN;
    for (int c = s->at_tm; c < s->p; c++) r->n_products += s->in[c];
    return SY_OK;
}

/* ---- estimates */

typedef struct {
    const syi_mediation_estimator *e;
    void *memory;
    double *effect, *mean;
    int found;
} whole_job;

static void estimate_whole(void *arg, int worker, size_t i)
{
    whole_job *w = arg;
    (void)worker;
    (void)i;
    w->found = syi_mediation_estimate(w->e, w->e->sheet->weight, w->memory, w->effect, w->mean);
}

static sy_status estimate(sy_context *ctx, const syi_mediation_estimator *e, sy_mediation_result *r)
{
    const syi_mediation_sheet *s = e->sheet;
    const int linear = s->asked->response == SY_MEDIATION_LINEAR;
    const size_t effects = (size_t)(e->n_measures * syi_mediation_effects(s));
    whole_job w = {.e = e, .memory = syi_alloc(1, syi_mediation_estimator_room(e)), .mean = r->mean};
    w.effect = syi_alloc(effects, sizeof *w.effect);
    sy_status status = w.memory && w.effect ? SY_OK : syi_fail(ctx, SY_ENOMEM, "mediation: no room for %td rows", s->n);
    if (!status) status = syi_parallel(ctx, 1, syi_mediation_seconds(e), estimate_whole, &w);
    if (!status && w.found == SYI_MEDIATION_NO_MEMORY)
        status = syi_fail(ctx, SY_ENOMEM, "mediation: no room for the outcome's model");
    if (!status && w.found == SYI_MEDIATION_NO_ANSWER)
        status = syi_fail(ctx, SY_EDATA, "outcome: its model has no answer%s",
                          linear ? " in these rows" : "; a column may tell an answer without error");
    if (!status) {
        syi_mediation_rows(s, e->n_measures, r->n_rows, w.effect, r->estimate);
        if (linear) syi_mediation_means(e, w.memory, r);
    }
    SYI_FREE(w.memory);
    SYI_FREE(w.effect);
    return status;
}

/* Shares of the total, where they have a meaning. */
static sy_status set_proportions(sy_context *ctx, sy_mediation_result *r)
{
    int near = 0, unlike = 0;
    for (int m = 0; m < r->n_measures; m++) {
        const int first = m * r->n_rows;
        int total = 0, up = 0, down = 0;
        while (r->rows[total].part != SY_MEDIATION_TOTAL) total++;
        const double whole = r->estimate[first + total], least = 1e-9 * fabs(whole);
        for (int k = 0; k < total; k++) {
            up += r->estimate[first + k] > least;
            down += r->estimate[first + k] < -least;
        }
        const double p = r->p_value[first + total];
        const int small = whole == 0 || p > 0.05, mixed = up && down;
        near += small;
        unlike += mixed && !small;
        for (int k = 0; k < total && !small && !mixed; k++) r->proportion[first + k] = r->estimate[first + k] / whole;
    }
    sy_status status = SY_OK;
    if (near)
        status = syi_remark(ctx, SY_NOTE_BOUNDARY, "total", near,
                            "no proportions%s: the total cannot be told from zero (p above .05)",
                            r->n_measures > 1 ? " for some answers" : "");
    if (!status && unlike)
        status = syi_remark(ctx, SY_NOTE_SUPPRESSION, "total", unlike,
                            "no proportions%s: parts of unlike sign cancel, and none is a share of the total",
                            r->n_measures > 1 ? " for some answers" : "");
    return status;
}

sy_status sy_mediation(sy_context *ctx, const sy_design *design, const sy_mediation_question *question,
                       sy_mediation_result *result)
{
    syi_enter(ctx);
    syi_gsl_guard();
    const int first = ctx->n_remarks;
    syi_mediation_sheet sheet;
    memset(result, 0, sizeof *result);
    memset(&sheet, 0, sizeof sheet);
    syi_mediation_draws draws;
    memset(&draws, 0, sizeof draws);
    syi_mediation_estimator e = {
        .sheet = &sheet, .draws = &draws, .simd = syi_lanes_width(ctx->simd), .seed = question->seed};
    sy_status status = check(ctx, question);
    if (!status) status = syi_mediation_sheet_init(ctx, design, question, &sheet);
    if (!status) status = make_result(ctx, &sheet, result);
    e.n_measures = result->n_measures;
    if (!status && question->response != SY_MEDIATION_LINEAR) status = syi_mediation_draws_init(ctx, &sheet, &draws);
    if (!status) status = estimate(ctx, &e, result);
    if (!status) status = syi_mediation_limits(ctx, design, &e, result);
    if (!status) status = set_proportions(ctx, result);
    if (!status) syi_mediation_assume(design, &sheet, result);
    syi_mediation_draws_free(&draws);
    syi_mediation_sheet_free(&sheet);
    if (status < 0) {
        sy_mediation_free(result);
        return status;
    }
    return syi_status_of_remarks(ctx, first);
}

void sy_mediation_free(sy_mediation_result *r)
{
    SYI_FREE(r->rows);
    SYI_FREE(r->estimate);
    SYI_FREE(r->mean);
    SYI_FREE(r->outcome_level);
    SYI_FREE(r->covariance);
    r->std_error = r->statistic = r->p_value = r->low = r->high = r->proportion = NULL;
}
