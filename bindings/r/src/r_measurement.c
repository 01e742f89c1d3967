/* Reliability of scales, and moments corrected for errors of measurement.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_measurement.h"
#include <string.h>

enum { TABLES = 10, SUMMARY = 9 }; /* what the core writes; summary and remarks come after */

static int *places_of(SEXP from_one)
{
    const R_xlen_t n = XLENGTH(from_one);
    int *out = (int *)(void *)R_alloc((size_t)n + 1, sizeof *out);
    for (R_xlen_t i = 0; i < n; i++) out[i] = INTEGER_RO(from_one)[i] - 1;
    return out;
}

typedef struct {
    r_host host;
    sy_reliability_summary summary;
    SEXP list;
} answer;

static SEXP reliability_result(void *arg)
{
    static const char *const names[SUMMARY] = {"n",       "interval", "df",         "units",   "chi2",
                                               "chi2_df", "chi2_p",   "iterations", "boundary"};
    answer *a = arg;
    const sy_reliability_summary *s = &a->summary;
    const double values[SUMMARY] = {s->n,       (double)s->interval, s->df,         (double)s->units, s->chi2,
                                    s->chi2_df, s->chi2_p,           s->iterations, s->boundary + 1};
    SEXP summary = SET_VECTOR_ELT(a->list, TABLES, r_list(SUMMARY, names));
    for (int i = 0; i < SUMMARY; i++) SET_VECTOR_ELT(summary, i, Rf_ScalarReal(values[i]));
    SET_VECTOR_ELT(a->list, TABLES + 1, r_remarks(&a->host.ctx));
    return a->list;
}

/* options: list(interval, level, omega, latent) */
SEXP C_reliability(SEXP blob, SEXP design, SEXP items, SEXP options, SEXP threads, SEXP progress)
{
    static const char *const names[] = {"estimate",  "std.error",     "conf.low", "conf.high",  "mean",    "std_dev",
                                        "item_rest", "alpha_without", "loading",  "uniqueness", "summary", "remarks"};
    answer a;
    sy_design rows;
    sy_reliability_options wanted;
    double *table[TABLES];
    if (design != R_NilValue) r_design(design, &rows);
    const int k = (int)XLENGTH(items), *item = places_of(items);
    a.list = PROTECT(r_list(TABLES + 2, names));
    for (int i = 0; i < TABLES; i++)
        table[i] = REAL(SET_VECTOR_ELT(a.list, i, Rf_allocVector(REALSXP, i < 4 ? SY_N_RELIABILITIES : k)));
    sy_reliability_defaults(&wanted);
    wanted.interval = (sy_reliability_interval)Rf_asInteger(VECTOR_ELT(options, 0));
    wanted.level = Rf_asReal(VECTOR_ELT(options, 1));
    wanted.omega = Rf_asLogical(VECTOR_ELT(options, 2)) == TRUE;
    wanted.latent = Rf_asLogical(VECTOR_ELT(options, 3)) == TRUE;
    const sy_reliability_table out = {table[0], table[1], table[2], table[3], table[4],
                                      table[5], table[6], table[7], table[8], table[9]};
    r_enter(&a.host, threads, progress);
    sy_status status = r_view(&a.host, blob, 0, &a.host.moments[0]);
    if (status >= 0)
        status = sy_reliability(&a.host.ctx, &a.host.moments[0], design == R_NilValue ? NULL : &rows, k, item, &wanted,
                                &a.summary, &out);
    SEXP result = r_leave(&a.host, status, reliability_result, &a);
    UNPROTECT(1);
    return result;
}

typedef struct {
    r_host host;
    sy_error_limits limits;
    SEXP list;
} correction;

static SEXP corrected_result(void *arg)
{
    correction *c = arg;
    const sy_moments *m = &c->host.moments[1];
    SEXP blob = SET_VECTOR_ELT(c->list, 0, Rf_allocVector(RAWSXP, (R_xlen_t)m->size));
    memcpy(RAW(blob), m->blob, m->size);
    SET_VECTOR_ELT(c->list, 1, r_remarks(&c->host.ctx));
    SET_VECTOR_ELT(c->list, 2, Rf_ScalarReal(c->limits.multiple));
    return c->list;
}

/* reliability: numbers, or NULL where covariance is given. */
SEXP C_corrected(SEXP blob, SEXP question, SEXP terms, SEXP reliability, SEXP covariance)
{
    static const char *const names[] = {"blob", "remarks", "multiple", "reliability", "lowest"};
    correction c;
    sy_question asked;
    r_question(question, &asked);
    const R_xlen_t n = XLENGTH(terms);
    const sy_errors errors = {(int)n, places_of(terms), reliability == R_NilValue ? NULL : REAL_RO(reliability),
                              covariance == R_NilValue ? NULL : REAL_RO(covariance)};
    c.list = PROTECT(r_list(5, names));
    c.limits.multiple = 0;
    c.limits.reliability = REAL(SET_VECTOR_ELT(c.list, 3, Rf_allocVector(REALSXP, n)));
    c.limits.lowest = REAL(SET_VECTOR_ELT(c.list, 4, Rf_allocVector(REALSXP, n)));
    r_enter(&c.host, R_NilValue, R_NilValue);
    sy_status status = r_view(&c.host, blob, 0, &c.host.moments[0]);
    if (status >= 0)
        status = sy_moments_corrected(&c.host.ctx, &c.host.moments[0], &asked, &errors, &c.limits, &c.host.moments[1]);
    SEXP result = r_leave(&c.host, status, corrected_result, &c);
    UNPROTECT(1);
    return result;
}

typedef struct {
    r_host host;
    SEXP list;
} extrapolation;

static SEXP simex_result(void *arg)
{
    extrapolation *x = arg;
    SET_VECTOR_ELT(x->list, 6, r_remarks(&x->host.ctx));
    return x->list;
}

static SEXP means_result(void *arg)
{
    extrapolation *x = arg;
    SET_VECTOR_ELT(x->list, 1, r_remarks(&x->host.ctx));
    return x->list;
}

/* errors: list(terms, reliability, covariance) as above; options: list(lambda, replicates, seed) */
SEXP C_simex(SEXP blob, SEXP question, SEXP errors, SEXP options, SEXP threads, SEXP progress)
{
    static const char *const names[] = {"measured", "added",     "mc_error", "quadratic",
                                        "rational", "corrected", "remarks"};
    extrapolation x;
    sy_question asked;
    double *table[6];
    r_question(question, &asked);
    SEXP terms = VECTOR_ELT(errors, 0), reliability = VECTOR_ELT(errors, 1), covariance = VECTOR_ELT(errors, 2);
    SEXP lambda = VECTOR_ELT(options, 0);
    const R_xlen_t rows = asked.n_blocks + sy_shares_terms(&asked) + 1, points = XLENGTH(lambda);
    const sy_errors given = {(int)XLENGTH(terms), places_of(terms),
                             reliability == R_NilValue ? NULL : REAL_RO(reliability),
                             covariance == R_NilValue ? NULL : REAL_RO(covariance)};
    const sy_simex_options wanted = {(int)points, REAL_RO(lambda), Rf_asInteger(VECTOR_ELT(options, 1)),
                                     (uint64_t)Rf_asReal(VECTOR_ELT(options, 2))};
    x.list = PROTECT(r_list(7, names));
    for (int i = 0; i < 6; i++)
        table[i] = REAL(SET_VECTOR_ELT(x.list, i, Rf_allocVector(REALSXP, i == 1 || i == 2 ? points * rows : rows)));
    const sy_simex_table out = {table[0], table[1], table[2], table[3], table[4], table[5]};
    r_enter(&x.host, threads, progress);
    sy_status status = r_view(&x.host, blob, 0, &x.host.moments[0]);
    if (status >= 0) status = sy_simex(&x.host.ctx, &x.host.moments[0], &asked, &given, &wanted, &out);
    SEXP result = r_leave(&x.host, status, simex_result, &x);
    UNPROTECT(1);
    return result;
}

/* table: [numbers, terms] */
SEXP C_reliability_of_means(SEXP blob, SEXP terms, SEXP level)
{
    enum { NUMBERS = sizeof(sy_mean_reliability) / sizeof(double) };
    static const char *const names[] = {"table", "remarks"};
    const int n = (int)XLENGTH(terms), *term = places_of(terms);
    extrapolation x;
    x.list = PROTECT(r_list(2, names));
    double *table = REAL(SET_VECTOR_ELT(x.list, 0, Rf_allocMatrix(REALSXP, NUMBERS, n)));
    sy_mean_reliability *own = (sy_mean_reliability *)(void *)R_alloc((size_t)n + 1, sizeof *own);
    r_enter(&x.host, R_NilValue, R_NilValue);
    sy_status status = r_view(&x.host, blob, 0, &x.host.moments[0]);
    if (status >= 0) status = sy_reliability_of_means(&x.host.ctx, &x.host.moments[0], n, term, Rf_asReal(level), own);
    if (status >= 0) memcpy(table, own, (size_t)n * sizeof *own);
    SEXP result = r_leave(&x.host, status, means_result, &x);
    UNPROTECT(1);
    return result;
}
