/* Glue of printed evidence and of confounding.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef PY_PRINTED_H
#define PY_PRINTED_H
#include "py_glue.h"

/* Views of n arrays of stated lengths (-1: any), those from `first_written` on to be written into; -1 with an
 * exception. py_views_close after either. */
int py_views_open(int n, PyObject *const *arrays, const Py_ssize_t *length, int first_written, Py_buffer *views);
void py_views_close(int n, Py_buffer *views);

PyObject *py_unit_values(PyObject *module, PyObject *args);
PyObject *py_gap_allowed(PyObject *module, PyObject *args);
PyObject *py_slope_allowed(PyObject *module, PyObject *args);
PyObject *py_risk_odds(PyObject *module, PyObject *args);
PyObject *py_r2_interval(PyObject *module, PyObject *args);
PyObject *py_detectable(PyObject *module, PyObject *args);
PyObject *py_counts(PyObject *module, PyObject *args);
PyObject *py_robustness(PyObject *module, PyObject *args);
PyObject *py_adjusted(PyObject *module, PyObject *args);
PyObject *py_contours(PyObject *module, PyObject *args);
PyObject *py_needed(PyObject *module, PyObject *args);
PyObject *py_tested(PyObject *module, PyObject *args);
PyObject *py_printed_test(PyObject *module, PyObject *args);
PyObject *py_benchmarks(PyObject *module, PyObject *args);
PyObject *py_bound(PyObject *module, PyObject *args);
PyObject *py_e_value(PyObject *module, PyObject *args);
PyObject *py_oster(PyObject *module, PyObject *args);
PyObject *py_oster_from_fit(PyObject *module, PyObject *args);
#endif
