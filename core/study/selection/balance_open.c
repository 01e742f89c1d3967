/* The question of a balance: what may be asked, and its rows.
 *
 * The treatment becomes a column of 0 and 1 whose rows are packed beside the
 * covariates (and a column a cluster, where the score is to know the clusters), as the
 * rows of a binary model are. Rows that are trimmed lose their treatment and
 * with it their place. Cost: a pass over the rows.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "study/selection/balance_internal.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

void sy_balance_defaults(sy_balance_question *question)
{
    *question = (sy_balance_question){.treated = -1, .trim = NAN, .level = 0.95};
}

static sy_status check_choices(sy_context *ctx, const sy_design *design, const sy_balance_question *q)
{
    const int entropy = q->method == SY_BALANCE_ENTROPY;
    if (design->weights && design->weight_kind == SY_WEIGHT_ANALYTIC)
        return syi_fail(ctx, SY_EINVAL,
                        "weights: %s are analytic; groups of people are balanced with frequency or sampling weights",
                        design->weights->name);
    if (entropy && q->estimand == SY_ESTIMAND_OVERLAP)
        return syi_fail(
            ctx, SY_EINVAL,
            "estimand: overlap weights are made of a propensity score; entropy balancing is for ATE and ATT");
    if (q->clusters != SY_CLUSTERS_NONE && entropy)
        return syi_fail(ctx, SY_EINVAL,
                        "clusters: they have effects in a propensity score; entropy balancing has none");
    if (q->clusters != SY_CLUSTERS_NONE && !design->cluster)
        return syi_fail(ctx, SY_EINVAL, "clusters: the score can know the clusters when they are named in cluster");
    if (q->clusters == SY_CLUSTERS_RANDOM && q->errors == SY_ERRORS_INFLUENCE)
        return syi_fail(
            ctx, SY_EINVAL,
            "interval: random effects of the clusters have no influence function here; ask for the jackknife");
    if (!isnan(q->trim) && (entropy || q->estimand == SY_ESTIMAND_OVERLAP))
        return syi_fail(ctx, SY_EINVAL, "trim: %g; %s", q->trim,
                        entropy ? "entropy balancing has no score to trim by"
                                : "overlap weights go to 0 by themselves where a score nears 0 or 1");
    if (!isnan(q->trim) && !(q->trim > 0 && q->trim < 0.5))
        return syi_fail(ctx, SY_EINVAL, "trim: %g; it must lie between 0 and 0.5", q->trim);
    if (!(q->level > 0 && q->level < 1))
        return syi_fail(ctx, SY_EINVAL, "level: %g; it must lie between 0 and 1", q->level);
    return SY_OK;
}

static int has(int n, const int *terms, int term)
{
    for (int i = 0; i < n; i++)
        if (terms[i] == term) return 1;
    return 0;
}

static sy_status check_terms(sy_context *ctx, const sy_design *design, const sy_balance_question *q)
{
    const sy_term *t = design->terms;
    if (q->n_covariates < 1) return syi_fail(ctx, SY_EINVAL, "covariates: none is given");
    if (has(q->n_covariates, q->covariates, q->treatment))
        return syi_fail(ctx, SY_EINVAL, "covariates: %s is the treatment", t[q->treatment].label);
    for (int o = 0; o < q->n_outcomes; o++) {
        const sy_term *y = &t[q->outcomes[o]];
        if (q->outcomes[o] == q->treatment) return syi_fail(ctx, SY_EINVAL, "outcome: %s is the treatment", y->label);
        if (has(q->n_covariates, q->covariates, q->outcomes[o]))
            return syi_fail(ctx, SY_EINVAL, "covariates: %s is an outcome", y->label);
        if (y->n_factors != 1 || y->factors[0].power != 1 || design->columns[y->factors[0].column].type == SY_CODES)
            return syi_fail(ctx, SY_EINVAL, "outcome: %s is not one column of numbers", y->label);
    }
    const sy_term *treatment = &t[q->treatment];
    if (treatment->n_factors != 1 || treatment->factors[0].power != 1)
        return syi_fail(ctx, SY_EINVAL, "treatment: %s is a product; it must be one column", treatment->label);
    if (q->clusters == SY_CLUSTERS_FIXED)
        for (int i = 0; i < q->n_covariates; i++)
            for (int k = 0; k < t[q->covariates[i]].n_factors; k++)
                if (design->columns[t[q->covariates[i]].factors[k].column].data == design->cluster->data)
                    return syi_fail(ctx, SY_EINVAL, "covariates: %s is among them; clusters = \"fixed\" adds it",
                                    design->cluster->name);
    return SY_OK;
}

/* "managed 40, payment 107, both 3" */
static void list_levels(const sy_column *column, const double *count, char *text, size_t size)
{
    size_t at = 0;
    text[0] = '\0';
    for (int l = 0; l < column->n_levels && at < size; l++)
        if (count[l] > 0)
            at += (size_t)snprintf(text + at, size - at, "%s%s %.0f", at ? ", " : "", column->levels[l], count[l]);
}

static sy_status read_levels(sy_context *ctx, syi_balance *b, const sy_column *column)
{
    const int n = column->n_levels, wanted = b->question->treated;
    char text[256];
    int used = 0, found[2] = {0, 0};
    double *count = syi_alloc((size_t)n + 1, sizeof *count);
    if (!count) return syi_fail(ctx, SY_ENOMEM, "treatment: no room for %d levels", n);
    for (ptrdiff_t i = 0; i < b->design.n; i++)
        if (!isnan(b->treated[i])) count[(int)b->treated[i]]++;
    for (int l = 0; l < n; l++) {
        if (count[l] == 0) continue;
        if (used < 2) found[used] = l;
        used++;
    }
    list_levels(column, count, text, sizeof text);
    SYI_FREE(count);
    if (used != 2)
        return syi_fail(ctx, SY_EDATA, "treatment: %s has %d level%s in use%s%s; two are compared", column->name, used,
                        used == 1 ? "" : "s", used ? ": " : "", text);
    if (wanted >= 0 && wanted != found[0] && wanted != found[1])
        return syi_fail(ctx, SY_EINVAL, "treated: %s has no rows of %s (%s)", column->name,
                        wanted < n ? column->levels[wanted] : "that level", text);
    b->level[1] = wanted >= 0 ? wanted : found[1];
    b->level[0] = b->level[1] == found[1] ? found[0] : found[1];
    for (ptrdiff_t i = 0; i < b->design.n; i++)
        if (!isnan(b->treated[i])) b->treated[i] = (int)b->treated[i] == b->level[1];
    return SY_OK;
}

static sy_status read_treatment(sy_context *ctx, syi_balance *b)
{
    const sy_column *column = &b->source->columns[b->source->terms[b->question->treatment].factors[0].column];
    for (ptrdiff_t i = 0; i < b->design.n; i++) b->treated[i] = syi_column_value(column, i);
    if (column->type == SY_CODES) return read_levels(ctx, b, column);
    for (ptrdiff_t i = 0; i < b->design.n; i++)
        if (b->treated[i] != 0 && b->treated[i] != 1 && !isnan(b->treated[i]))
            return syi_fail(ctx, SY_EDATA,
                            "treatment: %s is %.15g in row %td; numbers are 0 and 1, anything else a factor",
                            column->name, b->treated[i], i + 1);
    b->level[1] = 1;
    return SY_OK;
}

/* The term that is the clusters' column: the caller's own, or one more. */
static int term_of_clusters(syi_balance *b)
{
    const sy_design *d = b->source;
    for (int t = 0; t < d->n_terms; t++)
        if (d->terms[t].n_factors == 1 && d->columns[d->terms[t].factors[0].column].data == d->cluster->data) return t;
    b->columns[b->design.n_columns] = *d->cluster;
    b->factor[1] = (sy_factor){b->design.n_columns++, 1};
    b->terms[b->design.n_terms] = (sy_term){d->cluster->name, 1, &b->factor[1]};
    return b->design.n_terms++;
}

/* The caller's design with the treatment as numbers, and the clusters as a term. */
static sy_status build(sy_context *ctx, syi_balance *b)
{
    const sy_design *d = b->source;
    const sy_balance_question *q = b->question;
    b->design = *d;
    b->columns = syi_alloc((size_t)d->n_columns + 2, sizeof *b->columns);
    b->terms = syi_alloc((size_t)d->n_terms + 1, sizeof *b->terms);
    b->place = syi_alloc((size_t)q->n_covariates + 1, sizeof *b->place);
    b->treated = syi_alloc((size_t)d->n + 1, sizeof *b->treated);
    if (!b->columns || !b->terms || !b->place || !b->treated)
        return syi_fail(ctx, SY_ENOMEM, "balance: no room for %td rows", d->n);
    memcpy(b->columns, d->columns, (size_t)d->n_columns * sizeof *b->columns);
    memcpy(b->terms, d->terms, (size_t)d->n_terms * sizeof *b->terms);
    memcpy(b->place, q->covariates, (size_t)q->n_covariates * sizeof *b->place);
    b->design.columns = b->columns;
    b->design.terms = b->terms;
    const char *name = d->columns[d->terms[q->treatment].factors[0].column].name;
    b->columns[b->design.n_columns] =
        (sy_column){.name = name, .data = b->treated, .stride = sizeof(double), .type = SY_F64};
    b->factor[0] = (sy_factor){b->design.n_columns++, 1};
    b->terms[q->treatment].factors = &b->factor[0];
    int n_terms = q->n_covariates;
    if (q->clusters == SY_CLUSTERS_FIXED) b->place[n_terms++] = term_of_clusters(b);
    b->model =
        (sy_response_model){.columns = {.outcome = q->treatment, .n_terms = n_terms, .terms = b->place, .intercept = 1},
                            .kind = SY_RESPONSE_BINARY,
                            .link = q->link};
    b->whole = b->design;
    return read_treatment(ctx, b);
}

/* Outcomes by packed row, less their middle; which of them are 0 and 1. */
static sy_status read_outcomes(sy_context *ctx, syi_balance *b)
{
    const sy_balance_question *q = b->question;
    const size_t stride = (size_t)b->rows.stride;
    b->y = syi_alloc((size_t)q->n_outcomes * stride + 8, sizeof *b->y);
    b->middle = syi_alloc((size_t)q->n_outcomes + 1, sizeof *b->middle);
    b->logit = syi_alloc((size_t)q->n_outcomes + 1, sizeof *b->logit);
    if (!b->y || !b->middle || !b->logit)
        return syi_fail(ctx, SY_ENOMEM, "balance: no room for %d outcomes", q->n_outcomes);
    for (int o = 0; o < q->n_outcomes; o++) {
        const sy_column *column = &b->design.columns[b->design.terms[q->outcomes[o]].factors[0].column];
        double *y = b->y + (ptrdiff_t)o * b->rows.stride, sum = 0;
        ptrdiff_t other = -1;
        for (ptrdiff_t i = 0; i < b->rows.n; i++) {
            y[i] = syi_column_value(column, b->rows.row[i]);
            if (y[i] != 0 && y[i] != 1 && other < 0) other = i;
            sum += y[i];
        }
        if (q->regression == SY_OUTCOME_LOGIT && other >= 0)
            return syi_fail(ctx, SY_EDATA, "outcome: %s is %.15g in row %td; a logit regression needs 0 and 1",
                            column->name, y[other], b->rows.row[other] + 1);
        b->logit[o] = other < 0 && q->regression != SY_OUTCOME_LINEAR;
        b->middle[o] = b->logit[o] ? 0 : sum / (double)b->rows.n;
        for (ptrdiff_t i = 0; i < b->rows.n; i++) y[i] -= b->middle[o];
    }
    return SY_OK;
}

static void close_rows(syi_balance *b)
{
    syi_packed_free(&b->rows);
    SYI_FREE(b->y);
    SYI_FREE(b->middle);
    SYI_FREE(b->logit);
}

static sy_status open_rows(sy_context *ctx, syi_balance *b)
{
    sy_status status = syi_packed_init(ctx, &b->design, &b->model, &b->rows);
    if (status >= 0) status = syi_likelihood_of(ctx, &b->rows, &b->model, &b->likelihood);
    if (status < 0) return status;
    b->k = b->rows.p;
    b->people[0] = b->people[1] = 0;
    const int frequencies = b->design.weights && b->design.weight_kind == SY_WEIGHT_FREQUENCY;
    for (ptrdiff_t i = 0; i < b->rows.n; i++) b->people[b->rows.y[i] > 0] += frequencies ? b->rows.weight[i] : 1;
    return read_outcomes(ctx, b);
}

sy_status syi_balance_open(sy_context *ctx, const sy_design *design, const sy_balance_question *question,
                           syi_balance *b)
{
    *b = (syi_balance){.source = design, .question = question};
    sy_status status = syi_design_check(ctx, design);
    if (status >= 0) status = check_choices(ctx, design, question);
    if (status >= 0) status = check_terms(ctx, design, question);
    if (status >= 0) status = build(ctx, b);
    if (status >= 0) status = open_rows(ctx, b);
    if (status >= 0) b->rows_lost = b->rows.rows_dropped;
    return status;
}

/* A second treatment column, of rows with a score from low to high; how many are left of each group. */
static sy_status keep_rows(sy_context *ctx, syi_balance *b, const double *score, double low, double high,
                           ptrdiff_t *left)
{
    const size_t n = (size_t)b->design.n, columns = (size_t)b->design.n_columns;
    b->kept = syi_alloc(n + 1, sizeof *b->kept);
    b->kept_columns = syi_alloc(columns, sizeof *b->kept_columns);
    if (!b->kept || !b->kept_columns) return syi_fail(ctx, SY_ENOMEM, "balance: no room for %zu rows", n);
    memcpy(b->kept, b->treated, n * sizeof *b->kept);
    memcpy(b->kept_columns, b->columns, columns * sizeof *b->kept_columns);
    b->kept_columns[b->factor[0].column].data = b->kept;
    for (ptrdiff_t i = 0; i < b->rows.n; i++) {
        if (score[i] < low || score[i] > high) b->kept[b->rows.row[i]] = NAN;
        else left[b->rows.y[i] > 0]++;
    }
    return SY_OK;
}

sy_status syi_balance_trim(sy_context *ctx, syi_balance *b, const double *score, double low, double high)
{
    const ptrdiff_t before = b->rows.n;
    ptrdiff_t left[2] = {0, 0};
    sy_status status = keep_rows(ctx, b, score, low, high, left);
    if (status < 0) return status;
    if (left[0] == 0 || left[1] == 0)
        return syi_fail(ctx, SY_EDATA, "trim: %g; no row of %s is left with a score from %g to %g", b->question->trim,
                        syi_balance_group(b, left[0] > 0), low, high);
    if (left[0] + left[1] == before) return SY_OK;
    close_rows(b);
    b->design.columns = b->kept_columns;
    b->design.missing = SY_MISSING_COMPLETE;
    status = open_rows(ctx, b);
    b->rows_trimmed = (double)(before - b->rows.n);
    return status;
}

void syi_balance_free(syi_balance *b)
{
    close_rows(b);
    SYI_FREE(b->columns);
    SYI_FREE(b->kept_columns);
    SYI_FREE(b->kept);
    SYI_FREE(b->terms);
    SYI_FREE(b->place);
    SYI_FREE(b->treated);
}

const char *syi_balance_group(const syi_balance *b, int group)
{
    const sy_column *column = &b->source->columns[b->source->terms[b->question->treatment].factors[0].column];
    return column->type == SY_CODES ? column->levels[b->level[group]] : group ? "1" : "0";
}

sy_status syi_balance_label(sy_context *ctx, const syi_balance *b, int c, char *text, size_t size)
{
    return syi_response_label(ctx, &b->design, &b->model, b->rows.column[c], text, size);
}
