/* Estimated marginal means.
 *
 * The mean of a crossing of levels is c'b, c the average of the model's columns
 * over all crossings of the other factors' levels in use, each counting once,
 * with every numeric variable at its mean (x^2 at the square of the mean of x).
 * A column is a product of one code a factor, and each factor is averaged by
 * itself, so c is a product of averages and no grid is built. Variance c'Vc;
 * degrees of freedom the least of those of the coefficients c rests on.
 * Conditions: c'b does not depend on how aliased columns are set (estimable);
 * else NaN. A mean whose variance is zero but for rounding has a standard error
 * of 0 and no limits. Cost: m p for the combinations, m p^2 for the covariance.
 * Searle, Speed & Milliken 1980, doi:10.1080/00031305.1980.10483031.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/linear/means_internal.h"
#include "steelyard/anova.h"
#include "steelyard/distribution.h"
#include <stdio.h>
#include <string.h>

enum { MOST_MEANS = 10000 };
static const double LOST = 1e-14; /* 64 roundings of the terms */

static const sy_term *term_of(const syi_model *m, int t)
{
    return &m->design->terms[m->model.terms[t]];
}

static sy_status check_factors(sy_context *ctx, const sy_design *d, int n_factors, const int *factors, int *count)
{
    double means = 1;
    if (n_factors < 1) return syi_fail(ctx, SY_EINVAL, "factors: none given; at least one is needed");
    for (int k = 0; k < n_factors; k++) {
        if (factors[k] < 0 || factors[k] >= d->n_columns)
            return syi_fail(ctx, SY_EINVAL, "factors: %d is not a column of the design", factors[k]);
        const sy_column *c = &d->columns[factors[k]];
        if (c->type != SY_CODES)
            return syi_fail(ctx, SY_EINVAL, "%s: is a number; means are of a factor's levels", c->name);
        for (int j = 0; j < k; j++)
            if (factors[j] == factors[k]) return syi_fail(ctx, SY_EINVAL, "%s: is among the factors twice", c->name);
        means *= c->n_levels;
    }
    if (means > MOST_MEANS)
        return syi_fail(ctx, SY_ELIMIT, "factors: %.0f crossings of their levels; the limit is %d", means, MOST_MEANS);
    *count = (int)means;
    return SY_OK;
}

static int in_model(const sy_design *d, const sy_linear_model *model, int column)
{
    for (int t = 0; t < model->n_terms; t++) {
        const sy_term *term = &d->terms[model->terms[t]];
        for (int k = 0; k < term->n_factors; k++)
            if (term->factors[k].column == column) return 1;
    }
    return 0;
}

static sy_status check_model(sy_context *ctx, const sy_design *d, const sy_linear_model *model, int n_factors,
                             const int *factors)
{
    if (model->absorb)
        return syi_fail(ctx, SY_EINVAL,
                        "absorb: %s has no coefficients, so fitted values have no level; put it among the "
                        "terms for means",
                        model->absorb->name);
    for (int t = 0; t < model->n_terms; t++)
        if (model->terms[t] < 0 || model->terms[t] >= d->n_terms)
            return syi_fail(ctx, SY_EINVAL, "terms: %d is not among the %d terms of the design", model->terms[t],
                            d->n_terms);
    for (int k = 0; k < n_factors; k++)
        if (!in_model(d, model, factors[k]))
            return syi_fail(ctx, SY_EINVAL, "%s: is not in the model", d->columns[factors[k]].name);
    return SY_OK;
}

/* Code of a level (by its place among those in use) in coded column `index`. */
static double code(const syi_model *m, int t, int k, int position, int index)
{
    const int column = term_of(m, t)->factors[k].column;
    if (m->full[t * m->most + k]) return position == index;
    if (m->model.coding == SY_CODING_TREATMENT) return position == index + 1;
    return position == m->n_used[column] - 1 ? -1 : position == index;
}

typedef struct {
    const syi_model *m;
    const double *number; /* [design columns] means of the numeric ones */
    int *level;           /* [design columns] the level asked for, -1: average */
} place;

/* What factor k of term t contributes to a column. */
static double part(const place *at, int t, int k, int index)
{
    const syi_model *m = at->m;
    const sy_factor *f = &term_of(m, t)->factors[k];
    double value = 1;
    if (m->design->columns[f->column].type != SY_CODES) {
        for (int e = 0; e < f->power; e++) value *= at->number[f->column];
        return value;
    }
    if (at->level[f->column] >= 0) {
        const int position = m->position[m->level_at[f->column] + at->level[f->column]];
        return position < 0 ? (double)NAN : code(m, t, k, position, index);
    }
    value = 0;
    for (int l = 0; l < m->n_used[f->column]; l++) value += code(m, t, k, l, index);
    return value / m->n_used[f->column];
}

static void combine(const place *at, double *c)
{
    const syi_model *m = at->m;
    for (int column = 0; column < m->p; column++) {
        const int t = syi_model_term_of(m, column);
        c[column] = 1;
        int cell = t < 0 ? 0 : column - m->first[t + 1];
        for (int k = 0; t >= 0 && k < term_of(m, t)->n_factors; k++) {
            const int codes = syi_model_codes(m, t, k);
            c[column] *= part(at, t, k, cell % codes);
            cell /= codes;
        }
    }
}

static void combine_all(place *at, int n_factors, const int *factors, int means, double *c)
{
    const sy_design *d = at->m->design;
    for (int i = 0; i < d->n_columns; i++) at->level[i] = -1;
    for (int i = 0; i < means; i++) {
        int rest = i;
        for (int k = 0; k < n_factors; k++) {
            at->level[factors[k]] = rest % d->columns[factors[k]].n_levels;
            rest /= d->columns[factors[k]].n_levels;
        }
        combine(at, c + (size_t)i * (size_t)at->m->p);
    }
}

/* sum over columns with a coefficient of x[k] y[k], double-double */
static double dot(int p, const double *coefficient, const double *x, const double *y)
{
    syi_dd sum = syi_dd_of(0);
    for (int k = 0; k < p; k++)
        if (!isnan(coefficient[k]) && x[k] != 0) sum = syi_dd_add(sum, syi_two_product(x[k], y[k]));
    return syi_dd_round(sum);
}

typedef struct {
    int p, means;
    const double *coefficient, *covariance, *df, *c;
    const int *estimable;
    double *turned; /* [p] V c */
} question;

/* c'Vc lost in the rounding of its terms, of which the greatest are on the
 * diagonal: the rows or clusters that decide the mean leave no residuals. */
static int is_lost(const question *q, const double *c, double variance)
{
    double most = 0;
    for (int k = 0; k < q->p; k++)
        if (!isnan(q->coefficient[k])) most = fmax(most, c[k] * c[k] * q->covariance[k * q->p + k]);
    return !(variance > LOST * most);
}

static sy_status answer_one(sy_context *ctx, const question *q, int i, double level, const sy_means_table *out)
{
    const size_t p = (size_t)q->p, means = (size_t)q->means, at = (size_t)i;
    const double *c = q->c + at * p;
    double wide = NAN;
    out->estimate[i] = out->std_error[i] = out->df[i] = out->low[i] = out->high[i] = NAN;
    for (size_t j = 0; j <= at; j++) out->covariance[at * means + j] = out->covariance[j * means + at] = NAN;
    if (!q->estimable[i]) return SY_OK;
    out->estimate[i] = dot(q->p, q->coefficient, c, q->coefficient);
    for (size_t k = 0; k < p; k++) {
        q->turned[k] = isnan(q->coefficient[k]) ? 0 : dot(q->p, q->coefficient, c, q->covariance + k * p);
        if (c[k] != 0 && !isnan(q->coefficient[k])) out->df[i] = fmin(out->df[i], q->df[k]);
    }
    for (size_t j = 0; j <= at; j++)
        if (q->estimable[j])
            out->covariance[at * means + j] = out->covariance[j * means + at] =
                j < at && isnan(out->df[j]) ? 0 : dot(q->p, q->coefficient, q->c + j * p, q->turned);
    if (is_lost(q, c, out->covariance[at * means + at])) {
        for (size_t j = 0; j <= at; j++) out->covariance[at * means + j] = out->covariance[j * means + at] = 0;
        out->df[i] = NAN;
    }
    out->std_error[i] = sqrt(fmax(out->covariance[at * means + at], 0));
    if (isnan(out->df[i])) return SY_OK;
    const sy_status status = sy_distribution_t_quantile(ctx, (1 - level) / 2, out->df[i], &wide);
    out->low[i] = out->estimate[i] + wide * out->std_error[i];
    out->high[i] = out->estimate[i] - wide * out->std_error[i];
    return status;
}

static sy_status remark(sy_context *ctx, const sy_design *d, int n_factors, const int *factors, const question *q)
{
    char text[SY_NAME_LENGTH];
    int lost = 0, first = -1;
    for (int i = 0; i < q->means; i++) {
        lost += !q->estimable[i];
        if (!q->estimable[i] && first < 0) first = i;
    }
    if (lost == 0) return SY_OK;
    const sy_status status = sy_means_label(ctx, d, n_factors, factors, first, text, sizeof text);
    if (status != SY_OK) return status;
    return syi_remark(ctx, SY_NOTE_ALIASED, text, lost,
                      "%d of %d means cannot be estimated: %s%s; a cell that they average over has no rows", lost,
                      q->means, text, lost == 1 ? "" : " and others");
}

/* Combinations, estimability, answers. */
static sy_status answer(sy_context *ctx, const syi_model *m, int n_factors, const int *factors, double level,
                        question *q, const sy_means_table *out)
{
    const size_t p = (size_t)m->p, columns = (size_t)m->design->n_columns, means = (size_t)q->means;
    double *c = syi_alloc(means * p, sizeof *c), *number = syi_alloc(columns + p, sizeof *number);
    int *level_of = syi_alloc(columns, sizeof *level_of), *estimable = syi_alloc(means, sizeof *estimable), gaps = 0;
    sy_status status = SY_OK;
    if (!c || !number || !level_of || !estimable)
        status = syi_fail(ctx, SY_ENOMEM, "means: out of memory for %d means of %d columns", q->means, m->p);
    if (status == SY_OK) status = syi_column_means(ctx, m, number);
    if (status != SY_OK) goto out;
    place at = {m, number, level_of};
    combine_all(&at, n_factors, factors, q->means, c);
    for (size_t k = 0; k < p; k++) gaps += isnan(q->coefficient[k]);
    for (size_t i = 0; i < means; i++) estimable[i] = 1;
    if (gaps > 0) status = syi_estimable(ctx, m->design, &m->model, q->coefficient, q->means, c, estimable);
    for (size_t i = 0; i < means * p; i++)
        if (isnan(c[i])) estimable[i / p] = 0;
    q->c = c;
    q->estimable = estimable;
    q->turned = number + columns;
    for (int i = 0; i < q->means && status == SY_OK; i++) status = answer_one(ctx, q, i, level, out);
    if (status == SY_OK && out->combination) memcpy(out->combination, c, means * p * sizeof *c);
    if (status == SY_OK) status = remark(ctx, m->design, n_factors, factors, q);
out:
    SYI_FREE(c);
    SYI_FREE(number);
    SYI_FREE(level_of);
    SYI_FREE(estimable);
    return status;
}

sy_status sy_means_count(sy_context *ctx, const sy_design *design, const sy_linear_model *model, int n_factors,
                         const int *factors, int *m)
{
    syi_enter(ctx);
    const sy_status status = check_factors(ctx, design, n_factors, factors, m);
    return status == SY_OK ? check_model(ctx, design, model, n_factors, factors) : status;
}

sy_status sy_means(sy_context *ctx, const sy_design *design, const sy_linear_model *model, int n_factors,
                   const int *factors, const double *coefficient, const double *covariance, const double *df,
                   double level, const sy_means_table *table)
{
    const int first = ctx->n_remarks;
    syi_model m = {0};
    question q = {.coefficient = coefficient, .covariance = covariance, .df = df};
    sy_status status = sy_means_count(ctx, design, model, n_factors, factors, &q.means);
    if (status == SY_OK && !(level > 0 && level < 1))
        status = syi_fail(ctx, SY_EINVAL, "level = %g: must be between 0 and 1, both excluded", level);
    if (status == SY_OK) status = syi_model_open(ctx, design, model, SY_PRECISION_DOUBLE, &m);
    if (status < 0) return status;
    q.p = m.p;
    status = answer(ctx, &m, n_factors, factors, level, &q, table);
    syi_model_free(&m);
    return status < 0 ? status : syi_status_of_remarks(ctx, first);
}

sy_status sy_means_label(sy_context *ctx, const sy_design *design, int n_factors, const int *factors, int mean,
                         char *text, size_t size)
{
    syi_enter(ctx);
    int means = 0;
    const sy_status status = check_factors(ctx, design, n_factors, factors, &means);
    if (status != SY_OK) return status;
    if (mean < 0 || mean >= means) return syi_fail(ctx, SY_EINVAL, "mean: %d is not one of the %d", mean, means);
    if (size > 0) text[0] = 0;
    size_t used = 0;
    for (int k = 0; k < n_factors && used + 1 < size; k++) {
        const sy_column *c = &design->columns[factors[k]];
        snprintf(text + used, size - used, "%s%s", k > 0 ? ":" : "", c->levels[mean % c->n_levels]);
        used += strlen(text + used);
        mean /= c->n_levels;
    }
    return SY_OK;
}
