/* Brant's Wald test of proportional odds.
 *
 * For each level j but the last a binary logit of y > level j gives slopes b_j
 * and probabilities pi_j(x). Their joint covariance is
 *   cov(b_j, b_l) = A_j^-1 (sum w (pi_l - pi_j pi_l) x x') A_l^-1,  j <= l,
 *   A_j = sum w pi_j (1 - pi_j) x x',  x with its 1,
 * because P(y > j and y > l) = pi_l. The test is Wald's of b_1 = b_2 = ... for
 * the columns of a term, or for all. Conditions: the logit, no separation of any
 * binary outcome. The slopes come from the likelihood of two ordered levels.
 * Cost: (levels - 1) fits and n p^2 levels^2 / 4.
 * Brant 1990, doi:10.2307/2532457.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_plain_internal.h"
#include "algebra/gram_internal.h"
#include "algebra/lanes_internal.h"
#include "algebra/vector_math_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/response/proportional_internal.h"
#include <math.h>
#include <string.h>

typedef struct {
    const syi_packed *rows;
    int simd, cuts, p;  /* cuts: levels - 1; p: columns with the ones, first */
    double *theta;      /* [cuts][p] threshold and slopes of each binary logit */
    double *y;          /* [stride] */
    double *acc;        /* [pairs][gram room] */
    double *cross;      /* [cuts * cuts][p * p], j <= l filled, then all */
    double *inverse;    /* [cuts][p * p] */
    double *covariance; /* [(cuts * (p - 1))^2] of the slopes */
    double *tile;       /* [cuts + 3] planes and gram scratch */
    const double **pointer;
} work;

static sy_status room(sy_context *ctx, const syi_packed *rows, work *w)
{
    const size_t cuts = (size_t)rows->n_levels - 1, p = (size_t)rows->p + 1, pairs = cuts * (cuts + 1) / 2;
    *w = (work){.rows = rows, .simd = syi_lanes_width(ctx->simd), .cuts = (int)cuts, .p = (int)p};
    w->theta = syi_alloc(cuts * p, sizeof *w->theta);
    w->y = syi_alloc((size_t)rows->stride, sizeof *w->y);
    w->acc = syi_alloc(pairs * syi_gram_room(w->p, 0), sizeof *w->acc);
    w->cross = syi_alloc(cuts * cuts * p * p, sizeof *w->cross);
    w->inverse = syi_alloc((cuts + 2) * p * p, sizeof *w->inverse);
    w->covariance = syi_alloc(2 * cuts * p * cuts * p + cuts * p, sizeof *w->covariance);
    w->tile = syi_alloc((cuts + 3) * SYI_TILE + syi_gram_scratch(SYI_TILE / 8), sizeof *w->tile);
    w->pointer = syi_alloc(SYI_GRAM_PAD(p), sizeof *w->pointer);
    if (w->theta && w->y && w->acc && w->cross && w->inverse && w->covariance && w->tile && w->pointer) return SY_OK;
    return syi_fail(ctx, SY_ENOMEM, "Brant's test: out of memory for %d levels of %d columns", rows->n_levels, rows->p);
}

static void room_free(work *w)
{
    SYI_FREE(w->theta);
    SYI_FREE(w->y);
    SYI_FREE(w->acc);
    SYI_FREE(w->cross);
    SYI_FREE(w->inverse);
    SYI_FREE(w->covariance);
    SYI_FREE(w->tile);
    SYI_FREE(w->pointer);
}

/* The binary logits; *exist 0 when one of them has no maximum. */
static sy_status binary_logits(sy_context *ctx, const sy_response_options *options, work *w, int *exist)
{
    syi_packed two = *w->rows;
    const sy_response_model model = {.kind = SY_RESPONSE_ORDINAL, .link = SY_LINK_LOGIT};
    *exist = 1;
    two.y = w->y;
    two.n_levels = 2;
    for (int j = 0; j < w->cuts; j++) {
        syi_likelihood l;
        syi_newton_report report = {0};
        double *const theta = w->theta + (ptrdiff_t)j * w->p;
        for (ptrdiff_t i = 0; i < two.n; i++) two.y[i] = w->rows->y[i] > j;
        sy_status status = syi_likelihood_of(ctx, &two, &model, &l);
        if (status < 0) return status;
        l.start(&l, theta);
        if ((status = syi_newton(ctx, &l, options, theta, NULL, NULL, &report)) < 0) return status;
        *exist &= report.converged && !report.separated;
    }
    return SY_OK;
}

/* Products of one tile's columns for each pair of binary logits. */
static void one_tile(work *w, ptrdiff_t first, int len)
{
    const syi_packed *r = w->rows;
    double *const ones = w->tile, *const eta = ones + SYI_TILE, *const weight = eta + SYI_TILE;
    double *const above = weight + SYI_TILE, *const gram = above + (ptrdiff_t)w->cuts * SYI_TILE, *acc = w->acc;
    for (int i = 0; i < len; i++) ones[i] = 1;
    for (int j = 0; j < SYI_GRAM_PAD(w->p); j++)
        w->pointer[j] = j == 0 || j >= w->p ? ones : r->x + (j - 1) * r->stride + first;
    for (int j = 0; j < w->cuts; j++) {
        const double *const theta = w->theta + (ptrdiff_t)j * w->p;
        for (int i = 0; i < len; i++) eta[i] = r->offset ? r->offset[first + i] : 0;
        syi_vec_combine(w->simd, len, r->p, r->x + first, r->stride, theta + 1, eta);
        for (int i = 0; i < len; i++) eta[i] -= theta[0];
        syi_vec_logistic(w->simd, len, eta, above + (ptrdiff_t)j * SYI_TILE, NULL, NULL);
    }
    for (int j = 0; j < w->cuts; j++)
        for (int l = j; l < w->cuts; l++, acc += syi_gram_room(w->p, 0)) {
            const double *const low = above + (ptrdiff_t)j * SYI_TILE, *const high = above + (ptrdiff_t)l * SYI_TILE;
            for (int i = 0; i < len; i++) weight[i] = r->weight[first + i] * high[i] * (1 - low[i]);
            const syi_gram t = {w->p, 0, len / 8, w->pointer, NULL, weight};
            syi_gram_add(w->simd, &t, gram, acc);
        }
}

static void product(int p, const double *a, const double *b, double *out)
{
    for (int i = 0; i < p; i++)
        for (int j = 0; j < p; j++) {
            double sum = 0;
            for (int k = 0; k < p; k++) sum += a[(ptrdiff_t)i * p + k] * b[(ptrdiff_t)k * p + j];
            out[(ptrdiff_t)i * p + j] = sum;
        }
}

/* Covariance of all slopes; 0 when an information is singular. */
static int joint_covariance(work *w)
{
    const ptrdiff_t p = w->p, square = p * p, slopes = p - 1, k = w->cuts * slopes;
    double *const half = w->inverse + w->cuts * square, *const whole = half + square, *acc = w->acc;
    for (int j = 0; j < w->cuts; j++)
        for (int l = j; l < w->cuts; l++, acc += syi_gram_room(w->p, 0))
            syi_gram_sum(w->p, 0, acc, w->cross + (j * w->cuts + l) * square, NULL);
    for (int j = 0; j < w->cuts; j++) {
        memcpy(half, w->cross + (j * w->cuts + j) * square, (size_t)square * sizeof *half);
        if (!syi_cholesky_plain(w->p, half, 1e-14)) return 0;
        syi_cholesky_plain_root(w->p, half, whole);
        syi_cholesky_plain_inverse(w->p, whole, w->inverse + j * square);
    }
    for (int j = 0; j < w->cuts; j++)
        for (int l = j; l < w->cuts; l++) {
            product(w->p, w->inverse + j * square, w->cross + (j * w->cuts + l) * square, half);
            product(w->p, half, w->inverse + l * square, whole);
            for (ptrdiff_t a = 0; a < slopes; a++)
                for (ptrdiff_t b = 0; b < slopes; b++) {
                    const double v = whole[(a + 1) * p + b + 1];
                    w->covariance[(j * slopes + a) * k + l * slopes + b] = v;
                    w->covariance[(l * slopes + b) * k + j * slopes + a] = v;
                }
        }
    return 1;
}

/* Wald's statistic of equal slopes of the columns of one term (-1: all); NaN
 * when their covariance is singular. */
static double wald(work *w, const int *term, int which, double *df)
{
    const ptrdiff_t slopes = w->p - 1, k = w->cuts * slopes;
    double *const v = w->covariance + k * k, *const d = v + k * k, statistic = 0;
    ptrdiff_t m = 0;
    for (ptrdiff_t l = 1; l < w->cuts; l++)
        for (ptrdiff_t c = 0; c < slopes; c++) m += which < 0 || term[c] == which;
    *df = (double)m;
    ptrdiff_t at = 0;
    for (ptrdiff_t l = 1; l < w->cuts; l++)
        for (ptrdiff_t c = 0; c < slopes; c++) {
            if (which >= 0 && term[c] != which) continue;
            const double *const base = w->covariance + c * k, *const own = w->covariance + (l * slopes + c) * k;
            ptrdiff_t to = 0;
            for (ptrdiff_t q = 1; q < w->cuts; q++)
                for (ptrdiff_t e = 0; e < slopes; e++)
                    if (which < 0 || term[e] == which)
                        v[at * m + to++] = base[e] - base[q * slopes + e] - own[e] + own[q * slopes + e];
            d[at++] = w->theta[1 + c] - w->theta[l * w->p + 1 + c];
        }
    if (m == 0 || !syi_cholesky_plain((int)m, v, 1e-12)) return NAN;
    syi_cholesky_plain_forward((int)m, v, d);
    for (ptrdiff_t j = 0; j < m; j++) statistic += d[j] * d[j];
    return statistic;
}

static sy_status table(sy_context *ctx, work *w, int exist, int n_terms, const int *term, const char *const *labels,
                       sy_proportional_row *row)
{
    sy_status status = SY_OK;
    if (exist) exist = joint_covariance(w);
    if (!exist)
        status = syi_remark(ctx, SY_NOTE_NOT_CONVERGED, "", 0,
                            "Brant's test: a binary logit between two levels has no maximum, so there is no test");
    for (int t = 0; t <= n_terms && status >= 0; t++) {
        double df = 0, statistic = wald(w, term, t < n_terms ? t : -1, &df);
        if (!exist) statistic = NAN;
        else if (isnan(statistic) && df > 0)
            status =
                syi_remark(ctx, SY_NOTE_PRECISION, t < n_terms ? labels[t] : "all terms", 0,
                           "%s: the covariance of the differences between levels is singular, so Brant has no test",
                           t < n_terms ? labels[t] : "all terms");
        if (status >= 0) status = syi_proportional_row(ctx, statistic, df, &row[t]);
    }
    return status;
}

sy_status syi_brant(sy_context *ctx, const syi_packed *rows, const sy_response_options *options, int n_terms,
                    const int *term, const char *const *labels, sy_proportional_row *row)
{
    work w;
    int exist = 0;
    sy_status status = room(ctx, rows, &w);
    if (status >= 0) status = binary_logits(ctx, options, &w, &exist);
    for (ptrdiff_t first = 0; first < rows->n && status >= 0; first += SYI_TILE) {
        const ptrdiff_t left = rows->n - first;
        one_tile(&w, first, left < SYI_TILE ? (int)(left + 7) / 8 * 8 : SYI_TILE);
        status = syi_serial_stopped(ctx);
    }
    if (status >= 0) status = table(ctx, &w, exist, n_terms, term, labels, row);
    room_free(&w);
    return status;
}
