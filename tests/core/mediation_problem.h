/* Rows for tests of mediation: two councils' worth of everything, with a stated
 * structure.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef TEST_MEDIATION_PROBLEM_H
#define TEST_MEDIATION_PROBLEM_H
#include "steelyard/mediation.h"
#include <math.h>
#include <string.h>

enum { MEDIATION_ROWS = 400, MEDIATION_CLUSTERS = 20, MEDIATION_TERMS = 7, MEDIATION_RAW = 8 };
enum { RAW_Y, RAW_T, RAW_FUNDING, RAW_EASY, RAW_VIEWS, RAW_NEED, RAW_REGION, RAW_KIND };

typedef struct {
    int n;
    double y[MEDIATION_ROWS], t[MEDIATION_ROWS], m[3][MEDIATION_ROWS], need[MEDIATION_ROWS], w[MEDIATION_ROWS];
    int32_t region[MEDIATION_ROWS], kind[MEDIATION_ROWS], cluster[MEDIATION_ROWS], stratum[MEDIATION_ROWS];
    sy_column columns[MEDIATION_RAW], weights, clusters, strata;
    sy_term terms[MEDIATION_TERMS];
    sy_factor factors[MEDIATION_RAW];
    sy_design design;
    sy_block blocks[2];
    int funding[1], process[2], confounders[2];
    sy_mediation_question q;
} mediation_problem;

static uint64_t mediation_state;
static double mediation_uniform(void)
{
    mediation_state = mediation_state * 6364136223846793005u + 1442695040888963407u;
    return ((double)(mediation_state >> 11) + 0.5) * 0x1p-53;
}
static double mediation_normal(void)
{
    const double u = mediation_uniform(), v = mediation_uniform();
    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

static const char *const mediation_regions[] = {"east", "north", "west"}, *const mediation_kinds[] = {"managed",
                                                                                                      "direct"};
static const char *const mediation_clusters[] = {"c00", "c01", "c02", "c03", "c04", "c05", "c06", "c07", "c08", "c09",
                                                 "c10", "c11", "c12", "c13", "c14", "c15", "c16", "c17", "c18", "c19"};

static void mediation_numbers(mediation_problem *p, int place, const char *name, const double *data)
{
    p->columns[place] = (sy_column){.name = name, .data = data, .stride = sizeof(double), .type = SY_F64};
}
static void mediation_codes(sy_column *column, const char *name, const int32_t *data, int n_levels,
                            const char *const *levels)
{
    *column =
        (sy_column){.name = name, .data = data, .stride = 4, .type = SY_CODES, .n_levels = n_levels, .levels = levels};
}

/* Terms: y, kind, funding, easy, views, need, region; kind is managed (0) or direct (1). */
static void mediation_describe(mediation_problem *p)
{
    static const int raw[MEDIATION_TERMS] = {RAW_Y, RAW_KIND, RAW_FUNDING, RAW_EASY, RAW_VIEWS, RAW_NEED, RAW_REGION};
    mediation_numbers(p, RAW_Y, "y", p->y);
    mediation_numbers(p, RAW_T, "t", p->t);
    mediation_numbers(p, RAW_FUNDING, "funding", p->m[0]);
    mediation_numbers(p, RAW_EASY, "easy", p->m[1]);
    mediation_numbers(p, RAW_VIEWS, "views", p->m[2]);
    mediation_numbers(p, RAW_NEED, "need", p->need);
    mediation_codes(&p->columns[RAW_REGION], "region", p->region, 3, mediation_regions);
    mediation_codes(&p->columns[RAW_KIND], "kind", p->kind, 2, mediation_kinds);
    mediation_codes(&p->clusters, "council", p->cluster, MEDIATION_CLUSTERS, mediation_clusters);
    mediation_codes(&p->strata, "part", p->stratum, 2, mediation_regions);
    p->weights = (sy_column){.name = "w", .data = p->w, .stride = sizeof(double), .type = SY_F64};
    for (int t = 0; t < MEDIATION_TERMS; t++) {
        p->factors[t] = (sy_factor){raw[t], 1};
        p->terms[t] = (sy_term){p->columns[raw[t]].name, 1, &p->factors[t]};
    }
    p->design = (sy_design){
        .n = p->n, .n_columns = MEDIATION_RAW, .columns = p->columns, .n_terms = MEDIATION_TERMS, .terms = p->terms};
    p->funding[0] = 2;
    p->process[0] = 3;
    p->process[1] = 4;
    p->blocks[0] = (sy_block){"funding", 1, p->funding};
    p->blocks[1] = (sy_block){"process", 2, p->process};
    p->confounders[0] = 5;
    p->confounders[1] = 6;
    sy_mediation_defaults(&p->q);
    p->q.outcome = 0;
    p->q.treatment = 1;
    p->q.n_blocks = 2;
    p->q.blocks = p->blocks;
    p->q.n_confounders = 2;
    p->q.confounders = p->confounders;
}

static void mediation_fill(mediation_problem *p, int n, uint64_t seed)
{
    double council[MEDIATION_CLUSTERS];
    mediation_state = seed;
    p->n = n;
    for (int g = 0; g < MEDIATION_CLUSTERS; g++) council[g] = 0.5 * mediation_normal();
    for (int i = 0; i < n; i++) {
        const int g = i % MEDIATION_CLUSTERS;
        p->cluster[i] = g;
        p->stratum[i] = g % 2;
        p->need[i] = 3 + mediation_normal();
        p->region[i] = (int32_t)(3 * mediation_uniform());
        p->kind[i] = mediation_uniform() < 1 / (1 + exp(0.3 * (p->need[i] - 3) - 0.4));
        p->t[i] = p->kind[i];
        const double u = mediation_normal() * (1 + 0.5 * p->t[i]), f = 2 + 0.8 * p->t[i] + 0.5 * p->need[i] + u;
        const double easy = 1 + 0.5 * p->t[i] + council[g] - 0.2 * p->need[i] + 0.6 * u + mediation_normal();
        const double views = 0.3 * p->t[i] + 0.3 * (p->region[i] == 1) + 0.4 * easy + mediation_normal();
        p->m[0][i] = f;
        p->m[1][i] = easy;
        p->m[2][i] = views;
        p->y[i] = 10 + 0.3 * p->t[i] + 0.4 * f + 0.6 * easy + 0.2 * views + 0.2 * p->t[i] * f - 0.3 * p->t[i] * easy +
                  0.25 * f * easy - 0.5 * p->need[i] + 0.3 * (p->region[i] == 2) + council[g] + mediation_normal();
        p->w[i] = 1 + i % 3;
    }
    mediation_describe(p);
}
#endif
