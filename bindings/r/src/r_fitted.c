/* Shares over a fitted model: one call of the core.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_mixed.h"
#include "steelyard/fitted_shares.h"

enum { TABLES = 9 }; /* the fields of sy_fitted_table, in its order; summary and remarks come after */

/* list(measure, route, interval, level, seed, time limit) */
static void read_options(SEXP list, sy_fitted_question *q)
{
    q->measure = (sy_measure)Rf_asInteger(VECTOR_ELT(list, 0));
    q->route = (sy_route)Rf_asInteger(VECTOR_ELT(list, 1));
    q->interval = (sy_interval_kind)Rf_asInteger(VECTOR_ELT(list, 2));
    q->level = Rf_asReal(VECTOR_ELT(list, 3));
    q->seed = (uint64_t)Rf_asReal(VECTOR_ELT(list, 4));
    q->time_limit = Rf_asReal(VECTOR_ELT(list, 5));
}

static SEXP new_list(R_xlen_t rows, sy_fitted_table *t)
{
    static const char *const names[] = {"estimate", "std_error", "std_error_scaled", "low",     "high",   "covariance",
                                        "one_step", "within",    "between",          "summary", "remarks"};
    const R_xlen_t cells = rows * SY_N_METRICS;
    const R_xlen_t length[TABLES] = {cells, cells, cells, cells, cells, cells * rows, rows, rows, rows};
    double **place[TABLES] = {&t->estimate,   &t->std_error, &t->std_error_scaled, &t->low,    &t->high,
                              &t->covariance, &t->one_step,  &t->within,           &t->between};
    SEXP list = PROTECT(r_list(TABLES + 2, names));
    for (int i = 0; i < TABLES; i++) *place[i] = r_doubles(list, i, length[i]);
    UNPROTECT(1);
    return list;
}

typedef struct {
    r_mixed x;
    sy_fitted_summary summary;
    SEXP list;
} answer;

static SEXP answer_result(void *arg)
{
    static const char *const names[] = {
        "total",  "std_error",   "low",      "high",      "measure_full", "r2_adjust", "n",
        "loglik", "loglik_null", "route",    "submodels", "failed",       "gap",       "gap_row",
        "groups", "residual",    "interval", "df",        "units",        "grouped",   "seconds_estimated",
        "threads"};
    answer *a = arg;
    const sy_fitted_summary *s = &a->summary;
    const double values[] = {s->total,
                             s->total_std_error,
                             s->total_low,
                             s->total_high,
                             s->measure_full,
                             s->measure_adjust,
                             s->n,
                             s->loglik,
                             s->loglik_null,
                             (double)s->route,
                             s->submodels,
                             s->failed,
                             s->gap,
                             s->gap_row + 1,
                             s->groups,
                             s->residual,
                             (double)s->interval,
                             s->df,
                             (double)s->units,
                             s->grouped,
                             s->seconds_estimated,
                             a->x.made.host.ctx.threads};
    SET_VECTOR_ELT(a->list, TABLES, r_numbers(sizeof values / sizeof values[0], names, values));
    SET_VECTOR_ELT(a->list, TABLES + 1, r_remarks(&a->x.made.host.ctx));
    return a->list;
}

/* model: list(linear, response model, bar terms); without bar terms it is the response model alone. */
SEXP C_fitted_shares(SEXP design, SEXP model, SEXP rules, SEXP blocks, SEXP options, SEXP threads, SEXP progress)
{
    answer a;
    sy_question asked;
    sy_fitted_question question;
    sy_fitted_table table;
    r_mixed_read(design, model, rules, &a.x);
    r_question(blocks, &asked);
    sy_fitted_defaults(&question);
    read_options(options, &question);
    question.mixed = a.x.model.n_random > 0;
    question.model = a.x.model;
    question.fit = a.x.options;
    question.n_blocks = asked.n_blocks;
    question.blocks = asked.blocks;
    question.order = asked.order;
    a.list = PROTECT(new_list(asked.n_blocks + sy_shares_terms(&asked), &table));
    r_enter(&a.x.made.host, threads, progress);
    sy_status status = sy_fitted_shares(&a.x.made.host.ctx, &a.x.rows, &question, &a.summary, &table);
    SEXP out = r_leave(&a.x.made.host, status, answer_result, &a);
    UNPROTECT(1);
    return out;
}
