/* Limits of the parts of a mediation.
 *
 * Influence: each row's move of every part (mediation_influence.c), summed within
 * clusters and compared within strata; t(units - strata). Jackknife: everything
 * fitted again without each unit, the same t. Percentile: units drawn again
 * within strata, all weights of a replicate keyed by (seed, replicate, stratum).
 * auto: below 200 units the jackknife, which covers better in the
 * simulations on record (tests/reference/coverage/mediation.csv), from there on influence; no limits below 6
 * clusters. Binary and ordinal outcomes have no influence function here: the jackknife
 * over clusters, or without clusters over at most 100 groups of rows drawn by
 * the seed (delete-a-group jackknife [Kott 2001, J. Official Statistics 17, 521-526]).
 * Cost: one fit a unit or replicate.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/random_internal.h"
#include "base/status_internal.h"
#include "steelyard/distribution.h"
#include "steelyard/interval.h"
#include "study/selection/mediation_limits_internal.h"
#include <math.h>
#include <string.h>

enum { FEW_UNITS = 200, LEAST_CLUSTERS = 6, GROUPS = 100, OF_GROUPS = 1 };

typedef struct {
    const syi_mediation_estimator *e;
    const syi_row_units *units;
    const sy_mediation_result *r;
    size_t lines;
    int n_values, bootstrap;
    size_t room; /* bytes of a worker's fit */
    char *memory;
    double *weight;           /* [workers][stride] */
    double *times;            /* [workers][units] */
    double *effect;           /* [workers][measures * effects], then the means */
    unsigned char *no_memory; /* [workers] */
    double *line;             /* [lines][values] */
    ptrdiff_t *order;         /* bootstrap: units by stratum */
    double *upto;             /* people up to and with each */
} job;

void syi_mediation_rows(const syi_mediation_sheet *s, int n_measures, int n_rows, const double *effect, double *value)
{
    const int effects = syi_mediation_effects(s), total = effects - 2;
    for (int m = 0; m < n_measures; m++, effect += effects, value += n_rows) {
        if (s->asked->effects == SY_MEDIATION_INTERVENTIONAL) {
            memcpy(value, effect, (size_t)n_rows * sizeof *value);
            continue;
        }
        value[0] = effect[0];
        value[1] = 0;
        for (int e = 1; e < total; e++) value[1] += effect[e];
        for (int r = 2; r < n_rows; r++) value[r] = effect[total + r - 2];
    }
}

/* ---- lines: everything again with other weights */

/* Units by stratum and the people up to each, for draws. */
static sy_status order_units(sy_context *ctx, job *j)
{
    const syi_row_units *u = j->units;
    double passed = 0;
    ptrdiff_t at = 0;
    j->order = syi_alloc((size_t)u->count, sizeof *j->order);
    j->upto = syi_alloc((size_t)u->count, sizeof *j->upto);
    if (!j->order || !j->upto) return syi_fail(ctx, SY_ENOMEM, "mediation: no room for %td units", u->count);
    for (int h = 0; h < u->n_strata; h++)
        for (ptrdiff_t g = 0; g < u->count; g++) {
            if (u->stratum[g] != h) continue;
            passed += u->people[g];
            j->order[at] = g;
            j->upto[at++] = passed;
        }
    return SY_OK;
}

static void draw_units(const job *j, size_t replicate, double *times)
{
    const syi_row_units *u = j->units;
    double before = 0;
    memset(times, 0, (size_t)u->count * sizeof *times);
    for (int h = 0; h < u->n_strata; h++) {
        syi_stream stream;
        syi_stream_init(&stream, j->e->seed, (uint32_t)replicate, (uint32_t)h);
        for (double left = u->in_stratum[h]; left > 0; left--) {
            const double at = before + syi_stream_uniform(&stream) * u->in_stratum[h];
            ptrdiff_t low = 0, high = u->count - 1;
            while (low < high) {
                const ptrdiff_t middle = (low + high) / 2;
                if (at < j->upto[middle]) high = middle;
                else low = middle + 1;
            }
            times[j->order[low]] += 1 / u->people[j->order[low]];
        }
        before += u->in_stratum[h];
    }
}

static void make_line(void *arg, int worker, size_t i)
{
    const job *j = arg;
    const syi_mediation_sheet *s = j->e->sheet;
    double *times = j->times + worker * j->units->count, *w = j->weight + worker * s->stride;
    const ptrdiff_t each = (ptrdiff_t)j->e->n_measures * syi_mediation_effects(s);
    double *effect = j->effect + worker * (each + 2 * j->e->n_measures);
    double *line = j->line + i * (size_t)j->n_values;
    if (j->bootstrap) draw_units(j, i, times);
    else syi_row_units_without(j->units, (ptrdiff_t)i, times);
    for (ptrdiff_t k = 0; k < s->n; k++) w[k] = s->weight[k] * times[j->units->unit[k]];
    const int found = syi_parallel_stopped() ? SYI_MEDIATION_NO_ANSWER
                                             : syi_mediation_estimate(j->e, w, j->memory + (size_t)worker * j->room,
                                                                      effect, effect + each);
    const int fine = found == SYI_MEDIATION_FINE;
    if (found == SYI_MEDIATION_NO_MEMORY) j->no_memory[worker] = 1;
    if (fine) syi_mediation_rows(s, j->e->n_measures, j->r->n_rows, effect, line);
    for (int v = 0; v < j->n_values && !fine; v++) line[v] = NAN;
}

static void close_job(job *j)
{
    SYI_FREE(j->memory);
    SYI_FREE(j->weight);
    SYI_FREE(j->times);
    SYI_FREE(j->effect);
    SYI_FREE(j->no_memory);
    SYI_FREE(j->line);
    SYI_FREE(j->order);
    SYI_FREE(j->upto);
}

static sy_status make_lines(sy_context *ctx, job *j)
{
    const syi_mediation_sheet *s = j->e->sheet;
    const double seconds = syi_mediation_seconds(j->e) * (double)j->lines;
    const size_t workers = (size_t)syi_parallel_workers(ctx, j->lines, seconds);
    j->room = syi_mediation_estimator_room(j->e);
    j->memory = syi_alloc(workers, j->room);
    j->weight = syi_alloc(workers * (size_t)s->stride, sizeof *j->weight);
    j->times = syi_alloc(workers * (size_t)j->units->count, sizeof *j->times);
    j->effect = syi_alloc(workers * (size_t)(j->e->n_measures * (syi_mediation_effects(s) + 2)), sizeof *j->effect);
    j->no_memory = syi_alloc(workers, 1);
    j->line = syi_alloc(j->lines * (size_t)j->n_values, sizeof *j->line);
    if (!j->memory || !j->weight || !j->times || !j->effect || !j->line || !j->no_memory)
        return syi_fail(ctx, SY_ENOMEM, "mediation: no room for %zu fits of %td rows", j->lines, s->n);
    sy_status status = syi_parallel(ctx, j->lines, seconds, make_line, j);
    for (size_t k = 0; k < workers && !status; k++)
        if (j->no_memory[k]) status = syi_fail(ctx, SY_ENOMEM, "mediation: no room for the outcome's model");
    return status;
}

/* ---- covariance by each way */

static sy_status by_influence(sy_context *ctx, const job *j, sy_mediation_result *r)
{
    const syi_mediation_sheet *s = j->e->sheet;
    const size_t effects = (size_t)syi_mediation_effects(s), n = (size_t)s->n;
    const size_t sums_room = (size_t)j->units->count * (size_t)r->n_rows + (size_t)j->units->n_strata;
    double *moved = syi_alloc(effects * n, sizeof *moved), *sums = syi_alloc(sums_room, sizeof *sums);
    void *memory = syi_alloc(1, syi_mediation_room(s));
    syi_mediation_fit fit;
    sy_status status = moved && sums && memory
                           ? syi_serial_stopped(ctx)
                           : syi_fail(ctx, SY_ENOMEM, "mediation: no room for the influence of %td rows", s->n);
    if (!status) {
        syi_mediation_open(s, memory, &fit);
        if (!syi_mediation_fit_rows(s, j->e->simd, s->weight, &fit))
            status = syi_fail(ctx, SY_EBUG, "mediation: the fit of all rows is gone");
        else status = syi_serial_stopped(ctx);
    }
    if (!status) status = syi_mediation_influence(ctx, s, &fit, moved);
    for (size_t i = 0; i < n && !status && (size_t)r->n_rows < effects; i++) {
        double effect[SY_MEDIATION_MOST_BLOCKS + 4], value[SY_MEDIATION_MOST_BLOCKS + 4];
        for (size_t e = 0; e < effects; e++) effect[e] = moved[e * n + i];
        syi_mediation_rows(s, 1, r->n_rows, effect, value);
        for (size_t v = 0; v < (size_t)r->n_rows; v++) moved[v * n + i] = value[v];
    }
    if (!status) status = syi_serial_stopped(ctx);
    if (!status) syi_row_units_covariance(j->units, r->n_rows, moved, sums, r->covariance);
    r->kept = (int)j->units->count;
    SYI_FREE(moved);
    SYI_FREE(sums);
    SYI_FREE(memory);
    return status;
}

static sy_status by_jackknife(sy_context *ctx, job *j, sy_mediation_result *r)
{
    j->lines = (size_t)j->units->count;
    const sy_status status = make_lines(ctx, j);
    if (status) return status;
    const double lost = syi_row_units_jackknife(j->units, j->n_values, j->line, r->estimate, r->covariance);
    r->kept = (int)(j->units->count - (ptrdiff_t)lost);
    if (lost > 0)
        return syi_remark(
            ctx, SY_NOTE_ONE_UNIT, "", lost,
            "%.0f of %td units cannot be left out: the models have no answer without them; limits rest on "
            "the others",
            lost, j->units->count);
    return SY_OK;
}

/* Covariance of the replicates, percentiles as limits. */
static sy_status by_bootstrap(sy_context *ctx, job *j, sy_mediation_result *r)
{
    const int k = j->n_values;
    j->lines = (size_t)j->e->sheet->asked->replicates;
    j->bootstrap = 1;
    sy_status status = order_units(ctx, j);
    if (!status) status = make_lines(ctx, j);
    double *own = status ? NULL : syi_alloc(j->lines, sizeof *own);
    if (status || !own)
        return status ? status : syi_fail(ctx, SY_ENOMEM, "mediation: no room for %zu replicates", j->lines);
    r->kept = 0;
    for (size_t i = 0; i < j->lines; i++) {
        if (isnan(j->line[i * (size_t)k])) continue;
        memmove(j->line + (size_t)r->kept++ * (size_t)k, j->line + i * (size_t)k, (size_t)k * sizeof *own);
    }
    if (r->kept < 20)
        status = syi_fail(ctx, SY_EDATA, "replicates: only %d of %zu have an answer; 20 or more are needed", r->kept,
                          j->lines);
    for (int v = 0; v < k && !status; v++) {
        for (int i = 0; i < r->kept; i++) own[i] = j->line[(size_t)i * (size_t)k + (size_t)v];
        status = sy_interval_percentile(ctx, r->kept, own, j->e->sheet->asked->level, 0, (double)j->units->count,
                                        &r->low[v], &r->high[v]);
        for (int o = 0; o <= v && !status; o++) {
            double a = 0, b = 0, ab = 0;
            for (int i = 0; i < r->kept; i++) {
                const double x = own[i] - r->estimate[v],
                             y = j->line[(size_t)i * (size_t)k + (size_t)o] - r->estimate[o];
                a += x;
                b += y;
                ab += x * y;
            }
            r->covariance[v * k + o] = r->covariance[o * k + v] = (ab - a * b / r->kept) / (r->kept - 1);
        }
    }
    SYI_FREE(own);
    if (!status && r->kept < (int)j->lines)
        status =
            syi_remark(ctx, SY_NOTE_SAMPLED, "", (double)j->lines - r->kept,
                       "%zu of %zu replicates have no answer and are left out", j->lines - (size_t)r->kept, j->lines);
    return status;
}

/* Lowest and highest measured coverage of nominal 95 % limits over the parts, by kind and
 * clusters: tests/reference/coverage/mediation.csv. */
typedef struct {
    int clusters;
    double jackknife[2], influence[2], percentile[2];
} measured;

static const measured record[] = {{6, {92.5, 95.4}, {87.7, 94.0}, {83.4, 87.7}},
                                  {10, {93.8, 95.7}, {89.2, 94.3}, {87.8, 90.9}},
                                  {25, {94.0, 95.5}, {92.2, 94.7}, {91.2, 92.8}},
                                  {50, {94.1, 95.5}, {93.8, 94.8}, {92.7, 93.5}},
                                  {150, {94.4, 95.3}, {94.0, 95.3}, {93.1, 94.2}}};

/* Says so where limits of this kind covered 92.5 % or less at the nearest number of clusters not above these. */
static sy_status tell_coverage(sy_context *ctx, const sy_mediation_result *r)
{
    if (!r->clustered) return SY_OK;
    const measured *at = record;
    for (size_t k = 1; k < sizeof record / sizeof *record; k++)
        if (record[k].clusters <= r->units) at = &record[k];
    const double *found = r->interval == SY_INTERVAL_JACKKNIFE   ? at->jackknife
                          : r->interval == SY_INTERVAL_INFLUENCE ? at->influence
                                                                 : at->percentile;
    if (found[0] > 92.5) return SY_OK;
    return syi_remark(
        ctx, SY_NOTE_FEW_CLUSTERS, "", (double)r->units,
        "%td clusters: 95 %% limits made this way covered %.1f to %.1f %% in simulations with %d clusters", r->units,
        found[0], found[1], at->clusters);
}

static sy_status set_limits(sy_context *ctx, int n_values, double level, sy_mediation_result *r)
{
    sy_status status = SY_OK;
    for (int v = 0; v < n_values && !status; v++) {
        r->std_error[v] = sqrt(r->covariance[v * n_values + v]);
        r->statistic[v] = r->estimate[v] / r->std_error[v];
        if (!(r->std_error[v] > 0)) r->statistic[v] = NAN;
        if (r->std_error[v] > 0) {
            double tail = NAN;
            status = sy_distribution_t_tail(ctx, fabs(r->statistic[v]), r->df, &tail);
            r->p_value[v] = fmin(1, 2 * tail);
        }
        if (!status && r->interval != SY_INTERVAL_PERCENTILE)
            status = sy_interval_limits(ctx, SY_SCALE_IDENTITY, r->estimate[v], r->std_error[v], r->df, level,
                                        &r->low[v], &r->high[v]);
    }
    return status;
}

/* ---- which way */

static sy_status choose(sy_context *ctx, const sy_design *design, const sy_mediation_question *q,
                        const syi_row_units *u, sy_mediation_result *r)
{
    r->interval = q->interval;
    if (q->interval != SY_INTERVAL_AUTO) return SY_OK;
    const int linear = q->response == SY_MEDIATION_LINEAR;
    r->interval = linear && u->count >= FEW_UNITS ? SY_INTERVAL_INFLUENCE : SY_INTERVAL_JACKKNIFE;
    if (!design->cluster || u->count >= LEAST_CLUSTERS) return SY_OK;
    r->interval = SY_INTERVAL_NONE;
    return syi_remark(
        ctx, SY_NOTE_INTERVAL_SKIPPED, "", (double)u->count,
        "no limits: %td clusters are too few, 6 or more are needed (interval=\"jackknife\" computes them all "
        "the same)",
        u->count);
}

/* Groups of rows as clusters, where a fit for each row would be too many. */
static sy_status group_rows(sy_context *ctx, const sy_design *design, const syi_mediation_sheet *s, uint64_t seed,
                            sy_design *grouped, sy_column *column, int32_t **code)
{
    *grouped = *design;
    *code = NULL;
    if (s->asked->response == SY_MEDIATION_LINEAR || design->cluster || design->strata || s->n <= GROUPS) return SY_OK;
    *code = syi_alloc((size_t)design->n, sizeof **code);
    ptrdiff_t *order = syi_alloc((size_t)s->n, sizeof *order);
    if (!*code || !order) {
        SYI_FREE(order);
        return syi_fail(ctx, SY_ENOMEM, "mediation: no room for %td rows", s->n);
    }
    syi_stream stream;
    syi_stream_init(&stream, seed, UINT32_MAX, OF_GROUPS);
    for (ptrdiff_t i = 0; i < s->n; i++) order[i] = i;
    for (ptrdiff_t i = s->n - 1; i > 0; i--) {
        const ptrdiff_t k = (ptrdiff_t)syi_stream_below(&stream, (uint32_t)(i + 1)), was = order[i];
        order[i] = order[k];
        order[k] = was;
    }
    for (ptrdiff_t i = 0; i < s->n; i++) (*code)[s->row[order[i]]] = (int32_t)(i % GROUPS);
    *column =
        (sy_column){.name = "group", .data = *code, .stride = sizeof **code, .type = SY_CODES, .n_levels = GROUPS};
    grouped->cluster = column;
    SYI_FREE(order);
    return SY_OK;
}

sy_status syi_mediation_limits(sy_context *ctx, const sy_design *design, const syi_mediation_estimator *e,
                               sy_mediation_result *r)
{
    const syi_mediation_sheet *s = e->sheet;
    syi_row_units units;
    sy_design grouped;
    sy_column column;
    int32_t *code = NULL;
    job j = {.e = e, .units = &units, .r = r, .n_values = r->n_measures * r->n_rows};
    memset(&units, 0, sizeof units);
    r->interval = s->asked->interval;
    sy_status status =
        s->asked->interval == SY_INTERVAL_NONE ? SY_OK : group_rows(ctx, design, s, e->seed, &grouped, &column, &code);
    if (!status && s->asked->interval != SY_INTERVAL_NONE)
        status = syi_row_units_init(ctx, &grouped, s->n, s->row, s->weight, &units);
    if (!status && s->asked->interval != SY_INTERVAL_NONE) status = choose(ctx, design, s->asked, &units, r);
    if (status || r->interval == SY_INTERVAL_NONE) goto out;
    r->df = units.df;
    r->units = units.count;
    r->clustered = design->cluster != NULL;
    r->n_strata = design->strata ? units.n_strata : 0;
    r->covariance = syi_alloc((size_t)j.n_values * (size_t)j.n_values, sizeof *r->covariance);
    if (!r->covariance) status = syi_fail(ctx, SY_ENOMEM, "mediation: no room for %d values", j.n_values);
    else if (r->interval == SY_INTERVAL_INFLUENCE) status = by_influence(ctx, &j, r);
    else if (r->interval == SY_INTERVAL_JACKKNIFE) status = by_jackknife(ctx, &j, r);
    else status = by_bootstrap(ctx, &j, r);
    if (!status) status = set_limits(ctx, j.n_values, s->asked->level, r);
    if (!status) status = tell_coverage(ctx, r);
out:
    close_job(&j);
    syi_row_units_free(&units);
    SYI_FREE(code);
    return status;
}
