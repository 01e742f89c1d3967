/* How near a flip may be: the distance at which the difference's limits reach 0.
 *
 * Along the ray to the nearest flip, with its f and g, D(t) has the delete-one
 * jackknife's standard error s(t) (each sample without one unit has its own
 * correlations, the combinations keep their weights); t is lowest where
 * D(t) = q s(t), q the (1 + level) / 2 quantile of t with the units' degrees of
 * freedom. Beyond it a test no longer says which share is larger: what Cinelli
 * & Hazlett 2020, doi:10.1111/rssb.12348, call the robustness value at a level.
 * That U's direction is the one of the whole sample costs nothing to first
 * order: the nearest flip does not change with it there.
 * D and s are taken at 9 places, then at 9 within the first interval in which
 * D - q s changes sign, and so on; the last interval by a straight line: within
 * 1e-6 of the distance.
 *
 * Cost: 27 evaluations a unit.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "steelyard/distribution.h"
#include "study/confounding/flip_job_internal.h"
#include "study/resample_internal.h"
#include <math.h>

enum { PLACES = 9, ROUNDS = 3, MOST_UNITS = 20000 };

typedef struct {
    syi_flip_job *job;
    const syi_leaving *leaving;
    const double *weights;
    sy_confounder at;
    double t[PLACES];
    double whole[PLACES]; /* D of the whole sample */
    double *lines;        /* [units * PLACES] */
    syi_arena *scratch;   /* [workers] */
} ray;

static sy_confounder times(const sy_confounder *u, double t)
{
    return (sy_confounder){t * u->a, t * u->b, t * u->c};
}

/* D at all places for one set of correlations. */
static void differences(const ray *r, int worker, const syi_geometry *g, double *room, double *values, double *out)
{
    const sy_flip_options *o = &r->job->field.options;
    syi_direction d;
    const int set = syi_direction_set(g, r->weights, room, &d);
    for (int i = 0; i < PLACES; i++) {
        const sy_confounder u = times(&r->at, r->t[i]);
        out[i] = set ? syi_confounded(&r->job->f, worker, g, &d, o->first, o->second, &u, values) : NAN;
    }
}

static size_t worker_room(const syi_flip_matrix *f)
{
    const size_t order = (size_t)f->order, packed = syi_packed_length(f->plan.m->n_columns);
    return 2 * syi_arena_room(packed, sizeof(double)) + syi_arena_room(order * order, sizeof(syi_dd)) +
           syi_arena_room(order * order, sizeof(double)) + 3 * syi_arena_room(2 * order, sizeof(double)) +
           syi_arena_room(syi_geometry_room(f), sizeof(double)) + syi_arena_room((size_t)f->n_values, sizeof(double));
}

static void without_unit(void *arg, int worker, size_t unit)
{
    const ray *r = arg;
    const syi_flip_matrix *f = &r->job->f;
    const sy_flip_options *o = &r->job->field.options;
    const size_t order = (size_t)f->order, packed = syi_packed_length(f->plan.m->n_columns);
    syi_arena *scratch = &r->scratch[worker];
    const syi_arena mark = *scratch;
    syi_sums sums = {0};
    syi_geometry g;
    sums.hi = syi_arena_take(scratch, packed, sizeof *sums.hi);
    sums.lo = syi_arena_take(scratch, packed, sizeof *sums.lo);
    syi_dd *centred = syi_arena_take(scratch, order * order, sizeof *centred);
    double *correlation = syi_arena_take(scratch, order * order, sizeof *correlation);
    double *deviation = syi_arena_take(scratch, order, sizeof *deviation);
    double *room = syi_arena_take(scratch, syi_geometry_room(f), sizeof *room);
    double *with = syi_arena_take(scratch, 2 * order, sizeof *with);
    double *values = syi_arena_take(scratch, (size_t)f->n_values, sizeof *values);
    syi_leave_out(f->plan.m, r->leaving, (ptrdiff_t)unit, &sums);
    syi_flip_correlations(f, &sums, centred, correlation, deviation);
    syi_geometry_fill(f, o->first, o->second, correlation, room, &g);
    differences(r, worker, &g, with, values, r->lines + unit * PLACES);
    *scratch = mark;
}

/* s at each place. */
static double errors(const ray *r, const double *factor, double *error)
{
    const sy_moments *m = r->job->f.plan.m;
    const size_t units = (size_t)m->n_units;
    int place[PLACES];
    for (int i = 0; i < PLACES; i++) place[i] = i;
    const double kept =
        syi_resample_variances(r->lines, units, m->n_strata ? factor : syi_resample_times(m), PLACES, r->whole, PLACES,
                               place, NULL, m->n_strata ? SYI_SPREAD_SUM : SYI_SPREAD_JACKKNIFE, error);
    for (int i = 0; i < PLACES; i++) error[i] = sqrt(error[i]);
    return kept;
}

/* The part of `at` where D = q s first. */
static sy_status find_low(ray *r, const double *factor, double *room, double *values, double q, double *low)
{
    double from = 0, to = 1, error[PLACES], gap[PLACES];
    for (int round = 0; round < ROUNDS; round++) {
        int i = 1;
        for (int k = 0; k < PLACES; k++) r->t[k] = from + (to - from) * k / (PLACES - 1);
        differences(r, 0, &r->job->g, room, values, r->whole);
        const sy_status status = syi_evaluator_run(&r->job->f.e, (size_t)r->job->f.plan.m->n_units, without_unit, r);
        if (status) return status;
        errors(r, factor, error);
        for (int k = 0; k < PLACES; k++) gap[k] = r->whole[k] - q * error[k];
        *low = 0;
        if (!(gap[0] > 0)) return SY_OK;
        while (i < PLACES - 1 && gap[i] > 0) i++;
        from = r->t[i - 1];
        to = r->t[i];
        *low = gap[i] < 0 ? from + (to - from) * gap[i - 1] / (gap[i - 1] - gap[i]) : to;
    }
    return SY_OK;
}

static sy_status make_room(sy_context *ctx, ray *r, int workers)
{
    const size_t bytes = worker_room(&r->job->f);
    r->lines = syi_alloc((size_t)r->job->f.plan.m->n_units * PLACES, sizeof *r->lines);
    r->scratch = syi_alloc((size_t)workers, sizeof *r->scratch);
    int made = r->lines && r->scratch;
    for (int w = 0; made && w < workers; w++) made = !syi_arena_init(&r->scratch[w], bytes);
    return made ? SY_OK : syi_fail(ctx, SY_ENOMEM, "level: no room for samples without one unit");
}

sy_status syi_flip_low(sy_context *ctx, syi_flip_job *job, const sy_confounder *at, const double *weights,
                       sy_share_flip_result *result)
{
    const sy_moments *m = job->f.plan.m;
    const double level = job->field.options.level;
    const int workers = job->f.e.workers;
    syi_leaving leaving = {0};
    ray r = {.job = job, .leaving = &leaving, .weights = weights, .at = *at};
    double *factor = NULL, *room = NULL, q = 0, part = NAN;
    if (level == 0) return SY_OK;
    if (m->unit == SY_UNIT_NONE || m->n_units < 3)
        return syi_remark(ctx, SY_NOTE_INTERVAL_SKIPPED, "distance", 0,
                          "the distance to a flip has no limit: there are neither clusters nor rows to leave out");
    if (m->n_units > MOST_UNITS)
        return syi_remark(ctx, SY_NOTE_INTERVAL_SKIPPED, "distance", (double)m->n_units,
                          "the distance to a flip has no limit: %td units to leave out, the most is %d", m->n_units,
                          MOST_UNITS);
    sy_status status = make_room(ctx, &r, workers);
    if (status) goto out;
    factor = syi_alloc((size_t)m->n_units, sizeof *factor);
    room = syi_alloc(2 * (size_t)job->g.k1 + (size_t)job->f.n_values, sizeof *room);
    if (!factor || !room) status = syi_fail(ctx, SY_ENOMEM, "level: no room for %td units", m->n_units);
    if (!status && m->n_strata) status = syi_resample_jackknife_factors(ctx, m, factor);
    if (!status) status = syi_leaving_init(ctx, m, &job->f.total, &leaving);
    result->df = syi_resample_df(m);
    if (!status) status = sy_distribution_t_quantile(ctx, (1 + level) / 2, result->df, &q);
    if (!status) status = find_low(&r, factor, room, room + 2 * (ptrdiff_t)job->g.k1, q, &part);
    result->distance_low = part * fmax(fmax(fabs(at->a), fabs(at->b)), fabs(at->c));
out:
    syi_leaving_free(&leaving);
    for (int w = 0; r.scratch && w < workers; w++) syi_arena_free(&r.scratch[w]);
    SYI_FREE(r.scratch);
    SYI_FREE(r.lines);
    SYI_FREE(factor);
    SYI_FREE(room);
    return status;
}
