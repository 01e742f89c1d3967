/* Ranks of groups with their uncertainty.
 *
 * Given the data and theta, effects and coefficients of a linear model are
 * jointly normal about their estimates with covariance sigma^2 K^-1, K the
 * bordered matrix of crossed_factor.c: L'^-1 times standard normals is a draw. In
 * other models the effects of a group are taken as normal about their mode,
 * group by group. Each draw is ranked; the expected rank is the mean, its limits
 * are the smallest ranks r with P(rank <= r) >= alpha / 2 and >= 1 - alpha / 2,
 * and being among the top t is counted. With independent effects the expected
 * rank is 1 + sum over j of P(u_j < u_i). Memory: levels^2 counts.
 * Laird & Louis 1989, doi:10.3102/10769986014001029; Goldstein & Spiegelhalter
 * 1996, doi:10.2307/2983325; Lin, Louis, Paddock & Ridgeway 2006,
 * doi:10.1214/06-BA130.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/random_internal.h"
#include "base/status_internal.h"
#include "models/mixed/crossed_internal.h"
#include "models/mixed/mixed_parameters_internal.h"

enum { MOST_LEVELS = 10000 };

typedef struct {
    sy_context *ctx;
    const sy_mixed_rank_options *options;
    const sy_mixed_fitted *fitted;
    const syi_bars *b;
    syi_crossed *c;       /* linear */
    int factor, place, q; /* of the bar term: its factor, and where its effects begin among those of the factor */
    ptrdiff_t n;
    double *mean, *se, *draw;
    ptrdiff_t *order;
    uint32_t *count; /* [n][n] draws in which level i has rank r */
} table;

void sy_mixed_rank_defaults(sy_mixed_rank_options *options)
{
    *options = (sy_mixed_rank_options){.draws = 10000, .seed = 1, .level = 0.95, .top = 0.1};
}

static void draw_linear(const table *t, syi_stream *stream)
{
    syi_crossed *c = t->c;
    const int q = t->b->factor[t->factor].q;
    for (ptrdiff_t i = 0; i < c->order; i++) c->u[i] = syi_stream_normal(stream);
    for (int k = 0; k < c->n_stages; k++)
        for (ptrdiff_t i = 0; i < c->stage[k].n * c->stage[k].q; i++) c->v[k][i] = syi_stream_normal(stream);
    syi_crossed_back(c);
    syi_crossed_effects(c);
    for (ptrdiff_t g = 0; g < t->n; g++)
        t->draw[g] = t->mean[g] + t->fitted->sigma * c->effects[t->factor][g * q + t->place];
}

static void draw_one(void *arg, int worker, size_t d)
{
    const table *t = arg;
    syi_stream stream;
    (void)worker;
    syi_stream_init(&stream, t->options->seed, (uint32_t)d, 0);
    if (t->c) draw_linear(t, &stream);
    else
        for (ptrdiff_t g = 0; g < t->n; g++) t->draw[g] = t->mean[g] + t->se[g] * syi_stream_normal(&stream);
    syi_order_values(t->n, t->draw, t->order);
    for (ptrdiff_t r = 0; r < t->n; r++) t->count[t->order[r] * t->n + r]++;
}

/* On the calling thread: the draws share one factor. */
static sy_status draw_all(table *t)
{
    return syi_parallel(t->ctx, (size_t)t->options->draws, 0, draw_one, t);
}

/* The smallest rank with at least the share p of the draws at or below it. */
static double rank_quantile(const uint32_t *count, ptrdiff_t n, double draws, double p)
{
    double below = 0;
    for (ptrdiff_t r = 0; r < n; r++) {
        below += count[r];
        if (below >= p * draws) return (double)r + 1;
    }
    return (double)n;
}

static void put_level(const table *t, ptrdiff_t g, double variance, const sy_mixed_rank_table *out)
{
    const uint32_t *count = t->count + g * t->n;
    const double draws = t->options->draws, alpha = (1 - t->options->level) / 2;
    const ptrdiff_t top = (ptrdiff_t)ceil(t->options->top * (double)t->n);
    double sum = 0, highest = 0, lowest = 0;
    for (ptrdiff_t r = 0; r < t->n; r++) {
        sum += (double)count[r] * ((double)r + 1);
        if (r < top) lowest += count[r];
        if (r >= t->n - top) highest += count[r];
    }
    if (out->estimate) out->estimate[g] = t->mean[g];
    if (out->std_error) out->std_error[g] = t->se[g];
    if (out->expected) out->expected[g] = sum / draws;
    if (out->lower) out->lower[g] = rank_quantile(count, t->n, draws, alpha);
    if (out->upper) out->upper[g] = rank_quantile(count, t->n, draws, 1 - alpha);
    if (out->p_top) out->p_top[g] = highest / draws;
    if (out->p_bottom) out->p_bottom[g] = lowest / draws;
    if (out->reliability) out->reliability[g] = variance > 0 ? 1 - t->se[g] * t->se[g] / variance : 0;
}

/* Conditional standard deviations of a linear model's effects, from the inverse. */
static sy_status linear_errors(sy_context *ctx, const table *t)
{
    syi_crossed *c = t->c;
    const int q = t->b->factor[t->factor].q, e = t->place;
    const double *tt = c->t[t->factor];
    const sy_status s = syi_crossed_select(ctx, c, 1);
    for (ptrdiff_t g = 0; g < t->n && s >= 0; g++) {
        double variance = 0;
        for (int i = 0; i <= e; i++)
            for (int j = 0; j <= e; j++)
                variance += tt[e * q + i] * tt[e * q + j] * syi_crossed_inverse_entry(c, t->factor, g, i, j);
        t->se[g] = t->fitted->sigma * sqrt(fmax(variance, 0));
    }
    return s;
}

static sy_status linear_table(sy_context *ctx, const sy_design *design, const sy_mixed_model *model, table *t)
{
    syi_lmm_rows rows = {.p = 0};
    syi_crossed c = {0};
    double log_det, log_det_x;
    sy_status s = syi_lmm_rows_init(ctx, design, model, &rows);
    if (s >= 0) s = syi_crossed_init(ctx, &rows, &c);
    if (s >= 0) s = syi_crossed_factor(ctx, &c, t->fitted->theta, NULL, &log_det, &log_det_x);
    if (s >= 0 && !isfinite(log_det + log_det_x))
        s = syi_fail(ctx, SY_EINVAL, "theta: these variances cannot be those of a fit");
    t->c = &c;
    if (s >= 0) s = draw_all(t);
    if (s >= 0) s = linear_errors(ctx, t);
    t->c = NULL;
    syi_crossed_free(&c);
    syi_lmm_rows_free(&rows);
    return s;
}

static sy_status check(sy_context *ctx, const syi_bars *b, const sy_mixed_fitted *fitted,
                       const sy_mixed_rank_options *o)
{
    if (o->bar < 0 || o->bar >= b->n_bars)
        return syi_fail(ctx, SY_EINVAL, "bar: %d is not among the %d bar terms", o->bar, b->n_bars);
    if (o->effect < 0 || o->effect >= b->bar[o->bar].q)
        return syi_fail(ctx, SY_EINVAL, "effect: %d is not among the %d effects of the bar term", o->effect,
                        b->bar[o->bar].q);
    if (o->draws < 100) return syi_fail(ctx, SY_EINVAL, "draws: %d; at least 100 are needed", o->draws);
    if (!(o->level > 0 && o->level < 1))
        return syi_fail(ctx, SY_EINVAL, "level: %g; it must lie between 0 and 1", o->level);
    if (!(o->top > 0 && o->top < 1)) return syi_fail(ctx, SY_EINVAL, "top: %g; it must lie between 0 and 1", o->top);
    if (b->factor[b->bar[o->bar].factor].n_levels > MOST_LEVELS)
        return syi_fail(ctx, SY_ELIMIT, "ranks: %s has %d levels; the limit is %d",
                        b->own.columns[b->factor[b->bar[o->bar].factor].column].name,
                        b->factor[b->bar[o->bar].factor].n_levels, MOST_LEVELS);
    if (!b->model->linear && !fitted->mode_variance)
        return syi_fail(ctx, SY_EINVAL, "ranks: the conditional variances of the effects are needed");
    return SY_OK;
}

/* Where the effects are among the modes, and their variance. */
static double place_effects(table *t)
{
    const sy_mixed_rank_options *o = t->options;
    const syi_bar *bar = &t->b->bar[o->bar];
    ptrdiff_t at = 0;
    double variance = 0;
    t->factor = bar->factor;
    t->n = t->b->factor[bar->factor].n_levels;
    t->place = o->effect;
    for (int k = 0; k < o->bar; k++) {
        const syi_bar *other = &t->b->bar[k];
        if (other->factor == bar->factor) t->place += other->q;
        at += (ptrdiff_t)t->b->factor[other->factor].n_levels * other->q * other->q;
    }
    for (ptrdiff_t g = 0; g < t->n; g++) {
        t->mean[g] = t->fitted->modes[bar->first_mode + g * bar->q + o->effect];
        if (!t->b->model->linear)
            t->se[g] = sqrt(t->fitted->mode_variance[at + (g * bar->q + o->effect) * bar->q + o->effect]);
    }
    for (int j = 0; j <= o->effect; j++) {
        const int place = syi_bar_theta(bar, o->effect, j);
        const double v = place < 0 ? 0 : t->fitted->theta[place];
        variance += v * v;
    }
    return t->b->model->linear ? variance * t->fitted->sigma * t->fitted->sigma : variance;
}

sy_status sy_mixed_ranks(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                         const sy_mixed_options *options, const sy_mixed_fitted *fitted,
                         const sy_mixed_rank_options *rank, const sy_mixed_rank_table *out)
{
    syi_bars b = {0};
    sy_mixed_rank_options own;
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    (void)options;
    sy_mixed_rank_defaults(&own);
    if (rank) own = *rank;
    table t = {.ctx = ctx, .options = &own, .fitted = fitted, .b = &b};
    sy_status s = syi_bars_init(ctx, design, model, &b);
    if (s >= 0) s = check(ctx, &b, fitted, &own);
    if (s < 0) goto out;
    const size_t n = (size_t)b.factor[b.bar[own.bar].factor].n_levels;
    t.mean = syi_alloc(n, sizeof *t.mean);
    t.se = syi_alloc(n, sizeof *t.se);
    t.draw = syi_alloc(n, sizeof *t.draw);
    t.order = syi_alloc(n, sizeof *t.order);
    t.count = syi_alloc(n * n, sizeof *t.count);
    if (!t.mean || !t.se || !t.draw || !t.order || !t.count) {
        s = syi_fail(ctx, SY_ENOMEM, "ranks: out of memory for %zu levels", n);
        goto out;
    }
    const double variance = place_effects(&t);
    s = model->linear ? linear_table(ctx, design, model, &t) : draw_all(&t);
    for (ptrdiff_t g = 0; g < t.n && s >= 0; g++) put_level(&t, g, variance, out);
out:
    SYI_FREE(t.mean);
    SYI_FREE(t.se);
    SYI_FREE(t.draw);
    SYI_FREE(t.order);
    SYI_FREE(t.count);
    syi_bars_free(&b);
    return s < 0 ? s : syi_status_of_remarks(ctx, first);
}
