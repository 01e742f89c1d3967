/* Post-stratification and raking.
 *
 * One margin: w_i P_l / p_l for a row of level l, P its share of the population
 * and p of the sample. Several: the same for each margin in turn until all fit
 * (iterative proportional fitting [Deming & Stephan 1940,
 * doi:10.1214/aoms/1177731829; converging where some weights fit at all:
 * Ireland & Kullback 1968, doi:10.1093/biomet/55.1.179]). Only rows that will
 * be used count: complete in every term of the design, and of a known group.
 * Effective n by Kish 1965, (sum w)^2 / sum w^2.
 *
 * Cost: a round over the rows a margin; memory one code a row and margin.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/design_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "steelyard/population.h"
#include <math.h>
#include <string.h>

enum { ROUNDS = 1000 };
static const double fits = 1e-12; /* largest distance of a share from its target */
static const double close = 1e-6; /* stated shares add to 1 within this */

typedef struct {
    const sy_design *design;
    int n_margins;
    const sy_margin *margins;
    ptrdiff_t n; /* rows in use */
    ptrdiff_t *row;
    int32_t *code;                 /* [n_margins][n] */
    double *w, *before;            /* [n] */
    double *target, *sample, *now; /* [levels of all margins] */
} job;

static sy_status check_margin(sy_context *ctx, const sy_margin *margin)
{
    double sum = 0;
    int stated = 0;
    const char *name = margin->column->name;
    for (int l = 0; l < margin->column->n_levels; l++) {
        const double p = margin->share[l];
        if (isnan(p)) continue;
        if (!(p >= 0 && p <= 1))
            return syi_fail(ctx, SY_EINVAL, "population: %s, %s is %g; a share lies between 0 and 1", name,
                            margin->column->levels[l], p);
        sum += p;
        stated++;
    }
    if (stated == 0) return syi_fail(ctx, SY_EINVAL, "population: %s: no share is stated", name);
    if (sum > 1 + close)
        return syi_fail(ctx, SY_EINVAL, "population: %s: the shares add to %g, more than 1", name, sum);
    if (stated == margin->column->n_levels && fabs(sum - 1) > close)
        return syi_fail(ctx, SY_EINVAL,
                        "population: %s: the shares of all levels add to %g, not to 1; leave one out and it takes the "
                        "rest",
                        name, sum);
    return SY_OK;
}

static sy_status check(sy_context *ctx, const sy_design *design, int n_margins, const sy_margin *margins)
{
    if (n_margins < 1) return syi_fail(ctx, SY_EINVAL, "population: no grouping is given");
    if (design->weight_kind == SY_WEIGHT_FREQUENCY || design->weight_kind == SY_WEIGHT_ANALYTIC)
        return syi_fail(ctx, SY_EINVAL, "population: %s weights cannot be re-weighted; sampling weights or none can",
                        design->weight_kind == SY_WEIGHT_FREQUENCY ? "frequency" : "analytic");
    sy_status status = SY_OK;
    for (int k = 0; k < n_margins && !status; k++) status = check_margin(ctx, &margins[k]);
    return status;
}

static int complete(const sy_design *design, const double *tile, int columns, ptrdiff_t row, int i)
{
    for (int c = 0; c < columns; c++)
        if (isnan(tile[c * SYI_TILE + i])) return 0;
    if (design->cluster && isnan(syi_column_value(design->cluster, row))) return 0;
    if (design->strata && isnan(syi_column_value(design->strata, row))) return 0;
    return 1;
}

/* 1 when every grouping is known; codes at place n. */
static int read_codes(const job *j, ptrdiff_t row)
{
    for (int k = 0; k < j->n_margins; k++) {
        const double level = syi_column_value(j->margins[k].column, row);
        if (isnan(level)) return 0;
        j->code[k * j->design->n + j->n] = (int32_t)level;
    }
    return 1;
}

static sy_status read_rows(sy_context *ctx, job *j, double *weights, double *base, sy_population_summary *s)
{
    const sy_design *design = j->design;
    syi_layout layout = {0};
    double *tile = NULL;
    ptrdiff_t row[SYI_TILE];
    sy_status status = syi_layout_init(ctx, design, &layout);
    if (status) goto out;
    tile = syi_alloc((size_t)layout.n_columns * SYI_TILE, sizeof *tile);
    if (!tile) status = syi_fail(ctx, SY_ENOMEM, "population: no room for %d columns", layout.n_columns);
    for (ptrdiff_t at = 0; at < design->n && !status; at += SYI_TILE) {
        const int len = (int)(design->n - at < SYI_TILE ? design->n - at : SYI_TILE);
        for (int i = 0; i < len; i++) row[i] = at + i;
        syi_design_tile(design, &layout, row, len, tile);
        for (int i = 0; i < len; i++) {
            const double w = design->weights ? syi_column_value(design->weights, row[i]) : 1;
            const int whole = complete(design, tile, layout.n_columns, row[i], i) && w > 0,
                      known = read_codes(j, row[i]);
            weights[row[i]] = base[row[i]] = known ? w : NAN;
            s->rows_lost += whole && !known;
            if (!whole || !known) continue;
            j->row[j->n] = row[i];
            j->before[j->n] = j->w[j->n] = w;
            j->n++;
        }
        if (at / SYI_TILE % 64 == 63 && ctx->poll && ctx->poll(ctx->poll_arg))
            status = syi_fail(ctx, SY_EINTR, "stopped by the host");
    }
out:
    SYI_FREE(tile);
    syi_layout_free(&layout);
    return status;
}

/* Weighted shares of the levels of margin k. */
static void shares_now(const job *j, int k, double *share)
{
    const int32_t *code = j->code + k * j->design->n;
    double all = 0;
    for (int l = 0; l < j->margins[k].column->n_levels; l++) share[l] = 0;
    for (ptrdiff_t i = 0; i < j->n; i++) {
        share[code[i]] += j->w[i];
        all += j->w[i];
    }
    for (int l = 0; l < j->margins[k].column->n_levels; l++) share[l] /= all;
}

/* Levels that are not stated share the rest pro rata. */
static sy_status set_target(sy_context *ctx, const sy_margin *margin, const double *sample, double *target)
{
    double stated = 0, others = 0;
    const int n = margin->column->n_levels;
    for (int l = 0; l < n; l++)
        if (isnan(margin->share[l])) others += sample[l];
        else stated += margin->share[l];
    if (others == 0 && fabs(stated - 1) > close)
        return syi_fail(ctx, SY_EDATA, "population: %s: the stated shares add to %g and no row is left for the rest",
                        margin->column->name, stated);
    for (int l = 0; l < n; l++) {
        const double rest = others > 0 ? fmax(1 - stated, 0) * sample[l] / others : 0;
        target[l] = isnan(margin->share[l]) ? rest : margin->share[l] / (others > 0 ? fmax(stated, 1) : stated);
        if (target[l] > 0 && !(sample[l] > 0))
            return syi_fail(ctx, SY_EDATA, "population: %s: %g are %s in the population and no row of the sample is",
                            margin->column->name, target[l], margin->column->levels[l]);
    }
    return SY_OK;
}

/* One margin made to fit; returns how far it was off. */
static double fit_margin(job *j, int k, double *target)
{
    const int n = j->margins[k].column->n_levels;
    const int32_t *code = j->code + k * j->design->n;
    double worst = 0;
    shares_now(j, k, j->now);
    for (int l = 0; l < n; l++) {
        worst = fmax(worst, fabs(j->now[l] - target[l]));
        j->now[l] = j->now[l] > 0 ? target[l] / j->now[l] : 0;
    }
    for (ptrdiff_t i = 0; i < j->n; i++) j->w[i] *= j->now[code[i]];
    return worst;
}

static sy_status rake(sy_context *ctx, job *j, sy_population_summary *s)
{
    double worst = INFINITY;
    for (s->rounds = 0; worst > fits; s->rounds++) {
        int first = 0;
        if (s->rounds > 0 && j->n_margins == 1) return SY_OK;
        if (s->rounds == ROUNDS)
            return syi_fail(ctx, SY_EDATA,
                            "population: the groupings contradict each other in these rows: after %d rounds a share is "
                            "still off by %.2g",
                            ROUNDS, worst);
        if (ctx->poll && ctx->poll(ctx->poll_arg)) return syi_fail(ctx, SY_EINTR, "stopped by the host");
        worst = 0;
        for (int k = 0; k < j->n_margins; k++) {
            worst = fmax(worst, fit_margin(j, k, j->target + first));
            first += j->margins[k].column->n_levels;
        }
    }
    return SY_OK;
}

static void finish(const job *j, double *weights, sy_population_summary *s)
{
    double before = 0, before2 = 0, after = 0, after2 = 0;
    for (ptrdiff_t i = 0; i < j->n; i++) {
        before += j->before[i];
        before2 += j->before[i] * j->before[i];
        after += j->w[i];
        after2 += j->w[i] * j->w[i];
    }
    s->rows = (double)j->n;
    s->effective_before = before * before / before2;
    s->effective_after = after * after / after2;
    s->least = INFINITY;
    for (ptrdiff_t i = 0; i < j->n; i++) {
        const double w = j->w[i] * (before / after), factor = w / j->before[i];
        weights[j->row[i]] = w;
        s->least = fmin(s->least, factor);
        s->most = fmax(s->most, factor);
    }
}

static sy_status job_alloc(sy_context *ctx, job *j, int levels)
{
    const size_t n = (size_t)j->design->n;
    j->row = syi_alloc(n, sizeof *j->row);
    j->code = syi_alloc((size_t)j->n_margins * n, sizeof *j->code);
    j->w = syi_alloc(n, sizeof *j->w);
    j->before = syi_alloc(n, sizeof *j->before);
    j->now = syi_alloc((size_t)levels, sizeof *j->now);
    if (j->row && j->code && j->w && j->before && j->now) return SY_OK;
    return syi_fail(ctx, SY_ENOMEM, "population: no room for %td rows", j->design->n);
}

sy_status sy_population_weights(sy_context *ctx, const sy_design *design, int n_margins, const sy_margin *margins,
                                double *weights, double *base, double *target, double *sample,
                                sy_population_summary *summary)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    job j = {.design = design, .n_margins = n_margins, .margins = margins, .target = target, .sample = sample};
    *summary = (sy_population_summary){0};
    sy_status status = check(ctx, design, n_margins, margins);
    if (status) return status;
    int levels = 0;
    for (int k = 0; k < n_margins; k++) levels += margins[k].column->n_levels;
    status = job_alloc(ctx, &j, levels);
    if (!status) status = read_rows(ctx, &j, weights, base, summary);
    if (!status && j.n == 0) status = syi_fail(ctx, SY_EDATA, "population: no row is complete and of a known group");
    for (int k = 0, at = 0; k < n_margins && !status; at += margins[k++].column->n_levels) {
        shares_now(&j, k, sample + at);
        status = set_target(ctx, &margins[k], sample + at, target + at);
    }
    if (!status) status = rake(ctx, &j, summary);
    if (!status) finish(&j, weights, summary);
    if (!status && summary->rows_lost > 0)
        status =
            syi_remark(ctx, SY_NOTE_ROWS_DROPPED, margins[0].column->name, summary->rows_lost,
                       "population: %.0f complete rows are of an unknown group and are left out", summary->rows_lost);
    SYI_FREE(j.row);
    SYI_FREE(j.code);
    SYI_FREE(j.w);
    SYI_FREE(j.before);
    SYI_FREE(j.now);
    return status ? status : syi_status_of_remarks(ctx, first);
}
