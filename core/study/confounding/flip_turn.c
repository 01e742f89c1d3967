/* Reliability-to-flip and shared-source-to-flip: one number changes the
 * correlations R to R - m C, and the order of two shares turns at some m.
 *
 * Reliability rho of a block's columns, x = x* + error, var(x*) = rho var(x), errors
 * independent of everything and of each other: C has ones on the diagonal at
 * these columns and m = 1 - rho [Spearman 1904; Fuller 1987, Measurement Error
 * Models, section 1.2].
 * A shared source, x_j = x*_j + s_j z, with z (response style, a council's own
 * sampling noise) independent of what is meant and m of the variance of each of
 * the source's columns: C = s s', s_j = 1 or -1 at them, 0 elsewhere. Scaled to
 * unit diagonal, R - m C is (r - m) / (1 - m) between two such columns [Lindell &
 * Whitney 2001, doi:10.1037/0021-9010.86.1.114] and r / sqrt(1 - m) between one
 * and a column of another source. The latter is not in their formula, which
 * speaks of two measures of one source only; without it the matrix is not that
 * of x*, and planted response styles are not found again.
 * R - m C is definite for m below a limit: the least reliability the
 * correlations allow (the R2 of a single column on all others, the outcome
 * among them), the most a source can share. Shares are those of the changed
 * matrix, in points of its outcome's variance.
 *
 * D(m) is scanned at 400 places and the first change of sign, and the first
 * return, brought down to rounding. Cost: 400 evaluations.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "study/confounding/flip_job_internal.h"
#include <math.h>
#include <string.h>

enum { STEPS = 400 };
static const double inside = 1e-6; /* kept from the limit, so that 9 digits of D are left */

typedef struct {
    sy_context *ctx;
    syi_flip_matrix f;
    sy_flip_options options;
    double *change;  /* [order * order] */
    double *changed; /* [order * order] */
    double *work;    /* [2 * order * order] */
    double *values;  /* [n_values] */
} job;

static double difference_at(double m, const void *arg)
{
    const job *j = arg;
    syi_flip_matrix *f = (syi_flip_matrix *)&j->f;
    const int square = f->order * f->order;
    if (f->e.stopped || syi_serial_stopped(j->ctx)) return NAN;
    for (int i = 0; i < square; i++) j->changed[i] = f->correlation[i] - m * j->change[i];
    if (!syi_flip_values(f, 0, j->changed, j->values)) return NAN;
    return syi_flip_difference(j->values, j->options.first, j->options.second);
}

static sy_status init(sy_context *ctx, const sy_moments *m, const sy_question *question, const sy_flip_options *options,
                      size_t evaluations, job *j)
{
    *j = (job){.ctx = ctx, .options = *options};
    sy_status status = syi_flip_check(ctx, question, options);
    if (!status) status = syi_flip_matrix_init(ctx, m, question, evaluations, 0, &j->f);
    if (status) return status;
    const size_t square = (size_t)j->f.order * (size_t)j->f.order;
    j->change = syi_alloc(4 * square, sizeof *j->change);
    j->values = syi_alloc((size_t)j->f.n_values, sizeof *j->values);
    if (!j->change || !j->values) return syi_fail(ctx, SY_ENOMEM, "blocks: no room for %d columns", j->f.order);
    j->changed = j->change + square;
    j->work = j->changed + square;
    return SY_OK;
}

static void free_job(job *j)
{
    SYI_FREE(j->change);
    SYI_FREE(j->values);
    syi_flip_matrix_free(&j->f);
}

/* Everything in terms of m. */
static sy_status solve(sy_context *ctx, job *j, sy_flip_turn *turn)
{
    *turn = (sy_flip_turn){.flip = NAN, .back = NAN};
    sy_status status = syi_flip_whole(ctx, &j->f, j->values);
    if (status) return status;
    turn->first = j->values[j->options.first * SY_N_METRICS + SY_SHARE];
    turn->second = j->values[j->options.second * SY_N_METRICS + SY_SHARE];
    turn->total = j->values[j->f.n_values - 1];
    turn->difference = turn->first - turn->second;
    turn->reversed = !(turn->difference > 0);
    turn->limit = syi_flip_limit(&j->f, j->change, 1, j->work);
    const double last = turn->limit * (1 - inside);
    turn->at_limit = difference_at(last, j);
    turn->flip = turn->reversed ? 0 : syi_flip_first(difference_at, j, 0, last, STEPS, 0);
    if (!isnan(turn->flip)) turn->back = syi_flip_first(difference_at, j, turn->flip, last, STEPS, 1);
    return j->f.e.stopped ? syi_fail(ctx, SY_EINTR, "stopped by the host") : syi_serial_stopped(ctx);
}

static void at_stated(job *j, const sy_flip_turn *turn, int n, const double *m, double *difference)
{
    for (int i = 0; i < n; i++) difference[i] = m[i] < turn->limit ? difference_at(m[i], j) : NAN;
}

static sy_status check_reliability(sy_context *ctx, double value)
{
    if (value > 0 && value <= 1) return SY_OK;
    return syi_fail(ctx, SY_EINVAL, "reliability = %g: a reliability lies above 0 and is at most 1", value);
}

sy_status sy_reliability_to_flip(sy_context *ctx, const sy_moments *m, const sy_question *question,
                                 const sy_flip_options *options, sy_flip_turn *turn, int n, const double *reliability,
                                 double *difference)
{
    syi_enter(ctx);
    const int remarks = ctx->n_remarks;
    job j;
    sy_status status = SY_OK;
    for (int i = 0; i < n && !status; i++) status = check_reliability(ctx, reliability[i]);
    if (status) return status;
    status = init(ctx, m, question, options, STEPS + (size_t)n, &j);
    if (status) goto out;
    const int at = syi_flip_column(&j.f, options->second), columns = syi_flip_columns(&j.f, options->second);
    for (int i = at; i < at + columns; i++) j.change[i * j.f.order + i] = j.f.correlation[i * j.f.order + i];
    status = solve(ctx, &j, turn);
    for (int i = 0; i < n && !status; i++) {
        const double lost = 1 - reliability[i];
        at_stated(&j, turn, 1, &lost, &difference[i]);
    }
    turn->flip = 1 - turn->flip;
    turn->back = 1 - turn->back;
    turn->limit = 1 - turn->limit;
out:
    free_job(&j);
    return status ? status : syi_status_of_remarks(ctx, remarks);
}

/* The sign of each column in the source, from the terms. */
static sy_status load_terms(sy_context *ctx, const job *j, int n_terms, const int *terms, const double *loading,
                            double *sign)
{
    const sy_moments *m = j->f.plan.m;
    int columns = 0;
    for (int t = 0; t < n_terms; t++) {
        int found = 0;
        if (terms[t] < 0 || terms[t] >= m->n_terms)
            return syi_fail(ctx, SY_EINVAL, "source: there is no term number %d; there are %d", terms[t] + 1,
                            m->n_terms);
        const double s = loading ? loading[t] : 1;
        if (!(s == 1 || s == -1))
            return syi_fail(ctx, SY_EINVAL, "source: %g for %s; 1, or -1 for a column that it moves the other way", s,
                            sy_moments_label(m, terms[t]));
        for (int i = j->f.plan.absorb; i < j->f.order; i++) {
            const int column = j->f.plan.column[i] - m->term_first[terms[t]];
            if (column < 0 || column >= m->term_columns[terms[t]]) continue;
            sign[i] = s;
            found = 1;
            columns++;
        }
        if (!found)
            return syi_fail(ctx, SY_EINVAL,
                            "source: %s is neither the outcome nor in a block nor among the adjusting "
                            "terms",
                            sy_moments_label(m, terms[t]));
    }
    if (columns < 2)
        return syi_fail(ctx, SY_EINVAL, "source: %s alone shares nothing; name two columns of the source or more",
                        sy_moments_label(m, terms[0]));
    return SY_OK;
}

static sy_status load_source(sy_context *ctx, job *j, int n_terms, const int *terms, const double *loading)
{
    const int order = j->f.order, at = syi_flip_column(&j->f, j->options.first);
    double *sign = j->work;
    if (j->f.plan.absorb)
        return syi_fail(ctx, SY_EINVAL,
                        "source: with absorbed clusters part of what a source shares has left the "
                        "columns already; ask without absorb");
    memset(sign, 0, (size_t)order * sizeof *sign);
    if (n_terms) {
        const sy_status status = load_terms(ctx, j, n_terms, terms, loading, sign);
        if (status) return status;
    } else {
        for (int i = 0; i < syi_flip_columns(&j->f, j->options.first); i++) sign[at + i] = 1;
        sign[order - 1] = 1;
    }
    for (int i = 0; i < order; i++)
        for (int k = 0; k < order; k++) {
            const double both = j->f.correlation[i * order + i] * j->f.correlation[k * order + k];
            j->change[i * order + k] = both * sign[i] * sign[k];
        }
    return SY_OK;
}

sy_status sy_shared_source_to_flip(sy_context *ctx, const sy_moments *m, const sy_question *question,
                                   const sy_flip_options *options, int n_terms, const int *terms, const double *loading,
                                   sy_flip_turn *turn, int n, const double *part, double *difference)
{
    syi_enter(ctx);
    const int remarks = ctx->n_remarks;
    job j;
    for (int i = 0; i < n; i++)
        if (!(part[i] >= 0 && part[i] < 1))
            return syi_fail(ctx, SY_EINVAL, "part = %g: a part of the variance from 0 to 1 (excluded) is needed",
                            part[i]);
    sy_status status = init(ctx, m, question, options, STEPS + (size_t)n, &j);
    if (!status) status = load_source(ctx, &j, n_terms, terms, loading);
    if (!status) status = solve(ctx, &j, turn);
    if (!status) at_stated(&j, turn, n, part, difference);
    free_job(&j);
    return status ? status : syi_status_of_remarks(ctx, remarks);
}
