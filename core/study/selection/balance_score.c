/* The propensity score, and the weights made of it.
 *
 * e(x) = F(x'theta) by maximum (pseudo) likelihood; with random effects of the
 * clusters by Laplace's approximation, and e at their modes. Weights h(e) / e for
 * the treated and h(e) / (1 - e) for the others, h = 1 (everybody), e (the
 * treated), e (1 - e) (overlap); with the logit, overlap weights balance the means
 * of the columns exactly, as the score equations are that balance. The tilt is what a
 * row counts in the population spoken of: 1, treated or not, e (1 - e).
 * A column that tells the treatment without error has no finite coefficient
 * and is reported (separation.c); scores near 0 or 1 are told of in balance_words.c.
 * Cost: 5 to 8 passes of n k^2 / 2.
 * Rosenbaum & Rubin 1983, doi:10.1093/biomet/70.1.41; Li, Zaslavsky & Landrum
 * 2013, doi:10.1002/sim.5786; Li, Morgan & Zaslavsky 2018,
 * doi:10.1080/01621459.2016.1260466.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/vector_math_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "steelyard/mixed.h"
#include "study/selection/balance_internal.h"
#include <math.h>

/* score and rest from eta; every column padded to whole tiles. */
static void set_score(syi_balance_fit *f)
{
    _Alignas(64) double turned[SYI_TILE];
    for (ptrdiff_t at = 0; at < f->b->rows.stride; at += SYI_TILE) {
        double *const eta = f->eta + at, *const e = f->score + at, *const rest = f->rest + at;
        if (f->b->question->link == SY_LINK_LOGIT) syi_vec_logistic(f->simd, SYI_TILE, eta, e, rest, NULL);
        else if (f->b->question->link == SY_LINK_CLOGLOG) syi_vec_cloglog(f->simd, SYI_TILE, eta, e, rest, NULL);
        else {
            for (int i = 0; i < SYI_TILE; i++) turned[i] = -eta[i];
            syi_vec_normal(f->simd, SYI_TILE, eta, e, NULL, NULL);
            syi_vec_normal(f->simd, SYI_TILE, turned, rest, NULL, NULL);
        }
    }
}

static void set_factor(syi_balance_fit *f)
{
    const sy_estimand estimand = f->b->question->estimand;
    for (ptrdiff_t i = 0; i < f->b->rows.stride; i++) {
        const double e = f->score[i], rest = f->rest[i];
        const int treated = f->b->rows.y[i] > 0;
        f->factor[i] = f->tilt[i] = 0;
        if (!(f->weight[i] > 0)) continue;
        if (estimand == SY_ESTIMAND_ATE) {
            f->factor[i] = 1 / (treated ? e : rest);
            f->tilt[i] = 1;
        } else if (estimand == SY_ESTIMAND_ATT) {
            f->factor[i] = treated ? 1 : e / rest;
            f->tilt[i] = treated;
        } else {
            f->factor[i] = treated ? rest : e;
            f->tilt[i] = e * rest;
        }
    }
}

/* The column of a proof of separation that is told of: the first but the intercept. */
static int first_infinite(const syi_balance_fit *f)
{
    for (int j = 1; j < f->b->k; j++)
        if (f->infinite[j]) return j;
    return 0;
}

static sy_status by_likelihood(sy_context *ctx, syi_balance_fit *f, int fresh)
{
    const syi_balance *b = f->b;
    syi_packed own = b->rows;
    syi_likelihood l = b->likelihood;
    syi_newton_report report;
    sy_response_options options;
    sy_response_defaults(&options);
    own.weight = f->weight;
    l.rows = &own;
    l.use = f->use;
    syi_balance_products(f, f->weight, NULL, f->xx, NULL);
    syi_balance_factor(&f->system, f->xx, 128 * (b->k + 1) * 0x1p-53);
    for (int j = 0; j < b->k; j++) {
        f->use[j] = !f->system.aliased[j];
        if (!f->use[j]) f->theta[j] = 0;
    }
    if (syi_serial_stopped(ctx) != SY_OK) return SY_EINTR;
    if (fresh) l.start(&l, f->theta);
    const sy_status status = syi_newton(ctx, &l, &options, f->theta, f->information, f->infinite, &report);
    if (status < 0) return status;
    f->iterations = report.iterations;
    f->fault = report.separated ? first_infinite(f) : -1;
    if (report.separated) return syi_fail(ctx, SY_EDATA, "treatment: a column tells it without error");
    if (!report.converged)
        return syi_fail(ctx, SY_EDATA, "treatment: the score's fit ended after %d steps without its maximum",
                        report.iterations);
    syi_balance_linear(f, f->theta, f->eta);
    set_score(f);
    return syi_serial_stopped(ctx);
}

/* A copy of the clusters in which one level is missing. */
static void hide(const syi_balance_fit *f, int level, sy_column *out)
{
    const sy_column *cluster = f->b->design.cluster;
    *out = *cluster;
    for (ptrdiff_t i = 0; i < f->b->design.n; i++) {
        const double own = syi_column_value(cluster, i);
        f->code[i] = isnan(own) || (int)own == level ? -1 : (int32_t)own;
    }
    out->data = f->code;
    out->stride = sizeof *f->code;
    out->first_code = 0;
}

static int has_remark(const sy_context *ctx, int first, sy_status code)
{
    for (int i = first; i < ctx->n_remarks; i++)
        if (ctx->remarks[i].code == code) return 1;
    return 0;
}

static sy_status fit_mixed(sy_context *ctx, syi_balance_fit *f, const sy_design *design, const sy_mixed_model *model)
{
    sy_mixed_shape shape;
    sy_mixed_summary summary;
    sy_mixed_options options;
    const int first = ctx->n_remarks;
    int *aliased = NULL;
    double *memory = NULL;
    sy_mixed_defaults(&options);
    sy_status status = sy_mixed_shape_of(ctx, design, model, &shape);
    if (status < 0) return status;
    const size_t k = (size_t)shape.k, modes = (size_t)shape.n_modes;
    aliased = syi_alloc(k + 1, sizeof *aliased);
    memory = syi_alloc(k + k * k + modes + 3, sizeof *memory);
    if (!aliased || !memory) status = syi_fail(ctx, SY_ENOMEM, "balance: no room for %zu clusters", modes);
    if (status >= 0) {
        const sy_mixed_fit fit = {.estimate = memory,
                                  .aliased = aliased,
                                  .covariance = memory + k,
                                  .modes = memory + k + k * k,
                                  .theta = memory + k + k * k + modes,
                                  .variance = memory + k + k * k + modes + 1,
                                  .fitted = f->by_row};
        status = sy_mixed(ctx, design, model, &options, &summary, &fit);
    }
    SYI_FREE(aliased);
    SYI_FREE(memory);
    if (status < 0) return status;
    f->iterations = summary.iterations;
    if (has_remark(ctx, first, SY_NOTE_SEPARATED))
        return syi_fail(ctx, SY_EDATA, "treatment: %s", ctx->remarks[ctx->n_remarks - 1].text);
    return SY_OK;
}

static sy_status by_mixed(sy_context *ctx, syi_balance_fit *f, int hidden)
{
    const syi_balance *b = f->b;
    sy_column cluster = *b->design.cluster;
    sy_design design = b->design;
    if (hidden >= 0) {
        hide(f, hidden, &cluster);
        design.missing = SY_MISSING_COMPLETE;
    }
    design.cluster = &cluster;
    const sy_random random = {.intercept = 1, .group = &cluster};
    const sy_mixed_model model = {.response = b->model, .n_random = 1, .random = &random};
    const sy_status status = fit_mixed(ctx, f, &design, &model);
    if (status < 0) return status;
    for (ptrdiff_t i = 0; i < b->rows.stride; i++) {
        const double e = i < b->rows.n ? f->by_row[b->rows.row[i]] : (double)NAN;
        f->score[i] = isnan(e) ? 0.5 : e;
        f->rest[i] = 1 - f->score[i];
    }
    return SY_OK;
}

sy_status syi_balance_score(sy_context *ctx, syi_balance_fit *f, int fresh, int hidden)
{
    const int mixed = f->b->question->clusters == SY_CLUSTERS_RANDOM;
    const sy_status status = mixed ? by_mixed(ctx, f, hidden) : by_likelihood(ctx, f, fresh);
    if (status >= 0) set_factor(f);
    return status;
}

sy_status syi_balance_weigh(sy_context *ctx, syi_balance_fit *f, int fresh, int hidden)
{
    if (f->b->question->method == SY_BALANCE_ENTROPY) return syi_balance_entropy(ctx, f);
    return syi_balance_score(ctx, f, fresh, hidden);
}
