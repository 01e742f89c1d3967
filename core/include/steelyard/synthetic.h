/* Synthetic data like those of the POET surveys of people with personal budgets.
 *
 * No data of single people of those surveys are public. This is a generator with
 * a stated structure: what it plants is known, so that an analysis can be held
 * to it. It says nothing of the surveys beyond the marginals it is held to.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_SYNTHETIC_H
#define STEELYARD_SYNTHETIC_H
#include "steelyard/context.h"
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

enum { SY_POET_COLUMNS = 44, SY_POET_STRENGTHS = 23, SY_POET_MARGINALS = 78, SY_POET_TRUTHS = 37 };

typedef enum {
    SY_POET_NUMBER = 0,
    SY_POET_WHOLE = 1,
    SY_POET_LOGICAL = 2,
    SY_POET_GROUPS = 3, /* codes from 0 */
    SY_POET_ORDERED = 4 /* codes from 0, the least favourable first */
} sy_poet_type;

typedef struct {
    const char *name, *role; /* design, need, funding, process, outcome, carer, hidden */
    const char *meaning;
    sy_poet_type type;
    int n_levels;
    const char *const *levels;
} sy_poet_column;

/* A number of the latent structure that can be set. */
typedef struct {
    const char *name, *meaning;
    double standard; /* its default */
} sy_poet_strength;

typedef struct {
    uint64_t seed;
    int people, councils;
    const char *year;      /* of the mean amounts: "2008-09", "2010-11", "2012-13", "2013-14" */
    double direct_payment; /* share of people with a direct payment */
    double funding_ratio;  /* mean amount with a direct payment over that without */
    double sd_log_amount;  /* of the log amount within client group and payment type */
    double knows_amount;   /* share that knows the amount */
    double size_spread;    /* sd of the log of the councils' expected sizes */
    int amount_missing;    /* 1: the amount is missing where it is not known; 0: never */
    double strength[SY_POET_STRENGTHS];
} sy_poet_options;

typedef struct {
    const char *column, *item, *category; /* column "" for what concerns the whole */
    const char *kind;                     /* "exact", "bounded", "assumed" */
    const char *comparator;               /* eq, gt, ge, lt, le of a published value; "" when none is */
    const char *unit, *source;
    double published; /* NaN: none */
    double planted;   /* in the population the data are drawn from */
    double found;     /* in these data */
    int kept;         /* planted as published; 0 when an argument left it */
} sy_poet_marginal;

typedef struct {
    const char *name, *meaning;
    double value;
} sy_poet_truth;

/* Tables that do not depend on options. */
SY_API const sy_poet_column *sy_poet_columns(void);
SY_API const sy_poet_strength *sy_poet_strengths(void);

SY_API void sy_poet_defaults(sy_poet_options *options);

/* values [SY_POET_COLUMNS][people]: one column after another, codes and logical
 * values as numbers, NaN where missing; marginals [SY_POET_MARGINALS]; truth
 * [SY_POET_TRUTHS]: the strengths, then what follows from them. Any of the three
 * may be NULL (truth and `planted` need no drawing; `found` is NaN without values).
 * Person i of council j is drawn from streams keyed by (seed, i) and (seed, j):
 * the same for any number of threads.
 * Errors: SY_EINVAL, the argument named: people under councils or past 10
 * million, fewer than 2 councils, shares outside 0 to 1, a ratio or spread out
 * of range, an unknown year, strengths that are not finite or that give a latent
 * variable more than all of its variance.
 * Remark: an argument leaves a published value. Cost: 3 us a person. */
SY_API SY_MUST_CHECK sy_status sy_poet_simulate(sy_context *ctx, const sy_poet_options *options, double *values,
                                                sy_poet_marginal *marginals, sy_poet_truth *truth);

#ifdef __cplusplus
}
#endif
#endif
