/* Leaving clusters or groups of rows out of a fitted model.
 *
 * The level of a cluster is made missing in a copy of the column, so that its
 * rows drop out of everything that is fitted. Rows without clusters are dealt to
 * groups of equal size in a random order, once for all; a row of frequency w is w
 * rows, each dealt by itself. The full model is fitted anew without each unit and
 * its shares taken by one step. Cost: a fit and a walk a unit.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "algebra/design_internal.h"
#include "study/fitted_leave_internal.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

void syi_leaving_fit_free(syi_leaving_fit *l)
{
    SYI_FREE(l->code);
    SYI_FREE(l->dealt);
    SYI_FREE(l->unit);
    SYI_FREE(l->lines);
}

static sy_status deal_rows(sy_context *ctx, syi_leaving_fit *l)
{
    const ptrdiff_t n = l->design->n;
    const int groups = n < SYI_LEFT_GROUPS ? (int)n : SYI_LEFT_GROUPS;
    unsigned char *dealt = syi_alloc((size_t)n + 1, sizeof *dealt);
    l->code = syi_alloc((size_t)n + 1, sizeof *l->code);
    if (!l->code || !dealt) {
        SYI_FREE(dealt);
        return syi_fail(ctx, SY_ENOMEM, "interval: no room for %td rows", n);
    }
    syi_deal(l->question->seed, (size_t)n, groups, dealt);
    for (ptrdiff_t i = 0; i < n; i++) l->code[i] = dealt[i];
    SYI_FREE(dealt);
    for (int g = 0; g < groups; g++) {
        snprintf(l->text[g], sizeof l->text[g], "%d", g + 1);
        l->name[g] = l->text[g];
    }
    l->own = (sy_column){.name = "rows",
                         .data = l->code,
                         .stride = sizeof *l->code,
                         .type = SY_CODES,
                         .n_levels = groups,
                         .levels = l->name};
    l->clusters = &l->own;
    return SY_OK;
}

/* How many rows one stands for; none where it has no frequency. */
static double frequency(const sy_design *design, ptrdiff_t i)
{
    const double w = syi_column_value(design->weights, i);
    return w > 0 ? w : 0;
}

/* The same for rows with frequencies. */
static sy_status deal_frequencies(sy_context *ctx, syi_leaving_fit *l)
{
    const ptrdiff_t n = l->design->n;
    double sum = 0;
    for (ptrdiff_t i = 0; i < n; i++) sum += frequency(l->design, i);
    if (sum > 0x1p31)
        return syi_fail(ctx, SY_ELIMIT, "weights: limits over groups of rows are for 2^31 rows at most, not %.0f", sum);
    const size_t rows = (size_t)sum;
    l->groups = rows < SYI_LEFT_GROUPS ? (int)rows : SYI_LEFT_GROUPS;
    l->n_units = l->groups;
    l->dealt = syi_alloc(rows + 1, sizeof *l->dealt);
    if (!l->dealt) return syi_fail(ctx, SY_ENOMEM, "interval: no room for %zu rows", rows);
    syi_deal(l->question->seed, rows, l->groups, l->dealt);
    return SY_OK;
}

/* Frequencies without those of a group. */
static void lessen(const syi_leaving_fit *l, size_t group, double *weight, sy_column *out)
{
    const unsigned char *own = l->dealt;
    for (ptrdiff_t i = 0; i < l->design->n; i++) {
        const double rows = frequency(l->design, i);
        weight[i] = rows;
        for (ptrdiff_t k = 0; k < (ptrdiff_t)rows; k++) weight[i] -= *own++ == group;
    }
    *out = (sy_column){.name = l->design->weights->name, .data = weight, .stride = sizeof *weight, .type = SY_F64};
}

static int missing(const sy_column *column, ptrdiff_t i)
{
    return column && isnan(syi_column_value(column, i));
}

/* Whether a row is complete over all that the model reads, and of positive weight. */
static int counts(const syi_leaving_fit *l, ptrdiff_t i)
{
    const sy_design *d = l->design;
    const sy_mixed_model *model = &l->question->model;
    if (d->weights && !(syi_column_value(d->weights, i) > 0)) return 0;
    if (missing(model->response.trials, i) || missing(model->response.offset, i)) return 0;
    for (int r = 0; r < model->n_random && l->question->mixed; r++)
        if (missing(model->random[r].group, i)) return 0;
    for (int t = 0; t < d->n_terms; t++)
        for (int k = 0; k < d->terms[t].n_factors; k++)
            if (missing(&d->columns[d->terms[t].factors[k].column], i)) return 0;
    return 1;
}

sy_status syi_leaving_fit_units(sy_context *ctx, syi_leaving_fit *l)
{
    const sy_fitted_question *q = l->question;
    sy_status status = SY_OK;
    l->clusters = l->design->cluster ? l->design->cluster : q->mixed ? q->model.random[0].group : NULL;
    if (!l->clusters && l->design->weight_kind == SY_WEIGHT_FREQUENCY) return deal_frequencies(ctx, l);
    if (!l->clusters) status = deal_rows(ctx, l);
    if (status < 0) return status;
    const int levels = l->clusters->n_levels;
    l->unit = syi_alloc((size_t)levels + 1, sizeof *l->unit);
    if (!l->unit) return syi_fail(ctx, SY_ENOMEM, "interval: no room for %d clusters", levels);
    for (ptrdiff_t i = 0; i < l->design->n; i++) {
        const double level = syi_column_value(l->clusters, i);
        if (!isnan(level) && counts(l, i)) l->unit[(int)level] = 1;
    }
    for (int g = 0; g < levels; g++)
        if (l->unit[g]) l->unit[l->n_units++] = g;
    return SY_OK;
}

/* A copy of the clusters' column in which one level is missing, so that its rows
 * drop out. */
static void hide(const sy_column *column, ptrdiff_t n, int level, int32_t *code, sy_column *out)
{
    for (ptrdiff_t i = 0; i < n; i++) {
        const double own = syi_column_value(column, i);
        code[i] = isnan(own) || (int)own == level ? -1 : (int32_t)own;
    }
    *out = *column;
    out->data = code;
    out->stride = sizeof *code;
    out->first_code = 0;
}

/* Shares by one step without a unit; NaN where there is no fit. */
void syi_leave_out_fit(void *arg, int worker, size_t g)
{
    const syi_leaving_fit *l = arg;
    double *line = l->lines + g * (size_t)l->n_values, failed;
    int32_t *code = syi_alloc((size_t)l->design->n + 1, sizeof *code);
    double *weight = l->dealt ? syi_alloc((size_t)l->design->n + 1, sizeof *weight) : NULL;
    sy_random *random = syi_alloc((size_t)l->question->model.n_random + 1, sizeof *random);
    sy_context ctx;
    syi_fitted f = {0};
    (void)worker;
    sy_context_init(&ctx);
    ctx.threads = 1;
    ctx.simd = l->simd;
    for (int i = 0; i < l->n_values; i++) line[i] = NAN;
    if (code && random && (weight || !l->dealt) && !syi_parallel_stopped()) {
        sy_design design = *l->design;
        sy_fitted_question question = *l->question;
        sy_column hidden, lessened;
        design.missing = SY_MISSING_COMPLETE;
        if (l->dealt) {
            lessen(l, g, weight, &lessened);
            design.weights = &lessened;
        } else {
            hide(l->clusters, l->design->n, l->unit[g], code, &hidden);
            if (l->design->cluster || !question.mixed) design.cluster = &hidden;
        }
        for (int r = 0; r < question.model.n_random; r++) {
            random[r] = question.model.random[r];
            if (random[r].group == l->clusters) random[r].group = &hidden;
        }
        question.model.random = random;
        sy_status status = syi_fitted_init(&ctx, &design, &question, &f);
        if (status >= 0) status = syi_fitted_rows(&ctx, &f, l->plan, 0, line, NULL, &failed);
        if (status < 0)
            for (int i = 0; i < l->n_values; i++) line[i] = NAN;
        else line[l->n_values - 1] = 0;
        for (int b = 0; b < l->plan->n_blocks && status >= 0; b++)
            line[l->n_values - 1] += line[b * SY_N_METRICS + SY_SHARE];
    }
    syi_fitted_free(&f);
    sy_context_free(&ctx);
    SYI_FREE(random);
    SYI_FREE(weight);
    SYI_FREE(code);
}

double syi_leaving_fit_seconds(const syi_fitted *f, const syi_leaving_fit *l)
{
    double steps = 0;
    for (int w = 0; w < l->plan->n_walks; w++)
        steps += 1e-9 * (double)(1ull << l->plan->walk[w].n_players) * (20 + f->k * f->k);
    return 10 * f->seconds + 1e-8 * (double)l->design->n * (f->k + 4) + steps;
}
