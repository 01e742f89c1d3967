/* Covariance of coefficients under unequal variances of the rows.
 *
 *   V = M (sum over i of omega_i x_i x_i') M, M = (X'WX)^-1, r = w e:
 *   HC0  r^2                         HC1  r^2 n / (n - p)
 *   HC2  r^2 / (1 - h)               HC3  r^2 / (1 - h)^2
 *   HC4  r^2 / (1 - h)^d,  d = min(4, n h / p)
 *   HC4m r^2 / (1 - h)^d,  d = min(1, n h / p) + min(1.5, n h / p)
 *   HC5  r^2 / sqrt((1 - h)^d), d = min(n h / p, max(4, .7 n max(h) / p))
 * with h the row's leverage (weights in it) and p the rank, absorbed levels
 * counted: the definitions of R's sandwich. A row of frequency weight f is f rows
 * of weight 1. Where 1 - h is below 1e-10 the row decides a coefficient alone,
 * its residual is rounding, and it is left out of the sum, with a remark.
 * One pass over the rows uses leverages and residuals; where the columns are not
 * well conditioned, a pass before makes them right to rounding (vcov_basis.c), and
 * HC5 takes one for the greatest leverage.
 * Cost: n p^2 a pass.
 * White 1980, doi:10.2307/1912934; MacKinnon & White 1985,
 * doi:10.1016/0304-4076(85)90158-7; Cribari-Neto 2004,
 * doi:10.1016/S0167-9473(02)00366-3; Cribari-Neto, Souza & Vasconcellos 2007,
 * doi:10.1080/03610920601126589; Cribari-Neto & da Silva 2011,
 * doi:10.1007/s10182-010-0141-2; Zeileis 2004, doi:10.18637/jss.v011.i10.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/vcov/vcov_internal.h"
#include <math.h>
#include <string.h>

static const double SATURATED = 1e-10, HC5_SHARE = 0.7;

typedef struct {
    const syi_basis *b;
    sy_vcov_kind kind;
    int simd, only_leverage;
    ptrdiff_t block;
    size_t length;
    const double *level_w;     /* [levels] sums of weights of absorbed levels, or NULL */
    double greatest;           /* leverage */
    double *sum, *most, *lost; /* [blocks] each, sum [blocks][length] */
    syi_basis_worker *workers;
} job;

static double exponent(const job *j, double h)
{
    const double ratio = j->b->fit.n * h / j->b->fit.rank;
    if (j->kind == SY_VCOV_HC4) return fmin(4, ratio);
    if (j->kind == SY_VCOV_HC4M) return fmin(1, ratio) + fmin(1.5, ratio);
    return 0.5 * fmin(ratio, fmax(4, HC5_SHARE * j->b->fit.n * j->greatest / j->b->fit.rank));
}

/* What r^2 is multiplied by; rest = 1 - h. */
static double factor_of(const job *j, double h, double rest, double *lost)
{
    if (j->kind == SY_VCOV_HC0) return 1;
    if (j->kind == SY_VCOV_HC1) return j->b->fit.n / (j->b->fit.n - j->b->fit.rank);
    if (rest < SATURATED) {
        *lost += 1;
        return 0;
    }
    if (j->kind == SY_VCOV_HC2) return 1 / rest;
    if (j->kind == SY_VCOV_HC3) return 1 / (rest * rest);
    return pow(rest, -exponent(j, h));
}

/* h [SYI_TILE] of the tile's rows */
static void leverages(const job *j, const syi_basis_worker *w, const ptrdiff_t *row, int rows, int len, double *h)
{
    const syi_basis *b = j->b;
    double level[SYI_TILE];
    for (int i = 0; i < rows; i++) h[i] = 0;
    for (int c = 1; c <= b->rank; c++) {
        const double *z = w->right + (ptrdiff_t)c * SYI_STEP;
        for (int i = 0; i < rows; i++) h[i] += z[i] * z[i];
    }
    if (j->level_w) syi_column_values(b->model->absorb, row, 0, len, level);
    for (int i = 0; i < len; i++) {
        if (!w->used[i]) continue;
        if (j->level_w) h[i] += 1 / j->level_w[(int)level[i]];
        if (!b->frequency) h[i] *= w->weight[i];
    }
}

static void add_rows(const job *j, syi_basis_worker *w, const double *h, int rows, double *lost)
{
    const syi_basis *b = j->b;
    double omega[SYI_TILE];
    for (int i = 0; i < rows; i++) {
        const double e = w->right[i], v = b->frequency ? w->weight[i] : w->weight[i] * w->weight[i];
        omega[i] = w->used[i] ? v * (e * e) * factor_of(j, h[i], 1 - h[i], lost) : 0;
    }
    for (int c = 1; c <= b->rank; c++) {
        const double *z = w->right + (ptrdiff_t)c * SYI_STEP;
        double *to = w->left + (ptrdiff_t)c * SYI_STEP;
        for (int i = 0; i < rows; i++) to[i] = omega[i] * z[i];
    }
    const syi_tile tile = {syi_lanes_blocks(w->order), rows / SYI_LANES, SYI_STEP, w->left, NULL, w->right, NULL};
    syi_lanes_double(j->simd, &tile, w->acc);
}

static void work(void *arg, int worker, size_t block)
{
    const job *j = arg;
    syi_basis_worker *w = &j->workers[worker];
    ptrdiff_t row[SYI_TILE];
    double h[SYI_TILE];
    const ptrdiff_t start = (ptrdiff_t)block * j->block, end = start + j->block;
    const ptrdiff_t last = end < j->b->design->n ? end : j->b->design->n;
    memset(w->sum, 0, j->length * sizeof(double));
    memset(w->sum_lo, 0, j->length * sizeof(double));
    for (ptrdiff_t at = start; at < last; at += SYI_TILE) {
        const int len = last - at < SYI_TILE ? (int)(last - at) : SYI_TILE;
        for (int i = 0; i < len; i++) row[i] = at + i;
        const int rows = syi_basis_tile(j->b, w, j->simd, row, len) * SYI_LANES;
        leverages(j, w, row, rows, len, h);
        if (j->only_leverage) {
            for (int i = 0; i < len; i++) j->most[block] = fmax(j->most[block], h[i]);
            continue;
        }
        add_rows(j, w, h, rows, &j->lost[block]);
        if (at + SYI_TILE >= last || (at + SYI_TILE - start) % 8192 == 0)
            syi_lanes_flush(j->simd, w->order, w->acc, NULL, w->sum, w->sum_lo);
    }
    double *out = j->sum + block * j->length;
    for (size_t i = 0; i < j->length && !j->only_leverage; i++) out[i] = w->sum[i] + w->sum_lo[i];
}

static sy_status run(sy_context *ctx, job *j, size_t blocks)
{
    const double order = j->b->rank + 1, seconds = (double)j->b->design->n * order * (order * 1e-10 + 2e-9);
    const int workers = syi_parallel_workers(ctx, blocks, seconds);
    sy_status s = SY_OK;
    j->workers = syi_alloc((size_t)workers, sizeof *j->workers);
    if (!j->workers) return syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for %d threads", workers);
    for (int k = 0; k < workers && s == SY_OK; k++)
        if (syi_basis_worker_init(j->b, 0, &j->workers[k]) != 0)
            s = syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for %d columns", j->b->p);
    if (s == SY_OK) s = syi_parallel(ctx, blocks, seconds, work, j);
    for (int k = 0; k < workers; k++) syi_basis_worker_free(&j->workers[k]);
    SYI_FREE(j->workers);
    return s;
}

/* The first pass: a basis and residuals right to rounding. */
static sy_status correct_basis(sy_context *ctx, syi_basis *b)
{
    const size_t r = (size_t)b->rank;
    syi_cluster_sums sums = {0};
    syi_dd *gram = syi_alloc(r * r, sizeof *gram);
    double *turn = syi_alloc(r * r + 2 * r, sizeof *turn);
    sy_status s = SY_OK;
    if (!gram || !turn) s = syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for %d columns", b->p);
    if (s >= 0) s = syi_cluster_sums_init(ctx, b, NULL, 0, &sums);
    if (s >= 0) {
        double *score = turn + r * r, *delta = score + r;
        syi_cluster_sums_total(b, &sums, gram, score);
        s = syi_basis_turn(ctx, b->rank, gram, score, turn, delta);
        if (s >= 0) syi_basis_correct(b, turn, delta);
    }
    syi_cluster_sums_free(&sums);
    SYI_FREE(gram);
    SYI_FREE(turn);
    return s;
}

static sy_status weigh_levels(sy_context *ctx, const syi_basis *b, double **out)
{
    const ptrdiff_t n = b->design->n;
    double *x = NULL, level[SYI_TILE];
    unsigned char used[SYI_TILE];
    ptrdiff_t row[SYI_TILE];
    if (!b->model->absorb) return SY_OK;
    *out = syi_alloc((size_t)b->model->absorb->n_levels, sizeof **out);
    x = syi_alloc(((size_t)b->p + 2) * SYI_TILE, sizeof *x);
    for (ptrdiff_t at = 0; *out && x && at < n; at += SYI_TILE) {
        const int len = n - at < SYI_TILE ? (int)(n - at) : SYI_TILE;
        double *y = x + (ptrdiff_t)b->p * SYI_TILE, *w = y + SYI_TILE;
        for (int i = 0; i < len; i++) row[i] = at + i;
        syi_model_tile(&b->m, row, len, x, y, w, used);
        syi_column_values(b->model->absorb, row, 0, len, level);
        for (int i = 0; i < len; i++)
            if (used[i]) (*out)[(int)level[i]] += w[i];
    }
    const int room = *out && x;
    SYI_FREE(x);
    return room ? SY_OK : syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for absorbed levels");
}

/* inner = map meat map', the meat summed over blocks */
static void finish(const job *j, size_t blocks, double *inner, double *meat, double *map)
{
    const int r = j->b->rank;
    for (int a = 0; a < r; a++)
        for (int c = a; c < r; c++) {
            syi_dd sum = syi_dd_of(0);
            const size_t at = syi_packed_at(r, 1 + a, 1 + c);
            for (size_t k = 0; k < blocks; k++) sum = syi_dd_add(sum, syi_dd_of(j->sum[k * j->length + at]));
            meat[a * r + c] = meat[c * r + a] = syi_dd_round(sum);
        }
    syi_basis_map(j->b, map);
    for (int a = 0; a < r; a++)
        for (int c = 0; c < r; c++) {
            inner[a * r + c] = 0;
            for (int m = 0; m < r; m++) inner[a * r + c] += map[a * r + m] * meat[m * r + c];
        }
    for (int a = 0; a < r; a++)
        for (int c = 0; c <= a; c++) {
            double sum = 0;
            for (int m = 0; m < r; m++) sum += inner[a * r + m] * map[c * r + m];
            meat[a * r + c] = meat[c * r + a] = sum;
        }
}

static sy_status sum_rows(sy_context *ctx, job *j, size_t blocks, double *covariance)
{
    const size_t r = (size_t)j->b->rank;
    double *inner = syi_alloc(3 * r * r, sizeof *inner), lost = 0;
    sy_status s = inner ? SY_OK : syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for %d columns", j->b->p);
    if (s >= 0 && j->kind == SY_VCOV_HC5) {
        j->only_leverage = 1;
        s = run(ctx, j, blocks);
        for (size_t k = 0; k < blocks; k++) j->greatest = fmax(j->greatest, j->most[k]);
        j->only_leverage = 0;
    }
    if (s >= 0) s = run(ctx, j, blocks);
    if (s >= 0) {
        finish(j, blocks, inner, inner + r * r, inner + 2 * r * r);
        syi_basis_spread(j->b, inner + r * r, covariance);
        for (size_t k = 0; k < blocks; k++) lost += j->lost[k];
        if (lost > 0)
            s = syi_remark(
                ctx, SY_NOTE_ONE_UNIT, "", lost,
                lost == 1 ? "%.0f row decides a coefficient alone (leverage 1); it adds nothing to the covariance"
                          : "%.0f rows decide a coefficient alone (leverage 1); they add nothing to the covariance",
                lost);
    }
    SYI_FREE(inner);
    return s;
}

sy_status syi_vcov_rows(sy_context *ctx, syi_basis *b, sy_vcov_kind kind, double *covariance)
{
    const ptrdiff_t n = b->design->n;
    double *level_w = NULL;
    job j = {.b = b, .kind = kind, .simd = syi_lanes_width(ctx->simd), .block = syi_block_rows(n, b->rank)};
    const size_t blocks = (size_t)(n / j.block + (n % j.block != 0));
    j.length = syi_packed_length(b->rank);
    sy_status s = b->trusted ? SY_OK : correct_basis(ctx, b);
    if (s >= 0 && kind >= SY_VCOV_HC2) s = weigh_levels(ctx, b, &level_w);
    j.level_w = level_w;
    j.sum = syi_alloc(blocks * j.length, sizeof *j.sum);
    j.most = syi_alloc(2 * blocks, sizeof *j.most);
    if (s >= 0 && (!j.sum || !j.most))
        s = syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for sums over %d columns", b->p);
    if (j.most) j.lost = j.most + blocks;
    if (s >= 0) s = sum_rows(ctx, &j, blocks, covariance);
    SYI_FREE(level_w);
    SYI_FREE(j.sum);
    SYI_FREE(j.most);
    return s;
}
