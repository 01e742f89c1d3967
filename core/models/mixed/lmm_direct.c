/* A random intercept on one factor, its moments from one pass over columns of
 * doubles read in place.
 *
 * What most calls are: numbers as the host holds them, nothing missing, no
 * weights, no offset. Then the rows, the levels in use, the fixed part's cross-
 * products and each level's sums come from the same read of the data, where the
 * general way (lmm_rows.c, lmm_one_sums.c) reads it three times. Given up, and
 * nothing said, at the first value that is missing or not finite, and where the
 * fixed part's columns do not leave 12 digits by cross-products (linear_moments.c has
 * the rule) or one may be aliased. Columns are taken less the mean of a sample of rows, and scaled
 * by powers of two afterwards, which is exact. Sums run in the lanes of the moments;
 * a level's rows are added row by row where levels lie scattered, run by run
 * where not. Cost: n p^2 / 2 + n p multiply-adds and one read of the data.
 * Chan, Golub & LeVeque 1983, doi:10.1080/00031305.1983.10483115 (shifted sums).
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_plain_internal.h"
#include "algebra/lanes_internal.h"
#include "algebra/moments_internal.h"
#include "algebra/moments_read_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/linear/linear_internal.h"
#include "models/mixed/lmm_one_internal.h"
#include "models/vcov/vcov_scattered_internal.h"
#include <string.h>

enum { FLUSH = 16, MOST_PARTS = 16, PART = 1 << 16, SAMPLE = 1024, AHEAD = SYI_TILE, SHORT_RUN = 32 };
static const size_t most_doubles = 1 << 23;

typedef struct {
    double *x, *acc, *row;
    int32_t *level;
} scratch;

typedef struct {
    const sy_design *design;
    int simd, order, wide; /* columns: ones, the predictors, the outcome */
    const double **column; /* [order]; NULL for the ones */
    const int32_t *code;
    int first_code, n_levels;
    double *shift; /* [order] */
    ptrdiff_t part, n;
    size_t packed;
    double *group;      /* [parts][n_levels][wide] */
    double *hi, *lo;    /* [parts][packed] */
    unsigned char *bad; /* [parts] */
    syi_arena *arena;
    scratch *workers;
} pass;

static const double *plain(const sy_design *d, const sy_term *t)
{
    const sy_column *c = &d->columns[t->factors[0].column];
    const int whole = t->n_factors == 1 && t->factors[0].power == 1;
    return whole && c->type == SY_F64 && c->stride == (ptrdiff_t)sizeof(double) ? c->data : NULL;
}

/* The columns in place; 0 when this way does not apply. */
static int find_columns(const syi_lmm_rows *r, pass *p)
{
    const syi_bars *b = &r->bars;
    const sy_linear_model *m = &r->m.model;
    const sy_design *d = &b->own;
    const sy_column *group = &d->columns[b->factor[0].column];
    if (b->n_bars != 1 || b->model->random[0].n_terms > 0 || b->offset >= 0 || d->weights || d->cluster || d->strata)
        return 0;
    if (!m->intercept || m->n_terms + 3 != d->n_terms || group->stride != (ptrdiff_t)sizeof(int32_t)) return 0;
    for (int c = 1; c < p->order; c++) {
        p->column[c] = plain(d, &d->terms[c + 1 < p->order ? m->terms[c - 1] : m->outcome]);
        if (!p->column[c]) return 0;
    }
    p->code = group->data;
    p->first_code = group->first_code;
    p->n_levels = group->n_levels;
    return 1;
}

static void guess_means(const pass *p)
{
    const ptrdiff_t sample = p->n < SAMPLE ? p->n : SAMPLE;
    for (int c = 1; c < p->order; c++) {
        double sum = 0;
        for (ptrdiff_t i = 0; i < sample; i++) sum += p->column[c][i * (p->n / sample)] / (double)sample;
        p->shift[c] = isfinite(sum) ? sum : 0;
    }
}

static int scratch_init(const pass *p, syi_arena *a, scratch *w)
{
    const size_t d = sizeof(double), wide = (size_t)p->wide, lanes = syi_lanes_room(p->order);
    const size_t room = syi_arena_room(wide * SYI_STEP, d) + syi_arena_room(wide * SYI_TILE, d) +
                        syi_arena_room(lanes, d) + syi_arena_room(SYI_TILE, sizeof(int32_t));
    if (syi_arena_init(a, room) != 0) return -1;
    w->x = syi_arena_take(a, wide * SYI_STEP, d);
    w->row = syi_arena_take(a, wide * SYI_TILE, d);
    w->acc = syi_arena_take(a, lanes, d);
    w->level = syi_arena_take(a, SYI_TILE, sizeof(int32_t));
    return 0;
}

/* Columns less their shift, zero behind the last row; levels from 0. Non-zero when a value cannot be used. */
static int read_tile(const pass *p, scratch *w, ptrdiff_t at, int len)
{
    const int ahead = p->n - at - len < AHEAD ? 0 : AHEAD;
    int bad = 0;
    for (int i = 0; i < SYI_TILE; i++) w->x[i] = i < len;
    for (int c = 1; c < p->order; c++) {
        double *out = w->x + (ptrdiff_t)c * SYI_STEP;
        bad |= syi_lanes_shift(p->simd, p->column[c] + at, len, p->shift[c], out, ahead);
        for (int i = len; i < SYI_TILE; i++) out[i] = 0;
    }
    for (int i = 0; i < len; i++) {
        w->level[i] = p->code[at + i] - p->first_code;
        bad |= w->level[i] < 0 || w->level[i] >= p->n_levels;
    }
    return bad;
}

/* Sum of a run in eight lanes. */
static double run_sum(const double *x, int from, int to)
{
    double lane[8] = {0}, rest = 0;
    int i = from;
    for (; i + 8 <= to; i += 8)
        for (int k = 0; k < 8; k++) lane[k] += x[i + k];
    for (; i < to; i++) rest += x[i];
    return (((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]))) + rest;
}

static void add_groups(const pass *p, scratch *w, int len, double *group)
{
    int runs = 1;
    for (int i = 1; i < len; i++) runs += w->level[i] != w->level[i - 1];
    if (runs * SHORT_RUN > len) {
        syi_outer_rows(p->simd, w->x, SYI_STEP, p->order, (len + 3) / 4 * 4, w->row, p->wide);
        for (int i = 0; i < len; i++) {
            double *out = group + (size_t)w->level[i] * (size_t)p->wide;
            const double *row = w->row + (ptrdiff_t)i * p->wide;
            for (int c = 0; c < p->wide; c++) out[c] += row[c];
        }
        return;
    }
    for (int from = 0, to; from < len; from = to) {
        for (to = from + 1; to < len && w->level[to] == w->level[from];) to++;
        double *out = group + (size_t)w->level[from] * (size_t)p->wide;
        for (int c = 0; c < p->order; c++) out[c] += run_sum(w->x + (ptrdiff_t)c * SYI_STEP, from, to);
    }
}

static void work(void *arg, int worker, size_t part)
{
    const pass *p = arg;
    scratch *w = &p->workers[worker];
    const ptrdiff_t from = (ptrdiff_t)part * p->part, end = p->n - from < p->part ? p->n : from + p->part;
    double *group = p->group + part * (size_t)p->n_levels * (size_t)p->wide;
    int pending = 0;
    for (ptrdiff_t at = from; at < end && !p->bad[part]; at += SYI_TILE) {
        const int len = end - at < SYI_TILE ? (int)(end - at) : SYI_TILE;
        const syi_tile tile = {
            p->wide / SYI_BLOCK, (len + SYI_LANES - 1) / SYI_LANES, SYI_STEP, w->x, NULL, w->x, NULL};
        if (read_tile(p, w, at, len) || syi_parallel_stopped()) {
            p->bad[part] = 1;
            break;
        }
        syi_lanes_double(p->simd, &tile, w->acc);
        add_groups(p, w, len, group);
        if (++pending == FLUSH || end - at <= SYI_TILE) {
            syi_lanes_flush(p->simd, p->order, w->acc, NULL, p->hi + part * p->packed, p->lo + part * p->packed);
            pending = 0;
        }
    }
}

static sy_status run(sy_context *ctx, pass *p, size_t parts)
{
    const double seconds = (double)p->n * p->order * (p->order * 5e-11 + 1e-9);
    const int workers = syi_parallel_workers(ctx, parts, seconds);
    sy_status s = SY_OK;
    p->arena = syi_alloc((size_t)workers, sizeof *p->arena);
    p->workers = syi_alloc((size_t)workers, sizeof *p->workers);
    if (!p->arena || !p->workers) s = syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d threads", workers);
    for (int k = 0; k < workers && s >= 0; k++)
        if (scratch_init(p, &p->arena[k], &p->workers[k]) != 0)
            s = syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d columns", p->order);
    if (s >= 0) s = syi_parallel(ctx, parts, seconds, work, p);
    for (int k = 0; p->arena && k < workers; k++) syi_arena_free(&p->arena[k]);
    SYI_FREE(p->arena);
    SYI_FREE(p->workers);
    return s;
}

/* The parts merged in order; 0 when one found a value that cannot be used, or a level has no rows. */
static int merge(const pass *p, size_t parts)
{
    const size_t all = (size_t)p->n_levels * (size_t)p->wide;
    for (size_t k = 0; k < parts; k++)
        if (p->bad[k]) return 0;
    for (size_t k = 1; k < parts; k++) {
        for (size_t i = 0; i < all; i++) p->group[i] += p->group[k * all + i];
        syi_lanes_add(p->simd, p->packed, 1, p->hi + k * p->packed, p->lo + k * p->packed, p->hi, p->lo);
    }
    for (int g = 0; g < p->n_levels; g++)
        if (!(p->group[(size_t)g * (size_t)p->wide] > 0)) return 0;
    return 1;
}

/* Scales from the centred sums of squares; 0 unless cross-products leave 12 digits in all columns. */
static int find_scales(const pass *p, double *scale, double *work_)
{
    const int k = p->order - 1;
    double *a = work_, *root = work_ + k * k, trace = 0;
    for (int i = 0; i < k; i++)
        for (int j = 0; j <= i; j++) {
            const size_t at = syi_packed_at(k, j + 1, i + 1);
            const syi_dd x = {p->hi[j + 1], p->lo[j + 1]}, y = {p->hi[i + 1], p->lo[i + 1]};
            const syi_dd mean = syi_dd_div(syi_dd_mul(x, y), syi_dd_of((double)p->n));
            a[i * k + j] = syi_dd_round(syi_dd_sub((syi_dd){p->hi[at], p->lo[at]}, mean));
        }
    scale[0] = 1;
    for (int i = 0; i < k; i++) {
        const double v = a[i * k + i];
        if (!(v > 1e-10 * p->hi[syi_packed_at(k, i + 1, i + 1)]) || !isfinite(v)) return 0;
        scale[i + 1] = ldexp(1, -(ilogb(v) / 2));
    }
    for (int i = 0; i < k; i++)
        for (int j = 0; j <= i; j++) a[i * k + j] *= scale[i + 1] * scale[j + 1];
    for (int i = 0; i < k; i++) root[k * k + i] = a[i * k + i];
    if (!syi_cholesky_plain(k, a, 1e-10)) return 0;
    syi_cholesky_plain_root(k, a, root);
    for (int i = 0; i < k; i++)
        for (int j = 0; j <= i; j++) trace += root[k * k + j] * root[i * k + j] * root[i * k + j];
    return trace <= syi_most_trace;
}

/* What a pass over the rows tells a model. */
static void tell_model(syi_model *m, const syi_bars *b, ptrdiff_t n)
{
    const int group = b->factor[0].column, levels = b->own.columns[group].n_levels;
    m->rows_known = 1;
    m->n = m->rows_used = m->sum_w = m->sum_w2 = (double)n;
    m->n_used[group] = levels;
    for (int l = 0; l < levels; l++) m->level[m->level_at[group] + l] = m->position[m->level_at[group] + l] = l;
}

static sy_status tell_rows(sy_context *ctx, const pass *p, const double *scale, syi_lmm_rows *r)
{
    const size_t all = (size_t)p->order;
    r->column = syi_alloc(all, sizeof *r->column);
    r->aliased = syi_alloc(all, sizeof *r->aliased);
    r->shift = syi_alloc(all, sizeof *r->shift);
    r->scale = syi_alloc(all, sizeof *r->scale);
    if (!r->column || !r->aliased || !r->shift || !r->scale)
        return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d columns", p->order);
    r->p = p->order - 1;
    for (int c = 0; c < p->order; c++) {
        r->column[c] = c;
        r->shift[c] = p->shift[c];
        r->scale[c] = scale[c];
    }
    tell_model(&r->m, &r->bars, p->n);
    return syi_bars_levels(ctx, &r->m, &r->bars);
}

/* Sums as lmm_one_sums.c has them: of z z' (the rows), then z (X y)', scaled. */
static sy_status keep_sums(sy_context *ctx, const pass *p, const double *scale, syi_lmm_one_found *out)
{
    const size_t length = 1 + (size_t)p->order;
    out->group = syi_alloc((size_t)p->n_levels * length, sizeof *out->group);
    out->hi = syi_alloc(p->packed, sizeof *out->hi);
    out->lo = syi_alloc(p->packed, sizeof *out->lo);
    if (!out->group || !out->hi || !out->lo)
        return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d groups", p->n_levels);
    for (int g = 0; g < p->n_levels; g++) {
        const double *from = p->group + (size_t)g * (size_t)p->wide;
        out->group[(size_t)g * length] = from[0];
        for (int c = 0; c < p->order; c++) out->group[(size_t)g * length + 1 + (size_t)c] = from[c] * scale[c];
    }
    for (int i = 0; i < p->order; i++)
        for (int j = i; j < p->order; j++) {
            const size_t at = syi_packed_at(p->order - 1, i, j);
            out->hi[at] = p->hi[at] * scale[i] * scale[j];
            out->lo[at] = p->lo[at] * scale[i] * scale[j];
        }
    return SY_OK;
}

static sy_status make_room(sy_context *ctx, const syi_lmm_rows *r, pass *p, size_t *parts)
{
    const size_t d = sizeof(double), order = (size_t)p->order;
    const size_t levels = (size_t)r->bars.own.columns[r->bars.factor[0].column].n_levels;
    *parts = (size_t)(p->n / PART) + 1;
    if (*parts > MOST_PARTS) *parts = MOST_PARTS;
    while (*parts > 1 && *parts * levels * (size_t)p->wide > most_doubles) *parts /= 2;
    p->part = (p->n / (ptrdiff_t)*parts + SYI_TILE) / SYI_TILE * SYI_TILE;
    p->column = syi_alloc(order, sizeof *p->column);
    p->shift = syi_alloc(order, d);
    p->group = syi_alloc(*parts * levels * (size_t)p->wide, d);
    p->hi = syi_alloc(*parts * p->packed, d);
    p->lo = syi_alloc(*parts * p->packed, d);
    p->bad = syi_alloc(*parts, 1);
    if (p->column && p->shift && p->group && p->hi && p->lo && p->bad) return SY_OK;
    return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %zu groups of %d columns", levels, p->order);
}

static void free_room(pass *p)
{
    SYI_FREE(p->column);
    SYI_FREE(p->shift);
    SYI_FREE(p->group);
    SYI_FREE(p->hi);
    SYI_FREE(p->lo);
    SYI_FREE(p->bad);
}

/* bars and model are open. */
static sy_status read_direct(sy_context *ctx, syi_lmm_rows *r, syi_lmm_one_found *out, int *done)
{
    pass p = {.design = &r->bars.own, .simd = syi_lanes_width(ctx->simd), .order = r->m.p + 1, .n = r->bars.own.n};
    size_t parts = 0;
    p.wide = syi_lanes_blocks(p.order) * SYI_BLOCK;
    p.packed = syi_packed_length(p.order - 1);
    double *scale = NULL;
    sy_status s = make_room(ctx, r, &p, &parts);
    if (s < 0 || !find_columns(r, &p) || p.n < 2 * SYI_TILE) goto out;
    const size_t k = (size_t)p.order;
    scale = syi_alloc(k + 2 * k * k + k, sizeof *scale);
    if (!scale) {
        s = syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d columns", p.order);
        goto out;
    }
    guess_means(&p);
    if ((s = run(ctx, &p, parts)) < 0) goto out;
    if (!merge(&p, parts) || !find_scales(&p, scale, scale + k)) goto out;
    if ((s = keep_sums(ctx, &p, scale, out)) < 0) goto out;
    s = tell_rows(ctx, &p, scale, r);
    *done = s >= 0;
out:
    SYI_FREE(scale);
    free_room(&p);
    return s;
}

sy_status syi_lmm_direct(sy_context *ctx, const sy_design *design, const sy_mixed_model *model, syi_lmm_rows *r,
                         syi_lmm_one_found *out, int *done)
{
    const sy_linear_model *columns = &model->response.columns;
    *r = (syi_lmm_rows){.p = 0};
    *done = 0;
    for (int t = 0; t < design->n_terms; t++)
        for (int k = 0; k < design->terms[t].n_factors; k++)
            if (design->columns[design->terms[t].factors[k].column].type == SY_CODES) return SY_OK;
    if (columns->outcome < 0 || columns->absorb || model->n_random != 1) return SY_OK;
    sy_status s = syi_bars_open(ctx, design, model, &r->bars);
    if (s < 0) return s;
    s = syi_model_open(ctx, &r->bars.own, columns, SY_PRECISION_DOUBLE, &r->m);
    if (s >= 0) s = read_direct(ctx, r, out, done);
    if (!*done) {
        syi_lmm_rows_free(r);
        syi_lmm_found_free(out);
    }
    return s;
}

void syi_lmm_found_free(syi_lmm_one_found *found)
{
    SYI_FREE(found->group);
    SYI_FREE(found->hi);
    SYI_FREE(found->lo);
}
