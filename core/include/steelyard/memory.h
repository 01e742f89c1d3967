/* What the tests may ask of the core's memory.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_MEMORY_H
#define STEELYARD_MEMORY_H
#include "steelyard/status.h"
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

/* Bytes the core holds right now, in every thread: a leak check. */
SY_API int64_t sy_memory_live(void);

/* The most bytes held at once since sy_memory_reset_peak(). */
SY_API int64_t sy_memory_peak(void);
SY_API void sy_memory_reset_peak(void);

/* For tests: let the k-th allocation from now fail (k = 1 is the next), and
 * with `onwards` every later one too; k = 0 switches it off. Returns how many
 * allocations were asked for since the last call. */
SY_API int64_t sy_memory_fail_at(int64_t k, int onwards);

#ifdef __cplusplus
}
#endif
#endif
