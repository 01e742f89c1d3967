/* Every call on rows that can run longer than a moment hears its host.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "stop_watch.h"

#include "stop_world.h"

enum { NUMBERS = 12, COUNCILS = 200, STRATA = 20 };

static world *people; /* of the group of tests */
static double longer;

static int times(double count)
{
    return (int)(count * longer);
}

/* The design of the first rows only, for what takes long with each. */
static sy_design first_rows(double n)
{
    sy_design d = people->design;
    if (times(n) < d.n) d.n = times(n);
    return d;
}

static sy_status to_moments(sy_context *ctx, const void *arg)
{
    const sy_moments_options *o = arg;
    sy_moments m;
    sy_design design = o->unit == SY_UNIT_ROW ? first_rows(60000) : people->design;
    if (o->unit == SY_UNIT_CLUSTER) {
        design.cluster = &people->council_column;
        design.strata = &people->stratum_column;
    }
    const sy_status s = sy_moments_init(ctx, &design, o, &m);
    sy_moments_free(&m);
    return s;
}

static void moments_hear(void **state)
{
    (void)state;
    hears_its_host("moments", to_moments, &(sy_moments_options){SY_UNIT_NONE, SY_PRECISION_TWOFOLD});
    hears_its_host("moments by cluster", to_moments, &(sy_moments_options){SY_UNIT_CLUSTER, SY_PRECISION_TWOFOLD});
    hears_its_host("moments by row", to_moments, &(sy_moments_options){SY_UNIT_ROW, SY_PRECISION_TWOFOLD});
}

static sy_status to_merge(sy_context *ctx, const void *arg)
{
    const sy_moments *two = arg;
    sy_moments out;
    const sy_status s = sy_moments_merge(ctx, &two[0], &two[1], &out);
    sy_moments_free(&out);
    return s;
}

static void merging_and_reading_moments_hear(void **state)
{
    (void)state;
    world *w = world_new(times(15000), times(12000), STRATA, 20);
    w->design.cluster = &w->council_column;
    sy_moments two[2] = {world_moments(w, SY_UNIT_CLUSTER, SY_PRECISION_TWOFOLD)};
    two[1] = two[0];
    two[1].owned = 0;
    hears_its_host("merge", to_merge, two);

    sy_moments_free(&two[0]);
    world_free(w);
}

static sy_status to_describe(sy_context *ctx, const void *arg)
{
    const int lags = *(const int *)arg;
    double *values = world_room(SY_N_DESCRIBE * 40), *related = world_room(40 * (lags + 1));
    const sy_design design = first_rows(lags ? 40000 : 150000);
    const sy_status s = sy_describe(ctx, &design, lags, values, lags ? related : NULL);
    free(values);
    free(related);
    return s;
}

static void describing_hears(void **state)
{
    (void)state;
    hears_its_host("describe", to_describe, &(int){0});
    hears_its_host("describe lags", to_describe, &(int){20});
}

static sy_status to_overview(sy_context *ctx, const void *arg)
{
    const int steps = *(const int *)arg;
    sy_factor factor[2] = {{WORLD_ANSWER, 1}, {WORLD_REGION, 1}};
    sy_term term[21];
    char label[21][8];
    for (int t = 0; t < 20; t++) {
        snprintf(label[t], sizeof label[t], "a%d", t);
        term[t] = (sy_term){label[t], 1, &factor[0]};
    }
    term[20] = (sy_term){"region", 1, &factor[1]};
    sy_design design = first_rows(steps ? 400000 : 120000);
    design.terms = term;
    design.n_terms = steps ? 20 : 21;
    design.cluster = &people->council_column;
    design.weights = &people->weight_column;
    design.weight_kind = SY_WEIGHT_SAMPLING;
    const sy_overview_options o = {.n_indicators = 20, .by = !steps, .level = 0.95, .hide_below = 10};
    double *shares = world_room(9 * 21 * SY_N_ANSWERS * SY_N_SHARE), *whom = world_room(9 * 21 * SY_N_WHOM);
    const sy_status s =
        steps ? sy_overview_steps(ctx, &design, &o, shares, whom) : sy_overview(ctx, &design, &o, shares, whom);
    free(shares);
    free(whom);
    return s;
}

static void overviews_hear(void **state)
{
    (void)state;
    hears_its_host("overview", to_overview, &(int){0});
    hears_its_host("overview steps", to_overview, &(int){1});
}

typedef struct {
    int n_terms, p;
    sy_linear_options options;
    double *coefficient, *inverse, *effects, *fitted, *residual, *leverage, *df;
    int *aliased;
    sy_linear_summary summary;
    sy_linear_model model;
} fitted;

static sy_linear_fit fit_of(const fitted *f)
{
    return (sy_linear_fit){f->coefficient, f->aliased, f->inverse, f->effects, f->fitted, f->residual, f->leverage};
}

static fitted fit_new(sy_precision precision)
{
    const size_t n = (size_t)people->n;
    fitted f = {.p = NUMBERS + 1, .options = {precision}, .model = world_model(people)};
    const double p = f.p;
    f.coefficient = world_room(p);
    f.inverse = world_room(p * p);
    f.effects = world_room(p);
    f.df = world_room(p);
    f.aliased = calloc((size_t)f.p, sizeof(int));
    f.fitted = world_room((double)n);
    f.residual = world_room((double)n);
    f.leverage = world_room((double)n);
    f.model.n_terms = people->design.n_terms - 1;
    return f;
}

static void fit_free(fitted *f)
{
    free(f->coefficient);
    free(f->inverse);
    free(f->effects);
    free(f->df);
    free(f->aliased);
    free(f->fitted);
    free(f->residual);
    free(f->leverage);
}

static sy_status to_fit(sy_context *ctx, const void *arg)
{
    const fitted *f = arg;
    sy_linear_summary summary;
    const sy_linear_fit fit = fit_of(f);
    return sy_linear(ctx, &people->design, &f->model, &f->options, &summary, &fit);
}

static sy_status to_anova(sy_context *ctx, const void *arg)
{
    const fitted *f = arg;
    sy_anova_options o;
    sy_anova_summary summary;
    sy_anova_row row[WORLD_COLUMNS + 1];
    sy_anova_defaults(&o);
    return sy_anova(ctx, &people->design, &f->model, &o, &summary, row);
}

static sy_status to_collinearity(sy_context *ctx, const void *arg)
{
    const fitted *f = arg;
    const double p = f->p;
    double *room = world_room(6 * p + p * p);
    const sy_collinearity out = {
        .gvif = room, .index = room + f->p, .vif = room + 2 * f->p, .proportion = room + 6 * f->p};
    const sy_status s = sy_diagnostics_collinearity(ctx, &people->design, &f->model, &f->options, &out);
    free(room);
    return s;
}

static sy_status to_predict(sy_context *ctx, const void *arg)
{
    const fitted *f = arg;
    const sy_design design = first_rows(100000);
    return sy_linear_predict(ctx, &design, &f->model, f->p, f->coefficient, f->inverse, f->fitted, f->leverage);
}

static void linear_models_hear(void **state)
{
    (void)state;
    fitted f = fit_new(SY_PRECISION_TWOFOLD);
    hears_its_host("linear by QR", to_fit, &f);
    hears_its_host("anova", to_anova, &f);
    hears_its_host("collinearity", to_collinearity, &f);
    hears_its_host("predict", to_predict, &f);
    f.options.precision = SY_PRECISION_DOUBLE;
    hears_its_host("linear in double", to_fit, &f);
    fit_free(&f);
}

typedef struct {
    const fitted *fit;
    sy_vcov_kind kind;
    int twoway, tested;
} covariance;

static sy_status to_vcov(sy_context *ctx, const void *arg)
{
    const covariance *v = arg;
    const fitted *f = v->fit;
    sy_design design = people->design;
    design.cluster = &people->council_column;
    const sy_column *second = v->twoway ? &people->column[WORLD_REGION] : NULL;
    if (!v->tested) return sy_vcov(ctx, &design, &f->model, &f->options, v->kind, second, f->inverse, f->df);
    double *c = world_room(3.0 * f->p), out[7][3];
    sy_contrasts table = {.estimate = out[0],
                          .std_error = out[1],
                          .statistic = out[2],
                          .df = out[3],
                          .p_value = out[4],
                          .low = out[5],
                          .high = out[6]};
    for (int i = 0; i < 3; i++) c[i * f->p + i + 1] = 1;
    const sy_status s = sy_vcov_test(ctx, &design, &f->model, &f->options, v->kind, second, 3, c, 0.95, &table);
    free(c);
    return s;
}

static void covariances_hear(void **state)
{
    (void)state;
    fitted f = fit_new(SY_PRECISION_TWOFOLD);
    hears_its_host("vcov HC3", to_vcov, &(covariance){&f, SY_VCOV_HC3, 0, 0});
    hears_its_host("vcov CR1", to_vcov, &(covariance){&f, SY_VCOV_CR1, 0, 0});
    hears_its_host("vcov CR2", to_vcov, &(covariance){&f, SY_VCOV_CR2, 0, 0});
    hears_its_host("vcov CR3", to_vcov, &(covariance){&f, SY_VCOV_CR3, 0, 0});
    hears_its_host("vcov two-way", to_vcov, &(covariance){&f, SY_VCOV_CR1, 1, 0});
    hears_its_host("contrasts CR2", to_vcov, &(covariance){&f, SY_VCOV_CR2, 0, 1});
    fit_free(&f);
}

static sy_status to_wild(sy_context *ctx, const void *arg)
{
    const int replicates = *(const int *)arg;
    sy_linear_model model = world_model(people);
    sy_design design = people->design;
    double p, low, high;
    model.n_terms = 3;
    design.cluster = &people->column[WORLD_REGION];
    design.n = 2000;
    return sy_vcov_wild(ctx, &design, &model, 1, 0, SY_WILD_WEBB, replicates, 1, 0.95, &p, &low, &high);
}

typedef struct {
    sy_moments m;
    int replicates;
} resampled;

static sy_status to_bootstrap(sy_context *ctx, const void *arg)
{
    const resampled *r = arg;
    double *out = world_room((double)r->replicates * (NUMBERS + 1));
    const sy_status s =
        sy_vcov_bootstrap(ctx, &r->m, 1, &people->question.outcome, NUMBERS, people->chosen, r->replicates, 1, out);
    free(out);
    return s;
}

static void resampling_of_coefficients_hears(void **state)
{
    (void)state;
    hears_its_host("wild", to_wild, &(int){times(600000)});
    world *small = world_new(3000, COUNCILS, STRATA, NUMBERS);
    small->design.cluster = &small->council_column;
    resampled r = {world_moments(small, SY_UNIT_CLUSTER, SY_PRECISION_DOUBLE), times(50000)};
    hears_its_host("bootstrap of coefficients", to_bootstrap, &r);
    sy_moments_free(&r.m);
    world_free(small);
}

static sy_status to_diagnostics(sy_context *ctx, const void *arg)
{
    const fitted *f = arg;
    double *moved = world_room((double)people->n * f->p);
    const sy_linear_fit fit = fit_of(f);
    const sy_diagnostics_rows out = {.dfbetas = moved};
    const sy_status s = sy_diagnostics(ctx, &people->design, &f->model, &f->summary, &fit, &out);
    free(moved);
    return s;
}

static sy_status to_left_out(sy_context *ctx, const void *arg)
{
    const fitted *f = arg;
    const sy_linear_fit fit = fit_of(f);
    const double cells = (double)people->councils * f->p;
    double *room = world_room(2 * cells);
    const sy_cluster_influence out = {.change = room, .scaled = room + (ptrdiff_t)cells};
    sy_design design = people->design;
    design.cluster = &people->council_column;
    const sy_status s = sy_diagnostics_clusters(ctx, &design, &f->model, &f->summary, &fit, &out);
    free(room);
    return s;
}

static void diagnostics_hear(void **state)
{
    (void)state;
    sy_context ctx;
    sy_context_init(&ctx);
    fitted f = fit_new(SY_PRECISION_DOUBLE);
    const sy_linear_fit fit = fit_of(&f);
    assert_true(sy_linear(&ctx, &people->design, &f.model, &f.options, &f.summary, &fit) >= 0);
    hears_its_host("diagnostics", to_diagnostics, &f);
    hears_its_host("cluster left out", to_left_out, &f);
    fit_free(&f);
    sy_context_free(&ctx);
}

static sy_status to_nested(sy_context *ctx, const void *arg)
{
    const int which = *(const int *)arg, factors[2] = {WORLD_REGION, WORLD_ANSWER};
    sy_nested_row row[3];
    sy_oneway_summary summary;
    return which ? sy_nested(ctx, &people->design, WORLD_OUTCOME, 2, factors, row)
                 : sy_oneway(ctx, &people->design, WORLD_OUTCOME, WORLD_REGION, 0.95, &summary, NULL, NULL, NULL);
}

static void groups_hear(void **state)
{
    (void)state;
    hears_its_host("oneway", to_nested, &(int){0});
    hears_its_host("nested", to_nested, &(int){1});
}

static sy_status to_population(sy_context *ctx, const void *arg)
{
    static const double regions[] = {0.3, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}, answers[] = {0.2, 0.3, 0.5};
    const sy_margin margins[2] = {{&people->column[WORLD_REGION], regions}, {&people->column[WORLD_ANSWER], answers}};
    const double n = (double)people->n;
    double *room = world_room(2 * n), target[11], drawn[11];
    sy_population_summary summary;
    (void)arg;
    const sy_status s =
        sy_population_weights(ctx, &people->design, 2, margins, room, room + people->n, target, drawn, &summary);
    free(room);
    return s;
}

static void population_weights_hear(void **state)
{
    (void)state;
    hears_its_host("population", to_population, NULL);
}

static int open_people(void **state)
{
    (void)state;
    longer = stop_times("STEELYARD_LONGER");
    if (stop_slower() > 1) longer = 0.1;
    people = world_new(times(1000000), COUNCILS, STRATA, NUMBERS);
    return 0;
}

static int close_people(void **state)
{
    (void)state;
    world_free(people);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_hear),
        cmocka_unit_test(merging_and_reading_moments_hear),
        cmocka_unit_test(describing_hears),
        cmocka_unit_test(overviews_hear),
        cmocka_unit_test(linear_models_hear),
        cmocka_unit_test(covariances_hear),
        cmocka_unit_test(resampling_of_coefficients_hears),
        cmocka_unit_test(diagnostics_hear),
        cmocka_unit_test(groups_hear),
        cmocka_unit_test(population_weights_hear),
    };
    return cmocka_run_group_tests(tests, open_people, close_people);
}
