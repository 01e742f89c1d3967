/* Rows packed once for a model that reads them many times.
 *
 * Columns that add nothing are found once, from the weighted cross-products of
 * the centred and scaled columns: a column is left out when what remains of its
 * square sum after the columns before it is less than the roundings of the
 * sums, 128 (p + 1) 2^-53 of the whole, or of the data, whose doubles carry
 * 2^-53 of their uncentred size. Beyond that no second derivative in double
 * could tell the columns apart. Location columns come before nominal ones; scale
 * columns are judged beside a constant. Cost: one pass, p^3 / 3.
 * Golub & Van Loan 2013, Matrix Computations, section 4.2.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_internal.h"
#include "algebra/moments_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/response/packed_internal.h"
#include <string.h>

static sy_status make_room(sy_context *ctx, const syi_shadow *s, syi_packed *rows)
{
    const size_t n = (size_t)s->design.n, columns = (size_t)s->first[SYI_PARTS] + 1, d = sizeof(double);
    const size_t stride = (n / SYI_TILE + (n % SYI_TILE != 0)) * SYI_TILE;
    rows->stride = (ptrdiff_t)stride;
    rows->p = s->first[SYI_NOMINAL];
    rows->ones = s->ones;
    rows->n_nominal = s->first[SYI_SPREAD] - s->first[SYI_NOMINAL];
    rows->n_spread = s->first[SYI_PARTS] - s->first[SYI_SPREAD];
    rows->x = syi_alloc((size_t)rows->p * stride + 8, d);
    rows->nominal = syi_alloc((size_t)rows->n_nominal * stride + 8, d);
    rows->spread = syi_alloc((size_t)rows->n_spread * stride + 8, d);
    rows->centre = syi_alloc(columns, d);
    rows->scale = syi_alloc(columns, d);
    rows->column = syi_alloc(columns, sizeof(int));
    rows->y = syi_alloc(stride + 8, d);
    rows->weight = syi_alloc(stride + 8, d);
    rows->row = syi_alloc(stride + 8, sizeof *rows->row);
    int failed = !rows->x || !rows->nominal || !rows->spread || !rows->centre || !rows->scale || !rows->column ||
                 !rows->y || !rows->weight || !rows->row;
    if (s->model->offset) failed |= (rows->offset = syi_alloc(stride + 8, d)) == NULL;
    if (s->model->trials) failed |= (rows->trials = syi_alloc(stride + 8, d)) == NULL;
    if (s->design.cluster) failed |= (rows->cluster = syi_alloc(stride + 8, sizeof *rows->cluster)) == NULL;
    return failed ? syi_fail(ctx, SY_ENOMEM, "response: out of memory for %zu rows of %zu columns", n, columns - 1)
                  : SY_OK;
}

static void count_rows(const syi_shadow *s, syi_packed *rows)
{
    syi_dd sum = syi_dd_of(0);
    for (ptrdiff_t i = 0; i < rows->n && s->design.weights; i++) sum = syi_dd_add(sum, syi_dd_of(rows->weight[i]));
    rows->sum_w = s->design.weights ? syi_dd_round(sum) : (double)rows->n;
    rows->n_effective = s->design.weight_kind == SY_WEIGHT_FREQUENCY ? rows->sum_w : (double)rows->n;
}

/* Codes of the clusters become 0 .. n_clusters - 1, those in use in order. */
static sy_status number_clusters(sy_context *ctx, const syi_shadow *s, syi_packed *rows)
{
    if (!rows->cluster) return SY_OK;
    const int levels = s->design.cluster->n_levels;
    int32_t *place = syi_alloc((size_t)levels, sizeof *place);
    if (!place) return syi_fail(ctx, SY_ENOMEM, "cluster: out of memory for %d levels", levels);
    for (ptrdiff_t i = 0; i < rows->n; i++) place[rows->cluster[i]] = 1;
    for (int l = 0; l < levels; l++)
        if (place[l]) place[l] = ++rows->n_clusters;
    for (ptrdiff_t i = 0; i < rows->n; i++) rows->cluster[i] = place[rows->cluster[i]] - 1;
    SYI_FREE(place);
    return SY_OK;
}

/* What the part of a column that is not its centre can owe to rounding of the
 * data, relative to its square sum. */
static double data_noise(const syi_packed *rows, int c, double sum_w, double square)
{
    const double lost = 0x1p-53 * rows->centre[c] / rows->scale[c];
    return square > 0 ? 4 * lost * lost * sum_w / square : 0;
}

/* Marks in `aliased` [count] what columns first .. first + count - 1 add
 * nothing to a constant (ones = 1) and the columns before them; the turn begins with column first + lead, for nominal
 * columns hold what the same column among the others would add. */
static sy_status judge(sy_context *ctx, const syi_packed *rows, int ones, int first, int count, int lead,
                       const double *hi, const double *lo, int *aliased)
{
    const int order = ones + count;
    sy_status status = SY_OK;
    syi_dd *a = syi_alloc((size_t)order * (size_t)order + 1, sizeof *a);
    double *floor_ = syi_alloc((size_t)order + 1, sizeof *floor_);
    int *marks = syi_alloc(2 * (size_t)order + 1, sizeof *marks), *column = marks ? marks + order : NULL;
    if (!a || !floor_ || !marks) {
        status = syi_fail(ctx, SY_ENOMEM, "response: out of memory for %d columns", count);
        goto out;
    }
    for (int i = 0; i < order; i++) column[i] = i < ones ? i : ones + (i - ones + lead) % count;
    for (int i = 0; i < order; i++)
        for (int j = 0; j < order; j++) {
            const int one = column[i] < column[j] ? column[i] : column[j], other = column[i] + column[j] - one;
            const size_t at = syi_packed_at(order - 1, one, other);
            a[(ptrdiff_t)i * order + j] = (syi_dd){hi[at], lo[at]};
        }
    for (int i = 0; i < order; i++) {
        const int c = first + column[i] - ones;
        const double noise = i < ones ? 0 : data_noise(rows, c, rows->sum_w, a[i * (order + 1)].hi);
        floor_[i] = fmax(128 * (order + 1) * 0x1p-53, (order + 1) * noise);
    }
    syi_cholesky(order, a, floor_, marks);
    for (int i = ones; i < order; i++) aliased[first + column[i] - ones] = marks[i];
out:
    SYI_FREE(a);
    SYI_FREE(floor_);
    SYI_FREE(marks);
    return status;
}

/* The label of column `c` of all parts. */
static void label_of(const syi_shadow *s, int c, char *text, size_t size)
{
    int part = SYI_LOCATION;
    while (c >= s->first[part + 1]) part++;
    const int skip = part != SYI_LOCATION || s->model->kind == SY_RESPONSE_ORDINAL;
    syi_model_label(&s->part[part], c - s->first[part] + skip, text, size);
}

/* The parameter of column `c` in the caller's order, its first when nominal. */
static int parameter_of(const syi_shadow *s, const syi_packed *rows, int c)
{
    const int each =
        s->model->kind == SY_RESPONSE_ORDINAL ? syi_thresholds_free(s->model->thresholds, rows->n_levels) : 0;
    const int nominal = s->first[SYI_SPREAD] - s->first[SYI_NOMINAL], thresholds = each * (1 + nominal);
    if (c < s->first[SYI_NOMINAL]) return thresholds + c;
    if (c < s->first[SYI_SPREAD]) return each * (1 + c - s->first[SYI_NOMINAL]);
    return thresholds + c - nominal;
}

/* Moves column `from` of a block of columns to place `to`. */
static void move(double *block, ptrdiff_t stride, int from, int to)
{
    if (from != to) memcpy(block + to * stride, block + from * stride, (size_t)stride * sizeof *block);
}

static sy_status drop_aliased(sy_context *ctx, const syi_shadow *s, const int *aliased, syi_packed *rows)
{
    int kept[SYI_PARTS] = {0}, to = 0;
    for (int c = 0, part = 0; c < s->first[SYI_PARTS]; c++) {
        double *const block[SYI_PARTS] = {rows->x, rows->nominal, rows->spread};
        while (c >= s->first[part + 1]) part++;
        if (aliased[c]) {
            char label[SY_NAME_LENGTH];
            label_of(s, c, label, sizeof label);
            const sy_status status =
                syi_remark(ctx, SY_NOTE_ALIASED, label, 0,
                           "%s adds nothing beyond the columns before it and has no coefficient", label);
            if (status < 0) return status;
            continue;
        }
        move(block[part], rows->stride, c - s->first[part], kept[part]++);
        rows->column[to] = parameter_of(s, rows, c);
        rows->centre[to] = rows->centre[c];
        rows->scale[to++] = rows->scale[c];
    }
    rows->p = kept[SYI_LOCATION];
    rows->n_nominal = kept[SYI_NOMINAL];
    rows->n_spread = kept[SYI_SPREAD];
    return SY_OK;
}

static sy_status find_aliased(sy_context *ctx, const syi_shadow *s, const double *hi, const double *lo,
                              syi_packed *rows)
{
    const int ones = s->ones && s->model->kind == SY_RESPONSE_ORDINAL, count = s->first[SYI_SPREAD];
    const int spread = s->first[SYI_PARTS] - count;
    const size_t second = syi_packed_length(ones + count - 1);
    int *aliased = syi_alloc((size_t)s->first[SYI_PARTS] + 1, sizeof *aliased);
    if (!aliased) return syi_fail(ctx, SY_ENOMEM, "response: out of memory for %d columns", s->first[SYI_PARTS]);
    sy_status status = judge(ctx, rows, ones, 0, count, s->first[SYI_NOMINAL], hi, lo, aliased);
    if (status >= 0 && spread > 0) status = judge(ctx, rows, 1, count, spread, 0, hi + second, lo + second, aliased);
    if (status >= 0) status = drop_aliased(ctx, s, aliased, rows);
    SYI_FREE(aliased);
    return status;
}

sy_status syi_packed_init(sy_context *ctx, const sy_design *design, const sy_response_model *model, syi_packed *rows)
{
    syi_shadow s = {0};
    double *products = NULL;
    *rows = (syi_packed){0};
    sy_status status = syi_shadow_open(ctx, design, model, &s);
    if (status < 0) goto out;
    const size_t length = syi_packed_length(s.first[SYI_PARTS] + 2);
    if ((status = make_room(ctx, &s, rows)) < 0) goto out;
    if (!(products = syi_alloc(4 * length, sizeof *products))) {
        status = syi_fail(ctx, SY_ENOMEM, "response: out of memory for %d columns", s.first[SYI_PARTS]);
        goto out;
    }
    if ((status = syi_packed_fill(ctx, &s, rows, products, products + 2 * length)) < 0) goto out;
    count_rows(&s, rows);
    if ((status = number_clusters(ctx, &s, rows)) < 0) goto out;
    if ((status = syi_packed_outcome(ctx, &s, rows)) < 0) goto out;
    syi_shadow_shape(&s, rows->n_levels, &rows->shape);
    status = find_aliased(ctx, &s, products, products + 2 * length, rows);
out:
    SYI_FREE(products);
    syi_shadow_free(&s);
    if (status < 0) syi_packed_free(rows);
    return status;
}

void syi_packed_free(syi_packed *rows)
{
    SYI_FREE(rows->x);
    SYI_FREE(rows->nominal);
    SYI_FREE(rows->spread);
    SYI_FREE(rows->centre);
    SYI_FREE(rows->scale);
    SYI_FREE(rows->y);
    SYI_FREE(rows->weight);
    SYI_FREE(rows->offset);
    SYI_FREE(rows->trials);
    SYI_FREE(rows->cluster);
    SYI_FREE(rows->row);
    SYI_FREE(rows->column);
    SYI_FREE(rows->level);
    *rows = (syi_packed){0};
}
