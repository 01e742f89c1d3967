/* What the glue of mixed models shares.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef PY_MIXED_H
#define PY_MIXED_H
#include "py_response.h"
#include "steelyard/mixed.h"

typedef struct {
    py_model host;
    py_response response;
    sy_mixed_model model;
    sy_random *random; /* owned, with the terms of each */
    sy_mixed_options options;
} py_mixed;

/* Lengths of arrays, as py_mixed_shape told them. */
typedef struct {
    int k, n_theta, entries, outcome_levels;
    Py_ssize_t modes, mode_variance;
} py_mixed_sizes;

/* tuple: (linear, response model, ((intercept, (term, ...), group column, diagonal), ...)); rules: (restricted, nodes)
 * or None. py_mixed_close after success and failure; `x` must not move between. */
int py_mixed_open(py_mixed *x, PyObject *module, PyObject *source, PyObject *tuple, PyObject *rules, int threads,
                  PyObject *progress);
void py_mixed_close(py_mixed *x);

/* (k, theta, entries, levels of the outcome, modes, mode variances) */
int py_mixed_read_sizes(PyObject *tuple, py_mixed_sizes *sizes);

PyObject *py_mixed_shape(PyObject *module, PyObject *args);
PyObject *py_mixed_fit(PyObject *module, PyObject *args);
PyObject *py_mixed_df(PyObject *module, PyObject *args);
PyObject *py_mixed_contrasts(PyObject *module, PyObject *args);
PyObject *py_mixed_anova(PyObject *module, PyObject *args);
PyObject *py_mixed_predict(PyObject *module, PyObject *args);
PyObject *py_mixed_parameters(PyObject *module, PyObject *args);
PyObject *py_mixed_profile(PyObject *module, PyObject *args);
PyObject *py_mixed_bootstrap(PyObject *module, PyObject *args);
PyObject *py_mixed_explained(PyObject *module, PyObject *args);
PyObject *py_mixed_icc(PyObject *module, PyObject *args);
PyObject *py_mixed_ranks(PyObject *module, PyObject *args);

/* of response and mixed models */
PyObject *py_fitted_shares(PyObject *module, PyObject *args);
#endif
