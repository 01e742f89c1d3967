/* Cross-validated shares.
 *
 * For each fold f and each set S of blocks the coefficients of S (with the
 * adjusting terms) are those of all other folds, and the squared errors of
 * prediction in f are added up:
 *   E(S) = sum over f of sum over rows i of f of w_i (y_i - prediction_i)^2
 *   v(S) = (E(adjust) - E(adjust + S)) / E(nothing)
 * where E(nothing) is the error of the other folds' mean, so that v(none) = 0
 * [Stone 1974, doi:10.1111/j.2517-6161.1974.tb00994.x; Geisser 1975,
 * doi:10.1080/01621459.1975.10479865]. A block's share is the Shapley value of
 * v. Rows of one cluster are never on both sides: with clusters each is a fold
 * of its own; else rows are dealt to 10 folds, ten by ten, so that folds are of
 * equal size within one row and the deal depends on the seed only.
 *
 * Nothing is refitted: training and held-out cross-products both are sums of
 * units' moments, and one walk over the submodels carries both
 * (crossvalidate_walk.h); in double-double where a fold's predictors are nearly
 * collinear. Groups of folds go to the threads and are added in order.
 *
 * Cost: about 12 2^B multiply-adds a fold for B one-column blocks; memory 16 2^B
 * doubles.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "shares/shares_internal.h"
#include "shares/split_internal.h"
#include "steelyard/crossvalidate.h"
#include "study/folds_internal.h"
#include <math.h>
#include <string.h>

#define NUMBER double
#define VALUE(x) (x)
#define MINUS(a, b) ((a) - (b))
#define TIMES(a, b) ((a) * (b))
#define INVERSE(a) (1 / (a))
#define NAME(x) plain_##x
#include "study/crossvalidate_walk.h"
#undef NUMBER
#undef VALUE
#undef MINUS
#undef TIMES
#undef INVERSE
#undef NAME
#define NUMBER syi_dd
#define VALUE(x) ((x).hi + (x).lo)
#define MINUS(a, b) syi_dd_sub(a, b)
#define TIMES(a, b) syi_dd_mul(a, b)
#define INVERSE(a) syi_dd_div(syi_dd_of(1), a)
#define NAME(x) guarded_##x
#include "study/crossvalidate_walk.h"

enum { GROUPS = 16 };
static const double vif_limit = 2e4; /* as for the shares themselves */

typedef struct {
    const syi_plan *plan;
    const sy_moments *m;
    const syi_folds *folds;
    const syi_sums *total;
    int *column; /* [order] of the moments: adjusting, last player first, outcome */
    int order;
    double floor_;
    int groups;
    double *table;   /* [groups * 2^players] errors of the submodels */
    double *nothing; /* [groups] errors of the mean */
    double *before;  /* [groups] errors of the adjusting terms */
    int *outcome;    /* [groups] of syi_outcome */
    syi_arena *scratch;
} job;

void sy_crossvalidate_defaults(sy_crossvalidate_options *options)
{
    *options = (sy_crossvalidate_options){.seed = 1};
}

/* What one fold needs, from the worker's arena. */
typedef struct {
    syi_sums held, rest;
    double *often; /* [n_units] 1 for the fold's units */
    syi_dd *a, *t, *factor, *work, *room;
    double *plain, *inverse, *floors;
    int *aliased;
} room;

static size_t room_of(const job *j, room *r, syi_arena *scratch)
{
    const size_t packed = syi_packed_length(j->m->n_columns), order = (size_t)j->order, square = order * order;
    const size_t levels = 2 * square * (size_t)(j->plan->n_blocks + 1);
    syi_arena none = {0};
    syi_arena *from = scratch ? scratch : &none;
    size_t bytes = 0;
#define TAKE(place, count)                                                                                             \
    (bytes += syi_arena_room(count, sizeof *(place)),                                                                  \
     scratch ? (void)((place) = syi_arena_take(from, count, sizeof *(place))) : (void)0)
    TAKE(r->held.hi, packed);
    TAKE(r->held.lo, packed);
    TAKE(r->rest.hi, packed);
    TAKE(r->rest.lo, packed);
    TAKE(r->often, (size_t)j->m->n_units);
    TAKE(r->a, square);
    TAKE(r->t, square);
    TAKE(r->factor, square);
    TAKE(r->work, square);
    TAKE(r->room, levels);
    TAKE(r->plain, 2 * square);
    TAKE(r->inverse, order);
    TAKE(r->floors, order);
    TAKE(r->aliased, order);
#undef TAKE
    return bytes;
}

static syi_dd entry(const syi_sums *sums, int q, int i, int j)
{
    const size_t at = i <= j ? syi_packed_at(q, i, j) : syi_packed_at(q, j, i);
    return (syi_dd){sums->hi[at], sums->lo[at]};
}

/* rest = all less held */
static void subtract(const syi_sums *all, size_t packed, room *r)
{
    for (size_t i = 0; i < packed; i++) {
        const syi_dd d = syi_dd_sub((syi_dd){all->hi[i], all->lo[i]}, (syi_dd){r->held.hi[i], r->held.lo[i]});
        r->rest.hi[i] = d.hi;
        r->rest.lo[i] = d.lo;
    }
    r->rest.n = all->n - r->held.n;
}

/* Held-out cross-products about the means of the training rows. */
static void held_out(const job *j, const room *r)
{
    const int q = j->m->n_columns, k = j->order;
    const syi_dd weight = entry(&r->held, q, 0, 0), others = entry(&r->rest, q, 0, 0);
    for (int a = 0; a < k; a++) {
        const int c = j->column[a] + 1;
        const syi_dd mean = syi_dd_div(entry(&r->rest, q, 0, c), others);
        for (int b = 0; b <= a; b++) {
            const int d = j->column[b] + 1;
            const syi_dd other = syi_dd_div(entry(&r->rest, q, 0, d), others);
            const syi_dd one = syi_dd_sub(entry(&r->held, q, c, d), syi_dd_mul(mean, entry(&r->held, q, 0, d)));
            const syi_dd sum = syi_dd_sub(entry(&r->held, q, 0, c), syi_dd_mul(mean, weight));
            r->t[a * k + b] = r->t[b * k + a] = syi_dd_sub(one, syi_dd_mul(other, sum));
        }
    }
}

/* Both matrices in the training rows' standard units. A column without spread
 * there says nothing of the rows held out. Returns the outcome's unit, squared. */
static double scale(const job *j, room *r)
{
    const int k = j->order;
    const double rounding = j->m->twofold ? 0x1p-96 : 0x1p-46;
    const double factor = syi_dd_round(r->a[k * k - 1]);
    for (int i = 0; i < k; i++) {
        const int c = j->column[i] + 1;
        const double raw = syi_dd_round(entry(&r->rest, j->m->n_columns, c, c));
        const syi_dd spread = r->a[i * k + i];
        r->work[i] = spread.hi > rounding * raw ? syi_dd_div(syi_dd_of(1), syi_dd_sqrt(spread)) : syi_dd_of(0);
    }
    for (int a = 0; a < k; a++)
        for (int b = 0; b < k; b++) {
            const syi_dd unit = syi_dd_mul(r->work[a], r->work[b]);
            r->a[a * k + b] = syi_dd_mul(r->a[a * k + b], unit);
            r->t[a * k + b] = syi_dd_mul(r->t[a * k + b], unit);
        }
    return r->work[k - 1].hi > 0 ? factor : 0;
}

/* 1: a plain walk will do; 0: not; -1: too few rows. */
static int well_conditioned(const job *j, room *r)
{
    const int p = j->order - 1;
    double worst = 1;
    for (int a = 0; a < p; a++) {
        r->floors[a] = j->floor_;
        for (int b = 0; b < p; b++) r->factor[a * p + b] = r->a[a * j->order + b];
    }
    memset(r->aliased, 0, (size_t)p * sizeof *r->aliased);
    const int rank = syi_cholesky(p, r->factor, r->floors, r->aliased);
    if (r->rest.n - 1 - rank < 1) return -1;
    if (rank < p) return 0;
    syi_cholesky_inverse_diagonal(p, r->factor, r->aliased, r->work, r->inverse);
    for (int i = 0; i < p; i++) worst = fmax(worst, r->inverse[i]);
    return worst <= vif_limit;
}

static int walk_guarded(const job *j, const room *r, double factor, double *before, double *table)
{
    const int k = j->order, n_adjust = j->plan->n_adjust;
    guarded_walk w = {j->plan->walk[0].columns, j->floor_, r->room, factor, table, 0};
    for (int c = 0; c < n_adjust; c++) guarded_take_in(c, k, k, r->a, r->t, j->floor_, r->a, r->t);
    *before += factor * syi_dd_round(r->t[k * k - 1]);
    guarded_visit(&w, j->plan->n_blocks, n_adjust, k, r->a, r->t, 0);
    return w.stopped;
}

static int walk_plain(const job *j, const room *r, double factor, double *before, double *table)
{
    const int k = j->order, n_adjust = j->plan->n_adjust;
    double *a = r->plain, *t = a + (ptrdiff_t)k * k;
    plain_walk w = {j->plan->walk[0].columns, j->floor_, (double *)(void *)r->room, factor, table, 0};
    for (int i = 0; i < k * k; i++) {
        a[i] = syi_dd_round(r->a[i]);
        t[i] = syi_dd_round(r->t[i]);
    }
    for (int c = 0; c < n_adjust; c++) plain_take_in(c, k, k, a, t, j->floor_, a, t);
    *before += factor * t[k * k - 1];
    plain_visit(&w, j->plan->n_blocks, n_adjust, k, a, t, 0);
    return w.stopped;
}

static syi_outcome run_fold(const job *j, room *r, int fold, int group)
{
    const ptrdiff_t units = j->m->n_units;
    double *table = j->table + ((size_t)group << j->plan->n_blocks);
    for (ptrdiff_t g = 0; g < units; g++) r->often[g] = j->folds->of[g] == fold;
    syi_moments_total(j->m, r->often, &r->held);
    subtract(j->total, syi_packed_length(j->m->n_columns), r);
    if (!(r->rest.n > 1)) return SYI_TOO_FEW_ROWS;
    syi_moments_centred(j->m, &r->rest, j->order, j->column, r->a);
    held_out(j, r);
    const double factor = scale(j, r);
    if (!(factor > 0)) return SYI_CONSTANT_OUTCOME;
    const int well = well_conditioned(j, r);
    if (well < 0) return SYI_TOO_FEW_ROWS;
    j->nothing[group] += factor * syi_dd_round(r->t[j->order * j->order - 1]);
    const int stopped = (well ? walk_plain : walk_guarded)(j, r, factor, &j->before[group], table);
    return stopped ? SYI_STOPPED : SYI_EVALUATED;
}

static void run_group(void *arg, int worker, size_t group)
{
    const job *j = arg;
    syi_arena *scratch = &j->scratch[worker];
    const syi_arena mark = *scratch;
    const int first = (int)((long long)group * j->folds->count / j->groups);
    const int end = (int)((long long)(group + 1) * j->folds->count / j->groups);
    room r;
    room_of(j, &r, scratch);
    for (int f = first; f < end && j->outcome[group] == SYI_EVALUATED; f++) {
        j->outcome[group] = (int)run_fold(j, &r, f, (int)group);
        if (syi_parallel_stopped()) j->outcome[group] = SYI_STOPPED;
    }
    *scratch = mark;
}

static double seconds_of(const syi_plan *plan, const sy_moments *m, int folds)
{
    const double order = plan->n_adjust + plan->k + 1, q = m->n_columns;
    const double columns = (double)plan->k / plan->n_blocks;
    return folds * (1e-6 + 4e-8 * order * order * order + 2e-9 * (double)m->n_units + 5e-9 * q * q +
                    3e-8 * columns * columns * (double)(1ull << plan->n_blocks));
}

static sy_status allocate(sy_context *ctx, job *j, int workers)
{
    const size_t groups = (size_t)j->groups;
    room none;
    const size_t bytes = room_of(j, &none, NULL);
    j->table = syi_alloc(groups << j->plan->n_blocks, sizeof *j->table);
    j->nothing = syi_alloc(groups, sizeof *j->nothing);
    j->before = syi_alloc(groups, sizeof *j->before);
    j->outcome = syi_alloc(groups, sizeof *j->outcome);
    j->scratch = syi_alloc((size_t)workers, sizeof *j->scratch);
    int failed = !j->table || !j->nothing || !j->before || !j->outcome || !j->scratch;
    for (int w = 0; w < workers && !failed; w++) failed = syi_arena_init(&j->scratch[w], bytes) != 0;
    return failed ? syi_fail(ctx, SY_ENOMEM, "folds: no room for %d groups of 2^%d submodels", j->groups,
                             j->plan->n_blocks)
                  : SY_OK;
}

/* The groups' errors, added in order into the first group's place. */
static syi_outcome add_groups(job *j)
{
    const size_t submodels = (size_t)1 << j->plan->n_blocks;
    syi_outcome outcome = (syi_outcome)j->outcome[0];
    for (int g = 1; g < j->groups; g++) {
        if (outcome == SYI_EVALUATED) outcome = (syi_outcome)j->outcome[g];
        j->nothing[0] += j->nothing[g];
        j->before[0] += j->before[g];
        for (size_t s = 0; s < submodels; s++) j->table[s] += j->table[(size_t)g * submodels + s];
    }
    return outcome;
}

/* v(S), then its Shapley value by the very rule of the shares. */
static sy_status share_out(sy_context *ctx, job *j, sy_crossvalidate_summary *summary, double *share)
{
    const syi_plan *plan = j->plan;
    const size_t submodels = (size_t)1 << plan->n_blocks, cells = (size_t)plan->n_rows * SY_N_METRICS;
    double *adjusted = syi_alloc(submodels, sizeof *adjusted), *table = syi_alloc(cells, sizeof *table);
    double *inflation = syi_alloc((size_t)plan->k + 1, sizeof *inflation);
    sy_status status = SY_OK;
    if (!adjusted || !table || !inflation) {
        status = syi_fail(ctx, SY_ENOMEM, "folds: no room for 2^%d submodels", plan->n_blocks);
        goto out;
    }
    for (size_t s = 0; s < submodels; s++) j->table[s] = (j->before[0] - j->table[s]) / j->nothing[0];
    const syi_whole whole = {.n = plan->m->n, .inflation = inflation};
    syi_split_table(ctx->simd, &plan->walk[0], &whole, j->table, adjusted, table);
    for (int b = 0; b < plan->n_blocks; b++) share[b] = table[b * SY_N_METRICS + SY_SHARE];
    summary->total = j->table[submodels - 1];
    summary->r2_adjust = plan->n_adjust ? 1 - j->before[0] / j->nothing[0] : 0;
out:
    SYI_FREE(adjusted);
    SYI_FREE(table);
    SYI_FREE(inflation);
    return status;
}

static sy_status report(sy_context *ctx, const sy_moments *m, const sy_question *question, syi_outcome outcome)
{
    switch (outcome) {
    case SYI_CONSTANT_OUTCOME:
        return syi_fail(ctx, SY_EDATA, "folds: outside one of them %s has one value only; there is nothing to learn",
                        sy_moments_label(m, question->outcome));
    case SYI_TOO_FEW_ROWS: return syi_fail(ctx, SY_ERANK, "folds: too few rows are left outside one of them");
    case SYI_STOPPED: return syi_fail(ctx, SY_EINTR, "stopped by the host");
    case SYI_NO_ROOM:
    case SYI_EVALUATED: break;
    }
    return SY_OK;
}

/* Columns in the order of the walk, and the floor of a training pivot. */
static void place_columns(const syi_plan *plan, job *j)
{
    const int *first = plan->column + plan->n_adjust;
    int at = 0;
    for (; at < plan->n_adjust; at++) j->column[at] = plan->column[at];
    for (int b = plan->n_blocks - 1; b >= 0; b--)
        for (int c = 0; c < plan->row_columns[b]; c++) j->column[at++] = first[plan->row_first[b] + c];
    j->column[at] = first[plan->k];
    for (int i = 0; i < at; i++) j->floor_ = fmax(j->floor_, plan->floor_[i] * (at + 1));
}

static sy_status run(sy_context *ctx, const sy_question *question, double seconds, job *j,
                     sy_crossvalidate_summary *summary, double *share)
{
    const int workers = syi_parallel_workers(ctx, (size_t)j->groups, seconds);
    const size_t packed = syi_packed_length(j->m->n_columns);
    double *planes = syi_alloc(2 * packed, sizeof *planes);
    syi_sums total = {.hi = planes, .lo = planes ? planes + packed : NULL};
    j->column = syi_alloc((size_t)j->order, sizeof *j->column);
    sy_status status = SY_OK;
    if (!planes || !j->column) status = syi_fail(ctx, SY_ENOMEM, "folds: no room for %d columns", j->order);
    if (!status) status = allocate(ctx, j, workers);
    if (status) goto out;
    place_columns(j->plan, j);
    syi_moments_total(j->m, NULL, &total);
    j->total = &total;
    status = syi_parallel(ctx, (size_t)j->groups, seconds, run_group, j);
    if (!status) status = report(ctx, j->m, question, add_groups(j));
    if (!status) status = share_out(ctx, j, summary, share);
    if (!status) summary->folds = j->folds->count;
out:
    for (int w = 0; j->scratch && w < workers; w++) syi_arena_free(&j->scratch[w]);
    SYI_FREE(j->scratch);
    SYI_FREE(j->table);
    SYI_FREE(j->nothing);
    SYI_FREE(j->before);
    SYI_FREE(j->outcome);
    SYI_FREE(j->column);
    SYI_FREE(planes);
    return status;
}

static sy_status check(sy_context *ctx, const sy_moments *m, const sy_design *rows, const sy_question *question,
                       const syi_plan *plan)
{
    if (m->unit == SY_UNIT_NONE && !rows)
        return syi_fail(ctx, SY_EINVAL,
                        "folds: these moments are one sum over all rows; sums by cluster or the data "
                        "frame are needed to leave some out");
    if (m->from_correlation)
        return syi_fail(ctx, SY_EINVAL, "folds: correlations hold no rows that could be predicted");
    if (question->absorb)
        return syi_fail(ctx, SY_EINVAL,
                        "folds: fixed effects of clusters say nothing of a cluster left out; there is no prediction");
    if (plan->n_blocks > SYI_TABLE_PLAYERS)
        return syi_fail(ctx, SY_ELIMIT, "folds: %d blocks need 2^%d submodels a fold, the limit is 2^%d",
                        plan->n_blocks, plan->n_blocks, SYI_TABLE_PLAYERS);
    return SY_OK;
}

sy_status sy_crossvalidate(sy_context *ctx, const sy_moments *m, const sy_design *rows, const sy_question *question,
                           const sy_crossvalidate_options *options, sy_crossvalidate_summary *summary, double *share)
{
    syi_enter(ctx);
    syi_plan plan = {0};
    syi_folds folds = {0};
    *summary = (sy_crossvalidate_summary){.total = NAN, .r2_adjust = NAN};
    for (int b = 0; b < question->n_blocks; b++) share[b] = NAN;
    const int first = ctx->n_remarks;
    sy_status status = syi_plan_init(ctx, m, question, &plan);
    if (!status) status = check(ctx, m, rows, question, &plan);
    if (!status) status = syi_folds_plan(ctx, m, options, &folds);
    if (status) goto out;
    const double reading = m->unit == SY_UNIT_NONE ? syi_folds_seconds(m) : 0;
    summary->seconds_estimated = seconds_of(&plan, m, folds.count) + reading;
    if (options->time_limit > 0 && summary->seconds_estimated > options->time_limit) goto out;
    status = syi_folds_fill(ctx, m, rows, options->seed, &folds);
    if (status) goto out;
    job j = {.plan = &plan, .m = folds.m, .folds = &folds, .order = plan.n_adjust + plan.k + 1};
    j.groups = folds.count < GROUPS ? folds.count : GROUPS;
    status = run(ctx, question, summary->seconds_estimated - reading, &j, summary, share);
out:
    syi_folds_free(&folds);
    syi_plan_free(&plan);
    return status ? status : syi_status_of_remarks(ctx, first);
}
