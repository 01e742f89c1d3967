/* Parts of sy_gap_response.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_GAP_RESPONSE_INTERNAL_H
#define SYI_GAP_RESPONSE_INTERNAL_H
#include "models/response/packed_internal.h"
#include "steelyard/gap_response.h"
#include "study/row_units_internal.h"

enum { SYI_GAPR_MOST_BLOCKS = 20 };

/* The question over its packed rows. Read-only once open; never copied (the
 * model points into it). */
typedef struct {
    const sy_gap_response_question *question;
    sy_design design; /* with the group as one more term, so that rows are complete over it */
    sy_column *columns;
    sy_term *terms;
    sy_factor factor;
    const sy_column *group; /* the factor */
    int level[2];           /* its two levels */
    sy_response_model model;
    syi_packed rows;       /* of both groups */
    unsigned char *second; /* [n] 1: a row of the second group */
    int skip;              /* 1: column 0 of x is the intercept */
    int slopes;            /* columns beside it */
    int *block;            /* [slopes] */
    int n_blocks, n_curves, n_measures, n_values;
    int separate, players;  /* of the order-free game: blocks' columns, their coefficients or all as one, constant */
    double *weight;         /* [2^players] of the step from a set */
    double *weight_columns; /* [2^n_blocks] */
    int simd;
} syi_gapr_game;

/* Opens and checks all but the fits. Free after failure too. */
sy_status syi_gapr_open(sy_context *ctx, const sy_design *design, const sy_gap_response_question *question,
                        syi_gapr_game *game);
/* Decides on separate coefficients and makes the weights: steps are the sums over
 * pairs and curves that one second allows. */
sy_status syi_gapr_players(sy_context *ctx, syi_gapr_game *game, int separate);
void syi_gapr_free(syi_gapr_game *game);

/* The four models of one sample, weights `times` [n] (0: left out). */
typedef struct {
    double *coef[SY_N_GAP_RESPONSE_BY];  /* [n_curves + slopes] constants at `mean` (infinite where nobody gave the
                                   answers on one side), slopes of the packed columns */
    double *theta[SY_N_GAP_RESPONSE_BY]; /* as Newton's method has them; starts when `levels` is that of the sample */
    int levels[SY_N_GAP_RESPONSE_BY];    /* answers in use; 0: theta is no start */
    int failed[SY_N_GAP_RESPONSE_BY];    /* 1: the search did not converge; 2: separated */
    double loglik[SY_N_GAP_RESPONSE_BY], last_step[SY_N_GAP_RESPONSE_BY];
    int told[SY_N_GAP_RESPONSE_BY]; /* separated: a slope that runs to infinity; -1 when none does */
    double *mean;                   /* [slopes] of the packed columns among all rows of the sample */
    int *separated;                 /* [k] scratch */
    double *memory;
} syi_gapr_fits;
sy_status syi_gapr_fits_init(sy_context *ctx, const syi_gapr_game *game, syi_gapr_fits *fits);
void syi_gapr_fits_free(syi_gapr_fits *fits);
/* Each from its theta where that can start it. SY_EDATA: a group with one answer. */
sy_status syi_gapr_fit(sy_context *ctx, const syi_gapr_game *game, const double *times, syi_gapr_fits *fits);
/* SY_ERANK when a column adds nothing among a group's rows. */
sy_status syi_gapr_ranks(sy_context *ctx, const syi_gapr_game *game);
/* Remarks of fits that are not what they should be. */
sy_status syi_gapr_fit_remarks(sy_context *ctx, const syi_gapr_game *game, const syi_gapr_fits *fits);

/* Rows of one group with the same columns are one cell. */
typedef struct {
    ptrdiff_t n;
    ptrdiff_t *row; /* [n] a packed row of it */
    double *weight; /* [n] they sum to 1 */
    double *part;   /* [SY_N_GAP_RESPONSE_BY][blocks][n] of the index, from the sample's means */
} syi_gapr_cells;

/* Cells of the first group beside cells of the second. */
typedef struct {
    syi_gapr_cells cells[2];
    ptrdiff_t n, room;
    ptrdiff_t *member[2]; /* [room] cell of each pair */
    double *weight;       /* [room] 0 from n on */
} syi_gapr_pairs;
sy_status syi_gapr_couple(sy_context *ctx, const syi_gapr_game *game, const double *times, const syi_gapr_fits *fits,
                          syi_gapr_pairs *pairs);
void syi_gapr_pairs_free(syi_gapr_pairs *pairs);

/* From pairs and fits to the values of every measure, line [n_measures *
 * n_values], on the threads of ctx. */
sy_status syi_gapr_values(sy_context *ctx, const syi_gapr_game *game, const double *times, const syi_gapr_fits *fits,
                          const syi_gapr_pairs *pairs, double *line);

/* Expected seconds of one syi_gapr_values with and without separate coefficients,
 * and of everything for one sample. */
double syi_gapr_values_seconds(const syi_gapr_game *game, ptrdiff_t pairs, int separate);
double syi_gapr_fit_seconds(const syi_gapr_game *game);

/* Limits by leaving out units; counted first, as the number decides what can be
 * afforded. */
typedef struct {
    const syi_gapr_game *game;
    const syi_gapr_fits *fits;
    syi_row_units clusters; /* where there are */
    int32_t *unit;          /* [n] group of each packed row; NULL with clusters, and with frequencies */
    unsigned char *dealt;   /* [sum of frequencies] group of each of the rows that a row stands for, in order */
    ptrdiff_t n_units;
    int grouped;
    double *lines;  /* [n_units][n_measures * n_values] */
    int *no_memory; /* [n_units] 1: lost for want of room */
} syi_gapr_units;
sy_status syi_gapr_units_init(sy_context *ctx, const syi_gapr_game *game, syi_gapr_units *units);
void syi_gapr_units_free(syi_gapr_units *units);
/* Fills std_error, statistic, p_value, low, high of the table and the summary's df. */
sy_status syi_gapr_limits(sy_context *ctx, syi_gapr_units *units, const syi_gapr_fits *fits, double seconds,
                          sy_gap_response_summary *summary, const sy_gap_response_table *table);
#endif
