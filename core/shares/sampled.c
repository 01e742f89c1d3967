/* Shares where all submodels are too many: averages over sampled orders.
 *
 * The share of a term is what it adds on entering, averaged over all orders
 * that count: blocks in an order drawn uniformly, the terms of each block in an
 * order drawn uniformly inside it (the Owen value; a block's share is its
 * terms' sum). One factorisation gives what every term adds along an order, so
 * that the sampled shares of one order already add up to the exact total.
 * Orders come in opposite pairs, which cancels most of the effect of entering
 * early or late. With d_i a row's mean over pair i of m pairs,
 *   share = mean of d_i,  mc_error = sqrt(sum (d_i - share)^2 / (m (m - 1))).
 * Pairs are drawn independently, so this is unbiased for the variance of share.
 *
 * Rounds: 1,024 orders first, then as many as the largest mc_error of any row
 * says are needed to bring it to the tolerance (at most four times, at least a quarter
 * more at once), until it is there or `most` is reached. Pair i is keyed by
 * (seed, i): neither threads nor rounds change it.
 *
 * alone, unique and the total are exact: rows first and rows last in an order.
 *
 * Castro, Gomez & Tejada 2009, doi:10.1016/j.cor.2008.04.004; Mitchell, Cooper,
 * Frank & Holmes 2022, JMLR 23(43), 1-46 (opposite pairs); Owen 1977,
 * doi:10.1007/978-3-642-45494-3_7.
 *
 * Cost: k^3 / 6 multiply-adds an order of k columns; memory k^2 / 2 numbers of
 * eight lanes a thread.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "shares/chain_internal.h"
#include "shares/sampled_internal.h"
#include <math.h>
#include <string.h>

enum {
    FIRST_GROUPS = 128,
    ITEMS_AT_ONCE = 1024,
    MOST_IN_ITEM = 64,
    PAIRS = SYI_CHAIN_LANES / 2, /* in a group */
    SAMPLED_UNIT = 0x5a3b        /* tells the stream of orders from those of replicates */
};
static const double item_seconds = 1e-3;

/* What is added up for each row: pair means less the shift, their squares, and
 * means of adjusted values and of ranks. */
enum { SUM, SQUARES, ADJUSTED, RANK, N_SUMS };

/* One worker's own. */
typedef struct {
    syi_chain chain;
    int *order, *opposite; /* [n_blocks] */
    int *terms[2];         /* [n_terms] by block, forwards and opposite */
    int *sequence;         /* [8][n_terms] terms in order of entry */
    int *work;             /* [5 max(n_blocks, n_terms)] */
    double *gain;          /* [3][n_rows] a pair's sums of share, adjusted, rank */
} worker_room;

typedef struct {
    const syi_plan *plan;
    const syi_sampling *how;
    const syi_whole *whole;
    const double *shift; /* [n_rows] near the share: sums of squares lose no digits */
    double *table;
    int simd, ends;      /* ends: alone and unique instead of sampled orders */
    size_t in_item;      /* groups */
    size_t first, count; /* groups of this slice */
    worker_room *worker;
    double *found; /* [items][n_rows][N_SUMS] */
} sampled;

static int largest(int a, int b)
{
    return a > b ? a : b;
}

static size_t worker_bytes(const syi_plan *plan)
{
    const size_t k = (size_t)plan->k, terms = (size_t)plan->n_terms, rows = (size_t)plan->n_rows;
    const size_t longest = (size_t)largest(plan->n_blocks, plan->n_terms);
    return syi_arena_room((k + 1) * SYI_CHAIN_LANES, sizeof(int)) +
           2 * syi_arena_room(k * SYI_CHAIN_LANES, sizeof(double)) +
           syi_arena_room(syi_chain_room(plan->k + 1, 1), sizeof(double)) +
           2 * syi_arena_room((size_t)plan->n_blocks, sizeof(int)) + 2 * syi_arena_room(terms, sizeof(int)) +
           syi_arena_room(terms * SYI_CHAIN_LANES, sizeof(int)) + syi_arena_room(5 * longest, sizeof(int)) +
           syi_arena_room(3 * rows, sizeof(double));
}

static void take_worker(const syi_plan *plan, syi_arena *scratch, worker_room *w)
{
    const size_t k = (size_t)plan->k, terms = (size_t)plan->n_terms;
    const size_t longest = (size_t)largest(plan->n_blocks, plan->n_terms);
    w->chain.place = syi_arena_take(scratch, (k + 1) * SYI_CHAIN_LANES, sizeof(int));
    w->chain.added = syi_arena_take(scratch, k * SYI_CHAIN_LANES, sizeof(double));
    w->chain.taken = syi_arena_take(scratch, k * SYI_CHAIN_LANES, sizeof(double));
    w->chain.room = syi_arena_take(scratch, syi_chain_room(plan->k + 1, 1), sizeof(double));
    w->order = syi_arena_take(scratch, (size_t)plan->n_blocks, sizeof(int));
    w->opposite = syi_arena_take(scratch, (size_t)plan->n_blocks, sizeof(int));
    for (int i = 0; i < 2; i++) w->terms[i] = syi_arena_take(scratch, terms, sizeof(int));
    w->sequence = syi_arena_take(scratch, terms * SYI_CHAIN_LANES, sizeof(int));
    w->work = syi_arena_take(scratch, 5 * longest, sizeof(int));
    w->gain = syi_arena_take(scratch, 3 * (size_t)plan->n_rows, sizeof(double));
}

/* Shared by all workers: the matrix rounded, shifts, and two sets of sums. */
static size_t shared_bytes(const syi_plan *plan, size_t items)
{
    const size_t k1 = (size_t)plan->k + 1, rows = (size_t)plan->n_rows;
    return syi_arena_room(k1 * k1, sizeof(double)) + syi_arena_room(rows, sizeof(double)) +
           syi_arena_room(items * rows * N_SUMS, sizeof(double)) + syi_arena_room(rows * N_SUMS, sizeof(double));
}

size_t syi_sampling_room(const syi_plan *plan)
{
    return plan->sampling ? worker_bytes(plan) + shared_bytes(plan, 1) + syi_arena_room(1, sizeof(worker_room)) : 0;
}

double syi_sampling_seconds(const syi_plan *plan, int guarded)
{
    const syi_sampling *how = plan->sampling;
    const double ends = (plan->n_rows + SYI_CHAIN_LANES - 1) / SYI_CHAIN_LANES;
    return how ? ((double)(how->fixed ? how->fixed : how->most) + ends) * syi_chain_seconds(plan->k + 1, guarded) : 0;
}

/* Columns of the lane's terms in their order. */
static void place_columns(const syi_plan *plan, worker_room *w, int lane)
{
    int at = 0;
    for (int i = 0; i < plan->n_terms; i++) {
        const int row = plan->n_blocks + w->sequence[lane * plan->n_terms + i];
        for (int c = 0; c < plan->row_columns[row]; c++)
            w->chain.place[SYI_CHAIN_LANES * at++ + lane] = plan->row_first[row] + c;
    }
    w->chain.place[SYI_CHAIN_LANES * at + lane] = plan->k;
}

static void order_terms(const syi_plan *plan, const int *blocks, const int *terms, int *sequence)
{
    for (int i = 0, at = 0; i < plan->n_blocks; i++) {
        const int first = plan->block_first[blocks[i]], end = plan->block_first[blocks[i] + 1];
        for (int t = first; t < end; t++) sequence[at++] = first + terms[t];
    }
}

static void draw_pair(const sampled *s, worker_room *w, size_t pair, int lane)
{
    const syi_plan *plan = s->plan;
    syi_stream stream;
    syi_stream_init(&stream, s->how->seed, (uint32_t)pair, SAMPLED_UNIT);
    syi_extensions_draw(&s->how->blocks, &stream, w->work, w->order, w->opposite);
    for (int b = 0; b < plan->n_blocks; b++) {
        const int first = plan->block_first[b];
        syi_extensions_draw(&s->how->terms[b], &stream, w->work, w->terms[0] + first, w->terms[1] + first);
    }
    order_terms(plan, w->order, w->terms[0], w->sequence + lane * plan->n_terms);
    order_terms(plan, w->opposite, w->terms[1], w->sequence + (lane + 1) * plan->n_terms);
    place_columns(plan, w, lane);
    place_columns(plan, w, lane + 1);
}

static int block_of(const syi_plan *plan, int term)
{
    int b = 0;
    while (plan->block_first[b + 1] <= term) b++;
    return b;
}

/* What each term of the lane adds, to the pair's sums. */
static void add_lane(const sampled *s, worker_room *w, int lane)
{
    const syi_plan *plan = s->plan;
    const syi_whole *whole = s->whole;
    const double left = 1 - whole->r2_adjust;
    double value = 0, rank = 0, before = left * whole->inflation[0];
    for (int i = 0, at = 0; i < plan->n_terms; i++) {
        const int term = w->sequence[lane * plan->n_terms + i], row = plan->n_blocks + term;
        double gain = 0, columns = 0;
        for (int c = 0; c < plan->row_columns[row]; c++, at++) {
            gain += w->chain.added[SYI_CHAIN_LANES * at + lane];
            columns += w->chain.taken[SYI_CHAIN_LANES * at + lane];
        }
        value += gain;
        rank += columns;
        const double after = (left - value) * whole->inflation[(int)rank];
        w->gain[row] += gain;
        w->gain[plan->n_rows + row] += before - after;
        w->gain[2 * plan->n_rows + row] += columns;
        before = after;
    }
}

/* Blocks are the sums of their terms; then the pair's means to the item's sums. */
static void add_pair(const sampled *s, worker_room *w, double *sums)
{
    const syi_plan *plan = s->plan;
    const int rows = plan->n_rows;
    for (int b = 0; b < plan->n_blocks; b++)
        for (int t = plan->block_first[b]; t < plan->block_first[b + 1]; t++)
            for (int i = 0; i < 3; i++) w->gain[i * rows + b] += w->gain[i * rows + plan->n_blocks + t];
    for (int r = 0; r < rows; r++) {
        const double d = 0.5 * w->gain[r] - s->shift[r];
        sums[r * N_SUMS + SUM] += d;
        sums[r * N_SUMS + SQUARES] += d * d;
        sums[r * N_SUMS + ADJUSTED] += 0.5 * w->gain[rows + r];
        sums[r * N_SUMS + RANK] += 0.5 * w->gain[2 * rows + r];
    }
}

static int run_group(const sampled *s, worker_room *w, size_t group, double *sums)
{
    const size_t bytes = 3 * (size_t)s->plan->n_rows * sizeof(double);
    for (int p = 0; p < PAIRS; p++) draw_pair(s, w, group * PAIRS + (size_t)p, 2 * p);
    if (syi_chain_run(s->simd, &w->chain)) return 1;
    for (int p = 0; p < PAIRS; p++) {
        memset(w->gain, 0, bytes);
        add_lane(s, w, 2 * p);
        add_lane(s, w, 2 * p + 1);
        add_pair(s, w, sums);
    }
    return 0;
}

/* The row first in lane `lane`, and the next of its kind last. */
static void place_ends(const syi_plan *plan, worker_room *w, int row, int lane)
{
    const int blocks = plan->n_blocks, of_blocks = row < blocks;
    const int last = of_blocks ? (row + 1) % blocks : blocks + (row - blocks + 1) % plan->n_terms;
    int *sequence = w->sequence + lane * plan->n_terms, at = 0;
    for (int turn = 0; turn < 3; turn++)
        for (int t = 0; t < plan->n_terms; t++) {
            const int mine = of_blocks ? block_of(plan, t) : blocks + t;
            if ((mine == row ? 0 : mine == last ? 2 : 1) == turn) sequence[at++] = t;
        }
    place_columns(plan, w, lane);
}

static void read_ends(const sampled *s, const worker_room *w, int row, int lane)
{
    const syi_plan *plan = s->plan;
    const int blocks = plan->n_blocks, k = plan->k;
    const int last = row < blocks ? (row + 1) % blocks : blocks + (row - blocks + 1) % plan->n_terms;
    double alone = 0, unique = 0;
    for (int c = 0; c < plan->row_columns[row]; c++) alone += w->chain.added[SYI_CHAIN_LANES * c + lane];
    for (int c = k - plan->row_columns[last]; c < k; c++) unique += w->chain.added[SYI_CHAIN_LANES * c + lane];
    s->table[row * SY_N_METRICS + SY_ALONE] = alone;
    s->table[last * SY_N_METRICS + SY_UNIQUE] = unique;
}

static int run_ends(const sampled *s, worker_room *w, int first)
{
    for (int l = 0; l < SYI_CHAIN_LANES; l++) place_ends(s->plan, w, (first + l) % s->plan->n_rows, l);
    if (syi_chain_run(s->simd, &w->chain)) return 1;
    for (int l = 0; l < SYI_CHAIN_LANES && first + l < s->plan->n_rows; l++) read_ends(s, w, first + l, l);
    return 0;
}

static void work_on_item(void *arg, int worker, size_t i)
{
    sampled *s = arg;
    worker_room *w = &s->worker[worker];
    if (s->ends) {
        run_ends(s, w, (int)i * SYI_CHAIN_LANES);
        return;
    }
    const size_t length = (size_t)s->plan->n_rows * N_SUMS, from = i * s->in_item;
    double *sums = s->found + i * length;
    memset(sums, 0, length * sizeof *sums);
    for (size_t g = from; g < from + s->in_item && g < s->count; g++)
        if (run_group(s, w, s->first + g, sums) || syi_parallel_stopped()) return;
}

/* Items on ctx's threads, or one after the other inside a worker. */
static sy_status run_items(sy_context *ctx, sampled *s, size_t items, double seconds)
{
    if (ctx) return syi_parallel(ctx, items, seconds, work_on_item, s);
    for (size_t i = 0; i < items; i++) work_on_item(s, 0, i);
    return SY_OK;
}

typedef struct {
    sy_progress report;
    void *arg;
    double done, part;
} part_of_progress;

static void report_part(void *arg, double fraction)
{
    const part_of_progress *p = arg;
    if (p->report) p->report(p->arg, p->done + p->part * fraction);
}

/* Groups first .. first + count - 1 to the sums [n_rows][N_SUMS], in slices of
 * as many items as there is room for, merged in their order. */
static sy_status run_round(sy_context *ctx, sampled *s, size_t first, size_t count, size_t expected, size_t room,
                           double *sums)
{
    const size_t length = (size_t)s->plan->n_rows * N_SUMS;
    const double each = syi_chain_seconds(s->plan->k + 1, s->whole->guarded);
    part_of_progress progress = {0};
    sy_status status = SY_OK;
    if (ctx) {
        progress = (part_of_progress){.report = ctx->progress, .arg = ctx->progress_arg};
        ctx->progress = report_part;
        ctx->progress_arg = &progress;
    }
    for (size_t done = 0; done < count && !status; done += s->count) {
        s->first = first + done;
        s->count = count - done < room * s->in_item ? count - done : room * s->in_item;
        const size_t items = (s->count + s->in_item - 1) / s->in_item;
        progress.done = (double)s->first / (double)expected;
        progress.part = (double)s->count / (double)expected;
        status = run_items(ctx, s, items, each * (double)s->count);
        for (size_t i = 0; i < items && !status; i++)
            for (size_t j = 0; j < length; j++) sums[j] += s->found[i * length + j];
    }
    if (ctx) {
        ctx->progress = progress.report;
        ctx->progress_arg = progress.arg;
    }
    return status;
}

static double error_of(const double *sums, double pairs)
{
    const double variance = (sums[SQUARES] - sums[SUM] * sums[SUM] / pairs) / (pairs - 1);
    return sqrt(fmax(variance, 0) / pairs);
}

static double largest_error(const sampled *s, const double *sums, size_t groups)
{
    double most = 0;
    for (int r = 0; r < s->plan->n_rows; r++) most = fmax(most, error_of(sums + r * N_SUMS, (double)groups * PAIRS));
    return most;
}

/* How many groups there are to be in all after `groups`. */
static size_t next_count(const syi_sampling *how, size_t groups, double error)
{
    const double have = (double)groups, wanted = 1.1 * have * (error / how->tolerance) * (error / how->tolerance);
    const double next = ceil(fmin(fmax(wanted, 1.25 * have), 4 * have));
    return next < (double)how->most ? (size_t)next : how->most;
}

static sy_status run_all(sy_context *ctx, sampled *s, size_t room, double *sums, size_t *groups)
{
    const syi_sampling *how = s->how;
    size_t wanted = how->fixed ? how->fixed : how->most < FIRST_GROUPS ? how->most : FIRST_GROUPS;
    sy_status status = SY_OK;
    for (*groups = 0; *groups < wanted && !status;) {
        status = run_round(ctx, s, *groups, wanted - *groups, wanted, room, sums);
        *groups = wanted;
        const double error = largest_error(s, sums, wanted);
        if (!how->fixed && error > how->tolerance) wanted = next_count(how, wanted, error);
    }
    return status;
}

static void to_table(const sampled *s, const double *sums, size_t groups, sy_shares_summary *summary)
{
    const double pairs = (double)groups * PAIRS;
    for (int r = 0; r < s->plan->n_rows; r++) {
        const double *of = sums + r * N_SUMS;
        double *row = s->table + r * SY_N_METRICS;
        row[SY_SHARE] = fmax(s->shift[r] + of[SUM] / pairs, 0); /* what nothing adds to, and rounding */
        row[SY_ADJUSTED] = of[ADJUSTED] / pairs;
        row[SY_BY_CHANCE] = of[RANK] / pairs;
        if (!s->how->fixed) s->how->mc_error[r] = error_of(of, pairs);
    }
    summary->orders = (double)groups * SYI_CHAIN_LANES;
    summary->submodels = summary->orders * s->plan->n_terms;
    summary->mc_error = largest_error(s, sums, groups);
}

static void fill_shared(const syi_dd *reduced, const sampled *s, double *plain)
{
    const int k1 = s->plan->k + 1;
    for (int i = 0; i < k1 * k1; i++) plain[i] = syi_dd_round(reduced[i]);
}

/* Everything but memory: alone and unique, then the rounds. */
static sy_status run_sampled(sy_context *ctx, sampled *s, size_t room, double *shift, double *sums, size_t *groups)
{
    const syi_plan *plan = s->plan;
    const size_t ends = (size_t)(plan->n_rows + SYI_CHAIN_LANES - 1) / SYI_CHAIN_LANES;
    const double each = syi_chain_seconds(plan->k + 1, s->whole->guarded);
    s->ends = 1;
    const sy_status status = run_items(ctx, s, ends, each * (double)ends);
    if (status) return status;
    s->ends = 0;
    for (int r = 0; r < plan->n_rows; r++)
        shift[r] = 0.5 * (s->table[r * SY_N_METRICS + SY_ALONE] + s->table[r * SY_N_METRICS + SY_UNIQUE]);
    return run_all(ctx, s, room, sums, groups);
}

syi_outcome syi_sampling_rows(sy_context *ctx, int simd, const syi_plan *plan, const syi_whole *whole,
                              const syi_dd *reduced, double floor_, syi_arena *scratch, sy_shares_summary *summary,
                              double *table)
{
    const int workers = ctx ? syi_parallel_workers(ctx, SYI_MAX_THREADS, 1) : 1;
    const double each = syi_chain_seconds(plan->k + 1, whole->guarded);
    const size_t rows = (size_t)plan->n_rows, k1 = (size_t)plan->k + 1, room = ctx ? ITEMS_AT_ONCE : 1;
    syi_arena own = {0}, inside = *scratch;
    if (ctx && syi_arena_init(&own, (size_t)workers * worker_bytes(plan) + shared_bytes(plan, room) +
                                        syi_arena_room((size_t)workers, sizeof(worker_room))))
        return SYI_NO_ROOM;
    syi_arena *from = ctx ? &own : &inside;
    sampled s = {.plan = plan, .how = plan->sampling, .whole = whole, .table = table, .simd = simd};
    const double fitting = item_seconds / each;
    s.in_item = fitting < 1 ? 1 : fitting > MOST_IN_ITEM ? MOST_IN_ITEM : (size_t)fitting;
    s.worker = syi_arena_take(from, (size_t)workers, sizeof *s.worker);
    double *plain = syi_arena_take(from, k1 * k1, sizeof *plain), *shift = syi_arena_take(from, rows, sizeof *shift);
    double *sums = syi_arena_take(from, rows * N_SUMS, sizeof *sums);
    s.found = syi_arena_take(from, room * rows * N_SUMS, sizeof *s.found);
    s.shift = shift;
    memset(sums, 0, rows * N_SUMS * sizeof *sums);
    fill_shared(reduced, &s, plain);
    for (int i = 0; i < workers; i++) {
        s.worker[i].chain = (syi_chain){
            .order = plan->k + 1, .guarded = whole->guarded, .matrix = reduced, .plain = plain, .least = floor_};
        take_worker(plan, from, &s.worker[i]);
    }
    size_t groups = 0;
    const sy_status status = run_sampled(ctx, &s, room, shift, sums, &groups);
    if (!status) to_table(&s, sums, groups, summary);
    syi_arena_free(&own);
    return status ? SYI_STOPPED : SYI_EVALUATED;
}
