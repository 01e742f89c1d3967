/* Text that grows line by line.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_LINES_INTERNAL_H
#define SYI_LINES_INTERNAL_H
#include "study/verdict/tidy_internal.h"

typedef struct {
    char *text; /* handed over by syi_lines_take */
    size_t used, room;
    int failed; /* no room: nothing more is added */
} syi_lines;

void syi_lines_add(syi_lines *to, const char *text);
/* The same with the characters that HTML reserves written out. */
void syi_lines_escape(syi_lines *to, const char *text);
/* The text, to be freed by the caller; SY_ENOMEM when something did not fit. */
sy_status syi_lines_take(sy_context *ctx, syi_lines *from, char **text);
void syi_lines_free(syi_lines *lines);

/* A column of a tidy table as it is shown: its header, which column (numbers from 0; texts as -1, -2, ...), 1 + the
 * column of the standard error that says how many decimals it has (0: none), and how many it has without one (-1:
 * four digits, 0: whole, 4: a share). */
typedef struct {
    const char *header;
    int column, decimals, error;
} syi_shown;

/* One cell as text; "-" where there is no number. */
enum { SYI_CELL = 256 };
void syi_shown_cell(const sy_tidy *table, int row, const syi_shown *how, char cell[SYI_CELL]);
/* Columns side by side, texts to the left, two blanks between, a line a row, no line end after the last. first, last:
 * rows shown. */
void syi_lines_table(syi_lines *to, const sy_tidy *table, int n, const syi_shown *columns, int first, int last);
#endif
