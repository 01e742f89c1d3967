/* Analysis of variance: tables of types I, II and III, effect sizes with
 * limits, tests that do not assume equal variances, variance components of
 * nested groups, estimated marginal means.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_ANOVA_H
#define STEELYARD_ANOVA_H
#include "steelyard/linear.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    SY_ANOVA_I = 1,  /* in order: each term given those before it */
    SY_ANOVA_II = 2, /* each term given all that do not contain it (a:b contains a) */
    SY_ANOVA_III = 3 /* each term given all others, sum-to-zero coding whatever the model's */
} sy_anova_type;

/* Doubles only. NaN where a number does not exist: the residual row has df,
 * sum_of_squares and mean_square; a term that is aliased has df 0. Omega and
 * epsilon squared are as estimated, negative when F < 1: a print shows
 * sy_effect_shown() of them. */
typedef struct {
    double df, sum_of_squares, mean_square, f, p_value;
    double eta_squared;         /* of the total about the mean */
    double partial_eta_squared; /* SS / (SS + SSE) */
    double partial_eta_low, partial_eta_high;
    double omega_squared, partial_omega_squared;
    double epsilon_squared, partial_epsilon_squared;
    double cohens_f; /* sqrt(partial eta / (1 - partial eta)) */
} sy_anova_row;

/* Negative estimates are shown as 0. */
SY_API double sy_effect_shown(double value);

typedef enum {
    SY_LIMITS_TWO_SIDED = 0, /* level between both limits */
    SY_LIMITS_LOWER = 1      /* one limit below, the upper one is 1 */
} sy_limits;

typedef struct {
    sy_anova_type type; /* default SY_ANOVA_II */
    double level;       /* of the limits of partial eta squared; default 0.95 */
    sy_limits limits;   /* default SY_LIMITS_TWO_SIDED */
} sy_anova_options;
SY_API void sy_anova_defaults(sy_anova_options *options);

typedef struct {
    double n, rank, rows_used, rows_dropped;
    double tss;                /* about the mean; about 0 without an intercept; within absorbed levels */
    double model_df, model_ss; /* all terms together */
    double f, p_value, r2;
    double rss, df_resid, sigma;
} sy_anova_summary;

/* row [n_terms + 1]: the model's terms in order, then the residuals. Rows are
 * those of sy_linear. Errors as there; SY_EINVAL for sampling weights (their
 * table is sy_anova_wald's). Remarks: SY_NOTE_ALIASED a term without degrees of
 * freedom, or with fewer than its columns; SY_NOTE_EMPTY_LEVEL type III with an
 * empty cell. Powers are variables of their own: x^2 does not contain x.
 * Double-double throughout. Cost: 2 n p^2 (QR of the rows), terms * p^3.
 * [Searle 1987; Fox 2016, section 8.2] */
SY_API SY_MUST_CHECK sy_status sy_anova(sy_context *ctx, const sy_design *design, const sy_linear_model *model,
                                        const sy_anova_options *options, sy_anova_summary *summary, sy_anova_row *row);

/* Wald tests of the terms from coefficients and any covariance (robust,
 * cluster, survey): F = W / df on df and df_resid, the least of df [p] over the
 * columns tested. row [n_terms]: df, df_resid, f, p_value. Type II and III
 * only; type III wants the model in SY_CODING_SUM. NaN (aliased) columns are
 * left out. Sums of squares do not exist here. Cost: terms * p^3. */
typedef struct {
    double df, df_resid, f, p_value;
} sy_anova_wald_row;
SY_API SY_MUST_CHECK sy_status sy_anova_wald(sy_context *ctx, const sy_design *design, const sy_linear_model *model,
                                             sy_anova_type type, const double *coefficient, const double *covariance,
                                             const double *df, sy_anova_wald_row *row);

/* Effect sizes from a table's numbers alone (a published one, say): sets the
 * members of `row` from mean_square on; df and sum_of_squares are read. tss the
 * total sum of squares, n the rows. Limits by the non-centrality of F that
 * puts F at the tail: ncp / (ncp + df1 + df2 + 1) [Steiger 2004,
 * doi:10.1037/1082-989X.9.2.164]. */
SY_API SY_MUST_CHECK sy_status sy_effect_size(sy_context *ctx, double rss, double df_resid, double tss, double n,
                                              double level, sy_limits limits, sy_anova_row *row);

/* Equality of the means of one factor's levels without equal variances. */
typedef struct {
    double f, df1, df2, p_value;
} sy_f_test;
typedef struct {
    double n, groups;
    sy_f_test classical;        /* equal variances */
    sy_f_test welch;            /* [Welch 1951, doi:10.1093/biomet/38.3-4.330]; NaN when a group has no variance */
    sy_f_test brown_forsythe;   /* of means [Brown & Forsythe 1974, doi:10.1080/00401706.1974.10489158] */
    double icc1;                /* intraclass correlation (MSB - MSW) / (MSB + (n0 - 1) MSW), as estimated */
    double icc1_low, icc1_high; /* by F [Searle 1971]; exact for equal group sizes */
    double n0;                  /* the group size it rests on: (n - sum n_i^2 / n) / (groups - 1) */
} sy_oneway_summary;

/* outcome: a numeric column of the design, group: a SY_CODES column. Buffers
 * [levels] or NULL: group_n, group_mean, group_sd. Frequency weights are
 * allowed. Groups with one row: refused for Welch by NaN and a remark. */
SY_API SY_MUST_CHECK sy_status sy_oneway(sy_context *ctx, const sy_design *design, int outcome, int group, double level,
                                         sy_oneway_summary *summary, double *group_n, double *group_mean,
                                         double *group_sd);

/* Variance components of a nested layout (councils in regions, people in
 * councils) by the ANOVA method [Searle, Casella & McCulloch 1992, ISBN
 * 978-0-470-00959-8, chapter 5]: mean squares set equal to their expectations.
 * factors: n_factors columns (SY_CODES) of the design from the outermost in;
 * the codes of an inner factor may repeat within outer ones. Row k = 0 ..
 * n_factors - 1 for the factors, row n_factors for what is left. Negative
 * components: shown as 0 in `component`, kept in `raw`, with a remark. Weights
 * are refused. Cost: n log n. */
typedef struct {
    double df, sum_of_squares, mean_square;
    double raw, component, share; /* share of the sum of the components */
    double size;                  /* coefficient of the component in its own mean square */
} sy_nested_row;
SY_API SY_MUST_CHECK sy_status sy_nested(sy_context *ctx, const sy_design *design, int outcome, int n_factors,
                                         const int *factors, sy_nested_row *row);

/* Estimated marginal means [Searle, Speed & Milliken 1980,
 * doi:10.1080/00031305.1980.10483031]: fitted values at each crossing of the
 * levels of `factors` (SY_CODES columns, first varying fastest), averaged with
 * equal weights over the levels of the other factors of the model, numeric
 * variables at their (weighted) means. */
typedef struct {
    double *estimate, *std_error, *df, *low, *high; /* [m]; NaN where not estimable, with a remark */
    double *covariance;                             /* [m * m] */
    double *combination;                            /* [m * p], estimate = combination * coefficient; or NULL */
} sy_means_table;
SY_API SY_MUST_CHECK sy_status sy_means_count(sy_context *ctx, const sy_design *design, const sy_linear_model *model,
                                              int n_factors, const int *factors, int *m);
/* coefficient [p], covariance [p * p], df [p] as sy_linear and sy_vcov leave
 * them. "north:urban" is the name of a crossing. Cost: cells * p + m p^2. */
SY_API SY_MUST_CHECK sy_status sy_means(sy_context *ctx, const sy_design *design, const sy_linear_model *model,
                                        int n_factors, const int *factors, const double *coefficient,
                                        const double *covariance, const double *df, double level,
                                        const sy_means_table *table);
SY_API SY_MUST_CHECK sy_status sy_means_label(sy_context *ctx, const sy_design *design, int n_factors,
                                              const int *factors, int mean, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
