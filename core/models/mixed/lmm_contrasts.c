/* Tests of combinations of a linear mixed model's coefficients.
 *
 * Satterthwaite, one combination: df = 2 v^2 / (g' A g), v its variance, g the
 * gradient of v in (theta, sigma), A their covariance. Several: with P d P' = C
 * cov C' the combinations P'C b are uncorrelated, each has df nu_m, F is the mean of t_m^2, and with
 * E = sum nu_m / (nu_m - 2) the denominator has 2 E / (E - q), 2 when some nu_m is no more, and nu when all are
 * one. Kenward and Roger: over rows O that are orthonormal in the metric of
 * the covariance, B_i = O M_i O',
 *   A1 = sum W_ij tr B_i tr B_j, A2 = sum W_ij tr B_i B_j,
 * from which denominator and scale of F follow such that mean and variance of F
 * are those of an F distribution. Cost: q p^2 times the variance parameters.
 * Fai & Cornelius 1996, doi:10.1080/00949659608811740; Kuznetsova, Brockhoff &
 * Christensen 2017, doi:10.18637/jss.v082.i13; Kenward & Roger 1997,
 * doi:10.2307/2533558; Halekoh & Hojsgaard 2014, doi:10.18637/jss.v059.i09.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_plain_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/mixed/lmm_tests_internal.h"
#include "models/vcov/vcov_internal.h"
#include "steelyard/distribution.h"
#include <string.h>

/* Eigenvalues below this part of the largest are combinations that repeat others, as in lmerTest. */
static const double rank_cut = 1.4901161193847656e-08;

static double form(int p, const double *a, const double *m, const double *b)
{
    double sum = 0;
    for (int i = 0; i < p; i++) {
        double v = 0;
        for (int j = 0; j < p; j++) v += m[(ptrdiff_t)i * p + j] * b[j];
        sum += a[i] * v;
    }
    return sum;
}

static double satterthwaite(const syi_lmm_tests *t, const double *c)
{
    const int p = t->l.p, m = t->l.n_theta, side = m + 1;
    const double v = form(p, c, t->inverse, c), sigma = sqrt(t->sigma2);
    double sum = 0;
    for (int i = 0; i < side; i++) {
        const double gi = i < m ? t->sigma2 * form(p, c, t->slope + (ptrdiff_t)i * p * p, c) : 2 * sigma * v;
        for (int j = 0; j < side; j++) {
            const double gj = j < m ? t->sigma2 * form(p, c, t->slope + (ptrdiff_t)j * p * p, c) : 2 * sigma * v;
            sum += gi * gj * t->varpar[i * side + j];
        }
    }
    return 2 * t->sigma2 * t->sigma2 * v * v / sum;
}

/* Denominator and scale from A1 and A2 (q rows). */
static void finish_kenward_roger(double q, double a1, double a2, double *df, double *scale)
{
    const double b = (a1 + 6 * a2) / (2 * q), g = ((q + 1) * a1 - (q + 4) * a2) / ((q + 2) * a2);
    const double base = 3 * q + 2 * (1 - g), c1 = g / base, c2 = (q - g) / base, c3 = (q + 2 - g) / base;
    double top = 1 + c1 * b, middle = 1 - c2 * b, gap = 1 - a2 / q;
    const double bottom = 1 - c3 * b;
    if (fabs(top) < 1e-10) top = 0;
    const double ratio = fabs(gap) < 1e-14 && fabs(middle) < 1e-14 ? 1 : gap / middle;
    const double rho = ratio * ratio * top / bottom / q;
    *df = 4 + (q + 2) / (q * rho - 1);
    *scale = fabs(*df - 2) < 0.01 ? 1 : *df * gap / (*df - 2);
}

/* B_i of the rows o [q * p], i = 0 the scale of V (I); b [(n + 1) * q * q]. */
static void put_forms(const syi_lmm_tests *t, int q, const double *o, double *b)
{
    const int p = t->l.p;
    for (int r = 0; r < q; r++)
        for (int c = 0; c < q; c++) b[r * q + c] = r == c;
    for (int i = 0; i < t->parts.n; i++)
        for (int r = 0; r < q; r++)
            for (int c = 0; c < q; c++)
                b[((i + 1) * q + r) * q + c] =
                    form(p, o + (ptrdiff_t)r * p, t->parts.m + (ptrdiff_t)i * p * p, o + (ptrdiff_t)c * p);
}

static void kenward_roger(const syi_lmm_tests *t, int q, const double *o, double *work, double *df, double *scale)
{
    const int side = t->parts.n + 1;
    double a1 = 0, a2 = 0;
    put_forms(t, q, o, work);
    for (int i = 0; i < side; i++)
        for (int j = 0; j < side; j++) {
            const double *x = work + i * q * q, *y = work + j * q * q;
            double tx = 0, ty = 0, xy = 0;
            for (int r = 0; r < q; r++) {
                tx += x[r * q + r];
                ty += y[r * q + r];
                for (int c = 0; c < q; c++) xy += x[r * q + c] * y[c * q + r];
            }
            a1 += t->weight[i * side + j] * tx * ty;
            a2 += t->weight[i * side + j] * xy;
        }
    finish_kenward_roger(q, a1, a2, df, scale);
}

/* One combination over the basis: its length one. */
static void over_basis(const syi_lmm_tests *t, const double *c, double *out)
{
    const int p = t->l.p;
    for (int j = 0; j < p; j++) {
        out[j] = 0;
        for (int i = 0; i < p; i++) out[j] += c[i] * t->parts.basis[(ptrdiff_t)i * p + j];
    }
}

sy_status syi_lmm_tests_each(sy_context *ctx, const syi_lmm_tests *t, int q, const double *c, double *covariance,
                             double *df)
{
    const int p = t->l.p, kr = t->kind == SY_DF_KENWARD_ROGER;
    double *o = syi_alloc((size_t)q * (size_t)p + (size_t)p + (size_t)t->parts.n + 1, sizeof *o);
    if (!o) return syi_fail(ctx, SY_ENOMEM, "contrasts: out of memory for %d combinations", q);
    double *unit = o + (ptrdiff_t)q * p, *work = unit + p, scale;
    for (int i = 0; i < q; i++) {
        const double *row = c + (ptrdiff_t)i * p;
        if (kr) over_basis(t, row, o + (ptrdiff_t)i * p);
        df[i] = INFINITY;
        if (t->kind == SY_DF_SATTERTHWAITE) df[i] = satterthwaite(t, row);
        if (!kr) continue;
        double length = 0;
        for (int j = 0; j < p; j++) length += o[i * p + j] * o[i * p + j];
        for (int j = 0; j < p; j++) unit[j] = o[i * p + j] / sqrt(length);
        kenward_roger(t, 1, unit, work, &df[i], &scale);
    }
    for (int i = 0; i < q; i++)
        for (int j = 0; j <= i; j++) {
            const double v = kr ? form(p, o + (ptrdiff_t)i * p, t->adjusted, o + (ptrdiff_t)j * p)
                                : form(p, c + (ptrdiff_t)i * p, t->inverse, c + (ptrdiff_t)j * p);
            covariance[i * q + j] = covariance[j * q + i] = t->sigma2 * v;
        }
    SYI_FREE(o);
    return SY_OK;
}

typedef struct {
    double *v, *d, *e, *vectors; /* [q * q] [q] [q] [q * q] */
    double *turned, *o;          /* [q * p]: P'C, and over the basis with unit covariance */
    double *b, *wald, *nu;       /* [(n + 1) * q * q] [q * q] [q] */
} rows;

static double *rows_init(const syi_lmm_tests *t, int q, rows *r)
{
    const size_t square = (size_t)q * (size_t)q, n = (size_t)t->parts.n + 1, p = (size_t)t->l.p;
    double *all = syi_alloc((n + 3) * square + 2 * (size_t)q * p + 4 * (size_t)q, sizeof *all), *at = all;
    if (!all) return NULL;
    double **piece[] = {&r->v, &r->d, &r->e, &r->vectors, &r->turned, &r->o, &r->b, &r->wald, &r->nu};
    const size_t size[] = {square,        (size_t)q,  (size_t)q, square,   (size_t)q * p,
                           (size_t)q * p, n * square, square,    (size_t)q};
    for (size_t k = 0; k < sizeof piece / sizeof *piece; k++) {
        *piece[k] = at;
        at += size[k];
    }
    return all;
}

/* Uncorrelated combinations: `turned` and d, in falling order of nothing in particular; their number. */
static int turn_rows(const syi_lmm_tests *t, int q, const double *c, rows *r)
{
    const int p = t->l.p;
    double most = 0;
    int rank = 0;
    for (int i = 0; i < q; i++)
        for (int j = 0; j < q; j++)
            r->v[i * q + j] = t->sigma2 * form(p, c + (ptrdiff_t)i * p, t->inverse, c + (ptrdiff_t)j * p);
    syi_eigen_double(q, r->v, r->d, r->e, r->vectors);
    for (int k = 0; k < q; k++) most = fmax(most, r->d[k]);
    for (int k = 0; k < q; k++) {
        if (!(r->d[k] > rank_cut * most)) continue;
        for (int j = 0; j < p; j++) {
            double v = 0;
            for (int i = 0; i < q; i++) v += r->vectors[k * q + i] * c[(ptrdiff_t)i * p + j];
            r->turned[rank * p + j] = v;
        }
        r->d[rank++] = r->d[k];
    }
    return rank;
}

static double estimate_of(const syi_lmm_tests *t, const double *c)
{
    double v = 0;
    for (int j = 0; j < t->l.p; j++) v += c[j] * t->beta[j];
    return v;
}

static double denominator(int q, const double *nu)
{
    double e = 0, mean = 0, apart = 0;
    int small = 0;
    for (int m = 0; m < q; m++) {
        mean += nu[m] / q;
        e += nu[m] / (nu[m] - 2);
        small |= nu[m] <= 2;
        if (m > 0) apart = fmax(apart, fabs(nu[m] - nu[m - 1]));
    }
    if (q == 1 || apart < 1e-8) return mean;
    return small ? 2 : 2 * e / (e - q);
}

static void joint_satterthwaite(const syi_lmm_tests *t, int q, const rows *r, syi_lmm_joint *out)
{
    const int p = t->l.p;
    out->f = 0;
    for (int m = 0; m < q; m++) {
        const double v = estimate_of(t, r->turned + (ptrdiff_t)m * p);
        out->f += v * v / r->d[m] / q;
        r->nu[m] = t->kind == SY_DF_NORMAL ? INFINITY : satterthwaite(t, r->turned + (ptrdiff_t)m * p);
    }
    out->df2 = t->kind == SY_DF_NORMAL ? INFINITY : denominator(q, r->nu);
}

static void joint_kenward_roger(const syi_lmm_tests *t, int q, rows *r, syi_lmm_joint *out)
{
    const int p = t->l.p;
    for (int m = 0; m < q; m++) {
        const double size = sqrt(r->d[m] / t->sigma2);
        over_basis(t, r->turned + (ptrdiff_t)m * p, r->o + (ptrdiff_t)m * p);
        for (int j = 0; j < p; j++) r->o[m * p + j] /= size;
        r->nu[m] = estimate_of(t, r->turned + (ptrdiff_t)m * p) / sqrt(r->d[m]);
    }
    kenward_roger(t, q, r->o, r->b, &out->df2, &out->scale);
    for (int i = 0; i < q; i++)
        for (int j = 0; j < q; j++)
            r->wald[i * q + j] = form(p, r->o + (ptrdiff_t)i * p, t->adjusted, r->o + (ptrdiff_t)j * p);
    out->f = NAN;
    if (!syi_cholesky_plain(q, r->wald, 0)) return;
    syi_cholesky_plain_forward(q, r->wald, r->nu);
    out->f = 0;
    for (int m = 0; m < q; m++) out->f += r->nu[m] * r->nu[m] / q;
}

sy_status syi_lmm_tests_joint(sy_context *ctx, const syi_lmm_tests *t, int q, const double *c, syi_lmm_joint *out)
{
    rows r;
    *out = (syi_lmm_joint){.f = NAN, .scale = 1, .df2 = NAN, .p_value = NAN};
    if (q == 0) return SY_OK;
    double *all = rows_init(t, q, &r);
    if (!all) return syi_fail(ctx, SY_ENOMEM, "contrasts: out of memory for %d combinations", q);
    const int rank = turn_rows(t, q, c, &r);
    out->df1 = rank;
    sy_status s = SY_OK;
    if (rank > 0) {
        if (t->kind == SY_DF_KENWARD_ROGER) joint_kenward_roger(t, rank, &r, out);
        else joint_satterthwaite(t, rank, &r, out);
        const double f = out->f * out->scale;
        if (isinf(out->df2)) s = sy_distribution_chi2_tail(ctx, f * rank, rank, &out->p_value);
        else if (out->df2 > 0 && f >= 0) s = sy_distribution_f_tail(ctx, f, rank, out->df2, &out->p_value);
    }
    SYI_FREE(all);
    return s;
}

sy_status syi_lmm_tests_in_use(sy_context *ctx, const syi_lmm_tests *t, int q, const double *c, double *out)
{
    const syi_lmm_rows *r = t->l.rows;
    const int k = r->m.p, p = t->l.p;
    for (int i = 0; i < q; i++) {
        for (int j = 0; j < k; j++) {
            char label[SY_NAME_LENGTH];
            const double v = c[(ptrdiff_t)i * k + j];
            if (!isfinite(v))
                return syi_fail(ctx, SY_EINVAL, "contrasts: row %d, column %d is %g; a number is needed", i + 1, j + 1,
                                v);
            if (v == 0 || !r->aliased[j]) continue;
            syi_model_label(&r->m, j, label, sizeof label);
            return syi_fail(ctx, SY_EDATA, "contrasts: row %d uses %s, which adds nothing beyond the other columns",
                            i + 1, label);
        }
        for (int j = 0; j < p; j++) out[(ptrdiff_t)i * p + j] = c[(ptrdiff_t)i * k + t->l.column[j]];
    }
    return SY_OK;
}
