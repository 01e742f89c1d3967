/* Shares over a fitted model with their uncertainty.
 *
 * The table comes from one step off the full fit, and where that is asked for or
 * cheap from a refit of every submodel; the largest difference between the two is
 * part of the answer. Limits: the delete-one-cluster jackknife of the one-step
 * shares, G - 1 degrees of freedom, on the scales that shares of R2 take
 * (scale.c) [MacKinnon, Nielsen & Webb 2023, doi:10.1002/jae.2969]: what a
 * cluster moves is nearly the same by either route, and a refit of all submodels
 * without each cluster would cost 2^blocks fits a cluster. Rows without clusters
 * are left out group by group, at random and once for all [Kott 2001,
 * doi:10.2307/2672626]; a row of frequency w is w rows, each dealt by itself. The
 * full model is fitted anew without each unit.
 *
 * Cost: a fit and a walk a unit.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/response/packed_internal.h"
#include "shares/fitted/fitted_game_internal.h"
#include "shares/shares_internal.h"
#include "study/coverage_internal.h"
#include "study/fitted_leave_internal.h"
#include "study/scale_internal.h"
#include "study/uncertainty_internal.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { EXACT_SECONDS = 10 };
static const double gap_worth_saying = 0.01;

void sy_fitted_defaults(sy_fitted_question *question)
{
    *question = (sy_fitted_question){.level = 0.95, .seed = 1, .time_limit = 60};
    sy_mixed_defaults(&question->fit);
}

/* The question of the plan: the same blocks, the model's other terms adjusting. */
static sy_status make_plan(sy_context *ctx, const sy_design *design, const sy_fitted_question *q, sy_moments *m,
                           syi_plan *plan)
{
    const sy_linear_model *columns = &q->model.response.columns;
    const int first = ctx->n_remarks, numeric = q->mixed && q->model.linear;
    const sy_moments_options options = {.unit = SY_UNIT_NONE, .precision = SY_PRECISION_DOUBLE};
    sy_question question = {.outcome = columns->outcome,
                            .n_blocks = q->n_blocks,
                            .blocks = q->blocks,
                            .order = q->order,
                            .free_orders = q->free_orders};
    int *adjust = syi_alloc((size_t)columns->n_terms + 1, sizeof *adjust);
    syi_shadow shadow = {0};
    sy_status status = adjust ? SY_OK : syi_fail(ctx, SY_ENOMEM, "blocks: out of memory");
    for (int t = 0; t < columns->n_terms && status >= 0; t++) {
        int found = 0;
        for (int b = 0; b < q->n_blocks; b++)
            for (int i = 0; i < q->blocks[b].n_terms; i++) found |= q->blocks[b].terms[i] == columns->terms[t];
        if (!found) adjust[question.n_adjust++] = columns->terms[t];
    }
    question.adjust = adjust;
    if (status >= 0 && !numeric) status = syi_shadow_open(ctx, design, &q->model.response, &shadow);
    if (status >= 0) status = sy_moments_init(ctx, numeric ? design : &shadow.design, &options, m);
    ctx->n_remarks = first; /* the fit says them */
    if (status >= 0) status = syi_plan_init(ctx, m, &question, plan);
    syi_shadow_free(&shadow);
    SYI_FREE(adjust);
    return status;
}

static sy_status check(sy_context *ctx, const sy_fitted_question *q)
{
    const sy_linear_model *columns = &q->model.response.columns;
    if (!(q->level > 0 && q->level < 1)) return syi_fail(ctx, SY_EINVAL, "level: %g is not between 0 and 1", q->level);
    if (q->interval != SY_INTERVAL_AUTO && q->interval != SY_INTERVAL_NONE && q->interval != SY_INTERVAL_JACKKNIFE)
        return syi_fail(ctx, SY_EINVAL,
                        "interval: shares over a fitted model have jackknife limits; \"auto\", \"jackknife\" and "
                        "\"none\" are allowed");
    if (!columns->intercept)
        return syi_fail(ctx, SY_EINVAL, "formula: shares need a model with an intercept; \"- 1\" has none");
    for (int b = 0; b < q->n_blocks; b++)
        for (int t = 0; t < q->blocks[b].n_terms; t++) {
            int found = 0;
            for (int i = 0; i < columns->n_terms; i++) found |= columns->terms[i] == q->blocks[b].terms[t];
            if (!found)
                return syi_fail(ctx, SY_EINVAL, "blocks: a term of %s is not a term of the model", q->blocks[b].name);
        }
    return SY_OK;
}

/* On the scale of the metric; below zero, where a measure of the linear predictor can fall as a term comes in, as
 * it is. */
static sy_status one_limit(sy_context *ctx, int metric, double estimate, double error, double scaled, double df,
                           double level, double *low, double *high)
{
    const int below = estimate < 0;
    return sy_interval_limits(ctx, below ? SY_SCALE_IDENTITY : sy_interval_scale(metric), estimate,
                              below ? error : scaled, df, level, low, high);
}

static sy_status cell_limits(sy_context *ctx, const syi_leaving_fit *l, double df, const sy_evidence_table *t)
{
    sy_status status = SY_OK;
    for (int i = 0; i < l->n_values - 1 && status >= 0; i++)
        status = one_limit(ctx, i % SY_N_METRICS, t->estimate[i], t->std_error[i], t->std_error_scaled[i], df,
                           l->question->level, &t->low[i], &t->high[i]);
    return status;
}

static sy_status set_limits(sy_context *ctx, syi_leaving_fit *l, const double *centre, sy_fitted_summary *s,
                            const sy_fitted_table *t)
{
    const int rows = l->plan->n_rows, last = l->n_values - 1;
    const syi_uncertainty u = {.plan = l->plan, .n_values = l->n_values};
    const sy_evidence_table table = {.estimate = t->estimate,
                                     .std_error = t->std_error,
                                     .std_error_scaled = t->std_error_scaled,
                                     .low = t->low,
                                     .high = t->high,
                                     .covariance = t->covariance};
    double variance[2], *scratch = syi_alloc((size_t)rows, sizeof *scratch);
    int *place = syi_alloc((size_t)rows, sizeof *place);
    const size_t units = (size_t)l->n_units;
    sy_status status = scratch && place ? SY_OK : syi_fail(ctx, SY_ENOMEM, "interval: no room for %d rows", rows);
    if (status >= 0)
        status = syi_set_spread(ctx, &u, l->lines, units, NULL, centre, SYI_SPREAD_JACKKNIFE, place, scratch, &table);
    if (status >= 0) {
        const double kept = syi_resample_variances(l->lines, units, NULL, l->n_values, centre, 1, &last, NULL,
                                                   SYI_SPREAD_JACKKNIFE, &variance[0]);
        syi_resample_variances(l->lines, units, NULL, l->n_values, centre, 1, &last, syi_cube_root,
                               SYI_SPREAD_JACKKNIFE, &variance[1]);
        s->df = kept - 1;
        s->total_std_error = sqrt(variance[0]);
        status = cell_limits(ctx, l, s->df, &table);
        if (status >= 0)
            status = one_limit(ctx, SY_SHARE, s->total, s->total_std_error, sqrt(variance[1]), s->df,
                               l->question->level, &s->total_low, &s->total_high);
        if (status >= 0)
            status = syi_remark_lost(ctx, (double)l->n_units - kept, (double)l->n_units, "leave-one-out fits");
    }
    SYI_FREE(scratch);
    SYI_FREE(place);
    return status;
}

/* Whether limits are made, with a remark when not. */
static sy_status choose(sy_context *ctx, const syi_fitted *f, const syi_leaving_fit *l, sy_fitted_summary *s)
{
    const sy_fitted_question *q = l->question;
    s->units = l->n_units;
    s->grouped = l->code || l->dealt;
    s->interval = SY_INTERVAL_JACKKNIFE;
    s->seconds_estimated = (double)l->n_units * syi_leaving_fit_seconds(f, l);
    if (l->n_units < SYI_FEWEST_UNITS) {
        s->interval = SY_INTERVAL_NONE;
        return syi_remark(ctx, SY_NOTE_INTERVAL_SKIPPED, "", (double)l->n_units,
                          "no intervals: %td %s are too few, at least %d are needed", l->n_units,
                          s->grouped ? "rows" : "clusters", SYI_FEWEST_UNITS);
    }
    const double seconds = s->seconds_estimated / ctx->threads;
    if (q->interval == SY_INTERVAL_AUTO && seconds > q->time_limit) {
        s->interval = SY_INTERVAL_NONE;
        return syi_remark(ctx, SY_NOTE_INTERVAL_SKIPPED, "", seconds,
                          "no intervals: they would take about %.0f seconds, more than %.0f; ask for one by name to "
                          "have it",
                          seconds, q->time_limit);
    }
    if (l->n_units >= SYI_FEW_UNITS) return SY_OK;
    return syi_remark(
        ctx, SY_NOTE_FEW_CLUSTERS, "", (double)l->n_units,
        "%td clusters: jackknife limits of shares with fewer than %d missed their level in simulations of "
        "R2",
        l->n_units, SYI_FEW_UNITS);
}

static sy_status add_interval(sy_context *ctx, const sy_design *design, const sy_fitted_question *q,
                              const syi_fitted *f, const syi_plan *plan, const double *centre, sy_fitted_summary *s,
                              const sy_fitted_table *t)
{
    syi_leaving_fit l = {
        .design = design, .question = q, .plan = plan, .n_values = plan->n_rows * SY_N_METRICS + 1, .simd = ctx->simd};
    s->interval = SY_INTERVAL_NONE;
    if (q->interval == SY_INTERVAL_NONE) return SY_OK;
    sy_status status = syi_leaving_fit_units(ctx, &l);
    if (status >= 0) status = choose(ctx, f, &l, s);
    if (status < 0 || s->interval == SY_INTERVAL_NONE) goto out;
    l.lines = syi_alloc((size_t)l.n_units * (size_t)l.n_values, sizeof *l.lines);
    if (!l.lines) status = syi_fail(ctx, SY_ENOMEM, "interval: no room for %td leave-one-out fits", l.n_units);
    if (status >= 0) status = syi_parallel(ctx, (size_t)l.n_units, s->seconds_estimated, syi_leave_out_fit, &l);
    if (status >= 0) status = set_limits(ctx, &l, centre, s, t);
out:
    syi_leaving_fit_free(&l);
    return status;
}

/* Shares below zero: said, block by block. */
static sy_status remark_negative(sy_context *ctx, const syi_plan *plan, const sy_question *names,
                                 const sy_fitted_table *t)
{
    sy_status status = SY_OK;
    for (int b = 0; b < plan->n_blocks && status >= 0; b++) {
        const double share = t->estimate[b * SY_N_METRICS + SY_SHARE];
        if (share < 0)
            status = syi_remark(ctx, SY_NOTE_SUPPRESSION, names->blocks[b].name, share,
                                "the share of %s is below zero: this measure can fall as a term comes in",
                                names->blocks[b].name);
    }
    return status;
}

static sy_status remark_routes(sy_context *ctx, const syi_plan *plan, const sy_question *names, sy_fitted_summary *s)
{
    sy_status status = SY_OK;
    if (s->failed > 0)
        status =
            syi_remark(ctx, SY_NOTE_NOT_CONVERGED, "", s->failed,
                       "%.0f of %.0f submodels did not converge when fitted by themselves", s->failed, s->submodels);
    if (status >= 0 && s->gap > gap_worth_saying)
        status = syi_remark(ctx, SY_NOTE_PRECISION, syi_plan_name(plan, names, s->gap_row), s->gap,
                            "one step from the full fit gives a share of %s that is %.4f from that of the refits",
                            syi_plan_name(plan, names, s->gap_row), s->gap);
    return status;
}

/* Both routes, or the fast one alone: fills the table and what it says of itself. */
static sy_status take_routes(sy_context *ctx, const sy_fitted_question *q, const syi_fitted *f, const syi_plan *plan,
                             double *steps, sy_fitted_summary *s, const sy_fitted_table *t)
{
    const int rows = plan->n_rows;
    const size_t cells = (size_t)rows * SY_N_METRICS;
    sy_status status = syi_fitted_rows(ctx, f, plan, 0, steps, t->between, &s->failed);
    if (status < 0) return status;
    memcpy(t->estimate, steps, cells * sizeof *steps);
    s->submodels = plan->submodels;
    s->route = q->route != SY_ROUTE_AUTO                               ? q->route
               : plan->submodels * f->seconds <= (double)EXACT_SECONDS ? SY_ROUTE_EXACT
                                                                       : SY_ROUTE_ONE_STEP;
    s->gap = NAN;
    for (int r = 0; r < rows && t->one_step; r++) t->one_step[r] = steps[r * SY_N_METRICS + SY_SHARE];
    if (s->route == SY_ROUTE_EXACT) {
        status = syi_fitted_rows(ctx, f, plan, 1, t->estimate, t->between, &s->failed);
        s->gap = 0;
        for (int r = 0; r < rows && status >= 0; r++) {
            const double gap = fabs(t->estimate[r * SY_N_METRICS + SY_SHARE] - steps[r * SY_N_METRICS + SY_SHARE]);
            if (gap > s->gap) {
                s->gap = gap;
                s->gap_row = r;
            }
        }
    }
    s->total = 0;
    for (int b = 0; b < plan->n_blocks; b++) s->total += t->estimate[b * SY_N_METRICS + SY_SHARE];
    for (int r = 0; r < rows && t->within; r++)
        t->within[r] = t->between ? t->estimate[r * SY_N_METRICS + SY_SHARE] - t->between[r] : NAN;
    return status;
}

static void describe(const syi_fitted *f, sy_fitted_summary *s)
{
    s->n = f->n;
    s->loglik = f->loglik;
    s->loglik_null = f->loglik_null;
    s->measure_full = syi_fitted_by_loglik(f) ? syi_fitted_of_loglik(f, f->loglik)
                                              : syi_fitted_of_variance(f, syi_fitted_form(f->k, f->spread, f->theta));
    s->measure_adjust = s->measure_full - s->total;
    const int marginal = f->measure == SY_MEASURE_MARGINAL;
    s->groups = marginal ? f->groups_variance / f->whole_variance : NAN;
    s->residual = marginal ? f->residual_variance / f->whole_variance : NAN;
}

static void blank(const syi_plan *plan, sy_fitted_summary *s, const sy_fitted_table *t)
{
    const size_t rows = (size_t)plan->n_rows, cells = rows * SY_N_METRICS;
    for (size_t i = 0; i < cells; i++) t->std_error[i] = t->std_error_scaled[i] = t->low[i] = t->high[i] = NAN;
    for (size_t i = 0; i < SY_N_METRICS * rows * rows; i++) t->covariance[i] = NAN;
    s->total_std_error = s->total_low = s->total_high = s->df = NAN;
}

sy_status sy_fitted_shares(sy_context *ctx, const sy_design *design, const sy_fitted_question *question,
                           sy_fitted_summary *summary, const sy_fitted_table *table)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    const sy_question names = {.n_blocks = question->n_blocks, .blocks = question->blocks};
    sy_moments m = {0};
    syi_plan plan = {0};
    syi_fitted f = {0};
    double *steps = NULL;
    *summary = (sy_fitted_summary){0};
    sy_status status = check(ctx, question);
    if (status >= 0) status = make_plan(ctx, design, question, &m, &plan);
    if (status < 0) goto out;
    blank(&plan, summary, table);
    steps = syi_alloc((size_t)plan.n_rows * SY_N_METRICS + 1, sizeof *steps);
    if (!steps) status = syi_fail(ctx, SY_ENOMEM, "blocks: no room for %d rows", plan.n_rows);
    if (status >= 0) status = syi_fitted_init(ctx, design, question, &f);
    if (status >= 0) status = take_routes(ctx, question, &f, &plan, steps, summary, table);
    if (status < 0) goto out;
    describe(&f, summary);
    for (int b = 0; b < plan.n_blocks; b++) steps[plan.n_rows * SY_N_METRICS] += steps[b * SY_N_METRICS + SY_SHARE];
    status = remark_routes(ctx, &plan, &names, summary);
    if (status >= 0) status = remark_negative(ctx, &plan, &names, table);
    if (status >= 0) status = add_interval(ctx, design, question, &f, &plan, steps, summary, table);
out:
    SYI_FREE(steps);
    syi_fitted_free(&f);
    syi_plan_free(&plan);
    sy_moments_free(&m);
    return status < 0 ? status : syi_status_of_remarks(ctx, first);
}
