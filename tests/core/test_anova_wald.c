/* SPDX-License-Identifier: GPL-3.0-only
 * Wald tests of terms: the table of variance itself when the covariance is the
 * classical one, car's numbers when it is robust. */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "frame.h"
#include "models/model_internal.h"
#include "steelyard/anova.h"
#include <math.h>

static frame f;
static sy_anova_summary summary;
static sy_anova_row row[FRAME_TERMS];

static sy_status table_in(sy_context *ctx, sy_anova_type type)
{
    sy_anova_options options;
    sy_anova_defaults(&options);
    options.type = type;
    return sy_anova(ctx, &f.design, &f.model, &options, &summary, row);
}

enum { P = 7 };
static double coefficient[P], classical[P * P], robust[P * P], df[P];

/* Coefficients, classical covariance and HC3, written out. */
static void fit_for_wald(sy_coding coding)
{
    sy_context ctx;
    sy_linear_summary s;
    syi_model m;
    static double residual[FRAME_ROWS], leverage[FRAME_ROWS], x[P * SYI_TILE], y[SYI_TILE], w[SYI_TILE];
    double inverse[P * P], effects[P], meat[P][P] = {{0}};
    int aliased[P];
    unsigned char used[SYI_TILE];
    ptrdiff_t at[SYI_TILE] = {0};
    sy_context_init(&ctx);
    frame_moore(&f, NULL);
    frame_model(&f, "conformity ~ fcat + partner + fscore + fcat:partner");
    f.model.coding = coding;
    const sy_linear_fit fit = {coefficient, aliased, inverse, effects, NULL, residual, leverage};
    assert_int_equal(sy_linear(&ctx, &f.design, &f.model, NULL, &s, &fit), SY_OK);
    assert_int_equal(s.p, P);
    assert_int_equal(syi_model_init(&ctx, &f.design, &f.model, &m), SY_OK);
    for (int i = 0; i < (int)f.n; i++) at[i] = i;
    syi_model_tile(&m, at, (int)f.n, x, y, w, used);
    for (int i = 0; i < (int)f.n; i++)
        for (int a = 0; a < P; a++)
            for (int b = 0; b < P; b++)
                meat[a][b] += x[a * SYI_TILE + i] * x[b * SYI_TILE + i] * pow(residual[i] / (1 - leverage[i]), 2);
    for (int a = 0; a < P; a++)
        for (int b = 0; b < P; b++) {
            classical[a * P + b] = inverse[a * P + b] * s.rss / s.df_resid;
            robust[a * P + b] = 0;
            for (int j = 0; j < P; j++)
                for (int k = 0; k < P; k++) robust[a * P + b] += inverse[a * P + j] * meat[j][k] * inverse[k * P + b];
        }
    for (int a = 0; a < P; a++) df[a] = s.df_resid;
    syi_model_free(&m);
    sy_context_free(&ctx);
}

static void wald_tests_with_the_classical_covariance_are_the_table(void **state)
{
    (void)state;
    sy_context ctx;
    sy_anova_wald_row wald[4];
    sy_context_init(&ctx);
    for (int type = 2; type <= 3; type++) {
        fit_for_wald(SY_CODING_SUM);
        const sy_status status =
            sy_anova_wald(&ctx, &f.design, &f.model, (sy_anova_type)type, coefficient, classical, df, wald);
        assert_int_equal(status, SY_OK);
        assert_int_equal(table_in(&ctx, (sy_anova_type)type), SY_OK);
        for (int t = 0; t < 4; t++) {
            near(wald[t].f, row[t].f, 1e-11); /* fscore explains 1e-5 of the total */
            near(wald[t].df, row[t].df, 0);
            near(wald[t].df_resid, summary.df_resid, 0);
            near(wald[t].p_value, row[t].p_value, 1e-11);
        }
    }
    sy_context_free(&ctx);
}

/* car 3.1.1: Anova(fit, type, vcov. = vcovHC(fit, "HC3")) of sandwich 3.0.2 */
static void robust_wald_tests_are_those_of_car(void **state)
{
    (void)state;
    static const double two[4] = {0.83067716106482048, 14.181071714499389, 0.00063351065394115871, 2.8832037920321332};
    static const double three[4] = {0.78851553508903816, 8.5950839611569663, 0.00063351065394130345,
                                    2.8832037920321358};
    sy_context ctx;
    sy_anova_wald_row wald[4];
    sy_context_init(&ctx);
    fit_for_wald(SY_CODING_TREATMENT);
    assert_int_equal(sy_anova_wald(&ctx, &f.design, &f.model, SY_ANOVA_II, coefficient, robust, df, wald), SY_OK);
    for (int t = 0; t < 4; t++) near(wald[t].f, two[t], 1e-10);
    near(wald[0].p_value, 0.44351169365520937, 1e-10);
    fit_for_wald(SY_CODING_SUM);
    assert_int_equal(sy_anova_wald(&ctx, &f.design, &f.model, SY_ANOVA_III, coefficient, robust, df, wald), SY_OK);
    for (int t = 0; t < 4; t++) near(wald[t].f, three[t], 1e-10);
    near(wald[1].p_value, 0.0056804013418009763, 1e-10);
    sy_context_free(&ctx);
}

static void wald_leaves_aliased_columns_and_takes_the_least_df(void **state)
{
    (void)state;
    sy_context ctx;
    sy_anova_wald_row wald[4];
    sy_context_init(&ctx);
    fit_for_wald(SY_CODING_SUM);
    coefficient[2] = NAN; /* one column of fcat */
    df[1] = 12.5;
    coefficient[4] = NAN; /* fscore */
    assert_int_equal(sy_anova_wald(&ctx, &f.design, &f.model, SY_ANOVA_III, coefficient, classical, df, wald), SY_OK);
    near(wald[0].df, 1, 0);
    near(wald[0].df_resid, 12.5, 0);
    near(wald[0].f, coefficient[1] * coefficient[1] / classical[P + 1], 1e-13);
    assert_true(wald[2].df == 0 && isnan(wald[2].f) && isnan(wald[2].p_value));
    assert_int_equal(sy_anova_wald(&ctx, &f.design, &f.model, SY_ANOVA_I, coefficient, classical, df, wald), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "type = 1"));
    f.model.coding = SY_CODING_TREATMENT;
    assert_int_equal(sy_anova_wald(&ctx, &f.design, &f.model, SY_ANOVA_III, coefficient, classical, df, wald),
                     SY_EINVAL);
    assert_non_null(strstr(ctx.message, "coding"));
    sy_context_free(&ctx);
}

static sy_status one_wald(void *arg, void *answer)
{
    sy_context ctx;
    (void)arg;
    sy_context_init(&ctx);
    const sy_status status = sy_anova_wald(&ctx, &f.design, &f.model, SY_ANOVA_II, coefficient, classical, df, answer);
    sy_context_free(&ctx);
    return status;
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    fit_for_wald(SY_CODING_TREATMENT);
    assert_true(syi_survives_failing(one_wald, NULL, 4 * sizeof(sy_anova_wald_row)) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wald_tests_with_the_classical_covariance_are_the_table),
        cmocka_unit_test(robust_wald_tests_are_those_of_car),
        cmocka_unit_test(wald_leaves_aliased_columns_and_takes_the_least_df),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
