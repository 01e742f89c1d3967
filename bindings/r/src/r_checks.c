/* Checks of an answer: cross-validation, permutation tests, populations, rounding.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_checks.h"

typedef struct {
    sy_crossvalidate_summary summary;
    SEXP list;
} validated;

static SEXP validated_result(void *arg)
{
    const validated *v = arg;
    double *values = REAL(VECTOR_ELT(v->list, 0));
    values[0] = v->summary.total;
    values[1] = v->summary.r2_adjust;
    values[2] = v->summary.folds;
    values[3] = v->summary.seconds_estimated;
    return v->list;
}

/* options: c(folds, seed, time_limit). list(c(total, r2_adjust, folds, seconds), share) */
SEXP C_crossvalidate(SEXP blob, SEXP design, SEXP question, SEXP options, SEXP threads, SEXP progress)
{
    static const char *const names[] = {"summary", "share"};
    r_host host;
    validated v;
    sy_question asked;
    sy_design rows;
    sy_crossvalidate_options how;
    sy_crossvalidate_defaults(&how);
    how.folds = (int)REAL_RO(options)[0];
    how.seed = (uint64_t)REAL_RO(options)[1];
    how.time_limit = REAL_RO(options)[2];
    r_question(question, &asked);
    if (design != R_NilValue) r_design(design, &rows);
    v.list = PROTECT(r_list(2, names));
    SET_VECTOR_ELT(v.list, 0, Rf_allocVector(REALSXP, 4));
    SET_VECTOR_ELT(v.list, 1, Rf_allocVector(REALSXP, asked.n_blocks));
    double *share = REAL(VECTOR_ELT(v.list, 1));
    r_enter(&host, threads, progress);
    sy_status status = r_view(&host, blob, 0, &host.moments[0]);
    if (status >= 0)
        status = sy_crossvalidate(&host.ctx, &host.moments[0], design == R_NilValue ? NULL : &rows, &asked, &how,
                                  &v.summary, share);
    SEXP out = r_leave(&host, status, validated_result, &v);
    UNPROTECT(1);
    return out;
}

typedef struct {
    r_host host;
    sy_permutation test;
} permuted;

static SEXP permuted_result(void *arg)
{
    static const char *const names[] = {"values", "remarks"};
    const permuted *p = arg;
    const double values[] = {p->test.estimate,       p->test.p_value, p->test.exceeding,     p->test.permutations,
                             (double)p->test.scheme, p->test.units,   (double)p->test.within};
    SEXP list = PROTECT(r_list(2, names));
    SEXP out = SET_VECTOR_ELT(list, 0, Rf_allocVector(REALSXP, 7));
    for (int i = 0; i < 7; i++) REAL(out)[i] = values[i];
    SET_VECTOR_ELT(list, 1, r_remarks(&p->host.ctx));
    UNPROTECT(1);
    return list;
}

/* options: c(block and metric counted from 1, permutations, seed). */
SEXP C_permutation(SEXP blob, SEXP design, SEXP question, SEXP options, SEXP threads, SEXP progress)
{
    permuted p;
    sy_question asked;
    sy_design rows;
    sy_permutation_options how;
    const double *given = REAL_RO(options);
    sy_permutation_defaults(&how);
    how.block = (int)given[0] - 1;
    how.metric = (int)given[1] - 1;
    how.permutations = (int)given[2];
    how.seed = (uint64_t)given[3];
    r_question(question, &asked);
    if (design != R_NilValue) r_design(design, &rows);
    r_enter(&p.host, threads, progress);
    sy_status status = r_view(&p.host, blob, 0, &p.host.moments[0]);
    if (status >= 0)
        status = sy_permutation_test(&p.host.ctx, &p.host.moments[0], design == R_NilValue ? NULL : &rows, &asked, &how,
                                     &p.test);
    return r_leave(&p.host, status, permuted_result, &p);
}

typedef struct {
    r_host host;
    sy_population_summary summary;
    SEXP list;
} weighed;

static SEXP weighed_result(void *arg)
{
    const weighed *w = arg;
    const sy_population_summary *s = &w->summary;
    const double values[] = {s->rows,  s->rows_lost, s->effective_before, s->effective_after,
                             s->least, s->most,      (double)s->rounds};
    SEXP out = SET_VECTOR_ELT(w->list, 4, Rf_allocVector(REALSXP, 7));
    for (int i = 0; i < 7; i++) REAL(out)[i] = values[i];
    SET_VECTOR_ELT(w->list, 5, r_remarks(&w->host.ctx));
    return w->list;
}

/* groups: list of list(name, codes, levels); shares: list of as many numbers. */
SEXP C_population(SEXP design, SEXP groups, SEXP shares)
{
    static const char *const names[] = {"weights", "base", "target", "sample", "summary", "remarks"};
    weighed w;
    sy_design rows;
    int n = (int)XLENGTH(groups), levels = 0;
    double *at[4];
    r_design(design, &rows);
    sy_margin *margin = (sy_margin *)(void *)R_alloc((size_t)n + 1, sizeof *margin);
    for (int k = 0; k < n; k++) {
        margin[k] = (sy_margin){r_column(VECTOR_ELT(groups, k), rows.n), REAL_RO(VECTOR_ELT(shares, k))};
        levels += margin[k].column->n_levels;
    }
    w.list = PROTECT(r_list(6, names));
    for (int i = 0; i < 4; i++)
        at[i] = REAL(SET_VECTOR_ELT(w.list, i, Rf_allocVector(REALSXP, i < 2 ? (R_xlen_t)rows.n : levels)));
    r_enter(&w.host, R_NilValue, R_NilValue);
    sy_status status = sy_population_weights(&w.host.ctx, &rows, n, margin, at[0], at[1], at[2], at[3], &w.summary);
    SEXP out = r_leave(&w.host, status, weighed_result, &w);
    UNPROTECT(1);
    return out;
}

typedef struct {
    sy_rounding_summary summary;
    SEXP list;
} rounded;

static SEXP rounded_result(void *arg)
{
    const rounded *r = arg;
    double *values = REAL(VECTOR_ELT(r->list, 2));
    values[0] = r->summary.total_low;
    values[1] = r->summary.total_high;
    values[2] = r->summary.decimals;
    values[3] = r->summary.cut;
    return r->list;
}

/* options: c(starts, seed) */
SEXP C_rounding(SEXP blob, SEXP question, SEXP options, SEXP threads, SEXP progress)
{
    static const char *const names[] = {"low", "high", "summary"};
    r_host host;
    rounded r;
    sy_question asked;
    sy_rounding_options how;
    sy_rounding_defaults(&how);
    how.starts = (int)REAL_RO(options)[0];
    how.seed = (uint64_t)REAL_RO(options)[1];
    r_question(question, &asked);
    R_xlen_t rows = asked.n_blocks + sy_shares_terms(&asked);
    r.list = PROTECT(r_list(3, names));
    for (int i = 0; i < 3; i++) SET_VECTOR_ELT(r.list, i, Rf_allocVector(REALSXP, i < 2 ? rows : 4));
    double *low = REAL(VECTOR_ELT(r.list, 0)), *high = REAL(VECTOR_ELT(r.list, 1));
    r_enter(&host, threads, progress);
    sy_status status = r_view(&host, blob, 0, &host.moments[0]);
    if (status >= 0) status = sy_rounding(&host.ctx, &host.moments[0], &asked, &how, &r.summary, low, high);
    SEXP out = r_leave(&host, status, rounded_result, &r);
    UNPROTECT(1);
    return out;
}
