/* Shares under an order and under marginality against the plain average over
 * every order of all terms that is allowed, on random problems.
 * SPDX-License-Identifier: GPL-3.0-only
 * What enters after what is known to the twin from how the terms were made, not
 * from their labels. Tolerances as in test_twin_shares.c. */
#include "base/numeric_internal.h"

#include "base/random_internal.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "twin_shares.h"

enum { MOST_PLAYERS = 8, MAX_TABLE = 2 * MAX_TERMS * SY_N_METRICS, PROBLEMS = 1000, CLUSTERS = 7, FACTORS = 3 };
static const char *const metric_names[SY_N_METRICS] = {"share",  "percent", "adjusted", "by_chance", "alone",
                                                       "unique", "common",  "lowest",   "highest"};
static const char *const level_names[MAX_LEVELS] = {"a", "b", "c", "d"};
static const char *const cluster_names[CLUSTERS] = {"c1", "c2", "c3", "c4", "c5", "c6", "c7"};

/* power[t][c]: column c's power in term t; a plain term t is column t itself. */
typedef struct {
    problem p;
    int power[MAX_TERMS][MAX_TERMS];
    int ordered, group[MAX_TERMS]; /* of blocks */
    int clustered;
} ordered_problem;

typedef struct {
    char name[MAX_TERMS][8], label[MAX_TERMS][24], block_name[MAX_TERMS][8];
    int32_t code[MAX_TERMS][MAX_ROWS], cluster[MAX_ROWS];
    sy_column column[MAX_TERMS + 1], weights, clusters;
    sy_factor factor[MAX_TERMS + 1][FACTORS];
    sy_term term[MAX_TERMS + 1];
    sy_block block[MAX_TERMS];
    int member[MAX_TERMS], adjust[MAX_TERMS];
    sy_design design;
    sy_question question;
} posed;

static void pose_term(const ordered_problem *o, int t, posed *out)
{
    const problem *p = &o->p;
    size_t used = 0;
    sy_term *term = &out->term[t];
    *term = (sy_term){.label = out->label[t], .factors = out->factor[t]};
    for (int c = 0; c < p->n_terms; c++) {
        if (!o->power[t][c]) continue;
        out->factor[t][term->n_factors++] = (sy_factor){c, o->power[t][c]};
        used += (size_t)snprintf(out->label[t] + used, sizeof out->label[t] - used, "%sx%d", used ? ":" : "", c);
        if (o->power[t][c] > 1)
            used += (size_t)snprintf(out->label[t] + used, sizeof out->label[t] - used, "^%d", o->power[t][c]);
    }
    snprintf(out->name[t], sizeof out->name[t], "x%d", t);
    out->column[t] = (sy_column){.name = out->name[t], .data = p->x[t], .stride = sizeof(double), .type = SY_F64};
    if (!p->levels[t]) return;
    for (int i = 0; i < p->n; i++) out->code[t][i] = (int32_t)p->x[t][i];
    out->column[t] = (sy_column){.name = out->name[t],
                                 .data = out->code[t],
                                 .stride = sizeof(int32_t),
                                 .type = SY_CODES,
                                 .n_levels = p->levels[t],
                                 .levels = level_names};
}

static void pose(const ordered_problem *o, posed *out)
{
    const problem *p = &o->p;
    const int y = p->n_terms;
    int placed = 0, n_adjust = 0;
    for (int t = 0; t < p->n_terms; t++) {
        pose_term(o, t, out);
        if (p->block_of[t] < 0) out->adjust[n_adjust++] = t;
    }
    for (int i = 0; i < p->n; i++) out->cluster[i] = i % CLUSTERS;
    out->column[y] = (sy_column){.name = "y", .data = p->y, .stride = sizeof(double), .type = SY_F64};
    out->weights = (sy_column){.name = "w", .data = p->weight, .stride = sizeof(double), .type = SY_F64};
    out->clusters = (sy_column){.name = "council",
                                .data = out->cluster,
                                .stride = sizeof(int32_t),
                                .type = SY_CODES,
                                .n_levels = CLUSTERS,
                                .levels = cluster_names};
    out->factor[y][0] = (sy_factor){y, 1};
    out->term[y] = (sy_term){.label = "y", .n_factors = 1, .factors = out->factor[y]};
    for (int b = 0; b < p->n_blocks; b++) {
        snprintf(out->block_name[b], sizeof out->block_name[b], "b%d", b);
        out->block[b] = (sy_block){.name = out->block_name[b], .terms = out->member + placed};
        for (int t = 0; t < p->n_terms; t++)
            if (p->block_of[t] == b) {
                out->member[placed++] = t;
                out->block[b].n_terms++;
            }
    }
    out->design = (sy_design){.n = p->n,
                              .n_columns = y + 1,
                              .columns = out->column,
                              .n_terms = y + 1,
                              .terms = out->term,
                              .weights = p->kind ? &out->weights : NULL,
                              .weight_kind = p->kind,
                              .cluster = o->clustered ? &out->clusters : NULL};
    out->question = (sy_question){.outcome = y,
                                  .n_blocks = p->n_blocks,
                                  .blocks = out->block,
                                  .n_adjust = n_adjust,
                                  .adjust = out->adjust,
                                  .order = o->ordered ? o->group : NULL};
}

/* The core's answer; the number of rows of the table. */
static int ask(const ordered_problem *o, int guarded, sy_shares_summary *summary, double *table)
{
    static posed q;
    sy_context ctx;
    sy_moments m = {0};
    sy_moments_options how;
    sy_shares_options options;
    sy_context_init(&ctx);
    sy_moments_defaults(&how);
    sy_shares_defaults(&options);
    how.unit = o->clustered ? SY_UNIT_CLUSTER : SY_UNIT_NONE;
    options.guarded = guarded;
    pose(o, &q);
    if (sy_moments_init(&ctx, &q.design, &how, &m) < 0) fail_msg("moments: %s", ctx.message);
    if (sy_shares(&ctx, &m, &q.question, &options, summary, table) < 0) fail_msg("shares: %s", ctx.message);
    sy_moments_free(&m);
    sy_context_free(&ctx);
    return o->p.n_blocks + sy_shares_terms(&q.question);
}

/* Of how the terms were made: is `part` a proper part of `whole`? */
static int made_of(const ordered_problem *o, int whole, int part)
{
    if (whole == part) return 0;
    for (int c = 0; c < o->p.n_terms; c++)
        if (o->power[part][c] > o->power[whole][c]) return 0;
    return 1;
}

/* Every term of the block has a part in some other block. */
static int comes_from_others(const ordered_problem *o, int block)
{
    for (int t = 0; t < o->p.n_terms; t++) {
        int found = 0;
        if (o->p.block_of[t] != block) continue;
        for (int u = 0; u < o->p.n_terms; u++)
            found |= o->p.block_of[u] >= 0 && o->p.block_of[u] != block && made_of(o, t, u);
        if (!found) return 0;
    }
    return 1;
}

static int same_or_earlier(const ordered_problem *o, int block, int than)
{
    return !o->ordered || o->group[block] <= o->group[than];
}

/* May term t enter right after those in `set` (in[] says which)? */
static int may_enter(const ordered_problem *o, const int *in, int last_block, int t)
{
    const int block = o->p.block_of[t], free_block = !comes_from_others(o, block);
    int left_of_last = 0, begun = 0;
    for (int u = 0; u < o->p.n_terms; u++) {
        const int other = o->p.block_of[u];
        if (other < 0) continue;
        left_of_last |= other == last_block && !in[u];
        begun |= other == block && in[u];
        if (in[u]) continue;
        if (other == block && made_of(o, t, u)) return 0;
        if (other == block || begun) continue;
        if (o->ordered && o->group[other] < o->group[block]) return 0;
    }
    if (begun || last_block == block) return last_block == block;
    if (left_of_last) return 0;
    for (int v = 0; v < o->p.n_terms && !free_block; v++)
        for (int u = 0; u < o->p.n_terms; u++) {
            const int other = o->p.block_of[u];
            if (o->p.block_of[v] != block || other < 0 || other == block || !made_of(o, v, u)) continue;
            for (int w = 0; w < o->p.n_terms; w++) /* the whole block that holds the part */
                if (o->p.block_of[w] == other && !in[w] && same_or_earlier(o, other, block)) return 0;
        }
    return 1;
}

typedef struct {
    const ordered_problem *o;
    const twin *t;
    int n, order[MAX_TERMS], in[MAX_TERMS];
    tally blocks[MAX_TERMS], terms[MAX_TERMS];
} walker;

static void one_order(walker *w)
{
    const problem *p = &w->o->p;
    int set = twin_adjusting(p), start = set;
    for (int i = 0; i < w->n; i++) {
        const int t = w->order[i], block = p->block_of[t], next = set | 1 << t;
        add_increment(w->t, set, next, &w->terms[t]);
        if (i == w->n - 1 || p->block_of[w->order[i + 1]] != block) {
            add_increment(w->t, start, next, &w->blocks[block]);
            start = next;
        }
        set = next;
    }
}

static void orders_from(walker *w, int placed)
{
    const problem *p = &w->o->p;
    if (placed == w->n) {
        one_order(w);
        return;
    }
    for (int t = 0; t < p->n_terms; t++) {
        if (p->block_of[t] < 0 || w->in[t]) continue;
        if (!may_enter(w->o, w->in, placed ? p->block_of[w->order[placed - 1]] : -1, t)) continue;
        w->in[t] = 1;
        w->order[placed] = t;
        orders_from(w, placed + 1);
        w->in[t] = 0;
    }
}

/* The table, and how many orders of all terms count. */
static int twin_ordered_table(const ordered_problem *o, const twin *t, double *table)
{
    static walker w;
    int at = o->p.n_blocks;
    memset(&w, 0, sizeof w);
    w.o = o;
    w.t = t;
    for (int term = 0; term < o->p.n_terms; term++) w.n += o->p.block_of[term] >= 0;
    orders_from(&w, 0);
    for (int b = 0; b < o->p.n_blocks; b++) {
        int own = 0;
        for (int term = 0; term < o->p.n_terms; term++) {
            if (o->p.block_of[term] != b) continue;
            own |= 1 << term;
            twin_row(&o->p, t, 1 << term, &w.terms[term], table + (at++) * SY_N_METRICS);
        }
        twin_row(&o->p, t, own, &w.blocks[b], table + b * SY_N_METRICS);
    }
    return w.blocks[0].orders;
}

/* Whole multiples of 1/64, so that products of three are exact. */
static double coarse(double x)
{
    return nearbyint(64 * x) / 64;
}

static double gauss(syi_stream *s)
{
    double sum = -6;
    for (int i = 0; i < 12; i++) sum += syi_stream_uniform(s);
    return sum;
}

static void draw_plain_term(syi_stream *s, ordered_problem *o, int t)
{
    problem *p = &o->p;
    const uint32_t kind = syi_stream_below(s, 8);
    p->levels[t] = kind == 0 ? 2 + (int)syi_stream_below(s, MAX_LEVELS - 1) : 0;
    o->power[t][t] = 1;
    for (int i = 0; i < p->n; i++) {
        const double lean = t > 0 && !p->levels[0] ? p->x[0][i] : 0;
        if (p->levels[t]) p->x[t][i] = i < p->levels[t] ? i : (double)syi_stream_below(s, (uint32_t)p->levels[t]);
        else if (kind == 1 && t > 0 && !p->levels[0]) p->x[t][i] = lean + coarse(gauss(s)) / 1024; /* nearly a copy */
        else if (kind == 2 && t > 0 && !p->levels[0]) p->x[t][i] = 2 * lean;
        else p->x[t][i] = coarse(gauss(s) + 0.5 * lean);
    }
}

/* A product of up to three powers of plain terms that is not there yet; 0 when
 * none was found. */
static int draw_product(syi_stream *s, ordered_problem *o, int t, int plain)
{
    problem *p = &o->p;
    const int degree = 2 + (int)syi_stream_below(s, 2);
    for (int d = 0; d < degree; d++) {
        const int c = (int)syi_stream_below(s, (uint32_t)plain);
        if (p->levels[c]) return 0;
        o->power[t][c]++;
    }
    for (int u = 0; u < t; u++)
        if (!memcmp(o->power[u], o->power[t], sizeof o->power[t])) return 0;
    p->levels[t] = 0;
    for (int i = 0; i < p->n; i++) {
        p->x[t][i] = 1;
        for (int c = 0; c < plain; c++)
            for (int d = 0; d < o->power[t][c]; d++) p->x[t][i] *= p->x[c][i];
    }
    return 1;
}

static void draw_problem(uint32_t which, ordered_problem *o)
{
    syi_stream s;
    problem *p = &o->p;
    memset(o, 0, sizeof *o);
    syi_stream_init(&s, 4711, which, 0);
    const int most = which % 4 == 0 ? MOST_PLAYERS : 6, players = 2 + (int)syi_stream_below(&s, (uint32_t)most - 1);
    const int plain = 1 + (int)syi_stream_below(&s, (uint32_t)players);
    p->n = MAX_ROWS - (int)syi_stream_below(&s, 20);
    p->n_terms = players + (int)syi_stream_below(&s, MAX_TERMS - MOST_PLAYERS + 1);
    p->n_blocks = 1 + (int)syi_stream_below(&s, (uint32_t)players);
    for (int t = 0; t < p->n_terms; t++) {
        p->times[t] = -1;
        memset(o->power[t], 0, sizeof o->power[t]);
        if (t < plain || !draw_product(&s, o, t, plain)) {
            memset(o->power[t], 0, sizeof o->power[t]);
            draw_plain_term(&s, o, t);
        }
        p->block_of[t] = t < p->n_blocks ? t : t < players ? (int)syi_stream_below(&s, (uint32_t)p->n_blocks) : -1;
    }
    o->ordered = which % 3 == 0;
    o->clustered = which % 4 == 0;
    for (int b = 0, groups = 1 + (int)syi_stream_below(&s, (uint32_t)p->n_blocks); b < p->n_blocks; b++)
        o->group[b] = b < groups ? b : (int)syi_stream_below(&s, (uint32_t)groups);
    p->kind = (sy_weight_kind)syi_stream_below(&s, 4);
    for (int i = 0; i < p->n; i++) {
        p->weight[i] = p->kind ? 1 + (double)syi_stream_below(&s, 3) : 1;
        p->y[i] = coarse(2 * gauss(&s));
        for (int t = 0; t < p->n_terms; t++) p->y[i] += coarse((t % 3 - 0.7) * p->x[t][i]);
    }
}

/* by_chance counts clusters where a row does not vary within them; here only a
 * column of one value could. */
static double compare(uint32_t which, int rows, const sy_shares_summary *s, double tolerance, const double *found,
                      const double *expected)
{
    double worst = 0;
    for (int i = 0; i < rows * SY_N_METRICS; i++) {
        const int metric = i % SY_N_METRICS;
        double allowed = tolerance;
        if (isnan(found[i]) && isnan(expected[i])) continue; /* the percentage of a total of 0 */
        if (metric == SY_PERCENT) allowed = 200 * tolerance / s->total;
        if (metric == SY_ADJUSTED) allowed = 2 * tolerance * (s->n - 1) / s->df_resid;
        const double off = fabs(found[i] - expected[i]) / allowed;
        if (!(off <= 1))
            fail_msg("problem %u, row %d, %s: found %.17g, expected %.17g, VIF %.3g", which, i / SY_N_METRICS,
                     metric_names[metric], found[i], expected[i], s->vif_max);
        worst = fmax(worst, off);
    }
    return worst;
}

static void shares_are_averages_over_the_orders_that_count(void **state)
{
    (void)state;
    static ordered_problem o;
    static twin t;
    int bound = 0, aliased = 0, most = 0, eight = 0;
    double worst = 0;
    for (uint32_t which = 0; which < PROBLEMS; which++) {
        double expected[MAX_TABLE], found[MAX_TABLE];
        sy_shares_summary s;
        draw_problem(which, &o);
        twin_solve(&o.p, &t);
        const int count = twin_ordered_table(&o, &t, expected);
        assert_true(count > 0);
        for (int guarded = 0; guarded < 2; guarded++) {
            const int rows = ask(&o, guarded, &s, found);
            const double tolerance = s.guarded ? 1e-12 : fmax(1e-12, 1e-17 * s.vif_max);
            worst = fmax(worst, compare(which, rows, &s, tolerance, found, expected));
        }
        int players = 0, columns = 0, free_orders = 1;
        for (int term = 0; term < o.p.n_terms; term++) {
            players += o.p.block_of[term] >= 0;
            columns += t.count[term];
        }
        for (int i = 2; i <= players; i++) free_orders *= i;
        bound += count < free_orders;
        aliased += s.n_columns < columns;
        eight += players == MOST_PLAYERS;
        if (count > most) most = count;
    }
    print_message("worst %.2g of what is allowed; orders bound in %d, aliased %d, up to %d orders, 8 terms in %d\n",
                  worst, bound, aliased, most, eight);
    assert_true(bound > 500 && aliased > 30 && eight > 20 && most >= 5040);
}

/* Orders bound by groups of all blocks in one answer as if none were given, to
 * the bit; one block a group gives each block what it adds to those before. */
static void groups_run_from_free_to_sequential(void **state)
{
    (void)state;
    static ordered_problem o;
    static twin t;
    for (uint32_t which = 0; which < 200; which++) {
        double any[MAX_TABLE], one[MAX_TABLE], each[MAX_TABLE];
        sy_shares_summary s;
        draw_problem(which, &o);
        o.ordered = 0;
        const int rows = ask(&o, 0, &s, any);
        o.ordered = 1;
        memset(o.group, 0, sizeof o.group);
        ask(&o, 0, &s, one);
        assert_memory_equal(any, one, (size_t)(rows * SY_N_METRICS) * sizeof *any);
        for (int b = 0; b < o.p.n_blocks; b++) o.group[b] = o.p.n_blocks - 1 - b;
        ask(&o, 0, &s, each);
        twin_solve(&o.p, &t);
        int set = twin_adjusting(&o.p);
        for (int b = o.p.n_blocks - 1; b >= 0; b--) {
            int next = set;
            for (int term = 0; term < o.p.n_terms; term++)
                if (o.p.block_of[term] == b) next |= 1 << term;
            const double gain = (double)(t.r2[next] - t.r2[set]);
            const double *row = each + b * SY_N_METRICS;
            assert_true(fabs(row[SY_SHARE] - gain) < 1e-12);
            assert_true(row[SY_LOWEST] == row[SY_HIGHEST] && fabs(row[SY_LOWEST] - gain) < 1e-12);
            set = next;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_are_averages_over_the_orders_that_count),
        cmocka_unit_test(groups_run_from_free_to_sequential),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
