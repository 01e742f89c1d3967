/* The state of the module: its exception classes.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef PY_MODULE_H
#define PY_MODULE_H
#include "py_glue.h"

typedef struct {
    PyObject *error, *data, *limit, *bug;
} py_state;

#endif
