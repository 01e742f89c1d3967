/* The same question asked in every way that could be defended: the curve of its
 * answers, and how much of their spread each choice makes.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_SPECIFICATION_H
#define STEELYARD_SPECIFICATION_H
#include "steelyard/weigh.h"
#ifdef __cplusplus
extern "C" {
#endif

/* Blocks as one of the choices has them. */
typedef struct {
    const char *name;
    int n_blocks;
    const sy_block *blocks;
    int funding, process; /* places of blocks */
} sy_membership;

typedef struct {
    const char *name;
    const sy_column *column; /* NULL: none */
    sy_weight_kind kind;
} sy_weighting;

/* Rows left in by each option of one choice, such as a year or a council left out. */
typedef struct {
    const char *name;
    int n_options;
    const char *const *options;
    const unsigned char *const *keep; /* [n_options] rows of the design; NULL: all */
} sy_row_choice;

typedef enum { SY_FUNDING_LEVEL = 0, SY_FUNDING_LOG = 1, SY_FUNDING_RANK = 2 } sy_funding_form;

enum { SY_MOST_ROW_CHOICES = 4, SY_SPECIFICATION_TEXTS = 11, SY_MOST_SPECIFICATIONS = 100000 };

typedef struct {
    int n_outcomes;
    const int *outcomes; /* terms of the design, numbers */
    int n_memberships;
    const sy_membership *memberships;
    int n_sources; /* 0: the process block as it is; a source that is a block is found by that block's name */
    const sy_process_source *sources;
    int n_forms;
    const sy_funding_form *forms;
    int n_weightings;
    const sy_weighting *weightings;
    int n_missing;
    const int *per_outcome; /* [n_missing] 1: rows complete over each question; 0: over all of them together */
    int n_row_choices;
    const sy_row_choice *row_choices;
    int n_adjust;
    const int *adjust;
} sy_specification_question;

enum { SY_CURVE_SPECIFICATIONS, SY_CURVE_SUMMARY, SY_CURVE_CHOICES, SY_CURVE_TABLES };

typedef struct {
    /* specifications: one row each, by rising difference (process less funding):
     * its options, its limits and its answer taken by itself (supported: limits
     * above zero). summary: what, value. choices: options, median difference by
     * option in `medians`, and the part of the differences' variance that the
     * choice explains (Shapley share of R2 over the choices as factors); the last
     * row, "together", is what remains for their interplay */
    sy_tidy tables[SY_CURVE_TABLES];
    const char *text_names[SY_SPECIFICATION_TEXTS];
    char verdict[SY_SENTENCE];
    char *text;   /* as lines to be printed */
    char *pieces; /* the same as sy_weighing.pieces */
} sy_specification_curve;

/* options: level, interval, seed are read. Specifications are all combinations;
 * SY_ELIMIT past SY_MOST_SPECIFICATIONS. Errors: SY_EINVAL (a choice without
 * options, options out of range), SY_EDATA naming the specification that has no
 * answer. Free after failure too. Cost: a jackknife each. */
SY_API SY_MUST_CHECK sy_status sy_specifications(sy_context *ctx, const sy_design *design,
                                                 const sy_specification_question *question,
                                                 const sy_weigh_options *options, sy_specification_curve *out);
SY_API void sy_specification_curve_free(sy_specification_curve *curve);

#ifdef __cplusplus
}
#endif
#endif
