/* Synthetic data: columns into NumPy's memory, tables as tuples.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_synthetic.h"
#include <string.h>

static PyObject *levels_of(const sy_poet_column *column)
{
    PyObject *levels = PyTuple_New(column->n_levels);
    for (int l = 0; levels && l < column->n_levels; l++) {
        PyObject *level = py_text(column->levels[l]);
        if (!level || PyTuple_SetItem(levels, l, level) < 0) Py_CLEAR(levels);
    }
    return levels;
}

PyObject *py_poet_tables(PyObject *module, PyObject *none)
{
    PyObject *columns = PyTuple_New(SY_POET_COLUMNS), *strengths = PyTuple_New(SY_POET_STRENGTHS);
    (void)module;
    (void)none;
    for (int c = 0; columns && c < SY_POET_COLUMNS; c++) {
        const sy_poet_column *column = &sy_poet_columns()[c];
        PyObject *row =
            Py_BuildValue("(sssiN)", column->name, column->role, column->meaning, (int)column->type, levels_of(column));
        if (!row || PyTuple_SetItem(columns, c, row) < 0) Py_CLEAR(columns);
    }
    for (int k = 0; strengths && k < SY_POET_STRENGTHS; k++) {
        const sy_poet_strength *strength = &sy_poet_strengths()[k];
        PyObject *row = Py_BuildValue("(ssd)", strength->name, strength->meaning, strength->standard);
        if (!row || PyTuple_SetItem(strengths, k, row) < 0) Py_CLEAR(strengths);
    }
    if (columns && strengths) return Py_BuildValue("(NN)", columns, strengths);
    Py_XDECREF(columns);
    Py_XDECREF(strengths);
    return NULL;
}

static PyObject *marginal_rows(const sy_poet_marginal *m)
{
    PyObject *rows = PyTuple_New(SY_POET_MARGINALS);
    for (int i = 0; rows && i < SY_POET_MARGINALS; i++, m++) {
        PyObject *row = Py_BuildValue("(ssssdsddsNs)", m->column, m->item, m->category, m->comparator, m->published,
                                      m->kind, m->planted, m->found, m->unit, PyBool_FromLong(m->kept), m->source);
        if (!row || PyTuple_SetItem(rows, i, row) < 0) Py_CLEAR(rows);
    }
    return rows;
}

static PyObject *truth_rows(const sy_poet_truth *t)
{
    PyObject *rows = PyTuple_New(SY_POET_TRUTHS);
    for (int i = 0; rows && i < SY_POET_TRUTHS; i++, t++) {
        PyObject *row = Py_BuildValue("(sds)", t->name, t->value, t->meaning);
        if (!row || PyTuple_SetItem(rows, i, row) < 0) Py_CLEAR(rows);
    }
    return rows;
}

PyObject *py_poet(PyObject *module, PyObject *args)
{
    PyObject *array = NULL, *given = NULL, *progress = NULL, *result = NULL;
    sy_poet_marginal marginals[SY_POET_MARGINALS];
    sy_poet_truth truth[SY_POET_TRUTHS];
    Py_buffer values = {0}, strengths = {0};
    sy_poet_options o;
    unsigned long long seed = 0;
    py_call call;
    int threads = 0;
    sy_poet_defaults(&o);
    if (!PyArg_ParseTuple(args, "(KiisdddddiO)OiO:poet", &seed, &o.people, &o.councils, &o.year, &o.direct_payment,
                          &o.funding_ratio, &o.sd_log_amount, &o.knows_amount, &o.size_spread, &o.amount_missing,
                          &given, &array, &threads, &progress))
        return NULL;
    o.seed = (uint64_t)seed;
    py_begin(&call, module, threads, progress);
    if (py_doubles(given, SY_POET_STRENGTHS, 0, &strengths) < 0) goto out;
    memcpy(o.strength, strengths.buf, sizeof o.strength);
    if (py_doubles(array, (Py_ssize_t)SY_POET_COLUMNS * o.people, 1, &values) < 0) goto out;
    py_release(&call);
    sy_status status = sy_poet_simulate(&call.ctx, &o, values.buf, marginals, truth);
    py_reacquire(&call);
    if (py_check(&call, status) == 0)
        result = Py_BuildValue("(NNN)", marginal_rows(marginals), truth_rows(truth), py_remarks(&call));
out:
    if (values.obj) PyBuffer_Release(&values);
    if (strengths.obj) PyBuffer_Release(&strengths);
    py_end(&call);
    return result;
}
