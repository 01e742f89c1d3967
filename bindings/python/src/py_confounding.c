/* Confounding: tests and fits read from tuples, tables written into NumPy's
 * memory.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_printed.h"
#include <string.h>

/* (term, estimate, std_error, t, df, robust_error, robust_df, robust kind or None) */
static int read_tested(PyObject *tuple, sy_tested *tested)
{
    memset(tested, 0, sizeof *tested);
    if (!tuple || !PyTuple_Check(tuple)) {
        PyErr_SetString(PyExc_TypeError, "confounding: a tuple was expected");
        return -1;
    }
    return PyArg_ParseTuple(tuple, "sddddddz;tested", &tested->term, &tested->estimate, &tested->std_error, &tested->t,
                            &tested->df, &tested->robust_error, &tested->robust_df, &tested->robust_kind)
               ? 0
               : -1;
}

PyObject *py_robustness(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *result = NULL;
    double q, alpha;
    sy_tested tested;
    sy_robustness_values v;
    py_call call;
    if (!PyArg_ParseTuple(args, "Odd:robustness", &source, &q, &alpha) || read_tested(source, &tested) < 0) return NULL;
    py_begin(&call, module, 1, NULL);
    if (py_check(&call, sy_robustness(&call.ctx, &tested, q, alpha, &v)) == 0)
        result = Py_BuildValue("(dddddddN)", v.partial_r2, v.f2, v.value, v.value_alpha, v.value_robust, v.extreme,
                               v.extreme_alpha, py_text(v.text));
    py_end(&call);
    return result;
}

PyObject *py_adjusted(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *result = NULL;
    double r2_treatment, r2_outcome, level;
    int reduce = 0;
    sy_tested tested;
    sy_adjusted_row r;
    py_call call;
    if (!PyArg_ParseTuple(args, "Oddpd:adjusted", &source, &r2_treatment, &r2_outcome, &reduce, &level) ||
        read_tested(source, &tested) < 0)
        return NULL;
    py_begin(&call, module, 1, NULL);
    sy_status status = sy_confounding_adjusted(&call.ctx, &tested, r2_treatment, r2_outcome, reduce, level, &r);
    if (py_check(&call, status) == 0)
        result = Py_BuildValue("(dddddddddd)", r.r2_treatment, r.r2_outcome, r.remaining, r.estimate, r.std_error, r.t,
                               r.low, r.high, r.robust_error, r.robust_t);
    py_end(&call);
    return result;
}

PyObject *py_contours(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *arrays[4], *result = NULL;
    int reduce = 0;
    sy_tested tested;
    Py_buffer views[4];
    py_call call;
    if (!PyArg_ParseTuple(args, "OpOOOO:contours", &source, &reduce, &arrays[0], &arrays[1], &arrays[2], &arrays[3]) ||
        read_tested(source, &tested) < 0)
        return NULL;
    py_begin(&call, module, 1, NULL);
    if (py_views_open(4, arrays, (const Py_ssize_t[]){-1, -1, -1, -1}, 2, views) < 0) goto out;
    const Py_ssize_t size = (Py_ssize_t)sizeof(double), n = views[0].len / size, m = views[1].len / size;
    if (views[2].len != n * m * size || views[3].len != n * m * size) {
        PyErr_SetString(PyExc_TypeError, "contours: two tables of the grid's size were expected");
        goto out;
    }
    sy_status status = sy_confounding_contours(&call.ctx, &tested, reduce, (int)n, views[0].buf, (int)m, views[1].buf,
                                               views[2].buf, views[3].buf);
    if (py_check(&call, status) == 0) result = Py_NewRef(Py_None);
out:
    py_views_close(4, views);
    py_end(&call);
    return result;
}

/* arrays: r2_outcome, needed, needed_alpha, of one length. */
PyObject *py_needed(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *arrays[3], *result = NULL;
    double q, alpha;
    Py_ssize_t n = 0;
    sy_tested tested;
    Py_buffer views[3];
    py_call call;
    if (!PyArg_ParseTuple(args, "OddnOOO:needed", &source, &q, &alpha, &n, &arrays[0], &arrays[1], &arrays[2]) ||
        read_tested(source, &tested) < 0)
        return NULL;
    py_begin(&call, module, 1, NULL);
    if (py_views_open(3, arrays, (const Py_ssize_t[]){n, n, n}, 1, views) < 0) goto out;
    sy_status status =
        sy_confounding_needed(&call.ctx, &tested, q, alpha, (int)n, views[0].buf, views[1].buf, views[2].buf);
    if (py_check(&call, status) == 0) result = Py_NewRef(Py_None);
out:
    py_views_close(3, views);
    py_end(&call);
    return result;
}

/* What is left of a fit, with what it borrows. */
typedef struct {
    sy_fit_left fit;
    const char **labels;
    Py_buffer views[2];
} held_fit;

/* (coefficient, inverse, labels, rss, tss, df_resid) */
static int open_fit(PyObject *tuple, held_fit *held)
{
    PyObject *coefficient = NULL, *inverse = NULL, *labels = NULL;
    memset(held, 0, sizeof *held);
    if (!tuple || !PyTuple_Check(tuple)) {
        PyErr_SetString(PyExc_TypeError, "confounding: a tuple was expected");
        return -1;
    }
    if (!PyArg_ParseTuple(tuple, "OOO!ddd;fit", &coefficient, &inverse, &PyTuple_Type, &labels, &held->fit.rss,
                          &held->fit.tss, &held->fit.df_resid))
        return -1;
    const Py_ssize_t p = PyTuple_Size(labels);
    if (py_doubles(coefficient, p, 0, &held->views[0]) < 0 || py_doubles(inverse, p * p, 0, &held->views[1]) < 0)
        return -1;
    held->labels = py_texts(labels, "labels");
    held->fit.p = (int)p;
    held->fit.coefficient = held->views[0].buf;
    held->fit.inverse = held->views[1].buf;
    held->fit.label = held->labels;
    return held->labels ? 0 : -1;
}

static void close_fit(held_fit *held)
{
    py_views_close(2, held->views);
    PyMem_Free(held->labels);
}

PyObject *py_tested(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *result = NULL;
    int place = 0;
    held_fit held;
    sy_tested t;
    py_call call;
    if (!PyArg_ParseTuple(args, "Oi:tested", &source, &place)) return NULL;
    py_begin(&call, module, 1, NULL);
    if (open_fit(source, &held) == 0 && py_check(&call, sy_confounding_tested(&call.ctx, &held.fit, place, &t)) == 0)
        result = Py_BuildValue("(dddd)", t.estimate, t.std_error, t.t, t.df);
    close_fit(&held);
    py_end(&call);
    return result;
}

/* The coefficients of one group from a tuple, into fresh memory. */
static int read_group(PyObject *pair, sy_benchmark *group)
{
    PyObject *places = NULL;
    if (!pair || !PyTuple_Check(pair) ||
        !PyArg_ParseTuple(pair, "sO!;benchmark", &group->name, &PyTuple_Type, &places)) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "benchmarks: pairs were expected");
        return -1;
    }
    group->n = (int)PyTuple_Size(places);
    int *held = PyMem_Calloc((size_t)group->n + 1, sizeof *held);
    if (!held) {
        PyErr_NoMemory();
        return -1;
    }
    group->coefficient = held;
    for (int i = 0; i < group->n; i++) held[i] = (int)PyLong_AsLong(PyTuple_GetItem(places, i));
    return PyErr_Occurred() ? -1 : 0;
}

/* groups: ((name, (place, ...)), ...); r2_treatment, r2_outcome: an array each. */
PyObject *py_benchmarks(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *groups = NULL, *arrays[2], *result = NULL;
    int place = 0;
    held_fit held;
    Py_buffer views[2];
    sy_benchmark *group = NULL;
    Py_ssize_t n = 0;
    py_call call;
    memset(views, 0, sizeof views);
    if (!PyArg_ParseTuple(args, "OiO!OO:benchmarks", &source, &place, &PyTuple_Type, &groups, &arrays[0], &arrays[1]))
        return NULL;
    py_begin(&call, module, 1, NULL);
    if (open_fit(source, &held) < 0) goto out;
    n = PyTuple_Size(groups);
    group = PyMem_Calloc((size_t)n + 1, sizeof *group);
    if (!group) {
        PyErr_NoMemory();
        goto out;
    }
    if (py_views_open(2, arrays, (const Py_ssize_t[]){n, n}, 0, views) < 0) goto out;
    for (Py_ssize_t i = 0; i < n; i++)
        if (read_group(PyTuple_GetItem(groups, i), &group[i]) < 0) goto out;
    sy_status status =
        sy_confounding_benchmarks(&call.ctx, &held.fit, place, (int)n, group, views[0].buf, views[1].buf);
    if (py_check(&call, status) == 0) result = Py_NewRef(Py_None);
out:
    for (Py_ssize_t i = 0; group && i < n; i++) PyMem_Free((void *)group[i].coefficient);
    PyMem_Free(group);
    py_views_close(2, views);
    close_fit(&held);
    py_end(&call);
    return result;
}

PyObject *py_bound(PyObject *module, PyObject *args)
{
    const char *name = NULL;
    double benchmark[2], kd, ky;
    sy_bound b;
    PyObject *result = NULL;
    py_call call;
    if (!PyArg_ParseTuple(args, "sdddd:bound", &name, &benchmark[0], &benchmark[1], &kd, &ky)) return NULL;
    py_begin(&call, module, 1, NULL);
    if (py_check(&call, sy_confounding_bound(&call.ctx, name, benchmark, kd, ky, &b)) == 0)
        result = Py_BuildValue("(ddN)", b.r2_treatment, b.r2_outcome, py_remarks(&call));
    py_end(&call);
    return result;
}

/* (estimate, std_error, t, df), NaN where not known, completed. */
PyObject *py_printed_test(PyObject *module, PyObject *args)
{
    double estimate, std_error, t, df;
    sy_tested tested;
    PyObject *result = NULL;
    py_call call;
    if (!PyArg_ParseTuple(args, "dddd:printed_test", &estimate, &std_error, &t, &df)) return NULL;
    py_begin(&call, module, 1, NULL);
    if (py_check(&call, sy_confounding_printed(&call.ctx, estimate, std_error, t, df, &tested)) == 0)
        result = Py_BuildValue("(dddd)", tested.estimate, tested.std_error, tested.t, tested.df);
    py_end(&call);
    return result;
}

PyObject *py_e_value(PyObject *module, PyObject *args)
{
    int measure = 0;
    double x[3], std_error, true_value;
    sy_e_values e;
    PyObject *result = NULL;
    py_call call;
    if (!PyArg_ParseTuple(args, "iddddd:e_value", &measure, &x[0], &x[1], &x[2], &std_error, &true_value)) return NULL;
    py_begin(&call, module, 1, NULL);
    if (py_check(&call, sy_e_value(&call.ctx, (sy_e_measure)measure, x, std_error, true_value, &e)) == 0)
        result =
            Py_BuildValue("(ddddddN)", e.ratio, e.low, e.high, e.true_ratio, e.value, e.value_limit, py_text(e.text));
    py_end(&call);
    return result;
}

/* Ten numbers in the order of sy_oster_question. */
PyObject *py_oster(PyObject *module, PyObject *args)
{
    sy_oster_question q;
    sy_oster_answer a;
    PyObject *result = NULL;
    py_call call;
    if (!PyArg_ParseTuple(args, "dddddddddd:oster", &q.beta_short, &q.r2_short, &q.beta, &q.r2, &q.outcome,
                          &q.treatment, &q.treatment_left, &q.r_max, &q.delta, &q.target))
        return NULL;
    py_begin(&call, module, 1, NULL);
    if (py_check(&call, sy_oster(&call.ctx, &q, &a)) == 0)
        result = Py_BuildValue("(dddddN)", a.r_max, a.delta_star, a.beta_star, a.other[0], a.other[1], py_text(a.text));
    py_end(&call);
    return result;
}

/* kept: a tuple of places. The first seven numbers of a question. */
PyObject *py_oster_from_fit(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *places = NULL, *result = NULL;
    int place = 0, *kept = NULL;
    held_fit held;
    sy_oster_question q;
    py_call call;
    if (!PyArg_ParseTuple(args, "OiO!:oster_from_fit", &source, &place, &PyTuple_Type, &places)) return NULL;
    py_begin(&call, module, 1, NULL);
    if (open_fit(source, &held) < 0) goto out;
    kept = PyMem_Calloc((size_t)held.fit.p + 1, sizeof *kept);
    if (!kept) {
        PyErr_NoMemory();
        goto out;
    }
    for (Py_ssize_t i = 0; i < PyTuple_Size(places); i++) {
        const long at = PyLong_AsLong(PyTuple_GetItem(places, i));
        if (at >= 0 && at < held.fit.p) kept[at] = 1;
    }
    if (PyErr_Occurred()) goto out;
    if (py_check(&call, sy_oster_from_fit(&call.ctx, &held.fit, place, kept, &q)) == 0)
        result = Py_BuildValue("(ddddddd)", q.beta_short, q.r2_short, q.beta, q.r2, q.outcome, q.treatment,
                               q.treatment_left);
out:
    PyMem_Free(kept);
    close_fit(&held);
    py_end(&call);
    return result;
}
