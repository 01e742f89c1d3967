/* Printed evidence: numbers in, numbers and a sentence out.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_printed.h"
#include <string.h>

int py_views_open(int n, PyObject *const *arrays, const Py_ssize_t *length, int first_written, Py_buffer *views)
{
    memset(views, 0, (size_t)n * sizeof *views);
    for (int i = 0; i < n; i++)
        if (py_doubles(arrays[i], length[i], i >= first_written, &views[i]) < 0) return -1;
    return 0;
}

void py_views_close(int n, Py_buffer *views)
{
    for (int i = 0; i < n; i++)
        if (views[i].obj) PyBuffer_Release(&views[i]);
}

PyObject *py_unit_values(PyObject *module, PyObject *args)
{
    PyObject *denominators = NULL, *arrays[4], *result = NULL;
    const char **names = NULL;
    sy_unit_question q;
    sy_unit_summary s;
    Py_buffer views[4];
    py_call call;
    if (!PyArg_ParseTuple(args, "(ss)(dd)O!OdOOO:unit_values", &q.group[0], &q.group[1], &q.cost[0], &q.cost[1],
                          &PyTuple_Type, &denominators, &arrays[0], &q.claimed, &arrays[1], &arrays[2], &arrays[3]))
        return NULL;
    const Py_ssize_t n = PyTuple_Size(denominators), length[] = {2 * n, 2 * n, n * n, n * n};
    py_begin(&call, module, 1, NULL);
    if (py_views_open(4, arrays, length, 1, views) < 0 || !(names = py_texts(denominators, "users"))) goto out;
    q.n = (int)n;
    q.denominator = names;
    q.users = views[0].buf;
    sy_status status = sy_unit_values(&call.ctx, &q, views[1].buf, views[2].buf, views[3].buf, &s);
    if (py_check(&call, status) == 0)
        result = Py_BuildValue("(dddddddN)", s.ratio, s.gap, s.low, s.high, s.low_any, s.high_any, s.claimed_users,
                               py_text(s.text));
out:
    PyMem_Free(names);
    py_views_close(4, views);
    py_end(&call);
    return result;
}

PyObject *py_gap_allowed(PyObject *module, PyObject *args)
{
    sy_gap_allowed_question q;
    sy_gap_allowed_summary s;
    PyObject *result = NULL;
    py_call call;
    if (!PyArg_ParseTuple(args, "dddddd:gap_allowed", &q.r2, &q.share, &q.sd, &q.group_r2, &q.full_r2, &q.vif))
        return NULL;
    py_begin(&call, module, 1, NULL);
    if (py_check(&call, sy_gap_allowed(&call.ctx, &q, &s)) == 0)
        result = Py_BuildValue("(dddddN)", s.slope, s.gap, s.adjusted_slope, s.adjusted_gap, s.predictor_gap,
                               py_text(s.text));
    py_end(&call);
    return result;
}

PyObject *py_slope_allowed(PyObject *module, PyObject *args)
{
    double full_r2, vif, r2, sd;
    sy_slope_allowed_summary s;
    PyObject *result = NULL;
    py_call call;
    if (!PyArg_ParseTuple(args, "dddd:slope_allowed", &full_r2, &vif, &r2, &sd)) return NULL;
    py_begin(&call, module, 1, NULL);
    if (py_check(&call, sy_slope_allowed(&call.ctx, full_r2, vif, r2, sd, &s)) == 0)
        result = Py_BuildValue("(ddN)", s.bound, s.sharp, py_text(s.text));
    py_end(&call);
    return result;
}

/* from_odds: the ratio is one of odds, else of risks. */
PyObject *py_risk_odds(PyObject *module, PyObject *args)
{
    int from_odds = 0;
    double ratio, overall, exposed;
    sy_risks r;
    PyObject *result = NULL;
    py_call call;
    if (!PyArg_ParseTuple(args, "pddd:risk_odds", &from_odds, &ratio, &overall, &exposed)) return NULL;
    py_begin(&call, module, 1, NULL);
    sy_status status = from_odds ? sy_risk_from_odds(&call.ctx, ratio, overall, exposed, &r)
                                 : sy_odds_from_risk(&call.ctx, ratio, overall, exposed, &r);
    if (py_check(&call, status) == 0)
        result = Py_BuildValue("(dddddN)", r.odds_ratio, r.risk_ratio, r.risk_exposed, r.risk_unexposed,
                               r.risk_difference, py_text(r.text));
    py_end(&call);
    return result;
}

PyObject *py_r2_interval(PyObject *module, PyObject *args)
{
    sy_r2_question q;
    sy_r2_limits l;
    PyObject *result = NULL;
    py_call call;
    if (!PyArg_ParseTuple(args, "ddidpdp:r2_interval", &q.r2, &q.n, &q.predictors, &q.level, &q.fixed, &q.rounding,
                          &q.at_most))
        return NULL;
    py_begin(&call, module, 1, NULL);
    py_release(&call);
    sy_status status = sy_r2_interval(&call.ctx, &q, &l);
    py_reacquire(&call);
    if (py_check(&call, status) == 0)
        result = Py_BuildValue("(dddddN)", l.low, l.high, l.upper, l.adjusted, l.by_chance, py_text(l.text));
    py_end(&call);
    return result;
}

PyObject *py_detectable(PyObject *module, PyObject *args)
{
    sy_detectable_question q;
    sy_detectable d;
    PyObject *result = NULL;
    py_call call;
    if (!PyArg_ParseTuple(args, "dddddd:detectable", &q.n1, &q.n2, &q.sd, &q.level, &q.power, &q.design_effect))
        return NULL;
    py_begin(&call, module, 1, NULL);
    if (py_check(&call, sy_detectable_difference(&call.ctx, &q, &d)) == 0)
        result = Py_BuildValue("(dddN)", d.difference, d.standardised, d.df, py_text(d.text));
    py_end(&call);
    return result;
}

enum { COUNT_COLUMNS = 8 };

/* rows [k * 8]: share, low, high, worst_low, worst_high, expected, p_independent, p_worst. */
PyObject *py_counts(PyObject *module, PyObject *args)
{
    PyObject *arrays[3], *result = NULL;
    sy_counts_question q;
    sy_counts_summary s;
    sy_count_row *row = NULL;
    Py_buffer views[3];
    Py_ssize_t k = 0;
    py_call call;
    if (!PyArg_ParseTuple(args, "nOOOdddp:counts", &k, &arrays[0], &arrays[1], &arrays[2], &q.chance, &q.level,
                          &q.correlation, &q.trend))
        return NULL;
    py_begin(&call, module, 1, NULL);
    const Py_ssize_t length[] = {k, k, k * COUNT_COLUMNS};
    if (py_views_open(3, arrays, length, 2, views) < 0) goto out;
    row = PyMem_Calloc((size_t)k + 1, sizeof *row);
    if (!row) {
        PyErr_NoMemory();
        goto out;
    }
    py_release(&call);
    sy_status status = sy_counts_by_chance(&call.ctx, (int)k, views[0].buf, views[1].buf, &q, row, &s);
    py_reacquire(&call);
    if (py_check(&call, status) < 0) goto out;
    double *out = views[2].buf;
    for (Py_ssize_t i = 0; i < k; i++) {
        const double values[COUNT_COLUMNS] = {row[i].share,         row[i].low,        row[i].high,
                                              row[i].worst_low,     row[i].worst_high, row[i].expected,
                                              row[i].p_independent, row[i].p_worst};
        memcpy(out + i * COUNT_COLUMNS, values, sizeof values);
    }
    result = Py_BuildValue("(ddN)", s.statistic, s.p_value, py_text(s.text));
out:
    PyMem_Free(row);
    py_views_close(3, views);
    py_end(&call);
    return result;
}
