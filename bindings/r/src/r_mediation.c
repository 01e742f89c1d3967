/* Mediation: the question from lists, the result as a list of vectors.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_mediation.h"
#include <string.h>

typedef struct {
    r_host host;
    sy_mediation_result result;
} mediated;

enum { TABLES = 8, TEXT_AT = 9, NUMBERS_AT = 10, REMARKS_AT = 11 };

static void put_numbers(SEXP list, int at, const double *x, R_xlen_t n)
{
    SEXP own = SET_VECTOR_ELT(list, at, Rf_allocVector(REALSXP, x ? n : 0));
    for (R_xlen_t i = 0; x && i < n; i++) REAL(own)[i] = x[i];
}

static SEXP mediated_result(void *arg)
{
    static const char *const names[] = {"estimate",  "std.error",  "statistic", "p.value",    "conf.low",
                                        "conf.high", "proportion", "mean",      "covariance", "assumptions",
                                        "numbers",   "remarks",    "parts",     "blocks",     "answers"};
    const mediated *m = arg;
    const sy_mediation_result *r = &m->result;
    const R_xlen_t values = (R_xlen_t)r->n_rows * r->n_measures;
    const double *const table[TABLES] = {r->estimate, r->std_error, r->statistic,  r->p_value,
                                         r->low,      r->high,      r->proportion, r->mean};
    const double numbers[] = {r->from,          r->to,           r->level[0],   r->level[1], r->n,         r->rows_read,
                              r->rows_used,     r->rows_dropped, r->n_products, r->r2,       r->interval,  r->df,
                              (double)r->units, r->clustered,    r->n_strata,   r->kept,     r->rows_from, r->rows_to};
    SEXP list = PROTECT(r_list(15, names));
    for (int k = 0; k < TABLES; k++) put_numbers(list, k, table[k], k == TABLES - 1 ? 2 * r->n_measures : values);
    put_numbers(list, TABLES, r->covariance, values * values);
    SEXP text = SET_VECTOR_ELT(list, TEXT_AT, Rf_allocVector(STRSXP, r->n_assumptions));
    for (int k = 0; k < r->n_assumptions; k++) SET_STRING_ELT(text, k, Rf_mkCharCE(r->assumption[k], CE_UTF8));
    put_numbers(list, NUMBERS_AT, numbers, sizeof numbers / sizeof *numbers);
    SET_VECTOR_ELT(list, REMARKS_AT, r_remarks(&m->host.ctx));
    SEXP part = SET_VECTOR_ELT(list, 12, Rf_allocVector(INTSXP, r->n_rows));
    SEXP block = SET_VECTOR_ELT(list, 13, Rf_allocVector(INTSXP, r->n_rows));
    for (int k = 0; k < r->n_rows; k++) {
        INTEGER(part)[k] = (int)r->rows[k].part;
        INTEGER(block)[k] = r->rows[k].block;
    }
    SEXP answer = SET_VECTOR_ELT(list, 14, Rf_allocVector(INTSXP, r->n_measures));
    for (int k = 0; k < r->n_measures; k++) INTEGER(answer)[k] = r->outcome_level[k];
    UNPROTECT(1);
    return list;
}

static void drop_result(void *arg)
{
    sy_mediation_free(arg);
}

/* question: list(outcome, block names, terms, confounders), terms counted from 1; model: c(treatment counted from 1,
 * from, to, by_treatment, by_mediators, effects, response, link, draws); options: c(interval, level, replicates,
 * seed). */
SEXP C_mediation(SEXP design, SEXP question, SEXP model, SEXP options, SEXP threads, SEXP progress)
{
    const double *given = REAL_RO(model), *how = REAL_RO(options);
    mediated m;
    sy_design rows;
    sy_question asked;
    sy_mediation_question q;
    r_design(design, &rows);
    r_question(question, &asked);
    sy_mediation_defaults(&q);
    q.outcome = asked.outcome;
    q.n_blocks = asked.n_blocks;
    q.blocks = asked.blocks;
    q.n_confounders = asked.n_adjust;
    q.confounders = asked.adjust;
    q.treatment = (int)given[0] - 1;
    q.from = given[1];
    q.to = given[2];
    q.by_treatment = given[3] > 0;
    q.by_mediators = given[4] > 0;
    q.effects = (sy_mediation_effects)given[5];
    q.response = (sy_mediation_response)given[6];
    q.link = (sy_link)given[7];
    q.draws = (int)given[8];
    q.interval = (sy_interval_kind)how[0];
    q.level = how[1];
    q.replicates = (int)how[2];
    q.seed = (uint64_t)how[3];
    memset(&m.result, 0, sizeof m.result);
    r_enter(&m.host, threads, progress);
    m.host.drop = drop_result;
    m.host.dropped = &m.result;
    sy_status status = sy_mediation(&m.host.ctx, &rows, &q, &m.result);
    return r_leave(&m.host, status, mediated_result, &m);
}
