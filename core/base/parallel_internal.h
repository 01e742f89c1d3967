/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_PARALLEL_INTERNAL_H
#define SYI_PARALLEL_INTERNAL_H
#include "steelyard/context.h"
#include <stddef.h>

enum { SYI_MAX_THREADS = 64 };

/* Runs work(arg, worker, i) for i = 0..count-1. Blocks are fixed by the
 * caller, never by the number of threads; each writes its own place and the
 * caller merges in index order. `worker` (0..syi_parallel_workers()-1) tells
 * scratch apart. Threads (ctx->threads of them, made and joined here, all
 * signals blocked) only when `seconds`, the estimate for all the work, is
 * 0.005 or more; the host is polled on the calling thread at most every 50 ms,
 * so one block should stay under 50 ms. SY_OK or SY_EINTR. */
typedef void (*syi_work)(void *arg, int worker, size_t i);
sy_status syi_parallel(sy_context *ctx, size_t count, double seconds, syi_work work, void *arg);

/* For work whose one block can take longer than 50 ms: 1 when the call is to
 * stop, and the block then returns early with what it has. On the calling thread
 * it polls the host itself, by the clock; call it every few thousand steps. */
int syi_parallel_stopped(void);

/* The same for a caller's own loop, between parallel ones or instead of them:
 * polls by the clock. SY_OK, or SY_EINTR with the message set. Inside a block
 * (ctx may be NULL there) it tells what syi_parallel_stopped() does. */
sy_status syi_serial_stopped(sy_context *ctx);

/* How many workers such a call will use: the number of scratch areas needed. */
int syi_parallel_workers(const sy_context *ctx, size_t count, double seconds);
#endif
