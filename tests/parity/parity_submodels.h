/* Submodels, commonality and dominance for parity.c.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "parity_flips.h"

static void submodels_of(const char *name, const sy_moments *m, const sy_question *q)
{
    enum { MANY = 5, SETS = 1 << MANY, PAIRS = MANY * (MANY - 1) / 2 };
    static const char *const kinds[] = {"complete", "conditional", "general"};
    static double table[SY_N_SUBMODEL * SETS], by_size[MANY * MANY], general[MANY];
    static double pairs[PAIRS][SY_N_DOMINANCE][SY_N_PAIR], again[PAIRS][SY_N_DOMINANCE][SY_N_REPRODUCED];
    int32_t set[SETS];
    const int n = q->n_blocks, sets = 1 << n;
    int kept = 0;
    sy_context ctx;
    sy_dominance_options o;
    sy_context_init(&ctx);
    sy_dominance_defaults(&o);
    if (sy_submodels(&ctx, m, q, SY_PLAYERS_BLOCKS, table, set) < 0) die(&ctx);
    for (int i = 0; i < sets; i++) {
        const double row[] = {table[i], table[sets + i], table[2 * sets + i], table[3 * sets + i]};
        show(name, "submodel", 4, row);
    }
    if (sy_commonality(&ctx, m, q, SY_PLAYERS_TERMS, n, table, set) < 0) die(&ctx);
    for (int i = 0; i < sets - 1; i++) {
        const double row[] = {table[i], table[sets - 1 + i]};
        show(name, "common", 2, row);
    }
    if (sy_dominance(&ctx, m, q, &o, by_size, general, &pairs[0][0][0]) < 0) die(&ctx);
    for (int i = 0; i < n; i++)
        for (int size = 0; size < n; size++) {
            const double row[] = {by_size[size * n + i], general[i]};
            show(name, "contribution", 2, row);
        }
    if (m->unit != SY_UNIT_NONE && sy_dominance_reproduced(&ctx, m, q, &o, 50, 5, &again[0][0][0], &kept) < 0)
        die(&ctx);
    for (int kind = 0; kind < SY_N_DOMINANCE; kind++)
        for (int pair = 0; pair < n * (n - 1) / 2; pair++) {
            show(name, kinds[kind], SY_N_PAIR, pairs[pair][kind]);
            if (m->unit != SY_UNIT_NONE) show(name, "reproduced", SY_N_REPRODUCED, again[pair][kind]);
        }
    flips_of(name, m, q);
    sy_context_free(&ctx);
}
