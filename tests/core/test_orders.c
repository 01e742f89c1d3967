/* Orders of entry: worked by hand, refusals.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "failing_internal.h"

#include "sample_councils.h"
#include "shares/orders_internal.h"
#include <stdlib.h>

enum { MOST_CELLS = 24 * SY_N_METRICS };

static sy_status shares_of(sy_context *ctx, const sample *s, const sy_question *q, sy_shares_summary *summary,
                           double *table)
{
    sy_moments m = {0};
    sy_shares_options options;
    const sy_moments_options how = {s->design.cluster ? SY_UNIT_CLUSTER : SY_UNIT_NONE, SY_PRECISION_AUTO};
    sy_shares_defaults(&options);
    options.method = SY_METHOD_EXACT;
    sy_status status = sy_moments_init(ctx, &s->design, &how, &m);
    if (status >= 0) status = sy_shares(ctx, &m, q, &options, summary, table);
    sy_moments_free(&m);
    return status;
}

static void shares_must(const sample *s, const sy_question *q, sy_shares_summary *summary, double *table)
{
    sy_context ctx;
    sy_context_init(&ctx);
    if (shares_of(&ctx, s, q, summary, table) < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

/* The message of a refused question. */
static void refused(const sample *s, const sy_question *q, sy_status code, const char *message)
{
    static double table[MOST_CELLS];
    sy_context ctx;
    sy_shares_summary summary;
    sy_context_init(&ctx);
    assert_int_equal(shares_of(&ctx, s, q, &summary, table), code);
    assert_string_equal(ctx.message, message);
    sy_context_free(&ctx);
}

static void parts_are_read_from_labels(void **state)
{
    (void)state;
    static const struct {
        const char *whole, *part;
        int is;
    } cases[] = {
        {"a:b", "a", 1},
        {"a:b", "b", 1},
        {"a:b", "a:b", 0},
        {"a:b", "c", 0},
        {"a:b", "ab", 0},
        {"a:b:c", "a:c", 1},
        {"a:b:c", "a:d", 0},
        {"x^2", "x", 1},
        {"x", "x^2", 0},
        {"x^3", "x^2", 1},
        {"x^2", "x^3", 0},
        {"a:x^2", "a:x", 1},
        {"a:x", "a:x^2", 0},
        {"x^2:y", "x", 1},
        {"factor(region):x", "factor(region)", 1},
        {"factor(region):x", "region", 0},
        {"factor(a:b)", "factor(a", 0},
        {"log(a:b):c", "log(a:b)", 1},
        {"log(a:b):c", "c", 1},
        {"log(a:b):c", "b)", 0},
        {"x[1:2]:y", "y", 1},
        {"f(\"(\"):y", "y", 1},
        {"a^b", "a", 0},
        {"x^", "x", 0},
        {"10^2", "10", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (syi_orders_part(cases[i].whole, cases[i].part) != cases[i].is)
            fail_msg("%s in %s: %d was expected", cases[i].part, cases[i].whole, cases[i].is);
}

/* Two groups of one column each, by hand: the first gets its squared
 * correlation, the second what it adds. */
static void the_first_group_gets_all_it_explains_alone(void **state)
{
    (void)state;
    static sample s;
    double any[MOST_CELLS], first[MOST_CELLS];
    sy_shares_summary summary;
    sample_fill(&s, 200, 10, 0, 3);
    const int order[4] = {0, 1, 1, 1};
    shares_must(&s, &s.question, &summary, any);
    sy_question q = s.question;
    q.order = order;
    shares_must(&s, &q, &summary, first);
    assert_true(fabs(first[SY_SHARE] - any[SY_ALONE]) < 1e-14);
    assert_true(first[SY_LOWEST] == first[SY_HIGHEST]);
    double sum = 0;
    for (int b = 0; b < 4; b++) {
        const double *row = first + b * SY_N_METRICS, *free_row = any + b * SY_N_METRICS;
        sum += row[SY_SHARE];
        assert_true(row[SY_ALONE] == free_row[SY_ALONE] && row[SY_UNIQUE] == free_row[SY_UNIQUE]);
        assert_true(row[SY_LOWEST] >= free_row[SY_LOWEST] && row[SY_HIGHEST] <= free_row[SY_HIGHEST]);
    }
    assert_true(fabs(sum - summary.total) < 1e-14);
}

static void orders_and_absorbing_are_refused_in_words(void **state)
{
    (void)state;
    static sample s;
    sample_fill(&s, 100, 8, 0, 1);
    sy_question q = s.question;
    const int gap[4] = {0, 2, 2, 3}, negative[4] = {0, -1, 0, 0}, high[4] = {0, 1, 2, 4};
    q.order = gap;
    refused(&s, &q, SY_EINVAL, "order: group 2 is empty");
    q.order = negative;
    refused(&s, &q, SY_EINVAL, "order: block process is in group -1; groups are numbered from 0 to 3");
    q.order = high;
    refused(&s, &q, SY_EINVAL, "order: block need is in group 4; groups are numbered from 0 to 3");
    q.order = NULL;
    q.absorb = 1;
    refused(&s, &q, SY_EINVAL,
            "adjust: the means of clusters can be forced in only where there are clusters; give cluster");
    s.design.cluster = &s.council_column;
    s.design.n = 12;
    refused(&s, &q, SY_ERANK, "data: 12 rows for 12 columns and the intercept; at least 14 rows are needed");
}

/* a, b, their product and a's square in blocks as `member` says: block of each
 * of the terms a, b, a:b, a^2. */
typedef struct {
    double x[3][60];
    sy_column column[3];
    sy_factor factor[3], product[2], square[1];
    sy_term term[5];
    sy_block block[4];
    int list[4];
    sy_design design;
    sy_question question;
} products;

static void products_fill(products *p, const char *const *names, int n_blocks, const int *member)
{
    static const char *const labels[] = {"a", "b", "y"};
    syi_stream r;
    int at = 0;
    memset(p, 0, sizeof *p);
    syi_stream_init(&r, 99, 0, 0);
    for (int i = 0; i < 60; i++) {
        p->x[0][i] = syi_stream_normal(&r);
        p->x[1][i] = syi_stream_normal(&r) + 0.3 * p->x[0][i];
        p->x[2][i] = syi_stream_normal(&r) + p->x[0][i] * (1 + p->x[1][i]) + 0.5 * p->x[0][i] * p->x[0][i];
    }
    for (int c = 0; c < 3; c++) {
        p->column[c] = (sy_column){.name = labels[c], .data = p->x[c], .stride = sizeof(double), .type = SY_F64};
        p->factor[c] = (sy_factor){c, 1};
        p->term[c < 2 ? c : 4] = (sy_term){labels[c], 1, &p->factor[c]};
    }
    p->product[0] = p->factor[0];
    p->product[1] = p->factor[1];
    p->square[0] = (sy_factor){0, 2};
    p->term[2] = (sy_term){"a:b", 2, p->product};
    p->term[3] = (sy_term){"a^2", 1, p->square};
    for (int b = 0; b < n_blocks; b++) {
        p->block[b] = (sy_block){names[b], 0, p->list + at};
        for (int t = 0; t < 4; t++)
            if (member[t] == b) {
                p->list[at++] = t;
                p->block[b].n_terms++;
            }
    }
    p->design = (sy_design){.n = 60, .n_columns = 3, .columns = p->column, .n_terms = 5, .terms = p->term};
    p->question = (sy_question){.outcome = 4, .n_blocks = n_blocks, .blocks = p->block};
}

/* The remarks of a question, joined by "; "; the table. */
static void remarks_of(const products *p, double *table, char *text, size_t room)
{
    sample s;
    sy_context ctx;
    sy_shares_summary summary;
    size_t used = 0;
    s.design = p->design;
    text[0] = 0;
    sy_context_init(&ctx);
    if (shares_of(&ctx, &s, &p->question, &summary, table) < 0) fail_msg("%s", ctx.message);
    for (int i = 0; i < ctx.n_remarks && used < room; i++)
        if (ctx.remarks[i].code == SY_NOTE_MARGINALITY)
            used += (size_t)snprintf(text + used, room - used, "%s%s", used ? "; " : "", ctx.remarks[i].text);
    sy_context_free(&ctx);
}

/* a, b, a:b each a block: of the 6 orders only a b a:b and b a a:b count, so the
 * interaction gets what it adds to both. */
static void an_interaction_enters_after_its_parents(void **state)
{
    (void)state;
    static products p;
    static const char *const names[] = {"money", "process", "both", "bend"};
    const int each[4] = {0, 1, 2, -1}, one[4] = {0, 0, 0, 0};
    double table[MOST_CELLS];
    char text[512];
    products_fill(&p, names, 3, each);
    remarks_of(&p, table, text, sizeof text);
    assert_string_equal(text, "both enters after money and process, which it is made of");
    const double *both = table + 2 * SY_N_METRICS;
    assert_true(fabs(both[SY_SHARE] - both[SY_UNIQUE]) < 1e-15 && both[SY_LOWEST] == both[SY_HIGHEST]);
    p.question.free_orders = 1;
    remarks_of(&p, table, text, sizeof text);
    assert_string_equal(text, "");
    assert_true(fabs(both[SY_SHARE] - both[SY_UNIQUE]) > 1e-3);
    products_fill(&p, names, 1, one);
    remarks_of(&p, table, text, sizeof text);
    assert_string_equal(text, "a:b enters after a and b, which it is made of; a^2 enters after a, which it is made of");
}

static void an_interaction_among_others_is_named(void **state)
{
    (void)state;
    static products p;
    static const char *const names[] = {"money", "process"};
    const int mixed[4] = {0, 1, 1, 0};
    const int late[2] = {0, 1}, early[2] = {1, 0};
    double table[MOST_CELLS];
    char text[512];
    products_fill(&p, names, 2, mixed);
    remarks_of(&p, table, text, sizeof text);
    assert_string_equal(text,
                        "a:b is made of terms of other blocks but may enter before them with the other terms of "
                        "process; make it a block of its own; a^2 enters after a, which it is made of; a:b enters "
                        "after b, which it is made of");
    p.question.order = late;
    remarks_of(&p, table, text, sizeof text);
    assert_null(strstr(text, "block of its own"));
    p.question.order = early;
    remarks_of(&p, table, text, sizeof text);
    assert_non_null(strstr(text, "block of its own"));
}

/* What the user orders goes before marginality. */
static void an_order_goes_before_marginality(void **state)
{
    (void)state;
    static products p;
    static const char *const names[] = {"money", "process", "both"};
    const int each[4] = {0, 1, 2, -1}, first[3] = {1, 1, 0};
    double table[MOST_CELLS];
    char text[512];
    products_fill(&p, names, 3, each);
    p.question.order = first;
    remarks_of(&p, table, text, sizeof text);
    const double *both = table + 2 * SY_N_METRICS;
    assert_string_equal(text, "");
    assert_true(fabs(both[SY_SHARE] - both[SY_ALONE]) < 1e-15);
}

/* 19 blocks of one term, the last in a group of its own. */
static void wide_orders_name_the_way_out(void **state)
{
    (void)state;
    enum { WIDE = 19 };
    static double x[WIDE + 1][40];
    static sample s;
    static char name[WIDE + 1][8];
    sy_column column[WIDE + 1];
    sy_factor factor[WIDE + 1];
    sy_term term[WIDE + 1];
    sy_block block[WIDE];
    int index[WIDE], order[WIDE] = {0};
    syi_stream r;
    syi_stream_init(&r, 1, 0, 0);
    for (int c = 0; c <= WIDE; c++) {
        for (int i = 0; i < 40; i++) x[c][i] = syi_stream_normal(&r);
        snprintf(name[c], sizeof name[c], "x%d", c);
        column[c] = (sy_column){.name = name[c], .data = x[c], .stride = sizeof(double), .type = SY_F64};
        factor[c] = (sy_factor){c, 1};
        term[c] = (sy_term){name[c], 1, &factor[c]};
        if (c == WIDE) continue;
        index[c] = c;
        block[c] = (sy_block){name[c], 1, &index[c]};
    }
    order[WIDE - 1] = 1;
    s.design = (sy_design){.n = 40, .n_columns = WIDE + 1, .columns = column, .n_terms = WIDE + 1, .terms = term};
    sy_question q = {.outcome = WIDE, .n_blocks = WIDE, .blocks = block, .order = order};
    refused(
        &s, &q, SY_ELIMIT,
        "order: 19 blocks of which not all orders count need a table of 2^19 submodels, the limit is 2^18; method = "
        "\"sampled\" can do it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_read_from_labels),
        cmocka_unit_test(the_first_group_gets_all_it_explains_alone),
        cmocka_unit_test(orders_and_absorbing_are_refused_in_words),
        cmocka_unit_test(an_interaction_enters_after_its_parents),
        cmocka_unit_test(an_interaction_among_others_is_named),
        cmocka_unit_test(an_order_goes_before_marginality),
        cmocka_unit_test(wide_orders_name_the_way_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
