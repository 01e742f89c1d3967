/* Text that grows: lines, tables in columns.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "study/shown_internal.h"
#include "study/verdict/lines_internal.h"
#include <math.h>
#include <string.h>

void syi_lines_add(syi_lines *to, const char *text)
{
    const size_t length = strlen(text);
    if (to->failed) return;
    if (to->used + length + 1 > to->room) {
        const size_t room = 2 * (to->used + length) + 1024;
        char *more = syi_alloc(room, 1);
        if (!more) {
            to->failed = 1;
            return;
        }
        if (to->used) memcpy(more, to->text, to->used);
        SYI_FREE(to->text);
        to->text = more;
        to->room = room;
    }
    memcpy(to->text + to->used, text, length + 1);
    to->used += length;
}

void syi_lines_escape(syi_lines *to, const char *text)
{
    for (char one[2] = {0, 0}; *text; text++) {
        one[0] = *text;
        syi_lines_add(to, *text == '&'   ? "&amp;"
                          : *text == '<' ? "&lt;"
                          : *text == '>' ? "&gt;"
                          : *text == '"' ? "&quot;"
                                         : one);
    }
}

sy_status syi_lines_take(sy_context *ctx, syi_lines *from, char **text)
{
    syi_lines_add(from, "");
    if (from->failed) return syi_fail(ctx, SY_ENOMEM, "text: no room for more than %zu characters", from->used);
    *text = from->text;
    *from = (syi_lines){0};
    return SY_OK;
}

void syi_lines_free(syi_lines *lines)
{
    SYI_FREE(lines->text);
}

void syi_shown_cell(const sy_tidy *table, int row, const syi_shown *how, char cell[SYI_CELL])
{
    if (how->column < 0) {
        syi_say(cell, SYI_CELL, "%s", sy_tidy_text(table, row, -1 - how->column));
        return;
    }
    syi_shown_number(cell, SYI_CELL, sy_tidy_number(table, row, how->column),
                     how->error ? sy_tidy_number(table, row, how->error - 1) : (double)NAN, how->decimals);
}

/* Characters, not bytes. */
static int width_of(const char *text)
{
    int width = 0;
    for (; *text; text++) width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

static void pad(syi_lines *to, int count)
{
    for (int i = 0; i < count; i++) syi_lines_add(to, " ");
}

static void put_padded(syi_lines *to, const char *cell, int width, int left)
{
    if (!left) pad(to, width - width_of(cell));
    syi_lines_add(to, cell);
    if (left) pad(to, width - width_of(cell));
}

/* Nothing stands to the right of a row. */
static void drop_blanks(syi_lines *to)
{
    while (!to->failed && to->used && to->text[to->used - 1] == ' ') to->text[--to->used] = '\0';
}

void syi_lines_table(syi_lines *to, const sy_tidy *table, int n, const syi_shown *columns, int first, int last)
{
    enum { MOST = 24 };
    char cell[SYI_CELL];
    int width[MOST];
    for (int c = 0; c < n && c < MOST; c++) {
        width[c] = width_of(columns[c].header);
        for (int r = first; r < last; r++) {
            syi_shown_cell(table, r, &columns[c], cell);
            width[c] = width_of(cell) > width[c] ? width_of(cell) : width[c];
        }
    }
    for (int r = first - 1; r < last; r++) {
        if (r >= first) syi_lines_add(to, "\n");
        for (int c = 0; c < n && c < MOST; c++) {
            if (r < first) syi_say(cell, sizeof cell, "%s", columns[c].header);
            else syi_shown_cell(table, r, &columns[c], cell);
            if (c) syi_lines_add(to, "  ");
            put_padded(to, cell, width[c], columns[c].column < 0);
        }
        drop_blanks(to);
    }
}
