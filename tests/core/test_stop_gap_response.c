/* Gaps of answers hear their host.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "stop_watch.h"

#include "stop_world.h"

enum { BLOCKS = 4, MEASURES = 4, VALUES = 60 };

typedef struct {
    sy_design design;
    sy_gap_response_question ask;
} question;

static sy_status to_gap(sy_context *ctx, const void *arg)
{
    static double cell[6][MEASURES * VALUES];
    const sy_gap_response_table table = {cell[0], cell[1], cell[2], cell[3], cell[4], cell[5], NULL};
    const question *q = arg;
    sy_gap_response_summary s;
    assert_true(sy_gap_response_values(BLOCKS) <= VALUES);
    return sy_gap_response(ctx, &q->design, &q->ask, &s, &table);
}

static void gaps_of_answers_hear(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        sy_interval_kind kind;
        int clustered;
        double rows;
    } jobs[] = {{"answers, none", SY_INTERVAL_NONE, 0, 4e5},
                {"answers, jackknife, councils", SY_INTERVAL_JACKKNIFE, 1, 2e4},
                {"answers, jackknife, rows", SY_INTERVAL_JACKKNIFE, 0, 2e4}};
    const double longer = stop_times("STEELYARD_LONGER") / sqrt(stop_slower());
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        world *w = world_new((ptrdiff_t)(jobs[i].rows * longer), 40, 4, BLOCKS);
        int terms[BLOCKS];
        sy_block block[BLOCKS];
        question q = {.design = w->design};
        int32_t *half = calloc((size_t)w->n, sizeof *half);
        for (ptrdiff_t r = 0; r < w->n; r++) half[r] = w->region[r] % 2;
        const sy_column group = world_codes("half", half, 2, world_answers);
        const int outcome = world_add_term(w, WORLD_ANSWER);
        q.design = w->design;
        if (jobs[i].clustered) q.design.cluster = &w->council_column;
        for (int b = 0; b < BLOCKS; b++) {
            terms[b] = b;
            block[b] = (sy_block){w->name[b], 1, terms + b};
        }
        sy_gap_response_defaults(&q.ask);
        q.ask.model =
            (sy_response_model){.kind = SY_RESPONSE_ORDINAL,
                                .columns = {.outcome = outcome, .n_terms = BLOCKS, .terms = terms, .intercept = 1}};
        q.ask.group = &group;
        q.ask.n_blocks = BLOCKS;
        q.ask.blocks = block;
        q.ask.interval = jobs[i].kind;
        q.ask.time_limit = 1e9;
        hears_its_host(jobs[i].name, to_gap, &q);
        free(half);
        world_free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(gaps_of_answers_hear)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
