/* Allocation, its counters, the arena, and failing on request.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "base/memory_internal.h"
#include <stdint.h>
#include <string.h>

static const size_t sizes[] = {0, 1, 7, 8, 63, 64, 65, 1000, 4096, 100001};
enum { N_SIZES = sizeof sizes / sizeof *sizes };

static void memory_is_aligned_to_64_and_zeroed(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_SIZES; i++) {
        unsigned char *p = syi_alloc(sizes[i], 1);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 64, 0);
        for (size_t j = 0; j < sizes[i]; j++) assert_int_equal(p[j], 0);
        memset(p, 0xFF, sizes[i]); /* the next piece may lie in the same place */
        SYI_FREE(p);
        assert_null(p);
    }
}

static void live_bytes_go_up_and_down_by_what_was_asked(void **state)
{
    (void)state;
    const int64_t before = sy_memory_live();
    double *a = syi_alloc(100, sizeof *a);
    assert_true(sy_memory_live() == before + 800);
    char *b = syi_alloc(3, 1);
    assert_true(sy_memory_live() == before + 803);
    SYI_FREE(a);
    assert_true(sy_memory_live() == before + 3);
    SYI_FREE(b);
    assert_true(sy_memory_live() == before);
    SYI_FREE(b);
    assert_true(sy_memory_live() == before);
}

static void the_peak_is_the_most_held_at_once(void **state)
{
    (void)state;
    char *keep = syi_alloc(10, 1);
    sy_memory_reset_peak();
    const int64_t start = sy_memory_live();
    assert_true(sy_memory_peak() == start);
    char *a = syi_alloc(1000, 1);
    SYI_FREE(a);
    char *b = syi_alloc(400, 1);
    assert_true(sy_memory_peak() == start + 1000);
    SYI_FREE(b);
    sy_memory_reset_peak();
    assert_true(sy_memory_peak() == start);
    SYI_FREE(keep);
}

static void a_product_that_overflows_gets_no_memory(void **state)
{
    (void)state;
    const int64_t before = sy_memory_live();
    assert_null(syi_alloc(SIZE_MAX, 2));
    assert_null(syi_alloc(SIZE_MAX / 2 + 1, 2));
    assert_null(syi_alloc(PTRDIFF_MAX, 1));
    assert_null(syi_alloc((size_t)1 << 32, (size_t)1 << 32));
    assert_null(syi_alloc((size_t)1 << 50, 8)); /* no overflow; more than any machine has */
    assert_true(sy_memory_live() == before);
}

static void the_kth_allocation_fails_once(void **state)
{
    (void)state;
    for (int64_t k = 1; k <= 4; k++) {
        void *p[6];
        sy_memory_fail_at(k, 0);
        for (int i = 0; i < 6; i++) p[i] = syi_alloc(8, 1);
        assert_true(sy_memory_fail_at(0, 0) == 6);
        for (int i = 0; i < 6; i++) {
            if (i + 1 == k) assert_null(p[i]);
            else assert_non_null(p[i]);
            SYI_FREE(p[i]);
        }
    }
}

static void the_kth_and_all_later_allocations_fail(void **state)
{
    (void)state;
    void *p[6];
    sy_memory_fail_at(3, 1);
    for (int i = 0; i < 6; i++) p[i] = syi_alloc(8, 1);
    sy_memory_fail_at(0, 0);
    for (int i = 0; i < 6; i++) {
        if (i >= 2) assert_null(p[i]);
        else assert_non_null(p[i]);
        SYI_FREE(p[i]);
    }
    void *after = syi_alloc(8, 1);
    assert_non_null(after);
    SYI_FREE(after);
}

static void arena_pieces_are_aligned_zeroed_and_apart(void **state)
{
    (void)state;
    syi_arena arena;
    size_t bytes = 0;
    unsigned char *piece[N_SIZES];
    for (size_t i = 0; i < N_SIZES; i++) bytes += syi_arena_room(sizes[i], 1);
    assert_int_equal(syi_arena_init(&arena, bytes), 0);
    for (size_t i = 0; i < N_SIZES; i++) {
        piece[i] = syi_arena_take(&arena, sizes[i], 1);
        assert_non_null(piece[i]);
        assert_int_equal((uintptr_t)piece[i] % 64, 0);
        for (size_t j = 0; j < sizes[i]; j++) assert_int_equal(piece[i][j], 0);
        memset(piece[i], (int)i + 1, sizes[i]);
    }
    for (size_t i = 0; i < N_SIZES; i++)
        for (size_t j = 0; j < sizes[i]; j++) assert_int_equal(piece[i][j], i + 1);
    syi_arena_free(&arena);
    assert_true(sy_memory_live() == 0);
}

static void an_arena_used_up_gives_nothing(void **state)
{
    (void)state;
    syi_arena arena;
    assert_int_equal(syi_arena_init(&arena, syi_arena_room(8, 8)), 0);
    assert_non_null(syi_arena_take(&arena, 8, 8));
    assert_null(syi_arena_take(&arena, 1, 1));
    assert_null(syi_arena_take(&arena, SIZE_MAX, 8));
    syi_arena_free(&arena);
    syi_arena_free(&arena);
    assert_null(syi_arena_take(&arena, 1, 1));
}

static void an_arena_of_impossible_size_is_refused(void **state)
{
    (void)state;
    syi_arena arena;
    size_t bytes = syi_arena_room(1, 4096);
    for (int i = 0; i < 100; i++) {
        bytes += syi_arena_room(SIZE_MAX / 4, 8);
        assert_int_equal(syi_arena_init(&arena, bytes), -1);
    }
    assert_null(syi_arena_take(&arena, 1, 1));
    sy_memory_fail_at(1, 0);
    assert_int_equal(syi_arena_init(&arena, 64), -1);
    sy_memory_fail_at(0, 0);
    syi_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_aligned_to_64_and_zeroed),
        cmocka_unit_test(live_bytes_go_up_and_down_by_what_was_asked),
        cmocka_unit_test(the_peak_is_the_most_held_at_once),
        cmocka_unit_test(a_product_that_overflows_gets_no_memory),
        cmocka_unit_test(the_kth_allocation_fails_once),
        cmocka_unit_test(the_kth_and_all_later_allocations_fail),
        cmocka_unit_test(arena_pieces_are_aligned_zeroed_and_apart),
        cmocka_unit_test(an_arena_used_up_gives_nothing),
        cmocka_unit_test(an_arena_of_impossible_size_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
