/* The linear gap: identities, worked examples, numbers of other programs.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "gap_problem.h"

static gap_problem p;

/* oaxaca 0.1.5 for R, and its vignette [Hlavac]. */
static int compare(const record *c, const sy_gap_result *r)
{
    static const char *const kinds[] = {"endowments", "coefficients", "interaction"};
    char name[64], label[64];
    const char *quantity = c->field[CASE_QUANTITY];
    if (!strcmp(quantity, "gap")) return within(c, gap_end(r, SY_GAP_GAP));
    if (!strcmp(quantity, "yA")) return within(c, gap_end(r, SY_GAP_MEAN_FIRST));
    if (!strcmp(quantity, "yB")) return within(c, gap_end(r, SY_GAP_MEAN_SECOND));
    for (int k = 0; k < 3; k++) {
        snprintf(name, sizeof name, "threefold[coef(%s)]", kinds[k]);
        if (!strcmp(quantity, name)) return within(c, gap_cell(r, 0, SY_GAP_ENDOWMENTS + k));
        snprintf(name, sizeof name, "threefold_%s[%%63[^]]]", kinds[k]);
        if (sscanf(quantity, name, label) != 1) continue;
        const int constant = !strcmp(label, "(Intercept)");
        return within(c,
                      gap_cell(r, gap_line(r, constant ? SY_GAP_CONSTANT : SY_GAP_TERM, label), SY_GAP_ENDOWMENTS + k));
    }
    static const struct {
        const char *text;
        int reference;
    } references[] = {{"[0]", SY_REFERENCE_SECOND},          {"[1]", SY_REFERENCE_FIRST},
                      {"[0.5]", SY_REFERENCE_EQUAL},         {"[0.430931]", SY_REFERENCE_SIZE},
                      {"[-1]", SY_REFERENCE_POOLED_WITHOUT}, {"[-2]", SY_REFERENCE_POOLED}};
    for (int k = 0; k < 6; k++) {
        snprintf(name, sizeof name, "twofold_explained%s", references[k].text);
        if (!strcmp(quantity, name)) return within(c, gap_split(r, references[k].reference, SY_GAP_SPLIT_EXPLAINED));
        snprintf(name, sizeof name, "twofold_unexplained%s", references[k].text);
        if (!strcmp(quantity, name)) return within(c, gap_split(r, references[k].reference, SY_GAP_SPLIT_UNEXPLAINED));
    }
    fail_msg("%s is not known", quantity);
    return 0;
}

static void chicago_is_as_oaxaca_has_it(void **state)
{
    (void)state;
    record c;
    int compared = 0;
    gap_chicago(&p);
    sy_gap_result r = gap_asked(&p);
    FILE *file = open_cases();
    while (next_case(file, "oaxaca", &c)) compared += compare(&c, &r);
    fclose(file);
    assert_int_equal(compared, 39);
    gap_near(r.group_rows[0], 287, 0);
    gap_near(r.group_rows[1], 379, 0);
    gap_near(r.rows_dropped, 46, 0);
    sy_gap_free(&r);
}

/* published_targets T22: real wages, the vignette's own figures to their printed digits. */
static void real_wages_are_as_the_vignette_prints_them(void **state)
{
    (void)state;
    static const struct {
        int reference;
        double explained, unexplained;
    } printed[] = {{SY_REFERENCE_SECOND, 1.6165339, 1.399040},         {SY_REFERENCE_FIRST, .1822482, 2.833326},
                   {SY_REFERENCE_EQUAL, .8993911, 2.116183},           {SY_REFERENCE_SIZE, .9984559, 2.017118},
                   {SY_REFERENCE_POOLED_WITHOUT, 1.3557222, 1.659852}, {SY_REFERENCE_POOLED, .9525717, 2.063003}};
    gap_chicago(&p);
    for (int i = 0; i < p.n; i++) p.value[0][i] = exp(p.value[0][i]);
    sy_gap_result r = gap_asked(&p);
    gap_near(gap_end(&r, SY_GAP_MEAN_FIRST), 17.58282, 5e-6);
    gap_near(gap_end(&r, SY_GAP_MEAN_SECOND), 14.56725, 5e-6);
    gap_near(gap_end(&r, SY_GAP_GAP), 3.015574, 5e-7);
    gap_near(gap_cell(&r, 0, SY_GAP_ENDOWMENTS), 1.6165339, 5e-8);
    gap_near(gap_cell(&r, 0, SY_GAP_COEFFICIENTS), 2.8333261, 5e-8);
    gap_near(gap_cell(&r, 0, SY_GAP_INTERACTION), -1.4342857, 5e-8);
    for (int k = 0; k < 6; k++) {
        gap_near(gap_split(&r, printed[k].reference, SY_GAP_SPLIT_EXPLAINED), printed[k].explained, 5e-8);
        gap_near(gap_split(&r, printed[k].reference, SY_GAP_SPLIT_UNEXPLAINED), printed[k].unexplained, 5e-7);
    }
    gap_near(gap_split(&r, SY_REFERENCE_POOLED_WITHOUT, SY_GAP_SPLIT_FIRST), .9445705, 5e-8);
    gap_near(gap_split(&r, SY_REFERENCE_POOLED_WITHOUT, SY_GAP_SPLIT_SECOND), .7152816, 5e-8);
    sy_gap_free(&r);
}

/* Levels to terms, terms to blocks, blocks to the total, columns to the gap:
 * parts here are of order 1 to 20, so 1e-13 is some roundings of them. */
static void check_sums(const sy_gap_result *r)
{
    const double most = 1e-13, gap = gap_end(r, SY_GAP_GAP);
    for (int c = 0; c < r->n_columns; c++) {
        double blocks = 0, terms[8] = {0};
        for (int i = 1; i < r->n_rows; i++) {
            const sy_gap_row *row = &r->rows[i];
            const int outer = row->kind == SY_GAP_BLOCK || row->kind == SY_GAP_ADJUST || row->kind == SY_GAP_CONSTANT;
            if (outer) blocks += gap_cell(r, i, c);
            if (row->kind == SY_GAP_TERM) terms[row->block + 1] += gap_cell(r, i, c);
            double levels = 0;
            int j = i;
            while (row->kind == SY_GAP_TERM && j + 1 < r->n_rows && r->rows[j + 1].kind == SY_GAP_LEVEL)
                levels += gap_cell(r, ++j, c);
            if (j > i) gap_near(levels, gap_cell(r, i, c), most);
        }
        gap_near(blocks, gap_cell(r, 0, c), most);
        for (int i = 1; i < r->n_rows; i++)
            if (r->rows[i].kind == SY_GAP_BLOCK) gap_near(terms[r->rows[i].block + 1], gap_cell(r, i, c), most);
    }
    if (r->method != SY_GAP_OAXACA) {
        const char *rest = r->method == SY_GAP_KITAGAWA ? "rate" : "unexplained";
        gap_near(gap_cell(r, 0, 0) + gap_cell(r, gap_line(r, SY_GAP_REST, rest), 0), gap, most);
        return;
    }
    gap_near(gap_cell(r, 0, SY_GAP_EXPLAINED) + gap_cell(r, 0, SY_GAP_UNEXPLAINED), gap, most);
    gap_near(gap_cell(r, 0, SY_GAP_ENDOWMENTS) + gap_cell(r, 0, SY_GAP_COEFFICIENTS) +
                 gap_cell(r, 0, SY_GAP_INTERACTION),
             gap, most);
    for (int k = 0; k < r->n_references; k++) {
        gap_near(gap_split(r, k, SY_GAP_SPLIT_EXPLAINED) + gap_split(r, k, SY_GAP_SPLIT_UNEXPLAINED), gap, most);
        gap_near(gap_split(r, k, SY_GAP_SPLIT_FIRST) + gap_split(r, k, SY_GAP_SPLIT_SECOND),
                 gap_split(r, k, SY_GAP_SPLIT_UNEXPLAINED), most);
    }
    gap_near(gap_cell(r, 0, SY_GAP_EXPLAINED), gap_split(r, (int)r->reference, SY_GAP_SPLIT_EXPLAINED), most);
}

static void parts_add_to_the_gap(void **state)
{
    (void)state;
    for (int weighted = 0; weighted < 4; weighted++)
        for (int adjusted = 0; adjusted < 2; adjusted++)
            for (int reference = 0; reference < 9; reference++) {
                if (reference == 8) gap_fill_factors(&p, 500);
                else gap_fill(&p, 500, 20, 5);
                p.design.weights = weighted ? &p.weight_column : NULL;
                p.design.weight_kind = (sy_weight_kind)weighted;
                if (reference < 7) p.ask.reference = (sy_gap_reference)reference;
                if (reference == 6) p.ask.weight = 0.3;
                if (reference == 7) p.ask.method = SY_GAP_GELBACH;
                if (adjusted) {
                    p.ask.n_blocks--;
                    p.adjust[0] = p.block_term[p.ask.n_blocks][0];
                    p.adjust[1] = p.block_term[p.ask.n_blocks][1];
                    p.ask.n_adjust = p.block[p.ask.n_blocks].n_terms;
                }
                sy_gap_result r = gap_asked(&p);
                check_sums(&r);
                sy_gap_free(&r);
            }
}

/* Gelbach 2016, section 3: without adjusting terms the split is Oaxaca-Blinder's at the pooled coefficients with the
 * group in them; so are its errors. */
static void gelbach_is_pooled_oaxaca(void **state)
{
    (void)state;
    gap_fill(&p, 800, 40, 6);
    p.design.cluster = &p.cluster_column;
    p.ask.interval = SY_INTERVAL_INFLUENCE;
    sy_gap_result oaxaca = gap_asked(&p);
    p.ask.method = SY_GAP_GELBACH;
    sy_gap_result gelbach = gap_asked(&p);
    for (int i = 0; i < gelbach.n_rows; i++) {
        const sy_gap_row *row = &gelbach.rows[i];
        const int rest = row->kind == SY_GAP_REST, j = rest ? 0 : gap_line(&oaxaca, (int)row->kind, row->label);
        const int at = j * oaxaca.n_columns + (rest ? SY_GAP_UNEXPLAINED : SY_GAP_EXPLAINED);
        gap_near(gelbach.estimate[i], oaxaca.estimate[at], 1e-12);
        gap_near(gelbach.std_error[i], oaxaca.std_error[at], 1e-12);
    }
    gap_near(gap_end(&gelbach, SY_GAP_BASE), gap_end(&oaxaca, SY_GAP_GAP), 1e-12);
    sy_gap_free(&oaxaca);
    sy_gap_free(&gelbach);
}

/* The values of the same data with the factor's levels in another order. */
static void detail_knows_no_base_level(void **state)
{
    (void)state;
    static const char *const turned[3] = {"l2", "l0", "l1"};
    for (int method = 0; method < 3; method++) {
        if (method == SY_GAP_KITAGAWA) continue;
        for (int adjusted = 0; adjusted < 2; adjusted++) {
            gap_fill(&p, 600, 30, 8);
            p.ask.method = (sy_gap_method)method;
            p.ask.interval = SY_INTERVAL_JACKKNIFE;
            p.design.cluster = &p.cluster_column;
            if (adjusted) {
                static const int x2[] = {2};
                p.blocks = 1;
                gap_block(&p, "process", 1, x2);
                p.adjust[0] = 3;
                p.ask.n_adjust = 1;
            }
            sy_gap_result one = gap_asked(&p);
            for (int i = 0; i < p.n; i++) p.code[3][i] = (p.code[3][i] + 1) % 3;
            p.column[3].levels = turned;
            sy_gap_result two = gap_asked(&p);
            for (int i = 0; i < one.n_rows; i++) {
                const int j = gap_line(&two, (int)one.rows[i].kind, one.rows[i].label);
                for (int c = 0; c < one.n_columns; c++) {
                    gap_near(gap_cell(&two, j, c), gap_cell(&one, i, c), 1e-12);
                    gap_near(two.std_error[j * one.n_columns + c], one.std_error[i * one.n_columns + c], 1e-9);
                }
            }
            sy_gap_free(&one);
            sy_gap_free(&two);
        }
    }
}

/* Swapped groups: the gap and every twofold part change sign, first and second
 * change places. */
static void swapped_groups_change_the_sign(void **state)
{
    (void)state;
    static const int other[6] = {SY_REFERENCE_SECOND, SY_REFERENCE_FIRST,  SY_REFERENCE_EQUAL,
                                 SY_REFERENCE_SIZE,   SY_REFERENCE_POOLED, SY_REFERENCE_POOLED_WITHOUT};
    gap_fill(&p, 400, 30, 9);
    sy_gap_result one = gap_asked(&p);
    p.ask.first = 1;
    sy_gap_result two = gap_asked(&p);
    assert_int_equal(two.level[0], 1);
    for (int k = 0; k < 6; k++) {
        gap_near(gap_split(&one, k, SY_GAP_SPLIT_EXPLAINED), -gap_split(&two, other[k], SY_GAP_SPLIT_EXPLAINED), 1e-12);
        gap_near(gap_split(&one, k, SY_GAP_SPLIT_FIRST), -gap_split(&two, other[k], SY_GAP_SPLIT_SECOND), 1e-12);
    }
    sy_gap_free(&one);
    sy_gap_free(&two);
}

/* A shift of 1e9 in outcome and predictors, and scales of 1e-8 and 1e8, leave the explained parts: the sums are
 * in double-double. Whole numbers, so that the shifted data are the same data. */
static void shifts_and_scales_leave_no_trace(void **state)
{
    (void)state;
    gap_fill(&p, 400, 30, 10);
    for (int i = 0; i < p.n; i++)
        for (int c = 0; c < 5; c++) p.value[c][i] = round(100 * p.value[c][i]);
    sy_gap_result one = gap_asked(&p);
    for (int i = 0; i < p.n; i++) {
        p.value[0][i] += 1e9;
        p.value[1][i] += 1e9;
        p.value[2][i] *= 0x1p-27;
        p.value[4][i] *= 0x1p27;
    }
    sy_gap_result two = gap_asked(&p);
    for (int i = 0; i < one.n_rows; i++) {
        if (one.rows[i].kind == SY_GAP_CONSTANT) continue;
        gap_near(gap_cell(&two, i, SY_GAP_EXPLAINED), gap_cell(&one, i, SY_GAP_EXPLAINED), 1e-9);
        gap_near(gap_cell(&two, i, SY_GAP_ENDOWMENTS), gap_cell(&one, i, SY_GAP_ENDOWMENTS), 1e-9);
    }
    sy_gap_free(&one);
    sy_gap_free(&two);
}

/* By hand. Group 1: 6 rows young with mean 10, 2 old with mean 20; group 2: 3
 * young with mean 8, 6 old with mean 14. Shares 3/4, 1/4 and 1/3, 2/3.
 * Composition (3/4 - 1/3) 9 + (1/4 - 2/3) 17 = -10/3; rate (10 - 8)(3/4 + 1/3)/2
 * + (20 - 14)(1/4 + 2/3)/2 = 13/12 + 33/12 = 23/6; gap 12.5 - 12 = 1/2. */
static void two_cells_by_hand(void **state)
{
    (void)state;
    static const int count[2][2] = {{6, 2}, {3, 6}}, age[] = {1};
    static const double mean[2][2] = {{10, 20}, {8, 14}};
    int n = 0;
    gap_open(&p, 17);
    gap_add(&p, "y", 0);
    gap_add(&p, "age", 2);
    gap_block(&p, "age", 1, age);
    for (int g = 0; g < 2; g++)
        for (int c = 0; c < 2; c++)
            for (int i = 0; i < count[g][c]; i++, n++) {
                p.group[n] = g;
                p.code[1][n] = c;
                p.value[0][n] = mean[g][c];
            }
    p.ask.outcome = 0;
    p.ask.method = SY_GAP_KITAGAWA;
    p.ask.interval = SY_INTERVAL_NONE;
    sy_gap_result r = gap_asked(&p);
    gap_near(gap_end(&r, SY_GAP_GAP), 0.5, 1e-14);
    gap_near(gap_cell(&r, 0, 0), -10. / 3, 1e-14);
    gap_near(gap_cell(&r, gap_line(&r, SY_GAP_TERM, "age"), 0), -10. / 3, 1e-14);
    gap_near(gap_cell(&r, gap_line(&r, SY_GAP_REST, "rate"), 0), 23. / 6, 1e-14);
    assert_int_equal(r.n_cells, 2);
    sy_gap_free(&r);
}

/* The composition part over the cells of the factors in `set`. */
static double composition(int set)
{
    double weight[2][12] = {{0}}, sum[2][12] = {{0}}, all[2] = {0}, part = 0;
    for (int i = 0; i < p.n; i++) {
        const int cell =
            (set & 1 ? p.code[1][i] : 0) + 2 * (set & 2 ? p.code[2][i] : 0) + 6 * (set & 4 ? p.code[3][i] : 0);
        weight[p.group[i]][cell] += p.weight[i];
        sum[p.group[i]][cell] += p.weight[i] * p.value[0][i];
        all[p.group[i]] += p.weight[i];
    }
    for (int c = 0; c < 12; c++)
        if (weight[0][c] > 0)
            part += (weight[0][c] / all[0] - weight[1][c] / all[1]) *
                    (sum[0][c] / weight[0][c] + sum[1][c] / weight[1][c]) / 2;
    return part;
}

static void composition_by_factor_is_the_mean_over_all_orders(void **state)
{
    (void)state;
    static const int order[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    static const char *const names[] = {"sex", "age", "kind"};
    double expected[3] = {0};
    gap_fill_factors(&p, 500);
    p.design.weights = &p.weight_column;
    p.design.weight_kind = SY_WEIGHT_SAMPLING;
    for (int o = 0; o < 6; o++)
        for (int k = 0, set = 0; k < 3; k++) {
            const int grown = set | 1 << order[o][k];
            expected[order[o][k]] += (composition(grown) - composition(set)) / 6;
            set = grown;
        }
    sy_gap_result r = gap_asked(&p);
    for (int f = 0; f < 3; f++) gap_near(gap_cell(&r, gap_line(&r, SY_GAP_TERM, names[f]), 0), expected[f], 1e-13);
    gap_near(gap_cell(&r, gap_line(&r, SY_GAP_BLOCK, "others"), 0), expected[1] + expected[2], 1e-13);
    p.ask.n_blocks = 1;
    p.adjust[0] = 2;
    p.adjust[1] = 3;
    p.ask.n_adjust = 2;
    sy_gap_result adjusted = gap_asked(&p);
    gap_near(gap_cell(&adjusted, gap_line(&adjusted, SY_GAP_ADJUST, "adjust"), 0), composition(6), 1e-13);
    gap_near(gap_cell(&adjusted, gap_line(&adjusted, SY_GAP_TERM, "sex"), 0), composition(7) - composition(6), 1e-13);
    sy_gap_free(&r);
    sy_gap_free(&adjusted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chicago_is_as_oaxaca_has_it),
        cmocka_unit_test(real_wages_are_as_the_vignette_prints_them),
        cmocka_unit_test(parts_add_to_the_gap),
        cmocka_unit_test(gelbach_is_pooled_oaxaca),
        cmocka_unit_test(detail_knows_no_base_level),
        cmocka_unit_test(swapped_groups_change_the_sign),
        cmocka_unit_test(shifts_and_scales_leave_no_trace),
        cmocka_unit_test(two_cells_by_hand),
        cmocka_unit_test(composition_by_factor_is_the_mean_over_all_orders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
