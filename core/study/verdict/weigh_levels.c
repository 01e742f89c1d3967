/* The question inside each level of a column, and whether the levels differ.
 *
 * The differences of all levels are resampled together, so that clusters which
 * hold people of several levels count once; the change of a level is its
 * difference less that of the first level. Cost: a jackknife a level and outcome.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/design_internal.h"
#include "base/status_internal.h"
#include "study/verdict/weighed_internal.h"
#include <math.h>

static const char *const level_texts[] = {"level", "outcome"};
static const char *const level_numbers[] = {
    "n",         "total",           "funding",    "process",     "difference", "conf_low",          "conf_high",
    "p_value",   "change",          "change_low", "change_high", "change_p",   "funding_std_error", "process_std_error",
    "std_error", "change_std_error"};
static const syi_tidy_form form = {"levels", 2, 16, level_texts, level_numbers};

typedef struct {
    syi_weighed *w;
    const sy_column *by;
    int n, outcomes;
    syi_cell *cells; /* [levels][outcomes] */
    syi_cell **places;
    unsigned char *keep;
    syi_family family;
    sy_comparison *change; /* [n] */
    int joined;
} job;

static sy_status ask(sy_context *ctx, job *j)
{
    const sy_design *d = j->w->design;
    const syi_cell_options how = syi_weighed_options(j->w);
    sy_status status = SY_OK;
    for (int c = 0; c < j->n && !status; c++) {
        const int level = c / j->outcomes;
        syi_cell_asked asked;
        ptrdiff_t rows = 0;
        for (ptrdiff_t i = 0; i < d->n; i++) rows += j->keep[i] = syi_column_value(j->by, i) == (double)level;
        if (rows == 0) return syi_fail(ctx, SY_EDATA, "by: no row has %s %s", j->by->name, j->by->levels[level]);
        syi_weighed_asked(j->w, d, 0, c % j->outcomes, j->keep, &asked);
        j->places[c] = &j->cells[c];
        status = syi_cell_open(ctx, &asked, 0, &j->cells[c]);
        if (!status) status = syi_cell_ask(ctx, &j->cells[c], &how);
        /* what is said of the level has a message of its own; the mask is not looked at again */
        if (status == SY_EDATA || status == SY_ERANK) {
            char why[SY_LIMIT];
            syi_say(why, sizeof why, "%s", ctx->message);
            return syi_fail(ctx, status, "by: %s = %s: %s", j->by->name, j->by->levels[level], why);
        }
    }
    return status;
}

static sy_status compare(sy_context *ctx, job *j)
{
    const int rest = j->n - j->outcomes;
    if (j->w->options->interval == SY_INTERVAL_NONE || rest < 1 || !syi_family_possible(j->n, j->places)) return SY_OK;
    sy_status status = syi_family_init(ctx, j->n, j->places, j->w->options->level, &j->family);
    if (status) return status;
    const size_t n = (size_t)j->n, units = (size_t)j->family.units;
    int *sides = syi_alloc(2 * n, sizeof *sides);
    double *memory = syi_alloc(2 * n + units * (size_t)rest, sizeof *memory);
    if (!sides || !memory) status = syi_fail(ctx, SY_ENOMEM, "by: no room for %d differences", rest);
    for (int c = 0; c < j->n && !status; c++) {
        memory[c] = j->family.difference[c].estimate;
        memory[n + (size_t)c] = j->family.difference[c].df;
        if (c < j->outcomes) continue;
        sides[c - j->outcomes] = c;
        sides[j->n + c - j->outcomes] = c % j->outcomes;
    }
    if (!status)
        status = sy_joint_contrasts(ctx, j->family.units, j->n, memory, j->family.moves, memory + n, rest, sides,
                                    sides + n, j->w->options->level, j->change + j->outcomes, memory + 2 * n, NULL);
    j->joined = status >= 0;
    SYI_FREE(sides);
    SYI_FREE(memory);
    return status < 0 ? status : SY_OK;
}

static void put(const job *j, sy_tidy *t)
{
    for (int c = 0; c < j->n; c++) {
        const syi_answer *a = &j->cells[c].answer;
        const sy_comparison *d = &a->difference, *e = &j->change[c];
        const int changed = j->joined && c >= j->outcomes;
        const double v[] = {a->n,
                            a->total,
                            syi_answer_value(a, j->w->question->funding, SY_SHARE),
                            syi_answer_value(a, j->w->process[0], SY_SHARE),
                            d->estimate,
                            d->low,
                            d->high,
                            d->p_value,
                            changed ? e->estimate : (double)NAN,
                            changed ? e->low : (double)NAN,
                            changed ? e->high : (double)NAN,
                            changed ? e->p_value : (double)NAN,
                            syi_answer_error(a, j->w->question->funding, SY_SHARE),
                            syi_answer_error(a, j->w->process[0], SY_SHARE),
                            d->std_error,
                            changed ? e->std_error : (double)NAN};
        syi_tidy_put(t, c, 0, j->by->levels[c / j->outcomes]);
        syi_tidy_put(t, c, 1, syi_weighed_outcome(j->w, c % j->outcomes));
        for (int k = 0; k < form.n_numbers; k++) syi_tidy_set(t, c, k, v[k]);
    }
}

sy_status syi_weigh_levels(sy_context *ctx, syi_weighed *w)
{
    sy_tidy *t = &w->out->tables[SY_WEIGH_LEVELS];
    job j = {.w = w, .by = w->question->by, .outcomes = w->question->n_outcomes};
    j.n = j.by ? j.by->n_levels * j.outcomes : 0;
    sy_status status = syi_tidy_new(ctx, &form, j.n, t);
    if (status || j.n == 0) return status;
    const size_t n = (size_t)j.n;
    j.cells = syi_alloc(n, sizeof *j.cells);
    j.places = syi_alloc(n, sizeof *j.places);
    j.change = syi_alloc(n, sizeof *j.change);
    j.keep = syi_alloc((size_t)w->design->n + 1, sizeof *j.keep);
    status = j.cells && j.places && j.change && j.keep ? SY_OK : syi_fail(ctx, SY_ENOMEM, "by: no room for %zu", n);
    if (!status) status = ask(ctx, &j);
    if (!status) status = compare(ctx, &j);
    if (!status) put(&j, t);
    for (int c = 0; j.cells && c < j.n; c++) syi_cell_free(&j.cells[c]);
    syi_family_free(&j.family);
    SYI_FREE(j.cells);
    SYI_FREE(j.places);
    SYI_FREE(j.change);
    SYI_FREE(j.keep);
    return status;
}
