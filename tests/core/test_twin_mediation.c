/* Mediation by its definition: own least squares by Gauss-Jordan in long double, then
 * the average of predicted outcomes over all rows' confounders and all residuals,
 * pairs of residuals of two rows where blocks are drawn apart.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "mediation_problem.h"

enum { MOST = 24 };

static mediation_problem p;
static double weight[MEDIATION_ROWS];

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("%.17g, expected %.17g within %g", found, expected, tolerance);
}

typedef long double real;
typedef struct {
    real b[MOST];
} model;

/* x(i, out) gives k columns of row i. */
static model regress(int k, void (*x)(int i, real *out), const double *y)
{
    real a[MOST][MOST + 1] = {{0}}, v[MOST];
    model m = {{0}};
    for (int i = 0; i < p.n; i++) {
        x(i, v);
        for (int r = 0; r < k; r++) {
            for (int c = 0; c < k; c++) a[r][c] += weight[i] * v[r] * v[c];
            a[r][k] += weight[i] * v[r] * y[i];
        }
    }
    for (int r = 0; r < k; r++) {
        int best = r;
        for (int q = r; q < k; q++)
            if (fabsl(a[q][r]) > fabsl(a[best][r])) best = q;
        for (int c = 0; c <= k; c++) {
            const real was = a[r][c];
            a[r][c] = a[best][c];
            a[best][c] = was;
        }
        for (int q = 0; q < k; q++) {
            if (q == r) continue;
            const real f = a[q][r] / a[r][r];
            for (int c = r; c <= k; c++) a[q][c] -= f * a[r][c];
        }
    }
    for (int r = 0; r < k; r++) m.b[r] = a[r][k] / a[r][r];
    return m;
}

static int of_confounders(int i, real treated, real *out)
{
    out[0] = 1;
    out[1] = treated;
    out[2] = p.need[i];
    out[3] = p.region[i] == 1;
    out[4] = p.region[i] == 2;
    return 5;
}
static void of_mediator(int i, real *out)
{
    of_confounders(i, p.kind[i], out);
}
static int of_all(int i, real treated, const real *m, real *out)
{
    int k = of_confounders(i, treated, out);
    for (int j = 0; j < 3; j++) out[k++] = m[j];
    for (int j = 0; j < 3; j++) out[k++] = treated * m[j];
    out[k++] = m[0] * m[1];
    out[k++] = m[0] * m[2];
    return k;
}
static void of_outcome(int i, real *out)
{
    const real m[3] = {p.m[0][i], p.m[1][i], p.m[2][i]};
    of_all(i, p.kind[i], m, out);
}

typedef struct {
    model y, m[3];
    real residual[3][MEDIATION_ROWS];
} fitted;

static fitted fit(void)
{
    fitted f;
    real v[MOST];
    f.y = regress(13, of_outcome, p.y);
    for (int j = 0; j < 3; j++) {
        f.m[j] = regress(5, of_mediator, p.m[j]);
        for (int i = 0; i < p.n; i++) {
            of_mediator(i, v);
            f.residual[j][i] = p.m[j][i];
            for (int k = 0; k < 5; k++) f.residual[j][i] -= f.m[j].b[k] * v[k];
        }
    }
    return f;
}

/* E Y with treatment t, funding as at a, process as at b; together: drawn from the
 * same row, else from two. */
static real mean_outcome(const fitted *f, int t, int a, int b, int together)
{
    real sum = 0, all = 0, v[MOST];
    for (int i = 0; i < p.n; i++) {
        real mean[3];
        for (int j = 0; j < 3; j++) {
            of_confounders(i, j == 0 ? a : b, v);
            mean[j] = 0;
            for (int k = 0; k < 5; k++) mean[j] += f->m[j].b[k] * v[k];
        }
        for (int s = 0; s < p.n; s++) {
            if (p.kind[s] != a) continue;
            for (int r = together ? s : 0; r < (together ? s + 1 : p.n); r++) {
                if (p.kind[r] != b) continue;
                const real m[3] = {mean[0] + f->residual[0][s], mean[1] + f->residual[1][r],
                                   mean[2] + f->residual[2][r]};
                const real w = weight[i] * weight[s] * (together ? 1 : weight[r]);
                const int k = of_all(i, t, m, v);
                for (int c = 0; c < k; c++) sum += w * f->y.b[c] * v[c];
                all += w;
            }
        }
    }
    return sum / all;
}

static void by_definition(double effect[5])
{
    const fitted f = fit();
    const real joint0 = mean_outcome(&f, 1, 0, 0, 1), apart0 = mean_outcome(&f, 1, 0, 0, 0);
    const real joint1 = mean_outcome(&f, 1, 1, 1, 1), apart1 = mean_outcome(&f, 1, 1, 1, 0);
    const real between = mean_outcome(&f, 1, 1, 0, 0), nothing = mean_outcome(&f, 0, 0, 0, 1);
    effect[0] = (double)(joint0 - nothing);
    effect[1] = (double)(between - apart0);
    effect[2] = (double)(apart1 - between);
    effect[3] = (double)((joint1 - apart1) - (joint0 - apart0));
    effect[4] = (double)(joint1 - nothing);
}

static sy_mediation_result asked(void)
{
    sy_mediation_result r;
    sy_context ctx;
    sy_context_init(&ctx);
    if (sy_mediation(&ctx, &p.design, &p.q, &r) < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
    return r;
}

/* 50 rows: 50^3 predictions. Effects of about one, columns of condition 1e3. */
static void effects_are_their_definition(void **state)
{
    (void)state;
    for (int weighted = 0; weighted < 2; weighted++) {
        mediation_fill(&p, 50, 21);
        for (int i = 0; i < p.n; i++) weight[i] = weighted ? p.w[i] : 1;
        if (weighted) {
            p.design.weights = &p.weights;
            p.design.weight_kind = SY_WEIGHT_SAMPLING;
        }
        double expected[5];
        by_definition(expected);
        sy_mediation_result r = asked();
        for (int k = 0; k < 5; k++) assert_near(r.estimate[k], expected[k], 1e-11);
        assert_true(fabs(expected[3]) > 1e-3);
        sy_mediation_free(&r);
    }
}

/* A row's influence is the derivative by its weight: the variance of 36 rows by
 * central differences of the twin's effects against the core's. Differences of
 * 1e-4 leave 1e-8 of the derivative. */
static void influence_is_the_derivative_by_weight(void **state)
{
    (void)state;
    enum { ROWS = 36 };
    const double step = 1e-4;
    static double moved[ROWS][5];
    double up[5], down[5], covariance[5][5] = {{0}};
    mediation_fill(&p, ROWS, 22);
    for (int i = 0; i < ROWS; i++) weight[i] = 1;
    for (int i = 0; i < ROWS; i++) {
        weight[i] = 1 + step;
        by_definition(up);
        weight[i] = 1 - step;
        by_definition(down);
        weight[i] = 1;
        for (int k = 0; k < 5; k++) moved[i][k] = (up[k] - down[k]) / (2 * step);
    }
    for (int a = 0; a < 5; a++)
        for (int b = 0; b < 5; b++)
            for (int i = 0; i < ROWS; i++) covariance[a][b] += (double)ROWS / (ROWS - 1) * moved[i][a] * moved[i][b];
    p.q.interval = SY_INTERVAL_INFLUENCE;
    sy_mediation_result r = asked();
    for (int a = 0; a < 5; a++)
        for (int b = 0; b < 5; b++)
            assert_near(r.covariance[a * 6 + b], covariance[a][b], 1e-6 * sqrt(covariance[a][a] * covariance[b][b]));
    sy_mediation_free(&r);
}

/* Leaving out each cluster: the twin's effects of the rows without it. */
static void jackknife_is_the_rows_without_each_cluster(void **state)
{
    (void)state;
    double whole[5], without[5], variance[5] = {0};
    mediation_fill(&p, 60, 23);
    p.design.cluster = &p.clusters;
    p.q.interval = SY_INTERVAL_JACKKNIFE;
    for (int i = 0; i < p.n; i++) weight[i] = 1;
    by_definition(whole);
    for (int g = 0; g < MEDIATION_CLUSTERS; g++) {
        for (int i = 0; i < p.n; i++) weight[i] = p.cluster[i] != g;
        by_definition(without);
        for (int k = 0; k < 5; k++)
            variance[k] +=
                (MEDIATION_CLUSTERS - 1.0) / MEDIATION_CLUSTERS * (without[k] - whole[k]) * (without[k] - whole[k]);
    }
    sy_mediation_result r = asked();
    for (int k = 0; k < 5; k++) assert_near(r.std_error[k], sqrt(variance[k]), 1e-10);
    sy_mediation_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(effects_are_their_definition),
        cmocka_unit_test(influence_is_the_derivative_by_weight),
        cmocka_unit_test(jackknife_is_the_rows_without_each_cluster),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
