/* A question as Python hands it over: blocks of term indices, in tuples.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef PY_QUESTION_H
#define PY_QUESTION_H
#include "py_glue.h"

/* blocks: ((name, (term, ...)), ...), or with the number of its group behind the
 * terms of each; adjust: (term, ...), -1 first for the clusters' means. Names
 * belong to their str; close after success and failure. */
typedef struct {
    sy_question question;
    sy_block *blocks;
    int *terms; /* of the blocks, one after another, then those adjusted for */
} py_question;
int py_question_open(int outcome, PyObject *blocks, PyObject *adjust, py_question *out);
void py_question_close(py_question *question);

/* asked: (blob, outcome, blocks, adjust), as a result keeps it: opens the moments
 * and the question. Close and free both after success and failure. */
int py_asked_open(py_call *call, PyObject *asked, sy_moments *m, py_question *out);
#endif
