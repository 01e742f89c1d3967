/* Weighted cross-products of a tile against sums row by row.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "algebra/gram_internal.h"
#include "algebra/lanes_internal.h"
#include "base/memory_internal.h"
#include "base/numeric_internal.h"
#include "steelyard/context.h"
#include <math.h>

enum { MOST = 11, ROWS = 64 };

typedef struct {
    double x[MOST][ROWS], left[MOST][ROWS], weight[ROWS], scratch[4 * ROWS];
} __attribute__((aligned(64))) rows_of;

static void fill(rows_of *d)
{
    double v = 0.5;
    double *all = d->x[0];
    for (int i = 0; i < (2 * MOST + 1) * ROWS; i++) {
        v = 3.9 * v * (1 - v);
        all[i] = v - 0.4;
    }
}

static void products(const rows_of *d, int simd, int n_x, int n_left, int weighted, double *xx, double *lx)
{
    const double *x[SYI_GRAM_PAD(MOST)], *left[MOST];
    rows_of own = *d;
    for (int j = 0; j < SYI_GRAM_PAD(n_x); j++) x[j] = d->x[j < n_x ? j : 0];
    for (int j = 0; j < n_left; j++) left[j] = d->left[j];
    double *acc = syi_alloc(syi_gram_room(n_x, n_left) + 1, sizeof *acc);
    assert_non_null(acc);
    const syi_gram t = {n_x, n_left, ROWS / 8, x, left, weighted ? d->weight : NULL};
    syi_gram_add(simd, &t, own.scratch, acc);
    memset(xx, 0, sizeof(double) * MOST * MOST);
    memset(lx, 0, sizeof(double) * MOST * MOST);
    syi_gram_sum(n_x, n_left, acc, xx, lx);
    SYI_FREE(acc);
}

/* 64 products of size at most 0.3 in two chains of roundings each: 1e-14. */
static void blocks_and_left_overs_are_sums_row_by_row(void **state)
{
    (void)state;
    rows_of d;
    double xx[MOST * MOST], lx[MOST * MOST];
    fill(&d);
    for (int n_x = 1; n_x <= MOST; n_x++)
        for (int n_left = 0; n_left <= MOST; n_left += 1 + n_left / 3)
            for (int weighted = 0; weighted < 2; weighted++) {
                products(&d, syi_lanes_width(SYI_AVX512), n_x, n_left, weighted, xx, lx);
                for (int a = 0; a < n_x; a++)
                    for (int b = 0; b < n_x; b++) {
                        double sum = 0;
                        for (int i = 0; i < ROWS; i++) sum += d.x[a][i] * (weighted ? d.weight[i] : 1) * d.x[b][i];
                        assert_true(fabs(xx[a * n_x + b] - sum) < 1e-14);
                    }
                for (int a = 0; a < n_left; a++)
                    for (int b = 0; b < n_x; b++) {
                        double sum = 0;
                        for (int i = 0; i < ROWS; i++) sum += d.left[a][i] * d.x[b][i];
                        assert_true(fabs(lx[a * n_x + b] - sum) < 1e-14);
                    }
            }
}

static void every_width_gives_the_same_bits(void **state)
{
    (void)state;
    rows_of d;
    double xx[2][MOST * MOST], lx[2][MOST * MOST];
    fill(&d);
    products(&d, SYI_BASELINE, 10, 7, 1, xx[0], lx[0]);
    for (int simd = SYI_AVX2; simd <= SYI_AVX512; simd++) {
        products(&d, syi_lanes_width(simd), 10, 7, 1, xx[1], lx[1]);
        assert_memory_equal(xx[0], xx[1], sizeof xx[0]);
        assert_memory_equal(lx[0], lx[1], sizeof lx[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_and_left_overs_are_sums_row_by_row),
        cmocka_unit_test(every_width_gives_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
