/* Drawn orders: every order that counts equally often, no other ever.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "shares/extensions_internal.h"
#include <math.h>

enum { MOST = 6, DRAWS = 60000, ORDERS = 720 };

static const struct {
    int n, edges, late[8], early[8]; /* late enters after early; closed */
} shapes[] = {
    {1, 0, {0}, {0}},
    {4, 0, {0}, {0}},                                           /* free */
    {3, 3, {1, 2, 2}, {0, 0, 1}},                               /* a chain */
    {5, 6, {3, 3, 3, 4, 4, 4}, {0, 1, 2, 0, 1, 2}},             /* two groups */
    {5, 2, {2, 2}, {0, 1}},                                     /* a:b after a and b, two others free */
    {5, 4, {3, 3, 4, 4}, {0, 1, 1, 2}},                         /* a:b and b:c: counted */
    {6, 4, {3, 3, 4, 4}, {0, 1, 1, 2}},                         /* the same and a free one */
    {4, 3, {2, 3, 3}, {0, 0, 1}},                               /* N */
    {6, 8, {4, 4, 4, 4, 5, 5, 5, 5}, {0, 1, 2, 3, 0, 1, 2, 3}}, /* four, then two: more than six orders each */
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static unsigned char after[MOST * MOST];

static void set_shape(int s)
{
    memset(after, 0, sizeof after);
    for (int e = 0; e < shapes[s].edges; e++) after[shapes[s].late[e] * MOST + shapes[s].early[e]] = 1;
}

/* A number for an order: its digits in base n. */
static int number_of(int n, const int *order)
{
    int number = 0;
    for (int i = 0; i < n; i++) number = number * MOST + order[i];
    return number;
}

/* All orders that count, by trying every next player. */
static int list_orders(int n, int placed, int *order, int *numbers, int found)
{
    if (placed == n || placed == MOST) {
        numbers[found] = number_of(n, order);
        return found + 1;
    }
    for (int i = 0; i < n; i++) {
        int can = 1;
        for (int j = 0; j < placed; j++) can &= order[j] != i;
        for (int e = 0; e < n && can; e++) {
            if (!after[i * MOST + e]) continue;
            int there = 0;
            for (int j = 0; j < placed; j++) there |= order[j] == e;
            can = there;
        }
        if (!can) continue;
        order[placed] = i;
        found = list_orders(n, placed + 1, order, numbers, found);
    }
    return found;
}

static int place_of(const int *numbers, int count, int number)
{
    for (int i = 0; i < count; i++)
        if (numbers[i] == number) return i;
    fail_msg("an order was drawn that does not count");
    return -1;
}

/* Chi-squared with count - 1 degrees of freedom below its mean and five
 * standard deviations: a false alarm in a million; a probability wrong by a
 * tenth would give hundreds. */
static void assert_uniform(const int *counts, int count)
{
    const double expected = (double)DRAWS / count;
    double chi = 0;
    for (int i = 0; i < count; i++) chi += (counts[i] - expected) * (counts[i] - expected) / expected;
    assert_true(chi <= count - 1 + 5 * sqrt(2.0 * count) + 5);
}

static void every_order_that_counts_comes_equally_often(void **state)
{
    (void)state;
    static int numbers[ORDERS], counts[2][ORDERS];
    for (int s = 0; s < SHAPES; s++) {
        sy_context ctx;
        syi_extensions e;
        int drawn[2][MOST], work[5 * MOST], order[MOST];
        const int n = shapes[s].n;
        sy_context_init(&ctx);
        set_shape(s);
        const int count = list_orders(n, 0, order, numbers, 0);
        assert_int_equal(syi_extensions_init(&ctx, n, after, MOST, &e), SY_OK);
        memset(counts, 0, sizeof counts);
        for (uint32_t i = 0; i < DRAWS; i++) {
            syi_stream stream;
            syi_stream_init(&stream, 7, i, (uint32_t)s);
            syi_extensions_draw(&e, &stream, work, drawn[0], drawn[1]);
            for (int k = 0; k < 2; k++) counts[k][place_of(numbers, count, number_of(n, drawn[k]))]++;
        }
        for (int k = 0; k < 2; k++) assert_uniform(counts[k], count);
        syi_extensions_free(&e);
        sy_context_free(&ctx);
    }
}

static void free_orders_come_with_their_reverse(void **state)
{
    (void)state;
    sy_context ctx;
    syi_extensions e;
    syi_stream stream;
    int order[MOST], opposite[MOST], work[5 * MOST];
    sy_context_init(&ctx);
    memset(after, 0, sizeof after);
    assert_int_equal(syi_extensions_init(&ctx, MOST, after, MOST, &e), SY_OK);
    syi_stream_init(&stream, 1, 2, 3);
    syi_extensions_draw(&e, &stream, work, order, opposite);
    for (int i = 0; i < MOST; i++) assert_int_equal(order[i], opposite[MOST - 1 - i]);
    syi_extensions_free(&e);
    sy_context_free(&ctx);
}

/* All 36 products of 9 terms hang together with them. */
static void what_cannot_be_drawn_is_refused(void **state)
{
    (void)state;
    enum { N = 45 };
    static unsigned char tie[N * N];
    sy_context ctx;
    syi_extensions e;
    sy_context_init(&ctx);
    for (int a = 0, at = 9; a < 9; a++)
        for (int b = a + 1; b < 9; b++, at++) tie[at * N + a] = tie[at * N + b] = 1;
    assert_int_equal(syi_extensions_init(&ctx, N, tie, N, &e), SY_ELIMIT);
    assert_non_null(strstr(ctx.message, "the limit is 18"));
    syi_extensions_free(&e);
    sy_context_free(&ctx);
}

static sy_status job(void *arg, void *answer)
{
    int *out = answer, work[5 * MOST];
    sy_context ctx;
    syi_extensions e;
    syi_stream stream;
    (void)arg;
    sy_context_init(&ctx);
    set_shape(6);
    const sy_status status = syi_extensions_init(&ctx, 6, after, MOST, &e);
    syi_stream_init(&stream, 1, 2, 3);
    if (!status) syi_extensions_draw(&e, &stream, work, out, out + 6);
    syi_extensions_free(&e);
    sy_context_free(&ctx);
    return status;
}

static void failed_allocations_leave_nothing_behind(void **state)
{
    (void)state;
    assert_true(syi_survives_failing(job, NULL, 12 * sizeof(int)) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_order_that_counts_comes_equally_often),
        cmocka_unit_test(free_orders_come_with_their_reverse),
        cmocka_unit_test(what_cannot_be_drawn_is_refused),
        cmocka_unit_test(failed_allocations_leave_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
