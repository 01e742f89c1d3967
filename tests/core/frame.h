/* A small table of numbers and factors read from a CSV file or filled in by a
 * test, with a design and a model over it.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TEST_FRAME_H
#define SYI_TEST_FRAME_H
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

#include "steelyard/linear.h"

enum { FRAME_ROWS = 20000, FRAME_COLUMNS = 12, FRAME_TERMS = 16, FRAME_LEVELS = 200, FRAME_TEXT = 64 };

typedef struct {
    int p;
    ptrdiff_t n;
    char name[FRAME_COLUMNS][FRAME_TEXT];
    int is_factor[FRAME_COLUMNS], n_levels[FRAME_COLUMNS];
    char level[FRAME_COLUMNS][FRAME_LEVELS][FRAME_TEXT];
    const char *levels[FRAME_COLUMNS][FRAME_LEVELS];
    double value[FRAME_COLUMNS][FRAME_ROWS];
    int32_t code[FRAME_COLUMNS][FRAME_ROWS];
    /* over these */
    sy_column columns[FRAME_COLUMNS];
    sy_factor factors[FRAME_TERMS][6];
    char label[FRAME_TERMS][FRAME_TEXT];
    sy_term terms[FRAME_TERMS];
    int in_model[FRAME_TERMS];
    sy_design design;
    sy_linear_model model;
} frame;

static inline int frame_column(const frame *f, const char *name)
{
    for (int c = 0; c < f->p; c++)
        if (!strcmp(f->name[c], name)) return c;
    fail_msg("no column %s", name);
    return -1;
}

static inline int frame_add(frame *f, const char *name, int is_factor, int n_levels)
{
    const int c = f->p++;
    assert_true(c < FRAME_COLUMNS && n_levels <= FRAME_LEVELS);
    snprintf(f->name[c], FRAME_TEXT, "%s", name);
    f->is_factor[c] = is_factor;
    f->n_levels[c] = n_levels;
    for (int l = 0; l < n_levels; l++) snprintf(f->level[c][l], FRAME_TEXT, "%s%d", name, l + 1);
    return c;
}

/* The code of a level, new ones at the end. */
static inline int32_t frame_code(frame *f, int c, const char *text)
{
    for (int l = 0; l < f->n_levels[c]; l++)
        if (!strcmp(f->level[c][l], text)) return l;
    assert_true(f->n_levels[c] < FRAME_LEVELS);
    snprintf(f->level[c][f->n_levels[c]], FRAME_TEXT, "%s", text);
    return f->n_levels[c]++;
}

/* A file with a line of names; columns named in `factors` ("a b") are factors,
 * their levels in the order of appearance. */
static inline void frame_read(frame *f, const char *path, const char *factors)
{
    char line[1000];
    FILE *file = fopen(path, "r");
    if (!file) fail_msg("%s cannot be read", path);
    f->p = 0;
    f->n = 0;
    assert_non_null(fgets(line, sizeof line, file));
    for (char *at = strtok(line, ",\r\n"); at; at = strtok(NULL, ",\r\n")) {
        const char *found = strstr(factors, at);
        const size_t length = strlen(at);
        const int is =
            *factors && found && (found == factors || found[-1] == ' ') && (!found[length] || found[length] == ' ');
        frame_add(f, at, is, 0);
    }
    while (fgets(line, sizeof line, file)) {
        char *at = strtok(line, ",\r\n");
        for (int c = 0; c < f->p; c++, at = strtok(NULL, ",\r\n")) {
            assert_non_null(at);
            if (f->is_factor[c]) f->code[c][f->n] = frame_code(f, c, at);
            else f->value[c][f->n] = strtod(at, NULL);
        }
        assert_true(++f->n < FRAME_ROWS);
    }
    fclose(file);
}

static inline void frame_columns(frame *f)
{
    for (int c = 0; c < f->p; c++) {
        for (int l = 0; l < f->n_levels[c]; l++) f->levels[c][l] = f->level[c][l];
        f->columns[c] = (sy_column){.name = f->name[c], .data = f->value[c], .stride = sizeof(double), .type = SY_F64};
        if (!f->is_factor[c]) continue;
        f->columns[c] = (sy_column){.name = f->name[c],
                                    .data = f->code[c],
                                    .stride = sizeof(int32_t),
                                    .type = SY_CODES,
                                    .n_levels = f->n_levels[c],
                                    .levels = f->levels[c]};
    }
}

/* One term, "a", "a:b" or "x^2", at place t of the design. */
static inline void frame_term(frame *f, int t, const char *text)
{
    char copy[FRAME_TEXT], *part = copy;
    int n = 0;
    assert_true(t < FRAME_TERMS);
    snprintf(f->label[t], FRAME_TEXT, "%s", text);
    snprintf(copy, sizeof copy, "%s", text);
    for (char *next = part; next; part = next) {
        int power = 1;
        next = strchr(part, ':');
        if (next) *next++ = 0;
        char *mark = strchr(part, '^');
        if (mark) {
            *mark = 0;
            power = atoi(mark + 1);
        }
        f->factors[t][n++] = (sy_factor){frame_column(f, part), power};
    }
    f->terms[t] = (sy_term){f->label[t], n, f->factors[t]};
}

/* "y ~ a + b + a:b" or "y ~ a - 1": fills design and model. */
static inline void frame_model(frame *f, const char *formula)
{
    char copy[400], outcome[FRAME_TEXT];
    int n = 1, at = 0;
    assert_int_equal(sscanf(formula, "%63s ~%n", outcome, &at), 1);
    snprintf(copy, sizeof copy, "%s", formula + at);
    frame_columns(f);
    frame_term(f, 0, outcome);
    f->model = (sy_linear_model){.outcome = 0, .terms = f->in_model, .intercept = 1};
    int minus = 0;
    for (char *part = strtok(copy, " "); part; part = strtok(NULL, " ")) {
        if (!strcmp(part, "-")) minus = 1;
        else if (minus) f->model.intercept = 0;
        else if (strcmp(part, "+") != 0 && strcmp(part, "1") != 0) frame_term(f, n++, part);
    }
    f->model.n_terms = n - 1;
    for (int t = 1; t < n; t++) f->in_model[t - 1] = t;
    f->design = (sy_design){.n = f->n, .n_columns = f->p, .columns = f->columns, .n_terms = n, .terms = f->terms};
}

/* Moore & Krupat's 45 subjects (carData), and a model of them unless NULL. */
static inline void frame_moore(frame *f, const char *formula)
{
    frame_read(f, "tests/reference/data/moore.csv", "partner fcat");
    if (formula) frame_model(f, formula);
}

/* Relative. */
static inline void near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance * fmax(1e-300, fabs(expected))))
        fail_msg("found %.17g, expected %.17g", found, expected);
}
#endif
