/* Share-flip against its slow twin: the augmented correlations written out in
 * quadruple precision, and a dense grid of confounders.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "base/random_internal.h"
#include "steelyard.h"
#include <math.h>

static const int terms[] = {0, 1, 2, 3, 4};

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("%.17g, expected %.17g within %g", found, expected, tolerance);
}

/* D by nothing that the core has: the correlations of (U, columns, outcome) with
 * U's filled in from its regression on f and g, in quadruple precision, and
 * increments averaged over all orders after U. One column a block. */
__extension__ typedef __float128 quad;
enum { TWIN = 5 };

static quad explained(const quad r[TWIN + 1][TWIN + 1], int k, int set)
{
    quad a[TWIN + 1][TWIN + 1];
    memcpy(a, r, sizeof a);
    for (int c = 0; c <= k; c++) { /* 0: U */
        if (c && !(set >> (c - 1) & 1)) continue;
        for (int i = 0; i <= k + 1; i++) {
            if (i == c) continue;
            const quad part = a[i][c] / a[c][c];
            for (int j = 0; j <= k + 1; j++) a[i][j] -= part * a[c][j];
        }
    }
    return 1 - a[k + 1][k + 1];
}

/* r [(k + 1)^2]: columns 0 .. k - 1 and the outcome; process is column 0,
 * funding column 1. NaN where the augmented matrix is not definite. */
static double twin_difference(int k, const double *r, sy_confounder u)
{
    quad m[TWIN + 1][TWIN + 1] = {{1}};
    for (int i = 0; i <= k; i++)
        for (int j = 0; j <= k; j++) m[i + 1][j + 1] = r[i * (k + 1) + j];
    const quad with = r[1], a = u.a, left = 1 - with * with;
    const quad of_g = a * with + (quad)(u.b * sqrt(1 - u.a * u.a)) * (quad)sqrt((double)left);
    /* coefficients of U on (f, g), from its two correlations */
    const quad on_f = (a - with * of_g) / left, on_g = (of_g - with * a) / left;
    const quad ry_f = m[2][k + 1], ry_g = m[1][k + 1];
    const quad rest = 1 - (ry_f * ry_f + ry_g * ry_g - 2 * with * ry_f * ry_g) / left;
    for (int j = 1; j <= k + 1; j++) m[0][j] = m[j][0] = on_f * m[2][j] + on_g * m[1][j];
    const quad alone = 1 - on_f * a - on_g * of_g;
    m[0][k + 1] += (quad)u.c * (quad)sqrt((double)(alone * rest));
    m[k + 1][0] = m[0][k + 1];
    if (!(explained(m, k, (1 << k) - 1) < 1)) return NAN;
    quad sum = 0;
    int orders = 0, order[TWIN];
    for (int code = 0; code < 3125; code++) { /* all k-digit numbers that are orders */
        int seen = 0, before = 0, rest_of = code;
        for (int i = 0; i < k; i++, rest_of /= 5) seen |= 1 << (order[i] = rest_of % 5);
        if (rest_of || seen != (1 << k) - 1) continue;
        for (int i = 0; i < k; i++) {
            const int after = before | 1 << order[i];
            const quad gain = explained(m, k, after) - explained(m, k, before);
            sum += order[i] == 0 ? gain : order[i] == 1 ? -gain : 0;
            before = after;
        }
        orders++;
    }
    return (double)(sum / orders);
}

typedef struct {
    int k;
    double r[(TWIN + 1) * (TWIN + 1)];
    sy_block block[TWIN];
    sy_question question;
    sy_moments m;
    sy_context ctx;
    sy_flip_options o;
} table_world;

/* Columns of a random factor model: process above funding. */
static void open_table(table_world *t, int k, uint64_t seed)
{
    static const char *const labels[] = {"process", "funding", "need", "age", "y"};
    const char *own[TWIN + 1];
    syi_stream r;
    double load[TWIN + 1][TWIN + 1];
    memset(t, 0, sizeof *t);
    t->k = k;
    syi_stream_init(&r, seed, 1, 0);
    for (int i = 0; i <= k; i++) {
        double square = 0;
        for (int j = 0; j <= k; j++) {
            load[i][j] = j > i ? 0 : j == i ? 1 : 0.5 * syi_stream_normal(&r);
            if (i == k && j < 2) load[i][j] = j ? 0.15 : 0.7;
            square += load[i][j] * load[i][j];
        }
        for (int j = 0; j <= k; j++) load[i][j] /= sqrt(square);
        own[i] = i == k ? "y" : labels[i];
    }
    for (int i = 0; i <= k; i++)
        for (int j = 0; j <= k; j++) {
            double sum = 0;
            for (int f = 0; f <= k; f++) sum += load[i][f] * load[j][f];
            t->r[i * (k + 1) + j] = i == j ? 1 : sum;
        }
    for (int b = 0; b < k; b++) t->block[b] = (sy_block){labels[b], 1, terms + b};
    t->question = (sy_question){.outcome = k, .n_blocks = k, .blocks = t->block};
    sy_context_init(&t->ctx);
    sy_flip_defaults(&t->o);
    if (sy_moments_from_correlation(&t->ctx, k + 1, t->r, 200, own, &t->m) < 0) fail_msg("%s", t->ctx.message);
}

static void close_table(table_world *t)
{
    sy_moments_free(&t->m);
    sy_context_free(&t->ctx);
}

static double core_difference(table_world *t, sy_confounder u)
{
    double shares[TWIN];
    if (sy_share_flip_at(&t->ctx, &t->m, &t->question, &t->o, NULL, 1, &u, shares) < 0) fail_msg("%s", t->ctx.message);
    return shares[0] - shares[1];
}

/* 1e-12: plain double against quadruple, correlations up to .95. */
static void the_twin_agrees_and_so_does_what_is_impossible(void **state)
{
    (void)state;
    syi_stream r;
    int impossible = 0;
    syi_stream_init(&r, 7, 0, 0);
    for (uint64_t seed = 1; seed <= 12; seed++) {
        table_world t;
        open_table(&t, 2 + (int)seed % 3, seed);
        for (int i = 0; i < 25; i++) {
            const sy_confounder u = {1.9 * syi_stream_uniform(&r) - 0.95, 1.9 * syi_stream_uniform(&r) - 0.95,
                                     1.9 * syi_stream_uniform(&r) - 0.95};
            const double expected = twin_difference(t.k, t.r, u), found = core_difference(&t, u);
            assert_true(isnan(expected) == isnan(found));
            impossible += isnan(expected) != 0;
            if (!isnan(expected)) assert_near(found, expected, 1e-12);
        }
        close_table(&t);
    }
    assert_true(impossible > 10);
}

/* No point of a dense grid nearer than the distance turns the order, for any of
 * the seven sets, by the twin; and each nearest point is one where it turns. */
static void the_nearest_flip_is_the_nearest(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        table_world t;
        sy_share_flip_result result;
        open_table(&t, 2 + (int)seed % 2, seed);
        if (sy_share_flip(&t.ctx, &t.m, &t.question, &t.o, &result, NULL) < 0) fail_msg("%s", t.ctx.message);
        assert_false(result.reversed);
        for (int set = 1; set < SY_FLIP_SETS; set++) {
            const sy_flip_point *p = &result.nearest[set];
            const double reach = isnan(p->distance) ? 0.999 : p->distance * (1 - 1e-6);
            if (!isnan(p->distance)) assert_near(twin_difference(t.k, t.r, p->at), 0, 1e-11);
            assert_true(isnan(p->distance) || (set & SY_FLIP_A) || p->at.a == 0);
            for (int i = -10; i <= 10; i++)
                for (int j = -10; j <= 10; j++)
                    for (int l = 0; l <= 10; l++) {
                        if ((i && !(set & SY_FLIP_A)) || (j && !(set & SY_FLIP_B)) || (l && !(set & SY_FLIP_C)))
                            continue;
                        const sy_confounder u = {reach * i / 10, reach * j / 10, reach * l / 10};
                        const double d = twin_difference(t.k, t.r, u);
                        if (d < 0) fail_msg("seed %d set %d: %g at %g %g %g", (int)seed, set, d, u.a, u.b, u.c);
                    }
        }
        close_table(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_twin_agrees_and_so_does_what_is_impossible),
        cmocka_unit_test(the_nearest_flip_is_the_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
