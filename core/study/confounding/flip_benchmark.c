/* What observed terms have of a hidden common cause's three strengths.
 *
 * For a term z of one column: a = corr(z, f), b = corr(z, g | f), c = corr(z, y |
 * f, g), all given the adjusting terms other than z, signed. For a term of
 * several columns their joint strengths, roots of the partial R2 of f, of g
 * given f and of y given both on them, whose signs mean nothing: all four are
 * tried. A U like z, forced in with z still where it is in the question, is the
 * point (a, b, c); one t times as strong is t (a, b, c): along that ray the
 * first crossing tells how many times as strong as z U has to be [the
 * benchmarks of Cinelli & Hazlett 2020, doi:10.1111/rssb.12348, for shares].
 *
 * Cost: 200 evaluations a term and sign.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/sweep_plain_internal.h"
#include "base/status_internal.h"
#include "study/confounding/flip_job_internal.h"
#include <math.h>
#include <string.h>

enum { STEPS = 200 };
static const double nothing = 0x1p-40;

typedef struct {
    sy_context *ctx;
    const sy_moments *m;
    const sy_question *question;
    syi_flip_job *job;
    const double *weights;
    syi_direction d;
    int *adjust;
    sy_flip_benchmark *out;
} work;

static int in_block(const sy_block *block, int term)
{
    for (int t = 0; t < block->n_terms; t++)
        if (block->terms[t] == term) return 1;
    return 0;
}

static sy_status check_term(const work *w, int term)
{
    const sy_question *q = w->question;
    const sy_flip_options *o = &w->job->field.options;
    if (term < 0 || term >= w->m->n_terms)
        return syi_fail(w->ctx, SY_EINVAL, "benchmarks: there is no term number %d; there are %d", term + 1,
                        w->m->n_terms);
    if (term == q->outcome)
        return syi_fail(w->ctx, SY_EINVAL, "benchmarks: %s is the outcome", sy_moments_label(w->m, term));
    for (int side = 0; side < 2; side++) {
        const sy_block *block = &q->blocks[side ? o->second : o->first];
        if (in_block(block, term))
            return syi_fail(w->ctx, SY_EINVAL, "benchmarks: %s is in %s itself; a term outside both blocks is needed",
                            sy_moments_label(w->m, term), block->name);
    }
    return SY_OK;
}

/* Correlations of z's columns, f, g and the outcome, [(n + 3)^2]; load [k1 * (n +
 * 3)] are the combinations they are. */
static void gather(const syi_geometry *g, int at_z, int n, const double *weights, double *load, double *out)
{
    const int size = n + 3, k1 = g->k1;
    memset(load, 0, (size_t)k1 * (size_t)size * sizeof *load);
    for (int i = 0; i < n; i++) load[(at_z + i) * size + i] = 1;
    for (int i = 0; i < g->n_f; i++) load[(g->at_f + i) * size + n] = weights[i];
    for (int i = 0; i < g->n_g; i++) load[(g->at_g + i) * size + n + 1] = weights[g->n_f + i];
    load[(k1 - 1) * size + n + 2] = 1;
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++) {
            double sum = 0;
            for (int r = 0; r < k1; r++)
                for (int c = 0; c < k1; c++) sum += load[r * size + i] * g->residual[r * k1 + c] * load[c * size + j];
            out[i * size + j] = sum;
        }
}

/* Root of the partial R2 of column `target` on z's n columns in a, signed where
 * n = 1; a is spoilt. */
static double strength(int n, double *a, int target)
{
    const int size = n + 3;
    const double before = a[target * size + target], sign = n == 1 && a[target] < 0 ? -1 : 1;
    for (int i = 0; i < n; i++) syi_leave_plain(size, a, i, nothing);
    const double after = a[target * size + target];
    return before > nothing ? sign * sqrt(fmin(fmax(1 - after / before, 0), 1)) : NAN;
}

static void set_strengths(int n, const double *r, double *a, sy_confounder *at)
{
    const size_t bytes = (size_t)(n + 3) * (size_t)(n + 3) * sizeof *a;
    double *of[3] = {&at->a, &at->b, &at->c};
    for (int k = 0; k < 3; k++) {
        memcpy(a, r, bytes);
        for (int given = 0; given < k; given++) syi_leave_plain(n + 3, a, n + given, nothing);
        *of[k] = strength(n, a, n + k);
    }
}

/* The term as a third block, or taken out of the adjusting terms. */
static void pose(const work *w, const int *term, sy_block blocks[3], sy_question *posed)
{
    const sy_question *q = w->question;
    const sy_flip_options *o = &w->job->field.options;
    int n = 0;
    for (int a = 0; a < q->n_adjust; a++)
        if (q->adjust[a] != *term) w->adjust[n++] = q->adjust[a];
    blocks[0] = q->blocks[o->first];
    blocks[1] = q->blocks[o->second];
    blocks[2] = (sy_block){sy_moments_label(w->m, *term), 1, term};
    *posed = (sy_question){.outcome = q->outcome,
                           .n_blocks = 3,
                           .blocks = blocks,
                           .n_adjust = n,
                           .adjust = w->adjust,
                           .absorb = q->absorb,
                           .free_orders = 1};
}

/* The weights stand for combinations of columns as measured; the columns'
 * scales given other adjusting terms are not the same. */
static void rescale(const syi_geometry *from, const syi_geometry *to, const double *weights, double *out)
{
    for (int i = 0; i < from->n_f + from->n_g; i++) {
        const int of_f = i < from->n_f, j = of_f ? i : i - from->n_f;
        const double old = from->left[(of_f ? from->at_f : from->at_g) + j];
        const double new = to->left[(of_f ? to->at_f : to->at_g) + j];
        out[i] = old > 0 ? weights[i] * new / old : 0;
    }
}

static sy_status measure(const work *w, int term, sy_flip_benchmark *out)
{
    sy_block blocks[3];
    sy_question posed;
    syi_flip_matrix f;
    syi_geometry g;
    double *room = NULL;
    pose(w, &term, blocks, &posed);
    sy_status status = syi_flip_matrix_init(w->ctx, w->m, &posed, 1, 0, &f);
    if (status) goto out;
    const size_t n = (size_t)f.plan.row_columns[2], size = n + 3, k1 = (size_t)f.plan.k + 1;
    const size_t geometry = syi_geometry_room(&f), n_weights = (size_t)(w->job->g.n_f + w->job->g.n_g);
    room = syi_alloc(geometry + k1 * size + 2 * size * size + n_weights, sizeof *room);
    if (!room) {
        status = syi_fail(w->ctx, SY_ENOMEM, "benchmarks: no room for %zu columns", n);
        goto out;
    }
    double *with = room + geometry, *r = with + k1 * size, *weights = r + 2 * size * size;
    syi_geometry_fill(&f, 0, 1, f.correlation, room, &g);
    rescale(&w->job->g, &g, w->weights, weights);
    gather(&g, f.plan.row_first[2], (int)n, weights, with, r);
    out->joint = n > 1;
    set_strengths((int)n, r, r + size * size, &out->at);
out:
    SYI_FREE(room);
    syi_flip_matrix_free(&f);
    return status;
}

/* The difference with a U like the term, and how many times as strong one turns
 * the order. */
static void follow(void *arg, int worker, size_t i)
{
    const work *w = arg;
    const sy_flip_options *o = &w->job->field.options;
    sy_flip_benchmark *b = &w->out[i];
    syi_arena *scratch = &w->job->f.e.scratch[worker];
    const syi_arena mark = *scratch;
    double *values = syi_arena_take(scratch, (size_t)w->job->f.n_values, sizeof *values);
    b->difference = b->crossing = INFINITY;
    b->limit = NAN;
    for (int signs = 0; signs < (b->joint ? 4 : 1); signs++) {
        const double a = signs & 1 ? -b->at.a : b->at.a, at_b = signs & 2 ? -b->at.b : b->at.b;
        sy_flip_ray ray = {.along = {a, at_b, b->at.c}};
        const double d = syi_confounded(&w->job->f, worker, &w->job->g, &w->d, o->first, o->second, &ray.along, values);
        if (!isnan(d)) b->difference = fmin(b->difference, d);
        if (!(fabs(a) + fabs(at_b) + fabs(b->at.c) > 0)) continue;
        syi_flip_follow(w->job, worker, &w->d, values, &ray);
        b->limit = ray.limit;
        if (!isnan(ray.crossing)) b->crossing = fmin(b->crossing, ray.crossing);
    }
    if (isinf(b->difference)) b->difference = NAN;
    if (isinf(b->crossing)) b->crossing = NAN;
    *scratch = mark;
}

static sy_status run(work *w, int n, const int *terms)
{
    sy_context *ctx = w->ctx;
    static const double own[2] = {1, 1};
    const size_t k1 = (size_t)w->job->g.k1;
    if (!w->weights && (w->job->g.n_f > 1 || w->job->g.n_g > 1))
        return syi_fail(ctx, SY_EINVAL, "direction: the blocks have several columns; say which combination of them");
    if (!w->weights) w->weights = own;
    double *room = syi_alloc(2 * k1, sizeof *room);
    w->adjust = syi_alloc((size_t)w->question->n_adjust + 1, sizeof *w->adjust);
    sy_status status = room && w->adjust ? SY_OK : syi_fail(ctx, SY_ENOMEM, "benchmarks: no room for %d terms", n);
    if (!status) status = syi_flip_given(ctx, w->job, w->weights, room, &w->d);
    for (int i = 0; i < n && !status; i++) {
        status = check_term(w, terms[i]);
        if (!status) status = measure(w, terms[i], &w->out[i]);
        if (!status) status = syi_serial_stopped(ctx);
    }
    if (!status) status = syi_evaluator_run(&w->job->f.e, (size_t)n, follow, w);
    SYI_FREE(room);
    SYI_FREE(w->adjust);
    return status;
}

sy_status sy_share_flip_benchmarks(sy_context *ctx, const sy_moments *m, const sy_question *question,
                                   const sy_flip_options *options, const double *direction, int n, const int *terms,
                                   sy_flip_benchmark *out)
{
    syi_enter(ctx);
    const int remarks = ctx->n_remarks;
    syi_flip_job job;
    work w = {.ctx = ctx, .m = m, .question = question, .job = &job, .weights = direction, .out = out};
    sy_status status = syi_flip_job_init(ctx, m, question, options, direction, (size_t)n * STEPS, &job);
    if (!status) status = run(&w, n, terms);
    syi_flip_job_free(&job);
    return status ? status : syi_status_of_remarks(ctx, remarks);
}
