/* Wild cluster bootstrap of one coefficient, the null imposed.
 *
 * With the null b_k = c imposed the residuals are e + Z l tau, tau = (b_k - c) /
 * l'l, where b_k = l'theta in the orthonormal basis. A replicate multiplies each
 * cluster's residuals by v_g and fits again; with u_g = Z_g'W e_g, N_g = Z_g'W Z_g,
 * r_g = N_g l, A = sum v_g u_g and R = sum v_g r_g
 *   b* - c = l'(A + tau R),
 *   cluster g's part of its CR1 variance = v_g l'(u_g + tau r_g) - r_g'(A + tau R),
 * so t* is the ratio of a line and the root of a parabola in tau: five numbers a
 * replicate, good for every null. Limits are found by bisection on the null, to
 * 1e-8 standard errors, at no further resampling. t and t* use CR1.
 * Weights v_g: +1, -1 (Rademacher) or +-sqrt(1/2), +-1, +-sqrt(3/2) (Webb).
 * p value: the share of replicates with |t*| >= |t|; drawn ones count the sample
 * itself as one of them (Davison & Hinkley 1997, section 4.2), so it is never 0.
 * When all 2^G patterns of signs are no more than the replicates, each is taken
 * once, half of them in fact, as a pattern and its mirror image agree.
 * Conditions: two clusters; few treated clusters make it conservative. Cost: G
 * p^2 once, G p a replicate, one line a replicate and null.
 * Cameron, Gelbach & Miller 2008, doi:10.1162/rest.90.3.414; Webb 2023,
 * doi:10.1111/caje.12661; Roodman, Nielsen, MacKinnon & Webb 2019,
 * doi:10.1177/1536867X19830877; MacKinnon, Nielsen & Webb 2023,
 * doi:10.1016/j.jeconom.2022.04.001.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/parallel_internal.h"
#include "base/random_internal.h"
#include "base/status_internal.h"
#include "models/vcov/vcov_internal.h"
#include "steelyard/distribution.h"
#include <math.h>
#include <string.h>

enum { MOST_SIGNS = 30, BLOCK = 32, DOUBLINGS = 20, HALVINGS = 100, BREATH = 65536, MOST_REPLICATES = 10000000 };
static const double TIE = 1e-9, TOLERANCE = 1e-8;

/* t* = (line[0] + line[1] tau) / sqrt(square[0] + 2 square[1] tau + square[2] tau^2) */
typedef struct {
    double line[2], square[3];
} replicate;

typedef struct {
    int rank, enumerate;
    ptrdiff_t count; /* clusters */
    sy_wild_kind kind;
    uint64_t seed;
    size_t replicates;
    double estimate, error, ll; /* coefficient, CR1 standard error, l'l */
    double classical;           /* variance */
    const double *l, *u;
    double *r, *alpha, *rho; /* [count * rank], [count], [count] */
    replicate *out;
    double *scratch; /* [workers][2 rank + count] */
} job;

static double webb(uint32_t face)
{
    static const double point[6] = {-1.224744871391589, -1, -0.7071067811865476,
                                    0.7071067811865476, 1,  1.224744871391589};
    return point[face];
}

static double draw(const job *j, size_t r, ptrdiff_t g)
{
    syi_stream s;
    if (j->enumerate) return g > 0 && (r >> (g - 1) & 1) ? -1 : 1;
    syi_stream_init(&s, j->seed, (uint32_t)r, (uint32_t)g);
    if (j->kind == SY_WILD_WEBB) return webb(syi_stream_below(&s, 6));
    return syi_stream_bits(&s) & 1 ? 1 : -1;
}

static void one(const job *j, size_t r, double *a, double *b, double *v)
{
    const int rank = j->rank;
    replicate *out = &j->out[r];
    *out = (replicate){{0, 0}, {0, 0, 0}};
    memset(a, 0, 2 * (size_t)rank * sizeof *a);
    for (ptrdiff_t g = 0; g < j->count; g++) {
        const double *u = j->u + g * rank, *n = j->r + g * rank;
        v[g] = draw(j, r, g);
        for (int i = 0; i < rank; i++) {
            a[i] += v[g] * u[i];
            b[i] += v[g] * n[i];
        }
    }
    for (int i = 0; i < rank; i++) {
        out->line[0] += j->l[i] * a[i];
        out->line[1] += j->l[i] * b[i];
    }
    for (ptrdiff_t g = 0; g < j->count; g++) {
        const double *n = j->r + g * rank;
        double x = v[g] * j->alpha[g], y = v[g] * j->rho[g];
        for (int i = 0; i < rank; i++) {
            x -= n[i] * a[i];
            y -= n[i] * b[i];
        }
        out->square[0] += x * x;
        out->square[1] += x * y;
        out->square[2] += y * y;
    }
}

static void work(void *arg, int worker, size_t block)
{
    const job *j = arg;
    double *a = j->scratch + (size_t)worker * (2 * (size_t)j->rank + (size_t)j->count);
    const size_t first = block * BLOCK, end = first + BLOCK < j->replicates ? first + BLOCK : j->replicates;
    for (size_t r = first; r < end; r++) one(j, r, a, a + j->rank, a + 2 * j->rank);
}

static double p_value_at(const job *j, double null)
{
    const double tau = (j->estimate - null) / j->ll, factor = (double)j->count / ((double)j->count - 1);
    const double t = fabs((j->estimate - null) / j->error) * (1 - TIE);
    double more = j->enumerate; /* the first pattern is the sample itself */
    for (size_t r = (size_t)j->enumerate; r < j->replicates; r++) {
        if (r % BREATH == 0 && syi_parallel_stopped()) return 0;
        const replicate *x = &j->out[r];
        const double square = x->square[0] + tau * (2 * x->square[1] + tau * x->square[2]);
        const double line = x->line[0] + tau * x->line[1];
        more += line * line >= t * t * factor * square; /* 0 >= 0: the replicate cannot tell, and does not speak */
    }
    return j->enumerate ? more / (double)j->replicates : (more + 1) / ((double)j->replicates + 1);
}

/* The end of the nulls that are not rejected on one side (-1 below, 1 above). */
static double limit(const job *j, double side, double step, double alpha)
{
    double inside = 0, outside = step;
    int k = 0;
    while (k < DOUBLINGS && p_value_at(j, j->estimate + side * outside) > alpha) {
        inside = outside;
        outside *= 2;
        k++;
    }
    if (k == DOUBLINGS) return side * HUGE_VAL;
    for (k = 0; k < HALVINGS && outside - inside > TOLERANCE * j->error; k++) {
        const double middle = 0.5 * (inside + outside);
        if (p_value_at(j, j->estimate + side * middle) > alpha) inside = middle;
        else outside = middle;
    }
    return j->estimate + side * outside;
}

static void prepare(const syi_clusters *c, job *j)
{
    const int rank = c->rank;
    double sum = 0;
    for (int i = 0; i < rank; i++) j->ll += j->l[i] * j->l[i];
    for (ptrdiff_t g = 0; g < c->count; g++) {
        double *r = j->r + g * rank;
        for (int i = 0; i < rank; i++) {
            for (int m = 0; m < rank; m++) r[i] += c->n[(g * rank + i) * rank + m] * j->l[m];
            j->alpha[g] += j->l[i] * c->u[g * rank + i];
            j->rho[g] += j->l[i] * r[i];
        }
        sum += j->alpha[g] * j->alpha[g];
    }
    j->error = sqrt((double)c->count / ((double)c->count - 1) * sum);
}

static sy_status resample(sy_context *ctx, const syi_clusters *c, job *j)
{
    const size_t count = (size_t)c->count, rank = (size_t)c->rank, blocks = (j->replicates + BLOCK - 1) / BLOCK;
    const double seconds = (double)j->replicates * (double)count * ((double)rank * 2e-9 + 2e-8);
    const int workers = syi_parallel_workers(ctx, blocks, seconds);
    j->r = syi_alloc(count * rank + 2 * count, sizeof *j->r);
    j->out = syi_alloc(j->replicates, sizeof *j->out);
    j->scratch = syi_alloc((size_t)workers * (2 * rank + count), sizeof *j->scratch);
    if (!j->r || !j->out || !j->scratch)
        return syi_fail(ctx, SY_ENOMEM, "wild bootstrap: out of memory for %zu replicates", j->replicates);
    j->alpha = j->r + count * rank;
    j->rho = j->alpha + count;
    prepare(c, j);
    return syi_parallel(ctx, blocks, seconds, work, j);
}

/* What replicates say, to be found in one block of work: each p value reads them all. */
typedef struct {
    const job *j;
    double null, step, alpha, p_value, low, high;
} verdict;

static void find_limits(void *arg, int worker, size_t i)
{
    verdict *v = arg;
    (void)worker;
    (void)i;
    v->p_value = p_value_at(v->j, v->null);
    v->low = limit(v->j, -1, v->step, v->alpha);
    v->high = limit(v->j, 1, v->step, v->alpha);
}

static sy_status answer(sy_context *ctx, const job *j, double null, double level, double *p_value, double *low,
                        double *high)
{
    double t = 0;
    sy_status s = sy_distribution_t_quantile(ctx, (1 + level) / 2, (double)j->count - 1, &t);
    if (s < 0) return s;
    if (syi_vcov_lost(j->error * j->error, j->classical))
        return syi_fail(ctx, SY_EDATA, "wild bootstrap: the residuals of every cluster are zero for this coefficient");
    verdict v = {.j = j, .null = null, .step = t * j->error, .alpha = 1 - level};
    s = syi_parallel(ctx, 1, 0, find_limits, &v);
    if (s < 0) return s;
    *p_value = v.p_value;
    *low = v.low;
    *high = v.high;
    if (isfinite(*low) && isfinite(*high)) return SY_OK;
    return syi_remark(ctx, SY_NOTE_INTERVAL_SKIPPED, "wild", (double)j->count,
                      "wild bootstrap: with %td clusters no value is far enough away to be rejected; the limits are "
                      "infinite (Webb's six points may help)",
                      j->count);
}

static sy_status check(sy_context *ctx, const sy_design *design, double null, sy_wild_kind kind, int replicates,
                       double level)
{
    if (!design->cluster) return syi_fail(ctx, SY_EINVAL, "cluster: none given; the wild bootstrap needs clusters");
    if (kind != SY_WILD_RADEMACHER && kind != SY_WILD_WEBB)
        return syi_fail(ctx, SY_EINVAL, "wild: %d; it must be rademacher or webb", (int)kind);
    if (replicates < 1 || replicates > MOST_REPLICATES)
        return syi_fail(ctx, SY_EINVAL, "replicates = %d: 1 to %d are possible", replicates, MOST_REPLICATES);
    if (!(level > 0 && level < 1))
        return syi_fail(ctx, SY_EINVAL, "level = %g: a number between 0 and 1, both excluded, is needed", level);
    return isfinite(null) ? SY_OK : syi_fail(ctx, SY_EINVAL, "null = %g: a number is needed", null);
}

/* The place of a column among those in use. */
static sy_status place_of(sy_context *ctx, const syi_basis *b, int coefficient, int *place)
{
    char label[SY_NAME_LENGTH];
    if (coefficient < 0 || coefficient >= b->p)
        return syi_fail(ctx, SY_EINVAL, "coefficient: %d is not among the %d of the model", coefficient, b->p);
    for (*place = 0; *place < b->rank; (*place)++)
        if (b->column[*place] == coefficient) return SY_OK;
    syi_model_label(&b->m, coefficient, label, sizeof label);
    return syi_fail(ctx, SY_EDATA, "coefficient: %s adds nothing beyond the other columns", label);
}

sy_status sy_vcov_wild(sy_context *ctx, const sy_design *design, const sy_linear_model *model, int coefficient,
                       double null, sy_wild_kind kind, int replicates, uint64_t seed, double level, double *p_value,
                       double *low, double *high)
{
    const int first = ctx->n_remarks;
    syi_basis b = {0};
    syi_sorted sorted = {0};
    syi_clusters c = {0};
    sy_linear_options options;
    int place = 0;
    syi_enter(ctx);
    sy_linear_defaults(&options);
    job j = {.kind = kind, .seed = seed, .replicates = (size_t)replicates};
    sy_status s = check(ctx, design, null, kind, replicates, level);
    if (s >= 0) s = syi_basis_init(ctx, design, model, &options, &b);
    if (s >= 0) s = place_of(ctx, &b, coefficient, &place);
    if (s >= 0) s = syi_sort_clusters(ctx, design->cluster, design->n, &sorted);
    if (s >= 0) s = syi_vcov_sorted(ctx, &b, &sorted, design->cluster, "cluster", SY_VCOV_CR1, &c);
    if (s >= 0) {
        j.rank = c.rank;
        j.count = c.count;
        j.estimate = b.coefficient[coefficient];
        j.classical = b.fit.sigma * b.fit.sigma * b.inverse[(ptrdiff_t)coefficient * (b.p + 1)];
        j.l = c.map + (ptrdiff_t)place * c.rank;
        j.u = c.u;
        j.enumerate = kind == SY_WILD_RADEMACHER && c.count <= MOST_SIGNS && (1 << c.count) <= replicates;
        if (j.enumerate) j.replicates = (size_t)1 << (c.count - 1);
        s = resample(ctx, &c, &j);
    }
    if (s >= 0) s = answer(ctx, &j, null, level, p_value, low, high);
    SYI_FREE(j.r);
    SYI_FREE(j.out);
    SYI_FREE(j.scratch);
    syi_clusters_free(&c);
    syi_sorted_free(&sorted);
    syi_basis_free(&b);
    return s < 0 ? s : syi_status_of_remarks(ctx, first);
}
