/* SPDX-License-Identifier: GPL-3.0-only
 * The order-free gap a second time, slowly: models by sy_response of the rows of a
 * group alone, columns less their means by hand, the groups (equally
 * large) matched one to one by rank of the pooled index, every order of the players
 * gone through. 1e-8: models stop at a relative step of 1e-10, from other columns. */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "gap_answers.h"

enum { MOST_ROWS = 400, MOST_K = 12 };

typedef struct {
    double constant[4], slope[MOST_K];
} coefficients;

static void raw_columns(ptrdiff_t i, double *x)
{
    x[0] = f.value[frame_column(&f, "need")][i];
    x[1] = f.value[frame_column(&f, "heard")][i];
    for (int l = 0; l < 3; l++) x[2 + l] = f.code[frame_column(&f, "plan")][i] == l;
}

/* Means over all rows of both groups. */
static void find_means(double *mean)
{
    double x[5];
    for (int j = 0; j < 5; j++) mean[j] = 0;
    for (ptrdiff_t i = 0; i < f.n; i++) {
        raw_columns(i, x);
        for (int j = 0; j < 5; j++) mean[j] += x[j] / (double)f.n;
    }
}

/* x of row i: need, heard and the three levels of plan, less their means. */
static void columns(ptrdiff_t i, double *x)
{
    double mean[5];
    raw_columns(i, x);
    find_means(mean);
    for (int j = 0; j < 5; j++) x[j] -= mean[j];
}

/* The model of rows whose weight is 1, "y ~ need + heard + plan [+ gift]". */
static void fit_rows(const sy_gap_response_question *q, int group, int with_group, coefficients *c)
{
    static frame g;
    sy_context ctx;
    sy_response_summary s;
    double estimate[MOST_K];
    int aliased[MOST_K], at = 0, terms[4] = {1, 2, 3, 4};
    g = f;
    for (ptrdiff_t i = 0; i < f.n; i++) {
        const int own = f.code[frame_column(&f, "gift")][i];
        if (group >= 0 && own != group) continue;
        for (int p = 0; p < f.p; p++) {
            g.value[p][at] = f.value[p][i];
            g.code[p][at] = f.code[p][i];
        }
        g.value[frame_column(&f, "times")][at++] = own ? -0.5 : 0.5;
    }
    g.n = at;
    char formula[100];
    snprintf(formula, sizeof formula, "%s ~ need + heard + plan + times", f.label[0]);
    frame_model(&g, formula);
    sy_response_model m = q->model;
    m.columns = g.model;
    m.columns.terms = terms;
    m.columns.n_terms = 3 + with_group;
    sy_context_init(&ctx);
    const sy_response_fit fit = {.estimate = estimate, .aliased = aliased};
    assert_true(sy_response(&ctx, &g.design, &m, NULL, &s, &fit) >= 0);
    sy_context_free(&ctx);
    const int ordinal = m.kind == SY_RESPONSE_ORDINAL, curves = ordinal ? 3 : 1;
    const double *b = estimate + curves, mean = (b[2] + b[3]) / 3;
    c->slope[0] = b[0];
    c->slope[1] = b[1];
    for (int l = 0; l < 3; l++) c->slope[2 + l] = (l ? b[1 + l] : 0) - mean;
    double at_means[5], shift = mean;
    find_means(at_means);
    for (int j = 0; j < 5; j++) shift += c->slope[j] * at_means[j];
    for (int j = 0; j < curves; j++) c->constant[j] = estimate[j] + (ordinal ? -shift : shift);
}

static double curve(const sy_gap_response_question *q, double constant, double index)
{
    const double z = q->model.kind == SY_RESPONSE_ORDINAL ? constant - index : constant + index;
    if (q->model.link == SY_LINK_PROBIT) return 0.5 * erfc(-z * sqrt(0.5));
    if (q->model.link == SY_LINK_CLOGLOG) return -expm1(-exp(z));
    return 1 / (1 + exp(-z));
}

static const int first_of[4] = {0, 1, 2, 5}; /* columns of the three blocks */

typedef struct {
    const sy_gap_response_question *q;
    const coefficients *c[2];
    int n, curve;
    double x[2][MOST_ROWS][5];
} matched;

/* v of a set: bits 0 to 2 columns, 3 to 5 coefficients, 6 the constant of the first group. */
static double mean_of(const matched *m, int set)
{
    double sum = 0;
    for (int i = 0; i < m->n; i++) {
        double index = 0;
        for (int k = 0; k < 3; k++)
            for (int j = first_of[k]; j < first_of[k + 1]; j++)
                index += m->x[!(set >> k & 1)][i][j] * m->c[!(set >> (3 + k) & 1)]->slope[j];
        sum += curve(m->q, m->c[!(set >> 6 & 1)]->constant[m->curve], index);
    }
    return sum / m->n;
}

/* Every order by itself. */
static void every_order(const double *v, int players, int set, double *add, double *sum, double *orders)
{
    if (set == (1 << players) - 1) {
        *orders += 1;
        for (int p = 0; p < players; p++) sum[p] += add[p];
        return;
    }
    for (int p = 0; p < players; p++) {
        if (set >> p & 1) continue;
        add[p] = v[set | 1 << p] - v[set];
        every_order(v, players, set | 1 << p, add, sum, orders);
    }
}

static void match(const sy_gap_response_question *q, matched *m)
{
    coefficients pooled;
    static double index[2][MOST_ROWS];
    fit_rows(q, -1, 1, &pooled);
    m->n = 0;
    int count[2] = {0, 0};
    for (ptrdiff_t i = 0; i < f.n; i++) {
        const int g = f.code[frame_column(&f, "gift")][i];
        double x[5], own = 0;
        int at = count[g]++;
        columns(i, x);
        for (int j = 0; j < 5; j++) own += x[j] * pooled.slope[j];
        for (; at > 0 && index[g][at - 1] > own; at--) {
            index[g][at] = index[g][at - 1];
            memcpy(m->x[g][at], m->x[g][at - 1], sizeof x);
        }
        index[g][at] = own;
        memcpy(m->x[g][at], x, sizeof x);
    }
    assert_int_equal(count[0], count[1]);
    m->n = count[0];
}

static void check(sy_response_kind kind, sy_link link)
{
    static matched m;
    static answer a;
    coefficients c[SY_N_GAP_RESPONSE_BY];
    const int ordinal = kind == SY_RESPONSE_ORDINAL;
    fill_people(240, ordinal ? "much ~ need + heard + plan" : "happy ~ need + heard + plan");
    /* distinct columns, so that ranks leave no choice */
    for (ptrdiff_t i = 0; i < f.n; i++) f.value[frame_column(&f, "heard")][i] += 1e-3 * (double)(i * 37 % 241);
    const sy_gap_response_question q = question(kind, link, 3);
    assert_true(ask(&q, &a) >= 0);
    assert_true(a.s.pairs == 120);
    match(&q, &m);
    m.q = &q;
    fit_rows(&q, 0, 0, &c[0]);
    fit_rows(&q, 1, 0, &c[1]);
    fit_rows(&q, -1, 1, &c[2]);
    fit_rows(&q, -1, 0, &c[3]);
    double below[7] = {0};
    for (m.curve = 0; m.curve < (ordinal ? 3 : 1); m.curve++) {
        double v[128], sum[7] = {0}, add[7], orders = 0;
        m.c[0] = &c[0];
        m.c[1] = &c[1];
        for (int set = 0; set < 128; set++) v[set] = mean_of(&m, set);
        every_order(v, 7, 0, add, sum, &orders);
        assert_true(orders == 5040);
        for (int p = 0; p < 7; p++) {
            const double part = sum[p] / orders - (ordinal ? below[p] : 0);
            assert_true(fabs(value(&a, 3, m.curve, SY_GAP_RESPONSE_PARTS + p) - part) < 1e-8);
            below[p] = sum[p] / orders;
        }
        if (m.curve > 0) continue;
        for (int by = 0; by < SY_N_GAP_RESPONSE_BY; by++) {
            const int at = sy_gap_response_at(3, (sy_gap_response_by)by) + 2;
            double own[8], part[3] = {0}, extra[3];
            m.c[0] = m.c[1] = &c[by];
            orders = 0;
            for (int set = 0; set < 8; set++) own[set] = mean_of(&m, set);
            every_order(own, 3, 0, extra, part, &orders);
            for (int k = 0; k < 3; k++) assert_true(fabs(value(&a, 3, 0, at + k) - part[k] / orders) < 1e-8);
        }
    }
}

static void binary_parts_are_those_of_all_orders(void **state)
{
    (void)state;
    check(SY_RESPONSE_BINARY, SY_LINK_LOGIT);
    check(SY_RESPONSE_BINARY, SY_LINK_PROBIT);
    check(SY_RESPONSE_BINARY, SY_LINK_CLOGLOG);
}

static void ordinal_parts_are_those_of_all_orders(void **state)
{
    (void)state;
    check(SY_RESPONSE_ORDINAL, SY_LINK_LOGIT);
    check(SY_RESPONSE_ORDINAL, SY_LINK_PROBIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(binary_parts_are_those_of_all_orders),
        cmocka_unit_test(ordinal_parts_are_those_of_all_orders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
