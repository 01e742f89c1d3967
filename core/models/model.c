/* From a model to its columns.
 *
 * A term is a product of numbers and factors; a factor stands in it with one
 * column a level in use, or one less: with contrasts where an earlier term (or
 * the intercept, or the absorbed levels) already holds what is left of the
 * term without it, which is R's rule; without an intercept the first factor of
 * the model stands with all its levels. Treatment contrasts: an indicator of
 * each level but the first; sum contrasts: the last level is minus one in all
 * of them. The first factor of a term varies fastest. Powers of one number are
 * different variables, as in R. Cost: one pass over the rows when there are
 * factors, to find the levels in use.
 * Chambers & Hastie 1992, Statistical Models in S, section 2.4.1.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/moments_build_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/model_internal.h"
#include "models/model_rows_internal.h"
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { MOST_COLUMNS = 20000 };

static const sy_term *term_of(const syi_model *m, int t)
{
    return &m->design->terms[m->model.terms[t]];
}

/* Term t of the model; t = n_terms: the outcome. */
static const sy_term *number_source(const syi_model *m, int t)
{
    static const sy_term none = {"", 0, NULL};
    if (t < m->model.n_terms) return term_of(m, t);
    return m->model.outcome < 0 ? &none : &m->design->terms[m->model.outcome];
}

static int is_code(const sy_design *d, const sy_factor *f)
{
    return d->columns[f->column].type == SY_CODES;
}

static sy_status check_term(sy_context *ctx, const sy_design *d, const sy_linear_model *model, int t)
{
    const int term = model->terms[t];
    if (term < 0 || term >= d->n_terms)
        return syi_fail(ctx, SY_EINVAL, "terms: %d is not among the %d terms of the design", term, d->n_terms);
    if (term == model->outcome)
        return syi_fail(ctx, SY_EINVAL, "%s: is the outcome and a term as well", d->terms[term].label);
    for (int s = 0; s < t; s++)
        if (model->terms[s] == term)
            return syi_fail(ctx, SY_EINVAL, "%s: this term is in the model twice", d->terms[term].label);
    int codes = 0;
    for (int k = 0; k < d->terms[term].n_factors; k++) codes += is_code(d, &d->terms[term].factors[k]);
    if (codes > SYI_MODEL_CODES)
        return syi_fail(ctx, SY_ELIMIT, "%s: a product of %d factors; the limit is %d", d->terms[term].label, codes,
                        SYI_MODEL_CODES);
    return SY_OK;
}

static sy_status check_absorb(sy_context *ctx, const sy_column *c)
{
    if (!c) return SY_OK;
    if (!c->name || !*c->name) return syi_fail(ctx, SY_EINVAL, "absorb: the column has no name");
    if (c->type != SY_CODES || c->n_levels < 1 || !c->levels)
        return syi_fail(ctx, SY_EINVAL, "absorb: %s must be a factor (codes with names)", c->name);
    return c->data ? SY_OK : syi_fail(ctx, SY_EINVAL, "absorb: %s has no values", c->name);
}

static sy_status check_outcome(sy_context *ctx, const sy_design *d, int outcome)
{
    if (outcome == -1) return SY_OK;
    if (outcome < 0 || outcome >= d->n_terms)
        return syi_fail(ctx, SY_EINVAL, "outcome: %d is not among the %d terms of the design", outcome, d->n_terms);
    const sy_term *y = &d->terms[outcome];
    for (int k = 0; k < y->n_factors; k++)
        if (is_code(d, &y->factors[k]))
            return syi_fail(ctx, SY_EINVAL, "%s: is a factor; the outcome must be a number", y->label);
    return SY_OK;
}

static sy_status check_model(sy_context *ctx, const sy_design *d, const sy_linear_model *model)
{
    sy_status s = check_outcome(ctx, d, model->outcome);
    if (s < 0) return s;
    if (model->n_terms < 0 || (model->n_terms > 0 && !model->terms))
        return syi_fail(ctx, SY_EINVAL, "terms: none given; at least one is needed");
    if (model->n_terms == 0 && !model->intercept)
        return syi_fail(ctx, SY_EINVAL, "terms: none given, and no intercept; there is nothing to fit");
    if (model->coding != SY_CODING_TREATMENT && model->coding != SY_CODING_SUM)
        return syi_fail(ctx, SY_EINVAL, "coding: %d; it must be treatment or sum", (int)model->coding);
    for (int t = 0; t < model->n_terms && s >= 0; t++) s = check_term(ctx, d, model, t);
    return s >= 0 ? check_absorb(ctx, model->absorb) : s;
}

/* The design with the absorbed factor as its last column and term, so that its
 * missing values and levels are found like any other's. */
static int add_absorbed(syi_model *m, const sy_design *d)
{
    const size_t columns = (size_t)d->n_columns + 1, terms = (size_t)d->n_terms + 1;
    m->own_columns = syi_alloc(columns, sizeof *m->own_columns);
    m->own_terms = syi_alloc(terms, sizeof *m->own_terms);
    if (!m->own_columns || !m->own_terms) return -1;
    memcpy(m->own_columns, d->columns, (columns - 1) * sizeof *m->own_columns);
    memcpy(m->own_terms, d->terms, (terms - 1) * sizeof *m->own_terms);
    m->own_columns[columns - 1] = *m->model.absorb;
    m->own_factor = (sy_factor){d->n_columns, 1};
    m->own_terms[terms - 1] = (sy_term){m->model.absorb->name, 1, &m->own_factor};
    m->own = *d;
    m->own.n_columns++;
    m->own.n_terms++;
    m->own.columns = m->own_columns;
    m->own.terms = m->own_terms;
    m->design = &m->own;
    m->absorb = d->n_columns;
    return 0;
}

static sy_status make_room(sy_context *ctx, syi_model *m)
{
    const sy_design *d = m->design;
    const size_t columns = (size_t)d->n_columns, terms = (size_t)m->model.n_terms + 1;
    size_t levels = 1;
    for (int c = 0; c < d->n_columns; c++)
        if (d->columns[c].type == SY_CODES) levels += (size_t)d->columns[c].n_levels;
    m->most = 1;
    for (int t = 0; t < m->model.n_terms; t++)
        if (term_of(m, t)->n_factors > m->most) m->most = term_of(m, t)->n_factors;
    m->first = syi_alloc(terms, sizeof *m->first);
    m->count = syi_alloc(terms, sizeof *m->count);
    m->places = syi_alloc(columns, sizeof *m->places);
    m->level_at = syi_alloc(columns, sizeof *m->level_at);
    m->n_used = syi_alloc(columns, sizeof *m->n_used);
    m->level = syi_alloc(levels, sizeof *m->level);
    m->position = syi_alloc(levels, sizeof *m->position);
    m->full = syi_alloc(terms * (size_t)m->most, sizeof *m->full);
    if (!m->first || !m->count || !m->places || !m->level_at || !m->n_used || !m->level || !m->position || !m->full)
        return syi_fail(ctx, SY_ENOMEM, "model: out of memory for %d terms", m->model.n_terms);
    int at = 0;
    for (int c = 0; c < d->n_columns; c++) {
        m->places[c] = -1;
        m->level_at[c] = at;
        if (d->columns[c].type == SY_CODES) at += d->columns[c].n_levels;
    }
    return SY_OK;
}

/* The products of numbers alone, as a design of their own. */
static sy_status split_numbers(sy_context *ctx, syi_model *m)
{
    const size_t terms = (size_t)m->model.n_terms + 1;
    size_t factors = 1, at = 0;
    for (size_t t = 0; t < terms; t++) factors += (size_t)number_source(m, (int)t)->n_factors;
    m->number_terms = syi_alloc(terms, sizeof *m->number_terms);
    m->number_factors = syi_alloc(factors, sizeof *m->number_factors);
    m->unit = syi_alloc(terms, sizeof *m->unit);
    if (!m->number_terms || !m->number_factors || !m->unit)
        return syi_fail(ctx, SY_ENOMEM, "model: out of memory for %d terms", m->model.n_terms);
    for (size_t t = 0; t < terms; t++) {
        const sy_term *term = number_source(m, (int)t);
        m->unit[t] = 1;
        m->number_terms[t] = (sy_term){term->label, 0, m->number_factors + at};
        for (int k = 0; k < term->n_factors; k++) {
            if (is_code(m->design, &term->factors[k])) continue;
            m->number_factors[at++] = term->factors[k];
            m->number_terms[t].n_factors++;
        }
    }
    m->numbers = *m->design;
    m->numbers.n_terms = (int)terms;
    m->numbers.terms = m->number_terms;
    return SY_OK;
}

static int holds(const sy_term *term, const sy_factor *f)
{
    for (int k = 0; k < term->n_factors; k++)
        if (term->factors[k].column == f->column && term->factors[k].power == f->power) return 1;
    return 0;
}

/* Does an earlier term, or the intercept, hold term t without factor k? */
static int margin_is_in(const syi_model *m, int t, int k)
{
    const sy_term *term = term_of(m, t);
    if (term->n_factors == 1) return 1;
    for (int s = 0; s < t; s++) {
        int all = 1;
        for (int j = 0; j < term->n_factors && all; j++) all = j == k || holds(term_of(m, s), &term->factors[j]);
        if (all) return 1;
    }
    return 0;
}

static void choose_codings(syi_model *m)
{
    int first_factor = !m->model.intercept && !m->model.absorb;
    for (int t = 0; t < m->model.n_terms; t++)
        for (int k = 0; k < term_of(m, t)->n_factors; k++) {
            if (!is_code(m->design, &term_of(m, t)->factors[k])) continue;
            m->full[t * m->most + k] = first_factor || !margin_is_in(m, t, k);
            first_factor = 0;
        }
}

int syi_model_codes(const syi_model *m, int t, int k)
{
    const sy_factor *f = &term_of(m, t)->factors[k];
    if (!is_code(m->design, f)) return 1;
    return m->n_used[f->column] - !m->full[t * m->most + k];
}

static sy_status count_columns(sy_context *ctx, syi_model *m)
{
    m->count[0] = m->model.intercept && !m->model.absorb;
    m->p = m->count[0];
    for (int t = 0; t < m->model.n_terms; t++) {
        double count = 1;
        const sy_term *term = term_of(m, t);
        for (int k = 0; k < term->n_factors; k++) {
            const int column = term->factors[k].column;
            if (m->design->columns[column].type == SY_CODES && m->n_used[column] < 2)
                return syi_fail(ctx, SY_EINVAL, "%s: only one of its levels has rows (%s); a factor needs two",
                                m->design->columns[column].name,
                                m->design->columns[column].levels[m->level[m->level_at[column]]]);
            count *= syi_model_codes(m, t, k);
        }
        if (count + m->p > MOST_COLUMNS)
            return syi_fail(ctx, SY_ELIMIT, "%s: the model would have %.0f columns; the limit is %d", term->label,
                            count + m->p, MOST_COLUMNS);
        m->first[t + 1] = m->p;
        m->count[t + 1] = (int)count;
        m->p += (int)count;
    }
    return m->p > 0 ? SY_OK : syi_fail(ctx, SY_EINVAL, "terms: none given; at least one is needed");
}

static sy_status choose_precision(sy_context *ctx, syi_model *m, sy_precision precision)
{
    m->twofold =
        precision == SY_PRECISION_TWOFOLD || (precision == SY_PRECISION_AUTO && syi_model_light(m->design, m->p));
    const sy_status read = m->twofold ? syi_design_places(ctx, m->design, m->places) : SY_OK;
    if (read < 0) return read;
    m->noise = syi_alloc((size_t)m->p + 1, sizeof *m->noise);
    if (!m->noise) return syi_fail(ctx, SY_ENOMEM, "model: out of memory for %d columns", m->p);
    const int *places = m->twofold ? m->places : NULL;
    for (int t = 0; t < m->model.n_terms; t++)
        for (int c = 0; c < m->count[t + 1]; c++)
            m->noise[m->first[t + 1] + c] = syi_term_rounding(m->design, term_of(m, t), places);
    m->noise[m->p] = syi_term_rounding(m->design, number_source(m, m->model.n_terms), places);
    return SY_OK;
}

static int has_factors(const syi_model *m)
{
    for (int t = 0; t < m->model.n_terms; t++)
        for (int k = 0; k < term_of(m, t)->n_factors; k++)
            if (is_code(m->design, &term_of(m, t)->factors[k])) return 1;
    return m->absorb >= 0;
}

static void use_all_levels(syi_model *m)
{
    for (int c = 0; c < m->design->n_columns; c++) {
        if (m->design->columns[c].type != SY_CODES) continue;
        m->n_used[c] = m->design->columns[c].n_levels;
        for (int l = 0; l < m->n_used[c]; l++) m->level[m->level_at[c] + l] = m->position[m->level_at[c] + l] = l;
    }
}

sy_status syi_model_open(sy_context *ctx, const sy_design *design, const sy_linear_model *model, sy_precision precision,
                         syi_model *m)
{
    *m = (syi_model){.design = design, .model = *model, .absorb = -1};
    sy_status s = syi_design_check(ctx, design);
    if (s >= 0) s = check_model(ctx, design, model);
    if (s < 0) return s;
    if (model->absorb && add_absorbed(m, design) != 0) s = syi_fail(ctx, SY_ENOMEM, "model: out of memory");
    if (s >= 0) s = make_room(ctx, m);
    if (s >= 0) s = split_numbers(ctx, m);
    if (s >= 0 && m->model.outcome < 0) use_all_levels(m);
    else if (s >= 0 && has_factors(m)) s = syi_model_rows(ctx, m);
    if (s >= 0) {
        choose_codings(m);
        s = count_columns(ctx, m);
    }
    if (s >= 0) s = choose_precision(ctx, m, precision);
    if (s >= 0 && m->absorb >= 0 && m->model.outcome >= 0) s = syi_model_centre(ctx, m);
    if (s < 0) syi_model_free(m);
    return s;
}

sy_status syi_model_init(sy_context *ctx, const sy_design *design, const sy_linear_model *model, syi_model *m)
{
    sy_status s = syi_model_open(ctx, design, model, SY_PRECISION_AUTO, m);
    if (s >= 0 && (s = syi_model_rows(ctx, m)) < 0) syi_model_free(m);
    return s;
}

void syi_model_free(syi_model *m)
{
    SYI_FREE(m->first);
    SYI_FREE(m->count);
    SYI_FREE(m->places);
    SYI_FREE(m->noise);
    SYI_FREE(m->level_at);
    SYI_FREE(m->level);
    SYI_FREE(m->position);
    SYI_FREE(m->n_used);
    SYI_FREE(m->full);
    SYI_FREE(m->mean_hi);
    SYI_FREE(m->mean_lo);
    SYI_FREE(m->group_weight);
    SYI_FREE(m->power);
    SYI_FREE(m->number_terms);
    SYI_FREE(m->number_factors);
    SYI_FREE(m->unit);
    SYI_FREE(m->own_columns);
    SYI_FREE(m->own_terms);
    *m = (syi_model){0};
}

int syi_model_term_of(const syi_model *m, int column)
{
    for (int t = 0; t < m->model.n_terms; t++)
        if (column >= m->first[t + 1] && column < m->first[t + 1] + m->count[t + 1]) return t;
    return -1;
}

/* Appends to a text that is cut off where it is full. */
static void append(char *text, size_t size, const char *more)
{
    const size_t used = strlen(text);
    if (used + 1 < size) snprintf(text + used, size - used, "%s", more);
}

void syi_model_label(const syi_model *m, int column, char *text, size_t size)
{
    const int t = syi_model_term_of(m, column);
    if (size == 0) return;
    text[0] = 0;
    if (t < 0) {
        append(text, size, "(Intercept)");
        return;
    }
    const sy_term *term = term_of(m, t);
    int cell = column - m->first[t + 1], codes = 0;
    for (int k = 0; k < term->n_factors; k++) codes += is_code(m->design, &term->factors[k]);
    if (codes == 0) append(text, size, term->label);
    for (int k = 0; codes > 0 && k < term->n_factors; k++) {
        const sy_factor *f = &term->factors[k];
        const sy_column *c = &m->design->columns[f->column];
        char power[16];
        if (k > 0) append(text, size, ":");
        append(text, size, c->name);
        if (f->power > 1) {
            snprintf(power, sizeof power, "^%d", f->power);
            append(text, size, power);
        }
        if (c->type != SY_CODES) continue;
        const int n = syi_model_codes(m, t, k);
        const int base = !m->full[t * m->most + k] && m->model.coding == SY_CODING_TREATMENT;
        append(text, size, "[");
        append(text, size, c->levels[m->level[m->level_at[f->column] + cell % n + base]]);
        append(text, size, "]");
        cell /= n;
    }
}
