/* Diagnostics of a linear model: rows and clusters that move it, columns that
 * say the same thing.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_DIAGNOSTICS_H
#define STEELYARD_DIAGNOSTICS_H
#include "steelyard/linear.h"
#ifdef __cplusplus
extern "C" {
#endif

/* Buffers of the caller, each [n] (design rows) or NULL; NaN for rows not used.
 * As R's influence measures of lm, weights as there. With frequency weights
 * the row left out is one of the copies. Where the leverage is 1 the fit does
 * not exist without the row: everything but `leverage` and `sigma` is NaN. */
typedef struct {
    double *leverage;
    double *standardised; /* internally studentised residual, R's rstandard */
    double *studentised;  /* externally studentised, R's rstudent: t with df_resid - 1; NaN where that is 0 */
    double *sigma;        /* residual standard deviation without the row */
    double *cook;         /* Cook's distance */
    double *dffits;
    double *dfbetas; /* [n * p] row by row: change of each coefficient in standard errors; NaN where aliased */
} sy_diagnostics_rows;

/* From a fit of sy_linear on the same design and model whose residual,
 * leverage and inverse were asked for. Errors: SY_EINVAL (one of them is NULL),
 * SY_ERANK (no degree of freedom left). Cost: n, and n p^2 for dfbetas.
 * [Belsley, Kuh & Welsch 1980; Cook 1977] */
SY_API SY_MUST_CHECK sy_status sy_diagnostics(sy_context *ctx, const sy_design *design, const sy_linear_model *model,
                                              const sy_linear_summary *summary, const sy_linear_fit *fit,
                                              const sy_diagnostics_rows *out);

/* Buffers of the caller, or NULL; G = design->cluster->n_levels. */
typedef struct {
    double *change; /* [G * p] coefficient with all rows less the one without the cluster, exactly; NaN where the
                       coefficient is aliased or cannot be estimated without the cluster, and for levels without
                       rows */
    double *scaled; /* [G * p] the same in classical standard errors of the whole fit */
    double *cook;   /* [G] Cook's distance of the cluster; NaN where a coefficient cannot be estimated without it */
    double *rows;   /* [G] rows used (sum of frequency weights) */
    int *most;      /* [p] level whose leaving out moves the coefficient most; -1 where none does */
} sy_cluster_influence;

/* One cluster left out at a time, without a refit: from the cluster's own
 * cross-products, whitened by the whole fit's inverse. The fit must bring
 * coefficient, residual and inverse. Errors: SY_EINVAL (no cluster; buffers of the fit
 * missing), SY_ERANK. Remarks: SY_NOTE_ALIASED, the coefficients that rest on
 * one cluster alone. Cost: n p^2 + G p^3 / 3; memory p^2 a thread, n for the
 * order of rows. [Belsley, Kuh & Welsch 1980, section 2.2; Cook & Weisberg
 * 1982, section 3.6] */
SY_API SY_MUST_CHECK sy_status sy_diagnostics_clusters(sy_context *ctx, const sy_design *design,
                                                       const sy_linear_model *model, const sy_linear_summary *summary,
                                                       const sy_linear_fit *fit, const sy_cluster_influence *out);

/* Buffers of the caller, or NULL. Aliased columns stand aside throughout. */
typedef struct {
    double *gvif;       /* [n_terms] generalised variance inflation factor; VIF for one column; NaN without columns */
    double *df;         /* [n_terms] columns of the term in use */
    double *gvif_root;  /* [n_terms] gvif^(1 / (2 df)): comparable between terms, in units of standard errors */
    double *tolerance;  /* [n_terms] 1 / gvif */
    double *vif;        /* [p] of each column by itself; NaN for the intercept and where aliased */
    double *index;      /* [p] condition indices, ascending; the last one is the condition; NaN past the rank */
    double *proportion; /* [p * p] row k: share of each coefficient's variance that goes with index k; columns sum to
                           1; NaN where aliased */
} sy_collinearity;

/* Variance inflation of terms [Fox & Monette 1992] from the columns centred
 * (without an intercept: about zero; with absorb: within levels), condition
 * indices and variance proportions [Belsley, Kuh & Welsch 1980, chapter 3] from
 * the columns, intercept included, scaled to unit length and not centred.
 * Weighted as the fit. Cost: n p^2 / 2 (20 times in double-double), 40 p^3. */
SY_API SY_MUST_CHECK sy_status sy_diagnostics_collinearity(sy_context *ctx, const sy_design *design,
                                                           const sy_linear_model *model,
                                                           const sy_linear_options *options,
                                                           const sy_collinearity *out);

#ifdef __cplusplus
}
#endif
#endif
