/* Size of the permutation tests: how often a true null hypothesis is rejected
 * at 5 %, in samples whose covariates go with the block.
 *
 *     size_permutation [replicates [cell]]
 *
 * 199 permutations a test, so that an exact test rejects in 5 % of samples.
 * Councils of 4 to 40 people or as said, intraclass correlation .2 of the outcome. The
 * block correlates .5 with each of two others, one of which may explain the
 * outcome; it adds nothing itself. For alone and share the other that explains
 * the outcome does not go with the block, or the null would be false.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/random_internal.h"
#include "steelyard.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 18240, COLUMNS = 5, COUNCILS = 60, PERMUTATIONS = 199, DRAWN = 4 };

typedef struct {
    const char *name;
    int metric;
    int councils;   /* 0: rows without clusters */
    int rows;       /* without clusters */
    int of_council; /* the block is one value a council */
    int skewed;     /* block and errors log-normal */
    int more;       /* people in the largest council, 0: 40 */
    int columns;    /* of the block, 0: 1 */
} cell;

static const cell cells[] = {
    {"rows", SY_UNIQUE, 0, 30, 0, 0, 0, 0},
    {"rows", SY_UNIQUE, 0, 100, 0, 1, 0, 0},
    {"people in councils", SY_UNIQUE, 10, 0, 0, 0, 0, 0},
    {"people in councils", SY_UNIQUE, 40, 0, 0, 1, 0, 0},
    {"councils", SY_UNIQUE, 10, 0, 1, 0, 0, 0},
    {"councils", SY_UNIQUE, 20, 0, 1, 0, 0, 0},
    {"councils", SY_UNIQUE, 20, 0, 1, 1, 0, 0},
    {"councils", SY_UNIQUE, 60, 0, 1, 1, 0, 0},
    {"rows", SY_ALONE, 0, 30, 0, 1, 0, 0},
    {"councils", SY_ALONE, 10, 0, 1, 1, 0, 0},
    {"rows", SY_SHARE, 0, 50, 0, 0, 0, 0},
    {"people in councils", SY_SHARE, 20, 0, 0, 0, 0, 0},
    {"councils", SY_SHARE, 20, 0, 1, 0, 0, 0},
    {"councils", SY_UNIQUE, 60, 0, 1, 0, 0, 0},
    {"councils", SY_UNIQUE, 10, 0, 1, 1, 0, 0},
    {"councils of 4 to 300", SY_UNIQUE, 20, 0, 1, 0, 300, 0},
    {"councils of 4 to 300", SY_UNIQUE, 60, 0, 1, 0, 300, 0},
    {"two columns of councils", SY_UNIQUE, 10, 0, 1, 0, 0, 2},
    {"two columns of councils", SY_UNIQUE, 60, 0, 1, 1, 0, 2},
};

static double x[COLUMNS][MOST];
static int32_t council[MOST];

static double bent(double z, int skewed)
{
    return skewed ? exp(0.8 * z) : z;
}

static int drawn_columns(const cell *c)
{
    return DRAWN + (c->columns > 1);
}

static int draw(const cell *c, uint64_t seed, uint32_t replicate)
{
    syi_stream s;
    double own[COUNCILS][COLUMNS];
    int n = 0;
    const int councils = c->councils ? c->councils : c->rows;
    const double spread = c->more ? c->more - 4 : 36;
    syi_stream_init(&s, seed, replicate, 0);
    for (int g = 0; g < councils; g++) {
        double u[COLUMNS] = {0};
        for (int k = 0; k < drawn_columns(c); k++) u[k] = syi_stream_normal(&s);
        const int people = c->councils ? 4 + (int)(spread * syi_stream_uniform(&s) * syi_stream_uniform(&s)) : 1;
        for (int k = 0; k < COLUMNS && g < COUNCILS; k++) own[g][k] = u[k];
        for (int i = 0; i < people; i++, n++) {
            double v[DRAWN];
            for (int k = 0; k < DRAWN; k++) v[k] = syi_stream_normal(&s);
            const double *base = c->of_council ? own[g] : v;
            const double block = base[0], one = 0.5 * block + sqrt(0.75) * base[1];
            const double two = 0.5 * block + sqrt(0.75) * v[2];
            const double apart = v[2], level = c->councils ? 0.5 * own[g][3] : 0;
            council[n] = g;
            x[0][n] = bent(block, c->skewed);
            x[1][n] = one;
            x[2][n] = c->metric == SY_UNIQUE ? two : apart;
            x[3][n] = (c->metric == SY_UNIQUE ? 0.5 * one : 0) + 0.5 * x[2][n] + level + bent(v[3], c->skewed);
            x[4][n] = c->columns > 1 ? own[g][4] + 0.5 * block : 0;
        }
    }
    return n;
}

static int test(sy_context *ctx, const cell *c, int n, double *p)
{
    static const char *const names[COLUMNS] = {"block", "one", "two", "outcome", "second"};
    static const int terms[] = {0, 1, 2}, pair[] = {0, 4};
    const int drawn = drawn_columns(c);
    static char label[COUNCILS][8];
    static const char *level[COUNCILS];
    sy_column column[COLUMNS], where;
    sy_factor factor[COLUMNS];
    sy_term term[COLUMNS];
    sy_block block[3];
    for (int g = 0; g < COUNCILS; g++) {
        snprintf(label[g], sizeof label[g], "c%d", g);
        level[g] = label[g];
    }
    for (int k = 0; k < COLUMNS; k++) {
        column[k] = (sy_column){.name = names[k], .data = x[k], .stride = sizeof(double), .type = SY_F64};
        factor[k] = (sy_factor){k, 1};
        term[k] = (sy_term){names[k], 1, &factor[k]};
        if (k < 3) block[k] = (sy_block){names[k], 1, &terms[k]};
    }
    if (c->columns > 1) block[0] = (sy_block){names[0], 2, pair};
    where = (sy_column){.name = "council",
                        .data = council,
                        .stride = sizeof *council,
                        .type = SY_CODES,
                        .n_levels = c->councils,
                        .levels = level};
    const sy_design design = {.n = n,
                              .n_columns = drawn,
                              .columns = column,
                              .n_terms = drawn,
                              .terms = term,
                              .cluster = c->councils ? &where : NULL};
    const sy_question question = {.outcome = 3, .n_blocks = 3, .blocks = block};
    const sy_moments_options how = {.unit = c->councils ? SY_UNIT_CLUSTER : SY_UNIT_NONE,
                                    .precision = SY_PRECISION_DOUBLE};
    const sy_permutation_options options = {.metric = c->metric, .permutations = PERMUTATIONS, .seed = 1};
    sy_permutation out;
    sy_moments m = {0};
    int failed = sy_moments_init(ctx, &design, &how, &m) < 0;
    failed = failed || sy_permutation_test(ctx, &m, &design, &question, &options, &out) < 0;
    *p = out.p_value;
    sy_moments_free(&m);
    return failed;
}

int main(int argc, char **argv)
{
    static const char *const metric[SY_N_METRICS] = {
        [SY_UNIQUE] = "unique", [SY_ALONE] = "alone", [SY_SHARE] = "share"};
    const long replicates = argc > 1 ? strtol(argv[1], NULL, 10) : 4000,
               only = argc > 2 ? strtol(argv[2], NULL, 10) : -1;
    if (replicates < 1 || replicates > 1000000) return 2;
    printf("moved,metric,units,shape,replicates,size_5,size_10\n");
    for (long i = 0; i < (long)(sizeof cells / sizeof *cells); i++) {
        const cell *c = &cells[i];
        double five = 0, ten = 0;
        if (only >= 0 && i != only) continue;
        for (uint32_t r = 0; r < (uint32_t)replicates; r++) {
            sy_context ctx;
            double p;
            sy_context_init(&ctx);
            if (test(&ctx, c, draw(c, 20261122u + (uint64_t)i, r), &p)) {
                fprintf(stderr, "cell %ld, replicate %u: %s\n", i, r, ctx.message);
                return 1;
            }
            five += p <= 0.05;
            ten += p <= 0.10;
            sy_context_free(&ctx);
        }
        printf("%s,%s,%d,%s,%ld,%.1f,%.1f\n", c->name, metric[c->metric], c->councils ? c->councils : c->rows,
               c->skewed ? "skewed" : "normal", replicates, 100 * five / (double)replicates,
               100 * ten / (double)replicates);
        fflush(stdout);
    }
    return 0;
}
