/* A term's label, which is the same in every language, as each of them types it:
 * factor(x) is C(x) in Python, x^2 is I(x^2) or I(x**2), functions of NumPy have R's
 * names without "np.", and Python reads R's names too.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "study/verdict/page_code_internal.h"
#include <string.h>

static void add(char piece[SYI_CODE_PIECE], const char *text)
{
    const size_t used = strlen(piece);
    syi_say(piece + used, SYI_CODE_PIECE - used, "%s", text);
}

static int is_word(const char *name)
{
    return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == strlen(name) &&
           !strchr("0123456789_", *name);
}

/* A column inside a formula: quoted by Q() in Python, by backquotes in R, where it is no word. */
static void add_column(const syi_code *code, const char *name, char piece[SYI_CODE_PIECE])
{
    const int word = is_word(name);
    if (!word) add(piece, code->python ? "Q('" : "`");
    add(piece, name);
    if (!word) add(piece, code->python ? "')" : "`");
}

/* What the host computed, such as log(x): functions and powers by the other language's signs. */
static void add_computed(const syi_code *code, const char *text, char piece[SYI_CODE_PIECE])
{
    char one[3] = {0, 0, 0};
    for (; *text; text++) {
        const int numpy = !code->python && strncmp(text, "np.", 3) == 0, power = code->python && *text == '^';
        one[0] = power ? '*' : *text;
        one[1] = power ? '*' : 0;
        if (numpy) text += 2;
        else add(piece, one);
    }
}

static void add_factor(const syi_code *code, const sy_design *d, const sy_term *term, const sy_factor *factor,
                       char piece[SYI_CODE_PIECE])
{
    const sy_column *column = &d->columns[factor->column];
    char made[SYI_CODE_PIECE], power[16];
    syi_say(made, sizeof made, "factor(%s)", column->name);
    if (column->type == SY_CODES && strstr(term->label, made)) {
        add(piece, code->python ? "C(" : "factor(");
        add_column(code, column->name, piece);
        add(piece, ")");
    } else if (factor->power > 1) {
        add(piece, "I(");
        add_column(code, column->name, piece);
        syi_say(power, sizeof power, "%s%d)", code->python ? "**" : "^", factor->power);
        add(piece, power);
    } else if (strchr(column->name, '(')) add_computed(code, column->name, piece);
    else add_column(code, column->name, piece);
}

void syi_code_term(const syi_code *code, const sy_design *design, int term, char piece[SYI_CODE_PIECE])
{
    const sy_term *t = &design->terms[term];
    *piece = 0;
    /* a bare column needs no formula: its name is taken as it is */
    if (t->n_factors == 1 && t->factors[0].power == 1 &&
        strcmp(t->label, design->columns[t->factors[0].column].name) == 0 && !strchr(t->label, '(')) {
        add(piece, t->label);
        return;
    }
    for (int f = 0; f < t->n_factors; f++) {
        add(piece, f ? ":" : "");
        add_factor(code, design, t, &t->factors[f], piece);
    }
}
