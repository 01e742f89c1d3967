/* The whole question put together: shares by every source judged, then what money
 * goes with, what leaving units out does, levels, population, words.
 *
 * The tables come first and the sentences are read off them, so that no number is
 * said that is not there. Why the core makes the words: both languages then say the
 * same. Cost: see weigh.h.
 * Shapley shares: Shapley 1953; Lindeman, Merenda & Gold 1980. Rules: Berger 1982,
 * doi:10.1080/00401706.1982.10487790; Romano & Wolf 2005,
 * doi:10.1198/016214504000000539.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/design_internal.h"
#include "base/status_internal.h"
#include "study/verdict/weigh_shown_internal.h"
#include <math.h>

/* 1 when the term is one value throughout the rows that count. */
static int is_constant(const syi_cell *cell, int term)
{
    const sy_design *d = &cell->portion.design;
    const sy_term *t = &d->terms[term];
    double first = NAN;
    for (ptrdiff_t i = 0; i < d->n; i++) {
        double value = 1;
        for (int f = 0; f < t->n_factors; f++) {
            const double x = syi_column_value(&d->columns[t->factors[f].column], i);
            value = t->n_factors == 1 ? x : value * (x + 0.5);
        }
        if (isnan(value)) continue;
        if (isnan(first)) first = value;
        if (value != first) return 0;
    }
    return 1;
}

static sy_status check_spread(sy_context *ctx, const syi_weighed *w)
{
    for (int s = 0; s < w->n_sources; s++) {
        const syi_cell *cell = &w->judged.cells[s * w->question->n_outcomes];
        const int block[2] = {w->question->funding, w->process[s]};
        for (int k = 0; k < 2; k++) {
            const sy_block *b = &cell->question.blocks[block[k]];
            int moves = 0;
            for (int t = 0; t < b->n_terms; t++) moves = moves || !is_constant(cell, b->terms[t]);
            if (!moves)
                return syi_fail(ctx, SY_EDATA,
                                "blocks: %s (%s) has the same value in every row that counts; it explains "
                                "nothing",
                                b->name, cell->portion.design.terms[b->terms[0]].label);
        }
    }
    return SY_OK;
}

/* A part of the answer, and the least code of its remarks that is told: what its
 * own questions remark on the data was said of the shares already. */
typedef struct {
    sy_status (*make)(sy_context *, syi_weighed *);
    sy_status least;
} part;

sy_status sy_weigh(sy_context *ctx, const sy_design *design, const sy_weigh_question *question,
                   const sy_weigh_options *options, sy_weighing *out)
{
    static const part parts[] = {
        {syi_weigh_differences, SY_NOTE_ALIASED},    {syi_weigh_sources, SY_NOTE_ALIASED},
        {syi_weigh_claims, SY_NOTE_ALIASED},         {syi_weigh_money, SY_NOTE_INTERVAL_SKIPPED},
        {syi_weigh_outcomes, SY_NOTE_ALIASED},       {syi_weigh_league, SY_NOTE_ALIASED},
        {syi_weigh_left_out, SY_NOTE_NOT_CONVERGED}, {syi_weigh_levels, SY_NOTE_ALIASED},
        {syi_weigh_population, SY_NOTE_ALIASED},     {syi_weigh_missing, SY_NOTE_ALIASED},
        {syi_weigh_gaps, SY_NOTE_ALIASED},           {syi_weigh_sentences, SY_NOTE_ALIASED}};
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    syi_weighed w = {0};
    *out = (sy_weighing){0};
    sy_status status = syi_weighed_init(ctx, design, question, options, out, &w);
    if (!status) status = syi_judge(ctx, &w, NULL, 1, &w.judged);
    if (!status) status = check_spread(ctx, &w);
    if (!status && w.judged.joined) {
        out->units = (double)w.judged.family.units;
        out->clustered = design->cluster != NULL;
    }
    for (size_t k = 0; k < sizeof parts / sizeof *parts && !status; k++) {
        sy_context aside = syi_aside(ctx);
        status = parts[k].make(&aside, &w);
        status = syi_join(ctx, &aside, status, "", parts[k].least);
        if (!status) status = syi_told(ctx, (int)k + 1, (int)(sizeof parts / sizeof *parts));
    }
    if (!status) syi_weigh_limits(&w);
    if (!status) status = syi_weigh_print(ctx, &w, first);
    if (!status) status = syi_weigh_page(ctx, &w, first);
    syi_weighed_free(&w);
    if (status) sy_weighing_free(out);
    return status ? status : syi_status_of_remarks(ctx, first);
}

void sy_weighing_free(sy_weighing *w)
{
    for (int t = 0; t < SY_WEIGH_TABLES; t++) sy_tidy_free(&w->tables[t]);
    SYI_FREE(w->text);
    SYI_FREE(w->pieces);
    SYI_FREE(w->page);
    SYI_FREE(w->body);
    SYI_FREE(w->picture);
}
