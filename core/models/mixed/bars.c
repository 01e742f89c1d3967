/* Bar terms as columns and levels.
 *
 * A bar term (1 + x | g) has q columns z, coded as a model's: a factor stands
 * with contrasts where there is an intercept, else with all its levels. Terms on
 * the same column g share one grouping factor, whose levels are those with rows
 * that count, in the order of their codes. Grouping columns and the offset are
 * added to the design as terms, and rows are complete over those too. Cost: a
 * pass over the rows, one more for a bar term with a factor among its terms.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/mixed/bars_internal.h"
#include <limits.h>
#include <string.h>

static int same_column(const sy_column *a, const sy_column *b)
{
    return a->data == b->data && a->stride == b->stride && a->first_code == b->first_code && a->n_levels == b->n_levels;
}

static sy_status check_group(sy_context *ctx, const sy_random *r)
{
    const sy_column *g = r->group;
    if (!g) return syi_fail(ctx, SY_EINVAL, "formula: a bar term has no grouping factor");
    if (!g->name || !*g->name) return syi_fail(ctx, SY_EINVAL, "formula: the grouping column has no name");
    if (g->type != SY_CODES || g->n_levels < 1 || !g->levels)
        return syi_fail(ctx, SY_EINVAL, "formula: %s must be a factor (codes with names)", g->name);
    if (r->n_terms < 0 || (r->n_terms > 0 && !r->terms) || (r->n_terms == 0 && !r->intercept))
        return syi_fail(ctx, SY_EINVAL, "formula: the bar term on %s has no effect; it needs an intercept or a term",
                        g->name);
    return g->data ? SY_OK : syi_fail(ctx, SY_EINVAL, "formula: %s has no values", g->name);
}

static int shares_effect(const sy_random *a, const sy_random *b)
{
    if (a->intercept && b->intercept) return 1;
    for (int i = 0; i < a->n_terms; i++)
        for (int j = 0; j < b->n_terms; j++)
            if (a->terms[i] == b->terms[j]) return 1;
    return 0;
}

static sy_status check(sy_context *ctx, const sy_design *d, const sy_mixed_model *model)
{
    sy_status s = SY_OK;
    if (model->n_random < 1 || !model->random)
        return syi_fail(ctx, SY_EINVAL, "formula: no bar term is given; (1 | group) is the least");
    if (d->weights && d->weight_kind == SY_WEIGHT_SAMPLING)
        return syi_fail(ctx, SY_EINVAL,
                        "weights: %s are sampling weights; a mixed model needs those of each stage of selection, which "
                        "they are not",
                        d->weights->name);
    for (int k = 0; k < model->n_random && s >= 0; k++) {
        s = check_group(ctx, &model->random[k]);
        for (int j = 0; j < k && s >= 0; j++)
            if (same_column(model->random[j].group, model->random[k].group) &&
                shares_effect(&model->random[j], &model->random[k]))
                s = syi_fail(ctx, SY_EINVAL, "formula: two bar terms on %s have an effect in common",
                             model->random[k].group->name);
    }
    const sy_column *offset = model->response.offset;
    if (s >= 0 && offset && (!offset->name || offset->type == SY_CODES || !offset->data))
        s = syi_fail(ctx, SY_EINVAL, "offset: must be a numeric column with a name and values");
    return s;
}

/* The factor of bar term k, a new one unless an earlier bar term has it. */
static int factor_of(syi_bars *b, const sy_mixed_model *model, int k)
{
    for (int j = 0; j < k; j++)
        if (same_column(model->random[j].group, model->random[k].group)) return b->bar[j].factor;
    return b->n_factors++;
}

/* A column of its own, and a term unless the design has one of that name: then rows are complete over it as it is. */
static void add_term(syi_bars *b, const sy_column *column)
{
    const int c = b->own.n_columns++;
    b->own_columns[c] = *column;
    for (int t = 0; t < b->own.n_terms; t++)
        if (!strcmp(b->own_terms[t].label, column->name)) return;
    b->own_factors[c] = (sy_factor){c, 1};
    b->own_terms[b->own.n_terms++] = (sy_term){column->name, 1, &b->own_factors[c]};
}

static void extend(syi_bars *b, const sy_design *d)
{
    const sy_column one = {.name = "(one)", .data = &b->unity, .type = SY_F64};
    memcpy(b->own_columns, d->columns, (size_t)d->n_columns * sizeof *b->own_columns);
    memcpy(b->own_terms, d->terms, (size_t)d->n_terms * sizeof *b->own_terms);
    b->own = *d;
    b->own.columns = b->own_columns;
    b->own.terms = b->own_terms;
    for (int k = 0; k < b->n_bars; k++) {
        const int before = b->n_factors;
        const int f = b->bar[k].factor = factor_of(b, b->model, k);
        if (f < before) continue;
        b->factor[f].column = b->own.n_columns;
        add_term(b, b->model->random[k].group);
    }
    b->offset = b->model->response.offset ? b->own.n_columns : -1;
    if (b->offset >= 0) add_term(b, b->model->response.offset);
    add_term(b, &one);
    b->one = b->own.n_terms - 1;
}

sy_status syi_bars_open(sy_context *ctx, const sy_design *design, const sy_mixed_model *model, syi_bars *b)
{
    *b = (syi_bars){.model = model, .unity = 1};
    sy_status s = syi_design_check(ctx, design);
    if (s >= 0) s = check(ctx, design, model);
    if (s < 0) return s;
    const size_t more = (size_t)model->n_random + 2;
    b->n_bars = model->n_random;
    b->bar = syi_alloc(more, sizeof *b->bar);
    b->factor = syi_alloc(more, sizeof *b->factor);
    b->own_columns = syi_alloc((size_t)design->n_columns + more, sizeof *b->own_columns);
    b->own_terms = syi_alloc((size_t)design->n_terms + more, sizeof *b->own_terms);
    b->own_factors = syi_alloc((size_t)design->n_columns + more, sizeof *b->own_factors);
    if (b->bar && b->factor && b->own_columns && b->own_terms && b->own_factors) {
        extend(b, design);
        return SY_OK;
    }
    syi_bars_free(b);
    return syi_fail(ctx, SY_ENOMEM, "formula: out of memory for %d bar terms", model->n_random);
}

static sy_status keep_levels(sy_context *ctx, const syi_model *m, const syi_bars *b, syi_grouping *f)
{
    const sy_column *c = &b->own.columns[f->column];
    const int at = m->level_at[f->column], n = m->n_used[f->column];
    if (n < 2)
        return syi_fail(ctx, SY_EINVAL, "formula: %s has rows in one level only (%s); a grouping factor needs two",
                        c->name, c->levels[m->level[at]]);
    f->level = syi_alloc((size_t)n, sizeof *f->level);
    f->position = syi_alloc((size_t)c->n_levels, sizeof *f->position);
    if (!f->level || !f->position)
        return syi_fail(ctx, SY_ENOMEM, "formula: out of memory for the %d levels of %s", n, c->name);
    f->n_levels = n;
    memcpy(f->level, m->level + at, (size_t)n * sizeof *f->level);
    memcpy(f->position, m->position + at, (size_t)c->n_levels * sizeof *f->position);
    return SY_OK;
}

/* The columns of bar term k, and its place among all. */
static sy_status place_bar(sy_context *ctx, syi_bars *b, int k)
{
    const sy_random *r = &b->model->random[k];
    syi_bar *bar = &b->bar[k];
    const sy_linear_model columns = {
        .outcome = b->one, .n_terms = r->n_terms, .terms = r->terms, .intercept = r->intercept};
    bar->plain = r->n_terms == 0;
    const sy_status s = bar->plain ? SY_OK : syi_model_open(ctx, &b->own, &columns, SY_PRECISION_DOUBLE, &bar->z);
    if (s < 0) return s;
    bar->q = bar->plain ? 1 : bar->z.p;
    if (bar->q > 1000)
        return syi_fail(ctx, SY_ELIMIT, "formula: the bar term on %s has %d effects a level; the limit is 1000",
                        r->group->name, bar->q);
    bar->diagonal = r->diagonal || bar->q == 1;
    bar->n_theta = bar->diagonal ? bar->q : bar->q * (bar->q + 1) / 2;
    bar->first_effect = b->n_effects;
    bar->first_theta = b->n_theta;
    bar->first_entry = b->entries;
    bar->first_mode = b->n_modes;
    b->n_effects += bar->q;
    b->n_theta += bar->n_theta;
    b->entries += bar->q * bar->q;
    b->n_modes += (ptrdiff_t)b->factor[bar->factor].n_levels * bar->q;
    b->factor[bar->factor].q += bar->q;
    return SY_OK;
}

sy_status syi_bars_levels(sy_context *ctx, const syi_model *m, syi_bars *b)
{
    sy_status s = SY_OK;
    for (int f = 0; f < b->n_factors && s >= 0; f++) s = keep_levels(ctx, m, b, &b->factor[f]);
    for (int k = 0; k < b->n_bars && s >= 0; k++) s = place_bar(ctx, b, k);
    return s;
}

sy_status syi_bars_init(sy_context *ctx, const sy_design *design, const sy_mixed_model *model, syi_bars *b)
{
    syi_model m = {0};
    sy_status s = syi_bars_open(ctx, design, model, b);
    if (s < 0) return s;
    const sy_linear_model only_one = {.outcome = b->one, .intercept = 1};
    s = syi_model_init(ctx, &b->own, &only_one, &m);
    if (s >= 0) s = syi_bars_levels(ctx, &m, b);
    syi_model_free(&m);
    if (s < 0) syi_bars_free(b);
    return s;
}

void syi_bars_free(syi_bars *b)
{
    for (int k = 0; b->bar && k < b->n_bars; k++) syi_model_free(&b->bar[k].z);
    for (int f = 0; b->factor && f < b->n_factors; f++) {
        SYI_FREE(b->factor[f].level);
        SYI_FREE(b->factor[f].position);
    }
    SYI_FREE(b->bar);
    SYI_FREE(b->factor);
    SYI_FREE(b->own_columns);
    SYI_FREE(b->own_terms);
    SYI_FREE(b->own_factors);
    *b = (syi_bars){0};
}

void syi_bars_tile(const syi_bars *b, const ptrdiff_t *row, int len, double *z, int32_t *level)
{
    double v[SYI_TILE], y[SYI_TILE], w[SYI_TILE];
    unsigned char used[SYI_TILE];
    for (int f = 0; f < b->n_factors; f++) {
        const syi_grouping *g = &b->factor[f];
        syi_column_values(&b->own.columns[g->column], row, 0, len, v);
        for (int i = 0; i < len; i++) level[f * SYI_TILE + i] = v[i] >= 0 ? g->position[(int)v[i]] : -1;
    }
    for (int k = 0; z && k < b->n_bars; k++) {
        double *own = z + (ptrdiff_t)b->bar[k].first_effect * SYI_TILE;
        if (!b->bar[k].plain) syi_model_tile(&b->bar[k].z, row, len, own, y, w, used);
        for (int i = 0; b->bar[k].plain && i < SYI_TILE; i++) own[i] = i < len;
    }
}

int syi_bar_theta(const syi_bar *bar, int i, int j)
{
    if (bar->diagonal) return i == j ? bar->first_theta + i : -1;
    return j <= i ? bar->first_theta + j * bar->q - j * (j - 1) / 2 + i - j : -1;
}

void syi_bar_factor(const syi_bar *bar, const double *theta, double *t)
{
    for (int i = 0; i < bar->q; i++)
        for (int j = 0; j < bar->q; j++) {
            const int at = syi_bar_theta(bar, i, j);
            t[i * bar->q + j] = at < 0 ? 0 : theta[at];
        }
}
