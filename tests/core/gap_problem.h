/* Two groups with numbers and factors, in clusters and strata; and the wages of
 * tests/reference/data/chicago.csv.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TEST_GAP_PROBLEM_H
#define SYI_TEST_GAP_PROBLEM_H
#include "cases.h"
#include "failing_internal.h"
#include "steelyard/gap.h"

enum { GAP_ROWS = 4200, GAP_COLUMNS = 12, GAP_LEVELS = 160 };

typedef struct {
    int n, p, blocks;
    double value[GAP_COLUMNS][GAP_ROWS], weight[GAP_ROWS];
    int32_t code[GAP_COLUMNS][GAP_ROWS], group[GAP_ROWS], cluster[GAP_ROWS], stratum[GAP_ROWS];
    char name[GAP_COLUMNS][32], level[GAP_LEVELS][8];
    const char *levels[GAP_LEVELS];
    sy_column column[GAP_COLUMNS], group_column, weight_column, cluster_column, stratum_column;
    sy_term term[GAP_COLUMNS];
    sy_factor factor[GAP_COLUMNS];
    int block_term[GAP_COLUMNS][GAP_COLUMNS], adjust[GAP_COLUMNS];
    sy_block block[GAP_COLUMNS];
    sy_design design;
    sy_gap_question ask;
} gap_problem;

static inline sy_column gap_codes(gap_problem *p, const char *name, const int32_t *code, int levels)
{
    return (sy_column){
        .name = name, .data = code, .stride = 4, .type = SY_CODES, .n_levels = levels, .levels = p->levels};
}

static inline void gap_open(gap_problem *p, int n)
{
    static const char *const groups[2] = {"direct", "managed"};
    memset(p, 0, sizeof *p);
    p->n = n;
    for (int l = 0; l < GAP_LEVELS; l++) {
        snprintf(p->level[l], sizeof p->level[l], "l%d", l);
        p->levels[l] = p->level[l];
    }
    for (int i = 0; i < n; i++) p->weight[i] = 1;
    p->group_column = gap_codes(p, "payment", p->group, 2);
    p->group_column.levels = groups;
    p->cluster_column = gap_codes(p, "council", p->cluster, GAP_LEVELS);
    p->stratum_column = gap_codes(p, "region", p->stratum, 4);
    p->weight_column = (sy_column){.name = "w", .data = p->weight, .stride = 8, .type = SY_F64};
    p->design = (sy_design){.n = n, .columns = p->column, .terms = p->term};
    sy_gap_defaults(&p->ask);
    p->ask.group = &p->group_column;
    p->ask.blocks = p->block;
    p->ask.adjust = p->adjust;
}

/* A column of `levels` levels (0: a number); its place. */
static inline int gap_add(gap_problem *p, const char *name, int levels)
{
    const int c = p->p++;
    assert_true(c < GAP_COLUMNS);
    snprintf(p->name[c], sizeof p->name[c], "%s", name);
    p->column[c] = levels ? gap_codes(p, p->name[c], p->code[c], levels)
                          : (sy_column){.name = p->name[c], .data = p->value[c], .stride = 8, .type = SY_F64};
    p->factor[c] = (sy_factor){.column = c, .power = 1};
    p->term[c] = (sy_term){.label = p->name[c], .n_factors = 1, .factors = &p->factor[c]};
    p->design.n_columns = p->design.n_terms = p->p;
    return c;
}

static inline void gap_block(gap_problem *p, const char *name, int count, const int *terms)
{
    memcpy(p->block_term[p->blocks], terms, (size_t)count * sizeof *terms);
    p->block[p->blocks] = (sy_block){.name = name, .n_terms = count, .terms = p->block_term[p->blocks]};
    p->ask.n_blocks = ++p->blocks;
}

/* Numbers that need no library: a linear congruential generator's. */
static inline double gap_uniform(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return ((double)(*state >> 11) + 0.5) * 0x1p-53;
}
static inline double gap_noise(uint64_t *state)
{
    double sum = -3;
    for (int i = 0; i < 6; i++) sum += gap_uniform(state);
    return sum * 1.4142135623730951;
}

/* y, x1, x2, a factor f of three levels, x3; clusters of effects; blocks money (x1), process (x2, f), need (x3). */
static inline void gap_fill(gap_problem *p, int n, int clusters, uint64_t seed)
{
    static const int money[] = {1}, process[] = {2, 3}, need[] = {4};
    static const char *const names[] = {"y", "x1", "x2", "f", "x3"};
    uint64_t state = seed * 2654435761u + 1;
    double effect[GAP_LEVELS];
    gap_open(p, n);
    for (int c = 0; c < 5; c++) gap_add(p, names[c], c == 3 ? 3 : 0);
    gap_block(p, "money", 1, money);
    gap_block(p, "process", 2, process);
    gap_block(p, "need", 1, need);
    for (int g = 0; g < clusters; g++) effect[g] = 0.5 * gap_noise(&state);
    for (int i = 0; i < n; i++) {
        const int g = (int)(gap_uniform(&state) * gap_uniform(&state) * clusters);
        p->cluster[i] = g;
        p->stratum[i] = g % 4;
        p->group[i] = gap_uniform(&state) < 0.4 + 0.1 * effect[g];
        const int d = p->group[i];
        p->value[1][i] = 20 + 3 * gap_noise(&state) - 2 * d + effect[g];
        p->value[2][i] = gap_noise(&state) + 0.3 * d;
        const double u = gap_uniform(&state);
        p->code[3][i] = u < 0.3 + 0.1 * d ? 0 : u < 0.7 ? 1 : 2;
        p->value[4][i] = gap_noise(&state) + 0.05 * p->value[1][i];
        p->value[0][i] = 5 + (0.2 + 0.1 * d) * p->value[1][i] + 0.5 * p->value[2][i] - 0.4 * p->value[4][i] +
                         0.3 * p->code[3][i] * (1 + d) - 1.5 * d + effect[g] + gap_noise(&state);
        p->weight[i] = 1 + (double)(int)(gap_uniform(&state) * 3);
    }
    p->ask.outcome = 0;
    p->ask.interval = SY_INTERVAL_NONE;
}

/* tests/reference/data/chicago.csv; the six predictors of its case in two blocks. */
static inline void gap_chicago(gap_problem *p)
{
    static const char *const names[] = {"ln.real.wage", "age",     "female",         "LTHS",
                                        "some.college", "college", "advanced.degree"};
    static const char *const foreign[2] = {"0", "1"};
    static const int file_column[] = {8, 0, 1, 3, 5, 6, 7}, person[] = {1, 2}, school[] = {3, 4, 5, 6};
    record r;
    FILE *file = open_table("tests/reference/data/chicago.csv", &r);
    gap_open(p, 0);
    p->group_column.name = "foreign.born";
    p->group_column.levels = foreign;
    for (int c = 0; c < 7; c++) gap_add(p, names[c], 0);
    gap_block(p, "person", 2, person);
    gap_block(p, "school", 4, school);
    for (; read_record(file, &r); p->n++) {
        for (int c = 0; c < 7; c++) {
            const char *text = r.field[file_column[c]];
            p->value[c][p->n] = file_column[c] < r.n && *text ? strtod(text, NULL) : NAN;
        }
        p->group[p->n] = (int32_t)strtol(r.field[2], NULL, 10);
        p->cluster[p->n] = p->n % 40;
    }
    fclose(file);
    p->design.n = p->n;
    p->ask.outcome = 0;
    p->ask.interval = SY_INTERVAL_NONE;
}

/* y, three factors of 2, 3 and 2 levels that differ between the groups; blocks sex and others. */
static inline void gap_fill_factors(gap_problem *q, int n)
{
    static const int sex[] = {1}, others[] = {2, 3};
    uint64_t state = 77;
    gap_open(q, n);
    gap_add(q, "y", 0);
    gap_add(q, "sex", 2);
    gap_add(q, "age", 3);
    gap_add(q, "kind", 2);
    gap_block(q, "sex", 1, sex);
    gap_block(q, "others", 2, others);
    for (int i = 0; i < n; i++) {
        const int d = q->group[i] = gap_uniform(&state) < 0.45;
        q->code[1][i] = gap_uniform(&state) < 0.5 + 0.1 * d;
        q->code[2][i] = (int)(3 * (d ? gap_uniform(&state) : 0.9 * gap_uniform(&state)));
        q->code[3][i] = gap_uniform(&state) < 0.3 + 0.3 * q->code[1][i];
        q->value[0][i] = 3 + d + q->code[1][i] * (1 + q->code[2][i]) - 0.5 * q->code[3][i] * d + gap_noise(&state);
        q->cluster[i] = i % 30;
        q->weight[i] = 1 + (double)(i % 3);
    }
    q->ask.outcome = 0;
    q->ask.method = SY_GAP_KITAGAWA;
    q->ask.interval = SY_INTERVAL_NONE;
}

static inline double gap_cell(const sy_gap_result *r, int row, int column)
{
    return r->estimate[row * r->n_columns + column];
}
static inline double gap_split(const sy_gap_result *r, int reference, int split)
{
    return r->estimate[r->n_rows * r->n_columns + reference * SY_GAP_SPLITS + split];
}
static inline double gap_end(const sy_gap_result *r, int end)
{
    return r->estimate[r->n_values - SY_GAP_ENDS + end];
}
/* The line of that kind and label. */
static inline int gap_line(const sy_gap_result *r, int kind, const char *label)
{
    for (int i = 0; i < r->n_rows; i++)
        if ((int)r->rows[i].kind == kind && !strcmp(r->rows[i].label, label)) return i;
    fail_msg("no line %s", label);
    return -1;
}

static inline void gap_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("%.17g, expected %.17g within %g", found, expected, tolerance);
}

/* A call that must go well; free the result. */
static inline sy_gap_result gap_asked(const gap_problem *p)
{
    sy_gap_result r;
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status status = sy_gap(&ctx, &p->design, &p->ask, &r);
    if (status < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
    return r;
}
#endif
