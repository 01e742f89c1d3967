/* What the files of mediation share: the columns of the rows used, one fit, and
 * the effects made of it.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_MEDIATION_INTERNAL_H
#define SYI_MEDIATION_INTERNAL_H
#include "steelyard/mediation.h"
#include "study/row_units_internal.h"

/* Columns of the outcome's model with the outcome; levels of an outcome. */
enum { SYI_MEDIATION_COLUMNS = 512, SYI_MEDIATION_ANSWERS = 64 };

/* Columns of the rows used, each `stride` (a multiple of 8, zeros behind n) apart:
 * intercept, treatment (0 at `from`, 1 at `to`), confounders, mediators, products of
 * treatment and mediators, products of mediators of different blocks, the
 * outcome. Confounders and mediators have mean 0 and standard deviation 1 by
 * the rows' weights, the outcome mean 0: effects do not depend on it. */
typedef struct {
    const sy_mediation_question *asked;
    ptrdiff_t n, stride;
    int n_c, q, n_pairs, p;  /* confounders, mediators, pairs, columns of the outcome's model */
    int at_m, at_tm, at_mm;  /* where they begin; at_tm = at_mm = p where there are none */
    int *block;              /* [q] */
    int *first, *second;     /* [n_pairs] mediators, by place among the q */
    unsigned char *in;       /* [p] 0: adds nothing and is left out */
    double *column, *weight; /* [p + 1][stride], [stride] */
    double mean_y;
    ptrdiff_t *row; /* [n] of the design */
    double *level;  /* [n] binary and ordinal: place of the answer among the levels in use */
    int n_levels;
    int *levels;                                               /* those in use */
    double rows_from, rows_to, rows_read, rows_dropped, count; /* count: by the weight rule */
    int treated_level[2];
    double from, to;
    void *base; /* what `column` to `row` lie in */
} syi_mediation_sheet;

sy_status syi_mediation_sheet_init(sy_context *ctx, const sy_design *design, const sy_mediation_question *asked,
                                   syi_mediation_sheet *sheet);
void syi_mediation_sheet_free(syi_mediation_sheet *sheet);

static inline double *syi_mediation_column(const syi_mediation_sheet *s, int c)
{
    return s->column + (ptrdiff_t)c * s->stride;
}

/* Effects in this order: direct, each block, dependence (two blocks or more), total,
 * without mediators. */
static inline int syi_mediation_effects(const syi_mediation_sheet *s)
{
    return s->asked->n_blocks + 3 + (s->asked->n_blocks > 1);
}

/* One fit; scratch of a worker. */
typedef struct {
    int p, k;          /* k = 2 + n_c: columns of a mediator's model */
    double *gram;      /* [(p + 1)^2] */
    double *theta;     /* [p] 0 where left out */
    double *factor;    /* [p * p] Cholesky factor of the scaled columns kept */
    double *scale;     /* [p] */
    int *kept, n_kept; /* columns kept, in order; the first k_kept of them are those of a mediator's model */
    int k_kept;
    double *alpha;    /* [q][k] */
    double *residual; /* [q][stride] */
    double *gamma;    /* [n_pairs][2] covariance of residuals at 0, and what it changes by to 1 */
    double *mean_c;   /* [k] 1, 0, means of confounders */
    double z[3];      /* inverse of the weighted crossproducts of (1, treatment): 00, 01, 11 */
    double sum_w;
    double *work; /* [2 * (p + 1)] */
    double *acc, *scratch;
} syi_mediation_fit;

size_t syi_mediation_room(const syi_mediation_sheet *s); /* bytes */
void syi_mediation_open(const syi_mediation_sheet *s, void *memory, syi_mediation_fit *fit);

/* 0: the rows cannot bear the fit. */
int syi_mediation_fit_rows(const syi_mediation_sheet *s, int simd, const double *weight, syi_mediation_fit *fit);
void syi_mediation_linear(const syi_mediation_sheet *s, const syi_mediation_fit *fit, double *effect);

/* Rows that residuals are drawn from, at either treatment, and the answers as codes. */
typedef struct {
    ptrdiff_t count[2], *row[2], *guide[2];
    double *upto[2]; /* weight up to and with each */
    int32_t *code;   /* [n] */
    char text[SYI_MEDIATION_ANSWERS][4];
    const char *names[SYI_MEDIATION_ANSWERS];
    uint64_t seed;
} syi_mediation_draws;

typedef struct {
    const syi_mediation_sheet *sheet;
    const syi_mediation_draws *draws; /* binary and ordinal */
    int simd, n_measures;
    uint64_t seed;
} syi_mediation_estimator;

enum { SYI_MEDIATION_NO_MEMORY = -1, SYI_MEDIATION_NO_ANSWER = 0, SYI_MEDIATION_FINE = 1 };

/* Bytes of a worker's memory, and the seconds of one estimate. */
size_t syi_mediation_estimator_room(const syi_mediation_estimator *e);
double syi_mediation_seconds(const syi_mediation_estimator *e);

/* Effects by one set of row weights: effect [measures][effects]. The memory holds
 * the fit (syi_mediation_open), of a linear outcome, afterwards; mean [measures][2]
 * is filled for binary and ordinal outcomes. */
int syi_mediation_estimate(const syi_mediation_estimator *e, const double *weight, void *memory, double *effect,
                           double *mean);

/* Right after it, linear: the means over the rows, and R2. */
void syi_mediation_means(const syi_mediation_estimator *e, void *memory, sy_mediation_result *result);

/* influence [effects][n] of the rows, zero at first. Cost n effects (p + q k + pairs). */
sy_status syi_mediation_influence(sy_context *ctx, const syi_mediation_sheet *s, const syi_mediation_fit *fit,
                                  double *influence);

/* x = (kept columns' crossproducts)^-1 x for the first `count` kept ones; x by
 * column of the sheet, 0 where left out. */
void syi_mediation_solve(const syi_mediation_fit *fit, int count, double *x);
#endif
