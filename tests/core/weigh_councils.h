/* The councils of 2018-19 as a design with the question of funding and process.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TEST_WEIGH_COUNCILS_H
#define SYI_TEST_WEIGH_COUNCILS_H
#include "cases.h"
#include "steelyard.h"

enum { COUNCIL_ROWS = 160, COUNCIL_TERMS = 18, COUNCIL_OUTCOMES = 9 };

/* Terms: 7 outcomes of users, 2 of carers, then the predictors. */
enum {
    SPEND = COUNCIL_OUTCOMES,
    EASY,
    CARER_EASY,
    CARER_INCLUDED,
    DIRECT_PAYMENT,
    SELF_DIRECTED,
    DEPRIVATION,
    PAY,
    PEOPLE
};

static const char *const council_terms[COUNCIL_TERMS] = {"quality_of_life",
                                                         "adjusted_quality_of_life",
                                                         "satisfaction",
                                                         "control",
                                                         "feel_safe",
                                                         "social_contact",
                                                         "services_keep_safe",
                                                         "carer_quality_of_life",
                                                         "carer_satisfaction",
                                                         "spend_per_adult_gbp",
                                                         "easy_information",
                                                         "carer_easy_information",
                                                         "carer_included",
                                                         "direct_payment_pct",
                                                         "self_directed_support_pct",
                                                         "deprivation_rank",
                                                         "median_pay_gbp",
                                                         "population"};

typedef struct {
    double value[COUNCIL_TERMS][COUNCIL_ROWS];
    char name[COUNCIL_ROWS][64];
    const char *names[COUNCIL_ROWS];
    int32_t code[COUNCIL_ROWS], half[COUNCIL_ROWS];
    sy_column column[COUNCIL_TERMS], label, by;
    sy_factor factor[COUNCIL_TERMS];
    sy_term term[COUNCIL_TERMS];
    sy_design design;
    sy_block block[4];
    sy_process_source source[4];
    sy_weigh_question question;
    sy_weigh_options options;
} councils;

static const int council_outcomes[COUNCIL_OUTCOMES] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
static const int council_funding[] = {SPEND}, council_users[] = {EASY}, council_carers[] = {CARER_EASY},
                 council_included[] = {CARER_INCLUDED}, council_delivery[] = {SELF_DIRECTED, DIRECT_PAYMENT},
                 council_need[] = {DEPRIVATION}, council_need_at[] = {3};
static const char *const council_halves[] = {"first half", "second half"};

static inline void councils_ask(councils *c)
{
    c->block[0] = (sy_block){"funding", 1, council_funding};
    c->block[1] = (sy_block){"process", 1, council_users};
    c->block[2] = (sy_block){"delivery", 2, council_delivery};
    c->block[3] = (sy_block){"need", 1, council_need};
    c->source[0] = (sy_process_source){"users", -1, 1, council_users, 1};
    c->source[1] = (sy_process_source){"carers information", -1, 1, council_carers, 0};
    c->source[2] = (sy_process_source){"carers included", -1, 1, council_included, 0};
    c->source[3] = (sy_process_source){"records", 2, 0, NULL, 0};
    c->question = (sy_weigh_question){.n_outcomes = 7,
                                      .outcomes = council_outcomes,
                                      .n_blocks = 4,
                                      .blocks = c->block,
                                      .funding = 0,
                                      .process = 1,
                                      .n_need = 1,
                                      .need = council_need_at,
                                      .n_sources = 4,
                                      .sources = c->source,
                                      .label = &c->label,
                                      .areas = 1,
                                      .per_outcome = 1};
    sy_weigh_defaults(&c->options);
}

static inline void councils_read(councils *c)
{
    record r;
    int at[COUNCIL_TERMS], name = 0, n = 0;
    FILE *file = open_table("datasets/councils_2018_19/data.csv", &r);
    for (int f = 0; f < r.n; f++) {
        if (!strcmp(r.field[f], "council")) name = f;
        for (int t = 0; t < COUNCIL_TERMS; t++)
            if (!strcmp(r.field[f], council_terms[t])) at[t] = f;
    }
    for (; read_record(file, &r); n++) {
        for (int t = 0; t < COUNCIL_TERMS; t++)
            c->value[t][n] = *r.field[at[t]] ? strtod(r.field[at[t]], NULL) : (double)NAN;
        snprintf(c->name[n], sizeof c->name[n], "%.63s", r.field[name]);
        c->names[n] = c->name[n];
        c->code[n] = n;
        c->half[n] = n % 2;
    }
    fclose(file);
    for (int t = 0; t < COUNCIL_TERMS; t++) {
        c->column[t] =
            (sy_column){.name = council_terms[t], .data = c->value[t], .stride = sizeof(double), .type = SY_F64};
        c->factor[t] = (sy_factor){t, 1};
        c->term[t] = (sy_term){council_terms[t], 1, &c->factor[t]};
    }
    c->label = (sy_column){.name = "council", .data = c->code, .stride = sizeof(int32_t), .type = SY_CODES};
    c->label.n_levels = n;
    c->label.levels = c->names;
    c->by = (sy_column){.name = "half", .data = c->half, .stride = sizeof(int32_t), .type = SY_CODES};
    c->by.n_levels = 2;
    c->by.levels = council_halves;
    c->design = (sy_design){
        .n = n, .n_columns = COUNCIL_TERMS, .columns = c->column, .n_terms = COUNCIL_TERMS, .terms = c->term};
    councils_ask(c);
}
#endif
