/* Limits, differences and claims.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_glue.h"

static SEXP given_result(void *value)
{
    return (SEXP)value;
}

/* A metric counted from 1, or 0 for a quantity on its own scale; normal: limits by
 * normal theory have a scale of their own. */
static sy_scale scale_of(SEXP metric, SEXP normal)
{
    const int at = Rf_asInteger(metric) - 1;
    if (at < 0) return SY_SCALE_IDENTITY;
    return Rf_asLogical(normal) == 1 ? sy_interval_scale_normal(at) : sy_interval_scale(at);
}

/* Limits of one metric for several estimates: matrix [estimates, 2]. */
SEXP C_limits(SEXP metric, SEXP normal, SEXP estimate, SEXP std_error_scaled, SEXP df, SEXP level)
{
    r_host host;
    int n = (int)XLENGTH(estimate);
    const sy_scale scale = scale_of(metric, normal);
    const double *value = REAL_RO(estimate), *se = REAL_RO(std_error_scaled);
    double freedom = Rf_asReal(df), wanted = Rf_asReal(level);
    SEXP out = PROTECT(Rf_allocMatrix(REALSXP, n, 2));
    double *low = REAL(out), *high = REAL(out) + n;
    sy_status status = SY_OK;
    r_enter(&host, R_NilValue, R_NilValue);
    for (int i = 0; i < n && status >= 0; i++)
        status = sy_interval_limits(&host.ctx, scale, value[i], se[i], freedom, wanted, &low[i], &high[i]);
    SEXP result = r_leave(&host, status, given_result, out);
    UNPROTECT(1);
    return result;
}

static SEXP comparison_result(void *arg)
{
    const sy_comparison *c = arg;
    const double values[] = {c->estimate, c->std_error, c->statistic, c->df, c->p_value, c->low, c->high};
    SEXP out = Rf_allocVector(REALSXP, 7);
    for (int i = 0; i < 7; i++) REAL(out)[i] = values[i];
    return out;
}

SEXP C_difference(SEXP estimate, SEXP covariance, SEXP df, SEXP level)
{
    r_host host;
    sy_comparison comparison;
    const double *value = REAL_RO(estimate), *matrix = REAL_RO(covariance);
    double freedom = Rf_asReal(df), wanted = Rf_asReal(level);
    if (XLENGTH(estimate) != 2 || XLENGTH(covariance) != 4) Rf_error("a difference is of two estimates");
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = sy_interval_difference(&host.ctx, value, matrix, freedom, wanted, &comparison);
    return r_leave(&host, status, comparison_result, &comparison);
}

/* As of a difference; of two estimates that are not both above 0 all is NaN. */
SEXP C_ratio(SEXP estimate, SEXP covariance, SEXP df, SEXP level)
{
    r_host host;
    sy_comparison comparison;
    const double *value = REAL_RO(estimate), *matrix = REAL_RO(covariance);
    double freedom = Rf_asReal(df), wanted = Rf_asReal(level);
    if (XLENGTH(estimate) != 2 || XLENGTH(covariance) != 4) Rf_error("a ratio is of two estimates");
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = sy_interval_ratio(&host.ctx, value, matrix, freedom, wanted, &comparison);
    return r_leave(&host, status, comparison_result, &comparison);
}

static SEXP pair_result(void *arg)
{
    const double *values = arg;
    SEXP out = Rf_allocVector(REALSXP, 2);
    REAL(out)[0] = values[0];
    REAL(out)[1] = values[1];
    return out;
}

SEXP C_percentile(SEXP replicates, SEXP level, SEXP expanded, SEXP units)
{
    r_host host;
    double limits[2] = {0, 0};
    const double *drawn = REAL_RO(replicates);
    int n = (int)XLENGTH(replicates), widened = Rf_asInteger(expanded);
    double wanted = Rf_asReal(level), clusters = Rf_asReal(units);
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = sy_interval_percentile(&host.ctx, n, drawn, wanted, widened, clusters, &limits[0], &limits[1]);
    return r_leave(&host, status, pair_result, limits);
}

/* c(statistic, p) of the one-sided test that a quantity is above a bound. */
SEXP C_above_bound(SEXP metric, SEXP normal, SEXP estimate, SEXP std_error_scaled, SEXP df, SEXP bound)
{
    r_host host;
    double found[2] = {0, 0}, value = Rf_asReal(estimate), se = Rf_asReal(std_error_scaled);
    double freedom = Rf_asReal(df), limit = Rf_asReal(bound);
    const sy_scale scale = scale_of(metric, normal);
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = sy_interval_above(&host.ctx, scale, value, se, freedom, limit, &found[0], &found[1]);
    return r_leave(&host, status, pair_result, found);
}

static SEXP number_result(void *arg)
{
    return Rf_ScalarReal(*(const double *)arg);
}

/* The part of the pairs in which the first is the greater. */
SEXP C_above(SEXP first, SEXP second)
{
    r_host host;
    double probability = 0;
    const double *a = REAL_RO(first), *b = REAL_RO(second);
    int n = (int)XLENGTH(first);
    if (XLENGTH(second) != n) Rf_error("pairs need equal lengths");
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = sy_replicates_above(&host.ctx, n, a, b, &probability);
    return r_leave(&host, status, number_result, &probability);
}

static SEXP resampled_result(void *arg)
{
    const sy_resampled *s = arg;
    SEXP out = Rf_allocVector(REALSXP, 3);
    REAL(out)[0] = s->bias;
    REAL(out)[1] = s->std_error;
    REAL(out)[2] = s->acceleration;
    return out;
}

/* Bias, standard error, acceleration from leave-one-out values, or from influence
 * values where there is no estimate. */
SEXP C_resampled(SEXP values, SEXP estimate)
{
    r_host host;
    sy_resampled summary;
    const double *value = REAL_RO(values);
    const int with_estimate = estimate != R_NilValue;
    double whole = with_estimate ? Rf_asReal(estimate) : 0;
    ptrdiff_t n = (ptrdiff_t)XLENGTH(values);
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = with_estimate ? sy_jackknife_summary(&host.ctx, n, value, whole, &summary)
                                     : sy_influence_summary(&host.ctx, n, value, &summary);
    return r_leave(&host, status, resampled_result, &summary);
}

typedef struct {
    sy_answer answer;
    double upper, lower;
} claim;

static SEXP claim_result(void *arg)
{
    const claim *c = arg;
    SEXP out = Rf_allocVector(REALSXP, 3);
    REAL(out)[0] = (double)c->answer;
    REAL(out)[1] = c->upper;
    REAL(out)[2] = c->lower;
    return out;
}

SEXP C_at_most(SEXP metric, SEXP normal, SEXP estimate, SEXP std_error_scaled, SEXP df, SEXP bound, SEXP level)
{
    r_host host;
    claim c;
    int k = (int)XLENGTH(estimate);
    const sy_scale scale = scale_of(metric, normal);
    const double *value = REAL_RO(estimate), *se = REAL_RO(std_error_scaled), *freedom = REAL_RO(df);
    double limit = Rf_asReal(bound), wanted = Rf_asReal(level);
    if (XLENGTH(std_error_scaled) != k || XLENGTH(df) != k) Rf_error("a claim needs equal lengths");
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status =
        sy_interval_at_most(&host.ctx, k, value, se, freedom, scale, limit, wanted, &c.answer, &c.upper, &c.lower);
    return r_leave(&host, status, claim_result, &c);
}

SEXP C_t_quantile(SEXP p, SEXP df)
{
    r_host host;
    double t = 0, probability = Rf_asReal(p), freedom = Rf_asReal(df);
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = sy_distribution_t_quantile(&host.ctx, probability, freedom, &t);
    return r_leave(&host, status, number_result, &t);
}
