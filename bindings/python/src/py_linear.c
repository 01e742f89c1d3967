/* Least squares: models read from tuples, fits written into NumPy's memory.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_models.h"
#include <string.h>

int *py_model_indices(PyObject *tuple, int *count)
{
    if (!tuple || !PyTuple_Check(tuple)) {
        PyErr_SetString(PyExc_TypeError, "model: indices must be a tuple");
        return NULL;
    }
    *count = (int)PyTuple_Size(tuple);
    int *indices = PyMem_Calloc((size_t)*count + 1, sizeof *indices);
    if (!indices) PyErr_NoMemory();
    for (int i = 0; indices && i < *count; i++) {
        indices[i] = (int)PyLong_AsLong(PyTuple_GetItem(tuple, i));
        if (!PyErr_Occurred()) continue;
        PyMem_Free(indices);
        return NULL;
    }
    return indices;
}

PyObject *py_model_item(PyObject *tuple, Py_ssize_t i)
{
    if (tuple && PyTuple_Check(tuple) && i < PyTuple_Size(tuple)) return PyTuple_GetItem(tuple, i);
    if (!PyErr_Occurred()) PyErr_Format(PyExc_TypeError, "model: a tuple of more than %zd was expected", i);
    return NULL;
}

const sy_column *py_model_column(py_model *m, int index)
{
    if (index == -1) return NULL;
    if (index >= 0 && index < m->design.design.n_columns) return &m->design.columns[index];
    PyErr_Format(PyExc_TypeError, "model: there is no column %d", index);
    return NULL;
}

static int read_model(py_model *m, PyObject *tuple)
{
    PyObject *terms = NULL;
    int coding = 0, absorb = -1;
    if (!tuple || !PyTuple_Check(tuple)) {
        PyErr_SetString(PyExc_TypeError, "model: a tuple was expected");
        return -1;
    }
    if (!PyArg_ParseTuple(tuple, "iOiii;model", &m->model.outcome, &terms, &m->model.intercept, &coding, &absorb))
        return -1;
    m->terms = py_model_indices(terms, &m->model.n_terms);
    if (!m->terms) return -1;
    m->model.terms = m->terms;
    m->model.coding = (sy_coding)coding;
    m->model.absorb = py_model_column(m, absorb);
    return PyErr_Occurred() ? -1 : 0;
}

int py_model_begin(py_model *m, PyObject *module, PyObject *source, PyObject *model, int threads, PyObject *progress)
{
    memset(m, 0, sizeof *m);
    py_begin(&m->call, module, threads, progress);
    return py_design_open(source, &m->design) < 0 || read_model(m, model) < 0 ? -1 : 0;
}

int py_model_open(py_model *m, PyObject *module, PyObject *source, PyObject *model, int threads, PyObject *progress)
{
    if (py_model_begin(m, module, source, model, threads, progress) < 0) return -1;
    m->count = PyMem_Calloc((size_t)m->model.n_terms + 2, sizeof *m->count);
    if (!m->count) {
        PyErr_NoMemory();
        return -1;
    }
    return py_check(&m->call, sy_linear_columns(&m->call.ctx, &m->design.design, &m->model, m->count, &m->p));
}

void py_model_close(py_model *m)
{
    for (int i = 0; i < m->n_buffers; i++)
        if (m->buffers[i].obj) PyBuffer_Release(&m->buffers[i]);
    PyMem_Free(m->terms);
    PyMem_Free(m->count);
    py_design_close(&m->design);
    py_end(&m->call);
}

double *py_model_doubles(py_model *m, PyObject *array, Py_ssize_t length, int writable)
{
    if (!array || PyErr_Occurred() || array == Py_None) return NULL;
    if (m->n_buffers == PY_MODEL_BUFFERS) {
        PyErr_SetString(PyExc_TypeError, "model: too many buffers");
        return NULL;
    }
    Py_buffer *view = &m->buffers[m->n_buffers];
    if (py_doubles(array, length, writable, view) < 0) return NULL;
    m->n_buffers++;
    return view->buf;
}

double *py_model_needed(py_model *m, PyObject *array, Py_ssize_t length, int writable)
{
    double *values = py_model_doubles(m, array, length, writable);
    if (!values && !PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "model: None was given for an array");
    return values;
}

PyObject *py_model_numbers(const double *values, Py_ssize_t n)
{
    PyObject *tuple = PyTuple_New(n);
    for (Py_ssize_t i = 0; tuple && i < n; i++) {
        PyObject *number = PyFloat_FromDouble(values[i]);
        if (!number || PyTuple_SetItem(tuple, i, number) < 0) Py_CLEAR(tuple);
    }
    return tuple;
}

PyObject *py_model_summary(const sy_linear_summary *s)
{
    return Py_BuildValue("(ddddddiiddddddddddddddi)", s->n, s->rows_read, s->rows_used, s->rows_dropped, s->sum_w,
                         s->sum_w2, s->p, s->rank, s->df_resid, s->rss, s->tss, s->r2, s->r2_adjusted, s->sigma, s->f,
                         s->f_df1, s->f_p, s->loglik, s->aic, s->bic, s->condition, s->digits, (int)s->method);
}

int py_model_read_summary(PyObject *tuple, sy_linear_summary *s)
{
    int method = 0;
    memset(s, 0, sizeof *s);
    if (!tuple || !PyTuple_Check(tuple)) {
        PyErr_SetString(PyExc_TypeError, "model: a summary is a tuple");
        return -1;
    }
    if (!PyArg_ParseTuple(tuple, "ddddddiiddddddddddddddi;summary", &s->n, &s->rows_read, &s->rows_used,
                          &s->rows_dropped, &s->sum_w, &s->sum_w2, &s->p, &s->rank, &s->df_resid, &s->rss, &s->tss,
                          &s->r2, &s->r2_adjusted, &s->sigma, &s->f, &s->f_df1, &s->f_p, &s->loglik, &s->aic, &s->bic,
                          &s->condition, &s->digits, &method))
        return -1;
    s->method = (sy_linear_method)method;
    return 0;
}

int py_model_read_fit(py_model *m, PyObject *arrays, sy_linear_fit *fit)
{
    Py_ssize_t p = m->p, n = (Py_ssize_t)m->design.design.n;
    memset(fit, 0, sizeof *fit);
    fit->coefficient = py_model_doubles(m, py_model_item(arrays, 0), p, 0);
    fit->inverse = py_model_doubles(m, py_model_item(arrays, 1), p * p, 0);
    fit->fitted = py_model_doubles(m, py_model_item(arrays, 2), n, 0);
    fit->residual = py_model_doubles(m, py_model_item(arrays, 3), n, 0);
    fit->leverage = py_model_doubles(m, py_model_item(arrays, 4), n, 0);
    return PyErr_Occurred() ? -1 : 0;
}

PyObject *py_model_labels(const char *text, Py_ssize_t n)
{
    PyObject *labels = PyTuple_New(n);
    for (Py_ssize_t i = 0; labels && i < n; i++)
        if (PyTuple_SetItem(labels, i, py_text(text + i * PY_MODEL_LABEL)) < 0) Py_CLEAR(labels);
    return labels;
}

/* (columns of the intercept and of each term), (label of each column). */
PyObject *py_linear_columns(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *model = NULL, *counts = NULL, *labels = NULL, *result = NULL;
    char *text = NULL;
    py_model m;
    if (!PyArg_ParseTuple(args, "OO:linear_columns", &source, &model)) return NULL;
    if (py_model_open(&m, module, source, model, 0, NULL) < 0) goto out;
    counts = PyTuple_New(m.model.n_terms + 1);
    if (!counts) goto out;
    if (!(text = PyMem_Malloc((size_t)m.p * PY_MODEL_LABEL + 1))) {
        PyErr_NoMemory();
        goto out;
    }
    sy_status status = sy_linear_labels(&m.call.ctx, &m.design.design, &m.model, m.p, text, PY_MODEL_LABEL);
    if (py_check(&m.call, status) < 0) goto out;
    for (int t = 0; t <= m.model.n_terms; t++)
        if (PyTuple_SetItem(counts, t, PyLong_FromLong(m.count[t])) < 0) goto out;
    labels = py_model_labels(text, m.p);
    if (labels && !PyErr_Occurred()) result = PyTuple_Pack(2, counts, labels);
out:
    PyMem_Free(text);
    Py_XDECREF(counts);
    Py_XDECREF(labels);
    py_model_close(&m);
    return result;
}

/* arrays: (coefficient, inverse, effects, fitted, residual, leverage). */
static int open_fit(py_model *m, PyObject *arrays, sy_linear_fit *fit)
{
    Py_ssize_t p = m->p, n = (Py_ssize_t)m->design.design.n;
    double **place[] = {&fit->coefficient, &fit->inverse, &fit->effects, &fit->fitted, &fit->residual, &fit->leverage};
    const Py_ssize_t length[] = {p, p * p, p, n, n, n};
    for (int i = 0; i < 6; i++) *place[i] = py_model_doubles(m, py_model_item(arrays, i), length[i], 1);
    if (PyErr_Occurred()) return -1;
    if (fit->coefficient && fit->inverse && fit->effects) return 0;
    PyErr_SetString(PyExc_TypeError, "linear: coefficient, inverse and effects are needed");
    return -1;
}

PyObject *py_linear(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *model = NULL, *arrays = NULL, *progress = NULL, *result = NULL;
    int precision = 0, threads = 0;
    sy_linear_options options;
    sy_linear_summary summary;
    sy_linear_fit fit = {0};
    py_model m;
    if (!PyArg_ParseTuple(args, "OOiOiO:linear", &source, &model, &precision, &arrays, &threads, &progress))
        return NULL;
    if (py_model_open(&m, module, source, model, threads, progress) < 0 || open_fit(&m, arrays, &fit) < 0) goto out;
    fit.aliased = PyMem_Calloc((size_t)m.p + 1, sizeof *fit.aliased);
    if (!fit.aliased) {
        PyErr_NoMemory();
        goto out;
    }
    sy_linear_defaults(&options);
    options.precision = (sy_precision)precision;
    py_release(&m.call);
    sy_status status = sy_linear(&m.call.ctx, &m.design.design, &m.model, &options, &summary, &fit);
    py_reacquire(&m.call);
    if (py_check(&m.call, status) == 0) result = Py_BuildValue("(NN)", py_model_summary(&summary), py_remarks(&m.call));
out:
    PyMem_Free(fit.aliased);
    py_model_close(&m);
    return result;
}

/* arrays: (coefficient, covariance, fitted, variance). */
PyObject *py_linear_predict(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *model = NULL, *arrays = NULL, *result = NULL;
    py_model m;
    if (!PyArg_ParseTuple(args, "OOO:linear_predict", &source, &model, &arrays)) return NULL;
    if (py_model_open(&m, module, source, model, 0, NULL) < 0) goto out;
    Py_ssize_t n = (Py_ssize_t)m.design.design.n;
    const double *coefficient = py_model_needed(&m, py_model_item(arrays, 0), m.p, 0);
    const double *covariance = py_model_needed(&m, py_model_item(arrays, 1), (Py_ssize_t)m.p * m.p, 0);
    double *fitted = py_model_needed(&m, py_model_item(arrays, 2), n, 1);
    double *variance = py_model_needed(&m, py_model_item(arrays, 3), n, 1);
    if (PyErr_Occurred()) goto out;
    py_release(&m.call);
    sy_status status =
        sy_linear_predict(&m.call.ctx, &m.design.design, &m.model, m.p, coefficient, covariance, fitted, variance);
    py_reacquire(&m.call);
    if (py_check(&m.call, status) == 0) result = py_remarks(&m.call);
out:
    py_model_close(&m);
    return result;
}
