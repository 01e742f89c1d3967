/* Reliability of scales, and moments corrected for errors of measurement.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_measurement.h"
#include "py_question.h"

enum { N_TABLES = 10 }; /* the fields of sy_reliability_table, in its order; the first four by kind */

/* Whole numbers of a tuple; free with PyMem_Free. NULL with an exception. */
static int *read_places(PyObject *tuple)
{
    const Py_ssize_t n = PyTuple_Size(tuple);
    int *places = PyMem_Calloc((size_t)n + 1, sizeof *places);
    if (!places) PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < n && places; i++) {
        places[i] = (int)PyLong_AsLong(PyTuple_GetItem(tuple, i));
        if (places[i] == -1 && PyErr_Occurred()) {
            PyMem_Free(places);
            places = NULL;
        }
    }
    return places;
}

static PyObject *summary_of(const sy_reliability_summary *s)
{
    return Py_BuildValue("{sd si sd sn sd sd sd si si}", "n", s->n, "interval", (int)s->interval, "df", s->df, "units",
                         (Py_ssize_t)s->units, "chi2", s->chi2, "chi2_df", s->chi2_df, "chi2_p", s->chi2_p,
                         "iterations", s->iterations, "boundary", s->boundary);
}

PyObject *py_reliability(PyObject *module, PyObject *args)
{
    PyObject *blob = NULL, *source = NULL, *items = NULL, *arrays = NULL, *progress = NULL, *result = NULL;
    int interval = 0, threads = 0, *item = NULL;
    sy_reliability_options options;
    sy_reliability_summary summary;
    Py_buffer views[N_TABLES] = {{0}, {0}, {0}, {0}, {0}, {0}, {0}, {0}, {0}, {0}};
    py_design rows = {0};
    sy_moments m = {0};
    py_call call;
    sy_reliability_defaults(&options);
    if (!PyArg_ParseTuple(args, "SOO!(idii)O!iO:reliability", &blob, &source, &PyTuple_Type, &items, &interval,
                          &options.level, &options.omega, &options.latent, &PyTuple_Type, &arrays, &threads, &progress))
        return NULL;
    options.interval = (sy_reliability_interval)interval;
    py_begin(&call, module, threads, progress);
    const Py_ssize_t k = PyTuple_Size(items);
    if (py_view(&call, blob, 0, &m) < 0 || !(item = read_places(items))) goto out;
    if (source != Py_None && py_design_open(source, &rows) < 0) goto out;
    for (int i = 0; i < N_TABLES; i++)
        if (py_doubles(PyTuple_GetItem(arrays, i), i < 4 ? SY_N_RELIABILITIES : k, 1, &views[i]) < 0) goto out;
    const sy_reliability_table table = {views[0].buf, views[1].buf, views[2].buf, views[3].buf, views[4].buf,
                                        views[5].buf, views[6].buf, views[7].buf, views[8].buf, views[9].buf};
    py_release(&call);
    sy_status status = sy_reliability(&call.ctx, &m, source == Py_None ? NULL : &rows.design, (int)k, item, &options,
                                      &summary, &table);
    py_reacquire(&call);
    if (py_check(&call, status) == 0) result = Py_BuildValue("(NN)", summary_of(&summary), py_remarks(&call));
out:
    for (int i = 0; i < N_TABLES; i++)
        if (views[i].obj) PyBuffer_Release(&views[i]);
    PyMem_Free(item);
    py_design_close(&rows);
    sy_moments_free(&m);
    py_end(&call);
    return result;
}

typedef struct {
    PyObject *asked, *terms, *reliability, *covariance, *stated, *lowest;
    Py_buffer view[4];
} arguments;

/* Buffers of what is given, and the places of its terms. */
static int *open_errors(arguments *a, sy_errors *errors, sy_error_limits *limits)
{
    const Py_ssize_t n = PyTuple_Size(a->terms);
    if (a->reliability != Py_None && py_doubles(a->reliability, n, 0, &a->view[0]) < 0) return NULL;
    if (a->covariance != Py_None && py_doubles(a->covariance, n * n, 0, &a->view[1]) < 0) return NULL;
    if (py_doubles(a->stated, n, 1, &a->view[2]) < 0 || py_doubles(a->lowest, n, 1, &a->view[3]) < 0) return NULL;
    int *places = read_places(a->terms);
    *errors = (sy_errors){(int)n, places, a->view[0].buf, a->view[1].buf};
    *limits = (sy_error_limits){0, a->view[2].buf, a->view[3].buf};
    return places;
}

PyObject *py_corrected(PyObject *module, PyObject *args)
{
    arguments a = {0};
    sy_errors errors;
    sy_error_limits limits;
    py_question held = {{0}, NULL, NULL};
    sy_moments m = {0}, made = {0};
    PyObject *result = NULL;
    int *places = NULL;
    py_call call;
    if (!PyArg_ParseTuple(args, "OO!OO(OO):corrected", &a.asked, &PyTuple_Type, &a.terms, &a.reliability, &a.covariance,
                          &a.stated, &a.lowest))
        return NULL;
    py_begin(&call, module, 0, NULL);
    if (py_asked_open(&call, a.asked, &m, &held) < 0 || !(places = open_errors(&a, &errors, &limits))) goto out;
    py_release(&call);
    sy_status status = sy_moments_corrected(&call.ctx, &m, &held.question, &errors, &limits, &made);
    py_reacquire(&call);
    if (py_check(&call, status) == 0) {
        PyObject *blob = PyBytes_FromStringAndSize(made.blob, (Py_ssize_t)made.size);
        if (blob) result = Py_BuildValue("(NdN)", blob, limits.multiple, py_remarks(&call));
    }
out:
    for (int i = 0; i < 4; i++)
        if (a.view[i].obj) PyBuffer_Release(&a.view[i]);
    PyMem_Free(places);
    sy_moments_free(&made);
    sy_moments_free(&m);
    py_question_close(&held);
    py_end(&call);
    return result;
}
