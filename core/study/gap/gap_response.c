/* The gap between two groups in a binary or ordered outcome, without an order.
 *
 * Each group is given its own model of the outcome; the parts are those of
 * gap_response_values.c over the rows coupled by gap_response_pairs.c. Beside them
 * stand the divisions by one set of coefficients for both groups (the first's, the
 * second's, of all rows). gap = explained + unexplained + fit to rounding, fit being
 * what the means predicted by the models are short of the observed ones: zero for
 * logit with a binary outcome, whose likelihood equations say so, else small.
 * "Explained" is what would go with other columns at the same coefficients, not what
 * they cause. Conditions: both groups have rows wherever the other's are moved to.
 *
 * A block's index counts from the weighted means of its columns among all rows of
 * the sample: a block whose coefficients move while others' do not then moves the
 * answers of nobody far from the data, and neither the zero or unit of a number nor
 * the coding of a factor changes any part. From the user's own zeros the order-free
 * explained part would differ between years counted from birth and from the year 0,
 * since averages over orders of a curve do not cancel constants as a line does.
 *
 * With many blocks coefficients enter as one player: where 2^(2K + 1) sets for every
 * sample, on one core, take longer than the time limit. That is decided by counts, so
 * that it is the same for any machine and any number of threads.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "study/coverage_internal.h"
#include "study/gap/gap_response_internal.h"
#include <math.h>
#include <string.h>

enum { MOST_PLAYERS = 23 };

void sy_gap_response_defaults(sy_gap_response_question *question)
{
    *question = (sy_gap_response_question){.first = -1, .level = 0.95, .seed = 1, .time_limit = 60};
}

static void describe(const syi_gapr_game *g, const syi_gapr_fits *f, sy_gap_response_summary *s,
                     const sy_gap_response_table *t)
{
    const syi_packed *rows = &g->rows;
    const int often = g->design.weight_kind == SY_WEIGHT_FREQUENCY;
    s->n = rows->n_effective;
    s->rows_read = rows->rows_read;
    s->rows_used = (double)rows->n;
    s->rows_dropped = rows->rows_dropped;
    for (ptrdiff_t i = 0; i < rows->n; i++) {
        s->rows_group[g->second[i]] += 1;
        s->n_group[g->second[i]] += often ? rows->weight[i] : 1;
    }
    s->n_levels = g->n_curves + 1;
    s->n_measures = g->n_measures;
    s->df = NAN;
    for (int m = 0; m < 2; m++) {
        s->group_level[m] = g->level[m];
        s->loglik[m] = f->loglik[m];
    }
    if (t->outcome_level && rows->level) memcpy(t->outcome_level, rows->level, (size_t)s->n_levels * sizeof(int));
}

/* Whether coefficients can enter block by block in every sample. */
static int affords(const syi_gapr_game *g, ptrdiff_t pairs, ptrdiff_t samples)
{
    if (2 * g->n_blocks + 1 > MOST_PLAYERS) return 0;
    return (double)samples * syi_gapr_values_seconds(g, pairs, 1) <= g->question->time_limit;
}

/* The kind of limits, with a remark when there are none or few clusters. */
static sy_status choose(sy_context *ctx, const syi_gapr_game *g, const syi_gapr_units *u, sy_gap_response_summary *s)
{
    const sy_gap_response_question *q = g->question;
    const char *what = u->grouped ? "rows" : "clusters";
    s->interval = SY_INTERVAL_JACKKNIFE;
    if (u->n_units < SYI_FEWEST_UNITS) {
        s->interval = SY_INTERVAL_NONE;
        return syi_remark(ctx, SY_NOTE_INTERVAL_SKIPPED, "", (double)u->n_units,
                          "no intervals: %td %s are too few, at least %d are needed", u->n_units, what,
                          SYI_FEWEST_UNITS);
    }
    if (q->interval == SY_INTERVAL_AUTO && s->seconds_estimated > q->time_limit) {
        s->interval = SY_INTERVAL_NONE;
        return syi_remark(ctx, SY_NOTE_INTERVAL_SKIPPED, "", s->seconds_estimated,
                          "no intervals: they would take about %.0f seconds on one core, more than %.0f; ask for "
                          "\"jackknife\" to have them",
                          s->seconds_estimated, q->time_limit);
    }
    if (u->n_units >= SYI_FEW_UNITS) return SY_OK;
    return syi_remark(ctx, SY_NOTE_FEW_CLUSTERS, "", (double)u->n_units,
                      "%td %s: nominal 95 %% limits of such parts covered 93 to 100 %% in simulation with 10 clusters",
                      u->n_units, what);
}

static sy_status add_limits(sy_context *ctx, const syi_gapr_game *g, const syi_gapr_fits *f, ptrdiff_t pairs,
                            syi_gapr_units *u, sy_gap_response_summary *s, const sy_gap_response_table *t)
{
    const int asked = g->question->interval != SY_INTERVAL_NONE;
    s->units = asked ? u->n_units : 0;
    s->grouped = u->grouped;
    s->interval = SY_INTERVAL_NONE;
    s->seconds_estimated =
        (double)s->units * (syi_gapr_values_seconds(g, pairs, g->separate) + syi_gapr_fit_seconds(g));
    for (int v = 0; v < g->n_measures * g->n_values; v++) {
        t->std_error[v] = t->low[v] = t->high[v] = NAN;
        t->statistic[v] = t->p_value[v] = NAN;
    }
    if (!asked) return SY_OK;
    const sy_status status = choose(ctx, g, u, s);
    if (status < 0 || s->interval == SY_INTERVAL_NONE) return status;
    return syi_gapr_limits(ctx, u, f, s->seconds_estimated, s, t);
}

sy_status sy_gap_response(sy_context *ctx, const sy_design *design, const sy_gap_response_question *question,
                          sy_gap_response_summary *summary, const sy_gap_response_table *table)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    syi_gapr_game g;
    syi_gapr_fits fits = {0};
    syi_gapr_pairs pairs = {0};
    syi_gapr_units units = {0};
    *summary = (sy_gap_response_summary){0};
    sy_status status = syi_gapr_open(ctx, design, question, &g);
    if (status >= 0) status = syi_gapr_ranks(ctx, &g);
    if (status >= 0) status = syi_gapr_fits_init(ctx, &g, &fits);
    if (status >= 0) status = syi_gapr_fit(ctx, &g, g.rows.weight, &fits);
    if (status >= 0) status = syi_gapr_fit_remarks(ctx, &g, &fits);
    if (status >= 0) status = syi_gapr_couple(ctx, &g, g.rows.weight, &fits, &pairs);
    if (status >= 0 && question->interval != SY_INTERVAL_NONE) status = syi_gapr_units_init(ctx, &g, &units);
    if (status >= 0) status = syi_gapr_players(ctx, &g, affords(&g, pairs.n, units.n_units + 1));
    if (status < 0) goto out;
    describe(&g, &fits, summary, table);
    summary->separate = g.separate;
    summary->players = g.players;
    summary->pairs = (double)pairs.n;
    status = syi_gapr_values(ctx, &g, g.rows.weight, &fits, &pairs, table->estimate);
    if (status >= 0) status = add_limits(ctx, &g, &fits, pairs.n, &units, summary, table);
out:
    syi_gapr_units_free(&units);
    syi_gapr_pairs_free(&pairs);
    syi_gapr_fits_free(&fits);
    syi_gapr_free(&g);
    return status < 0 ? status : syi_status_of_remarks(ctx, first);
}
