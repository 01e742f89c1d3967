/* An answer as one HTML page that needs nothing else: verdict, picture, tables,
 * limits. The picture is drawn in SVG: for each outcome the difference with its
 * limits, and the shares of funding and process beside it.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "study/verdict/weigh_shown_internal.h"
#include "steelyard/context.h"
#include <math.h>
#include <string.h>

enum { ROW = 26, TOP = 34, LETTER = 7, PANEL = 300, GAP = 40, TICKS = 5 };

static const char *const style =
    "<style>body{font-family:sans-serif;max-width:76em;margin:2em auto;padding:0 1em;line-height:1.4}"
    "table{border-collapse:collapse;font-size:.85em;display:block;overflow-x:auto}"
    "th,td{padding:.2em .6em;text-align:right;border-bottom:1px solid #ddd;white-space:nowrap}"
    "th{text-align:left}thead th{border-bottom:2px solid #888}ol li{margin:.6em 0}"
    ".caution{font-style:italic}svg text{font-size:12px}</style>\n";

typedef struct {
    const sy_tidy *t;
    syi_lines *to;
    double least, most; /* of a panel */
    int left;           /* of the panel */
} picture;

static double value(const picture *p, int row, const char *name)
{
    return sy_tidy_number(p->t, row, sy_tidy_column(p->t, name));
}

static double across(const picture *p, double x)
{
    return p->left + PANEL * (x - p->least) / (p->most - p->least);
}

static void put_line(const picture *p, double x1, double y1, double x2, double y2, const char *colour, double width)
{
    char text[SY_LIMIT];
    syi_say(text, sizeof text,
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-width=\"%.1f\"/>\n", x1, y1, x2,
            y2, colour, width);
    syi_lines_add(p->to, text);
}

static void put_dot(const picture *p, double x, double y, const char *colour)
{
    char text[SY_LIMIT];
    syi_say(text, sizeof text, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"/>\n", x, y, colour);
    syi_lines_add(p->to, text);
}

static void put_text(const picture *p, double x, double y, const char *anchor, const char *what)
{
    char text[SY_LIMIT];
    syi_say(text, sizeof text, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
    syi_lines_add(p->to, text);
    syi_lines_escape(p->to, what);
    syi_lines_add(p->to, "</text>\n");
}

/* Widens the panel by what a column holds. */
static void reach(picture *p, const char *name)
{
    for (int r = 0; r < p->t->n_rows; r++) {
        const double v = value(p, r, name);
        if (isnan(v)) continue;
        p->least = fmin(p->least, v);
        p->most = fmax(p->most, v);
    }
}

/* The next of 1, 2, 5 times a power of ten. */
static double round_step(double width)
{
    const double ten = pow(10, floor(log10(width)));
    return width <= ten ? ten : width <= 2 * ten ? 2 * ten : width <= 5 * ten ? 5 * ten : 10 * ten;
}

/* Room for the longest name. */
static int name_width(const sy_tidy *t)
{
    size_t longest = 0;
    for (int r = 0; r < t->n_rows; r++) {
        const size_t length = strlen(sy_tidy_text(t, r, 0));
        longest = length > longest ? length : longest;
    }
    return LETTER * (int)longest + 24;
}

static void put_axis(const picture *p, const char *title)
{
    const double bottom = TOP + ROW * p->t->n_rows;
    char label[32];
    put_text(p, p->left, TOP - 18, "start", title);
    put_line(p, p->left, bottom, p->left + PANEL, bottom, "#888", 1);
    const double step = round_step((p->most - p->least) / TICKS);
    for (double k = ceil(p->least / step); k * step <= p->most; k++) {
        const double x = across(p, k * step);
        put_line(p, x, bottom, x, bottom + 4, "#888", 1);
        syi_say(label, sizeof label, "%.6g", k == 0 ? 0 : k * step);
        put_text(p, x, bottom + 18, "middle", label);
    }
    if (p->least < 0) put_line(p, across(p, 0), TOP - 8, across(p, 0), bottom, "#bbb", 1);
}

/* A dot with its limits; none where there is no number. */
static void put_mark(const picture *p, int row, double shift, const char *name, const char *low, const char *high,
                     const char *colour)
{
    const double y = TOP + ROW * (row + 0.5) + shift, x = value(p, row, name);
    if (isnan(x)) return;
    if (!isnan(value(p, row, low)))
        put_line(p, across(p, value(p, row, low)), y, across(p, value(p, row, high)), y, colour, 2);
    put_dot(p, across(p, x), y, colour);
}

static void forest(syi_lines *to, const syi_weighed *w)
{
    picture p = {.t = &w->out->tables[SY_WEIGH_OUTCOMES], .to = to};
    const int name = name_width(p.t);
    char text[SY_LIMIT];
    syi_say(text, sizeof text, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" role=\"img\">\n",
            name + 2 * PANEL + 2 * GAP, TOP + ROW * p.t->n_rows + 30);
    syi_lines_add(to, text);
    p.left = name;
    for (int r = 0; r < p.t->n_rows; r++)
        put_text(&p, name - 12, TOP + ROW * (r + 0.5) + 4, "end", sy_tidy_text(p.t, r, 0));
    reach(&p, "difference");
    reach(&p, "difference_low");
    reach(&p, "difference_high");
    if (!(p.most > p.least)) p.most = p.least + 1;
    syi_say(text, sizeof text, "%s less %s", w->question->blocks[w->question->process].name,
            w->question->blocks[w->question->funding].name);
    put_axis(&p, text);
    for (int r = 0; r < p.t->n_rows; r++) put_mark(&p, r, 0, "difference", "difference_low", "difference_high", "#222");
    p.left = name + PANEL + GAP;
    p.least = p.most = 0;
    reach(&p, "funding_high");
    reach(&p, "process_high");
    reach(&p, "funding");
    reach(&p, "process");
    if (!(p.most > p.least)) p.most = p.least + 1;
    syi_say(text, sizeof text, "shares: %s (orange), %s (blue)", w->question->blocks[w->question->funding].name,
            w->question->blocks[w->question->process].name);
    put_axis(&p, text);
    for (int r = 0; r < p.t->n_rows; r++) {
        put_mark(&p, r, -5, "funding", "funding_low", "funding_high", "#c8702a");
        put_mark(&p, r, 5, "process", "process_low", "process_high", "#2a5d84");
    }
    syi_lines_add(to, "</svg>\n");
}

static void tagged(syi_lines *to, const char *tag, const char *text)
{
    syi_lines_add(to, "<");
    syi_lines_add(to, tag);
    syi_lines_add(to, ">");
    syi_lines_escape(to, text);
    syi_lines_add(to, "</");
    syi_lines_add(to, tag);
    syi_lines_add(to, ">\n");
}

sy_status syi_weigh_page(sy_context *ctx, const syi_weighed *w, char **page)
{
    syi_lines out = {0};
    syi_layout_shown layout;
    char line[SY_LIMIT];
    syi_weigh_shown(w, &layout);
    syi_weigh_headline(w, line);
    syi_lines_add(&out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    tagged(&out, "title", line);
    syi_lines_add(&out, style);
    syi_lines_add(&out, "</head><body>\n");
    tagged(&out, "h1", line);
    syi_lines_add(&out, "<ol>\n");
    for (int k = 0; k < SY_VERDICT_SENTENCES; k++) tagged(&out, "li", w->out->verdict[k]);
    syi_lines_add(&out, "</ol>\n");
    forest(&out, w);
    for (int s = 0; s < layout.n; s++) {
        const syi_section *of = &layout.section[s];
        tagged(&out, "h2", of->title);
        syi_lines_html(&out, &w->out->tables[of->table], of->n, of->columns, 0, w->out->tables[of->table].n_rows);
    }
    tagged(&out, "p", w->out->how);
    tagged(&out, "h2", "What the data cannot say");
    syi_lines_add(&out, "<ul>\n");
    for (int k = 0; k < w->out->n_limits; k++) tagged(&out, "li", w->out->limits[k]);
    syi_lines_add(&out, "</ul>\n<p class=\"caution\">");
    syi_lines_escape(&out, syi_weigh_caution);
    syi_say(line, sizeof line, "</p>\n<p>steelyard %s; level %g, %d replicates, seed %llu.</p>\n", sy_version(),
            w->options->level, w->options->replicates, (unsigned long long)w->options->seed);
    syi_lines_add(&out, line);
    syi_lines_add(&out, "<!-- provenance -->\n</body></html>\n");
    const sy_status status = syi_lines_take(ctx, &out, page);
    syi_lines_free(&out);
    return status;
}
