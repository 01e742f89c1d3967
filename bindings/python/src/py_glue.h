#ifndef PY_GLUE_H
#define PY_GLUE_H
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include "steelyard.h"

/* The core's status as a Python exception; always NULL. */
PyObject *py_raise(sy_status status, const sy_context *ctx);

/* A context whose poll runs Python's signal handlers; between enter and leave
 * the GIL is free. */
typedef struct { PyThreadState *thread; } py_host;
void py_context(sy_context *ctx, py_host *host, int threads);
void py_enter(py_host *host);
void py_leave(py_host *host);

/* The C-contiguous float64 memory of an array of ndim dimensions. */
int py_doubles(PyObject *array, int ndim, int writable, Py_buffer *view);

PyObject *py_mean(PyObject *self, PyObject *args);
PyObject *py_gram(PyObject *self, PyObject *args);
PyObject *py_gamma_upper(PyObject *self, PyObject *args);
PyObject *py_mean_se(PyObject *self, PyObject *args);
#endif
