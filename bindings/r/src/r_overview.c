/* Shares of people, and statements over several of them.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_glue.h"

typedef sy_status (*asked)(sy_context *, const sy_design *, const sy_overview_options *, double *, double *);

typedef struct {
    r_host *host;
    SEXP list;
} answer;

static SEXP with_remarks(void *arg)
{
    const answer *a = arg;
    SET_VECTOR_ELT(a->list, 2, r_remarks(&a->host->ctx));
    return a->list;
}

/* question: c(indicators, proportions, by, method, level, hide_below).
 * list(shares [share, answer * value * set], whom [whom, value * set], remarks) */
static SEXP from_design(SEXP design, SEXP question, SEXP threads, SEXP progress, asked ask, int steps)
{
    static const char *const names[] = {"shares", "whom", "remarks"};
    r_host host;
    sy_design rows;
    if (XLENGTH(question) != 6) Rf_error("an overview needs six numbers");
    const double *q = REAL_RO(question);
    const sy_overview_options options = {.n_indicators = (int)q[0],
                                         .proportions = q[1] > 0,
                                         .by = q[2] > 0,
                                         .method = (sy_proportion_method)(int)q[3],
                                         .level = q[4],
                                         .hide_below = q[5]};
    r_design(design, &rows);
    int values = options.n_indicators + steps, sets = 1;
    if (options.by && rows.n_terms > 0) sets += rows.columns[rows.terms[rows.n_terms - 1].factors[0].column].n_levels;
    SEXP list = PROTECT(r_list(3, names));
    SEXP shares = SET_VECTOR_ELT(list, 0, Rf_allocMatrix(REALSXP, SY_N_SHARE, SY_N_ANSWERS * values * sets));
    SEXP whom = SET_VECTOR_ELT(list, 1, Rf_allocMatrix(REALSXP, SY_N_WHOM, steps ? 1 : values * sets));
    double *share = REAL(shares), *people = REAL(whom);
    answer done = {&host, list};
    r_enter(&host, threads, progress);
    sy_status status = ask(&host.ctx, &rows, &options, share, people);
    SEXP out = r_leave(&host, status, with_remarks, &done);
    UNPROTECT(1);
    return out;
}

SEXP C_overview(SEXP design, SEXP question, SEXP threads, SEXP progress)
{
    return from_design(design, question, threads, progress, sy_overview, 0);
}

SEXP C_overview_steps(SEXP design, SEXP question, SEXP threads, SEXP progress)
{
    return from_design(design, question, threads, progress, sy_overview_steps, 1);
}

static SEXP given_result(void *value)
{
    return (SEXP)value;
}

static int count_of(SEXP shares)
{
    return (int)(XLENGTH(shares) / SY_N_SHARE);
}

/* list(claims [claim, indicator], counts [count, method]) */
SEXP C_overview_claim(SEXP shares, SEXP threshold, SEXP level)
{
    static const char *const names[] = {"claims", "counts"};
    r_host host;
    int k = count_of(shares);
    const double *share = REAL_RO(shares);
    double bound = Rf_asReal(threshold), wanted = Rf_asReal(level);
    SEXP list = PROTECT(r_list(2, names));
    double *claims = REAL(SET_VECTOR_ELT(list, 0, Rf_allocMatrix(REALSXP, SY_N_CLAIM, k)));
    double *counts = REAL(SET_VECTOR_ELT(list, 1, Rf_allocMatrix(REALSXP, SY_N_CLAIM_COUNT, 2)));
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = sy_overview_claim(&host.ctx, k, share, bound, wanted, claims, counts);
    SEXP out = r_leave(&host, status, given_result, list);
    UNPROTECT(1);
    return out;
}

/* matrix [rank, lowest, highest; group] */
SEXP C_overview_ranks(SEXP shares, SEXP level)
{
    r_host host;
    int k = count_of(shares);
    const double *share = REAL_RO(shares);
    double wanted = Rf_asReal(level);
    SEXP ranks = PROTECT(Rf_allocMatrix(REALSXP, 3, k));
    double *rank = REAL(ranks);
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = sy_overview_ranks(&host.ctx, k, share, wanted, rank);
    SEXP out = r_leave(&host, status, given_result, ranks);
    UNPROTECT(1);
    return out;
}

/* list(funnel [limit, group], dispersion) */
SEXP C_overview_funnel(SEXP shares, SEXP overall)
{
    static const char *const names[] = {"funnel", "dispersion"};
    r_host host;
    int k = count_of(shares);
    const double *share = REAL_RO(shares);
    double centre = Rf_asReal(overall);
    SEXP list = PROTECT(r_list(2, names));
    double *funnel = REAL(SET_VECTOR_ELT(list, 0, Rf_allocMatrix(REALSXP, SY_N_FUNNEL, k)));
    double *dispersion = REAL(SET_VECTOR_ELT(list, 1, Rf_allocVector(REALSXP, 1)));
    r_enter(&host, R_NilValue, R_NilValue);
    sy_status status = sy_overview_funnel(&host.ctx, k, share, centre, funnel, dispersion);
    SEXP out = r_leave(&host, status, given_result, list);
    UNPROTECT(1);
    return out;
}
