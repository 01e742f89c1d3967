/* Calls on tables of correlations, shares, means and p values hear their host.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "stop_watch.h"

#include "stop_world.h"

static double longer;

static int times(double count)
{
    return (int)(count * longer);
}

typedef struct {
    int p, decimals;
    double *r;
    const char **label;
} printed;

static sy_status to_matrix(sy_context *ctx, const void *arg)
{
    const printed *t = arg;
    sy_moments out;
    const sy_status s = t->decimals < 0 ? sy_moments_from_correlation(ctx, t->p, t->r, 500, t->label, &out)
                                        : sy_moments_from_printed(ctx, t->p, t->r, 500, t->label, t->decimals, &out);
    sy_moments_free(&out);
    return s;
}

static void correlation_tables_hear(void **state)
{
    (void)state;
    const int p = (int)(330 * cbrt(longer));
    char *text = calloc((size_t)p, 16);
    printed t = {p, -1, world_room((double)p * p), calloc((size_t)p, sizeof(char *))};
    for (int a = 0; a < p; a++) {
        t.label[a] = text + 16 * a;
        snprintf(text + 16 * a, 16, "x%d", a);
        for (int b = 0; b < p; b++) t.r[a * p + b] = a == b ? 1 : 0.3;
    }
    hears_its_host("correlation", to_matrix, &t);
    t.p = 60;
    t.decimals = 2;
    for (int a = 0; a < t.p; a++) /* near the edge of what is possible: +-0.2 in two groups, 0.05 off */
        for (int b = 0; b < t.p; b++) t.r[a * t.p + b] = a == b ? 1 : rint(100 * cos(0.31 * (a - b))) / 100;
    hears_its_host("printed correlation", to_matrix, &t);
    free(t.r);
    free(t.label);
    free(text);
}

static sy_status to_ranks(sy_context *ctx, const void *arg)
{
    const int k = *(const int *)arg;
    double *shares = world_room((double)k * SY_N_SHARE), *ranks = world_room(3.0 * k);
    for (int i = 0; i < k; i++) {
        const double p = 0.2 + 0.6 * i / k;
        const double one[SY_N_SHARE] = {p, sqrt(p * (1 - p) / 400), p - 0.05, p + 0.05, HUGE_VAL, 400, 400, 1};
        memcpy(shares + (ptrdiff_t)i * SY_N_SHARE, one, sizeof one);
    }
    const sy_status s = sy_overview_ranks(ctx, k, shares, 0.95, ranks);
    free(shares);
    free(ranks);
    return s;
}

static sy_status to_funnel(sy_context *ctx, const void *arg)
{
    const int k = *(const int *)arg;
    double *shares = world_room((double)k * SY_N_SHARE), *funnel = world_room((double)k * SY_N_FUNNEL), dispersion;
    for (int i = 0; i < k; i++) {
        const double p = 0.2 + 0.6 * i / k, people_of = 200 + i;
        const double one[SY_N_SHARE] = {p, 0.02, p - 0.05, p + 0.05, HUGE_VAL, people_of, people_of, 1};
        memcpy(shares + (ptrdiff_t)i * SY_N_SHARE, one, sizeof one);
    }
    const sy_status s = sy_overview_funnel(ctx, k, shares, 0.5, funnel, &dispersion);
    free(shares);
    free(funnel);
    return s;
}

static void tables_of_groups_hear(void **state)
{
    (void)state;
    hears_its_host("overview ranks", to_ranks, &(int){(int)(12000 * sqrt(longer))});
    hears_its_host("overview funnel", to_funnel, &(int){times(8000)});
}

static sy_status to_pairs(sy_context *ctx, const void *arg)
{
    const int m = *(const int *)arg;
    const size_t pairs = (size_t)m * (size_t)(m - 1) / 2;
    double *room = world_room(2.0 * m + (double)m * m), *out = world_room(8.0 * (double)pairs);
    int *at = calloc(2 * pairs, sizeof *at);
    for (int i = 0; i < m; i++) {
        room[i] = 0.01 * i;
        room[m + i] = 60;
        room[2 * m + i * m + i] = 0.04;
    }
    const sy_pairs table = {at,
                            at + pairs,
                            out,
                            out + pairs,
                            out + 2 * pairs,
                            out + 3 * pairs,
                            out + 4 * pairs,
                            out + 5 * pairs,
                            out + 6 * pairs,
                            out + 7 * pairs};
    const sy_status s = sy_pairwise(ctx, m, room, room + 2 * m, room + m, SY_ADJUST_TUKEY, 0.95, &table);
    free(room);
    free(out);
    free(at);
    return s;
}

static sy_status to_adjust(sy_context *ctx, const void *arg)
{
    const int n = *(const int *)arg;
    double *p = world_room(2.0 * n);
    for (int i = 0; i < n; i++) p[i] = fmod(0.6180339887 * i, 1);
    const sy_status s = sy_adjust_p(ctx, SY_ADJUST_BH, n, p, p + n);
    free(p);
    return s;
}

static void families_hear(void **state)
{
    (void)state;
    hears_its_host("pairs of means", to_pairs, &(int){(int)(250 * sqrt(longer))});
    hears_its_host("adjusted p", to_adjust, &(int){times(1000000)});
}

static int read_sizes(void **state)
{
    (void)state;
    longer = stop_slower() > 1 ? 0.1 : stop_times("STEELYARD_LONGER");
    return 0;
}

typedef struct {
    const sy_moments *m;
    const sy_question *question;
    sy_flip_options options;
} flips;

static sy_status to_flip(sy_context *ctx, const void *arg)
{
    const flips *f = arg;
    sy_share_flip_result result;
    return sy_share_flip(ctx, f->m, f->question, &f->options, &result, NULL);
}

static sy_status to_turn(sy_context *ctx, const void *arg)
{
    const flips *f = arg;
    sy_flip_turn turn;
    return sy_reliability_to_flip(ctx, f->m, f->question, &f->options, &turn, 0, NULL, NULL);
}

static sy_status to_benchmark(sy_context *ctx, const void *arg)
{
    const flips *f = arg;
    static const int term = 2;
    sy_flip_benchmark out;
    return sy_share_flip_benchmarks(ctx, f->m, f->question, &f->options, NULL, 1, &term, &out);
}

static void flips_hear(void **state)
{
    (void)state;
    enum { BLOCKS = 16, ORDER = BLOCKS + 1 };
    static double r[ORDER * ORDER];
    static char text[ORDER][8];
    static int terms[BLOCKS];
    const char *label[ORDER];
    const int blocks = longer > 1 ? BLOCKS : BLOCKS - 2;
    sy_block block[BLOCKS];
    sy_context ctx;
    sy_moments m;
    for (int a = 0; a <= blocks; a++) {
        label[a] = text[a];
        snprintf(text[a], sizeof text[a], "x%d", a);
        for (int b = 0; b <= blocks; b++) r[a * (blocks + 1) + b] = a == b ? 1 : a + b == blocks ? 0.45 : 0.3;
    }
    for (int b = 0; b < blocks; b++) {
        terms[b] = b;
        block[b] = (sy_block){text[b], 1, &terms[b]};
    }
    const sy_question question = {.outcome = blocks, .n_blocks = blocks, .blocks = block};
    flips f = {&m, &question, {0}};
    sy_flip_defaults(&f.options);
    sy_context_init(&ctx);
    assert_true(sy_moments_from_correlation(&ctx, blocks + 1, r, 500, label, &m) >= 0);
    hears_its_host("share flip", to_flip, &f);
    hears_its_host("reliability to flip", to_turn, &f);
    hears_its_host("share flip benchmarks", to_benchmark, &f);
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(correlation_tables_hear),
        cmocka_unit_test(tables_of_groups_hear),
        cmocka_unit_test(families_hear),
        cmocka_unit_test(flips_hear),
    };
    return cmocka_run_group_tests(tests, read_sizes, NULL);
}
