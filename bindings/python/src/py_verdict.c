/* The whole question: tuples of indices in, tables and sentences out.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_verdict.h"
#include "py_models.h"
#include "py_question.h"
#include <string.h>

/* Fills a place of a new tuple; on failure the tuple is given up. */
static int fill(PyObject **tuple, Py_ssize_t i, PyObject *item)
{
    if (item && PyTuple_SetItem(*tuple, i, item) == 0) return 0;
    Py_CLEAR(*tuple);
    return -1;
}

static PyObject *names_of(const char *const *names, int n)
{
    PyObject *tuple = PyTuple_New(n);
    for (int i = 0; tuple && i < n; i++) fill(&tuple, i, py_text(names[i]));
    return tuple;
}

static PyObject *row_of(const sy_tidy *t, int row)
{
    PyObject *tuple = PyTuple_New(t->n_texts);
    for (int c = 0; tuple && c < t->n_texts; c++) fill(&tuple, c, py_text(sy_tidy_text(t, row, c)));
    return tuple;
}

PyObject *py_tidy(const sy_tidy *t)
{
    PyObject *rows = PyTuple_New(t->n_rows);
    for (int r = 0; rows && r < t->n_rows; r++) fill(&rows, r, row_of(t, r));
    if (!rows) return NULL;
    const Py_ssize_t bytes = (Py_ssize_t)t->n_rows * t->n_numbers * (Py_ssize_t)sizeof(double);
    return Py_BuildValue("(sNNNy#)", t->name, names_of(t->text_names, t->n_texts),
                         names_of(t->number_names, t->n_numbers), rows, bytes ? (const char *)t->numbers : "", bytes);
}

static PyObject *tables_of(const sy_tidy *tables, int n)
{
    PyObject *tuple = PyTuple_New(n);
    for (int i = 0; tuple && i < n; i++) fill(&tuple, i, py_tidy(&tables[i]));
    return tuple;
}

/* Sources: their terms are read as those of blocks. rules: ((block, one_source), ...). */
typedef struct {
    py_question held;
    sy_process_source *list;
    int n;
} sources;

static int open_sources(PyObject *blocks, PyObject *rules, sources *s)
{
    PyObject *none = PyTuple_New(0);
    const int opened = none ? py_question_open(0, blocks, none, &s->held) : -1;
    Py_XDECREF(none);
    if (opened < 0) return -1;
    s->n = s->held.question.n_blocks;
    s->list = PyMem_Calloc((size_t)s->n + 1, sizeof *s->list);
    if (!s->list) {
        PyErr_NoMemory();
        return -1;
    }
    for (int i = 0; i < s->n; i++) {
        const sy_block *b = &s->held.blocks[i];
        s->list[i] = (sy_process_source){.name = b->name, .n_terms = b->n_terms, .terms = b->terms};
        PyObject *rule = py_model_item(rules, i);
        if (!rule || !PyArg_ParseTuple(rule, "ii;a source", &s->list[i].block, &s->list[i].one_source)) return -1;
    }
    return 0;
}

static void close_sources(sources *s)
{
    py_question_close(&s->held);
    PyMem_Free(s->list);
}

/* One call's question with what it holds. */
typedef struct {
    py_call call;
    py_design design;
    py_question blocks;
    sources from;
    int *outcomes, *types, *need;
    sy_margin *margins;
    Py_buffer *shares;
    Py_ssize_t n_shares;
    sy_weigh_question question;
    sy_weigh_options options;
    sy_weighing out;
} weighing;

static const sy_column *column_at(const py_design *d, int place)
{
    return place < 0 || place >= d->design.n_columns ? NULL : &d->columns[place];
}

/* margins: ((column, shares by level), ...) */
static int open_margins(PyObject *list, weighing *w)
{
    const Py_ssize_t n = PyTuple_Size(list);
    w->margins = PyMem_Calloc((size_t)n + 1, sizeof *w->margins);
    w->shares = PyMem_Calloc((size_t)n + 1, sizeof *w->shares);
    if (!w->margins || !w->shares) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *shares = NULL;
        int place = -1;
        if (!PyArg_ParseTuple(PyTuple_GetItem(list, i), "iO;a margin", &place, &shares)) return -1;
        const sy_column *column = column_at(&w->design, place);
        if (!column || py_doubles(shares, column->n_levels, 0, &w->shares[i]) < 0) return -1;
        w->n_shares = i + 1;
        w->margins[i] = (sy_margin){column, w->shares[i].buf};
    }
    w->question.n_margins = (int)n;
    w->question.margins = w->margins;
    return 0;
}

/* source: (outcomes, types, blocks, adjust, roles, need, sources, rules of sources, margins, data set or None);
 * roles: (funding, process, one_source, by, group, label, areas, per_outcome, named_rows), by, group and label columns
 * or -1. */
static int open_question(PyObject *source, weighing *w)
{
    sy_weigh_question *q = &w->question;
    PyObject *outcomes, *types, *blocks, *adjust, *need, *from, *rules, *margins;
    int by = -1, group = -1, label = -1, n_types = 0;
    if (!PyArg_ParseTuple(source, "OOO!O!(iiiiiiiii)OO!OO!z;a question", &outcomes, &types, &PyTuple_Type, &blocks,
                          &PyTuple_Type, &adjust, &q->funding, &q->process, &q->one_source, &by, &group, &label,
                          &q->areas, &q->per_outcome, &q->named_rows, &need, &PyTuple_Type, &from, &rules,
                          &PyTuple_Type, &margins, &q->dataset))
        return -1;
    q->host = "Python";
    w->outcomes = py_model_indices(outcomes, &q->n_outcomes);
    w->types = w->outcomes ? py_model_indices(types, &n_types) : NULL;
    w->need = w->types ? py_model_indices(need, &q->n_need) : NULL;
    if (!w->need || n_types != q->n_outcomes || py_question_open(0, blocks, adjust, &w->blocks) < 0) return -1;
    if (open_sources(from, rules, &w->from) < 0 || open_margins(margins, w) < 0) return -1;
    q->outcomes = w->outcomes;
    q->types = (const sy_outcome_type *)(const void *)w->types;
    q->n_blocks = w->blocks.question.n_blocks;
    q->blocks = w->blocks.blocks;
    q->n_adjust = w->blocks.question.n_adjust;
    q->adjust = w->blocks.question.adjust;
    q->absorb = w->blocks.question.absorb;
    q->need = w->need;
    q->n_sources = w->from.n;
    q->sources = w->from.list;
    q->by = column_at(&w->design, by);
    q->group = column_at(&w->design, group);
    q->label = column_at(&w->design, label);
    return 0;
}

/* (level, interval, replicates, seed, at_most, unit, left_out, flips) */
static int read_options(PyObject *tuple, sy_weigh_options *o)
{
    int interval = 0;
    unsigned long long seed = 0;
    sy_weigh_defaults(o);
    if (!PyArg_ParseTuple(tuple, "diiKddii;options", &o->level, &interval, &o->replicates, &seed, &o->at_most, &o->unit,
                          &o->left_out, &o->flips))
        return -1;
    o->interval = (sy_interval_kind)interval;
    o->seed = (uint64_t)seed;
    return 0;
}

static PyObject *weighed(const weighing *w)
{
    const sy_weighing *o = &w->out;
    PyObject *limits = PyTuple_New(o->n_limits);
    for (int i = 0; limits && i < o->n_limits; i++) fill(&limits, i, py_text(o->limits[i]));
    if (!limits) return NULL;
    return Py_BuildValue("(N(NNN)NN(di)NNNNNN)", tables_of(o->tables, SY_WEIGH_TABLES), py_text(o->verdict[0]),
                         py_text(o->verdict[1]), py_text(o->verdict[2]), limits, py_text(o->how), o->units,
                         o->clustered, py_remarks(&w->call), py_text(o->text), py_text(o->page), py_text(o->body),
                         py_text(o->picture), py_text(o->pieces));
}

PyObject *py_weigh(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *question = NULL, *options = NULL, *progress = NULL, *result = NULL;
    int threads = 0;
    if (!PyArg_ParseTuple(args, "OO!O!iO:weigh", &source, &PyTuple_Type, &question, &PyTuple_Type, &options, &threads,
                          &progress))
        return NULL;
    weighing *w = PyMem_Calloc(1, sizeof *w);
    if (!w) return PyErr_NoMemory();
    py_begin(&w->call, module, threads, progress);
    if (py_design_open(source, &w->design) < 0 || open_question(question, w) < 0 ||
        read_options(options, &w->options) < 0)
        goto out;
    py_release(&w->call);
    sy_status status = sy_weigh(&w->call.ctx, &w->design.design, &w->question, &w->options, &w->out);
    py_reacquire(&w->call);
    if (py_check(&w->call, status) == 0) result = weighed(w);
out:
    sy_weighing_free(&w->out);
    for (Py_ssize_t i = 0; i < w->n_shares; i++) PyBuffer_Release(&w->shares[i]);
    PyMem_Free(w->shares);
    PyMem_Free(w->margins);
    PyMem_Free(w->outcomes);
    PyMem_Free(w->types);
    PyMem_Free(w->need);
    close_sources(&w->from);
    py_question_close(&w->blocks);
    py_design_close(&w->design);
    py_end(&w->call);
    PyMem_Free(w);
    return result;
}
