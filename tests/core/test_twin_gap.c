/* The uncertainty of a gap against what it stands for: the influence of a row by
 * changing its weight a little, leaving out and resampling by calling again
 * with other weights.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "gap_problem.h"

#include "study/gap/gap_plan_internal.h"

enum { MOST = 400 };

static gap_problem p;
static double whole[GAP_ROWS];
static sy_column changed;

/* The three methods, with and without adjusting terms. */
static void ask(int way)
{
    static const int sex[] = {1}, age[] = {2, 3};
    const int kitagawa = way >= 4;
    if (kitagawa) {
        uint64_t state = 5;
        const int n = p.n;
        gap_fill(&p, n, 30, 3);
        p.p = p.blocks = 0;
        gap_add(&p, "y", 0);
        gap_add(&p, "sex", 2);
        gap_add(&p, "age", 2);
        gap_add(&p, "kind", 2);
        gap_block(&p, "sex", 1, sex);
        gap_block(&p, "age", 2, age);
        for (int i = 0; i < n; i++)
            for (int c = 1; c < 4; c++) p.code[c][i] = gap_uniform(&state) < (p.group[i] ? 0.5 : 0.4);
        p.ask.method = SY_GAP_KITAGAWA;
        if (way == 4) return;
        p.ask.adjust = p.adjust;
        p.adjust[0] = 3;
        p.ask.n_adjust = 1;
        p.block[1].n_terms = 1;
        return;
    }
    if (way >= 2) p.ask.method = SY_GAP_GELBACH;
    if (way % 2 == 0) return;
    p.adjust[0] = way == 1 ? 4 : 3;
    p.ask.n_adjust = 1;
    if (way == 1) {
        p.ask.n_blocks = 2;
        p.ask.reference = SY_REFERENCE_SIZE;
    } else {
        static const int two[] = {2};
        p.blocks = 1;
        gap_block(&p, "process", 1, two);
        static const int three[] = {4};
        gap_block(&p, "need", 1, three);
    }
}

/* All values at other weights. */
static void values_at(const double *weight, double *values)
{
    gap_problem *q = &p;
    const sy_gap_question kept = q->ask;
    const sy_design design = q->design;
    changed = (sy_column){.name = "w", .data = weight, .stride = 8, .type = SY_F64};
    q->design.weights = &changed;
    q->design.weight_kind = SY_WEIGHT_SAMPLING;
    q->design.cluster = q->design.strata = NULL;
    q->ask.interval = SY_INTERVAL_NONE;
    sy_gap_result r = gap_asked(q);
    memcpy(values, r.estimate, (size_t)r.n_values * sizeof *values);
    sy_gap_free(&r);
    q->ask = kept;
    q->design = design;
}

static void weigh(sy_weight_kind kind)
{
    for (int i = 0; i < p.n; i++) whole[i] = kind == SY_WEIGHT_NONE ? 1 : p.weight[i];
    p.design.weights = kind == SY_WEIGHT_NONE ? NULL : &p.weight_column;
    p.design.weight_kind = kind;
}

static int unit_of(int i)
{
    return p.design.cluster ? p.cluster[i] : i;
}

/* Departures of `count` lines about the strata's means, their products times factor. */
static void compare_covariance(const sy_gap_result *r, int units, double lines[][MOST], const int *stratum,
                               const double *people, int about_means, double tolerance)
{
    double in[4] = {0}, mean[4][MOST] = {{0}};
    for (int g = 0; g < units; g++) in[stratum[g]] += people[g];
    for (int g = 0; g < units; g++)
        for (int v = 0; v < r->n_values; v++) mean[stratum[g]][v] += people[g] * lines[g][v] / in[stratum[g]];
    for (int a = 0; a < r->n_values; a++)
        for (int b = 0; b < r->n_values; b++) {
            double sum = 0;
            for (int g = 0; g < units; g++) {
                const int h = stratum[g];
                if (!(people[g] > 0)) continue;
                const double factor = people[g] * (about_means ? in[h] / (in[h] - 1) : (in[h] - 1) / in[h]);
                const double centre_a = about_means ? mean[h][a] : r->estimate[a];
                const double centre_b = about_means ? mean[h][b] : r->estimate[b];
                sum += factor * (lines[g][a] - centre_a) * (lines[g][b] - centre_b);
            }
            const double unit =
                sqrt(r->covariance[a * r->n_values + a]) * sqrt(r->covariance[b * r->n_values + b]) + 1e-12;
            gap_near(r->covariance[a * r->n_values + b] / unit, sum / unit, tolerance);
        }
}

static double lines[GAP_ROWS][MOST];

/* Central differences at a thousandth of a weight: their own error is of the
 * order of 1e-6 of a row's influence. */
static void influence_of(int n)
{
    double weight[GAP_ROWS], up[MOST], down[MOST], step = 1e-3;
    memset(lines, 0, sizeof lines);
    for (int i = 0; i < n; i++) {
        memcpy(weight, whole, (size_t)n * sizeof *weight);
        weight[i] = whole[i] * (1 + step);
        values_at(weight, up);
        weight[i] = whole[i] * (1 - step);
        values_at(weight, down);
        const double people = !p.design.cluster && p.design.weight_kind == SY_WEIGHT_FREQUENCY ? whole[i] : 1;
        for (int v = 0; v < MOST; v++) lines[unit_of(i)][v] += (up[v] - down[v]) / (2 * step * people);
    }
}

static void units_of(int n, int *units, int *stratum, double *people)
{
    *units = 0;
    for (int i = 0; i < n; i++) {
        const int g = unit_of(i);
        people[g] = !p.design.cluster && p.design.weight_kind == SY_WEIGHT_FREQUENCY ? whole[i] : 1;
        stratum[g] = p.design.strata ? p.stratum[i] : 0;
        if (g >= *units) *units = g + 1;
    }
}

static void check_influence(int way, sy_weight_kind kind, int clustered, int stratified)
{
    static int stratum[GAP_ROWS];
    static double people[GAP_ROWS];
    const int n = 160;
    int units;
    gap_fill(&p, n, 30, 11);
    ask(way);
    weigh(kind);
    p.design.cluster = clustered ? &p.cluster_column : NULL;
    p.design.strata = stratified ? &p.stratum_column : NULL;
    p.ask.interval = SY_INTERVAL_INFLUENCE;
    memset(people, 0, sizeof people);
    sy_gap_result r = gap_asked(&p);
    assert_true(r.n_values < MOST);
    units_of(n, &units, stratum, people);
    influence_of(n);
    compare_covariance(&r, units, lines, stratum, people, 1, 2e-5);
    sy_gap_free(&r);
}

static void influence_is_what_a_weight_moves(void **state)
{
    (void)state;
    for (int way = 0; way < 6; way++) check_influence(way, SY_WEIGHT_NONE, 0, 0);
}

static void influence_goes_with_weights_clusters_and_strata(void **state)
{
    (void)state;
    for (int way = 0; way < 6; way++) {
        check_influence(way, SY_WEIGHT_SAMPLING, 1, 1);
        check_influence(way, SY_WEIGHT_FREQUENCY, 0, 1);
    }
}

/* The jackknife's own arithmetic is in plain double over scaled columns, so its
 * lines hold to 1e-11 of values of order 1 to 20, and their spread to 1e-8. */
static void check_jackknife(int way, int stratified)
{
    static int stratum[GAP_ROWS];
    static double people[GAP_ROWS], weight[GAP_ROWS];
    double in[4] = {0};
    const int n = 600;
    int units;
    gap_fill(&p, n, 24, 12);
    ask(way);
    weigh(SY_WEIGHT_SAMPLING);
    p.design.cluster = &p.cluster_column;
    p.design.strata = stratified ? &p.stratum_column : NULL;
    p.ask.interval = SY_INTERVAL_JACKKNIFE;
    memset(people, 0, sizeof people);
    sy_gap_result r = gap_asked(&p);
    units_of(n, &units, stratum, people);
    for (int g = 0; g < units; g++) in[stratum[g]] += people[g];
    for (int g = 0; g < units; g++) {
        for (int i = 0; i < n; i++) {
            const double others =
                stratified && stratum[p.cluster[i]] == stratum[g] ? in[stratum[g]] / (in[stratum[g]] - 1) : 1;
            weight[i] = p.cluster[i] == g ? 0 : whole[i] * others;
        }
        if (people[g] > 0) values_at(weight, lines[g]);
    }
    compare_covariance(&r, units, lines, stratum, people, 0, 1e-8);
    gap_near(r.df, (double)r.units - (stratified ? 4 : 1), 0);
    sy_gap_free(&r);
}

static void jackknife_is_leaving_out(void **state)
{
    (void)state;
    for (int way = 0; way < 6; way++)
        for (int stratified = 0; stratified < 2; stratified++) check_jackknife(way, stratified);
}

static void check_bootstrap(int way, int clustered, int stratified)
{
    static double times[GAP_ROWS], weight[GAP_ROWS];
    static ptrdiff_t row[GAP_ROWS];
    double values[MOST];
    const int n = 700;
    sy_context ctx;
    syi_row_units units;
    syi_gap_plan plan;
    gap_fill(&p, n, 25, 13);
    ask(way);
    weigh(SY_WEIGHT_SAMPLING);
    p.design.cluster = clustered ? &p.cluster_column : NULL;
    p.design.strata = stratified ? &p.stratum_column : NULL;
    p.ask.interval = SY_INTERVAL_PERCENTILE;
    p.ask.replicates = 100;
    sy_gap_result r = gap_asked(&p);
    /* rows as the gap has them: the first group first */
    int at = 0;
    for (int g = 0; g < 2; g++)
        for (int i = 0; i < n; i++)
            if (p.group[i] == g) row[at++] = i;
    const syi_gap_rows rows = {.n = n, .all = p.design};
    sy_context_init(&ctx);
    assert_int_equal(syi_row_units_init(&ctx, &p.design, n, row, whole, &units), SY_OK);
    assert_int_equal(syi_gap_plan_init(&ctx, &rows, &units, &plan), SY_OK);
    for (int k = 0; k < 100; k += 9) {
        syi_gap_plan_times(&plan, p.ask.seed, (size_t)k, times);
        for (int i = 0; i < n; i++) weight[row[i]] = whole[row[i]] * times[units.unit[i]];
        values_at(weight, values);
        for (int v = 0; v < r.n_values; v++)
            gap_near(r.replicates[(size_t)k * (size_t)r.n_values + (size_t)v], values[v], 1e-9 * (1 + fabs(values[v])));
    }
    syi_gap_plan_free(&plan);
    syi_row_units_free(&units);
    sy_context_free(&ctx);
    sy_gap_free(&r);
}

static void replicates_are_calls_with_other_weights(void **state)
{
    (void)state;
    for (int way = 0; way < 6; way++) {
        check_bootstrap(way, 0, 0);
        check_bootstrap(way, 1, 0);
        check_bootstrap(way, 1, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(influence_is_what_a_weight_moves),
        cmocka_unit_test(influence_goes_with_weights_clusters_and_strata),
        cmocka_unit_test(jackknife_is_leaving_out),
        cmocka_unit_test(replicates_are_calls_with_other_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
