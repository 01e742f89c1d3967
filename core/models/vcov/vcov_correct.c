/* Each cluster's score with its small-sample correction, in p x p algebra.
 *
 * Cluster g has rows Z_g (orthonormal columns over all rows), weights W_g,
 * residuals e_g. CR0: Z'We. CR2 takes A_g e_g for e_g, with A_g the symmetric
 * inverse root of B_g, the covariance of e_g under independent errors of variance
 * 1; CR3 takes (I - H_gg)^-1 e_g. No matrix of rows by rows is needed:
 *   equal variances (no weights, or frequencies): B_g = I - Z Z', and with
 *     Z'Z = N = V d V':   Z'A e = V f V' Z'e, f = (1 - d)^-1/2 (CR3: (1 - d)^-1);
 *   weights w in the fit, errors of variance 1 all the same (the target of
 *     clubSandwich for lm with weights): B_g = I + Y K Y' with Y = (Z, WZ),
 *     K = (S, -I; -I, 0), S = Z'W^2 Z of all rows. With Y'Y = G G' and O = Y G'^-1
 *     orthonormal, B = I + O (G'KG) O', again a small eigenproblem. CR3: as above
 *     with N = Z'WZ.
 * Where an eigenvalue of B is below 1e-10 (a residual known to fewer than six
 * digits: the cluster alone decides some coefficient) it counts as 0 and its
 * inverse as 0, the Moore-Penrose inverse of Pustejovsky & Tipton; clubSandwich
 * cuts at 1e-12, which noise in the sums can reach from either side.
 * For a combination l'theta: y = Y'v and sigma = v'v with v = A_g W_g Z_g l (see
 * vcov_satterthwaite.c). Cost: 9 p^3 a cluster and p^2 a combination; with
 * weights eight times as much.
 * Bell & McCaffrey 2002, Survey Methodology 28(2), 169-181; Pustejovsky & Tipton
 * 2018, doi:10.1080/07350015.2016.1247004, equations 5 to 8.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/vcov/vcov_internal.h"
#include <math.h>
#include <string.h>

static const double SATURATED = 1e-10, EMPTY = 1e-13;

typedef struct {
    const syi_clusters *c;
    sy_vcov_kind kind;
    int q;
    const double *l;
    syi_corrected *out;
    int *cut;        /* [count] 1 where an inverse was cut */
    double *scratch; /* [workers][room] */
    size_t room;
} job;

typedef struct {
    double *a, *v, *h, *d, *e, *t, *s;
} pieces;

static size_t room_of(int order, int q)
{
    const size_t m = (size_t)order;
    return 3 * m * m + 2 * m + 2 * m * (size_t)(q > 0 ? q : 1);
}

static pieces split(const job *j, int worker)
{
    const size_t m = (size_t)j->c->order;
    pieces s = {.a = j->scratch + (size_t)worker * j->room};
    s.v = s.a + m * m;
    s.h = s.v + m * m;
    s.d = s.h + m * m;
    s.e = s.d + m;
    s.t = s.e + m;
    s.s = s.t + m * (size_t)(j->q > 0 ? j->q : 1);
    return s;
}

/* f(1 - d), and whether it was cut */
static double inverse_of(sy_vcov_kind kind, double rest, int *cut)
{
    if (!(rest > SATURATED)) {
        *cut = 1;
        return 0;
    }
    return kind == SY_VCOV_CR2 ? 1 / sqrt(rest) : 1 / rest;
}

/* out = sum over m of weight[m] x[m] y[m] */
static double dot(int k, const double *x, const double *y)
{
    double sum = 0;
    for (int m = 0; m < k; m++) sum += x[m] * y[m];
    return sum;
}

/* Equal variances: everything in the eigenvectors of N. */
static void correct_plain(const job *j, const pieces *s, ptrdiff_t g)
{
    const int r = j->c->rank, q = j->q;
    const double *u = j->c->u + g * r;
    double *score = j->out->score + g * r, *f = s->e;
    memcpy(s->a, j->c->n + g * r * r, (size_t)r * (size_t)r * sizeof *s->a);
    syi_eigen_double(r, s->a, s->d, s->e, s->v);
    for (int m = 0; m < r; m++) {
        f[m] = inverse_of(j->kind, 1 - s->d[m], &j->cut[g]);
        const double turned = f[m] * dot(r, s->v + m * r, u);
        for (int i = 0; i < r; i++) score[i] = (m ? score[i] : 0) + turned * s->v[m * r + i];
    }
    for (int k = 0; k < q; k++)
        for (int m = 0; m < r; m++) s->t[k * r + m] = f[m] * dot(r, s->v + m * r, j->l + k * r);
    for (int k = 0; k < q; k++) {
        double *y = j->out->y + (g * q + k) * r;
        memset(y, 0, (size_t)r * sizeof *y);
        for (int m = 0; m < r; m++)
            for (int i = 0; i < r; i++) y[i] += s->d[m] * s->t[k * r + m] * s->v[m * r + i];
        for (int b = 0; b < q; b++) {
            double sum = 0;
            for (int m = 0; m < r; m++) sum += s->d[m] * s->t[k * r + m] * s->t[b * r + m];
            j->out->sigma[(g * q + k) * q + b] = sum;
        }
    }
}

/* CR3 with weights: F = (I - Z'WZ)^-1, v = W Z F l. */
static void correct_jackknife(const job *j, const pieces *s, ptrdiff_t g)
{
    const int r = j->c->rank, m2 = 2 * r, q = j->q;
    const double *n = j->c->n + g * m2 * m2, *u = j->c->u + g * m2 + r;
    double *score = j->out->score + g * r;
    for (int i = 0; i < r; i++)
        for (int k = 0; k < r; k++) s->a[i * r + k] = 0.5 * (n[i * m2 + r + k] + n[k * m2 + r + i]);
    syi_eigen_double(r, s->a, s->d, s->e, s->v);
    for (int m = 0; m < r; m++) s->e[m] = inverse_of(j->kind, 1 - s->d[m], &j->cut[g]);
    for (int i = 0; i < r; i++)
        for (int k = 0; k < r; k++) {
            double sum = 0;
            for (int m = 0; m < r; m++) sum += s->e[m] * s->v[m * r + i] * s->v[m * r + k];
            s->h[i * r + k] = sum;
        }
    for (int i = 0; i < r; i++) score[i] = dot(r, s->h + i * r, u);
    for (int k = 0; k < q; k++) {
        double *y = j->out->y + (g * q + k) * m2, *moved = s->t + k * m2;
        for (int i = 0; i < r; i++) moved[i] = dot(r, s->h + i * r, j->l + k * r);
        for (int i = 0; i < r; i++) {
            y[i] = dot(r, n + i * m2 + r, moved);
            y[r + i] = dot(r, n + (r + i) * m2 + r, moved);
        }
    }
    for (int k = 0; k < q; k++)
        for (int b = 0; b < q; b++)
            j->out->sigma[(g * q + k) * q + b] = dot(r, s->t + k * m2, j->out->y + (g * q + b) * m2 + r);
}

/* rows of gamma = G' (those of positive length first), their number; a, d, e, v
 * are used up, d keeps the lengths squared. */
static int make_gamma(const job *j, const pieces *s, ptrdiff_t g, double *gamma)
{
    const int m2 = j->c->order;
    int kept = 0;
    double most = 0;
    memcpy(s->a, j->c->n + g * m2 * m2, (size_t)m2 * (size_t)m2 * sizeof *s->a);
    syi_eigen_double(m2, s->a, s->d, s->e, s->v);
    for (int m = 0; m < m2; m++) most = fmax(most, s->d[m]);
    for (int m = 0; m < m2; m++) {
        if (!(s->d[m] > EMPTY * most)) continue;
        const double length = sqrt(s->d[m]);
        for (int i = 0; i < m2; i++) gamma[kept * m2 + i] = length * s->v[m * m2 + i];
        s->d[kept++] = s->d[m];
    }
    return kept;
}

/* a = I + G'KG */
static void small_variance(const job *j, int kept, const double *gamma, double *work, double *a)
{
    const int r = j->c->rank, m2 = 2 * r;
    for (int k = 0; k < kept; k++) {
        const double *x = gamma + k * m2;
        for (int i = 0; i < r; i++) {
            work[i] = dot(r, j->c->second + i * r, x) - x[r + i];
            work[r + i] = -x[i];
        }
        for (int b = 0; b <= k; b++) a[k * kept + b] = (b == k) + dot(m2, work, gamma + b * m2);
    }
}

/* CR2 with weights. */
static void correct_weighted(const job *j, const pieces *s, ptrdiff_t g)
{
    const int r = j->c->rank, m2 = 2 * r, q = j->q;
    double *gamma = s->h, *score = j->out->score + g * r, *f = s->e;
    const double *u = j->c->u + g * m2;
    const int kept = make_gamma(j, s, g, gamma);
    double *inner = s->t, *length = s->s; /* [m2] each */
    small_variance(j, kept, gamma, inner, s->a);
    for (int k = 0; k < kept; k++) length[k] = dot(m2, gamma + k * m2, u) / s->d[k]; /* O'e */
    syi_eigen_double(kept, s->a, s->d, s->e, s->v);
    for (int m = 0; m < kept; m++) f[m] = inverse_of(j->kind, s->d[m], &j->cut[g]);
    memset(score, 0, (size_t)r * sizeof *score);
    for (int m = 0; m < kept; m++) {
        const double turned = f[m] * dot(kept, s->v + m * kept, length);
        for (int k = 0; k < kept; k++)
            for (int i = 0; i < r; i++) score[i] += turned * s->v[m * kept + k] * gamma[k * m2 + r + i];
    }
    for (int c = 0; c < q; c++) { /* t_c = f V G_Q' l */
        double *t = s->t + c * m2, *p = s->s + c * m2;
        for (int k = 0; k < kept; k++) p[k] = dot(r, gamma + k * m2 + r, j->l + c * r);
        for (int m = 0; m < kept; m++) t[m] = f[m] * dot(kept, s->v + m * kept, p);
    }
    for (int c = 0; c < q; c++) {
        double *y = j->out->y + (g * q + c) * m2;
        memset(y, 0, (size_t)m2 * sizeof *y);
        for (int k = 0; k < kept; k++) {
            double back = 0;
            for (int m = 0; m < kept; m++) back += s->v[m * kept + k] * s->t[c * m2 + m];
            for (int i = 0; i < m2; i++) y[i] += back * gamma[k * m2 + i];
        }
        for (int b = 0; b < q; b++) j->out->sigma[(g * q + c) * q + b] = dot(kept, s->t + c * m2, s->t + b * m2);
    }
}

static void work(void *arg, int worker, size_t g)
{
    const job *j = arg;
    const int r = j->c->rank, doubled = j->c->order > r;
    const pieces s = split(j, worker);
    if (j->kind != SY_VCOV_CR2 && j->kind != SY_VCOV_CR3) {
        memcpy(j->out->score + g * (size_t)r, j->c->u + g * (size_t)j->c->order + (doubled ? r : 0),
               (size_t)r * sizeof(double));
    } else if (!doubled) {
        correct_plain(j, &s, (ptrdiff_t)g);
    } else if (j->kind == SY_VCOV_CR3) {
        correct_jackknife(j, &s, (ptrdiff_t)g);
    } else {
        correct_weighted(j, &s, (ptrdiff_t)g);
    }
}

sy_status syi_clusters_correct(sy_context *ctx, const syi_clusters *c, sy_vcov_kind kind, int q, const double *l,
                               syi_corrected *out)
{
    const size_t count = (size_t)c->count, m = (size_t)c->order;
    const double seconds = (double)count * (double)m * (double)m * ((double)m * 1e-8 + q * 3e-9);
    const int workers = syi_parallel_workers(ctx, count, seconds);
    job j = {.c = c, .kind = kind, .q = q, .l = l, .out = out, .room = room_of(c->order, q)};
    sy_status s = SY_OK;
    *out = (syi_corrected){0};
    out->score = syi_alloc(count * (size_t)c->rank, sizeof *out->score);
    if (q > 0) out->y = syi_alloc(count * (size_t)q * m, sizeof *out->y);
    if (q > 0) out->sigma = syi_alloc(count * (size_t)q * (size_t)q, sizeof *out->sigma);
    j.cut = syi_alloc(count, sizeof *j.cut);
    j.scratch = syi_alloc((size_t)workers * j.room, sizeof *j.scratch);
    if (!out->score || (q > 0 && (!out->y || !out->sigma)) || !j.cut || !j.scratch)
        s = syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for the corrections of %td clusters", c->count);
    if (s == SY_OK) s = syi_parallel(ctx, count, seconds, work, &j);
    for (size_t g = 0; s == SY_OK && g < count; g++) out->saturated += j.cut[g];
    SYI_FREE(j.cut);
    SYI_FREE(j.scratch);
    if (s != SY_OK) syi_corrected_free(out);
    return s;
}

void syi_corrected_free(syi_corrected *out)
{
    SYI_FREE(out->score);
    SYI_FREE(out->y);
    SYI_FREE(out->sigma);
}
