/* Reliability of clusters' averages by analysis of variance.
 *
 * B = sum n_g (mean_g - mean)^2 / (G - 1), W = sum of squares within / (n - G). F = B / W over
 * 1 + n0 tau^2 / sigma^2 is F with G - 1 and n - G degrees of freedom when values are normal and
 * clusters of one size [Searle 1971, Linear Models, section 9.9], so that the limits of the
 * reliability 1 - 1 / F* of an average are 1 - q / F with q the law's quantiles. A
 * cluster of n_g people has n_g icc / (1 + (n_g - 1) icc) [Spearman 1910; Brown 1910].
 * Sums by cluster are the moments' own, in double-double where they are.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/moments_build_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "steelyard/distribution.h"
#include "study/measurement/reliability_internal.h"
#include <math.h>

static sy_status check(sy_context *ctx, const sy_moments *m, int n_terms, const int *term, double level)
{
    if (m->unit != SY_UNIT_CLUSTER)
        return syi_fail(ctx, SY_EINVAL, "cluster: none given; averages are those of clusters");
    if (m->weight_kind == SY_WEIGHT_SAMPLING || m->weight_kind == SY_WEIGHT_ANALYTIC)
        return syi_fail(ctx, SY_EINVAL, "weights: the reliability of averages takes frequency weights or none");
    if (!(level > 0 && level < 1)) return syi_fail(ctx, SY_EINVAL, "level: %g is not between 0 and 1", level);
    if (n_terms < 1) return syi_fail(ctx, SY_EINVAL, "columns: none is named");
    for (int t = 0; t < n_terms; t++) {
        if (term[t] < 0 || term[t] >= m->n_terms)
            return syi_fail(ctx, SY_EINVAL, "columns: there is no term %d among the %d of the moments", term[t],
                            m->n_terms);
        if (m->term_is_factor[term[t]] || m->term_columns[term[t]] != 1)
            return syi_fail(ctx, SY_EINVAL, "columns: %s is not one numeric column", sy_moments_label(m, term[t]));
    }
    if (m->n > (double)m->n_units) return SY_OK;
    return syi_fail(ctx, SY_EDATA, "cluster: every cluster has one row; nothing tells people from councils");
}

typedef struct {
    double least, most, size; /* people of a cluster, and n0 */
} sizes;

static sizes find_sizes(const sy_moments *m)
{
    sizes s = {.least = HUGE_VAL};
    double squares = 0;
    for (ptrdiff_t g = 0; g < m->n_units; g++) {
        s.least = fmin(s.least, m->unit_n[g]);
        s.most = fmax(s.most, m->unit_n[g]);
        squares += m->unit_n[g] * m->unit_n[g];
    }
    s.size = (m->n - squares / m->n) / ((double)m->n_units - 1);
    return s;
}

/* Sum of squares within clusters of one column. */
static double within(const sy_moments *m, int column)
{
    const size_t length = syi_packed_length(m->n_columns);
    syi_dd sum = syi_dd_of(0);
    for (ptrdiff_t g = 0; g < m->n_units; g++) {
        syi_sums own = {.hi = (double *)(uintptr_t)m->hi + (size_t)g * length,
                        .lo = m->lo ? (double *)(uintptr_t)m->lo + (size_t)g * length : NULL};
        syi_dd square;
        syi_moments_centred(m, &own, 1, &column, &square);
        sum = syi_dd_add(sum, square);
    }
    return fmax(syi_dd_round(sum), 0);
}

static double of_size(double n, double icc)
{
    return icc > 0 ? n * icc / (1 + (n - 1) * icc) : 0;
}

static sy_status one(sy_context *ctx, const sy_moments *m, const syi_sums *total, const sizes *s, int term,
                     double level, sy_mean_reliability *out)
{
    const char *label = sy_moments_label(m, term);
    const int column = m->term_first[term];
    const double groups = (double)m->n_units, df1 = groups - 1, df2 = m->n - groups;
    const double all = syi_dd_round(syi_column_spread(m->twofold, m->n_columns, column, total->hi, total->lo));
    if (!(all > 0)) return syi_fail(ctx, SY_EDATA, "columns: %s has one value in all %.0f rows", label, m->rows_used);
    const double inside = within(m, column), f = (all - inside) / df1 / (inside / df2);
    double low = 0, high = 0;
    if (!(inside > 1e-12 * all))
        return syi_fail(ctx, SY_EDATA, "columns: %s has one value in each cluster; its averages are all there is",
                        label);
    sy_status status = sy_distribution_f_quantile(ctx, (1 + level) / 2, df1, df2, &low);
    if (status >= 0) status = sy_distribution_f_quantile(ctx, (1 - level) / 2, df1, df2, &high);
    if (status < 0) return status;
    const double icc = (f - 1) / (f + s->size - 1);
    *out = (sy_mean_reliability){
        s->size, icc, 1 - 1 / f, 1 - low / f, 1 - high / f, of_size(s->least, icc), of_size(s->most, icc)};
    if (out->low > 0) return SY_OK;
    return syi_remark(ctx, SY_NOTE_BOUNDARY, label, out->reliability,
                      "%s: averages of clusters differ no more than people of one cluster would by chance (limits of "
                      "the reliability reach 0)",
                      label);
}

sy_status sy_reliability_of_means(sy_context *ctx, const sy_moments *m, int n_terms, const int *term, double level,
                                  sy_mean_reliability *table)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    const size_t packed = syi_packed_length(m->n_columns);
    sy_status status = check(ctx, m, n_terms, term, level);
    if (status) return status;
    double *planes = syi_alloc(2 * packed, sizeof *planes);
    if (!planes) return syi_fail(ctx, SY_ENOMEM, "columns: no room for %d columns", m->n_columns);
    syi_sums total = {.hi = planes, .lo = planes + packed};
    syi_moments_total(m, NULL, &total);
    const sizes s = find_sizes(m);
    for (int t = 0; t < n_terms && !status; t++) status = one(ctx, m, &total, &s, term[t], level, &table[t]);
    SYI_FREE(planes);
    return status < 0 ? status : syi_status_of_remarks(ctx, first);
}
