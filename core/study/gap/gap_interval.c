/* Uncertainty of the parts of a gap: which kind, and from variances or replicates
 * to errors, tests and limits.
 *
 * Influence (gap_spread.c) and the jackknife (gap_resample.c) have limits by t
 * with units less strata; bootstrap kinds have them from the replicates, and
 * errors and tests from these replicates' own spread.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/distribution_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "steelyard/bootstrap.h"
#include "study/coverage_internal.h"
#include "study/gap/gap_resample_internal.h"
#include <math.h>
#include <stdio.h>

/* Up to so many rows leaving each out is cheap, and its limits cover up to a point more than those by influence. */
enum { FEW_ROWS = 400 };
static const double most_lines = 5e8; /* doubles */

/* Rows by unit, in their order within. */
static sy_status sort_rows(sy_context *ctx, syi_gap_engine *e)
{
    const syi_row_units *u = e->units;
    e->start = syi_alloc((size_t)u->count + 2, sizeof *e->start);
    e->order = syi_alloc((size_t)u->n, sizeof *e->order);
    if (!e->start || !e->order) return syi_fail(ctx, SY_ENOMEM, "interval: no room for %td rows", u->n);
    for (ptrdiff_t i = 0; i < u->n; i++) e->start[u->unit[i] + 2]++;
    for (ptrdiff_t g = 1; g <= u->count; g++) e->start[g + 1] += e->start[g];
    for (ptrdiff_t i = 0; i < u->n; i++) e->order[e->start[u->unit[i] + 1]++] = i;
    return SY_OK;
}

static sy_status remark_lost(sy_context *ctx, double lost, double count, const char *what)
{
    if (!(lost > 0)) return SY_OK;
    return syi_remark(ctx, SY_NOTE_EMPTY_LEVEL, what, lost,
                      "%.0f of %.0f %s have no answer (a group, level or cell without rows, or a column that does not "
                      "vary there) and are left out of the limits",
                      lost, count, what);
}

/* The explained part, or the composition, rests on one unit when leaving that out
 * makes more than half of its variance. */
static sy_status remark_one_unit(sy_context *ctx, const sy_design *design, const syi_gap_engine *e, const double *lines,
                                 const sy_gap_result *r)
{
    const syi_row_units *u = e->units;
    double sum = 0, most = 0;
    ptrdiff_t which = 0;
    for (ptrdiff_t g = 0; g < u->count; g++) {
        const double move = lines[g * e->n_values] - r->estimate[0];
        if (isnan(move)) continue;
        sum += u->people[g] * move * move;
        if (move * move > most) {
            most = move * move;
            which = g;
        }
    }
    if (!(most > 0.5 * sum)) return SY_OK;
    char unit[SY_NAME_LENGTH];
    if (u->clustered) snprintf(unit, sizeof unit, "%s", design->cluster->levels[u->level[which]]);
    else snprintf(unit, sizeof unit, "row %td", e->rows->row[u->level[which]] + 1);
    return syi_remark(ctx, SY_NOTE_ONE_UNIT, "total", (double)which + 1,
                      "the interval of %s rests on one unit: without %s it is %.4g, with it %.4g (%.0f %% of the "
                      "variance)",
                      r->method == SY_GAP_KITAGAWA ? "the composition part" : "the explained part", unit,
                      lines[which * e->n_values], r->estimate[0], 100 * most / sum);
}

static sy_status by_jackknife(sy_context *ctx, const sy_design *design, const syi_gap_engine *e, sy_gap_result *r)
{
    const size_t units = (size_t)e->units->count;
    double *lines = NULL, lost = 0;
    if ((double)units * e->n_values > most_lines)
        return syi_fail(ctx, SY_ELIMIT,
                        "interval: %zu leave-one-out samples of %d values would take %.1f GB; interval = \"influence\" "
                        "takes none",
                        units, e->n_values, (double)units * e->n_values * 8e-9);
    lines = syi_alloc(units * (size_t)e->n_values, sizeof *lines);
    sy_status status = lines ? syi_gap_leave_out(ctx, e, lines)
                             : syi_fail(ctx, SY_ENOMEM, "interval: no room for %zu leave-one-out samples", units);
    if (!status) status = syi_gap_covariance(ctx, e, lines, r->estimate, r->covariance, &lost);
    r->df -= lost;
    if (!status && r->df < 1)
        status =
            syi_fail(ctx, SY_EDATA, "interval: %.0f of %.0f leave-one-out samples have no answer", lost, e->units->all);
    if (!status) status = remark_one_unit(ctx, design, e, lines, r);
    SYI_FREE(lines);
    return status ? status : remark_lost(ctx, lost, e->units->all, "leave-one-out samples");
}

/* Covariance of the replicates that have an answer; their number. */
static sy_status spread_of(sy_context *ctx, sy_gap_result *r)
{
    const size_t values = (size_t)r->n_values, count = (size_t)r->n_replicates;
    double *mean = syi_alloc(values, sizeof *mean);
    sy_status status = mean ? SY_OK : syi_fail(ctx, SY_ENOMEM, "interval: no room for %zu values", values);
    for (size_t i = 0; i < count && !status; i++) {
        const double *line = r->replicates + i * values;
        const int there = !isnan(line[0]);
        r->kept += there;
        for (size_t v = 0; v < values && there; v++) mean[v] += line[v];
    }
    for (size_t v = 0; v < values && !status; v++) mean[v] /= r->kept;
    if (!status && r->kept < 2)
        status = syi_fail(ctx, SY_EDATA, "interval: %d of %d replicates have an answer", r->kept, r->n_replicates);
    if (!status)
        status =
            syi_gap_lines_covariance(ctx, r->n_values, count, r->replicates, mean, 1.0 / (r->kept - 1), r->covariance);
    SYI_FREE(mean);
    return status;
}

static sy_status replicate_limits(sy_context *ctx, double level, sy_gap_result *r)
{
    const int n = r->n_replicates, expanded = r->interval == SY_INTERVAL_EXPANDED;
    double *line = syi_alloc((size_t)n, sizeof *line);
    sy_status status = line ? SY_OK : syi_fail(ctx, SY_ENOMEM, "interval: no room for %d replicates", n);
    for (int v = 0; v < r->n_values && status >= 0; v++) {
        for (int i = 0; i < n; i++) line[i] = r->replicates[(size_t)i * (size_t)r->n_values + (size_t)v];
        status =
            r->interval == SY_INTERVAL_BASIC
                ? sy_interval_basic(ctx, SY_SCALE_IDENTITY, n, line, r->estimate[v], level, &r->low[v], &r->high[v])
                : sy_interval_percentile(ctx, n, line, level, expanded, (double)r->units, &r->low[v], &r->high[v]);
        if (status >= 0) status = syi_serial_stopped(ctx);
    }
    SYI_FREE(line);
    return status < 0 ? status : SY_OK;
}

/* Errors, tests by t, and limits by t unless replicates gave them. */
static sy_status finish(sy_context *ctx, double level, sy_gap_result *r)
{
    double width = NAN;
    sy_status status = syi_t_width(ctx, level, r->df, &width);
    for (int v = 0; v < r->n_values && status >= 0; v++) {
        r->std_error[v] = sqrt(r->covariance[(size_t)v * (size_t)r->n_values + (size_t)v]);
        if (!r->replicates) {
            r->low[v] = r->estimate[v] - width * r->std_error[v];
            r->high[v] = r->estimate[v] + width * r->std_error[v];
        }
        if (!(r->std_error[v] > 0)) continue;
        r->statistic[v] = r->estimate[v] / r->std_error[v];
        status = sy_distribution_t_tail(ctx, fabs(r->statistic[v]), r->df, &r->p_value[v]);
        r->p_value[v] *= 2;
    }
    if (status < 0) return status;
    return r->replicates ? replicate_limits(ctx, level, r) : SY_OK;
}

/* The kind that "auto" stands for, and what there is to say of it. */
static sy_status choose(sy_context *ctx, const sy_gap_question *ask, const syi_row_units *u, sy_gap_result *r)
{
    r->interval = ask->interval;
    if (ask->interval != SY_INTERVAL_AUTO) return SY_OK;
    r->interval = u->clustered || u->all <= FEW_ROWS ? SY_INTERVAL_JACKKNIFE : SY_INTERVAL_INFLUENCE;
    if (!u->clustered || u->count >= SYI_FEWEST_UNITS) return SY_OK;
    r->interval = SY_INTERVAL_NONE;
    return syi_remark(ctx, SY_NOTE_INTERVAL_SKIPPED, "", (double)u->count,
                      "no intervals: %td clusters are too few, at least %d are needed", u->count, SYI_FEWEST_UNITS);
}

static sy_status fill(sy_context *ctx, const sy_design *design, const sy_gap_question *ask, syi_gap_engine *e,
                      sy_gap_result *r)
{
    double lost;
    const size_t values = (size_t)r->n_values;
    const int bootstrap = r->interval != SY_INTERVAL_JACKKNIFE && r->interval != SY_INTERVAL_INFLUENCE;
    r->covariance = syi_alloc(values * values, sizeof *r->covariance);
    if (bootstrap) r->replicates = syi_alloc((size_t)ask->replicates * values, sizeof *r->replicates);
    if (!r->covariance || (bootstrap && !r->replicates))
        return syi_fail(ctx, SY_ENOMEM, "interval: no room for %zu values", values);
    sy_status status = e->prepare(ctx, e, r->interval != SY_INTERVAL_INFLUENCE);
    if (status) return status;
    if (r->interval == SY_INTERVAL_INFLUENCE) status = syi_gap_covariance(ctx, e, NULL, NULL, r->covariance, &lost);
    else if (!bootstrap) status = by_jackknife(ctx, design, e, r);
    else {
        r->n_replicates = ask->replicates;
        status = syi_gap_draw(ctx, e, ask->replicates, ask->seed, r->replicates);
        if (!status) status = spread_of(ctx, r);
        if (!status) status = remark_lost(ctx, ask->replicates - r->kept, ask->replicates, "replicates");
    }
    if (!status) status = finish(ctx, ask->level, r);
    return status ? status : syi_gap_coverage(ctx, r);
}

sy_status syi_gap_interval(sy_context *ctx, const sy_design *design, syi_gap_engine *e, sy_gap_result *r)
{
    const sy_gap_question *ask = e->model->ask;
    syi_row_units units = {0};
    r->interval = SY_INTERVAL_NONE;
    r->df = NAN;
    if (ask->interval == SY_INTERVAL_NONE) return SY_OK;
    sy_status status = syi_row_units_init(ctx, design, e->rows->n, e->rows->row, e->rows->weight, &units);
    if (!status) {
        e->units = &units;
        r->df = units.df;
        r->units = (ptrdiff_t)units.all;
        r->clustered = units.clustered;
        for (int h = 0; h < units.n_strata && design->strata; h++) r->n_strata += units.in_stratum[h] > 0;
        status = choose(ctx, ask, &units, r);
    }
    if (!status) status = sort_rows(ctx, e);
    if (!status && r->interval != SY_INTERVAL_NONE) status = fill(ctx, design, ask, e, r);
    e->units = NULL;
    SYI_FREE(e->start);
    SYI_FREE(e->order);
    syi_row_units_free(&units);
    return status;
}
