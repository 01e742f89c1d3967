/* An answer as lines: headline, verdict, tables, how, what the data cannot say.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "study/verdict/weigh_shown_internal.h"
#include <math.h>
#include <string.h>

const char *const syi_weigh_caution =
    "Shares are points of all outcome variance, points are slopes: associations, neither says what money would do.";

/* What is shown of each table: header and name; texts are found by their names too. */
typedef struct {
    const char *header, *name;
    int decimals;
} wanted;

typedef struct {
    int table;
    const char *title;
    wanted columns[SYI_SHOWN];
} plan;

static const plan plans[] = {{SY_WEIGH_OUTCOMES,
                              "Shares, by the first source of the process measure:",
                              {{"outcome", "outcome", 0},
                               {"n", "n", 0},
                               {"total", "total", 4},
                               {"funding", "funding", 4},
                               {"low", "funding_low", 4},
                               {"high", "funding_high", 4},
                               {"process", "process", 4},
                               {"low", "process_low", 4},
                               {"high", "process_high", 4},
                               {"difference", "difference", 4},
                               {"low", "difference_low", 4},
                               {"high", "difference_high", 4},
                               {"p stepped", "p_stepped", 4},
                               {"answer", "answer", 0}}},
                             {SY_WEIGH_OUTCOMES,
                              "Order, need and money (points with the rest held):",
                              {{"outcome", "outcome", 0},
                               {"money first", "funding_if_money_first", 4},
                               {"process first", "process_if_process_first", 4},
                               {"beyond need", "funding_beyond_need", 4},
                               {"difference", "difference_beyond_need", 4},
                               {"by curves", "difference_curve", 4},
                               {"points", "points", -1},
                               {"low", "points_low", -1},
                               {"high", "points_high", -1},
                               {"per doubling", "doubling", -1},
                               {"low", "doubling_low", -1},
                               {"high", "doubling_high", -1}}},
                             {SY_WEIGH_OUTCOMES,
                              "What would turn the order:",
                              {{"outcome", "outcome", 0},
                               {"hidden cause", "flip_distance", 4},
                               {"of money only", "flip_money_only", 4},
                               {"shared source", "shared_source_to_flip", 4},
                               {"reliability", "reliability_to_flip", 4},
                               {"robustness value", "robustness_value", 4}}},
                             {SY_WEIGH_SOURCES,
                              "Sources of the process measure:",
                              {{"source", "source", 0},
                               {"outcomes", "outcomes", 0},
                               {"positive", "positive", 0},
                               {"above zero", "above_zero", 0},
                               {"below zero", "below_zero", 0},
                               {"supported", "supported", 0},
                               {"contradicted", "contradicted", 0},
                               {"smallest", "smallest", 4},
                               {"largest", "largest", 4},
                               {"in every outcome", "answer", 0}}},
                             {SY_WEIGH_CLAIMS,
                              "Claims:",
                              {{"claim", "claim", 0},
                               {"answer", "answer", 0},
                               {"largest", "largest", 4},
                               {"upper", "upper", 4},
                               {"lower", "lower", 4}}},
                             {SY_WEIGH_LEAGUE,
                              "In how many outcomes each block matters:",
                              {{"block", "block", 0},
                               {"outcomes", "outcomes", 0},
                               {"found", "found", 0},
                               {"unadjusted", "unadjusted", 0},
                               {"by chance", "expected_by_chance", 2}}},
                             {SY_WEIGH_LEFT_OUT,
                              "Without the unit that changes most:",
                              {{"what", "what", 0},
                               {"outcome", "outcome", 0},
                               {"left out", "left_out", 0},
                               {"value", "value", 4},
                               {"without", "without", 4},
                               {"low", "without_low", 4},
                               {"high", "without_high", 4},
                               {"turns", "turns", 0},
                               {"answer", "answer", 0},
                               {"then", "answer_without", 0}}},
                             {SY_WEIGH_LEVELS,
                              "Level by level:",
                              {{"level", "level", 0},
                               {"outcome", "outcome", 0},
                               {"n", "n", 0},
                               {"funding", "funding", 4},
                               {"process", "process", 4},
                               {"difference", "difference", 4},
                               {"low", "conf_low", 4},
                               {"high", "conf_high", 4},
                               {"change", "change", 4},
                               {"low", "change_low", 4},
                               {"high", "change_high", 4},
                               {"p", "change_p", 4}}},
                             {SY_WEIGH_POPULATION,
                              "In the sample and re-weighted to the population:",
                              {{"outcome", "outcome", 0},
                               {"effective n", "n_effective", 1},
                               {"funding", "funding_sample", 4},
                               {"then", "funding", 4},
                               {"process", "process_sample", 4},
                               {"then", "process", 4},
                               {"difference", "difference_sample", 4},
                               {"then", "difference", 4},
                               {"low", "conf_low", 4},
                               {"high", "conf_high", 4}}},
                             {SY_WEIGH_GAPS,
                              "The gap between two groups, by block (Gelbach):",
                              {{"outcome", "outcome", 0},
                               {"first", "first", 0},
                               {"second", "second", 0},
                               {"gap", "gap", -1},
                               {"low", "gap_low", -1},
                               {"high", "gap_high", -1},
                               {"funding", "funding", -1},
                               {"low", "funding_low", -1},
                               {"high", "funding_high", -1},
                               {"process", "process", -1},
                               {"low", "process_low", -1},
                               {"high", "process_high", -1},
                               {"others", "other_blocks", -1},
                               {"unexplained", "unexplained", -1}}},
                             {SY_WEIGH_MISSING,
                              "Where the amount is known and where it is not:",
                              {{"outcome", "outcome", 0},
                               {"known", "rows_known", 0},
                               {"unknown", "rows_unknown", 0},
                               {"outcome, known", "outcome_known", -1},
                               {"unknown", "outcome_unknown", -1},
                               {"process, known", "process_known", -1},
                               {"unknown", "process_unknown", -1}}}};

static int place_of(const sy_tidy *t, const char *name)
{
    for (int c = 0; c < t->n_texts; c++)
        if (strcmp(t->text_names[c], name) == 0) return -1 - c;
    return sy_tidy_column(t, name);
}

/* Columns without any number are left out. */
static int is_empty(const sy_tidy *t, int column)
{
    for (int r = 0; r < t->n_rows && column >= 0; r++)
        if (!isnan(sy_tidy_number(t, r, column))) return 0;
    return column >= 0;
}

static int worth_showing(const sy_tidy *t, int table)
{
    if (table != SY_WEIGH_MISSING) return t->n_rows > 0;
    double unknown = 0;
    for (int r = 0; r < t->n_rows; r++) unknown += sy_tidy_number(t, r, sy_tidy_column(t, "rows_unknown"));
    return unknown > 0;
}

void syi_weigh_shown(const syi_weighed *w, syi_layout_shown *out)
{
    out->n = 0;
    for (size_t p = 0; p < sizeof plans / sizeof *plans; p++) {
        const sy_tidy *t = &w->out->tables[plans[p].table];
        syi_section *s = &out->section[out->n];
        syi_shown *columns = out->columns[out->n];
        int n = 0;
        for (int c = 0; c < SYI_SHOWN && plans[p].columns[c].header; c++) {
            const int place = place_of(t, plans[p].columns[c].name);
            if (is_empty(t, place)) continue;
            columns[n++] = (syi_shown){plans[p].columns[c].header, place, plans[p].columns[c].decimals};
        }
        if (n < 2 || !worth_showing(t, plans[p].table)) continue;
        *s = (syi_section){plans[p].table, plans[p].title, n, columns, (int)p};
        out->n++;
    }
}

void syi_weigh_headline(const syi_weighed *w, char line[SY_LIMIT])
{
    const sy_tidy *t = &w->out->tables[SY_WEIGH_OUTCOMES];
    const int n = sy_tidy_column(t, "n");
    double least = HUGE_VAL, most = 0;
    for (int r = 0; r < t->n_rows; r++) {
        least = fmin(least, sy_tidy_number(t, r, n));
        most = fmax(most, sy_tidy_number(t, r, n));
    }
    char rows[64];
    if (least < most) syi_say(rows, sizeof rows, "%.0f to %.0f rows", least, most);
    else syi_say(rows, sizeof rows, "%.0f rows", most);
    syi_say(line, SY_LIMIT, "Evidence on %s and %s: %d outcome%s, %d block%s, %d source%s of the process measure, %s",
            w->question->blocks[w->question->funding].name, w->question->blocks[w->question->process].name,
            w->question->n_outcomes, w->question->n_outcomes == 1 ? "" : "s", w->question->n_blocks,
            w->question->n_blocks == 1 ? "" : "s", w->n_sources, w->n_sources == 1 ? "" : "s", rows);
}

static void put_remarks(syi_lines *out, const sy_context *ctx, int first)
{
    if (ctx->n_remarks > first) syi_lines_add(out, "Remarks:\n");
    for (int r = first; r < ctx->n_remarks; r++) {
        const sy_remark *remark = &ctx->remarks[r];
        const int named = *remark->term && !strstr(remark->text, remark->term);
        syi_lines_add(out, "- ");
        syi_lines_add(out, named ? remark->term : "");
        syi_lines_add(out, named ? ": " : "");
        syi_lines_add(out, remark->text);
        syi_lines_add(out, "\n");
    }
}

sy_status syi_weigh_print(sy_context *ctx, const syi_weighed *w, int first, char **text)
{
    syi_lines out = {0};
    syi_layout_shown layout;
    char line[SY_LIMIT];
    syi_weigh_shown(w, &layout);
    syi_weigh_headline(w, line);
    syi_lines_add(&out, line);
    syi_lines_add(&out, "\n\n");
    for (int k = 0; k < SY_VERDICT_SENTENCES; k++) {
        syi_say(line, sizeof line, "%d. ", k + 1);
        syi_lines_add(&out, line);
        syi_lines_add(&out, w->out->verdict[k]);
        syi_lines_add(&out, "\n");
    }
    for (int s = 0; s < layout.n; s++) {
        const syi_section *of = &layout.section[s];
        syi_lines_add(&out, "\n");
        syi_lines_add(&out, of->title);
        syi_lines_add(&out, "\n\n");
        syi_lines_table(&out, &w->out->tables[of->table], of->n, of->columns, 0, w->out->tables[of->table].n_rows);
    }
    syi_lines_add(&out, "\n");
    syi_lines_add(&out, w->out->how);
    syi_lines_add(&out, "\nWhat the data cannot say:\n");
    for (int k = 0; k < w->out->n_limits; k++) {
        syi_lines_add(&out, "- ");
        syi_lines_add(&out, w->out->limits[k]);
        syi_lines_add(&out, "\n");
    }
    put_remarks(&out, ctx, first);
    syi_lines_add(&out, syi_weigh_caution);
    const sy_status status = syi_lines_take(ctx, &out, text);
    syi_lines_free(&out);
    return status;
}
