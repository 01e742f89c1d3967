/* A question of numbers, factors and an outcome for the tests of sampled shares.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TEST_SAMPLED_PROBLEM_H
#define SYI_TEST_SAMPLED_PROBLEM_H
#include "frame.h"
#include "base/numeric_internal.h"
#include "base/random_internal.h"
#include "steelyard.h"
#include <math.h>

enum { MOST_ROWS = 40, CELLS = MOST_ROWS * SY_N_METRICS };

typedef struct {
    sy_moments m;
    sy_question question;
    sy_block block[16];
    int term[FRAME_TERMS];
    int rows;
} asked;

static frame f;
static const char *const block_name[] = {"a", "b", "c", "d", "e", "f", "g", "h",
                                         "i", "j", "k", "l", "m", "n", "o", "p"};

/* Numbers that lean on each other, two factors and an outcome of all; x5 is a
 * sum of two others where asked. */
static inline void fill(int aliased, uint64_t seed)
{
    syi_stream s;
    memset(&f, 0, sizeof f);
    syi_stream_init(&s, seed, 0, 0);
    for (int j = 0; j < 9; j++) {
        char name[8];
        snprintf(name, sizeof name, "x%d", j);
        frame_add(&f, name, 0, 0);
    }
    const int place = frame_add(&f, "place", 1, 4), kind = frame_add(&f, "kind", 1, 3), y = frame_add(&f, "y", 0, 0);
    f.n = 400;
    for (int i = 0; i < f.n; i++) {
        const double common = syi_stream_normal(&s);
        double sum = 2 * syi_stream_normal(&s);
        for (int j = 0; j < 9; j++) {
            f.value[j][i] = rint(64 * (syi_stream_normal(&s) + 0.7 * common)) / 64;
            if (aliased && j == 5) f.value[5][i] = f.value[1][i] + f.value[2][i];
            sum += f.value[j][i] * (j % 3 == 0 ? 0.5 : 0.1);
        }
        f.code[place][i] = (int32_t)syi_stream_below(&s, 4);
        f.code[kind][i] = common > 0.5 ? 2 : (int32_t)syi_stream_below(&s, 3);
        f.value[y][i] = sum + 0.5 * f.code[place][i] + 0.7 * f.code[kind][i];
    }
}

/* Blocks of the given numbers of terms, in the formula's order. */
static inline void pose(const char *formula, int n_blocks, const int *sizes, asked *a)
{
    sy_context ctx;
    const sy_moments_options how = {.unit = SY_UNIT_ROW, .precision = SY_PRECISION_TWOFOLD};
    memset(a, 0, sizeof *a);
    frame_model(&f, formula);
    sy_context_init(&ctx);
    assert_true(sy_moments_init(&ctx, &f.design, &how, &a->m) >= 0);
    sy_context_free(&ctx);
    a->question = (sy_question){.outcome = 0, .n_blocks = n_blocks, .blocks = a->block};
    for (int b = 0, t = 0; b < n_blocks; t += sizes ? sizes[b] : 1, b++) {
        const int size = sizes ? sizes[b] : 1;
        for (int i = t; i < t + size; i++) a->term[i] = i + 1;
        a->block[b] = (sy_block){block_name[b], size, a->term + t};
    }
    a->rows = n_blocks + sy_shares_terms(&a->question);
}

static inline sy_evidence_options options_of(sy_method method, int permutations, uint64_t seed)
{
    sy_evidence_options o;
    sy_evidence_defaults(&o);
    o.interval = SY_INTERVAL_NONE;
    o.shares.method = method;
    o.shares.permutations = permutations;
    o.shares.seed = seed;
    return o;
}

typedef struct {
    double estimate[CELLS], std_error[CELLS], scaled[CELLS], low[CELLS], high[CELLS];
    double covariance[SY_N_METRICS * MOST_ROWS * MOST_ROWS], mc_error[MOST_ROWS];
    sy_evidence_summary summary;
} answer;

static inline sy_status ask_with(sy_context *ctx, const asked *a, const sy_evidence_options *o, answer *out)
{
    const sy_evidence_table table = {.estimate = out->estimate,
                                     .std_error = out->std_error,
                                     .std_error_scaled = out->scaled,
                                     .low = out->low,
                                     .high = out->high,
                                     .covariance = out->covariance,
                                     .mc_error = out->mc_error};
    return sy_evidence_shares(ctx, &a->m, NULL, &a->question, o, &out->summary, &table);
}

static inline void ask(const asked *a, const sy_evidence_options *o, answer *out)
{
    sy_context ctx;
    sy_context_init(&ctx);
    if (ask_with(&ctx, a, o, out) < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

static answer exact, found;

static const char *const nine = "y ~ x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8";
static const int three_blocks[] = {3, 2, 4};

#endif
