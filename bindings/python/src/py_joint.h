/* Several questions resampled together: entries for the module's table.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef PY_JOINT_H
#define PY_JOINT_H
#include "py_glue.h"

PyObject *py_joint_size(PyObject *module, PyObject *args);
PyObject *py_joint(PyObject *module, PyObject *args);
PyObject *py_joint_contrasts(PyObject *module, PyObject *args);
PyObject *py_joint_all_zero(PyObject *module, PyObject *args);
PyObject *py_joint_step_down(PyObject *module, PyObject *args);
PyObject *py_joint_ranks(PyObject *module, PyObject *args);
PyObject *py_envelope(PyObject *module, PyObject *args);
PyObject *py_block_tests(PyObject *module, PyObject *args);
PyObject *py_power(PyObject *module, PyObject *args);
PyObject *py_units_needed(PyObject *module, PyObject *args);
#endif
