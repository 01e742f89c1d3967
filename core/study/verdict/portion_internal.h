/* A part of a design: some of its terms, some of its rows, other weights, and
 * columns that are logarithms, ranks, powers or products of its own.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_PORTION_INTERNAL_H
#define SYI_PORTION_INTERNAL_H
#include "base/memory_internal.h"
#include "steelyard/design.h"

enum { SYI_PORTION_LABEL = 256, SYI_PORTION_FACTORS = 8 };

/* What a numeric column stands for. */
typedef enum { SYI_FORM_LEVEL = 0, SYI_FORM_LOG = 1, SYI_FORM_RANK = 2 } syi_form;

/* Borrows the whole design's values; owns what it adds. `design` points into
 * itself: never copy it. */
typedef struct {
    sy_design design;
    sy_column *columns; /* [n_columns + extra] */
    sy_term *terms;     /* [n_terms + extra] */
    sy_factor *factors; /* [extra][SYI_PORTION_FACTORS] of added terms */
    char *labels;       /* [extra][SYI_PORTION_LABEL] of added terms and columns */
    double **made;      /* [extra] values of added columns */
    char **kept;        /* [columns and sides] values of kept rows, where not all are */
    sy_column sides[3]; /* weights, cluster, strata of kept rows */
    int *place;         /* [terms of the whole] where a term stands here; -1: nowhere */
    int extra, n_added, n_made, n_kept;
} syi_portion;

/* terms: those of the whole that rows must be complete over, each once. keep
 * [rows]: 1 for rows to be read; NULL: all. Room for `extra` terms and columns
 * more. Free after failure too. Cost: nothing without keep, else a copy. */
sy_status syi_portion_init(sy_context *ctx, const sy_design *whole, int n_terms, const int *terms,
                           const unsigned char *keep, int extra, syi_portion *out);
void syi_portion_free(syi_portion *p);

/* Whether a term is one numeric column by itself. */
int syi_portion_is_number(const sy_design *design, int term);

/* How many different values a numeric term has among the rows, counted up to `most` (8 at the most). Cost: n most. */
int syi_portion_values(const sy_design *design, int term, int most);

/* The term, one numeric column, is from now on that column's logarithm or its
 * mid-rank among the rows read, under a label that says so. SY_EDATA names a
 * value that has no logarithm. */
sy_status syi_portion_transform(sy_context *ctx, syi_portion *p, int term, syi_form form);

/* Adds a power of one numeric term, or the product of two; *added its place. */
sy_status syi_portion_power(sy_context *ctx, syi_portion *p, int term, int power, int *added);
sy_status syi_portion_product(sy_context *ctx, syi_portion *p, int a, int b, int *added);

/* unit [rows used] the place in the whole of each row that counts: complete and
 * of positive weight; returns how many. unit may be NULL. */
ptrdiff_t syi_portion_rows(const syi_portion *p, const unsigned char *keep, int64_t *unit);
#endif
