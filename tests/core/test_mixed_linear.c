/* Linear mixed models against lme4: the families lmm of tests/reference/cases.csv
 * with one grouping factor (S16, S17, S18), tests/reference/lmm.csv (optima polished by Newton's
 * method) and printed tables (T12, T13, T15).
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "mixed_fitted.h"

static fitted x;

static void open_context(sy_context *ctx)
{
    sy_context_init(ctx);
    ctx->threads = 1;
}

static void fit_sleepstudy(sy_context *ctx, int reml)
{
    fitted_read(&x, "sleepstudy", "Subject");
    mixed_fixed(&x.m, "Reaction ~ Days", "");
    mixed_bar(&x.m, "1 + Days", "Subject", 0);
    x.options.reml = reml;
    fitted_fit(&x, ctx);
}

/* The mode of an effect of the level that a quantity names. */
static double mode_of(const char *quantity)
{
    const frame *f = &x.m.f;
    const int c = frame_column(f, "Subject");
    const long level = strtol(strchr(quantity, '[') + 1, NULL, 10);
    for (int l = 0; l < f->n_levels[c]; l++)
        if (strtol(f->level[c][l], NULL, 10) == level) return x.modes[2 * l];
    return NAN;
}

static double sleepstudy_number(const char *q)
{
    if (!strncmp(q, "fixef", 5)) return x.estimate[fitted_column(&x, q)];
    if (!strncmp(q, "se[", 3)) return fitted_error(&x, fitted_column(&x, q));
    if (!strcmp(q, "sd[Residual]")) return x.s.sigma;
    if (!strcmp(q, "sd[Subject:(Intercept)]")) return sqrt(x.variance[0]);
    if (!strcmp(q, "sd[Subject:Days]")) return sqrt(x.variance[3]);
    if (!strncmp(q, "cor", 3)) return x.variance[1] / sqrt(x.variance[0] * x.variance[3]);
    if (!strcmp(q, "reml_criterion") || !strcmp(q, "deviance")) return x.s.criterion;
    if (!strncmp(q, "loglik", 6)) return x.s.loglik;
    if (!strcmp(q, "aic")) return x.s.aic;
    if (!strcmp(q, "bic")) return x.s.bic;
    assert_true(!strncmp(q, "ranef_int", 9));
    return mode_of(q);
}

static double dyestuff_number(const char *q)
{
    sy_context ctx;
    open_context(&ctx);
    fitted_read(&x, "dyestuff", "Batch");
    mixed_fixed(&x.m, "Yield ~ 1", "");
    mixed_bar(&x.m, "1", "Batch", 0);
    x.options.reml = strncmp(q, "ml_", 3) != 0;
    fitted_fit(&x, &ctx);
    sy_context_free(&ctx);
    if (strstr(q, "sd[Batch]")) return sqrt(x.variance[0]);
    if (strstr(q, "sd[Residual]")) return x.s.sigma;
    if (strstr(q, "icc")) return x.variance[0] / (x.variance[0] + x.s.sigma * x.s.sigma);
    if (strstr(q, "se[")) return fitted_error(&x, 0);
    return strstr(q, "fixef") ? x.estimate[0] : x.s.criterion;
}

static void reference_cases_of_one_factor(void **state)
{
    record r;
    sy_context ctx;
    int count = 0, reml = -1;
    (void)state;
    open_context(&ctx);
    FILE *file = open_cases();
    while (next_case(file, "lmm", &r)) {
        const char *q = r.field[CASE_QUANTITY];
        const int sleep = !strcmp(r.field[CASE_DATA], "sleepstudy");
        if (!sleep && strcmp(r.field[CASE_DATA], "dyestuff") != 0) continue;
        const int wanted = strstr(r.field[CASE_NAME], "_reml") != NULL;
        if (sleep && wanted != reml) fit_sleepstudy(&ctx, reml = wanted);
        count += within(&r, sleep ? sleepstudy_number(q) : dyestuff_number(q));
    }
    fclose(file);
    sy_context_free(&ctx);
    assert_int_equal(count, 28 + 30 + 10);
}

/* Marginal and conditional R2 and ICC of S22 follow from the fit by their formula: mean over rows of z'Sigma z. */
static void variance_shares_of_sleepstudy_follow(void **state)
{
    sy_context ctx;
    (void)state;
    open_context(&ctx);
    fit_sleepstudy(&ctx, 1);
    const double *days = x.m.f.value[frame_column(&x.m.f, "Days")], n = (double)x.m.f.n;
    double mean = 0, random = 0, fixed = 0;
    for (ptrdiff_t i = 0; i < x.m.f.n; i++) mean += days[i] / n;
    for (ptrdiff_t i = 0; i < x.m.f.n; i++) {
        random += (x.variance[0] + 2 * days[i] * x.variance[1] + days[i] * days[i] * x.variance[3]) / n;
        fixed += pow(x.estimate[1] * (days[i] - mean), 2) / (n - 1);
    }
    const double all = fixed + random + x.s.sigma * x.s.sigma;
    near(fixed / all, 0.27865203361392787, 1e-9);
    near((fixed + random) / all, 0.79921890759692515, 1e-9);
    near(random / (all - fixed), 0.72165847585461296, 1e-9);
    sy_context_free(&ctx);
}

/* Row by row: analytic weights 1, 1.5, 2, 1, ... and an offset 0, 0.1, ..., 0.4, 0, ... */
static double weight[FRAME_ROWS], offset[FRAME_ROWS];
static sy_column weight_column = {.name = "w", .data = weight, .stride = sizeof(double), .type = SY_F64};
static sy_column offset_column = {.name = "o", .data = offset, .stride = sizeof(double), .type = SY_F64};

static void put_case(const char *name)
{
    const char *fixed[] = {"normexam ~ standLRT",
                           "normexam ~ standLRT + sex + type",
                           "MathAch ~ MEANSES + Sector + CSES + MEANSES:CSES + Sector:CSES",
                           "normexam ~ standLRT + intake",
                           "score ~ Machine",
                           "distance ~ age + Sex + age:Sex"};
    const char *bar[] = {"1 + standLRT", "1 + standLRT", "1 + CSES", "1", "1 + Machine", "1 + age"};
    const char *group[] = {"school", "school", "School", "school", "Worker", "Subject"};
    const int k = name[2] - '1';
    if (k == 2) fitted_read(&x, "mathachieve", "School Minority Sex Sector");
    else if (k == 4) fitted_read(&x, "machines", "Worker Machine");
    else if (k == 5) fitted_read(&x, "orthodont", "Subject Sex");
    else fitted_read(&x, "exam", "school sex type intake");
    mixed_fixed(&x.m, fixed[k], "");
    mixed_bar(&x.m, bar[k], group[k], k == 5);
    x.options.reml = k != 0 && k != 5;
    if (k != 3) return;
    for (int i = 0; i < x.m.f.n; i++) {
        weight[i] = 1 + i % 3 / 2.0;
        offset[i] = i % 5 / 10.0;
    }
    x.m.f.design.weights = &weight_column;
    x.m.f.design.weight_kind = SY_WEIGHT_ANALYTIC;
    x.m.model.response.offset = &offset_column;
}

/* "var[school:2,1]", "mode[65,2]": places from 1; "var[Subject.1:1,1]" is the second effect of a diagonal bar term. */
static double lme4_number(const char *q)
{
    const int n_effects = x.shape.n_effects;
    int i = 0, j = 0;
    if (!strncmp(q, "coef[", 5)) return x.estimate[fitted_column(&x, q)];
    if (!strncmp(q, "se[", 3)) return fitted_error(&x, fitted_column(&x, q));
    if (!strcmp(q, "criterion")) return x.s.criterion;
    if (!strcmp(q, "loglik")) return x.s.loglik;
    if (!strcmp(q, "aic")) return x.s.aic;
    if (!strcmp(q, "bic")) return x.s.bic;
    if (!strcmp(q, "sigma")) return x.s.sigma;
    if (!strcmp(q, "condvar[1]")) return x.mode_variance[0];
    if (!strcmp(q, "fitted[3]")) return x.fitted[2];
    if (!strncmp(q, "mode[", 5)) {
        assert_int_equal(sscanf(q, "mode[%d,%d]", &i, &j), 2);
        return x.modes[(i - 1) * n_effects + j - 1];
    }
    assert_int_equal(sscanf(strchr(q, ':'), ":%d,%d", &i, &j), 2);
    if (strstr(q, "Subject.1")) return x.variance[3];
    return x.variance[(i - 1) * n_effects + j - 1];
}

static void lme4_with_polished_optima(void **state)
{
    record r;
    sy_context ctx;
    char now[MAX_FIELD] = "";
    int count = 0;
    (void)state;
    open_context(&ctx);
    FILE *file = open_table("tests/reference/lmm.csv", &r);
    while (next_case(file, "lmm_lme4", &r)) {
        const char *q = r.field[CASE_QUANTITY];
        if (strcmp(r.field[CASE_NAME], "L06") > 0) continue;
        if (strcmp(now, r.field[CASE_NAME]) != 0) {
            snprintf(now, sizeof now, "%s", r.field[CASE_NAME]);
            put_case(now);
            fitted_fit(&x, &ctx);
            assert_int_equal(x.s.converged, 1);
            assert_true(x.s.last_step < 1e-9);
        }
        count += within(&r, lme4_number(q));
    }
    fclose(file);
    sy_context_free(&ctx);
    assert_int_equal(count, 142);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_cases_of_one_factor),
        cmocka_unit_test(variance_shares_of_sleepstudy_follow),
        cmocka_unit_test(lme4_with_polished_optima),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
