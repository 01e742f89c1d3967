/* Entries for the balance of two groups.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef PY_BALANCE_H
#define PY_BALANCE_H
#include "py_glue.h"

PyObject *py_balance_rows(PyObject *module, PyObject *args);
PyObject *py_balance(PyObject *module, PyObject *args);
#endif
