/* Rows of binary outcomes and counts: log density and its derivatives.
 *
 * Logit: with p and q = 1 - p of -|eta|, none of log p, log q, score and
 * curvature cancels in either tail. Probit: log cdf and hazard h of eta turned
 * to the side of the answer u; score h, curvature h (h + u) [Pratt 1981,
 * doi:10.1080/01621459.1981.10477613, for the concavity of both and of
 * complementary log-log]. Complementary log-log: log q = -e^eta. Poisson:
 * against the largest likelihood the count can have, y (d - (e^d - 1)) with d =
 * eta - log y, so that large counts keep their digits. Negative binomial with
 * variance mu + mu^2 / theta [Lawless 1987, doi:10.2307/3314912]: exact in eta and
 * log(theta), its gamma functions from count_rising.c. Constants of the data are
 * left out (syi_likelihood_constant). Cost: 5 to 15 ns a row.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/vector_math_internal.h"
#include "models/response/predictor_internal.h"
#include <math.h>

#define SYI_KERNEL "models/response/predictor_kernel.h"
#include "algebra/widths.h"

/* Plane k of the scratch. */
static double *plane(const syi_predictor_tile *t, int k)
{
    return t->work + (ptrdiff_t)k * SYI_TILE;
}

void syi_rows_logit(int simd, int len, const syi_predictor_tile *t)
{
    SYI_CALL(fold, len, t->eta, plane(t, 0));
    syi_vec_logistic(simd, len, plane(t, 0), plane(t, 1), plane(t, 2), plane(t, 3));
    SYI_CALL(logit, len, t, plane(t, 1), plane(t, 2), plane(t, 3));
}

void syi_rows_probit(int simd, int len, const syi_predictor_tile *t)
{
    if (!t->trials) {
        SYI_CALL(turn, len, t, plane(t, 0));
        syi_vec_normal(simd, len, plane(t, 0), NULL, plane(t, 1), plane(t, 2));
        SYI_CALL(probit, len, t, plane(t, 0), plane(t, 1), plane(t, 2));
        return;
    }
    for (int i = 0; i < len; i++) plane(t, 0)[i] = -t->eta[i];
    syi_vec_normal(simd, len, t->eta, NULL, plane(t, 1), plane(t, 2));
    syi_vec_normal(simd, len, plane(t, 0), NULL, plane(t, 3), plane(t, 4));
    SYI_CALL(probit_trials, len, t, plane(t, 0), plane(t, 1), plane(t, 2), plane(t, 3), plane(t, 4));
}

void syi_rows_cloglog(int simd, int len, const syi_predictor_tile *t)
{
    syi_vec_exp(simd, len, t->eta, plane(t, 0));
    syi_vec_cloglog(simd, len, t->eta, plane(t, 1), plane(t, 2), plane(t, 3));
    SYI_CALL(cloglog, len, t, plane(t, 0), plane(t, 1), plane(t, 2), plane(t, 3));
}

void syi_rows_poisson(int simd, int len, const syi_predictor_tile *t)
{
    syi_vec_log(simd, len, t->y, plane(t, 0));
    SYI_CALL(poisson_gap, len, t, plane(t, 0), plane(t, 1));
    syi_vec_expm1(simd, len, plane(t, 1), plane(t, 2));
    SYI_CALL(poisson, len, t, plane(t, 1), plane(t, 2));
}

void syi_rows_negative_binomial(int simd, int len, const syi_rising *rising, const syi_predictor_tile *t)
{
    double *const mu = plane(t, 0), *const u = plane(t, 1), *const r = plane(t, 2);
    syi_vec_exp(simd, len, t->eta, mu);
    SYI_CALL(over, len, mu, rising->theta, u);
    syi_vec_log1p(simd, len, u, u);
    syi_rising_rows(simd, rising, len, t->y, r, r + SYI_TILE, r + 2 * SYI_TILE);
    SYI_CALL(negative, len, t, rising->theta, mu, u, r);
}

void syi_predictor_rows(int simd, const syi_likelihood *l, const syi_rising *rising, int len,
                        const syi_predictor_tile *t)
{
    if (l->kind == SY_RESPONSE_POISSON) syi_rows_poisson(simd, len, t);
    else if (l->kind == SY_RESPONSE_NEGATIVE_BINOMIAL) syi_rows_negative_binomial(simd, len, rising, t);
    else if (l->link == SY_LINK_PROBIT) syi_rows_probit(simd, len, t);
    else if (l->link == SY_LINK_CLOGLOG) syi_rows_cloglog(simd, len, t);
    else syi_rows_logit(simd, len, t);
}
