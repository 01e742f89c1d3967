/* Families of tests whose statistics were resampled together.
 *
 * Unit u moves contrast k by d_uk, sum of squares s_k^2. A replicate gives
 * every unit a sign w_u = +1 or -1 and studentises again:
 *   t*_k = S_k / sqrt(n / (n - 1) (s_k^2 - S_k^2 / n)),  S_k = sum over u of w_u d_uk,
 * the null law of all t_k together, their dependence kept. Romano & Wolf: the
 * hypotheses by falling |t|; the adjusted p of one is the share of replicates
 * whose largest |t*| among it and those after it reaches its |t|, never below
 * that of the one before. Westfall & Young: the same with least p values, each
 * t* turned into the share of its own column that reaches it, the observed ones
 * from t as the single tests have them: the dependence is resampled, the margins
 * are not, and the size is the single tests'. The sample counts as one replicate,
 * so p is never 0 [Davison & Hinkley 1997, section 4.2].
 * Why signs: with 20 councils whole councils drawn anew leave too few distinct
 * ones, while flipped signs hold their size [Cameron, Gelbach & Miller 2008].
 * Ranks: one-sided tests of all ordered pairs; pairs surely in order count.
 * Conditions: moves about symmetric under the null; FEWEST_UNITS units for
 * Westfall & Young, whose p values are whole numbers of sign patterns. Cost: replicates units K;
 * Westfall & Young replicates log(replicates) K more.
 * Romano & Wolf 2005, doi:10.1198/016214504000000539; Westfall & Young 1993,
 * Resampling-Based Multiple Testing; Cameron, Gelbach & Miller 2008,
 * doi:10.1162/rest.90.3.414; Mogstad, Romano, Shaikh & Wilhelm 2024,
 * doi:10.1093/restud/rdad006.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/random_internal.h"
#include "base/status_internal.h"
#include "steelyard/joint.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 16, FEWEST_REPLICATES = 100, FEWEST_UNITS = 11, WORD = 32, BREATH = 256 };

/* Ties of replicates that are the sample itself must count. */
static const double TIE = 1e-12;

typedef struct {
    ptrdiff_t units;
    int k, sides, replicates;
    uint64_t seed;
    const double *moves;
    double *square; /* [k] */
    double *drawn;  /* [replicates * k] |t*| or t* */
} family;

static double sided(int sides, double t)
{
    return sides == 2 ? fabs(t) : t;
}

static void draw_one(const family *f, size_t replicate)
{
    double *sum = f->drawn + replicate * (size_t)f->k;
    const double n = (double)f->units;
    syi_stream stream;
    uint32_t bits = 0;
    syi_stream_init(&stream, f->seed, (uint32_t)replicate, 0);
    for (int i = 0; i < f->k; i++) sum[i] = 0;
    for (ptrdiff_t u = 0; u < f->units; u++) {
        if (u % WORD == 0) bits = syi_stream_bits(&stream);
        const double sign = bits >> (u % WORD) & 1 ? 1 : -1, *d = f->moves + u * f->k;
        for (int i = 0; i < f->k; i++) sum[i] += sign * d[i];
    }
    for (int i = 0; i < f->k; i++) {
        const double left = f->square[i] - sum[i] * sum[i] / n;
        const double t = left > 0 ? sum[i] / sqrt(n / (n - 1) * left) : sum[i] == 0 ? 0 : copysign(HUGE_VAL, sum[i]);
        sum[i] = sided(f->sides, t);
    }
}

static void draw_block(void *arg, int worker, size_t block)
{
    const family *f = arg;
    (void)worker;
    const size_t first = block * BLOCK, all = (size_t)f->replicates;
    for (size_t r = first; r < first + BLOCK && r < all; r++) {
        if (syi_parallel_stopped()) return;
        draw_one(f, r);
    }
}

typedef struct {
    double t;
    int at;
} ordered;

static int falling(const void *a, const void *b)
{
    const ordered *x = a, *y = b;
    return x->t > y->t ? -1 : x->t < y->t ? 1 : x->at - y->at;
}

/* Each column of drawn by how much of it reaches the value, negative, so that
 * large is extreme as for |t|. column: [replicates]. */
static void to_shares(const family *f, int i, ordered *column)
{
    const int n = f->replicates;
    for (int r = 0; r < n; r++) column[r] = (ordered){f->drawn[(size_t)r * (size_t)f->k + (size_t)i], r};
    qsort(column, (size_t)n, sizeof *column, falling);
    for (int r = 0; r < n;) {
        int end = r + 1;
        while (end < n && column[end].t >= column[r].t - TIE * fabs(column[r].t)) end++;
        for (; r < end; r++) f->drawn[(size_t)column[r].at * (size_t)f->k + (size_t)i] = -(double)end;
    }
}

static sy_status breathe(sy_context *ctx)
{
    return ctx->poll && ctx->poll(ctx->poll_arg) ? syi_fail(ctx, SY_EINTR, "stopped by the host") : SY_OK;
}

/* From the last hypothesis to the first the largest of those from it on, so that
 * each replicate is read once. reach: [count], zero. */
static sy_status step(sy_context *ctx, const family *f, int count, ordered *line, int *reach, double *p)
{
    sy_status status = SY_OK;
    double before = 0;
    qsort(line, (size_t)count, sizeof *line, falling);
    for (int r = 0; r < f->replicates && !status; r++) {
        const double *t = f->drawn + (size_t)r * (size_t)f->k;
        double most = -HUGE_VAL;
        for (int i = count - 1; i >= 0; i--) {
            most = fmax(most, t[line[i].at]);
            reach[i] += most >= line[i].t - TIE * fabs(line[i].t);
        }
        if (r % BREATH == 0) status = breathe(ctx);
    }
    for (int i = 0; i < count && !status; i++) {
        before = fmax(before, (reach[i] + 1.0) / (f->replicates + 1.0));
        p[line[i].at] = before;
    }
    return status;
}

static sy_status check(sy_context *ctx, ptrdiff_t units, int k, int sides, int replicates)
{
    if (k < 1) return syi_fail(ctx, SY_EINVAL, "tests: none given; at least one is needed");
    if (units < 2) return syi_fail(ctx, SY_EINVAL, "units: %td; at least 2 are needed", units);
    if (sides != 1 && sides != 2) return syi_fail(ctx, SY_EINVAL, "sides: %d; 1 or 2 is needed", sides);
    if (replicates < FEWEST_REPLICATES)
        return syi_fail(ctx, SY_EINVAL, "replicates: %d, at least %d are needed", replicates, FEWEST_REPLICATES);
    return SY_OK;
}

static sy_status check_p(sy_context *ctx, ptrdiff_t units, int k, const double *p)
{
    if (units < FEWEST_UNITS)
        return syi_fail(ctx, SY_EINVAL,
                        "method: Westfall and Young's needs %d units or more; the signs of %td make only %ld patterns",
                        FEWEST_UNITS, units, 1L << (units - 1));
    for (int i = 0; i < k; i++)
        if (p[i] < 0 || p[i] > 1) return syi_fail(ctx, SY_EINVAL, "p value %d: %g is not between 0 and 1", i + 1, p[i]);
    return SY_OK;
}

static sy_status draw(sy_context *ctx, family *f)
{
    const size_t k = (size_t)f->k, blocks = ((size_t)f->replicates + BLOCK - 1) / BLOCK;
    const double seconds = (double)f->replicates * (double)f->units * (double)f->k * 5e-10;
    f->square = syi_alloc(k, sizeof *f->square);
    f->drawn = syi_alloc((size_t)f->replicates * k, sizeof *f->drawn);
    if (!f->square || !f->drawn)
        return syi_fail(ctx, SY_ENOMEM, "replicates: no room for %d of %d tests", f->replicates, f->k);
    for (ptrdiff_t u = 0; u < f->units; u++)
        for (int i = 0; i < f->k; i++) f->square[i] += f->moves[u * f->k + i] * f->moves[u * f->k + i];
    return syi_parallel(ctx, blocks, seconds, draw_block, f);
}

sy_status sy_joint_step_down(sy_context *ctx, ptrdiff_t units, int k, const double *moves, const double *observed,
                             int sides, sy_step_method method, int replicates, uint64_t seed, double *p_adjusted)
{
    const int by_p = method == SY_STEP_WESTFALL_YOUNG;
    syi_enter(ctx);
    family f = {units, k, sides, replicates, seed, moves, NULL, NULL};
    ordered *line = NULL, *column = NULL;
    int count = 0, *reach = NULL;
    sy_status status = check(ctx, units, k, sides, replicates);
    if (!status && by_p) status = check_p(ctx, units, k, observed);
    if (!status && method != SY_STEP_ROMANO_WOLF && !by_p)
        status = syi_fail(ctx, SY_EINVAL, "method: %d is not a step-down method", (int)method);
    if (!status) status = draw(ctx, &f);
    if (status) goto out;
    line = syi_alloc((size_t)k, sizeof *line);
    column = syi_alloc((size_t)replicates, sizeof *column);
    reach = syi_alloc((size_t)k, sizeof *reach);
    if (!line || !column || !reach) {
        status = syi_fail(ctx, SY_ENOMEM, "tests: no room for %d of them", k);
        goto out;
    }
    for (int i = 0; i < k && !status; i++) {
        p_adjusted[i] = NAN;
        if (isnan(observed[i])) continue;
        if (by_p) to_shares(&f, i, column);
        if (by_p) status = breathe(ctx);
        line[count++] = (ordered){by_p ? -replicates * observed[i] : sided(sides, observed[i]), i};
    }
    if (!status) status = step(ctx, &f, count, line, reach, p_adjusted);
out:
    SYI_FREE(f.square);
    SYI_FREE(f.drawn);
    SYI_FREE(line);
    SYI_FREE(column);
    SYI_FREE(reach);
    return status;
}

/* Pair (i, j), j not i: moves and statistic of i less j. */
static void make_pairs(ptrdiff_t units, int k, const double *estimate, const double *moved, double *moves, double *t)
{
    const int pairs = k * (k - 1);
    for (int i = 0, at = 0; i < k; i++)
        for (int j = 0; j < k; j++) {
            if (i == j) continue;
            double square = 0;
            for (ptrdiff_t u = 0; u < units; u++) {
                const double d = moved[u * k + i] - moved[u * k + j];
                moves[u * pairs + at] = d;
                square += d * d;
            }
            t[at++] = (estimate[i] - estimate[j]) / sqrt(square);
        }
}

sy_status sy_joint_ranks(sy_context *ctx, ptrdiff_t units, int k, const double *estimate, const double *moved,
                         double level, int replicates, uint64_t seed, double *ranks)
{
    syi_enter(ctx);
    if (!(level > 0 && level < 1)) return syi_fail(ctx, SY_EINVAL, "level: %g is not between 0 and 1", level);
    if (k < 2) return syi_fail(ctx, SY_EINVAL, "ranks: %d block; at least 2 are needed", k);
    const size_t pairs = (size_t)k * (size_t)(k - 1);
    double *moves = syi_alloc((size_t)units * pairs, sizeof *moves), *t = syi_alloc(2 * pairs, sizeof *t);
    sy_status status = SY_OK;
    if (!moves || !t) status = syi_fail(ctx, SY_ENOMEM, "ranks: no room for %zu pairs", pairs);
    if (!status) make_pairs(units, k, estimate, moved, moves, t);
    if (!status)
        status =
            sy_joint_step_down(ctx, units, (int)pairs, moves, t, 1, SY_STEP_ROMANO_WOLF, replicates, seed, t + pairs);
    for (int i = 0; !status && i < k; i++) {
        ranks[3 * i] = ranks[3 * i + 1] = 1;
        ranks[3 * i + 2] = k;
        for (int j = 0; j < k; j++) {
            if (i == j) continue;
            const size_t ahead = (size_t)(i * (k - 1) + j - (j > i)), behind = (size_t)(j * (k - 1) + i - (i > j));
            ranks[3 * i] += estimate[j] > estimate[i];
            ranks[3 * i + 1] += t[pairs + behind] <= 1 - level;
            ranks[3 * i + 2] -= t[pairs + ahead] <= 1 - level;
        }
    }
    SYI_FREE(moves);
    SYI_FREE(t);
    return status;
}
