/* The public entry to shares: plan, evaluate, and say in words what stood in
 * the way or is worth knowing.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "shares/bounds_internal.h"
#include "shares/sampled_internal.h"
#include "shares/shares_internal.h"
#include <math.h>
#include <stdio.h>

void sy_shares_defaults(sy_shares_options *options)
{
    *options = (sy_shares_options){.bounds = SY_BOUNDS_AUTO, .tolerance = 0.001, .seed = 1};
}

/* Seconds that lowest and highest take where no table is kept. */
static double bounds_seconds(const syi_plan *plan, int guarded)
{
    double seconds = 0;
    for (int i = 0; i < plan->n_walks; i++) {
        const syi_walk *walk = &plan->walk[i];
        const syi_game game = {.n_players = walk->n_players,
                               .columns = walk->columns,
                               .stride = walk->stride,
                               .order = plan->k + 1,
                               .guarded = guarded};
        if (!walk->tabled) seconds += syi_bounds_seconds(&game, walk->n_own, SYI_LEAF_PLAYERS);
    }
    return seconds;
}

static sy_status wanted_sampled(sy_context *ctx, const sy_shares_options *options, syi_wanted *wanted)
{
    *wanted = (syi_wanted){.guarded = options->guarded};
    if (options->bounds == SY_BOUNDS_NO) return SY_OK;
    if (options->bounds == SY_BOUNDS_YES)
        return syi_fail(ctx, SY_ELIMIT,
                        "bounds: lowest and highest need all submodels, sampled orders do not show them");
    return syi_remark(ctx, SY_NOTE_BOUNDS_SKIPPED, "", 0,
                      "lowest and highest are left out: sampled orders do not show them");
}

sy_status syi_shares_wanted(sy_context *ctx, const syi_plan *plan, const sy_shares_options *options, syi_wanted *wanted)
{
    int widest = 0;
    if (plan->sampling) return wanted_sampled(ctx, options, wanted);
    for (int i = 0; i < plan->n_walks; i++)
        if (plan->walk[i].n_players > widest) widest = plan->walk[i].n_players;
    *wanted = (syi_wanted){.guarded = options->guarded};
    if (options->bounds != SY_BOUNDS_NO)
        wanted->bounds = options->bounds == SY_BOUNDS_YES ? SYI_BOUNDS_ALL : SYI_BOUNDS_TABLED;
    if (widest <= SYI_TABLE_PLAYERS || options->bounds != SY_BOUNDS_AUTO) return SY_OK;
    return syi_remark(
        ctx, SY_NOTE_BOUNDS_SKIPPED, "", widest,
        "lowest and highest are left out past 2^%d submodels (here 2^%d); with bounds asked for they take "
        "about %.2g seconds",
        SYI_TABLE_PLAYERS, widest, bounds_seconds(plan, options->guarded));
}

static int term_of_column(const sy_moments *m, int column)
{
    int term = 0;
    while (term + 1 < m->n_terms && m->term_first[term + 1] <= column) term++;
    return term;
}

/* The column has no spread left once cluster means are taken out of it. */
static int clusters_take_all(const syi_plan *plan, int column)
{
    return plan->absorb && plan->m->floor_[column] == 0;
}

/* One remark a term, with the level or cell where there is one. */
static sy_status remark_aliased(sy_context *ctx, const syi_plan *plan, const int *aliased)
{
    const sy_moments *m = plan->m;
    for (int i = plan->absorb; i < plan->n_adjust + plan->k; i++) {
        if (!aliased[i]) continue;
        const int column = plan->column[i];
        const char *label = sy_moments_label(m, term_of_column(m, column)), *level = sy_moments_level(m, column);
        const char *why = clusters_take_all(plan, column)
                              ? "its cluster's mean: it does not vary within clusters"
                              : "the columns before it: it follows from them to the last digit of the data";
        sy_status status = syi_remark(ctx, SY_NOTE_ALIASED, label, 0, "%s%s%s adds nothing beyond %s", label,
                                      level ? ", level " : "", level ? level : "", why);
        if (status) return status;
    }
    return SY_OK;
}

sy_status syi_shares_report(sy_context *ctx, const syi_plan *plan, const sy_question *question, syi_outcome outcome,
                            const sy_shares_summary *summary, const int *aliased)
{
    const char *y = sy_moments_label(plan->m, question->outcome);
    const int columns = plan->n_adjust + plan->k + (plan->absorb ? (int)plan->m->n_units - 2 : 0);
    switch (outcome) {
    case SYI_CONSTANT_OUTCOME:
        return syi_fail(ctx, SY_EDATA, "outcome %s: all %.0f values are equal; there is no variance to share", y,
                        plan->m->rows_used);
    case SYI_TOO_FEW_ROWS:
        return syi_fail(ctx, SY_ERANK, "data: %.0f rows for %d columns and the intercept; at least %d rows are needed",
                        summary->n, columns, columns + 2);
    case SYI_STOPPED: return syi_fail(ctx, SY_EINTR, "stopped by the host");
    case SYI_NO_ROOM: return syi_fail(ctx, SY_ENOMEM, "blocks: no room to walk 2^%d submodels", plan->n_blocks);
    case SYI_EVALUATED: break;
    }
    sy_status status = remark_aliased(ctx, plan, aliased);
    if (!status && summary->vif_max > 1e6)
        status = syi_remark(ctx, SY_NOTE_PRECISION, "", summary->vif_max,
                            "predictors are nearly collinear (largest variance inflation factor %.3g): computed in "
                            "double-double, about %.0f digits are left",
                            summary->vif_max, summary->digits);
    return status;
}

/* .0359 for 0.0359, as shares are printed. */
static const char *four_places(double share, char text[16])
{
    snprintf(text, 16, "%.4f", share);
    return text + (text[0] == '0');
}

/* Worth a sentence where four places show it and as many columns of noise would not give it. */
static sy_status remark_suppression(sy_context *ctx, const syi_plan *plan, const sy_question *question,
                                    const sy_shares_summary *summary, const double *table)
{
    const double shown = fmax(1e-4, pow(10, -summary->digits));
    sy_status status = SY_OK;
    for (int b = 0; b < plan->n_blocks && !status; b++) {
        const double *row = table + (ptrdiff_t)b * SY_N_METRICS;
        char unique[16], alone[16];
        const double floor = row[SY_BY_CHANCE] > shown ? row[SY_BY_CHANCE] : shown;
        if (!(row[SY_UNIQUE] - row[SY_ALONE] > floor)) continue;
        status = syi_remark(ctx, SY_NOTE_SUPPRESSION, question->blocks[b].name, row[SY_UNIQUE] - row[SY_ALONE],
                            "%s explains more beside the others (unique %s) than alone (%s): suppression",
                            question->blocks[b].name, four_places(row[SY_UNIQUE], unique),
                            four_places(row[SY_ALONE], alone));
    }
    return status;
}

sy_status syi_shares_whole(sy_context *ctx, syi_plan *plan, const sy_question *question, const syi_sums *total,
                           const syi_wanted *wanted, syi_arena *scratch, sy_shares_summary *summary, double *table,
                           int *aliased)
{
    syi_outcome outcome = syi_shares_evaluate(ctx, ctx->simd, plan, total, wanted, scratch, summary, table, aliased);
    if (outcome == SYI_EVALUATED && !plan->sampling && summary->n_columns < plan->n_adjust + plan->k) {
        const sy_status status = syi_shares_settle(ctx, plan, total);
        if (status) return status;
        outcome = syi_shares_evaluate(ctx, ctx->simd, plan, total, wanted, scratch, summary, table, aliased);
    }
    sy_status status = syi_shares_report(ctx, plan, question, outcome, summary, aliased);
    if (!status && plan->sampling) {
        plan->sampling->fixed = (size_t)summary->orders / SYI_ORDERS_IN_GROUP;
        status = syi_sampling_remark(ctx, plan, question, summary, table);
    }
    return status ? status : remark_suppression(ctx, plan, question, summary, table);
}

sy_status sy_shares(sy_context *ctx, const sy_moments *m, const sy_question *question, const sy_shares_options *options,
                    sy_shares_summary *summary, double *table)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    syi_plan plan = {0};
    syi_wanted wanted = {0};
    syi_sums total = {0};
    syi_arena scratch = {0};
    double *planes = NULL;
    int *aliased = NULL;
    sy_status status = syi_plan_init_by(ctx, m, question, options, &plan);
    if (!status) status = syi_shares_wanted(ctx, &plan, options, &wanted);
    if (status) goto out;
    const size_t packed = syi_packed_length(plan.m->n_columns);
    planes = syi_alloc(2 * packed, sizeof *planes);
    aliased = syi_alloc((size_t)(plan.n_adjust + plan.k), sizeof *aliased);
    if (!planes || !aliased || syi_arena_init(&scratch, syi_shares_room(&plan))) {
        status = syi_fail(ctx, SY_ENOMEM, "blocks: no room for %d columns", plan.k);
        goto out;
    }
    total.hi = planes;
    total.lo = planes + packed;
    syi_moments_total(plan.m, NULL, &total);
    status = syi_shares_whole(ctx, &plan, question, &total, &wanted, &scratch, summary, table, aliased);
out:
    syi_arena_free(&scratch);
    SYI_FREE(planes);
    SYI_FREE(aliased);
    syi_plan_free(&plan);
    return status ? status : syi_status_of_remarks(ctx, first);
}
