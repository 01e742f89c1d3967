/* Questions about shares over fitted models for the tests of them: housing data, made-up people.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef FITTED_ASKED_H
#define FITTED_ASKED_H
#include "frame.h"
#include "steelyard/fitted_shares.h"
#include <math.h>

enum { ROWS = 12, CELLS = ROWS * SY_N_METRICS };

static frame f;

typedef struct {
    sy_fitted_summary s;
    double estimate[CELLS], std_error[CELLS], scaled[CELLS], low[CELLS], high[CELLS];
    double covariance[SY_N_METRICS * ROWS * ROWS], one_step[ROWS], within[ROWS], between[ROWS];
    char message[300], remark[300];
} answer;

static inline sy_status ask(const sy_fitted_question *q, int threads, answer *a)
{
    sy_context ctx;
    sy_context_init(&ctx);
    ctx.threads = threads;
    const sy_fitted_table t = {a->estimate,   a->std_error, a->scaled, a->low,    a->high,
                               a->covariance, a->one_step,  a->within, a->between};
    const sy_status status = sy_fitted_shares(&ctx, &f.design, q, &a->s, &t);
    snprintf(a->message, sizeof a->message, "%.299s", status < 0 ? ctx.message : "");
    snprintf(a->remark, sizeof a->remark, "%.299s", ctx.n_remarks ? ctx.remarks[ctx.n_remarks - 1].text : "");
    sy_context_free(&ctx);
    return status;
}

static inline double share(const answer *a, int row)
{
    return a->estimate[row * SY_N_METRICS + SY_SHARE];
}

/* Copenhagen: satisfaction in order, 72 cells with frequencies. */
static inline void fill_housing(void)
{
    static const char *const order[3] = {"Low", "Medium", "High"};
    frame_read(&f, "tests/reference/data/housing.csv", "Sat Infl Type Cont");
    const int sat = frame_column(&f, "Sat");
    int place[3] = {0};
    for (int l = 0; l < 3; l++)
        for (int k = 0; k < 3; k++)
            if (!strcmp(f.level[sat][l], order[k])) place[l] = k;
    for (ptrdiff_t i = 0; i < f.n; i++) f.code[sat][i] = place[f.code[sat][i]];
    for (int k = 0; k < 3; k++) snprintf(f.level[sat][k], FRAME_TEXT, "%s", order[k]);
    frame_model(&f, "Sat ~ Infl + Type + Cont");
    f.design.weights = &f.columns[frame_column(&f, "Freq")];
    f.design.weight_kind = SY_WEIGHT_FREQUENCY;
}

static const int places[4] = {1, 2, 3, 4};
static const sy_block singles[4] = {
    {"first", 1, places}, {"second", 1, places + 1}, {"third", 1, places + 2}, {"fourth", 1, places + 3}};

static inline sy_fitted_question question(sy_response_kind kind, sy_link link, int n_blocks, sy_measure measure)
{
    sy_fitted_question q;
    sy_fitted_defaults(&q);
    q.model.response.columns = f.model;
    q.model.response.kind = kind;
    q.model.response.link = link;
    q.n_blocks = n_blocks;
    q.blocks = singles;
    q.measure = measure;
    q.interval = SY_INTERVAL_NONE;
    return q;
}

/* People in 30 councils: a b c vary within, d does not; outcome of five levels,
 * a binary one, a number and a count. */
static inline void fill_people(ptrdiff_t n)
{
    uint64_t s = 362436069362436069u;
    f.p = 0;
    f.n = n;
    const char *const names[8] = {"five", "a", "b", "c", "d", "event", "level", "visits"};
    for (int c = 0; c < 8; c++) frame_add(&f, names[c], c == 0, c == 0 ? 5 : 0);
    frame_add(&f, "council", 1, 30);
    double effect[30], level_d[30];
    for (ptrdiff_t i = 0; i < n; i++) {
        double u[10];
        const int g = (int)(i * 30 / n);
        for (int k = 0; k < 10; k++) {
            s ^= s << 13;
            s ^= s >> 7;
            s ^= s << 17;
            u[k] = (double)(s >> 11) * 0x1p-53;
        }
        if (i == 0 || g != (int)((i - 1) * 30 / n)) {
            effect[g] = u[8] - 0.5;
            level_d[g] = 2 * u[9] - 1;
        }
        f.value[1][i] = u[0] + u[1] - 1;
        f.value[2][i] = 0.6 * f.value[1][i] + u[2] - 0.5 + level_d[g] / 4;
        f.value[3][i] = u[3] < 0.4;
        f.value[4][i] = level_d[g];
        const double eta =
            1.1 * f.value[1][i] + 0.8 * f.value[2][i] - 0.5 * f.value[3][i] + 0.4 * level_d[g] + effect[g];
        const double latent = eta + log(u[4] / (1 - u[4]));
        f.code[0][i] = (latent > -2) + (latent > -0.7) + (latent > 0.5) + (latent > 1.8);
        f.value[5][i] = eta + log(u[5] / (1 - u[5])) > 0;
        f.value[6][i] = 3 + eta + (u[6] + u[7] - 1) * 2;
        f.value[7][i] = floor(exp(0.5 * eta) * 3 * u[6]);
        f.code[8][i] = g;
    }
}

#endif
