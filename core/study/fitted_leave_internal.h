/* A fitted model without one of its clusters, or without a group of its rows.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_FITTED_LEAVE_INTERNAL_H
#define SYI_FITTED_LEAVE_INTERNAL_H
#include "shares/fitted/fitted_game_internal.h"
#include "study/deal_internal.h"

/* What is left out one by one: the levels of a cluster column, those given or
 * groups of rows made here. */
typedef struct {
    const sy_design *design;
    const sy_fitted_question *question;
    const syi_plan *plan;
    sy_column own;        /* groups of rows */
    int32_t *code;        /* [n] of them */
    unsigned char *dealt; /* [sum of frequencies] group of each of the rows that a row stands for, in order */
    int groups;
    char text[SYI_LEFT_GROUPS][12];
    const char *name[SYI_LEFT_GROUPS]; /* of the groups */
    const sy_column *clusters;
    int *unit; /* [n_units] level of each */
    ptrdiff_t n_units;
    double *lines; /* [n_units][n_values] */
    int n_values;
    int simd;
} syi_leaving_fit;

/* Finds the units: clusters in use, or groups of rows dealt by the question's seed. Free after failure too. */
sy_status syi_leaving_fit_units(sy_context *ctx, syi_leaving_fit *l);
void syi_leaving_fit_free(syi_leaving_fit *l);

/* Work of syi_parallel over the units: line g of l->lines is the table of one-step shares without unit g, the sum of
 * the blocks' last; NaN where there is no fit. */
void syi_leave_out_fit(void *arg, int worker, size_t g);

/* Expected seconds of one of them. */
double syi_leaving_fit_seconds(const syi_fitted *f, const syi_leaving_fit *l);
#endif
