/* Maximum likelihood for one factor: Sigma = l l' + diag(u), u >= 0.
 *
 * F(l, u) = log |Sigma| + tr(S Sigma^-1) is minimised by Newton's method with
 *   A = Sigma^-1, D = A (Sigma - S) A,
 *   dF/dl = 2 D l, dF/du_a = D_aa,
 *   H_jm = tr(A S_j A S_m) - tr(A S_j D S_m) - tr(D S_j A S_m) + tr(D S_jm),
 * S_j the derivative of Sigma by parameter j; the expected form, the first of
 * these alone, where H is not positive definite. A step is projected on u >= 0 and
 * halved until F falls. A uniqueness at 0 with D_aa > 0 stays there (a Heywood
 * case): the boundary, not a negative variance, is the answer, and Sigma is still
 * regular, because its loading is not 0. Start: u_a = (1 - 1 / (2 k)) / S^aa
 * [Joreskog 1967, doi:10.1007/BF02289658] with the loadings that go with these.
 *
 * Derivatives by S: the gradient is zero at the minimum, so d(l, u) = H^-1 tr(A dS
 * A S_j), and for a value with gradient c the slope is A B A with v = H^-1 c,
 * B = v_l l' + l v_l' + diag(v_u). H, not its expectation: the slope is right
 * where one factor does not fit. Its influence functions then need no normal
 * data [Yuan & Bentler 2002, doi:10.1007/BF02294845].
 *
 * Cost: (2 k)^3 / 6 + 4 k^2 multiply-adds times about 6 a step, some 6 steps.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_plain_internal.h"
#include "study/measurement/one_factor_internal.h"
#include <math.h>
#include <string.h>

enum { STEPS = 200, HALVINGS = 40 };
static const double settled = 1e-10;     /* the last step, absolute: variables are standardised */
static const double least_pivot = 1e-13; /* relative, of S and Sigma */

/* Pieces of the scratch, see make_state. */
typedef struct {
    int k;
    const double *s;
    double *sigma, *a, *d, *spare;      /* [k * k] */
    double *al, *dl;                    /* [k] A l and D l */
    double lal, ldl;                    /* l' A l, l' D l */
    double *h, *step;                   /* [(2 k)^2], [2 k] */
    double *next_loading, *next_unique; /* [k] */
} state;

size_t syi_one_factor_room(int k)
{
    return 8 * (size_t)k * (size_t)k + 8 * (size_t)k;
}

static state make_state(int k, const double *s, double *work)
{
    const size_t square = (size_t)k * (size_t)k, one = (size_t)k;
    state t = {.k = k, .s = s, .sigma = work};
    t.a = t.sigma + square;
    t.d = t.a + square;
    t.spare = t.d + square;
    t.h = t.spare + square;
    t.al = t.h + 4 * square;
    t.dl = t.al + one;
    t.step = t.dl + one;
    t.next_loading = t.step + 2 * one;
    t.next_unique = t.next_loading + one;
    return t;
}

/* F at (l, u), and A; HUGE_VAL where Sigma is not positive definite. */
static double value_at(const state *t, const double *l, const double *u)
{
    const int k = t->k;
    double value = 0;
    for (int i = 0; i < k; i++)
        for (int j = 0; j < k; j++) t->sigma[i * k + j] = l[i] * l[j] + (i == j ? u[i] : 0);
    memcpy(t->spare, t->sigma, (size_t)k * (size_t)k * sizeof(double));
    if (!syi_cholesky_plain(k, t->spare, least_pivot)) return HUGE_VAL;
    for (int i = 0; i < k; i++) value += 2 * log(t->spare[i * k + i]);
    syi_cholesky_plain_root(k, t->spare, t->d);
    syi_cholesky_plain_inverse(k, t->d, t->a);
    for (int i = 0; i < k * k; i++) value += t->s[i] * t->a[i];
    return value;
}

/* D, A l, D l from A. */
static void derive(state *t, const double *l)
{
    const int k = t->k;
    for (int i = 0; i < k; i++)
        for (int j = 0; j < k; j++) {
            double sum = 0;
            for (int c = 0; c < k; c++) sum += (t->sigma[i * k + c] - t->s[i * k + c]) * t->a[c * k + j];
            t->spare[i * k + j] = sum;
        }
    t->lal = t->ldl = 0;
    for (int i = 0; i < k; i++)
        for (int j = 0; j <= i; j++) {
            double sum = 0;
            for (int c = 0; c < k; c++) sum += t->a[i * k + c] * t->spare[c * k + j];
            t->d[i * k + j] = t->d[j * k + i] = sum;
        }
    for (int i = 0; i < k; i++) {
        t->al[i] = t->dl[i] = 0;
        for (int j = 0; j < k; j++) {
            t->al[i] += t->a[i * k + j] * l[j];
            t->dl[i] += t->d[i * k + j] * l[j];
        }
        t->lal += l[i] * t->al[i];
        t->ldl += l[i] * t->dl[i];
    }
}

/* tr(A S_a A S_b) and, taken off when `observed`, tr(A S_a D S_b) + tr(D S_a A S_b), of two loadings, of loading a
 * and uniqueness b, of two uniquenesses. */
static double two_loadings(const state *t, int a, int b, int observed)
{
    const int at = a * t->k + b;
    const double expected = 2 * (t->al[a] * t->al[b] + t->a[at] * t->lal);
    if (!observed) return expected;
    return expected - 2 * (t->al[a] * t->dl[b] + t->dl[a] * t->al[b] + t->a[at] * t->ldl + t->d[at] * t->lal) +
           2 * t->d[at];
}

static double loading_unique(const state *t, int a, int b, int observed)
{
    const int at = a * t->k + b;
    const double expected = 2 * t->a[at] * t->al[b];
    return observed ? expected - 2 * (t->a[at] * t->dl[b] + t->d[at] * t->al[b]) : expected;
}

static double two_uniques(const state *t, int a, int b, int observed)
{
    const int at = a * t->k + b;
    const double expected = t->a[at] * t->a[at];
    return observed ? expected - 2 * t->a[at] * t->d[at] : expected;
}

/* H, with the rows of held uniquenesses those of the unit matrix. */
static void fill_hessian(const state *t, const double *u, int observed)
{
    const int k = t->k, order = 2 * k;
    for (int a = 0; a < k; a++)
        for (int b = 0; b < k; b++) {
            const int held_a = u[a] == 0 && t->d[a * k + a] > 0, held_b = u[b] == 0 && t->d[b * k + b] > 0;
            const double cross = held_b ? 0 : loading_unique(t, a, b, observed);
            t->h[a * order + b] = two_loadings(t, a, b, observed);
            t->h[(k + b) * order + a] = t->h[a * order + k + b] = cross;
            t->h[(k + a) * order + k + b] = held_a || held_b ? a == b : two_uniques(t, a, b, observed);
        }
}

/* The factor of H in its place: of the observed form, else of the expected one, else with a ridge. */
static int factorise(const state *t, const double *u)
{
    const int order = 2 * t->k;
    fill_hessian(t, u, 1);
    if (syi_cholesky_plain(order, t->h, 1e-12)) return 1;
    for (double ridge = 0; ridge<1; ridge = ridge> 0 ? 100 * ridge : 1e-6) {
        fill_hessian(t, u, 0);
        for (int i = 0; i < order; i++) t->h[i * order + i] += ridge;
        if (syi_cholesky_plain(order, t->h, 1e-12)) return 1;
    }
    return 0;
}

/* One step from (l, u), where A and D are those of; the new F, or the old one when nothing is gained. *size: the
 * largest move. */
static double move(state *t, double value, double *l, double *u, double *size)
{
    const int k = t->k;
    *size = 0;
    for (int a = 0; a < k; a++) {
        t->step[a] = -2 * t->dl[a];
        t->step[k + a] = u[a] == 0 && t->d[a * k + a] > 0 ? 0 : -t->d[a * k + a];
    }
    if (!factorise(t, u)) return value;
    syi_cholesky_plain_forward(2 * k, t->h, t->step);
    syi_cholesky_plain_back(2 * k, t->h, t->step);
    double part = 1;
    for (int halving = 0; halving < HALVINGS; halving++, part /= 2) {
        *size = 0;
        for (int a = 0; a < k; a++) {
            t->next_loading[a] = l[a] + part * t->step[a];
            t->next_unique[a] = fmax(u[a] + part * t->step[k + a], 0);
            *size = fmax(*size, fmax(fabs(t->next_loading[a] - l[a]), fabs(t->next_unique[a] - u[a])));
        }
        const double now = value_at(t, t->next_loading, t->next_unique);
        if (now <= value || (*size < 1e-7 && now < value + 1e-13 * (1 + fabs(value)))) {
            memcpy(l, t->next_loading, (size_t)k * sizeof *l);
            memcpy(u, t->next_unique, (size_t)k * sizeof *u);
            return now;
        }
    }
    *size = 0;
    return value_at(t, l, u);
}

/* The first eigenvector of U^-1/2 S U^-1/2, about, into v: 30 rounds of the power method from the largest column.
 * Returns its eigenvalue. next [k] is scratch. */
static double first_direction(const state *t, const double *u, double *v, double *next)
{
    const int k = t->k;
    double most = 0, root = 1;
    for (int c = 0; c < k; c++) {
        double sum = 0;
        for (int i = 0; i < k; i++) sum += t->s[i * k + c] * t->s[i * k + c];
        if (!(sum > most)) continue;
        most = sum;
        for (int i = 0; i < k; i++) v[i] = t->s[i * k + c] / sqrt(sum * u[i]);
    }
    for (int round = 0; round < 30; round++) {
        double square = 0, before = 0;
        for (int i = 0; i < k; i++) {
            next[i] = 0;
            for (int j = 0; j < k; j++) next[i] += t->s[i * k + j] * v[j] / sqrt(u[i] * u[j]);
            square += next[i] * next[i];
            before += v[i] * v[i];
        }
        root = sqrt(square / before);
        for (int i = 0; i < k; i++) v[i] = next[i] / sqrt(square);
    }
    return root;
}

/* Uniquenesses of the other variables' explanation, and the loadings that are best with these [Joreskog 1967];
 * log |S|, or NaN when S is not positive definite. */
static double start(const state *t, int warm, double *l, double *u)
{
    const int k = t->k;
    double log_det = 0;
    memcpy(t->spare, t->s, (size_t)k * (size_t)k * sizeof(double));
    if (!syi_cholesky_plain(k, t->spare, least_pivot)) return NAN;
    for (int i = 0; i < k; i++) log_det += 2 * log(t->spare[i * k + i]);
    if (warm) return log_det;
    syi_cholesky_plain_root(k, t->spare, t->d);
    syi_cholesky_plain_inverse(k, t->d, t->a);
    for (int i = 0; i < k; i++) u[i] = (1 - 0.5 / k) / t->a[i * k + i];
    const double root = first_direction(t, u, l, t->step);
    for (int i = 0; i < k; i++) l[i] *= sqrt(u[i] * fmax(root - 1, 0.01));
    return log_det;
}

int syi_one_factor(int k, const double *s, int warm, double *loading, double *uniqueness, double *work,
                   syi_one_factor_fit *fit)
{
    state t = make_state(k, s, work);
    const double log_det = start(&t, warm, loading, uniqueness);
    double size = 1, sum = 0;
    *fit = (syi_one_factor_fit){.boundary = -1};
    if (isnan(log_det)) return 0;
    double value = value_at(&t, loading, uniqueness);
    if (isinf(value)) return 0;
    while (fit->iterations < STEPS && size > settled) {
        derive(&t, loading);
        value = move(&t, value, loading, uniqueness, &size);
        fit->iterations++;
    }
    derive(&t, loading);
    double steepest = 0;
    for (int a = 0; a < k; a++) {
        const int held = uniqueness[a] == 0 && t.d[a * k + a] > 0;
        steepest = fmax(steepest, fabs(t.dl[a]));
        if (!held) steepest = fmax(steepest, fabs(uniqueness[a] * t.d[a * k + a]));
        if (held) fit->boundary = a;
        sum += loading[a];
    }
    for (int a = 0; a < k && sum < 0; a++) loading[a] = -loading[a];
    fit->converged = size <= settled && steepest < 1e-7;
    fit->discrepancy = fmax(value - log_det - k, 0);
    return 1;
}

int syi_one_factor_slope(int k, const double *s, const double *loading, const double *uniqueness,
                         const double *by_loading, const double *by_unique, double *work, double *slope)
{
    state t = make_state(k, s, work);
    const int order = 2 * k;
    for (int i = 0; i < k * k; i++) slope[i] = NAN;
    if (isinf(value_at(&t, loading, uniqueness))) return 0;
    derive(&t, loading);
    fill_hessian(&t, uniqueness, 1);
    for (int a = 0; a < k; a++) {
        t.step[a] = by_loading[a];
        t.step[k + a] = uniqueness[a] == 0 && t.d[a * k + a] > 0 ? 0 : by_unique[a];
    }
    if (!syi_cholesky_plain(order, t.h, 1e-12)) return 0;
    syi_cholesky_plain_forward(order, t.h, t.step);
    syi_cholesky_plain_back(order, t.h, t.step);
    for (int a = 0; a < k; a++)
        for (int b = 0; b < k; b++) {
            double sum = 0; /* (B A)_ab */
            for (int c = 0; c < k; c++)
                sum +=
                    (t.step[a] * loading[c] + loading[a] * t.step[c] + (a == c ? t.step[k + a] : 0)) * t.a[c * k + b];
            t.spare[a * k + b] = sum;
        }
    for (int a = 0; a < k; a++)
        for (int b = 0; b < k; b++) {
            double sum = 0;
            for (int c = 0; c < k; c++) sum += t.a[a * k + c] * t.spare[c * k + b];
            slope[a * k + b] = sum;
        }
    return 1;
}
