/* Two groups balanced: the rows, one fit of everything on them, and what is
 * made of fits.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_BALANCE_INTERNAL_H
#define SYI_BALANCE_INTERNAL_H
#include "models/response/response_internal.h"
#include "steelyard/balance.h"
#include "base/memory_internal.h"
#include "study/row_units_internal.h"

/* The rows used. Never copied (the models point into it). */
typedef struct {
    const sy_design *source;
    const sy_balance_question *question;
    sy_design design; /* the treatment as 0 and 1; the clusters as one more term where they are columns of the score */
    sy_design whole;  /* the same before rows were trimmed: a factor has the levels it has here */
    sy_column *columns, *kept_columns;
    sy_term *terms;
    sy_factor factor[2];
    int *place;      /* [n_covariates + 1] terms of the score */
    double *treated; /* [design rows] 0, 1, NaN */
    double *kept;    /* [design rows] of those not trimmed; NULL where none is */
    int level[2];
    sy_response_model model; /* of the score */
    syi_packed rows;         /* y: 1 for the treated */
    syi_likelihood likelihood;
    int k;          /* columns in use, the first of ones */
    double *y;      /* [n_outcomes][stride] less `middle` */
    double *middle; /* [n_outcomes] */
    int *logit;     /* [n_outcomes] */
    double people[2];
    double rows_lost, rows_trimmed;
} syi_balance;

/* Checks the question and opens the rows. Free after failure too. */
sy_status syi_balance_open(sy_context *ctx, const sy_design *design, const sy_balance_question *question,
                           syi_balance *b);
/* Rows of score below `low` or above `high` leave, and what is left is opened again. score: by packed row. */
sy_status syi_balance_trim(sy_context *ctx, syi_balance *b, const double *score, double low, double high);
void syi_balance_free(syi_balance *b);
/* "control" and "treated" as the user's levels: "0", "managed". */
const char *syi_balance_group(const syi_balance *b, int group);
/* The label of packed column c. */
sy_status syi_balance_label(sy_context *ctx, const syi_balance *b, int c, char *text, size_t size);

/* A symmetric system with columns that add nothing left out. */
typedef struct {
    int k;
    double *floor_;
    int *aliased;
    syi_dd *l, *right;
} syi_balance_system;
size_t syi_balance_system_room(int k);
void syi_balance_system_take(syi_arena *arena, int k, syi_balance_system *s);
/* Factors a [k * k]; a column is left out when less than `least` of its diagonal remains. */
int syi_balance_factor(syi_balance_system *s, const double *a, double least);
void syi_balance_solve(syi_balance_system *s, const double *right, double *x);

/* One fit of everything to the rows weighted by `weight`; arrays by packed row are [stride]. */
typedef struct {
    const syi_balance *b;
    int simd;
    syi_arena arena;
    double *weight;       /* those of the sample, times how often a unit stands there */
    double *theta;        /* [k] of the score */
    double *lambda;       /* [2][k] of entropy balancing; 0 where a column is left out */
    double *goal;         /* [k] the means aimed at */
    double *information;  /* [2][k * k] of the score; or of entropy balancing, by group */
    double *score, *rest; /* and 1 - score */
    double *factor;       /* by which balancing multiplies the weight */
    double *tilt;         /* by which a row counts in the population that is spoken of */
    double *fitted;       /* [2][stride] regressions of one outcome in the control and in the treated */
    double *beta;         /* [2][k] */
    double *regression;   /* [2][k * k] their information */
    int *left_out;        /* [2][k] columns without a coefficient there */
    int separated[2], unsettled[2];
    double *eta, *masked, *own; /* scratch */
    double *by_row;             /* [design rows] scratch */
    double *acc, *scratch, *xx, *lx;
    const double **pointer;
    unsigned char *use; /* [k] scratch */
    int *infinite;      /* [k] scratch */
    int32_t *code;      /* [design rows] scratch: clusters with one hidden */
    syi_balance_system system;
    int iterations;
    int fault; /* column (of ones and the others) that is the reason for no answer; -1: none */
} syi_balance_fit;
sy_status syi_balance_fit_init(sy_context *ctx, const syi_balance *b, syi_balance_fit *f);
void syi_balance_fit_free(syi_balance_fit *f);

/* xx [k * k] = x' diag(weight) x; lx [k] = x' left where not NULL. */
void syi_balance_products(const syi_balance_fit *f, const double *weight, const double *left, double *xx, double *lx);
/* eta = x b for all packed rows. */
void syi_balance_linear(const syi_balance_fit *f, const double *b, double *eta);

/* theta (from where it stands), score, factor and tilt; information where asked for. `hidden`: level of the clusters
 * whose rows are left out (random effects; weights of other models say that by themselves), or -1. SY_EDATA with
 * `fault` set where a column tells the treatment without error; f->theta is the start unless `fresh`. */
sy_status syi_balance_score(sy_context *ctx, syi_balance_fit *f, int fresh, int hidden);
/* lambda from where it stands, and factor, tilt, information. SY_EDATA likewise. */
sy_status syi_balance_entropy(sy_context *ctx, syi_balance_fit *f);
/* Either. */
sy_status syi_balance_weigh(sy_context *ctx, syi_balance_fit *f, int fresh, int hidden);

/* The regressions of outcome o: fitted, beta, regression, left_out. */
sy_status syi_balance_regress(sy_context *ctx, syi_balance_fit *f, int o);

/* Sums that the estimates of outcome o are ratios of; y as it stands in b->y. mean[m][a] of method m in group a. */
typedef struct {
    double mean[SY_BALANCE_ESTIMATES][2];
    double sum[2], balanced[2]; /* of weights, of weights times factor */
    double tilted;              /* of weights times tilt */
    double part[2], gap[2];     /* AIPW: mean of the fitted values, and of what they miss */
} syi_balance_sums;
void syi_balance_means(const syi_balance_fit *f, int o, syi_balance_sums *s);

/* influence [SY_BALANCE_ESTIMATES][n rows] of outcome o on treated less control, all that is estimated counted. */
sy_status syi_balance_influence(sy_context *ctx, syi_balance_fit *f, int o, const syi_balance_sums *s,
                                double *influence);

/* lines [units][n_outcomes * SY_BALANCE_ESTIMATES] without each unit; NaN where there is no answer. */
sy_status syi_balance_leave_out(sy_context *ctx, const syi_balance_fit *whole, const syi_row_units *units,
                                double *lines);

/* The table, bins and what the summary says of scores and weights. after [stride]: weights as handed out. */
sy_status syi_balance_table(sy_context *ctx, const syi_balance_fit *f, const double *after, sy_balance_summary *summary,
                            const sy_balance_result *result);
sy_status syi_balance_remarks(sy_context *ctx, const syi_balance *b, const sy_balance_summary *summary);
#endif
