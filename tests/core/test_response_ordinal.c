/* Models of ordered answers.
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "failing_internal.h"

#include "cases.h"
#include "ordinal_problem.h"

#include "base/random_internal.h"
#include <math.h>

static frame sheet, other;

static const char *const housing_model = "Sat ~ Infl + Type + Cont";
static const char *const wine_model = "rating ~ temp + contact";

static void pose_data(ordinal_problem *q, frame *f, const char *data, const char *text)
{
    if (!strcmp(data, "wine")) frame_wine(f);
    else frame_housing(f);
    ordinal_pose(q, f, text);
    if (strcmp(data, "wine") != 0) weigh(f, "Freq", SY_WEIGHT_FREQUENCY);
}

static void fit_data(ordinal_problem *q, const char *data, const char *text)
{
    sy_context ctx;
    sy_context_init(&ctx);
    pose_data(q, &sheet, data, text);
    const sy_status status = ordinal_fit(&ctx, q);
    if (status < 0) fail_msg("%s: %s", text, ctx.message);
    assert_true(q->summary.converged && !q->summary.separated);
    sy_context_free(&ctx);
}

static double found_of(const ordinal_problem *q, const char *quantity)
{
    int j = 0;
    if (sscanf(quantity, "coef[%d]", &j) == 1) return q->estimate[j - 1];
    if (sscanf(quantity, "se[%d]", &j) == 1) return sqrt(q->covariance[(j - 1) * (q->shape.k + 1)]);
    assert_string_equal(quantity, "loglik");
    return q->summary.loglik;
}

static void clm_gives_the_same_answers(void **state)
{
    (void)state;
    record r;
    char case_name[MAX_FIELD] = "";
    static ordinal_problem q;
    int held = 0;
    FILE *file = open_table("tests/reference/clm.csv", &r);
    while (next_case(file, "ordinal_clm", &r)) {
        if (strncmp(r.field[CASE_QUANTITY], "coef", 4) && strncmp(r.field[CASE_QUANTITY], "se[", 3) &&
            strcmp(r.field[CASE_QUANTITY], "loglik"))
            continue;
        if (strcmp(case_name, r.field[CASE_NAME])) {
            snprintf(case_name, sizeof case_name, "%s", r.field[CASE_NAME]);
            fit_data(&q, r.field[CASE_DATA], r.field[CASE_MODEL]);
        }
        held += within(&r, found_of(&q, r.field[CASE_QUANTITY]));
    }
    fclose(file);
    assert_int_equal(held, 244);
}

/* The parameters of a case of cases.csv stand there by name, in the order they
 * have here. */
static void the_reference_cases_hold(void **state)
{
    (void)state;
    record r;
    static ordinal_problem q;
    char case_name[MAX_FIELD] = "";
    int held = 0, coef = 0, se = 0;
    FILE *file = open_cases();
    while (next_case(file, "ordinal", &r)) {
        const char *const quantity = r.field[CASE_QUANTITY];
        if (strcmp(case_name, r.field[CASE_NAME])) {
            snprintf(case_name, sizeof case_name, "%s", r.field[CASE_NAME]);
            coef = se = 0;
            fit_data(&q, r.field[CASE_DATA], !strcmp(r.field[CASE_DATA], "wine") ? wine_model : housing_model);
        }
        double found = q.summary.loglik;
        if (!strncmp(quantity, "threshold", 9) || !strncmp(quantity, "coef", 4)) found = q.estimate[coef++];
        else if (!strncmp(quantity, "se[", 3)) found = sqrt(q.covariance[se++ * (q.shape.k + 1)]);
        else if (!strcmp(quantity, "aic")) found = q.summary.aic;
        else assert_string_equal(quantity, "loglik");
        held += within(&r, found);
    }
    fclose(file);
    assert_int_equal(held, 32);
}

static void rounded(double found, double printed, int places)
{
    if (!(fabs(found - printed) <= 0.5000001 * pow(10, -places)))
        fail_msg("found %.10g, printed %.*f", found, places, printed);
}

/* Venables & Ripley 2002, Modern Applied Statistics with S, section 7.3; null
 * deviance and test for influence from the same model without the terms. */
static void housing_is_as_printed(void **state)
{
    (void)state;
    static ordinal_problem q, less;
    static const double printed[][2] = {{-.4961, .1248}, {.6907, .1255},  {.5664, .1047},   {1.2888, .1272},
                                        {-.5724, .1192}, {-.3662, .1552}, {-1.0910, .1515}, {.3603, .0955}};
    static const double ratios[] = {1.762, 3.628, .564, .693, .336, 1.434};
    fit_data(&less, "housing", "Sat ~ Type + Cont");
    fit_data(&q, "housing", housing_model);
    assert_int_equal(q.shape.k, 8);
    for (int j = 0; j < 8; j++) {
        rounded(q.estimate[j], printed[j][0], 4);
        rounded(sqrt(q.covariance[j * 9]), printed[j][1], 4);
    }
    for (int j = 0; j < 6; j++) rounded(exp(q.estimate[j + 2]), ratios[j], 3);
    rounded(q.summary.deviance, 3479.149, 3);
    rounded(q.summary.aic, 3495.149, 3);
    rounded(q.summary.deviance_null, 3648.878, 3);
    rounded(less.summary.deviance - q.summary.deviance, 108.24, 2);
    assert_true(q.summary.n == 1681 && q.summary.rank - less.summary.rank == 2);
}

/* Randall 1989; Christensen, Analysis of ordinal data with cumulative link
 * models. */
static void wine_is_as_printed(void **state)
{
    (void)state;
    static ordinal_problem q;
    static const double printed[] = {-1.344, 1.251, 3.467, 5.006, 2.503, 1.528};
    fit_data(&q, "wine", wine_model);
    for (int j = 0; j < 6; j++) rounded(q.estimate[j], printed[j], 3);
    rounded(sqrt(q.covariance[4 * 7]), .529, 3);
    rounded(sqrt(q.covariance[5 * 7]), .477, 3);
    rounded(q.summary.loglik, -86.492, 3);
    rounded(q.summary.loglik_null, -103.719, 3);
}

/* Deterministic uniform numbers. */
static double draw(int i)
{
    syi_stream s;
    syi_stream_init(&s, 11, 0, (uint32_t)i);
    return syi_stream_uniform(&s);
}

/* Spreads of 1 about 0 in units of the coefficients' errors, thresholds kept in
 * order. */
static void twenty_random_starts_end_at_one_optimum(void **state)
{
    (void)state;
    static const char *const models[] = {"rating ~ temp + contact", "rating ~ temp + contact; scale temp; probit",
                                         "rating ~ temp; nominal contact; cloglog"};
    static ordinal_problem q;
    for (int m = 0; m < 3; m++) {
        double best[ORDINAL_K], start[ORDINAL_K];
        fit_data(&q, "wine", models[m]);
        memcpy(best, q.estimate, sizeof best);
        for (int trial = 0; trial < 20; trial++) {
            sy_context ctx;
            sy_context_init(&ctx);
            for (int j = 0; j < q.shape.k; j++)
                start[j] =
                    j < 4 ? 1.2 * (j - 1.5 + draw(1000 * m + 50 * trial + j)) : 2 * draw(1000 * m + 50 * trial + j) - 1;
            for (int j = 4; m == 2 && j < 8; j++) start[j] = start[4];
            if (m == 1) start[6] *= 0.3;
            q.options.start = start;
            assert_true(ordinal_fit(&ctx, &q) >= 0);
            for (int j = 0; j < q.shape.k; j++) near(q.estimate[j], best[j], 1e-9);
            sy_context_free(&ctx);
        }
    }
}

static void two_levels_are_a_binary_model(void **state)
{
    (void)state;
    static ordinal_problem q;
    for (int link = SY_LINK_LOGIT; link <= SY_LINK_PROBIT; link++) {
        sy_context ctx;
        sy_context_init(&ctx);
        frame_wine(&sheet);
        const int c = frame_column(&sheet, "rating");
        sheet.n_levels[c] = 2;
        for (ptrdiff_t i = 0; i < sheet.n; i++) sheet.code[c][i] = sheet.code[c][i] > 2;
        ordinal_pose(&q, &sheet, wine_model);
        q.model.link = (sy_link)link;
        assert_int_equal(ordinal_fit(&ctx, &q), SY_OK);
        double ordinal[3], error[3];
        for (int j = 0; j < 3; j++) {
            ordinal[j] = q.estimate[j];
            error[j] = q.covariance[j * 4];
        }
        const double loglik = q.summary.loglik;
        q.model.kind = SY_RESPONSE_BINARY;
        assert_int_equal(ordinal_fit(&ctx, &q), SY_OK);
        near(q.summary.loglik, loglik, 1e-13);
        for (int j = 0; j < 3; j++) {
            near(q.estimate[j], j == 0 ? -ordinal[j] : ordinal[j], 1e-10);
            near(q.covariance[j * 4], error[j], 1e-10);
        }
        sy_context_free(&ctx);
    }
}

static void levels_in_reverse_turn_the_signs(void **state)
{
    (void)state;
    static ordinal_problem q, back;
    static const char *const models[] = {"rating ~ temp + contact", "rating ~ temp + contact; scale temp; probit",
                                         "rating ~ temp + contact; symmetric; probit"};
    for (int m = 0; m < 3; m++) {
        sy_context ctx;
        sy_context_init(&ctx);
        fit_data(&q, "wine", models[m]);
        frame_wine(&other);
        const int c = frame_column(&other, "rating");
        for (ptrdiff_t i = 0; i < other.n; i++) other.code[c][i] = 4 - other.code[c][i];
        ordinal_pose(&back, &other, models[m]);
        assert_int_equal(ordinal_fit(&ctx, &back), SY_OK);
        const int kinds = q.shape.n_thresholds;
        near(back.summary.loglik, q.summary.loglik, 1e-13);
        for (int j = kinds; j < kinds + 2; j++) near(back.estimate[j], -q.estimate[j], 1e-9);
        if (m == 1) near(back.estimate[kinds + 2], q.estimate[kinds + 2], 1e-9);
        if (m < 2)
            for (int j = 0; j < 4; j++) near(back.estimate[j], -q.estimate[3 - j], 1e-9);
        sy_context_free(&ctx);
    }
}

static int remarked(const sy_context *ctx, sy_status code, const char *term)
{
    for (int i = 0; i < ctx->n_remarks; i++)
        if (ctx->remarks[i].code == code && (!term || strstr(ctx->remarks[i].term, term))) return 1;
    return 0;
}

static void an_empty_level_is_left_out_with_a_remark(void **state)
{
    (void)state;
    static ordinal_problem q, whole;
    sy_context ctx;
    sy_context_init(&ctx);
    fit_data(&whole, "wine", wine_model);
    frame_wine(&other);
    const int c = frame_column(&other, "rating");
    other.n_levels[c] = 6;
    snprintf(other.level[c][5], FRAME_TEXT, "6");
    for (ptrdiff_t i = 0; i < other.n; i++) other.code[c][i] += other.code[c][i] > 2;
    ordinal_pose(&q, &other, wine_model);
    assert_int_equal(ordinal_fit(&ctx, &q), SY_NOTE_EMPTY_LEVEL);
    assert_true(remarked(&ctx, SY_NOTE_EMPTY_LEVEL, NULL));
    assert_int_equal(q.shape.n_levels, 5);
    assert_int_equal(q.shape.k, whole.shape.k);
    assert_memory_equal(q.estimate, whole.estimate, sizeof(double) * 6);
    sy_context_free(&ctx);
}

static void frequencies_are_rows_repeated(void **state)
{
    (void)state;
    static ordinal_problem q, rows;
    sy_context ctx;
    sy_context_init(&ctx);
    fit_data(&q, "housing", "Sat ~ Infl + Cont; scale Type; nominal Type; cloglog");
    frame_housing(&other);
    const int freq = frame_column(&other, "Freq");
    const ptrdiff_t n = other.n;
    for (ptrdiff_t i = 0; i < n; i++)
        for (int times = 1; times < (int)other.value[freq][i]; times++, other.n++)
            for (int c = 0; c < other.p; c++) {
                other.code[c][other.n] = other.code[c][i];
                other.value[c][other.n] = other.value[c][i];
            }
    ordinal_pose(&rows, &other, "Sat ~ Infl + Cont; scale Type; nominal Type; cloglog");
    assert_int_equal(ordinal_fit(&ctx, &rows), SY_OK);
    assert_true(rows.summary.n == 1681 && q.summary.n == 1681);
    near(rows.summary.loglik, q.summary.loglik, 1e-13);
    for (int j = 0; j < q.shape.k; j++) {
        near(rows.estimate[j], q.estimate[j], 1e-9);
        near(rows.covariance[j * (q.shape.k + 1)], q.covariance[j * (q.shape.k + 1)], 1e-9);
    }
    sy_context_free(&ctx);
}

/* Three answers told without error by x, and by nothing else. */
static void a_predictor_that_orders_the_answers_is_named(void **state)
{
    (void)state;
    static ordinal_problem q;
    sy_context ctx;
    sy_context_init(&ctx);
    frame_wine(&sheet);
    const int x = frame_add(&sheet, "x", 0, 0), y = frame_column(&sheet, "rating");
    for (ptrdiff_t i = 0; i < sheet.n; i++) sheet.value[x][i] = sheet.code[y][i] + 0.5 * draw((int)i);
    ordinal_pose(&q, &sheet, "rating ~ temp + x");
    assert_int_equal(ordinal_fit(&ctx, &q), SY_NOTE_SEPARATED);
    assert_true(q.summary.separated);
    assert_true(remarked(&ctx, SY_NOTE_SEPARATED, "x"));
    sy_context_free(&ctx);
}

static void refuse(ordinal_problem *q, sy_status code, const char *word)
{
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status status = ordinal_fit(&ctx, q);
    if (status != code || !strstr(ctx.message, word)) fail_msg("%d: %s (wanted %s)", (int)status, ctx.message, word);
    sy_context_free(&ctx);
}

static void what_cannot_be_fitted_is_refused_in_words(void **state)
{
    (void)state;
    static ordinal_problem q;
    pose_data(&q, &sheet, "wine", wine_model);
    for (ptrdiff_t i = 0; i < sheet.n; i++) sheet.code[frame_column(&sheet, "rating")][i] = 2;
    refuse(&q, SY_EDATA, "rating");
    pose_data(&q, &sheet, "wine", "response ~ temp + contact");
    refuse(&q, SY_EINVAL, "response");
    pose_data(&q, &sheet, "wine", wine_model);
    q.model.link = SY_LINK_LOG;
    refuse(&q, SY_EINVAL, "link");
    pose_data(&q, &sheet, "wine", "rating ~ temp + contact; nominal temp");
    refuse(&q, SY_EINVAL, "temp");
    pose_data(&q, &sheet, "wine", wine_model);
    q.model.columns.intercept = 0;
    refuse(&q, SY_EINVAL, "intercept");
}

/* 20,000 rows: enough for threads to be made. */
static void pose_many(ordinal_problem *q, const char *text)
{
    frame_wine(&other);
    const ptrdiff_t n = other.n;
    for (ptrdiff_t i = n; i < FRAME_ROWS; i++, other.n++)
        for (int c = 0; c < other.p; c++) {
            other.code[c][i] = other.code[c][i % n];
            other.value[c][i] = other.value[c][i % n];
        }
    const int bottle = frame_column(&other, "bottle");
    for (ptrdiff_t i = 0; i < other.n; i++) other.value[bottle][i] = draw((int)i);
    ordinal_pose(q, &other, text);
}

static void threads_and_processors_give_the_same_bits(void **state)
{
    (void)state;
    static const char *const models[] = {"rating ~ temp + contact + bottle",
                                         "rating ~ temp; nominal contact; scale bottle; probit"};
    static ordinal_problem q, again;
    for (int m = 0; m < 2; m++)
        for (int way = 0; way < 3; way++) {
            sy_context ctx;
            sy_context_init(&ctx);
            ctx.threads = way == 1 ? 3 : 1;
            ctx.simd = way == 2 ? 1 : 2;
            pose_many(way == 0 ? &q : &again, models[m]);
            assert_int_equal(ordinal_fit(&ctx, way == 0 ? &q : &again), SY_OK);
            sy_context_free(&ctx);
            if (way == 0) continue;
            assert_memory_equal(q.estimate, again.estimate, sizeof(double) * (size_t)q.shape.k);
            assert_memory_equal(q.covariance, again.covariance, sizeof(double) * (size_t)q.shape.k * (size_t)q.shape.k);
        }
}

/* The search begins on a part of so many rows; it must end where the few rows
 * with frequencies end. */
static void many_rows_end_where_frequencies_do(void **state)
{
    (void)state;
    enum { TIMES = 600 };
    static ordinal_problem q, many;
    sy_context ctx;
    sy_context_init(&ctx);
    fit_data(&q, "wine", wine_model);
    frame_wine(&other);
    ordinal_pose(&many, &other, wine_model);
    const ptrdiff_t n = other.n;
    int32_t *const codes = calloc((size_t)(3 * TIMES * n), sizeof *codes);
    assert_non_null(codes);
    static const char *const names[] = {"rating", "temp", "contact"};
    for (int c = 0; c < 3; c++) {
        const int place = frame_column(&other, names[c]);
        int32_t *const to = codes + c * TIMES * n;
        for (ptrdiff_t i = 0; i < TIMES * n; i++) to[i] = other.code[place][i % n];
        other.columns[place].data = to;
    }
    other.design.n = TIMES * n;
    for (int threads = 1; threads < 4; threads += 2) {
        double first[ORDINAL_K];
        ctx.threads = threads;
        memcpy(first, many.estimate, sizeof first);
        assert_int_equal(ordinal_fit(&ctx, &many), SY_OK);
        if (threads > 1) assert_memory_equal(first, many.estimate, sizeof(double) * 6);
    }
    near(many.summary.loglik, TIMES * q.summary.loglik, 1e-12);
    for (int j = 0; j < 6; j++) {
        near(many.estimate[j], q.estimate[j], 1e-9);
        near(TIMES * many.covariance[j * 7], q.covariance[j * 7], 1e-9);
    }
    free(codes);
    sy_context_free(&ctx);
}

static sy_status fit_job(void *arg, void *answer)
{
    ordinal_problem *q = arg;
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status status = ordinal_fit(&ctx, q);
    if (status >= 0) memcpy(answer, q->estimate, sizeof(double) * (size_t)q->shape.k);
    sy_context_free(&ctx);
    return status;
}

static void every_failing_allocation_is_survived(void **state)
{
    (void)state;
    static const char *const models[] = {"rating ~ temp + contact", "rating ~ temp; nominal contact; scale temp"};
    static ordinal_problem q;
    for (int m = 0; m < 2; m++) {
        pose_data(&q, &sheet, "wine", models[m]);
        fit_job(&q, (double[ORDINAL_K]){0});
        assert_true(syi_survives_failing(fit_job, &q, sizeof(double) * (size_t)q.shape.k) > 10);
    }
}

static void labels_are_those_of_the_parameters(void **state)
{
    (void)state;
    static const char *const models[] = {"rating ~ temp; nominal contact; scale temp; equidistant",
                                         "rating ~ temp; symmetric", "rating ~ temp"};
    static const char *const labels[][6] = {{"threshold.1", "spacing", "threshold.1: contact[yes]",
                                             "spacing: contact[yes]", "temp[warm]", "scale: temp[warm]"},
                                            {"central.1", "central.2", "spacing.1", "temp[warm]"},
                                            {"1|2", "2|3", "3|4", "4|5", "temp[warm]"}};
    static const int count[] = {6, 4, 5};
    static ordinal_problem q;
    for (int m = 0; m < 3; m++) {
        sy_context ctx;
        char text[6][64];
        sy_context_init(&ctx);
        pose_data(&q, &sheet, "wine", models[m]);
        assert_int_equal(sy_response_shape_of(&ctx, &sheet.design, &q.model, &q.shape), SY_OK);
        assert_int_equal(q.shape.k, count[m]);
        assert_int_equal(sy_response_labels(&ctx, &sheet.design, &q.model, count[m], text[0], 64), SY_OK);
        for (int j = 0; j < count[m]; j++) assert_string_equal(text[j], labels[m][j]);
        sy_context_free(&ctx);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clm_gives_the_same_answers),
        cmocka_unit_test(the_reference_cases_hold),
        cmocka_unit_test(housing_is_as_printed),
        cmocka_unit_test(wine_is_as_printed),
        cmocka_unit_test(twenty_random_starts_end_at_one_optimum),
        cmocka_unit_test(two_levels_are_a_binary_model),
        cmocka_unit_test(levels_in_reverse_turn_the_signs),
        cmocka_unit_test(an_empty_level_is_left_out_with_a_remark),
        cmocka_unit_test(frequencies_are_rows_repeated),
        cmocka_unit_test(a_predictor_that_orders_the_answers_is_named),
        cmocka_unit_test(what_cannot_be_fitted_is_refused_in_words),
        cmocka_unit_test(threads_and_processors_give_the_same_bits),
        cmocka_unit_test(many_rows_end_where_frequencies_do),
        cmocka_unit_test(every_failing_allocation_is_survived),
        cmocka_unit_test(labels_are_those_of_the_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
