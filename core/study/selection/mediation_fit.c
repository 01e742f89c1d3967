/* The models of mediation by weighted least squares, and the effects made of
 * them.
 *
 * Outcome: y on intercept, treatment t, confounders c, mediators m, t m, m m'
 * over blocks. Each mediator: on intercept, t, c. With the mediator means mu_k(t)
 * at the confounders' means, Delta_k = mu_k(1) - mu_k(0), and C_kl(t) the
 * covariance of the residuals of mediators k and l at t [the regression of
 * the product of residuals on (1, t): for two treatments, their average in each]:
 *   direct            b_t + sum_k b_tk mu_k(0)
 *   through block B   sum_{k in B} Delta_k (b_k + b_tk + sum_{l not in B} b_kl mu_l(x_l)),
 *                     x_l = 1 for blocks before B, 0 for those after
 *   dependence        sum_{k, l of two blocks} b_kl (C_kl(1) - C_kl(0))
 * which is what the interventional effects
 *   sum_c sum_m E(Y | 1, m, c) [P(M_B | 1, c) - P(M_B | 0, c)] P(others | .., c) P(c), ...
 * are where E(Y | t, m, c) is the above [Vansteelandt & Daniel 2017, Epidemiology 28,
 * 258-265, doi:10.1097/EDE.0000000000000596]: products of mediators of two
 * blocks have the product of their means where the blocks are drawn apart, and
 * their covariance beside it where they are drawn together. Nothing else of the
 * residuals' distribution matters. The parts add to E(Y | 1) - E(Y | 0), each
 * with its own joint distribution of mediators. Order of the blocks: those before are
 * at the treatment's new value, those after at the old one; without products of
 * mediators it does not matter.
 * Cost: n p^2 / 2 + n q k + n pairs; p columns of the outcome's model, k of a
 * mediator's.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_plain_internal.h"
#include "algebra/gram_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "study/selection/mediation_internal.h"
#include <math.h>
#include <string.h>

enum { TILE = 256 };
static const double pivot_floor = 1e-11;

static size_t doubles(size_t count)
{
    return (count + 7) / 8 * 8;
}

size_t syi_mediation_room(const syi_mediation_sheet *s)
{
    const size_t p = (size_t)s->p, k = 2 + (size_t)s->n_c, q = (size_t)s->q;
    return sizeof(double) * (doubles((p + 1) * (p + 1)) + 3 * doubles(p * p + p) + doubles(q * k) +
                             q * (size_t)s->stride + doubles(2 * (size_t)s->n_pairs) + doubles(k) + doubles(2 * p + 2) +
                             doubles(syi_gram_room(s->p + 1, 0)) + doubles(syi_gram_scratch(TILE / 8)) + doubles(p));
}

static double *piece(double **at, size_t count)
{
    double *own = *at;
    *at += doubles(count);
    return own;
}

void syi_mediation_open(const syi_mediation_sheet *s, void *memory, syi_mediation_fit *f)
{
    const size_t p = (size_t)s->p, k = 2 + (size_t)s->n_c, q = (size_t)s->q;
    double *at = memory;
    memset(f, 0, sizeof *f);
    f->p = s->p;
    f->k = 2 + s->n_c;
    f->gram = piece(&at, (p + 1) * (p + 1));
    f->factor = piece(&at, p * p);
    f->theta = piece(&at, p);
    f->scale = piece(&at, p);
    f->kept = (int *)piece(&at, p);
    f->alpha = piece(&at, q * k);
    f->residual = piece(&at, q * (size_t)s->stride);
    f->gamma = piece(&at, 2 * (size_t)s->n_pairs);
    f->mean_c = piece(&at, k);
    f->work = piece(&at, 2 * p + 2);
    f->acc = piece(&at, syi_gram_room(s->p + 1, 0));
    f->scratch = piece(&at, syi_gram_scratch(TILE / 8));
}

/* 0: the call is to stop. */
static int sum_products(const syi_mediation_sheet *s, int simd, const double *weight, syi_mediation_fit *f)
{
    const double *x[SYI_MEDIATION_COLUMNS + 4];
    const int n_x = s->p + 1;
    memset(f->acc, 0, syi_gram_room(n_x, 0) * sizeof *f->acc);
    memset(f->gram, 0, (size_t)n_x * (size_t)n_x * sizeof *f->gram);
    for (ptrdiff_t at = 0; at < s->stride; at += TILE) {
        const int len = (int)(s->stride - at < TILE ? s->stride - at : TILE);
        for (int c = 0; c < SYI_GRAM_PAD(n_x); c++) x[c] = syi_mediation_column(s, c < n_x ? c : 0) + at;
        const syi_gram tile = {n_x, 0, len / 8, x, NULL, weight + at};
        syi_gram_add(simd, &tile, f->scratch, f->acc);
        if (at / TILE % 256 == 255 && syi_parallel_stopped()) return 0;
    }
    syi_gram_sum(n_x, 0, f->acc, f->gram, NULL);
    return 1;
}

/* The factor of the scaled crossproducts of the columns kept: those of a
 * mediator's model first. */
static int factorise(const syi_mediation_sheet *s, syi_mediation_fit *f)
{
    const ptrdiff_t side = s->p + 1;
    f->n_kept = f->k_kept = 0;
    for (int c = 0; c < s->p; c++) {
        if (!s->in[c]) continue;
        f->kept[f->n_kept++] = c;
        f->k_kept += c < s->at_m;
    }
    for (int a = 0; a < f->n_kept; a++) {
        const double square = f->gram[f->kept[a] * side + f->kept[a]];
        if (!(square > 0)) return 0;
        f->scale[a] = 1 / sqrt(square);
    }
    for (int a = 0; a < f->n_kept; a++)
        for (int b = 0; b <= a; b++)
            f->factor[(ptrdiff_t)a * f->n_kept + b] =
                f->gram[f->kept[a] * side + f->kept[b]] * f->scale[a] * f->scale[b];
    return syi_cholesky_plain(f->n_kept, f->factor, pivot_floor);
}

void syi_mediation_solve(const syi_mediation_fit *f, int count, double *x)
{
    double *v = f->work;
    for (int a = 0; a < count; a++) v[a] = x[f->kept[a]] * f->scale[a];
    const double *l = f->factor;
    const ptrdiff_t side = f->n_kept;
    for (int a = 0; a < count; a++) {
        for (int b = 0; b < a; b++) v[a] -= l[a * side + b] * v[b];
        v[a] /= l[a * side + a];
    }
    for (int a = count - 1; a >= 0; a--) {
        for (int b = a + 1; b < count; b++) v[a] -= l[b * side + a] * v[b];
        v[a] /= l[a * side + a];
    }
    const int all = count == f->k_kept ? f->k : f->p;
    for (int c = 0; c < all; c++) x[c] = 0;
    for (int a = 0; a < count; a++) x[f->kept[a]] = v[a] * f->scale[a];
}

static void fit_mediators(const syi_mediation_sheet *s, syi_mediation_fit *f)
{
    const ptrdiff_t side = s->p + 1;
    for (int m = 0; m < s->q; m++) {
        double *a = f->alpha + (ptrdiff_t)m * f->k, *e = f->residual + m * s->stride;
        for (int c = 0; c < f->k; c++) a[c] = f->gram[(s->at_m + m) * side + c];
        syi_mediation_solve(f, f->k_kept, a);
        memcpy(e, syi_mediation_column(s, s->at_m + m), (size_t)s->stride * sizeof *e);
        for (int c = 0; c < f->k; c++) {
            const double *x = syi_mediation_column(s, c), b = a[c];
            for (ptrdiff_t i = 0; i < s->stride && b != 0; i++) e[i] -= b * x[i];
        }
    }
}

static void covary(const syi_mediation_sheet *s, const double *weight, syi_mediation_fit *f)
{
    const double *t = syi_mediation_column(s, 1);
    for (int k = 0; k < s->n_pairs; k++) {
        const double *a = f->residual + s->first[k] * s->stride, *b = f->residual + s->second[k] * s->stride;
        double sum = 0, with = 0;
        for (ptrdiff_t i = 0; i < s->n; i++) {
            const double v = weight[i] * a[i] * b[i];
            sum += v;
            with += v * t[i];
        }
        f->gamma[2 * k] = f->z[0] * sum + f->z[1] * with;
        f->gamma[2 * k + 1] = f->z[1] * sum + f->z[2] * with;
    }
}

int syi_mediation_fit_rows(const syi_mediation_sheet *s, int simd, const double *weight, syi_mediation_fit *f)
{
    const ptrdiff_t side = s->p + 1;
    if (!sum_products(s, simd, weight, f) || !factorise(s, f)) return 0;
    const double n = f->gram[0], t = f->gram[1], tt = f->gram[side + 1], det = n * tt - t * t;
    f->z[0] = tt / det;
    f->z[1] = -t / det;
    f->z[2] = n / det;
    f->sum_w = n;
    for (int c = 0; c < f->k; c++) f->mean_c[c] = f->gram[c] / n;
    f->mean_c[1] = 0;
    for (int c = 0; c < s->p; c++) f->theta[c] = f->gram[s->p * side + c];
    syi_mediation_solve(f, f->n_kept, f->theta);
    fit_mediators(s, f);
    if (syi_parallel_stopped()) return 0;
    covary(s, weight, f);
    return 1;
}

/* Mean of mediator m at the confounders' means. */
static double mean_at(const syi_mediation_fit *f, int m, int treated)
{
    double sum = 0;
    for (int c = 0; c < f->k; c++) sum += f->alpha[(ptrdiff_t)m * f->k + c] * f->mean_c[c];
    return sum + (treated ? f->alpha[(ptrdiff_t)m * f->k + 1] : 0);
}

static double by_treatment(const syi_mediation_sheet *s, const syi_mediation_fit *f, int m)
{
    return s->asked->by_treatment ? f->theta[s->at_tm + m] : 0;
}

void syi_mediation_linear(const syi_mediation_sheet *s, const syi_mediation_fit *f, double *effect)
{
    const int blocks = s->asked->n_blocks, effects = syi_mediation_effects(s), total = effects - 2;
    for (int e = 0; e < effects; e++) effect[e] = 0;
    effect[0] = f->theta[1];
    for (int m = 0; m < s->q; m++) {
        const double tm = by_treatment(s, f, m), delta = f->alpha[(ptrdiff_t)m * f->k + 1];
        effect[0] += tm * mean_at(f, m, 0);
        effect[1 + s->block[m]] += delta * (f->theta[s->at_m + m] + tm);
    }
    for (int k = 0; k < s->n_pairs; k++) {
        const int a = s->first[k], b = s->second[k];
        const double mm = f->theta[s->at_mm + k];
        effect[1 + s->block[a]] += mm * f->alpha[(ptrdiff_t)a * f->k + 1] * mean_at(f, b, 0);
        effect[1 + s->block[b]] += mm * f->alpha[(ptrdiff_t)b * f->k + 1] * mean_at(f, a, 1);
        effect[1 + blocks] += mm * f->gamma[2 * k + 1];
    }
    for (int e = 0; e < total; e++) effect[total] += effect[e];
    double *x = f->work + s->p + 1;
    for (int c = 0; c < f->k; c++) x[c] = f->gram[s->p * (ptrdiff_t)(s->p + 1) + c];
    syi_mediation_solve(f, f->k_kept, x);
    effect[total + 1] = x[1];
}
