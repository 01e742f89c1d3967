/* Runs a call with every allocation failing in turn.
 *
 * A test writes one function that does the whole job (open, compute, free) and
 * hands the bytes of its answer over:
 *
 *     static sy_status job(void *arg, void *answer)
 *     {
 *         sy_context ctx;
 *         sy_context_init(&ctx);
 *         ...
 *         sy_status status = sy_something(&ctx, ...);
 *         if (status >= 0) memcpy(answer, &result, sizeof result);
 *         ... free everything, the context too ...
 *         return status;
 *     }
 *     ...
 *     assert_true(syi_survives_failing(job, &input, sizeof result) > 3);
 *
 * For k = 1, 2, ... the k-th allocation fails, once and then with every later
 * one too, until the call succeeds. Each failed call must return SY_ENOMEM (a
 * call that can do without the memory may succeed, with the same bits), must
 * leave sy_memory_live() where it was, and the next call must give the same
 * bits as the first. Returns how many allocations a whole call makes, so that
 * the test can claim there were any. An answer must hold no padding.
 *
 * With threads the k-th allocation is not the same one each time; run the job
 * with one.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TEST_FAILING_INTERNAL_H
#define SYI_TEST_FAILING_INTERNAL_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka asks for the four above to come first */
#include <cmocka.h>

#include "steelyard/memory.h"

typedef sy_status (*syi_job)(void *arg, void *answer);

/* The answer of one call without failures: [size] bytes, or a failed test. */
static inline void syi_run_unharmed(syi_job job, void *arg, void *answer, size_t size)
{
    const int64_t before = sy_memory_live();
    memset(answer, 0, size);
    sy_memory_fail_at(0, 0);
    assert_true(job(arg, answer) >= 0);
    assert_true(sy_memory_live() == before);
}

static inline int64_t syi_survives_failing(syi_job job, void *arg, size_t size)
{
    unsigned char *first = calloc(size + 1, 1), *again = calloc(size + 1, 1);
    assert_true(first && again);
    const int64_t before = sy_memory_live();
    syi_run_unharmed(job, arg, first, size);
    const int64_t whole = sy_memory_fail_at(0, 0);
    for (int onwards = 0; onwards <= 1; onwards++)
        for (int64_t k = 1; k <= whole; k++) {
            memset(again, 0, size);
            sy_memory_fail_at(k, onwards);
            const sy_status status = job(arg, again);
            sy_memory_fail_at(0, 0);
            if (status < 0) assert_int_equal(status, SY_ENOMEM);
            else assert_memory_equal(again, first, size);
            assert_true(sy_memory_live() == before);
            syi_run_unharmed(job, arg, again, size);
            assert_memory_equal(again, first, size);
        }
    sy_memory_fail_at(0, 0);
    free(first);
    free(again);
    return whole;
}
#endif
