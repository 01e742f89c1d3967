/* Mediation: the question from tuples, the result as a dict of tuples.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_mediation.h"
#include "py_question.h"

/* model: (outcome, treatment, from, to, blocks, confounders, by_treatment, by_mediators, effects, response, link,
 * draws); options: (interval, level, replicates, seed). */
static int read_question(PyObject *model, PyObject *options, sy_mediation_question *q, py_question *held)
{
    PyObject *blocks = NULL, *confounders = NULL;
    int effects = 0, response = 0, link = 0, interval = 0;
    unsigned long long seed = 0;
    sy_mediation_defaults(q);
    if (!PyArg_ParseTuple(model, "iiddO!O!iiiiii;mediation: model", &q->outcome, &q->treatment, &q->from, &q->to,
                          &PyTuple_Type, &blocks, &PyTuple_Type, &confounders, &q->by_treatment, &q->by_mediators,
                          &effects, &response, &link, &q->draws))
        return -1;
    if (!PyArg_ParseTuple(options, "idiK;mediation: options", &interval, &q->level, &q->replicates, &seed)) return -1;
    if (py_question_open(q->outcome, blocks, confounders, held) < 0) return -1;
    q->n_blocks = held->question.n_blocks;
    q->blocks = held->question.blocks;
    q->n_confounders = held->question.n_adjust;
    q->confounders = held->question.adjust;
    q->effects = (sy_mediation_effects)effects;
    q->response = (sy_mediation_response)response;
    q->link = (sy_link)link;
    q->interval = (sy_interval_kind)interval;
    q->seed = (uint64_t)seed;
    return 0;
}

static PyObject *numbers(const double *x, Py_ssize_t n)
{
    PyObject *all = PyTuple_New(x ? n : 0);
    for (Py_ssize_t i = 0; all && x && i < n; i++) {
        PyObject *one = PyFloat_FromDouble(x[i]);
        if (!one || PyTuple_SetItem(all, i, one) < 0) Py_CLEAR(all);
    }
    return all;
}

static PyObject *rows_of(const sy_mediation_result *r)
{
    PyObject *all = PyTuple_New(r->n_rows);
    for (int i = 0; all && i < r->n_rows; i++) {
        PyObject *one = Py_BuildValue("(ii)", (int)r->rows[i].part, r->rows[i].block);
        if (!one || PyTuple_SetItem(all, i, one) < 0) Py_CLEAR(all);
    }
    return all;
}

static PyObject *answers_of(const sy_mediation_result *r)
{
    PyObject *all = PyTuple_New(r->n_measures);
    for (int i = 0; all && i < r->n_measures; i++) {
        PyObject *one = PyLong_FromLong(r->outcome_level[i]);
        if (!one || PyTuple_SetItem(all, i, one) < 0) Py_CLEAR(all);
    }
    return all;
}

static PyObject *assumptions_of(const sy_mediation_result *r)
{
    PyObject *all = PyTuple_New(r->n_assumptions);
    for (int i = 0; all && i < r->n_assumptions; i++) {
        PyObject *one = py_text(r->assumption[i]);
        if (!one || PyTuple_SetItem(all, i, one) < 0) Py_CLEAR(all);
    }
    return all;
}

static PyObject *result_of(const sy_mediation_result *r)
{
    const Py_ssize_t values = (Py_ssize_t)r->n_rows * r->n_measures;
    return Py_BuildValue(
        "{sN sN sN sN sN sN sN sN sN sN sN sN sd sd s(ii) sd sd sd sd sd sd si sd si sd sn si si si}", "rows",
        rows_of(r), "estimate", numbers(r->estimate, values), "std_error", numbers(r->std_error, values), "statistic",
        numbers(r->statistic, values), "p_value", numbers(r->p_value, values), "low", numbers(r->low, values), "high",
        numbers(r->high, values), "proportion", numbers(r->proportion, values), "covariance",
        numbers(r->covariance, values * values), "mean", numbers(r->mean, 2 * (Py_ssize_t)r->n_measures), "answers",
        answers_of(r), "assumptions", assumptions_of(r), "from", r->from, "to", r->to, "level", r->level[0],
        r->level[1], "rows_from", r->rows_from, "rows_to", r->rows_to, "n", r->n, "rows_read", r->rows_read,
        "rows_used", r->rows_used, "rows_dropped", r->rows_dropped, "n_products", r->n_products, "r2", r->r2,
        "interval", (int)r->interval, "df", r->df, "units", (Py_ssize_t)r->units, "clustered", r->clustered, "n_strata",
        r->n_strata, "kept", r->kept);
}

PyObject *py_mediation(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *model = NULL, *options = NULL, *progress = NULL, *result = NULL;
    py_question held = {{0}, NULL, NULL};
    sy_mediation_question q;
    sy_mediation_result r = {0};
    py_design design = {0};
    py_call call;
    int threads = 0;
    if (!PyArg_ParseTuple(args, "OO!O!iO:mediation", &source, &PyTuple_Type, &model, &PyTuple_Type, &options, &threads,
                          &progress))
        return NULL;
    py_begin(&call, module, threads, progress);
    if (py_design_open(source, &design) < 0) goto out;
    if (read_question(model, options, &q, &held) < 0) goto out;
    py_release(&call);
    sy_status status = sy_mediation(&call.ctx, &design.design, &q, &r);
    py_reacquire(&call);
    if (py_check(&call, status) == 0) result = Py_BuildValue("(NN)", result_of(&r), py_remarks(&call));
out:
    sy_mediation_free(&r);
    py_question_close(&held);
    py_design_close(&design);
    py_end(&call);
    return result;
}
