/* Thresholds as linear maps of the numbers that are estimated.
 *
 * Free: threshold j is number j. Symmetric about their middle: for an odd count,
 * central - spacing.m, ..., central, ..., central + spacing.m; for an even one
 * central.1 - spacing.m, ..., central.1, central.2, ..., central.2 + spacing.m; a
 * spacing is the whole distance from its central threshold. Equidistant:
 * threshold.1 + j spacing. These are the parameters of clm [Christensen 2022,
 * R package ordinal], so that answers can be laid side by side.
 * The start inverts the cumulative shares of the levels and takes the numbers
 * whose thresholds come nearest by least squares; they are in order because the
 * cumulative shares are.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "models/response/ordinal_internal.h"
#include <math.h>
#include <stdio.h>

int syi_thresholds_free(sy_thresholds kind, int n_levels)
{
    const int count = n_levels - 1;
    if (kind == SY_THRESHOLDS_SYMMETRIC) return count / 2 + 1;
    if (kind == SY_THRESHOLDS_EQUIDISTANT) return count < 2 ? count : 2;
    return count;
}

/* Symmetric: the signed place of threshold j among those of its side; 0 for a
 * central one. */
static int from_centre(int count, int j)
{
    if (count % 2) return j - count / 2;
    return j < count / 2 ? j - count / 2 + 1 : j - count / 2;
}

double syi_thresholds_map(sy_thresholds kind, int n_levels, int j, int q)
{
    const int count = n_levels - 1;
    if (kind == SY_THRESHOLDS_EQUIDISTANT) return q == 0 ? 1 : j;
    if (kind == SY_THRESHOLDS_FREE) return j == q;
    const int centres = count % 2 ? 1 : 2, place = from_centre(count, j);
    if (q < centres) return centres == 1 || q == (j >= count / 2);
    if (place == q - centres + 1) return 1;
    return place == -(q - centres + 1) ? -1 : 0;
}

double syi_thresholds_moves(sy_thresholds kind, int n_levels, int q)
{
    const int count = n_levels - 1;
    if (kind == SY_THRESHOLDS_EQUIDISTANT) return q == 0;
    return kind == SY_THRESHOLDS_FREE || q < (count % 2 ? 1 : 2);
}

void syi_thresholds_shift(sy_thresholds kind, int n_levels, double *v)
{
    const int kinds = syi_thresholds_free(kind, n_levels);
    for (int q = 0; q < kinds; q++) v[q] = syi_thresholds_moves(kind, n_levels, q);
}

void syi_thresholds_label(sy_thresholds kind, int n_levels, const char *const *levels, int q, const char *nominal,
                          char *text, size_t size)
{
    const int count = n_levels - 1, centres = count % 2 ? 1 : 2;
    const char *const join = nominal ? ": " : "", *const behind = nominal ? nominal : "";
    if (kind == SY_THRESHOLDS_FREE) snprintf(text, size, "%s|%s%s%s", levels[q], levels[q + 1], join, behind);
    else if (kind == SY_THRESHOLDS_EQUIDISTANT)
        snprintf(text, size, "%s%s%s", q == 0 ? "threshold.1" : "spacing", join, behind);
    else if (q >= centres) snprintf(text, size, "spacing.%d%s%s", q - centres + 1, join, behind);
    else if (centres == 1) snprintf(text, size, "central%s%s", join, behind);
    else snprintf(text, size, "central.%d%s%s", q + 1, join, behind);
}

/* Entry (q, j) of the left inverse that takes thresholds to the nearest numbers. */
static double nearest(sy_thresholds kind, int count, int q, int j)
{
    const double middle = 0.5 * (count - 1), squares = count * ((double)count * count - 1) / 12;
    if (kind == SY_THRESHOLDS_FREE || count == 1) return q == j;
    if (kind == SY_THRESHOLDS_EQUIDISTANT)
        return q == 1 ? (j - middle) / squares : 1.0 / count - middle * (j - middle) / squares;
    const int place = from_centre(count, j), centres = count % 2 ? 1 : 2;
    if (q < centres) return centres == 1 ? 1.0 / count : j == count / 2 - 1 + q;
    const double apart = centres == 2 && place == 0 ? (j == count / 2 ? -0.5 : 0.5) : 0;
    return place == q - centres + 1 ? 0.5 : place == -(q - centres + 1) ? -0.5 : apart;
}

/* Quantile of the latent distribution; the normal one within 5e-4, which a start
 * bears [Abramowitz & Stegun 1964, 26.2.23]. */
static double quantile(sy_link link, double p)
{
    if (link == SY_LINK_CLOGLOG) return log(-log1p(-p));
    if (link == SY_LINK_LOGIT) return log(p / (1 - p));
    const double t = sqrt(-2 * log(p < 0.5 ? p : 1 - p));
    const double top = 2.515517 + t * (0.802853 + t * 0.010328);
    const double z = t - top / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
    return p < 0.5 ? -z : z;
}

void syi_thresholds_start(sy_link link, sy_thresholds kind, int n_levels, int j, double share, double *number)
{
    const int kinds = syi_thresholds_free(kind, n_levels);
    const double least = 1e-6, threshold = quantile(link, (share + least * (j + 1)) / (1 + least * n_levels));
    for (int q = 0; q < kinds; q++) number[q] += nearest(kind, n_levels - 1, q, j) * threshold;
}
