/* A fitted model's table of shares.
 *
 * The game is v(S) = measure(S and what is always there) - measure(what is
 * always there); blocks divide it by Shapley's value, the terms of a block by
 * Owen's, over the walks that shares of R2 take (players_internal.h).
 *
 * by_chance: the likelihood ratio of k columns of noise is k on average, so
 * McFadden's measure gains k / (2 |l0|), Nagelkerke's k (1 - R2) / n before it is
 * divided by its largest value. adjusted: McFadden's with the columns taken off,
 * 1 - (l - k) / l0, of which a row loses k / |l0|.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "shares/fitted/fitted_game_internal.h"
#include "shares/split_internal.h"
#include <math.h>
#include <string.h>

sy_status syi_fitted_room(sy_context *ctx, int k, int clusters, syi_fitted *f)
{
    const size_t n = (size_t)k + 1;
    f->k = k;
    f->term = syi_alloc(n, sizeof *f->term);
    f->theta = syi_alloc(n, sizeof *f->theta);
    f->information = syi_alloc(n * n, sizeof(double));
    f->spread = syi_alloc(n * n, sizeof(double));
    if (clusters) f->between = syi_alloc(n * n, sizeof(double));
    if (f->term && f->theta && f->information && f->spread && (f->between || !clusters)) return SY_OK;
    return syi_fail(ctx, SY_ENOMEM, "model: out of memory for %d parameters", k);
}

void syi_fitted_free(syi_fitted *f)
{
    if (f->free_state) f->free_state(f);
    SYI_FREE(f->term);
    SYI_FREE(f->theta);
    SYI_FREE(f->information);
    SYI_FREE(f->spread);
    SYI_FREE(f->between);
    *f = (syi_fitted){0};
}

static sy_status check_measure(sy_context *ctx, const sy_fitted_question *q)
{
    const sy_response_model *r = &q->model.response;
    if (q->mixed ? q->measure == SY_MEASURE_MARGINAL || (q->measure == SY_MEASURE_MCFADDEN && !q->model.linear)
                 : q->measure != SY_MEASURE_MARGINAL)
        if (q->measure != SY_MEASURE_LATENT || (r->kind == SY_RESPONSE_BINARY && !q->mixed) ||
            (r->kind == SY_RESPONSE_ORDINAL && r->n_scale + r->n_nominal == 0))
            return SY_OK;
    const char *allowed =
        q->mixed ? q->model.linear ? "\"marginal\"" : "\"marginal\" or \"mcfadden\""
        : r->kind == SY_RESPONSE_ORDINAL && r->n_scale + r->n_nominal     ? "\"mcfadden\" or \"nagelkerke\""
        : r->kind == SY_RESPONSE_BINARY || r->kind == SY_RESPONSE_ORDINAL ? "\"mcfadden\", \"nagelkerke\" or \"latent\""
                                                                          : "\"mcfadden\" or \"nagelkerke\"";
    return syi_fail(ctx, SY_EINVAL, "measure: this model has none of that name; allowed: %s", allowed);
}

sy_status syi_fitted_init(sy_context *ctx, const sy_design *design, const sy_fitted_question *question, syi_fitted *f)
{
    *f = (syi_fitted){.measure = question->measure};
    const sy_status status = check_measure(ctx, question);
    if (status < 0) return status;
    return question->mixed ? syi_fitted_mixed(ctx, design, question, f) : syi_fitted_response(ctx, design, question, f);
}

int syi_fitted_by_loglik(const syi_fitted *f)
{
    return f->measure == SY_MEASURE_MCFADDEN || f->measure == SY_MEASURE_NAGELKERKE;
}

double syi_fitted_of_loglik(const syi_fitted *f, double loglik)
{
    if (f->measure == SY_MEASURE_MCFADDEN) return 1 - loglik / f->loglik_null;
    return expm1(2 * (f->loglik_null - loglik) / f->n) / expm1(2 * (f->loglik_null - f->loglik_most) / f->n);
}

double syi_fitted_of_variance(const syi_fitted *f, double variance)
{
    return f->measure == SY_MEASURE_MARGINAL ? variance / f->whole_variance : variance / (variance + f->link_variance);
}

/* The player that each parameter follows in a walk. */
static void players_of(const syi_fitted *f, const syi_plan *plan, const syi_walk *walk, int *player)
{
    for (int i = 0; i < f->k; i++) {
        player[i] = -1;
        for (int b = 0; b < plan->n_blocks && f->term[i] >= 0; b++)
            for (int t = plan->block_first[b]; t < plan->block_first[b + 1]; t++) {
                if (plan->row_term[plan->n_blocks + t] != f->term[i]) continue;
                if (walk->group < 0) player[i] = b;
                else if (b != walk->group) player[i] = b - (b > walk->group);
                else player[i] = plan->n_blocks - 1 + t - plan->block_first[b];
            }
    }
}

typedef struct {
    double *value, *between, *adjusted, *table, *inflation;
    int *player;
} rows_room;

static sy_status run_walk(sy_context *ctx, const syi_fitted *f, const syi_plan *plan, const syi_walk *walk, int exact,
                          const rows_room *r, double *table, double *between, double *failed)
{
    const syi_whole whole = {.n = f->n, .inflation = r->inflation, .bounds = 1};
    const size_t submodels = (size_t)1 << walk->n_players;
    double *split = between ? r->between : NULL;
    if (!walk->tabled)
        return syi_fail(ctx, SY_ELIMIT,
                        "blocks: %d players need 2^%d fits; the limit for models that are not least squares is 2^%d",
                        walk->n_players, walk->n_players, SYI_TABLE_PLAYERS);
    players_of(f, plan, walk, r->player);
    const sy_status status = exact ? syi_fitted_refits(ctx, f, walk->n_players, r->player, r->value, split, failed)
                                   : syi_fitted_steps(ctx, f, walk->n_players, r->player, r->value, split);
    if (status < 0) return status;
    for (size_t s = submodels; s-- > 0;) r->value[s] -= r->value[0];
    syi_split_table(ctx->simd, walk, &whole, r->value, r->adjusted, table);
    if (!between) return SY_OK;
    for (size_t s = submodels; s-- > 0;) split[s] -= split[0];
    syi_split_table(ctx->simd, walk, &whole, split, r->adjusted, r->table);
    for (int t = 0; t < walk->n_own; t++) between[walk->row + t] = r->table[(walk->row + t) * SY_N_METRICS + SY_SHARE];
    return SY_OK;
}

/* Blocks of one term are that term; columns that follow from others. */
static void finish(const syi_fitted *f, const syi_plan *plan, double total, double *table, double *between)
{
    const double columns_left =
        f->measure == SY_MEASURE_MCFADDEN ? 1 / (2 * fabs(f->loglik_null))
        : f->measure == SY_MEASURE_NAGELKERKE
            ? exp(2 * (f->loglik_null - f->loglik) / f->n) / f->n / -expm1(2 * (f->loglik_null - f->loglik_most) / f->n)
            : NAN;
    for (int b = 0; b < plan->n_blocks; b++) {
        const int term = plan->n_blocks + plan->block_first[b];
        if (plan->block_first[b + 1] - plan->block_first[b] != 1) continue;
        memcpy(table + term * SY_N_METRICS, table + b * SY_N_METRICS, SY_N_METRICS * sizeof *table);
        if (between) between[term] = between[b];
    }
    for (int i = 0; i < plan->n_rows; i++) {
        double *row = table + i * SY_N_METRICS;
        int columns = 0;
        for (int j = 0; j < f->k; j++)
            for (int t = plan->n_blocks; t < plan->n_rows && f->term[j] >= 0; t++) {
                const int own = i >= plan->n_blocks ? t == i
                                                    : t - plan->n_blocks >= plan->block_first[i] &&
                                                          t - plan->n_blocks < plan->block_first[i + 1];
                columns += own && plan->row_term[t] == f->term[j];
            }
        row[SY_COMMON] = row[SY_ALONE] - row[SY_UNIQUE];
        row[SY_PERCENT] = total > 0 ? 100 * row[SY_SHARE] / total : NAN;
        row[SY_BY_CHANCE] = columns * columns_left;
        row[SY_ADJUSTED] = f->measure == SY_MEASURE_MCFADDEN ? row[SY_SHARE] - columns / fabs(f->loglik_null) : NAN;
    }
}

static sy_status take_room(sy_context *ctx, const syi_fitted *f, const syi_plan *plan, rows_room *r)
{
    size_t most = 0, most_columns = 0;
    for (int w = 0; w < plan->n_walks; w++) {
        const size_t submodels = plan->walk[w].tabled ? (size_t)1 << plan->walk[w].n_players : 0;
        most = submodels > most ? submodels : most;
        for (size_t s = 0; s < submodels; s++)
            if ((size_t)plan->walk[w].k_of[s] > most_columns) most_columns = (size_t)plan->walk[w].k_of[s];
    }
    r->value = syi_alloc(3 * most + 1, sizeof *r->value);
    r->table = syi_alloc((size_t)plan->n_rows * SY_N_METRICS, sizeof *r->table);
    r->inflation = syi_alloc(most_columns + 1, sizeof *r->inflation);
    r->player = syi_alloc((size_t)f->k + 1, sizeof *r->player);
    if (!r->value || !r->table || !r->inflation || !r->player)
        return syi_fail(ctx, SY_ENOMEM, "blocks: no room for %zu submodels", most);
    r->between = r->value + most;
    r->adjusted = r->between + most;
    for (size_t c = 0; c <= most_columns; c++) r->inflation[c] = 1;
    return SY_OK;
}

sy_status syi_fitted_rows(sy_context *ctx, const syi_fitted *f, const syi_plan *plan, int exact, double *table,
                          double *between, double *failed)
{
    rows_room r = {0};
    if (!f->between || syi_fitted_by_loglik(f)) {
        for (int i = 0; i < plan->n_rows && between; i++) between[i] = NAN;
        between = NULL;
    }
    *failed = 0;
    for (int i = 0; i < plan->n_rows * SY_N_METRICS; i++) table[i] = NAN;
    sy_status status = take_room(ctx, f, plan, &r);
    for (int w = 0; w < plan->n_walks && status >= 0; w++)
        status = run_walk(ctx, f, plan, &plan->walk[w], exact, &r, table, between, failed);
    double total = 0;
    for (int b = 0; b < plan->n_blocks; b++) total += table[b * SY_N_METRICS + SY_SHARE];
    if (status >= 0) finish(f, plan, total, table, between);
    SYI_FREE(r.value);
    SYI_FREE(r.table);
    SYI_FREE(r.inflation);
    SYI_FREE(r.player);
    return status;
}
