/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_STATUS_INTERNAL_H
#define SYI_STATUS_INTERNAL_H
#include "steelyard/context.h"
#include <stddef.h>

#ifdef __GNUC__
#define SYI_PRINTF(a, b) __attribute__((format(printf, a, b)))
#else
#define SYI_PRINTF(a, b)
#endif

/* Writes the message and returns the code: `return syi_fail(ctx, SY_EDATA, ...)`.
 * The message names the argument as the user typed it, the value found, what
 * is allowed. */
sy_status syi_fail(sy_context *ctx, sy_status code, const char *format, ...) SYI_PRINTF(3, 4);

/* Appends a remark; SY_OK, or SY_ENOMEM with the message set. The same code
 * and term twice is kept once. */
sy_status syi_remark(sy_context *ctx, sy_status note, const char *term, double value, const char *format, ...)
    SYI_PRINTF(5, 6);

/* A sentence into `room` bytes of the caller's, cut at a whole character. */
void syi_say(char *text, size_t room, const char *format, ...) SYI_PRINTF(3, 4);

/* The status a call ends with: the largest remark code appended since `first`
 * (ctx->n_remarks at entry), or SY_OK. */
sy_status syi_status_of_remarks(const sy_context *ctx, int first);

/* Every public function clears the message first; one that can reach GSL also
 * sets our recording handler (never restored, see status.c). */
void syi_enter(sy_context *ctx);
void syi_gsl_guard(void);
sy_status syi_from_gsl(sy_context *ctx, int code, const char *where);
#endif
