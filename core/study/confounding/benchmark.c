/* A confounder likened to columns that were measured.
 *
 * R_d, R_y: partial R2 of a benchmark x_j with the treatment given the other
 * columns, and with the outcome given the treatment and the others; of one column or
 * of a group (dropped.c). A confounder kd times as strong with the treatment and ky
 * times with the outcome explains at most [Cinelli & Hazlett 2020, section 4.4 and
 * its supplement]
 *     r2_treatment = kd R_d / (1 - R_d)
 *     r2_outcome   = ((sqrt(ky) + sqrt(e)) / sqrt(1 - e))^2 R_y / (1 - R_y),
 *     e            = kd R_d^2 / ((1 - kd R_d)(1 - R_d)).
 * With r2_treatment or e of 1 and more no such confounder exists. A group counts
 * as one benchmark: kd = 1 is a confounder as strong as all its columns together.
 * Conditions: the confounder is independent of the measured columns (the part of it
 * that they do not tell). Cost: q^3 / 6 for a group of q columns.
 * Cinelli & Hazlett 2020, doi:10.1111/rssb.12348.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "study/confounding/dropped_internal.h"
#include <math.h>

static sy_status check_coefficient(sy_context *ctx, const sy_fit_left *fit, int d)
{
    if (d < 0 || d >= fit->p) return syi_fail(ctx, SY_EDIM, "term: coefficient %d of %d", d, fit->p);
    if (isnan(fit->coefficient[d]))
        return syi_fail(ctx, SY_EDATA, "term: %s is aliased and has no coefficient", fit->label[d]);
    if (!(fit->df_resid > 1) || !(fit->rss > 0))
        return syi_fail(ctx, SY_EDATA,
                        "term: the fit leaves %g degrees of freedom and a sum of squares of %g; nothing "
                        "is left to be confounded",
                        fit->df_resid, fit->rss);
    return SY_OK;
}

sy_status sy_confounding_tested(sy_context *ctx, const sy_fit_left *fit, int d, sy_tested *out)
{
    syi_enter(ctx);
    const sy_status status = check_coefficient(ctx, fit, d);
    if (status) return status;
    const double sigma = sqrt(fit->rss / fit->df_resid),
                 diagonal = fit->inverse[(size_t)d * (size_t)fit->p + (size_t)d];
    *out = (sy_tested){.term = fit->label[d],
                       .estimate = fit->coefficient[d],
                       .std_error = sigma * sqrt(diagonal),
                       .df = fit->df_resid,
                       .robust_error = NAN,
                       .robust_df = NAN};
    out->t = out->estimate / out->std_error;
    return SY_OK;
}

sy_status sy_confounding_printed(sy_context *ctx, double estimate, double std_error, double t, double df,
                                 sy_tested *out)
{
    syi_enter(ctx);
    const int known = !isnan(estimate) && !isnan(std_error);
    if (!isnan(std_error) && !(std_error > 0))
        return syi_fail(ctx, SY_EINVAL, "std_error: %g; a number above 0 is needed", std_error);
    if (isnan(t) && !known) return syi_fail(ctx, SY_EINVAL, "t: give t, or estimate and std_error, beside df");
    if (!isnan(t) && known && !(fabs(t - estimate / std_error) <= 0.02 * fabs(t)))
        return syi_fail(ctx, SY_EINVAL, "t: %g is not estimate over std_error, %g", t, estimate / std_error);
    if (!isnan(t) && !isnan(estimate) && t * estimate < 0)
        return syi_fail(ctx, SY_EINVAL, "t: %g has not the sign of the estimate, %g", t, estimate);
    *out = (sy_tested){.term = "the term",
                       .estimate = estimate,
                       .std_error = std_error,
                       .t = isnan(t) ? estimate / std_error : t,
                       .df = df,
                       .robust_error = NAN,
                       .robust_df = NAN};
    if (isnan(std_error)) out->std_error = estimate / t;
    if (isnan(estimate)) out->estimate = t * std_error;
    return SY_OK;
}

/* Marks the columns of a group in drop [p]. */
static sy_status mark(sy_context *ctx, const sy_fit_left *fit, int d, const sy_benchmark *group, int *drop)
{
    for (int c = 0; c < fit->p; c++) drop[c] = 0;
    for (int i = 0; i < group->n; i++) {
        const int c = group->coefficient[i];
        if (c < 0 || c >= fit->p) return syi_fail(ctx, SY_EDIM, "benchmarks: coefficient %d of %d", c, fit->p);
        if (c == d)
            return syi_fail(ctx, SY_EINVAL, "benchmarks: %s holds %s, the term itself", group->name, fit->label[d]);
        drop[c] = 1;
    }
    return SY_OK;
}

sy_status sy_confounding_benchmarks(sy_context *ctx, const sy_fit_left *fit, int d, int n, const sy_benchmark *group,
                                    double *r2_treatment, double *r2_outcome)
{
    syi_enter(ctx);
    sy_status status = check_coefficient(ctx, fit, d);
    if (status) return status;
    int *drop = syi_alloc((size_t)fit->p, sizeof *drop);
    if (!drop) return syi_fail(ctx, SY_ENOMEM, "no room for %d columns", fit->p);
    for (int g = 0; g < n && !status; g++) {
        syi_dropped left = {0};
        status = mark(ctx, fit, d, &group[g], drop);
        if (!status) status = syi_drop(ctx, fit, d, drop, &left);
        if (!status && left.left_out == 0)
            status = syi_fail(ctx, SY_EDATA, "benchmarks: %s adds nothing beyond the other columns", group[g].name);
        r2_outcome[g] = left.rss_more / (left.rss_more + fit->rss);
        r2_treatment[g] = left.inverse_less / fit->inverse[(size_t)d * (size_t)fit->p + (size_t)d];
    }
    SYI_FREE(drop);
    return status;
}

sy_status sy_confounding_bound(sy_context *ctx, const char *name, const double benchmark[2], double kd, double ky,
                               sy_bound *out)
{
    syi_enter(ctx);
    char label[SY_NAME_LENGTH];
    const int first = ctx->n_remarks;
    const double rd = benchmark[0], ry = benchmark[1];
    sy_status status = SY_OK;
    if (!(rd >= 0 && rd <= 1) || !(ry >= 0 && ry <= 1))
        return syi_fail(ctx, SY_EINVAL, "benchmarks: partial R2 of %g and %g; parts from 0 to 1 are needed", rd, ry);
    if (!(kd > 0) || !isfinite(kd)) return syi_fail(ctx, SY_EINVAL, "kd: %g; a number above 0 is needed", kd);
    if (!(ky > 0) || !isfinite(ky)) return syi_fail(ctx, SY_EINVAL, "ky: %g; a number above 0 is needed", ky);
    if (kd == ky) syi_say(label, sizeof label, "%.4g times %.90s", kd, name);
    else syi_say(label, sizeof label, "%.4g and %.4g times %.80s", kd, ky, name);
    const double treatment = kd * (rd / (1 - rd)), e = kd * (rd * rd) / ((1 - kd * rd) * (1 - rd));
    *out = (sy_bound){NAN, NAN, 0, 0};
    if (!(treatment < 1) || !(e < 1) || kd * rd >= 1 || !(ry < 1)) {
        status =
            syi_remark(ctx, SY_NOTE_BOUNDARY, label, treatment,
                       "no confounder can be as strong as %s: it would have to explain all of the treatment or of the "
                       "outcome",
                       label);
        return status ? status : syi_status_of_remarks(ctx, first);
    }
    const double ratio = (sqrt(ky) + sqrt(e)) / sqrt(1 - e), outcome = ratio * ratio * (ry / (1 - ry));
    *out = (sy_bound){treatment, fmin(outcome, 1), 1, outcome > 1};
    if (outcome > 1)
        status = syi_remark(
            ctx, SY_NOTE_BOUNDARY, label, outcome,
            "a confounder as strong as %s could explain all that is left of the outcome; the bound is cut at 1", label);
    return status ? status : syi_status_of_remarks(ctx, first);
}
