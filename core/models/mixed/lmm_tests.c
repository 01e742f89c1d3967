/* What tests of a linear mixed model's coefficients need, at its estimates.
 *
 * Satterthwaite: the deviance as a function of (theta, sigma), not profiled over
 * sigma, has at the estimates the second derivatives
 *   theta, theta  D + df r r' / rss^2,  theta, sigma  -2 r / sigma^3,  sigma, sigma  4 df / sigma^2,
 * D those of the profiled criterion, r the gradient of rss, df = n (less p by REML); twice
 * their inverse is the covariance of (theta, sigma), the generalised one where an
 * eigenvalue is not above 1e-8, as lmerTest has it, but with sigma in units of its
 * estimate: lmerTest's eigenvalues change with the unit of the outcome, and pounds in
 * place of millions of pounds would lose sigma and change the degrees of freedom. Kenward and Roger: V is linear in the
 * variances; of those the scale of V itself and the entries of the effects' covariance
 * matrix are taken, for which expected information and adjustment over a basis that makes X' V^-1 X = I are
 *   (V, V) n - p,  (V, s) tr E_s H - tr M_s,  (s, t) tr E_s H E_t H - 2 tr Q_st + tr M_s M_t,  each over 2,
 *   adjusted = I + 2 sum W_st (Q_st - M_s M_t), W the inverse information; the scale adds nothing.
 * The approximation does not depend on which linear parameters are taken.
 * Cost: an evaluation, and for Kenward and Roger's lmm_parts.c.
 * Fai & Cornelius 1996, doi:10.1080/00949659608811740; Kuznetsova, Brockhoff &
 * Christensen 2017, doi:10.18637/jss.v082.i13; Kenward & Roger 1997,
 * doi:10.2307/2533558; Halekoh & Hojsgaard 2014, doi:10.18637/jss.v059.i09.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_plain_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/mixed/lmm_tests_internal.h"
#include "models/vcov/vcov_internal.h"
#include <string.h>

static const double least_eigenvalue = 1e-8;

static sy_status make_room(sy_context *ctx, syi_lmm_tests *t)
{
    const size_t p = (size_t)t->l.p, m = (size_t)t->l.n_theta + 1, d = sizeof(double);
    t->beta = syi_alloc(p, d);
    t->inverse = syi_alloc(p * p, d);
    t->varpar = syi_alloc(m * m, d);
    t->slope = syi_alloc(m * p * p, d);
    if (!t->beta || !t->inverse || !t->varpar || !t->slope)
        return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for tests of %d columns", t->l.p);
    return SY_OK;
}

/* 2 times the inverse of h [m * m] over eigenvalues that count; how many do not. work [m * m + 2 m]. */
static int invert(int m, double *h, double *work, double *out)
{
    double *d = work, *e = d + m, *vectors = e + m;
    int lost = 0;
    syi_eigen_double(m, h, d, e, vectors);
    memset(out, 0, (size_t)m * (size_t)m * sizeof *out);
    for (int k = 0; k < m; k++) {
        if (!(d[k] > least_eigenvalue)) {
            lost++;
            continue;
        }
        for (int i = 0; i < m; i++)
            for (int j = 0; j < m; j++) out[i * m + j] += 2 * vectors[k * m + i] * vectors[k * m + j] / d[k];
    }
    return lost;
}

/* Derivatives of `inverse` from differences of itself, where the maker has none. */
static sy_status difference_inverse(sy_context *ctx, const syi_lmm_tests *t, const double *theta)
{
    const syi_lmm *l = &t->l;
    const size_t square = (size_t)l->p * (size_t)l->p, m = (size_t)l->n_theta;
    double *room = syi_alloc(m + square, sizeof *room);
    if (!room) return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d columns", l->p);
    double *at = room, *below = room + m;
    sy_status s = SY_OK;
    for (size_t i = 0; i < m && s >= 0; i++) {
        double *above = t->slope + i * square;
        const double h = 1e-5 * fmax(fabs(theta[i]), 0.1);
        syi_lmm_value v = {.inverse = above};
        memcpy(at, theta, m * sizeof *at);
        const double up = at[i] = theta[i] + h;
        if ((s = l->evaluate(ctx, l, at, NULL, &v)) < 0) break;
        v.inverse = below;
        const double down = at[i] = theta[i] - h;
        if ((s = l->evaluate(ctx, l, at, NULL, &v)) < 0) break;
        for (size_t k = 0; k < square; k++) above[k] = (above[k] - below[k]) / (up - down);
        s = syi_serial_stopped(ctx);
    }
    SYI_FREE(room);
    return s;
}

static sy_status add_satterthwaite(sy_context *ctx, syi_lmm_tests *t, const double *theta)
{
    const int m = t->l.n_theta, side = m + 1;
    const double df = t->l.reml ? t->l.n - t->l.p : t->l.n, sigma = sqrt(t->sigma2), rss = df * t->sigma2;
    double *h = syi_alloc(3 * (size_t)side * (size_t)side + 3 * (size_t)side, sizeof *h);
    if (!h) return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d parameters", m);
    double *full = h + m * m, *r = full + side * side, *work = r + side;
    syi_lmm_value v = {.rss_gradient = r};
    if (t->l.derivatives) {
        v.hessian = h;
        v.inverse_slope = t->slope;
    }
    sy_status s = t->l.evaluate(ctx, &t->l, theta, NULL, &v);
    if (s >= 0 && !t->l.derivatives) s = syi_lmm_differences(ctx, &t->l, NULL, theta, NULL, h);
    if (s >= 0 && !t->l.derivatives) s = difference_inverse(ctx, t, theta);
    if (s < 0) goto out;
    for (int i = 0; i < m; i++) {
        for (int j = 0; j < m; j++) full[i * side + j] = h[i * m + j] + df * r[i] * r[j] / (rss * rss);
        full[i * side + m] = full[m * side + i] = -2 * r[i] / t->sigma2;
    }
    full[m * side + m] = 4 * df;
    const int lost = invert(side, full, work, t->varpar);
    for (int i = 0; i < side; i++) {
        t->varpar[i * side + m] *= sigma;
        t->varpar[m * side + i] *= sigma;
    }
    if (lost > 0)
        s = syi_remark(ctx, SY_NOTE_PRECISION, "theta", lost,
                       "%d of %d directions of the variances have no curvature at the estimates; their uncertainty is "
                       "left out of the degrees of freedom",
                       lost, side);
out:
    SYI_FREE(h);
    return s;
}

static double trace_of(int p, const double *a, const double *b)
{
    double sum = 0;
    for (int i = 0; i < p; i++)
        for (int j = 0; j < p; j++) sum += a[i * p + j] * (b ? b[j * p + i] : i == j);
    return sum;
}

/* Expected information over V and the entries, and twice its inverse as W = (information / 2)^-1. */
static sy_status put_weight(sy_context *ctx, syi_lmm_tests *t)
{
    const syi_lmm_parts *a = &t->parts;
    const int p = t->l.p, n = a->n, side = n + 1;
    const ptrdiff_t square = (ptrdiff_t)p * p;
    const size_t whole = (size_t)side * (size_t)side;
    double *info = syi_alloc(2 * whole + 3 * (size_t)side, sizeof *info);
    t->weight = syi_alloc(whole, sizeof *t->weight);
    sy_status s = SY_OK;
    if (!info || !t->weight) {
        s = syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d variance parameters", n);
        goto out;
    }
    info[0] = t->l.n - p;
    for (int i = 0; i < n; i++) {
        info[i + 1] = info[(i + 1) * side] = a->first[i] - trace_of(p, a->m + i * square, NULL);
        for (int j = 0; j <= i; j++) {
            const double v = a->second[i * n + j] - 2 * trace_of(p, a->q + ((ptrdiff_t)i * n + j) * square, NULL) +
                             trace_of(p, a->m + i * square, a->m + j * square);
            info[(i + 1) * side + j + 1] = info[(j + 1) * side + i + 1] = v;
        }
    }
    /* entries differ in their units: scaled to unit diagonal before eigenvalues are judged */
    double *scale = info + whole, *work = scale + side;
    for (int i = 0; i < side; i++) scale[i] = info[i * side + i] > 0 ? 1 / sqrt(info[i * side + i]) : 0;
    for (int i = 0; i < side; i++)
        for (int j = 0; j < side; j++) info[i * side + j] *= scale[i] * scale[j];
    invert(side, info, work, t->weight);
    for (int i = 0; i < side; i++)
        for (int j = 0; j < side; j++) t->weight[i * side + j] *= scale[i] * scale[j];
out:
    SYI_FREE(info);
    return s;
}

static sy_status add_kenward_roger(sy_context *ctx, syi_lmm_tests *t, const double *theta)
{
    const syi_lmm_parts *a = &t->parts;
    const int p = t->l.p;
    const ptrdiff_t square = (ptrdiff_t)p * p;
    sy_status s = syi_lmm_parts_init(ctx, &t->l, theta, &t->parts);
    if (s >= 0) s = put_weight(ctx, t);
    if (s < 0) return s;
    t->adjusted = syi_alloc((size_t)square, sizeof *t->adjusted);
    if (!t->adjusted) return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d columns", p);
    for (int i = 0; i < p; i++) t->adjusted[i * p + i] = 1;
    for (int i = 0; i < a->n; i++)
        for (int j = 0; j < a->n; j++) {
            const double w = 2 * t->weight[(i + 1) * (a->n + 1) + j + 1];
            const double *q = a->q + ((ptrdiff_t)i * a->n + j) * square, *mi = a->m + i * square,
                         *mj = a->m + j * square;
            for (int r = 0; r < p; r++)
                for (int c = 0; c < p; c++) {
                    double v = q[r * p + c];
                    for (int h = 0; h < p; h++) v -= mi[r * p + h] * mj[h * p + c];
                    t->adjusted[r * p + c] += w * v;
                }
        }
    return SY_OK;
}

static sy_status check(sy_context *ctx, const sy_mixed_model *model, const sy_mixed_options *o, sy_df_kind kind)
{
    if (!model->linear)
        return syi_fail(ctx, SY_EINVAL, "df: degrees of freedom are for linear models; tests of others are normal");
    if ((int)kind < SY_DF_SATTERTHWAITE || (int)kind > SY_DF_NORMAL)
        return syi_fail(ctx, SY_EINVAL, "df: %d; it must be Satterthwaite, Kenward-Roger or normal", (int)kind);
    if (kind == SY_DF_KENWARD_ROGER && !o->reml)
        return syi_fail(ctx, SY_EINVAL,
                        "df: Kenward and Roger's are for fits by REML; this one is by maximum likelihood");
    return SY_OK;
}

sy_status syi_lmm_tests_init(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                             const sy_mixed_options *options, const double *theta, sy_df_kind kind, syi_lmm_tests *t)
{
    sy_mixed_options o;
    sy_mixed_defaults(&o);
    if (options) o = *options;
    *t = (syi_lmm_tests){.kind = kind};
    sy_status s = check(ctx, model, &o, kind);
    if (s < 0) return s;
    if ((s = syi_lmm_init(ctx, design, model, o.reml, &t->l)) < 0) return s;
    if ((s = make_room(ctx, t)) < 0) goto out;
    syi_lmm_value v = {.beta = t->beta, .inverse = t->inverse};
    if ((s = t->l.evaluate(ctx, &t->l, theta, NULL, &v)) < 0) goto out;
    t->sigma2 = v.sigma2;
    if (!isfinite(v.criterion)) s = syi_fail(ctx, SY_EDATA, "theta: the model cannot be had at these variances");
    else if (kind == SY_DF_SATTERTHWAITE) s = add_satterthwaite(ctx, t, theta);
    else if (kind == SY_DF_KENWARD_ROGER) s = add_kenward_roger(ctx, t, theta);
out:
    if (s < 0) syi_lmm_tests_free(t);
    return s;
}

void syi_lmm_tests_free(syi_lmm_tests *t)
{
    SYI_FREE(t->beta);
    SYI_FREE(t->inverse);
    SYI_FREE(t->varpar);
    SYI_FREE(t->slope);
    SYI_FREE(t->weight);
    SYI_FREE(t->adjusted);
    syi_lmm_parts_free(&t->parts);
    syi_lmm_free(&t->l);
}
