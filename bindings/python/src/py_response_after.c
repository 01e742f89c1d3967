/* After a fit by maximum likelihood: covariance, tests, predictions, effects,
 * what is explained.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_response.h"
#include "steelyard/effects.h"
#include "steelyard/explained.h"
#include "steelyard/proportional.h"
#include "steelyard/response_ratios.h"
#include "steelyard/response_residuals.h"
#include "steelyard/response_tests.h"
#include "steelyard/response_vcov.h"
#include <string.h>

/* arrays: (estimate, covariance, df). */
PyObject *py_response_vcov(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *tuple = NULL, *arrays = NULL, *progress = NULL, *result = NULL;
    int k = 0, kind = 0, threads = 0;
    py_model host;
    py_response r;
    if (!PyArg_ParseTuple(args, "OOiiOiO:response_vcov", &source, &tuple, &k, &kind, &arrays, &threads, &progress))
        return NULL;
    if (py_response_open(&host, &r, module, source, tuple, threads, progress) < 0) goto out;
    const double *estimate = py_model_needed(&host, py_model_item(arrays, 0), k, 0);
    double *covariance = py_model_needed(&host, py_model_item(arrays, 1), (Py_ssize_t)k * k, 1);
    double *df = py_model_needed(&host, py_model_item(arrays, 2), k, 1);
    if (PyErr_Occurred()) goto out;
    py_release(&host.call);
    sy_status status = sy_response_vcov(&host.call.ctx, &host.design.design, &r.model, k, estimate, (sy_vcov_kind)kind,
                                        covariance, df);
    py_reacquire(&host.call);
    if (py_check(&host.call, status) == 0) result = py_remarks(&host.call);
out:
    py_response_close(&host, &r);
    return result;
}

enum { TEST_COLUMNS = 4 };

/* asked: (k, test, type); arrays: (estimate, covariance, df, table [terms, 4]),
 * covariance and df None but for Wald tests. */
PyObject *py_response_tests(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *tuple = NULL, *arrays = NULL, *progress = NULL, *result = NULL;
    int k = 0, kind = 0, type = 0, threads = 0;
    sy_response_options options;
    sy_term_test *rows = NULL;
    py_model host;
    py_response r;
    if (!PyArg_ParseTuple(args, "OO(iii)OiO:response_tests", &source, &tuple, &k, &kind, &type, &arrays, &threads,
                          &progress))
        return NULL;
    if (py_response_open(&host, &r, module, source, tuple, threads, progress) < 0) goto out;
    const int terms = host.model.n_terms + r.model.n_nominal + r.model.n_scale;
    const double *estimate = py_model_needed(&host, py_model_item(arrays, 0), k, 0);
    const double *covariance = py_model_doubles(&host, py_model_item(arrays, 1), (Py_ssize_t)k * k, 0);
    const double *df = py_model_doubles(&host, py_model_item(arrays, 2), k, 0);
    double *table = py_model_needed(&host, py_model_item(arrays, 3), (Py_ssize_t)terms * TEST_COLUMNS, 1);
    if (PyErr_Occurred()) goto out;
    if (!(rows = PyMem_Calloc((size_t)terms + 1, sizeof *rows))) {
        PyErr_NoMemory();
        goto out;
    }
    sy_response_defaults(&options);
    py_release(&host.call);
    sy_status status = sy_response_tests(&host.call.ctx, &host.design.design, &r.model, &options, (sy_test_kind)kind,
                                         (sy_anova_type)type, k, estimate, covariance, df, rows);
    py_reacquire(&host.call);
    if (py_check(&host.call, status) < 0) goto out;
    for (int t = 0; t < terms; t++) {
        const double row[TEST_COLUMNS] = {rows[t].df, rows[t].df_resid, rows[t].statistic, rows[t].p_value};
        memcpy(table + (ptrdiff_t)t * TEST_COLUMNS, row, sizeof row);
    }
    result = py_remarks(&host.call);
out:
    PyMem_Free(rows);
    py_response_close(&host, &r);
    return result;
}

static int read_shape(PyObject *tuple, sy_response_shape *shape)
{
    return PyArg_ParseTuple(tuple, "iiiii;shape", &shape->k, &shape->n_thresholds, &shape->p, &shape->n_scale,
                            &shape->n_levels)
               ? 0
               : -1;
}

/* asked: (what, cut, level, df); arrays: (estimate, covariance or None, value,
 * std_error, low, high), each of the last three may be None. */
PyObject *py_response_predict(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *tuple = NULL, *sizes = NULL, *arrays = NULL, *result = NULL;
    int what = 0, cut = 0, threads = 0;
    double level = 0, df = 0;
    sy_response_shape shape;
    sy_predictions out;
    py_model host;
    py_response r;
    if (!PyArg_ParseTuple(args, "OOO(iidd)Oi:response_predict", &source, &tuple, &sizes, &what, &cut, &level, &df,
                          &arrays, &threads))
        return NULL;
    if (py_response_open(&host, &r, module, source, tuple, threads, NULL) < 0) goto out;
    if (read_shape(sizes, &shape) < 0) goto out;
    Py_ssize_t k = shape.k;
    Py_ssize_t n = (Py_ssize_t)host.design.design.n * sy_predict_width(&r.model, &shape, (sy_predict_kind)what);
    const double *estimate = py_model_needed(&host, py_model_item(arrays, 0), k, 0);
    const double *covariance = py_model_doubles(&host, py_model_item(arrays, 1), k * k, 0);
    out.value = py_model_needed(&host, py_model_item(arrays, 2), n, 1);
    out.std_error = py_model_doubles(&host, py_model_item(arrays, 3), n, 1);
    out.low = py_model_doubles(&host, py_model_item(arrays, 4), n, 1);
    out.high = py_model_doubles(&host, py_model_item(arrays, 5), n, 1);
    if (PyErr_Occurred()) goto out;
    py_release(&host.call);
    sy_status status = sy_response_predict(&host.call.ctx, &host.design.design, &r.model, &shape, estimate, covariance,
                                           (sy_predict_kind)what, cut, level, df, &out);
    py_reacquire(&host.call);
    if (py_check(&host.call, status) == 0) result = py_remarks(&host.call);
out:
    py_response_close(&host, &r);
    return result;
}

typedef struct {
    sy_effects_options options;
    sy_held *held;
    sy_change *changes;
    int n_changes;
} asked_effects;

/* ((column, value), ...) */
static int read_held(PyObject *tuple, asked_effects *a)
{
    Py_ssize_t n = PyTuple_Check(tuple) ? PyTuple_Size(tuple) : 0;
    if (!(a->held = PyMem_Calloc((size_t)n + 1, sizeof *a->held))) {
        PyErr_NoMemory();
        return -1;
    }
    a->options.held = a->held;
    a->options.n_held = (int)n;
    for (Py_ssize_t i = 0; i < n; i++)
        if (!PyArg_ParseTuple(PyTuple_GetItem(tuple, i), "id;held", &a->held[i].column, &a->held[i].value)) return -1;
    return 0;
}

/* options: (of, cut, at means, held, level, df); changes: ((column, kind, from,
 * to), ...). */
static int read_effects(PyObject *options, PyObject *changes, asked_effects *a)
{
    PyObject *held = NULL;
    int of = 0;
    memset(a, 0, sizeof *a);
    sy_effects_defaults(&a->options);
    if (!PyArg_ParseTuple(options, "iiiOdd;options", &of, &a->options.cut, &a->options.at_means, &held,
                          &a->options.level, &a->options.df))
        return -1;
    a->options.of = (sy_predict_kind)of;
    Py_ssize_t n = PyTuple_Check(changes) ? PyTuple_Size(changes) : 0;
    a->n_changes = (int)n;
    if (!(a->changes = PyMem_Calloc((size_t)n + 1, sizeof *a->changes))) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        int kind = 0;
        if (!PyArg_ParseTuple(PyTuple_GetItem(changes, i), "iidd;change", &a->changes[i].column, &kind,
                              &a->changes[i].from, &a->changes[i].to))
            return -1;
        a->changes[i].kind = (sy_change_kind)kind;
    }
    return read_held(held, a);
}

PyObject *py_effects_count(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *tuple = NULL, *options = NULL, *changes = NULL, *result = NULL;
    int count = 0;
    asked_effects a = {.held = NULL, .changes = NULL};
    py_model host;
    py_response r;
    if (!PyArg_ParseTuple(args, "OOOO:effects_count", &source, &tuple, &options, &changes)) return NULL;
    if (py_response_open(&host, &r, module, source, tuple, 0, NULL) < 0 || read_effects(options, changes, &a) < 0)
        goto out;
    sy_status status =
        sy_effects_count(&host.call.ctx, &host.design.design, &r.model, &a.options, a.n_changes, a.changes, &count);
    if (py_check(&host.call, status) == 0) result = PyLong_FromLong(count);
out:
    PyMem_Free(a.held);
    PyMem_Free(a.changes);
    py_response_close(&host, &r);
    return result;
}

enum { EFFECT_COLUMNS = 17 };

/* The places of each effect as a tuple of tuples, its numbers into the table. */
static PyObject *effects_result(const sy_effect *effects, int count, double *table)
{
    PyObject *all = PyTuple_New(count);
    for (int i = 0; all && i < count; i++) {
        const sy_effect *e = &effects[i];
        const double row[EFFECT_COLUMNS] = {e->before,    e->after,      e->effect,  e->std_error,  e->statistic,
                                            e->p_value,   e->low,        e->high,    e->ratio,      e->log_ratio_error,
                                            e->ratio_low, e->ratio_high, e->ratio_p, e->before_low, e->before_high,
                                            e->after_low, e->after_high};
        memcpy(table + (ptrdiff_t)i * EFFECT_COLUMNS, row, sizeof row);
        PyObject *one = Py_BuildValue("(iiii)", e->change, e->level, e->reference, e->category);
        if (!one || PyTuple_SetItem(all, i, one) < 0) Py_CLEAR(all);
    }
    return all;
}

/* arrays: (estimate, covariance, table [count, 17], joint [count, count] or
 * None). */
PyObject *py_effects(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *tuple = NULL, *options = NULL, *changes = NULL, *arrays = NULL, *progress = NULL;
    PyObject *result = NULL;
    int k = 0, count = 0, threads = 0;
    sy_effect *effects = NULL;
    asked_effects a = {.held = NULL, .changes = NULL};
    py_model host;
    py_response r;
    if (!PyArg_ParseTuple(args, "OOOO(ii)OiO:effects", &source, &tuple, &options, &changes, &k, &count, &arrays,
                          &threads, &progress))
        return NULL;
    if (py_response_open(&host, &r, module, source, tuple, threads, progress) < 0) goto out;
    if (read_effects(options, changes, &a) < 0) goto out;
    const double *estimate = py_model_needed(&host, py_model_item(arrays, 0), k, 0);
    const double *covariance = py_model_needed(&host, py_model_item(arrays, 1), (Py_ssize_t)k * k, 0);
    double *table = py_model_needed(&host, py_model_item(arrays, 2), (Py_ssize_t)count * EFFECT_COLUMNS, 1);
    double *joint = py_model_doubles(&host, py_model_item(arrays, 3), (Py_ssize_t)count * count, 1);
    if (PyErr_Occurred()) goto out;
    if (!(effects = PyMem_Calloc((size_t)count + 1, sizeof *effects))) {
        PyErr_NoMemory();
        goto out;
    }
    py_release(&host.call);
    sy_status status = sy_effects(&host.call.ctx, &host.design.design, &r.model, k, estimate, covariance, &a.options,
                                  a.n_changes, a.changes, count, effects, joint);
    py_reacquire(&host.call);
    if (py_check(&host.call, status) < 0) goto out;
    PyObject *places = effects_result(effects, count, table);
    if (places) result = Py_BuildValue("(NN)", places, py_remarks(&host.call));
out:
    PyMem_Free(effects);
    PyMem_Free(a.held);
    PyMem_Free(a.changes);
    py_response_close(&host, &r);
    return result;
}

/* The measures in the order of the struct. */
PyObject *py_response_explained(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *tuple = NULL, *whole = NULL, *array = NULL, *result = NULL;
    int k = 0, threads = 0;
    sy_response_summary summary;
    sy_explained e;
    py_model host;
    py_response r;
    if (!PyArg_ParseTuple(args, "OOOiOi:response_explained", &source, &tuple, &whole, &k, &array, &threads))
        return NULL;
    if (py_response_open(&host, &r, module, source, tuple, threads, NULL) < 0) goto out;
    const double *estimate = py_model_needed(&host, array, k, 0);
    if (PyErr_Occurred() || py_response_read_summary(whole, &summary) < 0) goto out;
    py_release(&host.call);
    sy_status status = sy_response_explained(&host.call.ctx, &host.design.design, &r.model, k, estimate, &summary, &e);
    py_reacquire(&host.call);
    if (py_check(&host.call, status) < 0) goto out;
    const double values[] = {
        e.n,        e.loglik, e.loglik_null, e.mcfadden,         e.mcfadden_adjusted, e.cox_snell,      e.nagelkerke,
        e.estrella, e.tjur,   e.efron,       e.mckelvey_zavoina, e.latent_variance,   e.error_variance, e.deviance};
    PyObject *numbers = py_model_numbers(values, (Py_ssize_t)(sizeof values / sizeof *values));
    if (numbers) result = Py_BuildValue("(NN)", numbers, py_remarks(&host.call));
out:
    py_response_close(&host, &r);
    return result;
}

enum { PROPORTIONAL_COLUMNS = 3 };

/* table [terms + 1, 3]. */
PyObject *py_proportional(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *tuple = NULL, *array = NULL, *progress = NULL, *result = NULL;
    int test = 0, threads = 0;
    sy_response_options options;
    sy_proportional_row *rows = NULL;
    py_model host;
    py_response r;
    if (!PyArg_ParseTuple(args, "OOiOiO:proportional", &source, &tuple, &test, &array, &threads, &progress))
        return NULL;
    if (py_response_open(&host, &r, module, source, tuple, threads, progress) < 0) goto out;
    const int count = host.model.n_terms + 1;
    double *table = py_model_needed(&host, array, (Py_ssize_t)count * PROPORTIONAL_COLUMNS, 1);
    if (!table) goto out;
    if (!(rows = PyMem_Calloc((size_t)count, sizeof *rows))) {
        PyErr_NoMemory();
        goto out;
    }
    sy_response_defaults(&options);
    py_release(&host.call);
    sy_status status =
        sy_proportional(&host.call.ctx, &host.design.design, &r.model, (sy_proportional_test)test, &options, rows);
    py_reacquire(&host.call);
    if (py_check(&host.call, status) < 0) goto out;
    for (int t = 0; t < count; t++) {
        const double row[PROPORTIONAL_COLUMNS] = {rows[t].statistic, rows[t].df, rows[t].p};
        memcpy(table + (ptrdiff_t)t * PROPORTIONAL_COLUMNS, row, sizeof row);
    }
    result = py_remarks(&host.call);
out:
    PyMem_Free(rows);
    py_response_close(&host, &r);
    return result;
}

/* arrays: (estimate, residual). */
PyObject *py_response_residuals(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *tuple = NULL, *arrays = NULL, *result = NULL;
    int k = 0, kind = 0, threads = 0;
    py_model host;
    py_response r;
    if (!PyArg_ParseTuple(args, "OOiiOi:response_residuals", &source, &tuple, &k, &kind, &arrays, &threads))
        return NULL;
    if (py_response_open(&host, &r, module, source, tuple, threads, NULL) < 0) goto out;
    const double *estimate = py_model_needed(&host, py_model_item(arrays, 0), k, 0);
    double *residual = py_model_needed(&host, py_model_item(arrays, 1), (Py_ssize_t)host.design.design.n, 1);
    if (PyErr_Occurred()) goto out;
    py_release(&host.call);
    sy_status status = sy_response_residuals(&host.call.ctx, &host.design.design, &r.model, k, estimate,
                                             (sy_residual_kind)kind, residual);
    py_reacquire(&host.call);
    if (py_check(&host.call, status) == 0) result = py_remarks(&host.call);
out:
    py_response_close(&host, &r);
    return result;
}

/* arrays: (estimate, covariance, df, table [3, k]). */
PyObject *py_response_ratios(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *tuple = NULL, *sizes = NULL, *arrays = NULL, *result = NULL;
    double level = 0;
    sy_response_shape shape;
    py_model host;
    py_response r;
    if (!PyArg_ParseTuple(args, "OOOdO:response_ratios", &source, &tuple, &sizes, &level, &arrays)) return NULL;
    if (py_response_open(&host, &r, module, source, tuple, 0, NULL) < 0 || read_shape(sizes, &shape) < 0) goto out;
    const Py_ssize_t k = shape.k;
    const double *estimate = py_model_needed(&host, py_model_item(arrays, 0), k, 0);
    const double *covariance = py_model_needed(&host, py_model_item(arrays, 1), k * k, 0);
    const double *df = py_model_needed(&host, py_model_item(arrays, 2), k, 0);
    double *table = py_model_needed(&host, py_model_item(arrays, 3), 3 * k, 1);
    if (PyErr_Occurred()) goto out;
    sy_status status = sy_response_ratios(&host.call.ctx, &r.model, &shape, estimate, covariance, df, level, table,
                                          table + k, table + 2 * k);
    if (py_check(&host.call, status) == 0) result = py_remarks(&host.call);
out:
    py_response_close(&host, &r);
    return result;
}
