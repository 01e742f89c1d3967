/* Mixed models, printed as parity.py and parity.R print them; included by parity.c after parity_response.h, whose
 * outcomes it uses. SPDX-License-Identifier: GPL-3.0-only */
#include "steelyard/mixed_df.h"
#include "steelyard/mixed_inference.h"
#include "steelyard/mixed_predict.h"

enum { WIDEST_MIXED = 16, MIXED_THETA = 8, MIXED_MODES = 128 };

typedef struct {
    const char *name;
    int linear, reml, nodes, slopes, crossed;
    response_case outcome; /* of models that are not linear */
} mixed_case;

typedef struct {
    sy_mixed_model model;
    sy_mixed_options options;
    sy_mixed_shape shape;
    sy_mixed_summary s;
    double b[WIDEST_MIXED], v[WIDEST_MIXED * WIDEST_MIXED], df[WIDEST_MIXED], theta[MIXED_THETA];
    double spread[MIXED_THETA * MIXED_THETA], variance[16], modes[MIXED_MODES], mode_variance[4 * MIXED_MODES];
    double linear[MOST], rows[5 * MOST];
    int aliased[WIDEST_MIXED];
    char label[WIDEST_MIXED][64], effect[WIDEST_MIXED][64];
} mixed_fitted;
static mixed_fitted mixed_one;

/* y with effects of the councils, in classes where the model is not linear. */
static void mixed_column(const mixed_case *a, sy_column *column)
{
    response_column(&a->outcome, column);
    for (int i = 0; i < small.n; i++) {
        const int c = small.council[i];
        spot[i] = small.x[Y][i] + (2 * sqrt(c % 5 + 1.0) + 0.5 * (c % 3) * small.x[0][i]);
        if (!a->linear) spot[i] = spot_of(&a->outcome, spot[i]);
        spot_code[i] = (int32_t)spot[i];
    }
}

static void show_inference(sy_context *ctx, const mixed_case *a, const sy_design *design, mixed_fitted *f)
{
    const sy_mixed_fitted known = {f->b, f->theta, f->spread, f->modes, f->mode_variance, f->s.sigma, f->s.theta_count};
    sy_mixed_explained_summary e;
    sy_icc icc;
    double part[2], each[2];
    if (sy_mixed_explained(ctx, design, &f->model, &known, &e, part, each) < 0) die(ctx);
    const double shares[] = {e.marginal, e.conditional, e.icc_adjusted, e.icc_unadjusted, e.fixed, part[0], e.residual};
    show(a->name, "explained", 7, shares);
    if (sy_mixed_icc(ctx, design, &f->model, &f->options, &known, 0, SY_ICC_DELTA, 0.95, &icc) < 0) die(ctx);
    const double limits[] = {icc.estimate, icc.std_error, icc.lower, icc.upper};
    show(a->name, "icc", 4, limits);
    sy_mixed_rank_options o;
    sy_mixed_rank_defaults(&o);
    o.draws = 500;
    static double column[8][COUNCILS];
    const sy_mixed_rank_table t = {column[0], column[1], column[2], column[3],
                                   column[4], column[5], column[6], column[7]};
    if (sy_mixed_ranks(ctx, design, &f->model, &f->options, &known, &o, &t) < 0) die(ctx);
    for (int l = 0; l < 12; l++) {
        const double rank[] = {t.expected[l], t.lower[l], t.upper[l], t.p_top[l], t.p_bottom[l], t.reliability[l]};
        show(a->name, "rank", 6, rank);
    }
}

static void show_linear(sy_context *ctx, const mixed_case *a, const sy_design *design, mixed_fitted *f)
{
    sy_mixed_row row[2];
    double v[WIDEST_MIXED * WIDEST_MIXED];
    const int k = f->shape.k;
    if (sy_mixed_df(ctx, design, &f->model, &f->options, f->theta, SY_DF_SATTERTHWAITE, k, v, f->df) < 0) die(ctx);
    show(a->name, "df", k, f->df);
    if (a->reml) {
        if (sy_mixed_df(ctx, design, &f->model, &f->options, f->theta, SY_DF_KENWARD_ROGER, k, v, f->df) < 0) die(ctx);
        for (int j = 0; j < k; j++) {
            const double values[] = {sqrt(v[j * (k + 1)]), f->df[j]};
            show(a->name, "kenward-roger", 2, values);
        }
    }
    if (sy_mixed_anova(ctx, design, &f->model, &f->options, f->theta, SY_DF_SATTERTHWAITE, 2, row) < 0) die(ctx);
    for (int t = 0; t < f->model.response.columns.n_terms; t++) {
        const double values[] = {row[t].sum_sq, row[t].df1, row[t].df2, row[t].f, row[t].p_value};
        show(a->name, "anova", 5, values);
    }
}

static void show_mixed(sy_context *ctx, const mixed_case *a, const sy_design *design, mixed_fitted *f)
{
    const sy_mixed_fit fit = {f->b,     f->aliased,       f->v,      f->theta, f->spread, f->variance,
                              f->modes, f->mode_variance, f->linear, f->rows};
    char what[96];
    if (sy_mixed_shape_of(ctx, design, &f->model, &f->shape) < 0 || f->shape.k > WIDEST_MIXED) die(ctx);
    if (sy_mixed_labels(ctx, design, &f->model, f->shape.k, f->label[0], f->shape.n_effects, f->effect[0], 64) < 0)
        die(ctx);
    if (sy_mixed(ctx, design, &f->model, &f->options, &f->s, &fit) < 0) die(ctx);
    const double whole[] = {f->s.loglik, f->s.criterion, f->s.aic, f->s.bic, f->s.sigma};
    show(a->name, "whole", 5, whole);
    for (int j = 0; j < f->shape.k; j++) {
        const double values[] = {f->b[j], sqrt(f->v[j * (f->shape.k + 1)])};
        snprintf(what, sizeof what, "%s", f->label[j]);
        show(a->name, what, 2, values);
    }
    show(a->name, "theta", f->shape.n_theta, f->theta);
    show(a->name, "first", 12, f->modes);
    show(a->name, "rows", 5, f->linear);
    if (a->linear) show_linear(ctx, a, design, f);
    show_inference(ctx, a, design, f);
}

static void mix(const mixed_case *a)
{
    static const int predictors[] = {1, 2}, slope[] = {1};
    static const sy_factor of_spot[] = {{SPOT, 1}};
    const sy_term term[] = {{"spot", 1, of_spot}, all_terms[1], all_terms[3]};
    sy_column column[N_SPOTS];
    sy_context ctx;
    const sy_column council = council_of(&small);
    columns_of(&small, column);
    mixed_column(a, &column[SPOT]);
    const sy_random random[] = {{.intercept = 1, .n_terms = a->slopes, .terms = slope, .group = &council},
                                {.intercept = 1, .group = &column[AREA]}};
    const sy_design design = {.n = small.n, .n_columns = N_SPOTS, .columns = column, .n_terms = 3, .terms = term};
    mixed_fitted *f = &mixed_one;
    f->model =
        (sy_mixed_model){.linear = a->linear,
                         .response = {.columns = {.outcome = 0, .n_terms = 2, .terms = predictors, .intercept = 1},
                                      .kind = a->outcome.kind,
                                      .link = a->outcome.link},
                         .n_random = 1 + a->crossed,
                         .random = random};
    sy_context_init(&ctx);
    sy_mixed_defaults(&f->options);
    f->options.reml = a->reml;
    f->options.nodes = a->nodes;
    show_mixed(&ctx, a, &design, f);
    sy_context_free(&ctx);
}

static void mixed_models(void)
{
    const mixed_case cases[] = {
        {.name = "mixed", .linear = 1, .reml = 1, .nodes = 1, .slopes = 1},
        {.name = "crossed", .linear = 1, .nodes = 1, .crossed = 1},
        {.name = "mixed binary",
         .reml = 1,
         .nodes = 1,
         .outcome = {.kind = SY_RESPONSE_BINARY, .link = SY_LINK_PROBIT, .from = 13, .by = 50, .modulus = 2}},
        {.name = "mixed ordinal",
         .reml = 1,
         .nodes = 7,
         .outcome = {.kind = SY_RESPONSE_ORDINAL, .link = SY_LINK_LOGIT, .from = 7, .by = 4, .modulus = 5}}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) mix(&cases[i]);
}
