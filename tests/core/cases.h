/* Numbers of other programs: tests/reference/cases.csv and tables beside it.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TEST_CASES_H
#define SYI_TEST_CASES_H
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka asks for some of the above to come first */
#include <cmocka.h>

enum { MAX_FIELDS = 24, MAX_FIELD = 1000 };

typedef struct {
    char field[MAX_FIELDS][MAX_FIELD];
    int n;
} record;

/* Fields of a line of cases.csv. */
enum { CASE_NAME, CASE_FAMILY, CASE_DATA, CASE_MODEL, CASE_QUANTITY, CASE_EXPECTED, CASE_TOLERANCE };

/* One line of a CSV file, quotes taken off; 0 at the end. */
static inline int read_record(FILE *file, record *r)
{
    char line[4000];
    int quoted = 0, length = 0;
    if (!fgets(line, sizeof line, file)) return 0;
    r->n = 1;
    for (const char *c = line; *c && *c != '\n' && *c != '\r'; c++) {
        if (*c == '"') {
            quoted = !quoted;
        } else if (*c == ',' && !quoted) {
            r->field[r->n - 1][length] = 0;
            length = 0;
            assert_true(++r->n <= MAX_FIELDS);
        } else {
            assert_true(length < MAX_FIELD - 1);
            r->field[r->n - 1][length++] = *c;
        }
    }
    r->field[r->n - 1][length] = 0;
    return 1;
}

/* A CSV file behind its line of names. */
static inline FILE *open_table(const char *path, record *names)
{
    FILE *file = fopen(path, "r");
    if (!file) fail_msg("%s cannot be read", path);
    assert_true(read_record(file, names));
    return file;
}

static inline FILE *open_cases(void)
{
    record r;
    FILE *file = open_table("tests/reference/cases.csv", &r);
    assert_string_equal(r.field[CASE_QUANTITY], "quantity");
    assert_string_equal(r.field[CASE_TOLERANCE], "tol_rel");
    return file;
}

/* The next line of a family; 0 when there is none. */
static inline int next_case(FILE *file, const char *family, record *r)
{
    while (read_record(file, r))
        if (!strcmp(r->field[CASE_FAMILY], family)) return 1;
    return 0;
}

/* Holds a number to its line: to the tolerance of the line, relative, absolute
 * where 0 is expected. Returns 1, to be counted. */
static inline int within(const record *r, double found)
{
    const double expected = strtod(r->field[CASE_EXPECTED], NULL), tolerance = strtod(r->field[CASE_TOLERANCE], NULL);
    assert_true(tolerance > 0 && tolerance < 1e-6);
    if (!(fabs(found - expected) <= tolerance * (expected == 0 ? 1 : fabs(expected))))
        fail_msg("%s, %s: found %.17g, expected %.17g", r->field[CASE_NAME], r->field[CASE_QUANTITY], found, expected);
    return 1;
}
#endif
