/* Mixed models: bar terms read from tuples, fits written into NumPy's memory.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_mixed.h"
#include <string.h>

static int read_bar(py_mixed *x, PyObject *tuple, sy_random *bar)
{
    PyObject *terms = NULL;
    int group = -1;
    if (!tuple || !PyTuple_Check(tuple)) {
        PyErr_SetString(PyExc_TypeError, "model: a bar term must be a tuple");
        return -1;
    }
    if (!PyArg_ParseTuple(tuple, "iOii;bar term", &bar->intercept, &terms, &group, &bar->diagonal)) return -1;
    bar->terms = py_model_indices(terms, &bar->n_terms);
    if (!bar->terms) return -1;
    bar->group = py_model_column(&x->host, group);
    return PyErr_Occurred() ? -1 : 0;
}

static int read_bars(py_mixed *x, PyObject *tuple)
{
    Py_ssize_t n = tuple && PyTuple_Check(tuple) ? PyTuple_Size(tuple) : 0;
    x->random = PyMem_Calloc((size_t)n + 1, sizeof *x->random);
    if (!x->random) {
        PyErr_NoMemory();
        return -1;
    }
    x->model.random = x->random;
    x->model.n_random = (int)n;
    for (Py_ssize_t i = 0; i < n; i++)
        if (read_bar(x, PyTuple_GetItem(tuple, i), &x->random[i]) < 0) return -1;
    return 0;
}

int py_mixed_open(py_mixed *x, PyObject *module, PyObject *source, PyObject *tuple, PyObject *rules, int threads,
                  PyObject *progress)
{
    PyObject *flag = py_model_item(tuple, 0), *response = flag ? py_model_item(tuple, 1) : NULL;
    memset(x, 0, sizeof *x);
    sy_mixed_defaults(&x->options);
    if (py_response_open(&x->host, &x->response, module, source, response, threads, progress) < 0) return -1;
    x->model.linear = (int)PyLong_AsLong(flag);
    x->model.response = x->response.model;
    if (PyErr_Occurred() || read_bars(x, py_model_item(tuple, 2)) < 0) return -1;
    if (!rules || rules == Py_None) return 0;
    if (!PyTuple_Check(rules)) {
        PyErr_SetString(PyExc_TypeError, "model: rules must be a tuple");
        return -1;
    }
    return PyArg_ParseTuple(rules, "ii;rules", &x->options.reml, &x->options.nodes) ? 0 : -1;
}

void py_mixed_close(py_mixed *x)
{
    for (int i = 0; x->random && i < x->model.n_random; i++) PyMem_Free((void *)x->random[i].terms);
    PyMem_Free(x->random);
    py_response_close(&x->host, &x->response);
}

int py_mixed_read_sizes(PyObject *tuple, py_mixed_sizes *s)
{
    if (tuple && PyTuple_Check(tuple))
        return PyArg_ParseTuple(tuple, "iiiinn;sizes", &s->k, &s->n_theta, &s->entries, &s->outcome_levels, &s->modes,
                                &s->mode_variance)
                   ? 0
                   : -1;
    PyErr_SetString(PyExc_TypeError, "model: sizes must be a tuple");
    return -1;
}

/* (effects of each bar term), (levels of each), codes of those levels as bytes of int32. */
static PyObject *groups_of(py_mixed *x, const sy_mixed_shape *shape)
{
    const int bars = x->model.n_random;
    PyObject *counts = NULL, *levels = NULL, *codes = NULL, *result = NULL;
    int *effects = PyMem_Calloc((size_t)bars + 1, sizeof *effects);
    ptrdiff_t *in_use = PyMem_Calloc((size_t)bars + 1, sizeof *in_use);
    int *used = PyMem_Calloc((size_t)shape->n_modes + 1, sizeof *used);
    if (!effects || !in_use || !used) {
        PyErr_NoMemory();
        goto out;
    }
    sy_status status = sy_mixed_groups(&x->host.call.ctx, &x->host.design.design, &x->model, effects, in_use, used);
    if (py_check(&x->host.call, status) < 0) goto out;
    counts = PyTuple_New(bars);
    levels = PyTuple_New(bars);
    if (!counts || !levels) goto out;
    Py_ssize_t total = 0;
    for (int i = 0; i < bars; i++) {
        total += (Py_ssize_t)in_use[i];
        if (PyTuple_SetItem(counts, i, PyLong_FromLong(effects[i])) < 0) goto out;
        if (PyTuple_SetItem(levels, i, PyLong_FromSsize_t((Py_ssize_t)in_use[i])) < 0) goto out;
    }
    codes = PyBytes_FromStringAndSize((const char *)used, total * (Py_ssize_t)sizeof *used);
    if (codes) result = PyTuple_Pack(3, counts, levels, codes);
out:
    PyMem_Free(effects);
    PyMem_Free(in_use);
    PyMem_Free(used);
    Py_XDECREF(counts);
    Py_XDECREF(levels);
    Py_XDECREF(codes);
    return result;
}

/* ((k, thresholds, levels of the outcome, theta, effects, modes, entries), labels of the k, of the effects,
 * (effects of each bar term), (levels of each), codes of the levels). */
PyObject *py_mixed_shape(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *tuple = NULL, *groups = NULL, *result = NULL;
    char *text = NULL, *effects = NULL;
    sy_mixed_shape s;
    py_mixed x;
    if (!PyArg_ParseTuple(args, "OO:mixed_shape", &source, &tuple)) return NULL;
    if (py_mixed_open(&x, module, source, tuple, NULL, 0, NULL) < 0) goto out;
    const sy_design *design = &x.host.design.design;
    if (py_check(&x.host.call, sy_mixed_shape_of(&x.host.call.ctx, design, &x.model, &s)) < 0) goto out;
    text = PyMem_Calloc((size_t)s.k + 1, PY_MODEL_LABEL);
    effects = PyMem_Calloc((size_t)s.n_effects + 1, PY_MODEL_LABEL);
    if (!text || !effects) {
        PyErr_NoMemory();
        goto out;
    }
    sy_status status =
        sy_mixed_labels(&x.host.call.ctx, design, &x.model, s.k, text, s.n_effects, effects, PY_MODEL_LABEL);
    if (py_check(&x.host.call, status) < 0 || !(groups = groups_of(&x, &s))) goto out;
    result =
        Py_BuildValue("((iiiiini)NNO)", s.k, s.n_thresholds, s.n_levels, s.n_theta, s.n_effects, (Py_ssize_t)s.n_modes,
                      s.entries, py_model_labels(text, s.k), py_model_labels(effects, s.n_effects), groups);
out:
    Py_XDECREF(groups);
    PyMem_Free(text);
    PyMem_Free(effects);
    py_mixed_close(&x);
    return result;
}

static PyObject *summary_of(const sy_mixed_summary *s)
{
    return Py_BuildValue("(ddddiiidddddddddiiiii)", s->n, s->rows_read, s->rows_used, s->rows_dropped, s->k, s->rank,
                         s->n_parameters, s->df_resid, s->loglik, s->criterion, s->aic, s->bic, s->sigma,
                         s->theta_count, s->last_step, s->gradient, s->iterations, s->evaluations, s->converged,
                         s->boundary, s->nodes);
}

/* arrays: (estimate, covariance, theta, covariance of theta, variance, modes, their variance, linear predictor, fitted,
 * start), all but the first, second, third, fifth and sixth or None. */
static int open_fit(py_mixed *x, const py_mixed_sizes *s, PyObject *arrays, sy_mixed_fit *fit)
{
    const Py_ssize_t n = (Py_ssize_t)x->host.design.design.n, columns = s->outcome_levels > 0 ? s->outcome_levels : 1;
    double **place[] = {&fit->estimate,         &fit->covariance, &fit->theta,
                        &fit->theta_covariance, &fit->variance,   &fit->modes,
                        &fit->mode_variance,    &fit->linear,     &fit->fitted};
    const Py_ssize_t length[] = {s->k,
                                 (Py_ssize_t)s->k * s->k,
                                 s->n_theta,
                                 (Py_ssize_t)s->n_theta * s->n_theta,
                                 s->entries,
                                 s->modes,
                                 s->mode_variance,
                                 n,
                                 n * columns};
    for (int i = 0; i < 9; i++) *place[i] = py_model_doubles(&x->host, py_model_item(arrays, i), length[i], 1);
    x->options.start = py_model_doubles(&x->host, py_model_item(arrays, 9), s->n_theta, 0);
    if (PyErr_Occurred()) return -1;
    fit->aliased = PyMem_Calloc((size_t)s->k + 1, sizeof *fit->aliased);
    if (!fit->aliased) PyErr_NoMemory();
    return fit->aliased ? 0 : -1;
}

PyObject *py_mixed_fit(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *tuple = NULL, *rules = NULL, *size = NULL, *arrays = NULL, *progress = NULL,
             *result = NULL;
    int threads = 0;
    sy_mixed_summary summary;
    sy_mixed_fit fit = {0};
    py_mixed_sizes sizes;
    py_mixed x;
    if (!PyArg_ParseTuple(args, "OOOOOiO:mixed", &source, &tuple, &rules, &size, &arrays, &threads, &progress))
        return NULL;
    if (py_mixed_open(&x, module, source, tuple, rules, threads, progress) < 0) goto out;
    if (py_mixed_read_sizes(size, &sizes) < 0 || open_fit(&x, &sizes, arrays, &fit) < 0) goto out;
    py_release(&x.host.call);
    sy_status status = sy_mixed(&x.host.call.ctx, &x.host.design.design, &x.model, &x.options, &summary, &fit);
    py_reacquire(&x.host.call);
    if (py_check(&x.host.call, status) == 0)
        result = Py_BuildValue("(NN)", summary_of(&summary), py_remarks(&x.host.call));
out:
    PyMem_Free(fit.aliased);
    py_mixed_close(&x);
    return result;
}
