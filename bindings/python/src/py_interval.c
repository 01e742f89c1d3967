/* Limits, differences and claims from numbers that Python holds.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_glue.h"

/* A metric of the table, or -1 for a quantity on its own scale; normal: limits by
 * normal theory have a scale of their own. */
static sy_scale scale_of(int metric, int normal)
{
    if (metric < 0) return SY_SCALE_IDENTITY;
    return normal ? sy_interval_scale_normal(metric) : sy_interval_scale(metric);
}

PyObject *py_limits(PyObject *module, PyObject *args)
{
    int metric = 0, normal = 0;
    double estimate = 0, std_error = 0, df = 0, level = 0, low = 0, high = 0;
    PyObject *result = NULL;
    py_call call;
    if (!PyArg_ParseTuple(args, "ipdddd:limits", &metric, &normal, &estimate, &std_error, &df, &level)) return NULL;
    py_begin(&call, module, 0, NULL);
    const sy_scale scale = scale_of(metric, normal);
    sy_status status = sy_interval_limits(&call.ctx, scale, estimate, std_error, df, level, &low, &high);
    if (py_check(&call, status) == 0) result = Py_BuildValue("(dd)", low, high);
    py_end(&call);
    return result;
}

PyObject *py_difference(PyObject *module, PyObject *args)
{
    double estimate[2] = {0}, covariance[4] = {0}, df = 0, level = 0;
    sy_comparison c = {0};
    PyObject *result = NULL;
    py_call call;
    if (!PyArg_ParseTuple(args, "(dd)(dddd)dd:difference", &estimate[0], &estimate[1], &covariance[0], &covariance[1],
                          &covariance[2], &covariance[3], &df, &level))
        return NULL;
    py_begin(&call, module, 0, NULL);
    if (py_check(&call, sy_interval_difference(&call.ctx, estimate, covariance, df, level, &c)) == 0)
        result = Py_BuildValue("(ddddddd)", c.estimate, c.std_error, c.statistic, c.df, c.p_value, c.low, c.high);
    py_end(&call);
    return result;
}

/* As of a difference; of two estimates that are not both above 0 all is NaN. */
PyObject *py_ratio(PyObject *module, PyObject *args)
{
    double estimate[2] = {0}, covariance[4] = {0}, df = 0, level = 0;
    sy_comparison c = {0};
    PyObject *result = NULL;
    py_call call;
    if (!PyArg_ParseTuple(args, "(dd)(dddd)dd:ratio", &estimate[0], &estimate[1], &covariance[0], &covariance[1],
                          &covariance[2], &covariance[3], &df, &level))
        return NULL;
    py_begin(&call, module, 0, NULL);
    if (py_check(&call, sy_interval_ratio(&call.ctx, estimate, covariance, df, level, &c)) == 0)
        result = Py_BuildValue("(ddddddd)", c.estimate, c.std_error, c.statistic, c.df, c.p_value, c.low, c.high);
    py_end(&call);
    return result;
}

/* (statistic, p) of the one-sided test that a quantity is above a bound. */
PyObject *py_above_bound(PyObject *module, PyObject *args)
{
    int metric = 0, normal = 0;
    double estimate = 0, std_error = 0, df = 0, bound = 0, statistic = 0, p = 0;
    PyObject *result = NULL;
    py_call call;
    if (!PyArg_ParseTuple(args, "ipdddd:above_bound", &metric, &normal, &estimate, &std_error, &df, &bound))
        return NULL;
    py_begin(&call, module, 0, NULL);
    const sy_scale scale = scale_of(metric, normal);
    sy_status status = sy_interval_above(&call.ctx, scale, estimate, std_error, df, bound, &statistic, &p);
    if (py_check(&call, status) == 0) result = Py_BuildValue("(dd)", statistic, p);
    py_end(&call);
    return result;
}

PyObject *py_percentile(PyObject *module, PyObject *args)
{
    PyObject *array = NULL, *result = NULL;
    int expanded = 0;
    double level = 0, n_units = 0, low = 0, high = 0;
    Py_buffer view = {0};
    py_call call;
    if (!PyArg_ParseTuple(args, "Odpd:percentile", &array, &level, &expanded, &n_units)) return NULL;
    py_begin(&call, module, 0, NULL);
    if (py_doubles(array, -1, 0, &view) < 0) goto out;
    int n = (int)(view.len / (Py_ssize_t)sizeof(double));
    sy_status status = sy_interval_percentile(&call.ctx, n, view.buf, level, expanded, n_units, &low, &high);
    if (py_check(&call, status) == 0) result = Py_BuildValue("(dd)", low, high);
out:
    if (view.obj) PyBuffer_Release(&view);
    py_end(&call);
    return result;
}

/* The part of the pairs in which the first is the greater. */
PyObject *py_above(PyObject *module, PyObject *args)
{
    PyObject *first = NULL, *second = NULL, *result = NULL;
    double probability = 0;
    Py_buffer views[2] = {{0}, {0}};
    py_call call;
    if (!PyArg_ParseTuple(args, "OO:above", &first, &second)) return NULL;
    py_begin(&call, module, 0, NULL);
    if (py_doubles(first, -1, 0, &views[0]) < 0) goto out;
    Py_ssize_t n = views[0].len / (Py_ssize_t)sizeof(double);
    if (py_doubles(second, n, 0, &views[1]) < 0) goto out;
    sy_status status = sy_replicates_above(&call.ctx, (int)n, views[0].buf, views[1].buf, &probability);
    if (py_check(&call, status) == 0) result = PyFloat_FromDouble(probability);
out:
    for (int i = 0; i < 2; i++)
        if (views[i].obj) PyBuffer_Release(&views[i]);
    py_end(&call);
    return result;
}

/* (bias, std_error, acceleration) from leave-one-out values, or from influence
 * values where the estimate is None. */
PyObject *py_resampled(PyObject *module, PyObject *args)
{
    PyObject *array = NULL, *estimate = NULL, *result = NULL;
    sy_resampled out = {0};
    Py_buffer view = {0};
    py_call call;
    if (!PyArg_ParseTuple(args, "OO:resampled", &array, &estimate)) return NULL;
    py_begin(&call, module, 0, NULL);
    double value = estimate == Py_None ? 0 : PyFloat_AsDouble(estimate);
    if (PyErr_Occurred() || py_doubles(array, -1, 0, &view) < 0) goto out;
    ptrdiff_t n = view.len / (Py_ssize_t)sizeof(double);
    sy_status status = estimate == Py_None ? sy_influence_summary(&call.ctx, n, view.buf, &out)
                                           : sy_jackknife_summary(&call.ctx, n, view.buf, value, &out);
    if (py_check(&call, status) == 0) result = Py_BuildValue("(ddd)", out.bias, out.std_error, out.acceleration);
out:
    if (view.obj) PyBuffer_Release(&view);
    py_end(&call);
    return result;
}

PyObject *py_at_most(PyObject *module, PyObject *args)
{
    PyObject *arrays[3] = {NULL}, *result = NULL;
    int metric = 0, normal = 0;
    double bound = 0, level = 0, upper = 0, lower = 0;
    sy_answer answer = SY_UNDECIDED;
    Py_buffer views[3] = {{0}, {0}, {0}};
    py_call call;
    if (!PyArg_ParseTuple(args, "OOOipdd:at_most", &arrays[0], &arrays[1], &arrays[2], &metric, &normal, &bound,
                          &level))
        return NULL;
    py_begin(&call, module, 0, NULL);
    Py_ssize_t k = -1;
    for (int i = 0; i < 3; i++) {
        if (py_doubles(arrays[i], k, 0, &views[i]) < 0) goto out;
        k = views[i].len / (Py_ssize_t)sizeof(double);
    }
    sy_status status = sy_interval_at_most(&call.ctx, (int)k, views[0].buf, views[1].buf, views[2].buf,
                                           scale_of(metric, normal), bound, level, &answer, &upper, &lower);
    if (py_check(&call, status) == 0) result = Py_BuildValue("(idd)", (int)answer, upper, lower);
out:
    for (int i = 0; i < 3; i++)
        if (views[i].obj) PyBuffer_Release(&views[i]);
    py_end(&call);
    return result;
}

PyObject *py_t_quantile(PyObject *module, PyObject *args)
{
    double p = 0, df = 0, t = 0;
    PyObject *result = NULL;
    py_call call;
    if (!PyArg_ParseTuple(args, "dd:t_quantile", &p, &df)) return NULL;
    py_begin(&call, module, 0, NULL);
    if (py_check(&call, sy_distribution_t_quantile(&call.ctx, p, df, &t)) == 0) result = PyFloat_FromDouble(t);
    py_end(&call);
    return result;
}
