/* Does a long call hear its host? Each job is run whole, with every question to
 * the host noted on the clock of the thread's own work (the machine's other
 * work must not count), and is then stopped, at the first question and at one
 * drawn by lot: SY_EINTR, nothing left in memory, and never 0.1 s between two
 * questions or from "stop" to the return.
 *
 * STEELYARD_LONGER=8 makes the problems that much larger and tells the longest
 * silence of each, to look for what grows. STEELYARD_SLOWER is how many times
 * slower the run is by its nature (valgrind): jobs are then only
 * stopped, at the first question.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TEST_STOP_WATCH_H
#define SYI_TEST_STOP_WATCH_H
#define _POSIX_C_SOURCE 200809L
#include "failing_internal.h"

#include "base/random_internal.h"
#include "steelyard/context.h"
#include <math.h>
#include <stdio.h>
#include <time.h>

typedef struct {
    double last, widest; /* CPU seconds */
    int polls, stop_at, silence;
} stop_watch;

static const double stop_within = 0.1;

static inline double stop_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline double stop_times(const char *name)
{
    const char *text = getenv(name);
    return text ? atof(text) : 1;
}

/* How many times slower this build or run is by its nature: sanitizers, no
 * optimisation, valgrind. */
static inline double stop_slower(void)
{
#if !defined(__OPTIMIZE__) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return 20 * stop_times("STEELYARD_SLOWER");
#else
    return stop_times("STEELYARD_SLOWER");
#endif
}

static inline void stop_look(stop_watch *w)
{
    const double t = stop_clock();
    if (t - w->last > w->widest) {
        w->widest = t - w->last;
        w->silence = w->polls;
    }
    w->last = t;
}

static inline int stop_poll(void *arg)
{
    stop_watch *w = arg;
    stop_look(w);
    return ++w->polls == w->stop_at;
}

typedef sy_status (*stop_job)(sy_context *ctx, const void *arg);

static inline stop_watch stop_run(const char *name, stop_job job, const void *arg, int stop_at)
{
    const int64_t before = sy_memory_live();
    stop_watch w = {.stop_at = stop_at};
    sy_context ctx;
    sy_context_init(&ctx);
    ctx.threads = 1;
    ctx.poll = stop_poll;
    ctx.poll_arg = &w;
    w.last = stop_clock();
    const sy_status status = job(&ctx, arg);
    stop_look(&w);
    if (w.polls < stop_at && status >= 0) w.stop_at = 0; /* over before: questions come by the clock of the wall */
    if (w.stop_at && status != SY_EINTR)
        fail_msg("%s: %d (%s) instead of interrupted at question %d", name, status, ctx.message, stop_at);
    if (!stop_at && status < 0) fail_msg("%s: %s", name, ctx.message);
    sy_context_free(&ctx);
    if (sy_memory_live() != before) fail_msg("%s: %lld bytes left", name, (long long)(sy_memory_live() - before));
    if (w.stop_at && w.polls != stop_at) fail_msg("%s: asked again after the stop", name);
    return w;
}

/* The run with the shortest longest silence of three at most: caches and memory that
 * another program takes lengthen CPU time too, but not the same piece each time. */
static inline stop_watch stop_best(const char *name, stop_job job, const void *arg, int stop_at, double limit)
{
    stop_watch best = stop_run(name, job, arg, stop_at);
    for (int again = 0; again < 2 && best.widest > limit; again++) {
        const stop_watch w = stop_run(name, job, arg, stop_at);
        if (w.widest < best.widest) best = w;
    }
    return best;
}

/* Whether the job was still under way at question `at`. */
static inline int stops(const char *name, stop_job job, const void *arg, int at, double slower)
{
    const stop_watch w = stop_best(name, job, arg, at, stop_within * slower);
    if (w.widest > stop_within * slower) fail_msg("%s: silent for %.3f s after question %d", name, w.widest, w.silence);
    return w.stop_at > 0;
}

static inline void hears_its_host(const char *name, stop_job job, const void *arg)
{
    const double slower = stop_slower(), start = stop_clock();
    int polls = 0;
    syi_stream lot;
    if (slower <= 1) {
        const stop_watch w = stop_best(name, job, arg, 0, getenv("STEELYARD_LONGER") ? HUGE_VAL : stop_within);
        if (getenv("STEELYARD_LONGER")) {
            print_message("%-28s %6.2f s, %4d questions, silent for %.3f s after question %d\n", name,
                          stop_clock() - start, w.polls, w.widest, w.silence);
            return;
        }
        if (w.widest > stop_within) fail_msg("%s: silent for %.3f s after question %d", name, w.widest, w.silence);
        if (w.polls == 0) return; /* a machine on which this is over within the limit: nowhere to stop it */
        polls = w.polls;
    }
    syi_stream_init(&lot, 4, 0, 0);
    stops(name, job, arg, 1, slower);
    for (int at = 1 + (int)syi_stream_below(&lot, (uint32_t)polls / 2 + 1); polls && at > 1; at /= 2)
        if (stops(name, job, arg, at, slower)) break;
}
#endif
