/* One question to one part of the rows.
 *
 * Numbers go by sums: what leaves out one cluster, or one row up to
 * ROWS_AS_UNITS of them, at a time carries limits of shares and of process less
 * funding together. Two or ordered answers go by shares over the fitted
 * cumulative or binary model (McFadden's measure). Cost: that of sy_evidence_shares
 * or sy_fitted_shares.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "steelyard/fitted_shares.h"
#include "study/verdict/cell_internal.h"
#include <math.h>
#include <string.h>

enum { ROWS_AS_UNITS = 2000 };

static int terms_of(const syi_cell_asked *a)
{
    int count = 0;
    for (int b = 0; b < a->n_blocks; b++) count += a->blocks[b].n_terms;
    return count;
}

static int put_once(int *list, int count, int term)
{
    for (int i = 0; i < count; i++)
        if (list[i] == term) return count;
    list[count] = term;
    return count + 1;
}

/* Every term of the question once: the outcome, the blocks', the adjusting ones, the others asked to be complete. */
static int gather(const syi_cell_asked *a, int *list)
{
    int count = put_once(list, 0, a->outcome);
    for (int b = 0; b < a->n_blocks; b++)
        for (int t = 0; t < a->blocks[b].n_terms; t++) count = put_once(list, count, a->blocks[b].terms[t]);
    for (int t = 0; t < a->n_adjust; t++) count = put_once(list, count, a->adjust[t]);
    for (int t = 0; t < a->n_also; t++) count = put_once(list, count, a->also[t]);
    return count;
}

static void translate(syi_cell *c)
{
    const syi_cell_asked *a = &c->asked;
    int *next = c->terms;
    c->question = (sy_question){.outcome = c->portion.place[a->outcome],
                                .n_blocks = a->n_blocks,
                                .blocks = c->blocks,
                                .n_adjust = a->n_adjust,
                                .absorb = a->absorb};
    for (int b = 0; b < a->n_blocks; b++) {
        c->blocks[b] = (sy_block){a->blocks[b].name, a->blocks[b].n_terms, next};
        for (int t = 0; t < a->blocks[b].n_terms; t++) *next++ = c->portion.place[a->blocks[b].terms[t]];
    }
    c->question.adjust = next;
    for (int t = 0; t < a->n_adjust; t++) *next++ = c->portion.place[a->adjust[t]];
}

static sy_status transform(sy_context *ctx, syi_cell *c)
{
    const sy_block *funding = &c->blocks[c->asked.funding];
    sy_status status = SY_OK;
    for (int t = 0; t < funding->n_terms && !status && c->asked.form != SYI_FORM_LEVEL; t++)
        if (syi_portion_is_number(&c->portion.design, funding->terms[t]))
            status = syi_portion_transform(ctx, &c->portion, funding->terms[t], c->asked.form);
    return status;
}

/* Sums of clusters stand in the order of the levels. */
static sy_status number_clusters(sy_context *ctx, syi_cell *c)
{
    const sy_column *cluster = c->portion.design.cluster;
    int level = 0;
    for (ptrdiff_t g = 0; g < c->m.n_units; g++) {
        const char *label = sy_moments_cluster(&c->m, g);
        while (level < cluster->n_levels && strcmp(cluster->levels[level], label) != 0) level++;
        if (level == cluster->n_levels) return syi_fail(ctx, SY_EBUG, "cluster: %s is not where it should be", label);
        c->unit[g] = level;
    }
    return SY_OK;
}

static sy_status sum_rows(sy_context *ctx, syi_cell *c)
{
    const sy_design *d = &c->portion.design;
    sy_moments_options how;
    sy_moments_defaults(&how);
    how.unit = d->cluster ? SY_UNIT_CLUSTER : d->n <= ROWS_AS_UNITS || d->strata != NULL ? SY_UNIT_ROW : SY_UNIT_NONE;
    sy_status status = sy_moments_init(ctx, d, &how, &c->m);
    if (status < 0 || how.unit == SY_UNIT_NONE) return status < 0 ? status : SY_OK;
    c->unit = syi_alloc((size_t)d->n + 1, sizeof *c->unit);
    if (!c->unit) return syi_fail(ctx, SY_ENOMEM, "data: no room to tell %td rows apart", d->n);
    if (how.unit == SY_UNIT_CLUSTER) return number_clusters(ctx, c);
    if (syi_portion_rows(&c->portion, c->asked.keep, c->unit) != c->m.n_units)
        return syi_fail(ctx, SY_EBUG, "data: %td sums of rows are not those of the rows that count", c->m.n_units);
    return SY_OK;
}

sy_status syi_cell_open(sy_context *ctx, const syi_cell_asked *asked, int extra, syi_cell *cell)
{
    const size_t most = (size_t)(terms_of(asked) + asked->n_adjust + asked->n_also + 1);
    int *list = syi_alloc(most, sizeof *list);
    *cell = (syi_cell){.asked = *asked};
    cell->blocks = syi_alloc((size_t)asked->n_blocks + 1, sizeof *cell->blocks);
    cell->terms = syi_alloc(most, sizeof *cell->terms);
    sy_status status =
        list && cell->blocks && cell->terms ? SY_OK : syi_fail(ctx, SY_ENOMEM, "blocks: no room for %zu terms", most);
    if (!status) {
        const int form_room = asked->form == SYI_FORM_LEVEL ? 0 : asked->blocks[asked->funding].n_terms;
        status = syi_portion_init(ctx, asked->whole, gather(asked, list), list, asked->keep, extra + form_room,
                                  &cell->portion);
    }
    if (!status) {
        translate(cell);
        status = transform(ctx, cell);
    }
    if (!status && asked->type == SY_OUTCOME_NUMBER) status = sum_rows(ctx, cell);
    SYI_FREE(list);
    return status;
}

void syi_cell_free(syi_cell *cell)
{
    syi_answer_free(&cell->answer);
    sy_moments_free(&cell->m);
    syi_portion_free(&cell->portion);
    SYI_FREE(cell->blocks);
    SYI_FREE(cell->terms);
    SYI_FREE(cell->unit);
}

static sy_status room_for(sy_context *ctx, const sy_question *question, syi_answer *out)
{
    const size_t rows = (size_t)(question->n_blocks + sy_shares_terms(question)), cells = rows * SY_N_METRICS;
    *out = (syi_answer){.rows = (int)rows};
    out->memory = syi_alloc(5 * cells + cells * rows + 1, sizeof *out->memory);
    if (!out->memory) return syi_fail(ctx, SY_ENOMEM, "blocks: no room for %zu shares", cells);
    double *m = out->memory;
    out->table = (sy_evidence_table){.estimate = m,
                                     .std_error = m + cells,
                                     .std_error_scaled = m + 2 * cells,
                                     .low = m + 3 * cells,
                                     .high = m + 4 * cells,
                                     .covariance = m + 5 * cells};
    return SY_OK;
}

static sy_status compare(sy_context *ctx, const int pair[2], double level, syi_answer *out)
{
    const int process = pair[1], funding = pair[0], rows = out->rows;
    const double *v = out->table.covariance + (size_t)SY_SHARE * (size_t)(rows * rows);
    const double estimate[2] = {syi_answer_value(out, process, SY_SHARE), syi_answer_value(out, funding, SY_SHARE)};
    const double covariance[4] = {v[process * rows + process], v[process * rows + funding], v[funding * rows + process],
                                  v[funding * rows + funding]};
    const sy_status status = sy_interval_difference(ctx, estimate, covariance, out->df, level, &out->difference);
    return status < 0 ? status : SY_OK;
}

sy_status syi_answer_of(sy_context *ctx, const sy_moments *m, const sy_design *rows, const sy_question *question,
                        const int pair[2], const syi_cell_options *options, syi_answer *out)
{
    sy_evidence_options how;
    sy_evidence_summary s;
    sy_evidence_defaults(&how);
    how.level = options->level;
    how.interval = options->limits ? options->interval : SY_INTERVAL_NONE;
    how.seed = options->seed;
    how.shares.bounds = options->bounds ? SY_BOUNDS_AUTO : SY_BOUNDS_NO;
    sy_status status = room_for(ctx, question, out);
    if (status) return status;
    const sy_design *read = m->unit == SY_UNIT_NONE ? rows : NULL;
    status = sy_evidence_shares(ctx, m, read, question, &how, &s, &out->table);
    if (status < 0) return status;
    out->interval = s.interval;
    out->total = s.whole.total;
    out->total_adjusted = s.whole.total_adjusted;
    out->total_std_error = s.total_std_error;
    out->total_low = s.total_low;
    out->total_high = s.total_high;
    out->n = s.whole.n;
    out->n_effective = s.whole.n_effective;
    out->df = s.df;
    return compare(ctx, pair, options->level, out);
}

void syi_answer_free(syi_answer *answer)
{
    SYI_FREE(answer->memory);
}

/* Shares over a binary or ordinal model: the terms of the blocks and the adjusting ones. */
static sy_status ask_fitted(sy_context *ctx, syi_cell *c, const syi_cell_options *options)
{
    syi_answer *out = &c->answer;
    sy_fitted_question f;
    sy_fitted_summary s;
    if (c->question.absorb)
        return syi_fail(ctx, SY_EINVAL,
                        "adjust: fixed effects of the clusters go with numeric outcomes only; %s is not",
                        c->portion.design.terms[c->question.outcome].label);
    sy_status status = room_for(ctx, &c->question, out);
    if (status) return status;
    sy_fitted_defaults(&f);
    f.model.response =
        (sy_response_model){.columns = {.outcome = c->question.outcome, .intercept = 1},
                            .kind = c->asked.type == SY_OUTCOME_BINARY ? SY_RESPONSE_BINARY : SY_RESPONSE_ORDINAL,
                            .link = SY_LINK_LOGIT};
    f.model.response.columns.terms = c->terms;
    f.model.response.columns.n_terms = terms_of(&c->asked) + c->question.n_adjust;
    f.n_blocks = c->question.n_blocks;
    f.blocks = c->question.blocks;
    f.measure = SY_MEASURE_MCFADDEN;
    f.interval = options->limits ? options->interval : SY_INTERVAL_NONE;
    f.level = options->level;
    f.seed = options->seed;
    const sy_fitted_table table = {.estimate = out->table.estimate,
                                   .std_error = out->table.std_error,
                                   .std_error_scaled = out->table.std_error_scaled,
                                   .low = out->table.low,
                                   .high = out->table.high,
                                   .covariance = out->table.covariance};
    status = sy_fitted_shares(ctx, &c->portion.design, &f, &s, &table);
    if (status < 0) return status;
    out->interval = s.interval;
    out->total = s.total;
    out->total_adjusted = NAN;
    out->total_std_error = s.total_std_error;
    out->total_low = s.total_low;
    out->total_high = s.total_high;
    out->n = out->n_effective = s.n;
    out->df = s.df;
    return compare(ctx, (int[]){c->asked.funding, c->asked.process}, options->level, out);
}

sy_status syi_cell_ask(sy_context *ctx, syi_cell *cell, const syi_cell_options *options)
{
    const int pair[2] = {cell->asked.funding, cell->asked.process};
    if (cell->asked.type != SY_OUTCOME_NUMBER) return ask_fitted(ctx, cell, options);
    return syi_answer_of(ctx, &cell->m, &cell->portion.design, &cell->question, pair, options, &cell->answer);
}

double syi_answer_value(const syi_answer *answer, int row, int metric)
{
    return answer->table.estimate[row * SY_N_METRICS + metric];
}

double syi_answer_error(const syi_answer *answer, int row, int metric)
{
    return answer->table.std_error[row * SY_N_METRICS + metric];
}

double syi_answer_low(const syi_answer *answer, int row, int metric)
{
    return answer->table.low[row * SY_N_METRICS + metric];
}

double syi_answer_high(const syi_answer *answer, int row, int metric)
{
    return answer->table.high[row * SY_N_METRICS + metric];
}
