/* Cases of printed evidence and of confounding; part of parity.c.
 * SPDX-License-Identifier: GPL-3.0-only */
static void printed(void)
{
    static const char *const days[] = {"in the year", "on one day"};
    static const double users[] = {135245, 1337000, 114090, 980000}, count[] = {6, 9, 11}, of[] = {9, 14, 15};
    const sy_unit_question units = {{"direct", "managed"}, {992849000, 5.2e9}, 2, days, users, 1.6e9};
    const sy_gap_allowed_question gap = {0.07, 0.8, 1.3, 0.9, 0.3, 2};
    const sy_r2_question r2 = {0.07, 1114, 2, 0.95, 0, 0.005, 0};
    const sy_detectable_question two = {170, 169, 1, 0.95, 0.8, 1};
    const sy_counts_question counts = {0.5, 0.95, 0.3, 1};
    double value[4], ratio[4], between[4];
    sy_context ctx;
    sy_unit_summary u;
    sy_gap_allowed_summary g;
    sy_slope_allowed_summary slope;
    sy_risks risk;
    sy_r2_limits limits;
    sy_detectable d;
    sy_count_row row[3];
    sy_counts_summary s;
    sy_context_init(&ctx);
    if (sy_unit_values(&ctx, &units, value, ratio, between, &u) < 0 || sy_gap_allowed(&ctx, &gap, &g) < 0 ||
        sy_slope_allowed(&ctx, 0.4, 3, 0.0025, 1, &slope) < 0 || sy_risk_from_odds(&ctx, 3, 0.7, 0.6, &risk) < 0 ||
        sy_r2_interval(&ctx, &r2, &limits) < 0 || sy_detectable_difference(&ctx, &two, &d) < 0 ||
        sy_counts_by_chance(&ctx, 3, count, of, &counts, row, &s) < 0)
        die(&ctx);
    show("printed units", "", 4, value);
    show("printed ratios", "", 4, ratio);
    show("printed claimed", "", 1, &u.claimed_users);
    const double allowed[] = {g.slope,        g.gap,       g.predictor_gap, g.adjusted_slope,
                              g.adjusted_gap, slope.bound, slope.sharp};
    show("printed allowed", "", 7, allowed);
    const double risks[] = {risk.odds_ratio, risk.risk_ratio, risk.risk_exposed, risk.risk_unexposed,
                            risk.risk_difference};
    show("printed risks", "", 5, risks);
    const double r2s[] = {limits.low, limits.high, limits.upper, limits.adjusted, limits.by_chance};
    show("printed r2", "", 5, r2s);
    const double shown[] = {d.difference, d.standardised, d.df, s.p_value};
    show("printed difference", "", 4, shown);
    for (int i = 0; i < 3; i++) {
        const double v[] = {row[i].share,      row[i].low,      row[i].high,          row[i].worst_low,
                            row[i].worst_high, row[i].expected, row[i].p_independent, row[i].p_worst};
        show("printed count", "", 8, v);
    }
    sy_context_free(&ctx);
}

/* y on x0, half and area: how the slope of half would fall beside a confounder. */
static void confounded(void)
{
    enum { P = 5 };
    static const int predictors[] = {1, 2, 3}, areas_at[] = {3, 4}, x0_at[] = {1}, kept[P] = {1, 1, 0, 0, 0};
    static const char *const labels[P] = {"(Intercept)", "x0", "half", "area[south]", "area[west]"};
    const sy_term term[] = {all_terms[0], all_terms[1], all_terms[3], all_terms[4]};
    const sy_linear_model model = {.outcome = 0, .n_terms = 3, .terms = predictors, .intercept = 1};
    const sy_benchmark group[] = {{"x0", 1, x0_at}, {"area", 2, areas_at}};
    double coefficient[P], inverse[P * P], effects[P], strength[2][2];
    int aliased[P];
    sy_column column[COLUMNS];
    sy_context ctx;
    sy_linear_options options;
    sy_linear_summary summary;
    sy_tested tested;
    sy_robustness_values v;
    sy_oster_question o;
    sy_oster_answer a;
    sy_e_values e;
    columns_of(&small, column);
    const sy_design design = {.n = small.n, .n_columns = COLUMNS, .columns = column, .n_terms = 4, .terms = term};
    const sy_linear_fit fit = {coefficient, aliased, inverse, effects, NULL, NULL, NULL};
    sy_linear_defaults(&options);
    sy_context_init(&ctx);
    if (sy_linear(&ctx, &design, &model, &options, &summary, &fit) < 0) die(&ctx);
    const sy_fit_left left = {P, coefficient, inverse, labels, summary.rss, summary.tss, summary.df_resid};
    if (sy_confounding_tested(&ctx, &left, 2, &tested) < 0 || sy_robustness(&ctx, &tested, 1, 0.05, &v) < 0 ||
        sy_confounding_benchmarks(&ctx, &left, 2, 2, group, strength[0], strength[1]) < 0 ||
        sy_oster_from_fit(&ctx, &left, 2, kept, &o) < 0)
        die(&ctx);
    const double values[] = {tested.estimate, tested.std_error, v.partial_r2, v.value, v.value_alpha, v.extreme};
    show("confounding values", "", 6, values);
    for (int b = 0; b < 2; b++) {
        const double pair[] = {strength[0][b], strength[1][b]};
        sy_bound bound;
        sy_adjusted_row r;
        if (sy_confounding_bound(&ctx, group[b].name, pair, 2, 2, &bound) < 0 ||
            sy_confounding_adjusted(&ctx, &tested, bound.r2_treatment, bound.r2_outcome, 1, 0.95, &r) < 0)
            die(&ctx);
        const double bounds[] = {r.r2_treatment, r.r2_outcome, r.remaining, r.estimate,
                                 r.std_error,    r.t,          r.low,       r.high};
        show("confounding bound", "", 8, bounds);
    }
    o.r_max = 0.9;
    if (sy_oster(&ctx, &o, &a) < 0 || sy_e_value(&ctx, SY_E_ODDS_COMMON, (double[]){3, 2.1, 4.4}, NAN, 1.2, &e) < 0)
        die(&ctx);
    const double last[] = {o.beta_short, a.delta_star, a.beta_star, e.ratio, e.value, e.value_limit};
    show("confounding oster", "", 6, last);
    sy_context_free(&ctx);
}
