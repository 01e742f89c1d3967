/* What a response model explains.
 *
 * The formulas are those of explained.h. Log-likelihoods are of single answers,
 * so that rows of trials give what the same answers one a row give: binomial
 * coefficients are left out, n counts answers. With weights n is their sum and
 * sums are weighted, so that weights times a constant change nothing (Lumley
 * 2017). Var(x'b) has the divisor n as in McKelvey & Zavoina; the offset, known
 * beforehand, is neither explained nor error. With scale terms the error is the
 * mean of the rows' variances, which with Var(x'b) makes up the variance of the
 * latent variable. Nominal effects leave no latent variable. Sums over blocks
 * of rows in parallel, merged in order. Cost: n (k + 30).
 * McFadden 1974, in Zarembka (ed.), Frontiers in Econometrics, 105-142; Ben-Akiva &
 * Lerman 1985, ISBN 978-0-262-02217-0, section 7.3; Cox & Snell 1989, Analysis of
 * Binary Data, ISBN 978-0-412-30620-4, 208-209; Nagelkerke 1991,
 * doi:10.1093/biomet/78.3.691; Estrella 1998, doi:10.1080/07350015.1998.10524753; Tjur 2009,
 * doi:10.1198/tast.2009.08210; Efron 1978, doi:10.1080/01621459.1978.10480013; McKelvey &
 * Zavoina 1975, doi:10.1080/0022250X.1975.9989847; Cameron & Windmeijer 1997,
 * doi:10.1016/S0304-4076(96)01818-0; Lumley 2017, doi:10.1111/anzs.12187.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/lanes_internal.h"
#include "algebra/vector_math_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/response/after_fit_internal.h"
#include "models/response/explained_internal.h"
#include <math.h>
#include <string.h>

enum { BLOCK_TILES = 16 };

/* Weighted sums over answers. */
enum { ANSWERS, ETA, ETA_SQUARE, ERROR, EVENTS, EVENT_MEAN, OTHER_MEAN, MISS, Y, Y_SQUARE, SUMS };

typedef struct {
    const syi_after *a;
    int simd, columns, first; /* location columns and their first parameter, the intercept left out */
    double shift, y_shift;
    double *block;   /* [blocks][SUMS] */
    double *scratch; /* [workers][5 planes] */
} job;

double syi_latent_error(sy_link link)
{
    const double square = 9.8696044010893586188; /* pi^2 */
    if (link == SY_LINK_LOGIT) return square / 3;
    if (link == SY_LINK_PROBIT) return 1;
    return link == SY_LINK_CLOGLOG ? square / 6 : (double)NAN;
}

void syi_explained_likelihood(sy_response_kind kind, double n, int k, double loglik, double loglik_null,
                              double loglik_most, sy_explained *out)
{
    const int counts = kind == SY_RESPONSE_POISSON || kind == SY_RESPONSE_NEGATIVE_BINOMIAL;
    out->n = n;
    out->loglik = loglik;
    out->loglik_null = loglik_null;
    out->mcfadden = 1 - loglik / loglik_null;
    out->mcfadden_adjusted = 1 - (loglik - k) / loglik_null;
    out->cox_snell = -expm1(2 * (loglik_null - loglik) / n);
    out->nagelkerke = out->cox_snell / -expm1(2 * (loglik_null - loglik_most) / n);
    out->estrella = counts ? (double)NAN : 1 - pow(loglik / loglik_null, -2 * loglik_null / n);
}

/* The mean of a row: probability of the event or expected count. */
static void mean_of(const job *j, double *eta, double *mean)
{
    switch (j->a->model->link) {
    case SY_LINK_LOGIT: syi_vec_logistic(j->simd, SYI_TILE, eta, mean, NULL, NULL); return;
    case SY_LINK_PROBIT: syi_vec_normal(j->simd, SYI_TILE, eta, mean, NULL, NULL); return;
    case SY_LINK_CLOGLOG: syi_vec_cloglog(j->simd, SYI_TILE, eta, mean, NULL, NULL); return;
    case SY_LINK_LOG: syi_vec_exp(j->simd, SYI_TILE, eta, mean);
    }
}

/* Sums of a binary outcome or of counts; value [SYI_TILE] the means. */
static void add_means(const job *j, ptrdiff_t start, int len, const double *mean, double *sum)
{
    const syi_packed *rows = &j->a->rows;
    const int counts = j->a->model->kind != SY_RESPONSE_BINARY;
    for (int i = 0; i < len; i++) {
        const double w = rows->weight[start + i], y = rows->y[start + i];
        const double m = rows->trials ? rows->trials[start + i] : 1, p = mean[i];
        const double off = counts ? y - j->y_shift : y;
        sum[Y] += w * off;
        sum[Y_SQUARE] += w * off * off;
        sum[MISS] += counts ? w * (y - p) * (y - p) : w * (y * (1 - p) * (1 - p) + (m - y) * p * p);
        sum[EVENTS] += w * y;
        sum[EVENT_MEAN] += w * y * p;
        sum[OTHER_MEAN] += w * (m - y) * p;
    }
}

static void add_tile(const job *j, double *memory, ptrdiff_t start, double *sum)
{
    const syi_packed *rows = &j->a->rows;
    const syi_likelihood *l = &j->a->likelihood;
    const ptrdiff_t stride = rows->stride;
    const int len = rows->n - start < SYI_TILE ? (int)(rows->n - start) : SYI_TILE;
    const int ordinal = l->kind == SY_RESPONSE_ORDINAL, skip = rows->p - j->columns;
    double *eta = memory, *spread = eta + SYI_TILE, *mean = spread + SYI_TILE;
    memset(memory, 0, 3 * SYI_TILE * sizeof *memory);
    syi_vec_combine(j->simd, SYI_TILE, j->columns, rows->x + skip * stride + start, stride, j->a->theta + j->first,
                    eta);
    for (int c = 0; c < rows->n_spread; c++)
        for (int i = 0; i < len; i++)
            spread[i] += 2 * j->a->theta[j->first + j->columns + c] * rows->spread[c * stride + start + i];
    if (rows->n_spread > 0) syi_vec_exp(j->simd, SYI_TILE, spread, spread);
    for (int i = 0; i < len; i++) {
        const double w = rows->weight[start + i] * (rows->trials ? rows->trials[start + i] : 1);
        const double off = eta[i] - j->shift;
        sum[ANSWERS] += w;
        sum[ETA] += w * off;
        sum[ETA_SQUARE] += w * off * off;
        sum[ERROR] += w * (rows->n_spread > 0 ? spread[i] : 1);
    }
    if (ordinal) return;
    for (int i = 0; i < SYI_TILE; i++)
        eta[i] += (skip > 0 ? j->a->theta[0] : 0) + (rows->offset && i < len ? rows->offset[start + i] : 0);
    mean_of(j, eta, mean);
    add_means(j, start, len, mean, sum);
}

static void add_block(void *arg, int worker, size_t b)
{
    const job *j = arg;
    for (ptrdiff_t t = 0; t < BLOCK_TILES; t++) {
        const ptrdiff_t start = ((ptrdiff_t)b * BLOCK_TILES + t) * SYI_TILE;
        if (start < j->a->rows.n)
            add_tile(j, j->scratch + (ptrdiff_t)worker * 3 * SYI_TILE, start, j->block + b * SUMS);
    }
}

/* x'b of the first row used, a guess of the mean. */
static double first_eta(const job *j)
{
    const syi_packed *rows = &j->a->rows;
    double eta = 0;
    for (int c = 0; c < j->columns; c++)
        eta += j->a->theta[j->first + c] * rows->x[(rows->p - j->columns + c) * rows->stride];
    return eta;
}

static sy_status sum_rows(sy_context *ctx, const syi_after *a, double *sum)
{
    const syi_packed *rows = &a->rows;
    const int ordinal = a->model->kind == SY_RESPONSE_ORDINAL;
    const int each = ordinal ? syi_thresholds_free(a->model->thresholds, rows->n_levels) : 0;
    const int ones = !ordinal && rows->p > 0 && rows->column[0] == 0 && a->model->columns.intercept;
    const size_t block = BLOCK_TILES * SYI_TILE, blocks = ((size_t)rows->n + block - 1) / block;
    const double seconds = (double)rows->n * (a->k + 30.0) * 5e-10;
    const size_t workers = (size_t)syi_parallel_workers(ctx, blocks, seconds);
    job j = {.a = a, .simd = syi_lanes_width(ctx->simd), .columns = rows->p - ones};
    j.first = each * (1 + rows->n_nominal) + ones;
    j.shift = first_eta(&j);
    j.y_shift = rows->y[0];
    sy_status s = SY_OK;
    j.block = syi_alloc(blocks * SUMS, sizeof *j.block);
    j.scratch = syi_alloc(workers * 3 * SYI_TILE, sizeof *j.scratch);
    if (!j.block || !j.scratch) s = syi_fail(ctx, SY_ENOMEM, "explained: out of memory for %td rows", rows->n);
    else s = syi_parallel(ctx, blocks, seconds, add_block, &j);
    for (int i = 0; i < SUMS; i++) sum[i] = 0;
    for (size_t b = 0; b < blocks && s >= 0; b++)
        for (size_t i = 0; i < SUMS; i++) sum[i] += j.block[b * SUMS + i];
    SYI_FREE(j.block);
    SYI_FREE(j.scratch);
    return s;
}

/* What follows from the sums. */
static void measures(const syi_after *a, const double *sum, const sy_response_summary *summary, sy_explained *out)
{
    const sy_response_kind kind = a->model->kind;
    const double n = sum[ANSWERS], events = sum[EVENTS] / n, mean = sum[ETA] / n;
    double total = sum[Y_SQUARE] - sum[Y] * sum[Y] / n;
    out->tjur = out->efron = out->deviance = out->mckelvey_zavoina = NAN;
    out->latent_variance = a->rows.n_nominal > 0 ? (double)NAN : fmax(sum[ETA_SQUARE] / n - mean * mean, 0);
    out->error_variance = a->rows.n_nominal > 0 ? (double)NAN : syi_latent_error(a->model->link) * sum[ERROR] / n;
    out->mckelvey_zavoina = out->latent_variance / (out->latent_variance + out->error_variance);
    if (kind == SY_RESPONSE_ORDINAL) return;
    out->deviance = 1 - summary->deviance / summary->deviance_null;
    if (kind == SY_RESPONSE_BINARY) {
        total = n * events * (1 - events);
        out->tjur = sum[EVENT_MEAN] / sum[EVENTS] - sum[OTHER_MEAN] / (n - sum[EVENTS]);
    }
    out->efron = 1 - sum[MISS] / total;
}

sy_status sy_response_explained(sy_context *ctx, const sy_design *design, const sy_response_model *model, int k,
                                const double *estimate, const sy_response_summary *summary, sy_explained *out)
{
    const int first = ctx->n_remarks;
    syi_after a = {0};
    double sum[SUMS];
    syi_enter(ctx);
    sy_status s = syi_after_init(ctx, design, model, k, estimate, &a);
    if (s >= 0) s = sum_rows(ctx, &a, sum);
    if (s >= 0) {
        const int counts = model->kind != SY_RESPONSE_BINARY && model->kind != SY_RESPONSE_ORDINAL;
        const double constant = counts ? 0 : syi_likelihood_constant(&a.likelihood);
        measures(&a, sum, summary, out);
        syi_explained_likelihood(model->kind, sum[ANSWERS], a.k, summary->loglik - constant,
                                 summary->loglik_null - constant, counts ? summary->loglik_saturated : 0, out);
    }
    syi_after_free(&a);
    return s < 0 ? s : syi_status_of_remarks(ctx, first);
}
