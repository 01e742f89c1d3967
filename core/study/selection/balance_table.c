/* How alike two groups are, column by column, before and after weighting; how
 * far their scores overlap; what the weights leave of the number of people.
 *
 * Means and variances of a group with weights v: mean = sum v x / sum v,
 * variance = sum v (x - mean)^2 / (sum v - sum v^2 / sum v); a row of
 * frequency weights is that many rows. Columns of 0 and 1: p (1 - p).
 * Standardised differences are over the standard deviation BEFORE weighting in both
 * places, so that the two can be compared [Stuart 2010, doi:10.1214/09-STS313;
 * Austin 2009, doi:10.1002/sim.3697]: the root of the mean of the two variances, or
 * that of the treated for ATT. Effective n: (sum v)^2 / sum v^2 [Kish 1965].
 * A factor stands with all its levels, which its columns in the score do not.
 * Cost: n log n a column, for the distributions' distance.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/mixed/mixed_parameters_internal.h"
#include "study/selection/balance_internal.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { RUN = 1 << 16 };

typedef struct {
    const syi_balance *b;
    ptrdiff_t n;
    const double *group;      /* [n] 0, 1 */
    double *times;            /* [n] people of a row */
    double *before, *after;   /* [n] the rest of its weight */
    double *x;                /* [n] one column */
    double *tile, *y, *w;     /* a tile of a term's columns */
    ptrdiff_t *order, *spare; /* [n] */
    sy_status status;
} columns;

static int is_binary(const columns *c)
{
    for (ptrdiff_t i = 0; i < c->n; i++)
        if (c->x[i] != 0 && c->x[i] != 1) return 0;
    return 1;
}

static void moments(const columns *c, const double *v, int binary, sy_balance_side *side)
{
    double sum[2] = {0, 0}, first[2] = {0, 0}, second[2] = {0, 0}, square[2] = {0, 0};
    for (ptrdiff_t i = 0; i < c->n; i++) {
        const int a = c->group[i] > 0;
        sum[a] += c->times[i] * v[i];
        square[a] += c->times[i] * v[i] * v[i];
        first[a] += c->times[i] * v[i] * c->x[i];
    }
    for (int a = 0; a < 2; a++) side->mean[a] = first[a] / sum[a];
    for (ptrdiff_t i = 0; i < c->n; i++) {
        const int a = c->group[i] > 0;
        const double d = c->x[i] - side->mean[a];
        second[a] += c->times[i] * v[i] * d * d;
    }
    for (int a = 0; a < 2; a++) {
        const double p = side->mean[a], left = sum[a] - square[a] / sum[a];
        side->sd[a] = binary ? sqrt(fmax(p * (1 - p), 0)) : left > 0 ? sqrt(second[a] / left) : (double)NAN;
    }
    side->ratio = binary ? (double)NAN : side->sd[1] * side->sd[1] / (side->sd[0] * side->sd[0]);
}

/* The largest distance of the two weighted distribution functions. */
static double distance(const columns *c, const double *v)
{
    double sum[2] = {0, 0}, upto[2] = {0, 0}, most = 0;
    for (ptrdiff_t i = 0; i < c->n; i++) sum[c->group[i] > 0] += c->times[i] * v[i];
    for (ptrdiff_t i = 0; i < c->n; i++) {
        const ptrdiff_t at = c->order[i];
        upto[c->group[at] > 0] += c->times[at] * v[at];
        if (i + 1 < c->n && c->x[c->order[i + 1]] == c->x[at]) continue;
        most = fmax(most, fabs(upto[1] / sum[1] - upto[0] / sum[0]));
    }
    return most;
}

/* Two sorted runs of `order`, up to `middle` and to `end`, into `to`. */
static void merge(const double *x, const ptrdiff_t *order, ptrdiff_t from, ptrdiff_t middle, ptrdiff_t end,
                  ptrdiff_t *to)
{
    ptrdiff_t a = from, b = middle;
    for (ptrdiff_t i = from; i < end; i++)
        to[i] = a < middle && (b == end || x[order[a]] <= x[order[b]]) ? order[a++] : order[b++];
}

/* c->order: rows by c->x, in runs that are merged: the host is asked between them. */
static sy_status sort_rows(sy_context *ctx, columns *c)
{
    for (ptrdiff_t from = 0; from < c->n; from += RUN) {
        const ptrdiff_t length = c->n - from < RUN ? c->n - from : RUN;
        syi_order_values(length, c->x + from, c->order + from);
        for (ptrdiff_t i = from; i < from + length; i++) c->order[i] += from;
        if (syi_serial_stopped(ctx) != SY_OK) return SY_EINTR;
    }
    for (ptrdiff_t length = RUN; length < c->n; length *= 2) {
        ptrdiff_t *const sorted = c->spare;
        for (ptrdiff_t from = 0; from < c->n; from += 2 * length) {
            const ptrdiff_t middle = from + length < c->n ? from + length : c->n;
            const ptrdiff_t end = middle + length < c->n ? middle + length : c->n;
            merge(c->x, c->order, from, middle, end, sorted);
            if (syi_serial_stopped(ctx) != SY_OK) return SY_EINTR;
        }
        c->spare = c->order;
        c->order = sorted;
    }
    return SY_OK;
}

static sy_status compare(sy_context *ctx, columns *c, int term, sy_balance_row *row)
{
    const int att = c->b->question->estimand == SY_ESTIMAND_ATT;
    const double *v[2] = {c->before, c->after};
    sy_balance_side *side[2] = {&row->before, &row->after};
    row->term = term;
    row->binary = is_binary(c);
    if (!row->binary && sort_rows(ctx, c) != SY_OK) return SY_EINTR;
    for (int k = 0; k < 2; k++) {
        moments(c, v[k], row->binary, side[k]);
        if (syi_serial_stopped(ctx) != SY_OK) return SY_EINTR;
        side[k]->ks = row->binary ? fabs(side[k]->mean[1] - side[k]->mean[0]) : distance(c, v[k]);
    }
    const double *sd = row->before.sd, unit = att ? sd[1] : sqrt((sd[0] * sd[0] + sd[1] * sd[1]) / 2);
    for (int k = 0; k < 2; k++) {
        const double gap = side[k]->mean[1] - side[k]->mean[0];
        side[k]->difference = gap == 0 ? 0 : gap / unit;
    }
    return syi_serial_stopped(ctx);
}

/* A covariate by itself: a factor has all its levels then. */
static sy_status open_term(sy_context *ctx, const sy_design *design, int outcome, const int *term, syi_model *m)
{
    const sy_linear_model model = {.outcome = outcome, .n_terms = 1, .terms = term};
    return syi_model_open(ctx, design, &model, SY_PRECISION_DOUBLE, m);
}

static void read_column(const columns *c, const syi_model *m, int column)
{
    unsigned char used[SYI_TILE];
    for (ptrdiff_t at = 0; at < c->n; at += SYI_TILE) {
        const int len = c->n - at < SYI_TILE ? (int)(c->n - at) : SYI_TILE;
        syi_model_tile(m, c->b->rows.row + at, len, c->tile, c->y, c->w, used);
        memcpy(c->x + at, c->tile + (ptrdiff_t)column * SYI_TILE, (size_t)len * sizeof *c->x);
    }
}

static sy_status compare_term(sy_context *ctx, columns *c, int term, sy_balance_row **row)
{
    syi_model m;
    sy_status status = open_term(ctx, &c->b->whole, c->b->question->treatment, &c->b->question->covariates[term], &m);
    double *memory = NULL;
    if (status < 0) goto out;
    memory = syi_alloc(((size_t)m.p + 2) * SYI_TILE, sizeof *memory);
    if (!memory) {
        status = syi_fail(ctx, SY_ENOMEM, "balance: no room for %d columns", m.p);
        goto out;
    }
    c->tile = memory;
    c->y = memory + (ptrdiff_t)m.p * SYI_TILE;
    c->w = c->y + SYI_TILE;
    for (int j = 0; j < m.p && status >= 0; j++) {
        read_column(c, &m, j);
        status = compare(ctx, c, term, (*row)++);
    }
out:
    SYI_FREE(memory);
    syi_model_free(&m);
    return status;
}

sy_status sy_balance_rows(sy_context *ctx, const sy_design *design, const sy_balance_question *question, int *rows,
                          char *text, size_t size)
{
    syi_enter(ctx);
    const int score = question->method == SY_BALANCE_PROPENSITY;
    syi_balance b;
    *rows = 0;
    sy_status status = syi_balance_open(ctx, design, question, &b);
    if (status >= 0 && score && text) snprintf(text, size, "propensity score");
    if (status >= 0) *rows = score;
    for (int t = 0; t < question->n_covariates && status >= 0; t++) {
        syi_model m;
        status = open_term(ctx, &b.whole, question->treatment, &question->covariates[t], &m);
        for (int j = 0; j < m.p && status >= 0; j++, ++*rows)
            if (text) syi_model_label(&m, j, text + (size_t)*rows * size, size);
        syi_model_free(&m);
    }
    syi_balance_free(&b);
    return status < 0 ? status : SY_OK;
}

static void weights_of(const columns *c, sy_balance_summary *s)
{
    const double *v[2] = {c->before, c->after};
    double *effective[2] = {s->effective_before, s->effective_after};
    for (int k = 0; k < 2; k++) {
        double sum[2] = {0, 0}, square[2] = {0, 0}, most[2] = {0, 0};
        for (ptrdiff_t i = 0; i < c->n; i++) {
            const int a = c->group[i] > 0;
            sum[a] += c->times[i] * v[k][i];
            square[a] += c->times[i] * v[k][i] * v[k][i];
            most[a] = fmax(most[a], v[k][i]);
        }
        for (int a = 0; a < 2; a++) {
            effective[k][a] = sum[a] * sum[a] / square[a];
            s->largest[a] = most[a] / sum[a];
        }
    }
}

static void overlap_of(const columns *c, sy_balance_summary *s)
{
    for (int a = 0; a < 2; a++) {
        s->score_low[a] = INFINITY;
        s->score_high[a] = -INFINITY;
    }
    for (ptrdiff_t i = 0; i < c->n; i++) {
        const int a = c->group[i] > 0;
        s->score_low[a] = fmin(s->score_low[a], c->x[i]);
        s->score_high[a] = fmax(s->score_high[a], c->x[i]);
    }
    for (ptrdiff_t i = 0; i < c->n; i++) {
        const int a = c->group[i] > 0;
        if (c->x[i] < s->score_low[!a] || c->x[i] > s->score_high[!a]) s->outside[a] += c->times[i];
    }
}

static void fill_bins(const columns *c, double *bins)
{
    const double *v[2] = {c->before, c->after};
    for (int i = 0; i < 4 * SY_BALANCE_BINS; i++) bins[i] = 0;
    for (int k = 0; k < 2; k++) {
        double sum[2] = {0, 0};
        for (ptrdiff_t i = 0; i < c->n; i++) {
            const int a = c->group[i] > 0, at = (int)(c->x[i] * SY_BALANCE_BINS);
            const double w = c->times[i] * v[k][i];
            bins[(2 * k + a) * SY_BALANCE_BINS + (at < SY_BALANCE_BINS ? at : SY_BALANCE_BINS - 1)] += w;
            sum[a] += w;
        }
        for (int a = 0; a < 2; a++)
            for (int i = 0; i < SY_BALANCE_BINS; i++) bins[(2 * k + a) * SY_BALANCE_BINS + i] /= sum[a];
    }
}

static sy_status fill_table(sy_context *ctx, columns *c, const double *score, sy_balance_summary *s,
                            const sy_balance_result *result)
{
    sy_balance_row *row = result->table, *covariates = row;
    sy_status status = SY_OK;
    weights_of(c, s);
    if (syi_serial_stopped(ctx) != SY_OK) return SY_EINTR;
    for (int a = 0; a < 2; a++) s->score_low[a] = s->score_high[a] = s->outside[a] = NAN;
    for (int i = 0; !score && result->bins && i < 4 * SY_BALANCE_BINS; i++) result->bins[i] = NAN;
    if (score) {
        memcpy(c->x, score, (size_t)c->n * sizeof *c->x);
        s->outside[0] = s->outside[1] = 0;
        overlap_of(c, s);
        if (result->bins) fill_bins(c, result->bins);
        if (syi_serial_stopped(ctx) != SY_OK) return SY_EINTR;
        status = compare(ctx, c, -1, row++);
        covariates = row;
    }
    for (int t = 0; t < c->b->question->n_covariates && status >= 0; t++) status = compare_term(ctx, c, t, &row);
    s->worst_before = s->worst_after = 0;
    for (const sy_balance_row *r = covariates; r < row; r++) {
        s->worst_before = fmax(s->worst_before, fabs(r->before.difference));
        s->worst_after = fmax(s->worst_after, fabs(r->after.difference));
    }
    return status;
}

sy_status syi_balance_table(sy_context *ctx, const syi_balance_fit *f, const double *after, sy_balance_summary *summary,
                            const sy_balance_result *result)
{
    const syi_balance *b = f->b;
    const size_t n = (size_t)b->rows.n;
    const int frequencies = b->design.weights && b->design.weight_kind == SY_WEIGHT_FREQUENCY;
    columns c = {.b = b, .n = b->rows.n, .group = b->rows.y};
    sy_status status = SY_OK;
    double *memory = syi_alloc(4 * n + 1, sizeof *memory);
    c.order = syi_alloc(n + 1, sizeof *c.order);
    c.spare = syi_alloc(n + 1, sizeof *c.spare);
    if (!memory || !c.order || !c.spare) {
        status = syi_fail(ctx, SY_ENOMEM, "balance: no room for %zu rows", n);
        goto out;
    }
    c.times = memory;
    c.before = memory + n;
    c.after = c.before + n;
    c.x = c.after + n;
    for (size_t i = 0; i < n; i++) {
        c.times[i] = frequencies ? b->rows.weight[i] : 1;
        c.before[i] = frequencies ? 1 : b->rows.weight[i];
        c.after[i] = after[i];
    }
    status = fill_table(ctx, &c, b->question->method == SY_BALANCE_PROPENSITY ? f->score : NULL, summary, result);
out:
    SYI_FREE(memory);
    SYI_FREE(c.order);
    SYI_FREE(c.spare);
    return status;
}
