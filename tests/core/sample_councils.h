/* People in councils, made from a stream: for tests that need rows, clusters,
 * weights and several blocks. Funding is one value a council when asked.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TEST_SAMPLE_COUNCILS_H
#define SYI_TEST_SAMPLE_COUNCILS_H
#include "base/random_internal.h"
#include "steelyard.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SAMPLE_ROWS = 2700, SAMPLE_COLUMNS = 6, SAMPLE_COUNCILS = 60 };

/* Columns: funding, process, choice, delivery, need, outcome. Blocks: funding,
 * process (process + choice), delivery, need. */
typedef struct {
    double x[SAMPLE_COLUMNS][SAMPLE_ROWS], weight[SAMPLE_ROWS];
    int32_t council[SAMPLE_ROWS];
    int n, councils;
    char council_name[SAMPLE_COUNCILS][16];
    const char *council_names[SAMPLE_COUNCILS];
    sy_column column[SAMPLE_COLUMNS], council_column, weight_column;
    sy_factor factor[SAMPLE_COLUMNS];
    sy_term term[SAMPLE_COLUMNS];
    sy_block block[4];
    sy_design design;
    sy_question question;
} sample;

static const char *const sample_names[SAMPLE_COLUMNS] = {"funding", "process", "choice", "delivery", "need", "outcome"};
static const int sample_terms[] = {0, 1, 2, 3, 4};

static inline void sample_describe(sample *s)
{
    for (int c = 0; c < SAMPLE_COLUMNS; c++) {
        s->column[c] = (sy_column){.name = sample_names[c], .data = s->x[c], .stride = sizeof(double), .type = SY_F64};
        s->factor[c] = (sy_factor){c, 1};
        s->term[c] = (sy_term){sample_names[c], 1, &s->factor[c]};
    }
    for (int g = 0; g < s->councils; g++) {
        snprintf(s->council_name[g], sizeof s->council_name[g], "council_%d", g + 1);
        s->council_names[g] = s->council_name[g];
    }
    s->council_column = (sy_column){.name = "council", .data = s->council, .stride = sizeof(int32_t), .type = SY_CODES,
                                    .n_levels = s->councils, .levels = s->council_names};
    s->weight_column = (sy_column){.name = "weight", .data = s->weight, .stride = sizeof(double), .type = SY_F64};
    s->block[0] = (sy_block){"funding", 1, sample_terms};
    s->block[1] = (sy_block){"process", 2, sample_terms + 1};
    s->block[2] = (sy_block){"delivery", 1, sample_terms + 3};
    s->block[3] = (sy_block){"need", 1, sample_terms + 4};
    s->design = (sy_design){.n = s->n, .n_columns = SAMPLE_COLUMNS, .columns = s->column, .n_terms = SAMPLE_COLUMNS,
                            .terms = s->term};
    s->question = (sy_question){.outcome = 5, .n_blocks = 4, .blocks = s->block};
}

static inline void sample_fill(sample *s, int n, int councils, int funding_by_council, uint64_t seed)
{
    syi_stream r;
    double level[SAMPLE_COUNCILS];
    memset(s, 0, sizeof *s);
    s->n = n;
    s->councils = councils;
    syi_stream_init(&r, seed, 0, 0);
    for (int g = 0; g < councils; g++) level[g] = syi_stream_normal(&r);
    for (int i = 0; i < n; i++) {
        const int g = i < councils ? i : (int)syi_stream_below(&r, (uint32_t)councils);
        s->council[i] = g;
        s->weight[i] = 1 + (double)syi_stream_below(&r, 4);
        double y = syi_stream_normal(&r) + 0.3 * level[g];
        for (int c = 0; c < SAMPLE_COLUMNS - 1; c++) {
            const double own = syi_stream_normal(&r);
            s->x[c][i] = c == 0 ? (funding_by_council ? level[g] : level[g] + own) : own + 0.4 * s->x[0][i];
            y += 0.1 * (c + 1) * s->x[c][i];
        }
        s->x[SAMPLE_COLUMNS - 1][i] = y;
    }
    sample_describe(s);
}

/* A table as sy_evidence_shares wants it, for the sample's 4 blocks and 5 terms. */
enum { SAMPLE_TABLE_ROWS = 9, SAMPLE_CELLS = SAMPLE_TABLE_ROWS * SY_N_METRICS };
typedef struct {
    double estimate[SAMPLE_CELLS], std_error[SAMPLE_CELLS], scaled[SAMPLE_CELLS], low[SAMPLE_CELLS], high[SAMPLE_CELLS];
    double covariance[SY_N_METRICS * SAMPLE_TABLE_ROWS * SAMPLE_TABLE_ROWS];
} sample_table;

static inline sy_evidence_table sample_view(sample_table *t)
{
    return (sy_evidence_table){t->estimate, t->std_error, t->scaled, t->low, t->high, t->covariance, NULL, NULL};
}
#endif
