/* Moments: made, read, merged, verified. They travel as the core's own bytes
 * in a raw vector, so saveRDS() keeps them and no finalizer exists.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_glue.h"
#include <stdio.h>
#include <string.h>

/* The moments a call made (moments[0]) as raw bytes, with its remarks. */
static SEXP made_result(void *arg)
{
    static const char *const names[] = {"blob", "remarks"};
    const r_host *host = arg;
    const sy_moments *m = &host->moments[0];
    SEXP list = PROTECT(r_list(2, names));
    SEXP blob = SET_VECTOR_ELT(list, 0, Rf_allocVector(RAWSXP, (R_xlen_t)m->size));
    memcpy(RAW(blob), m->blob, m->size);
    SET_VECTOR_ELT(list, 1, r_remarks(&host->ctx));
    UNPROTECT(1);
    return list;
}

SEXP C_moments(SEXP design, SEXP unit, SEXP precision, SEXP threads, SEXP progress)
{
    r_host host;
    sy_design rows;
    sy_moments_options options;
    r_design(design, &rows);
    sy_moments_defaults(&options);
    options.unit = (sy_unit)Rf_asInteger(unit);
    options.precision = (sy_precision)Rf_asInteger(precision);
    r_enter(&host, threads, progress);
    sy_status status = sy_moments_init(&host.ctx, &rows, &options, &host.moments[0]);
    return r_leave(&host, status, made_result, &host);
}

SEXP C_merge(SEXP a, SEXP b)
{
    r_host host;
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = r_view(&host, a, 0, &host.moments[1]);
    if (status >= 0) status = r_view(&host, b, 0, &host.moments[2]);
    if (status >= 0) status = sy_moments_merge(&host.ctx, &host.moments[1], &host.moments[2], &host.moments[0]);
    return r_leave(&host, status, made_result, &host);
}

/* decimals: -1 where none are stated. */
SEXP C_from_correlation(SEXP r, SEXP n, SEXP labels, SEXP decimals)
{
    r_host host;
    int p = (int)XLENGTH(labels);
    const char **label = (const char **)(void *)R_alloc((size_t)p + 1, sizeof *label);
    const double *entries = REAL_RO(r);
    double rows = Rf_asReal(n);
    int places = Rf_asInteger(decimals);
    if (XLENGTH(r) != (R_xlen_t)p * p) Rf_error("r is not a square of %d labels", p);
    for (int i = 0; i < p; i++) label[i] = r_text(labels, i);
    r_enter(&host, R_NilValue, R_NilValue);
    sy_moments *out = &host.moments[0];
    sy_status status = places < 0 ? sy_moments_from_correlation(&host.ctx, p, entries, rows, label, out)
                                  : sy_moments_from_printed(&host.ctx, p, entries, rows, label, places, out);
    return r_leave(&host, status, made_result, &host);
}

static SEXP true_result(void *none)
{
    (void)none;
    return Rf_ScalarLogical(TRUE);
}

SEXP C_verify(SEXP blob)
{
    r_host host;
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = r_view(&host, blob, 1, &host.moments[0]);
    return r_leave(&host, status, true_result, NULL);
}

static SEXP doubles(const double *values, R_xlen_t n)
{
    SEXP out = Rf_allocVector(REALSXP, n);
    if (n) memcpy(REAL(out), values, (size_t)n * sizeof(double));
    return out;
}

static SEXP integers(const int32_t *values, R_xlen_t n)
{
    SEXP out = Rf_allocVector(INTSXP, n);
    if (n) memcpy(INTEGER(out), values, (size_t)n * sizeof(int32_t));
    return out;
}

static SEXP names_of_terms(const sy_moments *m)
{
    SEXP out = PROTECT(Rf_allocVector(STRSXP, m->n_terms));
    for (int i = 0; i < m->n_terms; i++) SET_STRING_ELT(out, i, Rf_mkCharCE(sy_moments_label(m, i), CE_UTF8));
    UNPROTECT(1);
    return out;
}

static SEXP names_of_levels(const sy_moments *m)
{
    SEXP out = PROTECT(Rf_allocVector(STRSXP, m->n_columns));
    for (int i = 0; i < m->n_columns; i++) {
        const char *level = sy_moments_level(m, i);
        SET_STRING_ELT(out, i, level ? Rf_mkCharCE(level, CE_UTF8) : NA_STRING);
    }
    UNPROTECT(1);
    return out;
}

static SEXP names_of_clusters(const sy_moments *m)
{
    R_xlen_t n = m->unit == SY_UNIT_CLUSTER ? (R_xlen_t)m->n_units : 0;
    SEXP out = PROTECT(Rf_allocVector(STRSXP, n));
    for (R_xlen_t i = 0; i < n; i++) SET_STRING_ELT(out, i, Rf_mkCharCE(sy_moments_cluster(m, i), CE_UTF8));
    UNPROTECT(1);
    return out;
}

static SEXP names_of_strata(const sy_moments *m)
{
    SEXP out = PROTECT(Rf_allocVector(STRSXP, m->n_strata));
    for (int h = 0; h < m->n_strata; h++) SET_STRING_ELT(out, h, Rf_mkCharCE(sy_moments_stratum(m, h), CE_UTF8));
    UNPROTECT(1);
    return out;
}

static SEXP hash_text(const sy_moments *m)
{
    char text[17];
    snprintf(text, sizeof text, "%016llx", (unsigned long long)sy_moments_hash(m));
    return Rf_mkString(text);
}

static SEXP counts(const sy_moments *m)
{
    static const char *const names[] = {"n",     "rows_read", "rows_used", "rows_dropped", "rows_zero",
                                        "sum_w", "sum_w2",    "n_units",   "size"};
    const double values[] = {m->n,     m->rows_read, m->rows_used,       m->rows_dropped, m->rows_zero,
                             m->sum_w, m->sum_w2,    (double)m->n_units, (double)m->size};
    SEXP list = PROTECT(r_list(9, names));
    for (int i = 0; i < 9; i++) SET_VECTOR_ELT(list, i, Rf_ScalarReal(values[i]));
    UNPROTECT(1);
    return list;
}

static SEXP info_result(void *arg)
{
    static const char *const names[] = {
        "labels", "first", "columns",     "is_factor", "is_decimal",       "missing", "levels",    "clusters",
        "counts", "unit",  "weight_kind", "twofold",   "from_correlation", "hash",    "unit_rows", "unit_n",
        "strata"};
    const sy_moments *m = &((const r_host *)arg)->moments[0];
    SEXP list = PROTECT(r_list(17, names));
    SET_VECTOR_ELT(list, 0, names_of_terms(m));
    SET_VECTOR_ELT(list, 1, integers(m->term_first, m->n_terms));
    SET_VECTOR_ELT(list, 2, integers(m->term_columns, m->n_terms));
    SET_VECTOR_ELT(list, 3, integers(m->term_is_factor, m->n_terms));
    SET_VECTOR_ELT(list, 4, integers(m->term_is_decimal, m->n_terms));
    SET_VECTOR_ELT(list, 5, doubles(m->term_missing, m->n_terms));
    SET_VECTOR_ELT(list, 6, names_of_levels(m));
    SET_VECTOR_ELT(list, 7, names_of_clusters(m));
    SET_VECTOR_ELT(list, 8, counts(m));
    SET_VECTOR_ELT(list, 9, Rf_ScalarInteger((int)m->unit));
    SET_VECTOR_ELT(list, 10, Rf_ScalarInteger((int)m->weight_kind));
    SET_VECTOR_ELT(list, 11, Rf_ScalarLogical(m->twofold));
    SET_VECTOR_ELT(list, 12, Rf_ScalarLogical(m->from_correlation));
    SET_VECTOR_ELT(list, 13, hash_text(m));
    SET_VECTOR_ELT(list, 14, doubles(m->unit_rows, (R_xlen_t)m->n_units));
    SET_VECTOR_ELT(list, 15, doubles(m->unit_n, (R_xlen_t)m->n_units));
    SET_VECTOR_ELT(list, 16, names_of_strata(m));
    UNPROTECT(1);
    return list;
}

SEXP C_info(SEXP blob)
{
    r_host host;
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = r_view(&host, blob, 0, &host.moments[0]);
    return r_leave(&host, status, info_result, &host);
}

static SEXP given_result(void *value)
{
    return (SEXP)value;
}

/* The places, counted from 1, of several labels. */
SEXP C_find_term(SEXP blob, SEXP argument, SEXP labels)
{
    r_host host;
    R_xlen_t n = XLENGTH(labels);
    SEXP out = PROTECT(Rf_allocVector(INTSXP, n));
    const char *what = r_text(argument, 0);
    const char **label = (const char **)(void *)R_alloc((size_t)n + 1, sizeof *label);
    for (R_xlen_t i = 0; i < n; i++) label[i] = r_text(labels, i);
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = r_view(&host, blob, 0, &host.moments[0]);
    for (R_xlen_t i = 0; i < n && status >= 0; i++) {
        int term = 0;
        status = sy_moments_find(&host.ctx, &host.moments[0], what, label[i], &term);
        INTEGER(out)[i] = term + 1;
    }
    SEXP value = r_leave(&host, status, given_result, out);
    UNPROTECT(1);
    return value;
}
