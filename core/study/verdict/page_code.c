/* Writing a call in Python or R.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "study/verdict/page_code_internal.h"
#include <stdlib.h>
#include <string.h>

enum { LINE = 88 };

static int width_of(const char *text)
{
    int width = 0;
    for (; *text; text++) width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

void syi_code_put(syi_code *code, const char *text)
{
    syi_lines_escape(code->to, text);
    code->column += width_of(text);
}

void syi_code_end(syi_code *code)
{
    syi_lines_add(code->to, "\n");
    code->column = 0;
}

static void go_to(syi_code *code, int column)
{
    syi_code_end(code);
    while (code->column < column) syi_code_put(code, " ");
}

void syi_code_open(syi_code *code, const char *what, syi_code_form form)
{
    syi_code_put(code, what);
    if (form == SYI_CODE_CALL) syi_code_put(code, "(");
    else if (!code->python) syi_code_put(code, form == SYI_CODE_LIST ? "c(" : "list(");
    else syi_code_put(code, form == SYI_CODE_LIST ? "[" : "{");
    code->last[code->depth] = form == SYI_CODE_CALL || !code->python ? ')' : form == SYI_CODE_LIST ? ']' : '}';
    code->indent[code->depth] = form == SYI_CODE_CALL ? 4 : code->column;
    code->items[code->depth] = 0;
    code->depth++;
}

/* Before an item that is `width` wide: comma, blank or a new line. */
static void part(syi_code *code, int width)
{
    const int at = code->depth - 1, call = code->depth == 1;
    if (code->items[at]++) syi_code_put(code, ",");
    if (call || (code->items[at] > 1 && code->column + width + 3 > LINE)) go_to(code, code->indent[at]);
    else if (code->items[at] > 1) syi_code_put(code, " ");
}

void syi_code_item(syi_code *code, const char *text)
{
    part(code, width_of(text));
    syi_code_put(code, text);
}

void syi_code_close(syi_code *code)
{
    const char close[2] = {code->last[--code->depth], 0};
    syi_code_put(code, close);
}

static int is_simple(const char *name)
{
    static const char *const reserved[] = {"if",    "else", "repeat", "while", "function", "for", "in", "next",
                                           "break", "TRUE", "FALSE",  "NULL",  "Inf",      "NaN", "NA"};
    for (size_t k = 0; k < sizeof reserved / sizeof *reserved; k++)
        if (strcmp(name, reserved[k]) == 0) return 0;
    const size_t length = strlen(name);
    return length > 0 && !strchr("0123456789._", *name) &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._") == length;
}

/* A name that an R backquote holds. */
static void ticked(const char *name, char piece[SYI_CODE_PIECE])
{
    size_t used = 0;
    piece[used++] = '`';
    for (; *name && used + 4 < SYI_CODE_PIECE; name++) {
        if (*name == '`' || *name == '\\') piece[used++] = '\\';
        piece[used++] = *name;
    }
    piece[used++] = '`';
    piece[used] = 0;
}

/* Arguments of the call have no blanks round "=" in Python and have in R. */
static void put_name(syi_code *code, const char *name, int width)
{
    char piece[SYI_CODE_PIECE];
    const int argument = code->depth == 1;
    if (argument) syi_say(piece, sizeof piece, "%s", name);
    else if (code->python) syi_code_quote(name, piece);
    else if (is_simple(name)) syi_say(piece, sizeof piece, "%s", name);
    else ticked(name, piece);
    part(code, width + width_of(piece) + 3);
    syi_code_put(code, piece);
    syi_code_put(code, !code->python ? " = " : argument ? "=" : ": ");
}

void syi_code_named(syi_code *code, const char *name, const char *value)
{
    put_name(code, name, width_of(value));
    syi_code_put(code, value);
}

void syi_code_named_open(syi_code *code, const char *name, syi_code_form form)
{
    put_name(code, name, 20);
    syi_code_open(code, "", form);
}

void syi_code_quote(const char *text, char piece[SYI_CODE_PIECE])
{
    size_t used = 0;
    piece[used++] = '"';
    for (; *text && used + 4 < SYI_CODE_PIECE; text++) {
        const char *escape = strchr("\"\\\n\t\r", *text);
        if (escape) piece[used++] = '\\';
        piece[used++] = !escape ? *text : "\"\\ntr"[escape - "\"\\\n\t\r"];
    }
    piece[used++] = '"';
    piece[used] = 0;
}

void syi_code_number(double value, char piece[SYI_CODE_PIECE])
{
    for (int digits = 6; digits <= 17; digits++) {
        syi_say(piece, SYI_CODE_PIECE, "%.*g", digits, value);
        if (strtod(piece, NULL) == value) return;
    }
}

const char *syi_code_truth(const syi_code *code, int value)
{
    if (code->python) return value ? "True" : "False";
    return value ? "TRUE" : "FALSE";
}
