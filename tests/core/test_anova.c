/* SPDX-License-Identifier: GPL-3.0-only
 * Identities and refusals of tables of variance; their Wald tests stand in
 * test_anova_wald.c. Sums of
 * squares against brute force stand in test_twin_anova.c, against car and NIST in
 * test_reference_anova.c. */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "frame.h"
#include "steelyard/anova.h"
#include <math.h>

enum { ROWS = FRAME_TERMS };

static frame f;
static sy_anova_summary summary;
static sy_anova_row row[ROWS];

static sy_status table_in(sy_context *ctx, sy_anova_type type)
{
    sy_anova_options options;
    sy_anova_defaults(&options);
    options.type = type;
    return sy_anova(ctx, &f.design, &f.model, &options, &summary, row);
}

/* The table, without remarks. */
static void table_of(const char *formula, sy_anova_type type)
{
    sy_context ctx;
    sy_context_init(&ctx);
    frame_model(&f, formula);
    if (table_in(&ctx, type) != SY_OK) fail_msg("%s", ctx.n_remarks ? ctx.remarks[0].text : ctx.message);
    sy_context_free(&ctx);
}

/* Two factors of 3 and 2 levels, 2 rows a cell, and a covariate. */
static void fill_balanced(void)
{
    f.p = 0;
    f.n = 12;
    frame_add(&f, "a", 1, 3);
    frame_add(&f, "b", 1, 2);
    frame_add(&f, "x", 0, 0);
    frame_add(&f, "y", 0, 0);
    for (int i = 0; i < 12; i++) {
        f.code[0][i] = i % 3;
        f.code[1][i] = i / 3 % 2;
        f.value[2][i] = (i * 7 % 12) / 10.0;
        f.value[3][i] = (i * 5 % 11 + 3 * (i % 3) + i / 3 % 2 * (i % 3)) / 10.0;
    }
}

static void sums_in_order_add_up_to_the_model(void **state)
{
    (void)state;
    frame_moore(&f, NULL);
    table_of("conformity ~ fscore + fcat + partner + fcat:partner", SY_ANOVA_I);
    double sum = 0, df = 0;
    for (int t = 0; t < 4; t++) {
        sum += row[t].sum_of_squares;
        df += row[t].df;
    }
    near(sum, summary.model_ss, 1e-14);
    near(df, summary.model_df, 0);
    near(summary.model_ss + row[4].sum_of_squares, summary.tss, 1e-14);
    near(row[4].df, summary.df_resid, 0);
    assert_true(isnan(row[4].f) && isnan(row[4].p_value) && isnan(row[4].partial_eta_squared));
}

static void the_whole_model_is_that_of_the_fit(void **state)
{
    (void)state;
    sy_context ctx;
    sy_linear_summary s;
    double b[9], inverse[81], effects[9];
    int aliased[9];
    sy_context_init(&ctx);
    frame_moore(&f, NULL);
    table_of("conformity ~ fcat + partner + fscore", SY_ANOVA_II);
    const sy_linear_fit fit = {b, aliased, inverse, effects, NULL, NULL, NULL};
    assert_int_equal(sy_linear(&ctx, &f.design, &f.model, NULL, &s, &fit), SY_OK);
    near(summary.rss, s.rss, 1e-15);
    near(summary.tss, s.tss, 1e-15);
    near(summary.r2, s.r2, 1e-15);
    near(summary.f, s.f, 1e-14);
    near(summary.p_value, s.f_p, 1e-13);
    near(summary.sigma, s.sigma, 1e-15);
    near(summary.df_resid, s.df_resid, 0);
    sy_context_free(&ctx);
}

/* A term of one column: F is the square of its t, in types II and III alike. */
static void one_column_is_the_square_of_its_t(void **state)
{
    (void)state;
    sy_context ctx;
    sy_linear_summary s;
    double b[9], inverse[81], effects[9];
    int aliased[9];
    sy_context_init(&ctx);
    frame_moore(&f, NULL);
    table_of("conformity ~ fcat + partner + fscore", SY_ANOVA_III);
    const sy_linear_fit fit = {b, aliased, inverse, effects, NULL, NULL, NULL};
    assert_int_equal(sy_linear(&ctx, &f.design, &f.model, NULL, &s, &fit), SY_OK);
    const double t2 = b[4] * b[4] / (inverse[4 * 5 + 4] * s.rss / s.df_resid);
    near(row[2].f, t2, 1e-12);
    table_of("conformity ~ fcat + partner + fscore", SY_ANOVA_II);
    near(row[2].f, t2, 1e-12);
    sy_context_free(&ctx);
}

static void balanced_tables_are_alike(void **state)
{
    (void)state;
    double first[3] = {0};
    fill_balanced();
    for (int type = 1; type <= 3; type++) {
        table_of("y ~ a + b + a:b", (sy_anova_type)type);
        for (int t = 0; t < 3; t++) {
            if (type == 1) first[t] = row[t].sum_of_squares;
            near(row[t].sum_of_squares, first[t], 1e-14);
        }
    }
}

/* By hand: y = 1 2 | 3 4 | 8 6, groups of two: means 1.5, 3.5, 7, grand 4;
 * SSB = 2 (6.25 + 0.25 + 9) = 31, SSW = 0.5 + 0.5 + 2 = 3. */
static void a_one_way_table_comes_out_by_hand(void **state)
{
    (void)state;
    static const double y[6] = {1, 2, 3, 4, 8, 6};
    f.p = 0;
    f.n = 6;
    frame_add(&f, "g", 1, 3);
    frame_add(&f, "y", 0, 0);
    for (int i = 0; i < 6; i++) {
        f.code[0][i] = i / 2;
        f.value[1][i] = y[i];
    }
    table_of("y ~ g", SY_ANOVA_II);
    near(row[0].sum_of_squares, 31, 1e-15);
    near(row[0].f, 15.5, 1e-15);
    near(row[1].sum_of_squares, 3, 1e-15);
    near(row[0].eta_squared, 31 / 34.0, 1e-15);
}

/* Type III hypotheses are of unweighted means: they do not see how many rows a
 * cell has, the coding asked for, or which level comes first. */
static void coding_and_order_of_levels_change_nothing(void **state)
{
    (void)state;
    sy_anova_row once[3] = {{0}};
    for (int type = 1; type <= 3; type++)
        for (int variant = 0; variant < 3; variant++) {
            sy_context ctx;
            sy_context_init(&ctx);
            frame_moore(&f, NULL);
            const int g = frame_column(&f, "fcat");
            for (ptrdiff_t i = 0; variant == 2 && i < f.n; i++) f.code[g][i] = 2 - f.code[g][i];
            frame_model(&f, "conformity ~ fcat + partner + fcat:partner");
            if (variant == 1) f.model.coding = SY_CODING_SUM;
            assert_int_equal(table_in(&ctx, (sy_anova_type)type), SY_OK);
            if (variant == 0) memcpy(once, row, sizeof once);
            for (int t = 0; t < 3; t++) near(row[t].sum_of_squares, once[t].sum_of_squares, 1e-13);
        }
}

static void adding_a_billion_changes_nothing(void **state)
{
    (void)state;
    double before[3] = {0}, x = 0;
    for (int shift = 0; shift < 2; shift++) {
        fill_balanced();
        x = shift * 1e9;
        for (int i = 0; i < 12; i++) {
            f.value[2][i] += x;
            f.value[3][i] += x;
        }
        table_of("y ~ x + a + b", SY_ANOVA_II);
        for (int t = 0; t < 3; t++) {
            if (shift == 0) before[t] = row[t].sum_of_squares;
            near(row[t].sum_of_squares, before[t], 1e-12);
        }
    }
}

static void scales_pass_through(void **state)
{
    (void)state;
    double before[2][3] = {{0}};
    for (int k = -1; k <= 1; k++) {
        const double scale = k == 0 ? 1 : ldexp(1, 330 * k);
        fill_balanced();
        for (int i = 0; i < 12; i++) { /* eighths: the same decimals at no scale, the same binary at all */
            f.value[2][i] = (i * 7 % 12) * 0.125 * scale;
            f.value[3][i] = (i * 5 % 11) * 0.125 * scale;
        }
        table_of("y ~ x + a", SY_ANOVA_II);
        for (int t = 0; t < 2; t++) {
            if (k == -1) before[0][t] = row[t].f;
            near(row[t].f, before[0][t], 1e-13);
        }
    }
}

static void frequencies_are_repeated_rows(void **state)
{
    (void)state;
    sy_context ctx;
    sy_anova_row weighted[3];
    sy_context_init(&ctx);
    fill_balanced();
    frame_add(&f, "w", 0, 0);
    for (int i = 0; i < 12; i++) f.value[4][i] = 1 + i % 3;
    frame_model(&f, "y ~ a + b");
    f.design.weights = &f.columns[4];
    f.design.weight_kind = SY_WEIGHT_FREQUENCY;
    assert_int_equal(table_in(&ctx, SY_ANOVA_III), SY_OK);
    memcpy(weighted, row, sizeof weighted);
    ptrdiff_t at = 12;
    for (int i = 0; i < 12; i++)
        for (int k = 0; k < i % 3; k++, at++)
            for (int c = 0; c < 4; c++) {
                f.code[c][at] = f.code[c][i];
                f.value[c][at] = f.value[c][i];
            }
    f.n = at;
    table_of("y ~ a + b", SY_ANOVA_III);
    const double *a = (const double *)weighted, *b = (const double *)row;
    for (size_t i = 0; i < 2 * sizeof *row / sizeof(double); i++) near(a[i], b[i], 1e-12);
    sy_context_free(&ctx);
}

/* Absorbing a factor is having it first in the model. */
static void absorbed_levels_are_a_term_before_the_others(void **state)
{
    (void)state;
    sy_context ctx;
    double ss[2];
    sy_context_init(&ctx);
    frame_moore(&f, NULL);
    table_of("conformity ~ fcat + fscore + partner", SY_ANOVA_II);
    for (int t = 0; t < 2; t++) ss[t] = row[t + 1].sum_of_squares;
    const double df = summary.df_resid, f_x = row[1].f;
    frame_model(&f, "conformity ~ fscore + partner");
    f.model.absorb = &f.columns[frame_column(&f, "fcat")];
    assert_int_equal(table_in(&ctx, SY_ANOVA_II), SY_OK);
    for (int t = 0; t < 2; t++) near(row[t].sum_of_squares, ss[t], 1e-13);
    near(summary.df_resid, df, 0);
    near(row[0].f, f_x, 1e-13);
    sy_context_free(&ctx);
}

static void without_an_intercept_sums_are_about_zero(void **state)
{
    (void)state;
    fill_balanced();
    table_of("y ~ x - 1", SY_ANOVA_I);
    double xx = 0, xy = 0, yy = 0;
    for (int i = 0; i < 12; i++) {
        xx += f.value[2][i] * f.value[2][i];
        xy += f.value[2][i] * f.value[3][i];
        yy += f.value[3][i] * f.value[3][i];
    }
    near(row[0].sum_of_squares, xy * xy / xx, 1e-14);
    near(summary.tss, yy, 1e-14);
    near(summary.df_resid, 11, 0);
}

static void an_exact_fit_has_an_infinite_f(void **state)
{
    (void)state;
    fill_balanced();
    for (int i = 0; i < 12; i++) f.value[3][i] = f.value[2][i] * 3 + 1;
    for (int i = 0; i < 12; i++) f.value[3][i] = round(f.value[3][i] * 10) / 10;
    table_of("y ~ x", SY_ANOVA_II);
    assert_true(summary.rss == 0 && isinf(row[0].f) && row[0].p_value == 0);
}

static void an_aliased_term_has_no_degrees_of_freedom(void **state)
{
    (void)state;
    sy_context ctx;
    sy_context_init(&ctx);
    fill_balanced();
    frame_add(&f, "z", 0, 0);
    for (int i = 0; i < 12; i++) f.value[4][i] = f.code[0][i] == 1 ? 5 : 2;
    frame_model(&f, "y ~ a + z + b");
    assert_int_equal(table_in(&ctx, SY_ANOVA_II), SY_NOTE_ALIASED);
    assert_true(row[1].df == 0 && row[1].sum_of_squares == 0 && isnan(row[1].f));
    near(row[0].df, 1, 0); /* one of the two columns of a is not z's */
    near(summary.rank, 4, 0);
    assert_non_null(strstr(ctx.remarks[0].text, "a: some of its columns"));
    assert_non_null(strstr(ctx.remarks[1].text, "z: adds nothing beyond the other terms"));
    sy_context_free(&ctx);
}

static void an_empty_cell_is_remarked_on_in_type_three_only(void **state)
{
    (void)state;
    sy_context ctx;
    sy_context_init(&ctx);
    frame_moore(&f, NULL);
    const int a = frame_column(&f, "fcat"), b = frame_column(&f, "partner");
    for (ptrdiff_t i = 0; i < f.n; i++)
        if (f.code[a][i] == 1 && f.code[b][i] == 0) f.code[a][i] = 2;
    frame_model(&f, "conformity ~ fcat + partner + fcat:partner");
    assert_int_equal(table_in(&ctx, SY_ANOVA_II), SY_NOTE_ALIASED);
    assert_int_equal(ctx.n_remarks, 1);
    near(row[2].df, 1, 0);
    sy_context_free(&ctx);
    sy_context_init(&ctx);
    assert_true(table_in(&ctx, SY_ANOVA_III) > 0);
    int found = 0;
    for (int i = 0; i < ctx.n_remarks; i++)
        found |= ctx.remarks[i].code == SY_NOTE_EMPTY_LEVEL &&
                 strstr(ctx.remarks[i].text, "1 of its 6 cells has no rows") != NULL;
    assert_true(found);
    sy_context_free(&ctx);
}

static void wrong_questions_are_refused(void **state)
{
    (void)state;
    sy_context ctx;
    sy_anova_options options;
    sy_context_init(&ctx);
    fill_balanced();
    frame_model(&f, "y ~ a + b");
    assert_int_equal(table_in(&ctx, (sy_anova_type)4), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "type = 4"));
    sy_anova_defaults(&options);
    options.level = 1;
    assert_int_equal(sy_anova(&ctx, &f.design, &f.model, &options, &summary, row), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "level = 1"));
    f.design.weights = &f.columns[2];
    f.design.weight_kind = SY_WEIGHT_SAMPLING;
    assert_int_equal(table_in(&ctx, SY_ANOVA_II), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "x are sampling weights"));
    assert_non_null(strstr(ctx.message, "Wald"));
    f.design.weights = NULL;
    f.design.weight_kind = SY_WEIGHT_NONE;
    f.n = f.design.n = 3;
    assert_int_equal(table_in(&ctx, SY_ANOVA_II), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "b: only one of its levels has rows"));
    for (int i = 0; i < 3; i++) f.code[1][i] = i % 2;
    assert_int_equal(table_in(&ctx, SY_ANOVA_II), SY_ERANK);
    assert_non_null(strstr(ctx.message, "no row is left over"));
    fill_balanced();
    for (int i = 0; i < 12; i++) f.value[3][i] = 0.1;
    frame_model(&f, "y ~ a");
    assert_int_equal(table_in(&ctx, SY_ANOVA_II), SY_EDATA);
    assert_non_null(strstr(ctx.message, "y: the outcome does not vary"));
    sy_context_free(&ctx);
}

static void threads_and_instruction_sets_give_the_same_bits(void **state)
{
    (void)state;
    static sy_anova_row first[4];
    f.p = 0;
    f.n = 15000;
    frame_add(&f, "a", 1, 5);
    frame_add(&f, "b", 1, 4);
    frame_add(&f, "x", 0, 0);
    frame_add(&f, "y", 0, 0);
    for (ptrdiff_t i = 0; i < f.n; i++) {
        f.code[0][i] = (int32_t)(i * 7919 % 5);
        f.code[1][i] = (int32_t)(i * 104729 % 97 % 4);
        f.value[2][i] = sin((double)i);
        f.value[3][i] = cos((double)i * 1.7) + f.code[0][i] * 0.01;
    }
    frame_model(&f, "y ~ a + b + x + a:b");
    for (int simd = SYI_BASELINE; simd <= SYI_AVX512; simd++)
        for (int threads = 1; threads <= 3; threads += 2) {
            sy_context ctx;
            sy_context_init(&ctx);
            ctx.threads = threads;
            ctx.simd = simd < ctx.simd ? simd : ctx.simd;
            assert_int_equal(table_in(&ctx, SY_ANOVA_III), SY_OK);
            if (simd == SYI_BASELINE && threads == 1) memcpy(first, row, sizeof first);
            assert_memory_equal(first, row, 4 * sizeof *row);
            sy_context_free(&ctx);
        }
}

static sy_status one_table(void *arg, void *answer)
{
    sy_context ctx;
    sy_anova_options options;
    sy_anova_summary *s = answer;
    (void)arg;
    sy_context_init(&ctx);
    sy_anova_defaults(&options);
    options.type = SY_ANOVA_III;
    sy_status status = sy_anova(&ctx, &f.design, &f.model, &options, s, (sy_anova_row *)(void *)(s + 1));
    sy_context_free(&ctx);
    return status;
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    fill_balanced();
    frame_model(&f, "y ~ a + b + a:b");
    assert_true(syi_survives_failing(one_table, NULL, sizeof(sy_anova_summary) + 4 * sizeof(sy_anova_row)) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_in_order_add_up_to_the_model),
        cmocka_unit_test(the_whole_model_is_that_of_the_fit),
        cmocka_unit_test(one_column_is_the_square_of_its_t),
        cmocka_unit_test(balanced_tables_are_alike),
        cmocka_unit_test(a_one_way_table_comes_out_by_hand),
        cmocka_unit_test(coding_and_order_of_levels_change_nothing),
        cmocka_unit_test(adding_a_billion_changes_nothing),
        cmocka_unit_test(scales_pass_through),
        cmocka_unit_test(frequencies_are_repeated_rows),
        cmocka_unit_test(absorbed_levels_are_a_term_before_the_others),
        cmocka_unit_test(without_an_intercept_sums_are_about_zero),
        cmocka_unit_test(an_exact_fit_has_an_infinite_f),
        cmocka_unit_test(an_aliased_term_has_no_degrees_of_freedom),
        cmocka_unit_test(an_empty_cell_is_remarked_on_in_type_three_only),
        cmocka_unit_test(wrong_questions_are_refused),
        cmocka_unit_test(threads_and_instruction_sets_give_the_same_bits),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
