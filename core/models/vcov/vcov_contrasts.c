/* Tests of linear combinations of coefficients.
 *
 * Each: t = c'b / sqrt(c'Vc) with its degrees of freedom. All together: Q = (Cb)'
 * (C V C')^- (Cb), F = Q / q with q and the least degrees of freedom; or, for CR2
 * and CR3, F = (eta - q + 1) / (eta q) Q with q and eta - q + 1 (approximate
 * Hotelling test, eta of vcov_satterthwaite.c for combinations standardised by
 * their expected covariance). Combinations that repeat each other count once: q
 * is their rank, from eigenvalues of the matrix scaled to unit diagonal, cut at
 * 1e-10. Cost: q p^2 + q^3.
 * Pustejovsky & Tipton 2018, doi:10.1080/07350015.2016.1247004, section 3.2.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/distribution_internal.h"
#include "base/status_internal.h"
#include "models/vcov/vcov_internal.h"
#include "steelyard/distribution.h"
#include <math.h>

static const double RANK_CUT = 1e-10;

/* The symmetric q by q matrix a as scaled eigenvectors: row i of root is
 * lambda_i^-1/2 times the vector, over the scale; returns how many there are. */
static int inverse_root(int q, const double *a, double *work, double *root)
{
    double *scaled = work, *vectors = scaled + (ptrdiff_t)q * q, *d = vectors + (ptrdiff_t)q * q, *e = d + q;
    double most = 0;
    int rank = 0;
    for (int i = 0; i < q; i++)
        for (int j = 0; j <= i; j++) {
            const double size = sqrt(a[i * q + i]) * sqrt(a[j * q + j]);
            scaled[i * q + j] = size > 0 ? a[i * q + j] / size : 0;
        }
    syi_eigen_double(q, scaled, d, e, vectors);
    for (int m = 0; m < q; m++) most = fmax(most, d[m]);
    for (int m = 0; m < q; m++) {
        if (!(d[m] > RANK_CUT * most)) continue;
        for (int i = 0; i < q; i++) {
            const double unit = sqrt(a[i * q + i]);
            root[rank * q + i] = unit > 0 ? vectors[m * q + i] / (sqrt(d[m]) * unit) : 0;
        }
        rank++;
    }
    return rank;
}

static size_t root_room(int q)
{
    return 3 * (size_t)q * (size_t)q + 2 * (size_t)q;
}

static double t_tail(sy_context *ctx, double t, double df, sy_status *s)
{
    double tail = NAN;
    if (*s < 0 || isnan(t) || !(df > 0)) return (double)NAN;
    if (isinf(t)) return 0;
    *s = sy_distribution_t_tail(ctx, fabs(t), df, &tail);
    return 2 * tail;
}

/* estimate [q], variance [q * q] and df [q] stand in `out` and v. */
static sy_status test_each(sy_context *ctx, int q, const double *v, double level, sy_contrasts *out)
{
    sy_status s = SY_OK;
    for (int i = 0; i < q && s >= 0; i++) {
        double step = NAN;
        out->std_error[i] = sqrt(v[i * q + i]);
        out->statistic[i] = isnan(out->df[i]) ? (double)NAN : out->estimate[i] / out->std_error[i];
        out->p_value[i] = t_tail(ctx, out->statistic[i], out->df[i], &s);
        if (s >= 0 && out->df[i] > 0) s = syi_t_width(ctx, level, out->df[i], &step);
        out->low[i] = out->estimate[i] - step * out->std_error[i];
        out->high[i] = out->estimate[i] + step * out->std_error[i];
    }
    return s;
}

/* eta = 0: F with the least df; `rank` > 0 is what eta was made for. */
static sy_status test_all(sy_context *ctx, int q, const double *v, double eta, int rank, double *work,
                          sy_contrasts *out)
{
    double *root = work + root_room(q) - (ptrdiff_t)q * q, total = 0, least = HUGE_VAL;
    int whole = 1;
    out->f = out->f_p = out->f_df2 = NAN;
    for (int i = 0; i < q; i++) {
        whole &= !isnan(out->estimate[i]) && !isnan(v[i * q + i]);
        least = fmin(least, isnan(out->df[i]) ? 0 : out->df[i]);
    }
    const int found = whole ? inverse_root(q, v, work, root) : 0;
    out->f_df1 = eta > 0 ? rank : found;
    for (int m = 0; m < found; m++) {
        double sum = 0;
        for (int i = 0; i < q; i++) sum += root[m * q + i] * out->estimate[i];
        total += sum * sum;
    }
    if (found == 0 || found < out->f_df1) return SY_OK; /* fewer clusters than combinations: no test */
    out->f_df2 = eta > 0 ? eta - out->f_df1 + 1 : least;
    if (!(out->f_df2 > 0)) return SY_OK;
    out->f = total / out->f_df1 * (eta > 0 ? out->f_df2 / eta : 1);
    return sy_distribution_f_tail(ctx, out->f, out->f_df1, out->f_df2, &out->f_p);
}

/* sum over j of c_j x_j; coefficients with c_j = 0 are not looked at */
static double combine(int p, const double *c, const double *x, ptrdiff_t step)
{
    double sum = 0;
    for (int j = 0; j < p; j++)
        if (c[j] != 0) sum += c[j] * x[j * step];
    return sum;
}

/* Estimates, df and the covariance v [q * q]; work [p]. */
static void apply(int p, const double *coefficient, const double *covariance, const double *df, int q, const double *c,
                  double *v, double *work, sy_contrasts *out)
{
    for (int i = 0; i < q; i++) {
        const double *row = c + (ptrdiff_t)i * p;
        out->estimate[i] = combine(p, row, coefficient, 1);
        out->df[i] = NAN;
        for (int j = 0; j < p; j++) {
            if (row[j] != 0) out->df[i] = fmin(out->df[i], df[j]); /* of those that have some */
            work[j] = combine(p, row, covariance + j, p);
        }
        for (int k = 0; k <= i; k++) v[i * q + k] = v[k * q + i] = combine(p, c + (ptrdiff_t)k * p, work, 1);
    }
}

static sy_status check(sy_context *ctx, int p, int q, const double *c, double level)
{
    if (!(level > 0 && level < 1))
        return syi_fail(ctx, SY_EINVAL, "level = %g: a number between 0 and 1, both excluded, is needed", level);
    if (q < 1 || p < 1) return syi_fail(ctx, SY_EINVAL, "contrasts: none given; at least one is needed");
    for (int i = 0; i < q; i++) {
        int some = 0;
        for (int j = 0; j < p; j++) {
            const double v = c[(ptrdiff_t)i * p + j];
            if (!isfinite(v))
                return syi_fail(ctx, SY_EINVAL, "contrasts: row %d, column %d is %g; a number is needed", i + 1, j + 1,
                                v);
            some |= v != 0;
        }
        if (!some) return syi_fail(ctx, SY_EINVAL, "contrasts: row %d is zero everywhere", i + 1);
    }
    return SY_OK;
}

sy_status sy_vcov_contrasts(sy_context *ctx, int p, const double *coefficient, const double *covariance,
                            const double *df, int q, const double *c, double level, sy_contrasts *out)
{
    syi_enter(ctx);
    sy_status s = check(ctx, p, q, c, level);
    if (s < 0) return s;
    const size_t square = (size_t)q * (size_t)q;
    double *v = syi_alloc(square + root_room(q) + (size_t)p, sizeof *v);
    if (!v) return syi_fail(ctx, SY_ENOMEM, "contrasts: out of memory for %d combinations", q);
    apply(p, coefficient, covariance, df, q, c, v, v + square + root_room(q), out);
    s = test_each(ctx, q, v, level, out);
    if (s >= 0) s = test_all(ctx, q, v, 0, 0, v + square, out);
    SYI_FREE(v);
    return s;
}

/* l [q * rank] = c map: combinations in the basis */
static void into_basis(const syi_basis *b, const syi_clusters *k, int q, const double *c, double *l)
{
    const int r = b->rank;
    for (int i = 0; i < q; i++)
        for (int m = 0; m < r; m++) {
            double sum = 0;
            for (int j = 0; j < r; j++) sum += c[(ptrdiff_t)i * b->p + b->column[j]] * k->map[j * r + m];
            l[i * r + m] = sum;
        }
}

typedef struct {
    double *l, *turned, *omega, *root, *work;
} pieces;

/* Satterthwaite's df of each combination into df, and eta with its rank. */
static sy_status distribution_of(sy_context *ctx, const syi_clusters *k, sy_vcov_kind kind, int q, const pieces *s,
                                 double *df, double *eta, int *rank)
{
    syi_corrected own = {0}, joint = {0};
    sy_status status = syi_clusters_correct(ctx, k, kind, q, s->l, &own);
    if (status >= 0) status = syi_satterthwaite(ctx, k, &own, q, df);
    if (status < 0) goto out;
    syi_clusters_expectation(k, &own, q, s->omega);
    *rank = inverse_root(q, s->omega, s->work, s->root);
    for (int i = 0; i < *rank; i++)
        for (int m = 0; m < k->rank; m++) {
            double sum = 0;
            for (int j = 0; j < q; j++) sum += s->root[i * q + j] * s->l[j * k->rank + m];
            s->turned[i * k->rank + m] = sum;
        }
    if (*rank == 0) goto out;
    status = syi_clusters_correct(ctx, k, kind, *rank, s->turned, &joint);
    if (status >= 0) status = syi_hotelling_eta(ctx, k, &joint, *rank, eta);
out:
    syi_corrected_free(&own);
    syi_corrected_free(&joint);
    return status;
}

static sy_status reduced_df(sy_context *ctx, const syi_basis *b, sy_vcov_kind kind, int q, const double *c, double *df,
                            double *eta, int *rank)
{
    const size_t lines = (size_t)q * (size_t)b->rank, square = (size_t)q * (size_t)q;
    double *all = syi_alloc(2 * lines + 2 * square + root_room(q), sizeof *all);
    syi_sorted sorted = {0};
    syi_clusters k = {0};
    sy_status s = all ? SY_OK : syi_fail(ctx, SY_ENOMEM, "contrasts: out of memory for %d combinations", q);
    if (s >= 0) s = syi_find_clusters(ctx, b->design->cluster, b->design->n, &sorted);
    if (s >= 0) s = syi_vcov_sorted(ctx, b, &sorted, b->design->cluster, "cluster", kind, &k);
    if (s >= 0) {
        const pieces piece = {all, all + lines, all + 2 * lines, all + 2 * lines + square,
                              all + 2 * lines + 2 * square};
        into_basis(b, &k, q, c, piece.l);
        syi_scale_rows(q, b->rank, piece.l);
        s = distribution_of(ctx, &k, kind, q, &piece, df, eta, rank);
    }
    SYI_FREE(all);
    syi_sorted_free(&sorted);
    syi_clusters_free(&k);
    return s;
}

static sy_status check_aliased(sy_context *ctx, const syi_basis *b, int q, const double *c)
{
    char label[SY_NAME_LENGTH];
    for (int j = 0; j < b->p; j++) {
        if (!isnan(b->coefficient[j])) continue;
        for (int i = 0; i < q; i++) {
            if (c[(ptrdiff_t)i * b->p + j] == 0) continue;
            syi_model_label(&b->m, j, label, sizeof label);
            return syi_fail(ctx, SY_EDATA, "contrasts: row %d uses %s, which adds nothing beyond the other columns",
                            i + 1, label);
        }
    }
    return SY_OK;
}

/* Combinations whose variance is zero but for rounding; their number. */
static int drop_lost(const syi_basis *b, int q, const double *c, double *v, double *work, double *df)
{
    const double sigma2 = b->fit.sigma * b->fit.sigma;
    int lost = 0;
    for (int i = 0; i < q; i++) {
        const double *row = c + (ptrdiff_t)i * b->p;
        for (int j = 0; j < b->p; j++) work[j] = combine(b->p, row, b->inverse + j, b->p);
        if (!syi_vcov_lost(v[i * q + i], sigma2 * combine(b->p, row, work, 1))) continue;
        for (int k = 0; k < q; k++) v[i * q + k] = v[k * q + i] = 0;
        df[i] = NAN;
        lost++;
    }
    return lost;
}

static sy_status test_in(sy_context *ctx, syi_basis *b, sy_vcov_kind kind, const sy_column *second, int q,
                         const double *c, double level, sy_contrasts *out)
{
    const size_t p = (size_t)b->p, square = (size_t)q * (size_t)q;
    double eta = 0;
    int rank = 0;
    double *v = syi_alloc(square + root_room(q) + 2 * p + p * p, sizeof *v);
    if (!v) return syi_fail(ctx, SY_ENOMEM, "contrasts: out of memory for %d combinations", q);
    double *work = v + square, *line = work + root_room(q), *df = line + p, *covariance = df + p;
    sy_status s = syi_vcov_of(ctx, b, kind, second, covariance, df);
    if (s >= 0) apply(b->p, b->coefficient, covariance, df, q, c, v, line, out);
    if (s >= 0 && !second && (kind == SY_VCOV_CR2 || kind == SY_VCOV_CR3))
        s = reduced_df(ctx, b, kind, q, c, out->df, &eta, &rank);
    if (s >= 0 && kind != SY_VCOV_CLASSICAL && drop_lost(b, q, c, v, line, out->df) > 0) eta = 0;
    if (s >= 0) s = test_each(ctx, q, v, level, out);
    if (s >= 0) s = test_all(ctx, q, v, eta, rank, work, out);
    SYI_FREE(v);
    return s;
}

sy_status sy_vcov_test(sy_context *ctx, const sy_design *design, const sy_linear_model *model,
                       const sy_linear_options *options, sy_vcov_kind kind, const sy_column *second, int q,
                       const double *c, double level, sy_contrasts *out)
{
    const int first = ctx->n_remarks;
    syi_basis b = {0};
    syi_enter(ctx);
    sy_status s = syi_vcov_check(ctx, design, model, kind, second);
    if (s >= 0) s = syi_basis_init(ctx, design, model, options, &b);
    if (s >= 0) s = check(ctx, b.p, q, c, level);
    if (s >= 0) s = check_aliased(ctx, &b, q, c);
    if (s >= 0) s = test_in(ctx, &b, kind, second, q, c, level, out);
    syi_basis_free(&b);
    return s < 0 ? s : syi_status_of_remarks(ctx, first);
}
