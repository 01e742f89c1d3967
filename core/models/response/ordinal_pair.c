/* The likelihood of one ordered answer, row by row: log(F(a) - F(b)) between
 * the threshold above it and the one below, with first and second derivatives.
 *
 * With d = a - b > 0 and p = F(a) - F(b):
 *   logit:   p = F(a) (1 - F(b)) (1 - e^-d); with c = 1 / (e^d - 1), dl/da = 1 -
 *            F(a) + c, dl/db = -F(b) - c, their sum 1 - F(a) - F(b)
 *   probit:  in the nearer tail, where both are below 0 or astride it: p =
 *            F(h) (1 - F(l) / F(h)), the quotient from the logs of the tails
 *   cloglog: F(x) = 1 - exp(-e^x); with D = e^a - e^b, p = exp(-e^b) (1 - e^-D);
 *            with h = 1 / (e^D - 1), dl/da = e^a h, dl/db = -e^b (1 + h)
 * so that nothing is lost far out in either tail, nor where two thresholds are
 * close. Minus the second derivatives are written as
 *   w_upper aa' + w_lower bb' + w_between (a - b)(a - b)',
 * w_between = d2l/da db: the first two are what a shift of both feels, and are
 * positive wherever the density is log-concave [Pratt 1981,
 * doi:10.1080/01621459.1981.10477613].
 * Cost: three to six elementary functions a row.
 * McCullagh 1980, doi:10.1111/j.2517-6161.1980.tb01109.x.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/vector_math_internal.h"
#include "models/response/ordinal_internal.h"
#include <math.h>

/* Beyond FAR the normal tail is 0 in every way that shows; e^MOST squared is
 * still finite. */
static const double FAR = 1e6, MOST = 300;

#define SYI_KERNEL "models/response/ordinal_kernel.h"
#include "algebra/widths.h"

syi_pair syi_pair_at(double *memory, ptrdiff_t step)
{
    return (syi_pair){
        memory,           memory + step, memory + 2 * step, memory + 3 * step, memory + 4 * step, memory + 5 * step,
        memory + 6 * step};
}

void syi_pair_gather(int simd, int n_levels, int len, const double *level, const double *eta, const double *upper,
                     const double *lower, const double *between, double *a, double *b, double *c)
{
    SYI_CALL(gather, n_levels, len, level, eta, upper, lower, between, a, b, c);
}

static void logit(int simd, int len, const double *a, const double *b, const double *between, double *work,
                  const syi_pair *out)
{
    double *const u = work, *const v = u + len, *const q = v + len;
    SYI_CALL(minus_size, len, a, b, u, v);
    syi_vec_exp(simd, 2 * len, u, u);
    SYI_CALL(logit, len, a, b, between, u, v, q, out);
    syi_vec_log(simd, len, q, q);
    SYI_CALL(add, len, q, out->value);
}

static void probit(int simd, int len, const double *a, const double *b, double *work, const syi_pair *out)
{
    double *const high = work, *const low = high + len, *const log_low = low + len, *const fall = log_low + len;
    SYI_CALL(nearer, len, a, b, high, low);
    syi_vec_normal(simd, len, low, NULL, log_low, low);
    syi_vec_normal(simd, len, high, NULL, out->value, high);
    SYI_CALL(subtract, len, log_low, out->value, fall);
    syi_vec_expm1(simd, len, fall, fall);
    SYI_CALL(probit, len, a, b, high, low, fall, log_low, out);
    syi_vec_log(simd, len, log_low, log_low);
    SYI_CALL(add, len, log_low, out->value);
}

static void cloglog(int simd, int len, const double *a, const double *b, const double *between, double *work,
                    const syi_pair *out)
{
    double *const u = work, *const v = u + len, *const delta = v + len, *const fall = delta + len,
                  *const q = fall + len;
    SYI_CALL(least, len, MOST, a, u);
    SYI_CALL(least, len, MOST, b, v);
    syi_vec_exp(simd, 2 * len, u, u);
    SYI_CALL(extreme, len, between, u, delta);
    syi_vec_expm1(simd, len, delta, fall);
    SYI_CALL(cloglog, len, u, v, delta, fall, q, out);
    syi_vec_log(simd, len, q, q);
    SYI_CALL(add, len, q, out->value);
}

void syi_pair_rows(int simd, sy_link link, int len, const double *a, const double *b, const double *between,
                   double *work, const syi_pair *out)
{
    if (link == SY_LINK_PROBIT) probit(simd, len, a, b, work, out);
    else if (link == SY_LINK_CLOGLOG) cloglog(simd, len, a, b, between, work, out);
    else logit(simd, len, a, b, between, work, out);
}

void syi_pair_total(int simd, int len, const double *weight, const double *value, double *lanes)
{
    SYI_CALL(total, len, weight, value, lanes);
}

void syi_pair_split(int simd, int n_levels, int len, const double *level, const double *weight, const syi_pair *pair,
                    double *lanes, double *sums, double *column, ptrdiff_t step)
{
    SYI_CALL(weigh, len, weight, pair, lanes);
    for (int l = 0; l < n_levels; l++)
        SYI_CALL(level, len, l, level, pair, sums + (ptrdiff_t)l * SYI_SPLIT,
                 l < n_levels - 1 ? column + l * step : NULL);
    SYI_CALL(add, len, pair->w_lower, pair->w_upper);
}
