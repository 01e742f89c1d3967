/* Gaps between two groups: questions from tuples, results as tuples of numbers.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_gap.h"
#include "py_models.h"
#include "py_question.h"
#include "steelyard/gap_words.h"
#include <string.h>

/* A call with what it borrows. */
typedef struct {
    py_call call;
    py_design design;
    py_question asked;
    const sy_column *group;
} gap_call;

/* asked: (outcome, blocks, adjust); group: a column of the design. */
static int open_call(gap_call *g, PyObject *module, PyObject *source, int group, PyObject *asked, int threads,
                     PyObject *progress)
{
    PyObject *blocks = NULL, *adjust = NULL;
    int outcome = 0;
    memset(g, 0, sizeof *g);
    py_begin(&g->call, module, threads, progress);
    if (!PyArg_ParseTuple(asked, "iO!O!;asked", &outcome, &PyTuple_Type, &blocks, &PyTuple_Type, &adjust)) return -1;
    if (py_design_open(source, &g->design) < 0) return -1;
    if (group < 0 || group >= g->design.design.n_columns) {
        PyErr_SetString(PyExc_IndexError, "gap: the group is no column of the design");
        return -1;
    }
    g->group = &g->design.design.columns[group];
    return py_question_open(outcome, blocks, adjust, &g->asked);
}

static void close_call(gap_call *g)
{
    py_question_close(&g->asked);
    py_design_close(&g->design);
    py_end(&g->call);
}

static PyObject *sentences_of(const sy_gap_words *words)
{
    PyObject *all = PyTuple_New(SY_GAP_SENTENCES);
    for (int i = 0; all && i < SY_GAP_SENTENCES; i++) {
        PyObject *one = py_text(words->sentence[i]);
        if (!one || PyTuple_SetItem(all, i, one) < 0) Py_CLEAR(all);
    }
    return all;
}

static PyObject *rows_of(const sy_gap_result *r)
{
    PyObject *all = PyTuple_New(r->n_rows);
    for (int i = 0; all && i < r->n_rows; i++) {
        const sy_gap_row *row = &r->rows[i];
        PyObject *one =
            Py_BuildValue("(iiiNddddd)", (int)row->kind, row->block, row->term, py_text(row->label), row->mean[0],
                          row->mean[1], row->coefficient[0], row->coefficient[1], row->coefficient[2]);
        if (!one || PyTuple_SetItem(all, i, one) < 0) Py_CLEAR(all);
    }
    return all;
}

static PyObject *result_of(const sy_gap_result *r, const sy_gap_words *words)
{
    const Py_ssize_t n = r->n_values;
    return Py_BuildValue(
        "{sN si si si sN sN sN sN sN sN s(ii) s(dd) s(dd) s(dd) s(dd) sd sd si sd sn si si si si sd sd sd si sN}",
        "rows", rows_of(r), "columns", r->n_columns, "references", r->n_references, "reference", (int)r->reference,
        "estimate", py_model_numbers(r->estimate, n), "std_error", py_model_numbers(r->std_error, n), "statistic",
        py_model_numbers(r->statistic, n), "p_value", py_model_numbers(r->p_value, n), "low",
        py_model_numbers(r->low, n), "high", py_model_numbers(r->high, n), "level", r->level[0], r->level[1],
        "group_rows", r->group_rows[0], r->group_rows[1], "group_n", r->group_n[0], r->group_n[1], "group_weight",
        r->group_weight[0], r->group_weight[1], "r2", r->r2[0], r->r2[1], "rows_read", r->rows_read, "rows_dropped",
        r->rows_dropped, "interval", (int)r->interval, "df", r->df, "units", (Py_ssize_t)r->units, "clustered",
        r->clustered, "n_strata", r->n_strata, "kept", r->kept, "replicates", r->n_replicates, "coverage_least",
        r->coverage_least, "coverage_most", r->coverage_most, "coverage_units", r->coverage_units, "cells", r->n_cells,
        "sentences", sentences_of(words));
}

static int read_options(PyObject *tuple, sy_gap_question *q)
{
    int method = 0, reference = 0, interval = 0;
    unsigned long long seed = 0;
    if (!PyArg_ParseTuple(tuple, "iidiidiK;gap: options", &method, &reference, &q->weight, &q->first, &interval,
                          &q->level, &q->replicates, &seed))
        return -1;
    q->method = (sy_gap_method)method;
    q->reference = (sy_gap_reference)reference;
    q->interval = (sy_interval_kind)interval;
    q->seed = (uint64_t)seed;
    return 0;
}

PyObject *py_gap(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *asked = NULL, *options = NULL, *progress = NULL, *result = NULL;
    int threads = 0, group = 0;
    sy_gap_result found = {0};
    sy_gap_question question;
    sy_gap_words words;
    gap_call g;
    if (!PyArg_ParseTuple(args, "OiO!O!iO:gap", &source, &group, &PyTuple_Type, &asked, &PyTuple_Type, &options,
                          &threads, &progress))
        return NULL;
    sy_gap_defaults(&question);
    if (open_call(&g, module, source, group, asked, threads, progress) < 0 || read_options(options, &question) < 0)
        goto out;
    question.group = g.group;
    question.outcome = g.asked.question.outcome;
    question.n_blocks = g.asked.question.n_blocks;
    question.blocks = g.asked.question.blocks;
    question.n_adjust = g.asked.question.n_adjust;
    question.adjust = g.asked.question.adjust;
    py_release(&g.call);
    sy_status status = sy_gap(&g.call.ctx, &g.design.design, &question, &found);
    if (status >= 0) sy_gap_say(&g.design.design, &question, &found, &words);
    py_reacquire(&g.call);
    if (py_check(&g.call, status) == 0) result = Py_BuildValue("(NN)", result_of(&found, &words), py_remarks(&g.call));
out:
    sy_gap_free(&found);
    close_call(&g);
    return result;
}

/* The model of the terms of all blocks; `by` is the reference of the sentences. */
static int read_response(PyObject *tuple, const gap_call *g, sy_gap_response_question *q, int *by)
{
    int kind = 0, link = 0, interval = 0;
    unsigned long long seed = 0;
    if (!PyArg_ParseTuple(tuple, "iiiidKdi;gap_response: options", &kind, &link, &q->first, &interval, &q->level, &seed,
                          &q->time_limit, by))
        return -1;
    q->model.kind = (sy_response_kind)kind;
    q->model.link = (sy_link)link;
    q->interval = (sy_interval_kind)interval;
    q->seed = (uint64_t)seed;
    q->group = g->group;
    q->n_blocks = g->asked.question.n_blocks;
    q->blocks = g->asked.question.blocks;
    q->model.columns.outcome = g->asked.question.outcome;
    q->model.columns.intercept = 1;
    q->model.columns.terms = g->asked.terms; /* those of the blocks, one after another */
    for (int b = 0; b < q->n_blocks; b++) q->model.columns.n_terms += q->blocks[b].n_terms;
    return 0;
}

static PyObject *response_of(const sy_gap_response_summary *s, const sy_gap_response_table *t, int values,
                             const sy_gap_words *words)
{
    const Py_ssize_t n = (Py_ssize_t)s->n_measures * values;
    PyObject *levels = PyTuple_New(t->outcome_level ? s->n_levels : 0);
    for (int l = 0; levels && t->outcome_level && l < s->n_levels; l++) {
        PyObject *one = PyLong_FromLong(t->outcome_level[l]);
        if (!one || PyTuple_SetItem(levels, l, one) < 0) Py_CLEAR(levels);
    }
    return Py_BuildValue("{sN sN sN sN sN sN sN si si s(ii) s(dd) s(dd) sd sd sd sd si sd sd s(dd) si sd sn si sd sN}",
                         "estimate", py_model_numbers(t->estimate, n), "std_error", py_model_numbers(t->std_error, n),
                         "statistic", py_model_numbers(t->statistic, n), "p_value", py_model_numbers(t->p_value, n),
                         "low", py_model_numbers(t->low, n), "high", py_model_numbers(t->high, n), "outcome_level",
                         levels, "measures", s->n_measures, "values", values, "level", s->group_level[0],
                         s->group_level[1], "group_rows", s->rows_group[0], s->rows_group[1], "group_n", s->n_group[0],
                         s->n_group[1], "n", s->n, "rows_read", s->rows_read, "rows_used", s->rows_used, "rows_dropped",
                         s->rows_dropped, "separate", s->separate, "players", s->players, "pairs", s->pairs, "loglik",
                         s->loglik[0], s->loglik[1], "interval", (int)s->interval, "df", s->df, "units",
                         (Py_ssize_t)s->units, "grouped", s->grouped, "seconds_estimated", s->seconds_estimated,
                         "sentences", sentences_of(words));
}

/* Measures there is room for: one, or the levels of the outcome and one more. */
static Py_ssize_t most_measures(const sy_design *d, const sy_gap_response_question *q)
{
    const sy_term *y = &d->terms[q->model.columns.outcome];
    return q->model.kind == SY_RESPONSE_ORDINAL ? d->columns[y->factors[0].column].n_levels + 1 : 1;
}

PyObject *py_gap_response(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *asked = NULL, *options = NULL, *progress = NULL, *result = NULL;
    int threads = 0, group = 0, by = 0;
    double *numbers = NULL;
    int *levels = NULL;
    sy_gap_response_question question;
    sy_gap_response_summary summary;
    sy_gap_words words;
    gap_call g;
    if (!PyArg_ParseTuple(args, "OiO!O!iO:gap_response", &source, &group, &PyTuple_Type, &asked, &PyTuple_Type,
                          &options, &threads, &progress))
        return NULL;
    sy_gap_response_defaults(&question);
    if (open_call(&g, module, source, group, asked, threads, progress) < 0 ||
        read_response(options, &g, &question, &by) < 0)
        goto out;
    const int values = sy_gap_response_values(question.n_blocks);
    const Py_ssize_t most = most_measures(&g.design.design, &question), n = most * values;
    numbers = PyMem_Calloc((size_t)n * 6, sizeof *numbers);
    levels = PyMem_Calloc((size_t)most, sizeof *levels);
    if (!numbers || !levels) {
        PyErr_NoMemory();
        goto out;
    }
    const sy_gap_response_table table = {numbers,
                                         numbers + n,
                                         numbers + 2 * n,
                                         numbers + 3 * n,
                                         numbers + 4 * n,
                                         numbers + 5 * n,
                                         question.model.kind == SY_RESPONSE_ORDINAL ? levels : NULL};
    py_release(&g.call);
    sy_status status = sy_gap_response(&g.call.ctx, &g.design.design, &question, &summary, &table);
    if (status >= 0) sy_gap_response_say(&g.design.design, &question, &summary, &table, (sy_gap_response_by)by, &words);
    py_reacquire(&g.call);
    if (py_check(&g.call, status) == 0)
        result = Py_BuildValue("(NN)", response_of(&summary, &table, values, &words), py_remarks(&g.call));
out:
    PyMem_Free(numbers);
    PyMem_Free(levels);
    close_call(&g);
    return result;
}
