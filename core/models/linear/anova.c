/* Analysis of variance of types I, II and III.
 *
 * A term's sum of squares is what its columns add to a model: type I, the terms
 * before it; type II, all terms that do not contain it; type III, all other
 * terms, with sum-to-zero coding, so that an effect is a comparison of
 * unweighted means of cells. F = mean square over that of the residuals of the
 * whole model. Every sum is read off the right side of a QR factorisation with
 * the term's columns last, never as a difference of two residual sums.
 * Conditions: as classical least squares; type III compares unweighted means
 * only while no cell is empty. A residual sum below what roundings leave of
 * the outcome is an exact fit: 0, F infinite.
 * Cost: one pass of 2 n p^2 (anova_reduce.c), then 2 p^3 a term.
 * Searle 1987, Linear Models for Unbalanced Data; Fox 2016, Applied Regression
 * Analysis and Generalized Linear Models, section 8.2.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/linear/anova_internal.h"
#include "steelyard/anova.h"
#include "steelyard/distribution.h"

void sy_anova_defaults(sy_anova_options *options)
{
    *options = (sy_anova_options){SY_ANOVA_II, 0.95, SY_LIMITS_TWO_SIDED};
}

typedef struct {
    const sy_anova_options *options;
    syi_reduced r;
    syi_projected fit;
    syi_dd *scratch;
    int *column; /* the order of a factorisation */
} table;

static sy_status check(sy_context *ctx, const sy_design *design, const sy_anova_options *options)
{
    if (options->type < SY_ANOVA_I || options->type > SY_ANOVA_III)
        return syi_fail(ctx, SY_EINVAL, "type = %d: must be 1, 2 or 3", (int)options->type);
    if (!(options->level > 0 && options->level < 1))
        return syi_fail(ctx, SY_EINVAL, "level = %g: must be between 0 and 1, both excluded", options->level);
    if (options->limits != SY_LIMITS_TWO_SIDED && options->limits != SY_LIMITS_LOWER)
        return syi_fail(ctx, SY_EINVAL, "limits = %d: must be two-sided or lower", (int)options->limits);
    if (design->weights && design->weight_kind == SY_WEIGHT_SAMPLING)
        return syi_fail(ctx, SY_EINVAL,
                        "weights: %s are sampling weights, for which F of sums of squares does not hold; "
                        "take Wald tests of the terms with a robust or cluster covariance",
                        design->weights->name);
    return SY_OK;
}

/* 1 when term s stays in the model that term t is tested against. */
static int beside(const table *a, int s, int t)
{
    if (s == t) return 0;
    if (a->options->type == SY_ANOVA_I) return s < t;
    return a->options->type == SY_ANOVA_III || !syi_term_within(&a->r.m, t, s);
}

static int put_term(const table *a, int t, int at)
{
    for (int k = 0; k < a->r.m.count[t + 1]; k++) a->column[at++] = a->r.m.first[t + 1] + k;
    return at;
}

/* df and sum of squares of term t: its columns behind those it stands beside. */
static void test_term(table *a, int t, sy_anova_row *row)
{
    const syi_model *m = &a->r.m;
    int count = 0;
    for (int c = 0; c < m->count[0]; c++) a->column[count++] = c;
    for (int s = 0; s < m->model.n_terms; s++)
        if (beside(a, s, t)) count = put_term(a, s, count);
    const int from = count;
    count = put_term(a, t, count);
    syi_project(&a->r, count, a->column, a->scratch, &a->fit);
    row->df = row->sum_of_squares = 0;
    for (int k = from; k < count; k++) {
        row->df += !a->fit.aliased[k];
        row->sum_of_squares += a->fit.effect[k];
    }
}

static sy_status test_whole(sy_context *ctx, table *a, sy_anova_summary *s)
{
    const syi_model *m = &a->r.m;
    const sy_term *outcome = &m->design->terms[m->model.outcome];
    for (int c = 0; c < m->p; c++) a->column[c] = c;
    syi_project(&a->r, m->p, a->column, a->scratch, &a->fit);
    const int constant = m->count[0] > 0 && !a->fit.aliased[0];
    s->model_ss = 0;
    for (int c = m->count[0]; c < m->p; c++) s->model_ss += a->fit.effect[c];
    s->rss = a->fit.rss <= a->r.rounding ? 0 : a->fit.rss;
    s->tss = s->model_ss + s->rss;
    s->rank = a->fit.rank + m->n_groups;
    s->n = m->n;
    s->rows_used = m->rows_used;
    s->rows_dropped = m->rows_dropped;
    s->model_df = a->fit.rank - constant;
    s->df_resid = m->n - s->rank;
    if (!(s->tss > a->r.rounding)) return syi_fail(ctx, SY_EDATA, "%s: the outcome does not vary", outcome->label);
    if (s->df_resid <= 0)
        return syi_fail(ctx, SY_ERANK, "%s: %g rows and %g columns; no row is left over for an error", outcome->label,
                        m->n, s->rank);
    s->r2 = s->model_ss / s->tss;
    s->sigma = sqrt(s->rss / s->df_resid);
    s->f = s->p_value = NAN;
    if (s->model_df == 0) return SY_OK;
    s->f = s->model_ss / s->model_df / (s->rss / s->df_resid);
    return sy_distribution_f_tail(ctx, s->f, s->model_df, s->df_resid, &s->p_value);
}

static sy_status remark_term(sy_context *ctx, const table *a, int t, double df)
{
    const syi_model *m = &a->r.m;
    const char *label = m->design->terms[m->model.terms[t]].label;
    const int columns = m->count[t + 1], empty = a->r.n_cells[t] - a->r.n_seen[t];
    sy_status status = SY_OK;
    if (df < columns)
        status = syi_remark(ctx, SY_NOTE_ALIASED, label, columns - df,
                            df == 0 ? "%s: adds nothing beyond the other terms; it has no degrees of freedom"
                                    : "%s: some of its columns add nothing beyond the other terms; it has fewer "
                                      "degrees of freedom than columns",
                            label);
    if (status == SY_OK && empty > 0 && a->options->type == SY_ANOVA_III)
        status = syi_remark(ctx, SY_NOTE_EMPTY_LEVEL, label, empty,
                            "%s: %d of its %d cells %s no rows; what type III tests of the terms in it then depends on "
                            "which cells are empty",
                            label, empty, a->r.n_cells[t], empty == 1 ? "has" : "have");
    return status;
}

static sy_status fill(sy_context *ctx, table *a, sy_anova_summary *s, sy_anova_row *row)
{
    const int terms = a->r.m.model.n_terms;
    sy_status status = test_whole(ctx, a, s);
    for (int t = 0; t < terms && status == SY_OK; t++) {
        if ((status = syi_serial_stopped(ctx)) != SY_OK) break;
        test_term(a, t, &row[t]);
        status = sy_effect_size(ctx, s->rss, s->df_resid, s->tss, s->n, a->options->level, a->options->limits, &row[t]);
        if (status == SY_OK) status = remark_term(ctx, a, t, row[t].df);
    }
    const sy_anova_row rest = {s->df_resid, s->rss, s->rss / s->df_resid, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN,
                               NAN,         NAN};
    row[terms] = rest;
    return status;
}

sy_status sy_anova(sy_context *ctx, const sy_design *design, const sy_linear_model *model,
                   const sy_anova_options *options, sy_anova_summary *summary, sy_anova_row *row)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    table a = {.options = options};
    sy_linear_model coded = *model;
    sy_status status = check(ctx, design, options);
    if (options->type == SY_ANOVA_III) coded.coding = SY_CODING_SUM;
    if (status == SY_OK) status = syi_reduce(ctx, design, &coded, &a.r);
    if (status < 0) return status;
    const size_t p = (size_t)a.r.side;
    a.scratch = syi_alloc(syi_project_room(&a.r), sizeof *a.scratch);
    a.column = syi_alloc(p, sizeof *a.column);
    a.fit.aliased = syi_alloc(p, sizeof *a.fit.aliased);
    a.fit.effect = syi_alloc(p, sizeof *a.fit.effect);
    if (a.scratch && a.column && a.fit.aliased && a.fit.effect) status = fill(ctx, &a, summary, row);
    else status = syi_fail(ctx, SY_ENOMEM, "anova: out of memory for %d columns", a.r.p);
    SYI_FREE(a.scratch);
    SYI_FREE(a.column);
    SYI_FREE(a.fit.aliased);
    SYI_FREE(a.fit.effect);
    syi_reduced_free(&a.r);
    return status < 0 ? status : syi_status_of_remarks(ctx, first);
}
