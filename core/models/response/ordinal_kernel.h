/* The kernels of ordinal_pair.c, written once; ordinal_pair.c defines for each
 * target
 *   K_NAME(f), K_TARGET   the function's name and attribute
 *   K_V, K_WIDTH          a vector of doubles and how many it holds
 *   K_LOAD K_STORE K_SET K_ADD K_SUB K_MUL K_DIV K_ABS K_MIN K_MAX
 *   K_FMA(a, b, c)        a b + c, one rounding
 *   K_SAME(a, b, x, y)    x where a == b, else y
 *   K_ABOVE(a, b, x, y)   x where a > b, else y
 * SPDX-License-Identifier: GPL-3.0-only */

K_TARGET static void K_NAME(gather)(int n_levels, int len, const double *level, const double *eta, const double *upper,
                                    const double *lower, const double *between, double *a, double *b, double *c)
{
    for (int i = 0; i < len; i += K_WIDTH) {
        const K_V y = K_LOAD(level + i), e = K_LOAD(eta + i);
        K_V high = K_SET(upper[0]), low = K_SET(lower[0]), gap = K_SET(between[0]);
        for (int l = 1; l < n_levels; l++) {
            const K_V at = K_SET(l);
            high = K_SAME(y, at, K_SET(upper[l]), high);
            low = K_SAME(y, at, K_SET(lower[l]), low);
            gap = K_SAME(y, at, K_SET(between[l]), gap);
        }
        K_STORE(a + i, K_SUB(high, e));
        K_STORE(b + i, K_SUB(low, e));
        K_STORE(c + i, gap);
    }
}

/* u = -|a|, v = -|b| */
K_TARGET static void K_NAME(minus_size)(int len, const double *a, const double *b, double *u, double *v)
{
    const K_V zero = K_SET(0);
    for (int i = 0; i < len; i += K_WIDTH) {
        K_STORE(u + i, K_SUB(zero, K_ABS(K_LOAD(a + i))));
        K_STORE(v + i, K_SUB(zero, K_ABS(K_LOAD(b + i))));
    }
}

/* u = exp(-|a|), v = exp(-|b|); q is where log is still to be taken of. */
K_TARGET static void K_NAME(logit)(int len, const double *a, const double *b, const double *between, const double *u,
                                   const double *v, double *q, const syi_pair *o)
{
    const K_V zero = K_SET(0), one = K_SET(1);
    for (int i = 0; i < len; i += K_WIDTH) {
        const K_V at = K_LOAD(a + i), bt = K_LOAD(b + i), small = K_LOAD(u + i), tiny = K_LOAD(v + i);
        const K_V em = K_LOAD(between + i), gap = K_SUB(zero, em);
        const K_V p = K_ADD(one, small), r = K_ADD(one, tiny), pr = K_MUL(p, r);
        const K_V inverse = K_DIV(one, K_MUL(pr, gap));
        const K_V ip = K_MUL(K_MUL(inverse, r), gap), ir = K_MUL(K_MUL(inverse, p), gap);
        const K_V above = K_ABOVE(at, zero, K_MUL(small, ip), ip), below = K_ABOVE(bt, zero, ir, K_MUL(tiny, ir));
        const K_V steep = K_MUL(K_ADD(one, em), K_MUL(inverse, pr));
        K_STORE(q + i, K_MUL(K_MUL(gap, gap), inverse));
        K_STORE(o->value + i, K_SUB(K_MIN(at, zero), K_MAX(bt, zero)));
        K_STORE(o->upper + i, K_ADD(above, steep));
        K_STORE(o->lower + i, K_SUB(zero, K_ADD(below, steep)));
        K_STORE(o->both + i, K_SUB(above, below));
        K_STORE(o->w_upper + i, K_MUL(small, K_MUL(ip, ip)));
        K_STORE(o->w_lower + i, K_MUL(tiny, K_MUL(ir, ir)));
        K_STORE(o->w_between + i, K_FMA(steep, steep, steep));
    }
}

/* The nearer tail: high = max(a, b turned over), low the other; both <= 0 or on
 * the two sides of 0 with the sum <= 0. */
K_TARGET static void K_NAME(nearer)(int len, const double *a, const double *b, double *high, double *low)
{
    const K_V zero = K_SET(0), far = K_SET(FAR), near = K_SET(-FAR);
    for (int i = 0; i < len; i += K_WIDTH) {
        const K_V at = K_MIN(K_LOAD(a + i), far), bt = K_MAX(K_LOAD(b + i), near), sum = K_ADD(at, bt);
        K_STORE(high + i, K_ABOVE(sum, zero, K_SUB(zero, bt), at));
        K_STORE(low + i, K_ABOVE(sum, zero, K_SUB(zero, at), bt));
    }
}

/* hazard of high and low, log cdf of high (in value), fall = expm1(log cdf low
 * - log cdf high); q is where log is still to be taken of. */
K_TARGET static void K_NAME(probit)(int len, const double *a, const double *b, const double *hazard_high,
                                    const double *hazard_low, const double *fall, double *q, const syi_pair *o)
{
    const K_V zero = K_SET(0), one = K_SET(1), far = K_SET(FAR), near = K_SET(-FAR);
    for (int i = 0; i < len; i += K_WIDTH) {
        const K_V at = K_MIN(K_LOAD(a + i), far), bt = K_MAX(K_LOAD(b + i), near), sum = K_ADD(at, bt);
        const K_V em = K_LOAD(fall + i), gap = K_SUB(zero, em), inverse = K_DIV(one, gap);
        const K_V of_high = K_MUL(K_LOAD(hazard_high + i), inverse);
        const K_V of_low = K_MUL(K_MUL(K_LOAD(hazard_low + i), K_ADD(one, em)), inverse);
        const K_V ra = K_ABOVE(sum, zero, of_low, of_high), rb = K_ABOVE(sum, zero, of_high, of_low);
        const K_V both = K_SUB(ra, rb);
        K_STORE(q + i, gap);
        K_STORE(o->upper + i, ra);
        K_STORE(o->lower + i, K_SUB(zero, rb));
        K_STORE(o->both + i, both);
        K_STORE(o->w_upper + i, K_MUL(ra, K_ADD(at, both)));
        K_STORE(o->w_lower + i, K_SUB(zero, K_MUL(rb, K_ADD(bt, both))));
        K_STORE(o->w_between + i, K_MUL(ra, rb));
    }
}

/* u = e^a (a cut off), delta = e^b - e^a */
K_TARGET static void K_NAME(extreme)(int len, const double *between, const double *u, double *delta)
{
    for (int i = 0; i < len; i += K_WIDTH) K_STORE(delta + i, K_MUL(K_LOAD(u + i), K_LOAD(between + i)));
}

/* u = e^a, v = e^b, fall = expm1(delta) */
K_TARGET static void K_NAME(cloglog)(int len, const double *u, const double *v, const double *delta, const double *fall,
                                     double *q, const syi_pair *o)
{
    const K_V zero = K_SET(0), one = K_SET(1);
    for (int i = 0; i < len; i += K_WIDTH) {
        const K_V ea = K_LOAD(u + i), eb = K_LOAD(v + i), em = K_LOAD(fall + i), gap = K_SUB(zero, em);
        const K_V wide = K_SUB(zero, K_LOAD(delta + i)), h = K_DIV(K_ADD(one, em), gap);
        const K_V ra = K_MUL(ea, h), rb = K_FMA(eb, h, eb), slope = K_MUL(wide, h);
        K_STORE(q + i, gap);
        K_STORE(o->value + i, K_SUB(zero, eb));
        K_STORE(o->upper + i, ra);
        K_STORE(o->lower + i, K_SUB(zero, rb));
        K_STORE(o->both + i, K_SUB(slope, eb));
        K_STORE(o->w_upper + i, K_MUL(ra, K_SUB(K_ADD(wide, slope), one)));
        K_STORE(o->w_lower + i, K_MUL(rb, K_SUB(one, slope)));
        K_STORE(o->w_between + i, K_MUL(ra, rb));
    }
}

K_TARGET static void K_NAME(add)(int len, const double *x, double *out)
{
    for (int i = 0; i < len; i += K_WIDTH) K_STORE(out + i, K_ADD(K_LOAD(out + i), K_LOAD(x + i)));
}

K_TARGET static void K_NAME(least)(int len, double most, const double *x, double *out)
{
    for (int i = 0; i < len; i += K_WIDTH) K_STORE(out + i, K_MIN(K_LOAD(x + i), K_SET(most)));
}

K_TARGET static void K_NAME(subtract)(int len, const double *x, const double *y, double *out)
{
    for (int i = 0; i < len; i += K_WIDTH) K_STORE(out + i, K_SUB(K_LOAD(x + i), K_LOAD(y + i)));
}

K_TARGET static void K_NAME(weigh)(int len, const double *weight, const syi_pair *pair, double *lanes)
{
    double *const plane[] = {pair->upper, pair->lower, pair->both, pair->w_upper, pair->w_lower, pair->w_between};
    for (int lane = 0; lane < 8; lane += K_WIDTH) {
        K_V sum = K_LOAD(lanes + lane);
        for (int i = lane; i < len; i += 8) {
            const K_V w = K_LOAD(weight + i);
            sum = K_FMA(w, K_LOAD(pair->value + i), sum);
            for (int k = 0; k < 6; k++) K_STORE(plane[k] + i, K_MUL(w, K_LOAD(plane[k] + i)));
        }
        K_STORE(lanes + lane, sum);
    }
}

K_TARGET static void K_NAME(total)(int len, const double *weight, const double *value, double *lanes)
{
    for (int lane = 0; lane < 8; lane += K_WIDTH) {
        K_V sum = K_LOAD(lanes + lane);
        for (int i = lane; i < len; i += 8) sum = K_FMA(K_LOAD(weight + i), K_LOAD(value + i), sum);
        K_STORE(lanes + lane, sum);
    }
}

/* One level's sums, and the column of the threshold above it (unless `column` is
 * NULL, for the last level). */
K_TARGET static void K_NAME(level)(int len, double at, const double *level, const syi_pair *pair, double *sums,
                                   double *column)
{
    const K_V zero = K_SET(0), here = K_SET(at), next = K_SET(at + 1);
    for (int lane = 0; lane < 8; lane += K_WIDTH) {
        double *const s = sums + lane;
        K_V s0 = K_LOAD(s), s1 = K_LOAD(s + 8), s2 = K_LOAD(s + 16), s3 = K_LOAD(s + 24), s4 = K_LOAD(s + 32);
        for (int i = lane; i < len; i += 8) {
            const K_V y = K_LOAD(level + i), above = K_SAME(y, here, K_LOAD(pair->w_upper + i), zero);
            const K_V below = K_LOAD(pair->w_lower + i);
            s0 = K_ADD(s0, K_SAME(y, here, K_LOAD(pair->upper + i), zero));
            s1 = K_ADD(s1, K_SAME(y, here, K_LOAD(pair->lower + i), zero));
            s2 = K_ADD(s2, above);
            s3 = K_ADD(s3, K_SAME(y, here, below, zero));
            s4 = K_ADD(s4, K_SAME(y, here, K_LOAD(pair->w_between + i), zero));
            if (column) K_STORE(column + i, K_SAME(y, next, below, above));
        }
        K_STORE(s, s0);
        K_STORE(s + 8, s1);
        K_STORE(s + 16, s2);
        K_STORE(s + 24, s3);
        K_STORE(s + 32, s4);
    }
}

