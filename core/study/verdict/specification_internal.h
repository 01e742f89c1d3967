/* A specification curve in the making.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_SPECIFICATION_INTERNAL_H
#define SYI_SPECIFICATION_INTERNAL_H
#include "steelyard/specification.h"
#include "study/verdict/weighed_internal.h"

/* Outcome, blocks, source, form of funding, weights, missing rule; then those of rows. */
enum { SYI_FIXED_CHOICES = 6, SYI_MOST_CHOICES = SYI_FIXED_CHOICES + SY_MOST_ROW_CHOICES };

typedef struct {
    const sy_design *design;
    const sy_specification_question *question;
    const sy_weigh_options *options_of;
    sy_specification_curve *out;
    sy_tidy *table;
    int n, n_choices, options[SYI_MOST_CHOICES];
    int32_t *code[SYI_MOST_CHOICES]; /* [n] the option of each specification, as asked, not as sorted */
    int n_also, *also;
} syi_curve;

const char *syi_curve_choice(const syi_curve *c, int choice);
const char *syi_curve_option(const syi_curve *c, int choice, int option);

/* The table of choices, from specifications in the order of their codes; the
 * summary and its sentence, from any order. */
sy_status syi_curve_choices(sy_context *ctx, syi_curve *c);
sy_status syi_curve_summary(sy_context *ctx, syi_curve *c);
sy_status syi_curve_print(sy_context *ctx, syi_curve *c);
#endif
