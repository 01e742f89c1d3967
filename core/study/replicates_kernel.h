/* The body of the sums of replicates, for one target: sixteen replicates by six
 * products, PAIR registers at a time; each sum runs over the units in order, with
 * one fused multiply-add a unit, on top of what stands in `out`, so every width
 * gives the same bits.
 * SPDX-License-Identifier: GPL-3.0-only */

#define ADD(k)                                                                                                         \
    do {                                                                                                               \
        const VEC load = BROADCAST(u[k]);                                                                              \
        low##k = FMA(load, first, low##k);                                                                             \
        high##k = FMA(load, second, high##k);                                                                          \
    } while (0)
#define TAKE(k) VEC low##k = LOAD(out + (k)*AT_ONCE + from), high##k = LOAD(out + (k)*AT_ONCE + from + WIDTH)
#define PUT(k)                                                                                                         \
    do {                                                                                                               \
        STORE(out + (k)*AT_ONCE + from, low##k);                                                                       \
        STORE(out + (k)*AT_ONCE + from + WIDTH, high##k);                                                              \
    } while (0)

TARGET static void KERNEL(size_t n, const double *times, const double *products, double *out)
{
    for (int from = 0; from < AT_ONCE; from += 2 * WIDTH) {
        TAKE(0);
        TAKE(1);
        TAKE(2);
        TAKE(3);
        TAKE(4);
        TAKE(5);
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
#undef TAKE
#undef PUT
