/* The linear gap, between gap.c (the call), gap_rows.c (rows of two groups),
 * gap_layout.c (columns and lines of the result), gap_linear.c and gap_cells.c
 * (the parts by either way) and gap_interval.c (their uncertainty).
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_GAP_INTERNAL_H
#define SYI_GAP_INTERNAL_H
#include "algebra/design_internal.h"
#include "algebra/moments_internal.h"
#include "base/memory_internal.h"
#include "steelyard/gap.h"
#include "study/row_units_internal.h"

/* The rows used, those of the first group first, each group in its old order. */
typedef struct {
    ptrdiff_t n, group_n[2];
    int level[2];
    double rows_read, rows_dropped, people[2]; /* by the weight rule */
    ptrdiff_t *row;                            /* [n] places in the caller's design */
    double *weight;                            /* [n]; 1 without */
    sy_column *columns;                        /* the design's, and the weights', in the new order */
    double *numbers;
    int32_t *codes;
    sy_design all, group[2]; /* over these; no clusters, no strata */
    syi_layout layout;
} syi_gap_rows;

/* Reads, checks and sorts. Remarks and errors of sy_moments_init, and of the group. */
sy_status syi_gap_rows_init(sy_context *ctx, const sy_design *design, const sy_gap_question *ask, syi_gap_rows *rows);
void syi_gap_rows_free(syi_gap_rows *rows);

/* A term of the question, and its columns in use: all levels of a factor that a row has. */
typedef struct {
    int term;  /* of the design */
    int block; /* -1: adjusting */
    int factor, first, count;
    int line, block_line; /* of the result; a factor's levels follow its line */
} syi_gap_term;

/* Columns of the model. Adjusting terms come first. */
typedef struct {
    const sy_design *design;
    const sy_gap_question *ask;
    int n_terms, n_columns; /* q; the outcome is column q */
    syi_gap_term *term;
    int *column;     /* [q + 1] of the layout */
    int *level;      /* [q] of its factor; -1 */
    int *term_of;    /* [q] */
    int *line;       /* [q] of the result: of a level or a term */
    int k, k_adjust; /* columns fitted: without a level a factor, without aliased ones; those of adjusting terms */
    int q_adjust;
    int *fitted;                                        /* [k] which */
    int adjust_line, constant_line, rest_line, n_lines; /* -1 where there is none */
} syi_gap_model;

sy_status syi_gap_model_init(sy_context *ctx, const sy_design *design, const sy_gap_question *ask,
                             const syi_gap_rows *rows, syi_gap_model *m);
void syi_gap_model_free(syi_gap_model *m);
/* "x" or "region[north]". */
void syi_gap_label(const syi_gap_model *m, int column, char *text, size_t size);
/* The result's lines, and room for its values. */
sy_status syi_gap_lines(sy_context *ctx, const syi_gap_model *m, sy_gap_result *result);

/* How a method works. `sums` are of a weighted set of units; everything else the
 * engine keeps. */
typedef struct syi_gap_engine syi_gap_engine;
struct syi_gap_engine {
    const syi_gap_rows *rows;
    const syi_gap_model *model;
    const syi_row_units *units; /* NULL without an interval */
    ptrdiff_t *start, *order;   /* with units: rows of unit u are order[start[u]] .. order[start[u + 1] - 1] */
    int n_values, simd;
    size_t length; /* doubles of sums */
    void *own;
    size_t room;    /* bytes of a worker's scratch for one of the calls below */
    double seconds; /* of one evaluation */

    /* sums += factor times those of a unit */
    void (*add)(const syi_gap_engine *e, ptrdiff_t unit, double factor, double *sums);
    /* sums [length][SYI_REPLICATES_AT_ONCE] of many weighted sets, times [AT_ONCE][units]; 0 when stopped */
    int (*batch)(const syi_gap_engine *e, syi_arena *scratch, const double *times, double *sums);
    /* 0 where there is no answer */
    int (*values)(const syi_gap_engine *e, syi_arena *scratch, const double *sums, double *values);
    /* What row i moves the values by, all its people together. */
    void (*influence)(const syi_gap_engine *e, syi_arena *scratch, ptrdiff_t i, double *values);
    /* Makes ready what add and batch, or influence, read. */
    sy_status (*prepare)(sy_context *ctx, syi_gap_engine *e, int resampled);
    void (*close)(syi_gap_engine *e);
};

/* Fits and fills result->estimate and the lines' means and coefficients. Free after failure too. */
sy_status syi_gap_linear_init(sy_context *ctx, const syi_gap_rows *rows, syi_gap_model *model, sy_gap_result *result,
                              syi_gap_engine *e);
sy_status syi_gap_cells_init(sy_context *ctx, const syi_gap_rows *rows, const syi_gap_model *model,
                             sy_gap_result *result, syi_gap_engine *e);
void syi_gap_engine_free(syi_gap_engine *e);

/* The coverage measured for result's kind and units, and a remark where the units are few. */
sy_status syi_gap_coverage(sy_context *ctx, sy_gap_result *result);

/* Standard errors, covariance and limits of result->estimate. */
sy_status syi_gap_interval(sy_context *ctx, const sy_design *design, syi_gap_engine *e, sy_gap_result *result);
#endif
