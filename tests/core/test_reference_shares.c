/* The families shapley and all_subsets of tests/reference/cases.csv: relaimpo's
 * metrics and lm's R2 of every submodel, 67 numbers, each to the tolerance of its
 * line. sy_shares answers for lmg (share), last (unique), first (alone) and r2;
 * sy_relative_weights for the others.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "cases.h"
#include "steelyard/relative_weights.h"

enum { MAX_ROWS = 60, MAX_COLUMNS = 8 };

typedef struct {
    int n, p;
    char name[MAX_COLUMNS][MAX_FIELD];
    double value[MAX_COLUMNS][MAX_ROWS];
} table;

static void read_table(const char *name, table *t)
{
    char path[300];
    record r;
    snprintf(path, sizeof path, "tests/reference/data/%s.csv", name);
    FILE *file = open_table(path, &r);
    assert_true(r.n <= MAX_COLUMNS);
    t->p = r.n;
    memcpy(t->name, r.field, sizeof t->name);
    for (t->n = 0; read_record(file, &r); t->n++) {
        assert_true(r.n == t->p && t->n < MAX_ROWS);
        for (int j = 0; j < t->p; j++) t->value[j][t->n] = strtod(r.field[j], NULL);
    }
    fclose(file);
}

static int column_called(const table *t, const char *name)
{
    for (int j = 0; j < t->p; j++)
        if (!strcmp(t->name[j], name)) return j;
    fail_msg("no column %s", name);
    return -1;
}

/* The columns named between plus signs; their number. */
static int columns_of(const table *t, const char *list, int *column)
{
    char text[MAX_FIELD];
    int n = 0;
    snprintf(text, sizeof text, "%s", list);
    for (char *name = strtok(text, "+"); name; name = strtok(NULL, "+")) column[n++] = column_called(t, name);
    return n;
}

typedef struct {
    int n, column[MAX_COLUMNS]; /* predictors */
    double other[MAX_COLUMNS * SY_N_OTHER];
    double row[2 * MAX_COLUMNS * SY_N_METRICS];
    sy_shares_summary summary;
} answer;

/* One block a predictor; every column of the table is a term. */
static void ask(const table *t, int outcome, answer *a)
{
    sy_column columns[MAX_COLUMNS];
    sy_factor factors[MAX_COLUMNS];
    sy_term terms[MAX_COLUMNS];
    sy_block blocks[MAX_COLUMNS];
    sy_context ctx;
    sy_moments m = {0};
    sy_moments_options how;
    sy_shares_options options;
    for (int j = 0; j < t->p; j++) {
        columns[j] = (sy_column){.name = t->name[j], .data = t->value[j], .stride = sizeof(double), .type = SY_F64};
        factors[j] = (sy_factor){j, 1};
        terms[j] = (sy_term){.label = t->name[j], .n_factors = 1, .factors = &factors[j]};
    }
    for (int b = 0; b < a->n; b++)
        blocks[b] = (sy_block){.name = t->name[a->column[b]], .n_terms = 1, .terms = &a->column[b]};
    const sy_design design = {.n = t->n, .n_columns = t->p, .columns = columns, .n_terms = t->p, .terms = terms};
    const sy_question question = {.outcome = outcome, .n_blocks = a->n, .blocks = blocks};
    sy_context_init(&ctx);
    sy_moments_defaults(&how);
    sy_shares_defaults(&options);
    if (sy_moments_init(&ctx, &design, &how, &m) != SY_OK) fail_msg("moments: %s", ctx.message);
    const sy_status shared = sy_shares(&ctx, &m, &question, &options, &a->summary, a->row);
    if (shared != SY_OK && shared != SY_NOTE_SUPPRESSION) fail_msg("shares: %s", ctx.message);
    if (sy_relative_weights(&ctx, &m, &question, a->other) != SY_OK) fail_msg("relative weights: %s", ctx.message);
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

/* The number a line asks for, from each function that gives it. */
static double found_for(const char *kind, int b, const answer *a)
{
    const double *row = a->row + b * SY_N_METRICS, *other = a->other + b * SY_N_OTHER;
    if (!strcmp(kind, "lmg")) return row[SY_SHARE];
    if (!strcmp(kind, "last")) return row[SY_UNIQUE];
    if (!strcmp(kind, "first")) return row[SY_ALONE];
    if (!strcmp(kind, "betasq")) return other[SY_OTHER_BETA_SQUARED];
    if (!strcmp(kind, "pratt")) return other[SY_OTHER_PRATT];
    if (!strcmp(kind, "genizi")) return other[SY_OTHER_GENIZI];
    if (!strcmp(kind, "car")) return other[SY_OTHER_CAR];
    fail_msg("cases.csv asks for %s", kind);
    return NAN;
}

/* model: "y ~ a+b+c; remark" */
static void metrics_match_relaimpo(void **state)
{
    (void)state;
    static table t;
    static answer a;
    record r;
    int matched = 0;
    char model[MAX_FIELD] = "";
    FILE *file = open_cases();
    while (next_case(file, "shapley", &r)) {
        if (strcmp(model, r.field[CASE_MODEL]) != 0) {
            char outcome[MAX_FIELD], predictors[MAX_FIELD];
            memcpy(model, r.field[CASE_MODEL], sizeof model);
            assert_int_equal(sscanf(model, "%199s ~ %199[^;]", outcome, predictors), 2);
            read_table(r.field[CASE_DATA], &t);
            a.n = columns_of(&t, predictors, a.column);
            ask(&t, column_called(&t, outcome), &a);
        }
        char kind[MAX_FIELD], name[MAX_FIELD];
        if (!strcmp(r.field[CASE_QUANTITY], "r2")) {
            matched += within(&r, a.summary.total);
            continue;
        }
        assert_int_equal(sscanf(r.field[CASE_QUANTITY], "%199[^[][%199[^]]", kind, name), 2);
        int b = 0;
        while (b < a.n && strcmp(t.name[a.column[b]], name) != 0) b++;
        assert_true(b < a.n);
        matched += within(&r, found_for(kind, b, &a));
        if (!strcmp(kind, "first")) within(&r, a.other[b * SY_N_OTHER + SY_OTHER_FIRST]);
        if (!strcmp(kind, "last")) within(&r, a.other[b * SY_N_OTHER + SY_OTHER_LAST]);
    }
    fclose(file);
    assert_int_equal(matched, 36);
}

/* quantity: "r2[a+b]"; the outcome is the column that is in no submodel. */
static void totals_match_lm_on_every_submodel(void **state)
{
    (void)state;
    static table t;
    static answer a;
    record r;
    int matched = 0;
    FILE *file = open_cases();
    while (next_case(file, "all_subsets", &r)) {
        char predictors[MAX_FIELD];
        assert_int_equal(sscanf(r.field[CASE_QUANTITY], "r2[%199[^]]", predictors), 1);
        read_table(r.field[CASE_DATA], &t);
        a.n = columns_of(&t, predictors, a.column);
        ask(&t, column_called(&t, "Fertility"), &a);
        matched += within(&r, a.summary.total);
    }
    fclose(file);
    assert_int_equal(matched, 31);
}

/* The same 31 numbers as what one question's walk visits: alone, and the total
 * less unique, are R2 of the submodels of one and of all but one. */
static void alone_and_unique_are_differences_of_lms_r2(void **state)
{
    (void)state;
    static table t;
    static answer a;
    record r;
    int matched = 0;
    FILE *file = open_cases();
    read_table("swiss", &t);
    a.n = columns_of(&t, "Agriculture+Examination+Education+Catholic+Infant.Mortality", a.column);
    ask(&t, column_called(&t, "Fertility"), &a);
    while (next_case(file, "all_subsets", &r)) {
        char predictors[MAX_FIELD];
        int column[MAX_COLUMNS], left = -1;
        assert_int_equal(sscanf(r.field[CASE_QUANTITY], "r2[%199[^]]", predictors), 1);
        const int n = columns_of(&t, predictors, column);
        for (int b = 0; b < a.n; b++) {
            int in = 0;
            for (int j = 0; j < n; j++) in |= column[j] == a.column[b];
            if (n == 1 ? in : !in) left = b;
        }
        if (n == 1) matched += within(&r, a.row[left * SY_N_METRICS + SY_ALONE]);
        if (n == a.n - 1) matched += within(&r, a.summary.total - a.row[left * SY_N_METRICS + SY_UNIQUE]);
    }
    fclose(file);
    assert_int_equal(matched, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_match_relaimpo),
        cmocka_unit_test(totals_match_lm_on_every_submodel),
        cmocka_unit_test(alone_and_unique_are_differences_of_lms_r2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
