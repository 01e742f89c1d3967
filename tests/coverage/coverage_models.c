/* Are ordinal coefficients, variance components and intraclass correlations
 * recovered, do their nominal 95 % intervals cover 95 % of the time, do tests at
 * 5 % reject 5 % of the time?
 *
 * 10, 25 or 150 councils of 6 to 60 people (log-normal about 15); x1 varies between people (intraclass correlation .3),
 * x2 is one value a council, x3 is one value a council without effect. Linear predictor .5 x1 + .4 x2 + council effect.
 * Models:
 *   ordered    five answers, probit, council effect of variance .25 that the fit leaves out: what it estimates are the
 *              coefficients over sqrt(1.25); classical, CR1 and CR2 limits; and the likelihood-ratio and Brant tests of
 *              proportional odds with logistic errors and no council effect
 *   ordered_mixed, binary_mixed   logit with council effect of standard deviation .7, by Laplace; Wald limits
 *   linear_mixed   errors of standard deviation 1, council effect .5: Satterthwaite and Kenward-Roger, profile limits
 * of the standard deviation, delta, profile and exact limits of the intraclass correlation
 *   fitted_shares  shares of McFadden's R2 (ordinal logit) and of marginal R2 (linear mixed) of x1 and x2, jackknife
 * over councils; the truth is the mean over ten samples of 4,000 councils
 *
 * Usage: coverage_models REPLICATES [CELL]  prints a CSV line for each quantity of each cell (councils vary fastest).
 * The Monte Carlo error of a coverage is sqrt(.95 * .05 / REPLICATES). nan: no limits, or no test. Replicates
 * without a fit are counted.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/random_internal.h"
#include "steelyard.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_COUNCILS = 4000, MOST = MOST_COUNCILS * 60, LEVELS = 5, X = 3, K = 8, QUANTITIES = 24 };
static const double slope[X] = {0.5, 0.4, 0}, cut[LEVELS - 1] = {-1.2, -0.4, 0.5, 1.4};

typedef struct {
    double x[X][MOST], number[MOST];
    int32_t council[MOST], answer[MOST];
    ptrdiff_t n;
    char name[MOST_COUNCILS][8];
    const char *level[MOST_COUNCILS];
    sy_column column[X + 2], cluster;
    sy_factor factor[X + 2];
    sy_term term[X + 2];
    sy_design design;
    sy_random bar;
} sample;

/* What has been seen of one quantity; truth NaN: a test alone. */
typedef struct {
    const char *name, *method;
    double truth, sum, covered, rejected, count, limits, tests;
} tally;

typedef struct {
    int used;
    tally row[QUANTITIES];
} table;

static void note(table *t, const char *name, const char *method, double truth, double estimate, double low, double high,
                 double p)
{
    int i = 0;
    while (i < t->used && (strcmp(t->row[i].name, name) != 0 || strcmp(t->row[i].method, method) != 0)) i++;
    if (i == t->used) t->row[t->used++] = (tally){.name = name, .method = method, .truth = truth};
    tally *row = &t->row[i];
    row->count++;
    row->sum += estimate;
    row->limits += !isnan(low);
    row->tests += !isnan(p);
    row->covered += low <= truth && truth <= high;
    row->rejected += p <= 0.05;
}

static double errors(int logistic, syi_stream *s)
{
    if (!logistic) return syi_stream_normal(s);
    const double u = syi_stream_uniform(s);
    return log(u / (1 - u));
}

static void draw(int councils, double council_sd, int logistic, uint64_t seed, uint32_t replicate, sample *s)
{
    s->n = 0;
    for (int g = 0; g < councils; g++) {
        syi_stream r;
        syi_stream_init(&r, seed, replicate, (uint32_t)g + 1);
        const double drawn = floor(15 * exp(0.5 * syi_stream_normal(&r)));
        const int size = drawn < 6 ? 6 : drawn > 60 ? 60 : (int)drawn;
        const double effect = council_sd * syi_stream_normal(&r), level = syi_stream_normal(&r);
        const double x2 = syi_stream_normal(&r), x3 = syi_stream_normal(&r);
        for (int i = 0; i < size; i++, s->n++) {
            const ptrdiff_t at = s->n;
            s->x[0][at] = sqrt(0.3) * level + sqrt(0.7) * syi_stream_normal(&r);
            s->x[1][at] = x2;
            s->x[2][at] = x3;
            s->number[at] = slope[0] * s->x[0][at] + slope[1] * x2 + effect + errors(logistic, &r);
            s->answer[at] = 0;
            for (int k = 0; k < LEVELS - 1; k++) s->answer[at] += s->number[at] > cut[k];
            s->council[at] = g;
        }
    }
    s->design.n = s->n;
    s->cluster.n_levels = councils;
}

static void describe(sample *s)
{
    static const char *const names[X + 2] = {"x1", "x2", "x3", "number", "answer"};
    for (int g = 0; g < MOST_COUNCILS; g++) {
        snprintf(s->name[g], sizeof s->name[g], "c%d", g);
        s->level[g] = s->name[g];
    }
    for (int k = 0; k < X + 2; k++) {
        s->column[k] = (sy_column){
            .name = names[k], .data = k < X ? s->x[k] : s->number, .stride = sizeof(double), .type = SY_F64};
        s->factor[k] = (sy_factor){k, 1};
        s->term[k] = (sy_term){names[k], 1, &s->factor[k]};
    }
    s->column[X + 1] = (sy_column){.name = "answer",
                                   .data = s->answer,
                                   .stride = sizeof(int32_t),
                                   .type = SY_CODES,
                                   .n_levels = LEVELS,
                                   .levels = s->level};
    s->cluster = (sy_column){
        .name = "council", .data = s->council, .stride = sizeof(int32_t), .type = SY_CODES, .levels = s->level};
    s->bar = (sy_random){.intercept = 1, .group = &s->cluster};
    s->design = (sy_design){
        .n_columns = X + 2, .columns = s->column, .n_terms = X + 2, .terms = s->term, .cluster = &s->cluster};
}

static const int terms[X] = {0, 1, 2};
static const char *const labels[X] = {"x1", "x2", "x3"};

static sy_response_model response_of(sy_response_kind kind, sy_link link)
{
    return (sy_response_model){
        .columns = {.outcome = X + 1, .n_terms = X, .terms = terms, .intercept = 1}, .kind = kind, .link = link};
}

/* t limits of the three coefficients that follow `first` others. */
static sy_status note_slopes(sy_context *ctx, table *t, const char *method, int k, int first, double over,
                             const double *b, const double *v, const double *df)
{
    for (int j = 0; j < X; j++) {
        const int at = first + j;
        double step, tail;
        sy_status status = sy_distribution_t_quantile(ctx, 0.975, df ? df[at] : HUGE_VAL, &step);
        const double error = sqrt(v[at * k + at]);
        if (status >= 0) status = sy_distribution_t_tail(ctx, fabs(b[at]) / error, df ? df[at] : HUGE_VAL, &tail);
        if (status < 0) return status;
        note(t, labels[j], method, slope[j] / over, b[at], b[at] - step * error, b[at] + step * error, 2 * tail);
    }
    return SY_OK;
}

static sy_status fit_response(sy_context *ctx, const sample *s, const sy_response_model *model, double *b, double *v)
{
    sy_response_options o;
    sy_response_summary summary;
    int aliased[K];
    const sy_response_fit fit = {.estimate = b, .aliased = aliased, .covariance = v};
    sy_response_defaults(&o);
    return sy_response(ctx, &s->design, model, &o, &summary, &fit);
}

static sy_status proportional(sy_context *ctx, const sample *s, table *t)
{
    const sy_response_model model = response_of(SY_RESPONSE_ORDINAL, SY_LINK_LOGIT);
    sy_response_options o;
    sy_response_defaults(&o);
    for (int test = 0; test < 2; test++) {
        sy_proportional_row row[X + 1];
        const sy_status status =
            sy_proportional(ctx, &s->design, &model, test ? SY_PROPORTIONAL_NOMINAL : SY_PROPORTIONAL_BRANT, &o, row);
        if (status < 0) return status;
        if (!isnan(row[X].p)) /* a level that a binary part separates has no such test */
            note(t, "proportional", test ? "lr" : "brant", NAN, row[X].statistic, NAN, NAN, row[X].p);
    }
    return SY_OK;
}

static sy_status ordered(sy_context *ctx, int councils, uint64_t seed, uint32_t replicate, sample *s, table *t)
{
    static const sy_vcov_kind kinds[3] = {SY_VCOV_CLASSICAL, SY_VCOV_CR1, SY_VCOV_CR2};
    static const char *const names[3] = {"classical", "CR1", "CR2"};
    const int first = LEVELS - 1, k = first + X;
    const sy_response_model model = response_of(SY_RESPONSE_ORDINAL, SY_LINK_PROBIT);
    double b[K], v[K * K], df[K];
    draw(councils, 0.5, 0, seed, replicate, s);
    sy_status status = fit_response(ctx, s, &model, b, v);
    for (int c = 0; c < 3 && status >= 0; c++) {
        status = sy_response_vcov(ctx, &s->design, &model, k, b, kinds[c], v, df);
        if (status >= 0) status = note_slopes(ctx, t, names[c], k, first, sqrt(1.25), b, v, df);
    }
    if (status < 0) return status;
    draw(councils, 0, 1, seed, replicate, s);
    return proportional(ctx, s, t);
}

static sy_status not_linear(sy_context *ctx, int ordinal, int councils, uint64_t seed, uint32_t replicate, sample *s,
                            table *t)
{
    const int first = ordinal ? LEVELS - 1 : 1, k = first + X;
    sy_mixed_model model = {.response = response_of(ordinal ? SY_RESPONSE_ORDINAL : SY_RESPONSE_BINARY, SY_LINK_LOGIT),
                            .n_random = 1,
                            .random = &s->bar};
    sy_mixed_options o;
    sy_mixed_summary summary;
    double b[K], v[K * K], theta[1], theta_covariance[(K + 1) * (K + 1)], variance[1], modes[MOST_COUNCILS];
    int aliased[K];
    const sy_mixed_fit fit = {.estimate = b,
                              .aliased = aliased,
                              .covariance = v,
                              .theta = theta,
                              .theta_covariance = theta_covariance,
                              .variance = variance,
                              .modes = modes};
    draw(councils, 0.7, 1, seed, replicate, s);
    for (ptrdiff_t i = 0; i < s->n && !ordinal; i++) s->number[i] = s->number[i] > 0;
    if (!ordinal) model.response.columns.outcome = X;
    sy_mixed_defaults(&o);
    sy_status status = sy_mixed(ctx, &s->design, &model, &o, &summary, &fit);
    if (status >= 0) status = note_slopes(ctx, t, "wald", k, first, 1, b, v, NULL);
    if (status < 0) return status;
    note(t, "sd", "laplace", 0.7, sqrt(variance[0]), NAN, NAN, NAN);
    const sy_mixed_fitted fitted = {.estimate = b,
                                    .theta = theta,
                                    .theta_covariance = theta_covariance,
                                    .sigma = summary.sigma,
                                    .theta_count = summary.theta_count};
    sy_icc icc;
    status = sy_mixed_icc(ctx, &s->design, &model, &o, &fitted, 0, SY_ICC_DELTA, 0.95, &icc);
    if (status >= 0)
        note(t, "icc", "delta", 0.49 / (0.49 + 3.289868133696453), icc.estimate, icc.lower, icc.upper, NAN);
    return status;
}

static sy_status linear_sd(sy_context *ctx, const sample *s, const sy_mixed_model *model, const sy_mixed_options *o,
                           table *t)
{
    static const int which[2] = {0, 1};
    static const char *const names[2] = {"sd", "sigma"};
    double estimate[K], low[K], high[K];
    const sy_mixed_limits limits = {estimate, low, high};
    const sy_status status = sy_mixed_profile(ctx, &s->design, model, o, 0.95, 2, which, &limits);
    for (int j = 0; j < 2 && status >= 0; j++)
        note(t, names[j], "profile", j ? 1 : 0.5, estimate[j], low[j], high[j], NAN);
    return status;
}

static sy_status linear(sy_context *ctx, int councils, uint64_t seed, uint32_t replicate, sample *s, table *t)
{
    static const char *const methods[3] = {"delta", "profile", "exact"}, *const dfs[2] = {"satterthwaite",
                                                                                          "kenward-roger"};
    sy_mixed_model model = {
        .linear = 1, .response = response_of(SY_RESPONSE_BINARY, SY_LINK_LOGIT), .n_random = 1, .random = &s->bar};
    sy_mixed_options o;
    sy_mixed_summary summary;
    double b[K], v[K * K], df[K], theta[1], theta_covariance[1], variance[1], modes[MOST_COUNCILS];
    int aliased[K];
    const sy_mixed_fit fit = {.estimate = b,
                              .aliased = aliased,
                              .covariance = v,
                              .theta = theta,
                              .theta_covariance = theta_covariance,
                              .variance = variance,
                              .modes = modes};
    model.response.columns.outcome = X;
    draw(councils, 0.5, 0, seed, replicate, s);
    sy_mixed_defaults(&o);
    sy_status status = sy_mixed(ctx, &s->design, &model, &o, &summary, &fit);
    if (status < 0) return status;
    note(t, "sd", "reml", 0.5, sqrt(variance[0]), NAN, NAN, NAN);
    for (int kind = 0; kind < 2 && status >= 0; kind++) {
        status = sy_mixed_df(ctx, &s->design, &model, &o, theta, kind ? SY_DF_KENWARD_ROGER : SY_DF_SATTERTHWAITE,
                             1 + X, v, df);
        if (status >= 0) status = note_slopes(ctx, t, dfs[kind], 1 + X, 1, 1, b, v, df);
    }
    if (status >= 0) status = linear_sd(ctx, s, &model, &o, t);
    const sy_mixed_fitted fitted = {
        .estimate = b, .theta = theta, .theta_covariance = theta_covariance, .sigma = summary.sigma};
    for (int method = 0; method < 3 && status >= 0; method++) {
        sy_icc icc;
        status = sy_mixed_icc(ctx, &s->design, &model, &o, &fitted, 0, (sy_icc_method)method, 0.95, &icc);
        if (status >= 0) note(t, "icc", methods[method], 0.2, icc.estimate, icc.lower, icc.upper, NAN);
    }
    return status;
}

enum { ROWS = 2 * X };
typedef struct {
    double share[ROWS * SY_N_METRICS], std_error[ROWS * SY_N_METRICS], scaled[ROWS * SY_N_METRICS],
        low[ROWS * SY_N_METRICS], high[ROWS * SY_N_METRICS], covariance[SY_N_METRICS * ROWS * ROWS];
} shares_of_fit;

static sy_status share_out(sy_context *ctx, const sample *s, int mixed, sy_interval_kind interval, shares_of_fit *out)
{
    static const sy_block blocks[X] = {{"x1", 1, terms}, {"x2", 1, terms + 1}, {"x3", 1, terms + 2}};
    const sy_fitted_table t = {.estimate = out->share,
                               .std_error = out->std_error,
                               .std_error_scaled = out->scaled,
                               .low = out->low,
                               .high = out->high,
                               .covariance = out->covariance};
    sy_fitted_question q;
    sy_fitted_summary summary;
    sy_fitted_defaults(&q);
    q.mixed = q.model.linear = mixed;
    q.model.response = response_of(SY_RESPONSE_ORDINAL, SY_LINK_LOGIT);
    if (mixed) q.model.response.columns.outcome = X;
    q.model.n_random = mixed;
    q.model.random = &s->bar;
    q.measure = mixed ? SY_MEASURE_MARGINAL : SY_MEASURE_MCFADDEN;
    q.n_blocks = X;
    q.blocks = blocks;
    q.interval = interval;
    return sy_fitted_shares(ctx, &s->design, &q, &summary, &t);
}

static const char *const measures[2] = {"mcfadden", "marginal"}, *const shared[2] = {"share x1", "share x2"};

/* truth[measure][x] from large samples, found when first asked for. */
static sy_status find_truth(sy_context *ctx, sample *s, double truth[2][2])
{
    enum { SAMPLES = 10 };
    sy_status status = SY_OK;
    for (uint32_t r = 0; r < SAMPLES && status >= 0; r++) {
        draw(MOST_COUNCILS, 0.5, 1, 7, r, s);
        for (int mixed = 0; mixed < 2 && status >= 0; mixed++) {
            shares_of_fit found;
            status = share_out(ctx, s, mixed, SY_INTERVAL_NONE, &found);
            for (int j = 0; j < 2; j++) truth[mixed][j] += found.share[j * SY_N_METRICS + SY_SHARE] / SAMPLES;
        }
    }
    return status;
}

static sy_status fitted_shares(sy_context *ctx, int councils, uint64_t seed, uint32_t replicate, sample *s, table *t)
{
    static double truth[2][2];
    sy_status status = truth[0][0] > 0 ? SY_OK : find_truth(ctx, s, truth);
    draw(councils, 0.5, 1, seed, replicate, s);
    for (int mixed = 0; mixed < 2 && status >= 0; mixed++) {
        shares_of_fit found;
        status = share_out(ctx, s, mixed, SY_INTERVAL_JACKKNIFE, &found);
        for (int j = 0; j < 2 && status >= 0; j++) {
            const int at = j * SY_N_METRICS + SY_SHARE;
            note(t, shared[j], measures[mixed], truth[mixed][j], found.share[at], found.low[at], found.high[at], NAN);
        }
    }
    return status;
}

/* Percent of a count; nan where there is nothing to count. */
static double percent(double part, double whole)
{
    return whole > 0 ? 100 * part / whole : NAN;
}

static const char *const models[5] = {"ordered", "ordered_mixed", "binary_mixed", "linear_mixed", "fitted_shares"};

static void print_cell(int model, int councils, uint32_t replicates, uint32_t failed, const table *t)
{
    for (int i = 0; i < t->used; i++) {
        const tally *q = &t->row[i];
        printf("%s,%d,%s,%s,%u,%u,%.4f,%.4f,%.1f,%.1f\n", models[model], councils, q->name, q->method, replicates,
               failed, q->truth, q->sum / q->count, percent(q->covered, q->limits), percent(q->rejected, q->tests));
    }
    fflush(stdout);
}

static void run_cell(int model, int councils, uint32_t replicates, uint64_t seed)
{
    static sample s;
    table t = {0};
    uint32_t failed = 0;
    describe(&s);
    for (uint32_t r = 0; r < replicates; r++) {
        sy_context ctx;
        sy_context_init(&ctx);
        ctx.threads = 1;
        const sy_status status = model == 0   ? ordered(&ctx, councils, seed, r, &s, &t)
                                 : model == 4 ? fitted_shares(&ctx, councils, seed, r, &s, &t)
                                 : model == 3 ? linear(&ctx, councils, seed, r, &s, &t)
                                              : not_linear(&ctx, model == 1, councils, seed, r, &s, &t);
        if (status < 0) {
            failed++;
            fprintf(stderr, "%s, %d councils, replicate %u: %s\n", models[model], councils, r, ctx.message);
        }
        sy_context_free(&ctx);
    }
    print_cell(model, councils, replicates, failed, &t);
}

int main(int argc, char **argv)
{
    static const int sizes[] = {10, 25, 150};
    const long replicates = argc > 1 ? strtol(argv[1], NULL, 10) : 2000,
               only = argc > 2 ? strtol(argv[2], NULL, 10) : -1;
    if (replicates < 1 || replicates > 1000000) return 2;
    printf("model,councils,quantity,method,replicates,failed,truth,mean,covered,rejected\n");
    for (int cell = 0; cell < 15; cell++)
        if (only < 0 || cell == only)
            run_cell(cell / 3, sizes[cell % 3], (uint32_t)replicates, 20210507u + (uint64_t)cell);
    return 0;
}
