/* The outcomes drawn in SVG: process less funding with its limits, and the two
 * shares. Each panel stands by itself with the names at its left, so that two of them
 * stack on a narrow page; the picture of both has the names once. Colour and shape
 * both tell the blocks apart. The ground is white whatever the page around it.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "study/verdict/page_internal.h"
#include <math.h>
#include <string.h>

enum { WIDTH = 380, PANEL_OF_BOTH = 300, EDGE = 16, GAP = 44, TICKS = 6, MANY = 12, TITLE = 13, SMALL = 12, FOOT = 34 };

static const char *const ink = "#222222", *const grid = "#e3e6e8", *const zero = "#8a8f94";
static const char *const funding_colour = "#c8702a", *const process_colour = "#2a5d84";

typedef struct {
    const syi_weighed *w;
    const sy_tidy *t;
    syi_lines *to;
    const char *funding, *process;
    double letter, row;                   /* heights of a name's letters and of a row */
    int names;                            /* width of the names' column */
    double left, width, top, least, most; /* of the panel */
} picture;

static double value(const picture *p, int row, const char *name)
{
    return sy_tidy_number(p->t, row, sy_tidy_column(p->t, name));
}

static double across(const picture *p, double x)
{
    return p->left + p->width * (x - p->least) / (p->most - p->least);
}

static double bottom(const picture *p)
{
    return p->top + p->row * p->t->n_rows;
}

static void put_line(const picture *p, double x1, double y1, double x2, double y2, const char *how)
{
    char text[SY_LIMIT];
    syi_say(text, sizeof text, "<path d=\"M%.1f %.1fL%.1f %.1f\" %s/>\n", x1, y1, x2, y2, how);
    syi_lines_add(p->to, text);
}

static void put_rule(const picture *p, double x1, double y1, double x2, double y2, const char *colour)
{
    char how[64];
    syi_say(how, sizeof how, "stroke=\"%s\"", colour);
    put_line(p, x1, y1, x2, y2, how);
}

static void put_text(const picture *p, double x, double y, double size, const char *anchor, const char *what)
{
    char text[SY_LIMIT];
    syi_say(text, sizeof text, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%.1f\" text-anchor=\"%s\">", x, y, size,
            anchor);
    syi_lines_add(p->to, text);
    syi_lines_escape(p->to, what);
    syi_lines_add(p->to, "</text>\n");
}

/* Lines below each other; where the next one would be. */
static double put_lines(const picture *p, double x, double y, double size, double room, const char *what)
{
    syi_wrapped lines;
    syi_wrap(what, (int)(room / (0.58 * size)), &lines);
    for (int l = 0; l < lines.n; l++) put_text(p, x, y + 1.25 * size * l, size, "start", lines.line[l]);
    return y + 1.25 * size * lines.n;
}

typedef enum { SQUARE, DIAMOND, CIRCLE } shape;

static void put_dot(const picture *p, double x, double y, shape form)
{
    char text[SY_LIMIT];
    if (form == CIRCLE)
        syi_say(text, sizeof text, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.8\" fill=\"%s\"/>\n", x, y, process_colour);
    else if (form == DIAMOND)
        syi_say(text, sizeof text, "<path d=\"M%.1f %.1fl4.8 4.8l-4.8 4.8l-4.8 -4.8z\" fill=\"%s\"/>\n", x, y - 4.8,
                funding_colour);
    else syi_say(text, sizeof text, "<path d=\"M%.1f %.1fh7v7h-7z\" fill=\"%s\"/>\n", x - 3.5, y - 3.5, ink);
    syi_lines_add(p->to, text);
}

static const char *line_of(shape form)
{
    return form == CIRCLE    ? "stroke=\"#2a5d84\" stroke-width=\"1.6\""
           : form == DIAMOND ? "stroke=\"#c8702a\" stroke-width=\"1.6\""
                             : "stroke=\"#222222\" stroke-width=\"1.6\"";
}

/* A dot with its limits; none where there is no number. */
static void put_mark(const picture *p, int row, double shift, const char *const names[3], shape form)
{
    const double y = p->top + p->row * (row + 0.5) + shift, x = value(p, row, names[0]);
    const double low = value(p, row, names[1]), high = value(p, row, names[2]);
    if (isnan(x)) return;
    if (!isnan(low) && !isnan(high)) put_line(p, across(p, low), y, across(p, high), y, line_of(form));
    put_dot(p, across(p, x), y, form);
}

static const char *const difference[] = {"difference", "difference_low", "difference_high"};
static const char *const funding[] = {"funding", "funding_low", "funding_high"};
static const char *const process[] = {"process", "process_low", "process_high"};

/* The panel is as wide as what three columns hold, and has 0. */
static void reach(picture *p, const char *const names[3])
{
    for (int k = 0; k < 3; k++)
        for (int r = 0; r < p->t->n_rows; r++) {
            const double v = value(p, r, names[k]);
            if (!(fabs(v) < HUGE_VAL)) continue;
            p->least = fmin(p->least, v);
            p->most = fmax(p->most, v);
        }
}

/* Room beside the outermost marks; an edge at 0 stays there. */
static void widen(picture *p)
{
    if (!(p->most > p->least)) p->most = p->least + 1;
    const double room = 0.03 * (p->most - p->least);
    p->least -= p->least < 0 ? room : 0;
    p->most += p->most > 0 ? room : 0;
}

/* The next of 1, 2, 5 times a power of ten. */
static double round_step(double width)
{
    const double ten = pow(10, floor(log10(width)));
    return width <= ten ? ten : width <= 2 * ten ? 2 * ten : width <= 5 * ten ? 5 * ten : 10 * ten;
}

static void put_axis(const picture *p)
{
    const double end = bottom(p), step = round_step((p->most - p->least) / TICKS);
    char label[32];
    for (double k = ceil(p->least / step); k * step <= p->most; k++) {
        const double x = across(p, k * step);
        put_rule(p, x, p->top, x, end, k == 0 ? zero : grid);
        syi_say(label, sizeof label, "%.6g", k == 0 ? 0 : k * step);
        put_text(p, x, end + 14, 11, "middle", label);
    }
    put_rule(p, p->left, end, p->left + p->width, end, zero);
}

static int is_answer(const picture *p, int row)
{
    return syi_weighed_type(p->w, row) != SY_OUTCOME_NUMBER;
}

static void name_of(const picture *p, int row, syi_wrapped *lines)
{
    char name[SY_TIDY_TEXT + 2];
    syi_say(name, sizeof name, "%s%s", sy_tidy_text(p->t, row, 0), is_answer(p, row) ? " *" : "");
    syi_wrap(name, p->t->n_rows > MANY ? 32 : 28, lines);
}

/* Letters, rows and the column of names as the names ask. */
static void set_names(picture *p)
{
    syi_wrapped lines;
    double widest = 0;
    int most = 1;
    p->letter = p->t->n_rows > MANY ? 10.5 : 12;
    for (int r = 0; r < p->t->n_rows; r++) {
        name_of(p, r, &lines);
        most = lines.n > most ? lines.n : most;
        for (int l = 0; l < lines.n; l++) widest = fmax(widest, syi_text_width(lines.line[l]));
    }
    p->names = (int)(p->letter * widest) + 10;
    p->row = fmax(p->t->n_rows > MANY ? 22 : 26, 1.15 * p->letter * most + 7);
}

static void put_names(const picture *p)
{
    syi_wrapped lines;
    for (int r = 0; r < p->t->n_rows; r++) {
        name_of(p, r, &lines);
        const double middle = p->top + p->row * (r + 0.5) + 0.36 * p->letter;
        for (int l = 0; l < lines.n; l++)
            put_text(p, p->names, middle + 1.15 * p->letter * (l - 0.5 * (lines.n - 1)), p->letter, "end",
                     lines.line[l]);
    }
}

/* What is drawn, in large letters, and its unit and limits below; the same room for every panel. */
static void put_title(const picture *p, double from, double room, const char *title)
{
    char text[64] = "points of the variance";
    int limits = 0;
    for (int r = 0; r < p->t->n_rows; r++) limits += !isnan(value(p, r, difference[1]));
    const double y = put_lines(p, from, 16, TITLE, room, title);
    if (limits) syi_say(text, sizeof text, "points of the variance, with %g %% limits", 100 * p->w->options->level);
    put_text(p, from, y, SMALL, "start", text);
}

/* Title, marks and what the axis means. */
static void put_difference(picture *p, double from, double room)
{
    char text[SY_LIMIT];
    p->least = p->most = 0;
    reach(p, difference);
    widen(p);
    syi_say(text, sizeof text, "Share of %s less share of %s", p->process, p->funding);
    put_title(p, from, room, text);
    put_axis(p);
    for (int r = 0; r < p->t->n_rows; r++) put_mark(p, r, 0, difference, SQUARE);
    syi_say(text, sizeof text, "left of 0: %s explains more", p->funding);
    const double y = put_lines(p, from, bottom(p) + FOOT, SMALL, room, text);
    syi_say(text, sizeof text, "right of 0: %s explains more", p->process);
    put_lines(p, from, y, SMALL, room, text);
}

static void put_shares(picture *p, double from, double room)
{
    const double off = 0.17 * p->row;
    p->least = p->most = 0;
    reach(p, funding);
    reach(p, process);
    widen(p);
    put_title(p, from, room, "Share of each in all outcome variance");
    put_axis(p);
    for (int r = 0; r < p->t->n_rows; r++) {
        put_mark(p, r, -off, funding, DIAMOND);
        put_mark(p, r, off, process, CIRCLE);
    }
    double y = bottom(p) + FOOT;
    put_dot(p, from + 6, y - 4, DIAMOND);
    y = put_lines(p, from + 16, y, SMALL, room - 16, p->funding);
    put_dot(p, from + 6, y - 4, CIRCLE);
    put_lines(p, from + 16, y, SMALL, room - 16, p->process);
}

/* Number of the outcome with the least (sign 1) or largest (sign -1) difference. */
static int outermost(const picture *p, double sign)
{
    int best = 0;
    for (int r = 1; r < p->t->n_rows; r++)
        if (sign * value(p, r, difference[0]) < sign * value(p, best, difference[0])) best = r;
    return best;
}

/* What the drawing shows, for those who do not see it. */
static void put_description(const picture *p, syi_picture_kind kind)
{
    char text[SY_SENTENCE], low[SY_TIDY_TEXT], high[SY_TIDY_TEXT];
    const int least = outermost(p, 1), most = outermost(p, -1);
    int ahead = 0, clear = 0;
    for (int r = 0; r < p->t->n_rows; r++) {
        ahead += value(p, r, difference[0]) > 0;
        clear += value(p, r, difference[1]) > 0;
    }
    syi_page_words(sy_tidy_text(p->t, least, 0), sizeof low, low);
    syi_page_words(sy_tidy_text(p->t, most, 0), sizeof high, high);
    syi_say(text, sizeof text,
            "%s%s explains more than %s in %d of %d outcomes, with limits above zero in %d. The difference of the "
            "shares runs from %.3f (%s) to %.3f (%s). The numbers are in the table of shares.",
            kind == SYI_PICTURE_SHARES ? "The shares of both blocks beside each other, outcome by outcome. " : "",
            p->process, p->funding, ahead, p->t->n_rows, clear, value(p, least, difference[0]), low,
            value(p, most, difference[0]), high);
    syi_lines_escape(p->to, text);
}

static void open_drawing(const picture *p, syi_picture_kind kind, const char *key, double width, double height)
{
    char text[SY_LIMIT], id[64];
    syi_say(id, sizeof id, "picture-%s-%d", key, (int)kind + 1);
    syi_say(text, sizeof text,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\" "
            "font-family=\"sans-serif\" fill=\"%s\" role=\"img\" aria-labelledby=\"%s-title %s-text\">\n<title "
            "id=\"%s-title\">",
            width, height, width, height, ink, id, id, id);
    syi_lines_add(p->to, text);
    syi_say(text, sizeof text, "%s: %s and %s, outcome by outcome",
            kind == SYI_PICTURE_SHARES ? "Shares" : "Difference of shares", p->process, p->funding);
    syi_lines_escape(p->to, text);
    syi_say(text, sizeof text, "</title>\n<desc id=\"%s-text\">", id);
    syi_lines_add(p->to, text);
    put_description(p, kind);
    syi_say(text, sizeof text, "</desc>\n<rect width=\"%.0f\" height=\"%.0f\" fill=\"#ffffff\"/>\n", width, height);
    syi_lines_add(p->to, text);
}

/* Heights of a title and of the lines below the axis, by what they hold. */
static int lines_in(const char *text, double size, double room)
{
    syi_wrapped lines;
    syi_wrap(text, (int)(room / (0.58 * size)), &lines);
    return lines.n;
}

/* Room for the title and for the two lines below the axis. */
static double head(const picture *p, double room)
{
    char text[SY_LIMIT];
    syi_say(text, sizeof text, "Share of %s less share of %s", p->process, p->funding);
    return 16 + 1.25 * TITLE * lines_in(text, TITLE, room) + 12;
}

static double foot(const picture *p, double room)
{
    char text[SY_LIMIT];
    int lines = 0;
    syi_say(text, sizeof text, "right of 0: %s explains more", p->process);
    lines += lines_in(text, SMALL, room);
    syi_say(text, sizeof text, "right of 0: %s explains more", p->funding);
    lines += lines_in(text, SMALL, room);
    return FOOT + 1.25 * SMALL * lines;
}

void syi_page_picture(syi_lines *to, const syi_weighed *w, syi_picture_kind kind, const char *key)
{
    picture p = {.w = w, .t = &w->out->tables[SY_WEIGH_OUTCOMES], .to = to};
    p.funding = w->question->blocks[w->question->funding].name;
    p.process = w->question->blocks[w->question->process].name;
    set_names(&p);
    const int both = kind == SYI_PICTURE_BOTH;
    const double room = both ? PANEL_OF_BOTH : WIDTH - 8;
    const double width = both ? p.names + 2 * PANEL_OF_BOTH + GAP + 2 * EDGE : WIDTH;
    p.top = head(&p, room);
    p.left = p.names + EDGE;
    p.width = both ? PANEL_OF_BOTH : WIDTH - p.left - EDGE;
    open_drawing(&p, kind, key, width, bottom(&p) + foot(&p, room));
    put_names(&p);
    if (kind != SYI_PICTURE_SHARES) put_difference(&p, both ? p.left : 4, room);
    if (both) p.left += PANEL_OF_BOTH + GAP;
    if (kind != SYI_PICTURE_DIFFERENCE) put_shares(&p, both ? p.left : 4, room);
    syi_lines_add(to, "</svg>\n");
}
