/* Inside of the covariance estimators: the model in columns orthonormal in the
 * weights, sums of those a cluster, and corrections in p x p algebra.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_VCOV_INTERNAL_H
#define SYI_VCOV_INTERNAL_H
#include "algebra/moments_read_internal.h"
#include "models/model_internal.h"
#include "steelyard/vcov.h"

/* Eigenvalues d [k] (unordered) and vectors (row i is the i-th) of the symmetric
 * a [k * k], of which the lower triangle is read and destroyed. e [k] scratch. */
void syi_eigen_double(int k, double *a, double *d, double *e, double *vectors);

/* The columns in use, moved by `shift` (0 without an intercept), less the means
 * of absorbed levels, times the lower triangle l: z = l' (x - shift), so that
 * sum w z z' = I up to rounding. The coefficients are map * theta for the theta
 * of z. */
typedef struct {
    const sy_design *design;
    const sy_linear_model *model;
    syi_model m;
    sy_linear_summary fit;
    int p, rank;           /* columns, and those in use */
    int frequency;         /* rows count w times (or no weights): residuals of equal variance */
    int trusted;           /* l and b are right to 1e-12 as they come from the fit */
    int *column;           /* [rank] which columns are in use */
    double *coefficient;   /* [p] */
    double *inverse;       /* [p * p] of sy_linear */
    double *shift;         /* [rank] */
    double *l;             /* [rank * rank] lower */
    double *b;             /* [rank] taken off the outcome: e = y - (x - shift)' b */
    double *residual;      /* [n], or NULL: then y itself is read */
    double *kernel;        /* [(rank + 1) * syi_basis_wide] l and b as the kernel reads them */
    const double **direct; /* [rank + 1] plain columns and the outcome (NULL: the intercept), then n_others that must be
                              complete too; NULL when the model has other columns */
    int n_others;
} syi_basis;

/* Columns the kernel writes: the residual and z, up to a multiple of eight. */
static inline int syi_basis_wide(int rank)
{
    return (rank + 1 + 7) / 8 * 8;
}

/* Fits, and makes the basis. Remarks of sy_linear are kept. */
sy_status syi_basis_init(sy_context *ctx, const sy_design *design, const sy_linear_model *model,
                         const sy_linear_options *options, syi_basis *b);
void syi_basis_free(syi_basis *b);

/* From gram = sum w z z' [rank * rank] and score = sum w z e [rank], both nearly
 * those of an orthonormal basis and of residuals: the upper triangle `turn` with
 * turn * gram * turn' = I, and delta = turn * score, the rest of the fit. */
sy_status syi_basis_turn(sy_context *ctx, int rank, const syi_dd *gram, const double *score, double *turn,
                         double *delta);
/* Takes them into l and b. */
void syi_basis_correct(syi_basis *b, const double *turn, const double *delta);
/* map [rank * rank]: coefficients in use = map * theta */
void syi_basis_map(const syi_basis *b, double *map);
/* full [p * p] from inner [rank * rank], NaN where aliased */
void syi_basis_spread(const syi_basis *b, const double *inner, double *full);

/* Finds out whether the columns can be read where they lie. */
sy_status syi_basis_plan(sy_context *ctx, syi_basis *b);

/* A worker's tile: column 0 the residual, 1 .. rank z, both 0 in rows that do not
 * count; weight 0 there. `doubled`: z times w behind them. */
typedef struct {
    syi_arena arena;
    double *x, *y, *moved, *right, *left, *weight, *acc, *sum, *sum_lo;
    unsigned char *used;
    int order, rows; /* columns of the sums; rows that count */
    int plain;       /* 1: the columns themselves, not turned, stand for z */
} syi_basis_worker;
int syi_basis_worker_init(const syi_basis *b, int doubled, syi_basis_worker *w); /* 0, or -1 */
void syi_basis_worker_free(syi_basis_worker *w);
/* rows row[0 .. len - 1]; returns the groups of eight rows */
int syi_basis_tile(const syi_basis *b, syi_basis_worker *w, int simd, const ptrdiff_t *row, int len);

/* After a tile, in `rows` rows: doubled, the columns times w behind them; else left
 * = w right. Nothing without weights. */
void syi_basis_weigh(const syi_basis *b, syi_basis_worker *w, int doubled, int rows);

/* z [wide] columns = (x - shift | y) times kernel, rows in groups of eight. */
void syi_vcov_whiten(int simd, int rank, const double *kernel, const double *x, int groups, double *z);

/* z column 0 = y less the columns behind it times b. */
void syi_vcov_residual(int simd, int rank, const double *b, const double *y, int groups, double *z);

/* Sums of products of a tile's columns, one packed triangle of `order` a set. A
 * set is a cluster, or a block of rows when sorted is NULL. */
typedef struct {
    int order;
    size_t length;
    ptrdiff_t count;
    double *sum, *rows;
} syi_cluster_sums;
/* Cost: n (rank^2 / 2 for the basis, order^2 / 2 for the sums). */
sy_status syi_cluster_sums_init(sy_context *ctx, const syi_basis *b, const syi_sorted *sorted, int doubled,
                                syi_cluster_sums *s);
void syi_cluster_sums_free(syi_cluster_sums *s);
/* 1 where the rows of a set lie so scattered that they are better read as they lie;
 * and the sums and rows of such sets, s being laid out. */
int syi_sums_scattered(const syi_basis *b, const syi_sorted *sorted, int order);
sy_status syi_scattered_sums(sy_context *ctx, const syi_basis *b, const syi_sorted *sorted, int doubled,
                             syi_cluster_sums *s);
/* Sums over all sets, compensated, unpacked: gram and score as above. */
void syi_cluster_sums_total(const syi_basis *b, const syi_cluster_sums *s, syi_dd *gram, double *score);

/* Clusters with their sums in the corrected basis. Unless doubled: n [rank *
 * rank] = sum w z z' and u [rank] = sum w z e. Doubled: n [2 rank * 2 rank] of
 * (z, w z) unweighted, u [2 rank] of the same. */
typedef struct {
    int rank, order; /* order = rank or 2 rank */
    ptrdiff_t count; /* clusters with rows that count */
    double *n, *u;
    double *second; /* doubled: sum over clusters of w^2 z z' [rank * rank] */
    double *map;    /* [rank * rank] of the corrected basis */
} syi_clusters;
sy_status syi_clusters_init(sy_context *ctx, const syi_basis *b, const syi_sorted *sorted, int doubled,
                            syi_clusters *c);
void syi_clusters_free(syi_clusters *c);

/* Corrected scores [count * rank] of each cluster (kind CR0 to CR3) and, when q >
 * 0, what the distribution of the test of l_s' theta needs: y [count][q][order]
 * and sigma [count][q * q]. saturated: clusters where a pseudo-inverse was taken. */
typedef struct {
    double *score, *y, *sigma;
    int saturated;
} syi_corrected;
sy_status syi_clusters_correct(sy_context *ctx, const syi_clusters *c, sy_vcov_kind kind, int q, const double *l,
                               syi_corrected *out);
void syi_corrected_free(syi_corrected *out);

/* What a kind multiplies the sum over clusters by, and inner [rank * rank, and rank
 * more of scratch] = factor * sum of (map score_g)(map score_g)'. */
double syi_clusters_factor(sy_vcov_kind kind, double count, double n, int rank);
void syi_clusters_sum(const syi_clusters *c, const double *score, double factor, double *inner);
/* Few clusters, saturated ones, few degrees of freedom (label NULL: none known). */
sy_status syi_clusters_remark(sy_context *ctx, sy_vcov_kind kind, ptrdiff_t count, int saturated, const char *label,
                              double least);

/* Each row of l [q * r] times a power of two, its largest value between 1/2 and 1:
 * degrees of freedom do not depend on it, and squares of its variances stay in range. */
void syi_scale_rows(int q, int r, double *l);
/* Satterthwaite's degrees of freedom [q] of the single tests, from `correct` with
 * the q rows of l. */
sy_status syi_satterthwaite(sy_context *ctx, const syi_clusters *c, const syi_corrected *k, int q, double *df);
/* omega [q * q]: the expectation of the covariance of the q combinations when
 * residuals are independent with variance 1. */
void syi_clusters_expectation(const syi_clusters *c, const syi_corrected *k, int q, double *omega);
/* eta of the approximate Hotelling test; k made with l scaled so that omega = I. */
sy_status syi_hotelling_eta(sy_context *ctx, const syi_clusters *c, const syi_corrected *k, int q, double *eta);

/* HC0 to HC5; the basis is corrected on the way. */
sy_status syi_vcov_rows(sy_context *ctx, syi_basis *b, sy_vcov_kind kind, double *covariance);

/* 1: the kind needs sums of z and w z apart. */
int syi_vcov_doubled(const syi_basis *b, sy_vcov_kind kind);
/* The clusters of sorted rows, two at least; `cluster` NULL: combinations, whose
 * absorbed levels are not looked at. */
sy_status syi_vcov_sorted(sy_context *ctx, const syi_basis *b, const syi_sorted *sorted, const sy_column *cluster,
                          const char *argument, sy_vcov_kind kind, syi_clusters *c);
/* Their covariance [p * p], df [p] (or NULL) and number. */
sy_status syi_vcov_from_sorted(sy_context *ctx, const syi_basis *b, const syi_sorted *sorted, const sy_column *cluster,
                               const char *argument, sy_vcov_kind kind, double *covariance, double *df,
                               ptrdiff_t *count);
sy_status syi_vcov_cluster(sy_context *ctx, const syi_basis *b, sy_vcov_kind kind, double *covariance, double *df);
sy_status syi_vcov_twoway(sy_context *ctx, const syi_basis *b, const sy_column *second, sy_vcov_kind kind,
                          double *covariance, double *df);
/* 1: a robust variance so far below the classical one of the same combination that
 * it is zero but for rounding: the rows or clusters that decide it leave no
 * residuals, as with the dummies of the clusters themselves. */
int syi_vcov_lost(double variance, double classical);
/* Says so of `lost` coefficients, the first of them called label. */
sy_status syi_vcov_lost_remark(sy_context *ctx, sy_vcov_kind kind, const char *label, int lost);
/* Refuses what a kind cannot have. */
sy_status syi_vcov_check(sy_context *ctx, const sy_design *design, const sy_linear_model *model, sy_vcov_kind kind,
                         const sy_column *second);
/* Covariance [p * p] and df [p] by kind. */
sy_status syi_vcov_of(sy_context *ctx, syi_basis *b, sy_vcov_kind kind, const sy_column *second, double *covariance,
                      double *df);
#endif
