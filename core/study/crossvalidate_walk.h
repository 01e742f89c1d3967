/* The walk over submodels that carries what they leave of the rows held out.
 * Written once, for double and for double-double: the includer defines NUMBER,
 * VALUE(x) (a double), MINUS(a, b), TIMES(a, b), INVERSE(a) and NAME(x).
 *
 * Taking column j in replaces each column still outside by what is left of it,
 * x_a - c_a x_j with c_a from the training rows; the same combination is
 * applied to the held-out rows' cross-products,
 *   A_ab - c_a A_jb          and   T_ab - c_a T_jb - c_b (T_aj - c_a T_jj),
 * so that T of the outcome is its squared error of prediction.
 * SPDX-License-Identifier: GPL-3.0-only */

typedef struct {
    const int *columns; /* of each player */
    double floor_;      /* a training pivot below it adds nothing */
    NUMBER *room;       /* two triangles a level */
    double factor;      /* what the outcome was scaled by, squared */
    double *table;      /* [2^players] the errors are added here */
    int stopped;
} NAME(walk);

/* Column `at` goes in: rows and columns at + 1 .. order - 1 of from to `to`,
 * lower triangles with a row of `stride`. */
static void NAME(take_in)(int at, int order, int stride, const NUMBER *a, const NUMBER *t, double floor_, NUMBER *a_to,
                          NUMBER *t_to)
{
    const NUMBER pivot = a[at * stride + at], own = t[at * stride + at], inverse = INVERSE(pivot);
    const int aliased = !(VALUE(pivot) > floor_);
    for (int i = at + 1; i < order; i++) {
        const ptrdiff_t row = (ptrdiff_t)i * stride;
        if (aliased) {
            for (int j = at + 1; j <= i; j++) {
                a_to[row + j] = a[row + j];
                t_to[row + j] = t[row + j];
            }
            continue;
        }
        const NUMBER c = TIMES(a[row + at], inverse), left = MINUS(t[row + at], TIMES(c, own));
        for (int j = at + 1; j <= i; j++) {
            const ptrdiff_t other = (ptrdiff_t)j * stride;
            const NUMBER d = TIMES(a[other + at], inverse);
            a_to[row + j] = MINUS(a[row + j], TIMES(c, a[other + at]));
            t_to[row + j] = MINUS(MINUS(t[row + j], TIMES(c, t[other + at])), TIMES(d, left));
        }
    }
}

/* Players 0 .. n - 1 are undecided; their columns stand from `at` on, the last
 * player's first, the outcome behind them all. */
static void NAME(visit)(NAME(walk) * w, int n, int at, int order, const NUMBER *a, const NUMBER *t, size_t chosen)
{
    const ptrdiff_t square = (ptrdiff_t)order * order;
    if (n == 0) {
        w->table[chosen] += w->factor * VALUE(t[square - 1]);
        return;
    }
    if (n >= 10 && (w->stopped = w->stopped || syi_parallel_stopped())) return;
    const int k = w->columns[n - 1];
    NAME(visit)(w, n - 1, at + k, order, a, t, chosen);
    NUMBER *a_in = w->room + 2 * (n - 1) * square, *t_in = a_in + square;
    for (int c = 0; c < k; c++) NAME(take_in)(at + c, order, order, c ? a_in : a, c ? t_in : t, w->floor_, a_in, t_in);
    NAME(visit)(w, n - 1, at + k, order, a_in, t_in, chosen | (size_t)1 << (n - 1));
}
