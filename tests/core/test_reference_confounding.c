/* SPDX-License-Identifier: GPL-3.0-only
 * References: cases.csv (S24 sensemakr 0.1.6 and Cinelli & Hazlett 2020, table 1; S25 closed form) and
 * confounding.csv (sensemakr 0.1.6, EValue 4.1.4, robomit 1.0.7, whose six decimals are absolute 5e-7), made by
 * tests/reference/make_confounding.R. Villages are absorbed here and a factor in Python's tests: the same numbers. */
#include "base/numeric_internal.h"

#include "confounding_problem.h"

/* Peace attitudes in Darfur: coefficient 0 is being directly harmed. */
static problem *darfur(void)
{
    static const char *const names[] = {"peacefactor", "directlyharmed", "age",           "farmer_dar",
                                        "herder_dar",  "pastvoted",      "hhsize_darfur", "female"};
    static int32_t village[ROWS];
    static const char *levels[VILLAGES];
    const int n = read_columns("tests/reference/data/darfur.csv", 8, names, columns, "village", village);
    assert_int_equal(n, 1276);
    problem *q = problem_new(n);
    int most = 0;
    for (int i = 0; i < n; i++) most = village[i] > most ? village[i] : most;
    for (int l = 0; l <= most; l++) levels[l] = "village";
    for (int c = 0; c < 8; c++) problem_number(q, names[c], columns[c]);
    q->absorb = factor_column("village", village, most + 1, levels);
    q->model.absorb = &q->absorb;
    q->model.intercept = 0;
    fit_problem(q);
    return q;
}

/* Bounds of one benchmark, and the estimate beside such a confounder. */
static sy_bound bound_of(const sy_fit_left *fit, const sy_benchmark *group, double kd, double ky, sy_adjusted_row *row)
{
    sy_tested tested;
    sy_bound bound;
    double strength[2] = {0};
    assert_int_equal(sy_confounding_tested(&ctx, fit, 0, &tested), SY_OK);
    assert_int_equal(sy_confounding_benchmarks(&ctx, fit, 0, 1, group, &strength[0], &strength[1]), SY_OK);
    assert_int_equal(sy_confounding_bound(&ctx, group->name, strength, kd, ky, &bound), SY_OK);
    assert_int_equal(sy_confounding_adjusted(&ctx, &tested, bound.r2_treatment, bound.r2_outcome, 1, 0.95, row), SY_OK);
    return bound;
}

static double darfur_case(const char *quantity, const sy_fit_left *fit)
{
    sy_tested tested;
    sy_robustness_values rv;
    sy_adjusted_row row;
    const int female[] = {6};
    const sy_benchmark group = {"female", 1, female};
    assert_int_equal(sy_confounding_tested(&ctx, fit, 0, &tested), SY_OK);
    assert_int_equal(sy_robustness(&ctx, &tested, 1, 0.05, &rv), SY_OK);
    if (!strcmp(quantity, "estimate")) return tested.estimate;
    if (!strcmp(quantity, "se")) return tested.std_error;
    if (!strcmp(quantity, "t")) return tested.t;
    if (!strcmp(quantity, "dof")) return tested.df;
    if (!strcmp(quantity, "partial_r2")) return rv.partial_r2;
    if (!strcmp(quantity, "f2")) return rv.f2;
    if (!strcmp(quantity, "rv_q")) return rv.value;
    if (!strcmp(quantity, "rv_qa")) return rv.value_alpha;
    const char *mark = strchr(quantity, '[');
    assert_non_null(mark);
    const double k = strtod(mark + 1, NULL);
    const sy_bound bound = bound_of(fit, &group, k, k, &row);
    if (!strncmp(quantity, "bound_r2dz", 10)) return bound.r2_treatment;
    if (!strncmp(quantity, "bound_r2yz", 10)) return bound.r2_outcome;
    if (!strncmp(quantity, "adj_estimate", 12)) return row.estimate;
    if (!strncmp(quantity, "adj_se", 6)) return row.std_error;
    if (!strncmp(quantity, "adj_t", 5)) return row.t;
    fail_msg("%s is not known", quantity);
    return NAN;
}

static double e_case(const char *quantity)
{
    const double up[] = {3.9, 1.8, 8.7}, down[] = {0.8, 0.71, 0.91};
    sy_e_values e;
    assert_int_equal(sy_e_value(&ctx, SY_E_RISK_RATIO, strstr(quantity, "3.9") ? up : down, NAN, 1, &e), SY_OK);
    return strchr(quantity, '_') ? e.value_limit : e.value;
}

static void every_case_of_the_family_is_reproduced(void **state)
{
    (void)state;
    record r;
    int count = 0;
    problem *q = darfur();
    const sy_fit_left fit = left_of(q);
    FILE *file = open_cases();
    while (next_case(file, "sensitivity", &r))
        count += within(&r, strncmp(r.field[CASE_NAME], "S24", 3) ? e_case(r.field[CASE_QUANTITY])
                                                                  : darfur_case(r.field[CASE_QUANTITY], &fit));
    fclose(file);
    assert_int_equal(count, 27);
    problem_free(q);
}

static double group_case(const char *text, const char *quantity, const sy_fit_left *fit)
{
    static const int female[] = {6}, work[] = {2, 3}, person[] = {1, 5, 6};
    char name[20];
    double kd = 0, ky = 0;
    assert_int_equal(sscanf(text, "darfur %19s %lf %lf", name, &kd, &ky), 3);
    const sy_benchmark group = name[0] == 'f'   ? (sy_benchmark){"female", 1, female}
                               : name[0] == 'w' ? (sy_benchmark){"work", 2, work}
                                                : (sy_benchmark){"person", 3, person};
    sy_adjusted_row row;
    const sy_bound bound = bound_of(fit, &group, kd, ky, &row);
    return !strcmp(quantity, "r2_treatment") ? bound.r2_treatment
           : !strcmp(quantity, "r2_outcome") ? bound.r2_outcome
           : !strcmp(quantity, "estimate")   ? row.estimate
           : !strcmp(quantity, "std_error")  ? row.std_error
                                             : row.t;
}

static double printed_case(const char *text, const char *quantity)
{
    double t, df, q, alpha;
    sy_robustness_values rv;
    assert_int_equal(sscanf(text, "%lf %lf %lf %lf", &t, &df, &q, &alpha), 4);
    const sy_tested tested = {"x", NAN, NAN, t, df, NAN, NAN, NULL};
    assert_int_equal(sy_robustness(&ctx, &tested, q, alpha, &rv), SY_OK);
    return !strcmp(quantity, "value")         ? rv.value
           : !strcmp(quantity, "value_alpha") ? rv.value_alpha
           : !strcmp(quantity, "extreme")     ? rv.extreme
                                              : rv.extreme_alpha;
}

static double e_value_case(const char *text, const char *quantity)
{
    static const char *const names[] = {"rr", "or_rare", "or_common", "hr_rare", "hr_common", "difference"};
    char name[20];
    double x[5];
    int measure = 0;
    sy_e_values e;
    assert_int_equal(sscanf(text, "%19s %lf %lf %lf %lf %lf", name, &x[0], &x[1], &x[2], &x[3], &x[4]), 6);
    while (strcmp(names[measure], name) != 0) measure++;
    for (int i = 1; i < 4; i++)
        if (x[i] == -1) x[i] = NAN;
    assert_int_equal(sy_e_value(&ctx, (sy_e_measure)measure, x, x[3], x[4], &e), SY_OK);
    return !strcmp(quantity, "ratio") ? e.ratio : !strcmp(quantity, "value") ? e.value : e.value_limit;
}

/* robomit takes the one real root even where it breaks assumption 3: then it is among the others. */
static double oster_case(const char *text, const char *quantity, double expected)
{
    char treatment[10], controls[40], rest[60];
    double last = 0;
    sy_oster_answer a;
    assert_int_equal(sscanf(text, "oster mtcars mpg %9s | %59[^\n]", treatment, rest), 2);
    snprintf(controls, sizeof controls, "%.*s", (int)(strchr(rest, '|') - rest), rest);
    problem *q = cars(treatment, controls);
    sy_oster_question o = oster_of(q);
    problem_free(q);
    assert_int_equal(sscanf(strchr(rest, '|'), "| %lf | %lf", &o.r_max, &last), 2);
    if (!strcmp(quantity, "delta_star")) o.target = last;
    else o.delta = last;
    assert_int_equal(sy_oster(&ctx, &o, &a), SY_OK);
    if (!strcmp(quantity, "delta_star")) return a.delta_star;
    if ((expected - o.beta) * (o.beta - o.beta_short) > 0) return a.beta_star;
    assert_true(isnan(a.beta_star) && a.n_other >= 1);
    return fabs(a.other[0] - expected) < 5e-7 ? a.other[0] : a.other[1];
}

static void every_number_of_the_packages_is_reproduced(void **state)
{
    (void)state;
    record r;
    int count = 0;
    problem *q = darfur();
    const sy_fit_left fit = left_of(q);
    FILE *file = open_table("tests/reference/confounding.csv", &r);
    while (read_record(file, &r)) {
        const char *text = r.field[0], *source = r.field[4];
        const double expected = strtod(r.field[2], NULL), tolerance = strtod(r.field[3], NULL);
        if (!strcmp(text, "darfur village")) continue; /* absorbed here */
        const double found = !strncmp(text, "darfur", 6)    ? group_case(text, r.field[1], &fit)
                             : !strncmp(text, "oster", 5)   ? oster_case(text, r.field[1], expected)
                             : !strcmp(source, "sensemakr") ? printed_case(text, r.field[1])
                                                            : e_value_case(text, r.field[1]);
        const double scale = !strcmp(source, "robomit") || expected == 0 ? 1 : fabs(expected);
        if (!(fabs(found - expected) <= tolerance * scale))
            fail_msg("%s, %s: found %.17g, expected %.17g", text, r.field[1], found, expected);
        count++;
    }
    fclose(file);
    assert_int_equal(count, 123);
    problem_free(q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_of_the_family_is_reproduced),
        cmocka_unit_test(every_number_of_the_packages_is_reproduced),
    };
    return cmocka_run_group_tests(tests, fresh, NULL);
}
