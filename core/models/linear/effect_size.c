/* Effect sizes of one row of an analysis of variance.
 *
 * With SS and df of the term, SSE and df2 of the residuals, MSE = SSE / df2,
 * SST and n rows:
 *     eta^2             SS / SST            partial   SS / (SS + SSE)
 *     omega^2           (SS - df MSE) / (SST + MSE)
 *     partial omega^2   (SS - df MSE) / (SS + (n - df) MSE)
 *     epsilon^2         (SS - df MSE) / SST
 *     partial epsilon^2 (SS - df MSE) / (SS + SSE)
 *     f                 sqrt(partial eta^2 / (1 - partial eta^2))
 * Limits of partial eta^2: the non-centralities at which the observed F lies at
 * the upper and the lower tail, as ncp / (ncp + df + df2 + 1); 0 when even ncp
 * = 0 leaves F below the tail. Omega and epsilon are negative for F < 1; that
 * is kept, since cutting at 0 biases means over studies.
 * Conditions: independent normal errors of one variance; predictors fixed (the
 * denominators of eta^2 and omega^2 then belong to this design).
 * Cost: two roots of the non-central F law, about a millisecond.
 * Olejnik & Algina 2003, doi:10.1037/1082-989X.8.4.434; Kelley 1935,
 * doi:10.1073/pnas.21.9.554; Steiger 2004, doi:10.1037/1082-989X.9.2.164.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "steelyard/anova.h"
#include "steelyard/distribution.h"
#include "steelyard/noncentral.h"
#include <math.h>

/* Past this non-centrality F is what it is whatever the tail: eta^2 within 1e-6 of 1. */
static const double LARGEST_NCP = 1e9;

double sy_effect_shown(double value)
{
    return value < 0 ? 0 : value;
}

static sy_status check(sy_context *ctx, double rss, double df_resid, double tss, double n, double level,
                       const sy_anova_row *row)
{
    if (!(rss >= 0)) return syi_fail(ctx, SY_EINVAL, "rss = %g: a sum of squares is 0 or more", rss);
    if (!(tss >= 0)) return syi_fail(ctx, SY_EINVAL, "tss = %g: a sum of squares is 0 or more", tss);
    if (!(row->sum_of_squares >= 0))
        return syi_fail(ctx, SY_EINVAL, "sum_of_squares = %g: a sum of squares is 0 or more", row->sum_of_squares);
    if (!(row->df >= 0)) return syi_fail(ctx, SY_EINVAL, "df = %g: must be 0 or more", row->df);
    if (!(df_resid >= 0)) return syi_fail(ctx, SY_EINVAL, "df_resid = %g: must be 0 or more", df_resid);
    if (!(n > row->df))
        return syi_fail(ctx, SY_EINVAL, "n = %g: must be more than the %g degrees of freedom", n, row->df);
    if (!(level > 0 && level < 1))
        return syi_fail(ctx, SY_EINVAL, "level = %g: must be between 0 and 1, both excluded", level);
    return SY_OK;
}

static sy_status limit(sy_context *ctx, const sy_anova_row *row, double df_resid, double p, double *out)
{
    double ncp = 0;
    const sy_status status = sy_distribution_f_noncentrality(ctx, row->f, row->df, df_resid, p, &ncp);
    if (status == SY_ELIMIT) ncp = LARGEST_NCP;
    else if (status != SY_OK) return status;
    *out = ncp / (ncp + row->df + df_resid + 1);
    return SY_OK;
}

static sy_status limits_of(sy_context *ctx, double df_resid, double level, sy_limits limits, sy_anova_row *row)
{
    const double tail = limits == SY_LIMITS_LOWER ? 1 - level : (1 - level) / 2;
    row->partial_eta_low = row->partial_eta_high = 1;
    if (isinf(row->f)) return SY_OK;
    sy_status status = limit(ctx, row, df_resid, 1 - tail, &row->partial_eta_low);
    if (status == SY_OK && limits == SY_LIMITS_TWO_SIDED)
        status = limit(ctx, row, df_resid, tail, &row->partial_eta_high);
    return status;
}

static void forget(sy_anova_row *row)
{
    const sy_anova_row none = {row->df, row->sum_of_squares, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN,
                               NAN};
    *row = none;
}

static void sizes(double rss, double df_resid, double tss, double n, sy_anova_row *row)
{
    const double mse = rss / df_resid, ss = row->sum_of_squares, df = row->df, beyond = ss - df * mse;
    row->eta_squared = ss / tss;
    row->partial_eta_squared = ss / (ss + rss);
    row->omega_squared = beyond / (tss + mse);
    row->partial_omega_squared = beyond / (ss + (n - df) * mse);
    row->epsilon_squared = beyond / tss;
    row->partial_epsilon_squared = beyond / (ss + rss);
    row->cohens_f = sqrt(ss / rss);
}

sy_status sy_effect_size(sy_context *ctx, double rss, double df_resid, double tss, double n, double level,
                         sy_limits limits, sy_anova_row *row)
{
    syi_enter(ctx);
    sy_status status = check(ctx, rss, df_resid, tss, n, level, row);
    if (status != SY_OK) return status;
    forget(row);
    if (row->df == 0) return SY_OK;
    row->mean_square = row->sum_of_squares / row->df;
    if (df_resid == 0) return SY_OK;
    row->f = row->mean_square / (rss / df_resid);
    sizes(rss, df_resid, tss, n, row);
    if (isnan(row->f)) return SY_OK;
    status = sy_distribution_f_tail(ctx, row->f, row->df, df_resid, &row->p_value);
    return status == SY_OK ? limits_of(ctx, df_resid, level, limits, row) : status;
}
