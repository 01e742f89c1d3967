/* Least squares: the way to the triangle chosen, and the summary of the fit.
 *
 * While n p^2 <= 4e7 rows are read in double-double and turned by QR, which
 * gives every certified digit of NIST's sets; beyond, cross-products in double
 * where they leave 12 digits, else QR in double. Rows read in double on demand
 * are still turned in double-double while n p^2 <= 4e7: then the reading is all
 * that is lost. R2 = 1 - rss / tss, tss about
 * the mean (about the level means with an absorbed factor, about 0 without an
 * intercept); F = (explained / df1) / (rss / df2); log-likelihood of the normal
 * model -n/2 (log 2 pi + 1 + log(rss / n)) + 1/2 sum log w, frequency weights
 * as repeated rows, as R's logLik.lm; AIC and BIC count sigma as a parameter.
 * Digits: those of the solution of the problem as the doubles (or decimals)
 * state it, 16 less the logarithm of the condition, its square by moments.
 * Cost: 2 n p^2 multiply-adds by QR (10 times in double-double), n p^2 / 2 by
 * moments.
 * Golub & Van Loan 2013, Matrix Computations, section 5.3; Bjorck 1996,
 * doi:10.1137/1.9781611971484.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/linear/linear_internal.h"
#include "steelyard/distribution.h"
#include <string.h>

static const double log_2_pi = 1.8378770664093454836, most_digits = 15.954589770191003;

void sy_linear_defaults(sy_linear_options *options)
{
    options->precision = SY_PRECISION_AUTO;
}

static double digits_left(const syi_triangle *t, double condition)
{
    const double unit = t->twofold ? 0x1p-102 : 0x1p-53;
    const double factor = t->method == SY_BY_MOMENTS ? t->trace : condition;
    const double digits = -log10(unit * factor);
    return digits < most_digits ? fmax(digits, 0) : most_digits;
}

static void add_likelihood(const syi_model *m, sy_linear_summary *s)
{
    const double parameters = s->rank + 1;
    s->loglik = -0.5 * s->n * (log_2_pi + 1 + log(s->rss / s->n)) + 0.5 * m->sum_log_w;
    s->aic = -2 * s->loglik + 2 * parameters;
    s->bic = -2 * s->loglik + log(s->n) * parameters;
}

static sy_status add_f(sy_context *ctx, const syi_solution *f, sy_linear_summary *s)
{
    s->f_df1 = s->rank - f->base;
    if (!(s->f_df1 > 0 && s->df_resid > 0)) return SY_OK;
    const syi_dd top = syi_dd_div(f->explained, syi_dd_of(s->f_df1));
    const syi_dd bottom = syi_dd_div(f->rss, syi_dd_of(s->df_resid));
    s->f = f->rss.hi > 0 ? syi_dd_round(syi_dd_div(top, bottom)) : INFINITY;
    if (isinf(s->f)) {
        s->f_p = 0;
        return SY_OK;
    }
    return sy_distribution_f_tail(ctx, s->f, s->f_df1, s->df_resid, &s->f_p);
}

static sy_status summarise(sy_context *ctx, const syi_model *m, const syi_triangle *t, const syi_solution *f,
                           sy_linear_summary *s)
{
    *s = (sy_linear_summary){.n = m->n,
                             .rows_read = (double)m->design->n,
                             .rows_used = m->rows_used,
                             .rows_dropped = m->rows_dropped,
                             .sum_w = m->sum_w,
                             .sum_w2 = m->sum_w2,
                             .p = m->p,
                             .rank = f->rank,
                             .df_resid = m->n - f->rank,
                             .rss = syi_dd_round(f->rss),
                             .tss = syi_dd_round(f->tss),
                             .r2 = NAN,
                             .r2_adjusted = NAN,
                             .sigma = NAN,
                             .f = NAN,
                             .f_p = NAN,
                             .condition = f->condition,
                             .digits = digits_left(t, f->condition),
                             .method = t->method};
    if (f->tss.hi > 0) s->r2 = syi_dd_round(syi_dd_div(f->explained, f->tss));
    if (s->df_resid > 0) {
        const syi_dd variance = syi_dd_div(f->rss, syi_dd_of(s->df_resid));
        const double total = m->n - f->base;
        s->sigma = syi_dd_round(syi_dd_sqrt(variance));
        if (f->tss.hi > 0) s->r2_adjusted = 1 - syi_dd_round(syi_dd_div(syi_dd_mul_d(variance, total), f->tss));
    }
    add_likelihood(m, s);
    return add_f(ctx, f, s);
}

/* The reason a fit cannot be had, or what should be known of it. */
static sy_status judge(sy_context *ctx, const syi_model *m, const syi_solution *f, const sy_linear_summary *s)
{
    const char *y = m->design->terms[m->model.outcome].label;
    sy_status status = SY_OK;
    if (!(f->tss.hi > 0))
        return syi_fail(ctx, SY_EDATA, "%s: is constant in the %.0f rows used%s; there is nothing to explain", y,
                        s->rows_used, m->absorb >= 0 ? " once the absorbed levels are taken out" : "");
    if (f->used == 0)
        return syi_fail(ctx, SY_ERANK, "terms: every column is zero or constant; no coefficient can be had");
    if (s->df_resid < 0)
        return syi_fail(ctx, SY_ERANK, "data: %.0f rows for a rank of %d; no row is left over for the errors", s->n,
                        s->rank);
    for (int c = 0; c < m->p && status >= 0; c++) {
        char label[SY_NAME_LENGTH];
        if (!f->aliased[c]) continue;
        syi_model_label(m, c, label, sizeof label);
        status = syi_remark(ctx, SY_NOTE_ALIASED, label, 0,
                            "%s adds nothing beyond the columns before it and has no coefficient", label);
    }
    if (status >= 0 && s->df_resid == 0)
        status =
            syi_remark(ctx, SY_NOTE_INTERVAL_SKIPPED, "", 0,
                       "the fit is exact: %d coefficients for %.0f rows leave none over for the errors", s->rank, s->n);
    if (status >= 0 && s->digits < 12)
        status = syi_remark(ctx, SY_NOTE_PRECISION, "", s->digits,
                            "the condition of the columns, %.2g, leaves %.0f digits in the coefficients", s->condition,
                            floor(s->digits));
    return status;
}

static syi_dd inverse_entry(const syi_solution *f, int p, int a, int b)
{
    syi_dd sum = syi_dd_of(0);
    for (int c = a > b ? a : b; c < p; c++)
        sum = syi_dd_add(sum, syi_dd_mul(f->root[(ptrdiff_t)a * p + c], f->root[(ptrdiff_t)b * p + c]));
    return sum;
}

static void put_fit(const syi_model *m, const syi_solution *f, const sy_linear_fit *fit)
{
    const int p = m->p;
    for (int a = 0; a < p; a++) {
        if (fit->aliased) fit->aliased[a] = f->aliased[a];
        if (fit->coefficient) fit->coefficient[a] = f->aliased[a] ? (double)NAN : syi_dd_round(f->b[a]);
        if (fit->effects) fit->effects[a] = f->aliased[a] ? 0 : syi_dd_round(f->effect[a]);
        for (int b = 0; fit->inverse && b <= a; b++) {
            const int none = f->aliased[a] || f->aliased[b];
            const double v = none ? (double)NAN : syi_dd_round(inverse_entry(f, p, a, b));
            fit->inverse[(ptrdiff_t)a * p + b] = fit->inverse[(ptrdiff_t)b * p + a] = v;
        }
    }
}

/* Moments count the rows themselves, but know no logarithms of weights. */
static sy_status find_triangle(sy_context *ctx, const sy_design *design, syi_model *m, syi_triangle *t)
{
    const int products = !m->twofold && !syi_model_light(design, m->p);
    const int moments = products && syi_linear_moments_apply(m);
    const int logarithms = design->weights && design->weight_kind != SY_WEIGHT_FREQUENCY;
    int good = 0;
    sy_status s = SY_OK;
    if ((!moments || logarithms) && (s = syi_model_rows(ctx, m)) < 0) return s;
    if (products) {
        t->method = SY_BY_MOMENTS;
        s = moments ? syi_linear_moments(ctx, design, m, t, &good) : syi_linear_products(ctx, m, t, &good);
        if (s < 0 || good) return s;
    }
    return syi_linear_rows(ctx, m, t);
}

sy_status sy_linear(sy_context *ctx, const sy_design *design, const sy_linear_model *model,
                    const sy_linear_options *options, sy_linear_summary *summary, const sy_linear_fit *fit)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    const sy_precision precision = options ? options->precision : SY_PRECISION_AUTO;
    syi_model m = {0};
    syi_triangle t = {0};
    syi_solution f = {0};
    if ((int)precision < SY_PRECISION_AUTO || (int)precision > SY_PRECISION_TWOFOLD)
        return syi_fail(ctx, SY_EINVAL, "precision: %d; it must be auto, double or double-double", (int)precision);
    if (model->outcome == -1) return syi_fail(ctx, SY_EINVAL, "outcome: none given; a fit needs one");
    sy_status s = syi_model_open(ctx, design, model, precision, &m);
    if (s < 0) return s;
    if ((s = syi_triangle_open(ctx, m.p, &t)) < 0) goto out;
    if ((s = find_triangle(ctx, design, &m, &t)) < 0) goto out;
    if ((s = syi_linear_solve(ctx, &m, &t, &f)) < 0) goto out;
    if ((s = summarise(ctx, &m, &t, &f, summary)) < 0) goto out;
    if ((s = judge(ctx, &m, &f, summary)) < 0) goto out;
    if (fit && (s = syi_linear_fitted(ctx, &m, &t, &f, fit)) < 0) goto out;
    if (fit) put_fit(&m, &f, fit);
    s = syi_status_of_remarks(ctx, first);
out:
    syi_solution_free(&f);
    syi_triangle_free(&t);
    syi_model_free(&m);
    return s;
}

sy_status sy_linear_columns(sy_context *ctx, const sy_design *design, const sy_linear_model *model, int *count, int *p)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    syi_model m = {0};
    const sy_status s = syi_model_open(ctx, design, model, SY_PRECISION_DOUBLE, &m);
    if (s < 0) return s;
    memcpy(count, m.count, ((size_t)model->n_terms + 1) * sizeof *count);
    *p = m.p;
    syi_model_free(&m);
    return syi_status_of_remarks(ctx, first);
}

sy_status sy_linear_labels(sy_context *ctx, const sy_design *design, const sy_linear_model *model, int p, char *text,
                           size_t size)
{
    syi_enter(ctx);
    syi_model m = {0};
    sy_status s = syi_model_open(ctx, design, model, SY_PRECISION_DOUBLE, &m);
    if (s < 0) return s;
    if (p != m.p) s = syi_fail(ctx, SY_EINVAL, "labels: %d asked for; the model has %d columns", p, m.p);
    for (int c = 0; s >= 0 && c < p; c++) syi_model_label(&m, c, text + (size_t)c * size, size);
    syi_model_free(&m);
    return s < 0 ? s : SY_OK;
}
