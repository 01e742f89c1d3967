/* The core's only memory. Each piece lies behind a header of one cache line
 * that holds its size, so that what is live and the peak are known without a
 * list, and so that a checker still sees the exact end of the piece.
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 64 };

/* Counters and the test hook of steelyard/memory.h: they serve leak checks and
 * never an answer. */
static _Atomic int64_t live, peak, asked, fail_at;
static _Atomic int fail_onwards;

static int told_to_fail(void)
{
    const int64_t now = atomic_fetch_add(&asked, 1) + 1, at = atomic_load(&fail_at);
    return at > 0 && (now == at || (now > at && atomic_load(&fail_onwards)));
}

static void count_in(int64_t bytes)
{
    const int64_t now = atomic_fetch_add(&live, bytes) + bytes;
    int64_t highest = atomic_load(&peak);
    while (now > highest && !atomic_compare_exchange_weak(&peak, &highest, now)) continue;
}

void *syi_alloc(size_t count, size_t size)
{
    void *line = NULL;
    if (size && count > (size_t)(PTRDIFF_MAX - LINE) / size) return NULL;
    const size_t bytes = count * size;
    if (told_to_fail() || posix_memalign(&line, LINE, LINE + bytes)) return NULL;
    memset(line, 0, LINE + bytes);
    memcpy(line, &bytes, sizeof bytes);
    count_in((int64_t)bytes);
    return (char *)line + LINE;
}

void syi_free_bytes(void *p)
{
    size_t bytes;
    if (!p) return;
    char *line = (char *)p - LINE;
    memcpy(&bytes, line, sizeof bytes);
    atomic_fetch_sub(&live, (int64_t)bytes);
    free(line);
}

size_t syi_arena_room(size_t count, size_t size)
{
    /* a piece that cannot exist: more than any machine has, and yet so small
     * that adding up a hundred of them does not wrap round */
    const size_t none = PTRDIFF_MAX / 128;
    if (size && count > (none - LINE) / size) return none;
    return (count * size + LINE - 1) / LINE * LINE;
}

int syi_arena_init(syi_arena *arena, size_t bytes)
{
    arena->base = syi_alloc(bytes, 1);
    arena->size = arena->base ? bytes : 0;
    arena->used = 0;
    return arena->base ? 0 : -1;
}

void *syi_arena_take(syi_arena *arena, size_t count, size_t size)
{
    const size_t room = syi_arena_room(count, size);
    if (!arena->base || room > arena->size - arena->used) return NULL;
    void *piece = arena->base + arena->used;
    arena->used += room;
    return piece;
}

void syi_arena_free(syi_arena *arena)
{
    SYI_FREE(arena->base);
    arena->size = arena->used = 0;
}

int64_t sy_memory_live(void)
{
    return atomic_load(&live);
}

int64_t sy_memory_peak(void)
{
    return atomic_load(&peak);
}

void sy_memory_reset_peak(void)
{
    atomic_store(&peak, atomic_load(&live));
}

int64_t sy_memory_fail_at(int64_t k, int onwards)
{
    atomic_store(&fail_at, 0);
    const int64_t since = atomic_exchange(&asked, 0);
    atomic_store(&fail_onwards, onwards != 0);
    atomic_store(&fail_at, k > 0 ? k : 0);
    return since;
}
