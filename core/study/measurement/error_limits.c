/* Errors of measurement held against the correlations they are to be taken from.
 *
 * R - c E is definite from c = 0 up to an end, the largest multiple, found by
 * bisection; at 1 or below the errors are refused. The least reliability of one
 * column, the other errors as stated: R - E without its own part of E's diagonal
 * stays definite down to it.
 * Cost: 41 factorisations a limit.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "algebra/eigen_internal.h"
#include "shares/orders_internal.h"
#include "study/measurement/corrected_internal.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const double symmetric = 1e-8; /* of covariances, relative to the errors' spread */

static const char *argument_of(const sy_errors *e)
{
    return e->reliability ? "reliability" : "error_covariance";
}

/* The question's terms one by one: adjust, blocks, outcome; -1 at the end. */
static int term_at(const sy_question *q, int i)
{
    if (i < q->n_adjust) return q->adjust[i];
    i -= q->n_adjust;
    for (int b = 0; b < q->n_blocks; i -= q->blocks[b++].n_terms)
        if (i < q->blocks[b].n_terms) return q->blocks[b].terms[i];
    return i == 0 ? q->outcome : -1;
}

static sy_status check_term(sy_context *ctx, const sy_moments *m, const sy_question *q, const sy_errors *e, int at)
{
    const char *argument = argument_of(e);
    int found = 0;
    if (e->term[at] < 0 || e->term[at] >= m->n_terms)
        return syi_fail(ctx, SY_EINVAL, "%s: there is no term %d among the %d of the moments", argument, e->term[at],
                        m->n_terms);
    const char *label = sy_moments_label(m, e->term[at]);
    for (int i = 0; i < at; i++)
        if (e->term[i] == e->term[at]) return syi_fail(ctx, SY_EINVAL, "%s: %s is named twice", argument, label);
    if (m->term_is_factor[e->term[at]] || m->term_columns[e->term[at]] != 1)
        return syi_fail(ctx, SY_EINVAL, "%s: %s is not one numeric column", argument, label);
    for (int i = 0, t = term_at(q, 0); t >= 0; t = term_at(q, ++i)) {
        found |= t == e->term[at];
        const char *other = sy_moments_label(m, t);
        if (syi_orders_part(other, label) || syi_orders_part(label, other))
            return syi_fail(ctx, SY_EINVAL,
                            "%s: %s has %s beside it; the error of a product is not that of its parts, so such terms "
                            "cannot be corrected",
                            argument, label, other);
    }
    if (!found)
        return syi_fail(ctx, SY_EINVAL, "%s: %s is not in the question (outcome, blocks, adjust)", argument, label);
    if (e->reliability && !(e->reliability[at] > 0 && e->reliability[at] <= 1))
        return syi_fail(ctx, SY_EINVAL, "reliability: %s is %g; a reliability lies above 0 and is at most 1", label,
                        e->reliability[at]);
    return SY_OK;
}

static sy_status check_covariance(sy_context *ctx, const sy_moments *m, const sy_errors *e)
{
    const int n = e->n;
    double least = 0, most = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            const double v = e->covariance[i * n + j], other = e->covariance[j * n + i];
            const char *label = sy_moments_label(m, e->term[i]);
            if (!isfinite(v) || (i == j && v < 0))
                return syi_fail(ctx, SY_EINVAL, "error_covariance: %s is %g; a variance from 0 is needed", label, v);
            if (fabs(v - other) > symmetric * (fabs(v) + fabs(other)))
                return syi_fail(ctx, SY_EINVAL, "error_covariance: %s with %s is %g one way and %g the other", label,
                                sy_moments_label(m, e->term[j]), v, other);
        }
    double *work = syi_alloc((size_t)n * (size_t)n, sizeof *work);
    if (!work) return syi_fail(ctx, SY_ENOMEM, "error_covariance: no room for %d columns", n);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            const double scale = sqrt(e->covariance[i * n + i]) * sqrt(e->covariance[j * n + j]);
            work[i * n + j] = scale > 0 ? e->covariance[i * n + j] / scale : e->covariance[i * n + j];
        }
    const sy_status status = syi_symmetric_extremes(ctx, n, work, &least, &most);
    SYI_FREE(work);
    if (status < 0 || least >= -symmetric) return status;
    return syi_fail(ctx, SY_EINVAL,
                    "error_covariance: no errors have these covariances (least eigenvalue of their correlations %.3g)",
                    least);
}

sy_status syi_errors_check(sy_context *ctx, const sy_moments *m, const sy_question *question, const sy_errors *errors)
{
    if (!errors->reliability == !errors->covariance)
        return syi_fail(ctx, SY_EINVAL, "reliability: give either reliabilities or error_covariance");
    if (errors->n < 1) return syi_fail(ctx, SY_EINVAL, "%s: no column is named", argument_of(errors));
    if (question->absorb)
        return syi_fail(ctx, SY_EINVAL,
                        "adjust: shares with the clusters' means forced in cannot be corrected: the "
                        "reliability within clusters is another one");
    sy_status status = SY_OK;
    for (int i = 0; i < errors->n && !status; i++) status = check_term(ctx, m, question, errors, i);
    return status || !errors->covariance ? status : check_covariance(ctx, m, errors);
}

void syi_errors_matrix(const syi_flip_matrix *f, const sy_errors *errors, int *place, double *error)
{
    const sy_moments *m = f->plan.m;
    const int n = errors->n, order = f->order;
    memset(error, 0, (size_t)order * (size_t)order * sizeof *error);
    for (int i = 0; i < n; i++)
        for (place[i] = 0; f->plan.column[place[i]] != m->term_first[errors->term[i]];) place[i]++;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            const int at = place[i] * order + place[j];
            const double scale = f->deviation[place[i]] * f->deviation[place[j]];
            if (errors->covariance) error[at] = scale > 0 ? errors->covariance[i * n + j] / scale : 0;
            else error[at] = i == j ? 1 - errors->reliability[i] : 0;
        }
}

/* The largest part of a column's own variance that can be taken from R - E, its own error put back. */
static double room_of(syi_flip_matrix *f, const double *error, int at, double *work)
{
    const int order = f->order, square = order * order;
    double *kept = f->correlation, *rest = work, *own = work + square;
    for (int i = 0; i < square; i++) {
        rest[i] = kept[i] - error[i];
        own[i] = 0;
    }
    rest[at * order + at] = kept[at * order + at];
    own[at * order + at] = 1;
    /* the limit is sought from f->correlation: R - E stands there meanwhile */
    f->correlation = rest;
    const double most = syi_flip_limit(f, own, 1, work + 2 * square);
    f->correlation = kept;
    return most;
}

void syi_errors_limits(syi_flip_matrix *f, int n, const int *place, const double *error, double *work,
                       sy_error_limits *limits)
{
    double least = 1;
    for (int i = 0; i < n; i++) {
        limits->reliability[i] = 1 - error[place[i] * f->order + place[i]];
        least = fmin(least, limits->reliability[i]);
    }
    limits->multiple = least < 1 ? syi_flip_limit(f, error, 1 / (1 - least), work) : HUGE_VAL;
    for (int i = 0; i < n; i++) limits->lowest[i] = 1 - room_of(f, error, place[i], work);
}

sy_status syi_errors_definite(sy_context *ctx, const sy_moments *m, const sy_errors *errors,
                              const sy_error_limits *limits)
{
    char text[200] = "";
    size_t used = 0;
    if (limits->multiple > 1) return SY_OK;
    for (int i = 0; i < errors->n && i < 3; i++)
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%s%.40s %.3f", i ? ", " : "",
                             sy_moments_label(m, errors->term[i]), 1 - limits->multiple * (1 - limits->reliability[i]));
    return syi_fail(ctx, SY_EDATA,
                    "%s: so much error leaves no definite matrix (a column would be explained by more than all of "
                    "itself); errors up to %.3f of those stated are possible, that is reliabilities above %s%s",
                    argument_of(errors), limits->multiple, text, errors->n > 3 ? ", ..." : "");
}
