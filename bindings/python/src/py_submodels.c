/* All submodels by name: tables and sets of players written into NumPy's memory.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_submodels.h"
#include <string.h>

/* One call: the moments, the question, and the tables it fills. */
typedef struct {
    py_call call;
    sy_moments m;
    py_question held;
    Py_buffer table[3], set;
} work;

static int begin(work *w, PyObject *module, PyObject *asked, int threads, PyObject *progress)
{
    memset(w, 0, sizeof *w);
    py_begin(&w->call, module, threads, progress);
    return py_asked_open(&w->call, asked, &w->m, &w->held);
}

static PyObject *end(work *w, PyObject *result)
{
    for (int i = 0; i < 3; i++)
        if (w->table[i].obj) PyBuffer_Release(&w->table[i]);
    if (w->set.obj) PyBuffer_Release(&w->set);
    sy_moments_free(&w->m);
    py_question_close(&w->held);
    py_end(&w->call);
    return result;
}

/* The writable int32 memory of `length` sets. */
static int open_sets(PyObject *array, Py_ssize_t length, Py_buffer *view)
{
    if (PyObject_GetBuffer(array, view, PyBUF_WRITABLE | PyBUF_FORMAT | PyBUF_C_CONTIGUOUS) < 0) return -1;
    if (strcmp(view->format, "i") == 0 && view->len == length * (Py_ssize_t)sizeof(int32_t)) return 0;
    PyErr_Format(PyExc_TypeError, "sets: an int32 array of %zd was expected", length);
    return -1;
}

/* How many sets a table of the question has, none for one that the core refuses. */
static Py_ssize_t sets_of(const work *w, int players, int most)
{
    return sy_submodels_sets(sy_submodels_players(&w->held.question, (sy_players)players), most);
}

PyObject *py_submodels_sets(PyObject *module, PyObject *args)
{
    int players = 0, most = 0;
    (void)module;
    if (!PyArg_ParseTuple(args, "ii:submodels_sets", &players, &most)) return NULL;
    return PyLong_FromSsize_t(sy_submodels_sets(players, most));
}

PyObject *py_submodels(PyObject *module, PyObject *args)
{
    PyObject *asked = NULL, *table = NULL, *set = NULL;
    int players = 0;
    work w;
    if (!PyArg_ParseTuple(args, "O!iOO:submodels", &PyTuple_Type, &asked, &players, &table, &set)) return NULL;
    if (begin(&w, module, asked, 1, NULL) < 0) return end(&w, NULL);
    const Py_ssize_t rows = 1 + sets_of(&w, players, SY_SUBMODEL_PLAYERS);
    if (py_doubles(table, rows * SY_N_SUBMODEL, 1, &w.table[0]) < 0) return end(&w, NULL);
    if (open_sets(set, rows, &w.set) < 0) return end(&w, NULL);
    py_release(&w.call);
    sy_status status =
        sy_submodels(&w.call.ctx, &w.m, &w.held.question, (sy_players)players, w.table[0].buf, w.set.buf);
    py_reacquire(&w.call);
    return end(&w, py_check(&w.call, status) == 0 ? py_remarks(&w.call) : NULL);
}

PyObject *py_commonality(PyObject *module, PyObject *args)
{
    PyObject *asked = NULL, *table = NULL, *set = NULL;
    int players = 0, most = 0;
    work w;
    if (!PyArg_ParseTuple(args, "O!iiOO:commonality", &PyTuple_Type, &asked, &players, &most, &table, &set))
        return NULL;
    if (begin(&w, module, asked, 1, NULL) < 0) return end(&w, NULL);
    const Py_ssize_t rows = sets_of(&w, players, most);
    if (py_doubles(table, rows * SY_N_COMMONALITY, 1, &w.table[0]) < 0) return end(&w, NULL);
    if (open_sets(set, rows, &w.set) < 0) return end(&w, NULL);
    py_release(&w.call);
    sy_status status =
        sy_commonality(&w.call.ctx, &w.m, &w.held.question, (sy_players)players, most, w.table[0].buf, w.set.buf);
    py_reacquire(&w.call);
    return end(&w, py_check(&w.call, status) == 0 ? py_remarks(&w.call) : NULL);
}

PyObject *py_dominance(PyObject *module, PyObject *args)
{
    PyObject *asked = NULL, *table[3] = {NULL};
    sy_dominance_options options;
    int players = 0;
    work w;
    sy_dominance_defaults(&options);
    if (!PyArg_ParseTuple(args, "O!(id)OOO:dominance", &PyTuple_Type, &asked, &players, &options.tolerance, &table[0],
                          &table[1], &table[2]))
        return NULL;
    options.players = (sy_players)players;
    if (begin(&w, module, asked, 1, NULL) < 0) return end(&w, NULL);
    const Py_ssize_t n = sy_submodels_players(&w.held.question, options.players);
    const Py_ssize_t lengths[3] = {n * n, n, n * (n - 1) / 2 * SY_N_DOMINANCE * SY_N_PAIR};
    for (int i = 0; i < 3; i++)
        if (py_doubles(table[i], lengths[i], 1, &w.table[i]) < 0) return end(&w, NULL);
    py_release(&w.call);
    sy_status status =
        sy_dominance(&w.call.ctx, &w.m, &w.held.question, &options, w.table[0].buf, w.table[1].buf, w.table[2].buf);
    py_reacquire(&w.call);
    return end(&w, py_check(&w.call, status) == 0 ? py_remarks(&w.call) : NULL);
}

PyObject *py_dominance_reproduced(PyObject *module, PyObject *args)
{
    PyObject *asked = NULL, *table = NULL, *progress = NULL;
    sy_dominance_options options;
    int players = 0, replicates = 0, threads = 0, kept = 0;
    unsigned long long seed = 0;
    work w;
    sy_dominance_defaults(&options);
    if (!PyArg_ParseTuple(args, "O!(idiK)OiO:dominance_reproduced", &PyTuple_Type, &asked, &players, &options.tolerance,
                          &replicates, &seed, &table, &threads, &progress))
        return NULL;
    options.players = (sy_players)players;
    if (begin(&w, module, asked, threads, progress) < 0) return end(&w, NULL);
    const Py_ssize_t n = sy_submodels_players(&w.held.question, options.players);
    const Py_ssize_t length = n * (n - 1) / 2 * SY_N_DOMINANCE * SY_N_REPRODUCED;
    if (py_doubles(table, length, 1, &w.table[0]) < 0) return end(&w, NULL);
    py_release(&w.call);
    sy_status status = sy_dominance_reproduced(&w.call.ctx, &w.m, &w.held.question, &options, replicates,
                                               (uint64_t)seed, w.table[0].buf, &kept);
    py_reacquire(&w.call);
    return end(&w, py_check(&w.call, status) == 0 ? PyLong_FromLong(kept) : NULL);
}
