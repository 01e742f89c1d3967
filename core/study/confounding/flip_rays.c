/* Rays from no hidden common cause outwards.
 *
 * D(t u) is scanned at 200 places up to what is possible and each change of sign
 * brought down to rounding (algebra/root.c): the first crossing and the first
 * return, for D may come back. With several columns and no directions given, f
 * and g are those of the ray's own nearest flip, or of the least D where there
 * is none.
 *
 * Cost: 200 evaluations a ray, and with several columns a search.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "study/confounding/flip_job_internal.h"
#include <math.h>

enum { STEPS = 200 };

typedef struct {
    syi_flip_job *job;
    const double *given;
    double *weights; /* [n * (n_f + n_g)] */
    sy_flip_ray *rays;
} work;

typedef struct {
    const syi_flip_job *job;
    const syi_direction *d;
    const sy_confounder *along;
    double *values;
    int worker;
} line;

static double on_line(double t, const void *arg)
{
    const line *l = arg;
    const sy_flip_options *o = &l->job->field.options;
    const sy_confounder u = {t * l->along->a, t * l->along->b, t * l->along->c};
    if (l->job->f.e.stopped || syi_parallel_stopped()) return NAN;
    return syi_confounded(l->job->field.f, l->worker, &l->job->g, l->d, o->first, o->second, &u, l->values);
}

void syi_flip_follow(const syi_flip_job *job, int worker, const syi_direction *d, double *values, sy_flip_ray *ray)
{
    const line l = {job, d, &ray->along, values, worker};
    ray->limit = syi_flip_farthest(&ray->along, job->field.options.most, d->limit_c);
    ray->at_limit = on_line(ray->limit, &l);
    ray->back = NAN;
    ray->crossing = on_line(0, &l) > 0 ? syi_flip_first(on_line, &l, 0, ray->limit, STEPS, 0) : 0;
    ray->second_outcome = NAN;
    if (isnan(ray->crossing)) return;
    const double t = ray->crossing;
    const sy_confounder u = {t * ray->along.a, t * ray->along.b, t * ray->along.c};
    ray->second_outcome = syi_second_outcome(&job->g, d, &u);
    ray->back = syi_flip_first(on_line, &l, ray->crossing, ray->limit, STEPS, 1);
}

void syi_flip_ray_alone(const syi_flip_job *job, int worker, const double *given, double *weights, sy_flip_ray *ray)
{
    const syi_geometry *g = &job->g;
    syi_arena *scratch = &job->field.f->e.scratch[worker];
    const syi_arena mark = *scratch;
    const syi_flip_quest quest = {.along = ray->along};
    syi_flip_find find;
    syi_direction d;
    if (!given) syi_flip_nearest(&job->field, worker, &quest, &find, weights);
    double *room = syi_arena_take(scratch, 2 * (size_t)g->k1, sizeof *room);
    double *values = syi_arena_take(scratch, (size_t)job->f.n_values, sizeof *values);
    ray->limit = ray->crossing = ray->back = ray->at_limit = ray->second_outcome = NAN;
    if (syi_direction_set(g, given ? given : weights, room, &d)) syi_flip_follow(job, worker, &d, values, ray);
    *scratch = mark;
}

static void follow(void *arg, int worker, size_t i)
{
    const work *w = arg;
    const size_t n = (size_t)(w->job->g.n_f + w->job->g.n_g);
    syi_flip_ray_alone(w->job, worker, w->given, w->weights + i * n, &w->rays[i]);
}

static sy_status check_ray(sy_context *ctx, const sy_confounder *u)
{
    const double most = fmax(fmax(fabs(u->a), fabs(u->b)), fabs(u->c));
    if (isfinite(u->a) && isfinite(u->b) && isfinite(u->c) && most > 0) return SY_OK;
    return syi_fail(ctx, SY_EINVAL, "rays: (%g, %g, %g) points nowhere; three finite numbers that are not all 0", u->a,
                    u->b, u->c);
}

sy_status sy_share_flip_rays(sy_context *ctx, const sy_moments *m, const sy_question *question,
                             const sy_flip_options *options, const double *direction, int n, sy_flip_ray *rays)
{
    syi_enter(ctx);
    const int remarks = ctx->n_remarks;
    syi_flip_job job;
    work w = {.job = &job, .given = direction, .rays = rays};
    sy_status status = SY_OK;
    for (int i = 0; i < n && !status; i++) status = check_ray(ctx, &rays[i].along);
    if (status) return status;
    status = syi_flip_job_init(ctx, m, question, options, direction, (size_t)n * 2 * STEPS, &job);
    if (status) goto out;
    w.weights = syi_alloc((size_t)n * (size_t)(job.g.n_f + job.g.n_g) + 1, sizeof *w.weights);
    if (!w.weights) status = syi_fail(ctx, SY_ENOMEM, "rays: no room for %d", n);
    if (!status) status = syi_evaluator_run(&job.f.e, (size_t)n, follow, &w);
out:
    SYI_FREE(w.weights);
    syi_flip_job_free(&job);
    return status ? status : syi_status_of_remarks(ctx, remarks);
}
