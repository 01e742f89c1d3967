/* Calls of mediation and of synthetic people hear their host.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "stop_watch.h"

#include "steelyard/mediation.h"
#include "steelyard/synthetic.h"

enum { TERMS = 8, COUNCILS = 60 };

typedef struct {
    int n;
    double *x[TERMS];
    int32_t *council;
    char name[TERMS][4], level_name[COUNCILS][8];
    const char *level[COUNCILS];
    sy_column column[TERMS], cluster;
    sy_factor factor[TERMS];
    sy_term term[TERMS];
    sy_design design;
    int at[TERMS];
    sy_block blocks[2];
    sy_mediation_question q;
} problem;

/* y, t, four mediators in two blocks, two confounders. */
static void fill(problem *p, int n)
{
    syi_stream s;
    memset(p, 0, sizeof *p);
    syi_stream_init(&s, 9, 0, 0);
    p->n = n;
    for (int k = 0; k < TERMS; k++) {
        p->x[k] = calloc((size_t)n, sizeof(double));
        snprintf(p->name[k], sizeof p->name[k], "x%d", k);
        p->column[k] = (sy_column){.name = p->name[k], .data = p->x[k], .stride = sizeof(double), .type = SY_F64};
        p->factor[k] = (sy_factor){k, 1};
        p->term[k] = (sy_term){p->name[k], 1, &p->factor[k]};
        p->at[k] = k;
    }
    p->council = calloc((size_t)n, sizeof *p->council);
    for (int i = 0; i < n; i++) {
        p->x[1][i] = syi_stream_uniform(&s) < 0.5;
        double sum = p->x[1][i];
        for (int k = 2; k < TERMS; k++) {
            p->x[k][i] = 4 * syi_stream_uniform(&s) + (k < 6 ? 0.3 * p->x[1][i] : 0);
            sum += 0.2 * p->x[k][i];
        }
        p->x[0][i] = sum + 3 * syi_stream_uniform(&s);
        p->council[i] = i % COUNCILS;
    }
    for (int g = 0; g < COUNCILS; g++) {
        snprintf(p->level_name[g], sizeof p->level_name[g], "c%d", g);
        p->level[g] = p->level_name[g];
    }
    p->cluster = (sy_column){
        .name = "c", .data = p->council, .stride = 4, .type = SY_CODES, .n_levels = COUNCILS, .levels = p->level};
    p->design = (sy_design){
        .n = n, .n_columns = TERMS, .columns = p->column, .n_terms = TERMS, .terms = p->term, .cluster = &p->cluster};
    p->blocks[0] = (sy_block){"a", 2, &p->at[2]};
    p->blocks[1] = (sy_block){"b", 2, &p->at[4]};
    sy_mediation_defaults(&p->q);
    p->q.treatment = 1;
    p->q.n_blocks = 2;
    p->q.blocks = p->blocks;
    p->q.n_confounders = 2;
    p->q.confounders = &p->at[6];
}

static void empty(problem *p)
{
    for (int k = 0; k < TERMS; k++) free(p->x[k]);
    free(p->council);
}

static sy_status to_mediation(sy_context *ctx, const void *arg)
{
    const problem *p = arg;
    sy_mediation_result r;
    const sy_status status = sy_mediation(ctx, &p->design, &p->q, &r);
    sy_mediation_free(&r);
    return status;
}

static void linear_mediations_hear(void **state)
{
    (void)state;
    static problem p;
    const double longer = stop_times("STEELYARD_LONGER");
    fill(&p, (int)(1000000 * longer / stop_slower()));
    p.q.interval = SY_INTERVAL_INFLUENCE;
    hears_its_host("mediation, influence", to_mediation, &p);
    empty(&p);
    fill(&p, (int)(200000 * longer / stop_slower()));
    p.q.interval = SY_INTERVAL_JACKKNIFE;
    hears_its_host("mediation, jackknife", to_mediation, &p);
    empty(&p);
}

static void ordered_mediations_hear(void **state)
{
    (void)state;
    static problem p;
    fill(&p, (int)(40000 * stop_times("STEELYARD_LONGER") / stop_slower()));
    for (int i = 0; i < p.n; i++) p.x[0][i] = p.x[0][i] > 5;
    p.q.response = SY_MEDIATION_BINARY;
    p.q.interval = SY_INTERVAL_NONE;
    hears_its_host("mediation, draws", to_mediation, &p);
    empty(&p);
}

static sy_status to_people(sy_context *ctx, const void *arg)
{
    sy_poet_options o;
    sy_poet_marginal m[SY_POET_MARGINALS];
    sy_poet_defaults(&o);
    o.people = *(const int *)arg;
    double *values = calloc((size_t)o.people * SY_POET_COLUMNS, sizeof *values);
    const sy_status status = sy_poet_simulate(ctx, &o, values, m, NULL);
    free(values);
    return status;
}

static void synthetic_people_hear(void **state)
{
    (void)state;
    const int people = (int)(200000 * stop_times("STEELYARD_LONGER") / stop_slower());
    hears_its_host("synthetic people", to_people, &people);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linear_mediations_hear),
        cmocka_unit_test(ordered_mediations_hear),
        cmocka_unit_test(synthetic_people_hear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
