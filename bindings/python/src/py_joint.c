/* Several questions resampled together: their moves, and the families of tests
 * made of them, in NumPy's memory.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_joint.h"
#include "py_question.h"
#include <string.h>

/* past MOST_BLOCKS the core refuses an envelope before it writes */
enum { MOST_BLOCKS = 12, MOST_VIEWS = 6, N_COMPARISON = 7, N_F = 4, N_RANK = 3 };

/* One call with the moments, questions and arrays it holds. */
typedef struct {
    py_call call;
    Py_ssize_t n_asks;
    sy_ask *asks;
    sy_moments *m;
    py_question *held;
    Py_buffer view[MOST_VIEWS];
    int *places; /* of contrasts: plus, then minus */
} work;

static void begin(work *w, PyObject *module, int threads, PyObject *progress)
{
    memset(w, 0, sizeof *w);
    py_begin(&w->call, module, threads, progress);
}

static PyObject *end(work *w, PyObject *result)
{
    for (Py_ssize_t i = 0; i < w->n_asks && w->m && w->held; i++) {
        sy_moments_free(&w->m[i]);
        py_question_close(&w->held[i]);
    }
    for (int i = 0; i < MOST_VIEWS; i++)
        if (w->view[i].obj) PyBuffer_Release(&w->view[i]);
    PyMem_Free(w->asks);
    PyMem_Free(w->m);
    PyMem_Free(w->held);
    PyMem_Free(w->places);
    py_end(&w->call);
    return result;
}

/* asks: (asked, ...), each as a result keeps it. */
static int open_asks(work *w, PyObject *asks)
{
    w->n_asks = PyTuple_Size(asks);
    const size_t room = (size_t)w->n_asks + 1;
    w->asks = PyMem_Calloc(room, sizeof *w->asks);
    w->m = PyMem_Calloc(room, sizeof *w->m);
    w->held = PyMem_Calloc(room, sizeof *w->held);
    if (!w->asks || !w->m || !w->held) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < w->n_asks; i++) {
        PyObject *asked = PyTuple_GetItem(asks, i);
        if (!PyTuple_Check(asked)) {
            PyErr_SetString(PyExc_TypeError, "joint: an ask must be a tuple");
            return -1;
        }
        if (py_asked_open(&w->call, asked, &w->m[i], &w->held[i]) < 0) return -1;
        w->asks[i] = (sy_ask){&w->m[i], &w->held[i].question, NULL};
    }
    return 0;
}

static int size_of(work *w, ptrdiff_t *units, int *values)
{
    return py_check(&w->call, sy_joint_size(&w->call.ctx, (int)w->n_asks, w->asks, units, values));
}

PyObject *py_joint_size(PyObject *module, PyObject *args)
{
    PyObject *asks = NULL;
    ptrdiff_t units = 0;
    int values = 0;
    work w;
    if (!PyArg_ParseTuple(args, "O!:joint_size", &PyTuple_Type, &asks)) return NULL;
    begin(&w, module, 1, NULL);
    if (open_asks(&w, asks) < 0 || size_of(&w, &units, &values) < 0) return end(&w, NULL);
    return end(&w, Py_BuildValue("(ni)", (Py_ssize_t)units, values));
}

PyObject *py_joint(PyObject *module, PyObject *args)
{
    PyObject *asks = NULL, *arrays[3] = {NULL}, *progress = NULL;
    sy_shares_options options;
    ptrdiff_t units = 0;
    int values = 0, threads = 0;
    work w;
    if (!PyArg_ParseTuple(args, "O!OOOiO:joint", &PyTuple_Type, &asks, &arrays[0], &arrays[1], &arrays[2], &threads,
                          &progress))
        return NULL;
    begin(&w, module, threads, progress);
    if (open_asks(&w, asks) < 0 || size_of(&w, &units, &values) < 0) return end(&w, NULL);
    const Py_ssize_t lengths[3] = {values, units * values, w.n_asks};
    for (int i = 0; i < 3; i++)
        if (py_doubles(arrays[i], lengths[i], 1, &w.view[i]) < 0) return end(&w, NULL);
    sy_shares_defaults(&options);
    py_release(&w.call);
    sy_status status =
        sy_joint(&w.call.ctx, (int)w.n_asks, w.asks, &options, w.view[0].buf, w.view[1].buf, w.view[2].buf);
    py_reacquire(&w.call);
    return end(&w, py_check(&w.call, status) == 0 ? py_remarks(&w.call) : NULL);
}

/* Places of the contrasts, k of them in each of two tuples. */
static int read_places(work *w, PyObject *plus, PyObject *minus, Py_ssize_t k)
{
    PyObject *const from[2] = {plus, minus};
    if (PyTuple_Size(minus) != k) {
        PyErr_SetString(PyExc_TypeError, "joint_contrasts: plus and minus must be equally long");
        return -1;
    }
    w->places = PyMem_Calloc((size_t)(2 * k) + 1, sizeof *w->places);
    if (!w->places) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < 2 * k; i++) {
        w->places[i] = (int)PyLong_AsLong(PyTuple_GetItem(from[i / k], i % k));
        if (PyErr_Occurred()) return -1;
    }
    return 0;
}

static int put_comparisons(const sy_comparison *c, Py_ssize_t k, double *table)
{
    for (Py_ssize_t i = 0; i < k; i++) {
        const double line[N_COMPARISON] = {c[i].estimate, c[i].std_error, c[i].statistic, c[i].df,
                                           c[i].p_value,  c[i].low,       c[i].high};
        memcpy(table + i * N_COMPARISON, line, sizeof line);
    }
    return 0;
}

/* The arrays as lengths say: estimate, moved, df, then those to be written: table, moves,
 * covariance or None. */
static int open_contrasts(work *w, PyObject *const arrays[6], Py_ssize_t k, Py_ssize_t *values, Py_ssize_t *units)
{
    if (py_doubles(arrays[0], -1, 0, &w->view[0]) < 0 || py_doubles(arrays[1], -1, 0, &w->view[1]) < 0) return -1;
    *values = w->view[0].len / (Py_ssize_t)sizeof(double);
    if (*values > 0) *units = w->view[1].len / (*values * (Py_ssize_t)sizeof(double));
    const Py_ssize_t lengths[6] = {0, 0, *values, N_COMPARISON * k, *units * k, k * k};
    for (int i = 2; i < 6; i++)
        if (arrays[i] != Py_None && py_doubles(arrays[i], lengths[i], i > 2, &w->view[i]) < 0) return -1;
    return 0;
}

PyObject *py_joint_contrasts(PyObject *module, PyObject *args)
{
    PyObject *arrays[6] = {NULL}, *plus = NULL, *minus = NULL;
    Py_ssize_t values = 0, units = 0;
    double level = 0;
    work w;
    if (!PyArg_ParseTuple(args, "OOOO!O!dOOO:joint_contrasts", &arrays[0], &arrays[1], &arrays[2], &PyTuple_Type, &plus,
                          &PyTuple_Type, &minus, &level, &arrays[3], &arrays[4], &arrays[5]))
        return NULL;
    const Py_ssize_t k = PyTuple_Size(plus);
    begin(&w, module, 1, NULL);
    if (read_places(&w, plus, minus, k) < 0) return end(&w, NULL);
    if (open_contrasts(&w, arrays, k, &values, &units) < 0) return end(&w, NULL);
    sy_comparison *out = PyMem_Calloc((size_t)k + 1, sizeof *out);
    if (!out) return end(&w, PyErr_NoMemory());
    sy_status status = sy_joint_contrasts(&w.call.ctx, units, (int)values, w.view[0].buf, w.view[1].buf, w.view[2].buf,
                                          (int)k, w.places, w.places + k, level, out, w.view[4].buf, w.view[5].buf);
    int fine = py_check(&w.call, status) == 0 && put_comparisons(out, k, w.view[3].buf) == 0;
    PyMem_Free(out);
    return end(&w, fine ? py_remarks(&w.call) : NULL);
}

PyObject *py_joint_all_zero(PyObject *module, PyObject *args)
{
    PyObject *estimate = NULL, *covariance = NULL;
    sy_joint_f f = {0, 0, 0, 0};
    double df = 0;
    work w;
    if (!PyArg_ParseTuple(args, "OOd:joint_all_zero", &estimate, &covariance, &df)) return NULL;
    begin(&w, module, 1, NULL);
    if (py_doubles(estimate, -1, 0, &w.view[0]) < 0) return end(&w, NULL);
    const Py_ssize_t k = w.view[0].len / (Py_ssize_t)sizeof(double);
    if (py_doubles(covariance, k * k, 0, &w.view[1]) < 0) return end(&w, NULL);
    sy_status status = sy_joint_all_zero(&w.call.ctx, (int)k, w.view[0].buf, w.view[1].buf, df, &f);
    return end(&w, py_check(&w.call, status) == 0 ? Py_BuildValue("(dddd)", f.f, f.df1, f.df2, f.p_value) : NULL);
}

PyObject *py_joint_step_down(PyObject *module, PyObject *args)
{
    PyObject *arrays[3] = {NULL}, *progress = NULL;
    int sides = 0, method = 0, replicates = 0, threads = 0;
    unsigned long long seed = 0;
    work w;
    if (!PyArg_ParseTuple(args, "OO(iiiK)OiO:joint_step_down", &arrays[0], &arrays[1], &sides, &method, &replicates,
                          &seed, &arrays[2], &threads, &progress))
        return NULL;
    begin(&w, module, threads, progress);
    if (py_doubles(arrays[0], -1, 0, &w.view[0]) < 0 || py_doubles(arrays[1], -1, 0, &w.view[1]) < 0)
        return end(&w, NULL);
    const Py_ssize_t k = w.view[1].len / (Py_ssize_t)sizeof(double);
    if (py_doubles(arrays[2], k, 1, &w.view[2]) < 0) return end(&w, NULL);
    const ptrdiff_t units = k > 0 ? w.view[0].len / (k * (Py_ssize_t)sizeof(double)) : 0;
    py_release(&w.call);
    sy_status status = sy_joint_step_down(&w.call.ctx, units, (int)k, w.view[0].buf, w.view[1].buf, sides,
                                          (sy_step_method)method, replicates, (uint64_t)seed, w.view[2].buf);
    py_reacquire(&w.call);
    return end(&w, py_check(&w.call, status) == 0 ? py_remarks(&w.call) : NULL);
}

PyObject *py_joint_ranks(PyObject *module, PyObject *args)
{
    PyObject *arrays[3] = {NULL}, *progress = NULL;
    double level = 0;
    int replicates = 0, threads = 0;
    unsigned long long seed = 0;
    work w;
    if (!PyArg_ParseTuple(args, "OO(diK)OiO:joint_ranks", &arrays[0], &arrays[1], &level, &replicates, &seed,
                          &arrays[2], &threads, &progress))
        return NULL;
    begin(&w, module, threads, progress);
    if (py_doubles(arrays[0], -1, 0, &w.view[0]) < 0 || py_doubles(arrays[1], -1, 0, &w.view[1]) < 0)
        return end(&w, NULL);
    const Py_ssize_t k = w.view[0].len / (Py_ssize_t)sizeof(double);
    if (py_doubles(arrays[2], N_RANK * k, 1, &w.view[2]) < 0) return end(&w, NULL);
    const ptrdiff_t units = k > 0 ? w.view[1].len / (k * (Py_ssize_t)sizeof(double)) : 0;
    py_release(&w.call);
    sy_status status = sy_joint_ranks(&w.call.ctx, units, (int)k, w.view[0].buf, w.view[1].buf, level, replicates,
                                      (uint64_t)seed, w.view[2].buf);
    py_reacquire(&w.call);
    return end(&w, py_check(&w.call, status) == 0 ? py_remarks(&w.call) : NULL);
}

/* The one question of `asked`, as an ask. */
static int open_one(work *w, PyObject *asked)
{
    PyObject *asks = PyTuple_Pack(1, asked);
    if (!asks) return -1;
    int opened = open_asks(w, asks); /* names and bytes belong to `asked`, which the caller holds */
    Py_DECREF(asks);
    return opened;
}

PyObject *py_envelope(PyObject *module, PyObject *args)
{
    PyObject *asked = NULL, *arrays[3] = {NULL}, *progress = NULL;
    int block = 0, threads = 0;
    work w;
    if (!PyArg_ParseTuple(args, "O!iOOOiO:envelope", &PyTuple_Type, &asked, &block, &arrays[0], &arrays[1], &arrays[2],
                          &threads, &progress))
        return NULL;
    begin(&w, module, threads, progress);
    if (open_one(&w, asked) < 0) return end(&w, NULL);
    const int blocks = w.held[0].question.n_blocks;
    const Py_ssize_t sets = blocks > 0 && blocks <= MOST_BLOCKS ? (Py_ssize_t)1 << (blocks - 1) : -1;
    for (int i = 0; i < 3; i++)
        if (py_doubles(arrays[i], sets, 1, &w.view[i]) < 0) return end(&w, NULL);
    py_release(&w.call);
    sy_status status =
        sy_envelope(&w.call.ctx, &w.m[0], &w.held[0].question, block, w.view[0].buf, w.view[1].buf, w.view[2].buf);
    py_reacquire(&w.call);
    return end(&w, py_check(&w.call, status) == 0 ? py_remarks(&w.call) : NULL);
}

/* table: [blocks, 4] F, df1, df2, p */
PyObject *py_block_tests(PyObject *module, PyObject *args)
{
    PyObject *asked = NULL, *array = NULL, *progress = NULL;
    int alone = 0, threads = 0;
    work w;
    if (!PyArg_ParseTuple(args, "O!pOiO:block_tests", &PyTuple_Type, &asked, &alone, &array, &threads, &progress))
        return NULL;
    begin(&w, module, threads, progress);
    if (open_one(&w, asked) < 0) return end(&w, NULL);
    const Py_ssize_t blocks = w.held[0].question.n_blocks;
    if (py_doubles(array, N_F * blocks, 1, &w.view[0]) < 0) return end(&w, NULL);
    sy_joint_f *f = PyMem_Calloc((size_t)blocks + 1, sizeof *f);
    if (!f) return end(&w, PyErr_NoMemory());
    py_release(&w.call);
    sy_status status = sy_block_tests(&w.call.ctx, &w.m[0], &w.held[0].question, alone, f);
    py_reacquire(&w.call);
    double *table = w.view[0].buf;
    for (Py_ssize_t b = 0; b < blocks; b++) {
        const double line[N_F] = {f[b].f, f[b].df1, f[b].df2, f[b].p_value};
        memcpy(table + b * N_F, line, sizeof line);
    }
    PyMem_Free(f);
    return end(&w, py_check(&w.call, status) == 0 ? py_remarks(&w.call) : NULL);
}

PyObject *py_power(PyObject *module, PyObject *args)
{
    double delta = 0, std_error = 0, now = 0, units = 0, level = 0, power = 0;
    work w;
    if (!PyArg_ParseTuple(args, "ddddd:power", &delta, &std_error, &now, &units, &level)) return NULL;
    begin(&w, module, 1, NULL);
    sy_status status = sy_power(&w.call.ctx, delta, std_error, now, units, level, &power);
    return end(&w, py_check(&w.call, status) == 0 ? PyFloat_FromDouble(power) : NULL);
}

PyObject *py_units_needed(PyObject *module, PyObject *args)
{
    double delta = 0, std_error = 0, now = 0, power = 0, level = 0, units = 0;
    work w;
    if (!PyArg_ParseTuple(args, "ddddd:units_needed", &delta, &std_error, &now, &power, &level)) return NULL;
    begin(&w, module, 1, NULL);
    sy_status status = sy_units_needed(&w.call.ctx, delta, std_error, now, power, level, &units);
    return end(&w, py_check(&w.call, status) == 0 ? PyFloat_FromDouble(units) : NULL);
}
