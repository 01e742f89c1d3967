/* Degrees of freedom and tests of a linear mixed model's coefficients, as the
 * caller asks for them.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/distribution_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/mixed/lmm_tests_internal.h"
#include "steelyard/distribution.h"
#include <string.h>

sy_status sy_mixed_df(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                      const sy_mixed_options *options, const double *theta, sy_df_kind kind, int k, double *covariance,
                      double *df)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    syi_lmm_tests t;
    double *c = NULL, *v = NULL;
    sy_status s = syi_lmm_tests_init(ctx, design, model, options, theta, kind, &t);
    if (s < 0) return s;
    const int p = t.l.p;
    if (k != t.l.rows->m.p) {
        s = syi_fail(ctx, SY_EINVAL, "df: %d coefficients given; the model has %d", k, t.l.rows->m.p);
        goto out;
    }
    c = syi_alloc(2 * (size_t)p * (size_t)p, sizeof *c);
    v = syi_alloc((size_t)p, sizeof *v);
    if (!c || !v) {
        s = syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d columns", p);
        goto out;
    }
    for (int i = 0; i < p; i++) c[i * p + i] = 1;
    if ((s = syi_lmm_tests_each(ctx, &t, p, c, c + p * p, v)) < 0) goto out;
    for (int i = 0; i < k; i++) {
        df[i] = NAN;
        for (int j = 0; j < k; j++) covariance[(ptrdiff_t)i * k + j] = NAN;
    }
    for (int i = 0; i < p; i++) {
        df[t.l.column[i]] = v[i];
        for (int j = 0; j < p; j++) covariance[(ptrdiff_t)t.l.column[i] * k + t.l.column[j]] = c[p * p + i * p + j];
    }
    s = syi_status_of_remarks(ctx, first);
out:
    SYI_FREE(c);
    SYI_FREE(v);
    syi_lmm_tests_free(&t);
    return s;
}

/* t test and limits of each combination, normal where df is infinite. */
static sy_status test_each(sy_context *ctx, int q, const double *v, double level, sy_contrasts *out)
{
    sy_status s = SY_OK;
    for (int i = 0; i < q && s >= 0; i++) {
        const int normal = isinf(out->df[i]);
        double tail = NAN, step = NAN;
        out->std_error[i] = sqrt(v[i * q + i]);
        out->statistic[i] = out->estimate[i] / out->std_error[i];
        if (isfinite(out->statistic[i]) && out->df[i] > 0) {
            const double size = fabs(out->statistic[i]);
            s = normal ? sy_distribution_normal_tail(ctx, size, &tail)
                       : sy_distribution_t_tail(ctx, size, out->df[i], &tail);
            if (s >= 0) s = syi_t_width(ctx, level, out->df[i], &step);
        }
        out->p_value[i] = 2 * tail;
        out->low[i] = out->estimate[i] - step * out->std_error[i];
        out->high[i] = out->estimate[i] + step * out->std_error[i];
    }
    return s;
}

static sy_status test_in(sy_context *ctx, const syi_lmm_tests *t, int q, const double *c, double level,
                         sy_contrasts *out)
{
    const size_t lines = (size_t)q * (size_t)t->l.p, square = (size_t)q * (size_t)q;
    double *row = syi_alloc(lines + square, sizeof *row);
    if (!row) return syi_fail(ctx, SY_ENOMEM, "contrasts: out of memory for %d combinations", q);
    double *v = row + lines;
    syi_lmm_joint joint;
    sy_status s = syi_lmm_tests_in_use(ctx, t, q, c, row);
    for (int i = 0; i < q && s >= 0; i++) {
        out->estimate[i] = 0;
        for (int j = 0; j < t->l.p; j++) out->estimate[i] += row[(ptrdiff_t)i * t->l.p + j] * t->beta[j];
    }
    if (s >= 0) s = syi_lmm_tests_each(ctx, t, q, row, v, out->df);
    if (s >= 0) s = test_each(ctx, q, v, level, out);
    if (s >= 0) s = syi_lmm_tests_joint(ctx, t, q, row, &joint);
    if (s >= 0) {
        out->f = joint.f * joint.scale;
        out->f_df1 = joint.df1;
        out->f_df2 = joint.df2;
        out->f_p = joint.p_value;
    }
    SYI_FREE(row);
    return s;
}

sy_status sy_mixed_contrasts(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                             const sy_mixed_options *options, const double *theta, sy_df_kind kind, int q,
                             const double *c, double level, sy_contrasts *out)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    syi_lmm_tests t;
    if (!(level > 0 && level < 1))
        return syi_fail(ctx, SY_EINVAL, "level = %g: a number between 0 and 1, both excluded, is needed", level);
    if (q < 1) return syi_fail(ctx, SY_EINVAL, "contrasts: none given; at least one is needed");
    sy_status s = syi_lmm_tests_init(ctx, design, model, options, theta, kind, &t);
    if (s < 0) return s;
    s = test_in(ctx, &t, q, c, level, out);
    syi_lmm_tests_free(&t);
    return s < 0 ? s : syi_status_of_remarks(ctx, first);
}
