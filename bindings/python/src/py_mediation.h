/* Entry for mediation.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef PY_MEDIATION_H
#define PY_MEDIATION_H
#include "py_glue.h"

PyObject *py_mediation(PyObject *module, PyObject *args);
#endif
