/* What a pass over the rows found, in words: refusals and remarks.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/moments_read_internal.h"
#include "base/status_internal.h"
#include <stdio.h>

static sy_status refuse_row(sy_context *ctx, const sy_design *design, const syi_bad_row *bad)
{
    const ptrdiff_t row = bad->row + 1;
    if (bad->what == SYI_ROW_FRACTION)
        return syi_fail(ctx, SY_EDATA, "weights: row %td is %.15g; frequency weights must be whole numbers", row,
                        bad->value);
    if (bad->what == SYI_ROW_WEIGHT)
        return syi_fail(ctx, SY_EDATA, "weights: row %td is %.15g; weights must be zero or more, and finite", row,
                        bad->value);
    if (bad->what == SYI_ROW_STRATUM)
        return syi_fail(ctx, SY_EDATA, "strata: cluster %s lies in two strata, %s and %s (row %td); it must lie in one",
                        design->cluster->levels[(int)syi_column_value(design->cluster, bad->row)],
                        design->strata->levels[bad->term], design->strata->levels[(int)bad->value], row);
    const sy_term *term = &design->terms[bad->term];
    for (int k = 0; k < term->n_factors; k++) {
        const sy_column *c = &design->columns[term->factors[k].column];
        const double v = syi_column_value(c, bad->row);
        if (isinf(v))
            return syi_fail(ctx, SY_EDATA, "%s: row %td is %sinfinite; values must be finite or missing", c->name, row,
                            v < 0 ? "minus " : "");
    }
    return syi_fail(ctx, SY_EDATA, "%s: row %td is too large for a double; rescale the column", term->label, row);
}

static const char *name_of(const sy_design *design, int t)
{
    if (t < design->n_terms) return design->terms[t].label;
    return t == design->n_terms ? design->cluster->name : design->strata->name;
}

static sy_status refuse_missing(sy_context *ctx, const sy_design *design, const syi_found *found)
{
    int t = 0;
    while (found->missing[t] == 0) t++;
    return syi_fail(ctx, SY_EDATA, "%s: missing in %.0f of %td rows, and missing = \"error\" does not allow it",
                    name_of(design, t), found->missing[t], design->n);
}

static sy_status refuse_empty(sy_context *ctx, const sy_design *design, const syi_found *found)
{
    int worst = 0;
    if (design->n == 0) return syi_fail(ctx, SY_EDATA, "data: there are no rows");
    for (int t = 1; t < design->n_terms + 2; t++)
        if (found->missing[t] > found->missing[worst]) worst = t;
    if (found->dropped == 0) return syi_fail(ctx, SY_EDATA, "weights: all %td rows have weight zero", design->n);
    return syi_fail(ctx, SY_EDATA, "no row of %td is complete; %s is missing most often, in %.0f rows%s", design->n,
                    name_of(design, worst), found->missing[worst],
                    found->zero > 0 ? " (the others have weight zero)" : "");
}

sy_status syi_check_found(sy_context *ctx, const sy_design *design, const syi_found *found, const syi_sets *sets,
                          const syi_sorted *sorted)
{
    double rows = 0, n = 0;
    ptrdiff_t used = 0, last = 0;
    if (found->bad.what != SYI_ROW_FINE) return refuse_row(ctx, design, &found->bad);
    if (found->dropped > 0 && design->missing == SY_MISSING_ERROR) return refuse_missing(ctx, design, found);
    for (ptrdiff_t g = 0; g < sets->count; g++) {
        rows += sets->rows[g];
        n += sets->n[g];
        if (sets->rows[g] > 0) used++, last = g;
    }
    if (rows == 0) return refuse_empty(ctx, design, found);
    if (n < 2) return syi_fail(ctx, SY_EDATA, "data: one row is left of %td; at least 2 are needed", design->n);
    if (sorted->sets > 0 && used < 2)
        return syi_fail(ctx, SY_EDATA, "cluster: all rows are in one cluster, %s; at least 2 are needed",
                        design->cluster->levels[sorted->code[last]]);
    return SY_OK;
}

sy_status syi_check_sums(sy_context *ctx, const sy_design *design, const syi_layout *layout, const double *total)
{
    const int q = layout->n_columns;
    for (int t = 0; t < layout->n_terms; t++)
        for (int c = layout->first[t]; c < layout->first[t] + layout->count[t]; c++)
            if (!isfinite(total[syi_packed_at(q, c + 1, c + 1)]) || !isfinite(total[syi_packed_at(q, 0, c + 1)]))
                return syi_fail(ctx, SY_EDATA, "%s: its squares are too large for a double; rescale the column",
                                design->terms[t].label);
    for (size_t i = 0; i < syi_packed_length(q); i++)
        if (!isfinite(total[i]))
            return syi_fail(ctx, SY_EDATA, "data: products of columns are too large for a double; rescale them");
    return SY_OK;
}

/* "median_pay_gbp 2, deprivation_rank 10" */
static void list_missing(const sy_design *design, const syi_found *found, size_t room, char *text)
{
    size_t used = 0;
    text[0] = 0;
    for (int t = 0; t < design->n_terms + 2 && used < room; t++) {
        if (found->missing[t] == 0) continue;
        const int wrote =
            snprintf(text + used, room - used, "%s%s %.0f", used ? ", " : "", name_of(design, t), found->missing[t]);
        if (wrote < 0) return;
        used += (size_t)wrote;
    }
}

/* A level has no rows when its indicator is 0 throughout: no variance, and a
 * mean that puts the shift back to 0. */
static int is_empty_level(int q, int column, double shift, const double *total)
{
    const double sum = total[syi_packed_at(q, 0, column + 1)];
    return fabs(sum + shift * total[0]) <= 0x1p-45 * fabs(shift) * total[0];
}

static sy_status remark_levels(sy_context *ctx, const sy_design *design, const syi_layout *layout, const double *shift,
                               const double *total)
{
    sy_status s = SY_OK;
    for (int t = 0; t < layout->n_terms && s >= 0; t++) {
        int count = 0, which = 0;
        for (int k = 0; layout->is_factor[t] && k < layout->count[t]; k++)
            if (is_empty_level(layout->n_columns, layout->first[t] + k, shift[layout->first[t] + k], total))
                if (count++ == 0) which = k;
        if (count == 0) continue;
        const sy_term *term = &design->terms[t];
        const char *level = design->columns[term->factors[0].column].levels[which];
        s = syi_remark(ctx, SY_NOTE_EMPTY_LEVEL, term->label, count, "%s: %d of its levels %s no rows: %s%s",
                       term->label, count, count == 1 ? "has" : "have", level, count == 1 ? "" : " and others");
    }
    return s;
}

sy_status syi_remark_found(sy_context *ctx, const sy_design *design, const syi_layout *layout, const syi_reader *reader,
                           const syi_found *found, const double *total)
{
    sy_status s = SY_OK;
    char names[256];
    list_missing(design, found, sizeof names, names);
    if (found->zero > 0)
        s = syi_remark(ctx, SY_NOTE_ZERO_WEIGHTS, "", found->zero, "%.0f of %td rows have weight zero and do not count",
                       found->zero, design->n);
    if (s >= 0) s = remark_levels(ctx, design, layout, reader->shift, total);
    if (s >= 0 && found->dropped > 0)
        s = syi_remark(ctx, SY_NOTE_ROWS_DROPPED, "", found->dropped, "%.0f of %td rows dropped for missing values: %s",
                       found->dropped, design->n, names);
    if (s >= 0 && !reader->twofold && syi_lanes_unfused(syi_simd_widest()))
        s = syi_remark(ctx, SY_NOTE_NO_FMA, "", 13,
                       "this processor has no fused multiply-add: results agree with other machines to 13 digits, not "
                       "to the last bit");
    return s;
}
