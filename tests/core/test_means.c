/* SPDX-License-Identifier: GPL-3.0-only
 * References: R 4.2.2, lm's predictions over the grid of cells with the
 * covariate at its mean, averaged, and their errors L V L'. Tolerance 1e-12: R
 * works in plain double. */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "frame.h"
#include "steelyard/anova.h"
#include "steelyard/multiplicity.h"
#include <math.h>

enum { P = 12, M = 12 };

static frame f;
static double coefficient[P], covariance[P * P], df[P];
static int p;
static double estimate[M], std_error[M], mean_df[M], low[M], high[M], mean_covariance[M * M], combination[M * P];

static sy_means_table buffers(void)
{
    return (sy_means_table){estimate, std_error, mean_df, low, high, mean_covariance, combination};
}

/* Coefficients and the classical covariance of f's model. */
static void fit_model(void)
{
    sy_context ctx;
    sy_linear_summary s;
    double inverse[P * P], effects[P];
    int aliased[P], count[FRAME_TERMS];
    sy_context_init(&ctx);
    assert_true(sy_linear_columns(&ctx, &f.design, &f.model, count, &p) >= 0 && p <= P);
    const sy_linear_fit fit = {coefficient, aliased, inverse, effects, NULL, NULL, NULL};
    if (sy_linear(&ctx, &f.design, &f.model, NULL, &s, &fit) < 0) fail_msg("%s", ctx.message);
    for (int i = 0; i < p * p; i++) covariance[i] = inverse[i] * s.rss / s.df_resid;
    for (int i = 0; i < p; i++) df[i] = s.df_resid;
    sy_context_free(&ctx);
}

static void means_of(const char *names)
{
    sy_context ctx;
    char copy[FRAME_TEXT];
    int factors[3], n = 0;
    sy_context_init(&ctx);
    snprintf(copy, sizeof copy, "%s", names);
    for (char *at = strtok(copy, " "); at; at = strtok(NULL, " ")) factors[n++] = frame_column(&f, at);
    const sy_means_table table = buffers();
    if (sy_means(&ctx, &f.design, &f.model, n, factors, coefficient, covariance, df, 0.95, &table) != SY_OK)
        fail_msg("%s", ctx.n_remarks ? ctx.remarks[0].text : ctx.message);
    sy_context_free(&ctx);
}

static void means_are_those_of_rs_grid(void **state)
{
    (void)state;
    static const double by_fcat[3][3] = {{13.204347911022937, 2.5049860905450179, 8.1332686886429428},
                                         {12.191934796083991, 2.2915118142318947, 7.5530116528176148},
                                         {10.757797669872316, 1.361666414716596, 8.0012481267251037}};
    static const double crossed[6][3] = {{8.9463607915061818, 2.354493048800069, 4.1799388045440224},
                                         {12.573838062206528, 2.6116068873919622, 7.2869163209379364},
                                         {7.2439652874762261, 2.3318241977127383, 2.5234339903578489},
                                         {17.462335030539698, 3.2304134231222243, 10.92270494974818},
                                         {11.810031529961456, 2.5644914903200808, 6.6184899235555763},
                                         {14.271630052268405, 1.3993713759595809, 11.438750805630367}};
    frame_moore(&f, "conformity ~ fcat + partner + fscore + fcat:partner");
    for (int coding = 0; coding < 2; coding++) {
        f.model.coding = (sy_coding)coding;
        fit_model();
        means_of("fcat");
        for (int i = 0; i < 3; i++) {
            near(estimate[i], by_fcat[i][0], 1e-12);
            near(std_error[i], by_fcat[i][1], 1e-12);
            near(low[i], by_fcat[i][2], 1e-12);
            near(high[i] - estimate[i], estimate[i] - low[i], 1e-13);
            near(mean_df[i], 38, 0);
        }
        means_of("fcat partner");
        for (int i = 0; i < 6; i++) {
            near(estimate[i], crossed[i][0], 1e-12);
            near(std_error[i], crossed[i][1], 1e-12);
            near(low[i], crossed[i][2], 1e-12);
        }
    }
}

/* Without a covariate and with all interactions the means of the cells are the
 * cells' averages, and a factor's mean their unweighted average. */
static void saturated_means_average_the_cells(void **state)
{
    (void)state;
    double sum[6] = {0}, n[6] = {0};
    frame_moore(&f, "conformity ~ fcat + partner + fcat:partner");
    const int a = frame_column(&f, "fcat"), b = frame_column(&f, "partner"), y = frame_column(&f, "conformity");
    for (ptrdiff_t i = 0; i < f.n; i++) {
        sum[f.code[a][i] + 3 * f.code[b][i]] += f.value[y][i];
        n[f.code[a][i] + 3 * f.code[b][i]] += 1;
    }
    fit_model();
    means_of("fcat partner");
    for (int i = 0; i < 6; i++) near(estimate[i], sum[i] / n[i], 1e-14);
    means_of("fcat");
    for (int i = 0; i < 3; i++) near(estimate[i], (sum[i] / n[i] + sum[i + 3] / n[i + 3]) / 2, 1e-14);
    means_of("partner fcat"); /* the first factor varies fastest */
    near(estimate[1], sum[3] / n[3], 1e-14);
}

static void estimate_and_covariance_are_those_of_the_combination(void **state)
{
    (void)state;
    frame_moore(&f, "conformity ~ fcat + partner + fscore");
    fit_model();
    means_of("fcat");
    for (int i = 0; i < 3; i++) {
        double e = 0;
        for (int k = 0; k < p; k++) e += combination[i * p + k] * coefficient[k];
        near(estimate[i], e, 1e-13);
        near(combination[i * p], 1, 0);
        near(combination[i * p + 3], 0.5, 0); /* half of partner's second level */
        for (int j = 0; j < 3; j++) {
            double v = 0;
            for (int k = 0; k < p; k++)
                for (int l = 0; l < p; l++)
                    v += combination[i * p + k] * covariance[k * p + l] * combination[j * p + l];
            near(mean_covariance[i * 3 + j], v, 1e-12);
        }
        near(std_error[i], sqrt(mean_covariance[i * 3 + i]), 1e-15);
    }
}

static void a_power_stands_at_the_power_of_the_mean(void **state)
{
    (void)state;
    double x = 0;
    frame_moore(&f, "conformity ~ fcat + fscore + fscore^2");
    fit_model();
    means_of("fcat");
    for (ptrdiff_t i = 0; i < f.n; i++) x += f.value[frame_column(&f, "fscore")][i] / (double)f.n;
    near(combination[3], x, 1e-14);
    near(combination[4], x * x, 1e-14);
}

/* Weights move the mean of the covariate. */
static void the_covariates_mean_is_weighted(void **state)
{
    (void)state;
    double x = 0, w = 0;
    frame_moore(&f, "conformity ~ fcat + fscore");
    const int c = frame_column(&f, "fscore"), y = frame_column(&f, "conformity");
    f.design.weights = &f.columns[y];
    f.design.weight_kind = SY_WEIGHT_ANALYTIC;
    fit_model();
    means_of("fcat");
    for (ptrdiff_t i = 0; i < f.n; i++) {
        x += f.value[y][i] * f.value[c][i];
        w += f.value[y][i];
    }
    near(combination[3], x / w, 1e-14);
}

static void least_degrees_of_freedom_are_taken(void **state)
{
    (void)state;
    frame_moore(&f, "conformity ~ fcat + fscore");
    fit_model();
    df[1] = 4.5; /* fcat's second level: in one mean only */
    means_of("fcat");
    near(mean_df[0], 41, 0);
    near(mean_df[1], 4.5, 0);
    near(mean_df[2], 41, 0);
}

static void means_over_an_empty_cell_cannot_be_estimated(void **state)
{
    (void)state;
    sy_context ctx;
    sy_context_init(&ctx);
    frame_moore(&f, "conformity ~ fcat + partner + fcat:partner");
    const int factors[2] = {frame_column(&f, "fcat"), frame_column(&f, "partner")};
    for (ptrdiff_t i = 0; i < f.n; i++)
        if (f.code[factors[0]][i] == 1 && f.code[factors[1]][i] == 1) f.code[factors[0]][i] = 0;
    fit_model();
    const sy_means_table table = buffers();
    const sy_status status = sy_means(&ctx, &f.design, &f.model, 2, factors, coefficient, covariance, df, 0.95, &table);
    assert_int_equal(status, SY_NOTE_ALIASED);
    for (int i = 0; i < 6; i++) assert_int_equal(isnan(estimate[i]), i == 4);
    const char *a = f.level[factors[0]][1], *b = f.level[factors[1]][1];
    char label[FRAME_TEXT * 3];
    snprintf(label, sizeof label, "1 of 6 means cannot be estimated: %s:%s;", a, b);
    assert_non_null(strstr(ctx.remarks[0].text, label));
    sy_context_free(&ctx);
    assert_true(sy_means(&ctx, &f.design, &f.model, 1, factors, coefficient, covariance, df, 0.95, &table) > 0);
    for (int i = 0; i < 3; i++) assert_int_equal(isnan(estimate[i]), i == 1);
    assert_true(isnan(mean_covariance[1]) && !isnan(mean_covariance[2]));
    sy_context_free(&ctx);
}

/* An alias that no mean rests on takes nothing away: z repeats x. */
static void aliased_numbers_leave_the_means(void **state)
{
    (void)state;
    double without[3];
    frame_moore(&f, "conformity ~ fcat + fscore");
    fit_model();
    means_of("fcat");
    memcpy(without, estimate, sizeof without);
    const int z = frame_add(&f, "z", 0, 0), x = frame_column(&f, "fscore");
    for (ptrdiff_t i = 0; i < f.n; i++) f.value[z][i] = 3 * f.value[x][i] + 1;
    frame_model(&f, "conformity ~ fcat + fscore + z");
    fit_model();
    assert_true(isnan(coefficient[4]));
    means_of("fcat");
    for (int i = 0; i < 3; i++) near(estimate[i], without[i], 1e-12);
}

/* With one factor the pairs are differences of coefficients. */
static void pairs_are_differences_of_coefficients(void **state)
{
    (void)state;
    sy_context ctx;
    int first[3], second[3];
    double d[3], se[3], t[3], pair_df[3], p_value[3], adjusted[3], lo[3], hi[3];
    sy_context_init(&ctx);
    frame_moore(&f, "conformity ~ fcat + partner");
    fit_model();
    means_of("fcat");
    const sy_pairs out = {first, second, d, se, t, pair_df, p_value, adjusted, lo, hi};
    assert_int_equal(sy_pairwise(&ctx, 3, estimate, mean_covariance, mean_df, SY_ADJUST_HOLM, 0.95, &out), SY_OK);
    near(d[0], -coefficient[1], 1e-12);
    near(se[0], sqrt(covariance[p + 1]), 1e-12);
    near(d[1], -coefficient[2], 1e-12);
    near(d[2], coefficient[1] - coefficient[2], 1e-12);
}

static void labels_name_the_crossing(void **state)
{
    (void)state;
    sy_context ctx;
    char text[100], expected[FRAME_TEXT * 3];
    int count;
    sy_context_init(&ctx);
    frame_moore(&f, "conformity ~ fcat + partner");
    const int factors[2] = {frame_column(&f, "fcat"), frame_column(&f, "partner")};
    assert_int_equal(sy_means_count(&ctx, &f.design, &f.model, 2, factors, &count), SY_OK);
    assert_int_equal(count, 6);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(sy_means_label(&ctx, &f.design, 2, factors, i, text, sizeof text), SY_OK);
        snprintf(expected, sizeof expected, "%s:%s", f.level[factors[0]][i % 3], f.level[factors[1]][i / 3]);
        assert_string_equal(text, expected);
    }
    assert_int_equal(sy_means_label(&ctx, &f.design, 2, factors, 5, text, 4), SY_OK);
    assert_int_equal(strlen(text), 3);
    assert_int_equal(sy_means_label(&ctx, &f.design, 2, factors, 6, text, sizeof text), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "mean: 6"));
}

static void wrong_questions_are_refused(void **state)
{
    (void)state;
    sy_context ctx;
    int count;
    sy_context_init(&ctx);
    frame_moore(&f, "conformity ~ fcat + fscore");
    fit_model();
    const sy_means_table table = buffers();
    int factor = frame_column(&f, "partner");
    assert_int_equal(sy_means_count(&ctx, &f.design, &f.model, 1, &factor, &count), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "partner: is not in the model"));
    factor = frame_column(&f, "fscore");
    assert_int_equal(sy_means_count(&ctx, &f.design, &f.model, 1, &factor, &count), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "fscore: is a number"));
    factor = frame_column(&f, "fcat");
    assert_int_equal(sy_means(&ctx, &f.design, &f.model, 1, &factor, coefficient, covariance, df, 2, &table),
                     SY_EINVAL);
    assert_non_null(strstr(ctx.message, "level = 2"));
    const int twice[2] = {factor, factor};
    assert_int_equal(sy_means_count(&ctx, &f.design, &f.model, 2, twice, &count), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "twice"));
    assert_int_equal(sy_means_count(&ctx, &f.design, &f.model, 0, twice, &count), SY_EINVAL);
    f.model.absorb = &f.columns[frame_column(&f, "partner")];
    assert_int_equal(sy_means_count(&ctx, &f.design, &f.model, 1, &factor, &count), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "absorb: partner"));
}

static sy_status once(void *arg, void *answer)
{
    sy_context ctx;
    const int factor = frame_column(&f, "fcat");
    sy_means_table table = buffers();
    (void)arg;
    sy_context_init(&ctx);
    table.estimate = answer;
    const sy_status status = sy_means(&ctx, &f.design, &f.model, 1, &factor, coefficient, covariance, df, 0.95, &table);
    sy_context_free(&ctx);
    return status;
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    frame_moore(&f, "conformity ~ fcat + partner + fcat:partner");
    const int a = frame_column(&f, "fcat"), b = frame_column(&f, "partner");
    for (ptrdiff_t i = 0; i < f.n; i++)
        if (f.code[a][i] == 1 && f.code[b][i] == 1) f.code[a][i] = 0;
    fit_model();
    assert_true(syi_survives_failing(once, NULL, 3 * sizeof(double)) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_are_those_of_rs_grid),
        cmocka_unit_test(saturated_means_average_the_cells),
        cmocka_unit_test(estimate_and_covariance_are_those_of_the_combination),
        cmocka_unit_test(a_power_stands_at_the_power_of_the_mean),
        cmocka_unit_test(the_covariates_mean_is_weighted),
        cmocka_unit_test(least_degrees_of_freedom_are_taken),
        cmocka_unit_test(means_over_an_empty_cell_cannot_be_estimated),
        cmocka_unit_test(aliased_numbers_leave_the_means),
        cmocka_unit_test(pairs_are_differences_of_coefficients),
        cmocka_unit_test(labels_name_the_crossing),
        cmocka_unit_test(wrong_questions_are_refused),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
