/* What every kind of interval covers, beside the default of coverage.c.
 *
 * Nineteen cells: 6 to 150 clusters; funding that varies between people (small
 * share, normal; large share, skewed) or is one value a council (large, skewed);
 * and simple random samples of 100 and 400 rows, where normal theory, which knows
 * of no clusters, is tried too. Each sample is analysed with all kinds; differences to process by
 * t for the linearised kinds and else by percentiles of the paired replicates,
 * as the bindings do. 400 bootstrap replicates a sample, 200 for studentised
 * limits: more would be narrower in the tails by no more than the Monte Carlo
 * error.
 *
 * Usage: coverage_kinds REPLICATES [CELL [INTERVAL]]  prints one CSV line a cell
 * and kind. The Monte Carlo error of a coverage is sqrt(.95 * .05 / REPLICATES).
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "councils.h"
#include <string.h>

enum { KINDS = 9, ROWS = 2 * PREDICTORS, CELLS = ROWS * SY_N_METRICS, MOST_DRAWN = 400 };

static const char *const kind_name[KINDS] = {"jackknife", "influence",   "percentile", "expanded", "basic",
                                             "bca",       "studentised", "bayes",      "normal"};
static const sy_interval_kind kinds[KINDS] = {SY_INTERVAL_JACKKNIFE,   SY_INTERVAL_INFLUENCE, SY_INTERVAL_PERCENTILE,
                                              SY_INTERVAL_EXPANDED,    SY_INTERVAL_BASIC,     SY_INTERVAL_BCA,
                                              SY_INTERVAL_STUDENTISED, SY_INTERVAL_BAYES,     SY_INTERVAL_NORMAL};

typedef struct {
    double share, below, above, process, difference, width;
} tally;

static int drawn_for(sy_interval_kind kind)
{
    return kind == SY_INTERVAL_STUDENTISED ? 200 : MOST_DRAWN;
}

typedef struct {
    double cells[5][CELLS], covariance[SY_N_METRICS * ROWS * ROWS], replicates[MOST_DRAWN * CELLS];
} buffers;

/* Limits of process less funding. */
static int difference(sy_context *ctx, const buffers *b, const sy_evidence_summary *s, double *low, double *high)
{
    const double pair[2] = {b->cells[0][SY_N_METRICS + SY_SHARE], b->cells[0][SY_SHARE]};
    if (s->replicates) {
        double line[MOST_DRAWN];
        for (int r = 0; r < s->replicates; r++)
            line[r] = b->replicates[r * CELLS + SY_N_METRICS + SY_SHARE] - b->replicates[r * CELLS + SY_SHARE];
        return sy_interval_percentile(ctx, s->replicates, line, 0.95, s->interval == SY_INTERVAL_EXPANDED,
                                      (double)s->units, low, high);
    }
    sy_comparison c;
    const double *v = b->covariance + SY_SHARE * ROWS * ROWS, block[4] = {v[ROWS + 1], v[ROWS], v[1], v[0]};
    const int status = sy_interval_difference(ctx, pair, block, s->df, 0.95, &c);
    *low = c.low;
    *high = c.high;
    return status;
}

static int one_kind(sy_context *ctx, const sy_moments *m, sy_interval_kind kind, const double *truth, uint64_t seed,
                    tally *t)
{
    static buffers b;
    const sy_evidence_table table = {b.cells[0], b.cells[1],   b.cells[2],   b.cells[3],
                                     b.cells[4], b.covariance, b.replicates, NULL};
    sy_block blocks[PREDICTORS];
    sy_evidence_options options;
    sy_evidence_summary s;
    double from = 0, to = 0;
    fill_blocks(blocks);
    const sy_question question = question_of(blocks);
    sy_evidence_defaults(&options);
    options.interval = kind;
    options.replicates = drawn_for(kind);
    options.seed = seed;
    options.shares.bounds = SY_BOUNDS_NO;
    if (sy_evidence_shares(ctx, m, NULL, &question, &options, &s, &table) < 0 ||
        difference(ctx, &b, &s, &from, &to) < 0)
        return -1;
    const double low = b.cells[3][SY_SHARE], high = b.cells[4][SY_SHARE], d = truth[1] - truth[0];
    const int second = SY_N_METRICS + SY_SHARE;
    t->share += low <= truth[0] && truth[0] <= high;
    t->below += high < truth[0];
    t->above += low > truth[0];
    t->process += b.cells[3][second] <= truth[1] && truth[1] <= b.cells[4][second];
    t->difference += from <= d && d <= to;
    t->width += high - low;
    return 0;
}

static int is_asked(const cell *c, const char *only, int k)
{
    return (c->alone || kinds[k] != SY_INTERVAL_NORMAL) && (!only || !strcmp(only, kind_name[k]));
}

static int run_cell(const cell *c, uint32_t replicates, uint64_t seed, const char *only)
{
    static sample s;
    static frame f;
    double truth[PREDICTORS];
    tally t[KINDS] = {{0}};
    population(c, truth);
    for (uint32_t r = 0; r < replicates; r++) {
        sy_context ctx;
        sy_moments m = {0};
        const sy_moments_options how = {.unit = c->alone ? SY_UNIT_ROW : SY_UNIT_CLUSTER,
                                        .precision = SY_PRECISION_DOUBLE};
        sy_context_init(&ctx);
        draw_sample(c, seed, r, &s);
        fill_frame(&s, c, &f);
        int failed = sy_moments_init(&ctx, &f.design, &how, &m) < 0;
        for (int k = 0; k < KINDS && !failed; k++)
            if (is_asked(c, only, k)) failed = one_kind(&ctx, &m, kinds[k], truth, seed + r, &t[k]);
        if (failed) {
            fprintf(stderr, "replicate %u: %s\n", r, ctx.message);
            return 1;
        }
        sy_moments_free(&m);
        sy_context_free(&ctx);
    }
    const double per = 100.0 / replicates;
    for (int k = 0; k < KINDS; k++)
        if (is_asked(c, only, k))
            printf("%d,%s,%s,%s,%s,%u,%.1f,%.1f,%.1f,%.1f,%.1f,%.4f\n", c->clusters,
                   c->alone      ? "row"
                   : c->constant ? "council"
                                 : "person",
                   c->large ? "large" : "small", shape_name[c->shape], kind_name[k], replicates, t[k].share * per,
                   t[k].below * per, t[k].above * per, t[k].process * per, t[k].difference * per,
                   t[k].width / replicates);
    fflush(stdout);
    return 0;
}

int main(int argc, char **argv)
{
    static const int sizes[] = {6, 10, 20, 40, 150, 100, 400};
    const long replicates = argc > 1 ? strtol(argv[1], NULL, 10) : 1000,
               only = argc > 2 ? strtol(argv[2], NULL, 10) : -1;
    if (replicates < 1 || replicates > 1000000) return 2;
    printf("clusters,funding_level,funding_share,funding_shape,interval,replicates,share_covered,share_missed_low,"
           "share_missed_high,process_covered,difference_covered,mean_width\n");
    for (long i = 0; i < 19; i++) {
        const int shape = (int)(i < 15 ? i % 3 : (i - 15) % 2);
        const cell c = {.clusters = sizes[i < 15 ? i / 3 : 5 + (i - 15) / 2],
                        .constant = shape == 2,
                        .large = shape > 0,
                        .shape = shape > 0,
                        .alone = i >= 15};
        if (only >= 0 && i != only) continue;
        if (run_cell(&c, (uint32_t)replicates, 20111006u + (uint64_t)i, argc > 3 ? argv[3] : NULL)) return 1;
    }
    return 0;
}
