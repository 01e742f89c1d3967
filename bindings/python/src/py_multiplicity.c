/* Many tests at once, from numbers that Python holds.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_models.h"

enum { N_PAIR_COLUMNS = 8 };

/* The pairs as a tuple of (first, second). */
static PyObject *pairs_of(const int *first, const int *second, Py_ssize_t q)
{
    PyObject *tuple = PyTuple_New(q);
    for (Py_ssize_t k = 0; tuple && k < q; k++) {
        PyObject *pair = Py_BuildValue("(ii)", first[k], second[k]);
        if (!pair || PyTuple_SetItem(tuple, k, pair) < 0) Py_CLEAR(tuple);
    }
    return tuple;
}

/* views: estimate [m], covariance [m, m], df [m], out [8, q]. */
static PyObject *pairwise(py_call *call, const Py_buffer views[4], Py_ssize_t m, int method, double level)
{
    Py_ssize_t q = m * (m - 1) / 2;
    double *out = views[3].buf;
    PyObject *result = NULL;
    int *first = PyMem_Calloc((size_t)q + 1, sizeof *first), *second = PyMem_Calloc((size_t)q + 1, sizeof *second);
    if (!first || !second) {
        PyErr_NoMemory();
        goto done;
    }
    sy_pairs pairs = {first,       second,      out,         out + q,     out + 2 * q,
                      out + 3 * q, out + 4 * q, out + 5 * q, out + 6 * q, out + 7 * q};
    py_release(call);
    sy_status status =
        sy_pairwise(&call->ctx, (int)m, views[0].buf, views[1].buf, views[2].buf, (sy_adjustment)method, level, &pairs);
    py_reacquire(call);
    if (py_check(call, status) == 0) result = Py_BuildValue("(NN)", pairs_of(first, second, q), py_remarks(call));
done:
    PyMem_Free(first);
    PyMem_Free(second);
    return result;
}

PyObject *py_pairwise(PyObject *module, PyObject *args)
{
    PyObject *arrays[4] = {NULL}, *result = NULL;
    Py_buffer views[4] = {{0}, {0}, {0}, {0}};
    int method = 0;
    double level = 0;
    py_call call;
    if (!PyArg_ParseTuple(args, "OOOidO:pairwise", &arrays[0], &arrays[1], &arrays[2], &method, &level, &arrays[3]))
        return NULL;
    py_begin(&call, module, 0, NULL);
    if (py_doubles(arrays[0], -1, 0, &views[0]) < 0) goto out;
    Py_ssize_t m = views[0].len / (Py_ssize_t)sizeof(double);
    const Py_ssize_t lengths[] = {m, m * m, m, N_PAIR_COLUMNS * (m * (m - 1) / 2)};
    for (int i = 1; i < 4; i++)
        if (py_doubles(arrays[i], lengths[i], i == 3, &views[i]) < 0) goto out;
    result = pairwise(&call, views, m, method, level);
out:
    for (int i = 0; i < 4; i++)
        if (views[i].obj) PyBuffer_Release(&views[i]);
    py_end(&call);
    return result;
}

PyObject *py_adjust_p(PyObject *module, PyObject *args)
{
    PyObject *from = NULL, *to = NULL, *result = NULL;
    Py_buffer p = {0}, adjusted = {0};
    int method = 0;
    py_call call;
    if (!PyArg_ParseTuple(args, "iOO:adjust_p", &method, &from, &to)) return NULL;
    py_begin(&call, module, 0, NULL);
    if (py_doubles(from, -1, 0, &p) < 0) goto out;
    Py_ssize_t n = p.len / (Py_ssize_t)sizeof(double);
    if (py_doubles(to, n, 1, &adjusted) < 0) goto out;
    if (py_check(&call, sy_adjust_p(&call.ctx, (sy_adjustment)method, (int)n, p.buf, adjusted.buf)) == 0)
        result = py_remarks(&call);
out:
    if (p.obj) PyBuffer_Release(&p);
    if (adjusted.obj) PyBuffer_Release(&adjusted);
    py_end(&call);
    return result;
}
