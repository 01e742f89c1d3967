/* Everything readable in moments, as a dict.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_glue.h"
#include <stdio.h>

static PyObject *integers(const int32_t *values, int n)
{
    PyObject *tuple = PyTuple_New(n);
    for (int i = 0; tuple && i < n; i++) {
        PyObject *value = PyLong_FromLong(values[i]);
        if (!value || PyTuple_SetItem(tuple, i, value) < 0) Py_CLEAR(tuple);
    }
    return tuple;
}

static PyObject *doubles(const double *values, Py_ssize_t n)
{
    PyObject *tuple = PyTuple_New(n);
    for (Py_ssize_t i = 0; tuple && i < n; i++) {
        PyObject *value = PyFloat_FromDouble(values[i]);
        if (!value || PyTuple_SetItem(tuple, i, value) < 0) Py_CLEAR(tuple);
    }
    return tuple;
}

static const char *label_at(const sy_moments *m, Py_ssize_t i)
{
    return sy_moments_label(m, (int)i);
}

static const char *level_at(const sy_moments *m, Py_ssize_t i)
{
    return sy_moments_level(m, (int)i);
}

static const char *cluster_at(const sy_moments *m, Py_ssize_t i)
{
    return sy_moments_cluster(m, (ptrdiff_t)i);
}

static const char *stratum_at(const sy_moments *m, Py_ssize_t i)
{
    return sy_moments_stratum(m, (int)i);
}

/* Texts by index; None where there is none. */
static PyObject *texts(const sy_moments *m, Py_ssize_t n, const char *(*at)(const sy_moments *, Py_ssize_t))
{
    PyObject *tuple = PyTuple_New(n);
    for (Py_ssize_t i = 0; tuple && i < n; i++) {
        const char *text = at(m, i);
        PyObject *value = text ? py_text(text) : Py_BuildValue("");
        if (!value || PyTuple_SetItem(tuple, i, value) < 0) Py_CLEAR(tuple);
    }
    return tuple;
}

/* Takes over `value`. */
static int put(PyObject *dict, const char *key, PyObject *value)
{
    int failed = !value || PyDict_SetItemString(dict, key, value) < 0;
    Py_XDECREF(value);
    return failed;
}

static int put_counts(PyObject *dict, const sy_moments *m)
{
    return put(dict, "n_terms", PyLong_FromLong(m->n_terms)) || put(dict, "n_columns", PyLong_FromLong(m->n_columns)) ||
           put(dict, "n_units", PyLong_FromSsize_t((Py_ssize_t)m->n_units)) ||
           put(dict, "unit", PyLong_FromLong((long)m->unit)) ||
           put(dict, "weight_kind", PyLong_FromLong((long)m->weight_kind)) ||
           put(dict, "twofold", PyBool_FromLong(m->twofold)) ||
           put(dict, "from_correlation", PyBool_FromLong(m->from_correlation)) ||
           put(dict, "n", PyFloat_FromDouble(m->n)) || put(dict, "rows_read", PyFloat_FromDouble(m->rows_read)) ||
           put(dict, "rows_used", PyFloat_FromDouble(m->rows_used)) ||
           put(dict, "rows_dropped", PyFloat_FromDouble(m->rows_dropped)) ||
           put(dict, "rows_zero", PyFloat_FromDouble(m->rows_zero)) ||
           put(dict, "sum_w", PyFloat_FromDouble(m->sum_w)) || put(dict, "sum_w2", PyFloat_FromDouble(m->sum_w2));
}

static int put_terms(PyObject *dict, const sy_moments *m)
{
    return put(dict, "labels", texts(m, m->n_terms, label_at)) ||
           put(dict, "term_first", integers(m->term_first, m->n_terms)) ||
           put(dict, "term_columns", integers(m->term_columns, m->n_terms)) ||
           put(dict, "term_is_factor", integers(m->term_is_factor, m->n_terms)) ||
           put(dict, "term_is_decimal", integers(m->term_is_decimal, m->n_terms)) ||
           put(dict, "term_missing", doubles(m->term_missing, m->n_terms)) ||
           put(dict, "levels", texts(m, m->n_columns, level_at));
}

static int put_units(PyObject *dict, const sy_moments *m)
{
    char hash[17];
    snprintf(hash, sizeof hash, "%016llx", (unsigned long long)sy_moments_hash(m));
    Py_ssize_t n_clusters = m->unit == SY_UNIT_CLUSTER ? (Py_ssize_t)m->n_units : 0;
    return put(dict, "clusters", texts(m, n_clusters, cluster_at)) ||
           put(dict, "strata", texts(m, m->n_strata, stratum_at)) ||
           put(dict, "unit_rows", doubles(m->unit_rows, n_clusters)) || put(dict, "hash", py_text(hash));
}

PyObject *py_info(PyObject *module, PyObject *args)
{
    PyObject *blob = NULL, *dict = NULL;
    sy_moments m = {0};
    py_call call;
    if (!PyArg_ParseTuple(args, "S:info", &blob)) return NULL;
    py_begin(&call, module, 0, NULL);
    if (py_view(&call, blob, 0, &m) < 0) goto out;
    dict = PyDict_New();
    if (dict && (put_counts(dict, &m) || put_terms(dict, &m) || put_units(dict, &m))) Py_CLEAR(dict);
out:
    sy_moments_free(&m);
    py_end(&call);
    return dict;
}
