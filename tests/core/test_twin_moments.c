/* A second reading of the same rows in 113-bit arithmetic: values by strtoflt128
 * from their printed decimals, means first, deviations after, no shift, no
 * lanes.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "sample_rows.h"
#include <math.h>
#include <quadmath.h>

enum { MOST = 3000, COLUMNS = 15 };

static __float128 decimal(double x, int printed)
{
    char text[64];
    if (!printed) return (__float128)x;
    snprintf(text, sizeof text, "%.2f", x);
    return strtoflt128(text, NULL);
}

static int is_complete(const rows *r, ptrdiff_t i)
{
    for (int c = 0; c < ROWS_NUMBERS; c++)
        if (isnan(r->x[c][i])) return 0;
    return r->region[i] >= 0 && r->region[i] < ROWS_REGIONS;
}

static void design_row(const rows *r, ptrdiff_t i, int printed, __float128 *x)
{
    for (int c = 0; c < ROWS_NUMBERS; c++) x[c] = decimal(r->x[c][i], printed);
    for (int l = 0; l < ROWS_REGIONS; l++) {
        x[5 + l] = r->region[i] == l;
        x[10 + l] = r->region[i] == l ? x[1] : 0;
    }
    x[9] = x[0] * x[0];
    x[14] = x[3] * x[4];
}

static __float128 twin(const rows *r, int printed, __float128 *out)
{
    static __float128 x[MOST][COLUMNS];
    __float128 mean[COLUMNS] = {0}, sum = 0;
    for (ptrdiff_t i = 0; i < r->design.n; i++) {
        const __float128 w = r->design.weights ? r->weight[i] : 1;
        if (!is_complete(r, i)) continue;
        design_row(r, i, printed, x[i]);
        sum += w;
        for (int c = 0; c < COLUMNS; c++) mean[c] += w * x[i][c];
    }
    for (int k = 0; k < COLUMNS * COLUMNS; k++) out[k] = 0;
    for (int c = 0; c < COLUMNS; c++) mean[c] /= sum;
    for (ptrdiff_t i = 0; i < r->design.n; i++) {
        const __float128 w = r->design.weights ? r->weight[i] : 1;
        if (!is_complete(r, i)) continue;
        for (int a = 0; a < COLUMNS; a++)
            for (int b = 0; b < COLUMNS; b++) out[a * COLUMNS + b] += w * (x[i][a] - mean[a]) * (x[i][b] - mean[b]);
    }
    return sum;
}

static double apart(const syi_dd *found, const __float128 *wanted)
{
    double worst = 0;
    for (int a = 0; a < COLUMNS; a++)
        for (int b = 0; b < COLUMNS; b++) {
            const __float128 scale = sqrtq(wanted[a * COLUMNS + a] * wanted[b * COLUMNS + b]);
            const syi_dd f = found[a * COLUMNS + b];
            const double d = (double)(fabsq((__float128)f.hi + f.lo - wanted[a * COLUMNS + b]) / scale);
            if (d > worst) worst = d;
        }
    return worst;
}

static void random_rows(rows *r, int weighted, int broken)
{
    if (weighted) rows_weigh(r, SY_WEIGHT_ANALYTIC);
    for (ptrdiff_t i = 0; i < r->design.n; i++) {
        if (weighted) r->weight[i] = (r->weight[i] + (double)(i % 7)) / 3;
        if (i % 97 == 5) r->x[i % 5][i] = NAN;
        if (i % 211 == 8) r->region[i] = -1;
        for (int c = 0; broken && c < ROWS_NUMBERS; c++) r->x[c][i] /= 3; /* no decimals any more */
    }
}

/* In units of sqrt(S_aa S_bb). Double-double: a value of 5000 (x2) is good to
 * 2^-106, 1e-30 of a spread of 58, at random over the rows. Double: u = 1.1e-16,
 * chains of 1024 additions at random, 3e-15, and products rounded once. */
static void cross_products_agree_with_quadruple_precision(void **state)
{
    (void)state;
    static __float128 wanted[COLUMNS * COLUMNS];
    double worst[2] = {0, 0};
    for (int problem = 0; problem < 12; problem++) {
        const int weighted = problem % 2, broken = problem / 2 % 2;
        rows *r = rows_new(200 + 233 * problem, (uint64_t)(100 + problem));
        r->design.cluster = problem % 3 ? &r->council_column : NULL;
        random_rows(r, weighted, broken);
        for (int precision = SY_PRECISION_DOUBLE; precision <= SY_PRECISION_TWOFOLD; precision++) {
            const int printed = precision == SY_PRECISION_TWOFOLD && !broken;
            const double sum = (double)twin(r, printed, wanted);
            sy_moments m = rows_moments(r,
                                        problem % 3 == 0   ? SY_UNIT_NONE
                                        : problem % 3 == 1 ? SY_UNIT_CLUSTER
                                                           : SY_UNIT_ROW,
                                        (sy_precision)precision, 1, 2);
            syi_dd *found = rows_centred(&m);
            const double d = apart(found, wanted);
            assert_true(fabs(m.sum_w - sum) <= 1e-15 * sum);
            if (d > worst[precision - 1]) worst[precision - 1] = d;
            free(found);
            sy_moments_free(&m);
        }
        free(r);
    }
    print_message("worst entry, in units of sqrt(S_aa S_bb): double %.2g, double-double %.2g\n", worst[0], worst[1]);
    assert_true(worst[0] < 1e-14);
    assert_true(worst[1] < 2e-30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cross_products_agree_with_quadruple_precision),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
