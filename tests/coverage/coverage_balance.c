/* Do nominal 95 % intervals of weighted and augmented differences cover 95 % of
 * the time?
 *
 * 25, 50 or 150 councils of 6 to 60 people (log-normal about 15). x1 varies between people (intraclass correlation .3),
 * x2 is one value a council. Treatment: logit .3 + .8 x1 - .5 x2. Outcomes: a number, .5 x1 + .4 x2 + (.3 + .2 x1)
 * treated + council effect (sd .4) + normal error; and 0 and 1, with logit -.2 + .5 x1 + .4 x2 + .6 treated. The truth
 * is the mean over people of 40,000 councils of their own differences, each as the estimand counts them.
 *
 * Cells: estimand and method; then, `councils`, a score that the councils' own inclination moves (sd .8, half of it in
 * the number too): without council effects in the score, with fixed ones, with random ones.
 *
 * Usage: coverage_balance REPLICATES [CELL]  prints a CSV line for each quantity of each cell (councils vary fastest).
 * Jackknife limits are made in the first tenth of the replicates with 150 councils and quarter with 50; where councils
 * have effects, in a fifth (25) or a twentieth of them. The Monte Carlo error of a coverage is sqrt(.95 * .05 /
 * limits). Replicates without an answer (groups without overlap) are counted.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/random_internal.h"
#include "steelyard.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_COUNCILS = 150,
    MOST = MOST_COUNCILS * 60,
    COLUMNS = 5,
    OUTCOMES = 2,
    QUANTITIES = 16,
    CELLS = 8,
    SIZES = 3
};

typedef struct {
    double x[COLUMNS][MOST], weights[MOST];
    int32_t council[MOST];
    char name[MOST_COUNCILS][8];
    const char *level[MOST_COUNCILS];
    sy_column column[COLUMNS], cluster;
    sy_factor factor[COLUMNS];
    sy_term term[COLUMNS];
    sy_design design;
} sample;

/* What has been seen of one quantity. */
typedef struct {
    const char *name, *method;
    double truth, sum, square, covered, count, errors;
} tally;

typedef struct {
    int used;
    tally row[QUANTITIES];
} table;

typedef struct {
    const char *name;
    sy_estimand estimand;
    sy_balance_method method;
    int moved; /* councils have inclinations */
    sy_balance_clusters clusters;
} cell;

static const cell cells[CELLS] = {
    {"ate", SY_ESTIMAND_ATE, SY_BALANCE_PROPENSITY, 0, SY_CLUSTERS_NONE},
    {"att", SY_ESTIMAND_ATT, SY_BALANCE_PROPENSITY, 0, SY_CLUSTERS_NONE},
    {"overlap", SY_ESTIMAND_OVERLAP, SY_BALANCE_PROPENSITY, 0, SY_CLUSTERS_NONE},
    {"entropy_ate", SY_ESTIMAND_ATE, SY_BALANCE_ENTROPY, 0, SY_CLUSTERS_NONE},
    {"entropy_att", SY_ESTIMAND_ATT, SY_BALANCE_ENTROPY, 0, SY_CLUSTERS_NONE},
    {"councils_none", SY_ESTIMAND_OVERLAP, SY_BALANCE_PROPENSITY, 1, SY_CLUSTERS_NONE},
    {"councils_fixed", SY_ESTIMAND_OVERLAP, SY_BALANCE_PROPENSITY, 1, SY_CLUSTERS_FIXED},
    {"councils_random", SY_ESTIMAND_OVERLAP, SY_BALANCE_PROPENSITY, 1, SY_CLUSTERS_RANDOM}};

static double logistic(double x)
{
    return 1 / (1 + exp(-x));
}

/* People of one council from row s->design.n on; sums[0], sums[1 + o]: of the estimand's weights, and times the
 * difference of outcome o. */
static void draw_council(const cell *c, int g, uint64_t seed, uint32_t replicate, sample *s, double *sums)
{
    syi_stream r;
    syi_stream_init(&r, seed, replicate, (uint32_t)g + 1);
    const double drawn = floor(15 * exp(0.5 * syi_stream_normal(&r)));
    const int size = drawn < 6 ? 6 : drawn > 60 ? 60 : (int)drawn;
    const double level = syi_stream_normal(&r), x2 = syi_stream_normal(&r), own = syi_stream_normal(&r);
    const double inclined = c->moved ? 0.8 * own : 0;
    const double effect = c->moved ? 0.4 * own : 0.4 * syi_stream_normal(&r);
    for (int i = 0; i < size; i++, s->design.n++) {
        const ptrdiff_t at = s->design.n;
        const double x1 = sqrt(0.3) * level + sqrt(0.7) * syi_stream_normal(&r);
        const double e = logistic(0.3 + 0.8 * x1 - 0.5 * x2 + inclined), base = -0.2 + 0.5 * x1 + 0.4 * x2;
        const double t = syi_stream_uniform(&r) < e, difference = 0.3 + 0.2 * x1;
        const double w = c->estimand == SY_ESTIMAND_ATE ? 1 : c->estimand == SY_ESTIMAND_ATT ? e : e * (1 - e);
        s->x[0][at] = t;
        s->x[1][at] = x1;
        s->x[2][at] = x2;
        s->x[3][at] = 0.5 * x1 + 0.4 * x2 + difference * t + effect + syi_stream_normal(&r);
        s->x[4][at] = syi_stream_uniform(&r) < logistic(base + 0.6 * t);
        s->council[at] = g;
        sums[0] += w;
        sums[1] += w * difference;
        sums[2] += w * (logistic(base + 0.6) - logistic(base));
    }
}

static void draw(const cell *c, int councils, uint64_t seed, uint32_t replicate, sample *s)
{
    double sums[3] = {0};
    s->design.n = 0;
    for (int g = 0; g < councils; g++) draw_council(c, g, seed, replicate, s, sums);
    s->cluster.n_levels = councils;
}

static void find_truth(const cell *c, sample *s, double *truth)
{
    double sums[3] = {0};
    for (int g = 0; g < 40000; g++) {
        s->design.n = 0;
        draw_council(c, 0, 7, (uint32_t)g, s, sums);
    }
    for (int o = 0; o < OUTCOMES; o++) truth[o] = sums[1 + o] / sums[0];
}

static void describe(sample *s)
{
    static const char *const names[COLUMNS] = {"treated", "x1", "x2", "number", "binary"};
    for (int g = 0; g < MOST_COUNCILS; g++) {
        snprintf(s->name[g], sizeof s->name[g], "c%d", g);
        s->level[g] = s->name[g];
    }
    for (int k = 0; k < COLUMNS; k++) {
        s->column[k] = (sy_column){.name = names[k], .data = s->x[k], .stride = sizeof(double), .type = SY_F64};
        s->factor[k] = (sy_factor){k, 1};
        s->term[k] = (sy_term){names[k], 1, &s->factor[k]};
    }
    s->cluster = (sy_column){
        .name = "council", .data = s->council, .stride = sizeof(int32_t), .type = SY_CODES, .levels = s->level};
    s->design = (sy_design){
        .n_columns = COLUMNS, .columns = s->column, .n_terms = COLUMNS, .terms = s->term, .cluster = &s->cluster};
}

static void note(table *t, const char *name, const char *method, double truth, const sy_balance_estimate *e)
{
    int i = 0;
    while (i < t->used && (strcmp(t->row[i].name, name) != 0 || strcmp(t->row[i].method, method) != 0)) i++;
    if (i == t->used) t->row[t->used++] = (tally){.name = name, .method = method, .truth = truth};
    tally *row = &t->row[i];
    row->count++;
    row->sum += e->estimate;
    row->square += e->estimate * e->estimate;
    row->errors += e->std_error;
    row->covered += e->low <= truth && truth <= e->high;
}

static sy_status balance(sy_context *ctx, const cell *c, sample *s, sy_balance_errors errors, const double *truth,
                         table *t)
{
    static const char *const names[OUTCOMES][SY_BALANCE_ESTIMATES] = {
        {"unadjusted number", "weighting number", "aipw number"},
        {"unadjusted binary", "weighting binary", "aipw binary"}};
    static const int covariates[2] = {1, 2}, outcomes[OUTCOMES] = {3, 4};
    sy_balance_question q;
    sy_balance_row rows[8];
    sy_balance_estimate e[OUTCOMES * SY_BALANCE_ESTIMATES];
    sy_balance_summary summary;
    const sy_balance_result result = {.weights = s->weights, .table = rows, .estimate = e};
    sy_balance_defaults(&q);
    q.n_covariates = c->clusters == SY_CLUSTERS_FIXED ? 1 : 2; /* the councils' own columns hold x2 */
    q.covariates = covariates;
    q.n_outcomes = c->moved ? 1 : OUTCOMES;
    q.outcomes = outcomes;
    q.estimand = c->estimand;
    q.method = c->method;
    q.clusters = c->clusters;
    q.errors = errors;
    const sy_status status = sy_balance(ctx, &s->design, &q, &summary, &result);
    for (int o = 0; o < q.n_outcomes && status >= 0; o++)
        for (int m = c->moved ? 0 : 1; m < SY_BALANCE_ESTIMATES; m++)
            note(t, names[o][m], errors == SY_ERRORS_JACKKNIFE ? "jackknife" : "influence", truth[o],
                 &e[o * SY_BALANCE_ESTIMATES + m]);
    return status;
}

/* How many of the replicates get jackknife limits. */
static uint32_t left_out(const cell *c, int councils, uint32_t replicates)
{
    if (c->moved) return replicates / (councils > 25 ? 20 : 5);
    return councils > 100 ? replicates / 10 : councils > 25 ? replicates / 4 : replicates;
}

/* Fixed effects of 150 councils: some council always has people of one group alone. Cells of 50 councils are there to
 * tell where the influence functions begin to do. */
static int is_wanted(int number)
{
    const int size = number % SIZES;
    const cell *c = &cells[number / SIZES];
    return size == 0 || (size == 1 ? !c->moved : c->clusters != SY_CLUSTERS_FIXED);
}

/* Streams of their own for each cell. */
static uint64_t seed_of(int number)
{
    static const uint64_t first[SIZES] = {0, 1000, 1};
    return 20261122u + first[number % SIZES] + 2 * (uint64_t)(number / SIZES);
}

static void run_cell(int number, uint32_t replicates)
{
    static sample s;
    static const int sizes[SIZES] = {25, 50, 150};
    const cell *c = &cells[number / SIZES];
    const int councils = sizes[number % SIZES];
    table t = {0};
    double truth[OUTCOMES];
    uint32_t failed = 0;
    describe(&s);
    find_truth(c, &s, truth);
    for (uint32_t r = 0; r < replicates; r++) {
        sy_status status = SY_OK;
        const int jackknife = r < left_out(c, councils, replicates);
        draw(c, councils, seed_of(number), r, &s);
        for (int k = c->clusters == SY_CLUSTERS_RANDOM; k <= jackknife && status >= 0; k++) {
            sy_context ctx;
            sy_context_init(&ctx);
            ctx.threads = 1;
            status = balance(&ctx, c, &s, k ? SY_ERRORS_JACKKNIFE : SY_ERRORS_INFLUENCE, truth, &t);
            if (status != SY_EDATA && status < 0) fprintf(stderr, "%s: %s\n", c->name, ctx.message);
            sy_context_free(&ctx);
        }
        failed += status < 0;
    }
    for (int i = 0; i < t.used; i++) {
        const tally *q = &t.row[i];
        const double mean = q->sum / q->count, sd = sqrt(q->square / q->count - mean * mean);
        printf("%s,%d,%s,%s,%.0f,%u,%.4f,%.4f,%.4f,%.4f,%.1f\n", c->name, councils, q->name, q->method, q->count,
               failed, q->truth, mean, sd, q->errors / q->count, 100 * q->covered / q->count);
    }
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const long replicates = argc > 1 ? strtol(argv[1], NULL, 10) : 2000,
               only = argc > 2 ? strtol(argv[2], NULL, 10) : -1;
    if (replicates < 1 || replicates > 1000000) return 2;
    printf("cell,councils,quantity,method,limits,failed,truth,mean,sd,mean_error,covered\n");
    for (int number = 0; number < SIZES * CELLS; number++)
        if ((only < 0 || number == only) && is_wanted(number)) run_cell(number, (uint32_t)replicates);
    return 0;
}
