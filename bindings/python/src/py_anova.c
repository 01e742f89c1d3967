/* Tables of variance, groups, nested groups, marginal means. The tables of the
 * core are structs of doubles: arrays take them as they are.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_models.h"

#define DOUBLES(type) ((Py_ssize_t)(sizeof(type) / sizeof(double)))

/* table [terms + 1, 14]. */
PyObject *py_anova(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *model = NULL, *array = NULL, *progress = NULL, *result = NULL;
    int type = 0, threads = 0;
    sy_anova_options options;
    sy_anova_summary summary;
    py_model m;
    sy_anova_defaults(&options);
    if (!PyArg_ParseTuple(args, "OOidOiO:anova", &source, &model, &type, &options.level, &array, &threads, &progress))
        return NULL;
    options.type = (sy_anova_type)type;
    if (py_model_open(&m, module, source, model, threads, progress) < 0) goto out;
    void *table = py_model_needed(&m, array, (m.model.n_terms + 1) * DOUBLES(sy_anova_row), 1);
    if (PyErr_Occurred()) goto out;
    py_release(&m.call);
    sy_status status = sy_anova(&m.call.ctx, &m.design.design, &m.model, &options, &summary, table);
    py_reacquire(&m.call);
    if (py_check(&m.call, status) == 0)
        result =
            Py_BuildValue("(NN)", py_model_numbers((double *)&summary, DOUBLES(sy_anova_summary)), py_remarks(&m.call));
out:
    py_model_close(&m);
    return result;
}

/* arrays: (coefficient, covariance, df, table [terms, 4]). */
PyObject *py_anova_wald(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *model = NULL, *arrays = NULL, *result = NULL;
    int type = 0;
    py_model m;
    if (!PyArg_ParseTuple(args, "OOiO:anova_wald", &source, &model, &type, &arrays)) return NULL;
    if (py_model_open(&m, module, source, model, 0, NULL) < 0) goto out;
    const double *coefficient = py_model_needed(&m, py_model_item(arrays, 0), m.p, 0);
    const double *covariance = py_model_needed(&m, py_model_item(arrays, 1), (Py_ssize_t)m.p * m.p, 0);
    const double *df = py_model_needed(&m, py_model_item(arrays, 2), m.p, 0);
    void *table = py_model_needed(&m, py_model_item(arrays, 3), m.model.n_terms * DOUBLES(sy_anova_wald_row), 1);
    if (PyErr_Occurred()) goto out;
    py_release(&m.call);
    sy_status status =
        sy_anova_wald(&m.call.ctx, &m.design.design, &m.model, (sy_anova_type)type, coefficient, covariance, df, table);
    py_reacquire(&m.call);
    if (py_check(&m.call, status) == 0) result = py_remarks(&m.call);
out:
    py_model_close(&m);
    return result;
}

/* arrays: (rows, mean, standard deviation), each [levels of the group]. */
PyObject *py_oneway(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *arrays[3] = {NULL}, *result = NULL;
    Py_buffer views[3] = {{0}, {0}, {0}};
    int outcome = 0, group = 0;
    double level = 0;
    sy_oneway_summary summary;
    py_design design = {0};
    py_call call;
    if (!PyArg_ParseTuple(args, "Oiid(OOO):oneway", &source, &outcome, &group, &level, &arrays[0], &arrays[1],
                          &arrays[2]))
        return NULL;
    py_begin(&call, module, 0, NULL);
    if (py_design_open(source, &design) < 0) goto out;
    int known = group >= 0 && group < design.design.n_columns;
    for (int i = 0; i < 3; i++)
        if (py_doubles(arrays[i], known ? design.columns[group].n_levels : 0, 1, &views[i]) < 0) goto out;
    py_release(&call);
    sy_status status =
        sy_oneway(&call.ctx, &design.design, outcome, group, level, &summary, views[0].buf, views[1].buf, views[2].buf);
    py_reacquire(&call);
    if (py_check(&call, status) == 0)
        result =
            Py_BuildValue("(NN)", py_model_numbers((double *)&summary, DOUBLES(sy_oneway_summary)), py_remarks(&call));
out:
    for (int i = 0; i < 3; i++)
        if (views[i].obj) PyBuffer_Release(&views[i]);
    py_design_close(&design);
    py_end(&call);
    return result;
}

/* table [factors + 1, 7]. */
PyObject *py_nested(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *list = NULL, *array = NULL, *result = NULL;
    int outcome = 0, n_factors = 0, *factors = NULL;
    Py_buffer table = {0};
    py_design design = {0};
    py_call call;
    if (!PyArg_ParseTuple(args, "OiOO:nested", &source, &outcome, &list, &array)) return NULL;
    py_begin(&call, module, 0, NULL);
    factors = py_model_indices(list, &n_factors);
    if (!factors || py_design_open(source, &design) < 0) goto out;
    if (py_doubles(array, (n_factors + 1) * DOUBLES(sy_nested_row), 1, &table) < 0) goto out;
    py_release(&call);
    sy_status status = sy_nested(&call.ctx, &design.design, outcome, n_factors, factors, table.buf);
    py_reacquire(&call);
    if (py_check(&call, status) == 0) result = py_remarks(&call);
out:
    if (table.obj) PyBuffer_Release(&table);
    PyMem_Free(factors);
    py_design_close(&design);
    py_end(&call);
    return result;
}

/* The names of the crossings of some factors' levels. */
PyObject *py_means_labels(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *model = NULL, *list = NULL, *labels = NULL;
    char text[PY_MODEL_LABEL];
    int n_factors = 0, count = 0, *factors = NULL;
    py_model m;
    if (!PyArg_ParseTuple(args, "OOO:means_labels", &source, &model, &list)) return NULL;
    if (py_model_open(&m, module, source, model, 0, NULL) < 0) goto out;
    factors = py_model_indices(list, &n_factors);
    if (!factors) goto out;
    sy_status status = sy_means_count(&m.call.ctx, &m.design.design, &m.model, n_factors, factors, &count);
    if (py_check(&m.call, status) < 0) goto out;
    labels = PyTuple_New(count);
    for (int i = 0; labels && i < count; i++) {
        status = sy_means_label(&m.call.ctx, &m.design.design, n_factors, factors, i, text, sizeof text);
        PyObject *label = py_check(&m.call, status) == 0 ? py_text(text) : NULL;
        if (!label || PyTuple_SetItem(labels, i, label) < 0) Py_CLEAR(labels);
    }
out:
    PyMem_Free(factors);
    py_model_close(&m);
    return labels;
}

/* arrays: (coefficient, covariance, df, table [5, m], covariance of the means
 * [m, m], combination [m, p]); the table's rows: estimate, std_error, df, low,
 * high. */
static int open_means(py_model *m, PyObject *arrays, Py_ssize_t count, const double *fit[3], sy_means_table *table)
{
    const Py_ssize_t p = m->p;
    fit[0] = py_model_needed(m, py_model_item(arrays, 0), p, 0);
    fit[1] = py_model_needed(m, py_model_item(arrays, 1), p * p, 0);
    fit[2] = py_model_needed(m, py_model_item(arrays, 2), p, 0);
    double *out = py_model_needed(m, py_model_item(arrays, 3), 5 * count, 1);
    table->covariance = py_model_needed(m, py_model_item(arrays, 4), count * count, 1);
    table->combination = py_model_doubles(m, py_model_item(arrays, 5), count * p, 1);
    if (PyErr_Occurred()) return -1;
    table->estimate = out;
    table->std_error = out + count;
    table->df = out + 2 * count;
    table->low = out + 3 * count;
    table->high = out + 4 * count;
    return 0;
}

PyObject *py_means(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *model = NULL, *list = NULL, *arrays = NULL, *result = NULL;
    int n_factors = 0, count = 0, *factors = NULL;
    double level = 0;
    const double *fit[3] = {NULL, NULL, NULL};
    sy_means_table table = {0};
    py_model m;
    if (!PyArg_ParseTuple(args, "OOOdO:means", &source, &model, &list, &level, &arrays)) return NULL;
    if (py_model_open(&m, module, source, model, 0, NULL) < 0) goto out;
    factors = py_model_indices(list, &n_factors);
    if (!factors) goto out;
    sy_status status = sy_means_count(&m.call.ctx, &m.design.design, &m.model, n_factors, factors, &count);
    if (py_check(&m.call, status) < 0 || open_means(&m, arrays, count, fit, &table) < 0) goto out;
    py_release(&m.call);
    status =
        sy_means(&m.call.ctx, &m.design.design, &m.model, n_factors, factors, fit[0], fit[1], fit[2], level, &table);
    py_reacquire(&m.call);
    if (py_check(&m.call, status) == 0) result = py_remarks(&m.call);
out:
    PyMem_Free(factors);
    py_model_close(&m);
    return result;
}
