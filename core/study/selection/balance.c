/* A balance from end to end: rows, weights, table, estimates with their errors.
 *
 * Errors by influence functions (balance_influence.c) or by leaving units out
 * (balance_leave.c), both with t and units less strata degrees of freedom. The
 * jackknife is the rule below 50 units: tests/reference/coverage/balance.csv
 * holds how often the limits of both held the truth at 25 and 150 clusters.
 * Weights handed out add in each group to what its weights added to: analyses of
 * both groups keep their sizes. Cost: see the parts.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/distribution_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "study/coverage_internal.h"
#include "study/selection/balance_internal.h"
#include <math.h>

enum { FEW_UNITS = 50 };

/* Why there are no weights, with the column that stands in the way. */
static sy_status explain(sy_context *ctx, const syi_balance *b, const syi_balance_fit *f, sy_status status)
{
    char label[SY_NAME_LENGTH];
    if (status != SY_EDATA || f->fault < 0) return status;
    const sy_status named = syi_balance_label(ctx, b, f->fault, label, sizeof label);
    if (named < 0) return named;
    const char *control = syi_balance_group(b, 0), *treated = syi_balance_group(b, 1);
    if (b->question->method == SY_BALANCE_ENTROPY)
        return syi_fail(
            ctx, SY_EDATA,
            "covariates: no weights of the people in %s%s%s give them the means aimed at; %s stands out most: "
            "groups without overlap",
            control, b->question->estimand == SY_ESTIMAND_ATT ? "" : " or in ",
            b->question->estimand == SY_ESTIMAND_ATT ? "" : treated, label);
    return syi_fail(ctx, SY_EDATA,
                    "covariates: %s tells %s and %s apart without error; people on one side of it have nobody to be "
                    "compared with: leave them, or it, out",
                    label, control, treated);
}

static sy_status weigh(sy_context *ctx, const syi_balance *b, syi_balance_fit *f)
{
    return explain(ctx, b, f, syi_balance_weigh(ctx, f, 1, -1));
}

/* Trims by a first score; the rows, and the fit's memory with them, are then others. */
static sy_status trim(sy_context *ctx, syi_balance *b, syi_balance_fit *f)
{
    const sy_balance_question *q = b->question;
    if (isnan(q->trim)) return SY_OK;
    const double low = q->estimand == SY_ESTIMAND_ATT ? 0 : q->trim;
    sy_status status = syi_balance_trim(ctx, b, f->score, low, 1 - q->trim);
    if (status < 0 || b->rows_trimmed == 0) return status;
    syi_balance_fit_free(f);
    status = syi_balance_fit_init(ctx, b, f);
    return status < 0 ? status : weigh(ctx, b, f);
}

/* Weights as handed out into after [stride], and into the rows of the design. */
static void hand_out(const syi_balance_fit *f, double *after, const sy_balance_result *result)
{
    const syi_packed *rows = &f->b->rows;
    const sy_design *design = &f->b->design;
    const int frequencies = design->weights && design->weight_kind == SY_WEIGHT_FREQUENCY;
    double was[2] = {0, 0}, is[2] = {0, 0};
    for (ptrdiff_t i = 0; i < rows->n; i++) {
        was[rows->y[i] > 0] += rows->weight[i];
        is[rows->y[i] > 0] += rows->weight[i] * f->factor[i];
    }
    for (ptrdiff_t i = 0; i < rows->n; i++) {
        const int a = rows->y[i] > 0;
        after[i] = (frequencies ? 1 : rows->weight[i]) * f->factor[i] * (was[a] / is[a]);
    }
    for (ptrdiff_t i = 0; i < design->n; i++) {
        result->weights[i] = NAN;
        if (result->score) result->score[i] = NAN;
    }
    for (ptrdiff_t i = 0; i < rows->n; i++) {
        result->weights[rows->row[i]] = after[i];
        if (result->score && f->b->question->method == SY_BALANCE_PROPENSITY) result->score[rows->row[i]] = f->score[i];
    }
}

static void summarise(const syi_balance *b, const syi_balance_fit *f, sy_balance_summary *s)
{
    s->rows_read = (double)b->design.n;
    s->rows_used = (double)b->rows.n;
    s->rows_dropped = b->rows_lost;
    s->rows_trimmed = b->rows_trimmed;
    s->iterations = f->iterations;
    for (int a = 0; a < 2; a++) {
        s->people[a] = b->people[a];
        s->treated[a] = b->level[a];
    }
}

/* A regression's columns without a coefficient in a group, and answers told without error. */
static sy_status remark_regression(sy_context *ctx, const syi_balance_fit *f, int o, int a)
{
    const syi_balance *b = f->b;
    const char *group = syi_balance_group(b, a), *y = b->design.terms[b->question->outcomes[o]].label;
    sy_status status = SY_OK;
    for (int j = 0; j < b->k && status >= 0; j++) {
        char label[SY_NAME_LENGTH];
        if (!f->left_out[a * b->k + j]) continue;
        status = syi_balance_label(ctx, b, j, label, sizeof label);
        if (status >= 0)
            status = syi_remark(ctx, SY_NOTE_ALIASED, label, a,
                                "%s adds nothing beyond the columns before it in %s and has no coefficient in the "
                                "regression there",
                                label, group);
    }
    if (status >= 0 && f->separated[a])
        status = syi_remark(ctx, SY_NOTE_SEPARATED, y, a,
                            "%s: the covariates tell it without error in %s; its regression there is at its limit", y,
                            group);
    if (status >= 0 && f->unsettled[a])
        status =
            syi_remark(ctx, SY_NOTE_NOT_CONVERGED, y, a, "%s: its regression in %s did not come to an end", y, group);
    return status;
}

static sy_status put_limits(sy_context *ctx, double level, double df, double variance, sy_balance_estimate *e)
{
    double tail, width;
    e->std_error = e->statistic = e->p_value = e->low = e->high = NAN;
    e->df = df;
    if (!(variance > 0)) return SY_OK;
    e->std_error = sqrt(variance);
    e->statistic = e->estimate / e->std_error;
    sy_status status = sy_distribution_t_tail(ctx, fabs(e->statistic), df, &tail);
    if (status >= 0) status = syi_t_width(ctx, level, df, &width);
    if (status < 0) return status;
    e->p_value = fmin(2 * tail, 1);
    e->low = e->estimate - width * e->std_error;
    e->high = e->estimate + width * e->std_error;
    return SY_OK;
}

/* Estimates of every outcome; variances by influence where asked for. */
static sy_status estimate(sy_context *ctx, syi_balance_fit *f, const syi_row_units *units, double *variance,
                          const sy_balance_result *result)
{
    const ptrdiff_t n = f->b->rows.n, m = SY_BALANCE_ESTIMATES;
    double covariance[SY_BALANCE_ESTIMATES * SY_BALANCE_ESTIMATES], *influence = NULL, *sums = NULL;
    sy_status status = SY_OK;
    if (variance) {
        influence = syi_alloc((size_t)(m * n) + 1, sizeof *influence);
        sums = syi_alloc((size_t)(units->count * m + units->n_strata) + 1, sizeof *sums);
        if (!influence || !sums) status = syi_fail(ctx, SY_ENOMEM, "interval: no room for %td rows", n);
    }
    for (int o = 0; o < f->b->question->n_outcomes && status >= 0; o++) {
        syi_balance_sums s;
        if ((status = syi_balance_regress(ctx, f, o)) < 0) break;
        for (int a = 0; a < 2 && status >= 0; a++) status = remark_regression(ctx, f, o, a);
        syi_balance_means(f, o, &s);
        for (int k = 0; k < m; k++) {
            sy_balance_estimate *e = &result->estimate[o * m + k];
            for (int a = 0; a < 2; a++) e->mean[a] = s.mean[k][a] + f->b->middle[o];
            e->estimate = s.mean[k][1] - s.mean[k][0];
        }
        status = syi_serial_stopped(ctx);
        if (!variance || status < 0) continue;
        if ((status = syi_balance_influence(ctx, f, o, &s, influence)) < 0) break;
        syi_row_units_covariance(units, (int)m, influence, sums, covariance);
        status = syi_serial_stopped(ctx);
        for (int k = 0; k < m; k++) variance[o * m + k] = covariance[k * (m + 1)];
    }
    SYI_FREE(influence);
    SYI_FREE(sums);
    return status;
}

/* Variances [values] of all estimates by leaving units out. */
static sy_status jackknife(sy_context *ctx, const syi_balance_fit *f, const syi_row_units *units,
                           const sy_balance_result *result, double *variance)
{
    const int k = f->b->question->n_outcomes * SY_BALANCE_ESTIMATES;
    double *lines = syi_alloc((size_t)units->count * (size_t)k + 1, sizeof *lines);
    double *centre = syi_alloc((size_t)k * ((size_t)k + 1), sizeof *centre);
    sy_status status = lines && centre ? syi_balance_leave_out(ctx, f, units, lines)
                                       : syi_fail(ctx, SY_ENOMEM, "interval: no room for %td units", units->count);
    if (status >= 0) {
        for (int i = 0; i < k; i++) centre[i] = result->estimate[i].estimate;
        const double lost = syi_row_units_jackknife(units, k, lines, centre, centre + k);
        for (int i = 0; i < k; i++) variance[i] = centre[k + i * (k + 1)];
        if (lost > 0)
            status = syi_remark(
                ctx, SY_NOTE_INTERVAL_SKIPPED, "", lost,
                "interval: without each of %.0f %s there is no answer (groups without overlap); the standard "
                "errors rest on the others and are too small",
                lost, units->clustered ? "clusters" : "rows");
    }
    SYI_FREE(lines);
    SYI_FREE(centre);
    return status;
}

static sy_balance_errors errors_of(const sy_balance_question *q, const syi_row_units *units)
{
    if (q->errors != SY_ERRORS_AUTO) return q->errors;
    return units->all < FEW_UNITS || q->clusters != SY_CLUSTERS_NONE ? SY_ERRORS_JACKKNIFE : SY_ERRORS_INFLUENCE;
}

/* How limits are made; few clusters are said, and below the fewest there are none unless asked for. */
static sy_status choose(sy_context *ctx, const syi_balance *b, const syi_row_units *units, sy_balance_summary *s)
{
    const int clustered = b->design.cluster != NULL;
    s->errors = errors_of(b->question, units);
    s->units = units->all;
    s->df = units->df;
    if (!clustered || units->all >= SYI_FEW_UNITS) return SY_OK;
    if (units->all >= SYI_FEWEST_UNITS || b->question->errors != SY_ERRORS_AUTO)
        return syi_remark(ctx, SY_NOTE_FEW_CLUSTERS, "", units->all,
                          "%.0f clusters: limits were tried in simulations with 25 and more, not with so few",
                          units->all);
    s->errors = SY_ERRORS_NONE;
    s->units = s->df = NAN;
    return syi_remark(
        ctx, SY_NOTE_INTERVAL_SKIPPED, "", units->all,
        "no limits: %.0f clusters are too few, %d or more are needed (interval=\"jackknife\" computes them "
        "all the same)",
        units->all, SYI_FEWEST_UNITS);
}

static sy_status answer(sy_context *ctx, syi_balance_fit *f, sy_balance_summary *s, const sy_balance_result *result)
{
    const syi_balance *b = f->b;
    const sy_balance_question *q = b->question;
    const int values = q->n_outcomes * SY_BALANCE_ESTIMATES;
    syi_row_units units = {0};
    sy_status status = SY_OK;
    s->errors = SY_ERRORS_NONE;
    s->units = s->df = NAN;
    double *variance = syi_alloc((size_t)values + 1, sizeof *variance);
    if (!variance) status = syi_fail(ctx, SY_ENOMEM, "interval: no room for %d estimates", values);
    if (status >= 0 && q->errors != SY_ERRORS_NONE) {
        status = syi_row_units_init(ctx, &b->design, b->rows.n, b->rows.row, b->rows.weight, &units);
        if (status >= 0) status = choose(ctx, b, &units, s);
    }
    if (status >= 0) status = estimate(ctx, f, &units, s->errors == SY_ERRORS_INFLUENCE ? variance : NULL, result);
    if (status >= 0 && s->errors == SY_ERRORS_JACKKNIFE) status = jackknife(ctx, f, &units, result, variance);
    for (int i = 0; i < values && status >= 0; i++)
        status = put_limits(ctx, q->level, s->df, s->errors == SY_ERRORS_NONE ? (double)NAN : variance[i],
                            &result->estimate[i]);
    syi_row_units_free(&units);
    SYI_FREE(variance);
    return status;
}

sy_status sy_balance(sy_context *ctx, const sy_design *design, const sy_balance_question *question,
                     sy_balance_summary *summary, const sy_balance_result *result)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    syi_balance b;
    syi_balance_fit f = {0};
    double *after = NULL;
    *summary = (sy_balance_summary){0};
    sy_status status = syi_balance_open(ctx, design, question, &b);
    if (status >= 0) status = syi_balance_fit_init(ctx, &b, &f);
    if (status >= 0) status = weigh(ctx, &b, &f);
    if (status >= 0) status = trim(ctx, &b, &f);
    if (status >= 0 && !(after = syi_alloc((size_t)b.rows.stride + 8, sizeof *after)))
        status = syi_fail(ctx, SY_ENOMEM, "balance: no room for %td rows", b.rows.n);
    if (status >= 0) {
        summarise(&b, &f, summary);
        hand_out(&f, after, result);
        status = syi_serial_stopped(ctx);
    }
    if (status >= 0) {
        status = syi_balance_table(ctx, &f, after, summary, result);
    }
    if (status >= 0) status = syi_balance_remarks(ctx, &b, summary);
    if (status >= 0 && question->n_outcomes > 0) status = answer(ctx, &f, summary, result);
    SYI_FREE(after);
    syi_balance_fit_free(&f);
    syi_balance_free(&b);
    return status < 0 ? status : syi_status_of_remarks(ctx, first);
}
