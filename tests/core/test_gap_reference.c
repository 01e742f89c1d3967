/* Parts of a gap and their standard errors beside those of other programs:
 * tests/reference/gap.csv, made by make_gap.R.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "gap_problem.h"

enum { PEOPLE = 600 };

static gap_problem p;
static record line;
static char person[PEOPLE][16];
static const char *people[PEOPLE];

/* The number of the column called `name`. */
static int field_of(const record *names, const char *name)
{
    for (int c = 0; c < names->n; c++)
        if (!strcmp(names->field[c], name)) return c;
    fail_msg("no column %s", name);
    return -1;
}

/* The code of a level, a new one at the end. */
static int32_t code_of(const char *text, char level[][16], int *levels)
{
    for (int l = 0; l < *levels; l++)
        if (!strcmp(level[l], text)) return l;
    assert_true(*levels < GAP_LEVELS);
    snprintf(level[*levels], 16, "%s", text);
    return (*levels)++;
}

/* Standard errors of R come from QR and double sums, so they hold to 1e-9. */
static int compare(const char *wanted, const char *quantity, double found, double error)
{
    record r;
    int compared = 0;
    FILE *file = open_table("tests/reference/gap.csv", &r);
    while (read_record(file, &r)) {
        const int is_error = !strncmp(r.field[1], "se ", 3);
        if (strcmp(r.field[0], wanted) != 0 || strcmp(r.field[1] + (is_error ? 3 : 0), quantity) != 0) continue;
        const double expected = strtod(r.field[2], NULL), own = is_error ? error : found;
        if (!(fabs(own - expected) <= 1e-9 * fmax(fabs(expected), 1e-3)))
            fail_msg("%s, %s: found %.17g, expected %.17g", wanted, r.field[1], own, expected);
        compared++;
    }
    fclose(file);
    return compared;
}

static int compare_cell(const char *wanted, const char *quantity, const sy_gap_result *r, int row, int column)
{
    const int at = row * r->n_columns + column;
    return compare(wanted, quantity, r->estimate[at], r->std_error[at]);
}

static void read_schools(const char *name, int clustered)
{
    static const char *const columns[] = {"api00", "ell", "meals", "mobility"};
    static const int terms[] = {1, 2, 3};
    static char strata[GAP_LEVELS][16], clusters[GAP_LEVELS][16];
    char path[100];
    record names;
    int n_strata = 0, n_clusters = 0;
    gap_open(&p, 0);
    for (int c = 0; c < 4; c++) gap_add(&p, columns[c], 0);
    gap_block(&p, "pupils", 3, terms);
    snprintf(path, sizeof path, "tests/reference/data/%s.csv", name);
    FILE *file = open_table(path, &names);
    for (; read_record(file, &line); p.n++) {
        for (int c = 0; c < 4; c++) p.value[c][p.n] = strtod(line.field[field_of(&names, columns[c])], NULL);
        p.weight[p.n] = strtod(line.field[field_of(&names, "pw")], NULL);
        p.group[p.n] = strtod(line.field[field_of(&names, "enroll")], NULL) >= 500;
        p.stratum[p.n] = code_of(line.field[field_of(&names, "stype")], strata, &n_strata);
        p.cluster[p.n] = code_of(line.field[field_of(&names, "dnum")], clusters, &n_clusters);
    }
    fclose(file);
    p.design.n = p.n;
    p.design.weights = &p.weight_column;
    p.design.weight_kind = SY_WEIGHT_SAMPLING;
    if (clustered) p.design.cluster = &p.cluster_column;
    else p.design.strata = &p.stratum_column;
    p.ask.outcome = 0;
    p.ask.interval = SY_INTERVAL_INFLUENCE;
}

static void survey_designs_have_the_linearised_errors(void **state)
{
    (void)state;
    static const char *const cases[] = {"apistrat", "apiclus1"};
    static const char *const references[] = {"first", "second", "equal", "size", "pooled", "without"};
    static const char *const threefold[] = {"endowments", "coefficients", "interaction"};
    static const char *const columns[] = {"ell", "meals", "mobility"};
    char quantity[64];
    for (int c = 0; c < 2; c++) {
        int compared = 0;
        read_schools(cases[c], c);
        sy_gap_result r = gap_asked(&p);
        const int gap = r.n_values - SY_GAP_ENDS + SY_GAP_GAP;
        compared += compare(cases[c], "gap", r.estimate[gap], r.std_error[gap]);
        for (int k = 0; k < 6; k++)
            for (int u = 0; u < 2; u++) {
                const int at = r.n_rows * r.n_columns + k * SY_GAP_SPLITS + u;
                snprintf(quantity, sizeof quantity, "%s %s", u ? "unexplained" : "explained", references[k]);
                compared += compare(cases[c], quantity, r.estimate[at], r.std_error[at]);
            }
        for (int k = 0; k < 3; k++) compared += compare_cell(cases[c], threefold[k], &r, 0, SY_GAP_ENDOWMENTS + k);
        for (int k = 0; k < 3; k++) {
            snprintf(quantity, sizeof quantity, "explained pooled %s", columns[k]);
            compared += compare_cell(cases[c], quantity, &r, gap_line(&r, SY_GAP_TERM, columns[k]), SY_GAP_EXPLAINED);
        }
        assert_int_equal(compared, 2 * 19);
        sy_gap_free(&r);
    }
}

/* Wages of 595 people over seven years, published_targets T23: the file is the package's own data set. */
static void read_wages(void)
{
    static const char *const columns[] = {"ethnicity", "education", "experience", "occupation", "industry", "year"};
    static const char *const groups[] = {"female", "male"};
    static char levels[6][GAP_LEVELS][16];
    static const char *named[6][GAP_LEVELS];
    record names;
    int count[6] = {0};
    gap_open(&p, 0);
    p.group_column.levels = groups;
    gap_add(&p, "wage", 0);
    for (int c = 0; c < 6; c++) gap_add(&p, columns[c], c == 1 ? 0 : GAP_LEVELS);
    FILE *file = open_table("datasets/wages_1976_1982/data.csv", &names);
    for (; read_record(file, &line); p.n++) {
        assert_true(p.n < GAP_ROWS);
        p.value[0][p.n] = log(strtod(line.field[field_of(&names, "wage")], NULL));
        p.group[p.n] = strcmp(line.field[field_of(&names, "gender")], "female") != 0;
        p.cluster[p.n] = (int32_t)strtol(line.field[field_of(&names, "person")], NULL, 10);
        for (int c = 0; c < 6; c++) {
            const char *text = line.field[field_of(&names, columns[c])];
            if (c == 1) p.value[2][p.n] = strtod(text, NULL);
            else p.code[1 + c][p.n] = code_of(text, levels[c], &count[c]);
        }
    }
    fclose(file);
    for (int c = 0; c < 6; c++) {
        for (int l = 0; l < count[c]; l++) named[c][l] = levels[c][l];
        if (c == 1) continue;
        p.column[1 + c].n_levels = count[c];
        p.column[1 + c].levels = named[c];
    }
    p.design.n = p.n;
    for (int l = 0; l < PEOPLE; l++) {
        snprintf(person[l], sizeof person[l], "%d", l);
        people[l] = person[l];
    }
    p.cluster_column.n_levels = PEOPLE;
    p.cluster_column.levels = people;
    p.design.cluster = &p.cluster_column;
    p.ask.outcome = 0;
    p.ask.method = SY_GAP_GELBACH;
    p.ask.interval = SY_INTERVAL_INFLUENCE;
}

static int compare_wages(const char *wanted, const sy_gap_result *r)
{
    const int base = r->n_values - SY_GAP_ENDS + SY_GAP_BASE, rest = gap_line(r, SY_GAP_REST, "unexplained");
    int compared = compare(wanted, "base", r->estimate[base], r->std_error[base]);
    compared += compare(wanted, "unexplained", r->estimate[rest], r->std_error[rest]);
    for (int i = 0; i < r->n_rows; i++)
        if (r->rows[i].kind == SY_GAP_TERM)
            compared += compare(wanted, r->rows[i].label, r->estimate[i], r->std_error[i]);
    return compared;
}

static void gelbach_of_wages_is_published(void **state)
{
    (void)state;
    static const int terms[] = {1, 2, 3, 4, 5, 6}, fewer[] = {2, 3, 4, 5};
    static const struct {
        const char *label;
        double printed;
    } published[] = {{"experience", -.03905}, {"ethnicity", -.02275}, {"industry", -.01818},
                     {"education", -.00064},  {"occupation", .01649}, {"year", 0}};
    read_wages();
    gap_block(&p, "all", 6, terms);
    sy_gap_result r = gap_asked(&p);
    gap_near(gap_end(&r, SY_GAP_BASE), -.47447, 5e-6);
    gap_near(gap_cell(&r, gap_line(&r, SY_GAP_REST, "unexplained"), 0), -.41034, 5e-6);
    gap_near(gap_cell(&r, 0, 0), -.06413, 5e-6);
    for (int k = 0; k < 6; k++)
        gap_near(gap_cell(&r, gap_line(&r, SY_GAP_TERM, published[k].label), 0), published[k].printed, 5e-6);
    assert_int_equal(compare_wages("wages", &r), 2 * 8);
    sy_gap_free(&r);
    p.blocks = 0;
    gap_block(&p, "work", 4, fewer);
    p.adjust[0] = 1;
    p.adjust[1] = 6;
    p.ask.n_adjust = 2;
    r = gap_asked(&p);
    assert_int_equal(compare_wages("wages adjusted", &r), 2 * 6);
    compare("wages adjusted", "explained", gap_cell(&r, gap_line(&r, SY_GAP_BLOCK, "work"), 0),
            r.std_error[gap_line(&r, SY_GAP_BLOCK, "work")]);
    sy_gap_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survey_designs_have_the_linearised_errors),
        cmocka_unit_test(gelbach_of_wages_is_published),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
