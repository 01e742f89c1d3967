/* Analysis of variance, effect sizes, means and their differences.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_models.h"

/* how: list(type, level, limits). A table's rows are structs of doubles. */
SEXP C_anova(SEXP design, SEXP model, SEXP how, SEXP threads, SEXP progress)
{
    static const char *const names[] = {"rows", "summary", "remarks"};
    enum { ROW = sizeof(sy_anova_row) / sizeof(double), SUMMARY = sizeof(sy_anova_summary) / sizeof(double) };
    r_made m;
    sy_design rows;
    sy_linear_model asked;
    sy_anova_options options;
    r_design(design, &rows);
    r_model(model, rows.n, &asked);
    sy_anova_defaults(&options);
    options.type = (sy_anova_type)Rf_asInteger(VECTOR_ELT(how, 0));
    options.level = Rf_asReal(VECTOR_ELT(how, 1));
    options.limits = (sy_limits)Rf_asInteger(VECTOR_ELT(how, 2));
    m.list = PROTECT(r_list(3, names));
    m.last = 2;
    double *row = r_matrix(m.list, 0, ROW, asked.n_terms + 1);
    double *summary = r_doubles(m.list, 1, SUMMARY);
    r_enter(&m.host, threads, progress);
    sy_status status = sy_anova(&m.host.ctx, &rows, &asked, &options, (sy_anova_summary *)(void *)summary,
                                (sy_anova_row *)(void *)row);
    SEXP out = r_leave(&m.host, status, r_with_remarks, &m);
    UNPROTECT(1);
    return out;
}

/* Matrix [4, terms]: df, df_resid, F, p. */
SEXP C_anova_wald(SEXP design, SEXP model, SEXP type, SEXP coefficient, SEXP covariance, SEXP df)
{
    enum { ROW = sizeof(sy_anova_wald_row) / sizeof(double) };
    r_host host;
    sy_design rows;
    sy_linear_model asked;
    R_xlen_t p = XLENGTH(coefficient);
    sy_anova_type kind = (sy_anova_type)Rf_asInteger(type);
    r_design(design, &rows);
    r_model(model, rows.n, &asked);
    if (XLENGTH(covariance) != p * p || XLENGTH(df) != p) Rf_error("the covariance is not that of the coefficients");
    SEXP table = PROTECT(Rf_allocMatrix(REALSXP, ROW, asked.n_terms));
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = sy_anova_wald(&host.ctx, &rows, &asked, kind, REAL_RO(coefficient), REAL_RO(covariance),
                                     REAL_RO(df), (sy_anova_wald_row *)(void *)REAL(table));
    SEXP out = r_leave(&host, status, r_given, table);
    UNPROTECT(1);
    return out;
}

/* outcome and group: columns, counted from 1. */
SEXP C_oneway(SEXP design, SEXP outcome, SEXP group, SEXP level)
{
    static const char *const names[] = {"summary", "n", "mean", "sd", "remarks"};
    enum { SUMMARY = sizeof(sy_oneway_summary) / sizeof(double) };
    r_made m;
    sy_design rows;
    int of = Rf_asInteger(outcome) - 1, by = Rf_asInteger(group) - 1;
    double wanted = Rf_asReal(level);
    r_design(design, &rows);
    if (by < 0 || by >= rows.n_columns) Rf_error("there is no column %d", by + 1);
    int levels = rows.columns[by].n_levels;
    m.list = PROTECT(r_list(5, names));
    m.last = 4;
    double *summary = r_doubles(m.list, 0, SUMMARY), *n = r_doubles(m.list, 1, levels);
    double *mean = r_doubles(m.list, 2, levels), *sd = r_doubles(m.list, 3, levels);
    r_enter(&m.host, R_NilValue, R_NilValue);
    sy_status status = sy_oneway(&m.host.ctx, &rows, of, by, wanted, (sy_oneway_summary *)(void *)summary, n, mean, sd);
    SEXP out = r_leave(&m.host, status, r_with_remarks, &m);
    UNPROTECT(1);
    return out;
}

/* Places counted from 1 as the core counts them. */
static int *places(SEXP from_one)
{
    R_xlen_t n = XLENGTH(from_one);
    int *out = (int *)(void *)R_alloc((size_t)n + 1, sizeof *out);
    for (R_xlen_t i = 0; i < n; i++) out[i] = INTEGER_RO(from_one)[i] - 1;
    return out;
}

SEXP C_nested(SEXP design, SEXP outcome, SEXP factors)
{
    static const char *const names[] = {"rows", "remarks"};
    enum { ROW = sizeof(sy_nested_row) / sizeof(double) };
    r_made m;
    sy_design rows;
    int of = Rf_asInteger(outcome) - 1, n = (int)XLENGTH(factors);
    const int *at = places(factors);
    r_design(design, &rows);
    m.list = PROTECT(r_list(2, names));
    m.last = 1;
    double *row = r_matrix(m.list, 0, ROW, n + 1);
    r_enter(&m.host, R_NilValue, R_NilValue);
    sy_status status = sy_nested(&m.host.ctx, &rows, of, n, at, (sy_nested_row *)(void *)row);
    SEXP out = r_leave(&m.host, status, r_with_remarks, &m);
    UNPROTECT(1);
    return out;
}

static SEXP count_result(void *arg)
{
    return Rf_ScalarInteger(*(const int *)arg);
}

SEXP C_means_count(SEXP design, SEXP model, SEXP factors)
{
    r_host host;
    sy_design rows;
    sy_linear_model asked;
    int m = 0;
    const int *at = places(factors);
    r_design(design, &rows);
    r_model(model, rows.n, &asked);
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = sy_means_count(&host.ctx, &rows, &asked, (int)XLENGTH(factors), at, &m);
    return r_leave(&host, status, count_result, &m);
}

/* how: list(coefficient, covariance, df, level, number of means) */
SEXP C_means(SEXP design, SEXP model, SEXP factors, SEXP how)
{
    static const char *const names[] = {"estimate",  "std.error",  "df",          "conf.low",
                                        "conf.high", "covariance", "combination", "remarks"};
    r_made m;
    sy_design rows;
    sy_linear_model asked;
    sy_means_table table;
    SEXP coefficient = VECTOR_ELT(how, 0), covariance = VECTOR_ELT(how, 1), df = VECTOR_ELT(how, 2);
    double level = Rf_asReal(VECTOR_ELT(how, 3));
    int count = Rf_asInteger(VECTOR_ELT(how, 4));
    const int *at = places(factors);
    r_design(design, &rows);
    r_model(model, rows.n, &asked);
    if (XLENGTH(covariance) != XLENGTH(coefficient) * XLENGTH(coefficient) || XLENGTH(df) != XLENGTH(coefficient))
        Rf_error("the covariance is not that of the coefficients");
    m.list = PROTECT(r_list(8, names));
    m.last = 7;
    table.estimate = r_doubles(m.list, 0, count);
    table.std_error = r_doubles(m.list, 1, count);
    table.df = r_doubles(m.list, 2, count);
    table.low = r_doubles(m.list, 3, count);
    table.high = r_doubles(m.list, 4, count);
    table.covariance = r_doubles(m.list, 5, (R_xlen_t)count * count);
    table.combination = r_doubles(m.list, 6, count * XLENGTH(coefficient));
    r_enter(&m.host, R_NilValue, R_NilValue);
    sy_status status = sy_means(&m.host.ctx, &rows, &asked, (int)XLENGTH(factors), at, REAL_RO(coefficient),
                                REAL_RO(covariance), REAL_RO(df), level, &table);
    SEXP out = r_leave(&m.host, status, r_with_remarks, &m);
    UNPROTECT(1);
    return out;
}

SEXP C_pairwise(SEXP estimate, SEXP covariance, SEXP df, SEXP method, SEXP level)
{
    static const char *const names[] = {"first",   "second",     "estimate", "std.error", "statistic", "df",
                                        "p.value", "p.adjusted", "conf.low", "conf.high", "remarks"};
    r_made made;
    sy_pairs pairs;
    R_xlen_t m = XLENGTH(estimate), k = m * (m - 1) / 2;
    sy_adjustment how = (sy_adjustment)Rf_asInteger(method);
    double wanted = Rf_asReal(level), *at[8];
    if (XLENGTH(covariance) != m * m || XLENGTH(df) != m) Rf_error("the covariance is not that of the means");
    SEXP list = PROTECT(r_list(11, names));
    made.list = list;
    made.last = 10;
    pairs.first = INTEGER(SET_VECTOR_ELT(list, 0, Rf_allocVector(INTSXP, k)));
    pairs.second = INTEGER(SET_VECTOR_ELT(list, 1, Rf_allocVector(INTSXP, k)));
    for (int i = 0; i < 8; i++) at[i] = r_doubles(list, i + 2, k);
    pairs.estimate = at[0];
    pairs.std_error = at[1];
    pairs.statistic = at[2];
    pairs.df = at[3];
    pairs.p_value = at[4];
    pairs.p_adjusted = at[5];
    pairs.low = at[6];
    pairs.high = at[7];
    r_enter(&made.host, R_NilValue, R_NilValue);
    sy_status status =
        sy_pairwise(&made.host.ctx, (int)m, REAL_RO(estimate), REAL_RO(covariance), REAL_RO(df), how, wanted, &pairs);
    SEXP out = r_leave(&made.host, status, r_with_remarks, &made);
    UNPROTECT(1);
    return out;
}
