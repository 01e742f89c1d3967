/* A frame with bar terms: linear mixed models of tables.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TEST_MIXED_FRAME_H
#define SYI_TEST_MIXED_FRAME_H
#include "frame.h"

#include "steelyard/mixed.h"

typedef struct {
    frame f;
    sy_random random[6];
    int terms[6][4];
    sy_mixed_model model;
} mixed_frame;

/* Terms of the fixed part and, after them, those that only bar terms have: "y ~ x" and "z". */
static inline void mixed_fixed(mixed_frame *m, const char *formula, const char *others)
{
    char copy[200];
    frame_model(&m->f, formula);
    snprintf(copy, sizeof copy, "%s", others);
    for (char *part = strtok(copy, " "); part; part = strtok(NULL, " "))
        frame_term(&m->f, m->f.design.n_terms++, part);
    m->model = (sy_mixed_model){.linear = 1, .response = {.columns = m->f.model}, .random = m->random};
}

/* (1 + x | g), (0 + x | g), (1 + x || g): bar "1 + x", "0 + x". */
static inline void mixed_bar(mixed_frame *m, const char *effects, const char *group, int diagonal)
{
    char copy[200];
    const int k = m->model.n_random++;
    sy_random *r = &m->random[k];
    *r = (sy_random){.intercept = 1, .terms = m->terms[k], .diagonal = diagonal};
    r->group = &m->f.columns[frame_column(&m->f, group)];
    snprintf(copy, sizeof copy, "%s", effects);
    for (char *part = strtok(copy, " "); part; part = strtok(NULL, " ")) {
        if (!strcmp(part, "+") || !strcmp(part, "1")) continue;
        if (!strcmp(part, "0")) {
            r->intercept = 0;
            continue;
        }
        for (int t = 0; t < m->f.design.n_terms; t++)
            if (!strcmp(m->f.label[t], part)) m->terms[k][r->n_terms++] = t;
    }
}

/* Two crossed factors, a third and a slope, from a fixed sequence; y depends on all. */
static inline void mixed_sample(mixed_frame *m, int n, int a, int b, int c)
{
    uint32_t state = 12345;
    m->f.n = n;
    m->f.p = 0;
    const int y = frame_add(&m->f, "y", 0, 0), x = frame_add(&m->f, "x", 0, 0), w = frame_add(&m->f, "w", 0, 0);
    const int f[3] = {frame_add(&m->f, "a", 1, a), frame_add(&m->f, "b", 1, b), frame_add(&m->f, "c", 1, c)};
    const int levels[3] = {a, b, c};
    for (int i = 0; i < n; i++) {
        double u[6];
        for (int k = 0; k < 6; k++) {
            state = state * 1664525u + 1013904223u;
            u[k] = (state >> 8) / 16777216.0;
        }
        for (int k = 0; k < 3; k++) m->f.code[f[k]][i] = (int32_t)(u[k] * levels[k]);
        m->f.value[x][i] = u[3] * 4 - 1;
        m->f.value[w][i] = 0.5 + floor(u[4] * 4) / 4;
        const double ea = sin(1.7 * m->f.code[f[0]][i]), eb = cos(2.3 * m->f.code[f[1]][i] + 1);
        m->f.value[y][i] = 3 + 0.5 * m->f.value[x][i] + ea + 0.7 * eb * m->f.value[x][i] + 0.4 * eb +
                           0.3 * sin(5.0 * m->f.code[f[2]][i]) + 2 * (u[5] - 0.5);
    }
}
#endif
