/* What surrounds a call, with its defaults from the environment.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "steelyard/context.h"
#include <stdlib.h>
#include <string.h>

#ifndef SY_VERSION
#define SY_VERSION "unversioned"
#endif

const char *sy_version(void)
{
    return SY_VERSION;
}

/* A value that is not a number of threads counts as not given: a library has
 * nowhere to complain before the first call. */
static int threads_wanted(const char *text)
{
    char *end = NULL;
    const long asked = text ? strtol(text, &end, 10) : 1;
    if (text && (end == text || *end)) return 1;
    return asked < 1 ? 1 : asked > SYI_MAX_THREADS ? SYI_MAX_THREADS : (int)asked;
}

static int simd_allowed(const char *text)
{
    if (!text || !strcmp(text, "avx512")) return SYI_AVX512;
    if (!strcmp(text, "avx2")) return SYI_AVX2;
    return strcmp(text, "baseline") ? SYI_AVX512 : SYI_BASELINE;
}

void sy_context_init(sy_context *ctx)
{
    const int widest = syi_simd_widest(), allowed = simd_allowed(getenv("STEELYARD_SIMD"));
    memset(ctx, 0, sizeof *ctx);
    ctx->threads = threads_wanted(getenv("STEELYARD_NUM_THREADS"));
    ctx->simd = widest < allowed ? widest : allowed;
}

void sy_context_free(sy_context *ctx)
{
    SYI_FREE(ctx->remarks);
    ctx->n_remarks = ctx->remarks_room = 0;
}
