/* Permutation tests of a block.
 *
 * unique, rows: residuals e of the outcome on everything but the block are
 * permuted and put back, y* = fit + e[permuted], and the block's F ratio taken
 * again [Freedman & Lane 1983, doi:10.1080/07350015.1983.10509354; of the
 * schemes for one term among others the one closest to exact: Anderson &
 * Robinson 2001, doi:10.1111/1467-842X.00156; Winkler and others 2014,
 * doi:10.1016/j.neuroimage.2014.01.060]. Rows of a cluster change places among
 * themselves, so that what a cluster's people have in common stays where it is.
 * unique, a block constant within clusters: outcomes of a cluster go together
 * and clusters differ in size, so the block is moved instead, whole clusters at
 * a time: what is left of it, u, over the cluster means of everything else
 * [Dekker, Krackhardt & Snijders 2007, doi:10.1007/s11336-007-9016-1]. The
 * statistic is studentised by cluster, and so is that of alone
 * (cluster_scores.c). Exact where u may change places, else in the limit of many
 * clusters.
 * alone, share: the block is moved (beyond what the adjusting terms say of it),
 * rows or whole clusters; without adjusting terms exact.
 * With analytic weights residuals are permuted on the scale where their
 * variance is even, root(weight) e.
 *
 * p = (b + 1) / (m + 1), b of m permutations with a statistic as large
 * [Phipson & Smyth 2010, doi:10.2202/1544-6115.1585]; ties within rounding count.
 * Measured size: tests/reference/coverage.
 *
 * Cost: permutations n k multiply-adds for n items moved and k columns.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/parallel_internal.h"
#include "base/random_internal.h"
#include "base/status_internal.h"
#include "shares/evaluator_internal.h"
#include "steelyard/permutation.h"
#include "study/cluster_scores_internal.h"
#include "study/coverage_internal.h"
#include "study/sheet_internal.h"
#include <limits.h>
#include <math.h>
#include <string.h>

static const double tie = 1e-10; /* relative: what rounding can move */

typedef struct {
    const syi_plan *plan;
    const syi_sheet *sheet;
    sy_permutation_options options;
    sy_permute scheme;
    int *place;        /* [order] the sheet's columns: kept, the block's, outcome */
    int n_kept, n_own; /* in the F ratio */
    double *fitted;    /* [moved columns][n] */
    double *residual;  /* [moved columns][n] */
    double *root;      /* [n] of analytic weights, or NULL */
    double *factor;    /* residuals: [order * order] of the predictors, which stay */
    double *statistic; /* [permutations + 1]; the last is the sample's */
    syi_scores scores; /* of whole clusters, but for share */
    syi_evaluator e;
} job;

void sy_permutation_defaults(sy_permutation_options *options)
{
    *options = (sy_permutation_options){.metric = SY_UNIQUE, .permutations = 9999, .seed = 1};
}

/* F ratio but for its degrees of freedom, from loadings of the outcome on the
 * factor and its sum of squares. */
static double ratio(const job *j, const double *loading, double all)
{
    double own = 0, kept = 0;
    for (int i = 0; i < j->n_kept; i++) kept += loading[i] * loading[i];
    for (int i = 0; i < j->n_own; i++) own += loading[j->n_kept + i] * loading[j->n_kept + i];
    const double rest = all - kept - own;
    return rest > 0 ? own / rest : INFINITY;
}

/* A shuffle of the items within their groups; the sample itself is `number`
 * past the last. */
static void shuffle(const job *j, size_t number, ptrdiff_t *to)
{
    const syi_sheet *s = j->sheet;
    syi_stream stream;
    memcpy(to, s->line, (size_t)s->n * sizeof *to);
    if (number == (size_t)j->options.permutations) return;
    syi_stream_init(&stream, j->options.seed, (uint32_t)number, 0);
    for (ptrdiff_t g = 0; g < s->groups; g++)
        for (ptrdiff_t i = s->first[g + 1] - 1; i > s->first[g]; i--) {
            const ptrdiff_t other = s->first[g] + (ptrdiff_t)syi_stream_below(&stream, (uint32_t)(i - s->first[g] + 1));
            const ptrdiff_t kept = to[i];
            to[i] = to[other];
            to[other] = kept;
        }
}

/* Freedman & Lane: the outcome moves, the predictors' factor stays. work: [n +
 * order] */
static double by_residuals(const job *j, const ptrdiff_t *to, double *work)
{
    const syi_sheet *s = j->sheet;
    const int k = j->n_kept + j->n_own;
    double *y = work, *loading = work + s->n, all = 0, mean = 0, weight = 0;
    for (ptrdiff_t i = 0; i < s->n; i++) {
        const ptrdiff_t at = s->line[i];
        y[at] = j->fitted[at] + (j->root ? j->residual[to[i]] / j->root[at] : j->residual[to[i]]);
    }
    for (ptrdiff_t i = 0; i < s->n; i++) {
        weight += s->w[i];
        mean += s->w[i] * y[i];
        all += s->w[i] * y[i] * y[i];
        y[i] *= s->w[i];
    }
    for (int a = 0; a < k; a++) {
        double rest = syi_sheet_dot(s->n, y, s->z + j->place[a] * s->n);
        for (int m = 0; m < a; m++) rest -= loading[m] * j->factor[a * k + m];
        loading[a] = j->factor[a * k + a] > 0 ? rest / j->factor[a * k + a] : 0;
    }
    return ratio(j, loading, all - mean * mean / weight);
}

/* Cross-products with the block's columns moved. matrix [order * order] in the
 * sheet's order; x [n_own * n]. */
static void move_block(const job *j, const ptrdiff_t *to, double *x, double *matrix)
{
    const syi_sheet *s = j->sheet;
    const int order = s->order;
    double weight = 0;
    memcpy(matrix, s->matrix, (size_t)order * (size_t)order * sizeof *matrix);
    for (ptrdiff_t i = 0; i < s->n; i++) weight += s->w[i];
    for (int a = 0; a < j->n_own; a++) {
        double *xa = x + a * s->n;
        const double *fitted = j->fitted + a * s->n, *residual = j->residual + a * s->n;
        double mean = 0;
        for (ptrdiff_t i = 0; i < s->n; i++) {
            const ptrdiff_t at = s->line[i];
            xa[at] = fitted[at] + residual[to[i]];
        }
        for (ptrdiff_t i = 0; i < s->n; i++) mean += s->w[i] * xa[i];
        for (ptrdiff_t i = 0; i < s->n; i++) xa[i] -= mean / weight;
    }
    for (int a = 0; a < j->n_own; a++) {
        const int row = j->place[j->n_kept + a];
        double *weighted = x + j->n_own * s->n;
        for (ptrdiff_t i = 0; i < s->n; i++) weighted[i] = s->w[i] * x[a * s->n + i];
        for (int c = 0; c < order; c++) {
            int own = -1;
            for (int b = 0; b < j->n_own; b++)
                if (j->place[j->n_kept + b] == c) own = b;
            const double *other = own < 0 ? s->z + c * s->n : x + own * s->n;
            matrix[row * order + c] = matrix[c * order + row] = syi_sheet_dot(s->n, weighted, other);
        }
    }
}

static double ratio_of(const job *j, const double *matrix, double *factor)
{
    const int order = j->sheet->order, k = j->n_kept + j->n_own + 1;
    for (int a = 0; a < k; a++)
        for (int b = 0; b < k; b++) factor[a * k + b] = matrix[j->place[a] * order + j->place[b]];
    const double all = factor[k * k - 1];
    syi_sheet_factorise(k, factor);
    return ratio(j, factor + (k - 1) * k, all);
}

static double share_of(job *j, int worker, const double *matrix)
{
    const int order = j->sheet->order;
    syi_arena *scratch = &j->e.scratch[worker];
    syi_dd *centred = syi_arena_take(scratch, (size_t)(order * order), sizeof *centred);
    double *values = syi_arena_take(scratch, (size_t)j->e.n_values, sizeof *values);
    for (int i = 0; i < order * order; i++) centred[i] = syi_dd_of(matrix[i]);
    for (int i = 0; i < order; i++)
        if (!(matrix[i * order + i] > 0))
            for (int c = 0; c < order; c++) centred[i * order + c] = centred[c * order + i] = syi_dd_of(0);
    syi_evaluator_matrix(&j->e, worker, centred, j->plan->m->n, j->plan->m->n, values);
    return values[j->options.block * SY_N_METRICS + SY_SHARE];
}

static int by_scores(const job *j)
{
    return j->scheme == SY_PERMUTE_CLUSTERS && j->options.metric != SY_SHARE;
}

static void permute(void *arg, int worker, size_t number)
{
    job *j = arg;
    const syi_sheet *s = j->sheet;
    const size_t n = (size_t)s->n, order = (size_t)s->order;
    syi_arena *scratch = &j->e.scratch[worker];
    const syi_arena mark = *scratch;
    ptrdiff_t *to = syi_arena_take(scratch, n, sizeof *to);
    double *work = syi_arena_take(scratch, ((size_t)j->n_own + 1) * n + order, sizeof *work);
    double *matrix = syi_arena_take(scratch, order * order, sizeof *matrix);
    double *factor = syi_arena_take(scratch, order * order, sizeof *factor);
    shuffle(j, number, to);
    if (j->scheme == SY_PERMUTE_RESIDUALS) j->statistic[number] = by_residuals(j, to, work);
    else if (by_scores(j)) j->statistic[number] = syi_scores_statistic(&j->scores, to, work, factor);
    else {
        move_block(j, to, work, matrix);
        j->statistic[number] =
            j->options.metric == SY_SHARE ? share_of(j, worker, matrix) : ratio_of(j, matrix, factor);
    }
    *scratch = mark;
}

static size_t own_room(const job *j)
{
    const size_t n = (size_t)j->sheet->n, order = (size_t)j->sheet->order;
    return syi_arena_room(n, sizeof(ptrdiff_t)) + syi_arena_room(((size_t)j->n_own + 1) * n + order, sizeof(double)) +
           2 * syi_arena_room(order * order, sizeof(double)) + syi_arena_room(order * order, sizeof(syi_dd)) +
           syi_arena_room((size_t)syi_evaluator_values(j->plan), sizeof(double));
}

/* The sheet's columns: adjusting terms, with unique the other blocks, then the
 * block, then the outcome. */
static void place_columns(job *j)
{
    const syi_plan *plan = j->plan;
    const int first = plan->n_adjust + plan->row_first[j->options.block];
    j->n_own = plan->row_columns[j->options.block];
    for (int c = 0; c < plan->n_adjust; c++) j->place[j->n_kept++] = c;
    for (int c = plan->n_adjust; c < plan->n_adjust + plan->k && j->options.metric == SY_UNIQUE; c++)
        if (c < first || c >= first + j->n_own) j->place[j->n_kept++] = c;
    for (int c = 0; c < j->n_own; c++) j->place[j->n_kept + c] = first + c;
    j->place[j->n_kept + j->n_own] = plan->n_adjust + plan->k;
}

static int prepare_residuals(job *j)
{
    const syi_sheet *s = j->sheet;
    const int k = j->n_kept + j->n_own, weighted = j->plan->m->weight_kind == SY_WEIGHT_ANALYTIC;
    j->factor = syi_alloc((size_t)(k * k), sizeof *j->factor);
    if (weighted) j->root = syi_alloc((size_t)s->n, sizeof *j->root);
    if (!j->factor || (weighted && !j->root)) return -1;
    for (int a = 0; a < k; a++)
        for (int b = 0; b < k; b++) j->factor[a * k + b] = s->matrix[j->place[a] * s->order + j->place[b]];
    syi_sheet_factorise(k, j->factor);
    if (syi_sheet_project(s, j->n_kept, j->place, j->place[k], s->w, j->fitted, j->residual)) return -1;
    for (ptrdiff_t i = 0; weighted && i < s->n; i++) {
        j->root[i] = sqrt(s->w[i]);
        j->residual[i] *= j->root[i];
    }
    return 0;
}

static int prepare_block(job *j)
{
    const ptrdiff_t n = j->sheet->n;
    for (int a = 0; a < j->n_own; a++)
        if (syi_sheet_project(j->sheet, j->n_kept, j->place, j->place[j->n_kept + a], NULL, j->fitted + a * n,
                              j->residual + a * n))
            return -1;
    return 0;
}

static sy_status prepare(sy_context *ctx, job *j)
{
    const size_t n = (size_t)j->sheet->n, moved = j->scheme == SY_PERMUTE_RESIDUALS ? 1 : (size_t)j->n_own;
    j->fitted = syi_alloc(moved * n, sizeof *j->fitted);
    j->residual = syi_alloc(moved * n, sizeof *j->residual);
    j->statistic = syi_alloc((size_t)j->options.permutations + 1, sizeof *j->statistic);
    int failed = !j->fitted || !j->residual || !j->statistic;
    if (!failed) failed = j->scheme == SY_PERMUTE_RESIDUALS ? prepare_residuals(j) : prepare_block(j);
    if (failed)
        return syi_fail(ctx, SY_ENOMEM, "permutations: no room for %d of %zu values", j->options.permutations, n);
    if (!by_scores(j)) return SY_OK;
    return syi_scores_init(ctx, j->sheet, (double)j->plan->m->rows_used, j->n_kept, j->n_own, j->place, j->residual,
                           &j->scores);
}

/* Items left to permute once the kept columns have taken their part. */
static sy_status check_freedom(sy_context *ctx, const job *j)
{
    const double left = (double)j->sheet->n - 1 - j->n_kept;
    if (left >= j->n_own + 1) return SY_OK;
    return syi_fail(ctx, SY_ERANK, "permutations: %td %s for %d columns are too few to permute", j->sheet->n,
                    j->scheme == SY_PERMUTE_CLUSTERS ? "clusters" : "rows", j->n_kept + j->n_own);
}

static double metric_of(job *j, int worker)
{
    const syi_sheet *s = j->sheet;
    const int order = s->order, k = j->n_kept + j->n_own + 1;
    double *factor = syi_arena_take(&j->e.scratch[worker], (size_t)(order * order), sizeof *factor), own = 0;
    for (int a = 0; a < k; a++)
        for (int b = 0; b < k; b++) factor[a * k + b] = s->matrix[j->place[a] * order + j->place[b]];
    syi_sheet_factorise(k, factor);
    for (int c = 0; c < j->n_own; c++) own += factor[(k - 1) * k + j->n_kept + c] * factor[(k - 1) * k + j->n_kept + c];
    return own;
}

/* For shares every permutation is a walk; F ratios need the scratch only. */
static sy_status open_evaluator(sy_context *ctx, job *j, size_t count, sy_permutation *out)
{
    const syi_wanted wanted = {0};
    const double columns = j->scheme == SY_PERMUTE_RESIDUALS ? j->sheet->order : j->n_own * (j->sheet->order + 2);
    const double seconds = (double)count * (double)j->sheet->n * (1.2e-8 + 5e-10 * columns);
    out->seconds_estimated = seconds;
    if (j->options.metric == SY_SHARE) {
        const sy_status status = syi_evaluator_init(ctx, j->plan, &wanted, count, own_room(j), &j->e);
        out->seconds_estimated += j->e.seconds;
        return status;
    }
    j->e = (syi_evaluator){.ctx = ctx, .plan = j->plan, .seconds = seconds};
    j->e.workers = syi_parallel_workers(ctx, count, seconds);
    j->e.scratch = syi_alloc((size_t)j->e.workers, sizeof *j->e.scratch);
    int failed = !j->e.scratch;
    for (int w = 0; w < j->e.workers && !failed; w++) failed = syi_arena_init(&j->e.scratch[w], own_room(j)) != 0;
    return failed ? syi_fail(ctx, SY_ENOMEM, "permutations: no room for %td rows", j->sheet->n) : SY_OK;
}

static sy_status run(sy_context *ctx, job *j, sy_permutation *out)
{
    const size_t count = (size_t)j->options.permutations;
    sy_status status = prepare(ctx, j);
    if (!status) status = open_evaluator(ctx, j, count + 1, out);
    if (status) return status;
    const syi_arena mark = j->e.scratch[0];
    out->estimate = j->options.metric == SY_SHARE ? share_of(j, 0, j->sheet->matrix) : metric_of(j, 0);
    j->e.scratch[0] = mark;
    status = syi_evaluator_run(&j->e, count + 1, permute, j);
    if (status) return status;
    const double observed = j->statistic[count], least = observed - tie * fabs(observed);
    for (size_t i = 0; i < count; i++) out->exceeding += j->statistic[i] >= least || isnan(j->statistic[i]);
    out->permutations = j->options.permutations;
    out->p_value = (out->exceeding + 1.0) / (out->permutations + 1.0);
    return SY_OK;
}

static sy_status check(sy_context *ctx, const sy_moments *m, const sy_question *question,
                       const sy_permutation_options *o)
{
    if (o->block < 0 || o->block >= question->n_blocks)
        return syi_fail(ctx, SY_EINVAL, "block: number %d, there are %d", o->block, question->n_blocks);
    if (o->metric != SY_UNIQUE && o->metric != SY_ALONE && o->metric != SY_SHARE)
        return syi_fail(ctx, SY_EINVAL, "metric: a permutation test is of unique, alone or share");
    if (o->permutations < 1 || o->permutations == INT_MAX)
        return syi_fail(ctx, SY_EINVAL, "permutations: %d; at least 1 is needed", o->permutations);
    if (m->weight_kind == SY_WEIGHT_FREQUENCY)
        return syi_fail(ctx, SY_EINVAL,
                        "weights: rows of different frequency cannot change places; give one row a "
                        "person");
    if (question->absorb)
        return syi_fail(ctx, SY_EINVAL, "adjust: fixed effects of clusters are not part of a permutation test");
    return SY_OK;
}

static int whole_clusters(const syi_plan *plan, int block)
{
    return plan->m->unit == SY_UNIT_CLUSTER && plan->row_units[block] > 0;
}

/* What is moved, laid out. */
static sy_status lay_out(sy_context *ctx, const sy_design *rows, job *j, syi_sheet *sheet, sy_permutation *out)
{
    const sy_moments *m = j->plan->m;
    const int whole = whole_clusters(j->plan, j->options.block);
    sy_status status;
    j->scheme = whole ? SY_PERMUTE_CLUSTERS : j->options.metric == SY_UNIQUE ? SY_PERMUTE_RESIDUALS : SY_PERMUTE_ROWS;
    if (!whole && m->unit != SY_UNIT_ROW && !rows)
        return syi_fail(ctx, SY_EINVAL, "block: the rows are needed to permute one that varies %s; give the data frame",
                        m->unit == SY_UNIT_CLUSTER ? "within clusters" : "from row to row");
    status = whole || m->unit == SY_UNIT_ROW ? syi_sheet_units(ctx, j->plan, sheet)
                                             : syi_sheet_rows(ctx, j->plan, rows, sheet);
    out->scheme = j->scheme;
    out->units = (double)sheet->n;
    out->within = sheet->groups > 1;
    return status;
}

static sy_status remark_few(sy_context *ctx, const sy_permutation *out, const char *name)
{
    if (out->scheme != SY_PERMUTE_CLUSTERS || out->units >= SYI_FEW_UNITS) return SY_OK;
    return syi_remark(ctx, SY_NOTE_FEW_CLUSTERS, name, out->units,
                      "%s is moved as whole clusters, of which there are %.0f: the test has little power", name,
                      out->units);
}

sy_status sy_permutation_test(sy_context *ctx, const sy_moments *m, const sy_design *rows, const sy_question *question,
                              const sy_permutation_options *options, sy_permutation *out)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    syi_plan plan = {0};
    syi_sheet sheet = {0};
    job j = {.plan = &plan, .sheet = &sheet, .options = *options};
    *out = (sy_permutation){.p_value = NAN, .estimate = NAN};
    sy_status status = check(ctx, m, question, options);
    if (!status) status = syi_plan_init(ctx, m, question, &plan);
    if (status) goto out;
    j.place = syi_alloc((size_t)(plan.n_adjust + plan.k + 1), sizeof *j.place);
    if (!j.place) status = syi_fail(ctx, SY_ENOMEM, "permutations: no room for %d columns", plan.k);
    if (!status) status = lay_out(ctx, rows, &j, &sheet, out);
    if (status) goto out;
    place_columns(&j);
    status = check_freedom(ctx, &j);
    if (!status) status = run(ctx, &j, out);
    if (!status) status = remark_few(ctx, out, question->blocks[options->block].name);
out:
    syi_evaluator_free(&j.e);
    SYI_FREE(j.place);
    SYI_FREE(j.fitted);
    SYI_FREE(j.residual);
    SYI_FREE(j.root);
    SYI_FREE(j.factor);
    SYI_FREE(j.statistic);
    syi_scores_free(&j.scores);
    syi_sheet_free(&sheet);
    syi_plan_free(&plan);
    return status ? status : syi_status_of_remarks(ctx, first);
}
