/* Several grouping factors: cross-products of the rows, and the bordered system
 * factored and inverted from them. Between lmm_crossed.c, crossed_order.c,
 * crossed_sums.c, crossed_factor.c, crossed_dense.c and crossed_gradient.c.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_CROSSED_INTERNAL_H
#define SYI_CROSSED_INTERNAL_H
#include "models/mixed/mixed_internal.h"

enum { SYI_CROSSED_OWN = 64 }; /* columns of the dense part that need no BLAS */

/* A factor eliminated block by block. Each of its levels lies in one level of every later stage. The columns that level
 * g occurs with: those of its levels of the later stages, then its dense columns, then the fixed ones and the outcome.
 * A matrix over them is stored level by level, q rows each. */
typedef struct {
    int factor, q;
    int after; /* columns of the later stages together */
    ptrdiff_t n;
    int *parent;      /* [n] level of the next stage; NULL in the last */
    ptrdiff_t *first; /* [n + 1] dense columns of level g: column[first[g]] .. column[first[g + 1] - 1], ascending */
    int32_t *column;
    int32_t *up;      /* of each of them its place among the parent's; NULL in the last */
    double *diagonal; /* [n * q * q] Z'WZ */
    double *value;    /* Z'W times the columns */
    double *root, *b; /* made by syi_crossed_factor: L of what is left of each block, and L^-1 times the columns */
    double *inverse, *inverse_diagonal; /* made by syi_crossed_select */
} syi_stage;

/* A factor in the dense part: levels * q columns from `first` on. */
typedef struct {
    int factor, q, n;
    ptrdiff_t first;
} syi_dense;

typedef struct {
    const syi_lmm_rows *rows;
    int p, n_stages, n_dense, n_factors;
    syi_stage *stage;
    syi_dense *dense;
    int *effect;       /* [n_effects] effects (places in z) factor by factor */
    int *first_effect; /* [n_factors + 1] */
    double **t;        /* [n_factors] T of each factor, [q * q] */
    double *t_room;
    ptrdiff_t random, order;             /* columns of the dense factors; those and the p fixed ones */
    double *a, *a_y, yy;                 /* [order * order] lower by rows, [order]: cross-products */
    double *s, *s_y, rss;                /* what is left of them; then L, and L^-1 times the outcome */
    double *u;                           /* [order] solution: scaled effects, then coefficients */
    double **v, *v_room;                 /* [n_stages] the same of each stage, [n * q] */
    double **effects, **residual, **sum; /* [n_factors] of each: T v; Z'W times the residuals; [q * q] */
    double *effect_room, *residual_room, *sum_room;
    size_t sum_length;
    double *gradient;      /* [n_theta] */
    double *scratch;       /* two sets of rows: the most effects times the widest */
    size_t widest;         /* most entries of a level's rows */
    double *small;         /* room for dense matrices of the core's own Cholesky */
    unsigned char *in_use; /* [p] */
} syi_crossed;

/* Columns of level g after the stage's own; the outcome is the last. */
static inline ptrdiff_t syi_stage_width(const syi_crossed *c, const syi_stage *s, ptrdiff_t g)
{
    return s->after + (s->first[g + 1] - s->first[g]) + c->p + 1;
}
static inline ptrdiff_t syi_stage_at(const syi_crossed *c, const syi_stage *s, ptrdiff_t g)
{
    return s->q * (s->first[g] + g * (s->after + c->p + 1));
}

/* What the rows say, before cross-products are summed: levels [used rows * n_factors], and the place of each row's
 * dense columns among those of its level, stage by stage. */
typedef struct {
    ptrdiff_t n;
    int32_t *level;
    int32_t *place; /* [n * n_stages * n_dense] */
} syi_crossing;

/* Free only what was made; legal after failure and twice. */
sy_status syi_crossed_init(sy_context *ctx, const syi_lmm_rows *rows, syi_crossed *c);
void syi_crossed_free(syi_crossed *c);

sy_status syi_crossed_order(sy_context *ctx, syi_crossed *c, syi_crossing *rows);
sy_status syi_crossed_sums(sy_context *ctx, syi_crossed *c, const syi_crossing *rows);

/* Changes those of theta that belong to the one random intercept of a factor into a first guess. */
void syi_crossed_start(const syi_crossed *c, double *theta);

void syi_crossed_set_factors(syi_crossed *c, const double *theta); /* T from theta */

/* T from theta, then the factors and the solution. *log_det: of the random part; *log_det_x: of the fixed one. */
sy_status syi_crossed_factor(sy_context *ctx, syi_crossed *c, const double *theta, const unsigned char *fixed,
                             double *log_det, double *log_det_x);

/* Dense part: L of s; the inverse of its leading `columns` columns, over s. 0, or -1 when it is not positive definite.
 */
int syi_crossed_dense_factor(syi_crossed *c);
int syi_crossed_dense_inverse(syi_crossed *c, ptrdiff_t columns);
double syi_crossed_inner(ptrdiff_t n, const double *a, const double *b); /* a'b, in a fixed order */
void syi_crossed_dense_forward(const syi_crossed *c, double *x);         /* L^-1 x, [order] in place */
void syi_crossed_dense_back(const syi_crossed *c, double *x);            /* L'^-1 x */

/* From L^-1 times something in u (dense part) and v (stages) to L'^-1 of it, in place. */
void syi_crossed_back(syi_crossed *c);

/* The inverse of the factored matrix where the data have entries, over s, `inverse` and `inverse_diagonal`; with_x: the
 * fixed columns are part of it. */
sy_status syi_crossed_select(sy_context *ctx, syi_crossed *c, int with_x);

/* The cross-products times effects [factor] and coefficients b [p]: out [factor], out_x [p] or NULL. */
void syi_crossed_multiply(const syi_crossed *c, double *const *effects, const double *b, double *const *out,
                          double *out_x);
/* out becomes Z'Wy less out. */
void syi_crossed_outcome(const syi_crossed *c, double *const *out);

/* Cholesky factor, rank not full, of the cross-products themselves instead of the bordered system: in root, b and s;
 * what depends on others has zeros. Returns the rank. */
sy_status syi_crossed_noise_factor(sy_context *ctx, syi_crossed *c, double *rank);

/* Entry (i, j) of the selected inverse's block of a level of a factor. */
double syi_crossed_inverse_entry(const syi_crossed *c, int factor, ptrdiff_t level, int i, int j);

/* gradient [n_theta] of log |C| (after syi_crossed_select), and of rss (after syi_crossed_factor alone). */
void syi_crossed_log_det_gradient(syi_crossed *c, int with_x, double *gradient);
void syi_crossed_rss_gradient(syi_crossed *c, double *gradient);

void syi_crossed_effects(syi_crossed *c); /* c->effects from the solution */
static inline const double *syi_crossed_scaled(const syi_crossed *c, int factor)
{
    for (int k = 0; k < c->n_stages; k++)
        if (c->stage[k].factor == factor) return c->v[k];
    for (int d = 0; d < c->n_dense; d++)
        if (c->dense[d].factor == factor) return c->u + c->dense[d].first;
    return NULL;
}

/* x, a row of a level's columns, times their T, into out; fixed columns left out become 0. */
void syi_crossed_scale_row(const syi_crossed *c, int stage, ptrdiff_t g, const double *x, double *out);
/* T' x in place, for x of q rows. */
void syi_crossed_turn_rows(int q, const double *t, ptrdiff_t width, double *x);
#endif
