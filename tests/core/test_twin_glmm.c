/* Marginal log-likelihoods of mixed models against a twin in quadruple
 * precision that takes the definition literally: densities as they are
 * written in books, their derivatives by differences, modes by Newton's
 * method on all effects at once, dense factors, and the integral itself by the
 * trapezoidal rule.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "glmm_problem.h"

#include "algebra/hermite_internal.h"
#include "models/mixed/glmm_internal.h"
#include <quadmath.h>

typedef __float128 quad;
enum { ROWS = 56, EFFECTS = 40, PARAMETERS = 16 };

static glmm g;
static syi_glmm_problem p;

/* ---- the twin: rows as the design has them */

static quad cdf(sy_link link, quad x)
{
    if (link == SY_LINK_PROBIT) return erfcq(-x / sqrtq(2)) / 2;
    if (link == SY_LINK_CLOGLOG) return -expm1q(-expq(x));
    return 1 / (1 + expq(-x));
}

/* log density of row i at predictor e */
static quad log_density(int i, quad e, const quad *par)
{
    const frame *f = &g.m.f;
    const quad y = f->value[0][i];
    if (p.kind == SY_RESPONSE_ORDINAL) {
        const int l = f->code[0][i], top = p.n_levels - 1;
        const quad up = l < top ? cdf(p.link, par[l] - e) : 1, low = l > 0 ? cdf(p.link, par[l - 1] - e) : 0;
        return logq(up - low);
    }
    if (p.kind == SY_RESPONSE_BINARY) return logq(y > 0 ? cdf(p.link, e) : 1 - cdf(p.link, e));
    if (p.kind == SY_RESPONSE_POISSON) return y * e - expq(e) - lgammaq(y + 1);
    const quad t = expq(par[p.spread]), mu = expq(e);
    return lgammaq(y + t) - lgammaq(t) - lgammaq(y + 1) + t * logq(t / (mu + t)) + y * logq(mu / (mu + t));
}

static quad fixed_part(int i, const quad *par)
{
    const quad x = ((quad)g.m.f.value[1][i] - p.rows.centre[p.p - 1]) / p.rows.scale[p.p - 1];
    return p.kind == SY_RESPONSE_ORDINAL ? par[p.n_thresholds] * x : par[0] + par[1] * x;
}

/* The effects that row i has: their places among all, and zeta. */
static int row_effects(int i, const quad *par, int *place, quad *zeta)
{
    int n = 0, first = 0;
    for (int k = 0; k < p.bars.n_bars; k++) {
        const syi_bar *bar = &p.bars.bar[k];
        const syi_glmm_factor *o = &p.factor[p.place[bar->factor]];
        const syi_grouping *group = &p.bars.factor[bar->factor];
        const int level = group->position[g.m.f.code[k == 0 ? 3 : 4][i]];
        for (int b = 0; b < bar->q; b++) {
            zeta[n] = 0;
            for (int a = b; a < bar->q; a++) {
                const quad z = (a == 1 ? (quad)g.m.f.value[1][i] : 1) / o->unit[a];
                const int at = syi_bar_theta(bar, a, b);
                if (at >= 0) zeta[n] += par[p.k + at] * z;
            }
            place[n++] = first + level * bar->q + b;
        }
        first += group->n_levels * bar->q;
    }
    return n;
}

static int choleskyq(int n, quad *a)
{
    for (int j = 0; j < n; j++)
        for (int i = j; i < n; i++) {
            quad s = a[i * EFFECTS + j];
            for (int k = 0; k < j; k++) s -= a[i * EFFECTS + k] * a[j * EFFECTS + k];
            if (i == j && !(s > 0)) return 0;
            a[i * EFFECTS + j] = i == j ? sqrtq(s) : s / a[j * EFFECTS + j];
        }
    return 1;
}

static void solve_lower(int n, const quad *l, quad *x)
{
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < i; k++) x[i] -= l[i * EFFECTS + k] * x[k];
        x[i] /= l[i * EFFECTS + i];
    }
}

static void solve_upper(int n, const quad *l, quad *x)
{
    for (int i = n - 1; i >= 0; i--) {
        for (int k = i + 1; k < n; k++) x[i] -= l[k * EFFECTS + i] * x[k];
        x[i] /= l[i * EFFECTS + i];
    }
}

/* h(u) over the rows whose first effect lies in from .. next - 1 (all rows for several factors), derivatives if wanted.
 */
static quad joint(const quad *par, int from, int next, const quad *u, quad *force, quad *d)
{
    const quad step = 1e-5Q;
    quad h = 0;
    for (int m = from; m < next; m++) {
        h -= u[m] * u[m] / 2;
        if (force) force[m - from] = -u[m];
        for (int o = from; d && o < next; o++) d[(m - from) * EFFECTS + o - from] = m == o;
    }
    for (int i = 0; i < g.m.f.n; i++) {
        int place[4] = {0};
        quad zeta[4], e = fixed_part(i, par), l[5];
        const int n = row_effects(i, par, place, zeta);
        if (place[0] < from || place[0] >= next) continue;
        for (int j = 0; j < n; j++) e += zeta[j] * u[place[j]];
        for (int j = 0; j < 5; j++)
            if (j == 2 || force) l[j] = log_density(i, e + (j - 2) * step, par);
        h += l[2];
        if (!force) continue;
        const quad slope = (8 * (l[3] - l[1]) - (l[4] - l[0])) / (12 * step),
                   curve = (16 * (l[3] + l[1]) - (l[4] + l[0]) - 30 * l[2]) / (12 * step * step);
        for (int j = 0; j < n; j++) {
            force[place[j] - from] += slope * zeta[j];
            for (int k = 0; k < n; k++) d[(place[j] - from) * EFFECTS + place[k] - from] -= curve * zeta[j] * zeta[k];
        }
    }
    return h;
}

/* The log of the integral over effects from .. next - 1: by the rule of `nodes` points about the mode. */
static quad integral(const quad *par, int from, int next, int nodes, quad *u)
{
    static quad d[EFFECTS * EFFECTS];
    quad force[EFFECTS], log_det = 0, at[EFFECTS], sum = 0;
    double x[SYI_HERMITE_MOST], share[SYI_HERMITE_MOST];
    const int q = next - from;
    for (int i = 0; i < 60; i++) {
        quad most = 0;
        joint(par, from, next, u, force, d);
        assert_true(choleskyq(q, d));
        solve_lower(q, d, force);
        solve_upper(q, d, force);
        for (int m = 0; m < q; m++) {
            u[from + m] += force[m];
            most = fmaxq(most, fabsq(force[m]));
        }
        if (most < 1e-18Q) break;
    }
    const quad h = joint(par, from, next, u, force, d);
    assert_true(choleskyq(q, d));
    for (int m = 0; m < q; m++) log_det += 2 * logq(d[m * EFFECTS + m]);
    if (nodes == 1) return h - log_det / 2;
    syi_hermite(nodes, x, share);
    for (int k = 0; k < (q == 2 ? nodes * nodes : nodes); k++) {
        quad s[2] = {sqrtq(2) * x[k % nodes], sqrtq(2) * x[k / nodes % nodes]}, weight = 1;
        for (int b = 0; b < q; b++) weight *= share[b ? k / nodes : k % nodes] / sqrtq(M_PIq);
        solve_upper(q, d, s);
        memcpy(at, u, sizeof at);
        for (int b = 0; b < q; b++) at[from + b] += s[b];
        sum += weight * expq(joint(par, from, next, at, NULL, NULL) - h);
    }
    return h + logq(sum) - log_det / 2;
}

static quad twin(const quad *par, quad *u)
{
    quad sum = 0;
    const int q = p.factor[0].q;
    if (p.n_factors > 1) return integral(par, 0, (int)p.bars.n_modes, 1, u);
    for (int l = 0; l < p.factor[0].n_levels; l++) sum += integral(par, l * q, (l + 1) * q, p.nodes, u);
    return sum;
}

/* ---- cases */

static const int few[3] = {5, 4, 2};

static void open_case(sy_response_kind kind, sy_link link, const char *bar, int crossed, int nodes, uint64_t seed)
{
    sy_context_init(&g.ctx);
    glmm_sample(&g, kind, ROWS, few, .7, seed);
    glmm_model(&g, "y ~ x", "", kind, link);
    mixed_bar(&g.m, bar, "a", 0);
    if (crossed) mixed_bar(&g.m, "1", "b", 0);
    g.options.nodes = nodes;
    if (syi_glmm_open(&g.ctx, &g.m.f.design, &g.m.model, &g.options, &p) < 0) fail_msg("%s", g.ctx.message);
    assert_true(p.dim <= PARAMETERS && p.bars.n_modes <= EFFECTS);
}

static void close_case(void)
{
    syi_glmm_free(&p);
    sy_context_free(&g.ctx);
}

/* Some way off the optimum. */
static void draw_parameters(double *par, uint64_t seed)
{
    for (int j = 0; j < p.dim; j++) par[j] = .3 + .5 * glmm_uniform(&seed);
    for (int j = 0; j < p.n_thresholds; j++) par[j] = 1.1 * j - 1.2;
}

/* Value to 1e-13 of the sum of n terms; gradient to 1e-10 of the largest, of which 1e-12 are the twin's differences. */
static void hold_to_twin(const char *what)
{
    double par[PARAMETERS], gradient[PARAMETERS], value, largest = 0;
    quad exact[PARAMETERS], u[EFFECTS] = {0}, slope[PARAMETERS];
    draw_parameters(par, 3);
    assert_true(syi_glmm_value(&g.ctx, &p, par, &value, gradient) >= 0);
    for (int j = 0; j < p.dim; j++) exact[j] = par[j];
    const quad expected = twin(exact, u);
    if (!(fabsq(value - expected) <= 1e-13Q * fabsq(expected)))
        fail_msg("%s: %.17g instead of %.17g", what, value, (double)expected);
    for (int j = 0; j < p.dim; j++) {
        static const double weight[] = {45. / 60, -9. / 60, 1. / 60};
        slope[j] = 0;
        for (int s = 1; s <= 3; s++) {
            exact[j] = par[j] + s * 1e-3Q;
            const quad above = twin(exact, u);
            exact[j] = par[j] - s * 1e-3Q;
            slope[j] += weight[s - 1] * (above - twin(exact, u)) / 1e-3Q;
        }
        exact[j] = par[j];
        largest = fmax(largest, fabs((double)slope[j]));
    }
    for (int j = 0; j < p.dim; j++)
        if (!(fabs(gradient[j] - (double)slope[j]) <= 1e-10 * largest))
            fail_msg("%s, derivative %d: %.17g instead of %.17g", what, j, gradient[j], (double)slope[j]);
}

static const struct {
    sy_response_kind kind;
    sy_link link;
    const char *name;
} kinds[] = {{SY_RESPONSE_BINARY, SY_LINK_LOGIT, "binary logit"},
             {SY_RESPONSE_BINARY, SY_LINK_PROBIT, "binary probit"},
             {SY_RESPONSE_BINARY, SY_LINK_CLOGLOG, "binary cloglog"},
             {SY_RESPONSE_POISSON, SY_LINK_LOG, "Poisson"},
             {SY_RESPONSE_NEGATIVE_BINOMIAL, SY_LINK_LOG, "negative binomial"},
             {SY_RESPONSE_ORDINAL, SY_LINK_LOGIT, "ordinal logit"},
             {SY_RESPONSE_ORDINAL, SY_LINK_PROBIT, "ordinal probit"},
             {SY_RESPONSE_ORDINAL, SY_LINK_CLOGLOG, "ordinal cloglog"}};

static void laplace_and_its_gradient_are_the_twins(void **state)
{
    (void)state;
    for (int c = 0; c < 8; c++) {
        open_case(kinds[c].kind, kinds[c].link, c % 2 ? "1" : "1 + x", 0, 1, 7 + (uint64_t)c);
        hold_to_twin(kinds[c].name);
        close_case();
    }
}

static void quadrature_and_its_gradient_are_the_twins(void **state)
{
    (void)state;
    for (int c = 0; c < 8; c++) {
        open_case(kinds[c].kind, kinds[c].link, c % 2 ? "1 + x" : "1", 0, c % 2 ? 3 : 6, 17 + (uint64_t)c);
        hold_to_twin(kinds[c].name);
        close_case();
    }
}

static void several_factors_are_the_twins(void **state)
{
    (void)state;
    for (int c = 0; c < 8; c += 1 + (c == 0)) {
        open_case(kinds[c].kind, kinds[c].link, c % 2 ? "1" : "1 + x", 1, 1, 27 + (uint64_t)c);
        hold_to_twin(kinds[c].name);
        close_case();
    }
}

/* The trapezoidal rule over the effect of each level, from -9 to 9: its error is below 1e-15 for such smooth
 * integrands. */
static quad whole_integral(const quad *par)
{
    quad sum = 0, u[EFFECTS] = {0};
    for (int l = 0; l < p.factor[0].n_levels; l++) {
        quad level = 0;
        for (int k = -90; k <= 90; k++) {
            u[l] = k * .1Q;
            level += expq(joint(par, l, l + 1, u, NULL, NULL));
        }
        u[l] = 0;
        sum += logq(level * .1Q / sqrtq(2 * M_PIq));
    }
    return sum;
}

/* 40 points leave 1e-11 of an integral over about 13 rows a level. */
static void many_nodes_are_the_integral(void **state)
{
    (void)state;
    static const int some[] = {0, 3, 5};
    for (int c = 0; c < 3; c++) {
        double par[PARAMETERS], value;
        quad exact[PARAMETERS];
        open_case(kinds[some[c]].kind, kinds[some[c]].link, "1", 0, 40, 37);
        draw_parameters(par, 5);
        for (int j = 0; j < p.dim; j++) exact[j] = par[j];
        assert_true(syi_glmm_value(&g.ctx, &p, par, &value, NULL) >= 0);
        const double expected = (double)whole_integral(exact);
        if (!(fabs(value - expected) <= 1e-11 * fabs(expected)))
            fail_msg("%s: %.17g instead of %.17g", kinds[some[c]].name, value, expected);
        close_case();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(laplace_and_its_gradient_are_the_twins),
        cmocka_unit_test(quadrature_and_its_gradient_are_the_twins),
        cmocka_unit_test(several_factors_are_the_twins),
        cmocka_unit_test(many_nodes_are_the_integral),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
