/* Do nominal 95 % limits of a share of people in councils cover 95 % of the time?
 *
 * A council's people are better off with a probability of its own, beta with a
 * mean of `share` and a correlation of .05 inside councils, drawn as Polya's urn.
 * Councils are all of 15 people, of 6 to 80 (log-normal about 15), or all of 15
 * but one, which holds four or eight times its even part of all people. Limits:
 * sy_overview's own choice with clusters.
 *
 * Usage: coverage_people REPLICATES [CELL]  prints one CSV line a cell. The Monte
 * Carlo error of a coverage is sqrt(.95 * .05 / REPLICATES).
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/random_internal.h"
#include "steelyard.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_COUNCILS = 150, MOST = MOST_COUNCILS * 80, EVEN = 15 };
enum { ALIKE, UNEVEN, FOUR_TIMES, EIGHT_TIMES, SIZES };
static const char *const size_names[SIZES] = {"even", "uneven", "one_of_4", "one_of_8"};
static const double times[SIZES] = {1, 1, 4, 8}, within = 0.05;

typedef struct {
    int clusters, sizes;
    double share;
} cell;

typedef struct {
    int32_t answer[MOST], council[MOST];
    char name[MOST_COUNCILS][8];
    const char *level[MOST_COUNCILS];
    sy_column column, cluster;
    sy_factor factor;
    sy_term term;
    sy_design design;
    sy_overview_options options;
} sample;

static int size_of(const cell *c, int council, syi_stream *s)
{
    if (c->sizes == UNEVEN) {
        const double size = floor(15 * exp(0.5 * syi_stream_normal(s)));
        return size < 6 ? 6 : size > 80 ? 80 : (int)size;
    }
    const double part = times[c->sizes] / c->clusters;
    return council > 0 || part >= 1 ? EVEN : (int)lround(EVEN * (c->clusters - 1) * part / (1 - part));
}

/* The chance of the next person is that of the urn: balls at the start and the
 * people drawn before. */
static void draw(const cell *c, uint64_t seed, uint32_t replicate, sample *s)
{
    const double balls = 1 / within - 1;
    ptrdiff_t n = 0;
    for (int g = 0; g < c->clusters; g++) {
        syi_stream r;
        syi_stream_init(&r, seed, replicate, (uint32_t)g + 1);
        const int size = size_of(c, g, &r);
        for (int i = 0, better = 0; i < size; i++, n++) {
            const int yes = syi_stream_uniform(&r) * (balls + i) < balls * c->share + better;
            better += yes;
            s->answer[n] = yes ? SY_BETTER : SY_WORSE;
            s->council[n] = g;
        }
    }
    s->design.n = n;
    s->cluster.n_levels = c->clusters;
}

static void describe(sample *s)
{
    static const char *const answers[SY_N_ANSWERS] = {"worse", "same", "better"};
    for (int g = 0; g < MOST_COUNCILS; g++) {
        snprintf(s->name[g], sizeof s->name[g], "c%d", g);
        s->level[g] = s->name[g];
    }
    s->column = (sy_column){.name = "outcome",
                            .data = s->answer,
                            .stride = sizeof(int32_t),
                            .type = SY_CODES,
                            .n_levels = SY_N_ANSWERS,
                            .levels = answers};
    s->cluster = (sy_column){
        .name = "council", .data = s->council, .stride = sizeof(int32_t), .type = SY_CODES, .levels = s->level};
    s->factor = (sy_factor){0, 1};
    s->term = (sy_term){"outcome", 1, &s->factor};
    s->design =
        (sy_design){.n_columns = 1, .columns = &s->column, .n_terms = 1, .terms = &s->term, .cluster = &s->cluster};
    s->options = (sy_overview_options){.n_indicators = 1, .level = 0.95};
}

static int run_cell(const cell *c, uint32_t replicates, uint64_t seed)
{
    static sample s;
    double missed[2] = {0, 0}, width = 0;
    describe(&s);
    for (uint32_t r = 0; r < replicates; r++) {
        double share[SY_N_ANSWERS][SY_N_SHARE], whom[SY_N_WHOM];
        sy_context ctx;
        sy_context_init(&ctx);
        ctx.threads = 1;
        draw(c, seed, r, &s);
        if (sy_overview(&ctx, &s.design, &s.options, share[0], whom) < 0) {
            fprintf(stderr, "replicate %u: %s\n", r, ctx.message);
            return 1;
        }
        sy_context_free(&ctx);
        const double *v = share[SY_BETTER];
        missed[0] += c->share < v[SY_SHARE_LOW];
        missed[1] += c->share > v[SY_SHARE_HIGH];
        width += v[SY_SHARE_HIGH] - v[SY_SHARE_LOW];
    }
    const double per = 100.0 / replicates;
    printf("%d,%s,%g,%u,%.1f,%.1f,%.1f,%.4f\n", c->clusters, size_names[c->sizes], c->share, replicates,
           100 - (missed[0] + missed[1]) * per, missed[0] * per, missed[1] * per, width / replicates);
    fflush(stdout);
    return 0;
}

int main(int argc, char **argv)
{
    static const int clusters[] = {4, 6, 8, 10, 20, 40, 150};
    static const double shares[] = {0.03, 0.1, 0.3, 0.5};
    const uint32_t replicates = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 100;
    const int only = argc > 2 ? atoi(argv[2]) : -1;
    int number = 0;
    printf("clusters,cluster_sizes,share,replicates,covered,missed_low,missed_high,width\n");
    for (size_t g = 0; g < sizeof clusters / sizeof *clusters; g++)
        for (int sizes = 0; sizes < SIZES; sizes++)
            for (size_t k = 0; k < sizeof shares / sizeof *shares; k++) {
                const cell c = {clusters[g], sizes, shares[k]};
                if (times[sizes] > 0.7 * c.clusters) continue; /* more than 70 % of all people */
                if ((only < 0 || only == number) && run_cell(&c, replicates, 90210 + (uint64_t)number)) return 1;
                number++;
            }
    return 0;
}
