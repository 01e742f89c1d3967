/* An answer told twice at once: as lines, and as the pieces that a document is made of (see weigh.h).
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TELLING_INTERNAL_H
#define SYI_TELLING_INTERNAL_H
#include "study/verdict/lines_internal.h"

#define SYI_PART "\x1f"

typedef struct {
    syi_lines text, pieces;
} syi_telling;

/* One piece that is one line; kind: H, T, P, C, L (a title) or I (an item, with a dash before it). */
void syi_tell(syi_telling *to, char kind, const char *line);
/* Rows from first to last, columns as they are shown. */
void syi_tell_table(syi_telling *to, const char *caption, const sy_tidy *table, int n, const syi_shown *columns,
                    int first, int last);
/* Both texts, to be freed by the caller; free after failure too. */
sy_status syi_telling_take(sy_context *ctx, syi_telling *from, char **text, char **pieces);
void syi_telling_free(syi_telling *telling);
#endif
