/* Reads one outcome with the factors that group it.
 *
 * Numbers are taken as the decimals they print as, in double-double, so that
 * deviations from means keep the digits that 1e12 + 0.1 as a double has lost.
 * Cost: n times the number of columns read.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/design_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/outcome_internal.h"

static const char *const kinds[] = {"none", "frequency", "analytic", "sampling"};

enum { BREATH = 65536 }; /* rows between two looks at the clock */

static sy_status check(sy_context *ctx, const sy_design *d, int outcome, int n_factors, const int *factors,
                       sy_weight_kind allowed)
{
    if (outcome < 0 || outcome >= d->n_columns || d->columns[outcome].type == SY_CODES)
        return syi_fail(ctx, SY_EINVAL, "outcome: %d is not a numeric column of the design", outcome);
    if (n_factors < 1) return syi_fail(ctx, SY_EINVAL, "factors: none given; at least one is needed");
    for (int k = 0; k < n_factors; k++) {
        if (factors[k] < 0 || factors[k] >= d->n_columns)
            return syi_fail(ctx, SY_EINVAL, "factors: %d is not a column of the design", factors[k]);
        if (d->columns[factors[k]].type != SY_CODES)
            return syi_fail(ctx, SY_EINVAL, "%s: is a number; groups are the levels of a factor",
                            d->columns[factors[k]].name);
        for (int j = 0; j < k; j++)
            if (factors[j] == factors[k])
                return syi_fail(ctx, SY_EINVAL, "%s: is among the factors twice", d->columns[factors[k]].name);
    }
    if (d->weights && d->weight_kind != SY_WEIGHT_NONE && d->weight_kind != allowed)
        return syi_fail(ctx, SY_EINVAL, "weights: %s are %s weights; %s is allowed here", d->weights->name,
                        kinds[d->weight_kind], allowed == SY_WEIGHT_FREQUENCY ? "frequency" : "none");
    return SY_OK;
}

static sy_status check_row(sy_context *ctx, const sy_design *d, int outcome, ptrdiff_t i, double y, double w)
{
    if (isinf(y)) return syi_fail(ctx, SY_EDATA, "%s: row %td is infinite", d->columns[outcome].name, i + 1);
    if (!(w >= 0) || isinf(w) || w != floor(w))
        return syi_fail(ctx, SY_EDATA, "weights: %s is %g in row %td; frequencies are whole numbers from 0",
                        d->weights->name, w, i + 1);
    return SY_OK;
}

static sy_status read(sy_context *ctx, const sy_design *d, int outcome, int n_factors, const int *factors, int places,
                      syi_outcome *out)
{
    ptrdiff_t dropped = 0;
    for (ptrdiff_t i = 0; i < d->n; i++) {
        if (i % BREATH == 0 && syi_serial_stopped(ctx)) return SY_EINTR;
        const double y = syi_column_value(&d->columns[outcome], i),
                     w = d->weights ? syi_column_value(d->weights, i) : 1;
        int complete = !isnan(y) && !isnan(w);
        for (int k = 0; k < n_factors && complete; k++) complete = !isnan(syi_column_value(&d->columns[factors[k]], i));
        dropped += !complete;
        if (!complete) continue;
        const sy_status status = check_row(ctx, d, outcome, i, y, w);
        if (status != SY_OK) return status;
        if (w == 0) continue;
        if (out->weight) out->weight[out->rows] = w;
        out->value[out->rows] = syi_decimal_read(y, places);
        out->row[out->rows++] = i;
    }
    if (out->rows == 0)
        return syi_fail(ctx, SY_EDATA, "%s: no row is complete over the outcome and the factors",
                        d->columns[outcome].name);
    if (dropped > 0 && d->missing == SY_MISSING_ERROR)
        return syi_fail(ctx, SY_EDATA, "%td rows have a missing value", dropped);
    if (dropped == 0) return SY_OK;
    return syi_remark(ctx, SY_NOTE_ROWS_DROPPED, "", (double)dropped, "%td of %td rows %s left out: a value is missing",
                      dropped, d->n, dropped == 1 ? "was" : "were");
}

sy_status syi_outcome_read(sy_context *ctx, const sy_design *design, int outcome, int n_factors, const int *factors,
                           sy_weight_kind allowed, syi_outcome *out)
{
    *out = (syi_outcome){0};
    sy_status status = check(ctx, design, outcome, n_factors, factors, allowed);
    if (status != SY_OK) return status;
    const size_t n = design->n > 0 ? (size_t)design->n : 1;
    const int weighted = design->weights && design->weight_kind != SY_WEIGHT_NONE;
    int *places = syi_alloc((size_t)design->n_columns, sizeof *places);
    out->row = syi_alloc(n, sizeof *out->row);
    out->value = syi_alloc(n, sizeof *out->value);
    if (weighted) out->weight = syi_alloc(n, sizeof *out->weight);
    if (!places || !out->row || !out->value || (weighted && !out->weight)) {
        status = syi_fail(ctx, SY_ENOMEM, "out of memory for %zu rows", n);
    } else {
        status = syi_design_places(ctx, design, places);
        if (status >= 0) status = read(ctx, design, outcome, n_factors, factors, places[outcome], out);
    }
    SYI_FREE(places);
    if (status < 0) syi_outcome_free(out);
    return status;
}

void syi_outcome_free(syi_outcome *out)
{
    SYI_FREE(out->row);
    SYI_FREE(out->value);
    SYI_FREE(out->weight);
    out->rows = 0;
}
