/* The outcome of packed rows: what it may be, and its levels in use.
 *
 * Binary: 0 and 1, or the two levels in use of a factor, the second being the
 * event; with trials, whole successes from 0 to the trials. Counts: whole
 * numbers from 0. Ordinal: the levels in use in their order. An outcome that is
 * the same in all rows can bear no model. Cost: n.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/response/packed_internal.h"

static sy_status check_successes(sy_context *ctx, const syi_shadow *s, const syi_packed *rows)
{
    const char *y = s->outcome->name, *trials = s->model->trials->name;
    double successes = 0, failures = 0;
    for (ptrdiff_t i = 0; i < rows->n; i++) {
        const double v = rows->y[i], m = rows->trials[i];
        const ptrdiff_t row = rows->row[i] + 1;
        if (!(m >= 0) || m != floor(m))
            return syi_fail(ctx, SY_EDATA, "trials: %s is %.15g in row %td; trials are whole numbers from 0", trials, m,
                            row);
        if (!(v >= 0) || v != floor(v))
            return syi_fail(ctx, SY_EDATA, "%s: row %td is %.15g; successes are whole numbers from 0", y, row, v);
        if (v > m)
            return syi_fail(ctx, SY_EDATA, "%s: row %td has %.15g successes of %.15g trials; there cannot be more", y,
                            row, v, m);
        successes += v;
        failures += m - v;
    }
    if (successes > 0 && failures > 0) return SY_OK;
    return syi_fail(ctx, SY_EDATA, "%s: every trial of the %td rows used is a %s; there is nothing to explain", y,
                    rows->n, successes > 0 ? "success" : "failure");
}

static sy_status check_zero_one(sy_context *ctx, const syi_shadow *s, const syi_packed *rows)
{
    ptrdiff_t ones = 0;
    for (ptrdiff_t i = 0; i < rows->n; i++) {
        const double v = rows->y[i];
        if (v != 0 && v != 1)
            return syi_fail(ctx, SY_EDATA, "%s: row %td is %.15g; a binary outcome is 0 or 1%s", s->outcome->name,
                            rows->row[i] + 1, v, v > 1 ? " (or successes beside trials)" : "");
        ones += v == 1;
    }
    if (ones > 0 && ones < rows->n) return SY_OK;
    return syi_fail(ctx, SY_EDATA, "%s: is %d in all %td rows used; there is nothing to explain", s->outcome->name,
                    ones > 0, rows->n);
}

static sy_status check_counts(sy_context *ctx, const syi_shadow *s, const syi_packed *rows)
{
    double sum = 0;
    for (ptrdiff_t i = 0; i < rows->n; i++) {
        const double v = rows->y[i];
        if (!(v >= 0) || v != floor(v))
            return syi_fail(ctx, SY_EDATA, "%s: row %td is %.15g; counts are whole numbers from 0", s->outcome->name,
                            rows->row[i] + 1, v);
        sum += v;
    }
    if (sum > 0) return SY_OK;
    return syi_fail(ctx, SY_EDATA, "%s: is 0 in all %td rows used; there is nothing to explain", s->outcome->name,
                    rows->n);
}

/* Levels without rows, named. */
static sy_status remark_empty(sy_context *ctx, const sy_column *y, const int *place)
{
    int count = 0, which = 0;
    for (int l = y->n_levels - 1; l >= 0; l--) {
        if (place[l] >= 0) continue;
        count++;
        which = l;
    }
    if (count == 0) return SY_OK;
    return syi_remark(ctx, SY_NOTE_EMPTY_LEVEL, y->name, count, "%s: %d of its levels %s no rows: %s%s", y->name, count,
                      count == 1 ? "has" : "have", y->levels[which], count == 1 ? "" : " and others");
}

static sy_status place_levels(sy_context *ctx, const syi_shadow *s, syi_packed *rows)
{
    const sy_column *y = s->outcome;
    sy_status status = SY_OK;
    int *place = syi_alloc((size_t)y->n_levels, sizeof *place);
    rows->level = syi_alloc((size_t)y->n_levels, sizeof *rows->level);
    if (!place || !rows->level) {
        SYI_FREE(place);
        return syi_fail(ctx, SY_ENOMEM, "%s: out of memory for %d levels", y->name, y->n_levels);
    }
    for (ptrdiff_t i = 0; i < rows->n; i++) place[(int)rows->y[i]] = 1;
    for (int l = 0; l < y->n_levels; l++) {
        if (place[l]) rows->level[rows->n_levels] = l;
        place[l] = place[l] ? rows->n_levels++ : -1;
    }
    for (ptrdiff_t i = 0; i < rows->n; i++) rows->y[i] = place[(int)rows->y[i]];
    if (rows->n_levels < 2)
        status = syi_fail(ctx, SY_EDATA, "%s: only one of its levels has rows (%s); there is nothing to explain",
                          y->name, y->levels[rows->level[0]]);
    else if (s->model->kind == SY_RESPONSE_BINARY && rows->n_levels > 2)
        status = syi_fail(ctx, SY_EDATA, "%s: %d of its levels have rows; a binary outcome has two", y->name,
                          rows->n_levels);
    else status = remark_empty(ctx, y, place);
    SYI_FREE(place);
    return status;
}

sy_status syi_packed_outcome(sy_context *ctx, const syi_shadow *s, syi_packed *rows)
{
    rows->n_levels = s->model->kind == SY_RESPONSE_BINARY ? 2 : 0;
    if (s->model->kind == SY_RESPONSE_POISSON || s->model->kind == SY_RESPONSE_NEGATIVE_BINOMIAL)
        return check_counts(ctx, s, rows);
    if (s->model->trials) return check_successes(ctx, s, rows);
    if (s->outcome->type != SY_CODES) return check_zero_one(ctx, s, rows);
    rows->n_levels = 0;
    return place_levels(ctx, s, rows);
}
