/* Counts: Poisson, and negative binomial with variance mu + mu^2 / theta.
 *
 *   Poisson: y eta - mu, less what it is at mu = y (syi_likelihood_constant has
 *   that), mu = exp(x'b + offset); concave.
 *   Negative binomial: log(theta) is a parameter beside b, with exact second
 *   derivatives including those across. It is not concave in both; as theta goes
 *   to infinity it becomes the Poisson likelihood, which is the optimum where the
 *   counts are no more dispersed than that (response.c looks first).
 * Cost: as predictor_sums.c.
 * Lawless 1987, doi:10.2307/3314912; Hilbe 2011, doi:10.1017/CBO9780511973420.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "models/response/predictor_internal.h"
#include <math.h>

/* The intercept of the mean count over the mean exposure; theta by the
 * method of moments. */
static void start(const syi_likelihood *l, double *theta)
{
    const syi_packed *r = l->rows;
    double counts = 0, all = 0, exposure = 0, square = 0;
    for (int j = 0; j < l->k; j++) theta[j] = 0;
    for (ptrdiff_t i = 0; i < r->n; i++) {
        const double w = r->weight[i] * (l->times ? l->times[r->cluster[i]] : 1);
        counts += w * r->y[i];
        square += w * r->y[i] * r->y[i];
        all += w;
        exposure += r->offset ? w * exp(r->offset[i]) : w;
    }
    if (!(counts > 0) || !(exposure > 0) || !isfinite(exposure)) return;
    const double mean = counts / all, excess = square / all - mean * mean - mean;
    if (r->p > 0 && r->ones && r->column[0] == 0 && (!l->use || l->use[0])) theta[0] = log(counts / exposure);
    if (l->kind == SY_RESPONSE_NEGATIVE_BINOMIAL && (!l->use || l->use[l->k - 1]))
        theta[l->k - 1] = excess > 1e-4 * mean * mean ? log(mean * mean / excess) : log(1e4);
}

sy_status syi_likelihood_count(sy_context *ctx, syi_likelihood *l)
{
    (void)ctx;
    l->value = syi_predictor_value;
    l->scores = syi_predictor_scores;
    l->start = start;
    return SY_OK;
}
