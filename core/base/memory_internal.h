/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_MEMORY_INTERNAL_H
#define SYI_MEMORY_INTERNAL_H
#include "steelyard/memory.h"
#include <stddef.h>

/* count * size bytes, aligned to 64, zeroed. NULL when the product overflows,
 * there is no room, or a test asked for a failure. */
void *syi_alloc(size_t count, size_t size);
void syi_free_bytes(void *p);

/* Frees and forgets; legal on NULL. */
#define SYI_FREE(p) (syi_free_bytes((void *)(p)), (p) = NULL)

/* Scratch that is taken piece by piece and freed as one: no allocation in inner
 * loops. take() returns memory aligned to 64, or NULL when the arena is used up
 * (a bug: the size is computed beforehand). It is zero the first time; a piece
 * given back (by restoring a copy of the arena) and taken again is as it was
 * left. Give each piece syi_arena_room(count, size) bytes when adding up. */
typedef struct {
    char *base;
    size_t size, used;
} syi_arena;
int syi_arena_init(syi_arena *arena, size_t bytes); /* 0, or -1 when there is no room */
void *syi_arena_take(syi_arena *arena, size_t count, size_t size);
size_t syi_arena_room(size_t count, size_t size);
void syi_arena_free(syi_arena *arena);
#endif
