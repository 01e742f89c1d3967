/* Correlations of latent normal variables: matrices into NumPy's memory, moments
 * as bytes.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_glue.h"
#include <string.h>

enum { TABLES = 4 };

PyObject *py_latent(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *arrays[TABLES] = {NULL}, *progress = NULL, *result = NULL;
    int unit = 0, smooth = 0, threads = 0;
    double level = 0;
    Py_buffer views[TABLES];
    double *table[TABLES] = {NULL};
    sy_moments m = {0};
    sy_latent_options options;
    py_design design = {0};
    py_call call;
    memset(views, 0, sizeof views);
    if (!PyArg_ParseTuple(args, "Oid(OOOO)iiO:latent", &source, &unit, &level, &arrays[0], &arrays[1], &arrays[2],
                          &arrays[3], &smooth, &threads, &progress))
        return NULL;
    py_begin(&call, module, threads, progress);
    if (py_design_open(source, &design) < 0) goto out;
    const Py_ssize_t q = design.design.n_terms;
    for (int i = 0; i < TABLES; i++) {
        if (py_doubles(arrays[i], q * q, 1, &views[i]) < 0) goto out;
        table[i] = views[i].buf;
    }
    sy_latent_defaults(&options);
    options.unit = (sy_unit)unit;
    options.level = level;
    options.smooth = smooth;
    const sy_latent_table out = {table[0], table[1], table[2], table[3]};
    py_release(&call);
    sy_status status = sy_latent(&call.ctx, &design.design, &options, &out, &m);
    py_reacquire(&call);
    if (py_check(&call, status) == 0) {
        PyObject *blob = PyBytes_FromStringAndSize(m.blob, (Py_ssize_t)m.size);
        if (blob) result = Py_BuildValue("(NN)", blob, py_remarks(&call));
    }
out:
    for (int i = 0; i < TABLES; i++)
        if (views[i].obj) PyBuffer_Release(&views[i]);
    sy_moments_free(&m);
    py_design_close(&design);
    py_end(&call);
    return result;
}
