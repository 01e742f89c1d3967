/* Two groups balanced: labels of the table, then weights, table and estimates into
 * NumPy's memory.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_balance.h"
#include <string.h>

enum { BUFFERS = 5, WIDTH = 16, SIDE = 7, LABEL = SY_NAME_LENGTH, ASSUMPTIONS = 8 };

/* (treatment, treated, covariates, outcomes, estimand, method, link, clusters, trim, regression, errors, level) */
typedef struct {
    sy_balance_question q;
    int *terms; /* covariates, then outcomes */
} asked;

static int take_terms(PyObject *tuple, int *out)
{
    for (Py_ssize_t i = 0; i < PyTuple_Size(tuple); i++) {
        const long term = PyLong_AsLong(PyTuple_GetItem(tuple, i));
        if (term == -1 && PyErr_Occurred()) return -1;
        out[i] = (int)term;
    }
    return 0;
}

static int open_question(PyObject *source, asked *a)
{
    PyObject *covariates = NULL, *outcomes = NULL;
    int estimand = 0, method = 0, link = 0, clusters = 0, regression = 0, errors = 0;
    sy_balance_defaults(&a->q);
    if (!PyArg_ParseTuple(source, "iiO!O!iiiidiid", &a->q.treatment, &a->q.treated, &PyTuple_Type, &covariates,
                          &PyTuple_Type, &outcomes, &estimand, &method, &link, &clusters, &a->q.trim, &regression,
                          &errors, &a->q.level))
        return -1;
    const Py_ssize_t n = PyTuple_Size(covariates), m = PyTuple_Size(outcomes);
    a->terms = PyMem_Malloc((size_t)(n + m + 1) * sizeof *a->terms);
    if (!a->terms) {
        PyErr_NoMemory();
        return -1;
    }
    if (take_terms(covariates, a->terms) < 0 || take_terms(outcomes, a->terms + n) < 0) return -1;
    a->q.n_covariates = (int)n;
    a->q.covariates = a->terms;
    a->q.n_outcomes = (int)m;
    a->q.outcomes = a->terms + n;
    a->q.estimand = (sy_estimand)estimand;
    a->q.method = (sy_balance_method)method;
    a->q.link = (sy_link)link;
    a->q.clusters = (sy_balance_clusters)clusters;
    a->q.regression = (sy_balance_outcome)regression;
    a->q.errors = (sy_balance_errors)errors;
    return 0;
}

static PyObject *labels_of(const char *text, int n)
{
    PyObject *tuple = PyTuple_New(n);
    for (int i = 0; tuple && i < n; i++) {
        PyObject *label = py_text(text + (size_t)i * LABEL);
        if (!label || PyTuple_SetItem(tuple, i, label) < 0) Py_CLEAR(tuple);
    }
    return tuple;
}

PyObject *py_balance_rows(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *question = NULL, *result = NULL;
    py_design design = {0};
    asked a = {.terms = NULL};
    char *text = NULL;
    int rows = 0;
    py_call call;
    if (!PyArg_ParseTuple(args, "OO!:balance_rows", &source, &PyTuple_Type, &question)) return NULL;
    py_begin(&call, module, 1, NULL);
    if (py_design_open(source, &design) < 0 || open_question(question, &a) < 0) goto out;
    py_release(&call);
    sy_status status = sy_balance_rows(&call.ctx, &design.design, &a.q, &rows, NULL, 0);
    py_reacquire(&call);
    if (py_check(&call, status) < 0) goto out;
    text = PyMem_Calloc((size_t)rows + 1, LABEL);
    if (!text) {
        PyErr_NoMemory();
        goto out;
    }
    py_release(&call);
    status = sy_balance_rows(&call.ctx, &design.design, &a.q, &rows, text, LABEL);
    py_reacquire(&call);
    if (py_check(&call, status) == 0) result = labels_of(text, rows);
out:
    PyMem_Free(text);
    PyMem_Free(a.terms);
    py_design_close(&design);
    py_end(&call);
    return result;
}

static void put_side(const sy_balance_side *side, double *out)
{
    const double values[SIDE] = {side->mean[0],    side->mean[1], side->sd[0], side->sd[1],
                                 side->difference, side->ratio,   side->ks};
    memcpy(out, values, sizeof values);
}

static PyObject *summary_of(const sy_balance_summary *s)
{
    return Py_BuildValue("dddd(dd)(dd)(dd)(dd)(dd)(dd)(dd)dddd(ii)ii", s->rows_read, s->rows_used, s->rows_dropped,
                         s->rows_trimmed, s->people[0], s->people[1], s->effective_before[0], s->effective_before[1],
                         s->effective_after[0], s->effective_after[1], s->largest[0], s->largest[1], s->score_low[0],
                         s->score_low[1], s->score_high[0], s->score_high[1], s->outside[0], s->outside[1],
                         s->worst_before, s->worst_after, s->units, s->df, s->treated[0], s->treated[1], s->iterations,
                         (int)s->errors);
}

static PyObject *assumptions_of(const sy_balance_question *q, const char *treatment)
{
    char text[SY_REMARK_LENGTH];
    PyObject *list = PyList_New(0);
    for (int i = 0; list && i < ASSUMPTIONS && sy_balance_assumption(q, treatment, i, text, sizeof text) == 0; i++) {
        PyObject *line = py_text(text);
        if (!line || PyList_Append(list, line) < 0) Py_CLEAR(list);
        Py_XDECREF(line);
    }
    return list;
}

/* weights [n], score [n] or None, table [rows * 16], estimates [outcomes * 27], bins [80] */
static int open_buffers(PyObject *arrays, const asked *a, Py_ssize_t n, Py_ssize_t rows, Py_buffer *views)
{
    const Py_ssize_t estimates = (Py_ssize_t)a->q.n_outcomes * SY_BALANCE_ESTIMATES;
    const Py_ssize_t each = (Py_ssize_t)(sizeof(sy_balance_estimate) / sizeof(double));
    const Py_ssize_t length[BUFFERS] = {n, n, rows * WIDTH, estimates * each, 4 * SY_BALANCE_BINS};
    if (PyTuple_Size(arrays) != BUFFERS) {
        PyErr_SetString(PyExc_TypeError, "balance: five arrays are needed");
        return -1;
    }
    for (int i = 0; i < BUFFERS; i++)
        if (py_doubles(PyTuple_GetItem(arrays, i), length[i], 1, &views[i]) < 0) return -1;
    return 0;
}

PyObject *py_balance(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *question = NULL, *arrays = NULL, *progress = NULL, *result = NULL;
    int rows = 0, threads = 0;
    const char *treatment = NULL;
    Py_buffer views[BUFFERS];
    py_design design = {0};
    asked a = {.terms = NULL};
    sy_balance_row *table = NULL;
    sy_balance_summary summary;
    py_call call;
    memset(views, 0, sizeof views);
    if (!PyArg_ParseTuple(args, "OO!siO!iO:balance", &source, &PyTuple_Type, &question, &treatment, &rows,
                          &PyTuple_Type, &arrays, &threads, &progress))
        return NULL;
    py_begin(&call, module, threads, progress);
    if (py_design_open(source, &design) < 0 || open_question(question, &a) < 0) goto out;
    if (open_buffers(arrays, &a, design.design.n, rows, views) < 0) goto out;
    table = PyMem_Calloc((size_t)rows + 1, sizeof *table);
    if (!table) {
        PyErr_NoMemory();
        goto out;
    }
    const sy_balance_result out = {views[0].buf, views[1].buf, table, views[3].buf, views[4].buf};
    py_release(&call);
    sy_status status = sy_balance(&call.ctx, &design.design, &a.q, &summary, &out);
    py_reacquire(&call);
    if (py_check(&call, status) < 0) goto out;
    for (int i = 0; i < rows; i++) {
        double *line = (double *)views[2].buf + (size_t)i * WIDTH;
        line[0] = table[i].term;
        line[1] = table[i].binary;
        put_side(&table[i].before, line + 2);
        put_side(&table[i].after, line + 2 + SIDE);
    }
    result = Py_BuildValue("(NNN)", summary_of(&summary), py_remarks(&call), assumptions_of(&a.q, treatment));
out:
    for (int i = 0; i < BUFFERS; i++)
        if (views[i].obj) PyBuffer_Release(&views[i]);
    PyMem_Free(table);
    PyMem_Free(a.terms);
    py_design_close(&design);
    py_end(&call);
    return result;
}
