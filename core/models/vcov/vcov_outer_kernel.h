/* The body of syi_outer_add, for one target: K_DOWN columns of the left against
 * two vectors (or the last one) of columns of the right, sums in registers.
 * Defined outside: K_NAME, K_TARGET, K_V, K_WIDTH, K_DOWN, K_ROWS(f) = f(0) ...
 * f(K_DOWN - 1), K_LOAD, K_STORE, K_SET and K_MAC(a, b, c) = a b + c.
 * SPDX-License-Identifier: GPL-3.0-only */

/* where vector number one after a vector lies, in the sums */
#define K_NEXT (K_WIDTH == SYI_OUTER ? ENTRIES : K_WIDTH)
#define K_OPEN(i) K_V a##i = K_LOAD(acc + SYI_OUTER * (i)), b##i = K_LOAD(acc + SYI_OUTER * (i) + K_NEXT);
#define K_STEP(i)                                                                                                      \
    {                                                                                                                  \
        const K_V v_ = K_SET(x[i]);                                                                                    \
        a##i = K_MAC(v_, y0, a##i);                                                                                    \
        b##i = K_MAC(v_, y1, b##i);                                                                                    \
    }
#define K_CLOSE(i)                                                                                                     \
    K_STORE(acc + SYI_OUTER * (i), a##i);                                                                              \
    K_STORE(acc + SYI_OUTER * (i) + K_NEXT, b##i);
#define K_OPEN_ONE(i) K_V a##i = K_LOAD(acc + SYI_OUTER * (i));
#define K_STEP_ONE(i) a##i = K_MAC(K_SET(x[i]), y0, a##i);
#define K_CLOSE_ONE(i) K_STORE(acc + SYI_OUTER * (i), a##i);

K_TARGET static void K_NAME(pair)(ptrdiff_t wide, const double *left, const double *right, const int *row, int count,
                                  double *acc)
{
    K_ROWS(K_OPEN)
    for (int k = 0; k < count; k++) {
        const double *x = left + row[k] * wide, *y = right + row[k] * wide;
        const K_V y0 = K_LOAD(y), y1 = K_LOAD(y + K_WIDTH);
        K_ROWS(K_STEP)
    }
    K_ROWS(K_CLOSE)
}

#if K_WIDTH == SYI_OUTER_WIDEST
K_TARGET static void K_NAME(single)(ptrdiff_t wide, const double *left, const double *right, const int *row, int count,
                                    double *acc)
{
    K_ROWS(K_OPEN_ONE)
    for (int k = 0; k < count; k++) {
        const double *x = left + row[k] * wide;
        const K_V y0 = K_LOAD(right + row[k] * wide);
        K_ROWS(K_STEP_ONE)
    }
    K_ROWS(K_CLOSE_ONE)
}
#endif

K_TARGET static void K_NAME(outer)(int wide, const double *left, const double *right, const int *row, int count,
                                   double *acc)
{
    for (int i = 0; i < wide; i += SYI_OUTER)
#if K_WIDTH == SYI_OUTER_WIDEST
        for (int j = i; j < wide; j += 2 * K_WIDTH, acc += ENTRIES) {
            if (j + K_WIDTH == wide) {
                K_NAME(single)(wide, left + i, right + j, row, count, acc);
                continue;
            }
            K_NAME(pair)(wide, left + i, right + j, row, count, acc);
            acc += ENTRIES;
        }
#else
        for (int j = i; j < wide; j += SYI_OUTER, acc += ENTRIES)
            for (int down = 0; down < SYI_OUTER; down += K_DOWN)
                for (int across = 0; across < SYI_OUTER; across += 2 * K_WIDTH) K_NAME(pair)
    (wide, left + i + down, right + j + across, row, count, acc + down * SYI_OUTER + across);
#endif
}

#undef K_NEXT
#undef K_OPEN
#undef K_STEP
#undef K_CLOSE
#undef K_OPEN_ONE
#undef K_STEP_ONE
#undef K_CLOSE_ONE
