/* Shares and differences at stated hidden common causes.
 *
 * Cost: one evaluation a point, spread over the threads.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "study/confounding/flip_job_internal.h"
#include <math.h>

enum { PIECE = 64 }; /* points of one block of work */

typedef struct {
    syi_flip_job *job;
    syi_direction d;
    size_t n;
    const sy_confounder *u;   /* [n], or */
    const sy_flip_grid *grid; /* their grid */
    double *shares, *difference;
    unsigned char *impossible;
} work;

static sy_confounder on_grid(const sy_flip_grid *grid, size_t i)
{
    const double x = grid->x[i % (size_t)grid->n_x], y = grid->y[i / (size_t)grid->n_x], z = grid->third;
    switch (grid->set) {
    case SY_FLIP_A + SY_FLIP_B: return (sy_confounder){x, y, z};
    case SY_FLIP_A + SY_FLIP_C: return (sy_confounder){x, z, y};
    default: return (sy_confounder){z, x, y};
    }
}

static void at_points(void *arg, int worker, size_t piece)
{
    const work *w = arg;
    const sy_flip_options *o = &w->job->field.options;
    const int blocks = w->job->f.plan.n_blocks;
    syi_arena *scratch = &w->job->f.e.scratch[worker];
    const syi_arena mark = *scratch;
    double *values = syi_arena_take(scratch, (size_t)w->job->f.n_values, sizeof *values);
    for (size_t i = piece * PIECE; i < w->n && i < (piece + 1) * PIECE; i++) {
        const sy_confounder u = w->grid ? on_grid(w->grid, i) : w->u[i];
        const double difference =
            syi_confounded(&w->job->f, worker, &w->job->g, &w->d, o->first, o->second, &u, values);
        if (w->difference) w->difference[i] = difference;
        if (w->impossible) w->impossible[i] = (unsigned char)(isnan(difference) != 0);
        for (int b = 0; w->shares && b < blocks; b++)
            w->shares[i * (size_t)blocks + (size_t)b] = values[b * SY_N_METRICS + SY_SHARE];
    }
    *scratch = mark;
}

static sy_status run(sy_context *ctx, const sy_moments *m, const sy_question *question, const sy_flip_options *options,
                     const double *direction, work *w)
{
    syi_flip_job job;
    double *room = NULL;
    sy_status status = syi_flip_job_init(ctx, m, question, options, direction, w->n, &job);
    w->job = &job;
    if (status) goto out;
    if (!direction && (job.g.n_f > 1 || job.g.n_g > 1)) {
        status = syi_fail(ctx, SY_EINVAL, "direction: %s and %s have several columns; say which combination of them",
                          question->blocks[options->second].name, question->blocks[options->first].name);
        goto out;
    }
    const double own[2] = {1, 1};
    room = syi_alloc(2 * (size_t)job.g.k1, sizeof *room);
    if (!room) status = syi_fail(ctx, SY_ENOMEM, "direction: no room for %d columns", job.g.k1);
    if (!status) status = syi_flip_given(ctx, &job, direction ? direction : own, room, &w->d);
    if (!status) status = syi_evaluator_run(&job.f.e, (w->n + PIECE - 1) / PIECE, at_points, w);
out:
    SYI_FREE(room);
    syi_flip_job_free(&job);
    return status;
}

static sy_status check_strength(sy_context *ctx, const char *name, double value)
{
    if (value > -1 && value < 1) return SY_OK;
    return syi_fail(ctx, SY_EINVAL, "%s = %g: a strength lies between -1 and 1, both excluded", name, value);
}

sy_status sy_share_flip_at(sy_context *ctx, const sy_moments *m, const sy_question *question,
                           const sy_flip_options *options, const double *direction, int n, const sy_confounder *u,
                           double *shares)
{
    syi_enter(ctx);
    const int remarks = ctx->n_remarks;
    work w = {.n = (size_t)n, .u = u, .shares = shares};
    sy_status status = SY_OK;
    for (int i = 0; i < n && !status; i++) {
        status = check_strength(ctx, "a", u[i].a);
        if (!status) status = check_strength(ctx, "b", u[i].b);
        if (!status) status = check_strength(ctx, "c", u[i].c);
    }
    if (!status) status = run(ctx, m, question, options, direction, &w);
    return status ? status : syi_status_of_remarks(ctx, remarks);
}

void sy_flip_places(double reach, int n, double *x)
{
    for (int i = 0; i < n; i++) x[i] = n > 1 ? reach * (2.0 * i / (n - 1) - 1) : 0;
}

static sy_status check_grid(sy_context *ctx, const sy_flip_grid *grid)
{
    const int third = SY_FLIP_ALL - grid->set;
    if (third != SY_FLIP_A && third != SY_FLIP_B && third != SY_FLIP_C)
        return syi_fail(ctx, SY_EINVAL, "set = %d: two of the three strengths vary", grid->set);
    if (grid->n_x < 1 || grid->n_y < 1)
        return syi_fail(ctx, SY_EDIM, "points: %d by %d; at least 1 each is needed", grid->n_x, grid->n_y);
    return check_strength(ctx, third == SY_FLIP_A ? "a" : third == SY_FLIP_B ? "b" : "c", grid->third);
}

sy_status sy_share_flip_contours(sy_context *ctx, const sy_moments *m, const sy_question *question,
                                 const sy_flip_options *options, const double *direction, const sy_flip_grid *grid,
                                 double *difference, unsigned char *impossible)
{
    syi_enter(ctx);
    const int remarks = ctx->n_remarks;
    work w = {.grid = grid, .difference = difference, .impossible = impossible};
    sy_status status = check_grid(ctx, grid);
    if (status) return status;
    w.n = (size_t)grid->n_x * (size_t)grid->n_y;
    status = run(ctx, m, question, options, direction, &w);
    return status ? status : syi_status_of_remarks(ctx, remarks);
}
