/* Cluster-robust covariances against matrices of rows by rows.
 * Tolerance 1e-10: twins compute in double from (X'WX)^-1, whose condition is up to
 * 1e3 here.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "vcov_twin.h"

static void errors_and_df_are_those_of_whole_matrices(void **state)
{
    static const sy_vcov_kind kinds[] = {SY_VCOV_CR0, SY_VCOV_CR2, SY_VCOV_CR3};
    static twin t;
    (void)state;
    for (uint64_t seed = 0; seed < 24; seed++)
        for (int k = 0; k < 3; k++) {
            const sy_weight_kind kind = seed % 3 == 0   ? SY_WEIGHT_NONE
                                        : seed % 3 == 1 ? SY_WEIGHT_ANALYTIC
                                                        : SY_WEIGHT_SAMPLING;
            const int q = 1 + (int)(seed % 4), columns = q > 3 ? 3 : q;
            double v[TWIN_P * TWIN_P], df[TWIN_P], unit[TWIN_Q * TWIN_P] = {0};
            twin_answer naive;
            twin_fill(&t, 40 + (int)seed, columns, 5 + (int)(seed % 9), kind, seed);
            for (int i = 0; i < t.p && i < TWIN_Q; i++) unit[i * t.p + i] = 1;
            twin_cluster(&t, t.code, kinds[k], t.p, unit, &naive);
            twin_vcov(&t, kinds[k], NULL, v, df);
            assert_near_matrix(t.p, v, naive.v, 1e-10);
            for (int i = 0; i < t.p; i++) {
                if (k == 0) assert_true(df[i] == t.clusters - 1);
                else assert_near(df[i], naive.df[i], 1e-9);
            }
        }
}

static void stata_s_factors_are_on_cr0(void **state)
{
    static twin t;
    double v0[TWIN_P * TWIN_P], v1[TWIN_P * TWIN_P], vs[TWIN_P * TWIN_P], df[TWIN_P];
    (void)state;
    twin_fill(&t, 70, 3, 8, SY_WEIGHT_NONE, 1);
    twin_vcov(&t, SY_VCOV_CR0, NULL, v0, df);
    twin_vcov(&t, SY_VCOV_CR1, NULL, v1, df);
    twin_vcov(&t, SY_VCOV_CR1S, NULL, vs, df);
    for (int i = 0; i < t.p * t.p; i++) {
        assert_near(v1[i], v0[i] * 8 / 7, 1e-14);
        assert_near(vs[i], v0[i] * 8 / 7 * 69 / 66, 1e-14);
    }
}

/* CR0 = HC0, CR2 = HC2, CR3 = HC3 [MacKinnon & White 1985]. */
static void a_cluster_a_row_is_hc(void **state)
{
    static const sy_vcov_kind pairs[3][2] = {
        {SY_VCOV_CR0, SY_VCOV_HC0}, {SY_VCOV_CR2, SY_VCOV_HC2}, {SY_VCOV_CR3, SY_VCOV_HC3}};
    static twin t;
    double cr[TWIN_P * TWIN_P], hc[TWIN_P * TWIN_P], df[TWIN_P];
    (void)state;
    twin_fill(&t, 90, 4, 5, SY_WEIGHT_NONE, 3);
    for (int i = 0; i < t.n; i++) t.code[i] = i;
    for (int k = 0; k < 3; k++) {
        twin_vcov(&t, pairs[k][0], NULL, cr, df);
        twin_vcov(&t, pairs[k][1], NULL, hc, df);
        assert_near_matrix(t.p, cr, hc, 1e-13);
    }
}

/* A row of frequency weight f is f rows. */
static void frequencies_are_repeated_rows(void **state)
{
    static const sy_vcov_kind kinds[] = {SY_VCOV_CLASSICAL, SY_VCOV_HC0, SY_VCOV_HC1,  SY_VCOV_HC2,
                                         SY_VCOV_HC3,       SY_VCOV_HC4, SY_VCOV_HC4M, SY_VCOV_HC5,
                                         SY_VCOV_CR1S,      SY_VCOV_CR2, SY_VCOV_CR3};
    static twin t, r;
    (void)state;
    twin_fill(&t, 40, 3, 6, SY_WEIGHT_FREQUENCY, 4);
    r = t;
    r.n = 0;
    for (int i = 0; i < t.n; i++)
        for (int f = 0; f < (int)t.weight[i]; f++) {
            assert_true(r.n < TWIN_N);
            for (int c = 0; c <= t.k; c++) r.x[c][r.n] = t.x[c][i];
            r.code[r.n++] = t.code[i];
        }
    twin_describe(&r, SY_WEIGHT_NONE);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) twin_agree(&t, &r, kinds[k], 1e-12);
}

/* One column is the indicator of cluster 0: its residuals add up to zero and its
 * block of I - H is singular. */
static void a_saturated_cluster_has_a_pseudo_inverse(void **state)
{
    static const sy_vcov_kind kinds[] = {SY_VCOV_CR2, SY_VCOV_CR3};
    static twin t;
    (void)state;
    for (int weighted = 0; weighted < 2; weighted++)
        for (int k = 0; k < 2; k++) {
            double v[TWIN_P * TWIN_P], df[TWIN_P], unit[TWIN_Q * TWIN_P] = {0};
            twin_answer naive;
            sy_context ctx;
            sy_linear_options o;
            twin_fill(&t, 50, 3, 6, weighted ? SY_WEIGHT_ANALYTIC : SY_WEIGHT_NONE, 5);
            for (int i = 0; i < t.n; i++) t.x[3][i] = t.code[i] == 0;
            twin_fit(&t);
            for (int i = 0; i < t.p; i++) unit[i * t.p + i] = 1;
            twin_cluster(&t, t.code, kinds[k], t.p, unit, &naive);
            sy_context_init(&ctx);
            sy_linear_defaults(&o);
            assert_true(sy_vcov(&ctx, &t.design, &t.model, &o, kinds[k], NULL, v, df) > 0);
            assert_true(twin_remarked(&ctx, SY_NOTE_ONE_UNIT));
            assert_near_matrix(t.p, v, naive.v, 1e-10);
            for (int i = 0; i < t.p; i++) assert_near(df[i], naive.df[i], 1e-8);
            sy_context_free(&ctx);
        }
}

/* out = a b a, a symmetric */
static void around(int p, const double *a, const double *b, double *out)
{
    for (int i = 0; i < p; i++)
        for (int j = 0; j < p; j++) {
            out[i * p + j] = 0;
            for (int k = 0; k < p; k++)
                for (int m = 0; m < p; m++) out[i * p + j] += a[i * p + k] * b[k * p + m] * a[m * p + j];
        }
}

/* Without the negative eigenvalues that v has in orthonormal columns: the symmetric
 * root of (X'WX)^-1 stands for any other. */
static void positive_part(const twin *t, const double *v, double *out)
{
    double root[TWIN_P * TWIN_P], inverse[TWIN_P * TWIN_P], a[TWIN_P * TWIN_P], kept[TWIN_P * TWIN_P];
    twin_power(t->p, t->m, 0.5, root);
    twin_power(t->p, t->m, -0.5, inverse);
    around(t->p, inverse, v, a);
    twin_power(t->p, a, 1, kept);
    around(t->p, root, kept, out);
}

static void two_ways_add_and_take_off(void **state)
{
    static const sy_vcov_kind kinds[] = {SY_VCOV_CR0, SY_VCOV_CR2};
    static twin t;
    (void)state;
    for (uint64_t seed = 0; seed < 6; seed++)
        for (int k = 0; k < 2; k++) {
            double v[TWIN_P * TWIN_P], df[TWIN_P], sum[TWIN_P * TWIN_P];
            int32_t both[TWIN_N];
            twin_answer one, two, combined;
            twin_fill(&t, 100, 2, 9, SY_WEIGHT_NONE, seed + 10);
            for (int i = 0; i < t.n; i++) both[i] = t.code[i] * 6 + t.other[i];
            twin_cluster(&t, t.code, kinds[k], 0, NULL, &one);
            twin_cluster(&t, t.other, kinds[k], 0, NULL, &two);
            twin_cluster(&t, both, kinds[k], 0, NULL, &combined);
            for (int i = 0; i < t.p * t.p; i++) sum[i] = one.v[i] + two.v[i] - combined.v[i];
            double positive[TWIN_P * TWIN_P];
            positive_part(&t, sum, positive);
            twin_vcov(&t, kinds[k], &t.second, v, df);
            assert_near_matrix(t.p, v, positive, 1e-9);
        }
}

static void clusters_within_clusters_leave_the_coarser(void **state)
{
    static twin t;
    double v[TWIN_P * TWIN_P], coarse[TWIN_P * TWIN_P], df[TWIN_P];
    sy_context ctx;
    sy_linear_options o;
    (void)state;
    twin_fill(&t, 80, 3, 12, SY_WEIGHT_NONE, 20);
    for (int i = 0; i < t.n; i++) t.other[i] = t.code[i] / 2;
    sy_context_init(&ctx);
    sy_linear_defaults(&o);
    assert_true(sy_vcov(&ctx, &t.design, &t.model, &o, SY_VCOV_CR1, &t.second, v, df) > 0);
    int said = 0;
    for (int i = 0; i < ctx.n_remarks; i++) said |= !strcmp(ctx.remarks[i].term, "nested");
    assert_true(said);
    assert_true(df[0] == 5);
    sy_context_free(&ctx);
    t.design.cluster = &t.second;
    twin_vcov(&t, SY_VCOV_CR0, NULL, coarse, df);
    twin_vcov(&t, SY_VCOV_CR0, &t.cluster, v, df);
    assert_near_matrix(t.p, v, coarse, 1e-12);
}

/* Levels within clusters: absorbing them, or having them among the terms. */
static void absorbed_levels_are_levels_among_the_terms(void **state)
{
    static const sy_vcov_kind kinds[] = {SY_VCOV_HC0, SY_VCOV_HC1, SY_VCOV_HC2,  SY_VCOV_HC3, SY_VCOV_HC4,
                                         SY_VCOV_HC5, SY_VCOV_CR0, SY_VCOV_CR1S, SY_VCOV_CR2};
    static twin t;
    (void)state;
    for (int finer = 0; finer < 2; finer++) {
        twin_fill(&t, 110, 2, 14, SY_WEIGHT_NONE, 21);
        sy_column column[4] = {t.column[0], t.column[1], t.column[2], t.cluster}, region = t.cluster;
        const sy_factor factor = {3, 1};
        const sy_term term[4] = {t.term[0], t.term[1], t.term[2], {"council", 1, &factor}};
        const int chosen[3] = {1, 2, 3};
        if (finer) {
            for (int i = 0; i < t.n; i++) t.other[i] = t.code[i] / 2;
            region = t.second;
        }
        t.design.cluster = &region;
        sy_design whole = t.design;
        sy_linear_model absorbing = t.model, having = t.model;
        whole.columns = column;
        whole.n_columns = whole.n_terms = 4;
        whole.terms = term;
        having.terms = chosen;
        having.n_terms = 3;
        absorbing.absorb = &t.cluster;
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
            double v[TWIN_P * TWIN_P], df[TWIN_P], w[40 * 40], dw[40];
            sy_context ctx;
            sy_linear_options o;
            int count[4], p = 0;
            sy_context_init(&ctx);
            sy_linear_defaults(&o);
            assert_true(sy_linear_columns(&ctx, &whole, &having, count, &p) >= 0 && p == 16);
            assert_true(sy_vcov(&ctx, &whole, &having, &o, kinds[k], NULL, w, dw) >= 0);
            assert_true(sy_vcov(&ctx, &t.design, &absorbing, &o, kinds[k], NULL, v, df) >= 0);
            for (int i = 0; i < 2; i++) {
                assert_near(df[i], dw[i + 1], 1e-9);
                for (int j = 0; j < 2; j++)
                    assert_true(fabs(v[i * 2 + j] - w[(i + 1) * p + j + 1]) <= 1e-11 * sqrt(w[p + 1] * w[2 * p + 2]));
            }
            sy_context_free(&ctx);
        }
    }
}

/* Covariance [p * p] and df behind it, the intercept's aside. */
static void assert_same_slopes(int p, const double *right, const double *found)
{
    for (int i = 1; i < p; i++) {
        assert_near(found[p * p + i], right[p * p + i], 1e-10);
        for (int j = 1; j < p; j++)
            assert_true(fabs(found[i * p + j] - right[i * p + j]) <=
                        1e-11 * sqrt(right[i * (p + 1)] * right[j * (p + 1)]));
    }
}

/* Nor do the slopes' numbers on the way: plain columns of a well-conditioned model,
 * or, a column moved by 1024 (exactly), columns turned twice. 1e-11: the condition,
 * 70, squared times 2^-53 is 5e-13. */
static void bits_do_not_depend_on_threads_or_width(void **state)
{
    enum { N = 70000, K = 24, P = K + 1 };
    double *x = malloc((K + 1) * N * sizeof *x);
    int32_t *code = malloc(N * sizeof *code);
    static char name[K + 1][8];
    static const char *level[40];
    static char level_name[40][8];
    sy_column column[K + 1];
    sy_factor factor[K + 1];
    sy_term term[K + 1];
    int chosen[K];
    syi_stream r;
    (void)state;
    syi_stream_init(&r, 1, 2, 3);
    for (int i = 0; i < (K + 1) * N; i++) x[i] = ldexp(floor(ldexp(syi_stream_uniform(&r), 30)), -30);
    for (int i = 0; i < N; i++) code[i] = (int32_t)syi_stream_below(&r, 40);
    for (int i = 0; i < 40; i++) {
        snprintf(level_name[i], sizeof level_name[i], "c%d", i);
        level[i] = level_name[i];
    }
    for (int c = 0; c <= K; c++) {
        snprintf(name[c], sizeof name[c], "x%d", c);
        column[c] = (sy_column){.name = name[c], .data = x + c * N, .stride = sizeof *x, .type = SY_F64};
        factor[c] = (sy_factor){c, 1};
        term[c] = (sy_term){name[c], 1, &factor[c]};
        if (c > 0) chosen[c - 1] = c;
    }
    const sy_column cluster = {
        .name = "council", .data = code, .stride = sizeof *code, .type = SY_CODES, .n_levels = 40, .levels = level};
    sy_design design = {
        .n = N, .n_columns = K + 1, .columns = column, .n_terms = K + 1, .terms = term, .cluster = &cluster};
    const sy_linear_model model = {.outcome = 0, .n_terms = K, .terms = chosen, .intercept = 1};
    static const sy_vcov_kind kinds[] = {SY_VCOV_HC3, SY_VCOV_CR1, SY_VCOV_CR2, SY_VCOV_CR3};
    const sy_column weights = {.name = "weight", .data = x + N, .stride = sizeof *x, .type = SY_F64};
    for (int k = 0; k < 8; k += 1 + (k == 3)) {
        double way_of[2][P * P + P], again[P * P + P];
        design.weights = k < 4 ? NULL : &weights;
        design.weight_kind = k < 4 ? SY_WEIGHT_NONE : SY_WEIGHT_ANALYTIC;
        for (int way = 0; way < 8; way++) {
            sy_context ctx;
            sy_linear_options o;
            sy_context_init(&ctx);
            sy_linear_defaults(&o);
            for (int i = 0; way == 4 && i < N; i++) x[2 * N + i] += 1024;
            ctx.threads = 1 + 3 * (way & 1);
            ctx.simd = way & 2 ? SYI_AVX2 : SYI_AVX512;
            assert_true(sy_vcov(&ctx, &design, &model, &o, kinds[k % 4], NULL, again, again + P * P) >= 0);
            if (way % 4 == 0) memcpy(way_of[way / 4], again, sizeof again);
            assert_memory_equal(way_of[way / 4], again, sizeof again);
            sy_context_free(&ctx);
        }
        for (int i = 0; i < N; i++) x[2 * N + i] -= 1024;
        assert_same_slopes(P, way_of[0], way_of[1]);
    }
    free(x);
    free(code);
}

/* y and x moved by 1e6: the slopes' errors stay, to the digits the moved data
 * have left (a move of 2^20 on data of 2^-20 steps is exact). */
static void shifts_leave_the_slopes_errors(void **state)
{
    static const sy_vcov_kind kinds[] = {SY_VCOV_HC3, SY_VCOV_CR1, SY_VCOV_CR2};
    static twin t, s;
    double v[TWIN_P * TWIN_P], u[TWIN_P * TWIN_P], df[TWIN_P];
    (void)state;
    twin_fill(&t, 100, 3, 9, SY_WEIGHT_NONE, 30);
    for (int c = 0; c <= 3; c++)
        for (int i = 0; i < t.n; i++) t.x[c][i] = ldexp(rint(ldexp(t.x[c][i], 20)), -20);
    s = t;
    twin_describe(&s, SY_WEIGHT_NONE);
    for (int c = 0; c <= 3; c++)
        for (int i = 0; i < t.n; i++) s.x[c][i] += 0x1p30;
    for (int k = 0; k < 3; k++) {
        twin_vcov(&t, kinds[k], NULL, v, df);
        twin_vcov(&s, kinds[k], NULL, u, df);
        for (int i = 1; i < t.p; i++)
            for (int j = 1; j < t.p; j++)
                assert_true(fabs(v[i * t.p + j] - u[i * t.p + j]) <= 1e-12 * sqrt(v[i * (t.p + 1)] * v[j * (t.p + 1)]));
    }
}

static sy_status job(void *arg, void *answer)
{
    const twin *t = arg;
    double *v = answer;
    sy_context ctx;
    sy_linear_options o;
    sy_context_init(&ctx);
    ctx.threads = 1;
    sy_linear_defaults(&o);
    const sy_status s = sy_vcov(&ctx, &t->design, &t->model, &o, SY_VCOV_CR2, &t->second, v, v + t->p * t->p);
    sy_context_free(&ctx);
    return s;
}

static void every_failed_allocation_is_reported(void **state)
{
    static twin t;
    (void)state;
    twin_fill(&t, 30, 1, 5, SY_WEIGHT_ANALYTIC, 2);
    assert_true(syi_survives_failing(job, &t, (4 + 2) * sizeof(double)) > 20);
}

static void refuse(const twin *t, sy_vcov_kind kind, const sy_column *second, sy_status code, const char *words)
{
    double v[TWIN_P * TWIN_P], df[TWIN_P];
    sy_context ctx;
    sy_linear_options o;
    sy_context_init(&ctx);
    sy_linear_defaults(&o);
    const sy_status s = sy_vcov(&ctx, &t->design, &t->model, &o, kind, second, v, df);
    if (s != code || !strstr(ctx.message, words)) fail_msg("status %d, %s", (int)s, ctx.message);
    sy_context_free(&ctx);
}

static void what_cannot_be_is_refused_in_words(void **state)
{
    static twin t;
    (void)state;
    twin_fill(&t, 40, 2, 5, SY_WEIGHT_SAMPLING, 6);
    refuse(&t, SY_VCOV_CLASSICAL, NULL, SY_EINVAL, "classical is not for sampling weights");
    refuse(&t, SY_VCOV_HC1, &t.second, SY_EINVAL, "needs a covariance of CR0 to CR3");
    refuse(&t, (sy_vcov_kind)99, NULL, SY_EINVAL, "covariance: 99");
    t.model.absorb = &t.cluster;
    refuse(&t, SY_VCOV_CR2, NULL, SY_EINVAL, "CR2 with weights and absorbed levels");
    twin_describe(&t, SY_WEIGHT_NONE);
    t.model.absorb = &t.second;
    refuse(&t, SY_VCOV_CR2, NULL, SY_EINVAL, "lies in more than one cluster of council");
    t.model.absorb = NULL;
    t.design.cluster = NULL;
    refuse(&t, SY_VCOV_CR1, NULL, SY_EINVAL, "cluster: none given");
    twin_describe(&t, SY_WEIGHT_NONE);
    t.other[7] = -1;
    refuse(&t, SY_VCOV_CR1, &t.second, SY_EDATA, "row 8 has no year");
    for (int i = 0; i < t.n; i++) t.code[i] = 3;
    refuse(&t, SY_VCOV_CR1, NULL, SY_EDATA, "only one");
}

static void few_clusters_and_few_df_are_remarked(void **state)
{
    static twin t;
    double v[TWIN_P * TWIN_P], df[TWIN_P];
    sy_context ctx;
    sy_linear_options o;
    (void)state;
    twin_fill(&t, 60, 2, 5, SY_WEIGHT_NONE, 7);
    sy_linear_defaults(&o);
    for (int k = 0; k < 2; k++) {
        sy_context_init(&ctx);
        assert_int_equal(sy_vcov(&ctx, &t.design, &t.model, &o, k ? SY_VCOV_CR2 : SY_VCOV_CR1, NULL, v, df),
                         SY_NOTE_FEW_CLUSTERS);
        assert_true(twin_remarked(&ctx, SY_NOTE_FEW_CLUSTERS));
        sy_context_free(&ctx);
    }
    assert_true(df[1] < 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_and_df_are_those_of_whole_matrices),
        cmocka_unit_test(stata_s_factors_are_on_cr0),
        cmocka_unit_test(a_cluster_a_row_is_hc),
        cmocka_unit_test(frequencies_are_repeated_rows),
        cmocka_unit_test(a_saturated_cluster_has_a_pseudo_inverse),
        cmocka_unit_test(two_ways_add_and_take_off),
        cmocka_unit_test(clusters_within_clusters_leave_the_coarser),
        cmocka_unit_test(absorbed_levels_are_levels_among_the_terms),
        cmocka_unit_test(bits_do_not_depend_on_threads_or_width),
        cmocka_unit_test(shifts_leave_the_slopes_errors),
        cmocka_unit_test(every_failed_allocation_is_reported),
        cmocka_unit_test(what_cannot_be_is_refused_in_words),
        cmocka_unit_test(few_clusters_and_few_df_are_remarked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
