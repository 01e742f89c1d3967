/* One grouping factor by its groups' moments beside two other ways to the same
 * numbers: block elimination (held to V itself in quadruple precision in
 * test_twin_mixed_crossed.c), and differences of exact gradients.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "mixed_frame.h"
#include "models/mixed/lmm_crossed_internal.h"
#include "models/mixed/lmm_parts_internal.h"

enum { P = 3, T = 6, MODES = 200 };

static mixed_frame m;
static double weight[FRAME_ROWS];
static const sy_column weight_column = {.name = "w", .data = weight, .stride = sizeof(double), .type = SY_F64};

typedef struct {
    double gradient[T], hessian[T * T], rss_gradient[T], slope[T * P * P], beta[P], inverse[P * P], modes[MODES],
        mode_variance[3 * MODES];
    syi_lmm_value v;
} outputs;

static void close(const char *what, double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("%s: found %.17g, expected %.17g", what, found, expected);
}

static void evaluate(sy_context *ctx, const syi_lmm *l, const double *theta, const unsigned char *fixed, outputs *o)
{
    o->v = (syi_lmm_value){.gradient = o->gradient,
                           .rss_gradient = o->rss_gradient,
                           .beta = o->beta,
                           .inverse = o->inverse,
                           .modes = o->modes,
                           .mode_variance = o->mode_variance};
    if (l->derivatives) {
        o->v.hessian = o->hessian;
        o->v.inverse_slope = o->slope;
    }
    assert_int_equal(l->evaluate(ctx, l, theta, fixed, &o->v), SY_OK);
}

static void both_ways_agree(sy_context *ctx, const syi_lmm *one, const syi_lmm *other, const double *theta,
                            const unsigned char *fixed)
{
    static outputs a, b;
    evaluate(ctx, one, theta, fixed, &a);
    evaluate(ctx, other, theta, fixed, &b);
    close("criterion", a.v.criterion, b.v.criterion, 1e-10 * fabs(b.v.criterion));
    close("rss", a.v.rss, b.v.rss, 1e-11 * b.v.rss);
    close("log |V|", a.v.log_det_v, b.v.log_det_v, 1e-10);
    close("log |X'V^-1X|", a.v.log_det_x, b.v.log_det_x, 1e-10);
    for (int i = 0; i < one->n_theta; i++) {
        close("gradient", a.gradient[i], b.gradient[i], 1e-8);
        close("gradient of rss", a.rss_gradient[i], b.rss_gradient[i], 1e-8 * b.v.rss);
    }
    for (int c = 0; c < P; c++) close("beta", a.beta[c], b.beta[c], 1e-10);
    for (int c = 0; c < P * P; c++) close("inverse", a.inverse[c], b.inverse[c], 1e-11);
    for (int k = 0; k < one->n_modes; k++) close("mode", a.modes[k], b.modes[k], 1e-10);
}

/* Second derivatives and those of (X'V^-1X)^-1, by central differences: h^2 is what they are off. */
static void derivatives_agree(sy_context *ctx, const syi_lmm *l, const double *theta)
{
    static outputs here, up, down;
    double at[T];
    evaluate(ctx, l, theta, NULL, &here);
    for (int i = 0; i < l->n_theta; i++) {
        const double h = 1e-5;
        memcpy(at, theta, sizeof at);
        at[i] = theta[i] + h;
        evaluate(ctx, l, at, NULL, &up);
        at[i] = theta[i] - h;
        evaluate(ctx, l, at, NULL, &down);
        close("gradient", here.gradient[i], (up.v.criterion - down.v.criterion) / (2 * h), 1e-5);
        for (int j = 0; j < l->n_theta; j++)
            close("second derivative", here.hessian[i * l->n_theta + j], (up.gradient[j] - down.gradient[j]) / (2 * h),
                  2e-6);
        for (int c = 0; c < P * P; c++)
            close("slope of the inverse", here.slope[i * P * P + c], (up.inverse[c] - down.inverse[c]) / (2 * h), 1e-8);
    }
}

/* Two thetas: one in the middle, one with a column of T that is zero. */
static void one_problem(int reml, int weighted, const char *bar, int diagonal, int second)
{
    static const double theta[2][T] = {{0.9, -0.3, 0.6, 0.4, 0.2, 0.7}, {0.8, 0.5, 0, 0.3, 0, 0.2}};
    static const unsigned char fixed[P] = {1, 0, 1};
    sy_context ctx;
    syi_lmm one = {.p = 0}, other = {.p = 0};
    sy_context_init(&ctx);
    ctx.threads = 1;
    mixed_sample(&m, 120, 9, 4, 3);
    for (int i = 0; i < m.f.n; i++) weight[i] = 0.5 + i % 4;
    mixed_fixed(&m, "y ~ x + w", "x^2");
    mixed_bar(&m, bar, "a", diagonal);
    if (second) mixed_bar(&m, "0 + w", "a", 0);
    if (weighted) {
        m.f.design.weights = &weight_column;
        m.f.design.weight_kind = SY_WEIGHT_ANALYTIC;
    }
    assert_true(syi_lmm_init(&ctx, &m.f.design, &m.model, reml, &one) >= 0);
    assert_true(syi_lmm_init(&ctx, &m.f.design, &m.model, reml, &other) >= 0);
    other.free_state(&other);
    assert_true(syi_lmm_crossed(&ctx, other.rows, reml, &other) >= 0);
    for (int k = 0; k < 2; k++) {
        both_ways_agree(&ctx, &one, &other, theta[k], NULL);
        both_ways_agree(&ctx, &one, &other, theta[k], fixed);
        derivatives_agree(&ctx, &one, theta[k]);
    }
    syi_lmm_free(&one);
    syi_lmm_free(&other);
    sy_context_free(&ctx);
}

static void moments_and_block_elimination_agree(void **state)
{
    (void)state;
    for (int k = 0; k < 4; k++) {
        one_problem(k & 1, k >> 1, "1", 0, 0);
        one_problem(k & 1, k >> 1, "1 + x", 0, 0);
        one_problem(k & 1, k >> 1, "1 + x", 1, 0);
        one_problem(k & 1, k >> 1, "0 + x", 0, 0);
        one_problem(k & 1, k >> 1, "1 + x", 0, 1);
        one_problem(k & 1, k >> 1, "1 + x + x^2", 0, 0);
    }
}

/* What Kenward and Roger's approximation reads, by groups and densely; up to the basis, which only turns the columns.
 */
static void parts_by_groups_and_dense_ones_agree(void **state)
{
    static const double theta[T] = {0.9, -0.3, 0.6};
    sy_context ctx;
    syi_lmm l;
    syi_lmm_parts a, b;
    (void)state;
    sy_context_init(&ctx);
    mixed_sample(&m, 120, 9, 4, 3);
    mixed_fixed(&m, "y ~ x + w", "");
    mixed_bar(&m, "1 + x", "a", 0);
    assert_true(syi_lmm_init(&ctx, &m.f.design, &m.model, 1, &l) >= 0);
    assert_int_equal(syi_lmm_parts_init(&ctx, &l, theta, &a), SY_OK);
    assert_int_equal(syi_lmm_parts_init(&ctx, &l, theta, &b), SY_OK);
    for (int i = 0; i < 9 * P * P; i++) b.q[i] = i < 3 * P * P ? (b.m[i] = 0) : 0;
    for (int i = 0; i < 3; i++) b.first[i] = 0;
    assert_int_equal(syi_lmm_parts_dense(&ctx, &l, theta, &b), SY_OK);
    assert_int_equal(a.n, 3);
    for (int i = 0; i < P * P; i++) close("basis", a.basis[i], b.basis[i], 1e-11);
    for (int i = 0; i < 3; i++) close("tr E H", a.first[i], b.first[i], 1e-9 * fabs(b.first[i]));
    for (int i = 0; i < 9; i++) close("tr E H E H", a.second[i], b.second[i], 1e-9 * fabs(b.second[i]) + 1e-9);
    for (int i = 0; i < 3 * P * P; i++) close("M", a.m[i], b.m[i], 1e-10);
    for (int i = 0; i < 9 * P * P; i++) close("Q", a.q[i], b.q[i], 1e-9);
    syi_lmm_parts_free(&a);
    syi_lmm_parts_free(&b);
    syi_lmm_free(&l);
    sy_context_free(&ctx);
}

/* The single pass over plain columns beside the general way, which an offset of zeros asks for; sorted groups and
 * scattered ones, values far from zero. A missing value sends the first the general way too. */
static void one_pass_and_the_general_way_agree(void **state)
{
    static double zero[FRAME_ROWS];
    static const sy_column offset = {.name = "o", .data = zero, .stride = sizeof(double), .type = SY_F64};
    sy_context ctx;
    (void)state;
    sy_context_init(&ctx);
    for (int k = 0; k < 3; k++) {
        double b[2][P], theta[2];
        sy_mixed_summary s[2];
        mixed_sample(&m, 3000, 40, 4, 3);
        for (int i = 0; i < m.f.n; i++) {
            if (k == 1) m.f.code[3][i] = i / 75;
            m.f.value[1][i] += 1e6;
        }
        if (k == 2) m.f.value[1][2900] = NAN;
        mixed_fixed(&m, "y ~ x + w", "");
        mixed_bar(&m, "1", "a", 0);
        for (int way = 0; way < 2; way++) {
            const sy_mixed_fit fit = {.estimate = b[way], .theta = &theta[way]};
            m.model.response.offset = way ? &offset : NULL;
            assert_true(sy_mixed(&ctx, &m.f.design, &m.model, NULL, &s[way], &fit) >= 0);
        }
        assert_true(s[0].n == s[1].n && s[0].rows_dropped == s[1].rows_dropped && s[0].n == 3000 - (k == 2));
        close("criterion", s[0].criterion, s[1].criterion, 1e-10 * fabs(s[1].criterion));
        close("theta", theta[0], theta[1], 1e-10);
        close("slope", b[0][1], b[1][1], 1e-11);
        close("intercept", b[0][0], b[1][0], 1e-11 * fabs(b[1][0]));
    }
    sy_context_free(&ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_and_block_elimination_agree),
        cmocka_unit_test(one_pass_and_the_general_way_agree),
        cmocka_unit_test(parts_by_groups_and_dense_ones_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
