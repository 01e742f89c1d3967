/* What each row moves the estimates by, with all that is estimated on the way
 * counted: the stacked estimating equations of score (or entropy weights),
 * regressions and means, solved for the last of them.
 *
 * A ratio R = sum a_i / sum b_i moves by (a_i - R b_i) / sum b, and by its
 * derivative D by a nuisance parameter times that parameter's own influence
 *   I^-1 q_i x_i (score: q = w dl/d eta; regression: q = w (y - m)),
 * I their information. With D = sum c_i x_i that is q_i x_i' I^-1 D: one solution a
 * ratio, no matrices by row. Entropy weights: lambda has H^-1 {- w u (x - goal) + B
 * v_i}, with H = sum w u (x - goal)(x - goal)', B the group's sum of w u, and v_i =
 * w (x - goal) / sum w what the row moves the goal by. Derivatives by the linear
 * predictor: ATE u' = -e'/e^2 and e'/(1 - e)^2; ATT 0 and e'/(1 - e)^2; overlap
 * -e', e' and of the tilt e'(1 - 2 e); e' the link's density.
 * Rows that were trimmed are taken as given. Cost: 6 n k an outcome.
 * Stefanski & Boos 2002, doi:10.1198/000313002753631330; Lunceford & Davidian
 * 2004, doi:10.1002/sim.1903; Mao, Li & Greene 2019,
 * doi:10.1177/0962280218781171; Zhao & Percival 2017, doi:10.1515/jci-2016-0010.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/vector_math_internal.h"
#include "base/parallel_internal.h"
#include "study/selection/balance_internal.h"
#include <string.h>

static const double LEAST = 1e-11; /* of a diagonal, for a direction to carry information */

/* e' = de / d eta, into out. */
static void slopes(const syi_balance_fit *f, double *out)
{
    const ptrdiff_t stride = f->b->rows.stride;
    const sy_link link = f->b->question->link;
    if (link != SY_LINK_LOGIT) syi_balance_linear(f, f->theta, out);
    for (ptrdiff_t at = 0; at < stride && link == SY_LINK_PROBIT; at += SYI_TILE)
        syi_vec_normal_density(f->simd, SYI_TILE, out + at, out + at);
    for (ptrdiff_t at = 0; at < stride && link == SY_LINK_CLOGLOG; at += SYI_TILE)
        syi_vec_exp(f->simd, SYI_TILE, out + at, out + at);
    for (ptrdiff_t i = 0; i < stride; i++) {
        if (link == SY_LINK_LOGIT) out[i] = f->score[i] * f->rest[i];
        else if (link == SY_LINK_CLOGLOG) out[i] *= f->rest[i];
    }
}

/* du / d eta of a row, and of its tilt. */
static double factor_slope(const syi_balance_fit *f, ptrdiff_t i, double slope)
{
    const int treated = f->b->rows.y[i] > 0;
    const sy_estimand estimand = f->b->question->estimand;
    if (estimand == SY_ESTIMAND_OVERLAP) return treated ? -slope : slope;
    if (!treated) return slope / (f->rest[i] * f->rest[i]);
    return estimand == SY_ESTIMAND_ATT ? 0 : -slope / (f->score[i] * f->score[i]);
}

static double tilt_slope(const syi_balance_fit *f, ptrdiff_t i, double slope)
{
    return f->b->question->estimand == SY_ESTIMAND_OVERLAP ? slope * (f->rest[i] - f->score[i]) : 0;
}

/* right [k] = sum over rows of c_i x_i. */
static void combine(const syi_balance_fit *f, const double *c, double *right)
{
    const syi_packed *rows = &f->b->rows;
    for (int j = 0; j < f->b->k; j++) {
        const double *x = rows->x + j * rows->stride;
        double sum = 0;
        for (ptrdiff_t i = 0; i < rows->n; i++) sum += c[i] * x[i];
        right[j] = sum;
    }
}

/* eta = x' I^-1 (sum c x) by row; information [k * k]. */
static void turn(syi_balance_fit *f, const double *information, const double *c)
{
    combine(f, c, f->lx);
    syi_balance_factor(&f->system, information, LEAST);
    syi_balance_solve(&f->system, f->lx, f->lx);
    syi_balance_linear(f, f->lx, f->eta);
}

/* Of estimate m in group a: what the row's y (or what it misses) is less its mean, times the weights over their sum. */
static double residual(const syi_balance_fit *f, const syi_balance_sums *s, int m, int a, ptrdiff_t i, double y)
{
    if (m == SY_WEIGHTED) return y - s->mean[m][a];
    return y - f->fitted[a * f->b->rows.stride + i] - s->gap[a];
}

/* The means themselves, nothing else estimated. sign: +1 for the treated, -1. */
static void direct(const syi_balance_fit *f, const syi_balance_sums *s, const double *y, double *influence)
{
    const syi_packed *rows = &f->b->rows;
    double *const weighted = influence + rows->n * SY_WEIGHTED, *const aipw = influence + rows->n * SY_AIPW;
    for (ptrdiff_t i = 0; i < rows->n; i++) {
        const int a = rows->y[i] > 0;
        const double w = f->weight[i], sign = a ? 1 : -1, u = f->factor[i];
        influence[i] = sign * w * (y[i] - s->mean[SY_UNADJUSTED][a]) / s->sum[a];
        weighted[i] = sign * w * u * residual(f, s, SY_WEIGHTED, a, i, y[i]) / s->balanced[a];
        aipw[i] = sign * w * u * residual(f, s, SY_AIPW, a, i, y[i]) / s->balanced[a];
        for (int c = 0; c < 2; c++)
            aipw[i] += (c ? 1 : -1) * w * f->tilt[i] * (f->fitted[c * rows->stride + i] - s->part[c]) / s->tilted;
    }
}

/* The score's coefficients, on estimate m. slope: e' by row. */
static void through_score(syi_balance_fit *f, const syi_balance_sums *s, int m, const double *y, const double *slope,
                          double *influence)
{
    const syi_packed *rows = &f->b->rows;
    double *const c = f->own;
    for (ptrdiff_t i = 0; i < rows->n; i++) {
        const int a = rows->y[i] > 0;
        const double w = f->weight[i];
        c[i] = (a ? 1 : -1) * w * factor_slope(f, i, slope[i]) * residual(f, s, m, a, i, y[i]) / s->balanced[a];
        for (int g = 0; g < 2 && m == SY_AIPW; g++)
            c[i] += (g ? 1 : -1) * w * tilt_slope(f, i, slope[i]) * (f->fitted[g * rows->stride + i] - s->part[g]) /
                    s->tilted;
    }
    turn(f, f->information, c);
    for (ptrdiff_t i = 0; i < rows->n; i++) {
        const double score = rows->y[i] > 0 ? slope[i] / f->score[i] : -slope[i] / f->rest[i];
        influence[i] += f->weight[i] * score * f->eta[i];
    }
}

/* Entropy weights of group a, on estimate m. */
static void through_lambda(syi_balance_fit *f, const syi_balance_sums *s, int m, int a, const double *y,
                           double *influence)
{
    const syi_packed *rows = &f->b->rows;
    const ptrdiff_t k = f->b->k;
    const int att = f->b->question->estimand == SY_ESTIMAND_ATT;
    const double sign = a ? 1 : -1, aimed = att ? s->sum[1] : s->sum[0] + s->sum[1];
    double goal = 0;
    for (ptrdiff_t i = 0; i < rows->n; i++)
        f->own[i] = (rows->y[i] > 0) == a
                        ? sign * f->weight[i] * f->factor[i] * residual(f, s, m, a, i, y[i]) / s->balanced[a]
                        : 0;
    turn(f, f->information + a * k * k, f->own);
    for (ptrdiff_t j = 0; j < k; j++) goal += f->goal[j] * f->lx[j];
    for (ptrdiff_t i = 0; i < rows->n; i++) {
        const double w = f->weight[i], along = f->eta[i] - goal;
        const int own = (rows->y[i] > 0) == a, aims = !att || rows->y[i] > 0;
        if (own) influence[i] -= w * f->factor[i] * along;
        if (aims) influence[i] += s->balanced[a] * w / aimed * along;
    }
}

/* The regression in group a, on the augmented estimate. */
static void through_regression(syi_balance_fit *f, int o, const syi_balance_sums *s, int a, const double *y,
                               double *influence)
{
    const syi_packed *rows = &f->b->rows;
    const ptrdiff_t k = f->b->k;
    const double *m = f->fitted + a * rows->stride, sign = a ? 1 : -1;
    for (ptrdiff_t i = 0; i < rows->n; i++) {
        const double w = f->weight[i], slope = f->b->logit[o] ? m[i] * (1 - m[i]) : 1;
        const int own = (rows->y[i] > 0) == a;
        f->own[i] = sign * w * slope * (f->tilt[i] / s->tilted - (own ? f->factor[i] / s->balanced[a] : 0));
    }
    turn(f, f->regression + a * k * k, f->own);
    for (ptrdiff_t i = 0; i < rows->n; i++)
        if ((rows->y[i] > 0) == a) influence[i] += f->weight[i] * (y[i] - m[i]) * f->eta[i];
}

sy_status syi_balance_influence(sy_context *ctx, syi_balance_fit *f, int o, const syi_balance_sums *s,
                                double *influence)
{
    const ptrdiff_t n = f->b->rows.n;
    const double *y = f->b->y + (ptrdiff_t)o * f->b->rows.stride;
    const int entropy = f->b->question->method == SY_BALANCE_ENTROPY;
    direct(f, s, y, influence);
    if (syi_serial_stopped(ctx) != SY_OK) return SY_EINTR;
    if (!entropy) slopes(f, f->masked);
    for (int m = SY_WEIGHTED; m <= SY_AIPW; m++) {
        if (!entropy) through_score(f, s, m, y, f->masked, influence + n * m);
        for (int a = 0; entropy && a < (f->b->question->estimand == SY_ESTIMAND_ATT ? 1 : 2); a++)
            through_lambda(f, s, m, a, y, influence + n * m);
        if (syi_serial_stopped(ctx) != SY_OK) return SY_EINTR;
    }
    for (int a = 0; a < 2; a++) {
        through_regression(f, o, s, a, y, influence + n * SY_AIPW);
        if (syi_serial_stopped(ctx) != SY_OK) return SY_EINTR;
    }
    return SY_OK;
}
