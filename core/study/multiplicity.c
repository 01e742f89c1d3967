/* p values of many tests, adjusted so that they may be held against one level.
 *
 * With p_(1) <= .. <= p_(n): Holm max over j <= i of (n - j + 1) p_(j);
 * Hochberg min over j >= i of the same; Benjamini & Hochberg min over j >= i of
 * n p_(j) / j; Benjamini & Yekutieli that times 1 + 1/2 + .. + 1/n; Bonferroni
 * n p; Sidak 1 - (1 - p)^n; never above 1. Holm, Bonferroni and Benjamini &
 * Yekutieli hold under any dependence, Sidak and Hochberg for independent or
 * positively dependent tests. Missing values are not tests. Cost: n log n.
 * Holm 1979, Scandinavian Journal of Statistics 6, 65-70; Hochberg 1988,
 * doi:10.1093/biomet/75.4.800; Benjamini & Hochberg 1995,
 * doi:10.1111/j.2517-6161.1995.tb02031.x; Benjamini & Yekutieli 2001,
 * doi:10.1214/aos/1013699998; Sidak 1967, doi:10.1080/01621459.1967.10482935.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "steelyard/multiplicity.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RUN = 1 << 16 };

typedef struct {
    double p;
    int at;
} ranked;

static int by_p(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    return x->p < y->p ? -1 : x->p > y->p ? 1 : (x->at > y->at) - (x->at < y->at);
}

/* By p, in runs that end soon enough for the host and are then merged. */
static sy_status sort(sy_context *ctx, int n, ranked *order)
{
    sy_status status = SY_OK;
    ranked *spare = n > RUN ? syi_alloc((size_t)n, sizeof *spare) : NULL;
    if (n > RUN && !spare) return syi_fail(ctx, SY_ENOMEM, "out of memory for %d p values", n);
    for (int at = 0; at < n && !status; at += RUN) {
        qsort(order + at, (size_t)(n - at < RUN ? n - at : RUN), sizeof *order, by_p);
        status = syi_serial_stopped(ctx);
    }
    for (int64_t run = RUN; run < n && !status; run *= 2) {
        for (int64_t start = 0; start < n && !status; start += 2 * run) {
            const int64_t middle = start + run < n ? start + run : n, end = start + 2 * run < n ? start + 2 * run : n;
            for (int64_t i = start, a = start, b = middle; i < end && !status; i++) {
                spare[i] = a == middle || (b < end && by_p(&order[b], &order[a]) < 0) ? order[b++] : order[a++];
                if (i % RUN == 0) status = syi_serial_stopped(ctx);
            }
        }
        if (!status) memcpy(order, spare, (size_t)n * sizeof *order);
    }
    SYI_FREE(spare);
    return status;
}

/* What p of rank `rank` (1 the least) of n is multiplied with. */
static double factor(sy_adjustment method, int rank, int n, double harmonic)
{
    switch (method) {
    case SY_ADJUST_HOLM:
    case SY_ADJUST_HOCHBERG: return n - rank + 1;
    case SY_ADJUST_BH: return (double)n / rank;
    case SY_ADJUST_BY: return harmonic * n / rank;
    case SY_ADJUST_BONFERRONI: return n;
    case SY_ADJUST_NONE:
    case SY_ADJUST_SIDAK:
    case SY_ADJUST_TUKEY: break;
    }
    return 1;
}

static void adjust(sy_adjustment method, int n, ranked *order, double *adjusted)
{
    double harmonic = 0;
    for (int i = n; i >= 1; i--) harmonic += 1.0 / i;
    for (int i = 0; i < n; i++) {
        double p = factor(method, i + 1, n, harmonic) * order[i].p;
        if (method == SY_ADJUST_SIDAK) p = -expm1(n * log1p(-order[i].p));
        adjusted[order[i].at] = fmin(p, 1);
    }
    if (method == SY_ADJUST_HOLM)
        for (int i = 1; i < n; i++) adjusted[order[i].at] = fmax(adjusted[order[i].at], adjusted[order[i - 1].at]);
    if (method == SY_ADJUST_HOCHBERG || method == SY_ADJUST_BH || method == SY_ADJUST_BY)
        for (int i = n - 2; i >= 0; i--) adjusted[order[i].at] = fmin(adjusted[order[i].at], adjusted[order[i + 1].at]);
}

sy_status sy_adjust_p(sy_context *ctx, sy_adjustment method, int n, const double *p, double *adjusted)
{
    syi_enter(ctx);
    if (n < 0) return syi_fail(ctx, SY_EINVAL, "n = %d: the number of p values is 0 or more", n);
    if ((int)method < SY_ADJUST_NONE || (int)method > SY_ADJUST_BY)
        return syi_fail(ctx, SY_EINVAL,
                        method == SY_ADJUST_TUKEY ? "tukey: is for pairs of means, not for p values alone"
                                                  : "adjustment = %d: unknown",
                        (int)method);
    for (int i = 0; i < n; i++)
        if (p[i] < 0 || p[i] > 1) return syi_fail(ctx, SY_EINVAL, "p[%d] = %g: must be from 0 to 1", i, p[i]);
    if (n == 0) return SY_OK;
    ranked *order = syi_alloc((size_t)n, sizeof *order);
    if (!order) return syi_fail(ctx, SY_ENOMEM, "out of memory for %d p values", n);
    int tests = 0;
    for (int i = 0; i < n; i++) {
        adjusted[i] = NAN;
        if (!isnan(p[i])) order[tests++] = (ranked){p[i], i};
    }
    const sy_status status = sort(ctx, tests, order);
    if (!status) adjust(method, tests, order, adjusted);
    SYI_FREE(order);
    return status;
}
