/* Cases of balanced groups: weights, scores, table, estimates; part of parity.c.
 * SPDX-License-Identifier: GPL-3.0-only */
static const struct {
    const char *name;
    sy_estimand estimand;
    sy_balance_method method;
    sy_link link;
    sy_balance_clusters clusters;
    sy_balance_errors errors;
    sy_weight_kind weights;
} balances[] = {
    {"ate", SY_ESTIMAND_ATE, SY_BALANCE_PROPENSITY, SY_LINK_LOGIT, SY_CLUSTERS_NONE, SY_ERRORS_AUTO, SY_WEIGHT_NONE},
    {"entropy", SY_ESTIMAND_ATT, SY_BALANCE_ENTROPY, SY_LINK_LOGIT, SY_CLUSTERS_NONE, SY_ERRORS_INFLUENCE,
     SY_WEIGHT_SAMPLING},
    {"overlap", SY_ESTIMAND_OVERLAP, SY_BALANCE_PROPENSITY, SY_LINK_PROBIT, SY_CLUSTERS_NONE, SY_ERRORS_INFLUENCE,
     SY_WEIGHT_FREQUENCY},
    {"random", SY_ESTIMAND_ATT, SY_BALANCE_PROPENSITY, SY_LINK_LOGIT, SY_CLUSTERS_RANDOM, SY_ERRORS_JACKKNIFE,
     SY_WEIGHT_NONE}};

static void show_side(const char *name, const sy_balance_side *s)
{
    const double v[] = {s->mean[0], s->mean[1], s->sd[0], s->sd[1], s->difference, s->ratio, s->ks};
    show("balance", name, 7, v);
}

/* treated and high of the sample `small`. */
static void part_two(int32_t *treated, double *high)
{
    for (int i = 0; i < small.n; i++) {
        treated[i] = i * 11 % 7 + small.x[0][i] > 3;
        high[i] = small.x[Y][i] > 9;
    }
}

static void show_balance(const char *name, int n_rows, const sy_balance_result *r)
{
    show("balance weights", name, 40, r->weights);
    for (int k = 0; k < n_rows; k++) {
        show_side(name, &r->table[k].before);
        show_side(name, &r->table[k].after);
    }
    for (int k = 0; k < 6; k++) {
        const sy_balance_estimate *e = &r->estimate[k];
        const double v[] = {e->mean[0], e->mean[1], e->estimate, e->std_error, e->statistic,
                            e->df,      e->p_value, e->low,      e->high};
        show("balance", name, 9, v);
    }
}

static void weigh_two(int which, const sy_design *design)
{
    static double weights[MOST], score[MOST];
    static const int covariates[] = {1, 2}, outcomes[] = {3, 4};
    sy_balance_row rows[8];
    sy_balance_estimate estimate[6];
    sy_balance_summary summary;
    sy_balance_question q;
    sy_context ctx;
    sy_balance_defaults(&q);
    q.n_covariates = 2;
    q.covariates = covariates;
    q.n_outcomes = 2;
    q.outcomes = outcomes;
    q.estimand = balances[which].estimand;
    q.method = balances[which].method;
    q.link = balances[which].link;
    q.clusters = balances[which].clusters;
    q.errors = balances[which].errors;
    sy_context_init(&ctx);
    const sy_balance_result result = {weights, score, rows, estimate, NULL};
    if (sy_balance(&ctx, design, &q, &summary, &result) < 0) die(&ctx);
    show_balance(balances[which].name, 4 + (q.method == SY_BALANCE_PROPENSITY), &result);
    sy_context_free(&ctx);
}

static void balanced(void)
{
    static const char *const levels[] = {"0", "1"};
    static double high[MOST];
    static int32_t treated[MOST];
    const sy_factor factors[] = {{0, 1}, {1, 1}, {2, 1}, {3, 1}, {4, 1}};
    const sy_term terms[] = {{"treated", 1, factors},
                             {"x0", 1, factors + 1},
                             {"area", 1, factors + 2},
                             {"y", 1, factors + 3},
                             {"high", 1, factors + 4}};
    sy_column all[AREA + 1], council = council_of(&small);
    const sy_column weight = {.name = "w", .data = small.w, .stride = sizeof(double), .type = SY_F64};
    columns_of(&small, all);
    part_two(treated, high);
    const sy_column column[] = {{.name = "treated",
                                 .data = treated,
                                 .stride = sizeof(int32_t),
                                 .type = SY_CODES,
                                 .n_levels = 2,
                                 .levels = levels},
                                all[0],
                                all[AREA],
                                all[Y],
                                {.name = "high", .data = high, .stride = sizeof(double), .type = SY_F64}};
    for (int which = 0; which < 4; which++) {
        const sy_design design = {.n = small.n,
                                  .n_columns = 5,
                                  .columns = column,
                                  .n_terms = 5,
                                  .terms = terms,
                                  .weights = balances[which].weights ? &weight : NULL,
                                  .weight_kind = balances[which].weights,
                                  .cluster = &council};
        weigh_two(which, &design);
    }
}
