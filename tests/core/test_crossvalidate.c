/* Cross-validated shares: refits on rows, a number of R's, folds, refusals.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "frame.h"
#include "sample_councils.h"

static sample s;

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("%.17g, expected %.17g within %g", found, expected, tolerance);
}

static sy_status ask(const sample *from, sy_unit unit, const sy_question *question,
                     const sy_crossvalidate_options *options, sy_crossvalidate_summary *summary, double *share,
                     sy_context *ctx)
{
    sy_moments m = {0};
    const sy_moments_options how = {.unit = unit, .precision = SY_PRECISION_TWOFOLD};
    sy_status status = sy_moments_init(ctx, &from->design, &how, &m);
    if (status >= 0)
        status =
            sy_crossvalidate(ctx, &m, unit == SY_UNIT_NONE ? &from->design : NULL, question, options, summary, share);
    sy_moments_free(&m);
    return status;
}

static sy_crossvalidate_summary answer(const sample *from, sy_unit unit, int folds, double *share)
{
    sy_context ctx;
    sy_crossvalidate_options o;
    sy_crossvalidate_summary summary;
    sy_context_init(&ctx);
    sy_crossvalidate_defaults(&o);
    o.folds = folds;
    if (ask(from, unit, &from->question, &o, &summary, share, &ctx) < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
    return summary;
}

/* Squared errors in the rows with fold[i] == f of the least squares fit to the
 * others, of the columns in `in`: normal equations in long double. */
static long double errors_of(const sample *from, const int *fold, int f, unsigned in, const double *weight)
{
    enum { MOST = SAMPLE_COLUMNS + 1 };
    long double a[MOST][MOST + 1] = {{0}}, sum = 0;
    int use[MOST], k = 0;
    for (int c = 0; c < SAMPLE_COLUMNS - 1; c++)
        if (in >> c & 1) use[k++] = c;
    for (int i = 0; i < from->n; i++) {
        if (fold[i] == f) continue;
        long double row[MOST + 1] = {1};
        for (int c = 0; c < k; c++) row[c + 1] = from->x[use[c]][i];
        row[k + 1] = from->x[SAMPLE_COLUMNS - 1][i];
        for (int x = 0; x <= k; x++)
            for (int y = 0; y <= k + 1; y++) a[x][y] += weight[i] * row[x] * row[y];
    }
    for (int x = 0; x <= k; x++)
        for (int y = 0; y <= k; y++) {
            if (y == x) continue;
            const long double c = a[y][x] / a[x][x];
            for (int z = 0; z <= k + 1; z++) a[y][z] -= c * a[x][z];
        }
    for (int i = 0; i < from->n; i++) {
        if (fold[i] != f) continue;
        long double e = from->x[SAMPLE_COLUMNS - 1][i] - a[0][k + 1] / a[0][0];
        for (int c = 0; c < k; c++) e -= a[c + 1][k + 1] / a[c + 1][c + 1] * from->x[use[c]][i];
        sum += weight[i] * e * e;
    }
    return sum;
}

/* Columns of the sample's four blocks; the last of them may be forced in. */
static const unsigned columns_of[4] = {1, 6, 8, 16};

/* All 2^4 submodels refitted without each fold, then the Shapley value by its
 * formula. */
static void twin(const sample *from, const int *fold, int folds, int blocks, const double *weight, double *share,
                 double *total)
{
    static const double f4[4][4] = {{1}, {0.5, 0.5}, {1 / 3.0, 1 / 6.0, 1 / 3.0}, {0.25, 1 / 12.0, 1 / 12.0, 0.25}};
    long double e[16] = {0}, nothing = 0;
    const unsigned forced = blocks == 3 ? columns_of[3] : 0;
    for (int f = 0; f < folds; f++) {
        nothing += errors_of(from, fold, f, 0, weight);
        for (int set = 0; set < 1 << blocks; set++) {
            unsigned in = forced;
            for (int b = 0; b < blocks; b++) in |= set >> b & 1 ? columns_of[b] : 0;
            e[set] += errors_of(from, fold, f, in, weight);
        }
    }
    *total = (double)((e[0] - e[(1 << blocks) - 1]) / nothing);
    for (int b = 0; b < blocks; b++) {
        long double sum = 0;
        for (int set = 0; set < 1 << blocks; set++)
            if (!(set >> b & 1))
                sum += f4[blocks - 1][__builtin_popcount((unsigned)set)] * (e[set] - e[set | 1 << b]) / nothing;
        share[b] = (double)sum;
    }
}

/* 1e-11: normal equations of raw columns in long double lose some digits. */
static void leaving_out_each_council_is_refitting_without_it(void **state)
{
    (void)state;
    double share[4], expected[4], total, one[SAMPLE_ROWS];
    sample_fill(&s, 240, 12, 1, 3);
    s.design.cluster = &s.council_column;
    for (int i = 0; i < s.n; i++) one[i] = 1;
    sy_crossvalidate_summary summary = answer(&s, SY_UNIT_CLUSTER, 0, share);
    twin(&s, s.council, 12, 4, one, expected, &total);
    assert_int_equal(summary.folds, 12);
    assert_near(summary.total, total, 1e-11);
    for (int b = 0; b < 4; b++) assert_near(share[b], expected[b], 1e-11);
    s.design.weights = &s.weight_column;
    s.design.weight_kind = SY_WEIGHT_SAMPLING;
    summary = answer(&s, SY_UNIT_CLUSTER, 0, share);
    twin(&s, s.council, 12, 4, s.weight, expected, &total);
    assert_near(summary.total, total, 1e-11);
    for (int b = 0; b < 4; b++) assert_near(share[b], expected[b], 1e-11);
}

static void adjusting_terms_are_in_every_submodel(void **state)
{
    (void)state;
    static const int need[] = {4};
    double share[4], expected[4], total, one[SAMPLE_ROWS];
    sample_fill(&s, 200, 10, 0, 4);
    s.design.cluster = &s.council_column;
    s.question.n_blocks = 3;
    s.question.n_adjust = 1;
    s.question.adjust = need;
    for (int i = 0; i < s.n; i++) one[i] = 1;
    const sy_crossvalidate_summary summary = answer(&s, SY_UNIT_CLUSTER, 0, share);
    twin(&s, s.council, 10, 3, one, expected, &total);
    assert_near(summary.total, total, 1e-11);
    for (int b = 0; b < 3; b++) assert_near(share[b], expected[b], 1e-11);
}

/* R 4.2.2, boot 1.3-28.1: cv.glm(swiss, glm(formula, data = swiss))$delta[1],
 * leaving out each row in turn; 15 digits were printed. */
static void one_row_a_fold_is_what_cv_glm_of_r_says(void **state)
{
    (void)state;
    static const struct {
        int n;
        double error;
    } r[] = {{0, 159.434725897921}, {1, 147.030357360926}, {2, 93.889624936563}, {3, 65.0293424440413}};
    static frame f;
    frame_read(&f, "tests/reference/data/swiss.csv", "none");
    frame_model(&f, "Fertility ~ Agriculture + Education + Catholic");
    const sy_moments_options how = {.unit = SY_UNIT_ROW};
    static const int terms[] = {1, 2, 3};
    sy_context ctx;
    sy_moments m = {0};
    sy_context_init(&ctx);
    assert_true(sy_moments_init(&ctx, &f.design, &how, &m) >= 0);
    for (int i = 1; i < 4; i++) {
        const sy_block block = {"all", r[i].n, terms};
        const sy_question question = {.outcome = 0, .n_blocks = 1, .blocks = &block};
        const sy_crossvalidate_options o = {.folds = 47, .seed = 9};
        sy_crossvalidate_summary summary;
        double share;
        assert_true(sy_crossvalidate(&ctx, &m, NULL, &question, &o, &summary, &share) >= 0);
        assert_near(summary.total, 1 - r[i].error / r[0].error, 1e-13);
        assert_near(share, summary.total, 0);
    }
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

/* Rows held one by one, or summed by fold in a second reading: the same deal. */
static void folds_of_rows_do_not_depend_on_how_rows_are_kept(void **state)
{
    (void)state;
    double a[4], b[4];
    sample_fill(&s, 403, 20, 0, 5);
    const sy_crossvalidate_summary one = answer(&s, SY_UNIT_ROW, 0, a), two = answer(&s, SY_UNIT_NONE, 0, b);
    assert_int_equal(one.folds, 10);
    assert_int_equal(two.folds, 10);
    assert_near(one.total, two.total, 1e-14);
    for (int k = 0; k < 4; k++) assert_near(a[k], b[k], 1e-14);
}

/* A block of noise has a positive share of what is fitted, and on average less
 * than nothing of what is predicted. */
static void noise_costs_and_shares_add_up(void **state)
{
    (void)state;
    double mean = 0;
    for (uint32_t draw = 0; draw < 60; draw++) {
        double share[4], sum = 0;
        syi_stream r;
        sample_fill(&s, 60, 12, 0, 6);
        syi_stream_init(&r, 77, draw, 0);
        for (int i = 0; i < s.n; i++) s.x[3][i] = syi_stream_normal(&r);
        for (int i = 0; i < s.n; i++) s.x[5][i] = syi_stream_normal(&r) + s.x[1][i];
        const sy_crossvalidate_summary summary = answer(&s, SY_UNIT_ROW, 0, share);
        for (int b = 0; b < 4; b++) sum += share[b];
        assert_near(sum, summary.total, 1e-14);
        assert_true(share[1] > 0.1);
        mean += share[2] / 60;
    }
    assert_true(mean < -0.002);
}

static void aliased_columns_add_nothing(void **state)
{
    (void)state;
    double share[4], doubled[5];
    sample_fill(&s, 240, 12, 0, 8);
    s.design.cluster = &s.council_column;
    const sy_crossvalidate_summary plain = answer(&s, SY_UNIT_CLUSTER, 0, share);
    memcpy(s.x[2], s.x[1], sizeof s.x[1]);
    sy_block block[4];
    memcpy(block, s.block, sizeof block);
    block[1].n_terms = 1;
    s.question.blocks = block;
    const sy_crossvalidate_summary single = answer(&s, SY_UNIT_CLUSTER, 0, share);
    s.question.blocks = s.block;
    const sy_crossvalidate_summary both = answer(&s, SY_UNIT_CLUSTER, 0, doubled);
    assert_true(plain.total > single.total);
    assert_near(both.total, single.total, 1e-13);
    for (int b = 0; b < 4; b++) assert_near(doubled[b], share[b], 1e-13);
}

static void bits_do_not_depend_on_threads(void **state)
{
    (void)state;
    double one[4], many[4];
    sample_fill(&s, 2000, 60, 1, 9);
    s.design.cluster = &s.council_column;
    for (int threads = 1; threads <= 5; threads += 2) {
        sy_context ctx;
        sy_crossvalidate_options o;
        sy_crossvalidate_summary summary;
        sy_context_init(&ctx);
        sy_crossvalidate_defaults(&o);
        ctx.threads = threads;
        assert_true(ask(&s, SY_UNIT_CLUSTER, &s.question, &o, &summary, threads == 1 ? one : many, &ctx) >= 0);
        sy_context_free(&ctx);
        if (threads > 1) assert_memory_equal(one, many, sizeof one);
    }
}

static void refuses(sy_unit unit, int rows, sy_crossvalidate_options o, sy_status code, const char *words)
{
    sy_context ctx;
    sy_moments m = {0};
    sy_crossvalidate_summary summary;
    double share[4];
    const sy_moments_options how = {.unit = unit};
    sy_context_init(&ctx);
    assert_true(sy_moments_init(&ctx, &s.design, &how, &m) >= 0);
    assert_int_equal(sy_crossvalidate(&ctx, &m, rows ? &s.design : NULL, &s.question, &o, &summary, share), code);
    if (!strstr(ctx.message, words)) fail_msg("%s", ctx.message);
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

static void refusals_name_what_is_possible(void **state)
{
    (void)state;
    sample_fill(&s, 60, 12, 0, 10);
    s.design.cluster = &s.council_column;
    refuses(SY_UNIT_CLUSTER, 0, (sy_crossvalidate_options){.folds = 13}, SY_EINVAL,
            "folds: 13; 2 to 12 are possible with 12 clusters");
    refuses(SY_UNIT_CLUSTER, 0, (sy_crossvalidate_options){.folds = 1}, SY_EINVAL, "folds: 1; 2 to 12");
    s.question.absorb = 1;
    refuses(SY_UNIT_CLUSTER, 0, (sy_crossvalidate_options){0}, SY_EINVAL, "fixed effects of clusters say nothing");
    s.question.absorb = 0;
    s.design.cluster = NULL;
    refuses(SY_UNIT_NONE, 0, (sy_crossvalidate_options){0}, SY_EINVAL, "one sum over all rows");
    refuses(SY_UNIT_ROW, 0, (sy_crossvalidate_options){.folds = -3}, SY_EINVAL, "folds: -3; 2 to 60");
    s.design.n = 8;
    refuses(SY_UNIT_ROW, 0, (sy_crossvalidate_options){.folds = 2}, SY_ERANK, "too few rows are left");
    for (int i = 0; i < 60; i++) s.x[5][i] = i == 0;
    s.design.n = 60;
    refuses(SY_UNIT_ROW, 0, (sy_crossvalidate_options){.folds = 60}, SY_EDATA, "outcome has one value only");
}

static void a_time_limit_leaves_it_undone(void **state)
{
    (void)state;
    sample_fill(&s, 60, 12, 0, 11);
    sy_context ctx;
    sy_crossvalidate_options o;
    sy_crossvalidate_summary summary;
    double share[4];
    sy_context_init(&ctx);
    sy_crossvalidate_defaults(&o);
    o.time_limit = 1e-9;
    assert_true(ask(&s, SY_UNIT_ROW, &s.question, &o, &summary, share, &ctx) >= 0);
    assert_true(isnan(summary.total) && isnan(share[0]) && summary.folds == 0 && summary.seconds_estimated > 1e-9);
    sy_context_free(&ctx);
}

static sy_status job(void *unit, void *result)
{
    sy_context ctx;
    sy_crossvalidate_options o;
    sy_crossvalidate_summary summary = {0};
    double values[5];
    sy_context_init(&ctx);
    sy_crossvalidate_defaults(&o);
    const sy_status status = ask(&s, *(sy_unit *)unit, &s.question, &o, &summary, values, &ctx);
    values[4] = summary.total;
    if (status >= 0) memcpy(result, values, sizeof values);
    sy_context_free(&ctx);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    sy_unit unit = SY_UNIT_ROW;
    sample_fill(&s, 40, 10, 0, 12);
    assert_true(syi_survives_failing(job, &unit, 5 * sizeof(double)) > 10);
    unit = SY_UNIT_NONE;
    assert_true(syi_survives_failing(job, &unit, 5 * sizeof(double)) > 10);
}

static int stop(void *arg)
{
    ++*(int *)arg;
    return 1;
}

static void the_host_can_stop_it(void **state)
{
    (void)state;
    static double x[17][400];
    static sy_column column[17];
    static sy_factor factor[17];
    static sy_term term[17];
    static sy_block block[16];
    static int one[17];
    static char name[17][8];
    syi_stream r;
    syi_stream_init(&r, 5, 0, 0);
    for (int c = 0; c < 17; c++) {
        for (int i = 0; i < 400; i++) x[c][i] = syi_stream_normal(&r);
        snprintf(name[c], sizeof name[c], "x%d", c);
        column[c] = (sy_column){.name = name[c], .data = x[c], .stride = 8, .type = SY_F64};
        factor[c] = (sy_factor){c, 1};
        term[c] = (sy_term){name[c], 1, &factor[c]};
        one[c] = c;
        if (c < 16) block[c] = (sy_block){name[c], 1, &one[c]};
    }
    const sy_design design = {.n = 400, .n_columns = 17, .columns = column, .n_terms = 17, .terms = term};
    const sy_question question = {.outcome = 16, .n_blocks = 16, .blocks = block};
    const sy_moments_options how = {.unit = SY_UNIT_ROW};
    const sy_crossvalidate_options o = {.folds = 400};
    sy_crossvalidate_summary summary;
    double share[16];
    int polls = 0;
    sy_context ctx;
    sy_moments m = {0};
    sy_context_init(&ctx);
    assert_true(sy_moments_init(&ctx, &design, &how, &m) >= 0);
    ctx.poll = stop;
    ctx.poll_arg = &polls;
    assert_int_equal(sy_crossvalidate(&ctx, &m, NULL, &question, &o, &summary, share), SY_EINTR);
    assert_true(polls >= 1);
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaving_out_each_council_is_refitting_without_it),
        cmocka_unit_test(adjusting_terms_are_in_every_submodel),
        cmocka_unit_test(one_row_a_fold_is_what_cv_glm_of_r_says),
        cmocka_unit_test(folds_of_rows_do_not_depend_on_how_rows_are_kept),
        cmocka_unit_test(noise_costs_and_shares_add_up),
        cmocka_unit_test(aliased_columns_add_nothing),
        cmocka_unit_test(bits_do_not_depend_on_threads),
        cmocka_unit_test(refusals_name_what_is_possible),
        cmocka_unit_test(a_time_limit_leaves_it_undone),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(the_host_can_stop_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
