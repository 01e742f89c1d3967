/* Checks of an answer: cross-validation, permutation tests.
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
