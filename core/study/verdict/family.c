/* Differences of many cells that move together when a unit is left out.
 *
 * sy_joint numbers the units of all cells as one whole; the difference of a cell
 * moves by the moves of its two shares. A value without unit g is the value and
 * its move over the root of what the move counts: (G - 1) / G without strata.
 * Cost: (units + 1) evaluations a cell.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "study/resample_internal.h"
#include "study/verdict/family_internal.h"
#include <math.h>

int syi_family_possible(int n, syi_cell *const *cells)
{
    for (int c = 0; c < n; c++)
        if (!cells[c]->unit || cells[c]->m.n_units < 2) return 0;
    return n > 0;
}

static sy_status no_room(sy_context *ctx, int n)
{
    return syi_fail(ctx, SY_ENOMEM, "outcomes: no room to resample %d differences together", n);
}

/* The numbers that occur, ascending: the order that sy_joint keeps. place
 * [largest + 1] says where each stands. */
static sy_status number_units(sy_context *ctx, int n, syi_cell *const *cells, syi_family *f, int32_t **place)
{
    int64_t largest = -1;
    for (int c = 0; c < n; c++)
        for (ptrdiff_t g = 0; g < cells[c]->m.n_units; g++)
            largest = cells[c]->unit[g] > largest ? cells[c]->unit[g] : largest;
    *place = syi_alloc((size_t)largest + 2, sizeof **place);
    f->number = syi_alloc((size_t)f->units + 1, sizeof *f->number);
    if (!*place || !f->number) return no_room(ctx, n);
    for (int c = 0; c < n; c++)
        for (ptrdiff_t g = 0; g < cells[c]->m.n_units; g++) (*place)[cells[c]->unit[g]] = 1;
    int32_t at = 0;
    for (int64_t u = 0; u <= largest; u++) {
        if (!(*place)[u]) continue;
        f->number[at] = u;
        (*place)[u] = at++;
    }
    return at == f->units ? SY_OK : syi_fail(ctx, SY_EBUG, "units: %d found, %td expected", (int)at, f->units);
}

static sy_status find_factors(sy_context *ctx, syi_cell *const *cells, const int32_t *place, syi_family *f)
{
    sy_status status = SY_OK;
    for (int c = 0; c < f->n && !status; c++) {
        const sy_moments *m = &cells[c]->m;
        syi_resampling draws = {0};
        status = m->n_strata ? syi_resampling_init(ctx, m, 0, &draws) : SY_OK;
        for (ptrdiff_t g = 0; g < m->n_units && !status; g++)
            f->factor[place[cells[c]->unit[g]] * f->n + c] = sqrt(syi_plan_jackknife_factor(m, &draws, g));
        syi_resampling_free(&draws);
    }
    return status;
}

static int share_place(const syi_family *f, int member, int row, int metric)
{
    return f->first[member] + row * SY_N_METRICS + metric;
}

static sy_status contrast(sy_context *ctx, syi_cell *const *cells, double level, const double *df_of_ask, syi_family *f)
{
    const size_t n = (size_t)f->n;
    int *sides = syi_alloc(2 * n, sizeof *sides);
    double *df = syi_alloc((size_t)f->values, sizeof *df);
    sy_status status = sides && df ? SY_OK : no_room(ctx, f->n);
    for (int c = 0; c < f->n && !status; c++) {
        const int last = c + 1 < f->n ? f->first[c + 1] : f->values;
        for (int v = f->first[c]; v < last; v++) df[v] = df_of_ask[c];
        sides[c] = share_place(f, c, cells[c]->asked.process, SY_SHARE);
        sides[f->n + c] = share_place(f, c, cells[c]->asked.funding, SY_SHARE);
    }
    if (!status)
        status = sy_joint_contrasts(ctx, f->units, f->values, f->estimate, f->moved, df, f->n, sides, sides + n, level,
                                    f->difference, f->moves, NULL);
    SYI_FREE(sides);
    SYI_FREE(df);
    return status < 0 ? status : SY_OK;
}

static sy_status make_room(sy_context *ctx, syi_family *f)
{
    const size_t n = (size_t)f->n, units = (size_t)f->units, values = (size_t)f->values;
    f->first = syi_alloc(n, sizeof *f->first);
    f->estimate = syi_alloc(values, sizeof *f->estimate);
    f->moved = syi_alloc(units * values, sizeof *f->moved);
    f->factor = syi_alloc(units * n, sizeof *f->factor);
    f->moves = syi_alloc(units * n, sizeof *f->moves);
    f->difference = syi_alloc(n, sizeof *f->difference);
    return f->first && f->estimate && f->moved && f->factor && f->moves && f->difference ? SY_OK : no_room(ctx, f->n);
}

sy_status syi_family_init(sy_context *ctx, int n, syi_cell *const *cells, double level, syi_family *f)
{
    sy_shares_options how;
    sy_ask *asks = syi_alloc((size_t)n, sizeof *asks);
    double *df = syi_alloc((size_t)n, sizeof *df);
    int32_t *place = NULL;
    int at = 0;
    *f = (syi_family){.n = n};
    sy_shares_defaults(&how);
    sy_status status = asks && df ? SY_OK : no_room(ctx, n);
    if (status) goto out;
    for (int c = 0; c < n; c++) asks[c] = (sy_ask){&cells[c]->m, &cells[c]->question, cells[c]->unit};
    if ((status = sy_joint_size(ctx, n, asks, &f->units, &f->values)) < 0) goto out;
    if ((status = make_room(ctx, f))) goto out;
    for (int c = 0; c < n; c++) {
        f->first[c] = at;
        at += (cells[c]->question.n_blocks + sy_shares_terms(&cells[c]->question)) * SY_N_METRICS + 1;
    }
    if ((status = number_units(ctx, n, cells, f, &place))) goto out;
    if ((status = sy_joint(ctx, n, asks, &how, f->estimate, f->moved, df)) < 0) goto out;
    if ((status = find_factors(ctx, cells, place, f))) goto out;
    status = contrast(ctx, cells, level, df, f);
out:
    SYI_FREE(asks);
    SYI_FREE(df);
    SYI_FREE(place);
    return status;
}

void syi_family_free(syi_family *f)
{
    SYI_FREE(f->number);
    SYI_FREE(f->first);
    SYI_FREE(f->estimate);
    SYI_FREE(f->moved);
    SYI_FREE(f->factor);
    SYI_FREE(f->moves);
    SYI_FREE(f->difference);
}

sy_status syi_family_step(sy_context *ctx, const syi_family *f, int k, const int *member, int replicates, uint64_t seed,
                          double *p)
{
    double *moves = syi_alloc((size_t)f->units * (size_t)k, sizeof *moves);
    double *observed = syi_alloc((size_t)k, sizeof *observed);
    sy_status status = moves && observed ? SY_OK : no_room(ctx, k);
    for (int i = 0; i < k && !status; i++) {
        observed[i] = f->difference[member[i]].statistic;
        for (ptrdiff_t u = 0; u < f->units; u++) moves[u * k + i] = f->moves[u * f->n + member[i]];
    }
    if (!status)
        status = sy_joint_step_down(ctx, f->units, k, moves, observed, 2, SY_STEP_ROMANO_WOLF, replicates, seed, p);
    SYI_FREE(moves);
    SYI_FREE(observed);
    return status < 0 ? status : SY_OK;
}

double syi_family_value(const syi_family *f, int member, int row, int metric)
{
    return f->estimate[share_place(f, member, row, metric)];
}

double syi_family_without(const syi_family *f, int member, int row, int metric, ptrdiff_t unit)
{
    const double factor = f->factor[unit * f->n + member];
    const int at = share_place(f, member, row, metric);
    return factor > 0 ? f->estimate[at] + f->moved[unit * f->values + at] / factor : (double)NAN;
}
