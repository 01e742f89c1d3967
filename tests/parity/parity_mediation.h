/* Cases of mediation over synthetic people; part of parity.c.
 * SPDX-License-Identifier: GPL-3.0-only */
enum { MEDIATED = 900, TOWNS = 30, MEDIATION_TERMS = 6, QUALITY = 20, FUNDING = 39, PROCESS = 40, OUTCOME = 43 };

static void show_mediation(const char *name, const sy_design *d, const sy_mediation_question *q)
{
    sy_mediation_result r;
    sy_context ctx;
    sy_context_init(&ctx);
    if (sy_mediation(&ctx, d, q, &r) < 0) die(&ctx);
    for (int k = 0; k < r.n_rows * r.n_measures; k++) {
        const double v[] = {r.estimate[k], r.std_error[k], r.statistic[k], r.p_value[k],
                            r.low[k],      r.high[k],      r.proportion[k]};
        show("mediation", name, 7, v);
    }
    show("mediation means", name, 2 * r.n_measures, r.mean);
    if (r.covariance) show("mediation covariance", name, r.n_rows * r.n_rows, r.covariance);
    sy_mediation_free(&r);
    sy_context_free(&ctx);
}

static double people[SY_POET_COLUMNS * MEDIATED], direct[MEDIATED];
static int32_t client_group[MEDIATED], town[MEDIATED], quality[MEDIATED];
static char town_name[TOWNS][4];
static const char *town_names[TOWNS];

static void draw_people(void)
{
    sy_poet_options o;
    sy_context ctx;
    sy_context_init(&ctx);
    sy_poet_defaults(&o);
    o.people = MEDIATED;
    o.councils = TOWNS;
    if (sy_poet_simulate(&ctx, &o, people, NULL, NULL) < 0) die(&ctx);
    sy_context_free(&ctx);
    for (int i = 0; i < MEDIATED; i++) {
        town[i] = (int32_t)people[MEDIATED + i] - 1;
        client_group[i] = (int32_t)people[2 * MEDIATED + i];
        direct[i] = people[3 * MEDIATED + i] == 0;
        quality[i] = (int32_t)people[QUALITY * MEDIATED + i];
    }
    for (int g = 0; g < TOWNS; g++) {
        snprintf(town_name[g], sizeof town_name[g], "%d", g + 1);
        town_names[g] = town_name[g];
    }
}

static sy_column codes_of(const char *name, const int32_t *data, int n_levels, const char *const *levels)
{
    return (sy_column){
        .name = name, .data = data, .stride = 4, .type = SY_CODES, .n_levels = n_levels, .levels = levels};
}

static void ask_mediations(sy_design *d, sy_column *column)
{
    static const int at[] = {2, 3, 4, 5};
    const sy_block blocks[] = {{"funding", 1, &at[0]}, {"process", 1, &at[1]}};
    sy_mediation_question q;
    sy_mediation_defaults(&q);
    q.outcome = 0;
    q.treatment = 1;
    q.n_blocks = 2;
    q.blocks = blocks;
    q.n_confounders = 2;
    q.confounders = &at[2];
    q.interval = SY_INTERVAL_JACKKNIFE;
    show_mediation("jackknife", d, &q);
    q.interval = SY_INTERVAL_INFLUENCE;
    show_mediation("influence", d, &q);
    q.interval = SY_INTERVAL_PERCENTILE;
    q.replicates = 100;
    q.seed = 5;
    show_mediation("percentile", d, &q);
    column[0] = codes_of("outcome", quality, 5, sy_poet_columns()[QUALITY].levels);
    q.response = SY_MEDIATION_ORDINAL;
    q.interval = SY_INTERVAL_NONE;
    q.draws = 10;
    show_mediation("ordinal", d, &q);
}

static void mediations(void)
{
    static const char *const names[MEDIATION_TERMS] = {"outcome", "direct", "funding",
                                                       "process", "need",   "client_group"};
    const double *const number[] = {people + OUTCOME * MEDIATED, direct, people + FUNDING * MEDIATED,
                                    people + PROCESS * MEDIATED, people + 4 * MEDIATED};
    sy_column column[MEDIATION_TERMS];
    sy_factor own[MEDIATION_TERMS];
    sy_term term[MEDIATION_TERMS];
    draw_people();
    for (int k = 0; k < MEDIATION_TERMS; k++) {
        if (k < 5) column[k] = (sy_column){.name = names[k], .data = number[k], .stride = 8, .type = SY_F64};
        else column[k] = codes_of(names[k], client_group, 6, sy_poet_columns()[2].levels);
        own[k] = (sy_factor){k, 1};
        term[k] = (sy_term){names[k], 1, &own[k]};
    }
    const sy_column cluster = codes_of("council", town, TOWNS, town_names);
    sy_design d = {.n = MEDIATED,
                   .n_columns = MEDIATION_TERMS,
                   .columns = column,
                   .n_terms = MEDIATION_TERMS,
                   .terms = term,
                   .cluster = &cluster};
    ask_mediations(&d, column);
}
