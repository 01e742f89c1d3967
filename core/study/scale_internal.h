/* The scales on which limits of shares are symmetric.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_SCALE_INTERNAL_H
#define SYI_SCALE_INTERNAL_H
#include "steelyard/interval.h"

/* Onto a scale, its slope there (NaN where a share is nothing or all), and the
 * way back from any number. A share outside 0 to 1 counts as the nearer end. */
double syi_to_scale(sy_scale scale, double value);
double syi_scale_slope(sy_scale scale, double value);
double syi_from_scale(sy_scale scale, double moved);

/* The cube root, for resampled shares. */
double syi_cube_root(double share);
#endif
