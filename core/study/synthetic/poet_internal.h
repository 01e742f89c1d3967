/* What the files of the generator share: the order of columns, items and
 * strengths, and the structure made of the strengths.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_POET_INTERNAL_H
#define SYI_POET_INTERNAL_H
#include "steelyard/synthetic.h"

/* Columns in their order. */
enum {
    COLUMN_SYNTHETIC,
    COLUMN_COUNCIL,
    COLUMN_GROUP,
    COLUMN_PAYMENT,
    COLUMN_NEED,
    COLUMN_DEPRIVATION,
    COLUMN_AMOUNT,
    COLUMN_ITEMS,                      /* knows_amount, the first of the answers */
    COLUMN_CARER = COLUMN_ITEMS + 27,  /* whether there is one, then the carer's answers */
    COLUMN_HIDDEN = COLUMN_ITEMS + 31, /* powerfulness, funding, process, style, amount, outcome */
};

/* Answers made by cutting a latent variable: 3 of yes and no, 9 of process, 15
 * outcomes, then carer yes or no and 3 of the carer's. */
enum { POET_YES_NO = 3, POET_PROCESS = 9, POET_OUTCOMES = 15, POET_ITEMS = 31, POET_CUTS = 4, POET_CLIENTS = 6 };

typedef enum {
    LATENT_KNOWS,
    LATENT_HELP,
    LATENT_VIEWS,
    LATENT_PROCESS,
    LATENT_OUTCOME,
    LATENT_NONE,
    LATENT_CARER_PROCESS,
    LATENT_CARER_OUTCOME,
    LATENTS
} poet_latent;

/* Independent standard normal shocks that latent variables are made of; the
 * first four belong to the council. */
enum {
    SHOCK_DEPRIVED,
    SHOCK_FUND_COUNCIL,
    SHOCK_PROCESS_COUNCIL,
    SHOCK_OUTCOME_COUNCIL,
    COUNCIL_SHOCKS,
    SHOCK_NEED = COUNCIL_SHOCKS,
    SHOCK_POWER,
    SHOCK_PAYMENT,
    SHOCK_FUND,
    SHOCK_PROCESS,
    SHOCK_STYLE,
    SHOCK_OUTCOME,
    SHOCK_CARER,
    SHOCKS
};

/* Strengths in the order of sy_poet_strengths(). */
enum {
    DEPRIVATION_NEED,
    NEED_FUNDING,
    NEED_PROCESS,
    NEED_OUTCOME,
    COUNCIL_FUNDING,
    COUNCIL_PROCESS,
    COUNCIL_OUTCOME,
    FUNDING_PROCESS,
    FUNDING_OUTCOME,
    PROCESS_OUTCOME,
    DIRECT_PROCESS,
    DIRECT_OUTCOME,
    POWER_PAYMENT,
    POWER_FUNDING,
    POWER_PROCESS,
    POWER_OUTCOME,
    STYLE_PROCESS,
    STYLE_OUTCOME,
    PROCESS_LOADING,
    KNOWS_LOADING,
    HELP_LOADING,
    VIEWS_LOADING,
    COMMON_OUTCOME
};

/* One answer: who is above which cut. */
typedef struct {
    const char *item;
    poet_latent latent;
    double good, bad;                /* planted shares of the two best and the two worst levels; yes */
    const char *comparator, *source; /* of the good share; "" when nothing is published */
    double published;                /* percent */
    const char *bad_comparator;
    double bad_published;
} poet_item;

/* A latent variable: weights of the shocks, a shift for a direct payment, and
 * the standard deviation of what is its own. */
typedef struct {
    double shock[SHOCKS], shift, own;
} poet_mix;

typedef struct {
    poet_mix need, payment, funding, process, latent[LATENTS], outcome; /* outcome: without what is an item's own */
    double payment_cut;                                                 /* above it: a direct payment */
    double amount_shift;               /* of a direct payment, in sd of the log amount */
    double log_mean[POET_CLIENTS][2];  /* [.][1]: with a direct payment */
    double cut[POET_ITEMS][POET_CUTS]; /* one for yes and no */
} poet_structure;

extern const poet_item syi_poet_items[POET_ITEMS];
extern const double syi_poet_client_count[POET_CLIENTS];

/* Mean weekly amounts of users of direct payments by client group; NULL: an
 * unknown year. */
const double *syi_poet_amounts(const char *year);
/* Answers of an item: 2 or 5. */
int syi_poet_levels(const poet_item *item);
/* The column an item stands in. */
int syi_poet_item_column(int item);

sy_status syi_poet_structure(sy_context *ctx, const sy_poet_options *options, poet_structure *s);
/* Shares of levels below each cut. */
int syi_poet_below(const sy_poet_options *options, int item, double below[POET_CUTS]);
void syi_poet_truth(const sy_poet_options *options, const poet_structure *s, sy_poet_truth *truth);
/* values may be NULL. */
sy_status syi_poet_marginals(sy_context *ctx, const sy_poet_options *options, const double *values,
                             sy_poet_marginal *marginals);
#endif
