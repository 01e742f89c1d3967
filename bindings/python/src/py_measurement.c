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

/* What is measured with error: views of the numbers given, places of the terms. */
typedef struct {
    Py_buffer reliability, covariance;
    int *term;
    sy_errors errors;
} py_errors;

static void errors_close(py_errors *e)
{
    if (e->reliability.obj) PyBuffer_Release(&e->reliability);
    if (e->covariance.obj) PyBuffer_Release(&e->covariance);
    PyMem_Free(e->term);
}

/* Close after success and failure. */
static int errors_open(PyObject *terms, PyObject *reliability, PyObject *covariance, py_errors *e)
{
    const Py_ssize_t n = PyTuple_Size(terms);
    if (reliability != Py_None && py_doubles(reliability, n, 0, &e->reliability) < 0) return -1;
    if (covariance != Py_None && py_doubles(covariance, n * n, 0, &e->covariance) < 0) return -1;
    e->term = read_places(terms);
    e->errors = (sy_errors){(int)n, e->term, e->reliability.buf, e->covariance.buf};
    return e->term ? 0 : -1;
}

PyObject *py_corrected(PyObject *module, PyObject *args)
{
    PyObject *asked = NULL, *terms = NULL, *reliability = NULL, *covariance = NULL, *arrays[2] = {NULL}, *result = NULL;
    Py_buffer stated = {0}, lowest = {0};
    py_errors errors = {{0}, {0}, NULL, {0, NULL, NULL, NULL}};
    py_question held = {{0}, NULL, NULL};
    sy_moments m = {0}, made = {0};
    py_call call;
    if (!PyArg_ParseTuple(args, "OO!OO(OO):corrected", &asked, &PyTuple_Type, &terms, &reliability, &covariance,
                          &arrays[0], &arrays[1]))
        return NULL;
    const Py_ssize_t n = PyTuple_Size(terms);
    py_begin(&call, module, 0, NULL);
    if (py_asked_open(&call, asked, &m, &held) < 0 || errors_open(terms, reliability, covariance, &errors) < 0)
        goto out;
    if (py_doubles(arrays[0], n, 1, &stated) < 0 || py_doubles(arrays[1], n, 1, &lowest) < 0) goto out;
    sy_error_limits limits = {0, stated.buf, lowest.buf};
    py_release(&call);
    sy_status status = sy_moments_corrected(&call.ctx, &m, &held.question, &errors.errors, &limits, &made);
    py_reacquire(&call);
    if (py_check(&call, status) == 0) {
        PyObject *blob = PyBytes_FromStringAndSize(made.blob, (Py_ssize_t)made.size);
        if (blob) result = Py_BuildValue("(NdN)", blob, limits.multiple, py_remarks(&call));
    }
out:
    if (stated.obj) PyBuffer_Release(&stated);
    if (lowest.obj) PyBuffer_Release(&lowest);
    errors_close(&errors);
    sy_moments_free(&made);
    sy_moments_free(&m);
    py_question_close(&held);
    py_end(&call);
    return result;
}

typedef struct {
    PyObject *asked, *terms, *reliability, *covariance, *lambda, *arrays, *progress;
    int replicates, threads;
    unsigned long long seed;
} simex_arguments;

enum { LAMBDA = 6, N_VIEWS = 7 }; /* the fields of sy_simex_table, in its order; then the lambdas */

static int open_tables(const simex_arguments *a, Py_ssize_t rows, Py_buffer views[N_VIEWS])
{
    const Py_ssize_t n = PyObject_Length(a->lambda);
    const Py_ssize_t lengths[LAMBDA] = {rows, n * rows, n * rows, rows, rows, rows};
    if (n < 0 || py_doubles(a->lambda, n, 0, &views[LAMBDA]) < 0) return -1;
    for (int i = 0; i < LAMBDA; i++)
        if (py_doubles(PyTuple_GetItem(a->arrays, i), lengths[i], 1, &views[i]) < 0) return -1;
    return 0;
}

PyObject *py_simex(PyObject *module, PyObject *args)
{
    simex_arguments a = {0};
    Py_buffer views[N_VIEWS] = {{0}, {0}, {0}, {0}, {0}, {0}, {0}};
    py_errors errors = {{0}, {0}, NULL, {0, NULL, NULL, NULL}};
    py_question held = {{0}, NULL, NULL};
    sy_moments m = {0};
    PyObject *result = NULL;
    py_call call;
    if (!PyArg_ParseTuple(args, "OO!OO(OiK)O!iO:simex", &a.asked, &PyTuple_Type, &a.terms, &a.reliability,
                          &a.covariance, &a.lambda, &a.replicates, &a.seed, &PyTuple_Type, &a.arrays, &a.threads,
                          &a.progress))
        return NULL;
    py_begin(&call, module, a.threads, a.progress);
    if (py_asked_open(&call, a.asked, &m, &held) < 0) goto out;
    if (errors_open(a.terms, a.reliability, a.covariance, &errors) < 0) goto out;
    if (open_tables(&a, held.question.n_blocks + sy_shares_terms(&held.question) + 1, views) < 0) goto out;
    const sy_simex_options options = {(int)PyObject_Length(a.lambda), views[LAMBDA].buf, a.replicates,
                                      (uint64_t)a.seed};
    const sy_simex_table table = {views[0].buf, views[1].buf, views[2].buf, views[3].buf, views[4].buf, views[5].buf};
    py_release(&call);
    sy_status status = sy_simex(&call.ctx, &m, &held.question, &errors.errors, &options, &table);
    py_reacquire(&call);
    if (py_check(&call, status) == 0) result = py_remarks(&call);
out:
    for (int i = 0; i < N_VIEWS; i++)
        if (views[i].obj) PyBuffer_Release(&views[i]);
    errors_close(&errors);
    sy_moments_free(&m);
    py_question_close(&held);
    py_end(&call);
    return result;
}

PyObject *py_reliability_of_means(PyObject *module, PyObject *args)
{
    enum { NUMBERS = sizeof(sy_mean_reliability) / sizeof(double) };
    PyObject *blob = NULL, *terms = NULL, *array = NULL, *result = NULL;
    double level = 0;
    Py_buffer view = {0};
    sy_moments m = {0};
    int *term = NULL;
    py_call call;
    if (!PyArg_ParseTuple(args, "SO!dO:reliability_of_means", &blob, &PyTuple_Type, &terms, &level, &array))
        return NULL;
    py_begin(&call, module, 0, NULL);
    const Py_ssize_t n = PyTuple_Size(terms);
    if (py_view(&call, blob, 0, &m) < 0 || !(term = read_places(terms))) goto out;
    if (py_doubles(array, n * NUMBERS, 1, &view) < 0) goto out;
    py_release(&call);
    sy_status status = sy_reliability_of_means(&call.ctx, &m, (int)n, term, level, view.buf);
    py_reacquire(&call);
    if (py_check(&call, status) == 0) result = py_remarks(&call);
out:
    if (view.obj) PyBuffer_Release(&view);
    PyMem_Free(term);
    sy_moments_free(&m);
    py_end(&call);
    return result;
}
