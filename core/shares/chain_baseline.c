/* Orders of entry side by side for any processor: two lanes a vector, products and
 * sums rounded apart. Agrees with the other targets to rounding, not to the bit.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#define WIDTH 2
#define TARGET
#define FUSED 0
#define FMA(a, b, c) ((a) * (b) + (c))
#define FNMA(a, b, c) ((c) - (a) * (b))
#define GATHER(base, index) ((vec){(base)[(index)[0]], (base)[(index)[1]]})
#define KERNEL syi_chain_baseline
#include "shares/chain_kernel.h"
