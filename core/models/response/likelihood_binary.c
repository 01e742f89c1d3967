/* Binary outcomes: logit, probit, complementary log-log.
 *
 *   log density = y log F(eta) + (m - y) log(1 - F(eta)), eta = x'b + offset,
 * y successes of m trials (y = 0 or 1 of one), less log choose(m, y), which
 * syi_likelihood_constant has. The three are concave in b, so Newton's method with
 * halving finds the one optimum where it exists. Cost: as predictor_sums.c.
 * McCullagh & Nelder 1989, Generalized Linear Models, chapter 4.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "models/response/predictor_internal.h"
#include <math.h>

/* The intercept that the share of successes has by itself: the link of the
 * share, less the mean offset. */
static void start(const syi_likelihood *l, double *theta)
{
    const syi_packed *r = l->rows;
    double yes = 0, all = 0, offset = 0;
    for (int j = 0; j < l->k; j++) theta[j] = 0;
    if (r->p == 0 || r->column[0] != 0 || !r->ones || (l->use && !l->use[0])) return;
    for (ptrdiff_t i = 0; i < r->n; i++) {
        const double w = r->weight[i] * (l->times ? l->times[r->cluster[i]] : 1);
        const double m = r->trials ? r->trials[i] : 1;
        yes += w * r->y[i];
        all += w * m;
        offset += r->offset ? w * m * r->offset[i] : 0;
    }
    if (!(yes > 0) || !(yes < all)) return;
    const double share = yes / all, odds = log(share) - log1p(-share);
    theta[0] = l->link == SY_LINK_CLOGLOG ? log(-log1p(-share)) : l->link == SY_LINK_PROBIT ? odds * 0.6 : odds;
    theta[0] -= offset / all;
}

sy_status syi_likelihood_binary(sy_context *ctx, syi_likelihood *l)
{
    (void)ctx;
    l->value = syi_predictor_value;
    l->scores = syi_predictor_scores;
    l->start = start;
    return SY_OK;
}
