/* The call that gives the same answer again, in Python and in R: everything in the
 * question that is not a default, and level, replicates and seed in any case.
 *
 * The rows come from the data set where the host knows it, else from a file of the
 * user's; levels of factors are stated then, since a file of text has lost their order.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "study/verdict/page_code_internal.h"
#include <math.h>
#include <string.h>

static const char *const types[] = {"number", "binary", "ordinal"};
static const char *const intervals[] = {"auto", "none", "jackknife", "influence"};
static const char *const kinds[] = {"", "frequency", "analytic", "sampling"};

static void quoted_item(syi_code *code, const char *text)
{
    char piece[SYI_CODE_PIECE];
    syi_code_quote(text, piece);
    syi_code_item(code, piece);
}

static void quoted_named(syi_code *code, const char *name, const char *text)
{
    char piece[SYI_CODE_PIECE];
    syi_code_quote(text, piece);
    syi_code_named(code, name, piece);
}

static void number_named(syi_code *code, const char *name, double value)
{
    char piece[SYI_CODE_PIECE];
    syi_code_number(value, piece);
    syi_code_named(code, name, piece);
}

static void terms_named(syi_code *code, const syi_weighed *w, const char *name, int n, const int *terms)
{
    char piece[SYI_CODE_PIECE];
    if (n == 1) {
        syi_code_term(code, w->design, terms[0], piece);
        quoted_named(code, name, piece);
        return;
    }
    syi_code_named_open(code, name, SYI_CODE_LIST);
    for (int t = 0; t < n; t++) {
        syi_code_term(code, w->design, terms[t], piece);
        quoted_item(code, piece);
    }
    syi_code_close(code);
}

static void put_sources(syi_code *code, const syi_weighed *w)
{
    const sy_weigh_question *q = w->question;
    int own = 0;
    for (int s = 0; s < w->n_sources; s++) own += w->sources[s].one_source;
    if (q->n_sources == 0) {
        if (own) syi_code_named(code, "one_source", syi_code_truth(code, 1));
        return;
    }
    syi_code_named_open(code, "process_sources", SYI_CODE_DICT);
    for (int s = 0; s < w->n_sources; s++) {
        const sy_process_source *source = &w->sources[s];
        const sy_block *block = source->block >= 0 ? &q->blocks[source->block] : NULL;
        terms_named(code, w, source->name, block ? block->n_terms : source->n_terms,
                    block ? block->terms : source->terms);
    }
    syi_code_close(code);
    if (!own) return;
    syi_code_named_open(code, "one_source", SYI_CODE_LIST);
    for (int s = 0; s < w->n_sources; s++)
        if (w->sources[s].one_source) quoted_item(code, w->sources[s].name);
    syi_code_close(code);
}

static void put_blocks(syi_code *code, const syi_weighed *w)
{
    const sy_weigh_question *q = w->question;
    syi_code_named_open(code, "blocks", SYI_CODE_DICT);
    for (int b = 0; b < q->n_blocks; b++)
        terms_named(code, w, q->blocks[b].name, q->blocks[b].n_terms, q->blocks[b].terms);
    syi_code_close(code);
    if (strcmp(q->blocks[q->funding].name, "funding") != 0) quoted_named(code, "funding", q->blocks[q->funding].name);
    if (strcmp(q->blocks[q->process].name, "process") != 0) quoted_named(code, "process", q->blocks[q->process].name);
    if (q->n_need == 0) return;
    syi_code_named_open(code, "need", SYI_CODE_LIST);
    for (int n = 0; n < q->n_need; n++) quoted_item(code, q->blocks[q->need[n]].name);
    syi_code_close(code);
}

/* Clusters whose means are held stand among the adjusting terms as a factor. */
static void put_adjust(syi_code *code, const syi_weighed *w)
{
    const sy_weigh_question *q = w->question;
    char piece[SYI_CODE_PIECE], name[SYI_CODE_PIECE];
    if (q->n_adjust == 0 && !q->absorb) return;
    syi_code_named_open(code, "adjust", SYI_CODE_LIST);
    if (q->absorb && w->design->cluster) {
        syi_say(name, sizeof name, code->python ? "C(%s)" : "factor(%s)", w->design->cluster->name);
        quoted_item(code, name);
    }
    for (int t = 0; t < q->n_adjust; t++) {
        syi_code_term(code, w->design, q->adjust[t], piece);
        quoted_item(code, piece);
    }
    syi_code_close(code);
}

static void put_rows(syi_code *code, const syi_weighed *w)
{
    const sy_weigh_question *q = w->question;
    const sy_design *d = w->design;
    if (d->cluster) quoted_named(code, "cluster", d->cluster->name);
    if (d->weights) {
        quoted_named(code, "weights", d->weights->name);
        quoted_named(code, "weight_kind", kinds[d->weight_kind]);
    }
    if (d->strata) quoted_named(code, "strata", d->strata->name);
    if (q->group) quoted_named(code, "group", q->group->name);
    if (q->by) quoted_named(code, "by", q->by->name);
    if (q->label && !q->named_rows) quoted_named(code, "label", q->label->name);
    if (q->areas) syi_code_named(code, "areas", syi_code_truth(code, 1));
    if (!q->per_outcome) quoted_named(code, "missing", "complete");
}

static void put_population(syi_code *code, const sy_weigh_question *q)
{
    char piece[SYI_CODE_PIECE];
    if (q->n_margins == 0) return;
    syi_code_named_open(code, "population", SYI_CODE_DICT);
    for (int m = 0; m < q->n_margins; m++) {
        const sy_margin *margin = &q->margins[m];
        syi_code_named_open(code, margin->column->name, code->python ? SYI_CODE_DICT : SYI_CODE_LIST);
        for (int l = 0; l < margin->column->n_levels; l++) {
            if (isnan(margin->share[l])) continue; /* not stated: what the others leave */
            syi_code_number(margin->share[l], piece);
            syi_code_named(code, margin->column->levels[l], piece);
        }
        syi_code_close(code);
    }
    syi_code_close(code);
}

static void put_types(syi_code *code, const syi_weighed *w)
{
    int others = 0;
    for (int o = 0; o < w->question->n_outcomes; o++) others += syi_weighed_type(w, o) != SY_OUTCOME_NUMBER;
    if (!others) return;
    syi_code_named_open(code, "outcome_type", SYI_CODE_DICT);
    for (int o = 0; o < w->question->n_outcomes; o++)
        if (syi_weighed_type(w, o) != SY_OUTCOME_NUMBER)
            quoted_named(code, syi_weighed_outcome(w, o), types[syi_weighed_type(w, o)]);
    syi_code_close(code);
}

static void put_options(syi_code *code, const sy_weigh_options *o)
{
    if (o->unit != 1000) number_named(code, "unit_pounds", o->unit);
    number_named(code, "at_most", o->at_most);
    if (o->interval != SY_INTERVAL_AUTO) quoted_named(code, "interval", intervals[o->interval]);
    number_named(code, "level", o->level);
    char whole[32];
    syi_say(whole, sizeof whole, "%d", o->replicates);
    syi_code_named(code, "replicates", whole);
    syi_say(whole, sizeof whole, "%llu", (unsigned long long)o->seed);
    syi_code_named(code, "seed", whole);
    syi_say(whole, sizeof whole, "%d", o->left_out);
    if (o->left_out != 3) syi_code_named(code, "left_out", whole);
}

static int all_numbers(const sy_column *c)
{
    for (int l = 0; l < c->n_levels; l++)
        if (!*c->levels[l] || strspn(c->levels[l], "0123456789.-") != strlen(c->levels[l])) return 0;
    return 1;
}

/* data["x"] = a factor with these levels. */
static void put_levels(syi_code *code, const sy_column *c, int ordered)
{
    char name[SYI_CODE_PIECE], start[SYI_CODE_PIECE + 64];
    const int numbers = all_numbers(c);
    syi_code_quote(c->name, name);
    syi_say(start, sizeof start, code->python ? "data[%s] = pd.Categorical" : "data[[%s]] <- factor", name);
    syi_code_open(code, start, SYI_CODE_CALL);
    syi_say(start, sizeof start, code->python ? "data[%s]" : "data[[%s]]", name);
    syi_code_item(code, start);
    syi_code_named_open(code, code->python ? "categories" : "levels", SYI_CODE_LIST);
    for (int l = 0; l < c->n_levels; l++) {
        if (numbers) syi_code_item(code, c->levels[l]);
        else quoted_item(code, c->levels[l]);
    }
    syi_code_close(code);
    if (ordered) syi_code_named(code, "ordered", syi_code_truth(code, 1));
    syi_code_close(code);
    syi_code_end(code);
}

/* Bare factors among terms, and columns whose first level is a reference. */
static void put_factors(syi_code *code, const syi_weighed *w)
{
    const sy_design *d = w->design;
    for (int t = 0; t < d->n_terms; t++) {
        const sy_term *term = &d->terms[t];
        const sy_column *c = &d->columns[term->factors[0].column];
        int ordered = 0;
        for (int o = 0; o < w->question->n_outcomes; o++)
            ordered |= w->question->outcomes[o] == t && syi_weighed_type(w, o) == SY_OUTCOME_ORDINAL;
        if (term->n_factors == 1 && c->type == SY_CODES && strcmp(term->label, c->name) == 0)
            put_levels(code, c, ordered);
    }
    if (w->question->by) put_levels(code, w->question->by, 0);
    if (w->question->group) put_levels(code, w->question->group, 0);
}

static void put_data(syi_code *code, const syi_weighed *w)
{
    const sy_weigh_question *q = w->question;
    char piece[SYI_CODE_PIECE];
    if (code->python) syi_code_put(code, q->dataset ? "" : "import pandas as pd\n");
    syi_code_put(code, code->python ? "import steelyard as sy\n\n" : "library(steelyard)\n\n");
    code->column = 0;
    if (q->dataset) {
        syi_code_quote(q->dataset, piece);
        syi_code_put(code, code->python ? "data = sy.datasets.load(" : "data <- load_dataset(");
        syi_code_put(code, piece);
        syi_code_put(code, ")\n");
    } else if (code->python)
        syi_code_put(code, q->named_rows ? "data = pd.read_csv(\"" SYI_PAGE_FILE "\", index_col=0)\n"
                                         : "data = pd.read_csv(\"" SYI_PAGE_FILE "\")\n");
    else
        syi_code_put(code, q->named_rows ? "data <- read.csv(\"" SYI_PAGE_FILE
                                           "\", check.names = FALSE, na.strings = \"\", row.names = 1)\n"
                                         : "data <- read.csv(\"" SYI_PAGE_FILE
                                           "\", check.names = FALSE, na.strings = \"\")\n");
    code->column = 0;
    if (!q->dataset) put_factors(code, w);
}

void syi_page_code(syi_lines *to, const syi_weighed *w, int python)
{
    const sy_weigh_question *q = w->question;
    syi_code code = {.to = to, .python = python};
    put_data(&code, w);
    syi_code_open(&code, python ? "evidence = sy.weigh" : "evidence <- weigh", SYI_CODE_CALL);
    syi_code_item(&code, "data");
    terms_named(&code, w, "outcomes", q->n_outcomes, q->outcomes);
    put_blocks(&code, w);
    put_sources(&code, w);
    put_adjust(&code, w);
    put_rows(&code, w);
    put_population(&code, q);
    put_types(&code, w);
    put_options(&code, w->options);
    syi_code_close(&code);
    syi_code_put(&code, python ? "\nprint(evidence)\nevidence.report(\"evidence.html\")\n"
                               : "\nprint(evidence)\nreport(evidence, \"evidence.html\")\n");
}
