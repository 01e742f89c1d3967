/* The columns that a mediation is made of, from the rows used.
 *
 * Confounders, mediators and the outcome are centred (the first two scaled) by
 * their weighted means: effects are the same, and products of centred columns
 * are far from collinear with what they are made of. A column that adds nothing
 * to those before it is left out of the model with a remark; a mediator must not be
 * one, since nothing could go through it, and neither may the treatment. Order:
 * intercept, confounders, treatment, mediators, products. Cost: n p^2 / 2.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/model_internal.h"
#include "study/selection/mediation_response_internal.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const double alias_floor = 1e-10; /* of a column's square, what is left beside those before it */

typedef struct {
    sy_design design; /* the caller's, an outcome of levels as numbers */
    sy_column *columns;
    double *answer;
    int *terms; /* treatment, mediators, confounders */
    int n_terms, n_mediators;
    syi_model model;
} job;

static sy_status no_room(sy_context *ctx, ptrdiff_t n)
{
    return syi_fail(ctx, SY_ENOMEM, "mediation: no room for %td rows", n);
}

/* ---- terms and their places */

static sy_status take(sy_context *ctx, const sy_design *d, const sy_mediation_question *q, job *j, int term,
                      const char *argument)
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

static sy_status take_terms(sy_context *ctx, const sy_design *d, const sy_mediation_question *q, job *j)
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
static sy_status number_answers(sy_context *ctx, const sy_design *d, const sy_mediation_question *q, job *j)
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

static sy_status open_model(sy_context *ctx, const sy_design *d, const sy_mediation_question *q, job *j)
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

static sy_status lay_out(sy_context *ctx, const job *j, syi_mediation_sheet *s)
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
static int place_of(const job *j, const syi_mediation_sheet *s, int c)
{
    const int mediators_at = j->model.first[2], confounders_at = mediators_at + s->q;
    if (c < mediators_at) return 1;
    return c < confounders_at ? s->at_m + c - mediators_at : 2 + c - confounders_at;
}

static sy_status read_rows(sy_context *ctx, const job *j, syi_mediation_sheet *s)
{
    const syi_model *m = &j->model;
    double *tile = syi_alloc((size_t)m->p * SYI_TILE, sizeof *tile), y[SYI_TILE], w[SYI_TILE];
    unsigned char used[SYI_TILE];
    ptrdiff_t row[SYI_TILE], n = 0;
    if (!tile) return no_room(ctx, s->n);
    sy_status status = SY_OK;
    for (ptrdiff_t at = 0; at < j->design.n && !status; at += SYI_TILE) {
        const int len = (int)(j->design.n - at < SYI_TILE ? j->design.n - at : SYI_TILE);
        for (int i = 0; i < len; i++) row[i] = at + i;
        syi_model_tile(m, row, len, tile, y, w, used);
        for (int i = 0; i < len; i++) {
            if (!used[i]) continue;
            for (int c = 1; c < m->p; c++) syi_mediation_column(s, place_of(j, s, c))[n] = tile[c * SYI_TILE + i];
            syi_mediation_column(s, 0)[n] = 1;
            syi_mediation_column(s, s->p)[n] = y[i];
            s->weight[n] = w[i];
            s->row[n++] = row[i];
        }
        status = syi_serial_stopped(ctx);
    }
    SYI_FREE(tile);
    return status;
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

/* ---- the two values of the treatment */

static sy_status wrong_levels(sy_context *ctx, const sy_column *c, const double *rows)
{
    char text[SY_MESSAGE_LENGTH] = "";
    int levels = 0;
    for (int l = 0; l < c->n_levels; l++) {
        if (rows[l] == 0) continue;
        const size_t at = strlen(text);
        snprintf(text + at, sizeof text - at, "%s%s: %.0f", levels++ ? ", " : "", c->levels[l], rows[l]);
    }
    return syi_fail(ctx, SY_EINVAL, "treatment: %s has %d level%s with rows (%s); two are compared", c->name, levels,
                    levels == 1 ? "" : "s", text);
}

static int level_asked(double given, int standard)
{
    return isnan(given) ? standard : (int)given;
}

static sy_status set_levels(sy_context *ctx, const syi_model *m, const sy_column *c, int column, syi_mediation_sheet *s)
{
    const int *level = m->level + m->level_at[column];
    if (m->n_used[column] != 2) {
        double *rows = syi_alloc((size_t)c->n_levels + 1, sizeof *rows);
        if (!rows) return no_room(ctx, s->n);
        for (ptrdiff_t i = 0; i < s->n; i++) rows[(int)syi_column_value(c, s->row[i])]++;
        const sy_status status = wrong_levels(ctx, c, rows);
        SYI_FREE(rows);
        return status;
    }
    const int from = level_asked(s->asked->from, -1), to = level_asked(s->asked->to, -1);
    s->treated_level[0] = from >= 0 ? from : to == level[0] ? level[1] : level[0];
    s->treated_level[1] = to >= 0 ? to : s->treated_level[0] == level[0] ? level[1] : level[0];
    for (int k = 0; k < 2; k++)
        if (s->treated_level[k] != level[0] && s->treated_level[k] != level[1])
            return syi_fail(ctx, SY_EINVAL, "contrast: %s has no rows with %s", c->name,
                            s->treated_level[k] < c->n_levels ? c->levels[s->treated_level[k]] : "that level");
    s->from = s->treated_level[0] == level[1];
    s->to = s->treated_level[1] == level[1];
    return SY_OK;
}

static sy_status set_values(sy_context *ctx, const char *label, syi_mediation_sheet *s)
{
    const double *t = syi_mediation_column(s, 1);
    double low = t[0], high = t[0];
    int other = 0;
    for (ptrdiff_t i = 0; i < s->n; i++) {
        low = fmin(low, t[i]);
        high = fmax(high, t[i]);
    }
    for (ptrdiff_t i = 0; i < s->n; i++) other |= t[i] != low && t[i] != high;
    s->from = s->asked->from;
    s->to = s->asked->to;
    s->treated_level[0] = s->treated_level[1] = -1;
    if (isnan(s->from) != isnan(s->to)) return syi_fail(ctx, SY_EINVAL, "contrast: two values of %s are needed", label);
    if (!isnan(s->from)) return SY_OK;
    if (other)
        return syi_fail(ctx, SY_EINVAL,
                        "treatment: %s is a number with more than two values; name the two to compare "
                        "in contrast",
                        label);
    s->from = low;
    s->to = high;
    return SY_OK;
}

/* The treatment becomes 0 at `from` and 1 at `to`. */
static sy_status set_treatment(sy_context *ctx, const job *j, syi_mediation_sheet *s)
{
    const sy_term *term = &j->design.terms[s->asked->treatment];
    const int column = term->factors[0].column;
    const sy_column *c = &j->design.columns[column];
    double *t = syi_mediation_column(s, 1);
    const int coded = term->n_factors == 1 && c->type == SY_CODES;
    if (!coded && j->model.count[1] != 1)
        return syi_fail(ctx, SY_EINVAL, "treatment: %s is not one column", term->label);
    sy_status status = coded ? set_levels(ctx, &j->model, c, column, s) : SY_OK;
    if (!status && !coded) status = set_values(ctx, term->label, s);
    if (status) return status;
    if (s->from == s->to || !isfinite(s->from) || !isfinite(s->to))
        return syi_fail(ctx, SY_EINVAL, "contrast: %s is compared with itself at %g; two values are needed",
                        term->label, s->from);
    for (ptrdiff_t i = 0; i < s->n; i++) {
        s->rows_from += t[i] == s->from;
        s->rows_to += t[i] == s->to;
        t[i] = (t[i] - s->from) / (s->to - s->from);
    }
    return SY_OK;
}

/* ---- columns that add nothing */

static void name_column(const job *j, const syi_mediation_sheet *s, int c, char *text, size_t size)
{
    char a[SY_NAME_LENGTH], b[SY_NAME_LENGTH];
    const syi_model *m = &j->model;
    if (c == 1 || (c >= 2 && c < s->at_tm)) {
        const int at = c == 1 ? 1 : c >= s->at_m ? m->first[2] + c - s->at_m : m->first[2] + s->q + c - 2;
        syi_model_label(m, at, text, size);
        return;
    }
    const int first = c >= s->at_mm ? s->at_m + s->first[c - s->at_mm] : 1;
    const int second = c >= s->at_mm ? s->at_m + s->second[c - s->at_mm] : s->at_m + c - s->at_tm;
    name_column(j, s, first, a, sizeof a);
    name_column(j, s, second, b, sizeof b);
    syi_say(text, size, "%s:%s", a, b);
}

static sy_status tell_aliased(sy_context *ctx, const job *j, const syi_mediation_sheet *s, int c)
{
    char name[2 * SY_NAME_LENGTH + 2];
    name_column(j, s, c, name, sizeof name);
    if (c == 1)
        return syi_fail(ctx, SY_EDATA, "treatment: %s follows from the confounders; nobody could be compared", name);
    if (c >= s->at_m && c < s->at_tm)
        return syi_fail(ctx, SY_EDATA,
                        "mediators: %s follows from the treatment, the confounders and the mediators before it", name);
    return syi_remark(ctx, SY_NOTE_ALIASED, name, 1, "%s adds nothing beside the columns before it and is left out",
                      name);
}

/* Order in which columns are tried: place k of it. */
static int tried(const syi_mediation_sheet *s, int k)
{
    if (k == 0 || k >= s->at_m) return k;
    return k <= s->n_c ? k + 1 : 1;
}

static double cross(const syi_mediation_sheet *s, int a, int b)
{
    const double *x = syi_mediation_column(s, a), *y = syi_mediation_column(s, b);
    double sum = 0;
    for (ptrdiff_t i = 0; i < s->n; i++) sum += s->weight[i] * x[i] * y[i];
    return sum;
}

static sy_status find_aliased(sy_context *ctx, const job *j, syi_mediation_sheet *s)
{
    const size_t p = (size_t)s->p;
    syi_dd *a = syi_alloc(p * p, sizeof *a);
    double *floor_ = syi_alloc(p, sizeof *floor_);
    int *aliased = syi_alloc(p, sizeof *aliased);
    sy_status status = a && floor_ && aliased ? SY_OK : no_room(ctx, s->n);
    for (int r = 0; r < s->p && !status; r++) {
        floor_[r] = alias_floor;
        for (int c = 0; c <= r; c++)
            a[(size_t)r * p + (size_t)c] = a[(size_t)c * p + (size_t)r] = syi_dd_of(cross(s, tried(s, r), tried(s, c)));
        status = syi_serial_stopped(ctx);
    }
    if (!status) {
        syi_cholesky(s->p, a, floor_, aliased);
        for (int k = 0; k < s->p && status >= 0; k++) {
            s->in[tried(s, k)] = !aliased[k];
            if (aliased[k]) status = tell_aliased(ctx, j, s, tried(s, k));
        }
    }
    SYI_FREE(a);
    SYI_FREE(floor_);
    SYI_FREE(aliased);
    return status;
}

/* ---- all of it */

static sy_status number_levels(sy_context *ctx, const job *j, syi_mediation_sheet *s)
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
    job j;
    memset(&j, 0, sizeof j);
    memset(s, 0, sizeof *s);
    s->asked = asked;
    sy_status status = open_model(ctx, design, asked, &j);
    if (status >= 0) status = lay_out(ctx, &j, s);
    if (status >= 0) status = read_rows(ctx, &j, s);
    if (status >= 0) status = set_treatment(ctx, &j, s);
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
        if (!status) status = find_aliased(ctx, &j, s);
        s->rows_read = (double)design->n;
        s->rows_dropped = j.model.rows_dropped;
        s->count = j.model.n;
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
