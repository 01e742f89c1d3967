/* Binary, count and ordinal outcomes: models read from tuples, fits written
 * into NumPy's memory.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_response.h"
#include <string.h>

static int read_response(py_model *host, py_response *r, PyObject *tuple)
{
    int kind = 0, link = 0, thresholds = 0, trials = -1, offset = -1;
    PyObject *linear = NULL, *nominal = NULL, *scale = NULL;
    if (!PyArg_ParseTuple(tuple, "OiiiiiOO;model", &linear, &kind, &link, &thresholds, &trials, &offset, &nominal,
                          &scale))
        return -1;
    r->model.columns = host->model;
    r->model.kind = (sy_response_kind)kind;
    r->model.link = (sy_link)link;
    r->model.thresholds = (sy_thresholds)thresholds;
    r->model.trials = py_model_column(host, trials);
    r->model.offset = py_model_column(host, offset);
    if (PyErr_Occurred()) return -1;
    r->model.nominal = r->nominal = py_model_indices(nominal, &r->model.n_nominal);
    if (!r->nominal) return -1;
    r->model.scale = r->scale = py_model_indices(scale, &r->model.n_scale);
    return r->scale ? 0 : -1;
}

int py_response_open(py_model *host, py_response *r, PyObject *module, PyObject *source, PyObject *tuple, int threads,
                     PyObject *progress)
{
    memset(r, 0, sizeof *r);
    memset(host, 0, sizeof *host);
    PyObject *linear = py_model_item(tuple, 0);
    if (!linear) return -1;
    if (py_model_begin(host, module, source, linear, threads, progress) < 0) return -1;
    return read_response(host, r, tuple);
}

void py_response_close(py_model *host, py_response *r)
{
    PyMem_Free(r->nominal);
    PyMem_Free(r->scale);
    py_model_close(host);
}

/* ((k, thresholds, p, scale, levels), (label of each parameter)). */
PyObject *py_response_shape(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *tuple = NULL, *result = NULL;
    sy_response_shape shape;
    char *text = NULL;
    py_model host;
    py_response r;
    if (!PyArg_ParseTuple(args, "OO:response_shape", &source, &tuple)) return NULL;
    if (py_response_open(&host, &r, module, source, tuple, 0, NULL) < 0) goto out;
    if (py_check(&host.call, sy_response_shape_of(&host.call.ctx, &host.design.design, &r.model, &shape)) < 0) goto out;
    if (!(text = PyMem_Malloc((size_t)shape.k * PY_MODEL_LABEL + 1))) {
        PyErr_NoMemory();
        goto out;
    }
    sy_status status = sy_response_labels(&host.call.ctx, &host.design.design, &r.model, shape.k, text, PY_MODEL_LABEL);
    if (py_check(&host.call, status) < 0) goto out;
    result = Py_BuildValue("((iiiii)N)", shape.k, shape.n_thresholds, shape.p, shape.n_scale, shape.n_levels,
                           py_model_labels(text, shape.k));
out:
    PyMem_Free(text);
    py_response_close(&host, &r);
    return result;
}

static PyObject *summary_of(const sy_response_summary *s)
{
    return Py_BuildValue("(dddddiiddddddddddddddddiii)", s->n, s->rows_read, s->rows_used, s->rows_dropped, s->sum_w,
                         s->k, s->rank, s->df_resid, s->loglik, s->loglik_null, s->loglik_saturated, s->deviance,
                         s->deviance_null, s->aic, s->bic, s->pearson, s->lr, s->lr_df, s->lr_p, s->theta,
                         s->theta_std_error, s->condition, s->last_step, s->iterations, s->converged, s->separated);
}

int py_response_read_summary(PyObject *tuple, sy_response_summary *s)
{
    memset(s, 0, sizeof *s);
    if (!tuple || !PyTuple_Check(tuple)) {
        PyErr_SetString(PyExc_TypeError, "model: a summary is a tuple");
        return -1;
    }
    return PyArg_ParseTuple(tuple, "dddddiiddddddddddddddddiii;summary", &s->n, &s->rows_read, &s->rows_used,
                            &s->rows_dropped, &s->sum_w, &s->k, &s->rank, &s->df_resid, &s->loglik, &s->loglik_null,
                            &s->loglik_saturated, &s->deviance, &s->deviance_null, &s->aic, &s->bic, &s->pearson,
                            &s->lr, &s->lr_df, &s->lr_p, &s->theta, &s->theta_std_error, &s->condition, &s->last_step,
                            &s->iterations, &s->converged, &s->separated)
               ? 0
               : -1;
}

/* shape: (k, levels); arrays: (estimate, covariance, linear, fitted, start),
 * the last three or None. */
static int open_fit(py_model *host, const sy_response_model *model, PyObject *shape, PyObject *arrays,
                    sy_response_fit *fit, sy_response_options *options)
{
    int k = 0, levels = 0;
    Py_ssize_t n = (Py_ssize_t)host->design.design.n;
    if (!PyArg_ParseTuple(shape, "ii;shape", &k, &levels)) return -1;
    if (model->kind != SY_RESPONSE_ORDINAL) levels = 1;
    fit->estimate = py_model_needed(host, py_model_item(arrays, 0), k, 1);
    fit->covariance = py_model_needed(host, py_model_item(arrays, 1), (Py_ssize_t)k * k, 1);
    fit->linear = py_model_doubles(host, py_model_item(arrays, 2), n, 1);
    fit->fitted = py_model_doubles(host, py_model_item(arrays, 3), n * levels, 1);
    options->start = py_model_doubles(host, py_model_item(arrays, 4), k, 0);
    if (PyErr_Occurred()) return -1;
    fit->aliased = PyMem_Calloc((size_t)k + 1, sizeof *fit->aliased);
    if (!fit->aliased) PyErr_NoMemory();
    return fit->aliased ? 0 : -1;
}

PyObject *py_response_fit(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *tuple = NULL, *shape = NULL, *arrays = NULL, *progress = NULL, *result = NULL;
    int threads = 0;
    sy_response_options options;
    sy_response_summary summary;
    sy_response_fit fit = {0};
    py_model host;
    py_response r;
    if (!PyArg_ParseTuple(args, "OOOOiO:response", &source, &tuple, &shape, &arrays, &threads, &progress)) return NULL;
    sy_response_defaults(&options);
    if (py_response_open(&host, &r, module, source, tuple, threads, progress) < 0) goto out;
    if (open_fit(&host, &r.model, shape, arrays, &fit, &options) < 0) goto out;
    py_release(&host.call);
    sy_status status = sy_response(&host.call.ctx, &host.design.design, &r.model, &options, &summary, &fit);
    py_reacquire(&host.call);
    if (py_check(&host.call, status) == 0) result = Py_BuildValue("(NN)", summary_of(&summary), py_remarks(&host.call));
out:
    PyMem_Free(fit.aliased);
    py_response_close(&host, &r);
    return result;
}
