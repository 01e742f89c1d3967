/* The whole question and specification curves hear their host.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "stop_watch.h"

#include "steelyard/specification.h"
#include "weigh_councils.h"

static councils c;

static sy_status to_weigh(sy_context *ctx, const void *arg)
{
    static sy_weighing w;
    const councils *from = arg;
    const sy_status s = sy_weigh(ctx, &from->design, &from->question, &from->options, &w);
    sy_weighing_free(&w);
    return s;
}

static void the_whole_question_hears(void **state)
{
    (void)state;
    councils_read(&c);
    c.question.by = &c.by;
    c.question.group = &c.by;
    hears_its_host("weigh", to_weigh, &c);
}

static sy_status to_specify(sy_context *ctx, const void *arg)
{
    static const sy_funding_form forms[] = {SY_FUNDING_LEVEL, SY_FUNDING_LOG, SY_FUNDING_RANK};
    static const int per_outcome[] = {1};
    static sy_specification_curve curve;
    const councils *from = arg;
    const sy_membership member = {"as asked", 4, from->block, 0, 1};
    const sy_weighting none = {"none", NULL, SY_WEIGHT_NONE};
    const sy_specification_question q = {.n_outcomes = 7,
                                         .outcomes = council_outcomes,
                                         .n_memberships = 1,
                                         .memberships = &member,
                                         .n_sources = 4,
                                         .sources = from->source,
                                         .n_forms = 3,
                                         .forms = forms,
                                         .n_weightings = 1,
                                         .weightings = &none,
                                         .n_missing = 1,
                                         .per_outcome = per_outcome};
    const sy_status s = sy_specifications(ctx, &from->design, &q, &from->options, &curve);
    sy_specification_curve_free(&curve);
    return s;
}

static void specification_curves_hear(void **state)
{
    (void)state;
    councils_read(&c);
    hears_its_host("specifications", to_specify, &c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_question_hears),
        cmocka_unit_test(specification_curves_hear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
