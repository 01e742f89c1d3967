/* Does a nominal 95 % interval cover 95 % of the time?
 *
 * Each replicate draws new councils (councils.h), computes the shares with the
 * default interval, and asks whether the population's share and its difference
 * to process lie inside.
 *
 * Usage: coverage REPLICATES [CELL]  prints one CSV line a cell. The Monte
 * Carlo error of a coverage is sqrt(.95 * .05 / REPLICATES).
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "councils.h"

typedef struct {
    double share, share_below, share_above, difference, process, width;
} tally;

static int analyse(sy_context *ctx, const sample *s, const cell *c, const double *truth, tally *t)
{
    enum { ROWS = 2 * PREDICTORS, CELLS = ROWS * SY_N_METRICS };
    static double buffer[5][CELLS], covariance[SY_N_METRICS * ROWS * ROWS];
    const sy_evidence_table table = {buffer[0], buffer[1], buffer[2], buffer[3], buffer[4], covariance, NULL, NULL};
    static frame f;
    fill_frame(s, c, &f);
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
    if (sy_moments_init(ctx, &f.design, &how, &m) < 0 ||
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
