/* Calls of gap() hear their host.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "stop_watch.h"

#include "stop_world.h"

typedef struct {
    sy_design design;
    sy_gap_question ask;
} question;

static sy_status to_gap(sy_context *ctx, const void *arg)
{
    const question *q = arg;
    sy_gap_result r;
    const sy_status s = sy_gap(ctx, &q->design, &q->ask, &r);
    sy_gap_free(&r);
    return s;
}

static void gaps_hear(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        sy_gap_method method;
        sy_interval_kind kind;
        int clustered;
        double rows;
    } jobs[] = {{"gap, none", SY_GAP_OAXACA, SY_INTERVAL_NONE, 0, 1e6},
                {"gap, influence", SY_GAP_OAXACA, SY_INTERVAL_INFLUENCE, 0, 1e5},
                {"gap, influence, councils", SY_GAP_GELBACH, SY_INTERVAL_INFLUENCE, 1, 3e5},
                {"gap, jackknife, councils", SY_GAP_OAXACA, SY_INTERVAL_JACKKNIFE, 1, 1e6},
                {"gap, jackknife, rows", SY_GAP_OAXACA, SY_INTERVAL_JACKKNIFE, 0, 3e4},
                {"gap, bootstrap, rows", SY_GAP_OAXACA, SY_INTERVAL_PERCENTILE, 0, 2e4},
                {"kitagawa, bootstrap, rows", SY_GAP_KITAGAWA, SY_INTERVAL_BASIC, 0, 2e4},
                {"kitagawa, influence, rows", SY_GAP_KITAGAWA, SY_INTERVAL_INFLUENCE, 0, 3e5}};
    const double longer = stop_times("STEELYARD_LONGER") / sqrt(stop_slower());
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        world *w = world_new((ptrdiff_t)(jobs[i].rows * longer), 150, 4, 5);
        question q = {.design = w->design};
        int32_t *half = calloc((size_t)w->n, sizeof *half);
        for (ptrdiff_t r = 0; r < w->n; r++) half[r] = w->region[r] % 2;
        const sy_column group = world_codes("half", half, 2, world_answers);
        const sy_block block = {"all", jobs[i].method == SY_GAP_KITAGAWA ? 1 : 5, w->chosen};
        if (jobs[i].method == SY_GAP_KITAGAWA) {
            w->factor[0] = (sy_factor){WORLD_ANSWER, 1};
            w->term[0].label = "answer";
        }
        if (jobs[i].clustered) q.design.cluster = &w->council_column;
        sy_gap_defaults(&q.ask);
        q.ask.group = &group;
        q.ask.outcome = w->question.outcome;
        q.ask.n_blocks = 1;
        q.ask.blocks = &block;
        q.ask.method = jobs[i].method;
        q.ask.interval = jobs[i].kind;
        q.ask.replicates = 500;
        hears_its_host(jobs[i].name, to_gap, &q);
        free(half);
        world_free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(gaps_hear)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
