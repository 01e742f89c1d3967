/* InstEval (lme4): 73,421 ratings of 1,128 lecturers by 2,972 students. The data set is written by
 * tests/reference/make_crossed.R; without STEELYARD_INSTEVAL, its path, nothing is tested.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "models/mixed/mixed_internal.h"
#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 73421, MOST = 2972 };

static double y[ROWS], service[ROWS];
static int32_t code[4][ROWS]; /* s, d, dept, service */
static char name[MOST][8];
static const char *names[MOST];

static int setup(void **state)
{
    (void)state;
    const char *path = getenv("STEELYARD_INSTEVAL");
    FILE *file = path ? fopen(path, "r") : NULL;
    if (!file) {
        print_message("STEELYARD_INSTEVAL names no file: InstEval is not tested\n");
        return 0;
    }
    char line[100];
    int rows = 0;
    assert_non_null(fgets(line, sizeof line, file));
    for (; rows < ROWS && fgets(line, sizeof line, file); rows++) {
        char *at = line;
        y[rows] = strtod(at, &at);
        for (int k = 0; k < 3; k++) code[k][rows] = (int32_t)strtol(at + 1, &at, 10) - 1;
        service[rows] = strtod(at + 1, NULL);
        code[3][rows] = service[rows] > 0;
    }
    fclose(file);
    assert_int_equal(rows, ROWS);
    for (int l = 0; l < MOST; l++) {
        snprintf(name[l], sizeof name[l], "%d", l + 1);
        names[l] = name[l];
    }
    return 0;
}

static sy_column factor_of(const char *label, int k, int levels)
{
    return (sy_column){.name = label,
                       .data = code[k],
                       .stride = sizeof(int32_t),
                       .type = SY_CODES,
                       .n_levels = levels,
                       .levels = names};
}

/* y ~ service (+ dept + service:dept) + (1 | s) + (1 | d) (+ (1 | dept)): criterion and standard deviations, to the
 * digits printed */
static void hold(int reml, int fixed_departments, int bars, double criterion, const double *sd)
{
    const sy_column columns[3] = {{.name = "y", .data = y, .stride = sizeof(double), .type = SY_F64},
                                  factor_of("service", 3, 2),
                                  factor_of("dept", 2, 14)};
    const sy_column groups[3] = {factor_of("s", 0, MOST), factor_of("d", 1, 1128), columns[2]};
    const sy_factor factors[5] = {{0, 1}, {1, 1}, {2, 1}, {1, 1}, {2, 1}};
    const sy_term terms[4] = {
        {"y", 1, factors}, {"service", 1, factors + 1}, {"dept", 1, factors + 2}, {"dept:service", 2, factors + 3}};
    const int in_model[3] = {1, 2, 3};
    const sy_random random[3] = {{.intercept = 1, .group = &groups[0]},
                                 {.intercept = 1, .group = &groups[1]},
                                 {.intercept = 1, .group = &groups[2]}};
    const sy_design design = {.n = ROWS, .n_columns = 3, .columns = columns, .n_terms = 4, .terms = terms};
    const sy_mixed_model model = {
        .linear = 1,
        .response.columns = {.outcome = 0, .n_terms = fixed_departments ? 3 : 1, .terms = in_model, .intercept = 1},
        .n_random = bars,
        .random = random};
    sy_context ctx;
    syi_lmm l;
    syi_lmm_report report;
    syi_lmm_value v = {.criterion = 0};
    sy_mixed_options options;
    double theta[3];
    if (!names[0]) skip();
    sy_context_init(&ctx);
    sy_mixed_defaults(&options);
    options.reml = reml;
    assert_true(syi_lmm_init(&ctx, &design, &model, reml, &l) >= 0);
    syi_lmm_start(&l, theta);
    assert_true(syi_lmm_minimise(&ctx, &l, NULL, &options, theta, &report) >= 0);
    assert_true(report.converged && report.evaluations < 20);
    assert_int_equal(l.evaluate(&ctx, &l, theta, NULL, &v), SY_OK);
    assert_true(fabs(v.criterion - criterion) < (reml ? 0.05 : 5e-5));
    for (int k = 0; k <= bars; k++) assert_true(fabs(sqrt(v.sigma2) * (k < bars ? theta[k] : 1) - sd[k]) < 1.01e-4);
    syi_lmm_free(&l);
    sy_context_free(&ctx);
}

/* test suite of MixedModels.jl (Bates, D. et al.) */
static void deviances_agree_with_mixedmodels(void **state)
{
    (void)state;
    hold(0, 0, 3, 237721.7688, (double[]){0.3255, 0.5150, 0.0785, 1.1775});
}

static void departments_as_fixed_agree_with_mixedmodels(void **state)
{
    (void)state;
    hold(0, 1, 2, 237585.5534, (double[]){0.3247, 0.5083, 1.1767});
}

/* Bates et al. 2015 */
static void restricted_likelihood_agrees_with_lme4(void **state)
{
    (void)state;
    hold(1, 0, 2, 237743.6, (double[]){0.3251, 0.5210, 1.1776});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deviances_agree_with_mixedmodels),
        cmocka_unit_test(departments_as_fixed_agree_with_mixedmodels),
        cmocka_unit_test(restricted_likelihood_agrees_with_lme4),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
