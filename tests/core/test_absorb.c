/* Clusters' means forced in: one indicator a cluster, leaving clusters out.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "failing_internal.h"

#include "sample_councils.h"
#include "steelyard/evidence.h"
#include <stdlib.h>

enum { MOST_CELLS = 24 * SY_N_METRICS };

static sy_status shares_of(sy_context *ctx, const sample *s, const sy_question *q, sy_shares_summary *summary,
                           double *table)
{
    sy_moments m = {0};
    sy_shares_options options;
    const sy_moments_options how = {s->design.cluster ? SY_UNIT_CLUSTER : SY_UNIT_NONE, SY_PRECISION_AUTO};
    sy_shares_defaults(&options);
    sy_status status = sy_moments_init(ctx, &s->design, &how, &m);
    if (status >= 0) status = sy_shares(ctx, &m, q, &options, summary, table);
    sy_moments_free(&m);
    return status;
}

static void shares_must(const sample *s, const sy_question *q, sy_shares_summary *summary, double *table)
{
    sy_context ctx;
    sy_context_init(&ctx);
    if (shares_of(&ctx, s, q, summary, table) < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

/* Council indicators as a term to adjust for; the design's memory. */
typedef struct {
    sy_column column[SAMPLE_COLUMNS + 1];
    sy_factor factor;
    sy_term term[SAMPLE_COLUMNS + 1];
    int adjust[1];
} with_councils;

static void add_councils(sample *s, with_councils *w)
{
    memcpy(w->column, s->column, sizeof s->column);
    memcpy(w->term, s->term, sizeof s->term);
    w->column[SAMPLE_COLUMNS] = s->council_column;
    w->factor = (sy_factor){SAMPLE_COLUMNS, 1};
    w->term[SAMPLE_COLUMNS] = (sy_term){"factor(council)", 1, &w->factor};
    w->adjust[0] = SAMPLE_COLUMNS;
    s->design.columns = w->column;
    s->design.n_columns = s->design.n_terms = SAMPLE_COLUMNS + 1;
    s->design.terms = w->term;
}

static void same_answers(const sy_shares_summary *a, const sy_shares_summary *b, int rows, const double *x,
                         const double *y)
{
    assert_true(fabs(a->total - b->total) < 1e-12 && fabs(a->r2_adjust - b->r2_adjust) < 1e-12);
    assert_true(fabs(a->total_adjusted - b->total_adjusted) < 1e-12 && a->df_resid == b->df_resid);
    for (int i = 0; i < rows * SY_N_METRICS; i++)
        if (!(fabs(x[i] - y[i]) <= (i % SY_N_METRICS == SY_PERCENT ? 1e-9 : 1e-12) || (isnan(x[i]) && isnan(y[i]))))
            fail_msg("row %d, metric %d: %.17g and %.17g", i / SY_N_METRICS, i % SY_N_METRICS, x[i], y[i]);
}

/* Weights of each kind, a further adjusting term, a block that does not vary
 * within councils, an order: absorb answers as one indicator a council does. */
static void absorbing_is_adjusting_for_one_indicator_a_cluster(void **state)
{
    (void)state;
    static sample s;
    static with_councils w;
    static const int order[3] = {1, 0, 1}, need[1] = {4};
    for (int which = 0; which < 64; which++) {
        double absorbed[MOST_CELLS], indicated[MOST_CELLS];
        sy_shares_summary a, b;
        sample_fill(&s, 300, 5 + which % 20, which % 8 == 1, (uint64_t)which);
        if (which % 4) {
            s.design.weights = &s.weight_column;
            s.design.weight_kind = (sy_weight_kind)(which % 4);
        }
        sy_question q = s.question;
        q.n_blocks = 3;
        if (which % 2) q.order = order;
        if (which % 3) {
            q.adjust = need;
            q.n_adjust = 1;
        }
        add_councils(&s, &w);
        s.design.cluster = &s.council_column;
        q.absorb = 1;
        shares_must(&s, &q, &a, absorbed);
        assert_true(a.clusters == s.councils);
        const int both[2] = {SAMPLE_COLUMNS, 4};
        q.absorb = 0;
        q.adjust = both;
        q.n_adjust = which % 3 ? 2 : 1;
        shares_must(&s, &q, &b, indicated);
        same_answers(&a, &b, 3 + 4, absorbed, indicated);
    }
}

/* Every submodel too, its columns counted with one for each council but one. */
static void submodels_beside_absorbed_clusters_are_those_beside_indicators(void **state)
{
    (void)state;
    static sample s;
    static with_councils w;
    enum { SETS = 1 << 4, NUMBERS = SY_N_SUBMODEL * SETS };
    double table[2][NUMBERS];
    int32_t set[2][SETS];
    sy_moments m = {0};
    sy_context ctx;
    const sy_moments_options how = {SY_UNIT_CLUSTER, SY_PRECISION_AUTO};
    sample_fill(&s, 300, 14, 0, 6);
    add_councils(&s, &w);
    s.design.cluster = &s.council_column;
    sy_context_init(&ctx);
    assert_true(sy_moments_init(&ctx, &s.design, &how, &m) >= 0);
    for (int absorb = 0; absorb < 2; absorb++) {
        sy_question q = s.question;
        q.absorb = absorb;
        q.adjust = w.adjust;
        q.n_adjust = !absorb;
        assert_true(sy_submodels(&ctx, &m, &q, SY_PLAYERS_BLOCKS, table[absorb], set[absorb]) >= 0);
    }
    assert_memory_equal(set[0], set[1], sizeof set[0]);
    for (int i = 0; i < NUMBERS; i++) assert_true(fabs(table[0][i] - table[1][i]) < 1e-12);
    assert_true(table[1][SY_SUBMODEL_COLUMNS * SETS] == 13);
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

/* Leave-one-out by hand: the clusters but one are read anew each time. */
static void the_jackknife_leaves_absorbed_clusters_out(void **state)
{
    (void)state;
    static sample s, less;
    static sample_table cells;
    enum { COUNCILS = 9 };
    double whole[MOST_CELLS], without[MOST_CELLS], sum = 0, sum_adjusted = 0;
    sy_shares_summary summary;
    sample_fill(&s, 150, COUNCILS, 0, 17);
    s.design.cluster = &s.council_column;
    sy_question q = s.question;
    q.absorb = 1;
    shares_must(&s, &q, &summary, whole);
    for (int g = 0; g < COUNCILS; g++) {
        memcpy(&less, &s, sizeof s);
        less.n = 0;
        for (int i = 0; i < s.n; i++) {
            if (s.council[i] == g) continue;
            less.council[less.n] = s.council[i];
            for (int c = 0; c < SAMPLE_COLUMNS; c++) less.x[c][less.n] = s.x[c][i];
            less.n++;
        }
        sample_describe(&less);
        less.design.cluster = &less.council_column;
        q.blocks = less.block;
        shares_must(&less, &q, &summary, without);
        assert_true(summary.clusters == COUNCILS - 1 && summary.df_resid == less.n - 1 - (COUNCILS - 2) - 5);
        sum += pow(without[SY_SHARE] - whole[SY_SHARE], 2);
        sum_adjusted += pow(without[SY_ADJUSTED] - whole[SY_ADJUSTED], 2);
    }
    sy_context ctx;
    sy_moments m = {0};
    sy_evidence_options options;
    sy_evidence_summary answer;
    const sy_moments_options how = {SY_UNIT_CLUSTER, SY_PRECISION_AUTO};
    const sy_evidence_table view = sample_view(&cells);
    q.blocks = s.block;
    sy_evidence_defaults(&options);
    options.interval = SY_INTERVAL_JACKKNIFE;
    sy_context_init(&ctx);
    assert_true(sy_moments_init(&ctx, &s.design, &how, &m) >= 0);
    if (sy_evidence_shares(&ctx, &m, NULL, &q, &options, &answer, &view) < 0) fail_msg("%s", ctx.message);
    const double factor = (COUNCILS - 1.0) / COUNCILS;
    assert_true(fabs(cells.std_error[SY_SHARE] / sqrt(factor * sum) - 1) < 1e-9);
    assert_true(fabs(cells.std_error[SY_ADJUSTED] / sqrt(factor * sum_adjusted) - 1) < 1e-9);
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

/* funding is one value a council: its indicators explain all of it. */
static void a_block_constant_within_absorbed_clusters_explains_nothing(void **state)
{
    (void)state;
    static sample s;
    double table[MOST_CELLS];
    sy_context ctx;
    sy_shares_summary summary;
    sample_fill(&s, 300, 12, 1, 5);
    s.design.cluster = &s.council_column;
    sy_question q = s.question;
    q.absorb = 1;
    sy_context_init(&ctx);
    assert_int_equal(shares_of(&ctx, &s, &q, &summary, table), SY_NOTE_ALIASED);
    assert_string_equal(ctx.remarks[0].text,
                        "funding adds nothing beyond its cluster's mean: it does not vary within clusters");
    assert_true(table[SY_SHARE] == 0 && table[SY_BY_CHANCE] == 0 && summary.r2_adjust > 0);
    sy_context_free(&ctx);
}

static sy_status absorbed_job(void *arg, void *answer)
{
    sample *s = arg;
    double table[MOST_CELLS];
    sy_context ctx;
    sy_shares_summary summary;
    static const int order[4] = {0, 1, 1, 0};
    sy_question q = s->question;
    q.order = order;
    q.absorb = 1;
    sy_context_init(&ctx);
    const sy_status status = shares_of(&ctx, s, &q, &summary, table);
    if (status >= 0) memcpy(answer, table, 9 * SY_N_METRICS * sizeof *table);
    sy_context_free(&ctx);
    return status;
}

static void ordered_shares_survive_failing_memory(void **state)
{
    (void)state;
    static sample s;
    sample_fill(&s, 120, 8, 0, 2);
    s.design.cluster = &s.council_column;
    assert_true(syi_survives_failing(absorbed_job, &s, 9 * SY_N_METRICS * sizeof(double)) > 20);
}

static int always(void *arg)
{
    (*(int *)arg)++;
    return 1;
}

static void absorbing_can_be_stopped(void **state)
{
    (void)state;
    static sample s;
    double table[MOST_CELLS];
    sy_context ctx;
    sy_moments m = {0};
    sy_shares_summary summary;
    sy_shares_options options;
    int asked = 0;
    const sy_moments_options how = {SY_UNIT_CLUSTER, SY_PRECISION_AUTO};
    sample_fill(&s, 120, 8, 0, 2);
    s.design.cluster = &s.council_column;
    sy_question q = s.question;
    q.absorb = 1;
    sy_shares_defaults(&options);
    sy_context_init(&ctx);
    assert_true(sy_moments_init(&ctx, &s.design, &how, &m) >= 0);
    ctx.poll = always;
    ctx.poll_arg = &asked;
    assert_int_equal(sy_shares(&ctx, &m, &q, &options, &summary, table), SY_EINTR);
    assert_int_equal(asked, 1);
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(absorbing_is_adjusting_for_one_indicator_a_cluster),
        cmocka_unit_test(submodels_beside_absorbed_clusters_are_those_beside_indicators),
        cmocka_unit_test(the_jackknife_leaves_absorbed_clusters_out),
        cmocka_unit_test(a_block_constant_within_absorbed_clusters_explains_nothing),
        cmocka_unit_test(ordered_shares_survive_failing_memory),
        cmocka_unit_test(absorbing_can_be_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
