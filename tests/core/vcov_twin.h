/* A random problem with its model matrix in full, and the covariances of its
 * coefficients as the papers write them: matrices of rows by rows.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TEST_VCOV_TWIN_H
#define SYI_TEST_VCOV_TWIN_H
#include "algebra/eigen_internal.h"
#include "base/random_internal.h"
#include "steelyard/memory.h"
#include "steelyard/vcov.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { TWIN_N = 120, TWIN_K = 5, TWIN_P = TWIN_K + 1, TWIN_G = 30, TWIN_Q = 4 };

typedef struct {
    int n, k, p, clusters;                        /* p = k + intercept */
    double x[TWIN_K + 1][TWIN_N], weight[TWIN_N]; /* x[0] is the outcome */
    int32_t code[TWIN_N], other[TWIN_N];
    char name[TWIN_K + 1][8], level_name[TWIN_N][8];
    const char *level[TWIN_N];
    sy_column column[TWIN_K + 1], weights, cluster, second;
    sy_factor factor[TWIN_K + 1];
    sy_term term[TWIN_K + 1];
    int chosen[TWIN_K];
    sy_design design;
    sy_linear_model model;
    /* naive */
    double m[TWIN_P * TWIN_P], b[TWIN_P], e[TWIN_N], xx[TWIN_N * TWIN_P], h[TWIN_N];
} twin;

static inline void twin_describe(twin *t, sy_weight_kind kind)
{
    for (int c = 0; c <= t->k; c++) {
        snprintf(t->name[c], sizeof t->name[c], "x%d", c);
        t->column[c] = (sy_column){.name = t->name[c], .data = t->x[c], .stride = sizeof(double), .type = SY_F64};
        t->factor[c] = (sy_factor){c, 1};
        t->term[c] = (sy_term){t->name[c], 1, &t->factor[c]};
        if (c > 0) t->chosen[c - 1] = c;
    }
    for (int g = 0; g < TWIN_N; g++) {
        snprintf(t->level_name[g], sizeof t->level_name[g], "c%d", g);
        t->level[g] = t->level_name[g];
    }
    t->weights = (sy_column){.name = "weight", .data = t->weight, .stride = sizeof(double), .type = SY_F64};
    t->cluster = (sy_column){.name = "council",
                             .data = t->code,
                             .stride = sizeof(int32_t),
                             .type = SY_CODES,
                             .n_levels = TWIN_N,
                             .levels = t->level};
    t->second = t->cluster;
    t->second.name = "year";
    t->second.data = t->other;
    t->design = (sy_design){.n = t->n,
                            .n_columns = t->k + 1,
                            .columns = t->column,
                            .n_terms = t->k + 1,
                            .terms = t->term,
                            .weights = kind ? &t->weights : NULL,
                            .weight_kind = kind,
                            .cluster = &t->cluster};
    t->model = (sy_linear_model){.outcome = 0, .n_terms = t->k, .terms = t->chosen, .intercept = 1};
}

/* (X'WX)^-1 by Gauss and Jordan in long double. */
static inline void twin_invert(int p, const double *a, double *out)
{
    long double w[TWIN_P][2 * TWIN_P];
    for (int i = 0; i < p; i++)
        for (int j = 0; j < 2 * p; j++) w[i][j] = j < p ? (long double)a[i * p + j] : j - p == i;
    for (int c = 0; c < p; c++) {
        int best = c;
        for (int i = c; i < p; i++)
            if (fabsl(w[i][c]) > fabsl(w[best][c])) best = i;
        assert_true(fabsl(w[best][c]) > 0);
        for (int j = 0; j < 2 * p; j++) {
            const long double v = w[c][j];
            w[c][j] = w[best][j];
            w[best][j] = v;
        }
        const long double unit = w[c][c];
        for (int j = 0; j < 2 * p; j++) w[c][j] /= unit;
        for (int i = 0; i < p; i++) {
            const long double f = w[i][c];
            for (int j = 0; j < 2 * p && i != c; j++) w[i][j] -= f * w[c][j];
        }
    }
    for (int i = 0; i < p; i++)
        for (int j = 0; j < p; j++) out[i * p + j] = (double)w[i][p + j];
}

/* Model matrix, coefficients, residuals, leverages. */
static inline void twin_fit(twin *t)
{
    const int p = t->p, intercept = t->model.intercept;
    double a[TWIN_P * TWIN_P] = {0}, right[TWIN_P] = {0};
    for (int i = 0; i < t->n; i++) {
        double *row = t->xx + i * p;
        const double w = t->design.weights ? t->weight[i] : 1;
        if (intercept) row[0] = 1;
        for (int c = 1; c <= t->k; c++) row[c - !intercept] = t->x[c][i];
        for (int r = 0; r < p; r++) {
            right[r] += w * row[r] * t->x[0][i];
            for (int c = 0; c < p; c++) a[r * p + c] += w * row[r] * row[c];
        }
    }
    twin_invert(p, a, t->m);
    for (int r = 0; r < p; r++) {
        t->b[r] = 0;
        for (int c = 0; c < p; c++) t->b[r] += t->m[r * p + c] * right[c];
    }
    for (int i = 0; i < t->n; i++) {
        const double *row = t->xx + i * p;
        t->e[i] = t->x[0][i];
        t->h[i] = 0;
        for (int r = 0; r < p; r++) {
            t->e[i] -= row[r] * t->b[r];
            for (int c = 0; c < p; c++) t->h[i] += row[r] * t->m[r * p + c] * row[c];
        }
    }
}

/* Clusters of unequal size (a cubed uniform), outcomes with cluster effects. */
static inline void twin_fill(twin *t, int n, int k, int clusters, sy_weight_kind kind, uint64_t seed)
{
    syi_stream r;
    double level[TWIN_N];
    memset(t, 0, sizeof *t);
    t->n = n;
    t->k = k;
    t->p = k + 1;
    t->clusters = clusters;
    syi_stream_init(&r, seed, 0, 0);
    for (int g = 0; g < clusters; g++) level[g] = syi_stream_normal(&r);
    for (int i = 0; i < n; i++) {
        const double u = syi_stream_uniform(&r);
        t->code[i] = i < clusters ? i : (int32_t)(clusters * u * sqrt(u));
        t->other[i] = (int32_t)syi_stream_below(&r, 6);
        t->weight[i] =
            kind == SY_WEIGHT_FREQUENCY ? 1 + (double)syi_stream_below(&r, 4) : 0.2 + 3 * syi_stream_uniform(&r);
        t->x[0][i] = level[t->code[i]] + syi_stream_normal(&r);
        for (int c = 1; c <= k; c++) {
            t->x[c][i] = syi_stream_normal(&r) + (c == 1 ? level[t->code[i]] : 0) + 0.5 * t->x[1][i] * (c > 1);
            t->x[0][i] += 0.3 * c * t->x[c][i];
        }
    }
    twin_describe(t, kind);
    twin_fit(t);
}

static inline double twin_weight(const twin *t, int i)
{
    return t->design.weights ? t->weight[i] : 1;
}

/* (I - H)_ij, H = X M X'W */
static inline double twin_rest(const twin *t, int i, int j)
{
    double h = 0;
    for (int r = 0; r < t->p; r++)
        for (int c = 0; c < t->p; c++) h += t->xx[i * t->p + r] * t->m[r * t->p + c] * t->xx[j * t->p + c];
    return (i == j) - h * twin_weight(t, j);
}

/* power[size * size] of the symmetric a: eigenvalues below 1e-10 count as 0 */
static inline void twin_power(int size, const double *a, double exponent, double *power)
{
    syi_dd *w = calloc((size_t)(2 * size * size), sizeof *w), *v = w + size * size;
    for (int i = 0; i < size * size; i++) w[i] = syi_dd_of(a[i]);
    assert_int_equal(syi_symmetric_eigen(NULL, size, w, v), SY_OK);
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++) {
            double sum = 0;
            for (int m = 0; m < size; m++) {
                const double d = w[m * (size + 1)].hi;
                if (d > 1e-10) sum += pow(d, exponent) * v[m * size + i].hi * v[m * size + j].hi;
            }
            power[i * size + j] = sum;
        }
    free(w);
}

/* The matrix A_g that stands before a cluster's residuals, for `size` rows. */
static inline void twin_adjustment(const twin *t, sy_vcov_kind kind, int size, const int *row, double *a)
{
    const int weighted = t->design.weights != NULL;
    double *own = calloc((size_t)(size * size), sizeof *own);
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++) {
            a[i * size + j] = i == j;
            own[i * size + j] = twin_rest(t, row[i], row[j]);
            if (kind != SY_VCOV_CR2 || !weighted) continue;
            own[i * size + j] = 0;
            for (int m = 0; m < t->n; m++) own[i * size + j] += twin_rest(t, row[i], m) * twin_rest(t, row[j], m);
        }
    if (kind == SY_VCOV_CR2) twin_power(size, own, -0.5, a);
    if (kind == SY_VCOV_CR3 && !weighted) twin_power(size, own, -1, a);
    if (kind == SY_VCOV_CR3 && weighted) { /* (I - H)^-1 = W^-1/2 (I - W^1/2 X M X' W^1/2)^-1 W^1/2 */
        for (int i = 0; i < size; i++)
            for (int j = 0; j < size; j++) own[i * size + j] *= sqrt(twin_weight(t, row[i]) / twin_weight(t, row[j]));
        twin_power(size, own, -1, a);
        for (int i = 0; i < size; i++)
            for (int j = 0; j < size; j++) a[i * size + j] *= sqrt(twin_weight(t, row[j]) / twin_weight(t, row[i]));
    }
    free(own);
}

typedef struct {
    double v[TWIN_P * TWIN_P]; /* covariance, no factor */
    double df[TWIN_Q], eta;    /* of the q combinations */
} twin_answer;

/* Covariance of one cluster, added to v; its vector of n rows for each of the q
 * combinations c: g_j = (I - H)_j' A_j' W_j X_j M c. */
static inline void twin_set(const twin *t, int size, const int *row, const double *adjust, int q, const double *c,
                            double *v, double *vectors)
{
    const int p = t->p, n = t->n;
    double score[TWIN_P] = {0}, moved[TWIN_P] = {0};
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++)
            for (int r = 0; r < p; r++)
                score[r] += t->xx[row[i] * p + r] * twin_weight(t, row[i]) * adjust[i * size + j] * t->e[row[j]];
    for (int r = 0; r < p; r++)
        for (int s = 0; s < p; s++) moved[r] += t->m[r * p + s] * score[s];
    for (int r = 0; r < p; r++)
        for (int s = 0; s < p; s++) v[r * p + s] += moved[r] * moved[s];
    for (int a = 0; a < q; a++)
        for (int j = 0; j < size; j++) {
            double first = 0;
            for (int i = 0; i < size; i++)
                for (int r = 0; r < p; r++)
                    for (int s = 0; s < p; s++)
                        first += c[a * p + s] * t->m[s * p + r] * t->xx[row[i] * p + r] * twin_weight(t, row[i]) *
                                 adjust[i * size + j];
            for (int m = 0; m < n; m++) vectors[a * TWIN_N * n + m] += first * twin_rest(t, row[j], m);
        }
}

/* q (q + 1) over the sum of the variances of the standardised entries; between
 * [q][q][count] holds g_j'g_k of every pair of clusters. */
static inline double twin_eta(int q, int count, const double *between, const double *omega)
{
    double root[TWIN_Q * TWIN_Q], total = 0;
    twin_power(q, omega, -0.5, root);
    for (int s = 0; s < q; s++)
        for (int u = 0; u < q; u++)
            for (int k = 0; k < count; k++) {
                double st = 0, us = 0, ss = 0, uu = 0;
                for (int a = 0; a < q; a++)
                    for (int b = 0; b < q; b++) {
                        const double v = between[(a * q + b) * count + k];
                        st += root[s * q + a] * v * root[b * q + u];
                        us += root[u * q + a] * v * root[b * q + s];
                        ss += root[s * q + a] * v * root[b * q + s];
                        uu += root[u * q + a] * v * root[b * q + u];
                    }
                total += st * us + ss * uu;
            }
    return q * (q + 1) / total;
}

static inline void twin_distribution(int n, int sets, int q, const double *vectors, twin_answer *out)
{
    const int count = sets * sets;
    double omega[TWIN_Q * TWIN_Q] = {0}, *between = calloc((size_t)(q * q * count) + 1, sizeof *between);
    for (int a = 0; a < q; a++)
        for (int b = 0; b < q; b++)
            for (int k = 0; k < count; k++) {
                const int g = k / sets, h = k % sets;
                double sum = 0;
                for (int m = 0; m < n; m++)
                    sum += vectors[(a * TWIN_N + g) * n + m] * vectors[(b * TWIN_N + h) * n + m];
                between[(a * q + b) * count + k] = sum;
                if (g == h) omega[a * q + b] += sum;
            }
    for (int a = 0; a < q; a++) {
        double squares = 0;
        for (int k = 0; k < count; k++) squares += pow(between[(a * q + a) * count + k], 2);
        out->df[a] = omega[a * q + a] * omega[a * q + a] / squares;
    }
    if (q > 0) out->eta = twin_eta(q, count, between, omega);
    free(between);
}

/* Covariance by clusters, and Satterthwaite's df and eta of q combinations c. */
static inline void twin_cluster(const twin *t, const int32_t *code, sy_vcov_kind kind, int q, const double *c,
                                twin_answer *out)
{
    const int n = t->n;
    double *vectors = calloc((size_t)(q * TWIN_N * n) + 1, sizeof *vectors);
    double *adjust = calloc((size_t)(n * n), sizeof *adjust);
    int sets = 0;
    memset(out, 0, sizeof *out);
    for (int g = 0; g < TWIN_N; g++) {
        int row[TWIN_N], size = 0;
        for (int i = 0; i < n; i++)
            if (code[i] == g) row[size++] = i;
        if (size == 0) continue;
        twin_adjustment(t, kind, size, row, adjust);
        twin_set(t, size, row, adjust, q, c, out->v, vectors + sets * n);
        sets++;
    }
    twin_distribution(n, sets, q, vectors, out);
    free(vectors);
    free(adjust);
}

static inline void twin_vcov(const twin *t, sy_vcov_kind kind, const sy_column *second, double *v, double *df)
{
    sy_context ctx;
    sy_linear_options o;
    sy_context_init(&ctx);
    sy_linear_defaults(&o);
    if (sy_vcov(&ctx, &t->design, &t->model, &o, kind, second, v, df) < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

/* Relative to the errors: |a - b| <= tolerance * sqrt(v_ii v_jj). */
static inline void assert_near_matrix(int p, const double *found, const double *right, double tolerance)
{
    for (int i = 0; i < p; i++)
        for (int j = 0; j < p; j++)
            if (!(fabs(found[i * p + j] - right[i * p + j]) <=
                  tolerance * sqrt(right[i * (p + 1)] * right[j * (p + 1)])))
                fail_msg("entry %d, %d: found %.17g, should be %.17g", i, j, found[i * p + j], right[i * p + j]);
}

static inline void assert_near(double found, double right, double tolerance)
{
    if (!(fabs(found - right) <= tolerance * fabs(right))) fail_msg("found %.17g, should be %.17g", found, right);
}

/* Two samples that say the same have the same covariance; degrees of freedom,
 * which divide by it, keep one digit less. */
static inline void twin_agree(const twin *t, const twin *r, sy_vcov_kind kind, double tolerance)
{
    double v[TWIN_P * TWIN_P], u[TWIN_P * TWIN_P], df[TWIN_P], du[TWIN_P];
    twin_vcov(t, kind, NULL, v, df);
    twin_vcov(r, kind, NULL, u, du);
    assert_near_matrix(t->p, v, u, tolerance);
    for (int i = 0; i < t->p; i++) assert_near(df[i], du[i], 10 * tolerance);
}

/* 1 when a remark of that code is there. */
static inline int twin_remarked(const sy_context *ctx, sy_status code)
{
    for (int i = 0; i < ctx->n_remarks; i++)
        if (ctx->remarks[i].code == code) return 1;
    return 0;
}
#endif
