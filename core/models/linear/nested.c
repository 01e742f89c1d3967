/* Variance components of a nested layout by the ANOVA method.
 *
 * Groups at depth k are the crossings of the factors 0..k that have rows; n_h
 * rows in group h, N_k(h) those of its ancestor at depth k, N_-1 all rows n.
 *     SS_k = sum over groups h of depth k of n_h (mean_h - mean of its parent)^2
 *     df_k = groups at depth k - groups at depth k - 1
 *     E SS_k = df_k s_e + sum over j >= k of c_kj s_j,
 *     c_kj = sum over groups h of depth j of n_h^2 (1 / N_k(h) - 1 / N_k-1(h))
 * Setting sums of squares equal to their expectations and solving from the
 * inside out gives unbiased components s_k, which can be negative: a negative
 * one is shown as 0 and the others are not refitted. Balanced layouts: the same
 * as REML where no component is negative.
 * Conditions: levels sampled, independent, variances alike within a depth.
 * Double-double over the decimals that the numbers print as. Cost: (depths + 2)
 * n, by counting sort of the codes.
 * Searle, Casella & McCulloch 1992, Variance Components, chapter 5 and appendix
 * F, doi:10.1002/9780470316856; Henderson 1953, doi:10.2307/3001853.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/design_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/outcome_internal.h"
#include "steelyard/anova.h"
#include <string.h>

typedef struct {
    const sy_design *design;
    const int *factors;
    int depths;
    syi_outcome y;
    ptrdiff_t *order, *spare; /* [rows] places of y sorted by the codes, outermost first */
    ptrdiff_t *bucket;        /* [most levels + 1] */
    ptrdiff_t **group;        /* [depths][rows]: the group of each sorted row */
    ptrdiff_t *groups;        /* [depths] */
    double **count;           /* [depths][groups] */
    syi_dd **mean;
    ptrdiff_t **parent; /* [depths][groups] at the depth above */
} nested;

enum { BREATH = 65536 }; /* rows between two looks at the clock */

static int is_stopped(ptrdiff_t i)
{
    return i % BREATH == 0 && syi_parallel_stopped();
}

static int code_of(const nested *x, int k, ptrdiff_t at)
{
    return (int)syi_column_value(&x->design->columns[x->factors[k]], x->y.row[at]);
}

/* Stable sorts by one factor after the other, the innermost first. */
static void sort_rows(nested *x)
{
    for (ptrdiff_t i = 0; i < x->y.rows; i++) x->order[i] = i;
    for (int k = x->depths - 1; k >= 0; k--) {
        const int levels = x->design->columns[x->factors[k]].n_levels;
        memset(x->bucket, 0, ((size_t)levels + 1) * sizeof *x->bucket);
        for (ptrdiff_t i = 0; i < x->y.rows && !is_stopped(i); i++) x->bucket[code_of(x, k, i) + 1]++;
        for (int l = 0; l < levels; l++) x->bucket[l + 1] += x->bucket[l];
        if (syi_parallel_stopped()) return; /* the counts may be incomplete: no places */
        for (ptrdiff_t i = 0; i < x->y.rows && !is_stopped(i); i++)
            x->spare[x->bucket[code_of(x, k, x->order[i])]++] = x->order[i];
        ptrdiff_t *swap = x->order;
        x->order = x->spare;
        x->spare = swap;
    }
}

static void number_groups(nested *x)
{
    for (ptrdiff_t i = 0; i < x->y.rows && !is_stopped(i); i++) {
        int fresh = i == 0;
        for (int k = 0; k < x->depths; k++) {
            fresh = fresh || code_of(x, k, x->order[i]) != code_of(x, k, x->order[i - 1]);
            x->groups[k] += fresh;
            x->group[k][i] = x->groups[k] - 1;
        }
    }
}

static void sum_groups(nested *x)
{
    for (int k = 0; k < x->depths; k++) {
        for (ptrdiff_t i = 0; i < x->y.rows && !is_stopped(i); i++) {
            const ptrdiff_t g = x->group[k][i];
            x->count[k][g] += 1;
            x->mean[k][g] = syi_dd_add(x->mean[k][g], x->y.value[x->order[i]]);
            x->parent[k][g] = k > 0 ? x->group[k - 1][i] : 0;
        }
        for (ptrdiff_t g = 0; g < x->groups[k]; g++)
            x->mean[k][g] = syi_dd_div(x->mean[k][g], syi_dd_of(x->count[k][g]));
    }
}

static double squares_of_depth(const nested *x, int k, syi_dd whole)
{
    syi_dd sum = syi_dd_of(0);
    for (ptrdiff_t g = 0; g < x->groups[k]; g++) {
        const syi_dd d = syi_dd_sub(x->mean[k][g], k > 0 ? x->mean[k - 1][x->parent[k][g]] : whole);
        sum = syi_dd_add(sum, syi_dd_mul_d(syi_dd_mul(d, d), x->count[k][g]));
    }
    return syi_dd_round(sum);
}

static double squares_within(sy_context *ctx, const nested *x)
{
    const int k = x->depths - 1;
    syi_dd sum = syi_dd_of(0);
    for (ptrdiff_t i = 0; i < x->y.rows; i++) {
        if (i % BREATH == 0 && syi_serial_stopped(ctx)) return NAN;
        const syi_dd d = syi_dd_sub(x->y.value[x->order[i]], x->mean[k][x->group[k][i]]);
        sum = syi_dd_add(sum, syi_dd_mul(d, d));
    }
    return syi_dd_round(sum);
}

static double rows_of_ancestor(const nested *x, int depth, ptrdiff_t g, int up_to)
{
    if (up_to < 0) return (double)x->y.rows;
    for (; depth > up_to; depth--) g = x->parent[depth][g];
    return x->count[up_to][g];
}

/* c_kj of the head of this file */
static double weight_of(const nested *x, int k, int j)
{
    double sum = 0;
    for (ptrdiff_t g = 0; g < x->groups[j]; g++) {
        const double n = x->count[j][g];
        sum += n * (n / rows_of_ancestor(x, j, g, k) - n / rows_of_ancestor(x, j, g, k - 1));
    }
    return sum;
}

static sy_status squares(sy_context *ctx, const nested *x, sy_nested_row *row)
{
    syi_dd whole = syi_dd_of(0);
    for (ptrdiff_t i = 0; i < x->y.rows; i++) {
        if (i % BREATH == 0 && syi_serial_stopped(ctx)) return SY_EINTR;
        whole = syi_dd_add(whole, x->y.value[i]);
    }
    whole = syi_dd_div(whole, syi_dd_of((double)x->y.rows));
    for (int k = 0; k <= x->depths; k++) {
        const double above = k > 0 ? (double)x->groups[k - 1] : 1;
        const double here = k < x->depths ? (double)x->groups[k] : (double)x->y.rows;
        row[k].df = here - above;
        if (row[k].df == 0 && k < x->depths)
            return syi_fail(ctx, SY_EDATA,
                            "%s: has one level in each group above it; its variance cannot be told apart",
                            x->design->columns[x->factors[k]].name);
        if (row[k].df == 0)
            return syi_fail(ctx, SY_EDATA, "%s: one row a level; leave this factor out, its variance is what is left",
                            x->design->columns[x->factors[k - 1]].name);
        row[k].sum_of_squares = k < x->depths ? squares_of_depth(x, k, whole) : squares_within(ctx, x);
        row[k].mean_square = row[k].sum_of_squares / row[k].df;
        row[k].size = k < x->depths ? weight_of(x, k, k) / row[k].df : 1;
    }
    return isnan(row[x->depths].sum_of_squares) ? SY_EINTR : SY_OK;
}

static sy_status components(sy_context *ctx, const nested *x, sy_nested_row *row)
{
    sy_status status = SY_OK;
    double all = 0;
    row[x->depths].raw = row[x->depths].mean_square;
    for (int k = x->depths - 1; k >= 0; k--) {
        double rest = row[k].mean_square - row[x->depths].raw;
        for (int j = k + 1; j < x->depths; j++) rest -= weight_of(x, k, j) / row[k].df * row[j].raw;
        row[k].raw = rest / row[k].size;
        if (row[k].raw < 0 && status == SY_OK) {
            const char *name = x->design->columns[x->factors[k]].name;
            status = syi_remark(ctx, SY_NOTE_BOUNDARY, name, row[k].raw,
                                "%s: the estimate of its variance is negative (%.3g) and shown as 0: its groups differ "
                                "less than chance alone would make them",
                                name, row[k].raw);
        }
    }
    for (int k = 0; k <= x->depths; k++) all += row[k].component = row[k].raw > 0 ? row[k].raw : 0;
    for (int k = 0; k <= x->depths; k++) row[k].share = row[k].component / all;
    return status;
}

static void arrange(void *arg, int worker, size_t i)
{
    (void)worker;
    (void)i;
    sort_rows(arg);
    if (!syi_parallel_stopped()) number_groups(arg);
}

static void add_up(void *arg, int worker, size_t i)
{
    (void)worker;
    (void)i;
    sum_groups(arg);
}

static int make_rows_room(nested *x)
{
    const size_t n = (size_t)x->y.rows, depths = (size_t)x->depths;
    size_t most = 1;
    for (int k = 0; k < x->depths; k++) {
        const size_t levels = (size_t)x->design->columns[x->factors[k]].n_levels;
        if (levels > most) most = levels;
    }
    x->order = syi_alloc(n, sizeof *x->order);
    x->spare = syi_alloc(n, sizeof *x->spare);
    x->bucket = syi_alloc(most + 1, sizeof *x->bucket);
    x->groups = syi_alloc(depths, sizeof *x->groups);
    x->group = syi_alloc(depths, sizeof *x->group);
    x->count = syi_alloc(depths, sizeof *x->count);
    x->mean = syi_alloc(depths, sizeof *x->mean);
    x->parent = syi_alloc(depths, sizeof *x->parent);
    int fine = x->order && x->spare && x->bucket && x->groups && x->group && x->count && x->mean && x->parent;
    for (size_t k = 0; k < depths && fine; k++) fine = (x->group[k] = syi_alloc(n, sizeof *x->group[k])) != NULL;
    return fine;
}

static int make_groups_room(nested *x)
{
    int fine = 1;
    for (int k = 0; k < x->depths && fine; k++) {
        const size_t groups = (size_t)x->groups[k];
        x->count[k] = syi_alloc(groups, sizeof *x->count[k]);
        x->mean[k] = syi_alloc(groups, sizeof *x->mean[k]);
        x->parent[k] = syi_alloc(groups, sizeof *x->parent[k]);
        fine = x->count[k] && x->mean[k] && x->parent[k];
    }
    return fine;
}

static void free_nested(nested *x)
{
    for (int k = 0; k < x->depths; k++) {
        if (x->group) SYI_FREE(x->group[k]);
        if (x->count) SYI_FREE(x->count[k]);
        if (x->mean) SYI_FREE(x->mean[k]);
        if (x->parent) SYI_FREE(x->parent[k]);
    }
    SYI_FREE(x->order);
    SYI_FREE(x->spare);
    SYI_FREE(x->bucket);
    SYI_FREE(x->groups);
    SYI_FREE(x->group);
    SYI_FREE(x->count);
    SYI_FREE(x->mean);
    SYI_FREE(x->parent);
    syi_outcome_free(&x->y);
}

sy_status sy_nested(sy_context *ctx, const sy_design *design, int outcome, int n_factors, const int *factors,
                    sy_nested_row *row)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    nested x = {.design = design, .factors = factors, .depths = n_factors};
    sy_status status = syi_outcome_read(ctx, design, outcome, n_factors, factors, SY_WEIGHT_NONE, &x.y);
    if (status < 0) return status;
    int fine = make_rows_room(&x);
    if (fine && (status = syi_parallel(ctx, 1, 0, arrange, &x)) < 0) goto out;
    if (fine) fine = make_groups_room(&x);
    if (!fine) {
        status = syi_fail(ctx, SY_ENOMEM, "out of memory for %td rows in groups", x.y.rows);
        goto out;
    }
    status = syi_parallel(ctx, 1, 0, add_up, &x);
    if (status == SY_OK) status = squares(ctx, &x, row);
    if (status == SY_OK) status = components(ctx, &x, row);
out:
    free_nested(&x);
    return status < 0 ? status : syi_status_of_remarks(ctx, first);
}
