/* Lowest and highest by leaf tables against the plain table of all submodels.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "shares/bounds_internal.h"
#include "subsets_game.h"

static random_game g;

enum { MOST_PLAYERS = 20 };
static double value[1 << MOST_PLAYERS];

/* v(S) of all S by eliminating one player after another, with and without;
 * a [m * m] holds what is left of the undecided columns and the outcome. */
static void fill(const syi_game *game, int player, int m, const long double *a, size_t set, long double explained)
{
    if (player == game->n_players) {
        value[set] = (double)explained;
        return;
    }
    const int columns = game->columns[player], left = m - columns;
    long double *b = malloc(sizeof *b * (size_t)(m * m)), *rest = malloc(sizeof *b * (size_t)(left * left));
    for (int in = 0; in <= 1; in++) {
        memcpy(b, a, sizeof *b * (size_t)(m * m));
        for (int c = 0; in && c < columns; c++) {
            const long double pivot = b[c * m + c];
            if (pivot < (game->guarded ? 1e-15L : 0)) continue;
            for (int i = c + 1; i < m; i++)
                for (int j = m - 1; j > c; j--) b[i * m + j] -= b[i * m + c] / pivot * b[c * m + j];
        }
        for (int i = 0; i < left; i++)
            for (int j = 0; j < left; j++) rest[i * left + j] = b[(i + columns) * m + j + columns];
        fill(game, player + 1, left, rest, set | (size_t)in << player, explained + a[m * m - 1] - b[m * m - 1]);
    }
    free(b);
    free(rest);
}

static void fill_all(const syi_game *game)
{
    static long double a[(MOST_COLUMNS + 1) * (MOST_COLUMNS + 1)];
    const int m = game->order;
    for (int i = 0; i < m * m; i++) a[i] = (long double)game->matrix[i].hi + game->matrix[i].lo;
    fill(game, 0, m, a, 0, 0);
}

static void from_values(int n, int player, double *least, double *most)
{
    *least = INFINITY;
    *most = -INFINITY;
    for (size_t s = 0; s < (size_t)1 << n; s++) {
        if (s >> player & 1) continue;
        const double d = value[s | (size_t)1 << player] - value[s];
        *least = fmin(*least, d);
        *most = fmax(*most, d);
    }
}

static sy_context context(int threads)
{
    sy_context ctx;
    sy_context_init(&ctx);
    ctx.threads = threads;
    return ctx;
}

static void assert_bounds(int n_own, int leaf, int threads, double tolerance)
{
    double lowest[MOST_PLAYERS], highest[MOST_PLAYERS], least, most;
    sy_context ctx = context(threads);
    const int n = g.game.n_players;
    for (ctx.simd = 0; ctx.simd <= 2; ctx.simd++) {
        assert_int_equal(syi_bounds_of_game(&ctx, &g.game, n_own, leaf, lowest, highest), SY_OK);
        for (int t = 0; t < n_own; t++) {
            from_values(n, n - n_own + t, &least, &most);
            assert_true(fabs(lowest[t] - least) <= tolerance);
            assert_true(fabs(highest[t] - most) <= tolerance);
        }
    }
    sy_context_free(&ctx);
}

static const struct {
    int n, columns[12];
} shapes[] = {
    {1, {1}},
    {2, {2, 1}},
    {5, {1, 1, 3, 1, 2}},
    {9, {1, 1, 1, 1, 1, 1, 1, 1, 1}},
    {10, {4, 1, 1, 2, 1, 1, 1, 3, 1, 1}},
    {12, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

/* Any size of the leaf, so that the head holds from none to all players but
 * one; the last of the players or all of them asked about. VIF below 10: both
 * sides are right to 1e-14. */
static void leaf_tables_equal_the_table_of_all_submodels(void **state)
{
    (void)state;
    for (int guarded = 0; guarded <= 1; guarded++)
        for (int shape = 0; shape < SHAPES; shape++) {
            const int n = shapes[shape].n;
            random_game_of(&g, n, shapes[shape].columns, 31u + (unsigned)shape, guarded);
            fill_all(&g.game);
            for (int leaf = 1; leaf <= n; leaf += 1 + leaf / 3)
                for (int own = 1; own <= n; own += n > 1 ? n - 1 : 1) assert_bounds(own, leaf, 1, 1e-13);
        }
}

/* A copy, a sum and a multiple among the columns: the same columns are passed
 * over in the head as in the table. */
static void aliased_columns_are_passed_over_in_head_and_leaf(void **state)
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
    fill_all(&g.game);
    for (int leaf = 1; leaf <= 7; leaf++) assert_bounds(7, leaf, 1, 1e-13);
}

/* 20 players in tables of 2^15, two walks: against all 2^20 submodels. */
static void twenty_players_equal_all_submodels(void **state)
{
    (void)state;
    random_game_of(&g, 20, NULL, 77, 0);
    fill_all(&g.game);
    assert_bounds(20, SYI_LEAF_PLAYERS, 2, 1e-12);
}

static void bits_do_not_depend_on_threads_or_width(void **state)
{
    (void)state;
    double first[2][MOST_PLAYERS], again[2][MOST_PLAYERS];
    random_game_of(&g, 18, NULL, 5, 0);
    sy_context one = context(1), three = context(3);
    assert_int_equal(syi_bounds_of_game(&one, &g.game, 18, 13, first[0], first[1]), SY_OK);
    assert_int_equal(syi_bounds_of_game(&three, &g.game, 18, 13, again[0], again[1]), SY_OK);
    for (int i = 0; i < 2; i++) assert_memory_equal(first[i], again[i], 18 * sizeof(double));
    if (syi_simd_widest() == SYI_AVX512) {
        three.simd = SYI_AVX2;
        assert_int_equal(syi_bounds_of_game(&three, &g.game, 18, 13, again[0], again[1]), SY_OK);
        for (int i = 0; i < 2; i++) assert_memory_equal(first[i], again[i], 18 * sizeof(double));
    }
    sy_context_free(&one);
    sy_context_free(&three);
}

static int stop_at_once(void *asked)
{
    ++*(int *)asked;
    return 1;
}

static void the_host_can_stop_a_walk(void **state)
{
    (void)state;
    double lowest[MOST_PLAYERS * 2], highest[MOST_PLAYERS * 2];
    random_game_of(&g, 28, NULL, 6, 1);
    for (int threads = 1; threads <= 2; threads++) {
        sy_context ctx = context(threads);
        int asked = 0;
        ctx.poll = stop_at_once;
        ctx.poll_arg = &asked;
        assert_int_equal(syi_bounds_of_game(&ctx, &g.game, 28, SYI_LEAF_PLAYERS, lowest, highest), SY_EINTR);
        assert_true(asked > 0);
        sy_context_free(&ctx);
    }
}

static sy_status job(void *arg, void *answer)
{
    double *out = answer;
    sy_context ctx = context(1);
    (void)arg;
    const sy_status status = syi_bounds_of_game(&ctx, &g.game, 6, 4, out, out + 6);
    sy_context_free(&ctx);
    return status;
}

static void failed_allocations_leave_nothing_behind(void **state)
{
    (void)state;
    random_game_of(&g, 6, NULL, 8, 0);
    assert_true(syi_survives_failing(job, NULL, 12 * sizeof(double)) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaf_tables_equal_the_table_of_all_submodels),
        cmocka_unit_test(aliased_columns_are_passed_over_in_head_and_leaf),
        cmocka_unit_test(twenty_players_equal_all_submodels),
        cmocka_unit_test(bits_do_not_depend_on_threads_or_width),
        cmocka_unit_test(the_host_can_stop_a_walk),
        cmocka_unit_test(failed_allocations_leave_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
