/* Fits and files for the tests of confounding.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TEST_CONFOUNDING_PROBLEM_H
#define SYI_TEST_CONFOUNDING_PROBLEM_H
#include "cases.h"
#include "linear_problem.h"
#include "steelyard/confounding.h"
#include <math.h>
#include <string.h>

enum { ROWS = 1300, WIDE = 16, VILLAGES = 600 };

static sy_context ctx;

static inline int fresh(void **state)
{
    (void)state;
    sy_context_init(&ctx);
    return 0;
}

static inline void says(sy_status found, sy_status expected, const char *part)
{
    assert_int_equal(found, expected);
    if (!strstr(ctx.message, part)) fail_msg("\"%s\" does not say \"%s\"", ctx.message, part);
}

static inline void near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance * fmax(1e-300, fabs(expected))))
        fail_msg("found %.17g, expected %.17g", found, expected);
}

static const char *const labels[WIDE] = {"(Intercept)", "c1", "c2",  "c3",  "c4",  "c5",  "c6",  "c7",
                                         "c8",          "c9", "c10", "c11", "c12", "c13", "c14", "c15"};

static inline sy_fit_left left_of(const problem *q)
{
    return (sy_fit_left){q->p, q->coefficient, q->inverse, labels, q->summary.rss, q->summary.tss, q->summary.df_resid};
}

/* Columns of a file by name into data [k][ROWS]; texts of `factor` into codes. */
static inline int read_columns(const char *path, int k, const char *const *names, double data[][ROWS],
                               const char *factor, int32_t *code)
{
    static char seen[VILLAGES][64];
    record r;
    int place[WIDE], at = -1, n = 0, levels = 0;
    FILE *file = open_table(path, &r);
    for (int c = 0; c < r.n; c++) {
        if (factor && !strcmp(r.field[c], factor)) at = c;
        for (int i = 0; i < k; i++)
            if (!strcmp(r.field[c], names[i])) place[i] = c;
    }
    while (read_record(file, &r)) {
        assert_true(n < ROWS);
        for (int i = 0; i < k; i++) data[i][n] = strtod(r.field[place[i]], NULL);
        if (at >= 0) {
            int l = 0;
            while (l < levels && strcmp(seen[l], r.field[at]) != 0) l++;
            if (l == levels) snprintf(seen[levels++], 64, "%.63s", r.field[at]);
            code[n] = l;
        }
        n++;
    }
    fclose(file);
    return n;
}

static double columns[WIDE][ROWS];

/* A model of mtcars, "wt | hp + qsec": the treatment is coefficient 1. */
static inline problem *cars(const char *treatment, const char *controls)
{
    static const char *const names[] = {"mpg", "wt", "hp", "qsec", "cyl", "am"};
    const int n = read_columns("tests/reference/data/mtcars.csv", 6, names, columns, NULL, NULL);
    problem *q = problem_new(n);
    problem_number(q, "mpg", columns[0]);
    for (int pass = 0; pass < 2; pass++)
        for (int c = 1; c < 6; c++) {
            const int is = !strcmp(names[c], treatment), has = strstr(controls, names[c]) != NULL;
            if (pass == 0 ? is : has && !is) problem_number(q, names[c], columns[c]);
        }
    fit_problem(q);
    return q;
}

static inline sy_oster_question oster_of(const problem *q)
{
    const sy_fit_left fit = left_of(q);
    const int kept[WIDE] = {1}; /* the intercept */
    sy_oster_question o;
    assert_int_equal(sy_oster_from_fit(&ctx, &fit, 1, kept, &o), SY_OK);
    return o;
}
#endif
