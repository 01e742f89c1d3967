/* What leaving a unit out does to the answers of several questions.
 *
 * Delete-one jackknife: with theta_(g) the value without unit g of G,
 *   cov(a, b) = (G - 1) / G sum over g of (a_(g) - a)(b_(g) - b).
 * Values from different sets of moments (outcomes with their own missing rows,
 * levels of a group) move together where they share a unit, so their units are
 * numbered as one whole: clusters by their label, rows by their place, or as
 * the caller says. Each move carries the root of its own set's (G - 1) / G, or of
 * its stratum's, where the others of the stratum are weighted up (JKn); a row of
 * frequency f stands for f people left out one at a time.
 * Why the jackknife: no draw, the same at every call, and at 94 to 97 % the
 * best coverage of differences from 6 units on.
 * Conditions: every set has 2 units or more. Cost: (G + 1) evaluations an ask.
 * MacKinnon, Nielsen & Webb 2023, doi:10.1002/jae.2969.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "steelyard/joint.h"
#include "study/resample_internal.h"
#include "study/uncertainty_internal.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *label; /* of a cluster, or NULL */
    int64_t number;
    int ask;
    ptrdiff_t unit;
} unit_of_ask;

static int by_unit(const void *a, const void *b)
{
    const unit_of_ask *x = a, *y = b;
    const int named = x->label ? strcmp(x->label, y->label) : 0;
    if (named || x->number != y->number) return named ? named : x->number < y->number ? -1 : 1;
    return x->ask != y->ask ? x->ask - y->ask : (x->unit > y->unit) - (x->unit < y->unit);
}

static int same_unit(const unit_of_ask *x, const unit_of_ask *y)
{
    return x->number == y->number && (!x->label || !strcmp(x->label, y->label));
}

static sy_status check_asks(sy_context *ctx, int n_asks, const sy_ask *asks)
{
    if (n_asks < 1) return syi_fail(ctx, SY_EINVAL, "asks: there is none; at least 1 is needed");
    for (int a = 0; a < n_asks; a++) {
        const sy_moments *m = asks[a].m, *first = asks[0].m;
        if (m->unit == SY_UNIT_NONE || m->n_units < 2)
            return syi_fail(ctx, SY_EINVAL,
                            "data: these moments have neither clusters nor rows to leave out; make them with cluster, "
                            "or from a data frame");
        if (m->unit != first->unit || !asks[a].unit != !asks[0].unit)
            return syi_fail(ctx, SY_EINVAL, "data: some answers rest on clusters and others on rows");
        if (m->unit == SY_UNIT_ROW && !asks[a].unit && m->n_units != first->n_units)
            return syi_fail(ctx, SY_EINVAL,
                            "data: answers rest on %td and %td rows, and nothing says which of them are the same",
                            first->n_units, m->n_units);
    }
    return SY_OK;
}

/* All units of all asks, those that are the same next to each other; NULL when
 * there is no room. */
static unit_of_ask *line_up(int n_asks, const sy_ask *asks, size_t *count)
{
    size_t at = 0;
    *count = 0;
    for (int a = 0; a < n_asks; a++) *count += (size_t)asks[a].m->n_units;
    unit_of_ask *line = syi_alloc(*count, sizeof *line);
    for (int a = 0; line && a < n_asks; a++)
        for (ptrdiff_t g = 0; g < asks[a].m->n_units; g++) {
            const int named = asks[a].m->unit == SY_UNIT_CLUSTER && !asks[a].unit;
            line[at++] = (unit_of_ask){named ? sy_moments_cluster(asks[a].m, g) : NULL,
                                       asks[a].unit ? asks[a].unit[g]
                                       : named      ? 0
                                                    : (int64_t)g,
                                       a, g};
        }
    if (line) qsort(line, *count, sizeof *line, by_unit);
    return line;
}

static int values_of(const sy_question *q)
{
    return (q->n_blocks + sy_shares_terms(q)) * SY_N_METRICS + 1;
}

sy_status sy_joint_size(sy_context *ctx, int n_asks, const sy_ask *asks, ptrdiff_t *units, int *values)
{
    syi_enter(ctx);
    *units = 0;
    *values = 0;
    const sy_status status = check_asks(ctx, n_asks, asks);
    if (status) return status;
    size_t count;
    unit_of_ask *line = line_up(n_asks, asks, &count);
    if (!line) return syi_fail(ctx, SY_ENOMEM, "data: no room to match %zu units", count);
    for (size_t i = 0; i < count; i++) *units += i == 0 || !same_unit(&line[i - 1], &line[i]);
    for (int a = 0; a < n_asks; a++) *values += values_of(asks[a].question);
    SYI_FREE(line);
    return SY_OK;
}

typedef struct {
    const sy_ask *ask;
    int ask_number, first, values; /* of the ask, and of all */
    const unit_of_ask *line;
    size_t count;
    double *estimate, *moved, *df;
} job;

/* The leave-one-out lines of one ask, as moves in the rows of its units. */
static sy_status put_moves(sy_context *ctx, const job *j, const syi_uncertainty *u, const double *lines)
{
    const sy_moments *m = j->ask->m;
    const double *times = syi_resample_times(m), all = syi_resample_units(m);
    syi_resampling draws = {0};
    double lost = 0;
    ptrdiff_t row = -1;
    const sy_status status = m->n_strata ? syi_resampling_init(ctx, m, 0, &draws) : SY_OK;
    for (size_t i = 0; i < j->count && !status; i++) {
        row += i == 0 || !same_unit(&j->line[i - 1], &j->line[i]);
        if (j->line[i].ask != j->ask_number) continue;
        const ptrdiff_t g = j->line[i].unit;
        const double *line = lines + g * u->n_values, often = times ? times[g] : 1;
        const double factor = sqrt(syi_plan_jackknife_factor(m, &draws, g));
        double *to = j->moved + row * j->values + j->first;
        lost += isnan(line[u->n_values - 1]) ? often : 0;
        for (int v = 0; v < u->n_values; v++) to[v] = isnan(line[v]) ? 0 : factor * (line[v] - u->values[v]);
    }
    syi_resampling_free(&draws);
    *j->df = syi_resample_df(m) - lost;
    if (status || lost == 0) return status;
    return syi_remark(ctx, SY_NOTE_FEW_CLUSTERS, "", lost,
                      "%.0f of %.0f leave-one-out samples have no answer (a level or the outcome becomes constant); "
                      "differences rest on the others",
                      lost, all);
}

static sy_status ask_one(sy_context *ctx, const job *j, const sy_shares_options *options)
{
    syi_plan plan = {0};
    syi_wanted wanted = {0};
    syi_uncertainty u = {0};
    sy_shares_summary summary = {0};
    double *lines = NULL;
    sy_shares_options plain = *options;
    plain.bounds = SY_BOUNDS_NO;
    sy_status status = syi_plan_init(ctx, j->ask->m, j->ask->question, &plan);
    if (!status) status = syi_shares_wanted(ctx, &plan, &plain, &wanted);
    if (!status) status = syi_uncertainty_init(ctx, &plan, j->ask->question, &wanted, &u, &summary);
    if (status) goto out;
    lines = syi_alloc((size_t)j->ask->m->n_units * (size_t)u.n_values, sizeof *lines);
    if (!lines) status = syi_fail(ctx, SY_ENOMEM, "interval: no room for %td samples", j->ask->m->n_units);
    if (!status) status = syi_resample_jackknife(ctx, &plan, &u.total, &u.wanted, lines);
    if (status) goto out;
    memcpy(j->estimate + j->first, u.values, (size_t)u.n_values * sizeof *u.values);
    status = put_moves(ctx, j, &u, lines);
out:
    SYI_FREE(lines);
    syi_uncertainty_free(&u);
    syi_plan_free(&plan);
    return status;
}

sy_status sy_joint(sy_context *ctx, int n_asks, const sy_ask *asks, const sy_shares_options *options, double *estimate,
                   double *moved, double *df)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    ptrdiff_t units = 0;
    job j = {.estimate = estimate, .moved = moved};
    sy_status status = sy_joint_size(ctx, n_asks, asks, &units, &j.values);
    if (status) return status;
    unit_of_ask *line = line_up(n_asks, asks, &j.count);
    if (!line) return syi_fail(ctx, SY_ENOMEM, "data: no room to match %td units", units);
    j.line = line;
    memset(moved, 0, (size_t)units * (size_t)j.values * sizeof *moved);
    for (int a = 0; a < n_asks && status >= 0; a++) {
        j.ask = &asks[a];
        j.ask_number = a;
        j.df = &df[a];
        status = ask_one(ctx, &j, options);
        j.first += values_of(asks[a].question);
    }
    SYI_FREE(line);
    return status < 0 ? status : syi_status_of_remarks(ctx, first);
}
