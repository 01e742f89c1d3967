#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

enum { MAX_THREADS = 64, POLL_NS = 50000000 };

typedef struct {
    void (*work)(void *arg, size_t i);
    void *arg;
    size_t count;
    atomic_size_t next;
    atomic_int stop;
    pthread_mutex_t mutex;
    pthread_cond_t done;
    int running;
} crew;

static void drain(crew *c)
{
    size_t i;
    while (!atomic_load_explicit(&c->stop, memory_order_relaxed) &&
           (i = atomic_fetch_add(&c->next, 1)) < c->count)
        c->work(c->arg, i);
}

static void *worker(void *p)
{
    crew *c = p;
    drain(c);
    pthread_mutex_lock(&c->mutex);
    if (--c->running == 0) pthread_cond_signal(&c->done);
    pthread_mutex_unlock(&c->mutex);
    return NULL;
}

/* Workers inherit a mask with every signal blocked: SIGINT always lands on a
 * thread of the host's. */
static int start(crew *c, int wanted, pthread_t *thread)
{
    sigset_t all, old;
    int started = 0;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    c->running = wanted; /* before any thread exists, so no lock */
    while (started < wanted && pthread_create(&thread[started], NULL, worker, c) == 0) started++;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_mutex_lock(&c->mutex);
    c->running -= wanted - started;
    pthread_mutex_unlock(&c->mutex);
    return started;
}

static void wait_and_poll(crew *c, sy_context *ctx)
{
    pthread_mutex_lock(&c->mutex);
    while (c->running > 0) {
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        t.tv_nsec += POLL_NS;
        if (t.tv_nsec >= 1000000000) { t.tv_sec++; t.tv_nsec -= 1000000000; }
        pthread_cond_timedwait(&c->done, &c->mutex, &t);
        if (c->running > 0 && ctx->poll && !atomic_load(&c->stop)) {
            pthread_mutex_unlock(&c->mutex);
            if (ctx->poll(ctx->poll_arg)) atomic_store(&c->stop, 1);
            pthread_mutex_lock(&c->mutex);
        }
    }
    pthread_mutex_unlock(&c->mutex);
}

sy_status syi_parallel(sy_context *ctx, size_t count, void (*work)(void *arg, size_t i), void *arg)
{
    crew c = {.work = work, .arg = arg, .count = count};
    pthread_t thread[MAX_THREADS];
    pthread_condattr_t attr;
    pthread_mutex_init(&c.mutex, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&c.done, &attr);
    pthread_condattr_destroy(&attr);

    int wanted = ctx->threads < 1 ? 1 : ctx->threads > MAX_THREADS ? MAX_THREADS : ctx->threads;
    int started = start(&c, wanted, thread);
    if (started == 0) drain(&c); /* no thread to be had: run here */
    wait_and_poll(&c, ctx);
    for (int i = 0; i < started; i++) pthread_join(thread[i], NULL);

    pthread_cond_destroy(&c.done);
    pthread_mutex_destroy(&c.mutex);
    return atomic_load(&c.stop) ? syi_fail(ctx, SY_EINTR, "stopped by the host") : SY_OK;
}
