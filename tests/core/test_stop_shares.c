/* Every call on shares that can run longer than a moment hears its host.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "stop_watch.h"

#include "stop_world.h"

enum { COUNCILS = 120, STRATA = 12, ROWS = 2400, ROOM = 2000000 };

/* Of the group of tests: rows, and sums of them by cluster in strata, by row
 * and as one set. */
static world *people;
static sy_moments by_cluster, by_row, as_one;
static double longer, *room;

static int times(double count)
{
    return (int)(count * longer);
}

/* How many blocks more make a walk over all submodels that much longer. */
static int doublings(void)
{
    return (int)rint(log2(longer));
}

typedef struct {
    const sy_moments *m;
    int blocks, ordered, absorb;
    sy_shares_options options;
    sy_interval_kind interval;
    const sy_design *rows;
    int replicates;
} asking;

/* Blocks of one term; the order puts a third of them first. */
static sy_question question_of(const asking *a)
{
    static int group[WORLD_COLUMNS];
    sy_question q = people->question;
    for (int b = 0; b < a->blocks; b++) group[b] = b >= a->blocks / 3;
    q.n_blocks = a->blocks;
    if (a->ordered) q.order = group;
    q.absorb = a->absorb;
    return q;
}

static sy_status to_shares(sy_context *ctx, const void *arg)
{
    const asking *a = arg;
    const sy_question q = question_of(a);
    sy_shares_summary summary;
    return sy_shares(ctx, a->m, &q, &a->options, &summary, room);
}

static asking ask(const sy_moments *m, int blocks)
{
    asking a = {.m = m, .blocks = blocks};
    sy_shares_defaults(&a.options);
    a.options.method = SY_METHOD_EXACT;
    a.options.bounds = SY_BOUNDS_NO;
    return a;
}

static void exact_shares_hear(void **state)
{
    (void)state;
    asking a = ask(&as_one, 28 + (doublings() < 2 ? doublings() : 2));
    hears_its_host("shares", to_shares, &a);
    a = ask(&as_one, 27 + doublings());
    a.options.guarded = 1;
    hears_its_host("shares guarded", to_shares, &a);
    a = ask(&as_one, 25);
    a.options.bounds = SY_BOUNDS_YES;
    hears_its_host("shares with bounds past 2^18", to_shares, &a);
    a = ask(&by_cluster, 28);
    a.absorb = 1;
    hears_its_host("shares within clusters", to_shares, &a);
}

static void sampled_shares_hear(void **state)
{
    (void)state;
    asking a = ask(&as_one, 34);
    a.options.method = SY_METHOD_SAMPLED;
    a.options.tolerance = 1e-9;
    a.options.permutations = times(160000);
    hears_its_host("sampled shares", to_shares, &a);
    a.ordered = 1;
    hears_its_host("sampled shares in an order", to_shares, &a);
}

static sy_status to_evidence(sy_context *ctx, const void *arg)
{
    const asking *a = arg;
    const sy_question q = question_of(a);
    const ptrdiff_t rows = a->blocks + sy_shares_terms(&q), cells = rows * SY_N_METRICS;
    sy_evidence_options o;
    sy_evidence_summary summary;
    sy_evidence_defaults(&o);
    o.shares = a->options;
    o.interval = a->interval;
    o.replicates = a->replicates;
    o.time_limit = HUGE_VAL;
    double *all = world_room((double)(5 * cells + rows * cells + rows + a->replicates * cells));
    const sy_evidence_table table = {all,
                                     all + cells,
                                     all + 2 * cells,
                                     all + 3 * cells,
                                     all + 4 * cells,
                                     all + 5 * cells + rows,
                                     all + (5 + rows) * cells + rows,
                                     all + 5 * cells};
    const sy_status s = sy_evidence_shares(ctx, a->m, a->rows, &q, &o, &summary, &table);
    free(all);
    return s;
}

static void intervals_hear(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        sy_interval_kind kind;
        int blocks, replicates, ordered;
    } kinds[] = {{"jackknife", SY_INTERVAL_JACKKNIFE, 19, 2, 0},
                 {"jackknife of long walks", SY_INTERVAL_JACKKNIFE, 21, 2, 0},
                 {"jackknife of rows", SY_INTERVAL_JACKKNIFE, 11, 2, 0},
                 {"influence", SY_INTERVAL_INFLUENCE, 17, 2, 0},
                 {"normal", SY_INTERVAL_NORMAL, 17, 2, 0},
                 {"percentile", SY_INTERVAL_PERCENTILE, 11, 5000, 0},
                 {"expanded", SY_INTERVAL_EXPANDED, 11, 5000, 0},
                 {"basic", SY_INTERVAL_BASIC, 11, 5000, 0},
                 {"bca", SY_INTERVAL_BCA, 11, 5000, 0},
                 {"studentised", SY_INTERVAL_STUDENTISED, 7, 300, 0},
                 {"bayes", SY_INTERVAL_BAYES, 11, 5000, 0},
                 {"percentile in an order", SY_INTERVAL_PERCENTILE, 10, 6000, 1}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const int rows = i == 2;
        asking a = ask(rows ? &by_row : &by_cluster, kinds[i].blocks + (kinds[i].replicates == 2 ? doublings() : 0));
        a.interval = kinds[i].kind;
        a.replicates = kinds[i].replicates == 2 ? 2 : (int)fmax(100, times(kinds[i].replicates));
        a.ordered = kinds[i].ordered;
        hears_its_host(kinds[i].name, to_evidence, &a);
    }
    asking a = ask(&as_one, 17 + doublings() / 2);
    a.interval = SY_INTERVAL_INFLUENCE;
    a.rows = &people->design;
    a.replicates = 2;
    hears_its_host("influence over rows", to_evidence, &a);
    a = ask(&by_cluster, 33);
    a.options.method = SY_METHOD_SAMPLED;
    a.options.permutations = 400;
    a.interval = SY_INTERVAL_JACKKNIFE;
    a.replicates = 2;
    hears_its_host("jackknife of sampled shares", to_evidence, &a);
}

static sy_status to_submodels(sy_context *ctx, const void *arg)
{
    const asking *a = arg;
    const sy_question q = question_of(a);
    int32_t *set = (int32_t *)(void *)(room + ((ptrdiff_t)SY_N_SUBMODEL << a->blocks));
    return sy_submodels(ctx, a->m, &q, SY_PLAYERS_BLOCKS, room, set);
}

static sy_status to_commonality(sy_context *ctx, const void *arg)
{
    const asking *a = arg;
    const sy_question q = question_of(a);
    int32_t *set = (int32_t *)(void *)(room + ((ptrdiff_t)SY_N_COMMONALITY << a->blocks));
    return sy_commonality(ctx, a->m, &q, SY_PLAYERS_BLOCKS, a->blocks, room, set);
}

static sy_status to_dominance(sy_context *ctx, const void *arg)
{
    const asking *a = arg;
    const sy_question q = question_of(a);
    sy_dominance_options o;
    sy_dominance_defaults(&o);
    return sy_dominance(ctx, a->m, &q, &o, room, room + 1000, room + 2000);
}

static sy_status to_reproduced(sy_context *ctx, const void *arg)
{
    const asking *a = arg;
    const sy_question q = question_of(a);
    sy_dominance_options o;
    int kept;
    sy_dominance_defaults(&o);
    return sy_dominance_reproduced(ctx, a->m, &q, &o, a->replicates, 1, room, &kept);
}

static sy_status to_others(sy_context *ctx, const void *arg)
{
    const asking *a = arg;
    const sy_question q = question_of(a);
    return sy_relative_weights(ctx, a->m, &q, room);
}

static void submodels_hear(void **state)
{
    (void)state;
    asking a = ask(&as_one, 18);
    hears_its_host("submodels", to_submodels, &a);
    hears_its_host("commonality", to_commonality, &a);
    hears_its_host("dominance", to_dominance, &a);
    a = ask(&by_cluster, 10);
    a.replicates = times(1000);
    hears_its_host("dominance reproduced", to_reproduced, &a);
    a = ask(&by_cluster, 16);
    a.replicates = times(20);
    hears_its_host("dominance reproduced, long", to_reproduced, &a);
    a = ask(&as_one, 27 + (doublings() < 3 ? doublings() : 3));
    hears_its_host("other metrics", to_others, &a);
}

static sy_status to_crossvalidated(sy_context *ctx, const void *arg)
{
    const asking *a = arg;
    const sy_question q = question_of(a);
    sy_crossvalidate_options o;
    sy_crossvalidate_summary summary;
    sy_crossvalidate_defaults(&o);
    return sy_crossvalidate(ctx, a->m, a->rows, &q, &o, &summary, room);
}

typedef struct {
    asking ask;
    int metric, permutations;
} permuting;

static sy_status to_permute(sy_context *ctx, const void *arg)
{
    const permuting *p = arg;
    const sy_question q = question_of(&p->ask);
    const sy_permutation_options o = {.block = 0, .metric = p->metric, .permutations = p->permutations, .seed = 1};
    sy_permutation out;
    return sy_permutation_test(ctx, p->ask.m, p->ask.rows, &q, &o, &out);
}

static sy_status to_rounding(sy_context *ctx, const void *arg)
{
    const asking *a = arg;
    const sy_question q = question_of(a);
    sy_rounding_options o;
    sy_rounding_summary summary;
    sy_rounding_defaults(&o);
    return sy_rounding(ctx, a->m, &q, &o, &summary, room, room + 1000);
}

static void checks_hear(void **state)
{
    (void)state;
    asking a = ask(&by_cluster, 15 + (doublings() < 3 ? doublings() : 3));
    hears_its_host("cross-validation", to_crossvalidated, &a);
    a = ask(&by_cluster, 16);
    hears_its_host("cross-validation, long", to_crossvalidated, &a);
    a = ask(&as_one, 18);
    a.rows = &people->design;
    hears_its_host("cross-validation of rows", to_crossvalidated, &a);
    a = ask(&as_one, 10);
    a.rows = &people->design;
    hears_its_host("permutation, unique", to_permute, &(permuting){a, SY_UNIQUE, times(15000)});
    hears_its_host("permutation, alone", to_permute, &(permuting){a, SY_ALONE, times(15000)});
    hears_its_host("permutation, share", to_permute, &(permuting){a, SY_SHARE, times(2500)});
    hears_its_host("permutation, share, long", to_permute,
                   &(permuting){(asking){.m = &as_one, .blocks = 18, .rows = &people->design}, SY_SHARE, times(600)});
    double *r = world_room(64);
    sy_moments m;
    sy_context ctx;
    for (int i = 0; i < 64; i++) r[i] = i % 9 == 0 ? 1 : rint(100 * (0.3 + 0.02 * (i / 8 + i % 8))) / 100;
    const char *const labels[8] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    sy_context_init(&ctx);
    assert_true(sy_moments_from_printed(&ctx, 8, r, 400, labels, 2, &m) >= 0);
    a = ask(&m, 7);
    world *whole = people;
    world small = *people; /* its outcome is the last of eight */
    small.question.outcome = 7;
    people = &small;
    hears_its_host("rounding", to_rounding, &a);
    people = whole;
    sy_moments_free(&m);
    sy_context_free(&ctx);
    free(r);
}

static sy_status to_joint(sy_context *ctx, const void *arg)
{
    const asking *a = arg;
    sy_question q[5];
    sy_ask asks[5];
    ptrdiff_t units;
    int values;
    for (int i = 0; i < 5; i++) {
        q[i] = question_of(a);
        asks[i] = (sy_ask){a->m, &q[i], NULL};
    }
    sy_status s = sy_joint_size(ctx, 5, asks, &units, &values);
    double df[5];
    if (s >= 0) s = sy_joint(ctx, 5, asks, &a->options, room, room + values, df);
    return s;
}

static sy_status to_envelope(sy_context *ctx, const void *arg)
{
    const asking *a = arg;
    const sy_question q = question_of(a);
    return sy_envelope(ctx, a->m, &q, 0, room, room + 10000, room + 20000);
}

static sy_status to_block_tests(sy_context *ctx, const void *arg)
{
    const asking *a = arg;
    const sy_question q = question_of(a);
    sy_joint_f out[WORLD_COLUMNS];
    return sy_block_tests(ctx, a->m, &q, a->ordered, out);
}

static void joint_answers_hear(void **state)
{
    (void)state;
    asking a = ask(&by_cluster, 17 + doublings());
    hears_its_host("joint", to_joint, &a);
    a = ask(&by_cluster, 10 + (doublings() < 2 ? doublings() : 2));
    hears_its_host("envelope", to_envelope, &a);
    a = ask(&by_cluster, 30);
    hears_its_host("block tests", to_block_tests, &a);
}

typedef struct {
    int k, replicates, kind; /* kind: 0 Romano & Wolf, 1 Westfall & Young, 2 ranks, 3 contrasts, 4 all zero */
} family;

static sy_status to_family(sy_context *ctx, const void *arg)
{
    const family *f = arg;
    const int k = f->k;
    const ptrdiff_t units = COUNCILS, cells = (ptrdiff_t)k * k;
    double *all = world_room((double)(2 * units * k + cells + 6 * (ptrdiff_t)k)), *moves = all + 6 * (ptrdiff_t)k;
    double *covariance = moves + 2 * units * k;
    int *at = calloc(2 * (size_t)k, sizeof *at);
    sy_comparison *out = calloc((size_t)k, sizeof *out);
    sy_joint_f zero;
    sy_status s = SY_OK;
    for (ptrdiff_t i = 0; i < units * k; i++) moves[i] = sin((double)i * (double)i) / 50;
    for (int i = 0; i < k; i++) {
        all[i] = f->kind == 1 ? (i + 1.0) / (k + 1) : 0.02 * i;
        all[2 * k + i] = units - 1;
        at[i] = i;
        at[k + i] = (i + 1) % k;
        for (int j = 0; j < k; j++) covariance[(ptrdiff_t)i * k + j] = i == j ? 1 : cos(0.1 * i * j) / (3 * k);
    }
    if (f->kind < 2)
        s = sy_joint_step_down(ctx, units, k, moves, all, 2, (sy_step_method)f->kind, f->replicates, 1, all + k);
    else if (f->kind == 2)
        s = sy_joint_ranks(ctx, units, k, all, moves, 0.95, f->replicates, 1, all + 3 * (ptrdiff_t)k);
    else if (f->kind == 3)
        s = sy_joint_contrasts(ctx, units, k, all, moves, all + 2 * (ptrdiff_t)k, k, at, at + k, 0.95, out,
                               moves + units * k, covariance);
    else s = sy_joint_all_zero(ctx, k, all, covariance, 5000, &zero);
    free(all);
    free(at);
    free(out);
    return s;
}

static void families_hear(void **state)
{
    (void)state;
    hears_its_host("Romano and Wolf", to_family, &(family){60, times(60000), 0});
    hears_its_host("Westfall and Young", to_family, &(family){60, times(20000), 1});
    hears_its_host("ranks", to_family, &(family){16, times(20000), 2});
    hears_its_host("ranks of many", to_family, &(family){60, times(1500), 2});
    hears_its_host("contrasts", to_family, &(family){(int)(1500 * sqrt(longer)), 0, 3});
    hears_its_host("all zero", to_family, &(family){(int)(110 * cbrt(longer)), 0, 4});
}

static int open_people(void **state)
{
    (void)state;
    longer = stop_times("STEELYARD_LONGER");
    if (stop_slower() > 1) longer = 0.125;
    room = world_room(ROOM);
    people = world_new(ROWS, COUNCILS, STRATA, 35);
    as_one = world_moments(people, SY_UNIT_NONE, SY_PRECISION_TWOFOLD);
    by_row = world_moments(people, SY_UNIT_ROW, SY_PRECISION_DOUBLE);
    sy_design plain = people->design;
    people->design.cluster = &people->council_column;
    people->design.strata = &people->stratum_column;
    by_cluster = world_moments(people, SY_UNIT_CLUSTER, SY_PRECISION_TWOFOLD);
    people->design = plain;
    return 0;
}

static int close_people(void **state)
{
    (void)state;
    sy_moments_free(&as_one);
    sy_moments_free(&by_row);
    sy_moments_free(&by_cluster);
    world_free(people);
    free(room);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_shares_hear), cmocka_unit_test(sampled_shares_hear),
        cmocka_unit_test(intervals_hear),    cmocka_unit_test(submodels_hear),
        cmocka_unit_test(checks_hear),       cmocka_unit_test(joint_answers_hear),
        cmocka_unit_test(families_hear),
    };
    return cmocka_run_group_tests(tests, open_people, close_people);
}
