/* Mixed models of binary, count and ordered outcomes against the answers of
 * other programs: cases S15 and S20, published target T11, and
 * tests/reference/glmm.csv (make_glmm.R beside it).
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "glmm_problem.h"

#include "cases.h"

static glmm g;

static void wine_laplace(void)
{
    glmm_wine(&g);
    glmm_model(&g, "rating ~ temp + contact", "", SY_RESPONSE_ORDINAL, SY_LINK_LOGIT);
    mixed_bar(&g.m, "1", "judge", 0);
}

/* The place of a quantity such as "threshold[2|3]", "coef[tempwarm]" or "se[1|2]" of the wine model; -1: another. */
static int wine_place(const char *quantity)
{
    static const char *const names[] = {"1|2]", "2|3]", "3|4]", "4|5]", "temp", "contact"};
    for (int j = 0; j < 6; j++)
        if (strstr(quantity, names[j])) return j;
    return -1;
}

/* Tolerances of the case are up to 1e-5: clmm's optimum was polished on differences. */
static int close_to_case(const record *r, double found)
{
    const double expected = strtod(r->field[CASE_EXPECTED], NULL), tolerance = strtod(r->field[CASE_TOLERANCE], NULL);
    assert_true(tolerance <= 1e-5);
    if (!(fabs(found - expected) <= tolerance * fabs(expected)))
        fail_msg("%s: found %.15g, expected %.15g", r->field[CASE_QUANTITY], found, expected);
    return 1;
}

static void wine_by_laplace_is_s15(void **state)
{
    (void)state;
    int seen = 0;
    record r;
    wine_laplace();
    glmm_fit(&g);
    assert_true(g.summary.converged && g.summary.last_step < 1e-9 && g.summary.n == 72);
    FILE *file = open_cases();
    while (next_case(file, "ordinal_mixed", &r)) {
        const char *q = r.field[CASE_QUANTITY];
        const int j = wine_place(q);
        if (!strcmp(q, "loglik")) seen += close_to_case(&r, g.summary.loglik);
        else if (!strncmp(q, "sd[", 3)) seen += close_to_case(&r, sqrt(g.variance[0]));
        else if (j >= 0) seen += close_to_case(&r, !strncmp(q, "se[", 3) ? glmm_error(&g, j) : g.estimate[j]);
    }
    fclose(file);
    assert_int_equal(seen, 14);
}

static void cbpp_fit(sy_link link, int nodes)
{
    glmm_cbpp(&g);
    glmm_model(&g, "incidence ~ period", "", SY_RESPONSE_BINARY, link);
    g.m.model.response.trials = glmm_column(&g, "size");
    mixed_bar(&g.m, "1", "herd", 0);
    g.options.nodes = nodes;
    glmm_fit(&g);
    assert_true(g.summary.converged && g.summary.last_step < 1e-9);
}

static void cbpp_by_laplace_is_s20(void **state)
{
    (void)state;
    static const char *const names[] = {"(Intercept)", "period2", "period3", "period4"};
    int seen = 0;
    record r;
    cbpp_fit(SY_LINK_LOGIT, 1);
    FILE *file = open_cases();
    while (next_case(file, "glmm", &r)) {
        const char *q = r.field[CASE_QUANTITY];
        if (!strcmp(q, "loglik")) seen += close_to_case(&r, g.summary.loglik);
        if (!strcmp(q, "sd[herd]")) seen += close_to_case(&r, sqrt(g.variance[0]));
        for (int j = 0; j < 4; j++)
            if (strstr(q, names[j])) seen += close_to_case(&r, q[0] == 's' ? glmm_error(&g, j) : g.estimate[j]);
    }
    fclose(file);
    assert_int_equal(seen, 10);
}

/* Christensen's vignette of package ordinal, to the digits printed there. */
static void wine_is_the_published_table(void **state)
{
    (void)state;
    wine_laplace();
    glmm_fit(&g);
    assert_true(fabs(g.estimate[4] - 3.063) < 5e-4 && fabs(g.estimate[5] - 1.835) < 5e-4);
    assert_true(fabs(glmm_error(&g, 4) - .595) < 5e-4 && fabs(glmm_error(&g, 5) - .513) < 5e-4);
    assert_true(fabs(g.variance[0] - 1.279) < 5e-4 && fabs(g.summary.loglik + 81.57) < 5e-3);
    wine_laplace();
    g.options.nodes = 10;
    glmm_fit(&g);
    assert_true(fabs(g.estimate[4] - 3.062) < 5e-4 && fabs(g.estimate[5] - 1.833) < 5e-4);
    assert_true(fabs(g.variance[0] - 1.288) < 5e-4 && fabs(g.summary.loglik + 81.532) < 5e-4);
}

/* The answers kept for a case: how many were looked at. */
static double answer(const char *name, const char *quantity)
{
    record names, r;
    FILE *file = open_table("tests/reference/glmm.csv", &names);
    double value = NAN;
    while (read_record(file, &r))
        if (!strcmp(r.field[0], name) && !strcmp(r.field[1], quantity)) value = strtod(r.field[2], NULL);
    fclose(file);
    if (isnan(value)) fail_msg("no %s of %s", quantity, name);
    return value;
}

static void hold(const char *name, const char *quantity, double found, double tolerance)
{
    const double expected = answer(name, quantity);
    if (!(fabs(found - expected) <= tolerance * fmax(1e-3, fabs(expected))))
        fail_msg("%s, %s: found %.15g, expected %.15g", name, quantity, found, expected);
}

/* Log-likelihood, coefficients and errors by their labels, variances. coef: of coefficients and log-likelihood, loose:
 * of errors and variances. */
static void hold_all(const char *name, int k, const char *const *labels, double coef, double loose)
{
    char text[100];
    assert_true(g.summary.converged && g.summary.last_step < 1e-9);
    hold(name, "loglik", g.summary.loglik, coef);
    for (int j = 0; j < k; j++) {
        snprintf(text, sizeof text, "coef[%s]", labels[j]);
        hold(name, text, g.estimate[j], coef);
        snprintf(text, sizeof text, "se[%s]", labels[j]);
        hold(name, text, glmm_error(&g, j), loose);
    }
}

/* glmmTMB's gradient is exact and its inner modes are found to about 1e-8: its
 * optimum holds to 1e-7, its Hessian to 1e-6. */
static const double tmb_coef = 2e-7, tmb_loose = 2e-6;

static void open_data(const char *name, const char *factors, const char *ordered)
{
    char path[100];
    snprintf(path, sizeof path, "tests/reference/data/%s.csv", name);
    frame_read(&g.m.f, path, factors);
    if (ordered) glmm_order_levels(&g.m.f, ordered);
}

static void binary_links_are_glmmtmbs(void **state)
{
    (void)state;
    static const char *const labels[] = {"(Intercept)", "period2", "period3", "period4"};
    cbpp_fit(SY_LINK_PROBIT, 1);
    hold_all("cbpp_probit", 4, labels, tmb_coef, tmb_loose);
    hold("cbpp_probit", "variance[1.1.1]", g.variance[0], tmb_loose);
    cbpp_fit(SY_LINK_CLOGLOG, 1);
    hold_all("cbpp_cloglog", 4, labels, tmb_coef, tmb_loose);
    hold("cbpp_cloglog", "variance[1.1.1]", g.variance[0], tmb_loose);
}

/* A level a row inside herds: as many effects as rows. */
static void nested_herds_are_glmmtmbs(void **state)
{
    (void)state;
    static const char *const labels[] = {"(Intercept)", "period2", "period3", "period4"};
    glmm_cbpp(&g);
    frame *f = &g.m.f;
    const int obs = frame_add(f, "obs", 1, (int)f->n);
    for (int i = 0; i < f->n; i++) f->code[obs][i] = i;
    glmm_model(&g, "incidence ~ period", "", SY_RESPONSE_BINARY, SY_LINK_LOGIT);
    g.m.model.response.trials = glmm_column(&g, "size");
    mixed_bar(&g.m, "1", "herd", 0);
    mixed_bar(&g.m, "1", "obs", 0);
    glmm_fit(&g);
    hold_all("cbpp_nested", 4, labels, tmb_coef, tmb_loose);
    hold("cbpp_nested", "variance[1.1.1]", g.variance[0], tmb_loose);
    hold("cbpp_nested", "variance[2.1.1]", g.variance[1], tmb_loose);
}

static void bacteria_are_glmmtmbs(void **state)
{
    (void)state;
    static const char *const labels[] = {"(Intercept)", "trtdrugp", "trtplacebo", "week"};
    open_data("bacteria", "trt ID", "trt");
    glmm_model(&g, "y ~ trt + week", "", SY_RESPONSE_BINARY, SY_LINK_LOGIT);
    mixed_bar(&g.m, "1", "ID", 0);
    glmm_fit(&g);
    hold_all("bacteria", 4, labels, tmb_coef, tmb_loose);
    hold("bacteria", "variance[1.1.1]", g.variance[0], tmb_loose);
}

static void epil(const char *formula, const char *others, sy_response_kind kind, const char *bar, int diagonal)
{
    open_data("epil", "trt subject", "trt");
    /* R's base level is placebo here: the first by appearance, progabide second by name as well */
    glmm_model(&g, formula, others, kind, SY_LINK_LOG);
    mixed_bar(&g.m, bar, "subject", diagonal);
    glmm_fit(&g);
}

static void counts_of_seizures_are_glmmtmbs(void **state)
{
    (void)state;
    static const char *const labels[] = {"(Intercept)", "lbase", "trtprogabide", "lage", "V4", "lbase:trtprogabide"};
    epil("y ~ lbase + trt + lage + V4 + lbase:trt", "", SY_RESPONSE_POISSON, "1", 0);
    hold_all("epil_poisson", 6, labels, tmb_coef, tmb_loose);
    hold("epil_poisson", "variance[1.1.1]", g.variance[0], tmb_loose);
    epil("y ~ lbase + trt + lage", "", SY_RESPONSE_NEGATIVE_BINOMIAL, "1", 0);
    hold_all("epil_nbinom", 4, labels, tmb_coef, tmb_loose);
    hold("epil_nbinom", "log(theta)", g.estimate[4], tmb_coef);
    hold("epil_nbinom", "variance[1.1.1]", g.variance[0], tmb_loose);
    assert_true(fabs(g.summary.theta_count - exp(g.estimate[4])) < 1e-12 * g.summary.theta_count);
}

static void slopes_of_seizures_are_glmmtmbs(void **state)
{
    (void)state;
    static const char *const labels[] = {"(Intercept)", "lbase", "trtprogabide", "lage"};
    epil("y ~ lbase + trt + lage", "period", SY_RESPONSE_POISSON, "1 + period", 0);
    hold_all("epil_slope", 4, labels, tmb_coef, tmb_loose);
    hold("epil_slope", "variance[1.1.1]", g.variance[0], tmb_loose);
    hold("epil_slope", "variance[1.2.1]", g.variance[1], tmb_loose);
    hold("epil_slope", "variance[1.2.2]", g.variance[3], tmb_loose);
    epil("y ~ lbase + trt + lage", "period", SY_RESPONSE_POISSON, "1 + period", 1);
    hold_all("epil_diagonal", 4, labels, tmb_coef, tmb_loose);
    hold("epil_diagonal", "variance[1.1.1]", g.variance[0], tmb_loose);
    hold("epil_diagonal", "variance[1.2.2]", g.variance[3], tmb_loose);
    assert_true(g.variance[1] == 0);
}

static void ticks_in_broods_in_places_are_glmmtmbs(void **state)
{
    (void)state;
    static const char *const labels[] = {"(Intercept)", "yeary96", "yeary97", "height"};
    for (int nb = 0; nb <= 1; nb++) {
        const char *name = nb ? "ticks_nbinom" : "ticks";
        open_data("grouseticks", "year brood location", "year");
        glmm_model(&g, "ticks ~ year + height", "", nb ? SY_RESPONSE_NEGATIVE_BINOMIAL : SY_RESPONSE_POISSON,
                   SY_LINK_LOG);
        mixed_bar(&g.m, "1", "location", 0);
        mixed_bar(&g.m, "1", "brood", 0);
        glmm_fit(&g);
        hold_all(name, 4, labels, tmb_coef, tmb_loose);
        if (nb) hold(name, "log(theta)", g.estimate[4], tmb_coef);
        hold(name, "variance[1.1.1]", g.variance[0], tmb_loose);
        hold(name, "variance[2.1.1]", g.variance[1], tmb_loose);
    }
}

/* Likelihoods written out in R, optimum on Richardson differences: 1e-9 of the
 * estimates, 1e-8 of the errors. */
static const double written_coef = 5e-9, written_loose = 1e-7;

static void ordinal_links_are_those_written_out(void **state)
{
    (void)state;
    static const char *const labels[] = {"1|2", "2|3", "3|4", "4|5", "temp", "contact"};
    for (int link = SY_LINK_PROBIT; link <= SY_LINK_CLOGLOG; link++) {
        const char *name = link == SY_LINK_PROBIT ? "wine_probit" : "wine_cloglog";
        wine_laplace();
        g.m.model.response.link = (sy_link)link;
        glmm_fit(&g);
        hold_all(name, 6, labels, written_coef, written_loose);
        hold(name, "sd", g.theta[0], written_coef);
    }
}

static void ten_nodes_are_those_written_out(void **state)
{
    (void)state;
    static const char *const wine[] = {"1|2", "2|3", "3|4", "4|5", "temp", "contact"};
    static const char *const cattle[] = {"(Intercept)", "period2", "period3", "period4"};
    wine_laplace();
    g.options.nodes = 10;
    glmm_fit(&g);
    hold_all("wine_agq10", 6, wine, written_coef, written_loose);
    hold("wine_agq10", "sd", g.theta[0], written_coef);
    cbpp_fit(SY_LINK_LOGIT, 10);
    hold_all("cbpp_agq10", 4, cattle, written_coef, written_loose);
    hold("cbpp_agq10", "sd", g.theta[0], written_coef);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wine_by_laplace_is_s15),
        cmocka_unit_test(cbpp_by_laplace_is_s20),
        cmocka_unit_test(wine_is_the_published_table),
        cmocka_unit_test(binary_links_are_glmmtmbs),
        cmocka_unit_test(nested_herds_are_glmmtmbs),
        cmocka_unit_test(bacteria_are_glmmtmbs),
        cmocka_unit_test(counts_of_seizures_are_glmmtmbs),
        cmocka_unit_test(slopes_of_seizures_are_glmmtmbs),
        cmocka_unit_test(ticks_in_broods_in_places_are_glmmtmbs),
        cmocka_unit_test(ordinal_links_are_those_written_out),
        cmocka_unit_test(ten_nodes_are_those_written_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
