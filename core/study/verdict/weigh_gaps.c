/* The gap between two groups, such as payment types, in each outcome: what goes
 * with their funding, their process, the other blocks, and what is left.
 *
 * Gelbach's division: the group's coefficient alone less that beside all blocks,
 * block by block; it is the pooled Oaxaca-Blinder split with the group in the
 * model, and it is not mediation. An outcome that is no number has none.
 * Gelbach 2016, doi:10.1086/683668. Cost: that of sy_gap an outcome.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "steelyard/gap.h"
#include "study/verdict/weighed_internal.h"
#include <math.h>

static const char *const gap_texts[] = {"outcome", "first", "second"};
static const char *const gap_numbers[] = {"n_first",
                                          "n_second",
                                          "gap",
                                          "gap_low",
                                          "gap_high",
                                          "funding",
                                          "funding_low",
                                          "funding_high",
                                          "process",
                                          "process_low",
                                          "process_high",
                                          "other_blocks",
                                          "unexplained",
                                          "unexplained_low",
                                          "unexplained_high",
                                          "gap_std_error",
                                          "funding_std_error",
                                          "process_std_error",
                                          "unexplained_std_error"};
static const syi_tidy_form form = {"gaps", 3, 19, gap_texts, gap_numbers};

static void put(const syi_weighed *w, const syi_cell *cell, const sy_gap_result *g, int row, sy_tidy *t)
{
    const int funding = 1 + w->question->funding, process = 1 + cell->asked.process;
    const int gap = g->n_values - SY_GAP_ENDS + SY_GAP_GAP;
    int rest = 0;
    double others = 0;
    for (int r = 0; r < g->n_rows; r++) {
        if (g->rows[r].kind == SY_GAP_REST) rest = r;
        const int block = g->rows[r].kind == SY_GAP_BLOCK || g->rows[r].kind == SY_GAP_ADJUST;
        if (block && r != funding && r != process) others += g->estimate[r];
    }
    const double v[] = {g->group_n[0],         g->group_n[1],         g->estimate[gap],  g->low[gap],
                        g->high[gap],          g->estimate[funding],  g->low[funding],   g->high[funding],
                        g->estimate[process],  g->low[process],       g->high[process],  others,
                        g->estimate[rest],     g->low[rest],          g->high[rest],     g->std_error[gap],
                        g->std_error[funding], g->std_error[process], g->std_error[rest]};
    syi_tidy_put(t, row, 0, cell->portion.design.terms[cell->question.outcome].label);
    for (int k = 0; k < 2; k++) syi_tidy_put(t, row, 1 + k, w->question->group->levels[g->level[k]]);
    for (int k = 0; k < form.n_numbers; k++) syi_tidy_set(t, row, k, v[k]);
}

sy_status syi_weigh_gaps(sy_context *ctx, syi_weighed *w)
{
    const sy_weigh_question *q = w->question;
    sy_tidy *t = &w->out->tables[SY_WEIGH_GAPS];
    sy_status status = syi_tidy_new(ctx, &form, q->group ? q->n_outcomes : 0, t);
    int row = 0;
    for (int o = 0; o < t->n_rows && !status; o++) {
        const syi_cell *cell = &w->judged.cells[o];
        sy_gap_question asked;
        sy_gap_result found = {0};
        if (cell->asked.type != SY_OUTCOME_NUMBER || q->absorb) continue;
        sy_gap_defaults(&asked);
        asked.group = q->group;
        asked.first = -1;
        asked.outcome = cell->question.outcome;
        asked.n_blocks = cell->question.n_blocks;
        asked.blocks = cell->question.blocks;
        asked.n_adjust = cell->question.n_adjust;
        asked.adjust = cell->question.adjust;
        asked.method = SY_GAP_GELBACH;
        asked.interval = w->options->interval;
        asked.level = w->options->level;
        status = sy_gap(ctx, &cell->portion.design, &asked, &found);
        if (status >= 0) put(w, cell, &found, row++, t);
        sy_gap_free(&found);
        status = status < 0 ? status : SY_OK;
    }
    t->n_rows = row;
    return status;
}
