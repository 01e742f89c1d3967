/* Intervals of shares: what they must be identical to, closed forms, refusals.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "sample_councils.h"

static sample s;
static sample_table table, other;

static sy_status ask(const sample *from, sy_unit unit, int with_rows, const sy_evidence_options *o, sample_table *t,
                     sy_evidence_summary *summary, sy_context *ctx)
{
    sy_moments m = {0};
    const sy_moments_options how = {.unit = unit, .precision = SY_PRECISION_TWOFOLD};
    const sy_evidence_table view = sample_view(t);
    sy_status status = sy_moments_init(ctx, &from->design, &how, &m);
    if (status >= 0)
        status = sy_evidence_shares(ctx, &m, with_rows ? &from->design : NULL, &from->question, o, summary, &view);
    sy_moments_free(&m);
    return status;
}

static sy_evidence_summary answer(const sample *from, sy_unit unit, int with_rows, sy_interval_kind kind,
                                  sample_table *t)
{
    sy_context ctx;
    sy_evidence_options o;
    sy_evidence_summary summary;
    sy_context_init(&ctx);
    sy_evidence_defaults(&o);
    o.interval = kind;
    o.replicates = 400;
    const sy_status status = ask(from, unit, with_rows, &o, t, &summary, &ctx);
    if (status < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
    return summary;
}

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("%.17g, expected %.17g within %g", found, expected, tolerance);
}

static double at(const double *cells, int row, int metric) { return cells[row * SY_N_METRICS + metric]; }

/* Leaves council g out of the rows themselves. */
static void without(const sample *from, int g, sample *to)
{
    int n = 0;
    memcpy(to, from, sizeof *to);
    for (int i = 0; i < from->n; i++) {
        if (from->council[i] == g) continue;
        for (int c = 0; c < SAMPLE_COLUMNS; c++) to->x[c][n] = from->x[c][i];
        to->weight[n] = from->weight[i];
        to->council[n++] = from->council[i];
    }
    to->n = n;
    sample_describe(to);
}

/* The definition: 12 refits on rows, (G - 1) / G sum of squares about the full
 * value. 1e-11: each refit is right to about 1e-15 and G - 1 of them add up. */
static void jackknife_equals_refitting_without_each_council(void **state)
{
    (void)state;
    static sample less;
    double share[12], adjusted[12];
    sample_fill(&s, 240, 12, 0, 7);
    s.design.cluster = &s.council_column;
    const sy_evidence_summary whole = answer(&s, SY_UNIT_CLUSTER, 0, SY_INTERVAL_JACKKNIFE, &table);
    for (int g = 0; g < 12; g++) {
        without(&s, g, &less);
        answer(&less, SY_UNIT_NONE, 0, SY_INTERVAL_NONE, &other);
        share[g] = at(other.estimate, 1, SY_SHARE);
        adjusted[g] = at(other.estimate, 6, SY_ADJUSTED);
    }
    double v = 0, z = 0, a = 0;
    const double estimate = at(table.estimate, 1, SY_SHARE);
    for (int g = 0; g < 12; g++) {
        v += 11.0 / 12 * pow(share[g] - estimate, 2);
        z += 11.0 / 12 * pow(cbrt(share[g]) - cbrt(estimate), 2);
        a += 11.0 / 12 * pow(adjusted[g] - at(table.estimate, 6, SY_ADJUSTED), 2);
    }
    assert_near(at(table.std_error, 1, SY_SHARE), sqrt(v), 1e-11);
    assert_near(at(table.scaled, 1, SY_SHARE), sqrt(z), 1e-11);
    assert_near(at(table.std_error, 6, SY_ADJUSTED), sqrt(a), 1e-11);
    assert_near(whole.df, 11, 0);
    /* t with 11 degrees of freedom, 97.5 %: 2.200985160082949 (R 4.2.2, qt) */
    const double low = cbrt(estimate) - 2.200985160082949 * sqrt(z);
    assert_near(at(table.low, 1, SY_SHARE), low * low * low, 1e-11);
}

static void one_row_a_unit_is_one_council_a_row(void **state)
{
    (void)state;
    sample_fill(&s, 50, 50, 0, 8);
    answer(&s, SY_UNIT_ROW, 0, SY_INTERVAL_AUTO, &table);
    s.design.cluster = &s.council_column;
    answer(&s, SY_UNIT_CLUSTER, 0, SY_INTERVAL_AUTO, &other);
    for (int i = 0; i < SAMPLE_CELLS; i++)
        if (i % SY_N_METRICS != SY_BY_CHANCE && !isnan(table.std_error[i]))
            assert_near(table.std_error[i], other.std_error[i], 1e-13);
}

/* A row of frequency f stands for f people, each of whom may be left out. */
static void a_frequency_is_so_many_rows(void **state)
{
    (void)state;
    static sample many;
    sample_fill(&s, 80, 20, 0, 21);
    sample_fill(&many, 80, 20, 0, 21);
    many.n = 0;
    for (int i = 0; i < s.n; i++)
        for (int k = 0; k < (int)s.weight[i]; k++, many.n++)
            for (int c = 0; c < SAMPLE_COLUMNS; c++) many.x[c][many.n] = s.x[c][i];
    sample_describe(&many);
    s.design.weights = &s.weight_column;
    s.design.weight_kind = SY_WEIGHT_FREQUENCY;
    const sy_evidence_summary a = answer(&s, SY_UNIT_ROW, 0, SY_INTERVAL_AUTO, &table);
    const sy_evidence_summary b = answer(&many, SY_UNIT_ROW, 0, SY_INTERVAL_AUTO, &other);
    assert_int_equal(a.units, b.units);
    assert_near(a.df, b.df, 0);
    for (int i = 0; i < SAMPLE_CELLS; i++) {
        assert_near(table.estimate[i], other.estimate[i], 1e-13);
        if (!isnan(other.low[i])) assert_near(table.low[i], other.low[i], 1e-11);
    }
    answer(&s, SY_UNIT_ROW, 0, SY_INTERVAL_PERCENTILE, &table);
    answer(&many, SY_UNIT_ROW, 0, SY_INTERVAL_PERCENTILE, &other);
    /* the same people drawn by the same stream; rows stand in the same order */
    for (int i = 0; i < SAMPLE_CELLS; i++)
        if (!isnan(other.low[i])) assert_near(table.low[i], other.low[i], 1e-11);
}

/* The influence function's error and the jackknife over rows are the same to
 * order 1 / n [Efron 1982, chapter 6]: at 900 rows within 2 %. */
static void influence_agrees_with_the_jackknife_over_rows(void **state)
{
    (void)state;
    sample_fill(&s, 900, 30, 0, 9);
    const sy_evidence_summary a = answer(&s, SY_UNIT_ROW, 0, SY_INTERVAL_AUTO, &table);
    const sy_evidence_summary b = answer(&s, SY_UNIT_NONE, 1, SY_INTERVAL_AUTO, &other);
    assert_int_equal(a.interval, SY_INTERVAL_JACKKNIFE);
    assert_int_equal(b.interval, SY_INTERVAL_INFLUENCE);
    for (int row = 0; row < SAMPLE_TABLE_ROWS; row++) {
        assert_near(at(other.std_error, row, SY_SHARE) / at(table.std_error, row, SY_SHARE), 1, 0.02);
        assert_near(at(other.std_error, row, SY_ALONE) / at(table.std_error, row, SY_ALONE), 1, 0.03);
    }
    assert_near(b.total_std_error / a.total_std_error, 1, 0.02);
}

/* R2 of one predictor moves with row i by e_i^2 / TSS and y_i^2 / TSS:
 * influence = (1 - R2) y^2 / TSS - e^2 / TSS, so its variance has a closed form.
 * 1e-8: the derivative is taken by differences (see influence.c). */
static void influence_of_r2_has_its_closed_form(void **state)
{
    (void)state;
    sample_fill(&s, 300, 30, 0, 10);
    static const sy_block one = {"funding", 1, sample_terms};
    s.question = (sy_question){.outcome = 5, .n_blocks = 1, .blocks = &one};
    const sy_evidence_summary whole = answer(&s, SY_UNIT_NONE, 1, SY_INTERVAL_AUTO, &table);
    double mx = 0, my = 0, sxx = 0, sxy = 0, syy = 0, sum = 0;
    for (int i = 0; i < s.n; i++) {
        mx += s.x[0][i] / s.n;
        my += s.x[5][i] / s.n;
    }
    for (int i = 0; i < s.n; i++) {
        sxx += pow(s.x[0][i] - mx, 2);
        sxy += (s.x[0][i] - mx) * (s.x[5][i] - my);
        syy += pow(s.x[5][i] - my, 2);
    }
    const double r2 = sxy * sxy / sxx / syy;
    for (int i = 0; i < s.n; i++) {
        const double y = s.x[5][i] - my, e = y - sxy / sxx * (s.x[0][i] - mx);
        sum += pow((1 - r2) * y * y / syy - e * e / syy, 2);
    }
    assert_near(whole.whole.total, r2, 1e-14);
    assert_near(whole.total_std_error / sqrt(sum * s.n / (s.n - 1.0)), 1, 1e-8);
}

/* Var of a squared correlation under normality: 4 r2 (1 - r2)^2 / n [Olkin &
 * Finn 1995, doi:10.1037/0033-2909.118.1.155]; n - 1 here. */
static void normal_theory_matches_olkin_and_finn(void **state)
{
    (void)state;
    sample_fill(&s, 300, 30, 0, 11);
    const sy_evidence_summary whole = answer(&s, SY_UNIT_NONE, 0, SY_INTERVAL_AUTO, &table);
    const double r2 = whole.whole.total, alone = at(table.estimate, 3, SY_ALONE);
    assert_int_equal(whole.interval, SY_INTERVAL_NORMAL);
    assert_near(whole.total_std_error, sqrt(4 * r2 * pow(1 - r2, 2) / (s.n - 1)), 1e-9);
    assert_near(at(table.std_error, 3, SY_ALONE), sqrt(4 * alone * pow(1 - alone, 2) / (s.n - 1)), 1e-9);
}

static void bootstrap_error_is_near_the_jackknife_s(void **state)
{
    (void)state;
    sample_fill(&s, 900, 60, 0, 12);
    s.design.cluster = &s.council_column;
    answer(&s, SY_UNIT_CLUSTER, 0, SY_INTERVAL_JACKKNIFE, &table);
    const sy_evidence_summary b = answer(&s, SY_UNIT_CLUSTER, 0, SY_INTERVAL_PERCENTILE, &other);
    assert_int_equal(b.replicates, 400);
    /* 400 replicates: the bootstrap's own error is 1 / sqrt(800) = 3.5 %; both estimate the same to 10 % at 60 */
    for (int row = 0; row < SAMPLE_TABLE_ROWS; row++) {
        assert_near(at(other.std_error, row, SY_SHARE) / at(table.std_error, row, SY_SHARE), 1, 0.25);
        assert_true(at(other.low, row, SY_SHARE) < at(other.estimate, row, SY_SHARE));
        assert_true(at(other.high, row, SY_SHARE) > at(other.estimate, row, SY_SHARE));
    }
}

static void expanded_percentiles_are_wider(void **state)
{
    (void)state;
    sample_fill(&s, 300, 12, 0, 13);
    s.design.cluster = &s.council_column;
    answer(&s, SY_UNIT_CLUSTER, 0, SY_INTERVAL_PERCENTILE, &table);
    answer(&s, SY_UNIT_CLUSTER, 0, SY_INTERVAL_EXPANDED, &other);
    for (int row = 0; row < SAMPLE_TABLE_ROWS; row++) {
        assert_true(at(other.low, row, SY_SHARE) < at(table.low, row, SY_SHARE));
        assert_true(at(other.high, row, SY_SHARE) > at(table.high, row, SY_SHARE));
    }
}

static void the_same_bits_for_any_number_of_threads(void **state)
{
    (void)state;
    static const sy_interval_kind kinds[] = {SY_INTERVAL_JACKKNIFE, SY_INTERVAL_INFLUENCE, SY_INTERVAL_PERCENTILE};
    static const int threads[] = {2, 3, 8};
    sample_fill(&s, 2000, 60, 0, 14);
    s.design.cluster = &s.council_column;
    for (int k = 0; k < 3; k++) {
        const sy_unit unit = kinds[k] == SY_INTERVAL_INFLUENCE ? SY_UNIT_NONE : SY_UNIT_CLUSTER;
        answer(&s, unit, 1, kinds[k], &table);
        for (int t = 0; t < 3; t++) {
            sy_context ctx;
            sy_evidence_options o;
            sy_evidence_summary summary;
            sy_context_init(&ctx);
            ctx.threads = threads[t];
            sy_evidence_defaults(&o);
            o.interval = kinds[k];
            o.replicates = 400;
            assert_true(ask(&s, unit, 1, &o, &other, &summary, &ctx) >= 0);
            assert_memory_equal(&table, &other, sizeof table);
            sy_context_free(&ctx);
        }
    }
}

static int has_remark(const sy_context *ctx, sy_status code, const char *term, const char *words)
{
    for (int i = 0; i < ctx->n_remarks; i++)
        if (ctx->remarks[i].code == code && !strcmp(ctx->remarks[i].term, term) && strstr(ctx->remarks[i].text, words))
            return 1;
    return 0;
}

static void few_clusters_are_said(void **state)
{
    (void)state;
    sy_context ctx;
    sy_evidence_options o;
    sy_evidence_summary summary;
    sy_evidence_defaults(&o);
    sy_context_init(&ctx);
    sample_fill(&s, 200, 12, 1, 15);
    s.design.cluster = &s.council_column;
    assert_int_equal(ask(&s, SY_UNIT_CLUSTER, 0, &o, &table, &summary, &ctx), SY_NOTE_FEW_CLUSTERS);
    assert_true(has_remark(&ctx, SY_NOTE_FEW_CLUSTERS, "", "12 clusters"));
    assert_true(has_remark(&ctx, SY_NOTE_FEW_CLUSTERS, "funding", "does not vary within the 12 clusters"));
    assert_false(has_remark(&ctx, SY_NOTE_FEW_CLUSTERS, "process", "does not vary"));
    sy_context_free(&ctx);
    sample_fill(&s, 200, 5, 0, 16);
    s.design.cluster = &s.council_column;
    assert_int_equal(ask(&s, SY_UNIT_CLUSTER, 0, &o, &table, &summary, &ctx), SY_NOTE_INTERVAL_SKIPPED);
    assert_int_equal(summary.interval, SY_INTERVAL_NONE);
    assert_true(isnan(table.low[0]) && isnan(summary.total_low));
    sy_context_free(&ctx);
}

static void lowest_and_highest_have_no_limits(void **state)
{
    (void)state;
    sample_fill(&s, 300, 30, 0, 17);
    s.design.cluster = &s.council_column;
    answer(&s, SY_UNIT_CLUSTER, 0, SY_INTERVAL_AUTO, &table);
    for (int row = 0; row < SAMPLE_TABLE_ROWS; row++)
        for (int metric = SY_LOWEST; metric <= SY_HIGHEST; metric++) {
            assert_true(!isnan(at(table.estimate, row, metric)));
            assert_true(isnan(at(table.std_error, row, metric)) && isnan(at(table.low, row, metric)));
        }
}

static void long_intervals_are_not_begun_and_the_time_is_named(void **state)
{
    (void)state;
    sy_context ctx;
    sy_evidence_options o;
    sy_evidence_summary summary;
    sy_evidence_defaults(&o);
    sy_context_init(&ctx);
    o.time_limit = 1e-9;
    sample_fill(&s, 300, 30, 0, 18);
    s.design.cluster = &s.council_column;
    assert_int_equal(ask(&s, SY_UNIT_CLUSTER, 0, &o, &table, &summary, &ctx), SY_NOTE_INTERVAL_SKIPPED);
    assert_true(has_remark(&ctx, SY_NOTE_INTERVAL_SKIPPED, "", "seconds"));
    sy_context_free(&ctx);
}

static void refused(sy_unit unit, const sy_evidence_options *o, const char *words)
{
    sy_context ctx;
    sy_evidence_summary summary;
    sy_context_init(&ctx);
    assert_int_equal(ask(&s, unit, 0, o, &table, &summary, &ctx), SY_EINVAL);
    assert_non_null(strstr(ctx.message, words));
    sy_context_free(&ctx);
}

static void impossible_options_are_refused(void **state)
{
    (void)state;
    sy_evidence_options o;
    sample_fill(&s, 100, 10, 0, 19);
    sy_evidence_defaults(&o);
    o.level = 1;
    refused(SY_UNIT_NONE, &o, "level");
    sy_evidence_defaults(&o);
    o.interval = SY_INTERVAL_PERCENTILE;
    refused(SY_UNIT_NONE, &o, "interval");
    o.replicates = 10;
    refused(SY_UNIT_ROW, &o, "replicates: 10");
    sy_evidence_defaults(&o);
    o.interval = SY_INTERVAL_INFLUENCE;
    refused(SY_UNIT_NONE, &o, "influence");
}

typedef struct {
    sy_interval_kind kind;
    sy_unit unit;
} failing_case;

static sy_status whole_call(void *arg, void *result)
{
    const failing_case *c = arg;
    sy_context ctx;
    sy_evidence_options o;
    sy_evidence_summary summary;
    sy_context_init(&ctx);
    sy_evidence_defaults(&o);
    o.interval = c->kind;
    o.replicates = 100;
    const sy_status status = ask(&s, c->unit, 1, &o, &table, &summary, &ctx);
    if (status >= 0) memcpy(result, table.low, sizeof table.low);
    sy_context_free(&ctx);
    return status;
}

static void every_failing_allocation_is_survived(void **state)
{
    (void)state;
    failing_case cases[] = {{SY_INTERVAL_JACKKNIFE, SY_UNIT_CLUSTER}, {SY_INTERVAL_INFLUENCE, SY_UNIT_NONE},
                            {SY_INTERVAL_NORMAL, SY_UNIT_NONE}, {SY_INTERVAL_PERCENTILE, SY_UNIT_CLUSTER}};
    sample_fill(&s, 60, 10, 0, 20);
    s.design.cluster = &s.council_column;
    for (int i = 0; i < 4; i++) {
        const sy_design keep = s.design;
        if (cases[i].unit == SY_UNIT_NONE) s.design.cluster = NULL;
        assert_true(syi_survives_failing(whole_call, &cases[i], sizeof table.low) > 10);
        s.design = keep;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jackknife_equals_refitting_without_each_council),
        cmocka_unit_test(one_row_a_unit_is_one_council_a_row),
        cmocka_unit_test(a_frequency_is_so_many_rows),
        cmocka_unit_test(influence_agrees_with_the_jackknife_over_rows),
        cmocka_unit_test(influence_of_r2_has_its_closed_form),
        cmocka_unit_test(normal_theory_matches_olkin_and_finn),
        cmocka_unit_test(bootstrap_error_is_near_the_jackknife_s),
        cmocka_unit_test(expanded_percentiles_are_wider),
        cmocka_unit_test(the_same_bits_for_any_number_of_threads),
        cmocka_unit_test(few_clusters_are_said),
        cmocka_unit_test(lowest_and_highest_have_no_limits),
        cmocka_unit_test(long_intervals_are_not_begun_and_the_time_is_named),
        cmocka_unit_test(impossible_options_are_refused),
        cmocka_unit_test(every_failing_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
