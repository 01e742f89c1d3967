/* Moments from a printed correlation matrix.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "sample_rows.h"
#include <math.h>

static const char *const names[] = {"funding", "process", "outcome"};
/* 0.1, 0.2, 0.3 as decimals */
static const double good[] = {1, 0.1, 0.2, 0.1, 1, 0.3, 0.2, 0.3, 1};

static void entries_are_read_as_decimals(void **state)
{
    (void)state;
    sy_context ctx;
    sy_moments m;
    sy_context_init(&ctx);
    assert_int_equal(sy_moments_from_correlation(&ctx, 3, good, 11, names, &m), SY_OK);
    assert_true(m.n == 11 && m.sum_w == 11 && m.from_correlation == 1 && m.twofold == 1 && m.n_units == 1);
    assert_string_equal(sy_moments_label(&m, 2), "outcome");
    assert_null(sy_moments_level(&m, 0));
    syi_dd *s = rows_centred(&m);
    assert_true(s[0].hi == 10 && s[4].hi == 10 && s[8].hi == 10);
    /* 10 * 0.1, 10 * 0.2, 10 * 0.3: whole to 31 digits; with doubles lo would be 1e-16 */
    assert_true(s[1].hi == 1 && s[2].hi == 2 && s[5].hi == 3 && s[7].hi == 3);
    assert_true(fabs(s[1].lo) < 1e-31 && fabs(s[2].lo) < 1e-31 && fabs(s[5].lo) < 1e-31);
    free(s);
    assert_true(m.floor_[0] > 1e-15 && m.floor_[0] < 1e-13);
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

static void refuses(sy_status code, int p, const double *r, double n, const char *const *labels, const char *message)
{
    sy_context ctx;
    sy_moments m;
    sy_context_init(&ctx);
    const int64_t live = sy_memory_live();
    const sy_status s = sy_moments_from_correlation(&ctx, p, r, n, labels, &m);
    if (s != code || strncmp(ctx.message, message, strlen(message)) != 0) fail_msg("%d: %s", s, ctx.message);
    assert_null(m.blob);
    assert_true(sy_memory_live() == live);
    sy_context_free(&ctx);
}

static void what_is_no_correlation_matrix_is_refused(void **state)
{
    (void)state;
    double r[9];
    const char *const twice[] = {"a", "b", "a"}, *const empty[] = {"a", "", "b"};
    refuses(SY_EINVAL, 0, good, 10, names, "r: 0 columns; at least one is needed");
    refuses(SY_EINVAL, 3, good, 1, names, "n: 1; at least 2 rows are needed");
    refuses(SY_EINVAL, 3, good, NAN, names, "n: nan; at least 2 rows are needed");
    refuses(SY_EINVAL, 3, good, 10, twice, "names: a is there twice");
    refuses(SY_EINVAL, 3, good, 10, empty, "names: name 2 is empty");
    memcpy(r, good, sizeof r);
    r[4] = 0.99;
    refuses(SY_EDATA, 3, r, 10, names, "r: the diagonal entry of process is 0.99; it must be 1");
    memcpy(r, good, sizeof r);
    r[1] = 0.11;
    refuses(SY_EDATA, 3, r, 10, names, "r: not symmetric: process with funding is 0.1, the other way 0.11");
    memcpy(r, good, sizeof r);
    r[2] = r[6] = NAN;
    refuses(SY_EDATA, 3, r, 10, names, "r: outcome with funding is nan; it must lie between -1 and 1");
    r[2] = r[6] = -1.25;
    refuses(SY_EDATA, 3, r, 10, names, "r: outcome with funding is -1.25; it must lie between -1 and 1");
}

/* 0.9, 0.9 and -0.9: by hand the eigenvalues are 1.9, 1.9 and -0.8. */
static void an_indefinite_matrix_is_refused_with_its_eigenvalue(void **state)
{
    (void)state;
    const double r[] = {1, 0.9, 0.9, 0.9, 1, -0.9, 0.9, -0.9, 1};
    refuses(SY_EDATA, 3, r, 10, names, "r: not a correlation matrix: its least eigenvalue is -0.8, below zero");
}

static void a_singular_matrix_is_taken(void **state)
{
    (void)state;
    const double r[] = {1, 1, 0.5, 1, 1, 0.5, 0.5, 0.5, 1};
    sy_context ctx;
    sy_moments m;
    sy_context_init(&ctx);
    assert_int_equal(sy_moments_from_correlation(&ctx, 3, r, 50, names, &m), SY_OK);
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

static void the_saved_form_is_the_same_as_of_rows(void **state)
{
    (void)state;
    sy_context ctx;
    sy_moments m, v, sum;
    sy_context_init(&ctx);
    assert_int_equal(sy_moments_from_correlation(&ctx, 3, good, 11, names, &m), SY_OK);
    assert_int_equal(sy_moments_view(&ctx, m.blob, m.size, 1, &v), SY_OK);
    assert_true(sy_moments_hash(&v) == sy_moments_hash(&m) && v.from_correlation == 1);
    assert_int_equal(sy_moments_merge(&ctx, &m, &v, &sum), SY_EINVAL);
    assert_string_equal(ctx.message, "moments: those of a correlation matrix cannot be merged: the scales are gone");
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

static sy_status correlation_job(void *arg, void *answer)
{
    sy_context ctx;
    sy_moments m;
    sy_context_init(&ctx);
    const sy_status s = sy_moments_from_correlation(&ctx, 3, arg, 11, names, &m);
    if (s >= 0) memcpy(answer, m.hi, 10 * sizeof(double));
    sy_moments_free(&m);
    sy_context_free(&ctx);
    return s;
}

static void memory_running_out_anywhere_is_survived(void **state)
{
    (void)state;
    double r[9];
    memcpy(r, good, sizeof r);
    assert_true(syi_survives_failing(correlation_job, r, 10 * sizeof(double)) >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_read_as_decimals),
        cmocka_unit_test(what_is_no_correlation_matrix_is_refused),
        cmocka_unit_test(an_indefinite_matrix_is_refused_with_its_eigenvalue),
        cmocka_unit_test(a_singular_matrix_is_taken),
        cmocka_unit_test(the_saved_form_is_the_same_as_of_rows),
        cmocka_unit_test(memory_running_out_anywhere_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
