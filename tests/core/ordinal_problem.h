/* A model of ordered answers over a frame, from a line such as
 *   "rating ~ temp; nominal contact; scale temp; probit; symmetric".
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TEST_ORDINAL_PROBLEM_H
#define SYI_TEST_ORDINAL_PROBLEM_H
#include "frame.h"

#include "steelyard/response.h"

enum { ORDINAL_K = 40 };

typedef struct {
    frame *f;
    sy_response_model model;
    int location[FRAME_TERMS], nominal[FRAME_TERMS], scale[FRAME_TERMS];
    sy_response_options options;
    /* what ordinal_fit found */
    sy_response_shape shape;
    sy_response_summary summary;
    double estimate[ORDINAL_K], covariance[ORDINAL_K * ORDINAL_K];
    int aliased[ORDINAL_K];
} ordinal_problem;

/* Numbers 1, 2, ... to a factor of so many levels in that order. */
static inline void frame_levels(frame *f, const char *name, int n_levels)
{
    const int c = frame_column(f, name);
    f->is_factor[c] = 1;
    f->n_levels[c] = n_levels;
    for (int l = 0; l < n_levels; l++) snprintf(f->level[c][l], FRAME_TEXT, "%d", l + 1);
    for (ptrdiff_t i = 0; i < f->n; i++) f->code[c][i] = (int32_t)f->value[c][i] - 1;
}

static inline void frame_wine(frame *f)
{
    frame_read(f, "tests/reference/data/wine.csv", "temp contact");
    frame_levels(f, "rating", 5);
    const int c = frame_add(f, "shift", 0, 0);
    for (ptrdiff_t i = 0; i < f->n; i++) f->value[c][i] = f->value[frame_column(f, "bottle")][i] / 10;
}

static inline void frame_housing(frame *f)
{
    frame_read(f, "tests/reference/data/housing.csv", "Sat Infl Type Cont");
}

static inline int term_number(ordinal_problem *q, const char *label)
{
    frame *f = q->f;
    for (int t = 0; t < f->design.n_terms; t++)
        if (!strcmp(f->label[t], label)) return t;
    frame_term(f, f->design.n_terms, label);
    return f->design.n_terms++;
}

static inline void ordinal_part(ordinal_problem *q, char *part)
{
    char *rest = NULL;
    while (*part == ' ') part++;
    if (!strcmp(part, "probit")) q->model.link = SY_LINK_PROBIT;
    else if (!strcmp(part, "cloglog")) q->model.link = SY_LINK_CLOGLOG;
    else if (!strcmp(part, "symmetric")) q->model.thresholds = SY_THRESHOLDS_SYMMETRIC;
    else if (!strcmp(part, "equidistant")) q->model.thresholds = SY_THRESHOLDS_EQUIDISTANT;
    else if (!strcmp(part, "offset bottle / 10")) q->model.offset = &q->f->columns[frame_column(q->f, "shift")];
    else {
        const int nominal = !strncmp(part, "nominal ", 8);
        assert_true(nominal || !strncmp(part, "scale ", 6));
        for (char *at = strtok_r(part + (nominal ? 8 : 6), " +", &rest); at; at = strtok_r(NULL, " +", &rest)) {
            if (nominal) q->nominal[q->model.n_nominal++] = term_number(q, at);
            else q->scale[q->model.n_scale++] = term_number(q, at);
        }
    }
}

static inline void ordinal_pose(ordinal_problem *q, frame *f, const char *text)
{
    char copy[400], *rest = NULL;
    snprintf(copy, sizeof copy, "%s", text);
    memset(q, 0, sizeof *q);
    q->f = f;
    char *const formula = strtok_r(copy, ";", &rest), *part;
    frame_model(f, formula);
    q->model.kind = SY_RESPONSE_ORDINAL;
    q->model.columns = f->model;
    for (int t = 0; t < f->model.n_terms; t++) q->location[t] = f->model.terms[t];
    q->model.columns.terms = q->location;
    q->model.nominal = q->nominal;
    q->model.scale = q->scale;
    while ((part = strtok_r(NULL, ";", &rest))) ordinal_part(q, part);
    sy_response_defaults(&q->options);
}

static inline sy_status ordinal_fit(sy_context *ctx, ordinal_problem *q)
{
    const sy_response_fit fit = {.estimate = q->estimate, .aliased = q->aliased, .covariance = q->covariance};
    sy_status status = sy_response_shape_of(ctx, &q->f->design, &q->model, &q->shape);
    if (status < 0) return status;
    assert_true(q->shape.k <= ORDINAL_K);
    return sy_response(ctx, &q->f->design, &q->model, &q->options, &q->summary, &fit);
}

static inline void weigh(frame *f, const char *column, sy_weight_kind kind)
{
    f->design.weights = &f->columns[frame_column(f, column)];
    f->design.weight_kind = kind;
}
#endif
