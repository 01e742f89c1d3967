/* The subset tree: a worked example, identities, equal bits, and what happens
 * when the host stops it or memory runs out.
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "subsets_game.h"
#include "base/status_internal.h"
#include "failing_internal.h"
#include <time.h>

static random_game g;

static void fill_table(int simd, double *table)
{
    syi_arena arena = room_for(&g.game);
    syi_subsets_table(simd, &g.game, &arena, table);
    syi_arena_free(&arena);
}

static void serial_sums(int simd, int n_weights, const double *const *weight, double *sums)
{
    syi_arena arena = room_for(&g.game);
    syi_subsets_sums(simd, &g.game, &arena, n_weights, weight, sums);
    syi_arena_free(&arena);
}

/* Shapley's weights: share_j = sum over S with j of c(|S|) v(S), less the sum
 * over all S of w(|S|) v(S); w(s) = s! (p-s-1)! / p!, c(s) = w(s-1) + w(s). */
static void shapley_weights(int p, double *c, double *w)
{
    for (int s = 0; s <= p; s++) c[s] = w[s] = 0;
    double next = 1.0 / p;
    for (int s = 0; s < p; s++) {
        w[s] = next;
        c[s] += next;
        c[s + 1] += next;
        next = s + 1 < p ? next * (s + 1) / (p - 1 - s) : 0;
    }
}

static void shares_of(int simd, double *share)
{
    const int p = g.game.n_players;
    double c[SYI_EXACT_PLAYERS + 1], w[SYI_EXACT_PLAYERS + 1], sums[2 * (SYI_EXACT_PLAYERS + 1)];
    const double *weight[] = {c, w};
    shapley_weights(p, c, w);
    serial_sums(simd, 2, weight, sums);
    for (int j = 0; j < p; j++) share[j] = sums[j] - sums[2 * p + 1];
}

/* Azen & Budescu 2003, Psychological Methods 8, 129-148,
 * doi:10.1037/1082-989X.8.2.129: four predictors; R2 printed to 3 or 4 digits. */
static void four_predictor_example(void)
{
    static const double r[5][5] = {
        {1, .8, .1, .3, .6}, {.8, 1, .1, .1, .3}, {.1, .1, 1, .5, .4}, {.3, .1, .5, 1, .5}, {.6, .3, .4, .5, 1}};
    random_data(&g, 4, NULL, 1);
    correlate(&g, 0);
    for (int i = 0; i < 25; i++) g.matrix[i] = syi_dd_of(r[i / 5][i % 5]);
}

static void table_matches_azen_and_budescu(void **state)
{
    (void)state;
    static const double printed[16] = {0,    .360,  .090,  .450,  .160, .4768, .2283, .5739,
                                       .250, .4725, .3131, .5230, .280, .5134, .3384, .58435};
    double table[16];
    four_predictor_example();
    for (int guarded = 0; guarded <= 1; guarded++)
        for (int simd = 0; simd <= 2; simd++) {
            g.game.guarded = guarded;
            fill_table(simd, table);
            /* half a unit of the fourth digit; of the third for {1, 2, 4}, whose
             * .52305 stands as .5230 */
            for (int s = 0; s < 16; s++) assert_true(fabs(table[s] - printed[s]) <= (s == 11 ? 0.5e-3 : 0.5e-4));
        }
}

/* Average of the orderings written out: all 24, from the printed R2. */
static void shares_match_all_orderings(void **state)
{
    (void)state;
    double table[16], share[4], by_order[4] = {0};
    four_predictor_example();
    fill_table(2, table);
    for (int code = 0; code < 256; code++) {
        const int order[] = {code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6};
        unsigned all = 0, s = 0;
        for (int i = 0; i < 4; i++) all |= 1u << order[i];
        for (int i = 0; i < 4 && all == 15; i++) {
            by_order[order[i]] += (table[s | 1u << order[i]] - table[s]) / 24;
            s |= 1u << order[i];
        }
    }
    shares_of(2, share);
    for (int j = 0; j < 4; j++) assert_true(fabs(share[j] - by_order[j]) <= 1e-15);
}

/* Uncorrelated predictors: each share is the squared correlation, whatever the
 * number of players; from 18 players on the walk is split into jobs. */
static void uncorrelated_shares_are_squared_correlations(void **state)
{
    (void)state;
    static const int players[] = {1, 2, 3, 4, 9, 12, 17, 18, 19, 22};
    for (int guarded = 0; guarded <= 1; guarded++)
        for (size_t k = 0; k < sizeof players / sizeof *players - (guarded ? 1 : 0); k++) {
            const int p = players[k], n = p + 1;
            double share[SYI_EXACT_PLAYERS];
            random_data(&g, p, NULL, 1);
            correlate(&g, guarded);
            for (int i = 0; i < n * n; i++) g.matrix[i] = syi_dd_of(i / n == i % n);
            for (int j = 0; j < p; j++) g.matrix[j * n + p] = g.matrix[p * n + j] = syi_dd_of(0.02 * (j + 1) - 0.1);
            for (int simd = 0; simd <= 2; simd++) {
                shares_of(simd, share);
                for (int j = 0; j < p; j++) {
                    const double r = 0.02 * (j + 1) - 0.1;
                    /* both sums are near 1 and 2^22 terms were added: 50 units in the last place */
                    assert_true(fabs(share[j] - r * r) <= 1e-14);
                }
            }
        }
}

static const int mixed[] = {1, 3, 1, 1, 2, 1, 1, 1, 4, 1};

static void shares_sum_to_the_whole(void **state)
{
    (void)state;
    for (int guarded = 0; guarded <= 1; guarded++) {
        random_game_of(&g, 10, mixed, 21, guarded);
        double share[10], table[1024], total = 0;
        shares_of(2, share);
        fill_table(2, table);
        for (int j = 0; j < 10; j++) total += share[j];
        assert_true(fabs(total - table[1023]) <= 1e-14);
    }
}

/* Moves player i, with its columns and its stride, to place to[i]. */
static void permute_players(random_game *b, const random_game *a, const int *to)
{
    const int n = a->game.order, p = a->game.n_players;
    int column[MOST_COLUMNS + 1], first[SYI_EXACT_PLAYERS], m = 0;
    *b = *a;
    b->game.columns = b->columns;
    b->game.stride = b->stride;
    b->game.matrix = b->matrix;
    b->game.floor_ = b->floor_;
    for (int i = 0, c = 0; i < p; c += a->columns[i++]) first[i] = c;
    for (int place = 0; place < p; place++)
        for (int i = 0; i < p; i++)
            if (to[i] == place) {
                b->columns[place] = a->columns[i];
                b->stride[place] = a->stride[i];
                for (int c = 0; c < a->columns[i]; c++) column[m++] = first[i] + c;
            }
    column[m] = n - 1;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) b->matrix[i * n + j] = a->matrix[column[i] * n + column[j]];
}

static const int eighteen[] = {1, 2, 1, 1, 5, 1, 1, 1, 3, 1, 1, 1, 1, 4, 1, 1, 1, 2};

/* The table is one walk; sums of 18 players go by jobs whose head players have
 * several columns. */
static void sums_by_jobs_follow_the_table(void **state)
{
    (void)state;
    static double table[1 << 18], weight[2][64];
    const double *weights[] = {weight[0], weight[1]};
    for (int guarded = 0; guarded <= 1; guarded++) {
        random_game_of(&g, 18, eighteen, 12, guarded);
        for (int i = 0; i < 64; i++) weight[0][i] = draw(&g.seed), weight[1][i] = draw(&g.seed);
        for (int j = 0; j < 18; j++) g.stride[j] = j % 5 == 2 ? 7 : 1;
        fill_table(2, table);
        for (int n_weights = 1; n_weights <= 2; n_weights++) {
            double sums[2 * 19], size[2 * 19] = {0};
            quad expected[2 * 19] = {0};
            serial_sums(2, n_weights, weights, sums);
            for (unsigned s = 0; s < 1u << 18; s++) {
                int index = 0;
                for (int j = 0; j < 18; j++) index += (s >> j & 1) ? g.stride[j] : 0;
                for (int i = 0; i < n_weights * 19; i++)
                    if (i % 19 == 18 || (s >> i % 19 & 1)) {
                        expected[i] += (quad)weight[i / 19][index] * table[s];
                        size[i] += fabs(weight[i / 19][index] * table[s]);
                    }
            }
            /* a running sum takes up to 2^14 terms: their roundings walk to about 2^7 u */
            for (int i = 0; i < n_weights * 19; i++)
                assert_true(fabs((double)(sums[i] - expected[i])) <= 0x1p-46 * size[i]);
        }
    }
}

static void permuted_players_permute_the_answer(void **state)
{
    (void)state;
    static const int to[] = {3, 0, 9, 5, 1, 8, 2, 7, 4, 6};
    static random_game a;
    double table[1024], other[1024], share[10], moved[10];
    for (int guarded = 0; guarded <= 1; guarded++) {
        random_game_of(&g, 10, mixed, 5, guarded);
        a = g;
        fill_table(2, table);
        shares_of(2, share);
        permute_players(&g, &a, to);
        fill_table(2, other);
        shares_of(2, moved);
        for (unsigned s = 0; s < 1024; s++) {
            unsigned image = 0;
            for (int i = 0; i < 10; i++) image |= (s >> i & 1) << to[i];
            assert_true(fabs(table[s] - other[image]) <= 1e-14);
        }
        for (int i = 0; i < 10; i++) assert_true(fabs(share[i] - moved[to[i]]) <= 1e-14);
    }
}

static void the_empty_submodel_explains_nothing(void **state)
{
    (void)state;
    double table[1024];
    for (int guarded = 0; guarded <= 1; guarded++)
        for (int simd = 0; simd <= 2; simd++) {
            random_game_of(&g, 10, mixed, 8, guarded);
            fill_table(simd, table);
            assert_true(table[0] == 0 && !signbit(table[0]));
        }
}

/* y = x0 exactly: every submodel with x0 explains all of it. */
static void an_outcome_that_is_a_predictor_is_explained(void **state)
{
    (void)state;
    double table[256];
    random_data(&g, 8, NULL, 3);
    memcpy(g.data[8], g.data[0], sizeof g.data[0]);
    for (int guarded = 0; guarded <= 1; guarded++) {
        correlate(&g, guarded);
        fill_table(2, table);
        for (unsigned s = 1; s < 256; s += 2) assert_true(fabs(table[s] - 1) <= 1e-14);
    }
}

static int widest(void)
{
    return syi_simd_widest();
}

static void avx2_and_avx512_give_the_same_bits(void **state)
{
    (void)state;
    if (widest() < SYI_AVX512) skip();
    static double narrow[1 << 12], wide[1 << 12];
    static const int many[] = {1, 1, 2, 1, 1, 1, 3, 1, 1, 1, 1, 1};
    for (int guarded = 0; guarded <= 1; guarded++)
        for (int p = 1; p <= 12; p++)
            for (int single = 0; single <= 1; single++) {
                random_game_of(&g, p, single ? NULL : many, 31u + (unsigned)p, guarded);
                fill_table(SYI_AVX2, narrow);
                fill_table(SYI_AVX512, wide);
                assert_memory_equal(narrow, wide, sizeof(double) << p);
                shares_of(SYI_AVX2, narrow);
                shares_of(SYI_AVX512, wide);
                assert_memory_equal(narrow, wide, sizeof(double) * (size_t)p);
            }
}

static void the_baseline_agrees_to_13_digits(void **state)
{
    (void)state;
    static double narrow[1024], wide[1024];
    for (int guarded = 0; guarded <= 1; guarded++) {
        random_game_of(&g, 10, mixed, 77, guarded);
        fill_table(SYI_BASELINE, narrow);
        fill_table(widest(), wide);
        for (int s = 0; s < 1024; s++) assert_true(fabs(narrow[s] - wide[s]) <= 1e-13);
    }
}

/* A game of p single columns with r_ij = 0.6^|i-j|: no data, so any size. */
static void long_game(int p, int guarded)
{
    const int n = p + 1;
    random_data(&g, p, NULL, 1);
    correlate(&g, guarded);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            const int last = i > j ? i : j, first = i > j ? j : i;
            const double r = i == j ? 1 : last == p ? 0.3 / (1 + first) : pow(0.6, last - first);
            g.matrix[i * n + j] = syi_dd_of(r);
        }
}

static void any_number_of_threads_gives_the_same_bits(void **state)
{
    (void)state;
    static const int threads[] = {1, 2, 3, 8};
    double c[SYI_EXACT_PLAYERS + 1], w[SYI_EXACT_PLAYERS + 1];
    double serial[2 * (SYI_EXACT_PLAYERS + 1)], sums[2 * (SYI_EXACT_PLAYERS + 1)];
    const double *weight[] = {c, w};
    for (int guarded = 0; guarded <= 1; guarded++) {
        const int p = guarded ? 21 : 24;
        long_game(p, guarded);
        shapley_weights(p, c, w);
        serial_sums(SYI_AVX512, 2, weight, serial);
        for (size_t k = 0; k < sizeof threads / sizeof *threads; k++) {
            sy_context ctx;
            sy_context_init(&ctx);
            ctx.threads = threads[k];
            ctx.simd = SYI_AVX512;
            /* the estimate must be large enough for threads to be used at all */
            assert_true(syi_subsets_seconds(&g.game) > 0.005);
            memset(sums, 0, sizeof sums);
            assert_int_equal(syi_subsets_sums_parallel(&ctx, &g.game, 2, weight, sums), SY_OK);
            assert_memory_equal(sums, serial, sizeof(double) * (size_t)(2 * (p + 1)));
            sy_context_free(&ctx);
        }
    }
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int stop_at_once(void *arg)
{
    *(double *)arg = now();
    return 1;
}

/* How many times slower this run is by its very nature: valgrind's says 50. */
static double slower(void)
{
    const char *times = getenv("STEELYARD_SLOWER");
    return times ? atof(times) : 1;
}

/* From the host's "stop" to the return, and from the start to the first
 * question; the limits leave room for a busy machine. */
static void the_host_stops_a_30_player_walk(void **state)
{
    (void)state;
    double c[SYI_EXACT_PLAYERS + 1], w[SYI_EXACT_PLAYERS + 1], sums[2 * (SYI_EXACT_PLAYERS + 1)];
    const double *weight[] = {c, w};
    shapley_weights(30, c, w);
    for (int guarded = 0; guarded <= 1; guarded++)
        for (int threads = 1; threads <= 3; threads++) {
            static const int wide[30] = {2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                         1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 4, 4};
            sy_context ctx;
            double asked = 0;
            if (threads < 3) long_game(30, guarded);
            else random_game_of(&g, 30, wide, 9, guarded);
            sy_context_init(&ctx);
            ctx.threads = threads;
            ctx.poll = stop_at_once;
            ctx.poll_arg = &asked;
            const double start = now();
            assert_int_equal(syi_subsets_sums_parallel(&ctx, &g.game, 2, weight, sums), SY_EINTR);
            assert_true(now() - asked <= 0.1 * slower());
            assert_true(asked - start <= 0.5 * slower());
            assert_int_equal(sy_memory_live(), 0);
            sy_context_free(&ctx);
        }
}

static void thirty_players_need_less_than_64_megabytes(void **state)
{
    (void)state;
    double c[SYI_EXACT_PLAYERS + 1], w[SYI_EXACT_PLAYERS + 1], sums[2 * (SYI_EXACT_PLAYERS + 1)], asked;
    const double *weight[] = {c, w};
    sy_context ctx;
    sy_context_init(&ctx);
    shapley_weights(30, c, w);
    long_game(30, 1);
    ctx.threads = 8;
    ctx.poll = stop_at_once;
    ctx.poll_arg = &asked;
    sy_memory_reset_peak();
    assert_int_equal(syi_subsets_sums_parallel(&ctx, &g.game, 2, weight, sums), SY_EINTR);
    assert_true(sy_memory_peak() > 0 && sy_memory_peak() < 64 << 20);
    sy_context_free(&ctx);
}

static sy_status sums_of_twelve(void *arg, void *answer)
{
    sy_context ctx;
    double sums[2 * 13];
    sy_context_init(&ctx);
    const sy_status status = syi_subsets_sums_parallel(&ctx, &g.game, 2, arg, sums);
    if (status >= 0) memcpy(answer, sums, sizeof sums);
    else assert_non_null(strstr(ctx.message, "no room"));
    sy_context_free(&ctx);
    return status;
}

static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    double c[13], w[13];
    const double *weight[] = {c, w};
    shapley_weights(12, c, w);
    random_game_of(&g, 12, NULL, 1, 0);
    assert_true(syi_survives_failing(sums_of_twelve, weight, sizeof(double) * 26) > 0);
}

/* The scratch that a caller did not make large enough is a bug of ours: the
 * answer is not a number rather than a wrong one. */
static void too_little_scratch_gives_nan(void **state)
{
    (void)state;
    double table[16], sums[5], weight[5] = {1, 1, 1, 1, 1};
    const double *weights[] = {weight};
    syi_arena arena;
    four_predictor_example();
    assert_int_equal(syi_arena_init(&arena, 256), 0);
    syi_subsets_table(2, &g.game, &arena, table);
    syi_subsets_sums(2, &g.game, &arena, 1, weights, sums);
    for (int s = 0; s < 16; s++) assert_true(isnan(table[s]));
    for (int j = 0; j < 5; j++) assert_true(isnan(sums[j]));
    syi_arena_free(&arena);
}

static void the_estimate_doubles_with_a_player(void **state)
{
    (void)state;
    double before = 0;
    for (int p = 16; p <= 30; p++) {
        long_game(p, 0);
        const double plain = syi_subsets_seconds(&g.game);
        g.game.guarded = 1;
        assert_true(syi_subsets_seconds(&g.game) > 2 * plain);
        if (before > 0) assert_true(plain / before > 1.9 && plain / before < 2.1);
        before = plain;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_matches_azen_and_budescu),
        cmocka_unit_test(shares_match_all_orderings),
        cmocka_unit_test(uncorrelated_shares_are_squared_correlations),
        cmocka_unit_test(shares_sum_to_the_whole),
        cmocka_unit_test(sums_by_jobs_follow_the_table),
        cmocka_unit_test(permuted_players_permute_the_answer),
        cmocka_unit_test(the_empty_submodel_explains_nothing),
        cmocka_unit_test(an_outcome_that_is_a_predictor_is_explained),
        cmocka_unit_test(avx2_and_avx512_give_the_same_bits),
        cmocka_unit_test(the_baseline_agrees_to_13_digits),
        cmocka_unit_test(any_number_of_threads_gives_the_same_bits),
        cmocka_unit_test(the_host_stops_a_30_player_walk),
        cmocka_unit_test(thirty_players_need_less_than_64_megabytes),
        cmocka_unit_test(every_failed_allocation_is_reported),
        cmocka_unit_test(too_little_scratch_gives_nan),
        cmocka_unit_test(the_estimate_doubles_with_a_player),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
