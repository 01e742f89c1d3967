/* Moments in and out: always as the core's bytes, so that Python's objects
 * own nothing of the core.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_glue.h"

static PyObject *blob_and_remarks(const py_call *call, const sy_moments *m)
{
    PyObject *blob = PyBytes_FromStringAndSize(m->blob, (Py_ssize_t)m->size);
    return blob ? Py_BuildValue("(NN)", blob, py_remarks(call)) : NULL;
}

PyObject *py_moments(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *progress = NULL, *result = NULL;
    int unit = 0, precision = 0, threads = 0;
    sy_moments m = {0};
    sy_moments_options options;
    py_design design = {0};
    py_call call;
    if (!PyArg_ParseTuple(args, "OiiiO:moments", &source, &unit, &precision, &threads, &progress)) return NULL;
    py_begin(&call, module, threads, progress);
    if (py_design_open(source, &design) < 0) goto out;
    sy_moments_defaults(&options);
    options.unit = (sy_unit)unit;
    options.precision = (sy_precision)precision;
    py_release(&call);
    sy_status status = sy_moments_init(&call.ctx, &design.design, &options, &m);
    py_reacquire(&call);
    if (py_check(&call, status) == 0) result = blob_and_remarks(&call, &m);
out:
    sy_moments_free(&m);
    py_design_close(&design);
    py_end(&call);
    return result;
}

PyObject *py_merge(PyObject *module, PyObject *args)
{
    PyObject *first = NULL, *second = NULL, *result = NULL;
    sy_moments a = {0}, b = {0}, m = {0};
    py_call call;
    if (!PyArg_ParseTuple(args, "SS:merge", &first, &second)) return NULL;
    py_begin(&call, module, 0, NULL);
    if (py_view(&call, first, 0, &a) < 0 || py_view(&call, second, 0, &b) < 0) goto out;
    py_release(&call);
    sy_status status = sy_moments_merge(&call.ctx, &a, &b, &m);
    py_reacquire(&call);
    if (py_check(&call, status) == 0) result = blob_and_remarks(&call, &m);
out:
    sy_moments_free(&m);
    sy_moments_free(&a);
    sy_moments_free(&b);
    py_end(&call);
    return result;
}

PyObject *py_from_correlation(PyObject *module, PyObject *args)
{
    PyObject *r = NULL, *labels = NULL, *result = NULL;
    double n = 0;
    int decimals = -1;
    Py_buffer view = {0};
    const char **names = NULL;
    sy_moments m = {0};
    py_call call;
    if (!PyArg_ParseTuple(args, "OdO!i:from_correlation", &r, &n, &PyTuple_Type, &labels, &decimals)) return NULL;
    Py_ssize_t p = PyTuple_Size(labels);
    py_begin(&call, module, 0, NULL);
    if (py_doubles(r, p * p, 0, &view) < 0) goto out;
    names = py_texts(labels, "names");
    if (!names) goto out;
    py_release(&call);
    sy_status status = decimals < 0 ? sy_moments_from_correlation(&call.ctx, (int)p, view.buf, n, names, &m)
                                    : sy_moments_from_printed(&call.ctx, (int)p, view.buf, n, names, decimals, &m);
    py_reacquire(&call);
    if (py_check(&call, status) == 0) result = blob_and_remarks(&call, &m);
out:
    sy_moments_free(&m);
    PyMem_Free(names);
    if (view.obj) PyBuffer_Release(&view);
    py_end(&call);
    return result;
}

PyObject *py_verify(PyObject *module, PyObject *args)
{
    PyObject *blob = NULL;
    sy_moments m = {0};
    py_call call;
    if (!PyArg_ParseTuple(args, "S:verify", &blob)) return NULL;
    py_begin(&call, module, 0, NULL);
    int failed = py_view(&call, blob, 1, &m) < 0;
    sy_moments_free(&m);
    py_end(&call);
    return failed ? NULL : Py_BuildValue("");
}

PyObject *py_find_term(PyObject *module, PyObject *args)
{
    PyObject *blob = NULL, *result = NULL;
    const char *argument = NULL, *label = NULL;
    sy_moments m = {0};
    py_call call;
    int term = -1;
    if (!PyArg_ParseTuple(args, "Sss:find_term", &blob, &argument, &label)) return NULL;
    py_begin(&call, module, 0, NULL);
    if (py_view(&call, blob, 0, &m) < 0) goto out;
    if (py_check(&call, sy_moments_find(&call.ctx, &m, argument, label, &term)) == 0) result = PyLong_FromLong(term);
out:
    sy_moments_free(&m);
    py_end(&call);
    return result;
}
