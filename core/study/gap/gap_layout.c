/* The columns a gap's models have, and the lines of its result.
 *
 * A factor stands with the levels that some row has, and its first one is left
 * out where a model is fitted: the detail counts coefficients from their mean
 * over the levels, so which one is left out changes nothing. A product with a
 * factor would have no such mean, and is refused.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "study/gap/gap_internal.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const sy_column *factor_of(const sy_design *design, int term)
{
    const sy_column *c = &design->columns[design->terms[term].factors[0].column];
    return c->type == SY_CODES ? c : NULL;
}

static sy_status check_term(sy_context *ctx, const sy_design *design, const sy_gap_question *ask, const char *where,
                            int t)
{
    const sy_term *term = &design->terms[t];
    int factors = 0;
    for (int k = 0; k < term->n_factors; k++) factors += design->columns[term->factors[k].column].type == SY_CODES;
    if (factors > 0 && term->n_factors > 1)
        return syi_fail(ctx, SY_EINVAL,
                        "%s: %s is a product with a factor; a gap takes numbers, their products, and whole factors "
                        "(make one column of the product beforehand)",
                        where, term->label);
    if (ask->method == SY_GAP_KITAGAWA && factors == 0)
        return syi_fail(ctx, SY_EINVAL,
                        "%s: %s is a number; method = \"kitagawa\" compares cells and needs factors (cut it into "
                        "levels, or take method = \"oaxaca\")",
                        where, term->label);
    return SY_OK;
}

/* Takes a term into the model, once. */
static sy_status take(sy_context *ctx, const sy_design *design, const sy_gap_question *ask, const char *where, int t,
                      int block, syi_gap_model *m)
{
    if (t < 0 || t >= design->n_terms)
        return syi_fail(ctx, SY_EINVAL, "%s: term number %d, there are %d", where, t, design->n_terms);
    if (t == ask->outcome)
        return syi_fail(ctx, SY_EINVAL, "%s: %s is the outcome; it cannot explain itself", where,
                        design->terms[t].label);
    for (int k = 0; k < m->n_terms; k++)
        if (m->term[k].term == t)
            return syi_fail(ctx, SY_EINVAL, "%s: the term %s is already used in %s; a term may be in one place only",
                            where, design->terms[t].label,
                            m->term[k].block < 0 ? "adjust" : ask->blocks[m->term[k].block].name);
    m->term[m->n_terms++] = (syi_gap_term){.term = t, .block = block, .factor = factor_of(design, t) != NULL};
    return check_term(ctx, design, ask, where, t);
}

static sy_status take_terms(sy_context *ctx, const sy_design *design, const sy_gap_question *ask, syi_gap_model *m)
{
    sy_status status = SY_OK;
    if (ask->outcome < 0 || ask->outcome >= design->n_terms)
        return syi_fail(ctx, SY_EINVAL, "outcome: term number %d, there are %d", ask->outcome, design->n_terms);
    for (int k = 0; k < design->terms[ask->outcome].n_factors; k++)
        if (design->columns[design->terms[ask->outcome].factors[k].column].type == SY_CODES)
            return syi_fail(ctx, SY_EINVAL, "outcome: %s is a factor; it must be one numeric column",
                            design->terms[ask->outcome].label);
    if (ask->n_blocks < 1) return syi_fail(ctx, SY_EINVAL, "blocks: there is none; at least 1 is needed");
    for (int a = 0; a < ask->n_adjust && !status; a++) status = take(ctx, design, ask, "adjust", ask->adjust[a], -1, m);
    for (int b = 0; b < ask->n_blocks && !status; b++) {
        const sy_block *block = &ask->blocks[b];
        if (block->n_terms < 1)
            return syi_fail(ctx, SY_EINVAL, "blocks: the block %s is empty; give it at least one term", block->name);
        for (int c = 0; c < b; c++)
            if (!strcmp(block->name, ask->blocks[c].name))
                return syi_fail(ctx, SY_EINVAL, "blocks: the name %s is given twice", block->name);
        for (int t = 0; t < block->n_terms && !status; t++)
            status = take(ctx, design, ask, block->name, block->terms[t], b, m);
    }
    return status;
}

/* Rows of each group at each level of a factor: rows [2 * levels]. */
static void count_levels(const syi_gap_rows *rows, const sy_column *factor, double *count)
{
    const int32_t *code = factor->data;
    for (int l = 0; l < 2 * factor->n_levels; l++) count[l] = 0;
    for (ptrdiff_t i = 0; i < rows->n; i++) count[(i >= rows->group_n[0] ? factor->n_levels : 0) + code[i]] += 1;
}

/* A level that one group has no row of has no coefficient there. */
static sy_status check_level(sy_context *ctx, const sy_gap_question *ask, const syi_gap_rows *rows, const char *label,
                             const sy_column *factor, int level, const double *count)
{
    const int empty = count[level] > 0 ? 1 : 0;
    if (ask->method != SY_GAP_OAXACA || (count[level] > 0 && count[factor->n_levels + level] > 0)) return SY_OK;
    return syi_fail(ctx, SY_EDATA,
                    "%s: no row of %s = %s has the level %s, so its coefficient is unknown there; merge the level with "
                    "another or leave its rows out",
                    label, ask->group->name, ask->group->levels[rows->level[empty]], factor->levels[level]);
}

static void add_column(syi_gap_model *m, int k, int column, int level)
{
    const int at = m->n_columns++;
    m->column[at] = column;
    m->level[at] = level;
    m->term_of[at] = k;
    m->term[k].count++;
}

static sy_status take_columns(sy_context *ctx, const syi_gap_rows *rows, syi_gap_model *m)
{
    sy_status status = SY_OK;
    for (int k = 0; k < m->n_terms && !status; k++) {
        syi_gap_term *term = &m->term[k];
        const int first = rows->layout.first[term->term];
        term->first = m->n_columns;
        if (!term->factor) {
            add_column(m, k, first, -1);
            continue;
        }
        const sy_column *factor = &rows->columns[m->design->terms[term->term].factors[0].column];
        double *count = syi_alloc(2 * (size_t)factor->n_levels + 1, sizeof *count);
        if (!count) return syi_fail(ctx, SY_ENOMEM, "blocks: no room for %d levels", factor->n_levels);
        count_levels(rows, factor, count);
        for (int l = 0; l < factor->n_levels && !status; l++) {
            if (!(count[l] > 0 || count[factor->n_levels + l] > 0)) continue;
            status = check_level(ctx, m->ask, rows, m->design->terms[term->term].label, factor, l, count);
            add_column(m, k, first + l, l);
        }
        SYI_FREE(count);
    }
    m->column[m->n_columns] = rows->layout.first[m->ask->outcome];
    return status;
}

/* Which columns are fitted, before any is found to be aliased. */
static void choose_fitted(syi_gap_model *m)
{
    for (int j = 0; j < m->n_columns; j++) {
        const syi_gap_term *term = &m->term[m->term_of[j]];
        m->q_adjust += term->block < 0;
        if (term->factor && j == term->first) continue;
        m->k_adjust += term->block < 0;
        m->fitted[m->k++] = j;
    }
}

/* Total, blocks, adjust, constant or rest; then every term with its levels, blocks first. */
static void number_lines(syi_gap_model *m)
{
    const sy_gap_question *ask = m->ask;
    m->adjust_line = ask->n_adjust > 0 ? 1 + ask->n_blocks : -1;
    int at = 1 + ask->n_blocks + (ask->n_adjust > 0);
    m->constant_line = ask->method == SY_GAP_OAXACA ? at : -1;
    m->rest_line = ask->method == SY_GAP_OAXACA ? -1 : at;
    at++;
    for (int adjusting = 0; adjusting < 2; adjusting++)
        for (int k = 0; k < m->n_terms; k++) {
            syi_gap_term *term = &m->term[k];
            if ((term->block < 0) != adjusting) continue;
            const int levels = term->factor && ask->method != SY_GAP_KITAGAWA;
            /* adjusting factors make cells together */
            term->block_line = adjusting ? m->adjust_line : 1 + term->block;
            term->line = adjusting && ask->method == SY_GAP_KITAGAWA ? m->adjust_line : at++;
            for (int j = 0; j < term->count; j++) m->line[term->first + j] = levels ? at++ : term->line;
        }
    m->n_lines = at;
}

sy_status syi_gap_model_init(sy_context *ctx, const sy_design *design, const sy_gap_question *ask,
                             const syi_gap_rows *rows, syi_gap_model *m)
{
    const size_t columns = (size_t)rows->layout.n_columns + 1;
    *m = (syi_gap_model){.design = design, .ask = ask};
    m->term = syi_alloc((size_t)design->n_terms + 1, sizeof *m->term);
    m->column = syi_alloc(columns, sizeof *m->column);
    m->level = syi_alloc(columns, sizeof *m->level);
    m->term_of = syi_alloc(columns, sizeof *m->term_of);
    m->line = syi_alloc(columns, sizeof *m->line);
    m->fitted = syi_alloc(columns, sizeof *m->fitted);
    if (!m->term || !m->column || !m->level || !m->term_of || !m->line || !m->fitted)
        return syi_fail(ctx, SY_ENOMEM, "blocks: no room for %zu columns", columns);
    sy_status status = take_terms(ctx, design, ask, m);
    if (!status) status = take_columns(ctx, rows, m);
    if (status) return status;
    choose_fitted(m);
    number_lines(m);
    return SY_OK;
}

void syi_gap_model_free(syi_gap_model *m)
{
    SYI_FREE(m->term);
    SYI_FREE(m->column);
    SYI_FREE(m->level);
    SYI_FREE(m->term_of);
    SYI_FREE(m->line);
    SYI_FREE(m->fitted);
}

void syi_gap_label(const syi_gap_model *m, int column, char *text, size_t size)
{
    const int t = m->term[m->term_of[column]].term;
    if (m->level[column] < 0) snprintf(text, size, "%s", m->design->terms[t].label);
    else snprintf(text, size, "%s[%s]", m->design->terms[t].label, factor_of(m->design, t)->levels[m->level[column]]);
}

static void name_lines(const syi_gap_model *m, sy_gap_row *line)
{
    static const sy_gap_row blank = {
        .block = -1, .term = -1, .mean = {NAN, NAN}, .coefficient = {NAN, NAN, NAN}, .label = "total"};
    for (int i = 0; i < m->n_lines; i++) line[i] = blank;
    for (int b = 0; b < m->ask->n_blocks; b++) {
        line[1 + b].kind = SY_GAP_BLOCK;
        line[1 + b].block = b;
        line[1 + b].label = m->ask->blocks[b].name;
    }
    if (m->adjust_line >= 0) {
        line[m->adjust_line].kind = SY_GAP_ADJUST;
        line[m->adjust_line].label = "adjust";
    }
    if (m->constant_line >= 0) {
        line[m->constant_line].kind = SY_GAP_CONSTANT;
        line[m->constant_line].label = "(Intercept)";
    }
    if (m->rest_line >= 0) {
        line[m->rest_line].kind = SY_GAP_REST;
        line[m->rest_line].label = m->ask->method == SY_GAP_KITAGAWA ? "rate" : "unexplained";
    }
    for (int k = 0; k < m->n_terms; k++) {
        const syi_gap_term *term = &m->term[k];
        sy_gap_row row = blank;
        if (term->line == m->adjust_line) continue;
        row.kind = SY_GAP_TERM;
        row.block = term->block;
        row.term = term->term;
        row.label = m->design->terms[term->term].label;
        line[term->line] = row;
        row.kind = SY_GAP_LEVEL;
        for (int j = term->first; j < term->first + term->count; j++) {
            if (m->line[j] == term->line) continue;
            row.label = factor_of(m->design, term->term)->levels[m->level[j]];
            line[m->line[j]] = row;
        }
    }
}

sy_status syi_gap_lines(sy_context *ctx, const syi_gap_model *m, sy_gap_result *r)
{
    const int oaxaca = m->ask->method == SY_GAP_OAXACA;
    r->method = m->ask->method;
    r->reference = m->ask->reference;
    r->n_rows = m->n_lines;
    r->n_columns = oaxaca ? SY_GAP_OAXACA_COLUMNS : 1;
    r->n_references = !oaxaca ? 0 : m->ask->reference == SY_REFERENCE_NUMBER ? 7 : 6;
    r->n_values = r->n_rows * r->n_columns + r->n_references * SY_GAP_SPLITS + SY_GAP_ENDS;
    const size_t values = (size_t)r->n_values;
    double **all[] = {&r->estimate, &r->std_error, &r->statistic, &r->p_value, &r->low, &r->high};
    r->rows = syi_alloc((size_t)r->n_rows, sizeof *r->rows);
    int fine = r->rows != NULL;
    for (size_t i = 0; i < sizeof all / sizeof *all && fine; i++) {
        *all[i] = syi_alloc(values, sizeof(double));
        fine = *all[i] != NULL;
        for (size_t v = 0; v < values && fine; v++) (*all[i])[v] = NAN;
    }
    if (!fine) return syi_fail(ctx, SY_ENOMEM, "blocks: no room for %d lines", r->n_rows);
    name_lines(m, r->rows);
    return SY_OK;
}
