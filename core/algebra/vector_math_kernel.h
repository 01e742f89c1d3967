/* The functions of vector_math.c, written once; vector_math.c defines for each
 * target
 *   K_NAME(f), K_TARGET   the function's name and attribute
 *   K_V, K_I, K_WIDTH     a vector of doubles, the same bits as 64-bit whole
 *                         numbers, and how many it holds
 *   K_LOADU               a load from any address
 *   K_LOAD K_STORE K_SET K_ADD K_SUB K_MUL K_DIV K_FMA K_RINT K_ABS
 *   K_MIN(a, b)           a where a < b, else b (so b where it is NaN); K_MAX
 *   K_BITS K_FROM         from doubles to their bits and back
 *   K_SETI K_ADDI K_ANDI K_ORI K_LEFT52 K_RIGHT52  on bits
 *   K_IF(a, <, b, v, w)   v where a < b, else w; K_LE likewise
 * and tables of coefficients, lowest first.
 * SPDX-License-Identifier: GPL-3.0-only */

/* A number hi + lo, or (hi + lo) 2^k. */
typedef struct {
    K_V hi, lo, k;
} K_NAME(sum);

#define K_POLY(name, n)                                                                                                \
    K_TARGET static inline K_V K_NAME(name)(K_V x)                                                                     \
    {                                                                                                                  \
        K_V s = K_SET(name##_table[(n)-1]);                                                                            \
        _Pragma("GCC unroll 32") for (int j = (n)-2; j >= 0; j--) s = K_FMA(s, x, K_SET(name##_table[j]));             \
        return s;                                                                                                      \
    }
K_POLY(exp, EXP_TERMS)
K_POLY(log, LOG_TERMS)
K_POLY(mills, MILLS_TERMS)
#undef K_POLY

K_TARGET static inline K_V K_NAME(negative)(K_V x)
{
    return K_SUB(K_SET(0), x);
}

/* 2^k for whole -1022 <= k <= 1023. */
K_TARGET static inline K_V K_NAME(power)(K_V k)
{
    return K_FROM(K_LEFT52(K_BITS(K_ADD(k, K_SET(0x1.8p52 + 1023)))));
}

K_TARGET static inline K_V K_NAME(scaled)(K_V v, K_V k)
{
    const K_V half = K_RINT(K_MUL(k, K_SET(0.5)));
    return K_MUL(K_MUL(v, K_NAME(power)(half)), K_NAME(power)(K_SUB(k, half)));
}

/* Keeps the scaling in range; NaN stays. */
K_TARGET static inline K_V K_NAME(clamped)(K_V x)
{
    return K_MAX(K_SET(-800), K_MIN(K_SET(800), x));
}

/* e^(x + lo), |x| <= 800. */
K_TARGET static inline K_NAME(sum) K_NAME(exponential)(K_V x, K_V lo)
{
    K_NAME(sum) s;
    s.k = K_RINT(K_MUL(x, K_SET(log2_e)));
    const K_V minus = K_NAME(negative)(s.k);
    const K_V whole = K_FMA(minus, K_SET(ln2_hi), x), rest = K_FMA(minus, K_SET(ln2_lo), lo);
    const K_V r = K_ADD(whole, rest), r_lo = K_SUB(rest, K_SUB(r, whole));
    const K_V hi = K_ADD(K_SET(1), r), left = K_ADD(K_SUB(r, K_SUB(hi, K_SET(1))), r_lo);
    const K_V more = K_FMA(K_MUL(r, r), K_NAME(exp)(r), left);
    s.hi = K_ADD(hi, more);
    s.lo = K_SUB(more, K_SUB(s.hi, hi));
    return s;
}

/* k ln 2 + log(1 + f) + c, sqrt(1/2) - 1 <= f < sqrt(2) - 1. */
K_TARGET static inline K_V K_NAME(log_near)(K_V k, K_V f, K_V c)
{
    const K_V half = K_MUL(K_SET(0.5), K_MUL(f, f)), s = K_DIV(f, K_ADD(K_SET(2), f)), z = K_MUL(s, s);
    const K_V r = K_MUL(z, K_NAME(log)(z));
    const K_V low = K_ADD(K_MUL(s, K_ADD(half, r)), K_FMA(k, K_SET(ln2_lo), c));
    return K_SUB(K_MUL(k, K_SET(ln2_hi)), K_SUB(K_SUB(half, low), f));
}

/* k and f of a positive normal number (1 + f) 2^k. */
K_TARGET static inline K_V K_NAME(split)(K_V x, K_V *k)
{
    const K_I bits = K_ADDI(K_BITS(x), K_SETI(0x3ff0000000000000 - ROOT_HALF));
    const K_V whole = K_FROM(K_ORI(K_RIGHT52(bits), K_SETI(0x4330000000000000)));
    *k = K_SUB(whole, K_SET(0x1p52 + 1023));
    const K_I m = K_ADDI(K_ANDI(bits, K_SETI(0x000fffffffffffff)), K_SETI(ROOT_HALF));
    return K_SUB(K_FROM(m), K_SET(1));
}

/* log(x + lo) for x > 0, lo small beside it. */
K_TARGET static inline K_V K_NAME(logarithm)(K_V x, K_V lo)
{
    const K_V small = K_SET(0x1p-1022), one = K_SET(1);
    const K_V up = K_LT(x, small, K_SET(0x1p54), one), minus = K_LT(x, small, K_SET(-54), K_SET(0));
    K_V k;
    const K_V f = K_NAME(split)(K_MUL(x, up), &k);
    return K_NAME(log_near)(K_ADD(k, minus), f, K_DIV(lo, x));
}

/* log(1 + x), -1 < x < infinity. */
K_TARGET static inline K_V K_NAME(log_one_plus)(K_V x)
{
    const K_V one = K_SET(1), zero = K_SET(0), u = K_ADD(one, x), t = K_SUB(u, one);
    const K_V lost = K_ADD(K_SUB(one, K_SUB(u, t)), K_SUB(x, t));
    K_V k;
    const K_V f = K_NAME(split)(u, &k), size = K_ABS(k);
    const K_V near = K_LT(zero, size, f, x), c = K_LT(zero, size, K_DIV(lost, u), zero);
    return K_LT(K_ABS(x), K_SET(0x1p-54), x, K_NAME(log_near)(k, near, c));
}

/* e^x - 1 for x <= 800. */
K_TARGET static inline K_V K_NAME(exp_minus_one)(K_V v)
{
    const K_V x = K_MAX(K_SET(-60), K_MIN(K_SET(800), v)), k = K_MIN(K_SET(1024), K_RINT(K_MUL(x, K_SET(log2_e))));
    const K_V minus = K_NAME(negative)(k), half = K_SET(0.5);
    const K_V r = K_FMA(minus, K_SET(ln2_lo), K_FMA(minus, K_SET(ln2_hi), x));
    const K_V near = K_FMA(K_MUL(r, r), K_NAME(exp)(r), r), times = K_NAME(power)(K_SUB(k, K_SET(1)));
    const K_V e = K_MUL(K_SET(2), K_FMA(times, near, K_SUB(times, half)));
    return K_LT(K_ABS(v), K_SET(0x1p-54), v, e);
}

#define K_EACH for (int i = 0; i < len; i += K_WIDTH)

K_TARGET static void K_NAME(vec_exp)(int len, const double *x, double *out)
{
    K_EACH
    {
        const K_NAME(sum) e = K_NAME(exponential)(K_NAME(clamped)(K_LOAD(x + i)), K_SET(0));
        K_STORE(out + i, K_NAME(scaled)(e.hi, e.k));
    }
}

K_TARGET static void K_NAME(vec_expm1)(int len, const double *x, double *out)
{
    K_EACH
    {
        const K_V v = K_LOAD(x + i);
        K_STORE(out + i, K_LT(K_SET(709.9), v, K_SET(INFINITY), K_NAME(exp_minus_one)(v)));
    }
}

K_TARGET static void K_NAME(vec_log)(int len, const double *x, double *out)
{
    const K_V zero = K_SET(0), nan = K_SET(NAN), inf = K_SET(INFINITY);
    K_EACH
    {
        const K_V v = K_LOAD(x + i), at_zero = K_LE(zero, v, K_NAME(negative)(inf), nan);
        const K_V at_end = K_LT(v, inf, K_NAME(logarithm)(v, zero), v);
        K_STORE(out + i, K_LT(zero, v, at_end, at_zero));
    }
}

K_TARGET static void K_NAME(vec_log1p)(int len, const double *x, double *out)
{
    const K_V least = K_SET(-1), nan = K_SET(NAN), inf = K_SET(INFINITY);
    K_EACH
    {
        const K_V v = K_LOAD(x + i), at_least = K_LE(least, v, K_NAME(negative)(inf), nan);
        const K_V at_end = K_LT(v, inf, K_NAME(log_one_plus)(v), v);
        K_STORE(out + i, K_LT(least, v, at_end, at_least));
    }
}

/* From e = e^-|x|: big = 1 / (1 + e), small = e / (1 + e), the quotients with
 * their remainders. */
K_TARGET static void K_NAME(vec_logistic)(int len, const double *x, double *cdf, double *upper, double *log_upper)
{
    const K_V zero = K_SET(0), one = K_SET(1);
    K_EACH
    {
        const K_V v = K_LOAD(x + i);
        const K_NAME(sum) p = K_NAME(exponential)(K_NAME(clamped)(K_NAME(negative)(K_ABS(v))), zero);
        const K_V e = K_NAME(scaled)(p.hi, p.k), e_lo = K_NAME(scaled)(p.lo, p.k);
        const K_V d = K_ADD(one, e), d_lo = K_ADD(K_SUB(e, K_SUB(d, one)), e_lo);
        const K_V big = K_DIV(one, d), rest = K_FMA(K_NAME(negative)(big), d_lo, K_FMA(K_NAME(negative)(big), d, one));
        const K_V big_lo = K_MUL(big, rest), high = K_ADD(big, big_lo);
        const K_V low = K_FMA(e, big, K_FMA(e, big_lo, K_MUL(e_lo, big)));
        if (cdf) K_STORE(cdf + i, K_LT(v, zero, low, high));
        if (upper) K_STORE(upper + i, K_LT(v, zero, high, low));
        if (log_upper) {
            const K_V tail = K_NAME(negative)(K_ADD(K_MAX(zero, v), K_NAME(log_one_plus)(e)));
            K_STORE(log_upper + i, K_LT(v, K_SET(INFINITY), tail, K_NAME(negative)(v)));
        }
    }
}

/* P(Z > a) / e^(-a^2/2), a >= 0: (a + 1) times it is a polynomial of (a - 4) /
 * (a + 4). */
K_TARGET static inline K_NAME(sum) K_NAME(mills_ratio)(K_V a)
{
    const K_V one = K_SET(1), up = K_ADD(a, K_SET(4)), t = K_SUB(one, K_DIV(K_SET(8), up));
    const K_V first = K_SET(mills_first), p = K_MUL(t, K_NAME(mills)(t)), g = K_ADD(first, p);
    const K_V g_lo = K_ADD(K_SUB(p, K_SUB(g, first)), K_SET(mills_first_lo));
    const K_V d = K_ADD(a, one), b = K_SUB(d, a), d_lo = K_ADD(K_SUB(a, K_SUB(d, b)), K_SUB(one, b));
    K_NAME(sum) s;
    s.hi = K_DIV(g, d);
    const K_V minus = K_NAME(negative)(s.hi);
    s.lo = K_DIV(K_FMA(minus, d_lo, K_ADD(K_FMA(minus, d, g), g_lo)), d);
    s.k = t;
    return s;
}

/* e^(-a^2/2); half = a^2 / 2 and what its rounding lost. */
K_TARGET static inline K_NAME(sum) K_NAME(bell)(K_V a, K_V *half, K_V *half_lo)
{
    const K_V square = K_MUL(a, a), bounded = K_LT(square, K_SET(INFINITY), a, K_SET(0));
    const K_V lost = K_FMA(bounded, bounded, K_NAME(negative)(K_MUL(bounded, bounded)));
    *half = K_MUL(K_SET(0.5), square);
    *half_lo = K_MUL(K_SET(0.5), lost);
    return K_NAME(exponential)(K_NAME(clamped)(K_NAME(negative)(*half)), K_NAME(negative)(*half_lo));
}

K_TARGET static void K_NAME(vec_normal_density)(int len, const double *x, double *out)
{
    K_EACH
    {
        K_V half, half_lo;
        const K_NAME(sum) e = K_NAME(bell)(K_ABS(K_LOAD(x + i)), &half, &half_lo);
        const K_V c = K_SET(root_two_pi), low = K_FMA(e.hi, K_SET(root_two_pi_lo), K_MUL(e.lo, c));
        K_STORE(out + i, K_NAME(scaled)(K_FMA(e.hi, c, low), e.k));
    }
}

/* log P(Z <= x): the lower tail as log of the ratio less a^2 / 2, the upper half
 * as log(1 - tail). */
K_TARGET static inline K_V K_NAME(log_normal)(K_V v, K_NAME(sum) ratio, K_V half, K_V half_lo, K_V tail, K_V tail_lo)
{
    const K_V zero = K_SET(0), one = K_SET(1), l = K_NAME(logarithm)(ratio.hi, ratio.lo);
    const K_V low = K_SUB(K_SUB(l, half_lo), half);
    const K_V above = K_SUB(K_NAME(log_one_plus)(K_NAME(negative)(tail)), K_DIV(tail_lo, K_SUB(one, tail)));
    return K_LT(v, zero, K_LT(half, K_SET(INFINITY), low, K_NAME(negative)(half)), above);
}

/* The density over the probability below: 1 / (sqrt(2 pi) ratio) in the lower
 * tail, else the density over 1 - tail. */
K_TARGET static inline K_V K_NAME(normal_hazard)(K_V v, K_NAME(sum) ratio, K_NAME(sum) e, K_V tail, K_V tail_lo)
{
    const K_V zero = K_SET(0), one = K_SET(1), c = K_SET(root_two_pi), c_lo = K_SET(root_two_pi_lo);
    const K_V f = K_NAME(scaled)(K_MUL(e.hi, c), e.k);
    const K_V f_lo =
        K_NAME(scaled)(K_ADD(K_FMA(e.hi, c, K_NAME(negative)(K_MUL(e.hi, c))), K_FMA(e.hi, c_lo, K_MUL(e.lo, c))), e.k);
    const K_V all = K_SUB(one, tail), all_lo = K_SUB(K_SUB(K_SUB(one, all), tail), tail_lo);
    const K_V top = K_LT(v, zero, c, f), top_lo = K_LT(v, zero, c_lo, f_lo);
    const K_V under = K_LT(v, zero, ratio.hi, all), under_lo = K_LT(v, zero, ratio.lo, all_lo);
    const K_V h = K_DIV(top, under), minus = K_NAME(negative)(h);
    const K_V rest = K_FMA(minus, under_lo, K_ADD(K_FMA(minus, under, top), top_lo));
    return K_ADD(h, K_DIV(rest, under));
}

K_TARGET static void K_NAME(vec_normal)(int len, const double *x, double *cdf, double *log_cdf, double *hazard)
{
    const K_V zero = K_SET(0), one = K_SET(1), inf = K_SET(INFINITY);
    K_EACH
    {
        const K_V v = K_LOAD(x + i), a = K_ABS(v);
        K_V half, half_lo;
        const K_NAME(sum) e = K_NAME(bell)(a, &half, &half_lo), r = K_NAME(mills_ratio)(a);
        const K_V more = K_FMA(e.hi, r.lo, K_MUL(e.lo, r.hi)), t = K_FMA(e.hi, r.hi, more);
        const K_V t_lo = K_ADD(K_FMA(e.hi, r.hi, K_NAME(negative)(t)), more);
        const K_V tail = K_LT(a, inf, K_NAME(scaled)(t, e.k), K_SUB(a, a));
        const K_V low = K_LT(a, inf, tail, K_LE(inf, a, zero, v)), low_lo = K_NAME(scaled)(t_lo, e.k);
        if (cdf) K_STORE(cdf + i, K_LT(v, zero, low, K_SUB(one, low)));
        if (log_cdf) {
            const K_V l = K_NAME(log_normal)(v, r, half, half_lo, low, low_lo);
            K_STORE(log_cdf + i, K_LT(a, inf, l, K_LT(v, zero, v, K_SUB(zero, low))));
        }
        if (hazard) {
            const K_V h = K_NAME(normal_hazard)(v, r, e, low, low_lo);
            K_STORE(hazard + i, K_LT(a, K_SET(0x1p60), h, K_LT(v, zero, a, low)));
        }
    }
}

/* w = e^x: upper = e^-w, cdf = 1 - e^-w, log cdf = log(1 - e^-w), which far
 * below is x - w / 2. */
K_TARGET static void K_NAME(vec_cloglog)(int len, const double *x, double *cdf, double *upper, double *log_cdf)
{
    const K_V zero = K_SET(0);
    K_EACH
    {
        const K_V v = K_LOAD(x + i);
        const K_NAME(sum) p = K_NAME(exponential)(K_NAME(clamped)(v), zero);
        const K_V w = K_NAME(scaled)(p.hi, p.k), minus = K_NAME(negative)(w);
        const K_V small = K_NAME(exp_minus_one)(minus), below = K_NAME(negative)(small);
        const K_V lost = K_LT(K_SET(800), w, zero, K_NAME(negative)(K_NAME(scaled)(p.lo, p.k)));
        const K_NAME(sum) q = K_NAME(exponential)(K_NAME(clamped)(minus), lost);
        const K_V above = K_NAME(scaled)(q.hi, q.k);
        if (cdf) K_STORE(cdf + i, below);
        if (upper) K_STORE(upper + i, above);
        if (log_cdf) {
            const K_V near = K_NAME(logarithm)(below, zero), high = K_NAME(log_one_plus)(K_NAME(negative)(above));
            const K_V far = K_FMA(K_SET(-0.5), w, v), body = K_LT(w, K_SET(ln2_hi), near, high);
            K_STORE(log_cdf + i, K_LT(v, K_SET(-30), far, body));
        }
    }
}

K_TARGET static void K_NAME(vec_combine)(int len, int p, const double *x, ptrdiff_t stride, const double *b,
                                         double *out)
{
    K_EACH
    {
        K_V s = K_LOAD(out + i);
        for (int j = 0; j < p; j++) s = K_FMA(K_SET(b[j]), K_LOAD(x + j * stride + i), s);
        K_STORE(out + i, s);
    }
}

K_TARGET static void K_NAME(vec_weigh)(int len, int p, const double *x, ptrdiff_t stride, const double *weight,
                                       double *out, ptrdiff_t step)
{
    for (int j = 0; j < p; j++)
        K_EACH K_STORE(out + j * step + i, K_MUL(K_LOAD(weight + i), K_LOAD(x + j * stride + i)));
}

/* z - z is 0 for a finite z, NaN for any other. */
K_TARGET static int K_NAME(vec_standardise)(int len, const double *x, double shift, double factor, double *out)
{
    const K_V s = K_SET(shift), f = K_SET(factor);
    K_V odd = K_SET(0);
    K_EACH
    {
        const K_V z = K_MUL(K_SUB(K_LOADU(x + i), s), f);
        odd = K_ADD(odd, K_SUB(z, z));
        K_STORE(out + i, z);
    }
    double all[8] __attribute__((aligned(64)));
    int seen = 0;
    K_STORE(all, odd);
    for (int l = 0; l < K_WIDTH; l++) seen |= all[l] != 0;
    return seen;
}

K_TARGET static void K_NAME(vec_sum)(int len, const double *x, double *lanes)
{
    for (int i = 0; i < len; i += 8)
        for (int l = 0; l < 8; l += K_WIDTH) K_STORE(lanes + l, K_ADD(K_LOAD(lanes + l), K_LOAD(x + i + l)));
}

#undef K_EACH
