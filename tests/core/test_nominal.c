/* Effects that differ by threshold, beside separation and columns that say the same.
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "ordinal_problem.h"
#include "response_problem.h"

#include <math.h>

static frame sheet;

/* Where a nominal column orders them, it is named and not its neighbour alone. */
static void a_nominal_column_that_orders_the_answers_is_named(void **state)
{
    (void)state;
    static ordinal_problem q;
    sy_context ctx;
    sy_context_init(&ctx);
    frame_wine(&sheet);
    const int x = frame_add(&sheet, "x", 0, 0), y = frame_column(&sheet, "rating");
    for (ptrdiff_t i = 0; i < sheet.n; i++) sheet.value[x][i] = sheet.code[y][i] + 0.05 * (double)(i % 7);
    ordinal_pose(&q, &sheet, "rating ~ temp; nominal x");
    assert_int_equal(ordinal_fit(&ctx, &q), SY_NOTE_SEPARATED);
    assert_true(remarked(&ctx, SY_NOTE_SEPARATED, "1|2: x"));
    sy_context_free(&ctx);
}

/* What a column of one effect shares with a nominal one is the nominal one's, whose effects are more. */
static void nominal_effects_outlive_a_column_that_is_the_same(void **state)
{
    (void)state;
    static ordinal_problem q;
    sy_context ctx;
    sy_context_init(&ctx);
    frame_wine(&sheet);
    ordinal_pose(&q, &sheet, "rating ~ temp; nominal contact");
    assert_int_equal(ordinal_fit(&ctx, &q), SY_OK);
    const double loglik = q.summary.loglik;
    const int rank = q.summary.rank;
    const int twice = frame_add(&sheet, "twice", 0, 0), contact = frame_column(&sheet, "contact");
    for (ptrdiff_t i = 0; i < sheet.n; i++) sheet.value[twice][i] = 3 - 2.0 * sheet.code[contact][i];
    ordinal_pose(&q, &sheet, "rating ~ temp + twice; nominal contact");
    assert_int_equal(ordinal_fit(&ctx, &q), SY_NOTE_ALIASED);
    assert_true(remarked(&ctx, SY_NOTE_ALIASED, "twice") && q.summary.rank == rank);
    assert_true(fabs(q.summary.loglik - loglik) < 1e-10 * fabs(loglik));
    sy_context_free(&ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_nominal_column_that_orders_the_answers_is_named),
        cmocka_unit_test(nominal_effects_outlive_a_column_that_is_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
