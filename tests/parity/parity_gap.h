/* Gaps between councils of even and odd number, printed as parity.py and parity.R
 * print them; included by parity.c after parity_response.h, whose outcomes it
 * uses. SPDX-License-Identifier: GPL-3.0-only */
#include "steelyard/gap.h"
#include "steelyard/gap_response.h"

enum { GAP_CELLS = 6 * 40 };
static int32_t side_code[MOST];

static sy_column side_of(const sample *s)
{
    static const char *const sides[] = {"even", "odd"};
    for (int i = 0; i < s->n; i++) side_code[i] = s->council[i] % 2;
    return (sy_column){
        .name = "side", .data = side_code, .stride = sizeof(int32_t), .type = SY_CODES, .n_levels = 2, .levels = sides};
}

static void linear_gap(const char *name, sy_gap_method method, sy_interval_kind interval)
{
    static const int terms[] = {1, 2, 3};
    const sy_block two[] = {{"first", 2, terms}, {"area", 1, terms + 2}};
    const sy_term term[] = {all_terms[0], all_terms[1], all_terms[3], all_terms[4]};
    const sy_column council = council_of(&small), side = side_of(&small);
    sy_column column[COLUMNS];
    sy_gap_question q;
    sy_gap_result r;
    sy_context ctx;
    columns_of(&small, column);
    const sy_design design = {
        .n = small.n, .n_columns = COLUMNS, .columns = column, .n_terms = 4, .terms = term, .cluster = &council};
    sy_context_init(&ctx);
    sy_gap_defaults(&q);
    q.group = &side;
    q.n_blocks = method == SY_GAP_KITAGAWA ? 1 : 2;
    q.blocks = method == SY_GAP_KITAGAWA ? two + 1 : two;
    q.method = method;
    q.interval = interval;
    q.replicates = 100;
    if (sy_gap(&ctx, &design, &q, &r) < 0) die(&ctx);
    for (int v = 0; v < r.n_values - 1; v++) {
        const int row = v / r.n_columns, column_ = v % r.n_columns, end = v - (r.n_values - SY_GAP_ENDS);
        if (row < r.n_rows && r.rows[row].kind == SY_GAP_CONSTANT && column_ % 2 == 0) continue;
        if (row >= r.n_rows && end < 0) continue;
        const double values[] = {r.estimate[v], r.std_error[v], r.p_value[v], r.low[v], r.high[v]};
        show(name, "", 5, values);
    }
    sy_gap_free(&r);
    sy_context_free(&ctx);
}

static void show_answers(const char *name, const sy_gap_response_summary *s, const sy_gap_response_table *t)
{
    /* places by block (columns, coefficients), constant, totals, then fit and means */
    static const int place[] = {6, 8, 7, 9, 10, 3, 4, 5, 0, 1, 2};
    for (int m = 0; m < s->n_measures; m++)
        for (size_t i = 0; i < sizeof place / sizeof place[0]; i++) {
            const int v = m * sy_gap_response_values(2) + place[i];
            const double values[] = {t->estimate[v], t->std_error[v], t->low[v], t->high[v]};
            if (place[i] != SY_GAP_RESPONSE_FIT) show(name, "", 4, values);
        }
}

static void answer_gap(const char *name, const response_case *a, int clustered)
{
    static const int terms[] = {1, 2, 3};
    static const sy_factor of_spot[] = {{SPOT, 1}};
    static double cell[6][GAP_CELLS];
    const sy_block two[] = {{"first", 2, terms}, {"area", 1, terms + 2}};
    const sy_term term[] = {{"spot", 1, of_spot}, all_terms[1], all_terms[3], all_terms[4]};
    const sy_column council = council_of(&small), side = side_of(&small);
    const sy_gap_response_table table = {cell[0], cell[1], cell[2], cell[3], cell[4], cell[5], NULL};
    sy_column column[N_SPOTS];
    sy_gap_response_question q;
    sy_gap_response_summary s;
    sy_context ctx;
    columns_of(&small, column);
    response_column(a, &column[SPOT]);
    sy_design design = {.n = small.n, .n_columns = N_SPOTS, .columns = column, .n_terms = 4, .terms = term};
    if (clustered) design.cluster = &council;
    sy_context_init(&ctx);
    sy_gap_response_defaults(&q);
    q.model = (sy_response_model){
        .columns = {.n_terms = 3, .terms = terms, .intercept = 1}, .kind = a->kind, .link = a->link};
    q.group = &side;
    q.n_blocks = 2;
    q.blocks = two;
    if (sy_gap_response(&ctx, &design, &q, &s, &table) < 0) die(&ctx);
    show_answers(name, &s, &table);
    sy_context_free(&ctx);
}

static void gaps(void)
{
    const response_case two = {.kind = SY_RESPONSE_BINARY, .link = SY_LINK_LOGIT, .from = 9, .by = 50, .modulus = 2};
    const response_case five = {.kind = SY_RESPONSE_ORDINAL, .link = SY_LINK_PROBIT, .from = 4, .by = 4, .modulus = 5};
    linear_gap("gap oaxaca", SY_GAP_OAXACA, SY_INTERVAL_AUTO);
    linear_gap("gap drawn", SY_GAP_OAXACA, SY_INTERVAL_PERCENTILE);
    linear_gap("gap kitagawa", SY_GAP_KITAGAWA, SY_INTERVAL_INFLUENCE);
    linear_gap("gap gelbach", SY_GAP_GELBACH, SY_INTERVAL_AUTO);
    answer_gap("gap binary", &two, 1);
    answer_gap("gap ordinal", &five, 0);
}
