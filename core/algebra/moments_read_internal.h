/* The pass over the rows, between moments.c (options, result), moments_read.c
 * (which rows go into which set) and moments_tile.c (a tile of rows made
 * ready for the kernels).
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_MOMENTS_READ_INTERNAL_H
#define SYI_MOMENTS_READ_INTERNAL_H
#include "algebra/design_internal.h"
#include "algebra/lanes_internal.h"
#include "algebra/moments_internal.h"
#include "base/memory_internal.h"

/* Columns of a tile lie apart by a little more than a power of two, so that
 * they do not compete for the same cache sets. */
enum { SYI_STEP = SYI_TILE + SYI_LANES };

/* What is read and how; the same for all workers. */
typedef struct {
    const sy_design *design;
    const syi_layout *layout;
    const int *places;   /* decimal places of the input columns; double-double only */
    const double *shift; /* [columns] */
    int simd, twofold, order;
    int sorted; /* rows come by cluster */
} syi_reader;

/* Why a row cannot be used at all; the first row in the host's order wins. */
typedef enum { SYI_ROW_FINE, SYI_ROW_WEIGHT, SYI_ROW_FRACTION, SYI_ROW_INFINITE, SYI_ROW_STRATUM } syi_row_fault;
typedef struct {
    syi_row_fault what;
    ptrdiff_t row;
    int term; /* SYI_ROW_STRATUM: the level that the cluster's first row has */
    double value;
} syi_bad_row;

/* A worker's scratch. keep[i] is 1 for a complete row of positive weight. */
typedef struct {
    syi_arena arena;
    double *left, *left_lo, *right, *right_lo, *weight;
    unsigned char *keep;
    double *acc, *acc_lo, *sum, *sum_lo;
    double *missing; /* [terms + 2] rows in which the term, the cluster or the stratum was missing */
    double dropped, zero;
    syi_bad_row bad;
    int clusterless; /* the rows being read have no cluster */
    int spoilt;      /* rows of the constant column are not all 1 */
} syi_worker;

int syi_worker_init(const syi_reader *reader, syi_worker *w); /* 0, or -1 when there is no room */
void syi_worker_free(syi_worker *w);

/* Makes rows row[0..len-1] (or start, start + 1, ... when row is NULL) ready:
 * right = (1, x - shift), left = weight * right, both 0 in rows that do not
 * count and in rows filled up to a multiple of eight. */
void syi_tile_read(const syi_reader *reader, syi_worker *w, const ptrdiff_t *row, ptrdiff_t start, int len,
                   syi_tile *tile);

/* Sets of sums: a block of rows, a cluster or a row each. lo may be NULL: then
 * hi is the rounded sum. */
typedef struct {
    ptrdiff_t count;
    size_t length; /* entries of a packed triangle */
    double *hi, *lo, *rows, *n;
    syi_dd *sum_w2;
    int32_t *stratum; /* level of the set's used rows, -1 before the first; NULL without strata */
} syi_sets;

/* What a pass found besides the sums. */
typedef struct {
    double *missing; /* [terms + 2] */
    double dropped, zero;
    syi_bad_row bad;
} syi_found;

/* Where the rows of each cluster lie: set g has order[start[g]..start[g + 1] -
 * 1], ascending; set `sets` is that of the rows without a cluster. */
typedef struct {
    ptrdiff_t *order, *start; /* [n], [sets + 2] */
    int32_t *set;             /* [n] the set of a row, -1 without a cluster; or NULL */
    int *code;                /* [sets] level of the cluster */
    ptrdiff_t sets;
    int in_place; /* order[i] = i */
} syi_sorted;
/* All but the order; the order added to it; and both at once. */
sy_status syi_find_clusters(sy_context *ctx, const sy_column *cluster, ptrdiff_t n, syi_sorted *sorted);
sy_status syi_order_clusters(sy_context *ctx, ptrdiff_t n, syi_sorted *sorted);
sy_status syi_sort_clusters(sy_context *ctx, const sy_column *cluster, ptrdiff_t n, syi_sorted *sorted);
void syi_sorted_free(syi_sorted *sorted);

/* How many rows a block takes: by n and the number of columns, never by the
 * number of threads. */
ptrdiff_t syi_block_rows(ptrdiff_t n, int columns);

sy_status syi_read_blocks(sy_context *ctx, const syi_reader *reader, ptrdiff_t block, syi_sets *sets, syi_found *found);
/* sets->count is sorted->sets + 1: the last one takes the rows without a
 * cluster and stays zero. */
sy_status syi_read_clusters(sy_context *ctx, const syi_reader *reader, const syi_sorted *sorted, syi_sets *sets,
                            syi_found *found);
sy_status syi_read_rows(sy_context *ctx, const syi_reader *reader, syi_sets *sets, syi_found *found);

/* Refuses what cannot be used: a bad row, missing values where they are not
 * allowed, nothing left, one cluster; sums that overflowed. */
sy_status syi_check_found(sy_context *ctx, const sy_design *design, const syi_found *found, const syi_sets *sets,
                          const syi_sorted *sorted);
sy_status syi_check_sums(sy_context *ctx, const sy_design *design, const syi_layout *layout, const double *total);

/* Remarks: zero weights, empty levels, rows dropped, no fused multiply-add. */
sy_status syi_remark_found(sy_context *ctx, const sy_design *design, const syi_layout *layout, const syi_reader *reader,
                           const syi_found *found, const double *total);
#endif
