/* Fitted values, residuals and leverages, row by row.
 *
 * Residuals are y - x'b with b in double-double where the rows were read so,
 * else in double; the leverage is w |R^-T x|^2, that of one of the repeated
 * rows with frequency weights, and an absorbed level adds its share w / sum w.
 * Forward substitution in double-double where the condition would cost more
 * than three digits. Each row writes its own place. Cost: n p, with leverage
 * n p^2 / 2.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/linear/linear_internal.h"

enum { BLOCK = 16 * SYI_TILE };
static const double tame = 1e3;

typedef struct {
    const syi_model *m;
    const syi_solution *s;
    const sy_linear_fit *fit;
    int twofold, careful;
    double *scratch; /* [workers][2 * (p + 1) * SYI_TILE] */
} job;

typedef struct {
    const double *x, *x_lo, *y, *y_lo, *w;
    const unsigned char *used;
    ptrdiff_t start;
    int len;
} tile;

static syi_dd at(const double *hi, const double *lo, ptrdiff_t place)
{
    return (syi_dd){hi[place], lo ? lo[place] : 0};
}

static void put_values(const job *j, const tile *t)
{
    double raw[SYI_TILE], raw_lo[SYI_TILE], w[SYI_TILE];
    unsigned char used[SYI_TILE];
    ptrdiff_t row[SYI_TILE] = {0};
    for (int i = 0; i < t->len; i++) row[i] = t->start + i;
    if (j->m->n_groups) syi_model_raw_twofold(j->m, row, t->len, NULL, NULL, raw, raw_lo, w, used);
    for (int i = 0; i < t->len; i++) {
        syi_dd fit = syi_dd_of(0);
        for (int c = 0; c < j->m->p; c++)
            if (!j->s->aliased[c]) fit = syi_dd_add(fit, syi_dd_mul(at(t->x, t->x_lo, c * SYI_TILE + i), j->s->b[c]));
        const syi_dd residual = syi_dd_sub(at(t->y, t->y_lo, i), fit);
        if (j->m->n_groups) fit = syi_dd_sub(at(raw, raw_lo, i), residual);
        if (j->fit->fitted) j->fit->fitted[t->start + i] = t->used[i] ? syi_dd_round(fit) : (double)NAN;
        if (j->fit->residual) j->fit->residual[t->start + i] = t->used[i] ? syi_dd_round(residual) : (double)NAN;
    }
}

/* |R^-T x|^2: columns of the root against the row. */
static double hat_of(const job *j, const tile *t, int i)
{
    const int p = j->m->p;
    syi_dd sum = syi_dd_of(0);
    double plain = 0;
    for (int c = 0; c < p; c++) {
        syi_dd z = syi_dd_of(0);
        double v = 0;
        if (j->s->aliased[c]) continue;
        for (int k = 0; k <= c; k++) {
            const syi_dd root = j->s->root[(ptrdiff_t)k * p + c];
            if (j->careful) z = syi_dd_add(z, syi_dd_mul(at(t->x, t->x_lo, k * SYI_TILE + i), root));
            else v += t->x[k * SYI_TILE + i] * root.hi;
        }
        if (j->careful) sum = syi_dd_add(sum, syi_dd_mul(z, z));
        plain += v * v;
    }
    return j->careful ? syi_dd_round(sum) : plain;
}

static void put_leverage(const job *j, const tile *t)
{
    const int frequency = j->m->design->weight_kind == SY_WEIGHT_FREQUENCY;
    for (int i = 0; i < t->len; i++) {
        double hat = NAN;
        if (t->used[i]) {
            hat = hat_of(j, t, i);
            if (j->m->n_groups) {
                const int level = (int)syi_column_value(&j->m->design->columns[j->m->absorb], t->start + i);
                hat += 1 / j->m->group_weight[j->m->position[j->m->level_at[j->m->absorb] + level]];
            }
            if (!frequency) hat *= t->w[i];
        }
        j->fit->leverage[t->start + i] = hat;
    }
}

static void fit_block(void *arg, int worker, size_t block)
{
    const job *j = arg;
    const ptrdiff_t plane = (ptrdiff_t)(j->m->p + 1) * SYI_TILE, p = j->m->p, n = j->m->design->n;
    const ptrdiff_t from = (ptrdiff_t)block * BLOCK, end = n - from < BLOCK ? n : from + BLOCK;
    double *x = j->scratch + 2 * plane * worker, *lo = j->twofold ? x + plane : NULL, w[SYI_TILE];
    double *y = x + p * SYI_TILE, *y_lo = lo ? lo + p * SYI_TILE : NULL;
    unsigned char used[SYI_TILE];
    ptrdiff_t row[SYI_TILE] = {0};
    for (ptrdiff_t start = from; start < end; start += SYI_TILE) {
        const int len = end - start < SYI_TILE ? (int)(end - start) : SYI_TILE;
        if (syi_parallel_stopped()) return;
        for (int i = 0; i < len; i++) row[i] = start + i;
        if (lo && j->m->twofold) syi_model_tile_twofold(j->m, row, len, x, lo, y, y_lo, w, used);
        else syi_model_tile(j->m, row, len, x, y, w, used);
        const tile t = {x, lo, y, y_lo, w, used, start, len};
        if (j->fit->fitted || j->fit->residual) put_values(j, &t);
        if (j->fit->leverage) put_leverage(j, &t);
    }
}

sy_status syi_linear_fitted(sy_context *ctx, const syi_model *m, const syi_triangle *t, const syi_solution *s,
                            const sy_linear_fit *fit)
{
    const size_t n = (size_t)m->design->n, blocks = n / BLOCK + (n % BLOCK != 0);
    const double p = m->p + 1, seconds = (double)n * p * (3e-8 + (fit->leverage ? p * 1e-9 : 0));
    if (!fit->fitted && !fit->residual && !fit->leverage) return SY_OK;
    const int workers = syi_parallel_workers(ctx, blocks, seconds);
    job j = {.m = m, .s = s, .fit = fit, .twofold = t->twofold};
    j.careful = j.twofold && s->condition > tame;
    j.scratch = syi_alloc((size_t)workers * 2 * ((size_t)m->p + 1), SYI_TILE * sizeof(double));
    if (!j.scratch) return syi_fail(ctx, SY_ENOMEM, "linear: out of memory for %d columns", m->p);
    const sy_status status = syi_parallel(ctx, blocks, seconds, fit_block, &j);
    SYI_FREE(j.scratch);
    return status;
}
