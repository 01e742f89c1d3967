/* Sums of bootstrap replicates as one product of matrices: multipliers [replicates
 * x units] times cross-products [units x columns^2 / 2].
 *
 * The units' products are taken about the whole sample's means and over the
 * roots of its sums of squares, so that plain double loses nothing that matters:
 * a replicate's means lie within a few standard errors of zero, and centring
 *   C_ab = P_ab - P_0a P_0b / P_00
 * cancels next to nothing. Rounding is about 1e-15 n^(1/2) of the diagonal. Where
 * the whole sample needs the guarded tree (VIF > 1e6) replicates are summed in
 * double-double instead (resample.c).
 * Cost: units columns^2 / 2 fused multiply-adds a replicate, sixteen replicates
 * by six products in registers, the multipliers of 128 units (16 KB) in the first
 * cache while all products pass; memory units columns^2 / 2 doubles.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "study/replicates_internal.h"
#include <math.h>
#include <string.h>

enum { AT_ONCE = SYI_REPLICATES_AT_ONCE, TOGETHER = SYI_REPLICATES_TOGETHER, TILE = SYI_REPLICATES_TILE };

#ifdef SYI_HAVE_X86
#include <immintrin.h>
#define TARGET SYI_TARGET_AVX512
#define KERNEL sums_avx512
#define WIDTH 8
#define VEC __m512d
#define BROADCAST(x) _mm512_set1_pd(x)
#define LOAD(p) _mm512_loadu_pd(p)
#define STORE(p, v) _mm512_storeu_pd(p, v)
#define FMA(a, b, c) _mm512_fmadd_pd(a, b, c)
#include "study/replicates_kernel.h"
#undef TARGET
#undef KERNEL
#undef WIDTH
#undef VEC
#undef BROADCAST
#undef LOAD
#undef STORE
#undef FMA
#define TARGET SYI_TARGET_AVX2
#define KERNEL sums_avx2
#define WIDTH 4
#define VEC __m256d
#define BROADCAST(x) _mm256_set1_pd(x)
#define LOAD(p) _mm256_loadu_pd(p)
#define STORE(p, v) _mm256_storeu_pd(p, v)
#define FMA(a, b, c) _mm256_fmadd_pd(a, b, c)
#include "study/replicates_kernel.h"
#endif

/* Products and sums rounded apart: a processor without fused multiply-add
 * agrees to 13 digits. */
static void sums_baseline(size_t n, const double *times, const double *products, double *out)
{
    for (size_t g = 0; g < n; g++, times += AT_ONCE, products += TOGETHER)
        for (int k = 0; k < TOGETHER; k++)
            for (int r = 0; r < AT_ONCE; r++) out[k * AT_ONCE + r] += products[k] * times[r];
}

static void sums(int simd, size_t n, const double *times, const double *products, double *out)
{
#ifdef SYI_HAVE_X86
    const int widest = syi_simd_widest(), use = simd < widest ? simd : widest;
    if (use == SYI_AVX512) {
        sums_avx512(n, times, products, out);
        return;
    }
    if (use == SYI_AVX2) {
        sums_avx2(n, times, products, out);
        return;
    }
#endif
    (void)simd;
    sums_baseline(n, times, products, out);
}

typedef struct {
    double *mean, *root; /* [order] about the shift; 0 for a column without spread */
} centre;

static void put(const syi_replicates *r, size_t units, ptrdiff_t g, size_t at, double value)
{
    r->products[(at / TOGETHER * units + (size_t)g) * TOGETHER + at % TOGETHER] = value;
}

/* One unit's line: weight, then (0, a) and (a, b), then n and squared weights. */
static void fill(const syi_plan *plan, const centre *c, ptrdiff_t g, const syi_replicates *r)
{
    const sy_moments *m = plan->m;
    const int q = m->n_columns, order = r->order;
    const size_t units = (size_t)m->n_units;
    const double *hi = m->hi + (size_t)g * syi_packed_length(q);
    size_t at = 0;
    put(r, units, g, at++, hi[0]);
    for (int a = 0; a < order; a++) {
        const double sum = hi[syi_packed_at(q, 0, plan->column[a] + 1)] - c->mean[a] * hi[0];
        put(r, units, g, at++, c->root[a] > 0 ? sum / c->root[a] : 0);
    }
    for (int a = 0; a < order; a++)
        for (int b = a; b < order; b++) {
            const int ca = plan->column[a] + 1, cb = plan->column[b] + 1;
            const double product = hi[syi_packed_at(q, ca < cb ? ca : cb, ca < cb ? cb : ca)];
            const double sum_a = hi[syi_packed_at(q, 0, ca)], sum_b = hi[syi_packed_at(q, 0, cb)];
            const double about = (product - c->mean[a] * sum_b) - c->mean[b] * (sum_a - c->mean[a] * hi[0]);
            const double root = c->root[a] * c->root[b];
            put(r, units, g, at++, root > 0 ? about / root : 0);
        }
    put(r, units, g, at++, m->unit_n[g]);
    put(r, units, g, at, m->unit_sum_w2[g]);
}

sy_status syi_replicates_init(sy_context *ctx, const syi_plan *plan, const syi_sums *total, syi_replicates *r)
{
    const sy_moments *m = plan->m;
    const int order = plan->n_adjust + plan->k + 1, q = m->n_columns;
    const size_t used = syi_packed_length(order) + 2, blocks = (used + TOGETHER - 1) / TOGETHER;
    *r = (syi_replicates){.order = order, .length = blocks * TOGETHER};
    centre c = {.mean = syi_alloc((size_t)order, sizeof(double)), .root = syi_alloc((size_t)order, sizeof(double))};
    r->products = syi_alloc(r->length * (size_t)m->n_units, sizeof *r->products);
    sy_status status = SY_OK;
    if (!c.mean || !c.root || !r->products)
        status = syi_fail(ctx, SY_ENOMEM, "replicates: no room for the products of %td units", m->n_units);
    for (int a = 0; a < order && !status; a++) {
        const int column = plan->column[a] + 1;
        c.mean[a] = total->hi[syi_packed_at(q, 0, column)] / total->hi[0];
        const double raw = total->hi[syi_packed_at(q, column, column)];
        c.root[a] = sqrt(fmax(raw - c.mean[a] * total->hi[syi_packed_at(q, 0, column)], 0));
    }
    for (ptrdiff_t g = 0; g < m->n_units && !status; g++) fill(plan, &c, g, r);
    SYI_FREE(c.mean);
    SYI_FREE(c.root);
    return status;
}

void syi_replicates_free(syi_replicates *r)
{
    SYI_FREE(r->products);
}

size_t syi_replicates_room(const syi_plan *plan, const syi_replicates *r)
{
    const size_t units = (size_t)plan->m->n_units, order = (size_t)r->order;
    return syi_arena_room(units * AT_ONCE, sizeof(double)) + syi_arena_room(TILE * AT_ONCE, sizeof(double)) +
           syi_arena_room(r->length * AT_ONCE, sizeof(double)) + syi_arena_room(order * order, sizeof(syi_dd));
}

/* A column constant in the replicate is what rounding left of its products. */
static syi_dd centred(double product, double sum_a, double sum_b, double weight, int diagonal)
{
    const double c = product - sum_a * (sum_b / weight);
    return syi_dd_of(diagonal && !(c > 0x1p-46 * product) ? 0 : c);
}

/* One replicate's values from column `which` of the sums [length][AT_ONCE]. */
static int evaluate(syi_evaluator *e, int worker, const syi_replicates *r, const double *sum, int which, syi_dd *c,
                    double *values)
{
    const int order = r->order;
    const double *s = sum + which, weight = s[0], *pair = s + (size_t)(order + 1) * AT_ONCE;
    for (int a = 0; a < order; a++)
        for (int b = a; b < order; b++, pair += AT_ONCE)
            c[a * order + b] = c[b * order + a] =
                centred(*pair, s[(a + 1) * AT_ONCE], s[(b + 1) * AT_ONCE], weight, a == b);
    const double n = pair[0],
                 n_effective = e->plan->m->weight_kind >= SY_WEIGHT_ANALYTIC ? weight * weight / pair[AT_ONCE] : n;
    return syi_evaluator_matrix(e, worker, c, n, n_effective, values);
}

int syi_replicates_add(int simd, const syi_replicates *r, size_t units, const double *times, double *tile, double *sum)
{
    int stopped = 0;
    memset(sum, 0, r->length * AT_ONCE * sizeof *sum);
    for (size_t from = 0; from < units && !stopped; from += TILE) {
        const size_t take = units - from < TILE ? units - from : TILE;
        for (size_t k = 0; k < AT_ONCE; k++)
            for (size_t g = 0; g < take; g++) tile[g * AT_ONCE + k] = times[k * units + from + g];
        for (size_t at = 0; at < r->length; at += TOGETHER)
            sums(simd, take, tile, r->products + at * units + from * TOGETHER, sum + at * AT_ONCE);
        stopped = syi_parallel_stopped();
    }
    return stopped;
}

int syi_replicates_run(syi_evaluator *e, int worker, const syi_replicates *r, const syi_resampling *draws,
                       uint64_t seed, size_t first, size_t end, double *out)
{
    const sy_moments *m = e->plan->m;
    const size_t units = (size_t)m->n_units, order = (size_t)r->order;
    syi_arena *scratch = &e->scratch[worker];
    const syi_arena mark = *scratch;
    double *times = syi_arena_take(scratch, units * AT_ONCE, sizeof *times);
    double *tile = syi_arena_take(scratch, TILE * AT_ONCE, sizeof *tile);
    double *sum = syi_arena_take(scratch, r->length * AT_ONCE, sizeof *sum);
    syi_dd *c = syi_arena_take(scratch, order * order, sizeof *c);
    const size_t count = end - first < AT_ONCE ? end - first : AT_ONCE;
    int stopped = 0;
    for (size_t k = 0; k < count && !stopped; k++) {
        syi_plan_times(m, draws, seed, first + k, times + k * units);
        stopped = syi_parallel_stopped();
    }
    if (count < AT_ONCE) memset(times + count * units, 0, (AT_ONCE - count) * units * sizeof *times);
    if (!stopped) stopped = syi_replicates_add(e->ctx->simd, r, units, times, tile, sum);
    for (size_t k = 0; k < count && !stopped; k++) {
        evaluate(e, worker, r, sum, (int)k, c, out + (first + k) * (size_t)e->n_values);
        stopped = syi_parallel_stopped();
    }
    *scratch = mark;
    return !stopped;
}
