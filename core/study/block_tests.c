/* Does a block matter to an outcome? All its coefficients zero, tested at once.
 *
 * With the block's columns last, L the Cholesky factor of the centred cross-
 * products and b the block's coefficients, b_(g) those without unit g:
 *   V = (G - 1) / G sum over g of (b_(g) - b)(b_(g) - b)',
 * the cluster jackknife (CR3; within strata JKn), and Hotelling's F of b and V on r and G - r degrees
 * of freedom. Alone: the same with only the adjusting terms beside the block.
 * Without units: the classical F of the added sum of squares, on n - 1 - rank.
 * Columns that follow from those before them in the whole sample are left out;
 * a sample without a unit in which another one does has no answer.
 * Conditions: more units than columns in the block. Cost: (G + 1) k^3 / 3 in
 * double-double a block.
 * MacKinnon, Nielsen & Webb 2023, doi:10.1002/jae.2969; Hotelling 1931,
 * doi:10.1214/aoms/1177732979.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "shares/players_internal.h"
#include "steelyard/distribution.h"
#include "steelyard/joint.h"
#include "study/resample_internal.h"
#include <math.h>
#include <string.h>

typedef struct {
    const sy_moments *m;
    const syi_sums *total;
    const syi_leaving *leaving;
    int order, count; /* columns with the outcome; of the block, before it */
    int *column;      /* [order] of the moments */
    double *floor_;   /* [order] */
    int *aliased;     /* [order] in the whole sample */
    double *lines;    /* [units][count] coefficients without the unit; NaN without an answer */
    double *work;     /* [workers][work_each] */
    size_t work_each, packed;
} job;

/* Coefficients of the block's columns (0 where aliased), in roots of their own
 * spread; returns the residual and added sums of squares relative to the
 * outcome's. 0 when the outcome has no spread. */
typedef struct {
    double rest, added;
    int rank;
} fitted;

static int solve(const job *j, const syi_sums *sums, syi_dd *a, int *aliased, double *b, fitted *f)
{
    const int order = j->order, p = order - 1, first = p - j->count;
    syi_moments_centred(j->m, sums, order, j->column, a);
    const double spread = a[order * order - 1].hi;
    if (!(spread > 0)) return 0;
    syi_cholesky(order, a, j->floor_, aliased);
    const syi_dd *y = a + (ptrdiff_t)p * order;
    *f = (fitted){0};
    for (int c = 0; c < p; c++) {
        f->rank += !aliased[c];
        if (c >= first) f->added += y[c].hi * y[c].hi / spread;
    }
    f->rest = aliased[p] ? 0 : y[p].hi * y[p].hi / spread;
    for (int c = p - 1; c >= first; c--) {
        syi_dd left = y[c];
        b[c - first] = 0;
        if (aliased[c]) continue;
        for (int k = c + 1; k < p; k++)
            left = syi_dd_sub(left, syi_dd_mul_d(a[(ptrdiff_t)k * order + c], b[k - first]));
        b[c - first] = syi_dd_round(syi_dd_div(left, a[(ptrdiff_t)c * order + c]));
    }
    return 1;
}

static size_t room_of(const job *j)
{
    const size_t order = (size_t)j->order;
    return 2 * order * order + order + 2 * j->packed;
}

static void leave_one_out(void *arg, int worker, size_t g)
{
    const job *j = arg;
    double *work = j->work + (size_t)worker * j->work_each;
    syi_dd *a = (syi_dd *)(void *)work;
    int *aliased = (int *)(void *)(work + 2 * (size_t)j->order * (size_t)j->order);
    syi_sums sums = {.hi = work + j->work_each - 2 * j->packed, .lo = work + j->work_each - j->packed};
    double *line = j->lines + g * (size_t)j->count;
    fitted f;
    syi_leave_out(j->m, j->leaving, (ptrdiff_t)g, &sums);
    int fine = solve(j, &sums, a, aliased, line, &f);
    for (int c = 0; fine && c < j->order - 1; c++) fine = aliased[c] == j->aliased[c];
    for (int c = 0; !fine && c < j->count; c++) line[c] = NAN;
}

/* The moves of the coefficients in use, packed to the front of each line; their
 * covariance; how many there are. Lines without an answer count as no move. */
static int covariance_of(const job *j, double *b, double *v, double *lost)
{
    const sy_moments *m = j->m;
    const double *times = syi_resample_times(m);
    const int first = j->order - 1 - j->count;
    int used = 0;
    *lost = 0;
    for (int c = 0; c < j->count; c++) {
        if (j->aliased[first + c]) continue;
        for (ptrdiff_t g = 0; g < m->n_units; g++) {
            double *line = j->lines + g * j->count;
            if (used == 0) *lost += isnan(line[c]) ? (times ? times[g] : 1) : 0;
            line[used] = isnan(line[c]) ? 0 : line[c] - b[c];
        }
        b[used++] = b[c];
    }
    for (int i = 0; i < used; i++)
        for (int k = 0; k <= i; k++) {
            double sum = 0;
            for (ptrdiff_t g = 0; g < m->n_units; g++)
                sum += syi_plan_jackknife_factor(m, &j->leaving->draws, g) * j->lines[g * j->count + i] *
                       j->lines[g * j->count + k];
            v[i * used + k] = v[k * used + i] = sum;
        }
    return used;
}

/* The columns: adjusting ones, those of the other blocks unless alone, the
 * block's, the outcome. */
static void place_columns(const syi_plan *plan, int block, int alone, job *j)
{
    double worst = 0;
    int n = 0;
    for (int c = 0; c < plan->n_adjust; c++) j->column[n++] = plan->column[c];
    for (int b = 0; b < plan->n_blocks; b++)
        for (int c = 0; !alone && b != block && c < plan->row_columns[b]; c++)
            j->column[n++] = plan->column[plan->n_adjust + plan->row_first[b] + c];
    j->count = plan->row_columns[block];
    for (int c = 0; c < j->count; c++) j->column[n++] = plan->column[plan->n_adjust + plan->row_first[block] + c];
    j->column[n++] = plan->column[plan->n_adjust + plan->k];
    j->order = n;
    for (int c = 0; c < plan->n_adjust + plan->k; c++) worst = fmax(worst, plan->floor_[c]);
    for (int c = 0; c < n; c++) j->floor_[c] = c + 1 < n ? worst * n : 0;
}

static sy_status test_classical(sy_context *ctx, const job *j, const fitted *f, double clusters, sy_joint_f *out)
{
    const int first = j->order - 1 - j->count;
    for (int c = first; c < j->order - 1; c++) out->df1 += !j->aliased[c];
    out->df2 = j->total->n - 1 - f->rank - clusters;
    if (!(out->df1 > 0) || !(out->df2 > 0)) return SY_OK;
    out->f = f->added / out->df1 / (f->rest / out->df2);
    return sy_distribution_f_tail(ctx, out->f, out->df1, out->df2, &out->p_value);
}

static sy_status test_jackknife(sy_context *ctx, job *j, double *b, double *v, sy_joint_f *out)
{
    const size_t units = (size_t)j->m->n_units;
    const double order = j->order, seconds = (double)units * order * order * (order * 1e-8 + 5e-9);
    double lost;
    const int workers = syi_parallel_workers(ctx, units, seconds);
    j->work_each = room_of(j);
    j->lines = syi_alloc(units * (size_t)j->count, sizeof *j->lines);
    j->work = syi_alloc((size_t)workers * j->work_each, sizeof *j->work);
    if (!j->lines || !j->work) return syi_fail(ctx, SY_ENOMEM, "blocks: no room to leave out %zu units", units);
    syi_leaving leaving;
    int used = 0;
    sy_status status = syi_leaving_init(ctx, j->m, j->total, &leaving);
    j->leaving = &leaving;
    if (!status) status = syi_parallel(ctx, units, seconds, leave_one_out, j);
    if (!status) used = covariance_of(j, b, v, &lost);
    syi_leaving_free(&leaving);
    if (status || used == 0) return status;
    return sy_joint_all_zero(ctx, used, b, v, syi_resample_df(j->m) - lost, out);
}

static sy_status test_block(sy_context *ctx, const syi_plan *plan, int block, int alone, const syi_sums *total,
                            sy_joint_f *out)
{
    const size_t order = (size_t)(plan->n_adjust + plan->k + 1), k = (size_t)plan->row_columns[block];
    job j = {.m = plan->m, .total = total, .packed = syi_packed_length(plan->m->n_columns)};
    sy_status status = SY_OK;
    fitted f = {0};
    *out = (sy_joint_f){NAN, 0, NAN, NAN};
    syi_dd *a = syi_alloc(order * order, sizeof *a);
    double *b = syi_alloc(k + k * k, sizeof *b);
    j.column = syi_alloc(order, sizeof *j.column);
    j.floor_ = syi_alloc(order, sizeof *j.floor_);
    j.aliased = syi_alloc(order, sizeof *j.aliased);
    if (!a || !b || !j.column || !j.floor_ || !j.aliased) {
        status = syi_fail(ctx, SY_ENOMEM, "blocks: no room for %zu columns", order);
        goto out;
    }
    place_columns(plan, block, alone, &j);
    if (!solve(&j, total, a, j.aliased, b, &f)) {
        status = syi_fail(ctx, SY_EDATA, "outcome: all values are equal; there is nothing to explain");
        goto out;
    }
    const double clusters = plan->absorb ? (double)plan->m->n_units - 1 : 0;
    status = plan->m->unit == SY_UNIT_NONE ? test_classical(ctx, &j, &f, clusters, out)
                                           : test_jackknife(ctx, &j, b, b + k, out);
out:
    SYI_FREE(a);
    SYI_FREE(b);
    SYI_FREE(j.column);
    SYI_FREE(j.floor_);
    SYI_FREE(j.aliased);
    SYI_FREE(j.lines);
    SYI_FREE(j.work);
    return status;
}

/* The columns of a question of any size: no order of entry has a say here, and no
 * submodels are gone through. */
static sy_status plan_columns(sy_context *ctx, const sy_moments *m, const sy_question *question, syi_plan *plan)
{
    sy_question any = *question;
    sy_shares_options options;
    any.order = NULL;
    any.free_orders = 1;
    sy_shares_defaults(&options);
    options.method = SY_METHOD_SAMPLED;
    return syi_plan_init_by(ctx, m, &any, &options, plan);
}

sy_status sy_block_tests(sy_context *ctx, const sy_moments *m, const sy_question *question, int alone, sy_joint_f *out)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    syi_plan plan = {0};
    syi_sums total = {0};
    double *planes = NULL;
    sy_status status = SY_OK;
    if (m->unit == SY_UNIT_NONE && m->weight_kind == SY_WEIGHT_SAMPLING)
        return syi_fail(ctx, SY_EINVAL, "weights: with sampling weights this test needs clusters or rows to leave out");
    status = plan_columns(ctx, m, question, &plan);
    if (status) goto out;
    const size_t packed = syi_packed_length(plan.m->n_columns);
    planes = syi_alloc(2 * packed, sizeof *planes);
    if (!planes) {
        status = syi_fail(ctx, SY_ENOMEM, "blocks: no room for %d columns", plan.k);
        goto out;
    }
    total.hi = planes;
    total.lo = planes + packed;
    syi_moments_total(plan.m, NULL, &total);
    for (int b = 0; b < plan.n_blocks && !status; b++) status = test_block(ctx, &plan, b, alone, &total, &out[b]);
out:
    SYI_FREE(planes);
    syi_plan_free(&plan);
    return status < 0 ? status : syi_status_of_remarks(ctx, first);
}
