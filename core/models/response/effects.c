/* Average marginal effects, risk differences and risk ratios.
 *
 * With a number p(x; theta) predicted for each row and a variable v: the slope is
 * the weighted mean of dp/dv; the effect of a change is mean p(v = to) - mean p(v =
 * from) over the same rows, everything else as it is (standardisation), its ratio
 * mean p(to) / mean p(from). Errors by the delta method: with J the derivative of
 * the effects in theta, J V J'; of a ratio on the log scale, J_to / p_to - J_from /
 * p_from. The rows are taken as given; no error of their sampling is added.
 * The averages have limits by the same method: by log odds where they are probabilities,
 * J V J' / (p (1 - p))^2, by the log where they are expected counts, J V J' / p^2.
 * Conditions: estimates near normal. Cost: a pass a state of the variable.
 * Localio, Margolis & Berlin 2007, doi:10.1016/j.jclinepi.2006.12.001; Muller &
 * MacLehose 2014, doi:10.1093/ije/dyu029; Bartus 2005,
 * doi:10.1177/1536867X0500500303.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/response/effects_internal.h"
#include "steelyard/distribution.h"
#include <math.h>
#include <string.h>

void sy_effects_defaults(sy_effects_options *options)
{
    *options = (sy_effects_options){.of = SY_PREDICT_MEAN, .level = 0.95, .df = HUGE_VAL};
}

typedef struct {
    syi_population p;
    const double *estimate, *covariance;
    double *variance;              /* [k * k] 0 where aliased or infinite */
    double *start, *first, *other; /* averages: as it is, before, after */
    int started;
    double *jacobian; /* [count * k] of the effects */
    double *line;     /* [3 k] */
    double step;
    int done; /* effects made */
    sy_effect *effect;
} table;

static sy_status check_change(sy_context *ctx, const syi_population *p, const sy_change *change)
{
    if (change->column < 0 || change->column >= p->design->n_columns)
        return syi_fail(ctx, SY_EINVAL, "variables: column %d is not among the %d of the design", change->column,
                        p->design->n_columns);
    const sy_column *c = &p->design->columns[change->column];
    if ((int)change->kind < SY_CHANGE_SLOPE || change->kind > SY_CHANGE_BETWEEN)
        return syi_fail(ctx, SY_EINVAL, "variables: %d is no kind of change (%s)", (int)change->kind, c->name);
    if (syi_population_part(p, change->column) < 0)
        return syi_fail(ctx, SY_EINVAL, "variables: %s is in no term of the model", c->name);
    const int levels = change->kind == SY_CHANGE_LEVELS, codes = c->type == SY_CODES;
    if (levels && !codes) return syi_fail(ctx, SY_EINVAL, "variables: %s is a number; it has no levels", c->name);
    if (!levels && codes)
        return syi_fail(ctx, SY_EINVAL, "variables: %s is a factor; its effects are those of its levels", c->name);
    if (change->kind >= SY_CHANGE_STEP && !isfinite(change->to))
        return syi_fail(ctx, SY_EINVAL, "variables: %s to %g; a number is needed", c->name, change->to);
    if (change->kind == SY_CHANGE_BETWEEN && !isfinite(change->from))
        return syi_fail(ctx, SY_EINVAL, "variables: %s from %g; a number is needed", c->name, change->from);
    if (change->kind == SY_CHANGE_STEP && change->to == 0)
        return syi_fail(ctx, SY_EINVAL, "variables: %s by a step of 0; any other number is needed", c->name);
    return SY_OK;
}

static const syi_model *model_with(const syi_population *p, int column)
{
    return &p->rows.part[syi_population_part(p, column)];
}

static sy_status count_all(sy_context *ctx, const syi_population *p, int n_changes, const sy_change *changes,
                           int *count)
{
    sy_status s = n_changes > 0 ? SY_OK : syi_fail(ctx, SY_EINVAL, "variables: none given; at least one is needed");
    *count = 0;
    for (int i = 0; i < n_changes && s >= 0; i++) {
        s = check_change(ctx, p, &changes[i]);
        if (s < 0) break;
        const int levels = changes[i].kind == SY_CHANGE_LEVELS;
        *count += p->width * (levels ? model_with(p, changes[i].column)->n_used[changes[i].column] - 1 : 1);
    }
    return s;
}

sy_status sy_effects_count(sy_context *ctx, const sy_design *design, const sy_response_model *model,
                           const sy_effects_options *options, int n_changes, const sy_change *changes, int *count)
{
    const int first = ctx->n_remarks;
    syi_population p = {0};
    syi_enter(ctx);
    sy_status s = syi_population_open(ctx, design, model, options, &p);
    if (s >= 0) s = count_all(ctx, &p, n_changes, changes, count);
    syi_population_free(&p);
    return s < 0 ? s : syi_status_of_remarks(ctx, first);
}

static double quadratic(const table *t, const double *a, const double *b)
{
    const int k = t->p.curves.k;
    double sum = 0;
    for (int i = 0; i < k; i++) {
        double inner = 0;
        for (int j = 0; j < k; j++) inner += t->variance[(ptrdiff_t)i * k + j] * b[j];
        sum += a[i] * inner;
    }
    return sum;
}

static sy_status two_sided(sy_context *ctx, const table *t, double statistic, double *p_value)
{
    double tail = 0;
    *p_value = NAN;
    if (isnan(statistic)) return SY_OK;
    const sy_status s =
        isinf(statistic) ? SY_OK : sy_distribution_t_tail(ctx, fabs(statistic), t->p.options->df, &tail);
    *p_value = 2 * tail;
    return s;
}

/* after / before; line: gradients of both. */
static sy_status ratio_of(sy_context *ctx, const table *t, sy_effect *e)
{
    const int k = t->p.curves.k;
    double *before = t->line, *after = t->line + k, *log_ratio = after + k;
    e->ratio = e->after / e->before;
    e->log_ratio_error = e->ratio_low = e->ratio_high = e->ratio_p = NAN;
    if (!(e->before > 0 && e->after > 0)) return SY_OK;
    for (int i = 0; i < k; i++) log_ratio[i] = after[i] / e->after - before[i] / e->before;
    e->log_ratio_error = sqrt(quadratic(t, log_ratio, log_ratio));
    e->ratio_low = e->ratio * exp(-t->step * e->log_ratio_error);
    e->ratio_high = e->ratio * exp(t->step * e->log_ratio_error);
    return two_sided(ctx, t, log(e->ratio) / e->log_ratio_error, &e->ratio_p);
}

/* Limits of an average on the scale that keeps them in its range. */
static void limits_of(const table *t, double value, const double *gradient, double *low, double *high)
{
    const sy_response_kind kind = t->p.model->kind;
    const int counted = kind == SY_RESPONSE_POISSON || kind == SY_RESPONSE_NEGATIVE_BINOMIAL;
    const int place = kind == SY_RESPONSE_ORDINAL && t->p.options->of == SY_PREDICT_MEAN;
    const double half = t->step * sqrt(quadratic(t, gradient, gradient));
    *low = *high = NAN;
    if (place) {
        *low = value - half;
        *high = value + half;
    } else if (counted && value > 0) {
        *low = value * exp(-half / value);
        *high = value * exp(half / value);
    } else if (!counted && value > 0 && value < 1) {
        const double odds = value / (1 - value), factor = exp(half / (value * (1 - value)));
        *low = 1 / (1 + factor / odds);
        *high = 1 / (1 + 1 / (odds * factor));
    }
}

/* The rows of one change from the averages before and after; slope: `other` are
 * derivatives. */
static sy_status put(sy_context *ctx, table *t, int change, int level, int reference, int slope)
{
    const int k = t->p.curves.k;
    sy_status s = SY_OK;
    for (int r = 0; r < t->p.width && s >= 0; r++) {
        sy_effect *e = &t->effect[t->done];
        double *gradient = t->jacobian + (ptrdiff_t)t->done++ * k, *before = t->line, *after = t->line + k;
        *e = (sy_effect){.change = change, .level = level, .reference = reference, .category = r};
        syi_average_gradient(&t->p, t->first, r, before);
        syi_average_gradient(&t->p, t->other, r, after);
        e->before = t->first[r];
        e->after = slope ? (double)NAN : t->other[r];
        limits_of(t, e->before, before, &e->before_low, &e->before_high);
        limits_of(t, e->after, after, &e->after_low, &e->after_high);
        e->effect = slope ? t->other[r] : e->after - e->before;
        for (int i = 0; i < k; i++) gradient[i] = slope ? after[i] : after[i] - before[i];
        e->std_error = sqrt(quadratic(t, gradient, gradient));
        e->statistic = e->effect / e->std_error;
        e->low = e->effect - t->step * e->std_error;
        e->high = e->effect + t->step * e->std_error;
        s = two_sided(ctx, t, e->statistic, &e->p_value);
        if (s >= 0) s = ratio_of(ctx, t, e);
    }
    return s;
}

static sy_status as_it_is(sy_context *ctx, table *t)
{
    const size_t bytes = syi_average_room(&t->p) * sizeof(double);
    const sy_status s = t->started ? SY_OK : syi_average(ctx, &t->p, t->start);
    t->started = s >= 0;
    if (s >= 0) memcpy(t->first, t->start, bytes);
    return s;
}

static sy_status held_at(sy_context *ctx, table *t, int column, double value, double *average)
{
    syi_population_hold(&t->p, column, value);
    return syi_average(ctx, &t->p, average);
}

static sy_status by_levels(sy_context *ctx, table *t, int change, int column)
{
    const syi_model *m = model_with(&t->p, column);
    const int *level = m->level + m->level_at[column];
    sy_status s = held_at(ctx, t, column, level[0], t->first);
    for (int l = 1; l < m->n_used[column] && s >= 0; l++) {
        s = held_at(ctx, t, column, level[l], t->other);
        if (s >= 0) s = put(ctx, t, change, level[l], level[0], 0);
    }
    return s;
}

/* The column as it stands, moved by a step. */
static void move_column(table *t, int column, double step)
{
    sy_column *c = &t->p.rows.columns[column];
    for (ptrdiff_t start = 0; start < t->p.n; start += SYI_TILE) {
        const int len = t->p.n - start < SYI_TILE ? (int)(t->p.n - start) : SYI_TILE;
        syi_column_values(c, NULL, start, len, t->p.moved + start);
        for (int i = 0; i < len; i++) t->p.moved[start + i] += step;
    }
    *c = (sy_column){.name = c->name, .data = t->p.moved, .stride = sizeof(double), .type = SY_F64};
}

static sy_status make_change(sy_context *ctx, table *t, int index, const sy_change *change)
{
    const int column = change->column;
    const sy_column kept = t->p.rows.columns[column];
    const double number = t->p.number_at[column];
    const int32_t code = t->p.code_at[column];
    sy_status s = SY_OK;
    switch (change->kind) {
    case SY_CHANGE_SLOPE:
        s = as_it_is(ctx, t);
        if (s >= 0) s = syi_average_slope(ctx, &t->p, column, t->other);
        if (s >= 0) s = put(ctx, t, index, -1, -1, 1);
        break;
    case SY_CHANGE_LEVELS: s = by_levels(ctx, t, index, column); break;
    case SY_CHANGE_STEP:
        s = as_it_is(ctx, t);
        if (s >= 0) move_column(t, column, change->to);
        if (s >= 0) s = syi_average(ctx, &t->p, t->other);
        if (s >= 0) s = put(ctx, t, index, -1, -1, 0);
        break;
    case SY_CHANGE_BETWEEN:
        s = held_at(ctx, t, column, change->from, t->first);
        if (s >= 0) s = held_at(ctx, t, column, change->to, t->other);
        if (s >= 0) s = put(ctx, t, index, -1, -1, 0);
    }
    t->p.rows.columns[column] = kept;
    t->p.number_at[column] = number;
    t->p.code_at[column] = code;
    return s;
}

static sy_status make_room(sy_context *ctx, table *t, int count)
{
    const size_t k = (size_t)t->p.curves.k, room = syi_average_room(&t->p);
    t->variance = syi_alloc(k * k + 1, sizeof *t->variance);
    t->jacobian = syi_alloc((size_t)count * k + 1, sizeof *t->jacobian);
    t->start = syi_alloc(3 * room + 3 * k + 1, sizeof *t->start);
    if (!t->variance || !t->jacobian || !t->start)
        return syi_fail(ctx, SY_ENOMEM, "effects: out of memory for %d numbers", count);
    t->first = t->start + room;
    t->other = t->first + room;
    t->line = t->other + room;
    for (size_t a = 0; a < k; a++)
        for (size_t b = 0; b < k; b++)
            t->variance[a * k + b] =
                !isfinite(t->estimate[a]) || !isfinite(t->estimate[b]) ? 0 : t->covariance[a * k + b];
    return SY_OK;
}

sy_status sy_effects(sy_context *ctx, const sy_design *design, const sy_response_model *model, int k,
                     const double *estimate, const double *covariance, const sy_effects_options *options, int n_changes,
                     const sy_change *changes, int count, sy_effect *effect, double *joint)
{
    const int first = ctx->n_remarks;
    table t = {.estimate = estimate, .covariance = covariance, .effect = effect};
    int found = 0;
    syi_enter(ctx);
    sy_status s = syi_population_open(ctx, design, model, options, &t.p);
    if (s >= 0) s = count_all(ctx, &t.p, n_changes, changes, &found);
    if (s >= 0 && found != count)
        s = syi_fail(ctx, SY_EDIM, "effects: room for %d numbers; there are %d", count, found);
    if (s >= 0) s = syi_population_fill(ctx, k, estimate, &t.p);
    if (s >= 0) s = sy_distribution_t_quantile(ctx, (1 + options->level) / 2, options->df, &t.step);
    if (s >= 0) s = make_room(ctx, &t, count);
    for (int i = 0; i < n_changes && s >= 0; i++) s = make_change(ctx, &t, i, &changes[i]);
    for (ptrdiff_t i = 0; i < count && joint && s >= 0; i++)
        for (ptrdiff_t j = 0; j <= i; j++)
            joint[i * count + j] = joint[j * count + i] = quadratic(&t, t.jacobian + i * k, t.jacobian + j * k);
    SYI_FREE(t.variance);
    SYI_FREE(t.jacobian);
    SYI_FREE(t.start);
    syi_population_free(&t.p);
    return s < 0 ? s : syi_status_of_remarks(ctx, first);
}
