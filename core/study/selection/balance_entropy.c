/* Entropy balancing: the weights nearest to those of the sample, in Kullback's
 * sense, that give a group the means aimed at.
 *
 * They are s_i exp(lambda'(x_i - goal)); lambda minimises the convex
 *   D = log sum s_i exp(lambda'(x_i - goal)),
 * whose gradient is what the weighted means miss the goal by and whose Hessian is
 * the weighted covariance. Newton's method, steps halved until D falls. Goals
 * are the means of everybody for both groups (ATE), or of the treated for the others (ATT).
 * Weights exist when the goal lies inside the convex hull of the group's rows; then
 * D >= log(min s), so that a D below it proves that there are none. What stands
 * out most is then named: a column whose goal no row of the group reaches, or
 * the largest entry of lambda in units of the column's spread. A column that
 * does not vary beside the others in the group is left out, and must meet its
 * goal by itself. Cost: about 8 passes of n k^2 / 2 a group.
 * Hainmueller 2012, doi:10.1093/pan/mpr025; Zhao & Percival 2017,
 * doi:10.1515/jci-2016-0010.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/vector_math_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "study/selection/balance_internal.h"
#include <math.h>
#include <string.h>

enum { STEPS = 200, HALVINGS = 40 };
static const double MET = 1e-11, EXACT = 1e-15, SAME = 1e-12;

/* The weights at one lambda. */
typedef struct {
    double d, total, most; /* D; sum of the weights over exp(most) */
    double miss;           /* largest |mean - goal| */
} point;

static int counts(const syi_balance_fit *f, ptrdiff_t i, int group)
{
    return f->weight[i] > 0 && (f->b->rows.y[i] > 0) == group;
}

/* The means aimed at, into goal. */
static void set_goal(syi_balance_fit *f)
{
    const int treated_only = f->b->question->estimand == SY_ESTIMAND_ATT;
    for (ptrdiff_t i = 0; i < f->b->rows.stride; i++)
        f->masked[i] = treated_only && !(f->b->rows.y[i] > 0) ? 0 : f->weight[i];
    syi_balance_products(f, f->masked, NULL, f->xx, NULL);
    for (int j = 0; j < f->b->k; j++) f->goal[j] = f->xx[j] / f->xx[0];
}

/* The first column whose goal lies on or beyond the edge of the group's rows; -1: none. */
static int beyond(const syi_balance_fit *f, int group)
{
    const syi_packed *rows = &f->b->rows;
    for (int j = 1; j < f->b->k; j++) {
        const double *x = rows->x + j * rows->stride;
        double low = INFINITY, high = -INFINITY;
        for (ptrdiff_t i = 0; i < rows->n; i++) {
            if (!counts(f, i, group)) continue;
            low = fmin(low, x[i]);
            high = fmax(high, x[i]);
        }
        const double edge = SAME * fmax(high - low, fabs(f->goal[j]));
        if (high - low > edge ? f->goal[j] <= low + edge || f->goal[j] >= high - edge : fabs(f->goal[j] - low) > MET)
            return j;
    }
    return -1;
}

/* Weights into masked, xx their products; lx the gradient, xx the Hessian. */
static void look(syi_balance_fit *f, int group, const double *lambda, point *p)
{
    const syi_packed *rows = &f->b->rows;
    const ptrdiff_t k = f->b->k;
    double shift = 0;
    p->most = -INFINITY;
    syi_balance_linear(f, lambda, f->eta);
    for (ptrdiff_t j = 0; j < k; j++) shift += lambda[j] * f->goal[j];
    for (ptrdiff_t i = 0; i < rows->n; i++)
        if (counts(f, i, group)) p->most = fmax(p->most, f->eta[i] - shift);
    for (ptrdiff_t i = 0; i < rows->stride; i++) f->own[i] = fmin(f->eta[i] - shift - p->most, 0);
    for (ptrdiff_t at = 0; at < rows->stride; at += SYI_TILE) syi_vec_exp(f->simd, SYI_TILE, f->own + at, f->own + at);
    for (ptrdiff_t i = 0; i < rows->stride; i++) f->masked[i] = counts(f, i, group) ? f->weight[i] * f->own[i] : 0;
    syi_balance_products(f, f->masked, NULL, f->xx, NULL);
    p->total = f->xx[0];
    p->d = p->most + log(p->total);
    p->miss = 0;
    for (ptrdiff_t j = 0; j < k; j++) {
        f->lx[j] = f->xx[j] / p->total - f->goal[j];
        p->miss = fmax(p->miss, fabs(f->lx[j]));
    }
    for (ptrdiff_t i = k - 1; i >= 0; i--)
        for (ptrdiff_t j = k - 1; j >= 0; j--) {
            const double raw = f->xx[i * k + j] / p->total, mean = f->lx[i] + f->goal[i];
            f->xx[i * k + j] = raw - mean * (f->lx[j] + f->goal[j]);
            if (i == j && f->xx[i * k + i] < SAME * raw) f->xx[i * k + i] = 0;
        }
}

/* D below this proves that there are no weights. */
static double least_possible(const syi_balance_fit *f, int group)
{
    double least = INFINITY;
    for (ptrdiff_t i = 0; i < f->b->rows.n; i++)
        if (counts(f, i, group)) least = fmin(least, f->weight[i]);
    return log(least) - 1e-9;
}

static int largest(int k, const double *x)
{
    int at = 1;
    for (int j = 2; j < k; j++)
        if (fabs(x[j]) > fabs(x[at])) at = j;
    return at;
}

/* Minimises D from lambda on; 1 when the goal is met. step [k], next [k] scratch. */
static sy_status descend(sy_context *ctx, syi_balance_fit *f, int group, double *lambda, double *step, double *next,
                         int *met)
{
    const int k = f->b->k;
    const double bottom = least_possible(f, group);
    point here, there;
    look(f, group, lambda, &here);
    for (int round = 0; round < STEPS && here.miss > EXACT && here.d > bottom; round++) {
        f->iterations = round + 1;
        syi_balance_factor(&f->system, f->xx, 1e-12);
        syi_balance_solve(&f->system, f->lx, step);
        double t = 1;
        int moved = 0;
        for (int half = 0; half < HALVINGS && !moved; half++, t /= 2) {
            for (int j = 0; j < k; j++) next[j] = lambda[j] - t * step[j];
            look(f, group, next, &there);
            if (syi_serial_stopped(ctx) != SY_OK) return SY_EINTR;
            moved = there.d < here.d - 1e-13 * fabs(here.d) || (there.d <= here.d + 1e-13 && there.miss < here.miss);
        }
        if (!moved) break;
        memcpy(lambda, next, (size_t)k * sizeof *lambda);
        here = there;
        if (syi_serial_stopped(ctx) != SY_OK) return SY_EINTR;
    }
    look(f, group, lambda, &here);
    *met = here.miss <= MET;
    return SY_OK;
}

/* What a group's rows are multiplied by, their sum as it was; its information. */
static void keep(syi_balance_fit *f, int group)
{
    const ptrdiff_t k = f->b->k;
    double before = 0, after = 0;
    for (ptrdiff_t i = 0; i < f->b->rows.n; i++) {
        before += counts(f, i, group) ? f->weight[i] : 0;
        after += f->masked[i];
    }
    for (ptrdiff_t i = 0; i < f->b->rows.n; i++)
        if (counts(f, i, group)) f->factor[i] = f->own[i] * (before / after);
    for (ptrdiff_t i = 0; i < k * k; i++) f->information[group * k * k + i] = f->xx[i] * before;
}

sy_status syi_balance_entropy(sy_context *ctx, syi_balance_fit *f)
{
    const syi_packed *rows = &f->b->rows;
    const int att = f->b->question->estimand == SY_ESTIMAND_ATT, k = f->b->k;
    double *const step = f->theta, *const next = f->beta; /* not in use with this method, or not yet */
    f->fault = -1;
    set_goal(f);
    if (syi_serial_stopped(ctx) != SY_OK) return SY_EINTR;
    for (ptrdiff_t i = 0; i < rows->stride; i++) {
        f->tilt[i] = f->weight[i] > 0 ? (att ? rows->y[i] : 1) : 0;
        f->factor[i] = f->weight[i] > 0;
    }
    for (int group = 0; group < (att ? 1 : 2); group++) {
        double *const lambda = f->lambda + group * k;
        int met = 0;
        f->fault = beyond(f, group);
        sy_status status = syi_serial_stopped(ctx);
        if (status < 0) return status;
        if (f->fault < 0) status = descend(ctx, f, group, lambda, step, next, &met);
        if (status < 0) return status;
        if (!met) {
            if (f->fault < 0) f->fault = largest(k, lambda);
            return syi_fail(ctx, SY_EDATA, "covariates: no weights of one group meet the means");
        }
        keep(f, group);
        if (syi_serial_stopped(ctx) != SY_OK) return SY_EINTR;
    }
    return SY_OK;
}
