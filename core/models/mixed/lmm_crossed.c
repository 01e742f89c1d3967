/* A linear mixed model with several grouping factors, crossed or nested, as a
 * function of theta.
 *
 * Profiled over coefficients and sigma^2, with r2 the penalised residual sum of
 * squares: maximum likelihood log|V| + n (1 + log(2 pi r2 / n)), restricted
 * log|V| + log|X'V^-1X| + (n - p)(1 + log(2 pi r2 / (n - p))), less the sum of the
 * logarithms of the weights. Gradient: that of the log-determinants plus
 * (degrees of freedom / r2) times that of r2. Memory: 16 bytes for each entry
 * of the dense part, 24 for each that the rows have elsewhere. Cost: whatever n,
 * see crossed_factor.c; a gradient twice that more.
 * Bates, Maechler, Bolker & Walker 2015, doi:10.18637/jss.v067.i01.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_plain_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/mixed/lmm_crossed_internal.h"
#include <string.h>

static const double two_pi = 6.2831853071795864769;

enum { MOST_DENSE = 16000 };

static sy_status no_room(sy_context *ctx, const syi_crossed *c)
{
    return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for the cross-products of %td random effects",
                    c->rows->bars.n_modes);
}

/* Effects factor by factor, and room for each T. */
static int list_effects(syi_crossed *c)
{
    const syi_bars *b = &c->rows->bars;
    const size_t factors = (size_t)c->n_factors;
    size_t squares = 1, at = 0;
    int k = 0;
    for (int f = 0; f < c->n_factors; f++) squares += (size_t)(b->factor[f].q * b->factor[f].q);
    c->sum_length = squares;
    c->effect = syi_alloc((size_t)b->n_effects, sizeof *c->effect);
    c->first_effect = syi_alloc(factors + 1, sizeof *c->first_effect);
    c->t = syi_alloc(factors, sizeof *c->t);
    c->sum = syi_alloc(factors, sizeof *c->sum);
    c->t_room = syi_alloc(squares, sizeof *c->t_room);
    c->sum_room = syi_alloc(squares, sizeof *c->sum_room);
    c->stage = syi_alloc(factors, sizeof *c->stage);
    c->dense = syi_alloc(factors, sizeof *c->dense);
    c->in_use = syi_alloc((size_t)c->p + 1, 1);
    c->gradient = syi_alloc((size_t)b->n_theta, sizeof *c->gradient);
    if (!c->effect || !c->first_effect || !c->t || !c->sum || !c->t_room || !c->sum_room || !c->stage || !c->dense ||
        !c->in_use || !c->gradient)
        return -1;
    for (int f = 0; f < c->n_factors; f++) {
        c->first_effect[f] = k;
        c->t[f] = c->t_room + at;
        c->sum[f] = c->sum_room + at;
        at += (size_t)(b->factor[f].q * b->factor[f].q);
        for (int j = 0; j < b->n_bars; j++)
            for (int e = 0; b->bar[j].factor == f && e < b->bar[j].q; e++) c->effect[k++] = b->bar[j].first_effect + e;
    }
    c->first_effect[c->n_factors] = k;
    return 0;
}

static sy_status stage_room(sy_context *ctx, syi_crossed *c, syi_stage *s)
{
    const size_t block = (size_t)s->n * (size_t)(s->q * s->q), entries = (size_t)syi_stage_at(c, s, s->n);
    s->diagonal = syi_alloc(block, sizeof(double));
    s->root = syi_alloc(block, sizeof(double));
    s->inverse_diagonal = syi_alloc(block, sizeof(double));
    s->value = syi_alloc(entries, sizeof(double));
    s->b = syi_alloc(entries, sizeof(double));
    s->inverse = syi_alloc(entries, sizeof(double));
    for (ptrdiff_t g = 0; g < s->n; g++) {
        const size_t width = (size_t)s->q * (size_t)syi_stage_width(c, s, g);
        if (width > c->widest) c->widest = width;
    }
    if (s->diagonal && s->root && s->inverse_diagonal && s->value && s->b && s->inverse) return SY_OK;
    return no_room(ctx, c);
}

static sy_status make_room(sy_context *ctx, syi_crossed *c)
{
    const syi_bars *b = &c->rows->bars;
    const size_t m = (size_t)c->order, modes = (size_t)b->n_modes, own = SYI_CROSSED_OWN;
    sy_status s = SY_OK;
    if (c->order > MOST_DENSE)
        return syi_fail(
            ctx, SY_ELIMIT,
            "formula: all but the largest of the crossed factors have %td effects together, whose dense part "
            "would take %.1f GB; the limit is %d effects",
            c->random, 16e-9 * (double)c->order * (double)c->order, MOST_DENSE);
    for (int k = 0; k < c->n_stages && s >= 0; k++) s = stage_room(ctx, c, &c->stage[k]);
    if (s < 0) return s;
    c->a = syi_alloc(m * m, sizeof(double));
    c->s = syi_alloc(m * m, sizeof(double));
    c->a_y = syi_alloc(m, sizeof(double));
    c->s_y = syi_alloc(m, sizeof(double));
    c->u = syi_alloc(m, sizeof(double));
    c->v = syi_alloc((size_t)c->n_stages, sizeof *c->v);
    c->v_room = syi_alloc(modes, sizeof(double));
    c->effects = syi_alloc((size_t)c->n_factors, sizeof *c->effects);
    c->residual = syi_alloc((size_t)c->n_factors, sizeof *c->residual);
    c->effect_room = syi_alloc(modes, sizeof(double));
    c->residual_room = syi_alloc(modes, sizeof(double));
    c->scratch = syi_alloc(2 * c->widest + m + c->sum_length + (size_t)b->n_theta, sizeof(double));
    c->small = syi_alloc(3 * own * own, sizeof(double));
    if (!c->a || !c->s || !c->a_y || !c->s_y || !c->u || !c->v || !c->v_room || !c->effects || !c->residual ||
        !c->effect_room || !c->residual_room || !c->scratch || !c->small)
        return no_room(ctx, c);
    ptrdiff_t at = 0;
    for (int f = 0; f < c->n_factors; f++) {
        c->effects[f] = c->effect_room + at;
        c->residual[f] = c->residual_room + at;
        for (int k = 0; k < c->n_stages; k++)
            if (c->stage[k].factor == f) c->v[k] = c->v_room + at;
        at += (ptrdiff_t)b->factor[f].n_levels * b->factor[f].q;
    }
    return SY_OK;
}

void syi_crossed_free(syi_crossed *c)
{
    for (int k = 0; c->stage && k < c->n_stages; k++) {
        syi_stage *s = &c->stage[k];
        SYI_FREE(s->parent);
        SYI_FREE(s->first);
        SYI_FREE(s->column);
        SYI_FREE(s->up);
        SYI_FREE(s->diagonal);
        SYI_FREE(s->value);
        SYI_FREE(s->root);
        SYI_FREE(s->b);
        SYI_FREE(s->inverse);
        SYI_FREE(s->inverse_diagonal);
    }
    SYI_FREE(c->stage);
    SYI_FREE(c->dense);
    SYI_FREE(c->effect);
    SYI_FREE(c->first_effect);
    SYI_FREE(c->t);
    SYI_FREE(c->t_room);
    SYI_FREE(c->sum);
    SYI_FREE(c->sum_room);
    SYI_FREE(c->a);
    SYI_FREE(c->s);
    SYI_FREE(c->a_y);
    SYI_FREE(c->s_y);
    SYI_FREE(c->u);
    SYI_FREE(c->v);
    SYI_FREE(c->v_room);
    SYI_FREE(c->effects);
    SYI_FREE(c->residual);
    SYI_FREE(c->effect_room);
    SYI_FREE(c->residual_room);
    SYI_FREE(c->scratch);
    SYI_FREE(c->small);
    SYI_FREE(c->in_use);
    SYI_FREE(c->gradient);
    *c = (syi_crossed){0};
}

sy_status syi_crossed_init(sy_context *ctx, const syi_lmm_rows *rows, syi_crossed *c)
{
    syi_crossing crossing = {0};
    *c = (syi_crossed){.rows = rows, .p = rows->p, .n_factors = rows->bars.n_factors};
    sy_status s = list_effects(c) == 0 ? SY_OK : no_room(ctx, c);
    if (s >= 0) s = syi_crossed_order(ctx, c, &crossing);
    if (s >= 0) s = make_room(ctx, c);
    if (s >= 0) s = syi_crossed_sums(ctx, c, &crossing);
    SYI_FREE(crossing.level);
    SYI_FREE(crossing.place);
    if (s < 0) syi_crossed_free(c);
    return s;
}

/* Modes in the user's units: bar term by bar term, level by level. */
static void put_modes(syi_crossed *c, double *modes)
{
    const syi_bars *b = &c->rows->bars;
    const double unit = 1 / c->rows->scale[c->p];
    syi_crossed_effects(c);
    for (int f = 0; f < c->n_factors; f++)
        for (int k = 0, at = 0; k < b->n_bars; k++) {
            const syi_bar *bar = &b->bar[k];
            if (bar->factor != f) continue;
            for (ptrdiff_t l = 0; l < b->factor[f].n_levels; l++)
                for (int e = 0; e < bar->q; e++)
                    modes[bar->first_mode + l * bar->q + e] = unit * c->effects[f][l * b->factor[f].q + at + e];
            at += bar->q;
        }
}

/* (X'V^-1X)^-1 from the fixed columns' part of L. */
static void put_inverse(syi_crossed *c, double *inverse)
{
    const int p = c->p;
    const ptrdiff_t m = c->order;
    for (int j = 0; j < p; j++) {
        double *column = c->scratch;
        for (int i = 0; i < p; i++) column[i] = i == j;
        for (int i = j; i < p; i++) {
            const double *row = c->s + (c->random + i) * m + c->random;
            for (int k = j; k < i; k++) column[i] -= row[k] * column[k];
            column[i] /= row[i];
        }
        for (int i = p - 1; i >= 0; i--) {
            for (int k = i + 1; k < p; k++) column[i] -= c->s[(c->random + k) * m + c->random + i] * column[k];
            column[i] /= c->s[(c->random + i) * m + c->random + i];
        }
        for (int i = 0; i < p; i++) inverse[i * p + j] = c->in_use[i] && c->in_use[j] ? column[i] : 0;
    }
}

double syi_crossed_inverse_entry(const syi_crossed *c, int factor, ptrdiff_t level, int i, int j)
{
    const int q = c->rows->bars.factor[factor].q;
    for (int k = 0; k < c->n_stages; k++)
        if (c->stage[k].factor == factor) return c->stage[k].inverse_diagonal[(level * q + i) * q + j];
    for (int d = 0; d < c->n_dense; d++) {
        const ptrdiff_t at = c->dense[d].first + level * q;
        if (c->dense[d].factor == factor) return c->s[(at + (i > j ? i : j)) * c->order + at + (i > j ? j : i)];
    }
    return NAN;
}

/* T K T' of each level. */
static void put_variance(syi_crossed *c, double *variance)
{
    const syi_bars *b = &c->rows->bars;
    for (int k = 0; k < b->n_bars; k++) {
        const syi_bar *bar = &b->bar[k];
        const int q = b->factor[bar->factor].q;
        const double *t = c->t[bar->factor];
        int at = 0;
        for (int j = 0; j < k; j++) at += b->bar[j].factor == bar->factor ? b->bar[j].q : 0;
        for (ptrdiff_t l = 0; l < b->factor[bar->factor].n_levels; l++, variance += bar->q * bar->q)
            for (int i = 0; i < bar->q; i++)
                for (int j = 0; j < bar->q; j++) {
                    double v = 0;
                    for (int x = 0; x <= at + i; x++)
                        for (int y = 0; y <= at + j; y++)
                            v += t[(at + i) * q + x] * t[(at + j) * q + y] *
                                 syi_crossed_inverse_entry(c, bar->factor, l, x, y);
                    variance[i * bar->q + j] = v;
                }
    }
}

static sy_status add_gradient(sy_context *ctx, syi_crossed *c, const syi_lmm *l, double df, syi_lmm_value *out)
{
    const double unit = 1 / (c->rows->scale[c->p] * c->rows->scale[c->p]);
    double *rss = c->gradient;
    syi_crossed_rss_gradient(c, rss);
    for (int t = 0; t < l->n_theta; t++) rss[t] *= unit;
    for (int t = 0; out->rss_gradient && t < l->n_theta; t++) out->rss_gradient[t] = rss[t];
    if (!out->gradient) return SY_OK;
    const sy_status s = syi_crossed_select(ctx, c, l->reml);
    if (s < 0) return s;
    syi_crossed_log_det_gradient(c, l->reml, out->gradient);
    for (int t = 0; t < l->n_theta; t++) out->gradient[t] += df / out->rss * rss[t];
    return SY_OK;
}

static sy_status evaluate(sy_context *ctx, const syi_lmm *l, const double *theta, const unsigned char *fixed,
                          syi_lmm_value *out)
{
    syi_crossed *c = l->state;
    const double unit = 1 / (c->rows->scale[c->p] * c->rows->scale[c->p]);
    double df = l->n;
    sy_status s = syi_crossed_factor(ctx, c, theta, fixed, &out->log_det_v, &out->log_det_x);
    if (s < 0) return s;
    for (int j = 0; l->reml && j < c->p; j++) df -= c->in_use[j];
    out->log_det_x += syi_lmm_rows_log_units(c->rows, c->in_use);
    out->rss = c->rss * unit;
    out->sigma2 = out->rss / df;
    out->criterion = INFINITY;
    if (!(c->rss > 0) || !isfinite(out->log_det_v) || !isfinite(out->log_det_x)) return SY_OK;
    out->criterion =
        out->log_det_v + (l->reml ? out->log_det_x : 0) + df * (1 + log(two_pi * out->sigma2)) - l->sum_log_w;
    if (out->beta)
        for (int j = 0; j < c->p; j++) out->beta[j] = c->in_use[j] ? c->u[c->random + j] : 0;
    if (out->inverse) put_inverse(c, out->inverse);
    syi_lmm_rows_unpack(c->rows, out->beta, out->inverse);
    if (out->modes) put_modes(c, out->modes);
    if (out->gradient || out->rss_gradient) s = add_gradient(ctx, c, l, df, out);
    if (s < 0 || !out->mode_variance) return s;
    double log_det, log_det_x;
    if (out->gradient) s = syi_crossed_factor(ctx, c, theta, fixed, &log_det, &log_det_x);
    if (s >= 0) s = syi_crossed_select(ctx, c, 0);
    if (s >= 0) put_variance(c, out->mode_variance);
    return s;
}

static void free_state(syi_lmm *l)
{
    syi_crossed *c = l->state;
    if (c) syi_crossed_free(c);
    SYI_FREE(l->state);
}

static void start(const syi_lmm *l, double *theta)
{
    const syi_crossed *c = l->state;
    syi_crossed_start(c, theta);
}

sy_status syi_lmm_crossed(sy_context *ctx, const syi_lmm_rows *rows, int reml, syi_lmm *l)
{
    syi_crossed *c = syi_alloc(1, sizeof *c);
    if (!c) return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory");
    l->state = c;
    l->reml = reml;
    l->derivatives = 0;
    l->evaluate = evaluate;
    l->free_state = free_state;
    l->start = start;
    return syi_crossed_init(ctx, rows, c);
}
