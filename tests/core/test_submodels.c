/* All submodels, commonality and dominance: other programs' numbers (families
 * all_subsets, commonality and dominance of tests/reference/cases.csv), printed
 * tables (tests/reference/printed.csv) to their printed digits, identities and
 * refusals.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "cases.h"
#include "failing_internal.h"
#include "frame.h"
#include "steelyard/submodels.h"

enum { MOST_TERMS = 20, PLAYERS = 5, SETS = 1 << PLAYERS, PAIRS = PLAYERS * (PLAYERS - 1) / 2 };

typedef struct {
    int n;
    char name[PLAYERS][FRAME_TEXT];
    double r2[SETS], common[SETS], by_size[PLAYERS * PLAYERS], general[PLAYERS];
    double pairs[PAIRS][SY_N_DOMINANCE][SY_N_PAIR];
} answer;

typedef struct {
    sy_moments m;
    int term[MOST_TERMS];
    sy_block block[MOST_TERMS];
    sy_question question;
} posed;

static frame f;

/* One block a term; the first term is the outcome. */
static void ask_terms(posed *q, int terms)
{
    for (int t = 1; t < terms; t++) {
        q->term[t - 1] = t;
        q->block[t - 1] = (sy_block){sy_moments_label(&q->m, t), 1, &q->term[t - 1]};
    }
    q->question = (sy_question){.outcome = 0, .n_blocks = terms - 1, .blocks = q->block};
}

static void open_frame(sy_context *ctx, const char *formula, sy_unit unit, posed *q)
{
    const sy_moments_options how = {.unit = unit};
    *q = (posed){0};
    frame_model(&f, formula);
    assert_true(sy_moments_init(ctx, &f.design, &how, &q->m) >= 0);
    ask_terms(q, f.design.n_terms);
}

static void solve(sy_context *ctx, const posed *q, answer *a)
{
    double table[SY_N_SUBMODEL * SETS];
    int32_t set[SETS];
    sy_dominance_options options;
    sy_dominance_defaults(&options);
    a->n = q->question.n_blocks;
    for (int i = 0; i < a->n; i++) snprintf(a->name[i], FRAME_TEXT, "%s", q->question.blocks[i].name);
    const ptrdiff_t sets = (ptrdiff_t)1 << a->n;
    assert_true(sy_submodels(ctx, &q->m, &q->question, SY_PLAYERS_BLOCKS, table, set) >= 0);
    for (ptrdiff_t i = 0; i < sets; i++) a->r2[set[i]] = table[SY_SUBMODEL_R2 * sets + i];
    assert_true(sy_commonality(ctx, &q->m, &q->question, SY_PLAYERS_TERMS, a->n, table, set) >= 0);
    for (ptrdiff_t i = 0; i < sets - 1; i++) a->common[set[i]] = table[i];
    assert_true(sy_dominance(ctx, &q->m, &q->question, &options, a->by_size, a->general, &a->pairs[0][0][0]) >= 0);
}

static void solve_formula(const char *data, const char *formula, answer *a)
{
    char path[200];
    sy_context ctx;
    posed q;
    snprintf(path, sizeof path, "tests/reference/data/%s.csv", data);
    frame_read(&f, path, "car");
    sy_context_init(&ctx);
    open_frame(&ctx, formula, SY_UNIT_NONE, &q);
    solve(&ctx, &q, a);
    sy_moments_free(&q.m);
    sy_context_free(&ctx);
}

static void solve_correlations(int p, const double *r, const char *const *names, answer *a)
{
    sy_context ctx;
    posed q = {0};
    sy_context_init(&ctx);
    assert_true(sy_moments_from_correlation(&ctx, p, r, 100, names, &q.m) >= 0);
    ask_terms(&q, p);
    solve(&ctx, &q, a);
    sy_moments_free(&q.m);
    sy_context_free(&ctx);
}

static int player_called(const answer *a, const char *name)
{
    for (int i = 0; i < a->n; i++)
        if (!strcmp(a->name[i], name)) return i;
    fail_msg("nobody is called %s", name);
    return -1;
}

static int set_called(const answer *a, const char *list)
{
    char text[MAX_FIELD];
    int set = 0;
    snprintf(text, sizeof text, "%s", list);
    for (char *name = strtok(text, "+"); name; name = strtok(NULL, "+")) set |= 1 << player_called(a, name);
    return set;
}

/* D of player i over player j, in either order. */
static double complete(const answer *a, int i, int j)
{
    int pair = 0;
    if (i > j) return 1 - complete(a, j, i);
    for (int k = 0; k < i; k++) pair += a->n - 1 - k;
    return a->pairs[pair + j - i - 1][SY_DOMINANCE_COMPLETE][SY_PAIR_VALUE];
}

/* "general[x]", "r2[x+z]", "common[x+z]", "conditional[2,x]", "complete[x,z]" */
static double number_called(const answer *a, const char *quantity)
{
    char what[40], inside[200], *comma;
    assert_int_equal(sscanf(quantity, "%39[^[][%199[^]]", what, inside), 2);
    if (!strcmp(what, "r2")) return a->r2[set_called(a, inside)];
    if (!strcmp(what, "common")) return a->common[set_called(a, inside)];
    if (!strcmp(what, "general")) return a->general[player_called(a, inside)];
    comma = strchr(inside, ',');
    assert_non_null(comma);
    *comma = 0;
    if (!strcmp(what, "conditional")) return a->by_size[atoi(inside) * a->n + player_called(a, comma + 1)];
    assert_string_equal(what, "complete");
    return complete(a, player_called(a, inside), player_called(a, comma + 1));
}

static void hold_to_the_cases(const char *family, const char *data, const char *formula, int expected)
{
    static answer a;
    record r;
    int matched = 0;
    FILE *file = open_cases();
    solve_formula(data, formula, &a);
    while (next_case(file, family, &r)) matched += within(&r, number_called(&a, r.field[CASE_QUANTITY]));
    fclose(file);
    assert_int_equal(matched, expected);
}

static const char *const swiss = "Fertility ~ Agriculture + Examination + Education + Catholic + Infant.Mortality";

static void submodels_are_those_of_lm(void **state)
{
    (void)state;
    hold_to_the_cases("all_subsets", "swiss", swiss, 31);
}

static void coefficients_are_those_of_yhat(void **state)
{
    (void)state;
    hold_to_the_cases("commonality", "mtcars", "mpg ~ wt + hp + qsec", 7);
}

static void dominance_is_that_of_dominanceanalysis(void **state)
{
    (void)state;
    hold_to_the_cases("dominance", "swiss", swiss, 50);
}

static int hold_to_print(const char *table, const answer *a)
{
    record r;
    int matched = 0;
    FILE *file = open_table("tests/reference/printed.csv", &r);
    while (read_record(file, &r)) {
        if (strcmp(r.field[0], table) != 0) continue;
        const char *digits = strchr(r.field[2], '.');
        const double unit = pow(10, -(double)strlen(digits + 1)), found = number_called(a, r.field[1]);
        if (!(fabs(found - strtod(r.field[2], NULL)) <= 0.5 * unit * (1 + 1e-9)))
            fail_msg("%s %s: found %.9f, printed %s", table, r.field[1], found, r.field[2]);
        matched++;
    }
    fclose(file);
    return matched;
}

static void azen_and_budescu_2003_is_met_to_its_printed_digits(void **state)
{
    (void)state;
    static const double r[25] = {1,  .6, .3, .4, .5, .6, 1,  .8, .1, .3, .3, .8, 1,
                                 .1, .1, .4, .1, .1, 1,  .5, .5, .3, .1, .5, 1};
    static const char *const names[] = {"y", "x1", "x2", "x3", "x4"};
    static answer a;
    solve_correlations(5, r, names, &a);
    assert_int_equal(hold_to_print("T19_azen_budescu_2003", &a), 35);
    for (int j = 1; j < 4; j++) assert_true(complete(&a, 0, j) == 1);
    for (int i = 1; i < 4; i++)
        for (int j = i + 1; j < 4; j++) assert_true(complete(&a, i, j) == 0.5);
    /* the rest only generally: x4 over x3 over x2 */
    assert_true(a.general[3] > a.general[2] && a.general[2] > a.general[1]);
}

static void domirs_vignette_is_met_to_its_printed_digits(void **state)
{
    (void)state;
    static answer a;
    solve_formula("mtcars", "mpg ~ am + cyl + carb", &a);
    assert_int_equal(hold_to_print("T20_domir_mtcars", &a), 13);
}

static void coefficients_add_up_to_every_r2(void **state)
{
    (void)state;
    static answer a;
    solve_formula("swiss", swiss, &a);
    for (int s = 1; s < SETS; s++) {
        double sum = 0;
        for (int c = 1; c < SETS; c++)
            if (c & s) sum += a.common[c];
        assert_true(fabs(sum - a.r2[s]) < 1e-14);
    }
}

static void general_dominance_is_the_share(void **state)
{
    (void)state;
    static answer a;
    double table[2 * PLAYERS * SY_N_METRICS];
    sy_context ctx;
    sy_shares_options options;
    sy_shares_summary summary;
    posed q;
    solve_formula("swiss", swiss, &a);
    sy_context_init(&ctx);
    sy_shares_defaults(&options);
    open_frame(&ctx, swiss, SY_UNIT_NONE, &q);
    assert_true(sy_shares(&ctx, &q.m, &q.question, &options, &summary, table) >= 0);
    for (int i = 0; i < PLAYERS; i++) {
        assert_true(fabs(a.general[i] - table[i * SY_N_METRICS + SY_SHARE]) < 1e-14);
        assert_true(fabs(a.common[1 << i] - table[i * SY_N_METRICS + SY_UNIQUE]) < 1e-14);
    }
    sy_moments_free(&q.m);
    sy_context_free(&ctx);
}

/* A column and its double explain the same: no one dominates, all is tied. */
static void twins_are_tied(void **state)
{
    (void)state;
    static const double r[16] = {1, .6, .6, .3, .6, 1, 1, .2, .6, 1, 1, .2, .3, .2, .2, 1};
    static const char *const names[] = {"y", "a", "b", "c"};
    static answer a;
    solve_correlations(4, r, names, &a);
    for (int kind = 0; kind < SY_N_DOMINANCE; kind++) {
        assert_true(a.pairs[0][kind][SY_PAIR_TIED] == 1);
        assert_true(a.pairs[0][kind][SY_PAIR_VALUE] == 0.5);
    }
}

typedef struct {
    int replicates, threads, kept;
    uint64_t seed;
    sy_status status;
    double again[PAIRS][SY_N_DOMINANCE][SY_N_REPRODUCED];
} drawn;

static void draw(const char *formula, sy_unit unit, drawn *d)
{
    sy_context ctx;
    sy_dominance_options options;
    posed q;
    sy_context_init(&ctx);
    ctx.threads = d->threads;
    sy_dominance_defaults(&options);
    frame_read(&f, "tests/reference/data/swiss.csv", "");
    open_frame(&ctx, formula, unit, &q);
    d->status = sy_dominance_reproduced(&ctx, &q.m, &q.question, &options, d->replicates, d->seed, &d->again[0][0][0],
                                        &d->kept);
    sy_moments_free(&q.m);
    sy_context_free(&ctx);
}

static void replicates_keep_the_same_bits_for_any_number_of_threads(void **state)
{
    (void)state;
    static drawn one = {.replicates = 300, .threads = 1, .seed = 7},
                 three = {.replicates = 300, .threads = 3, .seed = 7};
    draw(swiss, SY_UNIT_ROW, &one);
    draw(swiss, SY_UNIT_ROW, &three);
    assert_true(one.status >= 0 && one.kept == 300 && three.kept == 300);
    assert_memory_equal(one.again, three.again, sizeof one.again);
    three.seed = 8;
    draw(swiss, SY_UNIT_ROW, &three);
    assert_true(memcmp(one.again, three.again, sizeof one.again) != 0);
}

static void what_replicates_say_adds_up(void **state)
{
    (void)state;
    static drawn d = {.replicates = 400, .threads = 1, .seed = 1};
    static answer a;
    solve_formula("swiss", swiss, &a);
    draw(swiss, SY_UNIT_ROW, &d);
    for (int pair = 0; pair < PAIRS; pair++)
        for (int kind = 0; kind < SY_N_DOMINANCE; kind++) {
            const double *v = d.again[pair][kind], sample = a.pairs[pair][kind][SY_PAIR_VALUE];
            const double first = v[SY_REPRODUCED_FIRST], second = v[SY_REPRODUCED_SECOND];
            const double neither = v[SY_REPRODUCED_NEITHER], mean = first + neither / 2;
            assert_true(fabs(first + second + neither - 1) < 1e-14);
            assert_true(fabs(v[SY_REPRODUCED_MEAN] - mean) < 1e-14);
            assert_true(v[SY_REPRODUCED_SAME] == (sample == 1 ? first : sample == 0 ? second : neither));
            /* the variance of a number that is 1, 0.5 or 0 in these parts */
            const double variance = (first + neither / 4 - mean * mean) * 400 / 399;
            assert_true(fabs(v[SY_REPRODUCED_STD_ERROR] * v[SY_REPRODUCED_STD_ERROR] - variance) < 1e-12);
        }
    /* Education over Agriculture generally, in nearly every sample */
    assert_true(d.again[1][SY_DOMINANCE_GENERAL][SY_REPRODUCED_SAME] > 0.9);
}

static void counts_of_sets_are_binomial_sums(void **state)
{
    (void)state;
    assert_true(sy_submodels_sets(4, 4) == 15);
    assert_true(sy_submodels_sets(4, 2) == 10);
    assert_true(sy_submodels_sets(10, 3) == 10 + 45 + 120);
    assert_true(sy_submodels_sets(18, 18) == (1 << 18) - 1);
    assert_true(sy_submodels_sets(19, 1) == 0);
    assert_true(sy_submodels_sets(3, 0) == 0);
}

static void what_cannot_be_is_refused_in_words(void **state)
{
    (void)state;
    static double table[SETS], r[400];
    static char label[20][4];
    const char *names[20];
    int32_t set[SETS];
    sy_context ctx;
    sy_dominance_options options;
    posed q = {0};
    for (int i = 0; i < 20; i++) {
        snprintf(label[i], sizeof label[i], "v%d", i);
        names[i] = label[i];
        r[21 * i] = 1;
    }
    sy_context_init(&ctx);
    sy_dominance_defaults(&options);
    assert_true(sy_moments_from_correlation(&ctx, 20, r, 100, names, &q.m) >= 0);
    ask_terms(&q, 20); /* 19 players, more than a table takes: refused before anything is written */
    assert_int_equal(sy_submodels(&ctx, &q.m, &q.question, SY_PLAYERS_BLOCKS, table, set), SY_ELIMIT);
    assert_string_equal(ctx.message,
                        "players: the 19 blocks have 2^19 submodels, a table of 4.19 MB; the limit is 2^18");
    assert_int_equal(sy_commonality(&ctx, &q.m, &q.question, SY_PLAYERS_TERMS, 1, table, set), SY_ELIMIT);
    ask_terms(&q, 3);
    assert_int_equal(sy_commonality(&ctx, &q.m, &q.question, SY_PLAYERS_BLOCKS, 0, table, set), SY_EINVAL);
    assert_string_equal(ctx.message, "order: 0, at least 1 is needed");
    options.tolerance = NAN;
    assert_int_equal(sy_dominance(&ctx, &q.m, &q.question, &options, table, table, table), SY_EINVAL);
    sy_dominance_defaults(&options);
    int kept = 0;
    assert_int_equal(sy_dominance_reproduced(&ctx, &q.m, &q.question, &options, 1, 1, table, &kept), SY_EINVAL);
    assert_string_equal(ctx.message, "replicates: 1, at least 2 are needed");
    assert_int_equal(sy_dominance_reproduced(&ctx, &q.m, &q.question, &options, 10, 1, table, &kept), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "cluster"));
    ask_terms(&q, 2);
    assert_int_equal(sy_dominance(&ctx, &q.m, &q.question, &options, table, table, table), SY_EINVAL);
    assert_string_equal(ctx.message, "players: there is one block; dominance compares two or more");
    sy_moments_free(&q.m);
    sy_context_free(&ctx);
}

typedef struct {
    double submodels[SY_N_SUBMODEL * 8], common[SY_N_COMMONALITY * 7], by_size[9], general[3];
    double pairs[3 * SY_N_DOMINANCE * SY_N_PAIR], again[3 * SY_N_DOMINANCE * SY_N_REPRODUCED];
} all_numbers;

static sy_status whole_job(void *arg, void *out)
{
    (void)arg;
    all_numbers v = {.submodels = {0}};
    int32_t set[8];
    int kept = 0;
    sy_context ctx;
    sy_dominance_options options;
    const sy_moments_options how = {.unit = SY_UNIT_ROW};
    posed q = {0};
    sy_context_init(&ctx);
    sy_dominance_defaults(&options);
    options.players = SY_PLAYERS_TERMS;
    sy_status status = sy_moments_init(&ctx, &f.design, &how, &q.m);
    if (status >= 0) {
        ask_terms(&q, 4);
        status = sy_submodels(&ctx, &q.m, &q.question, SY_PLAYERS_TERMS, v.submodels, set);
    }
    if (status >= 0) status = sy_commonality(&ctx, &q.m, &q.question, SY_PLAYERS_BLOCKS, 3, v.common, set);
    if (status >= 0) status = sy_dominance(&ctx, &q.m, &q.question, &options, v.by_size, v.general, v.pairs);
    if (status >= 0) status = sy_dominance_reproduced(&ctx, &q.m, &q.question, &options, 3, 1, v.again, &kept);
    if (status >= 0) memcpy(out, &v, sizeof v);
    sy_moments_free(&q.m);
    sy_context_free(&ctx);
    return status;
}

static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    frame_read(&f, "tests/reference/data/swiss.csv", "");
    frame_model(&f, "Fertility ~ Education + Catholic + Examination");
    assert_true(syi_survives_failing(whole_job, NULL, sizeof(all_numbers)) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(submodels_are_those_of_lm),
        cmocka_unit_test(coefficients_are_those_of_yhat),
        cmocka_unit_test(dominance_is_that_of_dominanceanalysis),
        cmocka_unit_test(azen_and_budescu_2003_is_met_to_its_printed_digits),
        cmocka_unit_test(domirs_vignette_is_met_to_its_printed_digits),
        cmocka_unit_test(coefficients_add_up_to_every_r2),
        cmocka_unit_test(general_dominance_is_the_share),
        cmocka_unit_test(twins_are_tied),
        cmocka_unit_test(replicates_keep_the_same_bits_for_any_number_of_threads),
        cmocka_unit_test(what_replicates_say_adds_up),
        cmocka_unit_test(counts_of_sets_are_binomial_sums),
        cmocka_unit_test(what_cannot_be_is_refused_in_words),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };
    cmocka_set_test_filter(getenv("STEELYARD_TEST"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
