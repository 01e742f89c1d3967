/* Influence of clusters: what leaving one out does to every coefficient.
 *
 * b - b_(-g) = (X'WX - X_g'W X_g)^-1 X_g'W e_g with e the residuals of the whole
 * fit: exact, no refit. In the turned columns z = L^-1 x, X'WX = L L', it is
 *   L^-T u,   (I - S_g) u = t_g,   S_g = Z_g'W Z_g, t_g = Z_g'W e_g,
 * which is well conditioned whatever X is, unless the cluster itself holds
 * (nearly) all there is to know of some coefficient. Cook's distance of the
 * cluster is u'u / (rank s^2). Where
 * I - S_g is singular the eigenvectors of its zeros say which coefficients
 * cannot be estimated without the cluster; the others keep their values, which
 * do not depend on how the equations are solved then. Conditions: residuals of
 * the fit; absorbed levels must each lie within one cluster, for centring is
 * not done again. Cost: QR and one pass more of n p^2, G p^3 / 6; memory p^2 a
 * thread.
 * Belsley, Kuh & Welsch 1980, doi:10.1002/0471725153, section 2.2; Cook &
 * Weisberg 1982, Residuals and Influence in Regression, section 3.6.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/eigen_internal.h"
#include "algebra/moments_read_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/model_cross_internal.h"
#include "steelyard/diagnostics.h"
#include <math.h>
#include <string.h>

/* Below `close` a pivot is looked at by eigenvalues; below `none` an eigenvalue
 * is the rounding of zero: the turned columns have unit size and carry 1e-13. */
static const double close = 1e-6, none = 1e-10;

typedef struct {
    syi_cross cross;
    const sy_linear_summary *summary;
    const sy_linear_fit *fit;
    const sy_cluster_influence *out;
    syi_sorted sorted;
    syi_factored whole;
    syi_dd *factor;     /* [p * p] L, and behind it that of the columns less their shift */
    int *lost;          /* [sets] coefficients that cannot be estimated without the cluster */
    int *lost_first;    /* [sets] the first of them */
    syi_arena *scratch; /* [workers] */
    int workers;
} influence_job;

/* Scratch of one cluster; r = columns in use. */
typedef struct {
    double *hi, *lo; /* packed sums of the cluster */
    double *k;       /* [p * p] I - S_g of the columns in use, then its factor */
    double *t, *u;   /* [p] */
    syi_dd *d, *a, *vectors;
    int *use;       /* [p] columns in use */
    double *change; /* [p] NaN where it cannot be estimated */
    int r;
} cluster_room;

static size_t room_of(const syi_cross *c)
{
    const size_t p = (size_t)c->m->p, packed = (p + 1) * (p + 2) / 2, d = sizeof(double);
    return syi_cross_room(c) + 2 * syi_arena_room(packed, d) + syi_arena_room(p * p, d) + 3 * syi_arena_room(p, d) +
           syi_arena_room(p, sizeof(syi_dd)) + 2 * syi_arena_room(p * p, sizeof(syi_dd)) +
           syi_arena_room(p, sizeof(int));
}

static cluster_room take(const syi_cross *c, syi_arena *a)
{
    const size_t p = (size_t)c->m->p, packed = (p + 1) * (p + 2) / 2, d = sizeof(double);
    cluster_room s = {.hi = syi_arena_take(a, packed, d)};
    s.lo = syi_arena_take(a, packed, d);
    s.k = syi_arena_take(a, p * p, d);
    s.t = syi_arena_take(a, p, d);
    s.u = syi_arena_take(a, p, d);
    s.change = syi_arena_take(a, p, d);
    s.d = syi_arena_take(a, p, sizeof(syi_dd));
    s.a = syi_arena_take(a, p * p, sizeof(syi_dd));
    s.vectors = syi_arena_take(a, p * p, sizeof(syi_dd));
    s.use = syi_arena_take(a, p, sizeof(int));
    for (int i = 0; i < c->m->p; i++)
        if (!c->aliased[i]) s.use[s.r++] = i;
    return s;
}

/* K = I - S_g and t_g over the columns in use. */
static void subtract(const influence_job *j, cluster_room *s)
{
    const int p = j->cross.m->p;
    for (int a = 0; a < s->r; a++) {
        const int row = s->use[a];
        const size_t base = syi_packed_at(p, row, row);
        for (int b = a; b < s->r; b++) {
            const size_t at = base + (size_t)(s->use[b] - row);
            s->k[a * s->r + b] = s->k[b * s->r + a] = (a == b) - s->hi[at] - s->lo[at];
        }
        const size_t at = base + (size_t)(p - row);
        s->t[a] = s->hi[at] + s->lo[at];
    }
}

/* u from K u = t by Cholesky in place; 0 when a pivot is too small to trust. */
static int solve(cluster_room *s)
{
    const int r = s->r;
    double *k = s->k;
    for (int i = 0; i < r; i++) {
        for (int m = 0; m <= i; m++) {
            double rest = k[i * r + m];
            for (int l = 0; l < m; l++) rest -= k[i * r + l] * k[m * r + l];
            if (m == i && !(rest > close)) return 0;
            k[i * r + m] = m == i ? sqrt(rest) : rest / k[m * r + m];
        }
        double rest = s->t[i];
        for (int l = 0; l < i; l++) rest -= k[i * r + l] * s->u[l];
        s->u[i] = rest / k[i * r + i];
    }
    for (int i = r - 1; i >= 0; i--) {
        for (int l = i + 1; l < r; l++) s->u[i] -= k[l * r + i] * s->u[l];
        s->u[i] /= k[i * r + i];
    }
    return 1;
}

/* d = L^-T u, by back substitution over the columns in use. */
static void turn_back(const influence_job *j, const cluster_room *s, syi_dd *d)
{
    const int p = j->cross.m->p;
    for (int i = s->r - 1; i >= 0; i--) {
        syi_dd rest = d[i];
        for (int l = i + 1; l < s->r; l++)
            rest = syi_dd_sub(rest, syi_dd_mul(j->factor[(ptrdiff_t)s->use[l] * p + s->use[i]], d[l]));
        d[i] = syi_dd_div(rest, j->factor[(ptrdiff_t)s->use[i] * (p + 1)]);
    }
}

/* u by the eigenvalues of K that are not zero; the coefficients that a zero
 * touches become NaN in change. */
static void solve_singular(const influence_job *j, cluster_room *s)
{
    const int r = s->r, p = j->cross.m->p;
    for (int i = 0; i < r * r; i++) s->a[i] = syi_dd_of(s->k[i]);
    if (syi_symmetric_eigen(NULL, r, s->a, s->vectors)) return;
    memset(s->u, 0, (size_t)r * sizeof *s->u);
    for (int e = 0; e < r; e++) {
        const double value = syi_dd_round(s->a[e * r + e]);
        const syi_dd *vector = s->vectors + (ptrdiff_t)e * r;
        if (value > none) {
            double along = 0;
            for (int i = 0; i < r; i++) along += vector[i].hi * s->t[i];
            for (int i = 0; i < r; i++) s->u[i] += along / value * vector[i].hi;
            continue;
        }
        memcpy(s->d, vector, (size_t)r * sizeof *s->d);
        turn_back(j, s, s->d);
        for (int i = 0; i < r; i++) {
            const double size = sqrt(j->fit->inverse[(ptrdiff_t)s->use[i] * (p + 1)]);
            if (fabs(s->d[i].hi) > 1e-6 * size) s->change[s->use[i]] = NAN;
        }
    }
}

static void hand_over(const influence_job *j, const cluster_room *s, size_t set, double rows)
{
    const int p = j->cross.m->p, level = j->sorted.code[set];
    const double s2 = j->summary->rss / j->summary->df_resid;
    double moved = 0;
    for (int i = 0; i < s->r; i++) {
        const int c = s->use[i];
        moved += s->u[i] * s->u[i];
        if (!isnan(s->change[c])) continue;
        if (!j->lost[set]++) j->lost_first[set] = c;
    }
    for (int c = 0; c < p; c++) {
        const ptrdiff_t at = (ptrdiff_t)level * p + c;
        if (j->out->change) j->out->change[at] = s->change[c];
        if (j->out->scaled) j->out->scaled[at] = s->change[c] / sqrt(s2 * j->fit->inverse[(ptrdiff_t)c * (p + 1)]);
    }
    if (j->out->rows) j->out->rows[level] = rows;
    if (j->out->cook) j->out->cook[level] = j->lost[set] ? (double)NAN : moved / (s2 * s->r);
}

static void leave_out(void *arg, int worker, size_t set)
{
    const influence_job *j = arg;
    syi_arena *scratch = &j->scratch[worker];
    const syi_arena mark = *scratch;
    const int p = j->cross.m->p;
    cluster_room s = take(&j->cross, scratch);
    const ptrdiff_t start = j->sorted.start[set], count = j->sorted.start[set + 1] - start;
    const double rows = syi_cross_rows(&j->cross, scratch, j->sorted.order + start, 0, count, s.hi, s.lo);
    for (int c = 0; c < p; c++) s.change[c] = j->cross.aliased[c] ? (double)NAN : 0;
    if (rows > 0) {
        subtract(j, &s);
        if (!solve(&s)) {
            subtract(j, &s);
            solve_singular(j, &s);
        }
        for (int i = 0; i < s.r; i++) s.d[i] = syi_dd_of(s.u[i]);
        turn_back(j, &s, s.d);
        for (int i = 0; i < s.r; i++)
            if (!isnan(s.change[s.use[i]])) s.change[s.use[i]] = syi_dd_round(s.d[i]);
        hand_over(j, &s, set, rows);
    }
    *scratch = mark;
}

/* An absorbed level in two clusters would have another mean without one. */
static sy_status check_nested(sy_context *ctx, const sy_design *design, const sy_column *absorb, const double *residual)
{
    if (!absorb) return SY_OK;
    sy_status status = SY_OK;
    int *home = syi_alloc((size_t)absorb->n_levels, sizeof *home);
    if (!home) return syi_fail(ctx, SY_ENOMEM, "absorb: no room for %d levels", absorb->n_levels);
    for (ptrdiff_t i = 0; i < design->n && !status; i++) {
        if (isnan(residual[i])) continue;
        const int level = (int)syi_column_value(absorb, i), cluster = (int)syi_column_value(design->cluster, i) + 1;
        if (home[level] && home[level] != cluster)
            status = syi_fail(ctx, SY_EINVAL,
                              "absorb: level %s of %s lies in more than one cluster of %s; leaving a cluster out needs "
                              "absorbed levels within clusters",
                              absorb->levels[level], absorb->name, design->cluster->name);
        home[level] = cluster;
    }
    SYI_FREE(home);
    return status;
}

static void blank(const sy_cluster_influence *out, int clusters, int p)
{
    for (ptrdiff_t i = 0; i < (ptrdiff_t)clusters * p; i++) {
        if (out->change) out->change[i] = NAN;
        if (out->scaled) out->scaled[i] = NAN;
    }
    for (int g = 0; g < clusters; g++) {
        if (out->cook) out->cook[g] = NAN;
        if (out->rows) out->rows[g] = 0;
    }
}

static void find_most(const sy_cluster_influence *out, int clusters, int p)
{
    for (int c = 0; out->most && c < p; c++) {
        double most = 0;
        out->most[c] = -1;
        for (int g = 0; g < clusters; g++) {
            const double size = fabs(out->change[(ptrdiff_t)g * p + c]);
            if (!(size > most)) continue;
            most = size;
            out->most[c] = g;
        }
    }
}

static sy_status remark_lost(sy_context *ctx, const influence_job *j)
{
    const sy_column *cluster = j->cross.m->design->cluster;
    int sets = 0;
    ptrdiff_t first = -1;
    char label[SY_NAME_LENGTH];
    for (ptrdiff_t s = 0; s < j->sorted.sets; s++) {
        if (!j->lost[s]) continue;
        if (!sets++) first = s;
    }
    if (!sets) return SY_OK;
    syi_model_label(j->cross.m, j->lost_first[first], label, sizeof label);
    return syi_remark(ctx, SY_NOTE_ALIASED, cluster->name, sets,
                      "%s: %d of %td clusters hold all there is to know of a coefficient, which cannot be estimated "
                      "without them (%s: %s)",
                      cluster->name, sets, j->sorted.sets, cluster->levels[j->sorted.code[first]], label);
}

/* L, and the rows by cluster. */
static sy_status prepare(sy_context *ctx, influence_job *j, const sy_design *design)
{
    const size_t p = (size_t)j->cross.m->p;
    sy_status status = syi_model_factor(ctx, j->cross.m, &j->whole);
    if (status < 0) return status;
    j->factor = syi_alloc(2 * p * p, sizeof *j->factor);
    if (!j->factor) return syi_fail(ctx, SY_ENOMEM, "diagnostics: no room for %d columns", j->cross.m->p);
    syi_factored_lower(&j->whole, 0, j->factor);
    syi_factored_lower(&j->whole, 1, j->factor + p * p);
    j->cross.factor = j->factor + p * p;
    j->cross.shift = j->whole.t.shift;
    j->cross.aliased = j->whole.s.aliased;
    j->cross.extra = j->fit->residual;
    status = syi_sort_clusters(ctx, design->cluster, design->n, &j->sorted);
    if (status) return status;
    j->lost = syi_alloc((size_t)j->sorted.sets + 1, sizeof *j->lost);
    j->lost_first = syi_alloc((size_t)j->sorted.sets + 1, sizeof *j->lost_first);
    if (!j->lost || !j->lost_first)
        return syi_fail(ctx, SY_ENOMEM, "diagnostics: no room for %td clusters", j->sorted.sets);
    return SY_OK;
}

static sy_status run(sy_context *ctx, influence_job *j)
{
    const double p = j->cross.m->p, sets = (double)j->sorted.sets;
    const double seconds = syi_cross_seconds(&j->cross, (double)j->cross.m->design->n) + 1e-9 * sets * p * p * (p + 30);
    int ready = 1;
    j->workers = syi_parallel_workers(ctx, (size_t)j->sorted.sets, seconds);
    j->scratch = syi_alloc((size_t)j->workers, sizeof *j->scratch);
    for (int k = 0; j->scratch && ready && k < j->workers; k++)
        ready = syi_arena_init(&j->scratch[k], room_of(&j->cross)) == 0;
    if (!j->scratch || !ready) return syi_fail(ctx, SY_ENOMEM, "diagnostics: no room for %d columns", j->cross.m->p);
    return syi_parallel(ctx, (size_t)j->sorted.sets, seconds, leave_out, j);
}

static void job_free(influence_job *j)
{
    for (int k = 0; j->scratch && k < j->workers; k++) syi_arena_free(&j->scratch[k]);
    SYI_FREE(j->scratch);
    SYI_FREE(j->factor);
    syi_factored_free(&j->whole);
    SYI_FREE(j->lost);
    SYI_FREE(j->lost_first);
    syi_sorted_free(&j->sorted);
}

sy_status sy_diagnostics_clusters(sy_context *ctx, const sy_design *design, const sy_linear_model *model,
                                  const sy_linear_summary *summary, const sy_linear_fit *fit,
                                  const sy_cluster_influence *out)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    syi_model m = {0};
    influence_job j = {.summary = summary, .fit = fit, .out = out};
    if (!design->cluster) return syi_fail(ctx, SY_EINVAL, "cluster: none given; their influence needs one");
    if (!fit->residual || !fit->inverse)
        return syi_fail(ctx, SY_EINVAL, "fit: residual and inverse are needed; ask sy_linear for them");
    if (out->most && !out->change) return syi_fail(ctx, SY_EINVAL, "most: needs `change` as well");
    if (!(summary->df_resid > 0))
        return syi_fail(ctx, SY_ERANK, "diagnostics: %.0f rows for %d coefficients leave nothing to judge changes by",
                        summary->n, summary->rank);
    sy_status status = check_nested(ctx, design, model->absorb, fit->residual);
    const sy_precision precision = summary->method == SY_BY_QR_TWOFOLD ? SY_PRECISION_TWOFOLD : SY_PRECISION_DOUBLE;
    if (!status) status = syi_model_open(ctx, design, model, precision, &m);
    if (status >= 0) status = syi_model_rows(ctx, &m);
    if (status < 0) goto out;
    j.cross = (syi_cross){.m = &m, .simd = syi_lanes_width(ctx->simd)};
    status = prepare(ctx, &j, design);
    if (status) goto out;
    blank(out, design->cluster->n_levels, m.p);
    status = run(ctx, &j);
    if (status) goto out;
    find_most(out, design->cluster->n_levels, m.p);
    status = remark_lost(ctx, &j);
out:
    job_free(&j);
    syi_model_free(&m);
    return status < 0 ? status : syi_status_of_remarks(ctx, first);
}
