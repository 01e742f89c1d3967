/* The body of syi_vcov_whiten, for one target: eight columns of the result at a
 * time, a vector of rows at a time, one chain of products and sums an entry.
 * Defined outside: K_NAME, K_TARGET, K_V, K_WIDTH, K_LOAD, K_STORE, K_SET and
 * K_MAC(a, b, c) = a b + c.
 * SPDX-License-Identifier: GPL-3.0-only */

#define K_EIGHT(f) f(0) f(1) f(2) f(3) f(4) f(5) f(6) f(7)
#define K_OPEN(j) K_V s##j = K_SET(0);
#define K_STEP(j) s##j = K_MAC(v, K_SET(l[j]), s##j);
#define K_CLOSE(j) K_STORE(z + (j)*SYI_STEP + r, s##j);

K_TARGET static void K_NAME(whiten)(int rows, int first, int wide, const double *kernel, const double *x, int groups,
                                    double *z)
{
    for (ptrdiff_t r = 0; r < (ptrdiff_t)groups * SYI_LANES; r += K_WIDTH) {
        K_EIGHT(K_OPEN)
        for (int i = first; i < rows; i++) {
            const K_V v = K_LOAD(x + (ptrdiff_t)i * SYI_STEP + r);
            const double *l = kernel + (ptrdiff_t)i * wide;
            K_EIGHT(K_STEP)
        }
        K_EIGHT(K_CLOSE)
    }
}

/* z holds the columns behind the residual, which it becomes */
K_TARGET static void K_NAME(residual)(int rank, const double *b, const double *y, int groups, double *z)
{
    for (ptrdiff_t r = 0; r < (ptrdiff_t)groups * SYI_LANES; r += K_WIDTH) {
        K_V s = K_LOAD(y + r);
        for (int i = 0; i < rank; i++) s = K_MAC(K_LOAD(z + (ptrdiff_t)(i + 1) * SYI_STEP + r), K_SET(-b[i]), s);
        K_STORE(z + r, s);
    }
}

#undef K_EIGHT
#undef K_OPEN
#undef K_STEP
#undef K_CLOSE
