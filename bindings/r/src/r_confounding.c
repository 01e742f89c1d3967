/* Confounding: tests and fits read from lists.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_models.h"
#include "r_printed.h"
#include <string.h>

/* list(term, c(estimate, std_error, t, df, robust_error, robust_df), robust kind or NULL) */
static sy_tested read_tested(SEXP list)
{
    const double *x = REAL_RO(VECTOR_ELT(list, 1));
    SEXP kind = VECTOR_ELT(list, 2);
    return (sy_tested){r_text(VECTOR_ELT(list, 0), 0),          x[0], x[1], x[2], x[3], x[4], x[5],
                       Rf_isNull(kind) ? NULL : r_text(kind, 0)};
}

/* numbers: c(q, alpha). */
SEXP C_robustness(SEXP tested, SEXP numbers)
{
    const sy_tested t = read_tested(tested);
    const double *x = REAL_RO(numbers);
    sy_robustness_values v;
    r_told told = {.n = 7, .text = v.text};
    r_enter(&told.host, R_NilValue, R_NilValue);
    sy_status status = sy_robustness(&told.host.ctx, &t, x[0], x[1], &v);
    if (status >= 0) {
        const double values[] = {v.partial_r2,   v.f2,      v.value,        v.value_alpha,
                                 v.value_robust, v.extreme, v.extreme_alpha};
        memcpy(told.values, values, sizeof values);
    }
    return r_leave(&told.host, status, r_told_result, &told);
}

/* numbers: c(r2_treatment, r2_outcome, reduce, level). */
SEXP C_adjusted(SEXP tested, SEXP numbers)
{
    const sy_tested t = read_tested(tested);
    const double *x = REAL_RO(numbers);
    sy_adjusted_row r;
    r_told told = {.n = 10, .text = NULL};
    r_enter(&told.host, R_NilValue, R_NilValue);
    sy_status status = sy_confounding_adjusted(&told.host.ctx, &t, x[0], x[1], x[2] != 0, x[3], &r);
    if (status >= 0) {
        const double values[] = {r.r2_treatment, r.r2_outcome, r.remaining,    r.estimate, r.std_error, r.t,
                                 r.low,          r.high,       r.robust_error, r.robust_t};
        memcpy(told.values, values, sizeof values);
    }
    return r_leave(&told.host, status, r_told_result, &told);
}

/* Vectors over the grid, the strength with the outcome running fastest. */
SEXP C_contours(SEXP tested, SEXP reduce, SEXP r2_treatment, SEXP r2_outcome)
{
    static const char *const names[] = {"estimate", "t"};
    const sy_tested t = read_tested(tested);
    const int n = (int)XLENGTH(r2_treatment), m = (int)XLENGTH(r2_outcome), down = Rf_asLogical(reduce) == 1;
    const double *x = REAL_RO(r2_treatment), *y = REAL_RO(r2_outcome);
    r_host host;
    SEXP list = PROTECT(r_list(2, names));
    double *estimate = r_doubles(list, 0, (R_xlen_t)n * m), *statistic = r_doubles(list, 1, (R_xlen_t)n * m);
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = sy_confounding_contours(&host.ctx, &t, down, n, x, m, y, estimate, statistic);
    SEXP result = r_leave(&host, status, r_given, list);
    UNPROTECT(1);
    return result;
}

/* numbers: c(q, alpha). */
SEXP C_needed(SEXP tested, SEXP numbers, SEXP r2_outcome)
{
    static const char *const names[] = {"needed", "needed_alpha"};
    const sy_tested t = read_tested(tested);
    const int n = (int)XLENGTH(r2_outcome);
    const double *x = REAL_RO(numbers), *y = REAL_RO(r2_outcome);
    r_host host;
    SEXP list = PROTECT(r_list(2, names));
    double *needed = r_doubles(list, 0, n), *needed_alpha = r_doubles(list, 1, n);
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = sy_confounding_needed(&host.ctx, &t, x[0], x[1], n, y, needed, needed_alpha);
    SEXP result = r_leave(&host, status, r_given, list);
    UNPROTECT(1);
    return result;
}

static void put_test(const sy_tested *t, double values[4])
{
    values[0] = t->estimate;
    values[1] = t->std_error;
    values[2] = t->t;
    values[3] = t->df;
}

/* c(estimate, std_error, t, df), missing where not known, completed. */
SEXP C_printed_test(SEXP numbers)
{
    const double *x = REAL_RO(numbers);
    sy_tested t;
    r_told told = {.n = 4, .text = NULL};
    r_enter(&told.host, R_NilValue, R_NilValue);
    sy_status status = sy_confounding_printed(&told.host.ctx, x[0], x[1], x[2], x[3], &t);
    if (status >= 0) put_test(&t, told.values);
    return r_leave(&told.host, status, r_told_result, &told);
}

/* list(coefficient, inverse, labels, c(rss, tss, df_resid)) */
static sy_fit_left read_fit(SEXP list)
{
    SEXP labels = VECTOR_ELT(list, 2);
    const double *sums = REAL_RO(VECTOR_ELT(list, 3));
    const int p = (int)XLENGTH(labels);
    const char **label = (const char **)(void *)R_alloc((size_t)p + 1, sizeof *label);
    for (int i = 0; i < p; i++) label[i] = r_text(labels, i);
    return (sy_fit_left){p,      REAL_RO(VECTOR_ELT(list, 0)), REAL_RO(VECTOR_ELT(list, 1)), label, sums[0], sums[1],
                         sums[2]};
}

/* Places are counted from 1. */
SEXP C_tested(SEXP fit, SEXP place)
{
    const sy_fit_left left = read_fit(fit);
    const int at = Rf_asInteger(place) - 1;
    sy_tested t;
    r_told told = {.n = 4, .text = NULL};
    r_enter(&told.host, R_NilValue, R_NilValue);
    sy_status status = sy_confounding_tested(&told.host.ctx, &left, at, &t);
    if (status >= 0) put_test(&t, told.values);
    return r_leave(&told.host, status, r_told_result, &told);
}

/* groups: a list of places, a vector a name. */
SEXP C_benchmarks(SEXP fit, SEXP place, SEXP names, SEXP groups)
{
    static const char *const columns[] = {"r2_treatment", "r2_outcome"};
    const sy_fit_left left = read_fit(fit);
    const int at = Rf_asInteger(place) - 1, n = (int)XLENGTH(names);
    sy_benchmark *group = (sy_benchmark *)(void *)R_alloc((size_t)n + 1, sizeof *group);
    for (int i = 0; i < n; i++) {
        group[i].name = r_text(names, i);
        group[i].coefficient = r_indices(VECTOR_ELT(groups, i), &group[i].n);
    }
    r_host host;
    SEXP list = PROTECT(r_list(2, columns));
    double *treatment = r_doubles(list, 0, n), *outcome = r_doubles(list, 1, n);
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = sy_confounding_benchmarks(&host.ctx, &left, at, n, group, treatment, outcome);
    SEXP result = r_leave(&host, status, r_given, list);
    UNPROTECT(1);
    return result;
}

/* numbers: c(r2_treatment, r2_outcome, kd, ky); list(strengths, remarks). */
SEXP C_bound(SEXP name, SEXP numbers)
{
    static const char *const names[] = {"strengths", "remarks"};
    const double *x = REAL_RO(numbers);
    const char *called = r_text(name, 0);
    sy_bound b;
    r_made made = {.last = 1};
    made.list = PROTECT(r_list(2, names));
    double *strengths = r_doubles(made.list, 0, 2);
    r_enter(&made.host, R_NilValue, R_NilValue);
    sy_status status = sy_confounding_bound(&made.host.ctx, called, x, x[2], x[3], &b);
    if (status >= 0) {
        strengths[0] = b.r2_treatment;
        strengths[1] = b.r2_outcome;
    }
    SEXP result = r_leave(&made.host, status, r_with_remarks, &made);
    UNPROTECT(1);
    return result;
}

/* numbers: c(estimate, low, high, std_error, true); the measure is counted from 1. */
SEXP C_e_value(SEXP measure, SEXP numbers)
{
    const double *x = REAL_RO(numbers);
    const int place = Rf_asInteger(measure) - 1;
    sy_e_values e;
    r_told told = {.n = 6, .text = e.text};
    r_enter(&told.host, R_NilValue, R_NilValue);
    sy_status status = sy_e_value(&told.host.ctx, (sy_e_measure)place, x, x[3], x[4], &e);
    if (status >= 0) {
        const double values[] = {e.ratio, e.low, e.high, e.true_ratio, e.value, e.value_limit};
        memcpy(told.values, values, sizeof values);
    }
    return r_leave(&told.host, status, r_told_result, &told);
}

/* Ten numbers in the order of sy_oster_question. */
SEXP C_oster(SEXP numbers)
{
    const double *x = REAL_RO(numbers);
    const sy_oster_question q = {x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8], x[9]};
    sy_oster_answer a;
    r_told told = {.n = 5, .text = a.text};
    r_enter(&told.host, R_NilValue, R_NilValue);
    sy_status status = sy_oster(&told.host.ctx, &q, &a);
    if (status >= 0) {
        const double values[] = {a.r_max, a.delta_star, a.beta_star, a.other[0], a.other[1]};
        memcpy(told.values, values, sizeof values);
    }
    return r_leave(&told.host, status, r_told_result, &told);
}

/* kept: one logical a coefficient. The first seven numbers of a question. */
SEXP C_oster_from_fit(SEXP fit, SEXP place, SEXP kept)
{
    const sy_fit_left left = read_fit(fit);
    const int at = Rf_asInteger(place) - 1, *keep = LOGICAL_RO(kept);
    sy_oster_question q;
    r_told told = {.n = 7, .text = NULL};
    r_enter(&told.host, R_NilValue, R_NilValue);
    sy_status status = sy_oster_from_fit(&told.host.ctx, &left, at, keep, &q);
    if (status >= 0) {
        const double values[] = {q.beta_short, q.r2_short, q.beta, q.r2, q.outcome, q.treatment, q.treatment_left};
        memcpy(told.values, values, sizeof values);
    }
    return r_leave(&told.host, status, r_told_result, &told);
}
