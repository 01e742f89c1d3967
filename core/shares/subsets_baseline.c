/* The subset tree for any processor: two lanes a vector, products and sums
 * rounded apart (a fused step without hardware costs a hundred times more).
 * Agrees with the other targets to rounding, not to the bit.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#define WIDTH 2
#define TARGET
#define FUSED 0
#define FMA(a, b, c) ((a) * (b) + (c))
#define FNMA(a, b, c) ((c) - (a) * (b))
#define KERNEL syi_tree_baseline
#include "shares/subsets_kernel.h"
