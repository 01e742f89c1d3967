/* The kernels of turn.c, written once; turn.c defines for each target
 *   K_NAME(f), K_TARGET   the function's name and attribute
 *   K_V, K_WIDTH          a vector of doubles and how many it holds
 *   K_LOAD K_STORE K_SET K_ADD K_SUB K_MUL
 *   K_FMA(a, b, c)        a b + c, one rounding
 *   K_FMS(a, b, c)        a b - c, one rounding
 * SPDX-License-Identifier: GPL-3.0-only */

/* Lanes of x'y: s the sums, c what rounding took from them [Ogita, Rump & Oishi
 * 2005, algorithm Dot2, doi:10.1137/030601818]. */
K_TARGET static void K_NAME(dot_twofold)(int rows, const double *x, const double *xl, const double *y, const double *yl,
                                         double *s, double *c)
{
    for (int lane = 0; lane < LANES; lane += K_WIDTH) {
        K_V sum = K_SET(0), rest = K_SET(0);
        for (int r = lane; r < rows; r += LANES) {
            const K_V a = K_LOAD(x + r), al = K_LOAD(xl + r), b = K_LOAD(y + r), bl = K_LOAD(yl + r);
            const K_V p = K_MUL(a, b), e = K_FMA(al, b, K_FMA(a, bl, K_FMS(a, b, p)));
            const K_V t = K_ADD(sum, p), z = K_SUB(t, sum);
            rest = K_ADD(rest, K_ADD(K_ADD(K_SUB(sum, K_SUB(t, z)), K_SUB(p, z)), e));
            sum = t;
        }
        K_STORE(s + lane, sum);
        K_STORE(c + lane, rest);
    }
}

/* y += f x, double-double: product within 2^-104 of itself, accurate addition. */
K_TARGET static void K_NAME(step_twofold)(int rows, syi_dd f, const double *x, const double *xl, double *y, double *yl)
{
    const K_V fh = K_SET(f.hi), fl = K_SET(f.lo);
    for (int r = 0; r < rows; r += K_WIDTH) {
        const K_V a = K_LOAD(x + r), al = K_LOAD(xl + r), b = K_LOAD(y + r), bl = K_LOAD(yl + r);
        const K_V p = K_MUL(a, fh), e = K_FMA(al, fh, K_FMA(a, fl, K_FMS(a, fh, p)));
        const K_V s = K_ADD(b, p), z = K_SUB(s, b);
        const K_V d = K_ADD(K_ADD(K_SUB(b, K_SUB(s, z)), K_SUB(p, z)), K_ADD(bl, e));
        const K_V h = K_ADD(s, d);
        K_STORE(y + r, h);
        K_STORE(yl + r, K_SUB(d, K_SUB(h, s)));
    }
}

K_TARGET static void K_NAME(dot_double)(int rows, const double *x, const double *y, double *s)
{
    for (int lane = 0; lane < LANES; lane += K_WIDTH) {
        K_V sum = K_SET(0);
        for (int r = lane; r < rows; r += LANES) sum = K_FMA(K_LOAD(x + r), K_LOAD(y + r), sum);
        K_STORE(s + lane, sum);
    }
}

K_TARGET static void K_NAME(step_double)(int rows, double f, const double *x, double *y)
{
    const K_V v = K_SET(f);
    for (int r = 0; r < rows; r += K_WIDTH) K_STORE(y + r, K_FMA(v, K_LOAD(x + r), K_LOAD(y + r)));
}

