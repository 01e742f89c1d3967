/* How often do the tests of shares reject what is true?
 *
 * Councils of unequal size answer for people: funding and process have the same
 * law and the same slopes in the outcomes where the null holds, so their shares
 * are equal there; delivery and need stand beside them. Several outcomes share
 * people and councils, their errors correlate at .5. Each replicate draws new
 * councils and tests process against funding in every outcome (alone, and as a
 * family stepped down), and asks at the true share c whether "at most c" is
 * supported or contradicted.
 *
 * Usage: coverage_joint REPLICATES [CELL]  prints one CSV line a cell. The Monte
 * Carlo error of a size of 5 % is sqrt(.05 * .95 / REPLICATES).
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/random_internal.h"
#include "council_size.h"
#include "steelyard.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { PREDICTORS = 4, OUTCOMES = 5, COLUMNS = PREDICTORS + OUTCOMES, MOST = 150 * 80, DRAWS = 999 };
enum { VALUES = 2 * PREDICTORS * SY_N_METRICS + 1, ALL = OUTCOMES * VALUES };

typedef struct {
    int clusters, constant; /* funding and process have one value a council */
    int nulls;              /* outcomes where the two are equal; in the others process is stronger */
} cell;

static const double icc = 0.2, outcome_icc = 0.1, correlation = 0.3, slope = 0.35, stronger = 0.7;

typedef struct {
    double x[COLUMNS][MOST];
    int32_t council[MOST];
    ptrdiff_t n;
} sample;

/* Predictors: a common part gives them all the correlation. */
static void draw_person(const cell *c, const double *level, syi_stream *r, double *person)
{
    double fresh[COLUMNS + 2];
    for (int k = 0; k < COLUMNS + 2; k++) fresh[k] = syi_stream_normal(r);
    for (int k = 0; k < PREDICTORS; k++) {
        const double own = c->constant && k < 2 ? 1 : icc;
        const double part = sqrt(own) * level[k] + sqrt(1 - own) * fresh[k];
        const double common = sqrt(own) * level[COLUMNS] + sqrt(1 - own) * fresh[COLUMNS];
        person[k] = sqrt(correlation) * common + sqrt(1 - correlation) * part;
    }
    for (int o = 0; o < OUTCOMES; o++) {
        const double own = sqrt(outcome_icc) * level[PREDICTORS + o] + sqrt(1 - outcome_icc) * fresh[PREDICTORS + o];
        const double common = sqrt(outcome_icc) * level[COLUMNS + 1] + sqrt(1 - outcome_icc) * fresh[COLUMNS + 1];
        double y = sqrt(0.5) * own + sqrt(0.5) * common;
        for (int k = 0; k < PREDICTORS; k++)
            y += (k == 1 && o >= c->nulls ? stronger : k < 2 ? slope : 0.15) * person[k];
        person[PREDICTORS + o] = y;
    }
}

static void draw_sample(const cell *c, uint64_t seed, uint32_t replicate, sample *s)
{
    s->n = 0;
    for (int g = 0; g < c->clusters; g++) {
        syi_stream r;
        syi_stream_init(&r, seed, replicate, (uint32_t)g + 1);
        const int size = draw_size(&r);
        double level[COLUMNS + 2], person[COLUMNS];
        for (int k = 0; k < COLUMNS + 2; k++) level[k] = syi_stream_normal(&r);
        for (int i = 0; i < size; i++, s->n++) {
            draw_person(c, level, &r, person);
            for (int k = 0; k < COLUMNS; k++) s->x[k][s->n] = person[k];
            s->council[s->n] = g;
        }
    }
}

static const char *const names[COLUMNS] = {"funding", "process", "delivery", "need", "y1", "y2", "y3", "y4", "y5"};
static const int one[PREDICTORS] = {0, 1, 2, 3};

/* The true share of funding where the null holds; predictors have variance 1 and
 * correlation .3 whatever the cell, but between levels. */
static double true_share(const cell *c)
{
    const double between = c->constant ? sqrt(icc) : 1; /* of council-level with person-level predictors */
    double s[5][5], r[25], table[2 * PREDICTORS * SY_N_METRICS];
    const double b[PREDICTORS] = {slope, slope, 0.15, 0.15};
    for (int i = 0; i < PREDICTORS; i++)
        for (int j = 0; j < PREDICTORS; j++) s[i][j] = i == j ? 1 : correlation * ((i < 2) != (j < 2) ? between : 1);
    s[4][4] = 1;
    for (int i = 0; i < PREDICTORS; i++) {
        s[i][4] = 0;
        for (int j = 0; j < PREDICTORS; j++) s[i][4] += s[i][j] * b[j];
        s[4][i] = s[i][4];
    }
    for (int i = 0; i < PREDICTORS; i++) s[4][4] += b[i] * s[i][4];
    for (int i = 0; i < 5; i++)
        for (int j = 0; j < 5; j++) r[i * 5 + j] = i == j ? 1 : s[i][j] / sqrt(s[i][i] * s[j][j]);
    sy_context ctx;
    sy_moments m = {0};
    sy_shares_summary summary;
    sy_block blocks[PREDICTORS];
    for (int k = 0; k < PREDICTORS; k++) blocks[k] = (sy_block){names[k], 1, &one[k]};
    const sy_question q = {.outcome = PREDICTORS, .n_blocks = PREDICTORS, .blocks = blocks};
    sy_shares_options options;
    sy_shares_defaults(&options);
    sy_context_init(&ctx);
    if (sy_moments_from_correlation(&ctx, 5, r, 1e9, names, &m) < 0 ||
        sy_shares(&ctx, &m, &q, &options, &summary, table) < 0)
        exit(1);
    sy_moments_free(&m);
    sy_context_free(&ctx);
    return table[SY_SHARE];
}

typedef struct {
    double single, romano_wolf, westfall_young, holm, supported, contradicted;
} tally;

typedef struct {
    double estimate[ALL], moved[150 * ALL], df[OUTCOMES], moves[150 * OUTCOMES], adjusted[OUTCOMES];
} room;

/* Any true null among the first `nulls` rejected at 5 %? */
static double any(int nulls, const double *p)
{
    int some = 0;
    for (int o = 0; o < nulls; o++) some |= p[o] <= 0.05;
    return some;
}

/* "At most" the true share of funding in the first outcome, by the jackknife on the
 * cube root as shares() has it: the values without each unit from their moves. */
static int claim(sy_context *ctx, const room *w, ptrdiff_t units, double truth, tally *t)
{
    const double share = w->estimate[SY_SHARE], factor = sqrt(((double)units - 1) / (double)units);
    double square = 0, upper, lower;
    sy_answer answer;
    for (ptrdiff_t u = 0; u < units; u++) {
        const double without = share + w->moved[u * ALL + SY_SHARE] / factor;
        const double move = factor * (cbrt(fmax(without, 0)) - cbrt(share));
        square += move * move;
    }
    const double error = sqrt(square);
    if (sy_interval_at_most(ctx, 1, &share, &error, w->df, SY_SCALE_CUBE_ROOT, truth, 0.95, &answer, &upper, &lower) <
        0)
        return -1;
    t->supported += answer == SY_SUPPORTED;
    t->contradicted += answer == SY_CONTRADICTED;
    return 0;
}

static int family(sy_context *ctx, const cell *c, uint32_t replicate, ptrdiff_t units, double truth, room *w, tally *t)
{
    int plus[OUTCOMES], minus[OUTCOMES];
    sy_comparison out[OUTCOMES];
    double p[OUTCOMES], statistic[OUTCOMES], df[ALL];
    for (int o = 0; o < OUTCOMES; o++) {
        plus[o] = o * VALUES + SY_N_METRICS + SY_SHARE;
        minus[o] = o * VALUES + SY_SHARE;
        for (int v = 0; v < VALUES; v++) df[o * VALUES + v] = w->df[o];
    }
    if (sy_joint_contrasts(ctx, units, ALL, w->estimate, w->moved, df, OUTCOMES, plus, minus, 0.95, out, w->moves,
                           NULL) < 0)
        return -1;
    for (int o = 0; o < OUTCOMES; o++) {
        p[o] = out[o].p_value;
        statistic[o] = out[o].statistic;
    }
    t->single += p[0] <= 0.05;
    if (sy_adjust_p(ctx, SY_ADJUST_HOLM, OUTCOMES, p, w->adjusted) < 0) return -1;
    t->holm += any(c->nulls, w->adjusted);
    if (sy_joint_step_down(ctx, units, OUTCOMES, w->moves, statistic, 2, SY_STEP_ROMANO_WOLF, DRAWS, replicate,
                           w->adjusted) < 0)
        return -1;
    t->romano_wolf += any(c->nulls, w->adjusted);
    /* below 11 units Westfall and Young's is refused */
    if (units > 10 && sy_joint_step_down(ctx, units, OUTCOMES, w->moves, p, 2, SY_STEP_WESTFALL_YOUNG, DRAWS, replicate,
                                         w->adjusted) < 0)
        return -1;
    t->westfall_young += units > 10 ? any(c->nulls, w->adjusted) : (double)NAN;
    return claim(ctx, w, units, truth, t);
}

static int analyse(sy_context *ctx, const sample *s, const cell *c, uint32_t replicate, double truth, tally *t)
{
    static room w;
    static char label[150][8];
    const char *level[150];
    sy_column column[COLUMNS];
    sy_factor factor[COLUMNS];
    sy_term term[COLUMNS];
    sy_block blocks[PREDICTORS];
    sy_question question[OUTCOMES];
    sy_ask asks[OUTCOMES];
    const sy_column council = {
        .name = "council", .data = s->council, .stride = 4, .type = SY_CODES, .n_levels = c->clusters, .levels = level};
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
    const sy_moments_options how = {.unit = SY_UNIT_CLUSTER, .precision = SY_PRECISION_DOUBLE};
    sy_moments m = {0};
    sy_shares_options options;
    sy_shares_defaults(&options);
    for (int k = 0; k < PREDICTORS; k++) blocks[k] = (sy_block){names[k], 1, &one[k]};
    for (int o = 0; o < OUTCOMES; o++) {
        question[o] = (sy_question){.outcome = PREDICTORS + o, .n_blocks = PREDICTORS, .blocks = blocks};
        asks[o] = (sy_ask){&m, &question[o], NULL};
    }
    if (sy_moments_init(ctx, &design, &how, &m) < 0) return -1;
    int status = sy_joint(ctx, OUTCOMES, asks, &options, w.estimate, w.moved, w.df);
    if (status >= 0) status = family(ctx, c, replicate, m.n_units, truth, &w, t);
    sy_moments_free(&m);
    sy_context_free(ctx);
    return status < 0 ? -1 : 0;
}

static int run_cell(const cell *c, uint32_t replicates, uint64_t seed)
{
    static sample s;
    tally t = {0};
    const double truth = true_share(c), per = 100.0 / replicates;
    for (uint32_t r = 0; r < replicates; r++) {
        sy_context ctx;
        sy_context_init(&ctx);
        draw_sample(c, seed, r, &s);
        if (analyse(&ctx, &s, c, r, truth, &t)) {
            fprintf(stderr, "replicate %u: %s\n", r, ctx.message);
            return 1;
        }
    }
    printf("%d,%s,%d,%.4f,%u,%.2f,%.2f,%.2f,%.2f,%.2f,%.2f\n", c->clusters, c->constant ? "council" : "person",
           c->nulls, truth, replicates, t.single * per, t.romano_wolf * per, t.westfall_young * per, t.holm * per,
           t.supported * per, t.contradicted * per);
    fflush(stdout);
    return 0;
}

int main(int argc, char **argv)
{
    static const int sizes[] = {6, 10, 20, 40, 150};
    const long replicates = argc > 1 ? strtol(argv[1], NULL, 10) : 4000,
               only = argc > 2 ? strtol(argv[2], NULL, 10) : -1;
    if (replicates < 1 || replicates > 1000000) return 2;
    printf(
        "clusters,level,nulls,true_share,replicates,compare,romano_wolf,westfall_young,holm,supported,contradicted\n");
    for (long i = 0; i < 20; i++) {
        const cell c = {sizes[i / 4], (int)(i / 2 % 2), i % 2 ? 3 : OUTCOMES};
        if (only >= 0 && i != only) continue;
        if (run_cell(&c, (uint32_t)replicates, 20111106u + (uint64_t)i)) return 1;
    }
    return 0;
}
