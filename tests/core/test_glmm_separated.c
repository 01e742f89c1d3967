/* Mixed models of data in which a column tells the outcome in some rows without error.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "glmm_problem.h"

#include <string.h>

static glmm g;

static const int few[3] = {12, 7, 4};
static double estimate[2], error, theta, loglik;

/* `told` marks every fifth row, all of them events; without = 1: those rows are missing. */
static void fit_told(sy_link link, int without)
{
    glmm_sample(&g, SY_RESPONSE_BINARY, 400, few, 2, 7);
    const int told = frame_add(&g.m.f, "told", 0, 0);
    for (int i = 0; i < 400; i++) {
        g.m.f.value[told][i] = i % 5 == 0;
        if (i % 5 == 0) g.m.f.value[0][i] = without ? NAN : 1;
    }
    glmm_model(&g, without ? "y ~ x" : "y ~ x + told", "", SY_RESPONSE_BINARY, link);
    mixed_bar(&g.m, "1", "a", 0);
    if (glmm_run(&g) < 0) fail_msg("%s", g.ctx.message);
    sy_context_free(&g.ctx);
}

/* The rows told without error have likelihood 1: all else is as if they were not there. */
static void the_rest_is_that_of_the_rows_not_told(void **state)
{
    (void)state;
    static const sy_link links[] = {SY_LINK_LOGIT, SY_LINK_PROBIT, SY_LINK_CLOGLOG};
    for (int k = 0; k < 3; k++) {
        fit_told(links[k], 1);
        memcpy(estimate, g.estimate, sizeof estimate);
        error = glmm_error(&g, 1);
        theta = g.theta[0];
        loglik = g.summary.loglik;
        fit_told(links[k], 0);
        assert_true(g.summary.converged && isnan(glmm_error(&g, 2)));
        near(g.summary.loglik, loglik, 1e-9);
        near(g.theta[0], theta, 1e-6);
        near(g.estimate[0], estimate[0], 1e-6);
        near(g.estimate[1], estimate[1], 1e-6);
        near(glmm_error(&g, 1), error, 1e-5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rest_is_that_of_the_rows_not_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
