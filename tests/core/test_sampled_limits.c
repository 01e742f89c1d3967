/* When shares are sampled, what is said of it, what is refused, and stopping.
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "failing_internal.h"

#include "sampled_problem.h"
#include <time.h>

/* p terms of a first-order autoregressive correlation matrix. */
static void wide(int p, double rho, asked *a, sy_block *block, int *term, char (*name)[8], const char **label)
{
    const int n = p + 1;
    double *r = malloc(sizeof *r * (size_t)(n * n));
    sy_context ctx;
    sy_context_init(&ctx);
    memset(a, 0, sizeof *a);
    for (int i = 0; i < n; i++) {
        snprintf(name[i], 8, i ? "x%d" : "y", i);
        label[i] = name[i];
        for (int j = 0; j < n; j++)
            r[i * n + j] = i == j ? 1 : i && j ? pow(rho, abs(i - j)) : 0.3 / (1 + 0.1 * (i + j));
        if (!i) continue;
        term[i - 1] = i;
        block[i - 1] = (sy_block){label[i], 1, &term[i - 1]};
    }
    if (sy_moments_from_correlation(&ctx, n, r, 5000, label, &a->m) < 0) fail_msg("%s", ctx.message);
    a->question = (sy_question){.outcome = 0, .n_blocks = p, .blocks = block};
    sy_context_free(&ctx);
    free(r);
}

enum { WIDE = 250 };
static sy_block wide_block[WIDE];
static int wide_term[WIDE];
static char wide_name[WIDE + 1][8];
static const char *wide_label[WIDE + 1];

static int has_remark(const sy_context *ctx, sy_status code, const char *text)
{
    for (int i = 0; i < ctx->n_remarks; i++)
        if (ctx->remarks[i].code == code && strstr(ctx->remarks[i].text, text)) return 1;
    return 0;
}

/* Independent predictors past 2^30: every order gives the same, the squared
 * correlation, and the Monte Carlo error is nothing. */
static void auto_samples_past_the_exact_limit(void **state)
{
    (void)state;
    asked a;
    static double table[2 * WIDE * SY_N_METRICS];
    sy_shares_summary summary;
    sy_shares_options o;
    sy_context ctx;
    sy_context_init(&ctx);
    sy_shares_defaults(&o);
    wide(40, 0, &a, wide_block, wide_term, wide_name, wide_label);
    if (sy_shares(&ctx, &a.m, &a.question, &o, &summary, table) < 0) fail_msg("%s", ctx.message);
    assert_int_equal(summary.orders, 1024);
    assert_true(summary.mc_error <= 1e-15);
    for (int b = 0; b < 40; b++) {
        const double r = 0.3 / (1 + 0.1 * (b + 1));
        assert_true(fabs(table[b * SY_N_METRICS + SY_SHARE] - r * r) <= 1e-14);
    }
    assert_true(has_remark(&ctx, SY_NOTE_SAMPLED, "the ranks of the blocks are settled"));
    assert_true(has_remark(&ctx, SY_NOTE_BOUNDS_SKIPPED, "sampled orders do not show them"));
    o.method = SY_METHOD_EXACT;
    assert_int_equal(sy_shares(&ctx, &a.m, &a.question, &o, &summary, table), SY_ELIMIT);
    assert_non_null(strstr(ctx.message, "method = \"sampled\" can do it"));
    o.method = SY_METHOD_AUTO;
    a.question.n_blocks = 20;
    assert_true(sy_shares(&ctx, &a.m, &a.question, &o, &summary, table) >= 0);
    assert_true(summary.orders == 0 && summary.mc_error == 0);
    sy_context_free(&ctx);
    sy_moments_free(&a.m);
}

static void ranks_too_close_are_named(void **state)
{
    (void)state;
    asked a;
    fill(0, 9);
    pose(nine, 9, NULL, &a);
    sy_context ctx;
    sy_context_init(&ctx);
    sy_evidence_options o = options_of(SY_METHOD_SAMPLED, 104, 1);
    assert_true(ask_with(&ctx, &a, &o, &found) >= 0);
    assert_true(has_remark(&ctx, SY_NOTE_SAMPLED, "ranks too close to tell: "));
    o.shares.tolerance = 1e-9;
    sy_context_free(&ctx);
    sy_context_init(&ctx);
    assert_true(ask_with(&ctx, &a, &o, &found) >= 0);
    assert_true(has_remark(&ctx, SY_NOTE_SAMPLED, "above the tolerance asked for: give more permutations"));
    sy_context_free(&ctx);
    sy_moments_free(&a.m);
}

static void no_interval_unless_asked_for(void **state)
{
    (void)state;
    asked a;
    fill(0, 10);
    pose(nine, 3, three_blocks, &a);
    sy_context ctx;
    sy_context_init(&ctx);
    sy_evidence_options o = options_of(SY_METHOD_SAMPLED, 0, 1);
    o.interval = SY_INTERVAL_AUTO;
    assert_true(ask_with(&ctx, &a, &o, &found) >= 0);
    assert_int_equal(found.summary.interval, SY_INTERVAL_NONE);
    assert_true(isnan(found.std_error[0]) && isnan(found.low[0]) && found.mc_error[0] > 0);
    assert_true(has_remark(&ctx, SY_NOTE_INTERVAL_SKIPPED, "the shares are sampled (largest Monte Carlo error"));
    sy_context_free(&ctx);
    o.shares.method = SY_METHOD_EXACT;
    o.interval = SY_INTERVAL_NONE;
    ask(&a, &o, &found);
    assert_true(isnan(found.mc_error[0]));
    sy_moments_free(&a.m);
}

/* Replicates take the same orders, so that leaving a row out moves the sampled
 * share as it moves the exact one: 1,024 orders give the derivative to a few
 * percent. */
static void a_jackknife_over_the_same_orders_finds_the_standard_error(void **state)
{
    (void)state;
    asked a;
    fill(0, 11);
    f.n = 150;
    pose(nine, 3, three_blocks, &a);
    sy_evidence_options o = options_of(SY_METHOD_SAMPLED, 1024, 1);
    o.interval = SY_INTERVAL_JACKKNIFE;
    ask(&a, &o, &found);
    assert_int_equal(found.summary.interval, SY_INTERVAL_JACKKNIFE);
    o.shares.method = SY_METHOD_EXACT;
    ask(&a, &o, &exact);
    for (int r = 0; r < a.rows; r++)
        assert_true(fabs(found.std_error[r * SY_N_METRICS] / exact.std_error[r * SY_N_METRICS] - 1) <= 0.05);
    sy_moments_free(&a.m);
}

typedef struct {
    int calls;
    struct timespec asked_at;
} stopper;

static int stop_now(void *arg)
{
    stopper *s = arg;
    if (++s->calls == 1) return 0;
    if (s->calls == 2) clock_gettime(CLOCK_MONOTONIC, &s->asked_at);
    return 1;
}

/* From the poll that says stop to the return; a poll comes at most 50 ms after
 * a key is pressed. */
static void the_host_can_stop_it_at_once(void **state)
{
    (void)state;
    asked a;
    static double table[2 * WIDE * SY_N_METRICS];
    sy_shares_summary summary;
    sy_shares_options o;
    wide(WIDE, 0.5, &a, wide_block, wide_term, wide_name, wide_label);
    sy_shares_defaults(&o);
    o.method = SY_METHOD_SAMPLED;
    o.permutations = 1000000000;
    o.tolerance = 1e-9;
    for (int guarded = 0; guarded <= 1; guarded++)
        for (int threads = 1; threads <= 2; threads++) {
            sy_context ctx;
            stopper s = {0};
            struct timespec now;
            sy_context_init(&ctx);
            ctx.threads = threads;
            ctx.poll = stop_now;
            ctx.poll_arg = &s;
            o.guarded = guarded;
            assert_int_equal(sy_shares(&ctx, &a.m, &a.question, &o, &summary, table), SY_EINTR);
            clock_gettime(CLOCK_MONOTONIC, &now);
            const double took =
                (double)(now.tv_sec - s.asked_at.tv_sec) + 1e-9 * (double)(now.tv_nsec - s.asked_at.tv_nsec);
            assert_true(took < 0.1);
            sy_context_free(&ctx);
        }
    sy_moments_free(&a.m);
}

static void impossible_options_are_refused(void **state)
{
    (void)state;
    asked a;
    static const double bad[] = {0, -1e-3, 1, 2, NAN, INFINITY};
    sy_context ctx;
    sy_context_init(&ctx);
    fill(0, 12);
    pose(nine, 9, NULL, &a);
    sy_evidence_options o = options_of(SY_METHOD_SAMPLED, 0, 1);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        o.shares.tolerance = bad[i];
        assert_int_equal(ask_with(&ctx, &a, &o, &found), SY_EINVAL);
        assert_non_null(strstr(ctx.message, "tolerance: "));
        assert_non_null(strstr(ctx.message, "is not between 0 and 1 (points of variance)"));
    }
    o.shares.tolerance = 0.001;
    for (int i = -1; i < 100; i += 100) {
        o.shares.permutations = i;
        assert_int_equal(ask_with(&ctx, &a, &o, &found), SY_EINVAL);
        assert_non_null(strstr(ctx.message, "at least 100"));
    }
    o.shares.permutations = 0;
    o.shares.bounds = SY_BOUNDS_YES;
    assert_int_equal(ask_with(&ctx, &a, &o, &found), SY_ELIMIT);
    assert_non_null(strstr(ctx.message, "bounds: "));
    sy_context_free(&ctx);
    sy_moments_free(&a.m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(auto_samples_past_the_exact_limit),
        cmocka_unit_test(ranks_too_close_are_named),
        cmocka_unit_test(no_interval_unless_asked_for),
        cmocka_unit_test(a_jackknife_over_the_same_orders_finds_the_standard_error),
        cmocka_unit_test(the_host_can_stop_it_at_once),
        cmocka_unit_test(impossible_options_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
