/* One target's kernels: the walk for plain and double-double numbers, for the
 * table and for one or two weight tables, and the choice among them. The file
 * that includes this defines what subsets_lanes.h asks for, and KERNEL, the
 * name of the function.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "shares/subsets_lanes.h"

#define NUM plain
#define WEIGHTS 0
#include "shares/subsets_walk.h"
#undef WEIGHTS
#define WEIGHTS 1
#include "shares/subsets_walk.h"
#undef WEIGHTS
#define WEIGHTS 2
#include "shares/subsets_walk.h"
#undef WEIGHTS
#undef NUM

#define NUM twofold
#define WEIGHTS 0
#include "shares/subsets_walk.h"
#undef WEIGHTS
#define WEIGHTS 1
#include "shares/subsets_walk.h"
#undef WEIGHTS
#define WEIGHTS 2
#include "shares/subsets_walk.h"
#undef WEIGHTS
#undef NUM

TARGET void KERNEL(syi_tree_walk *walk)
{
    static void (*const tree[2][3])(syi_tree_walk *) = {{tree_plain_0, tree_plain_1, tree_plain_2},
                                                   {tree_twofold_0, tree_twofold_1, tree_twofold_2}};
    tree[walk->plan->game->guarded != 0][walk->n_weights](walk);
}
