/* In how many outcomes each block matters: its coefficients, beside those of all
 * other blocks, are not all zero (F over leaving out units, league of joint.h).
 * found: Holm's rejections over the outcomes, so many at least with confidence
 * `level`; unadjusted: p one by one; by chance: so many of those where it matters
 * nowhere. Holm 1979; Benjamini & Heller 2008, doi:10.1111/j.1541-0420.2007.00984.x.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "steelyard/multiplicity.h"
#include "study/verdict/weighed_internal.h"
#include <math.h>

static const char *const league_texts[] = {"block"};
static const char *const league_numbers[] = {"outcomes", "found", "unadjusted", "expected_by_chance"};
static const syi_tidy_form league = {"league", 1, 4, league_texts, league_numbers};

/* p [blocks][outcomes]; NaN for outcomes that are not numbers. */
static sy_status test_all(sy_context *ctx, const syi_weighed *w, double *p)
{
    const int blocks = w->question->n_blocks, outcomes = w->question->n_outcomes;
    sy_joint_f *f = syi_alloc((size_t)blocks, sizeof *f);
    sy_status status = f ? SY_OK : syi_fail(ctx, SY_ENOMEM, "blocks: no room for %d tests", blocks);
    for (int o = 0; o < outcomes && !status; o++) {
        const syi_cell *cell = &w->judged.cells[o];
        const int numbers = cell->asked.type == SY_OUTCOME_NUMBER &&
                            !(cell->m.weight_kind == SY_WEIGHT_SAMPLING && cell->m.unit == SY_UNIT_NONE);
        if (numbers) status = sy_block_tests(ctx, &cell->m, &cell->question, 0, f);
        if (status > 0) status = SY_OK;
        for (int b = 0; b < blocks; b++) p[b * outcomes + o] = numbers && !status ? f[b].p_value : (double)NAN;
    }
    SYI_FREE(f);
    return status;
}

sy_status syi_weigh_league(sy_context *ctx, syi_weighed *w)
{
    const int blocks = w->question->n_blocks, outcomes = w->question->n_outcomes;
    sy_tidy *t = &w->out->tables[SY_WEIGH_LEAGUE];
    double *p = syi_alloc((size_t)(blocks + 1) * (size_t)outcomes, sizeof *p), *holm = p + blocks * outcomes;
    sy_status status = p ? SY_OK : syi_fail(ctx, SY_ENOMEM, "blocks: no room for %d tests", blocks * outcomes);
    if (!status) status = syi_tidy_new(ctx, &league, blocks, t);
    if (!status) status = test_all(ctx, w, p);
    for (int b = 0; b < blocks && !status; b++) {
        double found = 0, plain = 0, tested = 0;
        status = sy_adjust_p(ctx, SY_ADJUST_HOLM, outcomes, p + b * outcomes, holm);
        for (int o = 0; o < outcomes && !status; o++) {
            found += holm[o] <= syi_weighed_alpha(w);
            plain += p[b * outcomes + o] <= syi_weighed_alpha(w);
            tested += !isnan(p[b * outcomes + o]);
        }
        syi_tidy_put(t, b, 0, w->question->blocks[b].name);
        syi_tidy_set(t, b, 0, tested);
        syi_tidy_set(t, b, 1, found);
        syi_tidy_set(t, b, 2, plain);
        syi_tidy_set(t, b, 3, tested * (1 - w->options->level));
    }
    SYI_FREE(p);
    return status;
}
