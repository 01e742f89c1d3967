/* The question of a gap in answers made ready: rows packed once, groups told
 * apart, columns put to their blocks, weights of the steps.
 *
 * Factors are coded to sum to zero over their levels, so that neither a block's
 * part nor the constant's depends on which level is the base [Yun 2005,
 * doi:10.1093/ei/cbi053]. Cost: packing, and 2^players weights.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/lanes_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "study/gap/gap_groups_internal.h"
#include "study/gap/gap_response_internal.h"
#include <string.h>

static sy_status check_model(sy_context *ctx, const sy_response_model *m)
{
    if (m->kind != SY_RESPONSE_BINARY && m->kind != SY_RESPONSE_ORDINAL)
        return syi_fail(ctx, SY_EINVAL, "outcome_type: the order-free gap is of a binary or an ordinal outcome");
    if (m->trials || m->offset || m->n_nominal > 0 || m->n_scale > 0 || m->columns.absorb || !m->columns.intercept)
        return syi_fail(ctx, SY_EINVAL,
                        "blocks: a gap has no trials, offset, nominal, scale or absorbed terms, and an intercept");
    return SY_OK;
}

static sy_status check_group(sy_context *ctx, const sy_design *d, const sy_column *group)
{
    if (!group || !group->name || !group->data || group->type != SY_CODES)
        return syi_fail(ctx, SY_EINVAL, "group: a factor with two levels is needed");
    for (int t = 0; t < d->n_terms; t++)
        for (int k = 0; k < d->terms[t].n_factors; k++)
            if (!strcmp(d->columns[d->terms[t].factors[k].column].name, group->name))
                return syi_fail(ctx, SY_EINVAL, "group: %s also stands in %s; a gap between groups has it in no block",
                                group->name, d->terms[t].label);
    return SY_OK;
}

/* The design with the group as its last term. */
static sy_status add_group(sy_context *ctx, const sy_design *d, syi_gapr_game *g)
{
    g->columns = syi_alloc((size_t)d->n_columns + 1, sizeof *g->columns);
    g->terms = syi_alloc((size_t)d->n_terms + 1, sizeof *g->terms);
    if (!g->columns || !g->terms) return syi_fail(ctx, SY_ENOMEM, "gap: no room for %d terms", d->n_terms);
    memcpy(g->columns, d->columns, (size_t)d->n_columns * sizeof *g->columns);
    memcpy(g->terms, d->terms, (size_t)d->n_terms * sizeof *g->terms);
    g->factor = (sy_factor){d->n_columns, 1};
    g->columns[d->n_columns] = *g->question->group;
    g->terms[d->n_terms] = (sy_term){g->question->group->name, 1, &g->factor};
    g->design = *d;
    g->design.columns = g->columns;
    g->design.terms = g->terms;
    g->design.n_columns++;
    g->design.n_terms++;
    g->group = &g->columns[d->n_columns];
    return SY_OK;
}

/* Every term of the model in one block. */
static sy_status check_blocks(sy_context *ctx, const sy_design *d, const sy_gap_response_question *q)
{
    const sy_linear_model *m = &q->model.columns;
    int terms = 0;
    if (q->n_blocks < 1) return syi_fail(ctx, SY_EINVAL, "blocks: at least one is needed");
    if (q->n_blocks > SYI_GAPR_MOST_BLOCKS)
        return syi_fail(ctx, SY_ELIMIT, "blocks: %d; the order-free gap is for %d at most", q->n_blocks,
                        SYI_GAPR_MOST_BLOCKS);
    for (int b = 0; b < q->n_blocks; b++) terms += q->blocks[b].n_terms;
    for (int t = 0; t < m->n_terms; t++) {
        int found = 0;
        for (int b = 0; b < q->n_blocks; b++)
            for (int i = 0; i < q->blocks[b].n_terms; i++) found += q->blocks[b].terms[i] == m->terms[t];
        if (found != 1)
            return syi_fail(ctx, SY_EINVAL, "blocks: %s is in %d of them; each term is in one",
                            d->terms[m->terms[t]].label, found);
    }
    return terms == m->n_terms ? SY_OK : syi_fail(ctx, SY_EINVAL, "blocks: they hold terms that the model has not");
}

static sy_status check(sy_context *ctx, const sy_design *d, const sy_gap_response_question *q)
{
    if (!(q->level > 0 && q->level < 1)) return syi_fail(ctx, SY_EINVAL, "level: %g is not between 0 and 1", q->level);
    if (q->interval != SY_INTERVAL_AUTO && q->interval != SY_INTERVAL_NONE && q->interval != SY_INTERVAL_JACKKNIFE)
        return syi_fail(ctx, SY_EINVAL,
                        "interval: a gap of a binary or ordinal outcome has jackknife limits; \"auto\", \"jackknife\" "
                        "and \"none\" are allowed");
    sy_status status = check_model(ctx, &q->model);
    if (status >= 0) status = check_group(ctx, d, q->group);
    return status < 0 ? status : check_blocks(ctx, d, q);
}

static int block_of(const sy_gap_response_question *q, int term)
{
    for (int b = 0; b < q->n_blocks; b++)
        for (int i = 0; i < q->blocks[b].n_terms; i++)
            if (q->blocks[b].terms[i] == term) return b;
    return -1;
}

/* Blocks of the packed columns. */
static sy_status place_columns(sy_context *ctx, syi_gapr_game *g)
{
    const syi_packed *rows = &g->rows;
    const int ordinal = g->model.kind == SY_RESPONSE_ORDINAL, before = ordinal ? rows->n_levels - 2 : 0;
    syi_shadow shadow = {0};
    sy_status status = syi_shadow_open(ctx, &g->design, &g->model, &shadow);
    g->block = syi_alloc((size_t)g->slopes + 1, sizeof *g->block);
    if (status >= 0 && !g->block) status = syi_fail(ctx, SY_ENOMEM, "blocks: no room for %d columns", g->slopes);
    for (int c = 0; c < g->slopes && status >= 0; c++) {
        const int at = c + g->skip;
        const int term = syi_model_term_of(&shadow.part[SYI_LOCATION], rows->column[at] - before);
        g->block[c] = block_of(g->question, g->model.columns.terms[term]);
    }
    syi_shadow_free(&shadow);
    return status;
}

static sy_status part_groups(sy_context *ctx, syi_gapr_game *g)
{
    const int levels = g->group->n_levels;
    const size_t n = (size_t)g->rows.n;
    double *count = syi_alloc((size_t)levels + 1, sizeof *count);
    g->second = syi_alloc(n + 1, sizeof *g->second);
    if (!count || !g->second) {
        SYI_FREE(count);
        return syi_fail(ctx, SY_ENOMEM, "group: no room for %zu rows", n);
    }
    for (size_t i = 0; i < n; i++) count[(int)syi_column_value(g->group, g->rows.row[i])] += 1;
    const sy_status status = syi_gap_groups(ctx, g->group, count, g->question->first, g->level);
    for (size_t i = 0; i < n && status >= 0; i++)
        g->second[i] = (int)syi_column_value(g->group, g->rows.row[i]) == g->level[1];
    SYI_FREE(count);
    return status;
}

sy_status syi_gapr_open(sy_context *ctx, const sy_design *design, const sy_gap_response_question *question,
                        syi_gapr_game *g)
{
    *g = (syi_gapr_game){.question = question, .model = question->model, .simd = syi_lanes_width(ctx->simd)};
    g->model.columns.coding = SY_CODING_SUM;
    g->model.thresholds = SY_THRESHOLDS_FREE;
    sy_status status = check(ctx, design, question);
    if (status < 0) return status;
    status = add_group(ctx, design, g);
    if (status >= 0) status = syi_packed_init(ctx, &g->design, &g->model, &g->rows);
    if (status < 0) return status;
    const int ordinal = g->model.kind == SY_RESPONSE_ORDINAL;
    g->skip = !ordinal;
    g->slopes = g->rows.p - g->skip;
    g->n_blocks = question->n_blocks;
    g->n_curves = ordinal ? g->rows.n_levels - 1 : 1;
    g->n_measures = ordinal ? g->rows.n_levels + 1 : 1;
    g->n_values = sy_gap_response_values(g->n_blocks);
    status = part_groups(ctx, g);
    return status < 0 ? status : place_columns(ctx, g);
}

/* |S|! (n - 1 - |S|)! / n! for each S of n players without the one that comes. */
static double *step_weights(int n)
{
    double own[2 * SYI_GAPR_MOST_BLOCKS + 2], *weight = syi_alloc((size_t)1 << n, sizeof *weight);
    own[0] = 1.0 / n;
    for (int s = 1; s < n; s++) own[s] = own[s - 1] * s / (n - s);
    own[n] = 0;
    for (size_t set = 0; weight && set < (size_t)1 << n; set++) {
        int size = 0;
        for (size_t rest = set; rest; rest &= rest - 1) size++;
        weight[set] = own[size];
    }
    return weight;
}

sy_status syi_gapr_players(sy_context *ctx, syi_gapr_game *g, int separate)
{
    g->separate = separate;
    g->players = separate ? 2 * g->n_blocks + 1 : g->n_blocks + 1;
    g->weight = step_weights(g->players);
    g->weight_columns = step_weights(g->n_blocks);
    if (!g->weight || !g->weight_columns)
        return syi_fail(ctx, SY_ENOMEM, "blocks: no room for the sets of %d players", g->players);
    if (separate) return SY_OK;
    return syi_remark(
        ctx, SY_NOTE_TERMS_SKIPPED, "", g->n_blocks,
        "%d blocks: their coefficients enter as one, not block by block; fewer blocks, or no limits, would "
        "tell them apart",
        g->n_blocks);
}

void syi_gapr_free(syi_gapr_game *g)
{
    syi_packed_free(&g->rows);
    SYI_FREE(g->columns);
    SYI_FREE(g->terms);
    SYI_FREE(g->second);
    SYI_FREE(g->block);
    SYI_FREE(g->weight);
    SYI_FREE(g->weight_columns);
}
