/* Sampled shares against exact ones: within their own error bars at the rate
 * the bars claim, the same bits however they are computed.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "sampled_problem.h"

static answer other;

/* Over many seeds 95 % of the exact shares lie within 1.96 Monte Carlo errors,
 * of every row: 4 standard deviations of a count of 1,000 either way. */
static void assert_rate(const asked *a, const sy_evidence_options *how)
{
    enum { SEEDS = 1000 };
    int inside[MOST_ROWS] = {0};
    sy_evidence_options o = *how;
    const sy_evidence_options all = options_of(SY_METHOD_EXACT, 0, 1);
    ask(a, &all, &exact);
    for (int seed = 0; seed < SEEDS; seed++) {
        o.shares.seed = 1000 + (uint64_t)seed;
        ask(a, &o, &found);
        for (int r = 0; r < a->rows; r++) {
            const double off = found.estimate[r * SY_N_METRICS] - exact.estimate[r * SY_N_METRICS];
            inside[r] += fabs(off) <= 1.96 * found.mc_error[r];
        }
    }
    const double slack = 4 * sqrt(0.95 * 0.05 / SEEDS);
    for (int r = 0; r < a->rows; r++)
        if (fabs((double)inside[r] / SEEDS - 0.95) > slack) fail_msg("row %d: %d of %d", r, inside[r], SEEDS);
}

static void errors_cover_at_the_rate_they_claim(void **state)
{
    (void)state;
    asked a;
    fill(0, 1);
    pose(nine, 9, NULL, &a);
    sy_evidence_options o = options_of(SY_METHOD_SAMPLED, 1024, 0);
    assert_rate(&a, &o);
    sy_moments_free(&a.m);
    pose(nine, 3, three_blocks, &a);
    assert_rate(&a, &o);
    sy_moments_free(&a.m);
}

/* Stopping when the error is small must not make it look smaller than it is. */
static void errors_cover_after_the_stopping_rule_too(void **state)
{
    (void)state;
    asked a;
    fill(0, 2);
    pose(nine, 9, NULL, &a);
    sy_evidence_options o = options_of(SY_METHOD_SAMPLED, 0, 5);
    o.shares.tolerance = 2.5e-4;
    ask(&a, &o, &found);
    assert_true(found.summary.whole.orders > 1024);
    assert_true(found.summary.whole.mc_error <= 2.5e-4);
    assert_rate(&a, &o);
    sy_moments_free(&a.m);
}

static double at(const answer *t, int row, int metric)
{
    return t->estimate[row * SY_N_METRICS + metric];
}

/* Shares within five errors; adjusted shares move with them; columns by rank
 * to 2 percent (20,000 orders of 0 or 1: 0.5 percent is one standard deviation);
 * everything else is exact. */
static void assert_agrees(const asked *a, int guarded, double scale_adjusted)
{
    const sy_evidence_options all = options_of(SY_METHOD_EXACT, 0, 1);
    sy_evidence_options some = options_of(SY_METHOD_SAMPLED, 20000, 3);
    some.shares.tolerance = 1e-9;
    ask(a, &all, &exact);
    ask(a, &some, &found);
    assert_int_equal(found.summary.whole.guarded, guarded);
    assert_true(fabs(found.summary.whole.total - exact.summary.whole.total) <= 1e-14);
    assert_true(fabs(found.summary.whole.total_adjusted - exact.summary.whole.total_adjusted) <= 1e-14);
    double sum = 0, adjusted = 0;
    for (int r = 0; r < a->rows; r++) {
        const double error = found.mc_error[r];
        assert_true(fabs(at(&found, r, SY_SHARE) - at(&exact, r, SY_SHARE)) <= 5 * error + 1e-14);
        assert_true(fabs(at(&found, r, SY_ADJUSTED) - at(&exact, r, SY_ADJUSTED)) <= scale_adjusted * (error + 1e-14));
        assert_true(fabs(at(&found, r, SY_ALONE) - at(&exact, r, SY_ALONE)) <= 1e-13);
        assert_true(fabs(at(&found, r, SY_UNIQUE) - at(&exact, r, SY_UNIQUE)) <= 1e-13);
        assert_true(fabs(at(&found, r, SY_BY_CHANCE) - at(&exact, r, SY_BY_CHANCE)) <=
                    0.02 * at(&exact, r, SY_BY_CHANCE));
        assert_true(at(&found, r, SY_SHARE) >= 0);
        assert_true(isnan(at(&found, r, SY_LOWEST)));
        if (r < a->question.n_blocks) {
            sum += at(&found, r, SY_SHARE);
            adjusted += at(&found, r, SY_ADJUSTED);
        }
    }
    assert_true(fabs(sum - exact.summary.whole.total) <= 1e-13);
    assert_true(fabs(adjusted - exact.summary.whole.total_adjusted) <= 1e-12);
}

static void blocks_of_numbers_agree_with_exact(void **state)
{
    (void)state;
    asked a;
    fill(0, 3);
    pose(nine, 3, three_blocks, &a);
    assert_agrees(&a, 0, 6);
    a.question.n_blocks = 1;
    a.rows = 4;
    assert_agrees(&a, 0, 6);
    sy_moments_free(&a.m);
}

/* Factors, their interaction (redundant cells), a square; a column that is the
 * sum of two others: the guarded chain, counted by rank. Some orders are bound
 * by marginality, and by groups where asked. */
static void factors_and_aliased_columns_agree_with_exact(void **state)
{
    (void)state;
    static const int sizes[] = {3, 4, 2, 1}, groups[] = {1, 0, 1, 1};
    asked a;
    for (int aliased = 0; aliased <= 1; aliased++) {
        fill(aliased, 4 + (uint64_t)aliased);
        pose("y ~ place + kind + place:kind + x0 + x1 + x1^2 + x2 + x5 + x3 + x4", 4, sizes, &a);
        assert_agrees(&a, 1, 8);
        a.question.order = groups;
        assert_agrees(&a, 1, 8);
        a.question.order = NULL;
        a.question.free_orders = 1;
        assert_agrees(&a, 1, 8);
        sy_moments_free(&a.m);
    }
}

static void interactions_between_blocks_enter_after_their_parts(void **state)
{
    (void)state;
    asked a;
    fill(0, 6);
    pose("y ~ x0 + x1 + x2 + x0:x1 + x1:x2 + x3", 6, NULL, &a);
    assert_agrees(&a, 0, 6);
    assert_true(exact.estimate[0] != 0);
    sy_moments_free(&a.m);
}

static void assert_same(const answer *a, const answer *b, int rows)
{
    assert_memory_equal(a->mc_error, b->mc_error, (size_t)rows * sizeof(double));
    for (int i = 0; i < rows * SY_N_METRICS; i++)
        assert_true(a->estimate[i] == b->estimate[i] || (isnan(a->estimate[i]) && isnan(b->estimate[i])));
}

static void bits_do_not_depend_on_threads_or_width(void **state)
{
    (void)state;
    asked a;
    for (int guarded = 0; guarded <= 1; guarded++) {
        fill(guarded, 7);
        pose(nine, 3, three_blocks, &a);
        sy_evidence_options o = options_of(SY_METHOD_SAMPLED, 40000, 9);
        o.shares.tolerance = 1e-6;
        ask(&a, &o, &found);
        assert_int_equal(found.summary.whole.orders, 40000);
        for (int threads = 1; threads <= 4; threads++)
            for (int simd = SYI_AVX2; simd <= syi_simd_widest(); simd++) {
                sy_context ctx;
                sy_context_init(&ctx);
                ctx.threads = threads;
                ctx.simd = simd;
                assert_true(ask_with(&ctx, &a, &o, &other) >= 0);
                assert_same(&found, &other, a.rows);
                sy_context_free(&ctx);
            }
        sy_moments_free(&a.m);
    }
}

static void the_seed_decides(void **state)
{
    (void)state;
    asked a;
    fill(0, 8);
    pose(nine, 9, NULL, &a);
    sy_evidence_options o = options_of(SY_METHOD_SAMPLED, 1024, 1);
    ask(&a, &o, &found);
    ask(&a, &o, &other);
    assert_same(&found, &other, a.rows);
    o.shares.seed = 2;
    ask(&a, &o, &other);
    assert_true(found.estimate[0] != other.estimate[0]);
    sy_moments_free(&a.m);
}

static sy_status job(void *arg, void *out)
{
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_evidence_options o = options_of(SY_METHOD_SAMPLED, 104, 1);
    const sy_status status = ask_with(&ctx, arg, &o, &other);
    if (status >= 0) memcpy(out, other.mc_error, 12 * sizeof(double));
    sy_context_free(&ctx);
    return status;
}

static void failed_allocations_leave_nothing_behind(void **state)
{
    (void)state;
    asked a;
    fill(0, 13);
    pose(nine, 3, three_blocks, &a);
    assert_true(syi_survives_failing(job, &a, 12 * sizeof(double)) > 10);
    sy_moments_free(&a.m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_cover_at_the_rate_they_claim),
        cmocka_unit_test(errors_cover_after_the_stopping_rule_too),
        cmocka_unit_test(blocks_of_numbers_agree_with_exact),
        cmocka_unit_test(factors_and_aliased_columns_agree_with_exact),
        cmocka_unit_test(interactions_between_blocks_enter_after_their_parts),
        cmocka_unit_test(bits_do_not_depend_on_threads_or_width),
        cmocka_unit_test(the_seed_decides),
        cmocka_unit_test(failed_allocations_leave_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
