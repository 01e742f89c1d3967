/* sy_shares against its slow twin on random problems.
 * SPDX-License-Identifier: GPL-3.0-only
 * Tolerance: 1e-12 in double-double; in double, which is used up to a variance
 * inflation factor of 2e4 only, 1e-12 or 1e-17 VIF, the larger. The percentages and
 * the adjusted shares amplify an error by 100 / total and (n - 1) / (n - 1 - k),
 * and are allowed that. */
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

enum { MAX_TABLE = 2 * MAX_TERMS * SY_N_METRICS, PROBLEMS = 1000 };
static const char *const metric_names[SY_N_METRICS] = {"share",  "percent", "adjusted", "by_chance", "alone",
                                                       "unique", "common",  "lowest",   "highest"};

/* What the core is given: all that a design borrows lives here. */
typedef struct {
    char name[MAX_TERMS + 2][8], label[MAX_TERMS][8], block_name[MAX_TERMS][8];
    int32_t code[MAX_TERMS][MAX_ROWS];
    sy_column column[MAX_TERMS + 2];
    sy_factor factor[MAX_TERMS + 1][2];
    sy_term term[MAX_TERMS + 1];
    sy_block block[MAX_TERMS];
    int member[MAX_TERMS], adjust[MAX_TERMS];
    sy_design design;
    sy_question question;
} posed;

static const char *const level_names[MAX_LEVELS] = {"a", "b", "c", "d"};

static void pose_term(const problem *p, int t, posed *out)
{
    snprintf(out->name[t], sizeof out->name[t], "x%d", t);
    snprintf(out->label[t], sizeof out->label[t], "t%d", t);
    sy_column *c = &out->column[t];
    *c = (sy_column){.name = out->name[t], .data = p->x[t], .stride = sizeof(double), .type = SY_F64};
    out->term[t] = (sy_term){.label = out->label[t], .n_factors = 1, .factors = out->factor[t]};
    out->factor[t][0] = (sy_factor){t, 1};
    if (p->levels[t]) {
        for (int i = 0; i < p->n; i++) out->code[t][i] = (int32_t)p->x[t][i];
        *c = (sy_column){.name = out->name[t],
                         .data = out->code[t],
                         .stride = sizeof(int32_t),
                         .type = SY_CODES,
                         .n_levels = p->levels[t],
                         .levels = level_names};
    } else if (p->times[t] == t) {
        out->factor[t][0].power = 2;
    } else if (p->times[t] >= 0) {
        out->factor[t][1] = (sy_factor){p->times[t], 1};
        out->term[t].n_factors = 2;
    }
}

static void pose(const problem *p, posed *out)
{
    const int y = p->n_terms, w = y + 1;
    int placed = 0, n_adjust = 0;
    for (int t = 0; t < p->n_terms; t++) {
        pose_term(p, t, out);
        if (p->block_of[t] < 0) out->adjust[n_adjust++] = t;
    }
    out->column[y] = (sy_column){.name = "y", .data = p->y, .stride = sizeof(double), .type = SY_F64};
    out->column[w] = (sy_column){.name = "w", .data = p->weight, .stride = sizeof(double), .type = SY_F64};
    out->factor[y][0] = (sy_factor){y, 1};
    out->term[y] = (sy_term){.label = "y", .n_factors = 1, .factors = out->factor[y]};
    for (int b = 0; b < p->n_blocks; b++) {
        snprintf(out->block_name[b], sizeof out->block_name[b], "b%d", b);
        out->block[b] = (sy_block){.name = out->block_name[b], .terms = out->member + placed};
        for (int t = 0; t < p->n_terms; t++) {
            if (p->block_of[t] != b) continue;
            out->member[placed++] = t;
            out->block[b].n_terms++;
        }
    }
    out->design = (sy_design){.n = p->n,
                              .n_columns = w + 1,
                              .columns = out->column,
                              .n_terms = y + 1,
                              .terms = out->term,
                              .weights = p->kind ? &out->column[w] : NULL,
                              .weight_kind = p->kind};
    out->question = (sy_question){
        .outcome = y, .n_blocks = p->n_blocks, .blocks = out->block, .n_adjust = n_adjust, .adjust = out->adjust};
}

/* The core's answer; the number of rows of the table. */
static int ask(const problem *p, int guarded, sy_precision precision, sy_shares_summary *summary, double *table)
{
    static posed q;
    sy_context ctx;
    sy_moments m = {0};
    sy_moments_options how;
    sy_shares_options options;
    sy_context_init(&ctx);
    sy_moments_defaults(&how);
    sy_shares_defaults(&options);
    how.precision = precision;
    options.guarded = guarded;
    pose(p, &q);
    if (sy_moments_init(&ctx, &q.design, &how, &m) < 0) fail_msg("moments: %s", ctx.message);
    if (sy_shares(&ctx, &m, &q.question, &options, summary, table) < 0) fail_msg("shares: %s", ctx.message);
    sy_moments_free(&m);
    sy_context_free(&ctx);
    return p->n_blocks + sy_shares_terms(&q.question);
}

static double gauss(syi_stream *s)
{
    double sum = -6;
    for (int i = 0; i < 12; i++) sum += syi_stream_uniform(s);
    return sum;
}

/* A term's values: a factor, a product or square, a near copy of an earlier
 * term (VIF up to 1e12), or a column leaning on the first. */
static void draw_term(syi_stream *s, problem *p, int t, int products)
{
    const uint32_t kind = syi_stream_below(s, 10);
    const int other = t > 0 ? (int)syi_stream_below(s, (uint32_t)t) : -1;
    const double near = pow(10, -6 * syi_stream_uniform(s)), lean = syi_stream_uniform(s);
    p->levels[t] = kind < 2 ? 2 + (int)syi_stream_below(s, MAX_LEVELS - 1) : 0;
    p->times[t] = -1;
    for (int i = 0; i < p->n; i++) {
        const double e = gauss(s);
        if (p->levels[t]) p->x[t][i] = i < p->levels[t] ? i : (double)syi_stream_below(s, (uint32_t)p->levels[t]);
        else if (kind < 5 && other >= 0 && !p->levels[other]) p->x[t][i] = p->x[other][i] + near * e;
        else p->x[t][i] = e + (t > 0 && !p->levels[0] ? lean * p->x[0][i] : 0);
    }
    if (products && !p->levels[t] && kind == 9) p->times[t] = other >= 0 && !p->levels[other] ? other : t;
}

static void draw_weights(syi_stream *s, problem *p)
{
    p->kind = (sy_weight_kind)syi_stream_below(s, 4);
    for (int i = 0; i < p->n; i++) {
        const double u = syi_stream_uniform(s);
        p->weight[i] = p->kind == SY_WEIGHT_NONE ? 1 : p->kind == SY_WEIGHT_FREQUENCY ? floor(1 + 4 * u) : 0.25 + 2 * u;
        if (p->kind != SY_WEIGHT_NONE && i > 40 && u > 0.9) p->weight[i] = 0;
    }
}

/* 1 to 6 terms in 1 to 5 blocks, none empty, and up to 3 adjusting terms. */
static void draw_problem(uint32_t which, problem *p)
{
    syi_stream s;
    memset(p, 0, sizeof *p);
    syi_stream_init(&s, 2024, which, 0);
    const int players = 1 + (int)syi_stream_below(&s, MAX_PLAYERS), most = players < 5 ? players : 5;
    p->n = MAX_ROWS - (int)syi_stream_below(&s, 20);
    p->n_blocks = 1 + (int)syi_stream_below(&s, (uint32_t)most);
    p->n_adjust = syi_stream_below(&s, 3) ? 0 : 1 + (int)syi_stream_below(&s, MAX_TERMS - MAX_PLAYERS);
    p->n_terms = players + p->n_adjust;
    for (int t = 0; t < p->n_terms; t++) {
        draw_term(&s, p, t, 1);
        p->block_of[t] = t < p->n_blocks ? t : t < players ? (int)syi_stream_below(&s, (uint32_t)p->n_blocks) : -1;
    }
    for (int t = p->n_terms - 1; t > 0; t--) { /* shuffled among the blocks and the adjusting terms */
        const int u = (int)syi_stream_below(&s, (uint32_t)t + 1), kept = p->block_of[t];
        p->block_of[t] = p->block_of[u];
        p->block_of[u] = kept;
    }
    draw_weights(&s, p);
    for (int i = 0; i < p->n; i++) {
        p->y[i] = 2 * gauss(&s);
        for (int t = 0; t < p->n_terms; t++) p->y[i] += (t % 3 - 0.7) * p->x[t][i];
    }
}

/* How much a metric may be off, for values off by `tolerance`. */
static double allowed(int metric, double tolerance, const sy_shares_summary *s)
{
    if (metric == SY_PERCENT) return 200 * tolerance / s->total;
    if (metric == SY_ADJUSTED) return 2 * tolerance * (s->n - 1) / s->df_resid;
    return tolerance;
}

/* The largest error as a part of what is allowed; names it when above 1. */
static double compare(uint32_t which, int rows, const sy_shares_summary *s, double tolerance, const double *found,
                      const double *expected)
{
    double worst = 0;
    for (int i = 0; i < rows * SY_N_METRICS; i++) {
        if (isnan(found[i]) && isnan(expected[i])) continue; /* the percentage of a total of 0 */
        const double off = fabs(found[i] - expected[i]) / allowed(i % SY_N_METRICS, tolerance, s);
        if (!(off <= 1))
            fail_msg("problem %u, row %d, %s: found %.17g, expected %.17g, VIF %.3g", which, i / SY_N_METRICS,
                     metric_names[i % SY_N_METRICS], found[i], expected[i], s->vif_max);
        worst = fmax(worst, off);
    }
    return worst;
}

static void whole_model_agrees(const problem *p, const twin *t, const sy_shares_summary *s, double tolerance)
{
    const int all = (1 << p->n_terms) - 1, base = twin_adjusting(p);
    assert_true(fabs(s->total - (double)(t->r2[all] - t->r2[base])) <= tolerance);
    assert_true(fabs(s->r2_adjust - (double)t->r2[base]) <= tolerance);
    assert_true(s->n == (double)t->n && s->n_columns == (int)t->rank[all]);
    assert_true(s->df_resid == (double)(t->n - 1 - t->rank[all]));
    assert_true(fabs(s->n_effective - (double)t->n_effective) <= 1e-12 * s->n_effective);
}

/* The inflation of a factor's columns depends on its base level, so only where
 * there is no factor. 1e-9: 32 digits less 12 for the VIF, less the rounding of
 * the columns' sums. */
static void vif_agrees(const problem *p, const twin *t, const sy_shares_summary *s)
{
    for (int term = 0; term < p->n_terms; term++)
        if (p->levels[term]) return;
    assert_true(fabs(s->vif_max / (double)t->vif_max - 1) < 1e-9);
}

static void shares_agree_with_the_twin_on_random_problems(void **state)
{
    (void)state;
    static problem p;
    static twin t;
    int doubles = 0, typical = 0, collinear = 0;
    double worst_double = 0, worst_guarded = 0, vif = 1;
    for (uint32_t which = 0; which < PROBLEMS; which++) {
        double expected[MAX_TABLE], found[MAX_TABLE];
        sy_shares_summary s;
        draw_problem(which, &p);
        twin_solve(&p, &t);
        twin_table(&p, &t, expected);
        for (int guarded = 0; guarded < 2; guarded++) {
            const int rows = ask(&p, guarded, SY_PRECISION_AUTO, &s, found);
            const double tolerance = s.guarded ? 1e-12 : fmax(1e-12, 1e-17 * s.vif_max);
            const double off = compare(which, rows, &s, tolerance, found, expected);
            whole_model_agrees(&p, &t, &s, tolerance);
            assert_true(
                fabs(s.total_adjusted - (double)(t.adjusted[(1 << p.n_terms) - 1] - t.adjusted[twin_adjusting(&p)])) <=
                allowed(SY_ADJUSTED, tolerance, &s));
            vif_agrees(&p, &t, &s);
            if (s.guarded) worst_guarded = fmax(worst_guarded, off);
            else worst_double = fmax(worst_double, off);
            doubles += !s.guarded;
            typical += !s.guarded && off * tolerance <= fmax(1e-12, 1e-17 * s.vif_max);
            collinear += guarded && s.vif_max > 1e6;
            vif = fmax(vif, s.vif_max);
        }
    }
    print_message(
        "%d in double, %d of them within 1e-17 VIF, worst %.2g of what is allowed; guarded worst %.2g; VIF up "
        "to %.2g, %d above 1e6\n",
        doubles, typical, worst_double, worst_guarded, vif, collinear);
    assert_true(doubles > 300 && collinear > 100 && vif > 1e11);
    assert_true(typical >= 0.99 * doubles);
}

/* A term that follows exactly from another, twice it: it adds nothing to a
 * submodel that holds the other, and is not charged for there either. */
static void aliased_terms_agree_with_the_twin(void **state)
{
    (void)state;
    static problem p;
    static twin t;
    int found_aliased = 0;
    for (uint32_t which = 0; which < 200; which++) {
        double expected[MAX_TABLE], found[MAX_TABLE];
        sy_shares_summary s;
        draw_problem(which, &p);
        const int copy = p.n_terms - 1;
        if (copy == 0 || p.levels[0] || p.times[0] >= 0) continue;
        p.levels[copy] = 0;
        p.times[copy] = -1;
        for (int i = 0; i < p.n; i++) p.x[copy][i] = 2 * p.x[0][i];
        twin_solve(&p, &t);
        twin_table(&p, &t, expected);
        const int rows = ask(&p, 0, SY_PRECISION_AUTO, &s, found);
        assert_true(s.guarded);
        compare(which, rows, &s, 1e-12, found, expected);
        whole_model_agrees(&p, &t, &s, 1e-12);
        found_aliased++;
    }
    assert_true(found_aliased > 50);
}

/* A well-conditioned problem whose values are whole multiples of 2^-10, so that
 * units and shifts round nothing. */
static void draw_plain(uint32_t which, problem *p)
{
    syi_stream s;
    draw_problem(which, p);
    syi_stream_init(&s, 2025, which, 0);
    for (int t = 0; t < p->n_terms; t++) {
        p->times[t] = -1;
        for (int i = 0; i < p->n && !p->levels[t]; i++)
            p->x[t][i] = nearbyint(ldexp(gauss(&s) + (t > 0 && !p->levels[0] ? 0.4 * p->x[0][i] : 0), 10)) / 1024;
    }
    for (int i = 0; i < p->n; i++) {
        p->y[i] = 2 * gauss(&s);
        for (int t = 0; t < p->n_terms; t++) p->y[i] += (t % 3 - 0.7) * p->x[t][i];
        p->y[i] = nearbyint(ldexp(p->y[i], 10)) / 1024;
    }
}

/* The table is the same before and after `change`: 1e-12, as above. */
static void unchanged_by(void (*change)(problem *))
{
    static problem p;
    for (uint32_t which = 0; which < 100; which++) {
        double before[MAX_TABLE], after[MAX_TABLE];
        sy_shares_summary s;
        draw_plain(which, &p);
        ask(&p, 0, SY_PRECISION_AUTO, &s, before);
        change(&p);
        const int rows = ask(&p, 0, SY_PRECISION_AUTO, &s, after);
        compare(which, rows, &s, 1e-12, after, before);
    }
}

static void change_units(problem *p)
{
    for (int i = 0; i < p->n; i++) {
        for (int t = 0; t < p->n_terms; t++)
            if (!p->levels[t]) p->x[t][i] *= t % 2 ? 1000 : -0x1p-30;
        p->y[i] *= 1e6;
    }
}

static void shift_by_a_billion(problem *p)
{
    for (int i = 0; i < p->n; i++) {
        for (int t = 0; t < p->n_terms; t++)
            if (!p->levels[t]) p->x[t][i] += 1e9;
        p->y[i] -= 1e9;
    }
}

static void reverse_rows(problem *p)
{
    const problem kept = *p;
    for (int i = 0; i < p->n; i++) {
        for (int t = 0; t < p->n_terms; t++) p->x[t][i] = kept.x[t][p->n - 1 - i];
        p->y[i] = kept.y[p->n - 1 - i];
        p->weight[i] = kept.weight[p->n - 1 - i];
    }
}

static void change_base_levels(problem *p)
{
    for (int t = 0; t < p->n_terms; t++)
        for (int i = 0; i < p->n && p->levels[t]; i++) p->x[t][i] = ((int)p->x[t][i] + 1) % p->levels[t];
}

static void shares_ignore_units(void **state)
{
    (void)state;
    unchanged_by(change_units);
}

static void shares_ignore_a_shift_of_a_billion(void **state)
{
    (void)state;
    unchanged_by(shift_by_a_billion);
}

static void shares_ignore_the_order_of_rows(void **state)
{
    (void)state;
    unchanged_by(reverse_rows);
}

static void shares_ignore_the_base_level(void **state)
{
    (void)state;
    unchanged_by(change_base_levels);
}

/* Terms and blocks numbered backwards: the rows come in another order, with the
 * same numbers. */
static void shares_ignore_the_order_of_terms_and_blocks(void **state)
{
    (void)state;
    static problem p, q;
    for (uint32_t which = 0; which < 100; which++) {
        double forth[MAX_TABLE], back[MAX_TABLE], turned[MAX_TABLE];
        sy_shares_summary s;
        draw_plain(which, &p);
        q = p;
        for (int t = 0; t < p.n_terms; t++) {
            const int u = p.n_terms - 1 - t, b = p.block_of[u];
            q.levels[t] = p.levels[u];
            q.block_of[t] = b < 0 ? -1 : p.n_blocks - 1 - b;
            memcpy(q.x[t], p.x[u], sizeof q.x[t]);
        }
        const int rows = ask(&p, 0, SY_PRECISION_AUTO, &s, forth), terms = rows - p.n_blocks;
        ask(&q, 0, SY_PRECISION_AUTO, &s, back);
        for (int r = 0; r < rows; r++) {
            const int from = r < p.n_blocks ? p.n_blocks - 1 - r : p.n_blocks + terms - 1 - (r - p.n_blocks);
            memcpy(turned + r * SY_N_METRICS, back + from * SY_N_METRICS, SY_N_METRICS * sizeof *back);
        }
        compare(which, rows, &s, 1e-12, turned, forth);
    }
}

/* Frequency weights are rows written several times. */
static void frequencies_are_repeated_rows(void **state)
{
    (void)state;
    static problem p, q;
    for (uint32_t which = 0; which < 60; which++) {
        double once[MAX_TABLE], often[MAX_TABLE];
        sy_shares_summary s, repeated;
        draw_plain(which, &p);
        p.n = MAX_ROWS / 2;
        p.kind = SY_WEIGHT_FREQUENCY;
        for (int i = 0; i < p.n; i++) p.weight[i] = i % 3;
        q = p;
        q.kind = SY_WEIGHT_NONE;
        q.n = 0;
        for (int i = 0; i < p.n; i++) {
            for (int copy = 0; copy < i % 3; copy++, q.n++) {
                for (int t = 0; t < p.n_terms; t++) q.x[t][q.n] = p.x[t][i];
                q.y[q.n] = p.y[i];
                q.weight[q.n] = 1;
            }
        }
        const int rows = ask(&p, 0, SY_PRECISION_AUTO, &s, once);
        ask(&q, 0, SY_PRECISION_AUTO, &repeated, often);
        assert_true(s.n == q.n && repeated.n == q.n);
        compare(which, rows, &s, 1e-12, once, often);
    }
}

static void parts_add_to_the_total(void **state)
{
    (void)state;
    static problem p;
    for (uint32_t which = 0; which < 200; which++) {
        double table[MAX_TABLE], share = 0, adjusted = 0, percent = 0;
        sy_shares_summary s;
        draw_plain(which, &p);
        const int rows = ask(&p, 0, SY_PRECISION_AUTO, &s, table);
        int at = p.n_blocks;
        for (int b = 0; b < p.n_blocks; b++) {
            const double *block = table + b * SY_N_METRICS;
            double own = 0, own_adjusted = 0;
            for (int t = 0; t < p.n_terms; t++) {
                if (p.block_of[t] != b) continue;
                own += table[at * SY_N_METRICS + SY_SHARE];
                own_adjusted += table[at++ * SY_N_METRICS + SY_ADJUSTED];
            }
            assert_true(fabs(own - block[SY_SHARE]) < 1e-13 && fabs(own_adjusted - block[SY_ADJUSTED]) < 1e-13);
            assert_true(block[SY_LOWEST] <= block[SY_SHARE] + 1e-13 && block[SY_SHARE] <= block[SY_HIGHEST] + 1e-13);
            share += block[SY_SHARE];
            adjusted += block[SY_ADJUSTED];
            percent += block[SY_PERCENT];
        }
        assert_int_equal(at, rows);
        assert_true(fabs(share - s.total) < 1e-13 && fabs(adjusted - s.total_adjusted) < 1e-13);
        assert_true(fabs(percent - 100) < 1e-10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_agree_with_the_twin_on_random_problems),
        cmocka_unit_test(aliased_terms_agree_with_the_twin),
        cmocka_unit_test(shares_ignore_units),
        cmocka_unit_test(shares_ignore_a_shift_of_a_billion),
        cmocka_unit_test(shares_ignore_the_order_of_rows),
        cmocka_unit_test(shares_ignore_the_base_level),
        cmocka_unit_test(shares_ignore_the_order_of_terms_and_blocks),
        cmocka_unit_test(frequencies_are_repeated_rows),
        cmocka_unit_test(parts_add_to_the_total),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
