/* Included first by every .c file of the core.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_NUMERIC_INTERNAL_H
#define SYI_NUMERIC_INTERNAL_H

/* A product and a sum are two roundings. R compiles with gcc's default
 * dialect, where a kernel built for AVX2 or AVX-512 would otherwise fuse them
 * and give other bits than the same kernel under -std=c11. clang fuses in
 * every dialect. Where a fused step is wanted, write fma(). */
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif

/* A kernel is written once, as an inline body in a *_kernel.h, and
 * instantiated for each target by an attribute: no flag in any build file. */
enum { SYI_BASELINE, SYI_AVX2, SYI_AVX512 };
#if defined(__x86_64__) && defined(__GNUC__)
#define SYI_HAVE_X86 1
#define SYI_TARGET_AVX2 __attribute__((target("avx2,fma")))
#define SYI_TARGET_AVX512 __attribute__((target("avx512f,avx512dq,avx512vl,avx2,fma")))
#endif

static inline int syi_simd_widest(void)
{
#ifdef SYI_HAVE_X86
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        return SYI_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return SYI_AVX2;
#endif
    return SYI_BASELINE;
}
#endif
