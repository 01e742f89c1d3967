/* Two groups balanced: labels of the table, then weights, table and estimates in
 * R's vectors.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_balance.h"
#include <string.h>

enum { WIDTH = 16, SIDE = 7, LABEL = SY_NAME_LENGTH, ASSUMPTIONS = 8 };

/* list(treatment, treated, covariates, outcomes, choices [6], numbers [2]); terms counted from 0. choices: estimand,
 * method, link, clusters, regression, errors; numbers: trim, level. */
static void read_question(SEXP list, sy_balance_question *q)
{
    const int *choice = INTEGER(VECTOR_ELT(list, 4));
    const double *number = REAL(VECTOR_ELT(list, 5));
    sy_balance_defaults(q);
    q->treatment = Rf_asInteger(VECTOR_ELT(list, 0));
    q->treated = Rf_asInteger(VECTOR_ELT(list, 1));
    q->n_covariates = (int)XLENGTH(VECTOR_ELT(list, 2));
    q->covariates = INTEGER(VECTOR_ELT(list, 2));
    q->n_outcomes = (int)XLENGTH(VECTOR_ELT(list, 3));
    q->outcomes = INTEGER(VECTOR_ELT(list, 3));
    q->estimand = (sy_estimand)choice[0];
    q->method = (sy_balance_method)choice[1];
    q->link = (sy_link)choice[2];
    q->clusters = (sy_balance_clusters)choice[3];
    q->regression = (sy_balance_outcome)choice[4];
    q->errors = (sy_balance_errors)choice[5];
    q->trim = number[0];
    q->level = number[1];
}

typedef struct {
    r_host host;
    const sy_balance_question *question;
    const char *treatment, *text;
    const sy_balance_row *table;
    const sy_balance_summary *summary;
    SEXP result;
    int rows;
} balance_call;

static SEXP labels_of(void *arg)
{
    const balance_call *call = arg;
    SEXP labels = PROTECT(Rf_allocVector(STRSXP, call->rows));
    for (int i = 0; i < call->rows; i++)
        SET_STRING_ELT(labels, i, Rf_mkCharCE(call->text + (size_t)i * LABEL, CE_UTF8));
    UNPROTECT(1);
    return labels;
}

static SEXP count_of(void *arg)
{
    return Rf_ScalarInteger(((const balance_call *)arg)->rows);
}

SEXP C_balance_rows(SEXP design, SEXP question)
{
    balance_call call = {.rows = 0};
    sy_design rows;
    sy_balance_question q;
    r_design(design, &rows);
    read_question(question, &q);
    r_enter(&call.host, R_NilValue, R_NilValue);
    sy_status status = sy_balance_rows(&call.host.ctx, &rows, &q, &call.rows, NULL, 0);
    SEXP count = PROTECT(r_leave(&call.host, status, count_of, &call));
    if (status < 0) {
        UNPROTECT(1);
        return count;
    }
    char *text = R_alloc((size_t)call.rows + 1, LABEL);
    memset(text, 0, ((size_t)call.rows + 1) * LABEL);
    call.text = text;
    r_enter(&call.host, R_NilValue, R_NilValue);
    status = sy_balance_rows(&call.host.ctx, &rows, &q, &call.rows, text, LABEL);
    SEXP labels = r_leave(&call.host, status, labels_of, &call);
    UNPROTECT(1);
    return labels;
}

static void put_side(const sy_balance_side *side, double *out)
{
    const double values[SIDE] = {side->mean[0],    side->mean[1], side->sd[0], side->sd[1],
                                 side->difference, side->ratio,   side->ks};
    memcpy(out, values, sizeof values);
}

/* rows_read, rows_used, rows_dropped, rows_trimmed; seven pairs; worst before and after, units, df; levels (from 1),
 * iterations, errors. */
static SEXP summary_of(const sy_balance_summary *s)
{
    const double values[] = {s->rows_read,
                             s->rows_used,
                             s->rows_dropped,
                             s->rows_trimmed,
                             s->people[0],
                             s->people[1],
                             s->effective_before[0],
                             s->effective_before[1],
                             s->effective_after[0],
                             s->effective_after[1],
                             s->largest[0],
                             s->largest[1],
                             s->score_low[0],
                             s->score_low[1],
                             s->score_high[0],
                             s->score_high[1],
                             s->outside[0],
                             s->outside[1],
                             s->worst_before,
                             s->worst_after,
                             s->units,
                             s->df,
                             (double)s->treated[0] + 1,
                             (double)s->treated[1] + 1,
                             (double)s->iterations,
                             (double)s->errors};
    SEXP vector = Rf_allocVector(REALSXP, (R_xlen_t)(sizeof values / sizeof *values));
    memcpy(REAL(vector), values, sizeof values);
    return vector;
}

static SEXP assumptions_of(const balance_call *call)
{
    char text[ASSUMPTIONS][SY_REMARK_LENGTH];
    int n = 0;
    while (n < ASSUMPTIONS && sy_balance_assumption(call->question, call->treatment, n, text[n], sizeof text[n]) == 0)
        n++;
    SEXP lines = PROTECT(Rf_allocVector(STRSXP, n));
    for (int i = 0; i < n; i++) SET_STRING_ELT(lines, i, Rf_mkCharCE(text[i], CE_UTF8));
    UNPROTECT(1);
    return lines;
}

static SEXP finish(void *arg)
{
    const balance_call *call = arg;
    double *table = REAL(VECTOR_ELT(call->result, 2));
    for (int i = 0; i < call->rows; i++) {
        double *line = table + (size_t)i * WIDTH;
        line[0] = call->table[i].term;
        line[1] = call->table[i].binary;
        put_side(&call->table[i].before, line + 2);
        put_side(&call->table[i].after, line + 2 + SIDE);
    }
    SET_VECTOR_ELT(call->result, 5, summary_of(call->summary));
    SET_VECTOR_ELT(call->result, 6, r_remarks(&call->host.ctx));
    SET_VECTOR_ELT(call->result, 7, assumptions_of(call));
    return call->result;
}

SEXP C_balance(SEXP design, SEXP question, SEXP treatment, SEXP rows, SEXP threads, SEXP progress)
{
    static const char *const names[] = {"weights", "score",   "table",   "estimates",
                                        "bins",    "summary", "remarks", "assumptions"};
    const int each = (int)(sizeof(sy_balance_estimate) / sizeof(double));
    balance_call call = {.rows = Rf_asInteger(rows)};
    sy_design data;
    sy_balance_question q;
    sy_balance_summary summary;
    r_design(design, &data);
    read_question(question, &q);
    call.question = &q;
    call.summary = &summary;
    call.treatment = r_text(treatment, 0);
    call.result = PROTECT(r_list(8, names));
    SEXP weights = SET_VECTOR_ELT(call.result, 0, Rf_allocVector(REALSXP, data.n));
    SEXP score = SET_VECTOR_ELT(call.result, 1, Rf_allocVector(REALSXP, data.n));
    SET_VECTOR_ELT(call.result, 2, Rf_allocMatrix(REALSXP, WIDTH, call.rows));
    SEXP estimate =
        SET_VECTOR_ELT(call.result, 3, Rf_allocMatrix(REALSXP, each, q.n_outcomes * (int)SY_BALANCE_ESTIMATES));
    SEXP bins = SET_VECTOR_ELT(call.result, 4, Rf_allocMatrix(REALSXP, SY_BALANCE_BINS, 4));
    sy_balance_row *table = (sy_balance_row *)R_alloc((size_t)call.rows + 1, sizeof *table);
    call.table = table;
    const sy_balance_result out = {REAL(weights), REAL(score), table, (sy_balance_estimate *)(void *)REAL(estimate),
                                   REAL(bins)};
    r_enter(&call.host, threads, progress);
    sy_status status = sy_balance(&call.host.ctx, &data, &q, &summary, &out);
    SEXP result = r_leave(&call.host, status, finish, &call);
    UNPROTECT(1);
    return result;
}
