/* All submodels as a table that can be looked up.
 *
 * v(S) of every set of players comes from one walk of the subset tree in
 * double-double, whatever the conditioning: coefficients that are differences
 * of thousands of submodels would show the plain tree's 1e-17 VIF. Columns are
 * counted by rank, so that adjusted R2,
 *   1 - (1 - R2(S)) (n - 1) / (n - 1 - columns(S)),
 * does not charge for what adds nothing.
 *
 * Cost: the guarded walk, about 60 2^players multiply-adds for single columns;
 * the sort players 2^players comparisons; 8 2^players bytes a column.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "shares/submodels_internal.h"
#include <math.h>
#include <string.h>

int sy_submodels_players(const sy_question *question, sy_players players)
{
    return players == SY_PLAYERS_TERMS ? sy_shares_terms(question) : question->n_blocks;
}

ptrdiff_t sy_submodels_sets(int n_players, int most)
{
    if (n_players > SY_SUBMODEL_PLAYERS) return 0;
    ptrdiff_t sets = 0, of_size = 1;
    for (int k = 1; k <= most && k <= n_players; k++) {
        of_size = of_size * (n_players - k + 1) / k;
        sets += of_size;
    }
    return sets;
}

void syi_submodels_list(int n, int most, int32_t *set)
{
    for (int size = 1; size <= most && size <= n; size++) {
        int place[SY_SUBMODEL_PLAYERS], last = size - 1;
        for (int i = 0; i < size; i++) place[i] = i;
        for (;;) {
            int32_t bits = 0;
            for (int i = 0; i < size; i++) bits |= (int32_t)1 << place[i];
            *set++ = bits;
            int moved = last;
            while (moved >= 0 && place[moved] == n - size + moved) moved--;
            if (moved < 0) break;
            place[moved]++;
            for (int i = moved + 1; i < size; i++) place[i] = place[i - 1] + 1;
        }
    }
}

/* Each term a block of its own, called by its label. */
static sy_status split_blocks(sy_context *ctx, const sy_moments *m, syi_submodels *s)
{
    const sy_question *q = &s->question;
    int at = 0;
    s->blocks = syi_alloc((size_t)s->n_players + 1, sizeof *s->blocks);
    if (!s->blocks) return syi_fail(ctx, SY_ENOMEM, "players: no room for %d terms", s->n_players);
    for (int b = 0; b < q->n_blocks; b++)
        for (int t = 0; t < q->blocks[b].n_terms; t++) {
            const int *term = &q->blocks[b].terms[t];
            if (*term < 0 || *term >= m->n_terms)
                return syi_fail(ctx, SY_EINVAL, "%s: term number %d, there are %d", q->blocks[b].name, *term,
                                m->n_terms);
            s->blocks[at++] = (sy_block){sy_moments_label(m, *term), 1, term};
        }
    s->question.n_blocks = s->n_players;
    s->question.blocks = s->blocks;
    return SY_OK;
}

static sy_status pose(sy_context *ctx, const sy_moments *m, const sy_question *question, sy_players players,
                      syi_submodels *s)
{
    s->question = *question;
    s->question.order = NULL;
    s->question.free_orders = 1;
    s->n_players = sy_submodels_players(question, players);
    if (s->n_players > SY_SUBMODEL_PLAYERS)
        return syi_fail(ctx, SY_ELIMIT, "players: the %d %s have 2^%d submodels, a table of %.3g MB; the limit is 2^%d",
                        s->n_players, players == SY_PLAYERS_TERMS ? "terms" : "blocks", s->n_players,
                        ldexp(8e-6, s->n_players), SY_SUBMODEL_PLAYERS);
    s->count = (size_t)1 << s->n_players;
    sy_status status = players == SY_PLAYERS_TERMS ? split_blocks(ctx, m, s) : SY_OK;
    if (!status) status = syi_plan_init(ctx, m, &s->question, &s->plan);
    s->n_walks = s->plan.n_walks;
    return status;
}

sy_status syi_submodels_init(sy_context *ctx, const sy_moments *m, const sy_question *question, sy_players players,
                             syi_submodels *s)
{
    syi_arena scratch = {0};
    int *aliased = NULL;
    *s = (syi_submodels){0};
    sy_status status = pose(ctx, m, question, players, s);
    if (status) return status;
    const size_t packed = syi_packed_length(s->plan.m->n_columns);
    s->plan.n_walks = 1;
    s->planes = syi_alloc(2 * packed, sizeof *s->planes);
    s->rows = syi_alloc((size_t)s->plan.n_rows * SY_N_METRICS, sizeof *s->rows);
    s->value = syi_alloc(s->count, sizeof *s->value);
    aliased = syi_alloc((size_t)(s->plan.n_adjust + s->plan.k), sizeof *aliased);
    if (!s->planes || !s->rows || !s->value || !aliased || syi_arena_init(&scratch, syi_shares_room(&s->plan))) {
        status = syi_fail(ctx, SY_ENOMEM, "players: no room for a table of 2^%d submodels", s->n_players);
        goto out;
    }
    s->total.hi = s->planes;
    s->total.lo = s->planes + packed;
    syi_moments_total(s->plan.m, NULL, &s->total);
    const syi_wanted wanted = {.bounds = 1, .guarded = 1, .values = s->value};
    status = syi_shares_whole(ctx, &s->plan, &s->question, &s->total, &wanted, &scratch, &s->summary, s->rows, aliased);
out:
    syi_arena_free(&scratch);
    SYI_FREE(aliased);
    return status;
}

void syi_submodels_free(syi_submodels *s)
{
    s->plan.n_walks = s->n_walks;
    syi_plan_free(&s->plan);
    s->n_walks = 0;
    SYI_FREE(s->blocks);
    SYI_FREE(s->planes);
    SYI_FREE(s->rows);
    SYI_FREE(s->value);
}

int syi_submodels_columns(const syi_submodels *s, size_t set)
{
    const int *k_of = s->plan.walk[0].k_of;
    return s->summary.n_columns - k_of[s->count - 1] + k_of[set];
}

sy_status syi_submodels_poll(sy_context *ctx)
{
    if (!ctx || !ctx->poll || !ctx->poll(ctx->poll_arg)) return SY_OK;
    return syi_fail(ctx, SY_EINTR, "stopped by the host");
}

/* Sorts set[0 .. n - 1] by falling value, equal ones as they stand. */
static void sort_falling(size_t n, const double *value, int32_t *set, int32_t *spare)
{
    for (size_t run = 1; run < n; run *= 2) {
        for (size_t start = 0; start < n; start += 2 * run) {
            const size_t middle = start + run < n ? start + run : n, end = start + 2 * run < n ? start + 2 * run : n;
            size_t a = start, b = middle;
            for (size_t i = start; i < end; i++) {
                const int second = a == middle || (b < end && value[set[b]] > value[set[a]]);
                spare[i] = second ? set[b++] : set[a++];
            }
        }
        memcpy(set, spare, n * sizeof *set);
    }
}

static void fill(const syi_submodels *s, double *table, const int32_t *set)
{
    const sy_shares_summary *all = &s->summary;
    const double indicators = all->n - 1 - all->df_resid - all->n_columns; /* more than one, of absorbed clusters */
    for (size_t i = 0; i < s->count; i++) {
        const int columns = syi_submodels_columns(s, (size_t)set[i]);
        const double r2 = all->r2_adjust + s->value[set[i]], left = all->df_resid + all->n_columns - columns;
        table[SY_SUBMODEL_COLUMNS * s->count + i] = columns + indicators;
        table[SY_SUBMODEL_R2 * s->count + i] = r2;
        table[SY_SUBMODEL_ADJUSTED * s->count + i] = 1 - (1 - r2) * ((all->n - 1) / left);
        table[SY_SUBMODEL_BEYOND * s->count + i] = s->value[set[i]];
    }
}

sy_status sy_submodels(sy_context *ctx, const sy_moments *m, const sy_question *question, sy_players players,
                       double *table, int32_t *set)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    syi_submodels s = {0};
    int32_t *spare = NULL;
    sy_status status = syi_submodels_init(ctx, m, question, players, &s);
    if (status) goto out;
    spare = syi_alloc(s.count, sizeof *spare);
    if (!spare) {
        status = syi_fail(ctx, SY_ENOMEM, "players: no room to sort 2^%d submodels", s.n_players);
        goto out;
    }
    set[0] = 0;
    syi_submodels_list(s.n_players, s.n_players, set + 1);
    for (int size = 1; size < s.n_players && !status; size++) {
        const ptrdiff_t from = 1 + sy_submodels_sets(s.n_players, size - 1);
        const ptrdiff_t to = 1 + sy_submodels_sets(s.n_players, size);
        sort_falling((size_t)(to - from), s.value, set + from, spare);
        status = syi_submodels_poll(ctx);
    }
    if (!status) fill(&s, table, set);
out:
    SYI_FREE(spare);
    syi_submodels_free(&s);
    return status ? status : syi_status_of_remarks(ctx, first);
}
