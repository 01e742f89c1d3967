/* The range of shares over all correlation matrices that round to a table.
 *
 * An entry printed to d decimals stands for an interval of 10^-d about it, all
 * entries for a box; of the box only positive semi-definite matrices count.
 * Shares are smooth in the entries and over so small a box nearly linear, so
 * that most extremes lie in the corner that the gradient points to, x + half
 * sign(gradient); a few lie inside (a share near zero is a square). For each end
 * of each share, from several starts:
 *   1. towards the gradient's corner, drawn back to where the matrix is positive
 *      definite, the step halved until the value rises [Frank & Wolfe 1956,
 *      doi:10.1002/nav.3800030109], until the gradient promises no more;
 *   2. one entry at a time: both ends of its interval and the vertex of the
 *      parabola through three values.
 * Where the edge of what is positive definite runs through the box step 1 is
 * first taken with a barrier, value + mu log |R|, mu from .01 down to 1e-6
 * [Fiacco & McCormick 1968], so that the search does not stick to the edge,
 * and random steps follow it along the edge at last.
 * Starts: the table itself (or, where it is none, the correlation matrix taken
 * for it), and corners drawn at random, pulled in until positive definite.
 * A search gives attained values: an inner range. The test holds it against a
 * grid over the whole box.
 *
 * Cost: see rounding.h; searches go to the threads.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/correlation_box_internal.h"
#include "base/random_internal.h"
#include "base/status_internal.h"
#include "shares/evaluator_internal.h"
#include "steelyard/rounding.h"
#include <math.h>
#include <string.h>

enum {
    MOST_BLOCKS = 12,
    MOST_COLUMNS = 40,
    STEPS = 30,
    CYCLES = 6,
    HALVINGS = 12,
    MOST_CORNERS = 15,
    WANDERINGS = 1000
};
static const double least_pivot = 1e-9; /* a matrix counts as definite down to here */
static const double enough = 1e-9;      /* what a further step must promise */

typedef struct {
    syi_evaluator e;
    sy_rounding_options options;
    int order, pairs, n_rows;
    int cut; /* some matrices of the box do not count */
    double half, n;
    double *printed; /* [pairs] */
    double *start;   /* [pairs] positive definite */
    double *found;   /* [searches] the value of each search, its sign turned for lows */
    double *counts;  /* [searches] evaluations */
} job;

void sy_rounding_defaults(sy_rounding_options *options)
{
    *options = (sy_rounding_options){.starts = 4, .seed = 1};
}

/* One search: which value, which end, and scratch. */
typedef struct {
    job *j;
    int worker, value;
    double sign, count;
    double barrier;    /* times log determinant, keeps a climb off the edge */
    double last, best; /* the largest value met, without the barrier */
    double *x, *trial, *slid, *slope, *values, *work;
    syi_dd *centred;
} search;

/* The determinant, or 0 unless every pivot is above the least one. */
static double definite(int order, const double *x, double *a)
{
    double determinant = 1;
    for (int i = 0, at = 0; i < order; i++) {
        a[i * order + i] = 1;
        for (int k = 0; k < i; k++, at++) a[i * order + k] = x[at];
    }
    for (int i = 0; i < order; i++) {
        for (int k = 0; k <= i; k++) {
            double rest = a[i * order + k];
            for (int m = 0; m < k; m++) rest -= a[i * order + m] * a[k * order + m];
            if (i == k && !(rest > least_pivot)) return 0;
            if (i == k) determinant *= rest;
            a[i * order + k] = i == k ? sqrt(rest) : rest / a[k * order + k];
        }
    }
    return determinant;
}

/* The value at x, to be made large; -INFINITY outside. */
static double probe(search *s, const double *x)
{
    const job *j = s->j;
    const int order = j->order;
    if (syi_parallel_stopped()) return -INFINITY;
    const double determinant = definite(order, x, s->work);
    if (!(determinant > 0)) return -INFINITY;
    for (int i = 0, at = 0; i < order; i++) {
        s->centred[i * order + i] = syi_dd_of(j->n - 1);
        for (int k = 0; k < i; k++, at++)
            s->centred[i * order + k] = s->centred[k * order + i] = syi_two_product(x[at], j->n - 1);
    }
    s->count += 1;
    if (!syi_evaluator_matrix(&s->j->e, s->worker, s->centred, j->n, j->n, s->values)) return -INFINITY;
    const double value = s->sign * s->values[s->value];
    s->last = value;
    return s->barrier > 0 ? value + s->barrier * log(determinant) : value;
}

/* The same inside the box: what is met there counts. */
static double value_at(search *s, const double *x)
{
    const double value = probe(s, x);
    if (!isinf(value)) s->best = fmax(s->best, s->last);
    return value;
}

static double low_end(const job *j, int at)
{
    return fmax(j->printed[at] - j->half, -1);
}

static double high_end(const job *j, int at)
{
    return fmin(j->printed[at] + j->half, 1);
}

/* Differences within the box, one-sided where a neighbour is no correlation
 * matrix. */
static void gradient(search *s, double here)
{
    const job *j = s->j;
    for (int at = 0; at < j->pairs; at++) {
        const double kept = s->x[at], step = fmax(j->half * 0x1p-7, 1e-9);
        s->x[at] = kept + step;
        const double up = probe(s, s->x);
        s->x[at] = kept - step;
        const double down = probe(s, s->x);
        s->x[at] = kept;
        s->slope[at] = isinf(up) && isinf(down) ? 0
                       : isinf(up)              ? (here - down) / step
                       : isinf(down)            ? (up - here) / step
                                                : (up - down) / (2 * step);
    }
}

/* A point outside is drawn towards the start as far as to the edge of what is a
 * correlation matrix, so that a search can go along that edge. */
static void retract(search *s)
{
    const job *j = s->j;
    double in = 0, out = 1;
    if (definite(j->order, s->trial, s->work) > 0) return;
    for (int halving = 0; halving < 30; halving++) {
        const double part = (in + out) / 2;
        for (int at = 0; at < j->pairs; at++) s->slid[at] = j->start[at] + part * (s->trial[at] - j->start[at]);
        if (definite(j->order, s->slid, s->work) > 0) in = part;
        else out = part;
    }
    for (int at = 0; at < j->pairs; at++) s->trial[at] = j->start[at] + in * (s->trial[at] - j->start[at]);
}

/* Towards the gradient's corner; returns the value reached. */
static double climb(search *s, double here)
{
    const job *j = s->j;
    for (int step = 0; step < STEPS && !syi_parallel_stopped(); step++) {
        double promise = 0, reached = -INFINITY;
        gradient(s, here);
        for (int at = 0; at < j->pairs; at++) {
            const double corner = s->slope[at] > 0 ? high_end(j, at) : s->slope[at] < 0 ? low_end(j, at) : s->x[at];
            promise += s->slope[at] * (corner - s->x[at]);
        }
        if (!(promise > enough)) return here;
        double part = 1;
        for (int h = 0; h < HALVINGS && !(reached > here); h++, part /= 2) {
            for (int at = 0; at < j->pairs; at++) {
                const double corner = s->slope[at] > 0 ? high_end(j, at) : s->slope[at] < 0 ? low_end(j, at) : s->x[at];
                s->trial[at] = s->x[at] + part * (corner - s->x[at]);
            }
            retract(s);
            reached = value_at(s, s->trial);
        }
        if (!(reached > here + enough / 10)) return fmax(here, reached);
        here = reached;
        memcpy(s->x, s->trial, (size_t)j->pairs * sizeof *s->x);
    }
    return here;
}

/* Keeps entry `at` at x when that is better. */
static double better(search *s, int at, double x, double here)
{
    const double kept = s->x[at];
    s->x[at] = fmin(fmax(x, low_end(s->j, at)), high_end(s->j, at));
    const double value = s->x[at] == kept ? here : value_at(s, s->x);
    if (value > here) return value;
    s->x[at] = kept;
    return here;
}

static double polish(search *s, double here)
{
    const job *j = s->j;
    for (int cycle = 0; cycle < CYCLES && !syi_parallel_stopped(); cycle++) {
        const double before = here;
        for (int at = 0; at < j->pairs; at++) {
            const double step = j->half / 16, kept = s->x[at];
            s->x[at] = kept + step;
            const double up = probe(s, s->x);
            s->x[at] = kept - step;
            const double down = probe(s, s->x);
            s->x[at] = kept;
            const double bend = up - 2 * here + down;
            here = better(s, at, low_end(j, at), here);
            here = better(s, at, high_end(j, at), here);
            if (isfinite(bend) && bend < 0) here = better(s, at, kept - step * (up - down) / (2 * bend), here);
        }
        if (!(here > before + enough)) break;
    }
    return here;
}

/* Random steps of shrinking length, for the edge, which no gradient follows. */
static void wander(search *s, uint32_t number, double here)
{
    const job *j = s->j;
    syi_stream stream;
    syi_stream_init(&stream, j->options.seed, number, 1);
    double length = j->half;
    for (int step = 0; step < WANDERINGS && !syi_parallel_stopped(); step++) {
        for (int at = 0; at < j->pairs; at++) {
            const double x = s->x[at] + length * syi_stream_normal(&stream);
            s->trial[at] = fmin(fmax(x, low_end(j, at)), high_end(j, at));
        }
        const double value = value_at(s, s->trial);
        length *= value > here ? 1.5 : 0.97;
        if (!(length > 1e-6 * j->half)) length = j->half / 16;
        if (!(value > here)) continue;
        here = value;
        memcpy(s->x, s->trial, (size_t)j->pairs * sizeof *s->x);
    }
}

/* Where search number `start` begins. */
static void begin(search *s, uint32_t number, int start)
{
    const job *j = s->j;
    syi_stream stream;
    memcpy(s->x, j->start, (size_t)j->pairs * sizeof *s->x);
    if (start == 0) return;
    syi_stream_init(&stream, j->options.seed, number, 0);
    for (int at = 0; at < j->pairs; at++)
        s->trial[at] = syi_stream_below(&stream, 2) ? high_end(j, at) : low_end(j, at);
    for (double part = 1; part > 1e-3; part /= 2) {
        for (int at = 0; at < j->pairs; at++) s->x[at] = j->start[at] + part * (s->trial[at] - j->start[at]);
        if (definite(j->order, s->x, s->work) > 0) return;
    }
    memcpy(s->x, j->start, (size_t)j->pairs * sizeof *s->x);
}

static void run_search(void *arg, int worker, size_t number)
{
    job *j = arg;
    syi_arena *scratch = &j->e.scratch[worker];
    const syi_arena mark = *scratch;
    const size_t pairs = (size_t)j->pairs, square = (size_t)j->order * (size_t)j->order;
    const int problem = (int)(number / (size_t)j->options.starts), row = problem / 2;
    search s = {.j = j, .worker = worker, .sign = problem % 2 ? 1 : -1, .best = -INFINITY};
    s.value = row < j->n_rows ? row * SY_N_METRICS + SY_SHARE : j->e.n_values - 1;
    s.x = syi_arena_take(scratch, pairs, sizeof *s.x);
    s.trial = syi_arena_take(scratch, pairs, sizeof *s.trial);
    s.slid = syi_arena_take(scratch, pairs, sizeof *s.slid);
    s.slope = syi_arena_take(scratch, pairs, sizeof *s.slope);
    s.values = syi_arena_take(scratch, (size_t)j->e.n_values, sizeof *s.values);
    s.work = syi_arena_take(scratch, square, sizeof *s.work);
    s.centred = syi_arena_take(scratch, square, sizeof *s.centred);
    begin(&s, (uint32_t)number, (int)(number % (size_t)j->options.starts));
    for (s.barrier = j->cut ? 1e-2 : 0; s.barrier > 1e-7; s.barrier /= 10) climb(&s, value_at(&s, s.x));
    s.barrier = 0;
    const double reached = climb(&s, polish(&s, climb(&s, value_at(&s, s.x))));
    if (j->cut) wander(&s, (uint32_t)number, reached);
    j->found[number] = s.best;
    j->counts[number] = s.count;
    *scratch = mark;
}

static size_t own_room(int order, int pairs, int n_values)
{
    const size_t square = (size_t)order * (size_t)order;
    return 4 * syi_arena_room((size_t)pairs, sizeof(double)) + syi_arena_room((size_t)n_values, sizeof(double)) +
           syi_arena_room(square, sizeof(double)) + syi_arena_room(square, sizeof(syi_dd));
}

/* A definite matrix of the box, the further inside the better. */
static sy_status start_inside(sy_context *ctx, job *j)
{
    static const double inside[] = {1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7};
    const size_t square = (size_t)j->order * (size_t)j->order;
    double *r = syi_alloc(2 * square, sizeof *r), bound;
    syi_box answer = SYI_BOX_UNDECIDED;
    sy_status status = SY_OK;
    if (!r) return syi_fail(ctx, SY_ENOMEM, "decimals: no room for %d columns", j->order);
    for (int i = 0, at = 0; i < j->order; i++) {
        r[i * j->order + i] = 1;
        for (int k = 0; k < i; k++, at++) r[i * j->order + k] = r[k * j->order + i] = j->printed[at];
    }
    for (int t = 0; t < 6 && !status && answer != SYI_BOX_FOUND; t++)
        status = syi_correlation_box(ctx, j->order, r, j->half, inside[t], r + square, &bound, &answer);
    for (int i = 0, at = 0; i < j->order && answer == SYI_BOX_FOUND; i++)
        for (int k = 0; k < i; k++, at++) j->start[at] = r[square + (size_t)(i * j->order + k)];
    SYI_FREE(r);
    return status;
}

/* The printed entries and a definite matrix to begin from. */
static sy_status read_table(sy_context *ctx, const syi_plan *plan, job *j)
{
    const sy_moments *m = plan->m;
    double *work = syi_alloc((size_t)(j->order * j->order), sizeof *work);
    if (!work) return syi_fail(ctx, SY_ENOMEM, "decimals: no room for %d columns", j->order);
    const double ten = syi_decimal_ten(m->from_correlation - 2);
    for (int i = 0, at = 0; i < j->order; i++)
        for (int k = 0; k < i; k++, at++) {
            const int a = plan->column[i] + 1, b = plan->column[k] + 1;
            const double value = m->hi[a < b ? syi_packed_at(m->n_columns, a, b) : syi_packed_at(m->n_columns, b, a)];
            j->start[at] = value / (m->n - 1);
            j->printed[at] = nearbyint(j->start[at] * ten) / ten;
        }
    sy_status status = SY_OK;
    if (!(definite(j->order, j->start, work) > 0)) status = start_inside(ctx, j);
    const int good = definite(j->order, j->start, work) > 0;
    SYI_FREE(work);
    if (status) return status;
    return good ? SY_OK
                : syi_fail(ctx, SY_EDATA,
                           "decimals: only singular matrices round to this table; its range of shares "
                           "cannot be searched");
}

/* Is some matrix of the box no correlation matrix? The least eigenvalue is
 * concave, so a corner tells; where there are too many corners Weyl's bound
 * does, on the side of caution: it moves by at most (order - 1) half. */
static int box_is_cut(const job *j)
{
    double a[MOST_COLUMNS * MOST_COLUMNS], x[MOST_COLUMNS * (MOST_COLUMNS - 1) / 2];
    const double reach = (j->order - 1) * j->half;
    if (j->pairs > MOST_CORNERS) {
        for (int at = 0; at < j->pairs; at++) x[at] = j->printed[at] / (1 - reach);
        return reach >= 1 || !(definite(j->order, x, a) > 0);
    }
    for (unsigned corner = 0; corner < 1u << j->pairs; corner++) {
        for (int at = 0; at < j->pairs; at++) x[at] = corner >> at & 1 ? high_end(j, at) : low_end(j, at);
        if (!(definite(j->order, x, a) > 0)) return 1;
    }
    return 0;
}

static sy_status check(sy_context *ctx, const sy_moments *m, const sy_question *question,
                       const sy_rounding_options *options)
{
    if (m->from_correlation < 2)
        return syi_fail(ctx, SY_EINVAL, "decimals: these moments do not come from a table with stated decimals");
    if (options->starts < 1) return syi_fail(ctx, SY_EINVAL, "starts: %d; at least 1 is needed", options->starts);
    if (question->n_blocks > MOST_BLOCKS)
        return syi_fail(ctx, SY_ELIMIT, "decimals: the range of shares is searched for up to %d blocks, not %d",
                        MOST_BLOCKS, question->n_blocks);
    return SY_OK;
}

/* The best of all searches of one end. */
static double best_of(const job *j, int problem)
{
    double best = -INFINITY;
    for (int s = 0; s < j->options.starts; s++) best = fmax(best, j->found[problem * j->options.starts + s]);
    return isinf(best) ? NAN : problem % 2 ? best : -best;
}

static sy_status run(sy_context *ctx, const syi_plan *plan, job *j, sy_rounding_summary *summary, double *low,
                     double *high)
{
    const syi_wanted wanted = {0};
    const size_t searches = 2 * (size_t)(j->n_rows + 1) * (size_t)j->options.starts;
    j->printed = syi_alloc(2 * (size_t)j->pairs, sizeof *j->printed);
    j->found = syi_alloc(2 * searches, sizeof *j->found);
    if (!j->printed || !j->found) return syi_fail(ctx, SY_ENOMEM, "decimals: no room for %zu searches", searches);
    j->start = j->printed + j->pairs;
    j->counts = j->found + searches;
    sy_status status = read_table(ctx, plan, j);
    if (status) return status;
    summary->cut = j->cut = box_is_cut(j);
    status = syi_evaluator_init(ctx, plan, &wanted, searches * 12 * (size_t)j->pairs,
                                own_room(j->order, j->pairs, syi_evaluator_values(plan)), &j->e);
    if (status) return status;
    summary->seconds_estimated = j->e.seconds;
    status = syi_evaluator_run(&j->e, searches, run_search, j);
    if (status) return status;
    for (int r = 0; r < j->n_rows; r++) {
        low[r] = best_of(j, 2 * r);
        high[r] = best_of(j, 2 * r + 1);
    }
    summary->total_low = best_of(j, 2 * j->n_rows);
    summary->total_high = best_of(j, 2 * j->n_rows + 1);
    for (size_t i = 0; i < searches; i++) summary->evaluations += j->counts[i];
    return SY_OK;
}

sy_status sy_rounding(sy_context *ctx, const sy_moments *m, const sy_question *question,
                      const sy_rounding_options *options, sy_rounding_summary *summary, double *low, double *high)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    syi_plan plan = {0};
    job j = {.options = *options};
    *summary = (sy_rounding_summary){.total_low = NAN, .total_high = NAN};
    sy_status status = check(ctx, m, question, options);
    if (!status) status = syi_plan_init(ctx, m, question, &plan);
    if (status) goto out;
    j.order = plan.n_adjust + plan.k + 1;
    j.pairs = j.order * (j.order - 1) / 2;
    j.n_rows = plan.n_rows;
    j.n = m->n;
    summary->decimals = m->from_correlation - 2;
    j.half = 0.5 / syi_decimal_ten(summary->decimals);
    if (j.order > MOST_COLUMNS)
        status = syi_fail(ctx, SY_ELIMIT, "decimals: the range of shares is searched for up to %d columns, not %d",
                          MOST_COLUMNS, j.order);
    if (!status) status = run(ctx, &plan, &j, summary, low, high);
out:
    syi_evaluator_free(&j.e);
    SYI_FREE(j.printed);
    SYI_FREE(j.found);
    syi_plan_free(&plan);
    return status ? status : syi_status_of_remarks(ctx, first);
}
