/* The tables of an answer as they are shown, in print and on the page.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_WEIGH_SHOWN_INTERNAL_H
#define SYI_WEIGH_SHOWN_INTERNAL_H
#include "study/verdict/telling_internal.h"
#include "study/verdict/weighed_internal.h"

typedef struct {
    int table;
    const char *title;
    int n;
    const syi_shown *columns;
    int plan; /* place among all sections that there are */
} syi_section;

/* Sections in order; returns how many. Columns are found by name. */
enum { SYI_SECTIONS = 13, SYI_SHOWN = 14 };
typedef struct {
    syi_section section[SYI_SECTIONS];
    syi_shown columns[SYI_SECTIONS][SYI_SHOWN];
    int n;
} syi_layout_shown;
void syi_weigh_shown(const syi_weighed *w, syi_layout_shown *out);

/* First line of both: what was asked of how many rows. */
void syi_weigh_headline(const syi_weighed *w, char line[SY_LIMIT]);
extern const char *const syi_weigh_caution;

/* first: of the context's remarks that are this answer's. */
sy_status syi_weigh_print(sy_context *ctx, const syi_weighed *w, int first);
/* Page, body and picture of the answer, into w->out. */
sy_status syi_weigh_page(sy_context *ctx, const syi_weighed *w, int first);
#endif
