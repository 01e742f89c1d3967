/* Increments of one player over all submodels that lack it.
 *
 * The tables are read once a player, in runs as long as the player's bit; low
 * bits are gathered from eight neighbouring entries. Four or eight lanes, added
 * as a fixed tree.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "shares/increments_internal.h"
#include <math.h>
#include <string.h>

typedef double v4 __attribute__((vector_size(32), aligned(8)));
typedef long long v4i __attribute__((vector_size(32)));

typedef struct {
    v4 share, adjusted, least, most;
} accumulator;

#define LOAD(p) (*(const v4 *)(const void *)(p))
/* Macros, for a function would pass vectors that the baseline has no registers for */
#define WITHOUT(bit, a, b)                                                                                             \
    ((bit) == 0   ? __builtin_shufflevector(a, b, 0, 2, 4, 6)                                                          \
     : (bit) == 1 ? __builtin_shufflevector(a, b, 0, 1, 4, 5)                                                          \
                  : (a))
#define WITH(bit, a, b)                                                                                                \
    ((bit) == 0   ? __builtin_shufflevector(a, b, 1, 3, 5, 7)                                                          \
     : (bit) == 1 ? __builtin_shufflevector(a, b, 2, 3, 6, 7)                                                          \
                  : (b))

#define ADD(a, weight, low, high, low_adjusted, high_adjusted)                                                         \
    do {                                                                                                               \
        const v4 w_ = (weight), d_ = (high) - (low);                                                                   \
        const v4i less_ = OCCURS(w_, d_ < (a).least), more_ = OCCURS(w_, d_ > (a).most);                               \
        (a).share += w_ * d_;                                                                                          \
        (a).adjusted += w_ * ((high_adjusted) - (low_adjusted));                                                       \
        (a).least = (v4)(((v4i)d_ & less_) | ((v4i)(a).least & ~less_));                                               \
        (a).most = (v4)(((v4i)d_ & more_) | ((v4i)(a).most & ~more_));                                                 \
    } while (0)

#define WEIGHT(before, after) (before)
#define OCCURS(weight, mask) (mask)
#define TARGET
#define LONG_RUNS long_runs_baseline
#define EIGHT_ENTRIES eight_entries_baseline
#define SHORT_RUNS short_runs_baseline
#include "shares/increments_kernel.h"
#undef LONG_RUNS
#undef SHORT_RUNS
#undef EIGHT_ENTRIES
#undef WEIGHT
#undef OCCURS
#define WEIGHT(before, after) ((before) * (after))
#define OCCURS(weight, mask) ((mask) & ((weight) > 0))
#define LONG_RUNS bound_long_baseline
#define EIGHT_ENTRIES bound_eight_baseline
#define SHORT_RUNS bound_short_baseline
#include "shares/increments_kernel.h"
#undef TARGET
#undef LONG_RUNS
#undef SHORT_RUNS
#undef EIGHT_ENTRIES

#ifdef SYI_HAVE_X86
#define TARGET SYI_TARGET_AVX2
#define LONG_RUNS bound_long_avx2
#define EIGHT_ENTRIES bound_eight_avx2
#define SHORT_RUNS bound_short_avx2
#include "shares/increments_kernel.h"
#undef LONG_RUNS
#undef SHORT_RUNS
#undef EIGHT_ENTRIES
#undef WEIGHT
#undef OCCURS
#define WEIGHT(before, after) (before)
#define OCCURS(weight, mask) (mask)
#define LONG_RUNS long_runs_avx2
#define EIGHT_ENTRIES eight_entries_avx2
#define SHORT_RUNS short_runs_avx2
#include "shares/increments_kernel.h"
#endif

static syi_increments finish(const accumulator *a, int used)
{
    syi_increments out = {0, 0, INFINITY, -INFINITY};
    double share[8] = {0}, adjusted[8] = {0};
    for (int l = 0; l < 4 * used; l++) {
        const accumulator *from = &a[l / 4];
        share[l] = from->share[l % 4];
        adjusted[l] = from->adjusted[l % 4];
        out.lowest = fmin(out.lowest, from->least[l % 4]);
        out.highest = fmax(out.highest, from->most[l % 4]);
    }
    out.share = ((share[0] + share[4]) + (share[2] + share[6])) + ((share[1] + share[5]) + (share[3] + share[7]));
    out.adjusted = ((adjusted[0] + adjusted[4]) + (adjusted[2] + adjusted[6])) +
                   ((adjusted[1] + adjusted[5]) + (adjusted[3] + adjusted[7]));
    return out;
}

/* Two players or one: fewer entries than lanes. */
static syi_increments few(int players, int bit, const double *w, const double *f, const double *v, const double *u)
{
    syi_increments out = {0, 0, INFINITY, -INFINITY};
    for (int s = 0; s < 1 << players; s++) {
        if (s >> bit & 1) continue;
        const double d = v[s | 1 << bit] - v[s], weight = f ? w[s] * f[s | 1 << bit] : w[s];
        out.share += weight * d;
        out.adjusted += weight * (u[s | 1 << bit] - u[s]);
        if (!(weight > 0)) continue;
        out.lowest = fmin(out.lowest, d);
        out.highest = fmax(out.highest, d);
    }
    return out;
}

static void run_baseline(int bit, size_t count, const double *w, const double *f, const double *v, const double *u,
                         accumulator *a)
{
    const size_t step = (size_t)1 << bit;
    if (bit < 3 && f) bound_short_baseline(bit, count, w, f, v, u, a);
    else if (bit < 3) short_runs_baseline(bit, count, w, f, v, u, a);
    else if (f) bound_long_baseline(count, step, w, f, v, u, a);
    else long_runs_baseline(count, step, w, f, v, u, a);
}

#ifdef SYI_HAVE_X86
static void run_avx2(int bit, size_t count, const double *w, const double *f, const double *v, const double *u,
                     accumulator *a)
{
    const size_t step = (size_t)1 << bit;
    if (bit < 3 && f) bound_short_avx2(bit, count, w, f, v, u, a);
    else if (bit < 3) short_runs_avx2(bit, count, w, f, v, u, a);
    else if (f) bound_long_avx2(count, step, w, f, v, u, a);
    else long_runs_avx2(count, step, w, f, v, u, a);
}
#endif

syi_increments syi_increments_of(int simd, int players, int bit, const double *weight, const double *after,
                                 const double *value, const double *adjusted)
{
    const size_t count = (size_t)1 << players;
    if (players < 3) return few(players, bit, weight, after, value, adjusted);
    const v4 zero = {0}, most = {-INFINITY, -INFINITY, -INFINITY, -INFINITY};
    accumulator a[2] = {{zero, zero, -most, most}, {zero, zero, -most, most}};
#ifdef SYI_HAVE_X86
    const int widest = syi_simd_widest();
    if ((simd < widest ? simd : widest) >= SYI_AVX2) {
        run_avx2(bit, count, weight, after, value, adjusted, a);
        return finish(a, bit < 3 ? 1 : 2);
    }
#endif
    (void)simd;
    run_baseline(bit, count, weight, after, value, adjusted, a);
    return finish(a, bit < 3 ? 1 : 2);
}
