/* What surrounds a call: the GIL, signals, progress, errors, remarks.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_module.h"
#include <string.h>

/* The core may ask in a short call too, for which the GIL was never given away. */
static int take_back(py_call *call)
{
    const int away = call->thread != NULL;
    if (away) py_reacquire(call);
    return away;
}

static int poll_python(void *arg)
{
    py_call *call = arg;
    const int away = take_back(call);
    int stop = call->stop || PyErr_CheckSignals() != 0;
    if (away) py_release(call);
    return stop;
}

static void tell_python(void *arg, double fraction)
{
    py_call *call = arg;
    const int away = take_back(call);
    if (!call->stop && !PyErr_Occurred()) {
        PyObject *answer = PyObject_CallFunction(call->progress, "d", fraction);
        if (!answer) call->stop = 1;
        Py_XDECREF(answer);
    }
    if (away) py_release(call);
}

void py_begin(py_call *call, PyObject *module, int threads, PyObject *progress)
{
    memset(call, 0, sizeof *call);
    sy_context_init(&call->ctx);
    call->module = module;
    if (threads > 0) call->ctx.threads = threads;
    call->ctx.poll = poll_python;
    call->ctx.poll_arg = call;
    if (progress && progress != Py_None) {
        call->progress = progress;
        call->ctx.progress = tell_python;
        call->ctx.progress_arg = call;
    }
}

void py_release(py_call *call)
{
    call->thread = PyEval_SaveThread();
}

void py_reacquire(py_call *call)
{
    PyEval_RestoreThread(call->thread);
    call->thread = NULL;
}

void py_end(py_call *call)
{
    sy_context_free(&call->ctx);
}

static PyObject *class_of(PyObject *module, sy_status status)
{
    const py_state *state = PyModule_GetState(module);
    switch (status) {
    case SY_EDATA:
    case SY_ERANK: return state->data;
    case SY_ELIMIT: return state->limit;
    case SY_ENOMEM: return PyExc_MemoryError;
    case SY_EINTR: return PyExc_KeyboardInterrupt;
    case SY_EBUG: return state->bug;
    default: return state->error;
    }
}

int py_check(py_call *call, sy_status status)
{
    if (PyErr_Occurred()) return -1;
    if (status >= 0) return 0;
    PyObject *text = py_text(call->ctx.message[0] ? call->ctx.message : sy_status_name(status));
    if (text) PyErr_SetObject(class_of(call->module, status), text);
    Py_XDECREF(text);
    return -1;
}

PyObject *py_text(const char *text)
{
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
}

static const char *note_name(sy_status code)
{
    static const char *const names[] = {"",
                                        "suppression",
                                        "marginality",
                                        "zero_weights",
                                        "empty_level",
                                        "hidden",
                                        "rows_dropped",
                                        "precision",
                                        "no_fma",
                                        "assumes_normal",
                                        "sampled",
                                        "bounds_skipped",
                                        "terms_skipped",
                                        "interval_skipped",
                                        "one_unit",
                                        "few_clusters",
                                        "aliased",
                                        "boundary",
                                        "separated",
                                        "not_converged",
                                        "overlap",
                                        "reversed",
                                        "corrected"};
    int known = code > 0 && (size_t)code < sizeof names / sizeof *names;
    return known ? names[code] : "note";
}

PyObject *py_remarks(const py_call *call)
{
    PyObject *all = PyTuple_New(call->ctx.n_remarks);
    for (int i = 0; all && i < call->ctx.n_remarks; i++) {
        const sy_remark *remark = &call->ctx.remarks[i];
        PyObject *one = Py_BuildValue("(sNdN)", note_name(remark->code), py_text(remark->term), remark->value,
                                      py_text(remark->text));
        if (!one || PyTuple_SetItem(all, i, one) < 0) Py_CLEAR(all);
    }
    return all;
}

const char *py_utf8(PyObject *text, const char *what)
{
    Py_ssize_t size = 0;
    if (!text || !PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError, "%s: a text was expected", what);
        return NULL;
    }
    const char *utf8 = PyUnicode_AsUTF8AndSize(text, &size);
    if (utf8 && strlen(utf8) != (size_t)size) {
        PyErr_Format(PyExc_ValueError, "%s: a text holds a null character", what);
        return NULL;
    }
    return utf8;
}

const char **py_texts(PyObject *tuple, const char *what)
{
    Py_ssize_t n = PyTuple_Size(tuple);
    const char **texts = PyMem_Calloc((size_t)n + 1, sizeof *texts);
    if (!texts) {
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        texts[i] = py_utf8(PyTuple_GetItem(tuple, i), what);
        if (!texts[i]) {
            PyMem_Free(texts);
            return NULL;
        }
    }
    return texts;
}

int py_view(py_call *call, PyObject *blob, int verify, sy_moments *out)
{
    char *bytes = NULL;
    Py_ssize_t size = 0;
    if (PyBytes_AsStringAndSize(blob, &bytes, &size) < 0) return -1;
    return py_check(call, sy_moments_view(&call->ctx, bytes, (size_t)size, verify, out));
}

int py_doubles(PyObject *array, Py_ssize_t length, int writable, Py_buffer *view)
{
    int flags = PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | (writable ? PyBUF_WRITABLE : 0);
    if (PyObject_GetBuffer(array, view, flags) < 0) return -1;
    int right = view->format && strcmp(view->format, "d") == 0;
    if (right && (length < 0 || view->len == length * (Py_ssize_t)sizeof(double))) return 0;
    Py_ssize_t found = view->len / (Py_ssize_t)sizeof(double);
    PyBuffer_Release(view);
    view->obj = NULL;
    PyErr_Format(PyExc_TypeError, "a buffer of %zd float64 values was expected, found %zd", length, found);
    return -1;
}
