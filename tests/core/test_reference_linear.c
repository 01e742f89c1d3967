/* The families ols and wls of tests/reference/cases.csv: R's lm on Duncan's and
 * Prestige's data, 38 numbers, each to the tolerance of its line: coefficients,
 * errors, fit, likelihood, leverage, Cook's distance, studentised residuals
 * (the last two formed here). gvif is answered for in the tests of diagnostics,
 * HC3 in those of covariances.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "cases.h"
#include "linear_problem.h"

enum { MAX_ROWS = 100, MAX_COLUMNS = 8, MAX_LEVELS = 10 };

typedef struct {
    int n, p;
    char name[MAX_COLUMNS][MAX_FIELD], text[MAX_COLUMNS][MAX_ROWS][40];
    double value[MAX_COLUMNS][MAX_ROWS];
    int32_t code[MAX_ROWS];
    const char *levels[MAX_LEVELS];
} table;

static void read_table(const char *name, table *t)
{
    char path[300];
    record r;
    snprintf(path, sizeof path, "tests/reference/data/%s.csv", name);
    FILE *file = open_table(path, &r);
    assert_true(r.n <= MAX_COLUMNS);
    t->p = r.n;
    for (int j = 0; j < r.n; j++) snprintf(t->name[j], MAX_FIELD, "%s", r.field[j]);
    for (t->n = 0; read_record(file, &r); t->n++)
        for (int j = 0; j < t->p; j++) {
            assert_true(t->n < MAX_ROWS);
            snprintf(t->text[j][t->n], sizeof t->text[j][0], "%.39s", r.field[j]);
            t->value[j][t->n] = strtod(r.field[j], NULL);
        }
    fclose(file);
}

static int column_of(const table *t, const char *name)
{
    for (int j = 0; j < t->p; j++)
        if (!strcmp(t->name[j], name)) return j;
    fail_msg("%s is not in the data", name);
    return -1;
}

static void add_number(problem *q, table *t, const char *name)
{
    problem_number(q, name, t->value[column_of(t, name)]);
}

/* Levels in the order of the alphabet. */
static void add_factor(problem *q, table *t, const char *name)
{
    const int j = column_of(t, name);
    int count = 0;
    for (int i = 0; i < t->n; i++) {
        int at = 0;
        while (at < count && strcmp(t->levels[at], t->text[j][i]) < 0) at++;
        if (at < count && !strcmp(t->levels[at], t->text[j][i])) continue;
        assert_true(count < MAX_LEVELS);
        for (int k = count++; k > at; k--) t->levels[k] = t->levels[k - 1];
        t->levels[at] = t->text[j][i];
    }
    for (int i = 0; i < t->n; i++)
        for (int l = 0; l < count; l++)
            if (!strcmp(t->levels[l], t->text[j][i])) t->code[i] = l;
    problem_term(q, name, problem_column(q, factor_column(name, t->code, count, t->levels)), -1, -1);
}

/* "coef[typeprof]": our column "type[prof]" without the brackets. */
static int coefficient_called(problem *q, const char *name)
{
    sy_context ctx;
    sy_context_init(&ctx);
    char label[PROBLEM_P][100];
    assert_true(q->p <= PROBLEM_P);
    assert_true(sy_linear_labels(&ctx, &q->design, &q->model, q->p, label[0], sizeof label[0]) >= 0);
    for (int c = 0; c < q->p; c++) {
        char plain[100];
        int at = 0;
        for (const char *s = label[c]; *s; s++)
            if (*s != '[' && *s != ']') plain[at++] = *s;
        plain[at] = 0;
        if (!strcmp(plain, name)) return c;
    }
    fail_msg("there is no coefficient %s", name);
    return -1;
}

static int row_called(const table *t, const char *name)
{
    for (int i = 0; i < t->n; i++)
        if (!strcmp(t->text[0][i], name)) return i;
    fail_msg("there is no row %s", name);
    return -1;
}

static double of_row(const problem *q, const char *what, int i)
{
    const double h = q->leverage[i], e = q->residual[i], df = q->summary.df_resid, s2 = q->summary.rss / df;
    if (!strcmp(what, "hat")) return h;
    if (!strcmp(what, "cook")) return e * e * h / (s2 * q->summary.rank * (1 - h) * (1 - h));
    assert_string_equal(what, "rstudent");
    return e / sqrt((1 - h) * (q->summary.rss - e * e / (1 - h)) / (df - 1));
}

static double of_summary(const sy_linear_summary *s, const char *quantity)
{
    const struct {
        const char *name;
        double value;
    } all[] = {{"sigma", s->sigma}, {"r2", s->r2},  {"adj_r2", s->r2_adjusted}, {"F", s->f}, {"loglik", s->loglik},
               {"aic", s->aic},     {"bic", s->bic}};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        if (!strcmp(all[k].name, quantity)) return all[k].value;
    fail_msg("%s is not answered for", quantity);
    return NAN;
}

static double answer(problem *q, const table *t, const char *quantity)
{
    char what[40], name[100];
    if (sscanf(quantity, "%39[^[][%99[^]]]", what, name) != 2) return of_summary(&q->summary, quantity);
    if (!strcmp(what, "coef")) return q->coefficient[coefficient_called(q, name)];
    if (!strcmp(what, "se")) return problem_error(q, coefficient_called(q, name));
    return of_row(q, what, row_called(t, name));
}

/* Every line of a family but those another test answers for. */
static void check_family(const char *family, problem *q, const table *t, const char *elsewhere, int expected)
{
    static record r;
    int checked = 0;
    FILE *file = open_cases();
    fit_problem(q);
    while (next_case(file, family, &r))
        if (strncmp(r.field[CASE_QUANTITY], elsewhere, strlen(elsewhere)) != 0)
            checked += within(&r, answer(q, t, r.field[CASE_QUANTITY]));
    fclose(file);
    assert_int_equal(checked, expected);
    problem_free(q);
}

static void duncans_prestige_agrees_with_lm(void **state)
{
    (void)state;
    static table t;
    read_table("duncan", &t);
    problem *q = problem_new(t.n);
    add_number(q, &t, "prestige");
    add_number(q, &t, "income");
    add_number(q, &t, "education");
    add_factor(q, &t, "type");
    check_family("ols", q, &t, "gvif", 23);
}

static void weighted_prestige_agrees_with_lm(void **state)
{
    (void)state;
    static table t;
    read_table("prestige", &t);
    problem *q = problem_new(t.n);
    add_number(q, &t, "prestige");
    add_number(q, &t, "education");
    add_number(q, &t, "income");
    add_number(q, &t, "women");
    q->weight = number_column("census", t.value[column_of(&t, "census")]);
    q->design.weights = &q->weight;
    q->design.weight_kind = SY_WEIGHT_ANALYTIC;
    check_family("wls", q, &t, "HC3", 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(duncans_prestige_agrees_with_lm),
        cmocka_unit_test(weighted_prestige_agrees_with_lm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
