/* Degrees of freedom and F tests of linear mixed models against lmerTest and
 * pbkrtest: the family lmm_ddf of tests/reference/cases.csv (S21) and L07 to L10
 * of tests/reference/lmm.csv. Their derivatives are numerical and their optima
 * those of the default search: 1e-5 and 2e-5, relative, is what they bear.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "mixed_fitted.h"
#include "steelyard/mixed_df.h"

enum { TERMS = 8 };

static fitted x;

static void open_context(sy_context *ctx)
{
    sy_context_init(ctx);
    ctx->threads = 1;
}

/* Relative, to the tolerance of the line. */
static int held(const record *r, double found)
{
    const double expected = strtod(r->field[CASE_EXPECTED], NULL), tolerance = strtod(r->field[CASE_TOLERANCE], NULL);
    assert_true(tolerance > 0 && tolerance <= 2e-5);
    if (!(fabs(found - expected) <= tolerance * fabs(expected)))
        fail_msg("%s, %s: found %.17g, expected %.17g", r->field[CASE_NAME], r->field[CASE_QUANTITY], found, expected);
    return 1;
}

static void fit_case(sy_context *ctx, int k)
{
    static const char *data[] = {"sleepstudy", "orthodont", "machines", "cake", "machines"};
    static const char *factors[] = {"Subject", "Subject Sex", "Worker Machine", "batch recipe", "Worker Machine"};
    static const char *fixed[] = {"Reaction ~ Days", "distance ~ age + Sex + age:Sex", "score ~ Machine",
                                  "angle ~ recipe + temp + recipe:temp", "score ~ Machine"};
    static const char *bar[] = {"1 + Days", "1 + age", "1", "1", "1"};
    static const char *group[] = {"Subject", "Subject", "Worker", "batch", "Worker"};
    fitted_read(&x, data[k], factors[k]);
    if (k == 4) {
        frame *f = &x.m.f;
        const int w = frame_column(f, "Worker"), m = frame_column(f, "Machine"), c = frame_add(f, "cell", 1, 18);
        for (ptrdiff_t i = 0; i < f->n; i++) f->code[c][i] = 3 * f->code[w][i] + f->code[m][i];
    }
    mixed_fixed(&x.m, fixed[k], "");
    mixed_bar(&x.m, bar[k], group[k], 0);
    if (k == 4) mixed_bar(&x.m, "1", "cell", 0);
    fitted_fit(&x, ctx);
}

/* t test of coefficient c by `kind`. */
static double single(sy_context *ctx, sy_df_kind kind, int c, char what)
{
    double covariance[FIT_K * FIT_K], df[FIT_K], one[FIT_K] = {0}, out[7];
    const int k = x.shape.k;
    assert_true(sy_mixed_df(ctx, &x.m.f.design, &x.m.model, &x.options, x.theta, kind, k, covariance, df) >= 0);
    sy_contrasts t = {out, out + 1, out + 2, out + 3, out + 4, out + 5, out + 6, 0, 0, 0, 0};
    one[c] = 1;
    assert_true(sy_mixed_contrasts(ctx, &x.m.f.design, &x.m.model, &x.options, x.theta, kind, 1, one, 0.95, &t) >= 0);
    near(t.df[0], df[c], 1e-12);
    near(t.std_error[0], sqrt(covariance[c * k + c]), 1e-12);
    near(t.f, t.statistic[0] * t.statistic[0], 1e-10);
    near(t.f_p, t.p_value[0], 1e-9);
    return what == 'd' ? df[c] : what == 's' ? t.std_error[0] : t.p_value[0];
}

/* Satterthwaite's df of the balanced design are 17; lmerTest's optimum stopped so short that it has 16.9997 and 16.99998, and
 * p values that go with them. R's pt at 17 instead. */
static void balanced_design(const char *quantity, double found)
{
    if (strstr(quantity, "df")) near(found, 17, 1e-10);
    else near(found, strstr(quantity, "Days") ? 3.2637880713318522e-06 : 1.1708875409156068e-17, 1e-9);
}

static void sleepstudy_by_both(void **state)
{
    record r;
    sy_context ctx;
    int count = 0;
    (void)state;
    open_context(&ctx);
    fit_case(&ctx, 0);
    FILE *file = open_cases();
    while (next_case(file, "lmm_ddf", &r)) {
        const char *q = r.field[CASE_QUANTITY], *what = strchr(q, '_') + 1;
        const sy_df_kind kind = strncmp(q, "kr", 2) ? SY_DF_SATTERTHWAITE : SY_DF_KENWARD_ROGER;
        const double found = single(&ctx, kind, fitted_column(&x, q), *what);
        if (!strncmp(q, "satt", 4)) balanced_design(q, found);
        else held(&r, found);
        count++;
    }
    fclose(file);
    sy_context_free(&ctx);
    assert_int_equal(count, 8);
}

/* "Satterthwaite[II,age:Sex,F value]" */
static double table_number(sy_context *ctx, const char *q)
{
    const sy_df_kind kind = *q == 'S' ? SY_DF_SATTERTHWAITE : SY_DF_KENWARD_ROGER;
    char part[3][FIT_LABEL], name[FIT_LABEL + 2];
    sy_mixed_row row[TERMS];
    const char *inner = strchr(q, '[') + 1;
    if (!strncmp(inner, "df,", 3) || !strncmp(inner, "se,", 3)) {
        snprintf(name, sizeof name, "[%s", inner + 3);
        return single(ctx, kind, fitted_column(&x, name), *inner);
    }
    assert_int_equal(sscanf(inner, "%99[^,],%99[^,],%99[^]]", part[0], part[1], part[2]), 3);
    assert_true(sy_mixed_anova(ctx, &x.m.f.design, &x.m.model, &x.options, x.theta, kind, (int)strlen(part[0]), row) >=
                0);
    for (int t = 0; t < x.m.f.model.n_terms; t++) {
        if (strcmp(x.m.f.label[x.m.f.in_model[t]], part[1]) != 0) continue;
        if (!strcmp(part[2], "Sum Sq")) return row[t].sum_sq;
        if (!strcmp(part[2], "DenDF")) return row[t].df2;
        return !strcmp(part[2], "F value") ? row[t].f : row[t].p_value;
    }
    fail_msg("no term %s", part[1]);
    return NAN;
}

static void lmertest_tables(void **state)
{
    record r;
    sy_context ctx;
    int count = 0, now = -1;
    (void)state;
    open_context(&ctx);
    FILE *file = open_table("tests/reference/lmm.csv", &r);
    while (next_case(file, "lmm_lme4", &r)) {
        const char *name = r.field[CASE_NAME];
        const int k = (int)strtol(name + 1, NULL, 10) - 6;
        if (k < 1) continue;
        if (k != now) fit_case(&ctx, now = k);
        count += held(&r, table_number(&ctx, r.field[CASE_QUANTITY]));
    }
    fclose(file);
    sy_context_free(&ctx);
    assert_int_equal(count, 88 + 36 + 96 + 36);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sleepstudy_by_both),
        cmocka_unit_test(lmertest_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
