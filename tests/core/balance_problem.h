/* Darfur refugees (the data of sensemakr: Hazlett 2020) for the tests of
 * balance: who was directly harmed, what is known of them, and their villages.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TEST_BALANCE_PROBLEM_H
#define SYI_TEST_BALANCE_PROBLEM_H
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "steelyard/balance.h"

enum { P_ROWS = 4000, P_COLUMNS = 13, P_LEVELS = 600, P_TABLE = 64, P_VALUES = 12 };

/* Numbers by column, then a factor `area` (third column of terms), clusters, strata and weights. */
typedef struct {
    ptrdiff_t n;
    int p, n_clusters;
    const char *name[P_COLUMNS];
    double x[P_COLUMNS][P_ROWS], weight[P_ROWS];
    int32_t cluster[P_ROWS], stratum[P_ROWS], area[P_ROWS];
    char cluster_name[P_LEVELS][64];
    const char *cluster_level[P_LEVELS];
    sy_column column[P_COLUMNS + 1], cluster_column, stratum_column, weight_column;
    sy_factor factor[P_COLUMNS + 1];
    sy_term term[P_COLUMNS + 1];
    int covariates[P_COLUMNS], outcomes[4];
    sy_design design;
    sy_balance_question question;
    /* answers */
    sy_balance_row row[P_TABLE];
    char label[P_TABLE * 64];
    int rows;
    sy_balance_estimate estimate[P_VALUES];
    double weights[P_ROWS], score[P_ROWS], bins[4 * SY_BALANCE_BINS];
    sy_balance_summary summary;
    char message[SY_MESSAGE_LENGTH], remark[8][SY_REMARK_LENGTH], remark_term[8][SY_NAME_LENGTH];
    sy_status remark_code[8];
    int n_remarks;
} problem;

static const char *const problem_areas[] = {"east", "north", "west", "south"};

/* Terms: one a column of numbers, then area. */
static inline void problem_design(problem *p)
{
    for (int c = 0; c < p->p; c++) {
        p->column[c] = (sy_column){.name = p->name[c], .data = p->x[c], .stride = sizeof(double), .type = SY_F64};
        p->factor[c] = (sy_factor){c, 1};
        p->term[c] = (sy_term){p->name[c], 1, &p->factor[c]};
    }
    p->column[p->p] = (sy_column){.name = "area",
                                  .data = p->area,
                                  .stride = sizeof(int32_t),
                                  .type = SY_CODES,
                                  .n_levels = 4,
                                  .levels = problem_areas};
    p->factor[p->p] = (sy_factor){p->p, 1};
    p->term[p->p] = (sy_term){"area", 1, &p->factor[p->p]};
    for (int l = 0; l < p->n_clusters; l++) p->cluster_level[l] = p->cluster_name[l];
    p->cluster_column = (sy_column){.name = "village",
                                    .data = p->cluster,
                                    .stride = sizeof(int32_t),
                                    .type = SY_CODES,
                                    .n_levels = p->n_clusters,
                                    .levels = p->cluster_level};
    p->stratum_column = (sy_column){.name = "region",
                                    .data = p->stratum,
                                    .stride = sizeof(int32_t),
                                    .type = SY_CODES,
                                    .n_levels = 4,
                                    .levels = problem_areas};
    p->weight_column = (sy_column){.name = "w", .data = p->weight, .stride = sizeof(double), .type = SY_F64};
    p->design =
        (sy_design){.n = p->n, .n_columns = p->p + 1, .columns = p->column, .n_terms = p->p + 1, .terms = p->term};
    sy_balance_defaults(&p->question);
    p->question.covariates = p->covariates;
    p->question.outcomes = p->outcomes;
}

/* Columns: 0 directlyharmed, 1 age, 2 farmer_dar, 3 herder_dar, 4 pastvoted, 5
 * hhsize_darfur, 6 female, 7 peacefactor, 8 wouldvote; treatment 0, covariates 1 to 6, outcomes 7 and 8;
 * 486 villages. */
static inline problem *problem_darfur(void)
{
    static const int from[] = {6, 7, 8, 9, 10, 11, 13, 1, 0};
    static const char *const names[] = {"directlyharmed", "age",    "farmer_dar",  "herder_dar", "pastvoted",
                                        "hhsize_darfur",  "female", "peacefactor", "wouldvote"};
    problem *p = calloc(1, sizeof *p);
    FILE *file = fopen("tests/reference/data/darfur.csv", "r");
    char line[500], cell[14][80];
    assert_true(p && file && fgets(line, sizeof line, file));
    p->p = 9;
    for (int c = 0; c < 9; c++) p->name[c] = names[c];
    for (; fgets(line, sizeof line, file); p->n++) {
        int k = 0, l = 0;
        for (char *at = strtok(line, ",\r\n"); at; at = strtok(NULL, ",\r\n")) snprintf(cell[k++], 80, "%s", at);
        assert_int_equal(k, 14);
        for (int c = 0; c < 9; c++) p->x[c][p->n] = strtod(cell[from[c]], NULL);
        while (l < p->n_clusters && strcmp(p->cluster_name[l], cell[12]) != 0) l++;
        if (l == p->n_clusters) snprintf(p->cluster_name[p->n_clusters++], 64, "%.63s", cell[12]);
        p->cluster[p->n] = l;
        p->stratum[p->n] = l % 4;
        p->area[p->n] = l / 8 % 4;
        p->weight[p->n] = 1;
    }
    fclose(file);
    problem_design(p);
    for (int i = 0; i < 6; i++) p->covariates[i] = i + 1;
    p->outcomes[0] = 7;
    p->outcomes[1] = 8;
    p->question.n_covariates = 6;
    p->question.n_outcomes = 2;
    return p;
}

/* All answers into the problem; the status of the balance itself. */
static inline sy_status problem_run(problem *p)
{
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_balance_result result = {p->weights, p->score, p->row, p->estimate, p->bins};
    p->n_remarks = 0;
    sy_status status = sy_balance_rows(&ctx, &p->design, &p->question, &p->rows, p->label, 64);
    assert_true(p->rows <= P_TABLE);
    snprintf(p->message, sizeof p->message, "%s", ctx.message);
    sy_context_free(&ctx);
    if (status < 0) return status;
    sy_context_init(&ctx);
    status = sy_balance(&ctx, &p->design, &p->question, &p->summary, &result);
    snprintf(p->message, sizeof p->message, "%s", ctx.message);
    for (int i = 0; i < ctx.n_remarks && i < 8; i++, p->n_remarks++) {
        p->remark_code[i] = ctx.remarks[i].code;
        snprintf(p->remark[i], SY_REMARK_LENGTH, "%s", ctx.remarks[i].text);
        snprintf(p->remark_term[i], SY_NAME_LENGTH, "%s", ctx.remarks[i].term);
    }
    sy_context_free(&ctx);
    return status;
}

static inline const char *problem_remark(const problem *p, sy_status code, const char *term)
{
    for (int i = 0; i < p->n_remarks; i++)
        if (p->remark_code[i] == code && !strcmp(p->remark_term[i], term)) return p->remark[i];
    return "";
}

static inline const sy_balance_row *problem_row(const problem *p, const char *label)
{
    for (int i = 0; i < p->rows; i++)
        if (!strcmp(p->label + (ptrdiff_t)i * 64, label)) return &p->row[i];
    fail_msg("the table has no row %s", label);
    return NULL;
}

/* Relative to 1 or to what is expected. */
static inline void close_to(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance * fmax(1, fabs(expected))))
        fail_msg("found %.17g, expected %.17g", found, expected);
}
#endif
