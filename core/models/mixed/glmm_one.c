/* Laplace's approximation and adaptive Gauss-Hermite quadrature, one grouping
 * factor, with exact derivatives.
 *
 * Effects of a level are T u, u standard normal; with zeta = T'z the level has
 *   h(u) = sum l(e + zeta'u) - u'u / 2,  D = -h'' = I + sum w zeta zeta' = L L'
 * at its mode u*, and its log-likelihood is, with nodes s = sqrt(2) x of weights w_k,
 *   F = log sum over k of w_k exp(x_k^2) pi^(-q/2) exp h(u* + L'^-1 s_k) - log|D| / 2;
 * one node is Laplace's approximation, h(u*) - log|D| / 2.
 * Gradient by implicit differentiation. Let a_k be the nodes' shares in the sum, bars
 * their means, G = bar h', P = bar (L^-1 h') s', Q its upper triangle times -1/2 made
 * symmetric, B = -D^-1 / 2 + L'^-1 Q L^-1 = dF / dD, y_i = -2 zeta_i'B zeta_i, c = w1 y / 2,
 * v = D^-1 (sum c zeta - G). Then
 *   predictor of row i    bar g - c + w zeta'v
 *   a further parameter   bar l' - w' y / 2 - g' zeta'v  (primes: derivatives in it)
 *   T_ab                  bar[u_b sum z_a g] + u*_b sum z_a (w zeta'v - c) + 2 (Z'WZ T B)_ab - v_b sum z_a g
 * with l, g, w, w1 of glmm_density.c, at the mode where no bar stands.
 * Modes: Newton from the mode of the last point, a step being halved while the
 * slope at its end is steeper than at its start (h is concave), until a step is below 1e-7, so
 * that the next would be below rounding.
 * Cost an evaluation: 2 n p + n (3 + nodes^q) elementary functions + n q^2 steps.
 * References: Pinheiro & Bates 1995, 10.1080/10618600.1995.10474663; Skaug & Fournier 2006, 10.1016/j.csda.2006.03.005;
 * Liu & Pierce 1994, 10.1093/biomet/81.3.624; Smith 1995, 10.1080/10618600.1995.10474671 (derivative of L)
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_plain_internal.h"
#include "algebra/vector_math_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/mixed/glmm_internal.h"
#include <math.h>
#include <string.h>

enum { BLOCK_ROWS = 2048, STEPS = 200, NONE = -1, ALL = -2 };

/* Scratch of a worker: rows of one level, and q by q matrices. */
typedef struct {
    double *eta, *trial, *zeta, *slope, *mean_g, *mean_upper, *mean_lower;
    syi_glmm_slots mode, node;
    double *u, *step, *force, *next;                               /* [q] */
    double *d, *root, *inverse, *b, *p, *product, *direct, *cross; /* [q * q] */
    double *along, *mean_force, *v, *pull;                         /* [q] */
} scratch;

typedef struct {
    int n_blocks, size;
    int *first; /* [n_blocks + 1] levels */
    double *part, *sum;
    scratch *worker;
    syi_glmm_point at;
    syi_glmm_problem *g;
    const double *parameters;
    double *base, *base_eta; /* [p] coefficients that the predictors base_eta [padded] belong to */
    int based, column;       /* 1: they do; the one column whose coefficient is another now, or NONE, or ALL */
    double change;           /* by how much */
    int with_gradient;
    syi_glmm_order order; /* at the modes */
    double seconds;
} state;

static size_t scratch_room(const syi_glmm_problem *g)
{
    const size_t q = (size_t)g->factor[0].q, long_ = (size_t)g->longest, d = sizeof(double);
    return (size_t)(2 * SYI_GLMM_ARRAYS + 6 + 1) * syi_arena_room(long_, d) + syi_arena_room(q * long_, d) +
           8 * syi_arena_room(q * q, d) + 8 * syi_arena_room(q, d);
}

static void take_scratch(syi_glmm_problem *g, scratch *s)
{
    const size_t q = (size_t)g->factor[0].q, n = (size_t)g->longest, d = sizeof(double);
    syi_arena *a = &g->arena;
    double **const rows[] = {&s->eta, &s->trial, &s->slope, &s->mean_g, &s->mean_upper, &s->mean_lower};
    double **const squares[] = {&s->d, &s->root, &s->inverse, &s->b, &s->p, &s->product, &s->direct, &s->cross};
    double **const vectors[] = {&s->u, &s->step, &s->force, &s->next, &s->along, &s->mean_force, &s->v, &s->pull};
    for (int i = 0; i < 6; i++) *rows[i] = syi_arena_take(a, n, d);
    for (int i = 0; i < 8; i++) *squares[i] = syi_arena_take(a, q * q, d);
    for (int i = 0; i < 8; i++) *vectors[i] = syi_arena_take(a, q, d);
    s->zeta = syi_arena_take(a, q * n, d);
    syi_glmm_slots_of(&s->mode, syi_arena_take(a, SYI_GLMM_ARRAYS * n, d), g->longest);
    syi_glmm_slots_of(&s->node, syi_arena_take(a, SYI_GLMM_ARRAYS * n, d), g->longest);
}

/* Blocks of whole levels, of BLOCK_ROWS rows or more. */
static int cut_blocks(const syi_glmm_problem *g, int *first)
{
    int n = 0;
    ptrdiff_t from = 0;
    for (int l = 0; l < g->factor[0].n_levels; l++) {
        if (g->start[l + 1] - from < BLOCK_ROWS && l + 1 < g->factor[0].n_levels) continue;
        if (first) first[n + 1] = l + 1;
        n++;
        from = g->start[l + 1];
    }
    return n;
}

sy_status syi_glmm_one_open(sy_context *ctx, syi_glmm_problem *g)
{
    const int blocks = cut_blocks(g, NULL), size = syi_glmm_part_size(g);
    const double seconds = 1e-9 * (double)g->padded * (40 + g->p + 15 * g->n_nodes);
    const int workers = syi_parallel_workers(ctx, (size_t)blocks, seconds);
    const size_t d = sizeof(double), levels = (size_t)g->n_levels + 1;
    const size_t bytes = syi_arena_room(1, sizeof(state)) + syi_arena_room((size_t)blocks + 1, sizeof(int)) +
                         syi_arena_room((size_t)(blocks + 1) * (size_t)size, d) +
                         syi_arena_room((size_t)workers, sizeof(scratch)) + 2 * syi_arena_room(levels, d) +
                         syi_arena_room((size_t)g->p + 1, d) + syi_arena_room((size_t)g->padded, d) +
                         (size_t)workers * scratch_room(g);
    if (syi_arena_init(&g->arena, bytes) != 0)
        return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %td rows", g->padded);
    state *s = g->state = syi_arena_take(&g->arena, 1, sizeof *s);
    *s = (state){.n_blocks = blocks, .size = size, .g = g, .seconds = seconds};
    s->first = syi_arena_take(&g->arena, (size_t)blocks + 1, sizeof *s->first);
    s->part = syi_arena_take(&g->arena, (size_t)(blocks + 1) * (size_t)size, d);
    s->sum = s->part + (ptrdiff_t)blocks * size;
    s->worker = syi_arena_take(&g->arena, (size_t)workers, sizeof *s->worker);
    s->at.threshold = syi_arena_take(&g->arena, levels, d);
    s->at.level_gradient = syi_arena_take(&g->arena, levels, d);
    s->base = syi_arena_take(&g->arena, (size_t)g->p + 1, d);
    s->base_eta = syi_arena_take(&g->arena, (size_t)g->padded, d);
    for (int w = 0; w < workers; w++) take_scratch(g, &s->worker[w]);
    cut_blocks(g, s->first);
    return SY_OK;
}

static void shift_predictor(const syi_glmm_problem *g, int len, const double *from, const double *zeta, const double *u,
                            double *to)
{
    const double u0 = u[0];
    for (int i = 0; i < len; i++) to[i] = from[i] + zeta[i] * u0;
    for (int b = 1; b < g->factor[0].q; b++) {
        const double *z = zeta + (ptrdiff_t)b * g->longest, ub = u[b];
        for (int i = 0; i < len; i++) to[i] += z[i] * ub;
    }
}

/* h' at u */
static void pull(const syi_glmm_problem *g, int len, const double *zeta, const double *slope, const double *u,
                 double *force)
{
    for (int b = 0; b < g->factor[0].q; b++)
        force[b] = syi_glmm_dot(len, zeta + (ptrdiff_t)b * g->longest, slope) - u[b];
}

/* D = L L' into d. */
static int curve(const syi_glmm_problem *g, int len, const double *zeta, const double *w, double *d)
{
    const int q = g->factor[0].q;
    for (int a = 0; a < q; a++)
        for (int b = 0; b <= a; b++)
            d[a * q + b] =
                (a == b) + syi_glmm_dot3(len, zeta + (ptrdiff_t)a * g->longest, zeta + (ptrdiff_t)b * g->longest, w);
    return syi_cholesky_plain(q, d, 0);
}

/* One try of u + t step: what h' is there. Returns the slope along the step. */
static double try_step(const syi_glmm_problem *g, const syi_glmm_point *at, ptrdiff_t first, int len, double t,
                       scratch *s)
{
    const int q = g->factor[0].q;
    double slope = 0;
    for (int b = 0; b < q; b++) s->next[b] = s->u[b] + t * s->step[b];
    shift_predictor(g, len, s->eta, s->zeta, s->next, s->trial);
    syi_glmm_density(g, at, first, len, s->trial, SYI_GLMM_SEARCH, &s->mode);
    pull(g, len, s->zeta, s->mode.g, s->next, s->force);
    for (int b = 0; b < q; b++) slope += s->force[b] * s->step[b];
    return slope;
}

/* From s->u to the mode; 0 when it is not found. */
static int find_mode(const syi_glmm_problem *g, const syi_glmm_point *at, ptrdiff_t first, int len, scratch *s)
{
    const int q = g->factor[0].q;
    for (int b = 0; b < q; b++) s->step[b] = 0;
    try_step(g, at, first, len, 0, s);
    for (int i = 0; i < STEPS; i++) {
        double before = 0, largest = 0, t = 1;
        if (!curve(g, len, s->zeta, s->mode.w, s->d)) return 0;
        for (int b = 0; b < q; b++) s->step[b] = s->force[b];
        syi_cholesky_plain_forward(q, s->d, s->step);
        syi_cholesky_plain_back(q, s->d, s->step);
        for (int b = 0; b < q; b++) {
            before += s->force[b] * s->step[b];
            largest = fmax(largest, fabs(s->step[b]) / (1 + fabs(s->u[b])));
        }
        if (!(before < INFINITY)) return 0;
        if (largest < 1e-7) {
            for (int b = 0; b < q; b++) s->u[b] += s->step[b];
            return 1;
        }
        while (!(try_step(g, at, first, len, t, s) >= -before) && t > 1e-10) t /= 2;
        for (int b = 0; b < q; b++) s->u[b] = s->next[b];
    }
    return 0;
}

static double half_square(int q, const double *u)
{
    double sum = 0;
    for (int b = 0; b < q; b++) sum += u[b] * u[b];
    return sum / 2;
}

static void add_scaled(int len, double a, const double *x, double *to)
{
    for (int i = 0; i < len; i++) to[i] += a * x[i];
}

/* Means over the nodes of everything that stands under a bar, and the log of
 * their sum relative to the mode. s->root = L^-1. */
static double average_nodes(const syi_glmm_problem *g, const syi_glmm_point *at, ptrdiff_t first, int len, double h,
                            scratch *s)
{
    const int q = g->factor[0].q, ordinal = g->kind == SY_RESPONSE_ORDINAL, further = ordinal || g->spread >= 0;
    const syi_glmm_slots *n = &s->node;
    double total = 0;
    memset(s->mean_g, 0, (size_t)len * sizeof(double));
    memset(s->mean_upper, 0, (size_t)len * sizeof(double));
    memset(s->mean_lower, 0, (size_t)len * sizeof(double));
    memset(s->direct, 0, (size_t)(q * q) * sizeof(double));
    memset(s->p, 0, (size_t)(q * q) * sizeof(double));
    memset(s->mean_force, 0, (size_t)q * sizeof(double));
    for (int k = 0; k < g->n_nodes; k++) {
        const double *x = g->node + (ptrdiff_t)k * q;
        for (int b = 0; b < q; b++) {
            double sum = 0;
            for (int c = b; c < q; c++) sum += s->root[c * q + b] * x[c];
            s->next[b] = s->u[b] + sum;
        }
        shift_predictor(g, len, s->eta, s->zeta, s->next, s->trial);
        syi_glmm_density(g, at, first, len, s->trial, SYI_GLMM_NODE, &s->node);
        const double share = exp(g->log_node[k] + syi_glmm_sum(len, n->l) - half_square(q, s->next) - h);
        total += share;
        add_scaled(len, share, n->g, s->mean_g);
        if (further) add_scaled(len, share, n->upper_l, s->mean_upper);
        if (ordinal) add_scaled(len, share, n->lower_l, s->mean_lower);
        pull(g, len, s->zeta, n->g, s->next, s->force);
        for (int a = 0; a < q; a++) {
            const double along = syi_glmm_dot(len, g->factor[0].z + (ptrdiff_t)a * g->padded + first, n->g);
            double turned = 0;
            for (int c = 0; c <= a; c++) turned += s->root[a * q + c] * s->force[c];
            for (int b = 0; b < q; b++) {
                s->direct[a * q + b] += share * along * s->next[b];
                s->p[a * q + b] += share * turned * x[b];
            }
            s->mean_force[a] += share * s->force[a];
        }
    }
    for (int i = 0; i < len; i++) {
        s->mean_g[i] /= total;
        s->mean_upper[i] /= total;
        s->mean_lower[i] /= total;
    }
    for (int i = 0; i < q * q; i++) {
        s->direct[i] /= total;
        s->p[i] /= total;
    }
    for (int b = 0; b < q; b++) s->mean_force[b] /= total;
    return log(total);
}

/* The same for Laplace's approximation: all is at the mode, and h' is zero. */
static void average_mode(const syi_glmm_problem *g, int len, scratch *s)
{
    const int q = g->factor[0].q;
    memcpy(s->mean_g, s->mode.g, (size_t)len * sizeof(double));
    if (g->kind == SY_RESPONSE_ORDINAL || g->spread >= 0)
        memcpy(s->mean_upper, s->mode.upper_l, (size_t)len * sizeof(double));
    if (g->kind == SY_RESPONSE_ORDINAL) memcpy(s->mean_lower, s->mode.lower_l, (size_t)len * sizeof(double));
    memset(s->p, 0, (size_t)(q * q) * sizeof(double));
    memset(s->mean_force, 0, (size_t)q * sizeof(double));
    for (int a = 0; a < q; a++)
        for (int b = 0; b < q; b++) s->direct[a * q + b] = s->along[a] * s->u[b];
}

/* B = dF / dD from D^-1, L^-1 and P. */
static void by_curvature(const syi_glmm_problem *g, scratch *s)
{
    const int q = g->factor[0].q;
    for (int a = 0; a < q; a++)
        for (int b = 0; b < q; b++) s->b[a * q + b] = -s->inverse[a * q + b] / 2;
    if (g->n_nodes == 1) return;
    for (int i = 0; i < q; i++)
        for (int j = 0; j < q; j++) {
            const double qij = -(i <= j ? s->p[i * q + j] : s->p[j * q + i]) / 2;
            for (int a = 0; a <= i; a++)
                for (int b = 0; b <= j; b++) s->b[a * q + b] += s->root[i * q + a] * qij * s->root[j * q + b];
        }
}

/* slope: derivative in the predictor less bar g; mode.w1 becomes y, trial zeta'v. */
static void implicit(const syi_glmm_problem *g, int len, scratch *s)
{
    const int q = g->factor[0].q;
    double *y = s->trial, *c = s->slope;
    for (int i = 0; i < len; i++) y[i] = 0;
    for (int a = 0; a < q; a++)
        for (int b = 0; b <= a; b++) {
            const double *za = s->zeta + (ptrdiff_t)a * g->longest, *zb = s->zeta + (ptrdiff_t)b * g->longest;
            const double factor = -2 * (a == b ? 1 : 2) * s->b[a * q + b];
            for (int i = 0; i < len; i++) y[i] += factor * za[i] * zb[i];
        }
    for (int i = 0; i < len; i++) c[i] = s->mode.w1[i] * y[i] / 2;
    for (int b = 0; b < q; b++) s->v[b] = syi_glmm_dot(len, s->zeta + (ptrdiff_t)b * g->longest, c) - s->mean_force[b];
    syi_cholesky_plain_forward(q, s->d, s->v);
    syi_cholesky_plain_back(q, s->d, s->v);
    double *zv = s->eta;
    for (int i = 0; i < len; i++) zv[i] = 0;
    for (int b = 0; b < q; b++) add_scaled(len, s->v[b], s->zeta + (ptrdiff_t)b * g->longest, zv);
    for (int i = 0; i < len; i++) c[i] = s->mode.w[i] * zv[i] - c[i];
}

static void add_theta(const syi_glmm_problem *g, ptrdiff_t first, int len, scratch *s, double *theta)
{
    const syi_glmm_factor *f = &g->factor[0];
    const int q = f->q;
    for (int a = 0; a < q; a++) {
        const double *za = f->z + (ptrdiff_t)a * g->padded + first;
        s->pull[a] = syi_glmm_dot(len, za, s->slope);
        for (int b = 0; b <= a; b++) {
            const double *zb = f->z + (ptrdiff_t)b * g->padded + first;
            s->cross[a * q + b] = s->cross[b * q + a] = syi_glmm_dot3(len, za, zb, s->mode.w);
        }
    }
    for (int a = 0; a < q; a++)
        for (int b = 0; b < q; b++) {
            double sum = 0;
            for (int c = 0; c < q; c++) sum += f->t[a * q + c] * s->b[c * q + b];
            s->product[a * q + b] = sum;
        }
    for (int e = 0; e < f->n_entries; e++) {
        const int a = f->entry_row[e], b = f->entry_column[e];
        double sum = 0;
        for (int c = 0; c < q; c++) sum += s->cross[a * q + c] * s->product[c * q + b];
        theta[f->entry_theta[e]] += s->direct[a * q + b] + s->pull[a] * s->u[b] + 2 * sum - s->v[b] * s->along[a];
    }
}

/* Adds the derivatives of a level; slope becomes those in the predictor. */
static void differentiate(const syi_glmm_problem *g, int level, scratch *s, double *slope, double *sum)
{
    const ptrdiff_t first = g->start[level];
    const int len = (int)(g->start[level + 1] - first);
    const syi_glmm_slots *m = &s->mode;
    by_curvature(g, s);
    implicit(g, len, s);
    add_theta(g, first, len, s, sum + 1 + g->p);
    for (int i = 0; i < len; i++) slope[i] = s->mean_g[i] + s->slope[i];
    if (g->kind != SY_RESPONSE_ORDINAL && g->spread < 0) return;
    const double *y = s->trial, *zv = s->eta;
    for (int i = 0; i < len; i++) s->mean_upper[i] -= m->upper_w[i] * y[i] / 2 + m->upper_g[i] * zv[i];
    for (int i = 0; g->spread < 0 && i < len; i++) s->mean_lower[i] -= m->lower_w[i] * y[i] / 2 + m->lower_g[i] * zv[i];
    syi_glmm_scatter(g, first, len, s->mean_upper, s->mean_lower, sum);
}

/* Which coefficients are not those of base_eta: while the Hessian is differenced one at most. */
static void compare_to_base(state *e)
{
    const double *b = e->parameters + e->g->n_thresholds;
    e->column = e->based ? NONE : ALL;
    for (int j = 0; j < e->g->p && e->column != ALL; j++) {
        if (b[j] == e->base[j]) continue;
        e->change = b[j] - e->base[j];
        e->column = e->column == NONE ? j : ALL;
    }
    e->based = 0;
    if (e->column == ALL) memcpy(e->base, b, (size_t)e->g->p * sizeof *b);
}

static void fixed_part(const state *e, ptrdiff_t first, int len, double *eta)
{
    const syi_glmm_problem *g = e->g;
    double *base = e->base_eta + first;
    if (e->column == ALL) syi_glmm_fixed(g, e->parameters, first, len, base);
    memcpy(eta, base, (size_t)len * sizeof *eta);
    if (e->column >= 0)
        syi_vec_combine(g->simd, len, 1, g->x + e->column * g->padded + first, g->padded, &e->change, eta);
}

/* A level's log-likelihood; NaN when its mode is not found. */
static double level_value(state *e, int level, scratch *s, double *slope, double *sum)
{
    syi_glmm_problem *g = e->g;
    syi_glmm_factor *f = &g->factor[0];
    const ptrdiff_t first = g->start[level];
    const int len = (int)(g->start[level + 1] - first), q = f->q;
    double log_det = 0;
    if (len == 0) return 0;
    fixed_part(e, first, len, s->eta);
    syi_glmm_turn(g, f, first, len, s->zeta, g->longest);
    memcpy(s->u, f->mode + (ptrdiff_t)level * q, (size_t)q * sizeof(double));
    if (!find_mode(g, &e->at, first, len, s)) return NAN;
    shift_predictor(g, len, s->eta, s->zeta, s->u, s->trial);
    syi_glmm_density(g, &e->at, first, len, s->trial, e->order, &s->mode);
    if (!curve(g, len, s->zeta, s->mode.w, s->d)) return NAN;
    for (int b = 0; b < q && e->order == SYI_GLMM_FULL; b++) log_det += 2 * log(s->d[b * q + b]);
    syi_cholesky_plain_root(q, s->d, s->root);
    syi_cholesky_plain_inverse(q, s->root, s->inverse);
    memcpy(f->mode + (ptrdiff_t)level * q, s->u, (size_t)q * sizeof(double));
    memcpy(f->variance + (ptrdiff_t)level * q * q, s->inverse, (size_t)(q * q) * sizeof(double));
    for (int a = 0; a < q; a++) s->along[a] = syi_glmm_dot(len, f->z + (ptrdiff_t)a * g->padded + first, s->mode.g);
    double h = e->order == SYI_GLMM_FULL ? syi_glmm_sum(len, s->mode.l) - half_square(q, s->u) : 0;
    if (g->n_nodes > 1) h += average_nodes(g, &e->at, first, len, h, s);
    else average_mode(g, len, s);
    if (e->with_gradient) differentiate(g, level, s, slope, sum);
    return h - log_det / 2;
}

static void work(void *arg, int worker, size_t block)
{
    state *e = arg;
    syi_glmm_problem *g = e->g;
    double *sum = e->part + (ptrdiff_t)block * e->size;
    const ptrdiff_t first = g->start[e->first[block]], next = g->start[e->first[block + 1]];
    memset(sum, 0, (size_t)e->size * sizeof *sum);
    for (int l = e->first[block]; l < e->first[block + 1]; l++)
        sum[0] += level_value(e, l, &e->worker[worker], g->slope + g->start[l], sum);
    for (int j = 0; e->with_gradient && j < g->p; j++)
        sum[1 + j] = syi_glmm_dot(next - first, g->x + (ptrdiff_t)j * g->padded + first, g->slope + first);
}

sy_status syi_glmm_one(sy_context *ctx, syi_glmm_problem *g, const double *parameters, double *loglik, double *gradient)
{
    state *e = g->state;
    double value = -INFINITY;
    if (loglik) *loglik = value;
    if (!syi_glmm_point_of(g, parameters, &e->at)) return SY_OK;
    e->order = loglik || g->n_nodes > 1 ? SYI_GLMM_FULL : SYI_GLMM_SLOPES;
    syi_glmm_set_t(g, parameters);
    e->parameters = parameters;
    e->with_gradient = gradient != NULL;
    compare_to_base(e);
    const sy_status s = syi_parallel(ctx, (size_t)e->n_blocks, e->seconds, work, e);
    if (s < 0) return s;
    e->based = 1;
    memset(e->sum, 0, (size_t)e->size * sizeof *e->sum);
    for (int b = 0; b < e->n_blocks; b++)
        for (int j = 0; j < e->size; j++) e->sum[j] += e->part[(ptrdiff_t)b * e->size + j];
    syi_glmm_gather(g, &e->at, e->sum, &value, gradient);
    if (loglik && isfinite(value)) *loglik = value;
    return SY_OK;
}
