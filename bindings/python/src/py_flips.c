/* Flips of two blocks' order: points, rays, grids and turns into NumPy's memory.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_flips.h"
#include <string.h>

enum { STANDING = 9, POINT = 7, RAY = 5, BENCHMARK = 7, TURN = 9, MOST_VIEWS = 4 };

/* One call: the moments, the question, the options and the tables it fills.
 * options: (first, second, most, level, starts). */
typedef struct {
    py_call call;
    sy_moments m;
    py_question held;
    sy_flip_options options;
    Py_buffer view[MOST_VIEWS];
    PyObject *result;
} work;

static int begin(work *w, PyObject *module, PyObject *asked, PyObject *options, int threads, PyObject *progress)
{
    memset(w, 0, sizeof *w);
    sy_flip_defaults(&w->options);
    py_begin(&w->call, module, threads, progress);
    if (!PyArg_ParseTuple(options, "iiddi;options", &w->options.first, &w->options.second, &w->options.most,
                          &w->options.level, &w->options.starts))
        return -1;
    return py_asked_open(&w->call, asked, &w->m, &w->held);
}

static PyObject *end(work *w)
{
    for (int i = 0; i < MOST_VIEWS; i++)
        if (w->view[i].obj) PyBuffer_Release(&w->view[i]);
    sy_moments_free(&w->m);
    py_question_close(&w->held);
    py_end(&w->call);
    return w->result;
}

/* A view of an array of numbers, or nothing of None. */
static int open_view(work *w, int i, PyObject *array, Py_ssize_t length, int writable)
{
    return array == Py_None ? 0 : py_doubles(array, length, writable, &w->view[i]);
}

/* How many weights f and g have; column: of the moments, may be NULL. */
static sy_status count_weights(work *w, int *n_second, int *n_first, int *column)
{
    return sy_share_flip_directions(&w->call.ctx, &w->m, &w->held.question, &w->options, n_second, n_first, column);
}

PyObject *py_flip_directions(PyObject *module, PyObject *args)
{
    PyObject *asked = NULL, *options = NULL, *columns = NULL;
    int n_second = 0, n_first = 0, *column = NULL;
    work w;
    if (!PyArg_ParseTuple(args, "O!O!:flip_directions", &PyTuple_Type, &asked, &PyTuple_Type, &options)) return NULL;
    if (begin(&w, module, asked, options, 1, NULL) < 0) goto out;
    column = PyMem_Calloc((size_t)w.m.n_columns + 1, sizeof *column);
    if (!column) {
        PyErr_NoMemory();
        goto out;
    }
    if (py_check(&w.call, count_weights(&w, &n_second, &n_first, column)) < 0) goto out;
    columns = PyTuple_New(n_second + n_first);
    for (int i = 0; columns && i < n_second + n_first; i++) {
        PyObject *value = PyLong_FromLong(column[i]);
        if (!value || PyTuple_SetItem(columns, i, value) < 0) Py_CLEAR(columns);
    }
    if (columns) w.result = Py_BuildValue("(iiN)", n_second, n_first, columns);
out:
    PyMem_Free(column);
    return end(&w);
}

/* Standing numbers, the eight points, the two rays. */
static void put_share_flip(const sy_share_flip_result *r, double *out)
{
    const double standing[STANDING] = {r->first,        r->second, r->total,       r->difference,     r->reversed,
                                       r->distance_low, r->df,     r->evaluations, r->several_columns};
    memcpy(out, standing, sizeof standing);
    out += STANDING;
    for (int set = 0; set < SY_FLIP_SETS; set++, out += POINT) {
        const sy_flip_point *p = &r->nearest[set];
        const double point[POINT] = {p->at.a,    p->at.b,          p->at.c,          p->distance,
                                     p->limit_c, p->first_outcome, p->second_outcome};
        memcpy(out, point, sizeof point);
    }
    for (int i = 0; i < 2; i++, out += RAY) {
        const sy_flip_ray *ray = &r->rising[i];
        const double numbers[RAY] = {ray->crossing, ray->back, ray->limit, ray->at_limit, ray->second_outcome};
        memcpy(out, numbers, sizeof numbers);
    }
}

PyObject *py_share_flip(PyObject *module, PyObject *args)
{
    PyObject *asked = NULL, *options = NULL, *outcome = NULL, *numbers = NULL, *direction = NULL, *progress = NULL;
    sy_share_flip_result result;
    char text[SY_FLIP_TEXT];
    int threads = 0, n_second = 0, n_first = 0;
    work w;
    if (!PyArg_ParseTuple(args, "O!O!UOOiO:share_flip", &PyTuple_Type, &asked, &PyTuple_Type, &options, &outcome,
                          &numbers, &direction, &threads, &progress))
        return NULL;
    if (begin(&w, module, asked, options, threads, progress) < 0) return end(&w);
    const char *label = py_utf8(outcome, "outcome");
    if (!label || py_check(&w.call, count_weights(&w, &n_second, &n_first, NULL)) < 0) return end(&w);
    if (open_view(&w, 0, numbers, STANDING + SY_FLIP_SETS * POINT + 2 * RAY, 1) < 0) return end(&w);
    if (open_view(&w, 1, direction, n_second + n_first, 1) < 0) return end(&w);
    py_release(&w.call);
    const sy_status status = sy_share_flip(&w.call.ctx, &w.m, &w.held.question, &w.options, &result, w.view[1].buf);
    py_reacquire(&w.call);
    if (py_check(&w.call, status) < 0) return end(&w);
    put_share_flip(&result, w.view[0].buf);
    sy_share_flip_sentence(&w.held.question, &w.options, label, &result, text);
    w.result = Py_BuildValue("(NN)", py_text(text), py_remarks(&w.call));
    return end(&w);
}

PyObject *py_share_flip_rays(PyObject *module, PyObject *args)
{
    PyObject *asked = NULL, *options = NULL, *direction = NULL, *along = NULL, *table = NULL, *progress = NULL;
    int threads = 0, n = 0, n_second = 0, n_first = 0;
    sy_flip_ray *rays = NULL;
    work w;
    if (!PyArg_ParseTuple(args, "O!O!OiOOiO:share_flip_rays", &PyTuple_Type, &asked, &PyTuple_Type, &options,
                          &direction, &n, &along, &table, &threads, &progress))
        return NULL;
    if (begin(&w, module, asked, options, threads, progress) < 0) return end(&w);
    if (py_check(&w.call, count_weights(&w, &n_second, &n_first, NULL)) < 0) return end(&w);
    if (open_view(&w, 0, along, 3 * n, 0) < 0 || open_view(&w, 1, table, RAY * n, 1) < 0) return end(&w);
    if (open_view(&w, 2, direction, n_second + n_first, 0) < 0) return end(&w);
    rays = PyMem_Calloc((size_t)n + 1, sizeof *rays);
    if (!rays) {
        PyErr_NoMemory();
        return end(&w);
    }
    const double *u = w.view[0].buf;
    for (int i = 0; i < n; i++) rays[i].along = (sy_confounder){u[3 * i], u[3 * i + 1], u[3 * i + 2]};
    py_release(&w.call);
    const sy_status status =
        sy_share_flip_rays(&w.call.ctx, &w.m, &w.held.question, &w.options, w.view[2].buf, n, rays);
    py_reacquire(&w.call);
    double *out = w.view[1].buf;
    for (int i = 0; i < n; i++, out += RAY) {
        const double numbers[RAY] = {rays[i].crossing, rays[i].back, rays[i].limit, rays[i].at_limit,
                                     rays[i].second_outcome};
        memcpy(out, numbers, sizeof numbers);
    }
    PyMem_Free(rays);
    if (py_check(&w.call, status) == 0) w.result = py_remarks(&w.call);
    return end(&w);
}

PyObject *py_share_flip_contours(PyObject *module, PyObject *args)
{
    PyObject *asked = NULL, *options = NULL, *direction = NULL, *place = NULL, *difference = NULL, *progress = NULL;
    sy_flip_grid grid = {0};
    double reach = 0;
    int points = 0, threads = 0, n_second = 0, n_first = 0;
    work w;
    if (!PyArg_ParseTuple(args, "O!O!O(iddi)OOiO:share_flip_contours", &PyTuple_Type, &asked, &PyTuple_Type, &options,
                          &direction, &grid.set, &grid.third, &reach, &points, &place, &difference, &threads,
                          &progress))
        return NULL;
    if (begin(&w, module, asked, options, threads, progress) < 0) return end(&w);
    if (py_check(&w.call, count_weights(&w, &n_second, &n_first, NULL)) < 0) return end(&w);
    if (open_view(&w, 0, place, points, 1) < 0) return end(&w);
    if (open_view(&w, 1, difference, (Py_ssize_t)points * points, 1) < 0) return end(&w);
    if (open_view(&w, 2, direction, n_second + n_first, 0) < 0) return end(&w);
    sy_flip_places(reach, points, w.view[0].buf);
    grid.n_x = grid.n_y = points;
    grid.x = grid.y = w.view[0].buf;
    py_release(&w.call);
    const sy_status status = sy_share_flip_contours(&w.call.ctx, &w.m, &w.held.question, &w.options, w.view[2].buf,
                                                    &grid, w.view[1].buf, NULL);
    py_reacquire(&w.call);
    if (py_check(&w.call, status) == 0) w.result = py_remarks(&w.call);
    return end(&w);
}

PyObject *py_share_flip_at(PyObject *module, PyObject *args)
{
    PyObject *asked = NULL, *options = NULL, *direction = NULL, *points = NULL, *shares = NULL;
    int n = 0, n_second = 0, n_first = 0;
    work w;
    if (!PyArg_ParseTuple(args, "O!O!OiOO:share_flip_at", &PyTuple_Type, &asked, &PyTuple_Type, &options, &direction,
                          &n, &points, &shares))
        return NULL;
    if (begin(&w, module, asked, options, 0, NULL) < 0) return end(&w);
    if (py_check(&w.call, count_weights(&w, &n_second, &n_first, NULL)) < 0) return end(&w);
    if (open_view(&w, 0, points, 3 * n, 0) < 0) return end(&w);
    if (open_view(&w, 1, shares, (Py_ssize_t)n * w.held.question.n_blocks, 1) < 0) return end(&w);
    if (open_view(&w, 2, direction, n_second + n_first, 0) < 0) return end(&w);
    py_release(&w.call);
    const sy_status status = sy_share_flip_at(&w.call.ctx, &w.m, &w.held.question, &w.options, w.view[2].buf, n,
                                              (const sy_confounder *)w.view[0].buf, w.view[1].buf);
    py_reacquire(&w.call);
    if (py_check(&w.call, status) == 0) w.result = py_remarks(&w.call);
    return end(&w);
}

/* A tuple of indices; free with PyMem_Free. */
static int *read_terms(PyObject *tuple, int *n)
{
    *n = (int)PyTuple_Size(tuple);
    int *terms = PyMem_Calloc((size_t)*n + 1, sizeof *terms);
    if (!terms) PyErr_NoMemory();
    for (int i = 0; terms && i < *n; i++) {
        terms[i] = (int)PyLong_AsLong(PyTuple_GetItem(tuple, i));
        if (!PyErr_Occurred()) continue;
        PyMem_Free(terms);
        return NULL;
    }
    return terms;
}

PyObject *py_share_flip_benchmarks(PyObject *module, PyObject *args)
{
    PyObject *asked = NULL, *options = NULL, *direction = NULL, *tuple = NULL, *table = NULL;
    int n = 0, n_second = 0, n_first = 0, *terms = NULL;
    sy_flip_benchmark *found = NULL;
    work w;
    if (!PyArg_ParseTuple(args, "O!O!OO!O:share_flip_benchmarks", &PyTuple_Type, &asked, &PyTuple_Type, &options,
                          &direction, &PyTuple_Type, &tuple, &table))
        return NULL;
    if (begin(&w, module, asked, options, 0, NULL) < 0) goto out;
    if (py_check(&w.call, count_weights(&w, &n_second, &n_first, NULL)) < 0) goto out;
    terms = read_terms(tuple, &n);
    if (!terms || open_view(&w, 0, table, (Py_ssize_t)BENCHMARK * n, 1) < 0) goto out;
    if (open_view(&w, 1, direction, n_second + n_first, 0) < 0) goto out;
    found = PyMem_Calloc((size_t)n + 1, sizeof *found);
    if (!found) {
        PyErr_NoMemory();
        goto out;
    }
    py_release(&w.call);
    const sy_status status =
        sy_share_flip_benchmarks(&w.call.ctx, &w.m, &w.held.question, &w.options, w.view[1].buf, n, terms, found);
    py_reacquire(&w.call);
    double *out = w.view[0].buf;
    for (int i = 0; i < n; i++, out += BENCHMARK) {
        const sy_flip_benchmark *b = &found[i];
        const double numbers[BENCHMARK] = {b->joint, b->at.a, b->at.b, b->at.c, b->difference, b->crossing, b->limit};
        memcpy(out, numbers, sizeof numbers);
    }
    if (py_check(&w.call, status) == 0) w.result = py_remarks(&w.call);
out:
    PyMem_Free(terms);
    PyMem_Free(found);
    return end(&w);
}

typedef void (*sentence)(const sy_question *question, const sy_flip_options *options, const char *outcome,
                         const sy_flip_turn *turn, char text[SY_FLIP_TEXT]);

/* source None: the reliability of the second block; else the terms of a source,
 * none for the usual ones, with the signs of `loading`. */
PyObject *py_flip_turn(PyObject *module, PyObject *args)
{
    PyObject *asked = NULL, *options = NULL, *outcome = NULL, *source = NULL, *loading = NULL, *stated = NULL,
             *difference = NULL, *numbers = NULL;
    int n = 0, n_terms = 0, *terms = NULL;
    sy_flip_turn turn;
    sy_status status;
    char text[SY_FLIP_TEXT];
    work w;
    if (!PyArg_ParseTuple(args, "O!O!UOOiOOO:flip_turn", &PyTuple_Type, &asked, &PyTuple_Type, &options, &outcome,
                          &source, &loading, &n, &stated, &difference, &numbers))
        return NULL;
    if (begin(&w, module, asked, options, 0, NULL) < 0) goto out;
    const char *label = py_utf8(outcome, "outcome");
    if (!label || open_view(&w, 0, stated, n, 0) < 0 || open_view(&w, 1, difference, n, 1) < 0) goto out;
    if (open_view(&w, 2, numbers, TURN, 1) < 0) goto out;
    if (source != Py_None && !(terms = read_terms(source, &n_terms))) goto out;
    if (open_view(&w, 3, loading, n_terms, 0) < 0) goto out;
    py_release(&w.call);
    if (source == Py_None)
        status = sy_reliability_to_flip(&w.call.ctx, &w.m, &w.held.question, &w.options, &turn, n, w.view[0].buf,
                                        w.view[1].buf);
    else
        status = sy_shared_source_to_flip(&w.call.ctx, &w.m, &w.held.question, &w.options, n_terms, terms,
                                          w.view[3].buf, &turn, n, w.view[0].buf, w.view[1].buf);
    py_reacquire(&w.call);
    if (py_check(&w.call, status) < 0) goto out;
    const double all[TURN] = {turn.first, turn.second, turn.total, turn.difference, turn.reversed,
                              turn.flip,  turn.back,   turn.limit, turn.at_limit};
    memcpy(w.view[2].buf, all, sizeof all);
    const sentence say = source == Py_None ? sy_reliability_to_flip_sentence : sy_shared_source_to_flip_sentence;
    say(&w.held.question, &w.options, label, &turn, text);
    w.result = Py_BuildValue("(NN)", py_text(text), py_remarks(&w.call));
out:
    PyMem_Free(terms);
    return end(&w);
}
