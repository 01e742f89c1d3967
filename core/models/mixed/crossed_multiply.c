/* The cross-products of a crossed model times a vector of effects and
 * coefficients.
 * Each entry that the rows have is used for its row and for its column. Cost:
 * the number of entries.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "models/mixed/crossed_internal.h"
#include <string.h>

/* One row of a level: value times what its columns hold, and its own effect into them. Returns the former. */
static double multiply_row(const syi_crossed *c, int stage, ptrdiff_t g, const double *row, double own,
                           double *const *effects, const double *b, double *const *out, double *out_x)
{
    const syi_stage *s = &c->stage[stage];
    const ptrdiff_t dense = s->first[g + 1] - s->first[g];
    const int32_t *column = s->column + s->first[g];
    ptrdiff_t h = g, e = 0;
    double sum = 0;
    for (int k = stage + 1; k < c->n_stages; k++) {
        const int f = c->stage[k].factor, q = c->stage[k].q;
        h = c->stage[k - 1].parent[h];
        for (int x = 0; x < q; x++, row++) {
            sum += *row * effects[f][h * q + x];
            out[f][h * q + x] += *row * own;
        }
    }
    for (int d = 0; d < c->n_dense; d++) {
        const ptrdiff_t from = c->dense[d].first, end = from + (ptrdiff_t)c->dense[d].n * c->dense[d].q;
        const double *other = effects[c->dense[d].factor];
        double *into = out[c->dense[d].factor];
        for (; e < dense && column[e] < end; e++) {
            sum += row[e] * other[column[e] - from];
            into[column[e] - from] += row[e] * own;
        }
    }
    for (int j = 0; j < c->p; j++) {
        sum += row[dense + j] * b[j];
        if (out_x) out_x[j] += row[dense + j] * own;
    }
    return sum;
}

static void multiply_dense(const syi_crossed *c, double *const *effects, const double *b, double *const *out,
                           double *out_x)
{
    const ptrdiff_t m = c->order;
    for (int d = 0; d < c->n_dense; d++) {
        const syi_dense *f = &c->dense[d];
        const double *own = effects[f->factor];
        double *into = out[f->factor];
        for (ptrdiff_t i = 0; i < (ptrdiff_t)f->n * f->q; i++) {
            const ptrdiff_t row = f->first + i, block = i / f->q * f->q;
            const double *a = c->a + row * m;
            for (ptrdiff_t k = block; k <= i; k++) {
                into[i] += a[f->first + k] * own[k];
                if (k < i) into[k] += a[f->first + k] * own[i];
            }
            for (int e = 0; e < d; e++) {
                const syi_dense *other = &c->dense[e];
                const ptrdiff_t n = (ptrdiff_t)other->n * other->q;
                for (ptrdiff_t k = 0; k < n; k++) {
                    const double v = a[other->first + k];
                    if (v == 0) continue;
                    into[i] += v * effects[other->factor][k];
                    out[other->factor][k] += v * own[i];
                }
            }
            for (int j = 0; j < c->p; j++) {
                const double v = c->a[(c->random + j) * m + row];
                into[i] += v * b[j];
                if (out_x) out_x[j] += v * own[i];
            }
        }
    }
}

void syi_crossed_multiply(const syi_crossed *c, double *const *effects, const double *b, double *const *out,
                          double *out_x)
{
    const ptrdiff_t m = c->order;
    for (int f = 0; f < c->n_factors; f++) {
        const syi_grouping *g = &c->rows->bars.factor[f];
        memset(out[f], 0, (size_t)g->n_levels * (size_t)g->q * sizeof **out);
    }
    for (int j = 0; out_x && j < c->p; j++) {
        out_x[j] = 0;
        for (int k = 0; k < c->p; k++)
            out_x[j] += c->a[(c->random + (j > k ? j : k)) * m + c->random + (j > k ? k : j)] * b[k];
    }
    for (int k = 0; k < c->n_stages; k++) {
        const syi_stage *s = &c->stage[k];
        for (ptrdiff_t g = 0; g < s->n; g++) {
            const ptrdiff_t width = syi_stage_width(c, s, g);
            const double *own = effects[s->factor] + g * s->q, *a = s->diagonal + g * s->q * s->q;
            for (int i = 0; i < s->q; i++) {
                const double *row = s->value + syi_stage_at(c, s, g) + i * width;
                double v = multiply_row(c, k, g, row, own[i], effects, b, out, out_x);
                for (int e = 0; e < s->q; e++) v += a[i * s->q + e] * own[e];
                out[s->factor][g * s->q + i] += v;
            }
        }
    }
    multiply_dense(c, effects, b, out, out_x);
}

void syi_crossed_outcome(const syi_crossed *c, double *const *out)
{
    for (int k = 0; k < c->n_stages; k++) {
        const syi_stage *s = &c->stage[k];
        for (ptrdiff_t g = 0; g < s->n; g++)
            for (int i = 0; i < s->q; i++) {
                double *v = out[s->factor] + g * s->q + i;
                *v = s->value[syi_stage_at(c, s, g) + (i + 1) * syi_stage_width(c, s, g) - 1] - *v;
            }
    }
    for (int d = 0; d < c->n_dense; d++) {
        double *v = out[c->dense[d].factor];
        for (ptrdiff_t i = 0; i < (ptrdiff_t)c->dense[d].n * c->dense[d].q; i++)
            v[i] = c->a_y[c->dense[d].first + i] - v[i];
    }
}
