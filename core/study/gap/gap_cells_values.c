/* Composition and rate of weighted sets of units over the cells, and what one
 * row moves them by; the formulas are those at the head of gap_cells.c.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/parallel_internal.h"
#include "study/gap/gap_cells_internal.h"
#include "study/replicates_internal.h"
#include <math.h>
#include <string.h>

enum { AT_ONCE = SYI_REPLICATES_AT_ONCE, BREATH = 4096 };
static const double empty = 1e-10; /* of a cell's whole weight: what taking all its units out can leave */

size_t syi_gap_cells_room(const syi_gap_cells *c)
{
    return syi_arena_room((size_t)c->n_sets, sizeof(double)) + 4 * syi_arena_room((size_t)c->n_cells, sizeof(double));
}

/* Shares and means of the cells of a set; 0 when a cell is empty in a group. */
int syi_gap_set_means(const syi_gap_cells *c, int s, const double *sums, double *share[2], double *mean[2])
{
    const size_t n = (size_t)c->n_cells;
    const int32_t *merged = c->merged + (size_t)s * n;
    for (int g = 0; g < 2; g++) {
        const double *w = sums + (size_t)(2 * g) * n, *wy = w + n;
        double all = 0;
        memset(share[g], 0, n * sizeof(double));
        memset(mean[g], 0, n * sizeof(double));
        for (size_t k = 0; k < n; k++) {
            if (!(w[k] > empty * c->sums[(size_t)(2 * g) * n + k])) return 0;
            share[g][merged[k]] += w[k];
            mean[g][merged[k]] += wy[k];
            all += w[k];
        }
        for (size_t k = 0; k < n; k++) {
            if (!(share[g][k] > 0)) continue;
            mean[g][k] /= share[g][k];
            share[g][k] /= all;
        }
    }
    return 1;
}

static double composition(const syi_gap_cells *c, double *share[2], double *mean[2])
{
    double sum = 0;
    for (int k = 0; k < c->n_cells; k++) sum += (share[0][k] - share[1][k]) * (mean[0][k] + mean[1][k]);
    return sum / 2;
}

/* Lines from v [sets], the rate and the groups' means. */
static void lay_out(const syi_gap_engine *e, const double *v, double rate, const double y[2], double *values)
{
    const syi_gap_cells *c = e->own;
    const syi_gap_model *m = e->model;
    double *end = values + m->n_lines;
    memset(values, 0, (size_t)e->n_values * sizeof *values);
    for (int i = 0; i < c->n_factors; i++) {
        const syi_gap_term *term = syi_gap_factor(m, i);
        double part = 0;
        for (int s = 0; s < c->n_sets; s++) part += c->part[i * c->n_sets + s] * v[s];
        values[term->line] = part;
        values[term->block_line] += part;
    }
    values[0] = v[c->n_sets - 1];
    if (m->adjust_line >= 0) values[m->adjust_line] = v[0];
    values[m->rest_line] = rate;
    end[SY_GAP_MEAN_FIRST] = y[0];
    end[SY_GAP_MEAN_SECOND] = y[1];
    end[SY_GAP_GAP] = end[SY_GAP_BASE] = y[0] - y[1];
}

int syi_gap_cells_values(const syi_gap_engine *e, syi_arena *scratch, const double *sums, double *values)
{
    const syi_gap_cells *c = e->own;
    const syi_arena mark = *scratch;
    const size_t n = (size_t)c->n_cells;
    double *v = syi_arena_take(scratch, (size_t)c->n_sets, sizeof *v), *share[2], *mean[2], y[2] = {0, 0}, rate = 0;
    for (int g = 0; g < 2; g++) {
        share[g] = syi_arena_take(scratch, n, sizeof(double));
        mean[g] = syi_arena_take(scratch, n, sizeof(double));
    }
    int fine = 1;
    for (int s = 0; s < c->n_sets && fine; s++) {
        fine = syi_gap_set_means(c, s, sums, share, mean);
        if (fine) v[s] = composition(c, share, mean);
    }
    for (size_t k = 0; k < n && fine; k++) {
        rate += (mean[0][k] - mean[1][k]) * (share[0][k] + share[1][k]) / 2;
        for (int g = 0; g < 2; g++) y[g] += share[g][k] * mean[g][k];
    }
    for (int g = 0; g < 2; g++) y[g] += c->about;
    if (fine) lay_out(e, v, rate, y, values);
    *scratch = mark;
    return fine;
}

void syi_gap_cells_add(const syi_gap_engine *e, ptrdiff_t unit, double factor, double *sums)
{
    const syi_gap_cells *c = e->own;
    const size_t n = (size_t)c->n_cells;
    for (ptrdiff_t at = e->start[unit]; at < e->start[unit + 1]; at++) {
        const ptrdiff_t i = e->order[at];
        double *own = sums + (size_t)(2 * (i >= e->rows->group_n[0])) * n + (size_t)c->cell[i];
        own[0] += factor * e->rows->weight[i];
        own[n] += factor * e->rows->weight[i] * c->y[i];
    }
}

int syi_gap_cells_batch(const syi_gap_engine *e, syi_arena *scratch, const double *times, double *sums)
{
    const syi_gap_cells *c = e->own;
    const size_t n = (size_t)c->n_cells, units = (size_t)e->units->count;
    int stopped = 0;
    (void)scratch;
    memset(sums, 0, e->length * AT_ONCE * sizeof *sums);
    for (ptrdiff_t i = 0; i < e->rows->n && !stopped; i++) {
        double *own = sums + ((size_t)(2 * (i >= e->rows->group_n[0])) * n + (size_t)c->cell[i]) * AT_ONCE;
        const double *often = times + e->units->unit[i], w = e->rows->weight[i];
        for (size_t k = 0; k < AT_ONCE; k++) {
            const double load = w * often[k * units];
            own[k] += load;
            own[n * AT_ONCE + k] += load * c->y[i];
        }
        if (i % BREATH == 0) stopped = syi_parallel_stopped();
    }
    return !stopped;
}

void syi_gap_cells_influence(const syi_gap_engine *e, syi_arena *scratch, ptrdiff_t i, double *values)
{
    const syi_gap_cells *c = e->own;
    const syi_arena mark = *scratch;
    const size_t n = (size_t)c->n_cells;
    const int g = i >= e->rows->group_n[0];
    const double w = e->rows->weight[i], part = w / c->weight[g], sign = g ? -1 : 1;
    double *v = syi_arena_take(scratch, (size_t)c->n_sets, sizeof *v), y[2] = {0, 0};
    double centre = 0;
    for (int s = 0; s < c->n_sets; s++) {
        const size_t at = (size_t)s * n + (size_t)c->merged[(size_t)s * n + (size_t)c->cell[i]];
        const double average = (c->mean[0][at] + c->mean[1][at]) / 2, own = c->share[g][at];
        v[s] = sign * part * (average - c->level[s][g]) +
               (c->share[0][at] - c->share[1][at]) / 2 * part / own * (c->y[i] - c->mean[g][at]);
    }
    for (size_t k = 0; k < n; k++)
        centre += c->share[g][(size_t)(c->n_sets - 1) * n + k] * c->mean[g][(size_t)(c->n_sets - 1) * n + k];
    y[g] = part * (c->y[i] - centre);
    lay_out(e, v, y[0] - y[1] - v[c->n_sets - 1], y, values);
    *scratch = mark;
}
