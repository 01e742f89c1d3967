/* One column at a time: count, mean, spread, range, median, autocorrelation.
 *
 * mean = x_1 + sum w (x - x_1) / sum w; sd = sqrt(n / (n - 1) sum w (x - mean)^2
 * / sum w) with n by the weight rule, so sum (x - mean)^2 / (n - 1) without
 * weights; r_k = sum_i (x_i - mean)(x_{i-k} - mean) / sum (x_i - mean)^2. Two
 * passes over values in double-double, columns read as the decimals they print
 * as: doubles alone would cap the sd of 10000000.2, 10000000.1, ... at 8
 * digits whatever the algorithm. The median without weights is the type 7
 * quantile [Hyndman & Fan 1996, doi:10.2307/2684934]; with weights the
 * smallest value with half the weight at or below it. Cost: n log n a column,
 * 24 bytes a row and thread. [Chan, Golub & LeVeque 1983,
 * doi:10.1080/00031305.1983.10483115]
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/design_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "steelyard/describe.h"

#define SECONDS_A_VALUE 3e-7

/* steps between two looks at whether the host wants to stop */
enum { BREATH = 16384 };

typedef struct {
    syi_dd value;
    double weight;
} item;

typedef enum { FINE, WEIGHT, FRACTION, INFINITE } fault;

typedef struct {
    const sy_design *design;
    const syi_layout *layout;
    const int *places, *term_of; /* [input columns], [design columns] */
    int lags;
    double *values, *autocorrelation;
    item **scratch;     /* [workers][rows] */
    fault *faults;      /* [design columns] */
    ptrdiff_t *bad_row; /* [design columns] */
} job;

static fault weight_fault(const sy_design *design, double w)
{
    if (!(w >= 0) || !isfinite(w)) return WEIGHT;
    return design->weight_kind == SY_WEIGHT_FREQUENCY && w != floor(w) ? FRACTION : FINE;
}

/* The present values of positive weight, in row order. */
static ptrdiff_t collect(const job *j, int column, item *out, double *missing)
{
    const sy_design *d = j->design;
    const int t = j->term_of[column];
    double hi[SYI_TILE], lo[SYI_TILE], w[SYI_TILE];
    ptrdiff_t count = 0;
    for (ptrdiff_t start = 0; start < d->n; start += SYI_TILE) {
        if (start % BREATH == 0 && syi_parallel_stopped()) return count;
        const int len = d->n - start < SYI_TILE ? (int)(d->n - start) : SYI_TILE;
        syi_design_column_twofold(d, t, column - j->layout->first[t], j->places, start, len, hi, lo);
        if (d->weights) syi_column_values(d->weights, NULL, start, len, w);
        for (int i = 0; i < len; i++) {
            const double weight = d->weights ? w[i] : 1;
            const fault found = weight_fault(d, weight);
            if (isnan(hi[i])) *missing += 1;
            if (found != FINE || isinf(hi[i])) {
                j->faults[column] = found != FINE ? found : INFINITE;
                j->bad_row[column] = start + i;
                return 0;
            }
            if (!isnan(hi[i]) && weight > 0) out[count++] = (item){{hi[i], lo[i]}, weight};
        }
    }
    return count;
}

static void sift(item *x, ptrdiff_t at, ptrdiff_t n)
{
    const item moved = x[at];
    for (ptrdiff_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && syi_dd_less(x[child].value, x[child + 1].value)) child++;
        if (!syi_dd_less(moved.value, x[child].value)) break;
        x[at] = x[child];
    }
    x[at] = moved;
}

/* Heap sort [Williams 1964, doi:10.1145/512274.512284]: in place, n log n at
 * worst. */
static void sort(item *x, ptrdiff_t n)
{
    for (ptrdiff_t i = n / 2; i-- > 0;) {
        if (i % BREATH == 0 && syi_parallel_stopped()) return;
        sift(x, i, n);
    }
    for (ptrdiff_t end = n - 1; end > 0; end--) {
        if (end % BREATH == 0 && syi_parallel_stopped()) return;
        const item last = x[end];
        x[end] = x[0];
        x[0] = last;
        sift(x, 0, end);
    }
}

static double median(const job *j, const item *sorted, ptrdiff_t n, syi_dd sum_w)
{
    if (!j->design->weights) {
        const syi_dd pair = syi_dd_add(sorted[(n - 1) / 2].value, sorted[n / 2].value);
        return syi_dd_round(syi_dd_mul_d(pair, 0.5));
    }
    syi_dd below = syi_dd_of(0);
    ptrdiff_t i = 0;
    for (; i < n - 1; i++) {
        below = syi_dd_add(below, syi_dd_of(sorted[i].weight));
        if (!syi_dd_less(syi_dd_mul_d(below, 2), sum_w)) break;
    }
    return syi_dd_round(sorted[i].value);
}

static syi_dd mean_of(const item *x, ptrdiff_t count, syi_dd *sum_w)
{
    syi_dd sum = syi_dd_of(0);
    *sum_w = syi_dd_of(0);
    for (ptrdiff_t i = 0; i < count; i++) {
        const syi_dd d = syi_dd_sub(x[i].value, x[0].value);
        sum = syi_dd_add(sum, syi_dd_mul_d(d, x[i].weight));
        *sum_w = syi_dd_add(*sum_w, syi_dd_of(x[i].weight));
    }
    return syi_dd_add(x[0].value, syi_dd_div(sum, *sum_w));
}

static syi_dd lagged(const item *x, ptrdiff_t count, ptrdiff_t lag, syi_dd mean)
{
    syi_dd sum = syi_dd_of(0);
    for (ptrdiff_t i = lag; i < count; i++) {
        if (i % BREATH == 0 && syi_parallel_stopped()) return sum;
        const syi_dd a = syi_dd_sub(x[i].value, mean), b = syi_dd_sub(x[i - lag].value, mean);
        sum = syi_dd_add(sum, syi_dd_mul_d(syi_dd_mul(a, b), lag ? 1 : x[i].weight));
    }
    return sum;
}

static void column_work(void *arg, int worker, size_t index)
{
    const job *j = arg;
    const int column = (int)index;
    item *x = j->scratch[worker];
    double *v = j->values + index * SY_N_DESCRIBE, *r = j->autocorrelation;
    v[SY_DESCRIBE_MISSING] = 0;
    const ptrdiff_t count = collect(j, column, x, &v[SY_DESCRIBE_MISSING]);
    v[SY_DESCRIBE_N] = 0;
    for (int k = SY_DESCRIBE_MEAN; k < SY_N_DESCRIBE; k++) v[k] = NAN;
    for (int k = 0; k < j->lags; k++) r[(ptrdiff_t)index * j->lags + k] = NAN;
    if (count == 0) return;
    syi_dd sum_w;
    const syi_dd mean = mean_of(x, count, &sum_w), spread = lagged(x, count, 0, mean);
    const double n = j->design->weight_kind == SY_WEIGHT_FREQUENCY ? syi_dd_round(sum_w) : (double)count;
    v[SY_DESCRIBE_N] = n;
    v[SY_DESCRIBE_MEAN] = syi_dd_round(mean);
    if (n > 1) {
        const syi_dd variance = syi_dd_div(syi_dd_mul_d(spread, n), syi_dd_mul_d(sum_w, n - 1));
        v[SY_DESCRIBE_SD] = syi_dd_round(syi_dd_sqrt(variance));
    }
    const int ordered = !j->design->weights && !j->layout->is_factor[j->term_of[column]] && spread.hi > 0;
    for (int k = 1; ordered && k <= j->lags && k < count; k++)
        r[(ptrdiff_t)index * j->lags + k - 1] = syi_dd_round(syi_dd_div(lagged(x, count, k, mean), spread));
    sort(x, count);
    v[SY_DESCRIBE_LOWEST] = syi_dd_round(x[0].value);
    v[SY_DESCRIBE_MEDIAN] = median(j, x, count, sum_w);
    v[SY_DESCRIBE_HIGHEST] = syi_dd_round(x[count - 1].value);
}

static sy_status refuse(sy_context *ctx, const job *j)
{
    for (int c = 0; c < j->layout->n_columns; c++) {
        const ptrdiff_t row = j->bad_row[c];
        const char *label = j->design->terms[j->term_of[c]].label;
        if (j->faults[c] == FINE) continue;
        if (j->faults[c] == INFINITE)
            return syi_fail(ctx, SY_EDATA, "%s: row %td is infinite; values must be finite or missing", label, row + 1);
        const double w = syi_column_value(j->design->weights, row);
        if (j->faults[c] == FRACTION)
            return syi_fail(ctx, SY_EDATA, "weights: row %td is %.15g; frequency weights must be whole numbers",
                            row + 1, w);
        return syi_fail(ctx, SY_EDATA, "weights: row %td is %.15g; weights must be zero or more, and finite", row + 1,
                        w);
    }
    return SY_OK;
}

static sy_status run(sy_context *ctx, job *j)
{
    const size_t columns = (size_t)j->layout->n_columns, rows = (size_t)j->design->n;
    const double estimate = (double)columns * (double)rows * SECONDS_A_VALUE;
    const int workers = syi_parallel_workers(ctx, columns, estimate);
    sy_status s = SY_OK;
    j->scratch = syi_alloc((size_t)workers, sizeof *j->scratch);
    for (int k = 0; j->scratch && k < workers && s == SY_OK; k++) {
        j->scratch[k] = syi_alloc(rows + 1, sizeof(item));
        if (!j->scratch[k]) s = SY_ENOMEM;
    }
    if (!j->scratch || s != SY_OK) s = syi_fail(ctx, SY_ENOMEM, "describe: out of memory for %zu rows", rows);
    else s = syi_parallel(ctx, columns, estimate, column_work, j);
    for (int k = 0; j->scratch && k < workers; k++) SYI_FREE(j->scratch[k]);
    SYI_FREE(j->scratch);
    return s == SY_OK ? refuse(ctx, j) : s;
}

sy_status sy_describe(sy_context *ctx, const sy_design *design, int lags, double *values, double *autocorrelation)
{
    syi_enter(ctx);
    syi_layout layout = {0};
    int *places = NULL, *term_of = NULL;
    fault *faults = NULL;
    ptrdiff_t *bad_row = NULL;
    sy_status s = syi_design_check(ctx, design);
    if (s < 0) return s;
    if (lags < 0 || (lags > 0 && !autocorrelation))
        return syi_fail(ctx, SY_EINVAL, "lags: %d; it must be 0 or more", lags);
    if ((s = syi_layout_init(ctx, design, &layout)) < 0) return s;
    const size_t columns = (size_t)layout.n_columns;
    places = syi_alloc((size_t)design->n_columns, sizeof *places);
    term_of = syi_alloc(columns, sizeof *term_of);
    faults = syi_alloc(columns, sizeof *faults);
    bad_row = syi_alloc(columns, sizeof *bad_row);
    if (!places || !term_of || !faults || !bad_row) {
        s = syi_fail(ctx, SY_ENOMEM, "describe: out of memory for %d columns", layout.n_columns);
        goto out;
    }
    for (int t = 0; t < layout.n_terms; t++)
        for (int k = 0; k < layout.count[t]; k++) term_of[layout.first[t] + k] = t;
    if ((s = syi_design_places(ctx, design, places)) < 0) goto out;
    job j = {.design = design, .layout = &layout, .places = places, .term_of = term_of, .lags = lags};
    j.values = values;
    j.autocorrelation = autocorrelation;
    j.faults = faults;
    j.bad_row = bad_row;
    s = run(ctx, &j);
out:
    SYI_FREE(places);
    SYI_FREE(term_of);
    SYI_FREE(faults);
    SYI_FREE(bad_row);
    syi_layout_free(&layout);
    return s;
}

sy_status sy_describe_columns(sy_context *ctx, const sy_design *design, int *columns, int *total)
{
    syi_enter(ctx);
    syi_layout layout = {0};
    sy_status s = syi_design_check(ctx, design);
    if (s < 0) return s;
    if ((s = syi_layout_init(ctx, design, &layout)) < 0) return s;
    for (int t = 0; t < layout.n_terms; t++) columns[t] = layout.count[t];
    *total = layout.n_columns;
    syi_layout_free(&layout);
    return SY_OK;
}
