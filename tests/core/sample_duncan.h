/* Duncan's 45 occupations with their design, and the reference numbers of
 * family ols on them.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TEST_SAMPLE_DUNCAN_H
#define SYI_TEST_SAMPLE_DUNCAN_H
#include "cases.h"
#include "steelyard/linear.h"

enum { DUNCAN_ROWS = 45, DUNCAN_P = 5 };

/* Terms: prestige, income, education, type (bc, prof, wc); model prestige ~
 * income + education + type. */
typedef struct {
    char occupation[DUNCAN_ROWS][32];
    double x[3][DUNCAN_ROWS]; /* prestige, income, education */
    int32_t type[DUNCAN_ROWS];
    sy_column column[4];
    sy_design design;
    sy_linear_model model;
} duncan;

static inline int duncan_type(const char *name)
{
    return !strcmp(name, "bc") ? 0 : !strcmp(name, "prof") ? 1 : 2;
}

static inline duncan *duncan_new(void)
{
    static const char *const types[] = {"bc", "prof", "wc"}, *const names[] = {"prestige", "income", "education"};
    static const sy_factor factors[] = {{0, 1}, {1, 1}, {2, 1}, {3, 1}};
    static const sy_term terms[] = {
        {"prestige", 1, factors}, {"income", 1, factors + 1}, {"education", 1, factors + 2}, {"type", 1, factors + 3}};
    static const int in_model[] = {1, 2, 3};
    duncan *d = calloc(1, sizeof *d);
    char line[200], type[16];
    FILE *file = fopen("tests/reference/data/duncan.csv", "r");
    assert_non_null(d);
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    for (int i = 0; i < DUNCAN_ROWS; i++) {
        assert_non_null(fgets(line, sizeof line, file));
        assert_int_equal(
            sscanf(line, "%31[^,],%15[^,],%lf,%lf,%lf", d->occupation[i], type, &d->x[1][i], &d->x[2][i], &d->x[0][i]),
            5);
        d->type[i] = duncan_type(type);
    }
    fclose(file);
    for (int c = 0; c < 3; c++)
        d->column[c] = (sy_column){.name = names[c], .data = d->x[c], .stride = sizeof(double), .type = SY_F64};
    d->column[3] = (sy_column){
        .name = "type", .data = d->type, .stride = sizeof(int32_t), .type = SY_CODES, .n_levels = 3, .levels = types};
    d->design = (sy_design){.n = DUNCAN_ROWS, .n_columns = 4, .columns = d->column, .n_terms = 4, .terms = terms};
    d->model = (sy_linear_model){.outcome = 0, .n_terms = 3, .terms = in_model, .intercept = 1};
    return d;
}

static inline int duncan_row(const duncan *d, const char *occupation)
{
    int row = 0;
    while (row < DUNCAN_ROWS && strcmp(d->occupation[row], occupation) != 0) row++;
    assert_true(row < DUNCAN_ROWS);
    return row;
}

/* A number of case S08 in tests/reference/cases.csv. */
static inline double duncan_reference(const char *quantity)
{
    record r;
    double value = 0;
    int found = 0;
    FILE *file = open_cases();
    while (read_record(file, &r)) {
        if (strcmp(r.field[CASE_NAME], "S08_duncan_ols") != 0 || strcmp(r.field[CASE_QUANTITY], quantity) != 0)
            continue;
        value = strtod(r.field[CASE_EXPECTED], NULL);
        found++;
    }
    fclose(file);
    assert_int_equal(found, 1);
    return value;
}
#endif
