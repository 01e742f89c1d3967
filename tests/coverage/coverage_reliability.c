/* Do nominal 95 % limits of reliabilities, and of shares corrected for a known reliability, cover 95 % of the time?
 *
 * Six items with loadings .8 .7 .6 .5 .75 .4 on one factor; 20 people a council, who share a fifth of the factor's
 * variance, or 200 people without councils; errors normal or exponential. Limits: sy_reliability's own choice
 * (jackknife over councils, influence of rows). Corrected: an outcome of money and process (correlation .3, slopes .3
 * and .8), process seen with a reliability of .7 that is known; the jackknife limits of its share, whose truth is that
 * without error.
 *
 * Usage: coverage_reliability REPLICATES [CELL]  prints one CSV line a cell. The Monte Carlo error of a coverage is
 * sqrt(.95 * .05 / REPLICATES).
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/random_internal.h"
#include "steelyard.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    ITEMS = 6,
    COLUMNS = 9,
    MONEY = 6,
    PROCESS,
    OUTCOME,
    EACH = 20,
    MOST_COUNCILS = 150,
    MOST = EACH * MOST_COUNCILS
};
static const double load[ITEMS] = {0.8, 0.7, 0.6, 0.5, 0.75, 0.4}, known = 0.7;
static const char *const names[COLUMNS] = {"a", "b", "c", "d", "e", "f", "money", "process", "outcome"};

typedef struct {
    int councils, exponential;
} cell;
static const cell cells[] = {{0, 0}, {6, 0}, {10, 0}, {25, 0}, {150, 0}, {0, 1}, {6, 1}, {10, 1}, {25, 1}, {150, 1}};
enum { CELLS = sizeof cells / sizeof *cells };

typedef struct {
    double x[COLUMNS][MOST];
    int32_t council[MOST];
    char label[MOST_COUNCILS][8];
    const char *level[MOST_COUNCILS];
    sy_column column[COLUMNS], cluster;
    sy_factor factor[COLUMNS];
    sy_term term[COLUMNS];
    sy_design design;
} sample;

static void describe(sample *s)
{
    for (int g = 0; g < MOST_COUNCILS; g++) {
        snprintf(s->label[g], sizeof s->label[g], "c%d", g);
        s->level[g] = s->label[g];
    }
    for (int c = 0; c < COLUMNS; c++) {
        s->column[c] = (sy_column){.name = names[c], .data = s->x[c], .stride = sizeof(double), .type = SY_F64};
        s->factor[c] = (sy_factor){c, 1};
        s->term[c] = (sy_term){names[c], 1, &s->factor[c]};
    }
    s->cluster = (sy_column){
        .name = "council", .data = s->council, .stride = sizeof(int32_t), .type = SY_CODES, .levels = s->level};
    s->design = (sy_design){.n_columns = COLUMNS, .columns = s->column, .n_terms = COLUMNS, .terms = s->term};
}

static double error_of(const cell *c, syi_stream *r)
{
    return c->exponential ? -log(syi_stream_uniform(r)) - 1 : syi_stream_normal(r);
}

static void draw(const cell *c, uint32_t replicate, sample *s)
{
    const int councils = c->councils, n = councils ? councils * EACH : 200;
    syi_stream r;
    double shared[2] = {0, 0};
    syi_stream_init(&r, 20261122, replicate, (uint32_t)(c - cells));
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < 2 && councils && i % EACH == 0; k++) shared[k] = sqrt(0.2) * syi_stream_normal(&r);
        const double rest = councils ? sqrt(0.8) : 1;
        const double common = shared[0] + rest * syi_stream_normal(&r),
                     money = shared[1] + rest * syi_stream_normal(&r);
        for (int k = 0; k < ITEMS; k++) s->x[k][i] = load[k] * common + sqrt(1 - load[k] * load[k]) * error_of(c, &r);
        const double process = 0.3 * money + sqrt(1 - 0.09) * common;
        s->x[MONEY][i] = money;
        s->x[PROCESS][i] = process + sqrt(1 / known - 1) * error_of(c, &r);
        s->x[OUTCOME][i] = 0.3 * money + 0.8 * process + error_of(c, &r);
        s->council[i] = councils ? i / EACH : 0;
    }
    s->design.n = n;
    s->cluster.n_levels = councils;
    s->design.cluster = councils ? &s->cluster : NULL;
}

static void stop(const sy_context *ctx)
{
    fprintf(stderr, "%s\n", ctx->message);
    exit(1);
}

/* 1 for each of alpha, standardised alpha, omega that is covered. */
static void reliabilities(sy_context *ctx, const sample *s, const sy_moments *m, int covered[SY_N_RELIABILITIES])
{
    static const int item[ITEMS] = {0, 1, 2, 3, 4, 5};
    double kind[4][SY_N_RELIABILITIES], own[6][ITEMS], sum = 0, unique = 0;
    sy_reliability_options o;
    sy_reliability_summary summary;
    const sy_reliability_table t = {kind[0], kind[1], kind[2], kind[3], own[0], own[1], own[2], own[3], own[4], own[5]};
    sy_reliability_defaults(&o);
    if (sy_reliability(ctx, m, s->design.cluster ? NULL : &s->design, ITEMS, item, &o, &summary, &t) < 0) stop(ctx);
    for (int k = 0; k < ITEMS; k++) {
        sum += load[k];
        unique += 1 - load[k] * load[k];
    }
    const double alpha = ITEMS / (ITEMS - 1.0) * (1 - ITEMS / (sum * sum + unique));
    const double truth[SY_N_RELIABILITIES] = {alpha, alpha, sum * sum / (sum * sum + unique)};
    for (int k = 0; k < SY_N_RELIABILITIES; k++) covered[k] = kind[2][k] <= truth[k] && truth[k] <= kind[3][k];
}

/* 1 when the share of process without error is covered. */
static int corrected(sy_context *ctx, const sy_moments *m)
{
    enum { ROWS = 4, TABLE = ROWS * SY_N_METRICS };
    static const int term[] = {MONEY, PROCESS};
    const sy_block block[] = {{"money", 1, term}, {"process", 1, term + 1}};
    const sy_question q = {.outcome = OUTCOME, .n_blocks = 2, .blocks = block};
    const sy_errors e = {.n = 1, .term = term + 1, .reliability = &known};
    double cell_[5][TABLE], covariance[SY_N_METRICS * ROWS * ROWS], stated, lowest;
    const sy_evidence_table t = {cell_[0], cell_[1], cell_[2], cell_[3], cell_[4], covariance, NULL, NULL};
    sy_error_limits limits = {0, &stated, &lowest};
    sy_evidence_options o;
    sy_evidence_summary summary;
    sy_moments c;
    sy_evidence_defaults(&o);
    if (sy_moments_corrected(ctx, m, &q, &e, &limits, &c) < 0) return 0; /* counts as missed */
    if (sy_evidence_shares(ctx, &c, NULL, &q, &o, &summary, &t) < 0) stop(ctx);
    sy_moments_free(&c);
    /* covariances with the outcome: money .3 + .8 .3, process .3 .3 + .8; variance .3^2 + .8^2 + 2 .3 .8 .3 + 1 */
    const double whole = 0.09 + 0.64 + 0.144 + 1, money = 0.54 * 0.54 / whole, process = 0.89 * 0.89 / whole;
    const double total = (0.09 + 0.64 + 0.144) / whole, truth = (process + total - money) / 2;
    return cell_[3][SY_N_METRICS + SY_SHARE] <= truth && truth <= cell_[4][SY_N_METRICS + SY_SHARE];
}

static void run(const cell *c, int replicates, sample *s)
{
    int sum[SY_N_RELIABILITIES + 1] = {0};
    for (int b = 0; b < replicates; b++) {
        sy_context ctx;
        sy_moments m;
        int covered[SY_N_RELIABILITIES];
        const sy_moments_options how = {.unit = c->councils ? SY_UNIT_CLUSTER : SY_UNIT_NONE};
        sy_context_init(&ctx);
        draw(c, (uint32_t)b, s);
        if (sy_moments_init(&ctx, &s->design, &how, &m) < 0) stop(&ctx);
        reliabilities(&ctx, s, &m, covered);
        for (int k = 0; k < SY_N_RELIABILITIES; k++) sum[k] += covered[k];
        if (c->councils) sum[SY_N_RELIABILITIES] += corrected(&ctx, &m);
        sy_moments_free(&m);
        sy_context_free(&ctx);
    }
    printf("%d,%s,%d", c->councils, c->exponential ? "exponential" : "normal", replicates);
    for (int k = 0; k <= SY_N_RELIABILITIES; k++)
        if (k == SY_N_RELIABILITIES && !c->councils) printf(",");
        else printf(",%.1f", 100.0 * sum[k] / replicates);
    printf("\n");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static sample s;
    const int replicates = argc > 1 ? atoi(argv[1]) : 400;
    describe(&s);
    printf("councils,errors,replicates,alpha_covered,standardised_covered,omega_covered,corrected_share_covered\n");
    for (int i = 0; i < CELLS; i++)
        if (argc < 3 || atoi(argv[2]) == i) run(&cells[i], replicates, &s);
    return 0;
}
