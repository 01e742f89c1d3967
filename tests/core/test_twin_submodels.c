/* All submodels, commonality and dominance against slow twins in quadruple
 * precision: each R2 by elimination from nothing, each coefficient as its signed
 * sum, each comparison one by one. Weights, clusters, blocks of several terms,
 * adjusting terms, near copies (VIF up to 1e12) and exact ones among them.
 * SPDX-License-Identifier: GPL-3.0-only
 * Tolerance: 1e-12 for R2 and coefficients, which are differences of up to 2^12 of
 * them. Percentages are allowed that over v(all), adjusted R2 that over the part of
 * the rows that is left. */
#include "base/numeric_internal.h"

#include "base/random_internal.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "steelyard/submodels.h"

__extension__ typedef __float128 quad;

enum { ROWS = 60, MOST = 12, ADJUST = 2, TERMS = MOST + ADJUST, CLUSTERS = 9, SETS = 1 << MOST };

typedef struct {
    int n_terms, n_adjust, n_blocks; /* adjusting terms stand last */
    int block_of[TERMS];
    double x[TERMS][ROWS], y[ROWS], weight[ROWS];
    int32_t cluster[ROWS];
    sy_weight_kind kind;
    int clustered;
} problem;

/* What either side knows of the players: bit i of a set is player i. */
typedef struct {
    int n;
    double columns[SETS], r2[SETS], adjusted[SETS], beyond[SETS], common[SETS], percent[SETS];
    double by_size[MOST * MOST], general[MOST], pairs[MOST * (MOST - 1) / 2][SY_N_DOMINANCE][SY_N_PAIR];
} answer;

static double gauss(syi_stream *s)
{
    double sum = -6;
    for (int i = 0; i < 12; i++) sum += syi_stream_uniform(s);
    return sum;
}

static void draw_problem(uint32_t which, int most, problem *p)
{
    syi_stream s;
    memset(p, 0, sizeof *p);
    syi_stream_init(&s, 77, which, 0);
    const int players = most > 7 ? most : 1 + (int)syi_stream_below(&s, (uint32_t)most);
    p->n_adjust = syi_stream_below(&s, 3) ? 0 : 1 + (int)syi_stream_below(&s, ADJUST);
    p->n_terms = players + p->n_adjust;
    p->n_blocks = 1 + (int)syi_stream_below(&s, (uint32_t)players);
    p->kind = (sy_weight_kind)syi_stream_below(&s, 4);
    p->clustered = (int)syi_stream_below(&s, 2);
    for (int t = 0; t < p->n_terms; t++) {
        const uint32_t how = syi_stream_below(&s, 12);
        const int other = t > 0 ? (int)syi_stream_below(&s, (uint32_t)t) : 0;
        const double near = pow(10, -6 * syi_stream_uniform(&s)), lean = syi_stream_uniform(&s);
        p->block_of[t] = t < p->n_blocks ? t : (int)syi_stream_below(&s, (uint32_t)p->n_blocks);
        for (int i = 0; i < ROWS; i++) {
            const double e = gauss(&s);
            if (t > 0 && how < 3) p->x[t][i] = p->x[other][i] + near * e;
            else if (t > 0 && how == 3) p->x[t][i] = 2 * p->x[other][i];
            else p->x[t][i] = e + (t > 0 ? lean * p->x[0][i] : 0);
        }
    }
    for (int i = 0; i < ROWS; i++) {
        const double u = syi_stream_uniform(&s);
        p->weight[i] = p->kind == SY_WEIGHT_NONE ? 1 : p->kind == SY_WEIGHT_FREQUENCY ? floor(1 + 4 * u) : 0.25 + u;
        p->cluster[i] = (int32_t)syi_stream_below(&s, CLUSTERS);
        p->y[i] = 2 * gauss(&s);
        for (int t = 0; t < p->n_terms; t++) p->y[i] += (t % 3 - 0.7) * p->x[t][i];
    }
}

/* Twin ------------------------------------------------------------------ */

static quad cross[TERMS + 1][TERMS + 1], r2_of[SETS], rank_of[SETS];

static void twin_cross(const problem *p, quad *n)
{
    static quad z[TERMS + 1][ROWS];
    quad sum_w = 0;
    *n = 0;
    for (int i = 0; i < ROWS; i++) {
        sum_w += p->weight[i];
        *n += p->kind == SY_WEIGHT_FREQUENCY ? p->weight[i] : 1;
    }
    for (int a = 0; a <= p->n_terms; a++) {
        quad mean = 0;
        for (int i = 0; i < ROWS; i++) mean += p->weight[i] * (quad)(a < p->n_terms ? p->x[a][i] : p->y[i]) / sum_w;
        for (int i = 0; i < ROWS; i++) z[a][i] = (a < p->n_terms ? p->x[a][i] : p->y[i]) - mean;
    }
    for (int a = 0; a <= p->n_terms; a++)
        for (int b = 0; b <= p->n_terms; b++) {
            cross[a][b] = 0;
            for (int i = 0; i < ROWS; i++) cross[a][b] += p->weight[i] * z[a][i] * z[b][i];
        }
}

/* A pivot below 1e-24 of its column's sum of squares follows from those before. */
static quad twin_r2(const problem *p, const int *in, quad *rank)
{
    static quad a[TERMS + 1][TERMS + 1];
    const int y = p->n_terms;
    memcpy(a, cross, sizeof a);
    *rank = 0;
    for (int c = 0; c < y; c++) {
        if (!in[c] || !(a[c][c] > cross[c][c] * 1e-24)) continue;
        *rank += 1;
        for (int i = 0; i <= y; i++) {
            const quad factor = a[i][c] / a[c][c];
            for (int j = c; j <= y && i != c; j++) a[i][j] -= factor * a[c][j];
        }
    }
    return 1 - a[y][y] / cross[y][y];
}

static void twin_submodels(const problem *p, sy_players players, quad n, answer *out)
{
    const int terms = p->n_terms - p->n_adjust;
    out->n = players == SY_PLAYERS_TERMS ? terms : p->n_blocks;
    for (int set = 0; set < 1 << out->n; set++) {
        int in[TERMS] = {0}, place = 0;
        /* terms are counted block by block, as the question lists them */
        for (int b = 0; b < p->n_blocks; b++)
            for (int t = 0; t < terms; t++)
                if (p->block_of[t] == b) in[t] = set >> (players == SY_PLAYERS_TERMS ? place++ : b) & 1;
        for (int t = terms; t < p->n_terms; t++) in[t] = 1;
        r2_of[set] = twin_r2(p, in, &rank_of[set]);
        out->columns[set] = (double)rank_of[set];
        out->r2[set] = (double)r2_of[set];
        out->adjusted[set] = (double)(1 - (1 - r2_of[set]) * (n - 1) / (n - 1 - rank_of[set]));
        out->beyond[set] = (double)(r2_of[set] - r2_of[0]);
    }
}

static void twin_common(answer *out)
{
    const int all = (1 << out->n) - 1;
    for (int a = 1; a <= all; a++) {
        quad sum = 0;
        for (int b = a; b; b = (b - 1) & a)
            sum += (__builtin_popcount((unsigned)(a ^ b)) % 2 ? -1 : 1) * (r2_of[all] - r2_of[all ^ b]);
        out->common[a] = (double)sum;
        out->percent[a] = (double)(100 * sum / (r2_of[all] - r2_of[0]));
    }
}

static void tally(double first, double second, double count, double *row)
{
    row[SY_PAIR_FIRST] = first / count;
    row[SY_PAIR_SECOND] = second / count;
    row[SY_PAIR_TIED] = (count - first - second) / count;
    row[SY_PAIR_VALUE] = first > 0 && second == 0 ? 1 : second > 0 && first == 0 ? 0 : 0.5;
}

static void twin_dominance(double tolerance, answer *out)
{
    static quad average[MOST][MOST];
    quad general[MOST];
    int pair = 0;
    for (int i = 0; i < out->n; i++) {
        quad count[MOST] = {0};
        memset(average[i], 0, sizeof average[i]);
        for (int s = 0; s < 1 << out->n; s++) {
            if (s >> i & 1) continue;
            average[i][__builtin_popcount((unsigned)s)] += r2_of[s | 1 << i] - r2_of[s];
            count[__builtin_popcount((unsigned)s)] += 1;
        }
        general[i] = 0;
        for (int size = 0; size < out->n; size++) {
            average[i][size] /= count[size];
            out->by_size[size * out->n + i] = (double)average[i][size];
            general[i] += average[i][size] / out->n;
        }
        out->general[i] = (double)general[i];
    }
    for (int i = 0; i < out->n; i++)
        for (int j = i + 1; j < out->n; j++, pair++) {
            double complete[3] = {0}, conditional[2] = {0};
            for (int s = 0; s < 1 << out->n; s++) {
                if (s >> i & 1 || s >> j & 1) continue;
                complete[0] += r2_of[s | 1 << i] - r2_of[s | 1 << j] > tolerance;
                complete[1] += r2_of[s | 1 << j] - r2_of[s | 1 << i] > tolerance;
                complete[2] += 1;
            }
            for (int size = 0; size < out->n; size++) {
                conditional[0] += average[i][size] - average[j][size] > tolerance;
                conditional[1] += average[j][size] - average[i][size] > tolerance;
            }
            tally(complete[0], complete[1], complete[2], out->pairs[pair][SY_DOMINANCE_COMPLETE]);
            tally(conditional[0], conditional[1], out->n, out->pairs[pair][SY_DOMINANCE_CONDITIONAL]);
            tally(general[i] - general[j] > tolerance, general[j] - general[i] > tolerance, 1,
                  out->pairs[pair][SY_DOMINANCE_GENERAL]);
        }
}

/* The core ---------------------------------------------------------------- */

typedef struct {
    char name[TERMS + 3][8], block_name[MOST][8], cluster_name[CLUSTERS][8];
    const char *clusters[CLUSTERS];
    sy_column column[TERMS + 3];
    sy_factor factor[TERMS + 1];
    sy_term term[TERMS + 1];
    sy_block block[MOST];
    int member[TERMS];
    sy_design design;
    sy_question question;
} posed;

static void pose(const problem *p, posed *q)
{
    const int y = p->n_terms, terms = p->n_terms - p->n_adjust;
    int placed = 0;
    memset(q, 0, sizeof *q);
    for (int t = 0; t <= y; t++) {
        snprintf(q->name[t], sizeof q->name[t], t < y ? "x%d" : "y", t);
        q->column[t] =
            (sy_column){.name = q->name[t], .data = t < y ? p->x[t] : p->y, .stride = sizeof(double), .type = SY_F64};
        q->factor[t] = (sy_factor){t, 1};
        q->term[t] = (sy_term){q->name[t], 1, &q->factor[t]};
    }
    for (int g = 0; g < CLUSTERS; g++) {
        snprintf(q->cluster_name[g], sizeof q->cluster_name[g], "c%d", g);
        q->clusters[g] = q->cluster_name[g];
    }
    q->column[y + 1] = (sy_column){.name = "w", .data = p->weight, .stride = sizeof(double), .type = SY_F64};
    q->column[y + 2] = (sy_column){.name = "g",
                                   .data = p->cluster,
                                   .stride = sizeof(int32_t),
                                   .type = SY_CODES,
                                   .n_levels = CLUSTERS,
                                   .levels = q->clusters};
    for (int b = 0; b < p->n_blocks; b++) {
        snprintf(q->block_name[b], sizeof q->block_name[b], "b%d", b);
        q->block[b] = (sy_block){.name = q->block_name[b], .terms = q->member + placed};
        for (int t = 0; t < terms; t++)
            if (p->block_of[t] == b) {
                q->member[placed++] = t;
                q->block[b].n_terms++;
            }
    }
    for (int t = terms; t < y; t++) q->member[t] = t;
    q->design = (sy_design){.n = ROWS,
                            .n_columns = y + 1,
                            .columns = q->column,
                            .n_terms = y + 1,
                            .terms = q->term,
                            .weights = p->kind ? &q->column[y + 1] : NULL,
                            .weight_kind = p->kind,
                            .cluster = p->clustered ? &q->column[y + 2] : NULL};
    q->question = (sy_question){.outcome = y,
                                .n_blocks = p->n_blocks,
                                .blocks = q->block,
                                .n_adjust = p->n_adjust,
                                .adjust = q->member + terms};
}

static void ask(const problem *p, sy_players players, answer *out)
{
    static posed q;
    static double table[SY_N_SUBMODEL * SETS];
    static int32_t set[SETS];
    sy_context ctx;
    sy_moments m = {0};
    const sy_moments_options how = {.unit = p->clustered ? SY_UNIT_CLUSTER : SY_UNIT_NONE};
    const sy_dominance_options options = {.players = players, .tolerance = 1e-10};
    pose(p, &q);
    sy_context_init(&ctx);
    if (sy_moments_init(&ctx, &q.design, &how, &m) < 0) fail_msg("moments: %s", ctx.message);
    out->n = sy_submodels_players(&q.question, players);
    const ptrdiff_t sets = 1 + sy_submodels_sets(out->n, out->n);
    assert_true(sets == (ptrdiff_t)1 << out->n);
    if (sy_submodels(&ctx, &m, &q.question, players, table, set) < 0) fail_msg("submodels: %s", ctx.message);
    for (ptrdiff_t i = 0; i < sets; i++) {
        out->columns[set[i]] = table[SY_SUBMODEL_COLUMNS * sets + i];
        out->r2[set[i]] = table[SY_SUBMODEL_R2 * sets + i];
        out->adjusted[set[i]] = table[SY_SUBMODEL_ADJUSTED * sets + i];
        out->beyond[set[i]] = table[SY_SUBMODEL_BEYOND * sets + i];
        const int before = i ? __builtin_popcount((unsigned)set[i - 1]) : -1;
        const int here = __builtin_popcount((unsigned)set[i]);
        assert_true(here > before || (here == before && out->r2[set[i]] <= out->r2[set[i - 1]]));
    }
    if (sy_commonality(&ctx, &m, &q.question, players, out->n, table, set) < 0) fail_msg("common: %s", ctx.message);
    for (ptrdiff_t i = 0; i < sets - 1; i++) {
        out->common[set[i]] = table[SY_COMMONALITY_COEFFICIENT * (sets - 1) + i];
        out->percent[set[i]] = table[SY_COMMONALITY_PERCENT * (sets - 1) + i];
    }
    const sy_status status =
        sy_dominance(&ctx, &m, &q.question, &options, out->by_size, out->general, &out->pairs[0][0][0]);
    if (out->n > 1 && status < 0) fail_msg("dominance: %s", ctx.message);
    assert_true(out->n > 1 || status == SY_EINVAL);
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

static void near(const char *what, uint32_t which, int place, double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance))
        fail_msg("problem %u, %s %d: found %.17g, expected %.17g", which, what, place, found, expected);
}

static double agree(uint32_t which, const answer *found, const answer *twin, quad n)
{
    const int sets = 1 << twin->n, all = sets - 1;
    double worst = 0;
    assert_int_equal(found->n, twin->n);
    for (int s = 0; s < sets; s++) {
        assert_true(found->columns[s] == twin->columns[s]);
        near("r2", which, s, found->r2[s], twin->r2[s], 1e-12);
        near("beyond", which, s, found->beyond[s], twin->beyond[s], 1e-12);
        near("adjusted", which, s, found->adjusted[s], twin->adjusted[s],
             1e-12 * (double)(n - 1) / ((double)(n - 1) - twin->columns[s]));
        if (s) near("common", which, s, found->common[s], twin->common[s], 1e-12);
        if (s && twin->beyond[all] > 1e-24)
            near("percent", which, s, found->percent[s], twin->percent[s], 2e-10 / twin->beyond[all]);
        if (s) worst = fmax(worst, fabs(found->common[s] - twin->common[s]));
    }
    if (twin->n == 1) return worst;
    for (int i = 0; i < twin->n * twin->n; i++) near("by size", which, i, found->by_size[i], twin->by_size[i], 1e-12);
    for (int i = 0; i < twin->n; i++) near("general", which, i, found->general[i], twin->general[i], 1e-12);
    assert_memory_equal(found->pairs, twin->pairs, (size_t)(twin->n * (twin->n - 1) / 2) * sizeof twin->pairs[0]);
    return worst;
}

static double hold_to_the_twin(uint32_t first, uint32_t count, int most)
{
    static problem p;
    static answer found, twin;
    double worst = 0;
    for (uint32_t which = first; which < first + count; which++) {
        quad n;
        draw_problem(which, most, &p);
        twin_cross(&p, &n);
        for (int players = 0; players < 2; players++) {
            if (players == SY_PLAYERS_BLOCKS && most > 7) continue;
            twin_submodels(&p, (sy_players)players, n, &twin);
            twin_common(&twin);
            twin_dominance(1e-10, &twin);
            ask(&p, (sy_players)players, &found);
            worst = fmax(worst, agree(which, &found, &twin, n));
        }
    }
    return worst;
}

static void submodels_agree_with_the_twin_on_1000_random_problems(void **state)
{
    (void)state;
    print_message("coefficients off by at most %.2g\n", hold_to_the_twin(0, 1000, 6));
}

static void twelve_players_agree_with_the_twin(void **state)
{
    (void)state;
    print_message("coefficients off by at most %.2g\n", hold_to_the_twin(5000, 3, 12));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(submodels_agree_with_the_twin_on_1000_random_problems),
        cmocka_unit_test(twelve_players_agree_with_the_twin),
    };
    cmocka_set_test_filter(getenv("STEELYARD_TEST"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
