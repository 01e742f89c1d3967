/* The specification curve: choices in, tables out.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "py_models.h"
#include "py_question.h"
#include "py_verdict.h"
#include <string.h>

enum { MOST_MASKS = 256 };

typedef struct {
    py_call call;
    py_design design;
    int n_memberships, n_masks, *outcomes, *forms, *per_outcome;
    py_question *members, from; /* from: sources, with the adjusting terms */
    sy_membership *memberships;
    sy_process_source *sources;
    sy_weighting *weightings;
    sy_row_choice choices[SY_MOST_ROW_CHOICES];
    const char **options[SY_MOST_ROW_CHOICES];
    const unsigned char *keep[SY_MOST_ROW_CHOICES][MOST_MASKS];
    Py_buffer masks[MOST_MASKS];
    sy_specification_question question;
    sy_weigh_options how;
    sy_specification_curve out;
} work;

static int no_memory(void)
{
    PyErr_NoMemory();
    return -1;
}

/* ((name, blocks, funding, process), ...) */
static int open_memberships(PyObject *list, work *w)
{
    const Py_ssize_t n = PyTuple_Size(list);
    PyObject *none = PyTuple_New(0);
    w->members = PyMem_Calloc((size_t)n + 1, sizeof *w->members);
    w->memberships = PyMem_Calloc((size_t)n + 1, sizeof *w->memberships);
    if (!none || !w->members || !w->memberships) {
        Py_XDECREF(none);
        return no_memory();
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *blocks = NULL;
        sy_membership *m = &w->memberships[i];
        w->n_memberships = (int)i + 1;
        if (!PyArg_ParseTuple(PyTuple_GetItem(list, i), "sO!ii;blocks", &m->name, &PyTuple_Type, &blocks, &m->funding,
                              &m->process) ||
            py_question_open(0, blocks, none, &w->members[i]) < 0) {
            Py_DECREF(none);
            return -1;
        }
        m->n_blocks = w->members[i].question.n_blocks;
        m->blocks = w->members[i].blocks;
    }
    Py_DECREF(none);
    w->question.n_memberships = w->n_memberships;
    w->question.memberships = w->memberships;
    return 0;
}

/* Sources as blocks, with ((block, one_source), ...); the adjusting terms along with them. */
static int open_sources(PyObject *blocks, PyObject *rules, PyObject *adjust, work *w)
{
    if (py_question_open(0, blocks, adjust, &w->from) < 0) return -1;
    const int n = w->from.question.n_blocks;
    w->sources = PyMem_Calloc((size_t)n + 1, sizeof *w->sources);
    if (!w->sources) return no_memory();
    for (int i = 0; i < n; i++) {
        const sy_block *b = &w->from.blocks[i];
        w->sources[i] = (sy_process_source){.name = b->name, .n_terms = b->n_terms, .terms = b->terms};
        PyObject *rule = py_model_item(rules, i);
        if (!rule || !PyArg_ParseTuple(rule, "ii;a source", &w->sources[i].block, &w->sources[i].one_source)) return -1;
    }
    w->question.n_sources = n;
    w->question.sources = w->sources;
    w->question.n_adjust = w->from.question.n_adjust;
    w->question.adjust = w->from.question.adjust;
    return 0;
}

/* ((name, column or -1, kind), ...) */
static int open_weightings(PyObject *list, work *w)
{
    const Py_ssize_t n = PyTuple_Size(list);
    w->weightings = PyMem_Calloc((size_t)n + 1, sizeof *w->weightings);
    if (!w->weightings) return no_memory();
    for (Py_ssize_t i = 0; i < n; i++) {
        int place = -1, kind = 0;
        if (!PyArg_ParseTuple(PyTuple_GetItem(list, i), "sii;weights", &w->weightings[i].name, &place, &kind))
            return -1;
        w->weightings[i].column = place < 0 ? NULL : &w->design.columns[place];
        w->weightings[i].kind = (sy_weight_kind)kind;
    }
    w->question.n_weightings = (int)n;
    w->question.weightings = w->weightings;
    return 0;
}

static int open_masks(PyObject *masks, int choice, work *w)
{
    const Py_ssize_t n = PyTuple_Size(masks);
    for (Py_ssize_t o = 0; o < n; o++) {
        PyObject *mask = PyTuple_GetItem(masks, o);
        if (mask == Py_None) continue;
        if (o >= MOST_MASKS || w->n_masks == MOST_MASKS) {
            PyErr_SetString(PyExc_ValueError, "choices: more than 256 options of rows");
            return -1;
        }
        Py_buffer *view = &w->masks[w->n_masks];
        if (PyObject_GetBuffer(mask, view, PyBUF_C_CONTIGUOUS) < 0) return -1;
        w->n_masks++;
        if (view->len != (Py_ssize_t)w->design.design.n) {
            PyErr_SetString(PyExc_ValueError, "choices: a mask needs one byte a row");
            return -1;
        }
        w->keep[choice][o] = view->buf;
    }
    return 0;
}

/* ((name, (option, ...), (mask or None, ...)), ...) */
static int open_rows(PyObject *list, work *w)
{
    const Py_ssize_t n = PyTuple_Size(list);
    for (Py_ssize_t i = 0; i < n && i < SY_MOST_ROW_CHOICES; i++) {
        PyObject *options = NULL, *masks = NULL;
        sy_row_choice *c = &w->choices[i];
        if (!PyArg_ParseTuple(PyTuple_GetItem(list, i), "sO!O!;rows", &c->name, &PyTuple_Type, &options, &PyTuple_Type,
                              &masks))
            return -1;
        w->options[i] = py_texts(options, "choices");
        if (!w->options[i] || open_masks(masks, (int)i, w) < 0) return -1;
        c->n_options = (int)PyTuple_Size(options);
        c->options = w->options[i];
        c->keep = w->keep[i];
    }
    w->question.n_row_choices = (int)n;
    w->question.row_choices = w->choices;
    return 0;
}

static int open_question(PyObject *source, work *w)
{
    sy_specification_question *q = &w->question;
    PyObject *outcomes, *members, *from, *rules, *forms, *weightings, *missing, *rows, *adjust;
    if (!PyArg_ParseTuple(source, "OO!O!OOO!OO!O!;a question", &outcomes, &PyTuple_Type, &members, &PyTuple_Type, &from,
                          &rules, &forms, &PyTuple_Type, &weightings, &missing, &PyTuple_Type, &rows, &PyTuple_Type,
                          &adjust))
        return -1;
    w->outcomes = py_model_indices(outcomes, &q->n_outcomes);
    w->forms = w->outcomes ? py_model_indices(forms, &q->n_forms) : NULL;
    w->per_outcome = w->forms ? py_model_indices(missing, &q->n_missing) : NULL;
    if (!w->per_outcome) return -1;
    q->outcomes = w->outcomes;
    q->forms = (const sy_funding_form *)(const void *)w->forms;
    q->per_outcome = w->per_outcome;
    if (open_memberships(members, w) < 0 || open_sources(from, rules, adjust, w) < 0) return -1;
    return open_weightings(weightings, w) < 0 ? -1 : open_rows(rows, w);
}

static void close_work(work *w)
{
    sy_specification_curve_free(&w->out);
    for (int i = 0; i < w->n_masks; i++) PyBuffer_Release(&w->masks[i]);
    for (int i = 0; i < SY_MOST_ROW_CHOICES; i++) PyMem_Free(w->options[i]);
    for (int i = 0; i < w->n_memberships; i++) py_question_close(&w->members[i]);
    py_question_close(&w->from);
    PyMem_Free(w->members);
    PyMem_Free(w->memberships);
    PyMem_Free(w->sources);
    PyMem_Free(w->weightings);
    PyMem_Free(w->outcomes);
    PyMem_Free(w->forms);
    PyMem_Free(w->per_outcome);
    py_design_close(&w->design);
    py_end(&w->call);
    PyMem_Free(w);
}

PyObject *py_specifications(PyObject *module, PyObject *args)
{
    PyObject *source = NULL, *question = NULL, *progress = NULL, *result = NULL;
    int threads = 0, interval = 0;
    double level = 0;
    unsigned long long seed = 0;
    if (!PyArg_ParseTuple(args, "OO!(diK)iO:specifications", &source, &PyTuple_Type, &question, &level, &interval,
                          &seed, &threads, &progress))
        return NULL;
    work *w = PyMem_Calloc(1, sizeof *w);
    if (!w) return PyErr_NoMemory();
    py_begin(&w->call, module, threads, progress);
    sy_weigh_defaults(&w->how);
    w->how.level = level;
    w->how.interval = (sy_interval_kind)interval;
    w->how.seed = (uint64_t)seed;
    if (py_design_open(source, &w->design) < 0 || open_question(question, w) < 0) goto out;
    py_release(&w->call);
    sy_status status = sy_specifications(&w->call.ctx, &w->design.design, &w->question, &w->how, &w->out);
    py_reacquire(&w->call);
    if (py_check(&w->call, status) == 0)
        result = Py_BuildValue("(NNNNNNN)", py_tidy(&w->out.tables[0]), py_tidy(&w->out.tables[1]),
                               py_tidy(&w->out.tables[2]), py_text(w->out.verdict), py_remarks(&w->call),
                               py_text(w->out.text), py_text(w->out.pieces));
out:
    close_work(w);
    return result;
}
