/* Gaps between two groups: one call of the core each.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "r_gap.h"
#include "steelyard/gap_words.h"
#include <string.h>

enum { STATISTICS = 6 };

static void set_text(SEXP vector, int i, const char *utf8)
{
    SET_STRING_ELT(vector, i, Rf_mkCharCE(utf8, CE_UTF8));
}

static SEXP sentences_of(const sy_gap_words *words)
{
    SEXP text = PROTECT(Rf_allocVector(STRSXP, SY_GAP_SENTENCES));
    for (int i = 0; i < SY_GAP_SENTENCES; i++) set_text(text, i, words->sentence[i]);
    UNPROTECT(1);
    return text;
}

typedef struct {
    r_host host;
    sy_gap_result found;
    sy_gap_words words;
} gap_call;

static void free_found(void *result)
{
    sy_gap_free(result);
}

/* list(kind, block, term, label, mean_first, mean_second, three coefficients); blocks and terms from 0, -1 for none. */
static SEXP rows_of(const sy_gap_result *r)
{
    static const char *const names[] = {
        "kind",       "block", "term", "label", "mean_first", "mean_second", "coefficient_first", "coefficient_second",
        "coefficient"};
    SEXP list = PROTECT(r_list(9, names));
    for (int c = 0; c < 3; c++) SET_VECTOR_ELT(list, c, Rf_allocVector(INTSXP, r->n_rows));
    SET_VECTOR_ELT(list, 3, Rf_allocVector(STRSXP, r->n_rows));
    for (int c = 4; c < 9; c++) r_doubles(list, c, r->n_rows);
    for (int i = 0; i < r->n_rows; i++) {
        const sy_gap_row *row = &r->rows[i];
        INTEGER(VECTOR_ELT(list, 0))[i] = (int)row->kind;
        INTEGER(VECTOR_ELT(list, 1))[i] = row->block;
        INTEGER(VECTOR_ELT(list, 2))[i] = row->term;
        set_text(VECTOR_ELT(list, 3), i, row->label);
        for (int c = 0; c < 2; c++) REAL(VECTOR_ELT(list, 4 + c))[i] = row->mean[c];
        for (int c = 0; c < 3; c++) REAL(VECTOR_ELT(list, 6 + c))[i] = row->coefficient[c];
    }
    UNPROTECT(1);
    return list;
}

static SEXP facts_of(const sy_gap_result *r, int threads)
{
    static const char *const names[] = {"columns",        "references",
                                        "level_first",    "level_second",
                                        "rows_first",     "rows_second",
                                        "n_first",        "n_second",
                                        "weight_first",   "weight_second",
                                        "rows_read",      "rows_dropped",
                                        "interval",       "df",
                                        "units",          "clustered",
                                        "n_strata",       "kept",
                                        "coverage_least", "coverage_most",
                                        "coverage_units", "cells",
                                        "threads"};
    const double values[] = {r->n_columns,
                             r->n_references,
                             r->level[0] + 1,
                             r->level[1] + 1,
                             r->group_rows[0],
                             r->group_rows[1],
                             r->group_n[0],
                             r->group_n[1],
                             r->group_weight[0],
                             r->group_weight[1],
                             r->rows_read,
                             r->rows_dropped,
                             (double)r->interval,
                             r->df,
                             (double)r->units,
                             r->clustered,
                             r->n_strata,
                             r->kept,
                             r->coverage_least,
                             r->coverage_most,
                             r->coverage_units,
                             r->n_cells,
                             threads};
    return r_numbers(sizeof values / sizeof values[0], names, values);
}

static SEXP gap_list(void *arg)
{
    static const char *const names[] = {"estimate", "std_error", "statistic", "p_value",   "low",
                                        "high",     "rows",      "summary",   "sentences", "remarks"};
    const gap_call *call = arg;
    const sy_gap_result *r = &call->found;
    const double *const from[STATISTICS] = {r->estimate, r->std_error, r->statistic, r->p_value, r->low, r->high};
    SEXP list = PROTECT(r_list(10, names));
    for (int i = 0; i < STATISTICS; i++)
        memcpy(r_doubles(list, i, r->n_values), from[i], (size_t)r->n_values * sizeof(double));
    SET_VECTOR_ELT(list, 6, rows_of(r));
    SET_VECTOR_ELT(list, 7, facts_of(r, call->host.ctx.threads));
    SET_VECTOR_ELT(list, 8, sentences_of(&call->words));
    SET_VECTOR_ELT(list, 9, r_remarks(&call->host.ctx));
    UNPROTECT(1);
    return list;
}

/* question: as r_question() reads it; options: list(method, reference, weight, first, interval, level, replicates,
 * seed), first counted from 1, 0 for none. */
SEXP C_gap(SEXP design, SEXP group, SEXP question, SEXP options, SEXP threads, SEXP progress)
{
    gap_call call = {.found = {0}};
    sy_design rows;
    sy_question asked;
    sy_gap_question q;
    r_design(design, &rows);
    r_question(question, &asked);
    sy_gap_defaults(&q);
    q.group = r_column(group, rows.n);
    q.outcome = asked.outcome;
    q.n_blocks = asked.n_blocks;
    q.blocks = asked.blocks;
    q.n_adjust = asked.n_adjust;
    q.adjust = asked.adjust;
    q.method = (sy_gap_method)Rf_asInteger(VECTOR_ELT(options, 0));
    q.reference = (sy_gap_reference)Rf_asInteger(VECTOR_ELT(options, 1));
    q.weight = Rf_asReal(VECTOR_ELT(options, 2));
    q.first = Rf_asInteger(VECTOR_ELT(options, 3)) - 1;
    q.interval = (sy_interval_kind)Rf_asInteger(VECTOR_ELT(options, 4));
    q.level = Rf_asReal(VECTOR_ELT(options, 5));
    q.replicates = Rf_asInteger(VECTOR_ELT(options, 6));
    q.seed = (uint64_t)Rf_asReal(VECTOR_ELT(options, 7));
    r_enter(&call.host, threads, progress);
    call.host.dropped = &call.found;
    call.host.drop = free_found;
    sy_status status = sy_gap(&call.host.ctx, &rows, &q, &call.found);
    if (status >= 0) sy_gap_say(&rows, &q, &call.found, &call.words);
    return r_leave(&call.host, status, gap_list, &call);
}

typedef struct {
    r_host host;
    sy_gap_response_summary s;
    sy_gap_words words;
    int values, ordinal;
    const double *from[STATISTICS]; /* memory of R's, until .Call ends */
    const int *level;
} response_call;

static SEXP response_facts(const response_call *call)
{
    static const char *const names[] = {"measures",      "values",       "level_first",
                                        "level_second",  "rows_first",   "rows_second",
                                        "n_first",       "n_second",     "n",
                                        "rows_read",     "rows_dropped", "separate",
                                        "players",       "pairs",        "loglik_first",
                                        "loglik_second", "interval",     "df",
                                        "units",         "grouped",      "seconds_estimated",
                                        "threads"};
    const sy_gap_response_summary *s = &call->s;
    const double values[] = {s->n_measures,
                             call->values,
                             s->group_level[0] + 1,
                             s->group_level[1] + 1,
                             s->rows_group[0],
                             s->rows_group[1],
                             s->n_group[0],
                             s->n_group[1],
                             s->n,
                             s->rows_read,
                             s->rows_dropped,
                             s->separate,
                             s->players,
                             s->pairs,
                             s->loglik[0],
                             s->loglik[1],
                             (double)s->interval,
                             s->df,
                             (double)s->units,
                             s->grouped,
                             s->seconds_estimated,
                             call->host.ctx.threads};
    return r_numbers(sizeof values / sizeof values[0], names, values);
}

static SEXP response_list(void *arg)
{
    static const char *const names[] = {"estimate", "std_error",     "statistic", "p_value",   "low",
                                        "high",     "outcome_level", "summary",   "sentences", "remarks"};
    const response_call *call = arg;
    const R_xlen_t n = (R_xlen_t)call->s.n_measures * call->values;
    const int levels = call->ordinal ? call->s.n_levels : 0;
    SEXP list = PROTECT(r_list(10, names));
    for (int i = 0; i < STATISTICS; i++) memcpy(r_doubles(list, i, n), call->from[i], (size_t)n * sizeof(double));
    SEXP level = SET_VECTOR_ELT(list, 6, Rf_allocVector(INTSXP, levels));
    for (int l = 0; l < levels; l++) INTEGER(level)[l] = call->level[l] + 1;
    SET_VECTOR_ELT(list, 7, response_facts(call));
    SET_VECTOR_ELT(list, 8, sentences_of(&call->words));
    SET_VECTOR_ELT(list, 9, r_remarks(&call->host.ctx));
    UNPROTECT(1);
    return list;
}

/* options: list(kind, link, first, interval, level, seed, time limit, reference of the sentences) */
static void read_response(SEXP options, const sy_question *asked, int *terms, sy_gap_response_question *q)
{
    q->model.kind = (sy_response_kind)Rf_asInteger(VECTOR_ELT(options, 0));
    q->model.link = (sy_link)Rf_asInteger(VECTOR_ELT(options, 1));
    q->first = Rf_asInteger(VECTOR_ELT(options, 2)) - 1;
    q->interval = (sy_interval_kind)Rf_asInteger(VECTOR_ELT(options, 3));
    q->level = Rf_asReal(VECTOR_ELT(options, 4));
    q->seed = (uint64_t)Rf_asReal(VECTOR_ELT(options, 5));
    q->time_limit = Rf_asReal(VECTOR_ELT(options, 6));
    q->n_blocks = asked->n_blocks;
    q->blocks = asked->blocks;
    q->model.columns.outcome = asked->outcome;
    q->model.columns.intercept = 1;
    q->model.columns.terms = terms;
    for (int b = 0; b < asked->n_blocks; b++)
        for (int i = 0; i < asked->blocks[b].n_terms; i++)
            terms[q->model.columns.n_terms++] = asked->blocks[b].terms[i];
}

SEXP C_gap_response(SEXP design, SEXP group, SEXP question, SEXP options, SEXP threads, SEXP progress)
{
    response_call call;
    sy_design rows;
    sy_question asked;
    sy_gap_response_question q;
    r_design(design, &rows);
    r_question(question, &asked);
    sy_gap_response_defaults(&q);
    q.group = r_column(group, rows.n);
    read_response(options, &asked, (int *)(void *)R_alloc((size_t)rows.n_terms + 1, sizeof(int)), &q);
    const sy_response_kind kind = q.model.kind;
    const sy_column *outcome = &rows.columns[rows.terms[asked.outcome].factors[0].column];
    const int most = kind == SY_RESPONSE_ORDINAL ? outcome->n_levels + 1 : 1;
    call.values = sy_gap_response_values(q.n_blocks);
    call.ordinal = kind == SY_RESPONSE_ORDINAL;
    double *number[STATISTICS];
    for (int i = 0; i < STATISTICS; i++)
        call.from[i] = number[i] = (double *)(void *)R_alloc((size_t)most * (size_t)call.values, sizeof(double));
    int *level = (int *)(void *)R_alloc((size_t)most, sizeof(int));
    call.level = level;
    const sy_gap_response_table table = {
        number[0], number[1], number[2], number[3], number[4], number[5], call.ordinal ? level : NULL};
    r_enter(&call.host, threads, progress);
    sy_status status = sy_gap_response(&call.host.ctx, &rows, &q, &call.s, &table);
    if (status >= 0)
        sy_gap_response_say(&rows, &q, &call.s, &table, (sy_gap_response_by)Rf_asInteger(VECTOR_ELT(options, 7)),
                            &call.words);
    return r_leave(&call.host, status, response_list, &call);
}
