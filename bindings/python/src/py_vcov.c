/* Covariance of coefficients, linear combinations, the wild bootstrap.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_models.h"

/* arrays: (covariance, df). */
PyObject *py_vcov(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *model = NULL, *arrays = NULL, *progress = NULL, *result = NULL;
    int precision = 0, kind = 0, second = -1, threads = 0;
    sy_linear_options options;
    py_model m;
    if (!PyArg_ParseTuple(args, "OOiiiOiO:vcov", &source, &model, &precision, &kind, &second, &arrays, &threads,
                          &progress))
        return NULL;
    if (py_model_open(&m, module, source, model, threads, progress) < 0) goto out;
    const sy_column *column = py_model_column(&m, second);
    double *covariance = py_model_needed(&m, py_model_item(arrays, 0), (Py_ssize_t)m.p * m.p, 1);
    double *df = py_model_needed(&m, py_model_item(arrays, 1), m.p, 1);
    if (PyErr_Occurred()) goto out;
    sy_linear_defaults(&options);
    options.precision = (sy_precision)precision;
    py_release(&m.call);
    sy_status status =
        sy_vcov(&m.call.ctx, &m.design.design, &m.model, &options, (sy_vcov_kind)kind, column, covariance, df);
    py_reacquire(&m.call);
    if (py_check(&m.call, status) == 0) result = py_remarks(&m.call);
out:
    py_model_close(&m);
    return result;
}

enum { N_CONTRAST_ARRAYS = 5, N_CONTRAST_COLUMNS = 7 };

static PyObject *contrast(py_call *call, const Py_buffer views[N_CONTRAST_ARRAYS], Py_ssize_t p, Py_ssize_t q,
                          double level)
{
    double *out = views[4].buf;
    sy_contrasts table = {.estimate = out,
                          .std_error = out + q,
                          .statistic = out + 2 * q,
                          .df = out + 3 * q,
                          .p_value = out + 4 * q,
                          .low = out + 5 * q,
                          .high = out + 6 * q};
    py_release(call);
    sy_status status = sy_vcov_contrasts(&call->ctx, (int)p, views[0].buf, views[1].buf, views[2].buf, (int)q,
                                         views[3].buf, level, &table);
    py_reacquire(call);
    if (py_check(call, status) < 0) return NULL;
    return Py_BuildValue("((dddd)N)", table.f, table.f_df1, table.f_df2, table.f_p, py_remarks(call));
}

/* coefficient [p], covariance [p, p], df [p], c [q, p], out [7, q]. */
PyObject *py_vcov_contrasts(PyObject *module, PyObject *args)
{
    PyObject *arrays[N_CONTRAST_ARRAYS] = {NULL}, *result = NULL;
    Py_buffer views[N_CONTRAST_ARRAYS] = {{0}, {0}, {0}, {0}, {0}};
    double level = 0;
    py_call call;
    if (!PyArg_ParseTuple(args, "OOOOOd:vcov_contrasts", &arrays[0], &arrays[1], &arrays[2], &arrays[3], &arrays[4],
                          &level))
        return NULL;
    py_begin(&call, module, 0, NULL);
    if (py_doubles(arrays[0], -1, 0, &views[0]) < 0) goto out;
    Py_ssize_t p = views[0].len / (Py_ssize_t)sizeof(double);
    if (py_doubles(arrays[1], p * p, 0, &views[1]) < 0 || py_doubles(arrays[2], p, 0, &views[2]) < 0) goto out;
    if (py_doubles(arrays[3], -1, 0, &views[3]) < 0) goto out;
    Py_ssize_t q = p > 0 ? views[3].len / (Py_ssize_t)sizeof(double) / p : 0;
    if (views[3].len != q * p * (Py_ssize_t)sizeof(double)) {
        PyErr_Format(PyExc_TypeError, "vcov_contrasts: rows of %zd were expected", p);
        goto out;
    }
    if (py_doubles(arrays[4], N_CONTRAST_COLUMNS * q, 1, &views[4]) < 0) goto out;
    result = contrast(&call, views, p, q, level);
out:
    for (int i = 0; i < N_CONTRAST_ARRAYS; i++)
        if (views[i].obj) PyBuffer_Release(&views[i]);
    py_end(&call);
    return result;
}

/* c [q, p], table [7, q]; degrees of freedom made for these combinations. */
PyObject *py_vcov_test(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *model = NULL, *combinations = NULL, *array = NULL, *progress = NULL, *result = NULL;
    int precision = 0, kind = 0, second = -1, threads = 0;
    double level = 0;
    sy_linear_options options;
    py_model m;
    if (!PyArg_ParseTuple(args, "OOiiiOOdiO:vcov_test", &source, &model, &precision, &kind, &second, &combinations,
                          &array, &level, &threads, &progress))
        return NULL;
    if (py_model_open(&m, module, source, model, threads, progress) < 0) goto out;
    const sy_column *column = py_model_column(&m, second);
    const double *c = py_model_needed(&m, combinations, -1, 0);
    Py_ssize_t values = c ? m.buffers[0].len / (Py_ssize_t)sizeof(double) : 0, q = m.p > 0 ? values / m.p : 0;
    double *out = py_model_needed(&m, array, N_CONTRAST_COLUMNS * q, 1);
    if (!PyErr_Occurred() && (!out || q * m.p != values))
        PyErr_Format(PyExc_TypeError, "vcov_test: rows of %d were expected", m.p);
    if (PyErr_Occurred()) goto out;
    sy_contrasts table = {out, out + q, out + 2 * q, out + 3 * q, out + 4 * q, out + 5 * q, out + 6 * q, 0, 0, 0, 0};
    sy_linear_defaults(&options);
    options.precision = (sy_precision)precision;
    py_release(&m.call);
    sy_status status = sy_vcov_test(&m.call.ctx, &m.design.design, &m.model, &options, (sy_vcov_kind)kind, column,
                                    (int)q, c, level, &table);
    py_reacquire(&m.call);
    if (py_check(&m.call, status) == 0)
        result = Py_BuildValue("((dddd)N)", table.f, table.f_df1, table.f_df2, table.f_p, py_remarks(&m.call));
out:
    py_model_close(&m);
    return result;
}

PyObject *py_vcov_wild(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *model = NULL, *progress = NULL, *result = NULL;
    int coefficient = 0, kind = 0, replicates = 0, threads = 0;
    double null = 0, level = 0, p_value = 0, low = 0, high = 0;
    unsigned long long seed = 0;
    py_model m;
    if (!PyArg_ParseTuple(args, "OOidiiKdiO:vcov_wild", &source, &model, &coefficient, &null, &kind, &replicates, &seed,
                          &level, &threads, &progress))
        return NULL;
    if (py_model_open(&m, module, source, model, threads, progress) < 0) goto out;
    py_release(&m.call);
    sy_status status = sy_vcov_wild(&m.call.ctx, &m.design.design, &m.model, coefficient, null, (sy_wild_kind)kind,
                                    replicates, (uint64_t)seed, level, &p_value, &low, &high);
    py_reacquire(&m.call);
    if (py_check(&m.call, status) == 0) result = Py_BuildValue("(dddN)", p_value, low, high, py_remarks(&m.call));
out:
    py_model_close(&m);
    return result;
}
