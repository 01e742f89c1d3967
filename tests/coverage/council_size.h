/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_COVERAGE_COUNCIL_SIZE_H
#define SYI_COVERAGE_COUNCIL_SIZE_H
#include "base/random_internal.h"
#include <math.h>

/* How many people of a council answer: 6 to 80, log-normal about 15. */
static inline int draw_size(syi_stream *s)
{
    const double size = floor(15 * exp(0.5 * syi_stream_normal(s)));
    return size < 6 ? 6 : size > 80 ? 80 : (int)size;
}
#endif
