/* Cross-products of the rows of a crossed model, where levels meet.
 *
 * A row adds w z z' to the block of each level it lies in and of each two that
 * meet in it, and w z x' to their products with the fixed columns and the
 * outcome; nothing else of the rows is needed after. In the order of the rows,
 * in double: the columns are centred (lmm_rows.c). Cost: n (e + p)^2 / 2 for e
 * effects a row.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/mixed/crossed_internal.h"

enum { LOOK_UP = 8 };

/* One row: z of each effect in the order of c->effect, x with the outcome last. */
typedef struct {
    double w, *z, *x;
    const int32_t *level, *place;
} line;

static void add_to_stage(const syi_crossed *c, int k, const line *r)
{
    const syi_stage *s = &c->stage[k];
    const ptrdiff_t g = r->level[s->factor], dense = s->first[g + 1] - s->first[g], width = syi_stage_width(c, s, g);
    const double *own = r->z + c->first_effect[s->factor];
    double *value = s->value + syi_stage_at(c, s, g), *diagonal = s->diagonal + g * s->q * s->q;
    for (int a = 0; a < s->q; a++, value += width) {
        const double wz = r->w * own[a];
        double *out = value;
        for (int b = 0; b < s->q; b++) diagonal[a * s->q + b] += wz * own[b];
        for (int t = k + 1; t < c->n_stages; t++)
            for (int b = 0; b < c->stage[t].q; b++) *out++ += wz * r->z[c->first_effect[c->stage[t].factor] + b];
        for (int d = 0; d < c->n_dense; d++) {
            const double *z = r->z + c->first_effect[c->dense[d].factor];
            for (int b = 0; b < c->dense[d].q; b++) out[r->place[k * c->n_dense + d] + b] += wz * z[b];
        }
        out += dense;
        for (int j = 0; j <= c->p; j++) out[j] += wz * r->x[j];
    }
}

static void add_to_dense(syi_crossed *c, const line *r)
{
    const ptrdiff_t m = c->order;
    for (int d = 0; d < c->n_dense; d++) {
        const syi_dense *f = &c->dense[d];
        const double *z = r->z + c->first_effect[f->factor];
        for (int a = 0; a < f->q; a++) {
            const ptrdiff_t row = f->first + (ptrdiff_t)r->level[f->factor] * f->q + a;
            const double wz = r->w * z[a];
            for (int o = 0; o <= d; o++) {
                const syi_dense *e = &c->dense[o];
                double *out = c->a + row * m + e->first + (ptrdiff_t)r->level[e->factor] * e->q;
                const double *other = r->z + c->first_effect[e->factor];
                for (int b = 0; b < e->q && (o < d || b <= a); b++) out[b] += wz * other[b];
            }
            for (int j = 0; j < c->p; j++) c->a[(c->random + j) * m + row] += wz * r->x[j];
            c->a_y[row] += wz * r->x[c->p];
        }
    }
    for (int j = 0; j < c->p; j++) {
        double *out = c->a + (c->random + j) * m + c->random;
        const double wx = r->w * r->x[j];
        for (int k = 0; k <= j; k++) out[k] += wx * r->x[k];
        c->a_y[c->random + j] += wx * r->x[c->p];
    }
    c->yy += r->w * r->x[c->p] * r->x[c->p];
}

/* Scratch of a tile and of a row. */
typedef struct {
    double *x, *z, *scratch, *line_z, *line_x;
    int32_t *level;
} room;

static void add_tile(syi_crossed *c, const syi_crossing *rows, const room *b, const ptrdiff_t *row, int len,
                     ptrdiff_t *done)
{
    double w[SYI_TILE];
    unsigned char used[SYI_TILE];
    syi_lmm_rows_tile(c->rows, row, len, b->x, w, used, b->z, b->level, b->scratch);
    for (int i = 0; i < len; i++) {
        if (!used[i]) continue;
        const ptrdiff_t at = (*done)++;
        const line r = {w[i], b->line_z, b->line_x, rows->level + at * c->n_factors,
                        rows->place + at * c->n_stages * c->n_dense};
        for (int e = 0; e < c->rows->bars.n_effects; e++) r.z[e] = b->z[(ptrdiff_t)c->effect[e] * SYI_TILE + i];
        for (int j = 0; j <= c->p; j++) r.x[j] = b->x[(ptrdiff_t)j * SYI_TILE + i];
        for (int k = 0; k < c->n_stages; k++) add_to_stage(c, k, &r);
        add_to_dense(c, &r);
    }
}

sy_status syi_crossed_sums(sy_context *ctx, syi_crossed *c, const syi_crossing *rows)
{
    const ptrdiff_t n = c->rows->m.design->n;
    const size_t effects = (size_t)c->rows->bars.n_effects, columns = (size_t)c->p + 1;
    ptrdiff_t row[SYI_TILE], done = 0;
    sy_status s = SY_OK;
    room b = {.x = syi_alloc(columns * SYI_TILE, sizeof(double)),
              .z = syi_alloc(effects * SYI_TILE, sizeof(double)),
              .scratch = syi_alloc(syi_lmm_rows_room(c->rows), sizeof(double)),
              .line_z = syi_alloc(effects, sizeof(double)),
              .line_x = syi_alloc(columns, sizeof(double)),
              .level = syi_alloc((size_t)c->n_factors * SYI_TILE, sizeof(int32_t))};
    if (!b.x || !b.z || !b.scratch || !b.line_z || !b.line_x || !b.level)
        s = syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d columns", c->p);
    for (ptrdiff_t at = 0; at < n && s >= 0; at += SYI_TILE) {
        const int len = n - at < SYI_TILE ? (int)(n - at) : SYI_TILE;
        for (int i = 0; i < SYI_TILE; i++) row[i] = at + (i < len ? i : 0);
        add_tile(c, rows, &b, row, len, &done);
        if (at / SYI_TILE % LOOK_UP == 0) s = syi_serial_stopped(ctx);
    }
    SYI_FREE(b.x);
    SYI_FREE(b.z);
    SYI_FREE(b.scratch);
    SYI_FREE(b.line_z);
    SYI_FREE(b.line_x);
    SYI_FREE(b.level);
    return s;
}
