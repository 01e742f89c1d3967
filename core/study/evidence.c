/* Shares with their uncertainty.
 *
 * The default interval is the delete-one-unit jackknife with t(units - 1):
 * shares, alone and unique on their cube root (scale.c), everything else as it is
 * [MacKinnon, Nielsen & Webb 2023, doi:10.1002/jae.2969]; rows without clusters
 * by the influence function; moments alone by normal theory. lowest and highest
 * have no standard error: a minimum is not smooth [Fang & Santos 2019,
 * doi:10.1093/restud/rdy049].
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "shares/sampled_internal.h"
#include "study/coverage_internal.h"
#include "study/resample_internal.h"
#include "study/uncertainty_internal.h"
#include "steelyard/evidence.h"
#include <math.h>
#include <string.h>

void sy_evidence_defaults(sy_evidence_options *options)
{
    *options = (sy_evidence_options){
        .interval = SY_INTERVAL_AUTO, .level = 0.95, .replicates = 2000, .seed = 1, .time_limit = 60};
    sy_shares_defaults(&options->shares);
}

static sy_status check_options(sy_context *ctx, const sy_moments *m, const sy_design *rows,
                               const sy_evidence_options *o)
{
    const int bootstrap = o->interval >= SY_INTERVAL_PERCENTILE && o->interval <= SY_INTERVAL_BAYES;
    if (!(o->level > 0 && o->level < 1)) return syi_fail(ctx, SY_EINVAL, "level: %g is not between 0 and 1", o->level);
    if (bootstrap && o->replicates < 100)
        return syi_fail(ctx, SY_EINVAL, "replicates: %d, at least 100 are needed", o->replicates);
    if ((bootstrap || o->interval == SY_INTERVAL_JACKKNIFE) && m->unit == SY_UNIT_NONE)
        return syi_fail(ctx, SY_EINVAL,
                        "interval: resampling needs clusters or rows to resample; these moments have neither (give "
                        "cluster, or interval = \"normal\")");
    if (o->interval == SY_INTERVAL_INFLUENCE && !rows && m->unit == SY_UNIT_NONE)
        return syi_fail(ctx, SY_EINVAL,
                        "interval: \"influence\" needs clusters, rows kept one by one or a data frame; these moments "
                        "have neither");
    if (rows && rows->strata && m->unit == SY_UNIT_NONE && o->interval != SY_INTERVAL_NONE &&
        o->interval != SY_INTERVAL_NORMAL)
        return syi_fail(ctx, SY_EINVAL,
                        "strata: intervals within strata need one set of sums a cluster or a row; these moments have "
                        "one for all rows");
    return SY_OK;
}

/* The kind that "auto" stands for. */
static sy_interval_kind choose(const sy_moments *m, const sy_design *rows, const sy_evidence_options *o)
{
    if (o->interval != SY_INTERVAL_AUTO) return o->interval;
    if (m->unit != SY_UNIT_NONE) return m->n_units < SYI_FEWEST_UNITS ? SY_INTERVAL_NONE : SY_INTERVAL_JACKKNIFE;
    return rows ? SY_INTERVAL_INFLUENCE : SY_INTERVAL_NORMAL;
}

static sy_status remark_kind(sy_context *ctx, const sy_moments *m, const sy_evidence_options *o, sy_evidence_summary *s)
{
    if (o->interval == SY_INTERVAL_AUTO && s->interval == SY_INTERVAL_NONE)
        return syi_remark(ctx, SY_NOTE_INTERVAL_SKIPPED, "", (double)m->n_units,
                          "no intervals: %td %s are too few, at least %d are needed", m->n_units,
                          m->unit == SY_UNIT_CLUSTER ? "clusters" : "rows", SYI_FEWEST_UNITS);
    if (s->interval == SY_INTERVAL_NORMAL)
        return syi_remark(ctx, SY_NOTE_ASSUMES_NORMAL, "", 0,
                          "intervals come from the moments alone and assume normal data%s",
                          o->interval == SY_INTERVAL_AUTO ? ": there are no rows or clusters to resample" : "");
    return SY_OK;
}

/* Gives up an automatic interval that would take too long, naming the time. */
static sy_status check_time(sy_context *ctx, const sy_evidence_options *o, sy_evidence_summary *s)
{
    const double seconds = s->seconds_estimated / ctx->threads;
    if (o->interval != SY_INTERVAL_AUTO || seconds <= o->time_limit) return SY_OK;
    s->interval = SY_INTERVAL_NONE;
    return syi_remark(
        ctx, SY_NOTE_INTERVAL_SKIPPED, "", seconds,
        "no intervals: they would take about %.0f seconds, more than %.0f; ask for one by name to have it", seconds,
        o->time_limit);
}

/* Sampled shares have no limits unless asked for: each of the replicates takes
 * all the orders again. */
static sy_status leave_sampled(sy_context *ctx, const syi_uncertainty *work, const sy_evidence_options *o,
                               sy_evidence_summary *s)
{
    const double seconds = syi_uncertainty_seconds(work, s->interval, o);
    const sy_interval_kind kind = s->interval;
    s->interval = SY_INTERVAL_NONE;
    if (kind == SY_INTERVAL_NONE) return SY_OK;
    return syi_remark(ctx, SY_NOTE_INTERVAL_SKIPPED, "", seconds,
                      "no intervals: the shares are sampled (largest Monte Carlo error %.2g) and every replicate would "
                      "take the %.0f orders again, about %.2g seconds; ask for an interval by name to have it",
                      s->whole.mc_error, s->whole.orders, seconds);
}

/* Clusters few enough that the limits were measured to miss their level. */
static sy_status remark_few(sy_context *ctx, const syi_plan *plan, const sy_question *question,
                            const sy_evidence_summary *s)
{
    const sy_moments *m = plan->m;
    if (s->interval != SY_INTERVAL_JACKKNIFE || m->unit != SY_UNIT_CLUSTER) return SY_OK;
    const double units = (double)m->n_units;
    const syi_coverage person = syi_coverage_jackknife(units, 0), constant = syi_coverage_jackknife(units, 1);
    sy_status status = SY_OK;
    if (units < SYI_FEW_UNITS)
        status = syi_remark(ctx, SY_NOTE_FEW_CLUSTERS, "", units,
                            "%.0f clusters: nominal 95 %% intervals of a share covered %.0f to %.0f %% in simulation, "
                            "%.0f %% where few people hold most of the predictor",
                            units, person.least, person.most, person.heavy);
    for (int b = 0; b < plan->n_blocks && !status && units < SYI_FEW_UNITS_CONSTANT; b++) {
        if (!(plan->row_units[b] > 0)) continue;
        status =
            syi_remark(ctx, SY_NOTE_FEW_CLUSTERS, question->blocks[b].name, units,
                       "%s does not vary within the %.0f clusters: nominal 95 %% intervals of such a share covered "
                       "%.0f to %.0f %% in simulation, %.0f %% where few clusters hold most of it",
                       question->blocks[b].name, units, constant.least, constant.most, constant.heavy);
    }
    return status;
}

/* The same for the kinds asked by name, whose printed coverage is that of blocks
 * which vary within clusters. */
static sy_status remark_constant(sy_context *ctx, const syi_plan *plan, const sy_question *question,
                                 const sy_evidence_summary *s)
{
    const syi_measured c = syi_coverage_of(s->interval, plan->m->unit, (double)s->units);
    sy_status status = SY_OK;
    if (s->interval == SY_INTERVAL_JACKKNIFE || plan->m->unit != SY_UNIT_CLUSTER || isnan(c.constant)) return SY_OK;
    for (int b = 0; b < plan->n_blocks && !status && (double)s->units < SYI_FEW_UNITS_CONSTANT; b++)
        if (plan->row_units[b] > 0)
            status = syi_remark(ctx, SY_NOTE_FEW_CLUSTERS, question->blocks[b].name, (double)s->units,
                                "%s does not vary within the %td clusters: nominal 95 %% limits of this kind covered "
                                "%.0f %% of such shares in simulation",
                                question->blocks[b].name, s->units, c.constant);
    return status;
}

static void set_coverage(const sy_moments *m, const sy_evidence_options *o, sy_evidence_summary *s)
{
    const int asked = o->interval != SY_INTERVAL_AUTO;
    const syi_measured c = syi_coverage_of(asked ? s->interval : SY_INTERVAL_NONE, m->unit, (double)s->units);
    s->coverage_least = c.least;
    s->coverage_most = c.most;
    s->coverage_units = c.at;
    s->n_strata = m->n_strata;
}

static void blank(const syi_plan *plan, sy_evidence_summary *s, const sy_evidence_table *t)
{
    const size_t rows = (size_t)plan->n_rows, cells = rows * SY_N_METRICS;
    for (size_t i = 0; i < cells; i++) t->std_error[i] = t->std_error_scaled[i] = t->low[i] = t->high[i] = NAN;
    for (size_t i = 0; i < SY_N_METRICS * rows * rows; i++) t->covariance[i] = NAN;
    for (size_t i = 0; t->mc_error && i < rows; i++)
        t->mc_error[i] = plan->sampling ? plan->sampling->mc_error[i] : NAN;
    s->total_std_error = s->total_low = s->total_high = s->df = NAN;
    s->units = plan->m->unit == SY_UNIT_NONE ? (ptrdiff_t)plan->m->rows_used : (ptrdiff_t)syi_resample_units(plan->m);
    s->replicates = 0;
}

sy_status sy_evidence_shares(sy_context *ctx, const sy_moments *m, const sy_design *rows, const sy_question *question,
                             const sy_evidence_options *options, sy_evidence_summary *summary,
                             const sy_evidence_table *table)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    syi_plan plan = {0};
    syi_wanted wanted = {0};
    syi_uncertainty work = {0};
    *summary = (sy_evidence_summary){0};
    sy_status status = check_options(ctx, m, rows, options);
    if (!status) status = syi_plan_init_by(ctx, m, question, &options->shares, &plan);
    if (!status) status = syi_shares_wanted(ctx, &plan, &options->shares, &wanted);
    if (!status) status = syi_uncertainty_init(ctx, &plan, question, &wanted, &work, &summary->whole);
    if (status) goto out;
    memcpy(table->estimate, work.values, (size_t)plan.n_rows * SY_N_METRICS * sizeof *work.values);
    blank(&plan, summary, table);
    summary->interval = choose(m, rows, options);
    if (plan.sampling && options->interval == SY_INTERVAL_AUTO) status = leave_sampled(ctx, &work, options, summary);
    else status = remark_kind(ctx, m, options, summary);
    set_coverage(m, options, summary);
    summary->seconds_estimated = syi_uncertainty_seconds(&work, summary->interval, options);
    if (!status) status = check_time(ctx, options, summary);
    if (!status) status = remark_few(ctx, &plan, question, summary);
    if (!status) status = remark_constant(ctx, &plan, question, summary);
    if (!status && summary->interval != SY_INTERVAL_NONE)
        status = syi_uncertainty_fill(ctx, &work, rows, options, summary, table);
out:
    syi_uncertainty_free(&work);
    syi_plan_free(&plan);
    return status ? status : syi_status_of_remarks(ctx, first);
}
