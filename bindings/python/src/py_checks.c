/* Checks of an answer: cross-validation, permutation tests, populations, rounding.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_checks.h"
#include "py_question.h"

PyObject *py_crossvalidate(PyObject *module, PyObject *args)
{
    PyObject *asked = NULL, *source = NULL, *array = NULL, *progress = NULL, *result = NULL;
    sy_crossvalidate_options options;
    sy_crossvalidate_summary s = {0, 0, 0, 0};
    unsigned long long seed = 0;
    py_question held = {0};
    py_design rows = {0};
    Py_buffer view = {0};
    sy_moments m = {0};
    py_call call;
    int threads = 0;
    sy_crossvalidate_defaults(&options);
    if (!PyArg_ParseTuple(args, "O!O(iKd)OiO:crossvalidate", &PyTuple_Type, &asked, &source, &options.folds, &seed,
                          &options.time_limit, &array, &threads, &progress))
        return NULL;
    options.seed = (uint64_t)seed;
    py_begin(&call, module, threads, progress);
    if (py_asked_open(&call, asked, &m, &held) < 0) goto out;
    if (source != Py_None && py_design_open(source, &rows) < 0) goto out;
    if (py_doubles(array, held.question.n_blocks, 1, &view) < 0) goto out;
    py_release(&call);
    sy_status status = sy_crossvalidate(&call.ctx, &m, source == Py_None ? NULL : &rows.design, &held.question,
                                        &options, &s, view.buf);
    py_reacquire(&call);
    if (py_check(&call, status) == 0)
        result = Py_BuildValue("(ddid)", s.total, s.r2_adjust, s.folds, s.seconds_estimated);
out:
    if (view.obj) PyBuffer_Release(&view);
    py_design_close(&rows);
    py_question_close(&held);
    sy_moments_free(&m);
    py_end(&call);
    return result;
}

PyObject *py_permutation(PyObject *module, PyObject *args)
{
    PyObject *asked = NULL, *source = NULL, *progress = NULL, *result = NULL;
    sy_permutation_options options;
    sy_permutation p;
    unsigned long long seed = 0;
    py_question held = {0};
    py_design rows = {0};
    sy_moments m = {0};
    py_call call;
    int threads = 0;
    sy_permutation_defaults(&options);
    if (!PyArg_ParseTuple(args, "O!O(iiiK)iO:permutation", &PyTuple_Type, &asked, &source, &options.block,
                          &options.metric, &options.permutations, &seed, &threads, &progress))
        return NULL;
    options.seed = (uint64_t)seed;
    py_begin(&call, module, threads, progress);
    if (py_asked_open(&call, asked, &m, &held) < 0) goto out;
    if (source != Py_None && py_design_open(source, &rows) < 0) goto out;
    py_release(&call);
    sy_status status =
        sy_permutation_test(&call.ctx, &m, source == Py_None ? NULL : &rows.design, &held.question, &options, &p);
    py_reacquire(&call);
    if (py_check(&call, status) == 0)
        result = Py_BuildValue("((ddiiidi)N)", p.estimate, p.p_value, p.exceeding, p.permutations, (int)p.scheme,
                               p.units, p.within, py_remarks(&call));
out:
    py_design_close(&rows);
    py_question_close(&held);
    sy_moments_free(&m);
    py_end(&call);
    return result;
}

enum { MOST_MARGINS = 32, POPULATION_BUFFERS = 4 };

typedef struct {
    py_design rows, groups;
    sy_margin margin[MOST_MARGINS];
    Py_buffer share[MOST_MARGINS], out[POPULATION_BUFFERS];
    Py_ssize_t n_margins, levels;
} population_held;

/* groups: a design whose columns are the groupings; shares: an array for each. */
static int open_margins(PyObject *groups, PyObject *shares, population_held *held)
{
    held->n_margins = PyTuple_Size(shares);
    if (py_design_open(groups, &held->groups) < 0) return -1;
    if (held->n_margins > MOST_MARGINS || held->n_margins != held->groups.design.n_columns) {
        PyErr_Format(PyExc_ValueError, "population: at most %d groupings", (int)MOST_MARGINS);
        return -1;
    }
    for (Py_ssize_t k = 0; k < held->n_margins; k++) {
        const sy_column *column = &held->groups.columns[k];
        if (py_doubles(PyTuple_GetItem(shares, k), column->n_levels, 0, &held->share[k]) < 0) return -1;
        held->margin[k] = (sy_margin){column, held->share[k].buf};
        held->levels += column->n_levels;
    }
    return 0;
}

static void close_population(population_held *held)
{
    for (int k = 0; k < MOST_MARGINS; k++)
        if (held->share[k].obj) PyBuffer_Release(&held->share[k]);
    for (int k = 0; k < POPULATION_BUFFERS; k++)
        if (held->out[k].obj) PyBuffer_Release(&held->out[k]);
    py_design_close(&held->rows);
    py_design_close(&held->groups);
}

PyObject *py_population(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *groups = NULL, *shares = NULL, *out[POPULATION_BUFFERS] = {NULL}, *result = NULL;
    population_held *held = NULL;
    sy_population_summary s;
    py_call call;
    if (!PyArg_ParseTuple(args, "OOO!OOOO:population", &source, &groups, &PyTuple_Type, &shares, &out[0], &out[1],
                          &out[2], &out[3]))
        return NULL;
    held = PyMem_Calloc(1, sizeof *held);
    if (!held) return PyErr_NoMemory();
    py_begin(&call, module, 1, NULL);
    if (py_design_open(source, &held->rows) < 0 || open_margins(groups, shares, held) < 0) goto out;
    for (int k = 0; k < POPULATION_BUFFERS; k++)
        if (py_doubles(out[k], k < 2 ? (Py_ssize_t)held->rows.design.n : held->levels, 1, &held->out[k]) < 0) goto out;
    py_release(&call);
    sy_status status =
        sy_population_weights(&call.ctx, &held->rows.design, (int)held->n_margins, held->margin, held->out[0].buf,
                              held->out[1].buf, held->out[2].buf, held->out[3].buf, &s);
    py_reacquire(&call);
    if (py_check(&call, status) == 0)
        result = Py_BuildValue("((ddddddi)N)", s.rows, s.rows_lost, s.effective_before, s.effective_after, s.least,
                               s.most, s.rounds, py_remarks(&call));
out:
    close_population(held);
    PyMem_Free(held);
    py_end(&call);
    return result;
}

PyObject *py_rounding(PyObject *module, PyObject *args)
{
    PyObject *asked = NULL, *low = NULL, *high = NULL, *progress = NULL, *result = NULL;
    sy_rounding_options options;
    sy_rounding_summary s;
    unsigned long long seed = 0;
    py_question held = {0};
    Py_buffer views[2] = {{0}, {0}};
    sy_moments m = {0};
    py_call call;
    int threads = 0;
    sy_rounding_defaults(&options);
    if (!PyArg_ParseTuple(args, "O!(iK)OOiO:rounding", &PyTuple_Type, &asked, &options.starts, &seed, &low, &high,
                          &threads, &progress))
        return NULL;
    options.seed = (uint64_t)seed;
    py_begin(&call, module, threads, progress);
    if (py_asked_open(&call, asked, &m, &held) < 0) goto out;
    Py_ssize_t rows = held.question.n_blocks + sy_shares_terms(&held.question);
    if (py_doubles(low, rows, 1, &views[0]) < 0 || py_doubles(high, rows, 1, &views[1]) < 0) goto out;
    py_release(&call);
    sy_status status = sy_rounding(&call.ctx, &m, &held.question, &options, &s, views[0].buf, views[1].buf);
    py_reacquire(&call);
    if (py_check(&call, status) == 0) result = Py_BuildValue("(ddii)", s.total_low, s.total_high, s.decimals, s.cut);
out:
    for (int i = 0; i < 2; i++)
        if (views[i].obj) PyBuffer_Release(&views[i]);
    py_question_close(&held);
    sy_moments_free(&m);
    py_end(&call);
    return result;
}
