/* The bare tree: what the walk over all submodels costs with nothing around
 * it. Single columns, one weight table by submodel size, approximate
 * reciprocals, no guard, no jobs, no choice of order. Included once a target,
 * with BARE (the name), LANES, ATTRIBUTE, FNMA and RECIPROCAL.
 * SPDX-License-Identifier: GPL-3.0-only */
#define CAT_(a, b) a##b
#define CAT(a, b) CAT_(a, b)
#define ID(a) CAT(BARE, a)
#define number ID(_number)
#define totals ID(_totals)

typedef double number __attribute__((vector_size(LANES * 8)));

typedef struct {
    number with[32];   /* [height] sums with that player in */
    number weight[33]; /* [size without the lane players] */
} totals;

static inline __attribute__((always_inline)) ATTRIBUTE number ID(_1)(const number *M, int size, totals *t)
{
    const number in = (1.0 - FNMA(M[1] * M[1], RECIPROCAL(M[0]), M[2])) * t->weight[size + 1];
    t->with[1] += in;
    return in + (1.0 - M[2]) * t->weight[size];
}

#define BARE_NODE(height, below, how)                                                                                  \
    how ATTRIBUTE number ID(_##height)(const number *M, int size, totals *t)                                           \
    {                                                                                                                  \
        number N[(height) * ((height) + 1) / 2], *to = N;                                                              \
        const number d = RECIPROCAL(M[0]), *a = M + (height) + 1;                                                      \
        _Pragma("GCC unroll 8") for (int i = 1; i <= (height); i++)                                                    \
        {                                                                                                              \
            const number f = M[i] * d;                                                                                 \
            _Pragma("GCC unroll 8") for (int j = i; j <= (height); j++) *to++ = FNMA(f, M[j], *a++);                   \
        }                                                                                                              \
        const number in = ID(below)(N, size + 1, t);                                                                   \
        t->with[height] += in;                                                                                         \
        return in + ID(below)(M + (height) + 1, size, t);                                                              \
    }
#define APART static __attribute__((noinline))
BARE_NODE(2, _1, static inline __attribute__((always_inline)))
BARE_NODE(3, _2, APART)
BARE_NODE(4, _3, APART)
BARE_NODE(5, _4, APART)
BARE_NODE(6, _5, APART)
BARE_NODE(7, _6, APART)
BARE_NODE(8, _7, APART)

static ATTRIBUTE number ID(_loop)(const number *M, int height, int size, totals *t)
{
    if (height == 8) return ID(_8)(M, size, t);
    number N[32 * 33 / 2], *to = N;
    const number d = RECIPROCAL(M[0]), *a = M + height + 1;
    for (int i = 1; i <= height; i++) {
        const number f = M[i] * d;
        for (int j = i; j <= height; j++) *to++ = FNMA(f, M[j], *a++);
    }
    const number in = ID(_loop)(N, height - 1, size + 1, t);
    t->with[height] += in;
    return in + ID(_loop)(M + height + 1, height - 1, size, t);
}

/* Full symmetric sweep-in of column k, in one lane. */
static void ID(_sweep)(double *a, int n, int k)
{
    for (int i = 0; i < n; i++) {
        const double f = a[i * n + k] / a[k * n + k];
        for (int j = 0; j < n && i != k; j++)
            if (j != k) a[i * n + j] -= f * a[k * n + j];
    }
}

/* sums[j], j < p: over the submodels with j, weight[size] v(S); 11 <= p <= 30 */
static ATTRIBUTE void ID(_sums)(const double *matrix, int p, const double *weight, double *sums)
{
    const int n = p + 1, height = p - 3;
    static number M[32 * 33 / 2];
    totals t;
    for (int j = 0; j < p; j++) sums[j] = 0;
    for (int first = 0; first < 8; first += LANES) {
        memset(&t, 0, sizeof t);
        for (int l = 0; l < LANES; l++) {
            double a[32 * 32];
            memcpy(a, matrix, sizeof *a * (size_t)(n * n));
            for (int k = 0; k < 3; k++)
                if ((first + l) >> k & 1) ID(_sweep)(a, n, k);
            number *to = M;
            for (int i = 3; i < n; i++)
                for (int j = i; j < n; j++) (*to++)[l] = a[i * n + j];
            for (int s = 0; s <= height; s++) t.weight[s][l] = weight[s + __builtin_popcount((unsigned)(first + l))];
        }
        const number all = ID(_loop)(M, height, 0, &t);
        for (int l = 0; l < LANES; l++) {
            for (int k = 0; k < 3; k++)
                if ((first + l) >> k & 1) sums[k] += all[l];
            for (int k = 3; k < p; k++) sums[k] += t.with[p - k][l];
        }
    }
}

#undef CAT_
#undef CAT
#undef ID
#undef number
#undef totals
#undef BARE_NODE
#undef APART
