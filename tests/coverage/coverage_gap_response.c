/* How often do the limits of the order-free parts of a gap in answers hold the truth?
 *
 * People in councils of unequal size have a payment type that shifts funding,
 * process and need and their slopes; councils differ in all of these and in the
 * latent outcome, whose normal or logistic noise makes an event or one of four
 * answers of it. Single rows too. The truth of a cell is the same division of one
 * sample of 40,000 councils (a million rows): its own error is a fifteenth of that
 * of 150 councils at most.
 *
 * Usage: coverage_gap_response REPLICATES [CELL]  prints one CSV line a cell; the
 * Monte Carlo error of a coverage is sqrt(.95 * .05 / REPLICATES).
 * coverage_gap_response truth  prints the lines of the table of truths.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/random_internal.h"
#include "council_size.h"
#include "steelyard.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PREDICTORS = 3, LEVELS = 4, PARTS = 5, COLUMNS = PREDICTORS + 1, MOST_MEASURES = LEVELS + 1, MOST_VALUES = 40 };

typedef struct {
    int clusters; /* or rows, when alone */
    int ordinal, skewed, alone;
} cell;

static const double correlation = 0.3, icc = 0.2, outcome_icc = 0.1, sigma = 0.8;
static const double shift[PREDICTORS] = {0.5, 0.3, 0.2};
static const double slope[2][PREDICTORS] = {{0.5, 0.8, -0.3}, {0.3, 1.0, -0.3}};
static const double constant[2] = {0.2, 0};

typedef struct {
    double *x[PREDICTORS];
    int32_t *answer, *group, *council;
    ptrdiff_t n, room;
} sample;

static void make_room(sample *s, ptrdiff_t room)
{
    *s = (sample){.room = room};
    for (int k = 0; k < PREDICTORS; k++) s->x[k] = calloc((size_t)room, sizeof(double));
    s->answer = calloc((size_t)room, sizeof *s->answer);
    s->group = calloc((size_t)room, sizeof *s->group);
    s->council = calloc((size_t)room, sizeof *s->council);
}

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
    const int d = mixed(icc, level[PREDICTORS], syi_stream_normal(r)) > 0;
    double y = constant[d] + outcome_icc * level[PREDICTORS + 1];
    for (int k = 0; k < PREDICTORS; k++) {
        const double own = mixed(icc, level[k], syi_stream_normal(r));
        s->x[k][i] = (k == 0 ? image_of(c, z) : correlation * z + sqrt(1 - correlation * correlation) * own) +
                     (d ? 0 : shift[k]);
        y += slope[d][k] * s->x[k][i];
    }
    const double u = syi_stream_uniform(r);
    y += log(u / (1 - u));
    s->answer[i] = c->ordinal ? (y > -1) + (y > 0.5) + (y > 2) : y > 0.5;
    s->group[i] = d;
}

static void draw_sample(const cell *c, int clusters, uint64_t seed, uint32_t replicate, sample *s)
{
    s->n = 0;
    for (int g = 0; g < clusters; g++) {
        syi_stream r;
        double level[PREDICTORS + 2];
        syi_stream_init(&r, seed, replicate, (uint32_t)g + 1);
        const int size = c->alone ? 1 : draw_size(&r);
        for (int k = 0; k < PREDICTORS + 2; k++) level[k] = syi_stream_normal(&r);
        for (int i = 0; i < size && s->n < s->room; i++) {
            draw_person(c, level, &r, s);
            s->council[s->n - 1] = g;
        }
    }
}

static const char *const names[COLUMNS] = {"funding", "process", "need", "answer"};
static const int one[COLUMNS] = {0, 1, 2, 3};
static const sy_block blocks[PREDICTORS] = {{"funding", 1, &one[0]}, {"process", 1, &one[1]}, {"need", 1, &one[2]}};
/* explained, by funding, by process, unexplained, of it the coefficients of process */
static const int place[PARTS] = {SY_GAP_RESPONSE_EXPLAINED, SY_GAP_RESPONSE_PARTS, SY_GAP_RESPONSE_PARTS + 1,
                                 SY_GAP_RESPONSE_UNEXPLAINED, SY_GAP_RESPONSE_PARTS + PREDICTORS + 1};

/* Of the event, or of the mean answer. */
static int analyse(const sample *s, const cell *c, const char *const *level, sy_interval_kind kind, double *estimate,
                   double *low, double *high)
{
    static double value[6][MOST_MEASURES * MOST_VALUES];
    const sy_gap_response_table table = {value[0], value[1], value[2], value[3], value[4], value[5], NULL};
    sy_column column[COLUMNS];
    sy_factor factor[COLUMNS];
    sy_term term[COLUMNS];
    sy_context ctx;
    sy_gap_response_summary summary;
    sy_gap_response_question q;
    for (int k = 0; k < COLUMNS; k++) {
        column[k] = (sy_column){.name = names[k], .data = s->x[k < PREDICTORS ? k : 0], .stride = 8, .type = SY_F64};
        factor[k] = (sy_factor){k, 1};
        term[k] = (sy_term){names[k], 1, &factor[k]};
    }
    column[PREDICTORS] = (sy_column){.name = names[PREDICTORS],
                                     .data = s->answer,
                                     .stride = 4,
                                     .type = SY_CODES,
                                     .n_levels = c->ordinal ? LEVELS : 2,
                                     .levels = level};
    const sy_column council = {
        .name = "council", .data = s->council, .stride = 4, .type = SY_CODES, .n_levels = c->clusters, .levels = level};
    const sy_column payment = {
        .name = "payment", .data = s->group, .stride = 4, .type = SY_CODES, .n_levels = 2, .levels = level};
    const sy_design design = {.n = s->n,
                              .n_columns = COLUMNS,
                              .columns = column,
                              .n_terms = COLUMNS,
                              .terms = term,
                              .cluster = c->alone || kind == SY_INTERVAL_NONE ? NULL : &council};
    sy_gap_response_defaults(&q);
    q.model =
        (sy_response_model){.columns = {.outcome = PREDICTORS, .n_terms = PREDICTORS, .terms = one, .intercept = 1},
                            .kind = c->ordinal ? SY_RESPONSE_ORDINAL : SY_RESPONSE_BINARY};
    q.group = &payment;
    q.n_blocks = PREDICTORS;
    q.blocks = blocks;
    q.interval = kind;
    q.time_limit = 1e9;
    sy_context_init(&ctx);
    const sy_status status = sy_gap_response(&ctx, &design, &q, &summary, &table);
    if (status < 0) fprintf(stderr, "%s\n", ctx.message);
    const int at = status < 0 ? 0 : (summary.n_measures - 1) * sy_gap_response_values(PREDICTORS);
    for (int p = 0; p < PARTS; p++) {
        estimate[p] = value[0][at + place[p]];
        low[p] = value[4][at + place[p]];
        high[p] = value[5][at + place[p]];
    }
    sy_context_free(&ctx);
    return status < 0;
}

enum { CELLS = 9, COUNCILS_OF_TRUTH = 40000, ROWS_OF_TRUTH = 1000000 };
static const cell cells[CELLS] = {{25, 0, 0, 0},  {25, 0, 1, 0}, {25, 1, 0, 0}, {25, 1, 1, 0}, {150, 0, 0, 0},
                                  {150, 1, 1, 0}, {10, 0, 0, 0}, {10, 1, 0, 0}, {400, 0, 0, 1}};
/* by ordinal, skewed */
static const double truths[2][2][PARTS] = {
    {{0.08160, 0.03949, 0.05284, 0.04157, -0.00214}, {0.08251, 0.03978, 0.05346, 0.03843, -0.00211}},
    {{0.20157, 0.09736, 0.13176, 0.10259, -0.00318}, {0.20267, 0.09760, 0.13260, 0.09808, -0.00254}}};

static const char **labels(int count)
{
    const char **level = calloc((size_t)count, sizeof *level);
    char *text = calloc((size_t)count, 16);
    for (int g = 0; g < count; g++) {
        snprintf(text + g * 16, 16, "c%d", g);
        level[g] = text + g * 16;
    }
    return level;
}

static int print_truths(void)
{
    double estimate[PARTS], low[PARTS], high[PARTS];
    const char **level = labels(LEVELS);
    sample s;
    make_room(&s, ROWS_OF_TRUTH);
    for (int i = 0; i < 4; i++) {
        const cell c = {.clusters = LEVELS, .ordinal = i / 2, .skewed = i % 2};
        draw_sample(&c, COUNCILS_OF_TRUTH, 7, 0, &s);
        if (analyse(&s, &c, level, SY_INTERVAL_NONE, estimate, low, high)) return 1;
        for (int p = 0; p < PARTS; p++) printf("%s%.5f", p ? ", " : "{", estimate[p]);
        printf("}\n");
        fflush(stdout);
    }
    return 0;
}

static int run_cell(const cell *c, uint32_t replicates, uint64_t seed)
{
    const double *truth = truths[c->ordinal][c->skewed];
    double covered[PARTS] = {0}, mean[PARTS] = {0}, width = 0;
    const char **level = labels(c->clusters);
    sample s;
    make_room(&s, (ptrdiff_t)c->clusters * 80);
    for (uint32_t r = 0; r < replicates; r++) {
        double estimate[PARTS], low[PARTS], high[PARTS];
        draw_sample(c, c->clusters, seed, r, &s);
        if (analyse(&s, c, level, SY_INTERVAL_JACKKNIFE, estimate, low, high)) return 1;
        for (int p = 0; p < PARTS; p++) {
            covered[p] += low[p] <= truth[p] && truth[p] <= high[p];
            mean[p] += estimate[p] / replicates;
        }
        width += (high[0] - low[0]) / replicates;
    }
    printf("%d,%s,%s,%s,%u", c->clusters, c->alone ? "row" : "person", c->ordinal ? "ordinal" : "binary",
           c->skewed ? "skewed" : "normal", replicates);
    for (int p = 0; p < PARTS; p++) printf(",%.2f", covered[p] * 100 / replicates);
    printf(",%.4f", width);
    for (int p = 0; p < PARTS; p++) printf(",%.4f", mean[p] - truth[p]);
    puts("");
    fflush(stdout);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "truth") == 0) return print_truths();
    const long replicates = argc > 1 ? strtol(argv[1], NULL, 10) : 1000,
               only = argc > 2 ? strtol(argv[2], NULL, 10) : -1;
    if (replicates < 1 || replicates > 1000000) return 2;
    puts("clusters,level,outcome,funding,replicates,explained,explained_funding,explained_process,unexplained,"
         "unexplained_process,width,bias_explained,bias_funding,bias_process,bias_unexplained,bias_coefficients");
    for (long i = 0; i < CELLS; i++) {
        if (only >= 0 && i != only) continue;
        if (run_cell(&cells[i], (uint32_t)replicates, 20221122u + (uint64_t)i)) return 1;
    }
    return 0;
}
