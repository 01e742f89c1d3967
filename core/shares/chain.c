/* What each column adds when the columns enter in a given order, for eight
 * orders at once.
 *
 * With the permuted matrix A = L D L' and z the outcome's row of L D, the column
 * that enters i-th adds z_i^2 / D_i to R2: one factorisation tells the whole
 * path from nothing to the full model [Castro, Gomez & Tejada 2009,
 * doi:10.1016/j.cor.2008.04.004, for sampling by whole orders]. The lanes of a
 * vector hold eight orders, so that pivots and guards never part
 * them.
 *
 * Accuracy as the tree's: plain double loses about VIF_max roundings; the
 * guarded chain works in double-double and passes over a column whose pivot is
 * below the floor, which then adds nothing in that order.
 *
 * Cost: k^3 / 6 multiply-adds an order, k^2 / 2 entries gathered; memory k^2 / 2
 * numbers of eight lanes.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "shares/chain_internal.h"

size_t syi_chain_room(int order, int guarded)
{
    const size_t n = (size_t)order, numbers = n * (n + 1) / 2 + 3 * n;
    return numbers * SYI_CHAIN_LANES * (guarded ? 2 : 1);
}

double syi_chain_seconds(int order, int guarded)
{
    const double k = order - 1, entry = guarded ? 5e-9 : 3e-9, step = guarded ? 5e-9 : 0.4e-9;
    return 2e-7 + entry * k * (k + 1) / 2 + step * k * (k + 1) * (k + 2) / 6;
}

int syi_chain_run(int simd, const syi_chain *chain)
{
    const int widest = syi_simd_widest(), width = simd < widest ? simd : widest;
#ifdef SYI_HAVE_X86
    if (width == SYI_AVX512) return syi_chain_avx512(chain);
    if (width == SYI_AVX2) return syi_chain_avx2(chain);
#endif
    (void)width;
    return syi_chain_baseline(chain);
}
