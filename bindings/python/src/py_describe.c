/* One column at a time.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_glue.h"

/* Columns of each term into `columns`; their sum, or -1 with an exception. */
static int count_columns(py_call *call, const sy_design *design, int *columns)
{
    int total = 0;
    return py_check(call, sy_describe_columns(&call->ctx, design, columns, &total)) < 0 ? -1 : total;
}

static int *room_for_counts(const sy_design *design)
{
    int *columns = PyMem_Calloc((size_t)design->n_terms + 1, sizeof *columns);
    if (!columns) PyErr_NoMemory();
    return columns;
}

PyObject *py_describe_columns(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *each = NULL, *result = NULL;
    int *columns = NULL;
    py_design design = {0};
    py_call call;
    if (!PyArg_ParseTuple(args, "O:describe_columns", &source)) return NULL;
    py_begin(&call, module, 0, NULL);
    if (py_design_open(source, &design) < 0) goto out;
    columns = room_for_counts(&design.design);
    int total = columns ? count_columns(&call, &design.design, columns) : -1;
    if (total < 0) goto out;
    each = PyTuple_New(design.design.n_terms);
    for (int i = 0; each && i < design.design.n_terms; i++) {
        PyObject *count = PyLong_FromLong(columns[i]);
        if (!count || PyTuple_SetItem(each, i, count) < 0) Py_CLEAR(each);
    }
    if (each) result = Py_BuildValue("(Ni)", each, total);
out:
    PyMem_Free(columns);
    py_design_close(&design);
    py_end(&call);
    return result;
}

PyObject *py_describe(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *values_to = NULL, *lags_to = NULL, *progress = NULL, *result = NULL;
    int lags = 0, threads = 0, *columns = NULL;
    Py_buffer values = {0}, autocorrelation = {0};
    py_design design = {0};
    py_call call;
    if (!PyArg_ParseTuple(args, "OiOOiO:describe", &source, &lags, &values_to, &lags_to, &threads, &progress))
        return NULL;
    py_begin(&call, module, threads, progress);
    if (py_design_open(source, &design) < 0) goto out;
    columns = room_for_counts(&design.design);
    int total = columns ? count_columns(&call, &design.design, columns) : -1;
    if (total < 0 || py_doubles(values_to, (Py_ssize_t)total * SY_N_DESCRIBE, 1, &values) < 0) goto out;
    if (lags > 0 && py_doubles(lags_to, (Py_ssize_t)total * lags, 1, &autocorrelation) < 0) goto out;
    py_release(&call);
    sy_status status = sy_describe(&call.ctx, &design.design, lags, values.buf, autocorrelation.buf);
    py_reacquire(&call);
    if (py_check(&call, status) == 0) result = py_remarks(&call);
out:
    if (values.obj) PyBuffer_Release(&values);
    if (autocorrelation.obj) PyBuffer_Release(&autocorrelation);
    PyMem_Free(columns);
    py_design_close(&design);
    py_end(&call);
    return result;
}
