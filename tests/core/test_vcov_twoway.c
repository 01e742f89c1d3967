/* Two-way covariances with a negative eigenvalue: what is set to zero may depend
 * neither on units, nor on shifts, nor on the coding of a factor.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "linear_problem.h"
#include "steelyard/vcov.h"

enum { N = 24, PROBLEMS = 100 };
static const char *const names[] = {"a", "b", "c", "d", "e"};
static double y[N], x[N], z[N];
static int32_t one[N], two[N], code[N];

static void draw(int seed)
{
    syi_stream s;
    syi_stream_init(&s, (uint64_t)seed, 9, 0);
    for (int i = 0; i < N; i++) {
        x[i] = (double)syi_stream_below(&s, 1000) / 128;
        z[i] = (double)syi_stream_below(&s, 1000) / 128;
        y[i] = (double)syi_stream_below(&s, 1000) / 128;
        one[i] = i < 4 ? i : (int32_t)syi_stream_below(&s, 4);
        two[i] = i < 5 ? i : (int32_t)syi_stream_below(&s, 5);
        code[i] = i < 6 ? i % 3 : (int32_t)syi_stream_below(&s, 3);
    }
}

/* Errors of x and z; 1 when an eigenvalue was set to zero. */
static int errors(sy_coding coding, double error[2])
{
    double v[PROBLEM_P * PROBLEM_P], df[PROBLEM_P];
    int cut = 0;
    sy_context ctx;
    problem *q = problem_new(N);
    const sy_column second = factor_column("two", two, 5, names);
    problem_number(q, "y", y);
    problem_number(q, "x", x);
    problem_number(q, "z", z);
    problem_term(q, "g", problem_column(q, factor_column("g", code, 3, names)), -1, -1);
    q->cluster = factor_column("one", one, 4, names);
    q->design.cluster = &q->cluster;
    q->model.coding = coding;
    fit_problem(q);
    sy_context_init(&ctx);
    assert_true(sy_vcov(&ctx, &q->design, &q->model, &q->options, SY_VCOV_CR0, &second, v, df) >= 0);
    for (int i = 0; i < ctx.n_remarks; i++) cut |= !strcmp(ctx.remarks[i].term, "two-way");
    for (int k = 0; k < 2; k++) error[k] = sqrt(v[(k + 1) * (q->p + 1)]);
    sy_context_free(&ctx);
    problem_free(q);
    return cut;
}

static void errors_go_with_units_shifts_and_codings(void **state)
{
    int cut = 0;
    (void)state;
    for (int seed = 0; seed < PROBLEMS; seed++) {
        double before[2], after[2];
        draw(seed);
        cut += errors(SY_CODING_TREATMENT, before);
        for (int i = 0; i < N; i++) {
            x[i] = 1e6 * x[i];
            z[i] = (z[i] + 64) / 1024;
            code[i] = 2 - code[i];
        }
        (void)errors(SY_CODING_SUM, after);
        /* eigenvalues near the cut of 1e-12 and variances left of them are right to half the digits */
        for (int k = 0; k < 2; k++) assert_digits(after[k] * (k ? 1.0 / 1024 : 1e6), before[k], 7);
    }
    assert_true(cut > PROBLEMS / 4); /* the case is met */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(errors_go_with_units_shifts_and_codings)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
