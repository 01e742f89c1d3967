/* Fits to look at after the fit, and the numbers of tests/reference/after_fit.csv.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TEST_AFTER_FIT_H
#define SYI_TEST_AFTER_FIT_H
#include "failing_internal.h"

#include "cases.h"
#include "ordinal_problem.h"

enum { AFTER_CASE, AFTER_QUANTITY, AFTER_EXPECTED };

/* A number of a table of case, quantity, expected. */
static inline double said(const char *table, const char *name, const char *quantity)
{
    record r;
    double found = NAN;
    FILE *file = open_table(table, &r);
    while (read_record(file, &r))
        if (!strcmp(r.field[AFTER_CASE], name) && !strcmp(r.field[AFTER_QUANTITY], quantity))
            found = strtod(r.field[AFTER_EXPECTED], NULL);
    fclose(file);
    if (isnan(found)) fail_msg("%s has no %s of %s", table, quantity, name);
    return found;
}

static inline double r_said(const char *name, const char *quantity, int index)
{
    char text[100];
    if (index < 0) return said("tests/reference/after_fit.csv", name, quantity);
    snprintf(text, sizeof text, "%s[%d]", quantity, index);
    return said("tests/reference/after_fit.csv", name, text);
}

/* `text` as ordinal_pose has it, for another kind of outcome. */
static inline void pose(ordinal_problem *q, frame *f, const char *text, sy_response_kind kind)
{
    ordinal_pose(q, f, text);
    q->model.kind = kind;
    if (kind == SY_RESPONSE_POISSON || kind == SY_RESPONSE_NEGATIVE_BINOMIAL) q->model.link = SY_LINK_LOG;
}

static inline void fitted(ordinal_problem *q)
{
    sy_context ctx;
    sy_context_init(&ctx);
    if (ordinal_fit(&ctx, q) < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

/* Moore & Krupat with conformity above 12 as a truth value "high". */
static inline void moore_high(frame *f)
{
    frame_moore(f, NULL);
    const int c = frame_add(f, "high", 0, 0), from = frame_column(f, "conformity");
    for (ptrdiff_t i = 0; i < f->n; i++) f->value[c][i] = f->value[from][i] > 12;
}

static inline void clusters(frame *f, const char *name)
{
    f->design.cluster = &f->columns[frame_column(f, name)];
}
#endif
