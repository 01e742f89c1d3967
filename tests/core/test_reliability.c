/* References: psych 2.2.9 and lavaan 0.6-14 (tests/reference/reliability.csv, tolerances there); alpha by hand; Feldt's
 * limits for the numbers of Feldt, Woodruff & Salih 1987, doi:10.1177/014662168701100107 (alpha .79, 26 items, 41
 * people). SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "cases.h"
#include "reliability_scale.h"
#include "steelyard/distribution.h"
#include "steelyard/latent.h"
#include <math.h>

static const double *found_of(const answer *free, const answer *normal, const answer *feldt, const char *quantity)
{
    static const struct {
        const char *name;
        int which, at;
    } single[] = {{"alpha", 0, SY_ALPHA},
                  {"alpha_standardised", 0, SY_ALPHA_STANDARDISED},
                  {"omega", 0, SY_OMEGA},
                  {"se_free_alpha", 1, SY_ALPHA},
                  {"se_free_omega", 1, SY_OMEGA},
                  {"se_normal", 2, SY_ALPHA},
                  {"se_normal_omega", 2, SY_OMEGA},
                  {"feldt_low", 3, SY_ALPHA},
                  {"feldt_high", 4, SY_ALPHA},
                  {"low", 3, SY_ALPHA},
                  {"high", 4, SY_ALPHA}};
    const double *const from[] = {free->estimate, free->std_error, normal->std_error, feldt->low, feldt->high};
    int at = 0;
    for (size_t i = 0; i < sizeof single / sizeof *single; i++)
        if (!strcmp(quantity, single[i].name)) return from[single[i].which] + single[i].at;
    if (!strcmp(quantity, "chi2")) return &free->s.chi2;
    if (sscanf(quantity, "alpha_without[%d]", &at) == 1) return &free->alpha_without[at - 1];
    if (sscanf(quantity, "item_rest[%d]", &at) == 1) return &free->item_rest[at - 1];
    if (sscanf(quantity, "loading[%d]", &at) == 1) return &free->loading[at - 1];
    if (sscanf(quantity, "uniqueness[%d]", &at) == 1) return &free->uniqueness[at - 1];
    fail_msg("no quantity %s", quantity);
    return NULL;
}

static int hold(const char *of, const answer *free, const answer *normal, const answer *feldt)
{
    static record r;
    int count = 0;
    FILE *file = fopen("tests/reference/reliability.csv", "r");
    assert_non_null(file);
    while (read_record(file, &r)) {
        if (strcmp(r.field[CASE_NAME], of) != 0) continue;
        relative(*found_of(free, normal, feldt, r.field[CASE_QUANTITY]), atof(r.field[CASE_EXPECTED]),
                 atof(r.field[CASE_TOLERANCE]));
        count++;
    }
    fclose(file);
    return count;
}

static void numbers_are_those_of_psych_and_lavaan(void **state)
{
    (void)state;
    answer free, normal, feldt;
    frame_read(&f, "tests/reference/data/attitude.csv", "");
    design_of(7, NULL, SY_WEIGHT_NONE, NULL);
    assert_true(ask(SY_UNIT_ROW, SY_RELIABILITY_INFLUENCE, &free, NULL) >= 0);
    assert_true(ask(SY_UNIT_NONE, SY_RELIABILITY_NORMAL, &normal, NULL) >= 0);
    assert_true(ask(SY_UNIT_NONE, SY_RELIABILITY_FELDT, &feldt, NULL) >= 0);
    assert_int_equal(hold("attitude", &free, &normal, &feldt), 38);
    assert_true(free.s.chi2_df == 14);
    frame_read(&f, "tests/reference/data/lsat6.csv", "");
    design_of(5, "Freq", SY_WEIGHT_FREQUENCY, NULL);
    assert_true(ask(SY_UNIT_NONE, SY_RELIABILITY_INFLUENCE, &free, NULL) >= 0);
    assert_true(ask(SY_UNIT_NONE, SY_RELIABILITY_NORMAL, &normal, NULL) >= 0);
    assert_true(ask(SY_UNIT_ROW, SY_RELIABILITY_FELDT, &feldt, NULL) >= 0);
    assert_int_equal(hold("lsat6", &free, &normal, &feldt), 30);
}

static void ordered_answers_are_those_of_psych_and_lavaan(void **state)
{
    (void)state;
    static const int item[5] = {0, 1, 2, 3, 4};
    sy_context ctx;
    sy_moments m = {0};
    sy_latent_options lo;
    sy_reliability_options o;
    answer a;
    double r[4][25];
    char text[600];
    frame_read(&f, "tests/reference/data/lsat6.csv", "Q1 Q2 Q3 Q4 Q5");
    design_of(5, "Freq", SY_WEIGHT_FREQUENCY, NULL);
    sy_context_init(&ctx);
    sy_latent_defaults(&lo);
    lo.unit = SY_UNIT_ROW;
    const sy_latent_table table = {r[0], r[1], r[2], r[3]};
    assert_int_equal(sy_latent(&ctx, &f.design, &lo, &table, &m), SY_OK);
    sy_context_free(&ctx);
    sy_reliability_defaults(&o);
    o.latent = 1;
    assert_int_equal(ask_of(&m, NULL, 5, item, &o, &a, NULL), SY_OK);
    assert_int_equal(a.s.interval, SY_RELIABILITY_INFLUENCE);
    assert_int_equal(hold("lsat6_ordinal", &a, &a, &a), 1);
    assert_int_equal(hold("lsat6_ordinal_lavaan", &a, &a, &a), 2);
    near(a.estimate[SY_ALPHA], a.estimate[SY_ALPHA_STANDARDISED], 1e-14);
    assert_true(isnan(a.mean[0]) && isnan(a.s.chi2_p) && a.low[SY_OMEGA] < a.estimate[SY_OMEGA]);
    /* alpha's own influence: every correlation counts the same */
    const double before = a.std_error[SY_ALPHA];
    o.interval = SY_RELIABILITY_JACKKNIFE;
    assert_int_equal(ask_of(&m, NULL, 5, item, &o, &a, NULL), SY_OK);
    relative(a.std_error[SY_ALPHA], before, 0.01);
    o.interval = SY_RELIABILITY_NORMAL;
    assert_int_equal(ask_of(&m, NULL, 5, item, &o, &a, text), SY_EINVAL);
    assert_non_null(strstr(text, "not for ordered answers"));
    sy_moments_free(&m);
}

/* Two items 1 2 3 4 and 2 1 4 3: variances 5/3 and 5/3, covariance 1: alpha = 2 (1 - (10/3) / (16/3)) = 3/4;
 * without units, correlation 3/5: standardised alpha 6/8. Three of them: covariances with 1 1 2 2 (variance
 * 1/3) are 2/3 and 2/3: trace 11/3, sum 25/3: alpha = 3/2 (1 - 11/25) = .84. */
static void alpha_by_hand(void **state)
{
    (void)state;
    static const double x[3][4] = {{1, 2, 3, 4}, {2, 1, 4, 3}, {1, 1, 2, 2}};
    answer a;
    char text[600];
    f.p = 0;
    f.n = 4;
    for (int i = 0; i < 3; i++) {
        char name[2] = {(char)('a' + i), 0};
        frame_add(&f, name, 0, 0);
        memcpy(f.value[i], x[i], sizeof x[i]);
    }
    design_of(2, NULL, SY_WEIGHT_NONE, NULL);
    assert_int_equal(ask(SY_UNIT_ROW, SY_RELIABILITY_NONE, &a, text), SY_NOTE_TERMS_SKIPPED);
    near(a.estimate[SY_ALPHA], 0.75, 1e-15);
    near(a.estimate[SY_ALPHA_STANDARDISED], 0.75, 1e-15);
    assert_true(isnan(a.estimate[SY_OMEGA]) && isnan(a.alpha_without[0]) && isnan(a.low[SY_ALPHA]));
    near(a.item_rest[0], 0.6, 1e-15);
    near(a.mean[0], 2.5, 1e-15);
    near(a.std_dev[1], sqrt(5.0 / 3), 1e-15);
    assert_non_null(strstr(text, "omega needs three items"));
    design_of(3, NULL, SY_WEIGHT_NONE, NULL);
    sy_moments m;
    sy_reliability_options o;
    sy_reliability_defaults(&o);
    o.omega = 0;
    moments_of(SY_UNIT_ROW, &m);
    static const int item[3] = {0, 1, 2};
    assert_int_equal(ask_of(&m, NULL, 3, item, &o, &a, NULL), SY_NOTE_INTERVAL_SKIPPED); /* 4 rows */
    sy_moments_free(&m);
    near(a.estimate[SY_ALPHA], 0.84, 1e-15);
    near(a.alpha_without[2], 0.75, 1e-15);
    assert_true(isnan(a.loading[0]));
}

/* alpha .79 of 26 items, 41 people, at 90 %: by F(40, 1000). Made of items with one correlation, which is .79 / (26 -
 * 25 .79). */
static void feldts_limits_are_those_of_psych(void **state)
{
    (void)state;
    enum { K = 26 };
    static double r[K * K];
    static char name[K][4];
    const char *labels[K];
    int item[K];
    double wide[6][K], tail;
    sy_context ctx;
    sy_moments m;
    sy_reliability_options o;
    sy_reliability_summary s;
    double four[4][SY_N_RELIABILITIES];
    const double each = 0.79 / (K - 25 * 0.79);
    for (int i = 0; i < K; i++) {
        snprintf(name[i], 4, "x%d", i);
        labels[i] = name[i];
        item[i] = i;
        for (int j = 0; j < K; j++) r[i * K + j] = i == j ? 1 : each;
    }
    sy_context_init(&ctx);
    assert_int_equal(sy_moments_from_correlation(&ctx, K, r, 41, labels, &m), SY_OK);
    sy_reliability_defaults(&o);
    o.interval = SY_RELIABILITY_FELDT;
    o.level = 0.9;
    const sy_reliability_table t = {four[0], four[1], four[2], four[3], wide[0],
                                    wide[1], wide[2], wide[3], wide[4], wide[5]};
    assert_int_equal(sy_reliability(&ctx, &m, NULL, K, item, &o, &s, &t), SY_OK);
    near(four[0][SY_ALPHA], 0.79, 1e-13);
    near(four[0][SY_OMEGA], 0.79, 1e-10); /* equal loadings: one number */
    answer told = {.low = {four[2][SY_ALPHA]}, .high = {four[3][SY_ALPHA]}};
    assert_int_equal(hold("feldt", &told, &told, &told), 2);
    /* the defining tails, to the last digits */
    assert_int_equal(sy_distribution_f_tail(&ctx, (1 - four[2][SY_ALPHA]) / 0.21, 40, 1000, &tail), SY_OK);
    near(tail, 0.05, 1e-12);
    assert_int_equal(sy_distribution_f_tail(&ctx, (1 - four[3][SY_ALPHA]) / 0.21, 40, 1000, &tail), SY_OK);
    near(tail, 0.95, 1e-12);
    assert_true(isnan(four[2][SY_OMEGA]) && isnan(wide[0][0]));
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

static void influence_is_near_the_jackknife_of_rows_and_clusters(void **state)
{
    (void)state;
    answer a, b, c;
    fill(6, 1500, loads, 0, 60);
    design_of(6, NULL, SY_WEIGHT_NONE, NULL);
    assert_true(ask(SY_UNIT_NONE, SY_RELIABILITY_AUTO, &a, NULL) >= 0);
    assert_true(ask(SY_UNIT_ROW, SY_RELIABILITY_AUTO, &b, NULL) >= 0);
    assert_true(ask(SY_UNIT_ROW, SY_RELIABILITY_JACKKNIFE, &c, NULL) >= 0);
    assert_int_equal(a.s.interval, SY_RELIABILITY_INFLUENCE);
    assert_true(a.s.df == 1499 && b.s.df == 1499 && c.s.df == 1499);
    for (int v = 0; v < SY_N_RELIABILITIES; v++) {
        relative(b.std_error[v], a.std_error[v], 1e-10); /* the same sums, by rows and by sets */
        relative(c.std_error[v], a.std_error[v], 0.01);  /* a few times 1 / n apart */
        assert_true(a.low[v] < a.estimate[v] && a.high[v] < 1 && a.high[v] > a.estimate[v]);
    }
    design_of(6, NULL, SY_WEIGHT_NONE, "council");
    answer d, e;
    assert_true(ask(SY_UNIT_CLUSTER, SY_RELIABILITY_AUTO, &d, NULL) >= 0);
    assert_true(ask(SY_UNIT_CLUSTER, SY_RELIABILITY_INFLUENCE, &e, NULL) >= 0);
    assert_int_equal(d.s.interval, SY_RELIABILITY_JACKKNIFE);
    assert_true(d.s.df == 59 && d.s.units == 60 && isnan(d.s.chi2));
    for (int v = 0; v < SY_N_RELIABILITIES; v++) {
        near(d.estimate[v], a.estimate[v], 1e-12);
        relative(d.std_error[v], e.std_error[v], 0.1);
        assert_true(d.std_error[v] > 1.05 * a.std_error[v]); /* people of a council are alike */
    }
}

/* What a cluster moves each value by is the slope by its rows' weight, found by the whole answer at two weights. */
static void influence_is_the_slope_by_weights(void **state)
{
    (void)state;
    enum { G = 12, N = 180 };
    static const double step = 1e-4; /* differences keep 8 digits */
    answer a, side[2];
    double slope[G][SY_N_RELIABILITIES];
    fill(5, N, loads, 1, G);
    const int w = frame_add(&f, "w", 0, 0);
    for (ptrdiff_t r = 0; r < N; r++) f.value[w][r] = 1;
    design_of(5, "w", SY_WEIGHT_SAMPLING, "council");
    assert_true(ask(SY_UNIT_CLUSTER, SY_RELIABILITY_INFLUENCE, &a, NULL) >= 0);
    for (int g = 0; g < G; g++) {
        for (int e = 0; e < 2; e++) {
            for (ptrdiff_t r = 0; r < N; r++) f.value[w][r] = f.code[5][r] == g ? 1 + (e ? step : -step) : 1;
            assert_true(ask(SY_UNIT_CLUSTER, SY_RELIABILITY_NONE, &side[e], NULL) >= 0);
        }
        for (int v = 0; v < SY_N_RELIABILITIES; v++)
            slope[g][v] = (side[1].estimate[v] - side[0].estimate[v]) / (2 * step);
    }
    for (int v = 0; v < SY_N_RELIABILITIES; v++) {
        double mean = 0, square = 0;
        for (int g = 0; g < G; g++) mean += slope[g][v] / G;
        for (int g = 0; g < G; g++) square += (slope[g][v] - mean) * (slope[g][v] - mean);
        relative(a.std_error[v], sqrt(square * G / (G - 1)), 1e-6);
    }
}

static void frequencies_are_repeated_rows(void **state)
{
    (void)state;
    answer a[3], b[3];
    static const sy_reliability_interval kinds[3] = {SY_RELIABILITY_INFLUENCE, SY_RELIABILITY_JACKKNIFE,
                                                     SY_RELIABILITY_NORMAL};
    frame_read(&f, "tests/reference/data/lsat6.csv", "");
    design_of(5, "Freq", SY_WEIGHT_FREQUENCY, NULL);
    for (int k = 0; k < 3; k++) assert_true(ask(SY_UNIT_ROW, kinds[k], &a[k], NULL) >= 0);
    static frame g;
    g = f;
    f.n = 0;
    for (ptrdiff_t i = 0; i < g.n; i++)
        for (int k = 0; k < (int)g.value[5][i]; k++, f.n++)
            for (int c = 0; c < 5; c++) f.value[c][f.n] = g.value[c][i];
    design_of(5, NULL, SY_WEIGHT_NONE, NULL);
    for (int k = 0; k < 3; k++) {
        assert_true(ask(SY_UNIT_ROW, kinds[k], &b[k], NULL) >= 0);
        for (int v = 0; v < SY_N_RELIABILITIES; v++) {
            near(a[k].estimate[v], b[k].estimate[v], 1e-12);
            near(a[k].std_error[v], b[k].std_error[v], 1e-10);
            near(a[k].low[v], b[k].low[v], 1e-10);
        }
        assert_true(a[k].s.df == b[k].s.df || (isnan(a[k].s.df) && k == 2));
    }
}

static void units_and_origins_do_not_matter(void **state)
{
    (void)state;
    answer a, b;
    fill(6, 300, loads, 0, 10);
    design_of(6, NULL, SY_WEIGHT_NONE, NULL);
    assert_true(ask(SY_UNIT_ROW, SY_RELIABILITY_AUTO, &a, NULL) >= 0);
    for (int i = 0; i < 6; i++)
        for (ptrdiff_t r = 0; r < f.n; r++) f.value[i][r] = 1e-3 * f.value[i][r] + 1e4;
    assert_true(ask(SY_UNIT_ROW, SY_RELIABILITY_AUTO, &b, NULL) >= 0);
    for (int v = 0; v < SY_N_RELIABILITIES; v++) {
        near(a.estimate[v], b.estimate[v], 1e-8); /* rounding of 1e4 + 1e-3 x leaves 9 digits of x */
        near(a.std_error[v], b.std_error[v], 1e-8);
    }
    /* standardised alpha does not mind units of one item either */
    for (ptrdiff_t r = 0; r < f.n; r++) f.value[2][r] *= 50;
    assert_true(ask(SY_UNIT_ROW, SY_RELIABILITY_AUTO, &b, NULL) >= 0);
    near(a.estimate[SY_ALPHA_STANDARDISED], b.estimate[SY_ALPHA_STANDARDISED], 1e-8);
    near(a.std_error[SY_ALPHA_STANDARDISED], b.std_error[SY_ALPHA_STANDARDISED], 1e-8);
    for (int i = 0; i < 6; i++) near(a.loading[i], b.loading[i], 1e-7);
}

static void a_reversed_item_is_named(void **state)
{
    (void)state;
    answer a;
    char text[600];
    fill(4, 200, loads, 0, 10);
    for (ptrdiff_t r = 0; r < f.n; r++) f.value[1][r] = -f.value[1][r];
    design_of(4, NULL, SY_WEIGHT_NONE, NULL);
    assert_int_equal(ask(SY_UNIT_ROW, SY_RELIABILITY_AUTO, &a, text), SY_NOTE_REVERSED);
    assert_non_null(strstr(text, "x2 goes against the other items (item-rest correlation -"));
    assert_null(strstr(text, "x1 goes"));
    assert_true(a.item_rest[1] < 0 && a.loading[1] < 0 && a.loading[0] > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_psych_and_lavaan),
        cmocka_unit_test(ordered_answers_are_those_of_psych_and_lavaan),
        cmocka_unit_test(alpha_by_hand),
        cmocka_unit_test(feldts_limits_are_those_of_psych),
        cmocka_unit_test(influence_is_near_the_jackknife_of_rows_and_clusters),
        cmocka_unit_test(influence_is_the_slope_by_weights),
        cmocka_unit_test(frequencies_are_repeated_rows),
        cmocka_unit_test(units_and_origins_do_not_matter),
        cmocka_unit_test(a_reversed_item_is_named),
    };
    const char *only = getenv("STEELYARD_TEST");
    if (only) cmocka_set_test_filter(only);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
