/* Covariance of coefficients, their combinations, the wild bootstrap.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_models.h"

/* how: list(kind, second cluster column or NULL) */
SEXP C_vcov(SEXP design, SEXP model, SEXP precision, SEXP how, SEXP p, SEXP threads, SEXP progress)
{
    static const char *const names[] = {"covariance", "df", "remarks"};
    r_made m;
    sy_design rows;
    sy_linear_model asked;
    sy_linear_options options;
    int columns = Rf_asInteger(p);
    sy_vcov_kind kind = (sy_vcov_kind)Rf_asInteger(VECTOR_ELT(how, 0));
    r_design(design, &rows);
    r_model(model, rows.n, &asked);
    r_precision(precision, &options);
    const sy_column *second = r_column(VECTOR_ELT(how, 1), rows.n);
    m.list = PROTECT(r_list(3, names));
    m.last = 2;
    double *covariance = r_matrix(m.list, 0, columns, columns);
    double *df = r_doubles(m.list, 1, columns);
    r_enter(&m.host, threads, progress);
    sy_status status = sy_vcov(&m.host.ctx, &rows, &asked, &options, kind, second, covariance, df);
    SEXP out = r_leave(&m.host, status, r_with_remarks, &m);
    UNPROTECT(1);
    return out;
}

SEXP r_combined_result(void *arg)
{
    static const char *const names[] = {"f", "df1", "df2", "p"};
    r_combined *c = arg;
    const double joint[] = {c->out.f, c->out.f_df1, c->out.f_df2, c->out.f_p};
    SET_VECTOR_ELT(c->made.list, 7, r_numbers(4, names, joint));
    return r_with_remarks(&c->made);
}

SEXP r_combined_new(R_xlen_t q, r_combined *c)
{
    static const char *const names[] = {"estimate", "std.error", "statistic", "df",     "p.value",
                                        "conf.low", "conf.high", "joint",     "remarks"};
    double *at[7];
    c->made.list = PROTECT(r_list(9, names));
    c->made.last = 8;
    for (int i = 0; i < 7; i++) at[i] = r_doubles(c->made.list, i, q);
    c->out = (sy_contrasts){.estimate = at[0],
                            .std_error = at[1],
                            .statistic = at[2],
                            .df = at[3],
                            .p_value = at[4],
                            .low = at[5],
                            .high = at[6]};
    UNPROTECT(1);
    return c->made.list;
}

/* combinations: matrix [p, q], a column a combination, which is the core's
 * [q * p] by rows. */
SEXP C_vcov_contrasts(SEXP coefficient, SEXP covariance, SEXP df, SEXP combinations, SEXP level)
{
    r_combined c;
    R_xlen_t p = XLENGTH(coefficient), q = p ? XLENGTH(combinations) / p : 0;
    double wanted = Rf_asReal(level);
    if (XLENGTH(covariance) != p * p || XLENGTH(df) != p || XLENGTH(combinations) != p * q)
        Rf_error("combinations are of %lld coefficients", (long long)p);
    PROTECT(r_combined_new(q, &c));
    r_enter(&c.made.host, R_NilValue, R_NilValue);
    sy_status status = sy_vcov_contrasts(&c.made.host.ctx, (int)p, REAL_RO(coefficient), REAL_RO(covariance),
                                         REAL_RO(df), (int)q, REAL_RO(combinations), wanted, &c.out);
    SEXP out = r_leave(&c.made.host, status, r_combined_result, &c);
    UNPROTECT(1);
    return out;
}

/* how: list(kind, second cluster column or NULL, level); combinations as
 * above. */
SEXP C_vcov_test(SEXP design, SEXP model, SEXP precision, SEXP how, SEXP combinations, SEXP threads, SEXP progress)
{
    r_combined c;
    sy_design rows;
    sy_linear_model asked;
    sy_linear_options options;
    sy_vcov_kind kind = (sy_vcov_kind)Rf_asInteger(VECTOR_ELT(how, 0));
    double wanted = Rf_asReal(VECTOR_ELT(how, 2));
    int q = Rf_ncols(combinations);
    r_design(design, &rows);
    r_model(model, rows.n, &asked);
    r_precision(precision, &options);
    const sy_column *second = r_column(VECTOR_ELT(how, 1), rows.n);
    PROTECT(r_combined_new(q, &c));
    r_enter(&c.made.host, threads, progress);
    sy_status status =
        sy_vcov_test(&c.made.host.ctx, &rows, &asked, &options, kind, second, q, REAL_RO(combinations), wanted, &c.out);
    SEXP out = r_leave(&c.made.host, status, r_combined_result, &c);
    UNPROTECT(1);
    return out;
}

/* how: list(coefficient counted from 1, null, kind, replicates, seed, level) */
SEXP C_vcov_wild(SEXP design, SEXP model, SEXP how, SEXP threads, SEXP progress)
{
    static const char *const names[] = {"values", "remarks"};
    r_made m;
    sy_design rows;
    sy_linear_model asked;
    int coefficient = Rf_asInteger(VECTOR_ELT(how, 0)) - 1, replicates = Rf_asInteger(VECTOR_ELT(how, 3));
    double null = Rf_asReal(VECTOR_ELT(how, 1)), level = Rf_asReal(VECTOR_ELT(how, 5));
    sy_wild_kind kind = (sy_wild_kind)Rf_asInteger(VECTOR_ELT(how, 2));
    uint64_t seed = (uint64_t)Rf_asReal(VECTOR_ELT(how, 4));
    r_design(design, &rows);
    r_model(model, rows.n, &asked);
    m.list = PROTECT(r_list(2, names));
    m.last = 1;
    double *value = r_doubles(m.list, 0, 3);
    r_enter(&m.host, threads, progress);
    sy_status status = sy_vcov_wild(&m.host.ctx, &rows, &asked, coefficient, null, kind, replicates, seed, level,
                                    &value[0], &value[1], &value[2]);
    SEXP out = r_leave(&m.host, status, r_with_remarks, &m);
    UNPROTECT(1);
    return out;
}
