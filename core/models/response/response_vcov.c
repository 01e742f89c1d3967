/* Covariance of the estimates of a response model by kind.
 *
 * H is the observed information, s_i the scores at the estimates. Classical: H^-1.
 * HC0: H^-1 (sum s_i s_i') H^-1; HC1: n / (n - k) times that; frequency weights
 * repeat rows. CR0 to CR3: H^-1 (sum u_g u_g') H^-1 over clusters, with u_g their
 * scores s_g (CR0; factors of CR1 and CR1S as for least squares), or
 *   CR2: (I - N_g)^-1/2 s_g, CR3: (I - N_g)^-1 s_g,  N_g = M' H_g M, M M' = H^-1,
 * scores and N_g in the coordinates M, H_g the information of the cluster's rows
 * alone. For a normal likelihood N_g is Z_g'Z_g of an orthonormal basis and these
 * are the bias-reduced covariances of least squares (vcov_correct.c, which does
 * the algebra here too); CR3 is close to leaving clusters out one at a time.
 * Satterthwaite's degrees of freedom likewise, with the fitted model as the
 * working model: clubSandwich's own choice for glm, whose CR0 to CR1S and CR3 are
 * these for canonical links; its CR2 takes another square root where the
 * working weights differ within a cluster. Where a likelihood is not concave
 * (scale terms, negative binomial) N_g may have negative eigenvalues, which the
 * formula bears.
 * Cost: n k^2 (HC), n k (CR0, CR1, CR1S), n k^2 + 9 G k^3 (CR2, CR3).
 * Huber 1967, Proc. 5th Berkeley Symposium 1, 221-233; Liang & Zeger 1986,
 * doi:10.1093/biomet/73.1.13; Bell & McCaffrey 2002, Survey Methodology 28(2),
 * 169-181; McCaffrey & Bell 2006, doi:10.1002/sim.2502.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/response/after_fit_internal.h"
#include "models/response/response_scores_internal.h"
#include "models/vcov/vcov_internal.h"
#include "steelyard/response_vcov.h"
#include <math.h>
#include <string.h>

/* A robust variance that is so much smaller than the classical one is no variance:
 * the rows that decide the parameter leave no residuals (separation, dummies of
 * the clusters themselves), whose scores are what is left of Newton's last step. */
static const double LOST = 1e-8;

typedef struct {
    syi_after a;
    double *information, *inverse, *map, *inner; /* [k * k] each, inner k more; inner: what comes out */
    double *df;                                  /* [k] */
    int saturated;
} work;

static int bias_reduced(sy_vcov_kind kind)
{
    return kind == SY_VCOV_CR2 || kind == SY_VCOV_CR3;
}

static sy_status check(sy_context *ctx, const sy_design *design, const sy_response_model *model, sy_vcov_kind kind)
{
    if (kind >= SY_VCOV_HC2 && kind <= SY_VCOV_HC5)
        return syi_fail(ctx, SY_EINVAL,
                        "covariance: HC2 to HC5 are of least squares; here it is classical, HC0, HC1 or CR0 to CR3");
    return syi_vcov_check(ctx, design, &model->columns, kind, NULL);
}

static sy_status make_room(sy_context *ctx, work *w)
{
    const size_t k = (size_t)w->a.k, square = k * k;
    w->information = syi_alloc(4 * square + 2 * k + 1, sizeof *w->information);
    if (!w->information) return syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for %d parameters", w->a.k);
    w->inverse = w->information + square;
    w->map = w->inverse + square;
    w->inner = w->map + square;
    w->df = w->inner + square + k;
    return SY_OK;
}

/* Information at the estimates with its inverse; *definite 0 when it has none. */
static sy_status invert(sy_context *ctx, work *w, int *definite)
{
    const int k = w->a.k;
    double loglik = 0;
    double *scratch = syi_alloc((size_t)(2 * k + 2) * (size_t)k + 1, sizeof *scratch);
    if (!scratch) return syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for %d parameters", k);
    double *gradient = scratch + (ptrdiff_t)(2 * k + 1) * k;
    const sy_status s = w->a.likelihood.value(ctx, &w->a.likelihood, w->a.theta, &loglik, gradient, w->information);
    *definite = s >= 0 && syi_information_map(k, w->information, w->map, w->inverse, scratch);
    SYI_FREE(scratch);
    return s;
}

/* inner = factor map meat map' */
static void sandwich(const work *w, double factor, const double *meat, double *half)
{
    const int k = w->a.k;
    for (int i = 0; i < k; i++)
        for (int j = 0; j < k; j++) {
            double sum = 0;
            for (int m = 0; m < k; m++) sum += w->map[i * k + m] * meat[m * k + j];
            half[i * k + j] = sum;
        }
    for (int i = 0; i < k; i++)
        for (int j = 0; j <= i; j++) {
            double sum = 0;
            for (int m = 0; m < k; m++) sum += half[i * k + m] * w->map[j * k + m];
            w->inner[i * k + j] = w->inner[j * k + i] = factor * sum;
        }
}

static sy_status by_rows(sy_context *ctx, work *w, sy_vcov_kind kind)
{
    const double n = w->a.rows.n_effective, k = w->a.k;
    const int repeats = w->a.design->weights && w->a.design->weight_kind == SY_WEIGHT_FREQUENCY;
    const size_t square = (size_t)w->a.k * (size_t)w->a.k;
    double *meat = syi_alloc(2 * square + 1, sizeof *meat);
    sy_status s = meat ? SY_OK : syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for %d parameters", w->a.k);
    if (s >= 0 && kind == SY_VCOV_HC1 && !(n > k))
        s = syi_fail(ctx, SY_ERANK, "covariance: HC1 needs more rows than parameters; %g rows for %g", n, k);
    if (s >= 0) s = syi_score_products(ctx, &w->a.likelihood, w->a.theta, w->map, repeats, meat);
    if (s >= 0) sandwich(w, kind == SY_VCOV_HC1 ? n / (n - k) : 1, meat, meat + square);
    SYI_FREE(meat);
    return s;
}

/* c.u [G * k] = map' scores, c.n [G * k * k] = map' information map. */
static sy_status cluster_sums(sy_context *ctx, const work *w, sy_vcov_kind kind, syi_clusters *c)
{
    const size_t k = (size_t)w->a.k, count = (size_t)w->a.rows.n_clusters;
    *c = (syi_clusters){.rank = w->a.k, .order = w->a.k, .count = w->a.rows.n_clusters, .map = w->map};
    c->u = syi_alloc(count * k + 1, sizeof *c->u);
    if (bias_reduced(kind)) c->n = syi_alloc(count * k * k + 1, sizeof *c->n);
    if (!c->u || (bias_reduced(kind) && !c->n))
        return syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for sums of %td clusters", c->count);
    sy_status s = syi_score_clusters(ctx, &w->a.likelihood, w->a.theta, c->u);
    if (s >= 0 && c->n) s = syi_information_clusters(ctx, &w->a.likelihood, w->a.theta, c->n);
    return s < 0 ? s : syi_score_turn(ctx, c, w->map);
}

/* l [k * k]: the caller's parameters in use as combinations in the coordinates M. */
static sy_status combinations(sy_context *ctx, const work *w, double *l)
{
    const int k = w->a.k, whole = w->a.shape.k;
    double *column = syi_alloc((size_t)k + (size_t)whole + 1, sizeof *column), *turned = column + k;
    sy_status s = column ? SY_OK : syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for %d parameters", k);
    for (int m = 0; m < k && s >= 0; m++) {
        for (int i = 0; i < k; i++) column[i] = w->map[i * k + m];
        s = syi_packed_unpack(ctx, &w->a.rows, w->a.model, &w->a.shape, column, NULL, turned, NULL);
        for (int i = 0; i < k && s >= 0; i++) l[i * k + m] = turned[w->a.place[i]];
    }
    if (s >= 0) syi_scale_rows(k, k, l);
    SYI_FREE(column);
    return s;
}

static sy_status by_clusters(sy_context *ctx, work *w, sy_vcov_kind kind)
{
    const int k = w->a.k, reduced = bias_reduced(kind);
    const size_t square = (size_t)k * (size_t)k;
    syi_clusters c = {0};
    syi_corrected corrected = {0};
    if (w->a.rows.n_clusters < 2) return syi_fail(ctx, SY_EDATA, "cluster: there is only one; at least two are needed");
    double *l = syi_alloc(square + 1, sizeof *l);
    sy_status s = l ? SY_OK : syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for %d parameters", k);
    if (s >= 0) s = cluster_sums(ctx, w, kind, &c);
    if (s >= 0 && reduced) s = combinations(ctx, w, l);
    if (s >= 0) s = syi_clusters_correct(ctx, &c, kind, reduced ? k : 0, l, &corrected);
    if (s < 0) goto out;
    const double count = (double)c.count;
    syi_clusters_sum(&c, corrected.score, syi_clusters_factor(kind, count, w->a.rows.n_effective, k), w->inner);
    for (int i = 0; i < k; i++) w->df[i] = count - 1;
    if (reduced) s = syi_satterthwaite(ctx, &c, &corrected, k, w->df);
    w->saturated = corrected.saturated;
out:
    SYI_FREE(l);
    SYI_FREE(c.u);
    SYI_FREE(c.n);
    syi_corrected_free(&corrected);
    return s;
}

static sy_status cluster_remarks(sy_context *ctx, const work *w, sy_vcov_kind kind)
{
    char label[SY_NAME_LENGTH];
    int least = 0;
    for (int i = 1; i < w->a.k; i++)
        if (w->df[i] < w->df[least] || isnan(w->df[least])) least = i;
    const sy_status s = syi_response_label(ctx, w->a.design, w->a.model, w->a.place[least], label, sizeof label);
    if (s < 0) return s;
    return syi_clusters_remark(ctx, kind, w->a.rows.n_clusters, w->saturated, bias_reduced(kind) ? label : NULL,
                               w->df[least]);
}

/* Robust variances that are zero but for rounding, in the caller's units. */
static sy_status drop_lost(sy_context *ctx, work *w, sy_vcov_kind kind, double *covariance)
{
    const ptrdiff_t k = w->a.shape.k;
    char label[SY_NAME_LENGTH];
    int lost = 0, first = 0;
    double *classical = syi_alloc((size_t)(k * k), sizeof *classical);
    if (!classical) return syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for %td parameters", k);
    sy_status s = syi_packed_unpack(ctx, &w->a.rows, w->a.model, &w->a.shape, NULL, w->inverse, NULL, classical);
    for (int i = 0; i < w->a.k && s >= 0; i++) {
        const ptrdiff_t at = w->a.place[i];
        if (covariance[at * (k + 1)] > LOST * classical[at * (k + 1)]) continue;
        for (ptrdiff_t j = 0; j < k; j++)
            if (!isnan(covariance[at * k + j])) covariance[at * k + j] = covariance[j * k + at] = 0;
        w->df[i] = NAN;
        if (lost++ == 0) first = (int)at;
    }
    SYI_FREE(classical);
    if (s >= 0 && lost > 0) s = syi_response_label(ctx, w->a.design, w->a.model, first, label, sizeof label);
    return s < 0 || lost == 0 ? s : syi_vcov_lost_remark(ctx, kind, label, lost);
}

static sy_status indefinite(sy_context *ctx, work *w, double *covariance)
{
    const int k = w->a.shape.k;
    for (int i = 0; i < k * k; i++) covariance[i] = NAN;
    for (int i = 0; i < w->a.k; i++) w->df[i] = NAN;
    return syi_remark(ctx, SY_NOTE_INTERVAL_SKIPPED, "", w->a.k,
                      "the information at the estimates is not positive definite: no standard errors");
}

static sy_status covariance_of(sy_context *ctx, work *w, sy_vcov_kind kind, double *covariance)
{
    const int k = w->a.k;
    int definite = 0;
    sy_status s = invert(ctx, w, &definite);
    if (s < 0) return s;
    if (!definite) return indefinite(ctx, w, covariance);
    for (int i = 0; i < k; i++) w->df[i] = HUGE_VAL;
    if (kind == SY_VCOV_CLASSICAL) memcpy(w->inner, w->inverse, (size_t)k * (size_t)k * sizeof *w->inner);
    else s = kind >= SY_VCOV_CR0 ? by_clusters(ctx, w, kind) : by_rows(ctx, w, kind);
    if (s >= 0) s = syi_packed_unpack(ctx, &w->a.rows, w->a.model, &w->a.shape, NULL, w->inner, NULL, covariance);
    if (s >= 0 && kind != SY_VCOV_CLASSICAL) s = drop_lost(ctx, w, kind, covariance);
    return s >= 0 && kind >= SY_VCOV_CR0 ? cluster_remarks(ctx, w, kind) : s;
}

sy_status sy_response_vcov(sy_context *ctx, const sy_design *design, const sy_response_model *model, int k,
                           const double *estimate, sy_vcov_kind kind, double *covariance, double *df)
{
    const int first = ctx->n_remarks;
    work w = {0};
    syi_enter(ctx);
    sy_status s = check(ctx, design, model, kind);
    if (s < 0) return s;
    s = syi_after_init(ctx, design, model, k, estimate, &w.a);
    if (s >= 0) s = make_room(ctx, &w);
    if (s >= 0) s = covariance_of(ctx, &w, kind, covariance);
    for (int i = 0; s >= 0 && df && i < k; i++) df[i] = NAN;
    for (int i = 0; s >= 0 && df && i < w.a.k; i++) df[w.a.place[i]] = w.df[i];
    SYI_FREE(w.information);
    syi_after_free(&w.a);
    return s < 0 ? s : syi_status_of_remarks(ctx, first);
}
