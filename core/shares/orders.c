/* Which orders of entry count.
 *
 * order = puts groups of blocks one after another: the share is the average
 * over the orders that respect the groups (asymmetric Shapley value) [Frye,
 * Rowat & Feige 2020, arXiv:1910.06358]. Marginality [Nelder 1977,
 * doi:10.2307/2344517]: a product of terms enters after the terms it is made of
 * where they are players, the average going over the orders that allow it, each
 * as likely as any other [Faigle & Kern 1992, doi:10.1007/BF01258278]. Inside a
 * block that binds its terms. Between blocks it binds a block every term of
 * which is made of terms of other blocks; where only some are, nothing can be
 * said of the block as a whole, and a remark tells. What the question's order
 * says goes before marginality.
 *
 * What a term is made of is read from its label, which says it in every
 * language: pieces between ":" outside brackets, "^k" a power.
 *
 * Cost: rows^2 labels compared; blocks^3.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "shares/orders_internal.h"
#include <stdio.h>
#include <string.h>

/* One piece of a product: its text, without the power. */
typedef struct {
    const char *base;
    size_t length;
    int power;
} piece;

/* Reads the piece at *text and moves behind it; 0 at the end. */
static int next_piece(const char **text, piece *out)
{
    const char *start = *text, *end = start;
    int depth = 0;
    char quote = 0;
    if (!*start) return 0;
    for (; *end && (depth > 0 || quote || *end != ':'); end++) {
        if (quote) quote = *end == quote ? 0 : quote;
        else if (*end == '"' || *end == '\'' || *end == '`') quote = *end;
        else depth += (*end == '(' || *end == '[') - (*end == ')' || *end == ']');
    }
    *text = *end ? end + 1 : end;
    *out = (piece){start, (size_t)(end - start), 1};
    const char *digit = end;
    int power = 0, place = 1;
    while (digit > start && digit[-1] >= '0' && digit[-1] <= '9' && place < 1000) {
        power += place * (*--digit - '0');
        place *= 10;
    }
    if (power > 0 && digit - 1 > start && digit[-1] == '^') *out = (piece){start, (size_t)(digit - 1 - start), power};
    return 1;
}

/* How often a piece's base stands in a product, by powers. */
static int degree_of(const char *label, const piece *p)
{
    piece each;
    int degree = 0;
    while (next_piece(&label, &each))
        if (each.length == p->length && !memcmp(each.base, p->base, p->length)) degree += each.power;
    return degree;
}

int syi_orders_part(const char *whole, const char *part)
{
    piece each;
    const char *rest = part;
    if (!strcmp(whole, part)) return 0;
    while (next_piece(&rest, &each))
        if (degree_of(whole, &each) < degree_of(part, &each)) return 0;
    return 1;
}

sy_status syi_orders_check(sy_context *ctx, const sy_question *q)
{
    if (!q->order) return SY_OK;
    for (int b = 0; b < q->n_blocks; b++)
        if (q->order[b] < 0 || q->order[b] >= q->n_blocks)
            return syi_fail(ctx, SY_EINVAL, "order: block %s is in group %d; groups are numbered from 0 to %d",
                            q->blocks[b].name, q->order[b], q->n_blocks - 1);
    int last = 0;
    for (int b = 0; b < q->n_blocks; b++)
        if (q->order[b] > last) last = q->order[b];
    for (int group = 0; group < last; group++) {
        int held = 0;
        for (int b = 0; b < q->n_blocks; b++) held |= q->order[b] == group;
        if (!held) return syi_fail(ctx, SY_EINVAL, "order: group %d is empty", group + 1);
    }
    return SY_OK;
}

static unsigned char *cell(const syi_plan *plan, int row, int other)
{
    return &plan->enters_after[(ptrdiff_t)row * plan->n_rows + other];
}

static const char *label_of(const syi_plan *plan, int row)
{
    return sy_moments_label(plan->m, plan->row_term[row]);
}

/* A term of block `other` that the term in `row` is made of, as a row; -1. */
static int parent_in(const syi_plan *plan, int row, int other)
{
    for (int t = plan->block_first[other]; t < plan->block_first[other + 1]; t++)
        if (syi_orders_part(label_of(plan, row), label_of(plan, plan->n_blocks + t))) return plan->n_blocks + t;
    return -1;
}

static int enters_before(const sy_question *q, int block, int other)
{
    return q->order && q->order[block] < q->order[other];
}

/* A term of the block that is made of terms of other blocks (`made` 1) or of
 * none (0), as a row; -1. Blocks of earlier groups are no concern. */
static int term_that(const sy_question *q, const syi_plan *plan, int block, int made)
{
    for (int t = plan->block_first[block]; t < plan->block_first[block + 1]; t++) {
        int found = 0;
        for (int other = 0; other < plan->n_blocks; other++)
            found |= other != block && !(made && enters_before(q, other, block)) &&
                     parent_in(plan, plan->n_blocks + t, other) >= 0;
        if (found == made) return plan->n_blocks + t;
    }
    return -1;
}

static sy_status remark_mixed(sy_context *ctx, const sy_question *q, const syi_plan *plan, int block)
{
    const int row = term_that(q, plan, block, 1);
    if (row < 0) return SY_OK;
    return syi_remark(ctx, SY_NOTE_MARGINALITY, q->blocks[block].name, 0,
                      "%s is made of terms of other blocks but may enter before them with the other terms of %s; make "
                      "it a block of its own",
                      label_of(plan, row), q->blocks[block].name);
}

/* Edges from marginality between blocks, the question's order first. */
static void bind_block(const sy_question *q, const syi_plan *plan, int block)
{
    for (int other = 0; other < plan->n_blocks; other++) {
        if (other == block || enters_before(q, block, other)) continue;
        for (int t = plan->block_first[block]; t < plan->block_first[block + 1]; t++)
            if (parent_in(plan, plan->n_blocks + t, other) >= 0) *cell(plan, block, other) = 1;
    }
}

/* What enters after what enters after ...: Warshall's closure of the blocks. */
static void close_blocks(const syi_plan *plan)
{
    for (int middle = 0; middle < plan->n_blocks; middle++)
        for (int late = 0; late < plan->n_blocks; late++)
            for (int early = 0; early < plan->n_blocks; early++)
                *cell(plan, late, early) |= *cell(plan, late, middle) & *cell(plan, middle, early);
}

/* Blocks that hold parts of each other's terms cannot all come last: their ties
 * are cut. Returns whether there were any. */
static int cut_circles(const syi_plan *plan, unsigned char *mixed)
{
    int any = 0;
    for (int b = 0; b < plan->n_blocks; b++) {
        const int circle = *cell(plan, b, b);
        any |= circle;
        mixed[b] |= (unsigned char)circle;
    }
    return any;
}

static void bind_blocks(const sy_question *q, const syi_plan *plan, const unsigned char *mixed)
{
    for (int b = 0; b < plan->n_blocks; b++) {
        for (int other = 0; other < plan->n_blocks; other++)
            *cell(plan, b, other) = (unsigned char)enters_before(q, other, b);
        if (!mixed[b]) bind_block(q, plan, b);
    }
    close_blocks(plan);
}

static void bind_terms(const syi_plan *plan, int block)
{
    const int first = plan->n_blocks + plan->block_first[block], end = plan->n_blocks + plan->block_first[block + 1];
    for (int row = first; row < end; row++)
        for (int other = first; other < end; other++)
            *cell(plan, row, other) = (unsigned char)syi_orders_part(label_of(plan, row), label_of(plan, other));
}

/* "a, b and c" of what a row enters after by marginality; "" for none. */
static void list_parents(const sy_question *q, const syi_plan *plan, int row, char *text, size_t room)
{
    int left = 0;
    size_t used = 0;
    const int blocks = row < plan->n_blocks, end = blocks ? plan->n_blocks : plan->n_rows;
    text[0] = 0;
    for (int turn = 0; turn < 2; turn++)
        for (int other = blocks ? 0 : plan->n_blocks, at = 0; other < end; other++) {
            if (!*cell(plan, row, other) || (blocks && enters_before(q, other, row))) continue;
            if (!turn) {
                left++;
                continue;
            }
            const char *join = at == 0 ? "" : at == left - 1 ? " and " : ", ";
            const int wrote = snprintf(text + used, room - used, "%s%s", join, syi_plan_name(plan, q, other));
            if (wrote < 0 || (used += (size_t)wrote) >= room) return;
            at++;
        }
}

static sy_status remark_bound(sy_context *ctx, const sy_question *q, const syi_plan *plan)
{
    sy_status status = SY_OK;
    for (int row = 0; row < plan->n_rows && !status; row++) {
        char parents[SY_NAME_LENGTH];
        list_parents(q, plan, row, parents, sizeof parents);
        if (parents[0])
            status = syi_remark(ctx, SY_NOTE_MARGINALITY, syi_plan_name(plan, q, row), 0,
                                "%s enters after %s, which it is made of", syi_plan_name(plan, q, row), parents);
    }
    return status;
}

sy_status syi_orders_find(sy_context *ctx, const sy_question *q, syi_plan *plan)
{
    unsigned char *mixed = syi_alloc((size_t)plan->n_blocks, 1);
    plan->enters_after = syi_alloc((size_t)plan->n_rows * (size_t)plan->n_rows, 1);
    sy_status status = SY_OK;
    if (!mixed || !plan->enters_after)
        status = syi_fail(ctx, SY_ENOMEM, "order: no room for the orders of %d terms", plan->n_terms);
    if (status) goto out;
    for (int b = 0; b < plan->n_blocks; b++) {
        mixed[b] = q->free_orders || term_that(q, plan, b, 0) >= 0;
        if (!q->free_orders) bind_terms(plan, b);
    }
    bind_blocks(q, plan, mixed);
    if (cut_circles(plan, mixed)) bind_blocks(q, plan, mixed);
    for (int b = 0; b < plan->n_blocks && !status; b++)
        if (mixed[b] && !q->free_orders) status = remark_mixed(ctx, q, plan, b);
    if (!status) status = remark_bound(ctx, q, plan);
out:
    SYI_FREE(mixed);
    return status;
}

int syi_orders_bind(const syi_plan *plan, int block)
{
    const int first = block < 0 ? 0 : plan->n_blocks + plan->block_first[block];
    const int end = block < 0 ? plan->n_blocks : plan->n_blocks + plan->block_first[block + 1];
    for (int row = first; row < end; row++)
        for (int other = first; other < end; other++)
            if (*cell(plan, row, other)) return 1;
    return 0;
}
