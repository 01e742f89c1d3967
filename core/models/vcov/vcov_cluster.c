/* Cluster-robust covariance of coefficients.
 *
 *   V = factor * M (sum over g of u_g u_g') M',  M = (X'WX)^-1,
 * u_g the cluster's score, corrected as vcov_correct.c says. Factors: CR0, CR2,
 * CR3 1; CR1 G / (G - 1); CR1S G (n - 1) / ((G - 1)(n - rank)), Stata's. Degrees
 * of freedom G - 1 for CR0, CR1, CR1S; Satterthwaite's for CR2, CR3.
 * With absorbed levels CR2 and CR3 are those of the model with all the levels'
 * columns in it, as long as each level lies within one cluster: residuals add up
 * to zero in a level, so its column adds nothing to the correction (Pustejovsky
 * & Tipton 2018, theorem 2). CR2 with analytic or sampling weights has no such
 * property and is refused there.
 * Conditions: two clusters or more; the covariance has rank G - 1 at most.
 * Cost: n p^2 / 2 + G p^3.
 * Liang & Zeger 1986, doi:10.1093/biomet/73.1.13; Bell & McCaffrey 2002, Survey
 * Methodology 28(2), 169-181; Cameron & Miller 2015, doi:10.3368/jhr.50.2.317.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "models/vcov/vcov_internal.h"
#include <math.h>
#include <string.h>

enum { FEW_CLUSTERS = 40 };
static const double FEW_DF = 4; /* Satterthwaite's approximation is poor below [Pustejovsky & Tipton 2018] */

static int bias_reduced(sy_vcov_kind kind)
{
    return kind == SY_VCOV_CR2 || kind == SY_VCOV_CR3;
}

/* Every absorbed level within one cluster? */
static sy_status check_nested(sy_context *ctx, const syi_basis *b, const sy_column *cluster, const char *argument)
{
    const sy_column *absorb = b->model->absorb;
    double *owner = syi_alloc((size_t)absorb->n_levels, sizeof *owner), level[SYI_TILE], code[SYI_TILE];
    int apart = -1;
    if (!owner) return syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for %d levels", absorb->n_levels);
    for (int i = 0; i < absorb->n_levels; i++) owner[i] = -1;
    for (ptrdiff_t start = 0; start < b->design->n && apart < 0; start += SYI_TILE) {
        const int len = b->design->n - start < SYI_TILE ? (int)(b->design->n - start) : SYI_TILE;
        syi_column_values(absorb, NULL, start, len, level);
        syi_column_values(cluster, NULL, start, len, code);
        for (int i = 0; i < len; i++) {
            if (isnan(level[i]) || isnan(code[i])) continue;
            double *of = &owner[(int)level[i]];
            if (*of >= 0 && *of != code[i]) apart = (int)level[i];
            *of = code[i];
        }
    }
    SYI_FREE(owner);
    if (apart < 0) return SY_OK;
    return syi_fail(ctx, SY_EINVAL,
                    "absorb: level %s of %s lies in more than one %s of %s; for CR2 and CR3 put %s among the terms, or "
                    "take CR1",
                    absorb->levels[apart], absorb->name, argument, cluster->name, absorb->name);
}

static sy_status check_absorb(sy_context *ctx, const syi_basis *b, const sy_column *cluster, const char *argument,
                              sy_vcov_kind kind)
{
    if (!b->model->absorb || !bias_reduced(kind)) return SY_OK;
    if (kind == SY_VCOV_CR2 && !b->frequency)
        return syi_fail(
            ctx, SY_EINVAL,
            "covariance: CR2 with weights and absorbed levels is not defined without all the levels' columns; "
            "put %s among the terms, or take CR3 or CR1",
            b->model->absorb->name);
    return check_nested(ctx, b, cluster, argument);
}

sy_status syi_clusters_remark(sy_context *ctx, sy_vcov_kind kind, ptrdiff_t count, int saturated, const char *label,
                              double least)
{
    sy_status s = SY_OK;
    if (!bias_reduced(kind)) {
        if (count >= FEW_CLUSTERS) return SY_OK;
        return syi_remark(
            ctx, SY_NOTE_FEW_CLUSTERS, "", (double)count,
            "%td clusters: standard errors of this kind are as a rule too small; CR2 with its own degrees "
            "of freedom, or the wild bootstrap, hold better",
            count);
    }
    if (saturated > 0)
        s = syi_remark(ctx, SY_NOTE_ONE_UNIT, "", saturated,
                       "%d of %td clusters %s; the correction there is a pseudo-inverse", saturated, count,
                       saturated == 1 ? "decides a coefficient alone" : "decide a coefficient alone");
    if (s < 0 || !label || !(least < FEW_DF)) return s;
    return syi_remark(ctx, SY_NOTE_FEW_CLUSTERS, label, least,
                      "%s: %.1f degrees of freedom; below 4 the t distribution is a poor approximation", label, least);
}

static sy_status remark(sy_context *ctx, const syi_basis *b, const syi_clusters *c, const syi_corrected *k,
                        sy_vcov_kind kind, const double *df)
{
    int least = 0;
    char label[SY_NAME_LENGTH];
    for (int i = 1; df && i < b->rank; i++)
        if (df[i] < df[least] || isnan(df[least])) least = i;
    syi_model_label(&b->m, b->column[least], label, sizeof label);
    return syi_clusters_remark(ctx, kind, c->count, k->saturated, df ? label : NULL, df ? df[least] : NAN);
}

static int lost(const syi_basis *b, const double *covariance, ptrdiff_t column)
{
    const ptrdiff_t at = column * b->p + column;
    return syi_vcov_lost(covariance[at], b->fit.sigma * b->fit.sigma * b->inverse[at]);
}

double syi_clusters_factor(sy_vcov_kind kind, double count, double n, int rank)
{
    double factor = 1;
    if (kind == SY_VCOV_CR1 || kind == SY_VCOV_CR1S) factor = count / (count - 1);
    if (kind == SY_VCOV_CR1S) factor *= (n - 1) / (n - rank);
    return factor;
}

void syi_clusters_sum(const syi_clusters *c, const double *score, double factor, double *inner)
{
    const int r = c->rank;
    double *moved = inner + (ptrdiff_t)r * r;
    for (int i = 0; i < r * r; i++) inner[i] = 0;
    for (ptrdiff_t g = 0; g < c->count; g++) {
        for (int i = 0; i < r; i++) {
            moved[i] = 0;
            for (int m = 0; m < r; m++) moved[i] += c->map[i * r + m] * score[g * r + m];
        }
        for (int i = 0; i < r; i++)
            for (int m = 0; m <= i; m++) inner[i * r + m] += moved[i] * moved[m];
    }
    for (int i = 0; i < r; i++)
        for (int m = 0; m <= i; m++) inner[i * r + m] = inner[m * r + i] = factor * inner[i * r + m];
}

static sy_status covariance_of(sy_context *ctx, const syi_basis *b, const syi_clusters *c, sy_vcov_kind kind,
                               double *covariance, double *df)
{
    const size_t r = (size_t)b->rank;
    const int satterthwaite = df && bias_reduced(kind);
    double *inner = syi_alloc(2 * (r * r + r), sizeof *inner);
    syi_corrected k = {0};
    sy_status s = inner ? SY_OK : syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for %d columns", b->p);
    if (s < 0) goto out;
    double *own = inner + r * r + r, *l = own + r;
    memcpy(l, c->map, r * r * sizeof *l);
    syi_scale_rows(b->rank, b->rank, l);
    s = syi_clusters_correct(ctx, c, kind, satterthwaite ? b->rank : 0, l, &k);
    if (s < 0) goto out;
    for (size_t i = 0; i < r; i++) own[i] = (double)c->count - 1;
    syi_clusters_sum(c, k.score, syi_clusters_factor(kind, (double)c->count, b->fit.n, b->fit.rank), inner);
    syi_basis_spread(b, inner, covariance);
    if (satterthwaite) s = syi_satterthwaite(ctx, c, &k, b->rank, own);
    for (int i = 0; satterthwaite && i < b->rank; i++)
        if (lost(b, covariance, b->column[i])) own[i] = NAN; /* the ratio of two roundings */
    for (int i = 0; df && i < b->p; i++) df[i] = NAN;
    for (int i = 0; df && i < b->rank; i++) df[b->column[i]] = own[i];
    if (s >= 0) s = remark(ctx, b, c, &k, kind, satterthwaite ? own : NULL);
out:
    SYI_FREE(inner);
    syi_corrected_free(&k);
    return s;
}

int syi_vcov_doubled(const syi_basis *b, sy_vcov_kind kind)
{
    return bias_reduced(kind) && !b->frequency;
}

sy_status syi_vcov_sorted(sy_context *ctx, const syi_basis *b, const syi_sorted *sorted, const sy_column *cluster,
                          const char *argument, sy_vcov_kind kind, syi_clusters *c)
{
    sy_status s = cluster ? check_absorb(ctx, b, cluster, argument, kind) : SY_OK;
    if (s >= 0) s = syi_clusters_init(ctx, b, sorted, syi_vcov_doubled(b, kind), c);
    if (s < 0 || c->count > 1) return s;
    syi_clusters_free(c);
    return syi_fail(ctx, SY_EDATA, "%s: there is only one; at least two are needed", argument);
}

sy_status syi_vcov_from_sorted(sy_context *ctx, const syi_basis *b, const syi_sorted *sorted, const sy_column *cluster,
                               const char *argument, sy_vcov_kind kind, double *covariance, double *df,
                               ptrdiff_t *count)
{
    syi_clusters c = {0};
    sy_status s = syi_vcov_sorted(ctx, b, sorted, cluster, argument, kind, &c);
    if (s >= 0) s = covariance_of(ctx, b, &c, kind, covariance, df);
    *count = c.count;
    syi_clusters_free(&c);
    return s;
}

sy_status syi_vcov_cluster(sy_context *ctx, const syi_basis *b, sy_vcov_kind kind, double *covariance, double *df)
{
    const sy_column *cluster = b->design->cluster;
    syi_sorted sorted = {0};
    ptrdiff_t count = 0;
    sy_status s = syi_find_clusters(ctx, cluster, b->design->n, &sorted);
    if (s >= 0) s = syi_vcov_from_sorted(ctx, b, &sorted, cluster, "cluster", kind, covariance, df, &count);
    syi_sorted_free(&sorted);
    return s;
}
