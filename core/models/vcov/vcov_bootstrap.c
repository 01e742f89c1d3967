/* Coefficients of many outcomes under resampling of whole clusters.
 *
 * A replicate draws G clusters with replacement; its X'X and X'Y are the sums of
 * the clusters' own times how often each was drawn. One Cholesky factor serves
 * all outcomes. Columns are those of the moments, moved by their shift, so
 * plain double keeps 12 digits up to a variance inflation of about 1e4. A column
 * whose pivot falls below 1e-10 of its sum of squares adds nothing in that
 * replicate: NaN. Cost: replicates (G (p^2 / 2 + p m) + p^3 / 6 + m p^2) for p
 * columns and m outcomes.
 * Efron 1979, doi:10.1214/aos/1176344552; Davison & Hinkley 1997,
 * doi:10.1017/CBO9780511802843, section 3.8.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/moments_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/random_internal.h"
#include "base/status_internal.h"
#include "steelyard/vcov.h"
#include <math.h>
#include <string.h>

static const double ALIASED = 1e-10;

typedef struct {
    int p, outcomes;
    ptrdiff_t units;
    size_t length;   /* p (p + 1) / 2 + p * outcomes */
    int *column;     /* [p] moments' index, the intercept 0 */
    double *sums;    /* [units][length]: rows i of the upper triangle of X'X, then X'Y by rows */
    double *shift;   /* [p + outcomes] */
    double *scratch; /* [workers][2 length + units] */
    uint64_t seed;
    double *out;
} job;

static int base_of(const sy_moments *m, int t)
{
    const int q = m->n_columns;
    for (int k = 0; k < m->term_columns[t]; k++) {
        const int c = m->term_first[t] + k + 1;
        double rows = 0;
        for (ptrdiff_t g = 0; g < m->n_units; g++) {
            const double *hi = m->hi + (size_t)g * syi_packed_length(q);
            rows += hi[syi_packed_at(q, 0, c)] + m->shift[c - 1] * hi[0];
        }
        if (rows > 1e-9) return k;
    }
    return 0;
}

/* Columns of a term, into column when it is given; their number. */
static int columns_of(const sy_moments *m, int t, int *column)
{
    const int base = m->term_is_factor[t] ? base_of(m, t) : -1;
    int count = 0;
    for (int k = 0; k < m->term_columns[t]; k++) {
        if (k == base) continue;
        if (column) column[count] = m->term_first[t] + k + 1;
        count++;
    }
    return count;
}

static sy_status check_term(sy_context *ctx, const sy_moments *m, const char *argument, int t)
{
    if (t < 0 || t >= m->n_terms)
        return syi_fail(ctx, SY_EINVAL, "%s: %d is not among the %d terms", argument, t, m->n_terms);
    if (m->term_columns[t] > 1 && !m->term_is_factor[t])
        return syi_fail(ctx, SY_EINVAL,
                        "%s: %s is a product with factors; only numbers and single factors are possible", argument,
                        sy_moments_label(m, t));
    return SY_OK;
}

static sy_status check(sy_context *ctx, const sy_moments *m, int n_outcomes, const int *outcomes, int n_terms,
                       const int *terms, int replicates)
{
    sy_status s = SY_OK;
    if (m->unit != SY_UNIT_CLUSTER)
        return syi_fail(ctx, SY_EINVAL, "moments: made without clusters; resampling needs moments by cluster");
    if (n_outcomes < 1) return syi_fail(ctx, SY_EINVAL, "outcomes: none given; at least one is needed");
    if (replicates < 1) return syi_fail(ctx, SY_EINVAL, "replicates = %d: 1 or more are needed", replicates);
    for (int t = 0; t < n_terms && s >= 0; t++) s = check_term(ctx, m, "terms", terms[t]);
    for (int y = 0; y < n_outcomes && s >= 0; y++) {
        s = check_term(ctx, m, "outcomes", outcomes[y]);
        if (s >= 0 && m->term_is_factor[outcomes[y]])
            s = syi_fail(ctx, SY_EINVAL, "outcomes: %s is a factor; an outcome must be a number",
                         sy_moments_label(m, outcomes[y]));
        for (int t = 0; t < n_terms && s >= 0; t++)
            if (terms[t] == outcomes[y])
                s = syi_fail(ctx, SY_EINVAL, "outcomes: %s is a term as well", sy_moments_label(m, outcomes[y]));
    }
    return s;
}

static void gather(const sy_moments *m, const int *outcomes, job *j)
{
    const int q = m->n_columns;
    for (int i = 1; i < j->p; i++) j->shift[i] = m->shift[j->column[i] - 1];
    for (int y = 0; y < j->outcomes; y++) j->shift[j->p + y] = m->shift[m->term_first[outcomes[y]]];
    for (ptrdiff_t g = 0; g < j->units; g++) {
        const double *hi = m->hi + (size_t)g * syi_packed_length(q);
        double *to = j->sums + (size_t)g * j->length;
        for (int a = 0; a < j->p; a++)
            for (int b = a; b < j->p; b++) {
                const int x = j->column[a], y = j->column[b];
                *to++ = hi[x <= y ? syi_packed_at(q, x, y) : syi_packed_at(q, y, x)];
            }
        for (int a = 0; a < j->p; a++)
            for (int b = 0; b < j->outcomes; b++) {
                const int x = j->column[a], y = m->term_first[outcomes[b]] + 1;
                *to++ = hi[x <= y ? syi_packed_at(q, x, y) : syi_packed_at(q, y, x)];
            }
    }
}

/* U'U = X'X in place, row i of U at its triangle's row; the right sides become U'^-1
 * X'Y. An aliased row is zero with a zero pivot. */
static void factor(const job *j, double *a)
{
    const int p = j->p, m = j->outcomes;
    double *right = a + (size_t)p * (size_t)(p + 1) / 2, *row = a;
    for (int i = 0; i < p; row += p - i, i++) {
        const double *above = a, whole = row[0];
        for (int k = 0; k < i; above += p - k, k++) {
            const double f = above[i - k];
            if (f == 0) continue;
            for (int c = i; c < p; c++) row[c - i] -= f * above[c - k];
            for (int y = 0; y < m; y++) right[i * m + y] -= f * right[k * m + y];
        }
        const int gone = !(row[0] > ALIASED * whole);
        const double unit = gone ? 0 : 1 / sqrt(row[0]);
        for (int c = 0; c < p - i; c++) row[c] *= unit;
        for (int y = 0; y < m; y++) right[i * m + y] *= unit;
    }
}

static void solve(const job *j, const double *a, double *right, double *out)
{
    const int p = j->p, m = j->outcomes;
    const double *row = a + (size_t)p * (size_t)(p + 1) / 2;
    for (int i = p - 1; i >= 0; i--) {
        row -= p - i;
        for (int y = 0; y < m; y++) {
            double sum = right[i * m + y];
            for (int c = i + 1; c < p; c++) sum -= row[c - i] * right[c * m + y];
            right[i * m + y] = row[0] > 0 ? sum / row[0] : 0;
        }
    }
    row = a;
    for (int i = 0; i < p; row += p - i, i++)
        for (int y = 0; y < m; y++) out[y * p + i] = row[0] > 0 ? right[i * m + y] : (double)NAN;
    for (int y = 0; y < m; y++) {
        out[y * p] += j->shift[p + y];
        for (int i = 1; i < p; i++) out[y * p] -= j->shift[i] * right[i * m + y];
    }
}

static void work(void *arg, int worker, size_t replicate)
{
    const job *j = arg;
    double *a = j->scratch + (size_t)worker * (j->length + (size_t)j->units), *times = a + j->length;
    syi_stream s;
    memset(a, 0, (j->length + (size_t)j->units) * sizeof *a);
    syi_stream_init(&s, j->seed, (uint32_t)replicate, 0);
    for (ptrdiff_t g = 0; g < j->units; g++) times[syi_stream_below(&s, (uint32_t)j->units)] += 1;
    for (ptrdiff_t g = 0; g < j->units; g++) {
        const double f = times[g], *from = j->sums + (size_t)g * j->length;
        for (size_t i = 0; f > 0 && i < j->length; i++) a[i] += f * from[i];
    }
    factor(j, a);
    solve(j, a, a + (size_t)j->p * (size_t)(j->p + 1) / 2, j->out + replicate * (size_t)j->p * (size_t)j->outcomes);
}

sy_status sy_vcov_bootstrap_columns(sy_context *ctx, const sy_moments *m, int n_terms, const int *terms, int *p)
{
    syi_enter(ctx);
    *p = 1;
    for (int t = 0; t < n_terms; t++) {
        const sy_status s = check_term(ctx, m, "terms", terms[t]);
        if (s < 0) return s;
        *p += columns_of(m, terms[t], NULL);
    }
    return SY_OK;
}

static sy_status run(sy_context *ctx, const sy_moments *m, const int *outcomes, int n_terms, const int *terms,
                     int replicates, job *j)
{
    const double each =
        (double)j->units * (double)j->length * 0.63e-9 + (double)j->p * j->p * (j->p + j->outcomes) * 1e-9;
    const int workers = syi_parallel_workers(ctx, (size_t)replicates, replicates * each);
    j->column = syi_alloc((size_t)j->p, sizeof *j->column);
    j->sums = syi_alloc((size_t)j->units * j->length, sizeof *j->sums);
    j->shift = syi_alloc((size_t)j->p + (size_t)j->outcomes, sizeof *j->shift);
    j->scratch = syi_alloc((size_t)workers * (j->length + (size_t)j->units), sizeof *j->scratch);
    if (!j->column || !j->sums || !j->shift || !j->scratch)
        return syi_fail(ctx, SY_ENOMEM, "bootstrap: out of memory for %td clusters", j->units);
    for (int t = 0, at = 1; t < n_terms; t++) at += columns_of(m, terms[t], j->column + at);
    gather(m, outcomes, j);
    return syi_parallel(ctx, (size_t)replicates, replicates * each, work, j);
}

sy_status sy_vcov_bootstrap(sy_context *ctx, const sy_moments *m, int n_outcomes, const int *outcomes, int n_terms,
                            const int *terms, int replicates, uint64_t seed, double *out)
{
    job j = {.outcomes = n_outcomes, .units = m->n_units, .seed = seed, .out = out};
    syi_enter(ctx);
    sy_status s = check(ctx, m, n_outcomes, outcomes, n_terms, terms, replicates);
    if (s >= 0) s = sy_vcov_bootstrap_columns(ctx, m, n_terms, terms, &j.p);
    if (s < 0) return s;
    j.length = (size_t)j.p * (size_t)(j.p + 1) / 2 + (size_t)j.p * (size_t)n_outcomes;
    s = run(ctx, m, outcomes, n_terms, terms, replicates, &j);
    SYI_FREE(j.column);
    SYI_FREE(j.sums);
    SYI_FREE(j.shift);
    SYI_FREE(j.scratch);
    return s;
}
