/* Checks of an answer: cross-validation.
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
