/* Effects of variables on the scale people ask about: average marginal
 * effects, and risk ratios and differences by standardisation over the rows.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_EFFECTS_H
#define STEELYARD_EFFECTS_H
#include "steelyard/response_predict.h"
#ifdef __cplusplus
extern "C" {
#endif

/* A variable is a column of the design; every term that holds it moves with it
 * (powers, products; nominal and scale terms too). */
typedef enum {
    SY_CHANGE_SLOPE = 0,  /* derivative by a numeric column */
    SY_CHANGE_LEVELS = 1, /* SY_CODES: everybody at each level in use, against everybody at the first */
    SY_CHANGE_STEP = 2,   /* numeric: everybody at x + `to` against x as it is */
    SY_CHANGE_BETWEEN = 3 /* numeric: everybody at `to` against everybody at `from`; truth values: 0 and 1 */
} sy_change_kind;
typedef struct {
    int column; /* of the design */
    sy_change_kind kind;
    double from, to;
} sy_change;

/* A column held at one value in all rows before anything is averaged. SY_CODES:
 * the place of the level in the column's `levels`. */
typedef struct {
    int column;
    double value;
} sy_held;

typedef struct {
    sy_predict_kind of; /* default SY_PREDICT_MEAN; not LINEAR */
    int cut;            /* SY_PREDICT_AT_LEAST: place of the level among those in use */
    int at_means;       /* 1: one row: numbers at their weighted means, factors at their most frequent level */
    int n_held;         /* applied first */
    const sy_held *held;
    double level; /* of the limits; default 0.95 */
    double df;    /* default HUGE_VAL, the normal */
} sy_effects_options;
SY_API void sy_effects_defaults(sy_effects_options *options);

/* One number of one change. Averages are weighted over the rows of the fit
 * (rows of trials: also by trials), their other variables and offsets as they
 * are; the rows are taken as given (errors are those of the estimates alone). */
typedef struct {
    int change;           /* which of the changes */
    int level, reference; /* SY_CHANGE_LEVELS: places in the column's `levels`; else -1 */
    int category;         /* which number of `of` */
    double before, after; /* average predictions; SLOPE: before = as it is, after NaN */
    double effect;        /* after - before (risk difference), or the average derivative */
    double std_error, statistic, p_value, low, high;
    /* of the averages themselves: by log odds where they are probabilities, by the
     * log where they are expected counts; NaN where `before` or `after` is */
    double before_low, before_high, after_low, after_high;
    double ratio;                                           /* after / before (risk ratio); NaN for SLOPE */
    double log_ratio_error, ratio_low, ratio_high, ratio_p; /* limits and test on the log scale */
} sy_effect;

/* Rows of the table, in order: changes, levels, categories. One pass. */
SY_API SY_MUST_CHECK sy_status sy_effects_count(sy_context *ctx, const sy_design *design,
                                                const sy_response_model *model, const sy_effects_options *options,
                                                int n_changes, const sy_change *changes, int *count);

/* design, model, estimate [k] (NaN: aliased) and covariance [k * k] as at the
 * fit. effect [count]; joint [count * count] their covariance (of `effect`), or
 * NULL. Delta method with exact derivatives; ratios by the log scale [Localio,
 * Margolis & Berlin 2007; Muller & MacLehose 2014]. Errors: SY_EINVAL (a
 * variable in no term, a slope of a factor, levels of a number). Cost: n k a
 * number of the table. */
SY_API SY_MUST_CHECK sy_status sy_effects(sy_context *ctx, const sy_design *design, const sy_response_model *model,
                                          int k, const double *estimate, const double *covariance,
                                          const sy_effects_options *options, int n_changes, const sy_change *changes,
                                          int count, sy_effect *effect, double *joint);

#ifdef __cplusplus
}
#endif
#endif
