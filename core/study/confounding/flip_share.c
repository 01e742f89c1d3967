/* Share-flip: the nearest hidden common cause for each set of strengths.
 *
 * What U takes from the correlations is in flip_confounder.c, the search in
 * flip_search.c. With one column a block f and g are these columns; which of a,
 * b, c must differ from zero for a flip at all is answered by searching each of
 * the seven sets of them by itself.
 *
 * Cost: nine searches, spread over the threads.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "study/confounding/flip_job_internal.h"
#include <math.h>
#include <string.h>

enum { A_SEARCH = 600, RISING = 2 };

typedef struct {
    syi_flip_job *job;
    syi_flip_find find[SY_FLIP_SETS];
    double *weights; /* [(SY_FLIP_SETS + RISING) * n] */
    int n;
    sy_flip_ray *rising;
} searches;

static void search_one(void *arg, int worker, size_t i)
{
    searches *s = arg;
    if (i >= SY_FLIP_ALL) {
        syi_flip_ray_alone(s->job, worker, NULL, s->weights + (ptrdiff_t)(i + 1) * s->n, &s->rising[i - SY_FLIP_ALL]);
        return;
    }
    const syi_flip_quest quest = {.set = (int)i + 1};
    syi_flip_nearest(&s->job->field, worker, &quest, &s->find[i + 1], s->weights + (ptrdiff_t)(i + 1) * s->n);
}

/* What holds for a set holds for the sets that contain it, found or not by
 * their own search. */
static void inherit(searches *s)
{
    for (int set = 1; set < SY_FLIP_SETS; set++)
        for (int part = 1; part < set; part++) {
            if ((part & set) != part || !s->find[part].found) continue;
            if (s->find[set].found && s->find[set].reach <= s->find[part].reach) continue;
            const double evaluations = s->find[set].evaluations;
            s->find[set] = s->find[part];
            s->find[set].evaluations = evaluations;
            memcpy(s->weights + (ptrdiff_t)set * s->n, s->weights + (ptrdiff_t)part * s->n,
                   (size_t)s->n * sizeof *s->weights);
        }
}

static void no_distance(sy_share_flip_result *result)
{
    const double distance = result->reversed ? 0 : NAN;
    for (int set = 1; set < SY_FLIP_SETS; set++)
        result->nearest[set] = (sy_flip_point){{distance, distance, distance}, distance, NAN, NAN, NAN};
    for (int i = 0; i < RISING; i++) result->rising[i] = (sy_flip_ray){{1, i, 1}, NAN, distance, NAN, NAN, NAN};
    result->distance_low = distance;
}

static void stand(const syi_flip_job *job, sy_share_flip_result *result)
{
    const sy_flip_options *o = &job->field.options;
    *result = (sy_share_flip_result){
        .first = job->values[o->first * SY_N_METRICS + SY_SHARE],
        .second = job->values[o->second * SY_N_METRICS + SY_SHARE],
        .total = job->values[job->f.n_values - 1],
        .df = NAN,
    };
    result->difference = result->first - result->second;
    result->reversed = !(result->difference > 0);
    result->several_columns = job->field.rank_f > 1 || job->field.rank_g > 1;
    no_distance(result);
    result->nearest[0] = (sy_flip_point){{0, 0, 0}, NAN, NAN, NAN, NAN};
}

/* Partial correlations of f and g with the outcome given U. */
static void set_outcomes(const syi_geometry *g, const syi_direction *d, const double *weights, double *w,
                         sy_flip_point *p)
{
    const sy_confounder none = {0}, *u = isnan(p->at.a) ? &none : &p->at;
    const int y = g->k1 - 1;
    double variance = 0, with_y = 0, with_u = 0;
    if (!syi_confounder_reach(g, d, u, w)) return;
    p->second_outcome = syi_second_outcome(g, d, u);
    for (int i = 0; i < g->n_g; i++) {
        const double weight = weights[g->n_f + i];
        with_y += weight * g->residual[(g->at_g + i) * g->k1 + y];
        with_u += weight * w[g->at_g + i];
        for (int j = 0; j < g->n_g; j++)
            variance += weight * weights[g->n_f + j] * g->residual[(g->at_g + i) * g->k1 + g->at_g + j];
    }
    p->first_outcome = (with_y - with_u * w[y]) / sqrt((variance - with_u * with_u) * (1 - w[y] * w[y]));
}

/* Each point with what its f and g make of it; room [3 * k1]. */
static void set_points(const searches *s, double *room, sy_share_flip_result *result)
{
    const syi_geometry *g = &s->job->g;
    for (int set = 0; set < SY_FLIP_SETS; set++) {
        syi_direction d;
        sy_flip_point *p = &result->nearest[set];
        const double *weights = s->weights + (ptrdiff_t)(set ? set : SY_FLIP_ALL) * s->n;
        result->evaluations += s->find[set].evaluations;
        if (set && s->find[set].found) {
            p->at = s->find[set].at;
            p->distance = fmax(fmax(fabs(p->at.a), fabs(p->at.b)), fabs(p->at.c));
        }
        if (!syi_direction_set(g, weights, room, &d)) continue;
        p->limit_c = d.limit_c;
        set_outcomes(g, &d, weights, room + 2 * (ptrdiff_t)g->k1, p);
    }
}

static sy_status run(sy_context *ctx, syi_flip_job *job, sy_share_flip_result *result, double *direction)
{
    searches s = {.job = job, .n = job->g.n_f + job->g.n_g, .rising = result->rising};
    const size_t n = (size_t)s.n, k1 = (size_t)job->g.k1;
    s.weights = syi_alloc((SY_FLIP_SETS + RISING) * n + 3 * k1, sizeof *s.weights);
    if (!s.weights) return syi_fail(ctx, SY_ENOMEM, "blocks: no room for %zu directions", (size_t)SY_FLIP_SETS);
    double *found = s.weights + SY_FLIP_ALL * n;
    sy_status status = SY_OK;
    if (result->reversed) { /* f and g are then those the whole model uses */
        for (int set = 1; set < SY_FLIP_SETS; set++)
            syi_flip_weights(&job->field, job->field.start, s.weights + (ptrdiff_t)set * s.n);
    } else {
        status = syi_evaluator_run(&job->f.e, SY_FLIP_ALL + RISING, search_one, &s);
        if (!status) inherit(&s);
    }
    if (!status) set_points(&s, s.weights + (SY_FLIP_SETS + RISING) * n, result);
    if (!status && s.find[SY_FLIP_ALL].found) status = syi_flip_low(ctx, job, &s.find[SY_FLIP_ALL].at, found, result);
    if (!status && direction) memcpy(direction, found, n * sizeof *direction);
    SYI_FREE(s.weights);
    return status;
}

sy_status sy_share_flip(sy_context *ctx, const sy_moments *m, const sy_question *question,
                        const sy_flip_options *options, sy_share_flip_result *result, double *direction)
{
    syi_enter(ctx);
    const int remarks = ctx->n_remarks;
    syi_flip_job job;
    const size_t evaluations = (size_t)SY_FLIP_ALL * A_SEARCH;
    *result = (sy_share_flip_result){.first = NAN, .second = NAN, .total = NAN, .difference = NAN, .df = NAN};
    no_distance(result);
    sy_status status = syi_flip_job_init(ctx, m, question, options, NULL, evaluations, &job);
    if (!status) {
        stand(&job, result);
        status = run(ctx, &job, result, direction);
    }
    syi_flip_job_free(&job);
    return status ? status : syi_status_of_remarks(ctx, remarks);
}

sy_status sy_share_flip_directions(sy_context *ctx, const sy_moments *m, const sy_question *question,
                                   const sy_flip_options *options, int *n_second, int *n_first, int *column)
{
    syi_enter(ctx);
    const int remarks = ctx->n_remarks;
    syi_plan plan = {0};
    *n_second = *n_first = 0;
    sy_status status = syi_flip_check(ctx, question, options);
    if (!status) status = syi_plan_init(ctx, m, question, &plan);
    if (!status) {
        *n_second = plan.row_columns[options->second];
        *n_first = plan.row_columns[options->first];
        for (int i = 0; column && i < *n_second; i++)
            column[i] = plan.column[plan.n_adjust + plan.row_first[options->second] + i];
        for (int i = 0; column && i < *n_first; i++)
            column[*n_second + i] = plan.column[plan.n_adjust + plan.row_first[options->first] + i];
    }
    syi_plan_free(&plan);
    return status ? status : syi_status_of_remarks(ctx, remarks);
}
