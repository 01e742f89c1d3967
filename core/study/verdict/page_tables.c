/* Tables of an answer in HTML: one head for an estimate and its limits, names as
 * heads of rows, a box that scrolls by itself, and a line on what the columns mean.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "study/verdict/page_internal.h"
#include <string.h>

enum {
    MANY = 12, /* columns beyond these need smaller letters on A4 */
    FEW = 15   /* rows up to these stay on one page */
};

/* By place of the section among all that there are; NULL: none is needed. */
static const char *const notes[] = {
    "funding, process: Shapley shares in points of all outcome variance (0.25 is a quarter of it); difference: process "
    "less funding; p stepped: how often chance alone would show such a difference somewhere among these outcomes; "
    "answer: by rule 1 below.",
    "Shares of funding if money is counted first and of process if process is; funding and the difference with need "
    "forced in first; the difference with curves in place of lines. Points of the outcome per sum of money and per "
    "doubling, all else in the question held.",
    "hidden cause: how strongly (as a partial correlation) a cause nobody measured must go with funding, process and "
    "outcome alike to turn the order; of money only: the same for a cause that goes with money and outcome alone; "
    "shared "
    "source: the part of process and outcome that must be nothing but one common habit of answering; reliability: how "
    "poor the measure that is behind must be; robustness value: how strong a cause must be to take the slope of money "
    "to 0. \"-\": nothing of this kind turns it.",
    "In how many outcomes process is ahead (positive), has limits clear of zero, is supported or contradicted by rule "
    "1, and the answer for all outcomes together by rule 2.",
    "Answers by rules 3 to 5; upper and lower are the limits that rule 5 holds beside the bound.",
    "Found: outcomes in which the block's coefficients are not all 0, by Holm over the outcomes; by chance: so many of "
    "the unadjusted would come up if it mattered nowhere.",
    "The unit without which each number changes most, the number without it, and whether an answer turns. In the rows "
    "of the verdict the numbers count the supported answers.",
    "The same question in each level, and the change from the first level.",
    "Each number in the sample and then with the rows re-weighted to the population.",
    "What of the gap goes with the blocks, and what with none of them.",
    "Means where the amount of money is known and where it is not.",
    "Rows with the outcome by whether every term of process is known, and the outcome's means there."};

static int is_group(const syi_section *s, int c)
{
    return c + 2 < s->n && s->columns[c].column >= 0 && strcmp(s->columns[c + 1].header, "low") == 0 &&
           strcmp(s->columns[c + 2].header, "high") == 0;
}

/* Texts before the first number name the row, but for answers. */
static int names_the_row(const syi_section *s, int c)
{
    for (int k = 0; k <= c; k++)
        if (s->columns[k].column >= 0 || strcmp(s->columns[k].header, "answer") == 0) return 0;
    return 1;
}

static void put_head(syi_lines *to, const char *how, const char *text)
{
    syi_lines_add(to, "<th ");
    syi_lines_add(to, how);
    syi_lines_add(to, ">");
    syi_lines_escape(to, text);
    syi_lines_add(to, "</th>");
}

static void put_columns(syi_lines *to, const syi_section *s)
{
    for (int c = 0; c < s->n; c++) {
        syi_lines_add(to, is_group(s, c) ? "<colgroup span=\"3\"></colgroup>" : "<colgroup></colgroup>");
        if (is_group(s, c)) c += 2;
    }
    syi_lines_add(to, "\n");
}

static void put_heads(syi_lines *to, const syi_section *s)
{
    int groups = 0;
    for (int c = 0; c < s->n; c++) groups += is_group(s, c);
    syi_lines_add(to, "<thead><tr>");
    for (int c = 0; c < s->n; c++) {
        const int words = s->columns[c].column < 0;
        if (is_group(s, c)) {
            put_head(to, "scope=\"colgroup\" colspan=\"3\" class=\"g\"", s->columns[c].header);
            c += 2;
        } else if (groups)
            put_head(to, words ? "scope=\"col\" rowspan=\"2\" class=\"w\"" : "scope=\"col\" rowspan=\"2\"",
                     s->columns[c].header);
        else put_head(to, words ? "scope=\"col\" class=\"w\"" : "scope=\"col\"", s->columns[c].header);
    }
    syi_lines_add(to, "</tr>\n");
    if (groups) syi_lines_add(to, "<tr>");
    for (int g = 0; g < groups; g++)
        syi_lines_add(to, "<th scope=\"col\">estimate</th><th scope=\"col\">low</th><th scope=\"col\">high</th>");
    syi_lines_add(to, groups ? "</tr></thead>\n<tbody>\n" : "</thead>\n<tbody>\n");
}

static void put_row(syi_lines *to, const sy_tidy *t, const syi_section *s, int row)
{
    char cell[SYI_CELL], words[SYI_CELL];
    syi_lines_add(to, "<tr>");
    for (int c = 0; c < s->n; c++) {
        const int is_text = s->columns[c].column < 0, head = names_the_row(s, c);
        syi_shown_cell(t, row, &s->columns[c], cell);
        const int name =
            head && (strcmp(s->columns[c].header, "outcome") == 0 || strcmp(s->columns[c].header, "block") == 0);
        syi_page_words(cell, sizeof words, words);
        syi_lines_add(to, head ? "<th scope=\"row\" class=\"w\">" : is_text ? "<td class=\"w\">" : "<td>");
        syi_lines_escape(to, name ? words : cell);
        syi_lines_add(to, head ? "</th>" : "</td>");
    }
    syi_lines_add(to, "</tr>\n");
}

void syi_page_table(syi_lines *to, const syi_weighed *w, const syi_section *section)
{
    const sy_tidy *t = &w->out->tables[section->table];
    char caption[SY_LIMIT];
    syi_say(caption, sizeof caption, "%.*s", (int)strcspn(section->title, ":"), section->title);
    syi_lines_add(to, t->n_rows > FEW ? "<div class=\"scroll\"" : "<div class=\"scroll few\"");
    syi_lines_add(to, " role=\"region\" tabindex=\"0\" aria-label=\"Table: ");
    syi_lines_escape(to, caption);
    syi_lines_add(to, section->n > MANY ? "\">\n<table class=\"many\">\n" : "\">\n<table>\n");
    syi_lines_add(to, "<caption><span>");
    syi_lines_escape(to, caption);
    syi_lines_add(to, "</span></caption>\n");
    put_columns(to, section);
    put_heads(to, section);
    for (int r = 0; r < t->n_rows; r++) put_row(to, t, section, r);
    syi_lines_add(to, "</tbody>\n</table>\n</div>\n");
    if (!notes[section->plan]) return;
    syi_lines_add(to, "<p class=\"note\">");
    syi_lines_escape(to, notes[section->plan]);
    syi_lines_add(to, "</p>\n");
}
