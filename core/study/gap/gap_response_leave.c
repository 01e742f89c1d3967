/* Limits of the parts of a gap in answers: delete-one-unit jackknife.
 *
 * Units are clusters, or where there are none up to 100 groups of rows dealt once
 * for all (deal.c), a row of frequency w being w rows. Without each unit the four
 * models are fitted anew from the whole sample's estimates, the rows coupled anew
 * and the parts taken anew. Variance: (N - 1) / N sum (part_(g) - part)^2, t with N
 * - 1 degrees of freedom [MacKinnon, Nielsen & Webb 2023, doi:10.1002/jae.2969];
 * with strata the rest of the unit's stratum h counts N_h / (N_h - 1) times, and the
 * variance is the sum of (N_h - 1) / N_h times its squares, units less strata
 * degrees of freedom [Rust & Rao 1996, doi:10.1177/096228029600500305]. A sample in
 * which a group has one answer only is lost, and said; one that separates answers is
 * kept, as chances settle where coefficients do not. Cost: a fit and a table a
 * unit.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "steelyard/distribution.h"
#include "steelyard/interval.h"
#include "study/coverage_internal.h"
#include "study/deal_internal.h"
#include "study/gap/gap_response_internal.h"
#include "study/resample_internal.h"
#include "study/uncertainty_internal.h"
#include <math.h>
#include <string.h>

void syi_gapr_units_free(syi_gapr_units *u)
{
    SYI_FREE(u->unit);
    SYI_FREE(u->dealt);
    syi_row_units_free(&u->clusters);
    SYI_FREE(u->lines);
    SYI_FREE(u->no_memory);
}

/* Rows without clusters: as many as people where rows have frequencies. */
static sy_status deal(sy_context *ctx, syi_gapr_units *u)
{
    const syi_packed *rows = &u->game->rows;
    const int often = u->game->design.weight_kind == SY_WEIGHT_FREQUENCY;
    const double all = often ? rows->sum_w : (double)rows->n;
    if (u->game->design.strata)
        return syi_fail(ctx, SY_EINVAL,
                        "strata: limits of a gap in a binary or ordinal outcome need clusters within them");
    if (all > 0x1p31)
        return syi_fail(ctx, SY_ELIMIT, "weights: limits over groups of rows are for 2^31 rows at most, not %.0f", all);
    const size_t count = (size_t)all;
    u->grouped = 1;
    u->n_units = count < SYI_LEFT_GROUPS ? (ptrdiff_t)count : SYI_LEFT_GROUPS;
    u->dealt = syi_alloc(count + 1, sizeof *u->dealt);
    if (!u->dealt) return syi_fail(ctx, SY_ENOMEM, "interval: no room for %zu rows", count);
    syi_deal(u->game->question->seed, count, (int)u->n_units, u->dealt);
    if (often) return SY_OK;
    u->unit = syi_alloc(count + 1, sizeof *u->unit);
    if (!u->unit) return syi_fail(ctx, SY_ENOMEM, "interval: no room for %zu rows", count);
    for (size_t i = 0; i < count; i++) u->unit[i] = u->dealt[i];
    SYI_FREE(u->dealt);
    return SY_OK;
}

sy_status syi_gapr_units_init(sy_context *ctx, const syi_gapr_game *g, syi_gapr_units *u)
{
    *u = (syi_gapr_units){.game = g};
    if (!g->design.cluster) return deal(ctx, u);
    const sy_status status = syi_row_units_init(ctx, &g->design, g->rows.n, g->rows.row, g->rows.weight, &u->clusters);
    u->n_units = u->clusters.count;
    return status;
}

/* Weights of the packed rows without unit `left`; of_unit [n_units] is scratch. */
static void lessen(const syi_gapr_units *u, ptrdiff_t left, double *of_unit, double *times)
{
    const syi_packed *rows = &u->game->rows;
    const unsigned char *own = u->dealt;
    if (!u->grouped) syi_row_units_without(&u->clusters, left, of_unit);
    for (ptrdiff_t i = 0; i < rows->n; i++) {
        times[i] = rows->weight[i];
        if (!u->grouped) times[i] *= of_unit[u->clusters.unit[i]];
        else if (u->unit) times[i] *= u->unit[i] != left;
        else
            for (ptrdiff_t k = 0; k < (ptrdiff_t)rows->weight[i]; k++) times[i] -= *own++ == left;
    }
}

/* Line g: the values without unit g; NaN where there is no fit. */
static void leave_out(void *arg, int worker, size_t g)
{
    const syi_gapr_units *u = arg;
    const size_t values = (size_t)(u->game->n_measures * u->game->n_values);
    const size_t room = (size_t)u->game->rows.n + (size_t)u->n_units + 2;
    double *line = u->lines + g * values, *times = syi_alloc(room, sizeof *times);
    sy_context ctx;
    syi_gapr_fits fits = {0};
    syi_gapr_pairs pairs = {0};
    (void)worker;
    sy_context_init(&ctx);
    ctx.threads = 1;
    ctx.simd = u->game->simd;
    sy_status status = times ? syi_gapr_fits_init(&ctx, u->game, &fits) : SY_ENOMEM;
    if (status >= 0) {
        const size_t k = 2 * (size_t)(u->game->n_curves + u->game->slopes + 1) * SY_N_GAP_RESPONSE_BY;
        memcpy(fits.memory, u->fits->memory, k * sizeof *fits.memory);
        memcpy(fits.levels, u->fits->levels, sizeof fits.levels);
        lessen(u, (ptrdiff_t)g, times + u->game->rows.n + 1, times);
        status = syi_gapr_fit(&ctx, u->game, times, &fits);
    }
    for (int by = 0; by < SY_N_GAP_RESPONSE_BY && status >= 0; by++)
        if (fits.failed[by] == 1 && u->fits->failed[by] != 1) status = SY_EDATA;
    if (status >= 0) status = syi_gapr_couple(&ctx, u->game, times, &fits, &pairs);
    if (status >= 0) status = syi_gapr_values(&ctx, u->game, times, &fits, &pairs, line);
    for (size_t v = 0; v < values && status < 0; v++) line[v] = NAN;
    u->no_memory[g] = status == SY_ENOMEM;
    syi_gapr_pairs_free(&pairs);
    syi_gapr_fits_free(&fits);
    sy_context_free(&ctx);
    SYI_FREE(times);
}

/* How much each unit's square counts, where there are strata. */
static sy_status strata_factors(sy_context *ctx, const syi_gapr_units *u, double **factor)
{
    const syi_row_units *c = &u->clusters;
    *factor = NULL;
    if (u->grouped || !u->game->design.strata) return SY_OK;
    *factor = syi_alloc((size_t)u->n_units + 1, sizeof **factor);
    if (!*factor) return syi_fail(ctx, SY_ENOMEM, "strata: no room for %td clusters", u->n_units);
    for (ptrdiff_t g = 0; g < u->n_units; g++) {
        const double in = c->in_stratum[c->stratum[g]];
        (*factor)[g] = (in - 1) / in;
    }
    return SY_OK;
}

/* Standard errors and limits of the value at place v from the lines. */
static sy_status one_value(sy_context *ctx, const syi_gapr_units *u, const double *factor, int v, double df,
                           const sy_gap_response_table *t)
{
    const int values = u->game->n_measures * u->game->n_values;
    const syi_spread form = factor ? SYI_SPREAD_SUM : SYI_SPREAD_JACKKNIFE;
    double variance;
    syi_resample_variances(u->lines, (size_t)u->n_units, factor, values, t->estimate, 1, &v, NULL, form, &variance);
    t->std_error[v] = isnan(t->estimate[v]) ? (double)NAN : sqrt(variance);
    sy_status status = sy_interval_limits(ctx, SY_SCALE_IDENTITY, t->estimate[v], t->std_error[v], df,
                                          u->game->question->level, &t->low[v], &t->high[v]);
    if (status < 0 || !(t->std_error[v] > 0)) return status;
    t->statistic[v] = t->estimate[v] / t->std_error[v];
    status = sy_distribution_t_tail(ctx, fabs(t->statistic[v]), df, &t->p_value[v]);
    t->p_value[v] = fmin(1, 2 * t->p_value[v]);
    return status;
}

static double kept_lines(const syi_gapr_units *u)
{
    const size_t values = (size_t)(u->game->n_measures * u->game->n_values);
    double kept = 0;
    for (ptrdiff_t g = 0; g < u->n_units; g++) kept += !isnan(u->lines[(size_t)g * values]);
    return kept;
}

sy_status syi_gapr_limits(sy_context *ctx, syi_gapr_units *u, const syi_gapr_fits *fits, double seconds,
                          sy_gap_response_summary *s, const sy_gap_response_table *t)
{
    const int values = u->game->n_measures * u->game->n_values;
    double *factor = NULL;
    u->fits = fits;
    u->lines = syi_alloc((size_t)u->n_units * (size_t)values + 1, sizeof *u->lines);
    u->no_memory = syi_alloc((size_t)u->n_units + 1, sizeof *u->no_memory);
    sy_status status = u->lines && u->no_memory ? SY_OK : SY_ENOMEM;
    if (status >= 0) status = syi_parallel(ctx, (size_t)u->n_units, seconds, leave_out, u);
    for (ptrdiff_t g = 0; g < u->n_units && status >= 0; g++)
        if (u->no_memory[g]) status = SY_ENOMEM;
    if (status == SY_ENOMEM) syi_fail(ctx, status, "interval: no room for %td leave-one-out fits", u->n_units);
    if (status >= 0) status = strata_factors(ctx, u, &factor);
    if (status >= 0) {
        const double kept = kept_lines(u);
        s->df = u->grouped ? kept - 1 : u->clusters.df - ((double)u->n_units - kept);
        status = syi_remark_lost(ctx, (double)u->n_units - kept, (double)u->n_units, "leave-one-out fits");
    }
    for (int v = 0; v < values && status >= 0 && s->df > 0; v++) status = one_value(ctx, u, factor, v, s->df, t);
    SYI_FREE(factor);
    return status;
}
