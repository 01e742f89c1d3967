/* The gamma functions of the negative binomial for whole counts.
 *
 *   r  = log(Gamma(theta + y) / Gamma(theta)) - y log(theta) = sum_{j<y} log(1 + j / theta)
 *   s1 = sum_{j<y} j / (theta + j),  s2 = sum_{j<y} (1 - theta^2 / (theta + j)^2)
 * with dr/dlambda = -s1 and d2r/dlambda2 = s2 - s1, lambda = log(theta), the last
 * term of r taken along. As sums they do not cancel for
 * large theta, where the gamma functions would. Sums are tabled up to y = 64 for
 * one theta; beyond, differences of Stirling's series between theta + 64 and
 * theta + y, whose terms left out are below 1e-19. Cost: 64 logarithms for a theta,
 * then a look-up a row.
 * Abramowitz & Stegun 1964, 6.1.41, 6.3.18, 6.4.12.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/twofold_internal.h"
#include "algebra/vector_math_internal.h"
#include "models/response/predictor_internal.h"

void syi_rising_init(int simd, double lambda, syi_rising *t)
{
    double x[SYI_RISING] __attribute__((aligned(64)));
    syi_dd r = {0, 0}, s1 = {0, 0}, s2 = {0, 0};
    for (int j = 0; j < 8; j++) x[j] = lambda;
    syi_vec_exp(simd, 8, x, x);
    t->theta = x[0];
    for (int j = 0; j < SYI_RISING; j++) x[j] = j / t->theta;
    syi_vec_log1p(simd, SYI_RISING, x, x);
    for (int j = 0; j <= SYI_RISING; j++) {
        const double up = t->theta + j, part = j / up;
        t->r[j] = r.hi;
        t->s1[j] = s1.hi;
        t->s2[j] = s2.hi;
        if (j == SYI_RISING) break;
        r = syi_dd_add(r, syi_dd_of(x[j]));
        s1 = syi_dd_add(s1, syi_dd_of(part));
        s2 = syi_dd_add(s2, syi_dd_of(part * (1 + t->theta / up)));
    }
}

double syi_gamma_rest(double z)
{
    const double i = 1 / z, s = i * i;
    return i * (1.0 / 12 - s * (1.0 / 360 - s * (1.0 / 1260 - s * (1.0 / 1680 - s / 1188))));
}

/* log z - psi(z) */
static double psi_rest(double z)
{
    const double i = 1 / z, s = i * i;
    return 0.5 * i + s * (1.0 / 12 - s * (1.0 / 120 - s * (1.0 / 252 - s * (1.0 / 240 - s / 132))));
}

/* psi'(z) */
static double trigamma(double z)
{
    const double i = 1 / z, s = i * i;
    return i + 0.5 * s + i * s * (1.0 / 6 - s * (1.0 / 30 - s * (1.0 / 42 - s * (1.0 / 30 - s * 5 / 66))));
}

/* A row past the table; grown = log(1 + (y - 64) / (theta + 64)), whole =
 * log(1 + y / theta). */
static void far_row(const syi_rising *t, double y, double grown, double whole, double *r, double *s1, double *s2)
{
    const double from = t->theta + SYI_RISING, to = t->theta + y, more = y - SYI_RISING;
    *r = t->r[SYI_RISING] + ((from - 0.5) * grown - more) + more * whole + (syi_gamma_rest(to) - syi_gamma_rest(from));
    *s1 = t->s1[SYI_RISING] + more - t->theta * (grown - (psi_rest(to) - psi_rest(from)));
    *s2 = t->s2[SYI_RISING] + more - t->theta * (t->theta * (trigamma(from) - trigamma(to)));
}

void syi_rising_rows(int simd, const syi_rising *t, int len, const double *y, double *r, double *s1, double *s2)
{
    double most = 0;
    for (int i = 0; i < len; i++) {
        const int at = y[i] <= SYI_RISING ? (int)y[i] : SYI_RISING;
        r[i] = t->r[at];
        s1[i] = t->s1[at];
        s2[i] = t->s2[at];
        if (y[i] > most) most = y[i];
    }
    for (int start = 0; start < len && most > SYI_RISING; start += 8) {
        double grown[8] __attribute__((aligned(64))), whole[8] __attribute__((aligned(64)));
        for (int i = 0; i < 8; i++) {
            const double v = y[start + i], more = v > SYI_RISING ? v - SYI_RISING : 0;
            grown[i] = more / (t->theta + SYI_RISING);
            whole[i] = v / t->theta;
        }
        syi_vec_log1p(simd, 8, grown, grown);
        syi_vec_log1p(simd, 8, whole, whole);
        for (int i = start; i < start + 8; i++)
            if (y[i] > SYI_RISING) far_row(t, y[i], grown[i - start], whole[i - start], r + i, s1 + i, s2 + i);
    }
}
