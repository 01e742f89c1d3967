/* The correlation matrix behind a question, changed and evaluated again.
 *
 * What is asked of a share when something is not as measured (a hidden common
 * cause, an error of measurement, a shared source) comes to the same: take a
 * positive semi-definite matrix C from the correlations R of the question's
 * columns and divide the shares again. R - C counts as far as it is definite;
 * along a line R - m C, m >= 0, that is an interval from 0, so that bisection
 * finds its end. Shares are those of the walks over all submodels in
 * shares/shares.c: nothing is approximated.
 *
 * R is plain double, so columns count as aliased from a residual variance of
 * 2^-44 down. Cost: an evaluation as in a resampling replicate; a limit is 41
 * Cholesky factorisations.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_plain_internal.h"
#include "base/status_internal.h"
#include "study/confounding/flip_matrix_internal.h"
#include <math.h>
#include <string.h>

static const double rounding = 0x1p-44;    /* of correlations in plain double */
static const double least_pivot = 0x1p-40; /* definite down to here */
static const double constant = 0x1p-46;    /* a spread that is the rounding of its own sum */

sy_status syi_flip_check_block(sy_context *ctx, const sy_question *question, const char *argument, int block)
{
    if (block >= 0 && block < question->n_blocks) return SY_OK;
    return syi_fail(ctx, SY_EINVAL, "%s: there is no block number %d; there are %d", argument, block + 1,
                    question->n_blocks);
}

int syi_flip_column(const syi_flip_matrix *f, int block)
{
    return f->plan.n_adjust + f->plan.row_first[block];
}

int syi_flip_columns(const syi_flip_matrix *f, int block)
{
    return f->plan.row_columns[block];
}

void syi_flip_correlations(const syi_flip_matrix *f, const syi_sums *sums, syi_dd *centred, double *correlation,
                           double *deviation)
{
    const sy_moments *m = f->plan.m;
    const int order = f->order;
    syi_moments_centred(m, sums, order, f->plan.column, centred);
    for (int i = 0; i < order; i++) {
        const int at = f->plan.column[i] + 1;
        const double square = syi_dd_round(centred[i * order + i]);
        const double about_shift = sums->hi[syi_packed_at(m->n_columns, at, at)];
        deviation[i] = square > constant * about_shift ? sqrt(square) : 0;
    }
    for (int i = 0; i < order; i++)
        for (int j = 0; j <= i; j++) {
            const double scale = deviation[i] * deviation[j];
            const double r = scale > 0 ? syi_dd_round(centred[i * order + j]) / scale : 0;
            correlation[i * order + j] = correlation[j * order + i] = i == j ? scale > 0 : r;
        }
    const double divisor = sums->hi[0] * (sums->n - 1) / sums->n;
    for (int i = 0; i < order; i++) deviation[i] /= sqrt(divisor);
}

/* Which columns add to those before them. */
static void keep_columns(syi_flip_matrix *f, double *l)
{
    const int order = f->order;
    f->n_kept = 0;
    for (int i = 0; i < order; i++) {
        double *row = l + (ptrdiff_t)f->n_kept * order, rest = f->correlation[i * order + i];
        for (int k = 0; k < f->n_kept; k++) {
            double sum = f->correlation[i * order + f->kept[k]];
            for (int q = 0; q < k; q++) sum -= row[q] * l[(ptrdiff_t)k * order + q];
            row[k] = sum / l[(ptrdiff_t)k * order + k];
            rest -= row[k] * row[k];
        }
        if (!(rest > least_pivot)) continue;
        row[f->n_kept] = sqrt(rest);
        f->kept[f->n_kept++] = i;
    }
}

static sy_status fill(sy_context *ctx, syi_flip_matrix *f)
{
    const size_t square = (size_t)f->order * (size_t)f->order;
    const sy_moments *m = f->plan.m;
    syi_dd *centred = syi_alloc(square, sizeof *centred);
    double *work = syi_alloc(square, sizeof *work);
    sy_status status = SY_ENOMEM;
    if (centred && work) {
        syi_moments_total(m, NULL, &f->total);
        syi_flip_correlations(f, &f->total, centred, f->correlation, f->deviation);
        keep_columns(f, work);
        f->n = f->n_effective = f->total.n;
        if (m->weight_kind == SY_WEIGHT_ANALYTIC || m->weight_kind == SY_WEIGHT_SAMPLING)
            f->n_effective = f->total.hi[0] * f->total.hi[0] / f->total.sum_w2;
        status = SY_OK;
    }
    SYI_FREE(centred);
    SYI_FREE(work);
    if (status) return syi_fail(ctx, SY_ENOMEM, "blocks: no room for %d columns", f->order);
    if (f->deviation[f->order - 1] > 0) return SY_OK;
    const sy_shares_summary counts = {.n = f->n};
    return syi_shares_report(ctx, &f->plan, f->question, SYI_CONSTANT_OUTCOME, &counts, NULL);
}

sy_status syi_flip_matrix_init(sy_context *ctx, const sy_moments *m, const sy_question *question, size_t count,
                               size_t extra, syi_flip_matrix *f)
{
    const syi_wanted wanted = {.plain = 1};
    *f = (syi_flip_matrix){.question = question};
    sy_status status = syi_plan_init(ctx, m, question, &f->plan);
    if (status) return status;
    f->order = f->plan.n_adjust + f->plan.k + 1;
    f->n_values = syi_evaluator_values(&f->plan);
    const size_t order = (size_t)f->order, packed = syi_packed_length(f->plan.m->n_columns);
    f->planes = syi_alloc(2 * packed, sizeof *f->planes);
    f->correlation = syi_alloc(order * order, sizeof *f->correlation);
    f->deviation = syi_alloc(order, sizeof *f->deviation);
    f->kept = syi_alloc(order, sizeof *f->kept);
    if (!f->planes || !f->correlation || !f->deviation || !f->kept)
        return syi_fail(ctx, SY_ENOMEM, "blocks: no room for %d columns", f->order);
    f->total = (syi_sums){.hi = f->planes, .lo = f->planes + packed};
    for (int i = 0; i < f->order - 1; i++) f->plan.floor_[i] = fmax(f->plan.floor_[i], rounding);
    status = fill(ctx, f);
    return status ? status : syi_evaluator_init(ctx, &f->plan, &wanted, count, extra, &f->e);
}

void syi_flip_matrix_free(syi_flip_matrix *f)
{
    syi_evaluator_free(&f->e);
    SYI_FREE(f->planes);
    SYI_FREE(f->correlation);
    SYI_FREE(f->deviation);
    SYI_FREE(f->kept);
    syi_plan_free(&f->plan);
}

int syi_flip_values(syi_flip_matrix *f, int worker, const double *matrix, double *values)
{
    syi_arena *scratch = &f->e.scratch[worker];
    const syi_arena mark = *scratch;
    const size_t square = (size_t)f->order * (size_t)f->order;
    syi_dd *centred = syi_arena_take(scratch, square, sizeof *centred);
    for (size_t i = 0; i < square; i++) centred[i] = syi_dd_of(matrix[i]);
    const int answered = syi_evaluator_matrix(&f->e, worker, centred, f->n, f->n_effective, values);
    *scratch = mark;
    if (!answered)
        for (int i = 0; i < f->n_values; i++) values[i] = NAN;
    return answered;
}

sy_status syi_flip_whole(sy_context *ctx, syi_flip_matrix *f, double *values)
{
    const sy_shares_summary counts = {.n = f->n, .clusters = f->plan.absorb ? (double)f->plan.m->n_units : 0};
    if (syi_flip_values(f, 0, f->correlation, values)) return SY_OK;
    return syi_shares_report(ctx, &f->plan, f->question, SYI_TOO_FEW_ROWS, &counts, NULL);
}

double syi_flip_difference(const double *values, int first, int second)
{
    return values[first * SY_N_METRICS + SY_SHARE] - values[second * SY_N_METRICS + SY_SHARE];
}

int syi_flip_definite(const syi_flip_matrix *f, const double *matrix, double *work)
{
    for (int i = 0; i < f->n_kept; i++)
        for (int j = 0; j <= i; j++) work[i * f->n_kept + j] = matrix[f->kept[i] * f->order + f->kept[j]];
    return syi_cholesky_plain(f->n_kept, work, least_pivot);
}

double syi_flip_limit(const syi_flip_matrix *f, const double *change, double most, double *work)
{
    const int square = f->order * f->order;
    double *changed = work + square, in = 0, out = most;
    for (int i = 0; i < square; i++) changed[i] = f->correlation[i] - most * change[i];
    if (syi_flip_definite(f, changed, work)) return most;
    for (int halving = 0; halving < 41; halving++) {
        const double middle = (in + out) / 2;
        for (int i = 0; i < square; i++) changed[i] = f->correlation[i] - middle * change[i];
        if (syi_flip_definite(f, changed, work)) in = middle;
        else out = middle;
    }
    return in;
}
