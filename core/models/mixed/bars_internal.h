/* The random part of a mixed model as columns and levels of the rows: what
 * linear and other mixed models read alike.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_BARS_INTERNAL_H
#define SYI_BARS_INTERNAL_H
#include "models/model_internal.h"
#include "steelyard/mixed.h"

/* One bar term. q effects; theta is the lower triangle of its T by columns, or the diagonal alone. */
typedef struct {
    int q, diagonal, n_theta;
    int first_effect, first_theta, first_entry; /* among those of all bar terms */
    int factor;                                 /* which grouping factor */
    ptrdiff_t first_mode;
    int plain;   /* an intercept alone: z is 1, and the model below is not opened */
    syi_model z; /* its columns */
} syi_bar;

/* One grouping factor, whatever the number of bar terms on it. */
typedef struct {
    int column; /* of the design below */
    int n_levels;
    int *level;    /* [n_levels] codes of the levels in use, from 0 */
    int *position; /* [levels of the column] place among those in use, -1 for none */
    int q;         /* effects of all its bar terms */
} syi_grouping;

/* Never copied: models in it point into themselves. */
typedef struct {
    const sy_mixed_model *model;
    sy_design own; /* the caller's design; grouping columns and offset are further terms, so that rows are complete over
                      them too, and the last term is 1 */
    int n_bars, n_factors;
    syi_bar *bar;
    syi_grouping *factor;
    int offset; /* column of own, or -1 */
    int one;    /* the last term of own */
    int n_effects, n_theta, entries;
    ptrdiff_t n_modes;
    sy_column *own_columns;
    sy_term *own_terms;
    sy_factor *own_factors;
    double unity;
} syi_bars;

/* The two steps of syi_bars_init: the design extended and bar terms checked; levels and columns found, m being any
 * model of b->own whose rows are known. Errors: SY_EINVAL (no bar term, a group that is not a factor or has one level,
 * sampling weights, the same effect twice on a group). */
sy_status syi_bars_open(sy_context *ctx, const sy_design *design, const sy_mixed_model *model, syi_bars *b);
sy_status syi_bars_levels(sy_context *ctx, const syi_model *m, syi_bars *b);
sy_status syi_bars_init(sy_context *ctx, const sy_design *design, const sy_mixed_model *model, syi_bars *b);
void syi_bars_free(syi_bars *b); /* legal after failure and twice */

/* Rows row[0..len-1], len <= SYI_TILE: z[e * SYI_TILE + i] effect e of all bar terms, level[f * SYI_TILE + i] the place
 * of the row's level of factor f. Only rows that are used mean something. z is NULL: not wanted. */
void syi_bars_tile(const syi_bars *b, const ptrdiff_t *row, int len, double *z, int32_t *level);

/* T of a bar term [q * q], row-major, lower, from theta of all bar terms. */
void syi_bar_factor(const syi_bar *bar, const double *theta, double *t);

/* The place among the n_theta of the entry (i, j), j <= i, of a bar term's T; -1 when it is not a parameter. */
int syi_bar_theta(const syi_bar *bar, int i, int j);

/* Names the effects with no variance of their own: variance exactly 0, or one that follows from the effects before.
 * flat [n_bars], may be NULL: 1 for bar terms of whose variances the likelihood says nothing. */
sy_status syi_bars_remark(sy_context *ctx, const syi_bars *b, const double *theta, const unsigned char *flat);

/* A remark for each group of fewer levels than this, with the coverage measured (tests/reference/coverage/models.csv):
 * of Wald limits, which have no degrees of freedom that count the groups, or (profile) of profile limits of standard
 * deviations, which maximum likelihood makes too small. */
enum { SYI_FEW_LEVELS = 50 };
sy_status syi_bars_few(sy_context *ctx, const syi_bars *b, int profile);
#endif
