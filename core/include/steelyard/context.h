/* What surrounds a call: threads, instruction set, the host's hooks, message
 * and remarks. It lives on the caller's stack; one context serves one call at
 * a time.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_CONTEXT_H
#define STEELYARD_CONTEXT_H
#include "steelyard/status.h"
#ifdef __cplusplus
extern "C" {
#endif

/* Called on the calling thread only, at most every 50 ms. Non-zero means
 * "stop": the call frees everything it owns and returns SY_EINTR. It must not
 * jump. */
typedef int (*sy_poll)(void *arg);

/* Told how far long work has come, 0 to 1; calling thread only, with the poll. */
typedef void (*sy_progress)(void *arg, double fraction);

enum { SY_MESSAGE_LENGTH = 512, SY_REMARK_LENGTH = 384, SY_NAME_LENGTH = 128 };

typedef struct {
    sy_status code;              /* one of SY_NOTE_... */
    double value;                /* what was found: a count, a number of digits, a coverage */
    char term[SY_NAME_LENGTH];   /* the block, term, column or cluster; "" when it concerns the whole */
    char text[SY_REMARK_LENGTH]; /* one sentence, the same in every language */
} sy_remark;

typedef struct {
    int threads; /* 1 or more; the answer does not depend on it */
    int simd;    /* widest kernels allowed: 0 baseline, 1 AVX2, 2 AVX-512 */
    sy_poll poll; /* may be NULL */
    void *poll_arg;
    sy_progress progress; /* may be NULL */
    void *progress_arg;
    char message[SY_MESSAGE_LENGTH]; /* why a call failed */
    /* What calls have to say of their results, each (code, term) once: take a
     * fresh context, or sy_context_free this one, before a call whose remarks
     * and positive status are to be its own. Owned by the context. */
    sy_remark *remarks;
    int n_remarks;
    int remarks_room;
} sy_context;

/* One thread unless STEELYARD_NUM_THREADS says more; STEELYARD_SIMD
 * (baseline, avx2, avx512) narrows the kernels, for tests. */
SY_API void sy_context_init(sy_context *ctx);

/* Frees the remarks. Legal twice, and after any failed call. */
SY_API void sy_context_free(sy_context *ctx);

/* The version in DESCRIPTION, such as "0.1.0". */
SY_API const char *sy_version(void);

#ifdef __cplusplus
}
#endif
#endif
