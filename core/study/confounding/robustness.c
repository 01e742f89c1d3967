/* How strong a confounder must be, and what is left beside one.
 *
 * A confounder z explains r2_treatment of what the model leaves of the treatment d
 * and r2_outcome of what it leaves of the outcome (given d). With the classical t
 * of d, df degrees of freedom, f = |t| / sqrt(df) [Cinelli & Hazlett 2020]:
 *     bias      = se sqrt(df) sqrt(r2_outcome r2_treatment / (1 - r2_treatment))
 *     adjusted  : estimate less bias; se sqrt((1 - r2_outcome) / (1 - r2_treatment)) sqrt(df / (df - 1))
 *     partial R2 = t^2 / (t^2 + df),   RV_q = 2 / (1 + sqrt(1 + 4 / (q f)^2))
 * RV_{q,alpha} is the same with q f less f* = t*(df - 1) / sqrt(df - 1); where q f
 * passes 1 / f* an r2_outcome below r2_treatment does more harm, and it is the
 * extreme one, (q^2 f^2 - f*^2) / (1 + q^2 f^2) [Cinelli & Hazlett 2025]. The first
 * form of the paper has not that last case.
 * The t is ALWAYS the classical one, also of clustered fits: partial R2 is a ratio
 * of sums of squares, which no robust error enters. Beside it value_robust takes
 * the robust error for significance: f* times robust over classical error, t*
 * with the robust degrees of freedom. That supposes that z moves the robust error in
 * the proportion in which it moves the classical one; the bias is not touched.
 * Where r2_outcome = y is given, the treatment's x = r / (1 - r) solves
 * sqrt(y x) + f* sqrt((1 - y)(1 + x)) = q f:  sqrt(x) = (F^2 - B^2) / (A F + B sqrt(F^2
 * + A^2 - B^2)), F = q f, A^2 = y, B^2 = f*^2 (1 - y).
 * Conditions: a linear model, one column d, classical errors for the inference.
 * Cost: a quantile of t.
 * Cinelli & Hazlett 2020, doi:10.1111/rssb.12348; 2025, doi:10.1093/biomet/asaf004.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "steelyard/confounding.h"
#include "steelyard/distribution.h"
#include <math.h>

static sy_status check_tested(sy_context *ctx, const sy_tested *tested)
{
    if (!isfinite(tested->t)) return syi_fail(ctx, SY_EINVAL, "t: %g; a number is needed", tested->t);
    if (!(tested->df > 1) || !isfinite(tested->df))
        return syi_fail(ctx, SY_EINVAL, "df: %g; more than 1 residual degree of freedom is needed", tested->df);
    return SY_OK;
}

static sy_status check_strength(sy_context *ctx, double r2_treatment, double r2_outcome)
{
    if (!(r2_treatment >= 0 && r2_treatment < 1))
        return syi_fail(
            ctx, SY_EINVAL, "r2_treatment: %g; a strength from 0 to below 1 is needed%s", r2_treatment,
            r2_treatment == 1 ? ": a confounder that explains all of the treatment leaves nothing to estimate" : "");
    if (!(r2_outcome >= 0 && r2_outcome <= 1))
        return syi_fail(ctx, SY_EINVAL, "r2_outcome: %g; a strength from 0 to 1 is needed", r2_outcome);
    return SY_OK;
}

static sy_status check_aim(sy_context *ctx, double q, double alpha)
{
    if (!(q > 0) || !isfinite(q))
        return syi_fail(ctx, SY_EINVAL, "q: %g; the part of the estimate to be taken away, above 0, is needed", q);
    if (!(alpha > 0 && alpha <= 1))
        return syi_fail(ctx, SY_EINVAL, "alpha: %g; a number above 0 and at most 1 is needed", alpha);
    return SY_OK;
}

/* t* at alpha over the root of df - 1, in units of the classical error. */
static sy_status critical(sy_context *ctx, const sy_tested *tested, double alpha, int robust, double *f)
{
    double t = 0, ratio = 1, df = tested->df - 1;
    sy_status status = SY_OK;
    if (robust) {
        ratio = tested->robust_error * fabs(tested->t / tested->estimate);
        df = tested->robust_df;
    }
    if (alpha < 1) status = sy_distribution_t_quantile(ctx, 1 - alpha / 2, df, &t);
    *f = ratio * t / sqrt(tested->df - 1);
    return status;
}

static double extreme_value(double f, double limit)
{
    return f > limit ? (f * f - limit * limit) / (1 + f * f) : 0;
}

static double robustness_value(double f, double limit)
{
    const double over = f - limit;
    if (!(over > 0)) return 0;
    if (f * limit > 1) return extreme_value(f, limit);
    return 2 / (1 + sqrt(1 + 4 / (over * over)));
}

static int has_robust(const sy_tested *tested)
{
    return tested->robust_error > 0 && tested->robust_df > 0 && tested->estimate != 0;
}

static void tell(const sy_tested *tested, double q, double alpha, sy_robustness_values *out)
{
    char aim[80], robust[220] = "";
    if (q == 1) syi_say(aim, sizeof aim, "to bring the estimate to zero");
    else syi_say(aim, sizeof aim, "to take %.4g %% of the estimate away", 100 * q);
    if (has_robust(tested))
        syi_say(robust, sizeof robust, " By the fit's own %s error, %.2f times the classical one, %.1f %%.",
                tested->robust_kind ? tested->robust_kind : "robust",
                tested->robust_error * fabs(tested->t / tested->estimate), 100 * out->value_robust);
    syi_say(
        out->text, sizeof out->text,
        "A confounder would have to explain %.1f %% of what is left of both %.100s and the outcome %s, and %.1f %% to "
        "leave it not significant at %.4g %%.%s One that explained all that is left of the outcome would have to "
        "explain %.1f %% of what is left of %.100s.",
        100 * out->value, tested->term, aim, 100 * out->value_alpha, 100 * alpha, robust, 100 * out->extreme,
        tested->term);
}

sy_status sy_robustness(sy_context *ctx, const sy_tested *tested, double q, double alpha, sy_robustness_values *out)
{
    syi_enter(ctx);
    double limit = 0, limit_robust = 0;
    sy_status status = check_tested(ctx, tested);
    if (!status) status = check_aim(ctx, q, alpha);
    if (!status) status = critical(ctx, tested, alpha, 0, &limit);
    if (!status && has_robust(tested)) status = critical(ctx, tested, alpha, 1, &limit_robust);
    if (status) return status;
    const double f2 = tested->t * tested->t / tested->df, f = q * sqrt(f2);
    out->f2 = f2;
    out->partial_r2 = f2 / (1 + f2);
    out->value = robustness_value(f, 0);
    out->value_alpha = robustness_value(f, limit);
    out->value_robust = has_robust(tested) ? robustness_value(f, limit_robust) : NAN;
    out->extreme = extreme_value(f, 0);
    out->extreme_alpha = extreme_value(f, limit);
    tell(tested, q, alpha, out);
    return SY_OK;
}

/* remaining, estimate, std_error and t; the robust pair. No checks. */
static void adjust(const sy_tested *tested, double r2_treatment, double r2_outcome, int reduce, sy_adjusted_row *row)
{
    const double f = fabs(tested->t) / sqrt(tested->df);
    const double bias = sqrt(r2_outcome * (r2_treatment / (1 - r2_treatment)));
    const double ratio = sqrt((1 - r2_outcome) / (1 - r2_treatment)) * sqrt(tested->df / (tested->df - 1));
    const double left = reduce ? f - bias : f + bias; /* in units of the error times the root of df */
    row->r2_treatment = r2_treatment;
    row->r2_outcome = r2_outcome;
    row->remaining = left / f;
    row->estimate = (tested->estimate < 0 ? -1 : 1) * left * sqrt(tested->df) * tested->std_error;
    row->std_error = ratio * tested->std_error;
    row->t = (tested->t < 0 ? -1 : 1) * left * sqrt(tested->df) / ratio;
    row->robust_error = has_robust(tested) ? ratio * tested->robust_error : NAN;
    row->robust_t = has_robust(tested) ? row->estimate / row->robust_error : NAN;
    row->low = row->high = NAN;
}

sy_status sy_confounding_adjusted(sy_context *ctx, const sy_tested *tested, double r2_treatment, double r2_outcome,
                                  int reduce, double level, sy_adjusted_row *out)
{
    syi_enter(ctx);
    double t = 0;
    sy_status status = check_tested(ctx, tested);
    if (!status) status = check_strength(ctx, r2_treatment, r2_outcome);
    if (!status && !(level > 0 && level < 1))
        status = syi_fail(ctx, SY_EINVAL, "level = %g: a number between 0 and 1, both excluded, is needed", level);
    if (!status) status = sy_distribution_t_quantile(ctx, (1 + level) / 2, tested->df - 1, &t);
    if (status) return status;
    adjust(tested, r2_treatment, r2_outcome, reduce, out);
    out->low = out->estimate - t * out->std_error;
    out->high = out->estimate + t * out->std_error;
    return SY_OK;
}

sy_status sy_confounding_contours(sy_context *ctx, const sy_tested *tested, int reduce, int n,
                                  const double *r2_treatment, int m, const double *r2_outcome, double *estimate,
                                  double *t)
{
    syi_enter(ctx);
    sy_adjusted_row row;
    sy_status status = check_tested(ctx, tested);
    for (int i = 0; i < n && !status; i++)
        for (int j = 0; j < m && !status; j++) {
            status = check_strength(ctx, r2_treatment[i], r2_outcome[j]);
            if (status) break;
            adjust(tested, r2_treatment[i], r2_outcome[j], reduce, &row);
            estimate[i * m + j] = isnan(tested->estimate) ? row.remaining : row.estimate;
            t[i * m + j] = row.t;
        }
    return status;
}

static double needed(double f, double limit, double r2_outcome)
{
    const double a = sqrt(r2_outcome), b = limit * sqrt(1 - r2_outcome);
    if (f <= b) return 0;
    const double root = (f * f - b * b) / (a * f + b * sqrt(f * f + a * a - b * b)), x = root * root;
    return isinf(x) ? 1 : x / (1 + x);
}

sy_status sy_confounding_needed(sy_context *ctx, const sy_tested *tested, double q, double alpha, int n,
                                const double *r2_outcome, double *needed_zero, double *needed_alpha)
{
    syi_enter(ctx);
    double limit = 0;
    sy_status status = check_tested(ctx, tested);
    if (!status) status = check_aim(ctx, q, alpha);
    if (!status) status = critical(ctx, tested, alpha, 0, &limit);
    const double f = q * fabs(tested->t) / sqrt(tested->df);
    for (int i = 0; i < n && !status; i++) {
        status = check_strength(ctx, 0, r2_outcome[i]);
        if (status) break;
        needed_zero[i] = needed(f, 0, r2_outcome[i]);
        needed_alpha[i] = needed(f, limit, r2_outcome[i]);
    }
    return status;
}
