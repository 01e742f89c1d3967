/* The body of syi_extremes for one target: VEC of WIDTH doubles, LEAST and MOST
 * of two vectors, WITHOUT and WITH, which pick from two vectors the entries
 * without or with the player on a bit below log2 WIDTH. Two accumulators each, for a
 * minimum waits four cycles for the one before.
 * SPDX-License-Identifier: GPL-3.0-only */
#define LOAD(p) (*(const VEC *)(const void *)(p))

/* Runs of WIDTH entries and more. */
TARGET static void LONG_RUNS(size_t count, size_t step, const double *v, double *least, double *most)
{
    VEC low[2] = {LOAD(least), LOAD(least)}, high[2] = {LOAD(most), LOAD(most)};
    const size_t second = step > WIDTH ? WIDTH : 2 * step, stride = step > WIDTH ? 2 * WIDTH : WIDTH;
    const size_t hop = step > WIDTH ? 2 * step : 4 * step;
    for (size_t base = 0; base < count; base += hop)
        for (size_t s = base; s < base + step; s += stride) {
            const VEC a = LOAD(v + s + step) - LOAD(v + s), b = LOAD(v + s + second + step) - LOAD(v + s + second);
            low[0] = LEAST(low[0], a);
            high[0] = MOST(high[0], a);
            low[1] = LEAST(low[1], b);
            high[1] = MOST(high[1], b);
        }
    *(VEC *)(void *)least = LEAST(low[0], low[1]);
    *(VEC *)(void *)most = MOST(high[0], high[1]);
}

TARGET static inline __attribute__((always_inline)) void SHORT_RUN(int bit, size_t count, const double *v,
                                                                   double *least, double *most)
{
    VEC low = LOAD(least), high = LOAD(most);
    for (size_t s = 0; s < count; s += 2 * WIDTH) {
        const VEC a = LOAD(v + s), b = LOAD(v + s + WIDTH);
        const VEC d = WITH(bit, a, b) - WITHOUT(bit, a, b);
        low = LEAST(low, d);
        high = MOST(high, d);
    }
    *(VEC *)(void *)least = low;
    *(VEC *)(void *)most = high;
}

TARGET static void SHORT_RUNS(int bit, size_t count, const double *v, double *least, double *most)
{
    if (bit == 0) SHORT_RUN(0, count, v, least, most);
    else if (bit == 1) SHORT_RUN(1, count, v, least, most);
    else SHORT_RUN(2, count, v, least, most);
}
#undef LOAD
#undef VEC
#undef WIDTH
#undef TARGET
#undef LEAST
#undef MOST
#undef WITHOUT
#undef WITH
#undef LONG_RUNS
#undef SHORT_RUN
#undef SHORT_RUNS
