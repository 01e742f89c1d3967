/* Calls of sy_balance() hear their host.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "stop_watch.h"

#include "stop_world.h"

typedef struct {
    sy_design design;
    sy_balance_question ask;
    double *weights, *score;
} question;

static sy_status to_balance(sy_context *ctx, const void *arg)
{
    const question *q = arg;
    sy_balance_row rows[16];
    sy_balance_estimate estimate[3];
    sy_balance_summary summary;
    const sy_balance_result result = {q->weights, q->score, rows, estimate, NULL};
    return sy_balance(ctx, &q->design, &q->ask, &summary, &result);
}

static void balances_hear(void **state)
{
    (void)state;
    static const int outcomes[] = {5};
    static const struct {
        const char *name;
        sy_balance_method method;
        sy_balance_clusters clusters;
        sy_balance_errors errors;
        int clustered;
        double rows;
    } jobs[] = {{"balance, none", SY_BALANCE_PROPENSITY, SY_CLUSTERS_NONE, SY_ERRORS_NONE, 0, 7e5},
                {"balance, influence", SY_BALANCE_PROPENSITY, SY_CLUSTERS_NONE, SY_ERRORS_INFLUENCE, 0, 5e5},
                {"entropy, influence", SY_BALANCE_ENTROPY, SY_CLUSTERS_NONE, SY_ERRORS_INFLUENCE, 1, 7e5},
                {"entropy, jackknife", SY_BALANCE_ENTROPY, SY_CLUSTERS_NONE, SY_ERRORS_JACKKNIFE, 1, 1e5},
                {"balance, jackknife", SY_BALANCE_PROPENSITY, SY_CLUSTERS_NONE, SY_ERRORS_JACKKNIFE, 1, 2e5},
                {"balance, fixed", SY_BALANCE_PROPENSITY, SY_CLUSTERS_FIXED, SY_ERRORS_INFLUENCE, 1, 3e4},
                {"balance, random", SY_BALANCE_PROPENSITY, SY_CLUSTERS_RANDOM, SY_ERRORS_JACKKNIFE, 1, 2e4}};
    const double longer = stop_times("STEELYARD_LONGER") / sqrt(stop_slower());
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        world *w = world_new((ptrdiff_t)(jobs[i].rows * longer), 60, 4, 5);
        question q = {.design = w->design};
        q.weights = calloc((size_t)w->n, sizeof *q.weights);
        q.score = calloc((size_t)w->n, sizeof *q.score);
        for (ptrdiff_t r = 0; r < w->n; r++) w->x[0][r] = w->answer[r] == 1;
        if (jobs[i].clustered) q.design.cluster = &w->council_column;
        sy_balance_defaults(&q.ask);
        q.ask.treatment = 0;
        q.ask.n_covariates = 4;
        q.ask.covariates = w->chosen + 1;
        q.ask.n_outcomes = 1;
        q.ask.outcomes = outcomes;
        q.ask.method = jobs[i].method;
        q.ask.clusters = jobs[i].clusters;
        q.ask.errors = jobs[i].errors;
        hears_its_host(jobs[i].name, to_balance, &q);
        free(q.weights);
        free(q.score);
        world_free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(balances_hear)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
