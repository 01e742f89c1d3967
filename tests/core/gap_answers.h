/* Questions about gaps in answers for the tests of them: made-up people of two
 * groups in councils.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef GAP_ANSWERS_H
#define GAP_ANSWERS_H
#include "frame.h"
#include "steelyard/gap_response.h"
#include <math.h>

enum { MEASURES = 8, VALUES = 60, TABLE = MEASURES * VALUES };

static frame f;
static const int places[6] = {1, 2, 3, 4, 5, 6};
static const sy_block singles[6] = {{"first", 1, places},      {"second", 1, places + 1}, {"third", 1, places + 2},
                                    {"fourth", 1, places + 3}, {"fifth", 1, places + 4},  {"sixth", 1, places + 5}};

typedef struct {
    sy_gap_response_summary s;
    double estimate[TABLE], std_error[TABLE], statistic[TABLE], p_value[TABLE], low[TABLE], high[TABLE];
    int level[16];
    char message[400], remark[400];
    int n_remarks;
} answer;

static inline sy_status ask_by(const sy_gap_response_question *q, int threads, int simd, answer *a)
{
    sy_context ctx;
    sy_context_init(&ctx);
    ctx.threads = threads;
    if (simd < ctx.simd) ctx.simd = simd;
    const sy_gap_response_table t = {a->estimate, a->std_error, a->statistic, a->p_value, a->low, a->high, a->level};
    const sy_status status = sy_gap_response(&ctx, &f.design, q, &a->s, &t);
    snprintf(a->message, sizeof a->message, "%.399s", status < 0 ? ctx.message : "");
    snprintf(a->remark, sizeof a->remark, "%.399s", ctx.n_remarks ? ctx.remarks[ctx.n_remarks - 1].text : "");
    a->n_remarks = ctx.n_remarks;
    sy_context_free(&ctx);
    return status;
}

static inline sy_status ask(const sy_gap_response_question *q, answer *a)
{
    return ask_by(q, 1, 99, a);
}

/* 0 to 1, a sequence of its own for each seed. */
static inline double uniform(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) * 0x1p-24;
}

/* n people, by turns of either group (gift no, yes), in 12 councils: need, plan
 * (a region of three levels), heard, and how they answer: an event (happy), one of
 * four levels (much). The groups differ in all of them. */
static inline void fill_people(ptrdiff_t n, const char *formula)
{
    uint32_t state = 7;
    memset(&f, 0, sizeof f);
    const int need = frame_add(&f, "need", 0, 0), plan = frame_add(&f, "plan", 1, 3),
              heard = frame_add(&f, "heard", 0, 0);
    const int happy = frame_add(&f, "happy", 0, 0), much = frame_add(&f, "much", 1, 4);
    const int gift = frame_add(&f, "gift", 1, 2), council = frame_add(&f, "council", 1, 12);
    const int times = frame_add(&f, "times", 0, 0), half = frame_add(&f, "half", 1, 3);
    f.n = n;
    for (ptrdiff_t i = 0; i < n; i++) {
        const int second = (int)(i % 2);
        f.code[gift][i] = second;
        f.value[need][i] = floor(8 * uniform(&state)) / 2 + 0.5 * second;
        f.value[heard][i] = floor(5 * uniform(&state)) - 0.7 * f.value[need][i] * 0.3 + (second ? -0.4 : 0);
        f.code[plan][i] = (int32_t)fmin(2, 3 * pow(uniform(&state), second ? 1.4 : 0.8));
        f.code[council][i] = (int32_t)(12 * uniform(&state));
        f.code[half][i] = f.code[council][i] / 4;
        f.value[times][i] = 1 + floor(3 * uniform(&state));
        const double noise = log(1 / fmax(1e-6, uniform(&state)) - 1);
        const double latent = (second ? 0.5 : -0.3) * (f.value[need][i] - 2) +
                              (second ? 0.3 : 0.6) * f.value[heard][i] +
                              0.5 * (f.code[plan][i] - 1) * (second ? 1 : 0.2) - 0.2 * second + noise;
        f.value[happy][i] = latent > 0.5;
        f.code[much][i] = latent < -1 ? 0 : latent < 0.6 ? 1 : latent < 1.8 ? 2 : 3;
    }
    frame_model(&f, formula);
}

static inline sy_gap_response_question question(sy_response_kind kind, sy_link link, int n_blocks)
{
    sy_gap_response_question q;
    sy_gap_response_defaults(&q);
    q.model.columns = f.model;
    q.model.kind = kind;
    q.model.link = link;
    q.group = &f.columns[frame_column(&f, "gift")];
    q.n_blocks = n_blocks;
    q.blocks = singles;
    q.interval = SY_INTERVAL_NONE;
    return q;
}

static inline double value(const answer *a, int n_blocks, int measure, int place)
{
    return a->estimate[measure * sy_gap_response_values(n_blocks) + place];
}
#endif
