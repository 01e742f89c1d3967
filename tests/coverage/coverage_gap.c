/* How often do the limits of a gap's parts hold the truth?
 *
 * People in councils of unequal size have a payment type (between people, or one a
 * council) that shifts funding, process and need, and the slopes of the first two;
 * councils differ in all of these and in the outcome. A binary factor whose shares and effect differ by payment
 * type stands beside them for the cells of Kitagawa. Half of the people are in
 * each group and the predictors' covariance is the same in both, so the pooled
 * slopes are the mean of the groups' and every part is known exactly. Single
 * rows without councils too.
 *
 * Usage: coverage_gap REPLICATES [CELL]  prints one CSV line a cell and kind. The
 * Monte Carlo error of a coverage is sqrt(.95 * .05 / REPLICATES).
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/random_internal.h"
#include "council_size.h"
#include "steelyard.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { PREDICTORS = 3, MOST = 150 * 80, DRAWN = 400, KINDS = 5, PARTS = 7, COLUMNS = PREDICTORS + 2 };

typedef struct {
    int clusters; /* or rows, when alone */
    int constant; /* one payment type a council */
    int skewed;   /* funding log-normal, sigma .8 */
    int alone;
} cell;

static const char *const kind_name[KINDS] = {"jackknife", "influence", "percentile", "expanded", "basic"};
static const double correlation = 0.3, icc = 0.2, group_icc = 0.2, outcome_icc = 0.1, sigma = 0.8;
static const double shift[PREDICTORS] = {0.5, 0.3, 0.2};
static const double slope[2][PREDICTORS] = {{0.3, 0.4, -0.2}, {0.2, 0.5, -0.2}};
static const double constant[2] = {0.1, 0}, share[2] = {0.6, 0.4}, effect[2] = {0.5, 0.3};

typedef struct {
    double x[PREDICTORS + 1][MOST]; /* the outcome last */
    int32_t group[MOST], half[MOST], council[MOST];
    ptrdiff_t n;
} sample;

static double image_of(const cell *c, double z)
{
    const double v = sigma * sigma;
    return c->skewed ? (exp(sigma * z) - exp(v / 2)) / sqrt((exp(v) - 1) * exp(v)) : z;
}

static double mixed(double between, double level, double fresh)
{
    return sqrt(between) * level + sqrt(1 - between) * fresh;
}

static void draw_person(const cell *c, const double *level, syi_stream *r, sample *s)
{
    const ptrdiff_t i = s->n++;
    const double z = mixed(icc, level[0], syi_stream_normal(r));
    const int d = mixed(c->constant ? 1 : group_icc, level[PREDICTORS], syi_stream_normal(r)) > 0;
    double y = constant[d] + mixed(outcome_icc, level[PREDICTORS + 1], syi_stream_normal(r));
    for (int k = 0; k < PREDICTORS; k++) {
        const double own = mixed(icc, level[k], syi_stream_normal(r));
        const double value = k == 0 ? image_of(c, z) : correlation * z + sqrt(1 - correlation * correlation) * own;
        s->x[k][i] = value + (d ? 0 : shift[k]);
        y += slope[d][k] * s->x[k][i];
    }
    s->half[i] = syi_stream_uniform(r) < share[d];
    s->x[PREDICTORS][i] = y + effect[d] * s->half[i];
    s->group[i] = d;
}

static void draw_sample(const cell *c, uint64_t seed, uint32_t replicate, sample *s)
{
    s->n = 0;
    for (int g = 0; g < c->clusters; g++) {
        syi_stream r;
        double level[PREDICTORS + 2];
        syi_stream_init(&r, seed, replicate, (uint32_t)g + 1);
        const int size = c->alone ? 1 : draw_size(&r);
        for (int k = 0; k < PREDICTORS + 2; k++) level[k] = syi_stream_normal(&r);
        for (int i = 0; i < size; i++) {
            draw_person(c, level, &r, s);
            s->council[s->n - 1] = g;
        }
    }
}

/* Explained in all, by funding, by process; unexplained; interaction; composition of the cells; Gelbach's process
 * beside need. */
static void truth_of(double *truth)
{
    double gap = constant[0] - constant[1] + share[0] * effect[0] - share[1] * effect[1];
    truth[0] = truth[4] = 0;
    for (int k = 0; k < PREDICTORS; k++) {
        const double pooled = (slope[0][k] + slope[1][k]) / 2;
        truth[0] += shift[k] * pooled;
        truth[4] += shift[k] * (slope[0][k] - slope[1][k]);
        gap += shift[k] * slope[0][k];
        if (k < 2) truth[1 + k] = shift[k] * pooled;
    }
    truth[3] = gap - truth[0];
    truth[5] = (share[0] - share[1]) * (effect[0] + effect[1]) / 2;
    truth[6] = (shift[1] - correlation * correlation * shift[2]) * (slope[0][1] + slope[1][1]) / 2;
}

static const char *const names[COLUMNS] = {"funding", "process", "need", "outcome", "half"};
static const int one[COLUMNS] = {0, 1, 2, 3, 4};
static const sy_block blocks[PREDICTORS] = {{"funding", 1, &one[0]}, {"process", 1, &one[1]}, {"need", 1, &one[2]}};
static const sy_block half = {"half", 1, &one[4]};

typedef struct {
    double low[KINDS][PARTS], high[KINDS][PARTS];
} limits;

/* Limits of value `at` by every kind, into part `part`. */
static int take(sy_context *ctx, const sy_gap_result *r, int at, int part, limits *l)
{
    if (r->interval != SY_INTERVAL_PERCENTILE) {
        const int k = r->interval == SY_INTERVAL_JACKKNIFE ? 0 : 1;
        l->low[k][part] = r->low[at];
        l->high[k][part] = r->high[at];
        return 0;
    }
    double line[DRAWN];
    for (int i = 0; i < DRAWN; i++) line[i] = r->replicates[i * r->n_values + at];
    int status = 0;
    for (int k = 2; k < KINDS && status >= 0; k++)
        status = k < 4 ? sy_interval_percentile(ctx, DRAWN, line, 0.95, k == 3, (double)r->units, &l->low[k][part],
                                                &l->high[k][part])
                       : sy_interval_basic(ctx, SY_SCALE_IDENTITY, DRAWN, line, r->estimate[at], 0.95, &l->low[k][part],
                                           &l->high[k][part]);
    return status;
}

static int ask_one(sy_context *ctx, const sy_design *design, const sy_gap_question *ask, limits *l)
{
    sy_gap_result r;
    int status = sy_gap(ctx, design, ask, &r);
    if (status >= 0 && r.interval == SY_INTERVAL_NONE) status = -1;
    if (status < 0) return status;
    if (ask->method == SY_GAP_OAXACA) {
        const int at[5] = {0, SY_GAP_OAXACA_COLUMNS, 2 * SY_GAP_OAXACA_COLUMNS, SY_GAP_UNEXPLAINED, SY_GAP_INTERACTION};
        for (int p = 0; p < 5 && status >= 0; p++) status = take(ctx, &r, at[p], p, l);
    } else status = take(ctx, &r, ask->method == SY_GAP_KITAGAWA ? 0 : 2, ask->method == SY_GAP_KITAGAWA ? 5 : 6, l);
    sy_gap_free(&r);
    return status < 0 ? status : 0;
}

static int analyse(sy_context *ctx, const sample *s, const cell *c, uint32_t replicate, limits *l)
{
    static char label[MOST][16];
    static const char *level[MOST];
    static const sy_interval_kind kinds[3] = {SY_INTERVAL_JACKKNIFE, SY_INTERVAL_INFLUENCE, SY_INTERVAL_PERCENTILE};
    sy_column column[COLUMNS];
    sy_factor factor[COLUMNS];
    sy_term term[COLUMNS];
    for (int g = 0; g < c->clusters; g++) {
        snprintf(label[g], sizeof label[g], "c%d", g);
        level[g] = label[g];
    }
    const sy_column council = {
        .name = "council", .data = s->council, .stride = 4, .type = SY_CODES, .n_levels = c->clusters, .levels = level};
    const sy_column payment = {
        .name = "payment", .data = s->group, .stride = 4, .type = SY_CODES, .n_levels = 2, .levels = level};
    for (int k = 0; k < COLUMNS; k++) {
        column[k] = (sy_column){.name = names[k], .data = s->x[k <= PREDICTORS ? k : 0], .stride = 8, .type = SY_F64};
        if (k > PREDICTORS)
            column[k] = (sy_column){
                .name = names[k], .data = s->half, .stride = 4, .type = SY_CODES, .n_levels = 2, .levels = level};
        factor[k] = (sy_factor){k, 1};
        term[k] = (sy_term){names[k], 1, &factor[k]};
    }
    const sy_design design = {.n = s->n,
                              .n_columns = COLUMNS,
                              .columns = column,
                              .n_terms = COLUMNS,
                              .terms = term,
                              .cluster = c->alone ? NULL : &council};
    sy_gap_question ask;
    sy_gap_defaults(&ask);
    ask.group = &payment;
    ask.outcome = PREDICTORS;
    ask.replicates = DRAWN;
    ask.seed = replicate;
    for (int k = 0; k < 3; k++)
        for (int method = 0; method < 3; method++) {
            ask.interval = kinds[k];
            ask.method = (sy_gap_method)method;
            ask.blocks = method == SY_GAP_KITAGAWA ? &half : blocks;
            ask.n_blocks = method == SY_GAP_KITAGAWA ? 1 : method == SY_GAP_GELBACH ? 2 : PREDICTORS;
            ask.adjust = &one[2];
            ask.n_adjust = method == SY_GAP_GELBACH;
            if (ask_one(ctx, &design, &ask, l) < 0) return -1;
            sy_context_free(ctx);
        }
    return 0;
}

static int run_cell(const cell *c, uint32_t replicates, uint64_t seed)
{
    static sample s;
    double truth[PARTS], covered[KINDS][PARTS] = {{0}}, width[KINDS] = {0};
    truth_of(truth);
    for (uint32_t r = 0; r < replicates; r++) {
        sy_context ctx;
        limits l;
        sy_context_init(&ctx);
        draw_sample(c, seed, r, &s);
        if (analyse(&ctx, &s, c, r + 1, &l)) {
            fprintf(stderr, "replicate %u: %s\n", r, ctx.message);
            return 1;
        }
        for (int k = 0; k < KINDS; k++) {
            for (int p = 0; p < PARTS; p++) covered[k][p] += l.low[k][p] <= truth[p] && truth[p] <= l.high[k][p];
            width[k] += (l.high[k][0] - l.low[k][0]) / replicates;
        }
    }
    for (int k = 0; k < KINDS; k++) {
        printf("%d,%s,%s,%s,%u", c->clusters,
               c->alone      ? "row"
               : c->constant ? "council"
                             : "person",
               c->skewed ? "skewed" : "normal", kind_name[k], replicates);
        for (int p = 0; p < PARTS; p++) printf(",%.2f", covered[k][p] * 100 / replicates);
        printf(",%.4f\n", width[k]);
    }
    fflush(stdout);
    return 0;
}

int main(int argc, char **argv)
{
    static const cell cells[] = {{25, 0, 0, 0},  {25, 0, 1, 0},  {25, 1, 0, 0},  {25, 1, 1, 0},
                                 {150, 0, 0, 0}, {150, 0, 1, 0}, {150, 1, 0, 0}, {150, 1, 1, 0},
                                 {100, 0, 0, 1}, {100, 0, 1, 1}, {400, 0, 0, 1}, {400, 0, 1, 1},
                                 {10, 0, 0, 0},  {10, 0, 1, 0},  {6, 0, 0, 0},   {6, 0, 1, 0}};
    const long replicates = argc > 1 ? strtol(argv[1], NULL, 10) : 2000,
               only = argc > 2 ? strtol(argv[2], NULL, 10) : -1;
    if (replicates < 1 || replicates > 1000000) return 2;
    puts("clusters,level,funding,interval,replicates,explained,explained_funding,explained_process,unexplained,"
         "interaction,composition,gelbach_process,width");
    for (long i = 0; i < (long)(sizeof cells / sizeof *cells); i++) {
        if (only >= 0 && i != only) continue;
        if (run_cell(&cells[i], (uint32_t)replicates, 20221106u + (uint64_t)i)) return 1;
    }
    return 0;
}
