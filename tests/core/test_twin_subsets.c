/* The subset tree against elimination in quadruple precision, submodel by
 * submodel.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "subsets_game.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static random_game g;

static quad exact[1 << 11];
static double least; /* smallest pivot used */

static void eliminate_all(void)
{
    least = 1;
    for (unsigned s = 0; s < 1u << g.game.n_players; s++) exact[s] = eliminate(&g.game, s, &least);
}

/* The largest distance between any target's table and the elimination. */
static double table_error(void)
{
    const int n = g.game.n_players;
    static double table[1 << 11];
    double worst = 0;
    eliminate_all();
    for (int simd = 0; simd <= 2; simd++) {
        syi_arena arena = room_for(&g.game);
        syi_subsets_table(simd, &g.game, &arena, table);
        assert_int_equal(arena.used, 0);
        for (unsigned s = 0; s < 1u << n; s++) {
            const double error = fabs((double)((quad)table[s] - exact[s]));
            if (!(error <= worst)) worst = error;
        }
        syi_arena_free(&arena);
    }
    return worst;
}

/* Singles only, mixtures with the wide players at either end and between, and
 * fewer players than lanes. */
static const struct {
    int n, columns[11];
} shapes[] = {
    {1, {1}},
    {1, {4}},
    {2, {1, 1}},
    {2, {3, 1}},
    {3, {1, 1, 1}},
    {3, {2, 1, 3}},
    {4, {1, 1, 1, 1}},
    {5, {1, 4, 1, 1, 2}},
    {7, {1, 1, 1, 1, 3, 1, 1}},
    {8, {2, 2, 2, 2, 2, 2, 2, 2}},
    {10, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
    {11, {1, 1, 1, 2, 1, 1, 5, 1, 1, 1, 1}},
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

/* Moderate correlations: VIF below 10, so rounding stays near 1e-16 a step. */
static void tables_equal_elimination(void **state)
{
    (void)state;
    for (int guarded = 0; guarded <= 1; guarded++)
        for (int shape = 0; shape < SHAPES; shape++) {
            random_game_of(&g, shapes[shape].n, shapes[shape].columns, 7u + (unsigned)shape, guarded);
            assert_true(table_error() <= 1e-14);
        }
}

/* Player 1 is player 0 and noise of the given size. */
static void near_copy(double noise, int guarded)
{
    static const int columns[] = {1, 1, 1, 2, 1, 1, 1, 1};
    random_data(&g, 8, columns, 99);
    for (int r = 0; r < ROWS_OF_DATA; r++) g.data[1][r] = g.data[0][r] + noise * draw(&g.seed);
    correlate(&g, guarded);
}

/* The tree is stable to 1e-17 VIF_max, and to 1e-12 where that is less; VIF_max
 * is at least 1 / the smallest pivot. */
static void plain_error_grows_with_vif_only(void **state)
{
    (void)state;
    for (double noise = 0.3; noise > 1e-3; noise /= 10) {
        near_copy(noise, 0);
        const double error = table_error();
        assert_true(least > 1e-6);
        assert_true(error <= fmax(1e-12, 1e-17 / least));
    }
}

/* VIF up to 1e14, where plain double keeps nothing. */
static void guarded_error_ignores_vif(void **state)
{
    (void)state;
    for (double noise = 1e-3; noise > 1e-7; noise /= 10) {
        near_copy(noise, 1);
        assert_true(table_error() <= 1e-14);
    }
    near_copy(1.2e-7, 1);
    assert_true(table_error() <= 1e-14);
    assert_true(least < 2e-14);
}

/* A column that the others of the submodel span adds zero there and its own
 * part elsewhere; an exact sum of two columns, a copy, a constant multiple, and
 * one inside a player of several columns. */
static void aliased_columns_add_nothing_to_that_submodel(void **state)
{
    (void)state;
    static const int columns[] = {1, 3, 1, 1, 1, 2, 1};
    random_data(&g, 7, columns, 4);
    for (int r = 0; r < ROWS_OF_DATA; r++) {
        for (int j = 0; j < 10; j++) g.data[j][r] = rint(1024 * g.data[j][r]);
        g.data[3][r] = g.data[1][r] + g.data[0][r];
        g.data[5][r] = g.data[4][r];
        g.data[8][r] = g.data[6][r] - 2 * g.data[2][r];
        g.data[9][r] = 4 * g.data[0][r];
    }
    correlate(&g, 1);
    assert_true(table_error() <= 1e-14);

    double table[128];
    syi_arena arena = room_for(&g.game);
    syi_subsets_table(2, &g.game, &arena, table);
    syi_arena_free(&arena);
    assert_true(fabs(table[1u << 2 | 1u << 3] - table[1u << 2]) <= 1e-15);
    assert_true(table[1u << 3] == table[1u << 2] && table[1u << 3] > 1e-4);
    assert_true(fabs(table[1u << 0 | 1u << 6] - table[1u << 0]) <= 1e-15);
}

/* sums[w][j] formed from the eliminated table, with unequal strides. */
static void check_sums(int simd, int n_weights, const double *const *weight)
{
    const int n = g.game.n_players;
    quad expected[2][(SYI_EXACT_PLAYERS + 1)] = {{0}};
    double sums[2 * (SYI_EXACT_PLAYERS + 1)];
    for (unsigned s = 0; s < 1u << n; s++) {
        const quad v = exact[s];
        int index = 0;
        for (int j = 0; j < n; j++) index += (s >> j & 1) ? g.stride[j] : 0;
        for (int w = 0; w < n_weights; w++) {
            for (int j = 0; j < n; j++) expected[w][j] += (s >> j & 1) ? weight[w][index] * v : 0;
            expected[w][n] += weight[w][index] * v;
        }
    }
    syi_arena arena = room_for(&g.game);
    syi_subsets_sums(simd, &g.game, &arena, n_weights, weight, sums);
    assert_int_equal(arena.used, 0);
    syi_arena_free(&arena);
    for (int w = 0; w < n_weights; w++)
        for (int j = 0; j <= n; j++) {
            const double e = (double)expected[w][j];
            assert_true(fabs(sums[w * (n + 1) + j] - e) <= 1e-13 * fmax(1, fabs(e)));
        }
}

static void sums_equal_eliminated_sums(void **state)
{
    (void)state;
    static const int strides[][3] = {{1, 1, 1}, {5, 5, 5}, {1, 12, 1}, {0, 4, 6}};
    static double one[128], two[128];
    const double *weight[] = {one, two};
    for (int guarded = 0; guarded <= 1; guarded++)
        for (int shape = 0; shape < SHAPES; shape++) {
            random_game_of(&g, shapes[shape].n, shapes[shape].columns, 70u + (unsigned)shape, guarded);
            eliminate_all();
            for (int kind = 0; kind < 4; kind++) {
                for (int j = 0; j < g.game.n_players; j++) g.stride[j] = strides[kind][j % 3];
                for (int i = 0; i < 128; i++) one[i] = draw(&g.seed), two[i] = draw(&g.seed);
                for (int simd = 0; simd <= 2; simd++) check_sums(simd, 1 + (kind + simd) % 2, weight);
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_equal_elimination),   cmocka_unit_test(plain_error_grows_with_vif_only),
        cmocka_unit_test(guarded_error_ignores_vif),  cmocka_unit_test(aliased_columns_add_nothing_to_that_submodel),
        cmocka_unit_test(sums_equal_eliminated_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
