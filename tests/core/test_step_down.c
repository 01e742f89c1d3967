/* Families of tests stepped down from their joint law, and ranks: slow twins,
 * refusals.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "base/random_internal.h"
#include "steelyard/joint.h"
#include <math.h>
#include <string.h>

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("%.17g, expected %.17g within %g", found, expected, tolerance);
}

enum { UNITS = 15, TESTS = 4, DRAWS = 200 };

typedef struct {
    double moves[UNITS * TESTS], t[TESTS], p[TESTS];
} family;

/* Correlated moves; statistics from clear to nothing, two nearly alike. */
static void make_family(family *f)
{
    syi_stream r;
    syi_stream_init(&r, 99, 0, 0);
    for (int u = 0; u < UNITS; u++) {
        const double common = syi_stream_normal(&r);
        for (int k = 0; k < TESTS; k++) f->moves[u * TESTS + k] = common + syi_stream_normal(&r);
    }
    const double t[TESTS] = {2.4, -3.1, 0.2, 2.5};
    memcpy(f->t, t, sizeof t);
}

/* t* of replicate r and test k, straight from the definition. */
static double drawn(const family *f, uint64_t seed, int r, int k)
{
    syi_stream stream;
    double sum = 0, square = 0;
    uint32_t bits = 0;
    syi_stream_init(&stream, seed, (uint32_t)r, 0);
    for (int u = 0; u < UNITS; u++) {
        if (u % 32 == 0) bits = syi_stream_bits(&stream);
        const double d = f->moves[u * TESTS + k];
        sum += (bits >> (u % 32) & 1) ? d : -d;
        square += d * d;
    }
    return sum / sqrt(UNITS / (UNITS - 1.0) * (square - sum * sum / UNITS));
}

/* Romano and Wolf's algorithm as printed: at each step the largest |t*| of the
 * hypotheses that are left. */
static void twin_romano_wolf(const family *f, uint64_t seed, double *p)
{
    int done[TESTS] = {0};
    double before = 0;
    for (int step = 0; step < TESTS; step++) {
        int next = -1, reach = 0;
        for (int k = 0; k < TESTS; k++)
            if (!done[k] && (next < 0 || fabs(f->t[k]) > fabs(f->t[next]))) next = k;
        for (int r = 0; r < DRAWS; r++) {
            double most = 0;
            for (int k = 0; k < TESTS; k++)
                if (!done[k]) most = fmax(most, fabs(drawn(f, seed, r, k)));
            reach += most >= fabs(f->t[next]);
        }
        before = fmax(before, (reach + 1.0) / (DRAWS + 1));
        p[next] = before;
        done[next] = 1;
    }
}

/* How many of the replicates of test k reach t. */
static double reaching(const family *f, uint64_t seed, int k, double t)
{
    int reach = 0;
    for (int r = 0; r < DRAWS; r++) reach += fabs(drawn(f, seed, r, k)) >= fabs(t) * (1 - 1e-12);
    return reach;
}

/* p values of the single tests, whatever they come from. */
static const double single_p[TESTS] = {0.03, 0.008, 0.84, 0.0255};

static void twin_westfall_young(const family *f, uint64_t seed, double *p)
{
    int done[TESTS] = {0};
    double before = 0, own[TESTS];
    for (int k = 0; k < TESTS; k++) own[k] = DRAWS * single_p[k];
    for (int step = 0; step < TESTS; step++) {
        int next = -1, reach = 0;
        for (int k = 0; k < TESTS; k++)
            if (!done[k] && (next < 0 || own[k] < own[next])) next = k;
        for (int r = 0; r < DRAWS; r++) {
            double least = DRAWS + 1;
            for (int k = 0; k < TESTS; k++)
                if (!done[k]) least = fmin(least, reaching(f, seed, k, drawn(f, seed, r, k)));
            reach += least <= own[next];
        }
        before = fmax(before, (reach + 1.0) / (DRAWS + 1));
        p[next] = before;
        done[next] = 1;
    }
}

static void step_down_agrees_with_the_printed_algorithms(void **state)
{
    (void)state;
    family f;
    double expected[TESTS];
    sy_context ctx;
    sy_context_init(&ctx);
    make_family(&f);
    for (uint64_t seed = 1; seed <= 3; seed++) {
        assert_int_equal(sy_joint_step_down(&ctx, UNITS, TESTS, f.moves, f.t, 2, SY_STEP_ROMANO_WOLF, DRAWS, seed, f.p),
                         SY_OK);
        twin_romano_wolf(&f, seed, expected);
        for (int k = 0; k < TESTS; k++) assert_near(f.p[k], expected[k], 0);
        assert_int_equal(
            sy_joint_step_down(&ctx, UNITS, TESTS, f.moves, single_p, 2, SY_STEP_WESTFALL_YOUNG, DRAWS, seed, f.p),
            SY_OK);
        twin_westfall_young(&f, seed, expected);
        for (int k = 0; k < TESTS; k++) assert_near(f.p[k], expected[k], 0);
    }
    sy_context_free(&ctx);
}

static void a_missing_statistic_is_passed_over(void **state)
{
    (void)state;
    family f;
    double without[TESTS - 1], moves[UNITS * (TESTS - 1)], t[TESTS - 1];
    sy_context ctx;
    sy_context_init(&ctx);
    make_family(&f);
    f.t[2] = NAN;
    for (int u = 0; u < UNITS; u++)
        for (int k = 0; k < TESTS - 1; k++) moves[u * (TESTS - 1) + k] = f.moves[u * TESTS + k + (k > 1)];
    for (int k = 0; k < TESTS - 1; k++) t[k] = f.t[k + (k > 1)];
    assert_int_equal(sy_joint_step_down(&ctx, UNITS, TESTS, f.moves, f.t, 2, 0, DRAWS, 1, f.p), SY_OK);
    assert_int_equal(sy_joint_step_down(&ctx, UNITS, TESTS - 1, moves, t, 2, 0, DRAWS, 1, without), SY_OK);
    assert_true(isnan(f.p[2]));
    for (int k = 0; k < TESTS - 1; k++) assert_near(f.p[k + (k > 1)], without[k], 0);
    sy_context_free(&ctx);
}

/* Far apart beside their moves: every rank is sure; equal: none is. */
static void ranks_are_sure_when_far_apart(void **state)
{
    (void)state;
    family f;
    const double apart[TESTS] = {0, 300, 100, 200}, equal[TESTS] = {1, 1, 1, 1};
    double ranks[3 * TESTS];
    const double expected[3 * TESTS] = {4, 4, 4, 1, 1, 1, 3, 3, 3, 2, 2, 2};
    sy_context ctx;
    sy_context_init(&ctx);
    make_family(&f);
    assert_int_equal(sy_joint_ranks(&ctx, UNITS, TESTS, apart, f.moves, 0.95, 999, 1, ranks), SY_OK);
    for (int i = 0; i < 3 * TESTS; i++) assert_near(ranks[i], expected[i], 0);
    assert_int_equal(sy_joint_ranks(&ctx, UNITS, TESTS, equal, f.moves, 0.95, 999, 1, ranks), SY_OK);
    for (int i = 0; i < TESTS; i++) {
        assert_near(ranks[3 * i + 1], 1, 0);
        assert_near(ranks[3 * i + 2], TESTS, 0);
    }
    sy_context_free(&ctx);
}

static int stop(void *calls)
{
    return --*(int *)calls <= 0;
}

/* Once while it draws or steps, and once while single p values are made. */
static void the_host_stops_a_family(void **state)
{
    (void)state;
    family f;
    const double p[TESTS] = {0.02, 0.01, 0.8, 0.02};
    make_family(&f);
    for (int method = SY_STEP_ROMANO_WOLF; method <= SY_STEP_WESTFALL_YOUNG; method++)
        for (int at = 1; at <= 2; at++) {
            sy_context ctx;
            int calls = at;
            sy_context_init(&ctx);
            ctx.poll = stop;
            ctx.poll_arg = &calls;
            assert_int_equal(sy_joint_step_down(&ctx, UNITS, TESTS, f.moves, method ? p : f.t, 2,
                                                (sy_step_method)method, 1000, 1, f.p),
                             SY_EINTR);
            sy_context_free(&ctx);
        }
}

static void threads_do_not_change_a_bit(void **state)
{
    (void)state;
    enum { MANY = 400, K = 60 };
    static double moves[MANY * K];
    double t[K], p[2][K];
    syi_stream r;
    sy_context ctx;
    syi_stream_init(&r, 5, 0, 0);
    for (int i = 0; i < MANY * K; i++) moves[i] = syi_stream_normal(&r);
    for (int k = 0; k < K; k++) t[k] = 1 + 0.05 * k;
    for (int run = 0; run < 2; run++) {
        sy_context_init(&ctx);
        ctx.threads = run ? 3 : 1;
        assert_int_equal(sy_joint_step_down(&ctx, MANY, K, moves, t, 2, 0, 2000, 11, p[run]), SY_OK);
        sy_context_free(&ctx);
    }
    assert_memory_equal(p[0], p[1], sizeof p[0]);
}

static void refused(sy_context *ctx, sy_status status, sy_status expected, const char *words)
{
    assert_int_equal(status, expected);
    if (!strstr(ctx->message, words)) fail_msg("\"%s\" lacks \"%s\"", ctx->message, words);
}

static void bad_input_is_refused_in_words(void **state)
{
    (void)state;
    family f;
    sy_context ctx;
    make_family(&f);
    sy_context_init(&ctx);
    refused(&ctx, sy_joint_step_down(&ctx, UNITS, TESTS, f.moves, f.t, 2, 0, 99, 1, f.p), SY_EINVAL, "replicates: 99");
    refused(&ctx, sy_joint_step_down(&ctx, UNITS, TESTS, f.moves, f.t, 3, 0, 100, 1, f.p), SY_EINVAL, "sides: 3");
    refused(&ctx, sy_joint_step_down(&ctx, 10, TESTS, f.moves, single_p, 2, SY_STEP_WESTFALL_YOUNG, 100, 1, f.p),
            SY_EINVAL, "only 512 patterns");
    refused(&ctx, sy_joint_step_down(&ctx, UNITS, TESTS, f.moves, f.t, 2, SY_STEP_WESTFALL_YOUNG, 100, 1, f.p),
            SY_EINVAL, "p value 1: 2.4");
    refused(&ctx, sy_joint_ranks(&ctx, UNITS, 1, f.t, f.moves, 0.95, 999, 1, f.p), SY_EINVAL, "ranks: 1 block");
    refused(&ctx, sy_joint_ranks(&ctx, UNITS, 4, f.t, f.moves, 1, 999, 1, f.p), SY_EINVAL, "level: 1");
    sy_context_free(&ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step_down_agrees_with_the_printed_algorithms),
        cmocka_unit_test(a_missing_statistic_is_passed_over),
        cmocka_unit_test(ranks_are_sure_when_far_apart),
        cmocka_unit_test(the_host_stops_a_family),
        cmocka_unit_test(threads_do_not_change_a_bit),
        cmocka_unit_test(bad_input_is_refused_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
