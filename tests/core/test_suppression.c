/* The remark on suppression, by hand.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "steelyard/shares.h"
#include <math.h>

static const char *const names[] = {"a", "b", "y"};
static const int terms[] = {0, 1};
static const sy_block blocks[] = {{"need", 1, &terms[0]}, {"funding", 1, &terms[1]}};
static const sy_question question = {.outcome = 2, .n_blocks = 2, .blocks = blocks};

/* r(a, y), r(b, y), r(a, b); the context keeps the remarks. */
static sy_status share(sy_context *ctx, double ay, double by, double ab, double *table)
{
    const double r[] = {1, ab, ay, ab, 1, by, ay, by, 1};
    sy_moments m = {0};
    sy_shares_summary summary;
    sy_shares_options options;
    sy_shares_defaults(&options);
    assert_true(sy_moments_from_correlation(ctx, 3, r, 100, names, &m) >= 0);
    const sy_status status = sy_shares(ctx, &m, &question, &options, &summary, table);
    sy_moments_free(&m);
    return status;
}

/* r(a, y) = 0, r(b, y) = r(a, b) = 1/2: R2 = (1/4) / (1 - 1/4) = 1/3, so need
 * alone has 0 and 1/12 beside funding; funding 1/4 and 1/3. [Horst 1941; Cohen
 * et al. 2003, section 3.4, the classical suppressor] */
static void a_classical_suppressor_is_named_with_its_shares(void **state)
{
    (void)state;
    double table[4 * SY_N_METRICS];
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(share(&ctx, 0, 0.5, 0.5, table), SY_NOTE_SUPPRESSION);
    assert_int_equal(ctx.n_remarks, 2);
    assert_int_equal(ctx.remarks[0].code, SY_NOTE_SUPPRESSION);
    assert_string_equal(ctx.remarks[0].term, "need");
    assert_string_equal(ctx.remarks[0].text,
                        "need explains more beside the others (unique .0833) than alone (.0000): suppression");
    assert_true(fabs(ctx.remarks[0].value - 1.0 / 12) < 1e-15);
    assert_string_equal(ctx.remarks[1].text,
                        "funding explains more beside the others (unique .3333) than alone (.2500): suppression");
    sy_context_free(&ctx);
}

/* With r = 1/2 throughout R2 = 1/3 again, alone 1/4 and unique 1/12. */
static void redundant_blocks_are_not_suppression(void **state)
{
    (void)state;
    double table[4 * SY_N_METRICS];
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(share(&ctx, 0.5, 0.5, 0.5, table), SY_OK);
    assert_int_equal(ctx.n_remarks, 0);
    sy_context_free(&ctx);
}

/* Blocks that do not go together have alone = unique but for rounding, and a
 * correlation of -1e-5 makes a difference that four places do not show:
 * unique - alone = 2e-5 * 0.06 + ... = 1.2e-6. */
static void a_difference_that_does_not_show_is_not_remarked(void **state)
{
    (void)state;
    static const double between[] = {0, -1e-5};
    for (int i = 0; i < 2; i++) {
        double table[4 * SY_N_METRICS];
        sy_context ctx;
        sy_context_init(&ctx);
        assert_int_equal(share(&ctx, 0.3, 0.2, between[i], table), SY_OK);
        assert_true(table[SY_UNIQUE] >= table[SY_ALONE] - 1e-15 && ctx.n_remarks == 0);
        sy_context_free(&ctx);
    }
}

/* Of 100 rows one column of noise gets .0088 on average; a correlation of -.01 between the blocks makes unique - alone
 * = (.3 + .002)^2 / (1 - .0001) - .09 = .0012. */
static void a_difference_that_noise_would_give_is_not_remarked(void **state)
{
    double table[4 * SY_N_METRICS];
    sy_context ctx;
    (void)state;
    sy_context_init(&ctx);
    assert_int_equal(share(&ctx, 0.3, 0.2, -0.01, table), SY_OK);
    assert_true(fabs(table[SY_UNIQUE] - table[SY_ALONE] - (0.302 * 0.302 / 0.9999 - 0.09)) < 1e-14);
    assert_true(table[SY_BY_CHANCE] > 0.008 && ctx.n_remarks == 0);
    sy_context_free(&ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_classical_suppressor_is_named_with_its_shares),
        cmocka_unit_test(redundant_blocks_are_not_suppression),
        cmocka_unit_test(a_difference_that_does_not_show_is_not_remarked),
        cmocka_unit_test(a_difference_that_noise_would_give_is_not_remarked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
