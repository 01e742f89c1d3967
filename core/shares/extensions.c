/* Linear extensions of a partial order, drawn uniformly in antithetic pairs.
 *
 * The players are taken apart as far as they go. Parts no member of which is
 * tied to a member of another are shuffled into each other, every interleaving
 * being as likely as any other; parts of which every member of one enters
 * before every member of the next follow one another; a single player is
 * itself. Both keep orders uniform, since the extensions of the whole are the
 * pairs (extensions of the parts, interleaving) [Valdes, Tarjan & Lawler 1982,
 * doi:10.1137/0211023]. What is left (a and b before a:b, b and c before b:c) is
 * drawn player by player, each next one with the chance of the orders that go
 * on with it, counted over all its down-sets S by
 *   u(S) = sum over players j that may enter next of u(S + j),  u(all) = 1.
 *
 * The opposite order reverses every shuffle and uses 1 - U where the first used
 * U: each is uniform by itself, and for free orders it is the reverse, the
 * antithetic pair of Mitchell, Cooper, Frank & Holmes 2022 (JMLR 23(43)).
 *
 * Cost: n^3 / 2^players of a counted part once; n draws an order.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "shares/extensions_internal.h"
#include <string.h>

enum { MOST_COUNTED = 18 };

/* What the parting works on. member [n]: the players of the parts, shuffled in
 * place so that each part is a run. */
typedef struct {
    sy_context *ctx;
    syi_extensions *e;
    const unsigned char *after;
    int stride;
    int *label, *queue; /* [n] */
} parting;

static int tied(const parting *p, int i, int j)
{
    return p->after[(ptrdiff_t)i * p->stride + j] || p->after[(ptrdiff_t)j * p->stride + i];
}

/* Labels the components of the graph whose edges are ties (wanted 1) or their
 * absence (0); returns how many there are. */
static int components(const parting *p, int n, const int *member, int wanted)
{
    int count = 0;
    for (int i = 0; i < n; i++) p->label[i] = -1;
    for (int i = 0; i < n; i++) {
        if (p->label[i] >= 0) continue;
        int head = 0, tail = 0;
        p->queue[tail++] = i;
        p->label[i] = count;
        while (head < tail) {
            const int at = p->queue[head++];
            for (int j = 0; j < n; j++)
                if (p->label[j] < 0 && tied(p, member[at], member[j]) == wanted) {
                    p->label[j] = count;
                    p->queue[tail++] = j;
                }
        }
        count++;
    }
    return count;
}

/* Sorts the members by label, stably; ends[c]: where the run of label c ends. */
static void to_runs(const parting *p, int n, int *member, int count, int *ends)
{
    int at = 0;
    for (int c = 0; c < count; c++) {
        for (int i = 0; i < n; i++)
            if (p->label[i] == c) p->queue[at++] = member[i];
        ends[c] = at;
    }
    memcpy(member, p->queue, (size_t)n * sizeof *member);
}

/* Parts that follow one another, earliest first: labels are renumbered by how
 * many members stand before the part's. */
static void by_time(const parting *p, int n, const int *member, int count)
{
    int *before = p->queue;
    for (int i = 0; i < n; i++) {
        before[i] = 0;
        for (int j = 0; j < n; j++)
            if (p->label[j] != p->label[i]) before[i] += p->after[(ptrdiff_t)member[i] * p->stride + member[j]];
    }
    for (int i = 0; i < n; i++) p->label[i] = before[i];
    for (int c = 0, least = -1; c < count; c++) {
        int next = n;
        for (int i = 0; i < n; i++)
            if (before[i] > least && before[i] < next) next = before[i];
        for (int i = 0; i < n; i++)
            if (before[i] == next) p->label[i] = c;
        least = next;
    }
}

static sy_status count_orders(const parting *p, syi_part *part, int n, const int *member, int first_child)
{
    if (n > MOST_COUNTED)
        return syi_fail(p->ctx, SY_ELIMIT,
                        "order: %d blocks or terms are bound to each other by marginality in more ways than can be "
                        "drawn; the limit is %d",
                        n, MOST_COUNTED);
    const size_t all = ((size_t)1 << n) - 1;
    part->before = syi_alloc((size_t)n, sizeof *part->before);
    part->orders = syi_alloc(all + 1, sizeof *part->orders);
    if (!part->before || !part->orders)
        return syi_fail(p->ctx, SY_ENOMEM, "order: no room to count the orders of %d terms", n);
    for (int i = 0; i < n; i++) {
        p->e->child[first_child + i] = member[i];
        for (int j = 0; j < n; j++)
            if (p->after[(ptrdiff_t)member[i] * p->stride + member[j]]) part->before[i] |= (uint32_t)1 << j;
    }
    part->orders[all] = 1;
    for (size_t s = all; s-- > 0;)
        for (int j = 0; j < n; j++)
            if (!(s >> j & 1) && !(part->before[j] & ~s)) part->orders[s] += part->orders[s | (size_t)1 << j];
    return SY_OK;
}

static sy_status take_apart(const parting *p, int n, int *member, int at);

/* The runs of `member` as the children of part `at`. */
static sy_status add_children(const parting *p, int *member, int count, const int *ends, int at)
{
    syi_extensions *e = p->e;
    const int first = e->n_children;
    e->part[at].first_child = first;
    e->part[at].n_children = count;
    e->n_children += count;
    sy_status status = SY_OK;
    for (int c = 0, from = 0; c < count && !status; from = ends[c++]) {
        const int part = e->n_parts++;
        e->child[first + c] = part;
        status = take_apart(p, ends[c] - from, member + from, part);
    }
    return status;
}

static sy_status take_apart(const parting *p, int n, int *member, int at)
{
    syi_part *part = &p->e->part[at];
    *part = (syi_part){.kind = SYI_ONE_PLAYER, .size = n, .first_child = member[0]};
    if (n == 1) return SY_OK;
    int count = components(p, n, member, 1);
    part->kind = SYI_SHUFFLED;
    if (count == 1) {
        count = components(p, n, member, 0);
        part->kind = SYI_ONE_AFTER_ANOTHER;
        if (count > 1) by_time(p, n, member, count);
    }
    if (count == 1) {
        part->kind = SYI_COUNTED;
        part->first_child = p->e->n_children;
        part->n_children = n;
        p->e->n_children += n;
        return count_orders(p, part, n, member, part->first_child);
    }
    int *ends = syi_alloc((size_t)count, sizeof *ends);
    if (!ends) return syi_fail(p->ctx, SY_ENOMEM, "order: no room for the orders of %d terms", n);
    to_runs(p, n, member, count, ends);
    const sy_status status = add_children(p, member, count, ends, at);
    SYI_FREE(ends);
    return status;
}

sy_status syi_extensions_init(sy_context *ctx, int n, const unsigned char *after, int stride, syi_extensions *e)
{
    *e = (syi_extensions){.n = n, .n_parts = 1};
    const size_t room = (size_t)n * 2;
    parting p = {.ctx = ctx, .e = e, .after = after, .stride = stride};
    int *member = syi_alloc((size_t)n, sizeof *member);
    p.label = syi_alloc((size_t)n, sizeof *p.label);
    p.queue = syi_alloc((size_t)n, sizeof *p.queue);
    e->part = syi_alloc(room, sizeof *e->part);
    e->child = syi_alloc(room, sizeof *e->child);
    sy_status status = SY_OK;
    if (!member || !p.label || !p.queue || !e->part || !e->child)
        status = syi_fail(ctx, SY_ENOMEM, "order: no room for the orders of %d terms", n);
    for (int i = 0; !status && i < n; i++) member[i] = i;
    if (!status) status = take_apart(&p, n, member, 0);
    SYI_FREE(member);
    SYI_FREE(p.label);
    SYI_FREE(p.queue);
    return status;
}

void syi_extensions_free(syi_extensions *e)
{
    for (int i = 0; e->part && i < e->n_parts; i++) {
        SYI_FREE(e->part[i].before);
        SYI_FREE(e->part[i].orders);
    }
    SYI_FREE(e->part);
    SYI_FREE(e->child);
}

typedef struct {
    const syi_extensions *e;
    syi_stream *stream;
    int *work; /* [5 n] names in a shuffle, its children's orders, and how far each has come */
} drawing;

/* The player of `part` that enters next after `set`, at the part `chance` of
 * all orders that are left. */
static int next_player(const syi_part *part, uint32_t set, double chance)
{
    const double wanted = chance * part->orders[set];
    double sum = 0;
    int last = -1;
    for (int j = 0; j < part->size; j++) {
        if ((set >> j & 1) || (part->before[j] & ~set)) continue;
        last = j;
        sum += part->orders[set | (uint32_t)1 << j];
        if (sum > wanted) break;
    }
    return last;
}

static void draw_counted(const drawing *d, const syi_part *part, int *order, int *opposite)
{
    const int *player = d->e->child + part->first_child;
    uint32_t set = 0, other = 0;
    for (int i = 0; i < part->size; i++) {
        const double u = syi_stream_uniform(d->stream);
        const int a = next_player(part, set, u), b = next_player(part, other, 1 - u);
        set |= (uint32_t)1 << a;
        other |= (uint32_t)1 << b;
        order[i] = player[a];
        opposite[i] = player[b];
    }
}

static void draw(const drawing *d, int at, int *order, int *opposite);

/* Children's orders one behind the other, then dealt out by a shuffled list of
 * their names: forwards for one, backwards for the other. */
static void draw_shuffled(const drawing *d, const syi_part *part, int *order, int *opposite)
{
    const syi_extensions *e = d->e;
    const int *child = e->child + part->first_child;
    const int n = part->size;
    for (int c = 0, at = 0; c < part->n_children; at += e->part[child[c++]].size) {
        draw(d, child[c], order + at, opposite + at);
    }
    int *name = d->work, *first = d->work + n, *second = first + n;
    memcpy(first, order, (size_t)n * sizeof *first);
    memcpy(second, opposite, (size_t)n * sizeof *second);
    for (int c = 0, at = 0; c < part->n_children; c++)
        for (int i = 0; i < e->part[child[c]].size; i++) name[at++] = c;
    for (int i = n - 1; i > 0; i--) {
        const int j = (int)syi_stream_below(d->stream, (uint32_t)i + 1), kept = name[i];
        name[i] = name[j];
        name[j] = kept;
    }
    int *next_first = second + n, *next_second = next_first + part->n_children;
    for (int c = 0, from = 0; c < part->n_children; from += e->part[child[c++]].size)
        next_first[c] = next_second[c] = from;
    for (int i = 0; i < n; i++) {
        order[i] = first[next_first[name[i]]++];
        opposite[i] = second[next_second[name[n - 1 - i]]++];
    }
}

/* All children single: the usual case, in one pass. */
static int draw_free(const drawing *d, const syi_part *part, int *order, int *opposite)
{
    const int n = part->size;
    if (part->n_children != n) return 0;
    for (int i = 0; i < n; i++) order[i] = d->e->part[d->e->child[part->first_child + i]].first_child;
    for (int i = n - 1; i > 0; i--) {
        const int j = (int)syi_stream_below(d->stream, (uint32_t)i + 1), kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
    for (int i = 0; i < n; i++) opposite[i] = order[n - 1 - i];
    return 1;
}

static void draw(const drawing *d, int at, int *order, int *opposite)
{
    const syi_part *part = &d->e->part[at];
    switch (part->kind) {
    case SYI_ONE_PLAYER: order[0] = opposite[0] = part->first_child; break;
    case SYI_COUNTED: draw_counted(d, part, order, opposite); break;
    case SYI_SHUFFLED:
        if (!draw_free(d, part, order, opposite)) draw_shuffled(d, part, order, opposite);
        break;
    case SYI_ONE_AFTER_ANOTHER:
        for (int c = 0; c < part->n_children; c++) {
            const int child = d->e->child[part->first_child + c];
            draw(d, child, order, opposite);
            order += d->e->part[child].size;
            opposite += d->e->part[child].size;
        }
    }
}

void syi_extensions_draw(const syi_extensions *e, syi_stream *s, int *work, int *order, int *opposite)
{
    const drawing d = {e, s, work};
    draw(&d, 0, order, opposite);
}
