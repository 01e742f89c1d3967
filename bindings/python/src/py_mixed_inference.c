/* What a mixed model says of its variances and groups.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_mixed.h"
#include "steelyard/mixed_inference.h"
#include <string.h>

/* fitted: (estimate, theta, covariance of theta or None, modes or None, their variance or None, sigma, theta of the
 * negative binomial). */
static int read_fitted(py_mixed *x, const py_mixed_sizes *s, PyObject *tuple, sy_mixed_fitted *f)
{
    PyObject *estimate = NULL, *theta = NULL, *spread = NULL, *modes = NULL, *variance = NULL;
    memset(f, 0, sizeof *f);
    if (!PyArg_ParseTuple(tuple, "OOOOOdd;fitted", &estimate, &theta, &spread, &modes, &variance, &f->sigma,
                          &f->theta_count))
        return -1;
    f->estimate = py_model_needed(&x->host, estimate, s->k, 0);
    f->theta = py_model_needed(&x->host, theta, s->n_theta, 0);
    f->theta_covariance = py_model_doubles(&x->host, spread, (Py_ssize_t)s->n_theta * s->n_theta, 0);
    f->modes = py_model_doubles(&x->host, modes, s->modes, 0);
    f->mode_variance = py_model_doubles(&x->host, variance, s->mode_variance, 0);
    return PyErr_Occurred() ? -1 : 0;
}

/* The labels of what profiles and the bootstrap are about. */
PyObject *py_mixed_parameters(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *tuple = NULL, *result = NULL;
    char *text = NULL;
    int n = 0;
    py_mixed x;
    if (!PyArg_ParseTuple(args, "OO:mixed_parameters", &source, &tuple)) return NULL;
    if (py_mixed_open(&x, module, source, tuple, NULL, 0, NULL) < 0) goto out;
    sy_context *ctx = &x.host.call.ctx;
    const sy_design *design = &x.host.design.design;
    if (py_check(&x.host.call, sy_mixed_parameters(ctx, design, &x.model, &n, NULL, 0)) < 0) goto out;
    if (!(text = PyMem_Calloc((size_t)n + 1, PY_MODEL_LABEL))) {
        PyErr_NoMemory();
        goto out;
    }
    if (py_check(&x.host.call, sy_mixed_parameters(ctx, design, &x.model, &n, text, PY_MODEL_LABEL)) < 0) goto out;
    result = py_model_labels(text, n);
out:
    PyMem_Free(text);
    py_mixed_close(&x);
    return result;
}

static int open_limits(py_mixed *x, PyObject *arrays, int n, sy_mixed_limits *limits)
{
    limits->estimate = py_model_needed(&x->host, py_model_item(arrays, 0), n, 1);
    limits->lower = py_model_needed(&x->host, py_model_item(arrays, 1), n, 1);
    limits->upper = py_model_needed(&x->host, py_model_item(arrays, 2), n, 1);
    return PyErr_Occurred() ? -1 : 0;
}

static int parameter_count(py_mixed *x, int *n)
{
    return py_check(&x->host.call,
                    sy_mixed_parameters(&x->host.call.ctx, &x->host.design.design, &x->model, n, NULL, 0));
}

/* arrays: (estimate, lower, upper) */
PyObject *py_mixed_profile(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *tuple = NULL, *rules = NULL, *which = NULL, *arrays = NULL, *progress = NULL,
             *result = NULL;
    int threads = 0, n = 0, n_which = 0, *picked = NULL;
    double level = 0;
    sy_mixed_limits limits;
    py_mixed x;
    if (!PyArg_ParseTuple(args, "OOOdOOiO:mixed_profile", &source, &tuple, &rules, &level, &which, &arrays, &threads,
                          &progress))
        return NULL;
    if (py_mixed_open(&x, module, source, tuple, rules, threads, progress) < 0) goto out;
    if (parameter_count(&x, &n) < 0 || open_limits(&x, arrays, n, &limits) < 0) goto out;
    if (!(picked = py_model_indices(which, &n_which))) goto out;
    py_release(&x.host.call);
    sy_status status = sy_mixed_profile(&x.host.call.ctx, &x.host.design.design, &x.model, &x.options, level, n_which,
                                        picked, &limits);
    py_reacquire(&x.host.call);
    if (py_check(&x.host.call, status) == 0) result = py_remarks(&x.host.call);
out:
    PyMem_Free(picked);
    py_mixed_close(&x);
    return result;
}

/* how: (replicates, seed, level); arrays: (estimate, lower, upper, standard error, replicates or None). */
PyObject *py_mixed_bootstrap(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *tuple = NULL, *rules = NULL, *how = NULL, *arrays = NULL, *progress = NULL,
             *result = NULL;
    int threads = 0, n = 0, boundary = 0;
    unsigned long long seed = 0;
    sy_mixed_boot boot;
    sy_mixed_limits limits;
    py_mixed x;
    if (!PyArg_ParseTuple(args, "OOOO!OiO:mixed_bootstrap", &source, &tuple, &rules, &PyTuple_Type, &how, &arrays,
                          &threads, &progress))
        return NULL;
    sy_mixed_boot_defaults(&boot);
    if (!PyArg_ParseTuple(how, "iKd;how", &boot.replicates, &seed, &boot.level)) return NULL;
    boot.seed = seed;
    if (py_mixed_open(&x, module, source, tuple, rules, threads, progress) < 0) goto out;
    if (parameter_count(&x, &n) < 0 || open_limits(&x, arrays, n, &limits) < 0) goto out;
    double *error = py_model_needed(&x.host, py_model_item(arrays, 3), n, 1);
    double *all = py_model_doubles(&x.host, py_model_item(arrays, 4), (Py_ssize_t)boot.replicates * n, 1);
    if (PyErr_Occurred()) goto out;
    py_release(&x.host.call);
    sy_status status = sy_mixed_bootstrap(&x.host.call.ctx, &x.host.design.design, &x.model, &x.options, &boot, &limits,
                                          error, all, &boundary);
    py_reacquire(&x.host.call);
    if (py_check(&x.host.call, status) == 0) result = Py_BuildValue("(iN)", boundary, py_remarks(&x.host.call));
out:
    py_mixed_close(&x);
    return result;
}

/* arrays: (variance of each bar term, its intraclass correlation). */
PyObject *py_mixed_explained(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *tuple = NULL, *size = NULL, *given = NULL, *arrays = NULL, *result = NULL;
    sy_mixed_explained_summary s;
    sy_mixed_fitted fitted;
    py_mixed_sizes sizes;
    py_mixed x;
    if (!PyArg_ParseTuple(args, "OOOO!O:mixed_explained", &source, &tuple, &size, &PyTuple_Type, &given, &arrays))
        return NULL;
    if (py_mixed_open(&x, module, source, tuple, NULL, 0, NULL) < 0) goto out;
    if (py_mixed_read_sizes(size, &sizes) < 0 || read_fitted(&x, &sizes, given, &fitted) < 0) goto out;
    double *variance = py_model_needed(&x.host, py_model_item(arrays, 0), x.model.n_random, 1);
    double *icc = py_model_needed(&x.host, py_model_item(arrays, 1), x.model.n_random, 1);
    if (PyErr_Occurred()) goto out;
    py_release(&x.host.call);
    sy_status status =
        sy_mixed_explained(&x.host.call.ctx, &x.host.design.design, &x.model, &fitted, &s, variance, icc);
    py_reacquire(&x.host.call);
    if (py_check(&x.host.call, status) == 0)
        result = Py_BuildValue("((ddddddd)N)", s.fixed, s.residual, s.total, s.marginal, s.conditional, s.icc_adjusted,
                               s.icc_unadjusted, py_remarks(&x.host.call));
out:
    py_mixed_close(&x);
    return result;
}

/* how: (bar term or -1, method, level). */
PyObject *py_mixed_icc(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *tuple = NULL, *rules = NULL, *size = NULL, *given = NULL, *how = NULL, *progress = NULL;
    PyObject *result = NULL;
    int threads = 0, bar = -1, method = 0;
    double level = 0;
    sy_icc icc;
    sy_mixed_fitted fitted;
    py_mixed_sizes sizes;
    py_mixed x;
    if (!PyArg_ParseTuple(args, "OOOOO!O!iO:mixed_icc", &source, &tuple, &rules, &size, &PyTuple_Type, &given,
                          &PyTuple_Type, &how, &threads, &progress))
        return NULL;
    if (!PyArg_ParseTuple(how, "iid;how", &bar, &method, &level)) return NULL;
    if (py_mixed_open(&x, module, source, tuple, rules, threads, progress) < 0) goto out;
    if (py_mixed_read_sizes(size, &sizes) < 0 || read_fitted(&x, &sizes, given, &fitted) < 0) goto out;
    py_release(&x.host.call);
    sy_status status = sy_mixed_icc(&x.host.call.ctx, &x.host.design.design, &x.model, &x.options, &fitted, bar,
                                    (sy_icc_method)method, level, &icc);
    py_reacquire(&x.host.call);
    if (py_check(&x.host.call, status) == 0)
        result =
            Py_BuildValue("((dddd)N)", icc.estimate, icc.std_error, icc.lower, icc.upper, py_remarks(&x.host.call));
out:
    py_mixed_close(&x);
    return result;
}

/* how: (bar term, effect, draws, seed, level, top, levels); table: (estimate, standard error, expected rank, its lower
 * and upper limit, probability of the top, of the bottom, reliability). */
PyObject *py_mixed_ranks(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *tuple = NULL, *rules = NULL, *size = NULL, *given = NULL, *how = NULL, *columns = NULL;
    PyObject *progress = NULL, *result = NULL;
    int threads = 0;
    Py_ssize_t levels = 0;
    unsigned long long seed = 0;
    sy_mixed_rank_options rank;
    sy_mixed_rank_table table;
    sy_mixed_fitted fitted;
    py_mixed_sizes sizes;
    py_mixed x;
    if (!PyArg_ParseTuple(args, "OOOOO!O!OiO:mixed_ranks", &source, &tuple, &rules, &size, &PyTuple_Type, &given,
                          &PyTuple_Type, &how, &columns, &threads, &progress))
        return NULL;
    sy_mixed_rank_defaults(&rank);
    if (!PyArg_ParseTuple(how, "iiiKddn;how", &rank.bar, &rank.effect, &rank.draws, &seed, &rank.level, &rank.top,
                          &levels))
        return NULL;
    rank.seed = seed;
    if (py_mixed_open(&x, module, source, tuple, rules, threads, progress) < 0) goto out;
    if (py_mixed_read_sizes(size, &sizes) < 0 || read_fitted(&x, &sizes, given, &fitted) < 0) goto out;
    double **place[] = {&table.estimate, &table.std_error, &table.expected, &table.lower,
                        &table.upper,    &table.p_top,     &table.p_bottom, &table.reliability};
    for (int i = 0; i < 8; i++) *place[i] = py_model_doubles(&x.host, py_model_item(columns, i), levels, 1);
    if (PyErr_Occurred()) goto out;
    py_release(&x.host.call);
    sy_status status =
        sy_mixed_ranks(&x.host.call.ctx, &x.host.design.design, &x.model, &x.options, &fitted, &rank, &table);
    py_reacquire(&x.host.call);
    if (py_check(&x.host.call, status) == 0) result = py_remarks(&x.host.call);
out:
    py_mixed_close(&x);
    return result;
}
