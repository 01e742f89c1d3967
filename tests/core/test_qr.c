/* SPDX-License-Identifier: GPL-3.0-only
 * NIST's eleven linear sets with their certified values, recomputed to 40
 * digits from the printed decimals (tests/reference/nist). The decimals are
 * read into double-double and the powers built there, so that what is tested is
 * the factorisation and not the rounding of its input. LRE, the log relative
 * error, is the number of correct digits. */
#include "base/numeric_internal.h"

#include "algebra/qr_internal.h"
#include "base/random_internal.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { MAX_N = 90, MAX_P = 11 };
static const double no_floor[MAX_P] = {0};

static const struct {
    const char *name;
    int n, first, p, x_columns; /* first: power of the first column (0 with intercept) */
} sets[] = {
    {"Norris", 36, 0, 2, 1},   {"Pontius", 40, 0, 3, 1},  {"NoInt1", 11, 1, 1, 1},   {"NoInt2", 3, 1, 1, 1},
    {"Filip", 82, 0, 11, 1},   {"Longley", 16, 0, 7, 6},  {"Wampler1", 21, 0, 6, 1}, {"Wampler2", 21, 0, 6, 1},
    {"Wampler3", 21, 0, 6, 1}, {"Wampler4", 21, 0, 6, 1}, {"Wampler5", 21, 0, 6, 1},
};
enum { N_SETS = sizeof sets / sizeof *sets };

typedef struct {
    int n, p;
    syi_dd a[MAX_N * MAX_P], b[MAX_N];
} problem;

/* The decimal m / 10^k a text prints, m a whole number below 2^53. */
static syi_dd decimal(const char *text)
{
    double m = 0, ten = 1;
    int behind = 0;
    for (const char *c = text; *c; c++) {
        if (*c == '.') behind = 1;
        if (*c < '0' || *c > '9') continue;
        m = 10 * m + (*c - '0');
        if (behind) ten *= 10;
    }
    assert_true(m < 9e15 && !strpbrk(text, "eE"));
    return syi_dd_div(syi_dd_of(*text == '-' ? -m : m), syi_dd_of(ten));
}

static void read_set(int which, problem *q)
{
    char path[200], line[400];
    snprintf(path, sizeof path, "tests/reference/nist/lls/%s.dat", sets[which].name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    q->n = sets[which].n;
    q->p = sets[which].p;
    for (int i = 0; i < 60; i++) assert_non_null(fgets(line, sizeof line, file));
    for (int i = 0; i < q->n; i++) {
        assert_non_null(fgets(line, sizeof line, file));
        q->b[i] = decimal(strtok(line, " \r\n"));
        syi_dd x[6];
        for (int j = 0; j < sets[which].x_columns; j++) {
            const char *text = strtok(NULL, " \r\n");
            assert_non_null(text);
            x[j] = decimal(text);
        }
        q->a[i] = sets[which].first ? x[0] : syi_dd_of(1);
        for (int j = 1; j < q->p; j++)
            q->a[j * q->n + i] = sets[which].x_columns > 1 ? x[j - 1] : syi_dd_mul(q->a[(j - 1) * q->n + i], x[0]);
    }
    fclose(file);
}

static double certified(const char *set, const char *quantity)
{
    char line[200], wanted[60], exact[60];
    FILE *file = fopen("tests/reference/nist/certified.csv", "r");
    double value = NAN;
    assert_non_null(file);
    snprintf(wanted, sizeof wanted, "lls,%s,%s,", set, quantity);
    while (fgets(line, sizeof line, file)) {
        if (strncmp(line, wanted, strlen(wanted)) != 0) continue;
        assert_int_equal(sscanf(line + strlen(wanted), "%*[^,],%59[^,]", exact), 1);
        value = strtod(exact, NULL);
    }
    fclose(file);
    if (isnan(value)) fail_msg("%s: %s is not in certified.csv", set, quantity);
    return value;
}

/* Digits of `found` that agree with the certified value. */
static double digits(double found, const char *set, const char *quantity, int power)
{
    char name[20];
    snprintf(name, sizeof name, power < 0 ? "%s" : "%s%d", quantity, power);
    const double c = certified(set, name), off = fabs(found - c) / (c == 0 ? 1 : fabs(c));
    return off == 0 ? 17 : -log10(off);
}

static double worst_of(double worst, double one)
{
    return one < worst ? one : worst;
}

/* |R^-T e_j|: the standard error of x_j over the residual standard deviation. */
static double unscaled_error(int p, const syi_dd *r, int j)
{
    syi_dd w[MAX_P], sum = syi_dd_of(0);
    for (int i = j; i < p; i++) {
        w[i] = syi_dd_of(i == j);
        for (int k = j; k < i; k++) w[i] = syi_dd_sub(w[i], syi_dd_mul(r[k * p + i], w[k]));
        w[i] = syi_dd_div(w[i], r[i * p + i]);
        sum = syi_dd_add(sum, syi_dd_mul(w[i], w[i]));
    }
    return syi_dd_round(syi_dd_sqrt(sum));
}

/* 15 of 15 certified digits; Wampler1 and 2 fit exactly, there the certified
 * residual 0 is met to 1e-15 absolute. Standard errors are products of two
 * rounded numbers: 15 digits as well. */
static void twofold_gives_every_certified_digit(void **state)
{
    (void)state;
    static problem q;
    static syi_dd work[2 * MAX_N];
    for (int s = 0; s < N_SETS; s++) {
        const char *name = sets[s].name;
        syi_dd x[MAX_P], r[MAX_P * MAX_P], rss;
        int aliased[MAX_P];
        double worst = 17;
        read_set(s, &q);
        assert_int_equal(syi_qr_twofold(q.n, q.p, q.a, q.b, no_floor, aliased, x, &rss, r, work), q.p);
        const double rsd = sqrt(syi_dd_round(rss) / (q.n - q.p));
        for (int j = 0; j < q.p; j++) {
            worst = worst_of(worst, digits(syi_dd_round(x[j]), name, "B", j + sets[s].first));
            worst = worst_of(worst, digits(rsd * unscaled_error(q.p, r, j), name, "SE", j + sets[s].first));
        }
        worst = worst_of(worst, digits(rsd, name, "rsd", -1));
        if (worst < 15) fail_msg("%s: %.2f digits", name, worst);
    }
}

static void fill(uint32_t which, int n, int p, syi_dd *a, syi_dd *b)
{
    syi_stream s;
    syi_stream_init(&s, 23, which, 0);
    for (int i = 0; i < n * p; i++) a[i] = syi_dd_of(syi_stream_uniform(&s) - 0.5);
    for (int i = 0; i < n; i++) b[i] = syi_dd_of(syi_stream_uniform(&s));
}

/* R'R = A'A, R upper triangular. 30 products: 1e-30 leaves a factor of ten. */
static void r_is_a_factor_of_the_cross_products(void **state)
{
    (void)state;
    enum { N = 30, P = 5 };
    syi_dd a[N * P], kept[N * P], b[N], x[P], r[P * P], rss, work[2 * N];
    int aliased[P];
    fill(1, N, P, a, b);
    memcpy(kept, a, sizeof a);
    assert_int_equal(syi_qr_twofold(N, P, a, b, no_floor, aliased, x, &rss, r, work), P);
    for (int i = 0; i < P; i++) {
        for (int j = 0; j < P; j++) {
            syi_dd sum = syi_dd_of(0);
            for (int k = 0; k < N; k++) sum = syi_dd_add(sum, syi_dd_mul(kept[i * N + k], kept[j * N + k]));
            for (int k = 0; k < P; k++) sum = syi_dd_sub(sum, syi_dd_mul(r[k * P + i], r[k * P + j]));
            assert_true(fabs(sum.hi) < 1e-30);
            if (j < i) assert_true(r[i * P + j].hi == 0);
        }
    }
}

/* Columns a, 3 a, 0, b: the second and third are passed over, the fit is that
 * of a and b. */
static void aliased_columns_are_passed_over(void **state)
{
    (void)state;
    enum { N = 12 };
    static const double floors[4] = {1e-25, 1e-25, 1e-25, 1e-25};
    syi_dd two[2 * N], b[N], four[4 * N], b4[N], x[2], x4[4], r[4], r4[16], rss, rss4, work[2 * N];
    int aliased[4];
    fill(2, N, 2, two, b);
    for (int i = 0; i < N; i++) {
        four[i] = two[i];
        four[N + i] = syi_dd_mul_d(two[i], 3);
        four[2 * N + i] = syi_dd_of(0);
        four[3 * N + i] = two[N + i];
        b4[i] = b[i];
    }
    assert_int_equal(syi_qr_twofold(N, 2, two, b, floors, aliased, x, &rss, r, work), 2);
    assert_int_equal(syi_qr_twofold(N, 4, four, b4, floors, aliased, x4, &rss4, r4, work), 2);
    assert_true(!aliased[0] && aliased[1] && aliased[2] && !aliased[3]);
    assert_true(x4[0].hi == x[0].hi && x4[3].hi == x[1].hi && x4[1].hi == 0 && x4[2].hi == 0);
    assert_true(rss4.hi == rss.hi);
}

/* Powers of two round nothing: the same bits, whatever the units. Units of
 * 2^-500 and 2^500 would under- and overflow if squared as they are. */
static void units_change_no_bit(void **state)
{
    (void)state;
    enum { N = 15, P = 3 };
    static const int unit[P] = {-500, 0, 480};
    for (int turn = 0; turn < 2; turn++) {
        syi_dd a[N * P], b[N], x[P][2], r[P * P], rss, work[2 * N], found[P];
        int aliased[P];
        for (int scaled = 0; scaled < 2; scaled++) {
            fill(3, N, P, a, b);
            for (int j = 0; scaled && j < P; j++)
                for (int i = 0; i < N; i++) a[j * N + i].hi = ldexp(a[j * N + i].hi, unit[(j + turn) % P]);
            assert_int_equal(syi_qr_twofold(N, P, a, b, no_floor, aliased, found, &rss, r, work), P);
            for (int j = 0; j < P; j++) x[j][scaled] = found[j];
        }
        for (int j = 0; j < P; j++) {
            assert_true(x[j][1].hi == ldexp(x[j][0].hi, -unit[(j + turn) % P]));
            assert_true(x[j][1].lo == ldexp(x[j][0].lo, -unit[(j + turn) % P]));
        }
    }
}

/* As many rows as columns: an exact fit, nothing left. */
static void a_square_problem_is_solved_exactly(void **state)
{
    (void)state;
    enum { P = 4 };
    syi_dd a[P * P], kept[P * P], b[P], y[P], x[P], r[P * P], rss, work[2 * P];
    int aliased[P];
    fill(4, P, P, a, b);
    memcpy(kept, a, sizeof a);
    memcpy(y, b, sizeof b);
    assert_int_equal(syi_qr_twofold(P, P, a, b, no_floor, aliased, x, &rss, r, work), P);
    assert_true(rss.hi == 0);
    for (int i = 0; i < P; i++) {
        for (int j = 0; j < P; j++) y[i] = syi_dd_sub(y[i], syi_dd_mul(kept[j * P + i], x[j]));
        assert_true(fabs(y[i].hi) < 1e-29);
    }
}

static void no_columns_leave_the_outcome(void **state)
{
    (void)state;
    syi_dd a = {0, 0}, b[2] = {{3, 0}, {4, 0}}, x, rss, r, work[4];
    int aliased;
    assert_int_equal(syi_qr_twofold(2, 0, &a, b, no_floor, &aliased, &x, &rss, &r, work), 0);
    assert_true(rss.hi == 25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twofold_gives_every_certified_digit), cmocka_unit_test(r_is_a_factor_of_the_cross_products),
        cmocka_unit_test(aliased_columns_are_passed_over),     cmocka_unit_test(units_change_no_bit),
        cmocka_unit_test(a_square_problem_is_solved_exactly),  cmocka_unit_test(no_columns_leave_the_outcome),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
