/* Other metrics of the importance of single predictors, from the moments.
 *
 * The columns are scaled to unit length about their means and the adjusting
 * ones swept out; the predictors are scaled to unit length once more. Let R be
 * the correlations that are left among the p predictors, r theirs with the
 * outcome (of unit variance before the sweep, so that all is in points of the
 * outcome's whole variance), beta = R^-1 r, G = R^1/2 the symmetric root, and
 * w = G beta. Since R^-1/2 r = R^-1/2 R beta = G beta, no small eigenvalue is
 * ever divided by. Then
 *
 *   first             r_j^2
 *   last              beta_j^2 / (R^-1)_jj
 *   squared beta      beta_j^2
 *   Pratt             beta_j r_j
 *   relative weight   sum_k G_jk^2 w_k^2
 *   Genizi            the same
 *   CAR               w_j^2
 *   independent       the Shapley value of R2 over single terms, and
 *   joint             r_j^2 less that (hierarchical partitioning)
 *
 * Pratt, relative weights and CAR sum to v = beta'R beta = w'w; for the weights
 * because sum_j G_jk^2 = R_kk = 1. Genizi 1993 projects the outcome on the
 * orthonormal variables nearest to the predictors and hands each part back by
 * squared correlations G_jk^2; Johnson 2000 does so again, by way of the singular
 * value decomposition of the same variables. On relaimpo's and on made data the
 * two agree to all digits, so one computation stands under both names.
 *
 * Conditions: one column a term, no term a combination of others (beta would
 * not be unique). Double-double throughout: R is as collinear as the data are.
 * Cost: 40 p^3 for the root, (columns)^3 / 3 for the sweep.
 *
 * Darlington 1968, doi:10.1037/h0025471 (first, last, beta); Pratt 1987, Dividing
 * the indivisible, in: Proceedings of the Second International Tampere Conference
 * in Statistics, 245-260; Genizi 1993, Decomposition of R2 in multiple regression
 * with correlated regressors, Statistica Sinica 3, 407-420; Johnson 2000,
 * doi:10.1207/S15327906MBR3501_1; Zuber & Strimmer 2011,
 * doi:10.2202/1544-6115.1730; Chevan & Sutherland 1991,
 * doi:10.1080/00031305.1991.10475776; against relative weights Thomas, Zumbo, Kwan &
 * Schweitzer 2014, doi:10.1080/00273171.2014.905766.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_internal.h"
#include "algebra/eigen_internal.h"
#include "algebra/moments_build_internal.h"
#include "algebra/sweep_internal.h"
#include "base/status_internal.h"
#include "shares/shares_internal.h"
#include "steelyard/relative_weights.h"
#include <string.h>

typedef struct {
    int k, order;                                 /* predictors; all columns and the outcome */
    int rank;                                     /* of the adjusting columns and the predictors together */
    syi_dd *centred;                              /* [order^2] */
    syi_dd *correlation, *factor, *spent, *root_; /* [k^2] */
    syi_dd *outcome, *beta, *length, *car;        /* r, beta, one over the lengths of columns, w^2; [order] */
    double *inverse, *floor_;                     /* [order] */
    int *in, *aliased;                            /* [order] */
    double *hi, *lo;                              /* packed sums */
    syi_arena arena;
} room;

static int take_room(const syi_plan *plan, room *w)
{
    const size_t order = (size_t)w->order, k = (size_t)w->k, packed = syi_packed_length(plan->m->n_columns);
    const size_t bytes = syi_arena_room(order * order, sizeof(syi_dd)) + 4 * syi_arena_room(k * k, sizeof(syi_dd)) +
                         4 * syi_arena_room(order, sizeof(syi_dd)) + 2 * syi_arena_room(order, sizeof(double)) +
                         2 * syi_arena_room(order, sizeof(int)) + 2 * syi_arena_room(packed, sizeof(double));
    if (syi_arena_init(&w->arena, bytes)) return -1;
    w->centred = syi_arena_take(&w->arena, order * order, sizeof(syi_dd));
    w->correlation = syi_arena_take(&w->arena, k * k, sizeof(syi_dd));
    w->factor = syi_arena_take(&w->arena, k * k, sizeof(syi_dd));
    w->spent = syi_arena_take(&w->arena, k * k, sizeof(syi_dd));
    w->root_ = syi_arena_take(&w->arena, k * k, sizeof(syi_dd));
    w->outcome = syi_arena_take(&w->arena, order, sizeof(syi_dd));
    w->beta = syi_arena_take(&w->arena, order, sizeof(syi_dd));
    w->length = syi_arena_take(&w->arena, order, sizeof(syi_dd));
    w->car = syi_arena_take(&w->arena, order, sizeof(syi_dd));
    w->inverse = syi_arena_take(&w->arena, order, sizeof(double));
    w->floor_ = syi_arena_take(&w->arena, order, sizeof(double));
    w->in = syi_arena_take(&w->arena, order, sizeof(int));
    w->aliased = syi_arena_take(&w->arena, order, sizeof(int));
    w->hi = syi_arena_take(&w->arena, packed, sizeof(double));
    w->lo = syi_arena_take(&w->arena, packed, sizeof(double));
    return 0;
}

static sy_status check_single_columns(sy_context *ctx, const syi_plan *plan)
{
    for (int row = plan->n_blocks; row < plan->n_rows; row++)
        if (plan->row_columns[row] != 1)
            return syi_fail(ctx, SY_EINVAL,
                            "blocks: %s has %d columns; relative weights and the metrics beside them are defined for "
                            "terms of one column",
                            sy_moments_label(plan->m, plan->row_term[row]), plan->row_columns[row]);
    return SY_OK;
}

/* Centred cross-products to unit diagonal, zero for a column without spread,
 * and the adjusting columns swept out of all others. */
static void standardise(const syi_plan *plan, const syi_sums *total, room *w)
{
    const sy_moments *m = plan->m;
    const int order = w->order;
    double worst = 0;
    syi_moments_centred(m, total, order, plan->column, w->centred);
    for (int i = 0; i < order; i++) {
        const syi_dd spread = syi_column_spread(m->twofold, m->n_columns, plan->column[i], total->hi, total->lo);
        w->length[i] = spread.hi > 0 ? syi_dd_div(syi_dd_of(1), syi_dd_sqrt(spread)) : syi_dd_of(0);
        if (spread.hi > 0 && i < order - 1) worst = fmax(worst, plan->floor_[i]);
    }
    for (int i = 0; i < order; i++)
        for (int j = 0; j < order; j++) {
            syi_dd *entry = &w->centred[i * order + j];
            *entry = syi_dd_mul(syi_dd_mul(*entry, w->length[i]), w->length[j]);
        }
    for (int i = 0; i < order; i++) w->floor_[i] = worst * order;
    for (int i = 0; i < plan->n_adjust; i++) w->rank += syi_sweep_in(order, w->centred, w->in, i, w->floor_[i]);
}

/* R, r, beta and the inverse's diagonal of the predictors that are left. */
static void solve(const syi_plan *plan, room *w)
{
    const int k = w->k, order = w->order, first = plan->n_adjust;
    for (int i = 0; i < k; i++) {
        const syi_dd left = w->centred[(first + i) * (order + 1)];
        w->length[i] = left.hi > 0 ? syi_dd_div(syi_dd_of(1), syi_dd_sqrt(left)) : syi_dd_of(0);
        w->floor_[i] = left.hi > 0 ? w->floor_[i] / left.hi : 1;
    }
    for (int i = 0; i < k; i++) {
        const syi_dd *row = w->centred + (first + i) * order + first;
        for (int j = 0; j < k; j++)
            w->correlation[i * k + j] = i == j && w->length[i].hi > 0
                                            ? syi_dd_of(1)
                                            : syi_dd_mul(syi_dd_mul(row[j], w->length[i]), w->length[j]);
        w->outcome[i] = w->beta[i] = syi_dd_mul(row[k], w->length[i]);
    }
    memcpy(w->factor, w->correlation, (size_t)k * (size_t)k * sizeof *w->factor);
    w->rank += syi_cholesky(k, w->factor, w->floor_, w->aliased);
    syi_cholesky_inverse_diagonal(k, w->factor, w->aliased, w->spent, w->inverse);
    syi_cholesky_solve(k, w->factor, w->aliased, w->beta);
}

static sy_status check_unique(sy_context *ctx, const syi_plan *plan, const sy_question *question, double n,
                              const room *w)
{
    const sy_shares_summary summary = {.n = n};
    if (!(w->length[w->order - 1].hi > 0))
        return syi_shares_report(ctx, plan, question, SYI_CONSTANT_OUTCOME, &summary, w->aliased);
    const double indicators = plan->absorb ? (double)plan->m->n_units - 2 : 0;
    if (n - 1 - w->rank - indicators < 1)
        return syi_shares_report(ctx, plan, question, SYI_TOO_FEW_ROWS, &summary, w->aliased);
    for (int i = 0; i < w->k; i++)
        if (w->aliased[i])
            return syi_fail(ctx, SY_EDATA,
                            "blocks: %s is constant or follows from the terms before it, so that coefficients are "
                            "not unique; leave it out to get relative weights and the metrics beside them",
                            sy_moments_label(plan->m, plan->row_term[plan->n_blocks + i]));
    return SY_OK;
}

static sy_status fill_table(sy_context *ctx, room *w, double *table)
{
    const int k = w->k;
    memcpy(w->factor, w->correlation, (size_t)k * (size_t)k * sizeof *w->factor);
    const sy_status status = syi_symmetric_root(ctx, k, w->factor, w->spent, w->root_);
    if (status) return status;
    for (int j = 0; j < k; j++) {
        double *row = table + j * SY_N_OTHER;
        const syi_dd squared = syi_dd_mul(w->beta[j], w->beta[j]);
        syi_dd decorrelated = syi_dd_of(0);
        for (int i = 0; i < k; i++)
            decorrelated = syi_dd_add(decorrelated, syi_dd_mul(w->root_[j * k + i], w->beta[i]));
        w->car[j] = syi_dd_mul(decorrelated, decorrelated);
        row[SY_OTHER_FIRST] = syi_dd_round(syi_dd_mul(w->outcome[j], w->outcome[j]));
        row[SY_OTHER_LAST] = syi_dd_round(squared) / w->inverse[j];
        row[SY_OTHER_BETA_SQUARED] = syi_dd_round(squared);
        row[SY_OTHER_PRATT] = syi_dd_round(syi_dd_mul(w->beta[j], w->outcome[j]));
        row[SY_OTHER_CAR] = syi_dd_round(w->car[j]);
    }
    for (int j = 0; j < k; j++) {
        double *row = table + j * SY_N_OTHER;
        syi_dd weight = syi_dd_of(0);
        for (int i = 0; i < k; i++) {
            const syi_dd loading = w->root_[j * k + i];
            weight = syi_dd_add(weight, syi_dd_mul(syi_dd_mul(loading, loading), w->car[i]));
        }
        row[SY_OTHER_RELATIVE_WEIGHT] = row[SY_OTHER_GENIZI] = syi_dd_round(weight);
    }
    return SY_OK;
}

/* I and J: shares of the terms one by one, whatever their blocks and order. */
static sy_status partition(sy_context *ctx, const syi_plan *plan, const sy_question *question, double *table)
{
    const int k = plan->k;
    sy_question asked = *question;
    sy_shares_summary summary = {0};
    sy_shares_options options;
    sy_context quiet;
    sy_status status = SY_OK;
    for (int j = 0; j < k; j++)
        table[j * SY_N_OTHER + SY_OTHER_INDEPENDENT] = table[j * SY_N_OTHER + SY_OTHER_JOINT] = NAN;
    if (k > SYI_EXACT_PLAYERS)
        return syi_remark(ctx, SY_NOTE_TERMS_SKIPPED, "", k,
                          "hierarchical partitioning is left out: it needs 2^%d submodels, the exact limit is 2^%d", k,
                          SYI_EXACT_PLAYERS);
    sy_block *blocks = syi_alloc((size_t)k, sizeof *blocks);
    double *shares = syi_alloc((size_t)(2 * k * SY_N_METRICS), sizeof *shares);
    if (!blocks || !shares) {
        status = syi_fail(ctx, SY_ENOMEM, "blocks: no room for %d terms one by one", k);
        goto out;
    }
    for (int j = 0; j < k; j++) {
        const int *term = &plan->row_term[plan->n_blocks + j];
        blocks[j] = (sy_block){sy_moments_label(plan->m, *term), 1, term};
    }
    asked.n_blocks = k;
    asked.blocks = blocks;
    asked.order = NULL;
    asked.free_orders = 1;
    sy_shares_defaults(&options);
    options.bounds = SY_BOUNDS_NO;
    /* what is to be said of these terms was said of their blocks */
    quiet = *ctx;
    quiet.remarks = NULL;
    quiet.n_remarks = quiet.remarks_room = 0;
    status = sy_shares(&quiet, plan->m, &asked, &options, &summary, shares);
    if (status < 0) memcpy(ctx->message, quiet.message, sizeof ctx->message);
    sy_context_free(&quiet);
    for (int j = 0; j < k && status >= 0; j++) {
        const double *share = shares + (ptrdiff_t)j * SY_N_METRICS;
        table[j * SY_N_OTHER + SY_OTHER_INDEPENDENT] = share[SY_SHARE];
        table[j * SY_N_OTHER + SY_OTHER_JOINT] = share[SY_ALONE] - share[SY_SHARE];
    }
out:
    SYI_FREE(blocks);
    SYI_FREE(shares);
    return status < 0 ? status : SY_OK;
}

sy_status sy_relative_weights(sy_context *ctx, const sy_moments *m, const sy_question *question, double *table)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    syi_plan plan = {0};
    room w = {0};
    sy_status status = syi_plan_init(ctx, m, question, &plan);
    if (!status) status = check_single_columns(ctx, &plan);
    if (status) goto out;
    w.k = plan.k;
    w.order = plan.n_adjust + plan.k + 1;
    if (take_room(&plan, &w)) {
        status = syi_fail(ctx, SY_ENOMEM, "blocks: no room for the metrics of %d columns", plan.k);
        goto out;
    }
    syi_sums total = {.hi = w.hi, .lo = w.lo};
    syi_moments_total(plan.m, NULL, &total);
    standardise(&plan, &total, &w);
    solve(&plan, &w);
    status = check_unique(ctx, &plan, question, total.n, &w);
    if (!status) status = fill_table(ctx, &w, table);
    if (!status) status = partition(ctx, &plan, question, table);
out:
    syi_arena_free(&w.arena);
    syi_plan_free(&plan);
    return status ? status : syi_status_of_remarks(ctx, first);
}
