/* Units of rows, and variances of sums within them.
 *
 * An estimate moves by the sum of its rows' influence; rows of one cluster are
 * not drawn apart, so their influences are added first. With U_g of unit g and
 * strata h of N_h units,
 *   V = sum_h N_h / (N_h - 1) sum_{g in h} (U_g - mean_h)(U_g - mean_h)',
 * the linearisation variance of a stratified one-stage sample [Binder 1983,
 * doi:10.2307/1402588]; one stratum: the clustered sandwich with N / (N - 1).
 * Leaving one unit out at a time, (N_h - 1) / N_h sum (v_g - v)(v_g - v)', the
 * others of its stratum N_h / (N_h - 1) times [Wolter 2007,
 * doi:10.1007/978-0-387-35099-8, section 4.5]; about the whole sample's v and not the
 * mean of the v_g, which is the larger of the two. A row of frequency weights
 * is so many people: the same as the row written out. Cost: see the header.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/design_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "study/row_units_internal.h"
#include <math.h>

static sy_status no_room(sy_context *ctx, ptrdiff_t n)
{
    return syi_fail(ctx, SY_ENOMEM, "interval: no room for %td rows", n);
}

static sy_status number_clusters(sy_context *ctx, const sy_design *design, const ptrdiff_t *row, syi_row_units *u)
{
    const int levels = design->cluster->n_levels;
    int32_t *place = syi_alloc((size_t)levels + 1, sizeof *place);
    if (!place) return no_room(ctx, levels);
    for (ptrdiff_t i = 0; i < u->n; i++) place[(int)syi_column_value(design->cluster, row[i])] = 1;
    for (int l = 0; l < levels; l++) {
        if (!place[l]) continue;
        u->level[u->count] = l;
        u->people[u->count] = 1;
        place[l] = (int32_t)u->count++;
    }
    for (ptrdiff_t i = 0; i < u->n; i++) u->unit[i] = place[(int)syi_column_value(design->cluster, row[i])];
    SYI_FREE(place);
    u->clustered = 1;
    return SY_OK;
}

static void number_rows(const sy_design *design, const double *weight, syi_row_units *u)
{
    const int frequencies = design->weights && design->weight_kind == SY_WEIGHT_FREQUENCY;
    u->count = u->n;
    for (ptrdiff_t i = 0; i < u->n; i++) {
        u->unit[i] = u->level[i] = (int32_t)i;
        u->people[i] = frequencies ? weight[i] : 1;
    }
}

static sy_status find_strata(sy_context *ctx, const sy_design *design, const ptrdiff_t *row, syi_row_units *u)
{
    const sy_column *strata = design->strata;
    if (!strata) return SY_OK;
    for (ptrdiff_t g = 0; g < u->count; g++) u->stratum[g] = -1;
    for (ptrdiff_t i = 0; i < u->n; i++) {
        int32_t *own = &u->stratum[u->unit[i]];
        const int32_t here = (int32_t)syi_column_value(strata, row[i]);
        if (*own >= 0 && *own != here)
            return syi_fail(ctx, SY_EDATA, "strata: %s %s lies in two strata (%s and %s)", design->cluster->name,
                            design->cluster->levels[u->level[u->unit[i]]], strata->levels[*own], strata->levels[here]);
        *own = here;
    }
    return SY_OK;
}

static sy_status count_strata(sy_context *ctx, const sy_design *design, syi_row_units *u)
{
    int used = 0;
    for (ptrdiff_t g = 0; g < u->count; g++) {
        u->in_stratum[u->stratum[g]] += u->people[g];
        u->all += u->people[g];
    }
    for (int h = 0; h < u->n_strata; h++) {
        used += u->in_stratum[h] > 0;
        if (design->strata && u->in_stratum[h] == 1)
            return syi_fail(ctx, SY_EDATA, "strata: %s %s holds one %s; a variance needs two", design->strata->name,
                            design->strata->levels[h], u->clustered ? "cluster" : "row");
    }
    u->df = u->all - used;
    if (u->df > 0) return SY_OK;
    return syi_fail(ctx, SY_EDATA, "%s: the rows used are of one %s; a variance needs two",
                    u->clustered ? design->cluster->name : "data", u->clustered ? "cluster" : "row");
}

sy_status syi_row_units_init(sy_context *ctx, const sy_design *design, ptrdiff_t n, const ptrdiff_t *row,
                             const double *weight, syi_row_units *u)
{
    *u = (syi_row_units){.n = n, .n_strata = design->strata ? design->strata->n_levels : 1};
    if (n > INT32_MAX) return syi_fail(ctx, SY_ELIMIT, "data: %td rows; intervals are for 2^31 - 1 at most", n);
    const size_t most = (size_t)n + 1;
    u->unit = syi_alloc(most, sizeof *u->unit);
    u->stratum = syi_alloc(most, sizeof *u->stratum);
    u->level = syi_alloc(most, sizeof *u->level);
    u->people = syi_alloc(most, sizeof *u->people);
    u->in_stratum = syi_alloc((size_t)u->n_strata + 1, sizeof *u->in_stratum);
    if (!u->unit || !u->stratum || !u->level || !u->people || !u->in_stratum) return no_room(ctx, n);
    sy_status status = SY_OK;
    if (design->cluster) status = number_clusters(ctx, design, row, u);
    else number_rows(design, weight, u);
    if (status >= 0) status = find_strata(ctx, design, row, u);
    if (status >= 0) status = count_strata(ctx, design, u);
    return status;
}

void syi_row_units_free(syi_row_units *u)
{
    SYI_FREE(u->unit);
    SYI_FREE(u->stratum);
    SYI_FREE(u->level);
    SYI_FREE(u->people);
    SYI_FREE(u->in_stratum);
}

/* sums [count * k]: of each unit, for one of its people. */
static void add_rows(const syi_row_units *u, int k, const double *influence, double *sums)
{
    for (ptrdiff_t i = 0; i < u->count * k; i++) sums[i] = 0;
    for (int a = 0; a < k; a++)
        for (ptrdiff_t i = 0; i < u->n; i++) sums[(ptrdiff_t)u->unit[i] * k + a] += influence[a * u->n + i];
    for (ptrdiff_t g = 0; g < u->count; g++)
        for (int a = 0; a < k; a++) sums[g * k + a] /= u->people[g];
}

/* Takes the means of the strata away from estimate a. */
static void centre(const syi_row_units *u, int k, int a, double *sums, double *mean)
{
    for (int h = 0; h < u->n_strata; h++) mean[h] = 0;
    for (ptrdiff_t g = 0; g < u->count; g++)
        mean[u->stratum[g]] += u->people[g] / u->in_stratum[u->stratum[g]] * sums[g * k + a];
    for (ptrdiff_t g = 0; g < u->count; g++) sums[g * k + a] -= mean[u->stratum[g]];
}

void syi_row_units_covariance(const syi_row_units *u, int k, const double *influence, double *sums, double *covariance)
{
    add_rows(u, k, influence, sums);
    for (int a = 0; a < k; a++) centre(u, k, a, sums, sums + u->count * k);
    for (int a = 0; a < k; a++)
        for (int b = 0; b <= a; b++) {
            double sum = 0;
            for (ptrdiff_t g = 0; g < u->count; g++) {
                const double in = u->in_stratum[u->stratum[g]];
                sum += u->people[g] * in / (in - 1) * sums[g * k + a] * sums[g * k + b];
            }
            covariance[a * k + b] = covariance[b * k + a] = sum;
        }
}

void syi_row_units_without(const syi_row_units *u, ptrdiff_t left, double *times)
{
    const double in = u->in_stratum[u->stratum[left]], others = u->n_strata > 1 ? in / (in - 1) : 1;
    for (ptrdiff_t g = 0; g < u->count; g++) times[g] = u->stratum[g] == u->stratum[left] ? others : 1;
    times[left] *= (u->people[left] - 1) / u->people[left];
}

double syi_row_units_jackknife(const syi_row_units *u, int k, const double *lines, const double *centre_,
                               double *covariance)
{
    double lost = 0;
    for (int i = 0; i < k * k; i++) covariance[i] = 0;
    for (ptrdiff_t g = 0; g < u->count; g++) {
        const double *v = lines + g * k, in = u->in_stratum[u->stratum[g]], factor = u->people[g] * (in - 1) / in;
        int whole = 1;
        for (int a = 0; a < k; a++) whole &= !isnan(v[a]);
        if (!whole) lost += u->people[g];
        for (int a = 0; a < k && whole; a++)
            for (int b = 0; b < k; b++) covariance[a * k + b] += factor * (v[a] - centre_[a]) * (v[b] - centre_[b]);
    }
    return lost;
}
