/* A model of a binary outcome or a count over a frame, from a line such as
 *   "incidence ~ period; trials size; probit; frequency w; offset o; nb".
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TEST_RESPONSE_PROBLEM_H
#define SYI_TEST_RESPONSE_PROBLEM_H
#include "frame.h"

#include "cases.h"
#include "steelyard/response.h"

enum { PROBLEM_K = 24 };

typedef struct {
    frame *f;
    sy_response_model model;
    sy_response_options options;
    sy_response_shape shape;
    sy_response_summary summary;
    double estimate[PROBLEM_K], covariance[PROBLEM_K * PROBLEM_K];
    int aliased[PROBLEM_K];
    double linear[FRAME_ROWS], fitted[FRAME_ROWS];
} response_problem;

static inline const sy_column *column_named(frame *f, const char *name)
{
    return &f->columns[frame_column(f, name)];
}

static inline void problem_part(response_problem *q, const char *part)
{
    frame *f = q->f;
    while (*part == ' ') part++;
    if (!strcmp(part, "logit")) q->model.link = SY_LINK_LOGIT;
    else if (!strcmp(part, "probit")) q->model.link = SY_LINK_PROBIT;
    else if (!strcmp(part, "cloglog")) q->model.link = SY_LINK_CLOGLOG;
    else if (!strncmp(part, "trials ", 7)) q->model.trials = column_named(f, part + 7);
    else if (!strncmp(part, "offset ", 7)) q->model.offset = column_named(f, part + 7);
    else {
        const char *const kinds[] = {"none ", "frequency ", "analytic ", "sampling "};
        int kind = 1;
        while (kind < 4 && strncmp(part, kinds[kind], strlen(kinds[kind])) != 0) kind++;
        assert_true(kind < 4);
        f->design.weights = column_named(f, part + strlen(kinds[kind]));
        f->design.weight_kind = (sy_weight_kind)kind;
    }
}

static inline void problem_pose(response_problem *q, frame *f, sy_response_kind kind, const char *text)
{
    char copy[MAX_FIELD], *rest = NULL, *part;
    snprintf(copy, sizeof copy, "%s", text);
    memset(q, 0, sizeof *q);
    q->f = f;
    frame_model(f, strtok_r(copy, ";", &rest));
    q->model.columns = f->model;
    q->model.kind = kind;
    q->model.link = kind == SY_RESPONSE_BINARY ? SY_LINK_LOGIT : SY_LINK_LOG;
    while ((part = strtok_r(NULL, ";", &rest))) problem_part(q, part);
    sy_response_defaults(&q->options);
}

static inline sy_status problem_fit(sy_context *ctx, response_problem *q)
{
    const sy_response_fit fit = {q->estimate, q->aliased, q->covariance, q->linear, q->fitted};
    sy_status status = sy_response_shape_of(ctx, &q->f->design, &q->model, &q->shape);
    if (status < 0) return status;
    assert_true(q->shape.k <= PROBLEM_K);
    return sy_response(ctx, &q->f->design, &q->model, &q->options, &q->summary, &fit);
}

/* A fit that must succeed and converge. */
static inline void problem_solve(response_problem *q)
{
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status status = problem_fit(&ctx, q);
    if (status < 0) fail_msg("%s", ctx.message);
    assert_true(q->summary.converged && !q->summary.separated);
    assert_true(q->summary.last_step <= q->options.tolerance);
    sy_context_free(&ctx);
}

/* A fit that must be refused, its message holding `words`. */
static inline void problem_refused(response_problem *q, sy_status code, const char *words)
{
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status status = problem_fit(&ctx, q);
    if (status != code || !strstr(ctx.message, words))
        fail_msg("status %d, \"%s\"; expected %d, \"%s\"", status, ctx.message, code, words);
    sy_context_free(&ctx);
}

/* 1 when a remark of that code on that term was made. */
static inline int remarked(const sy_context *ctx, sy_status code, const char *term)
{
    for (int i = 0; i < ctx->n_remarks; i++)
        if (ctx->remarks[i].code == code && !strcmp(ctx->remarks[i].term, term)) return 1;
    return 0;
}

static inline void problem_data(frame *f, const char *data)
{
    char path[MAX_FIELD + 40];
    static const char *const factors[][2] = {{"housing", "Sat Infl Type Cont"},
                                             {"cbpp", "herd period"},
                                             {"quine", "Eth Sex Age Lrn"},
                                             {"insurance", "District Group Age"}};
    const char *in = "";
    for (size_t i = 0; i < sizeof factors / sizeof *factors; i++)
        if (!strcmp(factors[i][0], data)) in = factors[i][1];
    snprintf(path, sizeof path, "tests/reference/data/%s.csv", data);
    frame_read(f, path, in);
}

static inline double problem_quantity(const response_problem *q, const char *name)
{
    const sy_response_summary *s = &q->summary;
    const struct {
        const char *name;
        double value;
    } all[] = {{"loglik", s->loglik},     {"loglik_null", s->loglik_null},
               {"deviance", s->deviance}, {"deviance_null", s->deviance_null},
               {"aic", s->aic},           {"bic", s->bic},
               {"pearson", s->pearson},   {"theta", s->theta}};
    int j = 0;
    if (sscanf(name, "coef[%d]", &j) == 1) return q->estimate[j - 1];
    if (sscanf(name, "se[%d]", &j) == 1) return sqrt(q->covariance[(j - 1) * (q->shape.k + 1)]);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!strcmp(all[i].name, name)) return all[i].value;
    fail_msg("no quantity %s", name);
    return NAN;
}

/* Every number of a family of tests/reference/glm.csv; returns how many. */
static inline int hold_family(frame *f, response_problem *q, sy_response_kind kind, const char *family)
{
    record r;
    char name[MAX_FIELD] = "";
    int held = 0;
    FILE *file = open_table("tests/reference/glm.csv", &r);
    while (next_case(file, family, &r)) {
        if (strcmp(name, r.field[CASE_NAME]) != 0) {
            snprintf(name, sizeof name, "%s", r.field[CASE_NAME]);
            problem_data(f, r.field[CASE_DATA]);
            problem_pose(q, f, kind, r.field[CASE_MODEL]);
            problem_solve(q);
        }
        held += within(&r, problem_quantity(q, r.field[CASE_QUANTITY]));
    }
    fclose(file);
    return held;
}
#endif
