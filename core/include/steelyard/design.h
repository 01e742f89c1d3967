/* The rows as the host holds them: columns, terms made of columns, weights,
 * clusters. Everything is borrowed and read in place; no frame is copied.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_DESIGN_H
#define STEELYARD_DESIGN_H
#include "steelyard/context.h"
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    SY_F64, /* double; NaN is missing */
    SY_F32, /* float; NaN is missing */
    SY_I64, /* int64_t */
    SY_I32, /* int32_t */
    SY_U8,  /* uint8_t, also for truth values */
    SY_CODES /* int32_t codes of a factor: first_code .. first_code + n_levels - 1; any other value is missing */
} sy_type;

typedef struct {
    const char *name;    /* as the user typed it; used in every message */
    const void *data;    /* n values, `stride` bytes apart */
    ptrdiff_t stride;    /* bytes; may be negative */
    sy_type type;
    int has_missing;     /* integers: is there a value that means "missing"? */
    int64_t missing;     /* that value (R's NA_INTEGER) */
    int first_code;      /* SY_CODES: 0 in Python, 1 in R */
    int n_levels;        /* SY_CODES */
    const char *const *levels; /* SY_CODES: n_levels names */
} sy_column;

/* One factor of a product: a column raised to a whole power (1..15; 1 for
 * SY_CODES). */
typedef struct {
    int column;
    int power;
} sy_factor;

/* A term is a product of factors: `x`, `x^2`, `a:b`, a whole factor with all
 * its level columns. The label is host-neutral: "x", "x^2", "a:b" with the
 * names sorted; anything else as typed. Labels are unique. */
typedef struct {
    const char *label;
    int n_factors;
    const sy_factor *factors;
} sy_term;

typedef enum {
    SY_WEIGHT_NONE = 0,
    SY_WEIGHT_FREQUENCY = 1, /* whole numbers; the row stands for that many; n = sum of weights */
    SY_WEIGHT_ANALYTIC = 2,  /* variance of a row is 1 / weight, as lm; n = rows of positive weight */
    SY_WEIGHT_SAMPLING = 3   /* one over the chance of selection; n = rows of positive weight */
} sy_weight_kind;

typedef enum {
    SY_MISSING_COMPLETE = 0, /* rows complete over all terms, weights, clusters and strata */
    SY_MISSING_ERROR = 1
} sy_missing;

typedef struct {
    ptrdiff_t n; /* rows */
    int n_columns;
    const sy_column *columns;
    int n_terms;
    const sy_term *terms;
    const sy_column *weights; /* NULL: every row counts once */
    sy_weight_kind weight_kind;
    const sy_column *cluster; /* NULL, or SY_CODES: the clusters (councils) */
    const sy_column *strata;  /* NULL, or SY_CODES: the strata the units were drawn in; a cluster lies in one */
    sy_missing missing;
} sy_design;

/* Finds `typed` among n names. SY_EINVAL names the argument, what was typed
 * and the nearest name (by edit distance); *index is set on SY_OK. Cost: n
 * times the square of the name's length. */
SY_API SY_MUST_CHECK sy_status sy_design_find(sy_context *ctx, const char *argument, const char *typed,
                                              int n, const char *const *names, int *index);

/* The name nearest to `typed`, or -1 where none differs in a third of its
 * letters or less (one letter of fewer than six); capitals and marks between
 * words hardly count. Cost: as sy_design_find. */
SY_API int sy_design_near(const char *typed, int n, const char *const *names);

#ifdef __cplusplus
}
#endif
#endif
