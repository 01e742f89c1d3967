/* Tests of the fixed part of a mixed model, and predictions.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_mixed.h"
#include "steelyard/mixed_df.h"
#include "steelyard/mixed_predict.h"
#include <string.h>

/* arrays: (theta, covariance [k * k], degrees of freedom [k]). */
PyObject *py_mixed_df(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *tuple = NULL, *rules = NULL, *size = NULL, *arrays = NULL, *progress = NULL,
             *result = NULL;
    int threads = 0, kind = 0;
    py_mixed_sizes s;
    py_mixed x;
    if (!PyArg_ParseTuple(args, "OOOOiOiO:mixed_df", &source, &tuple, &rules, &size, &kind, &arrays, &threads,
                          &progress))
        return NULL;
    if (py_mixed_open(&x, module, source, tuple, rules, threads, progress) < 0) goto out;
    if (py_mixed_read_sizes(size, &s) < 0) goto out;
    const double *theta = py_model_needed(&x.host, py_model_item(arrays, 0), s.n_theta, 0);
    double *covariance = py_model_needed(&x.host, py_model_item(arrays, 1), (Py_ssize_t)s.k * s.k, 1);
    double *df = py_model_needed(&x.host, py_model_item(arrays, 2), s.k, 1);
    if (PyErr_Occurred()) goto out;
    py_release(&x.host.call);
    sy_status status = sy_mixed_df(&x.host.call.ctx, &x.host.design.design, &x.model, &x.options, theta,
                                   (sy_df_kind)kind, s.k, covariance, df);
    py_reacquire(&x.host.call);
    if (py_check(&x.host.call, status) == 0) result = py_remarks(&x.host.call);
out:
    py_mixed_close(&x);
    return result;
}

/* how: (kind, combinations, level); arrays: (theta, c [q * k], table [7 * q]). */
PyObject *py_mixed_contrasts(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *tuple = NULL, *rules = NULL, *size = NULL, *how = NULL, *arrays = NULL, *progress = NULL;
    PyObject *result = NULL;
    int threads = 0, kind = 0, q = 0;
    double level = 0;
    py_mixed_sizes s;
    py_mixed x;
    if (!PyArg_ParseTuple(args, "OOOOO!OiO:mixed_contrasts", &source, &tuple, &rules, &size, &PyTuple_Type, &how,
                          &arrays, &threads, &progress))
        return NULL;
    if (!PyArg_ParseTuple(how, "iid;how", &kind, &q, &level)) return NULL;
    if (py_mixed_open(&x, module, source, tuple, rules, threads, progress) < 0) goto out;
    if (py_mixed_read_sizes(size, &s) < 0) goto out;
    const double *theta = py_model_needed(&x.host, py_model_item(arrays, 0), s.n_theta, 0);
    const double *c = py_model_needed(&x.host, py_model_item(arrays, 1), (Py_ssize_t)q * s.k, 0);
    double *at = py_model_needed(&x.host, py_model_item(arrays, 2), (Py_ssize_t)7 * q, 1);
    if (PyErr_Occurred()) goto out;
    sy_contrasts out = {.estimate = at,
                        .std_error = at + q,
                        .statistic = at + 2 * (Py_ssize_t)q,
                        .df = at + 3 * (Py_ssize_t)q,
                        .p_value = at + 4 * (Py_ssize_t)q,
                        .low = at + 5 * (Py_ssize_t)q,
                        .high = at + 6 * (Py_ssize_t)q};
    py_release(&x.host.call);
    sy_status status = sy_mixed_contrasts(&x.host.call.ctx, &x.host.design.design, &x.model, &x.options, theta,
                                          (sy_df_kind)kind, q, c, level, &out);
    py_reacquire(&x.host.call);
    if (py_check(&x.host.call, status) == 0)
        result = Py_BuildValue("((dddd)N)", out.f, out.f_df1, out.f_df2, out.f_p, py_remarks(&x.host.call));
out:
    py_mixed_close(&x);
    return result;
}

static PyObject *rows_of(const sy_mixed_row *row, int n)
{
    PyObject *tuple = PyTuple_New(n);
    for (int i = 0; tuple && i < n; i++) {
        PyObject *one =
            Py_BuildValue("(dddddd)", row[i].sum_sq, row[i].mean_sq, row[i].df1, row[i].df2, row[i].f, row[i].p_value);
        if (!one || PyTuple_SetItem(tuple, i, one) < 0) Py_CLEAR(tuple);
    }
    return tuple;
}

/* how: (kind, type). ((sum of squares, mean square, df1, df2, f, p) a term, remarks). */
PyObject *py_mixed_anova(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *tuple = NULL, *rules = NULL, *size = NULL, *how = NULL, *theta = NULL, *progress = NULL;
    PyObject *result = NULL;
    sy_mixed_row *row = NULL;
    int threads = 0, kind = 0, type = 0;
    py_mixed_sizes s;
    py_mixed x;
    if (!PyArg_ParseTuple(args, "OOOOO!OiO:mixed_anova", &source, &tuple, &rules, &size, &PyTuple_Type, &how, &theta,
                          &threads, &progress))
        return NULL;
    if (!PyArg_ParseTuple(how, "ii;how", &kind, &type)) return NULL;
    if (py_mixed_open(&x, module, source, tuple, rules, threads, progress) < 0) goto out;
    if (py_mixed_read_sizes(size, &s) < 0) goto out;
    const double *found = py_model_needed(&x.host, theta, s.n_theta, 0);
    const int terms = x.model.response.columns.n_terms;
    row = PyMem_Calloc((size_t)terms + 1, sizeof *row);
    if (!row) PyErr_NoMemory();
    if (PyErr_Occurred()) goto out;
    py_release(&x.host.call);
    sy_status status = sy_mixed_anova(&x.host.call.ctx, &x.host.design.design, &x.model, &x.options, found,
                                      (sy_df_kind)kind, type, row);
    py_reacquire(&x.host.call);
    if (py_check(&x.host.call, status) == 0)
        result = Py_BuildValue("(NN)", rows_of(row, terms), py_remarks(&x.host.call));
out:
    PyMem_Free(row);
    py_mixed_close(&x);
    return result;
}

/* shape: that of the fit; how: (kind, width); arrays: (estimate, modes or None, value [n * width]). */
PyObject *py_mixed_predict(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *tuple = NULL, *shape = NULL, *how = NULL, *arrays = NULL, *progress = NULL,
             *result = NULL;
    int threads = 0, kind = 0, width = 1;
    Py_ssize_t modes = 0;
    sy_mixed_shape s;
    py_mixed x;
    if (!PyArg_ParseTuple(args, "OOO!O!OiO:mixed_predict", &source, &tuple, &PyTuple_Type, &shape, &PyTuple_Type, &how,
                          &arrays, &threads, &progress))
        return NULL;
    if (!PyArg_ParseTuple(shape, "iiiiini;shape", &s.k, &s.n_thresholds, &s.n_levels, &s.n_theta, &s.n_effects, &modes,
                          &s.entries))
        return NULL;
    if (!PyArg_ParseTuple(how, "ii;how", &kind, &width)) return NULL;
    s.n_modes = modes;
    if (py_mixed_open(&x, module, source, tuple, NULL, threads, progress) < 0) goto out;
    const Py_ssize_t n = (Py_ssize_t)x.host.design.design.n;
    const double *estimate = py_model_needed(&x.host, py_model_item(arrays, 0), s.k, 0);
    const double *effects = py_model_doubles(&x.host, py_model_item(arrays, 1), modes, 0);
    double *value = py_model_needed(&x.host, py_model_item(arrays, 2), n * width, 1);
    if (PyErr_Occurred()) goto out;
    py_release(&x.host.call);
    sy_status status = sy_mixed_predict(&x.host.call.ctx, &x.host.design.design, &x.model, &s, estimate, effects,
                                        (sy_predict_kind)kind, value);
    py_reacquire(&x.host.call);
    if (py_check(&x.host.call, status) == 0) result = py_remarks(&x.host.call);
out:
    py_mixed_close(&x);
    return result;
}
