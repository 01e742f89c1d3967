/* Fitted values of a linear mixed model, tile by tile: x'b + offset + z'modes.
 * Cost: n (p + q) multiply-adds and a read of the data.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/mixed/lmm_internal.h"

typedef struct {
    double *x, *y, *w, *z;
    int32_t *level;
    unsigned char *used;
} scratch;

static int scratch_init(const syi_lmm_rows *r, syi_arena *a, scratch *s)
{
    const size_t d = sizeof(double), t = SYI_TILE, p = (size_t)r->m.p, q = (size_t)r->bars.n_effects;
    const size_t f = (size_t)r->bars.n_factors;
    const size_t room = syi_arena_room(p * t, d) + 2 * syi_arena_room(t, d) + syi_arena_room(q * t, d) +
                        syi_arena_room(f * t, sizeof(int32_t)) + syi_arena_room(t, 1);
    if (syi_arena_init(a, room) != 0) return -1;
    s->x = syi_arena_take(a, p * t, d);
    s->y = syi_arena_take(a, t, d);
    s->w = syi_arena_take(a, t, d);
    s->z = syi_arena_take(a, q * t, d);
    s->level = syi_arena_take(a, f * t, sizeof(int32_t));
    s->used = syi_arena_take(a, t, 1);
    return 0;
}

static void add_modes(const syi_bars *b, const scratch *s, const double *modes, int len, double *out)
{
    for (int k = 0; k < b->n_bars; k++) {
        const syi_bar *bar = &b->bar[k];
        for (int i = 0; i < len; i++) {
            const int32_t level = s->level[bar->factor * SYI_TILE + i];
            if (!s->used[i] || level < 0) continue;
            const double *mode = modes + bar->first_mode + (ptrdiff_t)level * bar->q;
            for (int e = 0; e < bar->q; e++) out[i] += mode[e] * s->z[(bar->first_effect + e) * SYI_TILE + i];
        }
    }
}

static void fit_tile(const syi_lmm_rows *r, const scratch *s, const ptrdiff_t *row, int len, const double *beta,
                     const double *modes, double *out)
{
    double offset[SYI_TILE] = {0};
    syi_model_tile(&r->m, row, len, s->x, s->y, s->w, s->used);
    if (r->bars.offset >= 0) syi_column_values(&r->bars.own.columns[r->bars.offset], row, 0, len, offset);
    for (int i = 0; i < len; i++) out[i] = s->used[i] ? offset[i] : (double)NAN;
    for (int c = 0; c < r->p; c++) {
        const double *x = s->x + (ptrdiff_t)r->column[c] * SYI_TILE;
        for (int i = 0; i < len; i++) out[i] += beta[c] * x[i];
    }
    if (!modes) return;
    syi_bars_tile(&r->bars, row, len, s->z, s->level);
    add_modes(&r->bars, s, modes, len, out);
}

sy_status syi_lmm_fitted(sy_context *ctx, const syi_lmm_rows *rows, const double *beta, const double *modes,
                         double *out)
{
    syi_arena a = {0};
    scratch s;
    ptrdiff_t row[SYI_TILE];
    sy_status status = SY_OK;
    if (scratch_init(rows, &a, &s) != 0)
        return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for a tile of %d columns", rows->m.p);
    for (ptrdiff_t at = 0; at < rows->m.design->n && status >= 0; at += SYI_TILE) {
        const ptrdiff_t left = rows->m.design->n - at;
        const int len = left < SYI_TILE ? (int)left : SYI_TILE;
        for (int i = 0; i < len; i++) row[i] = at + i;
        fit_tile(rows, &s, row, len, beta, modes, out + at);
        status = syi_serial_stopped(ctx);
    }
    syi_arena_free(&a);
    return status;
}
