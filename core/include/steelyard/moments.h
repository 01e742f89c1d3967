/* Moments: weighted sums and cross-products of (1, x, y), one set a cluster.
 * Rows go in once; every share, interval and re-weighting is an algebra of
 * these.
 *
 * The object is one block of bytes (`blob`, `size`) that is its own saved
 * form: a host keeps the bytes (Python's bytes, R's raw), and gives them to
 * sy_moments_view before each use. Byte order is little-endian.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_MOMENTS_H
#define STEELYARD_MOMENTS_H
#include "steelyard/design.h"
#ifdef __cplusplus
extern "C" {
#endif

/* What one set of sums stands for. */
typedef enum {
    SY_UNIT_NONE = 0,    /* one set for all rows */
    SY_UNIT_CLUSTER = 1, /* one a cluster */
    SY_UNIT_ROW = 2      /* one a row, so that a row can be left out again */
} sy_unit;

typedef enum {
    SY_PRECISION_AUTO = 0,   /* double-double while n p^2 <= 4e7, else double */
    SY_PRECISION_DOUBLE = 1,
    SY_PRECISION_TWOFOLD = 2 /* double-double; decimal columns read as decimals */
} sy_precision;

typedef struct {
    sy_unit unit;           /* default SY_UNIT_NONE; SY_UNIT_CLUSTER needs design.cluster */
    sy_precision precision; /* default SY_PRECISION_AUTO */
} sy_moments_options;

SY_API void sy_moments_defaults(sy_moments_options *options);

/* Read-only after a successful call; free with sy_moments_free. Pointers look
 * into the blob. q = n_columns counts the design columns of all terms: one a
 * numeric term, one a LEVEL of a factor (all levels, the base is dropped only
 * on use), one a cell of an interaction. */
typedef struct {
    int n_terms, n_columns;
    ptrdiff_t n_units;
    sy_unit unit;
    sy_weight_kind weight_kind;
    int twofold;          /* 1: `lo` is there */
    int from_correlation; /* 1: made from a correlation matrix; 2 + d: from one printed to d decimals */
    double n;             /* rows by the weight rule: sum of frequency weights, else rows of weight > 0 */
    double rows_read;     /* rows looked at */
    double rows_used;     /* complete rows of positive weight */
    double rows_dropped;  /* rows with a missing value */
    double rows_zero;     /* complete rows of weight zero */
    double sum_w, sum_w2; /* over the used rows */
    const int32_t *term_first;   /* [n_terms] first column of a term */
    const int32_t *term_columns; /* [n_terms] its number of columns */
    const int32_t *term_is_factor; /* [n_terms] 1: level indicators of one factor (the base is its first column in use) */
    const int32_t *term_is_decimal; /* [n_terms] 1: all its columns were read as decimals */
    const double *term_missing;  /* [n_terms] rows in which it was missing */
    const double *shift;  /* [n_columns] a first guess of the mean, taken off before summing */
    const double *floor_; /* [n_columns] relative residual variance that rounding of the data alone can produce */
    const double *unit_rows;   /* [n_units] used rows */
    const double *unit_n;      /* [n_units] n by the weight rule */
    const double *unit_sum_w2; /* [n_units] */
    int n_strata;                /* 0: none */
    const int32_t *unit_stratum; /* [n_units] 0 .. n_strata - 1; NULL without strata */
    /* [n_units][(q+1)(q+2)/2]: upper triangle by rows of sum w (1,z)(1,z)',
     * z = x - shift, index 0 the intercept; value = hi + lo */
    const double *hi, *lo;
    const void *blob;
    size_t size;
    int owned; /* 1: sy_moments_free frees the blob */
} sy_moments;

/* Sums over the rows of a design, in one pass that also finds and counts
 * missing values. Errors: SY_EINVAL (weights, powers, an empty design),
 * SY_EDATA (infinite values, all rows missing, one cluster, a cluster in two
 * strata, negative, NaN or fractional frequency weights), SY_ELIMIT (the sets would not fit in memory;
 * the size is named). Remarks: rows dropped, zero weights, empty levels.
 * Cost: n q^2 / 2 multiply-adds (20 times as much in double-double), memory
 * n_units q^2 / 2 doubles. [Chan, Golub & LeVeque 1983] */
SY_API SY_MUST_CHECK sy_status sy_moments_init(sy_context *ctx, const sy_design *design,
                                               const sy_moments_options *options, sy_moments *out);

/* From a correlation matrix r [p*p] of n rows with p labels. SY_EDATA when it
 * is not one: not symmetric to 1e-8, a diagonal other than 1, an entry outside
 * [-1, 1], or not positive semi-definite (the least eigenvalue is named). */
SY_API SY_MUST_CHECK sy_status sy_moments_from_correlation(sy_context *ctx, int p, const double *r, double n,
                                                           const char *const *labels, sy_moments *out);

/* The same from a table printed to `decimals` places (0 to 15): entries off
 * the diagonal stand for all values that round to them. Where the table itself
 * is not positive semi-definite a matrix near it that rounds to it is taken,
 * with a remark; SY_EDATA when none can be, with the proof's bound. SY_EINVAL:
 * an entry with more decimals. */
SY_API SY_MUST_CHECK sy_status sy_moments_from_printed(sy_context *ctx, int p, const double *r, double n,
                                                       const char *const *labels, int decimals, sy_moments *out);

/* Sums two sets over the same terms: clusters of equal label are added, levels
 * and strata united, the precision is the lower of the two. SY_EINVAL when
 * terms or weight kinds differ, or one set has strata and the other none;
 * SY_EDATA for a cluster that lies in two strata. */
SY_API SY_MUST_CHECK sy_status sy_moments_merge(sy_context *ctx, const sy_moments *a, const sy_moments *b,
                                                sy_moments *out);

/* Looks at saved bytes without copying them (they must outlive `out` and be
 * aligned to 8 bytes). With `verify` the checksum is computed and compared;
 * without, only the header is checked. SY_EDATA says what is wrong. */
SY_API SY_MUST_CHECK sy_status sy_moments_view(sy_context *ctx, const void *blob, size_t size, int verify,
                                               sy_moments *out);

/* Legal after a failed call and twice. */
SY_API void sy_moments_free(sy_moments *m);

/* Labels, all owned by the object. Level names exist for factors only (else
 * NULL); cluster labels for SY_UNIT_CLUSTER only. */
SY_API const char *sy_moments_label(const sy_moments *m, int term);
SY_API const char *sy_moments_level(const sy_moments *m, int column);
SY_API const char *sy_moments_cluster(const sy_moments *m, ptrdiff_t unit);
SY_API const char *sy_moments_stratum(const sy_moments *m, int stratum);

/* A 64-bit FNV-1a hash of the moment bits with labels, levels, n and weight
 * rule; never of rows or labels of clusters and strata. The same in every language. */
SY_API uint64_t sy_moments_hash(const sy_moments *m);

/* The term called `label` ("region" also finds "factor(region)"). SY_EINVAL
 * names the argument, the nearest label and the labels present. */
SY_API SY_MUST_CHECK sy_status sy_moments_find(sy_context *ctx, const sy_moments *m, const char *argument,
                                               const char *label, int *term);

#ifdef __cplusplus
}
#endif
#endif
