/* What was asked, in words: outcomes, blocks with their terms, sources of the
 * process measure, rows, what is held.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "study/verdict/page_internal.h"
#include <math.h>
#include <string.h>

static void put_words(syi_lines *to, const char *name)
{
    char words[SY_SENTENCE];
    syi_page_words(name, sizeof words, words);
    syi_lines_escape(to, words);
}

static void put_terms(syi_lines *to, const syi_weighed *w, int n, const int *terms)
{
    for (int t = 0; t < n; t++) {
        syi_lines_add(to, t ? ", " : "");
        put_words(to, w->design->terms[terms[t]].label);
    }
}

static void open_item(syi_lines *to, const char *name)
{
    syi_lines_add(to, "<dt>");
    syi_lines_escape(to, name);
    syi_lines_add(to, "</dt><dd>");
}

static void close_item(syi_lines *to)
{
    syi_lines_add(to, "</dd>\n");
}

static void put_outcomes(syi_lines *to, const syi_weighed *w)
{
    char text[64];
    syi_say(text, sizeof text, "Outcomes (%d)", w->question->n_outcomes);
    open_item(to, text);
    syi_lines_add(to, "<ul class=\"names\">\n");
    for (int o = 0; o < w->question->n_outcomes; o++) {
        syi_lines_add(to, "<li>");
        put_words(to, syi_weighed_outcome(w, o));
        if (syi_weighed_type(w, o) == SY_OUTCOME_BINARY) syi_lines_add(to, " (one of two answers)");
        if (syi_weighed_type(w, o) == SY_OUTCOME_ORDINAL) syi_lines_add(to, " (answers in order)");
        syi_lines_add(to, "</li>\n");
    }
    syi_lines_add(to, "</ul>");
    close_item(to);
}

static void put_blocks(syi_lines *to, const syi_weighed *w)
{
    char text[SY_LIMIT];
    const sy_weigh_question *q = w->question;
    for (int b = 0; b < q->n_blocks; b++) {
        const char *role = b == q->funding ? "funding" : b == q->process ? "process" : NULL;
        syi_say(text, sizeof text, "Block %s%s%s", q->blocks[b].name,
                role && strcmp(role, q->blocks[b].name) != 0 ? ", stands for " : "",
                role && strcmp(role, q->blocks[b].name) != 0 ? role : "");
        open_item(to, text);
        put_terms(to, w, q->blocks[b].n_terms, q->blocks[b].terms);
        close_item(to);
    }
    if (q->n_sources == 0) return;
    open_item(to, "Sources of the process measure (tables of single outcomes are about the first)");
    for (int s = 0; s < w->n_sources; s++) {
        const int named = w->sources[s].block >= 0;
        const sy_block *block = named ? &q->blocks[w->sources[s].block] : NULL;
        syi_lines_add(to, s ? "; " : "");
        syi_lines_escape(to, w->sources[s].name);
        syi_lines_add(to, ": ");
        put_terms(to, w, named ? block->n_terms : w->sources[s].n_terms, named ? block->terms : w->sources[s].terms);
    }
    close_item(to);
}

static void put_held(syi_lines *to, const syi_weighed *w)
{
    const sy_weigh_question *q = w->question;
    if (q->n_need > 0) {
        open_item(to, "Need (also forced in before all other blocks)");
        for (int k = 0; k < q->n_need; k++) {
            syi_lines_add(to, k ? ", " : "");
            syi_lines_escape(to, q->blocks[q->need[k]].name);
        }
        close_item(to);
    }
    if (q->n_adjust == 0 && !q->absorb) return;
    open_item(to, "Held in everything");
    put_terms(to, w, q->n_adjust, q->adjust);
    if (q->absorb) syi_lines_add(to, q->n_adjust ? ", the means of the clusters" : "the means of the clusters");
    close_item(to);
}

static void put_rows(syi_lines *to, const syi_weighed *w)
{
    static const char *const kinds[] = {"", "frequency", "analytic", "sampling"};
    const sy_design *d = w->design;
    char text[SY_LIMIT];
    open_item(to, "Rows");
    syi_say(text, sizeof text, "%td read", d->n);
    syi_lines_add(to, text);
    if (w->question->areas) syi_lines_add(to, ", each the average of an area");
    if (d->cluster && w->out->units > 0) {
        syi_say(text, sizeof text, ", in %.0f clusters by %s", w->out->units, d->cluster->name);
        syi_lines_escape(to, text);
    }
    if (d->strata) {
        syi_say(text, sizeof text, ", strata by %s", d->strata->name);
        syi_lines_escape(to, text);
    }
    if (d->weights) {
        syi_say(text, sizeof text, ", %s weights in %s", kinds[d->weight_kind], d->weights->name);
        syi_lines_escape(to, text);
    }
    syi_lines_add(to, w->question->per_outcome ? "; used: those complete for each outcome (n in the table)"
                                               : "; used: those complete for all outcomes and sources together");
    close_item(to);
}

void syi_page_question(syi_lines *to, const syi_weighed *w)
{
    char text[SY_LIMIT];
    const sy_weigh_question *q = w->question;
    syi_say(text, sizeof text,
            "Which explains more of how outcomes differ, %s or %s? What does a sum of money go with? And what would "
            "overturn the answer?",
            q->blocks[q->process].name, q->blocks[q->funding].name);
    syi_page_tagged(to, "p", text);
    syi_lines_add(to, "<dl>\n");
    put_outcomes(to, w);
    put_blocks(to, w);
    put_held(to, w);
    put_rows(to, w);
    syi_lines_add(to, "</dl>\n");
}
