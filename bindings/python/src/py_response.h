/* What the glue of models by maximum likelihood shares.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef PY_RESPONSE_H
#define PY_RESPONSE_H
#include "py_models.h"
#include "steelyard/response.h"

typedef struct {
    sy_response_model model; /* its columns are those of the py_model it was read with */
    int *nominal, *scale;    /* owned */
} py_response;

/* tuple: (linear model, kind, link, thresholds, column of trials or -1, column
 * of the offset or -1, (nominal term, ...), (scale term, ...)). Opens host and
 * reads the model; py_response_close after success and failure. */
int py_response_open(py_model *host, py_response *r, PyObject *module, PyObject *source, PyObject *tuple, int threads,
                     PyObject *progress);
void py_response_close(py_model *host, py_response *r);

/* The summary of a fit from the tuple of its numbers. */
int py_response_read_summary(PyObject *tuple, sy_response_summary *s);

PyObject *py_response_shape(PyObject *module, PyObject *args);
PyObject *py_response_fit(PyObject *module, PyObject *args);
PyObject *py_response_vcov(PyObject *module, PyObject *args);
PyObject *py_response_tests(PyObject *module, PyObject *args);
PyObject *py_response_predict(PyObject *module, PyObject *args);
PyObject *py_effects_count(PyObject *module, PyObject *args);
PyObject *py_effects(PyObject *module, PyObject *args);
PyObject *py_response_residuals(PyObject *module, PyObject *args);
PyObject *py_response_ratios(PyObject *module, PyObject *args);
PyObject *py_proportional(PyObject *module, PyObject *args);
PyObject *py_response_explained(PyObject *module, PyObject *args);
#endif
