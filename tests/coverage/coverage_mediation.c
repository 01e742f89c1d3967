/* Do nominal 95 % limits of the parts of a mediation cover 95 % of the time?
 *
 * Councils of 6 to 80 people (log-normal about 15). A treatment t of people (chance
 * .5, moved by the confounder) or of whole councils (every other one); a confounder
 * c; funding = .8 t + .5 c + u, u normal with spread 1 + t / 2; process = .5 t - .2 c +
 * .6 u + council effect (variance .2) + noise; y = .3 t + .4 funding + .6 process +
 * .2 t funding - .3 t process + .25 funding process - .5 c + council effect (variance .1)
 * + noise. With c about 0 the parts are, by hand: direct .3; through funding .8 (.4 +
 * .2) = .48; through process .5 (.6 - .3 + .25 .8) = .25; dependence .25 .6 (1.5^2 - 1)
 * = .1875; total 1.2175. Binary outcome: the same sum, with -.8 and without council
 * effect and noise, is the logit of its chance; the parts are those of 12 million
 * draws (errors 5e-5 at most).
 *
 * Usage: coverage_mediation REPLICATES [CELL]  prints one CSV line a cell: percent of
 * limits that covered, for the jackknife and the influence function with t(G - 1)
 * and percentiles of 199 replicates; binary: the jackknife alone, 20 draws a row. The Monte Carlo error of a coverage
 * is sqrt(.95 * .05 / REPLICATES). SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/random_internal.h"
#include "council_size.h"
#include "steelyard/mediation.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_COUNCILS = 150, MOST = MOST_COUNCILS * 80, TERMS = 5, PARTS = 5, KINDS = 3 };
static const double truth[2][PARTS] = {{0.3, 0.48, 0.25, 0.1875, 1.2175},
                                       {0.05237, 0.09624, 0.04320, 0.00893, 0.20074}};

typedef struct {
    int councils, whole, binary; /* whole: the treatment is one value a council */
} cell;

typedef struct {
    double y[MOST], t[MOST], funding[MOST], process[MOST], c[MOST];
    int32_t council[MOST];
    const char *level[MOST_COUNCILS];
    sy_column column[TERMS], cluster;
    sy_factor factor[TERMS];
    sy_term term[TERMS];
    sy_design design;
} sample;

static void draw(const cell *k, uint64_t seed, uint32_t replicate, sample *s)
{
    ptrdiff_t n = 0;
    for (int g = 0; g < k->councils; g++) {
        syi_stream r;
        syi_stream_init(&r, seed, replicate, (uint32_t)g + 1);
        const int size = draw_size(&r);
        const double in_process = sqrt(0.2) * syi_stream_normal(&r), in_y = sqrt(0.1) * syi_stream_normal(&r);
        for (int i = 0; i < size; i++, n++) {
            const double c = syi_stream_normal(&r), chance = 1 / (1 + exp(-0.5 * c));
            const double drawn = syi_stream_uniform(&r) < chance, t = k->whole ? g % 2 : drawn;
            const double u = (1 + 0.5 * t) * syi_stream_normal(&r), f = 0.8 * t + 0.5 * c + u;
            const double q = 0.5 * t - 0.2 * c + 0.6 * u + in_process + syi_stream_normal(&r);
            s->c[n] = c;
            s->t[n] = t;
            s->funding[n] = f;
            s->process[n] = q;
            const double sum = 0.3 * t + 0.4 * f + 0.6 * q + 0.2 * t * f - 0.3 * t * q + 0.25 * f * q - 0.5 * c;
            s->y[n] =
                k->binary ? syi_stream_uniform(&r) < 1 / (1 + exp(0.8 - sum)) : sum + in_y + syi_stream_normal(&r);
            s->council[n] = g;
        }
    }
    s->design.n = n;
    s->cluster.n_levels = k->councils;
}

static void describe(sample *s)
{
    static const char *const names[TERMS] = {"y", "t", "funding", "process", "c"};
    static char name[MOST_COUNCILS][8];
    const double *const data[TERMS] = {s->y, s->t, s->funding, s->process, s->c};
    for (int g = 0; g < MOST_COUNCILS; g++) {
        snprintf(name[g], sizeof name[g], "c%d", g);
        s->level[g] = name[g];
    }
    for (int k = 0; k < TERMS; k++) {
        s->column[k] = (sy_column){.name = names[k], .data = data[k], .stride = sizeof(double), .type = SY_F64};
        s->factor[k] = (sy_factor){k, 1};
        s->term[k] = (sy_term){names[k], 1, &s->factor[k]};
    }
    s->cluster = (sy_column){
        .name = "council", .data = s->council, .stride = sizeof(int32_t), .type = SY_CODES, .levels = s->level};
    s->design = (sy_design){
        .n_columns = TERMS, .columns = s->column, .n_terms = TERMS, .terms = s->term, .cluster = &s->cluster};
}

static int analyse(const sample *s, int binary, uint64_t seed, double covered[KINDS][PARTS])
{
    static const sy_interval_kind kinds[KINDS] = {SY_INTERVAL_JACKKNIFE, SY_INTERVAL_INFLUENCE, SY_INTERVAL_PERCENTILE};
    static const int at[4] = {1, 2, 3, 4};
    const sy_block blocks[2] = {{"funding", 1, &at[1]}, {"process", 1, &at[2]}};
    sy_mediation_question q;
    sy_mediation_result r;
    sy_mediation_defaults(&q);
    q.outcome = 0;
    q.treatment = 1;
    q.n_blocks = 2;
    q.blocks = blocks;
    q.n_confounders = 1;
    q.confounders = &at[3];
    q.replicates = 199;
    q.seed = seed;
    q.response = binary ? SY_MEDIATION_BINARY : SY_MEDIATION_LINEAR;
    q.draws = 20;
    for (int k = 0; k < (binary ? 1 : KINDS); k++) {
        sy_context ctx;
        sy_context_init(&ctx);
        ctx.threads = 1;
        q.interval = kinds[k];
        const sy_status status = sy_mediation(&ctx, &s->design, &q, &r);
        if (status < 0) fprintf(stderr, "%s\n", ctx.message);
        for (int e = 0; e < PARTS && status >= 0; e++) {
            const double value = truth[binary][e];
            covered[k][e] += r.low[e] <= value && value <= r.high[e];
        }
        sy_mediation_free(&r);
        sy_context_free(&ctx);
        if (status < 0) return 1;
    }
    return 0;
}

static int run_cell(const cell *k, uint32_t replicates, uint64_t seed)
{
    static sample s;
    double covered[KINDS][PARTS] = {{0}};
    describe(&s);
    for (uint32_t r = 0; r < replicates; r++) {
        draw(k, seed, r, &s);
        if (analyse(&s, k->binary, seed * 1000003 + r, covered)) return 1;
    }
    printf("%d,%s,%s,%u", k->councils, k->whole ? "council" : "person", k->binary ? "binary" : "linear", replicates);
    for (int way = 0; way < KINDS; way++)
        for (int e = 0; e < PARTS; e++) {
            if (k->binary && way > 0) printf(",");
            else printf(",%.1f", 100 * covered[way][e] / replicates);
        }
    printf("\n");
    fflush(stdout);
    return 0;
}

int main(int argc, char **argv)
{
    static const int sizes[] = {6, 10, 25, 50, 150};
    const long replicates = argc > 1 ? strtol(argv[1], NULL, 10) : 4000,
               only = argc > 2 ? strtol(argv[2], NULL, 10) : -1;
    if (replicates < 1 || replicates > 1000000) return 2;
    printf("clusters,treatment_level,outcome,replicates");
    static const char *const kinds[KINDS] = {"jackknife", "influence", "percentile"};
    static const char *const parts[PARTS] = {"direct", "funding", "process", "dependence", "total"};
    for (int k = 0; k < KINDS; k++)
        for (int e = 0; e < PARTS; e++) printf(",%s_%s", kinds[k], parts[e]);
    printf("\n");
    for (long i = 0; i < 12; i++) {
        const cell linear = {sizes[i / 2 % 5], (int)(i % 2), 0}, binary = {25, (int)(i % 2), 1};
        if (only >= 0 && i != only) continue;
        if (run_cell(i < 10 ? &linear : &binary, (uint32_t)replicates, 20170301u + (uint64_t)i)) return 1;
    }
    return 0;
}
