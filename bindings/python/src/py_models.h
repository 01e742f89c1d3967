/* What the glue of models shares: a design with a model over it and the
 * buffers of one call.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef PY_MODELS_H
#define PY_MODELS_H
#include "py_glue.h"
#include "steelyard/anova.h"
#include "steelyard/diagnostics.h"
#include "steelyard/multiplicity.h"
#include "steelyard/vcov.h"

enum { PY_MODEL_BUFFERS = 16, PY_MODEL_LABEL = 512 };

typedef struct {
    py_call call;
    py_design design;
    sy_linear_model model;
    int *terms; /* of the model, as indices of the design's terms */
    int *count; /* columns of the intercept and of each term */
    int p;      /* columns of the model */
    int n_buffers;
    Py_buffer buffers[PY_MODEL_BUFFERS];
} py_model;

/* model: (outcome, (term, ...), intercept, coding, column absorbed or -1).
 * Call py_model_close after success and failure; `m` must not move between. */
int py_model_open(py_model *m, PyObject *module, PyObject *source, PyObject *model, int threads, PyObject *progress);
/* The same without the counts and p. */
int py_model_begin(py_model *m, PyObject *module, PyObject *source, PyObject *model, int threads, PyObject *progress);
void py_model_close(py_model *m);

/* The float64 memory of `length` values that an array holds. None is NULL; on
 * failure NULL with an exception, for all later calls too. */
double *py_model_doubles(py_model *m, PyObject *array, Py_ssize_t length, int writable);
/* The same where None is not allowed. */
double *py_model_needed(py_model *m, PyObject *array, Py_ssize_t length, int writable);

/* The i-th item of a tuple of at least i + 1, else NULL with an exception. */
PyObject *py_model_item(PyObject *tuple, Py_ssize_t i);

/* A column of the design by its index; -1 is NULL. */
const sy_column *py_model_column(py_model *m, int index);

/* Indices of a tuple into fresh memory (PyMem_Free); NULL with an exception. */
int *py_model_indices(PyObject *tuple, int *count);

/* A tuple of n numbers. */
PyObject *py_model_numbers(const double *values, Py_ssize_t n);

/* n labels of PY_MODEL_LABEL bytes each as a tuple. */
PyObject *py_model_labels(const char *text, Py_ssize_t n);

/* The summary of a fit as a tuple in the order of the struct, and back. */
PyObject *py_model_summary(const sy_linear_summary *s);
int py_model_read_summary(PyObject *tuple, sy_linear_summary *s);

/* A fit from its arrays: (coefficient, inverse, fitted, residual, leverage). */
int py_model_read_fit(py_model *m, PyObject *arrays, sy_linear_fit *fit);

PyObject *py_linear_columns(PyObject *module, PyObject *args);
PyObject *py_linear(PyObject *module, PyObject *args);
PyObject *py_linear_predict(PyObject *module, PyObject *args);
PyObject *py_vcov(PyObject *module, PyObject *args);
PyObject *py_vcov_contrasts(PyObject *module, PyObject *args);
PyObject *py_vcov_test(PyObject *module, PyObject *args);
PyObject *py_vcov_wild(PyObject *module, PyObject *args);
PyObject *py_anova(PyObject *module, PyObject *args);
PyObject *py_anova_wald(PyObject *module, PyObject *args);
PyObject *py_oneway(PyObject *module, PyObject *args);
PyObject *py_nested(PyObject *module, PyObject *args);
PyObject *py_means_labels(PyObject *module, PyObject *args);
PyObject *py_means(PyObject *module, PyObject *args);
PyObject *py_pairwise(PyObject *module, PyObject *args);
PyObject *py_adjust_p(PyObject *module, PyObject *args);
PyObject *py_diagnostics(PyObject *module, PyObject *args);
PyObject *py_diagnostics_clusters(PyObject *module, PyObject *args);
PyObject *py_diagnostics_collinearity(PyObject *module, PyObject *args);
#endif
