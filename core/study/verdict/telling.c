/* An answer as lines and as pieces of a document.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "study/verdict/telling_internal.h"
#include <string.h>

/* Labels may hold line ends, which part pieces. */
static void add_piece(syi_telling *to, const char *text)
{
    char one[2] = {0, 0};
    for (; *text; text++) {
        one[0] = *text == '\n' ? ' ' : *text;
        syi_lines_add(&to->pieces, one);
    }
}

static void begin_piece(syi_telling *to, char kind)
{
    const char letter[] = {kind, '\0'};
    if (to->pieces.used) syi_lines_add(&to->pieces, "\n");
    syi_lines_add(&to->pieces, letter);
}

/* Lines are parted, not ended, so that the last has no end. */
static void begin_line(syi_telling *to)
{
    if (to->text.used) syi_lines_add(&to->text, "\n");
}

void syi_tell(syi_telling *to, char kind, const char *line)
{
    begin_piece(to, kind);
    add_piece(to, line);
    if (kind == 'L' && !*line) return;
    begin_line(to);
    if (kind == 'I') syi_lines_add(&to->text, "- ");
    syi_lines_add(&to->text, line);
}

static void tell_row(syi_telling *to, const sy_tidy *table, int n, const syi_shown *columns, int row)
{
    char cell[SYI_CELL];
    begin_piece(to, 'R');
    for (int c = 0; c < n; c++) {
        if (row < 0) syi_say(cell, sizeof cell, "%s", columns[c].header);
        else syi_shown_cell(table, row, &columns[c], cell);
        if (c) syi_lines_add(&to->pieces, SYI_PART);
        add_piece(to, cell);
    }
}

void syi_tell_table(syi_telling *to, const char *caption, const sy_tidy *table, int n, const syi_shown *columns,
                    int first, int last)
{
    begin_piece(to, 'G');
    for (int c = 0; c < n; c++) syi_lines_add(&to->pieces, columns[c].column < 0 ? "l" : "r");
    syi_lines_add(&to->pieces, SYI_PART);
    add_piece(to, caption);
    tell_row(to, table, n, columns, -1);
    for (int r = first; r < last; r++) tell_row(to, table, n, columns, r);
    begin_line(to);
    syi_lines_table(&to->text, table, n, columns, first, last);
}

sy_status syi_telling_take(sy_context *ctx, syi_telling *from, char **text, char **pieces)
{
    const sy_status status = syi_lines_take(ctx, &from->text, text);
    return status ? status : syi_lines_take(ctx, &from->pieces, pieces);
}

void syi_telling_free(syi_telling *telling)
{
    syi_lines_free(&telling->text);
    syi_lines_free(&telling->pieces);
}
