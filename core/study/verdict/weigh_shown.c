/* An answer as lines: headline, verdict, tables, how, what the data cannot say.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "study/verdict/weigh_shown_internal.h"
#include <math.h>
#include <string.h>

const char *const syi_weigh_caution =
    "Shares are points of all outcome variance, points are slopes: associations, neither says what money would do.";

/* What is shown of each table: header and name, decimals where no error is known, and the column of the error; texts
 * are found by their names too. */
typedef struct {
    const char *header, *name;
    int decimals;
    const char *error;
} wanted;

typedef struct {
    int table;
    const char *title;
    wanted columns[SYI_SHOWN];
} plan;

static const plan plans[] = {{SY_WEIGH_OUTCOMES,
                              "Shares, by the first source of the process measure:",
                              {{"outcome", "outcome", 0, NULL},
                               {"n", "n", 0, NULL},
                               {"total", "total", 4, "total_std_error"},
                               {"funding", "funding", 4, "funding_std_error"},
                               {"low", "funding_low", 4, "funding_std_error"},
                               {"high", "funding_high", 4, "funding_std_error"},
                               {"process", "process", 4, "process_std_error"},
                               {"low", "process_low", 4, "process_std_error"},
                               {"high", "process_high", 4, "process_std_error"},
                               {"difference", "difference", 4, "difference_std_error"},
                               {"low", "difference_low", 4, "difference_std_error"},
                               {"high", "difference_high", 4, "difference_std_error"},
                               {"p stepped", "p_stepped", 4, NULL},
                               {"answer", "answer", 0, NULL}}},
                             {SY_WEIGH_OUTCOMES,
                              "Order, need and money (points with the rest held):",
                              {{"outcome", "outcome", 0, NULL},
                               {"money first", "funding_if_money_first", 4, "funding_std_error"},
                               {"process first", "process_if_process_first", 4, "process_std_error"},
                               {"beyond need", "funding_beyond_need", 4, "funding_std_error"},
                               {"difference", "difference_beyond_need", 4, "difference_std_error"},
                               {"by curves", "difference_curve", 4, "difference_std_error"},
                               {"points", "points", -1, "points_std_error"},
                               {"low", "points_low", -1, "points_std_error"},
                               {"high", "points_high", -1, "points_std_error"},
                               {"per doubling", "doubling", -1, "doubling_std_error"},
                               {"low", "doubling_low", -1, "doubling_std_error"},
                               {"high", "doubling_high", -1, "doubling_std_error"}}},
                             {SY_WEIGH_OUTCOMES,
                              "What would turn the order:",
                              {{"outcome", "outcome", 0, NULL},
                               {"hidden cause", "flip_distance", 4, NULL},
                               {"of money only", "flip_money_only", 4, NULL},
                               {"shared source", "shared_source_to_flip", 4, NULL},
                               {"reliability", "reliability_to_flip", 4, NULL},
                               {"robustness value", "robustness_value", 4, NULL}}},
                             {SY_WEIGH_SOURCES,
                              "Sources of the process measure:",
                              {{"source", "source", 0, NULL},
                               {"outcomes", "outcomes", 0, NULL},
                               {"positive", "positive", 0, NULL},
                               {"above zero", "above_zero", 0, NULL},
                               {"below zero", "below_zero", 0, NULL},
                               {"supported", "supported", 0, NULL},
                               {"contradicted", "contradicted", 0, NULL},
                               {"smallest", "smallest", 4, NULL},
                               {"largest", "largest", 4, NULL},
                               {"in every outcome", "answer", 0, NULL}}},
                             {SY_WEIGH_CLAIMS,
                              "Claims:",
                              {{"claim", "claim", 0, NULL},
                               {"answer", "answer", 0, NULL},
                               {"largest", "largest", 4, NULL},
                               {"upper", "upper", 4, NULL},
                               {"lower", "lower", 4, NULL}}},
                             {SY_WEIGH_LEAGUE,
                              "In how many outcomes each block matters:",
                              {{"block", "block", 0, NULL},
                               {"outcomes", "outcomes", 0, NULL},
                               {"found", "found", 0, NULL},
                               {"unadjusted", "unadjusted", 0, NULL},
                               {"by chance", "expected_by_chance", 2, NULL}}},
                             {SY_WEIGH_LEFT_OUT,
                              "Without the unit that changes most:",
                              {{"what", "what", 0, NULL},
                               {"outcome", "outcome", 0, NULL},
                               {"left out", "left_out", 0, NULL},
                               {"value", "value", -1, "std_error"},
                               {"without", "without", -1, "std_error"},
                               {"low", "without_low", -1, "std_error"},
                               {"high", "without_high", -1, "std_error"},
                               {"turns", "turns", 0, NULL},
                               {"answer", "answer", 0, NULL},
                               {"then", "answer_without", 0, NULL}}},
                             {SY_WEIGH_LEVELS,
                              "Level by level:",
                              {{"level", "level", 0, NULL},
                               {"outcome", "outcome", 0, NULL},
                               {"n", "n", 0, NULL},
                               {"funding", "funding", 4, "funding_std_error"},
                               {"process", "process", 4, "process_std_error"},
                               {"difference", "difference", 4, "std_error"},
                               {"low", "conf_low", 4, "std_error"},
                               {"high", "conf_high", 4, "std_error"},
                               {"change", "change", 4, "change_std_error"},
                               {"low", "change_low", 4, "change_std_error"},
                               {"high", "change_high", 4, "change_std_error"},
                               {"p", "change_p", 4, NULL}}},
                             {SY_WEIGH_POPULATION,
                              "In the sample and re-weighted to the population:",
                              {{"outcome", "outcome", 0, NULL},
                               {"effective n", "n_effective", 1, NULL},
                               {"funding", "funding_sample", 4, "funding_std_error"},
                               {"then", "funding", 4, "funding_std_error"},
                               {"process", "process_sample", 4, "process_std_error"},
                               {"then", "process", 4, "process_std_error"},
                               {"difference", "difference_sample", 4, "std_error"},
                               {"then", "difference", 4, "std_error"},
                               {"low", "conf_low", 4, "std_error"},
                               {"high", "conf_high", 4, "std_error"}}},
                             {SY_WEIGH_GAPS,
                              "The gap between two groups, by block (Gelbach):",
                              {{"outcome", "outcome", 0, NULL},
                               {"first", "first", 0, NULL},
                               {"second", "second", 0, NULL},
                               {"gap", "gap", -1, "gap_std_error"},
                               {"low", "gap_low", -1, "gap_std_error"},
                               {"high", "gap_high", -1, "gap_std_error"},
                               {"funding", "funding", -1, "funding_std_error"},
                               {"low", "funding_low", -1, "funding_std_error"},
                               {"high", "funding_high", -1, "funding_std_error"},
                               {"process", "process", -1, "process_std_error"},
                               {"low", "process_low", -1, "process_std_error"},
                               {"high", "process_high", -1, "process_std_error"},
                               {"others", "other_blocks", -1, "gap_std_error"},
                               {"unexplained", "unexplained", -1, "unexplained_std_error"}}},
                             {SY_WEIGH_MISSING,
                              "Where the amount is known and where it is not:",
                              {{"outcome", "outcome", 0, NULL},
                               {"known", "rows_known", 0, NULL},
                               {"unknown", "rows_unknown", 0, NULL},
                               {"outcome, known", "outcome_known", -1, NULL},
                               {"unknown", "outcome_unknown", -1, NULL},
                               {"process, known", "process_known", -1, NULL},
                               {"unknown", "process_unknown", -1, NULL}}},
                             {SY_WEIGH_MISSING,
                              "Where the process measure is known and where it is not:",
                              {{"outcome", "outcome", 0, NULL},
                               {"known", "rows_process_known", 0, NULL},
                               {"unknown", "rows_process_unknown", 0, NULL},
                               {"outcome, known", "outcome_process_known", -1, NULL},
                               {"unknown", "outcome_process_unknown", -1, NULL}}}};

static const char *const league_of_numbers = "In how many of the outcomes that are numbers each block matters:";

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

/* What is missing is shown where something is: the rows without it stand third. */
static int worth_showing(const sy_tidy *t, const plan *of)
{
    if (of->table != SY_WEIGH_MISSING) return t->n_rows > 0;
    double rows = 0;
    for (int r = 0; r < t->n_rows; r++) rows += sy_tidy_number(t, r, sy_tidy_column(t, of->columns[2].name));
    return rows > 0;
}

/* Answers have no part in the league. */
static const char *title_of(const syi_weighed *w, const plan *of)
{
    for (int o = 0; o < w->question->n_outcomes; o++)
        if (of->table == SY_WEIGH_LEAGUE && syi_weighed_type(w, o) != SY_OUTCOME_NUMBER) return league_of_numbers;
    return of->title;
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
            const char *error = plans[p].columns[c].error;
            columns[n++] = (syi_shown){plans[p].columns[c].header, place, plans[p].columns[c].decimals,
                                       error ? 1 + sy_tidy_column(t, error) : 0};
        }
        if (n < 2 || !worth_showing(t, &plans[p])) continue;
        *s = (syi_section){plans[p].table, title_of(w, &plans[p]), n, columns, (int)p};
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

static void tell_remarks(syi_telling *out, const sy_context *ctx, int first)
{
    char line[2 * SY_LIMIT];
    if (ctx->n_remarks > first) syi_tell(out, 'L', "Remarks:");
    for (int r = first; r < ctx->n_remarks; r++) {
        const sy_remark *remark = &ctx->remarks[r];
        const int named = *remark->term && !strstr(remark->text, remark->term);
        syi_say(line, sizeof line, "%s%s%s", named ? remark->term : "", named ? ": " : "", remark->text);
        syi_tell(out, 'I', line);
    }
}

/* "Title:" above its table in plain text; the table's caption elsewhere. */
static void tell_section(syi_telling *out, const syi_section *section, const sy_tidy *table)
{
    char caption[SY_LIMIT];
    syi_say(caption, sizeof caption, "%.*s", (int)strlen(section->title) - 1, section->title);
    syi_tell(out, 'P', "");
    syi_tell(out, 'P', section->title);
    syi_tell(out, 'P', "");
    syi_tell_table(out, caption, table, section->n, section->columns, 0, table->n_rows);
}

sy_status syi_weigh_print(sy_context *ctx, const syi_weighed *w, int first)
{
    syi_telling out = {0};
    syi_layout_shown layout;
    char line[SY_SENTENCE + 8];
    syi_weigh_shown(w, &layout);
    syi_weigh_headline(w, line);
    syi_tell(&out, 'H', line);
    syi_tell(&out, 'P', "");
    for (int k = 0; k < SY_VERDICT_SENTENCES; k++) {
        syi_say(line, sizeof line, "%d. %s", k + 1, w->out->verdict[k]);
        syi_tell(&out, 'T', line);
    }
    for (int s = 0; s < layout.n; s++) tell_section(&out, &layout.section[s], &w->out->tables[layout.section[s].table]);
    syi_tell(&out, 'P', "");
    syi_tell(&out, 'T', w->out->how);
    syi_tell(&out, 'L', "What the data cannot say:");
    for (int k = 0; k < w->out->n_limits; k++) syi_tell(&out, 'I', w->out->limits[k]);
    tell_remarks(&out, ctx, first);
    syi_tell(&out, 'C', syi_weigh_caution);
    const sy_status status = syi_telling_take(ctx, &out, &w->out->text, &w->out->pieces);
    syi_telling_free(&out);
    return status;
}
