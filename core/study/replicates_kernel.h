/* The body of the sums of replicates, for one target: sixteen replicates by six
 * products, PAIR registers at a time; each sum runs over the units in order, with
 * one fused multiply-add a unit, so every width gives the same bits.
 * SPDX-License-Identifier: GPL-3.0-only */

#define ADD(k)                                                                                                         \
    do {                                                                                                               \
        const VEC load = BROADCAST(u[k]);                                                                              \
        low##k = FMA(load, first, low##k);                                                                             \
        high##k = FMA(load, second, high##k);                                                                          \
    } while (0)
#define PUT(k)                                                                                                         \
    do {                                                                                                               \
        STORE(out + (k) * AT_ONCE + from, low##k);                                                                     \
        STORE(out + (k) * AT_ONCE + from + WIDTH, high##k);                                                            \
    } while (0)

TARGET static void KERNEL(size_t n, const double *times, const double *products, double *out)
{
    for (int from = 0; from < AT_ONCE; from += 2 * WIDTH) {
        VEC low0 = BROADCAST(0), low1 = low0, low2 = low0, low3 = low0, low4 = low0, low5 = low0;
        VEC high0 = low0, high1 = low0, high2 = low0, high3 = low0, high4 = low0, high5 = low0;
        const double *t = times + from, *u = products;
        for (size_t g = 0; g < n; g++, t += AT_ONCE, u += TOGETHER) {
            const VEC first = LOAD(t), second = LOAD(t + WIDTH);
            ADD(0);
            ADD(1);
            ADD(2);
            ADD(3);
            ADD(4);
            ADD(5);
        }
        PUT(0);
        PUT(1);
        PUT(2);
        PUT(3);
        PUT(4);
        PUT(5);
    }
}

#undef ADD
#undef PUT
