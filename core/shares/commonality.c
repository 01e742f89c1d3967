/* Commonality coefficients of every set of players.
 *
 * The explained variance is a sum of parts c(A), one for each set A of players:
 * what exactly those have in common,
 *   v(S) = sum of c(A) over all A that meet S.
 * Then u(S) = v(all) - v(all but S), what S explains uniquely, is the sum of c(A)
 * over A within S, and Moebius inversion gives
 *   c(A) = sum over B within A of (-1)^(|A| - |B|) u(B),
 * all 2^T at once by one pass of subtractions a player (the fast transform of
 * Yates 1937). They are the coefficients of Mood and of Seibold & McPhee, whose
 * rule expands -(product over A of (1 - x_i)) (product outside A of x_j).
 *
 * A coefficient of k players is a signed sum of 2^k R2, so rounding could grow
 * that much: v is right to the last digit (the guarded tree) and the subtractions
 * are double-double, which leaves at most 2^k 2^-54.
 *
 * Cost: T 2^(T - 1) double-double subtractions.
 *
 * Mood 1971, doi:10.2307/1162175; Seibold & McPhee 1979,
 * doi:10.1111/j.1468-2958.1979.tb00649.x; Nimon, Lewis, Kane & Haynes 2008,
 * doi:10.3758/BRM.40.2.457.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "shares/submodels_internal.h"
#include <math.h>

static sy_status invert(sy_context *ctx, int players, syi_dd *u)
{
    const size_t count = (size_t)1 << players;
    sy_status status = SY_OK;
    for (int i = 0; i < players && !status; i++) {
        const size_t bit = (size_t)1 << i;
        for (size_t base = 0; base < count; base += 2 * bit)
            for (size_t s = base; s < base + bit; s++) u[s + bit] = syi_dd_sub(u[s + bit], u[s]);
        status = syi_submodels_poll(ctx);
    }
    return status;
}

sy_status sy_commonality(sy_context *ctx, const sy_moments *m, const sy_question *question, sy_players players,
                         int most, double *table, int32_t *set)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    syi_submodels s = {0};
    syi_dd *u = NULL;
    sy_status status = most < 1 ? syi_fail(ctx, SY_EINVAL, "order: %d, at least 1 is needed", most) : SY_OK;
    if (!status) status = syi_submodels_init(ctx, m, question, players, &s);
    if (status) goto out;
    u = syi_alloc(s.count, sizeof *u);
    if (!u) {
        status = syi_fail(ctx, SY_ENOMEM, "players: no room for 2^%d coefficients", s.n_players);
        goto out;
    }
    const size_t all = s.count - 1;
    const double total = s.value[all];
    for (size_t a = 0; a <= all; a++) u[a] = syi_two_sum(total, -s.value[all ^ a]);
    status = invert(ctx, s.n_players, u);
    if (status) goto out;
    const size_t rows = (size_t)sy_submodels_sets(s.n_players, most);
    syi_submodels_list(s.n_players, most, set);
    for (size_t i = 0; i < rows; i++) {
        const double c = syi_dd_round(u[set[i]]);
        table[SY_COMMONALITY_COEFFICIENT * rows + i] = c;
        table[SY_COMMONALITY_PERCENT * rows + i] = total > 0 ? 100 * c / total : NAN;
    }
out:
    SYI_FREE(u);
    syi_submodels_free(&s);
    return status ? status : syi_status_of_remarks(ctx, first);
}
