/* Rows turned into a triangle by Householder reflections.
 *
 * For column j, the reflection of (R_jj, B_j) onto (alpha, 0), alpha =
 * -sign(R_jj) |(R_jj, B_j)|, with v = (R_jj - alpha, B_j) and beta = 1 /
 * (alpha (alpha - R_jj)): every later column k moves by -beta (v'x_k) v, which
 * touches R_jk and B_k alone, because the other rows of the triangle are zero
 * in column j. Afterwards R'R holds the rows of B as well, and B is spent; so
 * memory is a tile and a triangle whatever n, and triangles of blocks of rows
 * merge by the same step. The triangle itself and all scalars are double-
 * double in either precision: only dots and steps along the rows are in
 * double, which keeps the errors of thousands of tiles from adding up.
 * Conditions: columns of ordinary size (the caller scales by powers of two).
 * Cost: 2 n p^2 multiply-adds, 10 times the operations in double-double.
 * Golub & Van Loan 2013, Matrix Computations, section 5.3; Demmel, Grigori,
 * Hoemmen & Langou 2012, doi:10.1137/080731992.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "models/vcov/turn_internal.h"

enum { LANES = 8 };

/* Squares below this are the roundings of roundings that an aliased column
 * leaves tile after tile; their inverse would overflow. */
static const double nothing = 0x1p-700;

#define SYI_KERNEL "models/vcov/turn_kernel.h"
#include "algebra/widths.h"

typedef struct {
    int simd, rows;
    ptrdiff_t step;
    double *hi, *lo;
} tile;

static syi_dd pair(const double *s, const double *c, int i, int j)
{
    return syi_dd_add(syi_two_sum(s[i], c[i]), syi_two_sum(s[j], c[j]));
}

static syi_dd dot_twofold(const tile *t, ptrdiff_t a, ptrdiff_t b)
{
    double s[LANES] __attribute__((aligned(64))), c[LANES] __attribute__((aligned(64)));
    const double *x = t->hi + a * t->step, *y = t->hi + b * t->step;
    const double *xl = t->lo + a * t->step, *yl = t->lo + b * t->step;
#ifdef SYI_HAVE_X86
    if (t->simd == SYI_AVX512) dot_twofold_avx512(t->rows, x, xl, y, yl, s, c);
    else if (t->simd == SYI_AVX2) dot_twofold_avx2(t->rows, x, xl, y, yl, s, c);
    else
#endif
        dot_twofold_baseline(t->rows, x, xl, y, yl, s, c);
    return syi_dd_add(syi_dd_add(pair(s, c, 0, 1), pair(s, c, 2, 3)), syi_dd_add(pair(s, c, 4, 5), pair(s, c, 6, 7)));
}

static syi_dd dot_double(const tile *t, ptrdiff_t a, ptrdiff_t b)
{
    double s[LANES] __attribute__((aligned(64)));
    const double *x = t->hi + a * t->step, *y = t->hi + b * t->step;
#ifdef SYI_HAVE_X86
    if (t->simd == SYI_AVX512) dot_double_avx512(t->rows, x, y, s);
    else if (t->simd == SYI_AVX2) dot_double_avx2(t->rows, x, y, s);
    else
#endif
        dot_double_baseline(t->rows, x, y, s);
    return syi_dd_of(((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7])));
}

static syi_dd dot(const tile *t, ptrdiff_t a, ptrdiff_t b)
{
    return t->lo ? dot_twofold(t, a, b) : dot_double(t, a, b);
}

/* column b += f column a */
static void step(const tile *t, syi_dd f, ptrdiff_t a, ptrdiff_t b)
{
    const double *x = t->hi + a * t->step, *xl = t->lo ? t->lo + a * t->step : NULL;
    double *y = t->hi + b * t->step, *yl = t->lo ? t->lo + b * t->step : NULL;
#ifdef SYI_HAVE_X86
    if (t->simd == SYI_AVX512) {
        if (yl) step_twofold_avx512(t->rows, f, x, xl, y, yl);
        else step_double_avx512(t->rows, f.hi, x, y);
        return;
    }
    if (t->simd == SYI_AVX2) {
        if (yl) step_twofold_avx2(t->rows, f, x, xl, y, yl);
        else step_double_avx2(t->rows, f.hi, x, y);
        return;
    }
#endif
    if (yl) step_twofold_baseline(t->rows, f, x, xl, y, yl);
    else step_double_baseline(t->rows, f.hi, x, y);
}

void syi_turn(int simd, int order, syi_dd *r, int rows, ptrdiff_t column_step, double *hi, double *lo)
{
    const tile t = {simd, rows, column_step, hi, lo};
    for (int j = 0; j < order; j++) {
        syi_dd *row = r + (ptrdiff_t)j * order;
        const syi_dd below = dot(&t, j, j);
        if (!(below.hi > nothing)) continue;
        const syi_dd length = syi_dd_sqrt(syi_dd_add(syi_dd_mul(row[j], row[j]), below));
        const syi_dd alpha = row[j].hi > 0 ? syi_dd_neg(length) : length, first = syi_dd_sub(row[j], alpha);
        const syi_dd beta = syi_dd_div(syi_dd_of(1), syi_dd_mul(alpha, first));
        row[j] = alpha;
        for (int k = j + 1; k < order; k++) {
            const syi_dd along = syi_dd_add(syi_dd_mul(first, row[k]), dot(&t, j, k));
            const syi_dd f = syi_dd_mul(beta, along);
            row[k] = syi_dd_add(row[k], syi_dd_mul(f, first));
            step(&t, f, j, k);
        }
    }
}
