/* Intervals within strata and by influence of clusters, the kinds that rest on
 * replicates: definitions by refitting, agreement of analytic and resampled
 * errors, bits, stops, refusals.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "sample_councils.h"

enum { STRATA = 3, COUNCILS = 14 };

static sample s, changed;
static sample_table table, other;
static int32_t stratum[SAMPLE_ROWS];
static const char *const stratum_names[STRATA] = {"hills", "coast", "plain"};
static sy_column stratum_column = {.name = "landscape",
                                   .data = stratum,
                                   .stride = sizeof(int32_t),
                                   .type = SY_CODES,
                                   .n_levels = STRATA,
                                   .levels = stratum_names};

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("%.17g, expected %.17g within %g", found, expected, tolerance);
}

static double at(const double *cells, int row, int metric)
{
    return cells[row * SY_N_METRICS + metric];
}

/* Councils 0-3 in the hills, 4-8 on the coast, the others in the plain. */
static int stratum_of(int council)
{
    return council < 4 ? 0 : council < 9 ? 1 : 2;
}

static void fill(int n, int councils, int with_strata, uint64_t seed)
{
    sample_fill(&s, n, councils, 0, seed);
    for (int i = 0; i < n; i++) stratum[i] = stratum_of(s.council[i]);
    s.design.cluster = &s.council_column;
    s.design.strata = with_strata ? &stratum_column : NULL;
}

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
                                  int replicates, int threads, sample_table *t)
{
    sy_context ctx;
    sy_evidence_options o;
    sy_evidence_summary summary;
    sy_context_init(&ctx);
    ctx.threads = threads;
    sy_evidence_defaults(&o);
    o.interval = kind;
    o.replicates = replicates;
    const sy_status status = ask(from, unit, with_rows, &o, t, &summary, &ctx);
    if (status < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
    return summary;
}

/* The share of process where council g's rows weigh factor[g]. */
static double share_with(const double *factor)
{
    static sample_table plain;
    memcpy(&changed, &s, sizeof changed);
    sample_describe(&changed);
    for (int i = 0; i < s.n; i++) changed.weight[i] = factor[s.council[i]];
    changed.design.weights = &changed.weight_column;
    changed.design.weight_kind = SY_WEIGHT_ANALYTIC;
    answer(&changed, SY_UNIT_NONE, 0, SY_INTERVAL_NONE, 100, 1, &plain);
    return at(plain.estimate, 1, SY_SHARE);
}

/* JKn by its definition: council g out, the others of its stratum weighted up,
 * 14 refits on rows. 1e-11 as for the jackknife without strata. */
static void jackknife_within_strata_equals_refitting(void **state)
{
    (void)state;
    static const double units[STRATA] = {4, 5, 5};
    double variance = 0;
    fill(300, COUNCILS, 1, 41);
    const sy_evidence_summary summary = answer(&s, SY_UNIT_CLUSTER, 0, SY_INTERVAL_JACKKNIFE, 100, 1, &table);
    const double estimate = at(table.estimate, 1, SY_SHARE);
    for (int g = 0; g < COUNCILS; g++) {
        double factor[COUNCILS];
        const double n = units[stratum_of(g)];
        for (int k = 0; k < COUNCILS; k++) factor[k] = k == g ? 0 : stratum_of(k) == stratum_of(g) ? n / (n - 1) : 1;
        variance += (n - 1) / n * pow(share_with(factor) - estimate, 2);
    }
    assert_near(at(table.std_error, 1, SY_SHARE), sqrt(variance), 1e-11);
    assert_near(summary.df, COUNCILS - STRATA, 0);
    assert_int_equal(summary.n_strata, STRATA);
}

/* v_g by weighting council g up and down by 1e-4 (central differences, error
 * about 1e-8 of v), then the formula of a stratified sample of clusters. */
static void influence_of_clusters_is_the_derivative_by_their_weight(void **state)
{
    (void)state;
    for (int with_strata = 0; with_strata <= 1; with_strata++) {
        double v[COUNCILS], mean[STRATA] = {0}, units[STRATA] = {0}, variance = 0;
        fill(300, COUNCILS, with_strata, 42);
        const sy_evidence_summary summary = answer(&s, SY_UNIT_CLUSTER, 0, SY_INTERVAL_INFLUENCE, 100, 1, &table);
        for (int g = 0; g < COUNCILS; g++) {
            double factor[COUNCILS], side[2];
            const int h = with_strata ? stratum_of(g) : 0;
            for (int k = 0; k < COUNCILS; k++) factor[k] = 1;
            for (int up = 0; up <= 1; up++) {
                factor[g] = up ? 1.0001 : 0.9999;
                side[up] = share_with(factor);
            }
            v[g] = (side[1] - side[0]) / 0.0002;
            mean[h] += v[g];
            units[h] += 1;
        }
        for (int g = 0; g < COUNCILS; g++) {
            const int h = with_strata ? stratum_of(g) : 0;
            variance += units[h] / (units[h] - 1) * pow(v[g] - mean[h] / units[h], 2);
        }
        assert_near(at(table.std_error, 1, SY_SHARE) / sqrt(variance), 1, 1e-6);
        assert_near(summary.df, COUNCILS - (with_strata ? STRATA : 1), 0);
    }
}

/* The rows' influence from their kept moments and from the rows read again. */
static void influence_of_rows_is_the_same_from_their_moments(void **state)
{
    (void)state;
    sample_fill(&s, 400, 20, 0, 43);
    answer(&s, SY_UNIT_ROW, 0, SY_INTERVAL_INFLUENCE, 100, 1, &table);
    answer(&s, SY_UNIT_NONE, 1, SY_INTERVAL_INFLUENCE, 100, 1, &other);
    for (int i = 0; i < SAMPLE_CELLS; i++)
        if (!isnan(other.std_error[i])) assert_near(table.std_error[i], other.std_error[i], 1e-10);
}

/* 2,700 rows: the linearised error against the jackknife (exact) and 2,000
 * replicates, whose own error is 1 / sqrt(4000) = 1.6 %: within 5 %. */
static void analytic_and_resampled_errors_agree(void **state)
{
    (void)state;
    static sample_table drawn, bayes;
    sample_fill(&s, 2700, 60, 0, 44);
    answer(&s, SY_UNIT_NONE, 1, SY_INTERVAL_INFLUENCE, 2000, 2, &table);
    answer(&s, SY_UNIT_ROW, 0, SY_INTERVAL_JACKKNIFE, 2000, 2, &other);
    answer(&s, SY_UNIT_ROW, 0, SY_INTERVAL_PERCENTILE, 2000, 2, &drawn);
    answer(&s, SY_UNIT_ROW, 0, SY_INTERVAL_BAYES, 2000, 2, &bayes);
    for (int row = 0; row < SAMPLE_TABLE_ROWS; row++) {
        const double analytic = at(table.std_error, row, SY_SHARE);
        assert_near(at(other.std_error, row, SY_SHARE) / analytic, 1, 0.05);
        assert_near(at(drawn.std_error, row, SY_SHARE) / analytic, 1, 0.05);
        assert_near(at(bayes.std_error, row, SY_SHARE) / analytic, 1, 0.05);
    }
}

/* Strata take out what differs between them: replicates within strata spread as
 * the linearised error says (2,000 replicates of 14 clusters, whose errors are
 * curved: 15 %), and less than those of all clusters together. */
static void replicates_stay_within_strata(void **state)
{
    (void)state;
    fill(1500, COUNCILS, 1, 45);
    for (int i = 0; i < s.n; i++) s.x[5][i] += 2 * stratum[i] + 1.5 * s.x[1][i] * (stratum[i] == 1);
    answer(&s, SY_UNIT_CLUSTER, 0, SY_INTERVAL_PERCENTILE, 2000, 2, &table);
    answer(&s, SY_UNIT_CLUSTER, 0, SY_INTERVAL_INFLUENCE, 2000, 2, &other);
    const double within = at(table.std_error, 1, SY_SHARE);
    assert_near(within / at(other.std_error, 1, SY_SHARE), 1, 0.15);
    s.design.strata = NULL;
    answer(&s, SY_UNIT_CLUSTER, 0, SY_INTERVAL_PERCENTILE, 2000, 2, &table);
    assert_true(at(table.std_error, 1, SY_SHARE) > 1.5 * within);
}

static const sy_interval_kind drawn_kinds[] = {SY_INTERVAL_PERCENTILE, SY_INTERVAL_BASIC, SY_INTERVAL_BCA,
                                               SY_INTERVAL_STUDENTISED, SY_INTERVAL_BAYES};

static void the_same_bits_for_any_number_of_threads(void **state)
{
    (void)state;
    fill(800, COUNCILS, 1, 46);
    for (int k = 0; k < 5; k++) {
        answer(&s, SY_UNIT_CLUSTER, 0, drawn_kinds[k], 200, 1, &table);
        for (int threads = 2; threads <= 8; threads += 3) {
            answer(&s, SY_UNIT_CLUSTER, 0, drawn_kinds[k], 200, threads, &other);
            assert_memory_equal(&table, &other, sizeof table);
        }
    }
}

/* The same draws summed and walked in plain double, and in double-double, whose
 * products alone are the same: sums are off by some 1e-15 of the diagonal, times
 * VIF. `inflate` puts process and choice so close that VIFs lie on both sides of
 * 2,000, where the way of factoring changes. */
static double plain_less_guarded(double inflate)
{
    enum { REPLICATES = 100 };
    static double drawn[2][REPLICATES * SAMPLE_CELLS];
    double most = 0;
    sample_fill(&s, 900, 60, 0, 48);
    for (int i = 0; i < s.n; i++) s.x[2][i] = s.x[1][i] + s.x[2][i] / inflate;
    for (int guarded = 0; guarded < 2; guarded++) {
        sy_context ctx;
        sy_evidence_options o;
        sy_evidence_summary summary;
        sy_moments m = {0};
        const sy_moments_options how = {.unit = SY_UNIT_ROW};
        sy_evidence_table view = sample_view(&table);
        view.replicates = drawn[guarded];
        sy_context_init(&ctx);
        sy_evidence_defaults(&o);
        o.interval = SY_INTERVAL_PERCENTILE;
        o.replicates = REPLICATES;
        o.shares.guarded = guarded;
        assert_true(sy_moments_init(&ctx, &s.design, &how, &m) >= 0);
        assert_true(sy_evidence_shares(&ctx, &m, NULL, &s.question, &o, &summary, &view) >= 0);
        sy_moments_free(&m);
        sy_context_free(&ctx);
    }
    for (size_t i = 0; i < REPLICATES * SAMPLE_CELLS; i++) {
        const double by = fabs(drawn[0][i] - drawn[1][i]) / fmax(1, fabs(drawn[1][i]));
        if (isnan(drawn[1][i])) assert_true(isnan(drawn[0][i]));
        else most = fmax(most, by);
    }
    return most;
}

static void replicates_in_plain_double_are_those_in_double_double(void **state)
{
    (void)state;
    assert_near(plain_less_guarded(1), 0, 1e-13);
    assert_near(plain_less_guarded(37), 0, 2e-11);
    assert_near(plain_less_guarded(80), 0, 8e-11);
}

/* At 2,000 rows all kinds say nearly the same: limits within a tenth of the
 * jackknife's width. */
static void all_kinds_agree_in_large_samples(void **state)
{
    (void)state;
    sample_fill(&s, 2000, 60, 0, 47);
    answer(&s, SY_UNIT_ROW, 0, SY_INTERVAL_JACKKNIFE, 100, 2, &table);
    for (int k = 0; k < 5; k++) {
        const int replicates = drawn_kinds[k] == SY_INTERVAL_STUDENTISED ? 400 : 2000;
        const sy_evidence_summary summary = answer(&s, SY_UNIT_ROW, 0, drawn_kinds[k], replicates, 2, &other);
        assert_int_equal(summary.replicates, replicates);
        for (int row = 0; row < 4; row++) {
            const double low = at(table.low, row, SY_SHARE), high = at(table.high, row, SY_SHARE);
            const double slack = replicates == 400 ? 0.2 : 0.12;
            assert_near((at(other.low, row, SY_SHARE) - low) / (high - low), 0, slack);
            assert_near((at(other.high, row, SY_SHARE) - high) / (high - low), 0, slack);
        }
    }
}

static void refused(sy_unit unit, const sy_evidence_options *o, sy_status expected, const char *words)
{
    sy_context ctx;
    sy_evidence_summary summary;
    sy_context_init(&ctx);
    assert_int_equal(ask(&s, unit, unit == SY_UNIT_NONE, o, &table, &summary, &ctx), expected);
    if (!strstr(ctx.message, words)) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

static void impossible_plans_are_refused(void **state)
{
    (void)state;
    static const sy_interval_kind kinds[] = {SY_INTERVAL_JACKKNIFE,   SY_INTERVAL_INFLUENCE, SY_INTERVAL_PERCENTILE,
                                             SY_INTERVAL_STUDENTISED, SY_INTERVAL_BAYES,     SY_INTERVAL_AUTO};
    sy_evidence_options o;
    sy_evidence_defaults(&o);
    fill(300, COUNCILS, 1, 48);
    for (int i = 0; i < s.n; i++) stratum[i] = s.council[i] == 0 ? 0 : 1;
    for (int k = 0; k < 6; k++) {
        o.interval = kinds[k];
        refused(SY_UNIT_CLUSTER, &o, SY_EDATA, "strata: stratum hills holds one cluster");
    }
    s.design.cluster = NULL;
    o.interval = SY_INTERVAL_INFLUENCE;
    refused(SY_UNIT_NONE, &o, SY_EINVAL, "strata: intervals within strata need one set of sums a cluster or a row");
    s.design.strata = NULL;
    for (int k = 0; k < 5; k++) {
        sy_evidence_defaults(&o);
        o.interval = drawn_kinds[k];
        refused(SY_UNIT_NONE, &o, SY_EINVAL, "interval: resampling needs clusters or rows");
        o.replicates = 1;
        refused(SY_UNIT_ROW, &o, SY_EINVAL, "replicates: 1");
        sy_evidence_defaults(&o);
        o.interval = drawn_kinds[k];
        o.level = 0;
        refused(SY_UNIT_ROW, &o, SY_EINVAL, "level");
    }
}

static int stop_at_once(void *arg)
{
    (void)arg;
    return 1;
}

/* Work for seconds, stopped at the first question: every kind gives up. */
static void every_kind_stops_when_asked(void **state)
{
    (void)state;
    sample_fill(&s, 2000, 60, 0, 49);
    for (int k = 0; k < 5; k++)
        for (int threads = 1; threads <= 2; threads++) {
            sy_context ctx;
            sy_evidence_options o;
            sy_evidence_summary summary;
            sy_context_init(&ctx);
            ctx.threads = threads;
            ctx.poll = stop_at_once;
            sy_evidence_defaults(&o);
            o.interval = drawn_kinds[k];
            o.replicates = 100000;
            assert_int_equal(ask(&s, SY_UNIT_ROW, 0, &o, &table, &summary, &ctx), SY_EINTR);
            sy_context_free(&ctx);
        }
}

static sy_status kind_job(void *arg, void *result)
{
    sy_context ctx;
    sy_evidence_options o;
    sy_evidence_summary summary;
    sy_context_init(&ctx);
    sy_evidence_defaults(&o);
    o.interval = *(const sy_interval_kind *)arg;
    o.replicates = 100;
    memset(&table, 0, sizeof table);
    const sy_status status = ask(&s, SY_UNIT_CLUSTER, 0, &o, &table, &summary, &ctx);
    if (status >= 0) memcpy(result, &table, sizeof table);
    sy_context_free(&ctx);
    return status;
}

static void memory_running_out_anywhere_is_survived(void **state)
{
    (void)state;
    static const sy_interval_kind kinds[] = {SY_INTERVAL_JACKKNIFE, SY_INTERVAL_INFLUENCE, SY_INTERVAL_BCA,
                                             SY_INTERVAL_STUDENTISED, SY_INTERVAL_BAYES};
    static const sy_block one = {"funding", 1, sample_terms};
    fill(150, COUNCILS, 1, 50);
    s.question = (sy_question){.outcome = 5, .n_blocks = 1, .blocks = &one};
    for (int k = 0; k < 5; k++) {
        sy_interval_kind kind = kinds[k];
        assert_true(syi_survives_failing(kind_job, &kind, sizeof table) > 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jackknife_within_strata_equals_refitting),
        cmocka_unit_test(influence_of_clusters_is_the_derivative_by_their_weight),
        cmocka_unit_test(influence_of_rows_is_the_same_from_their_moments),
        cmocka_unit_test(analytic_and_resampled_errors_agree),
        cmocka_unit_test(replicates_stay_within_strata),
        cmocka_unit_test(the_same_bits_for_any_number_of_threads),
        cmocka_unit_test(replicates_in_plain_double_are_those_in_double_double),
        cmocka_unit_test(all_kinds_agree_in_large_samples),
        cmocka_unit_test(impossible_plans_are_refused),
        cmocka_unit_test(every_kind_stops_when_asked),
        cmocka_unit_test(memory_running_out_anywhere_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
