/* Influence of the moments on every value of the table.
 *
 * A value e is a smooth function of the centred cross-products C. Its
 * derivative is taken in whitened coordinates, C = R L L' R moved to
 * R L (I + X) L' R, where the problem is equally well conditioned whatever the
 * collinearity, by central differences with one extrapolation step,
 *   e' = (8 (e(h) - e(-h)) - (e(2h) - e(-2h))) / 12 h,   h = 2^-8,
 * whose error is h^4 / 30 times a fifth derivative, about 1e-11 here; the test
 * holds it against the closed form for R2 (the influence of a row on R2(S) is
 * minus its squared residual over the total, plus (1 - R2) times its squared
 * deviation over the total). One mechanism serves every metric. With it:
 *   infinitesimal jackknife: influence of row i is w_i sum e_ab u_a u_b with u
 *     the whitened row [Jaeckel 1972; Efron 1982, doi:10.1137/1.9781611970319;
 *     Demnati & Rao 2004 for the linearisation with weights];
 *   normal theory: var = sum e_ab^2 (1 + [a = b]) / nu [Anderson 2003, sec. 3.4].
 *
 * Cost: 4 order (order + 1) / 2 evaluations; the covariance of r rows costs
 * r^2 order^2 (normal) or r order^4 / 4 (rows).
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "shares/influence_internal.h"
#include <math.h>
#include <string.h>

static const double step = 0x1p-8;

typedef struct {
    syi_evaluator *e;
    syi_influence *f;
    const syi_dd *c, *l; /* [order * order] unit diagonal, and its factor */
    double n, n_effective;
} job;

static size_t pairs_of(int order)
{
    return (size_t)order * (size_t)(order + 1) / 2;
}

double syi_influence_seconds(const syi_plan *plan, int guarded)
{
    return 4 * (double)pairs_of(plan->n_adjust + plan->k + 1) * syi_shares_seconds(plan, guarded);
}

/* L L' = C with the loadings of aliased columns kept, so that they move with
 * the others. */
static void factor(int order, const syi_dd *c, double floor_, syi_dd *l)
{
    for (int i = 0; i < order; i++)
        for (int j = 0; j <= i; j++) {
            syi_dd rest = c[i * order + j];
            for (int m = 0; m < j; m++) rest = syi_dd_sub(rest, syi_dd_mul(l[i * order + m], l[j * order + m]));
            const syi_dd above = l[j * order + j];
            if (i == j) l[i * order + i] = rest.hi > floor_ ? syi_dd_sqrt(rest) : syi_dd_of(0);
            else l[i * order + j] = above.hi > 0 ? syi_dd_div(rest, above) : syi_dd_of(0);
        }
}

/* One evaluation at C + h (l_a l_b' + l_b l_a'), or C + h l_a l_a'. */
static void evaluate_at(const job *j, int worker, int a, int b, double h, double *values)
{
    syi_arena *scratch = &j->e->scratch[worker];
    const syi_arena mark = *scratch;
    const int order = j->f->order;
    syi_dd *c = syi_arena_take(scratch, (size_t)order * (size_t)order, sizeof *c);
    for (int x = 0; x < order; x++)
        for (int y = 0; y < order; y++) {
            syi_dd move = syi_dd_mul(j->l[x * order + a], j->l[y * order + b]);
            if (a != b) move = syi_dd_add(move, syi_dd_mul(j->l[x * order + b], j->l[y * order + a]));
            c[x * order + y] = syi_dd_add(j->c[x * order + y], syi_dd_mul_d(move, h));
        }
    syi_evaluator_matrix(j->e, worker, c, j->n, j->n_effective, values);
    *scratch = mark;
}

static void differentiate(void *arg, int worker, size_t pair)
{
    const job *j = arg;
    const int order = j->f->order, n = j->f->n_values;
    static const double at[4] = {1, -1, 2, -2}, weight[4] = {8, -8, -1, 1};
    int a = 0;
    size_t left = pair;
    while (left >= (size_t)(order - a)) left -= (size_t)(order - a++);
    const int b = a + (int)left;
    if (!(j->l[a * order + a].hi > 0 && j->l[b * order + b].hi > 0)) return; /* no such direction: stays 0 */
    syi_arena *scratch = &j->e->scratch[worker];
    const syi_arena mark = *scratch;
    double *values = syi_arena_take(scratch, (size_t)n, sizeof *values);
    double *sum = syi_arena_take(scratch, (size_t)n, sizeof *sum);
    memset(sum, 0, (size_t)n * sizeof *sum);
    for (int s = 0; s < 4; s++) {
        evaluate_at(j, worker, a, b, at[s] * step, values);
        for (int e = 0; e < n; e++) sum[e] += weight[s] * values[e];
    }
    for (int e = 0; e < n; e++) j->f->gradient[(size_t)e * j->f->pairs + pair] = sum[e] / (12 * step);
    *scratch = mark;
}

static sy_status allocate(sy_context *ctx, const syi_plan *plan, syi_influence *f)
{
    const size_t order = (size_t)f->order;
    f->gradient = syi_alloc((size_t)f->n_values * f->pairs, sizeof *f->gradient);
    f->l = syi_alloc(order * order, sizeof *f->l);
    f->root = syi_alloc(order, sizeof *f->root);
    f->mean = syi_alloc(order, sizeof *f->mean);
    if (f->gradient && f->l && f->root && f->mean) return SY_OK;
    return syi_fail(ctx, SY_ENOMEM, "interval: no room for the influence of %d columns", plan->k);
}

/* Unit diagonal, and what is needed to whiten a row. */
static void standardise(const syi_plan *plan, const syi_sums *sums, syi_influence *f, syi_dd *c)
{
    const int order = f->order, q = plan->m->n_columns;
    for (int i = 0; i < order; i++) {
        const int column = plan->column[i];
        f->root[i] = sqrt(fmax(c[i * order + i].hi, 0));
        f->mean[i] = plan->m->shift[column] + sums->hi[syi_packed_at(q, 0, column + 1)] / sums->hi[0];
    }
    for (int i = 0; i < order; i++)
        for (int j = 0; j < order; j++) {
            const syi_dd product = syi_two_product(f->root[i], f->root[j]);
            c[i * order + j] = product.hi > 0 ? syi_dd_div(c[i * order + j], product) : syi_dd_of(0);
        }
}

/* What every difference starts from: c [2 * order^2] takes the standardised
 * cross-products and their factor. */
static job prepare(syi_evaluator *e, const syi_sums *sums, syi_influence *f, syi_dd *c)
{
    const syi_plan *plan = e->plan;
    const int order = f->order;
    const size_t square = (size_t)order * (size_t)order;
    syi_moments_centred(plan->m, sums, order, plan->column, c);
    standardise(plan, sums, f, c);
    double noise = 0x1p-100;
    for (int i = 0; i + 1 < order; i++)
        if (f->root[i] > 0) noise = fmax(noise, plan->floor_[i] * order);
    factor(order, c, noise, c + square);
    for (size_t i = 0; i < square; i++) f->l[i] = syi_dd_round(c[square + i]);
    double n_effective = sums->n;
    if (plan->m->weight_kind >= SY_WEIGHT_ANALYTIC) n_effective = sums->hi[0] * sums->hi[0] / sums->sum_w2;
    return (job){.e = e, .f = f, .c = c, .l = c + square, .n = sums->n, .n_effective = n_effective};
}

size_t syi_influence_room(const syi_plan *plan)
{
    const size_t order = (size_t)(plan->n_adjust + plan->k + 1);
    return syi_arena_room(order * order, sizeof(syi_dd)) +
           2 * syi_arena_room((size_t)syi_evaluator_values(plan), sizeof(double));
}

sy_status syi_influence_init(sy_context *ctx, const syi_plan *plan, const syi_sums *sums, const syi_wanted *wanted,
                             syi_influence *out)
{
    const int order = plan->n_adjust + plan->k + 1;
    *out = (syi_influence){.order = order, .pairs = pairs_of(order), .n_values = syi_evaluator_values(plan)};
    syi_evaluator e = {0};
    syi_dd *c = NULL;
    sy_status status = allocate(ctx, plan, out);
    if (!status) status = syi_evaluator_init(ctx, plan, wanted, 4 * out->pairs, syi_influence_room(plan), &e);
    if (status) goto out;
    c = syi_alloc(2 * (size_t)order * (size_t)order, sizeof *c);
    if (!c) {
        status = syi_fail(ctx, SY_ENOMEM, "interval: no room for %d columns", order);
        goto out;
    }
    job j = prepare(&e, sums, out, c);
    status = syi_evaluator_run(&e, out->pairs, differentiate, &j);
out:
    SYI_FREE(c);
    syi_evaluator_free(&e);
    return status;
}

int syi_influence_within(syi_evaluator *e, int worker, const syi_sums *sums, syi_influence *f, syi_dd *c)
{
    job j = prepare(e, sums, f, c);
    for (size_t pair = 0; pair < f->pairs; pair++) {
        if (e->stopped || e->no_room || syi_parallel_stopped()) return 0;
        differentiate(&j, worker, pair);
    }
    return 1;
}

void syi_influence_free(syi_influence *f)
{
    SYI_FREE(f->gradient);
    SYI_FREE(f->l);
    SYI_FREE(f->root);
    SYI_FREE(f->mean);
}

/* Row `row` of a metric, or the total's (the last). */
static const double *gradient_of(const syi_influence *f, int metric, int row)
{
    const size_t e = metric == SY_N_METRICS ? (size_t)f->n_values - 1 : (size_t)(row * SY_N_METRICS + metric);
    return f->gradient + e * f->pairs;
}

void syi_influence_normal(const syi_influence *f, const syi_plan *plan, int metric, double nu, double *out)
{
    const int rows = metric == SY_N_METRICS ? 1 : plan->n_rows;
    for (int r = 0; r < rows; r++)
        for (int s = 0; s <= r; s++) {
            const double *g = gradient_of(f, metric, r), *h = gradient_of(f, metric, s);
            double sum = 0;
            size_t at = 0;
            for (int a = 0; a < f->order; a++)
                for (int b = a; b < f->order; b++, at++) sum += (a == b ? 2 : 1) * (g[at] * h[at]);
            out[r * rows + s] = out[s * rows + r] = sum / nu;
        }
}

void syi_influence_rows(const syi_influence *f, const syi_plan *plan, int metric, const double *fourth, double factor_,
                        double *work, double *out)
{
    const int rows = metric == SY_N_METRICS ? 1 : plan->n_rows;
    for (int r = 0; r < rows; r++) {
        const double *g = gradient_of(f, metric, r);
        for (size_t a = 0; a < f->pairs; a++) {
            double sum = 0;
            for (size_t b = 0; b < f->pairs; b++) sum += fourth[a * f->pairs + b] * g[b];
            work[a] = sum;
        }
        for (int s = 0; s <= r; s++) {
            const double *h = gradient_of(f, metric, s);
            double sum = 0;
            for (size_t a = 0; a < f->pairs; a++) sum += work[a] * h[a];
            out[r * rows + s] = out[s * rows + r] = sum * factor_;
        }
    }
}
