/* Defaults of the context, from the environment.
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "failing_internal.h"

#include "base/numeric_internal.h"
#include "base/status_internal.h"
#include <stdlib.h>
#include <string.h>

static int threads_for(const char *value)
{
    sy_context ctx;
    if (value) setenv("STEELYARD_NUM_THREADS", value, 1);
    else unsetenv("STEELYARD_NUM_THREADS");
    sy_context_init(&ctx);
    unsetenv("STEELYARD_NUM_THREADS");
    return ctx.threads;
}

static int simd_for(const char *value)
{
    sy_context ctx;
    if (value) setenv("STEELYARD_SIMD", value, 1);
    else unsetenv("STEELYARD_SIMD");
    sy_context_init(&ctx);
    unsetenv("STEELYARD_SIMD");
    return ctx.simd;
}

static void a_new_context_is_silent_and_empty(void **state)
{
    (void)state;
    sy_context ctx;
    memset(&ctx, 0xAA, sizeof ctx);
    sy_context_init(&ctx);
    assert_string_equal(ctx.message, "");
    assert_null(ctx.poll);
    assert_null(ctx.progress);
    assert_null(ctx.remarks);
    assert_int_equal(ctx.n_remarks, 0);
    assert_int_equal(ctx.remarks_room, 0);
    sy_context_free(&ctx);
}

static void threads_are_one_unless_the_environment_says_more(void **state)
{
    (void)state;
    assert_int_equal(threads_for(NULL), 1);
    assert_int_equal(threads_for("3"), 3);
    assert_int_equal(threads_for("64"), 64);
}

static void threads_out_of_range_are_brought_into_it(void **state)
{
    (void)state;
    assert_int_equal(threads_for("0"), 1);
    assert_int_equal(threads_for("-5"), 1);
    assert_int_equal(threads_for("1000"), 64);
    assert_int_equal(threads_for("99999999999999999999999"), 64);
}

static void a_number_of_threads_that_is_no_number_counts_as_not_given(void **state)
{
    (void)state;
    assert_int_equal(threads_for(""), 1);
    assert_int_equal(threads_for("many"), 1);
    assert_int_equal(threads_for("4x"), 1);
}

static void simd_is_narrowed_and_never_widened(void **state)
{
    (void)state;
    const int widest = syi_simd_widest();
    assert_int_equal(simd_for(NULL), widest);
    assert_int_equal(simd_for("avx512"), widest);
    assert_int_equal(simd_for("baseline"), SYI_BASELINE);
    assert_int_equal(simd_for("avx2"), widest < SYI_AVX2 ? widest : SYI_AVX2);
    assert_int_equal(simd_for("nonsense"), widest);
}

static void freeing_twice_and_using_again_is_legal(void **state)
{
    (void)state;
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(syi_remark(&ctx, SY_NOTE_ALIASED, "a", 0, "x"), SY_OK);
    sy_context_free(&ctx);
    sy_context_free(&ctx);
    assert_int_equal(ctx.n_remarks, 0);
    assert_int_equal(syi_remark(&ctx, SY_NOTE_ALIASED, "a", 0, "x"), SY_OK);
    assert_int_equal(ctx.n_remarks, 1);
    sy_context_free(&ctx);
    assert_true(sy_memory_live() == 0);
}

static void the_version_has_three_numbers(void **state)
{
    (void)state;
    int dots = 0;
    for (const char *c = sy_version(); *c; c++) {
        if (*c == '.') dots++;
        else assert_true(*c >= '0' && *c <= '9');
    }
    assert_int_equal(dots, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_context_is_silent_and_empty),
        cmocka_unit_test(threads_are_one_unless_the_environment_says_more),
        cmocka_unit_test(threads_out_of_range_are_brought_into_it),
        cmocka_unit_test(a_number_of_threads_that_is_no_number_counts_as_not_given),
        cmocka_unit_test(simd_is_narrowed_and_never_widened),
        cmocka_unit_test(freeing_twice_and_using_again_is_legal),
        cmocka_unit_test(the_version_has_three_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
