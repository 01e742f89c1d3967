/* Names in words, and in lines that fit a picture.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "study/verdict/page_internal.h"
#include <string.h>

void syi_page_words(const char *name, size_t room, char *words)
{
    syi_say(words, room, "%s", name);
    for (char *c = words; *c; c++)
        if (*c == '_') *c = ' ';
}

static int continues(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* Bytes of the next line: as many words as fit, else as many characters. */
static size_t line_of(const char *text, int most)
{
    size_t whole = 0, used = 0;
    for (int count = 0; text[used]; count++) {
        if (text[used] == ' ') whole = used;
        if (count == most) return whole ? whole : used;
        used++;
        while (continues(text[used])) used++;
    }
    return used;
}

void syi_wrap(const char *text, int most, syi_wrapped *out)
{
    char words[SY_SENTENCE];
    const char *from = words;
    syi_page_words(text, sizeof words, words);
    out->n = 0;
    while (*from && out->n < SYI_WRAP_LINES) {
        const size_t length = line_of(from, most);
        syi_say(out->line[out->n++], SYI_WRAP_LINE, "%.*s", (int)length, from);
        from += length;
        while (*from == ' ') from++;
    }
    if (!*from) return;
    char *last = out->line[SYI_WRAP_LINES - 1];
    size_t end = strlen(last) > 3 ? strlen(last) - 3 : 0;
    while (end > 0 && continues(last[end])) end--;
    syi_say(last + end, SYI_WRAP_LINE - end, "...");
}

double syi_text_width(const char *text)
{
    double width = 0;
    for (; *text; text++) {
        if (continues(*text)) continue;
        width += strchr("iljtfrI.,:;'|!()[] -", *text) ? 0.41
                 : strchr("mwMWQGO%@", *text)          ? 0.98
                 : (unsigned char)*text >= 0xE0        ? 1.05 /* scripts with wide letters */
                 : *text >= 'A' && *text <= 'Z'        ? 0.78
                                                       : 0.63;
    }
    return width;
}

void syi_page_tagged(syi_lines *to, const char *tag, const char *text)
{
    syi_lines_add(to, "<");
    syi_lines_add(to, tag);
    syi_lines_add(to, ">");
    syi_lines_escape(to, text);
    syi_lines_add(to, "</");
    syi_lines_add(to, tag);
    syi_lines_add(to, ">\n");
}
