/* Simulation extrapolation on moments.
 *
 * With errors U added to the rows X, of which the moments N R (N = n - 1) are known,
 *   (X + U)'(X + U) = N R + X'U + U'X + U'U,
 * and for normal U with variance lambda E: X'U = N^1/2 L G, R = L L', G rows of
 * independent normals with variance lambda E, and U'U = G'G + W, W a Wishart of N less
 * the number of columns degrees of freedom [Bartlett 1933]. So a replicate is drawn
 * exactly from the moments, at a cost that does not know n. Its mean over ever more
 * replicates goes to the shares of R + lambda E, which are taken where no replicates
 * are asked for: there is nothing left to simulate.
 *
 * Extrapolation to lambda = -1 [Cook & Stefanski 1994, doi:10.1080/01621459.1994.10476871]:
 * a parabola by least squares, and a + b / (c + lambda), which is exact for R2 of one
 * column. Shares of several columns are neither: how far both are from the exact M -
 * E says what an extrapolation is worth there.
 * Chi-squared draws by Marsaglia & Tsang 2000, doi:10.1145/358407.358414.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/random_internal.h"
#include "base/status_internal.h"
#include "study/measurement/corrected_internal.h"
#include <math.h>
#include <string.h>

static const double usual_lambda[] = {0.5, 1, 1.5, 2};
enum { USUAL = sizeof usual_lambda / sizeof *usual_lambda };

typedef struct {
    syi_flip_matrix *f;
    const sy_simex_options *o;
    int n;            /* errors */
    int *place;       /* [n] */
    double *error;    /* [order * order] */
    double *work;     /* [4 * order * order] */
    double *l, *root; /* [order * order] of R, [n * n] of the errors: lower */
    double *values;   /* [replicates * n_lambda][n_values] */
} job;

void sy_simex_defaults(sy_simex_options *options)
{
    *options = (sy_simex_options){.n_lambda = USUAL, .lambda = usual_lambda, .seed = 1};
}

/* Cholesky of a positive semi-definite a, into l; a pivot at rounding gives a column of zeros. */
static void factorise(int k, const double *a, double *l)
{
    for (int i = 0; i < k; i++)
        for (int j = 0; j < k; j++) {
            double sum = a[i * k + j];
            for (int c = 0; c < j && j <= i; c++) sum -= l[i * k + c] * l[j * k + c];
            if (j > i) l[i * k + j] = 0;
            else if (j == i) l[i * k + j] = sum > 0x1p-44 * a[i * k + i] ? sqrt(sum) : 0;
            else l[i * k + j] = l[j * k + j] > 0 ? sum / l[j * k + j] : 0;
        }
}

static double draw_chi2(syi_stream *s, double df)
{
    const double d = df / 2 - 1.0 / 3, c = 1 / sqrt(9 * d); /* df of 2 or more */
    for (;;) {
        const double x = syi_stream_normal(s), v = (1 + c * x) * (1 + c * x) * (1 + c * x);
        if (v > 0 && log(syi_stream_uniform(s)) < x * x / 2 + d - d * v + d * log(v)) return 2 * d * v;
    }
}

/* g [order * n] normals with the errors' covariance by rows; a [n * n] the root of the Wishart. */
static void draw(const job *j, syi_stream *s, double df, double *g, double *a)
{
    const int n = j->n, order = j->f->order;
    for (int i = 0; i < order; i++) {
        double *row = g + (ptrdiff_t)i * n;
        for (int c = 0; c < n; c++) row[c] = syi_stream_normal(s);
        for (int r = n - 1; r >= 0; r--) {
            double sum = 0;
            for (int c = 0; c <= r; c++) sum += j->root[r * n + c] * row[c];
            row[r] = sum;
        }
    }
    for (int r = 0; r < n; r++)
        for (int c = 0; c < n; c++)
            a[r * n + c] = c > r ? 0 : c == r ? sqrt(draw_chi2(s, df - r)) : syi_stream_normal(s);
    for (int r = n - 1; r >= 0; r--)
        for (int c = 0; c < n; c++) {
            double sum = 0;
            for (int k = 0; k <= r; k++) sum += j->root[r * n + k] * a[k * n + c];
            a[r * n + c] = sum;
        }
}

/* matrix: R with a draw of lambda times the errors. */
static void add_draw(const job *j, double lambda, double sample, const double *g, const double *a, double *matrix)
{
    const int n = j->n, order = j->f->order;
    memcpy(matrix, j->f->correlation, (size_t)order * (size_t)order * sizeof *matrix);
    for (int e = 0; e < n; e++) {
        const int at = j->place[e];
        for (int i = 0; i < order; i++) {
            double cross = 0;
            for (int c = 0; c <= i; c++) cross += j->l[i * order + c] * g[c * n + e];
            cross *= sqrt(lambda / sample);
            matrix[i * order + at] += cross;
            matrix[at * order + i] += cross;
        }
        for (int h = 0; h < n; h++) {
            double own = 0;
            for (int i = 0; i < order; i++) own += g[i * n + e] * g[i * n + h];
            for (int c = 0; c < n; c++) own += a[e * n + c] * a[h * n + c];
            matrix[at * order + j->place[h]] += lambda * own / sample;
        }
    }
}

static void replicate(void *arg, int worker, size_t i)
{
    const job *j = arg;
    syi_flip_matrix *f = j->f;
    syi_arena *scratch = &f->e.scratch[worker];
    const syi_arena mark = *scratch;
    const size_t order = (size_t)f->order, n = (size_t)j->n;
    double *matrix = syi_arena_take(scratch, order * order, sizeof *matrix);
    double *g = syi_arena_take(scratch, order * n, sizeof *g), *a = syi_arena_take(scratch, n * n, sizeof *a);
    const size_t at = i / (size_t)j->o->replicates;
    const double sample = f->n - 1;
    syi_stream stream;
    syi_stream_init(&stream, j->o->seed, (uint32_t)(i % (size_t)j->o->replicates), (uint32_t)at);
    draw(j, &stream, sample - (double)order, g, a);
    add_draw(j, j->o->lambda[at], sample, g, a, matrix);
    syi_flip_values(f, worker, matrix, j->values + i * (size_t)f->n_values);
    *scratch = mark;
}

/* Shares of a matrix, by rows of the table. */
static void shares_of(const job *j, const double *values, double *out)
{
    const int rows = j->f->plan.n_rows;
    for (int r = 0; r < rows; r++) out[r] = values[r * SY_N_METRICS + SY_SHARE];
    out[rows] = values[j->f->n_values - 1];
}

/* R plus `times` the errors. */
static void at_lambda(const job *j, double times, double *values, double *out)
{
    const int order = j->f->order;
    for (int i = 0; i < order * order; i++) j->work[i] = j->f->correlation[i] + times * j->error[i];
    syi_flip_values(j->f, 0, j->work, values);
    shares_of(j, values, out);
}

static void average(const job *j, const sy_simex_table *t)
{
    const int rows = j->f->plan.n_rows + 1;
    const double count = j->o->replicates;
    for (int at = 0; at < j->o->n_lambda; at++)
        for (int r = 0; r < rows; r++) {
            const int place = r < rows - 1 ? r * SY_N_METRICS + SY_SHARE : j->f->n_values - 1;
            const double *own = j->values + (size_t)at * (size_t)j->o->replicates * (size_t)j->f->n_values + place;
            double mean = 0, square = 0;
            for (int b = 0; b < j->o->replicates; b++) mean += own[(ptrdiff_t)b * j->f->n_values] / count;
            for (int b = 0; b < j->o->replicates; b++) {
                const double d = own[(ptrdiff_t)b * j->f->n_values] - mean;
                square += d * d;
            }
            t->added[at * rows + r] = mean;
            t->mc_error[at * rows + r] = sqrt(square / (count - 1) / count);
        }
}

/* A parabola through 0 and the lambdas by least squares, at -1: by orthogonal polynomials on the points. */
static double parabola(int n, const double *x, const double *y)
{
    double mean = 0, sum2 = 0, sum3 = 0, total = 0, linear = 0, own = 0, along = 0;
    for (int i = 0; i < n; i++) mean += x[i] / n;
    for (int i = 0; i < n; i++) {
        const double d = x[i] - mean;
        sum2 += d * d;
        sum3 += d * d * d;
        total += y[i] / n;
        linear += d * y[i];
    }
    for (int i = 0; i < n; i++) {
        const double d = x[i] - mean, q = d * d - d * sum3 / sum2 - sum2 / n;
        own += q * q;
        along += q * y[i];
    }
    const double d = -1 - mean;
    return total + linear / sum2 * d + along / own * (d * d - d * sum3 / sum2 - sum2 / n);
}

/* a + b / (c + x) through three points, at -1. */
static double hyperbola(const double x[3], const double y[3])
{
    const double first = y[0] - y[1], second = y[1] - y[2];
    if (first == 0 && second == 0) return y[0];
    const double k = first / second * (x[2] - x[1]) / (x[1] - x[0]), c = (x[2] - k * x[0]) / (k - 1);
    if (!(c > 1)) return NAN; /* the pole at -c must lie left of -1 */
    const double b = first * (c + x[0]) * (c + x[1]) / (x[1] - x[0]);
    return y[0] - b / (c + x[0]) + b / (c - 1);
}

/* points [2 * (n_lambda + 1)] scratch. */
static void extrapolate(const job *j, double *points, const sy_simex_table *t)
{
    const int rows = j->f->plan.n_rows + 1, n = j->o->n_lambda + 1;
    double *y = points + n;
    for (int r = 0; r < rows; r++) {
        points[0] = 0;
        y[0] = t->measured[r];
        for (int i = 1; i < n; i++) {
            points[i] = j->o->lambda[i - 1];
            y[i] = t->added[(i - 1) * rows + r];
        }
        t->quadratic[r] = parabola(n, points, y);
        t->rational[r] =
            hyperbola((double[3]){points[0], points[n / 2], points[n - 1]}, (double[3]){y[0], y[n / 2], y[n - 1]});
    }
}

static sy_status check(sy_context *ctx, const sy_simex_options *o)
{
    if (o->n_lambda < 3)
        return syi_fail(ctx, SY_EINVAL, "lambdas: %d values given; three or more are needed", o->n_lambda);
    for (int i = 0; i < o->n_lambda; i++)
        if (!(o->lambda[i] > (i ? o->lambda[i - 1] : 0)) || isinf(o->lambda[i]))
            return syi_fail(ctx, SY_EINVAL, "lambdas: %g; values rise from above 0", o->lambda[i]);
    if (o->replicates != 0 && o->replicates < 2)
        return syi_fail(ctx, SY_EINVAL, "replicates: %d; none (0) or two and more", o->replicates);
    return SY_OK;
}

static sy_status room(sy_context *ctx, job *j, const sy_errors *errors)
{
    const size_t order = (size_t)j->f->order, square = order * order, n = (size_t)errors->n;
    const size_t count = (size_t)j->o->replicates * (size_t)j->o->n_lambda + 1;
    j->n = errors->n;
    j->place = syi_alloc(n, sizeof *j->place);
    j->error = syi_alloc(6 * square + 2 * n * n, sizeof *j->error);
    j->values = syi_alloc(count * (size_t)j->f->n_values + 2 * (size_t)j->o->n_lambda + 2, sizeof *j->values);
    if (!j->place || !j->error || !j->values)
        return syi_fail(ctx, SY_ENOMEM, "replicates: no room for %zu answers", count);
    j->work = j->error + square;
    j->l = j->work + 4 * square;
    j->root = j->l + square;
    return SY_OK;
}

static sy_status simulate(sy_context *ctx, job *j, const sy_simex_table *t)
{
    const int n = j->n, order = j->f->order;
    double *own = j->root + (ptrdiff_t)n * n;
    if (!(j->f->n - 1 - order - n >= 2))
        return syi_fail(ctx, SY_ERANK, "replicates: %g rows are too few for %d columns", j->f->n, order);
    for (int a = 0; a < n; a++)
        for (int b = 0; b < n; b++) own[a * n + b] = j->error[j->place[a] * order + j->place[b]];
    factorise(n, own, j->root);
    factorise(order, j->f->correlation, j->l);
    const sy_status status =
        syi_evaluator_run(&j->f->e, (size_t)j->o->replicates * (size_t)j->o->n_lambda, replicate, j);
    if (!status) average(j, t);
    return status;
}

static sy_status fill(sy_context *ctx, job *j, const sy_errors *errors, const sy_simex_table *t)
{
    const int rows = j->f->plan.n_rows + 1;
    double *values = j->values + (size_t)j->o->replicates * (size_t)j->o->n_lambda * (size_t)j->f->n_values;
    sy_status status = SY_OK;
    syi_errors_matrix(j->f, errors, j->place, j->error);
    at_lambda(j, 0, values, t->measured);
    at_lambda(j, -1, values, t->corrected);
    const int definite = syi_flip_definite(j->f, j->work, j->work + (ptrdiff_t)j->f->order * j->f->order);
    for (int r = 0; r < rows && !definite; r++) t->corrected[r] = NAN;
    for (int i = 0; i < j->o->n_lambda * rows; i++) t->mc_error[i] = 0;
    if (j->o->replicates > 0) status = simulate(ctx, j, t);
    for (int at = 0; at < j->o->n_lambda && j->o->replicates == 0; at++)
        at_lambda(j, j->o->lambda[at], values, t->added + (ptrdiff_t)at * rows);
    if (status) return status;
    extrapolate(j, values + j->f->n_values, t);
    if (definite) return SY_OK;
    return syi_remark(ctx, SY_NOTE_BOUNDARY, "", 0,
                      "the moments less the errors are not definite: there is no exact correction, and the "
                      "extrapolations should not be believed");
}

sy_status sy_simex(sy_context *ctx, const sy_moments *m, const sy_question *question, const sy_errors *errors,
                   const sy_simex_options *options, const sy_simex_table *table)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    syi_flip_matrix f = {0};
    job j = {.f = &f, .o = options};
    sy_status status = check(ctx, options);
    if (!status) status = syi_errors_check(ctx, m, question, errors);
    const int columns = m->n_columns, n = errors->n;
    const size_t extra = syi_arena_room((size_t)columns * (size_t)columns, 8) +
                         syi_arena_room((size_t)columns * (size_t)n, 8) + syi_arena_room((size_t)n * (size_t)n, 8);
    if (!status)
        status =
            syi_flip_matrix_init(ctx, m, question, (size_t)(options->replicates * options->n_lambda + 1), extra, &f);
    if (!status) status = room(ctx, &j, errors);
    if (!status) status = fill(ctx, &j, errors, table);
    SYI_FREE(j.place);
    SYI_FREE(j.error);
    SYI_FREE(j.values);
    syi_flip_matrix_free(&f);
    return status < 0 ? status : syi_status_of_remarks(ctx, first);
}
