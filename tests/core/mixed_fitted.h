/* Linear mixed models of files, fitted, and their numbers by the names that R gives them.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TEST_MIXED_FITTED_H
#define SYI_TEST_MIXED_FITTED_H
#include "cases.h"
#include "mixed_frame.h"

enum { FIT_K = 24, FIT_THETA = 16, FIT_MODES = 1000, FIT_LABEL = 100 };

typedef struct {
    mixed_frame m;
    sy_mixed_options options;
    sy_mixed_shape shape;
    sy_mixed_summary s;
    char label[FIT_K][FIT_LABEL], effect[FIT_K][FIT_LABEL];
    double estimate[FIT_K], covariance[FIT_K * FIT_K], theta[FIT_THETA], theta_covariance[FIT_THETA * FIT_THETA];
    double variance[64], modes[FIT_MODES], mode_variance[FIT_MODES * 3], fitted[FRAME_ROWS];
    int aliased[FIT_K];
} fitted;

static inline int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Levels of a factor in the order of the alphabet, as R has them. */
static inline void frame_sort(frame *f, const char *name)
{
    const int c = frame_column(f, name);
    static char sorted[FRAME_LEVELS][FRAME_TEXT];
    int place[FRAME_LEVELS];
    memcpy(sorted, f->level[c], sizeof sorted);
    qsort(sorted, (size_t)f->n_levels[c], FRAME_TEXT, by_name);
    for (int l = 0; l < f->n_levels[c]; l++)
        for (int k = 0; k < f->n_levels[c]; k++)
            if (!strcmp(f->level[c][l], sorted[k])) place[l] = k;
    for (ptrdiff_t i = 0; i < f->n; i++) f->code[c][i] = place[f->code[c][i]];
    memcpy(f->level[c], sorted, sizeof sorted);
}

/* A file of tests/reference/data whose columns `factors` are factors. */
static inline void fitted_read(fitted *x, const char *name, const char *factors)
{
    char path[100], copy[100];
    snprintf(path, sizeof path, "tests/reference/data/%s.csv", name);
    frame_read(&x->m.f, path, factors);
    snprintf(copy, sizeof copy, "%s", factors);
    for (char *part = strtok(copy, " "); part; part = strtok(NULL, " ")) frame_sort(&x->m.f, part);
    sy_mixed_defaults(&x->options);
}

/* The names of R: without our brackets. */
static inline void strip(char *label)
{
    char *to = label;
    for (const char *from = label; *from; from++)
        if (*from != '[' && *from != ']') *to++ = *from;
    *to = 0;
}

static inline void fitted_fit(fitted *x, sy_context *ctx)
{
    const sy_mixed_fit fit = {x->estimate, x->aliased, x->covariance,    x->theta, x->theta_covariance,
                              x->variance, x->modes,   x->mode_variance, NULL,     x->fitted};
    if (sy_mixed_shape_of(ctx, &x->m.f.design, &x->m.model, &x->shape) < 0) fail_msg("%s", ctx->message);
    assert_true(x->shape.k <= FIT_K && x->shape.n_theta <= FIT_THETA && x->shape.n_modes <= FIT_MODES);
    assert_true(sy_mixed_labels(ctx, &x->m.f.design, &x->m.model, x->shape.k, x->label[0], x->shape.n_effects,
                                x->effect[0], FIT_LABEL) >= 0);
    for (int c = 0; c < x->shape.k; c++) strip(x->label[c]);
    if (sy_mixed(ctx, &x->m.f.design, &x->m.model, &x->options, &x->s, &fit) < 0) fail_msg("%s", ctx->message);
}

/* The column of what stands between "[" and "]" of a quantity. */
static inline int fitted_column(const fitted *x, const char *quantity)
{
    char name[FIT_LABEL];
    snprintf(name, sizeof name, "%s", strchr(quantity, '[') + 1);
    name[strlen(name) - 1] = 0;
    for (int c = 0; c < x->shape.k; c++)
        if (!strcmp(x->label[c], name)) return c;
    fail_msg("no column %s", name);
    return -1;
}

static inline double fitted_error(const fitted *x, int c)
{
    return sqrt(x->covariance[c * x->shape.k + c]);
}
#endif
