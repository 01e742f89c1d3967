/* Flips: planted confounders, noise and shared sources are found again, the
 * nearest flip is the nearest, by hand, refusals.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "base/random_internal.h"
#include "steelyard.h"
#include <math.h>
#include <stdio.h>

/* Rows with exact moments: money, listen, plan, need, outcome, and a place for
 * what is planted. Blocks: process (listen or listen and plan), funding, need. */
enum { ROWS = 64, MONEY = 0, LISTEN, PLAN, NEED, Y, U, COLUMNS };
static const char *const names[COLUMNS] = {"money", "listen", "plan", "need", "y", "u"};
static const int terms[COLUMNS] = {0, 1, 2, 3, 4, 5};

typedef struct {
    double x[COLUMNS][ROWS];
    sy_column column[COLUMNS];
    sy_factor factor[COLUMNS];
    sy_term term[COLUMNS];
    sy_block block[3];
    sy_design design;
    sy_question question;
    sy_moments m;
    sy_context ctx;
    sy_flip_options o;
} world;

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("%.17g, expected %.17g within %g", found, expected, tolerance);
}

static double inner(const double *x, const double *y)
{
    double sum = 0;
    for (int i = 0; i < ROWS; i++) sum += x[i] * y[i];
    return sum;
}

/* x without what the first n of basis (orthonormal) and the mean hold of it, to
 * length 1; twice, for digits. */
static void orthonormal(int n, const double basis[][ROWS], double *x)
{
    for (int turn = 0; turn < 2; turn++) {
        double mean = 0;
        for (int i = 0; i < ROWS; i++) mean += x[i] / ROWS;
        for (int i = 0; i < ROWS; i++) x[i] -= mean;
        for (int k = 0; k < n; k++) {
            const double with = inner(basis[k], x);
            for (int i = 0; i < ROWS; i++) x[i] -= with * basis[k][i];
        }
    }
    const double length = sqrt(inner(x, x));
    for (int i = 0; i < ROWS; i++) x[i] /= length;
}

/* x = sum of parts of columns. */
static void mix(double *x, int n, const double *part, const double columns[][ROWS])
{
    double sum[ROWS] = {0};
    for (int k = 0; k < n; k++)
        for (int i = 0; i < ROWS; i++) sum[i] += part[k] * columns[k][i];
    memcpy(x, sum, sizeof sum);
}

static void describe(world *w)
{
    for (int c = 0; c < COLUMNS; c++) {
        w->column[c] = (sy_column){.name = names[c], .data = w->x[c], .stride = sizeof(double), .type = SY_F64};
        w->factor[c] = (sy_factor){c, 1};
        w->term[c] = (sy_term){names[c], 1, &w->factor[c]};
    }
    w->design =
        (sy_design){.n = ROWS, .n_columns = COLUMNS, .columns = w->column, .n_terms = COLUMNS, .terms = w->term};
    w->block[0] = (sy_block){"process", 1, terms + LISTEN};
    w->block[1] = (sy_block){"funding", 1, terms + MONEY};
    w->block[2] = (sy_block){"need", 1, terms + NEED};
    w->question = (sy_question){.outcome = Y, .n_blocks = 3, .blocks = w->block};
    sy_flip_defaults(&w->o);
}

static void open_world(world *w, uint64_t seed)
{
    syi_stream r;
    double part[COLUMNS];
    memset(w, 0, sizeof *w);
    syi_stream_init(&r, seed, 0, 0);
    for (int c = 0; c < COLUMNS; c++)
        for (int i = 0; i < ROWS; i++) w->x[c][i] = syi_stream_normal(&r);
    for (int c = 1; c <= Y; c++) {
        for (int k = 0; k < c; k++) part[k] = 0.4 * syi_stream_normal(&r);
        if (c == Y) part[MONEY] = 0.1, part[LISTEN] = 1, part[PLAN] = 0.3;
        part[c] = 1;
        mix(w->x[c], c + 1, part, w->x);
    }
    sy_context_init(&w->ctx);
    describe(w);
}

/* Moments of the rows as they are now. */
static void read_rows(world *w, sy_unit unit)
{
    sy_moments_options options;
    sy_moments_defaults(&options);
    options.unit = unit;
    sy_moments_free(&w->m);
    if (sy_moments_init(&w->ctx, &w->design, &options, &w->m) < 0) fail_msg("%s", w->ctx.message);
}

static void close_world(world *w)
{
    sy_moments_free(&w->m);
    sy_context_free(&w->ctx);
}

static void check(world *w, sy_status status)
{
    if (status < 0) fail_msg("%s", w->ctx.message);
}

/* Shares of the blocks, U's column forced in after the question's own terms. */
static void forced_in(world *w, double shares[3])
{
    double table[9 * SY_N_METRICS];
    int adjust[3] = {0};
    sy_question q = w->question;
    sy_shares_summary summary;
    sy_shares_options options;
    sy_shares_defaults(&options);
    for (int i = 0; i < q.n_adjust; i++) adjust[i] = q.adjust[i];
    adjust[q.n_adjust++] = U;
    q.adjust = adjust;
    check(w, sy_shares(&w->ctx, &w->m, &q, &options, &summary, table));
    for (int b = 0; b < q.n_blocks; b++) shares[b] = table[b * SY_N_METRICS + SY_SHARE];
}

/* The definition, in rows: orthonormal f, h, e given the adjusting column (need
 * or none) and every other column, U = a f + ... with noise of its own. weights
 * on standardised residuals of money, listen, plan. */
static void plant(world *w, int adjusted, int n_process, const double *weights, sy_confounder u)
{
    double basis[8][ROWS], f[ROWS] = {0}, g[ROWS] = {0};
    int n = 0, given;
    if (adjusted) {
        memcpy(basis[n], w->x[NEED], sizeof basis[n]);
        orthonormal(0, basis, basis[n]);
        n = 1;
    }
    given = n;
    for (int c = MONEY; c <= (n_process == 2 ? PLAN : LISTEN); c++) {
        double x[ROWS], *to = c == MONEY ? f : g;
        memcpy(x, w->x[c], sizeof x);
        orthonormal(given, basis, x);
        for (int i = 0; i < ROWS; i++) to[i] += weights[c] * x[i];
    }
    const int at_f = n, at_h = n + 1, at_e = n + 2;
    memcpy(basis[at_f], f, sizeof f);
    orthonormal(at_f, basis, basis[at_f]);
    memcpy(basis[at_h], g, sizeof g);
    orthonormal(at_h, basis, basis[at_h]);
    memcpy(basis[at_e], w->x[Y], sizeof g);
    orthonormal(at_e, basis, basis[at_e]);
    n = at_e + 1;
    /* U's own part, with no correlation with any column beyond f, h and what U
     * has of the outcome: uncorrelated with f, h, e and with the columns */
    const double a = u.a, b = u.b * sqrt(1 - u.a * u.a), c = u.c * sqrt((1 - u.a * u.a) * (1 - u.b * u.b));
    double all[8][ROWS], own[ROWS];
    int m = 0;
    for (int k = 0; k < given + 2; k++) memcpy(all[m++], basis[k], sizeof own);
    for (int col = MONEY; col <= NEED; col++) {
        double x[ROWS], before;
        if (col == PLAN && n_process == 1) continue;
        memcpy(x, w->x[col], sizeof x);
        double mean = 0;
        for (int i = 0; i < ROWS; i++) mean += x[i] / ROWS;
        for (int i = 0; i < ROWS; i++) x[i] -= mean;
        before = sqrt(inner(x, x));
        for (int k = 0; k < m; k++) {
            const double with = inner(all[k], x);
            for (int i = 0; i < ROWS; i++) x[i] -= with * all[k][i];
        }
        if (sqrt(inner(x, x)) < 1e-8 * before) continue;
        memcpy(all[m], w->x[col], sizeof x);
        orthonormal(m, (const double(*)[ROWS])all, all[m]);
        m++;
    }
    /* y given all columns: the part of e that U can hold */
    memcpy(all[m], w->x[Y], sizeof own);
    orthonormal(m, (const double(*)[ROWS])all, all[m]);
    const double of_e = inner(all[m], basis[at_e]), load = c / of_e;
    memcpy(own, w->x[U], sizeof own);
    orthonormal(m + 1, (const double(*)[ROWS])all, own);
    const double rest = 1 - a * a - b * b - load * load;
    assert_true(rest > 0);
    for (int i = 0; i < ROWS; i++)
        w->x[U][i] = a * basis[at_f][i] + b * basis[at_h][i] + load * all[m][i] + sqrt(rest) * own[i];
}

/* The whole algebra against rows: forcing in the planted column gives the same
 * shares to 1e-10. */
static void planted_confounder_gives_the_forced_in_shares(void **state)
{
    (void)state;
    static const sy_confounder points[] = {
        {0.3, -0.2, 0.4}, {-0.5, 0, 0.3}, {0, 0.6, -0.2}, {0.7, 0.5, 0.1}, {0, 0, 0.5}};
    static const double weights[3] = {1, 0.8, -0.6};
    for (int seed = 1; seed <= 4; seed++)
        for (int form = 0; form < 4; form++)
            for (int i = 0; i < 5; i++) {
                world w;
                double expected[3], found[3];
                const int adjusted = form & 1, n_process = form & 2 ? 2 : 1;
                open_world(&w, (uint64_t)seed);
                w.block[0].n_terms = n_process;
                if (adjusted) {
                    w.question.n_blocks = 2;
                    w.question.n_adjust = 1;
                    w.question.adjust = terms + NEED;
                }
                plant(&w, adjusted, n_process, weights, points[i]);
                read_rows(&w, SY_UNIT_NONE);
                forced_in(&w, expected);
                check(&w, sy_share_flip_at(&w.ctx, &w.m, &w.question, &w.o, weights, 1, &points[i], found));
                for (int b = 0; b < w.question.n_blocks; b++) assert_near(found[b], expected[b], 1e-10);
                close_world(&w);
            }
}

/* Data in which the forced-in order turns just so, by bisection over planted
 * outcome strengths: the ray must cross at 1. */
static double planted_difference(uint64_t seed, sy_confounder u)
{
    static const double weights[3] = {1, 1, 0};
    world w;
    double shares[3];
    open_world(&w, seed);
    plant(&w, 0, 1, weights, u);
    read_rows(&w, SY_UNIT_NONE);
    forced_in(&w, shares);
    close_world(&w);
    return shares[0] - shares[1];
}

static void the_boundary_agrees_with_simulation(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        world w;
        double low = 0, high = 1;
        sy_flip_ray ray = {.along = {-0.6, 0.5, 0.6}};
        assert_true(planted_difference(seed, (sy_confounder){0, 0, 0}) > 0);
        assert_true(planted_difference(seed, ray.along) < 0);
        for (int i = 0; i < 45; i++) {
            const double t = (low + high) / 2;
            if (planted_difference(seed, (sy_confounder){-0.6 * t, 0.5 * t, 0.6 * t}) > 0) low = t;
            else high = t;
        }
        open_world(&w, seed);
        read_rows(&w, SY_UNIT_NONE);
        check(&w, sy_share_flip_rays(&w.ctx, &w.m, &w.question, &w.o, NULL, 1, &ray));
        assert_near(ray.crossing, low, 1e-9);
        close_world(&w);
    }
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
        cmocka_unit_test(planted_confounder_gives_the_forced_in_shares),
        cmocka_unit_test(the_boundary_agrees_with_simulation),
        cmocka_unit_test(the_twin_agrees_and_so_does_what_is_impossible),
        cmocka_unit_test(the_nearest_flip_is_the_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
