/* The only place that makes threads.
 *
 * Workers take block numbers from a shared counter; what a block computes and
 * where it is written depend on its number alone, so the answer does not
 * depend on the number of threads. The calling thread waits, asks the host
 * whether to stop, and reports progress: an interpreter's hooks may be called
 * on no other thread. Threads live within one call, so a fork at any other
 * moment is safe; making and joining two costs about 35 microseconds, which is
 * why work under 5 ms runs on the caller.
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

static const long poll_ns = 50000000, second_ns = 1000000000;
static const double worth_threads = 0.005;

typedef struct {
    syi_work work;
    void *arg;
    size_t count;
    atomic_size_t next, done;
    atomic_int stop;
    pthread_mutex_t mutex;
    pthread_cond_t idle;
    int running; /* under the mutex */
} crew;

/* What the work on this thread belongs to: a crew, or the caller's own loop. */
typedef struct shift {
    const crew *crew;    /* NULL on the calling thread */
    struct shift *outer; /* the work that this is a part of, on the same thread: it knows the host */
    sy_context *ctx;
    size_t done, count;
    int stop;
} shift;

/* A block has no other way to reach its shift: the work's arguments are the
 * caller's. Set and put back within one call. */
static _Thread_local shift *current;

/* When this thread is to ask its host next. It outlives the call, so that short
 * pieces of work in a row, each below 50 ms, ask as one long piece would. */
static _Thread_local struct timespec due;

typedef struct {
    crew *crew;
    int id;
    pthread_t thread;
} member;

static struct timespec next_poll(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_nsec += poll_ns;
    if (t.tv_nsec >= second_ns) {
        t.tv_sec++;
        t.tv_nsec -= second_ns;
    }
    return t;
}

static int is_due(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec > due.tv_sec || (t.tv_sec == due.tv_sec && t.tv_nsec >= due.tv_nsec);
}

/* Non-zero when the host wants to stop. count 0: nobody knows how far this is. */
static int ask_host(sy_context *ctx, size_t done, size_t count)
{
    if (ctx->progress && count > 0) ctx->progress(ctx->progress_arg, (double)done / (double)count);
    const int stop = ctx->poll && ctx->poll(ctx->poll_arg);
    due = next_poll();
    return stop;
}

static sy_status stopped(sy_context *ctx)
{
    return syi_fail(ctx, SY_EINTR, "stopped by the host");
}

static int told_to_stop(shift *any);

/* Polls when 50 ms have gone by since the last time. */
static int stop_here(shift *here)
{
    if (here->outer) here->stop |= told_to_stop(here->outer);
    else if (!here->stop && is_due()) here->stop = ask_host(here->ctx, here->done, here->count) != 0;
    return here->stop;
}

static int told_to_stop(shift *any)
{
    return any->crew ? atomic_load_explicit(&any->crew->stop, memory_order_relaxed) : stop_here(any);
}

int syi_parallel_stopped(void)
{
    return current ? told_to_stop(current) : 0;
}

sy_status syi_serial_stopped(sy_context *ctx)
{
    if (current) return syi_parallel_stopped() ? SY_EINTR : SY_OK;
    return ctx && is_due() && ask_host(ctx, 0, 0) ? stopped(ctx) : SY_OK;
}

static sy_status run_here(sy_context *ctx, size_t count, syi_work work, void *arg)
{
    shift here = {.ctx = ctx, .count = count, .outer = current};
    current = &here;
    while (here.done < count && !here.stop) {
        work(arg, 0, here.done);
        here.done++;
        stop_here(&here);
    }
    current = here.outer;
    return here.stop ? stopped(ctx) : SY_OK;
}

static void *drain(void *p)
{
    const member *m = p;
    crew *c = m->crew;
    shift mine = {.crew = c};
    size_t i;
    current = &mine;
    while (!atomic_load_explicit(&c->stop, memory_order_relaxed) && (i = atomic_fetch_add(&c->next, 1)) < c->count) {
        c->work(c->arg, m->id, i);
        atomic_fetch_add_explicit(&c->done, 1, memory_order_relaxed);
    }
    current = NULL;
    pthread_mutex_lock(&c->mutex);
    if (--c->running == 0) pthread_cond_signal(&c->idle);
    pthread_mutex_unlock(&c->mutex);
    return NULL;
}

/* Workers inherit a mask with every signal blocked, so that SIGINT always
 * lands on a thread of the host's. Returns how many could be made. */
static int start(crew *c, int wanted, member *members)
{
    sigset_t all, old;
    int made = 0;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    c->running = wanted; /* no thread exists yet, so no lock */
    for (; made < wanted; made++) {
        members[made].crew = c;
        members[made].id = made;
        if (pthread_create(&members[made].thread, NULL, drain, &members[made])) break;
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_mutex_lock(&c->mutex);
    c->running -= wanted - made;
    pthread_mutex_unlock(&c->mutex);
    return made;
}

static void wait_and_poll(crew *c, sy_context *ctx)
{
    pthread_mutex_lock(&c->mutex);
    while (c->running > 0) {
        int late = 0;
        while (c->running > 0 && !late) late = pthread_cond_timedwait(&c->idle, &c->mutex, &due) == ETIMEDOUT;
        if (c->running == 0 || atomic_load(&c->stop)) continue;
        pthread_mutex_unlock(&c->mutex);
        if (ask_host(ctx, atomic_load(&c->done), c->count)) atomic_store(&c->stop, 1);
        pthread_mutex_lock(&c->mutex);
    }
    pthread_mutex_unlock(&c->mutex);
}

static int open_crew(crew *c)
{
    pthread_condattr_t attr;
    int failed = pthread_condattr_init(&attr);
    if (failed) return failed;
    failed = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) || pthread_cond_init(&c->idle, &attr);
    pthread_condattr_destroy(&attr);
    if (failed) return failed;
    failed = pthread_mutex_init(&c->mutex, NULL);
    if (failed) pthread_cond_destroy(&c->idle);
    return failed;
}

int syi_parallel_workers(const sy_context *ctx, size_t count, double seconds)
{
    int workers = ctx->threads < SYI_MAX_THREADS ? ctx->threads : SYI_MAX_THREADS;
    if (count < (size_t)SYI_MAX_THREADS && workers > (int)count) workers = (int)count;
    return workers > 1 && seconds >= worth_threads ? workers : 1;
}

sy_status syi_parallel(sy_context *ctx, size_t count, double seconds, syi_work work, void *arg)
{
    crew c = {.work = work, .arg = arg, .count = count};
    member members[SYI_MAX_THREADS];
    const int workers = syi_parallel_workers(ctx, count, seconds);
    if (workers == 1 || open_crew(&c)) return run_here(ctx, count, work, arg);
    const int made = start(&c, workers, members);
    if (made > 0) wait_and_poll(&c, ctx);
    for (int i = 0; i < made; i++) pthread_join(members[i].thread, NULL);
    pthread_mutex_destroy(&c.mutex);
    pthread_cond_destroy(&c.idle);
    if (made == 0) return run_here(ctx, count, work, arg);
    return atomic_load(&c.stop) ? stopped(ctx) : SY_OK;
}
