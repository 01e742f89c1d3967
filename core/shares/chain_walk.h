/* L D L' of a matrix permuted in each lane, written once for plain and twofold
 * numbers (NUM). No include guard for that reason.
 *
 * Two rows at a time, four columns at a time: eight sums stay in registers
 * while all earlier rows pass by, so that a multiply-add needs three quarters
 * of a load and no store. Each sum runs through the earlier rows in their
 * order, whatever the width: the same bits.
 * SPDX-License-Identifier: GPL-3.0-only */
#define JOINED2(a, b) a##_##b
#define JOIN2(a, b) JOINED2(a, b)
#define WITH_NUM(a) JOIN2(a, NUM)
#define num WITH_NUM(num)
#define value WITH_NUM(value)
#define times WITH_NUM(times)
#define less WITH_NUM(less)
#define reciprocal WITH_NUM(reciprocal)
#define state WITH_NUM(chain_state)
#define read WITH_NUM(read)
#define tile WITH_NUM(tile)
#define rows WITH_NUM(rows)
#define finish WITH_NUM(finish)
#define row_of WITH_NUM(row_of)
#define chain_num WITH_NUM(chain)

typedef struct {
    const syi_chain *chain;
    int pass, order;
    num *row;        /* packed: what is left of row i when its column enters, from column i on */
    num *factor;     /* [order][2] multiples of the earlier rows that leave rows i and i + 1 */
    num *reciprocal; /* [order] */
} state;

/* Where row i would begin if it had all columns. */
INLINE num *row_of(const state *s, int i)
{
    return s->row + (ptrdiff_t)i * s->order - (ptrdiff_t)i * (i + 1) / 2;
}

/* Fills 2 x `count` entries of rows i and i + 1, columns j and on. */
INLINE void tile(const state *s, int i, int j, int n_rows, int count)
{
    num sum[2][4];
    for (int r = 0; r < n_rows; r++)
        for (int t = 0; t < count; t++) sum[r][t] = read(s->chain, s->pass, i + r, j + t);
    for (int c = 0; c < i; c++) {
        const num *from = row_of(s, c) + j;
        UNROLL for (int t = 0; t < count; t++)
        {
            const num u = from[t];
            UNROLL for (int r = 0; r < n_rows; r++) sum[r][t] = less(s->factor[2 * c + r], u, sum[r][t]);
        }
    }
    for (int r = 0; r < n_rows; r++)
        for (int t = 0; t < count; t++)
            if (j + t >= i + r) row_of(s, i + r)[j + t] = sum[r][t];
}

INLINE void rows(const state *s, int i, int n_rows)
{
    const int n = s->order;
    for (int c = 0; c < i; c++)
        for (int r = 0; r < n_rows; r++) s->factor[2 * c + r] = times(row_of(s, c)[i + r], s->reciprocal[c]);
    int j = i;
    for (; j + 4 <= n; j += 4) tile(s, i, j, n_rows, 4);
    for (; j < n; j++) tile(s, i, j, n_rows, 1);
}

/* Row i is done: its pivot, and what its column adds. */
INLINE void finish(const state *s, int i)
{
    const num pivot = row_of(s, i)[i], with_outcome = row_of(s, i)[s->order - 1];
    const num r = reciprocal(pivot, s->chain->least, ~(mask){0});
    s->reciprocal[i] = r;
    store(s->chain->added + (ptrdiff_t)i * SYI_LANES + s->pass * WIDTH,
          value(times(times(with_outcome, r), with_outcome)));
    store(s->chain->taken + (ptrdiff_t)i * SYI_LANES + s->pass * WIDTH, keep(value(r) != spread(0), spread(1)));
}

static TARGET int chain_num(const syi_chain *chain)
{
    state s = {.chain = chain, .order = chain->order};
    const int n = chain->order, k = n - 1;
    s.row = chain->room;
    s.factor = s.row + (ptrdiff_t)n * (n + 1) / 2;
    s.reciprocal = s.factor + (ptrdiff_t)2 * n;
    for (s.pass = 0; s.pass < SYI_LANES / WIDTH; s.pass++)
        for (int i = 0; i < k; i += 2) {
            if (i + 1 == k) {
                rows(&s, i, 1);
                finish(&s, i);
                continue;
            }
            rows(&s, i, 2);
            finish(&s, i);
            const num *first = row_of(&s, i);
            num *second = row_of(&s, i + 1);
            const num f = times(first[i + 1], s.reciprocal[i]);
            for (int j = i + 1; j < n; j++) second[j] = less(f, first[j], second[j]);
            finish(&s, i + 1);
            if (n > SYI_CHAIN_POLLED && syi_parallel_stopped()) return 1;
        }
    return 0;
}

#undef JOINED2
#undef JOIN2
#undef WITH_NUM
#undef num
#undef value
#undef times
#undef less
#undef reciprocal
#undef state
#undef read
#undef tile
#undef rows
#undef finish
#undef row_of
#undef chain_num
