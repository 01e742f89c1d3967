/* Everything about each outcome, by the first source of the process measure.
 *
 * If money comes first: funding enters before all other blocks, which then share
 * what is left in any order; if process comes first: likewise. Beyond need:
 * the need blocks are forced in before everything, shares are points of all
 * outcome variance beyond them. By curves: each numeric column of funding and
 * process with its square and cube, so that both have three degrees of freedom
 * a column (fewer where a column has two or three values). Bend: the squares and cubes of funding are all zero; need
 * interaction: the products of funding's and need's columns are all zero, both beside the
 * whole question. Cost: three jackknives and some 4,000 evaluations of the flips an
 * outcome.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "steelyard/flips.h"
#include "study/verdict/slopes_internal.h"
#include "study/verdict/weighed_internal.h"
#include <math.h>
#include <string.h>

#define COLUMNS(X)                                                                                                     \
    X(n)                                                                                                               \
    X(total)                                                                                                           \
    X(total_adjusted)                                                                                                  \
    X(total_low)                                                                                                       \
    X(total_high)                                                                                                      \
    X(funding)                                                                                                         \
    X(funding_low)                                                                                                     \
    X(funding_high)                                                                                                    \
    X(funding_adjusted)                                                                                                \
    X(funding_by_chance)                                                                                               \
    X(funding_alone)                                                                                                   \
    X(funding_unique)                                                                                                  \
    X(funding_lowest)                                                                                                  \
    X(funding_highest)                                                                                                 \
    X(process)                                                                                                         \
    X(process_low)                                                                                                     \
    X(process_high)                                                                                                    \
    X(process_adjusted)                                                                                                \
    X(process_by_chance)                                                                                               \
    X(process_alone)                                                                                                   \
    X(process_unique)                                                                                                  \
    X(process_lowest)                                                                                                  \
    X(process_highest)                                                                                                 \
    X(difference)                                                                                                      \
    X(difference_low)                                                                                                  \
    X(difference_high)                                                                                                 \
    X(p_value)                                                                                                         \
    X(p_stepped)                                                                                                       \
    X(funding_if_money_first)                                                                                          \
    X(process_if_money_first)                                                                                          \
    X(funding_if_process_first)                                                                                        \
    X(process_if_process_first)                                                                                        \
    X(funding_beyond_need)                                                                                             \
    X(funding_beyond_need_low)                                                                                         \
    X(funding_beyond_need_high)                                                                                        \
    X(process_beyond_need)                                                                                             \
    X(difference_beyond_need)                                                                                          \
    X(difference_beyond_need_low)                                                                                      \
    X(difference_beyond_need_high)                                                                                     \
    X(funding_curve)                                                                                                   \
    X(process_curve)                                                                                                   \
    X(difference_curve)                                                                                                \
    X(difference_curve_low)                                                                                            \
    X(difference_curve_high)                                                                                           \
    X(bend_p)                                                                                                          \
    X(need_interaction_p)                                                                                              \
    X(points)                                                                                                          \
    X(points_low)                                                                                                      \
    X(points_high)                                                                                                     \
    X(points_alone)                                                                                                    \
    X(points_alone_low)                                                                                                \
    X(points_alone_high)                                                                                               \
    X(doubling)                                                                                                        \
    X(doubling_low)                                                                                                    \
    X(doubling_high)                                                                                                   \
    X(robustness_value)                                                                                                \
    X(flip_distance)                                                                                                   \
    X(flip_funding)                                                                                                    \
    X(flip_process)                                                                                                    \
    X(flip_outcome)                                                                                                    \
    X(flip_money_only)                                                                                                 \
    X(reliability_to_flip)                                                                                             \
    X(reliability_limit)                                                                                               \
    X(shared_source_to_flip)                                                                                           \
    X(total_std_error)                                                                                                 \
    X(funding_std_error)                                                                                               \
    X(process_std_error)                                                                                               \
    X(difference_std_error)                                                                                            \
    X(points_std_error)                                                                                                \
    X(points_alone_std_error)                                                                                          \
    X(doubling_std_error)

#define AS_ENUM(name) COLUMN_##name,
#define AS_TEXT(name) #name,
enum { COLUMNS(AS_ENUM) N_COLUMNS };
static const char *const outcome_numbers[] = {COLUMNS(AS_TEXT)};
static const char *const outcome_texts[] = {"outcome", "measure", "answer"};
static const syi_tidy_form outcomes_form = {"outcomes", 3, N_COLUMNS, outcome_texts, outcome_numbers};

typedef struct {
    const syi_weighed *w;
    const syi_cell *cell;
    double *v; /* [N_COLUMNS] the row */
    syi_cell_options how;
    int funding, process;
} job;

static void put_block(const job *j, int row, double *to)
{
    static const int metric[] = {SY_SHARE, 0, 0, SY_ADJUSTED, SY_BY_CHANCE, SY_ALONE, SY_UNIQUE, SY_LOWEST, SY_HIGHEST};
    const syi_answer *a = &j->cell->answer;
    for (int k = 0; k < 9; k++) to[k] = syi_answer_value(a, row, metric[k]);
    to[1] = syi_answer_low(a, row, SY_SHARE);
    to[2] = syi_answer_high(a, row, SY_SHARE);
}

static void put_shares(const job *j, int outcome)
{
    const syi_answer *a = &j->cell->answer;
    const sy_comparison *d = &j->w->judged.difference[outcome];
    double *v = j->v;
    v[COLUMN_n] = a->n;
    v[COLUMN_total] = a->total;
    v[COLUMN_total_adjusted] = a->total_adjusted;
    v[COLUMN_total_low] = a->total_low;
    v[COLUMN_total_high] = a->total_high;
    v[COLUMN_total_std_error] = a->total_std_error;
    v[COLUMN_funding_std_error] = syi_answer_error(a, j->funding, SY_SHARE);
    v[COLUMN_process_std_error] = syi_answer_error(a, j->process, SY_SHARE);
    v[COLUMN_difference_std_error] = d->std_error;
    put_block(j, j->funding, &v[COLUMN_funding]);
    put_block(j, j->process, &v[COLUMN_process]);
    v[COLUMN_difference] = d->estimate;
    v[COLUMN_difference_low] = d->low;
    v[COLUMN_difference_high] = d->high;
    v[COLUMN_p_value] = d->p_value;
    v[COLUMN_p_stepped] = j->w->judged.p_stepped[outcome];
}

/* Shares of the two blocks when one of them enters before all others. */
static sy_status put_first(sy_context *ctx, const job *j, int first, double *to_funding, double *to_process)
{
    const int blocks = j->cell->question.n_blocks;
    sy_question question = j->cell->question;
    sy_shares_options how;
    sy_shares_summary summary;
    const size_t rows = (size_t)(blocks + sy_shares_terms(&question));
    int *order = syi_alloc((size_t)blocks, sizeof *order);
    double *table = syi_alloc(rows * SY_N_METRICS, sizeof *table);
    sy_status status = order && table ? SY_OK : syi_fail(ctx, SY_ENOMEM, "blocks: no room for %zu rows", rows);
    for (int b = 0; b < blocks && !status; b++) order[b] = b != first;
    sy_shares_defaults(&how);
    how.bounds = SY_BOUNDS_NO;
    question.order = order;
    if (!status) status = sy_shares(ctx, &j->cell->m, &question, &how, &summary, table);
    if (status >= 0) {
        *to_funding = table[j->funding * SY_N_METRICS + SY_SHARE];
        *to_process = table[j->process * SY_N_METRICS + SY_SHARE];
    }
    SYI_FREE(order);
    SYI_FREE(table);
    return status < 0 ? status : SY_OK;
}

static int is_need(const job *j, int block)
{
    for (int n = 0; n < j->w->question->n_need; n++)
        if (j->w->question->need[n] == block && block != j->process) return 1;
    return 0;
}

/* The question with the need blocks among the adjusting terms; pair: where funding and process stand then. */
static void force_need(const job *j, sy_block *blocks, int *adjust, sy_question *out, int pair[2])
{
    const sy_question *q = &j->cell->question;
    *out = *q;
    out->blocks = blocks;
    out->adjust = adjust;
    out->n_blocks = 0;
    memcpy(adjust, q->adjust, (size_t)q->n_adjust * sizeof *adjust);
    for (int b = 0; b < q->n_blocks; b++) {
        const sy_block *block = &q->blocks[b];
        if (is_need(j, b)) {
            for (int t = 0; t < block->n_terms; t++) adjust[out->n_adjust++] = block->terms[t];
            continue;
        }
        if (b == j->funding) pair[0] = out->n_blocks;
        if (b == j->process) pair[1] = out->n_blocks;
        blocks[out->n_blocks++] = *block;
    }
}

static sy_status put_beyond_need(sy_context *ctx, const job *j)
{
    const sy_question *q = &j->cell->question;
    const size_t most = (size_t)(sy_shares_terms(q) + q->n_adjust + 1);
    sy_block *blocks = syi_alloc((size_t)q->n_blocks, sizeof *blocks);
    int *adjust = syi_alloc(most, sizeof *adjust), pair[2] = {0, 0};
    sy_question forced;
    syi_answer a = {0};
    sy_status status = blocks && adjust ? SY_OK : syi_fail(ctx, SY_ENOMEM, "need: no room for %zu terms", most);
    if (status) goto out;
    force_need(j, blocks, adjust, &forced, pair);
    status = syi_answer_of(ctx, &j->cell->m, &j->cell->portion.design, &forced, pair, &j->how, &a);
    if (status) goto out;
    j->v[COLUMN_funding_beyond_need] = syi_answer_value(&a, pair[0], SY_SHARE);
    j->v[COLUMN_funding_beyond_need_low] = syi_answer_low(&a, pair[0], SY_SHARE);
    j->v[COLUMN_funding_beyond_need_high] = syi_answer_high(&a, pair[0], SY_SHARE);
    j->v[COLUMN_process_beyond_need] = syi_answer_value(&a, pair[1], SY_SHARE);
    j->v[COLUMN_difference_beyond_need] = a.difference.estimate;
    j->v[COLUMN_difference_beyond_need_low] = a.difference.low;
    j->v[COLUMN_difference_beyond_need_high] = a.difference.high;
out:
    syi_answer_free(&a);
    SYI_FREE(blocks);
    SYI_FREE(adjust);
    return status;
}

/* The nearest confounder that turns the order, the reliability and the shared source that do. The block with the
 * larger share comes first. */
static sy_status put_flips(sy_context *ctx, const job *j)
{
    const int ahead = j->v[COLUMN_difference] > 0;
    const sy_question *q = &j->cell->question;
    sy_flip_options how;
    sy_share_flip_result found;
    sy_flip_turn turn;
    sy_flip_defaults(&how);
    how.first = ahead ? j->process : j->funding;
    how.second = ahead ? j->funding : j->process;
    how.level = 0;
    sy_status status = sy_share_flip(ctx, &j->cell->m, q, &how, &found, NULL);
    if (status < 0) return status;
    const sy_flip_point *near = &found.nearest[SY_FLIP_ALL];
    j->v[COLUMN_flip_distance] = near->distance;
    j->v[COLUMN_flip_funding] = near->at.a;
    j->v[COLUMN_flip_process] = near->at.b;
    j->v[COLUMN_flip_outcome] = near->at.c;
    j->v[COLUMN_flip_money_only] = found.nearest[SY_FLIP_A | SY_FLIP_C].distance;
    status = sy_reliability_to_flip(ctx, &j->cell->m, q, &how, &turn, 0, NULL, NULL);
    if (status < 0) return status;
    j->v[COLUMN_reliability_to_flip] = turn.flip;
    j->v[COLUMN_reliability_limit] = turn.limit;
    if (!ahead || q->absorb) return SY_OK; /* means that are taken out have taken part of a source along */
    status = sy_shared_source_to_flip(ctx, &j->cell->m, q, &how, 0, NULL, NULL, &turn, 0, NULL, NULL);
    if (status >= 0) j->v[COLUMN_shared_source_to_flip] = turn.flip;
    return status < 0 ? status : SY_OK;
}

/* From the table of money: the first funding term's rows of this outcome. */
static void put_points(const job *j, const char *outcome)
{
    const sy_tidy *t = &j->w->out->tables[SY_WEIGH_MONEY];
    for (int r = t->n_rows - 1; r >= 0; r--) {
        if (strcmp(sy_tidy_text(t, r, 0), outcome) != 0) continue;
        const int alone = strcmp(sy_tidy_text(t, r, 3), "alone") == 0;
        const int doubling = strcmp(sy_tidy_text(t, r, 2), "doubling") == 0;
        if (alone && doubling) continue;
        double *to = &j->v[doubling ? COLUMN_doubling : alone ? COLUMN_points_alone : COLUMN_points];
        if (!alone && !doubling) j->v[COLUMN_robustness_value] = sy_tidy_number(t, r, 7);
        to[0] = sy_tidy_number(t, r, 1);
        to[1] = sy_tidy_number(t, r, 5);
        to[2] = sy_tidy_number(t, r, 6);
        j->v[doubling ? COLUMN_doubling_std_error
             : alone  ? COLUMN_points_alone_std_error
                      : COLUMN_points_std_error] = sy_tidy_number(t, r, 2);
    }
}

static sy_status outcome_row(sy_context *ctx, const job *j, int outcome)
{
    sy_status status = SY_OK;
    put_shares(j, outcome);
    put_points(j, syi_weighed_outcome(j->w, outcome));
    if (j->cell->asked.type != SY_OUTCOME_NUMBER) return SY_OK;
    double *v = j->v;
    status = put_first(ctx, j, j->funding, &v[COLUMN_funding_if_money_first], &v[COLUMN_process_if_money_first]);
    if (!status)
        status =
            put_first(ctx, j, j->process, &v[COLUMN_funding_if_process_first], &v[COLUMN_process_if_process_first]);
    if (!status && j->w->question->n_need > 0) status = put_beyond_need(ctx, j);
    if (!status) status = syi_curves(ctx, j->w, outcome, &j->how, &v[COLUMN_funding_curve], &v[COLUMN_bend_p]);
    if (!status && j->w->options->flips) status = put_flips(ctx, j);
    return status;
}

sy_status syi_weigh_outcomes(sy_context *ctx, syi_weighed *w)
{
    sy_tidy *t = &w->out->tables[SY_WEIGH_OUTCOMES];
    job j = {.w = w, .how = syi_weighed_options(w), .funding = w->question->funding, .process = w->process[0]};
    sy_status status = syi_tidy_new(ctx, &outcomes_form, w->question->n_outcomes, t);
    for (int o = 0; o < w->question->n_outcomes && !status; o++) {
        j.cell = &w->judged.cells[o];
        j.v = t->numbers + (size_t)o * N_COLUMNS;
        syi_tidy_put(t, o, 0, syi_weighed_outcome(w, o));
        syi_tidy_put(t, o, 1, syi_weighed_type(w, o) == SY_OUTCOME_NUMBER ? "R2" : "McFadden's R2");
        syi_tidy_put(t, o, 2, syi_answer_word(w->judged.answer[o]));
        status = outcome_row(ctx, &j, o);
    }
    return status;
}
