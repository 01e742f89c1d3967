/* The correlation matrix behind a question, changed and evaluated again.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_FLIP_MATRIX_INTERNAL_H
#define SYI_FLIP_MATRIX_INTERNAL_H
#include "shares/evaluator_internal.h"

/* Columns in the plan's order: adjusting ones, block by block, the outcome.
 * Correlations in plain double; zero throughout where a column is constant. */
typedef struct {
    syi_plan plan;
    syi_evaluator e;
    const sy_question *question;
    int order;    /* plan.n_adjust + plan.k + 1 */
    int n_values; /* of one evaluation: the table row by row, then the total */
    double n, n_effective;
    double *planes; /* behind total */
    syi_sums total;
    double *correlation; /* [order * order] */
    double *deviation;   /* [order] standard deviations, divisor n - 1 */
    int *kept;           /* [n_kept] columns that add to those before them */
    int n_kept;
} syi_flip_matrix;

/* count: evaluations expected in all; extra: bytes of each worker's scratch
 * (f->e.scratch) that are the caller's own, beyond what one evaluation takes.
 * SY_EINVAL and SY_EDATA as sy_shares; free after failure too. `f` must stay
 * where it is. */
sy_status syi_flip_matrix_init(sy_context *ctx, const sy_moments *m, const sy_question *question, size_t count,
                               size_t extra, syi_flip_matrix *f);
void syi_flip_matrix_free(syi_flip_matrix *f);

/* The block's number by its place, or SY_EINVAL naming `argument`. */
sy_status syi_flip_check_block(sy_context *ctx, const sy_question *question, const char *argument, int block);

/* First column of a block in the matrix, and how many it has. */
int syi_flip_column(const syi_flip_matrix *f, int block);
int syi_flip_columns(const syi_flip_matrix *f, int block);

/* Correlations and standard deviations of the plan's columns under other sums of
 * the same moments. centred [order * order] is scratch. */
void syi_flip_correlations(const syi_flip_matrix *f, const syi_sums *sums, syi_dd *centred, double *correlation,
                           double *deviation);

/* Shares of a changed matrix [order * order, any diagonal, read only], in parts
 * of ITS outcome's variance, into values [n_values]. Returns 1 when there is an
 * answer, else 0 and NaN. May be called from syi_work (worker) or, worker 0,
 * from the caller's thread. Whether the matrix is definite is not looked at. */
int syi_flip_values(syi_flip_matrix *f, int worker, const double *matrix, double *values);

/* The same of the correlations as they are, on the calling thread; SY_ERANK in
 * the words of sy_shares where there is no answer. */
sy_status syi_flip_whole(sy_context *ctx, syi_flip_matrix *f, double *values);

/* share(first) - share(second) in such values. */
double syi_flip_difference(const double *values, int first, int second);

/* 1 when the kept columns of matrix [order * order] are definite; work
 * [order * order]. */
int syi_flip_definite(const syi_flip_matrix *f, const double *matrix, double *work);

/* The largest multiple, at most `most`, of a positive semi-definite `change`
 * that can be taken from the correlations so that they stay definite: within
 * 2^-40 below it. work [2 * order * order]. */
double syi_flip_limit(const syi_flip_matrix *f, const double *change, double most, double *work);
#endif
