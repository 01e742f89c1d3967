/* The answer to a question: tables written into NumPy's memory.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_question.h"

enum { N_BUFFERS = 8, REPLICATES = 6 }; /* the fields of sy_evidence_table, in its order; the last may be left out */

static int read_options(PyObject *tuple, sy_evidence_options *out)
{
    int bounds = 0, interval = 0, method = 0;
    unsigned long long seed = 0;
    sy_evidence_defaults(out);
    if (!PyArg_ParseTuple(tuple, "iiidiKd|idi;shares: options", &bounds, &out->shares.guarded, &interval, &out->level,
                          &out->replicates, &seed, &out->time_limit, &method, &out->shares.tolerance,
                          &out->shares.permutations))
        return -1;
    out->shares.bounds = (sy_bounds)bounds;
    out->interval = (sy_interval_kind)interval;
    out->seed = out->shares.seed = (uint64_t)seed;
    out->shares.method = (sy_method)method;
    return 0;
}

static int open_buffers(PyObject *arrays, Py_ssize_t rows, int replicates, Py_buffer views[N_BUFFERS])
{
    Py_ssize_t table = rows * SY_N_METRICS;
    const Py_ssize_t lengths[N_BUFFERS] = {table, table, table, table, table, table * rows, table * replicates, rows};
    const Py_ssize_t given = PyTuple_Size(arrays);
    if (given != N_BUFFERS && given != N_BUFFERS - 1) {
        PyErr_Format(PyExc_TypeError, "shares: %d buffers were expected", (int)N_BUFFERS);
        return -1;
    }
    for (int i = 0; i < given; i++) {
        PyObject *array = PyTuple_GetItem(arrays, i);
        if (i == REPLICATES && array == Py_None) continue;
        if (py_doubles(array, lengths[i], 1, &views[i]) < 0) return -1;
    }
    return 0;
}

static sy_evidence_table table_of(const Py_buffer views[N_BUFFERS])
{
    sy_evidence_table table = {.estimate = views[0].buf,
                               .std_error = views[1].buf,
                               .std_error_scaled = views[2].buf,
                               .low = views[3].buf,
                               .high = views[4].buf,
                               .covariance = views[5].buf,
                               .replicates = views[REPLICATES].buf,
                               .mc_error = views[7].buf};
    return table;
}

static PyObject *summary_of(const sy_evidence_summary *s)
{
    const sy_shares_summary *w = &s->whole;
    return Py_BuildValue("{sd sd sd sd sd sd sd sd sO si sd sd sd sd si sd sn si sd si sd sd sd sd sd}", "total",
                         w->total, "total_adjusted", w->total_adjusted, "r2_adjust", w->r2_adjust, "n", w->n,
                         "n_effective", w->n_effective, "df_resid", w->df_resid, "vif_max", w->vif_max, "digits",
                         w->digits, "guarded", w->guarded ? Py_True : Py_False, "n_columns", w->n_columns, "submodels",
                         w->submodels, "total_std_error", s->total_std_error, "total_low", s->total_low, "total_high",
                         s->total_high, "interval", (int)s->interval, "df", s->df, "units", (Py_ssize_t)s->units,
                         "replicates", s->replicates, "seconds_estimated", s->seconds_estimated, "n_strata",
                         s->n_strata, "coverage_least", s->coverage_least, "coverage_most", s->coverage_most,
                         "coverage_units", s->coverage_units, "orders", w->orders, "mc_error", w->mc_error);
}

typedef struct {
    PyObject *blob, *source, *blocks, *adjust, *options, *buffers, *progress;
    int outcome, threads;
} arguments;

static int parse(PyObject *args, arguments *a)
{
    return PyArg_ParseTuple(args, "SOiO!O!O!O!iO:shares", &a->blob, &a->source, &a->outcome, &PyTuple_Type, &a->blocks,
                            &PyTuple_Type, &a->adjust, &PyTuple_Type, &a->options, &PyTuple_Type, &a->buffers,
                            &a->threads, &a->progress);
}

PyObject *py_shares(PyObject *module, PyObject *args)
{
    arguments a = {0};
    py_question held = {{0}, NULL, NULL};
    sy_evidence_options options;
    sy_evidence_summary summary = {.interval = SY_INTERVAL_NONE};
    Py_buffer views[N_BUFFERS] = {{0}, {0}, {0}, {0}, {0}, {0}, {0}, {0}};
    py_design rows = {0};
    sy_moments m = {0};
    PyObject *result = NULL;
    py_call call;
    if (!parse(args, &a)) return NULL;
    py_begin(&call, module, a.threads, a.progress);
    if (py_view(&call, a.blob, 0, &m) < 0 || read_options(a.options, &options) < 0) goto out;
    if (py_question_open(a.outcome, a.blocks, a.adjust, &held) < 0) goto out;
    if (a.source != Py_None && py_design_open(a.source, &rows) < 0) goto out;
    Py_ssize_t n_rows = held.question.n_blocks + sy_shares_terms(&held.question);
    if (open_buffers(a.buffers, n_rows, options.replicates, views) < 0) goto out;
    const sy_evidence_table table = table_of(views);
    const sy_design *design = a.source == Py_None ? NULL : &rows.design;
    py_release(&call);
    sy_status status = sy_evidence_shares(&call.ctx, &m, design, &held.question, &options, &summary, &table);
    py_reacquire(&call);
    if (py_check(&call, status) == 0) result = Py_BuildValue("(NN)", summary_of(&summary), py_remarks(&call));
out:
    for (int i = 0; i < N_BUFFERS; i++)
        if (views[i].obj) PyBuffer_Release(&views[i]);
    py_design_close(&rows);
    sy_moments_free(&m);
    py_question_close(&held);
    py_end(&call);
    return result;
}

PyObject *py_relative_weights(PyObject *module, PyObject *args)
{
    PyObject *blob = NULL, *blocks = NULL, *adjust = NULL, *array = NULL, *result = NULL;
    py_question held = {{0}, NULL, NULL};
    Py_buffer view = {0};
    sy_moments m = {0};
    py_call call;
    int outcome = 0;
    if (!PyArg_ParseTuple(args, "SiO!O!O:relative_weights", &blob, &outcome, &PyTuple_Type, &blocks, &PyTuple_Type,
                          &adjust, &array))
        return NULL;
    py_begin(&call, module, 1, NULL);
    if (py_view(&call, blob, 0, &m) < 0 || py_question_open(outcome, blocks, adjust, &held) < 0) goto out;
    if (py_doubles(array, (Py_ssize_t)sy_shares_terms(&held.question) * SY_N_OTHER, 1, &view) < 0) goto out;
    py_release(&call);
    sy_status status = sy_relative_weights(&call.ctx, &m, &held.question, view.buf);
    py_reacquire(&call);
    if (py_check(&call, status) == 0) result = py_remarks(&call);
out:
    if (view.obj) PyBuffer_Release(&view);
    sy_moments_free(&m);
    py_question_close(&held);
    py_end(&call);
    return result;
}
