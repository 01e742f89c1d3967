/* All submodels by name, for the module's table of functions.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef PY_SUBMODELS_H
#define PY_SUBMODELS_H
#include "py_question.h"

PyObject *py_submodels_sets(PyObject *module, PyObject *args);
PyObject *py_submodels(PyObject *module, PyObject *args);
PyObject *py_commonality(PyObject *module, PyObject *args);
PyObject *py_dominance(PyObject *module, PyObject *args);
PyObject *py_dominance_reproduced(PyObject *module, PyObject *args);
#endif
