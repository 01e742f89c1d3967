/* What the generator is made of: columns, items with their shares, strengths.
 *
 * Published shares are those of datasets/poet_marginals. The fifteen outcomes
 * are of the survey of 2014, the nine items of process of 2013 (three of them
 * are named with their share in what was published, and of the nine six are above one
 * half; which, and what the other six are called, is assumed), knowing the
 * amount and views included of 2017. Where the years disagree the later one holds.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "study/synthetic/poet_internal.h"
#include <math.h>
#include <string.h>

static const char *const ease[] = {"very difficult", "difficult", "neither", "easy", "very easy"};
static const char *const change[] = {"a lot worse", "worse", "no difference", "better", "a lot better"};
static const char *const clients[] = {
    "physical disability 18-64", "mental health 18-64", "learning disability 18-64", "65-74", "75-84", "85 and over"};
static const char *const payments[] = {"direct_payment", "council_managed", "other_managed"};

const double syi_poet_client_count[POET_CLIENTS] = {34320, 6695, 20815, 17100, 24930, 27595};

#define EASE(name, meaning)                                                                                            \
    {                                                                                                                  \
        name, "process", "how easy: " meaning, SY_POET_ORDERED, 5, ease                                                \
    }
#define CHANGE(name, meaning)                                                                                          \
    {                                                                                                                  \
        name, "outcome", "change since the budget: " meaning, SY_POET_ORDERED, 5, change                               \
    }

static const sy_poet_column columns[SY_POET_COLUMNS] = {
    {"synthetic", "design", "TRUE in every row: drawn, not asked", SY_POET_LOGICAL, 0, NULL},
    {"council", "design", "number of the council", SY_POET_WHOLE, 0, NULL},
    {"client_group", "need", "client group", SY_POET_GROUPS, POET_CLIENTS, clients},
    {"payment_type", "design", "how the budget is held", SY_POET_GROUPS, 3, payments},
    {"need", "need", "need of the person, standard score", SY_POET_NUMBER, 0, NULL},
    {"deprivation", "need", "deprivation of the council, standard score", SY_POET_NUMBER, 0, NULL},
    {"weekly_amount", "funding", "pounds a week; missing where the amount is not known", SY_POET_NUMBER, 0, NULL},
    {"knows_amount", "process", "knows the amount of the budget", SY_POET_LOGICAL, 0, NULL},
    {"help_to_plan", "process", "had help to plan", SY_POET_LOGICAL, 0, NULL},
    {"views_included", "process", "views fully or mostly included in the plan", SY_POET_LOGICAL, 0, NULL},
    EASE("easy_money_control", "being in control of how the money is spent"),
    EASE("easy_planning", "planning and managing support"),
    EASE("easy_support_wanted", "getting the support wanted"),
    EASE("easy_information", "getting information and advice"),
    EASE("easy_assessment", "being assessed"),
    EASE("easy_restrictions", "understanding what the money may be spent on"),
    EASE("easy_changes", "changing the support"),
    EASE("easy_services", "choosing among services"),
    EASE("easy_complaints", "commenting or complaining"),
    CHANGE("dignity", "being supported with dignity"),
    CHANGE("quality_of_life", "quality of life"),
    CHANGE("independence", "independence"),
    CHANGE("arranging_support", "arranging support"),
    CHANGE("control_over_life", "control over life"),
    CHANGE("paid_relationships", "relationships with people paid to support"),
    CHANGE("feeling_safe", "feeling safe"),
    CHANGE("self_esteem", "self-esteem"),
    CHANGE("mental_health", "mental health"),
    CHANGE("family_relationships", "relationships with family"),
    CHANGE("friendships", "friendships"),
    CHANGE("physical_health", "physical health"),
    CHANGE("where_to_live", "choosing where to live and who with"),
    CHANGE("community", "taking part in the community or volunteering"),
    CHANGE("paid_job", "getting and keeping a paid job"),
    {"carer", "carer", "a carer answered too", SY_POET_LOGICAL, 0, NULL},
    {"carer_easy_planning", "carer", "how easy, in the carer's answer: planning and managing support", SY_POET_ORDERED,
     5, ease},
    {"carer_wellbeing", "carer", "change since the budget: remaining well and able to continue caring", SY_POET_ORDERED,
     5, change},
    {"carer_quality_of_life", "carer", "change since the budget: quality of life of the carer", SY_POET_ORDERED, 5,
     change},
    {"hidden_powerfulness", "hidden", "personal powerfulness", SY_POET_NUMBER, 0, NULL},
    {"hidden_funding", "hidden", "log amount beside its client group's, in sd", SY_POET_NUMBER, 0, NULL},
    {"hidden_process", "hidden", "process quality", SY_POET_NUMBER, 0, NULL},
    {"hidden_style", "hidden", "response style", SY_POET_NUMBER, 0, NULL},
    {"hidden_amount", "hidden", "weekly amount, known or not", SY_POET_NUMBER, 0, NULL},
    {"hidden_outcome", "hidden", "what all outcomes share, before answers are cut", SY_POET_NUMBER, 0, NULL}};

const sy_poet_column *sy_poet_columns(void)
{
    return columns;
}

#define COMMUNITY_13 "POET 2, 2013 (Community Care)"
#define IN_CONTROL_14 "POET 3, 2014 (In Control)"
#define IN_CONTROL_17 "POET adults, 2017 (In Control)"

#define YES_NO(item, latent, share, comparator, published, source)                                                     \
    {                                                                                                                  \
        item, latent, share, 0, comparator, source, published, "", NAN                                                 \
    }
#define PROCESS(item, good, bad, comparator, published, source)                                                        \
    {                                                                                                                  \
        item, LATENT_PROCESS, good, bad, comparator, source, published, "", NAN                                        \
    }
#define OUTCOME(item, good, bad, comparator, published, worse)                                                         \
    {                                                                                                                  \
        item, LATENT_OUTCOME, good, bad, comparator, IN_CONTROL_14, published, worse, 10                               \
    }

const poet_item syi_poet_items[POET_ITEMS] = {
    YES_NO("knew the amount of money in the budget", LATENT_KNOWS, 0.50, "eq", 50, IN_CONTROL_17),
    YES_NO("help to plan", LATENT_HELP, 0.65, "", NAN, ""),
    YES_NO("views fully or mostly included in planning", LATENT_VIEWS, 0.80, "eq", 80, IN_CONTROL_17),
    PROCESS("being in control of how the money is spent", 0.60, 0.22, "eq", 60, COMMUNITY_13),
    PROCESS("planning and managing support", 0.60, 0.22, "eq", 60, COMMUNITY_13),
    PROCESS("getting the support wanted", 0.57, 0.25, "eq", 57, COMMUNITY_13),
    PROCESS("getting information and advice", 0.55, 0.25, "", NAN, ""),
    PROCESS("being assessed", 0.54, 0.25, "", NAN, ""),
    PROCESS("understanding what the money may be spent on", 0.53, 0.25, "", NAN, ""),
    PROCESS("changing the support", 0.47, 0.27, "", NAN, ""),
    PROCESS("choosing among services", 0.45, 0.27, "", NAN, ""),
    PROCESS("commenting or complaining", 0.44, 0.25, "", NAN, ""),
    OUTCOME("dignity in support", 0.82, 0.03, "gt", 80, "lt"),
    OUTCOME("quality of life", 0.82, 0.03, "gt", 80, ""),
    OUTCOME("independence", 0.74, 0.03, "ge", 66.7, "lt"),
    OUTCOME("arranging support", 0.73, 0.03, "ge", 66.7, "lt"),
    OUTCOME("control over life", 0.73, 0.03, "ge", 66.7, "lt"),
    OUTCOME("relationships with people paid to support", 0.72, 0.03, "ge", 66.7, "lt"),
    OUTCOME("feeling safe", 0.71, 0.03, "ge", 66.7, "lt"),
    OUTCOME("self-esteem", 0.70, 0.03, "ge", 66.7, ""),
    OUTCOME("mental health", 0.70, 0.05, "ge", 66.7, "lt"),
    OUTCOME("relationships with family", 0.69, 0.03, "ge", 66.7, "lt"),
    OUTCOME("friendships", 0.69, 0.03, "ge", 66.7, "lt"),
    OUTCOME("physical health", 0.62, 0.05, "lt", 66.7, "lt"),
    OUTCOME("choosing where to live and who with", 0.42, 0.03, "lt", 66.7, "lt"),
    OUTCOME("taking part in the community or volunteering", 0.42, 0.03, "lt", 66.7, "lt"),
    OUTCOME("getting and keeping a paid job", 0.14, 0.03, "lt", 66.7, "lt"),
    YES_NO("a carer answered too", LATENT_NONE, 0.50, "", NAN, ""),
    {"planning and managing support, the carer's answer", LATENT_CARER_PROCESS, 0.55, 0.25, "", "", NAN, "", NAN},
    {"remaining well and able to continue caring", LATENT_CARER_OUTCOME, 0.70, 0.05, "gt", IN_CONTROL_14, 66.7, "",
     NAN},
    {"quality of life of the carer", LATENT_CARER_OUTCOME, 0.69, 0.05, "gt", IN_CONTROL_14, 66.7, "", NAN}};

static const sy_poet_strength strengths[SY_POET_STRENGTHS] = {
    {"deprivation_need", "of the council's deprivation on need", 0.4},
    {"need_funding", "of need on funding", 0.5},
    {"need_process", "of need on process quality", -0.1},
    {"need_outcome", "of need on outcomes", -0.2},
    {"council_funding", "of the council on funding", 0.3},
    {"council_process", "of the council on process quality", 0.4},
    {"council_outcome", "of the council on outcomes, by other ways", 0.1},
    {"funding_process", "of funding on process quality", 0},
    {"funding_outcome", "of funding on outcomes", 0.15},
    {"process_outcome", "of process quality on outcomes", 0.4},
    {"direct_process", "shift of process quality with a direct payment", 0.3},
    {"direct_outcome", "shift of outcomes with a direct payment, by other ways", 0},
    {"powerfulness_payment", "of personal powerfulness on having a direct payment", 0},
    {"powerfulness_funding", "of personal powerfulness on funding", 0},
    {"powerfulness_process", "of personal powerfulness on process quality", 0},
    {"powerfulness_outcome", "of personal powerfulness on outcomes", 0},
    {"style_process", "of the response style on answers about process", 0.3},
    {"style_outcome", "of the response style on answers about outcomes", 0.3},
    {"process_loading", "of process quality on each answer about process", 0.7},
    {"knows_loading", "of process quality on knowing the amount", 0.5},
    {"help_loading", "of process quality on help to plan", 0.5},
    {"views_loading", "of process quality on views included", 0.5},
    {"common_outcome", "of what only outcomes share", 0.4}};

const sy_poet_strength *sy_poet_strengths(void)
{
    return strengths;
}

/* Gross cost over users at 31 March over 52 [PSS-EX1 final unit costs]; the three
 * groups of 65 and over have the mean of older people. */
const double *syi_poet_amounts(const char *year)
{
    static const char *const years[] = {"2008-09", "2010-11", "2012-13", "2013-14"};
    static const double amounts[][POET_CLIENTS] = {{219.5, 77.0, 222.1, 137.2, 137.2, 137.2},
                                                   {221, 94, 230, 115, 115, 115},
                                                   {244.0, 101.0, 276.1, 172.9, 172.9, 172.9},
                                                   {252.6, 105.7, 288.8, 187.5, 187.5, 187.5}};
    for (int k = 0; k < 4; k++)
        if (year && strcmp(year, years[k]) == 0) return amounts[k];
    return NULL;
}

int syi_poet_levels(const poet_item *item)
{
    return item->latent == LATENT_NONE || item->latent <= LATENT_VIEWS ? 2 : 5;
}

int syi_poet_item_column(int item)
{
    return COLUMN_ITEMS + item;
}

void sy_poet_defaults(sy_poet_options *o)
{
    memset(o, 0, sizeof *o);
    o->seed = 1;
    o->people = 2679;
    o->councils = 22;
    o->year = "2013-14";
    o->direct_payment = 0.85;
    o->funding_ratio = 1.888;
    o->sd_log_amount = 0.8;
    o->knows_amount = 0.5;
    o->size_spread = 0.6;
    o->amount_missing = 1;
    for (int k = 0; k < SY_POET_STRENGTHS; k++) o->strength[k] = strengths[k].standard;
}
