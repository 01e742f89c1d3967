/* Ordered answers: rows of differences F(a) - F(b), thresholds as linear maps of
 * fewer numbers, probabilities of the levels.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_ORDINAL_INTERNAL_H
#define SYI_ORDINAL_INTERNAL_H
#include "models/response/response_internal.h"

/* Planes of len doubles, aligned to 64 bytes. */
typedef struct {
    double *value;                         /* log(F(a) - F(b)) */
    double *upper, *lower;                 /* its derivatives in a and in b */
    double *both;                          /* upper + lower, without cancellation for the logit */
    double *w_upper, *w_lower, *w_between; /* minus its second derivatives are w_upper (a, a) + w_lower (b, b) +
                                              w_between (a - b, a - b) */
} syi_pair;
#define SYI_ORDINAL_PAD(n_levels) (((n_levels) + 7) / 8 * 8)
enum { SYI_PAIR_PLANES = 7, SYI_PAIR_WORK = 5 };

/* Rows of log(F(a) - F(b)), a > b, between = expm1(b - a). a = +infinity and b =
 * -infinity are the ends. len is a multiple of 8; work [SYI_PAIR_WORK * len]. Where b
 * >= a (between >= 0) value is -infinity or NaN. */
void syi_pair_rows(int simd, sy_link link, int len, const double *a, const double *b, const double *between,
                   double *work, const syi_pair *out);
/* The planes of a piece of memory [SYI_PAIR_PLANES * step]. */
syi_pair syi_pair_at(double *memory, ptrdiff_t step);

/* Where rows of level l lie: thresholds upper[l] and lower[l], between[l] =
 * expm1(lower - upper). a = upper - eta, b = lower - eta, c = between of each
 * row's level. */
void syi_pair_gather(int simd, int n_levels, int len, const double *level, const double *eta, const double *upper,
                     const double *lower, const double *between, double *a, double *b, double *c);

/* The planes times weight, in place; lanes[0..7] += value. For each level l, sums
 * [l * 5 * 8]: lanes of upper, lower, w_upper, w_lower, w_between over its rows;
 * column j < n_levels - 1 (step apart) holds what rows have at threshold j:
 * w_upper of level j, w_lower of level j + 1, else 0; w_upper becomes w_upper +
 * w_lower. */
enum { SYI_SPLIT = 5 * 8 };
void syi_pair_split(int simd, int n_levels, int len, const double *level, const double *weight, const syi_pair *pair,
                    double *lanes, double *sums, double *column, ptrdiff_t step);

/* lanes[0..7] += weight times value. */
void syi_pair_total(int simd, int len, const double *weight, const double *value, double *lanes);
/* Weights of rows first .. first + len - 1, times the draws of their clusters. */
void syi_ordinal_weights(const syi_likelihood *l, ptrdiff_t first, int len, double *weight);

/* syi_thresholds_free (response_internal.h) tells how many numbers the n_levels -
 * 1 thresholds are made of: threshold j = sum over q of map(j, q) times number q. */
double syi_thresholds_map(sy_thresholds kind, int n_levels, int j, int q);
/* How number q moves when all thresholds move by one. */
double syi_thresholds_moves(sy_thresholds kind, int n_levels, int q);
/* "a|b", "central.1", "spacing.2", "threshold.1", "spacing"; with a nominal column "a|b: x". levels: names
 * of the n_levels in use. */
void syi_thresholds_label(sy_thresholds kind, int n_levels, const char *const *levels, int q, const char *nominal,
                          char *text, size_t size);
/* Adds to number what threshold j has to say of it when a share of the rows lies at or below level j: after all
 * thresholds, the numbers nearest to those of the margins. */
void syi_thresholds_start(sy_link link, sy_thresholds kind, int n_levels, int j, double share, double *number);

/* value, scores and start of a likelihood of ordered answers; syi_ordinal_plain is value without nominal and scale
 * columns. */
sy_status syi_ordinal_plain(sy_context *ctx, const syi_likelihood *l, const double *theta, double *loglik,
                            double *gradient, double *information);
sy_status syi_ordinal_general(sy_context *ctx, const syi_likelihood *l, const double *theta, double *loglik,
                              double *gradient, double *information);
void syi_ordinal_scores(const syi_likelihood *l, const double *theta, ptrdiff_t first, int len, double *score);
void syi_ordinal_start(const syi_likelihood *l, double *theta);

/* Rows to be predicted: columns step doubles apart, aligned to 64 bytes, in the
 * units theta is in. */
typedef struct {
    sy_link link;
    sy_thresholds thresholds;
    int n_levels, p, n_nominal, n_spread;
    const double *theta; /* thresholds, nominal, location, scale: all of them */
    ptrdiff_t step;
    const double *x, *nominal, *spread; /* [p], [n_nominal], [n_spread] columns */
    const double *offset;               /* or NULL */
} syi_ordinal_rows;

/* Probabilities of `len` <= SYI_TILE rows, len a multiple of 8: probability[l *
 * step + i]; gradient[(l * k + j) * step + i], j the parameter in theta's
 * order, or NULL. */
void syi_ordinal_categories(int simd, const syi_ordinal_rows *rows, int len, double *probability, double *gradient);
#endif
