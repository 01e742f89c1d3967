/* Describing the columns of a design.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_glue.h"

static SEXP given_result(void *value)
{
    return (SEXP)value;
}

/* The number of design columns of each term. */
SEXP C_describe_columns(SEXP design)
{
    r_host host;
    sy_design rows;
    int total = 0;
    r_design(design, &rows);
    SEXP columns = PROTECT(Rf_allocVector(INTSXP, rows.n_terms));
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = sy_describe_columns(&host.ctx, &rows, INTEGER(columns), &total);
    SEXP value = r_leave(&host, status, given_result, columns);
    UNPROTECT(1);
    return value;
}

/* list(values [measures, columns], autocorrelation [lags, columns]) */
SEXP C_describe(SEXP design, SEXP columns, SEXP lags, SEXP threads, SEXP progress)
{
    static const char *const names[] = {"values", "autocorrelation"};
    r_host host;
    sy_design rows;
    int total = Rf_asInteger(columns), n_lags = Rf_asInteger(lags);
    r_design(design, &rows);
    SEXP list = PROTECT(r_list(2, names));
    SEXP values = SET_VECTOR_ELT(list, 0, Rf_allocMatrix(REALSXP, SY_N_DESCRIBE, total));
    SEXP correlation = SET_VECTOR_ELT(list, 1, Rf_allocMatrix(REALSXP, n_lags, total));
    double *value = REAL(values), *lagged = n_lags ? REAL(correlation) : NULL;
    r_enter(&host, threads, progress);
    sy_status status = sy_describe(&host.ctx, &rows, n_lags, value, lagged);
    SEXP out = r_leave(&host, status, given_result, list);
    UNPROTECT(1);
    return out;
}
