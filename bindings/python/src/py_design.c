/* A design read from tuples: every buffer viewed in place, none copied.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_glue.h"
#include <limits.h>
#include <string.h>

static int native_order(char order)
{
#ifdef WORDS_BIGENDIAN
    return order == '@' || order == '=' || order == '>';
#else
    return order == '@' || order == '=' || order == '<';
#endif
}

/* The core's type of a buffer, by the format codes of the struct module in
 * native byte order; -1 when it has none. */
static int type_of(const Py_buffer *view)
{
    const char *format = view->format ? view->format : "B";
    if (native_order(*format)) format++;
    if (!format[0] || format[1]) return -1;
    switch (format[0]) {
    case 'd': return SY_F64;
    case 'f': return SY_F32;
    case 'q':
    case 'l':
    case 'i': return view->itemsize == 8 ? SY_I64 : view->itemsize == 4 ? SY_I32 : -1;
    case 'B':
    case '?': return SY_U8;
    default: return -1;
    }
}

static PyObject *part(PyObject *tuple, Py_ssize_t i, Py_ssize_t size, const char *what)
{
    if (tuple && PyTuple_Check(tuple) && PyTuple_Size(tuple) == size) return PyTuple_GetItem(tuple, i);
    PyErr_Format(PyExc_TypeError, "design: %s must be a tuple of %zd", what, size);
    return NULL;
}

static Py_ssize_t length_of(PyObject *tuple, const char *what)
{
    if (tuple && PyTuple_Check(tuple)) return PyTuple_Size(tuple);
    if (!PyErr_Occurred()) PyErr_Format(PyExc_TypeError, "design: %s must be a tuple", what);
    return -1;
}

static int as_int(PyObject *number, int *out)
{
    long value = number ? PyLong_AsLong(number) : -1;
    if (value == -1 && PyErr_Occurred()) return -1;
    if (value < INT_MIN || value > INT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "design: a number is out of range");
        return -1;
    }
    *out = (int)value;
    return 0;
}

static int read_levels(PyObject *levels, sy_column *column, const char ***names)
{
    Py_ssize_t n = length_of(levels, "levels");
    if (n < 0) return -1;
    if (column->type != SY_I32) {
        PyErr_Format(PyExc_TypeError, "design: the codes of %s must be int32", column->name);
        return -1;
    }
    column->type = SY_CODES;
    column->n_levels = (int)n;
    column->levels = *names;
    for (Py_ssize_t i = 0; i < n; i++) {
        (*names)[i] = py_utf8(PyTuple_GetItem(levels, i), "levels");
        if (!(*names)[i]) return -1;
    }
    *names += n;
    return 0;
}

static int read_column(PyObject *source, py_design *out, sy_column *column, const char ***names)
{
    PyObject *name = part(source, 0, 4, "a column"), *levels = NULL;
    Py_buffer *view = &out->views[out->n_views];
    column->name = name ? py_utf8(name, "column") : NULL;
    if (!column->name) return -1;
    if (PyObject_GetBuffer(PyTuple_GetItem(source, 1), view, PyBUF_RECORDS_RO) < 0) return -1;
    out->n_views++;
    int type = type_of(view);
    if (view->ndim != 1 || type < 0) {
        PyErr_Format(PyExc_TypeError, "design: column %s is not a vector of numbers", column->name);
        return -1;
    }
    if (out->n_views > 1 && view->shape[0] != out->design.n) {
        PyErr_Format(PyExc_ValueError, "design: column %s has %zd rows, the first has %zd", column->name,
                     view->shape[0], (Py_ssize_t)out->design.n);
        return -1;
    }
    out->design.n = view->shape[0];
    column->data = view->buf;
    column->stride = view->strides[0];
    column->type = (sy_type)type;
    levels = PyTuple_GetItem(source, 2);
    if (as_int(PyTuple_GetItem(source, 3), &column->first_code) < 0) return -1;
    return levels == Py_None ? 0 : read_levels(levels, column, names);
}

static int read_term(PyObject *source, sy_term *term, sy_factor **factors)
{
    PyObject *label = part(source, 0, 2, "a term"), *list = NULL;
    term->label = label ? py_utf8(label, "label") : NULL;
    if (!term->label) return -1;
    list = PyTuple_GetItem(source, 1);
    Py_ssize_t n = length_of(list, "factors");
    if (n < 0) return -1;
    term->n_factors = (int)n;
    term->factors = *factors;
    for (Py_ssize_t i = 0; i < n; i++, (*factors)++) {
        PyObject *pair = PyTuple_GetItem(list, i);
        if (as_int(part(pair, 0, 2, "a factor"), &(*factors)->column) < 0) return -1;
        if (as_int(part(pair, 1, 2, "a factor"), &(*factors)->power) < 0) return -1;
    }
    return 0;
}

/* How many items the tuples at one place of the list's tuples hold together:
 * levels (place 2 of a column), factors (place 1 of a term). */
static Py_ssize_t room_for(PyObject *list, Py_ssize_t place)
{
    Py_ssize_t room = 0;
    for (Py_ssize_t i = 0; i < PyTuple_Size(list); i++) {
        PyObject *item = PyTuple_GetItem(list, i);
        if (!PyTuple_Check(item) || PyTuple_Size(item) <= place) continue;
        PyObject *inner = PyTuple_GetItem(item, place);
        room += PyTuple_Check(inner) ? PyTuple_Size(inner) : 0;
    }
    return room;
}

static Py_ssize_t levels_of(PyObject *column)
{
    if (!PyTuple_Check(column) || PyTuple_Size(column) < 3) return 0;
    PyObject *levels = PyTuple_GetItem(column, 2);
    return PyTuple_Check(levels) ? PyTuple_Size(levels) : 0;
}

static int allocate(PyObject *columns, PyObject *terms, Py_ssize_t extra_levels, py_design *out)
{
    size_t n_columns = (size_t)PyTuple_Size(columns) + 3, n_terms = (size_t)PyTuple_Size(terms) + 1;
    out->views = PyMem_Calloc(n_columns, sizeof *out->views);
    out->columns = PyMem_Calloc(n_columns, sizeof *out->columns);
    out->terms = PyMem_Calloc(n_terms, sizeof *out->terms);
    out->factors = PyMem_Calloc((size_t)room_for(terms, 1) + 1, sizeof *out->factors);
    out->names = PyMem_Calloc((size_t)(room_for(columns, 2) + extra_levels) + 1, sizeof *out->names);
    if (out->views && out->columns && out->terms && out->factors && out->names) return 0;
    PyErr_NoMemory();
    return -1;
}

static int read_rules(PyObject *source, py_design *out)
{
    int kind = 0, missing = 0;
    if (as_int(PyTuple_GetItem(source, 3), &kind) < 0) return -1;
    if (as_int(PyTuple_GetItem(source, 5), &missing) < 0) return -1;
    out->design.weight_kind = (sy_weight_kind)kind;
    out->design.missing = (sy_missing)missing;
    return 0;
}

/* Weights, cluster, strata: places 2, 4 and 6 of a design. */
static int read_sides(PyObject *source, py_design *out, const char ***names)
{
    sy_column *next = out->columns + out->design.n_columns;
    const sy_column **sides[] = {&out->design.weights, &out->design.cluster, &out->design.strata};
    for (Py_ssize_t i = 0; i < 3 && 2 + 2 * i < PyTuple_Size(source); i++) {
        PyObject *column = PyTuple_GetItem(source, 2 + 2 * i);
        if (column == Py_None) continue;
        if (read_column(column, out, next, names) < 0) return -1;
        *sides[i] = next++;
    }
    return 0;
}

int py_design_open(PyObject *source, py_design *out)
{
    memset(out, 0, sizeof *out);
    const int with_strata = PyTuple_Check(source) && PyTuple_Size(source) == 7;
    PyObject *columns = part(source, 0, with_strata ? 7 : 6, "a design"), *terms = NULL;
    Py_ssize_t n_columns = length_of(columns, "columns");
    if (n_columns < 0) return -1;
    terms = PyTuple_GetItem(source, 1);
    Py_ssize_t n_terms = length_of(terms, "terms");
    if (n_terms < 0 || read_rules(source, out) < 0) return -1;
    Py_ssize_t side_levels = levels_of(PyTuple_GetItem(source, 2)) + levels_of(PyTuple_GetItem(source, 4)) +
                             (with_strata ? levels_of(PyTuple_GetItem(source, 6)) : 0);
    if (allocate(columns, terms, side_levels, out) < 0) return -1;
    const char **names = out->names;
    sy_factor *factors = out->factors;
    for (Py_ssize_t i = 0; i < n_columns; i++)
        if (read_column(PyTuple_GetItem(columns, i), out, &out->columns[i], &names) < 0) return -1;
    for (Py_ssize_t i = 0; i < n_terms; i++)
        if (read_term(PyTuple_GetItem(terms, i), &out->terms[i], &factors) < 0) return -1;
    out->design.n_columns = (int)n_columns;
    out->design.columns = out->columns;
    out->design.n_terms = (int)n_terms;
    out->design.terms = out->terms;
    return read_sides(source, out, &names);
}

void py_design_close(py_design *design)
{
    for (Py_ssize_t i = 0; i < design->n_views; i++) PyBuffer_Release(&design->views[i]);
    PyMem_Free(design->views);
    PyMem_Free(design->columns);
    PyMem_Free(design->terms);
    PyMem_Free(design->factors);
    PyMem_Free(design->names);
    memset(design, 0, sizeof *design);
}
