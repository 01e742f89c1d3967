/* Do nominal 95 % intervals of a coefficient cover 95 % of the time, and do tests
 * at 5 % reject 5 % of the time?
 *
 * Councils answer for people: y = .3 x1 + .2 x2 + council effect (intraclass
 * correlation .1) + an error whose spread grows with x1, exp(.25 x1). x1 varies
 * between people (intraclass correlation .3) or is one value a council. Councils
 * are all of 15 people, or of 6 to 80 (log-normal about 15). The last five cells
 * have no council effect and people-level x1: there rows are independent, as HC3
 * assumes. Methods: HC3 with t(n - p); CR1 with t(G - 1); CR2 with
 * Satterthwaite's df; the wild bootstrap with signs and with Webb's points (399
 * replicates, or all patterns of signs when fewer).
 *
 * Usage: coverage_linear REPLICATES [CELL]  prints one CSV line a cell. The Monte
 * Carlo error of a coverage is sqrt(.95 * .05 / REPLICATES).
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/random_internal.h"
#include "steelyard.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_COUNCILS = 150, MOST = MOST_COUNCILS * 80, EVEN = 15, WILD = 399, P = 3 };
static const double slope = 0.3, other_slope = 0.2, icc = 0.1, predictor_icc = 0.3, spread = 0.25;

typedef struct {
    int clusters, uneven, constant, independent;
} cell;

typedef struct {
    double x[3][MOST]; /* outcome, x1, x2 */
    int32_t council[MOST];
    ptrdiff_t n;
    char name[MOST_COUNCILS][8];
    const char *level[MOST_COUNCILS];
    sy_column column[3], cluster;
    sy_factor factor[3];
    sy_term term[3];
    sy_design design;
    sy_linear_model model;
} sample;

static int size_of(const cell *c, syi_stream *s)
{
    const double size = c->uneven ? floor(15 * exp(0.5 * syi_stream_normal(s))) : EVEN;
    return size < 6 ? 6 : size > 80 ? 80 : (int)size;
}

static void draw(const cell *c, uint64_t seed, uint32_t replicate, sample *s)
{
    s->n = 0;
    for (int g = 0; g < c->clusters; g++) {
        syi_stream r;
        syi_stream_init(&r, seed, replicate, (uint32_t)g + 1);
        const int size = size_of(c, &r);
        const double effect = c->independent ? 0 : sqrt(icc) * syi_stream_normal(&r), level = syi_stream_normal(&r);
        for (int i = 0; i < size; i++, s->n++) {
            const double own = sqrt(predictor_icc) * level + sqrt(1 - predictor_icc) * syi_stream_normal(&r);
            const double x1 = c->constant ? level : own, x2 = syi_stream_normal(&r);
            s->x[1][s->n] = x1;
            s->x[2][s->n] = x2;
            s->x[0][s->n] =
                slope * x1 + other_slope * x2 + effect + sqrt(1 - icc) * exp(spread * x1) * syi_stream_normal(&r);
            s->council[s->n] = g;
        }
    }
    s->design.n = s->n;
    s->cluster.n_levels = c->clusters;
}

static void describe(sample *s)
{
    static const char *const names[3] = {"y", "x1", "x2"};
    static const int terms[2] = {1, 2};
    for (int g = 0; g < MOST_COUNCILS; g++) {
        snprintf(s->name[g], sizeof s->name[g], "c%d", g);
        s->level[g] = s->name[g];
    }
    for (int k = 0; k < 3; k++) {
        s->column[k] = (sy_column){.name = names[k], .data = s->x[k], .stride = sizeof(double), .type = SY_F64};
        s->factor[k] = (sy_factor){k, 1};
        s->term[k] = (sy_term){names[k], 1, &s->factor[k]};
    }
    s->cluster = (sy_column){
        .name = "council", .data = s->council, .stride = sizeof(int32_t), .type = SY_CODES, .levels = s->level};
    s->design =
        (sy_design){.n_columns = 3, .columns = s->column, .n_terms = 3, .terms = s->term, .cluster = &s->cluster};
    s->model = (sy_linear_model){.outcome = 0, .n_terms = 2, .terms = terms, .intercept = 1};
}

enum { HC3, CR1, CR2, SIGNS, POINTS, METHODS };
typedef struct {
    double covered[METHODS], size[2], df;
} tally;

static int estimate(sy_context *ctx, const sample *s, const sy_linear_options *o, double *b)
{
    double inverse[P * P], effects[P];
    int aliased[P];
    sy_linear_summary summary;
    const sy_linear_fit fit = {.coefficient = b, .aliased = aliased, .inverse = inverse, .effects = effects};
    return sy_linear(ctx, &s->design, &s->model, o, &summary, &fit) < 0 ? -1 : 0;
}

static int analyse(sy_context *ctx, const sample *s, uint64_t seed, tally *t)
{
    static const sy_vcov_kind kinds[3] = {SY_VCOV_HC3, SY_VCOV_CR1, SY_VCOV_CR2};
    sy_linear_options o;
    double b[P], v[P * P], df[P], step = 0, p = 0, low = 0, high = 0;
    sy_linear_defaults(&o);
    o.precision = SY_PRECISION_DOUBLE;
    if (estimate(ctx, s, &o, b)) return -1;
    for (int k = 0; k < 3; k++) {
        if (sy_vcov(ctx, &s->design, &s->model, &o, kinds[k], NULL, v, df) < 0) return -1;
        if (sy_distribution_t_quantile(ctx, 0.975, df[1], &step) < 0) return -1;
        t->covered[k] += fabs(b[1] - slope) <= step * sqrt(v[1 * P + 1]);
    }
    t->df += df[1];
    for (int k = 0; k < 2; k++) {
        const sy_wild_kind kind = k ? SY_WILD_WEBB : SY_WILD_RADEMACHER;
        if (sy_vcov_wild(ctx, &s->design, &s->model, 1, slope, kind, WILD, seed, 0.95, &p, &low, &high) < 0) return -1;
        t->covered[SIGNS + k] += low <= slope && slope <= high;
        t->size[k] += p <= 0.05;
    }
    sy_context_free(ctx);
    return 0;
}

static int run_cell(const cell *c, uint32_t replicates, uint64_t seed)
{
    static sample s;
    tally t = {0};
    describe(&s);
    for (uint32_t r = 0; r < replicates; r++) {
        sy_context ctx;
        sy_context_init(&ctx);
        ctx.threads = 1;
        draw(c, seed, r, &s);
        if (analyse(&ctx, &s, seed * 1000003 + r, &t)) {
            fprintf(stderr, "replicate %u: %s\n", r, ctx.message);
            return 1;
        }
    }
    const double per = 100.0 / replicates;
    printf("%d,%s,%s,%s,%u", c->clusters, c->uneven ? "uneven" : "even", c->constant ? "council" : "person",
           c->independent ? "independent" : "clustered", replicates);
    for (int k = 0; k < METHODS; k++) printf(",%.1f", t.covered[k] * per);
    printf(",%.1f,%.1f,%.1f\n", t.size[0] * per, t.size[1] * per, t.df / replicates);
    fflush(stdout);
    return 0;
}

int main(int argc, char **argv)
{
    static const int sizes[] = {6, 10, 20, 40, 150};
    const long replicates = argc > 1 ? strtol(argv[1], NULL, 10) : 4000,
               only = argc > 2 ? strtol(argv[2], NULL, 10) : -1;
    if (replicates < 1 || replicates > 1000000) return 2;
    printf("clusters,cluster_sizes,predictor_level,rows,replicates,hc3_covered,cr1_covered,cr2_covered,"
           "wild_covered,webb_covered,wild_size,webb_size,cr2_df\n");
    for (long i = 0; i < 25; i++) {
        const cell grid = {.clusters = sizes[i / 4 % 5], .uneven = (int)(i / 2 % 2), .constant = (int)(i % 2)};
        const cell apart = {.clusters = sizes[i % 5], .independent = 1};
        if (only >= 0 && i != only) continue;
        if (run_cell(i < 20 ? &grid : &apart, (uint32_t)replicates, 20111006u + (uint64_t)i)) return 1;
    }
    return 0;
}
