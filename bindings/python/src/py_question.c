/* Blocks and terms of a question, read from tuples.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_question.h"

static int read_indices(PyObject *tuple, int **next, int *count)
{
    if (!tuple || !PyTuple_Check(tuple)) {
        PyErr_SetString(PyExc_TypeError, "shares: terms must be a tuple of indices");
        return -1;
    }
    *count = (int)PyTuple_Size(tuple);
    for (int i = 0; i < *count; i++) {
        *(*next)++ = (int)PyLong_AsLong(PyTuple_GetItem(tuple, i));
        if (PyErr_Occurred()) return -1;
    }
    return 0;
}

/* Room for every index that the blocks and the adjusting terms can hold, and
 * for a group of each block. */
static Py_ssize_t room_for(PyObject *blocks, PyObject *adjust)
{
    Py_ssize_t room = PyTuple_Size(adjust) + PyTuple_Size(blocks) + 1;
    for (Py_ssize_t i = 0; i < PyTuple_Size(blocks); i++) {
        PyObject *block = PyTuple_GetItem(blocks, i);
        Py_ssize_t size = PyTuple_Check(block) ? PyTuple_Size(block) : 0;
        PyObject *terms = size == 2 || size == 3 ? PyTuple_GetItem(block, 1) : NULL;
        if (!terms || !PyTuple_Check(terms)) {
            PyErr_SetString(PyExc_TypeError,
                            "shares: a block must be (name, (term, ...)) or (name, (term, ...), group)");
            return -1;
        }
        room += PyTuple_Size(terms);
    }
    return room;
}

/* The groups of the blocks, where each has one. */
static int read_groups(PyObject *blocks, int *next, py_question *out)
{
    for (int i = 0; i < out->question.n_blocks; i++) {
        PyObject *block = PyTuple_GetItem(blocks, i);
        if (PyTuple_Size(block) < 3) return 0;
        next[i] = (int)PyLong_AsLong(PyTuple_GetItem(block, 2));
        if (PyErr_Occurred()) return -1;
    }
    if (out->question.n_blocks > 0) out->question.order = next;
    return 0;
}

/* Adjusting terms; -1 before them stands for the clusters' means. */
static int read_adjust(PyObject *adjust, int **next, sy_question *question)
{
    int *first = *next;
    if (read_indices(adjust, next, &question->n_adjust) < 0) return -1;
    question->absorb = question->n_adjust > 0 && first[0] == -1;
    question->n_adjust -= question->absorb;
    question->adjust = first + question->absorb;
    return 0;
}

int py_question_open(int outcome, PyObject *blocks, PyObject *adjust, py_question *out)
{
    Py_ssize_t room = room_for(blocks, adjust);
    if (room < 0) return -1;
    out->question.outcome = outcome;
    out->question.n_blocks = (int)PyTuple_Size(blocks);
    out->blocks = PyMem_Calloc((size_t)out->question.n_blocks + 1, sizeof *out->blocks);
    out->terms = PyMem_Calloc((size_t)room, sizeof *out->terms);
    if (!out->blocks || !out->terms) {
        PyErr_NoMemory();
        return -1;
    }
    out->question.blocks = out->blocks;
    int *next = out->terms;
    for (int i = 0; i < out->question.n_blocks; i++) {
        PyObject *block = PyTuple_GetItem(blocks, i);
        out->blocks[i].name = py_utf8(PyTuple_GetItem(block, 0), "blocks");
        out->blocks[i].terms = next;
        if (!out->blocks[i].name) return -1;
        if (read_indices(PyTuple_GetItem(block, 1), &next, &out->blocks[i].n_terms) < 0) return -1;
    }
    if (read_adjust(adjust, &next, &out->question) < 0) return -1;
    return read_groups(blocks, next, out);
}

void py_question_close(py_question *question)
{
    PyMem_Free(question->blocks);
    PyMem_Free(question->terms);
}

int py_asked_open(py_call *call, PyObject *asked, sy_moments *m, py_question *out)
{
    PyObject *blob = NULL, *blocks = NULL, *adjust = NULL;
    int outcome = 0;
    if (!PyArg_ParseTuple(asked, "SiO!O!;asked", &blob, &outcome, &PyTuple_Type, &blocks, &PyTuple_Type, &adjust))
        return -1;
    return py_view(call, blob, 0, m) < 0 ? -1 : py_question_open(outcome, blocks, adjust, out);
}
