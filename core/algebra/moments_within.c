/* Moments with the means of the clusters taken out (fixed effects).
 *
 * Forcing in one indicator a cluster leaves of every predictor its deviation
 * from the cluster's mean, x~ = x - mean_g(x), and of the outcome what its own
 * cluster means P y do not explain [Frisch & Waugh 1933, doi:10.2307/1907330].
 * Both are moments of the same kind: within cluster g
 *   sum w x~_a x~_b = M_ab - M_0a M_0b / M_00,   sum w x~ = 0,
 *   sum w x~ y = sum w x~ y~,   sum w (P y) y = sum w (P y)^2 = M_0y^2 / M_00,
 * so that they add up over any weighted set of clusters: whoever re-weights or
 * leaves clusters out goes on as with other moments. R2 of y on (P y, x~) is
 * that of y on the indicators and x, column by column; P y stands for all the
 * indicators, whose number is the sum of a last column, 1 in each cluster.
 *
 * Cost: clusters k^2 / 2 for k columns, memory clusters q^2 / 2.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/moments_blob_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"

static syi_dd entry(const sy_moments *m, ptrdiff_t g, int i, int j)
{
    const int q = m->n_columns;
    const size_t at = (size_t)g * syi_packed_length(q) + (i <= j ? syi_packed_at(q, i, j) : syi_packed_at(q, j, i));
    return (syi_dd){m->hi[at], m->lo ? m->lo[at] : 0};
}

static void put(const syi_blob *b, ptrdiff_t g, int i, int j, syi_dd value)
{
    const int q = b->shape.n_columns;
    const size_t at = (size_t)g * syi_packed_length(q) + (i <= j ? syi_packed_at(q, i, j) : syi_packed_at(q, j, i));
    b->hi[at] = b->lo ? value.hi : syi_dd_round(value);
    if (b->lo) b->lo[at] = value.lo;
}

/* M_ab - M_0a M_0b / M_00 of one cluster. */
static syi_dd inside(const sy_moments *m, ptrdiff_t g, int a, int b)
{
    const syi_dd mean = syi_dd_div(entry(m, g, 0, a + 1), entry(m, g, 0, 0));
    return syi_dd_sub(entry(m, g, a + 1, b + 1), syi_dd_mul(mean, entry(m, g, 0, b + 1)));
}

/* Whether a column varies within clusters by more than its sums' rounding; its
 * floor then grows by what the clusters' means took of its spread. */
static int varies(const sy_moments *m, int column, double *floor_)
{
    syi_dd within = syi_dd_of(0), raw = syi_dd_of(0), sum = syi_dd_of(0), weight = syi_dd_of(0);
    for (ptrdiff_t g = 0; g < m->n_units; g++) {
        if (!(entry(m, g, 0, 0).hi > 0)) continue;
        within = syi_dd_add(within, inside(m, g, column, column));
        raw = syi_dd_add(raw, entry(m, g, column + 1, column + 1));
        sum = syi_dd_add(sum, entry(m, g, 0, column + 1));
        weight = syi_dd_add(weight, entry(m, g, 0, 0));
    }
    const double rounding = m->twofold ? 0x1p-96 : 0x1p-46;
    if (!(within.hi > rounding * raw.hi)) return 0;
    const syi_dd whole = syi_dd_sub(raw, syi_dd_div(syi_dd_mul(sum, sum), weight));
    *floor_ = m->floor_[column] * (whole.hi / within.hi);
    return 1;
}

static void fill_unit(const sy_moments *m, ptrdiff_t g, int outcome, int n_used, const int *used, const syi_blob *b)
{
    const int q = m->n_columns, means = q, one = q + 1, y = outcome;
    const syi_dd weight = entry(m, g, 0, 0), sum = entry(m, g, 0, y + 1);
    b->unit_rows[g] = m->unit_rows[g];
    b->unit_n[g] = m->unit_n[g];
    b->unit_sum_w2[g] = m->unit_sum_w2[g];
    if (m->n_strata) b->unit_stratum[g] = m->unit_stratum[g];
    if (!(weight.hi > 0)) return;
    const syi_dd between = syi_dd_div(syi_dd_mul(sum, sum), weight);
    put(b, g, 0, 0, weight);
    put(b, g, one + 1, one + 1, syi_dd_of(1));
    put(b, g, 0, y + 1, sum);
    put(b, g, 0, means + 1, sum);
    put(b, g, y + 1, y + 1, entry(m, g, y + 1, y + 1));
    put(b, g, y + 1, means + 1, between);
    put(b, g, means + 1, means + 1, between);
    for (int i = 0; i < n_used; i++) {
        put(b, g, used[i] + 1, y + 1, inside(m, g, used[i], y));
        for (int j = i; j < n_used; j++) put(b, g, used[i] + 1, used[j] + 1, inside(m, g, used[i], used[j]));
    }
}

static void copy_names(const sy_moments *m, syi_blob *b)
{
    const ptrdiff_t columns = m->n_terms + m->n_columns, more = columns + 2;
    for (int t = 0; t < m->n_terms; t++) {
        b->term_first[t] = m->term_first[t];
        b->term_columns[t] = m->term_columns[t];
        b->term_is_factor[t] = m->term_is_factor[t];
        b->term_is_decimal[t] = m->term_is_decimal[t];
        b->term_missing[t] = m->term_missing[t];
        syi_blob_text(b, t, sy_moments_label(m, t));
    }
    for (int c = 0; c < m->n_columns; c++) syi_blob_text(b, m->n_terms + c, syi_moments_cell(m, c));
    for (ptrdiff_t g = 0; g < m->n_units; g++) syi_blob_text(b, more + g, sy_moments_cluster(m, g));
    for (int h = 0; h < m->n_strata; h++) syi_blob_text(b, more + m->n_units + h, sy_moments_stratum(m, h));
    *b->n = m->n;
    *b->rows_read = m->rows_read;
    *b->rows_used = m->rows_used;
    *b->rows_dropped = m->rows_dropped;
    *b->rows_zero = m->rows_zero;
    *b->sum_w = m->sum_w;
    *b->sum_w2 = m->sum_w2;
}

static size_t room_for_names(const sy_moments *m)
{
    size_t room = 0;
    for (int t = 0; t < m->n_terms; t++) room += syi_text_room(sy_moments_label(m, t));
    for (int c = 0; c < m->n_columns; c++) room += syi_text_room(syi_moments_cell(m, c));
    for (ptrdiff_t g = 0; g < m->n_units; g++) room += syi_text_room(sy_moments_cluster(m, g));
    for (int h = 0; h < m->n_strata; h++) room += syi_text_room(sy_moments_stratum(m, h));
    return room;
}

/* Clusters between two questions to the host: some ms for 50 columns. */
enum { CLUSTERS_AT_ONCE = 256 };

sy_status syi_moments_within(sy_context *ctx, const sy_moments *m, int outcome, int n_used, const int *used,
                             sy_moments *out)
{
    syi_shape shape = {.n_terms = m->n_terms,
                       .n_columns = m->n_columns + 2,
                       .n_units = m->n_units,
                       .unit = m->unit,
                       .weight_kind = m->weight_kind,
                       .twofold = m->twofold,
                       .n_strata = m->n_strata,
                       .text_bytes = room_for_names(m)};
    syi_blob b = {0};
    int n = 0, *kept = syi_alloc((size_t)n_used + 1, sizeof *kept);
    sy_status status = kept ? syi_blob_new(ctx, &shape, &b)
                            : syi_fail(ctx, SY_ENOMEM, "cluster: out of memory for %d columns", n_used);
    if (status < 0) goto out;
    copy_names(m, &b);
    for (int i = 0; i < n_used; i++)
        if (varies(m, used[i], &b.floor_[used[i]])) kept[n++] = used[i];
    b.shift[outcome] = b.shift[m->n_columns] = m->shift[outcome];
    b.floor_[outcome] = b.floor_[m->n_columns] = m->floor_[outcome];
    for (ptrdiff_t g = 0; g < m->n_units; g++) {
        fill_unit(m, g, outcome, n, kept, &b);
        if (g % CLUSTERS_AT_ONCE == 0 && ctx->poll && ctx->poll(ctx->poll_arg)) {
            status = syi_fail(ctx, SY_EINTR, "stopped by the host");
            goto out;
        }
    }
    status = syi_blob_seal(ctx, &b, out);
out:
    syi_blob_free(&b);
    SYI_FREE(kept);
    return status;
}
