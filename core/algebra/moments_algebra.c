/* What is read from a set of moments: re-weighted totals, delete-one sums,
 * centred cross-products.
 *
 * All of it is linear in the units, so a bootstrap, a jackknife or a by-group
 * answer costs q^2 / 2 a unit and nothing a row. Centring is
 * S_ab = M_ab - M_0a M_0b / M_00 in double-double; the shift has taken off the
 * bulk of the mean beforehand, so little cancels.
 * [Chan, Golub & LeVeque 1983, doi:10.1080/00031305.1983.10483115]
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/lanes_internal.h"
#include "algebra/moments_internal.h"
#include <string.h>

void syi_moments_total(const sy_moments *m, const double *multiplier, syi_sums *out)
{
    const size_t length = syi_packed_length(m->n_columns);
    const int simd = syi_simd_widest();
    syi_dd n = syi_dd_of(0), sum_w2 = syi_dd_of(0);
    memset(out->hi, 0, length * sizeof(double));
    memset(out->lo, 0, length * sizeof(double));
    for (ptrdiff_t g = 0; g < m->n_units; g++) {
        const double f = multiplier ? multiplier[g] : 1;
        const size_t at = (size_t)g * length;
        if (f == 0) continue;
        syi_lanes_add(simd, length, f, m->hi + at, m->lo ? m->lo + at : NULL, out->hi, out->lo);
        n = syi_dd_add(n, syi_two_product(f, m->unit_n[g]));
        sum_w2 = syi_dd_add(sum_w2, syi_two_product(f, m->unit_sum_w2[g]));
    }
    out->n = syi_dd_round(n);
    out->sum_w2 = syi_dd_round(sum_w2);
}

void syi_moments_without(const sy_moments *m, const syi_sums *total, ptrdiff_t g, double part, syi_sums *out)
{
    const size_t length = syi_packed_length(m->n_columns), at = (size_t)g * length;
    if (out->hi != total->hi) {
        memcpy(out->hi, total->hi, length * sizeof(double));
        memcpy(out->lo, total->lo, length * sizeof(double));
    }
    syi_lanes_add(syi_simd_widest(), length, -part, m->hi + at, m->lo ? m->lo + at : NULL, out->hi, out->lo);
    out->n = total->n - part * m->unit_n[g];
    out->sum_w2 = total->sum_w2 - part * m->unit_sum_w2[g];
}

static syi_dd entry(const double *hi, const double *lo, int q, int i, int j)
{
    const size_t at = i <= j ? syi_packed_at(q, i, j) : syi_packed_at(q, j, i);
    return (syi_dd){hi[at], lo ? lo[at] : 0};
}

void syi_moments_centred(const sy_moments *m, const syi_sums *sums, int k, const int *column, syi_dd *out)
{
    const int q = m->n_columns;
    const syi_dd weight = entry(sums->hi, sums->lo, q, 0, 0);
    for (int a = 0; a < k; a++) {
        const syi_dd mean = syi_dd_div(entry(sums->hi, sums->lo, q, 0, column[a] + 1), weight);
        for (int b = a; b < k; b++) {
            const syi_dd sum = entry(sums->hi, sums->lo, q, 0, column[b] + 1);
            const syi_dd raw = entry(sums->hi, sums->lo, q, column[a] + 1, column[b] + 1);
            out[a * k + b] = out[b * k + a] = syi_dd_sub(raw, syi_dd_mul(mean, sum));
        }
    }
}

int syi_moments_constant_within(const sy_moments *m, int column)
{
    const int q = m->n_columns;
    if (m->unit != SY_UNIT_CLUSTER) return 0;
    for (ptrdiff_t g = 0; g < m->n_units; g++) {
        const size_t at = (size_t)g * syi_packed_length(q);
        const double *hi = m->hi + at, *lo = m->lo ? m->lo + at : NULL;
        const syi_dd sum = entry(hi, lo, q, 0, column + 1), raw = entry(hi, lo, q, column + 1, column + 1);
        const syi_dd mean = syi_dd_div(sum, entry(hi, lo, q, 0, 0));
        /* what the roundings of a chain of additions can leave */
        const double unit = m->twofold ? 0x1p-104 : 0x1p-52, noise = unit * (8 + m->unit_rows[g]) * raw.hi;
        if (syi_dd_sub(raw, syi_dd_mul(mean, sum)).hi > noise) return 0;
    }
    return 1;
}
