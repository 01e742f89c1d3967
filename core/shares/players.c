/* From a question to a plan: the columns of every block and term, checked, and
 * the walks over submodels that answer it.
 *
 * A factor's base level is left out here (its span with the intercept is the
 * same whichever level that is); an interaction keeps all its cells but the
 * empty ones, so that its span does not depend on a base level either. What is
 * redundant then is passed over by the guarded tree.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/moments_within_internal.h"
#include "base/status_internal.h"
#include "shares/orders_internal.h"
#include "shares/sampled_internal.h"
#include "shares/shares_internal.h"
#include "shares/split_internal.h"
#include <stdlib.h>
#include <string.h>

const char *syi_plan_name(const syi_plan *plan, const sy_question *question, int row)
{
    return row < plan->n_blocks ? question->blocks[row].name : sy_moments_label(plan->m, plan->row_term[row]);
}

int sy_shares_terms(const sy_question *question)
{
    int n = 0;
    for (int b = 0; b < question->n_blocks; b++) n += question->blocks[b].n_terms;
    return n;
}

/* Marks a term as used; SY_EINVAL when it is out of range or used before. */
static sy_status take_term(sy_context *ctx, const sy_moments *m, const char *where, int term, const char **used)
{
    if (term < 0 || term >= m->n_terms)
        return syi_fail(ctx, SY_EINVAL, "%s: term number %d, there are %d", where, term, m->n_terms);
    if (used[term])
        return syi_fail(ctx, SY_EINVAL, "%s: the term %s is already used in %s; a term may be in one place only", where,
                        sy_moments_label(m, term), used[term]);
    used[term] = where;
    return SY_OK;
}

static sy_status check_blocks(sy_context *ctx, const sy_moments *m, const sy_question *q, const char **used)
{
    if (q->n_blocks < 1) return syi_fail(ctx, SY_EINVAL, "blocks: there is none; at least 1 is needed");
    for (int b = 0; b < q->n_blocks; b++) {
        const sy_block *block = &q->blocks[b];
        if (block->n_terms < 1)
            return syi_fail(ctx, SY_EINVAL, "blocks: the block %s is empty; give it at least one term", block->name);
        for (int c = 0; c < b; c++)
            if (!strcmp(block->name, q->blocks[c].name))
                return syi_fail(ctx, SY_EINVAL, "blocks: the name %s is given twice", block->name);
        for (int t = 0; t < block->n_terms; t++) {
            sy_status status = take_term(ctx, m, block->name, block->terms[t], used);
            if (status) return status;
        }
    }
    return SY_OK;
}

static sy_status check_question(sy_context *ctx, const sy_moments *m, const sy_question *q)
{
    const char **used = syi_alloc((size_t)m->n_terms, sizeof *used);
    if (!used) return syi_fail(ctx, SY_ENOMEM, "blocks: no room to check %d terms", m->n_terms);
    sy_status status = take_term(ctx, m, "outcome", q->outcome, used);
    if (!status && m->term_columns[q->outcome] != 1)
        status = syi_fail(ctx, SY_EINVAL, "outcome: %s %s %d %s; it must be one numeric column",
                          sy_moments_label(m, q->outcome), m->term_is_factor[q->outcome] ? "is a factor with" : "has",
                          (int)m->term_columns[q->outcome], m->term_is_factor[q->outcome] ? "levels" : "columns");
    for (int a = 0; !status && a < q->n_adjust; a++) status = take_term(ctx, m, "adjust", q->adjust[a], used);
    if (!status) status = check_blocks(ctx, m, q, used);
    if (!status) status = syi_orders_check(ctx, q);
    if (!status && q->absorb && m->unit != SY_UNIT_CLUSTER)
        status = syi_fail(ctx, SY_EINVAL,
                          "adjust: the means of clusters can be forced in only where there are "
                          "clusters; give cluster");
    SYI_FREE(used);
    return status;
}

/* Sum of squares about the mean of a column, from the totals of all units. */
static double spread(const sy_moments *m, const syi_sums *total, int column)
{
    syi_dd s;
    syi_moments_centred(m, total, 1, &column, &s);
    return s.hi;
}

/* A term's columns in use: without empty levels or cells, a factor also
 * without its first used level. A constant column stays as the only one, so
 * that the term remains a player; it explains nothing. Returns the number. */
static int columns_in_use(const sy_moments *m, const syi_sums *total, int term, int *column)
{
    const int first = m->term_first[term], count = m->term_columns[term];
    int n = 0, skip_base = m->term_is_factor[term];
    for (int c = first; c < first + count; c++) {
        if (count > 1 && !(spread(m, total, c) > 0)) continue;
        if (skip_base) {
            skip_base = 0;
            continue;
        }
        column[n++] = c;
    }
    if (n == 0) column[n++] = first;
    return n;
}

static sy_status remark_constant(sy_context *ctx, const sy_moments *m, const syi_sums *total, int term, int column)
{
    if (spread(m, total, column) > 0) return SY_OK;
    const char *label = sy_moments_label(m, term);
    return syi_remark(ctx, SY_NOTE_ALIASED, label, 0, "%s has one value only in the rows used: it explains nothing",
                      label);
}

static sy_status place_terms(sy_context *ctx, const sy_question *q, const syi_sums *total, syi_plan *plan)
{
    const sy_moments *m = plan->m;
    int at = 0, row = q->n_blocks;
    if (plan->absorb) plan->column[at++] = m->n_columns; /* the outcome's cluster means */
    for (int a = 0; a < q->n_adjust; a++) {
        at += columns_in_use(m, total, q->adjust[a], plan->column + at);
        sy_status status = remark_constant(ctx, m, total, q->adjust[a], plan->column[at - 1]);
        if (status) return status;
    }
    plan->n_adjust = at;
    for (int b = 0; b < q->n_blocks; b++) {
        plan->row_first[b] = at - plan->n_adjust;
        plan->row_term[b] = -1;
        plan->block_first[b] = row - q->n_blocks;
        for (int t = 0; t < q->blocks[b].n_terms; t++, row++) {
            const int term = q->blocks[b].terms[t];
            plan->row_term[row] = term;
            plan->row_first[row] = at - plan->n_adjust;
            plan->row_columns[row] = columns_in_use(m, total, term, plan->column + at);
            at += plan->row_columns[row];
            sy_status status = remark_constant(ctx, m, total, term, plan->column[at - 1]);
            if (status) return status;
        }
        plan->row_columns[b] = at - plan->n_adjust - plan->row_first[b];
    }
    plan->block_first[q->n_blocks] = row - q->n_blocks;
    plan->k = at - plan->n_adjust;
    plan->ranked = 1;
    for (int r = 0; r < plan->n_rows; r++) plan->row_rank[r] = plan->row_columns[r];
    plan->column[at] = m->term_first[q->outcome];
    for (int i = plan->absorb; i < at; i++) plan->floor_[i] = m->floor_[plan->column[i]];
    return SY_OK;
}

/* From here on the plan's moments are those within clusters. */
static sy_status absorb_clusters(sy_context *ctx, syi_plan *plan)
{
    const int n = plan->n_adjust + plan->k, outcome = plan->column[n];
    plan->within = syi_alloc(1, sizeof *plan->within);
    if (!plan->within) return syi_fail(ctx, SY_ENOMEM, "cluster: out of memory");
    const sy_status status = syi_moments_within(ctx, plan->m, outcome, n - 1, plan->column + 1, plan->within);
    if (status) return status;
    plan->cluster_column = plan->m->n_columns + 1;
    plan->m = plan->within;
    for (int i = 0; i < n; i++) plan->floor_[i] = plan->m->floor_[plan->column[i]];
    return SY_OK;
}

/* Noise is shared out by clusters when nothing in the row varies within them. */
static void find_unit_level(syi_plan *plan)
{
    for (int r = 0; r < plan->n_rows; r++) {
        int constant = plan->m->unit == SY_UNIT_CLUSTER;
        for (int c = 0; constant && c < plan->row_columns[r]; c++)
            constant = syi_moments_constant_within(plan->m, plan->column[plan->n_adjust + plan->row_first[r] + c]);
        plan->row_units[r] = constant ? (double)plan->m->n_units : 0;
    }
}

static int walk_alloc(syi_walk *w, int k)
{
    const size_t n = (size_t)w->n_players;
    w->columns = syi_alloc(n, sizeof *w->columns);
    w->stride = syi_alloc(n, sizeof *w->stride);
    w->source = syi_alloc((size_t)k, sizeof *w->source);
    return w->columns && w->stride && w->source ? 0 : -1;
}

static void add_player(syi_walk *w, const syi_plan *plan, int player, int row, int *place)
{
    w->columns[player] = plan->row_columns[row];
    for (int c = 0; c < plan->row_columns[row]; c++) w->source[(*place)++] = plan->row_first[row] + c;
}

/* From here on one pass with running sums beats a table and a pass a player. */
enum { WORTH_SUMMING = 12 };

static int add_summed(syi_walk *w)
{
    w->summed = syi_alloc(1, sizeof *w->summed);
    if (!w->summed) return -1;
    *w->summed = *w;
    w->summed->summed = NULL;
    w->summed->tabled = 0;
    w->summed->weight = NULL;
    w->summed->k_of = NULL;
    w->summed->stride = syi_alloc((size_t)w->n_players, sizeof *w->stride);
    return w->summed->stride ? syi_split_weights(w->summed) : -1;
}

/* Orders inside a block are bound by those of the blocks too. */
static int orders_bind(const syi_plan *plan, int block)
{
    return syi_orders_bind(plan, -1) || (block >= 0 && syi_orders_bind(plan, block));
}

/* The walk that divides block `block` among its terms, or (block < 0) the
 * total among the blocks. */
static int fill_walk(const syi_plan *plan, int block, syi_walk *w)
{
    int place = 0, player = 0;
    w->n_own = block < 0 ? plan->n_blocks : plan->block_first[block + 1] - plan->block_first[block];
    w->n_players = block < 0 ? plan->n_blocks : plan->n_blocks - 1 + w->n_own;
    w->group = block;
    w->row = block < 0 ? 0 : plan->n_blocks + plan->block_first[block];
    w->tabled = w->n_players <= SYI_TABLE_PLAYERS;
    if (walk_alloc(w, plan->k)) return -1;
    for (int b = 0; block >= 0 && b < plan->n_blocks; b++)
        if (b != block) add_player(w, plan, player++, b, &place);
    for (int t = 0; t < w->n_own; t++) add_player(w, plan, player++, w->row + t, &place);
    if (orders_bind(plan, block)) return syi_orders_weights(plan, w);
    if (syi_split_weights(w)) return -1;
    return w->tabled && w->n_players >= WORTH_SUMMING ? add_summed(w) : 0;
}

static sy_status plan_walks(sy_context *ctx, const sy_question *q, syi_plan *plan)
{
    const int blocks = plan->n_blocks;
    if (blocks > SYI_EXACT_PLAYERS)
        return syi_fail(ctx, SY_ELIMIT,
                        "blocks: %d blocks need 2^%d submodels, the exact limit is 2^%d; method = \"sampled\" can do "
                        "it",
                        blocks, blocks, SYI_EXACT_PLAYERS);
    if (blocks > SYI_TABLE_PLAYERS && orders_bind(plan, -1))
        return syi_fail(ctx, SY_ELIMIT,
                        "order: %d blocks of which not all orders count need a table of 2^%d submodels, the limit is "
                        "2^%d; method = \"sampled\" can do it",
                        blocks, blocks, SYI_TABLE_PLAYERS);
    plan->walk = syi_alloc((size_t)blocks + 1, sizeof *plan->walk);
    if (!plan->walk || (plan->n_walks = 1, fill_walk(plan, -1, &plan->walk[0])))
        return syi_fail(ctx, SY_ENOMEM, "blocks: no room for the weights of %d blocks", blocks);
    plan->submodels = (double)(1ull << blocks);
    for (int b = 0; b < blocks; b++) {
        const int own = plan->block_first[b + 1] - plan->block_first[b], players = blocks - 1 + own;
        if (own == 1) continue;
        const int most = orders_bind(plan, b) ? SYI_TABLE_PLAYERS : SYI_EXACT_PLAYERS;
        if (players > most) {
            plan->terms_skipped++;
            sy_status status = syi_remark(
                ctx, SY_NOTE_TERMS_SKIPPED, q->blocks[b].name, own,
                "the %d terms of %s are not split: that needs 2^%d submodels, the exact limit%s is 2^%d; method = "
                "\"sampled\" can do it",
                own, q->blocks[b].name, players, most < SYI_EXACT_PLAYERS ? " where not all orders count" : "", most);
            if (status) return status;
            continue;
        }
        plan->submodels += (double)(1ull << players);
        if (fill_walk(plan, b, &plan->walk[plan->n_walks++]))
            return syi_fail(ctx, SY_ENOMEM, "blocks: no room for the weights of the %d terms of %s", own,
                            q->blocks[b].name);
    }
    if (plan->submodels > (double)(1ull << SYI_EXACT_PLAYERS))
        return syi_fail(
            ctx, SY_ELIMIT,
            "blocks: they need %.0f submodels, the exact limit is 2^%d = %llu; method = \"sampled\" can do it",
            plan->submodels, SYI_EXACT_PLAYERS, 1ull << SYI_EXACT_PLAYERS);
    return SY_OK;
}

static sy_status plan_alloc(sy_context *ctx, const sy_moments *m, syi_plan *plan)
{
    const size_t rows = (size_t)plan->n_rows, columns = (size_t)m->n_columns + 2;
    plan->column = syi_alloc(columns, sizeof *plan->column);
    plan->floor_ = syi_alloc(columns, sizeof *plan->floor_);
    plan->row_first = syi_alloc(rows, sizeof *plan->row_first);
    plan->row_columns = syi_alloc(rows, sizeof *plan->row_columns);
    plan->row_term = syi_alloc(rows, sizeof *plan->row_term);
    plan->row_units = syi_alloc(rows, sizeof *plan->row_units);
    plan->row_rank = syi_alloc(rows, sizeof *plan->row_rank);
    plan->block_first = syi_alloc((size_t)plan->n_blocks + 1, sizeof *plan->block_first);
    if (plan->column && plan->floor_ && plan->row_first && plan->row_columns && plan->row_term && plan->row_units &&
        plan->row_rank && plan->block_first)
        return SY_OK;
    return syi_fail(ctx, SY_ENOMEM, "blocks: no room to plan %d terms", plan->n_terms);
}

/* 1 when plan_walks would refuse: all submodels are too many. */
static int past_exact(const syi_plan *plan)
{
    const int blocks = plan->n_blocks;
    if (blocks > SYI_EXACT_PLAYERS || (blocks > SYI_TABLE_PLAYERS && orders_bind(plan, -1))) return 1;
    double submodels = (double)(1ull << blocks);
    for (int b = 0; b < blocks; b++) {
        const int own = plan->block_first[b + 1] - plan->block_first[b], players = blocks - 1 + own;
        const int most = orders_bind(plan, b) ? SYI_TABLE_PLAYERS : SYI_EXACT_PLAYERS;
        if (own > 1 && players <= most) submodels += (double)(1ull << players);
    }
    return submodels > (double)(1ull << SYI_EXACT_PLAYERS);
}

static sy_status plan_method(sy_context *ctx, const sy_question *q, const sy_shares_options *options, syi_plan *plan)
{
    const sy_method method = options ? options->method : SY_METHOD_EXACT;
    if (method == SY_METHOD_SAMPLED || (method == SY_METHOD_AUTO && past_exact(plan)))
        return syi_sampling_init(ctx, options, plan);
    return plan_walks(ctx, q, plan);
}

sy_status syi_plan_init(sy_context *ctx, const sy_moments *m, const sy_question *question, syi_plan *plan)
{
    return syi_plan_init_by(ctx, m, question, NULL, plan);
}

sy_status syi_plan_init_by(sy_context *ctx, const sy_moments *m, const sy_question *question,
                           const sy_shares_options *options, syi_plan *plan)
{
    *plan = (syi_plan){.m = m, .n_blocks = question->n_blocks, .absorb = question->absorb != 0};
    sy_status status = check_question(ctx, m, question);
    if (status) return status;
    plan->n_terms = sy_shares_terms(question);
    plan->n_rows = plan->n_blocks + plan->n_terms;
    syi_sums total = {0};
    double *sums = syi_alloc(2 * syi_packed_length(m->n_columns), sizeof *sums);
    if (!sums) return syi_fail(ctx, SY_ENOMEM, "data: no room for the sums of %d columns", m->n_columns);
    total.hi = sums;
    total.lo = sums + syi_packed_length(m->n_columns);
    syi_moments_total(m, NULL, &total);
    status = plan_alloc(ctx, m, plan);
    if (!status) status = place_terms(ctx, question, &total, plan);
    if (!status) status = syi_orders_find(ctx, question, plan);
    if (!status && plan->absorb) status = absorb_clusters(ctx, plan);
    if (!status) find_unit_level(plan);
    if (!status) status = plan_method(ctx, question, options, plan);
    SYI_FREE(sums);
    return status;
}

void syi_plan_free(syi_plan *plan)
{
    for (int i = 0; plan->walk && i < plan->n_walks; i++) {
        syi_walk *summed = plan->walk[i].summed;
        if (summed) {
            SYI_FREE(summed->stride);
            SYI_FREE(summed->weight);
            SYI_FREE(summed->k_of);
            SYI_FREE(plan->walk[i].summed);
        }
        SYI_FREE(plan->walk[i].columns);
        SYI_FREE(plan->walk[i].stride);
        SYI_FREE(plan->walk[i].source);
        SYI_FREE(plan->walk[i].weight);
        SYI_FREE(plan->walk[i].after);
        SYI_FREE(plan->walk[i].set);
        SYI_FREE(plan->walk[i].k_of);
    }
    SYI_FREE(plan->walk);
    SYI_FREE(plan->column);
    SYI_FREE(plan->floor_);
    SYI_FREE(plan->row_first);
    SYI_FREE(plan->row_columns);
    SYI_FREE(plan->row_term);
    SYI_FREE(plan->row_units);
    SYI_FREE(plan->row_rank);
    SYI_FREE(plan->block_first);
    syi_sampling_free(plan);
    SYI_FREE(plan->enters_after);
    if (plan->within) sy_moments_free(plan->within);
    SYI_FREE(plan->within);
    plan->n_walks = 0;
}
