/* The scales of shares: the cube root, and Fisher's for normal theory.
 *
 * An estimated share is a sum of squares: skewed to the right the more the
 * smaller it is, with an error that grows with it. The cube root takes both out
 * of a chi-squared, central or not [Wilson & Hilferty 1931; Abdel-Aty 1954], and
 * small shares behave like one. In simulation (tests/reference/coverage, joint.csv
 * and record.csv) claims at the true share by the jackknife are wrong about as
 * often on either side on it; on Fisher's scale upper limits fall short with few
 * clusters. Towards 1 an upper limit is cut off there. Normal theory keeps Fisher's
 * scale of a correlation, z = atanh(sqrt(share)), made for it [Fisher 1921]: there
 * the spread of one predictor's share does not depend on it.
 * Wilson & Hilferty 1931, doi:10.1073/pnas.17.12.684; Abdel-Aty 1954,
 * doi:10.1093/biomet/41.3-4.538; Fisher 1921, Metron 1, 3-32.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "study/scale_internal.h"
#include <math.h>

/* Below this a share is zero for all purposes and has no slope. */
static const double nothing = 1e-12;

static double within(double share, double most)
{
    return isnan(share) ? share : fmin(fmax(share, 0), most);
}

double syi_cube_root(double share)
{
    return cbrt(within(share, 1));
}

double syi_to_scale(sy_scale scale, double value)
{
    switch (scale) {
    case SY_SCALE_CUBE_ROOT: return syi_cube_root(value);
    case SY_SCALE_ATANH_SQRT: return atanh(sqrt(within(value, 1 - 0x1p-53)));
    case SY_SCALE_IDENTITY: break;
    }
    return value;
}

double syi_scale_slope(sy_scale scale, double value)
{
    if (scale == SY_SCALE_IDENTITY) return 1;
    if (!(value > nothing && value < 1)) return NAN;
    if (scale == SY_SCALE_ATANH_SQRT) return 1 / (2 * sqrt(value) * (1 - value));
    const double root = cbrt(value);
    return 1 / (3 * root * root);
}

double syi_from_scale(sy_scale scale, double moved)
{
    if (scale == SY_SCALE_IDENTITY || isnan(moved)) return moved;
    if (scale == SY_SCALE_ATANH_SQRT) {
        const double root = tanh(moved > 0 ? moved : 0);
        return root * root;
    }
    const double root = within(moved, 1);
    return root * root * root;
}
