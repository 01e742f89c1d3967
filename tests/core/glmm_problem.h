/* A mixed model of a binary, count or ordered outcome over a frame, fitted, with
 * buffers for all results.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TEST_GLMM_PROBLEM_H
#define SYI_TEST_GLMM_PROBLEM_H
#include "failing_internal.h"

#include "mixed_frame.h"

enum { GLMM_MOST = 40, GLMM_THETA = 12, GLMM_MODES = 2000 };

typedef struct {
    mixed_frame m;
    sy_mixed_options options;
    sy_mixed_summary summary;
    sy_mixed_fit fit;
    double estimate[GLMM_MOST], covariance[GLMM_MOST * GLMM_MOST], theta[GLMM_THETA];
    double theta_covariance[GLMM_THETA * GLMM_THETA], variance[GLMM_THETA];
    double modes[GLMM_MODES], mode_variance[4 * GLMM_MODES];
    double linear[FRAME_ROWS], fitted[FRAME_ROWS * 5];
    int aliased[GLMM_MOST];
    sy_context ctx;
    sy_status status;
} glmm;

/* The fixed part of a frame that is filled, terms that only bar terms have ("" for none); no bar term yet. */
static inline void glmm_model(glmm *g, const char *formula, const char *others, sy_response_kind kind, sy_link link)
{
    mixed_fixed(&g->m, formula, others);
    g->m.model.linear = 0;
    g->m.model.response.kind = kind;
    g->m.model.response.link = link;
    sy_mixed_defaults(&g->options);
    g->fit = (sy_mixed_fit){.estimate = g->estimate,
                            .aliased = g->aliased,
                            .covariance = g->covariance,
                            .theta = g->theta,
                            .theta_covariance = g->theta_covariance,
                            .variance = g->variance,
                            .modes = g->modes,
                            .mode_variance = g->mode_variance,
                            .linear = g->linear,
                            .fitted = g->fitted};
}

static inline const sy_column *glmm_column(const glmm *g, const char *name)
{
    return &g->m.f.columns[frame_column(&g->m.f, name)];
}

static inline sy_status glmm_run(glmm *g)
{
    sy_context_init(&g->ctx);
    return g->status = sy_mixed(&g->ctx, &g->m.f.design, &g->m.model, &g->options, &g->summary, &g->fit);
}

static inline void glmm_fit(glmm *g)
{
    if (glmm_run(g) < 0) fail_msg("%s", g->ctx.message);
    sy_context_free(&g->ctx);
}

static inline double glmm_error(const glmm *g, int j)
{
    return sqrt(g->covariance[j * g->summary.k + j]);
}

/* Levels of a factor in the order of their names. */
static inline void glmm_order_levels(frame *f, const char *name)
{
    const int c = frame_column(f, name);
    static char text[FRAME_LEVELS][FRAME_TEXT];
    int place[FRAME_LEVELS];
    for (int l = 0; l < f->n_levels[c]; l++) {
        place[l] = 0;
        for (int m = 0; m < f->n_levels[c]; m++) place[l] += strcmp(f->level[c][m], f->level[c][l]) < 0;
        memcpy(text[place[l]], f->level[c][l], FRAME_TEXT);
    }
    for (int l = 0; l < f->n_levels[c]; l++) memcpy(f->level[c][l], text[l], FRAME_TEXT);
    for (ptrdiff_t i = 0; i < f->n; i++) f->code[c][i] = place[f->code[c][i]];
}

static inline void glmm_wine(glmm *g)
{
    frame_read(&g->m.f, "tests/reference/data/wine.csv", "rating temp contact bottle judge");
    glmm_order_levels(&g->m.f, "rating");
}

static inline void glmm_cbpp(glmm *g)
{
    frame_read(&g->m.f, "tests/reference/data/cbpp.csv", "herd period");
}

/* Uniform numbers from a fixed sequence. */
static inline double glmm_uniform(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return ((double)(*state >> 11) + 0.5) * 0x1p-53;
}

/* Rows of y (binary, count or four ordered answers) on x, with normal effects of spread sd of factors a, b, c, and of x
 * within a of half that. */
static inline void glmm_sample(glmm *g, sy_response_kind kind, int n, const int levels[3], double sd, uint64_t seed)
{
    frame *f = &g->m.f;
    uint64_t s = seed;
    double effect[4][FRAME_LEVELS];
    const int ordinal = kind == SY_RESPONSE_ORDINAL, binary = kind == SY_RESPONSE_BINARY;
    f->n = n;
    f->p = 0;
    const int y = frame_add(f, "y", ordinal, ordinal ? 4 : 0), x = frame_add(f, "x", 0, 0), w = frame_add(f, "w", 0, 0);
    const int at[3] = {frame_add(f, "a", 1, levels[0]), frame_add(f, "b", 1, levels[1]),
                       frame_add(f, "c", 1, levels[2])};
    for (int k = 0; k < 4; k++)
        for (int l = 0; l < FRAME_LEVELS; l++)
            effect[k][l] =
                sd * (k == 3 ? .5 : 1) * sqrt(-2 * log(glmm_uniform(&s))) * cos(6.283185307 * glmm_uniform(&s));
    for (int i = 0; i < n; i++) {
        double e = .3;
        f->value[x][i] = 3 * glmm_uniform(&s) - 1;
        f->value[w][i] = floor(1 + 3 * glmm_uniform(&s));
        for (int k = 0; k < 3; k++) {
            f->code[at[k]][i] = (int32_t)(glmm_uniform(&s) * levels[k]);
            e += effect[k][f->code[at[k]][i]];
        }
        e += f->value[x][i] * (.4 + effect[3][f->code[at[0]][i]]);
        const double u = glmm_uniform(&s), latent = e + log(u / (1 - u));
        double p = exp(-exp(.6 * e)), sum = p;
        int count = 0;
        while (u > sum && count < 200) sum += p *= exp(.6 * e) / ++count;
        if (ordinal) f->code[y][i] = (latent > -1) + (latent > .4) + (latent > 1.5);
        else f->value[y][i] = binary ? latent > 0 : count;
    }
}
#endif
