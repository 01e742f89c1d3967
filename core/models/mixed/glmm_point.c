/* What the parameters of a mixed model mean, and its sums over rows as
 * derivatives in them.
 *
 * Parts of the log-likelihood that rows of one answer or one count have in
 * common are added here: log(1 - exp(lower - upper)) of ordered answers with the
 * logit link; sum over j < y of log(1 + j / theta) of negative binomial counts,
 * its derivative in log(theta) being - sum of j / (theta + j).
 * Cost: one step a level or a different count up to the largest.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/vector_math_internal.h"
#include "models/mixed/glmm_internal.h"
#include <math.h>
#include <string.h>

static int place_thresholds(const syi_glmm_problem *g, const double *parameters, syi_glmm_point *at)
{
    const int levels = g->n_levels, k = g->n_thresholds;
    at->threshold[0] = -1e300;
    at->threshold[levels] = 1e300;
    for (int l = 0; l <= levels; l++) at->level_gradient[l] = 0;
    for (int l = 1; l < levels; l++) {
        double sum = 0;
        for (int j = 0; j < k; j++) sum += g->contrast[(l - 1) * k + j] * parameters[j];
        at->threshold[l] = sum;
        if (!(sum > at->threshold[l - 1])) return 0;
        if (l == 1 || g->link != SY_LINK_LOGIT) continue;
        const double gap = sum - at->threshold[l - 1], slope = g->level_weight[l - 1] / expm1(gap);
        at->level_value += g->level_weight[l - 1] * log(-expm1(-gap));
        at->level_gradient[l] += slope;
        at->level_gradient[l - 1] -= slope;
    }
    return 1;
}

static void place_counts(const syi_glmm_problem *g, syi_glmm_point *at)
{
    double sum = 0, slope = 0, j = 0;
    for (int c = 0; c < g->n_counts; c++) {
        for (; j < g->count[c]; j++) {
            sum += log1p(j / at->theta);
            slope -= j / (at->theta + j);
        }
        at->level_value += g->count_weight[c] * sum;
        at->level_gradient[0] += g->count_weight[c] * slope;
    }
}

int syi_glmm_point_of(const syi_glmm_problem *g, const double *parameters, syi_glmm_point *at)
{
    at->level_value = g->constant;
    at->level_gradient[0] = 0;
    for (int j = 0; j < g->dim; j++)
        if (!isfinite(parameters[j])) return 0;
    if (g->kind == SY_RESPONSE_ORDINAL) return place_thresholds(g, parameters, at);
    if (g->spread < 0) return 1;
    at->log_theta = parameters[g->spread];
    at->theta = exp(at->log_theta);
    if (!(at->theta > 1e-100 && at->theta < 1e100)) return 0;
    place_counts(g, at);
    return 1;
}

void syi_glmm_set_t(syi_glmm_problem *g, const double *parameters)
{
    for (int f = 0; f < g->n_factors; f++) {
        syi_glmm_factor *o = &g->factor[f];
        memset(o->t, 0, (size_t)o->q * (size_t)o->q * sizeof *o->t);
        for (int e = 0; e < o->n_entries; e++)
            o->t[o->entry_row[e] * o->q + o->entry_column[e]] = parameters[g->k + o->entry_theta[e]];
    }
}

void syi_glmm_turn(const syi_glmm_problem *g, const syi_glmm_factor *f, ptrdiff_t first, ptrdiff_t len, double *zeta,
                   ptrdiff_t step)
{
    for (int b = 0; b < f->q; b++) {
        double *to = zeta + b * step;
        memset(to, 0, (size_t)len * sizeof *to);
        for (int a = b; a < f->q; a++) {
            const double t = f->t[a * f->q + b], *z = f->z + a * g->padded + first;
            for (ptrdiff_t i = 0; t != 0 && i < len; i++) to[i] += t * z[i];
        }
    }
}

void syi_glmm_fixed(const syi_glmm_problem *g, const double *parameters, ptrdiff_t first, int len, double *out)
{
    memcpy(out, g->offset + first, (size_t)len * sizeof *out);
    syi_vec_combine(g->simd, len, g->p, g->x + first, g->padded, parameters + g->n_thresholds, out);
}

int syi_glmm_part_size(const syi_glmm_problem *g)
{
    return 1 + g->p + g->n_theta + (g->kind == SY_RESPONSE_ORDINAL ? g->n_levels + 1 : 1);
}

void syi_glmm_scatter(const syi_glmm_problem *g, ptrdiff_t first, int len, const double *upper, const double *lower,
                      double *sum)
{
    double *to = sum + 1 + g->p + g->n_theta;
    if (g->kind != SY_RESPONSE_ORDINAL) {
        to[0] += syi_glmm_sum(len, upper);
        return;
    }
    for (int i = 0; i < len; i++) {
        const int y = g->answer[first + i];
        to[y + 1] += upper[i];
        to[y] += lower[i];
    }
}

void syi_glmm_gather(const syi_glmm_problem *g, const syi_glmm_point *at, const double *sum, double *loglik,
                     double *gradient)
{
    const double *further = sum + 1 + g->p + g->n_theta;
    *loglik = sum[0] + at->level_value;
    if (!gradient) return;
    for (int j = 0; j < g->n_thresholds; j++) {
        gradient[j] = 0;
        for (int l = 1; l < g->n_levels; l++)
            gradient[j] += g->contrast[(l - 1) * g->n_thresholds + j] * (further[l] + at->level_gradient[l]);
    }
    memcpy(gradient + g->n_thresholds, sum + 1, (size_t)g->p * sizeof *gradient);
    if (g->spread >= 0) gradient[g->spread] = further[0] + at->level_gradient[0];
    memcpy(gradient + g->k, sum + 1 + g->p, (size_t)g->n_theta * sizeof *gradient);
}

sy_status syi_glmm_value(sy_context *ctx, syi_glmm_problem *g, const double *parameters, double *loglik,
                         double *gradient)
{
    return g->n_factors == 1 ? syi_glmm_one(ctx, g, parameters, loglik, gradient)
                             : syi_glmm_crossed(ctx, g, parameters, loglik, gradient);
}
