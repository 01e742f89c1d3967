#include "base/numeric_internal.h"

#include "steelyard/context.h"
#include <stdlib.h>
#include <string.h>

#ifndef SY_VERSION
#define SY_VERSION "unversioned"
#endif

const char *sy_version(void) { return SY_VERSION; }

void sy_context_init(sy_context *ctx)
{
    const char *threads = getenv("STEELYARD_NUM_THREADS"), *simd = getenv("STEELYARD_SIMD");
    memset(ctx, 0, sizeof *ctx);
    long asked = threads ? strtol(threads, NULL, 10) : 1;
    ctx->threads = asked < 1 ? 1 : asked > 64 ? 64 : (int)asked;
    ctx->simd = syi_simd_widest();
    int limit = !simd ? SYI_AVX512 : !strcmp(simd, "avx512") ? SYI_AVX512
                : !strcmp(simd, "avx2") ? SYI_AVX2 : SYI_BASELINE;
    if (ctx->simd > limit) ctx->simd = limit;
}
