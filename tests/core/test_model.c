/* Columns of a model: which there are, what they are called, what they hold.
 * The columns of each formula are those of R 4.2.2's model.matrix, in its
 * order.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "linear_problem.h"
#include "models/model_internal.h"

enum { N = 12 };

static const char *const a_levels[] = {"u", "v", "w"}, *const b_levels[] = {"p", "q"};
static const int32_t a_code[N] = {0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2}, b_code[N] = {0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1};
static const double y_value[N] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8};
static const double x_value[N] = {.5, 1.25, -2, 3, .1, 7, 1, 2, 3, 5, 4, -6},
                    z_value[N] = {1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 1};

/* Input columns: y, a, b, x, z. */
static problem *layout(void)
{
    problem *q = problem_new(N);
    problem_number(q, "y", y_value);
    problem_column(q, factor_column("a", a_code, 3, a_levels));
    problem_column(q, factor_column("b", b_code, 2, b_levels));
    problem_column(q, number_column("x", x_value));
    problem_column(q, number_column("z", z_value));
    return q;
}

enum { a = 1, b = 2, x = 3, z = 4, end = -1 };

typedef struct {
    const char *formula;
    int intercept, terms[4][3];
    const char *treatment, *sum;
} formula;

/* terms: columns, end (-1) pads */
static const formula formulas[] = {
    {"a", 1, {{a, end}}, "(Intercept) a[v] a[w]", "(Intercept) a[u] a[v]"},
    {"a + x", 1, {{a, end}, {x, end}}, "(Intercept) a[v] a[w] x", "(Intercept) a[u] a[v] x"},
    {"0 + x + a", 0, {{x, end}, {a, end}}, "x a[u] a[v] a[w]", "x a[u] a[v] a[w]"},
    {"0 + a + b", 0, {{a, end}, {b, end}}, "a[u] a[v] a[w] b[q]", "a[u] a[v] a[w] b[p]"},
    {"a * b",
     1,
     {{a, end}, {b, end}, {a, b, end}},
     "(Intercept) a[v] a[w] b[q] a[v]:b[q] a[w]:b[q]",
     "(Intercept) a[u] a[v] b[p] a[u]:b[p] a[v]:b[p]"},
    {"a + a:b",
     1,
     {{a, end}, {a, b, end}},
     "(Intercept) a[v] a[w] a[u]:b[q] a[v]:b[q] a[w]:b[q]",
     "(Intercept) a[u] a[v] a[u]:b[p] a[v]:b[p] a[w]:b[p]"},
    {"0 + a:b",
     0,
     {{a, b, end}},
     "a[u]:b[p] a[v]:b[p] a[w]:b[p] a[u]:b[q] a[v]:b[q] a[w]:b[q]",
     "a[u]:b[p] a[v]:b[p] a[w]:b[p] a[u]:b[q] a[v]:b[q] a[w]:b[q]"},
    {"x + a:x", 1, {{x, end}, {a, x, end}}, "(Intercept) x a[v]:x a[w]:x", "(Intercept) x a[u]:x a[v]:x"},
    {"a:x", 1, {{a, x, end}}, "(Intercept) a[u]:x a[v]:x a[w]:x", "(Intercept) a[u]:x a[v]:x a[w]:x"},
    {"x + z + x:z", 1, {{x, end}, {z, end}, {x, z, end}}, "(Intercept) x z x:z", "(Intercept) x z x:z"},
    {"b:a:x",
     1,
     {{b, a, x}},
     "(Intercept) b[p]:a[u]:x b[q]:a[u]:x b[p]:a[v]:x b[q]:a[v]:x b[p]:a[w]:x b[q]:a[w]:x",
     "(Intercept) b[p]:a[u]:x b[q]:a[u]:x b[p]:a[v]:x b[q]:a[v]:x b[p]:a[w]:x b[q]:a[w]:x"},
};
enum { N_FORMULAS = sizeof formulas / sizeof *formulas };

static problem *from_formula(const formula *f, char text[4][20])
{
    static const char *const names[] = {"y", "a", "b", "x", "z"};
    problem *q = layout();
    q->model.intercept = f->intercept;
    for (int t = 0; t < 4 && f->terms[t][0] > 0; t++) {
        int column[3] = {-1, -1, -1};
        text[t][0] = 0;
        for (int k = 0; k < 3 && f->terms[t][k] > 0; k++) {
            column[k] = f->terms[t][k];
            snprintf(text[t] + strlen(text[t]), 20 - strlen(text[t]), "%s%s", k ? ":" : "", names[column[k]]);
        }
        problem_term(q, text[t], column[0], column[1], column[2]);
    }
    return q;
}

static void list_labels(const problem *q, char *text, size_t size)
{
    sy_context ctx;
    int count[PROBLEM_COLUMNS], p = 0, sum = 0;
    sy_context_init(&ctx);
    text[0] = 0;
    assert_int_equal(sy_linear_columns(&ctx, &q->design, &q->model, count, &p), SY_OK);
    for (int t = 0; t <= q->model.n_terms; t++) sum += count[t];
    assert_int_equal(sum, p);
    char label[PROBLEM_P][60];
    assert_true(p <= PROBLEM_P);
    assert_int_equal(sy_linear_labels(&ctx, &q->design, &q->model, p, label[0], sizeof label[0]), SY_OK);
    for (int c = 0; c < p; c++) snprintf(text + strlen(text), size - strlen(text), "%s%.59s", c ? " " : "", label[c]);
    sy_context_free(&ctx);
}

static void columns_are_those_of_model_matrix(void **state)
{
    (void)state;
    for (int f = 0; f < N_FORMULAS; f++)
        for (int coding = SY_CODING_TREATMENT; coding <= SY_CODING_SUM; coding++) {
            char text[4][20], found[400];
            problem *q = from_formula(&formulas[f], text);
            q->model.coding = (sy_coding)coding;
            list_labels(q, found, sizeof found);
            assert_string_equal(found, coding == SY_CODING_SUM ? formulas[f].sum : formulas[f].treatment);
            problem_free(q);
        }
}

/* Reads all rows in one tile: tile[c][i]. */
static void read_all(const problem *q, double *tile, double *y, double *w, unsigned char *used, int *p)
{
    sy_context ctx;
    syi_model m;
    ptrdiff_t row[N];
    sy_context_init(&ctx);
    for (int i = 0; i < N; i++) row[i] = i;
    assert_true(syi_model_init(&ctx, &q->design, &q->model, &m) >= 0);
    *p = m.p;
    syi_model_tile(&m, row, N, tile, y, w, used);
    syi_model_free(&m);
    sy_context_free(&ctx);
}

static double code_of(sy_coding coding, int full, int levels, int column, int level)
{
    if (full) return level == column;
    if (coding == SY_CODING_TREATMENT) return level == column + 1;
    return level == levels - 1 ? -1 : level == column;
}

static void a_cell_is_the_product_of_its_codes(void **state)
{
    (void)state;
    for (int coding = SY_CODING_TREATMENT; coding <= SY_CODING_SUM; coding++) {
        char text[4][20];
        double tile[8 * SYI_TILE], y[SYI_TILE], w[SYI_TILE];
        unsigned char used[SYI_TILE];
        int p = 0;
        problem *q = from_formula(&formulas[4], text);
        q->model.coding = (sy_coding)coding;
        read_all(q, tile, y, w, used, &p);
        assert_int_equal(p, 6);
        for (int i = 0; i < N; i++) {
            const double a0 = code_of((sy_coding)coding, 0, 3, 0, a_code[i]),
                         a1 = code_of((sy_coding)coding, 0, 3, 1, a_code[i]);
            const double b0 = code_of((sy_coding)coding, 0, 2, 0, b_code[i]);
            const double right[6] = {1, a0, a1, b0, a0 * b0, a1 * b0};
            for (int c = 0; c < p; c++) assert_true(tile[c * SYI_TILE + i] == right[c]);
            assert_true(y[i] == y_value[i] && w[i] == 1 && used[i]);
        }
        for (int i = N; i < SYI_TILE; i++) assert_true(!used[i] && tile[i] == 0 && y[i] == 0 && w[i] == 0);
        problem_free(q);
    }
}

static void double_double_products_keep_what_doubles_lose(void **state)
{
    (void)state;
    static const double tenth[N] = {.1, .2, .3, .4, .5, .6, .7, .8, .9, 1.1, 1.2, 1.3};
    double hi[4 * SYI_TILE], lo[4 * SYI_TILE], y[SYI_TILE], y_lo[SYI_TILE], w[SYI_TILE];
    unsigned char used[SYI_TILE];
    ptrdiff_t row[N];
    sy_context ctx;
    syi_model m;
    problem *q = problem_new(N);
    problem_number(q, "y", y_value);
    problem_power(q, "x^2", problem_column(q, number_column("x", tenth)), 2);
    sy_context_init(&ctx);
    for (int i = 0; i < N; i++) row[i] = i;
    assert_int_equal(syi_model_init(&ctx, &q->design, &q->model, &m), SY_OK);
    syi_model_tile_twofold(&m, row, N, hi, lo, y, y_lo, w, used);
    for (int i = 0; i < N; i++) {
        /* 100 x^2 is a whole number of at most 169 */
        const syi_dd scaled = syi_dd_mul_d((syi_dd){hi[SYI_TILE + i], lo[SYI_TILE + i]}, 100);
        assert_true(fabs(scaled.hi - rint(scaled.hi)) < 1e-28 && fabs(scaled.lo) < 1e-28);
    }
    syi_model_free(&m);
    sy_context_free(&ctx);
    problem_free(q);
}

static void a_level_without_complete_rows_has_no_column(void **state)
{
    (void)state;
    double gaps[N];
    char text[4][20], label[3][60];
    problem *q = from_formula(&formulas[1], text);
    sy_context ctx;
    sy_context_init(&ctx);
    /* the rows of level v all lack x */
    for (int i = 0; i < N; i++) gaps[i] = a_code[i] == 1 ? (double)NAN : x_value[i];
    q->column[3].data = gaps;
    assert_int_equal(sy_linear_columns(&ctx, &q->design, &q->model, q->count, &q->p), SY_NOTE_ROWS_DROPPED);
    assert_int_equal(q->p, 3);
    assert_true(sy_linear_labels(&ctx, &q->design, &q->model, 3, label[0], sizeof label[0]) >= 0);
    assert_string_equal(label[1], "a[w]");
    int found = 0;
    for (int k = 0; k < ctx.n_remarks; k++)
        if (ctx.remarks[k].code == SY_NOTE_EMPTY_LEVEL) {
            assert_string_equal(ctx.remarks[k].text, "a: 1 of its levels has no rows: v");
            found++;
        }
    assert_int_equal(found, 1);
    /* rows to be predicted: every level counts */
    q->model.outcome = -1;
    assert_int_equal(sy_linear_columns(&ctx, &q->design, &q->model, q->count, &q->p), SY_OK);
    assert_int_equal(q->p, 4);
    sy_context_free(&ctx);
    problem_free(q);
}

static void rows_are_used_when_complete_over_the_whole_design(void **state)
{
    (void)state;
    double gaps[N], weight[N], tile[8 * SYI_TILE], y[SYI_TILE], w[SYI_TILE];
    unsigned char used[SYI_TILE];
    int32_t cluster[N];
    char text[4][20];
    int p = 0;
    problem *q = from_formula(&formulas[1], text);
    memcpy(gaps, z_value, sizeof gaps);
    for (int i = 0; i < N; i++) weight[i] = i + 1, cluster[i] = a_code[i];
    gaps[2] = NAN; /* a term of the design that is not in the model */
    weight[5] = 0;
    cluster[7] = 99; /* no such cluster */
    q->column[4].data = gaps;
    problem_term(q, "z", 4, -1, -1);
    q->model.n_terms--;
    q->weight = number_column("weight", weight);
    q->design.weights = &q->weight;
    q->design.weight_kind = SY_WEIGHT_ANALYTIC;
    q->cluster = factor_column("council", cluster, 3, a_levels);
    q->design.cluster = &q->cluster;
    read_all(q, tile, y, w, used, &p);
    for (int i = 0; i < N; i++) {
        const int out = i == 2 || i == 5 || i == 7;
        assert_true(used[i] == !out && w[i] == (out ? 0 : i + 1) && y[i] == (out ? 0 : y_value[i]));
        for (int c = 0; c < p; c++) assert_true(!out || tile[c * SYI_TILE + i] == 0);
    }
    problem_free(q);
}

static void absorbed_columns_add_up_to_nothing_in_each_level(void **state)
{
    (void)state;
    double tile[8 * SYI_TILE], y[SYI_TILE], w[SYI_TILE], weight[N];
    unsigned char used[SYI_TILE];
    char text[4][20];
    int p = 0;
    problem *q = from_formula(&formulas[9], text);
    q->absorb = factor_column("a", a_code, 3, a_levels);
    q->model.absorb = &q->absorb;
    for (int i = 0; i < N; i++) weight[i] = 1 + i % 4;
    q->weight = number_column("weight", weight);
    q->design.weights = &q->weight;
    q->design.weight_kind = SY_WEIGHT_ANALYTIC;
    read_all(q, tile, y, w, used, &p);
    assert_int_equal(p, 3);
    for (int level = 0; level < 3; level++)
        for (int c = 0; c <= p; c++) {
            double sum = 0;
            for (int i = 0; i < N; i++)
                if (a_code[i] == level) sum += w[i] * (c < p ? tile[c * SYI_TILE + i] : y[i]);
            assert_true(fabs(sum) < 1e-13); /* roundings of values up to 40 */
        }
    problem_free(q);
}

static void expect_refusal(problem *q, sy_status code, const char *message)
{
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(sy_linear_columns(&ctx, &q->design, &q->model, q->count, &q->p), code);
    assert_string_equal(ctx.message, message);
    sy_context_free(&ctx);
}

static void models_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const int32_t same[N] = {0};
    char text[4][20];
    problem *q = from_formula(&formulas[1], text);
    q->model.outcome = 7;
    expect_refusal(q, SY_EINVAL, "outcome: 7 is not among the 3 terms of the design");
    q->model.outcome = 1;
    expect_refusal(q, SY_EINVAL, "a: is a factor; the outcome must be a number");
    q->model.outcome = 2;
    expect_refusal(q, SY_EINVAL, "x: is the outcome and a term as well");
    q->model.outcome = 0;
    q->chosen[1] = 1;
    expect_refusal(q, SY_EINVAL, "a: this term is in the model twice");
    q->chosen[1] = 9;
    expect_refusal(q, SY_EINVAL, "terms: 9 is not among the 3 terms of the design");
    q->chosen[1] = 2;
    q->model.coding = (sy_coding)5;
    expect_refusal(q, SY_EINVAL, "coding: 5; it must be treatment or sum");
    q->model.coding = SY_CODING_SUM;
    q->absorb = number_column("x", x_value);
    q->model.absorb = &q->absorb;
    expect_refusal(q, SY_EINVAL, "absorb: x must be a factor (codes with names)");
    q->model.absorb = NULL;
    q->column[1].data = same;
    expect_refusal(q, SY_EINVAL, "a: only one of its levels has rows (u); a factor needs two");
    q->model.n_terms = 0;
    q->model.intercept = 0;
    expect_refusal(q, SY_EINVAL, "terms: none given, and no intercept; there is nothing to fit");
    problem_free(q);
}

static void labels_are_cut_off_and_never_run_over(void **state)
{
    (void)state;
    char text[4][20], label[6 * 8 + 4];
    sy_context ctx;
    problem *q = from_formula(&formulas[4], text);
    sy_context_init(&ctx);
    memset(label, '#', sizeof label);
    assert_int_equal(sy_linear_labels(&ctx, &q->design, &q->model, 6, label, 8), SY_OK);
    assert_string_equal(label + 5 * 8, "a[w]:b[");
    assert_true(label[6 * 8] == '#');
    assert_int_equal(sy_linear_labels(&ctx, &q->design, &q->model, 7, label, 8), SY_EINVAL);
    assert_string_equal(ctx.message, "labels: 7 asked for; the model has 6 columns");
    sy_context_free(&ctx);
    problem_free(q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_those_of_model_matrix),
        cmocka_unit_test(a_cell_is_the_product_of_its_codes),
        cmocka_unit_test(double_double_products_keep_what_doubles_lose),
        cmocka_unit_test(a_level_without_complete_rows_has_no_column),
        cmocka_unit_test(rows_are_used_when_complete_over_the_whole_design),
        cmocka_unit_test(absorbed_columns_add_up_to_nothing_in_each_level),
        cmocka_unit_test(models_that_cannot_be_are_refused),
        cmocka_unit_test(labels_are_cut_off_and_never_run_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
