/* The kernels of lanes.c, written once; lanes.c defines for each target
 *   K_NAME(f), K_TARGET   the function's name and attribute
 *   K_V, K_WIDTH          a vector of doubles and how many it holds
 *   K_SPAN                columns of a 4 x K_SPAN register block, 2 or 4
 *   K_LOAD K_STORE K_SET K_ADD K_SUB K_MUL K_DIV K_RINT K_ABS K_MAX(v, old)
 *   K_LOADU K_STOREU      the same at any address
 *   K_GATHER(p)           entries p[0], p[8], p[16], ...
 *   K_FMA(a, b, c)        a b + c, one rounding
 *   K_MAC(a, b, c)        a b + c as the double kernel does it
 *   K_BAD(v, seen)        seen, or-ed with "an entry of v is not finite"
 *   K_DIFFER(a, b, seen)  seen, or-ed with "a < b or a > b somewhere"; NaN does not differ
 *   K_ANY_ABOVE(a, b, seen)   seen, or-ed with "a > b somewhere"
 *   K_AHEAD(p)            a hint that *p will be read
 * SPDX-License-Identifier: GPL-3.0-only */

/* Two or four columns y against four columns x, accumulators in registers: 4 x
 * 4 chains where there are 32 registers, else 4 x 2. */
#define K_OPEN(j)                                                                                                      \
    K_LOAD(acc + 8 * (j)), s1##j = K_LOAD(acc + 8 * (j) + 32), s2##j = K_LOAD(acc + 8 * (j) + 64),                     \
                           s3##j = K_LOAD(acc + 8 * (j) + 96)
#define K_STEP(j)                                                                                                      \
    do {                                                                                                               \
        const K_V y_ = K_LOAD(y + (j)*step + r);                                                                       \
        s0##j = K_MAC(x0, y_, s0##j);                                                                                  \
        s1##j = K_MAC(x1, y_, s1##j);                                                                                  \
        s2##j = K_MAC(x2, y_, s2##j);                                                                                  \
        s3##j = K_MAC(x3, y_, s3##j);                                                                                  \
    } while (0)
#define K_CLOSE(j)                                                                                                     \
    do {                                                                                                               \
        K_STORE(acc + 8 * (j), s0##j);                                                                                 \
        K_STORE(acc + 8 * (j) + 32, s1##j);                                                                            \
        K_STORE(acc + 8 * (j) + 64, s2##j);                                                                            \
        K_STORE(acc + 8 * (j) + 96, s3##j);                                                                            \
    } while (0)

K_TARGET static void K_NAME(block)(const double *x, const double *y, ptrdiff_t step, int groups, double *acc)
{
    K_V s00 = K_OPEN(0), s01 = K_OPEN(1);
#if K_SPAN == 4
    K_V s02 = K_OPEN(2), s03 = K_OPEN(3);
#endif
    for (ptrdiff_t r = 0; r < (ptrdiff_t)groups * SYI_LANES; r += SYI_LANES) {
        const K_V x0 = K_LOAD(x + r), x1 = K_LOAD(x + step + r);
        const K_V x2 = K_LOAD(x + 2 * step + r), x3 = K_LOAD(x + 3 * step + r);
        K_STEP(0);
        K_STEP(1);
#if K_SPAN == 4
        K_STEP(2);
        K_STEP(3);
#endif
    }
    K_CLOSE(0);
    K_CLOSE(1);
#if K_SPAN == 4
    K_CLOSE(2);
    K_CLOSE(3);
#endif
}

K_TARGET static void K_NAME(double)(const syi_tile *t, double *acc)
{
    const ptrdiff_t side = SYI_BLOCK * t->step;
    for (int i = 0; i < t->blocks; i++)
        for (int j = i; j < t->blocks; j++, acc += SYI_BLOCK_PAIR)
            for (int part = 0; part < SYI_BLOCK; part += K_SPAN)
                for (int lane = 0; lane < SYI_LANES; lane += K_WIDTH) K_NAME(block)
    (t->left + i * side + lane, t->right + j * side + part * t->step + lane, t->step, t->groups,
     acc + lane + part * SYI_LANES);
}

/* (s, c) += (a, al)(b, bl): the product's error and the sum's error go into c,
 * which is folded into s at the end of the tile [Ogita, Rump & Oishi 2005,
 * algorithm Dot2, doi:10.1137/030601818]. */
#define K_TWOFOLD_STEP(s, c, a, al, b, bl)                                                                             \
    do {                                                                                                               \
        const K_V p_ = K_MUL(a, b);                                                                                    \
        const K_V e_ = K_FMA(al, b, K_FMA(a, bl, K_FMS(a, b, p_)));                                                    \
        const K_V t_ = K_ADD(s, p_), z_ = K_SUB(t_, s);                                                                \
        c = K_ADD(c, K_ADD(K_ADD(K_SUB(s, K_SUB(t_, z_)), K_SUB(p_, z_)), e_));                                        \
        s = t_;                                                                                                        \
    } while (0)

#define K_TWOFOLD_STORE(at, s, c)                                                                                      \
    do {                                                                                                               \
        const K_V t_ = K_ADD(s, c), z_ = K_SUB(t_, s);                                                                 \
        K_STORE(acc + (at), t_);                                                                                       \
        K_STORE(acc_lo + (at), K_ADD(K_SUB(s, K_SUB(t_, z_)), K_SUB(c, z_)));                                          \
    } while (0)

typedef struct {
    const double *x, *x_lo, *y, *y_lo;
} K_NAME(operands);

/* 2 x 1 entries: four accumulators and six operands. */
K_TARGET static void K_NAME(pair)(K_NAME(operands) o, ptrdiff_t step, int groups, double *acc, double *acc_lo)
{
    K_V s0 = K_LOAD(acc), c0 = K_LOAD(acc_lo), s1 = K_LOAD(acc + 32), c1 = K_LOAD(acc_lo + 32);
    for (ptrdiff_t r = 0; r < (ptrdiff_t)groups * SYI_LANES; r += SYI_LANES) {
        const K_V y = K_LOAD(o.y + r), yl = K_LOAD(o.y_lo + r);
        const K_V x0 = K_LOAD(o.x + r), x0l = K_LOAD(o.x_lo + r);
        const K_V x1 = K_LOAD(o.x + step + r), x1l = K_LOAD(o.x_lo + step + r);
        K_TWOFOLD_STEP(s0, c0, x0, x0l, y, yl);
        K_TWOFOLD_STEP(s1, c1, x1, x1l, y, yl);
    }
    K_TWOFOLD_STORE(0, s0, c0);
    K_TWOFOLD_STORE(32, s1, c1);
}

/* Entries below the diagonal of a diagonal block are never read, so rows 2 and
 * 3 of its columns 0 and 1 are left out. */
K_TARGET static void K_NAME(twofold)(const syi_tile *t, double *acc, double *acc_lo)
{
    for (int i = 0; i < t->blocks; i++)
        for (int j = i; j < t->blocks; j++, acc += SYI_BLOCK_PAIR, acc_lo += SYI_BLOCK_PAIR)
            for (int a = 0; a < SYI_BLOCK; a += 2)
                for (int b = i == j ? a : 0; b < SYI_BLOCK; b++)
                    for (int lane = 0; lane < SYI_LANES; lane += K_WIDTH) {
                        const ptrdiff_t x = (SYI_BLOCK * i + a) * t->step + lane;
                        const ptrdiff_t y = (SYI_BLOCK * j + b) * t->step + lane;
                        const K_NAME(operands) o = {t->left + x, t->left_lo + x, t->right + y, t->right_lo + y};
                        const ptrdiff_t at = (a * SYI_BLOCK + b) * SYI_LANES + lane;
                        K_NAME(pair)(o, t->step, t->groups, acc + at, acc_lo + at);
                    }
}

K_TARGET static int K_NAME(shift)(const double *x, int n, double shift, double *out, int ahead)
{
    const K_V s = K_SET(shift);
    int seen = 0, i = 0;
    for (; i + K_WIDTH <= n; i += K_WIDTH) {
        const K_V z = K_SUB(K_LOADU(x + i), s);
        seen = K_BAD(z, seen);
        K_STORE(out + i, z);
    }
    for (; i < n; i++) {
        out[i] = x[i] - shift;
        seen |= !isfinite(out[i]);
    }
    for (int k = 0; k < ahead; k += 8) K_AHEAD(x + n + k);
    return seen;
}

/* m / 10^k as it prints: x and what the double leaves of it (syi_decimal_read),
 * less the shift (syi_dd_add). ten = 0: x is taken as it is. */
K_TARGET static int K_NAME(shift_twofold)(const double *x, int n, double ten, double shift, double *hi, double *lo)
{
    const K_V tens = K_SET(ten), minus = K_SET(-shift), zero = K_SET(0);
    int seen = 0;
    for (int i = 0; i + K_WIDTH <= n; i += K_WIDTH) {
        const K_V v = K_LOADU(x + i);
        K_V a = v, al = zero;
        if (ten > 0) {
            const K_V m = K_RINT(K_MUL(v, tens)), rest = K_DIV(K_FMA(K_SUB(zero, v), tens, m), tens);
            a = K_ADD(v, rest);
            al = K_SUB(rest, K_SUB(a, v));
        }
        const K_V s = K_ADD(a, minus), z = K_SUB(s, a);
        const K_V e = K_ADD(K_ADD(K_SUB(a, K_SUB(s, z)), K_SUB(minus, z)), al);
        const K_V h = K_ADD(s, e);
        seen = K_BAD(h, seen);
        K_STOREU(hi + i, h);
        K_STOREU(lo + i, K_SUB(e, K_SUB(h, s)));
    }
    return seen;
}

/* Non-zero when a value does not read back as a decimal with those places, or
 * is not finite; *largest grows to the largest |x|. */
K_TARGET static int K_NAME(no_decimals)(const double *x, int n, double ten, double *largest)
{
    const K_V tens = K_SET(ten), most = K_SET(1e15);
    K_V high = K_SET(*largest);
    int seen = 0;
    for (int i = 0; i + K_WIDTH <= n; i += K_WIDTH) {
        const K_V v = K_LOADU(x + i), m = K_RINT(K_MUL(v, tens)), size = K_ABS(v);
        seen = K_DIFFER(K_DIV(m, tens), v, K_ANY_ABOVE(K_ABS(m), most, seen));
        high = K_MAX(size, high);
    }
    double all[K_WIDTH];
    K_STOREU(all, high);
    for (int k = 0; k < K_WIDTH; k++)
        if (all[k] > *largest) *largest = all[k];
    return seen;
}

#define K_DD_ADD(h, l, a, al, b, bl)                                                                                   \
    do {                                                                                                               \
        const K_V s_ = K_ADD(a, b), y_ = K_SUB(s_, a);                                                                 \
        const K_V r_ = K_ADD(K_SUB(a, K_SUB(s_, y_)), K_SUB(b, y_));                                                   \
        const K_V t_ = K_ADD(al, bl), z_ = K_SUB(t_, al);                                                              \
        const K_V w_ = K_ADD(K_SUB(al, K_SUB(t_, z_)), K_SUB(bl, z_));                                                 \
        const K_V u_ = K_ADD(r_, t_), g_ = K_ADD(s_, u_);                                                              \
        const K_V v_ = K_ADD(K_SUB(u_, K_SUB(g_, s_)), w_);                                                            \
        h = K_ADD(g_, v_);                                                                                             \
        l = K_SUB(v_, K_SUB(h, g_));                                                                                   \
    } while (0)

/* The lanes of the 16 entries of a pair of blocks added up as the fixed tree;
 * c = NULL: lanes of the double kernel. */
K_TARGET static void K_NAME(tree)(const double *s, const double *c, double *hi, double *lo)
{
    for (int e = 0; e < SYI_BLOCK * SYI_BLOCK; e += K_WIDTH, s += SYI_LANES * K_WIDTH) {
        K_V v[SYI_LANES], w[SYI_LANES];
        for (int l = 0; l < SYI_LANES; l++) v[l] = K_GATHER(s + l);
        if (!c) {
            const K_V a = K_ADD(K_ADD(v[0], v[1]), K_ADD(v[2], v[3])), b = K_ADD(K_ADD(v[4], v[5]), K_ADD(v[6], v[7]));
            K_STOREU(hi + e, K_ADD(a, b));
            K_STOREU(lo + e, K_SET(0));
            continue;
        }
        for (int l = 0; l < SYI_LANES; l++) w[l] = K_GATHER(c + l);
        K_V h0, l0, h1, l1, h2, l2, h3, l3;
        K_DD_ADD(h0, l0, v[0], w[0], v[1], w[1]);
        K_DD_ADD(h1, l1, v[2], w[2], v[3], w[3]);
        K_DD_ADD(h2, l2, v[4], w[4], v[5], w[5]);
        K_DD_ADD(h3, l3, v[6], w[6], v[7], w[7]);
        K_DD_ADD(v[0], w[0], h0, l0, h1, l1);
        K_DD_ADD(v[1], w[1], h2, l2, h3, l3);
        K_DD_ADD(h0, l0, v[0], w[0], v[1], w[1]);
        K_STOREU(hi + e, h0);
        K_STOREU(lo + e, l0);
        c += SYI_LANES * K_WIDTH;
    }
}

K_TARGET static void K_NAME(add)(size_t n, double factor, const double *hi, const double *lo, double *sum,
                                 double *sum_lo)
{
    const K_V f = K_SET(factor), zero = K_SET(0);
    for (size_t i = 0; i + K_WIDTH <= n; i += K_WIDTH) {
        const K_V a = K_LOADU(hi + i), b = lo ? K_LOADU(lo + i) : zero;
        const K_V s = K_LOADU(sum + i), c = K_LOADU(sum_lo + i);
        const K_V p = K_MUL(a, f), e = K_FMA(b, f, K_FMS(a, f, p));
        K_V h, l;
        K_DD_ADD(h, l, s, c, p, e);
        K_STOREU(sum + i, h);
        K_STOREU(sum_lo + i, l);
    }
}

#undef K_DD_ADD
#undef K_TWOFOLD_STEP
#undef K_TWOFOLD_STORE
#undef K_OPEN
#undef K_STEP
#undef K_CLOSE
