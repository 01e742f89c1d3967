/* An answer as one HTML page that needs nothing else, for a reader who never opens a
 * terminal: the question, the answer in three sentences, a picture, the numbers, what
 * would overturn it, what the data cannot say, how to run it again, how it was made.
 * And its middle, for notebooks; and the picture by itself.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "steelyard/context.h"
#include "study/verdict/page_internal.h"
#include <stdint.h>
#include <string.h>

/* The same answer has the same key, another answer in the same notebook another one [FNV-1a, Fowler, Noll & Vo]. */
static void key_of(const char *text, char key[16])
{
    uint32_t hash = 2166136261u;
    for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 16777619u;
    syi_say(key, 16, "%08x", (unsigned)hash);
}

static void put_sentences(syi_lines *to, const syi_weighed *w)
{
    syi_lines_add(to, "<ol class=\"verdict\">\n");
    for (int k = 0; k < SY_VERDICT_SENTENCES; k++) syi_page_tagged(to, "li", w->out->verdict[k]);
    syi_lines_add(to, "</ol>\n");
}

static void put_figure(syi_lines *to, const syi_weighed *w, const char *key)
{
    int answers = 0;
    for (int o = 0; o < w->question->n_outcomes; o++) answers += syi_weighed_type(w, o) != SY_OUTCOME_NUMBER;
    syi_lines_add(to, "<figure>\n");
    syi_page_picture(to, w, SYI_PICTURE_DIFFERENCE, key);
    syi_page_picture(to, w, SYI_PICTURE_SHARES, key);
    syi_lines_add(to, "<figcaption>");
    if (w->n_sources > 1) {
        syi_lines_add(to, "By the first source of the process measure, ");
        syi_lines_escape(to, w->sources[0].name);
        syi_lines_add(to, ". ");
    }
    if (answers) syi_lines_add(to, "* answers: shares of McFadden's R2, not to be set beside shares of variance. ");
    syi_lines_escape(to, syi_weigh_caution);
    syi_lines_add(to, "</figcaption>\n</figure>\n");
}

/* What would turn the answer, and how much it rests on single units. */
static int would_overturn(const syi_section *s)
{
    return s->table == SY_WEIGH_LEFT_OUT || strncmp(s->title, "What would turn", 15) == 0;
}

static void put_tables(syi_lines *to, const syi_weighed *w, int overturning)
{
    syi_layout_shown layout;
    syi_weigh_shown(w, &layout);
    for (int s = 0; s < layout.n; s++)
        if (would_overturn(&layout.section[s]) == overturning) syi_page_table(to, w, &layout.section[s]);
}

static void put_limits(syi_lines *to, const syi_weighed *w)
{
    syi_lines_add(to, "<ul>\n");
    for (int k = 0; k < w->out->n_limits; k++) syi_page_tagged(to, "li", w->out->limits[k]);
    syi_lines_add(to, "</ul>\n");
}

static void put_rerun(syi_lines *to, const syi_weighed *w)
{
    char line[SY_LIMIT];
    syi_say(line, sizeof line, "The same numbers come out of steelyard %s with seed %llu, in Python and in R.",
            sy_version(), (unsigned long long)w->options->seed);
    syi_page_tagged(to, "p", line);
    if (!w->question->dataset)
        syi_page_tagged(
            to, "p",
            "The file holds the rows with the names used here as heads of its columns. What was handed over as a "
            "vector stands under the name of its argument.");
    syi_lines_add(to, "<h3>In Python</h3>\n<pre><code class=\"language-python\">");
    syi_page_code(to, w, 1);
    syi_lines_add(to, "</code></pre>\n<h3>In R</h3>\n<pre><code class=\"language-r\">");
    syi_page_code(to, w, 0);
    syi_lines_add(to, "</code></pre>\n");
}

/* The rules of weigh.h in the words of the page. */
static const char *const rules[] = {
    "In one outcome, by one source: supported that process explains more when the difference is above 0 and its p "
    "value, "
    "stepped down over the outcomes of the source, is at most 1 less the level; contradicted when the difference is "
    "below "
    "0 with such a p value; else undecided.",
    "By one source, in every outcome: supported when the limits of the difference, one outcome at a time, lie above 0 "
    "in "
    "every outcome; contradicted when one outcome is contradicted by rule 1; else undecided.",
    "By every source, in every outcome: supported when every source is by rule 2; contradicted when in one outcome and "
    "source the difference is below 0 with p, stepped down over all outcomes and sources, at most 1 less the level; "
    "else "
    "undecided.",
    "That funding explains more: the same rules with the sign turned.",
    "That funding alone explains at most so much in every outcome: supported when the largest one-sided upper limit is "
    "below the bound, contradicted when the largest simultaneous lower limit is above it; else undecided."};

static const char *const sources =
    "<p class=\"small\">Shares: Shapley 1953; Lindeman, Merenda &amp; Gold 1980. Rules: Berger 1982, "
    "doi:10.1080/00401706.1982.10487790; Romano &amp; Wolf 2005, doi:10.1198/016214504000000539. Robustness values: "
    "Cinelli "
    "&amp; Hazlett 2020, doi:10.1111/rssb.12348.</p>\n";

static void put_remarks(syi_lines *to, const sy_context *ctx, int first)
{
    if (ctx->n_remarks == first) return;
    syi_lines_add(to, "<h3>Remarks</h3>\n<ul>\n");
    for (int r = first; r < ctx->n_remarks; r++) {
        const sy_remark *remark = &ctx->remarks[r];
        const int named = *remark->term && !strstr(remark->text, remark->term);
        syi_lines_add(to, "<li>");
        syi_lines_escape(to, named ? remark->term : "");
        syi_lines_add(to, named ? ": " : "");
        syi_lines_escape(to, remark->text);
        syi_lines_add(to, "</li>\n");
    }
    syi_lines_add(to, "</ul>\n");
}

static void put_rules(syi_lines *to)
{
    syi_lines_add(to, "<ol>\n");
    for (size_t r = 0; r < sizeof rules / sizeof *rules; r++) syi_page_tagged(to, "li", rules[r]);
    syi_lines_add(to, "</ol>\n");
}

static void put_method(syi_lines *to, const syi_weighed *w, const sy_context *ctx, int first)
{
    syi_page_tagged(to, "p", w->out->how);
    syi_lines_add(to, "<h3>Rules by which a claim is judged</h3>\n");
    put_rules(to);
    put_remarks(to, ctx, first);
    syi_lines_add(to, sources);
}

static void put_header(syi_lines *to, const syi_weighed *w, const char *headline)
{
    char title[SY_LIMIT];
    const sy_weigh_question *q = w->question;
    syi_say(title, sizeof title, "%s or %s: which explains more of %d outcome%s?", q->blocks[q->funding].name,
            q->blocks[q->process].name, q->n_outcomes, q->n_outcomes == 1 ? "" : "s");
    if (*title >= 'a' && *title <= 'z') *title = (char)(*title - 'a' + 'A');
    syi_lines_add(to, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
                      "content=\"width=device-width, initial-scale=1\">\n<link rel=\"icon\" href=\"data:,\">\n");
    syi_page_tagged(to, "title", title);
    syi_lines_add(to, syi_page_style);
    syi_lines_add(to, syi_body_style);
    syi_lines_add(to, "</head>\n<body>\n<header>\n");
    syi_page_tagged(to, "h1", title);
    syi_page_tagged(to, "p", headline);
    syi_lines_add(to, "</header>\n<main class=\"steelyard-evidence\">\n");
}

static sy_status make_page(sy_context *ctx, const syi_weighed *w, int first, const char *headline, const char *key)
{
    syi_lines out = {0};
    char line[SY_LIMIT];
    put_header(&out, w, headline);
    syi_page_tagged(&out, "h2", "The question");
    syi_page_question(&out, w);
    syi_page_tagged(&out, "h2", "The answer");
    put_sentences(&out, w);
    put_figure(&out, w, key);
    syi_page_tagged(&out, "h2", "The numbers");
    put_tables(&out, w, 0);
    syi_page_tagged(&out, "h2", "What would overturn it");
    put_tables(&out, w, 1);
    syi_page_tagged(&out, "h2", "What the data cannot say");
    put_limits(&out, w);
    syi_page_tagged(&out, "h2", "How to run it again");
    put_rerun(&out, w);
    syi_page_tagged(&out, "h2", "How it was computed");
    put_method(&out, w, ctx, first);
    syi_say(line, sizeof line, "Made by steelyard %s%s%s.", sy_version(), w->question->host ? " from " : "",
            w->question->host ? w->question->host : "");
    syi_lines_add(&out, "</main>\n<footer>\n");
    syi_page_tagged(&out, "p", line);
    syi_lines_add(&out, "</footer>\n</body>\n</html>\n");
    const sy_status status = syi_lines_take(ctx, &out, &w->out->page);
    syi_lines_free(&out);
    return status;
}

static sy_status make_body(sy_context *ctx, const syi_weighed *w, const char *headline, const char *key)
{
    syi_lines out = {0};
    syi_lines_add(&out, "<div class=\"steelyard-evidence\" role=\"group\" aria-label=\"Evidence\">\n");
    syi_lines_add(&out, syi_body_style);
    syi_lines_add(&out, "<p><strong>");
    syi_lines_escape(&out, headline);
    syi_lines_add(&out, "</strong></p>\n");
    put_sentences(&out, w);
    put_figure(&out, w, key);
    put_tables(&out, w, 0);
    put_tables(&out, w, 1);
    syi_page_tagged(&out, "p", w->out->how);
    syi_lines_add(&out, "<p><strong>What the data cannot say</strong></p>\n");
    put_limits(&out, w);
    syi_lines_add(&out, "<details><summary>Rules by which a claim is judged</summary>\n");
    put_rules(&out);
    syi_lines_add(&out, "</details>\n</div>\n");
    const sy_status status = syi_lines_take(ctx, &out, &w->out->body);
    syi_lines_free(&out);
    return status;
}

sy_status syi_weigh_page(sy_context *ctx, const syi_weighed *w, int first)
{
    syi_lines drawing = {0};
    char headline[SY_LIMIT], key[16];
    syi_weigh_headline(w, headline);
    key_of(w->out->text, key);
    sy_status status = make_page(ctx, w, first, headline, key);
    if (!status) status = make_body(ctx, w, headline, key);
    if (status) return status;
    syi_page_picture(&drawing, w, SYI_PICTURE_BOTH, key);
    status = syi_lines_take(ctx, &drawing, &w->out->picture);
    syi_lines_free(&drawing);
    return status;
}
