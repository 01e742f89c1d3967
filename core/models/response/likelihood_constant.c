/* What a likelihood has that does not depend on the parameters: binomial
 * coefficients and factorials, so that log-likelihoods are those of the data.
 *
 * log y! is tabled up to 64 and Stirling's series beyond; a Poisson count's own
 * largest density is y log y - y - log y! = -log(2 pi y) / 2 - 1 / (12 y) + ..., without
 * cancellation for large counts. Cost: n.
 * Abramowitz & Stegun 1964, 6.1.41.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/twofold_internal.h"
#include "models/response/predictor_internal.h"
#include <math.h>

static const double two_pi = 6.283185307179586477;

/* log y! - (y log y - y), for y > 0. */
static double beyond(const syi_rising *one, double y)
{
    if (y > SYI_RISING) return 0.5 * log(two_pi * y) + syi_gamma_rest(y);
    return one->r[(int)y] - (y * log(y) - y);
}

static double log_factorial(const syi_rising *one, double y)
{
    return y <= SYI_RISING ? one->r[(int)y] : y * log(y) - y + beyond(one, y);
}

double syi_likelihood_constant(const syi_likelihood *l)
{
    const syi_packed *r = l->rows;
    const int counts = l->kind == SY_RESPONSE_POISSON || l->kind == SY_RESPONSE_NEGATIVE_BINOMIAL;
    syi_dd sum = {0, 0};
    syi_rising one; /* Gamma(1 + y) / Gamma(1) = y! */
    if (!counts && !(l->kind == SY_RESPONSE_BINARY && r->trials)) return 0;
    syi_rising_init(SYI_BASELINE, 0, &one);
    for (ptrdiff_t i = 0; i < r->n; i++) {
        const double w = r->weight[i] * (l->times ? l->times[r->cluster[i]] : 1), y = r->y[i];
        double v;
        if (l->kind == SY_RESPONSE_POISSON) v = y > 0 ? -beyond(&one, y) : 0;
        else if (counts) v = -log_factorial(&one, y);
        else v = log_factorial(&one, r->trials[i]) - log_factorial(&one, y) - log_factorial(&one, r->trials[i] - y);
        sum = syi_dd_add(sum, syi_dd_of(w * v));
    }
    return syi_dd_round(sum);
}
