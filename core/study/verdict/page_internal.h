/* The parts that the page of an answer is put together from.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_PAGE_INTERNAL_H
#define SYI_PAGE_INTERNAL_H
#include "study/verdict/weigh_shown_internal.h"

/* A name as it is read: underscores are blanks. Cut where `room` ends. */
void syi_page_words(const char *name, size_t room, char *words);

/* A text in lines of at most `most` characters, broken at blanks and underscores, inside a word only where the word
 * is longer than a line. What does not fit the lines there are ends in "...". */
enum { SYI_WRAP_LINES = 10, SYI_WRAP_LINE = 256 };
typedef struct {
    int n;
    char line[SYI_WRAP_LINES][SYI_WRAP_LINE];
} syi_wrapped;
void syi_wrap(const char *text, int most, syi_wrapped *out);

/* Width in letters' heights, at most what common sans-serif faces need. */
double syi_text_width(const char *text);

/* <tag>text</tag> and a line's end, the text escaped. */
void syi_page_tagged(syi_lines *to, const char *tag, const char *text);

/* The style of the page (print, two widths), and what a part in someone else's page needs of it. */
extern const char *const syi_page_style, *const syi_body_style;

/* Drawings of the outcomes: the difference, the two shares beside it, or both in one. key: makes the ids unique. */
typedef enum { SYI_PICTURE_DIFFERENCE, SYI_PICTURE_SHARES, SYI_PICTURE_BOTH } syi_picture_kind;
void syi_page_picture(syi_lines *to, const syi_weighed *w, syi_picture_kind kind, const char *key);

/* A section's table in a box that scrolls by itself, with caption and what its columns mean. */
void syi_page_table(syi_lines *to, const syi_weighed *w, const syi_section *section);

/* What was asked: outcomes, blocks, sources, rows. */
void syi_page_question(syi_lines *to, const syi_weighed *w);

/* The call that gives the same answer, in Python (1) or R (0), escaped for HTML. The file it reads rows from, where
 * they are no data set that the host knows, is called so. */
#define SYI_PAGE_FILE "your-data.csv"
void syi_page_code(syi_lines *to, const syi_weighed *w, int python);
#endif
