/* Sums and least squares on the columns of a sheet.
 *
 * They are in standard units, so plain doubles and normal equations do; a column
 * that follows from those before it is left out.
 *
 * Cost: project n k^2 multiply-adds for n items on k columns; the factor k^3 / 3.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "study/sheet_internal.h"
#include <math.h>

enum { LANES = 8 };
static const double aliased_pivot = 1e-10; /* of a column in standard units */

void syi_sheet_factorise(int k, double *a)
{
    for (int j = 0; j < k; j++) {
        double pivot = a[j * k + j];
        for (int m = 0; m < j; m++) pivot -= a[j * k + m] * a[j * k + m];
        const double root = pivot > aliased_pivot ? sqrt(pivot) : 0;
        a[j * k + j] = root;
        for (int i = j + 1; i < k; i++) {
            double rest = a[i * k + j];
            for (int m = 0; m < j; m++) rest -= a[i * k + m] * a[j * k + m];
            a[i * k + j] = root > 0 ? rest / root : 0;
        }
    }
}

double syi_sheet_dot(ptrdiff_t n, const double *a, const double *b)
{
    double s[LANES] = {0}, tail = 0;
    ptrdiff_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int l = 0; l < LANES; l++) s[l] += a[i + l] * b[i + l];
    for (; i < n; i++) tail += a[i] * b[i];
    return (((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))) + tail;
}

int syi_sheet_project(const syi_sheet *s, int k, const int *kept, int target, const double *v, double *fitted,
                      double *residual)
{
    const int order = k + 1;
    double *a = syi_alloc((size_t)(order * order + 2 * order), sizeof *a), weight = 0;
    if (!a) return -1;
    double *mean = a + order * order, *beta = mean + order;
    for (int c = 0; c <= k; c++) {
        const double *z = s->z + (c < k ? kept[c] : target) * s->n;
        weight = 0;
        for (ptrdiff_t i = 0; i < s->n; i++) {
            weight += v ? v[i] : 1;
            mean[c] += (v ? v[i] : 1) * z[i];
        }
        mean[c] /= weight;
    }
    for (int c = 0; c <= k; c++)
        for (int d = 0; d <= c; d++) {
            const double *x = s->z + (c < k ? kept[c] : target) * s->n, *y = s->z + (d < k ? kept[d] : target) * s->n;
            double sum = 0;
            for (ptrdiff_t i = 0; i < s->n; i++) sum += (v ? v[i] : 1) * ((x[i] - mean[c]) * (y[i] - mean[d]));
            a[c * order + d] = a[d * order + c] = sum;
        }
    syi_sheet_factorise(order, a);
    for (int c = k - 1; c >= 0; c--) {
        double rest = a[k * order + c];
        for (int d = c + 1; d < k; d++) rest -= a[d * order + c] * beta[d];
        beta[c] = a[c * order + c] > 0 ? rest / a[c * order + c] : 0;
    }
    for (ptrdiff_t i = 0; i < s->n; i++) {
        double fit = mean[k];
        for (int c = 0; c < k; c++) fit += beta[c] * (s->z[kept[c] * s->n + i] - mean[c]);
        fitted[i] = fit;
        residual[i] = s->z[target * s->n + i] - fit;
    }
    SYI_FREE(a);
    return 0;
}
