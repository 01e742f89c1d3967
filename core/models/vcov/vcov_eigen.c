/* Eigenvalues and vectors of a symmetric matrix in double, for the many small
 * matrices of cluster corrections.
 *
 * A = V diag(d) V'. Householder reflections make A tridiagonal, then QL steps
 * with implicit shifts make it diagonal; the vectors are turned along. Why not
 * the Jacobi of eigen.c: a correction needs a decomposition a cluster, and this
 * costs a third; the eigenvalues here lie between 0 and 1, so errors of a few
 * roundings of 1 are what the result can bear. Conditions: finite entries.
 * Cost: about 9 k^3 multiply-adds.
 * Golub & Van Loan 2013, Matrix Computations, sections 8.3.1 and 8.3.5; Bowdler,
 * Martin, Reinsch & Wilkinson 1968, doi:10.1007/BF02219768.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "models/vcov/vcov_internal.h"
#include <math.h>
#include <string.h>

enum { STEPS = 60 }; /* two or three an eigenvalue are the rule */

/* The reflection that clears row i left of its subdiagonal: the vector goes
 * into row i, beta is its factor; returns the new subdiagonal entry. */
static double reflect(int k, double *a, int i, double *beta)
{
    double *v = a + (ptrdiff_t)i * k, scale = 0, sum = 0;
    for (int j = 0; j < i; j++) scale = fmax(scale, fabs(v[j]));
    *beta = 0;
    double rest = 0;
    for (int j = 0; j < i - 1; j++) rest = fmax(rest, fabs(v[j]));
    if (i < 2 || rest == 0) return i > 0 ? v[i - 1] : 0;
    for (int j = 0; j < i; j++) {
        v[j] /= scale;
        sum += v[j] * v[j];
    }
    const double last = v[i - 1], g = last > 0 ? -sqrt(sum) : sqrt(sum);
    v[i - 1] = last - g;
    *beta = 1 / (sum - last * g);
    return scale * g;
}

/* A <- H A H on the leading i by i part, lower triangle, H = I - beta v v'. */
static void apply_reflection(int k, double *a, int i, double beta, double *w)
{
    const double *v = a + (ptrdiff_t)i * k;
    double inner = 0;
    for (int j = 0; j < i; j++) w[j] = 0;
    for (int j = 0; j < i; j++) {
        const double *row = a + (ptrdiff_t)j * k;
        double sum = row[j] * v[j];
        for (int m = 0; m < j; m++) {
            sum += row[m] * v[m];
            w[m] += row[m] * v[j];
        }
        w[j] += sum;
    }
    for (int j = 0; j < i; j++) inner += v[j] * w[j];
    for (int j = 0; j < i; j++) w[j] = beta * (w[j] - 0.5 * beta * inner * v[j]);
    for (int j = 0; j < i; j++) {
        double *row = a + (ptrdiff_t)j * k;
        for (int m = 0; m <= j; m++) row[m] -= v[j] * w[m] + w[j] * v[m];
    }
}

/* a: diagonal into d, subdiagonal into e[1..k-1]; vectors becomes the product
 * of the reflections, transposed: row i of `vectors` turns into the i-th vector. */
static void tridiagonal(int k, double *a, double *d, double *e, double *vectors)
{
    double *beta = d; /* d is set last */
    for (int i = k - 1; i > 0; i--) {
        e[i] = reflect(k, a, i, &beta[i]);
        if (beta[i] != 0) apply_reflection(k, a, i, beta[i], vectors);
    }
    e[0] = 0;
    memset(vectors, 0, (size_t)k * (size_t)k * sizeof *vectors);
    for (int i = 0; i < k; i++) vectors[(ptrdiff_t)i * (k + 1)] = 1;
    for (int i = 2; i < k; i++) {
        const double *v = a + (ptrdiff_t)i * k;
        if (beta[i] == 0) continue;
        for (int r = 0; r < i; r++) {
            double *row = vectors + (ptrdiff_t)r * k, sum = 0;
            for (int j = 0; j < i; j++) sum += row[j] * v[j];
            for (int j = 0; j < i; j++) row[j] -= beta[i] * sum * v[j];
        }
    }
    for (int i = 0; i < k; i++) d[i] = a[(ptrdiff_t)i * (k + 1)];
}

static void turn_rows(int k, double *x, double *y, double c, double s)
{
    for (int m = 0; m < k; m++) {
        const double f = y[m];
        y[m] = s * x[m] + c * f;
        x[m] = c * x[m] - s * f;
    }
}

/* One implicit QL step on rows first..last. */
static void ql_step(int k, int first, int last, double *d, double *e, double *vectors)
{
    double g = (d[first + 1] - d[first]) / (2 * e[first]);
    const double r = hypot(g, 1);
    g = d[last] - d[first] + e[first] / (g + (g < 0 ? -r : r));
    double s = 1, c = 1, p = 0;
    for (int i = last - 1; i >= first; i--) {
        const double f = s * e[i], b = c * e[i], h = hypot(f, g);
        e[i + 1] = h;
        if (h == 0) {
            d[i + 1] -= p;
            e[last] = 0;
            return;
        }
        s = f / h;
        c = g / h;
        g = d[i + 1] - p;
        const double q = (d[i] - g) * s + 2 * c * b;
        p = s * q;
        d[i + 1] = g + p;
        g = c * q - b;
        turn_rows(k, vectors + (ptrdiff_t)i * k, vectors + (ptrdiff_t)(i + 1) * k, c, s);
    }
    d[first] -= p;
    e[first] = g;
    e[last] = 0;
}

void syi_eigen_double(int k, double *a, double *d, double *e, double *vectors)
{
    tridiagonal(k, a, d, e, vectors);
    for (int i = 1; i < k; i++) e[i - 1] = e[i];
    e[k - 1] = 0;
    for (int first = 0; first < k; first++)
        for (int step = 0; step < STEPS; step++) {
            int last = first;
            while (last < k - 1 && fabs(e[last]) > 0x1p-53 * (fabs(d[last]) + fabs(d[last + 1]))) last++;
            if (last == first) break;
            ql_step(k, first, last, d, e, vectors);
        }
}
