/* Linear mixed models to the digits of printed tables: High School and Beyond
 * (T12), sleepstudy (T13), London examinations (T15) of tests/reference/printed.csv.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "mixed_fitted.h"

static fitted x;
static sy_context ctx;

static double number(const char *q)
{
    if (!strncmp(q, "coef", 4)) return x.estimate[fitted_column(&x, q)];
    if (!strncmp(q, "se", 2)) return fitted_error(&x, fitted_column(&x, q));
    if (!strcmp(q, "sigma2")) return x.s.sigma * x.s.sigma;
    if (!strcmp(q, "sigma")) return x.s.sigma;
    if (!strcmp(q, "criterion")) return x.s.criterion;
    if (!strcmp(q, "icc")) return x.variance[0] / (x.variance[0] + x.s.sigma * x.s.sigma);
    if (!strcmp(q, "cov")) return x.variance[1];
    if (!strcmp(q, "cor")) return x.variance[1] / sqrt(x.variance[0] * x.variance[3]);
    const double v = x.variance[strstr(q, "[2]") ? 3 : 0];
    return strncmp(q, "sd", 2) ? v : sqrt(v);
}

/* How many numbers of a model "1", "2", ... of a table are met. */
static int hold(const char *table, char model)
{
    record r;
    int count = 0;
    FILE *file = open_table("tests/reference/printed.csv", &r);
    fitted_fit(&x, &ctx);
    while (read_record(file, &r)) {
        if (strcmp(r.field[0], table) != 0 || r.field[1][0] != model) continue;
        const double half = 0.5 * pow(10, -(double)strlen(strchr(r.field[2], '.') + 1)), found = number(r.field[1] + 2);
        if (!(fabs(found - strtod(r.field[2], NULL)) <= half * (1 + 1e-9)))
            fail_msg("%s %s: found %.9f, printed %s", table, r.field[1], found, r.field[2]);
        count++;
    }
    fclose(file);
    return count;
}

static void put(const char *fixed, const char *bar, const char *group, int reml)
{
    mixed_fixed(&x.m, fixed, "");
    mixed_bar(&x.m, bar, group, 0);
    x.options.reml = reml;
}

static void high_school_and_beyond(void **state)
{
    static const char table[] = "T12_high_school_and_beyond";
    (void)state;
    fitted_read(&x, "mathachieve", "School Minority Sex Sector");
    frame *f = &x.m.f;
    const int sector = frame_column(f, "Sector"), catholic = frame_add(f, "Catholic", 0, 0);
    const double *ses = f->value[frame_column(f, "SES")], *mean = f->value[frame_column(f, "MEANSES")];
    for (ptrdiff_t i = 0; i < f->n; i++) {
        f->value[catholic][i] = f->code[sector][i] == 0;
        f->value[frame_column(f, "CSES")][i] = ses[i] - mean[i]; /* of the printed mean, as the tables have it */
    }
    put("MathAch ~ 1", "1", "School", 1);
    assert_int_equal(hold(table, '1'), 6);
    put("MathAch ~ MEANSES", "1", "School", 1);
    assert_int_equal(hold(table, '2'), 7);
    put("MathAch ~ CSES", "1 + CSES", "School", 1);
    assert_int_equal(hold(table, '3'), 8);
    put("MathAch ~ MEANSES + Catholic + CSES + MEANSES:CSES + Catholic:CSES", "1 + CSES", "School", 1);
    assert_int_equal(hold(table, '4'), 15);
}

static void sleepstudy(void **state)
{
    (void)state;
    fitted_read(&x, "sleepstudy", "Subject");
    put("Reaction ~ Days", "1 + Days", "Subject", 1);
    assert_int_equal(hold("T13_sleepstudy", '1'), 9);
    put("Reaction ~ Days", "1", "Subject", 1);
    assert_int_equal(hold("T13_sleepstudy", '2'), 3);
}

static void london_examinations(void **state)
{
    (void)state;
    fitted_read(&x, "exam", "school sex type intake");
    put("normexam ~ 1", "1", "school", 0);
    assert_int_equal(hold("T15_exam", '1'), 5);
    put("normexam ~ standLRT", "1", "school", 0);
    assert_int_equal(hold("T15_exam", '2'), 7);
    put("normexam ~ standLRT", "1 + standLRT", "school", 0);
    assert_int_equal(hold("T15_exam", '3'), 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(high_school_and_beyond),
        cmocka_unit_test(sleepstudy),
        cmocka_unit_test(london_examinations),
    };
    sy_context_init(&ctx);
    ctx.threads = 1;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    sy_context_free(&ctx);
    return failed;
}
