#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "steelyard/context.h"
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

static atomic_llong live;

void *syi_alloc(size_t count, size_t size)
{
    if (size && count > PTRDIFF_MAX / size) return NULL;
    const size_t bytes = count * size;
    void *p = malloc(bytes ? bytes : 1);
    if (p) atomic_fetch_add(&live, (long long)bytes);
    return p;
}

void syi_free(void *p, size_t count, size_t size)
{
    if (!p) return;
    atomic_fetch_sub(&live, (long long)(count * size));
    free(p);
}

int64_t sy_live_bytes(void) { return (int64_t)atomic_load(&live); }
