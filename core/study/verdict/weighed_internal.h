/* What the parts of sy_weigh share.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_WEIGHED_INTERNAL_H
#define SYI_WEIGHED_INTERNAL_H
#include "study/verdict/family_internal.h"
#include "study/verdict/tidy_internal.h"

/* The outcomes by every source, judged by the rules of weigh.h. Cell s * outcomes
 * + o is outcome o by source s. */
typedef struct {
    int n;
    syi_cell *cells;   /* [n] */
    syi_cell **places; /* [n] pointers to them */
    syi_family family;
    int joined;                /* 1: there is a family, p values are stepped down */
    sy_comparison *difference; /* [n] */
    double *p_stepped;         /* [n] over the outcomes of the source */
    double *p_family;          /* [n] over all */
    sy_answer *answer;         /* [n] rule 1 */
    sy_answer *by_source;      /* [sources] rule 2 */
    sy_answer overall;         /* rule 3 */
} syi_judged;

typedef struct {
    const sy_design *design;
    const sy_weigh_question *question;
    const sy_weigh_options *options;
    sy_weighing *out;
    int n_sources;
    sy_process_source *sources; /* [n_sources] */
    sy_block *blocks;           /* [n_sources][n_blocks] */
    int *process;               /* [n_sources] the block that stands for process */
    int n_also, *also;          /* terms that all rows must be complete over */
    syi_judged judged;
} syi_weighed;

/* The sources with their blocks; errors as sy_weigh's. Free after failure too. */
sy_status syi_weighed_init(sy_context *ctx, const sy_design *design, const sy_weigh_question *question,
                           const sy_weigh_options *options, sy_weighing *out, syi_weighed *w);
void syi_weighed_free(syi_weighed *w);

/* Whether the claims on how much funding explains are about an outcome: about numbers, whose shares are of
 * variance, unless there are none; and of what they are, "of the variance in every outcome". */
int syi_weighed_bounded(const syi_weighed *w, int outcome);
const char *syi_weighed_of_what(const syi_weighed *w);
sy_outcome_type syi_weighed_type(const syi_weighed *w, int outcome);
const char *syi_weighed_outcome(const syi_weighed *w, int outcome);
void syi_weighed_asked(const syi_weighed *w, const sy_design *design, int source, int outcome,
                       const unsigned char *keep, syi_cell_asked *asked);
syi_cell_options syi_weighed_options(const syi_weighed *w);

/* keep: rows that are read; bounds: lowest and highest too. Free after failure too. */
sy_status syi_judge(sy_context *ctx, const syi_weighed *w, const unsigned char *keep, int bounds, syi_judged *out);
void syi_judged_free(syi_judged *j);

/* Largest p value that is not kept by chance: 1 - level, with room for rounding. */
double syi_weighed_alpha(const syi_weighed *w);
const char *syi_answer_word(sy_answer answer);

/* Each fills its table of w->out. */
sy_status syi_weigh_differences(sy_context *ctx, syi_weighed *w);
sy_status syi_weigh_sources(sy_context *ctx, syi_weighed *w);
sy_status syi_weigh_claims(sy_context *ctx, syi_weighed *w);
sy_status syi_weigh_outcomes(sy_context *ctx, syi_weighed *w);
sy_status syi_weigh_money(sy_context *ctx, syi_weighed *w);
sy_status syi_weigh_league(sy_context *ctx, syi_weighed *w);
sy_status syi_weigh_left_out(sy_context *ctx, syi_weighed *w);
sy_status syi_weigh_levels(sy_context *ctx, syi_weighed *w);
sy_status syi_weigh_population(sy_context *ctx, syi_weighed *w);
sy_status syi_weigh_missing(sy_context *ctx, syi_weighed *w);
sy_status syi_weigh_gaps(sy_context *ctx, syi_weighed *w);

/* A context whose remarks stand apart; joined, those from code `least` on are
 * handed over, `of` before their term, and the message goes along. */
sy_context syi_aside(const sy_context *ctx);
sy_status syi_join(sy_context *ctx, sy_context *aside, sy_status status, const char *of, sy_status least);

/* What the unit of a number is called; and remarks that speak of a row by its place among those used call it so. */
enum { SYI_UNIT_NAME = 128 };
void syi_unit_name(const syi_weighed *w, int64_t number, char name[SYI_UNIT_NAME]);
void syi_name_units(const syi_weighed *w, const syi_cell *cell, sy_context *aside);

/* Asks the host whether to go on, and tells it of each hundredth part. */
sy_status syi_told(sy_context *ctx, int done, int all);

/* v: shares of funding and process by curves, their difference with limits; p: of
 * funding's bend, and of funding times need. */
sy_status syi_curves(sy_context *ctx, const syi_weighed *w, int outcome, const syi_cell_options *how, double v[5],
                     double p[2]);

/* Rule 5 on a metric of funding, by the first source. */
typedef struct {
    sy_answer answer;
    double largest, upper, lower;
    int outcome; /* that has the largest */
} syi_at_most;
sy_status syi_judge_at_most(sy_context *ctx, const syi_weighed *w, const syi_judged *judged, int metric,
                            syi_at_most *out);

/* The three sentences, what the data cannot say, how it was made: from the tables. */
sy_status syi_weigh_sentences(sy_context *ctx, syi_weighed *w);
void syi_weigh_limits(syi_weighed *w);
#endif
