/* Rows with exact moments, in which confounders, noise and shared sources are
 * planted to their definitions.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TEST_FLIPS_WORLD_H
#define SYI_TEST_FLIPS_WORLD_H
#include "failing_internal.h"

#include "base/random_internal.h"
#include "steelyard.h"
#include <math.h>
#include <stdio.h>

/* Columns: money, listen, plan, need, outcome, and a place for what is planted.
 * Blocks: process (listen or listen and plan), funding, need. */
enum { ROWS = 64, MONEY = 0, LISTEN, PLAN, NEED, Y, U, COLUMNS };
static const char *const names[COLUMNS] = {"money", "listen", "plan", "need", "y", "u"};
static const int terms[COLUMNS] = {0, 1, 2, 3, 4, 5};

typedef struct {
    double x[COLUMNS][ROWS];
    sy_column column[COLUMNS];
    sy_factor factor[COLUMNS];
    sy_term term[COLUMNS];
    sy_block block[3];
    sy_design design;
    sy_question question;
    sy_moments m;
    sy_context ctx;
    sy_flip_options o;
} world;

static inline void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("%.17g, expected %.17g within %g", found, expected, tolerance);
}

static inline double inner(const double *x, const double *y)
{
    double sum = 0;
    for (int i = 0; i < ROWS; i++) sum += x[i] * y[i];
    return sum;
}

/* x without what the first n of basis (orthonormal) and the mean hold of it, to
 * length 1; twice, for digits. */
static inline void orthonormal(int n, const double basis[][ROWS], double *x)
{
    for (int turn = 0; turn < 2; turn++) {
        double mean = 0;
        for (int i = 0; i < ROWS; i++) mean += x[i] / ROWS;
        for (int i = 0; i < ROWS; i++) x[i] -= mean;
        for (int k = 0; k < n; k++) {
            const double with = inner(basis[k], x);
            for (int i = 0; i < ROWS; i++) x[i] -= with * basis[k][i];
        }
    }
    const double length = sqrt(inner(x, x));
    for (int i = 0; i < ROWS; i++) x[i] /= length;
}

/* x = sum of parts of columns. */
static inline void mix(double *x, int n, const double *part, const double columns[][ROWS])
{
    double sum[ROWS] = {0};
    for (int k = 0; k < n; k++)
        for (int i = 0; i < ROWS; i++) sum[i] += part[k] * columns[k][i];
    memcpy(x, sum, sizeof sum);
}

static inline void describe(world *w)
{
    for (int c = 0; c < COLUMNS; c++) {
        w->column[c] = (sy_column){.name = names[c], .data = w->x[c], .stride = sizeof(double), .type = SY_F64};
        w->factor[c] = (sy_factor){c, 1};
        w->term[c] = (sy_term){names[c], 1, &w->factor[c]};
    }
    w->design =
        (sy_design){.n = ROWS, .n_columns = COLUMNS, .columns = w->column, .n_terms = COLUMNS, .terms = w->term};
    w->block[0] = (sy_block){"process", 1, terms + LISTEN};
    w->block[1] = (sy_block){"funding", 1, terms + MONEY};
    w->block[2] = (sy_block){"need", 1, terms + NEED};
    w->question = (sy_question){.outcome = Y, .n_blocks = 3, .blocks = w->block};
    sy_flip_defaults(&w->o);
}

static inline void open_world(world *w, uint64_t seed)
{
    syi_stream r;
    double part[COLUMNS];
    memset(w, 0, sizeof *w);
    syi_stream_init(&r, seed, 0, 0);
    for (int c = 0; c < COLUMNS; c++)
        for (int i = 0; i < ROWS; i++) w->x[c][i] = syi_stream_normal(&r);
    for (int c = 1; c <= Y; c++) {
        for (int k = 0; k < c; k++) part[k] = 0.4 * syi_stream_normal(&r);
        if (c == Y) part[MONEY] = 0.1, part[LISTEN] = 1, part[PLAN] = 0.3;
        part[c] = 1;
        mix(w->x[c], c + 1, part, w->x);
    }
    sy_context_init(&w->ctx);
    describe(w);
}

/* Moments of the rows as they are now. */
static inline void read_rows(world *w, sy_unit unit)
{
    sy_moments_options options;
    sy_moments_defaults(&options);
    options.unit = unit;
    sy_moments_free(&w->m);
    if (sy_moments_init(&w->ctx, &w->design, &options, &w->m) < 0) fail_msg("%s", w->ctx.message);
}

static inline void close_world(world *w)
{
    sy_moments_free(&w->m);
    sy_context_free(&w->ctx);
}

static inline void check(world *w, sy_status status)
{
    if (status < 0) fail_msg("%s", w->ctx.message);
}

/* Shares of the blocks, U's column forced in after the question's own terms. */
static inline void forced_in(world *w, double shares[3])
{
    double table[9 * SY_N_METRICS];
    int adjust[3] = {0};
    sy_question q = w->question;
    sy_shares_summary summary;
    sy_shares_options options;
    sy_shares_defaults(&options);
    for (int i = 0; i < q.n_adjust; i++) adjust[i] = q.adjust[i];
    adjust[q.n_adjust++] = U;
    q.adjust = adjust;
    check(w, sy_shares(&w->ctx, &w->m, &q, &options, &summary, table));
    for (int b = 0; b < q.n_blocks; b++) shares[b] = table[b * SY_N_METRICS + SY_SHARE];
}

/* f and what g adds to it, given the adjusting column (need) or none: weights on
 * standardised residuals of money, listen, plan. */
static inline void plant_directions(const world *w, int adjusted, int n_process, const double *weights, double *f,
                                    double *h)
{
    double given[2][ROWS];
    memset(f, 0, sizeof given[0]);
    memset(h, 0, sizeof given[0]);
    memcpy(given[0], w->x[NEED], sizeof given[0]);
    orthonormal(0, given, given[0]);
    for (int c = MONEY; c <= (n_process == 2 ? PLAN : LISTEN); c++) {
        double x[ROWS], *to = c == MONEY ? f : h;
        memcpy(x, w->x[c], sizeof x);
        orthonormal(adjusted, given, x);
        for (int i = 0; i < ROWS; i++) to[i] += weights[c] * x[i];
    }
    orthonormal(0, given, f);
    memcpy(given[0], f, sizeof given[0]);
    orthonormal(1, given, h);
}

/* U = a f + b' h + c' of what all columns leave of the outcome + own, own
 * uncorrelated with everything: the definition of a confounder in rows. */
static inline void plant(world *w, int adjusted, int n_process, const double *weights, sy_confounder u)
{
    double all[6][ROWS], f[ROWS], h[ROWS], e[2][ROWS], own[ROWS], given[3][ROWS];
    int n = 0;
    plant_directions(w, adjusted, n_process, weights, f, h);
    for (int c = NEED; c >= MONEY; c--) {
        if (c == PLAN && n_process == 1) continue;
        memcpy(all[n], w->x[c], sizeof own);
        orthonormal(n, (const double(*)[ROWS])all, all[n]);
        n++;
    }
    memcpy(all[n], w->x[Y], sizeof own);
    orthonormal(n, (const double(*)[ROWS])all, all[n]);
    memcpy(given[0], f, sizeof own);
    memcpy(given[1], h, sizeof own);
    memcpy(given[2], w->x[NEED], sizeof own);
    orthonormal(0, (const double(*)[ROWS])given, given[2]);
    memcpy(e[0], w->x[Y], sizeof own);
    orthonormal(2 + adjusted, (const double(*)[ROWS])given, e[0]);
    memcpy(own, w->x[U], sizeof own);
    orthonormal(n + 1, (const double(*)[ROWS])all, own);
    const double b = u.b * sqrt(1 - u.a * u.a), c = u.c * sqrt((1 - u.a * u.a) * (1 - u.b * u.b));
    const double load = c / inner(all[n], e[0]), rest = 1 - u.a * u.a - b * b - load * load;
    assert_true(rest > 0);
    for (int i = 0; i < ROWS; i++) w->x[U][i] = u.a * f[i] + b * h[i] + load * all[n][i] + sqrt(rest) * own[i];
}
#endif
