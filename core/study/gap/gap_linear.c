/* The least squares fits that a gap is made of.
 *
 * Everything follows from the weights, means and centred cross-products C1, C2
 * of the two groups. With d the difference of the means and w1, w2 the sums of weights:
 *   own slopes        b_g = C_g^-1 c_g
 *   pooled            (C1 + C2)^-1 (c1 + c2), the group being in the regression
 *   pooled without    (C1 + C2 + h d d')^-1 (c1 + c2 + h d d_y), h = w1 w2 / (w1 + w2)
 *   Gelbach           base S_aa^-1 s_a, net difference d_x - S_xa S_aa^-1 d_a, S = C1 + C2
 * in double-double, so shifts and scales of the columns leave no trace.
 * Conditions: in each group more rows than columns, and no column that follows
 * from the others in one group only, for it would have a coefficient in the other
 * only; one that follows in both is left out with a remark.
 * Cost: n q^2 / 2 for the products (moments.c), four factors of k^3 / 3.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_internal.h"
#include "base/status_internal.h"
#include "study/gap/gap_linear_internal.h"
#include <math.h>
#include <string.h>

/* Both groups' sums; order q + 1, the outcome last. */
typedef struct {
    int order;
    double weight[2];
    syi_dd *mean[2], *products[2]; /* [order], [order * order] */
    double *floor_[2];             /* [order] */
    syi_dd *matrix, *factor;       /* [order * order] scratch */
    syi_dd *right;                 /* [order] scratch */
    double *floors;                /* [order] scratch */
    int *aliased[2];               /* [order] */
    syi_arena arena;
} workspace;

static sy_status workspace_init(sy_context *ctx, int order, workspace *s)
{
    const size_t n = (size_t)order;
    const size_t bytes = 4 * syi_arena_room(n * n, sizeof(syi_dd)) + 3 * syi_arena_room(n, sizeof(syi_dd)) +
                         3 * syi_arena_room(n, sizeof(double)) + 2 * syi_arena_room(n, sizeof(int));
    s->order = order;
    if (syi_arena_init(&s->arena, bytes)) return syi_fail(ctx, SY_ENOMEM, "blocks: no room for %d columns", order);
    for (int g = 0; g < 2; g++) {
        s->products[g] = syi_arena_take(&s->arena, n * n, sizeof(syi_dd));
        s->mean[g] = syi_arena_take(&s->arena, n, sizeof(syi_dd));
        s->floor_[g] = syi_arena_take(&s->arena, n, sizeof(double));
        s->aliased[g] = syi_arena_take(&s->arena, n, sizeof(int));
    }
    s->matrix = syi_arena_take(&s->arena, n * n, sizeof(syi_dd));
    s->factor = syi_arena_take(&s->arena, n * n, sizeof(syi_dd));
    s->right = syi_arena_take(&s->arena, n, sizeof(syi_dd));
    s->floors = syi_arena_take(&s->arena, n, sizeof(double));
    return SY_OK;
}

/* Sums of group g's rows. What sy_moments_init remarks was said of all rows. */
static sy_status read_group(sy_context *ctx, const syi_gap_rows *rows, const syi_gap_model *m, int g, workspace *s)
{
    const sy_moments_options options = {.unit = SY_UNIT_NONE, .precision = SY_PRECISION_AUTO};
    const int first = ctx->n_remarks;
    sy_moments moments = {0};
    sy_status status = sy_moments_init(ctx, &rows->group[g], &options, &moments);
    ctx->n_remarks = first;
    if (status < 0) return status;
    const int q = moments.n_columns;
    syi_sums sums = {.hi = syi_alloc(syi_packed_length(q), sizeof(double)),
                     .lo = syi_alloc(syi_packed_length(q), sizeof(double))};
    status = sums.hi && sums.lo ? SY_OK : syi_fail(ctx, SY_ENOMEM, "blocks: no room for %d columns", q);
    if (!status) {
        syi_moments_total(&moments, NULL, &sums);
        syi_moments_centred(&moments, &sums, s->order, m->column, s->products[g]);
        s->weight[g] = sums.hi[0];
    }
    for (int j = 0; j < s->order && !status; j++) {
        const size_t at = syi_packed_at(q, 0, m->column[j] + 1);
        const syi_dd sum = {sums.hi[at], sums.lo[at]}, weight = {sums.hi[0], sums.lo[0]};
        s->mean[g][j] = syi_dd_add(syi_dd_of(moments.shift[m->column[j]]), syi_dd_div(sum, weight));
        s->floor_[g][j] = moments.floor_[m->column[j]];
    }
    SYI_FREE(sums.hi);
    SYI_FREE(sums.lo);
    sy_moments_free(&moments);
    return status;
}

/* matrix = products of group g; of both within (g = 2); of both together (g = 3) */
static void gather(workspace *s, int g)
{
    const int order = s->order;
    const double h = s->weight[0] * s->weight[1] / (s->weight[0] + s->weight[1]);
    for (int a = 0; a < order; a++) {
        const syi_dd da = syi_dd_sub(s->mean[0][a], s->mean[1][a]);
        for (int b = 0; b < order; b++) {
            const size_t at = (size_t)(a * order + b);
            syi_dd v = g < 2 ? s->products[g][at] : syi_dd_add(s->products[0][at], s->products[1][at]);
            if (g == 3) v = syi_dd_add(v, syi_dd_mul_d(syi_dd_mul(da, syi_dd_sub(s->mean[0][b], s->mean[1][b])), h));
            s->matrix[at] = v;
        }
    }
}

/* What rounding of the data can leave of a column, relative to its squares: of one
 * group, or of both, where a group in which it does not vary has no say. */
static double floor_of(const workspace *s, int column, int g)
{
    const size_t at = (size_t)(column * s->order + column);
    double left = 0, all = 0;
    if (g < 2) return s->floor_[g][column];
    for (int k = 0; k < 2; k++) {
        const double squares = s->products[k][at].hi;
        if (!(squares > 0)) continue;
        left += squares * s->floor_[k][column];
        all += squares;
    }
    return all > 0 ? left / all : 1;
}

/* Factors the part of matrix that the first n fitted columns make; returns the rank. */
static int factorise(const syi_gap_model *m, int n, int g, workspace *s, int *aliased)
{
    for (int a = 0; a < n; a++) {
        for (int b = 0; b < n; b++) s->factor[a * n + b] = s->matrix[m->fitted[a] * s->order + m->fitted[b]];
        s->floors[a] = floor_of(s, m->fitted[a], g);
    }
    return syi_cholesky(n, s->factor, s->floors, aliased);
}

static sy_status check_rows(sy_context *ctx, const syi_gap_rows *rows, const syi_gap_model *m)
{
    const sy_column *group = m->ask->group;
    const int pooled = m->ask->method == SY_GAP_GELBACH;
    for (int g = 0; g < 2 && !pooled; g++)
        if (rows->group_n[g] < m->k + 1)
            return syi_fail(ctx, SY_ERANK, "group: %s = %s has %td rows, fewer than the %d columns of its regression",
                            group->name, group->levels[rows->level[g]], rows->group_n[g], m->k + 1);
    if (rows->n < m->k + 2)
        return syi_fail(ctx, SY_ERANK, "group: %td rows are fewer than the %d columns of the regression", rows->n,
                        m->k + 2);
    return SY_OK;
}

static sy_status alias_in_one(sy_context *ctx, const syi_gap_rows *rows, const syi_gap_model *m, int column, int g)
{
    char label[SY_NAME_LENGTH];
    syi_gap_label(m, column, label, sizeof label);
    return syi_fail(ctx, SY_EDATA,
                    "%s: where %s = %s it follows from the other columns (or does not vary), so it has no coefficient "
                    "there; leave it out, or take method = \"gelbach\"",
                    label, m->ask->group->name, m->ask->group->levels[rows->level[g]]);
}

static sy_status remark_alias(sy_context *ctx, const syi_gap_model *m, int column)
{
    char label[SY_NAME_LENGTH];
    syi_gap_label(m, column, label, sizeof label);
    return syi_remark(ctx, SY_NOTE_ALIASED, label, 0,
                      "%s follows from the other columns%s (or does not vary): it is left out and explains nothing",
                      label, m->ask->method == SY_GAP_GELBACH ? " and the group" : " in both groups");
}

/* Leaves out what is aliased in both groups (Gelbach: within groups). */
static sy_status drop_aliased(sy_context *ctx, const syi_gap_rows *rows, syi_gap_model *m, workspace *s)
{
    const int gelbach = m->ask->method == SY_GAP_GELBACH, k = m->k;
    sy_status status = SY_OK;
    int kept = 0;
    for (int g = 0; g < 2; g++) {
        gather(s, gelbach ? 2 : g);
        factorise(m, k, gelbach ? 2 : g, s, s->aliased[g]);
    }
    for (int i = 0; i < k && !status; i++) {
        const int column = m->fitted[i], none = s->aliased[0][i];
        if (none != s->aliased[1][i]) return alias_in_one(ctx, rows, m, column, none ? 0 : 1);
        if (none) {
            m->k_adjust -= column < m->q_adjust;
            status = remark_alias(ctx, m, column);
        } else m->fitted[kept++] = column;
    }
    m->k = kept;
    return status;
}

/* Slopes of the first n fitted columns in group g (2, 3: both), the inverse of
 * their products, and the explained part of the outcome's. */
static double solve(const syi_gap_model *m, int n, int g, workspace *s, double *slope, double *inverse)
{
    syi_dd explained = syi_dd_of(0);
    gather(s, g);
    factorise(m, n, g, s, s->aliased[0]);
    for (int a = 0; a < n; a++) s->right[a] = s->matrix[m->fitted[a] * s->order + m->n_columns];
    syi_cholesky_solve(n, s->factor, s->aliased[0], s->right);
    for (int a = 0; a < n; a++) {
        slope[a] = syi_dd_round(s->right[a]);
        explained = syi_dd_add(explained, syi_dd_mul(s->right[a], s->matrix[m->fitted[a] * s->order + m->n_columns]));
    }
    for (int c = 0; c < n; c++) {
        for (int a = 0; a < n; a++) s->right[a] = syi_dd_of(a == c);
        syi_cholesky_solve(n, s->factor, s->aliased[0], s->right);
        for (int a = 0; a < n; a++) inverse[a * n + c] = syi_dd_round(s->right[a]);
    }
    return syi_dd_round(explained);
}

/* Gelbach: what the adjusting columns do by themselves. The factor in s is theirs. */
static void solve_base(const syi_gap_model *m, workspace *s, syi_gap_linear *l, double *slope)
{
    const int n = m->k_adjust, q = m->n_columns;
    solve(m, n, 2, s, slope, l->adjusting);
    syi_gap_spread(m, n, slope, l->fit.base);
    for (int j = 0; j < q; j++) {
        for (int a = 0; a < n; a++) s->right[a] = s->matrix[m->fitted[a] * s->order + j];
        syi_cholesky_solve(n, s->factor, s->aliased[0], s->right);
        for (int a = 0; a < n; a++) l->onto[a * q + j] = syi_dd_round(s->right[a]);
    }
    for (int a = 0; a < n; a++) s->right[a] = syi_dd_sub(s->mean[0][m->fitted[a]], s->mean[1][m->fitted[a]]);
    syi_cholesky_solve(n, s->factor, s->aliased[0], s->right);
    for (int a = 0; a < n; a++) l->net_slopes[a] = syi_dd_round(s->right[a]);
    for (int j = 0; j < q; j++) {
        syi_dd net = syi_dd_sub(s->mean[0][j], s->mean[1][j]);
        for (int a = 0; a < n && j >= m->q_adjust; a++)
            net = syi_dd_sub(net, syi_dd_mul(s->right[a], s->matrix[m->fitted[a] * s->order + j]));
        l->fit.net[j] = syi_dd_round(net);
    }
}

static void fill_means(const syi_gap_model *m, const workspace *s, syi_gap_linear *l)
{
    const int q = m->n_columns;
    syi_gap_fit *fit = &l->fit;
    const double all = s->weight[0] + s->weight[1];
    fit->share = s->weight[0] / all;
    for (int g = 0; g < 2; g++) {
        fit->weight[g] = s->weight[g];
        fit->y[g] = syi_dd_round(s->mean[g][q]);
        for (int j = 0; j < q; j++) fit->mean[g][j] = syi_dd_round(s->mean[g][j]);
    }
    for (int j = 0; j <= q; j++) {
        const syi_dd diff = syi_dd_sub(s->mean[0][j], s->mean[1][j]);
        if (j < q) fit->diff[j] = syi_dd_round(diff);
        l->about[j] = syi_dd_round(syi_dd_sub(s->mean[0][j], syi_dd_mul_d(diff, 1 - fit->share)));
        const double h = s->weight[0] * s->weight[1] / all;
        const double squares =
            s->products[0][j * s->order + j].hi + s->products[1][j * s->order + j].hi + h * diff.hi * diff.hi;
        l->scale[j] = squares > 0 ? sqrt(squares / all) : 1;
    }
}

static void fill_slopes(const syi_gap_model *m, workspace *s, syi_gap_linear *l, double *slope, sy_gap_result *result)
{
    const int q = m->n_columns;
    static const int kind[4] = {SY_REFERENCE_FIRST, SY_REFERENCE_SECOND, SY_REFERENCE_POOLED,
                                SY_REFERENCE_POOLED_WITHOUT};
    double *inverse[4] = {l->inverse[0], l->inverse[1], l->within, l->together};
    const int gelbach = m->ask->method == SY_GAP_GELBACH;
    for (int g = 0; g < 4; g++) {
        if (gelbach && g != 2) continue;
        const double explained = solve(m, m->k, g, s, slope, inverse[g]);
        syi_gap_spread(m, m->k, slope, l->fit.b[kind[g]]);
        if (g > 1) continue;
        const double whole = s->products[g][q * s->order + q].hi;
        result->r2[g] = whole > 0 ? explained / whole : NAN;
    }
    if (gelbach) solve_base(m, s, l, slope);
    syi_gap_mix(m, &l->fit);
}

static sy_status own_init(sy_context *ctx, const syi_gap_model *m, syi_gap_engine *e, double **slope)
{
    const size_t q = (size_t)m->n_columns + 1, k = (size_t)m->k + 1;
    const size_t bytes = syi_gap_fit_room(m) + 2 * syi_arena_room(q, sizeof(double)) +
                         5 * syi_arena_room(k * k, sizeof(double)) + syi_arena_room(k * q, sizeof(double)) +
                         2 * syi_arena_room(k, sizeof(double));
    syi_gap_linear *l = syi_alloc(1, sizeof *l);
    e->own = l;
    if (!l || syi_arena_init(&l->memory, bytes))
        return syi_fail(ctx, SY_ENOMEM, "blocks: no room for %d columns", m->n_columns);
    syi_gap_fit_take(m, &l->memory, &l->fit);
    l->about = syi_arena_take(&l->memory, q, sizeof(double));
    l->scale = syi_arena_take(&l->memory, q, sizeof(double));
    double **square[] = {&l->inverse[0], &l->inverse[1], &l->within, &l->together, &l->adjusting};
    for (size_t i = 0; i < sizeof square / sizeof *square; i++)
        *square[i] = syi_arena_take(&l->memory, k * k, sizeof(double));
    l->onto = syi_arena_take(&l->memory, k * q, sizeof(double));
    l->net_slopes = syi_arena_take(&l->memory, k, sizeof(double));
    *slope = syi_arena_take(&l->memory, k, sizeof(double));
    return SY_OK;
}

static void fill_lines(const syi_gap_model *m, const syi_gap_fit *fit, sy_gap_result *result)
{
    const int gelbach = m->ask->method == SY_GAP_GELBACH;
    const double *b[3] = {fit->b[SY_REFERENCE_FIRST], fit->b[SY_REFERENCE_SECOND],
                          fit->b[gelbach ? SY_REFERENCE_POOLED : m->ask->reference]};
    for (int j = 0; j < m->n_columns; j++) {
        sy_gap_row *row = &result->rows[m->line[j]];
        for (int g = 0; g < 2; g++) row->mean[g] = fit->mean[g][j];
        for (int i = gelbach ? 2 : 0; i < 3; i++) row->coefficient[i] = b[i][j];
    }
    for (int i = 0; i < 3 && !gelbach; i++) result->rows[m->constant_line].coefficient[i] = b[i][m->n_columns];
}

static sy_status prepare(sy_context *ctx, syi_gap_engine *e, int resampled)
{
    e->room = resampled ? syi_gap_sums_room(e) : syi_gap_influence_room(e);
    return resampled ? syi_gap_sums_prepare(ctx, e) : SY_OK;
}

static void free_own(syi_gap_engine *e)
{
    syi_gap_linear *l = e->own;
    syi_gap_sums_free(l);
    syi_arena_free(&l->memory);
    SYI_FREE(e->own);
}

static void set_values(const syi_gap_model *m, const syi_gap_linear *l, sy_gap_result *result)
{
    for (int v = 0; v < result->n_values; v++) result->estimate[v] = 0;
    syi_gap_parts(m, &l->fit, &l->fit, 1, result->estimate);
    syi_gap_ends(m, l->fit.y, result->estimate);
    fill_lines(m, &l->fit, result);
    for (int g = 0; g < 2; g++) result->group_weight[g] = l->fit.weight[g];
}

sy_status syi_gap_linear_init(sy_context *ctx, const syi_gap_rows *rows, syi_gap_model *m, sy_gap_result *result,
                              syi_gap_engine *e)
{
    workspace s = {0};
    double *slope = NULL;
    *e = (syi_gap_engine){.rows = rows,
                          .model = m,
                          .n_values = result->n_values,
                          .simd = ctx->simd,
                          .add = syi_gap_sums_add,
                          .batch = syi_gap_sums_batch,
                          .values = syi_gap_sums_values,
                          .influence = syi_gap_influence,
                          .prepare = prepare,
                          .close = free_own};
    sy_status status = check_rows(ctx, rows, m);
    if (!status) status = workspace_init(ctx, m->n_columns + 1, &s);
    for (int g = 0; g < 2 && !status; g++) status = read_group(ctx, rows, m, g, &s);
    if (!status) status = drop_aliased(ctx, rows, m, &s);
    if (!status) status = own_init(ctx, m, e, &slope);
    if (!status) {
        fill_means(m, &s, e->own);
        fill_slopes(m, &s, e->own, slope, result);
        set_values(m, e->own, result);
    }
    syi_arena_free(&s.arena);
    return status;
}
