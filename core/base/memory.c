/* The core's only memory. Each piece lies behind a header of one cache line
 * that holds its size and where it began, so that what is live and the peak are known without a
 * list, and so that a checker still sees the exact end of the piece.
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 64, LARGE = 1 << 20 };

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

/* A line's worth of header and what follows it, zeroed and on a line; *base is
 * what free() wants. Large pieces come as fresh pages of zeros, which are touched
 * only where and when they are used: writing half a gigabyte takes longer than a
 * host may be kept waiting. */
static char *zeroed(size_t bytes, void **base)
{
    if (bytes < LARGE) {
        if (posix_memalign(base, LINE, bytes)) return NULL;
        return memset(*base, 0, bytes);
    }
    *base = calloc(bytes + LINE, 1);
    return *base ? (char *)*base + (LINE - (uintptr_t)*base % LINE) % LINE : NULL;
}

void *syi_alloc(size_t count, size_t size)
{
    void *base = NULL;
    if (size && count > (size_t)(PTRDIFF_MAX - 2 * LINE) / size) return NULL;
    const size_t bytes = count * size;
    char *line = told_to_fail() ? NULL : zeroed(LINE + bytes, &base);
    if (!line) return NULL;
    memcpy(line, &bytes, sizeof bytes);
    memcpy(line + sizeof bytes, &base, sizeof base);
    count_in((int64_t)bytes);
    return line + LINE;
}

void syi_free_bytes(void *p)
{
    size_t bytes;
    if (!p) return;
    void *base;
    const char *line = (char *)p - LINE;
    memcpy(&bytes, line, sizeof bytes);
    memcpy(&base, line + sizeof bytes, sizeof base);
    atomic_fetch_sub(&live, (int64_t)bytes);
    free(base);
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
