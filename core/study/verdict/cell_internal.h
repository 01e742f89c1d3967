/* One question to one part of the rows: an outcome, a source of the process
 * measure, a level, a specification.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_CELL_INTERNAL_H
#define SYI_CELL_INTERNAL_H
#include "steelyard/evidence.h"
#include "steelyard/weigh.h"
#include "study/verdict/portion_internal.h"

/* Terms are those of the whole design. */
typedef struct {
    const sy_design *whole;
    sy_outcome_type type;
    int outcome, n_blocks;
    const sy_block *blocks;
    int funding, process; /* places of blocks */
    int n_adjust;
    const int *adjust;
    int absorb;
    syi_form form;             /* of the funding block's numeric terms */
    const unsigned char *keep; /* rows to be read; NULL: all */
    int n_also;                /* further terms that rows must be complete over */
    const int *also;
} syi_cell_asked;

/* Shares of one question with what is said of two of its blocks. */
typedef struct {
    int rows;       /* of the table */
    double *memory; /* behind it */
    sy_evidence_table table;
    sy_interval_kind interval;
    double total, total_adjusted, total_std_error, total_low, total_high, n, n_effective, df;
    sy_comparison difference; /* process less funding */
} syi_answer;

/* Never copied: the portion points into itself. */
typedef struct {
    syi_cell_asked asked;
    syi_portion portion;
    sy_moments m;         /* of the portion; empty for answers and choices */
    sy_question question; /* in the portion's terms */
    sy_block *blocks;
    int *terms;    /* behind blocks and adjusting terms */
    int64_t *unit; /* what each unit is: the level of its cluster, or its row in the whole; NULL: no units */
    syi_answer answer;
} syi_cell;

typedef struct {
    double level;
    sy_interval_kind interval;
    int bounds; /* lowest and highest are wanted */
    int limits; /* 0: shares alone */
    uint64_t seed;
} syi_cell_options;

/* The part of the rows with its sums. extra: terms that may be added to the
 * portion later. Free after failure too. */
sy_status syi_cell_open(sy_context *ctx, const syi_cell_asked *asked, int extra, syi_cell *cell);
void syi_cell_free(syi_cell *cell);

/* Fills cell->answer. */
sy_status syi_cell_ask(sy_context *ctx, syi_cell *cell, const syi_cell_options *options);

/* Another question to the same sums, or other sums of the same design. Free after failure too. */
sy_status syi_answer_of(sy_context *ctx, const sy_moments *m, const sy_design *rows, const sy_question *question,
                        const int pair[2], const syi_cell_options *options, syi_answer *out);
void syi_answer_free(syi_answer *answer);

double syi_answer_value(const syi_answer *answer, int row, int metric);
double syi_answer_error(const syi_answer *answer, int row, int metric);
double syi_answer_low(const syi_answer *answer, int row, int metric);
double syi_answer_high(const syi_answer *answer, int row, int metric);
#endif
