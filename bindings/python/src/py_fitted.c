/* Shares over a fitted model: tables written into NumPy's memory.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_mixed.h"
#include "py_question.h"
#include "steelyard/fitted_shares.h"

static int read_options(PyObject *tuple, sy_fitted_question *q)
{
    int measure = 0, route = 0, interval = 0;
    unsigned long long seed = 0;
    if (!PyArg_ParseTuple(tuple, "iiidKd;fitted_shares: options", &measure, &route, &interval, &q->level, &seed,
                          &q->time_limit))
        return -1;
    q->measure = (sy_measure)measure;
    q->route = (sy_route)route;
    q->interval = (sy_interval_kind)interval;
    q->seed = (uint64_t)seed;
    return 0;
}

/* arrays: the fields of sy_fitted_table, in its order. */
static int open_table(py_mixed *x, PyObject *arrays, Py_ssize_t rows, sy_fitted_table *t)
{
    const Py_ssize_t cells = rows * SY_N_METRICS;
    double **place[] = {&t->estimate,   &t->std_error, &t->std_error_scaled, &t->low,    &t->high,
                        &t->covariance, &t->one_step,  &t->within,           &t->between};
    const Py_ssize_t length[] = {cells, cells, cells, cells, cells, cells * rows, rows, rows, rows};
    for (int i = 0; i < 9; i++) *place[i] = py_model_needed(&x->host, py_model_item(arrays, i), length[i], 1);
    return PyErr_Occurred() ? -1 : 0;
}

static PyObject *summary_of(const sy_fitted_summary *s)
{
    return Py_BuildValue("{sd sd sd sd sd sd sd sd sd si sd sd sd si sd sd si sd sn si sd}", "total", s->total,
                         "total_std_error", s->total_std_error, "total_low", s->total_low, "total_high", s->total_high,
                         "measure_full", s->measure_full, "r2_adjust", s->measure_adjust, "n", s->n, "loglik",
                         s->loglik, "loglik_null", s->loglik_null, "route", (int)s->route, "submodels", s->submodels,
                         "failed", s->failed, "gap", s->gap, "gap_row", s->gap_row, "groups", s->groups, "residual",
                         s->residual, "interval", (int)s->interval, "df", s->df, "units", (Py_ssize_t)s->units,
                         "grouped", s->grouped, "seconds_estimated", s->seconds_estimated);
}

/* model: (linear flag, response model, bar terms); without bar terms it is the response model alone. */
PyObject *py_fitted_shares(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *tuple = NULL, *rules = NULL, *blocks = NULL, *options = NULL, *arrays = NULL,
             *progress = NULL, *result = NULL, *none = NULL;
    int threads = 0;
    py_question held = {{0}, NULL, NULL};
    sy_fitted_question question;
    sy_fitted_summary summary;
    sy_fitted_table table;
    py_mixed x;
    if (!PyArg_ParseTuple(args, "OOOO!O!OiO:fitted_shares", &source, &tuple, &rules, &PyTuple_Type, &blocks,
                          &PyTuple_Type, &options, &arrays, &threads, &progress))
        return NULL;
    sy_fitted_defaults(&question);
    if (py_mixed_open(&x, module, source, tuple, rules, threads, progress) < 0) goto out;
    if (!(none = PyTuple_New(0)) || py_question_open(0, blocks, none, &held) < 0) goto out;
    if (read_options(options, &question) < 0) goto out;
    if (open_table(&x, arrays, held.question.n_blocks + sy_shares_terms(&held.question), &table) < 0) goto out;
    question.mixed = x.model.n_random > 0;
    question.model = x.model;
    question.fit = x.options;
    question.n_blocks = held.question.n_blocks;
    question.blocks = held.question.blocks;
    question.order = held.question.order;
    py_release(&x.host.call);
    sy_status status = sy_fitted_shares(&x.host.call.ctx, &x.host.design.design, &question, &summary, &table);
    py_reacquire(&x.host.call);
    if (py_check(&x.host.call, status) == 0)
        result = Py_BuildValue("(NN)", summary_of(&summary), py_remarks(&x.host.call));
out:
    Py_XDECREF(none);
    py_question_close(&held);
    py_mixed_close(&x);
    return result;
}
