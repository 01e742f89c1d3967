/* Writing a call in Python or R: the same walk for both.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_PAGE_CODE_INTERNAL_H
#define SYI_PAGE_CODE_INTERNAL_H
#include "study/verdict/page_internal.h"

enum { SYI_CODE_DEPTH = 4, SYI_CODE_PIECE = 1024 };

typedef struct {
    syi_lines *to;
    int python; /* 1; 0: R */
    int column; /* of the line */
    int depth;
    int indent[SYI_CODE_DEPTH]; /* where items below each other stand */
    int items[SYI_CODE_DEPTH];  /* so far */
    char last[SYI_CODE_DEPTH];  /* what closes it */
} syi_code;

typedef enum { SYI_CODE_CALL, SYI_CODE_LIST, SYI_CODE_DICT } syi_code_form;

/* Text as it is, escaped for HTML; a line's end. */
void syi_code_put(syi_code *code, const char *text);
void syi_code_end(syi_code *code);

/* `what` then a bracket; items follow, on lines of at most 88 characters. A call has an item a line. */
void syi_code_open(syi_code *code, const char *what, syi_code_form form);
void syi_code_item(syi_code *code, const char *text);
void syi_code_close(syi_code *code);

/* name = value: of a call, or of a dictionary (Python quotes the name then). The named open goes on with items. */
void syi_code_named(syi_code *code, const char *name, const char *value);
void syi_code_named_open(syi_code *code, const char *name, syi_code_form form);

/* In quotes, with what the language escapes; the shortest number that reads back the same; a truth. */
void syi_code_quote(const char *text, char piece[SYI_CODE_PIECE]);
void syi_code_number(double value, char piece[SYI_CODE_PIECE]);
const char *syi_code_truth(const syi_code *code, int value);

/* A term as it is typed, without quotes. */
void syi_code_term(const syi_code *code, const sy_design *design, int term, char piece[SYI_CODE_PIECE]);
#endif
