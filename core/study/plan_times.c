/* Resampling plans: how often each unit stands in a replicate.
 *
 * Every plan is a set of multipliers of the units' moments.
 *   Units (rows, or whole clusters): multinomial counts, N draws from N
 *     [Efron 1979, doi:10.1214/aos/1176344552; for clusters Davison & Hinkley
 *     1997, sec. 3.8].
 *   Within strata: N_h - 1 draws from the N_h units of stratum h, counts times
 *     N_h / (N_h - 1), so that the replicates' variance is that of the strata,
 *     without the factor (N_h - 1) / N_h that N_h draws would leave [Rao & Wu
 *     1988, doi:10.1080/01621459.1988.10478591; the weights in Rao, Wu & Yue
 *     1992, Survey Methodology 18:209-217].
 *   Bayesian: N times Dirichlet(1, ..., 1), made of standard exponentials over
 *     their sum; within strata N_h times each stratum's own [Rubin 1981,
 *     doi:10.1214/aos/1176345338].
 * Where a row of frequency weights f stands for f people, people are drawn, and
 * c of them make the multiplier c / f. The multipliers of a stratum add up to
 * its units (weighted by f: its people).
 * Conditions: two units or more in every stratum.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/random_internal.h"
#include "base/status_internal.h"
#include "study/resample_internal.h"
#include <math.h>
#include <string.h>

const double *syi_resample_times(const sy_moments *m)
{
    return m->unit == SY_UNIT_ROW && m->weight_kind == SY_WEIGHT_FREQUENCY ? m->unit_n : NULL;
}

double syi_resample_units(const sy_moments *m)
{
    return syi_resample_times(m) ? m->n : (double)m->n_units;
}

double syi_resample_df(const sy_moments *m)
{
    return syi_resample_units(m) - (m->n_strata ? m->n_strata : 1);
}

static const char *unit_name(const sy_moments *m)
{
    return m->unit == SY_UNIT_CLUSTER ? "cluster" : "row";
}

/* Units stratum by stratum, in their own order within. */
static void sort_strata(const sy_moments *m, syi_resampling *plan)
{
    for (ptrdiff_t g = 0; g < m->n_units; g++) plan->first[m->unit_stratum[g] + 1]++;
    for (int h = 0; h < m->n_strata; h++) plan->first[h + 1] += plan->first[h];
    for (ptrdiff_t g = 0; g < m->n_units; g++) plan->order[plan->first[m->unit_stratum[g]]++] = g;
    for (int h = m->n_strata; h > 0; h--) plan->first[h] = plan->first[h - 1];
    plan->first[0] = 0;
}

static sy_status count_strata(sy_context *ctx, const sy_moments *m, syi_resampling *plan)
{
    const double *often = syi_resample_times(m);
    sort_strata(m, plan);
    for (int h = 0; h < m->n_strata; h++) {
        for (ptrdiff_t i = plan->first[h]; i < plan->first[h + 1]; i++)
            plan->in_stratum[h] += often ? often[plan->order[i]] : 1;
        if (plan->in_stratum[h] < 2)
            return syi_fail(ctx, SY_EDATA,
                            "strata: stratum %s holds one %s; resampling and its standard errors need two or more in "
                            "each stratum (merge it with another)",
                            sy_moments_stratum(m, h), unit_name(m));
    }
    return SY_OK;
}

/* Running sums of the people, anew in each stratum. */
static void count_people(const sy_moments *m, syi_resampling *plan)
{
    const int strata = plan->order ? m->n_strata : 1;
    for (int h = 0; h < strata; h++) {
        double sum = 0;
        const ptrdiff_t from = plan->order ? plan->first[h] : 0, to = plan->order ? plan->first[h + 1] : m->n_units;
        for (ptrdiff_t i = from; i < to; i++) {
            sum += m->unit_n[plan->order ? plan->order[i] : i];
            plan->upto[i] = sum;
        }
    }
}

sy_status syi_resampling_init(sy_context *ctx, const sy_moments *m, int bayes, syi_resampling *plan)
{
    const size_t units = (size_t)m->n_units, strata = (size_t)m->n_strata;
    *plan = (syi_resampling){.bayes = bayes};
    if (m->unit == SY_UNIT_NONE)
        return syi_fail(ctx, SY_EINVAL,
                        "interval: resampling needs clusters or rows to resample; these moments have neither (give "
                        "cluster, or interval = \"normal\")");
    if (syi_resample_times(m) && m->n >= 0x1p32)
        return syi_fail(ctx, SY_ELIMIT, "weights: %.0f people cannot be resampled, 2^32 are the limit", m->n);
    if (strata) {
        plan->order = syi_alloc(units, sizeof *plan->order);
        plan->first = syi_alloc(strata + 1, sizeof *plan->first);
        plan->in_stratum = syi_alloc(strata, sizeof *plan->in_stratum);
    }
    if (syi_resample_times(m) && !bayes) plan->upto = syi_alloc(units, sizeof *plan->upto);
    if ((strata && (!plan->order || !plan->first || !plan->in_stratum)) ||
        (syi_resample_times(m) && !bayes && !plan->upto))
        return syi_fail(ctx, SY_ENOMEM, "interval: no room for %td %ss", m->n_units, unit_name(m));
    const sy_status status = strata ? count_strata(ctx, m, plan) : SY_OK;
    if (!status && plan->upto) count_people(m, plan);
    return status;
}

void syi_resampling_free(syi_resampling *plan)
{
    SYI_FREE(plan->upto);
    SYI_FREE(plan->order);
    SYI_FREE(plan->first);
    SYI_FREE(plan->in_stratum);
}

enum { AT_ONCE = 512 }; /* draws */

/* The part of the units that one draw is about. */
typedef struct {
    const sy_moments *m;
    const ptrdiff_t *order; /* [count]; NULL: 0 .. count - 1 */
    const double *upto;     /* [count] or NULL */
    ptrdiff_t count;
    double units, draws; /* drawn from, and how many */
} share_of_units;

static ptrdiff_t unit_at(const share_of_units *p, ptrdiff_t i)
{
    return p->order ? p->order[i] : i;
}

static ptrdiff_t row_of_person(const share_of_units *p, double person)
{
    ptrdiff_t low = 0, high = p->count - 1;
    while (low < high) {
        const ptrdiff_t middle = low + (high - low) / 2;
        if (person < p->upto[middle]) high = middle;
        else low = middle + 1;
    }
    return low;
}

static void draw_counts(const share_of_units *p, syi_stream *stream, double *times)
{
    const uint32_t units = (uint32_t)p->units;
    if (!p->upto && !p->order) {
        uint32_t which[AT_ONCE];
        for (uint32_t drawn = 0; drawn < units; drawn += AT_ONCE) {
            const uint32_t count = units - drawn < AT_ONCE ? units - drawn : AT_ONCE;
            syi_stream_below_many(stream, units, count, which);
            for (uint32_t i = 0; i < count; i++) times[which[i]] += 1;
        }
    } else
        for (double drawn = 0; drawn < p->draws; drawn += 1) {
            const uint32_t which = syi_stream_below(stream, units);
            times[unit_at(p, p->upto ? row_of_person(p, (double)which) : (ptrdiff_t)which)] += 1;
        }
    const double scale = p->units / p->draws;
    for (ptrdiff_t i = 0; i < p->count; i++) {
        const ptrdiff_t g = unit_at(p, i);
        if (p->upto) times[g] /= p->m->unit_n[g];
        if (scale != 1) times[g] *= scale;
    }
}

/* A row of f people gets the sum of f exponentials. */
static void draw_exponentials(const share_of_units *p, uint64_t seed, size_t replicate, double *times)
{
    const double *often = syi_resample_times(p->m);
    double sum = 0;
    for (ptrdiff_t i = 0; i < p->count; i++) {
        const ptrdiff_t g = unit_at(p, i);
        syi_stream stream;
        syi_stream_init(&stream, seed, (uint32_t)replicate, (uint32_t)g);
        double mass = 0;
        for (double person = 0; person < (often ? often[g] : 1); person += 1) mass -= log(syi_stream_uniform(&stream));
        times[g] = mass;
        sum += mass;
    }
    const double scale = p->units / sum;
    for (ptrdiff_t i = 0; i < p->count; i++) {
        const ptrdiff_t g = unit_at(p, i);
        times[g] *= often ? scale / often[g] : scale;
    }
}

void syi_plan_times(const sy_moments *m, const syi_resampling *plan, uint64_t seed, size_t replicate, double *times)
{
    const int strata = plan->order ? m->n_strata : 1;
    memset(times, 0, (size_t)m->n_units * sizeof *times);
    for (int h = 0; h < strata; h++) {
        const ptrdiff_t from = plan->order ? plan->first[h] : 0, to = plan->order ? plan->first[h + 1] : m->n_units;
        share_of_units p = {.m = m, .count = to - from, .units = syi_resample_units(m)};
        p.draws = p.units;
        if (plan->upto) p.upto = plan->upto + from;
        if (plan->order) {
            p.order = plan->order + from;
            p.units = plan->in_stratum[h];
            p.draws = p.units - 1;
        }
        syi_stream stream;
        syi_stream_init(&stream, seed, (uint32_t)replicate, (uint32_t)h);
        if (plan->bayes) draw_exponentials(&p, seed, replicate, times);
        else draw_counts(&p, &stream, times);
    }
}

double syi_plan_jackknife_factor(const sy_moments *m, const syi_resampling *plan, ptrdiff_t g)
{
    const double *often = syi_resample_times(m);
    const double units = plan->order ? plan->in_stratum[m->unit_stratum[g]] : syi_resample_units(m);
    return (often ? often[g] : 1) * ((units - 1) / units);
}

double syi_plan_seconds(const sy_moments *m, int bayes)
{
    const double people = syi_resample_times(m) ? m->n : (double)m->n_units;
    return people * (bayes ? 4e-8 : syi_resample_times(m) ? 4e-8 : 5e-9);
}
