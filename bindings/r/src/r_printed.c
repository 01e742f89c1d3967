/* Printed evidence: numbers in, numbers and a sentence out.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_printed.h"
#include "r_models.h"
#include <string.h>

SEXP r_told_result(void *arg)
{
    static const char *const names[] = {"values", "text"};
    const r_told *told = arg;
    SEXP values = PROTECT(Rf_allocVector(REALSXP, told->n));
    memcpy(REAL(values), told->values, (size_t)told->n * sizeof(double));
    if (!told->text) {
        UNPROTECT(1);
        return values;
    }
    SEXP list = PROTECT(r_list(2, names));
    SET_VECTOR_ELT(list, 0, values);
    SET_VECTOR_ELT(list, 1, r_string(told->text));
    UNPROTECT(2);
    return list;
}

typedef struct {
    r_host host;
    sy_unit_summary summary;
    SEXP list;
} unit_call;

static SEXP unit_result(void *arg)
{
    unit_call *call = arg;
    const sy_unit_summary *s = &call->summary;
    const double values[] = {s->ratio, s->gap, s->low, s->high, s->low_any, s->high_any, s->claimed_users};
    memcpy(r_doubles(call->list, 3, 7), values, sizeof values);
    SET_VECTOR_ELT(call->list, 4, r_string(s->text));
    return call->list;
}

/* users: by denominator, the two groups of each together. */
SEXP C_unit_values(SEXP groups, SEXP costs, SEXP denominators, SEXP users, SEXP claimed)
{
    static const char *const names[] = {"value", "ratio", "gap", "summary", "text"};
    unit_call call;
    const int n = (int)XLENGTH(denominators);
    const char **called = (const char **)(void *)R_alloc((size_t)n + 1, sizeof *called);
    for (int i = 0; i < n; i++) called[i] = r_text(denominators, i);
    const sy_unit_question q = {.group = {r_text(groups, 0), r_text(groups, 1)},
                                .cost = {REAL_RO(costs)[0], REAL_RO(costs)[1]},
                                .n = n,
                                .denominator = called,
                                .users = REAL_RO(users),
                                .claimed = Rf_asReal(claimed)};
    call.list = PROTECT(r_list(5, names));
    double *value = r_doubles(call.list, 0, 2 * n), *ratio = r_doubles(call.list, 1, (R_xlen_t)n * n);
    double *gap = r_doubles(call.list, 2, (R_xlen_t)n * n);
    r_enter(&call.host, R_NilValue, R_NilValue);
    sy_status status = sy_unit_values(&call.host.ctx, &q, value, ratio, gap, &call.summary);
    SEXP result = r_leave(&call.host, status, unit_result, &call);
    UNPROTECT(1);
    return result;
}

/* c(r2, share, sd, group_r2, full_r2, vif) */
SEXP C_gap_allowed(SEXP numbers)
{
    const double *x = REAL_RO(numbers);
    const sy_gap_allowed_question q = {x[0], x[1], x[2], x[3], x[4], x[5]};
    sy_gap_allowed_summary s;
    r_told told = {.n = 5, .text = s.text};
    r_enter(&told.host, R_NilValue, R_NilValue);
    sy_status status = sy_gap_allowed(&told.host.ctx, &q, &s);
    if (status >= 0) {
        const double values[] = {s.slope, s.gap, s.adjusted_slope, s.adjusted_gap, s.predictor_gap};
        memcpy(told.values, values, sizeof values);
    }
    return r_leave(&told.host, status, r_told_result, &told);
}

/* c(full_r2, vif, r2, sd) */
SEXP C_slope_allowed(SEXP numbers)
{
    const double *x = REAL_RO(numbers);
    sy_slope_allowed_summary s;
    r_told told = {.n = 2, .text = s.text};
    r_enter(&told.host, R_NilValue, R_NilValue);
    sy_status status = sy_slope_allowed(&told.host.ctx, x[0], x[1], x[2], x[3], &s);
    if (status >= 0) {
        told.values[0] = s.bound;
        told.values[1] = s.sharp;
    }
    return r_leave(&told.host, status, r_told_result, &told);
}

/* c(ratio, overall, exposed) */
SEXP C_risk_odds(SEXP from_odds, SEXP numbers)
{
    const double *x = REAL_RO(numbers);
    const int odds = Rf_asLogical(from_odds) == 1;
    sy_risks r;
    r_told told = {.n = 5, .text = r.text};
    r_enter(&told.host, R_NilValue, R_NilValue);
    sy_status status = odds ? sy_risk_from_odds(&told.host.ctx, x[0], x[1], x[2], &r)
                            : sy_odds_from_risk(&told.host.ctx, x[0], x[1], x[2], &r);
    if (status >= 0) {
        const double values[] = {r.odds_ratio, r.risk_ratio, r.risk_exposed, r.risk_unexposed, r.risk_difference};
        memcpy(told.values, values, sizeof values);
    }
    return r_leave(&told.host, status, r_told_result, &told);
}

/* c(r2, n, predictors, level, fixed, rounding, at_most) */
SEXP C_r2_interval(SEXP numbers)
{
    const double *x = REAL_RO(numbers);
    const sy_r2_question q = {x[0], x[1], (int)x[2], x[3], x[4] != 0, x[5], x[6] != 0};
    sy_r2_limits l;
    r_told told = {.n = 5, .text = l.text};
    r_enter(&told.host, R_NilValue, R_NilValue);
    sy_status status = sy_r2_interval(&told.host.ctx, &q, &l);
    if (status >= 0) {
        const double values[] = {l.low, l.high, l.upper, l.adjusted, l.by_chance};
        memcpy(told.values, values, sizeof values);
    }
    return r_leave(&told.host, status, r_told_result, &told);
}

/* c(n1, n2, sd, level, power, design_effect) */
SEXP C_detectable(SEXP numbers)
{
    const double *x = REAL_RO(numbers);
    const sy_detectable_question q = {x[0], x[1], x[2], x[3], x[4], x[5]};
    sy_detectable d;
    r_told told = {.n = 3, .text = d.text};
    r_enter(&told.host, R_NilValue, R_NilValue);
    sy_status status = sy_detectable_difference(&told.host.ctx, &q, &d);
    if (status >= 0) {
        const double values[] = {d.difference, d.standardised, d.df};
        memcpy(told.values, values, sizeof values);
    }
    return r_leave(&told.host, status, r_told_result, &told);
}

typedef struct {
    r_host host;
    int k;
    sy_count_row *row;
    sy_counts_summary summary;
    SEXP list;
} counts_call;

static SEXP counts_result(void *arg)
{
    counts_call *call = arg;
    double *rows = r_matrix(call->list, 0, call->k, 8), *trend = r_doubles(call->list, 1, 2);
    for (int i = 0; i < call->k; i++) {
        const sy_count_row *r = &call->row[i];
        const double values[] = {r->share,      r->low,      r->high,          r->worst_low,
                                 r->worst_high, r->expected, r->p_independent, r->p_worst};
        for (int j = 0; j < 8; j++) rows[i + j * call->k] = values[j];
    }
    trend[0] = call->summary.statistic;
    trend[1] = call->summary.p_value;
    SET_VECTOR_ELT(call->list, 2, r_string(call->summary.text));
    return call->list;
}

/* numbers: c(chance, level, correlation, trend). */
SEXP C_counts(SEXP count, SEXP of, SEXP numbers)
{
    static const char *const names[] = {"rows", "trend", "text"};
    const double *x = REAL_RO(numbers), *counted = REAL_RO(count), *all = REAL_RO(of);
    const sy_counts_question q = {x[0], x[1], x[2], x[3] != 0};
    counts_call call;
    call.k = (int)XLENGTH(count);
    if (XLENGTH(of) != call.k) Rf_error("counts need equal lengths");
    call.row = (sy_count_row *)(void *)R_alloc((size_t)call.k + 1, sizeof *call.row);
    call.list = PROTECT(r_list(3, names));
    r_enter(&call.host, R_NilValue, R_NilValue);
    sy_status status = sy_counts_by_chance(&call.host.ctx, call.k, counted, all, &q, call.row, &call.summary);
    SEXP result = r_leave(&call.host, status, counts_result, &call);
    UNPROTECT(1);
    return result;
}

/* One count of decimals a standard error, -1 where none is known. */
SEXP C_own_effects(SEXP shrunken, SEXP std_errors, SEXP variance)
{
    const R_xlen_t n = Rf_xlength(shrunken);
    SEXP both = PROTECT(Rf_allocVector(VECSXP, 2));
    SET_VECTOR_ELT(both, 0, Rf_allocVector(REALSXP, n));
    SET_VECTOR_ELT(both, 1, Rf_allocVector(REALSXP, n));
    for (R_xlen_t i = 0; i < n; i++)
        sy_mixed_own(REAL_RO(shrunken)[i], REAL_RO(std_errors)[i], REAL_RO(variance)[0], &REAL(VECTOR_ELT(both, 0))[i],
                     &REAL(VECTOR_ELT(both, 1))[i]);
    UNPROTECT(1);
    return both;
}

SEXP C_shown_decimals(SEXP std_errors)
{
    const R_xlen_t n = XLENGTH(std_errors);
    SEXP decimals = PROTECT(Rf_allocVector(INTSXP, n));
    for (R_xlen_t i = 0; i < n; i++) INTEGER(decimals)[i] = sy_shown_decimals(REAL_RO(std_errors)[i]);
    UNPROTECT(1);
    return decimals;
}
