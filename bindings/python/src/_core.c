#include "py_glue.h"
#include <string.h>

static PyObject *steelyard_error, *data_error;

PyObject *py_raise(sy_status status, const sy_context *ctx)
{
    if (PyErr_Occurred()) return NULL; /* set by the poll */
    PyObject *type = status == SY_ENOMEM ? PyExc_MemoryError
                     : status == SY_EDATA ? data_error : steelyard_error;
    PyErr_SetString(type, ctx->message[0] ? ctx->message : sy_status_name(status));
    return NULL;
}

static int poll_python(void *arg)
{
    py_host *host = arg;
    PyEval_RestoreThread(host->thread);
    int stop = PyErr_CheckSignals() != 0;
    host->thread = PyEval_SaveThread();
    return stop;
}

void py_context(sy_context *ctx, py_host *host, int threads)
{
    sy_context_init(ctx);
    if (threads > 0) ctx->threads = threads;
    ctx->poll = poll_python;
    ctx->poll_arg = host;
}
void py_enter(py_host *host) { host->thread = PyEval_SaveThread(); }
void py_leave(py_host *host) { PyEval_RestoreThread(host->thread); }

int py_doubles(PyObject *array, int ndim, int writable, Py_buffer *view)
{
    int flags = PyBUF_ANY_CONTIGUOUS | PyBUF_FORMAT | (writable ? PyBUF_WRITABLE : 0);
    if (PyObject_GetBuffer(array, view, flags) < 0) return -1;
    if (view->ndim == ndim && view->format && strcmp(view->format, "d") == 0) return 0;
    PyBuffer_Release(view);
    PyErr_Format(PyExc_TypeError, "expected a float64 array of %d dimensions", ndim);
    return -1;
}

static PyObject *live_bytes(PyObject *self, PyObject *none)
{
    (void)self; (void)none;
    return PyLong_FromLongLong(sy_live_bytes());
}

static PyMethodDef methods[] = {
    {"mean", py_mean, METH_VARARGS, "mean(x, w) -> (mean, ss)"},
    {"gram", py_gram, METH_VARARGS, "gram(x, out), both in Fortran order"},
    {"gamma_upper", py_gamma_upper, METH_VARARGS, "gamma_upper(a, x)"},
    {"mean_se", py_mean_se, METH_VARARGS, "mean_se(x, replicates, seed, threads)"},
    {"live_bytes", live_bytes, METH_NOARGS, "bytes the core holds"},
    {NULL, NULL, 0, NULL}};

static int fill(PyObject *m)
{
    steelyard_error = PyErr_NewException("steelyard.SteelyardError", PyExc_ValueError, NULL);
    data_error = steelyard_error ? PyErr_NewException("steelyard.DataError", steelyard_error, NULL) : NULL;
    if (!data_error || PyModule_AddObjectRef(m, "SteelyardError", steelyard_error) < 0) return -1;
    return PyModule_AddObjectRef(m, "DataError", data_error) < 0 ? -1
           : PyModule_AddStringConstant(m, "version", sy_version());
}
static PyModuleDef_Slot slots[] = {{Py_mod_exec, fill}, {0, NULL}};
static PyModuleDef def = {PyModuleDef_HEAD_INIT, .m_name = "steelyard._core",
                          .m_methods = methods, .m_slots = slots};
PyMODINIT_FUNC PyInit__core(void) { return PyModuleDef_Init(&def); }
