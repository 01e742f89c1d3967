/* SPDX-License-Identifier: GPL-3.0-only
 * Shares over counts and over rows with frequencies: the fit's own measures, repeated rows. */
#include "base/numeric_internal.h"

#include "fitted_asked.h"
#include "steelyard/explained.h"

/* A row of frequency w is w rows, dealt to the same groups in the same order. */
static void frequencies_are_rows_left_out_in_groups(void **state)
{
    (void)state;
    answer cells, rows;
    fill_housing();
    sy_fitted_question q = question(SY_RESPONSE_ORDINAL, SY_LINK_LOGIT, 3, SY_MEASURE_MCFADDEN);
    q.interval = SY_INTERVAL_AUTO;
    assert_true(ask(&q, 1, &cells) >= 0);
    assert_int_equal(cells.s.units, 100);
    static frame g;
    g = f;
    f.n = 0;
    for (ptrdiff_t i = 0; i < g.n; i++)
        for (int k = 0; k < (int)g.value[frame_column(&g, "Freq")][i]; k++, f.n++)
            for (int c = 0; c < f.p; c++) f.code[c][f.n] = g.code[c][i];
    f.design.n = f.n;
    f.design.weights = NULL;
    f.design.weight_kind = SY_WEIGHT_NONE;
    assert_true(ask(&q, 1, &rows) >= 0);
    assert_int_equal(rows.s.units, 100);
    for (int b = 0; b < 3; b++) {
        near(share(&cells, b), share(&rows, b), 1e-11);
        near(cells.std_error[b * SY_N_METRICS + SY_SHARE], rows.std_error[b * SY_N_METRICS + SY_SHARE], 1e-8);
    }
}

/* Counts: Nagelkerke's largest value is that of the saturated model; theta without limit is Poisson. */
static void counts_have_the_measures_of_their_fit(void **state)
{
    (void)state;
    answer a, poisson;
    sy_context ctx;
    sy_response_options o;
    sy_response_summary s;
    sy_explained e;
    int aliased[5];
    double estimate[5], covariance[25];
    fill_people(600);
    frame_model(&f, "visits ~ a + b + c + d");
    sy_fitted_question q = question(SY_RESPONSE_POISSON, SY_LINK_LOG, 4, SY_MEASURE_NAGELKERKE);
    q.route = SY_ROUTE_EXACT;
    assert_true(ask(&q, 1, &poisson) >= 0);
    sy_context_init(&ctx);
    sy_response_defaults(&o);
    const sy_response_fit fit = {estimate, aliased, covariance, NULL, NULL};
    assert_true(sy_response(&ctx, &f.design, &q.model.response, &o, &s, &fit) >= 0);
    assert_true(sy_response_explained(&ctx, &f.design, &q.model.response, 5, estimate, &s, &e) >= 0);
    near(poisson.s.total, e.nagelkerke, 1e-10);
    sy_context_free(&ctx);
    for (ptrdiff_t i = 0; i < f.n; i++) f.value[7][i] = floor(2 + f.value[1][i]); /* hardly any spread */
    assert_true(ask(&q, 1, &poisson) >= 0);
    q.model.response.kind = SY_RESPONSE_NEGATIVE_BINOMIAL;
    assert_true(ask(&q, 1, &a) >= 0);
    assert_string_equal(a.remark,
                        "the counts are not more spread than Poisson counts: these are shares of a Poisson model");
    for (int b = 0; b < 4; b++) near(share(&a, b), share(&poisson, b), 1e-13);
}

/* A council of which no row is complete is none. */
static void clusters_without_complete_rows_are_none(void **state)
{
    (void)state;
    answer a;
    fill_people(900);
    frame_model(&f, "event ~ a + b + c + d");
    f.design.cluster = &f.columns[8];
    for (int i = 0; i < 60; i++) f.value[2][i] = NAN; /* two councils */
    sy_fitted_question q = question(SY_RESPONSE_BINARY, SY_LINK_LOGIT, 4, SY_MEASURE_MCFADDEN);
    q.interval = SY_INTERVAL_AUTO;
    assert_true(ask(&q, 1, &a) >= 0);
    assert_int_equal(a.s.units, 28);
    near(a.s.df, 27, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frequencies_are_rows_left_out_in_groups),
        cmocka_unit_test(counts_have_the_measures_of_their_fit),
        cmocka_unit_test(clusters_without_complete_rows_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
