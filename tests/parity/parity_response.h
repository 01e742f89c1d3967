/* Binary, count and ordinal outcomes, printed as parity.py and parity.R print
 * them; included by parity.c, whose samples and columns it uses.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "steelyard/effects.h"
#include "steelyard/explained.h"
#include "steelyard/response_vcov.h"

enum { SPOT = COLUMNS, N_SPOTS, WIDEST_FIT = 16 };
static double spot[MOST];
static int32_t spot_code[MOST];

typedef struct {
    const char *name;
    sy_response_kind kind;
    sy_link link;
    sy_thresholds thresholds;
    int from, by, modulus; /* the outcome is the place of y among `modulus` classes of width `by` */
    sy_vcov_kind vcov;
    int nominal; /* half has another effect at each threshold */
} response_case;

static double spot_of(const response_case *a, double y)
{
    double place = floor((y - a->from) / a->by) + 1;
    return place < 0 ? 0 : place > a->modulus - 1 ? a->modulus - 1 : place;
}

static void response_column(const response_case *a, sy_column *column)
{
    static const char *const steps[] = {"0", "1", "2", "3", "4"};
    for (int i = 0; i < small.n; i++) {
        spot[i] = spot_of(a, small.x[Y][i]);
        spot_code[i] = (int32_t)spot[i];
    }
    *column = (sy_column){.name = "spot", .data = spot, .stride = sizeof(double), .type = SY_F64};
    if (a->kind == SY_RESPONSE_ORDINAL)
        *column = (sy_column){.name = "spot",
                              .data = spot_code,
                              .stride = sizeof(int32_t),
                              .type = SY_CODES,
                              .n_levels = a->modulus,
                              .levels = steps};
}

static void show_after(sy_context *ctx, const char *name, const sy_design *design, const sy_response_model *model,
                       const sy_response_shape *shape, const double *b, const double *v, const double *df,
                       const sy_response_summary *s)
{
    sy_effect e[64];
    sy_effects_options o;
    sy_explained r2;
    int count;
    const sy_change change[] = {{0, SY_CHANGE_SLOPE, 0, 0}, {AREA, SY_CHANGE_LEVELS, 0, 0}};
    sy_effects_defaults(&o);
    for (int j = 0; j < shape->k; j++) o.df = fmin(o.df, df[j]);
    if (shape->n_levels > 2) o.of = SY_PREDICT_CATEGORIES;
    if (sy_effects_count(ctx, design, model, &o, 2, change, &count) < 0 || count > 64) die(ctx);
    if (sy_effects(ctx, design, model, shape->k, b, v, &o, 2, change, count, e, NULL) < 0) die(ctx);
    for (int i = 0; i < count; i++) {
        const double values[] = {e[i].effect, e[i].std_error, e[i].low, e[i].high};
        show(name, "effect", 4, values);
    }
    if (sy_response_explained(ctx, design, model, shape->k, b, s, &r2) < 0) die(ctx);
    const double values[] = {r2.mcfadden, r2.mcfadden_adjusted, r2.cox_snell, r2.nagelkerke, r2.estrella, r2.tjur,
                             r2.efron,    r2.mckelvey_zavoina,  r2.deviance};
    show(name, "explained", 9, values);
}

static void respond(const response_case *a)
{
    static const int predictors[] = {1, 2, 3}, nominal[] = {2};
    static const sy_factor of_spot[] = {{SPOT, 1}};
    const sy_term term[] = {{"spot", 1, of_spot}, all_terms[1], all_terms[3], all_terms[4]};
    static const int without[] = {1, 3};
    const sy_response_model model = {.columns = {.outcome = 0,
                                                 .n_terms = a->nominal ? 2 : 3,
                                                 .terms = a->nominal ? without : predictors,
                                                 .intercept = 1},
                                     .kind = a->kind,
                                     .link = a->link,
                                     .thresholds = a->thresholds,
                                     .n_nominal = a->nominal,
                                     .nominal = nominal};
    sy_column column[N_SPOTS];
    sy_context ctx;
    sy_response_options o;
    sy_response_shape shape;
    sy_response_summary s;
    double b[WIDEST_FIT], inverse[WIDEST_FIT * WIDEST_FIT], v[WIDEST_FIT * WIDEST_FIT], df[WIDEST_FIT];
    int aliased[WIDEST_FIT];
    char label[WIDEST_FIT][64], what[96];
    const sy_response_fit fit = {.estimate = b, .aliased = aliased, .covariance = inverse};
    const sy_column council = council_of(&small);
    columns_of(&small, column);
    response_column(a, &column[SPOT]);
    sy_design design = {.n = small.n, .n_columns = N_SPOTS, .columns = column, .n_terms = 4, .terms = term};
    if (a->vcov >= SY_VCOV_CR0) design.cluster = &council;
    sy_context_init(&ctx);
    sy_response_defaults(&o);
    if (sy_response_shape_of(&ctx, &design, &model, &shape) < 0 || shape.k > WIDEST_FIT) die(&ctx);
    if (sy_response_labels(&ctx, &design, &model, shape.k, label[0], sizeof label[0]) < 0) die(&ctx);
    if (sy_response(&ctx, &design, &model, &o, &s, &fit) < 0) die(&ctx);
    if (sy_response_vcov(&ctx, &design, &model, shape.k, b, a->vcov, v, df) < 0) die(&ctx);
    if (a->vcov == SY_VCOV_CLASSICAL) memcpy(v, inverse, sizeof v); /* which the fit has already */
    const double whole[] = {s.loglik, s.loglik_null, s.deviance, s.pearson, s.lr, s.aic, s.condition};
    show(a->name, "whole", 7, whole);
    for (int j = 0; j < shape.k; j++) {
        const double values[] = {b[j], sqrt(v[j * shape.k + j]), df[j]};
        snprintf(what, sizeof what, "%s", label[j]);
        show(a->name, what, 3, values);
    }
    show_after(&ctx, a->name, &design, &model, &shape, b, v, df, &s);
    sy_context_free(&ctx);
}

static void responses(void)
{
    const response_case cases[] = {
        {"logit", SY_RESPONSE_BINARY, SY_LINK_LOGIT, SY_THRESHOLDS_FREE, 9, 50, 2, SY_VCOV_CLASSICAL, 0},
        {"probit", SY_RESPONSE_BINARY, SY_LINK_PROBIT, SY_THRESHOLDS_FREE, 9, 50, 2, SY_VCOV_HC1, 0},
        {"cloglog", SY_RESPONSE_BINARY, SY_LINK_CLOGLOG, SY_THRESHOLDS_FREE, 9, 50, 2, SY_VCOV_CR2, 0},
        {"poisson", SY_RESPONSE_POISSON, SY_LINK_LOG, SY_THRESHOLDS_FREE, 3, 3, 9, SY_VCOV_CR1, 0},
        {"ordinal", SY_RESPONSE_ORDINAL, SY_LINK_LOGIT, SY_THRESHOLDS_FREE, 4, 4, 5, SY_VCOV_CR2, 0},
        {"nominal", SY_RESPONSE_ORDINAL, SY_LINK_PROBIT, SY_THRESHOLDS_FREE, 4, 4, 5, SY_VCOV_CLASSICAL, 1},
        {"even", SY_RESPONSE_ORDINAL, SY_LINK_CLOGLOG, SY_THRESHOLDS_EQUIDISTANT, 4, 4, 5, SY_VCOV_CLASSICAL, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) respond(&cases[i]);
}
