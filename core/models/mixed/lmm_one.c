/* The criterion of a linear mixed model with one grouping factor, from its
 * groups' moments.
 *
 * With Lambda = T T' and V = I + Z Lambda Z' (over sigma^2), group by group,
 *   Z_g = Q_g R_g, D_g = Q_g'(X y)_g, K_g = I + R_g Lambda R_g' = L_g L_g',
 *   N = (X y)' V^-1 (X y) = W + sum of (L_g^-1 D_g)'(L_g^-1 D_g),
 *   log |V| = sum of log |K_g|,
 * where W are the cross-products of what Z_g leaves of the rows. N is a sum of
 * positive terms: nothing cancels however large T is, where the usual X'X less
 * what Z explains loses the digits of whatever varies between groups only. With
 * N's factor the profiled criterion is
 *   ML    log |V| + n (1 + log(2 pi rss / n)) - sum log w
 *   REML  log |V| + log |X' V^-1 X| + (n - p)(1 + log(2 pi rss / (n - p))) - sum log w.
 * Effects of a group: b_g = Lambda Z_g' V_g^-1 (y - X beta), with conditional
 * covariance sigma^2 T (I + T' Z'Z T)^-1 T'.
 * Groups lie side by side in memory, so that small matrices of all groups are
 * worked on together. Cost: G q p^2 / 2 multiply-adds whatever n; as much again
 * for the gradient.
 * Bates, Maechler, Bolker & Walker 2015, doi:10.18637/jss.v067.i01; Laird, Lange
 * & Stram 1987, doi:10.1080/01621459.1987.10478395.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_plain_internal.h"
#include "algebra/lanes_internal.h"
#include "algebra/moments_internal.h"
#include "base/status_internal.h"
#include "models/mixed/lmm_one_internal.h"
#include <string.h>

/* Rows that go into one chain of sums. */
enum { CHAIN = 4096 };

static const double log_2_pi = 1.8378770664093454836;

static size_t plane_columns(int order)
{
    return (size_t)syi_lanes_blocks(order) * SYI_BLOCK;
}

static int work_init(const syi_lmm *l, const unsigned char *fixed, syi_lmm_one_work *w)
{
    const syi_lmm_one_state *s = l->state;
    const size_t d = sizeof(double), q = (size_t)s->q, step = (size_t)s->step, p = (size_t)l->p;
    const size_t packed = (p + 1) * (p + 2) / 2;
    *w = (syi_lmm_one_work){.k = 0};
    const size_t room = syi_arena_room(p + 1, sizeof(int)) + syi_arena_room(q * q, d) +
                        2 * syi_arena_room(q * q * step, d) + syi_arena_room(plane_columns(s->order) * q * step, d) +
                        syi_arena_room((p + 1) * (p + 1), d) + syi_arena_room(p * p + 1, d) + syi_arena_room(p + 1, d) +
                        syi_arena_room(syi_lanes_room(s->order), d) + 2 * syi_arena_room(packed, d);
    if (syi_arena_init(&w->arena, room) != 0) return -1;
    w->column = syi_arena_take(&w->arena, p + 1, sizeof(int));
    for (int c = 0; c < l->p; c++)
        if (!fixed || fixed[c] || (c == 0 && l->rows->m.count[0])) w->column[w->k++] = c;
    w->order = w->k + 1;
    w->column[w->k] = l->p;
    w->t = syi_arena_take(&w->arena, q * q, d);
    w->factor = syi_arena_take(&w->arena, q * q * step, d);
    w->solved = syi_arena_take(&w->arena, q * q * step, d);
    w->rows = syi_arena_take(&w->arena, plane_columns(s->order) * q * step, d);
    w->n = syi_arena_take(&w->arena, (p + 1) * (p + 1), d);
    w->root = syi_arena_take(&w->arena, p * p + 1, d);
    w->beta = syi_arena_take(&w->arena, p + 1, d);
    w->acc = syi_arena_take(&w->arena, syi_lanes_room(s->order), d);
    w->hi = syi_arena_take(&w->arena, packed, d);
    w->lo = syi_arena_take(&w->arena, packed, d);
    return 0;
}

/* y += f x; y += a b; y -= a b, over all groups. */
static void add_scaled(ptrdiff_t n, double f, const double *x, double *y)
{
    for (ptrdiff_t i = 0; i < n; i++) y[i] += f * x[i];
}

static void add_product(ptrdiff_t n, const double *a, const double *b, double *y)
{
    for (ptrdiff_t i = 0; i < n; i++) y[i] += a[i] * b[i];
}

static void take_product(ptrdiff_t n, const double *a, const double *b, double *y)
{
    for (ptrdiff_t i = 0; i < n; i++) y[i] -= a[i] * b[i];
}

static void divide(ptrdiff_t n, const double *by, double *y)
{
    for (ptrdiff_t i = 0; i < n; i++) y[i] /= by[i];
}

/* T of all bar terms, which all lie on the one factor. */
static void put_t(const syi_lmm *l, const double *theta, syi_lmm_one_work *w)
{
    const syi_lmm_one_state *s = l->state;
    const syi_bars *b = &l->rows->bars;
    for (int k = 0; k < b->n_bars; k++) {
        const int at = b->bar[k].first_effect;
        for (int i = 0; i < b->bar[k].q; i++)
            for (int j = 0; j <= i; j++) {
                const int place = syi_bar_theta(&b->bar[k], i, j);
                w->t[(at + i) * s->q + at + j] = place < 0 ? 0 : theta[place];
            }
    }
}

/* factor: lower triangle of L, K = I + M M' with M = R T (in `solved` for the time being). */
static double factor_groups(const syi_lmm_one_state *s, syi_lmm_one_work *w)
{
    const int q = s->q;
    const ptrdiff_t step = s->step;
    for (int e = 0; e < q; e++)
        for (int f = 0; f < q; f++) {
            double *m = w->solved + (e * q + f) * step;
            for (ptrdiff_t i = 0; i < step; i++) m[i] = 0;
            for (int h = f; h < q; h++) add_scaled(step, w->t[h * q + f], s->r + (e * q + h) * step, m);
        }
    double log_det = 0;
    for (int e = 0; e < q; e++)
        for (int f = 0; f <= e; f++) {
            double *v = w->factor + (e * q + f) * step;
            for (ptrdiff_t i = 0; i < step; i++) v[i] = e == f;
            for (int h = 0; h < q; h++)
                add_product(step, w->solved + (e * q + h) * step, w->solved + (f * q + h) * step, v);
            for (int h = 0; h < f; h++)
                take_product(step, w->factor + (e * q + h) * step, w->factor + (f * q + h) * step, v);
            if (f < e) divide(step, w->factor + (f * q + f) * step, v);
            for (ptrdiff_t i = 0; f == e && i < s->groups; i++) log_det += log(v[i]);
            for (ptrdiff_t i = 0; f == e && i < step; i++) v[i] = sqrt(v[i]);
        }
    return log_det;
}

/* y [q planes] becomes L^-1 y. */
static void forward(const syi_lmm_one_state *s, const double *factor, double *y, ptrdiff_t between)
{
    for (int e = 0; e < s->q; e++) {
        for (int f = 0; f < e; f++)
            take_product(s->step, factor + (e * s->q + f) * s->step, y + f * between, y + e * between);
        divide(s->step, factor + (e * s->q + e) * s->step, y + e * between);
    }
}

static void turn_rows(const syi_lmm_one_state *s, syi_lmm_one_work *w)
{
    const ptrdiff_t q = s->q, plane = q * s->step;
    for (int c = 0; c < w->order; c++) {
        memcpy(w->rows + c * plane, s->d + w->column[c] * plane, (size_t)plane * sizeof *w->rows);
        forward(s, w->factor, w->rows + c * plane, s->step);
    }
}

void syi_lmm_one_cross(const syi_lmm_one_state *s, syi_lmm_one_work *w, const double *left, const double *right)
{
    memset(w->hi, 0, syi_packed_length(w->k) * sizeof *w->hi);
    memset(w->lo, 0, syi_packed_length(w->k) * sizeof *w->lo);
    const ptrdiff_t plane = s->q * s->step;
    for (ptrdiff_t at = 0; at < s->step; at += CHAIN) {
        const ptrdiff_t len = s->step - at < CHAIN ? s->step - at : CHAIN;
        const syi_tile tile = {
            syi_lanes_blocks(w->order), (int)(len / SYI_LANES), plane, left + at, NULL, right + at, NULL};
        syi_lanes_double(s->simd, &tile, w->acc);
        syi_lanes_flush(s->simd, w->order, w->acc, NULL, w->hi, w->lo);
    }
}

/* N and its factor; 0 when it has none. */
static int factor_products(const syi_lmm_one_state *s, syi_lmm_one_work *w)
{
    const int order = w->order;
    for (int a = 0; a < order; a++)
        for (int b = 0; b <= a; b++) w->n[a * order + b] = s->within[(ptrdiff_t)w->column[a] * s->order + w->column[b]];
    for (int e = 0; e < s->q; e++) {
        syi_lmm_one_cross(s, w, w->rows + e * s->step, w->rows + e * s->step);
        for (int a = 0; a < order; a++)
            for (int b = 0; b <= a; b++) {
                const size_t at = syi_packed_at(w->k, b, a);
                w->n[a * order + b] += w->hi[at] + w->lo[at];
            }
    }
    return syi_cholesky_plain(order, w->n, 0);
}

static double put_criterion(const syi_lmm *l, const unsigned char *fixed, const syi_lmm_one_work *w, double log_det,
                            syi_lmm_value *out)
{
    const double scale = l->rows->scale[l->p], last = w->n[(ptrdiff_t)w->k * w->order + w->k] / scale;
    const double df = l->reml ? l->n - w->k : l->n;
    double log_det_x = syi_lmm_rows_log_units(l->rows, fixed);
    for (int c = 0; c < w->k; c++) log_det_x += 2 * log(w->n[c * w->order + c]);
    out->rss = last * last;
    out->sigma2 = out->rss / df;
    out->log_det_v = log_det;
    out->log_det_x = log_det_x;
    out->criterion = log_det + (l->reml ? log_det_x : 0) + df * (1 + log_2_pi + log(out->sigma2)) - l->sum_log_w;
    return df;
}

static void put_fixed(const syi_lmm *l, const syi_lmm_one_work *w, syi_lmm_value *out)
{
    const int p = l->p, k = w->k;
    double *inverse = out->inverse;
    for (int c = 0; out->beta && c < k; c++) out->beta[w->column[c]] = w->beta[c];
    for (int a = 0; inverse && a < k; a++)
        for (int b = 0; b <= a; b++) {
            double v = 0;
            for (int c = a; c < k; c++) v += w->root[c * k + a] * w->root[c * k + b];
            inverse[w->column[a] * p + w->column[b]] = inverse[w->column[b] * p + w->column[a]] = v;
        }
    syi_lmm_rows_unpack(l->rows, out->beta, inverse);
}

/* u = R' K^-1 (D_y - D_x beta), then T T' u. */
static sy_status put_modes(sy_context *ctx, const syi_lmm *l, const syi_lmm_one_work *w, double *modes)
{
    const syi_lmm_one_state *s = l->state;
    const syi_bars *b = &l->rows->bars;
    const ptrdiff_t q = s->q, step = s->step, plane = q * step;
    const double unit = 1 / l->rows->scale[l->p];
    double *u = syi_alloc(2 * (size_t)plane, sizeof *u), *v = u + plane;
    if (!u) return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %td groups", s->groups);
    memcpy(v, w->rows + w->k * plane, (size_t)plane * sizeof *v);
    for (int c = 0; c < w->k; c++) add_scaled(plane, -w->beta[c], w->rows + c * plane, v);
    for (int a = 0; a < q; a++)
        for (int e = 0; e < q; e++) add_product(step, w->solved + (e * q + a) * step, v + e * step, u + a * step);
    memset(v, 0, (size_t)plane * sizeof *v);
    for (int j = 0; j < q; j++)
        for (int a = j; a < q; a++) add_scaled(step, w->t[a * q + j], u + a * step, v + j * step);
    memset(u, 0, (size_t)plane * sizeof *u);
    for (int a = 0; a < q; a++)
        for (int j = 0; j <= a; j++) add_scaled(step, w->t[a * q + j], v + j * step, u + a * step);
    for (int k = 0; k < b->n_bars; k++)
        for (ptrdiff_t g = 0; g < s->groups; g++)
            for (int e = 0; e < b->bar[k].q; e++)
                modes[b->bar[k].first_mode + g * b->bar[k].q + e] = unit * u[(b->bar[k].first_effect + e) * step + g];
    SYI_FREE(u);
    return SY_OK;
}

/* Of one group: T (I + M'M)^-1 T', M = R T; c, root [q * q]. */
static void group_variance(const syi_lmm_one_state *s, const double *t, ptrdiff_t g, double *m, double *c, double *root)
{
    const int q = s->q;
    for (int e = 0; e < q; e++)
        for (int f = 0; f < q; f++) {
            m[e * q + f] = 0;
            for (int h = f; h < q; h++) m[e * q + f] += s->r[(e * q + h) * s->step + g] * t[h * q + f];
        }
    for (int e = 0; e < q; e++)
        for (int f = 0; f <= e; f++) {
            c[e * q + f] = e == f;
            for (int h = 0; h < q; h++) c[e * q + f] += m[h * q + e] * m[h * q + f];
        }
    syi_cholesky_plain(q, c, 0);
    syi_cholesky_plain_root(q, c, root);
    for (int e = 0; e < q; e++)
        for (int f = 0; f < q; f++) {
            m[e * q + f] = 0;
            for (int h = 0; h < q; h++) m[e * q + f] += root[e * q + h] * t[f * q + h];
        }
    for (int e = 0; e < q; e++)
        for (int f = 0; f < q; f++) {
            c[e * q + f] = 0;
            for (int h = 0; h < q; h++) c[e * q + f] += m[h * q + e] * m[h * q + f];
        }
}

static sy_status put_variances(sy_context *ctx, const syi_lmm *l, const syi_lmm_one_work *w, double *out)
{
    const syi_lmm_one_state *s = l->state;
    const syi_bars *b = &l->rows->bars;
    const size_t square = (size_t)s->q * (size_t)s->q;
    double *m = syi_alloc(3 * square, sizeof *m), *c = m + square;
    if (!m) return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %td groups", s->groups);
    for (ptrdiff_t g = 0; g < s->groups; g++) {
        double *to = out;
        group_variance(s, w->t, g, m, c, c + square);
        for (int k = 0; k < b->n_bars; k++) {
            const int q = b->bar[k].q, at = b->bar[k].first_effect;
            for (int e = 0; e < q; e++)
                for (int f = 0; f < q; f++) to[(g * q + e) * q + f] = c[(at + e) * s->q + at + f];
            to += s->groups * q * q;
        }
    }
    SYI_FREE(m);
    return SY_OK;
}

static void clear(const syi_lmm *l, const syi_lmm_value *out)
{
    const size_t p = (size_t)l->p, t = (size_t)l->n_theta;
    if (out->beta) memset(out->beta, 0, p * sizeof(double));
    if (out->inverse) memset(out->inverse, 0, p * p * sizeof(double));
    if (out->inverse_slope) memset(out->inverse_slope, 0, t * p * p * sizeof(double));
}

/* Coefficients, L^-1 R, and the inverse factor of X' V^-1 X: what only some answers want. */
void syi_lmm_one_prepare(const syi_lmm_one_state *s, syi_lmm_one_work *w)
{
    const ptrdiff_t q = s->q;
    for (int c = w->k - 1; c >= 0; c--) {
        w->beta[c] = w->n[(ptrdiff_t)w->k * w->order + c];
        for (int a = c + 1; a < w->k; a++) w->beta[c] -= w->n[a * w->order + c] * w->beta[a];
        w->beta[c] /= w->n[c * w->order + c];
    }
    memcpy(w->solved, s->r, (size_t)(q * q * s->step) * sizeof *w->solved);
    for (int f = 0; f < q; f++) forward(s, w->factor, w->solved + f * s->step, q * s->step);
    for (int i = 0; i < w->k; i++) {
        double *out = w->root + (ptrdiff_t)i * w->k;
        const double *row = w->n + (ptrdiff_t)i * w->order;
        for (int j = 0; j < w->k; j++) out[j] = i == j;
        for (int c = 0; c < i; c++)
            for (int j = 0; j <= c; j++) out[j] -= row[c] * w->root[(ptrdiff_t)c * w->k + j];
        for (int j = 0; j <= i; j++) out[j] /= row[i];
    }
}

sy_status syi_lmm_one_open(sy_context *ctx, const syi_lmm *l, const double *theta, const unsigned char *fixed,
                           syi_lmm_one_work *w, double *log_det)
{
    const syi_lmm_one_state *s = l->state;
    if (work_init(l, fixed, w) != 0)
        return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %td groups of %d effects", s->groups, s->q);
    put_t(l, theta, w);
    *log_det = factor_groups(s, w);
    turn_rows(s, w);
    if (!factor_products(s, w)) *log_det = INFINITY;
    return SY_OK;
}

static sy_status evaluate(sy_context *ctx, const syi_lmm *l, const double *theta, const unsigned char *fixed,
                          syi_lmm_value *out)
{
    const syi_lmm_one_state *s = l->state;
    syi_lmm_one_work w;
    double log_det;
    sy_status status = syi_lmm_one_open(ctx, l, theta, fixed, &w, &log_det);
    if (status < 0) return status;
    clear(l, out);
    out->criterion = INFINITY;
    if (!isfinite(log_det)) goto out;
    const double df = put_criterion(l, fixed, &w, log_det, out);
    const int slopes = out->gradient || out->hessian || out->rss_gradient || out->inverse_slope;
    if (slopes || out->modes || out->beta || out->inverse) syi_lmm_one_prepare(s, &w);
    put_fixed(l, &w, out);
    if (out->modes) status = put_modes(ctx, l, &w, out->modes);
    if (status >= 0 && out->mode_variance) status = put_variances(ctx, l, &w, out->mode_variance);
    if (status >= 0 && slopes) status = syi_lmm_one_slopes(ctx, l, &w, df, out);
out:
    syi_arena_free(&w.arena);
    return status;
}

static void free_state(syi_lmm *l)
{
    syi_lmm_one_state *s = l->state;
    if (!s) return;
    SYI_FREE(s->r);
    SYI_FREE(s->d);
    SYI_FREE(s->within);
    SYI_FREE(s->first);
    SYI_FREE(s->second);
    SYI_FREE(l->state);
}

/* Entries of the covariance matrix of all effects that a theta reaches. */
static sy_status find_pairs(sy_context *ctx, const syi_bars *b, syi_lmm_one_state *s)
{
    size_t most = 0;
    for (int k = 0; k < b->n_bars; k++) most += (size_t)b->bar[k].q * ((size_t)b->bar[k].q + 1) / 2;
    s->first = syi_alloc(most, sizeof *s->first);
    s->second = syi_alloc(most, sizeof *s->second);
    if (!s->first || !s->second) return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d effects", s->q);
    for (int k = 0; k < b->n_bars; k++)
        for (int i = 0; i < b->bar[k].q; i++)
            for (int j = 0; j <= i; j++) {
                if (b->bar[k].diagonal && j < i) continue;
                s->first[s->n_pairs] = b->bar[k].first_effect + j;
                s->second[s->n_pairs++] = b->bar[k].first_effect + i;
            }
    return SY_OK;
}

/* Directions of the groups' effects that their rows have. */
static double ranks_of(const syi_lmm_one_state *s)
{
    double count = 0;
    for (ptrdiff_t g = 0; g < s->groups; g++)
        for (int e = 0; e < s->q; e++) {
            int some = 0;
            for (int f = 0; f < s->q; f++) some |= s->r[((ptrdiff_t)e * s->q + f) * s->step + g] != 0;
            count += some;
        }
    return count;
}

/* With the groups' effects as fixed ones nothing may be left of the outcome only where no row is left either: else the
 * likelihood grows without end as the errors' variance goes to zero. */
static sy_status check_within(sy_context *ctx, const syi_lmm *l)
{
    const syi_lmm_one_state *s = l->state;
    const int p = l->p, order = s->order;
    double left = l->n - ranks_of(s), rest = 0;
    double *a = syi_alloc((size_t)order * (size_t)order, sizeof *a);
    if (!a) return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d columns", p);
    memcpy(a, s->within, (size_t)order * (size_t)order * sizeof *a);
    for (int j = 0; j < order; j++) {
        double v = a[j * order + j];
        for (int c = 0; c < j; c++) v -= a[j * order + c] * a[j * order + c];
        const int flat = !(v > 0x1p-40 * s->within[(ptrdiff_t)j * order + j]);
        if (j < p) left -= !flat;
        rest = flat ? 0 : v;
        for (int i = j + 1; i < order; i++) {
            double u = a[i * order + j];
            for (int c = 0; c < j; c++) u -= a[i * order + c] * a[j * order + c];
            a[i * order + j] = flat ? 0 : u / sqrt(v);
        }
    }
    SYI_FREE(a);
    if (rest > 0 || left <= 0) return SY_OK;
    return syi_fail(
        ctx, SY_EDATA,
        "%s: is fitted exactly by the coefficients and the effects of the groups; no variance is left for the "
        "errors",
        l->rows->m.design->terms[l->rows->m.model.outcome].label);
}

sy_status syi_lmm_one(sy_context *ctx, syi_lmm_one_found *found, syi_lmm *l)
{
    syi_lmm_one_state *s = syi_alloc(1, sizeof *s);
    l->state = s;
    l->evaluate = evaluate;
    l->free_state = free_state;
    l->derivatives = 1;
    if (!s) return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory");
    s->q = l->rows->bars.n_effects;
    s->order = l->p + 1;
    s->groups = l->rows->bars.factor[0].n_levels;
    s->step = (s->groups + SYI_LANES - 1) / SYI_LANES * SYI_LANES;
    s->simd = syi_lanes_width(ctx->simd);
    sy_status status = find_pairs(ctx, &l->rows->bars, s);
    if (status >= 0) status = syi_lmm_one_sums(ctx, l->rows, found, s);
    return status < 0 ? status : check_within(ctx, l);
}
