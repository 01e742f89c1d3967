/* How many decimals of an estimate are worth printing.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_SHOWN_H
#define STEELYARD_SHOWN_H
#include "steelyard/status.h"
#ifdef __cplusplus
extern "C" {
#endif

enum { SY_MOST_DECIMALS = 8 };

/* Decimals that show a standard error in two significant digits, with which its
 * estimate and limits are printed too: 0.0123 and 0.0996 (which rounds to 0.10)
 * give 3 and 2. Never below 0 nor above SY_MOST_DECIMALS. -1 where no error is
 * known: NaN, infinite, zero or negative.
 * [JCGM 100:2008 (GUM), 7.2.6] */
SY_API int sy_shown_decimals(double std_error);

#ifdef __cplusplus
}
#endif
#endif
