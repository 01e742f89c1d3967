/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef PY_VERDICT_H
#define PY_VERDICT_H
#include "py_glue.h"

PyObject *py_weigh(PyObject *module, PyObject *args);
PyObject *py_specifications(PyObject *module, PyObject *args);

/* A table as (name, names of texts, names of numbers, ((text, ...), ...), float64 bytes by row). */
PyObject *py_tidy(const sy_tidy *table);
#endif
