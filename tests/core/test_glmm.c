/* Mixed models of binary, count and ordered outcomes: what must hold whatever
 * the data, edges and refusals.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "glmm_problem.h"

#include "models/mixed/glmm_internal.h"

static glmm g, h;

static const int few[3] = {12, 7, 4};

static void sample_model(glmm *m, sy_response_kind kind, int n, uint64_t seed, const char *bar)
{
    const int counts = kind == SY_RESPONSE_POISSON || kind == SY_RESPONSE_NEGATIVE_BINOMIAL;
    glmm_sample(m, kind, n, few, .9, seed);
    glmm_model(m, "y ~ x", "", kind, counts ? SY_LINK_LOG : SY_LINK_LOGIT);
    if (bar) mixed_bar(&m->m, bar, "a", 0);
}

/* Two groups, one success in two trials each: chance 1/2, no difference, log-likelihood 4 log(1/2), error 1. */
static void equal_groups_by_hand(void **state)
{
    (void)state;
    frame *f = &g.m.f;
    f->n = 4;
    f->p = 0;
    const int y = frame_add(f, "y", 0, 0), a = frame_add(f, "a", 1, 2);
    for (int i = 0; i < 4; i++) {
        f->value[y][i] = i % 2;
        f->code[a][i] = i / 2;
    }
    glmm_model(&g, "y ~ 1", "", SY_RESPONSE_BINARY, SY_LINK_LOGIT);
    mixed_bar(&g.m, "1", "a", 0);
    assert_int_equal(glmm_run(&g), SY_NOTE_BOUNDARY);
    assert_true(g.theta[0] == 0 && g.variance[0] == 0 && g.modes[0] == 0 && g.modes[1] == 0);
    assert_true(g.summary.boundary == 1 && isnan(g.theta_covariance[0]));
    assert_true(fabs(g.estimate[0]) < 1e-15 && fabs(glmm_error(&g, 0) - 1) < 1e-9);
    assert_true(fabs(g.summary.loglik + 4 * log(2)) < 1e-14);
    assert_true(fabs(g.summary.aic - (8 * log(2) + 4)) < 1e-13);
    assert_true(strstr(g.ctx.remarks[0].text, "exactly 0") != NULL);
    sy_context_free(&g.ctx);
}

/* With a binomial of m trials a level and no predictor, the logistic normal at y = m / 2 in every level but two that
 * mirror each other: the intercept is 0 by symmetry, the two modes are opposite. */
static void mirrored_groups_have_opposite_modes(void **state)
{
    (void)state;
    static const double successes[] = {1, 5, 9, 5};
    frame *f = &g.m.f;
    f->n = 4;
    f->p = 0;
    const int y = frame_add(f, "y", 0, 0), m = frame_add(f, "m", 0, 0), a = frame_add(f, "a", 1, 4);
    for (int i = 0; i < 4; i++) {
        f->value[y][i] = successes[i];
        f->value[m][i] = 10;
        f->code[a][i] = i;
    }
    glmm_model(&g, "y ~ 1", "", SY_RESPONSE_BINARY, SY_LINK_LOGIT);
    g.m.model.response.trials = glmm_column(&g, "m");
    mixed_bar(&g.m, "1", "a", 0);
    glmm_fit(&g);
    assert_true(g.variance[0] > .5 && fabs(g.estimate[0]) < 1e-13);
    assert_true(fabs(g.modes[0] + g.modes[2]) < 1e-13 && fabs(g.modes[1]) < 1e-13 && fabs(g.modes[3]) < 1e-13);
}

/* At the mode of a canonical link the sum of residuals of a level is its effect over the variance. */
static void modes_balance_residuals(void **state)
{
    (void)state;
    for (int kind = SY_RESPONSE_BINARY; kind <= SY_RESPONSE_POISSON; kind++) {
        double sum[12] = {0};
        sample_model(&g, (sy_response_kind)kind, 400, 5, "1");
        glmm_fit(&g);
        const frame *f = &g.m.f;
        for (int i = 0; i < 400; i++) sum[f->code[3][i]] += f->value[0][i] - g.fitted[i];
        for (int l = 0; l < 12; l++) {
            assert_true(fabs(sum[l] - g.modes[l] / g.variance[0]) < 1e-9);
            assert_true(g.mode_variance[l] > 0 && g.mode_variance[l] < g.variance[0]);
        }
        for (int i = 0; i < 400; i++) {
            const double mean = kind == SY_RESPONSE_BINARY ? 1 / (1 + exp(-g.linear[i])) : exp(g.linear[i]);
            assert_true(fabs(g.fitted[i] - mean) < 1e-13 * mean);
            assert_true(fabs(g.linear[i] - (g.estimate[0] + g.estimate[1] * f->value[1][i] + g.modes[f->code[3][i]])) <
                        1e-12);
        }
    }
}

static void hold_same(const glmm *a, const glmm *b, int k, double tolerance)
{
    near(b->summary.loglik, a->summary.loglik, tolerance);
    for (int j = 0; j < k; j++) {
        near(b->estimate[j], a->estimate[j], 1e3 * tolerance);
        near(glmm_error(b, j), glmm_error(a, j), 1e5 * tolerance);
    }
}

/* 20 random starts of T end at the same optimum, every kind, one factor with slopes, several factors. */
static void all_starts_reach_the_same_optimum(void **state)
{
    (void)state;
    static const sy_response_kind kinds[] = {SY_RESPONSE_BINARY, SY_RESPONSE_POISSON, SY_RESPONSE_NEGATIVE_BINOMIAL,
                                             SY_RESPONSE_ORDINAL};
    uint64_t s = 77;
    for (int c = 0; c < 8; c++) {
        sample_model(&g, kinds[c % 4], 400, 11 + (uint64_t)c, c < 4 ? "1 + x" : "1");
        if (c >= 4) mixed_bar(&g.m, "1", "b", 0);
        glmm_fit(&g);
        const int n = c < 4 ? 3 : 2;
        h = g;
        for (int start = 0; start < 20; start++) {
            double theta[3];
            for (int j = 0; j < n; j++) theta[j] = (n == 3 && j == 1 ? -1 : 0) + 2 * glmm_uniform(&s);
            g.options.start = theta;
            glmm_fit(&g);
            assert_true(g.summary.converged && g.summary.last_step <= 1e-9);
            assert_true(fabs(g.summary.loglik - h.summary.loglik) < 1e-11 * fabs(h.summary.loglik));
            for (int j = 0; j < g.summary.k; j++) assert_true(fabs(g.estimate[j] - h.estimate[j]) < 1e-9);
            for (int j = 0; j < n; j++) assert_true(fabs(g.theta[j] - h.theta[j]) < 1e-9 * (1 + fabs(h.theta[j])));
        }
    }
}

/* Levels dealt round: less variation than chance. */
static void without_variation_the_variance_is_exactly_zero(void **state)
{
    (void)state;
    static const sy_response_kind kinds[] = {SY_RESPONSE_BINARY, SY_RESPONSE_POISSON, SY_RESPONSE_ORDINAL};
    for (int c = 0; c < 3; c++) {
        const sy_response_kind kind = kinds[c];
        double estimate[8], covariance[64];
        int aliased[8];
        sy_response_summary plain;
        const sy_response_fit fit = {.estimate = estimate, .aliased = aliased, .covariance = covariance};
        sample_model(&g, kind, 480, 3, NULL);
        frame *f = &g.m.f;
        for (int i = 0; i < 480; i++) {
            f->code[3][i] = i / 4 % 12; /* four neighbours have the same x and all answers */
            f->value[1][i] = i / 48 * .3 - 1;
            if (kind == SY_RESPONSE_ORDINAL) f->code[0][i] = i % 4;
            else f->value[0][i] = i % 4 % (kind == SY_RESPONSE_BINARY ? 2 : 4);
        }
        mixed_bar(&g.m, "1", "a", 0);
        glmm_run(&g);
        assert_int_equal(g.status, SY_NOTE_BOUNDARY);
        assert_int_equal(g.ctx.remarks[g.ctx.n_remarks - 1].code, SY_NOTE_FEW_CLUSTERS);
        assert_string_equal(g.ctx.remarks[g.ctx.n_remarks - 2].term, "a:(Intercept)");
        sy_context_free(&g.ctx);
        assert_true(g.theta[0] == 0 && g.variance[0] == 0 && g.summary.boundary == 1);
        sy_context_init(&g.ctx);
        assert_true(sy_response(&g.ctx, &f->design, &g.m.model.response, NULL, &plain, &fit) >= 0);
        sy_context_free(&g.ctx);
        near(g.summary.loglik, plain.loglik, 1e-13);
        for (int j = 0; j < g.summary.k; j++) {
            assert_true(fabs(g.estimate[j] - estimate[j]) < 1e-9);
            near(glmm_error(&g, j), sqrt(covariance[j * g.summary.k + j]), 1e-7); /* differences of the gradient */
        }
        for (int l = 0; l < 12; l++) assert_true(g.modes[l] == 0);
    }
}

/* A slope that does not vary beside an intercept that does: its row of T is zero, or one with the intercept's. */
static void a_singular_covariance_is_exactly_singular(void **state)
{
    (void)state;
    glmm_sample(&g, SY_RESPONSE_POISSON, 600, few, .8, 21);
    frame *f = &g.m.f;
    for (int i = 0; i < 600; i++) { /* counts that follow the intercepts alone, without noise of their own */
        f->code[3][i] = i % 12;
        f->value[1][i] = (i / 12 % 5) - 2;
        f->value[0][i] = floor(2 + f->code[3][i] + .5 * f->value[1][i]);
    }
    glmm_model(&g, "y ~ x", "", SY_RESPONSE_POISSON, SY_LINK_LOG);
    mixed_bar(&g.m, "1 + x", "a", 0);
    glmm_run(&g);
    assert_true(g.status == SY_NOTE_BOUNDARY && g.summary.converged && g.summary.boundary == 1);
    assert_true(g.theta[2] == 0 && isnan(g.theta_covariance[8]) && g.theta_covariance[0] > 0);
    near(g.variance[1] * g.variance[1], g.variance[0] * g.variance[3], 1e-14);
    sy_context_free(&g.ctx);
}

static void order_and_units_do_not_matter(void **state)
{
    (void)state;
    sample_model(&g, SY_RESPONSE_ORDINAL, 500, 9, "1 + x");
    glmm_fit(&g);
    h.m = g.m;
    frame *f = &h.m.f;
    for (int i = 0; i < 500; i++) {
        const int from = (7 * i + 3) % 500;
        f->code[0][i] = g.m.f.code[0][from];
        f->value[1][i] = g.m.f.value[1][from] * 1024;
        f->code[3][i] = 11 - g.m.f.code[3][from];
    }
    glmm_model(&h, "y ~ x", "", SY_RESPONSE_ORDINAL, SY_LINK_LOGIT);
    mixed_bar(&h.m, "1 + x", "a", 0);
    glmm_fit(&h);
    near(h.summary.loglik, g.summary.loglik, 1e-13);
    near(h.estimate[3] * 1024, g.estimate[3], 1e-10);
    near(h.theta[0], g.theta[0], 1e-9);
    near(h.theta[2] * 1024, g.theta[2], 1e-9);
    for (int l = 0; l < 12; l++) near(h.modes[2 * (11 - l)], g.modes[2 * l], 1e-8);
}

static void frequencies_are_repeated_rows(void **state)
{
    (void)state;
    static const sy_response_kind kinds[] = {SY_RESPONSE_BINARY, SY_RESPONSE_NEGATIVE_BINOMIAL, SY_RESPONSE_ORDINAL};
    for (int c = 0; c < 3; c++) {
        sample_model(&g, kinds[c], 300, 31, "1");
        g.m.f.design.weights = glmm_column(&g, "w");
        g.m.f.design.weight_kind = SY_WEIGHT_FREQUENCY;
        glmm_fit(&g);
        h.m.f = g.m.f;
        int n = 0;
        for (int i = 0; i < 300; i++)
            for (int r = 0; r < (int)g.m.f.value[2][i]; r++, n++)
                for (int k = 0; k < 6; k++) {
                    h.m.f.value[k][n] = g.m.f.value[k][i];
                    h.m.f.code[k][n] = g.m.f.code[k][i];
                }
        h.m.f.n = n;
        glmm_model(&h, "y ~ x", "", kinds[c], c == 1 ? SY_LINK_LOG : SY_LINK_LOGIT);
        mixed_bar(&h.m, "1", "a", 0);
        glmm_fit(&h);
        hold_same(&g, &h, g.summary.k, 1e-13);
        assert_true(g.summary.n == h.summary.n);
        near(g.summary.bic, h.summary.bic, 1e-13);
        near(g.theta[0], h.theta[0], 1e-9);
        g.m.f.design.weight_kind = SY_WEIGHT_ANALYTIC;
        glmm_fit(&g);
        near(g.summary.loglik, h.summary.loglik, 1e-13);
        assert_true(g.summary.n == 300);
    }
}

/* Two levels of an ordered answer are a binary outcome; the threshold is minus the intercept. */
static void two_ordered_answers_are_a_binary_outcome(void **state)
{
    (void)state;
    static const char *const names[] = {"no", "yes"};
    for (int link = SY_LINK_LOGIT; link <= SY_LINK_PROBIT; link++) {
        sample_model(&g, SY_RESPONSE_BINARY, 400, 41, "1 + x");
        g.m.model.response.link = (sy_link)link;
        g.options.nodes = 5;
        glmm_fit(&g);
        h = g;
        frame *f = &g.m.f;
        for (int i = 0; i < 400; i++) f->code[0][i] = (int32_t)f->value[0][i];
        f->columns[0] =
            (sy_column){.name = "y", .data = f->code[0], .stride = 4, .type = SY_CODES, .n_levels = 2, .levels = names};
        g.m.model.response.kind = SY_RESPONSE_ORDINAL;
        glmm_fit(&g);
        near(g.summary.loglik, h.summary.loglik, 1e-13);
        near(-g.estimate[0], h.estimate[0], 1e-9);
        near(g.estimate[1], h.estimate[1], 1e-9);
        for (int i = 0; i < 400; i++) near(g.fitted[2 * i + 1], h.fitted[i], 1e-9);
    }
}

static void two_bars_of_a_factor_are_a_diagonal_one(void **state)
{
    (void)state;
    sample_model(&g, SY_RESPONSE_POISSON, 400, 51, NULL);
    mixed_bar(&g.m, "1 + x", "a", 1);
    glmm_fit(&g);
    sample_model(&h, SY_RESPONSE_POISSON, 400, 51, "1");
    mixed_bar(&h.m, "0 + x", "a", 0);
    glmm_fit(&h);
    hold_same(&g, &h, 2, 1e-14);
    near(g.theta[1], h.theta[1], 1e-10);
    for (int l = 0; l < 12; l++) {
        near(g.modes[2 * l + 1], h.modes[12 + l], 1e-9);
        near(g.mode_variance[4 * l + 3], h.mode_variance[12 + l], 1e-9);
    }
}

static void more_nodes_settle(void **state)
{
    (void)state;
    double last = 0;
    for (int nodes = 11; nodes <= 25; nodes += 14) {
        sample_model(&g, SY_RESPONSE_BINARY, 200, 61, "1 + x");
        g.options.nodes = nodes;
        glmm_fit(&g);
        assert_true(g.summary.nodes == nodes);
        if (last != 0) near(g.summary.loglik, last, 1e-9); /* about 17 rows a level: quadrature's own error */
        last = g.summary.loglik;
    }
}

static void refused(const char *what, sy_status status)
{
    if (glmm_run(&g) != status) fail_msg("%s: %d, %s", what, g.status, g.ctx.message);
    if (!strstr(g.ctx.message, what)) fail_msg("%s is not named: %s", what, g.ctx.message);
    sy_context_free(&g.ctx);
}

static void bad_input_is_refused_in_words(void **state)
{
    (void)state;
    sample_model(&g, SY_RESPONSE_BINARY, 200, 1, "1");
    g.options.nodes = 101;
    refused("nodes: 101", SY_EINVAL);
    g.options.nodes = 0;
    refused("nodes: 0", SY_EINVAL);
    mixed_bar(&g.m, "1", "b", 0);
    g.options.nodes = 5;
    refused("grouping factors", SY_EINVAL);
    sample_model(&g, SY_RESPONSE_BINARY, 200, 1, "1");
    g.m.f.design.weights = glmm_column(&g, "w");
    g.m.f.design.weight_kind = SY_WEIGHT_SAMPLING;
    refused("sampling weights", SY_EINVAL);
    sample_model(&g, SY_RESPONSE_BINARY, 200, 1, "1");
    for (int i = 0; i < 200; i++) g.m.f.code[3][i] = 2;
    refused("one level", SY_EINVAL);
    sample_model(&g, SY_RESPONSE_POISSON, 200, 1, "1");
    g.m.f.value[0][7] = -1;
    refused("-1", SY_EDATA);
    g.m.f.value[0][7] = 1.5;
    refused("1.5", SY_EDATA);
    sample_model(&g, SY_RESPONSE_BINARY, 200, 1, "1");
    for (int i = 0; i < 200; i++) g.m.f.value[0][i] = 1;
    refused("y", SY_EDATA);
    glmm_sample(&g, SY_RESPONSE_BINARY, 14, (const int[3]){15, 7, 4}, 1, 1);
    glmm_model(&g, "y ~ x", "", SY_RESPONSE_BINARY, SY_LINK_LOGIT);
    mixed_bar(&g.m, "1 + x", "a", 0);
    refused("only 14 rows", SY_EDATA);
    g.m.model.n_random = 0;
    refused("bar term", SY_EINVAL);
}

static void missing_groups_leave_and_are_counted(void **state)
{
    (void)state;
    sample_model(&g, SY_RESPONSE_BINARY, 300, 1, "1");
    g.m.f.code[3][4] = -1;
    g.m.f.value[1][9] = NAN;
    glmm_run(&g);
    assert_int_equal(g.status, SY_NOTE_FEW_CLUSTERS); /* and rows dropped: the most severe is told */
    sy_context_free(&g.ctx);
    assert_true(g.summary.rows_read == 300 && g.summary.rows_used == 298 && g.summary.rows_dropped == 2);
    assert_true(isnan(g.fitted[4]) && isnan(g.fitted[9]) && isnan(g.linear[4]) && !isnan(g.fitted[5]));
}

static void separation_is_named(void **state)
{
    (void)state;
    sample_model(&g, SY_RESPONSE_BINARY, 300, 1, "1");
    for (int i = 0; i < 300; i++) g.m.f.value[0][i] = g.m.f.value[1][i] > .5;
    glmm_run(&g);
    int named = 0;
    for (int r = 0; r < g.ctx.n_remarks; r++)
        named += g.ctx.remarks[r].code == SY_NOTE_SEPARATED && !strcmp(g.ctx.remarks[r].term, "x");
    if (g.status < 0) fail_msg("%s", g.ctx.message);
    assert_int_equal(named, 1);
    sy_context_free(&g.ctx);
}

/* Levels that tell the outcome: all answers of a level are the same. */
static void levels_that_tell_the_outcome_are_named(void **state)
{
    (void)state;
    sample_model(&g, SY_RESPONSE_BINARY, 360, 1, "1");
    for (int i = 0; i < 360; i++) g.m.f.value[0][i] = g.m.f.code[3][i] % 2;
    glmm_run(&g);
    assert_int_equal(g.status, SY_NOTE_SEPARATED);
    assert_string_equal(g.ctx.remarks[0].term, "a");
    assert_true(strstr(g.ctx.remarks[0].text, "almost without error") != NULL);
    sy_context_free(&g.ctx);
}

static void results_not_wanted_are_not_written(void **state)
{
    (void)state;
    sample_model(&g, SY_RESPONSE_ORDINAL, 200, 1, "1");
    glmm_fit(&g);
    h = g;
    memset(g.modes, 0, sizeof g.modes);
    g.fit = (sy_mixed_fit){.estimate = g.estimate};
    glmm_fit(&g);
    assert_memory_equal(g.estimate, h.estimate, 4 * sizeof(double));
    assert_true(g.modes[0] == 0 && h.modes[0] != 0);
    sy_context_init(&g.ctx);
    assert_int_equal(sy_mixed(&g.ctx, &g.m.f.design, &g.m.model, &g.options, &g.summary, NULL), SY_NOTE_FEW_CLUSTERS);
    sy_context_free(&g.ctx);
    assert_true(g.summary.loglik == h.summary.loglik);
}

/* Counts less dispersed than Poisson counts within levels: theta is infinite, and the model Poisson's. */
static void counts_without_dispersion_of_their_own_are_poisson_counts(void **state)
{
    (void)state;
    glmm_sample(&g, SY_RESPONSE_POISSON, 360, few, .8, 21);
    for (int i = 0; i < 360; i++) {
        g.m.f.code[3][i] = i % 12;
        g.m.f.value[1][i] = i / 12 % 5;
        g.m.f.value[0][i] = 1 + i % 12 + (i / 60 % 2);
    }
    glmm_model(&g, "y ~ x", "", SY_RESPONSE_NEGATIVE_BINOMIAL, SY_LINK_LOG);
    mixed_bar(&g.m, "1", "a", 0);
    assert_int_equal(glmm_run(&g), SY_NOTE_BOUNDARY);
    assert_string_equal(g.ctx.remarks[0].term, "log(theta)");
    sy_context_free(&g.ctx);
    assert_true(g.summary.converged && isinf(g.summary.theta_count) && isinf(g.estimate[2]) &&
                isnan(glmm_error(&g, 2)));
    h = g;
    g.m.model.response.kind = SY_RESPONSE_POISSON;
    glmm_fit(&g);
    near(h.summary.loglik, g.summary.loglik, 1e-13);
    for (int j = 0; j < 2; j++) assert_true(fabs(h.estimate[j] - g.estimate[j]) < 1e-9);
    near(h.theta[0], g.theta[0], 1e-9);
}

typedef struct {
    int threads, simd, crossed, nodes;
} how;

static sy_status job(void *arg, void *answer)
{
    const how *w = arg;
    sy_context ctx;
    sy_context_init(&ctx);
    ctx.threads = w->threads;
    ctx.simd = w->simd < ctx.simd ? w->simd : ctx.simd;
    g.options.nodes = w->nodes;
    memset(g.estimate, 0, sizeof g.estimate);
    const sy_status s = sy_mixed(&ctx, &g.m.f.design, &g.m.model, &g.options, &g.summary, &g.fit);
    if (s >= 0) {
        double *to = answer;
        memcpy(to, g.estimate, 8 * sizeof *to);
        memcpy(to + 8, g.theta, 3 * sizeof *to);
        to[11] = g.summary.loglik;
        memcpy(to + 12, g.modes, 12 * sizeof *to);
        to[24] = glmm_error(&g, 0);
    }
    sy_context_free(&ctx);
    return s;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    how w = {1, 2, 0, 3};
    sample_model(&g, SY_RESPONSE_NEGATIVE_BINOMIAL, 60, 71, "1");
    assert_true(syi_survives_failing(job, &w, 25 * sizeof(double)) > 20);
    w.nodes = 1;
    sample_model(&g, SY_RESPONSE_ORDINAL, 60, 71, "1");
    mixed_bar(&g.m, "1", "c", 0);
    assert_true(syi_survives_failing(job, &w, 25 * sizeof(double)) > 20);
}

/* 8,000 rows: enough work for threads. */
static void threads_and_processors_give_the_same_bits(void **state)
{
    (void)state;
    for (int crossed = 0; crossed <= 1; crossed++) {
        double first[25], again[25];
        sample_model(&g, SY_RESPONSE_BINARY, 8000, 81, "1 + x");
        if (crossed) mixed_bar(&g.m, "1", "b", 0);
        how w = {1, 2, crossed, crossed ? 1 : 4};
        assert_true(job(&w, first) >= 0);
        for (int threads = 1; threads <= 4; threads++)
            for (int simd = 1; simd <= 2; simd++) {
                w.threads = threads;
                w.simd = simd;
                assert_true(job(&w, again) >= 0);
                assert_memory_equal(again, first, sizeof first);
            }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_groups_by_hand),
        cmocka_unit_test(mirrored_groups_have_opposite_modes),
        cmocka_unit_test(modes_balance_residuals),
        cmocka_unit_test(all_starts_reach_the_same_optimum),
        cmocka_unit_test(without_variation_the_variance_is_exactly_zero),
        cmocka_unit_test(a_singular_covariance_is_exactly_singular),
        cmocka_unit_test(order_and_units_do_not_matter),
        cmocka_unit_test(frequencies_are_repeated_rows),
        cmocka_unit_test(two_ordered_answers_are_a_binary_outcome),
        cmocka_unit_test(two_bars_of_a_factor_are_a_diagonal_one),
        cmocka_unit_test(more_nodes_settle),
        cmocka_unit_test(bad_input_is_refused_in_words),
        cmocka_unit_test(missing_groups_leave_and_are_counted),
        cmocka_unit_test(separation_is_named),
        cmocka_unit_test(counts_without_dispersion_of_their_own_are_poisson_counts),
        cmocka_unit_test(levels_that_tell_the_outcome_are_named),
        cmocka_unit_test(results_not_wanted_are_not_written),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(threads_and_processors_give_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
