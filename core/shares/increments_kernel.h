/* The body of syi_increments_of, for one target: four lanes of doubles, which
 * the compiler splits in two where a register holds two. Products and sums are
 * rounded apart, so every target gives the same bits. WITHOUT and WITH pick four
 * of eight neighbouring entries, those without or with a player on bit 0, 1 or 2;
 * ADD puts four increments into an accumulator. WEIGHT is their weight: w at S, in
 * the bound kernels times f at S + j; OCCURS keeps those of no weight from being
 * least or greatest.
 * SPDX-License-Identifier: GPL-3.0-only */

/* Players on bits 3 and up: runs of eight or more. */
TARGET static void LONG_RUNS(size_t count, size_t step, const double *w, const double *f, const double *v,
                             const double *u, accumulator *a)
{
    accumulator first = a[0], second = a[1];
    (void)f;
    for (size_t base = 0; base < count; base += 2 * step)
        for (size_t s = base; s < base + step; s += 8) {
            const size_t t = s + step;
            ADD(first, WEIGHT(LOAD(w + s), LOAD(f + t)), LOAD(v + s), LOAD(v + t), LOAD(u + s), LOAD(u + t));
            ADD(second, WEIGHT(LOAD(w + s + 4), LOAD(f + t + 4)), LOAD(v + s + 4), LOAD(v + t + 4), LOAD(u + s + 4),
                LOAD(u + t + 4));
        }
    a[0] = first;
    a[1] = second;
}

TARGET static inline __attribute__((always_inline)) void
EIGHT_ENTRIES(int bit, size_t count, const double *w, const double *f, const double *v, const double *u, accumulator *a)
{
    accumulator sum = *a;
    (void)f;
    for (size_t s = 0; s < count; s += 8) {
        const v4 w0 = LOAD(w + s), w1 = LOAD(w + s + 4), v0 = LOAD(v + s), v1 = LOAD(v + s + 4), u0 = LOAD(u + s),
                 u1 = LOAD(u + s + 4);
        ADD(sum, WEIGHT(WITHOUT(bit, w0, w1), WITH(bit, LOAD(f + s), LOAD(f + s + 4))), WITHOUT(bit, v0, v1),
            WITH(bit, v0, v1), WITHOUT(bit, u0, u1), WITH(bit, u0, u1));
    }
    *a = sum;
}

/* Bits 0 to 2: eight entries hold four increments. */
TARGET static void SHORT_RUNS(int bit, size_t count, const double *w, const double *f, const double *v, const double *u,
                              accumulator *a)
{
    if (bit == 0) EIGHT_ENTRIES(0, count, w, f, v, u, a);
    else if (bit == 1) EIGHT_ENTRIES(1, count, w, f, v, u, a);
    else EIGHT_ENTRIES(2, count, w, f, v, u, a);
}
