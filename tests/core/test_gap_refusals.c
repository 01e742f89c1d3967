/* What a gap refuses, and what it leaves out and says.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "gap_problem.h"

static gap_problem p;

static void constant_outcomes_have_parts_of_zero(void **state)
{
    (void)state;
    gap_fill(&p, 200, 20, 15);
    for (int i = 0; i < p.n; i++) p.value[0][i] = 7;
    p.ask.interval = SY_INTERVAL_JACKKNIFE;
    p.design.cluster = &p.cluster_column;
    sy_gap_result r = gap_asked(&p);
    for (int v = 0; v < r.n_values - SY_GAP_ENDS; v++) {
        gap_near(r.estimate[v], 0, 1e-14);
        gap_near(r.std_error[v], 0, 1e-13);
    }
    assert_true(isnan(r.r2[0]));
    sy_gap_free(&r);
}

/* A column that follows from others in both groups is left out and said; explained is then that of the rest. */
static void columns_aliased_in_both_groups_are_left_out(void **state)
{
    (void)state;
    sy_context ctx;
    sy_gap_result r, without;
    for (int method = 0; method < 3; method += 2) {
        gap_fill(&p, 300, 20, 16);
        p.ask.method = (sy_gap_method)method;
        p.block[0].n_terms = 1;
        without = gap_asked(&p);
        const int c = gap_add(&p, "twice", 0), terms[] = {1, c};
        for (int i = 0; i < p.n; i++) p.value[c][i] = 2 * p.value[1][i] + 1;
        memcpy(p.block_term[0], terms, sizeof terms);
        p.block[0].n_terms = 2;
        sy_context_init(&ctx);
        assert_int_equal(sy_gap(&ctx, &p.design, &p.ask, &r), SY_NOTE_ALIASED);
        assert_string_equal(ctx.remarks[0].term, "twice");
        gap_near(gap_cell(&r, gap_line(&r, SY_GAP_TERM, "twice"), 0), 0, 0);
        gap_near(gap_cell(&r, 0, 0), gap_cell(&without, 0, 0), 1e-12);
        sy_context_free(&ctx);
        sy_gap_free(&r);
        sy_gap_free(&without);
    }
}

static void refuse(sy_status status, const char *part)
{
    sy_context ctx;
    sy_gap_result r;
    sy_context_init(&ctx);
    assert_int_equal(sy_gap(&ctx, &p.design, &p.ask, &r), status);
    if (!strstr(ctx.message, part)) fail_msg("\"%s\" does not say \"%s\"", ctx.message, part);
    assert_null(r.estimate);
    sy_context_free(&ctx);
    sy_gap_free(&r);
}

static void groups_must_be_two(void **state)
{
    (void)state;
    static const char *const three[] = {"direct", "managed", "mixed"};
    gap_fill(&p, 100, 10, 17);
    p.group_column.n_levels = 3;
    p.group_column.levels = three;
    for (int i = 0; i < 7; i++) p.group[i] = 2;
    refuse(SY_EDATA, "group: payment has 3 levels with rows (direct:");
    for (int i = 0; i < p.n; i++) p.group[i] = 1;
    refuse(SY_EDATA, "group: payment has 1 level with rows (managed: 100)");
    gap_fill(&p, 100, 10, 17);
    p.ask.first = 7;
    refuse(SY_EINVAL, "first");
    p.ask.first = -1;
    p.ask.group = &p.column[0];
    refuse(SY_EINVAL, "group: y is not a factor");
    p.ask.group = &p.group_column;
    p.group_column.name = "x1";
    refuse(SY_EINVAL, "group: x1 is also a term");
}

static void groups_need_rows_and_levels(void **state)
{
    (void)state;
    gap_fill(&p, 100, 10, 18);
    for (int i = 0; i < p.n; i++) p.group[i] = i < 5;
    for (int i = 0; i < p.n; i++) p.code[3][i] = i % 3;
    refuse(SY_ERANK, "group: payment = managed has 5 rows, fewer than the 6 columns");
    gap_fill(&p, 100, 10, 18);
    for (int i = 0; i < p.n; i++)
        if (p.group[i] == 1 && p.code[3][i] == 2) p.code[3][i] = 1;
    refuse(SY_EDATA, "f: no row of payment = managed has the level l2");
    gap_fill(&p, 100, 10, 18);
    for (int i = 0; i < p.n; i++)
        if (p.group[i] == 0) p.value[4][i] = 3 + 2 * p.value[2][i];
    refuse(SY_EDATA, "x3: where payment = direct it follows from the other columns");
    p.ask.method = SY_GAP_GELBACH;
    sy_gap_result r = gap_asked(&p);
    sy_gap_free(&r);
}

static void cells_need_rows_in_both_groups(void **state)
{
    (void)state;
    gap_fill_factors(&p, 500);
    for (int i = 0; i < p.n; i++)
        if (p.group[i] == 0 && p.code[1][i] == 1 && p.code[2][i] == 2 && p.code[3][i] == 0) p.code[3][i] = 1;
    refuse(SY_EDATA, "sex = l1, age = l2, kind = l0 has no row of payment = direct");
    gap_fill(&p, 100, 10, 19);
    p.ask.method = SY_GAP_KITAGAWA;
    refuse(SY_EINVAL, "money: x1 is a number; method = \"kitagawa\"");
}

static void questions_are_checked(void **state)
{
    (void)state;
    static sy_factor product[2] = {{1, 1}, {3, 1}};
    gap_fill(&p, 100, 10, 20);
    p.block_term[1][0] = 1;
    refuse(SY_EINVAL, "process: the term x1 is already used in money");
    p.block_term[1][0] = 0;
    refuse(SY_EINVAL, "process: y is the outcome");
    p.block_term[1][0] = 9;
    refuse(SY_EINVAL, "process: term number 9");
    gap_fill(&p, 100, 10, 20);
    p.ask.outcome = 3;
    refuse(SY_EINVAL, "outcome: f is a factor");
    gap_fill(&p, 100, 10, 20);
    p.block[2].name = "money";
    refuse(SY_EINVAL, "blocks: the name money is given twice");
    p.block[2].name = "need";
    p.block[2].n_terms = 0;
    refuse(SY_EINVAL, "blocks: the block need is empty");
    p.ask.n_blocks = 0;
    refuse(SY_EINVAL, "blocks: there is none");
    gap_fill(&p, 100, 10, 20);
    p.term[4] = (sy_term){.label = "x1:f", .n_factors = 2, .factors = product};
    refuse(SY_EINVAL, "need: x1:f is a product with a factor");
    gap_fill(&p, 100, 10, 20);
    p.ask.reference = SY_REFERENCE_NUMBER;
    p.ask.weight = 1.5;
    refuse(SY_EINVAL, "reference: 1.5 is not between 0 and 1");
    gap_fill(&p, 100, 10, 20);
    p.ask.level = 1;
    refuse(SY_EINVAL, "level: 1");
    p.ask.level = 0.9;
    p.ask.interval = SY_INTERVAL_NORMAL;
    refuse(SY_EINVAL, "interval: a gap has the kinds");
    p.ask.interval = SY_INTERVAL_BASIC;
    p.ask.replicates = 20;
    refuse(SY_EINVAL, "replicates: 20, at least 100");
}

/* Rows with a missing value, group, cluster or weight count as dropped. */
static void missing_values_leave_whole_rows(void **state)
{
    (void)state;
    sy_context ctx;
    sy_gap_result r, less;
    gap_fill(&p, 300, 20, 21);
    p.value[1][3] = NAN;
    p.group[10] = -1;
    p.code[3][20] = -1;
    p.cluster[30] = -1;
    p.design.cluster = &p.cluster_column;
    sy_context_init(&ctx);
    assert_int_equal(sy_gap(&ctx, &p.design, &p.ask, &r), SY_NOTE_ROWS_DROPPED);
    gap_near(r.rows_dropped, 4, 0);
    gap_near(r.rows_read, 300, 0);
    sy_context_free(&ctx);
    static const int gone[] = {3, 10, 20, 30};
    for (int k = 0; k < 4; k++) p.value[0][gone[k]] = 1e6;
    less = gap_asked(&p);
    gap_near(less.estimate[0], r.estimate[0], 0);
    sy_gap_free(&r);
    sy_gap_free(&less);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constant_outcomes_have_parts_of_zero),
        cmocka_unit_test(columns_aliased_in_both_groups_are_left_out),
        cmocka_unit_test(groups_must_be_two),
        cmocka_unit_test(groups_need_rows_and_levels),
        cmocka_unit_test(cells_need_rows_in_both_groups),
        cmocka_unit_test(questions_are_checked),
        cmocka_unit_test(missing_values_leave_whole_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
