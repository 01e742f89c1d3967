/* Degrees of freedom of tests with cluster-corrected covariances.
 *
 * The variance of l'theta is estimated by sum over g of (p_g'e)^2 with p_g = (I -
 * H)_g' v_g, v_g = A_g W_g Z_g l. Under independent errors of variance 1 it has
 * the mean E = sum P_gg and the variance 2 sum over g, h of P_gh^2, P_gh = p_g'p_h,
 * and Satterthwaite's degrees of freedom are E^2 / sum P_gh^2. With y_g = Y_g'v_g
 * and sigma_g = v_g'v_g (vcov_correct.c)
 *   P_gh(s, t) = [g = h] sigma_g(s, t) + y_gs' K y_ht,
 * K = -I, or (S, -I; -I, 0) with weights, so sums over pairs of clusters are
 * traces of T = sum over g of y_gs y_gt':
 *   sum P_gh(s,s) P_gh(t,t) = own terms + tr(K T' K T)
 *   sum P_gh(s,t) P_gh(t,s) = own terms + tr(K T K T).
 * For q combinations at once, standardised so that the mean is I, the
 * approximate Hotelling statistic has eta = q (q + 1) / sum over s, t of the two
 * sums; F = (eta - q + 1) / (eta q) Q with q and eta - q + 1 degrees of freedom
 * ("AHZ", HTZ in clubSandwich). Cost: q G p^2; q^2 (G p^2 + p^3) for eta.
 * Bell & McCaffrey 2002, Survey Methodology 28(2), 169-181; Pustejovsky & Tipton
 * 2018, doi:10.1080/07350015.2016.1247004, section 3.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/vcov/vcov_internal.h"
#include <math.h>
#include <string.h>

typedef struct {
    const syi_clusters *c;
    const syi_corrected *k;
    int q, joint;
    double *scratch, *out; /* [workers][2 order^2 + order] */
} job;

/* out = K x */
static void times_k(const syi_clusters *c, const double *x, ptrdiff_t step, double *out, ptrdiff_t out_step)
{
    const int r = c->rank, doubled = c->order > r;
    for (int i = 0; i < r; i++) {
        double sum = doubled ? -x[(r + i) * step] : -x[i * step];
        for (int m = 0; doubled && m < r; m++) sum += c->second[i * r + m] * x[m * step];
        out[i * out_step] = sum;
        if (doubled) out[(r + i) * out_step] = -x[i * step];
    }
}

static const double *y_of(const job *j, ptrdiff_t g, int s)
{
    return j->k->y + (g * j->q + s) * j->c->order;
}

static double sigma_of(const job *j, ptrdiff_t g, int s, int t)
{
    return j->k->sigma[(g * j->q + s) * j->q + t];
}

static double between(const job *j, double *work, const double *x, const double *y)
{
    double sum = 0;
    times_k(j->c, y, 1, work, 1);
    for (int i = 0; i < j->c->order; i++) sum += x[i] * work[i];
    return sum;
}

/* tr(K T' K T) and tr(K T K T) */
static void traces(const job *j, const double *t, double *kt, double *work, double *first, double *second)
{
    const int m = j->c->order;
    *first = *second = 0;
    for (int col = 0; col < m; col++) times_k(j->c, t + col, m, kt + col, m);
    for (int a = 0; a < m; a++)
        for (int b = 0; b < m; b++) *second += kt[a * m + b] * kt[b * m + a];
    for (int a = 0; a < m; a++) { /* K T' has the columns K (row of T) */
        times_k(j->c, t + (ptrdiff_t)a * m, 1, work, 1);
        for (int b = 0; b < m; b++) *first += work[b] * kt[a * m + b];
    }
}

/* Sum over clusters of P_gh(s,s) P_gh(t,t), plus that of P_gh(s,t) P_gh(t,s). */
static double pair_variance(const job *j, int worker, int s, int t)
{
    const int m = j->c->order;
    double *sum = j->scratch + (size_t)worker * (2 * (size_t)m * (size_t)m + (size_t)m);
    double *kt = sum + (ptrdiff_t)m * m, *work = kt + (ptrdiff_t)m * m, first = 0, second = 0, own = 0;
    memset(sum, 0, (size_t)m * (size_t)m * sizeof *sum);
    for (ptrdiff_t g = 0; g < j->c->count; g++) {
        const double *x = y_of(j, g, s), *y = y_of(j, g, t);
        const double ss = between(j, work, x, x), tt = s == t ? ss : between(j, work, y, y);
        const double st = s == t ? ss : between(j, work, x, y), cross = sigma_of(j, g, s, t) + st;
        own += (sigma_of(j, g, s, s) + ss) * (sigma_of(j, g, t, t) + tt) - ss * tt + cross * cross - st * st;
        for (int a = 0; a < m; a++)
            for (int b = 0; b < m; b++) sum[a * m + b] += x[a] * y[b];
    }
    traces(j, sum, kt, work, &first, &second);
    return own + first + second;
}

static void work(void *arg, int worker, size_t i)
{
    const job *j = arg;
    const int s = j->joint ? (int)i / j->q : (int)i, t = j->joint ? (int)i % j->q : (int)i;
    if (s <= t) j->out[i] = pair_variance(j, worker, s, t);
}

static sy_status run(sy_context *ctx, job *j, size_t count)
{
    const double m = j->c->order, seconds = (double)count * m * m * ((double)j->c->count + m) * 1e-9;
    const int workers = syi_parallel_workers(ctx, count, seconds);
    const size_t order = (size_t)j->c->order;
    j->scratch = syi_alloc((size_t)workers * (2 * order * order + order), sizeof *j->scratch);
    if (!j->scratch) return syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for %d degrees of freedom", j->q);
    const sy_status s = syi_parallel(ctx, count, seconds, work, j);
    SYI_FREE(j->scratch);
    return s;
}

/* P_gg(s, t) */
static double expected(const job *j, ptrdiff_t g, int s, int t)
{
    const int r = j->c->rank;
    const double *x = y_of(j, g, s), *y = y_of(j, g, t);
    double sum = sigma_of(j, g, s, t);
    for (int i = 0; i < r; i++) {
        if (j->c->order == r) {
            sum -= x[i] * y[i];
            continue;
        }
        sum -= x[i] * y[r + i] + x[r + i] * y[i];
        for (int m = 0; m < r; m++) sum += x[i] * j->c->second[i * r + m] * y[m];
    }
    return sum;
}

void syi_scale_rows(int q, int r, double *l)
{
    for (int i = 0; i < q; i++) {
        double most = 0;
        int power = 0;
        for (int m = 0; m < r; m++) most = fmax(most, fabs(l[(ptrdiff_t)i * r + m]));
        (void)frexp(most, &power);
        for (int m = 0; m < r; m++) l[(ptrdiff_t)i * r + m] = ldexp(l[(ptrdiff_t)i * r + m], -power);
    }
}

void syi_clusters_expectation(const syi_clusters *c, const syi_corrected *k, int q, double *omega)
{
    const job j = {.c = c, .k = k, .q = q};
    memset(omega, 0, (size_t)q * (size_t)q * sizeof *omega);
    for (ptrdiff_t g = 0; g < c->count; g++)
        for (int s = 0; s < q; s++)
            for (int t = 0; t < q; t++) omega[s * q + t] += expected(&j, g, s, t);
}

sy_status syi_satterthwaite(sy_context *ctx, const syi_clusters *c, const syi_corrected *k, int q, double *df)
{
    job j = {.c = c, .k = k, .q = q, .out = df};
    const sy_status s = run(ctx, &j, (size_t)q);
    for (int i = 0; s == SY_OK && i < q; i++) {
        double mean = 0;
        for (ptrdiff_t g = 0; g < c->count; g++) mean += expected(&j, g, i, i);
        df[i] = 2 * mean * mean / df[i]; /* what `run` left is twice the sum of squares */
    }
    return s;
}

sy_status syi_hotelling_eta(sy_context *ctx, const syi_clusters *c, const syi_corrected *k, int q, double *eta)
{
    double *pair = syi_alloc((size_t)q * (size_t)q, sizeof *pair), sum = 0;
    if (!pair) return syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for %d combinations", q);
    job j = {.c = c, .k = k, .q = q, .joint = 1, .out = pair};
    const sy_status s = run(ctx, &j, (size_t)q * (size_t)q);
    for (int a = 0; a < q; a++)
        for (int b = a; b < q; b++) sum += (a == b ? 1 : 2) * pair[a * q + b];
    *eta = (double)q * (q + 1) / sum;
    SYI_FREE(pair);
    return s;
}
