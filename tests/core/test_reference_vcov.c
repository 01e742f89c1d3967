/* The families robust_se and cluster_se of tests/reference/cases.csv: what R's
 * sandwich 3.0.2 (vcovHC) and clubSandwich 0.5.8 (vcovCR, coef_test) print, 51
 * numbers, each to the tolerance of its line; and numbers of clubSandwich for
 * weights and for joint tests that no line of it has.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "cases.h"
#include "steelyard/distribution.h"
#include "steelyard/vcov.h"

enum { MAX_ROWS = 250, P = 3 };

/* Two numbers and an outcome, clusters and weights, and the model of the case. */
typedef struct {
    int n, has_cluster;
    double x[3][MAX_ROWS], weight[MAX_ROWS];
    int32_t code[MAX_ROWS];
    sy_column column[3], cluster, weights;
    sy_factor factor[4];
    sy_term term[4];
    sy_design design;
    sy_linear_model model;
} problem;

static const char *const firms[] = {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"};
static const char *const numbers[] = {"outcome", "first", "second"};
static const int one_two[] = {1, 2};

/* Columns `which` of the file: outcome, first, second (or -1). Rows with an empty
 * field are left out, as R leaves out NA. */
static void read_numbers(problem *p, const char *name, const int which[3], int cluster)
{
    record r;
    FILE *file = open_table(name, &r);
    for (p->n = 0; read_record(file, &r);) {
        int whole = 1;
        assert_true(p->n < MAX_ROWS);
        for (int k = 0; k < 3; k++) {
            if (which[k] < 0) continue;
            const char *text = r.field[which[k]];
            whole &= *text && strcmp(text, "NA") != 0;
            p->x[k][p->n] = strtod(text, NULL);
        }
        if (cluster >= 0) p->code[p->n] = (int32_t)strtol(r.field[cluster], NULL, 10) - 1;
        p->n += whole;
    }
    fclose(file);
}

static void describe(problem *p, int square)
{
    for (int k = 0; k < 3; k++) {
        p->column[k] = (sy_column){.name = numbers[k], .data = p->x[k], .stride = sizeof(double), .type = SY_F64};
        p->factor[k] = (sy_factor){k, 1};
        p->term[k] = (sy_term){numbers[k], 1, &p->factor[k]};
    }
    p->factor[3] = (sy_factor){1, 2};
    if (square) p->term[2] = (sy_term){"first^2", 1, &p->factor[3]};
    p->cluster = (sy_column){
        .name = "firm", .data = p->code, .stride = sizeof(int32_t), .type = SY_CODES, .n_levels = 11, .levels = firms};
    p->weights = (sy_column){.name = "weight", .data = p->weight, .stride = sizeof(double), .type = SY_F64};
    p->design =
        (sy_design){.n = p->n, .n_columns = square ? 2 : 3, .columns = p->column, .n_terms = 3, .terms = p->term};
    if (p->has_cluster) p->design.cluster = &p->cluster;
    p->model = (sy_linear_model){.outcome = 0, .n_terms = 2, .terms = one_two, .intercept = 1};
}

static void schools(problem *p)
{
    memset(p, 0, sizeof *p);
    read_numbers(p, "tests/reference/data/publicschools.csv", (const int[3]){1, 2, -1}, -1);
    assert_int_equal(p->n, 50);
    describe(p, 1);
}

static void grunfeld(problem *p)
{
    memset(p, 0, sizeof *p);
    p->has_cluster = 1;
    read_numbers(p, "tests/reference/data/grunfeld.csv", (const int[3]){2, 3, 4}, 0);
    assert_true(p->n >= 200);
    for (int i = 0; i < p->n; i++) p->weight[i] = 1 + (i * 7 + 1) % 11 / 4.0;
    describe(p, 0);
}

static void covariance_of(const problem *p, sy_vcov_kind kind, double *v, double *df)
{
    sy_context ctx;
    sy_linear_options options;
    sy_context_init(&ctx);
    sy_linear_defaults(&options);
    if (sy_vcov(&ctx, &p->design, &p->model, &options, kind, NULL, v, df) < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

static void coefficients(const problem *p, double *b)
{
    sy_context ctx;
    sy_linear_options options;
    sy_linear_summary summary;
    int aliased[P];
    double inverse[P * P], effects[P];
    const sy_linear_fit fit = {.coefficient = b, .aliased = aliased, .inverse = inverse, .effects = effects};
    sy_context_init(&ctx);
    sy_linear_defaults(&options);
    if (sy_linear(&ctx, &p->design, &p->model, &options, &summary, &fit) < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

static double tail_of(double t, double df)
{
    sy_context ctx;
    double tail = NAN;
    sy_context_init(&ctx);
    assert_int_equal(sy_distribution_t_tail(&ctx, fabs(t), df, &tail), SY_OK);
    return 2 * tail;
}

static double found_for(const problem *p, const char *kind, int k)
{
    static const struct {
        const char *name;
        sy_vcov_kind kind;
    } known[] = {{"const", SY_VCOV_CLASSICAL}, {"HC0", SY_VCOV_HC0}, {"HC1", SY_VCOV_HC1},   {"HC2", SY_VCOV_HC2},
                 {"HC3", SY_VCOV_HC3},         {"HC4", SY_VCOV_HC4}, {"HC4m", SY_VCOV_HC4M}, {"HC5", SY_VCOV_HC5},
                 {"CR0", SY_VCOV_CR0},         {"CR1", SY_VCOV_CR1}, {"CR1S", SY_VCOV_CR1S}, {"CR2", SY_VCOV_CR2},
                 {"CR3", SY_VCOV_CR3}};
    double v[P * P], df[P], b[P];
    if (!strcmp(kind, "coef") || !strcmp(kind, "p_satt_CR2")) coefficients(p, b);
    if (!strcmp(kind, "coef")) return b[k];
    if (!strcmp(kind, "df_satt_CR2") || !strcmp(kind, "p_satt_CR2")) {
        covariance_of(p, SY_VCOV_CR2, v, df);
        return kind[0] == 'd' ? df[k] : tail_of(b[k] / sqrt(v[k * (P + 1)]), df[k]);
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(kind, known[i].name) != 0) continue;
        covariance_of(p, known[i].kind, v, df);
        return sqrt(v[k * (P + 1)]);
    }
    fail_msg("cases.csv asks for %s", kind);
    return NAN;
}

static int place_of(const char *label)
{
    static const char *const labels[2][P] = {{"(Intercept)", "Income", "I(Income^2)"},
                                             {"(Intercept)", "value", "capital"}};
    for (int s = 0; s < 2; s++)
        for (int k = 0; k < P; k++)
            if (!strcmp(label, labels[s][k])) return k;
    fail_msg("no coefficient %s", label);
    return -1;
}

static int check_family(const char *family, const problem *p)
{
    record r;
    int checked = 0;
    FILE *file = open_cases();
    while (next_case(file, family, &r)) {
        char kind[MAX_FIELD], label[MAX_FIELD];
        assert_int_equal(sscanf(r.field[CASE_QUANTITY], "%199[^[][%199[^]]", kind, label), 2);
        checked += within(&r, found_for(p, kind, place_of(label)));
    }
    fclose(file);
    return checked;
}

static void public_schools_as_sandwich_has_them(void **state)
{
    problem p;
    (void)state;
    schools(&p);
    assert_int_equal(check_family("robust_se", &p), 27);
}

static void grunfeld_as_clubsandwich_has_it(void **state)
{
    problem p;
    (void)state;
    grunfeld(&p);
    assert_int_equal(check_family("cluster_se", &p), 24);
}

static void near_to(const char *what, double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance * fabs(expected)))
        fail_msg("%s: found %.17g, expected %.17g", what, found, expected);
}

/* Rscript, clubSandwich 0.5.8 and sandwich 3.0.2: lm(inv ~ value + capital,
 * weights = 1 + (7 i + 1) %% 11 / 4, i = 0 .. 199), clusters firms. 1e-9 for
 * errors, as in cases.csv (classical: vcov(lm)); 1e-7 for degrees of freedom, which go through
 * clubSandwich's own inverse roots of 20 by 20 matrices. */
static void weighted_errors_as_clubsandwich_and_sandwich_have_them(void **state)
{
    static const struct {
        sy_vcov_kind kind;
        double error[P], df[P];
    } known[] = {
        {SY_VCOV_CLASSICAL, {9.2277782385553948, 0.0056267499441401657, 0.025052690873033842}, {197, 197, 197}},
        {SY_VCOV_HC0, {9.9483525364336387, 0.0069163776330618248, 0.042351172757030729}, {197, 197, 197}},
        {SY_VCOV_HC1, {10.02381520470307, 0.0069688414263419885, 0.042672425194444849}, {197, 197, 197}},
        {SY_VCOV_HC2, {10.653532958392804, 0.0071290917764134437, 0.044960467816845186}, {197, 197, 197}},
        {SY_VCOV_HC3, {11.430441106316895, 0.007356115981930712, 0.047828868585861314}, {197, 197, 197}},
        {SY_VCOV_HC4, {13.187616685642393, 0.0077848254819267515, 0.054166882919096417}, {197, 197, 197}},
        {SY_VCOV_HC4M, {11.840746476938449, 0.0074677335961224178, 0.049345804755254401}, {197, 197, 197}},
        {SY_VCOV_HC5, {13.035260472969989, 0.0075347994739273835, 0.053359317758882099}, {197, 197, 197}},
        {SY_VCOV_CR0, {18.59628060337041, 0.014403981903005321, 0.076373041572298059}, {9, 9, 9}},
        {SY_VCOV_CR1, {19.602200904753591, 0.015183130063114459, 0.080504254401062972}, {9, 9, 9}},
        {SY_VCOV_CR1S, {19.701453189432524, 0.015260007162510764, 0.080911873484986449}, {9, 9, 9}},
        {SY_VCOV_CR2,
         {24.238806741164225, 0.015469513778083034, 0.10242451852075257},
         {6.3343514876486831, 2.3265093008154918, 3.0792010774772831}},
        {SY_VCOV_CR3,
         {34.912692369522333, 0.016342517487261655, 0.14470136980365314},
         {4.6004280655097656, 1.483481811955828, 2.2917975730372095}}};
    problem p;
    double v[P * P], df[P];
    (void)state;
    grunfeld(&p);
    assert_int_equal(p.n, 200);
    p.design.weights = &p.weights;
    p.design.weight_kind = SY_WEIGHT_ANALYTIC;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        covariance_of(&p, known[i].kind, v, df);
        for (int k = 0; k < P; k++) {
            near_to("error", sqrt(v[k * (P + 1)]), known[i].error[k], 1e-9);
            near_to("df", df[k], known[i].df[k], 1e-7);
        }
    }
}

typedef struct {
    double estimate[2], error[2], statistic[2], df[2], p[2], low[2], high[2];
    sy_contrasts out;
} tests_found;

static void test_of(const problem *p, sy_vcov_kind kind, int q, const double *c, tests_found *t)
{
    sy_context ctx;
    sy_linear_options options;
    sy_context_init(&ctx);
    sy_linear_defaults(&options);
    t->out = (sy_contrasts){.estimate = t->estimate,
                            .std_error = t->error,
                            .statistic = t->statistic,
                            .df = t->df,
                            .p_value = t->p,
                            .low = t->low,
                            .high = t->high};
    if (sy_vcov_test(&ctx, &p->design, &p->model, &options, kind, NULL, q, c, 0.95, &t->out) < 0)
        fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

/* The same source: Wald_test(test = "HTZ") of both slopes and linear_contrast of
 * their difference. */
static void joint_tests_as_clubsandwich_has_them(void **state)
{
    static const double both[] = {0, 1, 0, 0, 0, 1}, difference[] = {0, 1, -1};
    static const struct {
        sy_vcov_kind kind;
        int weighted;
        double f, df2, p;
    } known[] = {{SY_VCOV_CR2, 0, 24.94357792239758, 1.3857004770359804, 0.081933156005675814},
                 {SY_VCOV_CR2, 1, 25.274995740181669, 1.4625809883534315, 0.073413667272722596},
                 {SY_VCOV_CR3, 0, 11.781014040202944, 0.67094525522247794, 0.3002117641102004},
                 {SY_VCOV_CR3, 1, 11.816373810583015, 0.70907409234962659, 0.28546385228870397}};
    problem p;
    tests_found t;
    (void)state;
    grunfeld(&p);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        p.design.weights = known[i].weighted ? &p.weights : NULL;
        p.design.weight_kind = known[i].weighted ? SY_WEIGHT_ANALYTIC : SY_WEIGHT_NONE;
        test_of(&p, known[i].kind, 2, both, &t);
        near_to("F", t.out.f, known[i].f, 1e-8);
        near_to("df2", t.out.f_df2, known[i].df2, 1e-7);
        near_to("p", t.out.f_p, known[i].p, 1e-7);
        assert_true(t.out.f_df1 == 2);
    }
    p.design.weights = NULL;
    p.design.weight_kind = SY_WEIGHT_NONE;
    test_of(&p, SY_VCOV_CR2, 1, difference, &t);
    near_to("difference", t.estimate[0], -0.11511633237141775, 1e-9);
    near_to("its error", t.error[0], 0.11869086585123688, 1e-9);
    near_to("its df", t.df[0], 2.8525329566492035, 1e-7);
    test_of(&p, SY_VCOV_CR3, 1, difference, &t);
    near_to("its error", t.error[0], 0.16089829245578455, 1e-9);
    near_to("its df", t.df[0], 2.2237252918089858, 1e-7);
}

/* The same source: lm(inv ~ value + capital + factor(firm)), the two slopes. */
static void absorbed_firms_as_firms_among_the_terms(void **state)
{
    static const struct {
        sy_vcov_kind kind;
        double error[2];
    } known[] = {{SY_VCOV_CR2, {0.020631106833900646, 0.082675302048978855}},
                 {SY_VCOV_HC2, {0.02061943244344798, 0.047754969275525048}},
                 {SY_VCOV_HC3, {0.022716358678936288, 0.055218712317487616}},
                 {SY_VCOV_HC4, {0.026253428113269035, 0.073632549168369699}},
                 {SY_VCOV_HC5, {0.021920638629072418, 0.054639818683631616}},
                 {SY_VCOV_CR0, {0.014342143712350307, 0.049792608723773196}},
                 {SY_VCOV_CR1S, {0.015553940339602721, 0.053999686586311213}}};
    problem p;
    double v[P * P], df[P];
    (void)state;
    grunfeld(&p);
    p.model.absorb = &p.cluster;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        covariance_of(&p, known[i].kind, v, df);
        near_to("first error", sqrt(v[0]), known[i].error[0], 1e-9);
        near_to("second error", sqrt(v[3]), known[i].error[1], 1e-9);
        if (known[i].kind != SY_VCOV_CR2) continue;
        near_to("first df", df[0], 1.8125684029111429, 1e-7);
        near_to("second df", df[1], 1.7995311928376758, 1e-7);
    }
}

/* sandwich 3.0.2: vcovCL(lm, ~ firm + year, type = "HC0", cadjust = FALSE) */
static void two_ways_as_sandwich_has_them(void **state)
{
    static const double known[P] = {18.411421294934655, 0.01543448610965969, 0.074071841838763225};
    static char name[20][8];
    static const char *levels[20];
    static int32_t year[MAX_ROWS];
    problem p;
    double v[P * P], df[P];
    sy_context ctx;
    sy_linear_options options;
    (void)state;
    grunfeld(&p);
    for (int i = 0; i < p.n; i++) year[i] = i % 20;
    for (int i = 0; i < 20; i++) {
        snprintf(name[i], sizeof name[i], "%d", 1935 + i);
        levels[i] = name[i];
    }
    const sy_column second = {
        .name = "year", .data = year, .stride = sizeof *year, .type = SY_CODES, .n_levels = 20, .levels = levels};
    sy_context_init(&ctx);
    sy_linear_defaults(&options);
    assert_true(sy_vcov(&ctx, &p.design, &p.model, &options, SY_VCOV_CR0, &second, v, df) >= 0);
    for (int k = 0; k < P; k++) {
        near_to("two-way", sqrt(v[k * (P + 1)]), known[k], 1e-9);
        assert_true(df[k] == 9);
    }
    sy_context_free(&ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(public_schools_as_sandwich_has_them),
        cmocka_unit_test(grunfeld_as_clubsandwich_has_it),
        cmocka_unit_test(weighted_errors_as_clubsandwich_and_sandwich_have_them),
        cmocka_unit_test(joint_tests_as_clubsandwich_has_them),
        cmocka_unit_test(absorbed_firms_as_firms_among_the_terms),
        cmocka_unit_test(two_ways_as_sandwich_has_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
