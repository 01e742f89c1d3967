/* What the Python glue shares: module state, context, errors, designs. No
 * arithmetic happens here; each function parses, holds its views, calls the
 * core once with the GIL released, and leaves by one exit.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef PY_GLUE_H
#define PY_GLUE_H
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include "steelyard.h"

/* The surroundings of one call. The context's hooks point at it, so it stays
 * where it is until py_end. */
typedef struct {
    sy_context ctx;
    PyObject *module;      /* borrowed; knows the exception classes */
    PyObject *progress;    /* borrowed callable, or NULL */
    PyThreadState *thread; /* while the GIL is released */
    int stop;              /* the progress callable raised */
} py_call;

/* threads 0: the default of sy_context_init. progress: a callable or None. */
void py_begin(py_call *call, PyObject *module, int threads, PyObject *progress);
void py_release(py_call *call);   /* gives the GIL away */
void py_reacquire(py_call *call); /* and takes it back */
void py_end(py_call *call);

/* 0 when the core's status leaves a result, else -1 with the exception set
 * (that of a signal handler or of the progress callable comes first). */
int py_check(py_call *call, sy_status status);

/* The core's text as str; what a cut in mid-character left is replaced. */
PyObject *py_text(const char *text);

/* The remarks of a call as a tuple of (code name, term, value, text). */
PyObject *py_remarks(const py_call *call);

/* A str's UTF-8, owned by the str; NULL with an exception otherwise. */
const char *py_utf8(PyObject *text, const char *what);

/* Pointers to the texts of a tuple, good for as long as the tuple lives; free
 * with PyMem_Free. NULL with an exception when one is not a text. */
const char **py_texts(PyObject *tuple, const char *what);

/* Opens moments kept as bytes; the bytes must outlive `out`. */
int py_view(py_call *call, PyObject *blob, int verify, sy_moments *out);

/* The writable, C-contiguous float64 memory of `length` values. */
int py_doubles(PyObject *array, Py_ssize_t length, int writable, Py_buffer *view);

/* A design with everything it borrows held: buffers by views, texts by the
 * tuples it was read from. */
typedef struct {
    sy_design design;
    Py_ssize_t n_views;
    Py_buffer *views;
    sy_column *columns; /* those of the design, then weights, cluster and strata */
    sy_term *terms;
    sy_factor *factors;
    const char **names; /* levels of all columns, one after another */
} py_design;

/* source: (columns, terms, weights or None, weight kind, cluster or None,
 * missing rule[, strata]); column: (name, buffer, levels or None, first code); term:
 * (label, ((column, power), ...)). All tuples, so that nobody can change them
 * while the GIL is away. Call py_design_close after success and failure. */
int py_design_open(PyObject *source, py_design *out);
void py_design_close(py_design *design);

PyObject *py_moments(PyObject *module, PyObject *args);
PyObject *py_merge(PyObject *module, PyObject *args);
PyObject *py_from_correlation(PyObject *module, PyObject *args);
PyObject *py_latent(PyObject *module, PyObject *args);
PyObject *py_verify(PyObject *module, PyObject *args);
PyObject *py_info(PyObject *module, PyObject *args);
PyObject *py_find_term(PyObject *module, PyObject *args);
PyObject *py_describe(PyObject *module, PyObject *args);
PyObject *py_describe_columns(PyObject *module, PyObject *args);
PyObject *py_overview(PyObject *module, PyObject *args);
PyObject *py_overview_steps(PyObject *module, PyObject *args);
PyObject *py_overview_claim(PyObject *module, PyObject *args);
PyObject *py_overview_ranks(PyObject *module, PyObject *args);
PyObject *py_overview_funnel(PyObject *module, PyObject *args);
PyObject *py_shares(PyObject *module, PyObject *args);
PyObject *py_relative_weights(PyObject *module, PyObject *args);
PyObject *py_limits(PyObject *module, PyObject *args);
PyObject *py_difference(PyObject *module, PyObject *args);
PyObject *py_ratio(PyObject *module, PyObject *args);
PyObject *py_above_bound(PyObject *module, PyObject *args);
PyObject *py_above(PyObject *module, PyObject *args);
PyObject *py_resampled(PyObject *module, PyObject *args);
PyObject *py_percentile(PyObject *module, PyObject *args);
PyObject *py_at_most(PyObject *module, PyObject *args);
PyObject *py_t_quantile(PyObject *module, PyObject *args);
#endif
