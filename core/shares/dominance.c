/* Dominance of one player over another, from the R2 of all submodels.
 *
 * Player i dominates player j
 *   completely     when v(S + i) >= v(S + j) for every S that lacks both,
 *   conditionally  when c_i(s) >= c_j(s) for every s, c_i(s) the average of
 *                  v(S + i) - v(S) over all S of s players that lack i,
 *   generally      when the average of c_i(s) over s, its Shapley value, is no
 *                  less than that of j,
 * and the inequality is strict somewhere; D is then 1 for i over j and 0 for j
 * over i, and 0.5 when neither can be said. Two numbers that differ by no more than
 * the tolerance are tied: R2 right to the last digit still leaves equal predictors
 * 1e-16 apart. Beside D stands the part of the comparisons that each side wins,
 * which tells one exception among 256 from an even split.
 *
 * Cost: T^2 / 8 comparisons a submodel.
 *
 * Budescu 1993, doi:10.1037/0033-2909.114.3.542; Azen & Budescu 2003,
 * doi:10.1037/1082-989X.8.2.129.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "shares/submodels_internal.h"
#include <math.h>

void sy_dominance_defaults(sy_dominance_options *options)
{
    *options = (sy_dominance_options){.players = SY_PLAYERS_BLOCKS, .tolerance = 1e-10};
}

sy_status syi_dominance_check(sy_context *ctx, const sy_question *question, const sy_dominance_options *options)
{
    if (!(options->tolerance >= 0 && options->tolerance < 1))
        return syi_fail(ctx, SY_EINVAL, "tolerance: %g is not between 0 and 1", options->tolerance);
    if (sy_submodels_players(question, options->players) < 2)
        return syi_fail(ctx, SY_EINVAL, "players: there is one %s; dominance compares two or more",
                        options->players == SY_PLAYERS_TERMS ? "term" : "block");
    return SY_OK;
}

typedef struct {
    double first, second, comparisons;
} tally;

static void compare(double a, double b, double tolerance, tally *t)
{
    t->first += a - b > tolerance;
    t->second += b - a > tolerance;
    t->comparisons += 1;
}

static void tell(const tally *t, double *out)
{
    const double tied = t->comparisons - t->first - t->second;
    out[SY_PAIR_FIRST] = t->first / t->comparisons;
    out[SY_PAIR_SECOND] = t->second / t->comparisons;
    out[SY_PAIR_TIED] = tied / t->comparisons;
    out[SY_PAIR_VALUE] = t->first > 0 && t->second == 0 ? 1 : t->second > 0 && t->first == 0 ? 0 : 0.5;
}

/* Over all S without i and j: the bits of the number s, spread around i < j. */
static tally complete(int n, const double *value, double tolerance, int i, int j)
{
    const size_t low = ((size_t)1 << i) - 1, middle = ((size_t)1 << (j - 1)) - 1;
    tally t = {0, 0, (double)((size_t)1 << (n - 2))};
    size_t first = 0, second = 0;
    for (size_t s = 0; s < (size_t)1 << (n - 2); s++) {
        const size_t set = (s & low) | (s & middle & ~low) << 1 | (s & ~middle) << 2;
        const double d = value[set | (size_t)1 << i] - value[set | (size_t)1 << j];
        first += d > tolerance;
        second += d < -tolerance;
    }
    t.first = (double)first;
    t.second = (double)second;
    return t;
}

static void averages(int n, const double *value, double *by_size, double *general)
{
    const size_t count = (size_t)1 << n;
    for (int i = 0; i < n; i++) {
        double subsets = 1;
        for (int size = 0; size < n; size++) by_size[size * n + i] = 0;
        for (size_t s = 0; s < count; s++)
            if (!(s >> i & 1)) by_size[syi_bits(s) * n + i] += value[s | (size_t)1 << i] - value[s];
        general[i] = 0;
        for (int size = 0; size < n; size++) {
            by_size[size * n + i] /= subsets;
            general[i] += by_size[size * n + i];
            subsets = subsets * (n - 1 - size) / (size + 1);
        }
        general[i] /= n;
    }
}

sy_status syi_dominance_of(sy_context *ctx, int n, const double *value, double tolerance, double *by_size,
                           double *general, double *pairs)
{
    sy_status status = SY_OK;
    averages(n, value, by_size, general);
    for (int i = 0; i < n && !status; i++) {
        for (int j = i + 1; j < n; j++, pairs += SY_N_DOMINANCE * SY_N_PAIR) {
            const tally all = complete(n, value, tolerance, i, j);
            tally sizes = {0}, one = {0};
            for (int s = 0; s < n; s++) compare(by_size[s * n + i], by_size[s * n + j], tolerance, &sizes);
            compare(general[i], general[j], tolerance, &one);
            tell(&all, pairs + SY_DOMINANCE_COMPLETE * SY_N_PAIR);
            tell(&sizes, pairs + SY_DOMINANCE_CONDITIONAL * SY_N_PAIR);
            tell(&one, pairs + SY_DOMINANCE_GENERAL * SY_N_PAIR);
        }
        status = syi_submodels_poll(ctx);
    }
    return status;
}

sy_status sy_dominance(sy_context *ctx, const sy_moments *m, const sy_question *question,
                       const sy_dominance_options *options, double *by_size, double *general, double *pairs)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    syi_submodels s = {0};
    sy_status status = syi_dominance_check(ctx, question, options);
    if (!status) status = syi_submodels_init(ctx, m, question, options->players, &s);
    if (!status) status = syi_dominance_of(ctx, s.n_players, s.value, options->tolerance, by_size, general, pairs);
    syi_submodels_free(&s);
    return status ? status : syi_status_of_remarks(ctx, first);
}
