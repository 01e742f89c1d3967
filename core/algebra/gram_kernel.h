/* The kernels of gram.c, written once; gram.c defines for each target
 *   K_NAME(f), K_TARGET   the function's name and attribute
 *   K_V, K_WIDTH          a vector of doubles and how many it holds
 *   K_SPAN                columns of a 4 x K_SPAN register block, 2 or 4
 *   K_LOAD K_STORE K_MUL
 *   K_FMA(a, b, c)        a b + c, one rounding
 * SPDX-License-Identifier: GPL-3.0-only */

#define K_OPEN(j)                                                                                                      \
    K_LOAD(acc + 8 * (j)), s1##j = K_LOAD(acc + 8 * (j) + 32), s2##j = K_LOAD(acc + 8 * (j) + 64),                     \
                           s3##j = K_LOAD(acc + 8 * (j) + 96)
#define K_STEP(j)                                                                                                      \
    do {                                                                                                               \
        const K_V y_ = K_LOAD(y##j + r);                                                                               \
        s0##j = K_FMA(x0, y_, s0##j);                                                                                  \
        s1##j = K_FMA(x1, y_, s1##j);                                                                                  \
        s2##j = K_FMA(x2, y_, s2##j);                                                                                  \
        s3##j = K_FMA(x3, y_, s3##j);                                                                                  \
    } while (0)
#define K_CLOSE(j)                                                                                                     \
    do {                                                                                                               \
        K_STORE(acc + 8 * (j), s0##j);                                                                                 \
        K_STORE(acc + 8 * (j) + 32, s1##j);                                                                            \
        K_STORE(acc + 8 * (j) + 64, s2##j);                                                                            \
        K_STORE(acc + 8 * (j) + 96, s3##j);                                                                            \
    } while (0)

/* Four columns x against K_SPAN columns y, accumulators in registers. */
K_TARGET static void K_NAME(block)(const double *const *x, const double *const *y, int lane, int rows, double *acc)
{
    const double *const u0 = x[0], *const u1 = x[1], *const u2 = x[2], *const u3 = x[3];
    const double *const y0 = y[0], *const y1 = y[1];
    K_V s00 = K_OPEN(0), s01 = K_OPEN(1);
#if K_SPAN == 4
    const double *const y2 = y[2], *const y3 = y[3];
    K_V s02 = K_OPEN(2), s03 = K_OPEN(3);
#endif
    for (int r = lane; r < rows; r += 8) {
        const K_V x0 = K_LOAD(u0 + r), x1 = K_LOAD(u1 + r), x2 = K_LOAD(u2 + r), x3 = K_LOAD(u3 + r);
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

/* Four columns against four, all eight lanes. */
K_TARGET static void K_NAME(square)(const double *const *x, const double *const *y, int rows, double *acc)
{
    for (int part = 0; part < 4; part += K_SPAN)
        for (int lane = 0; lane < 8; lane += K_WIDTH)
            K_NAME(block)(x, y + part, lane, rows, acc + lane + (ptrdiff_t)8 * part);
}

/* One column against four. */
K_TARGET static void K_NAME(line)(const double *x, const double *const *y, int rows, double *acc)
{
    const double *const y0 = y[0], *const y1 = y[1], *const y2 = y[2], *const y3 = y[3];
    for (int lane = 0; lane < 8; lane += K_WIDTH) {
        double *const a = acc + lane;
        K_V s0 = K_LOAD(a), s1 = K_LOAD(a + 8), s2 = K_LOAD(a + 16), s3 = K_LOAD(a + 24);
        for (int r = lane; r < rows; r += 8) {
            const K_V u = K_LOAD(x + r);
            s0 = K_FMA(u, K_LOAD(y0 + r), s0);
            s1 = K_FMA(u, K_LOAD(y1 + r), s1);
            s2 = K_FMA(u, K_LOAD(y2 + r), s2);
            s3 = K_FMA(u, K_LOAD(y3 + r), s3);
        }
        K_STORE(a, s0);
        K_STORE(a + 8, s1);
        K_STORE(a + 16, s2);
        K_STORE(a + 24, s3);
    }
}

K_TARGET static void K_NAME(scale)(const double *weight, const double *x, int rows, double *out)
{
    for (int r = 0; r < rows; r += K_WIDTH) K_STORE(out + r, K_MUL(K_LOAD(weight + r), K_LOAD(x + r)));
}

/* The weighted columns of a row of blocks are made once, in 4 columns of
 * scratch that stay in the nearest cache. */
K_TARGET static void K_NAME(add)(const syi_gram *t, double *scratch, double *acc)
{
    const int rows = 8 * t->groups, blocks = (t->n_x + 3) / 4, full = t->n_left / 4 * 4;
    const double *side[4];
    for (int i = 0; i < blocks; i++) {
        for (int a = 0; a < 4; a++) {
            side[a] = t->x[4 * i + a];
            if (!t->weight) continue;
            K_NAME(scale)(t->weight, side[a], rows, scratch + (ptrdiff_t)a * rows);
            side[a] = scratch + (ptrdiff_t)a * rows;
        }
        for (int j = i; j < blocks; j++, acc += PAIR) K_NAME(square)(side, t->x + (ptrdiff_t)4 * j, rows, acc);
    }
    for (int l = 0; l < full; l += 4)
        for (int j = 0; j < blocks; j++, acc += PAIR) K_NAME(square)(t->left + l, t->x + (ptrdiff_t)4 * j, rows, acc);
    for (int l = full; l < t->n_left; l++)
        for (int j = 0; j < blocks; j++, acc += LINE) K_NAME(line)(t->left[l], t->x + (ptrdiff_t)4 * j, rows, acc);
}

#undef K_OPEN
#undef K_STEP
#undef K_CLOSE
