/* Entries for the checks of an answer.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef PY_CHECKS_H
#define PY_CHECKS_H
#include "py_glue.h"

PyObject *py_crossvalidate(PyObject *module, PyObject *args);
PyObject *py_permutation(PyObject *module, PyObject *args);
PyObject *py_population(PyObject *module, PyObject *args);
PyObject *py_rounding(PyObject *module, PyObject *args);
#endif
