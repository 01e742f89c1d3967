/* What the rows of a response model are expected to answer, with derivatives in
 * the parameters: predictions and effects.
 *
 * Each row has one or more curves: G(z_m) is the probability of the event, the
 * expected count, or P(y <= level m); z_m = (threshold_m - x'b - offset) / exp(s'c)
 * for ordered answers, else z = x'b + offset.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_CURVES_INTERNAL_H
#define SYI_CURVES_INTERNAL_H
#include "models/response/packed_internal.h"
#include "steelyard/response_predict.h"

typedef struct {
    const syi_model *part; /* [SYI_PARTS] */
    int has[SYI_PARTS];
    int skip[SYI_PARTS];  /* 1: the part's intercept has no parameter of its own */
    int first[SYI_PARTS]; /* parameter of its first column that has one */
    int count[SYI_PARTS];
    const sy_column *offset;
    sy_response_kind kind;
    sy_link link;
    int k, n_curves, each; /* each: threshold parameters of the intercept */
    double *map;           /* [n_curves * each] thresholds = map * their parameters */
    double *theta;         /* [k] aliased ones 0 */
} syi_curves;

/* part, has: opened models of location, nominal and scale columns; they outlive
 * this. estimate [shape->k]. */
sy_status syi_curves_init(sy_context *ctx, const sy_response_model *model, const sy_response_shape *shape,
                          const double *estimate, const syi_model *part, const int *has, syi_curves *c);
void syi_curves_free(syi_curves *c);

/* A tile of rows. Planes of SYI_TILE. */
typedef struct {
    double *x[SYI_PARTS];
    double *eta;                       /* x'b + offset */
    double *rate;                      /* exp(-s'c) */
    double *z, *cdf, *upper, *density; /* [n_curves] planes; counts: cdf and density the mean, upper 0 */
    double *work;                      /* [2] planes */
} syi_curve_tile;
size_t syi_curves_room(const syi_curves *c); /* doubles */
syi_curve_tile syi_curves_tile(const syi_curves *c, double *memory);

/* Rows row[0 .. len - 1]; weight NULL, or [SYI_TILE]: rows where it is 0 are read as
 * zeros. used: the terms are complete. */
void syi_curves_read(const syi_curves *c, int simd, const ptrdiff_t *row, int len, const double *weight,
                     const syi_curve_tile *t, unsigned char *used);
/* bend = derivative of the density at curve m. */
void syi_curves_bend(const syi_curves *c, int simd, const syi_curve_tile *t, int m, double *bend);
/* out [k] planes += coef dz_m / d theta. */
void syi_curves_gradient(const syi_curves *c, const syi_curve_tile *t, int m, const double *coef, double *out);
/* moved: columns of the parts differentiated by a variable; slope = dz_m / dv, and out += coef times its derivatives.
 */
void syi_curves_slope(const syi_curves *c, const syi_curve_tile *t, double *const *moved, int m, double *slope);
void syi_curves_slope_gradient(const syi_curves *c, const syi_curve_tile *t, double *const *moved, int m,
                               const double *slope, const double *coef, double *out);

/* A number that is predicted: G(z_up) - G(z_down), up = n_curves standing for 1 and
 * down = -1 for 0; or, mean = 1, 1 + sum of 1 - G. */
typedef struct {
    int up, down, mean;
} syi_number;
syi_number syi_predicted(const sy_response_model *model, const sy_response_shape *shape, sy_predict_kind kind, int cut,
                         int i);
/* SY_EINVAL for what the model does not have; kind LINEAR passes. */
sy_status syi_predict_check(sy_context *ctx, const sy_response_model *model, const sy_response_shape *shape,
                            sy_predict_kind kind, int cut);
void syi_curves_value(const syi_curves *c, const syi_curve_tile *t, syi_number number, double *value);
#endif
