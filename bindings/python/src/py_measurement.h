/* Reliability and what is corrected for it.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef PY_MEASUREMENT_H
#define PY_MEASUREMENT_H
#include "py_glue.h"

PyObject *py_reliability(PyObject *module, PyObject *args);
PyObject *py_corrected(PyObject *module, PyObject *args);
PyObject *py_simex(PyObject *module, PyObject *args);
PyObject *py_reliability_of_means(PyObject *module, PyObject *args);
#endif
