/* Mixed models of binary and ordered outcomes hear their host.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "stop_watch.h"

#include "glmm_problem.h"

static glmm g;

static sy_status to_fit(sy_context *ctx, const void *arg)
{
    (void)arg;
    return sy_mixed(ctx, &g.m.f.design, &g.m.model, &g.options, &g.summary, &g.fit);
}

static void quadrature_hears(void **state)
{
    (void)state;
    glmm_sample(&g, SY_RESPONSE_ORDINAL, 12000, (const int[3]){60, 7, 4}, .8, 1);
    glmm_model(&g, "y ~ x", "", SY_RESPONSE_ORDINAL, SY_LINK_PROBIT);
    mixed_bar(&g.m, "1 + x", "a", 0);
    g.options.nodes = 4;
    hears_its_host("quadrature", to_fit, NULL);
}

static void several_factors_hear(void **state)
{
    (void)state;
    glmm_sample(&g, SY_RESPONSE_BINARY, 12000, (const int[3]){150, 120, 4}, .8, 1);
    glmm_model(&g, "y ~ x", "", SY_RESPONSE_BINARY, SY_LINK_LOGIT);
    mixed_bar(&g.m, "1", "a", 0);
    mixed_bar(&g.m, "1", "b", 0);
    hears_its_host("several factors", to_fit, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quadrature_hears),
        cmocka_unit_test(several_factors_hear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
