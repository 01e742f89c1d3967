/* The wild cluster bootstrap against refits of whole data sets, and coefficients
 * under resampling of clusters against repeated rows.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "steelyard/moments.h"
#include "vcov_twin.h"

typedef struct {
    double p, low, high;
    sy_status status;
} wild;

static wild ask(const twin *t, int coefficient, double null, sy_wild_kind kind, int replicates, uint64_t seed,
                int threads)
{
    wild w = {0};
    sy_context ctx;
    sy_context_init(&ctx);
    ctx.threads = threads;
    w.status = sy_vcov_wild(&ctx, &t->design, &t->model, coefficient, null, kind, replicates, seed, 0.95, &w.p, &w.low,
                            &w.high);
    if (w.status < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
    return w;
}

/* Coefficients and the CR1 t of coefficient k against `null`, for outcome y. */
static double naive_t(const twin *t, const double *y, int k, double null)
{
    double right[TWIN_P] = {0}, b[TWIN_P] = {0}, meat = 0;
    const int p = t->p;
    for (int i = 0; i < t->n; i++)
        for (int r = 0; r < p; r++) right[r] += twin_weight(t, i) * t->xx[i * p + r] * y[i];
    for (int r = 0; r < p; r++)
        for (int c = 0; c < p; c++) b[r] += t->m[r * p + c] * right[c];
    for (int g = 0; g < t->clusters; g++) {
        double score = 0;
        for (int i = 0; i < t->n; i++) {
            if (t->code[i] != g) continue;
            double e = y[i], line = 0;
            for (int r = 0; r < p; r++) {
                e -= t->xx[i * p + r] * b[r];
                line += t->m[k * p + r] * t->xx[i * p + r];
            }
            score += line * twin_weight(t, i) * e;
        }
        meat += score * score;
    }
    return (b[k] - null) / sqrt(meat * t->clusters / (t->clusters - 1));
}

/* |t*| of cluster weights v, the null imposed */
static double naive_replicate(const twin *t, const double *v, int k, double null)
{
    double y[TWIN_N], restricted[TWIN_P];
    const int p = t->p;
    for (int r = 0; r < p; r++) restricted[r] = t->b[r] - t->m[r * p + k] / t->m[k * p + k] * (t->b[k] - null);
    for (int i = 0; i < t->n; i++) {
        double fitted = 0;
        for (int r = 0; r < p; r++) fitted += t->xx[i * p + r] * restricted[r];
        y[i] = fitted + v[t->code[i]] * (t->x[0][i] - fitted);
    }
    return fabs(naive_t(t, y, k, null));
}

static void all_sign_patterns_are_refits(void **state)
{
    static const double nulls[] = {0, 0.2, 0.9};
    static twin t;
    (void)state;
    for (uint64_t seed = 0; seed < 6; seed++)
        for (int z = 0; z < 3; z++) {
            const int clusters = 5 + (int)(seed % 3), k = 1 + (int)(seed % 2);
            int more = 0;
            twin_fill(&t, 45, 2, clusters, seed % 2 ? SY_WEIGHT_SAMPLING : SY_WEIGHT_NONE, seed + 60);
            const double sample = fabs(naive_t(&t, t.x[0], k, nulls[z])) * (1 - 1e-9);
            for (int pattern = 0; pattern < 1 << clusters; pattern++) {
                double v[TWIN_G];
                for (int g = 0; g < clusters; g++) v[g] = pattern >> g & 1 ? -1 : 1;
                more += naive_replicate(&t, v, k, nulls[z]) >= sample;
            }
            const wild w = ask(&t, k, nulls[z], SY_WILD_RADEMACHER, 999, 1, 1);
            assert_near(w.p, (double)more / (1 << clusters), 1e-15);
            assert_true(w.p >= 2.0 / (1 << clusters));
        }
}

/* With the very draws of the streams keyed by seed, replicate and cluster. */
static void webb_s_six_points_are_refits(void **state)
{
    static const double point[6] = {-1.5, -1, -0.5, 0.5, 1, 1.5};
    enum { REPLICATES = 99 };
    static twin t;
    int more = 0;
    (void)state;
    twin_fill(&t, 60, 3, 9, SY_WEIGHT_ANALYTIC, 70);
    const double sample = fabs(naive_t(&t, t.x[0], 2, 0.4)) * (1 - 1e-9);
    for (uint32_t r = 0; r < REPLICATES; r++) {
        double v[TWIN_G];
        for (int g = 0; g < t.clusters; g++) {
            syi_stream s;
            syi_stream_init(&s, 77, r, (uint32_t)g);
            const double q = point[syi_stream_below(&s, 6)];
            v[g] = q < 0 ? -sqrt(-q) : sqrt(q);
        }
        more += naive_replicate(&t, v, 2, 0.4) >= sample;
    }
    assert_near(ask(&t, 2, 0.4, SY_WILD_WEBB, REPLICATES, 77, 1).p, (1.0 + more) / (REPLICATES + 1), 1e-15);
}

/* p <= .05 just outside the limits, above it just inside. */
static void limits_are_where_p_crosses(void **state)
{
    static twin t;
    (void)state;
    for (int enumerated = 0; enumerated < 2; enumerated++) {
        twin_fill(&t, 100, 2, enumerated ? 8 : 20, SY_WEIGHT_NONE, 71);
        const wild w = ask(&t, 1, 0, SY_WILD_RADEMACHER, 999, 5, 1);
        const double width = w.high - w.low;
        assert_true(w.low < t.b[1] && t.b[1] < w.high);
        assert_true(ask(&t, 1, w.low - 1e-6 * width, SY_WILD_RADEMACHER, 999, 5, 1).p <= 0.05);
        assert_true(ask(&t, 1, w.low + 1e-6 * width, SY_WILD_RADEMACHER, 999, 5, 1).p > 0.05);
        assert_true(ask(&t, 1, w.high + 1e-6 * width, SY_WILD_RADEMACHER, 999, 5, 1).p <= 0.05);
        assert_true(ask(&t, 1, w.high - 1e-6 * width, SY_WILD_RADEMACHER, 999, 5, 1).p > 0.05);
    }
}

static void draws_depend_on_the_seed_and_not_on_threads(void **state)
{
    static twin t;
    (void)state;
    twin_fill(&t, 110, 3, 25, SY_WEIGHT_NONE, 72);
    const wild one = ask(&t, 1, 0.3, SY_WILD_RADEMACHER, 20000, 8, 1),
               four = ask(&t, 1, 0.3, SY_WILD_RADEMACHER, 20000, 8, 4);
    const wild other = ask(&t, 1, 0.3, SY_WILD_RADEMACHER, 20000, 9, 1);
    assert_memory_equal(&one.p, &four.p, sizeof one.p);
    assert_memory_equal(&one.low, &four.low, sizeof one.low);
    assert_memory_equal(&one.high, &four.high, sizeof one.high);
    assert_true(one.p != other.p);
    assert_true(fabs(one.p - other.p) < 5 * sqrt(2 * 0.25 / 20000)); /* five standard errors at the most */
}

static void p_is_one_at_the_estimate(void **state)
{
    static twin t;
    (void)state;
    twin_fill(&t, 60, 2, 7, SY_WEIGHT_NONE, 73);
    assert_near(ask(&t, 1, t.b[1], SY_WILD_RADEMACHER, 999, 1, 1).p, 1, 1e-15);
}

/* Four clusters have eight different patterns: p is 1/8 or more. */
static void with_four_clusters_signs_cannot_reject(void **state)
{
    static twin t;
    (void)state;
    twin_fill(&t, 40, 1, 4, SY_WEIGHT_NONE, 74);
    const wild w = ask(&t, 1, 50, SY_WILD_RADEMACHER, 999, 1, 1);
    assert_near(w.p, 0.125, 1e-15);
    assert_true(isinf(w.low) && w.low < 0 && isinf(w.high) && w.high > 0);
    assert_int_equal(w.status, SY_NOTE_INTERVAL_SKIPPED);
}

static void refuse(const twin *t, int coefficient, double null, int kind, int replicates, sy_status code,
                   const char *words)
{
    double p, low, high;
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status s = sy_vcov_wild(&ctx, &t->design, &t->model, coefficient, null, (sy_wild_kind)kind, replicates, 1,
                                     0.95, &p, &low, &high);
    if (s != code || !strstr(ctx.message, words)) fail_msg("status %d, %s", (int)s, ctx.message);
    sy_context_free(&ctx);
}

static void what_cannot_be_is_refused_in_words(void **state)
{
    static twin t;
    (void)state;
    twin_fill(&t, 40, 2, 6, SY_WEIGHT_NONE, 75);
    refuse(&t, 3, 0, 0, 99, SY_EINVAL, "3 is not among the 3");
    refuse(&t, 1, NAN, 0, 99, SY_EINVAL, "null = ");
    refuse(&t, 1, 0, 2, 99, SY_EINVAL, "wild: 2");
    refuse(&t, 1, 0, 0, 0, SY_EINVAL, "replicates = 0");
    for (int i = 0; i < t.n; i++) t.x[2][i] = 5;
    refuse(&t, 2, 0, 0, 99, SY_EDATA, "x2 adds nothing");
    t.design.cluster = NULL;
    refuse(&t, 1, 0, 0, 99, SY_EINVAL, "cluster: none given");
}

static sy_status wild_job(void *arg, void *answer)
{
    const twin *t = arg;
    double *v = answer;
    sy_context ctx;
    sy_context_init(&ctx);
    ctx.threads = 1;
    const sy_status s = sy_vcov_wild(&ctx, &t->design, &t->model, 1, 0, SY_WILD_WEBB, 99, 1, 0.95, v, v + 1, v + 2);
    sy_context_free(&ctx);
    return s;
}

static void every_failed_allocation_is_reported(void **state)
{
    static twin t;
    (void)state;
    twin_fill(&t, 30, 1, 8, SY_WEIGHT_ANALYTIC, 2);
    assert_true(syi_survives_failing(wild_job, &t, 3 * sizeof(double)) > 20);
}

enum { REPLICATES = 40 };

/* Terms x1, x2 and a factor of three levels, whose indicators are x3 and x4 of the
 * twin; outcomes x0 and its square root's stand-in, x0 + x1. */
typedef struct {
    twin t;
    double second[TWIN_N];
    sy_column column[5];
    sy_factor factor[5];
    sy_term term[5];
    sy_design design;
} resampled;

static void make_resampled(resampled *r, uint64_t seed)
{
    static const char *const names[5] = {"y", "x1", "x2", "region", "z"};
    twin_fill(&r->t, 80, 4, 12, SY_WEIGHT_SAMPLING, seed);
    for (int i = 0; i < r->t.n; i++) {
        r->t.other[i] %= 3;
        r->t.x[3][i] = r->t.other[i] == 1;
        r->t.x[4][i] = r->t.other[i] == 2;
        r->second[i] = 1e3 + r->t.x[0][i] * r->t.x[1][i];
    }
    for (int c = 0; c < 5; c++) {
        r->column[c] = c < 3 ? r->t.column[c] : c == 3 ? r->t.second : r->t.column[0];
        r->column[c].name = names[c];
        r->factor[c] = (sy_factor){c, 1};
        r->term[c] = (sy_term){names[c], 1, &r->factor[c]};
    }
    r->column[3].n_levels = 3;
    r->column[4].data = r->second;
    r->design = r->t.design;
    r->design.n_columns = r->design.n_terms = 5;
    r->design.columns = r->column;
    r->design.terms = r->term;
}

static sy_status resample(const resampled *r, int threads, double *out, char *message)
{
    static const int outcomes[2] = {0, 4}, terms[3] = {1, 2, 3};
    const sy_moments_options o = {SY_UNIT_CLUSTER, SY_PRECISION_DOUBLE};
    sy_moments m = {0};
    sy_context ctx;
    int p = 0;
    sy_context_init(&ctx);
    ctx.threads = threads;
    sy_status s = sy_moments_init(&ctx, &r->design, &o, &m);
    if (s >= 0) s = sy_vcov_bootstrap_columns(&ctx, &m, 3, terms, &p);
    if (s >= 0) assert_int_equal(p, 5);
    if (s >= 0) s = sy_vcov_bootstrap(&ctx, &m, 2, outcomes, 3, terms, REPLICATES, 31, out);
    if (message) snprintf(message, sizeof ctx.message, "%s", ctx.message);
    sy_moments_free(&m);
    sy_context_free(&ctx);
    return s;
}

static void replicates_of_coefficients_are_fits_to_repeated_clusters(void **state)
{
    static resampled r;
    static twin again;
    static double out[REPLICATES * 2 * 5], four[REPLICATES * 2 * 5];
    char message[SY_MESSAGE_LENGTH];
    (void)state;
    make_resampled(&r, 80);
    if (resample(&r, 1, out, message) < 0) fail_msg("%s", message);
    assert_true(resample(&r, 4, four, NULL) >= 0);
    assert_memory_equal(out, four, sizeof out);
    for (uint32_t k = 0; k < REPLICATES; k++) {
        int times[TWIN_G] = {0};
        syi_stream s;
        syi_stream_init(&s, 31, k, 0);
        for (int g = 0; g < r.t.clusters; g++) times[syi_stream_below(&s, (uint32_t)r.t.clusters)]++;
        for (int y = 0; y < 2; y++) {
            again = r.t; /* a cluster drawn f times has f times its weights */
            twin_describe(&again, SY_WEIGHT_SAMPLING);
            for (int i = 0; i < again.n; i++) {
                again.weight[i] *= times[again.code[i]];
                if (y) again.x[0][i] = r.second[i];
            }
            twin_fit(&again);
            for (int c = 0; c < 5; c++) {
                const double found = out[(k * 2 + (uint32_t)y) * 5 + (uint32_t)c];
                assert_true(fabs(found - again.b[c]) <= 1e-9 * (1 + fabs(again.b[c])));
            }
        }
    }
}

static sy_status resample_job(void *arg, void *answer)
{
    return resample(arg, 1, answer, NULL);
}

static void resampling_reports_failed_allocations(void **state)
{
    static resampled r;
    (void)state;
    make_resampled(&r, 81);
    assert_true(syi_survives_failing(resample_job, &r, REPLICATES * 2 * 5 * sizeof(double)) > 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_sign_patterns_are_refits),
        cmocka_unit_test(webb_s_six_points_are_refits),
        cmocka_unit_test(limits_are_where_p_crosses),
        cmocka_unit_test(draws_depend_on_the_seed_and_not_on_threads),
        cmocka_unit_test(p_is_one_at_the_estimate),
        cmocka_unit_test(with_four_clusters_signs_cannot_reject),
        cmocka_unit_test(what_cannot_be_is_refused_in_words),
        cmocka_unit_test(every_failed_allocation_is_reported),
        cmocka_unit_test(replicates_of_coefficients_are_fits_to_repeated_clusters),
        cmocka_unit_test(resampling_reports_failed_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
