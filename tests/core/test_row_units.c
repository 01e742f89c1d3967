/* SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "balance_problem.h"
#include "study/row_units_internal.h"

/* Two strata of 3 and 2 clusters; sums by hand. */
static void variances_of_sums_are_those_written_out(void **state)
{
    (void)state;
    problem *p = problem_darfur();
    static const int32_t cluster[] = {0, 0, 1, 2, 3, 3, 4}, stratum[] = {0, 0, 0, 0, 1, 1, 1};
    static const double u[] = {1, 2, -1, 4, 0.5, 0.5, 3};
    double sums[5 + 4], v, times[5], lines[5] = {1, 2, 3, 5, 8}, centre = 3;
    ptrdiff_t row[7];
    syi_row_units units;
    sy_context ctx;
    sy_context_init(&ctx);
    for (int i = 0; i < 7; i++) {
        p->cluster[i] = cluster[i];
        p->stratum[i] = stratum[i];
        row[i] = i;
    }
    p->design.n = 7;
    p->design.cluster = &p->cluster_column;
    p->design.strata = &p->stratum_column;
    assert_true(syi_row_units_init(&ctx, &p->design, 7, row, p->weight, &units) >= 0);
    assert_true(units.count == 5 && units.df == 3 && units.clustered);
    /* (3, -1, 4) about 2: 1 + 9 + 4 = 14 times 3/2; (1, 3) about 2: 2 times 2 */
    syi_row_units_covariance(&units, 1, u, sums, &v);
    close_to(v, 21 + 4, 1e-15);
    syi_row_units_without(&units, 1, times);
    assert_true(times[0] == 1.5 && times[1] == 0 && times[2] == 1.5 && times[3] == 1 && times[4] == 1);
    /* (4 + 1 + 0) 2/3 + (4 + 25) / 2 */
    assert_true(syi_row_units_jackknife(&units, 1, lines, &centre, &v) == 0);
    close_to(v, 10.0 / 3 + 14.5, 1e-15);
    lines[2] = NAN;
    assert_true(syi_row_units_jackknife(&units, 1, lines, &centre, &v) == 1);
    syi_row_units_free(&units);
    p->stratum[6] = 2; /* a stratum of one cluster */
    assert_int_equal(syi_row_units_init(&ctx, &p->design, 7, row, p->weight, &units), SY_EDATA);
    assert_string_equal(ctx.message, "strata: region north holds one cluster; a variance needs two");
    syi_row_units_free(&units);
    p->stratum[1] = 1;
    assert_int_equal(syi_row_units_init(&ctx, &p->design, 7, row, p->weight, &units), SY_EDATA);
    assert_true(strstr(ctx.message, "lies in two strata (east and north)") != NULL);
    syi_row_units_free(&units);
    sy_context_free(&ctx);
    free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variances_of_sums_are_those_written_out),
    };
    return cmocka_run_group_tests_name("row_units", tests, NULL, NULL);
}
