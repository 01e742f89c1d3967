/* Rows and margins that all pairs of columns share.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_LATENT_INTERNAL_H
#define SYI_LATENT_INTERNAL_H
#include "steelyard/latent.h"

/* The rows complete over all terms and the weights; columns one after the other. */
typedef struct {
    int q;
    ptrdiff_t n;
    double *value;  /* [q * n] standardised (numbers), or the level from 0 among those in use */
    double *weight; /* [n] */
    double sum_w, sum_w2;
    int *levels;       /* [q] 0: a number */
    double **cut;      /* [q] [levels + 1] thresholds, -inf first and +inf last; NULL for numbers */
    double **below;    /* [q] [levels + 1] share of weight up to each threshold */
    int32_t *unit;     /* [n] cluster from 0, or NULL */
    int *cluster_code; /* [n_clusters] */
    int n_clusters;
    ptrdiff_t rows_read, rows_dropped, rows_zero;
    double *missing; /* [q] */
} syi_latent_rows;

sy_status syi_latent_read(sy_context *ctx, const sy_design *design, syi_latent_rows *rows);
void syi_latent_free(syi_latent_rows *rows);

/* One pair: the correlation, and what each row adds to it [n]: (1 / sum w) sum w
 * influence = 0. At -1 and 1 the influence is 0. SY_OK, SY_ENOMEM or SY_EINTR. */
sy_status syi_latent_pearson(sy_context *ctx, const syi_latent_rows *rows, int i, int j, double *r, double *influence);
sy_status syi_latent_polyserial(sy_context *ctx, const syi_latent_rows *rows, int number, int ordered, double *r,
                                double *influence);
sy_status syi_latent_polychoric(sy_context *ctx, const syi_latent_rows *rows, int i, int j, double *r,
                                double *influence);

/* How far a threshold of an ordered column moves with a row at `level`: (1(level < k) - below_k) / density(cut_k). */
double syi_latent_cut_influence(const syi_latent_rows *rows, int column, int k, int level);

/* Most levels of an ordered column. */
enum { SYI_LATENT_LEVELS = 32, SYI_LATENT_CELLS = SYI_LATENT_LEVELS * SYI_LATENT_LEVELS };

/* The correlation at which a slope of the log-likelihood, positive below it and
 * negative above, is zero: sought outwards from 0; 1 or -1 when it does not turn
 * up to 1 - 1e-10. */
double syi_latent_solve(double (*slope)(double rho, const void *arg), const void *arg);
#endif
