/* One target's chains, for plain and double-double numbers. The file that
 * includes this defines what subsets_lanes.h asks for, GATHER(base, index), which
 * reads base[index] in each lane, and KERNEL, the name of the function.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/parallel_internal.h"
#include "shares/chain_internal.h"
#include "shares/subsets_lanes.h"

typedef int lane_index __attribute__((vector_size(WIDTH * 4)));

INLINE lane_index load_index(const int *a)
{
    lane_index v;
    memcpy(&v, a, sizeof v);
    return v;
}

enum { SYI_CHAIN_POLLED = 128 }; /* from here on a chain is long enough to ask whether to stop */

/* Entry (i, j) of each lane's permuted matrix. */
INLINE num_plain read_plain(const syi_chain *c, int pass, int i, int j)
{
    const int *place = c->place + pass * WIDTH;
    return GATHER(c->plain, load_index(place + i * SYI_LANES) * c->order + load_index(place + j * SYI_LANES));
}

INLINE num_twofold read_twofold(const syi_chain *c, int pass, int i, int j)
{
    const int *place = c->place + pass * WIDTH;
    const lane_index at = 2 * (load_index(place + i * SYI_LANES) * c->order + load_index(place + j * SYI_LANES));
    return (num_twofold){GATHER(&c->matrix->hi, at), GATHER(&c->matrix->hi, at + 1)};
}

#define NUM plain
#include "shares/chain_walk.h"
#undef NUM
#define NUM twofold
#include "shares/chain_walk.h"
#undef NUM

int KERNEL(const syi_chain *chain)
{
    return (chain->guarded ? chain_twofold : chain_plain)(chain);
}
