/* Crossed models beside a dense twin in quadruple precision: V = I + Z T T' Z',
 * inverted as a whole.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "mixed_frame.h"
#include "models/mixed/lmm_crossed_internal.h"
#include <quadmath.h>

enum { ROWS = 90 };

typedef __float128 quad;

static mixed_frame m;

/* z [effects] of a row and the mode each belongs to, bar term by bar term. */
static int effects_of(const syi_bars *b, ptrdiff_t i, double *z, ptrdiff_t *mode, int *bar, int *which)
{
    double tile[32 * SYI_TILE];
    int32_t level[8 * SYI_TILE];
    int count = 0;
    syi_bars_tile(b, &i, 1, tile, level);
    for (int k = 0; k < b->n_bars; k++)
        for (int e = 0; e < b->bar[k].q; e++, count++) {
            z[count] = tile[count * SYI_TILE];
            mode[count] = b->bar[k].first_mode + (ptrdiff_t)level[b->bar[k].factor * SYI_TILE] * b->bar[k].q + e;
            bar[count] = k;
            which[count] = e;
        }
    return count;
}

static void cholesky(int n, quad *a)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++) {
            quad v = a[i * n + j];
            for (int k = 0; k < j; k++) v -= a[i * n + k] * a[j * n + k];
            a[i * n + j] = i == j ? sqrtq(v) : v / a[j * n + j];
        }
}

static quad forward(int n, const quad *l, quad *x)
{
    quad log_det = 0;
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < i; k++) x[i] -= l[i * n + k] * x[k];
        x[i] /= l[i * n + i];
        log_det += 2 * logq(l[i * n + i]);
    }
    return log_det;
}

/* The criterion of a linear mixed model whose fixed part is 1 and x, or 1. */
static quad twin(const syi_lmm *l, const double *theta)
{
    static quad v[ROWS * ROWS], x[3][ROWS];
    static double z[ROWS][32], t[8][64];
    static ptrdiff_t mode[ROWS][32];
    static int bar[ROWS][32], which[ROWS][32];
    const syi_bars *b = &l->rows->bars;
    const int n = (int)m.f.n, p = l->p, e = b->n_effects;
    for (int k = 0; k < b->n_bars; k++) syi_bar_factor(&b->bar[k], theta, t[k]);
    for (int i = 0; i < n; i++) effects_of(b, i, z[i], mode[i], bar[i], which[i]);
    quad sum_log_w = 0;
    for (int i = 0; i < n; i++) {
        const quad w = m.f.design.weights ? (quad)m.f.value[2][i] : 1;
        sum_log_w += logq(w);
        for (int j = 0; j <= i; j++) {
            quad sum = i == j ? 1 / w : 0;
            for (int g = 0; g < e; g++)
                for (int h = 0; h < e; h++) {
                    const int q = b->bar[bar[i][g]].q;
                    if (bar[i][g] != bar[j][h] || mode[i][g] - which[i][g] != mode[j][h] - which[j][h]) continue;
                    quad s = 0;
                    for (int c = 0; c < q; c++)
                        s += (quad)t[bar[i][g]][which[i][g] * q + c] * t[bar[i][g]][which[j][h] * q + c];
                    sum += z[i][g] * s * z[j][h];
                }
            v[i * n + j] = sum;
        }
        x[0][i] = 1;
        x[1][i] = m.f.value[1][i];
        x[p][i] = m.f.value[0][i];
    }
    cholesky(n, v);
    quad log_det = 0, inner[9], u[3];
    for (int c = 0; c <= p; c++) log_det = forward(n, v, x[c]);
    for (int a = 0; a < p; a++)
        for (int c = 0; c < p; c++) {
            inner[a * p + c] = 0;
            for (int i = 0; i < n; i++) inner[a * p + c] += x[a][i] * x[c][i];
        }
    quad rss = 0;
    for (int i = 0; i < n; i++) rss += x[p][i] * x[p][i];
    for (int a = 0; a < p; a++) {
        u[a] = 0;
        for (int i = 0; i < n; i++) u[a] += x[a][i] * x[p][i];
    }
    cholesky(p, inner);
    const quad log_det_x = forward(p, inner, u), df = l->reml ? n - p : n;
    for (int a = 0; a < p; a++) rss -= u[a] * u[a];
    /* V holds the weights: log|V| here is log|V| of the core less sum log w */
    return log_det + (l->reml ? log_det_x : 0) + df * (1 + logq(2 * M_PIq * rss / df));
}

static void hold(const double *theta, int reml)
{
    sy_context ctx;
    syi_lmm l;
    double gradient[16], moved[16];
    sy_context_init(&ctx);
    assert_true(syi_lmm_init(&ctx, &m.f.design, &m.model, reml, &l) >= 0);
    l.free_state(&l);
    assert_int_equal(syi_lmm_crossed(&ctx, l.rows, reml, &l), SY_OK);
    syi_lmm_value value = {.gradient = gradient};
    assert_int_equal(l.evaluate(&ctx, &l, theta, NULL, &value), SY_OK);
    near(value.criterion, (double)twin(&l, theta), 1e-13);
    memcpy(moved, theta, (size_t)l.n_theta * sizeof *moved);
    for (int k = 0; k < l.n_theta; k++) {
        const double h = 0x1p-30; /* the quotient's error: h^2 and 1e-33 / h */
        moved[k] = theta[k] + h;
        const quad up = twin(&l, moved);
        moved[k] = theta[k] - h;
        const quad down = twin(&l, moved);
        moved[k] = theta[k];
        const double expected = (double)((up - down) / (2 * (quad)h));
        if (fabs(gradient[k] - expected) > 1e-10 * (fabs(expected) + 1))
            fail_msg("theta %d: found %.17g, expected %.17g", k, gradient[k], expected);
    }
    syi_lmm_free(&l);
    sy_context_free(&ctx);
}

static void hold_both(const double *theta)
{
    hold(theta, 0);
    hold(theta, 1);
}

static void crossed_intercepts_agree(void **state)
{
    (void)state;
    mixed_sample(&m, ROWS, 12, 7, 4);
    mixed_fixed(&m, "y ~ x", "");
    mixed_bar(&m, "1", "a", 0);
    mixed_bar(&m, "1", "b", 0);
    mixed_bar(&m, "1", "c", 0);
    hold_both((double[]){0.8, 0.3, 1.4});
}

static void exact_zeros_have_derivatives(void **state)
{
    (void)state;
    mixed_sample(&m, ROWS, 12, 7, 4);
    mixed_fixed(&m, "y ~ x", "");
    mixed_bar(&m, "1", "a", 0);
    mixed_bar(&m, "1 + x", "b", 0);
    hold_both((double[]){0, 0, 0.3, 0});
    hold_both((double[]){0.5, 0.2, 0.3, 0});
    hold_both((double[]){0, 0, 0, 0});
}

static void slopes_on_crossed_factors_agree(void **state)
{
    (void)state;
    mixed_sample(&m, ROWS, 12, 7, 4);
    mixed_fixed(&m, "y ~ x", "");
    mixed_bar(&m, "1 + x", "a", 0);
    mixed_bar(&m, "1 + x", "b", 0);
    mixed_bar(&m, "1", "c", 0);
    hold_both((double[]){0.8, -0.3, 0.4, 0.6, 0.2, 0.5, 0.9});
}

static void two_bar_terms_on_a_factor_agree(void **state)
{
    (void)state;
    mixed_sample(&m, ROWS, 12, 7, 4);
    mixed_fixed(&m, "y ~ x", "");
    mixed_bar(&m, "1", "b", 0);
    mixed_bar(&m, "1", "a", 0);
    mixed_bar(&m, "0 + x", "b", 0);
    hold_both((double[]){0.8, 0.7, 0.4});
}

static void weights_agree(void **state)
{
    (void)state;
    mixed_sample(&m, ROWS, 12, 7, 4);
    mixed_fixed(&m, "y ~ x", "");
    mixed_bar(&m, "1 + x", "a", 0);
    mixed_bar(&m, "1 + x", "b", 1);
    m.f.design.weights = &m.f.columns[2];
    m.f.design.weight_kind = SY_WEIGHT_ANALYTIC;
    hold_both((double[]){0.8, 0.5, 0.3, 0.4, 0.7});
}

/* a in b in c, and d crossed with all of them */
static void nested_factors_agree(void **state)
{
    (void)state;
    mixed_sample(&m, ROWS, 24, 12, 6);
    const int d = frame_add(&m.f, "d", 1, 5);
    for (int i = 0; i < ROWS; i++) {
        m.f.code[d][i] = m.f.code[4][i] % 5;
        m.f.code[4][i] = m.f.code[3][i] / 2;
        m.f.code[5][i] = m.f.code[3][i] / 4;
    }
    mixed_fixed(&m, "y ~ x", "");
    mixed_bar(&m, "1", "c", 0);
    mixed_bar(&m, "1 + x", "a", 0);
    mixed_bar(&m, "1 + x", "b", 0);
    hold_both((double[]){0.8, 0.5, 0.3, 0.4, 0.7, -0.2, 0.6});
    mixed_bar(&m, "1 + x", "d", 0);
    hold_both((double[]){0.8, 0.5, 0.3, 0.4, 0.7, -0.2, 0.6, 0.4, 0.1, 0.3});
}

/* one factor needs no dense part but the fixed columns */
static void one_factor_agrees(void **state)
{
    (void)state;
    mixed_sample(&m, ROWS, 12, 7, 4);
    mixed_fixed(&m, "y ~ x", "");
    mixed_bar(&m, "1 + x", "a", 0);
    hold_both((double[]){0.8, 0.5, 0.3});
}

/* 30 + 40 dense columns: LAPACK's factor and inverse */
static void wide_dense_parts_agree(void **state)
{
    (void)state;
    mixed_sample(&m, ROWS, 45, 40, 30);
    mixed_fixed(&m, "y ~ x", "");
    mixed_bar(&m, "1", "a", 0);
    mixed_bar(&m, "1 + x", "b", 0);
    mixed_bar(&m, "1", "c", 0);
    hold_both((double[]){0.8, 0.5, 0.3, 0.4, 0.7});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crossed_intercepts_agree),
        cmocka_unit_test(exact_zeros_have_derivatives),
        cmocka_unit_test(slopes_on_crossed_factors_agree),
        cmocka_unit_test(two_bar_terms_on_a_factor_agree),
        cmocka_unit_test(weights_agree),
        cmocka_unit_test(nested_factors_agree),
        cmocka_unit_test(one_factor_agrees),
        cmocka_unit_test(wide_dense_parts_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
