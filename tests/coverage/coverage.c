/* Does a nominal 95 % interval cover 95 % of the time?
 *
 * Councils of unequal size answer for people: funding (person-level or one
 * value a council; normal, skewed or heavy-tailed), process, delivery, need, an outcome
 * with council effects. Each replicate draws new councils, computes the shares
 * with the default interval, and asks whether the population's share and its
 * difference to process lie inside. The population value comes from the exact
 * covariance of the generator, through the same decomposition.
 *
 * Usage: coverage REPLICATES [CELL]  prints one CSV line a cell. The Monte
 * Carlo error of a coverage is sqrt(.95 * .05 / REPLICATES).
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/random_internal.h"
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
} cell;

/* Log-normal sigma: 0 is normal; .5 has skewness 1.75 (council spending in
 * 2018-19 has 1.3); .8 has 3.7, a few people with most of the money. */
static const double sigma_of[] = {0, 0.5, 0.8};
static const char *const shape_name[] = {"normal", "skewed", "heavy"};

/* Population: predictors have unit variance and correlation .3; process and the
 * rest have intraclass correlation .1, funding .3 or 1. */
static const double correlation = 0.3, own_icc = 0.3, other_icc = 0.1, outcome_icc = 0.1;

static void slopes(const cell *c, double *b)
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

/* A council's size: 6 to 80 people, log-normal about 15. */
static int draw_size(syi_stream *s)
{
    const double size = floor(15 * exp(0.5 * syi_stream_normal(s)));
    return size < 6 ? 6 : size > 80 ? 80 : (int)size;
}

/* The funding of a standard normal score: mean 0, variance 1. */
static double funding_of(const cell *c, double score)
{
    const double sigma = sigma_of[c->shape], v = sigma * sigma;
    return c->shape ? (exp(sigma * score) - exp(v / 2)) / sqrt((exp(v) - 1) * exp(v)) : score;
}

/* A standard normal score of funding moves the other predictors; funding itself
 * is that score or its skewed image. */
static void draw_sample(const cell *c, uint64_t seed, uint32_t replicate, sample *s)
{
    double b[PREDICTORS];
    slopes(c, b);
    s->n = 0;
    for (int g = 0; g < c->clusters; g++) {
        syi_stream r;
        syi_stream_init(&r, seed, replicate, (uint32_t)g + 1);
        const int size = draw_size(&r);
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

static sy_question question_of(const sy_block *blocks)
{
    return (sy_question){.outcome = PREDICTORS, .n_blocks = PREDICTORS, .blocks = blocks};
}

static void fill_blocks(sy_block *blocks)
{
    for (int k = 0; k < PREDICTORS; k++) blocks[k] = (sy_block){.name = names[k], .n_terms = 1, .terms = &one[k]};
}

/* The population's covariance: cov(skewed funding, its normal score) is
 * sigma exp(v / 2) / sd of the log-normal. */
static void population(const cell *c, double *share)
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
    double share, share_below, share_above, difference, process, width;
} tally;

static int analyse(sy_context *ctx, const sample *s, const cell *c, const double *truth, tally *t)
{
    enum { ROWS = 2 * PREDICTORS, CELLS = ROWS * SY_N_METRICS };
    static double buffer[5][CELLS], covariance[SY_N_METRICS * ROWS * ROWS];
    const sy_evidence_table table = {buffer[0], buffer[1], buffer[2], buffer[3], buffer[4], covariance, NULL};
    static char label[150][8];
    const char *level[150];
    sy_column column[COLUMNS], council = {.name = "council",
                                          .data = s->council,
                                          .stride = 4,
                                          .type = SY_CODES,
                                          .n_levels = c->clusters,
                                          .levels = level};
    sy_factor factor[COLUMNS];
    sy_term term[COLUMNS];
    for (int g = 0; g < c->clusters; g++) {
        snprintf(label[g], sizeof label[g], "c%d", g);
        level[g] = label[g];
    }
    for (int k = 0; k < COLUMNS; k++) {
        column[k] = (sy_column){.name = names[k], .data = s->x[k], .stride = 8, .type = SY_F64};
        factor[k] = (sy_factor){k, 1};
        term[k] = (sy_term){names[k], 1, &factor[k]};
    }
    const sy_design design = {
        .n = s->n, .n_columns = COLUMNS, .columns = column, .n_terms = COLUMNS, .terms = term, .cluster = &council};
    sy_block blocks[PREDICTORS];
    fill_blocks(blocks);
    const sy_question question = question_of(blocks);
    sy_evidence_options options;
    sy_evidence_summary summary;
    sy_moments m = {0};
    sy_comparison difference;
    const sy_moments_options how = {.unit = SY_UNIT_CLUSTER, .precision = SY_PRECISION_DOUBLE};
    sy_evidence_defaults(&options);
    options.interval = SY_INTERVAL_JACKKNIFE;
    options.shares.bounds = SY_BOUNDS_NO;
    if (sy_moments_init(ctx, &design, &how, &m) < 0 ||
        sy_evidence_shares(ctx, &m, NULL, &question, &options, &summary, &table) < 0)
        return -1;
    const double pair[2] = {table.estimate[SY_N_METRICS + SY_SHARE], table.estimate[SY_SHARE]};
    const double *v = covariance + SY_SHARE * ROWS * ROWS;
    const double block[4] = {v[ROWS + 1], v[ROWS], v[1], v[0]};
    if (sy_interval_difference(ctx, pair, block, summary.df, 0.95, &difference) < 0) return -1;
    const double low = table.low[SY_SHARE], high = table.high[SY_SHARE], d = truth[1] - truth[0];
    t->share += low <= truth[0] && truth[0] <= high;
    t->share_below += high < truth[0];
    t->share_above += low > truth[0];
    t->process += table.low[SY_N_METRICS + SY_SHARE] <= truth[1] && truth[1] <= table.high[SY_N_METRICS + SY_SHARE];
    t->difference += difference.low <= d && d <= difference.high;
    t->width += high - low;
    sy_moments_free(&m);
    sy_context_free(ctx);
    return 0;
}

static int run_cell(const cell *c, uint32_t replicates, uint64_t seed)
{
    static sample s;
    double truth[PREDICTORS];
    tally t = {0};
    population(c, truth);
    for (uint32_t r = 0; r < replicates; r++) {
        sy_context ctx;
        sy_context_init(&ctx);
        draw_sample(c, seed, r, &s);
        if (analyse(&ctx, &s, c, truth, &t)) {
            fprintf(stderr, "replicate %u: %s\n", r, ctx.message);
            return 1;
        }
    }
    const double per = 100.0 / replicates;
    printf("%d,%s,%s,%s,%.4f,%.4f,%u,%.1f,%.1f,%.1f,%.1f,%.1f,%.4f\n", c->clusters, c->constant ? "council" : "person",
           c->large ? "large" : "small", shape_name[c->shape], truth[0], truth[1], replicates, t.share * per,
           t.share_below * per, t.share_above * per, t.process * per, t.difference * per, t.width / replicates);
    fflush(stdout);
    return 0;
}

int main(int argc, char **argv)
{
    static const int sizes[] = {6, 10, 20, 40, 150};
    const long replicates = argc > 1 ? strtol(argv[1], NULL, 10) : 4000,
               only = argc > 2 ? strtol(argv[2], NULL, 10) : -1;
    if (replicates < 1 || replicates > 1000000) return 2;
    printf("clusters,funding_level,funding_share,funding_shape,true_funding,true_process,replicates,"
           "share_covered,share_missed_low,share_missed_high,process_covered,difference_covered,mean_width\n");
    for (long i = 0; i < 60; i++) {
        const cell c = {
            .clusters = sizes[i / 12], .constant = (int)(i / 6 % 2), .large = (int)(i / 3 % 2), .shape = (int)(i % 3)};
        if (only >= 0 && i != only) continue;
        if (run_cell(&c, (uint32_t)replicates, 20111006u + (uint64_t)i)) return 1;
    }
    return 0;
}
