/* The verdict in three sentences, each number of which is also a row of the table
 * of numbers.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "study/shown_internal.h"
#include "study/verdict/weighed_internal.h"
#include <math.h>
#include <string.h>

enum { PIECE = 512, MOST_NUMBERS = 160 };

static const char *const number_texts[] = {"sentence", "what"};
static const char *const number_numbers[] = {"value"};
static const syi_tidy_form form = {"numbers", 2, 1, number_texts, number_numbers};

typedef struct {
    syi_weighed *w;
    const char *sentence;
    char *text;
    sy_tidy *numbers;
    const char *funding, *process;
    int outcomes;
} writer;

static void add(writer *s, const char *piece)
{
    const size_t used = strlen(s->text);
    syi_say(s->text + used, SY_SENTENCE - used, "%s", piece);
}

/* A number goes into the sentence, as it is written there, and into the table, as it is. */
static void cite_as(writer *s, const char *written, const char *what, double value)
{
    add(s, written);
    if (s->numbers->n_rows == MOST_NUMBERS) return;
    const int row = s->numbers->n_rows++;
    syi_tidy_put(s->numbers, row, 0, s->sentence);
    syi_tidy_put(s->numbers, row, 1, what);
    syi_tidy_set(s->numbers, row, 0, value);
}

static void cite(writer *s, const char *format, const char *what, double value)
{
    char piece[PIECE];
    if (strcmp(format, "%.0f") == 0) syi_say(piece, sizeof piece, "%.0f", value);
    else if (strcmp(format, "%.4g") == 0) syi_say(piece, sizeof piece, "%.4g", value);
    else syi_say(piece, sizeof piece, "%.4f", value);
    cite_as(s, piece, what, value);
}

static double from(const writer *s, int table, int row, const char *column)
{
    const sy_tidy *t = &s->w->out->tables[table];
    return sy_tidy_number(t, row, sy_tidy_column(t, column));
}

/* Points for the sum of money, as their error says. */
static void cite_points(writer *s, const char *what, int outcome)
{
    char piece[PIECE];
    const double points = from(s, SY_WEIGH_OUTCOMES, outcome, "points");
    syi_shown_number(piece, sizeof piece, points, from(s, SY_WEIGH_OUTCOMES, outcome, "points_std_error"), -1);
    cite_as(s, piece, what, points);
}

/* Row of the least (sign 1) or largest (sign -1) number of a column; -1: there is none. */
static int row_of(const writer *s, int table, const char *column, double sign)
{
    const sy_tidy *t = &s->w->out->tables[table];
    int best = -1;
    for (int r = 0; r < t->n_rows; r++) {
        const double v = from(s, table, r, column);
        if (!isnan(v) && (best < 0 || sign * v < sign * from(s, table, best, column))) best = r;
    }
    return best;
}

/* In how many outcomes of a source the difference lies clear of zero: on both sides, whoever is ahead. */
static void limits(writer *s, int source, const char *what)
{
    char piece[PIECE];
    if (!(s->w->judged.difference[0].std_error > 0)) return;
    syi_say(piece, sizeof piece, ", with %s above zero in ", what);
    add(s, piece);
    cite(s, "%.0f", "outcomes with limits above zero", from(s, SY_WEIGH_SOURCES, source, "above_zero"));
    add(s, " and below zero in ");
    cite(s, "%.0f", "outcomes with limits below zero", from(s, SY_WEIGH_SOURCES, source, "below_zero"));
}

static void by_sources(writer *s)
{
    char piece[PIECE];
    add(s, ", by the source of the measure (");
    for (int k = 0; k < s->w->n_sources; k++) {
        syi_say(piece, sizeof piece, "%s%s: ", k ? "; " : "", s->w->sources[k].name);
        add(s, piece);
        cite(s, "%.0f", "outcomes with process ahead", from(s, SY_WEIGH_SOURCES, k, "positive"));
        limits(s, k, "limits");
    }
    add(s, ")");
}

static void association(writer *s)
{
    char piece[PIECE];
    const int several = s->w->n_sources > 1;
    const double least = from(s, SY_WEIGH_SOURCES, row_of(s, SY_WEIGH_SOURCES, "positive", 1), "positive");
    const double most = from(s, SY_WEIGH_SOURCES, row_of(s, SY_WEIGH_SOURCES, "positive", -1), "positive");
    syi_say(piece, sizeof piece, "Association: %s explains more of the variance than %s in ", s->process, s->funding);
    add(s, piece);
    cite(s, "%.0f", "fewest outcomes with process ahead", least);
    if (most > least) {
        add(s, " to ");
        cite(s, "%.0f", "most outcomes with process ahead", most);
    }
    add(s, " of ");
    cite(s, "%.0f", "outcomes", s->outcomes);
    add(s, s->outcomes == 1 ? " outcome" : " outcomes");
    if (several) by_sources(s);
    else limits(s, 0, "limits of the difference");
    syi_say(piece, sizeof piece,
            "; that it does so in every outcome%s is %s, that %s explains more in every outcome%s is %s.",
            several ? " by every source" : "", sy_tidy_text(&s->w->out->tables[SY_WEIGH_CLAIMS], 0, 1), s->funding,
            several ? " by every source" : "", sy_tidy_text(&s->w->out->tables[SY_WEIGH_CLAIMS], 1, 1));
    add(s, piece);
}

static void slopes(writer *s)
{
    char piece[PIECE];
    const int low = row_of(s, SY_WEIGH_OUTCOMES, "points", 1), high = row_of(s, SY_WEIGH_OUTCOMES, "points", -1);
    double above = 0, below = 0, sloped = 0;
    if (low < 0) {
        add(s, "Money: no slope of funding can be told");
        return;
    }
    for (int o = 0; o < s->outcomes; o++) {
        above += from(s, SY_WEIGH_OUTCOMES, o, "points_low") > 0;
        below += from(s, SY_WEIGH_OUTCOMES, o, "points_high") < 0;
        sloped += !isnan(from(s, SY_WEIGH_OUTCOMES, o, "points"));
    }
    add(s, "Money: ");
    cite(s, "%.4g", "pounds", s->w->options->unit);
    syi_say(piece, sizeof piece, " pounds more in %s go with ", sy_tidy_text(&s->w->out->tables[SY_WEIGH_MONEY], 0, 1));
    add(s, piece);
    cite_points(s, "smallest points", low);
    if (high != low) {
        syi_say(piece, sizeof piece, " (%s) to ", syi_weighed_outcome(s->w, low));
        add(s, piece);
        cite_points(s, "largest points", high);
        syi_say(piece, sizeof piece, " (%s)", syi_weighed_outcome(s->w, high));
        add(s, piece);
    }
    add(s, " points of the outcome, all else in the question held, with limits above zero in ");
    cite(s, "%.0f", "outcomes with points above zero", above);
    add(s, " and below zero in ");
    cite(s, "%.0f", "outcomes with points below zero", below);
    add(s, " of ");
    cite(s, "%.0f", "outcomes with points", sloped);
}

static void money(writer *s)
{
    char piece[PIECE];
    const sy_tidy *claims = &s->w->out->tables[SY_WEIGH_CLAIMS];
    slopes(s);
    syi_say(piece, sizeof piece, "; that %s alone explains at most ", s->funding);
    add(s, piece);
    cite(s, "%.4g", "bound", s->w->options->at_most);
    syi_say(piece, sizeof piece, " %s is %s (largest ", syi_weighed_of_what(s->w), sy_tidy_text(claims, 2, 1));
    add(s, piece);
    cite(s, "%.4f", "largest alone", from(s, SY_WEIGH_CLAIMS, 2, "largest"));
    syi_say(piece, sizeof piece, ", %s", sy_tidy_text(claims, 2, 2));
    add(s, piece);
    if (!isnan(from(s, SY_WEIGH_CLAIMS, 2, "upper"))) {
        add(s, "; upper limit ");
        cite(s, "%.4f", "upper limit of the largest alone", from(s, SY_WEIGH_CLAIMS, 2, "upper"));
    }
    add(s, ").");
}

/* What leaving units out does: the first row of the table, and whether any answer turns. */
static void without(writer *s)
{
    char piece[PIECE];
    const sy_tidy *t = &s->w->out->tables[SY_WEIGH_LEFT_OUT];
    if (t->n_rows == 0) return;
    const char *turned = NULL;
    double most = 0;
    for (int r = 0; r < t->n_rows; r++) {
        if (strcmp(sy_tidy_text(t, r, 0), "verdict") != 0) continue;
        most = fmax(most, from(s, SY_WEIGH_LEFT_OUT, r, "turns"));
        if (!turned && strcmp(sy_tidy_text(t, r, 3), sy_tidy_text(t, r, 4)) != 0) turned = sy_tidy_text(t, r, 2);
    }
    syi_say(piece, sizeof piece, " without %s the largest part of the variance that %s alone explains is ",
            sy_tidy_text(t, 0, 2), s->funding);
    add(s, piece);
    cite(s, "%.4f", "largest alone without the unit", from(s, SY_WEIGH_LEFT_OUT, 0, "without"));
    add(s, " in place of ");
    cite(s, "%.4f", "largest alone", from(s, SY_WEIGH_LEFT_OUT, 0, "value"));
    if (turned) {
        syi_say(piece, sizeof piece, ", and without %s the answer on all outcomes turns", turned);
        add(s, piece);
    } else add(s, ", and no unit that was left out turns the answer on all outcomes");
    if (most > 0) {
        add(s, ", though up to ");
        cite(s, "%.0f", "answers that turn without a unit", most);
        add(s, most > 1 ? " single answers turn" : " single answer turns");
    }
    add(s, ";");
}

static void hidden(writer *s)
{
    char piece[PIECE];
    const int near = row_of(s, SY_WEIGH_OUTCOMES, "flip_distance", 1);
    if (near < 0) return;
    const int money_only = row_of(s, SY_WEIGH_OUTCOMES, "flip_money_only", 1);
    add(s, " a hidden cause turns the order where its partial correlations reach ");
    cite(s, "%.4f", "least strength of a hidden cause", from(s, SY_WEIGH_OUTCOMES, near, "flip_distance"));
    if (money_only < 0) {
        syi_say(piece, sizeof piece, " (nearest in %s), and one tied to %s and outcome alone cannot turn it;",
                syi_weighed_outcome(s->w, near), s->funding);
        add(s, piece);
        return;
    }
    syi_say(piece, sizeof piece, " (nearest in %s), one tied to %s and outcome alone where they reach ",
            syi_weighed_outcome(s->w, near), s->funding);
    add(s, piece);
    cite(s, "%.4f", "least strength of a cause of money and outcome alone",
         from(s, SY_WEIGH_OUTCOMES, money_only, "flip_money_only"));
    syi_say(piece, sizeof piece, " (%s);", syi_weighed_outcome(s->w, money_only));
    add(s, piece);
}

static void measured(writer *s)
{
    char piece[PIECE];
    const int shared = row_of(s, SY_WEIGH_OUTCOMES, "shared_source_to_flip", 1);
    const int poor = row_of(s, SY_WEIGH_OUTCOMES, "reliability_to_flip", -1);
    if (shared >= 0) {
        syi_say(piece, sizeof piece, " a source common to %s and outcome turns it where it makes up ", s->process);
        add(s, piece);
        cite(s, "%.4f", "least part common to the source", from(s, SY_WEIGH_OUTCOMES, shared, "shared_source_to_flip"));
        syi_say(piece, sizeof piece, " of their variance (nearest in %s);", syi_weighed_outcome(s->w, shared));
        add(s, piece);
    }
    if (poor >= 0) {
        add(s, " a reliability of ");
        cite(s, "%.4f", "highest reliability that turns the order",
             from(s, SY_WEIGH_OUTCOMES, poor, "reliability_to_flip"));
        syi_say(piece, sizeof piece, " of the measure that is behind turns it (nearest in %s);",
                syi_weighed_outcome(s->w, poor));
        add(s, piece);
    } else if (row_of(s, SY_WEIGH_OUTCOMES, "flip_distance", 1) >= 0 || shared >= 0)
        add(s, " no reliability of the measure that is behind turns it;");
}

static void overturn(writer *s)
{
    add(s, "What would overturn it:");
    without(s);
    hidden(s);
    measured(s);
    const size_t used = strlen(s->text);
    if (s->text[used - 1] == ';') s->text[used - 1] = '.';
    else add(s, " it was not asked.");
}

sy_status syi_weigh_sentences(sy_context *ctx, syi_weighed *w)
{
    static const char *const names[] = {"association", "money", "overturn"};
    static void (*const write[])(writer *) = {association, money, overturn};
    sy_tidy *t = &w->out->tables[SY_WEIGH_NUMBERS];
    const sy_status status = syi_tidy_new(ctx, &form, MOST_NUMBERS, t);
    if (status) return status;
    t->n_rows = 0;
    writer s = {.w = w, .numbers = t, .outcomes = w->question->n_outcomes};
    s.funding = w->question->blocks[w->question->funding].name;
    s.process = w->question->blocks[w->question->process].name;
    for (int k = 0; k < SY_VERDICT_SENTENCES; k++) {
        s.sentence = names[k];
        s.text = w->out->verdict[k];
        write[k](&s);
    }
    return SY_OK;
}
