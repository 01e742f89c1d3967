/* The sum of two sets of moments over the same terms.
 *
 * Terms are matched by label, levels and cells by name (a's order, then what
 * only b has), clusters by label. Sums taken about different shifts are moved
 * to a's: with z' = alpha z + d, where d = old shift - new shift, and for a
 * level that a set never saw alpha = 0, d = - new shift,
 *     M'_ij = alpha_i alpha_j M_ij + alpha_i d_j M_0i + alpha_j d_i M_0j + d_i d_j M_00,
 * in double-double, d exact. Rounding floors are averaged by the sums of
 * squares they belong to. Cost: (units of a + units of b) q^2.
 * [Chan, Golub & LeVeque 1983, doi:10.1080/00031305.1983.10483115]
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/moments_build_internal.h"
#include "algebra/moments_strata_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include <limits.h>
#include <string.h>

/* One of the two sets, seen from the merged one. */
typedef struct {
    const sy_moments *m;
    int *term;       /* [terms of a] its term of that label */
    int *column;     /* [merged columns] its column, or -1 */
    syi_dd *move;    /* [merged columns + 1] d; 0 for the intercept */
    ptrdiff_t *unit; /* [merged units] its unit, or -1 */
    syi_sums total;  /* of all its units, in its own columns */
} side;

typedef struct {
    side a, b;
    int terms, columns, twofold;
    ptrdiff_t units;
    int *first, *count; /* [terms] */
    double *shift, *hi, *lo, *other_hi, *other_lo;
    syi_strata strata;
    syi_blob blob;
} merging;

static sy_status check_alike(sy_context *ctx, const sy_moments *a, const sy_moments *b)
{
    static const char *const weights[] = {"none", "frequency", "analytic", "sampling"};
    static const char *const units[] = {"one set", "sets by cluster", "sets by row"};
    if (a->from_correlation || b->from_correlation)
        return syi_fail(ctx, SY_EINVAL, "moments: those of a correlation matrix cannot be merged: the scales are gone");
    if (a->weight_kind != b->weight_kind)
        return syi_fail(ctx, SY_EINVAL, "moments: weight kinds differ: %s and %s", weights[a->weight_kind],
                        weights[b->weight_kind]);
    if (a->unit != b->unit)
        return syi_fail(ctx, SY_EINVAL, "moments: kinds differ: %s and %s", units[a->unit], units[b->unit]);
    if (!a->n_strata != !b->n_strata)
        return syi_fail(ctx, SY_EINVAL, "moments: one set has strata, the other none; both must have them");
    if (a->n_terms != b->n_terms)
        return syi_fail(ctx, SY_EINVAL, "moments: %d terms and %d terms; both must have the same", a->n_terms,
                        b->n_terms);
    return SY_OK;
}

static sy_status match_terms(sy_context *ctx, merging *g)
{
    const sy_moments *a = g->a.m, *b = g->b.m;
    for (int t = 0; t < a->n_terms; t++) {
        const char *label = sy_moments_label(a, t);
        int s = 0;
        while (s < b->n_terms && strcmp(sy_moments_label(b, s), label) != 0) s++;
        if (s == b->n_terms)
            return syi_fail(ctx, SY_EINVAL, "moments: %s is in one set only; both must have the same terms", label);
        const int named_a = syi_moments_cell(a, a->term_first[t]) != NULL;
        const int named_b = syi_moments_cell(b, b->term_first[s]) != NULL;
        if (a->term_is_factor[t] != b->term_is_factor[s] || named_a != named_b)
            return syi_fail(ctx, SY_EINVAL, "moments: %s is a factor in one set and a number in the other", label);
        g->a.term[t] = t;
        g->b.term[t] = s;
    }
    return SY_OK;
}

/* The column of term `t` of m whose name is `name` (NULL: a number). */
static int find_cell(const sy_moments *m, int t, const char *name)
{
    const int first = m->term_first[t];
    if (!name) return first;
    for (int c = first; c < first + m->term_columns[t]; c++) {
        const char *other = syi_moments_cell(m, c);
        if (other && strcmp(other, name) == 0) return c;
    }
    return -1;
}

static void add_column(merging *g, int in_a, int in_b)
{
    const int c = g->columns++;
    g->a.column[c] = in_a;
    g->b.column[c] = in_b;
    g->shift[c] = in_a >= 0 ? g->a.m->shift[in_a] : g->b.m->shift[in_b];
}

static void unite_columns(merging *g)
{
    const sy_moments *a = g->a.m, *b = g->b.m;
    for (int t = 0; t < g->terms; t++) {
        const int s = g->b.term[t];
        g->first[t] = g->columns;
        for (int c = a->term_first[t]; c < a->term_first[t] + a->term_columns[t]; c++)
            add_column(g, c, find_cell(b, s, syi_moments_cell(a, c)));
        for (int c = b->term_first[s]; c < b->term_first[s] + b->term_columns[s]; c++)
            if (find_cell(a, t, syi_moments_cell(b, c)) < 0) add_column(g, -1, c);
        g->count[t] = g->columns - g->first[t];
    }
}

static void find_moves(const merging *g, side *s)
{
    s->move[0] = syi_dd_of(0);
    for (int c = 0; c < g->columns; c++)
        s->move[c + 1] =
            s->column[c] < 0 ? syi_dd_of(-g->shift[c]) : syi_two_sum(s->m->shift[s->column[c]], -g->shift[c]);
}

/* Clusters of b in a table by the hash of their label; places of a's labels. */
static sy_status match_clusters(sy_context *ctx, merging *g)
{
    const sy_moments *a = g->a.m, *b = g->b.m;
    size_t room = 4;
    while (room < 2 * (size_t)a->n_units) room *= 2;
    ptrdiff_t *table = syi_alloc(room, sizeof *table); /* unit of a plus 1; 0 is free */
    if (!table) return syi_fail(ctx, SY_ENOMEM, "moments: out of memory for %td clusters", a->n_units);
    for (ptrdiff_t u = 0; u < a->n_units; u++) {
        size_t at = (size_t)syi_fnv_text(SYI_FNV_START, sy_moments_cluster(a, u)) & (room - 1);
        while (table[at]) at = (at + 1) & (room - 1);
        table[at] = u + 1;
        g->a.unit[u] = u;
        g->b.unit[u] = -1;
    }
    g->units = a->n_units;
    for (ptrdiff_t u = 0; u < b->n_units; u++) {
        const char *label = sy_moments_cluster(b, u);
        size_t at = (size_t)syi_fnv_text(SYI_FNV_START, label) & (room - 1);
        while (table[at] && strcmp(sy_moments_cluster(a, table[at] - 1), label) != 0) at = (at + 1) & (room - 1);
        if (table[at]) {
            g->b.unit[table[at] - 1] = u;
            continue;
        }
        g->a.unit[g->units] = -1;
        g->b.unit[g->units++] = u;
    }
    SYI_FREE(table);
    return SY_OK;
}

static sy_status match_units(sy_context *ctx, merging *g)
{
    const ptrdiff_t na = g->a.m->n_units, nb = g->b.m->n_units;
    if (g->a.m->unit == SY_UNIT_CLUSTER) return match_clusters(ctx, g);
    if (g->a.m->unit == SY_UNIT_NONE) {
        g->units = 1;
        return SY_OK;
    }
    g->units = na + nb;
    for (ptrdiff_t u = 0; u < g->units; u++) {
        g->a.unit[u] = u < na ? u : -1;
        g->b.unit[u] = u < na ? -1 : u - na;
    }
    return SY_OK;
}

static syi_dd entry(const double *hi, const double *lo, int q, int i, int j)
{
    const size_t at = i <= j ? syi_packed_at(q, i, j) : syi_packed_at(q, j, i);
    return (syi_dd){hi[at], lo ? lo[at] : 0};
}

/* A set of sums in the merged columns, about the merged shift. */
static void move(const merging *g, const side *s, const double *hi, const double *lo, double *to_hi, double *to_lo)
{
    const int q = s->m->n_columns;
    const syi_dd weight = entry(hi, lo, q, 0, 0);
    for (int i = 0; i <= g->columns; i++) {
        const int ci = i == 0 ? 0 : s->column[i - 1] + 1; /* 0 with i > 0: not in this set */
        for (int j = i; j <= g->columns; j++) {
            const int cj = j == 0 ? 0 : s->column[j - 1] + 1;
            const int has_i = i == 0 || ci > 0, has_j = j == 0 || cj > 0;
            syi_dd sum = syi_dd_mul(syi_dd_mul(s->move[i], s->move[j]), weight);
            if (has_i) sum = syi_dd_add(sum, syi_dd_mul(s->move[j], entry(hi, lo, q, 0, ci)));
            if (has_j) sum = syi_dd_add(sum, syi_dd_mul(s->move[i], entry(hi, lo, q, 0, cj)));
            if (has_i && has_j) sum = syi_dd_add(sum, entry(hi, lo, q, ci, cj));
            *to_hi++ = sum.hi;
            *to_lo++ = sum.lo;
        }
    }
}

static void add_side(const merging *g, const side *s, ptrdiff_t unit, double *rows, double *n, double *sum_w2)
{
    const size_t length = syi_packed_length(s->m->n_columns), all = syi_packed_length(g->columns);
    if (unit < 0) return;
    const double *hi = s->m->hi + (size_t)unit * length, *lo = s->m->lo ? s->m->lo + (size_t)unit * length : NULL;
    move(g, s, hi, lo, g->other_hi, g->other_lo);
    for (size_t i = 0; i < all; i++) {
        const syi_dd sum = syi_dd_add((syi_dd){g->hi[i], g->lo[i]}, (syi_dd){g->other_hi[i], g->other_lo[i]});
        g->hi[i] = sum.hi;
        g->lo[i] = sum.lo;
    }
    *rows += s->m->unit_rows[unit];
    *n += s->m->unit_n[unit];
    *sum_w2 += s->m->unit_sum_w2[unit];
}

static sy_status write_units(sy_context *ctx, merging *g)
{
    syi_blob *b = &g->blob;
    const size_t length = syi_packed_length(g->columns), bytes = length * sizeof(double);
    for (ptrdiff_t u = 0; u < g->units; u++) {
        if (syi_serial_stopped(ctx)) return SY_EINTR;
        memset(g->hi, 0, bytes);
        memset(g->lo, 0, bytes);
        add_side(g, &g->a, g->a.unit[u], &b->unit_rows[u], &b->unit_n[u], &b->unit_sum_w2[u]);
        add_side(g, &g->b, g->b.unit[u], &b->unit_rows[u], &b->unit_n[u], &b->unit_sum_w2[u]);
        for (size_t i = 0; i < length; i++) b->hi[(size_t)u * length + i] = g->twofold ? g->hi[i] : g->hi[i] + g->lo[i];
        if (g->twofold) memcpy(b->lo + (size_t)u * length, g->lo, bytes);
    }
    return SY_OK;
}

/* What rounding of the data can make up in a column's sum of squares, as the
 * set's floor has it. */
static double noise_of(const side *s, int t, int column)
{
    const sy_moments *m = s->m;
    if (column < 0) return 0;
    const syi_dd spread = syi_column_spread(m->twofold, m->n_columns, column, s->total.hi, s->total.lo);
    if (spread.hi > 0) return m->floor_[column] / 2 * spread.hi;
    if (m->term_is_decimal[t] || m->term_is_factor[t]) return 0;
    return 0x1p-106 * syi_column_power(m->n_columns, column, m->shift[column], s->total.hi);
}

static void write_terms(merging *g)
{
    syi_blob *out = &g->blob;
    const sy_moments *a = g->a.m, *b = g->b.m;
    move(g, &g->a, g->a.total.hi, g->a.total.lo, g->hi, g->lo);
    move(g, &g->b, g->b.total.hi, g->b.total.lo, g->other_hi, g->other_lo);
    for (size_t i = 0; i < syi_packed_length(g->columns); i++) {
        const syi_dd sum = syi_dd_add((syi_dd){g->hi[i], g->lo[i]}, (syi_dd){g->other_hi[i], g->other_lo[i]});
        g->hi[i] = sum.hi;
        g->lo[i] = sum.lo;
    }
    for (int t = 0; t < g->terms; t++) {
        const int s = g->b.term[t];
        out->term_first[t] = g->first[t];
        out->term_columns[t] = g->count[t];
        out->term_is_factor[t] = a->term_is_factor[t];
        out->term_is_decimal[t] = g->twofold && a->term_is_decimal[t] && b->term_is_decimal[s];
        out->term_missing[t] = a->term_missing[t] + b->term_missing[s];
        syi_blob_text(out, t, sy_moments_label(a, t));
        for (int c = g->first[t]; c < g->first[t] + g->count[t]; c++) {
            const int ca = g->a.column[c], cb = g->b.column[c];
            const syi_dd spread = syi_column_spread(g->twofold, g->columns, c, g->hi, g->lo);
            const double noise = noise_of(&g->a, t, ca) + noise_of(&g->b, s, cb);
            out->floor_[c] = syi_rounding_floor(g->twofold, g->columns, spread, noise);
            out->shift[c] = g->shift[c];
            syi_blob_text(out, g->terms + c, ca >= 0 ? syi_moments_cell(a, ca) : syi_moments_cell(b, cb));
        }
    }
}

static void write_counts(merging *g)
{
    syi_blob *out = &g->blob;
    const sy_moments *a = g->a.m, *b = g->b.m;
    *out->n = a->n + b->n;
    *out->rows_read = a->rows_read + b->rows_read;
    *out->rows_used = a->rows_used + b->rows_used;
    *out->rows_dropped = a->rows_dropped + b->rows_dropped;
    *out->rows_zero = a->rows_zero + b->rows_zero;
    *out->sum_w = g->hi[0] + g->lo[0];
    *out->sum_w2 = a->sum_w2 + b->sum_w2;
    for (ptrdiff_t u = 0; a->unit == SY_UNIT_CLUSTER && u < g->units; u++) {
        const ptrdiff_t ua = g->a.unit[u], ub = g->b.unit[u];
        syi_blob_text(out, (ptrdiff_t)g->terms + g->columns + u,
                      ua >= 0 ? sy_moments_cluster(a, ua) : sy_moments_cluster(b, ub));
    }
}

static syi_shape shape_of(const merging *g)
{
    syi_shape s = {.n_terms = g->terms, .n_columns = g->columns, .n_units = g->units, .unit = g->a.m->unit};
    s.weight_kind = g->a.m->weight_kind;
    s.twofold = g->twofold;
    s.n_strata = g->strata.count;
    s.text_bytes = syi_strata_text_room(&g->strata);
    for (int t = 0; t < g->terms; t++) s.text_bytes += syi_text_room(sy_moments_label(g->a.m, t));
    for (int c = 0; c < g->columns; c++)
        s.text_bytes += syi_text_room(g->a.column[c] >= 0 ? syi_moments_cell(g->a.m, g->a.column[c])
                                                          : syi_moments_cell(g->b.m, g->b.column[c]));
    for (ptrdiff_t u = 0; s.unit == SY_UNIT_CLUSTER && u < g->units; u++)
        s.text_bytes += syi_text_room(g->a.unit[u] >= 0 ? sy_moments_cluster(g->a.m, g->a.unit[u])
                                                        : sy_moments_cluster(g->b.m, g->b.unit[u]));
    return s;
}

static int side_new(side *s, const merging *g, const sy_moments *m, size_t columns, size_t units)
{
    s->m = m;
    s->term = syi_alloc((size_t)g->terms, sizeof *s->term);
    s->column = syi_alloc(columns, sizeof *s->column);
    s->move = syi_alloc(columns + 1, sizeof *s->move);
    s->unit = syi_alloc(units, sizeof *s->unit);
    s->total.hi = syi_alloc(syi_packed_length(m->n_columns), sizeof(double));
    s->total.lo = syi_alloc(syi_packed_length(m->n_columns), sizeof(double));
    return s->term && s->column && s->move && s->unit && s->total.hi && s->total.lo;
}

static void side_free(side *s)
{
    SYI_FREE(s->term);
    SYI_FREE(s->column);
    SYI_FREE(s->move);
    SYI_FREE(s->unit);
    SYI_FREE(s->total.hi);
    SYI_FREE(s->total.lo);
}

static int merging_new(merging *g, const sy_moments *a, const sy_moments *b)
{
    const size_t columns = (size_t)a->n_columns + (size_t)b->n_columns, units = (size_t)a->n_units + (size_t)b->n_units;
    g->terms = a->n_terms;
    g->twofold = a->twofold && b->twofold;
    g->first = syi_alloc((size_t)g->terms, sizeof *g->first);
    g->count = syi_alloc((size_t)g->terms, sizeof *g->count);
    g->shift = syi_alloc(columns, sizeof *g->shift);
    return side_new(&g->a, g, a, columns, units) && side_new(&g->b, g, b, columns, units) && g->first && g->count &&
           g->shift;
}

static void merging_free(merging *g)
{
    side_free(&g->a);
    side_free(&g->b);
    SYI_FREE(g->first);
    SYI_FREE(g->count);
    SYI_FREE(g->shift);
    SYI_FREE(g->hi);
    SYI_FREE(g->lo);
    SYI_FREE(g->other_hi);
    SYI_FREE(g->other_lo);
    syi_strata_free(&g->strata);
    syi_blob_free(&g->blob);
}

static sy_status sums_new(sy_context *ctx, merging *g)
{
    const size_t length = syi_packed_length(g->columns);
    g->hi = syi_alloc(length, sizeof(double));
    g->lo = syi_alloc(length, sizeof(double));
    g->other_hi = syi_alloc(length, sizeof(double));
    g->other_lo = syi_alloc(length, sizeof(double));
    if (!g->hi || !g->lo || !g->other_hi || !g->other_lo)
        return syi_fail(ctx, SY_ENOMEM, "moments: out of memory for %d columns", g->columns);
    const syi_shape shape = shape_of(g);
    return syi_blob_new(ctx, &shape, &g->blob);
}

sy_status sy_moments_merge(sy_context *ctx, const sy_moments *a, const sy_moments *b, sy_moments *out)
{
    syi_enter(ctx);
    *out = (sy_moments){0};
    sy_status s = check_alike(ctx, a, b);
    if (s < 0) return s;
    if (a->n_columns > INT_MAX / 4 - b->n_columns)
        return syi_fail(ctx, SY_ELIMIT, "moments: %d and %d columns are too many", a->n_columns, b->n_columns);
    merging g = {0};
    if (!merging_new(&g, a, b)) {
        s = syi_fail(ctx, SY_ENOMEM, "moments: out of memory for %d columns", a->n_columns);
        goto out;
    }
    if ((s = match_terms(ctx, &g)) < 0) goto out;
    if ((s = match_units(ctx, &g)) < 0) goto out;
    if ((s = syi_strata_unite(ctx, a, b, g.a.unit, g.b.unit, g.units, &g.strata)) < 0) goto out;
    unite_columns(&g);
    find_moves(&g, &g.a);
    find_moves(&g, &g.b);
    if ((s = sums_new(ctx, &g)) < 0) goto out;
    if ((s = write_units(ctx, &g)) < 0) goto out;
    syi_moments_total(a, NULL, &g.a.total);
    syi_moments_total(b, NULL, &g.b.total);
    write_terms(&g);
    write_counts(&g);
    syi_strata_write(&g.strata, &g.blob);
    s = syi_blob_seal(ctx, &g.blob, out);
out:
    merging_free(&g);
    return s;
}
