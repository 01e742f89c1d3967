/* Rows, clusters and columns that a fit leans on.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_models.h"

/* arrays: (leverage, standardised, studentised, sigma, cook, dffits) of the
 * rows, then dfbetas [n, p] or None. */
PyObject *py_diagnostics(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *model = NULL, *whole = NULL, *held = NULL, *arrays = NULL, *result = NULL;
    sy_linear_summary summary;
    sy_linear_fit fit;
    sy_diagnostics_rows rows = {0};
    py_model m;
    if (!PyArg_ParseTuple(args, "OOOOO:diagnostics", &source, &model, &whole, &held, &arrays)) return NULL;
    if (py_model_open(&m, module, source, model, 0, NULL) < 0) goto out;
    if (py_model_read_summary(whole, &summary) < 0 || py_model_read_fit(&m, held, &fit) < 0) goto out;
    Py_ssize_t n = (Py_ssize_t)m.design.design.n;
    double **place[] = {&rows.leverage, &rows.standardised, &rows.studentised, &rows.sigma, &rows.cook, &rows.dffits};
    for (int i = 0; i < 6; i++) *place[i] = py_model_doubles(&m, py_model_item(arrays, i), n, 1);
    rows.dfbetas = py_model_doubles(&m, py_model_item(arrays, 6), n * m.p, 1);
    if (PyErr_Occurred()) goto out;
    py_release(&m.call);
    sy_status status = sy_diagnostics(&m.call.ctx, &m.design.design, &m.model, &summary, &fit, &rows);
    py_reacquire(&m.call);
    if (py_check(&m.call, status) == 0) result = py_remarks(&m.call);
out:
    py_model_close(&m);
    return result;
}

static PyObject *tuple_of_ints(const int *values, int n)
{
    PyObject *tuple = PyTuple_New(n);
    for (int i = 0; tuple && i < n; i++) {
        PyObject *number = PyLong_FromLong(values[i]);
        if (!number || PyTuple_SetItem(tuple, i, number) < 0) Py_CLEAR(tuple);
    }
    return tuple;
}

/* arrays: (change [G, p], scaled [G, p], cook [G], rows [G]). */
PyObject *py_diagnostics_clusters(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *model = NULL, *whole = NULL, *held = NULL, *arrays = NULL, *result = NULL;
    sy_linear_summary summary;
    sy_linear_fit fit;
    sy_cluster_influence out = {0};
    py_model m;
    if (!PyArg_ParseTuple(args, "OOOOO:diagnostics_clusters", &source, &model, &whole, &held, &arrays)) return NULL;
    if (py_model_open(&m, module, source, model, 0, NULL) < 0) goto out;
    if (py_model_read_summary(whole, &summary) < 0 || py_model_read_fit(&m, held, &fit) < 0) goto out;
    Py_ssize_t groups = m.design.design.cluster ? m.design.design.cluster->n_levels : 0;
    out.change = py_model_doubles(&m, py_model_item(arrays, 0), groups * m.p, 1);
    out.scaled = py_model_doubles(&m, py_model_item(arrays, 1), groups * m.p, 1);
    out.cook = py_model_doubles(&m, py_model_item(arrays, 2), groups, 1);
    out.rows = py_model_doubles(&m, py_model_item(arrays, 3), groups, 1);
    if (PyErr_Occurred()) goto out;
    out.most = PyMem_Calloc((size_t)m.p + 1, sizeof *out.most);
    if (!out.most) {
        PyErr_NoMemory();
        goto out;
    }
    py_release(&m.call);
    sy_status status = sy_diagnostics_clusters(&m.call.ctx, &m.design.design, &m.model, &summary, &fit, &out);
    py_reacquire(&m.call);
    if (py_check(&m.call, status) == 0)
        result = Py_BuildValue("(NN)", tuple_of_ints(out.most, m.p), py_remarks(&m.call));
out:
    PyMem_Free(out.most);
    py_model_close(&m);
    return result;
}

/* arrays: (gvif, df, gvif_root, tolerance) of the terms, (vif, index) of the
 * columns, proportion [p, p]. */
PyObject *py_diagnostics_collinearity(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *model = NULL, *arrays = NULL, *result = NULL;
    int precision = 0;
    sy_linear_options options;
    sy_collinearity out = {0};
    py_model m;
    if (!PyArg_ParseTuple(args, "OOiO:diagnostics_collinearity", &source, &model, &precision, &arrays)) return NULL;
    if (py_model_open(&m, module, source, model, 0, NULL) < 0) goto out;
    double **place[] = {&out.gvif, &out.df, &out.gvif_root, &out.tolerance, &out.vif, &out.index, &out.proportion};
    for (int i = 0; i < 7; i++) {
        Py_ssize_t length = i < 4 ? m.model.n_terms : i < 6 ? m.p : (Py_ssize_t)m.p * m.p;
        *place[i] = py_model_doubles(&m, py_model_item(arrays, i), length, 1);
    }
    if (PyErr_Occurred()) goto out;
    sy_linear_defaults(&options);
    options.precision = (sy_precision)precision;
    py_release(&m.call);
    sy_status status = sy_diagnostics_collinearity(&m.call.ctx, &m.design.design, &m.model, &options, &out);
    py_reacquire(&m.call);
    if (py_check(&m.call, status) == 0) result = py_remarks(&m.call);
out:
    py_model_close(&m);
    return result;
}
