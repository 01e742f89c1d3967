/* The inverse of a factored crossed system, where the data have entries.
 *
 * With the dense part's inverse D, backwards over the stages: for a level with
 * factor L and row B = L^-1 (row), E = L'^-1 B, and P the columns it meets,
 *     K_gP = -E K_PP,   K_gg = L'^-1 L^-1 - K_gP E',
 * and K_PP is known by then: entries of D, or of the rows of later stages, all
 * of which are among those that the data have. So derivatives of
 * log-determinants need no other entry. Cost: that of the factor for the
 * stages, twice that for the dense part.
 * Takahashi, Fagan & Chin 1973; Erisman & Tinney 1975, doi:10.1145/360680.360704.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/parallel_internal.h"
#include "models/mixed/crossed_internal.h"
#include <string.h>

enum { LOOK_UP = 256 };

/* out -= D e over the dense and fixed columns of a level, D symmetric. */
static void times_dense(const syi_crossed *c, const syi_stage *s, ptrdiff_t g, int fixed, const double *e, double *out)
{
    const int32_t *column = s->column + s->first[g];
    const ptrdiff_t dense = s->first[g + 1] - s->first[g], m = c->order;
    for (ptrdiff_t i = 0; i < dense; i++) {
        const double *row = c->s + column[i] * m;
        const double f = e[i];
        double sum = row[column[i]] * f;
        for (ptrdiff_t k = 0; k < i; k++) {
            const double d = row[column[k]];
            sum += d * e[k];
            out[k] -= d * f;
        }
        out[i] -= sum;
    }
    for (int j = 0; j < fixed; j++) {
        const double *row = c->s + (c->random + j) * m, f = e[dense + j];
        double sum = 0;
        for (ptrdiff_t k = 0; k < dense; k++) {
            sum += row[column[k]] * e[k];
            out[k] -= row[column[k]] * f;
        }
        for (int k = 0; k <= j; k++) sum += row[c->random + k] * e[dense + k];
        for (int k = 0; k < j; k++) out[dense + k] -= row[c->random + k] * f;
        out[dense + j] -= sum;
    }
}

/* The same for what of K_PP has a row or column in a later stage. */
static void times_stages(const syi_crossed *c, int stage, ptrdiff_t g, int fixed, const double *e, double *out)
{
    const syi_stage *s = &c->stage[stage];
    const ptrdiff_t dense = s->first[g + 1] - s->first[g];
    const double *own = e, *rest = e + s->after;
    double *out_own = out, *out_rest = out + s->after;
    ptrdiff_t h = g;
    for (int k = stage + 1; k < c->n_stages; k++) {
        const syi_stage *t = &c->stage[k];
        h = c->stage[k - 1].parent[h];
        const ptrdiff_t width = syi_stage_width(c, t, h), wide = t->first[h + 1] - t->first[h];
        for (int i = 0; i < t->q; i++) {
            const double *row = t->inverse + syi_stage_at(c, t, h) + i * width;
            for (int l = 0; l < t->q; l++) out_own[i] -= t->inverse_diagonal[(h * t->q + i) * t->q + l] * own[l];
            for (int l = 0; l < t->after; l++) {
                out_own[i] -= row[l] * own[t->q + l];
                out_own[t->q + l] -= row[l] * own[i];
            }
            row += t->after;
            for (ptrdiff_t x = 0; x < dense; x++) {
                ptrdiff_t place = s->up[s->first[g] + x], at = s->parent[g];
                for (int l = stage + 1; l < k; l++) {
                    place = c->stage[l].up[c->stage[l].first[at] + place];
                    at = c->stage[l].parent[at];
                }
                out_own[i] -= row[place] * rest[x];
                out_rest[x] -= row[place] * own[i];
            }
            row += wide;
            for (int j = 0; j < fixed; j++) {
                out_own[i] -= row[j] * rest[dense + j];
                out_rest[dense + j] -= row[j] * own[i];
            }
        }
        own += t->q;
        out_own += t->q;
    }
}

/* out = L'^-1 times q rows of `width`. */
static void back_rows(int q, const double *l, ptrdiff_t width, const double *b, double *out)
{
    memcpy(out, b, (size_t)q * (size_t)width * sizeof *out);
    for (int i = q - 1; i >= 0; i--) {
        double *row = out + i * width;
        for (int k = i + 1; k < q; k++) {
            const double f = l[k * q + i], *below = out + k * width;
            for (ptrdiff_t e = 0; e < width; e++) row[e] -= f * below[e];
        }
        for (ptrdiff_t e = 0; e < width; e++) row[e] /= l[i * q + i];
    }
}

/* out [q * q] = (L L')^-1; its columns are those of L'^-1 L^-1. */
static void block_inverse(int q, const double *l, double *out)
{
    for (int j = 0; j < q; j++) {
        for (int i = 0; i < q; i++) {
            double v = i == j;
            for (int k = j; k < i; k++) v -= l[i * q + k] * out[k * q + j];
            out[i * q + j] = i < j ? 0 : v / l[i * q + i];
        }
        for (int i = q - 1; i >= 0; i--) {
            double v = out[i * q + j];
            for (int k = i + 1; k < q; k++) v -= l[k * q + i] * out[k * q + j];
            out[i * q + j] = v / l[i * q + i];
        }
    }
}

static void select_level(syi_crossed *c, int stage, ptrdiff_t g, int fixed)
{
    syi_stage *s = &c->stage[stage];
    const int q = s->q;
    const ptrdiff_t width = syi_stage_width(c, s, g), at = syi_stage_at(c, s, g);
    const double *l = s->root + g * q * q;
    double *e = c->scratch, *k = s->inverse + at, *own = s->inverse_diagonal + g * q * q;
    back_rows(q, l, width, s->b + at, e);
    memset(k, 0, (size_t)q * (size_t)width * sizeof *k);
    for (int i = 0; i < q; i++) {
        times_dense(c, s, g, fixed, e + i * width + s->after, k + i * width + s->after);
        if (stage + 1 < c->n_stages) times_stages(c, stage, g, fixed, e + i * width, k + i * width);
    }
    const ptrdiff_t used = width - 1 - (fixed ? 0 : c->p);
    block_inverse(q, l, own);
    for (int i = 0; i < q; i++)
        for (int j = 0; j < q; j++)
            for (ptrdiff_t x = 0; x < used; x++) own[i * q + j] -= k[i * width + x] * e[j * width + x];
}

sy_status syi_crossed_select(sy_context *ctx, syi_crossed *c, int with_x)
{
    sy_status s = SY_OK;
    syi_crossed_dense_inverse(c, with_x ? c->order : c->random);
    for (int k = c->n_stages - 1; k >= 0 && s >= 0; k--)
        for (ptrdiff_t g = 0; g < c->stage[k].n && s >= 0; g++) {
            select_level(c, k, g, with_x ? c->p : 0);
            if (g % LOOK_UP == 0) s = syi_serial_stopped(ctx);
        }
    return s;
}
