/* Councils for the simulations of coverage: clusters of unequal size answer for
 * people; funding (person-level or one value a council; normal, skewed or heavy-
 * tailed), process, delivery, need, an outcome with council effects. The
 * population's shares come from the exact covariance of the generator, through
 * the same decomposition.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_COVERAGE_COUNCILS_H
#define SYI_COVERAGE_COUNCILS_H
#include "base/random_internal.h"
#include "council_size.h"
#include "steelyard.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { PREDICTORS = 4, COLUMNS = PREDICTORS + 1, MOST = 150 * 80 };

typedef struct {
    int clusters;
    int constant; /* funding has one value a council */
    int large;    /* funding's share about .24 instead of about .05 */
    int shape;    /* of funding, see sigma_of */
    int alone;    /* one person a council: simple random sampling of rows */
} cell;

/* Log-normal sigma: 0 is normal; .5 has skewness 1.75 (council spending in
 * 2018-19 has 1.3); .8 has 3.7, a few people with most of the money. */
static const double sigma_of[] = {0, 0.5, 0.8};
static const char *const shape_name[] = {"normal", "skewed", "heavy"};

/* Population: predictors have unit variance and correlation .3; process and the
 * rest have intraclass correlation .1, funding .3 or 1. */
static const double correlation = 0.3, own_icc = 0.3, other_icc = 0.1, outcome_icc = 0.1;

static inline void slopes(const cell *c, double *b)
{
    b[0] = c->large ? 0.60 : 0.15;
    b[1] = 0.45;
    b[2] = 0.10;
    b[3] = 0.15;
}

typedef struct {
    double x[COLUMNS][MOST];
    int32_t council[MOST];
    ptrdiff_t n;
} sample;

/* The funding of a standard normal score: mean 0, variance 1. */
static inline double funding_of(const cell *c, double score)
{
    const double sigma = sigma_of[c->shape], v = sigma * sigma;
    return c->shape ? (exp(sigma * score) - exp(v / 2)) / sqrt((exp(v) - 1) * exp(v)) : score;
}

/* A standard normal score of funding moves the other predictors; funding itself
 * is that score or its skewed image. */
static inline void draw_sample(const cell *c, uint64_t seed, uint32_t replicate, sample *s)
{
    double b[PREDICTORS];
    slopes(c, b);
    s->n = 0;
    for (int g = 0; g < c->clusters; g++) {
        syi_stream r;
        syi_stream_init(&r, seed, replicate, (uint32_t)g + 1);
        const int size = c->alone ? 1 : draw_size(&r);
        double level[COLUMNS];
        for (int k = 0; k < COLUMNS; k++) level[k] = syi_stream_normal(&r);
        for (int i = 0; i < size; i++, s->n++) {
            double y = sqrt(outcome_icc) * level[PREDICTORS] + sqrt(1 - outcome_icc) * syi_stream_normal(&r), score = 0;
            for (int k = 0; k < PREDICTORS; k++) {
                const double icc = k == 0 ? (c->constant ? 1 : own_icc) : other_icc;
                const double fresh = icc < 1 ? syi_stream_normal(&r) : 0;
                const double z = sqrt(icc) * level[k] + sqrt(1 - icc) * fresh;
                if (k == 0) score = z;
                const double value =
                    k == 0 ? funding_of(c, z) : correlation * score + sqrt(1 - correlation * correlation) * z;
                s->x[k][s->n] = value;
                y += b[k] * value;
            }
            s->x[PREDICTORS][s->n] = y;
            s->council[s->n] = g;
        }
    }
}

static const char *const names[COLUMNS] = {"funding", "process", "delivery", "need", "outcome"};
static const int one[PREDICTORS] = {0, 1, 2, 3};

static inline sy_question question_of(const sy_block *blocks)
{
    return (sy_question){.outcome = PREDICTORS, .n_blocks = PREDICTORS, .blocks = blocks};
}

static inline void fill_blocks(sy_block *blocks)
{
    for (int k = 0; k < PREDICTORS; k++) blocks[k] = (sy_block){.name = names[k], .n_terms = 1, .terms = &one[k]};
}

/* The population's covariance: cov(skewed funding, its normal score) is
 * sigma exp(v / 2) / sd of the log-normal. */
static inline void population(const cell *c, double *share)
{
    double s[COLUMNS][COLUMNS], b[PREDICTORS], r[COLUMNS * COLUMNS], table[2 * PREDICTORS * SY_N_METRICS];
    const double sigma = sigma_of[c->shape], v = sigma * sigma;
    const double image = c->shape ? sigma * exp(v / 2) / sqrt((exp(v) - 1) * exp(v)) : 1;
    slopes(c, b);
    for (int i = 0; i < PREDICTORS; i++)
        for (int j = 0; j < PREDICTORS; j++)
            s[i][j] = i == j ? 1 : i == 0 || j == 0 ? correlation * image : correlation * correlation;
    s[PREDICTORS][PREDICTORS] = 1;
    for (int i = 0; i < PREDICTORS; i++) {
        s[i][PREDICTORS] = 0;
        for (int j = 0; j < PREDICTORS; j++) s[i][PREDICTORS] += s[i][j] * b[j];
        s[PREDICTORS][i] = s[i][PREDICTORS];
    }
    for (int i = 0; i < PREDICTORS; i++) s[PREDICTORS][PREDICTORS] += b[i] * s[i][PREDICTORS];
    for (int i = 0; i < COLUMNS; i++)
        for (int j = 0; j < COLUMNS; j++) r[i * COLUMNS + j] = i == j ? 1 : s[i][j] / sqrt(s[i][i] * s[j][j]);
    sy_context ctx;
    sy_moments m = {0};
    sy_block blocks[PREDICTORS];
    sy_shares_options options;
    sy_shares_summary summary;
    fill_blocks(blocks);
    const sy_question question = question_of(blocks);
    sy_context_init(&ctx);
    sy_shares_defaults(&options);
    if (sy_moments_from_correlation(&ctx, COLUMNS, r, 1e9, names, &m) < 0 ||
        sy_shares(&ctx, &m, &question, &options, &summary, table) < 0) {
        fprintf(stderr, "population: %s\n", ctx.message);
        exit(1);
    }
    for (int k = 0; k < PREDICTORS; k++) share[k] = table[k * SY_N_METRICS + SY_SHARE];
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

typedef struct {
    char label[150][8];
    const char *level[150];
    sy_column column[COLUMNS], council;
    sy_factor factor[COLUMNS];
    sy_term term[COLUMNS];
    sy_design design;
} frame;

/* The sample as the core wants it; f must stay where it is. */
static inline void fill_frame(const sample *s, const cell *c, frame *f)
{
    const int clusters = c->alone ? 0 : c->clusters;
    f->council = (sy_column){
        .name = "council", .data = s->council, .stride = 4, .type = SY_CODES, .n_levels = clusters, .levels = f->level};
    for (int g = 0; g < clusters; g++) {
        snprintf(f->label[g], sizeof f->label[g], "c%d", g);
        f->level[g] = f->label[g];
    }
    for (int k = 0; k < COLUMNS; k++) {
        f->column[k] = (sy_column){.name = names[k], .data = s->x[k], .stride = 8, .type = SY_F64};
        f->factor[k] = (sy_factor){k, 1};
        f->term[k] = (sy_term){names[k], 1, &f->factor[k]};
    }
    f->design = (sy_design){.n = s->n,
                            .n_columns = COLUMNS,
                            .columns = f->column,
                            .n_terms = COLUMNS,
                            .terms = f->term,
                            .cluster = c->alone ? NULL : &f->council};
}
#endif
