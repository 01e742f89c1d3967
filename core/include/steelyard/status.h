/* Status codes: the sign says whether there is a result.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_STATUS_H
#define STEELYARD_STATUS_H

/* SY_STATIC: the core is compiled into the host's extension (Python, R). */
#if defined(SY_STATIC) || !defined(__GNUC__)
#define SY_API
#else
#define SY_API __attribute__((visibility("default")))
#endif
#ifdef __GNUC__
#define SY_MUST_CHECK __attribute__((warn_unused_result))
#else
#define SY_MUST_CHECK
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Negative: no result, the reason is in context.message. Zero: fine.
 * Positive: a result with remarks in context.remarks; the status is the most
 * severe of them (the largest code). */
typedef enum {
    SY_OK = 0,
    SY_EINVAL = -1, /* an argument is not allowed */
    SY_EDIM = -2,   /* sizes do not fit together */
    SY_EDATA = -3,  /* the data cannot bear the question */
    SY_ERANK = -4,  /* fewer rows than columns, or nothing left after rank */
    SY_ELIMIT = -5, /* past a stated limit */
    SY_ENOMEM = -6, /* out of memory */
    SY_EINTR = -7,  /* stopped by the host */
    SY_EBUG = -8,   /* a check inside the core failed: please report it */

    SY_NOTE_SUPPRESSION = 1,       /* a block explains more beside the others than alone */
    SY_NOTE_MARGINALITY = 2,       /* an interaction enters after the terms it is made of, or should */
    SY_NOTE_ZERO_WEIGHTS = 3,      /* rows of weight zero left the count */
    SY_NOTE_EMPTY_LEVEL = 4,       /* a level of a factor has no rows */
    SY_NOTE_HIDDEN = 5,            /* one group alone is hidden: its numbers follow from the others */
    SY_NOTE_ROWS_DROPPED = 6,      /* rows with a missing value */
    SY_NOTE_PRECISION = 7,         /* computed in double-double, or fewer digits left */
    SY_NOTE_NO_FMA = 8,            /* processor without fused multiply-add: 1e-13, not the same bits */
    SY_NOTE_ASSUMES_NORMAL = 9,    /* limits assume normal data: no rows and no clusters to resample */
    SY_NOTE_SAMPLED = 10,          /* averages over sampled orders, with a Monte Carlo error */
    SY_NOTE_BOUNDS_SKIPPED = 11,   /* lowest and highest not computed */
    SY_NOTE_TERMS_SKIPPED = 12,    /* terms inside a block not split */
    SY_NOTE_INTERVAL_SKIPPED = 13, /* no limits computed */
    SY_NOTE_ONE_UNIT = 14,         /* an interval rests on one cluster or row more than on all others */
    SY_NOTE_FEW_CLUSTERS = 15,     /* coverage below the nominal level was measured here */
    SY_NOTE_ALIASED = 16,          /* a column adds nothing beyond the others */
    SY_NOTE_BOUNDARY = 17,         /* an estimate lay outside what is possible and is shown at the edge */
    SY_NOTE_SEPARATED = 18,        /* a column tells the outcome without error: its coefficient is infinite */
    SY_NOTE_NOT_CONVERGED = 19,    /* the last step was larger than asked for */
    SY_NOTE_OVERLAP = 20,          /* few rows of one group are like those of the other: they carry the answer */
    SY_NOTE_REVERSED = 21,         /* an item of a scale goes against the others */
    SY_NOTE_CORRECTED = 22         /* errors of measurement were taken off */
} sy_status;

/* The name of a code in plain words, such as "out of memory"; never NULL. */
SY_API const char *sy_status_name(sy_status status);

#ifdef __cplusplus
}
#endif
#endif
