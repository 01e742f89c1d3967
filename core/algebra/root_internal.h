/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_ROOT_INTERNAL_H
#define SYI_ROOT_INTERNAL_H

typedef double (*syi_curve)(double x, const void *arg);

/* The x between a and b where a continuous curve crosses zero, to 4 roundings
 * of x or to `least` (absolute), whichever is larger. at_a and at_b, the
 * curve's values there, must differ in sign (or be zero); NaN when they do not.
 * At most 200 evaluations, as a rule 10. */
double syi_root(syi_curve curve, const void *arg, double a, double at_a, double b, double at_b, double least);
#endif
