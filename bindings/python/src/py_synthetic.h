/* Entries for synthetic data.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef PY_SYNTHETIC_H
#define PY_SYNTHETIC_H
#include "py_glue.h"

PyObject *py_poet_tables(PyObject *module, PyObject *none);
PyObject *py_poet(PyObject *module, PyObject *args);
#endif
