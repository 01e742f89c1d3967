/* How often dominance is found again in bootstrap samples.
 *
 * Each replicate draws the units as intervals do (rows, whole clusters, within
 * strata; see plan_times.c), walks all submodels once and decides every pair anew:
 * D* is 1, 0 or 0.5. Over the replicates come the mean of D* with its standard
 * error, the parts in which the first player dominates, the second does, neither
 * does, and in which D* is what the whole sample says. Replicates without an answer
 * (a constant outcome) are left out.
 *
 * Cost: a replicate is units columns^2 for its sums, one walk and T^2 / 8
 * comparisons a submodel.
 *
 * Azen & Budescu 2003, doi:10.1037/1082-989X.8.2.129; for clusters Davison &
 * Hinkley 1997, sec. 3.8.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "shares/submodels_internal.h"
#include "study/resample_internal.h"
#include <math.h>

typedef struct {
    const syi_submodels *s;
    syi_evaluator e;
    syi_resampling draws;
    double tolerance;
    uint64_t seed;
    size_t decisions; /* pairs times kinds */
    double *found;    /* [replicates * decisions] D* */
} job;

static size_t scratch_room(const job *j)
{
    const sy_moments *m = j->s->plan.m;
    const size_t n = (size_t)j->s->n_players;
    return 2 * syi_arena_room(syi_packed_length(m->n_columns), sizeof(double)) +
           syi_arena_room((size_t)m->n_units, sizeof(double)) + syi_arena_room(j->s->count, sizeof(double)) +
           syi_arena_room((size_t)j->s->plan.n_rows * SY_N_METRICS, sizeof(double)) +
           syi_arena_room(n * n + n, sizeof(double)) + syi_arena_room(j->decisions * SY_N_PAIR, sizeof(double));
}

static void decide_again(void *arg, int worker, size_t replicate)
{
    job *j = arg;
    const syi_submodels *s = j->s;
    const sy_moments *m = s->plan.m;
    syi_arena *scratch = &j->e.scratch[worker];
    const syi_arena mark = *scratch;
    const size_t packed = syi_packed_length(m->n_columns), n = (size_t)s->n_players;
    syi_sums sums = {0};
    sy_shares_summary summary = {0};
    sums.hi = syi_arena_take(scratch, packed, sizeof(double));
    sums.lo = syi_arena_take(scratch, packed, sizeof(double));
    double *times = syi_arena_take(scratch, (size_t)m->n_units, sizeof *times);
    double *value = syi_arena_take(scratch, s->count, sizeof *value);
    double *rows = syi_arena_take(scratch, (size_t)s->plan.n_rows * SY_N_METRICS, sizeof *rows);
    double *by_size = syi_arena_take(scratch, n * n + n, sizeof *by_size);
    double *pairs = syi_arena_take(scratch, j->decisions * SY_N_PAIR, sizeof *pairs);
    const syi_wanted wanted = {.bounds = SYI_BOUNDS_TABLED, .values = value};
    double *found = j->found + replicate * j->decisions;
    syi_plan_times(m, &j->draws, j->seed, replicate, times);
    syi_moments_total(m, times, &sums);
    const syi_outcome outcome =
        syi_shares_evaluate(NULL, j->e.ctx->simd, &s->plan, &sums, &wanted, scratch, &summary, rows, NULL);
    const int answered = outcome == SYI_EVALUATED &&
                         !syi_dominance_of(NULL, s->n_players, value, j->tolerance, by_size, by_size + n * n, pairs);
    for (size_t d = 0; d < j->decisions; d++) found[d] = answered ? pairs[d * SY_N_PAIR + SY_PAIR_VALUE] : NAN;
    *scratch = mark;
}

/* One decision over the replicates; how many had an answer. */
static int summarise(const double *found, size_t step, int replicates, double sample, double *out)
{
    double sum = 0, squares = 0, first = 0, second = 0, same = 0;
    int kept = 0;
    for (int r = 0; r < replicates; r++) {
        const double d = found[(size_t)r * step];
        if (isnan(d)) continue;
        kept++;
        sum += d;
        squares += d * d;
        first += d == 1;
        second += d == 0;
        same += d == sample;
    }
    const double n = kept;
    out[SY_REPRODUCED_MEAN] = sum / n;
    out[SY_REPRODUCED_STD_ERROR] = kept > 1 ? sqrt(fmax(0, squares - sum * sum / n) / (n - 1)) : NAN;
    out[SY_REPRODUCED_FIRST] = first / n;
    out[SY_REPRODUCED_SECOND] = second / n;
    out[SY_REPRODUCED_NEITHER] = (n - first - second) / n;
    out[SY_REPRODUCED_SAME] = same / n;
    return kept;
}

static sy_status run(sy_context *ctx, job *j, int replicates)
{
    const syi_wanted wanted = {.bounds = SYI_BOUNDS_TABLED};
    sy_status status = syi_resampling_init(ctx, j->s->plan.m, 0, &j->draws);
    if (!status) status = syi_evaluator_init(ctx, &j->s->plan, &wanted, (size_t)replicates, scratch_room(j), &j->e);
    if (status) return status;
    const double comparisons = (double)j->decisions * (double)j->s->count;
    j->e.seconds += replicates * (5e-10 * comparisons + syi_plan_seconds(j->s->plan.m, 0));
    return syi_evaluator_run(&j->e, (size_t)replicates, decide_again, j);
}

sy_status sy_dominance_reproduced(sy_context *ctx, const sy_moments *m, const sy_question *question,
                                  const sy_dominance_options *options, int replicates, uint64_t seed,
                                  double *reproduced, int *kept)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    syi_submodels s = {0};
    job j = {.s = &s, .tolerance = options->tolerance, .seed = seed};
    double *pairs = NULL, *averages = NULL;
    sy_status status = syi_dominance_check(ctx, question, options);
    if (!status && replicates < 2)
        status = syi_fail(ctx, SY_EINVAL, "replicates: %d, at least 2 are needed", replicates);
    if (!status) status = syi_submodels_init(ctx, m, question, options->players, &s);
    if (status) goto out;
    const size_t n = (size_t)s.n_players;
    j.decisions = n * (n - 1) / 2 * SY_N_DOMINANCE;
    pairs = syi_alloc(j.decisions * SY_N_PAIR, sizeof *pairs);
    averages = syi_alloc(n * n + n, sizeof *averages);
    j.found = syi_alloc((size_t)replicates * j.decisions, sizeof *j.found);
    if (!pairs || !averages || !j.found) {
        status = syi_fail(ctx, SY_ENOMEM, "replicates: no room for %d of them", replicates);
        goto out;
    }
    status = syi_dominance_of(ctx, s.n_players, s.value, options->tolerance, averages, averages + n * n, pairs);
    if (!status) status = run(ctx, &j, replicates);
    for (size_t d = 0; d < j.decisions && !status; d++)
        *kept = summarise(j.found + d, j.decisions, replicates, pairs[d * SY_N_PAIR + SY_PAIR_VALUE],
                          reproduced + d * SY_N_REPRODUCED);
out:
    syi_evaluator_free(&j.e);
    syi_resampling_free(&j.draws);
    SYI_FREE(j.found);
    SYI_FREE(averages);
    SYI_FREE(pairs);
    syi_submodels_free(&s);
    return status ? status : syi_status_of_remarks(ctx, first);
}
