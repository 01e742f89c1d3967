/* The walk, written once. Included with NUM (plain or twofold) and WEIGHTS
 * (0: fill the table; 1 or 2: sums under so many weight tables); NAME makes the
 * names of one inclusion its own. No include guard for that reason.
 *
 * State at a node: the Schur complement of the undecided columns and the
 * outcome, given those taken in, as a packed upper triangle by rows. Leaving a
 * player out is a pointer step past its rows, taking it in is one rank-one
 * update a column. The corner starts at 0 and falls, so that -corner is v(S).
 *
 * One running sum a height gives the sums with a player in: every submodel
 * that holds the player of height h is below the "in" side of a node of that
 * height.
 * SPDX-License-Identifier: GPL-3.0-only */
#define JOINED(a, b, c) a##_##b##_##c
#define JOIN(a, b, c) JOINED(a, b, c)
#define NAME(a) JOIN(a, NUM, WEIGHTS)
#define WITH_NUM(a) JOIN2(a, NUM)
#define JOIN2(a, b) JOINED2(a, b)
#define JOINED2(a, b) a##_##b
#define num WITH_NUM(num)
#define set WITH_NUM(set)
#define value WITH_NUM(value)
#define reciprocal WITH_NUM(reciprocal)
#define times WITH_NUM(times)
#define less WITH_NUM(less)
#define last WITH_NUM(last)
#define sums NAME(sums)
#define state NAME(state)
#if WEIGHTS
#define place const vec *
#else
#define place double *
#endif

typedef struct {
    vec of[WEIGHTS ? WEIGHTS : 1];
} sums;

typedef struct {
    sums with[SYI_HEIGHTS];           /* [height] sums over submodels with that player in */
    ptrdiff_t step[SYI_HEIGHTS];      /* [height] how far that player moves the place */
    const double *least[SYI_HEIGHTS]; /* [height] floors of the player's columns */
    int columns[SYI_HEIGHTS];
    int bottom; /* height of the unrolled part */
    num *level[SYI_HEIGHTS];
    const ptrdiff_t *lane_place; /* NULL: the lanes lie side by side in the table */
    int lanes;                   /* in use */
} state;

INLINE sums NAME(plus)(sums a, sums b)
{
    for (int w = 0; w < WEIGHTS; w++) a.of[w] += b.of[w];
    return a;
}

/* One submodel a lane, whose corner is given. */
INLINE sums NAME(visit)(vec corner, place at, const state *k)
{
    sums s = {{{0}}};
#if WEIGHTS
    (void)k;
    for (int w = 0; w < WEIGHTS; w++) s.of[w] = corner * at[w];
#else
    const vec v = 0.0 - corner;
    if (!k->lane_place) store(at, v);
    else
        for (int l = 0; l < k->lanes; l++) at[k->lane_place[l]] = v[l];
#endif
    return s;
}

/* One column in, for the triangle M of order n: its later rows less their
 * multiples of row 0. N = M + n works in place. */
INLINE void NAME(take_in)(const num *M, int n, num by, num *N)
{
    const num *a = M + n;
    UNROLL for (int i = 1; i < n; i++)
    {
        const num f = times(M[i], by);
        UNROLL for (int j = i; j < n; j++) *N++ = less(f, M[j], *a++);
    }
}

/* A node adds up the submodels below it. The total goes through a pointer:
 * gcc 12 clears the upper lanes of a structure of one vector that is returned
 * by value (it puts vzeroupper between the value and the return). */
#define NODE(height, below, how)                                                                                       \
    how void NAME(node##height)(const num *M, place at, state *k, sums *total)                                         \
    {                                                                                                                  \
        num N[(height) * ((height) + 1) / 2];                                                                          \
        sums in, out;                                                                                                  \
        NAME(take_in)(M, (height) + 1, reciprocal(M[0], *k->least[height], ~(mask){0}), N);                            \
        NAME(below)(N, at + k->step[height], k, &in);                                                                  \
        k->with[height] = NAME(plus)(k->with[height], in);                                                             \
        NAME(below)(M + (height) + 1, at, k, &out);                                                                    \
        *total = NAME(plus)(in, out);                                                                                  \
    }
#define CALLED static __attribute__((noinline)) TARGET

INLINE void NAME(node0)(const num *M, place at, state *k, sums *total)
{
    *total = NAME(visit)(value(M[0]), at, k);
}

INLINE void NAME(node1)(const num *M, place at, state *k, sums *total)
{
    const sums in = NAME(visit)(last(M[0], M[1], M[2], *k->least[1]), at + k->step[1], k);
    k->with[1] = NAME(plus)(k->with[1], in);
    *total = NAME(plus)(in, NAME(visit)(value(M[2]), at, k));
}

NODE(2, node1, INLINE)
NODE(3, node2, CALLED)
NODE(4, node3, CALLED)
NODE(5, node4, CALLED)
NODE(6, node5, CALLED)
NODE(7, node6, CALLED)
NODE(8, node7, CALLED)

static TARGET void NAME(bottom)(const num *M, int height, place at, state *k, sums *total)
{
    static void (*const node[])(const num *, place, state *, sums *) = {NAME(node0), NAME(node1), NAME(node2),
                                                                        NAME(node3), NAME(node4), NAME(node5),
                                                                        NAME(node6), NAME(node7), NAME(node8)};
    node[height](M, at, k, total);
}

/* All columns of a player in, in the lanes of `in`; from M of order n to N,
 * which holds order n - 1 or, in place, is M + n. Where the result starts. */
static TARGET num *NAME(take_player)(const num *M, int n, int columns, const double *least, mask in, num *N)
{
    NAME(take_in)(M, n--, reciprocal(M[0], least[0], in), N);
    for (int c = 1; c < columns; c++) {
        NAME(take_in)(N, n, reciprocal(N[0], least[c], in), N + n);
        N += n--;
    }
    return N;
}

/* order: of M, the columns of all undecided players and the outcome */
static TARGET void NAME(walk)(const num *M, int order, int height, place at, state *k, sums *total)
{
    if (height <= k->bottom) {
        NAME(bottom)(M, height, at, k, total);
        return;
    }
    const int c = k->columns[height], n = order - c;
    const num *N = NAME(take_player)(M, order, c, k->least[height], ~(mask){0}, k->level[height]);
    sums in, out;
    NAME(walk)(N, n, height - 1, at + k->step[height], k, &in);
    k->with[height] = NAME(plus)(k->with[height], in);
    NAME(walk)(M + syi_triangle(order) - syi_triangle(n), n, height - 1, at, k, &out);
    *total = NAME(plus)(in, out);
}

/* The job's matrix with head and lane players decided; pass: which lanes. */
static TARGET const num *NAME(decide)(const syi_tree_walk *walk, int pass, int *order)
{
    const syi_tree_plan *plan = walk->plan;
    const int decided = plan->n_head + plan->n_lane;
    num *M = walk->root;
    int n = plan->game->order, column = 0;
    for (size_t i = 0; i < syi_triangle(n); i++) M[i] = set(plan->packed[i]);
    for (int p = 0; p < decided; p++) {
        const int c = plan->columns[p], lane_bit = p - plan->n_head;
        mask in = ~(mask){0};
        if (lane_bit >= 0)
            for (int l = 0; l < WIDTH; l++) in[l] = -(long long)((pass * WIDTH + l) >> lane_bit & 1);
        if (lane_bit >= 0 || (walk->job >> p & 1)) NAME(take_player)(M, n, c, plan->floor_ + column, in, M + n);
        M += syi_triangle(n) - syi_triangle(n - c);
        n -= c;
        column += c;
    }
    *order = n;
    return M;
}

#if WEIGHTS
/* Weights side by side, with their sign turned since the corner is -v. */
static TARGET place NAME(start)(const syi_tree_walk *walk, int pass, state *k)
{
    vec *side = walk->lane_weight;
    const int lanes = 1 << walk->plan->n_lane;
    (void)k;
    for (ptrdiff_t o = 0; o <= walk->span; o++)
        for (int w = 0; w < WEIGHTS; w++) {
            double lane[WIDTH] = {0};
            const double *from = walk->weight[w] + walk->start + o * walk->unit;
            for (int l = 0; l < WIDTH && pass * WIDTH + l < lanes; l++)
                lane[l] = -from[walk->lane_place[pass * WIDTH + l]];
            side[o * WEIGHTS + w] = load(lane);
        }
    return side;
}
#else
static TARGET place NAME(start)(const syi_tree_walk *walk, int pass, state *k)
{
    const int lanes = (1 << walk->plan->n_lane) - pass * WIDTH;
    int contiguous = lanes >= WIDTH;
    k->lanes = lanes < WIDTH ? lanes < 0 ? 0 : lanes : WIDTH;
    for (int l = 0; l < k->lanes; l++) contiguous &= walk->lane_place[pass * WIDTH + l] == pass * WIDTH + l;
    k->lane_place = contiguous ? NULL : walk->lane_place + pass * WIDTH;
    return walk->table + walk->start + (contiguous ? pass * WIDTH : 0);
}
#endif

static TARGET void NAME(prepare)(const syi_tree_walk *walk, state *k)
{
    const syi_tree_plan *plan = walk->plan;
    int column = plan->game->order - 1;
    memset(k, 0, sizeof *k);
    for (int h = 1; h <= plan->n_lower; h++) {
        k->columns[h] = plan->columns[plan->game->n_players - h];
        column -= k->columns[h];
        k->least[h] = plan->floor_ + column;
        k->step[h] = walk->step[h] * (WEIGHTS ? WEIGHTS : 1);
        k->level[h] = walk->level[h];
        if (k->columns[h] == 1 && h <= SYI_UNROLLED) k->bottom = h;
    }
}

static TARGET void NAME(tree)(syi_tree_walk *walk)
{
    state k;
    for (int pass = 0; pass < SYI_LANES / WIDTH; pass++) {
        const int height = walk->plan->n_lower;
        int order;
        NAME(prepare)(walk, &k);
        const num *M = NAME(decide)(walk, pass, &order);
        NAME(walk)(M, order, height, NAME(start)(walk, pass, &k), &k, &k.with[0]);
        for (int w = 0; w < WEIGHTS; w++)
            for (int h = 0; h <= height; h++) store(walk->lane_sum[w][h] + pass * WIDTH, k.with[h].of[w]);
    }
}

#undef JOINED
#undef JOIN
#undef NAME
#undef WITH_NUM
#undef JOIN2
#undef JOINED2
#undef num
#undef set
#undef value
#undef reciprocal
#undef times
#undef less
#undef last
#undef sums
#undef state
#undef place
#undef NODE
#undef CALLED
