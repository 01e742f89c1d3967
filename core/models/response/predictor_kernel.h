/* Rows of binary outcomes and counts, written once; predictor_rows.c defines
 * for each target
 *   K_NAME(f), K_TARGET, K_V, K_WIDTH
 *   K_LOAD K_STORE K_SET K_ADD K_SUB K_MUL K_DIV K_FMA K_ABS
 *   K_MIN(a, b), K_MAX(a, b)
 *   K_LT(a, b, v, w)   v where a < b, else w
 * SPDX-License-Identifier: GPL-3.0-only */

#define K_EACH for (int i = 0; i < len; i += K_WIDTH)

K_TARGET static inline K_V K_NAME(failures)(const syi_predictor_tile *t, int i, K_V y)
{
    return K_SUB(t->trials ? K_LOAD(t->trials + i) : K_SET(1), y);
}

K_TARGET static inline void K_NAME(put)(const syi_predictor_tile *t, int i, K_V value, K_V score, K_V curve)
{
    const K_V w = K_LOAD(t->weight + i);
    K_STORE(t->value + i, K_MUL(w, value));
    K_STORE(t->score + i, K_MUL(w, score));
    K_STORE(t->curve + i, K_MUL(w, curve));
}

/* out = -|eta| */
K_TARGET static void K_NAME(fold)(int len, const double *eta, double *out)
{
    K_EACH K_STORE(out + i, K_SUB(K_SET(0), K_ABS(K_LOAD(eta + i))));
}

/* small, big, tail: cdf, upper and log upper of -|eta|. */
K_TARGET static void K_NAME(logit)(int len, const syi_predictor_tile *t, const double *small, const double *big,
                                   const double *tail)
{
    const K_V zero = K_SET(0);
    K_EACH
    {
        const K_V eta = K_LOAD(t->eta + i), a = K_LOAD(small + i), b = K_LOAD(big + i), l = K_LOAD(tail + i);
        const K_V y = K_LOAD(t->y + i), f = K_NAME(failures)(t, i, y);
        const K_V p = K_LT(eta, zero, a, b), q = K_LT(eta, zero, b, a);
        const K_V yes = K_ADD(K_MIN(eta, zero), l), no = K_SUB(l, K_MAX(eta, zero));
        const K_V value = K_FMA(y, yes, K_MUL(f, no)), score = K_SUB(K_MUL(y, q), K_MUL(f, p));
        K_NAME(put)(t, i, value, score, K_MUL(K_ADD(y, f), K_MUL(p, q)));
    }
}

/* h (h + u), h the hazard at u: the series of u^-2 far below, where the two
 * cancel. */
K_TARGET static inline K_V K_NAME(bend)(K_V u, K_V h)
{
    const K_V z = K_DIV(K_SET(1), K_MUL(u, u)), one = K_SET(1);
    const K_V far = K_FMA(z, K_FMA(z, K_SET(6), K_SET(-1)), one);
    return K_LT(u, K_SET(-200), far, K_MUL(h, K_ADD(h, u)));
}

/* log_cdf and hazard of eta turned to the side of the answer. */
K_TARGET static void K_NAME(probit)(int len, const syi_predictor_tile *t, const double *side, const double *log_cdf,
                                    const double *hazard)
{
    const K_V half = K_SET(0.5);
    K_EACH
    {
        const K_V u = K_LOAD(side + i), h = K_LOAD(hazard + i), y = K_LOAD(t->y + i);
        const K_V score = K_LT(y, half, K_SUB(K_SET(0), h), h);
        K_NAME(put)(t, i, K_LOAD(log_cdf + i), score, K_NAME(bend)(u, h));
    }
}

K_TARGET static void K_NAME(turn)(int len, const syi_predictor_tile *t, double *side)
{
    K_EACH
    {
        const K_V eta = K_LOAD(t->eta + i);
        K_STORE(side + i, K_LT(K_LOAD(t->y + i), K_SET(0.5), K_SUB(K_SET(0), eta), eta));
    }
}

/* With trials: both sides, minus = -eta. */
K_TARGET static void K_NAME(probit_trials)(int len, const syi_predictor_tile *t, const double *minus,
                                           const double *log_yes, const double *yes, const double *log_no,
                                           const double *no)
{
    K_EACH
    {
        const K_V eta = K_LOAD(t->eta + i), other = K_LOAD(minus + i), y = K_LOAD(t->y + i);
        const K_V f = K_NAME(failures)(t, i, y), h = K_LOAD(yes + i), g = K_LOAD(no + i);
        const K_V value = K_FMA(y, K_LOAD(log_yes + i), K_MUL(f, K_LOAD(log_no + i)));
        const K_V score = K_SUB(K_MUL(y, h), K_MUL(f, g));
        const K_V curve = K_FMA(y, K_NAME(bend)(eta, h), K_MUL(f, K_NAME(bend)(other, g)));
        K_NAME(put)(t, i, value, score, curve);
    }
}

/* w = e^eta: g = d log cdf = w / (e^w - 1), -dg = g (w / cdf - 1). */
K_TARGET static void K_NAME(cloglog)(int len, const syi_predictor_tile *t, const double *exponential, const double *cdf,
                                     const double *upper, const double *log_cdf)
{
    const K_V one = K_SET(1), least = K_SET(0x1p-1000);
    K_EACH
    {
        const K_V w = K_MIN(K_LOAD(exponential + i), K_SET(1e300)), c = K_LOAD(cdf + i), y = K_LOAD(t->y + i);
        const K_V f = K_NAME(failures)(t, i, y), bounded = K_MIN(w, K_SET(800));
        const K_V ratio = K_LT(c, least, one, K_DIV(bounded, K_MAX(c, least))), g = K_MUL(K_LOAD(upper + i), ratio);
        const K_V below = K_MAX(K_LOAD(log_cdf + i), K_SET(-1e300));
        const K_V value = K_SUB(K_MUL(y, below), K_MUL(f, w)), score = K_SUB(K_MUL(y, g), K_MUL(f, w));
        K_NAME(put)(t, i, value, score, K_FMA(y, K_MUL(g, K_SUB(ratio, one)), K_MUL(f, w)));
    }
}

/* d = eta - log y; where y is 0, eta itself. */
K_TARGET static void K_NAME(poisson_gap)(int len, const syi_predictor_tile *t, const double *log_y, double *d)
{
    K_EACH
    {
        const K_V eta = K_LOAD(t->eta + i), gap = K_SUB(eta, K_LOAD(log_y + i));
        K_STORE(d + i, K_MIN(K_SET(600), K_LT(K_LOAD(t->y + i), K_SET(0.5), eta, gap)));
    }
}

/* mu = y (1 + e), e = e^d - 1, less the constant y log y - y: value = y (d - e),
 * score -y e; where y is 0, mu = 1 + e. */
K_TARGET static void K_NAME(poisson)(int len, const syi_predictor_tile *t, const double *d, const double *e)
{
    const K_V one = K_SET(1), zero = K_SET(0);
    K_EACH
    {
        const K_V y = K_LOAD(t->y + i), gap = K_LOAD(d + i), more = K_LOAD(e + i), rest = K_ADD(one, more);
        const K_V none = K_SUB(zero, rest), some = K_MUL(y, K_SUB(gap, more));
        const K_V value = K_LT(y, one, none, some), score = K_LT(y, one, none, K_SUB(zero, K_MUL(y, more)));
        K_NAME(put)(t, i, value, score, K_LT(y, one, rest, K_MUL(y, rest)));
    }
}

/* u = mu / theta */
K_TARGET static void K_NAME(over)(int len, double *mu, double theta, double *u)
{
    K_EACH
    {
        const K_V m = K_MIN(K_LOAD(mu + i), K_SET(1e200));
        K_STORE(mu + i, m);
        K_STORE(u + i, K_DIV(m, K_SET(theta)));
    }
}

/* l = log(1 + mu / theta), p = mu / (mu + theta), q = 1 - p:
 * value = r + y eta - (y + theta) l; d/deta = (y - mu) q, -d2 = (y + theta) p q;
 * d/dlambda = -s1 + theta (p - l) + y p;
 * -d2/dlambda2 = -(d/dlambda + s2 + theta p - y p - (y + theta) p q). */
K_TARGET static void K_NAME(negative)(int len, const syi_predictor_tile *t, double theta, const double *mu,
                                      const double *log_more, const double *rising)
{
    const K_V zero = K_SET(0), th = K_SET(theta);
    const double *const r = rising, *const s1 = rising + SYI_TILE, *const s2 = rising + 2 * SYI_TILE;
    K_EACH
    {
        const K_V m = K_LOAD(mu + i), l = K_LOAD(log_more + i), y = K_LOAD(t->y + i), both = K_ADD(m, th);
        const K_V p = K_DIV(m, both), q = K_DIV(th, both), pq = K_MUL(p, q), total = K_ADD(y, th);
        const K_V value = K_FMA(y, K_LOAD(t->eta + i), K_SUB(K_LOAD(r + i), K_MUL(total, l)));
        const K_V gap = K_SUB(y, m), curve = K_MUL(total, pq), w = K_LOAD(t->weight + i);
        const K_V own = K_FMA(th, K_SUB(p, l), K_SUB(K_MUL(y, p), K_LOAD(s1 + i)));
        const K_V second = K_SUB(K_FMA(K_SUB(th, y), p, K_ADD(own, K_LOAD(s2 + i))), curve);
        K_NAME(put)(t, i, value, K_MUL(gap, q), curve);
        K_STORE(t->cross + i, K_MUL(w, K_SUB(zero, K_MUL(gap, pq))));
        K_STORE(t->own_score + i, K_MUL(w, own));
        K_STORE(t->own_curve + i, K_MUL(w, K_SUB(zero, second)));
    }
}

#undef K_EACH
