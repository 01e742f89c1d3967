/* Moments from rows: options, what was found in the pass, the result.
 *
 * M = sum w (1, z)(1, z)' with z = x - shift, one set for all rows, a cluster
 * or a row. Every linear result is an algebra of these sums, so rows are read
 * once. In double-double (while n p^2 <= 4e7) columns are read as the decimals
 * they print as, and products are built in double-double. The pass itself is
 * in moments_read.c. Cost: n q^2 / 2 multiply-adds (20 times as much in double-
 * double), n_units q^2 / 2 doubles. [Chan, Golub & LeVeque 1983,
 * doi:10.1080/00031305.1983.10483115]
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/moments_build_internal.h"
#include "algebra/moments_read_internal.h"
#include "algebra/moments_strata_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include <stdio.h>
#include <string.h>

#define MOST_TWOFOLD_WORK 4e7

/* Everything under way in one call. */
enum { BREATH = 1024 }; /* sets between two looks at the clock */

typedef struct {
    const sy_design *design;
    sy_unit unit;
    syi_layout layout;
    syi_reader reader;
    syi_sorted sorted;
    syi_found found;
    syi_sets sets;
    syi_strata strata;
    syi_blob blob;
    int *places;
    double *shift, *scratch, *total_hi, *total_lo;
} draft;

void sy_moments_defaults(sy_moments_options *options)
{
    options->unit = SY_UNIT_NONE;
    options->precision = SY_PRECISION_AUTO;
}

static sy_status check_options(sy_context *ctx, const sy_design *design, const sy_moments_options *o)
{
    const int unit = (int)o->unit, precision = (int)o->precision;
    if (unit < SY_UNIT_NONE || unit > SY_UNIT_ROW)
        return syi_fail(ctx, SY_EINVAL, "unit: %d; it must be none, cluster or row", unit);
    if (precision < SY_PRECISION_AUTO || precision > SY_PRECISION_TWOFOLD)
        return syi_fail(ctx, SY_EINVAL, "precision: %d; it must be auto, double or double-double", precision);
    if (unit == SY_UNIT_CLUSTER && !design->cluster)
        return syi_fail(ctx, SY_EINVAL, "cluster: none given; sums by cluster need one");
    return SY_OK;
}

static int is_twofold(const sy_design *design, int columns, sy_precision precision)
{
    const double order = columns + 1.0;
    if (precision != SY_PRECISION_AUTO) return precision == SY_PRECISION_TWOFOLD;
    return (double)design->n * order * order <= MOST_TWOFOLD_WORK;
}

/* The guess, the order of rows, and how to read them. */
static sy_status prepare(sy_context *ctx, draft *d, sy_precision precision)
{
    const size_t q = (size_t)d->layout.n_columns;
    const int twofold = is_twofold(d->design, d->layout.n_columns, precision);
    /* the largest first: a hopeless size fails before anything is touched */
    d->total_hi = syi_alloc(syi_packed_length(d->layout.n_columns), sizeof *d->total_hi);
    if (d->total_hi) d->total_lo = syi_alloc(syi_packed_length(d->layout.n_columns), sizeof *d->total_lo);
    if (d->total_lo) d->scratch = syi_alloc(q, (SYI_TILE + 3) * sizeof *d->scratch);
    if (d->scratch) d->places = syi_alloc((size_t)d->design->n_columns, sizeof *d->places);
    if (d->places) d->shift = syi_alloc(q, sizeof *d->shift);
    if (d->shift) d->found.missing = syi_alloc((size_t)d->layout.n_terms + 2, sizeof(double));
    if (!d->found.missing)
        return syi_fail(ctx, SY_ENOMEM, "moments: out of memory for %d columns", d->layout.n_columns);
    d->found.bad.row = PTRDIFF_MAX;
    const sy_status read = twofold ? syi_design_places(ctx, d->design, d->places) : SY_OK;
    if (read < 0) return read;
    syi_first_guess(d->design, &d->layout, d->scratch + 3 * q, d->scratch, d->shift);
    d->reader = (syi_reader){d->design,
                             &d->layout,
                             d->places,
                             d->shift,
                             syi_lanes_width(ctx->simd),
                             twofold,
                             d->layout.n_columns + 1,
                             d->unit == SY_UNIT_CLUSTER};
    return SY_OK;
}

static syi_shape shape_of(const draft *d, ptrdiff_t units)
{
    syi_shape s = {.n_terms = d->layout.n_terms, .n_columns = d->layout.n_columns, .n_units = units, .unit = d->unit};
    s.weight_kind = d->design->weight_kind;
    s.twofold = d->reader.twofold;
    s.n_strata = d->strata.count;
    s.text_bytes = syi_design_text_room(d->design, &d->layout) + syi_strata_text_room(&d->strata);
    for (ptrdiff_t g = 0; d->unit == SY_UNIT_CLUSTER && g < d->sorted.sets; g++)
        s.text_bytes += syi_text_room(d->design->cluster->levels[d->sorted.code[g]]);
    return s;
}

static sy_status sets_new(sy_context *ctx, draft *d, ptrdiff_t count, int with_lo)
{
    const size_t n = count > 0 ? (size_t)count : 1, length = syi_packed_length(d->layout.n_columns);
    const double room = (double)n * (double)length * (with_lo ? 16 : 8);
    if (room > (double)(PTRDIFF_MAX / 4))
        return syi_fail(ctx, SY_ELIMIT, "moments: %td sets of %d columns take %.3g GB, more than can be held", count,
                        d->layout.n_columns, room / 1e9);
    d->sets = (syi_sets){.count = count, .length = length};
    d->sets.hi = syi_alloc(n * length, sizeof(double));
    if (with_lo) d->sets.lo = syi_alloc(n * length, sizeof(double));
    d->sets.rows = syi_alloc(n, sizeof(double));
    d->sets.n = syi_alloc(n, sizeof(double));
    d->sets.sum_w2 = syi_alloc(n, sizeof *d->sets.sum_w2);
    const int strata = d->design->strata && d->unit != SY_UNIT_NONE;
    if (strata) d->sets.stratum = syi_alloc(n, sizeof *d->sets.stratum);
    for (size_t g = 0; d->sets.stratum && g < n; g++) d->sets.stratum[g] = -1;
    if (!d->sets.hi || (with_lo && !d->sets.lo) || !d->sets.rows || !d->sets.n || !d->sets.sum_w2 ||
        (strata && !d->sets.stratum))
        return syi_fail(ctx, SY_ENOMEM, "moments: out of memory for %td sets of %d columns (%.3g GB)", count,
                        d->layout.n_columns, room / 1e9);
    return SY_OK;
}

static void sets_free(syi_sets *s)
{
    SYI_FREE(s->hi);
    SYI_FREE(s->lo);
    SYI_FREE(s->rows);
    SYI_FREE(s->n);
    SYI_FREE(s->sum_w2);
    SYI_FREE(s->stratum);
}

static sy_status read_design(sy_context *ctx, draft *d)
{
    const ptrdiff_t n = d->design->n;
    sy_status s = SY_OK;
    if (d->unit == SY_UNIT_NONE) {
        const ptrdiff_t block = syi_block_rows(n, d->layout.n_columns);
        s = sets_new(ctx, d, n / block + (n % block != 0), 1);
        return s < 0 ? s : syi_read_blocks(ctx, &d->reader, block, &d->sets, &d->found);
    }
    if (d->unit == SY_UNIT_ROW) {
        s = sets_new(ctx, d, n, d->reader.twofold);
        return s < 0 ? s : syi_read_rows(ctx, &d->reader, &d->sets, &d->found);
    }
    s = syi_sort_clusters(ctx, d->design->cluster, n, &d->sorted);
    if (s >= 0) s = sets_new(ctx, d, d->sorted.sets + 1, d->reader.twofold);
    return s < 0 ? s : syi_read_clusters(ctx, &d->reader, &d->sorted, &d->sets, &d->found);
}

static sy_status add_up(sy_context *ctx, draft *d, double *n, double *rows, syi_dd *sum_w2)
{
    for (ptrdiff_t g = 0; g < d->sets.count; g++) {
        if (g % BREATH == 0 && syi_serial_stopped(ctx)) return SY_EINTR;
        const size_t at = (size_t)g * d->sets.length;
        if (d->sets.rows[g] == 0) continue;
        syi_lanes_add(d->reader.simd, d->sets.length, 1, d->sets.hi + at, d->sets.lo ? d->sets.lo + at : NULL,
                      d->total_hi, d->total_lo);
        *n += d->sets.n[g];
        *rows += d->sets.rows[g];
        *sum_w2 = syi_dd_add(*sum_w2, d->sets.sum_w2[g]);
    }
    return SY_OK;
}

/* Sets with rows move to the front; the number that stay. */
static ptrdiff_t pack_sets(draft *d)
{
    ptrdiff_t kept = 0;
    syi_sets *s = &d->sets;
    for (ptrdiff_t g = 0; g < s->count; g++) {
        if (s->rows[g] == 0) continue;
        if (kept != g) {
            const size_t to = (size_t)kept * s->length, from = (size_t)g * s->length,
                         bytes = s->length * sizeof(double);
            memcpy(s->hi + to, s->hi + from, bytes);
            if (s->lo) memcpy(s->lo + to, s->lo + from, bytes);
            s->rows[kept] = s->rows[g];
            s->n[kept] = s->n[g];
            s->sum_w2[kept] = s->sum_w2[g];
            if (s->stratum) s->stratum[kept] = s->stratum[g];
            if (d->unit == SY_UNIT_CLUSTER) d->sorted.code[kept] = d->sorted.code[g];
        }
        kept++;
    }
    if (d->unit == SY_UNIT_CLUSTER) d->sorted.sets = kept;
    return kept;
}

static sy_status copy_sets(sy_context *ctx, draft *d, ptrdiff_t units)
{
    syi_blob *b = &d->blob;
    const size_t length = d->sets.length, bytes = length * sizeof(double);
    for (ptrdiff_t g = 0; g < units; g++) {
        const size_t at = (size_t)g * length;
        if (g % BREATH == 0 && syi_serial_stopped(ctx)) return SY_EINTR;
        b->unit_rows[g] = d->sets.rows[g];
        b->unit_n[g] = d->sets.n[g];
        b->unit_sum_w2[g] = syi_dd_round(d->sets.sum_w2[g]);
        memcpy(b->hi + at, d->sets.hi + at, bytes);
        if (b->lo) memcpy(b->lo + at, d->sets.lo + at, bytes);
    }
    return SY_OK;
}

static void copy_total(draft *d, double n, double rows, syi_dd sum_w2)
{
    syi_blob *b = &d->blob;
    b->unit_rows[0] = rows;
    b->unit_n[0] = n;
    b->unit_sum_w2[0] = syi_dd_round(sum_w2);
    for (size_t i = 0; i < d->sets.length; i++) b->hi[i] = b->lo ? d->total_hi[i] : d->total_hi[i] + d->total_lo[i];
    if (b->lo) memcpy(b->lo, d->total_lo, d->sets.length * sizeof(double));
}

static int is_decimal(const draft *d, const sy_term *term)
{
    int numbers = 0;
    for (int k = 0; k < term->n_factors; k++) {
        const int column = term->factors[k].column;
        if (d->design->columns[column].type == SY_CODES) continue;
        if (d->places[column] < 0) return 0;
        numbers++;
    }
    return d->reader.twofold && numbers > 0;
}

static void describe_terms(draft *d)
{
    syi_blob *b = &d->blob;
    const int q = d->layout.n_columns, twofold = d->reader.twofold;
    for (int t = 0; t < d->layout.n_terms; t++) {
        const sy_term *term = &d->design->terms[t];
        const double rounding = syi_term_rounding(d->design, term, twofold ? d->places : NULL);
        b->term_first[t] = d->layout.first[t];
        b->term_columns[t] = d->layout.count[t];
        b->term_is_factor[t] = d->layout.is_factor[t];
        b->term_is_decimal[t] = is_decimal(d, term);
        b->term_missing[t] = d->found.missing[t];
        for (int c = d->layout.first[t]; c < d->layout.first[t] + d->layout.count[t]; c++) {
            const syi_dd spread = syi_column_spread(twofold, q, c, d->total_hi, d->total_lo);
            const double power = syi_column_power(q, c, d->shift[c], d->total_hi);
            b->floor_[c] = syi_rounding_floor(twofold, q, spread, rounding * rounding * power);
            b->shift[c] = d->shift[c];
        }
    }
}

static sy_status write_result(sy_context *ctx, draft *d, sy_moments *out)
{
    double n = 0, rows = 0;
    syi_dd sum_w2 = syi_dd_of(0);
    const ptrdiff_t units = d->unit == SY_UNIT_NONE ? 1 : pack_sets(d);
    if (d->unit != SY_UNIT_NONE) d->sets.count = units;
    sy_status s =
        d->sets.stratum ? syi_strata_of_levels(ctx, d->design->strata, d->sets.stratum, units, &d->strata) : SY_OK;
    const syi_shape shape = shape_of(d, units);
    if (s >= 0) s = syi_blob_new(ctx, &shape, &d->blob);
    if (s < 0) return s;
    syi_blob *b = &d->blob;
    s = add_up(ctx, d, &n, &rows, &sum_w2);
    if (d->unit == SY_UNIT_NONE) copy_total(d, n, rows, sum_w2);
    else if (s >= 0) s = copy_sets(ctx, d, units);
    if (s < 0) return s;
    *b->n = n;
    *b->rows_read = (double)d->design->n;
    *b->rows_used = rows;
    *b->rows_dropped = d->found.dropped;
    *b->rows_zero = d->found.zero;
    *b->sum_w = d->total_hi[0] + d->total_lo[0];
    *b->sum_w2 = syi_dd_round(sum_w2);
    describe_terms(d);
    syi_design_text(d->design, &d->layout, b);
    for (ptrdiff_t g = 0; d->unit == SY_UNIT_CLUSTER && g < units; g++)
        syi_blob_text(b, (ptrdiff_t)shape.n_terms + shape.n_columns + g, d->design->cluster->levels[d->sorted.code[g]]);
    syi_strata_write(&d->strata, b);
    const sy_status checked = syi_check_sums(ctx, d->design, &d->layout, d->total_hi);
    if (checked < 0) return checked;
    return syi_blob_seal(ctx, b, out);
}

static void draft_free(draft *d)
{
    sets_free(&d->sets);
    syi_sorted_free(&d->sorted);
    syi_strata_free(&d->strata);
    syi_blob_free(&d->blob);
    syi_layout_free(&d->layout);
    SYI_FREE(d->places);
    SYI_FREE(d->shift);
    SYI_FREE(d->scratch);
    SYI_FREE(d->total_hi);
    SYI_FREE(d->total_lo);
    SYI_FREE(d->found.missing);
}

sy_status sy_moments_init(sy_context *ctx, const sy_design *design, const sy_moments_options *options, sy_moments *out)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    sy_moments_options chosen;
    sy_moments_defaults(&chosen);
    if (options) chosen = *options;
    draft d = {.design = design, .unit = chosen.unit};
    *out = (sy_moments){0};
    sy_status s = syi_design_check(ctx, design);
    if (s >= 0) s = check_options(ctx, design, &chosen);
    if (s < 0) return s;
    if ((s = syi_layout_init(ctx, design, &d.layout)) < 0) goto out;
    if ((s = prepare(ctx, &d, chosen.precision)) < 0) goto out;
    if ((s = read_design(ctx, &d)) < 0) goto out;
    if ((s = syi_check_found(ctx, design, &d.found, &d.sets, &d.sorted)) < 0) goto out;
    if ((s = write_result(ctx, &d, out)) < 0) goto out;
    if ((s = syi_remark_found(ctx, design, &d.layout, &d.reader, &d.found, d.total_hi)) < 0) sy_moments_free(out);
    else s = syi_status_of_remarks(ctx, first);
out:
    draft_free(&d);
    return s;
}
