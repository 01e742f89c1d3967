/* Gaps between two groups.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef PY_GAP_H
#define PY_GAP_H
#include "py_glue.h"

PyObject *py_gap(PyObject *module, PyObject *args);
PyObject *py_gap_response(PyObject *module, PyObject *args);
#endif
