/* Shares of people, and statements over several of them.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_glue.h"

typedef sy_status (*asked)(sy_context *, const sy_design *, const sy_overview_options *, double *, double *);

/* `steps`: one share for each count of steps, one set of numbers for whom. */
static PyObject *from_design(PyObject *module, PyObject *args, asked ask, int steps)
{
    PyObject *source = NULL, *shares_to = NULL, *whom_to = NULL, *progress = NULL, *result = NULL;
    sy_overview_options options = {0};
    int method = 0, threads = 0;
    Py_buffer shares = {0}, whom = {0};
    py_design design = {0};
    py_call call;
    if (!PyArg_ParseTuple(args, "O(ippidd)OOiO", &source, &options.n_indicators, &options.proportions, &options.by,
                          &method, &options.level, &options.hide_below, &shares_to, &whom_to, &threads, &progress))
        return NULL;
    options.method = (sy_proportion_method)method;
    py_begin(&call, module, threads, progress);
    if (py_design_open(source, &design) < 0) goto out;
    const sy_design *d = &design.design;
    Py_ssize_t values = options.n_indicators + (steps ? 1 : 0), sets = 1;
    if (options.by && d->n_terms > 0) sets += d->columns[d->terms[d->n_terms - 1].factors[0].column].n_levels;
    if (py_doubles(shares_to, sets * values * SY_N_ANSWERS * SY_N_SHARE, 1, &shares) < 0) goto out;
    if (py_doubles(whom_to, (steps ? 1 : sets * values) * SY_N_WHOM, 1, &whom) < 0) goto out;
    py_release(&call);
    sy_status status = ask(&call.ctx, d, &options, shares.buf, whom.buf);
    py_reacquire(&call);
    if (py_check(&call, status) == 0) result = py_remarks(&call);
out:
    if (shares.obj) PyBuffer_Release(&shares);
    if (whom.obj) PyBuffer_Release(&whom);
    py_design_close(&design);
    py_end(&call);
    return result;
}

PyObject *py_overview(PyObject *module, PyObject *args)
{
    return from_design(module, args, sy_overview, 0);
}

PyObject *py_overview_steps(PyObject *module, PyObject *args)
{
    return from_design(module, args, sy_overview_steps, 1);
}

/* The table of shares, then one to be written with `width` numbers a share;
 * how many shares, or -1 with an exception. */
static Py_ssize_t open_tables(PyObject *from, PyObject *to, Py_ssize_t width, Py_buffer *shares, Py_buffer *out)
{
    if (py_doubles(from, -1, 0, shares) < 0) return -1;
    Py_ssize_t k = shares->len / (Py_ssize_t)(SY_N_SHARE * sizeof(double));
    return py_doubles(to, k * width, 1, out) < 0 ? -1 : k;
}

static void close_tables(Py_buffer *shares, Py_buffer *out)
{
    if (shares->obj) PyBuffer_Release(shares);
    if (out->obj) PyBuffer_Release(out);
}

PyObject *py_overview_claim(PyObject *module, PyObject *args)
{
    PyObject *from = NULL, *to = NULL, *counts_to = NULL, *result = NULL;
    double threshold = 0, level = 0;
    Py_buffer shares = {0}, claims = {0}, counts = {0};
    py_call call;
    if (!PyArg_ParseTuple(args, "OddOO:overview_claim", &from, &threshold, &level, &to, &counts_to)) return NULL;
    py_begin(&call, module, 0, NULL);
    Py_ssize_t k = open_tables(from, to, SY_N_CLAIM, &shares, &claims);
    if (k < 0 || py_doubles(counts_to, (Py_ssize_t)2 * SY_N_CLAIM_COUNT, 1, &counts) < 0) goto out;
    sy_status status = sy_overview_claim(&call.ctx, (int)k, shares.buf, threshold, level, claims.buf, counts.buf);
    if (py_check(&call, status) == 0) result = Py_NewRef(Py_None);
out:
    close_tables(&shares, &claims);
    if (counts.obj) PyBuffer_Release(&counts);
    py_end(&call);
    return result;
}

PyObject *py_overview_ranks(PyObject *module, PyObject *args)
{
    PyObject *from = NULL, *to = NULL, *result = NULL;
    double level = 0;
    Py_buffer shares = {0}, ranks = {0};
    py_call call;
    if (!PyArg_ParseTuple(args, "OdO:overview_ranks", &from, &level, &to)) return NULL;
    py_begin(&call, module, 0, NULL);
    Py_ssize_t k = open_tables(from, to, 3, &shares, &ranks);
    if (k < 0) goto out;
    if (py_check(&call, sy_overview_ranks(&call.ctx, (int)k, shares.buf, level, ranks.buf)) == 0)
        result = Py_NewRef(Py_None);
out:
    close_tables(&shares, &ranks);
    py_end(&call);
    return result;
}

PyObject *py_overview_funnel(PyObject *module, PyObject *args)
{
    PyObject *from = NULL, *to = NULL, *result = NULL;
    double overall = 0, dispersion = 0;
    Py_buffer shares = {0}, funnel = {0};
    py_call call;
    if (!PyArg_ParseTuple(args, "OdO:overview_funnel", &from, &overall, &to)) return NULL;
    py_begin(&call, module, 0, NULL);
    Py_ssize_t k = open_tables(from, to, SY_N_FUNNEL, &shares, &funnel);
    if (k < 0) goto out;
    sy_status status = sy_overview_funnel(&call.ctx, (int)k, shares.buf, overall, funnel.buf, &dispersion);
    if (py_check(&call, status) == 0) result = PyFloat_FromDouble(dispersion);
out:
    close_tables(&shares, &funnel);
    py_end(&call);
    return result;
}
