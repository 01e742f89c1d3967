/* Rows for the tests of moments: five numbers with two decimals, a factor of
 * region, clusters, weights; and the naive sums to hold against.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TEST_SAMPLE_ROWS_H
#define SYI_TEST_SAMPLE_ROWS_H
#include "algebra/moments_internal.h"
#include "base/random_internal.h"
#include "steelyard/memory.h"
#include "steelyard/moments.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { ROWS_MOST = 20000, ROWS_NUMBERS = 5, ROWS_REGIONS = 4, ROWS_COUNCILS = 12, ROWS_TERMS = 9 };

/* Terms: x0 .. x4, region, x0^2, region:x1, x3:x4 */
typedef struct {
    double x[ROWS_NUMBERS][ROWS_MOST], weight[ROWS_MOST];
    int32_t region[ROWS_MOST], council[ROWS_MOST];
    sy_column column[ROWS_NUMBERS + 1], weight_column, council_column;
    sy_design design;
} rows;

static const char *const rows_names[] = {"x0", "x1", "x2", "x3", "x4", "region"};
static const char *const rows_regions[] = {"north", "east", "south", "west"};
static const char *const rows_councils[] = {"council_1", "council_2",  "council_3",  "council_4",
                                            "council_5", "council_6",  "council_7",  "council_8",
                                            "council_9", "council_10", "council_11", "council_12"};
static const sy_factor rows_factor[] = {{0, 1}, {1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}};
static const sy_factor rows_square[] = {{0, 2}}, rows_cells[] = {{5, 1}, {1, 1}}, rows_product[] = {{3, 1}, {4, 1}};
static const sy_term rows_term[ROWS_TERMS] = {
    {"x0", 1, &rows_factor[0]}, {"x1", 1, &rows_factor[1]},   {"x2", 1, &rows_factor[2]},
    {"x3", 1, &rows_factor[3]}, {"x4", 1, &rows_factor[4]},   {"region", 1, &rows_factor[5]},
    {"x0^2", 1, rows_square},   {"region:x1", 2, rows_cells}, {"x3:x4", 2, rows_product}};

static inline rows *rows_new(ptrdiff_t n, uint64_t seed)
{
    rows *r = calloc(1, sizeof *r);
    assert_non_null(r);
    syi_stream s;
    syi_stream_init(&s, seed, 0, 0);
    for (ptrdiff_t i = 0; i < n; i++) {
        for (int c = 0; c < ROWS_NUMBERS; c++) r->x[c][i] = ((double)syi_stream_below(&s, 20000) - 7000) / 100;
        r->x[2][i] += 5000;
        r->weight[i] = (double)syi_stream_below(&s, 4);
        r->region[i] = (int32_t)syi_stream_below(&s, ROWS_REGIONS);
        r->council[i] = (int32_t)syi_stream_below(&s, ROWS_COUNCILS) + 1;
    }
    for (int c = 0; c < ROWS_NUMBERS; c++)
        r->column[c] = (sy_column){.name = rows_names[c], .data = r->x[c], .stride = sizeof(double), .type = SY_F64};
    r->column[ROWS_NUMBERS] = (sy_column){.name = "region",
                                          .data = r->region,
                                          .stride = sizeof(int32_t),
                                          .type = SY_CODES,
                                          .n_levels = ROWS_REGIONS,
                                          .levels = rows_regions};
    r->weight_column = (sy_column){.name = "weight", .data = r->weight, .stride = sizeof(double), .type = SY_F64};
    r->council_column = (sy_column){.name = "council",
                                    .data = r->council,
                                    .stride = sizeof(int32_t),
                                    .type = SY_CODES,
                                    .first_code = 1,
                                    .n_levels = ROWS_COUNCILS,
                                    .levels = rows_councils};
    r->design = (sy_design){
        .n = n, .n_columns = ROWS_NUMBERS + 1, .columns = r->column, .n_terms = ROWS_TERMS, .terms = rows_term};
    return r;
}

static inline void rows_weigh(rows *r, sy_weight_kind kind)
{
    r->design.weights = &r->weight_column;
    r->design.weight_kind = kind;
}

/* Sums with a context of their own; fails the test with the message. */
static inline sy_moments rows_moments(const rows *r, sy_unit unit, sy_precision precision, int threads, int simd)
{
    sy_context ctx;
    sy_moments m;
    const sy_moments_options o = {unit, precision};
    sy_context_init(&ctx);
    ctx.threads = threads;
    if (simd < ctx.simd) ctx.simd = simd;
    const sy_status s = sy_moments_init(&ctx, &r->design, &o, &m);
    if (s < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
    return m;
}

/* Centred cross-products of all design columns; free() the result. */
static inline syi_dd *rows_centred(const sy_moments *m)
{
    const size_t q = (size_t)m->n_columns, length = syi_packed_length(m->n_columns);
    syi_dd *out = calloc(q * q, sizeof *out);
    int *column = calloc(q, sizeof *column);
    syi_sums sums = {0, 0, calloc(length, sizeof(double)), calloc(length, sizeof(double))};
    assert_true(out && column && sums.hi && sums.lo);
    for (int c = 0; c < m->n_columns; c++) column[c] = c;
    syi_moments_total(m, NULL, &sums);
    syi_moments_centred(m, &sums, m->n_columns, column, out);
    free(sums.hi);
    free(sums.lo);
    free(column);
    return out;
}

/* Largest difference of two cross-product matrices, entry (a, b) measured in
 * sqrt(S_aa S_bb). */
static inline double rows_apart(int q, const syi_dd *x, const syi_dd *y)
{
    double worst = 0;
    for (int a = 0; a < q; a++)
        for (int b = 0; b < q; b++) {
            const double scale = sqrt(x[a * q + a].hi * x[b * q + b].hi);
            const double d = fabs(syi_dd_sub(x[a * q + b], y[a * q + b]).hi);
            if (d > 0 && d > worst * scale) worst = scale > 0 ? d / scale : INFINITY;
        }
    return worst;
}

static inline double rows_moments_apart(const sy_moments *a, const sy_moments *b)
{
    assert_int_equal(a->n_columns, b->n_columns);
    syi_dd *x = rows_centred(a), *y = rows_centred(b);
    const double apart = rows_apart(a->n_columns, x, y);
    free(x);
    free(y);
    return apart;
}

static inline int rows_same_bits(const sy_moments *a, const sy_moments *b)
{
    return a->size == b->size && memcmp(a->blob, b->blob, a->size) == 0;
}

/* How many of the three kernels this processor has. */
static inline int rows_kernels(void)
{
    sy_context ctx;
    sy_context_init(&ctx);
    const int widest = ctx.simd;
    sy_context_free(&ctx);
    if (widest < 2) print_message("this processor (or STEELYARD_SIMD) stops at kernel %d of 2\n", widest);
    return widest + 1;
}
#endif
