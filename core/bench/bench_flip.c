/* Contours of share-flip, 50 x 50 points and 6 blocks of one column, and one
 * nearest flip. Stated limit: 50 ms for the contours on one core.
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "steelyard.h"
#include <math.h>
#include <stdio.h>
#include <time.h>

enum { BLOCKS = 6, POINTS = 50 };

static const char *const labels[BLOCKS + 1] = {"process", "funding", "need", "age", "delivery", "choice", "y"};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* r_ij = .3, the outcome .45, .2, .15 ... */
static sy_status table(sy_context *ctx, sy_moments *m)
{
    double r[(BLOCKS + 1) * (BLOCKS + 1)];
    for (int i = 0; i <= BLOCKS; i++)
        for (int j = 0; j <= BLOCKS; j++) {
            const int least = i < j ? i : j, most = i < j ? j : i;
            r[i * (BLOCKS + 1) + j] = i == j ? 1 : most < BLOCKS ? 0.3 : least == 0 ? 0.45 : 0.25 - 0.02 * least;
        }
    return sy_moments_from_correlation(ctx, BLOCKS + 1, r, 800, labels, m);
}

int main(void)
{
    static const int terms[BLOCKS] = {0, 1, 2, 3, 4, 5};
    static double difference[POINTS * POINTS];
    static unsigned char impossible[POINTS * POINTS];
    double x[POINTS], least = 1e9, nearest = 1e9;
    sy_block block[BLOCKS];
    sy_context ctx;
    sy_moments m = {0};
    sy_flip_options options;
    sy_share_flip_result result;
    sy_context_init(&ctx);
    ctx.threads = 1;
    sy_flip_defaults(&options);
    for (int i = 0; i < POINTS; i++) x[i] = -0.98 + 1.96 * i / (POINTS - 1);
    for (int b = 0; b < BLOCKS; b++) block[b] = (sy_block){labels[b], 1, &terms[b]};
    const sy_question question = {.outcome = BLOCKS, .n_blocks = BLOCKS, .blocks = block};
    const sy_flip_grid grid = {
        .set = SY_FLIP_A + SY_FLIP_C, .third = 0.2, .n_x = POINTS, .n_y = POINTS, .x = x, .y = x};
    int failed = table(&ctx, &m) < 0;
    for (int rep = 0; rep < 20 && !failed; rep++) {
        double start = now();
        failed |= sy_share_flip_contours(&ctx, &m, &question, &options, NULL, &grid, difference, impossible) < 0;
        least = fmin(least, now() - start);
        start = now();
        failed |= sy_share_flip(&ctx, &m, &question, &options, &result, NULL) < 0;
        nearest = fmin(nearest, now() - start);
    }
    printf("contours, %d x %d points, %d blocks: %6.2f ms, limit 50; nearest flip of %.0f evaluations: %6.2f ms\n",
           POINTS, POINTS, BLOCKS, least * 1e3, result.evaluations, nearest * 1e3);
    if (failed) printf("%s\n", ctx.message);
    sy_moments_free(&m);
    sy_context_free(&ctx);
    return failed;
}
