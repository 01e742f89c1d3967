/* Rows of one group beside rows of the other, by rank of a common index.
 *
 * A part of a gap in a curve needs to know which rows of the second group stand
 * for which of the first when some blocks change hands. Fairlie [2005,
 * doi:10.3233/JEM-2005-0259] draws equally many rows from both groups again and
 * again and matches them one to one by rank of their predicted chance under pooled
 * coefficients. Here all rows are used with their weights and nothing is drawn:
 * the two cumulative distributions of the index are laid on one another (the
 * north-west corner rule, which is the monotone coupling of the two); the limit of
 * his average, equal to one draw of his where both groups are as large. The index
 * is of the pooled model with a column for the group, without that column.
 *
 * Rows with the same columns are one cell. Cells of equal index (within 1e-9 of
 * its range, for two codings of one factor differ by roundings) are coupled in
 * proportion, so that no order of rows or levels has a say. Cost: n log n, and
 * cells of both groups less one pair where no indices are equal.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/mixed/mixed_parameters_internal.h"
#include "study/gap/gap_response_internal.h"
#include <math.h>

enum { SORTED_AT_ONCE = 16384 };
static const double same_index = 1e-9, most_pairs = 1e8;

/* One group while its cells are made. */
typedef struct {
    ptrdiff_t n;
    ptrdiff_t *row, *order; /* [n] packed rows of the group; places in order of the index */
    double *index;          /* [n] by place in `row` */
    double *cell_index;     /* [cells] */
    ptrdiff_t *tie;         /* [cells + 1] where each run of equal indices begins */
    ptrdiff_t ties;
    double *upto; /* [ties] share of the group up to and with each run */
} sorting;

static void free_sorting(sorting *s)
{
    SYI_FREE(s->row);
    SYI_FREE(s->order);
    SYI_FREE(s->index);
    SYI_FREE(s->cell_index);
    SYI_FREE(s->tie);
    SYI_FREE(s->upto);
}

static sy_status no_room(sy_context *ctx, ptrdiff_t n)
{
    return syi_fail(ctx, SY_ENOMEM, "gap: no room to couple %td rows", n);
}

/* Places of runs `from` and `to` of sorted pieces merged into `out`. */
static void merge_runs(const double *value, const ptrdiff_t *in, ptrdiff_t from, ptrdiff_t middle, ptrdiff_t to,
                       ptrdiff_t *out)
{
    ptrdiff_t a = from, b = middle;
    for (ptrdiff_t k = from; k < to; k++)
        out[k] = b >= to || (a < middle && value[in[a]] <= value[in[b]]) ? in[a++] : in[b++];
}

/* Places in order of the index: pieces that are sorted soon, merged by and by, so that the host is heard. */
static sy_status sort_index(sy_context *ctx, sorting *s)
{
    const ptrdiff_t n = s->n;
    ptrdiff_t *other = syi_alloc((size_t)n + 1, sizeof *other);
    sy_status status = other ? SY_OK : no_room(ctx, n);
    for (ptrdiff_t at = 0; at < n && status >= 0; at += SORTED_AT_ONCE) {
        const ptrdiff_t length = n - at < SORTED_AT_ONCE ? n - at : SORTED_AT_ONCE;
        syi_order_values(length, s->index + at, s->order + at);
        for (ptrdiff_t k = 0; k < length; k++) s->order[at + k] += at;
        status = syi_serial_stopped(ctx);
    }
    for (ptrdiff_t run = SORTED_AT_ONCE; run < n && status >= 0; run *= 2) {
        for (ptrdiff_t at = 0; at < n && status >= 0; at += 2 * run) {
            const ptrdiff_t middle = at + run < n ? at + run : n, to = at + 2 * run < n ? at + 2 * run : n;
            merge_runs(s->index, s->order, at, middle, to, other);
            status = syi_serial_stopped(ctx);
        }
        ptrdiff_t *held = s->order;
        s->order = other;
        other = held;
    }
    SYI_FREE(other);
    return status;
}

static sy_status sort_group(sy_context *ctx, const syi_gapr_game *g, const double *times, const double *slope,
                            int which, sorting *s)
{
    const syi_packed *rows = &g->rows;
    for (ptrdiff_t i = 0; i < rows->n; i++) s->n += times[i] > 0 && g->second[i] == which;
    const size_t n = (size_t)s->n + 1;
    s->row = syi_alloc(n, sizeof *s->row);
    s->order = syi_alloc(n, sizeof *s->order);
    s->index = syi_alloc(n, sizeof *s->index);
    s->cell_index = syi_alloc(n, sizeof *s->cell_index);
    s->tie = syi_alloc(n + 1, sizeof *s->tie);
    s->upto = syi_alloc(n, sizeof *s->upto);
    if (!s->row || !s->order || !s->index || !s->cell_index || !s->tie || !s->upto) return no_room(ctx, s->n);
    ptrdiff_t at = 0;
    for (ptrdiff_t i = 0; i < rows->n; i++) {
        if (!(times[i] > 0) || g->second[i] != which) continue;
        for (int c = 0; c < g->slopes; c++) s->index[at] += slope[c] * rows->x[(c + g->skip) * rows->stride + i];
        s->row[at++] = i;
    }
    return sort_index(ctx, s);
}

static int same_columns(const syi_gapr_game *g, ptrdiff_t a, ptrdiff_t b)
{
    for (int c = g->skip; c < g->rows.p; c++)
        if (g->rows.x[c * g->rows.stride + a] != g->rows.x[c * g->rows.stride + b]) return 0;
    return 1;
}

/* Rows in order of the index become cells; equal rows have equal indices to the bit. */
static void make_cells(const syi_gapr_game *g, const double *times, sorting *s, syi_gapr_cells *cells)
{
    double sum = 0;
    ptrdiff_t run = 0; /* first cell of the present index */
    for (ptrdiff_t k = 0; k < s->n; k++) {
        const ptrdiff_t row = s->row[s->order[k]];
        const double index = s->index[s->order[k]];
        if (cells->n == 0 || s->cell_index[cells->n - 1] != index) run = cells->n;
        ptrdiff_t at = run;
        while (at < cells->n && !same_columns(g, cells->row[at], row)) at++;
        if (at == cells->n) {
            cells->row[at] = row;
            s->cell_index[cells->n++] = index;
        }
        cells->weight[at] += times[row];
        sum += times[row];
    }
    double upto = 0;
    const double width = same_index * (s->cell_index[cells->n - 1] - s->cell_index[0]);
    for (ptrdiff_t i = 0; i < cells->n; i++) {
        if (i == 0 || s->cell_index[i] - s->cell_index[i - 1] > width) s->tie[s->ties++] = i;
        upto += cells->weight[i];
        s->upto[s->ties - 1] = upto / sum;
        cells->weight[i] /= sum;
    }
    s->tie[s->ties] = cells->n;
    s->upto[s->ties - 1] = 1;
}

/* What each block adds to the index of a cell, by each set of coefficients. */
static sy_status add_parts(sy_context *ctx, const syi_gapr_game *g, const syi_gapr_fits *f, syi_gapr_cells *cells)
{
    const size_t blocks = (size_t)g->n_blocks * SY_N_GAP_RESPONSE_BY;
    cells->part = syi_alloc(blocks * (size_t)cells->n + 1, sizeof *cells->part);
    if (!cells->part) return no_room(ctx, cells->n);
    for (int by = 0; by < SY_N_GAP_RESPONSE_BY; by++)
        for (int c = 0; c < g->slopes; c++) {
            const double b = f->coef[by][g->n_curves + c], *x = g->rows.x + (c + g->skip) * g->rows.stride;
            double *part = cells->part + (ptrdiff_t)(by * g->n_blocks + g->block[c]) * cells->n;
            for (ptrdiff_t i = 0; i < cells->n; i++) part[i] += b * (x[cells->row[i]] - f->mean[c]);
            if (syi_serial_stopped(ctx) != SY_OK) return SY_EINTR;
        }
    return SY_OK;
}

/* Pairs of two runs of equal indices, which share `flow`. */
static void put_pairs(syi_gapr_pairs *p, const sorting *s, ptrdiff_t i, ptrdiff_t j, double flow)
{
    const ptrdiff_t run[2] = {i, j};
    double share[2];
    for (int m = 0; m < 2; m++) {
        share[m] = 0;
        for (ptrdiff_t c = s[m].tie[run[m]]; c < s[m].tie[run[m] + 1]; c++) share[m] += p->cells[m].weight[c];
    }
    for (ptrdiff_t a = s[0].tie[i]; a < s[0].tie[i + 1]; a++)
        for (ptrdiff_t b = s[1].tie[j]; b < s[1].tie[j + 1]; b++) {
            const double part = (p->cells[0].weight[a] / share[0]) * (p->cells[1].weight[b] / share[1]);
            if (p->weight) {
                p->member[0][p->n] = a;
                p->member[1][p->n] = b;
                p->weight[p->n] = flow * part;
            }
            p->n++;
        }
}

/* Counts the pairs, or writes them where there is room. */
static void walk_pairs(syi_gapr_pairs *p, const sorting *s)
{
    double done = 0;
    p->n = 0;
    for (ptrdiff_t i = 0, j = 0; i < s[0].ties && j < s[1].ties && (double)p->n <= most_pairs;) {
        const double a = s[0].upto[i], b = s[1].upto[j], next = a < b ? a : b;
        if (next > done) put_pairs(p, s, i, j, next - done);
        done = next;
        i += a <= b;
        j += b <= a;
    }
}

static sy_status write_pairs(sy_context *ctx, const sorting *s, syi_gapr_pairs *p)
{
    walk_pairs(p, s);
    if ((double)p->n > most_pairs)
        return syi_fail(ctx, SY_ELIMIT, "gap: the rows make more than %.0f pairs of equal index", most_pairs);
    p->room = (p->n + SYI_TILE - 1) / SYI_TILE * SYI_TILE;
    const size_t room = (size_t)p->room + 8;
    for (int m = 0; m < 2; m++) p->member[m] = syi_alloc(room, sizeof *p->member[m]);
    p->weight = syi_alloc(room, sizeof *p->weight);
    if (!p->member[0] || !p->member[1] || !p->weight) return no_room(ctx, p->n);
    walk_pairs(p, s);
    return SY_OK;
}

sy_status syi_gapr_couple(sy_context *ctx, const syi_gapr_game *g, const double *times, const syi_gapr_fits *f,
                          syi_gapr_pairs *p)
{
    sorting s[2] = {{0}, {0}};
    sy_status status = SY_OK;
    *p = (syi_gapr_pairs){0};
    for (int m = 0; m < 2 && status >= 0; m++) {
        syi_gapr_cells *cells = &p->cells[m];
        status = sort_group(ctx, g, times, f->coef[SY_GAP_RESPONSE_BY_POOLED] + g->n_curves, m, &s[m]);
        if (status < 0) break;
        cells->row = syi_alloc((size_t)s[m].n + 1, sizeof *cells->row);
        cells->weight = syi_alloc((size_t)s[m].n + 1, sizeof *cells->weight);
        if (!cells->row || !cells->weight || s[m].n == 0) {
            status = no_room(ctx, s[m].n);
            break;
        }
        make_cells(g, times, &s[m], cells);
        status = syi_serial_stopped(ctx);
        if (status >= 0) status = add_parts(ctx, g, f, cells);
    }
    if (status >= 0) status = write_pairs(ctx, s, p);
    for (int m = 0; m < 2; m++) free_sorting(&s[m]);
    return status;
}

void syi_gapr_pairs_free(syi_gapr_pairs *p)
{
    for (int m = 0; m < 2; m++) {
        SYI_FREE(p->cells[m].row);
        SYI_FREE(p->cells[m].weight);
        SYI_FREE(p->cells[m].part);
        SYI_FREE(p->member[m]);
    }
    SYI_FREE(p->weight);
}
