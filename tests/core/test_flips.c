/* Share-flip: planted confounders are found again, several columns, benchmarks,
 * contours, limits, refusals.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "flips_world.h"

/* The whole algebra against rows: forcing in the planted column gives the same
 * shares to 1e-10. */
static void planted_confounder_gives_the_forced_in_shares(void **state)
{
    (void)state;
    static const sy_confounder points[] = {
        {0.3, -0.2, 0.4}, {-0.5, 0, 0.3}, {0, 0.6, -0.2}, {0.7, 0.5, 0.1}, {0, 0, 0.5}};
    static const double weights[3] = {1, 0.8, -0.6};
    for (int seed = 1; seed <= 4; seed++)
        for (int form = 0; form < 4; form++)
            for (int i = 0; i < 5; i++) {
                world w;
                double expected[3], found[3];
                const int adjusted = form & 1, n_process = form & 2 ? 2 : 1;
                open_world(&w, (uint64_t)seed);
                w.block[0].n_terms = n_process;
                if (adjusted) {
                    w.question.n_blocks = 2;
                    w.question.n_adjust = 1;
                    w.question.adjust = terms + NEED;
                }
                plant(&w, adjusted, n_process, weights, points[i]);
                read_rows(&w, SY_UNIT_NONE);
                forced_in(&w, expected);
                check(&w, sy_share_flip_at(&w.ctx, &w.m, &w.question, &w.o, weights, 1, &points[i], found));
                for (int b = 0; b < w.question.n_blocks; b++) assert_near(found[b], expected[b], 1e-10);
                close_world(&w);
            }
}

/* Data in which the forced-in order turns just so, by bisection over planted
 * outcome strengths: the ray must cross at 1. */
static double planted_difference(uint64_t seed, sy_confounder u)
{
    static const double weights[3] = {1, 1, 0};
    world w;
    double shares[3];
    open_world(&w, seed);
    plant(&w, 0, 1, weights, u);
    read_rows(&w, SY_UNIT_NONE);
    forced_in(&w, shares);
    close_world(&w);
    return shares[0] - shares[1];
}

static void the_boundary_agrees_with_simulation(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        world w;
        double low = 0, high = 1;
        sy_flip_ray ray = {.along = {-0.6, 0.5, 0.6}};
        assert_true(planted_difference(seed, (sy_confounder){0, 0, 0}) > 0);
        assert_true(planted_difference(seed, ray.along) < 0);
        for (int i = 0; i < 45; i++) {
            const double t = (low + high) / 2;
            if (planted_difference(seed, (sy_confounder){-0.6 * t, 0.5 * t, 0.6 * t}) > 0) low = t;
            else high = t;
        }
        open_world(&w, seed);
        read_rows(&w, SY_UNIT_NONE);
        check(&w, sy_share_flip_rays(&w.ctx, &w.m, &w.question, &w.o, NULL, 1, &ray));
        assert_near(ray.crossing, low, 1e-9);
        close_world(&w);
    }
}

/* With two process columns no combination of them brings a flip nearer along any
 * corner than the nearest found, and there the difference is 0. */
static void the_worst_combination_is_found(void **state)
{
    (void)state;
    syi_stream s;
    syi_stream_init(&s, 3, 0, 0);
    for (uint64_t seed = 1; seed <= 3; seed++) {
        world w;
        sy_share_flip_result r;
        double direction[3], shares[3], best = 1;
        int n_second, n_first, column[COLUMNS];
        open_world(&w, seed);
        w.block[0].n_terms = 2;
        read_rows(&w, SY_UNIT_NONE);
        check(&w, sy_share_flip_directions(&w.ctx, &w.m, &w.question, &w.o, &n_second, &n_first, column));
        assert_int_equal(n_second, 1);
        assert_int_equal(n_first, 2);
        assert_true(column[0] == MONEY && column[1] == LISTEN && column[2] == PLAN);
        check(&w, sy_share_flip(&w.ctx, &w.m, &w.question, &w.o, &r, direction));
        assert_int_equal(r.several_columns, 1);
        assert_true(direction[0] == 1 && direction[1] + direction[2] >= 0);
        const sy_flip_point *nearest = &r.nearest[SY_FLIP_ALL];
        check(&w, sy_share_flip_at(&w.ctx, &w.m, &w.question, &w.o, direction, 1, &nearest->at, shares));
        assert_near(shares[0] - shares[1], 0, 1e-12);
        for (int i = 0; i < 100; i++) {
            const double angle = 3.14159265358979 * syi_stream_uniform(&s), weights[3] = {1, cos(angle), sin(angle)};
            sy_flip_ray ray[4] = {
                {.along = {1, 1, 1}}, {.along = {-1, 1, 1}}, {.along = {1, -1, 1}}, {.along = {-1, -1, 1}}};
            check(&w, sy_share_flip_rays(&w.ctx, &w.m, &w.question, &w.o, weights, 4, ray));
            for (int k = 0; k < 4; k++)
                if (!isnan(ray[k].crossing)) best = fmin(best, ray[k].crossing);
        }
        if (best < nearest->distance * (1 - 1e-9)) fail_msg("%.12f is nearer than %.12f", best, nearest->distance);
        assert_near(best, nearest->distance, 0.01); /* 100 angles come this near */
        close_world(&w);
    }
}

/* Correlation of what both columns are given the first n of basis. */
static double partial(int n, const double basis[][ROWS], const double *x, const double *y)
{
    double a[ROWS], b[ROWS];
    memcpy(a, x, sizeof a);
    memcpy(b, y, sizeof b);
    orthonormal(n, basis, a);
    orthonormal(n, basis, b);
    return inner(a, b);
}

/* Need as a block and need as an adjusting term have the same strengths, the
 * partial correlations of the rows; a U like it has the difference at them. */
static void benchmarks_are_partial_correlations(void **state)
{
    (void)state;
    world w;
    double basis[2][ROWS], shares[3];
    sy_flip_benchmark need;
    open_world(&w, 5);
    read_rows(&w, SY_UNIT_NONE);
    memcpy(basis[0], w.x[MONEY], sizeof basis[0]);
    orthonormal(0, basis, basis[0]);
    memcpy(basis[1], w.x[LISTEN], sizeof basis[1]);
    orthonormal(1, basis, basis[1]);
    const sy_confounder expected = {partial(0, basis, w.x[NEED], w.x[MONEY]), partial(1, basis, w.x[NEED], w.x[LISTEN]),
                                    partial(2, basis, w.x[NEED], w.x[Y])};
    for (int adjusted = 0; adjusted < 2; adjusted++) {
        if (adjusted) {
            w.question.n_blocks = 2;
            w.question.n_adjust = 1;
            w.question.adjust = terms + NEED;
        }
        check(&w, sy_share_flip_benchmarks(&w.ctx, &w.m, &w.question, &w.o, NULL, 1, terms + NEED, &need));
        assert_int_equal(need.joint, 0);
        assert_near(need.at.a, expected.a, 1e-12);
        assert_near(need.at.b, expected.b, 1e-12);
        assert_near(need.at.c, expected.c, 1e-12);
        check(&w, sy_share_flip_at(&w.ctx, &w.m, &w.question, &w.o, NULL, 1, &need.at, shares));
        assert_near(need.difference, shares[0] - shares[1], 1e-14);
        sy_flip_ray ray = {.along = need.at};
        check(&w, sy_share_flip_rays(&w.ctx, &w.m, &w.question, &w.o, NULL, 1, &ray));
        assert_true(need.crossing == ray.crossing || (isnan(need.crossing) && isnan(ray.crossing)));
        assert_true(need.limit == ray.limit);
    }
    close_world(&w);
}

/* At distance_low the difference is t_{.975} of its jackknife errors, from rows
 * left out one by one. The search's last interval is cut by a straight line: 1e-5
 * of the difference. */
static void the_limit_of_the_distance_is_that_of_rows_left_out(void **state)
{
    (void)state;
    world w;
    sy_share_flip_result r;
    double whole[3], left_out[3], sum = 0, q;
    open_world(&w, 2);
    read_rows(&w, SY_UNIT_ROW);
    check(&w, sy_share_flip(&w.ctx, &w.m, &w.question, &w.o, &r, NULL));
    const sy_flip_point *p = &r.nearest[SY_FLIP_ALL];
    assert_true(r.distance_low > 0 && r.distance_low < p->distance);
    assert_near(r.df, ROWS - 1, 0);
    const double t = r.distance_low / p->distance;
    const sy_confounder u = {t * p->at.a, t * p->at.b, t * p->at.c};
    check(&w, sy_share_flip_at(&w.ctx, &w.m, &w.question, &w.o, NULL, 1, &u, whole));
    const double difference = whole[0] - whole[1];
    w.design.n = ROWS - 1;
    for (int gone = ROWS - 1; gone >= 0; gone--) {
        for (int c = 0; c < COLUMNS; c++) { /* the row changes places with the last */
            const double last = w.x[c][ROWS - 1];
            w.x[c][ROWS - 1] = w.x[c][gone];
            w.x[c][gone] = last;
        }
        read_rows(&w, SY_UNIT_NONE);
        check(&w, sy_share_flip_at(&w.ctx, &w.m, &w.question, &w.o, NULL, 1, &u, left_out));
        sum += pow(left_out[0] - left_out[1] - difference, 2);
    }
    check(&w, sy_distribution_t_quantile(&w.ctx, 0.975, ROWS - 1, &q));
    assert_near(difference, q * sqrt(sum * (ROWS - 1) / ROWS), 1e-5 * r.difference);
    close_world(&w);
}

static void contours_are_the_differences_at_their_points(void **state)
{
    (void)state;
    world w;
    const double x[3] = {-0.6, 0.2, 1}, y[4] = {-0.999, 0, 0.4, 0.7};
    double d[12], shares[3];
    unsigned char impossible[12];
    sy_share_flip_result r;
    open_world(&w, 4);
    read_rows(&w, SY_UNIT_NONE);
    check(&w, sy_share_flip(&w.ctx, &w.m, &w.question, &w.o, &r, NULL));
    sy_flip_places(0.5, 3, shares);
    assert_true(shares[0] == -0.5 && shares[1] == 0 && shares[2] == 0.5);
    for (int set = 3; set <= 6; set++) {
        const sy_flip_grid grid = {.set = set, .third = 0.3, .n_x = 3, .n_y = 4, .x = x, .y = y};
        if (set == SY_FLIP_C) continue;
        check(&w, sy_share_flip_contours(&w.ctx, &w.m, &w.question, &w.o, NULL, &grid, d, impossible));
        for (int i = 0; i < 12; i++) {
            const double first = x[i % 3], second = y[i / 3];
            const sy_confounder u = {set & SY_FLIP_A ? first : 0.3,
                                     set == 3   ? second
                                     : set == 6 ? first
                                                : 0.3,
                                     set & SY_FLIP_C ? second : 0.3};
            const int outside = fabs(u.a) >= 1 || fabs(u.b) >= 1 || fabs(u.c) >= r.nearest[0].limit_c;
            assert_int_equal(impossible[i], outside);
            assert_int_equal(isnan(d[i]) != 0, outside);
            if (outside) continue;
            check(&w, sy_share_flip_at(&w.ctx, &w.m, &w.question, &w.o, NULL, 1, &u, shares));
            assert_true(d[i] == shares[0] - shares[1]);
        }
    }
    close_world(&w);
}

/* Turning a column turns the sign of its strength and nothing else; scales do
 * not count. */
static void signs_follow_the_columns(void **state)
{
    (void)state;
    world w;
    sy_share_flip_result r, turned;
    open_world(&w, 6);
    read_rows(&w, SY_UNIT_NONE);
    check(&w, sy_share_flip(&w.ctx, &w.m, &w.question, &w.o, &r, NULL));
    for (int i = 0; i < ROWS; i++) w.x[MONEY][i] = 100 - 1000 * w.x[MONEY][i];
    read_rows(&w, SY_UNIT_NONE);
    check(&w, sy_share_flip(&w.ctx, &w.m, &w.question, &w.o, &turned, NULL));
    for (int set = 1; set < SY_FLIP_SETS; set++) {
        const sy_flip_point *p = &r.nearest[set], *q = &turned.nearest[set];
        assert_int_equal(isnan(p->distance), isnan(q->distance));
        if (isnan(p->distance)) continue;
        assert_near(q->distance, p->distance, 1e-9);
        assert_near(q->at.a, -p->at.a, 1e-6);
        assert_near(q->at.b, p->at.b, 1e-6);
        assert_near(q->at.c, p->at.c, 1e-6);
    }
    close_world(&w);
}

static void threads_and_kernels_do_not_change_a_bit(void **state)
{
    (void)state;
    world w;
    sy_share_flip_result r[3];
    double direction[3][3];
    memset(r, 0, sizeof r);
    open_world(&w, 1);
    w.block[0].n_terms = 2;
    read_rows(&w, SY_UNIT_ROW);
    for (int i = 0; i < 3; i++) {
        w.ctx.threads = i == 1 ? 4 : 1;
        if (i == 2 && w.ctx.simd > 1) w.ctx.simd = 1; /* without fused operations bits differ, as everywhere */
        check(&w, sy_share_flip(&w.ctx, &w.m, &w.question, &w.o, &r[i], direction[i]));
        assert_memory_equal(direction[i], direction[0], sizeof direction[0]);
        assert_memory_equal(&r[i].distance_low, &r[0].distance_low, sizeof r[0].distance_low);
        for (int set = 1; set < SY_FLIP_SETS; set++)
            assert_memory_equal(&r[i].nearest[set].at, &r[0].nearest[set].at, sizeof r[0].nearest[set].at);
    }
    close_world(&w);
}

static void refused(world *w, sy_status status, sy_status expected, const char *words)
{
    assert_int_equal(status, expected);
    if (!strstr(w->ctx.message, words)) fail_msg("%s", w->ctx.message);
}

static void what_is_not_allowed_is_named(void **state)
{
    (void)state;
    world w;
    sy_share_flip_result r;
    sy_flip_ray ray = {.along = {0, 0, 0}};
    sy_flip_benchmark benchmark;
    double shares[3], d;
    unsigned char impossible;
    const sy_confounder one = {0.2, 1, 0.1};
    open_world(&w, 1);
    read_rows(&w, SY_UNIT_NONE);
#define ASK sy_share_flip(&w.ctx, &w.m, &w.question, &w.o, &r, NULL)
    w.o.second = 3;
    refused(&w, ASK, SY_EINVAL, "second: there is no block number 4; there are 3");
    w.o.second = 0;
    refused(&w, ASK, SY_EINVAL, "second: process is the first block too");
    sy_flip_defaults(&w.o);
    w.o.most = 1;
    refused(&w, ASK, SY_EINVAL, "most = 1: strengths lie between -1 and 1");
    sy_flip_defaults(&w.o);
    w.o.level = 1;
    refused(&w, ASK, SY_EINVAL, "level = 1");
    sy_flip_defaults(&w.o);
    w.o.starts = 0;
    refused(&w, ASK, SY_EINVAL, "starts: 0");
    sy_flip_defaults(&w.o);
    refused(&w, sy_share_flip_at(&w.ctx, &w.m, &w.question, &w.o, NULL, 1, &one, shares), SY_EINVAL,
            "b = 1: a strength lies between -1 and 1, both excluded");
    refused(&w, sy_share_flip_rays(&w.ctx, &w.m, &w.question, &w.o, NULL, 1, &ray), SY_EINVAL,
            "rays: (0, 0, 0) points nowhere");
    refused(&w, sy_share_flip_benchmarks(&w.ctx, &w.m, &w.question, &w.o, NULL, 1, terms + MONEY, &benchmark),
            SY_EINVAL, "benchmarks: money is in funding itself");
    refused(&w, sy_share_flip_benchmarks(&w.ctx, &w.m, &w.question, &w.o, NULL, 1, terms + Y, &benchmark), SY_EINVAL,
            "benchmarks: y is the outcome");
    const sy_flip_grid grid = {.set = SY_FLIP_A, .n_x = 1, .n_y = 1, .x = &d, .y = &d};
    refused(&w, sy_share_flip_contours(&w.ctx, &w.m, &w.question, &w.o, NULL, &grid, &d, &impossible), SY_EINVAL,
            "set = 1: two of the three strengths vary");
    w.block[0].n_terms = 2;
    refused(&w, sy_share_flip_at(&w.ctx, &w.m, &w.question, &w.o, NULL, 1, &ray.along, shares), SY_EINVAL,
            "direction: funding and process have several columns");
    for (int i = 0; i < ROWS; i++) w.x[MONEY][i] = 3;
    read_rows(&w, SY_UNIT_NONE);
    refused(&w, ASK, SY_EDATA, "second: funding does not vary");
#undef ASK
    close_world(&w);
}

static sy_status whole_job(void *arg, void *answer)
{
    world *w = arg;
    sy_context ctx;
    sy_share_flip_result r;
    sy_flip_ray ray = {.along = {1, 0, 1}};
    sy_flip_benchmark benchmark;
    const double x = 0.1;
    const sy_flip_grid grid = {.set = SY_FLIP_A + SY_FLIP_C, .n_x = 1, .n_y = 1, .x = &x, .y = &x};
    double direction[3], out[4];
    unsigned char impossible;
    sy_context_init(&ctx);
    ctx.threads = 1;
    sy_status status = sy_share_flip(&ctx, &w->m, &w->question, &w->o, &r, direction);
    if (status >= 0) status = sy_share_flip_rays(&ctx, &w->m, &w->question, &w->o, NULL, 1, &ray);
    if (status >= 0)
        status = sy_share_flip_benchmarks(&ctx, &w->m, &w->question, &w->o, direction, 1, terms + NEED, &benchmark);
    if (status >= 0)
        status = sy_share_flip_contours(&ctx, &w->m, &w->question, &w->o, direction, &grid, out + 3, &impossible);
    if (status >= 0) {
        out[0] = r.nearest[SY_FLIP_ALL].distance;
        out[1] = r.distance_low;
        out[2] = ray.crossing + benchmark.difference;
        memcpy(answer, out, sizeof out);
    }
    sy_context_free(&ctx);
    return status;
}

static void no_allocation_failure_does_harm(void **state)
{
    (void)state;
    world w;
    open_world(&w, 1);
    read_rows(&w, SY_UNIT_ROW);
    assert_true(syi_survives_failing(whole_job, &w, 4 * sizeof(double)) > 20);
    close_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted_confounder_gives_the_forced_in_shares),
        cmocka_unit_test(the_boundary_agrees_with_simulation),
        cmocka_unit_test(the_worst_combination_is_found),
        cmocka_unit_test(benchmarks_are_partial_correlations),
        cmocka_unit_test(the_limit_of_the_distance_is_that_of_rows_left_out),
        cmocka_unit_test(contours_are_the_differences_at_their_points),
        cmocka_unit_test(signs_follow_the_columns),
        cmocka_unit_test(threads_and_kernels_do_not_change_a_bit),
        cmocka_unit_test(what_is_not_allowed_is_named),
        cmocka_unit_test(no_allocation_failure_does_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
