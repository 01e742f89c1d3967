/* Flips of two blocks' order, for the module's table of functions.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef PY_FLIPS_H
#define PY_FLIPS_H
#include "py_question.h"

PyObject *py_flip_directions(PyObject *module, PyObject *args);
PyObject *py_share_flip(PyObject *module, PyObject *args);
PyObject *py_share_flip_rays(PyObject *module, PyObject *args);
PyObject *py_share_flip_contours(PyObject *module, PyObject *args);
PyObject *py_share_flip_at(PyObject *module, PyObject *args);
PyObject *py_share_flip_benchmarks(PyObject *module, PyObject *args);
PyObject *py_flip_turn(PyObject *module, PyObject *args);
#endif
