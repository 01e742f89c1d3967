/* The intraclass correlation with an interval.
 *
 * v_k the variance of a bar term (mean z'Gz over the rows) and r what is no
 * random effect, both relative to sigma^2 in a linear model: icc_k = v_k / (sum v
 * + r), for all bar terms together sum v / (sum v + r). A function of theta alone.
 * Delta: logit(icc) normal, slope from dv = 2 (mean zz' T). Profile: icc rises
 * with the one theta, so limits are those of its own profile. Exact, one random
 * intercept: at the true lambda = theta^2 the difference Q(lambda) - SSE, Q the
 * weighted residual sum of squares and SSE that within groups, is sigma^2 chi2
 * with as many degrees of freedom as the groups add to the fixed part's rank, and
 * independent of SSE; their ratio falls with lambda. In balanced data these are
 * the F limits (F0 / F - 1) / (F0 / F - 1 + m) of m answers a group. Cost: a pass
 * over the rows; some 30 evaluations.
 * Searle 1971, Linear Models, section 9.9; Wald 1940, doi:10.1214/aoms/1177731840;
 * Harville & Fenech 1985, doi:10.2307/2530650.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/root_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/mixed/crossed_internal.h"
#include "models/mixed/mixed_parameters_internal.h"
#include "steelyard/distribution.h"

/* What a limit is a root of. */
typedef struct {
    sy_context *ctx;
    const syi_lmm *l;
    double second;      /* mean z^2: icc = theta^2 second / (theta^2 second + 1) */
    double least, fall; /* profile: criterion at its minimum, and how far above the limit lies */
    double sse, df_groups, df_within, tail;
    sy_status status;
} curve;

static double theta_of(const curve *c, double icc)
{
    return sqrt(icc / (1 - icc) / c->second);
}

static int evaluate(curve *c, double icc, syi_lmm_value *v)
{
    const double theta = theta_of(c, icc);
    *v = (syi_lmm_value){.criterion = 0};
    if (c->status >= 0) c->status = c->l->evaluate(c->ctx, c->l, &theta, NULL, v);
    return c->status >= 0;
}

static double profile_at(double icc, const void *arg)
{
    /* the status is behind a pointer that syi_root takes as constant */
    curve *c = *(curve *const *)arg;
    syi_lmm_value v;
    return evaluate(c, icc, &v) ? v.criterion - c->least - c->fall : 0;
}

/* P(F > the ratio at icc) less the tail asked for: rises with icc. */
static double exact_at(double icc, const void *arg)
{
    curve *c = *(curve *const *)arg;
    syi_lmm_value v;
    double tail = 0;
    if (!evaluate(c, icc, &v)) return 0;
    const double f = fmax(v.rss - c->sse, 0) / c->df_groups / (c->sse / c->df_within);
    c->status = sy_distribution_f_tail(c->ctx, f, c->df_groups, c->df_within, &tail);
    return tail - c->tail;
}

/* The root between a and b; `none` when the curve does not cross. */
static double cross(curve *c, syi_curve f, double a, double b, double none)
{
    const curve *arg = c;
    const double at_a = f(a, &arg), at_b = f(b, &arg);
    if (c->status < 0 || !((at_a < 0) != (at_b < 0))) return none;
    return syi_root(f, &arg, a, at_a, b, at_b, 0);
}

static const double most_icc = 1 - 1e-9;

static sy_status by_profile(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                            const sy_mixed_options *options, double z, curve *c, sy_icc *out)
{
    syi_lmm l = {.p = 0};
    syi_lmm_report report;
    double theta;
    sy_status s = syi_lmm_init(ctx, design, model, options->reml, &l);
    if (s >= 0) {
        syi_lmm_start(&l, &theta);
        s = syi_lmm_minimise(ctx, &l, NULL, options, &theta, &report);
    }
    if (s >= 0) {
        const double v = theta * theta * c->second, best = v / (v + 1);
        c->l = &l;
        c->least = report.criterion;
        c->fall = z * z;
        out->lower = best > 0 ? cross(c, profile_at, 0, best, 0) : 0;
        out->upper = cross(c, profile_at, best, most_icc, 1);
        s = c->status;
    }
    syi_lmm_free(&l);
    return s;
}

/* Within groups: SSE, which Q reaches at once where a group's own mean takes all, and degrees of freedom. */
static sy_status within_groups(sy_context *ctx, const syi_lmm *l, curve *c)
{
    const double theta = 1e7;
    double rank = 0;
    syi_crossed crossed = {0};
    syi_lmm_value v = {.criterion = 0};
    sy_status s = syi_crossed_init(ctx, l->rows, &crossed);
    if (s >= 0) s = syi_crossed_noise_factor(ctx, &crossed, &rank);
    if (s >= 0) s = l->evaluate(ctx, l, &theta, NULL, &v);
    if (s >= 0) {
        c->sse = v.rss;
        c->df_within = l->n - rank;
        c->df_groups = rank - l->p;
        if (!(c->df_within > 0) || !(c->df_groups > 0) || !(c->sse > 0))
            s = syi_fail(ctx, SY_EDATA, "icc: exact limits need variation within groups and between them");
    }
    syi_crossed_free(&crossed);
    return s;
}

static sy_status by_f(sy_context *ctx, const sy_design *design, const sy_mixed_model *model, double level, curve *c,
                      sy_icc *out)
{
    syi_lmm l = {.p = 0};
    sy_status s = syi_lmm_init(ctx, design, model, 1, &l);
    if (s >= 0) s = within_groups(ctx, &l, c);
    if (s >= 0) {
        c->l = &l;
        c->tail = (1 - level) / 2;
        out->lower = cross(c, exact_at, 0, most_icc, 0);
        c->tail = (1 + level) / 2;
        out->upper = cross(c, exact_at, 0, most_icc, 0);
        s = c->status;
    }
    syi_lmm_free(&l);
    if (s >= 0 && !(out->lower <= out->estimate && out->estimate <= out->upper))
        s = syi_remark(
            ctx, SY_NOTE_ASSUMES_NORMAL, "icc", out->estimate,
            "the intraclass correlation lies outside its exact limits: they assume normal effects and rows, and "
            "a row or a small group is far from all others; look for it, or take profile limits");
    return s;
}

/* slope [n_theta] of logit(icc); v [n_bars] relative variances. */
static void logit_slope(const syi_bars *b, const double *theta, const double *second, const double *v, double link,
                        int which, double *slope)
{
    double all = 0;
    for (int k = 0; k < b->n_bars; k++) all += v[k];
    for (int k = 0; k < b->n_bars; k++) {
        const syi_bar *bar = &b->bar[k];
        const int own = which < 0 || which == k;
        const double part = which < 0 ? all : v[which], rest = all - part + link;
        for (int i = 0; i < bar->q; i++)
            for (int j = 0; j <= i; j++) {
                const int place = syi_bar_theta(bar, i, j);
                double dv = 0;
                if (place < 0) continue;
                for (int h = j; h < bar->q; h++) {
                    const int at = syi_bar_theta(bar, h, j);
                    if (at >= 0) dv += 2 * second[bar->first_entry + i * bar->q + h] * theta[at];
                }
                slope[place] = own ? dv / part : -dv / rest;
            }
    }
}

static sy_status by_delta(sy_context *ctx, const syi_bars *b, const sy_mixed_fitted *fitted, const double *slope,
                          double z, sy_icc *out)
{
    double variance = 0;
    for (int i = 0; i < b->n_theta; i++)
        for (int j = 0; j < b->n_theta; j++)
            variance += slope[i] * slope[j] * fitted->theta_covariance[(ptrdiff_t)i * b->n_theta + j];
    const double se = sqrt(variance), middle = log(out->estimate / (1 - out->estimate));
    if (!isfinite(se) || !(out->estimate > 0))
        return syi_remark(ctx, SY_NOTE_INTERVAL_SKIPPED, "icc", 0,
                          "a variance is at its boundary 0: the delta method has no interval for the intraclass "
                          "correlation; take profile or exact limits");
    out->std_error = se * out->estimate * (1 - out->estimate);
    out->lower = 1 / (1 + exp(z * se - middle));
    out->upper = 1 / (1 + exp(-z * se - middle));
    return SY_OK;
}

static sy_status check(sy_context *ctx, const syi_bars *b, const sy_mixed_fitted *fitted, int bar, sy_icc_method method,
                       double level)
{
    const sy_mixed_model *model = b->model;
    if (bar < -1 || bar >= b->n_bars)
        return syi_fail(ctx, SY_EINVAL, "bar: %d is not among the %d bar terms", bar, b->n_bars);
    if (!(level > 0 && level < 1)) return syi_fail(ctx, SY_EINVAL, "level: %g; it must lie between 0 and 1", level);
    if (method == SY_ICC_DELTA && !fitted->theta_covariance)
        return syi_fail(ctx, SY_EINVAL, "method: the delta method needs the covariance of theta");
    if (method == SY_ICC_DELTA) return SY_OK;
    if (!model->linear || b->n_theta != 1)
        return syi_fail(ctx, SY_EINVAL,
                        "method: profile and exact limits of an intraclass correlation are for linear models with one "
                        "variance parameter; this one has %d",
                        b->n_theta);
    if (method == SY_ICC_EXACT && !b->bar[0].plain)
        return syi_fail(ctx, SY_EINVAL, "method: exact limits are for a random intercept");
    if (method == SY_ICC_PROFILE || method == SY_ICC_EXACT) return SY_OK;
    return syi_fail(ctx, SY_EINVAL, "method: %d; it must be delta, profile or exact", (int)method);
}

sy_status sy_mixed_icc(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                       const sy_mixed_options *options, const sy_mixed_fitted *fitted, int bar, sy_icc_method method,
                       double level, sy_icc *icc)
{
    syi_bars b = {0};
    sy_mixed_shape shape;
    sy_mixed_options own;
    double *room = NULL, link = 1, z, part, all = 0;
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    sy_mixed_defaults(&own);
    if (options) own = *options;
    own.start = NULL;
    *icc = (sy_icc){NAN, NAN, NAN, NAN};
    sy_status s = sy_mixed_shape_of(ctx, design, model, &shape);
    if (s >= 0) s = syi_bars_init(ctx, design, model, &b);
    if (s >= 0) s = check(ctx, &b, fitted, bar, method, level);
    if (s < 0) goto out;
    room = syi_alloc((size_t)(b.entries + b.n_bars + b.n_theta), sizeof *room);
    if (!room) {
        s = syi_fail(ctx, SY_ENOMEM, "icc: out of memory for %d bar terms", b.n_bars);
        goto out;
    }
    syi_spread_sums sums = {.second = room};
    double *v = room + b.entries, *slope = v + b.n_bars;
    s = sy_distribution_normal_quantile(ctx, 0.5 + level / 2, &z);
    if (s >= 0) s = syi_mixed_pass(ctx, &b, fitted->estimate, shape.k, &sums);
    if (s >= 0) s = syi_mixed_link_variance(ctx, design, model, NULL, fitted->theta_count, &link);
    if (s < 0) goto out;
    syi_mixed_bar_variances(&b, fitted->theta, sums.second, v);
    for (int k = 0; k < b.n_bars; k++) all += v[k];
    part = bar < 0 ? all : v[bar];
    icc->estimate = part / (all + link);
    curve c = {.ctx = ctx, .second = sums.second[0], .status = SY_OK};
    if (method == SY_ICC_PROFILE) s = by_profile(ctx, design, model, &own, z, &c, icc);
    if (method == SY_ICC_EXACT) s = by_f(ctx, design, model, level, &c, icc);
    if (method == SY_ICC_DELTA) {
        logit_slope(&b, fitted->theta, sums.second, v, link, bar, slope);
        s = by_delta(ctx, &b, fitted, slope, z, icc);
    }
out:
    SYI_FREE(room);
    syi_bars_free(&b);
    return s < 0 ? s : syi_status_of_remarks(ctx, first);
}
