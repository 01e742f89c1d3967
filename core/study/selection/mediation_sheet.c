/* The columns that a mediation is made of, from the rows used.
 *
 * Confounders, mediators and the outcome are centred (the first two scaled) by
 * their weighted means: effects are the same, and products of centred columns
 * are far from collinear with what they are made of. Cost: n p.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "study/selection/mediation_job_internal.h"
#include "study/selection/mediation_response_internal.h"
#include <math.h>
#include <string.h>

static sy_status no_room(sy_context *ctx, ptrdiff_t n)
{
    return syi_fail(ctx, SY_ENOMEM, "mediation: no room for %td rows", n);
}

/* ---- terms and their places */

static sy_status take(sy_context *ctx, const sy_design *d, const sy_mediation_question *q, syi_mediation_job *j,
                      int term, const char *argument)
{
    if (term < 0 || term >= d->n_terms)
        return syi_fail(ctx, SY_EINVAL, "%s: term %d is not in the design", argument, term);
    int twice = term == q->outcome;
    for (int k = 0; k < j->n_terms; k++) twice |= j->terms[k] == term;
    if (twice)
        return syi_fail(ctx, SY_EINVAL, "%s: %s is there twice; a term is outcome, treatment, mediator or confounder",
                        argument, d->terms[term].label);
    j->terms[j->n_terms++] = term;
    return SY_OK;
}

static sy_status take_terms(sy_context *ctx, const sy_design *d, const sy_mediation_question *q, syi_mediation_job *j)
{
    if (q->n_blocks < 1) return syi_fail(ctx, SY_EINVAL, "mediators: none is given; name one or more blocks of them");
    if (q->n_blocks > SY_MEDIATION_MOST_BLOCKS)
        return syi_fail(ctx, SY_EINVAL, "mediators: %d blocks are more than %d", q->n_blocks, SY_MEDIATION_MOST_BLOCKS);
    j->terms = syi_alloc((size_t)d->n_terms + 1, sizeof *j->terms);
    if (!j->terms) return no_room(ctx, d->n);
    sy_status status = take(ctx, d, q, j, q->treatment, "treatment");
    for (int b = 0; b < q->n_blocks && !status; b++) {
        if (q->blocks[b].n_terms < 1) return syi_fail(ctx, SY_EINVAL, "mediators: %s has no terms", q->blocks[b].name);
        for (int k = 0; k < q->blocks[b].n_terms && !status; k++)
            status = take(ctx, d, q, j, q->blocks[b].terms[k], "mediators");
    }
    j->n_mediators = j->n_terms - 1;
    for (int k = 0; k < q->n_confounders && !status; k++) status = take(ctx, d, q, j, q->confounders[k], "confounders");
    return status;
}

/* The outcome's levels, or its two values, as numbers; NaN stays missing. */
static sy_status number_answers(sy_context *ctx, const sy_design *d, const sy_mediation_question *q,
                                syi_mediation_job *j)
{
    const sy_term *term = &d->terms[q->outcome];
    const sy_column *c = &d->columns[term->factors[0].column];
    j->design = *d;
    if (q->response == SY_MEDIATION_LINEAR) return SY_OK;
    if (term->n_factors != 1 || term->factors[0].power != 1 ||
        (q->response == SY_MEDIATION_ORDINAL && c->type != SY_CODES))
        return syi_fail(ctx, SY_EINVAL, "outcome: %s is not an ordered column", term->label);
    j->answer = syi_alloc((size_t)d->n, sizeof *j->answer);
    j->columns = syi_alloc((size_t)d->n_columns, sizeof *j->columns);
    if (!j->answer || !j->columns) return no_room(ctx, d->n);
    for (ptrdiff_t i = 0; i < d->n; i++) j->answer[i] = syi_column_value(c, i);
    memcpy(j->columns, d->columns, (size_t)d->n_columns * sizeof *j->columns);
    j->columns[term->factors[0].column] =
        (sy_column){.name = c->name, .data = j->answer, .stride = sizeof *j->answer, .type = SY_F64};
    j->design.columns = j->columns;
    return SY_OK;
}

static sy_status open_model(sy_context *ctx, const sy_design *d, const sy_mediation_question *q, syi_mediation_job *j)
{
    sy_status status = syi_design_check(ctx, d);
    if (!status && (q->outcome < 0 || q->outcome >= d->n_terms))
        status = syi_fail(ctx, SY_EINVAL, "outcome: term %d is not in the design", q->outcome);
    if (!status) status = take_terms(ctx, d, q, j);
    if (!status) status = number_answers(ctx, d, q, j);
    if (status) return status;
    const sy_linear_model model = {.outcome = q->outcome, .n_terms = j->n_terms, .terms = j->terms, .intercept = 1};
    return syi_model_init(ctx, &j->design, &model, &j->model);
}

/* ---- memory */

static int count_pairs(const syi_mediation_sheet *s)
{
    int pairs = 0;
    for (int a = 0; a < s->q; a++)
        for (int b = a + 1; b < s->q; b++) pairs += s->block[a] != s->block[b];
    return pairs;
}

static sy_status lay_out(sy_context *ctx, const syi_mediation_job *j, syi_mediation_sheet *s)
{
    const sy_mediation_question *q = s->asked;
    const syi_model *m = &j->model;
    for (int t = 0; t < j->n_terms; t++) {
        if (t >= 1 && t <= j->n_mediators) s->q += m->count[t + 1];
        else if (t > j->n_mediators) s->n_c += m->count[t + 1];
    }
    s->block = syi_alloc((size_t)s->q, sizeof *s->block);
    if (!s->block) return no_room(ctx, s->n);
    for (int b = 0, t = 1, at = 0; b < q->n_blocks; b++)
        for (int k = 0; k < q->blocks[b].n_terms; k++, t++)
            for (int c = 0; c < m->count[t + 1]; c++) s->block[at++] = b;
    s->n_pairs = q->by_mediators ? count_pairs(s) : 0;
    s->at_m = 2 + s->n_c;
    s->at_tm = s->at_m + s->q;
    s->at_mm = s->at_tm + (q->by_treatment ? s->q : 0);
    s->p = s->at_mm + s->n_pairs;
    if (s->p >= SYI_MEDIATION_COLUMNS)
        return syi_fail(ctx, SY_ELIMIT, "mediators: the outcome's model would have %d columns; the limit is %d", s->p,
                        SYI_MEDIATION_COLUMNS - 1);
    s->n = (ptrdiff_t)m->rows_used;
    s->stride = (s->n + 7) / 8 * 8;
    s->first = syi_alloc(2 * (size_t)s->n_pairs + 1, sizeof *s->first);
    s->in = syi_alloc((size_t)s->p, 1);
    s->base = syi_alloc((size_t)(s->p + 3) * (size_t)s->stride, sizeof(double));
    s->row = syi_alloc((size_t)s->n, sizeof *s->row);
    if (!s->first || !s->in || !s->base || !s->row) return no_room(ctx, s->n);
    s->second = s->first + s->n_pairs;
    s->column = s->base;
    s->weight = s->column + (ptrdiff_t)(s->p + 1) * s->stride;
    s->level = s->weight + s->stride;
    for (int a = 0, at = 0; a < s->q && s->n_pairs; a++)
        for (int b = a + 1; b < s->q; b++)
            if (s->block[a] != s->block[b]) {
                s->first[at] = a;
                s->second[at++] = b;
            }
    return SY_OK;
}

/* ---- rows */

/* Column of the sheet that column c of the model (behind the intercept) goes to. */
static int place_of(const syi_mediation_job *j, const syi_mediation_sheet *s, int c)
{
    const int mediators_at = j->model.first[2], confounders_at = mediators_at + s->q;
    if (c < mediators_at) return 1;
    return c < confounders_at ? s->at_m + c - mediators_at : 2 + c - confounders_at;
}

/* Rows without a stratum, which models do not ask for. */
static sy_status tell_lost(sy_context *ctx, const sy_column *strata, double lost, const syi_mediation_sheet *s)
{
    if (lost == 0) return SY_OK;
    if (s->n == 0) return syi_fail(ctx, SY_EDATA, "strata: %s is missing in all rows", strata->name);
    return syi_remark(ctx, SY_NOTE_ROWS_DROPPED, strata->name, lost, "%.0f rows dropped: %s is missing", lost,
                      strata->name);
}

static sy_status read_rows(sy_context *ctx, const syi_mediation_job *j, syi_mediation_sheet *s)
{
    const syi_model *m = &j->model;
    const sy_column *strata = j->design.strata;
    double *tile = syi_alloc((size_t)m->p * SYI_TILE, sizeof *tile), y[SYI_TILE], w[SYI_TILE];
    unsigned char used[SYI_TILE];
    ptrdiff_t row[SYI_TILE], n = 0;
    if (!tile) return no_room(ctx, s->n);
    s->rows_dropped = m->rows_dropped;
    s->count = m->n;
    sy_status status = SY_OK;
    for (ptrdiff_t at = 0; at < j->design.n && !status; at += SYI_TILE) {
        const int len = (int)(j->design.n - at < SYI_TILE ? j->design.n - at : SYI_TILE);
        for (int i = 0; i < len; i++) row[i] = at + i;
        syi_model_tile(m, row, len, tile, y, w, used);
        for (int i = 0; i < len; i++) {
            if (!used[i]) continue;
            if (strata && isnan(syi_column_value(strata, row[i]))) {
                s->rows_dropped++;
                s->count -= j->design.weight_kind == SY_WEIGHT_FREQUENCY ? w[i] : 1;
                continue;
            }
            for (int c = 1; c < m->p; c++) syi_mediation_column(s, place_of(j, s, c))[n] = tile[c * SYI_TILE + i];
            syi_mediation_column(s, 0)[n] = 1;
            syi_mediation_column(s, s->p)[n] = y[i];
            s->weight[n] = w[i];
            s->row[n++] = row[i];
        }
        status = syi_serial_stopped(ctx);
    }
    SYI_FREE(tile);
    s->n = n;
    return status ? status : tell_lost(ctx, strata, s->rows_dropped - m->rows_dropped, s);
}

/* Weighted mean 0; scaled to standard deviation 1 where asked. */
static double centre(const syi_mediation_sheet *s, int c, int scaled)
{
    double *x = syi_mediation_column(s, c), sum = 0, all = 0, squares = 0;
    for (ptrdiff_t i = 0; i < s->n; i++) {
        sum += s->weight[i] * x[i];
        all += s->weight[i];
    }
    const double mean = sum / all;
    for (ptrdiff_t i = 0; i < s->n; i++) {
        x[i] -= mean;
        squares += s->weight[i] * x[i] * x[i];
    }
    const double sd = sqrt(squares / all);
    for (ptrdiff_t i = 0; i < s->n && scaled && sd > 0; i++) x[i] /= sd;
    return mean;
}

static void make_products(const syi_mediation_sheet *s)
{
    const double *t = syi_mediation_column(s, 1);
    for (int k = 0; s->asked->by_treatment && k < s->q; k++) {
        const double *m = syi_mediation_column(s, s->at_m + k);
        double *to = syi_mediation_column(s, s->at_tm + k);
        for (ptrdiff_t i = 0; i < s->n; i++) to[i] = t[i] * m[i];
    }
    for (int k = 0; k < s->n_pairs; k++) {
        const double *a = syi_mediation_column(s, s->at_m + s->first[k]);
        const double *b = syi_mediation_column(s, s->at_m + s->second[k]);
        double *to = syi_mediation_column(s, s->at_mm + k);
        for (ptrdiff_t i = 0; i < s->n; i++) to[i] = a[i] * b[i];
    }
}

/* ---- all of it */

static sy_status number_levels(sy_context *ctx, const syi_mediation_job *j, syi_mediation_sheet *s)
{
    const double *y = syi_mediation_column(s, s->p);
    double most = 0;
    if (s->asked->response == SY_MEDIATION_LINEAR) return SY_OK;
    for (ptrdiff_t i = 0; i < s->n; i++) most = fmax(most, y[i]);
    const sy_term *term = &j->design.terms[s->asked->outcome];
    if (!(most < 1000))
        return syi_fail(ctx, SY_EINVAL, "outcome: %s is not a column of two values, 0 and 1", term->label);
    int *seen = syi_alloc((size_t)most + 1, sizeof *seen);
    s->levels = syi_alloc((size_t)most + 1, sizeof *s->levels);
    sy_status status = seen && s->levels ? SY_OK : no_room(ctx, s->n);
    for (ptrdiff_t i = 0; i < s->n && !status; i++) {
        if (y[i] < 0 || y[i] != floor(y[i]))
            status = syi_fail(ctx, SY_EINVAL, "outcome: %s is not a column of two values, 0 and 1", term->label);
        else seen[(int)y[i]] = 1;
    }
    for (int l = 0; !status && l <= (int)most; l++) {
        if (!seen[l]) continue;
        seen[l] = s->n_levels;
        s->levels[s->n_levels++] = l;
    }
    for (ptrdiff_t i = 0; i < s->n && !status; i++) s->level[i] = seen[(int)y[i]];
    SYI_FREE(seen);
    if (!status && s->n_levels < 2)
        status = syi_fail(ctx, SY_EDATA, "outcome: %s is the same in all rows", term->label);
    if (!status && s->n_levels > SYI_MEDIATION_ANSWERS)
        status = syi_fail(ctx, SY_ELIMIT, "outcome: %s has %d answers; the limit is %d", term->label, s->n_levels,
                          SYI_MEDIATION_ANSWERS);
    if (!status && s->asked->response == SY_MEDIATION_BINARY && s->n_levels != 2)
        status =
            syi_fail(ctx, SY_EINVAL, "outcome: %s has %d answers; a binary outcome has two", term->label, s->n_levels);
    return status;
}

sy_status syi_mediation_sheet_init(sy_context *ctx, const sy_design *design, const sy_mediation_question *asked,
                                   syi_mediation_sheet *s)
{
    syi_mediation_job j;
    memset(&j, 0, sizeof j);
    memset(s, 0, sizeof *s);
    s->asked = asked;
    sy_status status = open_model(ctx, design, asked, &j);
    if (status >= 0) status = lay_out(ctx, &j, s);
    if (status >= 0) status = read_rows(ctx, &j, s);
    if (status >= 0) status = syi_mediation_treatment(ctx, &j, s);
    if (status >= 0) status = number_levels(ctx, &j, s);
    if (status >= 0) {
        for (int c = 2; c < s->at_tm && !status; c++) {
            centre(s, c, 1);
            status = syi_serial_stopped(ctx);
        }
        const double *y = syi_mediation_column(s, s->p);
        int moves = 0;
        for (ptrdiff_t i = 1; i < s->n; i++) moves |= y[i] != y[0];
        if (!moves && !status)
            status =
                syi_fail(ctx, SY_EDATA, "outcome: %s is the same in all rows", design->terms[asked->outcome].label);
        s->mean_y = centre(s, s->p, 0);
        make_products(s);
        if (!status) status = syi_serial_stopped(ctx);
        if (!status) status = syi_mediation_aliased(ctx, &j, s);
        s->rows_read = (double)design->n;
    }
    syi_model_free(&j.model);
    SYI_FREE(j.terms);
    SYI_FREE(j.answer);
    SYI_FREE(j.columns);
    return status < 0 ? status : SY_OK;
}

void syi_mediation_sheet_free(syi_mediation_sheet *s)
{
    SYI_FREE(s->block);
    SYI_FREE(s->first);
    SYI_FREE(s->in);
    SYI_FREE(s->base);
    SYI_FREE(s->row);
    SYI_FREE(s->levels);
    s->second = NULL;
}
