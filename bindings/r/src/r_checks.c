/* Checks of an answer: cross-validation, permutation tests.
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
