/* The rules of weigh.h applied: p values stepped down, one answer an outcome and
 * source, one a source, one over all.
 *
 * An intersection-union test asks of every part that it be shown by itself and
 * needs no correction; a single exception among many has to survive stepping down,
 * which keeps the chance of one false exception at 1 - level. Cost: a jackknife a
 * cell, and replicates units cells.
 * Berger 1982, doi:10.1080/00401706.1982.10487790; Romano & Wolf 2005,
 * doi:10.1198/016214504000000539; Holm 1979.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "steelyard/multiplicity.h"
#include "study/verdict/weighed_internal.h"
#include <math.h>

static sy_status make_room(sy_context *ctx, const syi_weighed *w, syi_judged *j)
{
    const size_t n = (size_t)j->n, sources = (size_t)w->n_sources;
    j->cells = syi_alloc(n, sizeof *j->cells);
    j->places = syi_alloc(n, sizeof *j->places);
    j->difference = syi_alloc(n, sizeof *j->difference);
    j->p_stepped = syi_alloc(n, sizeof *j->p_stepped);
    j->p_family = syi_alloc(n, sizeof *j->p_family);
    j->answer = syi_alloc(n, sizeof *j->answer);
    j->by_source = syi_alloc(sources, sizeof *j->by_source);
    if (j->cells && j->places && j->difference && j->p_stepped && j->p_family && j->answer && j->by_source)
        return SY_OK;
    return syi_fail(ctx, SY_ENOMEM, "outcomes: no room for %zu of them by %zu sources", n / sources, sources);
}

static sy_status ask_cells(sy_context *ctx, const syi_weighed *w, const unsigned char *keep, int bounds, syi_judged *j)
{
    const int outcomes = w->question->n_outcomes;
    sy_status status = SY_OK;
    syi_cell_options how = syi_weighed_options(w);
    for (int c = 0; c < j->n && !status; c++) {
        syi_cell_asked asked;
        syi_weighed_asked(w, w->design, c / outcomes, c % outcomes, keep, &asked);
        j->places[c] = &j->cells[c];
        how.bounds = bounds && c < outcomes;
        sy_context aside = syi_aside(ctx);
        status = syi_cell_open(&aside, &asked, 0, &j->cells[c]);
        /* where units are left out together the differences have their limits from there */
        how.limits = w->options->interval != SY_INTERVAL_NONE && (c < outcomes || !j->cells[c].unit);
        if (!status) status = syi_cell_ask(&aside, &j->cells[c], &how);
        if (!status) syi_name_units(w, &j->cells[c], &aside);
        status = syi_join(ctx, &aside, status, syi_weighed_outcome(w, c % outcomes),
                          c < outcomes ? SY_NOTE_SUPPRESSION : SY_NOTE_ONE_UNIT);
        if (!status) j->difference[c] = j->cells[c].answer.difference;
    }
    return status;
}

static sy_status step(sy_context *ctx, const syi_weighed *w, syi_judged *j, int first, int count, double *p)
{
    int *member = syi_alloc((size_t)count, sizeof *member);
    double *plain = syi_alloc((size_t)count, sizeof *plain);
    sy_status status = member && plain ? SY_OK : syi_fail(ctx, SY_ENOMEM, "outcomes: no room for %d tests", count);
    for (int i = 0; i < count && !status; i++) {
        member[i] = first + i;
        plain[i] = j->difference[first + i].p_value;
    }
    if (!status && j->joined)
        status = syi_family_step(ctx, &j->family, count, member, w->options->replicates, w->options->seed, p + first);
    else if (!status) status = sy_adjust_p(ctx, SY_ADJUST_HOLM, count, plain, p + first);
    SYI_FREE(member);
    SYI_FREE(plain);
    return status < 0 ? status : SY_OK;
}

static sy_status find_p(sy_context *ctx, const syi_weighed *w, syi_judged *j)
{
    const int outcomes = w->question->n_outcomes;
    sy_status status = SY_OK;
    if (w->options->interval == SY_INTERVAL_NONE || isnan(j->difference[0].std_error)) {
        for (int c = 0; c < j->n; c++) j->p_stepped[c] = j->p_family[c] = NAN;
        return SY_OK;
    }
    if (syi_family_possible(j->n, j->places)) {
        sy_context aside = syi_aside(ctx);
        status = syi_family_init(&aside, j->n, j->places, w->options->level, &j->family);
        status = syi_join(ctx, &aside, status, "", SY_NOTE_ALIASED);
        j->joined = !status;
        for (int c = 0; c < j->n && !status; c++) j->difference[c] = j->family.difference[c];
    }
    for (int s = 0; s < w->n_sources && !status; s++) status = step(ctx, w, j, s * outcomes, outcomes, j->p_stepped);
    if (!status && w->n_sources > 1) status = step(ctx, w, j, 0, j->n, j->p_family);
    for (int c = 0; c < j->n && w->n_sources == 1; c++) j->p_family[c] = j->p_stepped[c];
    return status;
}

static void answer(const syi_weighed *w, syi_judged *j)
{
    const int outcomes = w->question->n_outcomes;
    const double alpha = syi_weighed_alpha(w);
    int supported = 1, exception = 0;
    for (int s = 0; s < w->n_sources; s++) {
        int all = 1, one = 0;
        for (int c = s * outcomes; c < (s + 1) * outcomes; c++) {
            const sy_comparison *d = &j->difference[c];
            const int shown = j->p_stepped[c] <= alpha;
            j->answer[c] = !shown ? SY_UNDECIDED : d->estimate > 0 ? SY_SUPPORTED : SY_CONTRADICTED;
            all = all && d->low > 0;
            one = one || j->answer[c] == SY_CONTRADICTED;
            exception = exception || (j->p_family[c] <= alpha && d->estimate < 0);
        }
        j->by_source[s] = all ? SY_SUPPORTED : one ? SY_CONTRADICTED : SY_UNDECIDED;
        supported = supported && all;
    }
    j->overall = supported ? SY_SUPPORTED : exception ? SY_CONTRADICTED : SY_UNDECIDED;
}

sy_status syi_judge(sy_context *ctx, const syi_weighed *w, const unsigned char *keep, int bounds, syi_judged *out)
{
    *out = (syi_judged){.n = w->n_sources * w->question->n_outcomes};
    sy_status status = make_room(ctx, w, out);
    if (!status) status = ask_cells(ctx, w, keep, bounds, out);
    if (!status) status = find_p(ctx, w, out);
    if (!status) answer(w, out);
    return status;
}

void syi_judged_free(syi_judged *j)
{
    for (int c = 0; j->cells && c < j->n; c++) syi_cell_free(&j->cells[c]);
    syi_family_free(&j->family);
    SYI_FREE(j->cells);
    SYI_FREE(j->places);
    SYI_FREE(j->difference);
    SYI_FREE(j->p_stepped);
    SYI_FREE(j->p_family);
    SYI_FREE(j->answer);
    SYI_FREE(j->by_source);
}
